"""The steps on the way into production: what each waits for, who owns it; pure.

Steps are derived from what is declared and measured, and are declared as actions. None
has a duration, an effort or a cost that nobody declared.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import networkx as nx

from readybook.checks.catalogue import needs_permission
from readybook.checks.permissions import permission_state
from readybook.model.bank import Bank, Question
from readybook.model.case import Action, Assessment, Range
from readybook.model.findings import Finding
from readybook.model.results import CheckResult, Result, Standing
from readybook.model.words import day, role_title

Kind = Literal["permission", "resource", "history", "gap", "action", "workaround"]

DAYS_A_WEEK = 7
_HISTORY = "history-span"
_PERMISSION = "permission-granted"


@dataclass(frozen=True)
class PlanStep:
    """One thing that must be done before the case is in production."""

    id: str  #: of the action, or "permission/node", "history/orders", "gap/PRV-04"
    what: str
    kind: Kind
    owner: str | None  #: role; None: nobody is named
    needs: tuple[str, ...] = ()  #: steps that must be done before
    lead: Range | None = None  #: weeks from its start to its end; None: not declared
    source: str = ""  #: file and key of the lead time, also of one that is missing
    effort: Range | None = None  #: person-days
    cost: Range | None = None  #: besides effort
    waited: float = 0.0  #: weeks since it began
    decides: tuple[str, ...] = ()  #: questions that it is meant to settle

    @property
    def is_declared(self) -> bool:
        """Return whether somebody declared it as an action."""
        return self.kind in {"action", "workaround"}


@dataclass(frozen=True)
class Plan:
    """Every open step, and which workarounds are taken."""

    every: tuple[PlanStep, ...]  #: workarounds and what they replace included
    replaces: Mapping[str, str]  #: workaround to the step that it makes unnecessary
    taken: frozenset[str]  #: workarounds that their owners have accepted
    #: Open actions that all they decide has passed without, and no other step needs.
    settled: frozenset[str] = frozenset()

    @property
    def became(self) -> Mapping[str, tuple[str, ...]]:
        """Return by "gap/PRV-04" the actions that are to settle it since."""
        found: dict[str, tuple[str, ...]] = {}
        for step in self.every:
            for gap in (f"gap/{q}" for q in step.decides if step.is_declared):
                found[gap] = (*found.get(gap, ()), step.id)
        return found

    @property
    def steps(self) -> tuple[PlanStep, ...]:
        """Return the steps on the way: with the workarounds taken, without the others.

        Who needs a step that a workaround replaces needs the workaround; who needs a
        workaround that is not taken needs the step that it would replace; who needs a
        gap needs the actions that it became. An action that is settled is open all the
        same, and the end does not wait for it.
        """
        instead = {gap: [*actions] for gap, actions in self.became.items()}
        for workaround, step in self.replaces.items():
            if workaround in self.taken:
                instead.setdefault(step, []).append(workaround)
            else:
                instead[workaround] = [step]
        known = {step.id for step in self.every} - instead.keys() - self.settled
        return tuple(
            replace(step, needs=_needs(step, instead, known))
            for step in self.every
            if step.id in known
        )

    def step(self, name: str) -> PlanStep:
        """Return a step of that id, on the way or not.

        Raises:
            KeyError: no open step has it.
        """
        return {step.id: step for step in self.every}[name]

    def toggled(self, workaround: str) -> Plan:
        """Return the plan with a workaround that is taken left out, or the reverse."""
        return replace(self, taken=self.taken ^ {workaround})


def _needs(
    step: PlanStep, instead: Mapping[str, Sequence[str]], known: set[str]
) -> tuple[str, ...]:
    """Return what a step needs of the steps on the way; what is done is not needed.

    An action that is to settle a gap does not wait for itself.
    """
    seen: dict[str, None] = {}
    waiting = list(step.needs)
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen[name] = None
            waiting = [*instead.get(name, ()), *waiting]
    return tuple(name for name in seen if name in known - {step.id})


def plan_graph(steps: Sequence[PlanStep]) -> nx.DiGraph[str]:
    """Return the graph of steps: an edge leads from a step to one that waits for it."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(step.id for step in steps)
    graph.add_edges_from((need, step.id) for step in steps for need in step.needs)
    return graph


def derive_plan(result: Result, assessment: Assessment, bank: Bank) -> Plan:
    """Return every open step as of the assessment's date.

    Permissions that were not granted, resources that nobody must permit and no probe
    has seen, history still to be collected, failed or undecided gates and conditions
    that nothing else decides, and open actions. A workaround counts once its owner has
    accepted it; one that is done takes its step off the way.
    """
    as_of, still = assessment.as_of, assessment.open_actions
    done = {
        action.workaround_for
        for action in assessment.actions.actions
        if action.state_on(as_of) == "done"
    }
    derived = [
        *_from_resources(result, assessment),
        *_from_history(result, assessment, bank),
    ]
    declared = [_from_action(action, as_of) for action in still]
    decided = {question for step in (*derived, *declared) for question in step.decides}
    gaps = [
        _from_gap(standing, result, assessment)
        for standing in result.standings
        if standing.question.id not in decided
        and (
            standing.gate_state in {"failed", "undecided"}
            or standing.question.id in result.conditions
        )
    ]
    every = [s for s in (*derived, *gaps, *declared) if s.id not in done]
    known = {step.id for step in every}
    offers = [a for a in still if a.workaround_for and a.workaround_for in known]
    return Plan(
        every=tuple(every),
        replaces={a.id: a.workaround_for for a in offers if a.workaround_for},
        taken=frozenset(a.id for a in offers if a.is_accepted_on(as_of)),
        settled=_settled(result, every),
    )


def _settled(result: Result, steps: Sequence[PlanStep]) -> frozenset[str]:
    """Return the actions of which every gate has passed and that no other step needs."""
    passed = {
        standing.question.id
        for standing in result.standings
        if standing.gate_state == "passed"
        and standing.question.id not in result.conditions
    }
    found = {s.id for s in steps if s.kind == "action" and {*s.decides} <= passed}
    found -= {step.id for step in steps if not step.decides}
    while needed := found & {n for s in steps if s.id not in found for n in s.needs}:
        found -= needed
    return frozenset(found)


# --- permissions, resources and history --------------------------------------------


def _from_resources(result: Result, assessment: Assessment) -> Iterator[PlanStep]:
    as_of = assessment.as_of
    settled = _settled_by(result, _PERMISSION)
    for row in assessment.resources.resources:
        is_asked, permission = needs_permission(row), permission_state(row, as_of)
        is_granted = permission.state == "granted"
        if not (is_granted if is_asked else row.probe in assessment.probes):
            asked = permission.asked if permission.state != "refused" else None
            lead, key = row.lead_time_weeks, "lead_time_weeks"
            if lead is None and row.lead_time_days is not None:
                lead, key = _constant(row.lead_time_days), "lead_time_days"
            kind: Kind = "permission" if is_asked else "resource"
            file = assessment.source_of(f"permission/{row.id}")
            yield PlanStep(
                id=f"{kind}/{row.id}",
                what=f"{'Permission' if is_asked else 'Provisioning'}: {row.what}",
                kind=kind,
                owner=row.grants,
                needs=row.waits_for,
                lead=lead,
                source=f"{file}: {row.id} {key}",
                waited=_weeks_since(asked, as_of),
                decides=settled if is_asked else (),
            )


def _constant(days: float) -> Range:
    weeks = days / DAYS_A_WEEK
    return Range(low=weeks, likely=weeks, high=weeks)


def _weeks_since(first: dt.date | None, as_of: dt.date) -> float:
    return 0.0 if first is None else max(0, (as_of - first).days) / DAYS_A_WEEK


def _settled_by(result: Result, check: str) -> tuple[str, ...]:
    """Return the questions whose only failed check is this one."""
    return tuple(
        standing.question.id
        for standing in result.standings
        if {c.check for c in standing.checks if c.outcome == "failed"} == {check}
    )


def _from_history(
    result: Result, assessment: Assessment, bank: Bank
) -> Iterator[PlanStep]:
    """Yield what must still be collected: the span needed minus the span held."""
    owner = next((one.authority for one in _asking(bank)), None)
    for found in assessment.data.findings if assessment.data else ():
        if found.check != _HISTORY or found.outcome != "contradicts":
            continue
        held, needed = found.value, found.threshold
        if isinstance(held, int | float) and isinstance(needed, int | float):
            more = needed - held
            days = f"{more:,.0f} more {'day' if more == 1 else 'days'}"
            yield PlanStep(
                id=f"history/{found.subject}",
                what=f"Collect {days} of {found.subject}",
                kind="history",
                owner=owner,
                lead=_constant(more),
                source=f"evidence/data.json: {found.subject} {_HISTORY}",
                decides=_settled_by(result, _HISTORY),
            )


def _asking(bank: Bank) -> Iterator[Question]:
    """Yield the questions that ask for history."""
    for _, question in bank.questions:
        if any(binding.check == _HISTORY for binding in question.checks):
            yield question


# --- gaps and actions --------------------------------------------------------------


def _from_gap(standing: Standing, result: Result, assessment: Assessment) -> PlanStep:
    """Return the gap at a gate or a condition, owned by whose move it is.

    That is who takes the next step where it falls short, else who can show it.
    """
    question, level = standing.question, standing.bounds.lower
    wanted = result.wanted_of(standing)
    most = min(standing.cap, standing.claim.upper if standing.claim else wanted)
    moves = most < wanted and level < len(question.next)
    return PlanStep(
        id=f"gap/{question.id}",
        what=f"{question.title} ({question.id})",
        kind="gap",
        owner=next_role(standing, assessment) if moves else question.authority,
        source=f"actions.yaml: an action that decides {question.id}",
        decides=(question.id,),
    )


def next_role(standing: Standing, assessment: Assessment) -> str:
    """Return who takes the next step of a question, which has one.

    Where that is to end what a check found, it is who was declared to know the need,
    then who takes the step of that check, then who is accountable alone for the subject.
    """
    step, check = standing.question.next[standing.bounds.lower], first_failed(standing)
    if check is None:
        return step.role
    found = next(f for f in check.findings if f.outcome == "contradicts")
    if check.check in step.checks:
        return asked_about(found, assessment) or step.role
    return who_mends(found, standing, assessment)


def first_failed(standing: Standing) -> CheckResult | None:
    """Return the failed check that is to be ended before the next step of a question.

    One of those that this step needs, else one that proves less than the gate asks.
    """
    level, steps = standing.bounds.lower, standing.question.next
    first = steps[level].checks if level < len(steps) else ()
    wanted = standing.gate.level if standing.gate else 0
    failed = [c for c in standing.checks if c.outcome == "failed"]
    return min(
        (c for c in failed if c.check in first or c.proves < wanted),
        key=lambda check: check.check not in first,
        default=None,
    )


def who_mends(finding: Finding, standing: Standing, assessment: Assessment) -> str:
    """Return who ends what was found.

    Who was declared to know the need, else who is accountable alone for its subject,
    else who takes the next step.
    """
    if asked := asked_about(finding, assessment):
        return asked
    assets = assessment.stakeholders.standing_for(finding.subject)
    if len(owners := {role for one in assets for role in one.accountable}) == 1:
        return owners.pop()
    question, level = standing.question, standing.bounds.lower
    steps = question.next[level:]
    return steps[0].role if steps else question.authority


def asked_about(finding: Finding, assessment: Assessment) -> str | None:
    """Return the role that can say where a need is found; None: it is of no need."""
    asked = {f"need {need.id}": need.ask for need in assessment.scope.needs}
    return asked.get(finding.subject)


def _from_action(action: Action, as_of: dt.date) -> PlanStep:
    return PlanStep(
        id=action.id,
        what=action.action,
        kind="workaround" if action.workaround_for else "action",
        owner=action.owner,
        needs=action.needs,
        lead=action.lead_time_weeks,
        source=f"actions.yaml: {action.id} lead_time_weeks",
        effort=action.effort_days,
        cost=action.cost,
        waited=_weeks_since(action.started_on, as_of),
        decides=action.decides,
    )


# --- actions that are done ----------------------------------------------------------


def awaited(action: Action, result: Result) -> tuple[str, ...]:
    """Return what a done action was to decide and nobody has looked at since.

    Without the day on which it was done, that is everything that it decides.
    """
    if action.state_on(result.as_of) != "done":
        return ()
    by_id = {standing.question.id: standing for standing in result.standings}
    return tuple(
        name
        for name in action.decides
        if name in by_id
        and by_id[name].status != "not asked"
        and not any(
            action.done_on and on >= action.done_on for on in _looked_at(by_id[name])
        )
    )


def _looked_at(standing: Standing) -> Iterator[dt.date]:
    """Yield the days on which something became known of a question."""
    yield from (given.date for given in standing.given if given.counts)
    if standing.agreed_on:
        yield standing.agreed_on
    yield from (r.date for r in standing.derivation if r.rule == "proof" and r.date)
    for check in standing.checks:
        for finding in check.findings:
            if finding.outcome in {"supports", "contradicts"}:
                yield finding.measured_on


def history_notes(result: Result, assessment: Assessment, bank: Bank) -> Iterator[str]:
    """Yield one sentence for each action that collects the same history once more.

    It waits until the history is there, is meant to settle that there is enough, and
    takes as long again: the plan would charge the same months twice on one path.
    """
    asks = {question.id for question in _asking(bank)}
    steps = derive_plan(result, assessment, bank).steps
    graph, by_id = plan_graph(steps), {step.id: step for step in steps}
    for step in steps:
        if not (step.is_declared and step.lead and asks & {*step.decides}):
            continue
        for name in sorted(nx.ancestors(graph, step.id)):
            span = by_id[name].lead
            if by_id[name].kind == "history" and span and step.lead.low >= span.low:
                yield (
                    f"actions.yaml: {step.id} waits for {name}, {span.low:.0f} weeks, and "
                    "takes as long again; where it collects the same rows, declare it "
                    f"with workaround_for: {name}, so that they are charged once"
                )


def action_notes(result: Result, assessment: Assessment, bank: Bank) -> Iterator[str]:
    """Yield one sentence for each action that cannot be taken at its word."""
    yield from history_notes(result, assessment, bank)
    for action in assessment.actions.actions:
        if action.state_on(assessment.as_of) != "done":
            continue
        done, waiting = f"actions.yaml: {action.id} is done", awaited(action, result)
        if action.proof is None:
            shows = "a document, or the evidence that shows it"
            yield f"{done}, and names no proof: {shows}"
        if action.done_on is None:
            yield f"{done}, and does not say since when: done_on"
        elif waiting:
            asked = [result.standing(name).question.authority for name in waiting]
            who = ", ".join(dict.fromkeys(role_title(bank, role) for role in asked))
            yield (
                f"{done} since {day(action.done_on)}, and nothing of that day or later "
                f"is known of {', '.join(waiting)}: {who} can answer again, or it is "
                "measured"
            )
