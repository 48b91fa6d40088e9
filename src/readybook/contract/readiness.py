"""Our own properties of a contract: where each may stand, and what it takes."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from readybook.contract.schema import is_told
from readybook.model.errors import Problem, nearest
from readybook.text.documents import Judge, Loaded
from readybook.text.refusals import describe
from readybook.text.yaml import KeyPath, Plain, dotted, shown

__all__ = [
    "custom_path",
    "custom_values",
    "has_readiness",
    "is_day",
    "is_duration",
    "is_number",
    "readiness_problems",
    "secret_keys",
]

_PREFIX = "readiness."
_DURATION = re.compile(
    r"(?=.*[1-9])P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?"
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


# --- what a value may be -----------------------------------------------------------


def is_number(value: object) -> bool:
    """Return whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_duration(value: object) -> bool:
    """Return whether a value is an ISO 8601 duration of more than nothing."""
    return isinstance(value, str) and _DURATION.fullmatch(value) is not None


def is_day(value: object) -> bool:
    """Return whether a value is the ISO 8601 text of a day of the calendar."""
    if not (isinstance(value, str) and _DAY.fullmatch(value)):
        return False
    try:
        return bool(dt.date.fromisoformat(value))
    except ValueError:
        return False


def _is_zone(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(zoneinfo.ZoneInfo(value))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _is_keys(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_names, value))


def _is_share(value: object) -> bool:
    return is_number(value) and 0 <= value <= 1  # type: ignore[operator]


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_rows(value: object) -> bool:
    return isinstance(value, dict | list) and bool(value)


def _is_variable(value: object) -> bool:
    return isinstance(value, str) and _VARIABLE.fullmatch(value) is not None


# --- where a property may stand ----------------------------------------------------

_Kind = tuple[Callable[[object], bool], str]  # what judges a value, what it takes
_TEXT: _Kind = (_is_text, "text")
_FLAG: _Kind = (_is_flag, "true or false")
_SHARE: _Kind = (_is_share, "a share from 0 to 1")
_COLUMN: _Kind = (_is_text, "the name of a column")
_DATE: _Kind = (is_day, "a date such as 2026-12-31")
_SPAN: _Kind = (is_duration, "an ISO 8601 duration such as P1D, P2Y or PT1H")
_ROWS: _Kind = (_is_rows, "rows such as {column: NAME, from: 1, to: 9}")
_VARIABLE_NAME: _Kind = (_is_variable, "the name of an environment variable")
_KNOWN: dict[str, dict[str, _Kind]] = {
    "table": {
        "eventTime": _COLUMN,
        "timeZone": (_is_zone, "a time zone such as Europe/Vienna"),
        "grain": _SPAN,
        "historyNeeded": _SPAN,
        "keys": (_is_keys, "a list of lists of columns such as [[a, b]]"),
        "segments": (_is_names, "a list of columns such as [site]"),
        "train": _ROWS,
        "live": _ROWS,
        "expires": _DATE,
        "origin": _TEXT,
    },
    "column": {
        "needed": _FLAG,
        "label": _FLAG,
        "labelKnown": _COLUMN,
        "labelFill": _SHARE,
        "labelDelay": _SPAN,
        "origin": _TEXT,
    },
    "category": {"minRows": (_is_count, "a whole number of at least 0")},
    "relationship": {"orphansTolerated": _SHARE},
    "server": {"userVariable": _VARIABLE_NAME, "passwordVariable": _VARIABLE_NAME},
    "contract": {"expires": _DATE},
}
_PLACES = {
    "schema": "table",
    "properties": "column",
    "enum": "category",
    "relationships": "relationship",
    "servers": "server",
}
#: People may have put the secret itself where its variable's name belongs.
_SECRET = {f"{_PREFIX}{name}" for name in _KNOWN["server"]}
_SECRET_FOUND = "a value that is no such name"  # noqa: S105 - words of a message
_SECRET_DO = "write its name in capitals, such as WAREHOUSE_USER; keep the value out"  # noqa: S105


def custom_values(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `readiness.` properties of an element, without the prefix."""
    return {
        entry["property"].removeprefix(_PREFIX): entry["value"]
        for entry in item.get("customProperties", [])
        if entry["property"].startswith(_PREFIX)
    }


def custom_path(item: Mapping[str, Any], name: str) -> KeyPath:
    """Return where, below an element, the value of a `readiness.` property stands."""
    entries = item.get("customProperties", [])
    names = [entry["property"] for entry in entries]
    return ("customProperties", names.index(f"{_PREFIX}{name}"), "value")


def has_readiness(data: object) -> bool:
    """Return whether a contract has any of our properties: it was written for us."""
    return next(_entries(data, ()), None) is not None


# --- what is wrong with them -------------------------------------------------------


def secret_keys(data: object) -> set[str]:
    """Return the keys, as messages print them, whose value no message may repeat."""
    return {
        dotted((*path, "value"))
        for path, entry in _entries(data, ())
        if entry["property"] in _SECRET
    }


def readiness_problems(data: object, plain: Plain) -> list[Problem]:
    """Return what is wrong with the `readiness.` properties, wherever they stand.

    Args:
        data: the contract as JSON has it.
        plain: the file it was read from, for the lines.
    """
    entries = list(_entries(data, ()))
    judge = Judge(Loaded(plain.name, None, plain.lines))
    for path, entry in entries:
        secret = entry["property"] in _SECRET
        if secret or not is_told((*path, "value"), plain):
            for place, words in _judge(path, entry):
                judge.report(place, *words)
    holders = {path[:-1]: None for path, _ in entries}
    for holder in holders:
        judge.once(
            ((*path, "property"), str(entry["property"]))
            for path, entry in entries
            if path[:-1] == holder
        )
    return judge.problems


def _entries(data: object, path: KeyPath) -> Iterator[tuple[KeyPath, dict[str, Any]]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _entries(value, (*path, key))
    elif isinstance(data, list):
        for at, value in enumerate(data):
            here = (*path, at)
            if path[-1:] == ("customProperties",) and isinstance(value, dict):
                if str(value.get("property", "")).startswith(_PREFIX):
                    yield here, value
            else:
                yield from _entries(value, here)


def _place(path: KeyPath) -> str:
    """Return what holds an entry; properties elsewhere would never be read."""
    match path:
        case ("customProperties", int()):
            return "contract"
        case (*_, str(holder), int(), "customProperties", int()):
            return _PLACES.get(holder, "elsewhere")
    return "elsewhere"


def _judge(
    path: KeyPath, entry: dict[str, Any]
) -> Iterator[tuple[KeyPath, tuple[str, str, str]]]:
    place = _place(path)
    known = _KNOWN.get(place, {})
    full = str(entry["property"])
    name = full.removeprefix(_PREFIX)
    if name not in known:
        yield (*path, "property"), _misplaced(full, name, place)
    elif "value" in entry and not known[name][0](entry["value"]):
        expected = known[name][1]
        words = (describe(entry["value"]), expected, f"write {expected}")
        if full in _SECRET:
            words = (_SECRET_FOUND, expected, _SECRET_DO)
        yield (*path, "value"), words


def _misplaced(full: str, name: str, place: str) -> tuple[str, str, str]:
    found = f"'{shown(full)}'"
    right = [level for level, names in _KNOWN.items() if name in names]
    if right:
        expected = "this property in a " + " or a ".join(right)
        return found, expected, "move it to the " + " or the ".join(right)
    names = [f"{_PREFIX}{word}" for word in _KNOWN.get(place, ())]
    everywhere = [f"{_PREFIX}{word}" for level in _KNOWN.values() for word in level]
    holder = f" that a {place} has" if names else ""
    advice = nearest(full, names or list(dict.fromkeys(everywhere)))
    return found, f"a readiness property{holder}", advice
