"""Are the declared categories populated? Rows are counted per value of a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
from ibis import _

from readybook.measure.sources.matching import comparable, is_any_of, literals_of
from readybook.measure.table.opened import Opened
from readybook.model.contract import Category, Column
from readybook.model.findings import Finding, Point, Series
from readybook.model.words import count
from readybook.text.phrases import as_list, as_rows, floored

__all__ = ["check_categories"]

_NO_VALUE = "(no value)"


@dataclass(frozen=True)
class _Tally:
    """Rows by declared value, and without a value."""

    declared: Mapping[str, int]
    empty: int


def check_categories(opened: Opened, column: Column) -> Finding:
    """Return the finding about one column with declared categories (in rows).

    Each declared value needs the rows that the contract promises for it
    (`readiness.minRows`, 1 where nothing is said). Values that are not declared are
    the matter of `values-declared`.

    Raises:
        SourceError: the source lacks the column, or its values are lists or objects.
    """
    opened.require(column.name)
    subject = f"{opened.name}.{column.name}"
    tally = _tally(opened, column)
    below = [
        category
        for category in column.categories
        if tally.declared[category.value] < category.min_rows
    ]
    return opened.find(
        "categories-populated",
        subject,
        "contradicts" if below else "supports",
        _below_message(opened, column, below, tally)
        if below
        else _full_message(opened, column, tally),
        value=len(below),
        unit="too thin or empty",
        threshold=0,
        series=(_series(column, tally),),
    )


def _tally(opened: Opened, column: Column) -> _Tally:
    """Count rows per declared value.

    All other values are one group, so that a column of names or numbers that was
    declared as one of categories does not come back value by value.
    """
    value = comparable(opened.source[column.name])
    literals = literals_of([one.value for one in column.categories], value.type())
    is_declared = is_any_of(value, literals)
    groups = opened.source.group_by(
        is_empty=value.isnull(),
        is_declared=is_declared,
        value=is_declared.ifelse(value, ibis.null(value.type())),
    ).aggregate(rows=_.count())
    found = opened.ask(groups)
    counts = {row["value"]: row["rows"] for row in found if row["is_declared"]}
    declared = {
        one.value: counts.get(literals[one.value], 0) if one.value in literals else 0
        for one in column.categories
    }
    return _Tally(declared, sum(row["rows"] for row in found if row["is_empty"]))


def _name(column: Column, category: Category) -> str:
    """Return what a category is called in a message; restricted ones by number."""
    if column.restricted:
        return f"no. {column.categories.index(category) + 1}"
    return category.value


def _below_message(
    opened: Opened, column: Column, below: list[Category], tally: _Tally
) -> str:
    subject = f"{opened.name}.{column.name}"
    seen = f"({count(opened.rows, 'row')} looked at)"
    if len(below) == 1 and not tally.declared[below[0].value]:
        return (
            f"No row of {subject} has the declared category "
            f"{_name(column, below[0])} {seen}."
        )
    parts = [
        f"{_name(column, one)} ({as_rows(tally.declared[one.value])}, "
        f"{one.min_rows:,} needed)"
        for one in below
    ]
    return (
        f"{len(below)} of {len(column.categories)} declared categories of {subject} "
        f"{'has' if len(below) == 1 else 'have'} too few rows: {as_list(parts)} {seen}."
    )


def _full_message(opened: Opened, column: Column, tally: _Tally) -> str:
    least = min(column.categories, key=lambda one: tally.declared[one.value])
    return (
        f"Each of the {len(column.categories)} declared categories of "
        f"{opened.name}.{column.name} has the rows it needs; {_name(column, least)} "
        f"has the fewest ({as_rows(tally.declared[least.value])})."
    )


def _series(column: Column, tally: _Tally) -> Series:
    counted = {
        _name(column, one): tally.declared[one.value] for one in column.categories
    }
    if tally.empty:
        counted[_NO_VALUE] = tally.empty
    points = [Point(label=name, value=floored(rows)) for name, rows in counted.items()]
    return Series(name="category", unit="rows", points=tuple(points))
