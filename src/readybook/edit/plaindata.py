"""What a page sends to what a file holds, and back: dates, numbers, nothing."""

from __future__ import annotations

import datetime as dt
import re
import types
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel

from readybook.text.refusals import unwrap

__all__ = ["in_order", "member", "members", "to_file", "to_page"]

Value = TypeVar("Value")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def to_page(value: object) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """Return plain data as JSON has it: dates as texts, lists as lists."""
    if isinstance(value, Mapping):
        return {str(key): to_page(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [to_page(item) for item in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def to_file(value: object, kind: object) -> Any:  # noqa: ANN401 - as above
    """Return JSON data as a file holds it, in the order of the model's keys.

    Args:
        value: what a page sent. Keys without a value or with an empty text are left
            out, and so are keys whose own keys all are.
        kind: what it is to become: a model, or the type of one of its fields.
    """
    base, _ = unwrap(kind)
    if isinstance(value, Mapping):
        return _keys(value, base)
    if isinstance(value, Sequence) and not isinstance(value, str):
        inner = (*get_args(member(base, tuple)), object)[0]
        return tuple(to_file(item, inner) for item in value)
    if isinstance(value, str):
        is_date = _is_date(value, base)
        return dt.date.fromisoformat(value) if is_date else _whole(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _keys(value: Mapping[str, object], base: object) -> dict[str, object]:
    model = member(base, BaseModel)
    fields = model.model_fields if model else {}
    found = {
        str(key): to_file(item, fields.get(str(key), object))
        for key, item in value.items()
        if not _is_nothing(item)
    }
    kept = {key: item for key, item in found.items() if item != {}}
    return in_order(kept, list(fields))


def in_order(data: Mapping[str, Value], names: Sequence[str]) -> dict[str, Value]:
    """Return the data with known keys first, in their order, then the others."""
    known = {key: data[key] for key in names if key in data}
    return {**known, **data}


def _whole(text: str) -> str:
    """Return the text with half a sign, which no file can hold, as a sign of its own.

    A page that cuts a text to a length may cut an emoji in two.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_nothing(item: object) -> bool:
    return item is None or (isinstance(item, str) and not item.strip())


def members(base: object) -> list[Any]:
    """Return the types of a union; of another type, the type alone."""
    if get_origin(base) in {Union, types.UnionType}:
        return [unwrap(member)[0] for member in get_args(base)]
    return [base]


def member(base: object, wanted: type) -> Any:  # noqa: ANN401 - a type, or none
    """Return the member of a union that is a list, or a model; None if none is."""
    for member in members(base):
        kind = get_origin(member) or member
        if isinstance(kind, type) and issubclass(kind, wanted):
            return member
    return None


def _is_date(value: str, base: object) -> bool:
    if dt.date not in members(base) or not _DAY.fullmatch(value):
        return False
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True
