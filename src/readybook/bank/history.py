"""The released versions of readybook's bank: a hash of each question they asked.

`python -m readybook.bank.history` records the bank as it is; do it when it is released.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from readybook.bank.read import HISTORY, load_bank
from readybook.model.bank import Bank, Document, QuestionId
from readybook.model.bank_changes import History, question_hash
from readybook.model.errors import ReadybookError
from readybook.text.documents import load_document, save_text

__all__ = ["HistoryFile", "hashes_of", "history_text", "load_history", "record_version"]

_PATH = Path(__file__).resolve().parents[1] / "questions" / HISTORY
_HEADER = """\
# The questions of every released version of the bank, each with a hash of what answers
# and verdicts rest on. Written by `python -m readybook.bank.history` at a release, never
# by hand. Whoever opens answers of an earlier version is told what changed since.
#
#   format    required. Version of the file format. Always 1.
#   versions  required. By version of the bank: question id and hash.

format: 1
"""

Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]


class HistoryFile(Document):
    """history.yaml: what was asked in released versions."""

    versions: dict[Version, dict[QuestionId, str]]


def load_history() -> History:
    """Return the released versions of the bank that comes with readybook."""
    return load_document(_PATH, HistoryFile, name=HISTORY).model.versions


def hashes_of(bank: Bank) -> dict[str, str]:
    """Return the hash of each question that a bank asks, in its order."""
    return {question.id: question_hash(question) for _, question in bank.questions}


def record_version(history: History, bank: Bank) -> History:
    """Return the history with this bank's version added.

    Raises:
        ReadybookError: the version is in it with other questions.
    """
    now = hashes_of(bank)
    if history.get(bank.version, now) != now:
        message = (
            f"version {bank.version} of the bank was released with other questions; "
            "raise the version in bank.yaml"
        )
        raise ReadybookError(message)
    return {**history, bank.version: now}


def history_text(history: History) -> str:
    """Return history.yaml; one line a question, so that a change shows as one line."""
    lines = ["versions:" if history else "versions: {}"]
    for version, hashes in history.items():
        lines.append(f"  {version}:")
        lines += [f'    {name}: "{digest}"' for name, digest in hashes.items()]
    return _HEADER + "\n".join(lines) + "\n"


def _main() -> None:
    try:
        recorded = record_version(load_history(), load_bank())
    except ReadybookError as error:
        sys.exit(f"readybook: {error}")
    save_text(_PATH, history_text(recorded))


if __name__ == "__main__":
    _main()
