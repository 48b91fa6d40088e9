"""Print how often drift and steps are reported where there are none.

Two samples of one population do not drift, and a series whose days are shuffled does
not step: what is reported there is a false alarm. What is reported of the example as it
is, of months side by side and of its series, is printed too; it did happen.
"""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readybook.contract.read import parse_contract
from readybook.measure.change.drift import drift_bound, psi
from readybook.measure.change.pairs import count_equal
from readybook.measure.change.samples import Bin, bin_numbers, bin_values
from readybook.measure.change.series import (
    Counted,
    DaySeries,
    build_series,
    count_categories,
    span_of,
)
from readybook.measure.change.steps import look_at
from readybook.measure.rows.filled import unripe_days
from readybook.measure.sources.engines import Engines, open_engines
from readybook.measure.sources.places import locate
from readybook.measure.table import DataTable
from readybook.model.contract import Table

__all__: list[str] = []

Counts = NDArray[np.int64]

_EXAMPLE = Path(__file__).resolve().parent.parent / "templates" / "flight-delays"
_SEED = 2013
_SHUFFLES = 20
_MOST = 0.005  # share of cases in which chance may be taken for more
_COLUMNS = ("arr_delay", "distance", "sched_dep_time", "carrier", "dest", "tailnum")
_SIZES = ((50, 50), (200, 200), (1_000, 1_000), (10_000, 10_000), (10_000, 200))
_DRAWS = 400


def main() -> int:
    """Print the rates, and return 1 where one is too high."""
    chance = np.random.default_rng(_SEED)
    with open_engines() as engines:
        flights, weather = (_opened(name, engines) for name in ("flights", "weather"))
        verdicts = [*_steps([flights, weather], chance), *_drift(flights, chance)]
    return int(not all(verdicts))


def _opened(name: str, engines: Engines) -> DataTable:
    """Return a table of the example."""
    file = _EXAMPLE / "data.odcs.yaml"
    model = parse_contract(file.read_bytes(), name=file.name, folder=_EXAMPLE).model
    (table,) = (one for one in model.tables if one.name == name)
    place = locate(table, model, _EXAMPLE)
    return DataTable(table, place, engines, dt.date(2014, 1, 1))


def _judge(what: str, alarms: int, cases: int) -> bool:
    """Print a rate of false alarms and whether it is low enough, and return that."""
    is_low = alarms <= _MOST * cases
    rate = f"{alarms:,} of {cases:,} ({alarms / cases:.2%}, at most {_MOST:.1%})"
    print(f"{'PASS' if is_low else 'FAIL'}  {what}: {rate}")
    return is_low


# --- steps -------------------------------------------------------------------------


def _steps(tables: Sequence[DataTable], chance: np.random.Generator) -> Iterator[bool]:
    real = [one for opened in tables for one in _series(opened, opened.declared)]
    found = [look for look in map(look_at, real) if look.jumps]
    print(f"steps in the example as it is: {len(found)} of {len(real)} series")
    for look in found:
        dates = ", ".join(str(jump.date) for jump in look.jumps)
        parts = (look.what.segment, look.what.column, look.what.value)
        print(f"      {' '.join(filter(None, parts))}, {look.what.kind}: {dates}")
    shuffled = [_shuffled(one, chance) for _ in range(_SHUFFLES) for one in real]
    alarms = sum(bool(look_at(one).jumps) for one in shuffled)
    yield _judge("steps in series of shuffled days", alarms, len(shuffled))


def _series(opened: DataTable, table: Table) -> Iterator[DaySeries]:
    span = span_of(opened.profile, table)
    columns = [column for column in table.columns if column.categories]
    if span is not None:
        counted = Counted(count_categories(opened, columns), count_equal(opened, span))
        unripe = unripe_days(opened)
        yield from build_series(opened.profile, table, span, counted, unripe)


def _shuffled(series: DaySeries, chance: np.random.Generator) -> DaySeries:
    order = chance.permutation(len(series.top))
    return replace(series, top=series.top[order], base=series.base[order])


# --- drift -------------------------------------------------------------------------


def _drift(flights: DataTable, chance: np.random.Generator) -> Iterator[bool]:
    months = [_by_month(flights, name) for name in _COLUMNS]
    pairs = [
        (values, before, after)
        for values, counts in months
        for before, after in itertools.pairwise(counts)
    ]
    drifting = sum(_drifts(*pair) for pair in pairs)
    print(f"drift from month to month as it is: {drifting} of {len(pairs)} pairs")
    for train, live in _SIZES:
        alarms = 0
        for values, counts in months:
            share = counts.sum(axis=0) / counts.sum()
            before = chance.multinomial(train, share, size=_DRAWS)
            after = chance.multinomial(live, share, size=_DRAWS)
            alarms += sum(
                _drifts(values, *pair) for pair in zip(before, after, strict=True)
            )
        what = f"drift of two samples, {train:,} and {live:,} values"
        yield _judge(what, alarms, _DRAWS * len(months))


def _by_month(flights: DataTable, column: str) -> tuple[list[Any], Counts]:
    """Return the values of a column in order, and their rows per month."""
    events = flights.source.filter(flights.source[column].notnull())
    groups = events.group_by("month", value=events[column])
    found = flights.ask(groups.aggregate(rows=events.count()))
    values = sorted({row["value"] for row in found})
    position = {value: at for at, value in enumerate(values)}
    counts = np.zeros((12, len(values)), dtype=np.int64)
    for row in found:
        counts[row["month"] - 1, position[row["value"]]] = row["rows"]
    return values, counts


def _drifts(values: Sequence[Any], train: Counts, live: Counts) -> bool:
    """Return whether the rule calls the counts of two samples drift."""
    seen = np.flatnonzero(train + live)
    both = {values[at]: (int(train[at]), int(live[at])) for at in seen}
    if isinstance(values[0], str):
        bins = bin_values(both)
    else:
        bins = bin_numbers([Bin(value, value, *rows) for value, rows in both.items()])
    index = psi([one.train for one in bins], [one.live for one in bins])
    return index > drift_bound(int(train.sum()), int(live.sum()), len(bins))


if __name__ == "__main__":
    sys.exit(main())
