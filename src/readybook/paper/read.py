"""Read a filled sheet back: its rows, from Markdown or CSV, or every Problem at once.

What a row means, `sheetjudge` judges; no text that a person wrote is passed over.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from readybook.model.bank import LEVEL_WORDS
from readybook.model.errors import Problem
from readybook.paper.sheet import COLUMNS, FIELDS, OTHER_ANSWERS, PRINTED_COLUMNS
from readybook.text.yaml import shown

__all__ = [
    "Cell",
    "Read",
    "Row",
    "cells_text",
    "read_csv_sheet",
    "read_markdown_sheet",
]

_HEADING = re.compile(r"##\s+([A-Z][A-Z0-9]{1,7}-[0-9]{2,3})\b")
_BOX = re.compile(r"\s*[-*+]\s*\[([^\]]*)\]\s*(.*)")
_FIELD = re.compile(r"\s*[-*+]\s*([^:(]+?)\s*(?:\([^)]*\))?\s*:\s*(.*)")
_LABELS = {label.casefold(): key for key, label, _ in FIELDS}
_HEAD = {"role": "role", "bank": "bank", "filled in on": "answered_on"}
#: What editors make of apostrophe and hyphen.
_SAME = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "-": " "})
_TICKS = {"x", "✓", "✔"}


@dataclass(frozen=True)
class Cell:
    """Something that was written, and where."""

    text: str
    line: int


@dataclass
class Row:
    """What was written on one question."""

    id: str
    line: int
    ticks: list[Cell] = field(default_factory=list)  #: 0 to 4, or an answer's key
    fields: dict[str, Cell] = field(default_factory=dict)
    boxes: set[str] = field(default_factory=set)  #: answers that the sheet offers
    printed: list[tuple[str, list[Cell]]] = field(default_factory=list)
    #: lines as they stand, by what they belong to: "" for the question, else a box


@dataclass
class Read:
    """A sheet as it was read."""

    name: str
    head: dict[str, Cell] = field(default_factory=dict)  #: role, bank, answered_on
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def report(self, line: int, key: str, found: str, expected: str, do: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(self.name, line, key, found, expected, do))


# --- Markdown ----------------------------------------------------------------------


def read_markdown_sheet(text: str, name: str) -> Read:
    """Return what stands in a Markdown sheet.

    Args:
        text: of the file.
        name: of the file, as problems print it.
    """
    reader = _Markdown(Read(name))
    for number, line in enumerate(text.splitlines(), 1):
        reader.take(line, number)
    return reader.sheet


class _Markdown:
    """Takes the lines of a sheet one by one."""

    def __init__(self, sheet: Read) -> None:
        self.sheet = sheet
        self.row: Row | None = None
        self.open: str | None = None  #: key of the field that goes on

    def take(self, line: str, number: int) -> None:
        """Add one line to what it belongs to."""
        if line.startswith("##"):
            self._heading(line, number)
        elif self.row is None:
            self._top(line, number)
        elif box := _BOX.fullmatch(line):
            self._box(self.row, box[1], box[2], number)
        elif (found := _FIELD.fullmatch(line)) and found[1].casefold() in _LABELS:
            self._field(self.row, _LABELS[found[1].casefold()], found[2], number)
        elif line.strip():
            self._text(self.row, line, number)

    def _heading(self, line: str, number: int) -> None:
        found = _HEADING.match(line)
        if not found:
            self.sheet.report(
                number, "", f"the heading '{shown(line)}'",
                "'## ' with a question's id, such as '## AVL-03'",
                "put the printed heading back; what is yours belongs after 'Note:'",
            )  # fmt: skip
        self.row = Row(found[1] if found else "", number)
        self.row.printed.append(("", [Cell(line, number)]))
        self.open = None
        if found:
            self.sheet.rows.append(self.row)

    def _top(self, line: str, number: int) -> None:
        found = _FIELD.fullmatch(line)
        key = _HEAD.get(found[1].casefold()) if found else None
        if found and key and key not in self.sheet.head:
            self.sheet.head[key] = Cell(found[2].strip(), number)

    def _box(self, row: Row, mark: str, label: str, number: int) -> None:
        self.open = None
        answer = _answer_of(label)
        key = f"{row.id}.answer"
        if answer is None:
            self.sheet.report(number, key, f"the box '{shown(label)}'",
                              "a box that the sheet printed",
                              "put the printed line back")  # fmt: skip
            return
        if answer in row.boxes:
            self.sheet.report(
                number, key, f"a second box '{shown(label[:40])}'",
                "each box once under a heading",
                "put the heading of the question back that stood between them",
            )  # fmt: skip
        row.boxes.add(answer)
        row.printed.append((answer, [Cell(label, number)]))
        if mark.strip().casefold() in _TICKS:
            row.ticks.append(Cell(answer, number))
        elif mark.strip():
            self.sheet.report(number, key, f"[{shown(mark)}]",
                              "[x] for a tick, [ ] for none", "write one of the two")  # fmt: skip

    def _field(self, row: Row, key: str, text: str, number: int) -> None:
        self.open = key
        if key in row.fields:
            self.sheet.report(number, f"{row.id}.{key}", "it a second time",
                              "each once under a heading", "join the two")  # fmt: skip
        row.fields[key] = Cell(text.strip(), number)

    def _text(self, row: Row, line: str, number: int) -> None:
        """Add a line to the field that is open, else to what was printed."""
        if self.open is None:
            row.printed[-1][1].append(Cell(line, number))
            return
        cell = row.fields[self.open]
        text = f"{cell.text} {line.strip()}".strip()
        row.fields[self.open] = Cell(text, cell.line if cell.text else number)


def _answer_of(label: str) -> str | None:
    """Return the answer that a box or a cell stands for; None for no answer."""
    said = " ".join(label.translate(_SAME).casefold().split())
    if found := re.fullmatch(r"([0-4])(?:\.0)?(?: (.*))?", said):
        return found[1] if _is_word(int(found[1]), found[2] or "") else None
    for key, words in OTHER_ANSWERS.items():
        if said.rstrip(".") in {key.replace("-", " "), words.casefold()}:
            return key
    return None


def _is_word(level: int, words: str) -> bool:
    """Return whether what stands behind a level is its word; "2-3" is no answer."""
    return not words or words.startswith(LEVEL_WORDS[level])


# --- CSV ---------------------------------------------------------------------------


def read_csv_sheet(text: str, name: str) -> Read:
    """Return what stands in a sheet that a spreadsheet saved as CSV."""
    sheet = Read(name)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        if _has_columns(sheet, header):
            begun = reader.line_num
            for cells in reader:
                _csv_row(sheet, header, cells, begun + 1)
                begun = reader.line_num
    except csv.Error as error:
        sheet.report(reader.line_num, "", f"a damaged row ({error})", "CSV",
                     "save the sheet as CSV again")  # fmt: skip
    return sheet


def _has_columns(sheet: Read, header: list[str]) -> bool:
    for column in COLUMNS:
        if column not in header:
            sheet.report(1, column, "no such column", "the columns that were printed",
                         f"add the column '{column}'")  # fmt: skip
    return not sheet.problems


def _csv_row(sheet: Read, header: list[str], cells: list[str], line: int) -> None:
    texts = [cell.strip() for cell in cells]
    if not any(texts):
        return
    found = dict(zip(header, texts, strict=False))
    row = Row(found["id"], line)
    for key in ("role", "bank"):
        _same_head(sheet, key, found.get(key, ""), line)
    for column, text in _beyond(header, texts):
        sheet.report(line, f"{row.id}.{column}", f"'{shown(text)}'",
                     "nothing in a column that is not read",
                     "move it to the column 'note'")  # fmt: skip
    _csv_answer(sheet, row, found.get("answer", ""))
    for key in ("answered_on", *(key for key, _, _ in FIELDS)):
        if text := found.get(key, ""):
            row.fields[key] = Cell(text, line)
    sheet.rows.append(row)


def _same_head(sheet: Read, key: str, text: str, line: int) -> None:
    first = sheet.head.setdefault(key, Cell(text, line))
    if first.text != text:
        sheet.report(line, key, f"'{shown(text)}'",
                     f"'{shown(first.text)}', as in line {first.line}",
                     "keep the sheets of two roles in two files")  # fmt: skip


def _beyond(header: list[str], texts: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what stands in columns that a person added."""
    known = {*COLUMNS, *PRINTED_COLUMNS, *(key for key, _, _ in FIELDS)}
    for at, text in enumerate(texts):
        column = header[at] if at < len(header) else ""
        if text and column not in known:
            yield column or f"column {at + 1}", text


def _csv_answer(sheet: Read, row: Row, text: str) -> None:
    if not text:
        return
    answer = _answer_of(text)
    if answer is None:
        sheet.report(row.line, f"{row.id}.answer", f"'{shown(text)}'",
                     "0 to 4, unknown or does-not-apply", "write one of them")  # fmt: skip
    else:
        row.ticks.append(Cell(answer, row.line))


def cells_text(cells: list[Cell]) -> str:
    """Return lines as one text with single spaces."""
    return " ".join(" ".join(cell.text for cell in cells).split())
