"""What stands there before answering: cards, who can answer, and who sees what.

A card says nothing about what was measured or answered; that is in `effect`, and is
sent for a question once its person has answered it.
"""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from readybook.edit.answers import FACT
from readybook.model.bank import LEVEL_WORDS, SECTION_TITLES, Bank, Question, Section
from readybook.model.case import Assessment
from readybook.model.words import count, proof_asked, role_title
from readybook.score.score import is_asked

#: The two answers that are no level, as the report words them.
_ANSWERS = {"unknown": "we don't know", "does-not-apply": "does not apply"}
_REASONS = {
    "out-of-scope": "Out of scope",
    "business-priority": "A priority of the business",
    "architecture-constraint": "The architecture rules it out",
    "other": "Another reason",
}
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_AGREED = "agreed"  #: the room's file, which is no person's
#: Keys of a question that a card shows as they are.
_SHOWN = {"id", "title", "text", "why", "authority"}
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


def cards_of(bank: Bank, section: Section | Literal[""]) -> dict[str, object]:
    """Return the cards of a section, or of all where it is "", and their words."""
    waivable = {one.id for one in bank.answer_sets if one.does_not_apply}
    return {
        "words": _ANSWERS,
        "reasons": _REASONS,
        "roles": [one.model_dump(include={"id", "title"}) for one in bank.roles],
        "cards": [
            {
                **question.model_dump(include=_SHOWN),
                "section": asked_in,
                "section_title": SECTION_TITLES[asked_in],
                "levels": [
                    {"word": word, "text": text}
                    for word, text in zip(LEVEL_WORDS, question.levels, strict=True)
                ],
                "waivable": question.answers in waivable,
                "gate": question.gate is not None,
                "starter": question.is_starter,
                "asks": role_title(bank, question.authority),
                "proof": proof_asked(question, bank),
            }
            for asked_in, question in bank.questions
            if section in {"", asked_in}
        ],
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
    proof, kept = stored.get("proof"), question.shelf_life_days
    dates = [stored.get("date")]
    if isinstance(proof, Mapping):
        own = proof.get("shelf_life_days")
        kept = own if isinstance(own, int) else kept
        dates.append(proof.get("date"))
    known = [dt.date.fromisoformat(str(date)) for date in dates if date]
    return min(known) + dt.timedelta(days=kept) if known else None


@dataclass(frozen=True)
class Person:
    """Somebody who answers, named after the function: the stem of the answer file."""

    id: str
    role: str
    holds: bool  #: True: stakeholders.yaml says that this person holds the role
    answers: int  #: how many answers the file had when the folder was opened

    @property
    def file(self) -> str:
        """Return the name of the answer file, relative to the folder."""
        return f"answers/{self.id}.yaml"


def known_people(assessment: Assessment) -> list[Person]:
    """Return who holds a role or has a file, in the order of stakeholders.yaml."""
    people: dict[str, Person] = {}
    holders = assessment.stakeholders.roles
    for holder in holders:
        for name in holder.holders:
            sheet = assessment.sheets.get(name)
            role = sheet.role if sheet else holder.role
            answers = len(sheet.answers) if sheet else 0
            people.setdefault(name, Person(name, role, holds=True, answers=answers))
    for name, sheet in sorted(assessment.sheets.items()):
        person = Person(name, sheet.role, holds=False, answers=len(sheet.answers))
        people.setdefault(name, person)
    return list(people.values())


def person_of(
    assessment: Assessment, bank: Bank, name: str, role: str, *, settled: bool
) -> Person | str:
    """Return who answers, known or new, or why that cannot be, in words.

    The role is that of somebody new; "" for one who is known, or is named after it. It
    is settled where the notebook says who answers, and not the browser.
    """
    known = next((one for one in known_people(assessment) if one.id == name), None)
    if known and role in {"", known.role}:
        return known
    if known:
        title = role_title(bank, known.role)
        return (
            f"'{name}' found as {title} in {known.file}, expected a name that is free; "
            f"do: choose '{name}' from the list, or another name, such as '{role}'."
        )
    if not (role or settled):
        return f"'{name}' is not known here any more; choose who is answering."
    if not _ID.fullmatch(name) or name == _AGREED:
        return (
            f"name: found '{name}', expected small letters, digits and hyphens (and "
            f"not '{_AGREED}', the room's file); do: name the function, such as "
            "'data-engineer', never the person."
        )
    role = role or name
    if role not in {one.id for one in bank.roles}:
        return (
            f"role: found '{role}', expected a role of the question bank; "
            "do: choose the role that you answer for."
        )
    return Person(name, role, holds=False, answers=0)


def people_message(assessment: Assessment, bank: Bank) -> dict[str, object]:
    """Return what the chooser shows: respondents, and roles for somebody new."""
    return {
        "people": [
            {
                "id": person.id,
                "role": person.role,
                "title": role_title(bank, person.role),
                "says": f"{count(person.answers, 'answer')} on file"
                + ("" if person.holds else "; not in stakeholders.yaml"),
            }
            for person in known_people(assessment)
        ],
        "roles": [
            one.model_dump(include={"id", "title", "does"}) for one in bank.roles
        ],
        "holders": {
            one.role: sorted(one.people) for one in assessment.stakeholders.roles
        },
        "privacy": privacy("answers/…", files_of="your function"),
    }


def privacy(file: str, *, files_of: str = "") -> list[str]:
    """Return who will see what, said before the first answer is given."""
    named = f"{file} ({files_of})" if files_of else file
    return [
        f"Your answers go into {named}. Whoever can open this folder can read them.",
        "The report for leadership shows your role and answer, never your file or notes.",
        "The report for the team also names your file and shows your notes.",
        "A private note enters no report; it stands in the file alone.",
        "Until something is saved, a copy of it stays in this browser.",
    ]
