"""Distances of two samples: worked values, bounds that always hold, the drift bound."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readybook.measure.drift.distances import (
    chi_square_quantile,
    drift_bound,
    js_distance,
    ks_distance,
    psi,
    psi_parts,
)

#: 0.999 quantiles of chi-square, from printed tables
QUANTILES = {
    1: 10.828,
    2: 13.816,
    3: 16.266,
    4: 18.467,
    5: 20.515,
    6: 22.458,
    9: 27.877,
    10: 29.588,
    20: 45.315,
    30: 59.703,
    49: 85.351,
    50: 86.661,
    99: 148.230,
    100: 149.449,
}
#: the error that the docstring states, by degrees of freedom from which it holds
ERRORS = {1: 0.031, 2: 0.023, 6: 0.01, 49: 0.001}

counts = st.lists(
    st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)), min_size=1, max_size=60
)
filled = counts.filter(lambda both: all(sum(side) for side in zip(*both, strict=True)))


def sides(both):
    train, live = zip(*both, strict=True)
    return list(train), list(live)


def test_psi_is_that_of_a_worked_example():
    """Half a row is added to each bin, so 9 of 19 rows are 9.5 of 20."""
    train, live = 9.5 / 20, 14.5 / 20
    by_hand = (live - train) * math.log(live / train)
    by_hand += (train - live) * math.log((1 - live) / (1 - train))

    assert psi([9, 10], [14, 5]) == pytest.approx(by_hand)
    assert round(by_hand, 4) == 0.2674
    assert psi_parts([9, 10], [14, 5]).sum() == pytest.approx(by_hand)


@given(both=counts)
def test_psi_is_never_negative_and_does_not_know_which_side_is_which(both):
    """It is 0 for equal counts, finite for empty bins, and the same both ways."""
    train, live = sides(both)

    assert psi(train, live) >= 0
    assert math.isfinite(psi(train, live))
    assert psi(train, live) == pytest.approx(psi(live, train), abs=1e-9)
    assert psi(train, train) == 0


@given(both=counts)
def test_js_distance_lies_between_0_and_1(both):
    """It is 0 for equal counts and the same both ways."""
    train, live = sides(both)

    assert 0 <= js_distance(train, live) < 1
    assert js_distance(train, live) == pytest.approx(js_distance(live, train), abs=1e-6)
    assert js_distance(train, train) == 0


@given(both=filled)
def test_ks_distance_is_the_largest_difference_of_cumulative_shares(both):
    """No cut of the bins parts the two sides further than it says."""
    train, live = sides(both)
    cuts = [
        abs(sum(train[:at]) / sum(train) - sum(live[:at]) / sum(live))
        for at in range(len(both) + 1)
    ]

    assert ks_distance(train, live) == pytest.approx(max(cuts))
    assert 0 <= ks_distance(train, live) <= 1


def test_ks_distance_of_samples_that_do_not_overlap_is_1():
    """All training rows lie below all live rows."""
    assert ks_distance([5, 5, 0], [0, 0, 7]) == 1


@pytest.mark.parametrize(("freedom", "table"), QUANTILES.items())
def test_chi_square_quantile_is_near_the_printed_one_and_not_under_it(freedom, table):
    """The approximation errs by no more than its docstring says."""
    error = chi_square_quantile(freedom) / table - 1
    stated = min(most for since, most in ERRORS.items() if freedom >= since)

    assert -0.0001 < error <= stated  # tables are rounded


def test_chi_square_error_shrinks_with_the_degrees_of_freedom():
    """What is stated for some degrees of freedom holds for more of them."""
    errors = [chi_square_quantile(free) / at for free, at in QUANTILES.items()]

    assert errors == sorted(errors, reverse=True)


@given(n=st.integers(1, 10**9), m=st.integers(1, 10**9), bins=st.integers(1, 100))
def test_drift_bound_is_at_least_a_tenth_and_falls_with_more_rows(n, m, bins):
    """More rows never raise it, and more bins never lower it."""
    bound = drift_bound(n, m, bins)

    assert bound >= 0.1
    assert drift_bound(2 * n, m, bins) <= bound
    assert drift_bound(n, 2 * m, bins) <= bound
    assert drift_bound(n, m, bins + 1) >= bound


def test_drift_bound_of_large_samples_is_the_rule_of_thumb():
    """The example's rows are enough for 0.1, and 50 of them are not."""
    assert drift_bound(252_484, 84_292, 50) == 0.1
    assert drift_bound(50, 50, 10) == pytest.approx(2 / 50 * chi_square_quantile(9))
