"""What leadership is asked, whose move a gate is, and what waiting costs."""

from __future__ import annotations

import datetime as dt

from flight_case import (
    ACTIONS,
    RESOURCES,
    SCOPE,
    flight_assessment,
    flight_bank,
)
from readybook.show.leadership.decisions import (
    cost_of_a_month,
    leadership_asks,
    move_for,
    promised,
)
from shown import case_of

BANK = flight_bank()


def asks_of(assessment):
    return leadership_asks(case_of(assessment, BANK))


def test_asks_are_actions_first_then_empty_roles_then_waiting_resources():
    """At most three, each with the role that it falls to."""
    asks = asks_of(flight_assessment())

    assert [(ask.what, ask.role) for ask in asks] == [
        ("Have SWF delivered, or strike it from the data model.", "Data owner"),
        ("Name who answers as security lead.", "Sponsor"),
        ("Decide on cloud account.", "Finance"),
    ]
    assert asks[0].due == dt.date(2026, 11, 27)
    assert asks[0].why == "decides AVL-03"
    assert asks[2].why == "asked 63 days ago"


def test_action_that_is_done_or_not_for_leadership_is_not_asked():
    """Leadership is asked only what it alone can decide."""
    assessment = flight_assessment(
        actions=ACTIONS.model_copy(update={"actions": ACTIONS.actions[::2]})
    )

    assert all("SWF" not in ask.what for ask in asks_of(assessment))


def test_nothing_is_asked_where_nothing_was_declared():
    """No document, no ask: nothing is invented."""
    assessment = flight_assessment(actions=None, stakeholders=None, resources=None)

    assert asks_of(assessment) == ()


def test_resource_whose_grantor_nobody_named_says_so():
    """A permission that was asked of nobody is asked of nobody named yet."""
    waiting = RESOURCES.resources[1].model_copy(update={"grants": None})
    assessment = flight_assessment(
        actions=None,
        stakeholders=None,
        resources=RESOURCES.model_copy(update={"resources": (waiting,)}),
    )

    assert asks_of(assessment)[0].role == "Nobody named yet"


def test_waiting_resource_says_its_lead_time():
    """How long it was to take stands beside how long it has taken."""
    waiting = RESOURCES.resources[1].model_copy(update={"lead_time_days": 30})
    assessment = flight_assessment(
        actions=None,
        stakeholders=None,
        resources=RESOURCES.model_copy(update={"resources": (waiting,)}),
    )

    assert asks_of(assessment)[0].why == "asked 63 days ago; it was to take 30 days"


def test_request_and_grant_after_the_as_of_date_have_not_happened():
    """What is granted later still waits; what is asked for later is not asked yet."""
    later = dt.date(2026, 12, 7)
    waiting = RESOURCES.resources[1].model_copy(update={"granted_on": later})
    unasked = waiting.model_copy(update={"asked_on": later, "granted_on": None})
    assessment = flight_assessment(
        actions=None,
        stakeholders=None,
        resources=RESOURCES.model_copy(update={"resources": (waiting, unasked)}),
    )

    assert [ask.why for ask in asks_of(assessment)] == ["asked 63 days ago"]


def test_month_costs_fifty_two_weeks_by_twelve():
    """From the declared low to the declared high, rounded."""
    assert cost_of_a_month(flight_assessment()) == "USD 170,000 to 560,000"


def test_cost_that_nobody_declared_is_not_invented():
    """No figure, no number."""
    scope = SCOPE.model_copy(update={"value": None})

    assert cost_of_a_month(flight_assessment(scope=scope)) is None


def test_move_is_the_next_step_where_the_level_is_too_low():
    """A failed gate needs work, and the bank says whose."""
    case = case_of(flight_assessment(), BANK)

    move = move_for(case.result.standing("AVL-03"), case)

    assert move.role == "Data owner"
    assert move.do == "Bring it to partly in place. Gains: partly in place."


def test_move_is_an_answer_where_none_was_given():
    """An unanswered gate waits for the role whose answer counts."""
    case = case_of(flight_assessment(), BANK)

    move = move_for(case.result.standing("PRV-12"), case)

    assert move.role == "Security lead"
    assert move.do.startswith("How far is it")


def test_move_is_a_proof_where_it_was_only_said():
    """A claim that is high enough lacks nothing but its proof."""
    case = case_of(flight_assessment(probes={}), BANK)

    assert move_for(case.result.standing("PRV-04"), case).do.startswith("Show it: ")


def test_promised_are_the_open_actions_that_decide_a_question():
    """What is done or dropped promises nothing."""
    assessment = flight_assessment()

    assert [action.id for action in promised(assessment, "AVL-03")] == ["settle-swf"]
    assert promised(assessment, "OWN-01") == ()
