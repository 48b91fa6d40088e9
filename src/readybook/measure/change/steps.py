"""Steps of one series: found by month and by week, dated by the day.

Periods say that there is a step, by optimal partitioning; the days say when, and
whether it is one at all.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from readybook.measure.change.series import (
    FLOORS,
    DaySeries,
    Floats,
    Positions,
    Span,
    Unit,
    What,
    periods,
)

LEAST_PERIODS = 8  #: under so many periods nobody can tell
_SHORTEST = 3  # periods of a segment
_PENALTY = 6  # times ln(periods), for each boundary
_SPREADS = 3  # a step is at least so many spreads of what it leaves unexplained
_TO_SIGMA = 1.4826  # of a median absolute deviation, for a normal distribution
_NINE_OF_TEN = 1.2816  # standard deviations above the mean
_OF_MEDIAN = 1.2533  # standard error of a median, against that of a mean
_WEEK = 7
_WINDOW = 28  # days before and after: four of each day of the week
_AROUND, _ASIDE = 42, 14  # days to either side that a day is chosen by, and from
_SHARP = 6.0  # twice the log likelihood: days that fit so much worse are out
_DAYS_APART = 6  # of the first and last day that are left, for a day to be named
_CLEAR = _PENALTY * math.log(2 * _AROUND)
_KEPT = 0.6  # of a change over four weeks that two single weeks show as well
_SEASONAL = ("rows", "share")
_VALUES = ("zeros", "equal", "scale")
_USUAL_ROWS = 30  # 1 / sqrt 30 is ln 1.2: with fewer, chance alone makes such steps
_NEAR = 31  # days: two steps of one series so near are one
_MOST_OF = 0.6  # of a step comes within two windows of four weeks, else it is a slope
_HALF = 0.5
_HALF_YEAR = 182  # days
_MONTH = 31
_WEEKS = 9  # to either side of a step that are laid over those of other years
_SHIFT = 14  # days that a season may come earlier or later
_NEXT_TO_ALL = 0.9  # of a step
_CHANCES = 4  # years, of which one may look alike by chance


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
    def when(self) -> str:
        """Return its date, or its month, as ISO 8601."""
        return f"{self.date}" if self.is_exact else f"{self.date:%Y-%m}"

    @property
    def slack(self) -> int:
        """Return the days within which something is near it: 7, or a month."""
        return 7 if self.is_exact else 31

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


class _Periods(NamedTuple):
    """The periods of a series that have a value."""

    first: Positions  #: of each its first day
    end: Positions  #: of each the day after its last
    values: Floats

    def where(self, is_kept: NDArray[np.bool_]) -> _Periods:
        """Return some of them."""
        return _Periods(self.first[is_kept], self.end[is_kept], self.values[is_kept])

    def at_end(self, end: Literal[0, -1]) -> _Periods:
        """Return what lies beside its first or its last period, as far as it is level.

        A smaller step that was not seen may lie further off: where the three periods
        at that end are off the median by more than three spreads of what changes from
        one period to the next, they alone count.
        """
        if len(self.values) <= _SHORTEST:
            return self
        is_near = np.ones(len(self.values), dtype=bool)
        is_near[slice(_SHORTEST, None) if end == 0 else slice(-_SHORTEST)] = False
        near = self.where(is_near)
        off = abs(_difference(self, near))
        return near if off > _SPREADS * _sigma(self.values) else self


class _Place(NamedTuple):
    """Where a step lies."""

    position: int  #: of the first day after it
    is_exact: bool  #: False: known to a month or so
    gain: float = 0.0  #: of two levels over one: twice the log likelihood ratio


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
        inner = [series.span.day(months.first[at]) for at in (_SHORTEST, -_SHORTEST)]
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
        limit = None if limit is None else max(limit, _usual_change(series))
        jumps = _joined(jumps, sorted(_by_day(series), key=lambda jump: jump.date))
    return Look(series.what, tuple(jumps), limit)


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


# --- by period -----------------------------------------------------------------------


def _periods_of(series: DaySeries, unit: Unit) -> _Periods:
    first, end = periods(series.span, unit)
    values = series.values(first, end)
    return _Periods(first, end, values).where(np.isfinite(values))


def _find(series: DaySeries, within: _Periods) -> tuple[list[Jump], float | None]:
    """Return the steps of a series by its periods, and the detection limit."""
    number, kind = len(within.values), series.what.kind
    if number < LEAST_PERIODS:
        return [], None
    if kind == "rows":
        # The most rows that three periods on end have, each of them at least.
        rows = series.totals(within.first, within.end)[0]
        runs = np.lib.stride_tricks.sliding_window_view(rows, _SHORTEST)
        if runs.min(axis=1).max() < _USUAL_ROWS:
            return [], None
    noise = series.noise(within.first, within.end)
    steps = find_steps(within.values, floor=FLOORS[kind], noise=noise)
    edges = itertools.pairwise([0, *steps.boundaries, number])
    first, end, values = within
    parts = [_Periods(first[i:j], end[i:j], values[i:j]) for i, j in edges]
    found = [_jump(series, *sides) for sides in itertools.pairwise(parts)]
    return [jump for jump in found if jump is not None], steps.limit


def _jump(series: DaySeries, before: _Periods, after: _Periods) -> Jump | None:
    """Return the step between two segments, None for a slope or a season."""
    size = _difference(before, after)
    place = _Place(int(after.first[0]), is_exact=False)
    sudden = float(after.values[0] - before.values[-1])
    if not series.span.monthly:
        # Its first day is in one of the periods beside it. A shortest segment may have
        # needed some of the other level.
        near = [
            _SHORTEST if len(one.values) == _SHORTEST else 1 for one in (before, after)
        ]
        among = (before.first[-near[0]], after.end[near[1] - 1])
        days = (before.first[-_SHORTEST:][0], after.end[:_SHORTEST][-1])
        place = _place_step(series, days, among) or place
        sudden = _change_at(series, place.position)
    if not math.copysign(1, size) * sudden >= _least_sudden(series, abs(size)):
        return None
    begins_on_a_day = series.what.kind in ("zeros", "equal")  # as a default does
    if begins_on_a_day and not (place.is_exact or series.span.monthly):
        return None
    whole = (
        _parted(before, after, place.position) if place.is_exact else (before, after)
    )
    size = _difference(*whole)
    sides = int(place.position - before.first[0]), int(after.end[-1] - place.position)
    jump = _unless_season(series, place, size, _levels(series, *whole), sides)
    beside = whole[0].at_end(-1), whole[1].at_end(0)
    low, high = _levels(series, *beside)
    size = _difference(*beside)
    return jump and replace(jump, size=size, before=low, after=high)


def _difference(before: _Periods, after: _Periods) -> float:
    return float(np.median(after.values) - np.median(before.values))


def _parted(before: _Periods, after: _Periods, at: int) -> tuple[_Periods, _Periods]:
    """Return the periods before and after a day, of a shortest side the whole ones.

    The period that a step lies in has some of either side; of three it is too many.
    Where none is whole, they are returned as they are.
    """
    is_left = (before.end <= at) | (len(before.end) > _SHORTEST)
    is_right = (after.first >= at) | (len(after.end) > _SHORTEST)
    if not (is_left.any() and is_right.any()):
        return before, after
    return before.where(is_left), after.where(is_right)


def _least_sudden(series: DaySeries, size: float) -> float:
    """Return how much of a step must come within four weeks.

    Most of it. Zeros, equal values and sizes have seasons of their own: there it must
    stand out from how they change in four weeks anyway. Of sizes half is enough, as a
    step rides on the season.
    """
    kind = series.what.kind
    share = _HALF if kind == "scale" else _MOST_OF
    floor = max(FLOORS[kind], _usual_change(series)) if kind in _VALUES else 0.0
    return max(share * size, floor)


def _levels(
    series: DaySeries, before: _Periods, after: _Periods
) -> tuple[float, float]:
    """Return the usual quotients of two segments; 0 only where all of them are 0."""
    left, right = (
        float(np.median(np.divide(*series.totals(side.first, side.end))))
        or series.level(side.first[0], side.end[-1])
        for side in (before, after)
    )
    return left, right


def _unless_season(
    series: DaySeries,
    place: _Place,
    size: float,
    levels: tuple[float, float],
    sides: tuple[int, int] = (_HALF_YEAR, _HALF_YEAR),
) -> Jump | None:
    """Return a step with the levels before and after it, None if years repeat it.

    A year repeats it where it explains half of it, see `_left_over`. One in four may do
    so by chance; of fewer than five, none. What begins with a step and comes back was
    no season before it: where earlier years explain next to nothing of it, it stays.
    `sides` are the days of the segments that it parts, before and after it.
    """
    date = series.span.day(place.position)
    left = {
        year: part
        for year, at in _same_dates(series.span, date)
        if math.isfinite(part := _left_over(series, (place.position, at), size, sides))
    }
    earlier = [part for year, part in left.items() if year < date.year]
    is_new = bool(earlier) and min(earlier) > _NEXT_TO_ALL
    if (
        left
        and not is_new
        and sorted(left.values())[(len(left) - 1) // _CHANCES] <= _HALF
    ):
        return None
    return Jump(series.what, date, place.is_exact, size, *levels, bool(left))


def _same_dates(span: Span, date: dt.date) -> Iterator[tuple[int, int]]:
    """Yield the other years beside a history and in it, and a date's position in each."""
    is_leap_day = (date.month, date.day) == (2, 29)
    for year in range(span.first.year - 1, span.last.year + 2):
        same = date.replace(year=year, day=28 if is_leap_day else date.day)
        if year != date.year:
            yield year, (same - span.first).days


def _left_over(
    series: DaySeries, at: tuple[int, int], size: float, sides: tuple[int, int]
) -> float:
    """Return which part of a step another year leaves, laid over it; NaN: not known.

    The weeks of nine to either side, as far as the step's segments reach, are compared
    with those of the other year, one by one, and the usual difference after the step
    with that before it. A season may come two weeks earlier or later: of all such
    shifts that which leaves least counts. A peak that moves by more fills few of nine
    weeks. `at` has the position of the step, and the same date of the other year.
    """
    if series.span.monthly:  # a month lies on the first of the 31 days before the next
        if not _WINDOW <= at[1] <= len(series.top) - _WINDOW:
            return math.nan
        start = max(at[1] - _MONTH, 0)
        change = series.values(at[1], at[1] + _WINDOW) - series.values(start, at[1])
        return 1 - float(change) / size
    before, after = (min(_WEEKS, max(_SHORTEST, days // _WEEK)) for days in sides)
    weeks = np.arange(-before, after) * _WEEK
    shifts = np.arange(-_SHIFT, _SHIFT + 1, 2)[:, np.newaxis]
    differ = _weeks(series, at[0] + weeks) - _weeks(series, at[1] + weeks + shifts)
    parts = differ[:, :before], differ[:, before:]
    low, high = (np.isfinite(part).any(axis=1) for part in parts)
    is_known = low & high
    if not is_known.any():
        return math.nan
    usual = [np.nanmedian(part[is_known], axis=1) for part in parts]
    return float(np.min((usual[1] - usual[0]) / size))


def _weeks(series: DaySeries, first: Positions) -> Floats:
    """Return the values of the weeks from some days on, NaN where one is not held."""
    is_held = (first >= 0) & (first + _WEEK <= len(series.top))
    start = np.where(is_held, first, 0)
    end = np.minimum(start + _WEEK, len(series.top))
    return np.where(is_held, series.values(start, end), np.nan)


# --- by day --------------------------------------------------------------------------


def _change_at(series: DaySeries, position: int, days: int = _WINDOW) -> float:
    """Return by how much some days differ from as many before; NaN: not known."""
    start, end = max(position - days, 0), min(position + days, len(series.top))
    return float(series.values(position, end) - series.values(start, position))


def _changes(series: DaySeries) -> tuple[Positions, Floats]:
    """Return each day with four weeks on either side, and the change there."""
    at = np.arange(_WINDOW, max(_WINDOW, len(series.top) - _WINDOW + 1))
    return at, series.values(at, at + _WINDOW) - series.values(at - _WINDOW, at)


def _usual_change(series: DaySeries) -> float:
    """Return three spreads of the changes from any four weeks to the next four."""
    changes = _changes(series)[1][::_WEEK]
    known = np.abs(changes[np.isfinite(changes)])
    if not len(known) or series.span.monthly:
        return 0.0
    return _SPREADS * _TO_SIGMA * float(np.median(known))


def _place_step(
    series: DaySeries, days: tuple[int, int], among: tuple[int, int]
) -> _Place | None:
    """Return the day of a step: the split of some days with the least squared error.

    None where no day among those that may be the first one after the step has a value.
    The day is exact where the days that fit about as well all lie within a week.
    """
    known, values, weights = _daily(series, *days)
    is_near = (known[1:] >= among[0]) & (known[1:] < among[1])
    if not is_near.any():
        return None
    near = known[1:][is_near]
    errors = split_errors(values, weights)[is_near]
    best = int(np.argmin(errors))
    variance = max(float(errors[best]) / len(known), 1e-12)
    likely = near[(errors - errors[best]) / variance <= _SHARP]
    is_exact = bool(likely[-1] - likely[0] <= _DAYS_APART)
    flat = float(np.sum(weights * (values - np.average(values, weights=weights)) ** 2))
    return _Place(int(near[best]), is_exact, (flat - float(errors[best])) / variance)


def _daily(series: DaySeries, first: int, end: int) -> tuple[Positions, Floats, Floats]:
    """Return the days from a position up to another that have a value, and weights."""
    top, base = series.top[first:end], series.base[first:end]
    days = np.arange(first, end)
    if series.what.kind == "rows":
        # Counts: a day without a row has no logarithm, and a week has its rhythm.
        weekday = days % _WEEK
        usual = np.array([top[weekday == day].mean() for day in range(_WEEK)])
        return days, top - usual[weekday] + top.mean(), base
    is_known = (base > 0) & ((top > 0) | (series.what.kind != "scale"))
    days, top, base = days[is_known], top[is_known], base[is_known]
    values = np.log(top / base) if series.what.kind == "scale" else top / base
    return days, values, base / max(float(base.mean()) if len(base) else 0.0, 1e-12)


def _by_day(series: DaySeries) -> Iterator[Jump]:
    """Yield where sizes change from one day to the next, as those of a new unit do.

    A season may hide such a step from the periods: degrees that fall to Celsius in July
    rise to it in no month. So the days are searched for changes over four weeks that
    are at least the floor and three spreads of such changes, that two levels fit far
    better than one, that are dated to the day, and that most of shows in the single
    weeks beside it.
    """
    positions, changes = _changes(series)
    changes = np.nan_to_num(np.abs(changes))
    floor = FLOORS[series.what.kind]
    least = max(floor, _usual_change(series))
    while len(changes) and changes.max() >= least:
        near = int(positions[np.argmax(changes)])
        changes[np.abs(positions - near) <= _WINDOW] = 0.0
        days = (max(0, near - _AROUND), min(len(series.top), near + _AROUND))
        place = _place_step(series, days, (near - _ASIDE, near + _ASIDE + 1))
        if place is None or not place.is_exact or place.gain < _CLEAR:
            continue
        at = place.position
        size = _change_at(series, at)
        by_week = _change_at(series, at, _WEEK) * math.copysign(1, size)
        if not (abs(size) >= least and by_week >= max(floor, _KEPT * abs(size))):
            continue
        start, end = max(at - _WINDOW, 0), min(at + _WINDOW, len(series.top))
        levels = series.level(start, at), series.level(at, end)
        if jump := _unless_season(series, place, size, levels):
            yield jump


# --- partitions ----------------------------------------------------------------------


@dataclass(frozen=True)
class Steps:
    """Where a series steps, and how small a step it would have shown."""

    boundaries: tuple[int, ...]  #: position of the first value after each step
    limit: float | None  #: in the series' unit; None: too few periods to tell


def find_steps(
    values: Sequence[float] | Floats, *, floor: float, noise: float = 0.0
) -> Steps:
    """Return the steps of a series: optimal partitioning, then the weakest are dropped.

    Squared errors over sigma = 1.4826 x MAD of the first differences / sqrt 2, at
    least 3 periods a segment, penalty 6 ln n (Jackson et al. 2005, "An algorithm for
    optimal partitioning of data on an interval"). Then the weakest boundary is dropped
    while the step between its segments' medians is under max(floor, 3 x 1.4826 MAD of
    the residuals).

    Args:
        values: one finite number per period, in order.
        floor: the smallest step that matters, in the unit of the values.
        noise: standard deviation that chance alone must give to a value, from the
            rows behind it; sigma is not put below it. Nor is it put below a third of
            the floor: series of counts often do not change at all, and sigma would be
            0.

    Returns:
        the boundaries, and the detection limit: a step of that size that parts a
        quarter of the series from the rest is found in nine of ten cases.
    """
    series = np.asarray(values, dtype=np.float64)
    if len(series) < LEAST_PERIODS:
        return Steps((), None)
    sigma = max(_sigma(series), noise, floor / 3)
    boundaries = list[int]()
    if np.ptp(series) >= floor:  # or else no step could be as large
        boundaries = _partition((series - series.mean()) / sigma)
    while boundaries:
        parts = np.split(series, boundaries)
        steps = np.abs(np.diff([np.median(part) for part in parts]))
        weakest = int(np.argmin(steps))
        if steps[weakest] >= _least_step(parts, floor):
            break
        del boundaries[weakest]
    least = _least_step(np.split(series, boundaries), floor)
    short = max(_SHORTEST, len(series) // 4)
    error = sigma * math.sqrt(1 / short + 1 / (len(series) - short))
    by_penalty = error * (math.sqrt(_PENALTY * math.log(len(series))) + _NINE_OF_TEN)
    limit = max(by_penalty, least + error * _OF_MEDIAN * _NINE_OF_TEN)
    return Steps(tuple(boundaries), limit)


def split_errors(values: Floats, weights: Floats) -> Floats:
    """Return the squared error of each split of a series into two levels.

    Returns:
        per position 1 to n - 1 the weighted squared error around the two means, where
        that position is the first one after the split.
    """
    mass, first, square = (np.cumsum(weights * values**power) for power in (0, 1, 2))
    left = first[:-1] ** 2 / np.maximum(mass[:-1], 1e-12)
    right = (first[-1] - first[:-1]) ** 2 / np.maximum(mass[-1] - mass[:-1], 1e-12)
    errors: Floats = square[-1] - left - right
    return errors


def _partition(scaled: Floats) -> list[int]:
    """Return the boundaries of the cheapest partition."""
    length = len(scaled)
    penalty = _PENALTY * math.log(length)
    first = np.concatenate([[0.0], np.cumsum(scaled)])
    square = np.concatenate([[0.0], np.cumsum(scaled**2)])
    cheapest = np.full(length + 1, np.inf)
    cheapest[0] = -penalty
    came_from = np.zeros(length + 1, dtype=np.int64)
    for end in range(_SHORTEST, length + 1):
        starts = np.arange(end - _SHORTEST + 1)
        errors = square[end] - square[starts]
        errors -= (first[end] - first[starts]) ** 2 / (end - starts)
        costs = cheapest[starts] + errors + penalty
        came_from[end] = np.argmin(costs)
        cheapest[end] = costs[came_from[end]]
    boundaries = list[int]()
    at = int(came_from[length])
    while at:
        boundaries.append(at)
        at = int(came_from[at])
    return boundaries[::-1]


def _least_step(parts: Sequence[Floats], floor: float) -> float:
    left = np.concatenate([part - np.median(part) for part in parts])
    return max(floor, _SPREADS * _TO_SIGMA * _mad(left))


def _sigma(values: Floats) -> float:
    """Return a robust spread of values around levels that may step."""
    return _TO_SIGMA * _mad(np.diff(values)) / math.sqrt(2)


def _mad(values: Floats) -> float:
    return float(np.median(np.abs(values - np.median(values))))
