"""The one pass over a table: days of the declared zone, nulls and sizes of columns."""

import datetime as dt
import math
import zoneinfo
from collections import Counter
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from readybook.measure.change.drift import check_drift
from readybook.measure.change.selections import select_sides
from readybook.measure.profile import (
    Slice,
    Tally,
    by_month,
    profile_table,
    read_event_time,
)
from readybook.measure.rows.filled import check_nulls
from readybook.measure.rows.standins import check_sentinels
from readybook.measure.sources.clock import read_clock
from readybook.measure.sources.files import rows
from readybook.measure.sources.places import UnreachedError
from readybook.model.contract import Column, Condition, Selection, Tolerance
from readybook.model.errors import SourceError
from real_tables import changed, connect, example, open_source, opened

UTC = dt.UTC


def profiled(table, ask):
    """Return the profile of a table, its event time and its rows asked anew."""
    dated = read_event_time(table.source, table.declared, ask, table.today)
    return profile_table(table.source, table.declared, dated, ask)


@pytest.fixture(scope="module")
def tables():
    return example()


def noted():
    """Return what asks, and the list of what it was asked."""
    questions = []

    def ask(expression):
        questions.append(expression)
        return rows(expression)

    return ask, questions


def nulls(part):
    """Return the values that each column lacks, of those that lack any."""
    total = sum(part.rows)
    lost = {name: total - sum(one.present) for name, one in part.columns.items()}
    return {name: number for name, number in lost.items() if number}


def events(times, kind=None, **fields):
    """Return a table of events at some times, instants unless a type is given."""
    array = pa.array(times, kind or pa.timestamp("us", "UTC"))
    fields = {"event_time": "at", "time_zone": "Europe/Vienna"} | fields
    return opened({"at": array}, **fields)


def queried(query):
    """Return what a query gives as a table of an engine."""
    engine = connect()
    engine.raw_sql(f"CREATE OR REPLACE VIEW queried AS {query}")
    return engine.table("queried")


def days(table):
    return dict(zip(table.profile.whole.days, table.profile.whole.rows, strict=True))


# --- ground truth --------------------------------------------------------------------


def test_example_flights_have_365_local_days(tables):
    """None is missing, none is added by UTC, and the busiest day has 1,014 flights."""
    profile = tables["flights"].profile

    assert profile.undated is None
    assert profile.whole.days == tuple(
        dt.date(2013, 1, 1) + dt.timedelta(days=at) for at in range(365)
    )
    assert sum(profile.whole.rows) == 336_776
    assert (min(profile.whole.rows), max(profile.whole.rows)) == (634, 1_014)


def test_example_months_are_twelve_and_not_thirteen(tables):
    """In UTC, 88 flights of New Year's Eve would make a month of their own."""
    months = by_month(tables["flights"].profile.whole)
    event = tables["flights"].source.time_hour
    late = event >= ibis.timestamp(dt.datetime(2014, 1, 1, tzinfo=UTC))

    assert len(months.days) == 12
    assert (months.rows[0], months.rows[-1], sum(months.rows)) == (
        27_004,
        28_135,
        336_776,
    )
    assert rows(tables["flights"].source.aggregate(n=late.sum())) == [{"n": 88}]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "flights",
            {
                "dep_time": 8_255,
                "dep_delay": 8_255,
                "arr_time": 8_713,
                "arr_delay": 9_430,
                "air_time": 9_430,
                "tailnum": 2_512,
            },
        ),
        ("planes", {"speed": 3_299, "year": 70}),
        (
            "weather",
            {
                "wind_gust": 20_778,
                "pressure": 2_729,
                "wind_dir": 460,
                "wind_speed": 4,
                "temp": 1,
                "dewp": 1,
                "humid": 1,
            },
        ),
        ("airlines", {}),
    ],
)
def test_example_columns_lack_the_published_values(tables, table, expected):
    """Nulls of every column come out to the digit."""
    assert nulls(tables[table].profile.whole) == expected


def test_example_weather_is_told_apart_by_airport(tables):
    """Each airport has its hours, and the whole is their sum."""
    profile = tables["weather"].profile
    parts = {part.segment: part for part in profile.segments}

    assert {name: sum(part.rows) for name, part in parts.items()} == {
        "EWR": 8_703,
        "JFK": 8_706,
        "LGA": 8_706,
    }
    assert sum(profile.whole.rows) == 26_115
    assert {len(part.days) for part in parts.values()} == {364}
    wind = [part.columns["wind_speed"] for part in parts.values()]
    assert sum(profile.whole.columns["wind_speed"].size) == pytest.approx(
        sum(sum(tally.size) for tally in wind)
    )


def test_profile_is_one_question_after_a_look_at_the_first_and_last_time(tables):
    """The rows of a table are read once, however many columns it has."""
    flights = tables["flights"]
    ask, questions = noted()
    profile = profiled(flights, ask)

    assert len(questions) == 2
    assert profile == flights.profile


# --- clocks --------------------------------------------------------------------------

ZONES = [
    "America/New_York",
    "America/St_Johns",  # half an hour off, and changes the clock
    "Australia/Lord_Howe",  # changes the clock by half an hour
    "Asia/Kathmandu",  # three quarters off
    "Africa/Casablanca",  # changes the clock for a month
    "Pacific/Kiritimati",  # 14 hours ahead
    "UTC",
]


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_instants_fall_on_the_days_of_the_zone(zone):
    """A quarter of an hour each for a year: days have 23, 24 or 25 hours as they do."""
    start = dt.datetime(2024, 12, 31, 12, tzinfo=UTC)
    times = [start + dt.timedelta(minutes=15 * at) for at in range(367 * 96)]
    local = zoneinfo.ZoneInfo(zone)

    assert days(events(times, time_zone=zone)) == Counter(
        time.astimezone(local).date() for time in times
    )


def test_day_that_a_zone_skipped_has_no_row():
    """Samoa crossed the date line: its clocks never showed 30 December 2011."""
    start = dt.datetime(2011, 12, 29, tzinfo=UTC)
    times = [start + dt.timedelta(hours=at) for at in range(72)]
    found = days(events(times, time_zone="Pacific/Apia"))

    assert dt.date(2011, 12, 30) not in found
    assert sum(found.values()) == 72


def test_years_of_clock_changes_are_all_known():
    """Half a century before and after 1970 falls on the right days."""
    zone = zoneinfo.ZoneInfo("Europe/Vienna")
    start = dt.datetime(1920, 1, 1, tzinfo=UTC)
    times = [start + dt.timedelta(hours=13 * at) for at in range(67_000)]

    assert days(events(times)) == Counter(
        time.astimezone(zone).date() for time in times
    )


def test_last_moment_of_a_day_is_not_rounded_to_the_next():
    """A fraction of a second before midnight is still that day, before 1970 too."""
    late = dt.timedelta(days=1) - dt.timedelta(microseconds=1)
    noon = [dt.datetime(year, 6, 1, tzinfo=UTC) + late for year in (1969, 1972, 1975)]

    assert list(days(events(noon, time_zone="UTC"))) == [one.date() for one in noon]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_times_without_offset_are_the_clock_of_the_zone(unit):
    """23:30 stays on its day, in any precision and whatever the zone."""
    times = [dt.datetime(2026, 1, 1, 23, 30), dt.datetime(2026, 3, 29, 2, 30)]  # noqa: DTZ001
    found = events(times, pa.timestamp(unit), time_zone="Pacific/Kiritimati")

    assert days(found) == {dt.date(2026, 1, 1): 1, dt.date(2026, 3, 29): 1}


def test_dates_are_days_without_a_zone():
    """A date needs no zone, and a row without one comes first."""
    times = [dt.date(2026, 1, 2), None, dt.date(2026, 1, 1), None]
    found = events(times, pa.date32(), time_zone=None)

    assert days(found) == {None: 2, dt.date(2026, 1, 1): 1, dt.date(2026, 1, 2): 1}
    assert found.profile.whole.days[0] is None
    assert by_month(found.profile.whole).rows == (2,)


INSTANT = dt.datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "kind", "fields", "why"),
    [
        ([], None, {}, "no row of t has a value in at"),
        ([None, None], None, {}, "no row of t has a value in at"),
        ([INSTANT], None, {"event_time": None}, "no event time is declared for t"),
        ([INSTANT], None, {"event_time": "on"}, "t has no column on"),
        (
            [INSTANT],
            None,
            {"time_zone": None},
            "no time zone is declared for t (readiness.timeZone)",
        ),
        *(
            ([INSTANT], None, {"time_zone": zone}, f"the time zone {zone} is not known")
            for zone in ("Mars/Olympus", "America", "../UTC", "Europe/Vienna\0")
        ),
        (["soon"], pa.string(), {}, "t.at is of type string, not a date or time"),
        ([12], pa.int64(), {}, "t.at is of type int64, not a date or time"),
        *(
            (
                [dt.date(year, 12, 31)],
                pa.date32(),
                {},
                "no time in t.at lies within the years 1678 to 2100",
            )
            for year in (1, 1677, 2101, 9999)
        ),
    ],
)
def test_table_without_days_is_one_entry_and_says_why(times, kind, fields, why):
    """All rows are counted together where their days are not known."""
    profile = events(times, kind, **fields).profile
    present = len([time for time in times if time is not None])

    assert profile.undated == why
    assert (profile.whole.days, profile.whole.rows) == ((None,), (len(times),))
    assert profile.whole.columns["at"].present == (present,)
    assert profile.segments == ()


def test_infinite_times_are_stand_ins():
    """What a database calls infinity does not fail the pass."""
    source = queried("SELECT unnest(['2026-01-01', 'infinity']::timestamp[]) AS at")
    profile = open_source(source, "t", event_time="at").profile

    assert profile.days == {dt.date(2026, 1, 1): 1}


def test_source_out_of_reach_is_no_table_without_days():
    """A lost connection is not taken for what the data is."""
    table = events([INSTANT])

    def lost(_):
        msg = "the connection to its server was lost"
        raise UnreachedError(msg)

    with pytest.raises(UnreachedError) as refused:
        profiled(table, lost)
    assert str(refused.value) == "the connection to its server was lost"


def test_clock_of_another_column_is_read_alike():
    """The helper that other checks use names the column that it could not read."""
    table = events([INSTANT])

    with pytest.raises(SourceError) as refused:
        read_clock(table.source, table.declared, "known", table.ask, table.today)
    assert str(refused.value) == "t has no column known"


# --- columns -------------------------------------------------------------------------


def whole(data, **fields):
    return opened(data, **fields).profile.whole


def test_numbers_have_sizes_and_zeros():
    """Sums are of sizes, so that opposite signs do not cancel out."""
    part = whole({"x": [-3, 0, 5, None]})

    assert part.columns["x"] == Tally(present=(3,), size=(8.0,), nonzero=(2,))


@pytest.mark.parametrize("kind", [pa.float32(), pa.float64()])
def test_numbers_that_are_none_count_as_missing(kind):
    """NaN and infinity are no values, and do not spoil the sum of the others."""
    part = whole({"x": pa.array([1.5, math.nan, math.inf, -math.inf, 0.0, None], kind)})

    assert part.columns["x"] == Tally(present=(2,), size=(1.5,), nonzero=(1,))


def test_largest_numbers_do_not_overflow():
    """The least whole number has a size; a stand-in near the end of doubles has none."""
    part = whole(
        {
            "whole": pa.array([-(2**63), 2**63 - 1], pa.int64()),
            "stand_in": [-1.7976931348623157e308, 2.0],
        }
    )

    assert part.columns["whole"].size == (pytest.approx(2.0**64),)
    assert part.columns["stand_in"] == Tally((1,), (2.0,), (1,))


def test_decimals_are_numbers_and_truths_are_none():
    """What can be added up has a size; true and false have not."""
    part = whole(
        {"price": [Decimal("1.50"), Decimal(0), None], "paid": [True, False, None]}
    )

    assert part.columns["price"] == Tally((2,), (1.5,), (1,))
    assert part.columns["paid"] == Tally((2,))


ODD = {
    "list": "[1]",
    "struct": "{'a': 1}",
    "map": "MAP {'a': 1}",
    "bytes": "'a'::blob",
    "uuid": "uuid()",
    "json": "'[1]'::json",
    "interval": "INTERVAL 1 DAY",
    "enum": "'a'::ENUM('a')",
    "bit": "'101'::bit",
    "time": "TIME '01:00'",
    "union": "union_value(n := 1)",
    "text": "'NaN'",
}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_columns_of_odd_types_are_counted(value):
    """Lists, structs, bytes, identifiers and the like have no more than a presence."""
    source = queried(f"SELECT {value} AS x UNION ALL SELECT NULL")

    assert open_source(source, "t").profile.whole.columns["x"] == Tally((1,))


def test_sizes_are_the_same_however_threads_add_them_up():
    """The last digits of a sum, which vary from run to run, are left out."""
    part = whole({"x": [0.1] * 3 + [1e17 / 3]})

    assert part.columns["x"].size == (3.33333333e16,)


def test_empty_table_has_columns_without_values():
    """No row is one entry of zeros."""
    part = whole({"x": pa.array([], pa.float64()), "y": pa.array([], pa.string())})

    assert part == Slice(
        "", (None,), (0,), {"x": Tally((0,), (0.0,), (0,)), "y": Tally((0,))}
    )


def test_names_of_columns_do_not_get_in_the_way():
    """A source may have columns that are called as the pass calls its own."""
    names = ("day", "rows", "g0", "p0", "s0", "n0", "at", "GROUP BY", "Größe")
    data = {name: [1, None] for name in names}
    data["at"] = [dt.date(2026, 1, 1), dt.date(2026, 1, 2)]
    part = whole(data, event_time="at", segments=("g0",))

    assert part.columns["rows"] == Tally((1, 0), (1.0, 0.0), (1, 0))
    assert set(part.columns) == set(names)


@pytest.mark.slow
def test_wide_table_is_asked_in_parts_and_comes_out_alike():
    """No question returns more columns than a server can."""
    data = {f"c{at}": [at, None, 0] for at in range(900)}
    data["at"] = [dt.date(2026, 1, day) for day in (1, 1, 3)]
    table = opened(data, event_time="at", segments=("c0",))
    ask, questions = noted()
    part = profiled(table, ask).whole

    assert max(len(one.columns) for one in questions) <= 1_664
    assert part.days == (dt.date(2026, 1, 1), dt.date(2026, 1, 3))
    assert part.rows == (2, 1)
    assert part.columns["c899"] == Tally((1, 1), (899.0, 0.0), (1, 0))
    assert len(part.columns) == 901


# --- segments ------------------------------------------------------------------------


def segments_of(data, *names):
    return opened(data, event_time="at", segments=names).profile.segments


def test_segments_are_combinations_in_their_order():
    """Two columns make a combination each; a missing value is one of them."""
    at = [dt.date(2026, 1, 1)] * 4
    data = {"at": at, "city": ["B", "A", "A", None], "line": [1, 2, 1, 1]}
    found = segments_of(data, "city", "line")

    assert [(part.segment, part.rows) for part in found] == [
        ("(no value) 1", (1,)),
        ("A 1", (1,)),
        ("A 2", (1,)),
        ("B 1", (1,)),
    ]


def test_many_segments_are_not_told_apart():
    """Fifty combinations are kept; with one more, only the whole table is."""
    at = [dt.date(2026, 1, 1)] * 51
    few = segments_of({"at": at, "shop": [min(n, 49) for n in range(51)]}, "shop")
    many = opened(
        {"at": at, "shop": list(range(51))}, event_time="at", segments=("shop",)
    ).profile

    assert len(few) == 50
    assert (many.segments, many.whole.rows) == ((), (51,))


def test_segments_that_the_source_lacks_are_left_out():
    """The whole table is profiled all the same."""
    assert segments_of({"at": [dt.date(2026, 1, 1)]}, "city") == ()


def test_segments_of_a_wide_table_over_years_are_left_out():
    """What would fill the memory is not told apart."""
    days = [dt.date(year, 1, 1) for year in range(1950, 2026)]
    data = {"at": days, "city": ["A", "B"] * 38}
    data |= {f"c{at}": range(76) for at in range(40)}

    assert segments_of(data, "city") == ()


# --- sums ----------------------------------------------------------------------------

PART = Slice(
    "A",
    (None, dt.date(2025, 12, 29), dt.date(2025, 12, 31), dt.date(2026, 2, 1)),
    (1, 2, 3, 4),
    {
        "x": Tally((0, 2, 2, 4), (0.0, 1.5, 2.0, 4.0), (0, 1, 2, 4)),
        "y": Tally((1, 1, 1, 1)),
    },
)


def test_months_without_a_row_are_there_with_zeros():
    """Every month from the first to the last has a place."""
    found = by_month(PART)

    assert found.days == (
        dt.date(2025, 12, 1),
        dt.date(2026, 1, 1),
        dt.date(2026, 2, 1),
    )
    assert found.rows == (5, 0, 4)
    assert found.columns == {
        "x": Tally((4, 0, 4), (3.5, 0.0, 4.0), (3, 0, 4)),
        "y": Tally((2, 0, 1)),
    }


def test_rows_without_a_time_are_in_no_month():
    """A slice of nothing but those has no month."""
    undated = Slice("", (None,), (7,), {"x": Tally((7,), (1.0,), (7,))})

    assert by_month(undated) == Slice("", (), (), {"x": Tally((), (), ())})


# --- another engine ------------------------------------------------------------------


def test_postgres_gives_the_same_profile(postgres):
    """Instants, NaN, infinity and odd types count alike in a database."""
    values = """
        (timestamptz '2026-03-28 23:30+00', 'a', 1.5::float8, 0, 1.10::numeric, '{1}'),
        ('2026-03-29 21:59:59.9+00', 'a', 'NaN', -7, 'NaN', NULL),
        ('2026-03-29 22:00+00', 'b', '-Infinity', NULL, 0, '{}'),
        (NULL, NULL, -1.7976931348623157e308, 9, NULL, NULL)
    """
    with postgres.admin() as admin:
        admin.execute(f"CREATE TABLE event (at, seg, f, i, n, l) AS VALUES {values}")
    engine = ibis.postgres.connect(
        host="127.0.0.1",
        port=postgres.port,
        user="admin",
        password="only reads",  # noqa: S106 - of a server of the tests
        database="postgres",
    )
    fields = {"event_time": "at", "time_zone": "Europe/Vienna", "segments": ("seg",)}
    profile = open_source(engine.table("event"), "event", **fields).profile
    engine.disconnect()

    first, second, third = (dt.date(2026, 3, day) for day in (29, 29, 30))
    assert first == second
    assert profile.undated is None
    assert profile.whole.days == (None, first, third)
    assert profile.whole.rows == (1, 2, 1)
    assert profile.whole.columns == {
        "at": Tally((0, 2, 1)),
        "seg": Tally((0, 2, 1)),
        "f": Tally((0, 1, 0), (0.0, 1.5, 0.0), (0, 1, 0)),
        "i": Tally((1, 2, 0), (9.0, 7.0, 0.0), (1, 1, 0)),
        "n": Tally((0, 1, 1), (0.0, 1.1, 0.0), (0, 1, 0)),
        "l": Tally((0, 1, 1)),
    }
    assert [part.segment for part in profile.segments] == ["(no value)", "a", "b"]


def test_restricted_column_is_profiled_like_any_other():
    """Counts show no value, so there is nothing to hide."""
    table = opened({"x": ["secret"]}, Column(name="x", restricted=True))

    assert "secret" not in repr(table.profile)


# --- a column that the engine refuses ------------------------------------------------

CHECKS = {
    "nulls": check_nulls,
    "stand-ins": check_sentinels,
    "drift": lambda table, one: check_drift(table.once(select_sides), one),
}


@pytest.fixture(scope="module")
def plain():
    """A table of twelve equal columns."""
    names = [f"c{at:02}" for at in range(12)]
    columns = [Column(name=n, needed=True, nulls=Tolerance(limit=0)) for n in names]
    data = {"at": [dt.date(2026, 1, 1 + at % 2) for at in range(200)]}
    data |= {name: range(200) for name in names}
    days = (Condition(column="at", equals=(f"2026-01-0{day}",)) for day in (1, 2))
    train, live = (Selection(conditions=(day,)) for day in days)
    return opened(data, *columns, event_time="at", train=train, live=live)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("where", [0, 5, 11])
def test_trouble_of_one_column_stays_its_own(plain, check, where):
    """All are asked together; what the engine refuses is asked in halves."""
    columns = plain.declared.columns

    def refused(expression):
        if f".{columns[where].name}" in str(ibis.to_sql(expression)).replace('"', ""):
            msg = "the engine refused"
            raise SourceError(msg)
        return rows(expression)

    table = changed(plain, ask=refused)
    for at, column in enumerate(columns):
        if at == where:
            with pytest.raises(SourceError):
                CHECKS[check](table, column)
        elif at in (1, 6, 10):
            assert CHECKS[check](table, column) == CHECKS[check](plain, column)
