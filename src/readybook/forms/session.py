"""The form's protocol: JSON messages of a browser in, JSON messages to it out.

No widget here. Every message names who answers, so that two tabs of one kernel may
belong to two people. ipykernel delivers messages on more than one thread; one lock
lets them through one at a time.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from readybook.case.open import open_assessment
from readybook.edit.answers import AnswerFile, Conflict, Saved, mark_of
from readybook.edit.scope import ScopeFile
from readybook.forms import effect
from readybook.forms.answering import dated, mapping_in, today
from readybook.forms.cards import ANSWERS, REASONS, asked_ids, cards_of, due_on
from readybook.forms.people import (
    Person,
    find_person,
    new_person,
    people_message,
    privacy,
)
from readybook.forms.saves import Message, Saves, lines_of
from readybook.forms.scoping import scope_fields, with_scope
from readybook.model.bank import Bank, Section
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError
from readybook.model.words import role_title
from readybook.score.score import score

__all__ = ["FormSession", "Message", "Stored", "today"]

Stored: TypeAlias = dict[str, dict[str, object]]


class FormSession:
    """One form of one folder: who may answer, what is stored, what it leads to."""

    def __init__(
        self,
        folder: Path,
        bank: Bank,
        assessment: Assessment,
        *,
        section: Section | Literal[""] = "",
        respondent: str = "",
    ) -> None:
        """Begin with nobody answering.

        Args:
            folder: of the assessment.
            bank: the questions.
            assessment: as it was opened.
            section: whose questions are asked; "" for all.
            respondent: who answers, if that is settled; "" lets the browser choose.
        """
        self.folder = folder
        self.bank = bank
        self.assessment = assessment
        self.section = section
        self.respondent = respondent
        self._people: dict[str, Person] = {}
        self._files: dict[str, AnswerFile] = {}
        self._scope = ScopeFile(folder, bank)
        self._chosen: Stored = {}
        self._saves = Saves()
        self._lock = threading.Lock()

    def handle(self, message: Mapping[str, object]) -> list[Message]:
        """Return the replies to one message; what cannot be done is told, not raised."""
        kinds: dict[object, Callable[[Mapping[str, object]], list[Message]]] = {
            "ping": lambda asked: [{"kind": "pong", "n": asked.get("n")}],
            "open": self._open,
            "look": self._look,
            "save": self._save,
        }
        act = kinds.get(message.get("kind"))
        if act is None:
            return []
        with self._lock:
            return act(message)

    # --- who, and which cards -------------------------------------------------------

    def _open(self, message: Mapping[str, object]) -> list[Message]:
        name = self.respondent or str(message.get("who", ""))
        if not message.get("was_read"):
            self._reopen()
        who = self._person(name, str(message.get("role", ""))) if name else ""
        if isinstance(who, str):
            shown = people_message(self.assessment, self.bank)
            return [{"kind": "people", **shown, "problem": who, "found": name}]
        self._people[who.id] = who
        return self._read(who, lambda told: self._cards(who, told))

    def _read(self, who: Person, tell: Callable[[Message], Message]) -> list[Message]:
        """Return what is told with all that the files hold now, or why not."""
        try:
            return [tell(self._told(who))]
        except InvalidInputError as error:
            return [{"kind": "refused", "question": "", "problems": lines_of(error)}]

    def _person(self, name: str, role: str) -> Person | str:
        known = find_person(self.assessment, name)
        if known is not None and role in {"", known.role}:
            return known
        if not role and not self.respondent:
            return f"'{name}' is not known here any more; choose who is answering."
        return new_person(self.assessment, self.bank, name, role or name)

    def _cards(self, who: Person, told: Message) -> Message:
        return {
            "kind": "cards",
            "folder": str(self.folder.resolve()),
            "who": who.id,
            "role": who.role,
            "title": role_title(self.bank, who.role),
            "file": who.file,
            "fixed": bool(self.respondent),
            "privacy": privacy(who.file),
            "roles": [{"id": r.id, "title": r.title} for r in self.bank.roles],
            "reasons": REASONS,
            "words": ANSWERS,
            "cards": cards_of(self.bank, self.section),
            "scope": scope_fields(self.bank),
            **told,
        }

    def _told(self, who: Person) -> Message:
        """Return what is on file, with the marks that saves will name, and what is due."""
        file = self._file(who)
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
            self.assessment = with_scope(self.assessment, self._chosen)
        return {
            "chosen": self._chosen,
            "chosen_marks": _marks(self._chosen),
            "track": self.assessment.scope.track,
            "asked": asked_ids(self.bank, self.assessment),
        }

    def _look(self, message: Mapping[str, object]) -> list[Message]:
        """Return what the files hold now: somebody else may have changed them."""
        who = self._people.get(str(message.get("who")))
        if who is None:
            return []
        changed: Message = {"kind": "changed", "who": who.id}
        return self._read(who, lambda told: {**changed, **told})

    def _file(self, who: Person) -> AnswerFile:
        if who.id not in self._files:
            file = AnswerFile(self.folder, who.id, who.role, self.bank)
            self._files[who.id] = file
        return self._files[who.id]

    # --- saving ---------------------------------------------------------------------

    def _save(self, message: Mapping[str, object]) -> list[Message]:
        """Write one answer, confirmation or scope fact, and acknowledge its counter."""
        who = self._people.get(str(message.get("who")))
        if who is None:
            return []
        question = str(message.get("question"))
        if message.get("part") == "scope":
            write = partial(self._choose, question, mapping_in(message))
            replies = self._saves.reply(message, self._scope.name, write)
            if any(reply["kind"] == "saved" for reply in replies):
                replies.append({"kind": "case", "who": who.id, **self._case()})
            return replies
        act = self._confirm if message.get("part") == "confirm" else self._answer
        return self._saves.reply(message, who.file, partial(act, who, message))

    def _answer(
        self, who: Person, message: Mapping[str, object], base: str
    ) -> Saved | Conflict:
        file, question = self._file(who), str(message.get("question"))
        answer = dated(message, file.stored().get(question))
        return file.save(question, answer, base=base)

    def _confirm(
        self, who: Person, message: Mapping[str, object], base: str
    ) -> Saved | Conflict:
        """Write that this person saw another role's document, or take that back."""
        given = mapping_in(message)
        level = given.get("level") if given else None
        return self._file(who).confirm(
            str(message.get("question")),
            level if isinstance(level, int) else None,
            str(given.get("saw", "")) if given else "",
            str(given.get("date") or today().isoformat()) if given else None,
            base=base,
        )

    def _choose(
        self, key: str, choice: Mapping[str, object] | None, base: str
    ) -> Saved | Conflict:
        return self._scope.save(key, choice, base=base)

    # --- what it leads to -----------------------------------------------------------

    def _reopen(self) -> None:
        """Read the folder again; where it is not valid, what was read before stays."""
        as_of = self.assessment.as_of
        with contextlib.suppress(InvalidInputError):
            self.assessment = open_assessment(self.folder, bank=self.bank, as_of=as_of)

    def standing(self, who: str) -> list[Message]:
        """Return what follows from everything saved so far, for one respondent.

        It reads the whole folder, so it is called beside the saving, not in its way.
        """
        person = self._people.get(who)
        if person is None:
            return []
        try:
            as_of = self.assessment.as_of
            opened = open_assessment(self.folder, bank=self.bank, as_of=as_of)
        except InvalidInputError as error:
            return [{"kind": "standing", "who": who, "problems": lines_of(error)}]
        result = score(self.bank, opened)
        sheet = opened.sheets.get(who)
        answered = sheet.answers if sheet else {}
        with self._lock:
            self.assessment = opened
        shown = effect.standing_of(result, self.section) if answered else None
        revealed = effect.reveal(result, opened, self.bank, answered, who)
        splits = [q for q, about in revealed.items() if about["split"]]
        return [
            {
                "kind": "standing",
                "who": who,
                "problems": [],
                "standing": shown,
                "reveal": revealed,
                "splits": splits,
                "asked": asked_ids(self.bank, opened),
                "late": today() > opened.as_of,
            }
        ]


def _marks(stored: Stored) -> dict[str, str]:
    return {name: mark_of(entry) for name, entry in stored.items()}
