"""Do rows arrive as usual, day by day, and is the newest one new enough?"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readybook.measure.rows.history import days_of
from readybook.measure.rows.periods import Duration, parse_duration
from readybook.measure.table.opened import Opened
from readybook.model.errors import SourceError
from readybook.model.findings import Finding, Outcome, Point, Series
from readybook.model.words import count
from readybook.text.phrases import as_list, as_rows, as_share, floored

__all__ = ["check_arrivals", "check_fresh"]

#: Grains whose rows are expected every day.
_DAILY = ("PT1H", "P1D")
_FEWEST_DAYS = 21
_NEIGHBOURS = tuple(7 * week for week in (-4, -3, -2, -1, 1, 2, 3, 4))  # in days
_FEWEST_NEIGHBOURS = 3
_FEWEST_ROWS = 30  # usual rows of a day; with fewer, chance alone doubles a day
# Thanksgiving leaves 65 % of a year of flights their usual rows, and one airport 54 %;
# of a day whose afternoon was lost, 22 to 45 % are left.
_LOW = 0.5  # below the usual
_HIGH = 0.75  # above the usual; a day that was loaded twice is 1 above
_SPREADS = 6
_TO_SIGMA = 1.4826  # of a median absolute deviation, for a normal distribution
_MOST_SHOWN = 50
_MOST_TOLD = 3


@dataclass(frozen=True)
class _Day:
    """One day's rows, and the rows of days like it: the nearest, then all others."""

    day: dt.date
    rows: int
    usual: tuple[float, ...]  #: at least 30

    @property
    def ratios(self) -> tuple[float, ...]:
        return tuple(self.rows / usual for usual in self.usual)


def check_arrivals(opened: Opened) -> Finding:
    """Return the finding about days whose number of rows is far from the usual.

    The usual is the median of the same weekday in the four weeks before and the four
    after. Where fewer than three such days are known, a day must be far from the
    median of those and from that of all days. Far is under 50 % or at least 175 % of
    the usual, and more than 6 robust standard deviations (1.4826 MAD of the ratios of
    all days) off; no day may be. On a year of flights these limits name no holiday and
    no storm. The first and the last day may be cut and are left out, and days that
    usually have under 30 rows cannot be judged.

    Raises:
        SourceError: days are not known, rows are not expected every day, fewer than 21
            days can be judged, or rows vary so much that a day loaded twice would not
            stand out.
    """
    table = opened.declared
    if table.grain not in _DAILY:
        msg = f"rows are not expected every day (readiness.grain {table.grain})"
        raise SourceError(msg)
    days = _judged(days_of(opened))
    low, high = _limits(days)
    found = [one for one in days if _is_far(one, low, high)]
    under, over = (as_share(round(1 + one, 2)) for one in (-low, high))
    return opened.find(
        "arrivals-regular",
        table.name,
        "contradicts" if found else "supports",
        _message(table.name, found, len(days), f"under {under} or at least {over}"),
        value=len(found),
        unit="surprising days",
        threshold=0,
        source=f"data.odcs.yaml: {table.name} readiness.grain",
        series=_series(found),
    )


def check_fresh(opened: Opened) -> Finding:
    """Return the finding about the days since the last event, on the day of measuring.

    Days are those of the declared zone; the threshold is the declared latency (an
    slaProperty), counted back by the calendar from that day. An event that is dated
    after the next day contradicts: no zone is so far ahead.

    Raises:
        SourceError: days are not known, the latency is no duration, or it is shorter
            than a day, which an event of today or yesterday cannot be held against.
    """
    table, today = opened.declared, opened.today
    needed = parse_duration(table.latency or "")
    if needed is None:
        msg = f"the latency needed of {table.name}, {table.latency}, is no duration"
        raise SourceError(msg)
    last = max(days_of(opened))
    age, most = (today - last).days, needed.days_before(today)
    if -1 <= age <= 1 > needed.mean_days:
        msg = (
            f"its last event is of {last} and dates tell days only, so nobody can say "
            f"whether it is within {needed}"
        )
        raise SourceError(msg)
    outcome: Outcome = "supports" if -1 <= age <= most else "contradicts"
    return opened.find(
        "data-fresh",
        table.name,
        outcome,
        _age_message(opened, last, age, needed),
        value=age if age < -1 else max(0, age),
        unit="days",
        threshold=most,
        source=f"data.odcs.yaml: {table.name} latency",
    )


def _age_message(opened: Opened, last: dt.date, age: int, needed: Duration) -> str:
    name, today = opened.name, opened.today
    if age < -1:
        when = f"{count(-age, 'day')} after the measurement of {today}"
        return f"The last event of {name} is dated {last}, {when}."
    when = "the day of the measurement"
    if age > 0:
        when = f"{count(age, 'day')} before the measurement of {today}"
    return f"The last event of {name} is of {last}, {when}; needed: within {needed}."


def _judged(rows: Mapping[dt.date, int]) -> list[_Day]:
    """Return the days that can be judged; one without a row has 0."""
    first, last = min(rows), max(rows)
    inner = [first + dt.timedelta(days=at) for at in range(1, (last - first).days)]
    numbers = {day: rows.get(day, 0) for day in inner}
    middle = statistics.median(numbers.values()) if numbers else 0
    days = []
    for day in inner:
        near = [day + dt.timedelta(days=at) for at in _NEIGHBOURS]
        like = [numbers[one] for one in near if one in numbers]
        usual = [statistics.median(like)] if like else []
        if len(like) < _FEWEST_NEIGHBOURS:
            usual.append(middle)
        if min(usual) >= _FEWEST_ROWS:
            days.append(_Day(day, numbers[day], tuple(usual)))
    return days


def _limits(days: Sequence[_Day]) -> tuple[float, float]:
    """Return how far below and above its usual rows a day surprises, as shares."""
    if len(days) < _FEWEST_DAYS:
        msg = (
            f"{count(len(days), 'day')} can be judged, of {_FEWEST_DAYS} that it takes, "
            f"each with {_FEWEST_ROWS} rows or more on usual days and not first or last"
        )
        raise SourceError(msg)
    ratios = [one.ratios[0] for one in days]
    middle = statistics.median(ratios)
    spread = _TO_SIGMA * statistics.median(abs(ratio - middle) for ratio in ratios)
    low, high = max(_LOW, _SPREADS * spread), max(_HIGH, _SPREADS * spread)
    if high >= 1:
        msg = "rows per day vary so much that a day loaded twice would not stand out"
        raise SourceError(msg)
    return low, high


def _is_far(day: _Day, low: float, high: float) -> bool:
    ratios = day.ratios
    return max(ratios) < 1 - low or min(ratios) >= 1 + high


def _message(name: str, found: Sequence[_Day], judged: int, limits: str) -> str:
    cut = "the first and the last day, which may be cut, were left out"
    if not found:
        return (
            f"None of {count(judged, 'day')} of {name} has {limits} of its usual "
            f"rows; {cut}."
        )
    told = [
        f"{one.day} ({as_rows(one.rows)}, usually {one.usual[0]:,.0f})" for one in found
    ]
    return (
        f"{len(found):,} of {count(judged, 'day')} of {name} "
        f"{'has' if len(found) == 1 else 'have'} {limits} of the usual rows: "
        f"{as_list(told, _MOST_TOLD)}; {cut}."
    )


def _series(found: Sequence[_Day]) -> tuple[Series, ...]:
    shown = found[:_MOST_SHOWN]
    if not shown:
        return ()
    rows = [Point(label=f"{one.day}", value=floored(one.rows)) for one in shown]
    usual = [Point(label=f"{one.day}", value=round(one.usual[0])) for one in shown]
    return (
        Series(name="surprising days", unit="rows", points=tuple(rows)),
        Series(name="usual", unit="rows", points=tuple(usual)),
    )
