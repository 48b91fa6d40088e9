"""One row per need and per resource: what was tested of it, and how it came out."""

from __future__ import annotations

import re

import pytest

from flight_case import DATA_MODEL, SCOPE, finding, flight_assessment, flight_bank
from readybook.model.contract import Category, Column, Condition, Selection
from readybook.show.evidence import need_matrix
from shown import case_of, rows_of

BANK = flight_bank()
CASE = flight_assessment()
ASPECTS = (
    "Present",
    "Type",
    "Filled",
    "Categories",
    "Values",
    "Stand-ins",
    "History",
    "Keys, joins",
    "Train, live",
)


def cells_of(fragment, row):
    """The words of a row's marks by aspect."""
    body = fragment.html.partition("<tbody>")[2].split("</tr>")[row]
    cells = re.findall(r"<td>(.*?)</td>", body)
    return {a: re.sub(r"<[^>]+>", "", c) for a, c in zip(ASPECTS, cells, strict=True)}


def matrix(assessment=CASE, **more):
    """The matrix of a case; `more` may replace its evidence."""
    return need_matrix(case_of(assessment, BANK, **more))


def fully_declared():
    """The case with a contract that says all that can be tested of a field."""
    table = DATA_MODEL.tables[0]
    column = Column(
        name="origin",
        type="string",
        needed=True,
        minimum=0,
        categories=(Category(value="EWR"),),
    )
    half = Selection(conditions=(Condition(column="month", at_most=6),))
    changes = {
        "columns": (column,),
        "train": half,
        "live": half,
        "keys": (("origin", "month"),),
    }
    model = DATA_MODEL.model_copy(
        update={"tables": (table.model_copy(update=changes),)}
    )
    return flight_assessment(data_model=model)


def test_need_is_shown_beside_what_was_measured():
    """Each aspect has its outcome in words; what is not declared is left empty."""
    shown = matrix()

    assert cells_of(shown, 0) == {
        "Present": "present",
        "Type": "",
        "Filled": "untested",
        "Categories": "1 category",
        "Values": "untested",
        "Stand-ins": "untested",
        "History": "181 days",
        "Keys, joins": "",
        "Train, live": "",
    }
    assert cells_of(shown, 1)["Keys, joins"] == "15 % find no partner"
    assert '<span class="m cross">181 days</span>' in shown.html


def test_what_the_prediction_changes_stands_above_the_needs():
    """What was typed is read by somebody, and escaped."""
    scope = SCOPE.model_copy(update={"decision": "A crew <waits>."})
    shown = matrix(flight_assessment(scope=scope))

    assert "A crew &lt;waits&gt;." in shown.html.partition("<table")[0]
    assert shown.text.startswith("A crew <waits>.")


def test_caption_counts_contradicted_fields_and_needs_without_a_field():
    """The title of the matrix is its finding, and it can be seen."""
    shown = matrix()

    assert (
        "<caption>2 of 2 needed fields are contradicted by the data in something; "
        "1 need without a field</caption>"
    ) in shown.html
    assert '<div class="titled marks">' in shown.html
    assert "<caption>None of 2 needed fields are" in matrix(evidence=()).html


def test_need_that_was_not_looked_at_names_whom_to_ask():
    """Nothing measured is said, never left blank."""
    shown = matrix(evidence=())

    assert cells_of(shown, 0)["Present"] == "not looked at: ask Data owner"
    assert cells_of(shown, 0)["History"] == "untested"
    assert cells_of(shown, 2)["Present"] == "no field known yet: ask Platform lead"
    assert set(list(cells_of(shown, 2).values())[1:]) == {""}


def test_all_that_is_declared_is_untested_until_it_is_measured():
    """No aspect stays empty where the contract says something of it."""
    shown = matrix(fully_declared(), evidence=())

    assert set(list(cells_of(shown, 0).values())[1:]) == {"untested"}


def test_field_that_the_contract_lacks_says_so():
    """Needed and not declared is a gap of its own."""
    heads = [row.partition(" not ")[0] for row in rows_of(matrix(evidence=()))[:2]]
    assert heads == [
        "Airport of departure flights.origin feature",
        "Tail number flights.tailnum feature",
    ]
    lacking = rows_of(matrix(fully_declared(), evidence=()))
    assert lacking[0].startswith(f"{heads[0]} not looked at")
    assert lacking[1].startswith(f"{heads[1]}; not in the data model not looked at")


@pytest.mark.parametrize(
    ("check", "aspect", "value", "unit", "said"),
    [
        ("fields-present", "Present", None, None, "absent"),
        ("history-gaps", "History", None, None, "not as declared"),
        ("categories-populated", "Categories", 1, "category", "1 category"),
        ("joins-match", "Keys, joins", 0.15, "share of rows", "15 % find no partner"),
        ("types-match", "Type", "string", "type", "is string"),
        ("nulls-tolerated", "Filled", 0.0281, "share of rows", "2.81 % empty"),
        ("label-filled", "Filled", 0.97, "share of rows", "97 % filled"),
        ("values-declared", "Values", 345, "rows", "345 rows not declared"),
        ("values-in-range", "Values", "<10", "rows", "<10 rows out of range"),
        ("sentinels-absent", "Stand-ins", 33, "rows", "33 rows"),
        ("live-like-training", "Train, live", 0.41, "PSI", "0.41 PSI"),
        ("keys-unique", "Keys, joins", 24, "duplicate keys", "24 duplicate keys"),
    ],
)
def test_contradiction_is_told_with_its_number(check, aspect, value, unit, said):
    """By how much, in a few words."""
    bad = finding(
        check, "flights.origin", "contradicts", "Bad.", value=value, unit=unit
    )

    shown = matrix(fully_declared(), evidence=[bad])

    assert cells_of(shown, 0)[aspect].replace("&lt;", "<") == said


def test_what_the_data_supports_is_said_in_a_word():
    """Of each aspect in its own, from every check that measures it."""
    checks = (
        "fields-present", "types-match", "nulls-tolerated", "label-filled",
        "categories-populated", "values-declared", "values-in-range",
        "sentinels-absent", "history-span", "history-gaps", "keys-unique",
        "joins-match", "live-like-training",
    )  # fmt: skip
    said = (
        "present", "fits", "filled", "filled", "all there", "as declared",
        "as declared", "none", "long enough", "long enough", "match", "match", "alike",
    )  # fmt: skip
    found = (
        cells_of(
            matrix(evidence=[finding(check, "flights.origin", "supports", "Good.")]), 0
        )
        for check in checks
    )

    assert [
        {*cells.values()} - {"", "untested", "not looked at: ask Data owner"}
        for cells in found
    ] == [{word} for word in said]


@pytest.mark.parametrize(
    ("subject", "is_shown"),
    [
        ("flights.origin", True),
        ("flights", True),
        ("flights.origin+month", True),
        ("flights.month+origin -> planes.a+b", True),
        ("planes.a -> flights.origin", True),
        ("flights.month", False),
        ("planes.origin", False),
        ("planes", False),
    ],
)
def test_need_is_judged_by_its_field_its_table_its_key_and_its_join(subject, is_shown):
    """What was found of another field says nothing of it."""
    bad = finding("keys-unique", subject, "contradicts", "Bad.", value=2, unit="rows")
    shown = cells_of(matrix(evidence=[bad]), 0)["Keys, joins"]

    assert shown == ("2 rows" if is_shown else "")


def test_loudest_of_several_findings_is_shown():
    """Values in range do not hide values that nobody declared."""
    good = finding("values-in-range", "flights.origin", "supports", "Good.")
    bad = finding(
        "values-declared", "flights.origin", "contradicts", "Bad.", value=3, unit="rows"
    )

    assert cells_of(matrix(fully_declared(), evidence=[good, bad]), 0)["Values"] == (
        "3 rows not declared"
    )
    assert cells_of(matrix(fully_declared(), evidence=[good]), 0)["Values"] == (
        "as declared"
    )


def test_needs_that_nobody_declared_are_named():
    """The empty table says which key is missing."""
    scope = SCOPE.model_copy(update={"needs": ()})

    shown = matrix(flight_assessment(scope=scope), evidence=())

    assert shown.text == "Nobody has said yet what the use case needs from the data."


def test_texts_from_documents_are_escaped():
    """No declared text can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    needs = tuple(
        need.model_copy(update={"what": hostile, "field": f"flights.{hostile}"})
        for need in SCOPE.needs
    )
    case = flight_assessment(scope=SCOPE.model_copy(update={"needs": needs}))

    assert "<script" not in matrix(case).html
