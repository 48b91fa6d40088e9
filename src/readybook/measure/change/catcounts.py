"""Rows per declared category over time: one group-by for each column."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
from ibis import _

from readybook.measure.change.dayseries import OTHERS
from readybook.measure.profile import name_segment
from readybook.measure.sources.clock import Clock, date_of, read_clock
from readybook.measure.sources.values import (
    as_written,
    comparable,
    is_any_of,
    literals_of,
)
from readybook.measure.table import DataTable
from readybook.model.contract import Column
from readybook.model.findings import FLOOR

__all__ = ["CategoryCounts", "begun_values", "count_categories"]

_EPOCH = dt.date(1970, 1, 1)
_MOST_GROUPS = 250_000  # days x categories x segments; with more, months are counted
_SAMPLE = 10_000  # rows
_MOST_VALUES = 100  # undeclared ones that are looked at


@dataclass(frozen=True)
class CategoryCounts:
    """Rows of one column's categories, by segment and day."""

    column: str
    labels: tuple[str, ...]  #: declared categories as they may be shown, then OTHERS
    monthly: bool  #: True: each count is of a month and lies on its first day
    rows: Mapping[tuple[str, str], Mapping[dt.date, int]]  #: by segment and label


def count_categories(
    opened: DataTable, columns: Sequence[Column]
) -> list[CategoryCounts]:
    """Return the rows per declared category, and of all others, over time.

    Rows without a value or without a time are left out. Days are those of the declared
    zone; where there would be too many groups, months are.

    Args:
        opened: the table.
        columns: those with declared categories.

    Raises:
        SourceError: a column is missing or has no usual text, or the event time cannot
            be read.
    """
    if not columns:
        return []
    table = opened.declared
    opened.require(*(column.name for column in columns))
    clock = read_clock(opened.source, table, table.event_time or "", opened.ask)
    repeats = _repeats(opened, clock)
    return [_count(opened, column, clock, repeats=repeats) for column in columns]


def begun_values(opened: DataTable, column: Column) -> dict[str, dt.date]:
    """Return the undeclared values that have a first day, and that day, by name.

    Only values of at least 10 rows, the 100 most frequent, and none of a restricted
    column: rare ones could name a person.

    Raises:
        SourceError: as count_categories.
    """
    if column.restricted:
        return {}
    table = opened.declared
    opened.require(column.name)
    clock = read_clock(opened.source, table, table.event_time or "", opened.ask)
    value, is_declared = _value(opened, column)
    others = opened.source.select(
        value=value, is_declared=is_declared, day=clock.day(opened.source)
    )
    counted = (
        others.filter(~others.is_declared, others.day.notnull())
        .group_by("value")
        .aggregate(rows=_.count(), first=_.day.min())
    )
    order = [ibis.desc("rows"), ibis.asc("value")]
    most = counted.filter(counted.rows >= FLOOR).order_by(order).limit(_MOST_VALUES)
    found = {
        as_written(row["value"]): date_of(int(row["first"])) for row in opened.ask(most)
    }
    return dict(sorted(found.items()))


def _shown(column: Column) -> dict[str, str]:
    """Return how each declared value may be shown; restricted ones by number."""
    values = [one.value for one in column.categories]
    return {
        value: f"no. {at}" if column.restricted else value
        for at, value in enumerate(values, 1)
    }


def _repeats(opened: DataTable, clock: Clock) -> bool:
    """Return whether many rows share one time, such as a full hour, by a few rows."""
    few = opened.source.select(at=opened.source[clock.column]).limit(_SAMPLE)
    seen = opened.ask(few.aggregate(rows=_.count(), times=_.at.nunique()))[0]
    return bool(2 * seen["times"] <= seen["rows"])


def _count(
    opened: DataTable, column: Column, clock: Clock, *, repeats: bool
) -> CategoryCounts:
    segments = opened.declared.segments if opened.profile.segments else ()
    shown = _shown(column)
    texts = _texts(opened, column)
    days = (clock.last - clock.first).days + 1
    number = days * (len(shown) + 1) * max(1, len(opened.profile.segments))
    monthly = number > _MOST_GROUPS
    value, is_declared = _value(opened, column)
    source = opened.source.select(
        value=value,
        is_other=~is_declared,
        at=opened.source[clock.column],
        **{f"s{at}": opened.source[name] for at, name in enumerate(segments)},
    )
    rows: dict[tuple[str, str], dict[dt.date, int]] = {}
    for row in opened.ask(_groups(source, clock, repeats=repeats, monthly=monthly)):
        segment = name_segment(row[f"s{at}"] for at in range(len(segments)))
        label = OTHERS if row["is_other"] else shown[texts[row["value"]]]
        counts = rows.setdefault((segment, label), {})
        day = date_of(int(row["day"]))
        counts[day] = counts.get(day, 0) + int(row["rows"])
    return CategoryCounts(column.name, (*shown.values(), OTHERS), monthly, rows)


def _groups(
    source: ir.Table, clock: Clock, *, repeats: bool, monthly: bool
) -> ir.Table:
    """Return rows by declared value (null: another one), period and segment.

    Args:
        source: the columns value, is_other, at and those of segments.
        clock: reads the days of `at`.
        repeats: True: times are counted before they are turned to days, which is slow.
        monthly: True: the periods are months, by the number of their first day.
    """
    known = source.filter(source["value"].notnull(), source["at"].notnull())
    if repeats:
        counted = known.group_by(known.columns).aggregate(number=_.count())
    else:
        counted = known.mutate(number=1)
    day = replace(clock, column="at").day(counted)
    dated = counted.mutate(
        value=ibis.ifelse(counted.is_other, None, counted["value"]),
        day=_month_of(day, list(_months(clock))) if monthly else day,
    )
    names = [name for name in dated.columns if name not in ("at", "number")]
    return dated.group_by(names).aggregate(rows=_.number.sum())


def _texts(opened: DataTable, column: Column) -> dict[object, str]:
    """Return the declared text of each value that the engine may return."""
    kind = comparable(opened.source[column.name]).type()
    literals = literals_of((one.value for one in column.categories), kind)
    return {literal: text for text, literal in reversed(literals.items())}


def _value(opened: DataTable, column: Column) -> tuple[ir.Value, ir.BooleanValue]:
    value = comparable(opened.source[column.name])
    texts = [one.value for one in column.categories]
    return value, is_any_of(value, literals_of(texts, value.type()))


def _months(clock: Clock) -> Iterator[int]:
    """Yield the numbers of the first days of all months, in order."""
    month = clock.first.replace(day=1)
    while month <= clock.last:
        yield (month - _EPOCH).days
        month = (month + dt.timedelta(days=31)).replace(day=1)


def _month_of(day: ir.IntegerValue, months: Sequence[int]) -> ir.IntegerValue:
    """Return the number of the first day of a day's month.

    Chosen by halves from a list: engines agree on no other way from a number.
    """
    if len(months) == 1:
        return ibis.ifelse(day.isnull(), None, ibis.literal(months[0]))
    middle = len(months) // 2
    return ibis.ifelse(
        day < months[middle],
        _month_of(day, months[:middle]),
        _month_of(day, months[middle:]),
    )
