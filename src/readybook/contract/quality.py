"""Read what the quality rules of a contract declare; none of them is ever run.

Rules are taken as they come: the standard changed their form after version 3.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readybook.contract.joins import column_name
from readybook.contract.readiness import is_number
from readybook.model.contract import NullLimit
from readybook.text.documents import Judge
from readybook.text.refusals import describe
from readybook.text.yaml import KeyPath

__all__ = [
    "as_text",
    "count_rules_not_run",
    "null_limit",
    "null_tokens",
    "unique_columns",
]

_Rule = tuple[int, Mapping[str, Any]]  # its place in the list, its keys

#: Operators that set a limit from above, and whether the limit itself is allowed.
_LIMITS = {"mustBe": True, "mustBeLessOrEqualTo": True, "mustBeLessThan": False}
_PERCENT = ("percent", "%")
_DIGITS = 12  #: of a share: hundredths of a decimal number are not exact


def as_text(value: object) -> str:
    """Return a value as a source's text has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def null_limit(
    prop: Mapping[str, Any], path: KeyPath, judge: Judge
) -> NullLimit | None:
    """Return how many values of a column may be missing; None: nobody said.

    `required` allows none. Else the first rule on nullValues with a limit from above
    counts, in rows (the standard's default) or percent.

    Args:
        prop: the column, as the contract has it.
        path: where it stands.
        judge: takes a limit below 0.
    """
    if prop.get("required"):
        return NullLimit(limit=0.0)
    for at, rule in _rules(prop, "nullValues"):
        unit = str(rule.get("unit", "rows")).casefold()
        key = next((key for key in _LIMITS if is_number(rule.get(key))), None)
        if key is None or unit not in ("rows", *_PERCENT):
            continue
        number = rule[key]
        if number < 0:
            judge.report(
                (*path, "quality", at, key), describe(number),
                "a number of at least 0", "write how many values may be missing",
            )  # fmt: skip
            return None
        if unit in _PERCENT:
            share = round(number / 100, _DIGITS)
            return NullLimit(limit=share, allows_limit=_LIMITS[key])
        return NullLimit(limit=float(number), unit="rows", allows_limit=_LIMITS[key])
    return None


def null_tokens(prop: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the texts that rules on missingValues declare to mean null."""
    declared = [
        as_text(token)
        for _, rule in _rules(prop, "missingValues")
        for token in _argument(rule, "missingValues")
        if token is not None
    ]
    return tuple(dict.fromkeys(declared))


def unique_columns(
    item: dict[str, Any], path: KeyPath, judge: Judge
) -> Iterator[tuple[str, ...]]:
    """Yield the combinations of columns that a table's rules on duplicates forbid.

    Args:
        item: the table, as the contract has it.
        path: where it stands.
        judge: takes names of columns that the table does not have.
    """
    for at, rule in _rules(item, "duplicateValues"):
        names = _argument(rule, "properties")
        here = (*path, "quality", at, "arguments", "properties")
        if not _forbids(rule) or not names:
            continue
        before = len(judge.problems)
        key = tuple(column_name(item, str(name), here, judge) for name in names)
        if len(judge.problems) == before:
            yield key
    for prop in item.get("properties", []):
        if any(_forbids(rule) for _, rule in _rules(prop, "duplicateValues")):
            yield (column_name(item, prop["name"], path, judge),)


def _forbids(rule: Mapping[str, Any]) -> bool:
    return any(is_number(rule.get(key)) and rule[key] == 0
               for key in ("mustBe", "mustBeLessOrEqualTo"))  # fmt: skip


def count_rules_not_run(element: Mapping[str, Any]) -> int:
    """Return how many rules of a table, or of what is in it, are SQL or an engine's.

    They are never run: a contract may come from anyone.
    """
    own = sum(rule.get("type") in ("sql", "custom") for _, rule in _rules(element))
    parts = [*element.get("properties", []), *element.get("map", {}).values()]
    if "items" in element:
        parts.append(element["items"])
    return own + sum(map(count_rules_not_run, parts))


def _rules(element: Mapping[str, Any], metric: str = "") -> Iterator[_Rule]:
    """Yield the rules of an element, or those on one metric."""
    rules = element.get("quality", [])
    for at, rule in enumerate(rules if isinstance(rules, list) else []):
        if isinstance(rule, dict):
            named = rule.get("metric", rule.get("rule"))
            if not metric or named == metric:
                yield at, rule


def _argument(rule: Mapping[str, Any], name: str) -> list[Any]:
    """Return an argument of a rule as a list; one value may stand alone."""
    arguments = rule.get("arguments", {})
    value = arguments.get(name, []) if isinstance(arguments, dict) else []
    return value if isinstance(value, list) else [value]
