"""Judge the form of a contract by the standard's own schema."""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema

from readybook.model.errors import Problem, nearest
from readybook.text.refusals import describe
from readybook.text.yaml import KeyPath, Plain, dotted, shown

__all__ = ["form_problems", "is_told"]

_NO_KEY = "remove it, or say it in customProperties"
_REFERENCE = "a reference such as table.column"
_STABLE_ID = "an id of letters, digits, _ and -"
#: Parts whose form the standard changed after version 3.0, and that the reader
#: therefore takes as they come.
_LATER = {"quality", "logicalTypeOptions"}
#: Parts in which a key that version 3.0 let pass is still taken for a slip.
_STRICT = {"schema", "servers"}
_UNKNOWN = {"additionalProperties", "unevaluatedProperties"}
_TYPES = {
    "string": "text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "array": "a list",
    "object": "keys with values",
    "null": "nothing",
}


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
    version = str(data.get("apiVersion")) if isinstance(data, dict) else ""
    for outer in _validator().iter_errors(data):
        error = _deepest(outer)
        if version.startswith("v3.0.") and _was_valid(error):
            continue
        for path, found, expected, do in _say(error):
            if not is_told(path, plain):
                line = plain.line(path)
                problem = Problem(plain.name, line, dotted(path), found, expected, do)
                problems.setdefault((path, found), problem)
    if version.startswith("v2."):
        problems["apiVersion",] = Problem(  # type: ignore[index]
            plain.name, plain.line(("apiVersion",)), "apiVersion",
            describe(version), "a version 3 of the standard",
            "bring the contract to v3.2.0",
        )  # fmt: skip
    return list(problems.values())


def _was_valid(error: Any) -> bool:  # noqa: ANN401
    """Return whether version 3.0 let pass, or may have, what is now an error."""
    path = list(error.absolute_path)
    unused = bool(path) and path[0] not in _STRICT
    return not _LATER.isdisjoint(path) or (unused and error.validator in _UNKNOWN)


def is_told(path: KeyPath, plain: Plain) -> bool:
    """Return whether a place, or one around it, could not be read and was reported."""
    return any(path[:size] in plain.bad for size in range(len(path) + 1))


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
        case word if word in _UNKNOWN:
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
