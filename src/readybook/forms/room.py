"""Room mode: one question on one projector, a vote each, the reveal, the agreement.

A vote is the person's own answer and goes into that person's file, as if given alone;
what the room agrees on goes into answers/agreed.yaml and the originals stay.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from readybook.case.open import open_assessment
from readybook.edit.answers import AgreedFile, Conflict, Saved, mark_of
from readybook.forms import effect
from readybook.forms.answering import mapping_in, today
from readybook.forms.cards import ANSWERS, REASONS, asked_ids, cards_of
from readybook.forms.people import known_people, privacy
from readybook.forms.saves import Message, Saves, lines_of
from readybook.forms.session import FormSession
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError
from readybook.model.words import role_title
from readybook.score.score import score

__all__ = ["RoomSession"]

#: What a projector may have of a vote that is on file; never note or proof.
_OPEN = ("answer", "date", "reason", "because", "approved_by")


class RoomSession:
    """One room: who is present is the browser's matter; each vote is one save."""

    def __init__(self, folder: Path, bank: Bank, assessment: Assessment) -> None:
        """Begin with an empty room.

        Args:
            folder: of the assessment.
            bank: the questions.
            assessment: as it was opened.
        """
        self.folder = folder
        self.bank = bank
        self.assessment = assessment
        self._form = FormSession(folder, bank, assessment)
        self._agreed = AgreedFile(folder, bank)
        self._saves = Saves()
        self._lock = threading.Lock()

    def handle(self, message: Mapping[str, object]) -> list[Message]:
        """Return the replies to one message; what cannot be done is told, not raised."""
        kinds: dict[object, Callable[[Mapping[str, object]], list[Message]]] = {
            "open": self._open,
            "enter": self._enter,
            "reveal": self._reveal,
            "save": self._agree,
        }
        kind = message.get("kind")
        act = kinds.get(kind)
        if kind == "save" and message.get("part") != "agreed":
            return self._vote(message)
        if act is None:
            return self._form.handle(message)
        with self._lock:
            return act(message)

    def _vote(self, message: Mapping[str, object]) -> list[Message]:
        """Save a vote as its person's own answer, beside what the file has with it."""
        replies = self._form.handle({**message, "vote": True})
        return [{**reply, **_open_part(reply)} for reply in replies]

    def standing(self, who: str) -> list[Message]:
        """Return nothing: the room sees what follows when it asks for the reveal."""
        del who
        return []

    def _open(self, _: Mapping[str, object]) -> list[Message]:
        opened, problems = self._read()
        if opened is None:
            return [{"kind": "refused", "question": "", "problems": problems}]
        return [
            {
                "kind": "room",
                "folder": str(self.folder.resolve()),
                "people": [
                    {"id": p.id, "role": p.role, "title": role_title(self.bank, p.role)}
                    for p in known_people(opened)
                ],
                "privacy": [
                    "Each vote goes into the file of the person who gives it.",
                    f"What you agree on goes into {self._agreed.name}.",
                    *privacy("the file of its own function")[1:],
                ],
                "words": ANSWERS,
                "reasons": REASONS,
                "cards": cards_of(self.bank, ""),
                "asked": asked_ids(self.bank, opened),
                "roles": [{"id": r.id, "title": r.title} for r in self.bank.roles],
                "track": opened.scope.track,
            }
        ]

    def _read(self) -> tuple[Assessment | None, list[str]]:
        try:
            as_of = self.assessment.as_of
            opened = open_assessment(self.folder, bank=self.bank, as_of=as_of)
        except InvalidInputError as error:
            return None, lines_of(error)
        self.assessment = opened
        return opened, []

    def _enter(self, message: Mapping[str, object]) -> list[Message]:
        """Return the marks of the votes of those present, and no vote itself."""
        people = message.get("present")
        names = people if isinstance(people, list) else []
        files: dict[str, Message] = {}
        for at, name in enumerate(map(str, names)):
            # The folder takes a moment to read; once is enough for all of them.
            asked = {"kind": "open", "who": name, "was_read": at > 0}
            for reply in self._form.handle(asked):
                if reply["kind"] != "cards":
                    return [reply]
                files[name] = {"marks": reply["marks"], "file": reply["file"]}
        try:
            agreed = self._agreed.stored()
        except InvalidInputError as error:
            return [{"kind": "refused", "question": "", "problems": lines_of(error)}]
        marks = {question: mark_of(settled) for question, settled in agreed.items()}
        return [{"kind": "entered", "files": files, "agreed": marks}]

    def _reveal(self, message: Mapping[str, object]) -> list[Message]:
        """Return what was hidden for one question, after those present have voted."""
        question = str(message.get("question"))
        opened, problems = self._read()
        if opened is None:
            return [{"kind": "refused", "question": question, "problems": problems}]
        result = score(self.bank, opened)
        about = effect.reveal(result, opened, self.bank, [question], "").get(question)
        try:
            agreed = self._agreed.stored().get(question)
        except InvalidInputError:
            agreed = None
        standing = effect.standing_of(result, "")
        return [
            {
                "kind": "revealed",
                "question": question,
                "about": about,
                "agreed": agreed,
                "mark": mark_of(agreed),
                "headline": standing["headline"],
                "look": standing["look"],
            }
        ]

    def _agree(self, message: Mapping[str, object]) -> list[Message]:
        """Write what the room settled on, unless somebody settled it meanwhile."""
        settled = mapping_in(message)
        if settled is None:
            return []
        whole = {**settled, "date": today().isoformat()}
        question = str(message.get("question"))

        def write(base: str) -> Saved | Conflict:
            return self._agreed.save(question, whole, base=base)

        return self._saves.reply(message, self._agreed.name, write)


def _open_part(reply: Message) -> Message:
    """Return what a reply says of an answer on file, without note and proof."""
    return {
        key: {name: told[name] for name in _OPEN if name in told}
        for key in ("stored", "theirs")
        if isinstance(told := reply.get(key), Mapping)
    }
