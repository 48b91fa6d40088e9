"""What is followed over the days of a table: its rows, categories, gaps and sizes.

Rows, missing values, zeros and sizes come from the table's profile, equal columns from
`pairs`; the rows of declared categories are counted here, with one group-by for each.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Literal

import ibis
import numpy as np
from ibis import _
from numpy.typing import NDArray

from readybook.measure.profile import Profile, Slice, name_segment, sum_slices
from readybook.measure.rows.values import named_categories
from readybook.measure.sources.clock import Clock, closed_days, date_of, stepwise
from readybook.measure.sources.values import as_written
from readybook.measure.table import DataTable
from readybook.model.contract import Column, Table
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR

Kind = Literal["rows", "nulls", "zeros", "equal", "share", "scale"]
Unit = Literal["month", "week"]
Positions = NDArray[np.int64]
Floats = NDArray[np.float64]

#: The smallest step that matters. Shares: 2 percentage points, but 5 of zeros and of
#: equal columns, which are values as well (minute 0 is a full hour). Logarithms: rows that become 1.2 times
#: as many, numbers that become 1.4 times as large.
FLOORS: Mapping[Kind, float] = {
    "rows": math.log(1.2),
    "nulls": 0.02,
    "zeros": 0.05,
    "equal": 0.05,
    "share": 0.02,
    "scale": math.log(1.4),
}
UNITS: tuple[Unit, ...] = ("month", "week")
OTHERS = "(other values)"

#: Days that the first and last period may lack.
_EDGE: dict[Unit, int] = {"month": 3, "week": 0}
_MONTH = dt.timedelta(days=31)
_LEAST_ROWS = 10  # in a period, for a share or a mean of it
_EQUAL = 1e-6
_DAILY = ("P1D", "PT1H")
_MOST_GROUPS = 250_000  # days x categories x segments; with more, months are counted
_MOST_VALUES = 100  # undeclared ones that are looked at


# --- days ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """The days of a table's history, both included."""

    first: dt.date
    last: dt.date
    monthly: bool = False  #: events have no day, only a month: they lie on its first

    @property
    def days(self) -> int:
        """Return how many days there are."""
        return (self.last - self.first).days + 1

    def holds(self, day: dt.date) -> bool:
        """Return whether a day is one of them; the first of a month may lie before."""
        first = self.first.replace(day=1) if self.monthly else self.first
        return first <= day <= self.last

    def position(self, day: dt.date) -> int:
        """Return the number of a day, 0 for the first and for what lies before it."""
        return max(0, (day - self.first).days)

    def day(self, position: int) -> dt.date:
        """Return the day of a number."""
        return self.first + dt.timedelta(days=int(position))


@lru_cache(maxsize=1_000)  # many series share a span
def periods(span: Span, unit: Unit) -> tuple[Positions, Positions]:
    """Return the whole months, or weeks from Monday to Sunday, of a span.

    A month may lack three days at either end of the data, which may be holidays.

    Returns:
        the positions of their first days, and those after their last days.
    """
    first, last = np.datetime64(span.first), np.datetime64(span.last)
    if unit == "month":
        month = first.astype("M8[M]")
        edges = np.arange(month, last.astype("M8[M]") + 2).astype("M8[D]")
    else:
        edges = np.arange(first - span.first.weekday(), last + 8, 7)
    at = (edges - first).astype(np.int64)
    start, end = at[:-1], at[1:]
    is_whole = np.maximum(-start, end - span.days) <= _EDGE[unit]
    is_whole &= not (span.monthly and unit == "week")
    return np.maximum(start[is_whole], 0), np.minimum(end[is_whole], span.days)


def span_of(profile: Profile, table: Table) -> Span | None:
    """Return the days of a table's history, None for a table without any."""
    counted = [day for day, rows in profile.days.items() if rows]
    if not counted:
        return None
    first, last = counted[0], counted[-1]
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if len(counted) > 2 * months or table.grain in _DAILY:
        return Span(first, last)
    end = calendar.monthrange(last.year, last.month)[1]
    return Span(first.replace(day=1), last.replace(day=end), monthly=True)


# --- series --------------------------------------------------------------------------


@dataclass(frozen=True, order=True)
class What:
    """What a series is about."""

    kind: Kind
    column: str = ""  #: "": the table
    value: str = ""  #: a declared category as it may be shown, or OTHERS; "": all
    segment: str = ""  #: as it may be shown; "": all
    other: str = ""  #: the column that is equal to the first


@dataclass(frozen=True)
class DaySeries:
    """Two totals per day, whose quotient over any days is what is looked at.

    rows: rows over open days; nulls, zeros, equal and share: rows that are so over rows;
    scale: sum of |x| over the number of x that are not 0.
    """

    what: What
    span: Span
    top: Floats
    base: Floats

    def totals(
        self, first: Positions | int, end: Positions | int
    ) -> tuple[Floats, Floats]:
        """Return the two totals over the days from one position up to another."""
        top, base = self._sums
        return top[end] - top[first], base[end] - base[first]

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        """Return the running totals, from 0 on."""
        top, base = (np.append(0.0, np.cumsum(each)) for each in (self.top, self.base))
        return top, base

    def level(self, first: int, end: int) -> float:
        """Return the quotient over the days from a position up to another, or NaN."""
        top, base = self.totals(first, end)
        return float(top / base) if base else math.nan

    def values(self, first: Positions | int, end: Positions | int) -> Floats:
        """Return the numbers whose steps are looked for, each over days as in `totals`.

        A share, or a natural logarithm for rows and scale. NaN for a share or a mean
        of fewer than 10 rows. Half a row is added, so that no row has a logarithm too.
        """
        top, base = self.totals(first, end)
        if self.what.kind == "rows":
            return np.where(base > 0, np.log((top + 0.5) / np.maximum(base, 1)), np.nan)
        share = top / np.maximum(base, 1)
        is_known = base >= _LEAST_ROWS
        if self.what.kind == "scale":
            is_known &= share > 0
            share = np.log(np.where(is_known, share, 1.0))
        return np.where(is_known, share, np.nan)

    def noise(self, first: Positions, end: Positions) -> float:
        """Return the standard deviation that chance must give to a period's value.

        That of a Poisson count's logarithm, of a binomial share, and of the logarithm
        of a mean of numbers that spread as far as their mean.
        """
        top, base = self.totals(first, end)
        if self.what.kind in ("rows", "scale"):
            number = float((top if self.what.kind == "rows" else base).mean())
            return 1 / math.sqrt(number) if number else math.inf
        share, known = top.sum() / max(base.sum(), 1), base[base > 0]
        # Of the periods one by one: those of a low season have few rows.
        spread = max(0.0, share * (1 - share)) * float(np.mean(1 / known))
        return math.sqrt(spread) if len(known) else math.inf


def build_series(
    profile: Profile,
    table: Table,
    span: Span,
    counts: Counted,
    unripe: Mapping[str, dt.date],
) -> Iterator[DaySeries]:
    """Yield the series of a table, each column's up to its first unripe day, if any."""
    for series in _every_series(profile, table, span, counts):
        of = {series.what.column, series.what.other} & set(unripe)
        until = min((unripe[name] for name in of), default=None)
        if until is None:
            yield series
        elif until > series.span.first:
            last = min(series.span.last, until - dt.timedelta(days=1))
            cut = replace(series.span, last=last)
            parts = (each[: cut.days] for each in (series.top, series.base))
            yield DaySeries(series.what, cut, *parts)


def _every_series(
    profile: Profile, table: Table, span: Span, counts: Counted
) -> Iterator[DaySeries]:
    """Yield the series of a table, those of its segments first.

    A segment is looked at from its own first day on. The table as a whole is the sum of
    the segments that are there from its first month to its last, so that one that
    joins later makes no step.
    """
    if not profile.segments:
        yield from _slice_series(profile.whole, table, span)
        yield from _count_series(counts.categories, table, span, None)
        yield from _equal_series(counts.equal, span, None)
        return
    same = list[Slice]()
    for shown, part in _segments(profile, table).items():
        own, last = min(part.dated), max(part.dated)
        own_span = replace(span, first=own)
        yield from _slice_series(replace(part, segment=shown), table, own_span)
        names = {part.segment}
        yield from _count_series(counts.categories, table, own_span, names, shown)
        yield from _equal_series(counts.equal, own_span, names, shown)
        if own <= span.first + _MONTH and last >= span.last - _MONTH:
            same.append(part)
    if len(same) > 1:
        every = sorted({day for part in same for day in part.days if day})
        yield from _slice_series(sum_slices(same, every), table, span)
        names = {one.segment for one in same}
        yield from _count_series(counts.categories, table, span, names)
        yield from _equal_series(counts.equal, span, names)


def _segments(profile: Profile, table: Table) -> dict[str, Slice]:
    """Return the segments that have a day, by what each may be called."""
    columns = map(table.column, table.segments)
    is_restricted = any(column and column.restricted for column in columns)
    return {
        f"no. {at}" if is_restricted else part.segment: part
        for at, part in enumerate(profile.segments, 1)
        if part.dated
    }


def begun_segments(profile: Profile, table: Table, span: Span) -> dict[str, dt.date]:
    """Return the segments that begin over a month after the table, and their first day.

    Those of fewer than 10 rows are left out.
    """
    found = {
        shown: min(part.dated)
        for shown, part in _segments(profile, table).items()
        if sum(part.rows) >= FLOOR
    }
    return {name: day for name, day in found.items() if day > span.first + _MONTH}


def _slice_series(part: Slice, table: Table, span: Span) -> Iterator[DaySeries]:
    """Yield the series of rows, missing values, zeros and sizes of one slice."""
    daily = _onto_days(part, span)
    rows = daily(part.rows)
    what = What("rows", segment=part.segment)
    yield DaySeries(what, span, rows, _open_days(table, span))
    names = {name for key in table.keys for name in key}
    names |= {name for join in table.relationships for name in join.columns}
    for column in table.columns:
        tally = part.columns.get(column.name)
        if tally is None or column.name == table.event_time:
            continue
        present = daily(tally.present)
        what = replace(what, kind="nulls", column=column.name)
        yield DaySeries(what, span, rows - present, rows)
        # The size of a number that stands for a name or a category means nothing.
        if not tally.size or column.categories or column.name in names:
            continue
        nonzero = daily(tally.nonzero)
        yield DaySeries(replace(what, kind="zeros"), span, present - nonzero, present)
        if column.needed and not is_calendar(part, column.name):
            size = daily(tally.size)
            yield DaySeries(replace(what, kind="scale"), span, size, nonzero)


def _onto_days(part: Slice, span: Span) -> Callable[[Sequence[float]], Floats]:
    """Return what turns a slice's numbers into one for each day of a span."""
    days = enumerate(part.days)
    places = [(at, span.position(day)) for at, day in days if day and span.holds(day)]
    kept, onto = np.array(places, dtype=np.int64).reshape(-1, 2).T

    def daily(numbers: Sequence[float]) -> Floats:
        weights = np.asarray(numbers, dtype=np.float64)[kept]
        return np.bincount(onto, weights, minlength=span.days).astype(np.float64)

    return daily


@lru_cache(maxsize=1_000)  # many series share a span
def _open_days(table: Table, span: Span) -> Floats:
    """Return 1 for each day, 0 for a closed one: a season of the calendar is no step."""
    closed = (
        set[dt.date]() if span.monthly else closed_days(table, span.first, span.last)
    )
    return np.array([span.day(at) not in closed for at in range(span.days)], float)


def is_calendar(part: Slice, name: str) -> bool:
    """Return whether a column repeats its day's year, month or day, which do jump."""
    tally = part.columns[name]
    if not tally.size:
        return False
    seen = [
        (day, size / number)
        for day, size, number in zip(part.days, tally.size, tally.nonzero, strict=True)
        if day is not None and number
    ]
    return any(
        all(abs(size - getattr(day, unit)) < _EQUAL for day, size in seen)
        for unit in ("year", "month", "day")
    )


def _count_series(
    counts: Iterable[CategoryCounts],
    table: Table,
    span: Span,
    segments: set[str] | None,
    shown: str = "",
) -> Iterator[DaySeries]:
    """Yield the series of categories, in some segments or (None) in all."""
    for counted in counts:
        if segments is not None and counted.column in table.segments:
            continue  # one value in each segment
        own = replace(span, monthly=span.monthly or counted.monthly)
        rows = {label: np.zeros(own.days) for label in counted.labels}
        for (segment, label), days in counted.rows.items():
            if segments is None or segment in segments:
                for day, number in days.items():
                    if own.holds(day):
                        rows[label][own.position(day)] += number
        every = np.sum(list(rows.values()), axis=0)
        for label, daily in rows.items():
            what = What("rows", counted.column, label, shown)
            yield DaySeries(what, own, daily, _open_days(table, own))
            yield DaySeries(replace(what, kind="share"), own, daily, every)


def _equal_series(
    equal: EqualRows, span: Span, segments: set[str] | None, shown: str = ""
) -> Iterator[DaySeries]:
    """Yield the series of equal columns, in some segments or (None) in all."""
    parts = [
        (part.columns, _onto_days(part, span))
        for part in equal.slices
        if segments is None or part.segment in segments
    ]
    for at, (first, second) in equal.pairs.items():
        same, both = (
            np.sum([daily(held[f"{of}{at}"].present) for held, daily in parts], axis=0)
            for of in ("same", "both")
        )
        what = What("equal", first, segment=shown, other=second)
        yield DaySeries(what, span, same, both)


# --- categories ----------------------------------------------------------------------


@dataclass(frozen=True)
class CategoryCounts:
    """Rows of one column's categories, by segment and day."""

    column: str
    labels: tuple[str, ...]  #: declared categories as they may be shown, then OTHERS
    monthly: bool  #: True: each count is of a month and lies on its first day
    rows: Mapping[tuple[str, str], Mapping[dt.date, int]]  #: by segment and label


@dataclass(frozen=True)
class EqualRows:
    """Rows in which two columns are equal, by segment and day."""

    #: Their columns by a number, before which "same" and "both" stand in the slices:
    #: rows in which both have one value, and those in which both have any.
    pairs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    slices: Sequence[Slice] = ()


@dataclass(frozen=True)
class Counted:
    """What is counted by day beside a table's profile."""

    categories: Sequence[CategoryCounts] = ()
    equal: EqualRows = field(default_factory=EqualRows)


def count_categories(
    opened: DataTable, columns: Sequence[Column]
) -> list[CategoryCounts]:
    """Return the rows per declared category, and of all others, over time.

    Rows without a value or without a time are left out. Days are those of the declared
    zone; where there would be too many groups, months are.

    Raises:
        SourceError: a column is missing or has no usual text, or the event time cannot
            be read.
    """
    opened.require(*(column.name for column in columns))
    return [_count(opened, column, _clock(opened)) for column in columns]


def _count(opened: DataTable, column: Column, clock: Clock) -> CategoryCounts:
    segments = opened.declared.segments if opened.profile.segments else ()
    shown = named_categories(column)
    days = (clock.last - clock.first).days + 1
    number = days * (len(shown) + 1) * max(1, len(opened.profile.segments))
    monthly = number > _MOST_GROUPS
    day = clock.day(opened.source)
    if monthly:  # each is known by the number of its first day
        first, last = (np.datetime64(at, "M") for at in (clock.first, clock.last))
        starts = np.arange(first, last + 1).astype("M8[D]").astype(int).tolist()
        day = stepwise(day, [(start, start) for start in starts])
    value, literals, is_declared = opened.categories(column)
    events = opened.source.select(
        value=ibis.ifelse(is_declared, value, None),
        is_declared=is_declared,
        day=day,
        **{f"s{at}": opened.source[name] for at, name in enumerate(segments)},
    ).drop_null(["is_declared", "day"])
    declared = {literal: text for text, literal in reversed(literals.items())}
    rows = defaultdict[tuple[str, str], Counter[dt.date]](Counter)
    for row in opened.ask(events.group_by(events.columns).aggregate(rows=_.count())):
        segment = name_segment(row[f"s{at}"] for at in range(len(segments)))
        label = shown[declared[row["value"]]] if row["is_declared"] else OTHERS
        rows[segment, label][date_of(int(row["day"]))] += row["rows"]
    return CategoryCounts(column.name, (*shown.values(), OTHERS), monthly, dict(rows))


def _clock(opened: DataTable) -> Clock:
    if opened.clock is None:
        raise SourceError(opened.profile.undated)
    return opened.clock


def begun_values(opened: DataTable, column: Column) -> dict[str, dt.date]:
    """Return the undeclared values that have a first day, and that day, by name.

    Only values of at least 10 rows, the 100 most frequent, and none of a restricted
    column: rare ones could name a person.

    Raises:
        SourceError: as count_categories.
    """
    if column.restricted:
        return {}
    opened.require(column.name)
    value, _literals, is_declared = opened.categories(column)
    others = opened.source.select(
        value=value, is_declared=is_declared, day=_clock(opened).day(opened.source)
    )
    counted = (
        others.filter(~others.is_declared, others.day.notnull())
        .group_by("value")
        .aggregate(rows=_.count(), first=_.day.min())
    )
    order = [ibis.desc("rows"), ibis.asc("value")]
    most = counted.filter(counted.rows >= FLOOR).order_by(order).limit(_MOST_VALUES)
    found = sorted((as_written(row["value"]), row["first"]) for row in opened.ask(most))
    return {value: date_of(int(first)) for value, first in found}
