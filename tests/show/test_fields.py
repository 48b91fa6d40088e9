"""What needed fields hold: missing values by month, categories, where they come from."""

from __future__ import annotations

import re

import pytest

from flight_case import (
    DATA_MODEL,
    SCOPE,
    data_findings,
    finding,
    flight_assessment,
    series,
)
from readybook.checks.findings import collect_findings
from readybook.model.contract import Column
from readybook.show.fields import category_chart, lineage_table, nulls_map
from readybook.show.kit.figures import LIGHT
from shown import case_with, heads_of, items_of, notes_of, rows_of, words_of


def nulls_of(findings):
    """The map of these findings."""
    return nulls_map(case_with(findings))


def categories_of(findings):
    """The chart of these findings."""
    return category_chart(case_with(findings))


def lineage_of(assessment):
    """The table of a case with this declaration."""
    return lineage_table(case_with(assessment=assessment))


# --- missing values ------------------------------------------------------------------


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
    shown = nulls_of([DELAY, GUST, FULL, UNDATED])

    assert shown.text == (
        "3 of 4 needed fields have rows without a value; most: w.gust, 79.6 % of its "
        "rows; 1 over its limit."
    )


def test_field_stands_with_per_cent_and_shade_by_month():
    """Numbers tell what shades show; a month without rows is left open."""
    shown = nulls_of([DELAY, GUST])

    assert columns_of(shown)[:3] == ["Jan", "Feb", "Mar"]
    alt = words_of(shown.html.partition('class="alt">')[2].partition("</p>")[0])
    assert alt == (
        "Per cent of rows without a value, by month. The more, the darker: up to 1 %, up "
        "to 5 %, up to 20 %, up to 50 %, above. Empty: no rows."
    )
    assert rows_of(shown) == [
        "w.gust limit 5 % of rows over its limit " + " ".join(["80"] * 12),
        "f.delay &lt;1 4",
    ]
    assert '<td class="h1">&lt;1</td><td class="h2">4</td><td></td>' in shown.html
    assert shown.html.count('class="h5"') == 12


def test_columns_that_no_need_names_are_told_as_not_looked_at():
    """They have no findings on missing values, and are not full for that."""
    first, *others = DATA_MODEL.tables
    other = Column(name="other")
    wide = first.model_copy(update={"columns": (*first.columns, other)})
    model = DATA_MODEL.model_copy(update={"tables": (wide, *others)})
    assessment = flight_assessment(data_model=model)

    assert "no need" not in words_of(nulls_of([GUST]))
    shown = nulls_map(case_with([GUST], assessment=assessment))
    assert f"Not looked at, as no need names them: {first.name}.other." in words_of(
        shown
    )


@pytest.mark.parametrize(
    ("value", "cell"),
    [(0, "<td>0"), (0.1, '<td class="h1">&lt;1'), (1, '<td class="h1">1'),
     (1.1, '<td class="h2">1'), (5, '<td class="h2">5'), (5.1, '<td class="h3">5'),
     (20, '<td class="h3">20'), (20.1, '<td class="h4">20'), (50, '<td class="h4">50'),
     (50.1, '<td class="h5">50')],
)  # fmt: skip
def test_shade_ends_at_what_its_key_says(value, cell):
    """The key says "up to": what is more has the next shade."""
    shown = nulls_of([nulls("f.x", [("2013-01", value), ("2013-02", 9)], share=0.05)])

    assert f"{cell}</td>" in shown.html


def test_field_with_most_is_first_and_equal_ones_are_in_the_order_of_names():
    """The same findings in another order give the same map."""
    some = [nulls(f"f.{name}", [("2013-01", 9)], share=0.09) for name in "bca"]
    shown = nulls_of([*some, nulls("f.d", [("2013-01", 10)], share=0.1)])

    assert [row[:3] for row in rows_of(shown)] == ["f.d", "f.a", "f.b", "f.c"]


def test_full_undated_and_unmeasured_fields_are_listed_below():
    """What has no row in the map is not lost."""
    lost = finding("nulls-tolerated", "f.crew", "not measured", "No such column.")

    shown = nulls_of([GUST, FULL, UNDATED, lost])

    assert len(rows_of(shown)) == 1
    assert items_of(shown) == [
        "Rows without a date: p.year 2 %.",
        "No row without a value: f.origin.",
        "Not measured: f.crew.",
    ]
    assert items_of(nulls_of([GUST])) == []


@pytest.mark.parametrize(
    ("value", "unit", "points", "most"),
    [
        (0.5, "share of rows", [("2013-01", 3.0), ("2013-02", None)], "50 %"),
        (12, "rows", [("2013-01", 3.0), ("2013-02", 7.0)], "7 %"),
        ("<10", "rows", [("2013-01", 3.0), ("2013-02", "<10")], "3 %"),
        ("<10", "share of rows", [("2013-01", 3.0)], "3 %"),
        (0.5, None, [("2013-01", 3.0)], "3 %"),
    ],
)
def test_most_is_the_share_of_all_rows_else_that_of_the_worst_month(
    value, unit, points, most
):
    """A number of rows is no share, and a month without a number is not the worst."""
    found = finding(
        "nulls-tolerated", "f.x", "supports", "Nulls.", value=value, unit=unit,
        series=(series("month", points),),
    )  # fmt: skip

    assert f"most: f.x, {most} of its rows." in nulls_of([found]).text


@pytest.mark.parametrize("points", [[], [("2013-01", None)], [("2013-01", 0)]])
def test_field_of_which_no_month_has_a_number_lacks_nothing(points):
    """Where nothing was counted, no number is made up."""
    found = finding(
        "nulls-tolerated",
        "f.x",
        "supports",
        "Nulls.",
        series=(series("month", points),),
    )

    assert nulls_of([found]).text == "No row of 1 needed field lacks a value."


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (
            ["contradicts", "supports"],
            ("2 of 3 needed fields have", "; 1 over its limit."),
        ),
        (["contradicts"] * 2, ("2 of 3 needed fields have", "; 2 over their limit.")),
        (["supports"], ("1 of 2 needed fields has", ".")),
    ],
)
def test_title_fits_its_numbers(outcomes, said):
    """One has, two have."""
    gappy = [
        nulls(f"f.x{at}", [("2013-01", 9.0)], share=0.09, outcome=outcome)
        for at, outcome in enumerate(outcomes)
    ]

    most = "rows without a value; most: f.x0, 9 % of its rows"
    assert nulls_of([*gappy, FULL]).text == f" {most}".join(said)


def test_two_years_of_months_stand_below_each_other():
    """The same months of two years can be compared."""
    shown = nulls_of([nulls("f.x", months(2012, 24, 7), share=0.07)])

    assert len(columns_of(shown)) == 12
    assert [row[:8] for row in rows_of(shown)] == ["f.x 2012", "f.x 2013"]


@pytest.mark.parametrize(
    ("number", "period", "columns", "many"),
    [
        (24, "month", ["Jan", "Feb"], 12),
        (25, "quarter", ["2010 Q1", "2010 Q2"], 9),
        (36, "quarter", ["2010 Q1", "2010 Q2"], 12),
        (37, "year", ["2010", "2011"], 4),
        (240, "year", ["2018", "2019"], 12),
    ],
)
def test_many_months_are_grouped_so_that_twelve_columns_are_the_most(
    number, period, columns, many
):
    """By quarter up to three years, else by year; the last twelve years."""
    shown = nulls_of([nulls("f.x", months(2010, number, 7), share=0.07)])

    assert columns_of(shown)[:2] == columns
    assert len(columns_of(shown)) == many
    assert f"without a value, by {period}. The more" in words_of(shown)


def test_group_is_the_mean_of_its_known_months():
    """Months without rows do not count."""
    values = [10.0, 40.0, None] + [0.0] * 27
    points = [
        (label, v) for (label, _), v in zip(months(2010, 30, 0), values, strict=True)
    ]

    shown = nulls_of([nulls("f.x", points, share=0.02)])

    assert rows_of(shown)[0].startswith("f.x 25 0 0")


def test_fields_without_missing_values_need_no_map():
    """The title says it all."""
    shown = nulls_of([FULL])

    assert shown.text == "No row of 1 needed field lacks a value."
    assert "<table" not in shown.html


def test_map_is_a_table_with_caption_and_scoped_headers():
    """A screen reader knows what each cell belongs to."""
    html = nulls_of([GUST]).html

    assert "<caption>" in html
    assert html.count('scope="col"') == 13
    assert html.count('scope="row"') == 1


def test_nothing_measured_is_said():
    """An empty map would look like full data."""
    assert nulls_of(()).text == "Missing values of needed fields: not measured yet."


# --- categories ----------------------------------------------------------------------

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
    shown = categories_of(FINDINGS)
    bars = shown.figure["data"][0]

    assert shown.text.splitlines() == [
        "No row of flights has SWF as its origin.",
        (
            "Bars: rows per value of flights.origin. Least: SWF with 0. Most: EWR with "
            "120,835."
        ),
    ]
    assert bars["y"][0] == "SWF"
    assert bars["marker"]["color"] == LIGHT["level-3"]
    assert shown.figure["layout"]["height"] == 4 * 26 + 16
    assert shown.figure["layout"]["yaxis"]["showgrid"] is False
    assert bars["text"][0] == "✕ no rows"
    assert bars["text"][1:] == [f"{rows:,}" for rows in sorted(ROWS)[1:]]
    assert bars["x"][-1] == 1


def test_field_that_is_counted_alone_says_how_it_stands():
    """Of one field its own sentence is told, of several that all have their rows."""
    one, two = (
        finding(
            "categories-populated",
            f"flights.{name}",
            "supports",
            f"Both of {name} have rows.",
            series=(series("category", [("A", 30), ("B", 40)]),),
        )
        for name in ("origin", "carrier")
    )

    both = categories_of([one, two])

    assert categories_of([one]).text.startswith("Both of origin have rows.\n")
    assert both.text.splitlines() == [
        "Every declared category of 2 fields has its rows.",
        "Rows per value: 4 rows",
    ]
    assert rows_of(both) == [
        f"flights.{name} {value}"
        for name in ("origin", "carrier")
        for value in ("A 30", "B 40")
    ]


def test_undeclared_values_stand_with_the_empty_categories_and_in_the_title():
    """What the data model does not know of is drawn, told and in the data."""
    shown = categories_of([*FINDINGS, UNDECLARED])
    bars = shown.figure["data"][0]

    assert shown.text.splitlines()[0] == (
        "No row of flights has SWF as its origin. 345 rows of origin of flights have a "
        "value that is not declared."
    )
    assert bars["y"][:3] == ["(other values)", "TEB", "SWF"]
    assert bars["text"][:2] == ["✕ 15, not declared", "✕ 330, not declared"]
    assert bars["marker"]["color"] == [LIGHT["bad"]] * 2 + [LIGHT["level-3"]] * 4
    assert bars["textfont"]["color"] == [LIGHT["bad"]] * 3 + [LIGHT["ink"]] * 3
    assert rows_of(shown)[:3] == [
        "flights.origin (other values), not declared 15",
        "flights.origin TEB, not declared 330",
        "flights.origin SWF 0",
    ]


def test_undeclared_values_stand_with_their_own_field_and_many_are_counted():
    """Up to two sentences are told, of three fields the number."""
    other = UNDECLARED.model_copy(update={"subject": "flights.dest"})
    carrier = finding(
        "categories-populated", "flights.carrier", "supports", "All.",
        series=(series("category", [("B", 30)]),),
    )  # fmt: skip
    third = UNDECLARED.model_copy(update={"subject": "planes.type"})
    shown = categories_of([carrier, other])

    assert rows_of(shown) == [
        "flights.dest (other values), not declared 15",
        "flights.dest TEB, not declared 330",
    ]
    said = UNDECLARED.message.replace("flights.origin", "origin of flights")
    assert shown.text.splitlines()[0] == f"All. {said}"
    assert categories_of([carrier, other, UNDECLARED]).text.splitlines()[0] == (
        f"All. {said} {said}"
    )
    assert categories_of([carrier, other, UNDECLARED, third]).text.splitlines()[0] == (
        "All. 3 fields hold values that are not declared."
    )


def test_field_whose_categories_could_not_be_counted_shows_its_undeclared_values():
    """One check that was not measured does not hide the other."""
    shown = categories_of([UNDECLARED])

    assert shown.figure["data"][0]["y"] == ["(other values)", "TEB"]
    assert shown.text.startswith("345 rows of origin of flights")


def test_many_fields_are_counted_in_the_title_and_those_in_question_are_drawn():
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

    shown = categories_of(found)

    assert shown.text.splitlines()[0] == (
        "3 of 4 fields have declared categories without enough rows: b.x, b.y, b.z."
    )
    assert categories_of(found[:3]).text.splitlines()[0] == (
        "Something about b.x. Something about b.y."
    )
    assert shown.figure["data"][0]["y"] == ["x: one", "y: one", "z: one"]


def test_small_groups_stay_hidden_in_chart_and_data():
    """A count below ten is told as that, never drawn to scale."""
    small = finding(
        "categories-populated",
        "flights.origin",
        "contradicts",
        "SWF is too thin.",
        series=(series("category", [("EWR", 500), ("SWF", "<10")]),),
    )

    shown = categories_of([small])

    assert shown.figure["data"][0]["text"][0] == "<10"
    assert "&lt;10" in shown.html


def test_fields_that_are_as_declared_are_a_table_and_no_chart():
    """A chart without a finding would only be looked at."""
    fine = finding(
        "categories-populated",
        "flights.origin",
        "supports",
        "All are there.",
        series=(series("category", [("EWR", 500)]),),
    )

    shown = categories_of([fine])

    assert shown.figure is None
    assert rows_of(shown) == ["flights.origin EWR 500"]


def test_more_values_than_fit_are_counted_below_the_chart():
    """The chart ends after thirty bars, the data does not."""
    many = [(f"v{at}", 100 + at) for at in range(35)]
    found = finding(
        "categories-populated",
        "flights.origin",
        "contradicts",
        "One is not there.",
        series=(series("category", many),),
    )

    shown = categories_of([found])

    assert len(shown.figure["data"][0]["y"]) == 30
    assert items_of(shown) == ["5 more values in the data."]
    assert shown.html.count('scope="row"') == 35


def test_markup_in_labels_is_text():
    """Neither HTML nor plotly's own markup can come out of the data."""
    hostile = '<a href="x">here</a>'
    bad = data_findings()[2].model_copy(
        update={"series": (series("category", [(hostile, 1)]),), "message": hostile}
    )

    shown = categories_of([bad])

    assert hostile not in shown.html
    assert hostile not in shown.figure["data"][0]["y"]


def test_nothing_counted_is_said():
    """An empty chart would look like a zero."""
    assert categories_of(()).text == "No declared category was counted yet."


# --- where they come from ------------------------------------------------------------


def declaring(*columns, origin=None):
    """The case with other columns in its table."""
    table = DATA_MODEL.tables[0].model_copy(
        update={"columns": columns, "origin": origin}
    )
    return flight_assessment(
        data_model=DATA_MODEL.model_copy(update={"tables": (table,)})
    )


def test_field_stands_with_origin_sources_rule_and_definition():
    """What the contract says of it, and no link that could be followed."""
    origin = Column(
        name="origin",
        needed=True,
        origin="Departure control",
        made_from=("dcs.leg", "dcs.port"),
        made_by="Upper case of dcs.leg.origin",
        definitions=("https://example.org/terms/origin",),
    )

    shown = lineage_of(declaring(origin))

    assert shown.text == (
        "The contract says of 1 of 2 needed fields where it comes from"
    )
    columns = ["First recorded in", "Made from", "Rule", "Definition"]
    assert heads_of(shown) == ["Fields", *columns]
    assert rows_of(shown) == [
        (
            "flights.origin Departure control dcs.leg dcs.port Upper case of "
            "dcs.leg.origin https://example.org/terms/origin"
        )
    ]
    assert "href" not in shown.html
    assert notes_of(shown) == ["Origin not declared: flights.tailnum."]


def test_column_stands_where_any_field_has_something_in_it():
    """One field has a source and no origin, the other an origin alone."""
    traced = Column(name="origin", made_from=("dcs.leg",))
    shown = lineage_of(declaring(traced, Column(name="tailnum", origin="BTS")))

    assert heads_of(shown) == ["Fields", "First recorded in", "Made from"]
    assert rows_of(shown) == ["flights.origin dcs.leg", "flights.tailnum BTS"]


def test_field_without_an_origin_has_that_of_its_table():
    """Fields of which the same is declared share a row; empty columns are left out."""
    shown = lineage_of(
        declaring(Column(name="origin"), Column(name="tailnum"), origin="BTS")
    )

    assert rows_of(shown) == ["flights.origin , flights.tailnum BTS"]
    assert heads_of(shown) == ["Fields", "First recorded in"]


def test_long_rule_is_cut():
    """The contract has the rest."""
    rule = "a + " * 39 + "bcde"

    def told(text):
        return rows_of(
            lineage_of(declaring(Column(name="origin", origin="x", made_by=text)))
        )

    assert len(rule) == 160
    assert told(rule) == [f"flights.origin x {rule}"]
    assert told(f"{rule}f") == [f"flights.origin x {rule} …"]


def test_undeclared_origins_are_all_named():
    """No contract, no column and no word about it are the same: not declared."""
    names = "flights.origin, flights.tailnum"

    for bare in (declaring(Column(name="origin")), flight_assessment(data_model=None)):
        assert lineage_of(bare).text == (
            "The contract says of none of 2 needed fields where it comes from. Origin "
            f"not declared: {names}."
        )


def test_nothing_needed_is_said():
    """The key that is missing is named."""
    scope = SCOPE.model_copy(update={"needs": ()})
    shown = lineage_of(flight_assessment(scope=scope, data_model=None))

    assert shown.text == "Nobody has said yet which fields the use case needs."


def test_texts_of_the_contract_are_escaped():
    """Neither a rule nor an address can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    column = Column(
        name="origin",
        origin=hostile,
        made_from=(hostile,),
        made_by=hostile,
        definitions=(hostile,),
    )

    assert "<script" not in lineage_of(declaring(column)).html
