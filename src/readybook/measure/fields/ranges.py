"""Do numbers lie inside the limits that their contract declares?"""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from readybook.measure.sources.clock import date_of
from readybook.measure.sources.engine import type_text
from readybook.measure.sources.matching import as_written
from readybook.measure.sources.numeric import finite
from readybook.measure.table.opened import Opened
from readybook.model.contract import Column
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding
from readybook.model.words import count
from readybook.text.phrases import as_number, as_rows, as_share, floored

__all__ = ["check_range"]


@dataclass(frozen=True)
class _Tally:
    """Values of a column, and those outside of its limits."""

    present: int  #: numbers; neither nulls nor "not a number"
    outside: int
    low: float
    high: float


def check_range(opened: Opened, column: Column) -> Finding:
    """Return the finding about numbers outside of their declared limits, in rows.

    Any such row contradicts. The message names the most extreme value: the one
    farthest beyond its limit, with its day and segment where the table has them.
    Nothing but the count is told of a restricted column.

    Raises:
        SourceError: the source lacks the column, it holds no numbers, or no value.
    """
    opened.require(column.name)
    subject = f"{opened.name}.{column.name}"
    value = opened.source[column.name]
    if not value.type().is_numeric():
        msg = f"{subject} is of type {type_text(value.type())}, not of numbers"
        raise SourceError(msg)
    tally = _tally(opened, column)
    return opened.find(
        "values-in-range",
        subject,
        "contradicts" if tally.outside else "supports",
        _message(opened, column, tally),
        value=floored(tally.outside),
        unit="rows",
        threshold=0,
    )


def _tally(opened: Opened, column: Column) -> _Tally:
    value = finite(opened.source[column.name])
    found = opened.ask(
        opened.source.aggregate(
            present=value.count(),
            outside=_is_outside(value, column).sum(),
            low=value.min(),
            high=value.max(),
        )
    )[0]
    if not found["present"]:
        msg = f"no row of {opened.name}.{column.name} has a value"
        raise SourceError(msg)
    low, high = float(found["low"]), float(found["high"])
    return _Tally(found["present"], found["outside"], low, high)


def _is_outside(value: ir.Value, column: Column) -> ir.BooleanValue:
    tests = [
        value < column.minimum if column.minimum is not None else None,
        value <= column.above if column.above is not None else None,
        value > column.maximum if column.maximum is not None else None,
        value >= column.below if column.below is not None else None,
    ]
    return functools.reduce(operator.or_, [one for one in tests if one is not None])


def _message(opened: Opened, column: Column, tally: _Tally) -> str:
    subject, limits = f"{opened.name}.{column.name}", _limits(column)
    if not tally.outside:
        return (
            f"Every value of {subject} is {limits} "
            f"({count(tally.present, 'row')} with a value looked at)."
        )
    rows = as_rows(tally.outside)
    share = (
        f" ({as_share(tally.outside / tally.present)})"
        if tally.outside >= FLOOR
        else ""
    )
    extreme = "" if column.restricted else _extreme(opened, column, tally)
    return (
        f"{rows[0].upper()}{rows[1:]} of {subject}{share} lie outside of the declared "
        f"range ({limits}){extreme}."
    )


def _limits(column: Column) -> str:
    """Return the declared limits in words."""
    ends = (
        ("at least", column.minimum),
        ("more than", column.above),
        ("at most", column.maximum),
        ("less than", column.below),
    )
    said = [f"{word} {as_number(end)}" for word, end in ends if end is not None]
    return " and ".join(said)


def _extreme(opened: Opened, column: Column, tally: _Tally) -> str:
    """Return the value farthest beyond its limit, and when and where it stands."""
    lower = [limit for limit in (column.minimum, column.above) if limit is not None]
    upper = [limit for limit in (column.maximum, column.below) if limit is not None]
    under = max(lower) - tally.low if lower else 0.0
    over = tally.high - min(upper) if upper else 0.0
    value = tally.low if under > over else tally.high
    place = _place(opened, column, is_low=under > over)
    return f"; the most extreme value is {as_number(value)}{place}"


def _place(opened: Opened, column: Column, *, is_low: bool) -> str:
    """Return ", on 2013-02-12 (origin EWR)" for the smallest or largest value."""
    clock = opened.clock
    if clock is None:
        return ""
    day = clock.day(opened.source)
    segments = [
        name
        for name in opened.declared.segments
        if name in opened.source.columns
        and not ((known := opened.declared.column(name)) and known.restricted)
    ]
    rows = opened.source.select(
        value=finite(opened.source[column.name]),
        day=day,
        **{f"s{at}": opened.source[name] for at, name in enumerate(segments)},
    )
    rows = rows.filter(rows["value"].notnull())
    order = [ibis.asc("value") if is_low else ibis.desc("value"), ibis.asc("day")]
    one, *others = opened.ask(rows.order_by(order).limit(2))
    if one["day"] is None:
        return ""
    if others and others[0]["value"] == one["value"]:
        return f", first on {date_of(one['day'])}"
    named = [
        f"{name} {as_written(one[f's{at}'])}"
        for at, name in enumerate(segments)
        if one[f"s{at}"] is not None
    ]
    where = f" ({', '.join(named)})" if named else ""
    return f", on {date_of(one['day'])}{where}"
