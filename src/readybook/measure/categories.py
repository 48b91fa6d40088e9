"""Are the declared categories populated? Rows are counted per value of a column."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis.expr.types as ir
from ibis import _

from readybook.contract import Category, Column
from readybook.errors import SourceError
from readybook.findings import FLOOR, Finding, Point, Series
from readybook.measure.phrases import as_list, floored
from readybook.measure.source import rows
from readybook.words import count

__all__ = ["check_categories"]

_NO_VALUE = "(no value)"
_OTHERS = "(other values)"
_MOST_UNDECLARED = 10


@dataclass(frozen=True)
class _Tally:
    """Rows by declared value, by undeclared value, and without a value."""

    declared: dict[str, int]
    undeclared: dict[str, int]
    empty: int


def check_categories(
    source: ir.Table, subject: str, column: Column, fingerprint: str, today: dt.date
) -> Finding:
    """Return the finding about one column with declared categories.

    Raises:
        SourceError: the source does not have the column.
    """
    if column.name not in source.columns:
        msg = f"the source has no column {column.name}"
        raise SourceError(msg)
    tally = _tally(source, column)
    looked_at = (
        sum(tally.declared.values()) + sum(tally.undeclared.values()) + tally.empty
    )
    below = [
        category
        for category in column.categories
        if tally.declared[category.value] < category.min_rows
    ]
    message = (
        _below_message(subject, column, below, tally, looked_at)
        if below
        else _full_message(subject, column, tally)
    )
    return Finding(
        check="categories-populated",
        subject=subject,
        outcome="contradicts" if below else "supports",
        message=f"{message}{_undeclared_message(tally)}.",
        value=len(below),
        unit="too thin or empty",
        threshold=0,
        threshold_source=f"data.odcs.yaml: {subject}",
        measured_on=today,
        fingerprint=fingerprint,
        series=_series(column, tally),
    )


def _tally(source: ir.Table, column: Column) -> _Tally:
    groups = source.group_by(value=source[column.name]).aggregate(rows=_.count())
    counts: dict[str | None, int] = {}
    for row in rows(groups):
        label = _label(row["value"])
        counts[label] = counts.get(label, 0) + row["rows"]
    empty = counts.pop(None, 0)
    declared = {one.value: counts.pop(one.value or "", 0) for one in column.categories}
    left = {label: number for label, number in counts.items() if label is not None}
    return _Tally(declared, left, empty)


def _label(value: object) -> str | None:
    """Return a value as the data model would write it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _name(column: Column, category: Category) -> str:
    """Return what a category is called in a message; restricted ones by number."""
    if column.restricted:
        return f"no. {column.categories.index(category) + 1}"
    return category.value


def _rows_word(number: int) -> str:
    if not number:
        return "no row"
    return f"fewer than {FLOOR} rows" if number < FLOOR else count(number, "row")


def _below_message(
    subject: str,
    column: Column,
    below: list[Category],
    tally: _Tally,
    looked_at: int,
) -> str:
    seen = f"({count(looked_at, 'row')} looked at)"
    if len(below) == 1 and not tally.declared[below[0].value]:
        return (
            f"No row of {subject} has the declared category "
            f"{_name(column, below[0])} {seen}"
        )
    parts = [
        f"{_name(column, one)} ({_rows_word(tally.declared[one.value])}, "
        f"{one.min_rows:,} needed)"
        for one in below
    ]
    return (
        f"{len(below)} of {len(column.categories)} declared categories of {subject} "
        f"{'has' if len(below) == 1 else 'have'} too few rows: {as_list(parts)} {seen}"
    )


def _full_message(subject: str, column: Column, tally: _Tally) -> str:
    least = min(column.categories, key=lambda one: tally.declared[one.value])
    return (
        f"Each of the {len(column.categories)} declared categories of {subject} "
        f"has the rows it needs; {_name(column, least)} has the fewest "
        f"({_rows_word(tally.declared[least.value])})"
    )


def _undeclared_message(tally: _Tally) -> str:
    if not tally.undeclared:
        return ""
    number = sum(tally.undeclared.values())
    values = count(len(tally.undeclared), "value")
    verb = "is" if len(tally.undeclared) == 1 else "are"
    return f"; {values} {verb} not declared ({_rows_word(number)})"


def _series(column: Column, tally: _Tally) -> tuple[Series, ...]:
    points = [
        _point(_name(column, one), tally.declared[one.value])
        for one in column.categories
    ]
    if tally.empty:
        points.append(_point(_NO_VALUE, tally.empty))
    series = [Series(name="category", unit="rows", points=tuple(points))]
    if tally.undeclared:
        undeclared = tuple(_undeclared_points(column, tally.undeclared))
        series.append(Series(name="not declared", unit="rows", points=undeclared))
    return tuple(series)


def _undeclared_points(column: Column, undeclared: dict[str, int]) -> list[Point]:
    """Return the largest undeclared values; rare ones could name a person."""
    largest = sorted(undeclared.items(), key=lambda item: (-item[1], item[0]))
    named = [
        (label, number)
        for label, number in largest[:_MOST_UNDECLARED]
        if number >= FLOOR and not column.restricted
    ]
    rest = sum(undeclared.values()) - sum(number for _, number in named)
    points = [_point(label, number) for label, number in named]
    return [*points, _point(_OTHERS, rest)] if rest else points


def _point(label: str, number: int) -> Point:
    return Point(label=label, value=floored(number))
