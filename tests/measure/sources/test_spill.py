"""Copies of rows: gone with the run that made them, or with the next one."""

import subprocess
import sys
import tempfile

import pytest

from readybook.measure.sources.spill import spill_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")

RUN = """
import sys
from readybook.measure.sources.spill import spill_folder
with spill_folder() as folder:
    (folder / "rows.parquet").write_bytes(b"rows")
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """What this test and its children take for the folder of temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield tmp_path
    tempfile.tempdir = None


def test_copies_of_a_killed_run_are_removed_and_of_no_other(shared):
    words = [sys.executable, "-c", RUN]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    link, other = shared / "readybook-rows-link", shared / "readybook-rows-file"
    elsewhere = shared / "elsewhere"
    elsewhere.mkdir()
    link.symlink_to(elsewhere, target_is_directory=True)
    other.write_text("kept", encoding="utf-8")
    with (
        subprocess.Popen(words, **pipes) as killed,
        subprocess.Popen(words, **pipes) as lives,
    ):
        theirs = [
            type(shared)(run.stdout.readline().strip()) for run in (killed, lives)
        ]
        killed.kill()
        killed.wait()
        left = [(one / "rows.parquet").exists() for one in theirs]
        with spill_folder() as own:
            assert left == [True, True]
            assert [one.exists() for one in theirs] == [False, True]
        assert not own.exists()
        lives.communicate()
    assert {one.name for one in shared.iterdir()} == {
        link.name,
        other.name,
        "elsewhere",
    }
