"""Room mode: one question on one projector, a vote each, the reveal, the agreement.

A vote is the person's own answer and goes into that person's file, as if given alone;
what the room agrees on goes into answers/agreed.yaml and the originals stay.
"""

from collections.abc import Mapping
from pathlib import Path

from readybook.case.cross_check import AGREED
from readybook.case.open import today
from readybook.edit.answers import agreed_file
from readybook.edit.entries import mark_of
from readybook.forms import effect
from readybook.forms.cards import asked_ids, cards_of, known_people, privacy
from readybook.forms.form import FormSession, given
from readybook.forms.session import Message, Received, Session, told
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.words import role_title
from readybook.score.agenda import agenda
from readybook.score.score import score

#: What a projector may have of a vote that is on file; never note or proof.
_OPEN = ("answer", "date", "reason", "because", "approved_by")


class RoomSession(Session):
    """One room: who is present is the browser's matter; each vote is one save.

    What follows from all votes it sees when it asks for the reveal.
    """

    def __init__(self, folder: Path, bank: Bank, assessment: Assessment) -> None:
        """Begin with an empty room; otherwise as `Session`."""
        super().__init__(folder, bank, assessment)
        self._form = FormSession(folder, bank, assessment)
        self._agreed = agreed_file(folder, bank)
        self.acts = {"open": self._open, "enter": self._enter, "reveal": self._reveal,
                     "save": self._save}  # fmt: skip

    def _open(self, _: Received) -> list[Message]:
        self.assessment = self.opened()
        return [
            {
                "kind": "room",
                "folder": str(self.folder.resolve()),
                "people": [
                    {"id": p.id, "role": p.role, "title": role_title(self.bank, p.role)}
                    for p in known_people(self.assessment)
                ],
                "privacy": [
                    "Each vote goes into the file of the person who gives it.",
                    f"What you agree on goes into {AGREED}.",
                    *privacy("the file of its own function")[1:],
                ],
                "asked": asked_ids(self.bank, self.assessment),
                "track": self.assessment.scope.track,
                **cards_of(self.bank, ""),
            }
        ]

    def _enter(self, message: Received) -> list[Message]:
        """Return the marks of the votes of those present, and no vote itself."""
        people = message.get("present")
        names = people if isinstance(people, list) else []
        files: dict[str, Message] = {}
        self._form.register = self.register
        for at, name in enumerate(map(str, names)):
            # The folder takes a moment to read; once is enough for all of them.
            asked = {"kind": "open", "who": name, "was_read": at > 0}
            for reply in self._form.handle(asked):
                if reply["kind"] != "cards":
                    return [reply]
                files[name] = {"marks": reply["marks"], "file": reply["file"]}
        agreed = self._agreed.stored().items()
        marks = {question: mark_of(settled) for question, settled in agreed}
        self.assessment = self._form.assessment if files else self.assessment
        first = agenda(score(self.bank, self.assessment), self.bank)
        return [
            {
                "kind": "entered",
                "files": files,
                "agreed": marks,
                # what settles most first, each with the minutes that it may take
                "agenda": [{"id": one.id, "minutes": one.minutes} for one in first],
            }
        ]

    def _reveal(self, message: Received) -> list[Message]:
        """Return what was hidden for one question, after those present have voted."""
        question = str(message.get("question"))
        self.assessment = opened = self.opened()
        agreed = self._agreed.stored().get(question)
        result = score(self.bank, opened)
        about = effect.reveal(result, opened, self.bank, [question], "").get(question)
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

    def _save(self, message: Received) -> list[Message]:
        """Write a vote, or what the room settled, unless somebody did so meanwhile."""
        if message.get("part") != "agreed":
            replies = self._form.handle({**message, "vote": True})
            return [{**reply, **_open_part(reply)} for reply in replies]
        settled = given(message)
        if settled is None:
            return []
        whole = {**settled, "date": today().isoformat()}

        def write(base: str, question: str) -> Message:
            return told(self._agreed.save(question, whole, base=base))

        return self.save(message, AGREED, write)


def _open_part(reply: Message) -> Message:
    """Return what a reply says of an answer on file, without note and proof."""
    return {
        key: {name: said[name] for name in _OPEN if name in said}
        for key in ("stored", "theirs")
        if isinstance(said := reply.get(key), Mapping)
    }
