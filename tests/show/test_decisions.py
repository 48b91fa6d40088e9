"""What leadership is asked ends what fails or delays, by whom, by when, at what cost."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import RESOURCES, SCOPE, STAKEHOLDERS, flight_assessment, flight_bank
from plans import AS_OF, action, step, weeks
from plans import case as planned
from readybook.model.case import Range, RoleHolder
from readybook.plan.forecast import forecast
from readybook.show.action_list import due_missed
from readybook.show.decisions import (
    cost_of_a_month,
    declared_by,
    if_refused,
    leadership_asks,
    move_for,
    promised,
    runs_kept,
)
from shown import case_of

BANK = flight_bank()
FAILING = ("AVL-03", "PRV-04")  # PRV-12 is undecided, and nobody holds its role


def asks_of(assessment):
    return leadership_asks(case_of(assessment, BANK))


def case(*actions, **documents):
    """The small case with these actions; its machine is granted, and has no swap."""
    machine = RESOURCES.model_copy(update={"resources": RESOURCES.resources[:1]})
    return planned(*actions, **{"resources": machine} | documents)


def vacant(*roles):
    """A register in which nobody holds these roles."""
    rows = (RoleHolder(role=role, held_by="nobody-yet") for role in roles)
    return STAKEHOLDERS.model_copy(update={"roles": tuple(rows)})


def test_each_failing_gate_has_an_ask_before_all_others():
    """What is declared for it, then a role that an undecided gate waits for."""
    asks = asks_of(flight_assessment())

    assert [(ask.what, ask.role, ask.state) for ask in asks] == [
        ("Have SWF delivered, or strike it from the data model.", "Data owner", "late"),
        ("Give the training node 8 GiB of swap.", "Platform lead", "proposed"),
        ("Name who answers as security lead.", "Sponsor", ""),
    ]
    assert asks[0].why == "Ends a failing gate: Categories populated (AVL-03)."
    assert asks[2].why == "Nobody yet, and Security review (PRV-12) waits."


def test_failing_gate_without_an_action_gets_a_drafted_one():
    """From the bank's next step, with those that follow until the gate's minimum."""
    asks = asks_of(case(stakeholders=None))

    assert [(ask.what, ask.role, ask.state) for ask in asks] == [
        ("Bring it to partly in place.", "Data owner", "proposed by readybook"),
        ("Bring it to partly in place.", "Platform lead", "proposed by readybook"),
    ]
    assert asks[0].also.endswith("needs Data owner: bring it to in place.")


@pytest.mark.parametrize("declared", [True, False])
def test_vacant_role_is_never_asked(declared):
    """Whoever fills the role is, whether the action is declared or drafted."""
    actions = (action("swf", "data-owner", decides=("AVL-03",)),) if declared else ()
    asks = asks_of(case(*actions, stakeholders=vacant("data-owner", "security")))

    assert {ask.role for ask in asks} == {"Sponsor", "Platform lead"}
    assert asks[0].what.startswith("Name who answers as data owner, whose move it is: ")
    assert sum("data owner" in ask.what for ask in asks) == 1


def test_step_that_nobody_owns_is_asked_of_whoever_names_people():
    """A permission that nobody is named for cannot be asked for."""
    waiting = RESOURCES.resources[1].model_copy(
        update={"grants": None, "lead_time_days": 7_000}
    )
    machine = RESOURCES.model_copy(
        update={"resources": (RESOURCES.resources[0], waiting)}
    )
    asks = asks_of(case(action("both", decides=FAILING), resources=machine))

    assert (asks[1].what, asks[1].role) == (
        "Name whose move it is: Permission: Cloud account.",
        "Sponsor",
    )


def test_longest_delay_is_asked_about_after_what_fails():
    """What can begin today and delays the end in most runs."""
    asks = asks_of(
        case(
            action("short", lead_time_weeks=weeks(1)),
            action("swf", decides=FAILING[:1], lead_time_weeks=weeks(2)),
            action("swap", decides=FAILING[1:], lead_time_weeks=weeks(2)),
            action("long", lead_time_weeks=weeks(500)),
            action("after", needs=("long",), lead_time_weeks=weeks(5)),
        )
    )

    assert [ask.what for ask in asks] == ["Do swf.", "Do swap.", "Do long."]
    assert asks[2].why == (
        "Ends the longest delay: the end waits for it in 100 of 100 runs."
    )


def test_action_that_ends_two_gates_is_asked_once():
    """No ask stands twice."""
    asks = asks_of(case(action("both", decides=FAILING), stakeholders=None))

    assert [ask.what for ask in asks] == ["Do both."]


def test_actions_for_leadership_come_where_there_is_room():
    """Behind what fails: first those of undecided gates, of two the sooner."""
    due = dt.date(2026, 12, 1)
    swf = action("swf", decides=FAILING)
    marked = [
        action("no-gate", due=due, leadership=True),
        action("later", decides=("PRV-12",), leadership=True),
        action("sooner", decides=("PRV-12",), due=due, leadership=True),
    ]

    asks = asks_of(case(swf, *marked))
    assert [ask.what for ask in asks] == ["Do swf.", "Do sooner.", "Do later."]
    assert asks[1].why == "Decides PRV-12."
    assert len(asks_of(case(swf, marked[0]))) == 3
    assert asks_of(case(swf, marked[0]))[1].what == "Do no-gate."


EACH = " and ".join(
    f"an end to “No row of flights has {name} as its origin”" for name in ("SWF", "JFK")
)


@pytest.mark.parametrize(
    ("what", "also"),
    [
        ("Have SWF delivered.", "an end to “No row of flights has JFK as its origin”"),
        ("Have JFK delivered.", "an end to “No row of flights has SWF as its origin”"),
        ("Have it delivered.", EACH),
        ("Have SWF2 and JFKs delivered.", EACH),
        ("Have SWF and JFK delivered.", ""),
    ],
)
def test_ask_that_is_not_enough_says_what_else_the_gate_needs(what, also):
    """Each thing that its checks found, but for what the action names as a word."""
    assessment = case(
        action("swf", "data-owner", decides=FAILING[:1]).model_copy(
            update={"action": what}
        )
    )
    found = assessment.data.findings
    empty = next(f for f in found if f.check == "categories-populated")
    twice = tuple(
        empty.model_copy(
            update={
                "message": f"No row of flights has {name} as its origin.",
                "series": (
                    empty.series[0].model_copy(
                        update={
                            "points": tuple(
                                p.model_copy(update={"value": 0})
                                for p in empty.series[0].points
                                if p.label == name
                            )
                        }
                    ),
                ),
            }
        )
        for name in ("SWF", "JFK")
    )
    shown = case_of(assessment, BANK)
    stand = shown.result.standing("AVL-03")
    check = stand.checks[0].model_copy(update={"findings": twice})
    changed = stand.model_copy(update={"checks": (check,)})
    result = shown.result.model_copy(
        update={
            "standings": tuple(
                changed if s is stand else s for s in shown.result.standings
            )
        }
    )
    ask = leadership_asks(case_of(assessment, BANK, result=result))[0]

    assert ask.also == (f"The gate also needs {also}." if also else "")
    assert ask.why.startswith("Is needed to end" if also else "Ends")


def test_other_actions_of_a_gate_are_what_else_it_needs():
    """One is asked for, the others are named with their role."""
    asks = asks_of(
        case(action("one", decides=FAILING), action("two", decides=FAILING[1:]))
    )

    assert "also needs" not in asks[0].also
    assert asks_of(case(*(action(n, decides=FAILING[:1]) for n in ("one", "two"))))[
        0
    ].also.endswith("needs “Do two” (Sponsor).")


def test_ask_says_what_it_takes_as_declared():
    """Weeks, days and money, each only where it is declared."""
    full = action(
        "swf",
        decides=FAILING,
        lead_time_weeks=weeks(1),
        effort_days=weeks(2, 4, 8),
        cost=Range(low=2_000, likely=4_000, high=9_000),
    )

    assert asks_of(case(full))[0].takes == (
        "1 week, 2 to 8 person-days, USD 2,000 to 9,000"
    )
    assert asks_of(case(action("swf", decides=FAILING)))[0].takes == ""


@pytest.mark.parametrize(
    ("due", "missed"),
    [
        (13, "due before it can begin, likely 14 December 2026"),
        (14, "due before it is likely done, 21 December 2026"),
        (20, "due before it is likely done, 21 December 2026"),
        (21, ""),
        (None, ""),
    ],
)
def test_due_date_is_held_against_the_likely_dates(due, missed):
    """A date that its own plan cannot keep is no date."""
    ahead = forecast([step("a", weeks(2)), step("b", weeks(1), "a")], AS_OF, 10)
    on = due and dt.date(2026, 12, due)

    assert due_missed("b", on, ahead) == missed
    assert due_missed("not on the way", on, ahead) == ""


@pytest.mark.parametrize(
    ("days", "told"), [(-1, "0 of 10 runs keep"), (0, "10 of 10 runs keep")]
)
def test_runs_that_keep_the_target_are_counted(days, told):
    """As counts, to the day."""
    ahead = forecast([step("a", weeks(2))], AS_OF, 10)

    assert runs_kept(ahead, ahead.date(2) + dt.timedelta(days=days)).startswith(told)


@pytest.mark.parametrize(
    ("update", "told"),
    [
        ({}, "declared without an owner"),
        ({"by": "finance"}, "declared by Finance, without a date"),
        ({"by": "finance", "on": AS_OF}, "declared by Finance on 30 November 2026"),
    ],
)
def test_money_is_told_with_who_declared_it(update, told):
    """No number without its owner, and where it has none that is said."""
    value = SCOPE.value.model_copy(update=update)

    assert declared_by(value, case_of(flight_assessment(), BANK)) == told


def test_no_leaves_the_gates_failed_and_costs_only_what_is_declared():
    """What happens on a no."""
    scope = SCOPE.model_copy(update={"value": None})
    refused = if_refused(case_of(flight_assessment(scope=scope), BANK))

    assert refused == "On a no, the gates stay failed and the case stays not ready."


def test_month_costs_fifty_two_weeks_by_twelve():
    """From the declared low to the declared high, rounded."""
    assert cost_of_a_month(SCOPE.value) == "USD 170,000 to 560,000"


def test_cost_that_nobody_declared_is_not_invented():
    """No figure, no number."""
    scope = SCOPE.model_copy(update={"value": None})

    assert cost_of_a_month(scope.value) is None


def test_move_is_the_next_step_where_the_level_is_too_low():
    """A failed gate needs work, and the bank says whose."""
    case = case_of(flight_assessment(), BANK)

    move = move_for(case.result.standing("AVL-03"), case)

    assert move.role == "Data owner"
    assert move.in_full == "Bring it to partly in place. Gains: partly in place."


def test_move_is_an_answer_where_none_was_given():
    """An unanswered gate waits for the role whose answer counts."""
    case = case_of(flight_assessment(), BANK)

    move = move_for(case.result.standing("PRV-12"), case)

    assert move.role == "Security lead"
    assert move.do.startswith("How far is it")


def test_move_is_a_measurement_where_a_check_was_not_made():
    """A document would carry nothing there: whoever reads it is told what would."""
    case = case_of(flight_assessment(probes={}), BANK)

    move = move_for(case.result.standing("PRV-04"), case)
    assert move.do == "Measure it: Swap suffices."


def test_move_is_a_proof_where_it_was_only_said():
    """A claim that is high enough, with no check to make, lacks nothing but its proof."""
    question = BANK.sections["PRV"][0].model_copy(update={"checks": ()})
    sections = {**BANK.sections, "PRV": (question, *BANK.sections["PRV"][1:])}
    bank = BANK.model_copy(update={"sections": sections})
    case = case_of(flight_assessment(probes={}), bank)

    assert move_for(case.result.standing(question.id), case).do.startswith("Show it: ")


def test_promised_are_the_open_actions_that_decide_a_question():
    """What is done or dropped promises nothing."""
    assessment = flight_assessment()

    assert [action.id for action in promised(assessment, "AVL-03")] == ["settle-swf"]
    assert promised(assessment, "OWN-01") == ()
