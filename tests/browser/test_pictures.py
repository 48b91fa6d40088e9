"""The pictures of docs/facilitating.md: `make pictures` puts them there anew."""

from __future__ import annotations

import os
import shutil

import pytest
from playwright.sync_api import expect

OPEN = (
    "from readybook import open_workbook\n"
    "workbook = open_workbook('case', respondent={who!r}, edition='team')\n"
    "workbook.show('style')"
)
WIDTH, HEIGHT = 1000, 780


@pytest.fixture
def picture(root, tmp_path):
    """What photographs the top of an element, and returns the file."""
    wanted = os.environ.get("READYBOOK_PICTURES", "") not in {"", "0"}
    folder = root / "docs" / "images" if wanted else tmp_path
    folder.mkdir(exist_ok=True)

    def take(page, locator, name):
        locator.evaluate("node => node.scrollIntoView({block: 'start'})")
        box = locator.bounding_box()
        path = folder / f"form-{name}.png"
        height = min(box["height"], HEIGHT, 980 - box["y"])
        clip = {"x": box["x"], "y": box["y"], "height": height}
        page.screenshot(path=path, clip={**clip, "width": min(box["width"], WIDTH)})
        return path

    return take


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


def is_picture(path):
    raw = path.read_bytes()
    return raw.startswith(b"\x89PNG") and len(raw) > 10_000


def test_form_is_photographed(lab, case, picture):
    """One card, answered, as a respondent sees it."""
    page = show(lab, "workbook.form('AVL')", who="data-engineer")
    form = page.locator(".rb-form[data-ready=yes]")
    form.wait_for()
    card = form.locator("[data-question=AVL-01]")
    card.get_by_role("radio", name="Partly in place").check()
    expect(card.get_by_role("status")).to_contain_text("Saved")

    assert is_picture(picture(page, form, "answers"))
    assert is_picture(picture(page, card, "card"))
    assert (case / "answers" / "data-engineer.yaml").is_file()


def test_room_is_photographed_after_the_reveal(lab, case, picture):
    """Two votes far apart, and what the room sees of them."""
    page = show(lab, "workbook.room()")
    room = page.locator(".rb-form[data-ready=yes]")
    room.wait_for()
    for role in ("Data owner", "Domain expert"):
        room.get_by_role("checkbox", name=role).check()
    room.get_by_role("button", name="Begin").click()
    room.get_by_role("group", name="Data owner").get_by_role("radio", name="4").check()
    room.get_by_role("group", name="Domain").get_by_role("radio", name="1").check()
    expect(room.get_by_role("status")).to_contain_text("Saved")
    room.get_by_role("button", name="Show what was hidden").click()
    expect(room.locator(".reveal")).to_contain_text("Answers lie apart")

    assert is_picture(picture(page, room, "room"))
    assert case.is_dir()


def test_views_of_the_facilitator_are_photographed(lab, answered, picture):
    """The tables as the facilitator's notebook shows them."""
    cells = {"run-sheet": "workbook.show('run-sheet')",
             "ask-next": "workbook.show('ask-next', '30')"}  # fmt: skip
    page = show(lab, *cells.values())
    tables = page.locator(".jp-OutputArea-output .readybook:has(table)")

    expect(tables).to_have_count(len(cells))
    for table, name in zip(tables.all(), cells, strict=True):
        assert is_picture(picture(page, table, name))
    assert answered.is_dir()
