"""What a register says that nothing answers to: told to whoever checks, never fatal.

A data model changes, and a register is filled piece by piece: none of this keeps an
assessment from being read.
"""

from __future__ import annotations

from collections.abc import Iterator

from readybook.checks.agreements import known_covers
from readybook.checks.signoffs import SignOffs
from readybook.model.case import Assessment
from readybook.model.errors import Problem, nearest

__all__ = ["register_notes"]

_FILE = "stakeholders.yaml"


def register_notes(assessment: Assessment) -> tuple[Problem, ...]:
    """Return what to look at in the register, in the order of the file."""
    return (
        *_deputies(assessment),
        *_covers(assessment),
        *_sign_offs(assessment),
    )


def _note(key: str, found: str, expected: str, do: str) -> Problem:
    return Problem(_FILE, 0, key, found, expected, do)


def _deputies(assessment: Assessment) -> Iterator[Problem]:
    for holder in assessment.stakeholders.roles:
        same = [name for name in holder.deputies if name in holder.held_by]
        if holder.held_by != "nobody-yet" and same:
            yield _note(
                f"roles {holder.role} deputies", f"'{same[0]}', who holds the role",
                "somebody else", "name who stands in, or remove the entry",
            )  # fmt: skip


def _covers(assessment: Assessment) -> Iterator[Problem]:
    model = assessment.data_model
    if "data_model" not in assessment.declared:
        return
    fields = [
        f"{table.name}.{one.name}" for table in model.tables for one in table.columns
    ]
    tables = [table.name for table in model.tables]
    known = [*tables, *fields, *(row.id for row in assessment.resources.resources)]
    for asset in assessment.stakeholders.assets:
        for name in asset.covers:
            if name not in known:
                yield _note(
                    f"assets {asset.id} covers", f"'{name}'",
                    "a table, a table.field or a resource that is declared",
                    nearest(name, known),
                )  # fmt: skip


def _sign_offs(assessment: Assessment) -> Iterator[Problem]:
    model = assessment.data_model
    known = list(known_covers(model))
    for signed in SignOffs(assessment).signed:
        entry = signed.entry
        key = f"sign_offs {entry.role} {entry.covers}"
        if signed.is_gone and "data_model" in assessment.declared:
            yield _note(
                key, f"'{entry.covers}', which the data model lacks",
                "the model, a table or a declared category list",
                nearest(entry.covers, known),
            )  # fmt: skip
        elif not signed.is_stored:
            found = "no record of what it covered"
            if entry.fingerprint is not None:
                found = "a fingerprint whose file is not in agreements/"
            yield _note(
                key, found, "what `readybook sign-off` writes",
                "put the file back, or sign off again",
            )  # fmt: skip
