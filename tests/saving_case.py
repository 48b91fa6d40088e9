"""A folder that is answered into, with a small bank."""

from __future__ import annotations

from readybook.edit.answers import AnswerFile
from readybook.edit.entries import mark_of
from samples import bank, question

QUESTIONS = ("AVL-01", "AVL-02", "AVL-03", "QLT-01", "QLT-02")
BANK = bank(
    *(question(one) for one in QUESTIONS[:-1]),
    question("QLT-02", gate=("pilot", 3), authority="other"),
)
DAY = "2026-06-20"
SHEET = """\
# typed by hand
format: 1
role: owner
bank: { id: small, version: "1.0.0" }
answers:
  # heard twice
  AVL-01:
    answer: 3
    date: 2026-06-01
    note: "from the log" # which?
  AVL-03:
    date: 2026-06-02
    answer: unknown
"""


def answer_file(folder, respondent="owner", role="owner"):
    return AnswerFile(folder, respondent, role, BANK)


def case(folder, text=SHEET):
    """A folder with one file of answers, and that file's path."""
    path = folder / "answers" / "owner.yaml"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8", newline="")
    return path


def given(value, **more):
    return {"answer": value, "date": DAY, **more}


def mark(file, question):
    return mark_of(file.stored().get(question))
