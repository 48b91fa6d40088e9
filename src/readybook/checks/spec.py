"""What is said of a check: its meaning for readers, and what it must cover."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from readybook.model.case import Assessment

__all__ = ["Check"]


@dataclass(frozen=True)
class Check:
    """One check: its meaning for readers and the subjects that it must cover."""

    id: str
    title: str
    definition: str  #: how it is computed, one sentence
    unit: str
    threshold: str  #: what passes, in words, and who declares it
    subjects: Callable[[Assessment], tuple[str, ...]]
    shelf_life_days: int = 180
