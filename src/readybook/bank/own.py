"""Banks of one's own: one file that replaces readybook's bank or extends it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from pydantic import Field

from readybook.bank.read import (
    BankSource,
    Place,
    Shared,
    bank_ref,
    check_question,
    check_shared,
    fingerprinted,
    read_bank,
)
from readybook.model.bank import (
    SECTION_TITLES,
    AnswerSet,
    Bank,
    Document,
    ExtendedBank,
    Fact,
    Id,
    Question,
    QuestionId,
    Role,
    Section,
    Text,
    Work,
)
from readybook.model.errors import InvalidInputError
from readybook.text.documents import Judge, Loaded, load_document

__all__ = ["OWN_BANK", "OwnBankFile", "OwnQuestion", "find_bank", "load_bank_for"]

OWN_BANK = "bank.yaml"  #: in an assessment's folder
_SHARED = ("roles", "facts", "works", "answer_sets")
_MOST_ROLES = 12


class OwnQuestion(Question):
    """A question of an own bank: it says its section itself."""

    section: Section


class OwnBankFile(Document):
    """bank.yaml of a team: a whole bank, or what differs from readybook's."""

    id: Id
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    title: Text
    extends: Literal["readybook"] | None = None  #: None: it replaces readybook's
    roles: tuple[Role, ...] = ()
    facts: tuple[Fact, ...] = ()
    works: tuple[Work, ...] = ()
    answer_sets: tuple[AnswerSet, ...] = ()
    questions: tuple[OwnQuestion, ...] = ()
    switched_off: dict[QuestionId, Text] = Field(default_factory=dict)  #: reasons


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Part = TypeVar("Part", bound=_HasId)


def load_bank_for(folder: Path) -> Bank:
    """Return the bank of an assessment: its own, or the one that comes with readybook.

    Raises:
        InvalidInputError: with every problem of the folder's own bank.
    """
    return _source_for(folder).bank


def find_bank(path: Path | None = None) -> BankSource:
    """Return the bank that a path names.

    Args:
        path: a file (a bank of one's own), the folder of an assessment, or the folder
            of a bank; None: the bank that comes with readybook.

    Raises:
        InvalidInputError: with every problem of the bank.
    """
    if path is None:
        return _ours()
    if path.is_dir():
        is_assessment = (path / "assessment.yaml").exists()
        return _source_for(path) if is_assessment else read_bank(path)
    return _read_own(path)


def _source_for(folder: Path) -> BankSource:
    path = folder / OWN_BANK
    return _read_own(path) if path.exists() or path.is_symlink() else _ours()


@cache
def _ours() -> BankSource:
    # Read once for a whole batch; nothing that comes of it can be changed.
    return read_bank()


def _read_own(path: Path) -> BankSource:
    file = load_document(path, OwnBankFile, name=path.name)
    base = _ours().bank if file.model.extends else None
    judge = _judged(file, base)
    if judge.problems:
        raise InvalidInputError(judge.problems)
    bank = _replacing(file.model) if base is None else _extended(file.model, base)
    return BankSource(bank, file, _places(file))


def _places(file: Loaded[OwnBankFile]) -> dict[tuple[str, str], Place]:
    return {
        (kind, part.id): Place(file, (kind, at))
        for kind in (*_SHARED, "questions")
        for at, part in enumerate(getattr(file.model, kind))
    }


# --- judging -----------------------------------------------------------------------


def _judged(file: Loaded[OwnBankFile], base: Bank | None) -> Judge:
    judge, own = Judge(file), file.model
    if own.id == _ours().bank.id:
        judge.report(
            ("id",), f"'{own.id}', the id of the bank that comes with readybook",
            "an id of your own, since answers record it", "give it another id",
        )  # fmt: skip
    shared = _shared(own, base)
    check_shared(judge, own, _SHARED)
    if len(shared.roles) > _MOST_ROLES:
        judge.report(
            ("roles",), f"{len(shared.roles)} roles"
            + (f", those of {base.id} included" if base else ""),
            f"at most {_MOST_ROLES}", "use a role that is there; you may retitle it",
        )  # fmt: skip
    rows = list(enumerate(own.questions))
    judge.once((("questions", at, "id"), question.id) for at, question in rows)
    for at, question in rows:
        check_question(judge, ("questions", at), question, shared)
    if base is not None:
        _judge_facts(judge, own, base)
        _judge_sections(judge, own, base)
    _judge_switched_off(judge, own, base)
    return judge


def _judge_facts(judge: Judge, own: OwnBankFile, base: Bank) -> None:
    """Report values that are gone from a fact: questions may be asked because of them."""
    known = {fact.id: [value.id for value in fact.values] for fact in base.facts}
    for at, fact in enumerate(own.facts):
        values = {value.id for value in fact.values}
        for gone in (value for value in known.get(fact.id, ()) if value not in values):
            judge.report(
                ("facts", at, "values"), f"no value '{gone}'",
                f"every value that '{fact.id}' has in {base.id}", "add it back",
            )  # fmt: skip


def _judge_sections(judge: Judge, own: OwnBankFile, base: Bank) -> None:
    known = _sections(base)
    for at, question in enumerate(own.questions):
        section = known.get(question.id, question.section)
        if question.section != section:
            judge.report(
                ("questions", at, "section"), f"section {question.section}",
                f"{section}, where {base.id} has {question.id}",
                f"write {section}, or give the question another id",
            )  # fmt: skip


def _judge_switched_off(judge: Judge, own: OwnBankFile, base: Bank | None) -> None:
    if base is None and own.switched_off:
        judge.report(
            ("switched_off",), "questions to switch off in a bank that replaces all",
            "switched_off only beside 'extends: readybook'",
            "remove it, or add 'extends: readybook'",
        )  # fmt: skip
    for name in own.switched_off if base else ():
        path = ("switched_off", name)
        asked = _sections(base) if base else {}
        judge.known(path, name, asked, "a question of the bank that it extends")
        if name in {question.id for question in own.questions}:
            judge.report(
                path, f"'{name}', which stands under questions too",
                "a question either asked or switched off", "remove one of the two",
            )  # fmt: skip


def _sections(bank: Bank) -> dict[str, Section]:
    return {
        question.id: section
        for section, questions in bank.sections.items()
        for question in questions
    }


# --- putting together --------------------------------------------------------------


def _shared(own: OwnBankFile, base: Bank | None) -> Shared:
    return Shared(
        roles=_merged(own.roles, base.roles if base else ()),
        facts=_merged(own.facts, base.facts if base else ()),
        works=_merged(own.works, base.works if base else ()),
        answer_sets=_merged(own.answer_sets, base.answer_sets if base else ()),
    )


def _merged(own: Iterable[Part], base: Iterable[Part]) -> tuple[Part, ...]:
    """Return the base's parts, those of the same id replaced, and the new ones."""
    parts = {part.id: part for part in base} | {part.id: part for part in own}
    return tuple(parts.values())


def _replacing(own: OwnBankFile) -> Bank:
    return fingerprinted(Bank(**_content(own, None)))


def _extended(own: OwnBankFile, base: Bank) -> ExtendedBank:
    before = {q.id: q for questions in base.sections.values() for q in questions}
    return fingerprinted(
        ExtendedBank(
            **_content(own, base),
            extends=bank_ref(base),
            added=tuple(q.id for q in own.questions if q.id not in before),
            changed={
                q.id: keys
                for q in own.questions
                if q.id in before and (keys := _differing(q, before[q.id]))
            },
            switched_off=own.switched_off,
        )
    )


def _differing(question: Question, base: Question) -> tuple[str, ...]:
    return tuple(
        key
        for key in Question.model_fields
        if getattr(question, key) != getattr(base, key)
    )


def _content(own: OwnBankFile, base: Bank | None) -> dict[str, Any]:
    sections = {
        section: _merged(
            (_plain(q) for q in own.questions if q.section == section),
            base.sections.get(section, ()) if base else (),
        )
        for section in SECTION_TITLES
    }
    return {
        "format": own.format,
        "id": own.id,
        "version": own.version,
        "title": own.title,
        **vars(_shared(own, base)),
        "sections": {name: rows for name, rows in sections.items() if rows},
        "fingerprint": "",
    }


def _plain(question: OwnQuestion) -> Question:
    return Question(**{key: getattr(question, key) for key in Question.model_fields})
