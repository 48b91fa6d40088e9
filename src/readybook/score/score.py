"""From a bank and an assessment to a Result: the method's sections 1 to 4 in order.

Pure. Each step stands in a module of its own: claims, verdicts, sentences; this one joins
them and adds what is printed beside the verdict.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from readybook.checks.catalogue import CHECKS
from readybook.checks.findings import by_subject, collect_findings
from readybook.checks.sign_offs import SignOffs
from readybook.model.bank import (
    DIMENSIONS,
    PHASES,
    SECTION_TITLES,
    Bank,
    Gate,
    Level,
    Question,
    Section,
)
from readybook.model.case import Answer, Assessment, Settled
from readybook.model.findings import Finding
from readybook.model.results import (
    Bounds,
    CheckResult,
    DimensionResult,
    Outlook,
    Result,
    SettlingFact,
    Standing,
    Verdict,
)
from readybook.model.words import as_list, count, in_words, listed, role_title
from readybook.score.claims import (
    FindingsBySubject,
    as_stand_ins,
    carry,
    check_results,
    claim_of,
)
from readybook.score.sentences import (
    because_of,
    condition,
    derive,
    headline_of,
    subline_of,
)
from readybook.score.verdicts import (
    Case,
    Item,
    dimension_bounds,
    gate_state,
    missing_for_ready,
    settle,
    too_far_below,
    verdict_of,
)

_Answered = TypeVar("_Answered", Answer, Settled)


@dataclass(frozen=True)
class Seen:
    """What was found, and the day at which its age is judged."""

    findings: FindingsBySubject
    aged_at: dt.date  #: the as-of date, but for comparisons that let no time pass

    @classmethod
    def of(cls, bank: Bank, assessment: Assessment) -> Seen:
        """Return what an assessment shows on its as-of date."""
        return cls(by_subject(collect_findings(assessment, bank)), assessment.as_of)


def score(bank: Bank, assessment: Assessment, seen: Seen | None = None) -> Result:
    """Return everything that the method concludes of an assessment.

    Args:
        bank: the question bank that the assessment is scored under.
        assessment: a folder that was read and found valid.
        seen: what was found; None: what the assessment shows on its as-of date.
    """
    seen = seen or Seen.of(bank, assessment)
    sign_offs = SignOffs(assessment)
    standings = tuple(
        one
        for asked in bank.questions
        if (one := _standing(asked, bank, assessment, seen, sign_offs))
    )
    needed, undeclared = level_needed(bank, assessment)
    scored = [s for s in standings if s.applies]
    items = tuple(_item(s, s.bounds) for s in scored)
    case = Case(items, needed, undeclared, *_lacks(standings))
    # As people's word has it: no proof asked, no measurement.
    on_word = replace(case, items=tuple(_item(s, s.word) for s in scored))
    whole, deciding = _outlook(case, assessment)
    verdict = whole.verdict
    is_low = verdict.lower == "conditions" or _is_too_low(case, verdict)
    dimensions = tuple(_dimension(s, standings, case) for s in DIMENSIONS)
    lapses = [s.lapses for s in scored if s.lapses and s.proof != "contradicted"]
    return Result(
        phase=assessment.scope.phase,
        as_of=assessment.as_of,
        verdict=verdict,
        headline=whole.headline,
        subline=subline_of(verdict, assessment.scope.phase, deciding=len(deciding)),
        because=because_of(standings, dimensions, case.lacks),
        on_word=_outlook(on_word, assessment)[0],
        nothing_waved=_outlook(_nothing_waved(case, standings), assessment)[0],
        dimensions=dimensions,
        standings=standings,
        settle=tuple(_settling(fact, bank, standings) for fact in deciding),
        conditions=missing_for_ready(case) if is_low else (),
        answered=sum(s.is_answered for s in scored),
        applicable=len(scored),
        proven=sum(s.proven for s in scored),
        asked=sum(s.status != "not asked" for s in standings),
        in_bank=len(bank.questions),
        oldest_proof_lapses=min(lapses, default=None),
    )


def score_beside(bank: Bank, assessment: Assessment) -> Result:
    """Return what a bank concludes of answers that were given under another one.

    What it does not offer was not said: values of its facts are undeclared, and what
    it always asks is not waved off.
    """
    values = {(fact.id, value.id) for fact in bank.facts for value in fact.values}
    offers = {one.id for one in bank.answer_sets if one.does_not_apply}
    always = {q.id for _, q in bank.questions if q.answers not in offers}

    def read(answers: Mapping[str, _Answered]) -> dict[str, _Answered]:
        return {
            question: one
            for question, one in answers.items()
            if question not in always or one.answer != "does-not-apply"
        }

    scope, agreed = assessment.scope, assessment.agreed
    facts = {f: value for f, value in scope.facts.items() if (f, value) in values}
    sheets = {
        name: sheet.model_copy(update={"answers": read(sheet.answers)})
        for name, sheet in assessment.sheets.items()
    }
    update: dict[str, object] = {
        "scope": scope.model_copy(update={"facts": facts}), "sheets": sheets
    }  # fmt: skip
    if agreed.settled:
        settled = {"settled": read(agreed.settled)}
        update["agreed"] = agreed.model_copy(update=settled)
    return score(bank, assessment.model_copy(update=update))


def is_asked(question: Question, assessment: Assessment) -> bool:
    """Return whether the scope facts let a question apply; undeclared ones may."""
    facts = assessment.scope.facts
    return all(
        fact not in facts or facts[fact] in values
        for fact, values in question.applies_when.items()
    )


def level_needed(bank: Bank, assessment: Assessment) -> tuple[Bounds, tuple[str, ...]]:
    """Return the level needed, and the undeclared scope facts that could raise it.

    The phase sets it; a fact that is declared to raise it does so by one, once; while
    such a fact is undeclared, only the upper (stricter) end is raised.
    """
    base = PHASES.index(assessment.scope.phase) + 1
    facts = assessment.scope.facts
    raising = [f for f in bank.facts if any(v.raises_need for v in f.values)]
    raised = any(
        value.raises_need
        for fact in raising
        for value in fact.values
        if facts.get(fact.id) == value.id
    )
    if raised:
        return Bounds(lower=min(base + 1, 4), upper=min(base + 1, 4)), ()
    undeclared = tuple(f.id for f in raising if f.id not in facts)
    return Bounds(lower=base, upper=min(base + bool(undeclared), 4)), undeclared


def _standing(
    asked: tuple[Section, Question],
    bank: Bank,
    assessment: Assessment,
    seen: Seen,
    sign_offs: SignOffs,
) -> Standing | None:
    """Return where a question stands; None where its track does not ask it."""
    section, question = asked
    claim = replace(claim_of(question, assessment), as_of=seen.aged_at)
    checks = check_results(question, assessment, seen.findings, sign_offs, seen.aged_at)
    # What fails applies, whatever people declare, wave off or put off to the full track;
    # what the contract leaves out is no failure.
    has_failed = any(
        one.outcome == "failed" and CHECKS[one.check].reads != "contract"
        for one in checks
    )
    on_track = question.is_starter or assessment.scope.track == "full"
    if not on_track and not has_failed:
        return None
    facts = assessment.scope.facts
    hangs_on = tuple(fact for fact in question.applies_when if fact not in facts)
    waved_off = claim.status == "waved off"
    alone = not on_track or not is_asked(question, assessment) or waved_off
    by_failure = has_failed and (alone or bool(hangs_on))
    until = hangs_on if by_failure and not alone else ()
    hangs_on = () if has_failed else hangs_on
    if not has_failed and not is_asked(question, assessment):
        claim, hangs_on = replace(claim, status="not asked", range=None, flags=()), ()
    elif has_failed and waved_off:
        flag = "A check of it failed, so it applies until that is withdrawn."
        # On people's word alone there is nothing in its way.
        word = Bounds(lower=4, upper=4)
        claim = replace(claim, status="unanswered", word=word, flags=(flag,))
    documents = as_stand_ins(question, claim.documents, checks)
    claim = replace(claim, documents=documents)
    carried = carry(claim, checks)
    gate = _gate_in_force(question, assessment)
    counts = claim.status not in {"waved off", "not asked"}
    stands = _in_nobodys_way(carried.bounds) if hangs_on else carried.bounds
    steps = derive(question, claim, checks, carried, bank=bank)
    return Standing(
        question=question,
        section=section,
        status=claim.status,
        claim=claim.range,
        word=claim.word,
        cap=carried.cap,
        support=carried.support,
        bounds=carried.bounds,
        proof=carried.proof,
        proven=carried.proven,
        contradicted=carried.contradicted,
        gate=gate,
        gate_state=gate_state(gate.level, stands) if gate and counts else None,
        hangs_on=hangs_on,
        by_failure=by_failure,
        until=until,
        given=claim.given,
        checks=checks,
        derivation=(*condition(hangs_on, bank), *steps),
        flags=claim.flags,
        split=claim.split,
        agreed_on=claim.agreed_on,
        agreed_because=claim.agreed_because,
        lapses=carried.lapses,
    )


def _gate_in_force(question: Question, assessment: Assessment) -> Gate | None:
    gate = question.gate
    if gate and PHASES.index(gate.phase) <= PHASES.index(assessment.scope.phase):
        return gate
    return None


def _lacks(standings: Iterable[Standing]) -> tuple[str, tuple[str, ...]]:
    """Return what is never asked, so that nothing can be ready: gates, a dimension.

    And the undeclared scope facts that may make it be asked.
    """
    standings = tuple(standings)
    asked = {s.section for s in standings}
    gates = [
        s
        for s in standings
        if s.gate and s.status != "not asked" and (s.until or not s.by_failure)
    ]
    no_gate = all(gate.hangs_on or gate.until for gate in gates)
    empty = [
        f"no question of {SECTION_TITLES[s].lower()}"
        for s in DIMENSIONS
        if s not in asked
    ]
    until = tuple(f for gate in gates for f in (*gate.hangs_on, *gate.until))
    lacks = listed(["no gate that holds"] * no_gate + empty)
    return lacks, until if no_gate and not empty else ()


def _in_nobodys_way(bounds: Bounds) -> Bounds:
    return Bounds(lower=bounds.lower, upper=4)


def _item(standing: Standing, bounds: Bounds) -> Item:
    return Item(
        id=standing.question.id,
        section=standing.section,
        weight=standing.question.weight,
        gate=standing.gate.level if standing.gate else None,
        bounds=_in_nobodys_way(bounds) if standing.hangs_on else bounds,
        hangs_on=standing.hangs_on,
        by_failure=standing.by_failure,
        until=standing.until,
    )


def _nothing_waved(case: Case, standings: tuple[Standing, ...]) -> Case:
    """Return the case with all that was waved off at level 0, and nothing not needed."""
    return replace(
        case,
        items=tuple(
            _item(s, _at_most(s.bounds, _unwaved(s)))
            for s in standings
            if s.status != "not asked"
        ),
    )


def _unwaved(standing: Standing) -> Level:
    """Return the level at most if nothing had been waved off or declared not needed."""
    if not standing.applies:
        return 0
    waved = (c.proves for c in standing.checks if c.is_spared)
    return min(waved, default=4)


def _at_most(bounds: Bounds, level: Level) -> Bounds:
    return Bounds(lower=min(bounds.lower, level), upper=min(bounds.upper, level))


def _outlook(case: Case, assessment: Assessment) -> tuple[Outlook, tuple[str, ...]]:
    """Return how a case is told, and the facts that would settle it."""
    verdict = verdict_of(case)
    deciding = settle(case, verdict)
    headline = headline_of(
        verdict,
        assessment.scope.phase,
        stops=_stops(case),
        deciding=len(deciding),
        conditions=len(missing_for_ready(case)),
    )
    return Outlook(headline=headline, verdict=verdict), deciding


def _stops(case: Case) -> str:
    """Return what makes a case not ready: gates, else dimensions, else questions."""
    if failed := _failed_gates(case):
        return f"{count(failed, 'gate')} {'fails' if failed == 1 else 'fail'}"
    if case.lacks:
        return f"the bank has {case.lacks}"
    far = too_far_below(case)
    if len(far) == 1:
        return f"{SECTION_TITLES[far[0]].lower()} is far too low"
    if far:
        return f"{count(len(far), 'dimension')} are far too low"
    return f"{count(len(missing_for_ready(case)), 'question')} are too low"


def _is_too_low(case: Case, verdict: Verdict) -> bool:
    """Return whether nothing but questions that must rise makes a case not ready."""
    is_settled = verdict.lower == verdict.upper == "not ready"
    return is_settled and not (case.lacks or _failed_gates(case))


def _failed_gates(case: Case) -> int:
    return sum(
        i.gate is not None and gate_state(i.gate, i.bounds) == "failed"
        for i in case.items
    )


def _dimension(
    section: Section, standings: tuple[Standing, ...], case: Case
) -> DimensionResult:
    own = [s for s in standings if s.section == section]
    scored = [s for s in own if s.applies]
    gates = Counter(s.gate_state for s in scored if s.gate_state)
    return DimensionResult(
        section=section,
        level=dimension_bounds(case, section),
        needed=case.needed,
        gates={
            "passed": gates["passed"],
            "failed": gates["failed"],
            "undecided": gates["undecided"],
        },
        answered=sum(s.is_answered for s in scored),
        applicable=len(scored),
        proven=sum(s.proven for s in scored),
        waved_off=sum(s.status == "waved off" for s in own),
    )


def how_to_show(standing: Standing) -> str:
    """Return what would carry a claim: a check that was not made, else the document.

    Of a check of the data that could not be made, what it lacks.
    """
    if standing.to_measure:
        return how_to_measure([one for one in standing.checks if one.is_unmade])
    alone = [one.check for one in standing.checks if one.is_alone]
    if alone:
        what = CHECKS[alone[0]].declared
        return f"Have another role sign off the {what} that was declared."
    stand_in = standing.question.stand_in
    if stand_in and {one.outcome for one in standing.checks} == {"not needed"}:
        return f"Have the {in_words(stand_in.seen_by)} see it: {stand_in.proof}"
    return f"Show it: {standing.question.proof}"


def how_to_measure(checks: Sequence[CheckResult]) -> str:
    """Return what checks that were not made, or lapsed, need so that they can be."""
    made, undeclared = list[Finding](), list[CheckResult]()
    to_make = list[CheckResult]()
    for check in checks:
        tried = [
            one for one in check.findings if one.outcome in {"not measured", "informs"}
        ]
        if check.out_of_date or CHECKS[check.check].reads != "data":
            to_make.append(check)
        elif not (check.findings or check.missing):
            undeclared.append(check)
        elif {*check.missing} - {*check.undeclared, *(f.subject for f in tried)}:
            to_make.append(check)
        elif tried:
            made += tried
        else:
            undeclared.append(check)
    if to_make:
        return f"Measure it: {as_list([one.title for one in to_make], 3)}."
    if made:
        made.sort(key=lambda one: (one.outcome == "not measured", one.value is None))
        is_held = made[0].value is not None and made[0].outcome == "not measured"
        what = made[0].subject
        why = made[0].message.removeprefix(f"{what} was not measured: ")
        do = "Declare the limit" if is_held else f"Make {what} measurable"
        return f"{do}: {why}"
    first = undeclared[0]
    needed = CHECKS[first.check].threshold
    passes = "" if needed == "none" else f" ({needed})"
    is_so = first.title[:1].lower() + first.title[1:]
    return f"Declare what it takes to measure whether {is_so}{passes}."


def _settling(
    fact_id: str, bank: Bank, standings: tuple[Standing, ...]
) -> SettlingFact:
    standing = next((s for s in standings if s.question.id == fact_id), None)
    if standing is None:
        fact = next(f for f in bank.facts if f.id == fact_id)
        return SettlingFact(
            id=fact.id,
            title=fact.text,
            kind="scope fact",
            missing="declaration",
            role=role_title(bank, "business-owner"),
            how=f"Declare '{fact.id}' under facts in assessment.yaml.",
        )
    question = standing.question
    answered = standing.claim is not None
    return SettlingFact(
        id=question.id,
        title=question.title,
        kind="question",
        missing="proof" if answered else "answer",
        role=role_title(bank, question.authority),
        how=how_to_show(standing) if answered else question.text,
    )
