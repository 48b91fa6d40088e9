"""What every form says and is told: JSON messages in, JSON messages out; no widget here.

ipykernel delivers messages on more than one thread; one lock lets them through one at a
time. Each save is written once, acknowledged, or refused with its reasons.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from readybook.case.open import open_assessment, open_register
from readybook.edit.entries import Conflict, Saved
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, reason_of

Message: TypeAlias = dict[str, object]
Received: TypeAlias = Mapping[str, object]
Act: TypeAlias = Callable[[Received], list[Message]]
#: Is given the mark to save upon, and the name of what is saved.
Write: TypeAlias = Callable[[str, str], Message]
_Key: TypeAlias = tuple[str, ...]


class Session:
    """One form of one folder, open in any number of tabs."""

    acts: Mapping[str, Act]  #: what answers each kind of message
    register: Path | None = None  #: that cases share, where one was named

    def __init__(self, folder: Path, bank: Bank, assessment: Assessment) -> None:
        """Begin with nothing sent, from the assessment as it was opened."""
        self.folder = folder
        self.bank = bank
        self.assessment = assessment
        self._lock = threading.Lock()
        self._seen: dict[_Key, tuple[int, Message]] = {}
        #: By what was saved: the marks that are ours, and mark and name since our write.
        self._wrote: dict[_Key, tuple[frozenset[str], str, str]] = {}

    def handle(self, message: Received) -> list[Message]:
        """Return the replies to one message; what cannot be done is told, not raised."""
        kind = str(message.get("kind"))
        if kind == "ping":
            return [{"kind": "pong", "n": message.get("n")}]
        act = self.acts.get(kind)
        if act is None:
            return []
        with self._lock:
            try:
                return act(message)
            except InvalidInputError as error:
                name = str(message.get("question", ""))
                refused = {"kind": "refused", "question": name}
                return [{**refused, **self.refusal({}, error)}]

    def standing(self, who: str) -> list[Message]:
        """Return what follows from all that is saved, for one respondent.

        It reads the whole folder, so it is called beside the saving, not in its way.
        By default nothing does.
        """
        del who
        return []

    def opened(self) -> Assessment:
        """Return the folder as it is now.

        Raises:
            InvalidInputError: it is not valid.
        """
        as_of, register = self.assessment.as_of, open_register(self.register)
        return open_assessment(
            self.folder, bank=self.bank, as_of=as_of, register=register
        )

    def refusal(self, message: Received, error: InvalidInputError) -> Message:
        """Return what to tell of a refused message, or file where it is empty."""
        del message
        return {"problems": lines_of(error), "cells": {}}

    def save(self, message: Received, file: str, write: Write) -> list[Message]:
        """Save what a message asks for, and return what to tell about it.

        A counter that was seen is answered as it was, and not written again; one that
        comes late is left alone. A message names who, part, question and client, with
        counter and base; the file is told with an error of the system.
        """
        counter = message.get("counter")
        if not isinstance(counter, int):
            return []
        name = str(message.get("question"))
        named = {
            "who": str(message.get("who", "")),
            "part": str(message.get("part", "answer")),
            "question": name,
            "client": str(message.get("client")),
        }
        key, base = tuple(named.values()), str(message.get("base", ""))
        last, reply = self._seen.get(key, (-1, {}))
        if counter <= last:
            return [reply] if counter == last else []
        # Arrow keys save faster than marks come back: any mark of this row of saves is
        # ours, the first one's base as well.
        ours, mark, renamed = self._wrote.get(key, (frozenset(), "", ""))
        known = (mark, renamed) if base in ours else (base, name)
        try:
            done = write(*known)
            if done["kind"] == "conflict" and known != (base, name):
                done = write(base, name)  # our write may have been taken back since
            reply = {**named, "counter": counter, **done}
        except InvalidInputError as error:
            refused = self.refusal(message, error)
        except OSError as error:
            says = (
                f"{file}: found that it cannot be written ({reason_of(error)}), expected a file that "
                "you may write, do: mend that, then press 'Try again'; what you typed is "
                "kept here"
            )
            refused = {"problems": [says], "cells": {}}
        else:
            if reply["kind"] == "saved":
                new, mark = str(reply.get("id", known[1])), str(reply["mark"])
                since = ours if base in ours else frozenset()
                self._wrote[key] = (since | {base, mark}, mark, new)
            self._seen[key] = (counter, reply)
            return [reply]
        # It is not remembered: the same may be sent again.
        return [{**named, "counter": counter, "kind": "refused", **refused}]


def told(done: Saved | Conflict) -> Message:
    """Return what came of a save as a page is told of it."""
    if isinstance(done, Conflict):
        return {"kind": "conflict", "theirs": done.theirs, "mark": done.mark}
    return {
        "kind": "saved",
        "at": f"{done.at.astimezone():%H:%M}",
        "file": done.file,
        "mark": done.mark,
        "stored": done.stored,
    }


def lines_of(error: InvalidInputError) -> list[str]:
    """Return the problems of an error, a line each."""
    return [str(problem) for problem in error.problems]
