"""The forecast agrees with closed forms and with another simulation, and is steady."""

from __future__ import annotations

import datetime as dt
import math
import random
import re
import statistics
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecast as benchmark
from plans import AS_OF, leads, plans, step, weeks
from readybook.plan.forecast import (
    DRAWS,
    chances,
    draw_weeks,
    finish_weeks,
    forecast,
    held_at_ends,
    is_overdue,
    moved_by,
    without_step,
)
from readybook.plan.steps import plan_graph

TINY = 1e-6  # weeks: what numerical integration may be off by
UNIFORM = weeks(2, 3, 7)


def mean_and_spread(lead):
    """Mean and standard deviation of a PERT-beta distribution, in closed form."""
    mean = (lead.low + 4 * lead.likely + lead.high) / 6
    return mean, math.sqrt(max(0, (mean - lead.low) * (lead.high - mean)) / 7)


@given(leads())
def test_one_step_has_mean_and_spread_of_its_distribution(lead):
    """(low + 4 likely + high) / 6, within four standard errors."""
    drawn = draw_weeks(step("a", lead))
    mean, spread = mean_and_spread(lead)

    assert abs(drawn.mean() - mean) <= 4 * spread / math.sqrt(DRAWS) + TINY
    assert drawn.std() == pytest.approx(spread, rel=0.05, abs=TINY)
    assert lead.low - TINY <= drawn.min()
    assert drawn.max() <= lead.high + TINY


def test_quantiles_of_one_step_agree_with_the_density_integrated_apart():
    """F(x) of (2, 3, 7) is that of a beta with shapes 1.8 and 4.2."""
    shapes = 1 + 4 * (3 - 2) / 5, 1 + 4 * (7 - 3) / 5
    whole = math.gamma(sum(shapes)) / (math.gamma(shapes[0]) * math.gamma(shapes[1]))
    places = (np.arange(200_000) + 0.5) / 200_000
    below = places ** (shapes[0] - 1) * (1 - places) ** (shapes[1] - 1) * whole
    drawn = draw_weeks(step("a", UNIFORM))

    for share in (0.1, 0.5, 0.9):
        place = (np.quantile(drawn, share) - 2) / 5
        assert np.sum(below[places < place]) / 200_000 == pytest.approx(share, abs=0.02)


def test_two_steps_in_series_add_up():
    """Means add, and so do variances: the draws of two steps are independent."""
    first, second = weeks(1, 2, 6), weeks(3, 5, 8)
    drawn = finish_weeks([step("a", first), step("b", second, "a")])
    means, spreads = zip(mean_and_spread(first), mean_and_spread(second), strict=True)
    spread = math.hypot(*spreads)

    assert abs(drawn.mean() - sum(means)) <= 4 * spread / math.sqrt(DRAWS)
    assert drawn.std() == pytest.approx(spread, rel=0.05)


def test_two_steps_side_by_side_take_the_longer_one():
    """The greater of two alike on (0, likely 0, 1): F(x) = (1 - (1 - x)^5)^2."""
    lead = weeks(0, 0, 1)
    drawn = finish_weeks([step("a", lead), step("b", lead)])

    for share in (0.1, 0.25, 0.5, 0.75, 0.9):
        exact = 1 - (1 - math.sqrt(share)) ** 0.2
        error = math.sqrt(share * (1 - share) / DRAWS)
        found = float(np.mean(drawn <= exact))
        assert abs(found - share) <= 4 * error


def simulated_apart(steps, draws, chance):
    """The ends of random graphs by a plain loop: an implementation of its own."""
    ends = []
    for _ in range(draws):
        done = {}
        for one in steps:  # each needs only earlier ones
            low, likely, high = one.lead.low, one.lead.likely, one.lead.high
            took = low
            if high > low:
                shape = 4 * (likely - low) / (high - low)
                took += (high - low) * chance.betavariate(1 + shape, 5 - shape)
            begin = 0.0
            for need in one.needs:
                begin = max(begin, done[need])
            done[one.id] = begin + took
        ends.append(max(done.values()))
    return ends


@pytest.mark.parametrize("seed", range(6))
def test_random_graph_agrees_with_an_independent_simulation(seed):
    """Mean, spread and median of a plain loop over random.betavariate."""
    chance = random.Random(seed)  # noqa: S311 - the same graphs every time
    steps = []
    for at in range(chance.randint(2, 14)):
        ends = sorted(chance.uniform(0, 10) for _ in range(3))
        needs = [s.id for s in steps if chance.random() < 0.3]
        steps.append(step(f"{seed}-{at}", weeks(*ends), *needs))
    apart = simulated_apart(steps, 2_500, chance)
    drawn = finish_weeks(steps)
    spread = statistics.stdev(apart)
    error = spread * math.sqrt(1 / 2_500 + 1 / DRAWS)

    assert abs(drawn.mean() - statistics.fmean(apart)) <= 4.5 * error
    assert abs(np.median(drawn) - statistics.median(apart)) <= 6 * error
    assert drawn.std() == pytest.approx(spread, rel=0.1)


@pytest.mark.slow
@given(plans(), st.data())
def test_closing_a_step_never_delays_the_end(steps, data):
    """In no draw, and so in no percentile."""
    closed = data.draw(st.sampled_from(steps)).id
    before = finish_weeks(steps, 500)
    after = finish_weeks(without_step(steps, closed), 500)

    assert (after <= before + TINY).all()


@pytest.mark.slow
@given(plans(), st.data(), st.floats(0, 10), st.sampled_from(["later", "times"]))
def test_longer_lead_time_never_brings_the_end_forward(steps, data, more, how):
    """All three figures later, or so many times as long: no draw ends earlier."""
    chosen = data.draw(st.sampled_from(steps))
    lead = chosen.lead
    ends = [
        end + more if how == "later" else end * (1 + more)
        for end in (lead.low, lead.likely, lead.high)
    ]
    longer = [
        replace(one, lead=weeks(*ends)) if one is chosen else one for one in steps
    ]

    before, after = finish_weeks(steps, 500), finish_weeks(longer, 500)

    assert (before <= after + 1e-3).all()


@pytest.mark.slow
@given(plans())
def test_step_that_is_never_critical_saves_nothing(steps):
    """And no step saves less than nothing, or more than the whole way."""
    ahead = forecast(steps, AS_OF, 500)

    for passage in ahead.passages.values():
        assert passage.critical or passage.saves == 0
        assert -TINY <= passage.saves <= ahead.p50 + 1e-3
    assert any(passage.critical for passage in ahead.passages.values())


def test_draws_of_a_step_depend_on_its_id_alone():
    """A step beside it, or its place among the steps, shifts nothing."""
    lead = weeks(1, 2, 5)
    alone = draw_weeks(step("a", lead))
    beside = forecast([step("b", lead), step("a", lead)], AS_OF).passages["a"]

    assert float(np.median(alone)) == pytest.approx(beside.done, abs=1e-3)
    assert not np.array_equal(alone, draw_weeks(step("b", lead)))


def test_draws_are_the_same_on_every_machine_and_day():
    """The first numbers of an id, written down once."""
    first = [round(float(number), 9) for number in chances("permission/node", 3)]

    assert first == [0.072472393, 0.79218977, 0.748051752]


def test_waiting_step_takes_what_is_left_of_a_longer_lead_time():
    """After 4 of 2 to 7 weeks, all that is drawn lies between 0 and 3 more."""
    left = draw_weeks(step("a", UNIFORM, waited=4.0))
    whole = draw_weeks(step("a", UNIFORM))
    still = whole[whole > 4] - 4

    assert left.min() >= 0
    assert left.max() <= 3
    assert left.mean() == pytest.approx(still.mean(), abs=0.06)


def test_step_past_its_high_is_drawn_afresh_and_flagged():
    """It may take all of its time once more, and the report says so."""
    late = step("a", UNIFORM, waited=7.0)

    assert is_overdue(late)
    assert np.array_equal(draw_weeks(late), draw_weeks(step("a", UNIFORM)))
    assert forecast([late], AS_OF).overdue == ("a",)
    assert not is_overdue(step("a", UNIFORM, "b", waited=7.0))
    assert not is_overdue(step("a", weeks(0)))
    assert not is_overdue(step("a", waited=7.0))


def test_step_that_needs_an_open_one_has_not_begun_to_wait():
    """Its weeks of waiting count once what it needs is done."""
    steps = [step("a", weeks(1)), step("b", weeks(4), "a", waited=3.0)]

    ahead = forecast(steps, AS_OF)

    assert ahead.p50 == 5
    assert ahead.overdue == ()
    assert ahead.passages["a"].saves == 4


def test_constant_lead_times_give_exact_dates_paths_and_savings():
    """Equal low and high is a constant: 2 weeks, then the longer of 3 and 1."""
    steps = [step("a", weeks(2)), step("b", weeks(3), "a"), step("c", weeks(1), "a")]

    ahead = forecast(steps, AS_OF)

    assert {ahead.date(w) for w in (ahead.p50, ahead.p80, ahead.p90)} == {
        dt.date(2027, 1, 4)
    }
    assert {name: one.critical for name, one in ahead.passages.items()} == {
        "a": 1,
        "b": 1,
        "c": 0,
    }
    assert {name: one.saves for name, one in ahead.passages.items()} == {
        "a": 2,
        "b": 2,
        "c": 0,
    }
    assert ahead.runs_by(dt.date(2027, 1, 3)) == 0
    assert ahead.runs_by(ahead.date(5)) == DRAWS


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6), st.integers(0, 400))
def test_constant_lead_times_end_on_their_own_day(days, waited):
    """However many weeks their days are, in a chain, and whatever has been waited."""
    waited = min(waited, days[0] - 1)
    steps = [
        step(f"{at}", weeks(more / 7), *([f"{at - 1}"] if at else ()))
        for at, more in enumerate(days)
    ]
    steps[0] = replace(steps[0], waited=waited / 7)
    ahead = forecast(steps, AS_OF, 10)
    on = AS_OF + dt.timedelta(days=sum(days) - waited)

    assert {ahead.date(w) for w in (ahead.p50, ahead.p80, ahead.p90)} == {on}
    last = ahead.passages[steps[-1].id]
    assert ahead.date(last.done) == on
    assert ahead.date(last.begun) == on - dt.timedelta(
        days=days[-1] - waited * (not days[1:])
    )
    assert ahead.runs_by(on) == 10
    assert ahead.runs_by(on - dt.timedelta(days=1)) == 0


def test_nothing_to_do_ends_today():
    """A plan without steps has no way to go."""
    ahead = forecast([], AS_OF)

    assert (ahead.p50, ahead.date(ahead.p90)) == (0, AS_OF)


def test_steps_without_lead_time_take_none():
    """The dates of the others are what is known at least."""
    steps = [step("a"), step("b", weeks(2), "a")]

    assert forecast(steps, AS_OF).p50 == 2


def test_lead_time_at_its_ends_moves_the_median_and_constants_do_not():
    """One step at a time; what waits takes what is left of its low and high."""
    steps = [
        step("a", weeks(2, 3, 7), waited=3.0),
        step("b", weeks(1, 1, 3), "a"),
        step("c", weeks(1)),
    ]

    held = held_at_ends(steps)

    assert list(held) == ["a", "b"]
    assert held["a"][1] - held["a"][0] == pytest.approx(4, abs=0.02)
    assert held["b"][1] - held["b"][0] == pytest.approx(2, abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "more", "moved"),
    [("a", 1, 1), ("a", 4, 4), ("b", 1, 0), ("b", 4, 2), ("c", 1, 1)],
)
def test_end_moves_by_what_a_step_takes_more_less_its_slack(name, more, moved):
    """Of two paths of 5 and 3 weeks the shorter has two weeks to spare."""
    steps = [step("a", weeks(4)), step("b", weeks(2)), step("c", weeks(1), "a", "b")]

    assert moved_by(steps, name, more) == moved


def test_benchmark_and_its_loop_agree(capsys):
    """Both walk the same plan; how long they take is not asked here."""
    benchmark.main()

    means = re.search(r"mean ([\d.]+) and ([\d.]+) weeks", capsys.readouterr().out)
    assert float(means[1]) == pytest.approx(float(means[2]), rel=0.02)


def test_graph_leads_from_a_step_to_what_waits_for_it():
    """Edges follow the course of time."""
    graph = plan_graph([step("a"), step("b", None, "a")])

    assert list(graph.edges) == [("a", "b")]
