"""Compare what the programs found: the same question must have the same answer."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

__all__ = ["Answers", "differing", "from_evidence", "unmeasured"]

Answers = Mapping[str, Any]

_HIDDEN = "<10"
#: Columns whose values are bins as they are; others are binned in different ways.
_FEW_VALUES = ("carrier", "origin")


def differing(reference: Answers, other: Answers) -> tuple[int, list[str]]:
    """Return how many answers two programs share, and which of them differ.

    Most programs answer a part of the questions; each is compared where both do.
    """
    pairs = dict(_leaves(reference)), dict(_leaves(other))
    shared = sorted(pairs[0].keys() & pairs[1].keys())
    return len(shared), [name for name in shared if pairs[0][name] != pairs[1][name]]


def _leaves(answers: Answers, prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in answers.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{name} / ")
        elif value != _HIDDEN:
            yield f"{prefix}{name}", value


def from_evidence(file: Path) -> Answers:
    """Return the answers that readybook's evidence/data.json holds of the flights.

    Small groups are hidden in it, so they are left out.
    """
    evidence = json.loads(file.read_text(encoding="utf-8"))
    table = next(one for one in evidence["tables"] if one["table"] == "flights")
    found: dict[str, Any] = {"rows": table["rows"], "engine": table["engine"]}
    for finding in evidence["findings"]:
        if finding["subject"].split(".")[0].split(" ")[0] == "flights":
            _add(found, finding)
    return found


def unmeasured(file: Path) -> str:
    """Return which checks could not be measured, and how often: they took no time."""
    findings = json.loads(file.read_text(encoding="utf-8"))["findings"]
    left = Counter(one["check"] for one in findings if one["outcome"] == "not measured")
    named = ", ".join(f"{check} {number}" for check, number in sorted(left.items()))
    return f"{len(findings)} findings; not measured: {named or 'none'}"


def _add(found: dict[str, Any], finding: dict[str, Any]) -> None:
    """Put one finding where the other programs have the same answer."""
    value, subject = finding["value"], finding["subject"]
    column = subject.partition(".")[2]
    points = {
        one["name"]: {point["label"]: point["value"] for point in one["points"]}
        for one in finding["series"]
    }
    check = finding["check"]
    if value is None:
        return
    if check == "keys-unique":
        _add_key(found, column, value)
    elif check == "joins-match":
        found.setdefault("orphans", {})[subject] = value
    elif check == "history-span":
        found.setdefault("span", {})["days"] = value
        found["rows_by_month"] = points["month"]
    elif check == "history-gaps":
        found.setdefault("span", {})["missing"] = value
    elif check == "categories-populated":
        found.setdefault("categories", {})[column] = points["category"]
    elif check == "values-declared":
        found.setdefault("undeclared", {})[column] = value
    elif check == "nulls-tolerated":
        _add_nulls(found, column, finding, points["month"])
    elif check == "live-like-training" and column in _FEW_VALUES:
        found.setdefault("psi", {})[column] = value


def _add_key(found: dict[str, Any], columns: str, repeated: int) -> None:
    """Put how many values of a key repeat; one column is a key to have them counted."""
    if "+" in columns:
        found["duplicate_keys"] = repeated
    else:
        found.setdefault("repeated", {})[columns] = repeated


def _add_nulls(
    found: dict[str, Any],
    column: str,
    finding: Mapping[str, Any],
    by_month: Mapping[str, Any],
) -> None:
    """Put the rows with a value where the limit is in rows, and else months."""
    if finding["unit"] != "rows":
        found.setdefault("null_percent", {})[column] = by_month
    elif finding["value"] != _HIDDEN:
        present = found["rows"] - finding["value"]
        found.setdefault("non_null", {})[column] = present
