"""Charts state their finding, carry their data, and are the same bytes every time."""

from __future__ import annotations

import json
import re

import pytest

from flight_case import CHANGES, PROBE, RESOURCES, flight_assessment, flight_bank
from readybook.checks.all import collect_findings
from readybook.model.findings import MachineFact
from readybook.model.resources import ResourceNeeds
from readybook.score.score import score
from readybook.show.data.fields import category_chart
from readybook.show.data.history import history_chart
from readybook.show.kit import theme
from readybook.show.kit.figures import COMMON, without_common
from readybook.show.kit.fragment import Chart
from readybook.show.machines import machine_chart
from shown import case_with

BANK = flight_bank()
CASE = flight_assessment()
FINDINGS = collect_findings(CASE)
RESULT = score(BANK, CASE)
DRAWN = {
    "category": lambda: category_chart(case_with(FINDINGS)),
    "history": lambda: history_chart(case_with(FINDINGS, changes=CHANGES.changes)),
    "resources": lambda: machine_chart.resources_chart(CASE, FINDINGS),
    "belief": lambda: machine_chart.belief_chart(RESULT, BANK),
    "belief of the team": lambda: machine_chart.belief_chart(RESULT, BANK, "team"),
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


def test_resources_chart_counts_needs_met_short_and_not_measured():
    """The title says how many, and what is short by how much."""
    shown = machine_chart.resources_chart(CASE, FINDINGS)

    assert shown.text.startswith(
        "1 of 3 needs met; swap of training-node: 0 GiB, needed 8 GiB; "
        "1 need not measured"
    )
    assert shown.figure["data"][0]["x"] == [146.2, 0.0, 0.0]
    assert "CPUs of training-node" in shown.html
    assert len(shown.figure["layout"]["shapes"]) == 1


def test_resources_chart_tells_short_met_and_untested_without_colour():
    """A sign before each need; beyond twice the need a bar is cut off."""
    node = RESOURCES.resources[0]
    big = node.model_copy(update={"needs": ResourceNeeds(memory_gib=4, swap_gib=8)})
    far = node.model_copy(
        update={"id": "far", "probe": "far", "needs": ResourceNeeds(cpus=1)}
    )
    case = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (big, far)})
    )
    shown = machine_chart.resources_chart(case, collect_findings(case))
    signs = [tag["text"] for tag in shown.figure["layout"]["annotations"]]

    assert signs == [
        "✓ memory of training-node<br>23.4 GiB, needed 4 GiB",
        "✕ swap of training-node<br>0 GiB, needed 8 GiB",
        "? CPUs of far<br>untested, needed 1",
    ]
    assert shown.figure["data"][0]["x"] == [200.0, 0.0, 0.0]
    assert re.search(r"585\s*%", shown.html)


def test_limit_that_is_not_set_and_need_of_nothing_are_met():
    """No limit is more than any need, and so is any swap where none is needed."""
    needs = ResourceNeeds(open_files=1024, swap_gib=0)
    node = RESOURCES.resources[0].model_copy(update={"needs": needs})
    files = MachineFact(fact="open-files", state="read", value="none", how="limits")
    probe = PROBE.model_copy(update={"facts": (*PROBE.facts, files)})
    case = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (node,)}),
        probes={"training-node": probe},
    )
    shown = machine_chart.resources_chart(case, collect_findings(case))

    assert shown.text.startswith("2 of 2 needs met")
    assert shown.figure["data"][0]["x"] == [200.0, 200.0]
    assert shown.html.count("enough<") == 2


def test_several_short_needs_are_counted_in_the_title():
    """The first by name, the others as a number."""
    needs = ResourceNeeds(memory_gib=64, swap_gib=8)
    node = RESOURCES.resources[0].model_copy(update={"needs": needs})
    case = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (node,)})
    )

    assert machine_chart.resources_chart(case, collect_findings(case)).text.startswith(
        "0 of 2 needs met; memory of training-node: 23.4 GiB, needed 64 GiB; 1 more "
        "need not met"
    )


def test_belief_chart_shows_roles_to_the_team_only():
    """Leadership sees a range, and who settles it."""
    leadership = machine_chart.belief_chart(RESULT, BANK)
    team = machine_chart.belief_chart(RESULT, BANK, "team")

    assert "Data scientist" not in json.dumps(leadership.figure) + leadership.html
    assert "Data scientist" in json.dumps(team.figure)
    assert "Data scientist: improvised" in team.html
    assert "person-" not in team.html


def test_nothing_to_draw_is_said():
    """An empty chart would look like a zero."""
    bare = flight_assessment(sheets={}, resources=None)

    assert "No machine" in machine_chart.resources_chart(bare, ()).text
    assert "No two answers" in machine_chart.belief_chart(score(BANK, bare), BANK).text


@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_page_can_put_together_again_what_charts_share(draw):
    """A figure without what is common has nothing of it, and lacks nothing else."""
    figure = draw().figure
    rest = without_common(figure)

    layout = COMMON["layout"] | rest["layout"]
    for axis in ("xaxis", "yaxis"):
        layout[axis] = COMMON["axis"] | layout[axis]
    if "annotations" in layout:
        tags = [COMMON["annotation"] | one for one in layout["annotations"]]
        layout["annotations"] = tags
    assert {
        "config": COMMON["config"],
        "data": rest["data"],
        "layout": layout,
    } == figure
    assert len(json.dumps(rest)) < len(json.dumps(figure)) - 600
