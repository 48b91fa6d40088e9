"""The room in JupyterLab: votes, the reveal, the agreement, and nothing of it lost."""

from __future__ import annotations

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from formpage import NO_DRAFT, change_elsewhere, read, room_of, show_room, stored
from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.model.bank import LEVEL_WORDS
from readybook.score.agenda import agenda
from readybook.score.score import score

PID = ("import os\nprint('pid', os.getpid())",)


def enter(page, *roles):
    """Come in with these roles, and return the room."""
    room = room_of(page)
    for role in roles:
        room.get_by_role("checkbox", name=role).check()
    room.get_by_role("button", name="Begin").click()
    room.locator("article").wait_for()
    return room


def go_to(room, question):
    """Go to a question by its id."""
    jump = room.get_by_role("combobox", name="Go to question")
    jump.select_option(jump.locator("option", has_text=question).get_attribute("value"))
    expect(room.locator("article")).to_have_attribute("data-question", question)


def go_on(room, is_there):
    """Go to the next question until it is the one that is looked for."""
    while not is_there():
        room.get_by_role("button", name="Next question").click()


def vote(room, role, answer):
    row = room.get_by_role("group", name=role)
    row.get_by_role("radio", name=re.compile(rf"^{answer}\b")).check()
    return row


def test_room_votes_then_sees_then_agrees(lab, case):
    """Each vote is its person's answer; what was agreed stands in agreed.yaml."""
    page = show_room(lab)
    expect(room_of(page).get_by_role("group")).to_have_accessible_name(
        "Who is in the room?"
    )
    assert violations(page) == []
    room = enter(page, "Data owner", "Domain expert")
    question = room.locator("article").get_attribute("data-question")
    bank = load_bank_for(case)
    first, *_ = agenda(score(bank, open_assessment(case, bank=bank)), bank)
    assert question == first.id
    timer = re.compile(rf"^0:\d\d of {first.minutes} minutes$")
    expect(room.get_by_role("timer")).to_have_text(timer)
    expect(room.locator(".reveal")).to_have_count(0)

    vote(room, "Data owner", 4)
    expect(room.get_by_role("button", name="1 to go")).to_be_disabled()
    vote(room, "Domain expert", 1)
    expect(room.get_by_role("status")).to_contain_text("Saved")
    room.get_by_role("button", name="Show what was hidden").click()
    expect(room.locator(".reveal")).to_contain_text("Answers lie apart")
    vote(room, "What we agreed", 2)
    because = room.locator(".agreement").get_by_label("Because")
    because.fill("It is written,")
    expect(room.get_by_role("status")).to_contain_text("agreed.yaml")
    expect(because).to_be_focused()
    because.press_sequentially(" and nobody signed it.")
    page.wait_for_function(NO_DRAFT)

    assert violations(page) == []
    settled = read(case, "answers/agreed.yaml")["settled"][question]
    assert settled["answer"] == 2
    assert settled["because"] == "It is written, and nobody signed it."
    assert settled["present"] == ["data-owner", "domain-expert"]
    assert stored(case, "data-owner")[question]["answer"] == 4
    assert stored(case, "domain-expert")[question]["answer"] == 1


def violations(page):
    found = Axe().run(page, context=".rb-form")
    return [violation["id"] for violation in found.response["violations"]]


def test_who_is_entered_can_be_chosen_at_once(lab, case):
    """Where nobody is known, room and form say where to enter roles, and follow it."""
    empty = "format: 1\nroles: []\nassets: []\n"
    (case / "stakeholders.yaml").write_text(empty, encoding="utf-8")
    page = show_room(lab, before=("workbook.edit('roles')", "workbook.form('AVL')"))
    room = page.locator(".chooser", has_text="Who is in the room?")
    form = page.locator(".chooser", has_text="Who is answering?")
    for chooser in (room, form):
        expect(chooser).to_contain_text("enter in notebook 5, under Roles,")
    expect(room.get_by_role("button", name="Begin")).to_have_count(0)

    roles = page.locator("[data-table=roles]")
    roles.get_by_role("button", name="Add a row: role").click()
    new = roles.locator("tbody").last
    new.get_by_role("combobox", name="Role").select_option("data-owner")
    new.locator("summary").first.click()
    new.get_by_role("checkbox", name="data-owner").check()

    expect(form.get_by_role("radio", name="Data owner")).to_be_visible()
    room.get_by_role("checkbox", name="Data owner").check()
    room.get_by_role("button", name="Begin").click()
    expect(page.locator("article.room")).to_be_visible()


def test_room_names_each_group_and_option_and_keeps_what_files_hold(lab, case):
    """A row is its person's; a vote leaves the note in the person's file as it is."""
    change_elsewhere(case, "AVL-01", 3, who="data-owner")
    page = show_room(lab)
    room = enter(page, "Data owner", "Domain expert")
    go_to(room, "AVL-01")
    for role in ("Data owner", "Domain expert"):
        row = room.get_by_role("group", name=re.compile(f"^{role}"))
        named = [row.get_by_role("radio", name=word).first for word in LEVEL_WORDS]
        for option in (*named, row.get_by_role("radio", name="we don't know")):
            expect(option).to_have_count(1)
    expect(room.get_by_role("group", name="Data owner")).to_contain_text(
        "has answered before"
    )
    expect(room.get_by_role("radio", checked=True)).to_have_count(0)

    vote(room, "Data owner", 1)
    expect(room.get_by_role("status")).to_contain_text("Saved")
    answer = stored(case, "data-owner")["AVL-01"]
    assert answer["answer"] == 1
    assert answer["first"] == 3
    assert answer["note"] == "Of before."


def test_room_without_a_kernel_keeps_votes_reasons_and_agreement(lab, case):
    """What is given while the kernel is dead is saved when the room is opened again."""
    page = show_room(lab, before=PID)
    room = enter(page, "Data owner", "Domain expert")
    waived = room.get_by_role("radio", name="does not apply")
    go_on(room, waived.count)
    question = room.locator("article").get_attribute("data-question")
    vote(room, "Data owner", 4)
    vote(room, "Domain expert", 2)
    expect(room.get_by_role("status")).to_contain_text("Saved")
    room.get_by_role("button", name="Show what was hidden").click()
    room.locator(".agreement").wait_for()

    shown = page.locator(".jp-OutputArea-output", has_text="pid").inner_text()
    lab.kill_kernel(int(shown.split()[1]))
    row = vote(room, "Domain expert", "does not apply")
    row.get_by_label("Why it does not apply").select_option("other")
    row.get_by_label("In words").fill("Bought as it is.")
    room.locator(".agreement").get_by_label("Because").fill("Half a thou")
    expect(room.get_by_text(f"Not saved yet: {question}")).to_be_visible()
    page.close(run_before_unload=False)

    again = show_room(lab)
    left = room_of(again).get_by_role("checkbox", name="Domain expert")
    expect(left).to_be_checked()
    room = enter(again, "Data owner")
    expect(room.locator("article")).to_have_attribute("data-question", question)
    expect(
        room.get_by_role("group", name="Domain").get_by_role(
            "radio", name="does not apply"
        )
    ).to_be_checked()
    room.get_by_role("button", name="Show what was hidden").click()
    because = room.locator(".agreement").get_by_label("Because")
    expect(because).to_have_value("Half a thou")
    vote(room, "What we agreed", 2)
    again.wait_for_function(NO_DRAFT)

    given = stored(case, "domain-expert")[question]
    assert given["answer"] == "does-not-apply"
    assert (given["reason"], given["because"]) == ("other", "Bought as it is.")
    settled = read(case, "answers/agreed.yaml")["settled"][question]
    assert (settled["answer"], settled["because"]) == (2, "Half a thou")
