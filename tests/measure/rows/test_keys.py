"""Keys and joins: ground truth of the example, and when and where they fail."""

import datetime as dt

import pyarrow as pa
import pytest

from readybook.measure.rows.keys import check_join, check_key
from readybook.measure.sources.engine import MemoryLimitError
from readybook.measure.sources.files import rows
from readybook.measure.sources.places import combine
from readybook.model.contract import Relationship
from readybook.model.errors import SourceError
from real_tables import EXAMPLE, changed, column, connect, example, open_source, opened


@pytest.fixture(scope="module")
def tables():
    return example()


def days(*numbers):
    """Return days of January 2026."""
    return [number and dt.date(2026, 1, number) for number in numbers]


# --- keys ----------------------------------------------------------------------------


def test_numbers_that_fly_twice_a_day_are_no_key(tables):
    """Year, month and day with carrier and flight repeat in 24 cases, with origin never."""
    key = ("year", "month", "day", "carrier", "flight")
    finding = check_key(tables["flights"], key)

    assert (finding.outcome, finding.value) == ("contradicts", 24)
    assert finding.message == (
        "24 values of the declared key flights (year, month, day, carrier, flight) "
        "stand in more than one row (48 rows in all), first on 2013-06-08 and last on "
        "2013-09-22."
    )
    assert check_key(tables["flights"], (*key, "origin")).value == 0


def test_day_that_was_loaded_twice_is_named():
    """One duplicated day of the example is found, counted and dated."""
    flights = connect().read_parquet(str(EXAMPLE / "data/flights.parquet"))
    again = flights.filter(flights.month == 3, flights.day == 9)
    table = open_source(
        flights.union(again),
        "flights",
        event_time="time_hour",
        time_zone="America/New_York",
    )
    number = again.count().to_pyarrow().as_py()
    finding = check_key(table, ("time_hour", "carrier", "flight"))

    assert (finding.outcome, finding.value) == ("contradicts", number)
    assert finding.message == (
        "765 values of the declared key flights (time_hour, carrier, flight) "
        "stand in more than one row (1,530 rows in all), all on 2013-03-09."
    )


@pytest.mark.parametrize(
    ("keys", "on", "said"),
    [
        (
            [1, 1, 2],
            days(5, 5, 6),
            (
                "1 value of the declared key t.k stands in more than one row (2 rows "
                "in all), all on 2026-01-05."
            ),
        ),
        (
            [1, 1, 2, 2],
            days(5, 5, 7, 7),
            (
                "2 values of the declared key t.k stand in more than one row (4 rows "
                "in all), all on 2026-01-05, 2026-01-07."
            ),
        ),
        (
            [1, 1, 2, 2],
            days(5, 6, 7, 7),
            (
                "2 values of the declared key t.k stand in more than one row (4 rows "
                "in all), first on 2026-01-05 and last on 2026-01-07."
            ),
        ),
        (
            [1, 1, 2, 2, 3, 3, 4, 4],
            days(1, 1, 2, 2, 3, 3, 9, 9),
            (
                "4 values of the declared key t.k stand in more than one row (8 rows "
                "in all), first on 2026-01-01 and last on 2026-01-09."
            ),
        ),
        (
            [1, 1, 2, 2],
            days(5, None, None, None),
            (
                "2 values of the declared key t.k stand in more than one row (4 rows "
                "in all), all on 2026-01-05."
            ),
        ),
        (
            [1, 1],
            days(None, None),
            (
                "1 value of the declared key t.k stands in more than one row (2 rows "
                "in all)."
            ),
        ),
    ],
)
def test_repeated_rows_are_dated(keys, on, said):
    """Up to three days are listed; more are told by the first and the last."""
    table = opened({"k": keys, "at": pa.array(on, pa.date32())}, event_time="at")

    assert check_key(table, ("k",)).message == said


@pytest.mark.parametrize("fields", [{}, {"event_time": "k"}, {"event_time": "gone"}])
def test_repeated_rows_without_a_readable_time_are_counted(fields):
    """No event time, one that is no time, or none at all: the count stands alone."""
    finding = check_key(opened({"k": [1, 1, 1, 2]}, **fields), ("k",))

    assert finding.message == (
        "1 value of the declared key t.k stands in more than one row (3 rows in all)."
    )


def test_days_of_repeated_rows_are_those_of_the_declared_zone():
    """23:30 UTC is the next day in Vienna."""
    times = [dt.datetime(2026, 1, 5, 23, 30, tzinfo=dt.UTC)] * 2
    table = opened(
        {"k": [1, 1], "at": times}, event_time="at", time_zone="Europe/Vienna"
    )

    assert check_key(table, ("k",)).message == (
        "1 value of the declared key t.k stands in more than one row (2 rows in "
        "all), all on 2026-01-06."
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "key",
    [
        ("year", "month", "day", "carrier", "flight"),
        ("time_hour", "carrier"),
        ("tailnum",),  # some rows have none
        ("time_hour", "carrier", "flight"),
    ],
)
def test_key_that_the_memory_does_not_hold_has_the_same_finding(tables, key):
    """A table too long to be grouped by its key at once is told in the same words."""
    asked = []

    def ask(expression):
        asked.append(expression)
        if len(asked) == 1:
            msg = "it needs more memory than the engine may hold"
            raise MemoryLimitError(msg)
        return rows(expression)

    assert check_key(changed(tables["flights"], ask=ask), key) == check_key(
        tables["flights"], key
    )
    assert len(asked) > 1


def test_keys_of_equal_parts_are_told_apart():
    """Values that change places, or are the same twice, are no repeated key."""
    table = opened({"a": [1, 2, 3, 4, 4], "b": [2, 1, 3, 4, 4]})
    calls = []

    def ask(expression):
        calls.append(expression)
        if len(calls) == 1:
            raise MemoryLimitError
        return rows(expression)

    assert check_key(changed(table, ask=ask), ("a", "b")).value == 1


def test_null_in_a_key_is_left_out():
    """Rows that lack a part of a key do not repeat it."""
    table = opened({"a": [1, 1, 1, 1], "b": pa.array([None, None, 2, 3], pa.int64())})
    finding = check_key(table, ("a", "b"))

    assert (finding.outcome, finding.message) == (
        "supports",
        "No two rows share a value of the declared key t (a, b).",
    )


def test_key_of_a_column_that_is_not_there_is_not_measured():
    """The reason names table and column."""
    with pytest.raises(SourceError) as refused:
        check_key(opened({"a": [1]}), ("a", "b"))
    assert str(refused.value) == "t has no column b"


def test_key_of_one_row_is_what_it_finds_that_makes_it_a_key():
    """One shop repeats nothing; of a shop that every order finds, that is enough."""
    join = Relationship(table="b", columns=("k",), to_table="a", to_columns=("k",))
    one = opened({"k": [1]}, name="a", keys=(("k",),))
    few, many = (
        opened({"k": [1] * rows}, name="b", relationships=(join,)) for rows in (9, 10)
    )
    one.tables = {"a": one, "b": many}
    finding = check_key(one, ("k",))

    assert finding.outcome == "supports"
    assert finding.message == (
        "1 row of a has a value in all of a.k; it is what 10 rows of b find."
    )
    one.tables = {"a": one, "b": few}
    with pytest.raises(SourceError, match="1 row of a has a value"):
        check_key(one, ("k",))


# --- joins ---------------------------------------------------------------------------


def joined(left, right, *, on=("k",), tolerated=0.0, columns=(), **fields):
    """Return the finding about a join of two tables, the left one with more fields."""
    return check_join(
        Relationship(
            table="a",
            columns=on,
            to_table="b",
            to_columns=on,
            orphans_tolerated=tolerated,
        ),
        opened(left, *columns, name="a", **fields),
        opened(right, name="b"),
    )


def test_join_that_may_find_no_partner_at_all_is_no_limit():
    """Nobody is told that tables join because no row has to."""
    with pytest.raises(SourceError) as refused:
        joined({"k": [1]}, {"k": [2]}, tolerated=1.0)
    assert str(refused.value) == (
        "every row may lack a partner (readiness.orphansTolerated), so it is no limit"
    )


def by_name(tables, subject):
    """Return the finding about one declared join of the example."""
    (join,) = [
        join
        for table in tables.values()
        for join in table.declared.relationships
        if join.subject == subject
    ]
    return check_join(join, tables[join.table], tables[join.to_table])


def test_example_aircraft_are_missing_for_one_carrier(tables):
    """Of MQ's flights 96.2 % name an aircraft that the register does not have."""
    finding = by_name(tables, "flights.tailnum -> planes.tailnum")

    assert (finding.outcome, finding.value) == ("contradicts", 0.149864)
    assert finding.message == (
        "50,094 of 334,264 rows of flights.tailnum (15.0 %) find no row in planes, 721 "
        "different values; at most 5 % is tolerated; the first is of 2013-01-01, the "
        "last of 2013-12-31; the share is highest where carrier is MQ (96.2 % of "
        "26,395 rows)."
    )


@pytest.mark.parametrize(
    ("subject", "share"),
    [
        ("flights.dest -> airports.faa", 0.022573),
        ("flights.origin -> airports.faa", 0),
        ("flights.carrier -> airlines.carrier", 0),
        ("flights.origin+time_hour -> weather.origin+time_hour", 0.00462),
    ],
)
def test_example_joins_as_published(tables, subject, share):
    """7,602, 0, 0 and 1,556 of 336,776 rows find no partner."""
    assert by_name(tables, subject).value == share


def test_join_within_what_is_tolerated_is_not_searched_for_reasons():
    """What passes is told with its share, and no more."""
    finding = joined({"k": [*range(100)]}, {"k": [*range(90)]}, tolerated=0.1)

    assert finding.outcome == "supports"
    assert finding.message == (
        "10 of 100 rows of a.k (10 %) find no row in b, 10 different values; at most "
        "10 % is tolerated."
    )


def test_join_that_fails_names_the_segment_and_the_day():
    """Orphans of one site on one day are told as such."""
    left = {
        "k": [*range(100)],
        "site": ["north"] * 50 + ["south"] * 50,
        "at": [dt.date(2026, 1, 1)] * 80 + [dt.date(2026, 2, 2)] * 20,
    }
    finding = joined(left, {"k": [*range(85)] * 2}, segments=("site",), event_time="at")

    assert finding.message == (
        "15 of 100 rows of a.k (15 %) find no row in b, 15 different values; at most "
        "0 % is tolerated; all are of 2026-02-02; the share is highest where site is "
        "south (30 % of 50 rows)."
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"columns": [column("site", categories=["south"], restricted=True)]},
        {"columns": [column("site", restricted=True)], "segments": ("site",)},
        {"columns": [column("gone", categories=["south"])]},
        {"segments": ("small",)},
        {"segments": ("none",)},
        {"segments": ("same",)},
    ],
)
def test_group_that_may_not_be_named_is_not_named(fields):
    """Restricted values, fewer than ten orphans, no value, and no difference."""
    data = {
        "k": [*range(100)],
        "site": ["north"] * 50 + ["south"] * 50,
        "small": [f"{at // 9}" for at in range(100)],
        "none": [None if at >= 80 else "x" for at in range(100)],
        "same": ["x"] * 100,
    }
    finding = joined(data, {"k": [*range(80)]}, **fields)

    assert finding.message == (
        "20 of 100 rows of a.k (20 %) find no row in b, 20 different values; at most "
        "0 % is tolerated."
    )


def test_highest_share_is_named_across_columns():
    """Of several columns the one that tells most is named, and the larger of two alike."""
    data = {
        "k": [*range(100)],
        "a": ["x" if at < 80 else "y" for at in range(100)],
        "b": [at >= 60 for at in range(100)],
        "c": [1 if at < 20 else 2 for at in range(100)],
    }
    columns = [
        column("b", categories=["true"]),
        column("a", categories=["x", "y"]),
        column("c", categories=["1"]),
    ]
    finding = joined(data, {"k": [*range(80)]}, columns=columns)

    assert finding.message == (
        "20 of 100 rows of a.k (20 %) find no row in b, 20 different values; at "
        "most 0 % is tolerated; the share is highest where a is y (100 % of 20 "
        "rows)."
    )


@pytest.mark.parametrize(
    ("south", "is_told"),
    [((20, 200), False), ((25, 200), False), ((45, 200), True), ((40, 40), True),
     ((11, 60), False)],
)  # fmt: skip
def test_share_is_told_where_it_stands_out_from_the_rows_elsewhere(south, is_told):
    """Here 200 others lack 20; twice the odds and more than chance are no noise."""
    alone, rows = south
    keys = [-at - 1 if at < 20 else 1 for at in range(200)]
    keys += [-at - 1_000 if at < alone else 1 for at in range(rows)]
    data = {"k": keys, "site": ["north"] * 200 + ["south"] * rows}
    finding = joined(
        data, {"k": [1]}, columns=[column("site", categories=["north", "south"])]
    )

    assert ("the share is highest where site is south" in finding.message) is is_told


def test_share_that_is_high_everywhere_is_told_by_what_is_found():
    """All of one against half of the others cannot be twice the share."""
    data = {"k": [at % 2 for at in range(200)] + [0] * 50, "site": "n" * 200 + "s" * 50}
    data["site"] = list(data["site"])
    finding = joined(data, {"k": [1]}, columns=[column("site", categories=["n", "s"])])

    assert "highest where site is s (100 % of 50 rows)" in finding.message


def test_orphans_without_a_time_are_not_dated():
    """Rows that have no event time leave the message without a day."""
    left = {"k": [1, 2], "at": [dt.date(2026, 1, 1), None]}
    finding = joined(left, {"k": [1]}, event_time="at")

    assert finding.message == (
        "1 of 2 rows of a.k (50 %) find no row in b, 1 different value; at most 0 % is "
        "tolerated."
    )


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [([None, None], [1], "no row of a.k has a value"), ([1], [], "b has no rows")],
)
def test_join_without_anything_to_look_at_says_so(left, right, why):
    """A key that is never filled finds nothing, and nothing is found among no rows."""
    sides = [{"k": pa.array(one, pa.int64())} for one in (left, right)]

    with pytest.raises(SourceError, match=why):
        joined(*sides)


def test_join_has_the_fingerprint_of_both_tables():
    """A change of either table is a change of what was measured."""
    finding = joined({"k": [1]}, {"k": [1]})

    assert finding.fingerprint == combine(["sha256:a", "sha256:b"])


@pytest.mark.parametrize(
    ("left", "right", "on", "why"),
    [
        (
            {"k": ["x"]},
            {"k": [1]},
            ("k",),
            "a.k (string) and b.k (int64) have types that cannot be compared",
        ),
        ({"k": [1]}, {"k": [1]}, ("k", "l"), "a has no column l"),
        ({"k": [1], "l": [1]}, {"k": [1]}, ("k", "l"), "b has no column l"),
    ],
)
def test_join_that_cannot_be_asked_is_not_measured(left, right, on, why):
    """Missing columns and types that cannot be compared are told."""
    with pytest.raises(SourceError) as refused:
        joined(left, right, on=on)
    assert str(refused.value) == why


def test_join_of_two_servers_is_not_measured():
    """Rows of one engine are not carried to another."""
    join = Relationship(table="a", columns=("k",), to_table="b", to_columns=("k",))
    with pytest.raises(SourceError) as refused:
        check_join(
            join,
            opened({"k": [1]}, name="a"),
            opened({"k": [1]}, name="b", engine="there"),
        )
    assert str(refused.value) == "a and b lie in sources that cannot be joined"
