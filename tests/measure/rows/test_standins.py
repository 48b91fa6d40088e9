"""Stand-ins for unknown: what is found, what is left in peace, and at what price."""

import datetime as dt
import math
import random
from decimal import Decimal

import ibis
import pyarrow as pa
import pytest

from readybook.measure.rows.standins import _NumberLook, check_sentinels
from readybook.measure.sources.files import rows
from readybook.model.contract import Relationship, Selection
from readybook.model.errors import SourceError
from real_tables import changed, column, example, opened, points


@pytest.fixture(scope="module")
def tables():
    return example()


def check(values, *, table=None, **fields):
    """Return the finding about one column of values."""
    return check_sentinels(opened({"x": values}, **(table or {})), column(**fields))


def found(values, **fields):
    """Return the stand-ins that were found, with their rows."""
    finding = check(values, **fields)
    return points(finding, "stand-in") if finding.series else {}


def every(rows_of_each, *values):
    return [value for value in values for _ in range(rows_of_each)]


def drawn(draw, seed=7, rows=4_000):
    """Return values that a random source gives, always the same ones."""
    source = random.Random(seed)  # noqa: S311 - nothing secret
    return [draw(source) for _ in range(rows)]


# --- the example ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["flights", "weather", "planes", "airports", "airlines"]
)
def test_example_holds_no_stand_in(tables, name):
    """Delays of -1, calm winds, dry hours and one pilot's seat raise no alarm."""
    table = tables[name]
    alarms = [
        finding.message
        for one in table.declared.columns
        if (finding := check_sentinels(table, one)).outcome != "supports"
    ]

    assert alarms == []


def planted(table, name, value, *, of, rest=None):
    """Return a table in which one of so many rows has another value in a column."""
    source, known = table.source, table.source[name]
    is_hit = source.time_hour.epoch_seconds() // 3_600 % of == 0
    other = ibis.ifelse(is_hit, value, known if rest is None else rest)
    return changed(table, source=source.mutate(**{name: other}))


def test_unknown_temperatures_are_found_in_the_example(tables):
    """-999 in one of 200 hours is counted, and the true temperatures are told."""
    weather = planted(tables["weather"], "temp", -999.0, of=200)
    finding = check_sentinels(weather, weather.declared.column("temp"))
    hits = rows(weather.source.aggregate(n=(weather.source.temp == -999).sum()))

    assert (finding.outcome, finding.value) == ("contradicts", hits[0]["n"])
    assert finding.message == (
        "132 rows of weather.temp (0.505 %) have -999, which may stand for "
        "unknown; all other values are 10.94 to 100.04."
    )


def test_unknown_aircraft_are_found_in_the_example(tables):
    """Tail numbers that say N/A are found, however they are written."""
    flights = planted(tables["flights"], "tailnum", " N/a", of=400)
    finding = check_sentinels(flights, flights.declared.column("tailnum"))

    assert finding.outcome == "contradicts"
    assert list(points(finding, "stand-in")) == ["N/a"]


def test_unknown_times_are_found_in_the_example(tables):
    """The first of January 1900, midnight in New York, is no hour of departure."""
    then = ibis.timestamp("1900-01-01T05:00:00+00:00")
    flights = planted(tables["flights"], "time_hour", then, of=400)
    finding = check_sentinels(flights, flights.declared.column("time_hour"))

    assert finding.outcome == "contradicts"
    assert list(points(finding, "stand-in")) == ["1900-01-01"]


def test_text_that_is_written_in_several_ways_is_one():
    """Their rows are told together, in small letters."""
    assert found([*every(6, "NA", "n/a"), *every(6, "Na", "n/a")]) == {
        "n/a": 12,
        "na": 12,
    }


def test_a_table_is_looked_at_with_four_queries_at_most():
    """All columns share one, odd numbers a second, what may stand apart a third.

    How texts that were found are written is asked with a fourth.
    """
    asked = []

    def ask(expression):
        asked.append(expression)
        return rows(expression)

    values = {"a": [1.5, -999.0] * 10, "b": ["x", "n/a"] * 10, "c": [1, 2] * 10}
    columns = [column(name, needed=True) for name in values]
    table = opened(values, *columns, ask=ask)
    asked.clear()
    outcomes = [check_sentinels(table, one).outcome for one in columns]

    assert outcomes == ["contradicts", "contradicts", "supports"]
    assert len(asked) == 4


def test_what_is_not_looked_at_closely_holds_no_stand_in():
    """How far the other values reach says as much as a look at each candidate."""
    chance = random.Random(1)  # noqa: S311 - nothing secret
    values = {}
    for at in range(30):
        few = chance.sample([-999, -3, -1, 0, 1, 2, 5, 9, 12, 99, 999, 4_000], 4)
        drawn = [one for one in few for _ in range(chance.choice([1, 20, 400]))]
        drawn += [chance.uniform(*few[:2]) for _ in range(chance.choice([0, 400]))]
        values[f"x{at}"] = [float(one) for one in drawn] + [None] * (2_000 - len(drawn))
    table = opened(values, *map(column, values))
    looks = {
        name: _NumberLook(table.declared, column(name), table.source[name])
        for name in values
    }
    first = table.ask_each({name: look.first() for name, look in looks.items()})
    ends, second = (
        table.ask_each({n: ask(look, first[n]) for n, look in looks.items()})
        for ask in (_NumberLook.ends, _NumberLook.second)
    )
    passed = [
        n for n, one in looks.items() if not one.may_stand_apart(first[n], ends[n])
    ]

    assert 10 < len(passed) < 30
    assert not any(looks[n].judge(first[n], second[n]).found for n in passed)


def test_column_that_the_contract_does_not_mark_is_looked_at_alone():
    """A field that only the scope needs is measured all the same."""
    assert found([10.0, 20.0, -999.0] * 10) == {"-999": 10}


# --- numbers -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "stand_ins"),
    [
        (every(20, *range(1, 6), 9), {"9": 20}),
        (every(20, *range(13), 99), {"99": 20}),
        (every(20, *range(1960, 2020), 9999), {"9999": 20}),
        (every(20, *range(1960, 2020), 0), {"0": 20}),
        (every(20, *range(1960, 2020), -1), {"-1": 20}),
        (every(20, *range(980, 1040), -99, -999), {"-99": 20, "-999": 20}),
        (every(20, 0.1, 0.5, 0.9, -1.0), {"-1": 20}),
        (every(20, 0, 0, 0, -999), {"-999": 20}),
        (every(20, 7, 7, 7, 999999), {"999999": 20}),
        (every(20, Decimal("1.5"), Decimal(2), Decimal(-9999)), {"-9999": 20}),
        ([*every(20, 1.5, 2.5, -999.0), math.nan, -math.inf, None], {"-999": 20}),
        (pa.array(every(20, 1, 2, 3, 99), pa.int8()), {"99": 20}),
        (pa.array(every(20, 1, 2, 3, 99), pa.uint8()), {"99": 20}),
    ],
)
def test_number_that_stands_apart_is_found(values, stand_ins):
    """An end that is far from all others, and that people write, is a stand-in."""
    assert found(values) == stand_ins


@pytest.mark.parametrize(
    "values",
    [
        every(20, *range(1, 10)),
        every(20, *range(1, 8), 9),
        every(20, *range(100)),
        every(20, *range(0, 101, 5), 99),
        every(20, -1, 0, 1),
        every(20, 0, 1),
        every(20, 0, 100),
        every(20, -1, 1),
        every(20, 0),
        every(20, 9, 99),
        every(20, 0, 15, 20, 25, 30),
        every(20, 0.0, 0.0, 0.0, 0.01, 0.3, 1.2),
        drawn(lambda source: source.randint(0, 9)),
        drawn(lambda source: round(source.gauss(0, 30))),
        drawn(lambda source: round(source.expovariate(0.2))),
        drawn(lambda source: round(source.lognormvariate(4, 1.5))),
        drawn(lambda source: min(99_999, round(source.lognormvariate(10, 1)))),
        drawn(lambda source: source.choice([0, 0, 0, 1, 2, 3, 4])),
        drawn(lambda source: float(source.random() < 0.01)),
        drawn(lambda source: source.choice([-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])),
        [*range(1000, 2000), *every(9, -999)],  # near, in fewer than ten rows
        [*range(1000, 21_000), *every(15, -999)],  # near, in less than 0.1 %
        [*range(1000, 1100), *every(2, -999)],  # far, in fewer than three rows
        [*drawn(lambda source: source.gauss(230, 4)), *every(3, 0.0)],  # an outage
        every(20, *range(1000, 1010), -998),  # not a number that people write
        [*range(1000, 2000), -5000, *every(20, -999)],  # not the end
    ],
)
def test_number_that_belongs_to_the_others_is_left_in_peace(values):
    """Counts, delays, flags, ratings, shares and prices hold no stand-in."""
    assert found(values) == {}


@pytest.mark.parametrize(
    ("fields", "stand_ins"),
    [
        ({"minimum": -999}, {"9999": 20}),
        ({"maximum": 9999}, {"-999": 20}),
        ({"minimum": 0}, {"-999": 20, "9999": 20}),
        ({"above": -1000, "below": 10_000}, {}),
        ({"above": -999, "below": 9999}, {"-999": 20, "9999": 20}),
        ({"categories": ["-999", "9999.0"]}, {}),
    ],
)
def test_declared_number_is_no_stand_in(fields, stand_ins):
    """A category, or a limit on that side, says that the number is meant."""
    values = every(20, *range(10, 20), -999, 9999)

    assert found(values, **fields) == stand_ins


@pytest.mark.parametrize(
    ("fields", "stand_ins"),
    [({}, {"0": 20}), ({"maximum": 2000}, {"0": 20}), ({"minimum": 0}, {})],
)
def test_declared_minimum_of_0_says_that_0_is_meant(fields, stand_ins):
    """0 lies on the lower limit's side, so an upper one alone does not speak for it."""
    values = every(20, *range(1_000, 1_010), 0)

    assert found(values, **fields) == stand_ins


def test_candidates_alone_have_their_most_frequent_for_a_value():
    """A column of zeros with some -9999 is one of zeros."""
    assert found([*every(500, 0), *every(12, -9999)]) == {"-9999": 12}


def test_declared_candidates_alone_are_regular():
    """Where the contract knows every value, none stands in."""
    assert found(every(20, 0, 999), categories=["0", "999"]) == {}


def test_number_far_apart_is_found_in_few_rows():
    """19 of 20,000 rows are under 0.1 %, and three are told as a small group is."""
    values = drawn(lambda source: source.lognormvariate(1.2, 0.5), rows=20_000)
    some, few = (
        check([*values, *every(19, -999.0)]),
        check([*values, *every(3, 9999.0)]),
    )

    assert (some.outcome, some.value) == ("contradicts", 19)
    assert (few.outcome, few.value) == ("contradicts", "<10")
    assert points(few, "stand-in") == {"9999": "<10"}
    assert few.message.startswith("Fewer than 10 rows of t.x have 9999, which may")


def test_clean_number_names_what_was_looked_for():
    """A director reads which numbers were looked for."""
    message = check(every(20, 1, 2, 3)).message

    assert message == (
        "No value of t.x looks like a stand-in for unknown (-999, -1, 0, 9999 and"
        " the like, apart from all others in 10 rows or more, or far apart, but for 0,"
        " in 3)."
    )


# --- texts ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("", "empty text"),
        ("   ", "empty text"),
        ("NA", "NA"),
        (" n/A\t", "n/A"),
        ("NaN", "NaN"),
        ("Unknown", "Unknown"),
        ("?", "?"),
        ("--", "--"),
        ("TBD", "TBD"),
        ("Not Available", "Not Available"),
        ("k.A.", "k.A."),
        ("Keine Angabe", "Keine Angabe"),
    ],
)
def test_text_that_stands_for_unknown_is_found(written, label):
    """Blanks around it and capitals do not hide it; it is told as it is written."""
    assert found([*every(12, written), *every(30, "N123")]) == {label: 12}


@pytest.mark.parametrize(
    "values",
    [
        every(20, "Nathan", "nanny", "not", "a-b", "n/a or b", "unknown pleasures"),
        every(20, "na\x1fn/a", "|na|"),
        [*every(9, "n/a"), *every(500, "x")],  # fewer than ten rows
    ],
)
def test_text_that_says_something_is_left_in_peace(values):
    """Only the whole text counts, and only in ten rows or more."""
    assert found(values) == {}


def test_declared_text_is_no_stand_in():
    """NA is Namibia where the contract says so."""
    values = every(20, "NA", "DE", "none")

    assert found(values, categories=["NA", "DE"]) == {"none": 20}


def test_several_stand_ins_are_named_by_their_rows():
    """The most frequent comes first, each with its rows."""
    finding = check([*every(15, "?"), *every(30, ""), *every(55, "x")])

    assert finding.value == 45
    assert finding.message == (
        "45 rows of t.x (45 %) have empty text (30 rows), ? (15 rows), which may stand "
        "for unknown."
    )


# --- dates ---------------------------------------------------------------------------

DAYS = [dt.date(2020, 1, 1) + dt.timedelta(days=day) for day in range(400)]
TIMES = [dt.datetime(day.year, day.month, day.day, 12) for day in DAYS]  # noqa: DTZ001


@pytest.mark.parametrize(
    ("values", "stand_ins"),
    [
        ([*DAYS, *every(10, dt.date(1900, 1, 1))], {"1900-01-01": 10}),
        (
            [*DAYS, *every(10, dt.date(1753, 1, 1), dt.date(9999, 12, 31))],
            {"1753-01-01": 10, "9999-12-31": 10},
        ),
        (
            [*DAYS, *every(10, dt.date(1899, 12, 30), dt.date(1899, 12, 31))],
            {"1899-12-30": 10, "1899-12-31": 10},
        ),
        (
            [*TIMES, *every(10, dt.datetime(9999, 12, 31, 23, 59, 59))],  # noqa: DTZ001
            {"9999-12-31": 10},
        ),
        (every(10, dt.date(1970, 1, 1)), {"1970-01-01": 10}),
        ([*DAYS, *every(9, dt.date(1900, 1, 1))], {}),
        ([*DAYS, *every(10, dt.date(1901, 1, 1))], {}),
        (
            [dt.date(1966, 1, 1) + dt.timedelta(days=7 * week) for week in range(900)]
            + every(10, dt.date(1970, 1, 1)),
            {},
        ),
        ([*(dt.date(year, 1, 1) for year in range(1904, 1990)), *every(10, dt.date(1900, 1, 1))], {}),
    ],
)  # fmt: skip
def test_date_that_no_clock_showed_is_found_where_it_stands_apart(values, stand_ins):
    """Ten rows, over five years from all others; births of 1970 are births."""
    assert found(values) == stand_ins


@pytest.mark.parametrize(
    "midnight",
    [
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        dt.datetime(1970, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Vienna", "Not/AZone", None])
def test_instant_is_a_stand_in_in_utc_and_in_the_declared_zone(midnight, zone):
    """Programs write midnight of either; an unknown zone leaves UTC."""
    hours = [dt.datetime(2026, 1, 1, hour, tzinfo=dt.UTC) for hour in range(24)]
    values = pa.array([*hours, *every(12, midnight)], pa.timestamp("us", "UTC"))
    finding = check(values, table={"time_zone": zone})
    is_found = zone == "Europe/Vienna" or midnight.utcoffset() == dt.timedelta(0)

    assert finding.outcome == ("contradicts" if is_found else "supports")


def test_infinite_date_does_not_hide_a_stand_in():
    """What is no date at all is passed over."""
    table = opened({"at": [*DAYS, *every(10, dt.date(1900, 1, 1))]})
    infinite = ibis.literal("infinity").cast("date")
    is_last = table.source["at"] == max(DAYS)
    source = table.source.mutate(x=ibis.ifelse(is_last, infinite, table.source["at"]))
    finding = check_sentinels(changed(table, source=source), column())

    assert points(finding, "stand-in") == {"1900-01-01": 10}


def test_declared_date_is_no_stand_in():
    """An open end that the contract lists is meant."""
    values = [*DAYS, *every(10, dt.date(9999, 12, 31))]

    assert found(values, categories=["9999-12-31"]) == {}


# --- what is not shown, and what has none --------------------------------------------


def test_stand_ins_of_a_restricted_column_are_counted_only():
    """Neither they nor the other values leave the source."""
    finding = check(every(20, 1234.5, 2345.5, -999.0), restricted=True)

    assert finding.message == (
        "20 rows of t.x (33.3 %) have 1 value not shown here, which may stand for "
        "unknown."
    )
    assert points(finding, "stand-in") == {"no. 1": 20}


def test_truth_has_no_room_for_a_stand_in():
    """True and false are all that such a column can hold."""
    assert check([True, False]).message == (
        "t.x is true or false, which leaves no room for a stand-in."
    )


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([[1]], "no usual stand-in is known for its type, array<int64>"),
        ([dt.time(12)], "no usual stand-in is known for its type, time"),
        (pa.array([None], pa.int64()), "no row of t.x has a value"),
        (pa.array([None], pa.string()), "no row of t.x has a value"),
        (pa.array([None], pa.date32()), "no row of t.x has a value"),
        (pa.array([math.nan], pa.float64()), "no row of t.x has a value"),
    ],
)
def test_column_without_values_or_stand_ins_is_not_measured(values, why):
    """Lists, times of day and empty columns say nothing."""
    with pytest.raises(SourceError) as refused:
        check(values)
    assert str(refused.value) == why


def test_column_that_is_not_there_is_not_measured():
    """The reason names table and column."""
    with pytest.raises(SourceError) as refused:
        check_sentinels(opened({"x": [1]}), column("y"))
    assert str(refused.value) == "t has no column y"


# --- lookups of a few rows -----------------------------------------------------------

SHOPS = {"shop": ["n", "s", "w"], "region": ["hill", "sea", "sea"], "size": [3, 5, 4]}


def looked_up(rows=30, *, by=("shop",), keys=(("shop",),), **fields):
    """Return three shops, and so many orders that find one of them."""
    join = Relationship(
        table="orders", columns=("shop",), to_table="shops", to_columns=by
    )
    kept = {one: fields.pop(one) for one in ("region", "size") if one in fields}
    shops = opened(
        SHOPS | kept,
        column("region"),
        column("size"),
        name="shops",
        keys=keys,
        **fields,
    )
    found = (SHOPS["shop"] * rows)[:rows]
    orders = opened({"shop": found}, name="orders", relationships=(join,))
    shops.tables = orders.tables = {"shops": shops, "orders": orders}
    return shops


@pytest.mark.parametrize("name", ["region", "size"])
def test_lookup_of_three_rows_is_judged_by_those_that_find_them(name):
    """However large a use case is, a shop is one of three."""
    finding = check_sentinels(looked_up(), column(name))

    assert (finding.outcome, finding.value) == ("supports", 0)
    assert finding.message.endswith("; they are what 30 rows of orders find.")


def test_stand_in_of_a_lookup_counts_as_often_as_it_is_found():
    """One row of three is a third of all orders, and more than the table has."""
    text = check_sentinels(looked_up(region=["hill", "n/a", "sea"]), column("region"))
    number = check_sentinels(looked_up(size=[3, 5, -999]), column("size"))

    for finding in (text, number):
        assert finding.outcome == "contradicts"
        assert (finding.value, finding.unit) == (10, "found rows")
    assert points(text, "stand-in") == {"n/a": 10}
    assert points(number, "stand-in") == {"-999": 10}


@pytest.mark.parametrize(
    "fields",
    [
        {"rows": 9},
        {"keys": ()},
        {"by": ("region",)},
        {"event_time": "shop"},
        {"train": Selection()},
        {"live": Selection()},
    ],
)
def test_nothing_but_a_lookup_that_is_used_is_judged_so(fields):
    """Five training rows are no proof, whoever joins them, and nor is a join of none."""
    with pytest.raises(SourceError, match=r"fewer than 10 rows of shops.size"):
        check_sentinels(looked_up(**fields), column("size"))


def test_outcomes_are_no_lookup():
    """What is learned from is not covered by what looks it up."""
    shops = looked_up()
    label = column("size", is_label=True)
    declared = shops.declared.model_copy(update={"columns": (label,)})
    few = changed(shops, declared=declared)
    few.tables = shops.tables | {"shops": few}

    with pytest.raises(SourceError, match="fewer than 10 rows"):
        check_sentinels(few, label)


def test_lookup_in_another_source_says_why_it_is_not_judged():
    """The rows that find it cannot be laid beside it."""
    shops = looked_up()
    far = opened({"shop": ["n"] * 20}, engine="there", name="orders",
                 relationships=shops.found_by)  # fmt: skip
    shops.tables = {"shops": shops, "orders": far}

    with pytest.raises(SourceError, match="cannot be joined"):
        check_sentinels(shops, column("size"))
