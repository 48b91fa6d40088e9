"""Declared categories by rows, with values that nobody declared beside them."""

from __future__ import annotations

from flight_case import data_findings, finding, flight_assessment, series
from readybook.checks.all import collect_findings
from readybook.show.data.category_chart import category_chart

ROWS = (120_835, 111_279, 104_662, 0)
FINDINGS = collect_findings(flight_assessment())
UNDECLARED = finding(
    "values-declared",
    "flights.origin",
    "contradicts",
    "345 rows of flights.origin have a value that is not declared.",
    value=345,
    unit="rows",
    series=(series("not declared", [("TEB", 330), ("(other values)", 15)]),),
)


def test_category_chart_states_the_empty_category_and_begins_with_it():
    """The loudest finding there is cannot be missed."""
    shown = category_chart(FINDINGS)
    bars = shown.figure["data"][0]

    assert shown.text.startswith("No flight has the declared origin SWF")
    assert bars["y"][0] == "SWF"
    assert bars["text"][0] == "✕ no rows"
    assert bars["text"][1:] == [f"{rows:,}" for rows in sorted(ROWS)[1:]]
    assert bars["x"][-1] == 1


def test_undeclared_values_stand_with_the_empty_categories_and_in_the_title():
    """What the data model does not know of is drawn, told and in the data."""
    shown = category_chart([*FINDINGS, UNDECLARED])
    bars = shown.figure["data"][0]

    assert "345 rows of flights.origin have a value" in shown.text
    assert bars["y"][:3] == ["(other values)", "TEB", "SWF"]
    assert bars["text"][:2] == ["✕ 15, not declared", "✕ 330, not declared"]
    assert "TEB, not declared" in shown.html


def test_field_whose_categories_could_not_be_counted_shows_its_undeclared_values():
    """One check that was not measured does not hide the other."""
    shown = category_chart([UNDECLARED])

    assert shown.figure["data"][0]["y"] == ["(other values)", "TEB"]
    assert shown.text.startswith("345 rows of flights.origin")


def test_many_fields_are_counted_in_the_title_and_supported_ones_come_last():
    """Three failed fields are told as a number; every label names its field."""
    fields = ["a.x", "b.x", "b.y", "b.z"]
    found = [
        finding(
            "categories-populated",
            field,
            "supports" if field == "a.x" else "contradicts",
            f"Something about {field}.",
            series=(series("category", [("one", 5 if field == "a.x" else 0)]),),
        )
        for field in fields
    ]

    shown = category_chart(found)

    assert shown.text.startswith(
        "3 of 4 fields have declared categories without enough rows: b.x, b.y, b.z."
    )
    assert shown.figure["data"][0]["y"] == ["b.x: one", "y: one", "z: one", "a.x: one"]


def test_small_groups_stay_hidden_in_chart_and_data():
    """A count below ten is told as that, never drawn to scale."""
    small = finding(
        "categories-populated",
        "flights.origin",
        "supports",
        "All are there.",
        series=(series("category", [("EWR", 500), ("SWF", "<10")]),),
    )

    shown = category_chart([small])

    assert shown.figure["data"][0]["text"][0] == "<10"
    assert "&lt;10" in shown.html


def test_more_values_than_fit_are_counted_below_the_chart():
    """The chart ends after thirty bars, the data does not."""
    many = [(f"v{at}", 100 + at) for at in range(35)]
    found = finding(
        "categories-populated",
        "flights.origin",
        "supports",
        "All are there.",
        series=(series("category", many),),
    )

    shown = category_chart([found])

    assert len(shown.figure["data"][0]["y"]) == 30
    assert "5 more values in the data." in shown.html
    assert shown.html.count('scope="row"') == 35


def test_markup_in_labels_is_text():
    """Neither HTML nor plotly's own markup can come out of the data."""
    hostile = '<a href="x">here</a>'
    bad = data_findings()[2].model_copy(
        update={"series": (series("category", [(hostile, 1)]),), "message": hostile}
    )

    shown = category_chart([bad])

    assert hostile not in shown.html
    assert hostile not in shown.figure["data"][0]["y"]


def test_nothing_counted_is_said():
    """An empty chart would look like a zero."""
    assert category_chart(()).text == "No declared category was counted yet."
