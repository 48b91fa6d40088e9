"""Which levels and verdicts the answers to a bank can give, by the rules that score.

Pure. Nothing is sampled: a few answers stand for all others, and say why.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from readybook.model.bank import DIMENSIONS, PHASES, Bank, Fact, Level, Phase, Question
from readybook.model.results import Bounds, VerdictWord
from readybook.score.verdicts import Case, Item, dimension_level, verdict_of

__all__ = ["facts_without_weight", "verdicts_reached"]

_MOST_COMBINATIONS = 100_000  #: of values of facts that are tried


def facts_without_weight(
    questions: Sequence[Question], facts: Iterable[Fact]
) -> dict[str, str] | None:
    """Return declared facts under which some level cannot be reached, else None.

    That is where only minor questions are asked, which are advice: what they stand at
    changes no level.
    """
    weighty = [q for q in questions if q.weight != "minor"]
    if not questions or any(not q.applies_when for q in weighty):
        return None
    named = {fact for q in questions for fact in q.applies_when}
    rows = [[(f.id, v.id) for v in f.values] for f in facts if f.id in named]
    for combination in itertools.islice(itertools.product(*rows), _MOST_COMBINATIONS):
        declared = dict(combination)
        asked = [q for q in questions if _applies(q, declared)]
        if asked and _levels_reached(asked) != set(range(5)):
            return declared
    return None


def _applies(question: Question, declared: Mapping[str, str]) -> bool:
    return all(
        declared[fact] in values for fact, values in question.applies_when.items()
    )


def _levels_reached(asked: list[Question]) -> set[Level | None]:
    return {
        dimension_level((question.weight, level) for question in asked)
        for level in range(5)
    }


def verdicts_reached(bank: Bank, phase: Phase) -> set[VerdictWord]:
    """Return the verdicts that answers can give.

    Three kinds of answers suffice. All at 4 is the best there is, all at 0 the worst.
    For what lies between, one dimension stands as close below the level needed as its
    gates let it, and all else is at 4: any answers that give conditions stay there when
    everything but one short dimension is raised to 4.
    """
    base = PHASES.index(phase) + 1
    raises = any(v.raises_need for fact in bank.facts for v in fact.values)
    reached: set[VerdictWord] = set()
    for needed in {base, min(base + raises, 4)}:
        best = _case(bank, phase, needed)
        worst = tuple(_standing(item, 0) for item in best.items)
        between = [
            tuple(
                _standing(item, max(item.gate or 0, needed - 1))
                if item.section == section
                else item
                for item in best.items
            )
            for section in DIMENSIONS
        ]
        for items in (best.items, worst, *between):
            reached.add(verdict_of(replace(best, items=items)).lower)
    return reached


def _case(bank: Bank, phase: Phase, needed: Level) -> Case:
    items = tuple(
        Item(
            id=question.id,
            section=section,
            weight=question.weight,
            gate=question.gate.level
            if question.gate
            and PHASES.index(question.gate.phase) <= PHASES.index(phase)
            else None,
            bounds=Bounds(lower=4, upper=4),
        )
        for section, question in bank.questions
    )
    return Case(items, Bounds(lower=needed, upper=needed))


def _standing(item: Item, level: Level) -> Item:
    return replace(item, bounds=Bounds(lower=level, upper=level))
