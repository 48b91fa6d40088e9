"""Do declared keys identify a row?"""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir
from ibis import _

from readybook.findings import Finding
from readybook.measure.clock import QUARTER, raw_seconds
from readybook.measure.opened import Opened
from readybook.words import count

__all__ = ["check_key", "complete_keys", "named_key"]

_ENDS = ("first", "last")
_MOST_SPANS = 500  # beyond so many, days are not listed in any case
_FEW_DAYS = 3  # so few are listed


def check_key(opened: Opened, key: Sequence[str]) -> Finding:
    """Return the finding about one declared key, in values that stand in several rows.

    None is tolerated. Rows with a null in the key are left out. Where the table has an
    event time, the message says when the repeated rows happened: one day that was
    loaded twice looks unlike a key that was never one.

    Raises:
        SourceError: the table does not have a column of the key.
    """
    opened.require(*key)
    groups = complete_keys(opened.source, key)
    counts = groups.group_by(*_names(key)).aggregate(rows=_.count())
    repeated = counts.filter(counts.rows > 1)
    found = opened.ask(repeated.aggregate(keys=_.count(), rows=_.rows.sum()))[0]
    keys = found["keys"]
    name = named_key(opened.name, key)
    message = f"No two rows share a value of the declared key {name}."
    if keys:
        message = (
            f"{count(keys, 'value')} of the declared key {name} "
            f"{'stands' if keys == 1 else 'stand'} in more than one row "
            f"({count(found['rows'], 'row')} in all){_when(opened, key)}."
        )
    return opened.find(
        "keys-unique",
        f"{opened.name}.{'+'.join(key)}",
        "contradicts" if keys else "supports",
        message,
        value=keys,
        unit="duplicate keys",
        threshold=0,
    )


def complete_keys(
    source: ir.Table, columns: Sequence[str], **others: ir.Value
) -> ir.Table:
    """Return the rows that have a value in each of some columns.

    Args:
        source: the table.
        columns: become k0, k1 and so on.
        others: what else to keep of a row, by its new name.
    """
    names = dict(zip(_names(columns), (source[name] for name in columns), strict=True))
    rows = source.select(**names, **others)
    return rows.filter(*[rows[name].notnull() for name in names])


def named_key(table: str, columns: Sequence[str]) -> str:
    """Return what a combination of columns is called in a message."""
    if len(columns) == 1:
        return f"{table}.{columns[0]}"
    return f"{table} ({', '.join(columns)})"


def _names(columns: Sequence[str]) -> list[str]:
    return [f"k{at}" for at in range(len(columns))]


def _when(opened: Opened, key: Sequence[str]) -> str:
    """Return on which days repeated rows lie, "" where they have none."""
    clock = opened.clock
    if clock is None:
        return ""
    spans = _spans(opened, key, clock.column)
    few = opened.ask(spans.order_by("first", "last").limit(_MOST_SPANS))
    if len(few) == _MOST_SPANS:
        few = opened.ask(spans.aggregate(first=_["first"].min(), last=_["last"].max()))
    days = {tuple(clock.date_at(one[end] * QUARTER) for end in _ENDS) for one in few}
    if not days:
        return ""
    every = sorted({day for span in days for day in span})
    # A value that stands on several days may stand on days in between as well.
    if len(every) <= _FEW_DAYS and all(first == last for first, last in days):
        return f", all on {', '.join(day.isoformat() for day in every)}"
    return f", first on {every[0]} and last on {every[-1]}"


def _spans(opened: Opened, key: Sequence[str], time: str) -> ir.Table:
    """Return first and last of repeated values, in quarters of an hour since 1970.

    On a quarter each day begins, in every zone, and they are fewer than rows.
    """
    if time in key:
        rows = complete_keys(opened.source, key)
        counts = rows.group_by(*_names(key)).aggregate(rows=_.count())
        at = counts[_names(key)[list(key).index(time)]]
        found = counts.filter(counts.rows > 1).select(first=at, last=at)
    else:
        rows = complete_keys(opened.source, key, at=opened.source[time])
        counts = rows.group_by(*_names(key)).aggregate(
            rows=_.count(), first=rows["at"].min(), last=rows["at"].max()
        )
        found = counts.filter(counts.rows > 1, counts["first"].notnull())
    quarters = {
        end: (raw_seconds(found[end]) // QUARTER).cast("int64") for end in _ENDS
    }
    return found.select(**quarters).distinct()
