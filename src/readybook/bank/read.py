"""Read a question bank: a folder of YAML files, judged by its rules and fingerprinted.

The rules are those that a bank must keep to be read at all; what else it must prove is
in lint. Each rule reports at the key that breaks it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field

from readybook.checks.catalogue import CHECKS
from readybook.model.bank import (
    SECTION_TITLES,
    AnswerSet,
    Bank,
    BankRef,
    Document,
    Fact,
    Id,
    Question,
    QuestionFile,
    Role,
    Section,
    Text,
    Work,
)
from readybook.model.errors import InvalidInputError, Problem
from readybook.text.documents import Judge, Loaded, load_document
from readybook.text.yaml import KeyPath

__all__ = [
    "HISTORY",
    "READYBOOK",
    "AnswerSetFile",
    "BankFile",
    "BankSource",
    "Place",
    "Shared",
    "bank_ref",
    "check_question",
    "check_shared",
    "fingerprinted",
    "load_bank",
    "read_bank",
]

READYBOOK = "readybook"  #: id of the bank that comes with readybook
HISTORY = "history.yaml"
_SHARED_FILES = {"bank.yaml", "answer-sets.yaml", HISTORY}

Part = TypeVar("Part", bound=Document)
SomeBank = TypeVar("SomeBank", bound=Bank)


class BankFile(Document):
    """bank.yaml: what all questions of a bank share."""

    id: Id
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: Text
    roles: tuple[Role, ...] = Field(max_length=12)
    facts: tuple[Fact, ...]
    works: tuple[Work, ...]


class AnswerSetFile(Document):
    """answer-sets.yaml: the words of answers that questions name."""

    answer_sets: tuple[AnswerSet, ...]


@dataclass(frozen=True)
class Place:
    """Where a part of a bank stands."""

    file: Loaded[Any]
    path: KeyPath


@dataclass(frozen=True)
class BankSource:
    """A bank that was read, and where its parts stand, so that it can be judged."""

    bank: Bank
    head: Loaded[Any]  #: the file that names the bank
    #: By kind ("roles", "facts", "works", "answer_sets", "questions") and id; parts
    #: that an own bank takes over from readybook's are not in it.
    places: Mapping[tuple[str, str], Place]


def load_bank(path: Path | None = None) -> Bank:
    """Return a question bank.

    Args:
        path: its folder; None: the bank that comes with readybook.

    Raises:
        InvalidInputError: with every problem of every file of the bank.
    """
    return read_bank(path).bank


def read_bank(path: Path | None = None) -> BankSource:
    """Return a question bank with the places of its parts; otherwise as `load_bank`."""
    folder = path or Path(__file__).resolve().parents[1] / "questions"
    problems: list[Problem] = []
    head = _load(folder, "bank.yaml", BankFile, problems)
    sets = _load(folder, "answer-sets.yaml", AnswerSetFile, problems)
    names = sorted(file.name for file in folder.glob("*.y*ml"))
    files = [
        _load(folder, name, QuestionFile, problems)
        for name in names
        if name not in _SHARED_FILES
    ]
    sections = [file for file in files if file is not None]
    if head is not None and sets is not None:
        problems += _cross_check(head, sets, sections)
    if problems or head is None or sets is None:
        raise InvalidInputError(problems)
    bank = _assemble(head.model, sets.model, [file.model for file in sections])
    return BankSource(bank, head, _places(head, sets, sections))


def bank_ref(bank: Bank) -> BankRef:
    """Return the reference that answers given under this bank carry."""
    return BankRef(id=bank.id, version=bank.version, fingerprint=bank.fingerprint)


def fingerprinted(bank: SomeBank) -> SomeBank:
    """Return the bank with the fingerprint of its content."""
    bare = bank.model_copy(update={"fingerprint": ""})
    content = json.dumps(bare.model_dump(mode="json"), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return bank.model_copy(update={"fingerprint": f"sha256:{digest}"})


def _load(
    folder: Path, name: str, model: type[Part], problems: list[Problem]
) -> Loaded[Part] | None:
    try:
        return load_document(folder / name, model, name=name)
    except InvalidInputError as error:
        problems += error.problems
        return None


def _assemble(
    head: BankFile, sets: AnswerSetFile, files: Sequence[QuestionFile]
) -> Bank:
    by_section = {file.section: file.questions for file in files}
    sections: dict[Section, tuple[Question, ...]] = {
        section: by_section[section]
        for section in SECTION_TITLES
        if section in by_section
    }
    return fingerprinted(
        Bank(
            **dict(head),
            answer_sets=sets.answer_sets,
            sections=sections,
            fingerprint="",
        )
    )


def _places(
    head: Loaded[BankFile],
    sets: Loaded[AnswerSetFile],
    files: Sequence[Loaded[QuestionFile]],
) -> dict[tuple[str, str], Place]:
    lists: list[tuple[str, Loaded[Any], Iterable[Any]]] = [
        *((key, head, getattr(head.model, key)) for key in ("roles", "facts", "works")),
        ("answer_sets", sets, sets.model.answer_sets),
        *(("questions", file, file.model.questions) for file in files),
    ]
    return {
        (kind, part.id): Place(file, (kind, at))
        for kind, file, parts in lists
        for at, part in enumerate(parts)
    }


# --- cross-checks ------------------------------------------------------------------


def _cross_check(
    head: Loaded[BankFile],
    sets: Loaded[AnswerSetFile],
    files: Sequence[Loaded[QuestionFile]],
) -> list[Problem]:
    judges = [Judge(head), Judge(sets)]
    check_shared(judges[0], head.model, ("roles", "facts", "works"))
    check_shared(judges[1], sets.model, ("answer_sets",))
    model = head.model
    shared = Shared(model.roles, model.facts, model.works, sets.model.answer_sets)
    where: dict[str, str] = {}
    sections: dict[str, str] = {}
    for file in files:
        judge = Judge(file)
        section = file.model.section
        if section in sections:
            judge.report(
                ("section",), f"section {section}, which {sections[section]} has too",
                "one file for a section", "move the questions into one file",
            )  # fmt: skip
        sections.setdefault(section, file.name)
        for at, question in enumerate(file.model.questions):
            path: KeyPath = ("questions", at)
            if question.id in where:
                judge.report(
                    (*path, "id"), f"'{question.id}' a second time (first: "
                    f"{where[question.id]})", "each id once", "give it another id",
                )  # fmt: skip
            line = file.line(*path, "id")
            where.setdefault(question.id, f"{file.name}:{line}")
            check_question(judge, path, question, shared)
        judges.append(judge)
    return [problem for judge in judges for problem in judge.problems]


# --- rules of a bank ---------------------------------------------------------------


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
