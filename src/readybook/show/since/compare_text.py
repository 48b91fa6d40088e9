"""A comparison as text of 80 columns and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict

from readybook.model.milestone import Snapshot
from readybook.model.words import count, day
from readybook.score.compare import Comparison, Move, Side
from readybook.score.replay import StepName

__all__ = ["STEP_WORDS", "comparison_json", "comparison_text"]

_WIDTH = 80
_MOST = 6  #: ids that a line names before it counts the rest
#: What each step is, for people.
STEP_WORDS: dict[StepName, str] = {
    "readybook": "another version of readybook",
    "bank": "the question bank",
    "applicability": "which questions apply",
    "answers": "answers",
    "new evidence": "new evidence",
    "changed evidence": "changed evidence",
    "out of date": "what went out of date",
}


def comparison_json(comparison: Comparison) -> dict[str, object]:
    """Return a comparison for machines."""
    return {
        "format": 1,
        "before": _side_json(comparison.before, comparison.then),
        "after": _side_json(comparison.after, comparison.now),
        "steps": [asdict(step) for step in comparison.steps],
    }


def _side_json(side: Side, snapshot: Snapshot) -> dict[str, object]:
    bank = side.bank
    return {
        "label": side.label,
        "name": side.name,
        "on": side.on.isoformat(),
        "bank": f"{bank.id} {bank.version}",
        "headline": snapshot.headline,
        "answered": snapshot.answered,
        "applicable": snapshot.applicable,
        "proven": snapshot.proven,
        "gates": {
            state: list(snapshot.gates(state))
            for state in ("passed", "failed", "undecided")
        },
    }


def comparison_text(comparison: Comparison) -> str:
    """Return a comparison for a terminal: both results, then what moved at each step."""
    lines = [
        *_side_lines("Then", comparison.before, comparison.then),
        *_side_lines("Now", comparison.after, comparison.now),
    ]
    if not comparison.steps:
        lines += ["", "Nothing moved."]
    for step in comparison.steps:
        lines += ["", f"{STEP_WORDS[step.name].upper()} MOVED"]
        lines += [f"  {line}" for move in step.moves for line in _move_lines(move)]
    return "\n".join(_wrap(line) for line in lines) + "\n"


def _side_lines(word: str, side: Side, snapshot: Snapshot) -> Iterator[str]:
    name = f", {side.name}" if side.name else ""
    yield f"{word}: {side.label}, {day(side.on)}{name}"
    yield f"  {snapshot.headline}"
    answered = f"{snapshot.answered} of {count(snapshot.applicable, 'question')}"
    failed, undecided = (
        len(snapshot.gates(state)) or "none" for state in ("failed", "undecided")
    )
    yield (
        f"  {answered} answered, {snapshot.proven} proven; of the gates {failed} "
        f"failed, {undecided} undecided"
    )


def _move_lines(move: Move) -> Iterator[str]:
    before, after = move.before or "not asked", move.after or "not asked"
    named = move.title
    if move.kind in {"gate", "question"}:
        gate = "gate " if move.kind == "gate" else ""
        named = f"{gate}{move.id} {move.title}"
    through = f" (through {_some(move.through)})" if move.through else ""
    why = f" {move.why}" if move.kind == "question" else ""
    yield f"{named}: {before} -> {after}{through}.{why}"


def _some(ids: tuple[str, ...]) -> str:
    more = len(ids) - _MOST
    return ", ".join(ids[:_MOST]) + (f" and {more} more" if more > 0 else "")


def _wrap(line: str) -> str:
    indent = " " * (len(line) - len(line.lstrip()) + 2 if line[:1] == " " else 0)
    return textwrap.fill(line, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)
