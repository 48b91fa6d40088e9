"""What a field takes, in words: read off the annotations of the models."""

from __future__ import annotations

import datetime as dt
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

__all__ = ["QUESTION_ID", "expected", "unwrap"]

QUESTION_ID = r"^[A-Z][A-Z0-9]{1,7}-[0-9]{2,3}$"
_WORDS: dict[object, str] = {
    bool: "true or false",
    dt.date: "a date such as 2026-03-31",
    float: "a number",
    int: "a whole number",
    str: "text",
}
#: Texts with a pattern, in words.
_PATTERNS = {
    r"^[a-z0-9][a-z0-9-]*$": "an id of small letters, digits and hyphens (at most 60)",
    QUESTION_ID: (
        "a question id such as AVL-01 (a capital letter first, 2 to 8 capitals or "
        "digits, a hyphen, 2 or 3 digits)"
    ),
    r"^[A-Z]{3}$": "a currency code such as EUR",
    r"^\d+\.\d+\.\d+$": "a version such as 1.0.0",
}
_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five"}


def expected(kind: Any) -> str:  # noqa: ANN401 - an annotation has no narrower type
    """Return what a field of this type takes, in words."""
    base, notes = unwrap(kind)
    origin, args = get_origin(base), get_args(base)
    if origin in {Union, types.UnionType}:
        words = [word for member in args for word in _alternatives(member)]
        return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
    if origin is Literal:
        words = _alternatives(base)
        return words[0] if len(words) == 1 else "one of " + ", ".join(words)
    if origin is tuple:
        return _expected_list(args, notes)
    if origin is dict:
        return "keys with values"
    if isinstance(base, type) and issubclass(base, BaseModel):
        fields = base.model_fields.items()
        required = [name for name, info in fields if info.is_required()]
        return "the keys " + ", ".join(required or base.model_fields)
    return _expected_scalar(base, notes)


def _alternatives(member: Any) -> list[str]:  # noqa: ANN401
    if get_origin(member) is Literal:
        return [f"'{a}'" if isinstance(a, str) else str(a) for a in get_args(member)]
    return [] if member is type(None) else [expected(member)]


def _expected_list(args: tuple[Any, ...], notes: dict[str, Any]) -> str:
    if args[-1] is not Ellipsis:
        noun = " texts" if expected(args[0]) == "text" else ""
        return f"a list of {_NUMBERS.get(len(args), len(args))}{noun}"
    least, most = notes.get("min_length"), notes.get("max_length")
    if least:
        return f"a list of at least {least}"
    return f"a list of at most {most}" if most else "a list"


def _expected_scalar(base: object, notes: dict[str, Any]) -> str:
    word = _WORDS.get(base, "a value")
    if pattern := notes.get("pattern"):
        return _PATTERNS.get(pattern, f"text like {pattern}")
    if "le" in notes:
        if "gt" in notes:
            return f"{word} above {notes['gt']}, at most {notes['le']}"
        return f"{word} from {notes['ge']} to {notes['le']}"
    if "gt" in notes:
        return f"{word} above {notes['gt']}"
    return f"{word} of at least {notes['ge']}" if "ge" in notes else word


def unwrap(kind: Any) -> tuple[Any, dict[str, Any]]:  # noqa: ANN401
    """Return the bare type and the constraints that stand around it."""
    notes: dict[str, Any] = {}
    if isinstance(kind, FieldInfo):
        inner, notes = unwrap(kind.annotation)
        return inner, {**notes, **_notes(kind.metadata)}
    while get_origin(kind) is Annotated:
        kind, *metadata = get_args(kind)
        notes |= _notes(metadata)
    return kind, notes


def _notes(metadata: list[Any]) -> dict[str, Any]:
    notes: dict[str, Any] = {}
    for note in metadata:
        inner = note.metadata if isinstance(note, FieldInfo) else [note]
        for item in inner:
            for name in ("ge", "gt", "le", "min_length", "max_length", "pattern"):
                value = getattr(item, name, None)
                if value is not None:
                    notes[name] = value
    return notes
