"""Numbers that stand in for "unknown": which are looked for, and when one stands out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir

from readybook.measure.sources.matching import literals_of
from readybook.measure.sources.numeric import finite, is_fractional
from readybook.model.contract import Column, Table
from readybook.model.findings import FLOOR

__all__ = ["NUMBERS", "Found", "NumberLook"]

#: What people type, and programs write, where a number is not known.
NUMBERS = (-9999, -999, -99, -9, -1, 0, 9, 99, 999, 9999, 99999, 999999)

#: A stand-in stands apart: at least so many standard deviations of the other values
#: lie between it and them. An even spread is 3.5 of them wide, so that 9 after 1 to 5
#: stands apart, and 9 after 1 to 7 does not.
_APART = 2.5
#: 0 is the value of what is not there as often as of what is not known ("no
#: discount", "15 to 30 %"), so it has to stand much further apart.
_ZERO_APART = 10.0
#: At least so far apart in whole numbers: -1 is the neighbour of 0 and 1.
_WHOLE_APART = 3.0
#: Values that are all the same have no spread; their size has to do.
_TIMES_SIZE = 10.0
_LEAST_SHARE = 0.001  # of the values

#: Rows by value that stands in, and the smallest and largest of all other values.
Found = tuple[dict[str, int], tuple[float, float] | None]


@dataclass(frozen=True)
class _Rest:
    """The values that are taken for regular ones."""

    rows: int
    mean: float
    squares: float  #: sum of squared distances from the mean
    low: float
    high: float
    is_whole: bool

    def joined(self, value: float, rows: int) -> _Rest:
        """Return the values with so many rows of one more."""
        total = self.rows + rows
        away = value - self.mean
        return _Rest(
            total,
            self.mean + away * rows / total,
            self.squares + away * away * self.rows * rows / total,
            min(self.low, value),
            max(self.high, value),
            self.is_whole,
        )

    def gap(self, value: float) -> float:
        """Return how far a value is from the nearest regular one; 0 inside."""
        return max(self.low - value, value - self.high, 0.0)

    def margin(self, value: float) -> float:
        """Return how large a gap sets a value apart."""
        if value == 0 and (self.low <= 0 or self.low == self.high):
            return math.inf
        if self.low == self.high:
            return _TIMES_SIZE * max(1.0, abs(self.low))
        spread = math.sqrt(self.squares / self.rows)
        if value == 0:
            return _ZERO_APART * spread
        return max(_APART * spread, _WHOLE_APART if self.is_whole else 0.0)


@dataclass(frozen=True)
class NumberLook:
    """Two looks at a column of numbers: at its ends, and at the candidates."""

    table: Table
    column: Column
    value: ir.Value

    def first(self) -> dict[str, ir.Scalar]:
        """Return what is asked of every column."""
        number = finite(self.value)
        return {"present": number.count(), "low": number.min(), "high": number.max()}

    def is_odd(self, first: Mapping[str, Any]) -> bool:
        """Return whether the smallest or largest number is one that people write."""
        if first["present"] < FLOOR:
            return False
        ends = {float(first["low"]), float(first["high"])}
        return any(
            number in ends and not _is_declared(self.column, number)
            for number in NUMBERS
        )

    def second(self) -> dict[str, ir.Scalar]:
        """Return what is asked of an odd column: rows by candidate, and of the rest."""
        number = finite(self.value)
        is_rest = number.notin(NUMBERS)
        rest = number.cast("float64")
        asked = {f"n{at}": (number == one).sum() for at, one in enumerate(NUMBERS)}
        asked |= {
            "rows": is_rest.sum(),
            "mean": rest.mean(where=is_rest),
            "variance": rest.var(where=is_rest, how="pop"),
            "low": rest.min(where=is_rest),
            "high": rest.max(where=is_rest),
        }
        if not self.value.type().is_integer():
            asked["fractional"] = is_fractional(number).sum()
        return asked

    def judge(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> Found:
        """Return the numbers that stand in.

        The candidates are taken for regular values from the nearest one outwards, as
        long as each is near; what is left stands apart, and counts with at least 10
        rows and 0.1 % of the values.
        """
        counted = {
            number: second[f"n{at}"]
            for at, number in enumerate(NUMBERS)
            if second[f"n{at}"]
        }
        rest = _regular(counted, second)
        while near := [one for one in counted if rest.gap(one) <= rest.margin(one)]:
            nearest = min(near, key=rest.gap)
            rest = rest.joined(nearest, counted.pop(nearest))
        least = max(FLOOR, _LEAST_SHARE * first["present"])
        found = {
            number: rows
            for number, rows in counted.items()
            if rows >= least and not _is_declared(self.column, number)
        }
        others = [rest.low, rest.high, *(one for one in counted if one not in found)]
        ends = (min(others), max(others))
        return {str(one): rows for one, rows in found.items()}, ends


def _regular(counted: dict[int, int], second: Mapping[str, Any]) -> _Rest:
    """Return the values that are no candidates.

    A column of nothing but candidates has its most frequent one for a regular value,
    which is taken out of `counted`.
    """
    if second["rows"]:
        return _Rest(
            second["rows"],
            second["mean"],
            second["variance"] * second["rows"],
            second["low"],
            second["high"],
            is_whole=not second.get("fractional"),
        )
    most = max(counted, key=lambda one: (counted[one], -abs(one)))
    return _Rest(counted.pop(most), most, 0.0, most, most, is_whole=True)


def _is_declared(column: Column, number: int) -> bool:
    """Return whether the contract knows of the number: as category or inside limits.

    A limit speaks for its own side: a smallest value of 0 does not allow 9999.
    """
    written = literals_of([one.value for one in column.categories], dtypes.float64)
    if number in written.values():
        return True
    speaks = (
        (column.minimum, column.above)
        if number <= 0
        else (column.maximum, column.below)
    )
    return speaks != (None, None) and not (
        (column.minimum is not None and number < column.minimum)
        or (column.above is not None and number <= column.above)
        or (column.maximum is not None and number > column.maximum)
        or (column.below is not None and number >= column.below)
    )
