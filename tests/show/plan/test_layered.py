"""Steps are placed so that every line leads to the right and boxes do not touch."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given

from plans import plans
from readybook.show.plan.layered import place


def test_step_stands_to_the_right_of_all_that_it_waits_for():
    """In the layer after the last of them."""
    placed = place({"a": [], "b": ["a"], "c": ["a", "b"], "d": []})

    assert {name: spot.layer for name, spot in placed.spots.items()} == {
        "a": 0,
        "b": 1,
        "c": 2,
        "d": 0,
    }
    assert placed.width == 3


def test_line_that_others_imply_is_left_out():
    """C waits for b, and so for a."""
    placed = place({"a": [], "b": ["a"], "c": ["a", "b"]})

    assert [(line.first, line.last) for line in placed.lines] == [
        ("a", "b"),
        ("b", "c"),
    ]


def test_long_line_has_a_point_of_its_own_in_each_layer_between():
    """So that it passes beside the boxes, not behind them."""
    placed = place({"a": [], "b": ["a"], "c": ["b"], "x": [], "d": ["c", "x"]})
    (line,) = (one for one in placed.lines if one.first == "x")
    boxes = {placed.spots[name].middle for name in ("b", "c")}

    assert len(line.middles) == 4
    assert not boxes & set(line.middles[1:-1])


def test_nothing_is_a_picture_of_no_size():
    """A plan without steps draws nothing."""
    placed = place({})

    assert (placed.width, placed.height, placed.lines) == (0, 0, ())


@given(plans(most=12))
def test_no_two_boxes_touch_and_every_line_leads_right(steps):
    """Whatever the plan; the same plan gives the same picture."""
    needs = {one.id: one.needs for one in steps}
    placed = place(needs)

    for one, other in combinations(placed.spots.values(), 2):
        assert one.layer != other.layer or abs(one.middle - other.middle) >= 0.999
    for line in placed.lines:
        between = placed.spots[line.last].layer - placed.spots[line.first].layer
        assert len(line.middles) == between + 1 > 1
    assert placed == place(dict(reversed(needs.items())))
