"""From a claim and its proof to bounds: how low and how high a question may stand.

Method, section 2. Pure functions over frozen models.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from readybook.checks.catalogue import CHECKS
from readybook.model.bank import Binding, Level, Question
from readybook.model.case import Assessment
from readybook.model.findings import Finding
from readybook.model.results import Bounds, CheckOutcome, CheckResult, ProofState
from readybook.score.claims import Claim

__all__ = ["Carried", "carry", "check_results"]

FindingsBySubject = Mapping[tuple[str, str], Finding]

_SAID: Level = 1  # talk alone carries a case no further than a prototype


@dataclass(frozen=True)
class Carried:
    """How far proof and measurement carry one claim."""

    cap: Level
    support: Level
    bounds: Bounds
    proof: ProofState
    contradicted: bool
    lapses: dt.date | None  #: first day on which a proof that counts now lapses


def carry(claim: Claim, checks: tuple[CheckResult, ...]) -> Carried:
    """Return the bounds of a question from its claim, documents and checks."""
    cap = min((c.proves for c in checks if c.outcome == "failed"), default=4)
    documents = [d for d in claim.documents if claim.as_of <= d.lapses]
    passed = [c for c in checks if c.outcome == "passed" and not c.out_of_date]
    support = max(
        [_SAID, *(d.supports for d in documents), *(c.supports for c in passed)]
    )
    if claim.range is None:
        bounds = Bounds(lower=0, upper=cap)
    else:
        bounds = Bounds(
            lower=min(claim.range.lower, cap, support),
            upper=min(claim.range.upper, cap),
        )
    contradicted = claim.range is not None and cap < claim.range.upper
    lapses = [d.lapses for d in documents] + [
        f.measured_on + dt.timedelta(days=CHECKS[c.check].shelf_life_days)
        for c in passed
        for f in c.findings
    ]
    return Carried(
        cap=cap,
        support=support,
        bounds=bounds,
        proof=_proof(claim, checks, contradicted=contradicted),
        contradicted=contradicted,
        lapses=min(lapses, default=None),
    )


def _proof(
    claim: Claim,
    checks: tuple[CheckResult, ...],
    *,
    contradicted: bool,
) -> ProofState:
    if claim.range is None:
        return "nothing"
    if contradicted:
        return "contradicted"
    if any(c.outcome == "passed" and not c.out_of_date for c in checks):
        return "measured"
    in_date = {d.kind for d in claim.documents if claim.as_of <= d.lapses}
    if "double-checked" in in_date:
        return "double-checked"
    if "on file" in in_date:
        return "on file"
    lapsed = claim.documents or any(c.outcome == "passed" for c in checks)
    return "out of date" if lapsed else "said"


def check_results(
    question: Question,
    assessment: Assessment,
    findings: FindingsBySubject,
    aged_at: dt.date,
) -> tuple[CheckResult, ...]:
    """Return what each bound check says, over all the subjects that it must cover.

    Args:
        question: with the checks that bear on it.
        assessment: for what each of them must cover.
        findings: what was found.
        aged_at: the day at which the age of findings is judged.
    """
    return tuple(
        _check_result(binding, assessment, findings, aged_at)
        for binding in question.checks
    )


def _check_result(
    binding: Binding,
    assessment: Assessment,
    findings: FindingsBySubject,
    aged_at: dt.date,
) -> CheckResult:
    check = CHECKS[binding.check]
    subjects = check.subjects(assessment)
    found = [
        finding
        for subject in subjects
        if (finding := findings.get((check.id, subject))) is not None
        and finding.measured_on <= assessment.as_of
    ]
    measured = [f for f in found if f.outcome in {"supports", "contradicts"}]
    failed = [f for f in measured if f.outcome == "contradicts"]
    missing = tuple(s for s in subjects if s not in {f.subject for f in measured})
    deciding = failed or measured
    shelf_life = dt.timedelta(days=check.shelf_life_days)
    old = [
        aged_at > f.measured_on + shelf_life or _model_changed(f, assessment)
        for f in deciding
    ]
    outcome: CheckOutcome = "failed" if failed else "not measured"
    if subjects and not failed and not missing:
        outcome = "passed"
    return CheckResult(
        check=check.id,
        title=check.title,
        outcome=outcome,
        supports=binding.supports,
        proves=binding.proves,
        # One old pass spoils a pass; a failure is old only when all of it is.
        out_of_date=bool(old) and (all(old) if failed else any(old)),
        findings=tuple(found),
        missing=missing,
    )


def _model_changed(finding: Finding, assessment: Assessment) -> bool:
    """Return whether the table's declaration changed since it was measured."""
    if assessment.data is None:
        return False
    if CHECKS[finding.check].reads != "data":
        return False  # judged anew each time; its subject may be called like a table
    name = finding.subject.split(".", 1)[0]
    table = assessment.data_model.table(name)
    measured = next((t for t in assessment.data.tables if t.table == name), None)
    return bool(table and measured and table.declared != measured.declared)
