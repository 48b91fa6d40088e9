"""One role's questions as a sheet: printed as Markdown, CSV or a page; CSV read back.

Sheets in Markdown and HTML are for printing. No text that a person wrote into a CSV
sheet is passed over: it is an answer, a note, or a Problem.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from readybook.model.bank import (
    LEVEL_WORDS,
    SECTION_TITLES,
    Bank,
    Question,
    WaveOffReason,
)
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, Problem, nearest
from readybook.model.results import Result
from readybook.model.words import count, day, level_word, role_title
from readybook.paper.bank import markdown_text, safe_cell
from readybook.score.agenda import questions_for
from readybook.show.kit.fragment import draw_html
from readybook.show.workshop.workshop import WHO_SEES
from readybook.text.documents import read_bytes
from readybook.text.yaml import shown

__all__ = [
    "SHEET_FORMATS",
    "Answers",
    "Asked",
    "Filled",
    "Sheet",
    "all_asked",
    "judge_sheet",
    "load_sheet",
    "make_sheet",
]

#: The answers that are no level, as the sheet words them.
_OTHERS = {"unknown": "We don't know", "does-not-apply": "Does not apply"}
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


@dataclass(frozen=True)
class Asked:
    """One question on a sheet."""

    section: str
    question: Question
    gate: str
    may_be_waved: bool

    @property
    def answers(self) -> tuple[str, ...]:
        """Return what may be answered, as a CSV sheet writes it."""
        levels = map(str, range(len(LEVEL_WORDS)))
        others = (one for one in _OTHERS if one == "unknown" or self.may_be_waved)
        return (*levels, *others)

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
    """Return the questions that apply and that a role answers.

    Args:
        result: of the track that is to be asked.
        assessment: for title, team and phase.
        bank: for roles and answer sets.
        role: a role of the bank.
    """
    mine = {standing.question.id for standing in questions_for(result, role)}
    asked = tuple(one for id_, one in all_asked(result, bank).items() if id_ in mine)
    scope = assessment.scope
    about = (
        f"{count(len(asked), 'question')} for {scope.phase}, for {scope.team}. "
        f"Judged at {day(assessment.as_of)}."
    )
    return Sheet(
        role=role,
        role_title=role_title(bank, role),
        bank=f"{bank.id} {bank.version}",
        title=scope.title,
        about=about,
        asked=asked,
    )


def all_asked(result: Result, bank: Bank) -> dict[str, Asked]:
    """Return what a sheet prints of each question of the track, by its id."""
    sets = {part.id: part.does_not_apply for part in bank.answer_sets}
    return {
        standing.question.id: Asked(
            section=SECTION_TITLES[standing.section],
            question=standing.question,
            gate=f"a gate: needed is “{level_word(standing.gate.level)}”"
            if standing.gate
            else "",
            may_be_waved=sets.get(standing.question.answers, False),
        )
        for standing in result.standings
    }


# --- Markdown ----------------------------------------------------------------------

_HOW = (
    "Tick one box for each question: put an x between the brackets, `[x]`. “We don't "
    "know” is an answer as good as any other. Leave a question without a tick that you "
    "do not want to answer now. What you write after a colon may go on in the lines "
    "below it."
)


def sheet_markdown(sheet: Sheet) -> str:
    """Return a sheet as Markdown, to print, or to fill in with any editor."""
    lines = [f"# {markdown_text(sheet.title)}: questions for {sheet.role_title}", ""]
    lines += [f"- Role: {sheet.role}", f"- Bank: {sheet.bank}"]
    lines += ["- Filled in on (YYYY-MM-DD):", ""]
    lines += [markdown_text(sheet.about), "", "Who will see what:", ""]
    lines += [f"- {markdown_text(line)}" for line in WHO_SEES]
    lines += ["", _HOW, ""]
    for asked in sheet.asked:
        lines += _markdown(asked)
    return "\n".join(lines).rstrip() + "\n"


def _markdown(asked: Asked) -> Iterator[str]:
    question = asked.question
    gate = f" ({asked.gate})" if asked.gate else ""
    yield f"## {question.id} {markdown_text(question.title)}{gate}"
    for line in (
        f"**{markdown_text(question.text)}**",
        markdown_text(question.why),
        f"What would show it: {markdown_text(question.proof)}",
    ):
        yield from ("", line)
    yield ""
    for level, (word, text) in enumerate(
        zip(LEVEL_WORDS, question.levels, strict=True)
    ):
        yield f"- [ ] {level} {word}: {markdown_text(text)}"
    for answer, words in _OTHERS.items():
        if answer in asked.answers:
            yield f"- [ ] {words}"
    yield ""
    for _, label, hint in asked.fields:
        yield f"- {label} ({hint}):" if hint else f"- {label}:"
    yield ""


# --- CSV and HTML ------------------------------------------------------------------


def sheet_csv(sheet: Sheet) -> str:
    """Return a sheet as CSV, a row for each question, safe to open in spreadsheets.

    The column `answer` takes 0 to 4, unknown or does-not-apply.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    keys = [key for key, _, _ in _FIELDS]
    first, last = _READ[:3], _READ[3:]
    writer.writerow([*first, *_TOLD, *last, *keys])
    for asked in sheet.asked:
        q = asked.question
        cells = [sheet.role, sheet.bank, q.id, q.title, asked.gate, q.text, q.why,
                 *q.levels, q.proof]  # fmt: skip
        empty = [""] * (len(last) + len(keys))
        writer.writerow([*(safe_cell(cell) for cell in cells), *empty])
    return out.getvalue()


def sheet_html(sheet: Sheet) -> str:
    """Return a sheet as one page to print and to fill in by hand."""
    return (
        draw_html(
            "sheet.html.j2",
            sheet=sheet,
            who_sees=WHO_SEES,
            words=LEVEL_WORDS,
            others=_OTHERS,
        )
        + "\n"
    )


#: What `--format` offers for a sheet.
SHEET_FORMATS: dict[str, Callable[[Sheet], str]] = {
    "markdown": sheet_markdown,
    "csv": sheet_csv,
    "html": sheet_html,
}


# --- CSV read back -----------------------------------------------------------------

#: What editors make of apostrophe and hyphen.
_SAME = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "-": " "})
_YES, _NO = {"yes", "y", "true", "x", "1"}, {"no", "n", "false", "0"}
_DATE = "a date as YYYY-MM-DD, not after today"


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
    answer: str | None = None  #: 0 to 4, unknown or does-not-apply; None: nothing
    fields: dict[str, Cell] = field(default_factory=dict)


@dataclass
class Filled:
    """A sheet as it was read, and what is wrong with it."""

    name: str
    head: dict[str, Cell] = field(default_factory=dict)  #: role, bank
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def report(self, line: int, key: str, found: str, expected: str, do: str) -> None:
        """Add a problem."""
        self.problems.append(Problem(self.name, line, key, found, expected, do))


def load_sheet(path: Path) -> Filled:
    """Return what stands in a sheet that a spreadsheet saved as CSV.

    Args:
        path: the file; problems name it as it is given here.

    Raises:
        InvalidInputError: it cannot be opened, or is no CSV.
    """
    sheet, ending = Filled(str(path)), path.suffix.lower()
    if ending != ".csv":
        found = f"the ending '{path.suffix}'" if ending else "no ending"
        do = "save it as CSV"
        if ending in {".md", ".markdown"}:
            found = "a Markdown sheet, which is for printing"
            do = "write the answers into one printed with --format csv"
        sheet.report(0, "", found, "a sheet that ends in .csv", do)
        raise InvalidInputError(sheet.problems)
    try:
        text = read_bytes(path, name=sheet.name).decode("utf-8-sig")
    except UnicodeDecodeError:
        sheet.report(0, "", "letters in another code", "UTF-8", "save it as UTF-8")
        raise InvalidInputError(sheet.problems) from None
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [cell.strip() for cell in next(reader, [])]
        for column in _READ:
            if column not in header:
                sheet.report(1, column, "no such column",
                             "the columns that were printed",
                             f"add the column '{column}'")  # fmt: skip
        begun = reader.line_num
        for cells in reader if not sheet.problems else ():
            _read_row(sheet, header, [cell.strip() for cell in cells], begun + 1)
            begun = reader.line_num
    except csv.Error as error:
        sheet.report(reader.line_num, "", f"a damaged row ({error})", "CSV",
                     "save the sheet as CSV again")  # fmt: skip
    return sheet


def _read_row(sheet: Filled, header: list[str], texts: list[str], line: int) -> None:
    if not any(texts):
        return
    found = dict(zip(header, texts, strict=False))
    row = Row(found["id"], line)
    for key in ("role", "bank"):
        text = found.get(key, "")
        first = sheet.head.setdefault(key, Cell(text, line))
        if first.text != text:
            sheet.report(line, key, f"'{shown(text)}'",
                         f"'{shown(first.text)}', as in line {first.line}",
                         "keep the sheets of two roles in two files")  # fmt: skip
    known = {*_READ, *_TOLD, *(key for key, _, _ in _FIELDS)}
    for at, text in enumerate(texts):
        column = header[at] if at < len(header) else ""
        if text and column not in known:
            sheet.report(line, f"{row.id}.{column or f'column {at + 1}'}",
                         f"'{shown(text)}'", "nothing in a column that is not read",
                         "move it to the column 'note'")  # fmt: skip
    if text := found.get("answer", ""):
        row.answer = _answer_of(text)
        if row.answer is None:
            sheet.report(line, f"{row.id}.answer", f"'{shown(text)}'",
                         "0 to 4, unknown or does-not-apply",
                         "write one of them")  # fmt: skip
    for key in ("answered_on", *(key for key, _, _ in _FIELDS)):
        if text := found.get(key, ""):
            row.fields[key] = Cell(text, line)
    sheet.rows.append(row)


def _answer_of(text: str) -> str | None:
    """Return the answer that a cell stands for; None for no answer."""
    said = " ".join(text.translate(_SAME).casefold().split())
    if found := re.fullmatch(r"([0-4])(?:\.0)?(?: (.*))?", said):
        # Behind a level stands its word, or nothing; "2-3" is no answer.
        words = found[2] or ""
        return (
            found[1]
            if words.startswith(LEVEL_WORDS[int(found[1])]) or not words
            else None
        )
    for answer, words in _OTHERS.items():
        if said.rstrip(".") in {answer.replace("-", " "), words.casefold()}:
            return answer
    return None


# --- judged ------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """The answers of a sheet, as a file of answers keeps them."""

    role: str
    answers: Mapping[str, dict[str, object]]  #: by question id
    lines: Mapping[str, int]  #: of the sheet, by question id


def judge_sheet(
    sheet: Filled, printed: Mapping[str, Asked], bank: Bank, *, today: dt.date
) -> Answers:
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
    answers: dict[str, dict[str, object]] = {}
    lines: dict[str, int] = {}
    for row in sheet.rows:
        if row.id in lines:
            sheet.report(row.line, row.id, f"'{row.id}' a second time (first: line "
                         f"{lines[row.id]})", "each question once",
                         "remove one of them")  # fmt: skip
        lines.setdefault(row.id, row.line)
        answer = judge.answer(row)
        if answer is not None:
            answers[row.id] = answer
    if not sheet.rows:
        sheet.report(0, "", "no question", "a sheet that readybook printed",
                     "print one with: readybook questions DIR --role ROLE")  # fmt: skip
    if sheet.problems:
        raise InvalidInputError(sheet.problems)
    return Answers(role, answers, {id_: lines[id_] for id_ in answers})


class _Judge:
    """Judges the rows of one sheet; what is wrong is reported to the sheet."""

    def __init__(
        self, sheet: Filled, printed: Mapping[str, Asked], bank: Bank, today: dt.date
    ) -> None:
        self.sheet = sheet
        self.printed = printed
        self.bank = bank
        self.roles = [role.id for role in bank.roles]
        self.today = today

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

    def answer(self, row: Row) -> dict[str, object] | None:
        """Return a row's answer as the file keeps it; None for no answer."""
        asked = self.printed.get(row.id)
        if asked is None:
            self.sheet.report(row.line, row.id, f"'{shown(row.id)}'",
                              "a question of the bank",
                              nearest(row.id, list(self.printed)))  # fmt: skip
            return None
        said = row.answer
        if said and said not in asked.answers:
            self.sheet.report(row.line, f"{row.id}.answer", f"'{said}'",
                              f"a level or 'unknown': {row.id} always applies",
                              "write another answer")  # fmt: skip
        written = {key: cell for key, cell in row.fields.items() if cell.text}
        own_day = self.date(written.pop("answered_on", None), f"{row.id}.answered_on")
        if said is None:
            for key, cell in written.items():
                self.sheet.report(cell.line, f"{row.id}.{key}", f"'{shown(cell.text)}'",
                                  "an answer with it",
                                  "answer the question, 'unknown' at least")  # fmt: skip
            return None
        date = (own_day or self.today).isoformat()
        value: object = int(said) if said.isdigit() else said
        parts = [*self._proof(row, written), *self._waving(row, said, written),
                 *self._note(row, written)]  # fmt: skip
        return {"answer": value, "date": date, **dict(parts)}

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
                                  "answer does-not-apply, or use the note")  # fmt: skip
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
