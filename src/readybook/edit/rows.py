"""Rows of an assessment's tables: read, added, changed, removed and put back."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from readybook.edit.contract import Declared, rows_of, with_rows
from readybook.edit.entries import Conflict, Entries, Entry, Saved, in_order, to_file
from readybook.edit.file import Data, Edit, EditableFile
from readybook.edit.tables import Table
from readybook.model.bank import Bank
from readybook.text.refusals import type_at
from readybook.text.yaml import as_json

Cells = Mapping[str, object]
_ENDPOINTS = "needs.endpoints"
_ENDPOINT = re.compile(r"([^\s:]+):([0-9]{1,5})( +tls)?")


@dataclass(frozen=True)
class Removal:
    """One row that was removed: all that it takes to put it back."""

    entry: Entry
    at: int  #: how many rows stood before it
    change: tuple[bytes | None, bytes]  #: the bytes of the file before and after


class Rows(Entries):
    """The rows of one table by their names; a cell is a key, or a key of a key."""

    def __init__(self, folder: Path, table: Table, bank: Bank) -> None:
        """Touch nothing yet."""
        super().__init__(EditableFile(folder, table.file, bank))
        self.table = table
        self.is_list = bool(table.row_keys)

    def save(self, name: str, values: Cells, base: str) -> Saved | Conflict:
        """Save cells of one row; cells that are not named stay as they are.

        Args:
            name: of the row; one of a list that is gone is a conflict.
            values: by key of the column, as JSON; nothing or an empty text empties a
                cell.
            base: mark of what the caller last knew of this row.

        Raises:
            InvalidInputError: as by `change`.
        """
        return self.change(name, lambda old: self._filled(old or {}, values), base)

    def add(self, *rows: Cells) -> Saved:
        """Add rows at the end of a list, all or none; otherwise as `save` of the last."""
        new = [self._filled({}, values) for values in rows]
        self.file.change(lambda data: self._with(data, [*self._listed(data), *new]))
        return self.saved(new[-1])

    def remove(self, name: str, base: str) -> tuple[Saved | Conflict, Removal | None]:
        """Remove one row; otherwise as `save`. One that is gone is as it should be.

        Returns:
            What came of it, and, where there was a row, what puts it back.
        """
        names = list(self.held(self.file.read()))
        gone: list[Entry] = []

        def edit(old: Entry | None) -> None:
            gone[:] = [] if old is None else [old]

        done = self.change(name, edit, base)
        if isinstance(done, Conflict) or not gone:
            return done, None
        at = names.index(name) if name in names else len(names)
        return done, Removal(gone[0], at, self.file.last_change)

    def put_back(self, removal: Removal) -> Saved:
        """Put a row back: with its comments, unless the file was written since.

        Raises:
            InvalidInputError: the file with it would be refused, or cannot be written.
        """

        def edit(data: Data) -> Data:
            held = self._listed(data)
            held.insert(removal.at, removal.entry)
            return self._with(data, held)

        if not self.file.take_back(*removal.change):
            self.file.change(edit)
        return self.saved(removal.entry)

    def change(
        self,
        name: str,
        edit: Callable[[Entry | None], Entry | None],
        base: str,
        begin: Edit = lambda text: text,
    ) -> Saved | Conflict:
        """Save what an edit makes of one row; otherwise as its base has it.

        A contract has its own words for what was typed: 5% is 5 %.
        """
        done = super().change(name, edit, base, begin)
        if isinstance(done, Conflict) or self.table.document is not Declared:
            return done
        return self.saved(self.held(self.file.read()).get(name))

    # --- between rows and the file --------------------------------------------------

    def held(self, data: Data) -> dict[str, Entry]:
        """Return what the file holds for each row; two of one name are numbered."""
        named: dict[str, Entry] = {}
        for entry in self._listed(data):
            name = known = self.name_of(entry)
            again = count(2)
            while name in named:
                name = f"{known} ({next(again)})"
            named[name] = entry
        return named

    def name_of(self, entry: Cells) -> str:
        """Return the name of a row, by its columns that tell it from others."""
        keys = self.table.row_keys
        return " ".join(str(entry[key]) for key in keys) if keys else self.table.name

    def placed(self, data: Data, name: str, new: Entry | None) -> Data:
        """Return the data with one row set, or without it."""
        held = self.held(data)
        held.pop(name) if new is None else held.update({name: new})
        return self._with(data, list(held.values()))

    def shown(self, entry: Entry | None) -> dict[str, object] | None:
        """Return the cells of a row, by key of the column; an empty one has none."""
        if entry is None:
            return None
        values: dict[str, object] = {}
        for column in self.table.columns:
            cell: object = entry
            for part in column.key.split("."):
                cell = cell.get(part) if isinstance(cell, Mapping) else None
            if cell is not None:
                values[column.key] = _in_words(as_json(cell))
        return values

    def may_begin(self, name: str) -> bool:
        """Return whether saving may make the row: a new one of a list is added."""
        return not self.is_list and name == self.table.name

    def _listed(self, data: Data) -> list[Entry]:
        if self.table.document is Declared:
            return rows_of(data, self.table.name)
        held = data.get(self.table.within) if self.table.within else data
        if self.is_list:
            return list(held or ())
        return [dict(held)] if isinstance(held, Mapping) else []

    def _with(self, data: Data, entries: Sequence[Entry]) -> Data:
        """Return the data with these rows, in the form that the file has for them."""
        if self.table.document is Declared:
            return with_rows(data, self.table.name, entries)
        names = list(self.table.document.model_fields)
        if not self.table.within:
            return in_order(entries[0], names)
        held = tuple(entries) if self.is_list else entries[0] or None
        new = {**data, self.table.within: held}
        return in_order({k: v for k, v in new.items() if v is not None}, names)

    def _filled(self, entry: Entry, values: Cells) -> Entry:
        """Return an entry with cells set, and with its keys in the order of the model."""
        new = dict(entry)
        for key, value in values.items():
            cell = _from_words(value) if key == _ENDPOINTS else value
            kept = to_file({"cell": cell}, object).get("cell")
            kind = type_at(self.table.row, tuple(key.split(".")))
            _set(new, key.split("."), None if kept is None else to_file(cell, kind))
        return in_order(new, list(self.table.row.model_fields))


def _in_words(cell: object) -> object:
    """Return a cell as it is shown: an endpoint as one text, what else as it is."""
    if not isinstance(cell, list):
        return cell
    return [
        f"{one.get('host')}:{one.get('port')}{' tls' * bool(one.get('tls'))}"
        if isinstance(one, Mapping) else one
        for one in cell
    ]  # fmt: skip


def _from_words(cell: object) -> object:
    """Return endpoints as the file has them; a text that is none stays, to be refused."""
    if not isinstance(cell, Sequence) or isinstance(cell, str):
        return cell
    parts = [(one, _ENDPOINT.fullmatch(str(one))) for one in cell]
    return [
        {"host": of[1], "port": int(of[2]), **({"tls": True} if of[3] else {})}
        if of else one
        for one, of in parts
    ]  # fmt: skip


def _set(entry: Entry, path: Sequence[str], value: object) -> None:
    name, *rest = path
    if rest:
        inner = dict(entry.get(name) or {})
        _set(inner, rest, value)
        value = inner or None
    if value is None:
        entry.pop(name, None)
    else:
        entry[name] = value
