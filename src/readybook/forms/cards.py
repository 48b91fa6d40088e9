"""What stands there to be read before answering, and nothing that anchors.

A card says nothing about what was measured or answered; that is in `effect`, and is
sent for a question once its person has answered it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from readybook.edit.answers import FACT
from readybook.model.bank import LEVEL_WORDS, SECTION_TITLES, Bank, Question, Section
from readybook.model.case import Assessment
from readybook.model.words import role_title
from readybook.score.score import is_asked

__all__ = ["ANSWERS", "REASONS", "asked_ids", "cards_of", "due_on", "scope_fields"]

#: The two answers that are no level, as the report words them.
ANSWERS = {"unknown": "we don't know", "does-not-apply": "does not apply"}
REASONS = {
    "out-of-scope": "Out of scope",
    "business-priority": "A priority of the business",
    "architecture-constraint": "The architecture rules it out",
    "other": "Another reason",
}
#: What is chosen about the case, beside the scope facts: what it asks, and its values.
_CHOICES: dict[str, tuple[str, dict[str, str]]] = {
    "phase": (
        "What is it to be ready for?",
        {
            "prototype": "A trial with real data; nobody relies on it.",
            "pilot": "Some people use it, watched closely.",
            "production": "It runs, and others rely on it.",
        },
    ),
    "track": (
        "Which questions does the team answer?",
        {
            "starter": "Gates and key questions: enough for a workshop.",
            "full": "Every question.",
        },
    ),
}


def cards_of(bank: Bank, section: Section | Literal[""]) -> list[dict[str, object]]:
    """Return the cards of a section, or of all where it is ""; JSON can hold them."""
    return [
        _card(question, asked_in, bank)
        for asked_in, question in bank.questions
        if section in {"", asked_in}
    ]


def _card(question: Question, section: Section, bank: Bank) -> dict[str, object]:
    waivable = {one.id for one in bank.answer_sets if one.does_not_apply}
    return {
        "id": question.id,
        "section": section,
        "section_title": SECTION_TITLES[section],
        "title": question.title,
        "text": question.text,
        "why": question.why,
        "proof": question.proof,
        "levels": [
            {"word": word, "text": text}
            for word, text in zip(LEVEL_WORDS, question.levels, strict=True)
        ],
        "waivable": question.answers in waivable,
        "gate": question.gate is not None,
        "starter": question.is_starter,
        "authority": question.authority,
        "asks": role_title(bank, question.authority),
    }


def scope_fields(bank: Bank) -> list[dict[str, object]]:
    """Return what can be chosen about the case, with the words of each choice."""
    facts = {
        f"{FACT}{fact.id}": (fact.text, {one.id: one.text for one in fact.values})
        for fact in bank.facts
    }
    return [
        {
            "key": key,
            "text": text,
            "required": key in _CHOICES,
            "values": [{"id": name, "text": words} for name, words in values.items()],
        }
        for key, (text, values) in {**_CHOICES, **facts}.items()
    ]


def asked_ids(bank: Bank, assessment: Assessment) -> list[str]:
    """Return the questions that the declared scope facts let apply."""
    return [q.id for _, q in bank.questions if is_asked(q, assessment)]


def due_on(question: Question, stored: Mapping[str, object]) -> dt.date | None:
    """Return the day from which a stored answer, or its proof, is due again."""
    proof = stored.get("proof")
    kept = question.shelf_life_days
    dates = [_date(stored.get("date"))]
    if isinstance(proof, Mapping):
        own = proof.get("shelf_life_days")
        kept = own if isinstance(own, int) else kept
        dates.append(_date(proof.get("date")))
    known = [date for date in dates if date is not None]
    return min(known) + dt.timedelta(days=kept) if known else None


def _date(value: object) -> dt.date | None:
    if isinstance(value, dt.date):
        return value
    return dt.date.fromisoformat(value) if isinstance(value, str) else None
