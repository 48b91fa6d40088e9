"""Judge an assessment's documents against each other, the bank and the calendar."""

from __future__ import annotations

import graphlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from readybook.bank.read import READYBOOK
from readybook.model.bank import AnswerSet, Bank, BankRef, ExtendedBank, Question
from readybook.model.case import (
    Action,
    Actions,
    AgreedAnswers,
    Answer,
    AnswerSheet,
    Change,
    Changes,
    Range,
    Resource,
    Resources,
    Scope,
    Settled,
    Stakeholders,
)
from readybook.model.contract import NO_DATA_MODEL, DataModel, Table
from readybook.model.errors import Problem, close_to
from readybook.text.documents import Judge, Loaded, check_log_path
from readybook.text.yaml import KeyPath, shown

__all__ = ["Documents", "check_documents", "step_ids"]

_ROLE = "a role of the bank"


@dataclass
class Documents:
    """What could be read of a folder; what is absent or refused is empty."""

    scope: Loaded[Scope] | None = None
    data_model: Loaded[DataModel] = field(
        default=Loaded("data.odcs.yaml", NO_DATA_MODEL, {})
    )
    resources: Loaded[Resources] = field(
        default=Loaded("resources.yaml", Resources(format=1), {})
    )
    stakeholders: Loaded[Stakeholders] = field(
        default=Loaded("stakeholders.yaml", Stakeholders(format=1), {})
    )
    actions: Loaded[Actions] = field(
        default=Loaded("actions.yaml", Actions(format=1), {})
    )
    changes: Loaded[Changes] = field(
        default=Loaded("changes.yaml", Changes(format=1), {})
    )
    agreed: Loaded[AgreedAnswers] | None = None
    sheets: dict[str, Loaded[AnswerSheet]] = field(default_factory=dict)

    @property
    def declared(self) -> dict[str, Any]:
        """Return what the folder declares, by the field of Assessment that holds it."""
        read = {
            name: one for name, one in vars(self).items() if isinstance(one, Loaded)
        }
        return {
            name: one.model
            for name, one in read.items()
            if one is not getattr(Documents, name)
        }


class _Known:
    """What the bank knows, retired questions included."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank.id
        base = {bank.extends.id} if isinstance(bank, ExtendedBank) else set()
        self.banks = {bank.id} | base  #: whose questions may be answered
        self.ours = bank.id == READYBOOK
        self.roles = [role.id for role in bank.roles]
        self.facts = {fact.id: [v.id for v in fact.values] for fact in bank.facts}
        self.sets: Mapping[str, AnswerSet] = {
            part.id: part for part in bank.answer_sets
        }
        self.questions: dict[str, Question] = {
            question.id: question
            for questions in bank.sections.values()
            for question in questions
        }


def check_documents(documents: Documents, bank: Bank, folder: Path) -> list[Problem]:
    """Return every contradiction between documents that are each valid alone.

    The folder is the assessment's; a declared log must lie in it.
    """
    known = _Known(bank)
    judges = [
        _check_resources(Judge(documents.resources), known, folder),
        _check_stakeholders(Judge(documents.stakeholders), known),
        _check_actions(Judge(documents.actions), known),
        _check_changes(Judge(documents.changes), known, documents),
        *(_check_sheet(Judge(sheet), known) for sheet in documents.sheets.values()),
    ]
    if documents.scope:
        judges.append(_check_scope(Judge(documents.scope), known, documents))
    if documents.agreed:
        judges.append(_check_agreed(Judge(documents.agreed), known))
    _check_plan({judge.file.name: judge for judge in judges}, documents, known, folder)
    return [problem for judge in judges for problem in judge.problems]


def _once(judge: Judge, key: str, rows: Iterable[object], name: str = "id") -> None:
    judge.once(
        ((key, at, name), str(getattr(row, name))) for at, row in enumerate(rows)
    )


def _roles(judge: Judge, known: _Known, roles: Iterable[tuple[KeyPath, str]]) -> None:
    for path, role in roles:
        judge.known(path, role, known.roles, _ROLE)


def _named(row: object, path: KeyPath, *keys: str) -> Iterator[tuple[KeyPath, str]]:
    """Yield the role, or each of the roles, that a row names under these keys."""
    for key in keys:
        value: str | Sequence[str] | None = getattr(row, key)
        if isinstance(value, str):
            yield (*path, key), value
        else:
            yield from (((*path, key, at), role) for at, role in enumerate(value or ()))


# --- assessment.yaml ---------------------------------------------------------------


def _check_scope(judge: Judge, known: _Known, documents: Documents) -> Judge:
    scope, model = judge.file.model, documents.data_model.model
    for fact, value in scope.facts.items():
        path = ("facts", fact)
        judge.known(path, fact, known.facts, "a fact of the bank")
        if fact in known.facts:
            judge.known(path, value, known.facts[fact], f"a value of '{fact}'")
    _once(judge, "needs", scope.needs)
    fields = {
        f"{table.name}.{column.name}": None
        for table in model.tables
        for column in table.columns
    }
    for at, need in enumerate(scope.needs):
        _roles(judge, known, _named(need, ("needs", at), "ask"))
        if need.field and "data_model" in documents.declared:
            expected = "a table.field of data.odcs.yaml"
            judge.known(("needs", at, "field"), need.field, fields, expected)
    return judge


# --- answers/*.yaml ----------------------------------------------------------------


def _check_sheet(judge: Judge, known: _Known) -> Judge:
    sheet: AnswerSheet = judge.file.model
    answered = (*sheet.answers, *sheet.confirms)
    if _from_another_bank(judge, sheet.bank, answered, known):
        return judge
    judge.known(("role",), sheet.role, known.roles, _ROLE)
    for question, answer in sheet.answers.items():
        _check_answer(judge, ("answers", question), question, answer, known)
    for question in sheet.confirms:
        _check_question(judge, ("confirms", question), question, known)
    return judge


def _check_agreed(judge: Judge, known: _Known) -> Judge:
    agreed: AgreedAnswers = judge.file.model
    if _from_another_bank(judge, agreed.bank, agreed.settled, known):
        return judge
    for question, settled in agreed.settled.items():
        path = ("settled", question)
        _check_answer(judge, path, question, settled, known)
        _roles(judge, known, _named(settled, path, "present"))
    return judge


def _from_another_bank(
    judge: Judge, bank: BankRef, questions: Iterable[str], known: _Known
) -> bool:
    """Report answers that this bank cannot read, since another one asked for them."""
    unknown = [question for question in questions if question not in known.questions]
    if bank.id in known.banks or not unknown:
        return False
    judge.report(
        ("bank", "id"), f"answers to the bank '{shown(bank.id)}' ({unknown[0]}, ...)",
        f"answers to the bank '{known.bank}'",
        "put the bank that was answered into the folder as bank.yaml",
    )  # fmt: skip
    return True


def _check_question(judge: Judge, path: KeyPath, question: str, known: _Known) -> None:
    if question not in known.questions:
        # An answer belongs to its question: no advice may move it to another one.
        do = (
            "if the bank had the question, put it back with 'retired:'; if the id is a "
            "slip, correct it"
        )
        if known.ours:  # where ids are never removed
            near = close_to(question, list(known.questions))
            do = "look the id up with 'readybook questions'"
            do += f" (nearest: '{near}')" if near else ""
        judge.report(path, f"'{question}'", "a question of the bank", do)


def _check_answer(
    judge: Judge,
    path: KeyPath,
    question: str,
    answer: Answer | Settled,
    known: _Known,
) -> None:
    _check_question(judge, path, question, known)
    named = ["approved_by"] + ["typed_by"] * isinstance(answer, Answer)
    _roles(judge, known, _named(answer, path, *named))
    waved_off = answer.answer == "does-not-apply"
    if waved_off and question in known.questions:
        answers = known.sets.get(known.questions[question].answers)
        if answers is not None and not answers.does_not_apply:
            judge.report(
                (*path, "answer"), "'does-not-apply'",
                f"a level or 'unknown': {question} always applies",
                "answer with a level from 0 to 4, or 'unknown'",
            )  # fmt: skip
    keys = ["reason", "approved_by"]
    if isinstance(answer, Answer):
        keys.append("because")  # what the room settled has a reason in any case
    for key in keys:
        if not waved_off and getattr(answer, key) is not None:
            judge.report(
                (*path, key), f"'{key}' beside the answer {answer.answer}",
                f"'{key}' only with the answer 'does-not-apply'",
                "remove the key; use 'note' for remarks",
            )  # fmt: skip


# --- registers ---------------------------------------------------------------------


def _check_resources(judge: Judge, known: _Known, folder: Path) -> Judge:
    resources: Resources = judge.file.model
    rows = resources.resources
    _once(judge, "resources", rows)
    ids = {row.id for row in rows}
    for at, row in enumerate(rows):
        path = ("resources", at)
        _roles(judge, known, _named(row, path, "grants", "pays"))
        for key in ("granted_on", "refused_on"):
            answered = getattr(row, key)
            if row.asked_on and answered and answered < row.asked_on:
                judge.report(
                    (*path, key), f"{key.removesuffix('_on')} on {answered}",
                    f"the day it was asked ({row.asked_on}) or later",
                    "correct one of the two dates",
                )  # fmt: skip
        if row.same_as:
            expected = "another resource of this file"
            judge.known(
                (*path, "same_as"), row.same_as, sorted(ids - {row.id}), expected
            )
    route = resources.route
    if route and route.log is not None:
        check_log_path(route.log, ("route", "log"), folder, judge)
    return judge


def _check_stakeholders(judge: Judge, known: _Known) -> Judge:
    model: Stakeholders = judge.file.model
    _once(judge, "roles", model.roles, "role")
    _once(judge, "assets", model.assets)
    for at, holder in enumerate(model.roles):
        _roles(judge, known, _named(holder, ("roles", at), "role"))
    keys = ("responsible", "accountable", "consulted", "informed")
    for at, asset in enumerate(model.assets):
        _roles(judge, known, _named(asset, ("assets", at), *keys))
    for at, signed in enumerate(model.sign_offs):
        _roles(judge, known, _named(signed, ("sign_offs", at), "role"))
    return judge


def _check_changes(judge: Judge, known: _Known, documents: Documents) -> Judge:
    rows: tuple[Change, ...] = judge.file.model.changes
    _once(judge, "changes", rows)
    tables = [table.name for table in documents.data_model.model.tables]
    is_known = "data_model" in documents.declared
    for at, row in enumerate(rows):
        path = ("changes", at)
        _roles(judge, known, _named(row, path, "told_by"))
        for index, table in enumerate(row.tables if is_known else ()):
            expected = "a table of data.odcs.yaml"
            judge.known((*path, "tables", index), table, tables, expected)
    return judge


def _check_actions(judge: Judge, known: _Known) -> Judge:
    rows: tuple[Action, ...] = judge.file.model.actions
    _once(judge, "actions", rows)
    for at, row in enumerate(rows):
        path = ("actions", at)
        _roles(judge, known, _named(row, path, "owner"))
        for index, question in enumerate(row.decides):
            _check_question(judge, (*path, "decides", index), question, known)
    return judge


# --- steps that wait for steps -----------------------------------------------------


_STEP = "the id of an action, or of a step such as permission/<resource>"
#: Beginning of the ids of derived steps: the document and file that the rest is from.
_STEPS_FROM = {
    "permission": ("resources", "resources.yaml"),
    "resource": ("resources", "resources.yaml"),
    "history": ("data_model", "data.odcs.yaml"),
}


def step_ids(
    actions: Iterable[Action],
    resources: Sequence[Resource],
    tables: Iterable[Table],
    questions: Iterable[Question],
) -> list[str]:
    """Return every id that a step of the plan has or may come to have."""
    return [
        *(action.id for action in actions),
        *(f"permission/{row.id}" for row in resources),
        *(f"resource/{row.id}" for row in resources),
        *(f"history/{table.name}" for table in tables),
        *(f"gap/{question.id}" for question in questions if question.gate),
    ]


def _check_plan(
    judges: Mapping[str, Judge], documents: Documents, known: _Known, folder: Path
) -> None:
    """Report every figure out of order, need that is no step, and circle of needs.

    A document that is refused, and not absent, has steps that are not known here; they
    are not asked for.
    """
    for name in ("assessment.yaml", "resources.yaml", "actions.yaml"):
        if name in judges:
            for path, figures in _ranges(judges[name].file.model):
                _check_range(judges[name], path, figures)
    steps = step_ids(
        documents.actions.model.actions,
        documents.resources.model.resources,
        documents.data_model.model.tables,
        known.questions.values(),
    )
    refused = {
        kind
        for kind, (field_, name) in _STEPS_FROM.items()
        if field_ not in documents.declared and (folder / name).exists()
    }
    links = list(_links(judges, documents))
    for link in links:
        if link.name.partition("/")[0] not in refused:
            link.judge.known(link.path, link.name, steps, _STEP)
    _check_circles(links)


# --- figures -----------------------------------------------------------------------


def _ranges(part: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Range]]:
    """Yield every range of low, likely and high in a document."""
    if isinstance(part, Range):
        yield path, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _ranges(getattr(part, name), (*path, name))
    elif isinstance(part, tuple):
        for at, one in enumerate(part):
            yield from _ranges(one, (*path, at))


def _check_range(judge: Judge, path: KeyPath, figures: Range) -> None:
    low, likely, high = figures.low, figures.likely, figures.high
    found = f"low {low:g}, likely {likely:g}, high {high:g}"
    if not all(map(math.isfinite, (low, likely, high))) or min(low, likely, high) < 0:
        judge.report(path, found, "three figures of 0 or more", "correct the figures")
    elif not low <= likely <= high:
        judge.report(
            path, found, "low <= likely <= high", "put the three figures in order"
        )


# --- needs -------------------------------------------------------------------------


@dataclass(frozen=True)
class _Link:
    """One step that a document names, and who comes to need it."""

    judge: Judge
    path: KeyPath
    name: str
    step: str  #: that needs `need`
    need: str


def _links(judges: Mapping[str, Judge], documents: Documents) -> Iterator[_Link]:
    """Yield every step that is named; who needs a step comes to need its workaround."""
    judge = judges["actions.yaml"]
    for at, action in enumerate(documents.actions.model.actions):
        for index, need in enumerate(action.needs):
            path: KeyPath = ("actions", at, "needs", index)
            yield _Link(judge, path, need, action.id, need)
        if (step := action.workaround_for) and action.state != "dropped":
            path = ("actions", at, "workaround_for")
            yield _Link(judge, path, step, step, action.id)
    judge = judges["resources.yaml"]
    for at, row in enumerate(documents.resources.model.resources):
        for index, need in enumerate(row.waits_for):
            path = ("resources", at, "waits_for", index)
            yield _Link(judge, path, need, f"permission/{row.id}", need)


def _check_circles(links: Iterable[_Link]) -> None:
    """Report each circle at the key of its first member."""
    needs, first = dict[str, list[str]](), dict[str, _Link]()
    for link in links:
        needs.setdefault(link.step, []).append(link.need)
        first.setdefault(link.step, link)
    for circle in _circles(needs):
        link = first[circle[0]]
        link.judge.report(
            link.path[:3],
            f"a circle: {shown(' needs '.join(circle))}",
            "steps that can be done one after the other",
            "remove one of these needs",
        )


def _circles(needed: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Yield each circle of needs, beginning and ending with its first member.

    Args:
        needed: what each one needs, in the order in which they stand.
    """
    needs = {name: list(others) for name, others in needed.items()}
    order = {name: at for at, name in enumerate(needs)}
    while True:
        try:
            graphlib.TopologicalSorter(needs).prepare()
        except graphlib.CycleError as error:
            members = error.args[1][::-1][:-1]  # each needs the one after it
            first = members.index(min(members, key=lambda name: order[name]))
            members = [*members[first:], *members[:first], members[first]]
            yield members
            needs[members[-2]].remove(members[-1])
        else:
            return
