"""Charts state their finding, carry their data, and are the same bytes every time."""

from __future__ import annotations

import json
import re

import pytest

from flight_case import (
    CHANGES,
    MONTHS,
    data_findings,
    finding,
    flight_assessment,
    flight_bank,
    series,
)
from readybook import charts, theme
from readybook.evidence import collect_findings
from readybook.fragment import Chart
from readybook.scoring import score

ROWS = (120_835, 111_279, 104_662, 0)
BANK = flight_bank()
CASE = flight_assessment()
FINDINGS = collect_findings(CASE)
RESULT = score(BANK, CASE)
DRAWN = {
    "category": lambda: charts.category_chart(FINDINGS),
    "history": lambda: charts.history_chart(FINDINGS, CHANGES.changes),
    "resources": lambda: charts.resources_chart(CASE, FINDINGS),
    "belief": lambda: charts.belief_chart(RESULT, BANK),
    "belief of the team": lambda: charts.belief_chart(RESULT, BANK, "team"),
}


def colours_in(value, key=""):
    """Every value under a key that ends in "color"."""
    if isinstance(value, dict):
        return [c for k, v in value.items() for c in colours_in(v, k)]
    if isinstance(value, list):
        return [c for v in value for c in colours_in(v, key)]
    return [value] if key.endswith("color") else []


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_chart_has_title_alternative_place_and_data(draw):
    """Without scripts the finding and the data are still there."""
    shown = draw()

    assert isinstance(shown, Chart)
    assert re.search(r"<h4>[^<]{20,}</h4>", shown.html)
    assert re.search(r'<p class="alt">[^<]{20,}</p>', shown.html)
    assert '<div class="plot"></div>' in shown.html
    assert "<details" in shown.html
    assert "<table" in shown.html
    bundle = shown._repr_mimebundle_()
    assert bundle["application/vnd.plotly.v1+json"] == shown.figure


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_chart_is_the_same_twice_and_has_no_template(draw):
    """No random id, nothing that the page would carry for nothing."""
    first, second = (json.dumps(draw().figure) for _ in range(2))

    assert first == second
    assert "template" not in draw().figure["layout"]
    assert "uid" not in first
    assert draw().figure["config"]["displayModeBar"] is False


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_every_colour_can_be_swapped_on_a_dark_screen(draw):
    """Charts use the theme's colours only."""
    known = {*theme.dark_colours(), "rgba(0,0,0,0)"}

    assert set(colours_in(draw().figure)) <= known


def test_category_chart_states_the_empty_category_and_begins_with_it():
    """The loudest finding there is cannot be missed."""
    shown = charts.category_chart(FINDINGS)
    bars = shown.figure["data"][0]

    assert shown.text.startswith("No flight has the declared origin SWF")
    assert bars["y"][0] == "SWF"
    assert bars["text"][0] == "✕ no rows"
    assert bars["text"][1:] == [f"{rows:,}" for rows in sorted(ROWS)[1:]]
    assert bars["x"][-1] == 1


def test_small_groups_stay_hidden_in_chart_and_data():
    """A count below ten is told as that, never drawn to scale."""
    small = finding(
        "categories-populated",
        "flights.origin",
        "supports",
        "All are there.",
        series=(series("category", [("EWR", 500), ("SWF", "<10")]),),
    )

    shown = charts.category_chart([small])

    assert shown.figure["data"][0]["text"][0] == "<10"
    assert "&lt;10" in shown.html


def test_history_chart_draws_declared_changes_of_its_table_as_lettered_lines():
    """Each line has a letter, and each letter a date and what changed."""
    other = CHANGES.changes[0].model_copy(update={"id": "x", "tables": ("weather",)})

    shown = charts.history_chart(FINDINGS, (*CHANGES.changes, other))
    layout = shown.figure["layout"]

    assert shown.figure["data"][0]["y"] == list(MONTHS)
    assert [shape["x0"] for shape in layout["shapes"]] == ["2013-06-01"]
    assert [note["text"] for note in layout["annotations"]] == ["A"]
    assert "A: 1 June 2013. Carrier FL hands routes to its parent." in shown.html


def test_long_history_is_told_by_month_in_its_table():
    """A year of days is one line in the chart and twelve rows below it."""
    daily = [(f"2013-{m:02}-{d:02}", 100) for m in range(1, 13) for d in range(1, 29)]
    span = finding(
        "history-span", "flights", "supports", "Long.", series=(series("day", daily),)
    )

    shown = charts.history_chart([span], ())

    assert len(shown.figure["data"][0]["x"]) == len(daily)
    assert shown.html.count('scope="row"') == 12
    assert "2,800" in shown.html


def test_resources_chart_counts_needs_met_short_and_not_measured():
    """The title says how many, and what is short by how much."""
    shown = charts.resources_chart(CASE, FINDINGS)

    assert shown.text.startswith(
        "1 of 3 needs met; swap of training-node: 0 GiB, needed 8 GiB; "
        "1 need not measured"
    )
    assert shown.figure["data"][0]["x"] == [146.2, 0.0, 0.0]


def test_belief_chart_shows_roles_to_the_team_only():
    """Leadership sees a range, and who settles it."""
    leadership = charts.belief_chart(RESULT, BANK)
    team = charts.belief_chart(RESULT, BANK, "team")

    assert "Data scientist" not in json.dumps(leadership.figure) + leadership.html
    assert "Data scientist" in json.dumps(team.figure)
    assert "Data scientist: improvised" in team.html
    assert "person-" not in team.html


def test_nothing_to_draw_is_said():
    """An empty chart would look like a zero."""
    bare = flight_assessment(sheets={}, resources=None)

    assert charts.category_chart(()).text == "No declared category was counted yet."
    assert charts.history_chart((), ()).text == "No history was measured yet."
    assert "No machine" in charts.resources_chart(bare, ()).text
    assert "No two answers" in charts.belief_chart(score(BANK, bare), BANK).text


def test_markup_in_labels_is_text():
    """Neither HTML nor plotly's own markup can come out of the data."""
    hostile = '<a href="x">here</a>'
    bad = data_findings()[2].model_copy(
        update={"series": (series("category", [(hostile, 1)]),), "message": hostile}
    )

    shown = charts.category_chart([bad])

    assert hostile not in shown.html
    assert hostile not in shown.figure["data"][0]["y"]
