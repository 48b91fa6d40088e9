"""Assessments rendered on a Dask cluster: the same bytes, also where a worker is lost."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from killing import left_running
from readybook.cli.files import start_assessment
from readybook.cli.main import main
from readybook.model.errors import InvalidInputError
from readybook.report.batch import Limits
from readybook.report.cluster import dask_executor, render_on
from readybook.report.page import NOTEBOOKS, Order

BIN = Path(sys.executable).with_name("readybook")
CASES = [f"case-{at}" for at in range(4)]
PATIENCE = 120  #: seconds


def content(folder):
    """All files below a folder, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def home(tmp_path):
    """A folder with some cases, of which one cannot be read."""
    for name in CASES:
        start_assessment(tmp_path / "home" / name)
    broken = tmp_path / "home" / CASES[-1] / "assessment.yaml"
    broken.write_text("broken", encoding="utf-8")
    return tmp_path / "home"


def begin(place, name, program, *words):
    """Start a program of Dask; what it starts can be told by its temporary folder."""
    mine = {"TMPDIR": str(place / "tmp"), "DASK_CONFIG": str(place)}
    command = [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard"]
    with (place / f"{name}.log").open("wb") as log:
        return subprocess.Popen([*command, *words], env={**os.environ, **mine},
                                cwd=place, stdout=log, stderr=log)  # fmt: skip


@contextmanager
def cluster(place):
    """A scheduler and two workers on loopback; a nanny looks after the second."""
    (place / "tmp").mkdir(parents=True)
    file = place / "scheduler.json"
    known = ["--scheduler-file", file]
    here = ["--host", "127.0.0.1", "--port", "0"]
    running = [begin(place, "scheduler", "dask_scheduler", *known, *here)]
    try:
        until = time.monotonic() + PATIENCE
        while not file.exists():
            assert time.monotonic() < until
            time.sleep(0.1)
        for name, nanny in [("alone", "--no-nanny"), ("nursed", "--nanny")]:
            words = [*known, "--nthreads", "1", nanny]
            running.append(begin(place, name, "dask_worker", *words))
        yield json.loads(file.read_text())["address"], running[1]
    finally:
        for one in reversed(running):
            one.terminate()
            one.wait(PATIENCE)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a worker is killed by a signal")
def test_cluster_that_loses_a_worker_makes_what_this_machine_makes(
    home, tmp_path, monkeypatch
):
    """To the byte, pages of what failed included, and nothing goes on after it."""
    monkeypatch.chdir(home)
    roles = "format: 1\nroles: [{role: security, held_by: [security-lead]}]\n"
    (home / "register.yaml").write_text(roles, encoding="utf-8")
    report = ["report", *CASES, "--register", "register.yaml"]
    alone = main([*report, "--out", "here"])
    with cluster(tmp_path / "dask") as (address, worker):
        words = [*report, "--out", "there", "--format", "json", "--dask", address]
        printed, told = tmp_path / "printed", tmp_path / "told"
        with (
            printed.open("wb") as lines,
            told.open("wb") as errors,
            subprocess.Popen(
                [BIN, *words], cwd=home, stdout=lines, stderr=errors
            ) as batch,
        ):
            until = time.monotonic() + PATIENCE
            while not printed.read_bytes().endswith(b"\n"):
                assert time.monotonic() < until
                time.sleep(0.1)
            worker.kill()
            batch.wait(PATIENCE)

    assert alone == batch.returncode == 3, told.read_text()
    assert len(printed.read_text().splitlines()) == len(CASES)
    assert content(home / "there") == content(home / "here")
    made = json.loads((home / "there" / CASES[0] / "result.json").read_text("utf-8"))
    assert made["shared"]["roles"] == ["security"]
    assert left_running(tmp_path / "dask" / "tmp") == []


@pytest.mark.slow
@pytest.mark.parametrize("address", ["nonsense", ""])  # as a variable that is not set
def test_scheduler_that_is_none_is_told_and_nothing_written(
    home, address, capsys, monkeypatch
):
    monkeypatch.chdir(home)
    words = ["report", CASES[0], "--dask", address]

    assert main(words) == 1
    assert f"--dask: found no scheduler at '{address}'" in capsys.readouterr().err
    assert not (home / "reports").exists()


@pytest.mark.parametrize(
    ("address", "do"),
    [
        ("tls://127.0.0.1:1", "name certificates in Dask's configuration"),
        ("ucx://127.0.0.1:1", "write it as the scheduler printed it"),
        ("inproc://a/b", "write it as the scheduler printed it"),
    ],
)
def test_address_that_the_library_cannot_take_is_told(address, do):
    """Whatever it raises: `tls://` without certificates is how most begin."""
    with (
        pytest.raises(InvalidInputError, match=f"no scheduler at '{address}'.*{do}"),
        dask_executor(address),
    ):
        pass


# --- at a worker, which here is a thread ----------------------------------------------


def rendered_on(home, **given):
    """What becomes of one whose worker is this process."""
    order = Order(home / "out", home=given.pop("at", home))
    with ThreadPoolExecutor() as workers:
        ended = render_on(workers, [(Path(CASES[0]), None)], order, Limits(2), **given)
        (outcome,) = ended
    return outcome


@pytest.mark.slow
def test_folders_are_found_from_where_they_were_named(home, tmp_path, monkeypatch):
    """A worker stands in another folder; steps are counted as here."""
    monkeypatch.chdir(tmp_path)
    steps = []
    outcome = rendered_on(home, tick=steps.append)

    assert (outcome.state, outcome.folder) == ("made", Path(CASES[0]))
    assert outcome.files == (home / "out" / f"{CASES[0]}.html",)
    assert steps == [f"{CASES[0]} {notebook}" for notebook in NOTEBOOKS]


def test_worker_without_the_file_system_says_so(home):
    """Nothing is rendered from another folder of the same name."""
    outcome = rendered_on(home, at=home / "elsewhere")

    assert outcome.state == "failed"
    assert f"found no folder {home / 'elsewhere'} at the worker" in outcome.error


def test_worker_with_another_version_says_so(home, monkeypatch):
    """The mark of a page says by which version it was made."""
    monkeypatch.setattr("readybook.report.cluster.code_key", iter("ab").__next__)
    outcome = rendered_on(home)

    assert outcome.state == "failed"
    assert "found another readybook" in outcome.error
