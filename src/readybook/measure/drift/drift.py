"""Are live rows like the rows that were learned from? One column at a time.

A difference is never proof that a procedure changed: seasons, growth and a different
choice of rows look the same.
"""

from __future__ import annotations

import ibis.expr.datatypes as dtypes

from readybook.measure.drift.distances import CHANCE, drift_bound, js_distance, psi
from readybook.measure.drift.drift_counts import Counts, count_values
from readybook.measure.drift.drift_shown import Drift, drift_message, drift_series
from readybook.measure.drift.selections import Sides
from readybook.model.contract import Column, Table
from readybook.model.findings import Finding

__all__ = ["check_drift", "is_comparable"]

_SOURCE = (
    "rule of thumb, and chance at 0.999 (Yurdakul and Naranjo 2020; Potgieter et al. "
    "2023, arXiv 2307.11878)"
)
_TIMES = {"date", "timestamp", "time"}


def is_comparable(
    column: Column, table: Table, kind: dtypes.DataType | None = None
) -> bool:
    """Return whether it makes sense to compare a column's training and live rows.

    Times differ by themselves, also the one when the label became known; a column that
    the rows are chosen by differs by the choice; a key of one column differs in each
    row.

    Args:
        column: a declared column.
        table: its table.
        kind: the engine's type, where it is known; else the declared one counts.
    """
    chosen = [one for one in (table.train, table.live) if one is not None]
    left_out = {table.event_time, *(one.label_known for one in table.columns)}
    left_out |= {test.column for selection in chosen for test in selection.conditions}
    left_out |= {key[0] for key in table.keys if len(key) == 1}
    is_time = column.type in _TIMES
    if kind is not None:
        is_time = kind.is_timestamp() or kind.is_date() or kind.is_time()
    return not is_time and column.name not in left_out


def check_drift(sides: Sides, column: Column) -> Finding:
    """Return the finding whether a column's live values are like its training values.

    Both sides are counted in the same bins (at most 50, by quantiles of both;
    categories by value) and compared by the population stability index, PSI, of values
    that are not null. Contradicted if PSI is over max(0.1, (1/n + 1/m)
    x the 0.999 quantile of chi-square with bins - 1 degrees of freedom), n training
    and m live values: of two samples of one population, 0.5 % or less are over it at
    any size, while PSI alone is over 0.1 for 97 % of them at n = 50. Also contradicted,
    for a column with declared categories: a value of 10 live rows or more that no
    training row has, unless chance explains it (1 in 1,000 for all values together).
    Null shares are told apart and do not count.

    Where the two sides do not cover the same months of the year the message says that
    the season could not be told apart.

    Args:
        sides: the declared training rows and live rows.
        column: of the table that declares them.

    Raises:
        SourceError: the column cannot be compared, see `count_values`; a side has
            under 50 values of it.
    """
    subject = f"{sides.about.name}.{column.name}"
    drift = _measure(count_values(sides, column), column)
    return sides.about.find(
        "live-like-training",
        subject,
        "contradicts" if drift.is_found or drift.surprises else "supports",
        drift_message(subject, drift, column, sides),
        value=round(drift.psi, 6),
        unit="PSI",
        threshold=round(drift.bound, 6),
        source=_SOURCE,
        series=drift_series(drift, column),
        fingerprint=sides.fingerprint,
    )


def _measure(counts: Counts, column: Column) -> Drift:
    train = [one.train for one in counts.bins]
    live = [one.live for one in counts.bins]
    return Drift(
        counts=counts,
        psi=psi(train, live),
        bound=drift_bound(*counts.values, len(counts.bins)),
        js=js_distance(train, live),
        surprises=bool(column.categories) and _has_surprise(counts),
    )


def _has_surprise(counts: Counts) -> bool:
    """Return whether a value is missing in training by more than chance.

    A value of r rows has none of n training rows among n + m with a chance of about
    (m / (n + m)) ^ r; the more values, the more of them are missing by chance.
    """
    if counts.unseen is None:
        return False
    train, live = counts.values
    chance = (1 - CHANCE) / counts.unseen.known
    return any(
        (live / (train + live)) ** rows < chance for _, rows in counts.unseen.common
    )
