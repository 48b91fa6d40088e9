"""A whole workshop in JupyterLab: many roles, a restart in the middle, a milestone."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from formpage import NO_DRAFT, card, is_saved, show, stored
from readybook.case.open import today

PEOPLE = ("business-owner", "data-owner", "data-engineer", "data-scientist",
          "domain-expert", "platform-lead", "legal")  # fmt: skip
QUESTIONS = ("AVL-01", "AVL-02")


def begin(form, who):
    """Answer as somebody of the list, with the questions of all roles."""
    form.get_by_role("radio", name=re.compile(rf" {who}, ")).check()
    form.get_by_role("button", name="Begin").click()
    form.get_by_text(f"in answers/{who}.yaml").wait_for()
    form.get_by_role("radio", name=re.compile("^All")).check()


def press(page, name):
    """Press a button for long work, and wait until it is done."""
    job = page.get_by_role("group", name=name)
    job.get_by_role("button", name=name, exact=True).click()
    expect(job.get_by_role("status")).to_contain_text("Done.")


def test_workshop_of_seven_roles_loses_nothing_over_a_restart(lab, case):
    """What each one gave stands in its file, the half note too, and is frozen."""
    page = show(lab, who="", after=("workbook.buttons()",))
    form = page.locator(".rb-form:has(.chooser), .rb-form:has(.cards)")
    given: dict[str, dict[str, int]] = {}
    for at, who in enumerate(PEOPLE):
        if at:
            form.get_by_role("button", name="Answer as somebody else").click()
        begin(form, who)
        for number, question in enumerate(QUESTIONS):
            level = (at + number) % 5
            card(page, question).locator(f"input[value='{level}']").check()
            given.setdefault(who, {})[question] = level
            if at == len(PEOPLE) // 2 and number == 0:
                card(page, question).get_by_text("Note and proof").press("Enter")
                note = card(page, question).get_by_label("Note", exact=True)
                note.press_sequentially("Half a thou")
                form.evaluate("node => node.classList.add('before')")
                lab.restart(page)
                lab.run_all(page)
                expect(page.locator(".before")).to_have_count(0)
                form.get_by_text(f"in answers/{who}.yaml").wait_for()
                form.get_by_role("radio", name=re.compile("^All")).check()
                expect(note).to_have_value("Half a thou")
        is_saved(page, QUESTIONS[-1], f"answers/{who}.yaml")
    page.wait_for_function(NO_DRAFT)
    press(page, "Freeze a milestone")
    press(page, "Render the report")

    sheets = {who: stored(case, who) for who in PEOPLE}
    found = {
        who: {question: one["answer"] for question, one in sheet.items()}
        for who, sheet in sheets.items()
    }
    assert found == given
    assert sheets[PEOPLE[len(PEOPLE) // 2]]["AVL-01"]["note"] == "Half a thou"
    *_, frozen = sorted((case / "milestones").glob("*.json"))
    assert frozen.stem == today().isoformat()
    assert (case.parent / "reports" / "case.html").is_file()
