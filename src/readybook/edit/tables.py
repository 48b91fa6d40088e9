"""The tables of an assessment that are edited in place, and where their rows stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from pydantic import BaseModel

from readybook.edit.columns import Column, columns_of
from readybook.edit.plaindata import member
from readybook.model.actions import Actions
from readybook.model.bank import Bank, Document
from readybook.model.case import Changes, Scope
from readybook.model.register import Stakeholders
from readybook.model.resources import Resources
from readybook.text.refusals import unwrap

__all__ = ["TableSpec", "table_specs"]

#: Lists of rows: their key, the columns that name a row, the file and what it is.
_LISTS: tuple[tuple[str, tuple[str, ...], str, type[Document]], ...] = (
    ("needs", ("id",), "assessment.yaml", Scope),
    ("resources", ("id",), "resources.yaml", Resources),
    ("roles", ("role",), "stakeholders.yaml", Stakeholders),
    ("assets", ("id",), "stakeholders.yaml", Stakeholders),
    ("sign_offs", ("role", "covers", "on"), "stakeholders.yaml", Stakeholders),
    ("changes", ("id",), "changes.yaml", Changes),
    ("actions", ("id",), "actions.yaml", Actions),
)
#: Columns of a resource that tell who permits it; the others tell what it is.
_PERMISSION = {"grants", "pays", "budget_code", "budget", "asked_on", "lead_time_days",
               "lead_time_weeks", "waits_for", "granted_on", "refused_on",
               "expires"}  # fmt: skip


@dataclass(frozen=True)
class TableSpec:
    """One table: its file, where its rows stand, and what their cells take."""

    name: str
    file: str  #: relative to the assessment's folder
    key: str  #: that holds the rows
    #: "rows": a list; "keys": one row for each key; "one": the key holds one row.
    shape: Literal["rows", "keys", "one"]
    row_keys: tuple[str, ...]  #: columns that name a row of a list
    columns: tuple[Column, ...]
    document: type[Document]
    row: type[BaseModel] | None  #: None: its one cell is text
    #: Of "keys", by row: what its cell takes, and what it means.
    row_choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    row_help: Mapping[str, str] = field(default_factory=dict)


def table_specs(bank: Bank) -> dict[str, TableSpec]:
    """Return every table by its name.

    Args:
        bank: for the scope facts and their values.
    """
    specs = {
        key: _list(key, names, file, document) for key, names, file, document in _LISTS
    }
    whole = specs["resources"]
    permitted = [c for c in whole.columns if c.key.partition(".")[0] in _PERMISSION]
    named = [c for c in whole.columns if c.key in {"id", "what"}]
    other = [c for c in whole.columns if c not in permitted]
    return {
        **specs,
        "facts": _facts(bank),
        "value": _value(),
        "resources": replace(whole, columns=tuple(other)),
        "permissions": replace(whole, name="permissions", columns=(*named, *permitted)),
    }


def _list(
    key: str, row_keys: tuple[str, ...], file: str, document: type[Document]
) -> TableSpec:
    base, _ = unwrap(document.model_fields[key])
    row = get_args(base)[0]
    columns = columns_of(row, file, key)
    return TableSpec(key, file, key, "rows", row_keys, columns, document, row)


def _value() -> TableSpec:
    file, key = "assessment.yaml", "value"
    base, _ = unwrap(Scope.model_fields[key])
    row: Any = member(base, BaseModel)
    return TableSpec(key, file, key, "one", (), columns_of(row, file, key), Scope, row)


def _facts(bank: Bank) -> TableSpec:
    words = "one value of the list; an undeclared fact makes its questions apply"
    return TableSpec(
        "facts",
        "assessment.yaml",
        "facts",
        "keys",
        (),
        (Column("value", "choice", required=False, help=words),),
        Scope,
        None,
        {fact.id: tuple(value.id for value in fact.values) for fact in bank.facts},
        {fact.id: fact.text for fact in bank.facts},
    )
