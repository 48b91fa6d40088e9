"""The template makes one page that asks the network for nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib

import nbformat
import pytest

from flight_case import SCOPE, flight_assessment, flight_bank
from readybook import __version__
from readybook.checks.findings import collect_findings
from readybook.report.page import heading_of, notebook_style, page_resources
from readybook.report.render import page_html
from readybook.show.fields import category_chart
from readybook.show.front import band, dimensions
from readybook.show.kit import theme
from shown import case_of, case_with, words_of

BANK = flight_bank()
CASE = flight_assessment()
SHOWN = case_of(CASE, BANK)


def cell(fragment):
    """A code cell that was run and showed the fragment."""
    code = nbformat.v4.new_code_cell("secret_source()")
    data = fragment._repr_mimebundle_()
    code.outputs = [nbformat.v4.new_output("display_data", data=data)]
    return code


def render(*cells, case=CASE):
    """The page of these cells."""
    return page_html(nbformat.v4.new_notebook(cells=list(cells)), heading_of(case))


def markdown(text, *tags):
    return nbformat.v4.new_markdown_cell(text, metadata={"tags": list(tags)})


@pytest.fixture(scope="module")
def page():
    """A page with a verdict, a chapter and a chart."""
    return render(
        cell(band.verdict_band(SHOWN)),
        markdown("## Where it stands"),
        cell(dimensions.dimensions_table(SHOWN)),
        markdown("## 1 Data availability\n\nWhat is there."),
        markdown("### Categories"),
        cell(category_chart(case_with(collect_findings(CASE)))),
    )


def scripts_of(page):
    """The content of every script that runs."""
    return re.findall(r"<script>(.*?)</script>", page, flags=re.DOTALL)


def test_page_has_no_address_outside_itself(page):
    """No link, script, style or picture is fetched."""
    without_plotly = re.sub(r"[A-Za-z0-9+/=]{1000,}", "", page)

    assert not re.search(r"""(src|href)=["']?(?!["'#])""", without_plotly)
    assert "http:" not in without_plotly
    assert "https:" not in without_plotly
    assert "@import" not in page
    assert "secret_source" not in page


def test_policy_lets_only_the_two_scripts_run(page):
    """Their hashes are those of what the page holds, as it was written."""
    policy = re.search(
        r'Content-Security-Policy"?[^>]*content="([^"]+)"|'
        r'content="([^"]+)"[^>]*Content-Security-Policy',
        page,
    )
    packed = re.search(r'id="plotlyjs"[^>]*>([^<]+)<', page).group(1)
    unpacked = zlib.decompress(base64.b64decode(packed))
    ours = scripts_of(page)

    assert len(ours) == 1
    for script in (ours[0].encode(), unpacked):
        digest = base64.b64encode(hashlib.sha256(script).digest()).decode()
        assert f"'sha256-{digest}'" in policy.group(0)
    assert "default-src 'none'" in policy.group(0)
    assert "unsafe-eval" not in policy.group(0)


def test_script_and_style_are_there_without_their_comments(root, page):
    """What the browser runs is all of report.js, in as few lines as it has code."""
    source = (root / "templates" / "report" / "static" / "report.js").read_text("utf-8")
    lines = [line.strip() for line in source.splitlines()]
    code = [one for one in lines if one and not one.startswith(("//", "/*"))]
    (script,) = scripts_of(page)

    assert script.splitlines() == code
    assert ".page-head" in page.partition("</style>")[0]


def test_page_without_charts_carries_no_plotly():
    """A page pays for what it shows."""
    shown = render(cell(dimensions.dimensions_table(SHOWN)))

    assert 'id="plotlyjs"' not in shown
    assert len(shown) < 60_000


def test_chart_stands_beside_its_figure_and_cannot_end_its_script(page):
    """The script finds the figure before it; a label cannot close the tag."""
    assert re.search(r"</figure>\s*</div>\s*<script [^>]*\bplot-spec\b", page)
    chart = category_chart(case_with(collect_findings(CASE)))
    chart.figure["data"][0]["y"] = ["</script><!--<script>"]

    shown = render(cell(chart))

    spec = re.search(r"<script[^>]*plot-spec[^>]*>(.*?)</script>", shown, re.DOTALL)
    # Behind "<!--<script" a parser would take the end of this script for text.
    assert "<!--" not in spec.group(1)
    assert json.loads(spec.group(1))["data"][0]["y"] == ["</script><!--<script>"]


def test_page_has_one_h1_and_chapters_are_listed(page):
    """The list of chapters leads to each of them."""
    assert page.count("<h1") == 1
    targets = re.findall(r'<li><a href="?#(part-[^">]+)', page)
    assert targets == ["part-1-data-availability"]
    assert all(re.search(rf'id="?{target}[" >]', page) for target in targets)


def test_head_and_foot_say_what_the_page_is_and_what_made_it(page):
    """A printed page still tells what it is of, and of which day."""
    words = words_of(page)
    of, foot = f"{SCOPE.title} {SCOPE.team}", f"{SCOPE.title}. As of 30 November 2026."

    assert "<html lang=en>" in page
    assert f'content="readybook {__version__}"' in page
    assert f"{of} · ready for {SCOPE.phase}? · as of 30 November 2026" in words
    assert f"{foot} Made with readybook {__version__}. This file is" in words


def test_title_and_team_are_escaped():
    """What people typed is text in the page's head too."""
    hostile = "</title><script>alert(1)</script>"
    scope = SCOPE.model_copy(update={"title": hostile, "team": hostile})

    shown = render(case=flight_assessment(scope=scope))

    assert "<script>alert" not in shown


def test_cell_that_failed_says_so_in_its_place():
    """One broken part does not take the page with it, and shows no traceback."""
    broken = nbformat.v4.new_code_cell("x")
    broken.outputs = [
        nbformat.v4.new_output(
            "error", ename="KeyError", evalue="<b>gone</b>", traceback=["/home/me/x.py"]
        )
    ]

    shown = render(broken)

    assert "This part could not be made:" in shown
    assert "KeyError: &lt;b&gt;gone&lt;/b&gt;" in shown
    assert "/home/me" not in shown


def test_quiet_prose_is_read_by_screen_readers_only():
    """The tag becomes a class of the style sheet."""
    assert 'class="prose quiet"' in render(markdown("## Verdict", "quiet"))


# --- policy and styles -------------------------------------------------------------


def test_policy_of_a_page_without_charts_has_one_script():
    """Nothing else runs, and nothing at all is fetched."""
    told = page_resources(heading_of(CASE), with_charts=False)
    digest = base64.b64encode(hashlib.sha256(told["js"].encode()).digest()).decode()

    assert told["csp"] == (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert told["plotly"] == ""


def test_style_sheet_has_no_sign_that_is_not_needed():
    """No space about a bracket, no nought before a point, no last semicolon."""
    css = page_resources(heading_of(CASE), with_charts=False)["css"]
    waste = r"[{};,>] |[};,>]\n(?![:@.])| [{};,>]|:\s+|(?<![\w.])0\.\d|;}"

    assert css.startswith(theme.colour_rules())
    assert re.findall(waste, css.removeprefix(theme.colour_rules())) == []


def test_style_of_a_notebook_is_nested_and_follows_the_theme_of_its_editor():
    """Charts take the dark colours where the editor says that it is dark."""
    style = notebook_style()
    dark = '[data-jp-theme-light="false"]'
    rules = style.splitlines()[-2 * len(theme.COLOURS) :]

    assert style.startswith(
        ".readybook.readybook{background:var(--paper);color:var(--ink);padding:.25rem "
        ".5rem;\ndt,dd{float:none;width:auto;margin:0}dt{font-weight:400}"
        "table{table-layout:auto}tbody tr,tbody tr:hover{background:none}\n&{color-scheme:"
    )
    for name, light in (("light", "true"), ("dark", "false")):
        assert (
            f'[data-jp-theme-light="{light}"] &,.vscode-{name} &'
            f"{{{theme.scheme(name)}}}"
        ) in style
    assert rules[:3] == [
        (
            f'{dark} .jp-RenderedPlotly .annotation [style*="fill: rgb(255, 255, 255)"]'
            "{fill:#14181c!important}"
        ),
        (
            f'{dark} .jp-RenderedPlotly .annotation [style*="stroke: rgb(255, 255, 255)"]'
            "{stroke:#14181c!important}"
        ),
        (
            f'{dark} .jp-RenderedPlotly [style*="fill: rgb(243, 245, 246)"]'
            "{fill:#1d2328!important}"
        ),
    ]
