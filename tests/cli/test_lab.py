"""`readybook lab`: notebooks beside an assessment, and a JupyterLab that shows them."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from jupyter_client import BlockingKernelClient

from readybook import __version__
from readybook.cli import lab
from readybook.cli.files import start_assessment
from readybook.cli.main import main
from readybook.text.documents import packaged
from readybook.text.extras import installs
from readybook.workbook import open_workbook

PATIENCE_S = 120
NAMES = sorted(path.name for path in packaged("notebooks").glob("[0-9]-*.ipynb"))

needs_lab = pytest.mark.skipif(
    importlib.util.find_spec("jupyterlab") is None,
    reason="no JupyterLab; do: pip install 'readybook[lab]'",
)


@pytest.fixture
def case(tmp_path):
    """A folder that `readybook new` made."""
    start_assessment(tmp_path / "churn")
    return tmp_path / "churn"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def write(path, notebook):
    path.write_text(json.dumps(notebook), encoding="utf-8")


def parameters(notebook):
    (cell,) = (
        "".join(cell["source"])
        for cell in notebook["cells"]
        if "parameters" in cell["metadata"].get("tags", ())
    )
    return cell


def grown(path, text="print('mine')"):
    """Let a person add a cell to a notebook, and run it."""
    notebook = read(path)
    cell = {"cell_type": "code", "execution_count": 1, "id": "mine", "metadata": {},
            "outputs": [], "source": [text]}  # fmt: skip
    notebook["cells"].append(cell)
    write(path, notebook)


def outdated(path):
    """Make a copy look as if an earlier version had put it there."""
    notebook = read(path)
    notebook["cells"][0]["source"] = ["# An earlier title"]
    notebook["metadata"]["readybook"]["cells"] = lab._fingerprint(notebook)  # noqa: SLF001
    write(path, notebook)


def test_copies_work_on_the_folder_around_them(case, monkeypatch):
    """Each copy's parameter leads from its own folder to the assessment."""
    assert lab.copy_notebooks(case) == []

    found = sorted((case / "notebooks").glob("*.ipynb"))
    assert [path.name for path in found] == NAMES
    assert all('assessment: str = ".."  #' in parameters(read(p)) for p in found)
    assert {read(p)["metadata"]["readybook"]["version"] for p in found} == {__version__}
    monkeypatch.chdir(case / "notebooks")
    assert open_workbook("..").assessment.name == "churn"


def test_copies_open_the_register_that_the_lab_was_given(case, monkeypatch):
    """By a way that leads from where they lie; who names none later is back without."""
    register = case.parent / 'our "cases".yaml'
    register.write_text("format: 1\nroles: []\n", encoding="utf-8")
    started = []
    monkeypatch.setattr(lab, "_start_lab", lambda folder, **_: started.append(folder))

    assert main(["lab", str(case), "--register", str(register)]) == 0
    assert started == [case]
    found = sorted((case / "notebooks").glob("*.ipynb"))
    monkeypatch.chdir(case / "notebooks")
    for path in found:
        space = {}
        exec(parameters(read(path)), space)  # noqa: S102 - our own cell
        book = open_workbook(space["assessment"], register=space["register"])
        assert book.assessment.shared.file == register.name
    assert str(case.parent) not in "".join(p.read_text("utf-8") for p in found)
    assert len(lab.copy_notebooks(case)) == len(NAMES)
    assert all('register: str = ""  #' in parameters(read(path)) for path in found)


def test_lab_of_a_register_that_is_none_copies_nothing(case, capsys):
    """What is wrong in it is told at once, and not by a cell."""
    assert main(["lab", str(case), "--register", str(case / "assessment.yaml")]) == 1
    assert "found a file of the assessment churn" in capsys.readouterr().err
    assert not (case / "notebooks").exists()


def test_folder_with_notebooks_still_passes_the_check(case, capsys):
    """The reader of an assessment takes `notebooks` for no slip in a name."""
    lab.copy_notebooks(case)

    assert main(["check", str(case)]) == 0
    assert capsys.readouterr().err == ""


def test_second_time_leaves_every_copy_as_it_is(case):
    """Opening the lab each morning changes nothing."""
    lab.copy_notebooks(case)
    before = {p.name: p.read_bytes() for p in (case / "notebooks").iterdir()}

    assert lab.copy_notebooks(case) == []
    assert {p.name: p.read_bytes() for p in (case / "notebooks").iterdir()} == before


def test_copy_that_a_person_changed_is_kept(case):
    """Where there is nothing newer, nothing is put beside it either."""
    lab.copy_notebooks(case)
    own = case / "notebooks" / "1-scope.ipynb"
    grown(own)
    before = own.read_bytes()

    assert lab.copy_notebooks(case) == []
    assert own.read_bytes() == before
    assert sorted(p.name for p in own.parent.iterdir()) == NAMES


def test_newer_version_is_put_beside_a_changed_copy_and_said_in_words(case):
    """The person's stays under its name; the second time nothing is added."""
    lab.copy_notebooks(case)
    own = case / "notebooks" / "1-scope.ipynb"
    outdated(own)
    grown(own)
    before = own.read_bytes()
    (said,) = lab.copy_notebooks(case)
    (beside,) = own.parent.glob("1-scope.readybook-*.ipynb")

    assert said == (
        f"{own}: kept as you changed it; the newer version is {beside.name}."
    )
    assert own.read_bytes() == before
    assert "# 1 Scope and value" in "".join(read(beside)["cells"][0]["source"])
    lab.copy_notebooks(case)
    assert len(list(own.parent.glob("1-scope*"))) == 2


def test_newer_version_beside_that_was_changed_is_kept_too(case):
    """Neither of two files that a person worked on is lost."""
    lab.copy_notebooks(case)
    own = case / "notebooks" / "1-scope.ipynb"
    outdated(own)
    grown(own)
    lab.copy_notebooks(case)
    (beside,) = own.parent.glob("1-scope.readybook-*.ipynb")
    grown(beside)
    before = beside.read_bytes()
    lab.copy_notebooks(case)

    assert beside.read_bytes() == before
    assert len(list(own.parent.glob("1-scope*"))) == 3


def test_untouched_copy_is_brought_up_to_date(case):
    """Outputs do not count as a change: whoever ran it gets the newer cells."""
    lab.copy_notebooks(case)
    own = case / "notebooks" / "1-scope.ipynb"
    outdated(own)
    ran = read(own)
    ran["cells"][2]["execution_count"] = 7
    write(own, ran)

    assert lab.copy_notebooks(case) == [f"{own}: brought up to date."]
    assert "# 1 Scope and value" in "".join(read(own)["cells"][0]["source"])


@pytest.mark.parametrize("content", ["", "{", "[]", '{"metadata": {"readybook": 1}}'])
def test_copy_that_is_damaged_is_kept(content, case):
    """What cannot be read may be what somebody wants to mend."""
    lab.copy_notebooks(case)
    own = case / "notebooks" / "1-scope.ipynb"
    own.write_text(content, encoding="utf-8")
    (said,) = lab.copy_notebooks(case)

    assert own.read_text(encoding="utf-8") == content
    assert "kept as you changed it" in said


def test_shipped_example_is_copied_and_never_edited(tmp_path):
    """The copy is one's own, with the schemas that editors complete keys by."""
    own, said = lab.own_example(tmp_path)

    assert lab.is_shipped(packaged("templates") / "flight-delays")
    assert not lab.is_shipped(own)
    assert "was copied to" in said
    assert (own / "answers" / "agreed.yaml").is_file()
    assert (own / ".readybook" / "answers.schema.json").is_file()


def test_copy_of_the_example_that_is_there_is_worked_on(tmp_path):
    """What was typed into it yesterday is there today."""
    own, _ = lab.own_example(tmp_path)
    (own / "answers" / "legal.yaml").unlink()
    again, said = lab.own_example(tmp_path)

    assert again == own
    assert "your copy" in said
    assert not (own / "answers" / "legal.yaml").exists()


def test_example_goes_nowhere_where_something_else_has_its_name(
    tmp_path, monkeypatch, capsys
):
    """Nothing that is there is overwritten."""
    (tmp_path / "flight-delays").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["lab"]) == 1

    assert "expected no such folder" in capsys.readouterr().err
    assert list((tmp_path / "flight-delays").iterdir()) == []


def test_example_is_not_copied_into_what_comes_with_readybook(monkeypatch, capsys):
    """Who stands in the templates is asked to go elsewhere."""
    monkeypatch.chdir(packaged("templates"))
    before = sorted(Path().rglob("*"))
    assert main(["lab", "flight-delays"]) == 1

    assert "do: change to another folder" in capsys.readouterr().err
    assert sorted(Path().rglob("*")) == before


def test_folder_that_does_not_exist_leads_to_new(tmp_path, capsys):
    """The command to type is in the message."""
    assert main(["lab", str(tmp_path / "churn")]) == 1

    assert f"do: run: readybook new {tmp_path / 'churn'}" in capsys.readouterr().err


def test_folder_without_an_assessment_is_left_alone(tmp_path, capsys):
    """No notebooks are strewn into somebody's pictures."""
    (tmp_path / "pictures").mkdir()
    assert main(["lab", str(tmp_path / "pictures")]) == 1

    assert "a folder without assessment.yaml" in capsys.readouterr().err
    assert list((tmp_path / "pictures").iterdir()) == []


@pytest.mark.slow
def test_without_jupyterlab_the_command_that_installs_it_is_named(case):
    """A plain `pip install` has no JupyterLab; the folder stays as it is."""
    code = (
        "import importlib.machinery as machinery, sys\n"
        "real = machinery.PathFinder.find_spec\n"
        "def find_spec(name, *more):\n"
        "    return None if name == 'jupyterlab' else real(name, *more)\n"
        "machinery.PathFinder.find_spec = find_spec\n"
        "from readybook.cli.main import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "lab", str(case)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 3
    assert f"not installed; {installs('lab')}" in done.stderr
    assert not (case / "notebooks").exists()


def test_outputs_of_our_notebooks_are_not_saved_and_others_are_left_alone(case):
    """A notebook that is sent on carries no answers; a person's own is not touched."""
    lab.copy_notebooks(case)
    grown(case / "notebooks" / "1-scope.ipynb")
    ours = read(case / "notebooks" / "1-scope.ipynb")
    output = {"output_type": "stream", "name": "stdout", "text": "secret"}
    ours["cells"][-1]["outputs"] = [output]
    ours["metadata"]["widgets"] = {"state": "secret"}
    theirs = json.loads(json.dumps(ours))
    del theirs["metadata"]["readybook"]
    lab.without_outputs(model={"type": "notebook", "content": ours}, path="x")
    lab.without_outputs(model={"type": "notebook", "content": theirs}, path="y")
    lab.without_outputs(model={"type": "file", "content": "text"}, path="z")

    assert "secret" not in json.dumps(ours)
    assert theirs["cells"][-1]["outputs"] == [output]


# --- a real server -----------------------------------------------------------------


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(words, home, cwd):
    """Run `readybook lab` with nothing of the user's own; yield address and token."""
    token, port = secrets.token_hex(16), free_port()
    settings = {"ServerApp": {"port_retries": 0}, "IdentityProvider": {"token": token}}
    (home / "config").mkdir(parents=True)
    write(home / "config" / "jupyter_server_config.json", settings)
    private = {name: str(home / name.lower()) for name in
               ("HOME", "IPYTHONDIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")}  # fmt: skip
    environment = {**os.environ, **private, "JUPYTER_CONFIG_DIR": str(home / "config")}
    program = Path(sys.executable).with_name("readybook")
    command = [program, "lab", *words, "--no-browser"]
    with (
        (home / "log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            [*command, "--port", str(port)],
            cwd=cwd, env=environment, stdout=log, stderr=subprocess.STDOUT,
        ) as process,
    ):  # fmt: skip
        try:
            wait_for(process, port, home / "log")
            yield f"http://127.0.0.1:{port}", token
        finally:
            process.terminate()
            sys.stdout.write((home / "log").read_text(encoding="utf-8"))


def wait_for(process, port, log):
    """Wait until somebody listens, or say why nobody does."""
    for _ in range(10 * PATIENCE_S):
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1),
        ):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text(encoding='utf-8')}")


def ask(address, token, path, body=None, method=None):
    """Return what the server answers: its final address and its text."""
    request = urllib.request.Request(  # noqa: S310 - http to the loopback
        address + path,
        data=None if body is None else json.dumps(body).encode(),
        method=method or ("GET" if body is None else "PUT"),
        headers={"Authorization": f"token {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
        return answer.geturl(), answer.read().decode()


@pytest.mark.slow
@needs_lab
def test_lab_serves_the_workshop_and_saves_no_output(case, tmp_path):
    """The first page is the facilitator's notebook; saving it strips what it shows.

    A report, which is written beside the folder, can be opened from there.
    """
    case = case.rename(case.with_name("Bücher & Filme"))
    report = case.parent / "reports" / f"{case.name}.html"
    report.parent.mkdir()
    report.write_text("the report", encoding="utf-8")
    inside = quote(f"{case.name}/notebooks/0-workshop.ipynb")
    with running([str(case)], tmp_path / "home", tmp_path) as (address, token):
        at, page = ask(address, token, "/")
        beside = quote(f"/files/reports/{report.name}")
        assert ask(address, token, beside) == (address + beside, "the report")
        _, found = ask(address, token, f"/api/contents/{inside}")
        content = json.loads(found)["content"]
        content["cells"][-1]["outputs"] = [
            {"output_type": "stream", "name": "stdout", "text": "secret"}
        ]
        body = {"type": "notebook", "format": "json", "content": content}
        ask(address, token, f"/api/contents/{inside}", body)

    assert at.startswith(f"{address}/lab/tree/{inside}")
    assert "JupyterLab" in page
    saved = (case / "notebooks" / "0-workshop.ipynb").read_text(encoding="utf-8")
    assert "0 Workshop" in saved
    assert "secret" not in saved


@pytest.mark.slow
@needs_lab
def test_lab_without_a_folder_works_on_a_copy_of_the_example(tmp_path):
    """A newcomer types two words and has something to try."""
    before = fingerprint(packaged("templates"))
    with running([], tmp_path / "home", tmp_path) as (address, token):
        _, found = ask(address, token, "/api/contents/flight-delays/assessment.yaml")

    assert "Arrival delays" in json.loads(found)["content"]
    assert (tmp_path / "flight-delays" / "notebooks" / "6-summary.ipynb").is_file()
    assert fingerprint(packaged("templates")) == before


def fingerprint(folder):
    return {
        path.relative_to(folder).as_posix(): path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if path.is_file() and "flight-delays" in path.parts
    }


@pytest.mark.slow
@needs_lab
def test_kernel_of_the_lab_takes_no_module_of_a_strangers_case(case, tmp_path):
    """A file in the case named like what a notebook imports is not imported."""
    lab.copy_notebooks(case)
    trace, home = tmp_path / "trace", tmp_path / "home"
    names = ["pandas", "readybook", "statistics", "ipykernel", "ipykernel_launcher",
             "zmq", "jupyter_server_config", "ipython_config", "jupyterlab"]  # fmt: skip
    for place in (case / "notebooks", case, tmp_path):
        for name in names:
            code = f"open({str(trace)!r}, 'a').write(__file__)\n"
            (place / f"{name}.py").write_text(code, encoding="utf-8")
    body = {"name": "python3", "path": f"{case.name}/notebooks/1-scope.ipynb"}
    with running([str(case)], home, case) as (address, token):
        _, kernel = ask(address, token, "/api/kernels", body, method="POST")
        client = BlockingKernelClient()
        client.load_connection_file(
            str(
                home / "jupyter_runtime_dir" / f"kernel-{json.loads(kernel)['id']}.json"
            )
        )
        # a kernel that takes a second to answer its first beat counts as dead
        client.hb_channel.time_to_dead = PATIENCE_S
        client.start_channels()
        client.wait_for_ready(timeout=PATIENCE_S)
        told = client.execute_interactive(
            "import os, pandas, statistics, readybook; where = os.getcwd()",
            user_expressions={"where": "where"}, output_hook=lambda _: None,
        )["content"]  # fmt: skip
        client.stop_channels()

    assert told["status"] == "ok"
    assert (
        str(case / "notebooks")
        in told["user_expressions"]["where"]["data"]["text/plain"]
    )
    assert not trace.exists(), trace.read_text(encoding="utf-8")
