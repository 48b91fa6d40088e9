"""Prove of a bank that it can do what it is for, by enumeration or by bounds.

What a bank must keep to be read at all (ids once, names known, five different level
texts, a check that proves less than it supports) is refused when it is opened; this
judges what is left: everything can be reached, nothing is decided in advance, nothing
is idle. That a better answer never worsens anything needs no search: a claim or a proof
enters the bounds only by minimum and maximum, and a check that passes both lifts its cap
and adds its support. Method, section 8.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from readybook.bank.read import READYBOOK, BankSource
from readybook.model.bank import (
    DIMENSIONS,
    PHASES,
    SECTION_TITLES,
    Bank,
    Fact,
    Level,
    Phase,
    Question,
)
from readybook.model.errors import InvalidInputError, Problem
from readybook.model.results import Bounds, VerdictWord
from readybook.score.verdicts import Case, Item, dimension_level, verdict_of
from readybook.text.yaml import KeyPath

_SAID: Level = 1  #: what a claim reaches without any proof
_ON_FILE: Level = 3  #: what it reaches with a document that nobody confirmed
_VERDICTS: dict[VerdictWord, str] = {
    "ready": "Ready",
    "conditions": "Ready with conditions",
    "not ready": "Not ready",
}


def lint(source: BankSource) -> list[Problem]:
    """Return everything that keeps a bank from doing its work, in the files' order.

    Args:
        source: a bank that was read without a problem.
    """
    bank = source.bank
    asked = [question for _, question in bank.questions]
    problems = [
        *_conditions(source, asked),
        *_roles(source, asked),
        *_gates(source, asked),
        *_checks(source, asked),
        *_facts(source),
        *_unused(source),
    ]
    if any(question.is_starter for question in asked):
        problems += [*_levels(source), *_verdicts(source)]
    else:
        problem = _at(
            source, None, (), "no gate and no key question among the "
            f"{len(asked)} that are asked", "a starter track with questions",
            "give a question a gate, or the weight key",
        )  # fmt: skip
        problems.append(problem)
    return sorted(problems)


def sound_bank(source: BankSource) -> Bank:
    """Return a bank that may give a verdict; ours is proved by its tests.

    Raises:
        InvalidInputError: with everything that keeps a team's own from doing its work.
    """
    if source.bank.id != READYBOOK and (problems := lint(source)):
        raise InvalidInputError(problems)
    return source.bank


def _at(
    source: BankSource, part: tuple[str, str] | None, path: KeyPath, *words: str
) -> Problem:
    """Return a problem at a key of a part, or at the top of the bank's first file.

    Args:
        source: the bank that is judged.
        part: kind and id of the part; None: the bank as a whole.
        path: the key inside the part.
        words: found, expected, do.
    """
    place = source.places.get(part) if part else None
    file = place.file if place else source.head
    where = (*place.path, *path) if place else ()
    return Problem(file.name, file.line(*where), file.key(*where), *words)


# --- one part at a time ------------------------------------------------------------


def _conditions(source: BankSource, asked: Iterable[Question]) -> Iterator[Problem]:
    """Yield conditions that are always true; one value named makes it true sometimes."""
    every = {fact.id: {v.id for v in fact.values} for fact in source.bank.facts}
    for question in asked:
        for fact, values in question.applies_when.items():
            if every[fact] <= set(values):
                yield _at(
                    source, ("questions", question.id), ("applies_when", fact),
                    f"every value of '{fact}'",
                    "a condition that can be true and can be false",
                    "leave a value out, or remove the condition",
                )  # fmt: skip


def _gates(source: BankSource, asked: Iterable[Question]) -> Iterator[Problem]:
    """Yield gates that cannot fail, and gates that cannot pass."""
    for question in asked:
        level = question.gate.level if question.gate else None
        words = None
        if level == 0:
            words = "level 0, which every answer reaches", "raise the level"
        elif level is not None and level > _reach(question, source.bank):
            words = f"level {level}, which nobody can show", "lower the level"
        if words:
            yield _at(
                source, ("questions", question.id), ("gate", "level"), words[0],
                "a gate that can pass and can fail", f"{words[1]}, or remove the gate",
            )  # fmt: skip


def _reach(question: Question, bank: Bank) -> Level:
    """Return the highest level that proof carries: 4 takes a second role or a check."""
    if len(bank.roles) > 1:
        return 4
    return max([_ON_FILE, *(binding.supports for binding in question.checks)])


def _roles(source: BankSource, asked: Iterable[Question]) -> Iterator[Problem]:
    """Yield a bank whose one role has nobody to confirm what it says."""
    short = [q.id for q in asked if _reach(q, source.bank) < 4]  # noqa: PLR2004
    if short:
        yield _at(
            source, None, (), f"one role, and so no proof for level 4 of {short[0]}",
            "a second role, which can confirm what the first one filed",
            "add a role to answer some of the questions",
        )  # fmt: skip


def _checks(source: BankSource, asked: Iterable[Question]) -> Iterator[Problem]:
    """Yield checks whose pass is worth no more than saying it."""
    for question in asked:
        for at, binding in enumerate(question.checks):
            if binding.supports <= _SAID:
                yield _at(
                    source, ("questions", question.id), ("checks", at, "supports"),
                    f"level {binding.supports}, which is reached without proof",
                    "a level above 1, so that passing the check changes something",
                    "raise supports, or remove the check",
                )  # fmt: skip


def _facts(source: BankSource) -> Iterator[Problem]:
    """Yield facts that raise the level needed whatever is declared."""
    for fact in source.bank.facts:
        if all(value.raises_need for value in fact.values):
            yield _at(
                source, ("facts", fact.id), ("values",),
                "only values that raise the level needed",
                "at least one value that does not", "leave raises_need out of one",
            )  # fmt: skip


def _unused(source: BankSource) -> Iterator[Problem]:
    """Yield shared parts that nothing names; those of readybook's bank may idle."""
    bank = source.bank
    questions = [q for rows in bank.sections.values() for q in rows]
    raising = {f.id for f in bank.facts if any(v.raises_need for v in f.values)}
    used: Mapping[str, set[str]] = {
        "roles": {q.authority for q in questions}
        | {step.role for q in questions for step in q.next},
        "facts": raising | {fact for q in questions for fact in q.applies_when},
        "works": {ref.work for q in questions for ref in q.sources},
        "answer_sets": {q.answers for q in questions},
    }
    for kind, name in source.places:
        if kind in used and name not in used[kind]:
            yield _at(
                source, (kind, name), ("id",), f"'{name}', which no question uses",
                f"only {kind.replace('_', ' ')} that the bank uses",
                "use it, or remove it",
            )  # fmt: skip


# --- the bank as a whole -----------------------------------------------------------


def _levels(source: BankSource) -> Iterator[Problem]:
    """Yield dimensions that some declared facts leave with minor questions only.

    Minor questions are advice: such a dimension would stand at the highest level
    whatever is answered, so its other levels are out of reach.
    """
    for track in ("full", "starter"):
        for section in DIMENSIONS:
            own = [
                question
                for of, question in source.bank.questions
                if of == section and (question.is_starter or track == "full")
            ]
            facts = facts_without_weight(own, source.bank.facts)
            if facts is not None:
                told = ", ".join(f"{fact}: {value}" for fact, value in facts.items())
                yield _at(
                    source, None, (),
                    f"only minor questions in {SECTION_TITLES[section].lower()} on the "
                    f"{track} track" + (f" where {told}" if told else ""),
                    "every level to be reachable",
                    "add a key or major question that is asked there",
                )  # fmt: skip


def _verdicts(source: BankSource) -> Iterator[Problem]:
    """Yield verdicts that no answers can give, for each phase."""
    for phase in PHASES:
        reached = verdicts_reached(source.bank, phase)
        for verdict, words in _VERDICTS.items():
            if verdict not in reached:
                yield _at(
                    source, None, (),
                    f"no answers that give '{words}' for {phase}",
                    "every verdict to be reachable in every phase",
                    f"let a gate hold from {phase} on"
                    if verdict == "not ready"
                    else "lower a gate, or give a dimension a key question without one",
                )  # fmt: skip


# --- what can be reached ---------------------------------------------------------


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
        asked = [
            question
            for question in questions
            if all(declared[fact] in ids for fact, ids in question.applies_when.items())
        ]
        reached = {
            dimension_level((question.weight, level) for question in asked)
            for level in range(5)
        }
        if asked and reached != set(range(5)):
            return declared
    return None


def verdicts_reached(bank: Bank, phase: Phase) -> set[VerdictWord]:
    """Return the verdicts that answers can give.

    Three kinds of answers suffice. All at 4 is the best there is, all at 0 the worst.
    For what lies between, the first questions stand as close below the level needed as
    their gates let them, and all else is at 4: each that is added to them brings one
    condition at most, so that no number of conditions is passed over. What can be
    reached where less is needed can be where facts raise it.
    """
    raises = any(v.raises_need for fact in bank.facts for v in fact.values)
    needed = PHASES.index(phase) + 1 + raises
    best = _case(bank, phase, needed)
    short = tuple(_standing(i, max(i.gate or 0, needed - 1)) for i in best.items)
    tried = itertools.chain(
        (best.items, tuple(_standing(item, 0) for item in best.items)),
        (short[:end] + best.items[end:] for end in range(1, len(short) + 1)),
    )
    reached: set[VerdictWord] = set()
    for items in tried:
        reached.add(verdict_of(replace(best, items=items)).lower)
        if reached == {*_VERDICTS}:
            break
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
