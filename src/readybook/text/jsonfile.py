"""JSON files that readybook itself wrote, to frozen models; people are not asked to mend.

Whoever finds one damaged is told how to have it written again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from readybook.model.errors import InvalidInputError, Problem
from readybook.text.refusals import refusals
from readybook.text.yaml import Plain

__all__ = ["json_parser", "plain_json"]

Model = TypeVar("Model", bound=BaseModel)


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
