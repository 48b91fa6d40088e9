"""A table as JSON: its words, its columns, its rows, and what its cells offer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic.fields import FieldInfo

from readybook.edit.columns import Column, kind_at
from readybook.edit.rows import Row, TableSpec
from readybook.forms.layouts import Layout, group_title, help_of, label
from readybook.forms.offers import offers_of
from readybook.model.bank import Bank
from readybook.model.case import Assessment

__all__ = ["offers_message", "row_message", "table_message"]

Message = dict[str, object]

_RANGE = {"low", "likely", "high"}
_LONG = {"action", "buy_in.known_from", "proof", "source", "what"}  #: several lines
#: Cells that take only what is offered, though a file holds them as any text.
_CLOSED = {"decides", "needs", "tables", "waits_for"}
_INSTEAD = {"held_by": "nobody-yet"}  #: what may stand in place of a list


def table_message(
    folder: Path, spec: TableSpec, layout: Layout, assessment: Assessment, bank: Bank
) -> Message:
    """Return all that a browser needs to show a table, but for its rows."""
    place = {key: at for at, key in enumerate(layout.main)}
    shown = [column for column in spec.columns if column.key != "fingerprint"]
    columns = sorted(shown, key=lambda column: place.get(column.key, len(place)))
    return {
        "name": spec.name,
        "title": layout.title,
        "about": layout.about,
        "noun": layout.noun,
        "file": spec.file,
        "folder": str(folder.resolve()),
        "shape": spec.shape,
        "grows": layout.grows,
        "reads": "role" in layout.fixed,
        "columns": [_column(column, spec, layout) for column in columns],
        "groups": _groups(columns, spec),
        **offers_message(spec, assessment, bank),
        "kind": "table",
    }


def offers_message(spec: TableSpec, assessment: Assessment, bank: Bank) -> Message:
    """Return what the cells of a table offer, by column."""
    offers = offers_of(spec.name, spec.columns, assessment, bank)
    return {"kind": "offers", "problems": [], "offers": offers}


def row_message(row: Row) -> Message:
    """Return one row; its mark is named when it is saved."""
    return {"id": row.id, "mark": row.mark, "values": row.values}


def _column(column: Column, spec: TableSpec, layout: Layout) -> Message:
    key = column.key
    is_closed = column.kind in {"choice", "role", "roles"} or key in _CLOSED
    return {
        "key": key,
        "label": label(spec.name, key),
        "kind": column.kind,
        "required": column.required,
        "help": help_of(key, column.help),
        "main": key in layout.main,
        "group": key.rpartition(".")[0],
        "fixed": key in layout.fixed,
        "long": key in _LONG,
        "closed": is_closed or key == "needs.privileges",
        "default": _default(spec, key),
        "instead": _INSTEAD.get(key, ""),
        # A new row has it from its text; emptied, it would be refused.
        "named": bool(layout.names) and key == "id",
    }


def _default(spec: TableSpec, key: str) -> str:
    """Return the word that an empty cell means; "" where it means nothing."""
    info = kind_at(spec.row, key) if spec.row else None
    default = info.default if isinstance(info, FieldInfo) else None
    return default if isinstance(default, str) else ""


def _groups(columns: Sequence[Column], spec: TableSpec) -> list[Message]:
    """Return the keys that hold keys, with those that each needs once it has one."""
    names = [column.key.rpartition(".")[0] for column in columns]
    return [
        {
            "key": name,
            "title": group_title(name),
            "range": set(_below(name, columns)) == _RANGE,
            "needs": [
                f"{name}.{key}"
                for key in _below(name, columns)
                if _is_needed(spec, f"{name}.{key}")
            ],
        }
        for name in dict.fromkeys(names)
        if name
    ]


def _below(name: str, columns: Sequence[Column]) -> list[str]:
    pairs = (column.key.rpartition(".") for column in columns)
    return [key for group, _, key in pairs if group == name]


def _is_needed(spec: TableSpec, key: str) -> bool:
    info = kind_at(spec.row, key) if spec.row else None
    return isinstance(info, FieldInfo) and info.is_required()
