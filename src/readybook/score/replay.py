"""From what was known then to what is known now, step by step, scored each time; pure.

Method, section 6. The steps are always taken in the same order. Until the last one, no
time passes for what was found and filed: what is new is judged at the age that it would
have had then, so that ageing is told from everything else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from readybook.checks.findings import by_subject, collect_findings
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.findings import DataEvidence, Finding
from readybook.model.results import Result
from readybook.score.bounds import FindingsBySubject
from readybook.score.score import Seen, score

__all__ = ["STEPS", "Look", "StepName", "course"]

StepName = Literal[
    "readybook",  #: another version scores the same inputs
    "bank",
    "applicability",  #: scope facts, phase and track
    "answers",
    "new evidence",
    "changed evidence",
    "out of date",  #: time passed, or the data model outran its evidence
]
STEPS: tuple[StepName, ...] = (
    "readybook",
    "bank",
    "applicability",
    "answers",
    "new evidence",
    "changed evidence",
    "out of date",
)


@dataclass(frozen=True)
class Look:
    """The result after one step, and the findings that it rests on."""

    step: StepName
    result: Result
    held: FindingsBySubject  #: before the step
    seen: FindingsBySubject  #: after it


def course(
    before: tuple[Bank, Assessment], after: tuple[Bank, Assessment]
) -> Iterator[Look]:
    """Yield the result after each step; the last one is that of `after`.

    Args:
        before: bank and assessment of then.
        after: those of now.
    """
    (bank, a), (new_bank, b) = before, after
    held = by_subject(collect_findings(a, bank))
    found = by_subject(collect_findings(b, new_bank))

    def look(
        step: StepName,
        one: Assessment,
        was: FindingsBySubject,
        seen: FindingsBySubject,
    ) -> Look:
        return Look(step, score(new_bank, one, Seen(seen, a.as_of)), was, seen)

    yield Look("readybook", score(bank, a, Seen(held, a.as_of)), held, held)
    yield look("bank", a, held, held)
    scope = {key: getattr(b.scope, key) for key in ("facts", "phase", "track")}
    scoped = a.model_copy(update={"scope": a.scope.model_copy(update=scope)})
    yield look("applicability", scoped, held, held)
    answers = {"sheets": b.sheets, "agreed": b.agreed, "as_of": b.as_of}
    yield look("answers", scoped.model_copy(update=answers), held, held)
    fresh = b.model_copy(update={"data": _unaged(a, b)})
    aged = by_subject(collect_findings(a.model_copy(update={"as_of": b.as_of}), bank))
    # What nothing but time made of what was found then is left for the last step.
    kept = {**found, **{key: held[key] for key in _by_time(held, aged, found)}}
    came = {key: one for key, one in kept.items() if _is_new(one, held.get(key))}
    new = {**held, **came}
    yield look("new evidence", fresh, held, new)
    yield look("changed evidence", fresh, new, kept)
    yield Look("out of date", score(new_bank, b), kept, found)


def _by_time(
    held: FindingsBySubject, aged: FindingsBySubject, found: FindingsBySubject
) -> Iterator[tuple[str, str]]:
    for key in held.keys() & aged.keys() & found.keys():
        if _says(held[key]) != _says(aged[key]) == _says(found[key]):
            yield key


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
    stale = _outrun(a)
    now = {table.name: table.declared for table in b.data_model.tables}
    tables = tuple(
        one
        if one.table in stale
        else one.model_copy(update={"declared": now.get(one.table, one.declared)})
        for one in b.data.tables
    )
    return b.data.model_copy(update={"tables": tables})


def _outrun(assessment: Assessment) -> set[str]:
    model, data = assessment.data_model, assessment.data
    if data is None:
        return set()
    now = {table.name: table.declared for table in model.tables}
    return {t.table for t in data.tables if now.get(t.table, t.declared) != t.declared}
