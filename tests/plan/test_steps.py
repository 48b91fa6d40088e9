"""Steps are derived from what is open, and workarounds take their places."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import SCOPE
from plans import BANK, action, case, plan_of, resource, step, weeks
from readybook.model.bank import NextStep
from readybook.model.case import Need
from readybook.plan.forecast import forecast
from readybook.plan.steps import Plan, action_notes, derive_plan, next_role
from readybook.score.score import score

PAST, LATER = dt.date(2026, 11, 1), dt.date(2026, 12, 24)


def ids(assessment):
    return [one.id for one in plan_of(assessment).steps]


def permission(**changes):
    (found,) = (
        one
        for one in plan_of(case(resources=resource(**changes))).every
        if one.id.startswith(("permission/", "resource/"))
    )
    return found


def test_permission_that_was_not_granted_is_a_step_with_its_wait():
    """Asked on 28 September, judged on 30 November: nine weeks."""
    found = permission(lead_time_weeks=weeks(2, 4, 8), lead_time_days=30)

    assert (found.id, found.owner, found.waited) == (
        "permission/cloud-account",
        "finance",
        9,
    )
    assert found.lead == weeks(2, 4, 8)
    assert found.source == "resources.yaml: cloud-account lead_time_weeks"


def test_promise_of_the_granter_counts_where_experience_is_not_declared():
    """28 days are 4 weeks, a constant; with neither there is none."""
    assert permission(lead_time_days=28).lead == weeks(4)
    assert permission().lead is None


@pytest.mark.parametrize(
    ("dates", "is_open"),
    [
        ({"granted_on": PAST}, False),
        ({"granted_on": LATER}, True),
        ({"granted_on": PAST, "expires": dt.date(2026, 11, 29)}, True),
        ({"granted_on": PAST, "expires": LATER}, False),
        ({"granted_on": PAST, "refused_on": dt.date(2026, 11, 2)}, True),
        ({"refused_on": dt.date(2026, 10, 1), "granted_on": PAST}, False),
    ],
)
def test_permission_is_open_unless_granted_and_in_force(dates, is_open):
    """A later grant, a lapse and a refusal leave it open."""
    assessment = case(resources=resource(**dates))

    assert ("permission/cloud-account" in ids(assessment)) == is_open


def test_refused_permission_has_not_begun_to_wait():
    """It must be asked for again."""
    assert permission(refused_on=PAST).waited == 0


def test_resource_that_nobody_must_permit_is_a_step_until_a_probe_saw_it():
    """What a probe measured is there."""
    bare = {"grants": None, "asked_on": None}

    assert permission(**bare).id == "resource/cloud-account"
    seen = case(resources=resource(**bare, probe="training-node"))
    assert "resource/cloud-account" not in ids(seen)


def test_history_takes_the_span_needed_less_the_span_held():
    """730 days less 181: 549 days, of the role that the question asks."""
    (found,) = (s for s in plan_of(case()).steps if s.id == "history/flights")

    assert found.lead.low == found.lead.high == pytest.approx(549 / 7)
    assert "549 more days" in found.what


def test_gate_that_no_open_action_decides_is_a_gap_without_lead_time():
    """Failed AVL-03 and PRV-04, undecided PRV-12, each with whose move it is."""
    open_gates = {s.id: s.owner for s in plan_of(case()).steps if s.kind == "gap"}
    decided = ids(case(action("a", decides=("AVL-03", "PRV-12"))))

    assert open_gates == {
        "gap/AVL-03": "data-owner",
        "gap/PRV-04": "platform-lead",
        "gap/PRV-12": "security",
    }
    assert [one for one in decided if one.startswith("gap/")] == ["gap/PRV-04"]
    other = NextStep(do="Mend it", role="finance")
    first, question, *rest = BANK.sections["AVL"]
    steps = (*question.next[:1], other, *question.next[2:])
    moved = question.model_copy(update={"next": steps})
    sections = {**BANK.sections, "AVL": (first, moved, *rest)}
    bank = BANK.model_copy(update={"sections": sections})
    assessment = case()
    plan = derive_plan(score(bank, assessment), assessment, bank)
    assert plan.step("gap/AVL-03").owner == "finance"
    assert plan.step("gap/PRV-12").owner == "security"


def test_condition_that_no_action_decides_is_a_gap_too():
    """Else a case with conditions had a date for "ready" that no condition is in."""
    assessment = case()
    result = score(BANK, assessment).model_copy(update={"conditions": ("QLT-03",)})
    decided = case(action("trace", decides=("QLT-03",)))
    found, planned = (
        [step.id for step in derive_plan(result, one, BANK).steps]
        for one in (assessment, decided)
    )

    assert "gap/QLT-03" in found
    assert "gap/QLT-03" not in planned


@pytest.mark.parametrize(
    ("subject", "role"), [("need swf", "finance"), ("flights.origin", "data-owner")]
)
def test_need_without_a_field_is_asked_of_who_can_say_where_it_is(subject, role):
    """Not of who takes the bank's next step."""
    need = Need(id="swf", what="Departures", use="feature", ask="finance")
    assessment = case(scope=SCOPE.model_copy(update={"needs": (need,)}))
    standing = score(BANK, assessment).standing("AVL-03")
    step = NextStep(role="data-owner", do="Do.", checks=(standing.checks[0].check,))
    told = (
        standing.checks[0]
        .findings[0]
        .model_copy(update={"subject": subject, "outcome": "contradicts"})
    )
    check = standing.checks[0].model_copy(update={"findings": (told,)})
    question = standing.question.model_copy(update={"next": (step,) * 5})
    failing = standing.model_copy(update={"question": question, "checks": (check,)})

    assert next_role(failing, assessment) == role


def test_who_waits_for_a_gap_waits_for_the_action_that_it_became():
    """And an action that is to settle it does not wait for itself."""
    waiting = resource(waits_for=("gap/AVL-03",))
    before, after = (
        {one.id: one.needs for one in plan_of(case(*acts, resources=waiting)).steps}
        for acts in ((), (action("a", decides=("AVL-03",), needs=("gap/AVL-03",)),))
    )
    of_resource = next(one for one in before if before[one])

    assert before[of_resource] == ("gap/AVL-03",)
    assert (after[of_resource], after["a"]) == (("a",), ())


def test_done_and_dropped_actions_are_no_steps_and_are_needed_by_nobody():
    """What is done holds nothing up."""
    assessment = case(
        action("a", state="done"),
        action("b", state="dropped"),
        action("c", needs=("a", "b", "permission/nowhere")),
    )
    (found,) = (s for s in plan_of(assessment).steps if s.kind == "action")

    assert (found.id, found.needs) == ("c", ())


def test_action_of_which_every_gate_has_passed_is_open_and_holds_nothing_up():
    """Unless a step that is on the way needs it, or it decides something else."""
    passed = next(
        s.question.id for s in score(BANK, case()).standings if s.gate_state == "passed"
    )
    done = action("a", decides=(passed,))
    plan = plan_of(case(done))

    assert plan.step("a") not in plan.steps
    for more in ((action("b", needs=("a",)),), ()):
        decides = (passed,) if more else (passed, "AVL-03")
        assert "a" in ids(case(action("a", decides=decides), *more))


@pytest.mark.parametrize("more", [{}, {"workaround_for": "permission/cloud-account"}])
def test_action_that_is_done_later_is_still_a_step(more):
    """On the as-of date nobody had done it, and it made nothing unnecessary."""
    later = action("a", state="done", done_on=LATER, accepted_on=PAST, **more)
    same = later.model_copy(update={"state": "open", "done_on": None})

    assert plan_of(case(later, resources=resource())) == plan_of(
        case(same, resources=resource())
    )
    assert "a" in ids(case(later, resources=resource()))


def test_started_action_has_waited_since_its_start():
    """Two weeks before the as-of date."""
    started = action("a", started_on=dt.date(2026, 11, 16))

    assert plan_of(case(started)).step("a").waited == 2


def test_accepted_workaround_takes_the_place_of_its_step():
    """Who needs the step needs the workaround."""
    assessment = case(
        action("w", workaround_for="permission/cloud-account", accepted_on=PAST),
        action("a", needs=("permission/cloud-account",)),
        resources=resource(),
    )
    plan = plan_of(assessment)
    steps = {one.id: one for one in plan.steps}

    assert "permission/cloud-account" not in steps
    assert steps["a"].needs == ("w",)
    assert plan.taken == {"w"}


@pytest.mark.parametrize("accepted_on", [None, LATER])
def test_proposed_workaround_is_an_offer_and_not_on_the_way(accepted_on):
    """Who needs the workaround needs the step that it would replace."""
    assessment = case(
        action("w", workaround_for="permission/cloud-account", accepted_on=accepted_on),
        action("a", needs=("w",)),
        resources=resource(),
    )
    plan = plan_of(assessment)
    steps = {one.id: one for one in plan.steps}

    assert "w" not in steps
    assert steps["a"].needs == ("permission/cloud-account",)
    assert {s.id for s in plan.toggled("w").steps} >= {"w", "a"}


def test_workaround_that_is_done_takes_its_step_off_the_way():
    """For now nothing waits for it."""
    assessment = case(
        action("w", workaround_for="permission/cloud-account", state="done"),
        resources=resource(),
    )

    assert "permission/cloud-account" not in ids(assessment)


def test_workaround_of_a_workaround_is_followed_to_the_end():
    """Needs are led on over every replacement."""
    plan = Plan(
        every=(step("a", None, "s"), step("s"), step("w"), step("v")),
        replaces={"w": "s", "v": "w"},
        taken=frozenset({"w", "v"}),
    )

    assert [(s.id, s.needs) for s in plan.steps] == [("a", ("v",)), ("v", ())]


def collects(*needs, lead=80):
    """Notes on an action that waits and settles the question of the history."""
    first, question, *rest = BANK.sections["AVL"]
    asks = question.checks[0].model_copy(update={"check": "history-span"})
    asked = question.model_copy(update={"checks": (*question.checks, asks)})
    bank = BANK.model_copy(
        update={"sections": {**BANK.sections, "AVL": (first, asked, *rest)}}
    )
    one = action("more", decides=(asked.id,), needs=needs, lead_time_weeks=weeks(lead))
    assessment = case(action("between", needs=("history/flights",)), one)
    return tuple(action_notes(score(bank, assessment), assessment, bank))


@pytest.mark.parametrize("needs", ["history/flights", "between"])
def test_history_that_an_action_on_the_same_path_collects_once_more_is_told(needs):
    """549 days are 78 weeks; whoever loads them afterwards takes a few."""
    (told,) = collects(needs)

    assert told.startswith("actions.yaml: more waits for history/flights, 78 weeks")
    assert "workaround_for: history/flights" in told
    assert collects(needs, lead=4) == collects() == ()


def test_history_of_a_table_is_one_step_and_histories_run_side_by_side():
    """Whatever needs its fields; the longest of several tables counts."""
    assessment = case()
    found = next(f for f in assessment.data.findings if f.check == "history-span")
    other = found.model_copy(update={"subject": "weather", "value": found.value - 70})
    findings = (*assessment.data.findings, other)
    data = assessment.data.model_copy(update={"findings": findings})
    steps = [
        one
        for one in plan_of(assessment.model_copy(update={"data": data})).steps
        if one.kind == "history"
    ]

    assert len(assessment.needed_tables["flights"]) > 1
    assert [one.id for one in steps] == ["history/flights", "history/weather"]
    assert forecast(steps, assessment.as_of, 10).p50 == pytest.approx((549 + 70) / 7)


def test_step_of_unknown_id_is_refused():
    """A slip in code is not silently nothing."""
    with pytest.raises(KeyError):
        plan_of(case()).step("no-such-step")


def test_bank_of_the_small_case_asks_nobody_for_history():
    """Without a question that history bears on, nobody is named."""
    assert not any(
        b.check == "history-span" for _, q in BANK.questions for b in q.checks
    )
    assert plan_of(case()).step("history/flights").owner is None
