"""The life of an action: proposed, accepted, under way, late, done or dropped; pure.

That an action is done moves no level. What it decides is named until an answer, a
document or a measurement of that day or later is there: the next look at the case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from readybook.model.actions import Action
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.results import Result, Standing
from readybook.model.words import day, role_title

__all__ = ["ActionState", "action_notes", "awaited", "state_on"]

ActionState = Literal["proposed", "accepted", "under way", "late", "done", "dropped"]


def state_on(action: Action, day: dt.date) -> ActionState:
    """Return the state of an action on a day; what is dated later had not happened."""
    if action.state == "dropped":
        return "dropped"
    if action.state == "done" and (action.done_on is None or action.done_on <= day):
        return "done"
    if action.due and action.due < day:
        return "late"
    if action.started_on and action.started_on <= day:
        return "under way"
    is_accepted = action.accepted_on is not None and action.accepted_on <= day
    return "accepted" if is_accepted else "proposed"


def awaited(action: Action, result: Result) -> tuple[str, ...]:
    """Return what a done action was to decide and nobody has looked at since.

    Without the day on which it was done, that is everything that it decides.
    """
    if state_on(action, result.as_of) != "done":
        return ()
    by_id = {standing.question.id: standing for standing in result.standings}
    asked = [by_id[name] for name in action.decides if name in by_id]
    return tuple(
        standing.question.id
        for standing in asked
        if standing.status != "not asked" and not _is_newer(standing, action.done_on)
    )


def _is_newer(standing: Standing, done_on: dt.date | None) -> bool:
    if done_on is None:
        return False
    return any(date >= done_on for date in _looked_at(standing))


def _looked_at(standing: Standing) -> Iterator[dt.date]:
    """Yield the days on which something became known of a question."""
    yield from (given.date for given in standing.given if given.counts)
    if standing.agreed_on:
        yield standing.agreed_on
    yield from (
        reason.date
        for reason in standing.derivation
        if reason.rule == "proof" and reason.date
    )
    yield from (
        finding.measured_on
        for check in standing.checks
        for finding in check.findings
        if finding.outcome in {"supports", "contradicts"}
    )


def action_notes(result: Result, assessment: Assessment, bank: Bank) -> tuple[str, ...]:
    """Return one sentence for each done action that cannot be taken at its word."""
    return tuple(
        f"actions.yaml: {action.id} {told}"
        for action in assessment.actions.actions
        if state_on(action, assessment.as_of) == "done"
        for told in _notes(action, result, bank)
    )


def _notes(action: Action, result: Result, bank: Bank) -> Iterator[str]:
    if action.proof is None:
        yield "is done, and names no proof: a document, or the evidence that shows it"
    if action.done_on is None:
        yield "is done, and does not say since when: done_on"
    elif waiting := awaited(action, result):
        roles = dict.fromkeys(
            role_title(bank, result.standing(name).question.authority)
            for name in waiting
        )
        names, who = ", ".join(waiting), ", ".join(roles)
        yield (
            f"is done since {day(action.done_on)}, and nothing of that day or later is "
            f"known of {names}: {who} can answer again, or it is measured"
        )
