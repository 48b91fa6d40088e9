"""Single values of YAML by the core schema of 1.2: text unless it is surely more."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["READERS", "RefusedScalarError", "Stamp"]

_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)"
    r"|\.(nan|NaN|NAN)"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DIGITS = 18
_LONG = (
    "the number {}",
    f"at most {_DIGITS} digits",
    "put it in quotes if it is a name, else write a shorter number",
)
_INFINITE = (
    "the number {}",
    "a finite number",
    "write a number, or put it in quotes if it is text",
)
_NO_DAY = ("the impossible date {}", "a date of the calendar", "correct the day")


@dataclass(frozen=True)
class Stamp:
    """A date with a time of day, kept as it was written: no date and no text."""

    text: str


class RefusedScalarError(ValueError):
    """A scalar is refused: what was found, what was expected, what to do."""

    def __init__(self, found: str, expected: str, do: str) -> None:
        """Keep the three parts; `{}` in found stands for the value."""
        super().__init__(found, expected, do)


def _read_int(text: str) -> int | str:
    if not _INT.fullmatch(text):
        return text  # underscores and binary are text in the core schema
    if len(text) > _DIGITS:
        raise RefusedScalarError(*_LONG)
    return int(text, 0 if text[:2] in {"0o", "0x"} else 10)


def _read_float(text: str) -> float | str:
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text.replace(".i", "i").replace(".I", "I").replace(".n", "n")
                   .replace(".N", "N"))  # fmt: skip
    if not math.isfinite(number):
        raise RefusedScalarError(*_INFINITE)
    return number


def _read_timestamp(text: str) -> dt.date | Stamp:
    if not _DAY.fullmatch(text):
        return Stamp(text)
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise RefusedScalarError(*_NO_DAY) from None


#: What reads a value, by the last part of its YAML tag.
READERS: dict[str, Callable[[str], object]] = {
    "str": str,
    "value": str,
    "merge": str,
    "int": _read_int,
    "float": _read_float,
    "bool": lambda text: {"true": True, "false": False}.get(text.lower(), text),
    "null": lambda text: None if text in {"", "~", "null", "Null", "NULL"} else text,
    "timestamp": _read_timestamp,
}
