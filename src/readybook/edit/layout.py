"""Plain data to YAML text as people would write it; read back, it is the same data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from readybook.model.errors import InvalidInputError
from readybook.text.yaml import parse_yaml

__all__ = ["block_lines", "inline_text", "is_block", "literal_lines", "scalar_text"]

_STEP = 2  #: spaces of one level
_WIDTH = 88
#: What other readers of YAML take for a yes/no value, nothing or a number is quoted.
_AMBIGUOUS = re.compile(
    r"(?i:y|n|yes|no|on|off|true|false|null|~|=|<<)|[-+.]?[0-9][0-9_:.,eExXoOabT+ -]*"
)
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_Place = Literal["alone", "brackets", "key"]
#: Lines that hold a text in such a place, and what they mean.
_TRIALS: dict[_Place, tuple[str, Callable[[str], object]]] = {
    "alone": ("- {0}\n- a: {0}\n", lambda text: (text, {"a": text})),
    "brackets": ("[{0}, {{ a: {0} }}]\n", lambda text: (text, {"a": text})),
    "key": ("- {{ {0}: 1 }}\n- {0}: 1\n", lambda text: ({text: 1}, {text: 1})),
}
_PLANE = 0xFFFF  #: above it, an escape has eight digits


def is_block(value: object) -> bool:
    """Return whether a value takes lines of its own: keys, or a list of keys."""
    if isinstance(value, Mapping):
        return bool(value)
    return any(isinstance(item, Mapping) for item in _listed(value))


def _listed(value: object) -> Sequence[object]:
    """Return the items of a list; none of anything else."""
    return value if isinstance(value, Sequence) and not isinstance(value, str) else ()


def block_lines(value: object, indent: int) -> list[str]:
    """Return keys or list items, one after the other, each line indented.

    Args:
        value: a mapping or a sequence that is not empty.
        indent: spaces before each key or dash.
    """
    pad = " " * indent
    if isinstance(value, Mapping):
        return [
            line for key, item in value.items() for line in _entry(key, item, indent)
        ]
    lines: list[str] = []
    for item in value if isinstance(value, Sequence) else ():
        if isinstance(item, Mapping) and item:
            first, *rest = block_lines(item, indent + _STEP)
            lines += [f"{pad}- {first.lstrip()}", *rest]
        else:
            lines.append(f"{pad}- {inline_text(item)}")
    return lines


def _entry(key: str, value: object, indent: int) -> list[str]:
    head = f"{' ' * indent}{_text(key, 'key')}:"
    if is_block(value):
        return [head, *block_lines(value, indent + _STEP)]
    if isinstance(value, str) and (lines := literal_lines(value, indent + _STEP)):
        return [f"{head} {lines[0]}", *lines[1:]]
    line = f"{head} {inline_text(value)}"
    if len(line) > _WIDTH and _listed(value):
        return [head, *block_lines(value, indent + _STEP)]
    return [line]


def inline_text(value: object) -> str:
    """Return any value on one line: `[a, b]`, `{ a: 1 }` or a scalar."""
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return _flow(value) if is_list or isinstance(value, Mapping) else scalar_text(value)


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{_text(key, 'key')}: {_flow(item)}" for key, item in value.items())
        return f"{{ {', '.join(pairs)} }}" if value else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_flow, value))}]"
    return _text(value, "brackets") if isinstance(value, str) else scalar_text(value)


def scalar_text(value: object, *, quote: str = "") -> str:
    """Return a scalar on one line, as it stands beside a key or a dash.

    Args:
        value: text, number, yes/no value, date or nothing.
        quote: the quotes that are wanted around a text: ', " or none.
    """
    if isinstance(value, str):
        return _text(value, "alone", quote)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return value.isoformat()
    return "null" if value is None else str(value)


@lru_cache(maxsize=1024)
def _text(value: str, place: _Place, quote: str = "") -> str:
    single = f"'{value.replace(chr(39), chr(39) * 2)}'"
    plain = [] if _AMBIGUOUS.fullmatch(value) else [value]
    wanted = {"'": [single], '"': []}.get(quote, plain)
    for text in wanted:
        if "\n" not in text and _reads_as(text, value, place):
            return text
    return f'"{"".join(map(_escaped, value))}"'


def _reads_as(text: str, value: str, place: _Place) -> bool:
    """Return whether a text means this value where it is to stand."""
    lines, data = _TRIALS[place]
    try:
        read = parse_yaml(lines.format(text), name="").data
    except InvalidInputError:
        return False
    return read == data(value)


def _escaped(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if sign.isprintable():
        return sign
    code = ord(sign)
    return f"\\U{code:08X}" if code > _PLANE else f"\\u{code:04X}"


def literal_lines(value: str, indent: int) -> list[str]:
    """Return a text of several lines as `|-` and its lines; none where it cannot be."""
    body = value.removesuffix("\n")
    if "\n" not in body or body[0].isspace() or body[-1].isspace():
        return []
    mark = "|" if value.endswith("\n") else "|-"
    pad = " " * indent
    lines = [mark, *(f"{pad}{line}" if line else "" for line in body.split("\n"))]
    text = "- " + "\n".join(lines) + "\n"
    try:
        same = parse_yaml(text, name="").data == (value,)
    except InvalidInputError:
        return []
    return lines if same else []
