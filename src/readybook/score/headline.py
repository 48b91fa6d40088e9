"""The sentences of a verdict: headline, subline and why. Pure wording, no rules."""

from __future__ import annotations

from readybook.model.bank import LEVEL_WORDS, SECTION_TITLES, Phase
from readybook.model.results import DimensionResult, Standing, Verdict, VerdictWord
from readybook.model.words import capital, count, level_range, listed

__all__ = ["because_of", "headline_of", "subline_of"]

_BEST: dict[VerdictWord, str] = {
    "ready": "ready",
    "conditions": "ready with conditions",
    "not ready": "not ready",
}


def headline_of(
    verdict: Verdict,
    phase: Phase,
    *,
    failed: int,
    deciding: int,
    conditions: int,
) -> str:
    """Return the verdict in the words of the method.

    Args:
        verdict: at lower and upper bounds.
        phase: the target phase.
        failed: gates that fail.
        deciding: facts that decide, where not enough is known.
        conditions: conditions, where it is ready with conditions.
    """
    if verdict.lower == "ready":
        return f"Ready for {phase}"
    if verdict.lower == "conditions":
        return f"Ready for {phase}, with {count(conditions, 'condition')}"
    if verdict.is_open:
        noun = "fact decides" if deciding == 1 else "facts decide"
        return f"Not enough known: {deciding} {noun}"
    if failed:
        noun = "gate fails" if failed == 1 else "gates fail"
        return f"Not ready for {phase}: {failed} {noun}"
    return f"Not ready for {phase}: a dimension is too far below"


def subline_of(verdict: Verdict, phase: Phase, *, deciding: int) -> str:
    """Return what the verdict could become, or "" where nothing unknown changes it."""
    if verdict.is_open:
        return f"Do not commit yet; at best: {_BEST[verdict.upper]} for {phase}."
    if verdict.lower != verdict.upper:
        return (
            f"Could become {_BEST[verdict.upper]} if "
            f"{count(deciding, 'open fact')} turn{'s' if deciding == 1 else ''} "
            f"out well."
        )
    return ""


def because_of(
    standings: tuple[Standing, ...], dimensions: tuple[DimensionResult, ...]
) -> str:
    """Return one sentence on what decides, and one that names the weakest dimension."""
    failed = [s for s in standings if s.gate_state == "failed"]
    open_ = [s for s in standings if s.gate_state == "undecided"]
    parts = []
    if failed:
        parts.append(f"{_titles(failed)} {_verb(failed, 'fails', 'fail')}")
    if open_:
        gates = count(len(open_), "gate")
        verb = _verb(open_, "is", "are")
        parts.append(f"{gates} {verb} undecided")
    passed = any(s.gate_state == "passed" for s in standings)
    whole = "All gates pass" if passed else "No gate applies"
    first = "; ".join(parts) if parts else whole
    return f"{first}. {_weakest(dimensions)}".strip()


def _titles(standings: list[Standing]) -> str:
    titles = [f"{s.question.title.lower()} ({s.question.id})" for s in standings]
    shown = titles[:3]
    if len(titles) > len(shown):
        shown.append(f"{len(titles) - len(shown)} more")
    return capital(listed(shown))


def _verb(items: list[Standing], one: str, many: str) -> str:
    return one if len(items) == 1 else many


def _weakest(dimensions: tuple[DimensionResult, ...]) -> str:
    levelled = [(d, d.level) for d in dimensions if d.level is not None]
    if not levelled:
        return ""
    if all((level.lower, level.upper) == (0, 4) for _, level in levelled):
        return "No dimension can be placed yet."
    weakest, level = min(levelled, key=lambda row: (row[1].lower, row[1].upper))
    needed = LEVEL_WORDS[weakest.needed.upper]
    return (
        f"Weakest dimension: {SECTION_TITLES[weakest.section].lower()}, "
        f"{level_range(level)}; needed: {needed}."
    )
