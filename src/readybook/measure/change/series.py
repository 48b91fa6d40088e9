"""Series over time of one table: what of its collection could step."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from readybook.measure.change.catcounts import CategoryCounts
from readybook.measure.change.dayseries import DaySeries, Span, What
from readybook.measure.change.segments import Floats
from readybook.measure.profile import Profile, Slice, Tally, sum_slices
from readybook.model.contract import Table

__all__ = ["build_series", "span_of"]

_SILENCE = 366  # days between a placeholder and the history
_STRAY = 0.01  # share of rows; more are history
_EQUAL = 1e-6
_DAILY = ("P1D", "PT1H")


def span_of(profile: Profile, table: Table) -> Span | None:
    """Return the days of a table's history, None for a table without any.

    Days far off that hold next to no rows, such as 1900-01-01, stand for "not known"
    and are left out.
    """
    counted = [
        (day, number)
        for day, number in zip(profile.whole.days, profile.whole.rows, strict=True)
        if day is not None and number
    ]
    counted = _without_strays(_without_strays(counted)[::-1])[::-1]
    if not counted:
        return None
    first, last = counted[0][0], counted[-1][0]
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if len(counted) > 2 * months or table.grain in _DAILY:
        return Span(first, last)
    end = calendar.monthrange(last.year, last.month)[1]
    return Span(first.replace(day=1), last.replace(day=end), monthly=True)


def build_series(
    profile: Profile, table: Table, span: Span, counts: Sequence[CategoryCounts]
) -> Iterator[DaySeries]:
    """Yield the series of a table, those of its segments first.

    A segment is looked at from its own first day on. The table as a whole is the sum of
    the segments that are there from its first month to its last, so that one that
    joins later makes no step.
    """
    if not profile.segments:
        yield from _slice_series(profile.whole, table, span)
        yield from _count_series(counts, table, span, None)
        return
    parts = [(one, _own_span(one, span)) for one in profile.segments]
    for at, (part, own) in enumerate(parts):
        if own is not None:
            shown = _shown(part.segment, at, table)
            yield from _slice_series(replace(part, segment=shown), table, own)
            yield from _count_series(counts, table, own, {part.segment}, shown)
    same = [part for part, own in parts if own is not None and _is_whole(part, span)]
    if len(same) > 1:
        days = sorted({day for part in same for day in part.days if day})
        yield from _slice_series(sum_slices(same, days), table, span)
        yield from _count_series(counts, table, span, {one.segment for one in same})


def _without_strays(counted: list[tuple[dt.date, int]]) -> list[tuple[dt.date, int]]:
    """Return the days without a thin start that a year of silence cuts off."""
    allowed = _STRAY * sum(number for _, number in counted)
    seen, start = 0, 0
    for at in range(1, len(counted)):
        seen += counted[at - 1][1]
        if seen >= allowed:
            break
        if abs((counted[at][0] - counted[at - 1][0]).days) >= _SILENCE:
            start = at
    return counted[start:]


def _days(part: Slice, span: Span) -> list[dt.date]:
    return [day for day in part.days if day and span.first <= day <= span.last]


def _own_span(part: Slice, span: Span) -> Span | None:
    days = _days(part, span)
    return replace(span, first=days[0]) if days else None


def _is_whole(part: Slice, span: Span) -> bool:
    days, month = _days(part, span), dt.timedelta(days=31)
    return days[0] <= span.first + month and days[-1] >= span.last - month


def _shown(segment: str, at: int, table: Table) -> str:
    columns = [table.column(name) for name in table.segments]
    is_restricted = any(column and column.restricted for column in columns)
    return f"no. {at + 1}" if is_restricted else segment


def _slice_series(part: Slice, table: Table, span: Span) -> Iterator[DaySeries]:
    """Yield the series of rows, missing values, zeros and sizes of one slice."""
    kept = [at for at, day in enumerate(part.days) if day and _is_in(day, span)]
    places = [span.position(day) for day in part.days if day and _is_in(day, span)]

    def daily(numbers: Sequence[float]) -> Floats:
        weights = np.asarray(numbers, dtype=np.float64)[kept]
        counted = np.bincount(np.array(places, int), weights, minlength=span.days)
        return counted.astype(np.float64)

    rows = daily(part.rows)
    what = What("rows", segment=part.segment)
    yield DaySeries(what, span, rows, np.ones(span.days))
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
        if column.needed and not _is_calendar(part.days, tally):
            size = daily(tally.size)
            yield DaySeries(replace(what, kind="scale"), span, size, nonzero)


def _is_calendar(days: Sequence[dt.date | None], tally: Tally) -> bool:
    """Return whether a column repeats its day's year, month or day, which do jump."""
    seen = [
        (day, size / number)
        for day, size, number in zip(days, tally.size, tally.nonzero, strict=True)
        if day is not None and number
    ]
    return any(
        all(abs(size - getattr(day, part)) < _EQUAL for day, size in seen)
        for part in ("year", "month", "day")
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
                    if _is_in(day, own):
                        rows[label][own.position(day)] += number
        every = np.sum(list(rows.values()), axis=0)
        for label, daily in rows.items():
            what = What("rows", counted.column, label, shown)
            yield DaySeries(what, own, daily, np.ones(own.days))
            yield DaySeries(replace(what, kind="share"), own, daily, every)


def _is_in(day: dt.date, span: Span) -> bool:
    # What is counted by month lies on its first day, which may be before the span.
    first = span.first.replace(day=1) if span.monthly else span.first
    return first <= day <= span.last
