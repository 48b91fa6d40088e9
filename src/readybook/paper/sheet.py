"""One role's questions as a sheet: printed as Markdown, CSV or a page, and read back.

Sheets in Markdown and HTML are for printing. No text that a person wrote into a sheet of
CSV or Excel is passed over: it is an answer, a note, or a Problem.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import get_args

from readybook.model.bank import LEVEL_WORDS, Bank, Question, WaveOffReason
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, Problem, nearest
from readybook.model.results import Result
from readybook.model.words import count, day, level_word, proof_asked, role_title
from readybook.paper.bank import markdown_text
from readybook.score.agenda import questions_for
from readybook.show.kit.fragment import draw
from readybook.show.workshop import WHO_SEES
from readybook.text.documents import read_bytes
from readybook.text.spreadsheets import typed_rows
from readybook.text.visible import csv_of, typed_cell
from readybook.text.yaml import shown, utf8_text

#: The answers that are no level, as the sheet words them.
OTHERS = {"unknown": "We don't know", "does-not-apply": "Does not apply"}
_REASONS = ", ".join(get_args(WaveOffReason))
#: What can be written under a question: key, label, hint; a column of the CSV too.
_FIELDS = (
    ("proof", "Proof", "link, file number, or who holds it"),
    ("proof_date", "Date of the proof", "YYYY-MM-DD"),
    ("note", "Note", ""),
    ("private", "Private note", "yes: the note enters no report"),
    ("reason", "If it does not apply, reason", _REASONS),
    ("because", "If it does not apply, why", "in words"),
    ("approved_by", "If it does not apply, agreed by", "a role"),
)
_WAVED = ("reason", "because", "approved_by")
#: Columns of the CSV that are read back, in front of `_FIELDS`.
_READ = ("role", "bank", "id", "answer", "answered_on")
#: Columns of the CSV that only tell.
_TOLD = (
    *("title", "gate", "question", "why"),
    *(f"{level} {word}" for level, word in enumerate(LEVEL_WORDS)),
    "what would show it",
)
#: Columns to be filled in.
_EMPTY = (*_READ[3:], *(key for key, _, _ in _FIELDS))
#: Columns of a sheet that a spreadsheet opens.
HEADER = (*_READ[:3], *_TOLD, *_EMPTY)


@dataclass(frozen=True)
class Asked:
    """One question on a sheet."""

    question: Question
    proof: str  #: what would show it
    gate: str
    may_be_waved: bool

    @property
    def answers(self) -> tuple[str, ...]:
        """Return what may be answered, as a CSV sheet writes it."""
        others = [*OTHERS] if self.may_be_waved else ["unknown"]
        return (*map(str, range(len(LEVEL_WORDS))), *others)

    @property
    def fields(self) -> tuple[tuple[str, str, str], ...]:
        """Return the fields below the question: key, label, hint."""
        unused = set() if self.may_be_waved else set(_WAVED)
        if self.question.gate is None:
            unused.add("approved_by")
        return tuple(field for field in _FIELDS if field[0] not in unused)


@dataclass(frozen=True)
class Sheet:
    """The questions of one role, with what is said before the first one."""

    role: str
    role_title: str
    bank: str  #: id and version
    title: str
    about: str
    asked: tuple[Asked, ...]


def make_sheet(
    result: Result, assessment: Assessment, bank: Bank, *, role: str
) -> Sheet:
    """Return the questions that apply and that a role of the bank answers.

    The result is that of the track that is to be asked.
    """
    mine = {standing.question.id for standing in questions_for(result, role)}
    asked = tuple(one for id_, one in all_asked(result, bank).items() if id_ in mine)
    scope = assessment.scope
    return Sheet(
        role=role,
        role_title=role_title(bank, role),
        bank=f"{bank.id} {bank.version}",
        title=scope.title,
        about=f"{count(len(asked), 'question')} for {scope.phase}, for {scope.team}. "
        f"Judged at {day(assessment.as_of)}.",
        asked=asked,
    )


def all_asked(result: Result, bank: Bank) -> dict[str, Asked]:
    """Return what a sheet prints of each question of the track, by its id."""
    sets = {part.id: part.does_not_apply for part in bank.answer_sets}
    return {
        standing.question.id: Asked(
            question=standing.question,
            proof=proof_asked(standing.question, bank),
            gate=f"a gate: its minimum is “{level_word(gate.level)}”" if gate else "",
            may_be_waved=sets.get(standing.question.answers, False),
        )
        for standing in result.standings
        for gate in (standing.gate,)
    }


# --- printed -------------------------------------------------------------------------


def sheet_csv(sheet: Sheet) -> str:
    """Return a sheet as CSV, a row for each question, safe to open in spreadsheets.

    The column `answer` takes 0 to 4, unknown or does-not-apply.
    """
    return csv_of([HEADER, *rows_of(sheet)])


def rows_of(sheet: Sheet) -> Iterator[list[str]]:
    """Yield a row for each question, in the order of `HEADER`."""
    for asked in sheet.asked:
        q = asked.question
        yield [sheet.role, sheet.bank, q.id, q.title, asked.gate, q.text, q.why,
               *q.levels, asked.proof, *[""] * len(_EMPTY)]  # fmt: skip


def _drawn(template: str, sheet: Sheet) -> str:
    context = {"who_sees": WHO_SEES, "words": LEVEL_WORDS, "others": OTHERS}
    return draw(template, sheet=sheet, md=markdown_text, **context) + "\n"


#: What `--format` offers for a sheet: to print or fill in with any editor, to fill in
#: with a spreadsheet, to print.
SHEET_FORMATS: dict[str, Callable[[Sheet], str]] = {
    "markdown": partial(_drawn, "sheet.md.j2"),
    "csv": sheet_csv,
    "html": partial(_drawn, "sheet.html.j2"),
}


# --- CSV read back -----------------------------------------------------------------

#: What editors make of apostrophe and hyphen.
_SAME = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "-": " "})
_YES, _NO = {"yes", "y", "true", "x", "1"}, {"no", "n", "false", "0"}


@dataclass
class Filled:
    """What stands on a sheet, and every problem of it."""

    name: str
    role: str = ""
    role_line: int = 0
    #: answers as a file of answers keeps them, by question id
    answers: dict[str, dict[str, object]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)  #: by question id
    problems: list[Problem] = field(default_factory=list)

    def report(self, line: int, key: str, found: str, expected: str, do: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(self.name, line, key, found, expected, do))


def read_sheets(
    path: Path, printed: Mapping[str, Asked], bank: Bank, *, today: dt.date
) -> list[Filled]:
    """Return what stands in a sheet saved as CSV, or in each of a workbook.

    Args:
        path: the file; problems name it as it is given here.
        printed: what is printed on a sheet for each question of the bank.
        bank: that the answers refer to.
        today: the day of typing in; answers without a date are of this day.

    Raises:
        InvalidInputError: it cannot be opened, or is no CSV and no workbook.
    """
    if path.suffix.lower() != ".xlsx":
        sheet = Filled(str(path))
        found = [(sheet, _named(sheet, _lines(sheet, _text(sheet, path))))]
    else:
        pages = {
            name: rows for name, rows in typed_rows(path).items() if any(map(any, rows))
        }
        sheets = [Filled(f"{path}[{name}]") for name in pages] or [Filled(str(path))]
        numbered = [list(enumerate(rows, 1)) for rows in pages.values()] or [[]]
        found = [
            (sheet, _named(sheet, rows))
            for sheet, rows in zip(sheets, numbered, strict=True)
        ]
    roles = [role.id for role in bank.roles]
    for sheet, rows in found:
        _judge([_Row(sheet, *row, roles, today) for row in rows], sheet, printed, bank)
    return [sheet for sheet, _ in found]


def _judge(
    rows: list["_Row"], sheet: Filled, printed: Mapping[str, Asked], bank: Bank
) -> None:
    """Read each row into what the sheet holds."""
    for row in rows:
        for column in ("role", "bank"):
            said, first = (one.cells.get(column, "") for one in (row, rows[0]))
            if said != first:
                sheet.report(row.line, column, f"'{shown(said)}'",
                             f"'{shown(first)}', as in line {rows[0].line}",
                             "keep the sheets of two roles in two files")  # fmt: skip
        if row.id in sheet.lines:
            sheet.report(row.line, row.id, f"'{row.id}' a second time (first: line "
                         f"{sheet.lines[row.id]})", "each question once",
                         "remove one of them")  # fmt: skip
        sheet.lines.setdefault(row.id, row.line)
        if (answer := row.answer(printed)) is not None:
            sheet.answers[row.id] = answer
    if rows:
        head, name = rows[0], rows[0].cells.get("bank", "")
        sheet.role, sheet.role_line = head.cells.get("role", ""), head.line
        head.judge_role("role", "role")
        if name.partition(" ")[0] != bank.id:
            found = f"'{shown(name)}'" if name else "no bank"
            sheet.report(head.line, "bank", found, f"the bank '{bank.id}'",
                         "use a sheet that was printed for this folder")  # fmt: skip
    elif not sheet.problems:
        sheet.report(0, "", "no question", "a sheet that readybook printed",
                     "print one with: readybook questions DIR --role ROLE")  # fmt: skip


def _text(sheet: Filled, path: Path) -> str:
    ending = path.suffix.lower()
    if ending == ".csv":
        return utf8_text(read_bytes(path, name=sheet.name), name=sheet.name)
    found = f"the ending '{path.suffix}'" if ending else "no ending"
    do = "save it as one of them"
    if ending in {".md", ".markdown"}:
        found = "a Markdown sheet, which is for printing"
        do = "write the answers into one printed with --format xlsx or csv"
    sheet.report(0, "", found, "a sheet that ends in .xlsx or .csv", do)
    raise InvalidInputError(sheet.problems)


def _lines(sheet: Filled, text: str) -> list[tuple[int, list[str]]]:
    """Return the rows of a CSV with the line on which each begins."""
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as error:
        sheet.report(reader.line_num, "", f"a damaged row ({error})", "CSV",
                     "save the sheet as CSV again")  # fmt: skip
    return rows


def _named(
    sheet: Filled, rows: Sequence[tuple[int, Sequence[str]]]
) -> list[tuple[int, dict[str, str]]]:
    """Return line and cells, by column, of each row with something in it."""
    (_, first), *others = rows or [(1, [])]
    header = [cell.strip() for cell in first]
    if not sheet.problems or header:
        for column in _READ:
            if column not in header:
                sheet.report(1, column, "no such column",
                             "the columns that were printed",
                             f"add the column '{column}'")  # fmt: skip
                others = []
    # A column without a name of its own is called by its place.
    names = [
        name if name not in {"", *header[:at]} else f"column {at + 1}"
        for at, name in enumerate(header)
    ]
    named = []
    for line, cells in others:
        names += (f"column {at + 1}" for at in range(len(names), len(cells)))
        texts = (typed_cell(cell.strip()) for cell in cells)
        found = {k: text for k, text in zip(names, texts, strict=False) if text}
        if found:
            named.append((line, found))
    return named


@dataclass(frozen=True)
class _Row:
    """What was written on one question; what cannot be read is reported."""

    sheet: Filled
    line: int
    cells: Mapping[str, str]  #: by column; none is empty
    roles: Sequence[str]
    today: dt.date

    @property
    def id(self) -> str:
        return self.cells.get("id", "")

    def report(self, column: str, expected: str, do: str, found: str = "") -> None:
        """Report a cell; what was found is its text, where nothing else is said."""
        said = found or f"'{shown(self.cells[column])}'"
        self.sheet.report(self.line, f"{self.id}.{column}", said, expected, do)

    def answer(self, printed: Mapping[str, Asked]) -> dict[str, object] | None:
        """Return the answer as a file of answers keeps it; None for no answer."""
        known = {*_READ, *_TOLD, *(key for key, _, _ in _FIELDS)}
        for column in self.cells:
            if column not in known:
                self.report(column, "nothing in a column that is not read",
                            "move it to the column 'note'")  # fmt: skip
        asked = printed.get(self.id)
        if asked is None:
            do = nearest(self.id, list(printed))
            found = f"'{shown(self.id)}'"
            self.sheet.report(self.line, self.id, found, "a question of the bank", do)
            return None
        text = self.cells.get("answer", "")
        said = _answer_of(text)
        if text and said is None:
            self.report("answer", "0 to 4, unknown or does-not-apply",
                        "write one of them")  # fmt: skip
        elif said is not None and said not in asked.answers:
            self.report("answer", f"a level or 'unknown': {self.id} always applies",
                        "write another answer")  # fmt: skip
        date = self._date("answered_on") or self.today
        if said is None:
            for key, _, _ in _FIELDS:
                if key in self.cells:
                    self.report(key, "an answer with it",
                                "answer the question, 'unknown' at least")  # fmt: skip
            return None
        value: object = int(said) if said.isdigit() else said
        parts = (*self._proof(), *self._waving(said), *self._note())
        return {"answer": value, "date": date.isoformat(), **dict(parts)}

    def _date(self, column: str) -> dt.date | None:
        """Return a date, None where nothing was written."""
        text = self.cells.get(column, "")
        # A German spreadsheet writes 2026-11-29 back as 29.11.2026.
        if dotted := re.fullmatch(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})", text):
            text = f"{dotted[3]}-{dotted[2]:0>2}-{dotted[1]:0>2}"
        found = None
        with suppress(ValueError):
            found = dt.date.fromisoformat(text)
        late = found is None or found > self.today or len(text) != len("YYYY-MM-DD")
        if text and late:
            self.report(column, "a date as YYYY-MM-DD, not after today",
                        f"write it like {self.today.isoformat()}")  # fmt: skip
        return found

    def _proof(self) -> Iterator[tuple[str, object]]:
        proof, date = self.cells.get("proof"), self._date("proof_date")
        dated = "proof_date" in self.cells
        if proof and not dated:
            self.report("proof_date", "the date of the proof", "write it", "no date")
        if dated and not proof:
            self.report("proof", "the proof that it is of", "write it", "a date alone")
        if proof and date:
            yield "proof", {"reference": proof, "date": date.isoformat()}

    def _waving(self, said: str) -> Iterator[tuple[str, object]]:
        reasons = get_args(WaveOffReason)
        for key in _WAVED:
            if (text := self.cells.get(key)) is None:
                continue
            if said != "does-not-apply":
                self.report(key, "nothing here, unless it does not apply",
                            "answer does-not-apply, or use the note")  # fmt: skip
            if key == "reason" and text not in reasons:
                self.report(key, f"one of {', '.join(reasons)}", nearest(text, reasons))
            if key == "approved_by":
                self.judge_role(key, f"{self.id}.{key}")
            yield key, text

    def _note(self) -> Iterator[tuple[str, object]]:
        note, word = self.cells.get("note"), self.cells.get("private", "").casefold()
        if note:
            yield "note", note
        if word not in _YES | _NO | {""}:
            self.report("private", "yes, or nothing", "write yes or leave it empty")
        if word in _YES:
            if not note:
                self.report("note", "a note that is private", "write it", "no note")
            yield "private", True

    def judge_role(self, column: str, key: str) -> None:
        """Report a role that the bank does not have."""
        text = self.cells.get(column, "")
        if text not in self.roles:
            found = f"'{shown(text)}'" if text else "no role"
            do = nearest(text, self.roles)
            self.sheet.report(self.line, key, found, "a role of the bank", do)


def _answer_of(text: str) -> str | None:
    """Return 0 to 4, or the key of another answer; None for no answer."""
    said = " ".join(text.translate(_SAME).casefold().split())
    if found := re.fullmatch(r"([0-4])(?:\.0)?(?: (.*))?", said):
        # Behind a level stands its word, or nothing; "2-3" is no answer.
        level, word = found[1], found[2] or ""
        return level if not word or word.startswith(LEVEL_WORDS[int(level)]) else None
    # Whoever answers alone writes "I don't know".
    said = re.sub(r"\A(i |we )?(do not|dont|don't) know\Z", "unknown", said.rstrip("."))
    for answer, words in OTHERS.items():
        if said in {answer.replace("-", " "), words.casefold()}:
            return answer
    return None
