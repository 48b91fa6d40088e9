"""What a sign-off covers: canonical JSON, its fingerprint, and what changed since; pure.

The data model, one of its tables and one category list all have the same form, so that
a part of an agreement can be compared with the same part of the model of today:

    {"tables": {TABLE: {..., "columns": {COLUMN: {..., "categories": {VALUE: {...}}}}}}}

Where the data lies and how it is opened is no part of it: nobody agrees to that. Keys
that have their default are left out, so that a later version of readybook which knows
more keys finds the same fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from readybook.model.contract import Category, Column, DataModel, Relationship, Table
from readybook.model.register import Agreement

__all__ = [
    "MODEL",
    "Content",
    "Difference",
    "agreement_on",
    "canonical",
    "category_lists",
    "content_of",
    "differences",
    "fingerprint_of",
    "known_covers",
    "part_of",
    "stem_of",
]

MODEL = "model"  #: what a sign-off of the whole data model covers
_DIGITS = 16  #: of the fingerprint, in the name of the file
_LEFT_OUT = {"name", "location", "declared", "rules_not_run"}
_LISTS = {"columns", "keys", "relationships"}

Content = Mapping[str, Any]


# --- from the data model to an agreement -------------------------------------------


def known_covers(model: DataModel) -> tuple[str, ...]:
    """Return all that can be agreed to: "model", each table, each category list."""
    tables = [table.name for table in model.tables]
    return (MODEL, *tables, *category_lists(model))


def category_lists(model: DataModel) -> tuple[str, ...]:
    """Return "table.field" of every column that declares categories, in order."""
    return tuple(
        f"{table.name}.{column.name}"
        for table in model.tables
        for column in table.columns
        if column.categories
    )


def agreement_on(model: DataModel, covers: str) -> Agreement | None:
    """Return what a sign-off would cover today; None where the model lacks it."""
    part = part_of(content_of(model), covers)
    if part is None:
        return None
    return Agreement(format=1, covers=covers, content=part)


def content_of(model: DataModel) -> dict[str, Any]:
    """Return the data model as it can be agreed to, in the form of this module."""
    return {"tables": {table.name: _table(table) for table in model.tables}}


def part_of(content: Content, covers: str) -> dict[str, Any] | None:
    """Return the part of a content that a table or category list is; None: not there.

    Args:
        content: in the form of this module.
        covers: "model", a table, or the categories of "table.field".
    """
    tables = content.get("tables", {})
    if covers == MODEL:
        return dict(content)
    if covers in tables:
        return {"tables": {covers: tables[covers]}}
    for name, table in tables.items():
        column = covers.removeprefix(f"{name}.")
        declared = table.get("columns", {}).get(column, {})
        if column != covers and "categories" in declared:
            only = {"categories": declared["categories"]}
            return {"tables": {name: {"columns": {column: only}}}}
    return None


def canonical(agreement: Agreement) -> str:
    """Return an agreement as JSON: the same content gives the same text."""
    content = agreement.model_dump(mode="json")
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def fingerprint_of(agreement: Agreement) -> str:
    """Return the SHA-256 of the canonical JSON, as sign-offs keep it."""
    return f"sha256:{hashlib.sha256(canonical(agreement).encode()).hexdigest()}"


def stem_of(fingerprint: str) -> str:
    """Return the name of the file that stores an agreement, without its ending."""
    return fingerprint.removeprefix("sha256:")[:_DIGITS]


def _table(table: Table) -> dict[str, Any]:
    content = _plain(table, _LEFT_OUT | _LISTS)
    content["columns"] = {column.name: _column(column) for column in table.columns}
    content["keys"] = {"+".join(key): {} for key in table.keys}
    content["relationships"] = {
        join.subject: _plain(join, set(Relationship.model_fields) - {_TOLERATED})
        for join in table.relationships
    }
    return content


_TOLERATED = "orphans_tolerated"


def _column(column: Column) -> dict[str, Any]:
    content = _plain(column, {"name", "categories"})
    if column.categories:
        content["categories"] = {
            one.value: _plain(one, {"value"}) for one in column.categories
        }
    return content


def _plain(part: BaseModel, left_out: set[str]) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude=left_out, exclude_defaults=True)


# --- what changed ------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One thing that is no longer as it was agreed."""

    where: str  #: "flights", "flights.origin", or "the data model"
    what: str  #: "category SWF", "history needed"
    before: str | None  #: None: it was not there
    after: str | None  #: None: it is no longer there

    @property
    def words(self) -> str:
        """Return it in words, without a full stop."""
        if self.before is None:
            detail = f" ({self.after})" if self.after else ""
            return f"{self.where}: {self.what} was added{detail}"
        if self.after is None:
            return f"{self.where}: {self.what} was removed"
        return f"{self.where}: {self.what} is now {self.after}, was {self.before}"


#: Lists of named parts: how one of them is called, and the model that has its defaults.
_PARTS: dict[str, tuple[str, type[BaseModel]]] = {
    "tables": ("table", Table),
    "columns": ("column", Column),
    "categories": ("category", Category),
    "keys": ("key", Table),
    "relationships": ("join", Relationship),
}
_WORDS = {
    "required": "must be filled",
    "needed": "needed by this use case",
    "is_label": "is the label",
    "above": "exclusive minimum",
    "below": "exclusive maximum",
    "min_rows": "rows promised",
    _TOLERATED: "share of rows without a partner that is tolerated",
}
_NOTHING = "not declared"


def differences(before: Content, after: Content) -> tuple[Difference, ...]:
    """Return what changed between two contents, field by field, in sorted order.

    A part that is new or gone is one difference; one that is in both is compared field
    by field. The order of tables, columns and categories does not matter.

    Args:
        before: the content that was agreed to.
        after: the same part of the model of today; {} where it is gone.
    """
    return tuple(_compared(before, after, (), DataModel))


def _compared(
    before: Content, after: Content, place: tuple[str, ...], model: type[BaseModel]
) -> Iterator[Difference]:
    for key in sorted(before.keys() | after.keys()):
        if key in _PARTS:
            yield from _parts(key, before.get(key, {}), after.get(key, {}), place)
        else:
            default = _default(model, key)
            yield from _value(
                key, before.get(key, default), after.get(key, default), place
            )


def _parts(
    key: str, before: Content, after: Content, place: tuple[str, ...]
) -> Iterator[Difference]:
    noun, model = _PARTS[key]
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            told = None if new is None else str(new.get("label", ""))
            was = None if old is None else str(old.get("label", ""))
            yield Difference(_where(place), f"{noun} {name}", was, told)
        elif key in {"tables", "columns"}:
            yield from _compared(old, new, (*place, name), model)
        else:
            for one in _compared(old, new, place, model):
                what = f"{one.what} of {noun} {name}"
                yield Difference(one.where, what, one.before, one.after)


def _value(
    key: str, before: object, after: object, place: tuple[str, ...]
) -> Iterator[Difference]:
    if before != after:
        what = _WORDS.get(key, key.replace("_", " "))
        yield Difference(_where(place), what, _shown(before), _shown(after))


def _where(place: tuple[str, ...]) -> str:
    return ".".join(place) or "the data model"


def _default(model: type[BaseModel], key: str) -> object:
    field = model.model_fields.get(key)
    default = None if field is None else field.get_default()
    return list(default) if isinstance(default, tuple) else default


def _shown(value: object) -> str:
    if value is None or value == []:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, dict):
        pairs = (f"{key.replace('_', ' ')} {_shown(value[key])}" for key in value)
        return ", ".join(sorted(pairs))
    return str(value)
