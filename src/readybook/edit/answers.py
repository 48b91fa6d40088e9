"""What the form saves: one person's answers, what the room agreed, what the case is."""

import re
from collections.abc import Mapping
from pathlib import Path

from readybook.case.cross_check import AGREED
from readybook.case.open import today
from readybook.edit.entries import Conflict, Entries, Entry, Saved, Section, in_order
from readybook.edit.file import Data, EditableFile
from readybook.model.bank import Bank
from readybook.model.case import Answer, Confirmation, Scope, Settled
from readybook.model.errors import InvalidInputError

FACT = "facts."  #: before the name of a scope fact, where it stands beside other keys
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_KEYS = ("phase", "track")
_USUAL = {"track": "starter"}  #: where assessment.yaml says nothing


class AnswerFile(Section):
    """answers/<respondent>.yaml: read and written by the form, and by people."""

    def __init__(self, folder: Path, respondent: str, role: str, bank: Bank) -> None:
        """Touch nothing yet: the file is made with the first answer.

        Raises:
            InvalidInputError: no file of answers can have the respondent's name.
        """
        self.name = f"answers/{respondent}.yaml"
        if self.name == AGREED or not _ID.fullmatch(respondent):
            expected = "a name of small letters, digits and hyphens (at most 60)"
            if self.name == AGREED:
                expected = "a name of its own: agreed.yaml holds what the room settled"
            do = "name the file after the function, such as data-owner"
            found = f"the name '{respondent}'"
            raise InvalidInputError.of(self.name, found, expected, do)
        file = EditableFile(folder, self.name, bank, role=role)
        super().__init__(file, "answers", Answer, bank)
        self._confirms = Section(file, "confirms", Confirmation, bank)

    def confirmed(self) -> dict[str, dict[str, object]]:
        """Return each confirmation of the file by question, as JSON."""
        return self._confirms.stored()

    def revised(self, old: Entry | None, new: Entry | None) -> Entry | None:
        """Return an answer with what was said first, which is kept while it differs."""
        if new is None:
            return None
        first = old.get("first", old["answer"]) if old else new.get("answer")
        kept = {"first": first} if first != new.get("answer") else {}
        return {key: value for key, value in new.items() if key != "first"} | kept

    def confirm(
        self, question: str, seen: Mapping[str, object] | None, *, base: str
    ) -> Saved | Conflict:
        """Save that a document of another role was seen, and which level it shows.

        Without a level it is taken back; without a day it was today. Otherwise as an
        answer.
        """
        given = {k: v for k, v in (seen or {}).items() if v not in ("", None)}
        is_seen = isinstance(given.get("level"), int)
        new = {"date": today().isoformat(), **given} if is_seen else None
        return self._confirms.save(question, new, base=base)


def agreed_file(folder: Path, bank: Bank) -> Section:
    """Return answers/agreed.yaml: what counts before single answers, which stay."""
    return Section(EditableFile(folder, AGREED, bank), "settled", Settled, bank)


class ScopeFile(Entries):
    """assessment.yaml: what decides which questions are asked, and the level needed."""

    name = "assessment.yaml"

    def __init__(self, folder: Path, bank: Bank) -> None:
        """Touch nothing yet."""
        super().__init__(EditableFile(folder, self.name, bank))

    def save(
        self, key: str, choice: Mapping[str, object] | None, *, base: str
    ) -> Saved | Conflict:
        """Save one choice; everything else in the file stays as it is.

        Args:
            key: "phase", "track", or a scope fact as "facts.stakes".
            choice: its `value`; None or an empty one undeclares a fact.
            base: mark of what the caller last knew of this choice.

        Raises:
            InvalidInputError: as by `Entries.change`.
        """
        if key not in _KEYS and not key.startswith(FACT):
            expected = "phase, track, or a scope fact such as facts.stakes"
            found, do = f"the key '{key}'", "choose one of them"
            raise InvalidInputError.of(self.name, found, expected, do)
        value = (choice or {}).get("value")
        return self.change(key, lambda _: {"value": value} if value else None, base)

    def held(self, data: Data) -> dict[str, Entry]:
        """Return phase, track and each declared fact, as what is chosen."""
        chosen = {key: data.get(key, _USUAL.get(key)) for key in _KEYS}
        facts = data.get("facts") or {}
        chosen |= {f"{FACT}{fact}": value for fact, value in facts.items()}
        return {key: {"value": value} for key, value in chosen.items() if value}

    def placed(self, data: Data, name: str, new: Entry | None) -> Data:
        """Return the data with one choice; without facts where none is declared."""
        value, whole = new and new["value"], dict(data)
        if name in _KEYS:
            whole[name] = value
        else:
            facts = {**(data.get("facts") or {}), name.removeprefix(FACT): value}
            whole["facts"] = {fact: value for fact, value in facts.items() if value}
        kept = {key: held for key, held in whole.items() if held not in ({}, None)}
        return in_order(kept, list(Scope.model_fields))
