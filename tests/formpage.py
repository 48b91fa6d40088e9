"""The form as the tests of it drive it: opened, found on the page, read from the file."""

from __future__ import annotations

import re
import subprocess
import sys

from playwright.sync_api import expect
from ruamel.yaml import YAML

OPEN = (
    "from readybook import open_workbook\n"
    "workbook = open_workbook('case', respondent={who!r})"
)
NO_DRAFT = "!Object.keys(localStorage).some((key) => key.includes('/draft/'))"
CHANGE = (
    "import readybook.edit.answers as answers, readybook.bank.own as banks\n"
    "import pathlib, sys\n"
    "folder, who, question, level = sys.argv[1:]\n"
    "folder = pathlib.Path(folder)\n"
    "bank = banks.load_bank_for(folder)\n"
    "file = answers.AnswerFile(folder, who, who, bank)\n"
    "mark = answers.mark_of(file.stored().get(question))\n"
    "answer = {'answer': int(level), 'date': '2026-01-05', 'note': 'Of before.'}\n"
    "file.save(question, answer, base=mark)\n"
)


def read(case, name):
    """What a YAML file of the case holds; nothing where there is none."""
    path = case / name
    if not path.exists():
        return {}
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def stored(case, who="data-engineer"):
    """The answers of one file."""
    return read(case, f"answers/{who}.yaml").get("answers", {})


def change_elsewhere(case, question, level, who="data-engineer"):
    """Answer in another process, as a colleague's own notebook would."""
    command = [sys.executable, "-c", CHANGE, str(case), who, question, str(level)]
    subprocess.run(command, check=True)


def show(lab, *, section="AVL", who="data-engineer", before=(), after=()):
    """Open a notebook with a form, run it, and return the page."""
    cell = f"workbook.form({section!r})"
    lab.write("form.ipynb", OPEN.format(who=who), *before, cell, *after)
    page = lab.open("form.ipynb")
    lab.run_all(page)
    return page


def show_room(lab, *, before=()):
    """Open a notebook with the room's form, run it, and return the page."""
    lab.write("room.ipynb", OPEN.format(who=""), *before, "workbook.room()")
    page = lab.open("room.ipynb")
    lab.run_all(page)
    return page


def form_of(page):
    """The form, once it can be answered."""
    form = page.locator(".rb-form[data-ready=yes]")
    form.wait_for()
    return form


def card(page, question):
    """One question."""
    return page.locator(f"article[data-question={question}]")


def is_saved(page, question, file="answers/data-engineer.yaml"):
    """Wait until the card says so."""
    status = card(page, question).locator("> .foot > .status")
    expect(status).to_have_text(re.compile(rf"Saved \d\d:\d\d to {re.escape(file)}"))
