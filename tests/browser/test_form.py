"""The question form in JupyterLab: answered, saved, and nothing lost."""

from __future__ import annotations

import html
import re

from playwright.sync_api import expect

from formpage import (
    NO_DRAFT,
    OPEN,
    card,
    change_elsewhere,
    form_of,
    is_saved,
    show,
    stored,
)
from readybook import open_workbook
from readybook.model.bank import SECTION_TITLES
from readybook.model.words import answer_word


def test_answer_is_saved_and_acknowledged(lab, case):
    """A choice and a note stand in the person's file, and the card says since when."""
    page = show(lab)
    form_of(page)
    question = card(page, "AVL-01")

    question.get_by_role("radio", name="Partly in place").check()
    is_saved(page, "AVL-01")
    question.get_by_text("Note and proof").press("Enter")
    question.get_by_label("Note", exact=True).fill("Counted by hand.")
    page.keyboard.press("Tab")
    is_saved(page, "AVL-01")

    answer = stored(case)["AVL-01"]
    assert answer["answer"] == 2
    assert answer["note"] == "Counted by hand."


def test_starter_track_is_answered_by_keyboard_alone(lab, case):
    """Tab, arrows and number keys answer every question; the file has each of them."""
    page = show(lab, section="")
    form = form_of(page)
    cards = form.locator("article:visible")
    ids = cards.evaluate_all("nodes => nodes.map((node) => node.dataset.question)")
    form.get_by_role("radio", name=re.compile(r"^All")).focus()

    wanted = {}
    for at, question in enumerate(ids):
        while not page.evaluate(
            "id => document.activeElement.matches(`[data-question=${id}] .option *`)",
            question,
        ):
            page.keyboard.press("Tab")
        wanted[question] = (0, 1, 2, 3, 4, "unknown")[at % 6]
        page.keyboard.press("u" if at % 6 == 5 else str(at % 6))
        if at % 6 == 4:
            page.keyboard.press("ArrowUp")
            wanted[question] = 3
        is_saved(page, question)

    assert len(ids) >= 20
    assert {q: a["answer"] for q, a in stored(case).items()} == wanted
    assert shown_in_report(case, "data-engineer") == wanted
    expect(form.get_by_text(f"{len(ids)} of {len(ids)} answered")).to_be_visible()


def shown_in_report(case, who):
    """The answers of one person that the report for the team shows, by question."""
    workbook = open_workbook(str(case), edition="team")
    chapters = "".join(
        workbook.show("questions", section).html for section in SECTION_TITLES
    )
    pieces = re.findall(
        r'id="(\w+-\d+)"[^>]*>\s*<summary>(.*?)</details>', chapters, re.DOTALL
    )
    shown = {question: html.unescape(piece) for question, piece in pieces}
    return {
        standing.question.id: given.answer
        for standing in workbook.result.standings
        for given in standing.given
        if f"({who}): {answer_word(given.answer)}" in shown[standing.question.id]
    }


def test_answer_during_long_cell_survives_a_restart(lab, case):
    """What is answered while a cell runs is saved at once; a half word comes back."""
    busy = "import time\nprint('busy')\nfor _ in range(600): time.sleep(0.1)"
    page = show(lab, after=(busy,))
    form_of(page)
    page.locator(".jp-OutputArea-output", has_text="busy").wait_for()

    card(page, "AVL-01").get_by_role("radio", name="Improvised").check()
    is_saved(page, "AVL-01")
    assert stored(case)["AVL-01"]["answer"] == 1
    card(page, "AVL-02").get_by_text("Note and proof").press("Enter")
    card(page, "AVL-02").get_by_label("Note", exact=True).fill("Half a thou")
    lab.restart(page)
    lab.run_cell(page, 0)
    lab.run_cell(page, 1)

    expect(card(page, "AVL-02").get_by_label("Note", exact=True)).to_have_value(
        "Half a thou"
    )
    expect(card(page, "AVL-01").get_by_role("radio", name="Improvised")).to_be_checked()


def test_killed_kernel_is_named_and_what_was_typed_comes_back(lab, case):
    """The form says what to do; after a restart the draft is restored and saved."""
    page = show(lab, before=("import os\nprint('pid', os.getpid())",))
    form_of(page)
    shown = page.locator(".jp-OutputArea-output", has_text="pid").inner_text()

    lab.kill_kernel(int(shown.split()[1]))
    card(page, "AVL-01").get_by_role("radio", name="Improvised").check()

    expect(page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    expect(card(page, "AVL-01").get_by_role("status")).to_contain_text("Kept in this")
    card(page, "AVL-02").get_by_role("radio", name="Improvised").check()
    expect(card(page, "AVL-02").get_by_role("status")).to_contain_text("Kept in this")
    assert stored(case) == {}
    lab.wait_for_kernel(page)
    for number in (0, 2):
        lab.run_cell(page, number)
    expect(card(page, "AVL-01").get_by_role("status")).to_contain_text(
        re.compile(r"Draft restored. Saved \d\d:\d\d")
    )
    assert stored(case)["AVL-01"]["answer"] == 1


def test_tab_closed_mid_word_loses_nothing(lab, case):
    """The half word is there when the notebook is opened again."""
    page = show(lab)
    form_of(page)
    card(page, "AVL-01").get_by_role("radio", name="Improvised").check()
    is_saved(page, "AVL-01")
    card(page, "AVL-01").get_by_text("Note and proof").press("Enter")
    card(page, "AVL-01").get_by_label("Note", exact=True).press_sequentially("Half a w")
    page.close(run_before_unload=False)

    again = show(lab)
    form_of(again)

    expect(card(again, "AVL-01").get_by_label("Note", exact=True)).to_have_value(
        "Half a w"
    )
    again.wait_for_function(NO_DRAFT)
    assert stored(case)["AVL-01"]["note"] == "Half a w"


def test_two_tabs_of_one_person_keep_both_answers(lab, case):
    """Answers to different questions from two tabs stand in one file."""
    first = show(lab)
    form_of(first)
    lab.write("second.ipynb", OPEN.format(who="data-engineer"), "workbook.form('AVL')")
    second = lab.open("second.ipynb")
    lab.run_all(second)
    form_of(second)

    card(first, "AVL-01").get_by_role("radio", name="Improvised").check()
    card(second, "AVL-02").get_by_role("radio", name="Partly in place").check()
    is_saved(first, "AVL-01")
    is_saved(second, "AVL-02")

    answers = {q: a["answer"] for q, a in stored(case).items()}
    assert answers == {"AVL-01": 1, "AVL-02": 2}


def test_change_underneath_is_shown_as_a_conflict(lab, case):
    """Another question's change is merged; the same question's waits for a choice."""
    page = show(lab)
    form_of(page)
    for name in ("AVL-01", "AVL-02"):
        card(page, name).get_by_role("radio", name="Improvised").check()
        is_saved(page, name)
        change_elsewhere(case, name, 0)
    change_elsewhere(case, "AVL-03", 4)

    for name, pick, kept in (("AVL-01", "Keep theirs", 0), ("AVL-02", "Use mine", 3)):
        question = card(page, name)
        question.locator("input[value='3']").check()
        expect(question.get_by_role("heading", name="Two versions")).to_be_visible()
        assert stored(case)[name]["answer"] == 0
        question.get_by_role("button", name=pick).click()
        expect(question.get_by_role("button", name=pick)).to_be_hidden()
        status = question.locator("> .foot > .status")
        expect(status).to_contain_text(re.compile("Saved|Kept what"))
        assert stored(case)[name]["answer"] == kept
    assert stored(case)["AVL-03"]["answer"] == 4


def test_second_tab_on_the_same_notebook_is_a_second_form(lab, case):
    """Both tabs save; the same question in both is a conflict, not a silent loss."""
    first = show(lab)
    form_of(first)
    lab.save(first)
    second = lab.open("form.ipynb")
    expect(second.locator(".rb-form[data-ready=yes]")).to_have_count(0)
    lab.run_all(second)
    form_of(second)

    card(first, "AVL-01").locator("input[value='1']").check()
    is_saved(first, "AVL-01")
    card(second, "AVL-02").locator("input[value='2']").check()
    is_saved(second, "AVL-02")
    card(second, "AVL-01").locator("input[value='4']").check()
    versions = card(second, "AVL-01").get_by_role("heading", name="Two versions")
    expect(versions).to_be_visible()

    answers = {q: a["answer"] for q, a in stored(case).items()}
    assert answers == {"AVL-01": 1, "AVL-02": 2}


def test_leaving_with_something_unsaved_warns(lab, case):
    """The browser asks before the page goes; with everything saved it does not."""
    page = show(lab)
    form_of(page)
    question = card(page, "AVL-01")
    question.get_by_role("radio", name="Improvised").check()
    is_saved(page, "AVL-01")
    lab.save(page)
    held = page.evaluate(
        "window.dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    )
    assert held is True
    question.get_by_text("Note and proof").press("Enter")
    question.get_by_label("Proof: where it lies").fill("file no. 7")
    expect(page.get_by_text("1 not saved yet")).to_be_visible()

    with page.expect_event("dialog") as asked:
        page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.dismiss()
    expect(question.get_by_label("Proof: where it lies")).to_have_value("file no. 7")
    assert "proof" not in stored(case)["AVL-01"]
