"""A sign-off: an entry in stakeholders.yaml and, beside it, what it covers."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from readybook.case.later import refuse_later
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
from readybook.model.errors import InvalidInputError, nearest
from readybook.text.documents import is_absent, refuse_outside, save_text

_FILE = "stakeholders.yaml"


def sign_off(  # noqa: PLR0913 - who, what and when, of which folder
    folder: Path,
    assessment: Assessment,
    bank: Bank,
    *,
    role: str,
    covers: str,
    on: dt.date,
) -> str:
    """Record that a role agrees to the data model, or to a part of it, as it is now.

    An earlier sign-off of this role for the same part is replaced; what it covered
    stays in agreements/. Comments and everything else in stakeholders.yaml stay.
    The role is one of the bank, held by somebody; covered is the "model", a table, or
    the categories of "table.field".

    Returns:
        The file that keeps what it covers, relative to the assessment's folder.

    Raises:
        InvalidInputError: the role or the part is not there, the day is after the
            as-of date, or a file cannot be written; the sign-off was not recorded.
    """
    agreement = _agreement(assessment, bank, role, covers)
    refuse_later(_FILE, on, assessment.as_of)
    fingerprint = fingerprint_of(agreement)
    name = f"agreements/{stem_of(fingerprint)}.json"
    refuse_outside(name, folder)
    entry = SignOff(role=role, covers=covers, on=on, fingerprint=fingerprint)

    def edit(data: Data) -> Data:
        rows = [dict(row) for row in data.get("sign_offs") or ()]
        same = [row for row in rows if (row["role"], row["covers"]) == (role, covers)]
        if same:
            same[-1] |= entry.model_dump()
        else:
            rows.append(entry.model_dump())
        return {**data, "sign_offs": rows}

    with _written(folder / name, canonical(agreement)):
        EditableFile(folder, _FILE, bank).change(edit)
    return name


@contextlib.contextmanager
def _written(path: Path, text: str) -> Iterator[None]:
    """Write what a sign-off covers; take it back where the entry cannot be written."""
    is_new = is_absent(path)
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
    model = assessment.data_model
    if role not in known:
        refused = ("--role", f"'{role}'", "a role of the bank", nearest(role, known))
    elif assessment.stakeholders.status(role) == "nobody yet":
        refused = (_FILE, f"the role '{role}', which nobody holds yet",
                   "a role that somebody holds",
                   "enter in held_by who answers for it")  # fmt: skip
    elif "data_model" not in assessment.declared:
        refused = ("data.odcs.yaml", "no data model", "one that can be agreed to",
                   "declare tables and categories in data.odcs.yaml")  # fmt: skip
    elif agreement := agreement_on(model, covers):
        return agreement
    else:
        columns = {f"{t.name}.{c.name}" for t in model.tables for c in t.columns}
        without = ", which declares no categories" if covers in columns else ""
        refused = ("--covers", f"'{covers}'{without}",
                   "the model, a table, or a table.field with categories",
                   nearest(covers, known_covers(model)))  # fmt: skip
    raise InvalidInputError.of(*refused)
