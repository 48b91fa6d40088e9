"""JSON files that readybook writes and reads back; people are not asked to mend them.

Whoever finds one damaged is told how to have it written again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from readybook.model.errors import InvalidInputError, Problem
from readybook.model.findings import Evidence
from readybook.text.documents import save_text
from readybook.text.refusals import refusals
from readybook.text.yaml import Plain

__all__ = ["evidence_text", "json_parser", "plain_json", "save_evidence"]

Model = TypeVar("Model", bound=BaseModel)

# One point a line: a series of days stays readable, and so does its difference.
_POINT = re.compile(r'\{\n\s+("label": .*),\n\s+("value": .*)\n\s+\}')


def evidence_text(evidence: Evidence) -> str:
    """Return evidence as JSON: the same models give the same text."""
    text = json.dumps(evidence.model_dump(mode="json"), indent=1, ensure_ascii=False)
    return _POINT.sub(r"{\1, \2}", text) + "\n"


def save_evidence(evidence: Evidence, path: Path) -> None:
    """Write evidence to a file in one step; its folder is made where it is missing.

    Raises:
        OSError: the file cannot be written; what was there before is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    save_text(path, evidence_text(evidence))


def json_parser(name: str, model: type[Model], do: str) -> Callable[[bytes], Model]:
    """Return what parses the content of one file.

    Args:
        name: of the file, as problems print it.
        model: what it must be.
        do: what whoever finds it damaged should do.
    """

    def parse(raw: bytes) -> Model:
        try:
            return model.model_validate_json(raw)
        except ValidationError as error:
            found = refusals(plain_json(raw, name, do), model, error).values()
        raise InvalidInputError(
            Problem(name, 0, item.key, item.found, item.expected, do) for item in found
        )

    return parse


def plain_json(raw: bytes, name: str, do: str) -> Plain:
    """Return the content of a file as plain data; arguments as for `json_parser`.

    Raises:
        InvalidInputError: it is no JSON.
    """
    try:
        return Plain(name, json.loads(raw), {})
    except (ValueError, RecursionError):
        problem = Problem(name, 0, "", "a damaged file", "JSON in UTF-8", do)
        raise InvalidInputError([problem]) from None
