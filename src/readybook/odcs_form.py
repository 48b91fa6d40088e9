"""Judge the form of a contract: the standard's schema, and our own properties."""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import jsonschema

from readybook.documents import Judge, Loaded
from readybook.errors import Problem, nearest
from readybook.refusals import describe
from readybook.yamltext import KeyPath, Plain, dotted, shown

__all__ = ["custom_path", "custom_values", "form_problems", "readiness_problems"]

_PREFIX = "readiness."
_DURATION = re.compile(
    r"(?=.*[1-9])P(?=\d|T\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?"
)
_NO_KEY = "remove it, or say it in customProperties"
_REFERENCE = "a reference such as table.column"
_STABLE_ID = "an id of letters, digits, _ and -"
_TYPES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "keys with values",
    "null": "nothing",
}


# --- the standard's schema ---------------------------------------------------------


@functools.cache
def _validator() -> jsonschema.Draft201909Validator:
    package = importlib.resources.files("open_data_contract_standard")
    schema = json.loads((package / "schema.json").read_text("utf-8"))
    return jsonschema.Draft201909Validator(schema)


def form_problems(data: object, plain: Plain) -> list[Problem]:
    """Return where a contract breaks the standard's schema, one Problem per place.

    Args:
        data: the contract as JSON has it.
        plain: the file it was read from, for the lines.
    """
    problems: dict[tuple[KeyPath, str], Problem] = {}
    for error in _validator().iter_errors(data):
        for path, found, expected, do in _say(_deepest(error)):
            if not any(path[:size] in plain.bad for size in range(len(path) + 1)):
                line = plain.line(path)
                problem = Problem(plain.name, line, dotted(path), found, expected, do)
                problems.setdefault((path, found), problem)
    version = data.get("apiVersion") if isinstance(data, dict) else None
    if isinstance(version, str) and version.startswith("v2."):
        problems["apiVersion",] = Problem(  # type: ignore[index]
            plain.name, plain.line(("apiVersion",)), "apiVersion",
            describe(version), "a version 3 of the standard",
            "bring the contract to v3.2.0",
        )  # fmt: skip
    return list(problems.values())


def _deepest(error: Any) -> Any:  # noqa: ANN401 - typed in part
    """Return, of the alternatives that all failed, the one that came furthest."""
    while error.context:
        error = max(error.context, key=lambda inner: len(inner.absolute_path))
    return error


_Said = tuple[KeyPath, str, str, str]  # where, found, expected, do


def _say(error: Any) -> Iterator[_Said]:  # noqa: ANN401
    path: KeyPath = tuple(error.absolute_path)
    found = describe(error.instance)
    rule = error.validator_value
    match error.validator:
        case "additionalProperties" | "unevaluatedProperties":
            yield from _say_unknown(error, path)
        case "required":
            yield from _say_missing(error, path)
        case "enum":
            do = nearest(str(error.instance), [str(word) for word in rule])
            yield path, found, "a value of the standard", do
        case "type":
            kinds = [rule] if isinstance(rule, str) else rule
            expected = " or ".join(_TYPES[kind] for kind in kinds)
            yield path, found, expected, _advice(error.instance, kinds)
        case "pattern":
            expected = _REFERENCE if "\\." in rule or "/" in rule else _STABLE_ID
            yield path, found, expected, f"write {expected}"
        case _:
            expected = f"what the standard allows ({shown(error.message)})"
            yield path, found, expected, "see the standard (ODCS v3.2)"


def _say_unknown(error: Any, path: KeyPath) -> Iterator[_Said]:  # noqa: ANN401
    known = sorted(_known_keys(error.schema))
    for key in error.instance:
        # A value that fails makes its key "unevaluated"; that is told there.
        if key not in known:
            do = nearest(key, known)
            do = do if "did you mean" in do else _NO_KEY
            yield (*path, key), "an unknown key", "a key of the standard", do


def _say_missing(error: Any, path: KeyPath) -> Iterator[_Said]:  # noqa: ANN401
    for key in error.validator_value:
        # The standard's schema wants a `map` of columns without a type too.
        slip = key == "map" and "logicalType" not in error.instance
        if key not in error.instance and not slip:
            do = f"add '{key}: ...'"
            yield (*path, key), "no such key", "a key of the standard", do


def _advice(value: object, kinds: list[str]) -> str:
    if "string" in kinds and isinstance(value, bool | int | float):
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return f'put it in quotes: "{text}"'
    return "write " + " or ".join(_TYPES[kind] for kind in kinds)


def _known_keys(schema: Mapping[str, Any]) -> set[str]:
    """Return the keys that a schema and what it is made of name."""
    known = set(schema.get("properties", {}))
    parts = [*schema.get("allOf", []), *schema.get("anyOf", [])]
    parts += [schema[word] for word in ("then", "else") if word in schema]
    if "$ref" in schema:
        target: Any = _validator().schema
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        parts.append(target)
    parts += schema.get("oneOf", [])
    for part in parts:
        known |= _known_keys(part)
    return known


# --- our own properties ------------------------------------------------------------


def _is_duration(value: object) -> bool:
    return isinstance(value, str) and _DURATION.fullmatch(value) is not None


def _is_zone(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(zoneinfo.ZoneInfo(value))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_names(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_name, value))


def _is_keys(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_names, value))


def _is_share(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= 1  # type: ignore[operator]


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_name(value: object) -> bool:
    return isinstance(value, str) and bool(value)


_DURATION_WORDS = "an ISO 8601 duration such as P1D, P2Y or PT1H"
#: Where each property may stand, what judges its value, and what it takes.
_KNOWN: dict[str, dict[str, tuple[Callable[[object], bool], str]]] = {
    "table": {
        "eventTime": (_is_name, "the name of a column"),
        "timeZone": (_is_zone, "a time zone such as Europe/Vienna"),
        "grain": (_is_duration, _DURATION_WORDS),
        "historyNeeded": (_is_duration, _DURATION_WORDS),
        "keys": (_is_keys, "a list of lists of columns such as [[a, b]]"),
        "segments": (_is_names, "a list of columns such as [site]"),
    },
    "column": {"needed": (lambda value: isinstance(value, bool), "true or false")},
    "category": {"minRows": (_is_count, "a whole number of at least 0")},
    "relationship": {"orphansTolerated": (_is_share, "a share from 0 to 1")},
    "contract": {},
}
_PLACES = {
    "schema": "table",
    "properties": "column",
    "enum": "category",
    "relationships": "relationship",
}


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


def readiness_problems(data: object, plain: Plain) -> list[Problem]:
    """Return what is wrong with the `readiness.` properties, wherever they stand."""
    entries = list(_entries(data, ()))
    judge = Judge(Loaded(plain.name, None, plain.lines))
    for path, entry in entries:
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


def _judge(
    path: KeyPath, entry: dict[str, Any]
) -> Iterator[tuple[KeyPath, tuple[str, str, str]]]:
    holder = path[-4] if len(path) >= 4 and isinstance(path[-3], int) else ""  # noqa: PLR2004
    place = _PLACES.get(str(holder), "contract")
    known = _KNOWN[place]
    full = str(entry["property"])
    name = full.removeprefix(_PREFIX)
    if name not in known:
        names = [f"{_PREFIX}{word}" for word in known]
        everywhere = [f"{_PREFIX}{word}" for level in _KNOWN.values() for word in level]
        expected = f"a readiness property that a {place} has"
        words = (f"'{shown(full)}'", expected, nearest(full, names or everywhere))
        if full in everywhere:
            right = next(level for level in _KNOWN if name in _KNOWN[level])
            words = (words[0], f"this property in a {right}", f"move it to the {right}")
        yield (*path, "property"), words
    elif "value" in entry and not known[name][0](entry["value"]):
        expected = known[name][1]
        found = describe(entry["value"])
        yield (*path, "value"), (found, expected, f"write {expected}")
