"""What a save comes to: saved, or in conflict with what somebody else wrote."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from readybook.model.errors import InvalidInputError, Problem

__all__ = ["Conflict", "NotSavedError", "Saved", "mark_of"]

_DIGITS = 16


@dataclass(frozen=True)
class Saved:
    """What was saved is on disk."""

    file: str  #: relative to the assessment's folder
    at: dt.datetime  #: with the time zone of this machine
    mark: str  #: of what is stored now
    stored: dict[str, object] | None  #: None: nothing, it was removed


@dataclass(frozen=True)
class Conflict:
    """Somebody else changed the same thing; nothing was written."""

    file: str  #: relative to the assessment's folder
    mark: str  #: of what is stored now
    theirs: dict[str, object] | None  #: None: it was removed


class NotSavedError(InvalidInputError):
    """The file could not be written: its system, or another program, is in the way."""

    def __init__(self, file: str, found: str, expected: str, do: str) -> None:
        """Keep the one problem, of the file as a whole."""
        super().__init__([Problem(file, 0, "", found, expected, do)])


def mark_of(stored: Mapping[str, object] | None) -> str:
    """Return the fingerprint of one stored answer or row; "" for none."""
    if stored is None:
        return ""
    content = json.dumps(stored, sort_keys=True, ensure_ascii=False)
    raw = content.encode("utf-8", "surrogatepass")
    return hashlib.sha256(raw).hexdigest()[:_DIGITS]
