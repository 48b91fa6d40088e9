"""Runs that are killed at random moments: no half file, no process, no bad next run."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from killing import left_running
from readybook.cli.files import start_assessment

BIN = Path(sys.executable).with_name("readybook")
CASES = ["churn", "claims", "rents", "returns"]
RUNS = {
    "measure": ["measure", "churn", "claims"],
    "report": ["report", "churn"],
    "batch": ["report", *CASES, "--jobs", "2"],  # forked from a process of its own
}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="kills with a signal"),
]


@pytest.fixture
def home(tmp_path):
    """A folder with some cases; each has a table that can be measured."""
    orders = tmp_path / "orders.csv"
    orders.write_text("id,state\n1,new\n2,sent\n", encoding="utf-8")
    (tmp_path / "home").mkdir()
    for name in CASES:
        start_assessment(tmp_path / "home" / name, data=[orders])
    return tmp_path / "home"


def start(home, words):
    """Run the program; what it starts can be told by its temporary folder."""
    temporary = home.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [BIN, *words], cwd=home, env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def written(home):
    """What lies under final names, with its content; a free lock is nothing."""
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and "locks" not in path.parts
    }


def is_draft(name):
    """Whether a file says by its name that it is not whole."""
    return name.endswith((".tmp", ".begun"))


@pytest.mark.parametrize(
    "run", ["measure", pytest.param("report", marks=pytest.mark.soak), "batch"]
)
def test_run_that_is_killed_leaves_nothing_half_and_the_next_one_completes(home, run):
    """The same inputs give the same bytes: each file is the old one or the new one."""
    before = written(home)
    began = time.monotonic()
    whole = start(home, RUNS[run])
    _, told = whole.communicate()
    assert whole.returncode == 0, told
    lasts = time.monotonic() - began
    after = written(home)
    assert after.keys() > before.keys()
    for name in after.keys() - before.keys():
        (home / name).unlink()

    moments = random.Random(7)  # noqa: S311 - not for secrets
    times = 20 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 3
    killed = 0
    for at in range(times):  # once in each part of a run, since it begins with imports
        running = start(home, RUNS[run])
        try:
            running.communicate(timeout=lasts * (at + moments.random()) / times)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
            killed += 1
        half = [
            name
            for name, content in written(home).items()
            if not is_draft(name) and content not in {before.get(name), after.get(name)}
        ]
        assert (half, left_running(home.parent / "tmp")) == ([], [])

    last = start(home, RUNS[run])
    _, told = last.communicate()
    assert last.returncode == 0, told
    assert killed
    assert written(home) == after
