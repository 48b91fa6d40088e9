"""One save of one thing: written once, acknowledged, or refused with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from readybook.edit.answers import Conflict, Saved
from readybook.model.errors import InvalidInputError

__all__ = ["Message", "Saves", "lines_of"]

Message: TypeAlias = dict[str, object]
Write: TypeAlias = Callable[[str], Saved | Conflict]
_Key: TypeAlias = tuple[str, ...]


class Saves:
    """What browsers sent to be saved, and what came of each; for one thread at a time."""

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self._seen: dict[_Key, tuple[int, Message]] = {}
        self._wrote: dict[_Key, tuple[str, str]] = {}

    def reply(
        self, message: Mapping[str, object], file: str, write: Write
    ) -> list[Message]:
        """Save what a message asks for, and return what to tell about it.

        A counter that was seen is answered as it was, and not written again; one that
        comes late is left alone.

        Args:
            message: names who, part, question and client, with counter and base.
            file: that is written, for an error of the system.
            write: is given the mark to save upon.
        """
        counter = message.get("counter")
        if not isinstance(counter, int):
            return []
        named = {
            "who": str(message.get("who", "")),
            "part": str(message.get("part", "answer")),
            "question": str(message.get("question")),
            "client": str(message.get("client")),
        }
        key = tuple(named.values())
        last, reply = self._seen.get(key, (-1, {}))
        if counter <= last:
            return [reply] if counter == last else []
        base = str(message.get("base", ""))
        told = self._write(key, base, file, write)
        reply = {**named, "counter": counter, **told}
        if reply["kind"] != "refused":  # a refused one may be sent again
            self._seen[key] = (counter, reply)
        return [reply]

    def _write(self, key: _Key, base: str, file: str, write: Write) -> Message:
        # A second save is sent before the first one's mark is back: its base is ours.
        was, mark = self._wrote.get(key, ("", ""))
        try:
            result = write(mark if mark and base == was else base)
        except InvalidInputError as error:
            return {"kind": "refused", "problems": lines_of(error)}
        except OSError as error:
            return {"kind": "refused", "problems": [_cannot(file, error)]}
        if isinstance(result, Conflict):
            return {"kind": "conflict", "theirs": result.theirs, "mark": result.mark}
        self._wrote[key] = (base, result.mark)
        return {
            "kind": "saved",
            "at": f"{result.at.astimezone():%H:%M}",
            "file": result.file,
            "mark": result.mark,
            "stored": result.stored,
        }


def lines_of(error: InvalidInputError) -> list[str]:
    """Return the problems of an error, a line each."""
    return [str(problem) for problem in error.problems]


def _cannot(file: str, error: OSError) -> str:
    why = error.strerror or type(error).__name__
    return (
        f"{file}: found that it cannot be written ({why}), expected a file that you "
        "may write, do: mend that, then press 'Try again'; what you typed is kept here"
    )
