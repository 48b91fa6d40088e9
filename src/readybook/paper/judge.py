"""Judge a filled sheet: the answers that it holds, or every Problem of it at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import get_args

from readybook.model.bank import Bank, WaveOffReason
from readybook.model.errors import InvalidInputError, nearest
from readybook.paper.read import Cell, Read, Row, cells_text
from readybook.paper.sheet import Asked, printed_boxes, printed_question
from readybook.text.yaml import shown

__all__ = ["FilledSheet", "judge_sheet"]

_YES, _NO = {"yes", "y", "true", "x", "1"}, {"no", "n", "false", "0"}
_WAVED = ("reason", "because", "approved_by")
_DATE = "a date as YYYY-MM-DD, not after today"


@dataclass(frozen=True)
class FilledSheet:
    """What a sheet holds: answers as a file of answers keeps them."""

    role: str
    answers: Mapping[str, dict[str, object]]  #: by question id
    lines: Mapping[str, int]  #: of the sheet, by question id


def judge_sheet(
    sheet: Read, printed: Mapping[str, Asked], bank: Bank, *, today: dt.date
) -> FilledSheet:
    """Return the answers of a sheet.

    Args:
        sheet: as it was read.
        printed: what is printed on a sheet for each question of the bank.
        bank: that the answers refer to.
        today: the day of typing in; answers without a date are of this day.

    Raises:
        InvalidInputError: with every problem of the sheet.
    """
    judge = _Judge(sheet, printed, bank, today)
    role = judge.role()
    day = judge.date(sheet.head.get("answered_on"), "answered_on") or today
    answers: dict[str, dict[str, object]] = {}
    lines: dict[str, int] = {}
    for row in sheet.rows:
        if row.id in lines:
            sheet.report(row.line, row.id, f"'{row.id}' a second time (first: line "
                         f"{lines[row.id]})", "each question once",
                         "remove one of them")  # fmt: skip
        lines.setdefault(row.id, row.line)
        answer = judge.answer(row, day)
        if answer is not None:
            answers[row.id] = answer
    if not sheet.rows:
        sheet.report(0, "", "no question", "a sheet that readybook printed",
                     "print one with: readybook questions DIR --role ROLE")  # fmt: skip
    if sheet.problems:
        raise InvalidInputError(sheet.problems)
    return FilledSheet(role, answers, {id_: lines[id_] for id_ in answers})


class _Judge:
    """Judges the rows of one sheet; what is wrong is reported to the sheet."""

    def __init__(
        self, sheet: Read, printed: Mapping[str, Asked], bank: Bank, today: dt.date
    ) -> None:
        self.sheet = sheet
        self.printed = printed
        self.bank = bank
        self.roles = [role.id for role in bank.roles]
        self.today = today
        head = sheet.head.get("bank", Cell("", 0)).text
        self.same_bank = head == f"{bank.id} {bank.version}"

    def role(self) -> str:
        """Return the role that the sheet was printed for."""
        cell = self.sheet.head.get("role", Cell("", 0))
        self._known(cell, "role")
        head = self.sheet.head.get("bank", Cell("", 0))
        if head.text.partition(" ")[0] != self.bank.id:
            found = f"'{shown(head.text)}'" if head.text else "no bank"
            self.sheet.report(head.line, "bank", found, f"the bank '{self.bank.id}'",
                              "use a sheet that was printed for this folder")  # fmt: skip
        return cell.text

    def date(self, cell: Cell | None, key: str) -> dt.date | None:
        """Return a date, None where nothing was written."""
        if cell is None or not cell.text:
            return None
        try:
            found = dt.date.fromisoformat(cell.text)
        except ValueError:
            found = None
        if found is None or found > self.today or len(cell.text) != len("YYYY-MM-DD"):
            self.sheet.report(cell.line, key, f"'{shown(cell.text)}'", _DATE,
                              f"write it like {self.today.isoformat()}")  # fmt: skip
        return found

    def answer(self, row: Row, day: dt.date) -> dict[str, object] | None:
        """Return a row's answer as the file keeps it; None for no answer."""
        asked = self.printed.get(row.id)
        if asked is None:
            self.sheet.report(row.line, row.id, f"'{shown(row.id)}'",
                              "a question of the bank",
                              nearest(row.id, list(self.printed)))  # fmt: skip
            return None
        if self.same_bank:
            self._strays(row, asked)
        said = self._ticked(row, asked)
        written = {key: cell for key, cell in row.fields.items() if cell.text}
        own_day = self.date(written.pop("answered_on", None), f"{row.id}.answered_on")
        if said is None:
            self._unanswered(row, written)
            return None
        date = (own_day or day).isoformat()
        value: object = int(said) if said.isdigit() else said
        parts = [*self._proof(row, written), *self._waving(row, said, written),
                 *self._note(row, written)]  # fmt: skip
        return {"answer": value, "date": date, **dict(parts)}

    def _strays(self, row: Row, asked: Asked) -> None:
        """Report text that a person wrote where nothing is read."""
        boxes = printed_boxes(asked)
        above = " ".join(" ".join(printed_question(asked)).split())
        for answer, cells in row.printed:
            expected = " ".join((boxes.get(answer, "") if answer else above).split())
            found = cells_text(cells)
            if found == expected:
                continue
            own = found.removeprefix(expected).strip() or found
            place = next((one for one in cells if own in one.text), cells[0])
            self.sheet.report(
                place.line, row.id, f"'{shown(own)}'", "only what was printed",
                "move what is yours behind 'Note:', put back what was printed",
            )  # fmt: skip

    def _ticked(self, row: Row, asked: Asked) -> str | None:
        if len(row.ticks) > 1:
            ticks = " and ".join(tick.text for tick in row.ticks)
            self.sheet.report(row.ticks[1].line, f"{row.id}.answer",
                              f"{len(row.ticks)} ticks ({ticks})", "one tick at most",
                              "leave the one that counts")  # fmt: skip
        said = row.ticks[0] if row.ticks else None
        if said and said.text not in printed_boxes(asked):
            self.sheet.report(said.line, f"{row.id}.answer", f"'{said.text}'",
                              f"a level or 'unknown': {row.id} always applies",
                              "tick another box")  # fmt: skip
        return said.text if said else None

    def _unanswered(self, row: Row, written: Mapping[str, Cell]) -> None:
        for key, cell in written.items():
            self.sheet.report(cell.line, f"{row.id}.{key}", f"'{shown(cell.text)}'",
                              "a tick with it",
                              "tick a box, “We don't know” at least")  # fmt: skip

    def _proof(
        self, row: Row, written: Mapping[str, Cell]
    ) -> Iterator[tuple[str, object]]:
        proof, on = written.get("proof"), written.get("proof_date")
        date = self.date(on, f"{row.id}.proof_date")
        if proof and not on:
            self.sheet.report(proof.line, f"{row.id}.proof_date", "no date",
                              "the date of the proof", "write it")  # fmt: skip
        if on and not proof:
            self.sheet.report(on.line, f"{row.id}.proof", "a date alone",
                              "the proof that it is of", "write it")  # fmt: skip
        if proof and date:
            yield "proof", {"reference": proof.text, "date": date.isoformat()}

    def _waving(
        self, row: Row, said: str, written: Mapping[str, Cell]
    ) -> Iterator[tuple[str, object]]:
        for key in _WAVED:
            cell = written.get(key)
            if cell is None:
                continue
            if said != "does-not-apply":
                self.sheet.report(cell.line, f"{row.id}.{key}", f"'{shown(cell.text)}'",
                                  "nothing here, unless it does not apply",
                                  "tick “Does not apply”, or use the note")  # fmt: skip
            reasons = get_args(WaveOffReason)
            if key == "reason" and cell.text not in reasons:
                self.sheet.report(cell.line, f"{row.id}.reason", f"'{shown(cell.text)}'",
                                  "one of " + ", ".join(reasons),
                                  nearest(cell.text, reasons))  # fmt: skip
            if key == "approved_by":
                self._known(cell, f"{row.id}.approved_by")
            yield key, cell.text

    def _note(
        self, row: Row, written: Mapping[str, Cell]
    ) -> Iterator[tuple[str, object]]:
        note, private = written.get("note"), written.get("private")
        if note:
            yield "note", note.text
        if private is None:
            return
        word = private.text.casefold()
        if word not in _YES | _NO:
            self.sheet.report(private.line, f"{row.id}.private",
                              f"'{shown(private.text)}'", "yes, or nothing",
                              "write yes or leave it empty")  # fmt: skip
        if word in _YES:
            if note is None:
                self.sheet.report(private.line, f"{row.id}.note", "no note",
                                  "a note that is private", "write it")  # fmt: skip
            yield "private", True

    def _known(self, cell: Cell, key: str) -> None:
        if cell.text not in self.roles:
            found = f"'{shown(cell.text)}'" if cell.text else "no role"
            self.sheet.report(cell.line, key, found, "a role of the bank",
                              nearest(cell.text, self.roles))  # fmt: skip
