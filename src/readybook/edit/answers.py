"""The answers of one person, and what the room agreed: saved one question at a time."""

from __future__ import annotations

from readybook.edit.agreed import AgreedFile
from readybook.edit.outcomes import Conflict, NotSavedError, Saved, mark_of
from readybook.edit.sheet import AnswerFile

__all__ = [
    "AgreedFile",
    "AnswerFile",
    "Conflict",
    "NotSavedError",
    "Saved",
    "mark_of",
]
