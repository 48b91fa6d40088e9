"""The leadership part: verdict, dimensions, what stops the case, its conditions."""

from __future__ import annotations

from markupsafe import Markup

from readybook.model.bank import SECTION_TITLES
from readybook.model.results import (
    Bounds,
    DimensionResult,
    ProofState,
    Result,
    Standing,
)
from readybook.model.words import count, day, days, level_range, level_word
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Column,
    Fragment,
    column_labels,
    draw_html,
    lines,
    small,
    table,
)
from readybook.show.leadership.decisions import (
    cost_of_a_month,
    gates_in_state,
    leadership_asks,
    move_for,
    promised,
)
from readybook.show.leadership.switched_off import gates_of_own

__all__ = [
    "conditions",
    "dimensions_table",
    "measured_cell",
    "obstacles",
    "question_link",
    "sentence_case",
    "verdict_band",
    "what_stops",
]


def question_link(standing: Standing) -> Markup:
    """Return id and title of a question, linked to its block in the chapters."""
    question = standing.question
    return Markup('<a href="#{0}">{0}</a> {1}').format(question.id, question.title)


def verdict_band(case: Case) -> Fragment:
    """Return the verdict, why, what is asked of leadership and what waiting costs."""
    result, asks = case.result, leadership_asks(case)
    half_proven = 2 * result.proven >= result.answered and result.answered > 0
    html = draw_html(
        "band.html.j2",
        result=result,
        scope=case.assessment.scope,
        look=theme.verdict_look(result.verdict),
        word_look=theme.verdict_look(result.on_word.verdict),
        asks=asks,
        month=cost_of_a_month(case.assessment),
        value_role=case.title("finance"),
        half_proven=half_proven,
        lapse=_lapse(result),
        waved=sum(d.waved_off for d in result.dimensions),
        own_gates=gates_of_own(case.bank),
    )
    asked = "; ".join(f"{a.what} ({a.role})" for a in asks)
    text = f"{result.headline}. {result.because} We ask you to: {asked or 'nothing'}"
    return Fragment(html, text)


def _lapse(result: Result) -> str:
    lapses = result.oldest_proof_lapses
    if lapses is None:
        return "No proof is on record yet"
    if lapses < result.as_of:
        return f"The oldest proof went out of date on {day(lapses)}"
    left = days(result.as_of, lapses)
    return f"The oldest proof is out of date in {left}, on {day(lapses)}"


_DIMENSION_COLUMNS = ("Dimension", "Stands", "Needed", "Gates", "Answers proven")


def dimensions_table(case: Case) -> Fragment:
    """Return one row per dimension: where it stands, what is needed, gates, proof."""
    html = draw_html(
        "dimensions.html.j2",
        rows=[_dimension_row(row) for row in case.result.dimensions],
        titles=SECTION_TITLES,
        phase=case.result.phase,
        columns=_DIMENSION_COLUMNS,
        labels=column_labels(_DIMENSION_COLUMNS),
    )
    stands = [
        f"{SECTION_TITLES[row.section]}: {level_range(row.level)}, "
        f"needed: {_needed(row.needed)}"
        for row in case.result.dimensions
    ]
    return Fragment(html, "\n".join(stands))


def _dimension_row(row: DimensionResult) -> dict[str, object]:
    return {
        "title": SECTION_TITLES[row.section],
        "row": row,
        "stands": level_range(row.level),
        "needed": _needed(row.needed),
        "proven": f"{row.proven} of {row.answered}",
    }


def _needed(needed: Bounds) -> str:
    if needed.lower == needed.upper:
        return level_word(needed.lower)
    strict = level_word(needed.upper)
    return f"{level_word(needed.lower)}, or {strict} once every scope fact is declared"


_STOP_COLUMNS = (
    Column("Gate", "head"),
    Column("Said"),
    Column("Measured or shown", "wide"),
    Column("Stands"),
    Column("Whose move", "wide"),
)


def obstacles(case: Case) -> Fragment:
    """Return the gates that stop the case; where none does, the conditions."""
    conditional = case.result.verdict.lower == "conditions"
    return conditions(case) if conditional else what_stops(case)


def what_stops(case: Case) -> Fragment:
    """Return failed gates, then undecided ones: said, measured, whose move it is."""
    result = case.result
    failed = gates_in_state(result, "failed")
    undecided = gates_in_state(result, "undecided")
    rows = [_stop_row(s, case) for s in (*failed, *undecided)]
    passed = len(gates_in_state(result, "passed"))
    total = passed + len(rows)
    caption = (
        f"{count(len(failed), 'gate')} failed and {len(undecided) or 'none'} "
        f"undecided, of {total}"
    )
    empty = (
        f"No gate stops the case: {count(total, 'gate')} passed."
        if total
        else "No gate applies."
    )
    shown = table(sentence_case(caption), _STOP_COLUMNS, rows, empty=empty)
    titles = "; ".join(s.question.title for s in (*failed, *undecided))
    # The count is worth reading, so this caption is shown.
    html = draw_html("titled.html.j2", html=shown.html)
    return Fragment(html, f"{caption}. {titles}" if rows else empty)


def _stop_row(standing: Standing, case: Case) -> list[str | Markup]:
    gate = theme.GATES[standing.gate_state or "undecided"]
    move = move_for(standing, case)
    needed = standing.gate.level if standing.gate else 0
    stands = level_range(standing.bounds)
    return [
        lines([theme.mark(gate), question_link(standing)]),
        _said(standing, case),
        measured_cell(standing),
        lines([sentence_case(stands), small(f"needed: {level_word(needed)}")]),
        Markup("<b>{}</b> {}").format(f"{move.role}:", _briefly(move.do)),
    ]


def _briefly(do: str) -> str:
    """Return a move without the proof's full wording, which its chapter has."""
    return "Show the proof." if do.startswith("Show it: ") else do


_PROOF_WORDS: dict[ProofState, str] = {
    "nothing": "Nothing yet",
    "said": "Only said, nothing shown",
    "on file": "Document on file",
    "double-checked": "Document, seen by another role",
    "measured": "Measured",
    "out of date": "Document out of date",
}


def sentence_case(text: str) -> str:
    """Return the text with a capital first letter."""
    return text[:1].upper() + text[1:]


def _said(standing: Standing, case: Case) -> Markup:
    role = case.title(standing.question.authority)
    if standing.claim is not None:
        return lines([sentence_case(level_range(standing.claim)), small(role)])
    words = {"unknown": "We don't know", "unanswered": "No answer yet"}
    return lines([words.get(standing.status, "No answer"), small(role)])


def measured_cell(standing: Standing) -> Markup:
    """Return what was found: failed checks first, else how far the proof reaches."""
    failed = [c for c in standing.checks if c.outcome == "failed"]
    told = [
        finding.message
        for check in failed
        for finding in check.findings
        if finding.outcome == "contradicts"
    ]
    if told:
        more = small(f"and {len(told) - 1} more" if told[1:] else "")
        return Markup("{} {}").format(told[0], more)
    if standing.checks and all(c.outcome == "not measured" for c in standing.checks):
        return lines([theme.mark(theme.OUTCOMES["not measured"])])
    look = theme.PROOFS[standing.proof]
    return lines([theme.mark(look, _PROOF_WORDS.get(standing.proof))])


def conditions(case: Case) -> Fragment:
    """Return each condition of "ready with conditions": what, who, until when."""
    rows = []
    for question_id in case.result.conditions:
        standing = case.result.standing(question_id)
        actions = promised(case.assessment, question_id)
        move = move_for(standing, case)
        due = min((a.due for a in actions if a.due), default=None)
        what = "; ".join(a.action for a in actions) or move.do
        owners = ", ".join(case.title(a.owner) for a in actions) or move.role
        rows.append(
            [
                question_link(standing),
                level_range(standing.bounds),
                what,
                owners,
                day(due, "no date agreed"),
            ]
        )
    columns = (
        Column("Condition", "head"),
        Column("Stands"),
        Column("What is to be done", "wide"),
        Column("Role"),
        Column("Date"),
    )
    empty = "The verdict has no conditions."
    return table("Conditions of the verdict", columns, rows, empty=empty)
