"""A step in the days of a series: its date, its suddenness, and the same in other years.

Periods say that there is a step; here the days say when, and whether it is one at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from readybook.measure.change.dayseries import FLOORS, DaySeries, Positions
from readybook.measure.change.segments import Floats, split_errors

__all__ = [
    "WINDOW",
    "Place",
    "change_at",
    "find_sudden",
    "other_years",
    "place_step",
    "usual_change",
]

WINDOW = 28  #: days before and after: four of each day of the week

_WEEK = 7
_AROUND, _ASIDE = 42, 14  # days to either side that a day is chosen by, and from
_SPREADS, _TO_SIGMA = 3, 1.4826  # as `segments` has them
_SHARP = 6.0  # twice the log likelihood: days that fit so much worse are out
_DAYS_APART = 6  # of the first and last day that are left, for a day to be named
_CLEAR = 6 * math.log(2 * _AROUND)  # the penalty that `segments` has for so many days
_KEPT = 0.6  # of a change over four weeks that two single weeks show as well


@dataclass(frozen=True)
class Place:
    """Where a step lies."""

    position: int  #: of the first day after it
    is_exact: bool  #: False: known to a month or so
    gain: float = 0.0  #: of two levels over one: twice the log likelihood ratio


def change_at(series: DaySeries, position: int, days: int = WINDOW) -> float:
    """Return by how much some days differ from as many before; NaN: not known."""
    before = series.value(max(position - days, 0), position)
    return series.value(position, min(position + days, len(series.top))) - before


def usual_change(series: DaySeries) -> float:
    """Return three spreads of the changes from any four weeks to the next four."""
    changes = _changes(series)[1][::_WEEK]
    known = np.abs(changes[np.isfinite(changes)])
    if not len(known) or series.span.monthly:
        return 0.0
    return _SPREADS * _TO_SIGMA * float(np.median(known))


def other_years(series: DaySeries, position: int) -> list[float]:
    """Return the changes at the same date of other years, where they are known."""
    date = series.span.day(position)
    is_leap_day = (date.month, date.day) == (2, 29)
    found = []
    for year in range(series.span.first.year, series.span.last.year + 1):
        same = date.replace(year=year, day=28 if is_leap_day else date.day)
        at = (same - series.span.first).days
        if year != date.year and WINDOW <= at <= len(series.top) - WINDOW:
            change = change_at(series, at)
            if math.isfinite(change):
                found.append(change)
    return found


def place_step(
    series: DaySeries, days: tuple[int, int], among: tuple[int, int]
) -> Place | None:
    """Return the day of a step: the split of some days with the least squared error.

    Args:
        series: what steps.
        days: positions of the first day to look at, and of the one after the last.
        among: likewise of the days that may be the first one after the step.

    Returns:
        None where none of them has a value. The day is exact where the days that fit
        about as well all lie within a week.
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
    return Place(int(near[best]), is_exact, (flat - float(errors[best])) / variance)


def find_sudden(series: DaySeries) -> list[Place]:
    """Return where sizes change from one day to the next, as those of a new unit do.

    A season may hide such a step from the periods: degrees that fall to Celsius in July
    rise to it in no month. So the days are searched for changes over four weeks that
    are at least the floor and three spreads of such changes, that two levels fit far
    better than one, that are dated to the day, and that most of shows in the single
    weeks beside it.
    """
    positions, changes = _changes(series)
    changes = np.nan_to_num(np.abs(changes))
    least = max(FLOORS[series.what.kind], usual_change(series))
    found = []
    while len(changes) and changes.max() >= least:
        at = int(positions[np.argmax(changes)])
        changes[np.abs(positions - at) <= WINDOW] = 0.0
        days = (max(0, at - _AROUND), min(len(series.top), at + _AROUND))
        place = place_step(series, days, (at - _ASIDE, at + _ASIDE + 1))
        if place is not None and _is_sudden(series, place, least):
            found.append(place)
    return sorted(found, key=lambda place: place.position)


def _is_sudden(series: DaySeries, place: Place, least: float) -> bool:
    change = change_at(series, place.position)
    weeks = change_at(series, place.position, _WEEK) * math.copysign(1, change)
    return (
        place.is_exact
        and place.gain >= _CLEAR
        and abs(change) >= least
        and weeks >= max(FLOORS[series.what.kind], _KEPT * abs(change))
    )


def _changes(series: DaySeries) -> tuple[Positions, Floats]:
    """Return each day with four weeks on either side, and the change there."""
    at = np.arange(WINDOW, max(WINDOW, len(series.top) - WINDOW + 1))
    return at, series.values(at, at + WINDOW) - series.values(at - WINDOW, at)


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
