"""From bounds to levels, gates and a verdict; and what would settle it.

Method, sections 3 and 4. Pure and small on purpose: a Case holds nothing but what the
rules read, so that tests can enumerate cases and compare with brute force.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from readybook.model.bank import DIMENSIONS, Level, Section, Weight
from readybook.model.results import Bounds, GateState, Verdict, VerdictWord

#: A case with more is not ready: so long a list of reservations is a no.
MOST_CONDITIONS = 5
_TOO_FAR = 2  # levels by which a dimension may not lag


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
    lacks: str = ""  #: what the bank never asks, so that nothing can be ready


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
    levels = {i.id: end(i.bounds) for i in case.items}
    if case.lacks:
        return "not ready"
    if any(i.gate is not None and levels[i.id] < i.gate for i in case.items):
        return "not ready"
    stands = [_level(case.items, section, levels) for section in DIMENSIONS]
    if any(level is not None and needed - level >= _TOO_FAR for level in stands):
        return "not ready"
    missing = len(_missing(case.items, levels, needed))
    if missing > MOST_CONDITIONS:
        return "not ready"
    return "conditions" if missing else "ready"


def _level(
    items: Iterable[Item], section: Section, levels: Mapping[str, Level]
) -> Level | None:
    return dimension_level(
        (i.weight, levels[i.id]) for i in items if i.section == section
    )


def _missing(
    items: Sequence[Item], levels: Mapping[str, Level], needed: Level
) -> list[str]:
    """Return the fewest questions that would have to rise to the level needed.

    Of the scope, which has no level of its own, that is each key question.
    """
    short = [i for i in items if levels[i.id] < needed]
    missing = [
        i.id for i in short if i.weight == "key" and i.section in ("SCP", *DIMENSIONS)
    ]
    for section in DIMENSIONS:
        majors = [i for i in items if i.weight == "major" and i.section == section]
        lag = [i.id for i in majors if i in short]
        missing += lag[: max(0, len(lag) - len(majors) // 4)]
    return [i.id for i in items if i.id in missing]


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


def missing_for_ready(case: Case) -> tuple[str, ...]:
    """Return the questions that keep *Ready with conditions* from *Ready*.

    Read at the lower bounds; any question counts as able to rise, since a condition is
    something to change, not something to find out.
    """
    lowest = {i.id: i.bounds.lower for i in case.items}
    return tuple(_missing(case.items, lowest, case.needed.upper))


def settle(case: Case) -> tuple[str, ...]:
    """Return the fewest facts that give the upper verdict if they turn out well.

    A question turns out well when its lower bound rises to its upper bound, a scope
    fact when it does not raise the level needed. Empty where the two verdicts agree.
    Ties are broken in bank order, and in favour of leaving scope facts undeclared.
    """
    verdict = verdict_of(case)
    if verdict.lower == verdict.upper:
        return ()
    most = 0 if verdict.upper == "ready" else MOST_CONDITIONS
    strict = _raise_items(case, case.needed.upper, most)
    if case.needed.lower == case.needed.upper:
        return strict or ()
    lenient = _raise_items(case, case.needed.lower, most) or ()
    lenient = (*lenient, *case.undeclared)
    return lenient if strict is None or len(lenient) < len(strict) else strict


def _raise_items(case: Case, needed: Level, most: int) -> tuple[str, ...] | None:
    """Return the fewest questions to raise to their upper bounds.

    Of major questions that lag, any may rise; those that reach the level needed spare a
    condition each, so they go first where that makes fewer of all.

    Args:
        case: its gates and bounds.
        needed: the level needed.
        most: conditions that may remain; with some, a dimension may lag by one level.

    Returns:
        Their ids in bank order; None if no number of them suffices.
    """
    in_order = _raise_in_turn(case, case.items, needed, most)
    whole = sorted(case.items, key=lambda i: i.bounds.upper < needed)
    chosen = min(
        (
            s
            for s in (in_order, _raise_in_turn(case, whole, needed, most))
            if s is not None
        ),
        key=len,
        default=None,
    )
    if chosen is None:
        return None
    return tuple(i.id for i in case.items if i.id in chosen)


def _raise_in_turn(
    case: Case, turn: Iterable[Item], needed: Level, most: int
) -> set[str] | None:
    """Raise undecided gates, then questions in turn, each only if it helps."""
    chosen = {
        i.id
        for i in case.items
        if i.gate is not None and gate_state(i.gate, i.bounds) == "undecided"
    }
    levels = {
        i.id: i.bounds.upper if i.id in chosen else i.bounds.lower for i in case.items
    }
    stages = [(case.items, needed, most)]
    if most:
        ranked = [i for i in case.items if i.section in DIMENSIONS]
        stages.insert(0, (tuple(ranked), needed - 1, 0))
    turn = list(turn)
    for items, level, left in stages:
        missing = len(_missing(items, levels, level))
        for item in turn:
            if missing > left and item in items and item.id not in chosen:
                raised = {**levels, item.id: item.bounds.upper}
                if len(_missing(items, raised, level)) < missing:
                    missing -= 1
                    levels = raised
                    chosen.add(item.id)
        if missing > left:
            return None
    return chosen
