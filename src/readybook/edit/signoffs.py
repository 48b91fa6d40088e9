"""A sign-off: an entry in stakeholders.yaml and, beside it, what it covers."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from readybook.checks.sign_offs import (
    agreement_on,
    canonical,
    fingerprint_of,
    known_covers,
    stem_of,
)
from readybook.edit.file import Data, EditableFile
from readybook.model.bank import Bank
from readybook.model.case import Agreement, Assessment, SignOff
from readybook.model.contract import DataModel
from readybook.model.errors import InvalidInputError, Problem, nearest
from readybook.text.documents import leaves_folder, save_text

__all__ = ["Kept", "sign_off"]

_FILE = "stakeholders.yaml"
_FOLDER = "agreements"
_CONTRACT = "data.odcs.yaml"
_ROLE, _COVERS = "--role", "--covers"


@dataclass(frozen=True)
class Kept:
    """A sign-off that is on disk."""

    entry: SignOff
    file: str  #: what it covers, relative to the assessment's folder


def sign_off(  # noqa: PLR0913 - who, what and when, of which folder
    folder: Path,
    assessment: Assessment,
    bank: Bank,
    *,
    role: str,
    covers: str,
    on: dt.date,
) -> Kept:
    """Record that a role agrees to the data model, or to a part of it, as it is now.

    An earlier sign-off of this role for the same part is replaced; what it covered
    stays in agreements/. Comments and everything else in stakeholders.yaml stay.

    Args:
        folder: of the assessment.
        assessment: that was read from it.
        bank: for the roles.
        role: of the bank, held by somebody.
        covers: "model", a table, or the categories of "table.field".
        on: the day.

    Raises:
        InvalidInputError: the role or the part is not there, or a file cannot be
            written; the sign-off was not recorded.
    """
    agreement = _agreement(assessment, bank, role, covers)
    fingerprint = fingerprint_of(agreement)
    name = f"{_FOLDER}/{stem_of(fingerprint)}.json"
    if leaves_folder(name, folder):
        raise _refused(name, "a link that leaves the assessment's folder",
                       "a file inside the folder",
                       "put the folder itself in place of the link")  # fmt: skip
    entry = SignOff(role=role, covers=covers, on=on, fingerprint=fingerprint)
    register = EditableFile(folder, _FILE, bank)
    with _written(folder / name, canonical(agreement)):
        register.change(partial(_with, entry))
    return Kept(entry, name)


@contextlib.contextmanager
def _written(path: Path, text: str) -> Iterator[None]:
    """Write what a sign-off covers; take it back where the entry cannot be written."""
    is_new = not path.exists()
    try:
        path.parent.mkdir(exist_ok=True)
        save_text(path, text)
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            if is_new:
                path.unlink()
                path.parent.rmdir()  # only where nothing else lies in it
        raise


def _agreement(assessment: Assessment, bank: Bank, role: str, covers: str) -> Agreement:
    known = [one.id for one in bank.roles]
    if role not in known:
        do = nearest(role, known)
        raise _refused(_ROLE, f"'{role}'", "a role of the bank", do)
    if assessment.stakeholders.status(role) == "nobody yet":
        raise _refused(_FILE, f"the role '{role}', which nobody holds yet",
                       "a role that somebody holds",
                       "enter in held_by who answers for it")  # fmt: skip
    model = assessment.data_model
    if "data_model" not in assessment.declared:
        raise _refused(_CONTRACT, "no data model", "one that can be agreed to",
                       "declare tables and categories in data.odcs.yaml")  # fmt: skip
    agreement = agreement_on(model, covers)
    if agreement is None:
        raise _not_covered(model, covers)
    return agreement


def _not_covered(model: DataModel, covers: str) -> InvalidInputError:
    columns = {f"{t.name}.{c.name}" for t in model.tables for c in t.columns}
    found = f"'{covers}'"
    if covers in columns:
        found += ", which declares no categories"
    return _refused(_COVERS, found,
                    "the model, a table, or a table.field with categories",
                    nearest(covers, known_covers(model)))  # fmt: skip


def _refused(where: str, found: str, expected: str, do: str) -> InvalidInputError:
    return InvalidInputError([Problem(where, 0, "", found, expected, do)])


def _with(entry: SignOff, data: Data) -> Data:
    """Return the file's data with the entry in place of its predecessor, or last."""
    rows = [dict(row) for row in data.get("sign_offs") or ()]
    new = entry.model_dump()
    for at in reversed(range(len(rows))):
        if (rows[at]["role"], rows[at]["covers"]) == (entry.role, entry.covers):
            rows[at] |= new
            break
    else:
        rows.append(new)
    return {**data, "sign_offs": rows}
