"""Measure the same flights with readybook and with its peers; print who took what.

Every program runs in a process of its own. Data and the peers' environment are made in
a temporary folder, or in the one that is named.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from answers import from_evidence, unmeasured
from results import Result, as_table, judge
from running import run_timed

__all__: list[str] = []

_HERE = Path(__file__).resolve().parent
_REQUIREMENTS = _HERE / "requirements-peers.txt"
_PEERS = {
    "duckdb": "duckdb_sql.py",
    "pandas": "pandas_script.py",
    "ydata-profiling": "ydata_minimal.py",
    "pandera": "pandera_schema.py",
}
_PROGRAMS = ("readybook", *_PEERS)
_READYBOOK = "import sys; from readybook.cli import main; sys.exit(main())"
#: pandera holds all rows at once, and every failing one apart.
_MOST_ROWS = {"pandera": 1_000_000}


def main() -> int:
    """Measure, print the table, and return 1 where an aim is missed."""
    arguments = _arguments()
    print(_machine())
    misses = arguments.false_alarms and _print_false_alarms()
    with _work_folder(arguments.folder, keep=arguments.keep) as folder:
        results = list(_results(arguments, folder))
    print(as_table(results))
    verdicts = [*judge(results)]
    print(*verdicts, sep="\n")
    return int(misses or any(line.startswith("FAIL") for line in verdicts))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows",
        type=int,
        default=10_000_000,
        help="of the flights (default: 10000000)",
    )
    parser.add_argument(
        "--folder",
        type=Path,
        help="where data and the peers' environment are made, and used again when "
        "they are there (default: a temporary folder)",
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the data that is made (default: no)"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=_PROGRAMS,
        default=_PROGRAMS,
        help="programs to run (default: all)",
    )
    parser.add_argument(
        "--repeat", type=int, default=1, help="the fastest of so many runs (default: 1)"
    )
    parser.add_argument(
        "--false-alarms",
        action="store_true",
        help="also print how often drift and steps are found where there are none",
    )
    return parser.parse_args()


# --- the work folder ---------------------------------------------------------------


@contextmanager
def _work_folder(wanted: Path | None, *, keep: bool) -> Iterator[Path]:
    """Yield the folder to work in; at the end remove the data that was made there."""
    folder = wanted or Path(tempfile.mkdtemp(prefix="readybook-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    before = {*folder.iterdir()}
    try:
        yield folder.resolve()
    finally:
        if keep:
            _say(f"the data is in {folder}")
        elif wanted is None:
            shutil.rmtree(folder)
        else:
            for made in {*folder.glob("rows-*")} - before:
                shutil.rmtree(made)


def _assessment(folder: Path, rows: int) -> Path:
    """Return the assessment with so many flights, made where it is not there yet."""
    made = folder / f"rows-{rows}"
    if not made.is_dir():
        _say(f"making {rows:,} flights")
        part = made.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        command = [sys.executable, _HERE / "flights.py", part, "--rows", str(rows)]
        subprocess.run(command, check=True)
        part.rename(made)
    return made


def _peers_python(folder: Path) -> Path:
    """Return the Python of the peers' environment, made where it is not there yet."""
    environment = folder / "peers"
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    installed = environment / "installed.txt"
    wanted = _REQUIREMENTS.read_text(encoding="utf-8")
    if not installed.is_file() or installed.read_text(encoding="utf-8") != wanted:
        _say("installing the peers; this takes a minute or two")
        venv.create(environment, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--requirement"]
        subprocess.run([*pip, _REQUIREMENTS], check=True)
        installed.write_text(wanted, encoding="utf-8")
    return python


# --- running -----------------------------------------------------------------------


def _results(arguments: argparse.Namespace, folder: Path) -> Iterator[Result]:
    """Run the wanted programs, the largest data first.

    Where a program gets fewer rows, the DuckDB query gets them too, to compare with.
    """
    wanted = [
        (min(arguments.rows, _MOST_ROWS.get(name, arguments.rows)), name)
        for name in _PROGRAMS
        if name in arguments.only
    ]
    for rows in sorted({rows for rows, _ in wanted}, reverse=True):
        names = [name for limit, name in wanted if limit == rows]
        if rows < arguments.rows and "duckdb" in arguments.only:
            names.insert(0, "duckdb")
        for name in names:
            yield _fastest(name, folder, rows, arguments.repeat)


def _fastest(name: str, folder: Path, rows: int, repeat: int) -> Result:
    assessment = _assessment(folder, rows)
    evidence = assessment / "evidence" / "data.json"
    if name == "readybook":
        command = [sys.executable, "-c", _READYBOOK, "measure", str(assessment)]
    else:
        script = _HERE / "peers" / _PEERS[name]
        command = [str(_peers_python(folder)), str(script), str(assessment / "data")]
    runs = []
    for _ in range(repeat):
        _say(f"{name}, {rows:,} rows")
        if name == "readybook":
            # What it has measured before it would not measure again.
            evidence.unlink(missing_ok=True)
        runs.append(run_timed(command, assessment))
    best = min(runs, key=lambda ran: (ran.failed is not None, ran.seconds))
    if best.failed:
        return Result(name, rows, best, {})
    if name == "readybook":
        print(f"readybook, {rows:,} rows: {unmeasured(evidence)}")
        return Result(name, rows, best, from_evidence(evidence))
    return Result(name, rows, best, json.loads(best.printed))


def _print_false_alarms() -> bool:
    """Print how often drift and steps are found for nothing; True: too often."""
    # In a process of its own: what it imports would make this one large.
    sys.stdout.flush()
    program = [sys.executable, _HERE / "false_alarms.py"]
    return subprocess.run(program, check=False).returncode != 0


# --- printing ----------------------------------------------------------------------


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} CPUs ({platform.machine()}), {memory:.0f} GB of memory, "
        f"{platform.system()}, Python {platform.python_version()}"
    )


if __name__ == "__main__":
    sys.exit(main())
