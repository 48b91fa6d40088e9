"""The pictures of the forms in docs/: `make pictures` puts them there anew."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import expect

import ready_case
from formpage import form_of, room_of
from pictures import WIDTH, photograph
from readybook.case.open import today

OPEN = (
    "from readybook import open_workbook\n"
    "workbook = open_workbook('case', respondent={who!r}, edition='team')\n"
    "workbook.show('style')"
)


@pytest.fixture
def measured_today(case):
    """The case with evidence of today, so that no day changes what is said of it."""
    for path in (case / "evidence").glob("*.json"):
        with ready_case.typed(case, path.stem, sealed=True) as content:
            for one in (content, *content.get("findings", ())):
                if "measured_on" in one:
                    one["measured_on"] = f"{today()}"
    return case


@pytest.fixture
def answered(lab, root):
    """The example with everything that was answered, below the server's root."""
    folder = lab.folder / "case"
    ignored = shutil.ignore_patterns("data")
    shutil.copytree(root / "templates" / "flight-delays", folder, ignore=ignored)
    return folder


def show(lab, *cells, who=""):
    lab.write("picture.ipynb", OPEN.format(who=who), *cells)
    page = lab.open("picture.ipynb")
    page.set_viewport_size({"width": WIDTH + 120, "height": 1000})
    page.evaluate("window.jupyterapp.shell.collapseLeft()")
    lab.run_all(page)
    return page


def test_form_is_photographed(lab, measured_today, tmp_path):
    """One card, answered, as a respondent sees it."""
    page = show(lab, "workbook.form('AVL')", who="data-engineer")
    form = form_of(page)
    card = form.locator("[data-question=AVL-01]")
    card.get_by_role("radio", name="Partly in place").check()
    expect(card.get_by_role("status")).to_contain_text("Saved")

    photograph(page, form, "form-answers", tmp_path)
    assert (measured_today / "answers" / "data-engineer.yaml").is_file()


def test_room_is_photographed_after_the_reveal(lab, measured_today, tmp_path):
    """Two votes far apart, and what the room sees of them."""
    page = show(lab, "workbook.room()")
    room = room_of(page)
    for role in ("Data owner", "Domain expert"):
        room.get_by_role("checkbox", name=role).check()
    room.get_by_role("button", name="Begin").click()
    room.get_by_role("group", name="Data owner").get_by_role("radio", name="4").check()
    room.get_by_role("group", name="Domain").get_by_role("radio", name="1").check()
    expect(room.get_by_role("status")).to_contain_text("Saved")
    room.get_by_role("button", name="Show what was hidden").click()
    expect(room.locator(".reveal")).to_contain_text("Answers lie apart")

    photograph(page, room, "form-room", tmp_path)
    assert measured_today.is_dir()


def test_views_of_the_facilitator_are_photographed(lab, answered, tmp_path):
    """The tables as the facilitator's notebook shows them."""
    cells = {"run-sheet": "workbook.show('run-sheet')",
             "ask-next": "workbook.show('ask-next', '30')"}  # fmt: skip
    page = show(lab, *cells.values())
    tables = page.locator(".jp-OutputArea-output .readybook:has(table)")

    expect(tables).to_have_count(len(cells))
    for table, name in zip(tables.all(), cells, strict=True):
        photograph(page, table, f"form-{name}", tmp_path)
    assert answered.is_dir()
