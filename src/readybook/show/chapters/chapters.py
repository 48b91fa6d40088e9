"""The questions of one chapter: answer, standing, proof and derivation of each."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from readybook.model.bank import Bank, Question, Section
from readybook.model.results import Bounds, Given, Reason, Result, Standing
from readybook.model.words import (
    answer_word,
    day,
    level_range,
    level_word,
    own_change,
)
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, draw_html
from readybook.show.leadership.decisions import Move, move_for, step_from
from readybook.show.leadership.switched_off import left_out

__all__ = ["needed_of", "questions_of"]


@dataclass(frozen=True)
class _Voice:
    """One answer as it is shown."""

    role: str
    who: str  #: "" in the leadership edition
    says: str
    date: str
    proof: str | None  #: a reference that no step below names
    note: str | None
    counts: bool
    because: str | None = None  #: why it does not apply
    approved_by: str | None = None  #: title of the role that agreed to it


def needed_of(result: Result, standing: Standing) -> Bounds | None:
    """Return the level that a question needs; None where nothing asks for one.

    It is the higher of what its gate and what its dimension ask; minor questions
    without a gate are advice.
    """
    gate = standing.gate.level if standing.gate else 0
    of_section = (d.needed for d in result.dimensions if d.section == standing.section)
    needed = next(of_section, None)
    if needed is None or standing.question.weight == "minor":
        return Bounds(lower=gate, upper=gate) if standing.gate else None
    return Bounds(lower=max(gate, needed.lower), upper=max(gate, needed.upper))


def questions_of(case: Case, section: Section) -> Fragment:
    """Return every question of a section, folded, with how its level came about.

    The edition "team" names respondents and shows notes; "leadership" shows roles.
    Below stand the questions that the bank has and that are not asked.
    """
    standings = [s for s in case.result.standings if s.section == section]
    asked = [s for s in standings if s.status != "not asked"]
    passed_over = [s for s in standings if s.status == "not asked"]
    html = draw_html(
        "questions.html.j2",
        blocks=[_block(s, case) for s in asked],
        not_asked=[(s.question, _why_not(s.question, case.bank)) for s in passed_over],
    )
    text = "\n".join(f"{s.question.id} {s.question.title}: {_stands(s)}" for s in asked)
    text = text or "No question of this chapter is asked."
    rest = left_out(case, section)
    return Fragment(html + rest.html, f"{text}\n{rest.text}".strip())


def _block(standing: Standing, case: Case) -> dict[str, object]:
    needed = needed_of(case.result, standing) if standing.applies else None
    return {
        "s": standing,
        "q": standing.question,
        "stands": _stands(standing),
        "needed": level_range(needed) if needed else "",
        "bar": theme.bar(standing.bounds, needed) if standing.applies else Markup(""),
        "proof": _proof(standing),
        "gate": _gate(standing),
        "authority": case.title(standing.question.authority),
        "own": own_change(standing.question, case.bank),
        "voices": _voices(standing, case),
        "levels": _levels(standing, needed),
        "steps": _steps(standing),
        "move": _next(standing, case) if standing.applies else None,
    }


def _stands(standing: Standing) -> str:
    if standing.status == "waved off":
        return "waved off as not applying"
    return level_range(standing.bounds)


def _proof(standing: Standing) -> Markup:
    """Return the mark of the proof; what was waved off has been answered and has none."""
    if not standing.applies:
        return Markup("<span></span>")  # the gate's column stays the fourth
    return theme.mark(theme.PROOFS[standing.proof])


def _gate(standing: Standing) -> Markup:
    if standing.gate_state is None:
        return Markup("")
    look = theme.GATES[standing.gate_state]
    return theme.mark(look, f"gate {look.word}")


def _voices(standing: Standing, case: Case) -> list[_Voice]:
    """Return the answers to show: all to the team, the counting ones to leadership."""
    team = case.edition == "team"
    return [
        _Voice(
            role=case.title(given.role),
            who=given.respondent if team else "",
            says=answer_word(given.answer),
            date=day(given.date),
            proof=_proof_of(given, standing),
            note=given.note if team else None,
            counts=given.counts,
            because=given.because,
            approved_by=given.approved_by and case.title(given.approved_by),
        )
        for given in standing.given
        if team or given.counts
    ]


def _steps(standing: Standing) -> list[Reason]:
    """Return the derivation, without a first step that the answer above it says."""
    counting = sum(given.counts for given in standing.given)
    is_said = standing.agreed_on or counting == 1 or not standing.given
    return [s for s in standing.derivation if not (is_said and s.rule == "claim")]


def _proof_of(given: Given, standing: Standing) -> str | None:
    """Return the reference that an answer names, unless the derivation says it too."""
    told = {step.evidence for step in standing.derivation}
    return given.proof if given.proof not in told else None


def _levels(standing: Standing, needed: Bounds | None) -> list[tuple[str, str, str]]:
    """Return word, text and tag ("stands here", ...) of the levels that matter.

    All five where no level is claimed; else where it stands, what is next, what was
    said and what is needed: the others would be half of a full report's text.
    """
    claim, bounds = standing.claim, standing.bounds
    rows = []
    for level, text in enumerate(standing.question.levels):
        tags = []
        if standing.applies and bounds.lower == bounds.upper == level:
            tags.append("stands here")
        elif standing.applies and level == bounds.lower > 0:
            tags.append("shown so far")
        if claim and claim.upper == level and claim.upper != bounds.lower:
            tags.append("said")
        if needed and level == needed.upper:
            tags.append("needed")
        if not tags and level == bounds.lower + 1:
            tags.append("next")
        rows.append((level_word(level), text, ", ".join(tags)))
    return [row for row in rows if claim is None or row[2]]


def _next(standing: Standing, case: Case) -> Move:
    gate_open = standing.gate_state in {"failed", "undecided"}
    if gate_open or standing.claim is None:
        return move_for(standing, case)
    return step_from(standing, case)


def _why_not(question: Question, bank: Bank) -> str:
    """Return in words which declared facts would have let a question be asked."""
    reasons = []
    for fact_id, values in question.applies_when.items():
        fact = next((f for f in bank.facts if f.id == fact_id), None)
        if fact is None:
            continue
        texts = [v.text for v in fact.values if v.id in values]
        reasons.append(f"asked only where “{fact.text}” is {' or '.join(texts)}")
    return "; ".join(reasons) or "not asked on this track"
