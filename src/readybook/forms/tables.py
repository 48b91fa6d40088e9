"""A table of the assessment: rows that are edited in place, and what their cells offer.

Rows are saved by `readybook.edit.rows`, which judges them as it does a file written by
hand; what is refused is told beside the cell that it is about.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

from readybook.case.cross_check import step_ids
from readybook.case.open import today
from readybook.checks.catalogue import CHECKS
from readybook.checks.sign_offs import known_covers
from readybook.edit.entries import Conflict, Saved, mark_of
from readybook.edit.rows import Removal, Rows
from readybook.edit.signoffs import sign_off
from readybook.edit.tables import TABLES, Column, TableName
from readybook.forms.cards import known_people
from readybook.forms.session import Message, Received, Session, lines_of, told
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, Problem
from readybook.model.words import question_named
from readybook.score.score import score
from readybook.show.drafts import cells_of, drafted_actions
from readybook.show.kit.case import Case

#: Is given the message, the mark to save upon, and the name of the row.
_Write: TypeAlias = Callable[[Received, str, str], Message]
_AT = re.compile(r"\[(\d+)\]\.?")
_LONGEST = 40  #: letters of a short name
_WORDS = 4
_PAUSE = re.compile(r"[,.;:(]\s|\s[-–—]\s")  # noqa: RUF001 - dashes that people type
#: Words that tell no row from another.
_SMALL = {"a", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is",
          "it", "its", "of", "on", "or", "that", "the", "this", "to", "was", "which",
          "with"}  # fmt: skip


class TableSession(Session):
    """One table of one folder, open in any number of tabs."""

    def __init__(
        self, folder: Path, bank: Bank, assessment: Assessment, name: TableName
    ) -> None:
        """Read nothing yet; otherwise as `Session`."""
        super().__init__(folder, bank, assessment)
        self.table = TABLES[name]
        self._rows = Rows(folder, self.table, bank)
        self._removed: dict[str, Removal] = {}
        writes: dict[str, _Write] = {"save": self._save}
        if "role" in self.table.fixed:
            writes = {"sign-off": self._sign_off}
        elif self.table.grows:
            writes |= {"add": self._add, "remove": self._remove, "undo": self._undo}
        self.acts = {
            "open": lambda _: [{**self._about(), "rows": self._shown()}],
            "look": lambda _: [{"kind": "rows", "rows": self._shown()}],
            **{kind: partial(self._saving, write) for kind, write in writes.items()},
        }

    def standing(self, who: str) -> list[Message]:
        """Return what cells offer now."""
        del who
        try:
            opened = self.opened()
        except InvalidInputError as error:
            return [{"kind": "offers", "problems": lines_of(error), "offers": None}]
        with self._lock:
            self.assessment = opened
        return [
            {
                "kind": "offers",
                "problems": [],
                "offers": self._offers(),
                **self._beside(),
            }
        ]

    # --- what there is --------------------------------------------------------------

    def _shown(self) -> list[Message]:
        held = self._rows.stored().items()
        return [{"id": name, "mark": mark_of(row), "values": row} for name, row in held]

    def _about(self) -> Message:
        """Return all that a browser needs to show a table, but for its rows."""
        table = self.table
        place = {key: at for at, key in enumerate(table.main)}
        shown = [column for column in table.columns if column.key != "fingerprint"]
        shown.sort(key=lambda column: place.get(column.key, len(place)))
        keys = ("name", "title", "about", "noun", "file", "grows", "begin")
        return {
            "kind": "table",
            **{key: getattr(table, key) for key in keys},
            "folder": str(self.folder.resolve()),
            "shape": "rows" if table.row_keys else "one",
            "reads": "role" in table.fixed,
            "columns": [vars(column) for column in shown],
            "groups": [vars(group) for group in table.groups],
            "offers": self._offers(),
            **self._beside(),
            "problems": [],
        }

    def _beside(self) -> Message:
        """Return what else is told: of a data model by row, and actions as drafted."""
        if self.table.name != "actions":
            return {}
        scored = score(self.bank, self.assessment)
        case = Case(self.assessment, self.bank, scored)
        return {
            "drafted": [
                {
                    "values": cells_of(one),
                    "role": case.title(one.owner),
                    "ends": question_named(self.bank, one.decides[0]),
                }
                for one in drafted_actions(case)
            ]
        }

    def _offers(self) -> dict[str, list[dict[str, str]]]:
        """Return by column what may stand in it, as far as it is known here.

        What is `of` a row may stand in its cell only.
        """
        case = (self.assessment, self.bank)
        return {
            column.key: [{"id": name, "text": text} for name, text in offers.items()]
            for column in self.table.columns
            if (offers := _offered(column, *case))
        }

    # --- what is changed ------------------------------------------------------------

    def _saving(self, write: _Write, message: Received) -> list[Message]:
        return self.save(message, self.table.file, partial(write, message))

    def _save(self, message: Received, base: str, name: str) -> Message:
        done = self._rows.save(name, _cells(message), base)
        return self._done(done, name)

    def _add(self, message: Received, *_: str) -> Message:
        values = dict(_cells(message))
        present = self._rows.stored()
        for name, row in present.items():
            if _is_it(row, values):  # its acknowledgement was lost
                return self._done(self._rows.save(name, {}, mark_of(row)), name)
        if self.table.names and not values.get("id"):
            text = str(values.get(self.table.names, ""))
            values["id"] = short_name(text, present, otherwise=self.table.noun)
        return self._done(self._rows.add(values), "")

    def _remove(self, _: Received, base: str, name: str) -> Message:
        done, removal = self._rows.remove(name, base)
        if removal:
            self._removed[name] = removal
        reply = self._done(done, name)
        return {**reply, "kind": "removed"} if reply["kind"] == "saved" else reply

    def _undo(self, message: Received, _: str, name: str) -> Message:
        removal = self._removed.get(name)
        if removal is None:  # the kernel was restarted since
            done = self._rows.add(_cells(message))
        else:
            done = self._rows.put_back(removal)
            del self._removed[name]
        return {**self._done(done, name), "kind": "undone"}

    def _sign_off(self, message: Received, *_: str) -> Message:
        self.assessment = self.opened()
        role, covers = str(message.get("role", "")), str(message.get("covers", ""))
        case = (self.folder, self.assessment, self.bank)
        kept = sign_off(*case, role=role, covers=covers, on=today())
        return {"kind": "signed", "file": kept, "rows": self._shown()}

    def _done(self, done: Saved | Conflict, name: str) -> Message:
        """Return what came of a save, with the row's name, which it may have changed."""
        if isinstance(done, Conflict):
            return told(done)
        stored = done.stored or {}
        new = self._rows.name_of(stored) if stored else name
        return {**told(done), "id": new, "stored": stored}

    # --- what is refused ------------------------------------------------------------

    def refusal(self, message: Received, error: InvalidInputError) -> Message:
        """Return the problems, those of this row's cells by the cell."""
        row, others = str(message.get("question")), list[str]()
        cells: dict[str, list[str]] = {}
        try:
            names = list(self._rows.stored())
        except InvalidInputError:
            names = []
        at = names.index(row) if row in names else len(names)
        is_typed = message.get("kind") in {"save", "add"}  # it carries cells
        for problem in error.problems:
            cell = self._cell_of(problem, at, _cells(message)) if is_typed else ""
            if cell:
                found, expected = problem.found, problem.expected
                beside = f"Found {found}, expected {expected}, do: {problem.do}"
                cells.setdefault(cell, []).append(beside)
            else:
                others.append(str(problem))
        return {"cells": cells, "problems": others}

    def _cell_of(self, problem: Problem, at: int, sent: Collection[str]) -> str:
        """Return the column, or the key of several, that a problem is about; or "".

        Args:
            problem: of the file that the message would have written, or of another.
            at: which row the message is about.
            sent: the columns whose cells it carries.
        """
        del sent
        within = self.table.within
        path = problem.key.removeprefix(within).lstrip(".")
        if problem.file != self.table.file or (within and path == problem.key):
            return ""
        if self._rows.is_list:
            found = _AT.match(path)
            if found is None or int(found[1]) != at:
                return ""
            path = path[found.end() :]
        path = path.partition("[")[0]  # of a list, the cell has all of it
        keys = [column.key for column in self.table.columns]
        is_known = any(key == path or key.startswith(f"{path}.") for key in keys)
        return path if is_known else ""


def _cells(message: Received) -> Mapping[str, object]:
    cells = message.get("values")
    return cells if isinstance(cells, Mapping) else {}


def _is_it(row: Mapping[str, object], values: Mapping[str, object]) -> bool:
    """Return whether a row has these cells, and no others but a name made for it."""
    wanted = {key: value for key, value in values.items() if value not in ("", None)}
    made = {} if "id" in wanted or "id" not in row else {"id": row["id"]}
    return row == {**wanted, **made}


def _offered(column: Column, assessment: Assessment, bank: Bank) -> dict[str, str]:
    """Return what may stand in a cell, and its words, in the order that it is shown."""
    model, tables = assessment.data_model, assessment.data_model.tables
    rows = assessment.resources.resources
    resources, names = [one.id for one in rows], [one.name for one in tables]
    fields = [f"{one.name}.{c.name}" for one in tables for c in one.columns]
    same: Iterable[str] = ()
    found = {one: one.replace("-", " ").capitalize() for one in column.choices}
    match column.offers:
        case "roles":
            found |= {role.id: role.title for role in bank.roles}
        case "questions":
            found |= {q.id: f"{q.id} {q.title}" for _, q in bank.questions}
        case "checks":
            found |= {check.id: check.title for check in CHECKS.values()}
        case "failures":
            kept = assessment.failures
            same = [one.subject for one in kept.findings] if kept else ()
        case "people":
            people = [person.id for person in known_people(assessment)]
            same = [*people, *(role.id for role in bank.roles)]
        case "steps":
            questions = (question for _, question in bank.questions)
            same = step_ids(assessment.actions.actions, rows, tables, questions)
        case "parts":
            same = known_covers(model) if "data_model" in assessment.declared else ()
        case "fields":
            found |= {f"{one.name}.{c.name}": c.type or "type not declared"
                      for one in tables for c in one.columns}  # fmt: skip
        case "":
            pass
        case kind:
            same = {"tables": names, "resources": resources,
                    "things": [*names, *resources, *fields],
                    "probes": [*assessment.probes]}.get(kind, ())  # fmt: skip
    return {**found, **{name: name for name in same}}


def short_name(text: str, taken: Collection[str], *, otherwise: str) -> str:
    """Return a name of a few words of the text that no other row has taken.

    The text is as it was typed, in any script; where no letter of it can be in a name,
    there is another.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    begin = _PAUSE.split(plain)[0]
    words = re.findall(r"[a-z0-9]+", begin.encode("ascii", "ignore").decode())
    telling = [word for word in words if word not in _SMALL] or words
    name = "-".join(telling[:_WORDS])[:_LONGEST].strip("-") or otherwise
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
