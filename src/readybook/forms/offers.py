"""What a cell of a table offers to choose from: roles, fields, steps, respondents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from readybook.case.cross_check import step_ids
from readybook.checks.sign_offs import known_covers
from readybook.edit.columns import Column
from readybook.forms.people import known_people
from readybook.model.bank import Bank
from readybook.model.case import Assessment

__all__ = ["offers_of"]

Offer = dict[str, str]


def offers_of(
    table: str, columns: Iterable[Column], assessment: Assessment, bank: Bank
) -> dict[str, list[Offer]]:
    """Return by column what may stand in it, as far as it is known here.

    Args:
        table: its name.
        columns: of the table.
        assessment: as it was read last; what was declared since is not offered yet.
        bank: for roles and questions.
    """
    offers = {}
    for column in columns:
        found = list(_offers(table, column, assessment, bank))
        if found:
            offers[column.key] = found
    return offers


def _offers(
    table: str, column: Column, assessment: Assessment, bank: Bank
) -> Iterator[Offer]:
    if column.kind in {"role", "roles"}:
        yield from ({"id": role.id, "text": role.title} for role in bank.roles)
    elif column.key == "decides":
        questions = (question for _, question in bank.questions)
        yield from ({"id": q.id, "text": f"{q.id} {q.title}"} for q in questions)
    elif column.choices:
        words = (choice.replace("-", " ").capitalize() for choice in column.choices)
        pairs = zip(column.choices, words, strict=True)
        yield from ({"id": choice, "text": text} for choice, text in pairs)
    if column.key in {"held_by", "deputies"}:
        people = [person.id for person in known_people(assessment)]
        yield from _same([*people, *(role.id for role in bank.roles)])
    else:
        yield from _same(_declared(table, column.key, assessment, bank))


def _declared(
    table: str, key: str, assessment: Assessment, bank: Bank
) -> Iterable[str]:
    """Return what other parts of the assessment declare for a column."""
    model, resources = assessment.data_model, _resources(assessment)
    tables = [one.name for one in assessment.data_model.tables]
    fields = [
        f"{one.name}.{c.name}"
        for one in assessment.data_model.tables
        for c in one.columns
    ]
    if key in {"waits_for", "workaround_for"} or (table, key) == ("actions", "needs"):
        rows, questions = assessment.resources.resources, (q for _, q in bank.questions)
        return step_ids(assessment.actions.actions, rows, model.tables, questions)
    if (table, key) == ("sign_offs", "covers"):
        return known_covers(model)
    return {
        "field": fields,
        "tables": tables,
        "covers": [*tables, *resources, *fields],
        "same_as": resources,
        "probe": [*assessment.probes],
    }.get(key, [])


def _resources(assessment: Assessment) -> list[str]:
    rows = assessment.resources.resources
    return [row.id for row in rows]


def _same(ids: Iterable[str]) -> Iterator[Offer]:
    """Yield ids that are shown as they are, each once."""
    yield from ({"id": name, "text": name} for name in dict.fromkeys(ids))
