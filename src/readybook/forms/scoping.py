"""Phase, track and scope facts as a page shows them, to be chosen beside the questions."""

from __future__ import annotations

from collections.abc import Mapping

from readybook.edit.scope import FACT
from readybook.model.bank import Bank
from readybook.model.case import Assessment

__all__ = ["scope_fields", "with_scope"]

_PHASE = {
    "key": "phase",
    "text": "What is it to be ready for?",
    "required": True,
    "values": [
        {"id": "prototype", "text": "A trial with real data; nobody relies on it."},
        {"id": "pilot", "text": "Some people use it, watched closely."},
        {"id": "production", "text": "It runs, and others rely on it."},
    ],
}
_TRACK = {
    "key": "track",
    "text": "Which questions does the team answer?",
    "required": True,
    "values": [
        {"id": "starter", "text": "Gates and key questions: enough for a workshop."},
        {"id": "full", "text": "Every question."},
    ],
}


def scope_fields(bank: Bank) -> list[dict[str, object]]:
    """Return what can be chosen about the case, with the words of each choice."""
    facts = [
        {
            "key": f"{FACT}{fact.id}",
            "text": fact.text,
            "required": False,
            "values": [{"id": value.id, "text": value.text} for value in fact.values],
        }
        for fact in bank.facts
    ]
    return [_PHASE, _TRACK, *facts]


def with_scope(
    assessment: Assessment, stored: Mapping[str, Mapping[str, object]]
) -> Assessment:
    """Return the assessment with what is chosen now; the rest stays as it was read."""
    chosen = {key: str(choice["value"]) for key, choice in stored.items()}
    facts = {
        key.removeprefix(FACT): value
        for key, value in chosen.items()
        if key.startswith(FACT)
    }
    scope = assessment.scope.model_copy(
        update={"phase": chosen["phase"], "track": chosen["track"], "facts": facts}
    )
    return assessment.model_copy(update={"scope": scope})
