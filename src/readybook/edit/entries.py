"""Entries by question id in one section of a file, saved one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from readybook.edit.outcomes import Conflict, Saved, mark_of
from readybook.edit.plaindata import in_order, to_file, to_page
from readybook.edit.roundtrip import Data, RoundTrip
from readybook.model.bank import Bank, Frozen

__all__ = ["Entries", "saved_now"]

Stored = dict[str, object]
Complete = Callable[[Mapping[str, object] | None, dict[str, object]], None]


class Entries:
    """One section of a file: answers, confirmations, or what was settled."""

    def __init__(
        self, file: RoundTrip[Any], section: str, model: type[Frozen], bank: Bank
    ) -> None:
        """Touch nothing yet.

        Args:
            file: that holds the section.
            section: its key in the file.
            model: what an entry must be.
            bank: a new entry comes where the bank has its question.
        """
        self._file = file
        self._section = section
        self._model = model
        self._order = [
            question.id for part in bank.sections.values() for question in part
        ]

    def stored(self) -> dict[str, Stored]:
        """Return every entry by question, as JSON; none where there is no file."""
        section = self._entries(self._file.read() or {})
        return {question: to_page(entry) for question, entry in section.items()}

    def save(
        self,
        question: str,
        entry: Mapping[str, object] | None,
        *,
        base: str | None,
        complete: Complete | None = None,
    ) -> Saved | Conflict:
        """Save one entry, unless somebody else has changed it.

        Args:
            question: its id.
            entry: as JSON; None removes it.
            base: mark of what the caller last knew; None: whatever stands there.
            complete: is given what stands there and the new entry; adds keys to it.
        """
        conflict: list[Conflict] = []
        wanted: list[Stored | None] = []

        def edit(data: Data) -> Data | None:
            conflict.clear()
            section = self._entries(data)
            old = section.get(question)
            new = None if entry is None else to_file(entry, self._model)
            if new is not None and complete is not None:
                complete(old, new)
            theirs = None if old is None else to_page(old)
            mine = None if new is None else to_page(new)
            wanted[:] = [mine]
            if mark_of(theirs) == mark_of(mine):
                return None
            if base is not None and mark_of(theirs) != base:
                conflict.append(Conflict(self._file.name, mark_of(theirs), theirs))
                return None
            return self._with(data, question, new)

        self._file.change(edit)
        return conflict[0] if conflict else saved_now(self._file.name, wanted[0])

    def _entries(self, data: Data) -> dict[str, Any]:
        section = data.get(self._section)
        return dict(section) if isinstance(section, Mapping) else {}

    def _with(self, data: Data, question: str, new: Stored | None) -> Data:
        section = self._entries(data)
        if new is None:
            del section[question]
        elif question in section:
            section[question] = in_order(new, list(self._model.model_fields))
        else:
            section = self._placed(section, question, new)
        return {**data, self._section: section}

    def _placed(
        self, section: dict[str, Any], question: str, new: Stored
    ) -> dict[str, Any]:
        """Return the section with a new entry after those that the bank asks before."""
        order = self._order
        before = set(order[: order.index(question)] if question in order else order)
        at = max((n for n, key in enumerate(section, 1) if key in before), default=0)
        pairs = list(section.items())
        return dict([*pairs[:at], (question, new), *pairs[at:]])


def saved_now(file: str, stored: Stored | None) -> Saved:
    """Return what tells that something is on disk, as of this moment."""
    now = dt.datetime.now(dt.UTC).astimezone()
    return Saved(file, now, mark_of(stored), stored)
