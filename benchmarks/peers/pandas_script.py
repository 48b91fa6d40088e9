"""Measure the flights with pandas, written by hand for these columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

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


def main() -> None:
    """Print what was found."""
    folder = data_folder()
    flights = pd.read_parquet(folder / "flights")
    is_train = flights["month"] <= LAST_TRAIN_MONTH
    answer(
        rows=len(flights),
        non_null=_plain(flights.notna().sum()),
        **_over_time(flights),
        **_by_column(flights),
        **_categories(flights),
        duplicate_keys=_duplicates(flights),
        orphans={
            join_name(join): _orphans(flights, pd.read_parquet(folder / join[1]), join)
            for join in JOINS
        },
        psi={
            name: _drift(flights.loc[is_train, name], flights.loc[~is_train, name])
            for name in (*NEEDED_NUMBERS, *NEEDED_TEXTS)
        },
    )


def _plain(counts: pd.Series) -> dict[str, int]:
    return {str(name): int(number) for name, number in counts.items()}


def _over_time(flights: pd.DataFrame) -> dict[str, object]:
    local = flights["time_hour"].dt.tz_convert(ZONE).dt.tz_localize(None)
    day = local.dt.normalize()
    days = day.value_counts().sort_index()
    # By day first: groups by a text per row would be slow.
    month = days.index.strftime("%Y-%m")
    months = days.groupby(month).sum()
    numbers = flights[[*NEEDED_NUMBERS]]
    daily = {
        "nulls": flights.isna().groupby(day).sum(),
        "zeros": (numbers == 0).groupby(day).sum(),
        "sizes": numbers.abs().groupby(day).sum(),
    }
    labels = [f"{one:%Y-%m-%d}" for one in days.index]
    return {
        "rows_by_day": dict(zip(labels, map(int, days), strict=True)),
        "span": missing_days(labels, (days.index[-1] - days.index[0]).days + 1),
        "rows_by_month": _plain(months),
        "steps": steps([int(number) for number in months]),
        **{
            f"{what}_by_month": {
                name: _plain(row) for name, row in found.groupby(month).sum().iterrows()
            }
            for what, found in daily.items()
        },
        "by_month": {name: _by_month(flights[name], day) for name in CATEGORIES},
    }


def _by_month(column: pd.Series, day: pd.Series) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    daily = column.groupby([day, column]).size()
    days, values = daily.index.get_level_values(0), daily.index.get_level_values(1)
    for (month, value), number in (
        daily.groupby([days.strftime("%Y-%m"), values]).sum().items()
    ):
        found.setdefault(month, {})[value] = int(number)
    return found


def _by_column(flights: pd.DataFrame) -> dict[str, object]:
    numbers = flights.select_dtypes("number")
    least, most = numbers.min(), numbers.max()
    hits = {name: flights[name].isin(STAND_IN_NUMBERS).sum() for name in NEEDED_NUMBERS}
    for name in NEEDED_TEXTS:
        words = flights[name].str.strip().str.lower()
        hits[name] = words.isin(STAND_IN_TEXTS).sum()
    return {
        "extremes": {name: [int(least[name]), int(most[name])] for name in numbers},
        "stand_ins": {name: int(number) for name, number in hits.items()},
    }


def _categories(flights: pd.DataFrame) -> dict[str, object]:
    rows, undeclared = {}, {}
    for column, declared in CATEGORIES.items():
        counts = _plain(flights[column].value_counts())
        rows[column] = {value: counts.pop(value, 0) for value in declared}
        undeclared[column] = sum(counts.values())
    return {"categories": rows, "undeclared": undeclared}


def _duplicates(flights: pd.DataFrame) -> int:
    repeated = flights.loc[flights.duplicated([*KEY], keep=False), [*KEY]]
    return len(repeated.drop_duplicates())


def _orphans(flights: pd.DataFrame, target: pd.DataFrame, join: Join) -> float:
    columns, _table, keys = join
    complete = flights[[*columns]].dropna()
    if len(columns) == 1:
        is_found = complete[columns[0]].isin(target[keys[0]])
        return round(float((~is_found).mean()), 6)
    partners = target[[*keys]].drop_duplicates()
    merged = complete.merge(
        partners, how="left", left_on=[*columns], right_on=[*keys], indicator=True
    )
    return round(float((merged["_merge"] == "left_only").mean()), 6)


def _drift(train: pd.Series, live: pd.Series) -> float:
    if train.name in NEEDED_TEXTS:
        counts = (_plain(part.value_counts()) for part in (train, live))
        return population_stability(*counts)
    at = [step / BINS for step in range(1, BINS)]
    edges = np.unique(train.quantile(at).round(EDGE_DECIMALS))
    binned = (
        np.bincount(np.searchsorted(edges, part.dropna()), minlength=len(edges) + 1)
        for part in (train, live)
    )
    counts = (_plain(pd.Series(part)) for part in binned)
    return population_stability(*counts)


if __name__ == "__main__":
    main()
