"""What leadership is asked to decide, whose move a gate is, and what waiting costs.

Pure functions over models: nothing is drawn here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from readybook.model.actions import Action
from readybook.model.case import Assessment
from readybook.model.results import GateState, Result, Standing
from readybook.model.words import (
    count,
    days,
    level_word,
    money_range,
    sentence,
)
from readybook.show.kit.case import Case

__all__ = [
    "Ask",
    "Move",
    "cost_of_a_month",
    "gates_in_state",
    "leadership_asks",
    "move_for",
    "promised",
    "step_from",
]

_MOST = 3
_WEEKS_A_MONTH = 52 / 12
_URGENCY: tuple[GateState | None, ...] = ("failed", "undecided", "passed", None)


@dataclass(frozen=True)
class Ask:
    """One decision that only leadership can take."""

    what: str
    role: str  #: title of the role that it falls to
    due: dt.date | None  #: None: no date was agreed
    why: str  #: what depends on it, in words


@dataclass(frozen=True)
class Move:
    """The next step on a question, and the title of the role whose move it is."""

    role: str
    do: str


def gates_in_state(result: Result, state: GateState) -> list[Standing]:
    """Return the gates in force that are in this state, in bank order."""
    return [s for s in result.standings if s.gate_state == state]


def leadership_asks(case: Case) -> tuple[Ask, ...]:
    """Return at most three decisions that only leadership can take.

    First open actions marked for leadership (those that decide failed gates, then
    undecided ones), then roles that nobody answers for though a gate waits for them,
    then resources that were asked for and not granted.
    """
    asks = [
        *_from_actions(case),
        *_from_empty_roles(case),
        *_from_waiting_resources(case),
    ]
    return tuple(asks[:_MOST])


def _from_actions(case: Case) -> Iterator[Ask]:
    actions = case.assessment.actions.actions
    wanted = [a for a in actions if a.leadership and a.state == "open"]
    states = {s.question.id: s.gate_state for s in case.result.standings}

    def urgency(action: Action) -> tuple[int, dt.date]:
        ranks = [_URGENCY.index(states.get(q)) for q in action.decides]
        return min(ranks, default=len(_URGENCY)), action.due or dt.date.max

    for action in sorted(wanted, key=urgency):
        gates = [q for q in action.decides if states.get(q) in {"failed", "undecided"}]
        why = f"decides {', '.join(gates)}" if gates else ""
        owner = case.title(action.owner)
        yield Ask(sentence(action.action), owner, action.due, why)


def _from_empty_roles(case: Case) -> Iterator[Ask]:
    holders = case.assessment.stakeholders.roles
    empty = {h.role for h in holders if h.held_by == "nobody-yet"}
    waiting: dict[str, list[str]] = {}
    for state in ("failed", "undecided"):
        for standing in gates_in_state(case.result, state):
            if standing.question.authority in empty:
                gates = waiting.setdefault(standing.question.authority, [])
                gates.append(standing.question.id)
    has_sponsor = any(role.id == "sponsor" for role in case.bank.roles)
    sponsor = case.title("sponsor") if has_sponsor else "Leadership"
    for role, gates in waiting.items():
        what = f"Name who answers as {_lower(case.title(role))}."
        yield Ask(what, sponsor, None, f"nobody yet, and {', '.join(gates)} waits")


def _from_waiting_resources(case: Case) -> Iterator[Ask]:
    as_of = case.assessment.as_of
    waiting = [
        (row.asked_on, row)
        for row in case.assessment.resources.resources
        if row.asked_on
        and row.asked_on <= as_of
        and not any(on and on <= as_of for on in (row.granted_on, row.refused_on))
    ]
    for asked_on, row in sorted(waiting, key=lambda one: one[0]):
        granter = case.title(row.grants, nothing="Nobody named yet")
        lead = row.lead_time_days
        said = "" if lead is None else f"; it was to take {count(lead, 'day')}"
        why = f"asked {days(asked_on, as_of)} ago{said}"
        yield Ask(f"Decide on {_lower(row.what)}.", granter, None, why)


def _lower(text: str) -> str:
    """Return the text with a small first letter, unless it begins an abbreviation."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def cost_of_a_month(assessment: Assessment) -> str | None:
    """Return what a month of waiting costs, low to high; None if not declared."""
    value = assessment.scope.value
    if value is None or value.cost_of_delay_per_week is None:
        return None
    week = value.cost_of_delay_per_week
    low, high = week.low * _WEEKS_A_MONTH, week.high * _WEEKS_A_MONTH
    return money_range(low, high, value.currency)


def move_for(standing: Standing, case: Case) -> Move:
    """Return whose move a question is: an answer, a proof or the next step."""
    question = standing.question
    authority = case.title(question.authority)
    wanted = standing.gate.level if standing.gate else standing.bounds.upper
    if standing.cap < wanted or (standing.claim and standing.claim.upper < wanted):
        return step_from(standing, case)
    settling = next((f for f in case.result.settle if f.id == question.id), None)
    if standing.status == "unknown":
        return Move(authority, f"Find out: {question.text}")
    if standing.claim is None:
        return Move(settling.role if settling else authority, question.text)
    return Move(settling.role if settling else authority, f"Show it: {question.proof}")


def step_from(standing: Standing, case: Case) -> Move:
    """Return the step that gains the level after the one that stands."""
    level = standing.bounds.lower
    if level >= len(standing.question.next):
        role = case.title(standing.question.authority)
        return Move(role, "Keep watching it.")
    step = standing.question.next[level]
    gains = level_word(level + 1)
    return Move(case.title(step.role), f"{sentence(step.do)} Gains: {gains}.")


def promised(assessment: Assessment, question_id: str) -> tuple[Action, ...]:
    """Return the open actions that are to decide a question, in file order."""
    actions = assessment.actions.actions
    return tuple(a for a in actions if a.state == "open" and question_id in a.decides)
