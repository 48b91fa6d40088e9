"""Missing values against what was declared, in all and by month."""

import datetime as dt
import math

import pyarrow as pa
import pytest

from readybook.measure.fields.filled import check_nulls
from readybook.model.contract import Column, NullLimit
from readybook.model.errors import SourceError
from real_tables import column, example, opened, points

NONE = pa.array([], pa.int64())


@pytest.fixture(scope="module")
def tables():
    return example()


def limited(name, limit, **fields):
    return Column(name=name, nulls=NullLimit(limit=limit, **fields))


def half_empty(present, missing, limit=None, **fields):
    """Return the finding about a column of some present and missing values."""
    one = limited("x", limit, **fields) if limit is not None else column()
    return check_nulls(opened({"x": [1] * present + [None] * missing}, one), one)


# --- the example ---------------------------------------------------------------------


def test_example_label_lacks_published_values_within_the_limit(tables):
    """The share, its limit, the worst month and one point per month are told."""
    finding = check_nulls(tables["flights"], limited("arr_delay", 0.03))

    assert (finding.outcome, finding.value) == ("supports", 0.028001)
    assert (finding.unit, finding.threshold) == ("share of rows", 0.03)
    assert finding.threshold_source == "data.odcs.yaml: flights.arr_delay"
    assert finding.message == (
        "flights.arr_delay has no value in 9,430 of 336,776 rows (2.80 %); at most 3 % "
        "is tolerated; the worst month is 2013-02 (5.37 %)."
    )
    months = points(finding, "month")
    assert len(months) == 12
    assert max(months, key=months.get) == "2013-02"


def test_example_gusts_of_wind_are_mostly_missing(tables):
    """79.563 % are, which no month shows more than another by chance."""
    finding = check_nulls(tables["weather"], limited("wind_gust", 0.2))

    assert (finding.outcome, finding.value) == ("contradicts", 0.795635)
    assert (
        "20,778 of 26,115 rows (79.6 %); at most 20 % is tolerated" in finding.message
    )


def test_table_without_times_has_one_point(tables):
    """What has no months is told in all."""
    finding = check_nulls(tables["planes"], limited("year", 0.0))

    assert points(finding, "month") == {"all": 2.1072}
    assert finding.message == (
        "planes.year has no value in 70 of 3,322 rows (2.11 %); none may be missing."
    )


# --- limits --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("present", "missing", "limit", "fields", "outcome"),
    [
        (71, 29, 0.29, {}, "supports"),
        (71, 29, 0.29, {"allows_limit": False}, "contradicts"),
        (70, 30, 0.29, {}, "contradicts"),
        (100, 0, 0.0, {}, "supports"),
        (100, 0, 0.0, {"allows_limit": False}, "contradicts"),
        (99, 1, 0.0, {}, "contradicts"),
        (50, 50, 50, {"unit": "rows"}, "supports"),
        (50, 50, 50, {"unit": "rows", "allows_limit": False}, "contradicts"),
        (49, 51, 50, {"unit": "rows"}, "contradicts"),
    ],
)
def test_limit_holds_for_the_whole_table(present, missing, limit, fields, outcome):
    """At the limit it is decided as declared, whatever floating point makes of it."""
    assert half_empty(present, missing, limit, **fields).outcome == outcome


def test_limit_in_rows_is_told_in_rows():
    """Value and threshold have the unit that was declared."""
    finding = half_empty(50, 51, 50, unit="rows")

    assert (finding.value, finding.unit, finding.threshold) == (51, "rows", 50)
    assert finding.message == (
        "t.x has no value in 51 of 101 rows (50.5 %); at most 50 rows may be so."
    )


def test_without_a_limit_the_share_is_told_and_nothing_is_claimed():
    """Nothing can be held against a column of which nothing was declared."""
    finding = half_empty(75, 25)

    assert (finding.outcome, finding.value) == ("not measured", 0.25)
    assert (finding.threshold, finding.threshold_source) == (None, None)
    assert finding.message == (
        "t.x has no value in 25 of 100 rows (25 %); no limit is declared, so this is "
        "measured against nothing."
    )


def test_few_missing_values_are_not_told_exactly():
    """One to nine rows are fewer than ten."""
    share, rows = half_empty(997, 3, 0.1), half_empty(997, 3, 5, unit="rows")

    assert share.message == (
        "t.x has no value in fewer than 10 of 1,000 rows; at most 10 % is tolerated."
    )
    assert rows.value == "<10"


def test_full_column_says_so():
    """Every row has a value."""
    assert half_empty(1_000, 0, 0.0).message == (
        "t.x has a value in all 1,000 rows; none may be missing."
    )


def test_numbers_that_are_none_are_missing():
    """NaN is no value, although the engine keeps it as one."""
    one = limited("x", 0.1)
    finding = check_nulls(opened({"x": [1.0, math.nan, None, math.inf]}, one), one)

    assert finding.value == 0.75


@pytest.mark.parametrize(
    ("data", "why"), [({"y": [1]}, "t has no column x"), ({"x": NONE}, "t has no rows")]
)
def test_what_cannot_be_counted_says_why(data, why):
    """A column that is not there is not taken for an empty one."""
    with pytest.raises(SourceError, match=why):
        check_nulls(opened(data), limited("x", 0.1))


# --- months --------------------------------------------------------------------------


def monthly(missing, rows=1_000, limit=0.05):
    """Return the finding about months with so many missing values each."""
    data = {"at": [], "x": []}
    for month, lost in enumerate(missing, 1):
        data["at"] += [dt.date(2026, month, 1)] * rows
        data["x"] += [None] * lost + [1] * (rows - lost)
    one = limited("x", limit)
    return check_nulls(opened(data, one, event_time="at"), one)


def test_month_above_the_limit_is_named_although_the_whole_is_within():
    """One bad month of a good year does not hide in the mean."""
    finding = monthly([10] * 6 + [200] + [10] * 4)

    assert finding.outcome == "supports"
    assert finding.message.endswith("; the worst month is 2026-07 (20 %).")


@pytest.mark.parametrize("missing", [[50, 60, 45, 40], [80, 90, 75, 85], [0, 0, 9, 0]])
def test_month_that_chance_explains_is_not_named(missing):
    """Months vary around a share that is too high as a whole, or by a few rows."""
    assert "worst month" not in monthly(missing).message


def test_worst_month_is_named_where_none_may_be_missing():
    """A failure that happened in one month is located."""
    finding = monthly([0, 0, 500, 0], limit=0.0)

    assert finding.message == (
        "t.x has no value in 500 of 4,000 rows (12.5 %); none may be missing; the worst "
        "month is 2026-03 (50 %)."
    )


def test_month_of_few_rows_has_no_point():
    """The share of fewer than ten rows could expose one, and an empty month has none."""
    data = {"at": [dt.date(2026, 1, 1)] * 9 + [dt.date(2026, 3, 1)] * 10}
    data["x"] = pa.nulls(19, pa.int64())
    finding = check_nulls(opened(data, event_time="at"), limited("x", 0.1))

    assert points(finding, "month") == {
        "2026-01": None,
        "2026-02": None,
        "2026-03": 100,
    }
