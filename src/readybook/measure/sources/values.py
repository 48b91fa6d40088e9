"""Values as every engine has them: usable numbers, and comparison with texts."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation

import ibis
import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir

from readybook.model.errors import SourceError

#: Larger ones are infinite, none at all (NaN), or a program's mark for "no value".
_LARGEST = 1e290
#: Doubles hold every whole number up to here; larger ones are all whole.
_WHOLE = 2**53


def finite(value: ir.Value) -> ir.Value:
    """Return a column of numbers, null where one is infinite or not a number."""
    if not value.type().is_floating():
        return value
    return ibis.ifelse(value.abs() < _LARGEST, value, None)


def is_fractional(value: ir.Value) -> ir.BooleanValue:
    """Return whether a number has decimals; null for a null."""
    # Not the remainder: PostgreSQL has none for floats. Not the floor of every value:
    # engines give it as a whole number, which the largest floats do not fit.
    return ibis.cases(
        (value.isnull(), ibis.null("boolean")),
        (value.abs() < _WHOLE, value.floor() != value),
        else_=False,
    )


_MOST = 2**63 - 1  # of the engines' largest whole number
_SEPARATOR = "\x1f"  # "unit separator": made to stand between texts, so in none


def comparable(value: ir.Value) -> ir.Value:
    """Return a column in the form in which its values are compared with texts.

    Texts, numbers and truths stay as they are; dates and what else has a usual text
    become that text.

    Raises:
        SourceError: its values are lists or objects.
    """
    kind = value.type()
    if kind.is_nested() or kind.is_binary():
        msg = f"{value.get_name()} is of type {kind}, whose values have no usual text"
        raise SourceError(msg)
    if kind.is_string() or kind.is_numeric() or kind.is_boolean():
        return value
    return value.cast("string")


def literals_of(
    texts: Iterable[str], kind: dtypes.DataType
) -> dict[str, str | float | bool | Decimal]:
    """Return the value that each text means in a column of a type.

    A text that no value of the type can have, such as "north" among numbers, is left
    out.
    """
    if kind.is_boolean():
        truths = {"true": True, "false": False}
        return {
            t: truths[t.strip().lower()] for t in texts if t.strip().lower() in truths
        }
    if not kind.is_numeric():
        return {text: text for text in texts}
    found = {text: _number(text, kind) for text in texts}
    return {text: value for text, value in found.items() if value is not None}


def _number(text: str, kind: dtypes.DataType) -> float | Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) > _MOST:
        return None
    if kind.is_floating():
        return float(number)
    if number == number.to_integral_value():
        return int(number)
    return number if kind.is_decimal() else None


def is_any_of(
    value: ir.Value, literals: Mapping[str, str | float | bool | Decimal]
) -> ir.BooleanValue:
    """Return whether a value is one of some literals; null for a null."""
    wanted = list(dict.fromkeys(literals.values()))
    if not wanted:
        return ibis.cases((value.notnull(), False))
    if not value.type().is_string():
        return value.isin(wanted)
    # A search in one long text: engines compute it once per distinct value, and
    # compare row by row with each member of a list.
    texts = _SEPARATOR.join(map(str, wanted))
    every = ibis.literal(f"{_SEPARATOR}{texts}{_SEPARATOR}")
    return every.contains(_SEPARATOR + value + _SEPARATOR)


def as_written(value: object) -> str:
    """Return a value as a contract would write it: `true`, `12`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
