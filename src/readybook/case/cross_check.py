"""Judge an assessment's documents against each other, the bank and the calendar."""

import graphlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import networkx as nx
from pydantic import BaseModel

from readybook.bank.read import READYBOOK
from readybook.case.register import check_register
from readybook.checks.catalogue import CHECKS
from readybook.contract.read import parse_contract
from readybook.model.bank import Bank, Document, ExtendedBank, Question
from readybook.model.case import (
    Action,
    Actions,
    AgreedAnswers,
    Answer,
    AnswerSheet,
    Changes,
    Decision,
    Decisions,
    GateException,
    Range,
    Register,
    Resource,
    Resources,
    Scope,
    Settled,
    Stakeholders,
)
from readybook.model.contract import Table
from readybook.model.errors import Problem, close_to
from readybook.text.documents import (
    Judge,
    Loaded,
    found_at,
    is_absent,
    leaves_folder,
    parse_document,
)
from readybook.text.yaml import KeyPath, shown

AGREED = "answers/agreed.yaml"  #: what the room settled; nobody's own
_CONTRACT = "data.odcs.yaml"
_DECISIONS = "decisions.yaml"

#: Files that are judged together: the field of Assessment, and what each holds; the
#: contract is read by `parse_contract`.
FILES: dict[str, tuple[str, type[Document] | None]] = {
    "assessment.yaml": ("scope", Scope),
    _CONTRACT: ("data_model", None),
    "resources.yaml": ("resources", Resources),
    "stakeholders.yaml": ("stakeholders", Stakeholders),
    "actions.yaml": ("actions", Actions),
    "changes.yaml": ("changes", Changes),
    _DECISIONS: ("decisions", Decisions),
}
#: Where a document names what the bank or another document has to have, as `found_at`
#: takes it.
_NAMES: dict[type[BaseModel], dict[str, str]] = {
    Scope: {"fact": "facts.@", "field": "needs.*.field",
            "role": "needs.*.ask not_needed.*.approved_by withdrawn.*.by "
                    "value.by",
            "check": "not_needed.*.checks.* withdrawn.*.check"},
    AnswerSheet: {"question": "answers.@ confirms.@",
                  "role": "role answers.*.approved_by answers.*.typed_by"},
    AgreedAnswers: {"question": "settled.@",
                    "role": "settled.*.approved_by settled.*.present.*"},
    Resources: {"role": "resources.*.grants resources.*.pays"},
    Stakeholders: {"role": "roles.*.role assets.*.responsible assets.*.accountable.* "
                   "assets.*.consulted.* assets.*.informed.* sign_offs.*.role "
                   "signers.*.role"},
    Register: {"role": "roles.*.role resources.*.grants resources.*.pays"},
    Actions: {"role": "actions.*.owner", "question": "actions.*.decides.*"},
    Changes: {"role": "changes.*.told_by", "table": "changes.*.tables.*"},
    Decisions: {"role": "decisions.*.asked_of exceptions.*.asked_by "
                "exceptions.*.approved_by replies.*.role",
                "question": "exceptions.*.gate"},
}  # fmt: skip
#: What tells a row from the others of its list.
_ONCE: dict[type[BaseModel], str] = {
    Scope: "needs.*.id",
    Resources: "resources.*.id",
    Stakeholders: "roles.*.role assets.*.id signers.*.key",
    Register: "roles.*.role resources.*.id",
    Actions: "actions.*.id",
    Changes: "changes.*.id",
    Decisions: "decisions.*.id",
}
_MOST = 10**15  #: of a figure; what is computed of more is told as no number
_MOST_CIRCLES = 20  #: that are looked for: to find each takes a walk over all steps
_STEP = "the id of an action, or of a step such as permission/<resource>"
#: Beginning of the ids of derived steps: the file that the rest is from.
_STEPS_FROM = {
    "permission": "resources.yaml",
    "resource": "resources.yaml",
    "history": _CONTRACT,
}


def model_of(name: str) -> type[Document] | None:
    """Return what a YAML file of an assessment is, by its name; None: the contract."""
    if name in FILES:
        return FILES[name][1]
    return AgreedAnswers if name == AGREED else AnswerSheet


def parse_file(raw: bytes, name: str, folder: Path) -> Loaded[Any]:
    """Return a YAML file of an assessment; its folder is what no path may leave.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    model = model_of(name)
    if model is None:
        return parse_contract(raw, name=name, folder=folder)
    return parse_document(raw, model, name=name)


def check_documents(
    documents: Mapping[str, Loaded[Any]], bank: Bank, folder: Path
) -> list[Problem]:
    """Return every contradiction between documents that are each valid alone.

    Args:
        documents: by the name of the file; one that is absent or refused is left out.
            A register that cases share stands there as `REGISTER`.
        bank: the questions that are answered.
        folder: of the assessment; a declared log must lie in it.
    """
    judges = {name: Judge(file) for name, file in documents.items()}
    # Retired questions included: their answers stay where they are.
    questions = {q.id: q for part in bank.sections.values() for q in part}
    known = _known(documents, bank)
    for judge in judges.values():
        model = judge.file.model
        if isinstance(model, AnswerSheet | AgreedAnswers):
            if _is_from_another_bank(judge, bank, questions):
                continue
            _check_answers(judge, bank, questions)
        for path, kind, name in _names(model):
            if kind == "question":
                _check_question(judge, path, name, questions, bank)
            elif kind in known:
                judge.known(path, name, *known[kind])
        for places in _ONCE.get(type(model), "").split():
            judge.once(found_at(model, places))
        if isinstance(model, Resources | Register):
            _check_resources(judge, folder)
        if isinstance(model, Scope | Resources | Register | Actions):
            _check_figures(judge)
    check_register(judges)
    steps = _check_steps(judges, questions.values(), folder)
    _check_decisions(judges, questions, bank, steps)
    return [problem for judge in judges.values() for problem in judge.problems]


def _known(
    documents: Mapping[str, Loaded[Any]], bank: Bank
) -> dict[str, tuple[Collection[str], str]]:
    """Return by kind which names are known, and what they are names of."""
    known: dict[str, tuple[Collection[str], str]] = {
        "role": ([role.id for role in bank.roles], "a role of the bank"),
        "fact": ([fact.id for fact in bank.facts], "a fact of the bank"),
        "check": (list(CHECKS), "a check"),
    }
    for fact in bank.facts:
        kind = f"value of '{fact.id}'"
        known[kind] = ([one.id for one in fact.values], f"a {kind}")
    if _CONTRACT in documents:
        tables = documents[_CONTRACT].model.tables
        fields = dict.fromkeys(
            f"{one.name}.{column.name}" for one in tables for column in one.columns
        ).keys()
        names = dict.fromkeys(one.name for one in tables).keys()
        known["table"] = (names, "a table of data.odcs.yaml")
        known["field"] = (fields, "a table.field of data.odcs.yaml")
    return known


def _names(model: BaseModel) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield where a document names something, what kind of thing, and its name."""
    for kind, places in _NAMES.get(type(model), {}).items():
        for path, name in found_at(model, places):
            yield path, kind, name
    for fact, value in model.facts.items() if isinstance(model, Scope) else ():
        yield ("facts", fact), f"value of '{fact}'", value


# --- answers -----------------------------------------------------------------------


def _is_from_another_bank(
    judge: Judge, bank: Bank, questions: Mapping[str, Question]
) -> bool:
    """Report answers that this bank cannot read, since another one asked for them."""
    model: AnswerSheet | AgreedAnswers = judge.file.model
    unknown = [
        name
        for _, kind, name in _names(model)
        if kind == "question" and name not in questions
    ]
    base = {bank.extends.id} if isinstance(bank, ExtendedBank) else set()
    if model.bank.id in {bank.id} | base or not unknown:
        return False
    judge.report(
        ("bank", "id"), f"answers to the bank '{shown(model.bank.id)}' ({unknown[0]}, ...)",
        f"answers to the bank '{bank.id}'",
        "put the bank that was answered into the folder as bank.yaml",
    )  # fmt: skip
    return True


def _check_question(
    judge: Judge,
    path: KeyPath,
    question: str,
    questions: Mapping[str, Question],
    bank: Bank,
) -> None:
    if question in questions:
        return
    # An answer belongs to its question: no advice may move it to another one.
    do = (
        "if the bank had the question, put it back with 'retired:'; if the id is a "
        "slip, correct it"
    )
    if bank.id == READYBOOK:  # where ids are never removed
        near = close_to(question, list(questions))
        do = "look the id up with 'readybook questions'"
        do += f" (nearest: '{near}')" if near else ""
    judge.report(path, f"'{question}'", "a question of the bank", do)


def _check_answers(judge: Judge, bank: Bank, questions: Mapping[str, Question]) -> None:
    """Report what is waved off and cannot be, and reasons for it beside a level."""
    model: AnswerSheet | AgreedAnswers = judge.file.model
    answers: Mapping[str, Answer | Settled]
    if isinstance(model, AnswerSheet):
        name, answers = "answers", model.answers
        keys = ["reason", "approved_by", "because"]
    else:  # what the room settled has a reason in any case
        name, answers, keys = "settled", model.settled, ["reason", "approved_by"]
    fixed = {one.id for one in bank.answer_sets if not one.does_not_apply}
    for question, answer in answers.items():
        path = (name, question)
        asked, proof = questions.get(question), answer.proof
        if asked and proof and (proof.shelf_life_days or 0) > asked.shelf_life_days:
            judge.report(
                (*path, "proof", "shelf_life_days"), str(proof.shelf_life_days),
                f"at most the bank's {asked.shelf_life_days}",
                "remove the key; a shelf life may be shortened, never lengthened",
            )  # fmt: skip
        if answer.answer != "does-not-apply":
            for key in keys:
                if getattr(answer, key) is not None:
                    judge.report(
                        (*path, key), f"'{key}' beside the answer {answer.answer}",
                        f"'{key}' only with the answer 'does-not-apply'",
                        "remove the key; use 'note' for remarks",
                    )  # fmt: skip
        elif question in questions and questions[question].answers in fixed:
            judge.report(
                (*path, "answer"), "'does-not-apply'",
                f"a level or 'unknown': {question} always applies",
                "answer with a level from 0 to 4, or 'unknown'",
            )  # fmt: skip


# --- resources and figures ---------------------------------------------------------


def _check_answered(judge: Judge) -> None:
    """Report permissions that were answered before they were asked for."""
    for at, row in enumerate(judge.file.model.resources):
        for key in ("granted_on", "refused_on"):
            answered = getattr(row, key)
            if row.asked_on and answered and answered < row.asked_on:
                judge.report(
                    ("resources", at, key), f"{key.removesuffix('_on')} on {answered}",
                    f"the day it was asked ({row.asked_on}) or later",
                    "correct one of the two dates",
                )  # fmt: skip


def _check_resources(judge: Judge, folder: Path) -> None:
    _check_answered(judge)
    resources: Resources | Register = judge.file.model
    if isinstance(resources, Register):
        return
    rows = resources.resources
    ids = {one.id: None for one in sorted(rows, key=lambda one: one.id)}
    for at, row in enumerate(rows):
        if row.same_as:
            here, other = ("resources", at, "same_as"), "another resource of this file"
            if row.same_as == row.id:
                do = "name another one, or remove the key"
                judge.report(here, f"'{row.id}'", other, do)
            judge.known(here, row.same_as, ids, other)
    log = resources.route.log if resources.route else None
    if log is None:
        return
    where: KeyPath = ("route", "log")
    if leaves_folder(log, folder):
        judge.report(
            where, f"the path '{shown(log)}', which leaves the assessment's folder",
            "a path inside the folder", "copy the log into the folder, such as data/",
        )  # fmt: skip
    # Who was given the evidence without the log can still read all that it shows.
    elif all(is_absent((folder / name).resolve())
             for name in (log, "evidence/route.json")):  # fmt: skip
        judge.report(
            where, f"the path '{shown(log)}', where there is nothing",
            "a CSV or JSON lines file inside the folder",
            "copy the log into the folder, or remove the key",
        )  # fmt: skip


def _check_figures(judge: Judge) -> None:
    for path, figures in _ranges(judge.file.model):
        low, likely, high = three = figures.low, figures.likely, figures.high
        found = f"low {low:g}, likely {likely:g}, high {high:g}"
        if not all(0 <= figure <= _MOST for figure in three):  # NaN is neither
            do = "correct the figures"
            judge.report(path, found, f"three figures from 0 to {_MOST:,}", do)
        elif not low <= likely <= high:
            do = "put the three figures in order"
            judge.report(path, found, "low <= likely <= high", do)


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


# --- steps that wait for steps -----------------------------------------------------


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


def _check_steps(
    judges: Mapping[str, Judge], questions: Iterable[Question], folder: Path
) -> Collection[str]:
    """Report every need that is no step, and each circle at its first member's key.

    A document that is refused, and not absent, has steps that are not known here; they
    are not asked for.

    Returns:
        The steps; none where a document is refused.
    """
    models = {name: judge.file.model for name, judge in judges.items()}
    actions = models["actions.yaml"].actions if "actions.yaml" in models else ()
    resources = models["resources.yaml"].resources if "resources.yaml" in models else ()
    tables = models[_CONTRACT].tables if _CONTRACT in models else ()
    steps = dict.fromkeys(step_ids(actions, resources, tables, questions)).keys()
    refused = {
        kind
        for kind, name in _STEPS_FROM.items()
        if not (name in models or is_absent(folder / name))
    }
    needs = dict[str, list[str]]()
    first = dict[str, tuple[Judge, KeyPath]]()

    def need(judge: Judge, path: KeyPath, name: str, step: str, needed: str) -> None:
        if name.partition("/")[0] not in refused:
            judge.known(path, name, steps, _STEP)
        needs.setdefault(step, []).append(needed)
        first.setdefault(step, (judge, path[:3]))

    for at, action in enumerate(actions):
        judge = judges["actions.yaml"]
        for index, name in enumerate(action.needs):
            need(judge, ("actions", at, "needs", index), name, action.id, name)
        # Who needs a step comes to need its workaround.
        if (step := action.workaround_for) and action.state != "dropped":
            need(judge, ("actions", at, "workaround_for"), step, step, action.id)
    for at, row in enumerate(resources):
        judge = judges["resources.yaml"]
        for index, name in enumerate(row.waits_for):
            where = ("resources", at, "waits_for", index)
            need(judge, where, name, f"permission/{row.id}", name)
    for gap, at in _settled(actions):  # who needs a gap comes to need what settles it
        needs.setdefault(gap, []).append(actions[at].id)
        first.setdefault(gap, (judges["actions.yaml"], ("actions", at, "decides")))
    for circle in islice(_circles(needs), _MOST_CIRCLES):
        judge, path = first[circle[0]]
        judge.report(
            path, f"a circle: {shown(' needs '.join(circle))}",
            "steps that can be done one after the other", "remove one of these needs",
        )  # fmt: skip
    is_read = "actions.yaml" in models or is_absent(folder / "actions.yaml")
    return steps if is_read and not refused else ()


def _settled(actions: Sequence[Action]) -> Iterator[tuple[str, int]]:
    """Yield each gap that an action is to settle, with the place of the action."""
    for at, action in enumerate(actions):
        for gap in (f"gap/{question}" for question in action.decides):
            if action.state != "dropped" and gap not in action.needs:
                yield gap, at


def _circles(needs: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Yield each circle of needs, beginning and ending with its first member.

    Args:
        needs: what each one needs, in the order in which they stand.
    """
    order = {name: at for at, name in enumerate(needs)}
    graph = nx.DiGraph((one, need) for one in needs for need in needs[one])
    knots = [
        sorted(knot, key=lambda name: order[name])
        for knot in nx.strongly_connected_components(graph)
        if knot <= order.keys()
    ]
    for knot in sorted(knots, key=lambda names: order[names[0]]):
        members = set(knot)
        within = {one: [n for n in needs[one] if n in members] for one in knot}
        while circle := _circle(within, order):
            yield circle
            within[circle[-2]].remove(circle[-1])


def _circle(
    needs: Mapping[str, Sequence[str]], order: Mapping[str, int]
) -> list[str] | None:
    """Return one circle of needs, from its first member to that again; None: none."""
    try:
        graphlib.TopologicalSorter(needs).prepare()
    except graphlib.CycleError as error:
        members = error.args[1][::-1][:-1]  # each needs the one after it
        first = members.index(min(members, key=lambda name: order[name]))
        return [*members[first:], *members[:first], members[first]]
    return None


# --- decisions --------------------------------------------------------------------


_SPONSOR = "sponsor"  #: role that may accept what any gate lacks, where the bank has it


def _check_decisions(
    judges: Mapping[str, Judge],
    questions: Mapping[str, Question],
    bank: Bank,
    steps: Collection[str],
) -> None:
    """Report order in time, who may accept that a gate fails, and what is named.

    A decision may be about any of the steps; there are none where not all are known.
    """
    if (judge := judges.get(_DECISIONS)) is None:
        return
    document: Decisions = judge.file.model
    roles = {role.id for role in bank.roles}
    known = [*steps, *(f"role/{role}" for role in sorted(roles))]
    for at, row in enumerate(document.decisions):
        path: KeyPath = ("decisions", at)
        _check_decision(judge, path, row)
        if row.about and steps:
            expected = "an action, a step such as permission/<resource>, or role/<role>"
            judge.known((*path, "about"), row.about, known, expected)
    for at, one in enumerate(document.exceptions):
        path = ("exceptions", at)
        _check_order(judge, path, one, "on until", "on closed_on")
        if asked := questions.get(one.gate):
            _check_exception(
                judge, path, one, asked, {asked.authority, _SPONSOR} & roles
            )
    for at, reply in enumerate(document.replies):
        name, _, subject = reply.to.partition(" ")
        path, expected = ("replies", at, "to"), "a question, or a check and its subject"
        if name in CHECKS and not subject.strip():
            do = f"write its subject behind it, such as: {name} orders.id"
            judge.report(path, f"the check '{name}' alone", expected, do)
        judge.known(path, name, [*questions, *CHECKS], expected)
    replies = enumerate(document.replies)
    judge.once((("replies", at), f"{one.to} by {one.role}") for at, one in replies)


def _check_decision(judge: Judge, path: KeyPath, row: Decision) -> None:
    _check_order(judge, path, row, "asked_on decided_on", "decided_on done_on",
                 "asked_on due")  # fmt: skip
    if (row.decided is None) != (row.decided_on is None):
        here, other = ("decided", "decided_on")[:: 1 if row.decided else -1]
        judge.report(
            (*path, here), f"'{here}' without '{other}'", "both, or neither",
            f"write {other}, or remove {here}",
        )  # fmt: skip
    if row.done_on and row.decided_on is None:
        judge.report(
            (*path, "done_on"), "'done_on' without 'decided_on'",
            "what was decided before it was done", "write decided and decided_on",
        )  # fmt: skip


def _check_order(judge: Judge, path: KeyPath, row: BaseModel, *pairs: str) -> None:
    """Report each date, a key of a row, that is before the one that it follows."""
    for pair in pairs:
        first, then = pair.split()
        before, date = getattr(row, first), getattr(row, then)
        if before and date and date < before:
            judge.report(
                (*path, then), f"{date}", f"the day of {first} ({before}) or later",
                "correct one of the two dates",
            )  # fmt: skip


def _check_exception(
    judge: Judge,
    path: KeyPath,
    one: GateException,
    asked: Question,
    may: Collection[str],
) -> None:
    if asked.gate is None:
        judge.report(
            (*path, "gate"), f"'{one.gate}', which is no gate", "a gate of the bank",
            "name a gate, or remove the exception",
        )  # fmt: skip
    elif one.approved_by not in may:
        judge.report(
            (*path, "approved_by"), f"'{shown(one.approved_by)}'",
            f"who may accept it: {' or '.join(sorted(may))}",
            f"have one of them accept what {one.gate} lacks",
        )  # fmt: skip
    if one.approved_by == one.asked_by:
        judge.report(
            (*path, "approved_by"), f"'{shown(one.asked_by)}', who asked for it",
            "another role than the one that asked", "have another role accept it",
        )  # fmt: skip
