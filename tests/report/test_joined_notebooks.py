"""Notebooks that were run: stripped of what leaks, and joined into one."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from readybook.report.render import CHAPTERS, SUMMARY, join_notebooks, strip


def markdown(source, *tags):
    return nbformat.v4.new_markdown_cell(source, metadata={"tags": list(tags)})


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def test_stripped_notebook_keeps_nothing_of_the_run():
    """Neither folders nor timings nor which Python ran it; what was shown stays."""
    shown = nbformat.v4.new_code_cell("show()", metadata={
        "papermill": {"duration": 1}, "execution": {"t": "1"}, "collapsed": True,
        "scrolled": True, "tags": ["kept"],
    })  # fmt: skip
    given = nbformat.v4.new_code_cell(
        'assessment = "/home/me"', metadata={"tags": ["injected-parameters"]}
    )
    ran = notebook(given, shown)
    ran.metadata |= {"papermill": {}, "widgets": {}, "language_info": {"version": "3"}}
    stripped = strip(ran, Path("/home/me/case"))

    assert [cell.source for cell in stripped.cells] == ["show()"]
    assert stripped.cells[0].metadata == {"tags": ["kept"]}
    assert stripped.metadata == {"language_info": {"name": "python"}}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("/a", "a"),
        ("/a/answers/x.yaml:3", "a/answers/x.yaml:3"),
        ("see '/a'", "see 'a'"),
        ("</a>", "</a>"),
        ("docs/a and /a-b and /a.b", "docs/a and /a-b and /a.b"),
    ],
)
def test_stripped_output_names_a_folder_without_its_path(said, kept):
    """Only the path of the case itself is shortened, wherever an output holds it."""
    cell = nbformat.v4.new_code_cell("show()")
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data", {"text/html": said, "application/json": {"b": [said]}}
        )
    ]

    [output] = strip(notebook(cell), Path("/a")).cells[0].outputs

    assert output.data == {"text/html": kept, "application/json": {"b": [kept]}}


@pytest.fixture
def joined():
    executed = {
        name: notebook(markdown(f"# {name}\n\n## Part"), markdown("Not on a page",
                                                                  "notebook-only"))
        for name in CHAPTERS
    }  # fmt: skip
    executed[SUMMARY] = notebook(
        markdown("# Summary"), markdown("## Method", "appendix"), markdown("## Verdict")
    )
    return [cell.source for cell in join_notebooks(executed).cells]


def test_chapters_stand_between_summary_and_appendix(joined):
    """In the order in which they are numbered."""
    assert joined[0] == "## Verdict"
    assert [one.split()[1] for one in joined[1:-1]] == list(CHAPTERS)
    assert joined[-1] == "## Method"


def test_page_has_one_title_and_no_cell_for_notebooks_only(joined):
    """Headings of chapters move down by one; the summary's title goes."""
    assert joined[1] == "## 1-scope\n\n### Part"
    assert not any(one.startswith("# ") for one in joined)
    assert "Not on a page" not in joined


def test_brief_page_has_the_verdict_and_the_parts_that_are_tagged():
    """What stands before the first part, and no chapter."""
    told = notebook(
        markdown("# Summary"),
        markdown("verdict"),
        markdown("## Stops", "brief"),
        markdown("what stops"),
        markdown("## Stands"),
        markdown("where it stands"),
        markdown("## Method", "appendix"),
    )

    joined = join_notebooks({SUMMARY: told}, brief=True)
    assert [cell.source for cell in joined.cells] == [
        "verdict",
        "## Stops",
        "what stops",
    ]


@pytest.mark.parametrize(
    ("finding", "told"),
    [
        ("What was looked at: 7 rows", ""),  # which tells nobody anything
        ("What was looked at: 7 of 9", "7 of 9"),
        ("5 keys unique\nof 6", "5 keys unique"),
        ("What was looked at", "What was looked at"),
    ],
)
def test_fold_tells_what_it_holds_without_its_heading_again(finding, told):
    """The heading stands before it."""
    shown = nbformat.v4.new_code_cell("show()")
    shown.outputs = [nbformat.v4.new_output("display_data", {"text/plain": finding})]
    executed = {name: notebook() for name in CHAPTERS} | {
        SUMMARY: notebook(markdown("# Summary"), markdown("## 1 Data"),
                          markdown("### What was looked at"), shown)
    }  # fmt: skip

    [*_, heading, _] = join_notebooks(executed).cells
    assert heading.metadata["fold"]["shows"] == told


def test_chapter_says_how_its_gates_stand():
    """Whoever sees one open and another closed reads why."""
    shown = nbformat.v4.new_code_cell("show()")
    gates = "".join(
        f"<i>gate {state}</i>" for state in ("passed", "undecided", "passed", "failed")
    )
    html = f'<details class="q" id="A" open>{gates}</details>'
    shown.outputs = [nbformat.v4.new_output("display_data", {"text/html": html})]
    executed = {name: notebook() for name in CHAPTERS} | {
        SUMMARY: notebook(markdown("# Summary"), markdown("## 1 Data"), shown,
                          markdown("## 2 None"))
    }  # fmt: skip

    first, _, second = join_notebooks(executed).cells
    assert first.metadata["fold"]["gates"] == "Gates: 2 passed, 1 failed, 1 undecided"
    assert first.metadata["fold"]["open"]
    assert second.metadata["fold"]["gates"] == ""
