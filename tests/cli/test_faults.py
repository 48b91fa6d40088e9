"""What stands in a program's way: a message, the right exit code, nothing left behind."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from readybook.cli import files
from readybook.cli import main as command
from readybook.cli.files import start_assessment
from readybook.cli.main import main
from readybook.cli.terminal import UNEXPECTED
from readybook.edit.file import locked
from readybook.model.errors import NotebookError
from readybook.report.render import execute_notebook

BIN = Path(sys.executable).with_name("readybook")
LEFT = re.compile(r"^(.+): found (.+), expected .+, do: .+$", re.MULTILINE)


@pytest.fixture
def case(tmp_path):
    """A folder that `readybook new` made."""
    start_assessment(tmp_path / "churn")
    return tmp_path / "churn"


def everything(folder):
    """The files of a folder with their content; a lock that is free is nothing."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "locks" not in path.parts
    }


def started(folder, *words, **more):
    """Run the program in a folder, with a temporary folder of its own."""
    (folder / "tmp").mkdir(exist_ok=True)
    return subprocess.Popen(
        [BIN, *words], cwd=folder, env={**os.environ, "TMPDIR": str(folder / "tmp")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more,
    )  # fmt: skip


# --- what nobody expected -------------------------------------------------------------


def test_error_that_nobody_expected_is_told_with_a_log_of_no_secret(
    tmp_path, capsys, monkeypatch
):
    """Kinds and places in our code are enough to mend it; values and paths stay here."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    def broken():
        try:
            return {}["a secret value"]
        except KeyError as error:
            msg = "/home/ann/secret"
            raise RuntimeError(msg) from error

    monkeypatch.setattr(files, "document_schemas", broken)

    code = main(["schema", "a-secret-word"])

    err = capsys.readouterr().err
    (log,) = tmp_path.glob("readybook-error-*.log")
    told = log.read_text(encoding="utf-8")
    assert code == UNEXPECTED
    assert f"the command, what you expected of it, and the file {log}" in err
    assert told in err
    assert "Traceback" not in err
    assert "RuntimeError" in told
    assert "KeyError" in told
    assert re.search(r"^  cli/files:\d+$", told, re.MULTILINE)
    assert "secret" not in err + told
    assert str(Path(command.__file__).parent) not in told


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device")
def test_what_cannot_be_printed_is_an_error():
    """Whoever redirects a list onto a full disk must not take half of it for all."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([BIN, "schema"], stdout=full, stderr=subprocess.PIPE,
                              text=True, check=False)  # fmt: skip

    assert done.returncode == 1
    assert LEFT.findall(done.stderr) == [("readybook: a file", "a full disk")]


@pytest.mark.slow
def test_reader_that_has_seen_enough_is_no_error():
    """`readybook ... | head` ends in silence."""
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([BIN, "schema"], stdout=write, stderr=subprocess.PIPE,
                          check=False)  # fmt: skip
    os.close(write)

    assert (done.returncode, done.stderr) == (0, b"")


# --- what cannot be written -----------------------------------------------------------

WRITING = [
    ["new", "other"],
    ["milestone", "churn"],
    ["probe", "--for", "churn", "--out", "churn/evidence/node.json"],
    ["lab", "churn", "--no-browser"],
    ["report", "churn"],
]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
@pytest.mark.parametrize("words", WRITING, ids=lambda words: words[0])
def test_folder_that_may_not_be_written_is_told(case, words):
    """Not the case, nor what lies around it; reading goes on."""
    home = case.parent
    (home / "tmp").mkdir()
    before = everything(home)
    for path in (home, *home.rglob("*")):
        if path.name != "tmp":
            path.chmod(path.stat().st_mode & ~0o222)
    # Root writes everywhere, save without its capabilities.
    drop = ["setpriv", "--bounding-set=-all"] if os.geteuid() == 0 else []
    try:
        done = subprocess.run(
            [*drop, BIN, *words], cwd=home, capture_output=True, text=True, check=False,
            env={**os.environ, "TMPDIR": str(home / "tmp"), "HOME": "/nonexistent"},
        )  # fmt: skip
    finally:
        for path in (home, *home.rglob("*")):
            path.chmod(path.stat().st_mode | 0o700)

    assert done.returncode == 1, done.stderr
    assert "found a folder or file that you may not write, expected" in done.stderr
    assert everything(home) == before


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="limits of POSIX")
@pytest.mark.parametrize("words", WRITING[:4], ids=lambda words: words[0])
def test_disk_without_room_is_told(case, words):
    """A limit on the size of files stands for it: it refuses the same call."""
    home = case.parent
    (home / "tmp").mkdir()
    before = everything(home)
    running = started(
        home, *words,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10)),
    )  # fmt: skip
    _, err = running.communicate(timeout=60)

    assert running.returncode == 1, err
    assert "found a limit on the size of files, expected room for the file" in err
    assert everything(home) == before


# --- runs that are stopped, and runs beside each other --------------------------------


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("way", [[], ["--kernel"]])
def test_run_that_is_stopped_leaves_nothing(case, number, way):
    """While a notebook runs: neither a process nor a file of the run stays."""
    home = case.parent
    running = started(home, "report", "churn", "--out", "out", *way)
    begun = "rb-*/rb-*/k-*" if way else "rb-*/readybook-*/profile*"
    while not any((home / "tmp").glob(begun)):
        assert running.poll() is None, running.communicate()
        time.sleep(0.01)
    running.send_signal(number)
    _, err = running.communicate(timeout=60)  # until the kernel too has closed its end

    assert running.returncode == 128 + number
    assert "readybook: stopped; what was finished is kept\n" in err
    assert list((home / "tmp").iterdir()) == []
    assert [
        path for path in home.rglob("*") if path.name.startswith(".notebooks")
    ] == []


KERNEL = """
import sys
import time
from pathlib import Path
tried = Path(sys.argv.pop(1))
tried.write_text((tried.read_text() if tried.exists() else "") + "x")
if len(tried.read_text()) <= int(sys.argv.pop(1)):
    sys.exit(1)
from ipykernel.kernelapp import launch_new_instance
launch_new_instance()
"""


@pytest.mark.slow
@pytest.mark.parametrize("failing", [1, 9])
def test_kernel_that_does_not_start_is_tried_twice(
    case, failing, tmp_path, monkeypatch
):
    """A busy machine gets a second chance; then people are told."""
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.py").write_text(KERNEL, encoding="utf-8")
    argv = [sys.executable, str(spec / "kernel.py"), str(spec / "tried"), str(failing),
            "-f", "{connection_file}"]  # fmt: skip
    about = {"argv": argv, "display_name": "slow", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(about), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    into, run = tmp_path / "into", {"as_of": "2026-01-01", "edition": "team"}
    into.mkdir()

    if failing == 1:
        execute_notebook("1-scope", folder=case, into=into, parameters=run)
    else:
        with pytest.raises(NotebookError, match="its kernel is gone or did not start"):
            execute_notebook("1-scope", folder=case, into=into, parameters=run)

    assert (spec / "tried").read_text(encoding="utf-8") == "xx"


def test_second_run_that_measures_is_told(case, capsys, monkeypatch):
    """Two at once would lose one another's failures."""
    monkeypatch.setattr(locked.__wrapped__, "__kwdefaults__", {"patience": 0.1})
    out = case / "evidence" / "n.json"

    with locked(case, "evidence"):
        code = main(["probe", "--for", str(case), "--out", str(out)])

    assert code == 1
    assert "another program that has been writing it" in capsys.readouterr().err
    assert not out.exists()


# --- names ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a {x} b* c? [d] e%s", "-", "~h"])
def test_folder_may_have_any_name(tmp_path, capsys, name):
    """No sign in it is taken for a pattern, a placeholder or an option."""
    folder = tmp_path / name
    verbs = ["check"], ["status"], ["milestone"], ["actions"], ["measure"]

    assert main(["new", str(folder), "--bank"]) == 0
    assert [main([*words, str(folder)]) for words in verbs] == [0] * len(verbs)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="ld.so says it")
def test_kernel_says_nothing_to_the_terminal(case, tmp_path, monkeypatch, capfd):
    """What it writes past its cells would get there as it is, escapes and all."""
    monkeypatch.setenv("LD_PRELOAD", "\x1b[2J.so")

    execute_notebook("1-scope", folder=case, into=tmp_path, parameters={})

    assert capfd.readouterr() == ("", "")


@pytest.mark.slow
def test_report_of_a_folder_with_braces_and_stars(tmp_path, capsys):
    """Papermill fills in what stands in braces, in the names of files too."""
    folder, out = tmp_path / "a {x} [b]*", tmp_path / "{out}"
    start_assessment(folder)

    assert main(["report", str(folder), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out / folder.name}.html\n"
    assert (out / f"{folder.name}.html").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="names that are bytes")
@pytest.mark.parametrize("verb", ["new", "check", "status", "report", "measure", "lab"])
@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"caf\xe9", "caf\\udce9: found a path that is not UTF-8"),
        (b"a\nb: fine; 9 answers", "a\\nb: fine; 9 answers: found a path with a line"),
    ],
)
def test_folder_whose_name_is_no_line_of_text_is_refused(
    tmp_path, capsys, verb, name, told
):
    """No notebook could name it, and a message would have lines of its own."""
    folder = tmp_path / os.fsdecode(name)
    if verb != "new":
        start_assessment(tmp_path / "churn")
        (tmp_path / "churn").rename(folder)

    code = main([verb, str(folder)])

    out, err = capsys.readouterr()
    assert (code, told in out + err) == (1, True), out + err
