"""The form as the tests of it drive it: opened, found on the page, read from the file."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from ruamel.yaml import YAML

from readybook.bank.own import load_bank_for
from readybook.edit.answers import AnswerFile
from readybook.edit.entries import mark_of

OPEN = (
    "from readybook import open_workbook\n"
    "workbook = open_workbook('case', respondent={who!r})"
)
NO_DRAFT = "!Object.keys(localStorage).some((key) => key.includes('/draft/'))"


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
    """Answer from this process, as a colleague's own kernel would from another."""
    file = AnswerFile(case, who, who, load_bank_for(case))
    base = mark_of(file.stored().get(question))
    answer = {"answer": level, "date": "2026-01-05", "note": "Of before."}
    file.save(question, answer, base=base)


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


def room_of(page):
    """The room's form, once it can be used; of several, the first."""
    form = page.locator(".rb-form[data-ready=yes]").first
    form.wait_for()
    return form


def form_of(page):
    """The form, once it can be answered, with the questions of all roles."""
    form = room_of(page)
    form.get_by_role("radio", name=re.compile("^All")).check()
    return form


def card(page, question):
    """One question."""
    return page.locator(f"article[data-question={question}]")


def is_saved(page, question, file="answers/data-engineer.yaml"):
    """Wait until the card says so."""
    status = card(page, question).locator("> .foot > .status")
    expect(status).to_have_text(re.compile(rf"Saved \d\d:\d\d to {re.escape(file)}"))
