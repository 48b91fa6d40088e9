"""The answers file of one person, saved one question at a time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from readybook.bank.read import bank_ref
from readybook.case.cross_check import Documents, check_documents
from readybook.edit.entries import Entries
from readybook.edit.layout import block_lines
from readybook.edit.outcomes import Conflict, Saved
from readybook.edit.plaindata import to_page
from readybook.edit.roundtrip import RoundTrip
from readybook.model.bank import Bank
from readybook.model.case import Answer, AnswerSheet, Confirmation
from readybook.model.errors import InvalidInputError, Problem
from readybook.text.documents import Loaded, packaged

__all__ = ["AnswerFile", "new_sheet"]

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_AGREED = "agreed"  #: the file of the room is nobody's own


class AnswerFile:
    """answers/<respondent>.yaml: read and written by the form, and by people."""

    def __init__(self, folder: Path, respondent: str, role: str, bank: Bank) -> None:
        """Touch nothing yet: the file is made with the first answer.

        Args:
            folder: of the assessment.
            respondent: name of the file without .yaml.
            role: whose answers these are.
            bank: the questions that are answered.

        Raises:
            InvalidInputError: no file of answers can have this name.
        """
        self.name = f"answers/{respondent}.yaml"
        if respondent == _AGREED or not _ID.fullmatch(respondent):
            raise _no_name(self.name, respondent)
        self._role = role
        self._file = RoundTrip(
            folder,
            self.name,
            AnswerSheet,
            judge=partial(_judge, folder, respondent, role, bank),
            start=partial(new_sheet, "answers", bank, {"role": role}, "answers"),
        )
        self._answers = Entries(self._file, "answers", Answer, bank)
        self._confirms = Entries(self._file, "confirms", Confirmation, bank)

    def stored(self) -> dict[str, dict[str, object]]:
        """Return each answer of the file by question, as JSON; none if no file.

        Raises:
            InvalidInputError: the file is refused; nothing was changed.
        """
        return self._answers.stored()

    def confirmed(self) -> dict[str, dict[str, object]]:
        """Return each confirmation of the file by question, as JSON."""
        return self._confirms.stored()

    def save(
        self,
        question: str,
        answer: Mapping[str, object] | None,
        *,
        base: str,
        revises: bool = True,
    ) -> Saved | Conflict:
        """Save one answer; those to other questions stay as they are in the file.

        Args:
            question: its id.
            answer: keys as the file has them; None removes it. `first` is set here.
            base: mark of what the caller last knew of this question.
            revises: False: the person is still choosing, and what was saved a moment
                ago is no earlier answer.

        Raises:
            InvalidInputError: the file, or what it would become, is refused, or it
                cannot be written; it is as it was.
        """
        keep = partial(_with_first, revises=revises)
        return self._answers.save(question, answer, base=base, complete=keep)

    def confirm(
        self,
        question: str,
        level: int | None,
        saw: str = "",
        date: dt.date | str | None = None,
        *,
        base: str | None = None,
    ) -> Saved | Conflict:
        """Save that a document of another role was seen, and which level it shows.

        Args:
            question: its id.
            level: None: the confirmation is taken back.
            saw: which document.
            date: when; None: today.
            base: mark of what the caller last knew; None: whatever stands there.

        Raises:
            InvalidInputError: as by `save`.
        """
        day = date or dt.datetime.now(dt.UTC).astimezone().date()
        entry = {"level": level, "saw": saw, "date": to_page(day)}
        new = None if level is None else entry
        return self._confirms.save(question, new, base=base)


def _with_first(
    old: Mapping[str, object] | None, new: dict[str, object], *, revises: bool
) -> None:
    """Keep what was answered first, as long as it differs from what is said now."""
    new.pop("first", None)
    if old is None:
        return
    first = old.get("first", old["answer"] if revises else new.get("answer"))
    if first != new.get("answer"):
        new["first"] = first


def new_sheet(template: str, bank: Bank, keys: Mapping[str, object], last: str) -> str:
    """Return the text of a new file of answers.

    Args:
        template: name of the file in the templates that has its head.
        bank: the questions that are answered.
        keys: of the file, before the bank.
        last: the key that holds the answers.
    """
    head = packaged("templates") / "answers" / f"{template}.yaml"
    ref = bank_ref(bank).model_dump(exclude_none=True)
    lines = [*block_lines({**keys, "bank": ref}, 0), "", f"{last}: {{}}"]
    return head.read_text(encoding="utf-8") + "\n".join(lines) + "\n"


def _judge(
    folder: Path, respondent: str, role: str, bank: Bank, file: Loaded[AnswerSheet]
) -> list[Problem]:
    problems = check_documents(Documents(sheets={respondent: file}), bank, folder)
    if file.model.role != role:
        found, line = f"the role '{file.model.role}'", file.line("role")
        do = f"answer as '{file.model.role}', or in a file of another name"
        problems.append(Problem(file.name, line, "role", found, f"'{role}'", do))
    return problems


def _no_name(name: str, respondent: str) -> InvalidInputError:
    found = f"the name '{respondent}'"
    expected = "a name of small letters, digits and hyphens (at most 60)"
    do = "name the file after the function, such as data-owner"
    if respondent == _AGREED:
        expected = "a name of its own: agreed.yaml holds what the room settled"
    return InvalidInputError([Problem(name, 0, "", found, expected, do)])
