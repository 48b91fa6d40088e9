"""Which periods between the first and the last event have no row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis.expr.types as ir

from readybook.measure.rows.calendar_sums import dated_rows
from readybook.measure.rows.history import days_of
from readybook.measure.rows.periods import (
    GRAINS,
    Period,
    count_missing,
    period_label,
    period_number,
    period_start,
)
from readybook.measure.sources.clock import (
    HOUR,
    date_of,
    is_instant,
    raw_seconds,
    read_clock,
    skipped_hours,
    time_column,
)
from readybook.measure.table.opened import Opened
from readybook.measure.table.profile import name_segment
from readybook.model.contract import Table
from readybook.model.errors import SourceError
from readybook.model.findings import Finding, Point, Series
from readybook.model.words import count

__all__ = ["check_gaps"]

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a clock of any zone is added to it
_MOST_GAPS = 10


@dataclass(frozen=True, order=True)
class _Gap:
    """A run of periods without a row."""

    start: int  #: number of its first period
    length: int
    segment: str  #: "" where no segments are declared


@dataclass(frozen=True)
class _Counting:
    """What is counted of a table."""

    table: Table
    period: Period
    is_utc: bool  #: hours of instants

    def label(self, gap: _Gap) -> str:
        """Return where a gap begins, and in which segment if that may be shown."""
        if self.period == "hour":
            moment = _EPOCH + dt.timedelta(hours=gap.start)
            text = f"{moment:%Y-%m-%d %H:%M}{' UTC' if self.is_utc else ''}"
        else:
            text = period_label(period_start(gap.start, self.period), self.period)
        columns = [self.table.column(name) for name in self.table.segments]
        is_shown = not any(column and column.restricted for column in columns)
        return f"{text} ({gap.segment})" if gap.segment and is_shown else text


def check_gaps(opened: Opened) -> Finding:
    """Return the finding about periods of the declared grain that have no row.

    None may be missing. Where segments are declared, each is looked at from its own
    first to its own last period. Days, weeks (from Monday), months and years are those
    of the declared zone.

    Raises:
        SourceError: the grain cannot be counted, or the event time cannot be read.
    """
    table = opened.declared
    period = GRAINS.get(table.grain or "")
    if period is None:
        msg = f"periods of {table.grain} cannot be counted; {', '.join(GRAINS)} can"
        raise SourceError(msg)
    opened.require(*table.segments)
    groups = _hours(opened) if period == "hour" else _periods(opened, period)
    missing, span, gaps = 0, 0, list[_Gap]()
    for segment, numbers in sorted(groups.items()):
        lost, found = count_missing(numbers)
        missing += lost
        span += max(numbers) - min(numbers) + 1
        gaps += [_Gap(start, length, segment) for start, length in found]
    gaps.sort(key=lambda gap: (-gap.length, gap))
    is_utc = is_instant(opened.source[table.event_time or ""])
    counting = _Counting(table, period, is_utc)
    return opened.find(
        "history-gaps",
        table.name,
        "contradicts" if missing else "supports",
        _message(counting, missing, span, gaps),
        value=missing,
        unit=f"missing {period}s",
        threshold=0,
        source=f"data.odcs.yaml: {table.name} readiness.grain",
        series=_series(counting, gaps),
    )


def _periods(opened: Opened, period: Period) -> dict[str, set[int]]:
    """Return, per segment, the numbers of the local periods that have a row."""
    table, profile = opened.declared, opened.profile
    days: dict[str, set[dt.date]] = {"": set(days_of(opened))}
    if profile.segments:
        days = {part.segment: set(dated_rows(part)) for part in profile.segments}
    elif table.segments:
        clock = read_clock(opened.source, table, table.event_time or "", opened.ask)
        numbers = _numbers(opened, clock.day(opened.source))
        days = {segment: set(map(date_of, found)) for segment, found in numbers.items()}
    return {
        segment: {period_number(day, period) for day in found}
        for segment, found in days.items()
        if found
    }


def _hours(opened: Opened) -> dict[str, set[int]]:
    """Return, per segment, the numbers of the hours that have a row.

    Hours of instants are those of UTC: on the zone's clock one hour a year would be
    missing and another would be there twice. On a local clock, the hours that the
    declared zone's clock skips cannot be missing.
    """
    table = opened.declared
    days_of(opened)  # says why times cannot be counted
    event = time_column(opened.source, table, table.event_time or "")
    groups = _numbers(opened, raw_seconds(event) // HOUR)
    if event.type().is_timestamp() and not is_instant(event):
        first = min(map(min, groups.values()))
        last = max(map(max, groups.values()))
        skipped = skipped_hours(table, first, last)
        for hours in groups.values():
            low, high = min(hours), max(hours)
            hours.update(hour for hour in skipped if low < hour < high)
    return groups


def _numbers(opened: Opened, number: ir.IntegerValue) -> dict[str, set[int]]:
    """Return, per segment, the different numbers that its rows have."""
    names = {f"s{at}": name for at, name in enumerate(opened.declared.segments)}
    columns = {key: opened.source[name] for key, name in names.items()}
    events = opened.source.select(number=number, **columns)
    groups: dict[str, set[int]] = {}
    for row in opened.ask(events.filter(events.number.notnull()).distinct()):
        segment = name_segment(row[key] for key in names)
        groups.setdefault(segment, set()).add(row["number"])
    return groups


def _message(counting: _Counting, missing: int, span: int, gaps: list[_Gap]) -> str:
    table, period = counting.table, counting.period
    by = f" by {', '.join(table.segments)}" if table.segments else ""
    if not missing:
        return f"None of the {count(span, period)} of {table.name}{by} is missing."
    longest = gaps[0]
    return (
        f"{missing:,} of {count(span, period)} of {table.name}{by} "
        f"{'has' if missing == 1 else 'have'} no row; the longest gap is "
        f"{count(longest.length, period)}, from {counting.label(longest)}."
    )


def _series(counting: _Counting, gaps: list[_Gap]) -> tuple[Series, ...]:
    points = tuple(
        Point(label=counting.label(gap), value=gap.length) for gap in gaps[:_MOST_GAPS]
    )
    if not points:
        return ()
    return (Series(name="longest gaps", unit=f"{counting.period}s", points=points),)
