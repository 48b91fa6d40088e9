"""What a declared table says of its columns."""

import pytest

from readybook.model.contract import Column, Condition, Selection, Table, split_name

TABLE = Table(
    name="orders",
    location="orders",
    columns=(
        Column(name="id"),
        Column(name="shop"),
        Column(name="day", type="date"),
        Column(name="ordered", type="integer"),
        Column(name="late", is_label=True, label_known="known"),
        Column(name="known", type="integer"),
        Column(name="year", type="integer"),
        Column(name="kind"),
        Column(name="line"),
        Column(name="price", type="number"),
    ),
    keys=(("id",), ("shop", "line")),
    event_time="ordered",
    train=Selection(conditions=(Condition(column="year", at_most=2025),)),
    live=Selection(conditions=(Condition(column="kind", equals=("web",)),)),
    declared="sha256:table",
)


@pytest.mark.parametrize(
    ("table", "compared"),
    [
        (TABLE, {"shop", "late", "line", "price"}),
        (
            TABLE.model_copy(update={"train": None, "event_time": None, "keys": ()}),
            {"id", "shop", "ordered", "late", "year", "line", "price"},
        ),
        (
            TABLE.model_copy(update={"live": None}),
            {"shop", "late", "kind", "line", "price"},
        ),
    ],
)
def test_columns_that_differ_by_themselves_are_not_compared(table, compared):
    """Times, single keys, and what the training or the live rows are chosen by."""
    found = {column.name for column in table.columns if table.is_compared(column)}

    assert found == compared


def test_column_is_found_by_its_name():
    """Where there is none, that is said."""
    assert TABLE.column("late").is_label
    assert TABLE.column("gone") is None


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("shop.orders.id", ("shop.orders", "id")),
        ("shop.orders", ("shop.orders", "")),
        ("shop.id", ("shop", "id")),
        ("shop.a.b", ("shop", "a.b")),
        ("shopper.id", ("shopper", "id")),
        ("other.a.b", ("other", "a.b")),
    ],
)
def test_name_is_split_after_its_table(name, parts):
    """Tables and columns may have dots; the longest known table is meant."""
    assert split_name(name, ["shop", "shop.orders"]) == parts
