"""The rules that a bank must keep to be read at all; what else it must prove is in lint.

Each rule reports at the key that breaks it. No file is opened here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readybook.checks.catalogue import CHECKS
from readybook.model.bank import AnswerSet, Fact, Question, Role, Work
from readybook.text.documents import Judge
from readybook.text.yaml import KeyPath

__all__ = ["Shared", "check_question", "check_shared"]


@dataclass(frozen=True)
class Shared:
    """What the questions of a bank share and may name."""

    roles: tuple[Role, ...]
    facts: tuple[Fact, ...]
    works: tuple[Work, ...]
    answer_sets: tuple[AnswerSet, ...]


def check_shared(judge: Judge, model: object, keys: Iterable[str]) -> None:
    """Judge these lists of shared parts: each id once."""
    for key in keys:
        parts = list(enumerate(getattr(model, key)))
        judge.once(((key, at, "id"), part.id) for at, part in parts)
        for at, part in parts:
            if isinstance(part, Fact):
                judge.once(
                    ((key, at, "values", index, "id"), value.id)
                    for index, value in enumerate(part.values)
                )


def _check_levels(judge: Judge, path: KeyPath, levels: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for level, text in enumerate(levels):
        same = " ".join(text.casefold().split())
        if same in seen:
            judge.report(
                (*path, level), f"the text of level {seen[same]} again",
                "five different texts", "say what sets this level apart",
            )  # fmt: skip
        seen.setdefault(same, level)


def check_question(
    judge: Judge, path: KeyPath, question: Question, shared: Shared
) -> None:
    """Judge one question: what it names exists, its levels and checks make sense."""
    roles = [role.id for role in shared.roles]
    judge.known((*path, "authority"), question.authority, roles, "a role of the bank")
    names = [part.id for part in shared.answer_sets]
    judge.known(
        (*path, "answers"), question.answers, names, "an answer set of the bank"
    )
    works = [work.id for work in shared.works]
    for at, source in enumerate(question.sources):
        judge.known(
            (*path, "sources", at, "work"), source.work, works, "a work of the bank"
        )
    for at, step in enumerate(question.next):
        judge.known((*path, "next", at, "role"), step.role, roles, "a role of the bank")
    _check_levels(judge, (*path, "levels"), question.levels)
    _check_condition(judge, (*path, "applies_when"), question, shared.facts)
    _check_bindings(judge, (*path, "checks"), question)


def _check_bindings(judge: Judge, path: KeyPath, question: Question) -> None:
    bindings = list(enumerate(question.checks))
    judge.once(((*path, at, "check"), binding.check) for at, binding in bindings)
    for at, binding in bindings:
        here = (*path, at)
        judge.known((*here, "check"), binding.check, CHECKS, "a check of readybook")
        if binding.proves > binding.supports:
            judge.report(
                (*here, "proves"), f"level {binding.proves}",
                f"at most the level of supports ({binding.supports})",
                "lower proves or raise supports",
            )  # fmt: skip


def _check_condition(
    judge: Judge, path: KeyPath, question: Question, facts: Iterable[Fact]
) -> None:
    known = {fact.id: [value.id for value in fact.values] for fact in facts}
    for name, values in question.applies_when.items():
        here = (*path, name)
        judge.known(here, name, known, "a fact of the bank")
        if not values:
            judge.report(here, "no values", "at least one value", "name the values")
        for at, value in enumerate(values):
            if name in known:
                judge.known((*here, at), value, known[name], f"a value of '{name}'")
