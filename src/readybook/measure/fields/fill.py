"""How many rows have a value in a column, in all and month by month."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from readybook.measure.rows.calendar_sums import by_month
from readybook.measure.rows.periods import period_label
from readybook.measure.table.opened import Opened
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Point, Series

__all__ = ["Filled", "Month", "count_filled"]

_MOST_MONTHS = 600


@dataclass(frozen=True)
class Month:
    """One month of a column, or all rows where months are not known."""

    label: str  #: "2013-02", or "all"
    rows: int
    missing: int


@dataclass(frozen=True)
class Filled:
    """Rows of a table, and those that have no value in one column."""

    rows: int  #: at least 1
    missing: int
    months: tuple[Month, ...]  #: in order; rows without a time are in none

    @property
    def share_missing(self) -> float:
        """Return the share of rows without a value, 0 to 1."""
        return self.missing / self.rows

    def series(self, unit: str, percent: Callable[[Month], float]) -> Series:
        """Return the last 600 months as a series.

        Args:
            unit: of the percentages, "% null".
            percent: what is told of a month; a month of fewer than 10 rows is left
                open.
        """
        points = tuple(
            Point(
                label=month.label,
                value=round(percent(month), 4) if month.rows >= FLOOR else None,
            )
            for month in self.months[-_MOST_MONTHS:]
        )
        return Series(name="month", unit=unit, points=points)


def count_filled(opened: Opened, name: str) -> Filled:
    """Return the rows that have no value in a column, from the table's profile.

    NaN and infinite numbers are no values, nor are declared null tokens.

    Raises:
        SourceError: the source has no such column, or no row.
    """
    opened.require(name)
    profile = opened.profile
    rows = sum(profile.whole.rows)
    if not rows:
        msg = f"{opened.name} has no rows"
        raise SourceError(msg)
    missing = rows - sum(profile.whole.columns[name].present)
    if profile.undated is not None:
        return Filled(rows, missing, (Month("all", rows, missing),))
    part = by_month(profile.whole)
    months = tuple(
        Month(period_label(start, "month"), number, number - present)
        for start, number, present in zip(
            part.days, part.rows, part.columns[name].present, strict=True
        )
        if start is not None
    )
    return Filled(rows, missing, months)
