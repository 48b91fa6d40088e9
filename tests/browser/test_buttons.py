"""The buttons of the notebooks, pressed in JupyterLab."""

from __future__ import annotations

import json
import re
import time

import psutil
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from formpage import form_of

OPEN = (
    "from readybook import open_workbook\n"
    "workbook = open_workbook('case', respondent='data-engineer')"
)


def show(lab, *cells):
    """Open a notebook with these cells after the opening one, and run it."""
    lab.write("buttons.ipynb", OPEN, *cells)
    page = lab.open("buttons.ipynb")
    lab.run_all(page)
    return page


def job(page, name):
    return page.get_by_role("group", name=name)


def test_machine_is_probed_while_the_form_goes_on_saving(lab, case):
    """A press starts it, the form answers meanwhile, and the end is told in words."""
    page = show(lab, "workbook.buttons()", "workbook.form('AVL')")
    form_of(page)
    probe = job(page, "Probe this machine")
    probe.get_by_label("Which machine is this?").select_option("this-machine")
    probe.get_by_role("button", name="Probe this machine").click()
    question = page.locator("[data-question=AVL-01]")
    question.get_by_role("radio", name="Partly in place").check()

    expect(question.get_by_role("status")).to_have_text(re.compile("^Saved "))
    expect(probe.get_by_role("status")).to_contain_text("Done.")
    assert (case / "evidence" / "this-machine.json").is_file()


def held(case, verb):
    """Return the process that runs a verb on a case, held as soon as it is there."""
    patience = time.monotonic() + 30
    while time.monotonic() < patience:
        for one in psutil.process_iter(["cmdline", "cwd"]):
            if verb in (one.info["cmdline"] or []) and one.info["cwd"] == str(
                case.parent
            ):
                one.suspend()
                return one
    pytest.fail(f"no process runs {verb} in {case.parent}")


def test_report_can_be_stopped_and_says_so(lab, case):
    """The Stop button stands there while it runs, and leaves nothing half done.

    Each button is in a group with its name; axe-core finds nothing wrong.
    """
    page = show(lab, "workbook.buttons()")
    report = job(page, "Render the report")
    report.wait_for()
    assert Axe().run(page, context=".rb-buttons").response["violations"] == []
    stop = report.get_by_role("button", name="Stop: Render the report")
    expect(stop).to_be_hidden()
    report.get_by_role("button", name="Render the report", exact=True).click()
    process = held(case, "report")
    expect(stop).to_be_visible()
    stop.click()
    expect(report.get_by_role("status")).to_have_text("Stopping.")
    process.resume()

    expect(report.get_by_role("status")).to_have_text(
        "Stopped; what was finished is kept."
    )
    expect(stop).to_be_hidden()
    assert not (case.parent / "reports" / "case.html").exists()


def test_milestone_gets_a_name_and_the_report_is_a_link(lab, case):
    """One of the day is replaced only where the box says so; the page opens beside."""
    page = show(lab, "workbook.buttons()")
    milestone = job(page, "Freeze a milestone")
    press = milestone.get_by_role("button", name="Freeze a milestone", exact=True)
    says = milestone.get_by_role("status")
    milestone.get_by_label("What people call it").fill("After the workshop")
    press.click()
    expect(says).to_contain_text("Done.")
    milestone.get_by_label("What people call it").fill("--replace")
    press.click()
    expect(says).to_contain_text("It did not succeed")
    milestone.get_by_role("checkbox").check()
    press.click()
    expect(says).to_contain_text("Done.")
    report = job(page, "Render the report")
    report.get_by_role("button", name="Render the report", exact=True).click()
    link = report.get_by_role("link", name="Open the report")
    expect(link).to_have_css("text-decoration-line", "underline")
    with page.expect_popup() as opened:
        link.click()
    try:
        main = opened.value.get_by_role("main")
        expect(main).to_contain_text("Not ready for production")
    finally:
        opened.value.close()

    *_, kept = sorted((case / "milestones").glob("*.json"))
    assert json.loads(kept.read_text(encoding="utf-8"))["name"] == "--replace"
