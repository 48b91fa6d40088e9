"""Missing values by field and month: shaded, told in per cent, grouped if many."""

from __future__ import annotations

import re

import pytest

from flight_case import finding, series
from readybook.show.data.nulls_map import nulls_map


def nulls(subject, points, *, share, outcome="not measured", limit=None):
    """A finding on tolerated nulls with its months."""
    return finding(
        "nulls-tolerated",
        subject,
        outcome,
        f"Nulls of {subject}.",
        value=share,
        unit="share of rows",
        threshold=limit,
        series=(series("month", points),),
    )


def months(first, number, value):
    """So many months from January of a year on, all with one value."""
    return [(f"{first + at // 12}-{at % 12 + 1:02}", value) for at in range(number)]


def rows_of(fragment):
    """The words of each row of the map, spaces folded."""
    body = fragment.html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", row.replace("<wbr>", "")).split())
        for row in body.split("</tr>")[:-1]
    ]


def columns_of(fragment):
    """The labels above the cells."""
    return re.findall(r'<th scope="col">([^<]+)</th>', fragment.html)[1:]


GUST = nulls(
    "w.gust", months(2013, 12, 80.4), share=0.796, outcome="contradicts", limit=0.05
)
DELAY = nulls(
    "f.delay", [("2013-01", 0.2), ("2013-02", 3.6), ("2013-03", None)], share=0.02
)
FULL = nulls("f.origin", months(2013, 12, 0), share=0)
UNDATED = nulls("p.year", [("all", 2.1)], share=0.021)


def test_title_says_how_many_fields_lack_values_and_which_most():
    """With the number of limits that are broken."""
    shown = nulls_map([DELAY, GUST, FULL, UNDATED])

    assert shown.text == (
        "3 of 4 needed fields have rows without a value; most: w.gust, 79.6 % of its "
        "rows; 1 over its limit."
    )


def test_field_stands_with_per_cent_and_shade_by_month():
    """Numbers tell what shades show; a month without rows is left open."""
    shown = nulls_map([DELAY, GUST])

    assert columns_of(shown)[:3] == ["Jan", "Feb", "Mar"]
    assert rows_of(shown) == [
        "w.gust limit 5 % of rows over its limit " + " ".join(["80"] * 12),
        "f.delay &lt;1 4",
    ]
    assert '<td class="h1">&lt;1</td><td class="h2">4</td><td></td>' in shown.html
    assert shown.html.count('class="h5"') == 12


def test_full_undated_and_unmeasured_fields_are_listed_below():
    """What has no row in the map is not lost."""
    lost = finding("nulls-tolerated", "f.crew", "not measured", "No such column.")

    shown = nulls_map([GUST, FULL, UNDATED, lost])

    assert len(rows_of(shown)) == 1
    assert "Rows without a date: p.year 2 %." in shown.html
    assert "No row without a value: f.origin." in shown.html
    assert "Not measured: f.crew." in shown.html


def test_two_years_of_months_stand_below_each_other():
    """The same months of two years can be compared."""
    shown = nulls_map([nulls("f.x", months(2012, 24, 7), share=0.07)])

    assert len(columns_of(shown)) == 12
    assert [row[:8] for row in rows_of(shown)] == ["f.x 2012", "f.x 2013"]


@pytest.mark.parametrize(
    ("number", "columns"),
    [
        (30, ["2010 Q1", "2010 Q2"]),
        (60, ["2010", "2011"]),
        (240, ["2018", "2019"]),
    ],
)
def test_many_months_are_grouped_so_that_twelve_columns_are_the_most(number, columns):
    """By quarter up to three years, else by year; the last twelve years."""
    shown = nulls_map([nulls("f.x", months(2010, number, 7), share=0.07)])

    assert columns_of(shown)[:2] == columns
    assert len(columns_of(shown)) <= 12


def test_group_is_the_mean_of_its_known_months():
    """Months without rows do not count."""
    values = [10.0, 40.0, None] + [0.0] * 27
    points = [
        (label, v) for (label, _), v in zip(months(2010, 30, 0), values, strict=True)
    ]

    shown = nulls_map([nulls("f.x", points, share=0.02)])

    assert rows_of(shown)[0].startswith("f.x 25 0 0")


def test_fields_without_missing_values_need_no_map():
    """The title says it all."""
    shown = nulls_map([FULL])

    assert shown.text == "No row of 1 needed field lacks a value."
    assert "<table" not in shown.html


def test_map_is_a_table_with_caption_and_scoped_headers():
    """A screen reader knows what each cell belongs to."""
    html = nulls_map([GUST]).html

    assert "<caption>" in html
    assert html.count('scope="col"') == 13
    assert html.count('scope="row"') == 1


def test_nothing_measured_is_said():
    """An empty map would look like full data."""
    assert "not measured yet" in nulls_map(()).text
