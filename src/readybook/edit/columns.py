"""Columns of a table that is edited in place, read off the model of its rows."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from readybook.edit.plaindata import member, members
from readybook.text.documents import packaged
from readybook.text.refusals import unwrap
from readybook.text.yaml import dotted

__all__ = ["Column", "Kind", "columns_of", "help_texts", "kind_at"]

Kind = Literal["text", "choice", "number", "date", "flag", "role", "roles", "ids"]

#: Keys that name a role of the bank; the models only say that they are ids.
_ROLES = {"accountable", "approved_by", "ask", "consulted", "grants", "informed",
          "owner", "pays", "responsible", "role", "told_by"}  # fmt: skip
_KEY_LINE = re.compile(r"#( +)(\w+) +(?:required|optional),? *(.*)")
_MORE_LINE = re.compile(r"# {8,}(\S.*)")


@dataclass(frozen=True)
class Column:
    """One column: what a cell takes."""

    key: str  #: in the file; `needs.cpus` for a key below another one
    kind: Kind
    required: bool  #: False: a cell may be empty
    help: str  #: from the head of the file's template
    choices: tuple[str, ...] = ()  #: of a choice; beside ids, what may stand instead


def columns_of(model: type[BaseModel], file: str, within: str) -> tuple[Column, ...]:
    """Return a column for each key of a row, keys of keys included.

    Lists of keys with values have no cell; they stay as they are in the file.

    Args:
        model: of one row.
        file: that holds the rows.
        within: the key that holds them.
    """
    return tuple(_columns(model, (), help_texts(file), within, required=True))


def _columns(
    model: type[BaseModel],
    path: tuple[str, ...],
    helps: Mapping[str, str],
    within: str,
    *,
    required: bool,
) -> Iterator[Column]:
    for name, info in model.model_fields.items():
        base, _ = unwrap(info)
        inner = member(base, BaseModel)
        needed = required and info.is_required()
        if inner:
            yield from _columns(inner, (*path, name), helps, within, required=needed)
        elif not _holds_models(base):
            key = dotted((*path, name))
            words = helps.get(f"{within}.{key}", "")
            yield Column(key, _kind(name, info), needed, words, _choices(base))


def _holds_models(base: object) -> bool:
    items = get_args(member(base, tuple))
    return any(isinstance(i, type) and issubclass(i, BaseModel) for i in items)


def _kind(name: str, info: FieldInfo) -> Kind:
    base, _ = unwrap(info)
    kinds = [get_origin(one) or one for one in members(base)]
    if tuple in kinds:
        return "roles" if name in _ROLES else "ids"
    if bool in kinds:
        return "flag"
    if Literal in kinds:
        return "choice"
    if dt.date in kinds:
        return "date"
    if int in kinds or float in kinds:
        return "number"
    return "role" if name in _ROLES else "text"


def _choices(base: object) -> tuple[str, ...]:
    inside = get_args(member(base, tuple))[:1]
    return tuple(
        str(word)
        for one in (*members(base), *inside)
        if get_origin(one) is Literal
        for word in get_args(one)
    )


def kind_at(model: type[BaseModel], key: str) -> Any:  # noqa: ANN401 - an annotation
    """Return the annotation of a column's key; object where there is no such key."""
    kind: Any = model
    for name in key.split("."):
        base, _ = unwrap(kind)
        fields = getattr(member(base, BaseModel), "model_fields", {})
        kind = fields.get(name, object)
    return kind


@cache
def help_texts(file: str) -> Mapping[str, str]:
    """Return what the head of a file's template says of each key, by dotted key."""
    path = packaged("templates") / "assessment" / file
    found: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if match := _KEY_LINE.match(line):
            indent, name = len(match[1]), match[2]
            above = [*(pair for pair in above if pair[0] < indent), (indent, name)]
            found[_key(above)] = match[3]
        elif above and (match := _MORE_LINE.match(line)):
            found[_key(above)] += f" {match[1]}"
    return found


def _key(above: Sequence[tuple[int, str]]) -> str:
    return ".".join(name for _, name in above)
