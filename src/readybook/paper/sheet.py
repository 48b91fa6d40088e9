"""One role's questions as a sheet to fill in: Markdown, CSV or a page to print.

`sheetread` reads the first two back; the labels that it looks for stand here.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import get_args

from readybook.model.bank import (
    LEVEL_WORDS,
    SECTION_TITLES,
    Bank,
    Question,
    WaveOffReason,
)
from readybook.model.case import Assessment
from readybook.model.results import Result
from readybook.model.words import count, day, level_word, role_title
from readybook.paper.bank import Track, markdown_text, safe_cell
from readybook.score.agenda import questions_for
from readybook.show.kit.fragment import draw_html
from readybook.show.workshop.workshop import WHO_SEES

__all__ = [
    "COLUMNS",
    "FIELDS",
    "OTHER_ANSWERS",
    "PRINTED_COLUMNS",
    "SHEET_FORMATS",
    "Asked",
    "Sheet",
    "Track",
    "all_asked",
    "make_sheet",
    "printed_boxes",
    "printed_question",
    "sheet_csv",
    "sheet_html",
    "sheet_markdown",
]

#: The answers that are no level, as the sheet words them.
OTHER_ANSWERS = {"unknown": "We don't know", "does-not-apply": "Does not apply"}
_REASONS = ", ".join(get_args(WaveOffReason))
#: What can be written under a question: key, label, hint; a column of the CSV too.
FIELDS = (
    ("proof", "Proof", "link, file number, or who holds it"),
    ("proof_date", "Date of the proof", "YYYY-MM-DD"),
    ("note", "Note", ""),
    ("private", "Private note", "yes: the note enters no report"),
    ("reason", "If it does not apply, reason", _REASONS),
    ("because", "If it does not apply, why", "in words"),
    ("approved_by", "If it does not apply, agreed by", "a role"),
)
_WAVED = {"reason", "because", "approved_by"}
#: Columns of the CSV that are read back, in front of `FIELDS`.
COLUMNS = ("role", "bank", "id", "answer", "answered_on")
#: Columns of the CSV that only tell.
PRINTED_COLUMNS = (
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
    def fields(self) -> tuple[tuple[str, str, str], ...]:
        """Return the fields below the question: key, label, hint."""
        unused = set() if self.may_be_waved else set(_WAVED)
        if self.question.gate is None:
            unused.add("approved_by")
        return tuple(field for field in FIELDS if field[0] not in unused)


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


def printed_question(asked: Asked) -> tuple[str, ...]:
    """Return the lines of a question above its boxes, without empty ones."""
    question = asked.question
    gate = f" ({asked.gate})" if asked.gate else ""
    return (
        f"## {question.id} {markdown_text(question.title)}{gate}",
        f"**{markdown_text(question.text)}**",
        markdown_text(question.why),
        f"What would show it: {markdown_text(question.proof)}",
    )


def printed_boxes(asked: Asked) -> dict[str, str]:
    """Return what stands beside each box, by the answer that it is for."""
    levels = zip(LEVEL_WORDS, asked.question.levels, strict=True)
    boxes = {
        f"{level}": f"{level} {word}: {markdown_text(text)}"
        for level, (word, text) in enumerate(levels)
    }
    others = OTHER_ANSWERS.items()
    return boxes | {k: w for k, w in others if k == "unknown" or asked.may_be_waved}


def _markdown(asked: Asked) -> Iterator[str]:
    for line in printed_question(asked):
        yield from (line, "")
    for words in printed_boxes(asked).values():
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
    keys = [key for key, _, _ in FIELDS]
    first, last = COLUMNS[:3], COLUMNS[3:]
    writer.writerow([*first, *PRINTED_COLUMNS, *last, *keys])
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
            others=OTHER_ANSWERS,
        )
        + "\n"
    )


#: What `--format` offers for a sheet.
SHEET_FORMATS: dict[str, Callable[[Sheet], str]] = {
    "markdown": sheet_markdown,
    "csv": sheet_csv,
    "html": sheet_html,
}
