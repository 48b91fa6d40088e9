"""Round numbers into cells that can be counted, the same way on every engine.

A group-by of a measured number has too many groups to be read, and engines have no
quantiles in common. So whole numbers of a narrow range stay as they are and all others
are rounded to a few digits that matter. Only comparisons and products with written
powers of ten are used, not logarithms, whose last digit differs between engines.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

import ibis
import ibis.expr.types as ir

from readybook.measure.profile import LARGEST, Extent

__all__ = ["Scale", "scale_of"]

_KEPT = 20_000  # different whole numbers that are kept as they are
_DIGITS = 4  # that matter of any other number
_FEWER_DIGITS = 3  # where the numbers span more powers of ten than
_MOST_DECADES = 12
_ORIGIN_DIGITS = 6
_DECADES_BELOW_ORIGIN = 10  # smaller distances from it are near a double's last digit
_LOWEST = -300  # power of ten; smaller numbers count as 0
_SHIFT = 400  # added to a power of ten, so that each cell's number is positive
_INFINITE = 100_000_000  # the cell of infinity, beyond all others
_NOT_A_NUMBER = _INFINITE + 1


@dataclass(frozen=True)
class Scale:
    """How numbers become cells; made by `scale_of`.

    A cell is a whole number, and cells are in the order of the numbers in them.
    """

    whole: bool  #: the number is its own cell
    origin: float = 0.0  #: distances from it are rounded
    top: int = 0  #: largest power of ten in a distance
    bottom: int = 0  #: smallest; smaller distances count as 0

    @property
    def _digits(self) -> int:
        return _DIGITS if self.top - self.bottom <= _MOST_DECADES else _FEWER_DIGITS

    def cell(self, value: ir.NumericValue) -> ir.IntegerValue:
        """Return the cell of each number; null for null.

        NaN and the two infinities have a cell each, at the ends.
        """
        if self.whole:
            return value.cast("int64")
        number = value.cast("float64")
        distance = number - self.origin if self.origin else number
        size = distance.abs()
        powers = range(self.top, self.bottom - 1, -1)
        cell = ibis.cases(
            (size > LARGEST, _INFINITE),
            *[(size >= float(f"1e{at}"), self._rounded(size, at)) for at in powers],
            else_=0,
        )
        return ibis.cases(
            (number.isnull(), ibis.null("int64")),
            (number.isnan(), _NOT_A_NUMBER),
            (distance < 0, -cell),
            else_=cell,
        )

    def number(self, cell: int) -> float:
        """Return the number that stands for a cell."""
        if self.whole:
            return cell
        if cell == _NOT_A_NUMBER:
            return math.nan
        if abs(cell) == _INFINITE:
            return math.copysign(math.inf, cell)
        distance = Decimal(0)
        if cell:
            first = 10 ** (self._digits - 1)
            power, place = divmod(abs(cell), 9 * first)
            scale = power - _SHIFT - self._digits + 1
            distance = Decimal(f"{first + place}e{scale}").copy_sign(cell)
        return float(Decimal(str(self.origin)) + distance)

    def _rounded(self, size: ir.NumericValue, power: int) -> ir.IntegerValue:
        """Return the cell of a distance from 10^power to 10^(power + 1)."""
        first = 10 ** (self._digits - 1)
        scale = self._digits - 1 - power
        # Powers of ten over 1 are exact as doubles, those under 1 are not.
        scaled = (
            size * float(f"1e{scale}") if scale > 0 else size / float(f"1e{-scale}")
        )
        start = 9 * first * (power + _SHIFT) - first
        return (scaled + 0.5).floor().cast("int64") + start


def scale_of(extents: Iterable[Extent], *, whole: bool) -> Scale:
    """Return the scale for numbers that are to be compared with each other.

    Numbers that lie on one side of 0 are rounded by their distance from the end that
    is next to 0, so that 1,013.25 and 1,013.26 stay apart.

    Args:
        extents: of all numbers.
        whole: they are of a type for whole numbers.
    """
    extents = list(extents)
    lows = [one.low for one in extents if one.low is not None]
    highs = [one.high for one in extents if one.high is not None]
    low, high = min(lows, default=0), max(highs, default=0)
    if whole and high - low < _KEPT:
        return Scale(whole=True)
    origin = 0.0
    if low > 0 or high < 0:
        down = Context(prec=_ORIGIN_DIGITS, rounding=ROUND_DOWN)
        origin = float(down.create_decimal(Decimal(low if low > 0 else high)))
    if whole:
        bottom = 0
    elif origin:
        bottom = _power(origin) - _DECADES_BELOW_ORIGIN
    else:
        bottom = _power(min((one.least for one in extents if one.least), default=1))
    bottom = max(bottom, _LOWEST)
    top = max(bottom, _power(max(abs(low - origin), abs(high - origin))))
    return Scale(whole=False, origin=origin, top=top, bottom=bottom)


def _power(number: float) -> int:
    """Return the power of ten of a number's first digit; of 0 the lowest one."""
    return Decimal(number).adjusted() if number else _LOWEST
