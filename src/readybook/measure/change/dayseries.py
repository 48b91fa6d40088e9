"""A series over local days, and what it is over any of its months or weeks."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from readybook.measure.change.segments import Floats

__all__ = [
    "FLOORS",
    "OTHERS",
    "UNITS",
    "DaySeries",
    "Kind",
    "Positions",
    "Span",
    "Unit",
    "What",
]

Kind = Literal["rows", "nulls", "zeros", "share", "scale"]
Unit = Literal["month", "week"]
Positions = NDArray[np.int64]

#: The smallest step that matters. Shares: 2 percentage points, but 5 of zeros, which
#: are values as well (minute 0 is a full hour). Logarithms: rows that become 1.2 times
#: as many, numbers that become 1.4 times as large.
FLOORS: Mapping[Kind, float] = {
    "rows": math.log(1.2),
    "nulls": 0.02,
    "zeros": 0.05,
    "share": 0.02,
    "scale": math.log(1.4),
}
UNITS: tuple[Unit, ...] = ("month", "week")
OTHERS = "(other values)"

_EDGE = {"month": 3, "week": 0}  # days that the first and last period may lack
_LEAST_ROWS = 10  # in a period, for a share or a mean of it


@dataclass(frozen=True)
class Span:
    """The days of a table's history, both included."""

    first: dt.date
    last: dt.date
    monthly: bool = False  #: events have no day, only a month: they lie on its first

    @property
    def days(self) -> int:
        """Return how many days there are."""
        return (self.last - self.first).days + 1

    def position(self, day: dt.date) -> int:
        """Return the number of a day, 0 for the first and for what lies before it."""
        return max(0, (day - self.first).days)

    def day(self, position: int) -> dt.date:
        """Return the day of a number."""
        return self.first + dt.timedelta(days=int(position))

    def periods(self, unit: Unit) -> tuple[Positions, Positions]:
        """Return the whole months, or weeks from Monday to Sunday.

        A month may lack three days at either end of the data, which may be holidays.

        Returns:
            the positions of their first days, and those after their last days.
        """
        return _periods(self, unit)


@lru_cache(maxsize=1_000)  # many series share a span
def _periods(span: Span, unit: Unit) -> tuple[Positions, Positions]:
    found = list[tuple[int, int]]()
    if unit == "month":
        start = span.first.replace(day=1)
    else:
        start = span.first - dt.timedelta(days=span.first.weekday())
    while start <= span.last and not (span.monthly and unit == "week"):
        end = _next(start, unit)
        missing = max(span.first - start, end - dt.timedelta(days=1) - span.last)
        if missing.days <= _EDGE[unit]:
            last = min(span.days, span.position(end))
            found.append((span.position(start), last))
        start = end
    first, end_of = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return first, end_of


def _next(start: dt.date, unit: Unit) -> dt.date:
    if unit == "week":
        return start + dt.timedelta(days=7)
    return (start + dt.timedelta(days=31)).replace(day=1)


@dataclass(frozen=True, order=True)
class What:
    """What a series is about."""

    kind: Kind
    column: str = ""  #: "": the table
    value: str = ""  #: a declared category as it may be shown, or OTHERS; "": all
    segment: str = ""  #: as it may be shown; "": all


@dataclass(frozen=True)
class DaySeries:
    """Two totals per day, whose quotient over any days is what is looked at.

    rows: rows over days; nulls, zeros and share: rows that are so over rows; scale:
    sum of |x| over the number of x that are not 0.
    """

    what: What
    span: Span
    top: Floats
    base: Floats

    def level(self, first: int, end: int) -> float:
        """Return the quotient over the days from a position up to another, or NaN."""
        top, base = self.totals(np.array([first]), np.array([end]))
        return float(top[0] / base[0]) if base[0] else math.nan

    def value(self, first: int, end: int) -> float:
        """Return the number whose steps are looked for, over some days; see values."""
        return float(self.values(np.array([first]), np.array([end]))[0])

    def values(self, first: Positions, end: Positions) -> Floats:
        """Return the numbers whose steps are looked for, each over some days.

        A share, or a natural logarithm for rows and scale. NaN for a share or a mean
        of fewer than 10 rows. Half a row is added, so that no row has a logarithm too.

        Args:
            first: position of the first day of each.
            end: position after the last day of each.
        """
        top, base = self.totals(first, end)
        if self.what.kind == "rows":
            return np.where(base > 0, np.log((top + 0.5) / np.maximum(base, 1)), np.nan)
        share = top / np.maximum(base, 1)
        is_known = base >= _LEAST_ROWS
        if self.what.kind == "scale":
            is_known &= share > 0
            share = np.log(np.where(is_known, share, 1.0))
        return np.where(is_known, share, np.nan)

    def totals(self, first: Positions, end: Positions) -> tuple[Floats, Floats]:
        """Return the two totals, each over some days; see values."""
        top, base = self._sums
        return top[end] - top[first], base[end] - base[first]

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        """Return the running totals, from 0 on."""
        top, base = (
            np.concatenate([[0.0], np.cumsum(each)]) for each in (self.top, self.base)
        )
        return top, base

    def noise(self, first: Positions, end: Positions) -> float:
        """Return the standard deviation that chance must give to a period's value.

        That of a Poisson count's logarithm, of a binomial share, and of the logarithm
        of a mean of numbers that spread as far as their mean.

        Args:
            first: position of the first day of each period.
            end: position after the last day of each.
        """
        top, base = (float(total.mean()) for total in self.totals(first, end))
        if self.what.kind in ("rows", "scale"):
            number = top if self.what.kind == "rows" else base
            return 1 / math.sqrt(number) if number else math.inf
        share = top / base if base else 0.0
        return math.sqrt(max(0.0, share * (1 - share)) / base) if base else math.inf
