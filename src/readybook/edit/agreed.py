"""What the room agreed on: answers/agreed.yaml, saved one question at a time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from readybook.case.cross_check import Documents, check_documents
from readybook.edit.entries import Entries
from readybook.edit.outcomes import Conflict, Saved
from readybook.edit.roundtrip import RoundTrip
from readybook.edit.sheet import new_sheet
from readybook.model.bank import Bank
from readybook.model.case import AgreedAnswers, Settled
from readybook.model.errors import Problem
from readybook.text.documents import Loaded

__all__ = ["AgreedFile"]


class AgreedFile:
    """answers/agreed.yaml: what counts before single answers, which stay."""

    name = "answers/agreed.yaml"

    def __init__(self, folder: Path, bank: Bank) -> None:
        """Touch nothing yet: the file is made with the first thing settled.

        Args:
            folder: of the assessment.
            bank: the questions that are settled.
        """
        file = RoundTrip(
            folder,
            self.name,
            AgreedAnswers,
            judge=partial(_judge, folder, bank),
            start=partial(new_sheet, "agreed", bank, {}, "settled"),
        )
        self._settled = Entries(file, "settled", Settled, bank)

    def stored(self) -> dict[str, dict[str, object]]:
        """Return what was settled by question, as JSON; nothing if no file.

        Raises:
            InvalidInputError: the file is refused; nothing was changed.
        """
        return self._settled.stored()

    def save(
        self, question: str, settled: Mapping[str, object] | None, *, base: str
    ) -> Saved | Conflict:
        """Save what was settled for one question; others stay as they are.

        Args:
            question: its id.
            settled: keys as the file has them; None removes it.
            base: mark of what the caller last knew of this question.

        Raises:
            InvalidInputError: the file, or what it would become, is refused, or it
                cannot be written; it is as it was.
        """
        return self._settled.save(question, settled, base=base)


def _judge(folder: Path, bank: Bank, file: Loaded[AgreedAnswers]) -> list[Problem]:
    return check_documents(Documents(agreed=file), bank, folder)
