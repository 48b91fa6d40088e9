"""What is followed over time: days and periods, categories counted, what is left out."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from readybook.measure.change.series import (
    Counted,
    DaySeries,
    Span,
    What,
    begun_values,
    build_series,
    count_categories,
    periods,
    span_of,
)
from readybook.model.errors import SourceError
from real_tables import column, example, opened

START = dt.date(2021, 1, 1)
KINDS = column("kind", categories=("a", "b"))


def table_of(days, make, *columns, start=START, **fields):
    """Return a table of the rows that `make` returns for each day's number."""
    rows = [
        {"at": start + dt.timedelta(days=at), **row}
        for at in range(days)
        for row in make(at)
    ]
    return opened(
        pa.Table.from_pylist(rows), column("at"), *columns, event_time="at", **fields
    )


# --- days ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "months", "weeks"),
    [
        ("2021-01-01", "2021-03-31", [(0, 31), (31, 59), (59, 90)], 12),
        # A month may lack three days at either end, a week none.
        ("2021-01-04", "2021-02-25", [(0, 28), (28, 53)], 7),
        ("2021-01-05", "2021-02-24", [], 6),
    ],
)
def test_periods_are_whole_but_for_three_days_of_a_month(first, last, months, weeks):
    """The first and the last month may have begun or ended on holidays."""
    span = Span(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
    start, end = periods(span, "month")
    monday, after = periods(span, "week")

    assert list(zip(start.tolist(), end.tolist(), strict=True)) == months
    assert len(monday) == weeks
    assert {span.day(at).weekday() for at in monday} == {0}
    assert set((after - monday).tolist()) == {7}


def test_placeholder_days_are_no_history():
    """A row of the year 1900 does not stretch the history by a century."""
    days = [dt.date(1900, 1, 1), *(START + dt.timedelta(days=at) for at in range(400))]
    every = opened({"at": days * 40}, column("at"), event_time="at")

    assert span_of(every.profile, every.declared).first == START


def test_calendar_columns_do_not_step():
    """A needed column that repeats the month jumps each January, and is left out."""
    every = table_of(
        500,
        lambda at: [{"month": (START + dt.timedelta(days=at)).month}] * 30,
        column("month", needed=True),
    )
    span = span_of(every.profile, every.declared)
    found = build_series(every.profile, every.declared, span, Counted(), {})

    assert {one.what.kind for one in found} == {"rows", "nulls", "zeros"}


@pytest.mark.parametrize(
    ("kind", "top", "value"),
    [
        ("rows", 50, np.log(50.5 / 7)),
        ("share", 35, 0.5),
        ("scale", 140, np.log(2)),
        ("scale", 0, np.nan),
    ],
)
def test_values_are_shares_or_logarithms_of_the_days(kind, top, value):
    """A week of 70 rows; half a row is added to rows, and no size has no logarithm."""
    base = np.ones(7) if kind == "rows" else np.full(7, 10.0)
    one = DaySeries(
        What(kind), Span(START, START + dt.timedelta(6)), np.full(7, top / 7), base
    )

    assert one.values(0, 7) == pytest.approx(value, nan_ok=True)


def test_share_of_fewer_than_ten_rows_is_not_known():
    """A handful of rows has no share that one could follow."""
    span = Span(START, START + dt.timedelta(8))
    one = DaySeries(What("share"), span, np.zeros(9), np.ones(9))

    assert np.isnan(one.values(0, 9))


# --- categories ----------------------------------------------------------------------


def test_counts_are_of_declared_values_by_local_day():
    """Categories are counted by the declared zone's days, the others as one."""
    flights = example()["flights"]
    (counted,) = count_categories(flights, [flights.declared.column("origin")])

    assert counted.labels == ("EWR", "JFK", "LGA", "SWF", "(other values)")
    assert sum(counted.rows["", "EWR"].values()) == 120_835
    assert len(counted.rows["", "EWR"]) == 365
    assert ("", "(other values)") not in counted.rows
    assert not counted.monthly


def test_counts_of_many_groups_are_by_month(monkeypatch):
    """Where days would be too many groups, months are counted, with the same sums."""
    every = table_of(400, lambda at: [{"kind": "a"}] * (30 if at < 181 else 60), KINDS)
    (daily,) = count_categories(every, [KINDS])
    monkeypatch.setattr("readybook.measure.change.series._MOST_GROUPS", 100)
    (counted,) = count_categories(every, [KINDS])
    months = counted.rows["", "a"]

    assert counted.monthly
    assert months[dt.date(2021, 2, 1)] == 28 * 30
    assert {day.day for day in months} == {1}
    assert sum(months.values()) == sum(daily.rows["", "a"].values())


def test_counts_match_numbers_with_declared_texts():
    """A number is the category that the contract writes as text."""
    size = column("size", categories=("1", "2.5"))
    rows = [{"size": 1.0}, {"size": 2.5}, {"size": 3.0}]
    (counted,) = count_categories(table_of(70, lambda _: rows, size), [size])

    assert {label: sum(days.values()) for (_, label), days in counted.rows.items()} == {
        "1": 70,
        "2.5": 70,
        "(other values)": 70,
    }


def test_counts_by_segment_carry_its_name():
    """Counts are told apart by the profile's names of segments."""
    rows = [{"kind": "a", "town": "Ulm"}, {"kind": "b", "town": None}]
    every = table_of(70, lambda _: rows, KINDS, column("town"), segments=("town",))
    (counted,) = count_categories(every, [KINDS])

    assert set(counted.rows) == {("Ulm", "a"), ("(no value)", "b")}


def test_rare_undeclared_values_are_not_named():
    """Only undeclared values of ten rows and more have a first day to tell."""
    every = table_of(
        70,
        lambda at: [{"kind": "often"}] * (at >= 30) + [{"kind": "rare"}] * (at == 40),
        KINDS,
    )

    assert begun_values(every, KINDS) == {"often": START + dt.timedelta(days=30)}
    assert begun_values(every, KINDS.model_copy(update={"restricted": True})) == {}


def test_column_that_the_source_lacks_is_refused_by_its_name():
    """It is declared, and nothing can be counted of it."""
    every = table_of(70, lambda _: [{"kind": "a"}], KINDS)
    gone = column("gone", categories=("a",))

    for ask in (
        lambda: count_categories(every, [KINDS, gone]),
        lambda: begun_values(every, gone),
    ):
        with pytest.raises(SourceError) as refused:
            ask()
        assert str(refused.value) == "t has no column gone"


# --- segments ------------------------------------------------------------------------


def followed(towns, **fields):
    """Rows that are followed: segment, first day and sum; `towns` have two days each."""
    every = table_of(
        200,
        lambda at: [{"town": t} for t, (a, b) in towns.items() if a <= at <= b],
        column("town", **fields),
        segments=("town",),
    )
    span = span_of(every.profile, every.declared)
    found = build_series(every.profile, every.declared, span, Counted(), {})
    return [
        (one.what.segment, (one.span.first - START).days, one.top.sum())
        for one in found
        if one.what.kind == "rows"
    ]


ALL, OTHER = ("Ulm", (0, 199)), ("Bonn", (31, 168))


def test_table_is_the_sum_of_the_segments_that_are_there_all_the_time():
    """From the first month to the last: 31 days may lack at either end."""
    assert followed(dict([ALL, OTHER])) == [
        ("Bonn", 31, 138), ("Ulm", 0, 200), ("", 0, 338),
    ]  # fmt: skip


@pytest.mark.parametrize("days", [(32, 199), (0, 167)])
def test_segment_that_joins_later_or_ends_earlier_makes_no_step_of_the_table(days):
    """Of one segment alone that is left, the table is no sum."""
    assert [name for name, _, _ in followed({"Ulm": (0, 199), "Bonn": days})] == [
        "Bonn",
        "Ulm",
    ]


def test_segments_that_could_name_a_person_are_numbered():
    """In the order of the profile."""
    assert [name for name, _, _ in followed(dict([ALL, OTHER]), restricted=True)] == [
        "no. 1",
        "no. 2",
        "",
    ]
