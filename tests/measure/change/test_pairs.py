"""Columns that are equal in some rows: which are compared, and what steps in them."""

import datetime as dt
import math

import numpy as np
import pyarrow as pa
import pytest

from readybook.measure.change.events import check_steps
from readybook.measure.change.pairs import count_equal, equal_columns
from readybook.measure.change.series import span_of
from real_tables import column, example, opened

START = dt.date(2021, 1, 1)
PRICES = ("open", "high", "low", "close")


def prices(days, share, *, names=PRICES, chance=7, a_day=20, **more):
    """Return rows of prices that are all equal in a share of a day's rows."""
    dice, number = np.random.default_rng(chance), days * a_day
    days_of = np.repeat(np.arange(days), a_day)
    is_flat = dice.random(number) < np.array([share(at) for at in days_of])
    first = dice.integers(1_000, 2_000, number) / 10
    data = {"at": [START + dt.timedelta(int(at)) for at in days_of]}
    for at, name in enumerate(names):
        data[name] = np.where(is_flat, first, first + at * 7 + dice.random(number))
    return data | more


def table_of(data, *names, segments=(), **fields):
    columns = [column(name) for name in names or data if name != "at"]
    return opened(
        data, column("at"), *columns, event_time="at", segments=segments, **fields
    )


def told(data, *names, segments=()):
    return check_steps(table_of(data, *names, segments=segments), ())


def points(finding, name):
    found = [one for one in finding.series if one.name == name]
    return {point.label: point.value for one in found for point in one.points}


# --- which are compared --------------------------------------------------------------


def test_each_is_compared_with_the_next_of_its_kind():
    """Numbers with numbers, days with days; never codes, texts and all with all."""
    now, day = dt.datetime(2021, 1, 1, tzinfo=dt.UTC), dt.date(2021, 1, 1)
    data = {"a": [1], "sent": [day], "b": [1.5], "note": ["x"], "code": [1], "c": [2],
            "came": [day], "when": [now], "gone": pa.array([now], pa.timestamp("s", "UTC")),
            "local": pa.array([0], pa.timestamp("ms"))}  # fmt: skip
    columns = [column(n, categories=("1",) * (n == "code")) for n in (*data, "absent")]

    assert [*equal_columns(opened(data, *columns))] == [
        ("a", "b"), ("b", "c"), ("sent", "came"), ("when", "gone"),
    ]  # fmt: skip


def test_hundreds_of_columns_are_as_many_pairs():
    """A table twice as wide takes twice as many comparisons."""
    data = {f"c{at}": [1] for at in range(300)}

    assert len(equal_columns(opened(data, *map(column, data)))) == 299


def test_missing_and_infinite_numbers_are_equal_to_none():
    """Whole and other numbers compare by value; what is no value compares with none."""
    left = [1, 2, None, None, 5]
    right = [1.0, 2.5, None, 4.0, math.nan]
    table = opened({"a": left, "b": right}, column("a"), column("b"))
    (equal,) = equal_columns(table).values()

    assert table.source.select(e=equal).to_pyarrow()["e"].to_pylist() == [
        True, False, None, None, None,
    ]  # fmt: skip
    same = opened({"a": [math.nan], "b": [math.nan]}, column("a"), column("b"))
    (equal,) = equal_columns(same).values()
    assert same.source.select(e=equal).to_pyarrow()["e"].to_pylist() == [None]


@pytest.mark.parametrize("share", [0.0, 0.002, 1.0], ids=["none", "too few", "all"])
def test_pair_that_cannot_step_is_not_followed(share):
    """What is equal in hardly any rows, or in all of them, is counted once only."""
    table = table_of(prices(300, lambda _: share))

    assert count_equal(table, span_of(table.profile, table.declared)).pairs == {}


def test_pair_that_repeats_the_calendar_is_not_followed():
    """A fiscal year is the year's own for nine months of twelve: no step in October."""
    days = [START + dt.timedelta(at) for at in range(365) for _ in range(20)]
    data = {"at": days, "year": [day.year for day in days],
            "fiscal": [day.year + (day.month > 9) for day in days]}  # fmt: skip

    assert points(told(data), "step") == {}


# --- what steps ----------------------------------------------------------------------


def test_prices_that_become_equal_are_one_dated_event():
    """From a day on a source sends one price four times."""
    finding = told(prices(400, lambda at: 0.9 if at >= 200 else 0.1))

    assert finding.outcome == "contradicts"
    assert finding.message == (
        "From 20 July 2021 the share of rows with high = low rises from 9.84 % to "
        "89.4 % (likewise low = close, open = high), and no declared change says why."
    )
    assert list(points(finding, "step")) == [
        "share of rows with t.high = low: 2021-07-20"
    ]


def test_columns_that_become_different_are_found():
    """A copied column that is filled by itself from a day on."""
    finding = told(prices(400, lambda at: 0.2 if at >= 120 else 0.6, names="ab"))

    assert "From 1 May 2021 the share of rows with a = b falls" in finding.message
    assert finding.value == 1


def test_step_is_told_where_it_is():
    """Of two shops one begins to copy a price."""
    half = prices(
        400, lambda at: 0.8 if at >= 200 else 0.1, names="ab", shop=["x"] * 8_000
    )
    other = prices(400, lambda _: 0.1, names="ab", chance=8, shop=["y"] * 8_000)
    data = {name: [*half[name], *other[name]] for name in half}
    finding = told(data, "a", "b", "shop", segments=("shop",))

    assert list(points(finding, "step")) == [
        "share of rows with t.a = b (x): 2021-07-20"
    ]


def test_columns_that_both_become_zero_are_told_as_zeros():
    """What follows from another step of the day is not told beside it."""
    data = prices(400, lambda _: 0.0, names="ab", a_day=30)
    is_zero = np.arange(len(data["a"])) >= 200 * 30
    is_zero &= np.arange(len(data["a"])) % 2 > 0
    data |= {name: np.where(is_zero, 0.0, data[name]) for name in "ab"}
    message = told(data).message

    assert "the share of zeros in a rises" in message
    assert "a = b" not in message


def test_label_that_is_not_known_yet_makes_no_step():
    """The newest rows have a first value of the label, which is the price offered."""
    data = prices(400, lambda at: 0.9 if at >= 350 else 0.1, names="ab")
    columns = column("at"), column("a"), column("b", is_label=True, label_delay="P60D")
    table = opened(data, *columns, event_time="at")

    assert not any("a = b" in one for one in points(check_steps(table, ()), "step"))


@pytest.mark.parametrize("chance", range(8))
def test_honest_prices_do_not_step(chance):
    """Equal in a share that chance and a season move: nothing is found."""
    finding = told(
        prices(730, lambda at: 0.2 + 0.1 * math.sin(at / 58.1), chance=chance, a_day=12)
    )

    assert points(finding, "step") == {}


def test_example_has_equal_columns_that_do_not_step():
    """Flights that leave as planned are followed, and are as many all year."""
    flights = example()["flights"]
    found = count_equal(flights, span_of(flights.profile, flights.declared))

    assert ("dep_time", "sched_dep_time") in found.pairs.values()
    assert not any("=" in one for one in points(check_steps(flights, ()), "step"))
