"""ISO 8601 durations, the periods of a calendar, and days summed up by them."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from readybook.measure.profile import Slice, sum_slices
from readybook.model.words import count

__all__ = [
    "GRAINS",
    "Duration",
    "Period",
    "by_month",
    "count_missing",
    "dated_rows",
    "parse_duration",
    "period_label",
    "period_number",
    "period_start",
]

Period = Literal["hour", "day", "week", "month", "year"]

#: Grains whose missing periods can be counted, by their ISO 8601 text.
GRAINS: dict[str, Period] = {
    "PT1H": "hour",
    "P1D": "day",
    "P1W": "week",
    "P7D": "week",
    "P1M": "month",
    "P1Y": "year",
}

_DURATION = re.compile(
    r"P(?=\d|T)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?"
    r"(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_WORDS = ("year", "month", "day", "hour", "minute", "second")
_DAY = 86_400  # seconds
_YEAR = 365.2425  # days, the mean of the Gregorian calendar
_FORMS = {"hour": "%Y-%m-%d %H:%M", "month": "%Y-%m", "year": "%Y"}
_MONDAY = dt.date(1, 1, 1)


@dataclass(frozen=True)
class Duration:
    """A calendar duration; weeks are kept as days."""

    years: int = 0
    months: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0
    seconds: int = 0

    @property
    def mean_days(self) -> float:
        """Return how many days it is; years and months as long as they are on average.

        A year is 365.2425 days and a month a twelfth of it.
        """
        days = (self.years + self.months / 12) * _YEAR + self.days
        return days + self._seconds_of_day / _DAY

    def days_before(self, end: dt.date) -> int:
        """Return how many days the duration is that ends on a day, exclusive.

        Hours, minutes and seconds count as a full day once it is begun. A month that
        is too short takes its last day.
        """
        months = end.year * 12 + end.month - 1 - self.years * 12 - self.months
        year, month = divmod(months, 12)
        day = min(end.day, calendar.monthrange(year, month + 1)[1])
        start = dt.date(year, month + 1, day) - dt.timedelta(days=self.days)
        return (end - start).days - -self._seconds_of_day // _DAY

    def __str__(self) -> str:
        """Return the duration in words: `2 years`, `1 year and 6 months`."""
        numbers = {word: getattr(self, f"{word}s") for word in _WORDS}
        parts = [count(number, word) for word, number in numbers.items() if number]
        return " and ".join(parts) or "0 days"

    @property
    def _seconds_of_day(self) -> int:
        return self.hours * 3_600 + self.minutes * 60 + self.seconds


def parse_duration(text: str) -> Duration | None:
    """Return the duration that a text such as `P2Y` means, None where it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    part = {name: int(value or 0) for name, value in match.groupdict().items()}
    weeks = part.pop("weeks")
    return Duration(**{**part, "days": part["days"] + 7 * weeks})


def count_missing(numbers: Iterable[int]) -> tuple[int, list[tuple[int, int]]]:
    """Return how many whole numbers are missing between the first and the last.

    Returns:
        the count, and each gap as (first number missing, length), in order.
    """
    present = sorted(set(numbers))
    gaps = [
        (left + 1, right - left - 1)
        for left, right in itertools.pairwise(present)
        if right - left > 1
    ]
    return sum(length for _, length in gaps), gaps


def period_number(day: dt.date, period: Period) -> int:
    """Return the number of the day, week, month or year that a day lies in.

    Numbers of neighbours differ by one. A week begins on Monday.
    """
    if period == "year":
        return day.year
    if period == "month":
        return day.year * 12 + day.month - 1
    return (day - _MONDAY).days // (7 if period == "week" else 1)


def period_start(number: int, period: Period) -> dt.date:
    """Return the first day of the day, week, month or year of that number."""
    if period == "year":
        return dt.date(number, 1, 1)
    if period == "month":
        return dt.date(number // 12, number % 12 + 1, 1)
    return _MONDAY + dt.timedelta(days=number * (7 if period == "week" else 1))


def period_label(start: dt.date, period: Period) -> str:
    """Return what a period is called, by its first moment: `2013-02-08`, `2013-02`."""
    return start.strftime(_FORMS.get(period, "%Y-%m-%d"))


def by_month(part: Slice) -> Slice:
    """Return a slice whose days are the first days of its months, none left out.

    Months between the first and the last one that have no row are there, with zeros.
    Rows without a time are left out.
    """
    numbers = [period_number(day, "month") for day in part.days if day is not None]
    every = range(numbers[0], numbers[-1] + 1) if numbers else ()
    starts = [period_start(number, "month") for number in every]
    return sum_slices([part], starts, lambda day: day and day.replace(day=1))


def dated_rows(part: Slice) -> dict[dt.date, int]:
    """Return the rows of each day of a slice, in order; without those without a time."""
    return {
        day: number
        for day, number in zip(part.days, part.rows, strict=True)
        if day is not None
    }
