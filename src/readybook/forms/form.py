"""The form of one section, or of all: who answers, what is stored, what it leads to.

Every message names who answers, so that two tabs of one kernel may belong to two people.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from readybook.case.open import today
from readybook.edit.answers import FACT, AnswerFile, ScopeFile
from readybook.edit.entries import mark_of
from readybook.forms import effect
from readybook.forms.cards import (
    Person,
    asked_ids,
    cards_of,
    due_on,
    people_message,
    person_of,
    privacy,
    scope_fields,
)
from readybook.forms.session import Message, Received, Session, lines_of, told
from readybook.model.bank import Bank, Section
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError
from readybook.model.words import role_title
from readybook.score.score import score

Stored: TypeAlias = dict[str, dict[str, object]]

#: What a vote in the room leaves as it stands in the person's file.
_BESIDE = ("proof", "note", "private")
#: What belongs to "does not apply", and stays as long as that is the answer.
_WAIVED = ("reason", "because", "approved_by")


class FormSession(Session):
    """One form: what was chosen about the case, and the files of those who answer."""

    def __init__(
        self,
        folder: Path,
        bank: Bank,
        assessment: Assessment,
        *,
        section: Section | Literal[""] = "",
        respondent: str = "",
    ) -> None:
        """Begin with nobody answering; otherwise as `Session`.

        Only a section's questions are asked, unless it is ""; who answers is settled, or
        the browser chooses.
        """
        super().__init__(folder, bank, assessment)
        self.section = section
        self.respondent = respondent
        self._people: dict[str, Person] = {}
        self._files: dict[str, AnswerFile] = {}
        self._scope = ScopeFile(folder, bank)
        self._chosen: Stored = {}
        self.acts = {"open": self._open, "look": self._look, "save": self._save}

    # --- who, and which cards -------------------------------------------------------

    def _open(self, message: Received) -> list[Message]:
        name = self.respondent or str(message.get("who", ""))
        if not message.get("was_read"):
            with contextlib.suppress(InvalidInputError):  # what was read before stays
                self.assessment = self.opened()
        role, case = str(message.get("role", "")), (self.assessment, self.bank)
        who = name and person_of(*case, name, role, settled=bool(self.respondent))
        if isinstance(who, str):
            found = {"problem": who, "found": name}
            folder = str(self.folder.resolve())
            return [
                {"kind": "people", "folder": folder, **people_message(*case), **found}
            ]
        file = AnswerFile(self.folder, who.id, who.role, self.bank)
        self._people[who.id] = who
        self._files.setdefault(who.id, file)
        return [{**self._cards(who), **self._on_file(who)}]

    def _cards(self, who: Person) -> Message:
        return {
            "kind": "cards",
            "folder": str(self.folder.resolve()),
            "who": who.id,
            "role": who.role,
            "title": role_title(self.bank, who.role),
            "file": who.file,
            "fixed": bool(self.respondent),
            "privacy": privacy(who.file),
            "scope": scope_fields(self.bank),
            **cards_of(self.bank, self.section),
        }

    def _on_file(self, who: Person) -> Message:
        """Return what is on file, with the marks that saves will name, and what is due."""
        file = self._files[who.id]
        stored, confirmed = file.stored(), file.confirmed()
        as_of = max(self.assessment.as_of, today())
        due = [
            question.id
            for _, question in self.bank.questions
            if question.id in stored
            and (day := due_on(question, stored[question.id])) is not None
            and day < as_of
        ]
        return {
            "stored": stored,
            "marks": _marks(stored),
            "due": due,
            "confirmed": confirmed,
            "confirmed_marks": _marks(confirmed),
            **self._case(),
        }

    def _case(self) -> Message:
        """Return what the case is now, and so what is asked."""
        with contextlib.suppress(InvalidInputError):  # what was read before stays
            self._chosen = self._scope.stored()
            chosen = {key: str(one["value"]) for key, one in self._chosen.items()}
            facts = {k.removeprefix(FACT): v for k, v in chosen.items() if FACT in k}
            case = {key: chosen[key] for key in ("phase", "track")}
            scope = self.assessment.scope.model_copy(update={**case, "facts": facts})
            self.assessment = self.assessment.model_copy(update={"scope": scope})
        return {
            "chosen": self._chosen,
            "chosen_marks": _marks(self._chosen),
            "track": self.assessment.scope.track,
            "asked": asked_ids(self.bank, self.assessment),
        }

    def _look(self, message: Received) -> list[Message]:
        """Return what the files hold now: somebody else may have changed them."""
        who = self._people.get(str(message.get("who")))
        return [{"kind": "changed", "who": who.id, **self._on_file(who)}] if who else []

    # --- saving ---------------------------------------------------------------------

    def _save(self, message: Received) -> list[Message]:
        """Write one answer, confirmation or scope fact, and acknowledge its counter."""
        who = self._people.get(str(message.get("who")))
        if who is None:
            return []
        file, part, answer = self._files[who.id], message.get("part"), given(message)

        def save(base: str, name: str) -> Message:
            if part == "scope":
                return told(self._scope.save(name, answer, base=base))
            if part == "confirm":
                return told(file.confirm(name, answer, base=base))
            whole = _dated(message, file.stored().get(name))
            return told(file.save(name, whole, base=base))

        is_scope = part == "scope"
        replies = self.save(message, self._scope.name if is_scope else who.file, save)
        if is_scope and any(reply["kind"] == "saved" for reply in replies):
            replies.append({"kind": "case", "who": who.id, **self._case()})
        return replies

    def standing(self, who: str) -> list[Message]:
        """Return verdict, what is revealed and what is asked, for one respondent."""
        if who not in self._people:
            return []
        try:
            opened = self.opened()
        except InvalidInputError as error:
            return [{"kind": "standing", "who": who, "problems": lines_of(error)}]
        result = score(self.bank, opened)
        sheet = opened.sheets.get(who)
        answered = sheet.answers if sheet else {}
        with self._lock:
            self.assessment = opened
        shown = effect.standing_of(result, self.section) if answered else None
        revealed = effect.reveal(result, opened, self.bank, answered, who)
        return [
            {
                "kind": "standing",
                "who": who,
                "problems": [],
                "standing": shown,
                "reveal": revealed,
                "splits": [q for q, about in revealed.items() if about["split"]],
                "asked": asked_ids(self.bank, opened),
                "late": today() > opened.as_of,
            }
        ]


def given(message: Received) -> Mapping[str, object] | None:
    """Return what was typed; None where it is to be removed."""
    answer = message.get("answer")
    return answer if isinstance(answer, Mapping) else None


def _dated(
    message: Received, before: Mapping[str, object] | None
) -> dict[str, object] | None:
    """Return the answer with its date: today's, unless the answer itself is as it was.

    A vote in the room is the answer alone: what the file says beside it stays.
    """
    answer = given(message)
    if answer is None:
        return None
    is_same = before is not None and before.get("answer") == answer["answer"]
    if before is not None and message.get("vote"):
        kept = (*_BESIDE, *(_WAIVED if is_same else ()))
        answer = {**{key: before.get(key) for key in kept}, **answer}
    whole = {"answer": answer["answer"], "date": today().isoformat()}
    if before is not None and is_same and not message.get("redate"):
        whole["date"] = str(before["date"])
    return {**whole, **{key: value for key, value in answer.items() if value}, **whole}


def _marks(stored: Stored) -> dict[str, str]:
    return {name: mark_of(entry) for name, entry in stored.items()}
