"""Two looks at a case side by side: what moved, and at which step; pure.

Method, section 6. What was known then is scored again, step by step towards what is
known now, always in the same order. What moves at a step is attributed to it, so that
all the moves together lead from the one result to the other. Until the last step no time
passes for what was found and filed: what is new is judged at the age that it would have
had then, so that ageing is told from everything else.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

from readybook.checks.catalogue import CHECKS
from readybook.checks.findings import by_subject, collect_findings
from readybook.model.bank import SECTION_TITLES, Bank
from readybook.model.case import Assessment
from readybook.model.findings import DataEvidence, Finding
from readybook.model.results import Milestone, Result, Snapshot, Standing, Status, Stood
from readybook.model.words import as_list, day, level_range, role_title
from readybook.score.claims import FindingsBySubject, claim_of
from readybook.score.freeze import snapshot_of, thaw_bank
from readybook.score.score import Seen, score

StepName = Literal[
    "readybook",  #: another version scores the same inputs
    "bank",
    "applicability",  #: scope facts, phase, track, what is not needed or withdrawn
    "answers",
    "new evidence",
    "changed evidence",
    "out of date",  #: time passed, or the data model outran its evidence
]
STEPS: tuple[StepName, ...] = get_args(StepName)

Kind = Literal["verdict", "dimension", "gate", "question"]
Key = tuple[Kind, str]
State = dict[Key, str]


@dataclass(frozen=True)
class Side:
    """One of the two looks."""

    label: str  #: as people named it
    bank: Bank
    assessment: Assessment
    kept: Snapshot | None = None  #: what was concluded then; None: to be scored
    name: str | None = None  #: of the milestone
    version: str = ""  #: of readybook that concluded it

    @property
    def on(self) -> dt.date:
        """Return the day at which it was judged."""
        return self.assessment.as_of


@dataclass(frozen=True)
class Move:
    """Something that stands elsewhere after a step than before it."""

    kind: Kind
    id: str  #: of the question or dimension; "verdict"
    title: str
    before: str | None  #: in words; None: there was none
    after: str | None
    why: str = ""  #: one sentence; of a question or gate
    through: tuple[str, ...] = ()  #: ids of what moved it: of a dimension or verdict


@dataclass(frozen=True)
class ReplayStep:
    """One step of the way from then to now, and what it moved."""

    name: StepName
    moves: tuple[Move, ...]


@dataclass(frozen=True)
class Lapsed:
    """A proof of which the shelf life ended between two looks."""

    proof: str  #: as it was filed; the check's title
    kind: str  #: "on file", "double-checked" or "measured"
    on: dt.date  #: the last day on which it counted
    questions: tuple[str, ...]  #: ids of those that it bore on, in bank order


@dataclass(frozen=True)
class Comparison:
    """Two looks at a case, and the way from the one to the other."""

    before: Side
    after: Side
    then: Snapshot
    now: Snapshot
    steps: tuple[ReplayStep, ...]  #: those that moved something, in the order of STEPS
    lapsed: tuple[Lapsed, ...] = ()  #: that has not been renewed, the oldest first

    def moved(self, kind: Kind) -> dict[str, tuple[str | None, str | None]]:
        """Return what stands elsewhere in the end, by id: in words, then and now."""
        ends: dict[str, tuple[str | None, str | None]] = {}
        for step in self.steps:
            for move in step.moves:
                if move.kind == kind:
                    first = ends.get(move.id, (move.before, None))[0]
                    ends[move.id] = (first, move.after)
        return {name: pair for name, pair in ends.items() if pair[0] != pair[1]}

    def movers(self, kind: Kind, name: str) -> tuple[tuple[StepName, Move], ...]:
        """Return the steps that moved one thing, with their moves."""
        return tuple(
            (step.name, move)
            for step in self.steps
            for move in step.moves
            if (move.kind, move.id) == (kind, name)
        )


def side_of(milestone: Milestone, label: str) -> Side:
    """Return a milestone as one of two looks."""
    return Side(
        label=label,
        bank=thaw_bank(milestone.bank),
        assessment=milestone.inputs,
        kept=milestone.result,
        name=milestone.name,
        version=milestone.readybook,
    )


def compare(before: Side, after: Side) -> Comparison:
    """Return what moved from one look to the other, and at which step."""
    looks = list(
        _course((before.bank, before.assessment), (after.bank, after.assessment))
    )
    then = before.kept or snapshot_of(looks[0].result)
    now = after.kept or snapshot_of(looks[-1].result)
    lapsed = _lapsed(before.on, after.assessment, looks[-1].result)
    # Another version of readybook may have concluded something else of the later look.
    looks.append(replace(looks[-1], step="readybook"))
    ends = [*(snapshot_of(look.result) for look in looks[:-1]), now]
    steps, old, result = [], then, looks[0].result
    for look, new in zip(looks, ends, strict=True):
        moves = _moves(old, new, result, look, after.bank)
        steps.append(ReplayStep(look.step, tuple(moves)))
        old, result = new, look.result
    moved = tuple(step for step in steps if step.moves)
    return Comparison(before, after, then, now, moved, lapsed)


def _lapsed(
    since: dt.date, assessment: Assessment, result: Result
) -> tuple[Lapsed, ...]:
    """Return what counted on a day or later, and does so no longer because of its age."""
    found: dict[tuple[dt.date, str, str], list[str]] = {}
    for one in filter(lambda standing: standing.applies, result.standings):
        ends = [
            (document.lapses, document.kind, document.reference)
            for document in claim_of(one.question, assessment).papers
        ]
        ends += [
            (
                min(one.measured_on for one in check.findings) + life,
                "measured",
                check.title,
            )
            for check in one.checks
            for life in [dt.timedelta(days=CHECKS[check.check].shelf_life_days)]
            if check.outcome == "passed"
        ]
        for end in dict.fromkeys(ends):
            if since <= end[0] < result.as_of:
                found.setdefault(end, []).append(one.question.id)
    return tuple(
        Lapsed(proof, kind, on, tuple(found[on, kind, proof]))
        for on, kind, proof in sorted(found)
    )


# --- step by step -----------------------------------------------------------------


@dataclass(frozen=True)
class _Look:
    """The result after one step, and the findings that it rests on."""

    step: StepName
    result: Result
    held: FindingsBySubject  #: before the step
    seen: FindingsBySubject  #: after it


def _course(
    before: tuple[Bank, Assessment], after: tuple[Bank, Assessment]
) -> Iterator[_Look]:
    """Yield the result after each step; the last one is that of `after`."""
    (bank, a), (new_bank, b) = before, after
    held = by_subject(collect_findings(a, bank))
    found = by_subject(collect_findings(b, new_bank))

    def look(
        step: StepName, one: Assessment, was: FindingsBySubject, seen: FindingsBySubject
    ) -> _Look:
        return _Look(step, score(new_bank, one, Seen(seen, a.as_of)), was, seen)

    yield _Look("readybook", score(bank, a, Seen(held, a.as_of)), held, held)
    yield look("bank", a, held, held)
    keys = ("facts", "phase", "track", "not_needed", "withdrawn")
    scope = {key: getattr(b.scope, key) for key in keys}
    scoped = a.model_copy(update={"scope": a.scope.model_copy(update=scope)})
    yield look("applicability", scoped, held, held)
    # The register goes with the answers: it says whose count, by the same names.
    taken = ("sheets", "agreed", "stakeholders", "as_of")
    answers = {name: getattr(b, name) for name in taken}
    yield look("answers", scoped.model_copy(update=answers), held, held)
    fresh = b.model_copy(update={"data": _unaged(a, b)})
    aged = by_subject(collect_findings(a.model_copy(update={"as_of": b.as_of}), bank))
    # What nothing but time made of what was found then is left for the last step.
    in_all = held.keys() & aged.keys() & found.keys()
    kept = found | {
        key: held[key]
        for key in in_all
        if _says(held[key]) != _says(aged[key]) == _says(found[key])
    }
    came = {key: one for key, one in kept.items() if _is_new(one, held.get(key))}
    new = {**held, **came}
    # What fails counts by itself, too: what was measured before fails a step later.
    first = fresh.data and fresh.data.model_copy(
        update={
            "findings": tuple(
                one
                for one in fresh.data.findings
                if new.get(key := (one.check, one.subject)) == kept.get(key)
            )
        }
    )
    known = fresh.model_copy(update={"failures": a.failures, "data": first})
    yield look("new evidence", known, held, new)
    yield look("changed evidence", fresh, new, kept)
    yield _Look("out of date", score(new_bank, b), kept, found)


def _says(finding: Finding) -> tuple[object, ...]:
    return finding.outcome, finding.message, finding.value


def _is_new(found: Finding, held: Finding | None) -> bool:
    """Return whether something was found where nothing had been measured."""
    nothing = "not measured"
    return held is None or (held.outcome == nothing and found.outcome != nothing)


def _unaged(a: Assessment, b: Assessment) -> DataEvidence | None:
    """Return today's measurements as if no declaration had changed since them.

    That a table was measured under an earlier declaration makes its evidence old; the
    last step tells so.
    """
    if b.data is None:
        return None
    then, now = (
        {table.name: table.declared for table in one.data_model.tables}
        for one in (a, b)
    )
    measured = a.data.tables if a.data else ()
    stale = {t.table for t in measured if then.get(t.table, t.declared) != t.declared}
    tables = tuple(
        one
        if one.table in stale
        else one.model_copy(update={"declared": now.get(one.table, one.declared)})
        for one in b.data.tables
    )
    return b.data.model_copy(update={"tables": tables})


# --- what moved --------------------------------------------------------------------


def state_of(snapshot: Snapshot) -> State:
    """Return all that can move, in words, by kind and id."""
    state: State = {("verdict", "verdict"): snapshot.headline}
    for row in snapshot.dimensions:
        state["dimension", row.section] = level_range(row.level, "nothing applies")
    for name, one in snapshot.questions.items():
        if one.gate_state:
            state["gate", name] = one.gate_state
        said, known = _CLAIMLESS.get(one.status), _level(one)
        if said and one.status in {"unknown", "unanswered"}:
            known = said if known == "not known" else f"{said}, {known}"
        state["question", name] = known
    return state


#: What was said where no level was.
_CLAIMLESS: dict[Status, str] = {
    "unknown": "we don't know",
    "waved off": "does not apply",
    "unanswered": "no answer",
}


def _level(one: Stood | None) -> str:
    if one is None or one.status in {"waved off", "not asked"}:
        return (one and _CLAIMLESS.get(one.status)) or "not asked"
    return level_range(one.bounds)


def _moves(
    old: Snapshot, new: Snapshot, result: Result, look: _Look, bank: Bank
) -> Iterator[Move]:
    """Yield everything that stands elsewhere after a step, before it was `result`."""
    was, now = state_of(old), state_of(new)
    before, after = _standings(result), _standings(look.result)
    keys = [key for key in {**now, **was} if was.get(key) != now.get(key)]
    gates, questions = (
        tuple(name for kind, name in keys if kind == wanted)
        for wanted in ("gate", "question")
    )
    stood = {**old.questions, **new.questions}
    # That somebody said "we don't know" is told, and moves nothing else.
    moving = [
        one
        for one in questions
        if _level(old.questions.get(one)) != _level(new.questions.get(one))
    ]
    titles = {f"{section}": title for section, title in SECTION_TITLES.items()}
    for kind, name in keys:
        title, why, through = "Verdict", "", gates or tuple(moving)
        if kind == "dimension":
            title = titles[name]
            through = tuple(one for one in moving if stood[one].section == name)
        elif kind != "verdict":  # its title is that of now, where there still is one
            standing = after.get(name) or before.get(name)
            title = standing.question.title if standing else name
            why = _why_moved(before.get(name), after.get(name), look, bank)
            through = ()
        key = (kind, name)
        yield Move(kind, name, title, was.get(key), now.get(key), why, through)


# --- why it moved ----------------------------------------------------------------


#: What is said of every question that a step moved.
_OF_STEP: dict[StepName, str] = {
    "readybook": "Another version of readybook scores the same inputs otherwise.",
    "bank": "The question, its weight, its gate or its checks changed.",
    "applicability": "Scope facts, phase or track changed.",
}


def _why_moved(
    before: Standing | None, after: Standing | None, look: _Look, bank: Bank
) -> str:
    """Return why a question or its gate moved at the step of a look."""
    if before is None:
        return "It was not asked before."
    if after is None:
        return _why_gone(before, look)
    if look.step in _OF_STEP:
        return _OF_STEP[look.step]
    if look.step == "answers":
        return _answered(before, after, bank)
    return _found(before, after, look)


def _why_gone(before: Standing, look: _Look) -> str:
    failed = [f"“{one.title}”" for one in before.checks if one.outcome == "failed"]
    if look.step == "applicability":
        return f"It is no longer asked. {_OF_STEP[look.step]}"
    if look.step != "bank" and before.by_failure and failed:
        return f"It was asked only while this failed: {as_list(failed, 1)}."
    return "It is no longer asked."


def _standings(result: Result) -> Mapping[str, Standing]:
    return {standing.question.id: standing for standing in result.standings}


# --- answers -----------------------------------------------------------------------


def _answered(before: Standing, after: Standing, bank: Bank) -> str:
    was, now = _said(before), _said(after)
    who = role_title(bank, after.question.authority)
    if after.agreed_on and after.agreed_on != before.agreed_on:
        return f"The room settled on “{now}” on {day(after.agreed_on)}."
    if was == now:
        return f"The answer is still “{now}”; its proof: {after.proof}, was {before.proof}."
    if before.status == "unanswered":
        return f"{who} answered “{now}”, proof: {after.proof}."
    return f"{who} now says “{now}”, said “{was}” before."


def _said(standing: Standing) -> str:
    if standing.claim is not None:
        return level_range(standing.claim)
    return _CLAIMLESS.get(standing.status, "not asked")


# --- evidence ----------------------------------------------------------------------


def _found(before: Standing, after: Standing, look: _Look) -> str:
    checks = {check.check for check in after.checks}
    told = [
        finding
        for key, finding in look.seen.items()
        if key[0] in checks
        and (
            (held := look.held.get(key)) is None
            or (finding.outcome, finding.message) != (held.outcome, held.message)
        )
    ]
    loud = [one for one in told if one.outcome == "contradicts"]
    told = loud or [one for one in told if one.outcome == "supports"] or told
    if after.proof == "out of date" and before.proof != "out of date":
        return f"Its proof went out of date; until then it was {before.proof}."
    if not told and look.step == "out of date":
        return "Part of its proof went out of date."
    if not told:
        return f"Its proof: {after.proof}, was {before.proof}."
    more = f" And {len(told) - 1} more." if told[1:] else ""
    return f"{told[0].message}{more}"
