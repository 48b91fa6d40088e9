"""What waiting costs and what is worth doing first: ranges, and nothing made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flight_case import SCOPE, STAKEHOLDERS
from plans import (
    AS_OF,
    VALUE,
    action,
    ahead_of,
    case,
    dated,
    leads,
    plans,
    resource,
    step,
    valued,
    weeks,
)
from readybook.plan.forecast import forecast, held_at_ends
from readybook.plan.outlook import (
    assumptions,
    cost_of_weeks,
    load_of,
    missing,
    months_to_break_even,
    swings,
    work_cost,
)

# --- money -------------------------------------------------------------------------


def test_weeks_cost_what_each_of_them_costs():
    """Low, likely and high by the number of weeks."""
    assert cost_of_weeks(13, VALUE) == weeks(130, 260, 520)


@pytest.mark.parametrize("value", [None, VALUE.model_copy(update={"day_rate": None})])
def test_work_has_no_price_without_a_day_rate(value):
    """It is not made up."""
    assert work_cost(step("a", effort=weeks(1)), value) is None


def test_work_costs_its_days_at_the_rate_and_what_is_paid_besides():
    """Low with low, high with high."""
    asked = step("a", effort=weeks(1, 2, 3), cost=weeks(5, 6, 7))

    assert work_cost(asked, VALUE) == weeks(6, 10, 16)


def test_least_of_a_difference_takes_the_most_away():
    """Ranges never look narrower than they are."""
    assert weeks(10, 20, 40) - weeks(1, 2, 3) == weeks(7, 18, 39)


def test_months_to_break_even_go_from_best_to_worst():
    """Least to spend and most gain, likely both, most to spend and least gain."""
    best, likely, worst = months_to_break_even([], VALUE)

    assert best == pytest.approx(100 / (3_600 - 240) * 12)
    assert likely == pytest.approx(200 / (2_400 - 600) * 12)
    assert worst == pytest.approx(300 / (1_200 - 900) * 12)


def test_break_even_counts_the_work_that_is_still_to_be_done():
    """Two days at two a day, and four besides."""
    more = step("a", effort=weeks(2), cost=weeks(4))

    _, likely, _ = months_to_break_even([more], VALUE)

    assert likely == pytest.approx(208 / 1_800 * 12)


def test_case_that_costs_more_than_it_brings_never_pays():
    """At worst it never does."""
    poor = VALUE.model_copy(update={"run_cost_per_year": weeks(240, 600, 1_300)})

    assert months_to_break_even([], poor)[2] is None


@pytest.mark.parametrize("key", ["gain_per_year", "run_cost_per_year", "build_cost"])
def test_break_even_is_not_known_without_any_of_its_figures(key):
    """A missing figure is not taken for nothing."""
    assert months_to_break_even([], VALUE.model_copy(update={key: None})) is None
    assert months_to_break_even([], None) is None


# --- actions -----------------------------------------------------------------------


def test_actions_that_decide_gates_come_first_then_worth_per_day():
    """Three gates, then the action that saves most for its days, then the rest."""
    found = ahead_of(
        dated(
            action("slow", lead_time_weeks=weeks(9), effort_days=weeks(10)),
            action(
                "slower",
                needs=("slow",),
                lead_time_weeks=weeks(9),
                effort_days=weeks(5),
            ),
            action("idle", lead_time_weeks=weeks(1), effort_days=weeks(1)),
        )
    )

    ranked = [one.step.id for one in found.actions]

    assert ranked == ["first", "slower", "slow", "idle", "load"]
    assert found.actions[0].gates == ("AVL-03", "PRV-04", "PRV-12")


def test_worth_is_weeks_saved_at_the_cost_of_delay_less_its_own_cost():
    """9 weeks of 18 at 10 to 40 a week, less 5 days at 1 to 3."""
    found = ahead_of(
        dated(action("slow", lead_time_weeks=weeks(18), effort_days=weeks(5)))
    )
    worth = next(one for one in found.actions if one.step.id == "slow")

    assert worth.weeks == 16  # until the loading, 2 weeks, is the last to end
    assert worth.saved == weeks(160, 320, 640)
    assert worth.net == weeks(145, 310, 635)
    assert worth.per_day == 62


def test_action_without_declared_effort_has_savings_and_no_worth():
    """Half of the sum is told, the rest is named as missing."""
    found = ahead_of(dated(action("slow", lead_time_weeks=weeks(18))))
    worth = next(one for one in found.actions if one.step.id == "slow")

    assert (worth.saved, worth.net, worth.per_day) == (weeks(160, 320, 640), None, None)
    assert ("Effort: Do slow.", "sponsor") in [(m.what, m.role) for m in found.missing]


def test_without_a_date_nothing_is_said_to_save_weeks():
    """One lead time is missing, so all savings are."""
    found = ahead_of(dated(action("open")))

    assert found.forecast is None
    assert [one.id for one in found.undated] == ["open"]
    assert {one.weeks for one in found.actions} == {None}
    assert found.swings == ()


def test_workarounds_say_what_they_cost_and_save():
    """The one that was taken saves the collecting, the one on offer the waiting."""
    found = ahead_of(
        dated(
            action(
                "use", needs=("permission/cloud-account",), lead_time_weeks=weeks(1)
            ),
            action(
                "rent",
                workaround_for="permission/cloud-account",
                lead_time_weeks=weeks(2),
                effort_days=weeks(1),
            ),
            resources=resource(asked_on=None, lead_time_weeks=weeks(10)),
        )
    )
    load, rent = sorted(found.detours, key=lambda one: one.step.id)

    assert (load.is_taken, rent.is_taken) == (True, False)
    assert load.weeks == pytest.approx(549 / 7 - 11, abs=0.01)
    assert (rent.weeks, rent.cost) == (8, weeks(1, 2, 3))


# --- figures -----------------------------------------------------------------------


def test_every_declared_figure_is_told_with_its_source():
    """In one order, whatever the file's."""
    told = [(one.what, one.figure.likely) for one in assumptions(dated())]

    assert told == [
        ("Cost of delay", 20),
        ("Day rate", 2),
        ("Gain once it runs", 2_400),
        ("Cost of running it", 600),
        ("Cost of building it, still to be spent", 200),
    ]
    assert {one.source for one in assumptions(dated())} == {"Finance"}
    assert [one.unit for one in assumptions(dated())] == [
        *("a week", "a person-day", "a year", "a year", "")
    ]
    few = dated(scope=valued(day_rate=None, build_cost=None))
    assert [one.what for one in assumptions(few)] == [
        *("Cost of delay", "Gain once it runs", "Cost of running it")
    ]
    assert [one.what for one in missing((), few)] == [
        *("Day rate", "Cost of building it, still to be spent")
    ]
    assert [*assumptions(case(scope=SCOPE.model_copy(update={"value": None})))] == []


def test_every_missing_figure_is_named_with_the_role_that_can_give_it():
    """Of money, of lead times, of effort and of days per week."""
    scope = SCOPE.model_copy(update={"value": None})
    lacking = missing(
        [step("a"), step("b", weeks(1), effort=weeks(2))], case(scope=scope)
    )

    assert [(one.what, one.role, one.needed_for) for one in lacking] == [
        ("Lead time: Do a.", "sponsor", "the date"),
        ("Cost of delay", "finance", "what waiting costs"),
        ("Day rate", "finance", "what an action is worth"),
        ("Gain once it runs", "business-owner", "the break-even"),
        ("Cost of running it", "finance", "the break-even"),
        ("Cost of building it, still to be spent", "finance", "the break-even"),
        ("Effort: Do a.", "sponsor", "worth and load"),
        ("Days per week for the case", "sponsor", "the load"),
    ]


def test_figure_that_moves_the_result_most_stands_first():
    """Each alone at its low and its high, in money; constants are left out."""
    steps = [step("a", weeks(10, 10, 30), effort=weeks(1, 1, 5)), step("b", weeks(2))]
    p50 = forecast(steps, AS_OF).p50

    found = swings(steps, VALUE, p50, held_at_ends(steps))

    assert [one.what for one in found] == [
        "Lead time: Do a.",
        "Cost of delay",
        "Effort: Do a.",
        "Day rate",
    ]
    assert found[0].low == pytest.approx(10 * 20 + 2, abs=0.1)
    assert found[0].high == pytest.approx(30 * 20 + 2, abs=0.1)
    assert found[1].low == pytest.approx(10 * p50 + 2, abs=0.01)
    assert found[1].high == pytest.approx(40 * p50 + 2, abs=0.01)
    assert (found[2].size, found[3].size) == (8, 2)


def test_without_a_cost_of_delay_the_result_is_in_weeks():
    """Lead times alone can be compared."""
    steps = [step("a", weeks(1, 2, 4), effort=weeks(1, 2, 3))]

    (found,) = swings(steps, None, forecast(steps, AS_OF).p50, held_at_ends(steps))

    assert (found.what, found.size) == ("Lead time: Do a.", pytest.approx(3, abs=0.01))


# --- load --------------------------------------------------------------------------


def held_by(days):
    """The stakeholders, the sponsor with so many days a week."""
    sponsor = STAKEHOLDERS.roles[0].model_copy(update={"days_per_week": days})
    return STAKEHOLDERS.model_copy(update={"roles": (sponsor,)})


def test_load_is_spread_over_the_time_of_each_step():
    """4 days over 2 weeks, then 3 days in one; 2.5 a week are not enough for that."""
    steps = [
        step("a", weeks(2), effort=weeks(4)),
        step("b", weeks(1), "a", effort=weeks(3)),
    ]
    assessment = case(stakeholders=held_by(2.5))

    (load,) = load_of(steps, assessment, forecast(steps, AS_OF))

    assert (load.role, load.weeks, load.over) == ("sponsor", (2, 2, 3), (2,))
    assert (load.days, load.has) == (weeks(7, 7, 7), 2.5)


def test_load_without_days_per_week_is_over_in_no_week_that_is_known():
    """What a role has is not made up, and steps without effort are named."""
    steps = [step("a", weeks(1), effort=weeks(9)), step("b", weeks(1))]

    (load,) = load_of(steps, case(stakeholders=None), forecast(steps, AS_OF))

    assert (load.has, load.over, load.unknown) == (None, (), ("b",))


def test_load_without_a_date_has_no_weeks():
    """Without lead times nobody knows when."""
    (load,) = load_of([step("a", effort=weeks(1))], case(), None)

    assert (load.weeks, load.days) == ((), weeks(1, 1, 1))


def test_work_without_duration_falls_into_one_week():
    """A lead time of 0 is a moment."""
    steps = [step("a", weeks(0), effort=weeks(2))]

    (load,) = load_of(steps, case(), forecast(steps, AS_OF))

    assert load.weeks == (2,)


@pytest.mark.slow
@given(plans(), leads())
def test_all_effort_is_in_some_week(steps, effort):
    """Spreading loses nothing, whatever the plan."""
    busy = [step(s.id, s.lead, *s.needs, effort=effort) for s in steps]

    (load,) = load_of(busy, case(), forecast(busy, AS_OF, 200))

    assert sum(load.weeks) == pytest.approx(effort.likely * len(busy), abs=0.05)


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_spans_keep_their_order(a, b, c):
    """Low is never above likely, likely never above high."""
    low, likely, high = sorted((a, b, c))
    span = weeks(low, likely, high)

    for one in (span + span, span - span, span * 3, span * span):
        assert one.low <= one.likely <= one.high
