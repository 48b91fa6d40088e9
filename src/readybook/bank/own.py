"""Banks of one's own: one file that replaces readybook's bank or extends it."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from readybook.bank.read import (
    MOST_ROLES,
    READYBOOK,
    BankSource,
    bank_ref,
    check_question,
    check_shared,
    fingerprinted,
    parts_of,
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
    Version,
    Work,
)
from readybook.model.errors import InvalidInputError
from readybook.text.documents import Judge, is_absent, load_document, refuse_outside

OWN_BANK = "bank.yaml"  #: in an assessment's folder
_SHARED = ("roles", "facts", "works", "answer_sets")


class OwnQuestion(Question):
    """A question of an own bank: it says its section itself."""

    section: Section


class OwnBankFile(Document):
    """bank.yaml of a team: a whole bank, or what differs from readybook's."""

    id: Id
    version: Version
    title: Text
    extends: Literal["readybook"] | None = None  #: None: it replaces readybook's
    roles: tuple[Role, ...] = ()
    facts: tuple[Fact, ...] = ()
    works: tuple[Work, ...] = ()
    answer_sets: tuple[AnswerSet, ...] = ()
    questions: tuple[OwnQuestion, ...] = ()
    switched_off: dict[QuestionId, Text] = Field(default_factory=dict)  #: reasons


def load_bank_for(folder: Path) -> Bank:
    """Return the bank of an assessment: its own, or the one that comes with readybook.

    Raises:
        InvalidInputError: with every problem of the folder's own bank.
    """
    return bank_source(folder).bank


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
        is_bank = is_absent(path / "assessment.yaml")
        return read_bank(path) if is_bank else bank_source(path)
    return _read_own(path)


def bank_source(folder: Path) -> BankSource:
    """Return the bank of an assessment as `load_bank_for`, with its parts' places."""
    path = folder / OWN_BANK
    refuse_outside(OWN_BANK, folder)
    return _ours() if is_absent(path) else _read_own(path)


@cache
def _ours() -> BankSource:
    # Read once for a whole batch; nothing that comes of it can be changed.
    return read_bank()


def _read_own(path: Path) -> BankSource:
    file = load_document(path, OwnBankFile, name=path.name)
    base = _ours().bank if file.model.extends else None
    bank = _assembled(file.model, base)
    judge = Judge(file)
    _judge_parts(judge, file.model, bank)
    if base is None:
        if file.model.switched_off:
            judge.report(
                ("switched_off",), "questions to switch off in a bank that replaces all",
                "switched_off only beside 'extends: readybook'",
                "remove it, or add 'extends: readybook'",
            )  # fmt: skip
    else:
        _judge_beside(judge, file.model, base)
    if judge.problems:
        raise InvalidInputError(judge.problems)
    return BankSource(bank, file, parts_of(file, *_SHARED, "questions"))


def _judge_parts(judge: Judge, own: OwnBankFile, bank: Bank) -> None:
    """Report what no bank may have."""
    if own.id == READYBOOK:
        judge.report(
            ("id",), f"'{own.id}', the id of the bank that comes with readybook",
            "an id of your own, since answers record it", "give it another id",
        )  # fmt: skip
    check_shared(judge, *_SHARED)
    if len(bank.roles) > MOST_ROLES:
        judge.report(
            ("roles",), f"{len(bank.roles)} roles"
            + (f", those of {own.extends} included" if own.extends else ""),
            f"at most {MOST_ROLES}", "use a role that is there; you may retitle it",
        )  # fmt: skip
    rows = list(enumerate(own.questions))
    judge.once((("questions", at, "id"), question.id) for at, question in rows)
    for at, question in rows:
        check_question(judge, ("questions", at), question, bank)


def _judge_beside(judge: Judge, own: OwnBankFile, base: Bank) -> None:
    """Report what does not go with the bank that it extends."""
    values = {fact.id: [value.id for value in fact.values] for fact in base.facts}
    for at, fact in enumerate(own.facts):
        # Questions may be asked because of a value.
        kept = {value.id for value in fact.values}
        for gone in (value for value in values.get(fact.id, ()) if value not in kept):
            judge.report(
                ("facts", at, "values"), f"no value '{gone}'",
                f"every value that '{fact.id}' has in {base.id}", "add it back",
            )  # fmt: skip
    sections = {q.id: section for section, rows in base.sections.items() for q in rows}
    for at, question in enumerate(own.questions):
        section = sections.get(question.id, question.section)
        if question.section != section:
            judge.report(
                ("questions", at, "section"), f"section {question.section}",
                f"{section}, where {base.id} has {question.id}",
                f"write {section}, or give the question another id",
            )  # fmt: skip
    for name in own.switched_off:
        path = ("switched_off", name)
        judge.known(path, name, sections, "a question of the bank that it extends")
        if name in {question.id for question in own.questions}:
            judge.report(
                path, f"'{name}', which stands under questions too",
                "a question either asked or switched off", "remove one of the two",
            )  # fmt: skip


def _assembled(own: OwnBankFile, base: Bank | None) -> Bank:
    """Return the bank of a file, its parts laid over those of the one it extends."""
    sections = {
        section: _merged(
            (
                Question(**{key: getattr(q, key) for key in Question.model_fields})
                for q in own.questions
                if q.section == section
            ),
            base.sections.get(section, ()) if base else (),
        )
        for section in SECTION_TITLES
    }
    content: dict[str, Any] = {
        **{key: getattr(own, key) for key in ("format", "id", "version", "title")},
        **{key: _merged(getattr(own, key), getattr(base, key, ())) for key in _SHARED},
        "sections": {name: rows for name, rows in sections.items() if rows},
        "fingerprint": "",
    }
    if base is None:
        return fingerprinted(Bank(**content))
    before = {q.id: q for questions in base.sections.values() for q in questions}
    differing = {
        q.id: tuple(
            key
            for key in Question.model_fields
            if getattr(q, key) != getattr(before[q.id], key)
        )
        for q in own.questions
        if q.id in before
    }
    return fingerprinted(
        ExtendedBank(
            **content,
            extends=bank_ref(base),
            added=tuple(q.id for q in own.questions if q.id not in before),
            changed={name: keys for name, keys in differing.items() if keys},
            changed_parts=tuple(changed_parts(own, base)),
            switched_off=own.switched_off,
        )
    )


def changed_parts(own: OwnBankFile | Bank, base: Bank) -> Iterator[str]:
    """Yield facts, answer sets and roles that are otherwise than those they replace."""
    before = _weights(base)
    for name, weighs in _weights(own).items():
        if before.get(name, weighs) != weighs:
            yield name


def _weights(bank: OwnBankFile | Bank) -> dict[str, object]:
    raising = {
        f.id: (f.text, {v.id: (v.text, v.raises_need) for v in f.values})
        for f in bank.facts
    }
    roles = {one.id: (one.title, one.does) for one in bank.roles}
    return {**raising, **roles, **{a.id: a.does_not_apply for a in bank.answer_sets}}


def _merged(own: Iterable[Any], base: Iterable[Any]) -> tuple[Any, ...]:
    """Return the base's parts, those of the same id replaced, and the new ones."""
    parts = {part.id: part for part in base} | {part.id: part for part in own}
    return tuple(parts.values())
