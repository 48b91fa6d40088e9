"""What leadership should doubt: claims that measurements contradict, and unknowns."""

from __future__ import annotations

from readybook.model.words import count, level_range
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Column, Fragment, draw_html, table
from readybook.show.leadership.band import measured_cell, question_link, sentence_case
from readybook.show.leadership.decisions import gates_in_state

__all__ = ["contradictions", "unknowns"]

# Both lists stand on the two printed pages that leadership reads.
_UNKNOWNS = 5
_CONTRADICTIONS = 4


def contradictions(case: Case) -> Fragment:
    """Return claims that a measurement contradicts, with both values.

    Gates that fail or are undecided are told above it, among what stops the case. Of
    the others the first four: this part is read on two pages. The chapters have all.
    """
    stopping = {"failed", "undecided"}
    all_of_them = [s for s in case.result.standings if s.contradicted and s.claim]
    contradicted = [s for s in all_of_them if s.gate_state not in stopping]
    rows = [
        [
            question_link(s),
            sentence_case(level_range(s.claim)),
            measured_cell(s),
            sentence_case(level_range(s.bounds)),
        ]
        for s in contradicted[:_CONTRADICTIONS]
    ]
    columns = (
        Column("Question", "head"),
        Column("Said"),
        Column("Measured", "wide"),
        Column("So it stands"),
    )
    empty = "No measurement contradicts what people said."
    if len(all_of_them) > len(contradicted):
        empty = "None besides the gates above."
    more = len(contradicted) - len(rows)
    note = f"{count(more, 'other claim')} in the chapters." if more > 0 else ""
    return table("Said against measured", columns, rows, empty=empty, note=note)


def unknowns(case: Case) -> Fragment:
    """Return the first five facts that would settle the verdict, and who has them.

    Where nothing that is open could change the verdict, it says so and lists the gates
    that are undecided all the same.
    """
    result = case.result
    facts = result.settle[:_UNKNOWNS]
    open_gates = gates_in_state(result, "undecided")
    settled = result.verdict.lower == result.verdict.upper
    html = draw_html(
        "unknowns.html.j2",
        facts=facts,
        more=len(result.settle) - len(facts),
        gates=[question_link(s) for s in open_gates],
        settled=settled,
        known={s.question.id for s in result.standings},
    )
    if facts:
        text = "; ".join(f"{f.title}: {f.missing} of {f.role}" for f in facts)
    else:
        text = "No open fact could change the verdict."
    return Fragment(html, text)
