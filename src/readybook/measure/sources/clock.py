"""The declared clock and calendar, for every engine: offsets as CASE, days as numbers.

Engines know zones by different names, in different releases and at a price, so the
offsets of a zone are looked up here and added to the seconds of an instant. A time
without an offset is taken as the zone's own clock, and a date as its midnight.
"""

import bisect
import datetime as dt
import importlib
import itertools
import zoneinfo
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from readybook.model.contract import WEEKDAYS, Table
from readybook.model.errors import SourceError

QUARTER = 900  #: seconds; every zone's offset is a multiple of it
HOUR = 3_600  #: seconds
DAY = 86_400  #: seconds

Ask = Callable[[ir.Table], list[dict[str, Any]]]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: Times outside of these years are placeholders, not events.
_FROM, _UNTIL = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (1900, 2101))


#: From when on a zone has an offset, and which: since 1970, added to UTC, in seconds.
_Changes = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Clock:
    """Turns one column of a table into local days; made by `read_clock`."""

    column: str
    first: dt.date  #: local day of the first time
    last: dt.date
    changes: _Changes  #: of the offset; none: the times are local already

    def seconds(self, source: ir.Table) -> ir.NumericValue:
        """Return the seconds since 1970 that the zone's clock shows; null for null."""
        seconds = raw_seconds(source[self.column])
        return seconds + stepwise(seconds, self.changes) if self.changes else seconds

    def day(self, source: ir.Table) -> ir.IntegerValue:
        """Return the number of the local day, see `date_of`; null for null."""
        return self.seconds(source) // DAY

    def date_at(self, seconds: float) -> dt.date:
        """Return the local date of the raw seconds of one of its times."""
        passed = [0, *(offset for since, offset in self.changes if since <= seconds)]
        return date_of(int((seconds + passed[-1]) // DAY))


def read_clock(source: ir.Table, table: Table, column: str, ask: Ask) -> Clock:
    """Return the clock of a column of dates or times, in the zone that the table names.

    Its first and last time are asked for.

    Raises:
        SourceError: the column is missing, is no time, has no value or one outside of
            1900 to 2100, or holds instants and no known zone is declared.
    """
    event = time_column(source, table, column)
    zone = zone_of(table) if is_instant(event) else dt.UTC
    first, last = event.min(), event.max()
    low, high = _limits(event)
    # Compared before they are turned to numbers, which infinite times cannot be.
    bounds = source.aggregate(
        dated=event.count(),
        first=ibis.ifelse(first >= low, raw_seconds(first) // HOUR, None),
        last=ibis.ifelse(last < high, raw_seconds(last) // HOUR, None),
    )
    found = ask(bounds)[0]
    if not found["dated"]:
        msg = f"no row of {table.name} has a value in {column}"
        raise SourceError(msg)
    if found["first"] is None or found["last"] is None:
        msg = f"{table.name}.{column} has years outside of 1900 to 2100"
        raise SourceError(msg)
    # Full hours around all times.
    start, end = found["first"] * HOUR, (found["last"] + 1) * HOUR
    return Clock(
        column,
        _local(start, zone).date(),
        _local(end - 1, zone).date(),
        _changes(zone, start, end) if is_instant(event) else (),
    )


def time_column(source: ir.Table, table: Table, column: str) -> ir.Value:
    """Return a column of dates or times.

    Raises:
        SourceError: the source has no such column, or it is no date or time.
    """
    if column not in source.columns:
        msg = f"{table.name} has no column {column}"
        raise SourceError(msg)
    event = source[column]
    if not (event.type().is_timestamp() or event.type().is_date()):
        msg = f"{table.name}.{column} is of type {event.type()}, not a date or time"
        raise SourceError(msg)
    return event


def is_instant(event: ir.Value) -> bool:
    """Return whether a time carries its offset, so that a zone changes its day."""
    kind = event.type()
    return bool(kind.is_timestamp() and kind.timezone is not None)


def is_plausible(event: ir.Value) -> ir.BooleanValue:
    """Return whether a time lies in the years 1900 to 2100; null for null."""
    low, high = _limits(event)
    return (event >= low) & (event < high)


def raw_seconds(event: ir.Value) -> ir.NumericValue:
    """Return the seconds since 1970: in UTC of an instant, else on its own clock.

    They may have a fraction, whatever their type says.
    """
    # An instant must not be cast: some engines would turn it into their own zone.
    if is_instant(event) and event.get_backend().name == "duckdb":
        # What Ibis writes asks for the calendar row by row, ten times as slow.
        return _epoch(event)
    return (
        event.cast("timestamp") if event.type().is_date() else event
    ).epoch_seconds()


@ibis.udf.scalar.builtin(  # type: ignore[untyped-decorator]
    name="epoch", signature=(("timestamp('UTC')",), "float64")
)
def _epoch(instant: ir.Value) -> ir.NumericValue:
    """Return the seconds since 1970, by DuckDB's own function."""


def date_of(number: int) -> dt.date:
    """Return the date of a day's number; 0 is 1970-01-01."""
    return _EPOCH.date() + dt.timedelta(days=number)


def skipped_hours(table: Table, first: int, last: int) -> set[int]:
    """Return the hours that the declared zone's clock skips, as numbers since 1970.

    Looked at are those from the first to the last on the local clock; without a zone no
    hour is skipped.

    Raises:
        SourceError: the declared zone is not known.
    """
    if table.time_zone is None:
        return set()
    # A day more at either end, as these numbers are of the local clock.
    changes = _changes(zone_of(table), first * HOUR - DAY, last * HOUR + DAY)
    skipped = set[int]()
    for (_, before), (since, after) in itertools.pairwise(changes):
        skipped.update(range(-(-(since + before) // HOUR), (since + after) // HOUR))
    return skipped


def zone_of(table: Table) -> zoneinfo.ZoneInfo:
    """Return the zone that a table declares.

    Raises:
        SourceError: none is declared, or it is not known.
    """
    if table.time_zone is None:
        msg = f"no time zone is declared for {table.name} (readiness.timeZone)"
        raise SourceError(msg)
    try:
        return zoneinfo.ZoneInfo(table.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        msg = f"the time zone {table.time_zone} is not known"
        raise SourceError(msg) from None


def _limits(event: ir.Value) -> tuple[ir.Value, ir.Value]:
    if event.type().is_date():
        return ibis.date(_FROM.date()), ibis.date(_UNTIL.date())
    if is_instant(event):
        return ibis.timestamp(_FROM), ibis.timestamp(_UNTIL)
    low, high = (limit.replace(tzinfo=None) for limit in (_FROM, _UNTIL))
    return ibis.timestamp(low), ibis.timestamp(high)


def _changes(zone: dt.tzinfo, start: int, end: int) -> _Changes:
    """Return the offsets of a zone between two instants, in order."""
    changes = [(start, _offset_at(start, zone))]
    for at, then in itertools.pairwise([*range(start, end, DAY), end]):
        offset = changes[-1][1]
        if _offset_at(then, zone) != offset:
            since = at + bisect.bisect_left(
                range(at, then),
                1,
                key=lambda moment: _offset_at(moment, zone) != offset,
            )
            changes.append((since, _offset_at(since, zone)))
    return tuple(changes)


def _local(seconds: int, zone: dt.tzinfo) -> dt.datetime:
    return (_EPOCH + dt.timedelta(seconds=seconds)).astimezone(zone)


def _offset_at(seconds: int, zone: dt.tzinfo) -> int:
    offset = _local(seconds, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def stepwise(
    number: ir.NumericValue, steps: Sequence[tuple[int, int]]
) -> ir.IntegerValue:
    """Return what holds at a number: of the last step that is not beyond it.

    By halves, so that many steps take few comparisons.

    Args:
        number: of a null, what holds from the last step on is returned.
        steps: from where on, ascending, and what holds from there; the first holds
            before it as well.
    """
    if len(steps) == 1:
        return ibis.literal(steps[0][1])
    middle = len(steps) // 2
    return ibis.ifelse(
        number < steps[middle][0],
        stepwise(number, steps[:middle]),
        stepwise(number, steps[middle:]),
    )


def closed_days(table: Table, first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """Return the closed days from one to another, both included.

    Raises:
        SourceError: whose holidays are meant is not known, or no day is open.
    """
    calendar = table.calendar
    if calendar is None:
        return frozenset()
    free = _holidays(calendar.holidays, range(first.year, last.year + 1))
    every = {first + dt.timedelta(days=at) for at in range((last - first).days + 1)}
    closed = frozenset(
        day
        for day in every
        if WEEKDAYS[day.weekday()] not in calendar.weekdays
        or day in free
        or any(days.first <= day <= days.last for days in calendar.closed)
    )
    if closed == every:
        msg = f"the calendar of {table.name} leaves no day open, so it is no limit"
        raise SourceError(msg)
    return closed


def _holidays(code: str | None, years: range) -> Container[dt.date]:
    if code is None:
        return ()
    country, _dash, part = code.partition("-")
    # It takes a tenth of a second to load, and few calendars name a country.
    library = importlib.import_module("holidays")
    try:
        found: Container[dt.date] = library.country_holidays(
            country, subdiv=part or None, years=years
        )
    except NotImplementedError as error:
        msg = f"the holidays of {code} are not known"
        raise SourceError(msg) from error
    return found
