"""The questions of one chapter: answer, standing, proof and derivation of each."""

from collections.abc import Iterator

from markupsafe import Markup

from readybook.model.bank import ExtendedBank, Question, Section
from readybook.model.results import Bounds, Standing
from readybook.model.words import (
    answer_word,
    count,
    day,
    level_range,
    level_word,
    own_change,
    sentence,
)
from readybook.show.decided import exceptions_of, named_in, replies_to
from readybook.show.decisions import move_for, needed_word, step_from
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, draw


def questions_of(case: Case, section: Section) -> Fragment:
    """Return every question of a section, folded, with how its level came about.

    The edition "team" names respondents and shows notes; "leadership" shows roles.
    Below stand the questions that are not asked, and those that the bank leaves out.
    """
    standings = [s for s in case.result.standings if s.section == section]
    asked = [s for s in standings if s.status != "not asked"]
    passed_over = [s for s in standings if s.status == "not asked"]
    html = draw(
        "questions.html.j2",
        blocks=[_block(s, case) for s in asked],
        team=case.edition == "team",
        title=case.title,
        not_asked=[(s.question, _why_not(s.question, case)) for s in passed_over],
    )
    told = [f"{s.question.id} {s.question.title}: {_stands(s)}" for s in asked]
    rest = left_out(case, section)
    text = "No question of this chapter is asked."
    if told:
        states = [s.gate_state for s in asked]
        counted = [f"{states.count(g)} {g}" for g in theme.GATES if g in states]
        gates = f"; gates: {', '.join(counted)}" if counted else ""
        text = "\n".join([f"{count(len(told), 'question')}{gates}", *told])
    return Fragment(html + rest.html, f"{text}\n{rest.text}".strip())


def _block(standing: Standing, case: Case) -> dict[str, object]:
    needed = case.result.needed_of(standing) if standing.applies else None
    word = needed_word(case.result, standing)
    look = theme.GATES[standing.gate_state] if standing.gate_state else None
    team = case.edition == "team"
    is_open = standing.gate_state in {"failed", "undecided"} or standing.claim is None
    is_open |= standing.bounds.lower < standing.bounds.upper
    move = move_for if is_open else step_from
    counting = sum(given.counts for given in standing.given)
    is_said = standing.agreed_on or counting == 1 or not standing.given
    return {
        "s": standing,
        "q": standing.question,
        "stands": _stands(standing),
        # Leadership reads why it matters of gates that could stop the case.
        "why": team or standing.gate_state in {"failed", "undecided"},
        "needed": _asked(standing, needed, word),
        "bar": theme.bar(standing.bounds, needed) if standing.applies else "",
        # What was waved off has no proof; the gate's column stays the fourth.
        "proof": theme.proof_mark(standing)
        if standing.applies
        else Markup("<span></span>"),
        "gate": theme.mark(look, f"gate {look.word}") if look else "",
        "authority": case.title(standing.question.authority),
        "exceptions": exceptions_of(standing.question.id, case),
        "replies": replies_to(case, *named_in(standing)),
        "own": own_change(standing.question, case.bank),
        # All answers are for the team, those that count for leadership.
        "voices": [given for given in standing.given if team or given.counts],
        "told": {step.evidence for step in standing.derivation},
        "levels": _levels(standing, needed, word),
        # Without a first step that the answer above it says.
        "steps": [s for s in standing.derivation if s.rule != "claim" or not is_said],
        "move": move(standing, case) if standing.applies else None,
    }


def _asked(standing: Standing, needed: Bounds | None, called: str) -> str:
    """Return the level needed; of a gate that asks less and passed, that as well."""
    if needed is None:
        return ""
    told = f"{called}: {level_range(needed)}"
    gate = standing.question.gate
    if standing.gate_state == "passed" and gate and gate.level < needed.lower:
        told += f", by the gate: {level_word(gate.level)}"
    return told


def _stands(standing: Standing) -> str:
    if standing.status == "waved off":
        return "waved off as not applying"
    return level_range(standing.bounds)


def _levels(
    standing: Standing, needed: Bounds | None, called: str
) -> list[tuple[str, str, str]]:
    """Return word, text and tag ("stands here", ...) of the levels that matter.

    Where it stands, what was said and what is needed; all five where that is nothing.
    The others would be half of a full report's text, and the next step says what the
    next level asks.
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
            tags.append(called)
        rows.append((level_word(level), text, ", ".join(tags)))
    return [row for row in rows if row[2]] or rows


def _why_not(question: Question, case: Case) -> str:
    """Return in words which declared facts would have let a question be asked."""
    reasons = [
        f"asked only where “{fact.text}” is "
        f"{' or '.join(v.text for v in fact.values if v.id in values)}"
        for fact_id, values in question.applies_when.items()
        for fact in case.bank.facts
        if fact.id == fact_id
    ]
    return "; ".join(reasons)


def left_out(case: Case, section: Section) -> Fragment:
    """Return the questions of a section that are in the bank and not asked, and why.

    A retired question is shown only where somebody answered it; one that the bank
    switches off is shown in any case, with the reason.
    """
    rows = list(_left_out(case, section))
    text = "\n".join(f"{q.id} {q.title}: {why}" for q, why, _ in rows)
    return Fragment(draw("left_out.html.j2", rows=rows), text)


def _left_out(
    case: Case, section: Section
) -> Iterator[tuple[Question, str, list[str]]]:
    """Yield question, reason, and the answers from before, in words."""
    off = case.bank.switched_off if isinstance(case.bank, ExtendedBank) else {}
    for question in case.bank.sections.get(section, ()):
        kept = list(_kept(question, case))
        if question.id in off:
            what = "gate, switched off" if question.gate else "switched off"
            yield question, sentence(f"{what}: {off[question.id]}"), kept
        elif question.retired is not None and kept:
            yield question, sentence(f"retired {question.retired}"), kept


def _kept(question: Question, case: Case) -> Iterator[str]:
    """Yield what roles, never persons, had answered."""
    for _, sheet in sorted(case.assessment.sheets.items()):
        if answer := sheet.answers.get(question.id):
            role = case.title(sheet.role)
            yield f"{role}, {answer_word(answer.answer)}, {day(answer.date)}"
    if settled := case.assessment.agreed.settled.get(question.id):
        yield f"the room, {answer_word(settled.answer)}, {day(settled.date)}"
