"""The declared clock and calendar, for every engine: offsets as CASE, days as numbers.

Engines know zones by different names, in different releases and at a price, so the
offsets of a zone are looked up here and added to the seconds of an instant. A time
without an offset is taken as the zone's own clock, and a date as its midnight.
"""

import bisect
import datetime as dt
import itertools
import statistics
import zoneinfo
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from readybook.model.contract import WEEKDAYS, Table, holidays_of
from readybook.model.errors import SourceError

QUARTER = 900  #: seconds; every zone's offset is a multiple of it
HOUR = 3_600  #: seconds
DAY = 86_400  #: seconds
_YEAR = 31_556_952  # seconds, the mean

Ask = Callable[[ir.Table], list[dict[str, Any]]]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
#: Times outside of these years are stand-ins on sight.
_FROM, _UNTIL = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (1678, 2101))
_SILENCE = 5 * 366 * DAY  # before it lies what may be no history
_SILENCES = 5  # times what usually lies between two times: a census has its pauses
_THIN = 0.01  # share of rows
_FEW_DAYS = 3 * DAY  # a stand-in is one day, on one clock or another
_NOT_YET = 2  # days from that of the measurement: no zone is so far ahead


#: From when on a zone has an offset, and which: since 1970, added to UTC, in seconds.
_Changes = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Times:
    """The times of one column that are events; made by `read_times`."""

    column: str
    start: int  #: seconds since 1970 of the full hours around them, see `raw_seconds`
    end: int
    left_out: int = 0  #: rows whose time stands in for one that is not known

    def of(self, source: ir.Table) -> ir.Value:
        """Return the times; null for null and for a stand-in."""
        event = source[self.column]
        if not self.left_out:
            return event
        # Compared before they are turned to numbers, which infinite times cannot be.
        return ibis.ifelse(_is_within(event, self.start, self.end), event, None)


@dataclass(frozen=True)
class Clock:
    """Turns one column of a table into local days; made by `read_clock`."""

    times: Times
    first: dt.date  #: local day of the first time
    last: dt.date
    changes: _Changes  #: of the offset; none: the times are local already

    def seconds(self, source: ir.Table) -> ir.NumericValue:
        """Return the seconds since 1970 that the zone's clock shows.

        Null for null and for a stand-in.
        """
        seconds = raw_seconds(self.times.of(source))
        return seconds + stepwise(seconds, self.changes) if self.changes else seconds

    def day(self, source: ir.Table) -> ir.IntegerValue:
        """Return the number of the local day, see `date_of`; null as in `seconds`."""
        return self.seconds(source) // DAY

    def date_at(self, seconds: float) -> dt.date:
        """Return the local date of the raw seconds of one of its times."""
        passed = [0, *(offset for since, offset in self.changes if since <= seconds)]
        return date_of(int((seconds + passed[-1]) // DAY))


def read_clock(
    source: ir.Table, table: Table, column: str, ask: Ask, today: dt.date
) -> Clock:
    """Return the clock of a column of dates or times, in the zone that the table names.

    Raises:
        SourceError: as `read_times`, or it holds instants and no known zone is declared.
    """
    is_zoned = is_instant(time_column(source, table, column))
    zone = zone_of(table) if is_zoned else dt.UTC
    times = read_times(source, table, column, ask, today)
    first, last = (_local(at, zone).date() for at in (times.start, times.end - 1))
    changes = _changes(zone, times.start, times.end) if is_zoned else ()
    return Clock(times, first, last, changes)


def read_times(
    source: ir.Table, table: Table, column: str, ask: Ask, today: dt.date
) -> Times:
    """Return from when to when the times of a column are events, and not stand-ins.

    Stand-ins are times before 1678, which nanoseconds do not reach, or after 2100;
    those that the day after `today` has not reached, unless all are so; and those
    before a silence of five years (and of five times what usually lies between two
    times) that hold under 1 % of the rows, or no more than three days on end in a year
    while others hold more. So 1900-01-01 is none where the years from 1900 on have rows.

    Raises:
        SourceError: the column is missing, is no time, or has no value within the
            years 1678 to 2100.
    """
    event = time_column(source, table, column)
    zone: dt.tzinfo = dt.UTC
    if is_instant(event) and table.time_zone is not None:
        zone = zone_of(table)
    first, last = event.min(), event.max()
    low, high = (int(limit.timestamp()) for limit in (_FROM, _UNTIL))
    # Compared before they are turned to numbers, which infinite times cannot be.
    bounds = source.aggregate(
        dated=event.count(),
        first=ibis.ifelse(first >= _at(event, low), raw_seconds(first) // HOUR, None),
        last=ibis.ifelse(last < _at(event, high), raw_seconds(last) // HOUR, None),
    )
    dated, start, end = ask(bounds)[0].values()
    if not dated:
        msg = f"no row of {table.name} has a value in {column}"
        raise SourceError(msg)
    midnight = dt.datetime.combine(today + dt.timedelta(_NOT_YET), dt.time(), zone)
    now = min(int(midnight.timestamp()), high)
    is_short = start is not None and end is not None
    if is_short and (end - start) * HOUR < _SILENCE and end * HOUR < now:
        return Times(column, start * HOUR, (end + 1) * HOUR)
    known = source.select(at=event)
    known = known.filter(_is_within(known["at"], low, high))
    seconds = raw_seconds(known["at"])
    grouped = known.group_by(year=seconds // _YEAR, is_late=seconds >= now).aggregate(
        rows=known.count(), start=(seconds // HOUR).min(), end=(seconds // HOUR).max()
    )
    years = [
        _Year(one["start"] * HOUR, (one["end"] + 1) * HOUR, one["rows"])
        for one in ask(grouped.order_by("start"))
    ]
    usual = [one for one in years if one.start < now] or years
    if not usual:
        msg = f"no time in {table.name}.{column} lies within the years 1678 to 2100"
        raise SourceError(msg)
    usual = usual[_first_usual(usual) :]
    left_out = dated - sum(one.rows for one in usual)
    return Times(column, usual[0].start, usual[-1].end, left_out)


class _Year(NamedTuple):
    """The times of a year: full hours around them, in seconds, and rows."""

    start: int
    end: int
    rows: int


def _first_usual(years: Sequence[_Year]) -> int:
    """Return the place of the first year, of those with rows, that is no stand-in."""
    gaps = [later.start - one.end for one, later in itertools.pairwise(years)]
    thin = _THIN * sum(one.rows for one in years)
    for at in range(len(gaps), 0, -1):
        usual = statistics.median(gaps[at:]) if gaps[at:] else 0
        before, after = (
            (sum(one.rows for one in part), max(one.end - one.start for one in part))
            for part in (years[:at], years[at:])
        )
        is_odd = before[0] < thin or before[1] <= _FEW_DAYS < after[1]
        if is_odd and gaps[at - 1] >= max(_SILENCE, _SILENCES * usual):
            return at
    return 0


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


def _is_within(event: ir.Value, start: int, end: int) -> ir.BooleanValue:
    return (event >= _at(event, start)) & (event < _at(event, end))


def _at(event: ir.Value, seconds: int) -> ir.Value:
    """Return a moment, in seconds as of `raw_seconds`, to compare with a time."""
    moment = _EPOCH + dt.timedelta(seconds=seconds)
    if event.type().is_date():
        # The day that the hour before an end lies in, and the next, are none of it.
        return ibis.date((moment + dt.timedelta(seconds=DAY - 1)).date())
    return ibis.timestamp(moment if is_instant(event) else moment.replace(tzinfo=None))


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
        SourceError: no day is open.
    """
    calendar = table.calendar
    if calendar is None:
        return frozenset()
    free: Container[dt.date] = ()
    if calendar.holidays:
        free = holidays_of(calendar.holidays, range(first.year, last.year + 1))
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


_NAMES = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays",
          "Sundays")  # fmt: skip
_WEEKS = 8  #: fewer do not tell on which days nothing happens
_OFTEN = 0.5  #: share of days
_MOST_BARE = 5  #: weekdays; where more are bare, rows have no rhythm of weekdays


def bare_weekdays(
    held: Container[dt.date], first: dt.date, last: dt.date, closed: Container[dt.date]
) -> dict[int, str]:
    """Return the weekdays (0: Monday) of which most have no row, each with its question.

    Args:
        held: the days with rows.
        first: the first day that is looked at.
        last: the last one.
        closed: the days of them that are no question.
    """
    every = (first + dt.timedelta(days=at) for at in range((last - first).days + 1))
    days = list[list[dt.date]]([[] for _ in range(7)])
    for day in every:
        if day not in closed:
            days[day.weekday()].append(day)
    bare = [sum(day not in held for day in some) for some in days]
    asked = {
        at: f"no row on {bare[at]:,} of {len(some):,} {_NAMES[at]}: closed?"
        for at, some in enumerate(days)
        if len(some) >= _WEEKS and bare[at] > _OFTEN * len(some)
    }
    return asked if len(asked) <= _MOST_BARE else {}
