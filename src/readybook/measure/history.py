"""How far the events of a table reach back, and how many there are per period."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir
from ibis import _
from ibis.backends.duckdb import Backend

from readybook.contract import Table
from readybook.errors import SourceError
from readybook.findings import Finding, Point, Series
from readybook.measure.periods import parse_duration
from readybook.measure.phrases import floored
from readybook.measure.source import rows, zone
from readybook.words import count

__all__ = [
    "Days",
    "check_span",
    "count_days",
    "count_periods",
    "event_time",
    "is_instant",
    "set_zone",
]

_MOST_DAYS = 1_200
_MOST_MONTHS = 600
#: A first or last day outside of these is a placeholder, not an event.
_YEARS = range(1900, 2101)


@dataclass(frozen=True)
class Days:
    """Rows per local day of an event table, and its first and last day."""

    rows: Mapping[dt.date, int]

    @property
    def first(self) -> dt.date:
        """Return the first day with an event."""
        return min(self.rows)

    @property
    def last(self) -> dt.date:
        """Return the last day with an event."""
        return max(self.rows)


def count_days(engine: Backend, source: ir.Table, table: Table) -> Days:
    """Return the rows per day of a table's event time, in its declared zone.

    A time with an offset is an instant and is turned into the zone; a time without
    one is taken as the zone's own clock.

    Raises:
        SourceError: the event time is missing, is no time, lacks a zone or a value.
    """
    event = event_time(source, table)
    set_zone(engine, event, table)
    found = rows(
        count_periods(source, event, lambda time: time.cast("timestamp").date())
    )
    days = {row["period"]: row["rows"] for row in found if row["period"] is not None}
    if not days:
        msg = f"no row of {table.name} has a value in {table.event_time}"
        raise SourceError(msg)
    if not {min(days).year, max(days).year} <= set(_YEARS):
        msg = f"{table.name}.{table.event_time} has years outside of 1900 to 2100"
        raise SourceError(msg)
    return Days(days)


def check_span(days: Days, table: Table, fingerprint: str, today: dt.date) -> Finding:
    """Return the finding about the days from first to last event, both included.

    Raises:
        SourceError: the declared duration cannot be read.
    """
    needed = parse_duration(table.history_needed or "")
    if needed is None:
        msg = f"the history needed of {table.name}, {table.history_needed}, is no span"
        raise SourceError(msg)
    held = (days.last - days.first).days + 1
    wanted = needed.days_before(days.last + dt.timedelta(days=1))
    return Finding(
        check="history-span",
        subject=table.name,
        outcome="supports" if held >= wanted else "contradicts",
        message=(
            f"{table.name} holds {count(held, 'day')} of history, {days.first} to "
            f"{days.last}; needed: {needed} ({count(wanted, 'day')})."
        ),
        value=held,
        unit="days",
        threshold=wanted,
        threshold_source=f"data.odcs.yaml: {table.name} readiness.historyNeeded",
        measured_on=today,
        fingerprint=fingerprint,
        series=_timeline(days, table),
    )


def event_time(source: ir.Table, table: Table) -> ir.Value:
    """Return the column of a table's event time.

    Raises:
        SourceError: the source has no such column, or it is no date or time.
    """
    name = table.event_time or ""
    if name not in source.columns:
        msg = f"{table.name} has no column {name}"
        raise SourceError(msg)
    event = source[name]
    if not (event.type().is_timestamp() or event.type().is_date()):
        msg = f"{table.name}.{name} is of type {event.type()}, not a date or time"
        raise SourceError(msg)
    return event


def is_instant(event: ir.Value) -> bool:
    """Return whether a time carries its offset, so that a zone changes its day."""
    kind = event.type()
    return bool(kind.is_timestamp() and kind.timezone is not None)


def set_zone(engine: Backend, event: ir.Value, table: Table) -> None:
    """Make the engine turn the event time's instants into the declared zone's days.

    Raises:
        SourceError: the event time holds instants and no known zone is declared.
    """
    if not is_instant(event):
        return
    if table.time_zone is None:
        msg = f"no time zone is declared for {table.name} (readiness.timeZone)"
        raise SourceError(msg)
    zone(engine, table.time_zone)


def count_periods(
    source: ir.Table,
    event: ir.Value,
    period: Callable[[ir.Value], ir.Value],
    segments: Sequence[str] = (),
) -> ir.Table:
    """Return the rows per period and segment.

    Args:
        source: the table of events.
        event: its column with the time.
        period: turns a time into its period.
        segments: columns that are counted apart.

    Returns:
        the columns `period`, `s0` and so on for the segments, and `rows`.
    """
    names = {f"s{at}": source[name] for at, name in enumerate(segments)}
    events = source.select(at=event, **names)
    if is_instant(event):
        # A zone's clock is slow to ask; distinct instants are often fewer than rows.
        counts = events.group_by("at", *names).aggregate(rows=_.count())
    else:
        counts = events.mutate(rows=1)
    periods = counts.mutate(period=period(counts["at"]))
    return periods.group_by("period", *names).aggregate(rows=_.rows.sum())


def _timeline(days: Days, table: Table) -> tuple[Series, ...]:
    months = Counter[str]()
    for day, number in days.rows.items():
        months[f"{day:%Y-%m}"] += number
    labels = list(_months(days.first, days.last))[-_MOST_MONTHS:]
    series = [_series("month", labels, months)]
    span = (days.last - days.first).days + 1
    if table.grain == "P1D" and span <= _MOST_DAYS:
        every = [days.first + dt.timedelta(days=step) for step in range(span)]
        daily = {day.isoformat(): number for day, number in days.rows.items()}
        series.append(_series("day", [day.isoformat() for day in every], daily))
    return tuple(series)


def _months(first: dt.date, last: dt.date) -> Iterable[str]:
    for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{month // 12:04d}-{month % 12 + 1:02d}"


def _series(name: str, labels: list[str], counts: Mapping[str, int]) -> Series:
    points = tuple(
        Point(label=label, value=floored(counts.get(label, 0))) for label in labels
    )
    return Series(name=name, unit="rows", points=points)
