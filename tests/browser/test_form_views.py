"""What the form shows in JupyterLab, and what can be said beside the plain answer."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from formpage import (
    NO_DRAFT,
    OPEN,
    card,
    change_elsewhere,
    form_of,
    is_saved,
    read,
    room_of,
    show,
    stored,
)
from readybook import open_workbook
from readybook.edit.tables import TABLES
from typed_case import write_typed

#: What reaches beyond the notebook, or can be scrolled sideways; a field may be.
WIDER = """() => {
  const edge = document.querySelector(".jp-NotebookPanel-notebook")
    .getBoundingClientRect().right;
  return [...document.querySelectorAll(".rb-form, .rb-form *")]
    .filter((node) => !node.matches("input, textarea, select, option"))
    .filter((node) => node.checkVisibility() && !node.closest(".quiet"))
    .filter((node) => node.getBoundingClientRect().right > edge + 1
      || (node.scrollWidth > node.clientWidth + 1
        && ["auto", "scroll"].includes(getComputedStyle(node).overflowX)))
    .map((node) => `${node.closest(".rb-form").dataset.table ?? "form"} `
      + `${node.tagName} ${node.className} ${node.textContent.slice(0, 40)}`)
    .slice(0, 20);
}"""


def violations(page):
    found = Axe().run(page, context=".rb-form")
    return [violation["id"] for violation in found.response["violations"]]


def ids(form):
    cards = form.locator("article:visible")
    return cards.evaluate_all("nodes => nodes.map((node) => node.dataset.question)")


@pytest.mark.usefixtures("case")
def test_form_has_no_axe_violation_and_names_groups_and_options(lab):
    """axe finds nothing; the accessibility tree names each question and answer."""
    page = show(lab)
    form = form_of(page)
    card(page, "AVL-01").get_by_role("radio", name="Improvised").check()
    is_saved(page, "AVL-01")
    page.get_by_text("What others answered").first.wait_for()
    other = card(page, "AVL-02")
    other.locator("input[value='does-not-apply'], input[value='0']").last.check()
    other.get_by_text("Note and proof").press("Enter")
    page.get_by_text("I have seen the document").first.click()
    form.get_by_text("The case: ").click()

    assert violations(page) == []
    for shown in form.locator("article:visible").all():
        group = shown.get_by_role("group").first
        expect(group).to_have_accessible_name(re.compile(r"^[A-Z]{3}-\d\d .+\?$"))
        for option in shown.get_by_role("radio").all():
            expect(option).to_have_accessible_name(re.compile(r"\w{4}"))
    assert form.aria_snapshot().count("radio") > 50


def test_no_form_scrolls_sideways_on_a_phone(lab):
    """A word of 400 letters in each field breaks, in what is open and what folds."""
    write_typed(lab.folder / "case", " " + "w" * 400)
    forms = ["form('AVL')", "room()", "buttons()"]
    forms += [f"edit({name!r})" for name in TABLES]
    shown = ", ".join(f"workbook.{form}" for form in forms)
    lab.write("phone.ipynb", OPEN.format(who="data-owner"), f"display({shown})")
    page = lab.open("phone.ipynb")
    lab.command(page, "application:toggle-left-area")
    page.set_viewport_size({"width": 360, "height": 800})
    lab.run_all(page)
    ready = page.locator(".rb-form[data-ready=yes]")
    expect(ready).to_have_count(len(forms) - 1)  # buttons need nothing to be ready
    page.evaluate("document.querySelectorAll('details').forEach((d) => d.open = true)")

    wider = page.evaluate(WIDER)
    lab.command(page, "application:toggle-left-area")  # as the next test expects it

    assert wider == []


def test_nothing_anchors_before_the_first_answer(lab, case):
    """Measured, others and gate appear beside an answer only once it is given."""
    change_elsewhere(case, "AVL-03", 0)
    told = 'workbook.show("questions", "AVL")'
    page = show(lab, who="data-owner", after=(told,))
    form = form_of(page)
    folded = page.locator(".jp-OutputArea-output").get_by_role("group").last
    expect(folded).to_contain_text("Folded: answer first, and open it at the reveal")
    expect(page.get_by_text("Data engineer: missing")).to_be_hidden()
    expect(form.get_by_text("What others answered")).to_have_count(0)
    expect(form.get_by_text("Gate undecided")).to_have_count(0)
    expect(form.get_by_text("Not ready")).to_have_count(0)

    question = card(page, "AVL-03")
    question.locator("input[value='3']").check()

    shown = question.locator(".reveal")
    expect(shown).to_contain_text("Data engineer: missing")
    expect(shown).to_contain_text("Answers lie apart: missing to in place.")
    expect(shown).to_contain_text("SWF")
    expect(shown).to_contain_text("Gate failed")
    expect(page.locator(".reveal")).to_have_count(1)
    standing = form.locator(".standing")
    expect(standing).to_contain_text("folded until you have answered")
    expect(standing.locator(".verdict")).to_be_hidden()
    standing.get_by_text("Where the case stands").click()
    expect(standing.locator(".verdict")).to_contain_text("production")
    question.locator("input[value='1']").check()
    expect(question).to_contain_text(re.compile("Your first answer was: 3 . in place"))


def test_who_answers_is_chosen_once_and_remembered(lab, case):
    """Somebody new is added with a role; other forms and the next time know it."""
    page = show(lab, who="", after=("workbook.form('QLT')",))
    expect(page.locator(".chooser")).to_have_count(2)
    chooser = page.locator(".chooser").first
    expect(chooser).to_contain_text("Who will see what")
    expect(chooser.get_by_role("radio", checked=True)).to_have_count(0)
    begin = chooser.get_by_role("button", name="Begin")
    begin.click()
    expect(chooser.get_by_role("alert")).to_have_text("Choose who is answering.")
    chooser.get_by_role("radio", name="Somebody else").check()
    assert violations(page) == []
    expect(chooser.get_by_role("group", name="Who is answering?")).to_be_visible()
    for option in chooser.get_by_role("radio").all():
        expect(option).to_have_accessible_name(re.compile(r"\w{4}"))

    role = chooser.get_by_role("combobox", name="Role")
    role.select_option("data-owner")
    chooser.get_by_label("Name of the file").fill("clerk")
    begin.click()
    expect(chooser.get_by_role("alert")).to_contain_text("this role to data-owner. To")
    role.select_option("security")
    chooser.get_by_label("Name of the file").fill("security")
    begin.press("Enter")
    ready = page.locator(".rb-form[data-ready=yes]")
    first, second = ready.first, ready.last
    expect(ready).to_have_count(2)
    expect(second.locator(".who")).to_contain_text("Answering as Security")
    expect(first.locator(".who > p")).to_be_focused()
    first.get_by_role("radio", name=re.compile("^All")).check()
    card(page, "AVL-01").locator("input[value='2']").check()
    is_saved(page, "AVL-01", "answers/security.yaml")

    lab.run_cell(page, 1)
    expect(ready.first).to_contain_text("Answering as Security")
    assert stored(case, "security")["AVL-01"]["answer"] == 2


def test_filters_and_the_switch_choose_what_is_shown(lab, case):
    """Mine, open, gates, splits and due again; every question is one switch away."""
    change_elsewhere(case, "AVL-03", 0)
    change_elsewhere(case, "AVL-03", 3, who="data-owner")
    path = case / "answers" / "data-engineer.yaml"
    text = path.read_text(encoding="utf-8").replace("2026-01-05", "2020-01-05")
    path.write_text(text, encoding="utf-8")
    page = show(lab)
    mine_at_first = ids(room_of(page))
    form = form_of(page)
    page.locator(".reveal").wait_for()

    def chosen(name):
        form.get_by_role("radio", name=re.compile(rf"^{name} \(\d+\)$")).check()
        count = form.get_by_role("radio", name=re.compile(f"^{name} ")).locator(
            "+ span"
        )
        expect(count).to_have_text(f"{name} ({len(ids(form))})")
        return ids(form)

    every = chosen("All")
    assert chosen("Splits") == ["AVL-03"]
    assert chosen("Due again") == ["AVL-03"]
    assert chosen("Open") == [name for name in every if name != "AVL-03"]
    assert chosen("Gates")
    for name in chosen("Gates"):
        expect(card(page, name).locator(".tag")).to_have_text("Gate")
    mine = chosen("Mine")
    for name in mine:
        expect(card(page, name).locator(".tags")).to_contain_text("Your answer counts")
    assert 0 < len(mine) < len(every)
    assert mine == mine_at_first

    chosen("All")
    assert "AVL-07" not in every
    form.get_by_role("checkbox", name="Every question").check()
    expect(card(page, "AVL-07")).to_be_visible()
    assert len(ids(form)) > len(every)
    expect(form.get_by_text("Shown on this page only")).to_be_visible()
    assert read(case, "assessment.yaml")["track"] == "starter"


def test_scope_facts_and_track_are_chosen_beside_the_questions(lab, case):
    """They are saved to assessment.yaml; questions appear and disappear with them.

    What is chosen above one section's questions is chosen above another's, too.
    """
    page = show(lab, after=("workbook.form('QLT')",))
    form = form_of(page)
    beside = page.locator(".rb-form[data-ready=yes]:has([data-question=QLT-01])")
    expect(beside.locator(".case .state")).to_contain_text("starter track")
    expect(card(page, "AVL-07")).to_be_hidden()
    form.get_by_text("The case: ").click()
    track = form.get_by_role("group", name="Which questions does the team answer?")
    track.get_by_role("radio", name="Full").check()
    expect(
        form.get_by_text(re.compile(r"Saved .* to assessment\.yaml"))
    ).to_be_visible()
    expect(card(page, "AVL-07")).to_be_visible()
    expect(form.get_by_text("Now asked: every question")).to_be_visible()
    expect(beside.locator(".case .state")).to_contain_text("full track")
    expect(beside.get_by_role("checkbox", name="Every question")).to_be_checked()

    origin = form.locator("[data-choice='facts.model-origin']")
    origin.get_by_role("radio", name="Bought").check()
    expect(card(page, "AVL-05")).to_be_hidden()
    expect(
        form.get_by_text(re.compile(r"Now asked: \d+ questions? fewer"))
    ).to_be_visible()
    origin.get_by_role("radio", name="Not declared").check()
    expect(card(page, "AVL-05")).to_be_visible()
    expect(form.locator(".case .state")).to_contain_text("1 of 5 scope facts not")
    phase = form.locator("[data-choice=phase]")
    phase.get_by_role("radio", name="Pilot").check()
    expect(phase.get_by_role("status")).to_contain_text("Saved")

    held = read(case, "assessment.yaml")
    assert (held["phase"], held["track"]) == ("pilot", "full")
    assert "model-origin" not in held["facts"]
    text = (case / "assessment.yaml").read_text(encoding="utf-8")
    assert "# a wrong prediction costs minutes, not safety" in text


def test_document_that_was_seen_is_confirmed_and_taken_back(lab, case):
    """Another role says what the document shows; half of it waits in the browser."""
    page = show(lab, who="platform-lead")
    form_of(page)
    question = card(page, "AVL-03")
    question.get_by_text("I have seen the document").click()
    confirm = question.locator(".confirm")
    confirm.get_by_label("The document that you saw").fill("Data sheet, version 2")
    expect(confirm.get_by_role("status")).to_contain_text("Kept in this browser")
    confirm.get_by_label("It shows at least").select_option("3")
    saved = re.compile(r"Saved \d\d:\d\d to answers/platform-lead.yaml")
    expect(confirm.get_by_role("status")).to_have_text(saved)
    sheet = read(case, "answers/platform-lead.yaml")
    assert sheet["confirms"]["AVL-03"]["level"] == 3
    assert sheet["confirms"]["AVL-03"]["saw"] == "Data sheet, version 2"
    assert "AVL-03" not in sheet["answers"]

    confirm.get_by_role("button", name="Take it back").click()
    expect(confirm.get_by_role("status")).to_contain_text("Removed")
    assert not read(case, "answers/platform-lead.yaml")["confirms"]
    page.wait_for_function(NO_DRAFT)


def test_private_note_enters_no_report_and_no_notebook(lab, case):
    """It stands in the person's file alone; a note beside it is shown to the team."""
    page = show(lab)
    form_of(page)
    for name, note in (("AVL-01", "Secret of ours"), ("AVL-02", "Said to all")):
        question = card(page, name)
        question.get_by_role("radio", name="Improvised").check()
        question.get_by_text("Note and proof").press("Enter")
        question.get_by_label("Note", exact=True).fill(note)
        if name == "AVL-01":
            question.get_by_label("Private: this note enters no report").check()
        page.keyboard.press("Tab")
    page.wait_for_function(NO_DRAFT)
    notebook = lab.save(page)

    given = stored(case)
    assert given["AVL-01"]["private"] is True
    assert given["AVL-01"]["note"] == "Secret of ours"
    shown = open_workbook(str(case), edition="team").show("questions", "AVL").html
    assert "Said to all" in shown
    assert "Secret of ours" not in shown
    assert "widgets" not in notebook["metadata"]
    for said in ("Secret of ours", "Said to all", "Improvised"):
        assert said not in str(notebook)


def test_does_not_apply_asks_for_its_reason(lab, case):
    """It is saved at once, and counts as open until reason and text are there."""
    page = show(lab, section="PRV", who="platform-lead")
    form_of(page)
    option = page.locator("article:visible input[value='does-not-apply']").first
    name = option.evaluate("node => node.closest('article').dataset.question")
    question = card(page, name)

    option.check()
    expect(question.get_by_role("status")).to_contain_text("counts as open until")
    question.get_by_label("Why it does not apply").select_option("out-of-scope")
    question.get_by_label("In words").fill("No machine of ours is used.")
    if question.get_by_label("Approved by").count():
        question.get_by_label("Approved by").select_option("sponsor")
    expect(question.get_by_role("status")).to_have_text(
        re.compile(r"^Saved \d\d:\d\d to answers/platform-lead.yaml\.$")
    )

    answer = stored(case, "platform-lead")[name]
    assert answer["reason"] == "out-of-scope"
    assert answer["because"] == "No machine of ours is used."


def test_old_answer_is_redated_in_one_click(lab, case):
    """ "Still true" keeps the answer and gives it today's date."""
    change_elsewhere(case, "AVL-01", 3)
    page = show(lab)
    path = case / "answers" / "data-engineer.yaml"
    text = path.read_text(encoding="utf-8").replace("2026-01-05", "2020-01-05")
    path.write_text(text, encoding="utf-8")
    form_of(page)
    lab.run_cell(page, 1)

    form = form_of(page)
    form.get_by_role("radio", name=re.compile("^Due again")).check()
    expect(form.locator("article:visible")).to_have_count(1)
    card(page, "AVL-01").get_by_role("button", name="Still true").click()
    is_saved(page, "AVL-01")

    assert stored(case)["AVL-01"]["answer"] == 3
    assert str(stored(case)["AVL-01"]["date"]) > "2020-01-05"


def test_proof_is_saved_once_it_is_whole(lab, case):
    """Half a proof waits in the browser and says what it lacks."""
    page = show(lab)
    form_of(page)
    question = card(page, "AVL-01")
    question.locator("input[value='3']").check()
    is_saved(page, "AVL-01")
    question.get_by_text("Note and proof").press("Enter")
    question.get_by_label("Proof: where it lies").fill("file no. 7")
    expect(question.get_by_role("status")).to_contain_text("needs its document's date")
    question.get_by_label("Date of the document").fill("2026-10-05")
    is_saved(page, "AVL-01")
    page.wait_for_function(NO_DRAFT)

    assert stored(case)["AVL-01"]["proof"]["reference"] == "file no. 7"
