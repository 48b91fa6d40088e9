"""Numbers as every engine has them: which are usable, and which are whole."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

__all__ = ["finite", "is_fractional"]

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
