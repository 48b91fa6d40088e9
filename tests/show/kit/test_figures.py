"""Charts state their finding, carry their data, and are the same bytes every time."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from flight_case import flight_assessment, flight_bank
from readybook.model.findings import Point
from readybook.show.fields import category_chart
from readybook.show.history import history_chart
from readybook.show.kit import theme
from readybook.show.kit.figures import (
    COMMON,
    amount,
    number_shown,
    plain,
    without_common,
)
from readybook.show.machines.machines import resources_chart
from readybook.show.workshop import belief_chart
from shown import case_of

BANK = flight_bank()
CASE = case_of(flight_assessment(), BANK)
DRAWN = {
    "category": lambda: category_chart(CASE),
    "history": lambda: history_chart(CASE),
    "resources": lambda: resources_chart(CASE),
    "belief": lambda: belief_chart(replace(CASE, edition="team")),
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

    assert shown.figure
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


def test_belief_chart_shows_roles_to_the_team_only():
    """Leadership sees a range, and who settles it."""
    leadership = belief_chart(CASE)
    team = belief_chart(replace(CASE, edition="team"))

    assert "Data scientist" not in json.dumps(leadership.figure) + leadership.html
    assert "Data scientist" in json.dumps(team.figure)
    assert "Data scientist: improvised" in team.html
    assert "person-" not in team.html


def test_nothing_to_draw_is_said():
    """An empty chart would look like a zero."""
    bare = case_of(flight_assessment(sheets={}, resources=None), BANK)

    assert resources_chart(bare).text == (
        "Nobody has said yet what the job needs of a machine."
    )
    assert belief_chart(bare).text == (
        "No two answers to a question are two levels or more apart."
    )


@pytest.mark.parametrize(
    ("value", "drawn", "said"),
    [(None, 0, "not known"), (0, 0, "0"), (1200, 1200, "1,200"), ("<10", 1, "<10")],
)
def test_count_that_is_not_known_is_drawn_as_none_and_said(value, drawn, said):
    """And the few rows whose number is not shown are drawn as one."""
    point = Point(label="a", value=value)

    assert (amount(point), number_shown(point)) == (drawn, said)
    assert plain('<b>"it\'s"</b>') == '&lt;b&gt;"it\'s"&lt;/b&gt;'


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
    shared = [
        (rest["layout"], COMMON["layout"]),
        *((rest["layout"][axis], COMMON["axis"]) for axis in ("xaxis", "yaxis")),
        *((one, COMMON["annotation"]) for one in rest["layout"].get("annotations", ())),
    ]
    for part, common in shared:
        assert [key for key in part if part[key] == common.get(key)] == []
