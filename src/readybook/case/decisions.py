"""Judge decisions.yaml: order in time, who may accept that a gate fails, what is named."""

from collections.abc import Collection, Mapping

from pydantic import BaseModel

from readybook.checks.catalogue import CHECKS
from readybook.model.bank import Bank, Question
from readybook.model.case import Decision, Decisions, GateException
from readybook.text.documents import Judge
from readybook.text.yaml import KeyPath, shown

_SPONSOR = "sponsor"  #: role that may accept what any gate lacks, where the bank has it


def check_decisions(
    judge: Judge | None,
    questions: Mapping[str, Question],
    bank: Bank,
    steps: Collection[str],
) -> None:
    """Report all that contradicts itself, the bank or the files beside it.

    Args:
        judge: of decisions.yaml; None: there is none.
        questions: by id, retired ones included.
        bank: whose roles approve.
        steps: that a decision may be about; none where they are not all known.
    """
    if judge is None:
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
