"""Who can answer: respondents that are known, roles to choose from, who sees what."""

from __future__ import annotations

import re
from dataclasses import dataclass

from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.words import count, role_title

__all__ = [
    "Person",
    "find_person",
    "known_people",
    "new_person",
    "people_message",
    "privacy",
]

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_AGREED = "agreed"  #: the room's file, which is no person's


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


def find_person(assessment: Assessment, name: str) -> Person | None:
    """Return the known respondent with this name."""
    return next((p for p in known_people(assessment) if p.id == name), None)


def new_person(
    assessment: Assessment, bank: Bank, name: str, role: str
) -> Person | str:
    """Return a respondent who was not known yet, or why that cannot be, in words."""
    known = find_person(assessment, name)
    if known is not None:
        if role in {"", known.role}:
            return known
        title = role_title(bank, known.role)
        return (
            f"'{name}' found as {title} in {known.file}, expected a name that is free; "
            f"do: choose '{name}' from the list, or another name, such as '{role}'."
        )
    if not _ID.fullmatch(name) or name == _AGREED:
        return (
            f"name: found '{name}', expected small letters, digits and hyphens (and "
            f"not '{_AGREED}', the room's file); do: name the function, such as "
            "'data-engineer', never the person."
        )
    if role not in {known.id for known in bank.roles}:
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
                "says": _says(person),
            }
            for person in known_people(assessment)
        ],
        "roles": [
            {"id": role.id, "title": role.title, "does": role.does}
            for role in bank.roles
        ],
        "privacy": privacy("answers/…", files_of="your function"),
    }


def _says(person: Person) -> str:
    given = f"{count(person.answers, 'answer')} on file"
    return given if person.holds else f"{given}; not in stakeholders.yaml"


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
