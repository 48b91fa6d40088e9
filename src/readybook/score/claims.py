"""What is claimed of one question, and how far proof and measurements carry it; pure.

Method, sections 1, 2 and 5. What is dated after the as-of date is left out, as if it had
not happened yet.
"""

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from readybook.checks.catalogue import CHECKS, Check
from readybook.checks.failures import replaces, was_redeclared
from readybook.checks.sign_offs import SignOffs
from readybook.model.bank import AnswerValue, Binding, Id, Level, Question
from readybook.model.case import Answer, Assessment, Proof, Settled
from readybook.model.contract import DataModel
from readybook.model.findings import Finding
from readybook.model.results import (
    Bounds,
    CheckOutcome,
    CheckResult,
    Given,
    ProofState,
    Status,
)
from readybook.model.words import in_words

FindingsBySubject = Mapping[tuple[str, str], Finding]

_ANYTHING = Bounds(lower=0, upper=4)
_SAID: Level = 1  # talk alone carries a case no further than a prototype
_ALONE: Level = 2  # how far passing a limit carries that nobody else agreed to


@dataclass(frozen=True)
class Document:
    """A document that somebody filed, or that another role saw and confirms."""

    #: "on file", "double-checked", or "seen" by the authority's own people, which holds
    #: a claim back and carries none.
    kind: str
    reference: str
    role: Id  #: who filed it, or who confirms it
    date: dt.date
    lapses: dt.date  #: last day on which it counts
    supports: Level  #: the level that it shows
    most: Level = 4  #: how far it carries at most where no check can look
    missing: Id = ""  #: the role that has not seen it, where that holds it back

    @property
    def carries(self) -> Level:
        """Return how far it carries a claim while it is in date."""
        return min(self.supports, self.most)


@dataclass(frozen=True)
class Claim:
    """The scored claim of one question, before any measurement."""

    as_of: dt.date
    status: Status
    range: Bounds | None  #: None without a level
    word: Bounds  #: what people's word alone says; others than the authority included
    given: tuple[Given, ...] = ()
    documents: tuple[Document, ...] = ()
    flags: tuple[str, ...] = ()
    split: Bounds | None = None
    agreed_on: dt.date | None = None
    agreed_because: str | None = None
    present: tuple[Id, ...] = ()  #: roles in the room that settled it

    @property
    def papers(self) -> tuple[Document, ...]:
        """Return the documents that may carry it."""
        return tuple(d for d in self.documents if d.kind != "seen")


def claim_of(question: Question, assessment: Assessment) -> Claim:
    """Return what is claimed of a question that is asked.

    The room's agreement counts first, with the authority and somebody else present, both
    with a sheet of their own, else the answer of the authority; several holders of that
    role make a range.
    """
    voices = _voices(question, assessment)
    settled, flags = _settled(question, assessment)
    counted = [a for role, _, a in voices if role == question.authority]
    answers: list[Answer | Settled] = [settled] if settled else list(counted)
    status, levels, incomplete = _status(question, answers, assessment)
    documents = _documents(question, assessment, settled, voices)
    return Claim(
        as_of=assessment.as_of,
        status=status,
        range=_span(levels) if status == "answered" else None,
        word=_word(status, levels, [a.answer for _, _, a in voices]),
        given=_given(question, voices, settled_counts=settled is not None),
        documents=documents,
        flags=(*flags, *incomplete),
        split=_split([a.answer for _, _, a in voices]),
        agreed_on=settled.date if settled else None,
        agreed_because=_why(settled) if settled else None,
        present=settled.present if settled else (),
    )


_Voice = tuple[Id, Id, Answer]  # role, respondent, answer


def _voices(question: Question, assessment: Assessment) -> list[_Voice]:
    return [
        (sheet.role, respondent, sheet.answers[question.id])
        for respondent, sheet in assessment.counted_sheets.items()
        if question.id in sheet.answers
        and sheet.answers[question.id].date <= assessment.as_of
    ]


def _settled(
    question: Question, assessment: Assessment
) -> tuple[Settled | None, tuple[str, ...]]:
    agreed = assessment.agreed.settled
    settled = agreed.get(question.id)
    if settled is None or settled.date > assessment.as_of:
        return None, ()
    authority = question.authority
    # Whoever was there has a sheet: a name that only the minutes have may be anybody's.
    known = {sheet.role for sheet in assessment.counted_sheets.values()}
    present = known.intersection(settled.present)
    if authority not in present:
        flag = (
            "The room settled this without the authority, or the authority has no sheet; "
            "it counts once the authority answers."
        )
        return None, (flag,)
    if not any(assessment.is_another(role, authority) for role in present):
        flag = "The authority settled this alone; it counts once somebody else agrees."
        return None, (flag,)
    return settled, ()


def _status(
    question: Question, answers: Iterable[Answer | Settled], assessment: Assessment
) -> tuple[Status, list[Level], tuple[str, ...]]:
    levels: list[Level] = []
    flags: list[str] = []
    waved = unknown = False
    for answer in answers:
        if isinstance(answer.answer, int):
            levels.append(answer.answer)
        elif answer.answer == "unknown":
            unknown = True
        elif missing := _incomplete(question, answer, assessment):
            flags.append(missing)
        else:
            waved = True
    if unknown:
        return "unknown", [], tuple(flags)
    if levels:
        return "answered", levels, tuple(flags)
    return ("waved off" if waved and not flags else "unanswered"), [], tuple(flags)


def _incomplete(
    question: Question, answer: Answer | Settled, assessment: Assessment
) -> str:
    by = answer.approved_by
    is_approved = by is not None and assessment.is_another(by, question.authority)
    approval = "the approval of another role that somebody holds"
    missing = ["a reason"] if answer.reason is None else []
    missing += ["a text"] if answer.because is None else []
    missing += [approval] if question.gate is not None and not is_approved else []
    if not missing:
        return ""
    return f"'Does not apply' lacks {' and '.join(missing)}, so it counts as open."


def _span(levels: list[Level]) -> Bounds:
    return Bounds(lower=min(levels), upper=max(levels))


def _word(status: Status, levels: list[Level], said: list[AnswerValue]) -> Bounds:
    if levels:
        return _span(levels)
    others = [answer for answer in said if isinstance(answer, int)]
    return _span(others) if others and status == "unanswered" else _ANYTHING


def _split(said: list[AnswerValue]) -> Bounds | None:
    levels = [answer for answer in said if isinstance(answer, int)]
    if not levels:
        return None
    span = _span(levels)
    doubtful = "unknown" in said and span.upper >= 3  # noqa: PLR2004 - "in place"
    return span if doubtful or span.upper - span.lower >= 2 else None  # noqa: PLR2004


def _given(
    question: Question, voices: list[_Voice], *, settled_counts: bool
) -> tuple[Given, ...]:
    return tuple(
        Given(
            role=role,
            respondent=respondent,
            answer=answer.answer,
            date=answer.date,
            counts=role == question.authority and not settled_counts,
            note=None if answer.private else answer.note,
            proof=answer.proof.reference if answer.proof else None,
            because=_why(answer),
            approved_by=answer.approved_by,
        )
        for role, respondent, answer in voices
    )


def _why(answer: Answer | Settled) -> str | None:
    """Return reason and text of a "does not apply", or of what the room settled."""
    said = [in_words(answer.reason) if answer.reason else "", answer.because]
    return ": ".join(filter(None, said)) or None


def _documents(
    question: Question,
    assessment: Assessment,
    settled: Settled | None,
    voices: list[_Voice],
) -> tuple[Document, ...]:
    """Return what is filed by the authority or the room, and what others confirm.

    A document belongs to the question, not to a level: were it tied to the level it
    was filed with, a better answer could lose its proof and worsen the verdict.
    """
    filed: list[tuple[Id, Proof]] = [
        (role, answer.proof)
        for role, _, answer in voices
        if role == question.authority and answer.proof
    ]
    if settled and settled.proof:
        filed.append((question.authority, settled.proof))
    documents = [_filed(question, role, proof) for role, proof in filed]
    own = assessment.stakeholders.people(question.authority) or ()
    for respondent, sheet in assessment.counted_sheets.items():
        confirmation = sheet.confirms.get(question.id)
        is_another = sheet.role != question.authority and respondent not in own
        if confirmation:
            lapses = confirmation.date + dt.timedelta(days=question.shelf_life_days)
            documents.append(
                Document(
                    kind="double-checked" if is_another else "seen",
                    reference=confirmation.saw,
                    role=sheet.role,
                    date=confirmation.date,
                    lapses=lapses,
                    supports=confirmation.level,
                )
            )
    return tuple(d for d in documents if d.date <= assessment.as_of)


def as_stand_ins(
    question: Question, documents: tuple[Document, ...], checks: tuple[CheckResult, ...]
) -> tuple[Document, ...]:
    """Return documents as far as they carry where none of the checks is needed.

    There they stand in for measurements, so that somebody else must have seen them: the
    role that the bank names, or any other where it names none.
    """
    if {c.outcome for c in checks} != {"not needed"}:
        return documents
    must = question.stand_in.seen_by if question.stand_in else ""
    return tuple(
        d
        if d.kind == "double-checked" and must in {"", d.role}
        else replace(d, most=_ALONE, missing=must)
        for d in documents
    )


def _filed(question: Question, role: Id, proof: Proof) -> Document:
    days = min(proof.shelf_life_days or math.inf, question.shelf_life_days)
    return Document(
        kind="on file",
        reference=proof.reference,
        role=role,
        date=proof.date,
        lapses=proof.date + dt.timedelta(days=days),
        supports=3,
    )


# --- from a claim and its proof to bounds -----------------------------------------


@dataclass(frozen=True)
class Carried:
    """How far proof and measurement carry one claim."""

    cap: Level
    floor: Level  #: how far checks that have not passed in date let it stand, at worst
    support: Level
    bounds: Bounds
    proof: ProofState
    proven: bool
    contradicted: bool
    lapses: dt.date | None  #: first day on which a proof that counts now lapses


def carry(claim: Claim, checks: tuple[CheckResult, ...]) -> Carried:
    """Return the bounds of a question from its claim, documents and checks.

    A check that could have been made and has not passed in date counts as failed at the
    lower bound, so that a document never stands in for a measurement.
    """
    cap = min((c.proves for c in checks if c.outcome == "failed"), default=4)
    floor = min(
        [4]
        + [c.proves for c in checks if c.is_open]
        + [_ALONE for c in checks if c.is_alone and not c.is_open]
    )
    documents = [d for d in claim.papers if claim.as_of <= d.lapses]
    passed = [c for c in checks if c.outcome == "passed" and not c.out_of_date]
    carried = [*(d.carries for d in documents), *(c.supports for c in passed)]
    support = max([_SAID, *carried])
    seen = _last_seen(claim)
    reach = min(support, floor, seen)
    if claim.range is None:
        bounds = Bounds(lower=0, upper=cap)
    else:
        bounds = Bounds(
            lower=min(claim.range.lower, cap, reach), upper=min(claim.range.upper, cap)
        )
    contradicted = claim.range is not None and min(cap, seen) < claim.range.upper
    proof = _proof(claim, checks, contradicted=contradicted)
    lapses = [d.lapses for d in documents] + [
        f.measured_on + dt.timedelta(days=CHECKS[c.check].shelf_life_days)
        for c in passed
        for f in c.findings
    ]
    return Carried(
        cap=cap,
        floor=min(floor, seen),
        support=support,
        bounds=bounds,
        proof=proof,
        proven=(
            proof in {"on file", "double-checked", "measured"}
            and claim.range is not None
            and reach >= claim.range.upper
        ),
        contradicted=contradicted,
        lapses=min(lapses, default=None),
    )


def _last_seen(claim: Claim) -> Level:
    """Return the level that the last double-check confirms; 4 where nobody looked.

    It holds until somebody looks again; of several on one day, the least. What the
    authority's own people saw holds as well, and replaces no look of another.
    """
    looked = [d for d in claim.documents if d.kind == "double-checked"]
    last = max((d.date for d in looked), default=None)
    holds = [d.supports for d in looked if d.date == last]
    return min([4, *holds, *(d.supports for d in claim.documents if d.kind == "seen")])


def _proof(
    claim: Claim, checks: tuple[CheckResult, ...], *, contradicted: bool
) -> ProofState:
    if claim.range is None:
        return "nothing"
    if contradicted:
        return "contradicted"
    if any(c.outcome == "passed" and not c.out_of_date for c in checks):
        return "measured"
    in_date = {d.kind for d in claim.papers if claim.as_of <= d.lapses}
    if "double-checked" in in_date:
        return "double-checked"
    if "on file" in in_date:
        return "on file"
    lapsed = claim.papers or any(c.outcome == "passed" for c in checks)
    return "out of date" if lapsed else "said"


def check_results(
    question: Question,
    assessment: Assessment,
    findings: FindingsBySubject,
    sign_offs: SignOffs,
    aged_at: dt.date,
) -> tuple[CheckResult, ...]:
    """Return what each bound check says, over all the subjects that it must cover.

    Args:
        question: with the checks that bear on it.
        assessment: for what each of them must cover.
        findings: what was found.
        sign_offs: who agreed to the data model.
        aged_at: the day at which the age of findings is judged.
    """
    results = []
    for binding in question.checks:
        check = CHECKS[binding.check]
        result = _check_result(
            binding, question.authority, assessment, findings, aged_at
        )
        alone = any(
            not sign_offs.seconded(part, but=question.authority)
            for one in result.findings
            for part in _to_second(check, one.subject, assessment.data_model)
        )
        if alone and result.outcome in {"passed", "not needed"}:
            supports = min(result.supports, _ALONE)
            result = result.model_copy(update={"supports": supports, "is_alone": True})
        results.append(result)
    return tuple(results)


def _to_second(check: Check, subject: str, model: DataModel) -> Iterator[str]:
    """Yield what another role has to agree to before a pass carries as far as it may.

    That is a limit that the team set. It is a sample, too: whether what was recorded
    stands for the rest is its word. To declare one adds to what is asked, and no more
    than an agreement to the table, which its limits want in any case: silence about a
    sample, which nothing in a file would show, gains as little as can be.
    """
    table = model.table_of(subject)
    if check.is_limit(table):
        yield subject
    if check.reads == "data" and table:
        names = check.rests_on(table, subject)
        yield from (
            one.name for one in model.tables if one.name in names and one.sample
        )


def _check_result(
    binding: Binding,
    authority: Id,
    assessment: Assessment,
    findings: FindingsBySubject,
    aged_at: dt.date,
) -> CheckResult:
    check = CHECKS[binding.check]
    stuck = assessment.stuck(check.id, authority)
    covered, uncovered = check.parts(assessment)
    is_spared = check.id in assessment.not_needed
    needed = () if is_spared else uncovered
    subjects = tuple(dict.fromkeys([*covered, *needed, *stuck]))
    found = []
    for subject in subjects:  # a failure stays until the same subject is measured anew
        one, failure = findings.get((check.id, subject)), stuck.get(subject)
        if failure and not replaces(one, failure, assessment.data_model):
            one = failure
        if one and one.measured_on <= assessment.as_of:
            found.append(one)
    measured = [f for f in found if f.outcome in {"supports", "contradicts"}]
    failed = [f for f in measured if f.outcome == "contradicts"]
    spared = uncovered if is_spared else ()
    shelf_life = dt.timedelta(days=check.shelf_life_days)

    def is_old(finding: Finding) -> bool:
        lapsed = aged_at > finding.measured_on + shelf_life
        return lapsed or was_redeclared(finding, assessment)

    # What was read and is too small to judge may be declared as not needed, too, and so
    # may a day that is held against none: whoever left it out would be spared.
    unjudged = [f for f in found if f.is_unjudged and not is_old(f)]
    if check.reads == "contract":
        unjudged = [f for f in found if f.outcome == "not measured"]
    spared += tuple(f.subject for f in unjudged if is_spared)
    done = {*spared, *(f.subject for f in measured)}
    missing = tuple(s for s in subjects if s not in done)
    old = [is_old(f) for f in failed or measured]
    outcome: CheckOutcome = "failed" if failed else "not measured"
    if measured and not failed and not missing:
        outcome = "passed"
    elif is_spared and not failed and not missing:
        outcome = "not needed"
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
        undeclared=needed,
        spared=spared,
    )
