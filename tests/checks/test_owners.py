"""Owners: each finding with its sentence, and how it bears on a question."""

from __future__ import annotations

import pytest

from flight_case import flight_bank
from readybook.checks.catalogue import CHECKS
from readybook.checks.findings import collect_findings
from register_case import (
    FAILED,
    PASSED,
    SILENT,
    asset,
    bears,
    buy_in,
    case,
    days_ago,
    found,
    holder,
)
from samples import without

SHOPS = asset("shops-table", covers=("shops",))
HELD = holder("data-owner", "a", deputies=("b",), buy_in=buy_in("committed"))


def both(**keys):
    """Two assets that stand for all that is needed; the first one is as told."""
    keys = {"confirmed_on": days_ago(10)} | keys
    other = asset("shops-table", covers=("shops",), confirmed_on=days_ago(10))
    return asset(**keys), other


def test_one_accountable_role_supports():
    """Every needed table has an asset, and each asset one owner."""
    assessment = case(*both())

    assert found("owners-single", assessment)["orders-table"].message == (
        "Data owner alone is accountable for orders-table."
    )
    assert bears("owners-single", assessment) == PASSED


def test_asset_that_nobody_is_accountable_for_contradicts():
    """It is told with what it is."""
    assessment = case(*both(accountable=()))

    assert found("owners-single", assessment)["orders-table"].message == (
        "Nobody is accountable for orders-table: What orders-table is."
    )
    assert bears("owners-single", assessment) == FAILED


def test_two_accountable_roles_contradict():
    """With two of them, nobody has the last word."""
    assessment = case(*both(accountable=("data-owner", "sponsor")))

    assert found("owners-single", assessment)["orders-table"].message == (
        "Data owner and sponsor are both accountable for orders-table: nobody has the "
        "last word."
    )
    assert bears("owners-single", assessment) == FAILED


def test_needed_table_without_an_asset_keeps_every_check_from_passing():
    """A register that leaves something out proves nothing of all that is needed."""
    assessment = case(asset(confirmed_on=days_ago(10)), roles=(HELD,))

    for check in ("owners-single", "owners-willing", "owners-confirmed", "roles-known"):
        assert bears(check, assessment) == SILENT


def test_need_without_a_field_keeps_a_check_from_passing():
    """Nobody can own what nobody has found."""
    assessment = case(*both(), needs=(None,))

    assert bears("owners-single", assessment) == SILENT


@pytest.mark.parametrize("state", ["unaware", "opposed"])
def test_owner_who_is_unaware_or_opposed_contradicts(state):
    """It is told since when, and how that is known."""
    against = holder("data-owner", "a", buy_in=buy_in(state))
    assessment = case(*both(), roles=(against,))

    assert found("owners-willing", assessment)["orders-table"].message == (
        f"Data owner is accountable for orders-table and {state}, as of "
        "20 November 2026 (said so)."
    )
    assert bears("owners-willing", assessment) == FAILED


@pytest.mark.parametrize("state", ["aware", "supportive", "committed"])
def test_owner_who_knows_of_it_supports(state):
    """Being aware is enough not to contradict."""
    assessment = case(*both(), roles=(holder("data-owner", "a", buy_in=buy_in(state)),))

    assert bears("owners-willing", assessment) == PASSED


def test_buy_in_of_after_the_as_of_date_is_not_known_yet():
    """Nobody knew on that day how the owner stands."""
    later = holder("data-owner", "a", buy_in=buy_in("opposed", age=-1))
    assessment = case(*both(), roles=(later,))

    assert found("owners-willing", assessment)["orders-table"].message == (
        "Data owner is accountable for orders-table; how that role stands to the case "
        "is not recorded."
    )
    assert bears("owners-willing", assessment) == SILENT


def test_confirmation_counts_for_ninety_days():
    """On the ninetieth day it still does."""
    assessment = case(*both(confirmed_on=days_ago(90)))

    assert found("owners-confirmed", assessment)["orders-table"].message == (
        "Data owner last confirmed orders-table on 1 September 2026, 90 days ago."
    )
    assert bears("owners-confirmed", assessment) == PASSED


def test_confirmation_of_over_ninety_days_ago_counts_as_said():
    """It is told with its age, withdraws its support, and contradicts nothing."""
    assessment = case(*both(confirmed_on=days_ago(91)))
    finding = found("owners-confirmed", assessment)["orders-table"]

    assert finding.outcome == "informs"
    assert finding.message == (
        "Data owner last confirmed orders-table on 31 August 2026, 91 days ago, which "
        "is more than 90."
    )
    assert bears("owners-confirmed", assessment) == SILENT


@pytest.mark.parametrize("on", [None, days_ago(-1)])
def test_owner_who_never_confirmed_contradicts(on):
    """A confirmation of after the as-of date is none."""
    assessment = case(*both(confirmed_on=on))

    assert found("owners-confirmed", assessment)["orders-table"].message == (
        "Data owner never confirmed being accountable for orders-table."
    )
    assert bears("owners-confirmed", assessment) == FAILED


def test_role_of_one_person_without_a_deputy_is_a_single_point():
    """Its assets fall with that person."""
    assessment = case(*both(), roles=(holder("data-owner", "a"),))

    assert found("owners-backed", assessment)["orders-table"].message == (
        "Data owner has no deputy: orders-table falls with one person."
    )
    assert bears("owners-backed", assessment) == FAILED


@pytest.mark.parametrize(
    "held",
    [
        holder("data-owner", "a", deputies=("b",)),
        holder("data-owner", "a", "b"),
    ],
    ids=["deputy", "two holders"],
)
def test_two_people_behind_a_role_back_its_assets(held):
    """A deputy counts, and so does a second holder."""
    assessment = case(*both(), roles=(held,))

    assert found("owners-backed", assessment)["orders-table"].message == (
        "2 people can answer for orders-table: data owner."
    )
    assert bears("owners-backed", assessment) == PASSED


def test_deputy_who_holds_the_role_is_no_second_person():
    """Nobody stands in for oneself."""
    assessment = case(*both(), roles=(holder("data-owner", "a", deputies=("a",)),))

    assert bears("owners-backed", assessment) == FAILED


def test_asset_of_a_role_that_nobody_holds_falls_with_it():
    """A deputy of nobody is nobody."""
    assessment = case(*both(), roles=(holder("data-owner", deputies=("b",)),))

    assert found("owners-backed", assessment)["orders-table"].message == (
        "Nobody holds data owner: orders-table falls with that role."
    )


def test_role_that_the_register_lacks_says_nothing_of_deputies():
    """What is not declared is not measured."""
    assert bears("owners-backed", case(*both())) == SILENT


@pytest.mark.parametrize(
    ("keys", "message", "expected"),
    [
        ({}, ("Data owner is accountable for m and committed, as of 20 November 2026 "
             "(said so)."), PASSED),
        ({"accountable": ()}, "Nobody is accountable for m: What m is.", FAILED),
        ({"accountable": ("sponsor", "data-owner")},
         ("Sponsor and data owner are both accountable for m: nobody has the last word."), FAILED),
        ({"accountable": ("sponsor",)}, "Nobody holds sponsor, accountable for m.",
         FAILED),
    ],
    ids=["one", "nobody", "two", "held by nobody"],
)  # fmt: skip
def test_model_in_production_wants_one_owner_who_is_there(keys, message, expected):
    """One finding of its own, since another question asks for it."""
    owned = asset("m", kind="model", covers=(), **keys)
    assessment = case(owned, roles=(HELD, holder("sponsor")))

    assert found("model-owned", assessment)["m"].message == message
    assert bears("model-owned", assessment) == expected
    assert "m" not in found("owners-single", assessment)


def spread(heavy, light):
    """A register in which one role has so many assets, and another one so many."""
    owned = [asset(f"h{n}", covers=("orders", "shops")) for n in range(heavy)]
    others = [asset(f"l{n}", accountable=("sponsor",)) for n in range(light)]
    return case(*owned, *others)


def test_role_with_more_than_half_of_the_assets_carries_too_much():
    """It is told with both shares, and decides nothing."""
    finding = found("load-spread", spread(3, 2), flight_bank())["data-owner"]

    assert finding.outcome == "informs"
    assert finding.value == 0.6
    assert finding.message.startswith(
        "Data owner is accountable for 3 of 5 assets, more than half, and answers "
    )
    assert bears("load-spread", spread(3, 2)) == SILENT


def test_half_of_the_assets_is_not_too_much():
    """The line is crossed above half only."""
    assert bears("load-spread", spread(2, 2)) == PASSED


def test_share_of_three_assets_says_nothing():
    """In a small register one role has most."""
    assert found("load-spread", spread(3, 0))["data-owner"].outcome == "supports"


def test_register_that_is_not_there_is_no_finding():
    """A blank form is neither a pass nor a fail."""
    assessment = without(case(), "stakeholders")
    checks = {one.check for one in collect_findings(assessment)}

    assert not checks & {"owners-single", "roles-known", "agreements-current"}
    assert CHECKS["owners-single"].subjects(assessment) == (
        "table orders",
        "table shops",
    )
    assert bears("owners-single", assessment) == SILENT


def test_asset_that_is_called_like_a_table_is_judged_anew():
    """That the contract changed since the data was measured does not age the register."""
    assessment = case(asset("orders", covers=("orders", "shops")))

    assert bears("owners-single", assessment) == PASSED
