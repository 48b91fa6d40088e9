"""Measure the flights with SQL that is written by hand for these columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from asked import (
    BINS,
    CATEGORIES,
    EDGE_DECIMALS,
    JOINS,
    KEY,
    LAST_TRAIN_MONTH,
    NEEDED_NUMBERS,
    NEEDED_TEXTS,
    STAND_IN_NUMBERS,
    STAND_IN_TEXTS,
    ZONE,
    Join,
    answer,
    data_folder,
    join_name,
    missing_days,
    population_stability,
    steps,
)

__all__: list[str] = []

_TRAIN = f"month <= {LAST_TRAIN_MONTH}"


def main() -> None:
    """Print what was found."""
    folder = data_folder()
    with duckdb.connect() as engine:
        engine.execute(f"SET TimeZone = '{ZONE}'; SET enable_progress_bar = false")
        for table in ("flights", "weather", "planes", "airports", "airlines"):
            engine.execute(_view(folder, table))
        answer(
            engine=f"duckdb {duckdb.__version__}",
            **_over_time(engine),
            **_by_column(engine),
            **_categories(engine),
            duplicate_keys=_duplicates(engine),
            orphans={join_name(join): _orphans(engine, join) for join in JOINS},
            psi=_drift(engine),
        )


def _view(folder: Path, table: str) -> str:
    return f"CREATE VIEW {table} AS SELECT * FROM '{folder / table}/*.parquet'"


def _ask(engine: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    result = engine.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _columns(engine: duckdb.DuckDBPyConnection) -> dict[str, str]:
    described = _ask(engine, "DESCRIBE flights")
    return {row["column_name"]: row["column_type"] for row in described}


# --- over time ---------------------------------------------------------------------


def _over_time(engine: duckdb.DuckDBPyConnection) -> dict[str, object]:
    columns = _columns(engine)
    wanted = {
        "total": "count(*)",
        **{name: f"count({name})" for name in columns},
        **{f"zeros_{name}": f"count_if({name} = 0)" for name in NEEDED_NUMBERS},
        **{f"sizes_{name}": f"sum(abs({name}))" for name in NEEDED_NUMBERS},
    }
    by_hour = ", ".join(f"{what} AS {name}" for name, what in wanted.items())
    by_day = ", ".join(f"sum({name})::BIGINT AS {name}" for name in wanted)
    # Hours are few, and turning an instant into a day of the zone is slow.
    days = _ask(
        engine,
        f"""
        WITH hours AS (
          SELECT time_hour AS hour_start, {by_hour} FROM flights GROUP BY 1
        )
        SELECT hour_start::DATE AS local_day, {by_day}
        FROM hours GROUP BY 1 ORDER BY 1
        """,
    )
    months: dict[str, dict[str, int]] = {}
    for row in days:
        month = months.setdefault(f"{row['local_day']:%Y-%m}", dict.fromkeys(wanted, 0))
        for name in wanted:
            month[name] += row[name] or 0
    return {
        "rows": sum(row["total"] for row in days),
        "non_null": {name: sum(row[name] for row in days) for name in columns},
        **_days(days),
        **_months(months, [*columns]),
    }


def _days(days: Sequence[dict[str, Any]]) -> dict[str, object]:
    rows = {str(row["local_day"]): row["total"] for row in days}
    span = (days[-1]["local_day"] - days[0]["local_day"]).days + 1
    return {"rows_by_day": rows, "span": missing_days([*rows], span)}


def _months(
    months: Mapping[str, Mapping[str, int]], columns: Sequence[str]
) -> dict[str, object]:
    rows = {month: found["total"] for month, found in months.items()}
    return {
        "rows_by_month": rows,
        "steps": steps([*rows.values()]),
        "nulls_by_month": {
            month: {name: found["total"] - found[name] for name in columns}
            for month, found in months.items()
        },
        "null_percent": {
            name: {
                month: round(100 * (found["total"] - found[name]) / found["total"], 4)
                for month, found in months.items()
            }
            for name in columns
        },
        **{
            f"{what}_by_month": {
                month: {name: found[f"{what}_{name}"] for name in NEEDED_NUMBERS}
                for month, found in months.items()
            }
            for what in ("zeros", "sizes")
        },
    }


# --- columns -----------------------------------------------------------------------


def _by_column(engine: duckdb.DuckDBPyConnection) -> dict[str, object]:
    numbers = [name for name, kind in _columns(engine).items() if kind == "INTEGER"]
    values = ", ".join(map(str, STAND_IN_NUMBERS))
    words = ", ".join(f"'{word}'" for word in STAND_IN_TEXTS)
    wanted = [
        *(f"min({name}) AS least_{name}" for name in numbers),
        *(f"max({name}) AS most_{name}" for name in numbers),
        *(f"count_if({name} IN ({values})) AS hit_{name}" for name in NEEDED_NUMBERS),
        *(
            f"count_if(lower(trim({name})) IN ({words})) AS hit_{name}"
            for name in NEEDED_TEXTS
        ),
    ]
    (found,) = _ask(engine, f"SELECT {', '.join(wanted)} FROM flights")
    needed = (*NEEDED_NUMBERS, *NEEDED_TEXTS)
    return {
        "extremes": {
            name: [found[f"least_{name}"], found[f"most_{name}"]] for name in numbers
        },
        "stand_ins": {name: found[f"hit_{name}"] for name in needed},
    }


def _categories(engine: duckdb.DuckDBPyConnection) -> dict[str, object]:
    rows: dict[str, dict[str, int]] = {}
    undeclared: dict[str, int] = {}
    by_month: dict[str, dict[str, dict[str, int]]] = {}
    for column, declared in CATEGORIES.items():
        found = _ask(
            engine,
            f"""
            WITH hours AS (
              SELECT time_hour AS hour_start, {column} AS value, count(*) AS total
              FROM flights WHERE {column} IS NOT NULL GROUP BY 1, 2
            )
            SELECT strftime(hour_start, '%Y-%m') AS month, value,
                   sum(total)::BIGINT AS total
            FROM hours GROUP BY 1, 2
            """,
        )
        rows[column] = dict.fromkeys(declared, 0)
        undeclared[column] = 0
        for row in found:
            if row["value"] in rows[column]:
                rows[column][row["value"]] += row["total"]
            else:
                undeclared[column] += row["total"]
            month = by_month.setdefault(column, {}).setdefault(row["month"], {})
            month[row["value"]] = row["total"]
    return {"categories": rows, "undeclared": undeclared, "by_month": by_month}


# --- keys and joins ----------------------------------------------------------------


def _duplicates(engine: duckdb.DuckDBPyConnection) -> int:
    key = ", ".join(KEY)
    query = f"SELECT 1 FROM flights GROUP BY {key} HAVING count(*) > 1"
    (found,) = _ask(engine, f"SELECT count(*) AS keys FROM ({query})")
    return int(found["keys"])


def _orphans(engine: duckdb.DuckDBPyConnection, join: Join) -> float:
    columns, table, target = join
    names = ", ".join(columns)
    match = " AND ".join(
        f"part.{left} = {table}.{right}"
        for left, right in zip(columns, target, strict=True)
    )
    complete = " AND ".join(f"{name} IS NOT NULL" for name in columns)
    (found,) = _ask(
        engine,
        f"""
        WITH part AS (
          SELECT {names}, count(*) AS total FROM flights WHERE {complete} GROUP BY ALL
        )
        SELECT (SELECT sum(total) FROM part) AS total,
               (SELECT sum(total) FROM part ANTI JOIN {table} ON {match}) AS lost
        """,
    )
    return round((found["lost"] or 0) / found["total"], 6)


# --- training against live ---------------------------------------------------------


def _drift(engine: duckdb.DuckDBPyConnection) -> dict[str, float]:
    at = [step / BINS for step in range(1, BINS)]
    quantiles = ", ".join(
        f"quantile_cont({name}, {at}) AS {name}" for name in NEEDED_NUMBERS
    )
    (edges,) = _ask(engine, f"SELECT {quantiles} FROM flights WHERE {_TRAIN}")
    bins = {
        name: sorted({round(edge, EDGE_DECIMALS) for edge in edges[name]})
        for name in NEEDED_NUMBERS
    }
    # Of whole numbers the engine would take whole edges.
    counted = ", ".join(
        f"histogram({name}::DOUBLE, {bins[name]}) AS {name}" for name in bins
    )
    binned = {
        row["is_train"]: row
        for row in _ask(
            engine, f"SELECT {_TRAIN} AS is_train, {counted} FROM flights GROUP BY 1"
        )
    }
    found = {
        name: population_stability(binned[True][name], binned[False][name])
        for name in NEEDED_NUMBERS
    }
    for name in NEEDED_TEXTS:
        counts = _ask(
            engine,
            f"""
            SELECT {name} AS value, count_if({_TRAIN}) AS train,
                   count_if(NOT {_TRAIN}) AS live
            FROM flights WHERE {name} IS NOT NULL GROUP BY 1
            """,
        )
        found[name] = population_stability(
            {row["value"]: row["train"] for row in counts},
            {row["value"]: row["live"] for row in counts},
        )
    return found


if __name__ == "__main__":
    main()
