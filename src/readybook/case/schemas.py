"""JSON Schemas of the documents, made from the models, for editors and checkers.

They are made when they are asked for; none is kept beside the models.
"""

from __future__ import annotations

import json
from pathlib import Path

from readybook.bank.own import OwnBankFile
from readybook.bank.read import AnswerSetFile, BankFile
from readybook.model.bank import Document, QuestionFile
from readybook.model.case import (
    Actions,
    AgreedAnswers,
    AnswerSheet,
    Changes,
    Resources,
    Scope,
    Stakeholders,
)
from readybook.text.documents import save_text

__all__ = ["SCHEMA_NAMES", "document_schemas", "write_schemas"]

_MODELS: dict[str, type[Document]] = {
    "assessment": Scope,
    "answers": AnswerSheet,
    "agreed": AgreedAnswers,
    "resources": Resources,
    "stakeholders": Stakeholders,
    "actions": Actions,
    "changes": Changes,
    "questions": QuestionFile,
    "bank": BankFile,
    "answer-sets": AnswerSetFile,
    "own-bank": OwnBankFile,
}
SCHEMA_NAMES = tuple(_MODELS)


def document_schemas() -> dict[str, dict[str, object]]:
    """Return the JSON Schema (draft 2020-12) of each document, by its name."""
    return {
        name: {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **model.model_json_schema(),
        }
        for name, model in _MODELS.items()
    }


def write_schemas(folder: Path) -> list[Path]:
    """Write each schema to `<name>.schema.json` and return the files.

    Args:
        folder: is made where it does not exist.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in document_schemas().items():
        path = folder / f"{name}.schema.json"
        save_text(path, json.dumps(schema, indent=2, ensure_ascii=False) + "\n")
        written.append(path)
    return written
