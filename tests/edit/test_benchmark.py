"""The benchmark of saving runs, and prints what it says that it prints."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "saving.py"


@pytest.mark.slow
def test_benchmark_prints_three_percentiles_for_each_way(tmp_path):
    """Every way is measured on the folder that is named; nothing stays there."""
    command = [sys.executable, PROGRAM, "--saves", "3", "--folder", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    first, head, *ways, last = done.stdout.splitlines()

    assert done.stderr == ""
    assert first.endswith("3 saves")
    assert head.split() == ["way", "p50", "ms", "p95", "ms", "p99", "ms", "lines"]
    assert [len(way.rsplit(maxsplit=4)) for way in ways] == [5] * 4
    assert last.startswith(("PASS: ", "FAIL: "))
    assert [*tmp_path.iterdir()] == []
