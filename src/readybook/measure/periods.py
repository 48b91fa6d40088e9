"""ISO 8601 durations as calendar arithmetic; no data, no engine."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["GRAINS", "Duration", "Grain", "count_missing", "parse_duration"]

_DURATION = re.compile(
    r"P(?=\d|T\d)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?"
    r"(?:(?P<days>\d+)D)?(?:T(?P<hours>\d+)H)?"
)
_WORDS = (("years", "year"), ("months", "month"), ("days", "day"), ("hours", "hour"))


@dataclass(frozen=True)
class Duration:
    """A calendar duration; weeks are kept as days."""

    years: int = 0
    months: int = 0
    days: int = 0
    hours: int = 0

    def days_before(self, end: dt.date) -> int:
        """Return how many days the duration is that ends on a day, exclusive.

        Hours count as a full day once they are begun. A month that is too short
        takes its last day.
        """
        months = end.year * 12 + end.month - 1 - self.years * 12 - self.months
        year, month = divmod(months, 12)
        day = min(end.day, calendar.monthrange(year, month + 1)[1])
        start = dt.date(year, month + 1, day) - dt.timedelta(days=self.days)
        return (end - start).days + -(-self.hours // 24)

    def __str__(self) -> str:
        """Return the duration in words: `2 years`, `1 year and 6 months`."""
        parts = []
        for name, word in _WORDS:
            if number := getattr(self, name):
                parts.append(f"{number:,} {word}{'' if number == 1 else 's'}")
        return " and ".join(parts) or "0 days"


@dataclass(frozen=True)
class Grain:
    """A step of time that periods are counted in."""

    noun: str  #: "day", "hour"
    seconds: int


#: Grains whose missing periods can be counted, by their ISO 8601 text.
GRAINS = {"P1D": Grain("day", 86_400), "PT1H": Grain("hour", 3_600)}


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
