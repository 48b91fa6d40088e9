"""Read a question bank: a folder of YAML files, judged by its rules and fingerprinted.

The rules are those that a bank must keep to be read at all; what else it must prove is
in lint. Each rule reports at the key that breaks it.
"""

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
    Text,
    Version,
    Work,
)
from readybook.model.errors import InvalidInputError, Problem
from readybook.text.documents import Judge, Loaded, found_at, listed, load_document
from readybook.text.yaml import KeyPath

READYBOOK = "readybook"  #: id of the bank that comes with readybook
HISTORY = "history.yaml"
MOST_ROLES = 12
_SHARED_FILES = {"bank.yaml", "answer-sets.yaml", HISTORY}

File = TypeVar("File", bound=Document)
SomeBank = TypeVar("SomeBank", bound=Bank)


class BankFile(Document):
    """bank.yaml: what all questions of a bank share."""

    id: Id
    version: Version
    title: Text
    roles: tuple[Role, ...] = Field(max_length=MOST_ROLES)
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


def read_bank(path: Path | None = None) -> BankSource:
    """Return the bank of a folder, or readybook's own, with the places of its parts.

    Raises:
        InvalidInputError: with every problem of every file of the bank.
    """
    folder = path or Path(__file__).resolve().parents[1] / "questions"
    problems: list[Problem] = []
    head = _load(folder, "bank.yaml", BankFile, problems)
    sets = _load(folder, "answer-sets.yaml", AnswerSetFile, problems)
    names = [file.name for file in listed(folder) if file.suffix in {".yaml", ".yml"}]
    files = [
        file
        for name in names
        if name not in _SHARED_FILES
        and (file := _load(folder, name, QuestionFile, problems)) is not None
    ]
    if head is None or sets is None:
        raise InvalidInputError(problems)
    by_section = {file.model.section: file.model.questions for file in files}
    bank = fingerprinted(
        Bank(
            **dict(head.model),
            answer_sets=sets.model.answer_sets,
            sections={
                key: by_section[key] for key in SECTION_TITLES if key in by_section
            },
            fingerprint="",
        )
    )
    problems += _cross_check(bank, head, sets, files)
    if problems:
        raise InvalidInputError(problems)
    places = parts_of(head, "roles", "facts", "works") | parts_of(sets, "answer_sets")
    for file in files:
        places |= parts_of(file, "questions")
    return BankSource(bank, head, places)


def _load(
    folder: Path, name: str, model: type[File], problems: list[Problem]
) -> Loaded[File] | None:
    try:
        return load_document(folder / name, model, name=name)
    except InvalidInputError as error:
        problems += error.problems
        return None


def parts_of(file: Loaded[Any], *kinds: str) -> dict[tuple[str, str], Place]:
    """Return where each part of a file stands, by kind and id."""
    return {
        (kind, part.id): Place(file, (kind, at))
        for kind in kinds
        for at, part in enumerate(getattr(file.model, kind))
    }


def bank_ref(bank: Bank) -> BankRef:
    """Return the reference that answers given under this bank carry."""
    return BankRef(id=bank.id, version=bank.version, fingerprint=bank.fingerprint)


def fingerprinted(bank: SomeBank) -> SomeBank:
    """Return the bank with the fingerprint of its content."""
    bare = bank.model_copy(update={"fingerprint": ""})
    content = json.dumps(bare.model_dump(mode="json"), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return bank.model_copy(update={"fingerprint": f"sha256:{digest}"})


def _cross_check(
    bank: Bank,
    head: Loaded[BankFile],
    sets: Loaded[AnswerSetFile],
    files: Sequence[Loaded[QuestionFile]],
) -> list[Problem]:
    judges = [Judge(head), Judge(sets)]
    check_shared(judges[0], "roles", "facts", "works")
    check_shared(judges[1], "answer_sets")
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
            check_question(judge, path, question, bank)
        judges.append(judge)
    return [problem for judge in judges for problem in judge.problems]


def check_shared(judge: Judge, *kinds: str) -> None:
    """Judge these lists of parts that questions share: each id once."""
    for kind in kinds:
        judge.once(found_at(judge.file.model, f"{kind}.*.id"))
    for at, fact in enumerate(judge.file.model.facts if "facts" in kinds else ()):
        ids = found_at(fact, "values.*.id")
        judge.once((("facts", at, *path), name) for path, name in ids)


def check_question(judge: Judge, path: KeyPath, question: Question, bank: Bank) -> None:
    """Judge one question: what it names exists, its levels and checks make sense."""
    named: tuple[tuple[str, Sequence[Any], str], ...] = (
        ("authority next.*.role stand_in.seen_by", bank.roles, "a role of the bank"),
        ("answers", bank.answer_sets, "an answer set of the bank"),
        ("sources.*.work", bank.works, "a work of the bank"),
    )
    known = [(places, [one.id for one in parts], noun) for places, parts, noun in named]
    bound = [one.check for one in question.checks]
    known.append(("next.*.checks.*", bound, "a check of the question"))
    for places, names, noun in known:
        for key, name in found_at(question, places):
            judge.known((*path, *key), name, names, noun)
    _check_levels(judge, (*path, "levels"), question.levels)
    _check_condition(judge, (*path, "applies_when"), question, bank.facts)
    _check_bindings(judge, (*path, "checks"), question)
    if question.stand_in and question.stand_in.seen_by == question.authority:
        judge.report(
            (*path, "stand_in", "seen_by"), f"'{question.authority}', the authority",
            "another role, since a double-check needs one", "name who else must see it",
        )  # fmt: skip


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
