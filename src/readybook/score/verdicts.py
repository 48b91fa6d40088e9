"""From bounds to levels, gates and a verdict; and what would settle it.

Method, sections 3 and 4. Pure and small on purpose: a Case holds nothing but what the
rules read, so that tests can enumerate cases and compare with brute force.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from readybook.model.bank import DIMENSIONS, Level, Section, Weight
from readybook.model.results import Bounds, GateState, Verdict, VerdictWord

__all__ = [
    "Case",
    "Item",
    "dimension_level",
    "gate_state",
    "missing_for_ready",
    "settle",
    "verdict_of",
    "word_at",
]


@dataclass(frozen=True)
class Item:
    """One applicable question as the rules see it."""

    id: str
    section: Section
    weight: Weight
    gate: Level | None  #: minimum level, None where no gate holds in this phase
    bounds: Bounds


@dataclass(frozen=True)
class Case:
    """All applicable questions of an assessment, in bank order.

    `needed` is the level needed of every dimension: its lower end if every undeclared
    scope fact turns out harmless, its upper end if one does not.
    """

    items: tuple[Item, ...]
    needed: Bounds
    undeclared: tuple[str, ...] = ()  #: scope facts that could raise the level needed


def gate_state(minimum: Level, bounds: Bounds) -> GateState:
    """Return whether a gate passes, fails, or straddles its minimum."""
    if bounds.lower >= minimum:
        return "passed"
    return "failed" if bounds.upper < minimum else "undecided"


def dimension_level(levels: Iterable[tuple[Weight, Level]]) -> Level | None:
    """Return the level at which a dimension stands, None if nothing applies.

    The greatest level that every key question and at least three quarters of the major
    ones reach; minor ones are advice. Counted, never averaged.
    """
    stood = list(levels)
    if not stood:
        return None
    return max(level for level in range(5) if level == 0 or _stands_at(stood, level))


def _stands_at(stood: list[tuple[Weight, Level]], level: Level) -> bool:
    majors = [at >= level for weight, at in stood if weight == "major"]
    keys = [at >= level for weight, at in stood if weight == "key"]
    return all(keys) and 4 * sum(majors) >= 3 * len(majors)


def word_at(case: Case, end: Callable[[Bounds], Level], needed: Level) -> VerdictWord:
    """Return the verdict with every question at one end of its bounds."""
    if any(i.gate is not None and end(i.bounds) < i.gate for i in case.items):
        return "not ready"
    short = [
        needed - level
        for section in DIMENSIONS
        if (level := _level(case, section, end)) is not None
    ]
    if any(gap >= 2 for gap in short):  # noqa: PLR2004 - the method's "two or more"
        return "not ready"
    return "conditions" if any(gap > 0 for gap in short) else "ready"


def _level(
    case: Case, section: Section, end: Callable[[Bounds], Level]
) -> Level | None:
    return dimension_level(
        (i.weight, end(i.bounds)) for i in case.items if i.section == section
    )


def _lower(bounds: Bounds) -> Level:
    return bounds.lower


def _upper(bounds: Bounds) -> Level:
    return bounds.upper


def verdict_of(case: Case) -> Verdict:
    """Return the verdict at the lower and at the upper bounds."""
    return Verdict(
        lower=word_at(case, _lower, case.needed.upper),
        upper=word_at(case, _upper, case.needed.lower),
    )


def settle(case: Case) -> tuple[str, ...]:
    """Return the fewest facts that give the upper verdict if they turn out well.

    A question turns out well when its lower bound rises to its upper bound, a scope
    fact when it does not raise the level needed. Empty where the two verdicts agree.
    Ties are broken in bank order, and in favour of leaving scope facts undeclared.
    """
    verdict = verdict_of(case)
    if verdict.lower == verdict.upper:
        return ()
    slack = 0 if verdict.upper == "ready" else 1
    strict = _raise_items(case, case.needed.upper - slack)
    if case.needed.lower == case.needed.upper:
        return strict or ()
    lenient = _raise_items(case, case.needed.lower - slack) or ()
    lenient = (*lenient, *case.undeclared)
    return lenient if strict is None or len(lenient) < len(strict) else strict


def _raise_items(case: Case, target: Level) -> tuple[str, ...] | None:
    """Return the fewest items to raise, or None if no number of them suffices."""
    forced = {
        i.id
        for i in case.items
        if i.gate is not None and gate_state(i.gate, i.bounds) == "undecided"
    }
    for section in DIMENSIONS:
        items = [i for i in case.items if i.section == section]
        keys = [i for i in items if i.weight == "key" and i.bounds.lower < target]
        majors = [i for i in items if i.weight == "major"]
        if any(i.bounds.upper < target for i in keys):
            return None
        forced |= {i.id for i in keys}
        stand = [
            i
            for i in majors
            if (i.bounds.upper if i.id in forced else i.bounds.lower) >= target
        ]
        lacking = -(-3 * len(majors) // 4) - len(stand) if target > 0 else 0
        able = [i for i in majors if i not in stand and i.bounds.upper >= target]
        if lacking > len(able):
            return None
        forced |= {i.id for i in able[: max(lacking, 0)]}
    return tuple(i.id for i in case.items if i.id in forced)


def missing_for_ready(case: Case) -> tuple[str, ...]:
    """Return the questions that keep *Ready with conditions* from *Ready*.

    Read at the lower bounds; any question counts as able to rise, since a condition is
    something to change, not something to find out.
    """
    able = replace(
        case,
        items=tuple(
            replace(i, gate=None, bounds=Bounds(lower=i.bounds.lower, upper=4))
            for i in case.items
        ),
    )
    return _raise_items(able, case.needed.upper) or ()
