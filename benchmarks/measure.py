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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from answers import from_evidence, unmeasured
from results import COLUMNS, WHOLE, Result, as_table, judge
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
#: readybook on two contracts, by the name on the command line and in the table.
_OURS = {"readybook": WHOLE, "readybook-columns": COLUMNS}
_PROGRAMS = (*_OURS, *_PEERS)
_READYBOOK = "import sys; from readybook.cli.main import main; sys.exit(main())"
_EVIDENCE = Path("evidence") / "data.json"
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
        "--folder",
        type=Path,
        help="where data and the peers' environment are made, and used again when "
        "they are there (default: a temporary folder)",
    )
    parser.add_argument(
        "--keep", action="store_true", help="leave the data that is made (default: no)"
    )
    _add_run_arguments(parser)
    parser.add_argument(
        "--false-alarms",
        action="store_true",
        help="also print how often drift and steps are found where there are none",
    )
    return parser.parse_args()


def _add_run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rows",
        type=int,
        default=10_000_000,
        help="of the flights (default: 10000000)",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=_PROGRAMS,
        default=_PROGRAMS,
        help="programs to run (default: all)",
    )
    parser.add_argument(
        "--repeat",
        type=int,
        default=1,
        help="rounds; of each program the fastest run counts (default: 1)",
    )
    parser.add_argument(
        "--time-limit",
        type=int,
        default=600,
        help="of readybook for each table, in seconds (default: 600)",
    )


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


def _assessment(name: str, folder: Path, rows: int) -> Path:
    """Return the assessment that a program measures, made where it is not there yet."""
    whole = folder / f"rows-{rows}"
    _make(whole, "flights.py", "--rows", str(rows))
    if _OURS.get(name) != COLUMNS:
        return whole
    columns = folder / f"rows-{rows}-columns"
    _make(columns, "columns.py", "--of", str(whole))
    return columns


def _make(made: Path, program: str, *arguments: str) -> None:
    if made.is_dir():
        return
    _say(f"making {made.name}")
    part = made.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    command = [sys.executable, str(_HERE / program), str(part), *arguments]
    subprocess.run(command, check=True)
    part.rename(made)


def _peers_python(folder: Path) -> Path:
    """Return the Python of the peers' environment, made where it is not there yet."""
    environment = folder / "peers"
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    installed = environment / "installed.txt"
    wanted = _REQUIREMENTS.read_text(encoding="utf-8")
    if not installed.is_file() or installed.read_text(encoding="utf-8") != wanted:
        _say("installing the peers; this takes a minute or two")
        venv.create(environment, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--requirement"]
        subprocess.run([*pip, str(_REQUIREMENTS)], check=True)
        installed.write_text(wanted, encoding="utf-8")
    return python


# --- running -----------------------------------------------------------------------


def _results(arguments: argparse.Namespace, folder: Path) -> Iterator[Result]:
    """Return the fastest run of each wanted program, the largest data first.

    One round after the other, so that a busy minute of the machine is no program's own.
    """
    plan = list(_plan(arguments.rows, arguments.only))
    rounds = [
        [_run(name, folder, rows, arguments.time_limit) for rows, name in plan]
        for _ in range(arguments.repeat)
    ]
    for (rows, name), runs in zip(plan, zip(*rounds, strict=True), strict=True):
        best = min(runs, key=lambda one: (bool(one.ran.failed), one.ran.seconds))
        evidence = _assessment(name, folder, rows) / _EVIDENCE
        if name in _OURS and evidence.is_file():
            print(f"{best.program}, {rows:,} rows: {unmeasured(evidence)}")
        yield best


def _plan(rows: int, only: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield rows and program of each run of a round.

    Where a program gets fewer rows, the DuckDB query gets them too, to compare with.
    """
    wanted = {
        name: min(rows, _MOST_ROWS.get(name, rows))
        for name in _PROGRAMS
        if name in only
    }
    for most in sorted({*wanted.values()}, reverse=True):
        if most < rows and "duckdb" in only:
            yield most, "duckdb"
        yield from ((most, name) for name, limit in wanted.items() if limit == most)


def _run(name: str, folder: Path, rows: int, limit: int) -> Result:
    program = _OURS.get(name, name)
    assessment = _assessment(name, folder, rows)
    evidence = assessment / _EVIDENCE
    if name in _OURS:
        # What it has measured before it would not measure again.
        evidence.unlink(missing_ok=True)
        command = [sys.executable, "-c", _READYBOOK, "measure", str(assessment)]
        command += ["--time-limit", str(limit)]
    else:
        script = _HERE / "peers" / _PEERS[name]
        command = [str(_peers_python(folder)), str(script), str(assessment / "data")]
    _say(f"{program}, {rows:,} rows")
    ran = run_timed(command, assessment)
    if ran.failed:
        return Result(program, rows, ran, {})
    found = from_evidence(evidence) if name in _OURS else json.loads(ran.printed)
    return Result(program, rows, ran, found)


def _print_false_alarms() -> bool:
    """Print how often drift and steps are found for nothing; True: too often."""
    # In a process of its own: what it imports would make this one large.
    sys.stdout.flush()
    program = [sys.executable, str(_HERE / "false_alarms.py")]
    return subprocess.run(program, check=False).returncode != 0


# --- printing ----------------------------------------------------------------------


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return (
        f"{os.cpu_count()} CPUs ({platform.machine()}), {memory:.0f} GB of memory, "
        f"{platform.system()}, Python {platform.python_version()}{_load()}"
    )


def _load() -> str:
    """Return what else keeps the machine busy, where the system tells."""
    if not hasattr(os, "getloadavg"):
        return ""
    return f", load {os.getloadavg()[0]:.1f} before the first run"


if __name__ == "__main__":
    sys.exit(main())
