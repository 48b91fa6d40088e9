"""From bounds to levels, gates and a verdict; and what would settle it.

Method, sections 3 and 4. Pure and small on purpose: a Case holds nothing but what the
rules read, so that tests can enumerate cases and compare with brute force.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, combinations, islice
from typing import Literal

from readybook.model.bank import DIMENSIONS, WITH_KEYS, Level, Section, Weight
from readybook.model.results import Bounds, GateState, Verdict, VerdictWord

#: A case with more is not ready: so long a list of reservations is a no.
MOST_CONDITIONS = 5
_TOO_FAR = 2  # levels by which a dimension may not lag
_MOST_SETS = 64  # sets of undeclared facts that are tried, beside none and all
_BEST = Bounds(lower=4, upper=4)


@dataclass(frozen=True)
class Item:
    """One applicable question as the rules see it."""

    id: str
    section: Section
    weight: Weight
    gate: Level | None  #: minimum level, None where no gate holds in this phase
    bounds: Bounds
    hangs_on: tuple[str, ...] = ()  #: undeclared scope facts that may rule it out
    #: It counts for a failure alone, so that it makes up for no other.
    by_failure: bool = False
    until: tuple[
        str, ...
    ] = ()  #: undeclared scope facts that may make it count for itself

    @property
    def makes_up(self) -> bool:
        """Return whether it is there for sure, and makes up for others that lag."""
        return not (self.hangs_on or self.by_failure)


@dataclass(frozen=True)
class Case:
    """All applicable questions of an assessment, in bank order.

    `needed` is the level needed of every dimension: its lower end if every undeclared
    scope fact turns out harmless, its upper end if one does not. A question that hangs
    on such a fact may be asked or not. At the upper end it is in nobody's way, as if it
    stood at 4; at the lower end it counts where it lags, and where it does not, it may
    not be there to make up for others. So does, at both ends, one that counts for a
    failure alone: once that has passed, it is not there. While a fact is undeclared
    that may make it count for itself, so it does at the upper end.
    """

    items: tuple[Item, ...]
    needed: Bounds
    undeclared: tuple[str, ...] = ()  #: scope facts that could raise the level needed
    lacks: str = ""  #: what the bank never asks, so that nothing can be ready
    lacks_until: tuple[str, ...] = ()  #: scope facts that may make it ask that

    @cached_property
    def best(self) -> "Case":
        """Return it after all undeclared scope facts turned out well."""
        return declared_well(self)


def gate_state(minimum: Level, bounds: Bounds) -> GateState:
    """Return whether a gate passes, fails, or straddles its minimum."""
    if bounds.lower >= minimum:
        return "passed"
    return "failed" if bounds.upper < minimum else "undecided"


def dimension_level(
    levels: Iterable[tuple[Weight, Level]], perhaps: Iterable[tuple[Weight, Level]] = ()
) -> Level | None:
    """Return the level at which a dimension stands, None if nothing applies.

    The greatest level that every key question and at least three quarters of the major
    ones reach; minor ones are advice. Counted, never averaged. Of questions that are
    asked `perhaps`, those count that do not reach it.
    """
    sure, open_ = list(levels), list(perhaps)
    if not sure and not open_:
        return None
    return next(
        level
        for level in (4, 3, 2, 1, 0)
        if level == 0 or _stands_at(sure + [q for q in open_ if q[1] < level], level)
    )


def _stands_at(stood: list[tuple[Weight, Level]], level: Level) -> bool:
    if any(weight == "key" and at < level for weight, at in stood):
        return False
    majors = [at >= level for weight, at in stood if weight == "major"]
    return 4 * sum(majors) >= 3 * len(majors)


def word_at(case: Case, end: Literal["lower", "upper"], needed: Level) -> VerdictWord:
    """Return the verdict with every question at one end of its bounds."""
    levels = {i.id: getattr(i.bounds, end) for i in case.items}
    if case.lacks:
        return "not ready"
    if any(i.gate is not None and levels[i.id] < i.gate for i in case.items):
        return "not ready"
    if _lagging(case.items, levels, needed):
        return "not ready"
    missing = len(_missing(case.items, levels, needed))
    if missing > MOST_CONDITIONS:
        return "not ready"
    return "conditions" if missing else "ready"


def too_far_below(case: Case) -> tuple[Section, ...]:
    """Return the dimensions that are too far below, whatever is found out."""
    best = case.best
    levels = {i.id: i.bounds.upper for i in best.items}
    return tuple(_lagging(best.items, levels, best.needed.lower))


def _lagging(
    items: Iterable[Item], levels: Mapping[str, Level], needed: Level
) -> list[Section]:
    stands = [(section, _level(items, section, levels)) for section in DIMENSIONS]
    return [
        s for s, level in stands if level is not None and needed - level >= _TOO_FAR
    ]


def _level(
    items: Iterable[Item], section: Section, levels: Mapping[str, Level]
) -> Level | None:
    own = [i for i in items if i.section == section]
    return dimension_level(
        [(i.weight, levels[i.id]) for i in own if i.makes_up],
        [(i.weight, levels[i.id]) for i in own if not i.makes_up],
    )


def dimension_bounds(case: Case, section: Section) -> Bounds | None:
    """Return where a dimension stands at the lower and at the upper bounds."""
    low = _level(case.items, section, {i.id: i.bounds.lower for i in case.items})
    best = case.best.items
    high = _level(best, section, {i.id: i.bounds.upper for i in best})
    return None if low is None or high is None else Bounds(lower=low, upper=high)


def _missing(
    items: Sequence[Item], levels: Mapping[str, Level], needed: Level
) -> list[str]:
    """Return the fewest questions that would have to rise to the level needed.

    Of the scope, which has no level of its own, that is each key question.
    """
    missing = set[str]()
    majors: dict[Section, int] = {}
    lag: dict[Section, list[str]] = {}
    for i in items:
        is_short = levels[i.id] < needed
        if i.weight == "major":
            majors[i.section] = majors.get(i.section, 0) + (is_short or i.makes_up)
            if is_short:
                lag.setdefault(i.section, []).append(i.id)
        elif is_short and i.weight == "key" and i.section in WITH_KEYS:
            missing.add(i.id)
    for section in DIMENSIONS:
        late = lag.get(section, [])
        missing.update(late[: max(0, len(late) - majors.get(section, 0) // 4)])
    return [i.id for i in items if i.id in missing]


def _hanging(case: Case) -> tuple[str, ...]:
    facts = chain(case.lacks_until, *((*i.hangs_on, *i.until) for i in case.items))
    return tuple(dict.fromkeys(facts))


def declared_well(case: Case, facts: Iterable[str] | None = None) -> Case:
    """Return the case after scope facts turned out well; None: all that are undeclared.

    One does when it does not raise the level needed, and when what hangs on it is in
    nobody's way.
    """
    known = {*case.undeclared, *_hanging(case)} if facts is None else {*facts}
    is_harmless = known.issuperset(case.undeclared)
    return Case(
        items=tuple(
            replace(i, bounds=_BEST, hangs_on=())
            if known & {*i.hangs_on}
            else replace(i, by_failure=False)
            if known & {*i.until}
            else i
            for i in case.items
        ),
        needed=Bounds(lower=case.needed.lower, upper=case.needed.lower)
        if is_harmless
        else case.needed,
        undeclared=() if is_harmless else case.undeclared,
        lacks="" if known & {*case.lacks_until} else case.lacks,
    )


def verdict_of(case: Case) -> Verdict:
    """Return the verdict at the lower and at the upper bounds."""
    return Verdict(
        lower=word_at(case, "lower", case.needed.upper),
        upper=word_at(case.best, "upper", case.best.needed.lower),
    )


def missing_for_ready(case: Case) -> tuple[str, ...]:
    """Return the questions that would have to rise for *Ready*, where no gate fails.

    Read at the lower bounds; any question counts as able to rise, since a condition is
    something to change, not something to find out.
    """
    lowest = {i.id: i.bounds.lower for i in case.items}
    return tuple(_missing(case.items, lowest, case.needed.upper))


def settle(case: Case, verdict: Verdict | None = None) -> tuple[str, ...]:
    """Return the fewest facts that give the upper verdict if they turn out well.

    A question turns out well when its lower bound rises to its upper bound, a scope
    fact as `declared_well` says. Empty where the two verdicts agree. Ties are broken in
    bank order, and in favour of leaving scope facts undeclared.

    Args:
        case: what is scored.
        verdict: what `verdict_of` says of it, where that is known.
    """
    verdict = verdict or verdict_of(case)
    if verdict.lower == verdict.upper:
        return ()
    most = 0 if verdict.upper == "ready" else MOST_CONDITIONS
    found: list[tuple[str, ...]] = []
    for facts in _fact_sets(case):
        if found and len(facts) >= min(map(len, found)):
            continue
        after = declared_well(case, facts)
        raised = _raise_items(after, after.needed.upper, most)
        if raised is not None:
            found.append((*raised, *facts))
    return min(found, key=len, default=())


def _fact_sets(case: Case) -> Iterator[tuple[str, ...]]:
    """Yield sets of facts to declare, small ones first; all of them in any case.

    Those that could raise the level needed help only together.
    """
    groups: list[tuple[str, ...]] = [(fact,) for fact in _hanging(case)]
    groups += [case.undeclared] if case.undeclared else []
    sets = chain.from_iterable(
        combinations(groups, size) for size in range(len(groups) + 1)
    )
    for chosen in chain(islice(sets, _MOST_SETS), [groups]):
        yield tuple(dict.fromkeys(chain(*chosen)))


def _raise_items(case: Case, needed: Level, most: int) -> tuple[str, ...] | None:
    """Return the fewest questions to raise to their upper bounds.

    Of major questions that lag, any may rise; those that reach the level needed spare a
    condition each, so they go first where that makes fewer of all.

    Args:
        case: its gates and bounds.
        needed: the level needed.
        most: conditions that may remain; with some, a dimension may lag by one level.

    Returns:
        Their ids in bank order; None if no number of them suffices. What hangs on a
        scope fact is not among them: to declare that asks for no more.
    """
    if case.lacks or any(
        i.hangs_on and i.gate is not None and i.bounds.lower < i.gate
        for i in case.items
    ):
        return None
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
        among = {item.id for item in items}
        for item in turn:
            # What stays on its side of the level changes nothing.
            if missing <= left or not levels[item.id] < level <= item.bounds.upper:
                continue
            if item.id in among and not item.hangs_on and item.id not in chosen:
                raised = {**levels, item.id: item.bounds.upper}
                if len(_missing(items, raised, level)) < missing:
                    missing -= 1
                    levels = raised
                    chosen.add(item.id)
        if missing > left:
            return None
    return chosen
