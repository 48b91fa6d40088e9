"""Rows are chosen as declared: by numbers, values, and days of the declared zone."""

import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postgres_tables import table_on
from readybook.measure.change.selections import select_side, select_sides
from readybook.measure.sources.clock import date_of, read_clock
from readybook.measure.sources.files import rows
from readybook.model.contract import Condition, Selection, Server
from readybook.model.errors import SourceError
from real_tables import changed, column, connect, example, open_source, opened

NEW_YORK = "America/New_York"
UNFIT = "which the declared range does not fit"


def where(column, low=None, high=None, equals=(), table=None):
    condition = Condition(column=column, at_least=low, at_most=high, equals=equals)
    return Selection(table=table, conditions=(condition,))


def chosen(table, selection, others=()):
    """Return the numbers of the rows that a selection takes."""
    side = select_side(
        selection, replace(table, tables={one.name: one for one in others})
    )
    return sorted(row["id"] for row in table.ask(side.rows.select("id")))


def refusal(table, selection):
    with pytest.raises(SourceError) as caught:
        select_side(selection, table)
    return str(caught.value)


MOMENTS = [
    dt.datetime.fromisoformat(one)
    for one in ("2024-02-29 23:59:59.7", "2024-03-01 00:00:00", "2024-03-01 12:00:00")
]
MIXED = pa.table(
    {
        "id": [0, 1, 2, 3],
        "whole": [1, 5, 9, None],
        "part": [0.5, float("nan"), -2.0, None],
        "text": ["a", "B|_", "", None],
        "flag": [True, False, True, None],
        "day": pa.array([*(one.date() for one in MOMENTS), None], pa.date32()),
        "clock": pa.array([*MOMENTS, None], pa.timestamp("us")),
        "instant": pa.array([*MOMENTS, None], pa.timestamp("us", "UTC")),
    }
)
#: selection: the rows that it takes
CASES = [
    (Selection(), [0, 1, 2, 3]),
    (where("whole", 1, 5), [0, 1]),
    (where("whole", 5), [1, 2]),
    (where("whole", high=5), [0, 1]),
    (where("whole", 1.5, 8.5), [1]),
    (where("whole", equals=(9, 1, 77)), [0, 2]),
    (where("part", high=0.5), [0, 2]),
    (where("text", equals=("a",)), [0]),
    (where("text", equals=("B|_", "")), [1, 2]),
    (where("flag", equals=(True,)), [0, 2]),
    (where("flag", equals=(False, True)), [0, 1, 2]),
    (where("day", "2024-03-01"), [1, 2]),
    (where("day", high="2024-02-29"), [0]),
    (where("day", equals=("2024-02-29", "2024-03-02")), [0]),
    (where("clock", "2024-02-29", "2024-02-29"), [0]),
    (where("clock", equals=("2024-03-01",)), [1, 2]),
    # In New York it is still the day before, until 5 o'clock UTC.
    (where("instant", high="2024-02-29"), [0, 1]),
    (where("instant", "2024-03-01", "2024-03-01"), [2]),
]


@pytest.fixture(scope="module")
def mixed():
    data = MIXED.append_column("list", [[[1], [2], [3], None]])
    return opened(data, time_zone=NEW_YORK)


@pytest.fixture(scope="module")
def on_postgres(postgres):
    with table_on(postgres, MIXED) as (source, ask):
        yield open_source(source, "t", ask=ask, time_zone=NEW_YORK)


@pytest.mark.parametrize(("selection", "ids"), CASES)
def test_selection_takes_the_declared_rows_and_no_null(mixed, selection, ids):
    """Both ends belong to a range, a null is in none, and a day is that of the zone."""
    assert chosen(mixed, selection) == ids


@pytest.mark.parametrize(("selection", "ids"), CASES)
def test_selection_takes_the_same_rows_on_postgres(on_postgres, selection, ids):
    """The engine that is asked makes no difference."""
    assert chosen(on_postgres, selection) == ids


def test_selection_takes_rows_that_meet_all_conditions(mixed):
    """Conditions narrow each other."""
    both = (*where("whole", 1, 5).conditions, *where("flag", equals=(True,)).conditions)

    assert chosen(mixed, Selection(conditions=both)) == [0]


def test_selection_of_another_table_is_read_there(mixed):
    """The columns of a selection that names a table are that table's."""
    live = opened({"id": [7, 8], "whole": [1, 2]}, name="live")

    assert chosen(mixed, where("whole", 2, table="live"), [live]) == [8]


@pytest.mark.parametrize(
    ("selection", "why"),
    [
        (where("gone", 1), "t has no column gone"),
        (where("whole", 1, table="other"), "other could not be opened"),
        (where("text", "a", "b"), f"t.text is of type string, {UNFIT}"),
        (where("whole", "2024-01-01"), f"t.whole is of type int64, {UNFIT}"),
        (where("day", 1, 2), "t.day can be compared with dates only"),
        (where("clock", "2024-13-01"), "t.clock can be compared with dates only"),
        (where("clock", high="9999-12-31"), "t.clock can be compared with dates only"),
        (
            where("list", equals=(1,)),
            "list is of type array<int64>, whose values have no usual text",
        ),
    ],
)
def test_condition_that_does_not_fit_is_refused_with_its_reason(mixed, selection, why):
    """A selection that cannot be read says which column and why."""
    assert refusal(mixed, selection) == why


@pytest.mark.parametrize(
    ("zone", "why"),
    [
        (None, "no time zone is declared for t (readiness.timeZone)"),
        ("Mars/Olympus", "the time zone Mars/Olympus is not known"),
    ],
)
def test_days_of_instants_need_a_known_zone(zone, why):
    """Without a zone nobody knows when the day of an instant begins."""
    moments = pa.array([dt.datetime(2024, 1, 1)], pa.timestamp("us", "UTC"))  # noqa: DTZ001
    table = opened({"id": [0], "at": moments}, time_zone=zone)

    assert refusal(table, where("at", "2024-01-01")) == why


@pytest.fixture(scope="module")
def engine():
    return connect()


@pytest.mark.slow
@settings(max_examples=50)  # each asks an engine
@given(
    zone=st.sampled_from(
        [NEW_YORK, "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Pacific/Apia"]
    ),
    first=st.dates(dt.date(2000, 1, 2), dt.date(2020, 12, 1)),
    length=st.integers(0, 400),
    offsets=st.lists(st.integers(-30 * 60, 430 * 24 * 60), min_size=1, max_size=30),
)
def test_days_are_those_that_the_zones_clock_shows(
    engine, zone, first, length, offsets
):
    """Also where the clock changes at midnight, or the zone skips a day."""
    start = dt.datetime.combine(first, dt.time(), dt.UTC)
    moments = [start + dt.timedelta(minutes=one) for one in offsets]
    last = first + dt.timedelta(days=length)
    at = pa.array(moments, pa.timestamp("us", "UTC"))
    data = pa.table({"id": range(len(moments)), "at": at})
    source = engine.create_table("t", data, overwrite=True)
    table = open_source(source, "t", time_zone=zone, event_time="at")
    clock = read_clock(
        table.source, table.declared, "at", table.ask, dt.date(2100, 1, 1)
    )
    days = rows(table.source.select("id", day=clock.day(table.source)))
    inside = sorted(
        row["id"] for row in days if first <= date_of(int(row["day"])) <= last
    )

    assert chosen(table, where("at", str(first), str(last))) == inside


# --- both sides ----------------------------------------------------------------------


def test_example_months_give_the_published_numbers_of_rows():
    """Months 1 to 9 are 252,484 rows, months 10 to 12 are 84,292."""
    flights = example()["flights"]
    declared = flights.declared.model_copy(
        update={"train": where("month", 1, 9), "live": where("month", 10, 12)}
    )
    sides = select_sides(changed(flights, declared=declared))

    assert [sides.train.extents.rows, sides.live.extents.rows] == [252_484, 84_292]
    assert sides.train.days == (dt.date(2013, 1, 1), dt.date(2013, 9, 30))
    assert sides.live.days == (dt.date(2013, 10, 1), dt.date(2013, 12, 31))
    assert (sides.train.months, sides.live.months) == ({*range(1, 10)}, {10, 11, 12})


def test_row_that_was_learned_from_is_not_live():
    """Of sides that overlap, live rows are those that the model has not seen."""
    table = opened(
        {"id": [1, 2, 3, None]}, train=where("id", high=2), live=where("id", 2)
    )
    found = rows(select_sides(table).together(lambda source: source.id))

    assert sorted((one["value"], one["train"], one["live"]) for one in found) == [
        (1, 1, 0),
        (2, 1, 0),
        (3, 0, 1),
    ]


def test_sides_in_two_tables_are_read_together_and_have_both_fingerprints():
    """Live rows of another table are told from training rows."""
    live = opened({"id": [3, 4]}, name="live")
    table = opened(
        {"id": [1, 2]}, train=where("id", high=1), live=where("id", 4, table="live")
    )
    sides = select_sides(replace(table, tables={"live": live}))
    found = rows(sides.together(lambda source: source.id))

    assert sorted((one["value"], one["train"], one["live"]) for one in found) == [
        (1, 1, 0),
        (4, 0, 1),
    ]
    assert sides.fingerprint not in {table.fingerprint, live.fingerprint}


def cut(table, others=()):
    """Return why the declared live rows of a table are none; "" where they are."""
    return select_sides(replace(table, tables={one.name: one for one in others})).cut


def test_rows_cut_from_the_file_of_training_rows_are_not_live():
    """A file was taken out once: what arrives otherwise cannot be seen in it."""
    table = opened({"id": [1, 2]}, train=where("id", high=1), live=where("id", 2))

    assert cut(table) == "live rows are a part of the file of training rows, t"


@pytest.mark.parametrize(
    ("train", "live", "is_live"),
    [
        (where("at", high="2026-02-01"), where("at", "2026-03-01"), True),
        (where("at", "2026-03-01"), where("at", high="2026-02-01"), False),
        (where("id", equals=(1, 3)), where("id", equals=(2, 4)), False),
    ],
)
def test_rows_of_a_database_are_live_from_the_last_training_day_on(
    train, live, is_live
):
    """A table that a system goes on writing holds live rows, but no random half of it."""
    days = [dt.date(2026, month, 1) for month in range(1, 5)]
    data = {"id": [1, 2, 3, 4], "at": pa.array(days, pa.date32())}
    table = opened(data, event_time="at", train=train, live=live)
    server = Server(server="warehouse", type="postgres")
    table.located = replace(table.located, server=server)
    why = "live rows of t are not later than training rows"

    assert cut(table) == ("" if is_live else why)


@pytest.mark.parametrize(
    ("rows_live", "why"),
    [
        ([(1, 5), (2, 6)], "most live rows of live are training rows of t too"),
        ([(1, 5), (9, 6)], "most live rows of live are training rows of t too"),
        ([(1, 6), (2, 7)], ""),
        ([(8, 5), (9, 6)], ""),
    ],
)
def test_copy_of_training_rows_in_another_file_is_not_live(rows_live, why):
    """Rows are the same where all fields are, the key among them."""
    ids, values = zip(*rows_live, strict=True)
    live = opened({"id": ids, "x": values, "only": [0, 1]}, name="live")
    sides = {"train": Selection(), "live": Selection(table="live")}
    columns = (column("id"), column("x"))
    data = {"id": [1, 2, 3], "x": [5, 6, 7]}

    assert cut(opened(data, *columns, keys=(("id",),), **sides), [live]) == why
    assert cut(opened(data, *columns, **sides), [live]) == ""  # equal by chance, maybe


def test_sides_on_two_servers_are_not_compared():
    """One question cannot be asked of two engines."""
    live = opened({"id": [3, 4]}, name="live", engine="there")
    table = opened({"id": [1]}, train=Selection(), live=Selection(table="live"))

    with pytest.raises(SourceError) as refused:
        select_sides(replace(table, tables={"live": live}))
    assert str(refused.value) == "t and live lie on different servers"


def test_sides_must_both_be_declared():
    """Training rows alone cannot be compared with anything."""
    table = opened({"id": [1]}, train=Selection())

    with pytest.raises(SourceError) as refused:
        select_sides(table)
    assert str(refused.value) == "training and live rows are not both declared for t"


def test_sides_without_an_event_time_have_no_days():
    """Where no time is declared nobody knows when the rows were recorded."""
    train = Selection(conditions=(Condition(column="id", at_most=1),))
    table = opened({"id": [1, 2]}, train=train, live=Selection())

    train = select_sides(table).train

    assert (train.days, train.months) == (None, frozenset())


@pytest.mark.parametrize("live", [Condition(column="id", at_most=1), None])
def test_live_rows_that_are_all_training_rows_are_no_check(live):
    """Rows that are compared with themselves are alike, whatever the world does."""
    live = Selection(conditions=(live,) if live else ())
    table = opened({"id": [1, 2]}, train=Selection(), live=live)

    with pytest.raises(SourceError) as refused:
        select_sides(table)
    assert str(refused.value) == (
        "every live row of t is a training row too, so comparing them is no check"
    )


def test_live_rows_in_a_copy_of_the_training_file_are_no_check():
    """A file under two names is one file."""
    own = opened({"id": [1]}, train=Selection(), live=Selection(table="u"))
    copy = opened({"id": [1]}, name="u")
    copy.located = replace(copy.located, fingerprint=own.fingerprint)

    with pytest.raises(SourceError) as refused:
        select_sides(replace(own, tables={"u": copy}))
    assert str(refused.value) == (
        "every live row of t is a training row too, so comparing them is no check"
    )
