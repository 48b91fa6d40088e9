"""Steps of one series: what is one, when it lies, and what is a season or a slope."""

import datetime as dt
import itertools
import math

import numpy as np
import pytest

from readybook.measure.change.series import DaySeries, Span, What
from readybook.measure.change.steps import find_steps, look_at, split_errors

START = dt.date(2021, 1, 1)
YEAR, WEEKS = 12, 52


def series(values, kind="share", *, rows=1_000, start=START, monthly=False):
    """Return a series with a value for each day: a share or a size, else rows."""
    top = np.asarray(values, dtype=np.float64)
    base = np.ones(len(top))
    if kind != "rows":
        top, base = top * rows, np.full(len(top), float(rows))
    span = Span(start, start + dt.timedelta(len(top) - 1), monthly=monthly)
    return DaySeries(What(kind, "c", "a"), span, top, base)


def level(days, *steps):
    """Return 0.5 a day, and more from some days on: (day, by how much)."""
    values = np.full(days, 0.5)
    for at, by in steps:
        values[at:] += by
    return values


def dates(one):
    return [str(jump.date) for jump in look_at(one).jumps]


def test_step_of_a_share_has_its_day_size_and_levels():
    """Five points from the 201st day on."""
    (jump,) = look_at(series(level(400, (200, 0.05)))).jumps

    assert (jump.date, jump.is_exact) == (dt.date(2021, 7, 20), True)
    assert jump.size == pytest.approx(0.05)
    assert (jump.before, jump.after) == pytest.approx((0.5, 0.55))


def test_share_may_be_a_season_only_where_no_other_year_is_known():
    """In one year nobody can tell; with others that have no such step it is none."""
    (alone,) = look_at(series(level(365, (200, 0.05)))).jumps
    (beside,) = look_at(series(level(3 * 365, (800, 0.05)))).jumps

    assert (alone.has_other_years, alone.may_be_season) == (False, True)
    assert (beside.has_other_years, beside.may_be_season) == (True, False)


@pytest.mark.parametrize("kind", ["nulls", "zeros", "rows", "scale"])
def test_other_series_than_shares_are_never_left_open(kind):
    """What is missing, zero, counted or measured has no timetable of its own."""
    values = level(365, (200, 0.4)) * (1_000 if kind == "rows" else 1)
    jumps = look_at(series(values, kind)).jumps

    assert [one.may_be_season for one in jumps] == [False]


def test_step_that_returns_each_year_is_a_season():
    """Up each April and down each October, also where a year has a leap day."""
    days = [START.replace(year=2019) + dt.timedelta(at) for at in range(4 * 365 + 1)]
    values = [0.55 if 4 <= day.month <= 9 else 0.5 for day in days]

    assert dates(series(values, start=days[0])) == []


#: Height of the season over the year's rows, its day, its width in days, closed days.
SHOPS = {
    "garden centre": (5.0, 125, 30, ()),
    "ice cream": (13.0, 200, 35, ()),
    "ski rental": (2.0, 40, 25, (106, 334)),
}


def shop(name, seed, *, is_declared, years=3):
    """Return series of a shop that is shut on Sundays: rows, a share, missing values."""
    chance = np.random.default_rng(seed)
    height, top, width, closed = SHOPS[name]
    days = [dt.date(2022, 11, 20) + dt.timedelta(at) for at in range(365 * years)]
    at = np.array([day.timetuple().tm_yday for day in days])
    peak = np.exp(-(((at - top) / width) ** 2))
    spring = np.exp(-(((at - 125) / 40) ** 2))
    is_open = np.array([day.isoweekday() < 7 for day in days])
    if closed:
        is_open &= (at < closed[0]) | (at > closed[1])
    usual = 3 * (1 + height * peak) * np.exp(chance.normal(0, 0.15, len(at)))
    rows = chance.poisson(usual * is_open).astype(float)
    plants, nulls = (
        chance.binomial(rows.astype(int), share).astype(float)
        for share in (0.2 + 0.5 * spring, np.full(len(at), 0.02))
    )
    expected = is_open if is_declared else np.ones(len(at))
    span = Span(days[0], days[-1])
    for what, own, of in (
        (What("rows"), rows, expected),
        (What("rows", "kind", "plant"), plants, expected),
        (What("share", "kind", "plant"), plants, rows),
        (What("nulls", "note"), nulls, rows),
    ):
        yield DaySeries(what, span, own, of.astype(float))


@pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "undeclared"])
@pytest.mark.parametrize("name", SHOPS)
def test_season_of_a_shop_is_no_step(name, is_declared):
    """Of 24 series with three strong seasons each, one steps by chance at most."""
    looks = [
        look_at(one)
        for seed in range(6)
        for one in shop(name, seed, is_declared=is_declared)
    ]

    assert len([one for one in looks if one.jumps]) <= 1


def seasons(
    kind, years=4, *, begins=(0, 14, -14, 7), ends=(0, -14, 14, -7), start=START
):
    """Return a series that is high from April to September, give or take some days."""
    days = [start + dt.timedelta(at) for at in range(365 * years)]
    moved = [dt.timedelta(at) for at in (*begins, *ends)]
    high = [
        dt.date(day.year, 4, 1) + moved[day.year - start.year]
        <= day
        < dt.date(day.year, 10, 1) + moved[len(begins) + day.year - start.year]
        for day in days
    ]
    usual = 300 if kind in ("rows", "scale") else 0.2
    return usual * (1 + np.array(high) + 0.02 * np.sin(np.arange(len(days)) * 1.7))


@pytest.mark.parametrize("kind", ["rows", "scale", "share", "nulls", "zeros", "equal"])
def test_season_that_comes_weeks_earlier_or_later_is_no_step(kind):
    """April begins in March or in May, and so on, by up to four weeks in two years."""
    assert dates(series(seasons(kind), kind)) == []


@pytest.mark.parametrize("kind", ["share", "nulls", "zeros", "equal"])
def test_weeks_around_easter_are_no_steps(kind):
    """It lies anywhere in five weeks, and its three weeks in other ones."""
    values = np.full(5 * 365, 0.2)
    for easter in (
        "2021-04-04",
        "2022-04-17",
        "2023-04-09",
        "2024-03-31",
        "2025-04-20",
    ):
        at = (dt.date.fromisoformat(easter) - START).days
        values[at - 10 : at + 11] = 0.5

    assert dates(series(values, kind)) == []


@pytest.mark.parametrize("at", [385, 550, 700])
@pytest.mark.parametrize("kind", ["rows", "scale", "share", "nulls", "zeros", "equal"])
def test_step_beside_a_season_that_moves_is_found_with_its_day(kind, at):
    """Smaller than the season, in its middle or some weeks off its ends."""
    values = seasons(kind)
    values[at:] *= 1.6

    assert str(START + dt.timedelta(at)) in dates(series(values, kind))


def test_step_on_a_leap_day_is_compared_with_the_28th_of_february():
    """Other years have no 29th."""
    start = dt.date(2019, 1, 1)
    at = (dt.date(2020, 2, 29) - start).days

    (jump,) = look_at(series(level(3 * 365, (at, 0.05)), start=start)).jumps

    assert str(jump.date) == "2020-02-29"
    assert jump.has_other_years


@pytest.mark.parametrize("kind", ["rows", "scale"])
def test_slope_of_a_season_is_no_step(kind):
    """What doubles through a spring is not collected otherwise from a day on."""
    values = np.interp(np.arange(365), [120, 210], [300, 600])

    assert dates(series(values, kind)) == []


def test_step_near_the_end_is_found_by_weeks():
    """Three weeks are less than a month's segment needs."""
    assert dates(series(level(360, (335, 0.05)))) == ["2021-12-02"]


def test_weeks_of_a_high_season_are_no_steps_of_rows():
    """Six busy weeks within the year: months do not step, and weeks do not count."""
    values = np.full(730, 1_000.0)
    values[330:365] *= 1.5

    assert dates(series(values, "rows")) == []


def test_few_rows_are_not_judged():
    """Of 30 rows a month chance alone makes such steps; then there is no limit either."""
    few = look_at(series(np.full(400, 0.9), "rows"))
    more = look_at(series(np.full(400, 1.2), "rows"))

    assert (few.jumps, few.limit) == ((), None)
    assert more.limit > np.log(1.2)


def test_under_eight_periods_nothing_can_be_told():
    """Seven weeks are too few."""
    assert look_at(series(level(52, (25, 0.4)))).limit is None
    assert look_at(series(level(60, (25, 0.4)))).limit is not None


def test_month_is_all_that_is_known_of_monthly_events():
    """Events on the first of each month have no day."""
    days = [START + dt.timedelta(at) for at in range(730)]
    held = [(0.8 if day.year > START.year else 0.5) for day in days]
    first = np.array([day.day == 1 for day in days])
    one = series(held, "nulls", monthly=True)
    one = DaySeries(one.what, one.span, one.top * first, one.base * first)

    (jump,) = look_at(one).jumps

    assert (jump.when, jump.is_exact) == ("2022-01", False)


@pytest.mark.parametrize("at", [290, 705])
def test_unit_that_changes_is_dated_also_within_four_weeks_of_the_end(at):
    """Sizes that are 1.6 times as large from a day on."""
    sizes = 3 + 0.1 * np.sin(np.arange(730))
    sizes[at:] *= 1.6
    (jump,) = look_at(series(sizes, "scale")).jumps

    assert jump.date == START + dt.timedelta(at)
    assert (jump.before, jump.after) == pytest.approx((3, 4.8), rel=0.01)


@pytest.mark.parametrize("kind", ["rows", "scale", "nulls"])
@pytest.mark.parametrize("days", [395, 800])
@pytest.mark.parametrize("at", [26, 47, 68, 79, 90, -90, -79, -68, -47, -29])
def test_step_near_an_end_is_dated_and_told_in_full(kind, days, at):
    """The period that it lies in has some of either side, and is no measure of it."""
    usual = 0.3 if kind == "nulls" else 300
    values = usual + usual * 0.02 * np.sin(np.arange(days) * 1.7)
    values[at:] *= 2.5
    (jump,) = look_at(series(values, kind)).jumps

    assert (jump.date, jump.is_exact) == (START + dt.timedelta(at % days), True)
    size = usual * 1.5 if kind == "nulls" else math.log(2.5)
    assert jump.size == pytest.approx(size, rel=0.03)
    assert jump.after / jump.before == pytest.approx(2.5, rel=0.03)


@pytest.mark.parametrize("at", [250, 450, 750, 900])
@pytest.mark.parametrize(("kind", "small"), [("rows", 1.15), ("scale", 1.35)])
def test_level_beside_a_step_is_not_that_beyond_a_smaller_one(kind, small, at):
    """One too small to be told lies off the large one of the 600th day."""
    values = 300 + 6 * np.sin(np.arange(1_200) * 1.7)
    values[at:] *= small
    before = np.median(values[540:600])
    values[600:] *= 20
    (jump,) = look_at(series(values, kind)).jumps

    assert jump.size == pytest.approx(math.log(20), rel=0.01)
    assert (jump.before, jump.after) == pytest.approx((before, 20 * before), rel=0.02)


def test_monthly_history_of_many_years_has_other_years():
    """A century of firsts of months says that June has no step of its own."""
    start = dt.date(1900, 1, 1)
    days = [start + dt.timedelta(at) for at in range(121 * 365)]
    sizes = [1.8 if day >= dt.date(1980, 6, 1) else 1.0 for day in days]
    first = np.array([day.day == 1 for day in days])
    one = series(sizes, "scale", start=start, monthly=True)
    one = DaySeries(one.what, one.span, one.top * first, one.base * first)

    (jump,) = look_at(one).jumps
    assert (jump.when, jump.has_other_years) == ("1980-06", True)


@pytest.mark.parametrize("years", [4, 5, 7])
def test_season_that_begins_is_a_step_in_its_first_year(years):
    """That it comes back makes no season of the years before it."""
    days = [START + dt.timedelta(at) for at in range(years * 365)]
    begins = START.year + years - 3
    rows = [100 if day.year >= begins and 6 <= day.month <= 8 else 50 for day in days]
    found = dates(series(rows, "rows"))

    assert found[:2] == [f"{begins}-06-01", f"{begins}-09-01"]


# --- partitions ----------------------------------------------------------------------


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


@pytest.mark.slow
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
