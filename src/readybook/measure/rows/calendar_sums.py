"""Sum the days of a profile up by week, month or year."""

from __future__ import annotations

import datetime as dt
from functools import partial

from readybook.measure.rows.periods import (
    Period,
    period_number,
    period_start,
)
from readybook.measure.table.profile import Slice, sum_slices

__all__ = ["by_month", "by_week", "dated_rows", "sum_by"]


def by_month(part: Slice) -> Slice:
    """Return a slice whose days are the first days of its months, none left out."""
    return sum_by(part, "month")


def by_week(part: Slice) -> Slice:
    """Return a slice whose days are the Mondays of its weeks, none left out."""
    return sum_by(part, "week")


def sum_by(part: Slice, period: Period) -> Slice:
    """Return a slice whose days are the first days of its periods, in order.

    Periods between the first and the last one that have no row are there, with zeros.
    Rows without a time are left out.
    """
    days = [day for day in part.days if day is not None]
    numbers = [period_number(day, period) for day in days]
    span = range(numbers[0], numbers[-1] + 1) if numbers else range(0)
    starts = [period_start(number, period) for number in span]
    return sum_slices([part], starts, partial(_start, period=period))


def dated_rows(part: Slice) -> dict[dt.date, int]:
    """Return the rows of each day of a slice, in order; without those without a time."""
    return {
        day: number
        for day, number in zip(part.days, part.rows, strict=True)
        if day is not None
    }


def _start(day: dt.date | None, period: Period) -> dt.date | None:
    return None if day is None else period_start(period_number(day, period), period)
