"""Do the values of a column keep what its contract declares?"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir
from ibis import _

from readybook.measure.sources.clock import date_of
from readybook.measure.sources.engine import type_text
from readybook.measure.sources.values import (
    as_written,
    comparable,
    finite,
    is_any_of,
    is_fractional,
    literals_of,
)
from readybook.measure.table import DataTable
from readybook.model.contract import Category, Column
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding, Outcome, Point, Series
from readybook.model.words import as_list, as_number, as_rows, as_share, count, floored

__all__ = [
    "check_categories",
    "check_range",
    "check_type",
    "check_undeclared",
    "family",
]

#: ODCS logicalType to what a person calls one value of it.
_WORDS = {
    "string": "text",
    "integer": "whole numbers",
    "number": "numbers",
    "boolean": "true or false",
    "date": "dates",
    "timestamp": "dates with a time",
    "time": "times of day",
    "array": "lists",
    "object": "objects",
}
_UNKNOWN = "of another kind"
#: Texts that would do as a value of a declared type, for people to see what is amiss.
_PATTERNS = {
    "integer": r"^\s*[+-]?[0-9]+\s*$",
    "number": r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$",
    "boolean": r"^\s*([tT][rR][uU][eE]|[fF][aA][lL][sS][eE])\s*$",
    "date": r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$",
    "timestamp": r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}.*$",
    "time": r"^\s*[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?\s*$",
}


def check_type(opened: DataTable, column: Column) -> Finding:
    """Return the finding about a column's type; its value is the engine's own name.

    The engine's type must be of the declared family (ODCS logicalType). A whole number
    may stand for a number; a decimal without decimals is a whole number. A column for
    fractions that holds only whole numbers passes as one of whole numbers: exports
    turn one into the other as soon as a value is missing. Where types were guessed
    from text (CSV), any value may stand for a text, 0 and 1 for false and true, and a
    date for a date with a time.

    Raises:
        SourceError: the source lacks the column, it has no value and so no type to
            see, or its text would have to be read as lists or objects.
    """
    opened.require(column.name)
    declared = column.type or ""
    value = opened.source[column.name]
    held = family(value.type())
    if held == declared or (held, declared) in {
        ("integer", "number"),
        # The standard's objects and lists are one type to engines that keep JSON.
        ("json", "object"),
        ("json", "array"),
    }:
        return _finding(opened, column, "supports", f"holds {_WORDS[declared]}")
    if opened.is_text:
        _require_readable(held, declared)
        if declared == "string" or (held, declared) == ("date", "timestamp"):
            said = f"can be read as {_WORDS[declared]}"
            return _finding(opened, column, "supports", said)
    amiss = _amiss(opened, held, declared)
    if amiss is None:
        return _differs(opened, column, held, "")
    return _judge(opened, column, held, amiss(value))


def family(kind: dtypes.DataType) -> str:
    """Return the ODCS logicalType of an engine's type; "json" and "other" beside."""
    if kind.is_decimal() and kind.scale == 0:
        return "integer"
    tests: tuple[tuple[str, bool], ...] = (
        ("boolean", kind.is_boolean()),
        ("integer", kind.is_integer()),
        ("number", kind.is_numeric()),
        ("json", kind.is_json()),
        ("string", kind.is_string() or kind.is_uuid() or kind.is_inet()),
        ("timestamp", kind.is_timestamp()),
        ("date", kind.is_date()),
        ("time", kind.is_time()),
        ("array", kind.is_array()),
        ("object", kind.is_struct() or kind.is_map()),
    )
    return next((name for name, fits in tests if fits), "other")


def _require_readable(held: str, declared: str) -> None:
    if held == "string" and declared in {"array", "object"}:
        msg = f"whether text is of type {declared} is not looked into"
        raise SourceError(msg)


def _amiss(
    opened: DataTable, held: str, declared: str
) -> Callable[[ir.Value], ir.BooleanValue] | None:
    """Return what tells the values that do not fit, None where no value can."""
    if (held, declared) == ("number", "integer"):
        return lambda value: is_fractional(finite(value))
    if (held, declared) == ("integer", "boolean") and opened.is_text:
        return lambda value: ~value.isin([0, 1])
    if held == "string" and declared in _PATTERNS:
        return lambda value: ~value.re_search(_PATTERNS[declared])
    return None


def _judge(
    opened: DataTable, column: Column, held: str, amiss: ir.BooleanValue
) -> Finding:
    """Return the finding where it depends on the values, and count those that differ."""
    value = opened.source[column.name]
    counts = opened.source.aggregate(present=value.count(), amiss=amiss.sum())
    found = opened.ask(counts)[0]
    present, differ = found["present"], found["amiss"] or 0
    if not present:
        msg = f"no row of {opened.name}.{column.name} has a value"
        raise SourceError(msg)
    if held != "string" and not differ:
        said = f"holds {_WORDS[column.type or '']} only"
        return _finding(opened, column, "supports", said)
    more = (
        f"; {as_rows(differ)} of {count(present, 'row')} with a value could not be "
        "read as such"
        if differ
        else "; every value could be read as such"
    )
    return _differs(opened, column, held, more)


def _differs(opened: DataTable, column: Column, held: str, more: str) -> Finding:
    said = f"holds {_WORDS.get(held, _UNKNOWN)}"
    return _finding(opened, column, "contradicts", said, more)


def _finding(
    opened: DataTable, column: Column, outcome: Outcome, said: str, more: str = ""
) -> Finding:
    subject, declared = f"{opened.name}.{column.name}", column.type or ""
    kind = type_text(opened.source[column.name].type()).removeprefix("!")
    wanted = (
        "as declared"
        if outcome == "supports"
        else f"declared are {_WORDS.get(declared, declared)}"
    )
    return opened.find(
        "types-match",
        subject,
        outcome,
        f"{subject} {said} ({kind}), {wanted}{more}.",
        value=kind,
        unit="type",
        threshold=declared,
    )


@dataclass(frozen=True)
class _RangeTally:
    """Values of a column, and those outside of its limits."""

    present: int  #: numbers; neither nulls nor "not a number"
    outside: int
    low: float
    high: float


def check_range(opened: DataTable, column: Column) -> Finding:
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
    tally = _range_tally(opened, column)
    return opened.find(
        "values-in-range",
        subject,
        "contradicts" if tally.outside else "supports",
        _range_message(opened, column, tally),
        value=floored(tally.outside),
        unit="rows",
        threshold=0,
    )


def _range_tally(opened: DataTable, column: Column) -> _RangeTally:
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
    return _RangeTally(found["present"], found["outside"], low, high)


def _is_outside(value: ir.Value, column: Column) -> ir.BooleanValue:
    tests = [
        value < column.minimum if column.minimum is not None else None,
        value <= column.above if column.above is not None else None,
        value > column.maximum if column.maximum is not None else None,
        value >= column.below if column.below is not None else None,
    ]
    return functools.reduce(operator.or_, [one for one in tests if one is not None])


def _range_message(opened: DataTable, column: Column, tally: _RangeTally) -> str:
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


def _extreme(opened: DataTable, column: Column, tally: _RangeTally) -> str:
    """Return the value farthest beyond its limit, and when and where it stands."""
    lower = [limit for limit in (column.minimum, column.above) if limit is not None]
    upper = [limit for limit in (column.maximum, column.below) if limit is not None]
    under = max(lower) - tally.low if lower else 0.0
    over = tally.high - min(upper) if upper else 0.0
    value = tally.low if under > over else tally.high
    place = _place(opened, column, is_low=under > over)
    return f"; the most extreme value is {as_number(value)}{place}"


def _place(opened: DataTable, column: Column, *, is_low: bool) -> str:
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


_NO_VALUE = "(no value)"


@dataclass(frozen=True)
class _CategoryTally:
    """Rows by declared value, and without a value."""

    declared: Mapping[str, int]
    empty: int


def check_categories(opened: DataTable, column: Column) -> Finding:
    """Return the finding about one column with declared categories (in rows).

    Each declared value needs the rows that the contract promises for it
    (`readiness.minRows`, 1 where nothing is said). Values that are not declared are
    the matter of `values-declared`.

    Raises:
        SourceError: the source lacks the column, or its values are lists or objects.
    """
    opened.require(column.name)
    subject = f"{opened.name}.{column.name}"
    tally = _category_tally(opened, column)
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
        series=(_category_series(column, tally),),
    )


def _category_tally(opened: DataTable, column: Column) -> _CategoryTally:
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
    return _CategoryTally(
        declared, sum(row["rows"] for row in found if row["is_empty"])
    )


def _name(column: Column, category: Category) -> str:
    """Return what a category is called in a message; restricted ones by number."""
    if column.restricted:
        return f"no. {column.categories.index(category) + 1}"
    return category.value


def _below_message(
    opened: DataTable, column: Column, below: list[Category], tally: _CategoryTally
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


def _full_message(opened: DataTable, column: Column, tally: _CategoryTally) -> str:
    least = min(column.categories, key=lambda one: tally.declared[one.value])
    return (
        f"Each of the {len(column.categories)} declared categories of "
        f"{opened.name}.{column.name} has the rows it needs; {_name(column, least)} "
        f"has the fewest ({as_rows(tally.declared[least.value])})."
    )


def _category_series(column: Column, tally: _CategoryTally) -> Series:
    counted = {
        _name(column, one): tally.declared[one.value] for one in column.categories
    }
    if tally.empty:
        counted[_NO_VALUE] = tally.empty
    points = [Point(label=name, value=floored(rows)) for name, rows in counted.items()]
    return Series(name="category", unit="rows", points=tuple(points))


_OTHERS = "(other values)"
_MOST_NAMED = 10  # values that are named
_LOOKED_AT = 100  # values among which those are chosen


@dataclass(frozen=True)
class _UndeclaredTally:
    """Rows with a value, and what of it is not declared."""

    present: int  #: rows that have a value
    rows: int
    values: int  #: different ones
    largest: dict[str, int]  #: rows by value: the most frequent that may be shown


def check_undeclared(opened: DataTable, column: Column) -> Finding:
    """Return the finding about a column's rows whose value is not declared.

    Any such row contradicts: whoever wrote the list did not know of the value, or a
    value was renamed. Values of fewer than 10 rows, and those of a restricted column,
    are counted and not named.

    Raises:
        SourceError: the source lacks the column, it has no value, or its values are
            lists or objects.
    """
    opened.require(column.name)
    subject = f"{opened.name}.{column.name}"
    tally = _undeclared_tally(opened, column)
    return opened.find(
        "values-declared",
        subject,
        "contradicts" if tally.rows else "supports",
        _undeclared_message(subject, tally),
        value=floored(tally.rows),
        unit="rows",
        threshold=0,
        series=_undeclared_series(tally),
    )


def _undeclared_tally(opened: DataTable, column: Column) -> _UndeclaredTally:
    value = comparable(opened.source[column.name])
    literals = literals_of([one.value for one in column.categories], value.type())
    is_other = ~is_any_of(value, literals)
    seen = opened.ask(
        opened.source.aggregate(present=value.count(), rows=is_other.sum())
    )[0]
    if not seen["present"]:
        msg = f"no row of {opened.name}.{column.name} has a value"
        raise SourceError(msg)
    if not seen["rows"]:
        return _UndeclaredTally(seen["present"], 0, 0, {})
    others = opened.source.select(value=value, is_other=is_other)
    groups = others.filter(others.is_other).group_by("value").aggregate(rows=_.count())
    values = opened.ask(groups.aggregate(values=_.count()))[0]["values"]
    largest = {} if column.restricted else _largest(opened, groups)
    return _UndeclaredTally(seen["present"], seen["rows"], values, largest)


def _largest(opened: DataTable, groups: ir.Table) -> dict[str, int]:
    """Return the most frequent values; rare ones could name a person."""
    shown = groups.filter(groups.rows >= FLOOR)
    order = [ibis.desc("rows"), ibis.asc("value")]
    found = opened.ask(shown.order_by(order).limit(_LOOKED_AT))
    # Engines sort texts each in their own way; here equal counts go by their letters.
    named = sorted((-row["rows"], as_written(row["value"])) for row in found)
    return {name: -rows for rows, name in named[:_MOST_NAMED]}


def _undeclared_message(subject: str, tally: _UndeclaredTally) -> str:
    if not tally.rows:
        return (
            f"Every value of {subject} is declared "
            f"({count(tally.present, 'row')} with a value looked at)."
        )
    share = f" ({as_share(tally.rows / tally.present)})" if tally.rows >= FLOOR else ""
    most = ""
    if tally.largest:
        name, rows = next(iter(tally.largest.items()))
        most = f"; the most frequent is {name} ({count(rows, 'row')})"
    start = as_rows(tally.rows)
    return (
        f"{start[0].upper()}{start[1:]} of {subject}{share} have a value that is not "
        f"declared: {count(tally.values, 'different value')}{most}."
    )


def _undeclared_series(tally: _UndeclaredTally) -> tuple[Series, ...]:
    counted = dict(tally.largest)
    rest = tally.rows - sum(counted.values())
    if rest:
        counted[_OTHERS] = rest
    points = [Point(label=name, value=floored(rows)) for name, rows in counted.items()]
    if not points:
        return ()
    return (Series(name="not declared", unit="rows", points=tuple(points)),)
