"""Measuring is stopped and goes on: what was measured is not measured again."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from readybook.cli.main import main

EXAMPLE = Path(__file__).parents[2] / "templates" / "flight-delays"


@pytest.fixture
def case(tmp_path):
    folder = tmp_path / "case"
    shutil.copytree(EXAMPLE, folder)
    contract = folder / "data.odcs.yaml"
    # Another origin is another declaration: everything is to be measured anew.
    text = contract.read_text("utf-8").replace("Automated weather", "Staffed weather")
    contract.write_text(text.replace("On-time perf", "Timeliness perf"), "utf-8")
    return folder


def tables(file):
    return [one["table"] for one in json.loads(file.read_text("utf-8"))["tables"]]


#: Presses Ctrl-C when the first table is kept: from outside, the moment is a guess.
PRESSING = """
import os, signal, sys
from readybook.cli import main, measure

save = measure.save_evidence

def save_and_press(evidence, path):
    save(evidence, path)
    if path.name.endswith(".begun"):
        os.kill(os.getpid(), signal.SIGINT)

measure.save_evidence = save_and_press
sys.exit(main.main(["measure", sys.argv[1]]))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT for a child")
def test_interrupted_run_leaves_the_old_evidence_and_goes_on(case, capsys):
    """Ctrl-C after the first table: data.json is as it was, the table is kept."""
    old = (case / "evidence" / "data.json").read_bytes()
    begun = case / "evidence" / "data.json.begun"
    command = [sys.executable, "-c", PRESSING, str(case)]
    run = subprocess.run(command, capture_output=True, timeout=120, check=False)
    told = run.stderr
    assert run.returncode == 130
    assert b"stopped" in told
    assert (case / "evidence" / "data.json").read_bytes() == old
    assert "flights" in tables(begun)

    kept = json.loads(begun.read_text("utf-8"))
    kept["findings"] = [
        {**one, "message": "Kept."} if one["subject"] == "flights" else one
        for one in kept["findings"]
    ]
    begun.write_text(json.dumps(kept), "utf-8")
    assert main(["measure", str(case)]) == 0
    assert "source-opened  Kept." in capsys.readouterr().out
    assert not begun.exists()
    assert len(tables(case / "evidence" / "data.json")) == 5


@pytest.mark.slow
def test_damaged_remains_of_a_run_are_measured_again(case):
    """What a crash left half written stops nobody."""
    (case / "evidence" / "data.json.begun").write_text('{"format": 1, "ki', "utf-8")

    assert main(["check", str(case)]) == 0
    assert main(["measure", str(case)]) == 0
    assert len(tables(case / "evidence" / "data.json")) == 5


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--time-limit", "soon", "seconds above 0"),
        ("--time-limit", "-1", "seconds above 0"),
        ("--memory-limit", "lots", "a size in MB or GB"),
    ],
)
def test_limit_that_is_none_is_wrong_usage(case, capsys, option, value, expected):
    """A limit is a number with its unit, and the message shows one."""
    with pytest.raises(SystemExit) as stopped:
        main(["measure", str(case), option, value])

    assert stopped.value.code == 2
    assert expected in capsys.readouterr().err


def test_source_over_its_time_limit_is_one_finding_and_the_rest_goes_on(case, capsys):
    """A table that takes too long says so; the others are asked all the same."""
    (case / "evidence" / "data.json").unlink()
    assert main(["measure", str(case), "--time-limit", "0.05"]) == 3
    said, told = capsys.readouterr()
    assert "flights was not measured" in said
    assert "took longer than 0.05 s (raise --time-limit)" in said
    assert "flights could not be read in full: " in told  # or not opened in time
    kept = json.loads((case / "evidence" / "data.json").read_text(encoding="utf-8"))
    assert {one["table"] for one in kept["tables"]} >= {"flights", "weather"}
