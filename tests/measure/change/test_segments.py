"""Steps in a series of numbers: optimal partitioning, floors, and what cannot be told."""

import itertools
import math

import numpy as np
import pytest

from readybook.measure.change.segments import find_steps, split_errors

YEAR, WEEKS = 12, 52


def noisy(length, seed=1, spread=0.01):
    return np.random.default_rng(seed).normal(0.1, spread, length)


def stepped(length, at, size, **more):
    values = noisy(length, **more)
    values[at:] += size
    return values


def cheapest(values, sigma):
    """Return the best partition by trying all, at least 3 values a segment."""
    scaled = np.asarray(values) / sigma
    penalty = 6 * math.log(len(values))

    def cost(boundaries):
        parts = np.split(scaled, boundaries)
        errors = sum(((part - part.mean()) ** 2).sum() for part in parts)
        return errors + penalty * len(boundaries)

    every = [
        boundaries
        for number in range(4)
        for boundaries in itertools.combinations(range(3, len(values) - 2), number)
        if all(b - a >= 3 for a, b in itertools.pairwise(boundaries))
    ]
    return min(every, key=cost)


@pytest.mark.parametrize("seed", range(8))
def test_partition_is_the_cheapest_of_all(seed):
    """No other way to cut the series costs less."""
    random = np.random.default_rng(seed)
    values = random.normal(0, 1, 14) + 6 * (np.arange(14) >= random.integers(3, 11))
    spread = np.diff(values)
    spread = np.median(np.abs(spread - np.median(spread)))
    sigma = 1.4826 * spread / math.sqrt(2)

    # no floor, and a noise of nothing: sigma is the formula's own
    found = find_steps(values, floor=1e-9).boundaries

    assert set(found) <= set(cheapest(values, sigma))
    assert found


@pytest.mark.parametrize(("length", "at"), [(YEAR, 5), (WEEKS, 20), (36, 33), (9, 3)])
def test_step_is_found_at_its_first_value(length, at):
    """A clear step is reported by the position of the first value after it."""
    assert find_steps(stepped(length, at, 0.1), floor=0.02).boundaries == (at,)


@pytest.mark.parametrize("length", [YEAR, WEEKS, 520])
@pytest.mark.parametrize("seed", range(5))
def test_noise_alone_makes_no_step(length, seed):
    """A series that does not change has no step."""
    assert find_steps(noisy(length, seed), floor=0.02).boundaries == ()


def test_step_under_the_floor_is_none():
    """However clear it is, a step that is too small to matter is dropped."""
    values = stepped(WEEKS, 26, 0.015, spread=0.001)

    assert find_steps(values, floor=0.02).boundaries == ()
    assert find_steps(values, floor=0.01).boundaries == (26,)


def test_step_within_the_spread_of_the_rest_is_none():
    """A step must exceed three spreads of what it leaves unexplained."""
    values = stepped(520, 260, 0.05, spread=0.03)

    assert find_steps(values, floor=0.02).boundaries == ()


def test_level_of_three_values_is_found_with_both_ends():
    """What lasts for three periods is bounded by two steps."""
    values = noisy(YEAR)
    values[5:8] += 0.5

    assert find_steps(values, floor=0.02).boundaries == (5, 8)


def test_weakest_boundary_is_dropped_first():
    """Of two steps only the one that matters is left."""
    values = stepped(30, 10, 0.5, spread=0.001)
    values[20:] += 0.01

    assert find_steps(values, floor=0.02).boundaries == (10,)


def test_constant_series_has_no_step_and_a_limit():
    """Without any spread sigma would be 0; the floor stands in for it."""
    found = find_steps([0.0] * YEAR, floor=0.02)

    assert found.boundaries == ()
    assert found.limit == pytest.approx(0.027, abs=0.002)


def test_one_odd_value_is_no_step():
    """A single odd month in a constant series is no step."""
    values = [0.0] * YEAR
    values[6] = 0.4

    assert find_steps(values, floor=0.02).boundaries == ()


def test_noise_of_few_rows_hides_a_step():
    """Chance alone explains the step where a value stands on few rows."""
    values = stepped(YEAR, 6, 0.3)

    assert find_steps(values, floor=0.18, noise=0.05).boundaries == (6,)
    assert find_steps(values, floor=0.18, noise=0.3).boundaries == ()


def test_under_eight_periods_nobody_can_tell():
    """Seven periods have no steps and no limit, eight have."""
    values = stepped(8, 4, 0.5, spread=0.001)

    assert find_steps(values[:7], floor=0.02).limit is None
    assert find_steps(values[:7], floor=0.02).boundaries == ()
    assert find_steps(values, floor=0.02).boundaries == (4,)


@pytest.mark.parametrize("length", [YEAR, 24, WEEKS, 104])
def test_step_of_the_limit_is_mostly_found(length):
    """About nine of ten steps of the detection limit's size are found."""
    found = 0
    for seed in range(100):
        values = noisy(length, seed)
        at = max(3, length // 4)
        values[at:] += find_steps(values, floor=0.02).limit
        boundaries = find_steps(values, floor=0.02).boundaries
        found += any(abs(one - at) <= 1 for one in boundaries)

    assert found >= 78


def test_split_errors_are_those_of_two_means():
    """The error of each split is the weighted one around the means of both sides."""
    values, weights = noisy(9), np.arange(1.0, 10.0)
    errors = split_errors(values, weights)

    for at in range(1, 9):
        wanted = 0.0
        for side in (slice(None, at), slice(at, None)):
            mean = np.average(values[side], weights=weights[side])
            wanted += (weights[side] * (values[side] - mean) ** 2).sum()
        assert errors[at - 1] == pytest.approx(wanted)
