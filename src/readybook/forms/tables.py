"""A table's protocol: JSON messages of a browser in, JSON messages to it out.

No widget here. Rows are saved by `readybook.edit.rows`, which judges them as it does
a file written by hand; what is refused is told beside the cell that it is about.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from readybook.case.open import open_assessment
from readybook.edit.answers import Conflict, Saved
from readybook.edit.rows import (
    Removal,
    Row,
    add_row,
    rows,
    save_row,
    table_specs,
)
from readybook.edit.signoffs import sign_off
from readybook.forms.answering import today
from readybook.forms.layouts import LAYOUTS, TableName
from readybook.forms.naming import short_name
from readybook.forms.saves import Message, lines_of
from readybook.forms.tablepage import offers_message, row_message, table_message
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, Problem

__all__ = ["TableSession"]

_TYPED = {"save", "add"}  #: messages that carry cells
_AT = re.compile(r"\[(\d+)\]\.?")


class TableSession:
    """One table of one folder, open in any number of tabs."""

    def __init__(
        self, folder: Path, bank: Bank, assessment: Assessment, name: TableName
    ) -> None:
        """Read nothing yet.

        Args:
            folder: of the assessment.
            bank: for roles, facts and questions.
            assessment: as it was opened; for what cells offer.
            name: of the table.
        """
        self.folder = folder
        self.bank = bank
        self.assessment = assessment
        self.spec = table_specs(bank)[name]
        self.layout = LAYOUTS[name]
        self._seen: dict[tuple[str, str], tuple[int, Message]] = {}
        #: By tab and row: the mark that it last named, and what we wrote since.
        self._wrote: dict[tuple[str, str], tuple[str, str, str]] = {}
        self._removed: dict[str, Removal] = {}
        self._lock = threading.Lock()

    def handle(self, message: Mapping[str, object]) -> list[Message]:
        """Return the replies to one message; what cannot be done is told, not raised."""
        kind = str(message.get("kind"))
        if kind == "ping":
            return [{"kind": "pong", "n": message.get("n")}]
        asked = {"open": self._open, "look": self._look}.get(kind)
        act = self._acts().get(kind)
        with self._lock:
            if asked is not None:
                return asked()
            return self._once(message, act) if act else []

    def _acts(self) -> dict[str, Callable[[Mapping[str, object]], Message]]:
        if "role" in self.layout.fixed:
            return {"sign-off": self._sign_off}
        grows = {"add": self._add, "remove": self._remove, "undo": self._undo}
        return {"save": self._save, **(grows if self.layout.grows else {})}

    def standing(self, _: str) -> list[Message]:
        """Return what cells offer now; it reads the folder, beside the saving."""
        try:
            as_of = self.assessment.as_of
            opened = open_assessment(self.folder, bank=self.bank, as_of=as_of)
        except InvalidInputError as error:
            return [{"kind": "offers", "problems": lines_of(error), "offers": None}]
        with self._lock:
            self.assessment = opened
        return [offers_message(self.spec, opened, self.bank)]

    # --- what there is --------------------------------------------------------------

    def _open(self) -> list[Message]:
        return self._told(
            lambda: table_message(
                self.folder, self.spec, self.layout, self.assessment, self.bank
            )
        )

    def _look(self) -> list[Message]:
        """Return what the file holds now: somebody else may have changed it."""
        return self._told(lambda: {"kind": "rows"})

    def _told(self, about: Callable[[], Message]) -> list[Message]:
        try:
            found = [row_message(row) for row in rows(self.folder, self.spec)]
        except InvalidInputError as error:
            told = lines_of(error)
            return [{"kind": "refused", "row": "", "cells": {}, "problems": told}]
        return [{**about(), "rows": found}]

    # --- what is changed ------------------------------------------------------------

    def _once(
        self,
        message: Mapping[str, object],
        act: Callable[[Mapping[str, object]], Message],
    ) -> list[Message]:
        """Do it and acknowledge the counter; a repeated one is not done again."""
        row, client = str(message.get("row")), str(message.get("client"))
        counter = message.get("counter")
        if not isinstance(counter, int):
            return []
        last, reply = self._seen.get((client, row), (-1, {}))
        if counter <= last:
            return [reply] if counter == last else []
        base: Message = {"who": "", "row": row, "client": client, "counter": counter}
        try:
            reply = {**base, **act(message)}
        except InvalidInputError as error:
            kind = str(message["kind"])
            return [{**base, **self._refused(kind, row, error)}]
        except OSError as error:
            told = [_cannot(self.spec.file, error)]
            return [{**base, "kind": "refused", "cells": {}, "problems": told}]
        self._seen[client, row] = (counter, reply)
        return [reply]

    def _save(self, message: Mapping[str, object]) -> Message:
        key = (str(message.get("client")), str(message.get("row")))
        base = str(message.get("base", ""))
        # A second save is sent before the first one's mark is back: its base is ours.
        was, mark, name = self._wrote.get(key, ("", "", ""))
        is_ours = bool(mark) and base == was
        known, row = (mark, name) if is_ours else (base, key[1])
        done = save_row(self.folder, self.spec, row, self._cells(message), known)
        if isinstance(done, Saved):
            self._wrote[key] = (base, done.mark, self._name(done, row))
        return self._done(done, row)

    def _add(self, message: Mapping[str, object]) -> Message:
        values = dict(self._cells(message))
        present = rows(self.folder, self.spec)
        there = next((row for row in present if _is_it(row, values)), None)
        if there is not None:  # its acknowledgement was lost
            saved = save_row(self.folder, self.spec, there.id, {}, there.mark)
            return self._done(saved, there.id)
        if self.layout.names and not values.get("id"):
            text = str(values.get(self.layout.names, ""))
            taken = {row.id for row in present}
            values["id"] = short_name(text, taken, otherwise=self.layout.noun)
        return self._done(add_row(self.folder, self.spec, values), "")

    def _remove(self, message: Mapping[str, object]) -> Message:
        row = str(message.get("row"))
        removal = Removal(self.folder, self.spec, row)
        done = removal.remove(str(message.get("base", "")))
        if isinstance(done, Conflict):
            return self._done(done, row)
        if removal.is_done:
            self._removed[row] = removal
        return {**self._done(done, row), "kind": "removed"}

    def _undo(self, message: Mapping[str, object]) -> Message:
        row = str(message.get("row"))
        removal = self._removed.get(row)
        if removal is None:  # the kernel was restarted since
            done = add_row(self.folder, self.spec, self._cells(message))
        else:
            done = removal.undo()
            del self._removed[row]
        return {**self._done(done, row), "kind": "undone"}

    def _sign_off(self, message: Mapping[str, object]) -> Message:
        as_of = self.assessment.as_of
        self.assessment = open_assessment(self.folder, bank=self.bank, as_of=as_of)
        role, covers = str(message.get("role", "")), str(message.get("covers", ""))
        kept = sign_off(
            self.folder,
            self.assessment,
            self.bank,
            role=role,
            covers=covers,
            on=today(),
        )
        found = [row_message(row) for row in rows(self.folder, self.spec)]
        return {"kind": "signed", "file": kept.file, "rows": found}

    # --- replies --------------------------------------------------------------------

    def _done(self, done: Saved | Conflict, row: str) -> Message:
        if isinstance(done, Conflict):
            return {"kind": "conflict", "theirs": done.theirs, "mark": done.mark}
        return {
            "kind": "saved",
            "id": self._name(done, row),
            "at": f"{done.at.astimezone():%H:%M}",
            "file": done.file,
            "mark": done.mark,
            "stored": done.stored or {},
        }

    def _name(self, done: Saved, row: str) -> str:
        """Return the name of a row after a save, which may have changed it."""
        if self.spec.shape != "rows" or done.stored is None:
            return row
        return " ".join(str(done.stored[key]) for key in self.spec.row_keys)

    def _cells(self, message: Mapping[str, object]) -> Mapping[str, object]:
        cells = message.get("values")
        return cells if isinstance(cells, Mapping) else {}

    def _refused(self, kind: str, row: str, error: InvalidInputError) -> Message:
        """Return the problems, those of this row's cells by the cell."""
        try:
            names = [one.id for one in rows(self.folder, self.spec)]
        except InvalidInputError:
            names = []
        at = names.index(row) if row in names else len(names)
        keys = [column.key for column in self.spec.columns]
        cells: dict[str, list[str]] = {}
        others: list[str] = []
        for problem in error.problems:
            cell = self._cell_of(problem, at, keys) if kind in _TYPED else ""
            if cell:
                cells.setdefault(cell, []).append(_beside(problem))
            else:
                others.append(str(problem))
        return {"kind": "refused", "cells": cells, "problems": others}

    def _cell_of(self, problem: Problem, at: int, keys: Iterable[str]) -> str:
        """Return the column, or the key of several, that a problem is about; or ""."""
        path = problem.key.removeprefix(self.spec.key).lstrip(".")
        if problem.file != self.spec.file or path == problem.key:
            return ""
        if self.spec.shape == "rows":
            found = _AT.match(path)
            if found is None or int(found[1]) != at:
                return ""
            path = path[found.end() :]
        path = path.partition("[")[0]  # of a list, the cell has all of it
        return (
            path
            if any(key == path or key.startswith(f"{path}.") for key in keys)
            else ""
        )


def _is_it(row: Row, values: Mapping[str, object]) -> bool:
    """Return whether a row has these cells, and no others but a name made for it."""
    given = {key: value for key, value in values.items() if value not in ("", None)}
    made = {} if "id" in given or "id" not in row.values else {"id": row.values["id"]}
    return row.values == {**given, **made}


def _beside(problem: Problem) -> str:
    """Return a problem for beside its cell, which says where without a line."""
    return f"Found {problem.found}, expected {problem.expected}, do: {problem.do}"


def _cannot(file: str, error: OSError) -> str:
    why = error.strerror or type(error).__name__
    return (
        f"{file}: found that it cannot be written ({why}), expected a file that you "
        "may write, do: mend that, then press 'Try again'; what you typed is kept here"
    )
