"""What a page of many cases says of one: made once with its report, and kept beside it."""

import datetime as dt
from collections.abc import Iterator

import networkx as nx

from readybook.checks.permissions import permission_state
from readybook.checks.sign_offs import SignOffs
from readybook.model.bank import DIMENSIONS, BankRef
from readybook.model.case import Decision
from readybook.model.portfolio import (
    ActionTold,
    CaseRow,
    GateTold,
    Kind,
    Owed,
    PlanTold,
    Position,
    Promise,
    Ready,
    Wait,
)
from readybook.model.results import Snapshot, Standing
from readybook.model.words import as_list, sentence
from readybook.plan.steps import PlanStep, plan_graph
from readybook.score.freeze import snapshot_of
from readybook.show.action_list import action_rows
from readybook.show.decided import SOON, put_decisions
from readybook.show.decisions import ending_step, gates, move_for, naming
from readybook.show.kit.case import Case

_SHARED = ("permission", "resource", "history")  #: steps that others may wait for
_ROLE = "role/"  #: before a role that nobody holds, where it is waited for
_SPONSOR = "sponsor"
_ONLY = 3  #: parts of a data model that are named before the rest is counted


def ready_told(case: Case) -> Ready:
    """Return when a case is likely to be ready.

    There are dates as the page has them: none where it is ready, no step is open or a
    lead time is missing.
    """
    ahead, least = case.outlook.forecast, case.outlook.least
    is_ready = case.result.verdict.lower == "ready" or not case.outlook.steps
    dates = [] if is_ready or ahead is None else [ahead.p50, ahead.p80, ahead.p90]
    p50, p80, p90 = map(least.date, dates) if dates else (None, None, None)
    undated = tuple(step.id for step in case.outlook.undated)
    return Ready(p50=p50, p80=p80, p90=p90, undated=undated)


def plan_told(case: Case) -> PlanTold:
    """Return dates of *ready*, and every action as it is ranked, for programs."""
    return PlanTold(
        **dict(ready_told(case)),
        actions=tuple(
            ActionTold(
                id=row.action.id,
                title=row.action.action,
                owner=row.action.owner,
                state=row.state,
                due=row.action.due,
                decides=row.action.decides,
                gates=row.worth.gates if row.worth else (),
                criticality=_runs(row.action.id, case),
            )
            for row in action_rows(case)
        ),
    )


def _runs(step: str, case: Case) -> float | None:
    """Return the share of runs in which the end waits for a step; None: off the way."""
    passage = case.outlook.least.passages.get(step)
    return round(passage.critical, 4) if passage else None


def row_of(case: Case, *, touched: dt.date | None) -> CaseRow:
    """Return the row of a case; `touched` is the last day of which anything is known."""
    scope, result, bank = case.assessment.scope, case.result, case.bank
    value, register = scope.value, case.assessment.stakeholders
    told_gates, waits = dict(_gates(case)), tuple(_waits(case))
    owed, promises = owed_to(case), tuple(_promises(case))
    named = {one.role for one in told_gates.values()} | {one.role for one in waits}
    named |= {one.role for one in owed} | {one.role for one in promises}
    roles = sorted(filter(None, named))
    return CaseRow(
        format=1,
        name=case.assessment.name,
        title=scope.title,
        team=scope.team,
        unit=scope.unit,
        phase=scope.phase,
        track=scope.track,
        bank=BankRef(id=bank.id, version=bank.version, fingerprint=bank.fingerprint),
        as_of=result.as_of,
        now=_position(snapshot_of(result), result.as_of),
        earlier=tuple(_position(one.result, one.on, one.name) for one in case.earlier),
        needed={one.section: one.needed for one in result.dimensions},
        gates=told_gates,
        ready=ready_told(case),
        currency=value.currency if value else None,
        cost_of_delay_per_week=value.cost_of_delay_per_week if value else None,
        proof_lapses=result.oldest_proof_lapses,
        touched=touched,
        waits=waits,
        owed=owed,
        promises=promises,
        roles={role: case.title(role) for role in roles},
        vacant=tuple(r for r in roles if register.status(r) == "nobody yet"),
        shared=case.assessment.shared,
    )


def _position(then: Snapshot, on: dt.date, name: str | None = None) -> Position:
    levels = {one.section: one.level for one in then.dimensions}
    return Position(
        on=on,
        name=name,
        verdict=then.verdict,
        headline=then.headline,
        levels={name: levels[name] for name in DIMENSIONS if name in levels},
        failed=then.gates("failed"),
        undecided=then.gates("undecided"),
    )


# --- what it waits for -----------------------------------------------------------------


def _gates(case: Case) -> Iterator[tuple[str, GateTold]]:
    """Yield each gate in force, and the role that owns what is to end it."""
    for standing in gates(case.result, "failed", "undecided", "passed"):
        state, title = standing.gate_state, standing.question.title
        step = ending_step(standing, case) if state != "passed" else None
        if state:
            role = step.owner if step else None
            yield standing.question.id, GateTold(title=title, state=state, role=role)


def _waits(case: Case) -> Iterator[Wait]:
    """Yield steps on the way that are of no one case's own, and roles nobody holds."""
    for step in case.outlook.steps:
        if step.kind in _SHARED:
            runs = _runs(step.id, case) or 0.0
            yield Wait(about=step.id, what=step.what, role=step.owner, runs=runs)
    for role, waiting in _vacant(case).items():
        runs = max((_runs(step.id, case) or 0.0 for step in waiting), default=0.0)
        yield Wait(about=f"{_ROLE}{role}", what=naming(case.title(role)),
                   role=_names(case), runs=runs)  # fmt: skip


def _vacant(case: Case) -> dict[str, list[PlanStep]]:
    """Return the roles that nobody holds though the case waits, and their steps."""
    status = case.assessment.stakeholders.status
    asked = [s.question.authority for s in gates(case.result, "failed", "undecided")]
    found: dict[str, list[PlanStep]] = {}
    for step in case.outlook.steps:
        if step.owner and status(step.owner) == "nobody yet":
            found.setdefault(step.owner, []).append(step)
    for role in asked:
        if status(role) == "nobody yet":
            found.setdefault(role, [])
    return found


def _names(case: Case) -> str | None:
    """Return the role that names who holds another, where the bank has it."""
    return _SPONSOR if any(role.id == _SPONSOR for role in case.bank.roles) else None


# --- what is owed to it ------------------------------------------------------------------


def owed_to(case: Case) -> tuple[Owed, ...]:
    """Return what is owed; of what was asked twice, how it was asked first."""
    found = dict[tuple[str | None, str], Owed]()
    for one in _all_owed(case):
        found.setdefault((one.role, one.about), one)
    return tuple(_waited_for(one, case) for one in found.values())


def _waited_for(one: Owed, case: Case) -> Owed:
    """Return what is owed with the gates and the steps that wait for it."""
    named, _, role = one.about.partition(_ROLE)
    role = "" if named else role
    steps = [
        step
        for step in case.outlook.plan.every
        if step.id == one.about or (role and step.owner == role)
    ]
    settles = {one.about, *(name for step in steps for name in step.decides)}
    asked = [s.question for s in gates(case.result, "failed", "undecided")]
    still = (q.id for q in asked if q.id in settles or q.authority == role)
    graph, ids = plan_graph(case.outlook.steps), {step.id for step in steps}
    behind = {b for name in ids & {*graph} for b in nx.descendants(graph, name)}
    return one.model_copy(update={"gates": (*still,), "behind": len(behind - ids)})


def _all_owed(case: Case) -> Iterator[Owed]:
    soon = case.result.as_of + SOON
    for one in put_decisions(case):
        yield from _decision(one, case)
    yield from _permissions(case)
    for role in _vacant(case):
        yield Owed(role=_names(case), kind="decision", about=f"{_ROLE}{role}",
                   what=naming(case.title(role)))  # fmt: skip
    yield from _answers(case)
    yield from _acceptances(case)
    for made in _promises(case):
        if made.kind == "exception" and made.until and made.until <= soon:
            what = f"Renew the exception, or close it: {made.what}"
            yield Owed(role=made.role, kind="decision", about=made.what, what=what,
                       since=made.on, due=made.until)  # fmt: skip


def _permissions(case: Case) -> Iterator[Owed]:
    """Yield permissions that were asked for and not answered, or that ended."""
    assessment = case.assessment
    for row in assessment.resources.resources:
        one = permission_state(row, assessment.as_of)
        since, due = one.asked, one.due
        if one.state == "lapsed":
            since = due = row.ends
        if one.state in {"waiting", "lapsed"}:
            about = f"permission/{row.id}"
            yield Owed(role=row.grants, kind="permission", about=about, what=row.what,
                       since=since, due=due)  # fmt: skip


def _answers(case: Case) -> Iterator[Owed]:
    """Yield the answers and proofs that gates, or the verdict, wait for."""
    settling = {fact.id for fact in case.result.settle}
    still = {s.question.id for s in gates(case.result, "failed", "undecided")}
    for standing in case.result.standings:
        question = standing.question
        if question.id not in settling | still:
            continue
        lacks = move_for(standing, case).lacks
        what = f"{question.title} ({question.id})"
        if lacks == "work":
            continue  # which actions say, or a step that nobody took on
        role, is_answer = question.authority, lacks == "an answer"
        if standing.is_unknown:
            what = f"Find out, said not to be known: {what}"
        is_open = is_answer and not standing.is_unknown
        since = _open_since(question.id, case) if is_open else _said_on(standing)
        yield Owed(role=role, kind="answer" if is_answer else "proof", what=what,
                   about=question.id, since=since)  # fmt: skip
    taken = {q for action in case.assessment.open_actions for q in action.decides}
    for step in case.outlook.plan.every:
        if step.kind == "gap" and not taken & {*step.decides}:
            standing = case.result.standing(step.decides[0])
            move = move_for(standing, case)
            if move.lacks == "work":
                yield Owed(role=step.owner, kind="action", about=step.id, what=move.do)


def _open_since(question: str, case: Case) -> dt.date | None:
    """Return the first milestone since which nobody answered; None: none knows it."""
    since = None
    for milestone in reversed(case.earlier):
        stood = milestone.result.questions.get(question)
        if stood is None or stood.status != "unanswered":
            break
        since = milestone.on
    return since


def _said_on(standing: Standing) -> dt.date | None:
    dates = [one.date for one in standing.given if one.counts]
    return standing.agreed_on or max(dates, default=None)


def _acceptances(case: Case) -> Iterator[Owed]:
    """Yield actions that are late or not accepted, and agreements that are missing."""
    as_of = case.assessment.as_of
    for action in case.assessment.open_actions:
        state = action.state_on(as_of)
        accepted = action.is_accepted_on(as_of)
        if state == "late" or not accepted:
            yield Owed(role=action.owner, kind="action" if accepted else "acceptance",
                       about=action.id, what=action.action, due=action.due,
                       since=action.accepted_on if accepted else None)  # fmt: skip
    signed = SignOffs(case.assessment)
    for role in signed.roles if signed.latest else ():
        cells = [signed.cell(role, part) for who, part in signed.wanted if who == role]
        open_ = [cell for cell in cells if cell.state in {"missing", "out of date"}]
        if open_:
            parts = as_list([signed.in_words(one.covers) for one in open_], _ONLY)
            since = [one.by.on for one in open_ if one.by]
            again = " again" if since else ""
            yield Owed(role=role, kind="acceptance", about="data-model",
                       what=f"Agree{again} to {parts}", since=min(since, default=None))  # fmt: skip


def _decision(one: Decision, case: Case) -> Iterator[Owed]:
    as_of = case.assessment.as_of
    if one.state_on(as_of) in {"asked", "overdue"}:
        kind: Kind = "action" if one.is_decided_on(as_of) else "decision"
        yield Owed(role=one.asked_of, kind=kind, about=one.about or one.id,
                   what=sentence(one.asked), since=one.asked_on, due=one.due)  # fmt: skip


# --- what was promised ---------------------------------------------------------------------


def _promises(case: Case) -> Iterator[Promise]:
    """Yield decisions that are open, and exceptions of gates that fail."""
    as_of = case.assessment.as_of
    for one in put_decisions(case):
        if one.state_on(as_of) != "done":
            yield Promise(kind="decision", what=sentence(one.asked), role=one.asked_of,
                          on=one.asked_on, until=one.due)  # fmt: skip
    for standing in gates(case.result, "failed"):
        name, title = standing.question.id, standing.question.title
        if made := case.assessment.decisions.exception(name, as_of):
            yield Promise(kind="exception", what=f"{title} ({name})", until=made.until,
                          role=made.approved_by, on=made.on)  # fmt: skip
