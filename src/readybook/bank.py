"""Read a question bank: a folder of YAML files, cross-checked and fingerprinted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from readybook.checks import CHECKS
from readybook.documents import Judge, Loaded, load_document
from readybook.errors import InvalidInputError, Problem
from readybook.models import (
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
from readybook.yamltext import KeyPath

__all__ = ["AnswerSetFile", "BankFile", "bank_ref", "load_bank"]

Part = TypeVar("Part", bound=Document)


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


def load_bank(path: Path | None = None) -> Bank:
    """Return a question bank.

    Args:
        path: its folder; None: the bank that comes with readybook.

    Raises:
        InvalidInputError: with every problem of every file of the bank.
    """
    folder = path or Path(__file__).resolve().parent / "questions"
    problems: list[Problem] = []
    head = _load(folder, "bank.yaml", BankFile, problems)
    sets = _load(folder, "answer-sets.yaml", AnswerSetFile, problems)
    names = sorted(file.name for file in folder.glob("*.y*ml"))
    files = [
        _load(folder, name, QuestionFile, problems)
        for name in names
        if name not in {"bank.yaml", "answer-sets.yaml"}
    ]
    sections = [file for file in files if file is not None]
    if head is not None and sets is not None:
        problems += _cross_check(head, sets, sections)
    if problems or head is None or sets is None:
        raise InvalidInputError(problems)
    return _assemble(head.model, sets.model, [file.model for file in sections])


def bank_ref(bank: Bank) -> BankRef:
    """Return the reference that answers given under this bank carry."""
    return BankRef(id=bank.id, version=bank.version, fingerprint=bank.fingerprint)


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
    bank = Bank(
        **dict(head), answer_sets=sets.answer_sets, sections=sections, fingerprint=""
    )
    content = json.dumps(bank.model_dump(mode="json"), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return bank.model_copy(update={"fingerprint": f"sha256:{digest}"})


# --- cross-checks ------------------------------------------------------------------


def _cross_check(
    head: Loaded[BankFile],
    sets: Loaded[AnswerSetFile],
    files: Sequence[Loaded[QuestionFile]],
) -> list[Problem]:
    judges = [_check_head(head), _check_sets(sets)]
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
            _check_question(judge, path, question, head.model, sets.model)
        judges.append(judge)
    return [problem for judge in judges for problem in judge.problems]


def _check_head(head: Loaded[BankFile]) -> Judge:
    judge = Judge(head)
    model = head.model
    for key in ("roles", "facts", "works"):
        parts = enumerate(getattr(model, key))
        judge.once(((key, at, "id"), part.id) for at, part in parts)
    for at, fact in enumerate(model.facts):
        judge.once(
            (("facts", at, "values", index, "id"), value.id)
            for index, value in enumerate(fact.values)
        )
    return judge


def _check_sets(sets: Loaded[AnswerSetFile]) -> Judge:
    judge = Judge(sets)
    parts = sets.model.answer_sets
    judge.once((("answer_sets", at, "id"), part.id) for at, part in enumerate(parts))
    for at, part in enumerate(parts):
        _check_levels(judge, ("answer_sets", at, "levels"), part.levels)
    return judge


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


def _check_question(
    judge: Judge,
    path: KeyPath,
    question: Question,
    head: BankFile,
    sets: AnswerSetFile,
) -> None:
    roles = [role.id for role in head.roles]
    judge.known((*path, "authority"), question.authority, roles, "a role of the bank")
    names = [part.id for part in sets.answer_sets]
    judge.known(
        (*path, "answers"), question.answers, names, "an answer set of the bank"
    )
    works = [work.id for work in head.works]
    for at, source in enumerate(question.sources):
        judge.known(
            (*path, "sources", at, "work"), source.work, works, "a work of the bank"
        )
    for at, step in enumerate(question.next):
        judge.known((*path, "next", at, "role"), step.role, roles, "a role of the bank")
    _check_levels(judge, (*path, "levels"), question.levels)
    _check_condition(judge, (*path, "applies_when"), question, head)
    for at, binding in enumerate(question.checks):
        here = (*path, "checks", at)
        judge.known((*here, "check"), binding.check, CHECKS, "a check of readybook")
        if binding.proves >= binding.supports:
            judge.report(
                (*here, "proves"), f"level {binding.proves}",
                f"a level below supports ({binding.supports})",
                "lower proves or raise supports",
            )  # fmt: skip


def _check_condition(
    judge: Judge, path: KeyPath, question: Question, head: BankFile
) -> None:
    facts = {fact.id: [value.id for value in fact.values] for fact in head.facts}
    for name, values in question.applies_when.items():
        here = (*path, name)
        judge.known(here, name, facts, "a fact of the bank")
        if not values:
            judge.report(here, "no values", "at least one value", "name the values")
        for at, value in enumerate(values):
            if name in facts:
                judge.known((*here, at), value, facts[name], f"a value of '{name}'")
