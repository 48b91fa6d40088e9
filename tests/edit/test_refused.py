"""What is in the way of a save is said in words, and the file stays whole."""

import os
import shutil
import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest

from readybook.edit.file import NotSavedError, locked
from readybook.model.errors import InvalidInputError
from readybook.text.documents import draft_beside
from saving_case import SHEET, answer_file, case, given, mark

TESTS = Path(__file__).parents[1]
SAVE = """
    import sys
    from pathlib import Path
    from readybook.model.errors import InvalidInputError
    from saving_case import answer_file, given, mark
    file = answer_file(Path(sys.argv[1]))
    try:
        file.save("AVL-01", given(1, note="x" * 100_000), base=mark(file, "AVL-01"))
    except InvalidInputError as error:
        sys.stdout.write(str(error))
"""


def refused(file, question="AVL-01", base=None):
    base = mark(file, question) if base is None else base
    with pytest.raises(InvalidInputError) as error:
        file.save(question, given(1), base=base)
    return str(error.value)


def save_under(limit, folder, *, before=""):
    """Save in a process of its own that lives under a limit; return what it said."""
    code = textwrap.dedent(before) + textwrap.dedent(SAVE)
    command = [*limit, sys.executable, "-c", code, str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False
    )
    assert done.stderr == ""
    return done.stdout


def in_a_mount(options):
    """Words that run a program with a small disk of memory mounted at its argument."""
    script = (
        'for last; do :; done; cp -r "$last" "$last.copy" && '
        f'mount -t tmpfs -o size=64k none "$last" && cp -r "$last.copy"/. "$last" && '
        f'mount -o remount,{options} "$last" && "$@"; code=$?; '
        'rm -rf "$last.copy"; cp -r "$last" "$last.after"; exit $code'
    )
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"]


def may_mount():
    if shutil.which("unshare") is None:
        return False
    words = ["unshare", "--user", "--map-root-user", "--mount", "true"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


mounts = pytest.mark.skipif(
    not may_mount(), reason="no mount in a namespace of one's own"
)


@pytest.mark.parametrize("text", ["{}", "a {} b", "a\n{}\n"])
def test_character_that_no_file_holds_is_named(tmp_path, text):
    """A form may send it; the file stays as it was."""
    path = case(tmp_path)
    file = answer_file(tmp_path)
    answer = given(1, note=text.format("\0"))

    with pytest.raises(InvalidInputError) as error:
        file.save("AVL-01", answer, base=mark(file, "AVL-01"))

    told = "answers.AVL-01.note: found \\0, or half of a character, expected text, "
    assert told in str(error.value)
    assert path.read_text(encoding="utf-8") == SHEET


@pytest.mark.slow
@mounts
@pytest.mark.kernel_limits
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("rw", "answers/owner.yaml: found a full disk, expected room for the file"),
        ("ro", "answers/owner.yaml: found a disk that cannot be written"),
    ],
)
def test_disk_that_takes_nothing_is_named(tmp_path, options, message):
    """A full disk and one that is read-only: said in words, and the old file is whole."""
    folder = tmp_path / "case"
    folder.mkdir()
    case(folder)
    said = save_under(in_a_mount(options), folder)
    after = tmp_path / "case.after" / "answers"

    assert said.startswith(message)
    assert "save again" in said
    assert [path.name for path in after.iterdir()] == ["owner.yaml"]
    assert (after / "owner.yaml").read_text(encoding="utf-8") == SHEET


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such limits")
def test_limit_on_the_size_of_files_is_named(tmp_path):
    """A write that breaks off in the middle leaves the old file and no draft."""
    path = case(tmp_path)
    limit = """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    """
    said = save_under([], tmp_path, before=limit)

    assert "found a limit on the size of files" in said
    assert path.read_text(encoding="utf-8") == SHEET
    assert [*path.parent.iterdir()] == [path]


def as_anybody():
    """Words that run a program for which the rights of a file count, root or not."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may write everywhere, and there is no setpriv")
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


@pytest.mark.slow
@pytest.mark.kernel_limits
@pytest.mark.skipif(sys.platform == "win32", reason="rights are of another kind")
def test_folder_that_may_not_be_written_is_named(tmp_path):
    """Who was given a folder to read is told so."""
    path = case(tmp_path)
    for folder in (path.parent, tmp_path):
        folder.chmod(0o500)
    said = save_under(as_anybody(), tmp_path)

    assert said.startswith(
        "answers/owner.yaml: found a folder or file that you may not write"
    )
    assert path.read_text(encoding="utf-8") == SHEET


@pytest.mark.slow
@pytest.mark.kernel_limits
@pytest.mark.skipif(sys.platform == "win32", reason="rights are of another kind")
def test_file_that_may_not_be_read_is_named(tmp_path):
    """It is not taken for one that is not there."""
    path = case(tmp_path)
    path.chmod(0o000)
    said = save_under(as_anybody(), tmp_path)

    assert said.startswith("answers/owner.yaml: found a file that cannot be read")
    assert path.stat().st_size == len(SHEET)


def test_folder_that_is_gone_is_named_and_not_made(tmp_path):
    """An assessment that was moved away is not begun anew in its old place."""
    said = refused(answer_file(tmp_path / "gone"), base="")

    assert said == (
        "answers/owner.yaml: found no such folder, expected the folder of the "
        "assessment, do: put it back, or open the assessment where it is now, "
        "then save again"
    )
    assert not (tmp_path / "gone").exists()


def test_link_that_leaves_the_folder_is_refused(tmp_path):
    """Neither read nor written: what it points to belongs to somebody else."""
    other = tmp_path / "other.yaml"
    other.write_text(SHEET, encoding="utf-8")
    folder = tmp_path / "case"
    (folder / "answers").mkdir(parents=True)
    (folder / "answers" / "owner.yaml").symlink_to(other)
    file = answer_file(folder)
    said = refused(file, base="")

    assert said == (
        "answers/owner.yaml: found a link that leaves the assessment's folder, "
        "expected a file inside the folder, do: put the file or folder in place "
        "of the link"
    )
    assert other.read_text(encoding="utf-8") == SHEET
    with pytest.raises(InvalidInputError) as read:
        file.stored()
    assert str(read.value) == said


def test_link_inside_the_folder_is_followed(tmp_path):
    """Two names of one file stay two names of one file."""
    path = case(tmp_path)
    real = path.rename(path.with_name("first.yaml"))
    path.symlink_to("first.yaml")
    file = answer_file(tmp_path)
    file.save("AVL-02", given(1), base="")

    assert path.is_symlink()
    assert "AVL-02" in real.read_text(encoding="utf-8")


def test_drafts_of_killed_runs_are_removed(tmp_path):
    """Whatever they were to become; a run that is at work keeps its own."""
    path = case(tmp_path)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    ours, other = (draft_beside(path.with_name(f"{x}.yaml")) for x in ("owner", "it"))
    other.write_text("half", encoding="utf-8")
    for draft in (ours, other):
        killed = draft.name.replace(f"-{os.getpid()}-", f"-{dead.pid}-")
        draft.with_name(killed).write_text("half", encoding="utf-8")
    folder = path.with_name(killed.replace("it.yaml", "folder"))
    folder.mkdir()
    (folder / "half").touch()
    answer_file(tmp_path).save("AVL-02", given(1), base="")

    names = sorted(one.name for one in path.parent.iterdir())
    assert names == [other.name, "owner.yaml"]


def test_locks_are_out_of_the_way_of_people_and_of_git(tmp_path):
    """Beside the answers lies nothing that was not answered."""
    path = case(tmp_path)
    answer_file(tmp_path).save("AVL-02", given(1), base="")

    assert [*path.parent.iterdir()] == [path]
    ignored = tmp_path / ".readybook" / "locks" / ".gitignore"
    assert ignored.read_text(encoding="utf-8") == "*\n"


def test_program_that_does_not_let_go_is_named(tmp_path):
    """Nobody waits for ever, neither for a thread nor for another program."""
    entered, leave = threading.Event(), threading.Event()

    def hold():
        with locked(tmp_path, "answers/owner.yaml"):
            entered.set()
            leave.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait()
    try:
        with (
            pytest.raises(NotSavedError, match="another program that has been writing"),
            locked(tmp_path, "answers/owner.yaml", patience=0.05),
        ):
            pass
    finally:
        leave.set()
        thread.join()


@pytest.mark.slow
def test_lock_of_another_process_is_waited_for(tmp_path):
    """It is freed by the system, also when that process is killed."""
    code = (
        "import sys, time\nfrom pathlib import Path\n"
        "from readybook.edit.file import locked\n"
        "with locked(Path(sys.argv[1]), 'answers/owner.yaml'):\n"
        "    print('held', flush=True)\n    time.sleep(600)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        with (
            pytest.raises(NotSavedError, match="another program"),
            locked(tmp_path, "answers/owner.yaml", patience=0.05),
        ):
            pass
        process.kill()
    with locked(tmp_path, "answers/owner.yaml"):
        pass


def test_form_that_cannot_be_changed_in_place_is_named(tmp_path):
    """An alias in a file is left to whoever wrote it."""
    text = SHEET.replace("date: 2026-06-01", "date: &day 2026-06-01").replace(
        "date: 2026-06-02", "date: *day"
    )
    path = case(tmp_path, text)
    said = refused(answer_file(tmp_path))

    assert said == (
        "answers/owner.yaml: found a form that cannot be changed in place, such "
        "as & and *, expected keys and values that are written out, do: write "
        "them out in an editor, then save again"
    )
    assert path.read_text(encoding="utf-8") == text


def test_writing_that_comes_between_is_kept(tmp_path, monkeypatch):
    """An editor that saves in the moment of our saving loses nothing."""
    path, file = case(tmp_path), answer_file(tmp_path)
    sync, written = os.fsync, []

    def sync_and_type(descriptor):
        sync(descriptor)
        if not written:
            written.append(path.write_text(SHEET + "# typed meanwhile\n", "utf-8"))

    monkeypatch.setattr(os, "fsync", sync_and_type)
    file.save("AVL-02", given(1), base="")
    after = path.read_text(encoding="utf-8")

    assert "AVL-02" in after
    assert after.endswith("# typed meanwhile\n")
