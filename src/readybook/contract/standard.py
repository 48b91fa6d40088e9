"""A contract by the standard: its form by the schema, its content by the models.

Both come with the standard's own package. Its models let slips pass that the schema
tells, and the schema has no models.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema
from open_data_contract_standard.model import DataQuality, OpenDataContractStandard
from pydantic import ValidationError

from readybook.model.errors import InvalidInputError, Problem, close_to, nearest
from readybook.text.refusals import describe, refusals
from readybook.text.yaml import KeyPath, Plain, dotted, shown

__all__ = ["form_problems", "given", "is_told", "typed"]

_NO_KEY = "remove it, or say it in customProperties"
_REFERENCE = "a reference such as table.column"
_STABLE_ID = "an id of letters, digits, _ and -"
#: Parts whose form the standard changed after version 3.0, and that the reader
#: therefore takes as they come.
_LATER = {"quality", "logicalTypeOptions"}
#: Parts in which a key that version 3.0 let pass is still taken for a slip.
_STRICT = {"schema", "servers"}
#: The keys of a contract that are read.
_USED = ("id", "version", "status", "customProperties", "servers", "schema",
         "slaProperties", "slaDefaultElement")  # fmt: skip
#: Keys whose empty value is a value: of a property, of an enumeration.
_SAYS_NOTHING = {"value"}
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


def given(data: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a contract without its empty keys: by the standard they are not given.

    What a property or an argument of a rule says is left as it is.
    """
    if isinstance(data, list):
        return [given(item) for item in data]
    if not isinstance(data, dict):
        return data
    said = {"arguments", "value"} if "property" in data else {"arguments"}
    return {
        key: value if key in said else given(value)
        for key, value in data.items()
        if value is not None or key in _SAYS_NOTHING
    }


def typed(data: dict[str, Any], plain: Plain) -> OpenDataContractStandard:
    """Return what is used of a contract, whose form is right, as the standard's models.

    Raises:
        InvalidInputError: with what the models refuse, though the schema did not.
    """
    used = {key: data[key] for key in _USED if key in data}
    try:
        return OpenDataContractStandard.model_validate(_usable(used))
    except ValidationError as error:
        found = refusals(plain, OpenDataContractStandard, error)
        raise InvalidInputError(found.values()) from None


def _usable(data: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return data without rules and options of a form that version 3.0 left open."""
    if isinstance(data, list):
        return [_usable(item) for item in data]
    if not isinstance(data, dict):
        return data
    data = {key: value if key == "value" else _usable(value)
            for key, value in data.items()}  # fmt: skip
    if not isinstance(data.get("logicalTypeOptions", {}), dict):
        del data["logicalTypeOptions"]
    if "quality" in data:  # whose rules keep their places in the list
        rules = data["quality"] if isinstance(data["quality"], list) else []
        data["quality"] = [rule if _is_rule(rule) else {} for rule in rules]
    return data


def _is_rule(rule: object) -> bool:
    try:
        DataQuality.model_validate(rule)
    except ValidationError:
        return False
    return True


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
        is_older = version.startswith("v3.0.")
        if is_older and _was_valid(error):
            continue
        for path, found, expected, do in _say(error, is_older=is_older):
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


def _say(error: Any, *, is_older: bool) -> Iterator[_Said]:  # noqa: ANN401
    path: KeyPath = tuple(error.absolute_path)
    found = describe(error.instance)
    rule = error.validator_value
    match error.validator:
        case word if word in _UNKNOWN:
            yield from _say_unknown(error, path, is_older=is_older)
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


def _say_unknown(
    error: Any,  # noqa: ANN401
    path: KeyPath,
    *,
    is_older: bool,
) -> Iterator[_Said]:
    known = sorted(_known_keys(error.schema))
    for key in error.instance:
        # A value that fails makes its key "unevaluated"; that is told there. Version
        # 3.0 let other tools add keys: there only a slip is told.
        if key not in known and not (is_older and path and not close_to(key, known)):
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
