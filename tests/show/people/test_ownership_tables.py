"""Matrices of owners and of agreements, and what the register shows."""

from __future__ import annotations

import re

from flight_case import flight_bank
from readybook.show.people.ownership_tables import (
    agreement_matrix,
    agreements,
    changes_since,
    ownership_matrix,
    register_findings,
)
from register_case import CHANGED, MODEL, asset, buy_in, case, days_ago, holder, signed
from shown import case_of, words_of

BANK = flight_bank()
SHOPS = asset("shops-table", covers=("shops",))


def rows_of(fragment):
    """The words of each cell, row by row."""
    body = fragment.html.partition("<tbody>")[2].partition("</tbody>")[0]
    return [
        [words_of(cell) for cell in re.split(r"</t[hd]>", row)[:-1]]
        for row in body.split("</tr>")[:-1]
    ]


def owners(*assets, roles=()):
    """The ownership matrix of these assets, row by row."""
    return ownership_matrix(case_of(case(*assets, roles=roles), BANK))


def test_matrix_has_a_letter_for_each_part_that_a_role_plays():
    """One role may play several parts in one asset."""
    shown = owners(
        asset(
            responsible="data-owner",
            consulted=("platform-lead",),
            informed=("sponsor",),
        )
    )

    assert "<b>A</b> R" in shown.html
    assert rows_of(shown)[0][1:4] == ["I", "A R", "C"]


def test_asset_with_one_willing_owner_and_a_deputy_is_fine():
    """Its state is a word, not an empty cell."""
    held = holder("data-owner", "a", "b", buy_in=buy_in("aware"))
    shown = owners(asset(confirmed_on=days_ago(5)), roles=(held,))

    assert rows_of(shown)[0][-1] == "one owner"
    assert shown.text.startswith("1 of 1 asset has exactly one accountable role")


def test_everything_that_is_wrong_with_an_asset_is_told_gravest_first():
    """Nobody or several, against it, unconfirmed, without a deputy."""
    held = holder("data-owner", "a", buy_in=buy_in("opposed"))
    shown = owners(
        asset("one", confirmed_on=days_ago(120)),
        asset("two", accountable=("data-owner", "sponsor")),
        asset("three", accountable=()),
        asset("four", kind="model"),
        roles=(held,),
    )
    states = [row[-1] for row in rows_of(shown)]

    assert states == [
        "owner opposed confirmed 120 days ago no deputy",
        "2 accountable owner opposed never confirmed",
        "nobody accountable",
        "owner opposed never confirmed no deputy",
    ]


def test_no_asset_is_said():
    """An empty register says what to fill in."""
    assert owners().text == "No asset is declared yet: stakeholders.yaml, key assets."


def test_agreement_is_current_out_of_date_or_missing():
    """Categories by stakeholders, with the day of the agreement."""
    assessment = case(
        asset(responsible="platform-lead"),
        SHOPS,
        sign_offs=[
            signed("data-owner", "model"),
            signed("platform-lead", "orders.channel"),
        ],
        data_model=CHANGED,
    )
    shown = agreement_matrix(case_of(assessment, BANK))

    assert shown.text == "3 of 6 agreements are current, 2 out of date, 1 missing"
    assert rows_of(shown) == [
        ["The data model", "out of date 10 November 2026", ""],
        ["Categories of orders.status", "out of date 10 November 2026", "missing"],
        [
            "Categories of orders.channel",
            "agreed 10 November 2026",
            "agreed 10 November 2026",
        ],
        ["Categories of shops.region", "agreed 10 November 2026", ""],
    ]


def test_change_since_an_agreement_stands_below_the_matrix():
    """Field by field, with who has to agree again."""
    given = [signed("data-owner", "orders.status")]
    stale = case(asset(), SHOPS, sign_offs=given, data_model=CHANGED)
    fresh = case(asset(), SHOPS, sign_offs=given, data_model=MODEL)

    assert rows_of(changes_since(case_of(stale, BANK))) == [
        [
            "Data owner has to agree again",
            "the categories of orders.status",
            "10 November 2026",
            "orders.status: category void was added",
        ]
    ]
    assert "category void was added" in agreements(case_of(stale, BANK)).html
    assert "agree again" not in agreements(case_of(fresh, BANK)).html


def test_nobody_named_who_would_have_to_agree_is_said():
    """Without assets and sign-offs there is no matrix."""
    assert agreement_matrix(case_of(case(), BANK)).text == (
        "Nobody is named who would have to agree: stakeholders.yaml, key assets."
    )


def test_findings_are_told_check_by_check():
    """What fails is told; of many alike, the first stands for all."""
    many = [asset(f"a{n}", accountable=()) for n in range(5)]
    rows = rows_of(register_findings(case_of(case(*many, asset("b")), BANK)))
    row = next(one for one in rows if one[0].startswith("One accountable role each"))

    assert row[1:3] == ["Contradicted", "1 of 6"]
    assert (
        row[3] == "Nobody is accountable for a0: What a0 is. likewise: a1, a2, a3, a4"
    )


def test_text_of_people_is_escaped():
    """A tag in a name is shown, never run."""
    html = owners(asset().model_copy(update={"what": "<b>bold</b>"})).html

    assert "&lt;b&gt;bold" in html
    assert not re.search(r"<b>bold", html)
