"""Find steps in a series of periods by optimal partitioning; numpy only, no data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_PERIODS", "SHORTEST", "Floats", "Steps", "find_steps", "split_errors"]

Floats = NDArray[np.float64]

LEAST_PERIODS = 8  #: under so many periods nobody can tell
SHORTEST = 3  #: periods of a segment

_PENALTY = 6  #: times ln(periods), for each boundary
_SPREADS = 3  #: a step is at least so many spreads of what it leaves unexplained
_TO_SIGMA = 1.4826  #: of a median absolute deviation, for a normal distribution
_NINE_OF_TEN = 1.2816  #: standard deviations above the mean
_OF_MEDIAN = 1.2533  #: standard error of a median, against that of a mean


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
    sigma = _TO_SIGMA * _mad(np.diff(series)) / math.sqrt(2)
    sigma = max(sigma, noise, floor / 3)
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
    return Steps(tuple(boundaries), _limit(len(series), sigma, least))


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
    for end in range(SHORTEST, length + 1):
        starts = np.arange(end - SHORTEST + 1)
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


def _limit(length: int, sigma: float, least: float) -> float:
    short = max(SHORTEST, length // 4)
    error = sigma * math.sqrt(1 / short + 1 / (length - short))
    by_penalty = error * (math.sqrt(_PENALTY * math.log(length)) + _NINE_OF_TEN)
    return max(by_penalty, least + error * _OF_MEDIAN * _NINE_OF_TEN)


def _mad(values: Floats) -> float:
    return float(np.median(np.abs(values - np.median(values))))
