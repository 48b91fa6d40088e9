"""What a chapter leaves out: questions switched off by the bank, and retired ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from readybook.model.bank import Bank, ExtendedBank, Question, Section
from readybook.model.words import answer_word, day, sentence
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, draw_html

__all__ = ["gates_of_own", "left_out"]


@dataclass(frozen=True)
class _Row:
    question: Question
    why: str
    kept: tuple[str, ...]  #: answers from before, in words; roles, never persons


def left_out(case: Case, section: Section) -> Fragment:
    """Return the questions of a section that are in the bank and not asked, and why.

    A retired question is shown only where somebody answered it; one that the bank
    switches off is shown in any case, with the reason.
    """
    rows = list(_rows(case, section))
    html = draw_html("leftout.html.j2", rows=rows)
    text = "\n".join(f"{r.question.id} {r.question.title}: {r.why}" for r in rows)
    return Fragment(html, text)


def gates_of_own(bank: Bank) -> str:
    """Return in words which gates a bank of one's own touches; "" where none."""
    if not isinstance(bank, ExtendedBank):
        return ""
    gates = {
        question.id
        for questions in bank.sections.values()
        for question in questions
        if question.gate
    }
    told = {
        "switched off": [id_ for id_ in bank.switched_off if id_ in gates],
        "changed": [id_ for id_, keys in bank.changed.items() if "gate" in keys],
        "added": [id_ for id_ in bank.added if id_ in gates],
    }
    return "; ".join(f"{word}: {', '.join(ids)}" for word, ids in told.items() if ids)


def _rows(case: Case, section: Section) -> Iterator[_Row]:
    bank = case.bank
    off = bank.switched_off if isinstance(bank, ExtendedBank) else {}
    for question in bank.sections.get(section, ()):
        kept = tuple(_kept(question, case))
        if question.id in off:
            what = "gate, switched off" if question.gate else "switched off"
            yield _Row(question, sentence(f"{what}: {off[question.id]}"), kept)
        elif question.retired is not None and kept:
            yield _Row(question, sentence(f"retired {question.retired}"), kept)


def _kept(question: Question, case: Case) -> Iterator[str]:
    assessment = case.assessment
    for _, sheet in sorted(assessment.sheets.items()):
        answer = sheet.answers.get(question.id)
        if answer:
            role = case.title(sheet.role)
            yield f"{role}, {answer_word(answer.answer)}, {day(answer.date)}"
    settled = assessment.agreed.settled.get(question.id)
    if settled:
        yield f"the room, {answer_word(settled.answer)}, {day(settled.date)}"
