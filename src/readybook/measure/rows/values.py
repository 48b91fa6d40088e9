"""Do the values of a column keep what its contract declares?"""

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import ibis
import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir
from ibis import _

from readybook.measure.sources.clock import date_of
from readybook.measure.sources.engine import Amiss, type_text
from readybook.measure.sources.values import as_written, finite, is_fractional
from readybook.measure.table import DataTable, as_series
from readybook.model.contract import FEW_INVALID, Category, Column
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding
from readybook.model.words import as_list, as_number, as_rows, as_share, count, floored

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
#: Held and declared types of which the first may stand for the second.
_SAME = {
    ("integer", "number"),
    # The standard's objects and lists are one type to engines that keep JSON.
    ("json", "object"),
    ("json", "array"),
}
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
    fits, said, more = _fit(opened, column)
    subject, declared = f"{opened.name}.{column.name}", column.type or ""
    kind = type_text(opened.source[column.name].type()).removeprefix("!")
    wanted = "as declared" if fits else f"declared are {_WORDS.get(declared, declared)}"
    return opened.find(
        "types-match",
        subject,
        fits,
        f"{subject} {said} ({kind}), {wanted}{more}.",
        value=kind,
        threshold=declared,
    )


def _fit(opened: DataTable, column: Column) -> tuple[bool, str, str]:
    """Return whether a type fits, what it holds, and what its values would do."""
    value, declared = opened.column(column.name), column.type or ""
    held = family(value.type())
    amiss = opened.reading.amiss.get(column.name)
    if held == declared or (held, declared) in _SAME:
        left = ""
        if amiss:
            left = f"; {as_rows(amiss.values)} could not be read as such{_which(amiss)}"
        return True, f"holds {_WORDS[declared]}", left
    if opened.is_text:
        if held == "string" and declared in {"array", "object"}:
            msg = f"whether text is of type {declared} is not looked into"
            raise SourceError(msg)
        if declared == "string" or (held, declared) == ("date", "timestamp"):
            return True, f"can be read as {_WORDS[declared]}", ""
    said = f"holds {_WORDS.get(held, 'of another kind')}"
    is_amiss = _is_amiss(opened, value, held, declared)
    if is_amiss is None:
        return False, said, ""
    counts = opened.source.aggregate(present=value.count(), amiss=is_amiss.sum())
    present, differ = opened.ask(counts)[0].values()
    require_values(opened, column, present)
    differ = amiss.values if amiss else differ
    if not differ:
        if held != "string":
            return True, f"holds {_WORDS[declared]} only", ""
        return False, said, "; every value could be read as such"
    of = count(present, "row")
    more = f"; {as_rows(differ)} of {of} with a value could not be read as such"
    return False, said, f"{more}{_which(amiss) if amiss else ''}"


def _which(amiss: Amiss) -> str:
    rows = as_list([f"{row:,}" for row in amiss.rows])
    return f" (row {rows})" if rows else ""


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


def _is_amiss(
    opened: DataTable, value: ir.Value, held: str, declared: str
) -> ir.BooleanValue | None:
    """Return whether a value does not fit, None where no value can."""
    if (held, declared) == ("number", "integer"):
        return is_fractional(finite(value))
    if (held, declared) == ("integer", "boolean") and opened.is_text:
        return ~value.isin([0, 1])
    if held == "string" and declared in _PATTERNS:
        return ~value.re_search(_PATTERNS[declared])
    return None


def require_values(opened: DataTable, column: Column, present: int) -> None:
    """Raise a SourceError where no row of a column has a value."""
    if not present:
        msg = f"no row of {opened.name}.{column.name} has a value"
        raise SourceError(msg)


def _tolerated(column: Column, subject: str, present: int) -> tuple[int, str]:
    """Return how many values may be not as declared, and a clause that says so.

    Raises:
        SourceError: all of them may.
    """
    most = (column.invalid or FEW_INVALID).most(present)
    if most >= present:
        msg = f"every value of {subject} may be invalid (invalidValues), so it is no limit"
        raise SourceError(msg)
    why = "as declared" if column.invalid else "1 in 10,000, as nothing is declared"
    return most, f"; at most {most:,} of {present:,} may ({why})" if most else ""


_MOST_NAMED = 10  # values that are not declared
_LOOKED_AT = 100  # values among which those are chosen


# --- ranges -------------------------------------------------------------------------


def check_range(opened: DataTable, column: Column) -> Finding:
    """Return the finding about numbers outside of their declared limits, in rows.

    More such rows than are tolerated contradict: by quality invalidValues, else 1 in
    10,000. The message names the most extreme value: the one farthest beyond its limit,
    with its day and segment where the table has them. Nothing but the count is told of
    a restricted column.

    Raises:
        SourceError: the source lacks the column, it holds no numbers, or no value, or
            every value may be outside.
    """
    subject, value = f"{opened.name}.{column.name}", opened.column(column.name)
    if not value.type().is_numeric():
        msg = f"{subject} is of type {type_text(value.type())}, not of numbers"
        raise SourceError(msg)
    value, ends = finite(value), _limits(column).items()
    limits = " and ".join(f"{_LIMITS[name][1]} {as_number(end)}" for name, end in ends)
    tally = opened.source.aggregate(
        present=value.count(),
        outside=is_outside(value, column).sum(),
        low=value.min(),
        high=value.max(),
    )
    present, outside, low, high = opened.ask(tally)[0].values()
    require_values(opened, column, present)
    most, tolerated = _tolerated(column, subject, present)
    message = (
        f"Every value of {subject} is {limits} "
        f"({count(present, 'row')} with a value looked at)."
    )
    if outside:
        share = f" ({as_share(outside / present)})" if outside >= FLOOR else ""
        extreme = ""
        if not column.restricted:
            extreme = _extreme(opened, column, float(low), float(high))
        message = (
            f"{as_rows(outside).capitalize()} of {subject}{share} lie outside of the "
            f"declared range ({limits}){tolerated}{extreme}."
        )
    return opened.find(
        "values-in-range",
        subject,
        outside <= most,
        message,
        value=floored(outside),
        threshold=most,
    )


#: How a number breaks each limit, and the limit in words.
_LIMITS: dict[str, tuple[Callable[[Any, Any], Any], str]] = {
    "minimum": (operator.lt, "at least"),
    "above": (operator.le, "more than"),
    "maximum": (operator.gt, "at most"),
    "below": (operator.ge, "less than"),
}


def _limits(column: Column, *names: str) -> dict[str, float]:
    """Return those of its limits that are declared, by name; of all names by default."""
    limits = {name: getattr(column, name) for name in names or _LIMITS}
    return {name: limit for name, limit in limits.items() if limit is not None}


def is_outside(value: Any, column: Column) -> Any:  # noqa: ANN401 - a number or column
    """Return whether a number, or a column of them, breaks a declared limit."""
    broken = [_LIMITS[name][0](value, end) for name, end in _limits(column).items()]
    return functools.reduce(operator.or_, broken)


def _extreme(opened: DataTable, column: Column, low: float, high: float) -> str:
    """Return the value farthest beyond its limit, and when and where it stands."""
    lower = _limits(column, "minimum", "above")
    upper = _limits(column, "maximum", "below")
    under = max(lower.values()) - low if lower else 0.0
    over = high - min(upper.values()) if upper else 0.0
    place = _place(opened, column, is_low=under > over)
    value = as_number(low if under > over else high)
    return f"; the most extreme value is {value}{place}"


def _place(opened: DataTable, column: Column, *, is_low: bool) -> str:
    """Return ", on 2013-02-12 (origin EWR)" for the smallest or largest value."""
    clock, source = opened.clock, opened.source
    if clock is None:
        return ""
    hidden = {one.name for one in opened.declared.columns if one.restricted}
    segments = [
        name
        for name in opened.declared.segments
        if name in source.columns and name not in hidden
    ]
    rows = source.select(
        value=finite(source[column.name]),
        day=clock.day(source),
        **{f"s{at}": source[name] for at, name in enumerate(segments)},
    ).drop_null("value")
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


# --- categories ---------------------------------------------------------------------


class _Tally(NamedTuple):
    """Rows of a column with declared values."""

    declared: Mapping[str, int]  #: by declared value
    others: int  #: with another value
    empty: int  #: without a value
    present: int  #: with a value


def _tally(opened: DataTable, column: Column) -> _Tally:
    """Count rows per declared value.

    All other values are one group, so that a column of names or numbers that was
    declared as one of categories does not come back value by value.
    """
    opened.require(column.name)
    value, literals, is_declared = opened.categories(column)
    groups = opened.source.group_by(
        is_declared=is_declared, value=is_declared.ifelse(value, None)
    ).aggregate(rows=_.count())
    found = opened.ask(groups)
    counts = {row["value"]: row["rows"] for row in found if row["is_declared"]}
    empty = sum(row["rows"] for row in found if row["is_declared"] is None)
    present = sum(row["rows"] for row in found) - empty
    others = present - sum(counts.values())
    declared = {
        one.value: counts.get(literals[one.value], 0) if one.value in literals else 0
        for one in column.categories
    }
    return _Tally(declared, others, empty, present)


def check_categories(opened: DataTable, column: Column) -> Finding:
    """Return the finding about one column with declared categories (in rows).

    Each declared value needs the rows that the contract promises for it
    (`readiness.minRows`, 1 where nothing is said). Values that are not declared are
    the matter of `values-declared`.

    Raises:
        SourceError: the source lacks the column, its values are lists or objects, or
            no category is promised a row.
    """
    subject, tally = f"{opened.name}.{column.name}", opened.once(_tally, column)
    if not any(one.min_rows for one in column.categories):
        msg = f"no category of {subject} is promised a row, so it is no limit"
        raise SourceError(msg)
    told, rows = named_categories(column), tally.declared
    below = [one for one in column.categories if rows[one.value] < one.min_rows]
    if below:
        message = _below(subject, column, below, tally)
        message += f" ({count(opened.rows, 'row')} looked at)."
    else:
        least = min(rows, key=lambda one: rows[one])
        message = (
            f"Each of the {len(rows)} declared categories of {subject} has the rows "
            f"it needs; {told[least]} has the fewest ({as_rows(rows[least])})."
        )
    counted = {told[value]: floored(number) for value, number in rows.items()}
    if tally.empty:
        counted["(no value)"] = floored(tally.empty)
    return opened.find(
        "categories-populated",
        subject,
        not below,
        message,
        value=len(below),
        threshold=0,
        series=as_series("category", "rows", counted),
    )


def named_categories(column: Column) -> dict[str, str]:
    """Return what each category is called in a message; restricted ones by number."""
    return {
        one.value: f"no. {at}" if column.restricted else one.value
        for at, one in enumerate(column.categories, 1)
    }


def _below(
    subject: str, column: Column, below: Sequence[Category], tally: _Tally
) -> str:
    told = named_categories(column)
    if len(below) == 1 and not tally.declared[below[0].value]:
        return f"No row of {subject} has the declared category {told[below[0].value]}"
    parts = [
        f"{told[one.value]} ({as_rows(tally.declared[one.value])}, "
        f"{one.min_rows:,} needed)"
        for one in below
    ]
    return (
        f"{len(below)} of {len(column.categories)} declared categories of {subject} "
        f"{'has' if len(below) == 1 else 'have'} too few rows: {as_list(parts)}"
    )


def check_undeclared(opened: DataTable, column: Column) -> Finding:
    """Return the finding about a column's rows whose value is not declared.

    More such rows than are tolerated (by quality invalidValues, else 1 in 10,000)
    contradict: whoever wrote the list did not know of the value, or a value was
    renamed. Values of fewer than 10 rows, and those of a restricted column,
    are counted and not named.

    Raises:
        SourceError: the source lacks the column, it has no value, its values are lists
            or objects, or every value may be undeclared.
    """
    subject, tally = f"{opened.name}.{column.name}", opened.once(_tally, column)
    require_values(opened, column, tally.present)
    tolerable, tolerated = _tolerated(column, subject, tally.present)
    message = (
        f"Every value of {subject} is declared "
        f"({count(tally.present, 'row')} with a value looked at)."
    )
    counted: dict[str, int] = {}
    if tally.others:
        values, counted = _others(opened, column)
        share, most = "", ""
        if tally.others >= FLOOR:
            share = f" ({as_share(tally.others / tally.present)})"
        if counted:
            name, rows = next(iter(counted.items()))
            most = f"; the most frequent is {name} ({count(rows, 'row')})"
        message = (
            f"{as_rows(tally.others).capitalize()} of {subject}{share} have a value that "
            f"is not declared: {count(values, 'different value')}{most}{tolerated}."
        )
        if rest := tally.others - sum(counted.values()):
            counted["(other values)"] = rest
    points = {name: floored(rows) for name, rows in counted.items()}
    return opened.find(
        "values-declared",
        subject,
        tally.others <= tolerable,
        message,
        value=floored(tally.others),
        threshold=tolerable,
        series=as_series("not declared", "rows", points),
    )


def _others(opened: DataTable, column: Column) -> tuple[int, dict[str, int]]:
    """Return how many values are not declared, and the most frequent ones' rows.

    Rare ones could name a person, so they have no name here; nor have restricted ones.
    """
    value, _literals, is_declared = opened.categories(column)
    others = opened.source.select(value=value, is_other=~is_declared)
    groups = others.filter(others.is_other).group_by("value").aggregate(rows=_.count())
    values = opened.ask(groups.aggregate(values=_.count()))[0]["values"]
    if column.restricted:
        return values, {}
    order = [ibis.desc("rows"), ibis.asc("value")]
    shown = groups.filter(groups.rows >= FLOOR).order_by(order).limit(_LOOKED_AT)
    # Engines sort texts each in their own way; here equal counts go by their letters.
    found = [(-row["rows"], as_written(row["value"])) for row in opened.ask(shown)]
    return values, {name: -rows for rows, name in sorted(found)[:_MOST_NAMED]}


OF_COLUMN = {
    "types-match": check_type,
    "categories-populated": check_categories,
    "values-declared": check_undeclared,
    "values-in-range": check_range,
}
