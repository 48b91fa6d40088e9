"""Do declared keys identify a row?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from readybook.measure.sources.clock import QUARTER, raw_seconds
from readybook.measure.sources.limits import MemoryLimitError
from readybook.measure.table.opened import Opened
from readybook.model.findings import Finding
from readybook.model.words import count

__all__ = ["check_key", "complete_keys", "named_key"]

#: Returns rows by their key, as `complete_keys` does.
_Keyed = Callable[..., ir.Table]

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
    keyed: _Keyed = complete_keys
    try:
        found = opened.ask(_totals(keyed(opened.source, key), key))[0]
    except MemoryLimitError:
        keyed = _suspects
        found = opened.ask(_totals(keyed(opened.source, key), key))[0]
    keys = found["keys"]
    name = named_key(opened.name, key)
    message = f"No two rows share a value of the declared key {name}."
    if keys:
        message = (
            f"{count(keys, 'value')} of the declared key {name} "
            f"{'stands' if keys == 1 else 'stand'} in more than one row "
            f"({count(found['rows'], 'row')} in all){_when(opened, key, keyed)}."
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


def _suspects(source: ir.Table, columns: Sequence[str], **others: ir.Value) -> ir.Table:
    """Return the rows that may share their key with another row, as `complete_keys`.

    An engine that groups more than its memory holds moves numbers to disk, but the
    embedded one keeps texts. So rows are grouped by a number made of their key first.
    Equal keys have equal numbers; the few others that do are told apart afterwards.
    """
    marks = source.select(mark=_mark([source[name] for name in columns]))
    counts = marks.group_by("mark").aggregate(rows=_.count())
    repeated = counts.filter(counts.rows > 1).select("mark")
    rows = complete_keys(source, columns, **others)
    mark = _mark([rows[name] for name in _names(columns)])
    return rows.semi_join(repeated, [mark == repeated.mark])


def _mark(values: Sequence[ir.Value]) -> ir.IntegerValue:
    names = {f"k{at}": value for at, value in enumerate(values)}
    return ibis.struct(names).hash()


def _totals(rows: ir.Table, key: Sequence[str]) -> ir.Table:
    """Return how many values of a key repeat, and in how many rows."""
    counts = rows.group_by(*_names(key)).aggregate(rows=_.count())
    repeated = counts.filter(counts.rows > 1)
    return repeated.aggregate(keys=_.count(), rows=_.rows.sum())


def named_key(table: str, columns: Sequence[str]) -> str:
    """Return what a combination of columns is called in a message."""
    if len(columns) == 1:
        return f"{table}.{columns[0]}"
    return f"{table} ({', '.join(columns)})"


def _names(columns: Sequence[str]) -> list[str]:
    return [f"k{at}" for at in range(len(columns))]


def _when(opened: Opened, key: Sequence[str], keyed: _Keyed) -> str:
    """Return on which days repeated rows lie, "" where they have none."""
    clock = opened.clock
    if clock is None:
        return ""
    spans = _spans(opened, key, clock.column, keyed)
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


def _spans(opened: Opened, key: Sequence[str], time: str, keyed: _Keyed) -> ir.Table:
    """Return first and last of repeated values, in quarters of an hour since 1970.

    On a quarter each day begins, in every zone, and they are fewer than rows.
    """
    if time in key:
        rows = keyed(opened.source, key)
        counts = rows.group_by(*_names(key)).aggregate(rows=_.count())
        at = counts[_names(key)[list(key).index(time)]]
        found = counts.filter(counts.rows > 1).select(first=at, last=at)
    else:
        rows = keyed(opened.source, key, at=opened.source[time])
        counts = rows.group_by(*_names(key)).aggregate(
            rows=_.count(), first=rows["at"].min(), last=rows["at"].max()
        )
        found = counts.filter(counts.rows > 1, counts["first"].notnull())
    quarters = {
        end: (raw_seconds(found[end]) // QUARTER).cast("int64") for end in _ENDS
    }
    return found.select(**quarters).distinct()
