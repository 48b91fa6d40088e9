"""Make an assessment with as many flights as wanted, from the example's, with jitter.

Every later year is the example's year again, moved by whole weeks, so that joins,
categories and gaps stay what they are in real data. The same number of rows gives the
same rows.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

import duckdb
from ruamel.yaml import YAML

from peers.asked import LAST_TRAIN_MONTH, NEEDED_NUMBERS, NEEDED_TEXTS

__all__ = ["make_assessment"]

_EXAMPLE = Path(__file__).resolve().parent.parent / "templates" / "flight-delays"
_FILE_ROWS = 1_000_000
#: Whole weeks, so that a Monday stays a Monday; one year's days do not overlap the next.
_SHIFT_DAYS = 364
#: The history goes no further back; after that the years repeat with other numbers.
_YEARS = 10
#: More than any flight number of the example.
_NUMBERS = 10_000
#: One row in so many has the key of the row before it.
_DUPLICATE_EVERY = 100_003

# The file without one day, so that the moved copies do not share a day.
_BASE = """
CREATE TEMP TABLE base AS
SELECT row_number() OVER (ORDER BY file_row_number) - 1 AS n,
       * EXCLUDE (file_row_number),
       time_hour AT TIME ZONE 'America/New_York' AS local_hour
FROM read_parquet('{flights}', file_row_number = true)
WHERE NOT (month = 1 AND day = 1)
"""

# Rows are numbered throughout. A row's jitter comes from the high bits of its number
# times a constant (Knuth's multiplicative hash), which no engine's version can change.
_FLIGHTS = """
COPY (
  WITH numbered AS (
    SELECT range AS g, g - (g % {duplicate_every} = 0 AND g > 0)::BIGINT AS source,
           (g * 2654435761 % 4294967296) // 65536 AS draw
    FROM range({start}, {stop})
  ), placed AS (
    SELECT g, draw, source % {base} AS n, source // {base} % {years} AS step,
           source // {base} // {years} AS lap
    FROM numbered
  ), moved AS (
    SELECT *, local_hour + to_days((step * {shift})::INTEGER) AS clock
    FROM placed JOIN base USING (n)
  )
  SELECT year(clock)::INTEGER AS year, month(clock)::INTEGER AS month,
         day(clock)::INTEGER AS day, dep_time, sched_dep_time,
         (dep_delay + draw % 7 - 3)::INTEGER AS dep_delay,
         arr_time, sched_arr_time,
         (arr_delay + draw // 7 % 9 - 4)::INTEGER AS arr_delay,
         carrier, (flight + lap * {numbers})::INTEGER AS flight,
         tailnum, origin, dest,
         (air_time + draw // 63 % 5 - 2)::INTEGER AS air_time,
         distance, hour, minute,
         clock AT TIME ZONE 'America/New_York' AS time_hour
  FROM moved ORDER BY g
) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""

# Stations count hours as instants: on the clock one hour a year would come twice.
_WEATHER = """
COPY (
  WITH moved AS (
    SELECT * REPLACE (time_hour + to_hours(24 * {shift} * step) AS time_hour)
    FROM read_parquet('{weather}', file_row_number = true), range({steps}) AS t(step)
  ), placed AS (
    SELECT *, time_hour AT TIME ZONE 'America/New_York' AS clock FROM moved
  )
  SELECT * EXCLUDE (file_row_number, step, clock) REPLACE (
    year(clock)::INTEGER AS year, month(clock)::INTEGER AS month,
    day(clock)::INTEGER AS day, hour(clock)::INTEGER AS hour)
  FROM placed ORDER BY step, file_row_number
) TO '{file}' (FORMAT parquet, COMPRESSION zstd)
"""


def make_assessment(rows: int, folder: Path) -> None:
    """Write the example as an assessment whose flights have a number of rows.

    Args:
        rows: of the flights. The weather grows with their years; planes, airports and
            airlines stay.
        folder: made here. `data/` has one folder of Parquet files per table, which is
            where the copied contract looks.
    """
    ignore = shutil.ignore_patterns("data", "evidence")
    shutil.copytree(_EXAMPLE, folder, ignore=ignore)
    _change_contract(folder / "data.odcs.yaml")
    for table in ("flights", "weather", "planes", "airports", "airlines"):
        (folder / "data" / table).mkdir(parents=True)
    for table in ("planes", "airports", "airlines"):
        shutil.copy(_EXAMPLE / "data" / f"{table}.parquet", folder / "data" / table)
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
        # Of several threads, the faster decides where a group of rows ends.
        engine.execute("SET threads = 1")
        _write_flights(engine, rows, folder / "data" / "flights")


def _change_contract(file: Path) -> None:
    """Declare where the files are, and of the flights what every program is asked."""
    yaml = YAML()
    yaml.preserve_quotes = True
    contract = yaml.load(file)
    (server,) = contract["servers"]
    server["path"] = "data/{model}/*.parquet"
    flights = next(one for one in contract["schema"] if one["name"] == "flights")
    last = LAST_TRAIN_MONTH
    _declare(flights, "train", {"column": "month", "from": 1, "to": last})
    _declare(flights, "live", {"column": "month", "from": last + 1, "to": 12})
    for column in flights["properties"]:
        is_asked = column["name"] in {*NEEDED_NUMBERS, *NEEDED_TEXTS}
        _declare(column, "needed", is_asked)
    yaml.dump(contract, file)


def _declare(item: dict[str, Any], name: str, value: object) -> None:
    """Declare a readiness property of a table or column in place of what it had."""
    prefixed = f"readiness.{name}"
    kept = [
        one for one in item.get("customProperties", ()) if one["property"] != prefixed
    ]
    item["customProperties"] = [*kept, {"property": prefixed, "value": value}]


def _write_flights(engine: duckdb.DuckDBPyConnection, rows: int, folder: Path) -> None:
    """Write flights in files of equal size, and the weather of their years."""
    source = _EXAMPLE / "data"
    engine.execute(_BASE.format(flights=source / "flights.parquet"))
    (base,) = engine.execute("SELECT count(*) FROM base").fetchone() or (0,)
    for start in range(0, rows, _FILE_ROWS):
        statement = _FLIGHTS.format(
            start=start,
            stop=min(start + _FILE_ROWS, rows),
            base=base,
            years=_YEARS,
            shift=_SHIFT_DAYS,
            numbers=_NUMBERS,
            duplicate_every=_DUPLICATE_EVERY,
            file=folder / f"part-{start // _FILE_ROWS:04d}.parquet",
        )
        engine.execute(statement)
    statement = _WEATHER.format(
        shift=_SHIFT_DAYS,
        steps=min(_YEARS, -(-rows // base)),
        weather=source / "weather.parquet",
        file=folder.parent / "weather" / "part-0000.parquet",
    )
    engine.execute(statement)


def main() -> None:
    """Make one assessment, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="assessment to make; must not exist")
    parser.add_argument("--rows", type=int, required=True, help="rows of the flights")
    arguments = parser.parse_args()
    make_assessment(arguments.rows, arguments.folder)


if __name__ == "__main__":
    main()
