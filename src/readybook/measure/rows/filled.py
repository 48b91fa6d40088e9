"""Are fields filled, is the label, and how long after its event is it known?"""

import bisect
import datetime as dt
import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import ibis.expr.types as ir

from readybook.measure.profile import by_month, sum_slices
from readybook.measure.rows.history import Duration, parse_duration
from readybook.measure.sources.clock import (
    DAY,
    HOUR,
    is_instant,
    raw_seconds,
    read_clock,
    read_times,
)
from readybook.measure.table import DataTable, as_series
from readybook.model.contract import Column, Tolerance
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding, Series
from readybook.model.words import as_number, as_rows, as_share, count, floored

_MOST_MONTHS = 600
#: Standard deviations by which a month must exceed what is usual to be told: one in
#: 700 months does so by chance.
_SIGMAS = 3


class _Part(NamedTuple):
    """Rows of a table or of one of its months, and those without a value."""

    rows: int
    missing: int

    @property
    def share(self) -> float:
        """Return the share of rows without a value, 0 to 1."""
        return self.missing / self.rows


class _Filled(NamedTuple):
    """How one column is filled."""

    all: _Part  #: at least one row
    months: dict[str, _Part]  #: by "2013-02", those without a row too; "all": no days
    waiting: int = 0  #: rows that are too young to have a label, counted nowhere else

    @property
    def told_waiting(self) -> str:
        """Return a clause about the rows that wait for their label, "" without any."""
        if not self.waiting:
            return ""
        return (
            f"; {as_rows(self.waiting)} are too young to have a label, and not counted"
        )

    def series(
        self, unit: str, percent: Callable[[_Part], float]
    ) -> tuple[Series, ...]:
        """Return the last 600 months; one of fewer than 10 rows is left open."""
        told = {
            label: round(percent(month), 4) if month.rows >= FLOOR else None
            for label, month in list(self.months.items())[-_MOST_MONTHS:]
        }
        return as_series("month", unit, told)


def unripe_days(opened: DataTable) -> dict[str, dt.date]:
    """Return the first day whose rows may lack their label yet, by column.

    It lies the tolerated `readiness.labelDelay` before the newest event. The column
    that says when the label was known waits as the label does.
    """
    days, found = dict[str, dt.date](), opened.profile
    for column in opened.declared.columns:
        delay = parse_duration(column.label_delay or "")
        if column.is_label and delay and found.undated is None:
            last = max(found.days)
            first = last + dt.timedelta(days=1 - delay.days_before(last))
            days |= dict.fromkeys((column.name, column.label_known or ""), first)
    return days


def _count_filled(opened: DataTable, name: str) -> _Filled:
    """Return the rows that have no value in a column, from the table's profile.

    NaN and infinite numbers are no values, nor are declared null tokens. Rows that are
    too young to have a label are left out of one.
    """
    opened.require(name)
    profile = opened.profile
    # Of this column alone: to sum all of them up for each takes long in a wide table.
    whole = replace(profile.whole, columns={name: profile.of(name)})
    unripe = unripe_days(opened).get(name)
    if unripe:
        ripe = [day for day in whole.days if day is None or day < unripe]
        whole = sum_slices([whole], ripe)
    rows = sum(whole.rows)
    if not rows:
        why = "row that is old enough to have a label" if unripe else "rows"
        msg = f"{opened.name} has no {why}"
        raise SourceError(msg)
    every = _Part(rows, rows - sum(whole.columns[name].present))
    if profile.undated is not None:
        return _Filled(every, {"all": every})
    part = by_month(whole)
    days = zip(part.days, part.rows, part.columns[name].present, strict=True)
    months = {f"{day:%Y-%m}": _Part(rows, rows - held) for day, rows, held in days}
    return _Filled(every, months, sum(profile.whole.rows) - rows)


def check_nulls(opened: DataTable, column: Column) -> Finding:
    """Return the finding about a column's missing values: nulls, NaN and null tokens.

    The value is their share of all rows (or their number, where the limit is a number
    of rows); the limit is declared, by `required` or the quality metric nullValues,
    and holds for the whole table and for each month of at least 10 rows. Where only a
    month is above it, the value is the share of the worst one, which is named; so is a
    month above the whole's share by more than chance. Without a limit there is nothing
    to compare, so the outcome is "not measured", as with one that every row may break;
    the message has the share all the same.

    Raises:
        SourceError: the source has no such column, or no row.
    """
    filled = _count_filled(opened, column.name)
    limit, subject = column.nulls, f"{opened.name}.{column.name}"
    in_rows, (rows, missing) = limit is not None and limit.unit == "rows", filled.all
    told, share = f"{_told(subject, filled.all)}{_compared(limit)}", filled.all.share
    most = None if limit is None else limit.most(rows)
    fits = None if most is None or most >= rows else missing <= most
    above = _months_above(filled, limit) if fits and not in_rows else {}
    if above:
        fits, worst = False, max(above, key=lambda label: above[label].share)
        share = above[worst].share
        in_all = f"{count(len(above), 'month')} of {len(filled.months)}"
        told += f"; more is missing in {in_all}, most in {worst} ({as_share(share)})"
    elif most is not None and most >= rows:
        told += ", which is no limit"
    else:
        told += _worst(filled, limit)
    told += filled.told_waiting
    return opened.find(
        "nulls-tolerated",
        subject,
        fits,
        f"{told}.",
        value=floored(missing) if in_rows else round(share, 6),
        unit="rows" if in_rows else None,
        threshold=None if limit is None else limit.limit,
        series=filled.series("% null", lambda one: 100 * one.missing / one.rows),
    )


def _months_above(filled: _Filled, limit: Tolerance | None) -> dict[str, _Part]:
    """Return the months whose share alone is above the limit; too small ones are not."""
    return {
        label: month
        for label, month in filled.months.items()
        if limit and month.rows >= FLOOR and month.missing > limit.most(month.rows)
    }


def _told(subject: str, filled: _Part) -> str:
    rows = count(filled.rows, "row")
    if not filled.missing:
        return f"{subject} has a value in {'its' if filled.rows == 1 else 'all'} {rows}"
    if filled.missing < FLOOR:
        return f"{subject} has no value in fewer than {FLOOR} of {rows}"
    share = as_share(filled.share)
    return f"{subject} has no value in {filled.missing:,} of {rows} ({share})"


def _compared(limit: Tolerance | None) -> str:
    if limit is None:
        return "; no limit is declared, so this is measured against nothing"
    if not limit.limit:
        return "; none may be missing"
    word = "at most" if limit.allows_limit else "less than"
    if limit.unit == "rows":
        return f"; {word} {count(math.ceil(limit.limit), 'row')} may be so"
    return f"; {word} {as_share(limit.limit)} is tolerated"


def _worst(filled: _Filled, limit: Tolerance | None) -> str:
    """Return the month that stands out, in words; "" where none does."""
    if limit is None or limit.unit == "rows":
        return ""
    usual, worst, most = max(limit.limit, filled.all.share), "", 0.0
    for label, month in filled.months.items():
        by_chance = month.rows * usual
        by_chance += _SIGMAS * math.sqrt(by_chance * max(0.0, 1 - usual))
        if month.rows >= FLOOR <= month.missing > by_chance and month.share > most:
            most = month.share
            worst = f"; the worst month is {label} ({as_share(most)})"
    return worst


# --- labels --------------------------------------------------------------------------

_MINUTE = 60
_WEEK = 7 * DAY
_PERCENTILES = (50, 90, 99)


def check_label_filled(opened: DataTable, column: Column) -> Finding:
    """Return the finding about the share of rows that have the label, 0 to 1.

    The threshold is the declared `readiness.labelFill`; without one above 0 there is
    nothing to compare, so the outcome is "not measured" and the message has the share.
    Rows that are younger than the tolerated `readiness.labelDelay` are not counted.

    Raises:
        SourceError: the source has no such column, or no row.
    """
    filled = _count_filled(opened, column.name)
    subject, needed = f"{opened.name}.{column.name}", column.label_fill
    total, missing = filled.all
    present, rows = total - missing, count(total, "row")
    share = present / total
    told = f"{present:,} of {rows} ({as_share(share)})"
    if not missing:
        told = f"all {rows}"
    elif present < FLOOR:
        told = f"{as_rows(present)} of {total:,}"
    elif missing < FLOOR:
        told = f"all but fewer than {FLOOR} of {rows}"
    percent = filled.series("% filled", lambda one: 100 - 100 * one.missing / one.rows)
    compared = "no share is declared as needed, so this is measured against nothing"
    if needed is not None:
        compared = (
            f"needed: {as_share(needed)}{'' if needed else ', which is no limit'}"
        )
    return opened.find(
        "label-filled",
        subject,
        share >= needed if needed else None,
        f"The label {subject} is filled in {told}; {compared}{filled.told_waiting}.",
        value=round(share, 6),
        threshold=needed,
        source=f"data.odcs.yaml: {subject} readiness.labelFill",
        series=percent,
    )


@dataclass(frozen=True)
class _Delays:
    """How long rows waited for their label, in seconds."""

    rows: int  #: that have the label, the event's time and the time it was known
    early: int  #: rows whose label was known before the event
    percentiles: Mapping[int, int]  #: of the others; empty: there are none
    longest: int
    step: int  #: percentiles are rounded down to a multiple of it


def check_label_delay(opened: DataTable, column: Column) -> Finding:
    """Return the finding about the days from an event to the day its label is known.

    The value is the 90th percentile, in days, of the rows that have the label and both
    times; percentiles are rounded down to the minute, to the hour where a delay is
    longer than a week, and to the day where one of the times is a date. Stand-ins
    such as 9999-12-31 (see `clock.read_times`) mean "not known yet" and are left out.
    The threshold is the declared `readiness.labelDelay`, in days (a month counts
    30.4). A label that is known a second or more before its event contradicts
    whatever is declared: it has leaked, or a clock is wrong.

    Raises:
        SourceError: a column is missing or no time, fewer than 10 rows have both
            times, or what is declared is no duration.
    """
    subject = f"{opened.name}.{column.name}"
    limit = parse_duration(column.label_delay or "")
    if limit is None and column.label_delay is not None:
        msg = f"the delay tolerated, {column.label_delay}, is no duration"
        raise SourceError(msg)
    delays = _measure(opened, column)
    ninety = _days(delays.percentiles[90]) if delays.percentiles else None
    holds = False if delays.early else None
    if not delays.early and limit is not None and ninety is not None:
        holds = ninety <= limit.mean_days
    told = {f"p{at}": _days(seconds) for at, seconds in delays.percentiles.items()}
    if told:
        told["longest"] = _days(delays.longest)
    return opened.find(
        "label-delay",
        subject,
        holds,
        _delay_message(subject, delays, limit),
        value=ninety,
        threshold=None if limit is None else round(limit.mean_days, 4),
        source=f"data.odcs.yaml: {subject} readiness.labelDelay",
        series=as_series("days until known", "days", told),
    )


def _measure(opened: DataTable, column: Column) -> _Delays:
    event, known = opened.declared.event_time, column.label_known
    if known is None:
        msg = "no column is declared to say when it was known (readiness.labelKnown)"
        raise SourceError(msg)
    if event is None:
        msg = f"no event time is declared for {opened.name}"
        raise SourceError(msg)
    opened.require(column.name)
    source, table = opened.source, opened.declared
    both = [
        read_times(source, table, name, opened.ask, opened.today).of(source)
        for name in (event, known)
    ]
    has_all = [one.notnull() for one in (source[column.name], *both)]
    times = [source[name] for name in (event, known)]
    found = source.filter(*has_all)
    waits = found.select(wait=_wait(opened, found, event, known))
    is_early = waits.wait <= -1  # less is what rounding to seconds does
    longest = (waits.wait // 1).max()
    totals = waits.aggregate(rows=waits.count(), early=is_early.sum(), longest=longest)
    rows, early, longest = opened.ask(totals)[0].values()
    if rows < FLOOR:
        msg = (
            f"fewer than {FLOOR} rows of {opened.name} have {column.name}, {event} "
            f"and {known}"
        )
        raise SourceError(msg)
    step = _MINUTE if longest <= _WEEK else HOUR
    if any(time.type().is_date() for time in times):
        step = DAY
    others = waits.filter(~is_early)
    counted = others.group_by(step=others.wait // step).aggregate(rows=others.count())
    steps = {row["step"] * step: row["rows"] for row in opened.ask(counted)}
    return _Delays(rows, early, _percentiles(steps), longest, step)


def _wait(
    opened: DataTable, found: ir.Table, event: str, known: str
) -> ir.NumericValue:
    """Return the seconds from one column to the other, on clocks that agree."""
    kinds = [found[event], found[known]]
    has_date = any(kind.type().is_date() for kind in kinds)
    if not has_date and is_instant(kinds[0]) == is_instant(kinds[1]):
        return raw_seconds(kinds[1]) - raw_seconds(kinds[0])
    first, last = (
        read_clock(found, opened.declared, name, opened.ask, opened.today)
        for name in (event, known)
    )
    if has_date:
        return (last.day(found) - first.day(found)) * DAY
    return last.seconds(found) - first.seconds(found)


def _percentiles(steps: Mapping[int, int]) -> dict[int, int]:
    """Return each smallest delay that so many per cent of the rows do not exceed."""
    delays = sorted(steps)
    hundreds = list(itertools.accumulate(100 * steps[delay] for delay in delays))
    total = sum(steps.values())
    return {
        at: max(0, delays[bisect.bisect_left(hundreds, at * total)])
        for at in _PERCENTILES
        if delays
    }


def _days(seconds: int) -> float:
    return round(seconds / DAY, 4)


def _told_delay(seconds: int, step: int) -> str:
    """Return a delay in days, or in hours or minutes where it is shorter."""
    units = {DAY: "day", HOUR: "hour", _MINUTE: "minute"}
    size = next(one for one in units if seconds >= one or step == one)
    number = as_number(round(seconds / size, 1))
    return f"{number} {units[size]}{'' if number == '1' else 's'}"


def _delay_message(subject: str, delays: _Delays, limit: Duration | None) -> str:
    if not delays.percentiles:
        return (
            f"The label {subject} was known before the event in all "
            f"{count(delays.rows, 'row')}, so it leaks or a clock is wrong."
        )
    ends = (delays.percentiles[50], delays.percentiles[90], delays.longest)
    half, most, longest = (_told_delay(seconds, delays.step) for seconds in ends)
    compared = "no longest delay is declared, so this is measured against nothing"
    if limit is not None:
        compared = f"tolerated: {limit}"
    early = f"; in {as_rows(delays.early)} it was known before the event, so it leaks "
    early = f"{early}or a clock is wrong" if delays.early else ""
    return (
        f"The label {subject} is known within {half} in half of the "
        f"{count(delays.rows, 'row')} that have it and within {most} in nine of "
        f"ten (longest: {longest}); {compared}{early}."
    )


OF_COLUMN = {
    "nulls-tolerated": check_nulls,
    "label-filled": check_label_filled,
    "label-delay": check_label_delay,
}
