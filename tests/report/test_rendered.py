"""The worked example as its readers get it: one file, self-contained, the same twice."""

from __future__ import annotations

import json
import re
import shutil
import socket
from functools import cache
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe

from pictures import photograph
from readybook.cli.main import main
from readybook.model.errors import NotebookError
from readybook.report.page import NOTEBOOKS
from readybook.report.render import execute_notebook

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def example(tmp_path_factory, root):
    """A copy of the worked example, away from the checkout."""
    folder = tmp_path_factory.mktemp("somewhere") / "flight-delays"
    shutil.copytree(root / "templates" / "flight-delays", folder)
    return folder


@pytest.fixture(scope="session")
def reports(tmp_path_factory, example):
    """The folder into which the example was rendered once."""
    out = tmp_path_factory.mktemp("reports")
    assert main(["report", str(example), "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="session")
def page_text(reports):
    """The rendered page."""
    return (reports / "flight-delays.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def open_page(browser, reports):
    """Open the report at a width; returns the page and all that it said."""

    def opened(width, **more):
        page = browser.new_page(viewport={"width": width, "height": 800}, **more)
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda request: said.append(request.url))
        address = (reports / "flight-delays.html").as_uri()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return page, [one for one in said if one != address]

    return opened


@pytest.fixture(scope="module")
def seen(open_page):
    """Return the page of a width that all tests share, which only look at it."""
    return cache(open_page)


@pytest.fixture(scope="module")
def narrowed(open_page):
    """The page whose questions are narrowed, by one test after another."""
    page, _ = open_page(1280)
    page.get_by_label("not proven", exact=True).check()  # what is chosen is opened
    return page


def test_report_is_one_file_with_its_notebooks_and_result_beside_it(reports):
    """What can be mailed stands alone; the audit trail has its own folder."""
    written = sorted(p.relative_to(reports).as_posix() for p in reports.rglob("*.*"))

    assert written == [
        "flight-delays.html",
        "flight-delays/actions.csv",
        "flight-delays/made-from.json",
        "flight-delays/mail.txt",
        *(f"flight-delays/notebooks/{name}.ipynb" for name in NOTEBOOKS),
        "flight-delays/result.json",
        "flight-delays/row.json",
    ]


def test_two_runs_on_the_same_inputs_give_the_same_bytes(
    reports, root, tmp_path_factory
):
    """HTML, result and stripped notebooks, also from a folder elsewhere."""
    again = tmp_path_factory.mktemp("again")
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "flight-delays"
    shutil.copytree(root / "templates" / "flight-delays", elsewhere)
    assert main(["report", str(elsewhere), "--out", str(again)]) == 0

    differing = [
        path.name
        for path in reports.rglob("*.*")
        if path.read_bytes() != (again / path.relative_to(reports)).read_bytes()
    ]

    assert differing == []


def test_report_makes_no_request_and_logs_nothing(seen):
    """It opens from disk with no name resolved, and every chart is drawn."""
    page, said = seen(1280)
    page.wait_for_function(
        "document.querySelectorAll('.plot').length > 0 && "
        "[...document.querySelectorAll('.plot')].every(p => p.querySelector('svg'))"
    )

    assert said == []


def test_first_screen_is_photographed(seen, tmp_path):
    """The picture of the README shows what a reader of the example sees first."""
    page, _ = seen(1280)
    shown = page.locator("header.page-head, section.part-lead")

    photograph(page, shown, "report", tmp_path, whole=True)


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_page_never_scrolls_sideways(seen, width):
    """Also on a phone."""
    page, _ = seen(width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("shown", "is_shown"),
    [
        ("all", lambda _: True),
        ("gates", lambda s: s["gate_state"]),
        ("gates not passed", lambda s: s["gate_state"] in {"failed", "undecided"}),
        ("contradicted", lambda s: s["contradicted"]),
        ("not proven", lambda s: not s["proven"] and s["status"] != "waved off"),
    ],
)
def test_reader_can_narrow_the_questions(narrowed, reports, shown, is_shown):
    """One choice above the chapters hides what is not asked for."""
    body = json.loads((reports / "flight-delays" / "result.json").read_text("utf-8"))
    asked = [s for s in body["result"]["standings"] if s["status"] != "not asked"]
    expected = [s["question"]["id"] for s in asked if is_shown(s)]
    narrowed.get_by_label(shown, exact=True).check()
    visible = narrowed.locator("details.q:visible")

    assert sorted(one.get_attribute("id") for one in visible.all()) == sorted(expected)


def test_tables_are_tables_for_a_screen_reader_on_a_phone(seen):
    """Parts that are laid out as blocks still say what they are."""
    page, _ = seen(360)
    table = page.get_by_role("table", name=re.compile("^Four dimensions"))
    row = table.get_by_role("row").nth(1)

    assert row.get_by_role("rowheader").count() == 1
    assert row.get_by_role("cell").count() == 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(open_page, scheme):
    """WCAG rules that a program can check hold in both colour schemes."""
    page, _ = open_page(1280, color_scheme=scheme, bypass_csp=True)
    found = Axe().run(page)

    assert found.violations_count == 0, found.generate_report()


def test_page_has_one_h1_and_skips_no_heading(page_text):
    """The outline can be walked by a screen reader."""
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", page_text)]

    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))


def test_leadership_part_is_complete_without_scripts(browser, reports):
    """Verdict, dimensions and gates are plain HTML."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((reports / "flight-delays.html").as_uri())
    text = page.inner_text("body")
    context.close()

    assert "Not ready for production" in text
    assert "Who decides what" in text
    assert "What stops us" in text


def test_report_stays_within_its_size(page_text):
    """2.3 MB in all, 220 KiB of it not plotly.js."""
    plotly = max(re.findall(r"[A-Za-z0-9+/=]{1000,}", page_text), key=len)

    assert len(page_text.encode()) < 2_300_000
    assert len(page_text.encode()) - len(plotly) < 220 * 1024


def test_leadership_reads_two_pages_and_decides_on_the_first(open_page):
    """What stops the case, what ends it, when and at what cost stand on one page."""
    page, _ = open_page(1280)
    papers = ("A4", "Letter")
    page.add_style_tag(
        content=".contents, .chapter, .back, .page-foot { display: none }"
    )
    whole = [page.pdf(format=one, prefer_css_page_size=True) for one in papers]
    page.add_style_tag(content=".lead-part { display: none }")
    band = [page.pdf(format=one, prefer_css_page_size=True) for one in papers]

    assert [len(re.findall(rb"/Type /Page\b", one)) for one in band] == [1, 1]
    assert [len(re.findall(rb"/Type /Page\b", one)) for one in whole] == [2, 2]


def test_paper_has_what_is_open_and_all_of_it_where_that_is_ticked(open_page):
    """A director prints some sheets; whoever needs the proof on paper has it, too."""
    page, _ = open_page(1280)

    def sheets():
        return len(re.findall(rb"/Type /Page\b", page.pdf(format="A4")))

    page.emulate_media(media="print")
    failed, passed = (page.locator(f"#{one} dl") for one in ("AVL-02", "OWN-03"))
    shown = sheets()
    assert (failed.is_visible(), passed.is_visible()) == (True, False)
    assert shown <= 6
    page.emulate_media(media="screen")
    page.get_by_label("On paper, print what is closed").check()
    page.emulate_media(media="print")
    assert passed.is_visible()
    assert sheets() > 4 * shown


def test_leadership_reads_three_screens_and_the_proof_is_folded(seen):
    """All before the proof; what failed is open, and the whole is fourteen screens."""
    page, _ = seen(1280)
    end = page.locator(".lead-part").last.bounding_box()
    height = page.evaluate("document.documentElement.scrollHeight")

    assert end["y"] + end["height"] <= 3 * 900
    assert height <= 14 * 900


def test_chapters_are_opened_by_what_failed(seen, reports):
    """A gate that fails is open, and all that it stands in; what did not is closed."""
    body = json.loads((reports / "flight-delays" / "result.json").read_text("utf-8"))
    failed = [
        s["question"]["id"]
        for s in body["result"]["standings"]
        if s["gate_state"] == "failed"
    ]
    page, _ = seen(1280)
    questions = page.locator("details.q[open]:visible")
    chapters = page.locator("details.chapter[open]")

    assert [one.get_attribute("id") for one in questions.all()] == failed
    assert 0 < chapters.count() <= len(failed)


def test_link_opens_what_it_leads_to(open_page):
    """However deep it is folded."""
    page, _ = open_page(1280)
    page.evaluate("location.hash = '#OWN-03'")
    page.wait_for_function("document.getElementById('OWN-03').open")

    assert page.locator("#OWN-03 dl").is_visible()


def everything(reports):
    """All that was written, as one text."""
    return "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted(reports.rglob("*.*"))
        if path.is_file()
    )


def test_nothing_written_names_the_machine_or_a_path(reports, example, root):
    """No absolute path, host or home folder leaves the machine that rendered."""
    text = everything(reports)
    secrets = [str(example.parent), str(root), str(Path.home()), socket.gethostname()]

    assert [secret for secret in secrets if len(secret) > 3 and secret in text] == []


def test_private_notes_are_in_nothing_that_is_written(reports, example):
    """A note that is marked private enters no artefact, notebooks included."""
    sheet = (example / "answers" / "data-engineer.yaml").read_text(encoding="utf-8")
    note = re.search(r"note: (.+)\n    private: true", sheet)[1]

    assert note not in everything(reports)


def test_leadership_edition_names_no_respondent(page_text, example):
    """Who said what stays in the team's edition."""
    second = "data-engineer-weather"
    assert (example / "answers" / f"{second}.yaml").exists()

    assert second not in page_text


def test_kept_notebooks_hold_no_parameters_and_no_timings(reports):
    """papermill's and the widgets' metadata are stripped."""
    for path in (reports / "flight-delays" / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        keys = {key for cell in notebook.cells for key in cell.metadata}

        assert set(notebook.metadata) <= {"kernelspec", "language_info"}
        assert keys <= {"tags"}


def test_failing_cell_is_named_with_its_source_and_the_notebook_is_kept(tmp_path):
    """The half-run notebook stays, the message says which cell and why."""
    with pytest.raises(NotebookError) as failed:
        execute_notebook(
            "6-summary", folder=tmp_path / "nowhere", into=tmp_path, parameters={}
        )

    assert str(failed.value).startswith("6-summary.ipynb: cell ")
    assert "open_workbook(" in str(failed.value)
    assert "nowhere" in str(failed.value)
    kept = (tmp_path / "6-summary.ipynb").read_text(encoding="utf-8")
    assert "InvalidInputError" in kept
    assert str(tmp_path) not in kept + str(failed.value)
    assert "site-packages" not in kept


def test_result_json_says_what_the_page_says(reports, page_text):
    """Machines read the same verdict as people, and no name."""
    body = json.loads((reports / "flight-delays" / "result.json").read_text("utf-8"))

    assert body["result"]["headline"] in page_text
    assert "respondent" not in json.dumps(body)
