"""Milestones: what was known on a day and what was concluded, as their files keep it.

`freezing` makes them and thaws them again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from readybook.model.bank import (
    BankRef,
    Binding,
    Document,
    Fact,
    Frozen,
    Gate,
    Id,
    Level,
    Phase,
    QuestionId,
    Section,
    Text,
    Weight,
)
from readybook.model.case import Assessment
from readybook.model.results import (
    Bounds,
    DimensionResult,
    GateState,
    ProofState,
    Status,
    Verdict,
)

__all__ = [
    "FrozenBank",
    "FrozenQuestion",
    "Milestone",
    "Snapshot",
    "Stood",
    "milestone_json",
    "plain",
    "seal_of",
]


class FrozenQuestion(Frozen):
    """What scoring reads of a question, and a hash that tells whether it changed."""

    id: QuestionId
    title: Text
    weight: Weight
    authority: Id
    gate: Gate | None = None
    applies_when: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    checks: tuple[Binding, ...] = ()
    shelf_life_days: Annotated[int, Field(gt=0)]
    hash: Text  #: of all that an answer to it rests on, its texts included


class FrozenBank(Frozen):
    """What scoring reads of a bank: questions that were asked, roles, scope facts."""

    ref: BankRef
    title: Text
    roles: dict[Id, Text]  #: titles
    facts: tuple[Fact, ...]
    sections: dict[Section, tuple[FrozenQuestion, ...]]


class Stood(Frozen):
    """Where one question stood."""

    section: Section
    status: Status
    bounds: Bounds
    proof: ProofState
    proven: bool = False
    gate: Level | None = None  #: its minimum, where it was in force
    gate_state: GateState | None = None


class Snapshot(Frozen):
    """What was concluded, as far as it is compared."""

    phase: Phase
    headline: str
    subline: str
    because: str
    on_word: str  #: the headline on people's word alone
    verdict: Verdict
    dimensions: tuple[DimensionResult, ...]
    questions: dict[QuestionId, Stood]
    answered: int
    applicable: int
    proven: int

    def gates(self, state: GateState) -> tuple[QuestionId, ...]:
        """Return the gates in a state, in bank order."""
        return tuple(
            name for name, one in self.questions.items() if one.gate_state == state
        )


class Milestone(Document):
    """milestones/<date>.json: inputs and result as they were on a day."""

    kind: Literal["milestone"]
    readybook: Text  #: version that scored it
    on: dt.date  #: the as-of date
    name: Text | None = None
    bank: FrozenBank
    inputs: Assessment
    result: Snapshot
    fingerprint: Text  #: of all the rest: a milestone is never edited


# --- as JSON -----------------------------------------------------------------------


def milestone_json(milestone: Milestone) -> str:
    """Return a milestone as its file holds it: one line for each of its parts."""
    lines = (
        f"{json.dumps(key)}: {_compact(value)}"
        for key, value in plain(milestone).items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def seal_of(content: Mapping[str, Any]) -> str:
    """Return the fingerprint of a milestone's JSON; the one that it names is left out."""
    rest = {key: value for key, value in content.items() if key != "fingerprint"}
    return f"sha256:{hashlib.sha256(_compact(rest).encode()).hexdigest()}"


def plain(milestone: Milestone) -> dict[str, Any]:
    """Return a milestone as plain data."""
    return milestone.model_dump(mode="json", exclude_defaults=True)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
