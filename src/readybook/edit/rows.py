"""Rows of an assessment's tables: read, added, changed and removed in their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readybook.bank.own import load_bank_for
from readybook.edit.columns import kind_at
from readybook.edit.edits import same
from readybook.edit.entries import saved_now
from readybook.edit.neighbours import judged_among
from readybook.edit.outcomes import Conflict, Saved, mark_of
from readybook.edit.plaindata import in_order, to_file, to_page
from readybook.edit.roundtrip import Data, RoundTrip
from readybook.edit.tables import TableSpec, table_specs
from readybook.model.case import Scope
from readybook.model.errors import InvalidInputError, Problem
from readybook.text.documents import Loaded, packaged

__all__ = [
    "Removal",
    "Row",
    "TableSpec",
    "add_row",
    "remove_row",
    "rows",
    "save_row",
    "table_specs",
]

Cells = Mapping[str, object]
Entry = dict[str, Any]
Entries = dict[str, Entry]  #: by the name of the row


@dataclass(frozen=True)
class Row:
    """One row as a page shows it."""

    id: str
    mark: str  #: of its cells; "" where nothing is declared yet
    values: dict[str, object]  #: by key of the column; an empty cell has none


def rows(folder: Path, spec: TableSpec) -> list[Row]:
    """Return the rows of a table, as the file has them; none where there is no file.

    Raises:
        InvalidInputError: the file is refused.
    """
    data = _file(folder, spec).read() or {}
    entries = _entries(spec, data)
    names = dict.fromkeys([*spec.row_choices, *entries])
    return [_row(spec, name, entries.get(name)) for name in names]


def save_row(
    folder: Path, spec: TableSpec, row_id: str, values: Cells, base: str
) -> Saved | Conflict:
    """Save cells of one row; cells that are not named stay as they are.

    Args:
        folder: of the assessment.
        spec: the table.
        row_id: of the row; one of a list that is gone is a conflict.
        values: by key of the column, as JSON; nothing or an empty text empties a cell.
        base: mark of what the caller last knew of this row.

    Raises:
        InvalidInputError: the file, or what it would become, is refused, or it cannot
            be written; it is as it was.
    """

    def edit(entries: Entries) -> Entry:
        return _filled(spec, entries.get(row_id, {}), values)

    return _change(_file(folder, spec), spec, row_id, edit, base)


def add_row(folder: Path, spec: TableSpec, values: Cells) -> Saved:
    """Add a row at the end of a list; otherwise as `save_row`."""
    added = _filled(spec, {}, values)

    def edit(data: Data) -> Data:
        known = _entries(spec, data).values()
        return _with(spec, data, (*known, added))

    _file(folder, spec).change(edit)
    return saved_now(spec.file, _row(spec, "", added).values)


def remove_row(
    folder: Path, spec: TableSpec, row_id: str, base: str
) -> Saved | Conflict:
    """Remove one row; otherwise as `save_row`. One that is gone is as it should be."""
    return Removal(folder, spec, row_id).remove(base)


class Removal:
    """One row of a list that is removed, and may be put back."""

    def __init__(self, folder: Path, spec: TableSpec, row_id: str) -> None:
        """Touch nothing yet."""
        self._file = _file(folder, spec)
        self._spec = spec
        self._row_id = row_id
        self._at = 0
        self._entry: Entry | None = None

    def remove(self, base: str) -> Saved | Conflict:
        """Remove it, as `remove_row` does, and keep what stood there."""
        entries = _entries(self._spec, self._file.read() or {})
        self._entry = entries.get(self._row_id)
        self._at = list(entries).index(self._row_id) if self._entry else 0
        return _change(self._file, self._spec, self._row_id, lambda _: None, base)

    @property
    def is_done(self) -> bool:
        """Return whether there was a row to remove."""
        return self._entry is not None

    def undo(self) -> Saved:
        """Put it back: with its comments, unless the file was written since.

        Raises:
            InvalidInputError: the file with it would be refused, or cannot be written.
        """
        entry = self._entry or {}
        if not self._file.take_back():
            self._file.change(self._with_it)
        return saved_now(self._spec.file, _row(self._spec, "", entry).values)

    def _with_it(self, data: Data) -> Data:
        held = list(_entries(self._spec, data).values())
        held.insert(self._at, self._entry or {})
        return _with(self._spec, data, tuple(held))


def _change(
    file: RoundTrip[Any],
    spec: TableSpec,
    row_id: str,
    edit: Callable[[Entries], Entry | None],
    base: str,
) -> Saved | Conflict:
    outcome: list[Saved | Conflict] = []

    def change(data: Data) -> Data | None:
        entries = _entries(spec, data)
        old, new = entries.get(row_id), edit(entries)
        theirs, mine = _row(spec, row_id, old), _row(spec, row_id, new)
        outcome[:] = [saved_now(spec.file, mine.values if new is not None else None)]
        if same(old, new):
            return None
        is_gone = old is None and spec.shape == "rows"
        if theirs.mark != base or is_gone:
            known = None if old is None else theirs.values
            outcome[:] = [Conflict(spec.file, theirs.mark, known)]
            return None
        return _with(spec, data, _placed(spec, entries, row_id, new))

    file.change(change)
    return outcome[0]


# --- between rows and the file -----------------------------------------------------


def _entries(spec: TableSpec, data: Data) -> Entries:
    """Return what the file holds for each row, by its name."""
    held = data.get(spec.key)
    if spec.shape == "one":
        return {spec.key: dict(held)} if isinstance(held, Mapping) else {}
    if isinstance(held, Mapping):
        return {name: {"value": value} for name, value in held.items()}
    entries: Entries = {}
    for entry in _listed(held):
        name = " ".join(str(entry[key]) for key in spec.row_keys)
        again = sum(known.partition(" (")[0] == name for known in entries)
        entries[f"{name} ({again + 1})" if again else name] = entry
    return entries


def _listed(held: object) -> Sequence[Any]:
    return held if isinstance(held, Sequence) else ()


def _placed(
    spec: TableSpec, entries: Entries, row_id: str, new: Entry | None
) -> object:
    """Return what the file is to hold, in the form that it has there."""
    if new is None:
        entries.pop(row_id, None)
    else:
        entries[row_id] = new
    if spec.shape == "one":
        return new
    if spec.shape == "rows":
        return tuple(entries.values())
    ordered = in_order(entries, list(spec.row_choices))
    return {name: entry["value"] for name, entry in ordered.items() if entry}


def _with(spec: TableSpec, data: Data, held: object) -> Data:
    if not held and spec.shape != "rows":
        return {key: value for key, value in data.items() if key != spec.key}
    return in_order({**data, spec.key: held}, list(spec.document.model_fields))


def _filled(spec: TableSpec, entry: Entry, values: Cells) -> Entry:
    """Return an entry with cells set, and with its keys in the order of the model."""
    new = dict(entry)
    for key, value in values.items():
        kind = kind_at(spec.row, key) if spec.row else object
        kept = to_file({"cell": value}, object).get("cell")
        _set(new, key.split("."), None if kept is None else to_file(value, kind))
    return in_order(new, list(spec.row.model_fields) if spec.row else [])


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


def _row(spec: TableSpec, name: str, entry: Entry | None) -> Row:
    values: dict[str, object] = {}
    for column in spec.columns:
        cell: Any = entry
        for part in column.key.split("."):
            cell = cell.get(part) if isinstance(cell, Mapping) else None
        if cell is not None:
            values[column.key] = to_page(cell)
    return Row(name, mark_of(values) if values else "", values)


# --- the file ----------------------------------------------------------------------


def _file(folder: Path, spec: TableSpec) -> RoundTrip[Any]:
    bank = load_bank_for(folder)

    def judge(file: Loaded[Any]) -> list[Problem]:
        return judged_among(file, folder, bank)

    def start() -> str:
        if spec.document is Scope:
            problem = Problem(spec.file, 0, "", "no such file",
                              "the one file that is required",
                              "run: readybook new")  # fmt: skip
            raise InvalidInputError([problem])
        path = packaged("templates") / "assessment" / spec.file
        return path.read_text(encoding="utf-8")

    return RoundTrip(folder, spec.file, spec.document, judge=judge, start=start)
