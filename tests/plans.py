"""Small plans for tests: steps made in one line, and cases that have them."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from flight_case import ACTIONS, RESOURCES, SCOPE, flight_assessment, flight_bank
from readybook.model.case import Action, Range, Value
from readybook.plan.outlook import prospect_of
from readybook.plan.steps import PlanStep, derive_plan
from readybook.score.score import score

BANK = flight_bank()
AS_OF = dt.date(2026, 11, 30)


def weeks(low, likely=None, high=None):
    """A range; one figure is a constant."""
    return Range(
        low=low,
        likely=low if likely is None else likely,
        high=low if high is None else high,
    )


def step(name, lead=None, *needs, **more):
    """An action with a lead time, after what it needs."""
    return PlanStep(
        name,
        f"Do {name}.",
        "action",
        more.pop("owner", "sponsor"),
        tuple(needs),
        lead,
        **more,
    )


def action(name, owner="sponsor", **more):
    """An open action."""
    return Action(id=name, action=f"Do {name}.", owner=owner, **more)


def case(*actions, **documents):
    """The small case with these actions, all permissions granted or undeclared."""
    documents.setdefault("resources", None)
    declared = ACTIONS.model_copy(update={"actions": tuple(actions)})
    return flight_assessment(actions=declared, **documents)


def plan_of(assessment):
    return derive_plan(score(BANK, assessment), assessment, BANK)


def ahead_of(assessment):
    return prospect_of(score(BANK, assessment), assessment, BANK)


def resource(**changes):
    """The small case's cloud account, asked for and not granted, changed."""
    changed = RESOURCES.resources[1].model_copy(update=changes)
    return RESOURCES.model_copy(update={"resources": (changed,)})


@st.composite
def leads(draw):
    """Lead times from 0 to 30 weeks; some are constants."""
    ends = sorted(
        draw(st.lists(st.integers(0, 300), min_size=3, max_size=3).map(sorted))
    )
    return weeks(*(end / 10 for end in ends))


@st.composite
def plans(draw, most=8):
    """Steps without a circle, each needing some before it; some wait already."""
    made = []
    for at in range(draw(st.integers(1, most))):
        earlier = [one.id for one in made]
        needs = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        lead = draw(leads())
        # Past its high a lead time begins afresh, which is a rule of its own.
        waited = draw(st.floats(0, 0.95)) * lead.high if draw(st.booleans()) else 0.0
        made.append(step(f"step-{at}", lead, *needs, waited=waited))
    return made


VALUE = Value(
    currency="USD",
    cost_of_delay_per_week=weeks(10, 20, 40),
    gain_per_year=weeks(1_200, 2_400, 3_600),
    run_cost_per_year=weeks(240, 600, 900),
    build_cost=weeks(100, 200, 300),
    day_rate=weeks(1, 2, 3),
    source="Finance",
)
ACCEPTED = dt.date(2026, 11, 2)


def valued(**changes):
    """The scope with these figures."""
    return SCOPE.model_copy(update={"value": VALUE.model_copy(update=changes)})


def dated(*actions, **documents):
    """A case in which every gate is decided, and the history has a way around."""
    documents.setdefault("scope", valued())
    gates = ("AVL-03", "PRV-04", "PRV-12")
    every = [
        action("first", decides=gates, lead_time_weeks=weeks(1), effort_days=weeks(0)),
        action(
            "load",
            workaround_for="history/flights",
            accepted_on=ACCEPTED,
            lead_time_weeks=weeks(2),
            effort_days=weeks(1, 2, 3),
            cost=weeks(5),
        ),
        *actions,
    ]
    return case(*every, **documents)
