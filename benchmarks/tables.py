"""Measure tables as teams have them: CSV, a folder of many files, hundreds of columns.

Each is told as a ratio to the same rows in an easier form, by the clock and in seconds of
a CPU, in which what else runs on the machine counts little. The forms take turns, and of
each the least counts. Exit code 1 if one of them misses its aim in seconds of a CPU.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import duckdb

from readybook.case.open import open_one, today
from readybook.measure.data import RunOptions, measure_data
from readybook.measure.sources.engine import Limits
from readybook.text.documents import packaged

__all__: list[str] = []

_DAYS = 365


class _Took(NamedTuple):
    """How long some work took."""

    busy: float  #: seconds of CPUs
    wall: float  #: seconds by the clock


def main() -> int:
    """Measure, print the table, and return 1 where an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, number in (
        ("rows", 5_000_000), ("columns", 20), ("files", 2_000), ("split", 1_000_000),
        ("wide", 400), ("wide-rows", 100_000), ("repeat", 1),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=int, default=number, metavar="N")
    sizes = parser.parse_args()
    print(f"{'what':<46}{'CPU s':>8}{'of':>8}{'ratio':>8}{'s':>8}{'of':>8}{'ratio':>8}"
          f"{'aim':>6}")  # fmt: skip
    missed = [
        _text(sizes.rows, sizes.columns, sizes.repeat),
        _folder(sizes.split, sizes.files, sizes.repeat),
        _wide(sizes.wide_rows, sizes.wide, sizes.repeat),
    ]
    return 1 if any(missed) else 0


def _text(rows: int, columns: int, repeat: int) -> bool:
    with tempfile.TemporaryDirectory() as name:
        csv, parquet = (Path(name) / form for form in ("csv", "parquet"))
        _case(csv, columns, "csv")
        _case(parquet, columns, "parquet")
        _write(rows, columns, parquet / "data" / "t.parquet")
        _ask(f"COPY (FROM '{parquet}/data/t.parquet') TO '{csv}/data/t.csv'")
        every = f"read_csv('{csv}/data/t.csv', all_varchar = true)"
        read, slow, quick = _turns(
            repeat,
            lambda: _ask(f"SELECT sum(hash(COLUMNS(*))) FROM {every}"),
            lambda: _measured(csv),
            lambda: _measured(parquet),
        )
    what = f"{rows:,} rows of {columns} columns as CSV, less a read"
    least = _Took(slow.busy - read.busy, slow.wall - read.wall)
    return _told(what, least, quick, 1.5)


def _folder(rows: int, files: int, repeat: int) -> bool:
    with tempfile.TemporaryDirectory() as name:
        many, one = (Path(name) / form for form in ("many", "one"))
        _case(many, 8, "csv", path="data/t")
        _case(one, 8, "csv")
        _write(rows, 8, one / "all.parquet")
        _ask(f"COPY (FROM '{one}/all.parquet') TO '{one}/data/t.csv'")
        head, *lines = (one / "data" / "t.csv").read_text().splitlines(keepends=True)
        (many / "data" / "t").mkdir()
        for at in range(files):
            some = lines[at * rows // files : (at + 1) * rows // files]
            text = "".join([head, *some])
            (many / "data" / "t" / f"{at:05}.csv").write_text(text)
        slow, quick = _turns(repeat, lambda: _measured(many), lambda: _measured(one))
    return _told(f"{rows:,} rows in {files:,} CSV files, of one", slow, quick, 3)


def _wide(rows: int, columns: int, repeat: int) -> bool:
    with tempfile.TemporaryDirectory() as name:
        case = Path(name) / "case"
        _case(case, columns, "parquet", needed=True)
        file = case / "data" / "t.parquet"
        _write(rows, columns, file)
        # What the profile holds of each column and day, what stand-ins take, and the
        # rows in which a column is equal to the next.
        sums = ", ".join(
            f"count(c{at}), sum(abs(c{at})), count(nullif(c{at}, 0))"
            for at in range(columns)
        )
        ends = ", ".join(
            f"min(c{at}), max(c{at}), count_if(c{at} IN (-999, -1, 0, 9, 99, 999)), "
            f"count_if(c{at} = c{(at + 1) % columns})"
            for at in range(columns)
        )
        by_hand, took = _turns(
            repeat,
            lambda: _ask(
                f"SELECT CAST(t.at AS DATE) AS day, {sums} FROM '{file}' AS t GROUP BY ALL",
                f"SELECT {ends} FROM '{file}'",
            ),
            lambda: _measured(case),
        )
    return _told(f"{rows:,} rows of {columns} columns, of SQL", took, by_hand, 3)


def _case(
    folder: Path, columns: int, form: str, *, path: str = "", needed: bool = False
) -> None:
    shutil.copytree(packaged("templates") / "assessment", folder)
    (folder / "data").mkdir(exist_ok=True)
    fields = [{"name": f"c{at}", "logicalType": "number"} for at in range(columns)]
    contract = {
        "apiVersion": "v3.2.0", "kind": "DataContract", "id": "c", "version": "1",
        "status": "active",
        "servers": [{"server": "here", "type": "local", "format": form,
                     "path": path or f"data/t.{form}"}],
        "schema": [{
            "name": "t",
            "properties": [{"name": "at", "logicalType": "timestamp"}, *fields],
            "customProperties": [
                {"property": "readiness.eventTime", "value": "at"},
                {"property": "readiness.grain", "value": "P1D"}],
        }],
    }  # fmt: skip
    (folder / "data.odcs.yaml").write_text(json.dumps(contract))
    if needed:
        needs = "".join(
            f"  - {{id: n-{at}, what: w, use: feature, field: t.c{at}, ask: legal}}\n"
            for at in range(columns)
        )
        with (folder / "assessment.yaml").open("a") as scope:
            scope.write(f"\nneeds:\n{needs}")


def _write(rows: int, columns: int, file: Path) -> None:
    """Write rows of a year, whole and other numbers in turn; a tenth has no value."""
    made = ", ".join(
        f"CASE WHEN (i * {at + 7}) % 10 > 0 THEN ((i * {at + 31}) % 9973)"
        f"{' / 8.0' if at % 2 else ''} END AS c{at}"
        for at in range(columns)
    )
    at = f"TIMESTAMP '2025-01-01' + to_minutes((i * {_DAYS * 1440} // {rows})::INT)"
    _ask(f"COPY (SELECT {at} AS at, {made} FROM range({rows}) r(i)) TO '{file}'")


def _ask(*queries: str) -> None:
    with duckdb.connect() as engine:
        for query in queries:
            engine.execute(query).fetchall()


def _measured(case: Path) -> None:
    _, assessment, _ = open_one(case)
    options = RunOptions(limits=Limits(seconds=3_600))
    (table,) = measure_data(assessment, case, today=today(), options=options).tables
    if not table.rows:
        sys.exit(f"it was not read: {table.failed}")


def _turns(repeat: int, *works: Callable[[], object]) -> list[_Took]:
    """Return the least that each work took, one after the other in each round."""
    rounds = [[_took(work) for work in works] for _ in range(repeat)]
    return [
        _Took(*map(min, zip(*each, strict=True))) for each in zip(*rounds, strict=True)
    ]


def _took(work: Callable[[], object]) -> _Took:
    busy, wall = time.process_time(), time.perf_counter()
    work()
    return _Took(time.process_time() - busy, time.perf_counter() - wall)


def _told(what: str, took: _Took, of: _Took, aim: float) -> bool:
    each = "".join(
        f"{one:>8.2f}{by:>8.2f}{one / by:>8.2f}"
        for one, by in zip(took, of, strict=True)
    )
    print(f"{what:<46}{each}{aim:>6}", flush=True)
    return took.busy > aim * of.busy


if __name__ == "__main__":
    sys.exit(main())
