"""What readers are told: the sentences of a verdict, and how each standing came about.

Pure wording, no rules. Every step of a derivation names its rule, who or what says so,
and the date.
"""

import datetime as dt
import re
import textwrap
from collections.abc import Iterator
from itertools import chain

from readybook.checks.catalogue import CHECKS
from readybook.model.bank import LEVEL_WORDS, SECTION_TITLES, Bank, Phase, Question
from readybook.model.contract import NO_DATA_MODEL, DataModel
from readybook.model.findings import Finding
from readybook.model.results import (
    CheckResult,
    DimensionResult,
    Reason,
    Standing,
    Verdict,
    VerdictWord,
)
from readybook.model.words import (
    as_list,
    count,
    day,
    in_words,
    level_range,
    listed,
    role_title,
)
from readybook.score.claims import Carried, Claim, Document

CAUSES = 3  #: failing gates of which the cause is told; the others are counted
_BEST: dict[VerdictWord, str] = {
    "ready": "ready",
    "conditions": "ready with conditions",
    "not ready": "not ready",
}


def headline_of(
    verdict: Verdict, phase: Phase, *, stops: str, deciding: int, conditions: int
) -> str:
    """Return the verdict in the words of the method.

    Args:
        verdict: at lower and upper bounds.
        phase: the target phase.
        stops: what makes it not ready, in words.
        deciding: facts that decide, where not enough is known.
        conditions: conditions, where it is ready with conditions.
    """
    if verdict.lower == "ready":
        return f"Ready for {phase}"
    if verdict.lower == "conditions":
        return f"Ready for {phase}, with {count(conditions, 'condition')}"
    if verdict.is_open:
        noun = "fact decides" if deciding == 1 else "facts decide"
        return f"Not enough known: {deciding} {noun}"
    return f"Not ready for {phase}: {stops}"


def subline_of(verdict: Verdict, phase: Phase, *, deciding: int) -> str:
    """Return what the verdict could become, or "" where nothing unknown changes it."""
    if verdict.is_open:
        return f"Do not commit yet; at best: {_BEST[verdict.upper]} for {phase}."
    if verdict.lower != verdict.upper:
        return (
            f"Could become {_BEST[verdict.upper]} if "
            f"{count(deciding, 'open fact')} turn{'s' if deciding == 1 else ''} "
            f"out well."
        )
    return ""


def because_of(
    standings: tuple[Standing, ...], dimensions: tuple[DimensionResult, ...], lacks: str
) -> str:
    """Return what decides, by what was found, and the weakest dimension."""
    # Without level texts and counts: milestones keep none, and must conclude the same.
    told = [
        f"{_found_cause(s) or f'{s.question.title}: {LEVEL_WORDS[s.bounds.upper]}'} "
        f"({s.question.id})."
        for s in standings
        if s.gate_state == "failed"
    ]
    first = [f"The bank has {lacks}."] if lacks else []
    return " ".join((*first, *told[:CAUSES], rest_of(standings, dimensions))).strip()


def rest_of(
    standings: tuple[Standing, ...], dimensions: tuple[DimensionResult, ...]
) -> str:
    """Return how the gates stand whose cause is not told, and the weakest dimension."""
    return " ".join(filter(None, (*more_gates(standings), _weakest(dimensions))))


def more_gates(standings: tuple[Standing, ...]) -> list[str]:
    """Return how the gates stand whose cause is not told, a sentence each."""
    states = [s.gate_state for s in standings]
    more, open_ = states.count("failed") - CAUSES, states.count("undecided")
    parts = []
    if more > 0:
        parts.append(f"{count(more, 'more gate')} {_verb(more, 'fails', 'fail')}.")
    if open_:
        parts.append(f"{count(open_, 'gate')} {_verb(open_, 'is', 'are')} undecided.")
    if not parts and "failed" not in states:
        parts = ["All gates pass." if "passed" in states else "No gate applies."]
    return parts


def _verb(amount: int, one: str, many: str) -> str:
    return one if amount == 1 else many


def cause_of(standing: Standing, model: DataModel, who: str) -> str:
    """Return in a sentence without its full stop why a question stands no higher.

    What a failed check found; where that would do, the level text of the claim, as the
    word of the role with the title `who` unless proof reaches it.
    """
    level, claim = standing.bounds.upper, standing.claim
    text = standing.question.levels[level].rstrip(".")
    if claim and claim.upper == level and not standing.proven:
        text = f"{'The room' if standing.agreed_on else who} says: {text}"
    return _found_cause(standing, model) or text


def _found_cause(standing: Standing, model: DataModel = NO_DATA_MODEL) -> str:
    """Return the first finding of the check that proves least, if that is too little."""
    low = [
        check
        for check in standing.checks
        if check.outcome == "failed"
        and (standing.gate is None or check.proves < standing.gate.level)
    ]
    if not low:
        return ""
    least = min(low, key=lambda check: check.proves)
    found = next(f for f in least.findings if f.outcome == "contradicts")
    return plain_finding(found, model)


_ASIDE = re.compile(r" \([^()]*\d[^()]*\)")
_BEYOND = re.compile(r"; (?!needed|at most)|, so ")
_ISO = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_DOTTED = re.compile(r"\b\w+\.[\w.]*\w")
_LONGEST = 160  #: characters of a cause


def plain_finding(finding: Finding, model: DataModel) -> str:
    """Return what was found, as short as a headline, without its full stop.

    What stands in brackets with a number goes, and what follows from it. A machine is
    called by its name, a category by its label, a column as one of its table.
    """
    told = _empty_category(finding, model) or finding.message
    told = re.sub("^The machine ", f"The {in_words(finding.subject)} ", told)
    told = _BEYOND.split(_ASIDE.sub("", told))[0]
    told = _ISO.sub(lambda date: day(dt.date.fromisoformat(date[0])), told)
    told = columns_told(told, model)
    return textwrap.shorten(told.rstrip("."), _LONGEST, placeholder=" …")


def columns_told(text: str, model: DataModel) -> str:
    """Return a text that calls each column "origin of flights", not "flights.origin"."""
    return _DOTTED.sub(lambda name: _column(name[0], model), text)


def _column(name: str, model: DataModel) -> str:
    """Return "origin of flights" of "flights.origin", a name of anything else as it is."""
    table, column = model.split(name)
    columns = [one.columns for one in model.tables if one.name == table]
    is_known = any(one.name == column for one in chain(*columns))
    return f"{column} of {table}" if is_known else name


def _empty_category(finding: Finding, model: DataModel) -> str:
    """Return that one declared category has no row, by its label; "" for all others."""
    table, name = model.split(finding.subject)
    empty = [p.label for p in finding.points("category") if p.value == 0]
    labels = {
        category.value: category.label or ""
        for one in model.tables
        for column in one.columns
        if f"{one.name}.{column.name}" == finding.subject and not column.restricted
        for category in column.categories
    }
    if finding.check != "categories-populated" or len(empty) != 1 or not labels:
        return ""
    label = labels.get(empty[0], "").partition(",")[0]
    called = f"{label} ({empty[0]})" if label not in {"", empty[0]} else empty[0]
    return f"No row of {table} has {called} as its {name}"


def _weakest(dimensions: tuple[DimensionResult, ...]) -> str:
    levelled = [(d, d.level) for d in dimensions if d.level is not None]
    if not levelled:
        return ""
    if all((level.lower, level.upper) == (0, 4) for _, level in levelled):
        return "No dimension can be placed yet."
    weakest, level = min(levelled, key=lambda row: (row[1].lower, row[1].upper))
    if all(level.lower >= one.needed.upper for one, level in levelled):
        return f"Each dimension stands as needed, the weakest {level_range(level)}."
    needed = LEVEL_WORDS[weakest.needed.upper]
    return (
        f"Weakest dimension: {SECTION_TITLES[weakest.section].lower()}, "
        f"{level_range(level)}; needed: {needed}."
    )


def condition(hangs_on: tuple[str, ...], bank: Bank) -> tuple[Reason, ...]:
    """Return the step that tells which undeclared facts may rule a question out."""
    if not hangs_on:
        return ()
    texts = [f"“{fact.text}”" for fact in bank.facts if fact.id in hangs_on]
    says = (
        f"Nobody has declared {listed(texts)}, so it may not be asked at all: at worst "
        "it counts as it stands, at best it is in nobody's way."
    )
    return (Reason(rule="condition", says=says),)


def derive(
    question: Question,
    claim: Claim,
    checks: tuple[CheckResult, ...],
    carried: Carried,
    *,
    bank: Bank,
) -> tuple[Reason, ...]:
    """Return the steps from answers and evidence to the bounds of one question."""
    authority = role_title(bank, question.authority)
    present = [role_title(bank, role) for role in claim.present]
    steps = [_claim_step(claim, authority, present)]
    if claim.status != "waved off":
        steps += [_document_step(d, bank, claim.as_of) for d in claim.documents]
        steps += [step for check in checks for step in _check_steps(check)]
        steps.append(_bounds_step(claim, carried))
    return tuple(steps)


def _claim_step(claim: Claim, authority: str, present: list[str]) -> Reason:
    counted = [given for given in claim.given if given.counts]
    newest = max((given.date for given in counted), default=None)
    if claim.agreed_on:
        return Reason(
            rule="claim",
            says=f"The room settled on {_claimed(claim)}; said to have been present: "
            f"{listed(present)}.",
            role=authority,
            date=claim.agreed_on,
        )
    if claim.status == "unanswered":
        others = len(claim.given) - len(counted)
        more = (
            f" {others} other role{'s' if others > 1 else ''} answered; "
            "that counts on people's word alone."
            if others
            else ""
        )
        says = f"{authority} has given no complete answer yet.{more}"
        return Reason(rule="claim", says=says, role=authority)
    says = f"{authority} says: {_claimed(claim)}."
    return Reason(rule="claim", says=says, role=authority, date=newest)


def _claimed(claim: Claim) -> str:
    if claim.range is not None:
        return level_range(claim.range)
    return "does not apply" if claim.status == "waved off" else "we don't know"


def _document_step(document: Document, bank: Bank, as_of: dt.date) -> Reason:
    kind = document.kind
    up_to = f"up to '{LEVEL_WORDS[document.carries]}'"
    carries = f"carries a claim {up_to}"
    if document.carries < document.supports:
        seen = role_title(bank, document.missing or None, "another role")
        carries += f", no further until {seen} has seen it, as no check looks here"
    if as_of > document.lapses:
        carries = f"out of date since {document.lapses}, counts as said"
    if kind == "seen":
        carries = f"by the authority's own people, so it carries none, and lets it stand {up_to}"
    what = kind.capitalize()
    return Reason(
        rule="proof",
        says=f"{what}: {document.reference}; {carries}.",
        role=role_title(bank, document.role),
        evidence=document.reference,
        date=document.date,
    )


def _check_steps(check: CheckResult) -> list[Reason]:
    """Return the findings that decide the check, then what is still untested."""
    words = {
        "failed": f"proves at most '{LEVEL_WORDS[check.proves]}'",
        "passed": f"supports up to '{LEVEL_WORDS[check.supports]}'",
        "not measured": f"at worst '{LEVEL_WORDS[check.proves]}' until it is made",
        "not needed": "declared as not needed",
    }
    effect = words[check.outcome]
    if check.is_alone:
        what = CHECKS[check.check].declared
        effect += f", no further: no other role agreed to the {what}"
    if check.out_of_date:
        effect = (
            f"out of date, at worst '{LEVEL_WORDS[check.proves]}' until it is made again"
            if check.outcome == "passed"
            else f"out of date, still {effect} until it is measured again"
        )
    dates = [finding.measured_on for finding in check.findings]
    failed = [f for f in check.findings if f.outcome == "contradicts"]
    shown = failed or [f for f in check.findings if f.outcome == "supports"]
    detail = " ".join(finding.message for finding in shown[:3])
    if len(shown) > 3:  # noqa: PLR2004 - three sentences are read, ten are not
        detail += f" And {len(shown) - 3} more."
    if check.missing and check.outcome != "failed":
        detail = " ".join(_looked_at(check))
    if check.outcome == "not measured" and not check.missing:
        detail = "Nothing is declared for it."
    return [
        Reason(
            rule="check",
            says=f"{check.title}: {effect}. {detail}".strip(),
            evidence=check.check,
            date=max(dates, default=None),
        )
    ]


def _looked_at(check: CheckResult) -> Iterator[str]:
    """Yield what decides nothing, then how much was looked at, and what was not."""
    told = [f for f in check.findings if f.outcome == "informs"]
    if told:
        yield told[0].message
    unseen = [one for one in check.missing if one not in {f.subject for f in told}]
    measured = {f.subject for f in check.findings if f.outcome == "supports"}
    seen, every = len(told) + len(measured), len(measured) + len(check.missing)
    if unseen and seen:
        of = f"{every} {CHECKS[check.check].whole or ''}".rstrip()
        yield f"It looked at {seen} of {of}; not at {as_list(unseen, 3)}."
    elif unseen:
        yield f"Not measured: {as_list(unseen, 3)}."
    if check.undeclared and CHECKS[check.check].reads == "data":
        yield f"To declare for it, or as not needed: {as_list(check.undeclared, 3)}."


def _bounds_step(claim: Claim, carried: Carried) -> Reason:
    if claim.range is None:
        best = LEVEL_WORDS[carried.cap]
        is_told = claim.status == "unknown"
        why = "As that is not known," if is_told else "Without an answer"
        says = f"{why} it may stand anywhere from 'missing' to '{best}'."
    elif carried.cap < claim.range.upper:
        says = (
            f"The measurement overrules the claim: stands at "
            f"'{level_range(carried.bounds)}'."
        )
    elif carried.contradicted:
        says = (
            f"Who saw the document last says less than the claim: stands at "
            f"'{level_range(carried.bounds)}'."
        )
    elif carried.bounds.lower == carried.bounds.upper:
        says = f"Proof reaches the claim: '{level_range(carried.bounds)}'."
    elif carried.floor < min(carried.support, claim.range.lower):
        says = (
            "Until every check has passed, against limits and samples that two roles "
            f"agreed to: '{LEVEL_WORDS[carried.floor]}' at worst, as claimed at best."
        )
    else:
        says = (
            f"Proof reaches '{LEVEL_WORDS[carried.bounds.lower]}', the claim "
            f"'{LEVEL_WORDS[carried.bounds.upper]}': between them."
        )
    return Reason(rule="bounds", says=says)
