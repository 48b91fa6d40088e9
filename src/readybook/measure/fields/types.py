"""Does a column hold the type of values that its contract declares?"""

from __future__ import annotations

from collections.abc import Callable

import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir

from readybook.measure.sources.engine import type_text
from readybook.measure.sources.numeric import finite, is_fractional
from readybook.measure.table.opened import Opened
from readybook.model.contract import Column
from readybook.model.errors import SourceError
from readybook.model.findings import Finding, Outcome
from readybook.model.words import count
from readybook.text.phrases import as_rows

__all__ = ["check_type", "family"]

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


def check_type(opened: Opened, column: Column) -> Finding:
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
    if not opened.typed:
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
    opened: Opened, held: str, declared: str
) -> Callable[[ir.Value], ir.BooleanValue] | None:
    """Return what tells the values that do not fit, None where no value can."""
    if (held, declared) == ("number", "integer"):
        return lambda value: is_fractional(finite(value))
    if (held, declared) == ("integer", "boolean") and not opened.typed:
        return lambda value: ~value.isin([0, 1])
    if held == "string" and declared in _PATTERNS:
        return lambda value: ~value.re_search(_PATTERNS[declared])
    return None


def _judge(
    opened: Opened, column: Column, held: str, amiss: ir.BooleanValue
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


def _differs(opened: Opened, column: Column, held: str, more: str) -> Finding:
    said = f"holds {_WORDS.get(held, _UNKNOWN)}"
    return _finding(opened, column, "contradicts", said, more)


def _finding(
    opened: Opened, column: Column, outcome: Outcome, said: str, more: str = ""
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
