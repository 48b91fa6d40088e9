"""Where needed fields come from, as far as the contract says."""

from __future__ import annotations

import re

from flight_case import DATA_MODEL, SCOPE, flight_assessment
from readybook.model.contract import Column
from readybook.show.data.lineage import lineage_table


def case(*columns, origin=None):
    """The case with other columns in its table."""
    table = DATA_MODEL.tables[0].model_copy(
        update={"columns": columns, "origin": origin}
    )
    return flight_assessment(
        data_model=DATA_MODEL.model_copy(update={"tables": (table,)})
    )


def words_of(fragment):
    """The text that is left without tags, spaces folded."""
    html = fragment.html.replace("<wbr>", "")
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


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

    shown = lineage_table(case(origin))

    assert shown.text == (
        "The contract says of 1 of 2 needed fields where it comes from"
    )
    assert (
        "flights.origin Departure control dcs.leg dcs.port Upper case of "
        "dcs.leg.origin https://example.org/terms/origin"
    ) in words_of(shown)
    assert "href" not in shown.html
    assert "Origin not declared: flights.tailnum." in shown.html


def test_field_without_an_origin_has_that_of_its_table():
    """Fields of which the same is declared share a row; empty columns are left out."""
    shown = lineage_table(
        case(Column(name="origin"), Column(name="tailnum"), origin="BTS")
    )

    assert "flights.origin , flights.tailnum BTS" in words_of(shown)
    assert "Rule" not in shown.html


def test_long_rule_is_cut():
    """The contract has the rest."""
    rule = "a + " * 100
    shown = lineage_table(case(Column(name="origin", origin="x", made_by=rule)))

    assert "…" in shown.html
    assert rule not in shown.html


def test_undeclared_origins_are_all_named():
    """No contract, no column and no word about it are the same: not declared."""
    names = "flights.origin, flights.tailnum"

    for bare in (case(Column(name="origin")), flight_assessment(data_model=None)):
        assert (
            f"none of 2 needed fields where it comes from. Origin not declared: {names}."
            in (lineage_table(bare).text)
        )


def test_nothing_needed_is_said():
    """The key that is missing is named."""
    scope = SCOPE.model_copy(update={"needs": ()})
    shown = lineage_table(flight_assessment(scope=scope, data_model=None))

    assert "assessment.yaml, key needs" in shown.text


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

    assert "<script" not in lineage_table(case(column)).html
