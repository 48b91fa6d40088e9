"""History of a table: how far back, which periods lack rows, how rows arrive, how new."""

import datetime as dt
import functools
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from ibis import _

from readybook.measure.profile import by_month, name_segment
from readybook.measure.sources.clock import (
    HOUR,
    bare_weekdays,
    closed_days,
    date_of,
    is_instant,
    raw_seconds,
    skipped_hours,
)
from readybook.measure.table import DataTable, as_series
from readybook.model.errors import SourceError, UnjudgedError
from readybook.model.findings import Finding, Series
from readybook.model.words import as_list, as_rows, as_share, capital, count, floored

_DURATION = re.compile(
    r"P(?=\d|T)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?"
    r"(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)
_YEAR = 365.2425  # days, the mean of the Gregorian calendar
_MOST_DAYS = 1_200
_MOST_MONTHS = 600


@dataclass(frozen=True)
class Duration:
    """A calendar duration; weeks are kept as days."""

    years: int
    months: int
    days: int
    hours: int
    minutes: int
    seconds: int

    @property
    def mean_days(self) -> float:
        """Return how many days it is; years and months as long as they are on average.

        A year is 365.2425 days and a month a twelfth of it.
        """
        parts = {"hours": self.hours, "minutes": self.minutes, "seconds": self.seconds}
        rest = dt.timedelta(self.days, **parts) / dt.timedelta(days=1)
        return (self.years + self.months / 12) * _YEAR + rest

    def days_before(self, end: dt.date) -> int:
        """Return how many days the duration is that ends on a day, exclusive.

        Hours, minutes and seconds count as a full day once it is begun. A month that
        is too short takes its last day.
        """
        start = pd.Timestamp(end) - pd.DateOffset(**vars(self))
        return (end - start.date()).days

    def __str__(self) -> str:
        """Return the duration in words: `2 years`, `1 year and 6 months`."""
        parts = [count(n, unit[:-1]) for unit, n in vars(self).items() if n]
        return " and ".join(parts) or "0 days"


def parse_duration(text: str) -> Duration | None:
    """Return the duration that a text such as `P2Y` means, None where it is none."""
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    part = {name: int(value or 0) for name, value in match.groupdict().items()}
    part["days"] += 7 * part.pop("weeks")
    return Duration(**part)


def check_span(opened: DataTable) -> Finding:
    """Return the finding about the days from first to last event, both included.

    The unit is days of the declared zone; the threshold is the declared
    `readiness.historyNeeded`, counted back by the calendar from the last event.

    Raises:
        SourceError: days are not known, or the declared duration cannot be read.
    """
    table = opened.declared
    days = opened.profile.days
    needed = _duration(opened, "history", table.history_needed, "span")
    first, last = min(days), max(days)
    held = (last - first).days + 1
    wanted = needed.days_before(last + dt.timedelta(days=1))
    return opened.find(
        "history-span",
        table.name,
        held >= wanted,
        f"{table.name} holds {count(held, 'day')} of history, {first} to {last}; "
        f"needed: {needed} ({count(wanted, 'day')}){opened.left_out}.",
        value=held,
        threshold=wanted,
        source=f"data.odcs.yaml: {table.name} readiness.historyNeeded",
        series=_timeline(opened, days),
    )


def _duration(opened: DataTable, what: str, text: str | None, called: str) -> Duration:
    needed = parse_duration(text or "")
    if needed is None:
        msg = f"the {what} needed of {opened.name}, {text}, is no {called}"
        raise SourceError(msg)
    return needed


def _timeline(opened: DataTable, days: Mapping[dt.date, int]) -> tuple[Series, ...]:
    """Return the rows of each month, and of each day where they are not too many."""
    months = list(by_month(opened.profile.whole).dated.items())[-_MOST_MONTHS:]
    told = {f"{start:%Y-%m}": floored(rows) for start, rows in months}
    series = as_series("month", "rows", told)
    every = pd.date_range(min(days), max(days))
    if opened.declared.grain == "P1D" and len(every) <= _MOST_DAYS:
        told = {f"{day:%Y-%m-%d}": floored(days.get(day.date(), 0)) for day in every}
        series += as_series("day", "rows", told)
    return series


# --- gaps ----------------------------------------------------------------------------

#: Grains whose missing periods can be counted: what pandas calls them, and people.
_GRAINS = {
    "PT1H": ("h", "hour"),
    "P1D": ("D", "day"),
    "P1W": ("W", "week"),
    "P7D": ("W", "week"),
    "P1M": ("M", "month"),
    "P1Y": ("Y", "year"),
}
_MOST_GAPS = 10
_FEWEST_PERIODS = 2


def check_gaps(opened: DataTable) -> Finding:
    """Return the finding about periods of the declared grain that have no row.

    None may be missing, or as many as `readiness.gapsTolerated`; one without an open
    day (`readiness.calendar`) is no period. One with fewer rows than the declared
    `readiness.minRows` has none, but for the first and the last, which may be cut. Where segments are declared, each is looked
    at from its own first to its own last period. Days, weeks (from Monday), months and
    years are those of the declared zone.

    Raises:
        SourceError: the grain cannot be counted, the event time cannot be read, or
            every period may be missing.
    """
    table = opened.declared
    if table.grain not in _GRAINS:
        msg = f"periods of {table.grain} cannot be counted; {', '.join(_GRAINS)} can"
        raise SourceError(msg)
    frequency, period = _GRAINS[table.grain]
    opened.require(*table.segments)
    days = opened.profile.days  # says why times cannot be counted
    groups = _periods(opened, frequency, days) if frequency != "h" else _hours(opened)
    closed = _closed(opened, frequency, set().union(*groups.values()))
    missing, span, gaps = 0, 0, list[tuple[int, int, str]]()
    least = max(1, table.min_rows)
    for segment, rows in sorted(groups.items()):
        ends = {min(rows), max(rows)}
        numbers = {at for at, n in rows.items() if n >= least or at in ends}
        every = np.arange(min(numbers), max(numbers) + 1)
        expected = np.setdiff1d(every, [*(closed - numbers)], assume_unique=True)
        places = np.searchsorted(expected, sorted(numbers))
        lost, found = count_missing(places.tolist())
        missing += lost
        span += len(expected)
        gaps += [(-length, int(expected[start]), segment) for start, length in found]
    tolerated = table.gaps_tolerated or 0
    if span < _FEWEST_PERIODS:
        msg = f"{table.name} has {count(span, period)}; a gap lies between two"
        raise SourceError(msg)
    if tolerated >= span:
        msg = f"every one of {count(span, period)} may be missing, so it is no limit"
        raise SourceError(msg)
    of = (
        f"{count(span, f'open {period}' if table.calendar else period)} of {table.name}"
    )
    told = [
        (_label(opened, frequency, start, segment), -length)
        for length, start, segment in sorted(gaps)[:_MOST_GAPS]
    ]
    by = f" by {', '.join(table.segments)}" if table.segments else ""
    none = "no row" if least == 1 else f"fewer than {least:,} rows"
    message = f"None of the {of}{by} has {none}{opened.left_out}."
    if least == 1:
        message = f"None of the {of}{by} is missing{opened.left_out}."
    if missing:
        longest, length = told[0]
        message = (
            f"{missing:,} of {of}{by} "
            f"{'has' if missing == 1 else 'have'} {none}; the longest gap is "
            f"{count(length, period)}, from {longest}"
            f"{f'; at most {tolerated:,} may be so' if tolerated else ''}"
            f"{opened.left_out}."
        )
        if frequency == "D" and least == 1 and missing > tolerated:
            message += _asked(opened)

    return opened.find(
        "history-gaps",
        table.name,
        missing <= tolerated,
        message,
        value=missing,
        unit=f"missing {period}s",
        threshold=tolerated,
        source=f"data.odcs.yaml: {table.name} readiness."
        f"{'gapsTolerated' if tolerated else 'grain'}",
        series=as_series("longest gaps", f"{period}s", told),
    )


def _asked(opened: DataTable) -> str:
    """Return which weekdays may be closed, and where that belongs, as sentences."""
    table, held = opened.declared, opened.profile.days
    first, last = min(held), max(held)
    asked = bare_weekdays(held, first, last, closed_days(table, first, last))
    told = [f" {capital(one)}" for one in asked.values()]
    if told or table.calendar is None:
        told.append(" Days without rows on purpose belong under readiness.calendar.")
    return "".join(told)


def count_missing(numbers: Iterable[int]) -> tuple[int, list[tuple[int, int]]]:
    """Return how many whole numbers are missing between the first and the last.

    Returns:
        the count, and each gap as (first number missing, length), in order.
    """
    pairs = itertools.pairwise(sorted(set(numbers)))
    gaps = [(left + 1, right - left - 1) for left, right in pairs if right - left > 1]
    return sum(length for _, length in gaps), gaps


def _closed(opened: DataTable, frequency: str, numbers: set[int]) -> set[int]:
    """Return the numbers, from the first to the last, of periods without an open day."""
    table = opened.declared
    if table.calendar is None:
        return set()
    every = np.arange(min(numbers), max(numbers) + 1)
    if frequency != "h":
        periods = [pd.Period(ordinal=int(at), freq=frequency) for at in every]
        first = np.array([one.start_time.date() for one in periods], "M8[D]")
        last = np.array([one.end_time.date() for one in periods], "M8[D]")
    else:
        hours = pd.DatetimeIndex(every.astype("M8[h]").astype("M8[s]"))
        if is_instant(opened.source[table.event_time or ""]):
            zone = table.time_zone or "UTC"
            hours = hours.tz_localize("UTC").tz_convert(zone).tz_localize(None)
        first = last = hours.to_numpy().astype("M8[D]")
    free = closed_days(table, first[0].item(), last[-1].item())
    closed = np.array(sorted(free), "M8[D]")
    days = np.searchsorted(closed, last, "right") - np.searchsorted(closed, first)
    return set(every[days > (last - first).astype(int)].tolist())


def _label(opened: DataTable, frequency: str, start: int, segment: str) -> str:
    """Return where a gap begins, and in which segment if that may be shown."""
    table = opened.declared
    text = str(pd.Period(ordinal=start, freq=frequency)).partition("/")[0]
    if frequency == "h" and is_instant(opened.source[table.event_time or ""]):
        text += " UTC"
    columns = [table.column(name) for name in table.segments]
    is_shown = not any(column and column.restricted for column in columns)
    return f"{text} ({segment})" if segment and is_shown else text


def _periods(
    opened: DataTable, frequency: str, every: Mapping[dt.date, int]
) -> dict[str, Counter[int]]:
    """Return, per segment, the rows of the local periods that have any, by number."""
    table, profile = opened.declared, opened.profile
    days: Mapping[str, Mapping[dt.date, int]] = {"": every}
    if profile.segments:
        days = {part.segment: part.dated for part in profile.segments if part.dated}
    elif table.segments and opened.clock:
        found = _numbers(opened, opened.clock.day(opened.source))
        days = {
            segment: {date_of(day): n for day, n in rows.items()}
            for segment, rows in found.items()
        }
    number = functools.cache(lambda day: pd.Period(day, frequency).ordinal)
    groups: dict[str, Counter[int]] = {}
    for segment, by_day in days.items():
        groups[segment] = Counter()
        for day, rows in by_day.items():
            groups[segment][number(day)] += rows
    return groups


def _hours(opened: DataTable) -> dict[str, Counter[int]]:
    """Return, per segment, the rows of the hours that have any, by number.

    Hours of instants are those of UTC: on the zone's clock one hour a year would be
    missing and another would be there twice. On a local clock, the hours that the
    declared zone's clock skips cannot be missing.
    """
    table, event = opened.declared, opened.source[opened.declared.event_time]
    if opened.clock:
        event = opened.clock.times.of(opened.source)
    groups = _numbers(opened, raw_seconds(event) // HOUR)
    if event.type().is_timestamp() and not is_instant(event):
        first = min(map(min, groups.values()))
        last = max(map(max, groups.values()))
        skipped = skipped_hours(table, first, last)
        for hours in groups.values():
            low, high = min(hours), max(hours)
            for hour in skipped:
                if low < hour < high:
                    hours[hour] = max(hours[hour], table.min_rows, 1)
    return groups


def _numbers(opened: DataTable, number: ir.Value) -> dict[str, Counter[Any]]:
    """Return, per segment, the different numbers that its rows have, and how many do."""
    names = {f"s{at}": name for at, name in enumerate(opened.declared.segments)}
    columns = {key: opened.source[name] for key, name in names.items()}
    events = opened.source.select(number=number, **columns).drop_null("number")
    groups: dict[str, Counter[Any]] = {}
    for row in opened.ask(events.group_by("number", *names).aggregate(rows=_.count())):
        segment = name_segment(row[key] for key in names)
        groups.setdefault(segment, Counter())[row["number"]] += row["rows"]
    return groups


# --- arrivals ------------------------------------------------------------------------

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


def check_arrivals(opened: DataTable) -> Finding:
    """Return the finding about days whose number of rows is far from the usual.

    The usual is the median of the same weekday in the four weeks before and the four
    after, of days that had any row. Where fewer than three such days are known, a day must be far from the
    median of those and from that of all days; closed days (`readiness.calendar`) count
    nowhere. Far is under 50 % or at least 175 % of
    the usual, and more than 6 robust standard deviations (1.4826 MAD of the ratios of
    all days) off; no day may be. On a year of flights these limits name no holiday and
    no storm. The first and the last day may be cut and are left out, and days that
    usually have under 30 rows cannot be judged.

    Raises:
        UnjudgedError: rows are not expected every day, too few days have rows enough, or
            rows vary so much that a day loaded twice would not stand out.
        SourceError: days are not known, or there are fewer than 21.
    """
    table = opened.declared
    if table.grain not in _DAILY:
        msg = f"rows are not expected every day (readiness.grain {table.grain})"
        raise UnjudgedError(msg)
    held = opened.profile.days
    closed = closed_days(table, min(held), max(held))
    asked = bare_weekdays(held, min(held), max(held), closed)
    inner = pd.date_range(min(held), max(held))[1:-1]
    # Whether these are open is asked; that they have no row, the gaps tell.
    closed |= {
        day.date() for day in inner if day.weekday() in asked and day.date() not in held
    }
    days = _judged(held, closed)
    expected = sum(day.date() not in closed for day in inner)
    low, high = _limits(days, expected)
    nearest, farthest = days.rows / days.usual, days.rows / days.other
    is_low = np.maximum(nearest, farthest) < 1 - low
    found = days[is_low | (np.minimum(nearest, farthest) >= 1 + high)]
    under, over = (as_share(round(1 + one, 2)) for one in (-low, high))
    limits, judged = f"under {under} or at least {over}", count(len(days), "day")
    cut = "the first and the last day, which may be cut, were left out"
    if thin := expected - len(days):
        cut += f", and {count(thin, 'day')} with usually under {_FEWEST_ROWS} rows"
    cut += opened.left_out
    message = f"None of {judged} of {table.name} has {limits} of its usual rows; {cut}."
    rows, usual = (
        {f"{day:%Y-%m-%d}": n for day, n in found[one].items()}
        for one in ("rows", "usual")
    )
    if rows:
        told = [
            f"{day} ({as_rows(number)}, usually {usual[day]:,.0f})"
            for day, number in rows.items()
        ]
        message = (
            f"{len(rows):,} of {judged} of {table.name} "
            f"{'has' if len(rows) == 1 else 'have'} {limits} of the usual rows: "
            f"{as_list(told, _MOST_TOLD)}; {cut}."
        )
    message += "".join(f" {capital(one)}" for one in asked.values())
    shown = list(rows)[:_MOST_SHOWN]
    return opened.find(
        "arrivals-regular",
        table.name,
        not rows,
        message,
        value=len(rows),
        threshold=0,
        source=f"data.odcs.yaml: {table.name} readiness.grain",
        series=(
            *as_series(
                "surprising days", "rows", {day: floored(rows[day]) for day in shown}
            ),
            *as_series("usual", "rows", {day: round(usual[day]) for day in shown}),
        ),
    )


def _judged(days: Mapping[dt.date, int], closed: frozenset[dt.date]) -> pd.DataFrame:
    """Return the days that can be judged, one without a row too, closed ones left out.

    Columns: rows; usual, those of the nearest days like it; other, those of all days
    where the nearest are too few, else as usual.
    """
    inner = pd.date_range(min(days), max(days))[1:-1]
    rows = pd.Series([days.get(day.date(), 0) for day in inner], inner, "int64")
    is_closed = np.array([day.date() in closed for day in inner], dtype=bool)
    open_ = rows.mask(is_closed)
    had = open_.mask(open_ == 0)
    if 2 * had.count() <= open_.count():  # most have none, so that is the usual
        had = open_
    near = pd.DataFrame({at: had.shift(at) for at in _NEIGHBOURS}, index=inner)
    usual = near.median(axis=1).fillna(had.median())
    is_few = near.count(axis=1) < _FEWEST_NEIGHBOURS
    other = usual.mask(is_few, had.median())
    is_judged = (np.minimum(usual, other) >= _FEWEST_ROWS) & ~is_closed
    judged = pd.DataFrame({"rows": rows, "usual": usual, "other": other})
    return judged[np.asarray(is_judged, dtype=bool)]


def _limits(days: pd.DataFrame, expected: int) -> tuple[float, float]:
    """Return how far below and above its usual rows a day surprises, as shares.

    Args:
        days: those that can be judged.
        expected: how many there would be with enough rows on each.
    """
    if len(days) < _FEWEST_DAYS:
        msg = (
            f"{count(len(days), 'day')} can be judged, and it takes {_FEWEST_DAYS}: the "
            f"first and the last day are left out, and days that usually have under "
            f"{_FEWEST_ROWS} rows"
        )
        raise UnjudgedError(msg) if expected >= _FEWEST_DAYS else SourceError(msg)
    ratios = days.rows / days.usual
    spread = _TO_SIGMA * float((ratios - ratios.median()).abs().median())
    low, high = max(_LOW, _SPREADS * spread), max(_HIGH, _SPREADS * spread)
    if high >= 1:
        msg = "rows per day vary so much that a day loaded twice would not stand out"
        raise UnjudgedError(msg)
    return low, high


def check_fresh(opened: DataTable) -> Finding:
    """Return the finding about the days since the last event, on the day of measuring.

    Days are those of the declared zone, closed ones (`readiness.calendar`) left out; the
    threshold is the declared latency (an slaProperty), counted back by the calendar
    from that day. Events dated after the next day, as no zone is so far ahead, are
    stand-ins; where all are, they contradict.

    Raises:
        SourceError: days are not known, the latency is no duration, or it is shorter
            than a day, which an event of today or yesterday cannot be held against.
    """
    table, today = opened.declared, opened.today
    needed = _duration(opened, "latency", table.latency, "duration")
    last = max(opened.profile.days)
    free = closed_days(table, min(opened.profile.days), today) if last < today else ()
    closed = sum(day > last for day in free)
    age, most = (today - last).days - closed, needed.days_before(today)
    if -1 <= age <= 1 > needed.mean_days:
        msg = (
            f"its last event is of {last} and dates tell days only, so nobody can say "
            f"whether it is within {needed}"
        )
        raise SourceError(msg)
    when = "the day of the measurement"
    if age > 0:
        days = count(age, "open day" if closed else "day")
        when = f"{days} before the measurement of {today}"
    message = (
        f"The last event of {table.name} is of {last}, {when}; needed: within {needed}"
        f"{opened.left_out}."
    )
    if age < -1:
        when = f"{count(-age, 'day')} after the measurement of {today}"
        message = (
            f"The last event of {table.name} is dated {last}, {when}{opened.left_out}."
        )
    return opened.find(
        "data-fresh",
        table.name,
        -1 <= age <= most,
        message,
        value=age if age < -1 else max(0, age),
        threshold=most,
        source=f"data.odcs.yaml: {table.name} latency",
    )


OF_TABLE = {
    "history-span": check_span,
    "history-gaps": check_gaps,
    "arrivals-regular": check_arrivals,
    "data-fresh": check_fresh,
}
