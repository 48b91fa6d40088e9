"""What a sign-off covers: its fingerprint, and what changed since, field by field."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readybook.checks.sign_offs import (
    SignOffs,
    agreement_on,
    canonical,
    differences,
    fingerprint_of,
    known_covers,
    part_of,
)
from readybook.model.case import SignOff
from readybook.model.contract import Category, Column, Relationship, Tolerance
from register_case import (
    CHANGED,
    MODEL,
    asset,
    case,
    column,
    days_ago,
    model,
    signed,
    table,
)


def told(before, after, covers="model"):
    """The words of every difference between two data models."""
    old, new = agreement_on(before, covers), agreement_on(after, covers)
    return [one.words for one in differences(old.content, new.content if new else {})]


def test_model_tables_and_category_lists_can_be_agreed_to():
    """Nothing else can: a column without categories is part of its table."""
    assert known_covers(MODEL) == (
        "model",
        "orders",
        "shops",
        "orders.status",
        "orders.channel",
        "shops.region",
    )
    assert agreement_on(MODEL, "orders.id") is None
    assert agreement_on(MODEL, "customers") is None


@pytest.mark.parametrize("today", [True, False])
@pytest.mark.parametrize("name", ["orders", "main.orders", "a.b.orders"])
def test_table_and_its_categories_are_told_apart_by_the_model_not_by_dots(name, today):
    """And by what was agreed to, of a table that is gone."""
    then = model(table(name, column("status", "new")))
    part = f"{name}.status"
    given = [signed("data-owner", one, by=then) for one in (name, part)]
    told = SignOffs(case(sign_offs=given, data_model=then if today else model()))

    assert [told.in_words(one) for one in (name, part, "model")] == [
        f"table {name}",
        f"the categories of {part}",
        "the data model",
    ]


def test_order_of_tables_columns_and_categories_does_not_matter():
    """Who sorts the contract asks nobody to agree again."""
    turned = model(
        table("shops", column("region", "south", "north")),
        table("orders", column("channel", "web"), column("status", "paid", "new")),
    )

    for covers in known_covers(MODEL):
        ours, theirs = agreement_on(MODEL, covers), agreement_on(turned, covers)
        assert fingerprint_of(ours) == fingerprint_of(theirs)


def test_where_the_data_lies_is_no_part_of_an_agreement():
    """A moved file, or a rule that is not run, changes nothing that was agreed."""
    moved = MODEL.model_copy(
        update={
            "tables": tuple(
                one.model_copy(update={"location": "x", "rules_not_run": 3})
                for one in MODEL.tables
            )
        }
    )

    assert fingerprint_of(agreement_on(moved, "model")) == fingerprint_of(
        agreement_on(MODEL, "model")
    )


def test_equal_lists_of_two_columns_are_two_agreements():
    """Who agrees to the one has not agreed to the other."""
    twins = model(table("t", column("a", "x"), column("b", "x")))

    assert fingerprint_of(agreement_on(twins, "t.a")) != fingerprint_of(
        agreement_on(twins, "t.b")
    )


def test_changed_category_is_told_in_words():
    """A new one with its label, a lost one, and another promise of rows."""
    before = model(table("t", column("a", "x", "y")))
    categories = (Category(value="x", min_rows=10), Category(value="z", label="Zed"))
    after = model(table("t", Column(name="a", needed=True, categories=categories)))

    assert told(before, after, "t.a") == [
        "t.a: rows promised of category x is now 10, was 1",
        "t.a: category y was removed",
        "t.a: category z was added (Zed)",
    ]


def test_changed_fields_of_a_table_are_told_one_by_one():
    """Type, nulls, keys, joins, history: each with what it was."""
    before = model(table("t", Column(name="a", type="string"), history_needed="P1Y"))
    join = Relationship(table="t", columns=("a",), to_table="s", to_columns=("a",))
    after = model(
        table(
            "t",
            Column(name="a", type="integer", required=True, nulls=Tolerance(limit=0)),
            Column(name="b"),
            history_needed="P2Y",
            keys=(("a", "b"),),
            relationships=(join,),
            segments=("a",),
        )
    )

    assert told(before, after) == [
        "t.a: nulls is now limit 0.0, was not declared",
        "t.a: must be filled is now yes, was no",
        "t.a: type is now integer, was string",
        "t: column b was added",
        "t: history needed is now P2Y, was P1Y",
        "t: key a+b was added",
        "t: join t.a -> s.a was added",
        "t: segments is now a, was not declared",
    ]


def test_part_that_is_gone_is_one_difference():
    """A table that was removed is not told column by column."""
    assert told(MODEL, model(MODEL.tables[0])) == [
        "the data model: table shops was removed"
    ]
    assert told(MODEL, model(MODEL.tables[0]), "shops") == [
        "the data model: table shops was removed"
    ]


def test_part_of_what_was_agreed_is_what_the_part_itself_would_be():
    """Whoever agreed to all of it agreed to each table and category list."""
    whole = agreement_on(MODEL, "model").content

    for covers in known_covers(MODEL):
        assert part_of(whole, covers) == agreement_on(MODEL, covers).content


def test_canonical_json_can_be_read_again():
    """The stored text is JSON that says what it covers."""
    text = canonical(agreement_on(MODEL, "shops.region"))

    assert json.loads(text) == {
        "format": 1,
        "covers": "shops.region",
        "content": {
            "tables": {
                "shops": {
                    "columns": {"region": {"categories": {"north": {}, "south": {}}}}
                }
            }
        },
    }


_VALUES = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=5, unique=True)
_MODELS = st.builds(
    lambda one, two: model(table("t", column("x", *one), column("y", *two))),
    _VALUES,
    _VALUES,
)


@given(before=_MODELS, after=_MODELS)
def test_fingerprint_changes_exactly_where_something_is_told(before, after):
    """No change without a sentence, and no sentence without a change."""
    for covers in known_covers(before):
        same = fingerprint_of(agreement_on(before, covers)) == fingerprint_of(
            agreement_on(after, covers)
        )
        assert same == (told(before, after, covers) == [])


@pytest.mark.parametrize("covers", ["model", "t", "t.x"])
def test_difference_turned_round_tells_the_same_places(covers):
    """What was added one way was removed the other way."""
    before = model(table("t", column("x", "a", "b")))
    after = model(table("t", column("x", "b", "c")))
    there = told(before, after, covers)
    back = told(after, before, covers)

    swapped = [
        one.replace("added", "-").replace("removed", "added").replace("-", "removed")
        for one in back
    ]
    assert sorted(there) == sorted(swapped)


def test_agreement_to_more_holds_for_the_parts_that_did_not_change():
    """Of a stale agreement to the model, only the changed list has to be agreed again."""
    assessment = case(
        asset(),
        asset("shops-table", covers=("shops",)),
        sign_offs=[signed("data-owner", "model")],
        data_model=CHANGED,
    )
    all_of_it = SignOffs(assessment)

    assert all_of_it.cell("data-owner", "orders.channel").state == "agreed"
    assert all_of_it.cell("data-owner", "shops.region").state == "agreed"
    stale = all_of_it.cell("data-owner", "orders.status")
    assert stale.state == "out of date"
    assert [one.words for one in stale.changes] == [
        "orders.status: category void was added"
    ]


def test_latest_agreement_of_a_role_stands_for_a_part():
    """A current one before one that is out of date, that before an unbound one."""
    changed = [signed("data-owner", "orders.status"), signed("data-owner", "model")]
    unbound = SignOff(role="data-owner", covers="orders", on=days_ago(1))
    told = SignOffs(
        case(asset(), sign_offs=[*changed, (unbound, {})], data_model=CHANGED)
    )
    alone = SignOffs(case(asset(), sign_offs=[(unbound, {})], data_model=CHANGED))

    assert told.cell("data-owner", "orders.status").state == "out of date"
    assert told.cell("data-owner", "orders.channel").by.covers == "model"
    assert told.cell("data-owner", "orders.channel").state == "agreed"
    assert alone.cell("data-owner", "orders.status").state == "not bound"
    assert alone.cell("data-owner", "orders.status").changes == ()
    assert alone.cell("data-owner", "shops.region").state == "missing"


def test_share_of_rows_without_partner_is_part_of_an_agreement():
    """What a join's name says already is not said again."""
    join = Relationship(table="t", columns=("a",), to_table="s", to_columns=("a",))
    loose = join.model_copy(update={"orphans_tolerated": 0.5})
    before, after = (
        model(table("t", Column(name="a"), relationships=(one,)))
        for one in (join, loose)
    )

    assert told(before, after) == [
        (
            "t: share of rows without a partner that is tolerated of join t.a -> s.a is now "
            "0.5, was 0.0"
        )
    ]
    content = agreement_on(after, "t").content["tables"]["t"]
    assert content == {
        "columns": {"a": {}}, "keys": {},
        "relationships": {"t.a -> s.a": {"orphans_tolerated": 0.5}},
    }  # fmt: skip
    letters = model(table("t", Column(name="ä")))
    assert '"ä": {}' in canonical(agreement_on(letters, "t"))
