"""Check the flights with a pandera schema that says what the contract says."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from asked import CATEGORIES, JOINS, KEY, answer, data_folder, join_name

__all__: list[str] = []

_MAY_BE_NULL = ("dep_time", "dep_delay", "arr_time", "arr_delay", "tailnum", "air_time")


def main() -> None:
    """Print what was found."""
    folder = data_folder()
    flights = pd.read_parquet(folder / "flights")
    partners = {
        columns[0]: set(pd.read_parquet(folder / table)[keys[0]])
        for columns, table, keys in JOINS
        if len(columns) == 1
    }
    failed = _failed_rows(_schema(flights, partners), flights)
    complete = flights.notna().sum()
    answer(
        rows=len(flights),
        undeclared={name: failed.get((name, "declared"), 0) for name in CATEGORIES},
        orphans={
            join_name(join): round(failed.get((name, "partner"), 0) / complete[name], 6)
            for join in JOINS
            if len(join[0]) == 1
            for name in join[0]
        },
    )


def _schema(flights: pd.DataFrame, partners: dict[str, set[str]]) -> pa.DataFrameSchema:
    """Return types, nulls, categories, joins of one column, and the key."""
    columns = {}
    for name, kind in flights.dtypes.items():
        checks = []
        if name in CATEGORIES:
            checks.append(pa.Check.isin(CATEGORIES[name], error="declared"))
        if name in partners:
            checks.append(pa.Check.isin(partners[name], error="partner"))
        columns[name] = pa.Column(kind, checks, nullable=name in _MAY_BE_NULL)
    return pa.DataFrameSchema(columns, unique=[*KEY])


def _failed_rows(
    schema: pa.DataFrameSchema, flights: pd.DataFrame
) -> dict[tuple[str, str], int]:
    """Return how many rows fail, by column and check."""
    try:
        schema.validate(flights, lazy=True)
    except SchemaErrors as error:
        cases = error.failure_cases.groupby(["column", "check"]).size()
        return {key: int(number) for key, number in cases.items()}
    return {}


if __name__ == "__main__":
    main()
