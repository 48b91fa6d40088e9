"""Steps of one series: found by month and by week, dated by the day."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from readybook.measure.change.dayseries import FLOORS, DaySeries, Positions, Unit, What
from readybook.measure.change.daysteps import (
    WINDOW,
    Place,
    change_at,
    find_sudden,
    other_years,
    place_step,
    usual_change,
)
from readybook.measure.change.segments import (
    LEAST_PERIODS,
    SHORTEST,
    Floats,
    find_steps,
)

__all__ = ["Jump", "Look", "look_at"]

_SEASONAL = ("rows", "share")
_VALUES = ("zeros", "scale")
_USUAL_ROWS = 30  # 1 / sqrt 30 is ln 1.2: with fewer, chance alone makes such steps
_NEAR = 31  # days: two steps of one series so near are one
_MOST_OF = 0.6  # of a step comes within two windows of four weeks, else it is a slope
_HALF = 0.5


@dataclass(frozen=True)
class Jump:
    """One step of one series."""

    what: What
    date: dt.date  #: first day after it
    is_exact: bool  #: False: the month is all that is known
    size: float  #: a difference of shares or of logarithms
    before: float  #: share, rows a day, or mean of |x|, before it
    after: float  #: the same after it
    has_other_years: bool  #: other years have no such step at that date

    @property
    def label(self) -> str:
        """Return its date, or its month, as ISO 8601."""
        return f"{self.date}" if self.is_exact else f"{self.date:%Y-%m}"

    @property
    def may_be_season(self) -> bool:
        """Return whether a season explains it as well.

        Shares of categories move with the season, and suddenly with its timetables;
        without another year to compare with they tell nothing. A category that ends,
        begins or is halved shows in its rows as well.
        """
        return self.what.kind == "share" and not self.has_other_years


@dataclass(frozen=True)
class Look:
    """What one series shows."""

    what: What
    jumps: tuple[Jump, ...]
    limit: float | None  #: the smallest step that it would show; None: cannot tell


@dataclass(frozen=True)
class _Periods:
    """The periods of a series that have a value."""

    first: Positions  #: of each its first day
    end: Positions  #: of each the day after its last
    values: Floats

    def part(self, start: int, stop: int) -> _Periods:
        """Return some of them on end."""
        some = slice(start, stop)
        return _Periods(self.first[some], self.end[some], self.values[some])


def look_at(series: DaySeries) -> Look:
    """Return the steps of a series, and how small a step it would show.

    Months decide, or weeks where the months are too few. Weeks add the steps that lie
    too near to the ends of the data for months and those that months are too coarse
    for; not so of rows and of shares of categories in between, where the weeks of a
    high season would be steps. Of sizes, days add what a season hides.

    A step must be a step: most of it comes between the four weeks before and the four
    weeks after its date, so that the slope of a season is none; see `_least_sudden`.
    What repeats at the same date of other years is a season too.
    """
    months, weeks = (_periods_of(series, unit) for unit in ("month", "week"))
    jumps, limit = _find(series, months)
    by_week, week_limit = _find(series, weeks)
    if limit is None:
        jumps, limit, by_week = by_week, week_limit, []
    elif series.what.kind in _SEASONAL:
        inner = [series.span.day(months.first[at]) for at in (SHORTEST, -SHORTEST)]
        by_week = [
            one
            for one in by_week
            if not inner[0] <= one.date <= inner[1]
            or any(_is_near(one, known) for known in jumps)
        ]
    elif week_limit is not None:
        limit = min(limit, week_limit)
    jumps = _joined(jumps, by_week)
    if series.what.kind == "scale" and not series.span.monthly:
        limit = None if limit is None else max(limit, usual_change(series))
        jumps = _joined(jumps, _by_day(series))
    return Look(series.what, tuple(jumps), limit)


def _periods_of(series: DaySeries, unit: Unit) -> _Periods:
    first, end = series.span.periods(unit)
    values = series.values(first, end)
    known = np.isfinite(values)
    return _Periods(first[known], end[known], values[known])


def _is_near(jump: Jump, known: Jump) -> bool:
    return abs((jump.date - known.date).days) <= _NEAR


def _joined(coarse: Sequence[Jump], fine: Sequence[Jump]) -> list[Jump]:
    """Return the steps of both, in order; those near each other are one.

    Its size is that of the coarse one, its date that of the fine one where a day is
    known.
    """
    joined = list(coarse)
    for jump in fine:
        near = [at for at, known in enumerate(joined) if _is_near(jump, known)]
        if not near:
            joined.append(jump)
        elif jump.is_exact:
            joined[near[0]] = replace(joined[near[0]], date=jump.date, is_exact=True)
    return sorted(joined, key=lambda jump: jump.date)


def _find(series: DaySeries, periods: _Periods) -> tuple[list[Jump], float | None]:
    """Return the steps of a series by its periods, and the detection limit."""
    number, kind = len(periods.values), series.what.kind
    if number < LEAST_PERIODS:
        return [], None
    if kind == "rows" and _sustained(series, periods) < _USUAL_ROWS:
        return [], None
    noise = series.noise(periods.first, periods.end)
    steps = find_steps(periods.values, floor=FLOORS[kind], noise=noise)
    edges = [0, *steps.boundaries, number]
    found = [
        _jump(
            series,
            periods.part(edges[at - 1], edges[at]),
            periods.part(edges[at], edges[at + 1]),
        )
        for at in range(1, len(edges) - 1)
    ]
    return [jump for jump in found if jump is not None], steps.limit


def _sustained(series: DaySeries, periods: _Periods) -> float:
    """Return the most rows that three periods on end have, each of them at least."""
    rows = series.totals(periods.first, periods.end)[0]
    runs = np.lib.stride_tricks.sliding_window_view(rows, SHORTEST)
    return float(runs.min(axis=1).max())


def _jump(series: DaySeries, before: _Periods, after: _Periods) -> Jump | None:
    """Return the step between two segments, None for a slope or a season."""
    size = float(np.median(after.values) - np.median(before.values))
    place = _place(series, before, after)
    if series.span.monthly:
        sudden = float(after.values[0] - before.values[-1])
    else:
        sudden = change_at(series, place.position)
    if not math.copysign(1, size) * sudden >= _least_sudden(series, abs(size)):
        return None
    if series.what.kind == "zeros" and not (place.is_exact or series.span.monthly):
        return None  # a default begins on a day
    return _unless_season(series, place, size, _levels(series, before, after))


def _place(series: DaySeries, before: _Periods, after: _Periods) -> Place:
    """Return the first day after a step, in one of the periods beside it."""
    place = None
    if not series.span.monthly:
        days = (before.first[-SHORTEST:][0], after.end[:SHORTEST][-1])
        place = place_step(series, days, (before.first[-1], after.end[0]))
    return place or Place(int(after.first[0]), is_exact=False)


def _least_sudden(series: DaySeries, size: float) -> float:
    """Return how much of a step must come within four weeks.

    Most of it. Zeros and sizes are values, with seasons of their own: there it must
    stand out from how they change in four weeks anyway. Of sizes half is enough, as a
    step rides on the season.
    """
    kind = series.what.kind
    share = _HALF if kind == "scale" else _MOST_OF
    floor = max(FLOORS[kind], usual_change(series)) if kind in _VALUES else 0.0
    return max(share * size, floor)


def _by_day(series: DaySeries) -> list[Jump]:
    """Return the steps that the days show whatever the season."""
    found = []
    for place in find_sudden(series):
        at = place.position
        levels = series.level(at - WINDOW, at), series.level(at, at + WINDOW)
        jump = _unless_season(series, place, change_at(series, at), levels)
        if jump is not None:
            found.append(jump)
    return found


def _unless_season(
    series: DaySeries, place: Place, size: float, levels: tuple[float, float]
) -> Jump | None:
    """Return a step with the levels before and after it, None if years repeat it."""
    others = other_years(series, place.position)
    if others and math.copysign(1, size) * float(np.median(others)) >= abs(size) / 2:
        return None
    return Jump(
        series.what,
        series.span.day(place.position),
        place.is_exact,
        size,
        *levels,
        has_other_years=bool(others),
    )


def _levels(
    series: DaySeries, before: _Periods, after: _Periods
) -> tuple[float, float]:
    """Return the usual quotients of two segments; 0 only where all of them are 0."""
    found = []
    for side in (before, after):
        top, base = series.totals(side.first, side.end)
        usual = float(np.median(top / base))
        found.append(usual or series.level(side.first[0], side.end[-1]))
    return found[0], found[1]
