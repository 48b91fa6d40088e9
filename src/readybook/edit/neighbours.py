"""Judge one changed file of an assessment together with the others beside it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from readybook.case.cross_check import Documents, check_documents
from readybook.contract.read import parse_contract
from readybook.model.actions import Actions
from readybook.model.bank import Bank, Document
from readybook.model.case import Changes, Scope
from readybook.model.errors import InvalidInputError, Problem
from readybook.model.register import Stakeholders
from readybook.model.resources import Resources
from readybook.text.documents import Loaded, parse_document, read_bytes

__all__ = ["judged_among"]

_CONTRACT = "data.odcs.yaml"
_KEPT = 16  #: parsed files; an assessment has six that are read here
#: By field of Documents: the file and what it is; None: the contract.
_FILES: dict[str, tuple[str, type[Document] | None]] = {
    "scope": ("assessment.yaml", Scope),
    "data_model": (_CONTRACT, None),
    "resources": ("resources.yaml", Resources),
    "stakeholders": ("stakeholders.yaml", Stakeholders),
    "actions": ("actions.yaml", Actions),
    "changes": ("changes.yaml", Changes),
}


def judged_among(file: Loaded[Any], folder: Path, bank: Bank) -> list[Problem]:
    """Return what contradicts the bank or a file beside it, in this file or in those.

    A file beside it that is refused is left out, as if it were not there. Only where
    that may be the reason for a problem of this file are its own problems told too.

    Args:
        file: as it is, or as it would become.
        folder: of the assessment.
        bank: of the assessment.
    """
    documents, refused = Documents(), list[Problem]()
    for field, (name, model) in _FILES.items():
        try:
            other = file if name == file.name else _read(folder, name, model)
            if other is not None:
                setattr(documents, field, other)
        except InvalidInputError as error:
            refused += error.problems
    problems = check_documents(documents, bank, folder)
    is_own = any(problem.file == file.name for problem in problems)
    return [*problems, *(refused if is_own else ())]


def _read(folder: Path, name: str, model: type[Document] | None) -> Loaded[Any] | None:
    path = folder / name
    if not (path.exists() or path.is_symlink()):
        return None
    raw = read_bytes(path, name=name)
    return _contract(raw, folder) if model is None else _document(raw, name, model)


@lru_cache(maxsize=_KEPT)
def _document(raw: bytes, name: str, model: type[Document]) -> Loaded[Any]:
    return parse_document(raw, model, name=name)


@lru_cache(maxsize=_KEPT)
def _contract(raw: bytes, folder: Path) -> Loaded[Any]:
    return parse_contract(raw, name=_CONTRACT, folder=folder)
