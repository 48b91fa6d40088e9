"""Checks of values: declared categories, undeclared values, types and ranges."""

import datetime as dt
import math
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from readybook.measure.rows.keys import check_join, check_key
from readybook.measure.rows.standins import check_sentinels
from readybook.measure.rows.values import (
    check_categories,
    check_range,
    check_type,
    check_undeclared,
)
from readybook.measure.sources.engine import Run, TimeLimit
from readybook.measure.sources.files import rows
from readybook.measure.sources.places import Located
from readybook.measure.sources.servers import PostgresEngine
from readybook.model.contract import Category, Column, Relationship, Table, Tolerance
from readybook.model.errors import SourceError
from real_tables import changed, column, connect, example, open_source, opened, points


@pytest.fixture(scope="module")
def tables():
    return example()


def with_column(table, name, value):
    """Return an opened table in which one column has other values."""
    return changed(table, source=table.source.mutate(**{name: value}))


# --- categories ----------------------------------------------------------------------


def test_renamed_code_is_an_empty_category_and_an_undeclared_value(tables):
    """One carrier under a new code is found twice: as lost, and as new."""
    flights = tables["flights"]
    carrier = flights.declared.column("carrier")
    renamed = with_column(
        flights, "carrier", flights.source.carrier.replace("WN", "W9")
    )
    lost, new = check_categories(renamed, carrier), check_undeclared(renamed, carrier)

    assert (lost.outcome, points(lost, "category")["WN"]) == ("contradicts", 0)
    assert (new.outcome, new.value) == ("contradicts", 12_275)
    assert new.message == (
        "12,275 rows of flights.carrier (3.64 %) have a value that is not declared: "
        "1 different value; the most frequent is W9 (12,275 rows); at most 33 of "
        "336,776 may (1 in 10,000, as nothing is declared)."
    )
    assert points(new, "not declared") == {"W9": 12_275}


@pytest.mark.parametrize(
    "subject", ["flights.carrier", "flights.origin", "planes.engine"]
)
def test_example_has_no_undeclared_value(tables, subject):
    """Every value of the example's declared categories was declared."""
    name, _, field = subject.partition(".")
    finding = check_undeclared(tables[name], tables[name].declared.column(field))

    assert (finding.outcome, finding.value, finding.series) == ("supports", 0, ())


def test_millions_of_undeclared_values_come_back_as_one_group():
    """A column of names that was declared as one of categories is counted all the same."""
    answers = []

    def ask(expression):
        answers.append(rows(expression))
        return answers[-1]

    source = {"x": [f"person {at}" for at in range(20_000)] + ["north"] * 30}
    table = opened(source, column(), ask=ask)
    declared = column(categories=["north", "south"])
    found, new = check_categories(table, declared), check_undeclared(table, declared)

    assert points(found, "category") == {"north": 30, "south": 0}
    assert new.message == (
        "20,000 rows of t.x (99.9 %) have a value that is not declared: "
        "20,000 different values; at most 2 of 20,030 may (1 in 10,000, as nothing is "
        "declared)."
    )
    assert max(map(len, answers)) <= 3


def test_category_inside_of_another_is_not_taken_for_it():
    """A and AA, and texts with blanks, are different values."""
    table = opened({"x": ["A"] * 10 + ["AA"] * 20 + [" A"] * 30 + ["A B"] * 40})
    declared = column(categories=["AA", "A", "B"])
    found, new = check_categories(table, declared), check_undeclared(table, declared)

    assert points(found, "category") == {"AA": 20, "A": 10, "B": 0}
    assert points(new, "not declared") == {"A B": 40, " A": 30}


@pytest.mark.parametrize(
    ("values", "declared", "counts"),
    [
        (pa.array([1, 2, 2], pa.int8()), ["1", "2.0", "999", "x"], [10, 20, 0, 0]),
        ([0.5, 2.0, 2.0], ["0.5", "2", "nan", "1e400"], [10, 20, 0, 0]),
        ([Decimal("0.1"), Decimal("2.0")], ["0.1", "2", "99999999999999999999"], [10, 10, 0]),
        ([True, False, False], ["true", "False", "1"], [10, 20, 0]),
        ([dt.date(2026, 1, 1)], ["2026-01-01", "1 Jan"], [10, 0]),
    ],
)  # fmt: skip
def test_declared_values_are_read_as_the_column_has_them(values, declared, counts):
    """A contract writes texts; a column holds numbers, truths or dates."""
    array = values if isinstance(values, pa.Array) else pa.array(values)
    table = opened({"x": pa.concat_arrays([array] * 10)})
    finding = check_categories(table, column(categories=declared))

    assert list(points(finding, "category").values()) == counts


def test_null_is_neither_declared_nor_undeclared():
    """Rows without a value are counted apart, and are no undeclared value."""
    table = opened({"x": ["a"] * 20 + [None] * 15})
    declared = column(categories=["a"])

    assert points(check_categories(table, declared), "category") == {
        "a": 20,
        "(no value)": 15,
    }
    assert check_undeclared(table, declared).message == (
        "Every value of t.x is declared (20 rows with a value looked at)."
    )


def test_declared_texts_among_numbers_leave_every_number_undeclared():
    """A column that cannot hold any declared value holds only others."""
    table = opened({"x": [1] * 20 + [None]})
    declared = column(categories=["north"])

    assert points(check_categories(table, declared), "category")["north"] == 0
    assert check_undeclared(table, declared).value == 20


def test_few_undeclared_rows_are_not_told_exactly():
    """Under ten rows there is neither a number, nor a share, nor a value."""
    table = opened({"x": ["a"] * 20 + ["J. Doe"] * 3})
    finding = check_undeclared(table, column(categories=["a"]))

    assert finding.value == "<10"
    assert finding.message == (
        "Fewer than 10 rows of t.x have a value that is not declared: "
        "1 different value."
    )
    assert points(finding, "not declared") == {"(other values)": "<10"}


def test_ten_most_frequent_undeclared_values_are_named():
    """The rest is told in one number, and equal counts go by their letters."""
    letters = "lkjihgfedcba"
    table = opened(
        {"x": [letter for letter in letters for _ in range(10)] + ["z"] * 11}
    )
    finding = check_undeclared(table, column(categories=["north"]))

    assert list(points(finding, "not declared").items()) == [
        ("z", 11),
        *((letter, 10) for letter in "abcdefghi"),
        ("(other values)", 30),
    ]


def test_undeclared_values_of_a_restricted_column_are_not_shown():
    """Of a restricted column only counts leave the source."""
    table = opened({"x": ["secret"] * 50})
    finding = check_undeclared(table, column(categories=["a"], restricted=True))

    assert points(finding, "not declared") == {"(other values)": 50}
    assert "secret" not in finding.model_dump_json()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([[1], [2]], "x is of type array<int64>, whose values have no usual text"),
        (pa.array([None, None], pa.string()), "no row of t.x has a value"),
    ],
)
def test_undeclared_values_of_what_has_no_values_are_not_measured(values, why):
    """Lists, and a column without a value, have nothing to compare."""
    with pytest.raises(SourceError) as refused:
        check_undeclared(opened({"x": values}), column(categories=["a"]))
    assert str(refused.value) == why


@pytest.mark.parametrize("check", [check_categories, check_undeclared, check_range])
def test_check_of_a_column_that_is_not_there_says_so(check):
    """The reason names table and column."""
    with pytest.raises(SourceError) as refused:
        check(opened({"x": [1]}), column("y", categories=["a"], minimum=0))
    assert str(refused.value) == "t has no column y"


# --- types ---------------------------------------------------------------------------


def test_example_holds_the_declared_types(tables):
    """No column of the example is of another family than its contract says."""
    outcomes = {
        check_type(table, one).outcome
        for table in tables.values()
        for one in table.declared.columns
    }

    assert outcomes == {"supports"}


NOON = dt.datetime(2026, 1, 1, 12)  # noqa: DTZ001 - a clock without a zone


@pytest.mark.parametrize(
    ("values", "declared", "outcome"),
    [
        (["a"], "string", "supports"),
        (["2026-01-01"], "date", "contradicts"),
        (["12"], "integer", "contradicts"),
        ([1], "integer", "supports"),
        ([1], "number", "supports"),
        ([1], "string", "contradicts"),
        ([1], "boolean", "contradicts"),
        ([1.5], "number", "supports"),
        ([1.5], "string", "contradicts"),
        (pa.array([Decimal(7)], pa.decimal128(10, 0)), "integer", "supports"),
        (pa.array([Decimal(7)], pa.decimal128(10, 2)), "number", "supports"),
        (pa.array([Decimal("7.5")], pa.decimal128(10, 1)), "integer", "contradicts"),
        ([True], "boolean", "supports"),
        ([True], "integer", "contradicts"),
        ([dt.date(2026, 1, 1)], "date", "supports"),
        ([dt.date(2026, 1, 1)], "timestamp", "contradicts"),
        ([NOON], "timestamp", "supports"),
        ([NOON], "date", "contradicts"),
        ([NOON.time()], "time", "supports"),
        ([[1]], "array", "supports"),
        ([{"a": 1}], "object", "supports"),
        ([{"a": 1}], "string", "contradicts"),
        ([b"a"], "string", "contradicts"),
    ],
)  # fmt: skip
def test_type_must_be_of_the_declared_family(values, declared, outcome):
    """An integer may stand for a number, and nothing else for anything else."""
    assert check_type(opened({"x": values}), column("x", declared)).outcome == outcome


def test_json_may_be_objects_or_lists():
    """Engines that keep JSON have one type for the standard's two."""
    engine = connect()
    engine.raw_sql("CREATE OR REPLACE TABLE j AS SELECT '[1]'::JSON AS x")
    table = open_source(engine.table("j"), "t")

    assert check_type(table, column("x", "array")).outcome == "supports"
    assert check_type(table, column("x", "string")).outcome == "contradicts"


def test_floats_that_are_all_whole_pass_as_integers():
    """Exports turn integers into floats as soon as one value is missing."""
    values = [1.0, None, -2.0, 1e300, math.inf]
    finding = check_type(opened({"x": values}), column("x", "integer"))

    assert (finding.outcome, finding.value) == ("supports", "float64")
    assert finding.message == "t.x holds whole numbers only (float64), as declared."


def test_floats_with_decimals_are_counted_against_integers():
    """The message says how many values are not whole."""
    values = [1.5] * 12 + [2.0] * 8 + [None]
    finding = check_type(opened({"x": values}), column("x", "integer"))

    assert finding.outcome == "contradicts"
    assert finding.message == (
        "t.x holds numbers (float64), declared are whole numbers; 12 rows of 20 rows "
        "with a value could not be read as such."
    )


@pytest.mark.parametrize(
    ("declared", "words", "values"),
    [
        ("integer", "whole numbers", [" 12", "-3", "1.5", "x"]),
        ("number", "numbers", ["1.5", "-1e-3", "1,5", "."]),
        ("boolean", "true or false", ["true", "False", "yes", "0"]),
        ("date", "dates", ["2026-01-01", "2026-12-31 ", "1.1.2026", "soon"]),
        ("timestamp", "dates with a time",
         ["2026-01-01T00:00Z", "2026-01-01 12:00:00.5", "12:00", ""]),
        ("time", "times of day", ["12:00", "23:59:59.9", "noon", "2026-01-01"]),
    ],
)  # fmt: skip
def test_text_that_could_not_be_read_as_declared_is_counted(declared, words, values):
    """Of four texts two would do; ten of each show how many would not."""
    finding = check_type(opened({"x": values * 10}), column("x", declared))

    assert finding.outcome == "contradicts"
    assert finding.message == (
        f"t.x holds text (string), declared are {words}; 20 rows of 40 rows with a "
        "value could not be read as such."
    )


NOT_READ = "with a value could not be read as such."


def test_text_that_could_be_read_as_declared_says_so():
    """Dates kept as text are no dates, and turning them into dates would lose none."""
    finding = check_type(opened({"x": ["2026-01-01"]}), column("x", "date"))

    assert finding.message == (
        "t.x holds text (string), declared are dates; every value could be read as "
        "such."
    )


@pytest.mark.parametrize(
    ("values", "declared", "outcome", "told"),
    [
        ([1001], "string", "supports", "can be read as text (int64), as declared."),
        ([dt.date(2026, 1, 1)], "string", "supports",
         "can be read as text (date), as declared."),
        ([0, 1, None], "boolean", "supports",
         "holds true or false only (int64), as declared."),
        ([0, 2], "boolean", "contradicts",
         ("holds whole numbers (int64), declared are true or false; "
         f"fewer than 10 rows of 2 rows {NOT_READ}")),
        ([dt.date(2026, 1, 1)], "timestamp", "supports",
         "can be read as dates with a time (date), as declared."),
        (["soon"], "timestamp", "contradicts",
         ("holds text (string), declared are dates with a time; "
         f"fewer than 10 rows of 1 row {NOT_READ}")),
        ([NOON], "date", "contradicts",
         "holds dates with a time (timestamp(6)), declared are dates."),
    ],
)  # fmt: skip
def test_guessed_types_of_a_csv_are_not_held_against_it(
    values, declared, outcome, told
):
    """Post codes that look like numbers are still texts; "soon" is still no date."""
    table = opened({"x": values}, typed=False)
    finding = check_type(table, column("x", declared))

    assert (finding.outcome, finding.message) == (outcome, f"t.x {told}")


@pytest.mark.parametrize(
    ("values", "declared", "why"),
    [
        (pa.array([None], pa.string()), "date", "no row of t.x has a value"),
        (["[1]"], "array", "whether text is of type array is not looked into"),
    ],
)
def test_type_that_cannot_be_seen_is_not_measured(values, declared, why):
    """An empty column of a CSV has no type, and lists in it no form."""
    with pytest.raises(SourceError) as refused:
        check_type(opened({"x": values}, typed=False), column("x", declared))
    assert str(refused.value) == why


# --- ranges --------------------------------------------------------------------------


def test_example_has_one_impossible_wind(tables):
    """1,048 miles per hour at Newark on 12 February 2013 are named, dated and placed."""
    weather = tables["weather"]
    wind = weather.declared.column("wind_speed")
    limited = wind.model_copy(update={"minimum": 0, "maximum": 200})
    finding = check_range(weather, limited)

    assert (finding.outcome, finding.value) == ("supports", "<10")
    assert finding.message == (
        "Fewer than 10 rows of weather.wind_speed lie outside of the declared range "
        "(at least 0 and at most 200); at most 2 of 26,111 may (1 in 10,000, as nothing "
        "is declared); the most extreme value is 1,048.36, on "
        "2013-02-12 (origin EWR)."
    )


@pytest.mark.parametrize("check", [check_range, check_undeclared])
@pytest.mark.parametrize(
    ("invalid", "amiss", "outcome"),
    [
        (None, 2, "supports"),
        (None, 3, "contradicts"),
        (Tolerance(limit=0), 1, "contradicts"),
        (Tolerance(limit=0.001), 20, "supports"),
        (Tolerance(limit=0.001, allows_limit=False), 20, "contradicts"),
        (Tolerance(limit=5, unit="rows"), 6, "contradicts"),
    ],
)
def test_as_many_values_as_are_tolerated_may_be_amiss(check, invalid, amiss, outcome):
    """By quality invalidValues; where nothing is said, 1 in 10,000."""
    table = opened({"x": [7] * amiss + [1] * (20_000 - amiss)})
    declared = column(maximum=5, categories=["1"], invalid=invalid)

    assert check(table, declared).outcome == outcome


@pytest.mark.parametrize("check", [check_range, check_undeclared])
def test_tolerance_that_no_table_could_break_is_no_limit(check):
    """Where every value may be invalid, and no category must occur, nothing is checked."""
    declared = column(maximum=5, categories=["1"], invalid=Tolerance(limit=1))

    with pytest.raises(SourceError) as refused:
        check(opened({"x": [7] * 30}), declared)
    assert str(refused.value) == (
        "every value of t.x may be invalid (invalidValues), so it is no limit"
    )


def test_categories_that_may_all_be_empty_are_no_limit():
    """One that is promised a row is enough to be held to it."""
    table = opened({"x": ["a"] * 20})
    some, none = (
        (Category(value="a", min_rows=n), Category(value="b", min_rows=0))
        for n in (1, 0)
    )

    assert (
        check_categories(table, Column(name="x", categories=some)).outcome == "supports"
    )
    with pytest.raises(SourceError) as refused:
        check_categories(table, Column(name="x", categories=none))
    assert str(refused.value) == (
        "no category of t.x is promised a row, so it is no limit"
    )


@pytest.mark.parametrize(
    ("limits", "outside"),
    [
        ({"minimum": 1}, 0),
        ({"above": 1}, 20),
        ({"maximum": 3}, 0),
        ({"below": 3}, 20),
        ({"minimum": 2, "maximum": 2}, 40),
        ({"minimum": 0, "above": 1, "below": 3, "maximum": 9}, 40),
    ],
)
def test_limits_hold_as_declared(limits, outside):
    """A limit is inside, an exclusive one outside; the stricter of two counts."""
    table = opened({"x": [1, 2, 3] * 20})
    finding = check_range(table, column(**limits))

    assert (finding.value, finding.outcome) == (
        outside,
        "contradicts" if outside else "supports",
    )


@pytest.mark.parametrize(
    ("values", "limits", "told", "extreme"),
    [
        (
            [-50, 120],
            {"minimum": 0, "maximum": 100},
            "at least 0 and at most 100",
            "-50",
        ),
        (
            [-10, 120],
            {"minimum": 0, "maximum": 100},
            "at least 0 and at most 100",
            "120",
        ),
        ([Decimal("1.25")], {"below": 1}, "less than 1", "1.25"),
        ([-0.000123], {"above": 0}, "more than 0", "-0.000123"),
    ],
)
def test_most_extreme_value_is_farthest_beyond_its_limit(values, limits, told, extreme):
    """Of both sides the value is named that lies farther outside."""
    finding = check_range(opened({"x": values}), column(**limits))

    assert finding.message == (
        f"Fewer than 10 rows of t.x lie outside of the declared range ({told}); the "
        f"most extreme value is {extreme}."
    )


def test_extreme_that_occurs_often_is_dated_by_its_first_day():
    """Its day is that of the declared zone, and no segment is picked out."""
    times = [dt.datetime(2026, 1, day, 23, tzinfo=dt.UTC) for day in range(1, 21)]
    table = opened(
        {"x": [5] * 4 + [900] * 16, "at": times, "site": ["a"] * 20},
        event_time="at",
        time_zone="Europe/Vienna",
        segments=("site",),
    )
    finding = check_range(table, column(maximum=100))

    assert finding.message == (
        "16 rows of t.x (80 %) lie outside of the declared range (at most 100); the "
        "most extreme value is 900, first on 2026-01-06."
    )


def test_restricted_extreme_is_neither_named_nor_dated():
    """Of a restricted column the count is told, and nothing else."""
    times = [dt.date(2026, 1, 1)] * 12
    table = opened({"x": [900] * 12, "at": times}, event_time="at")
    finding = check_range(table, column(maximum=100, restricted=True))

    assert finding.message == (
        "12 rows of t.x (100 %) lie outside of the declared range (at most 100)."
    )


def test_restricted_segment_of_an_extreme_is_not_named():
    """The day is told, the segment is not."""
    table = opened(
        {"x": [900, 1], "at": [dt.date(2026, 1, 1)] * 2, "who": ["Doe", "Roe"]},
        column("who", restricted=True),
        event_time="at",
        segments=("who",),
    )
    finding = check_range(table, column(maximum=100))

    assert finding.message.endswith("the most extreme value is 900, on 2026-01-01.")


def test_extreme_without_a_time_has_no_date():
    """A row without an event time is told without a day."""
    table = opened(
        {"x": [900, 800], "at": [None, dt.date(2026, 1, 1)]}, event_time="at"
    )
    finding = check_range(table, column(maximum=100))

    assert finding.message.endswith("the most extreme value is 900.")


def test_what_is_not_a_number_is_not_out_of_range():
    """NaN and infinity are missing values, here as in every count of nulls."""
    table = opened({"x": [math.nan, math.inf, 5.0]})
    finding = check_range(table, column(maximum=100))

    assert finding.message == (
        "Every value of t.x is at most 100 (1 row with a value looked at)."
    )


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["a"], "t.x is of type string, not of numbers"),
        (pa.array([None], pa.float64()), "no row of t.x has a value"),
    ],
)
def test_range_of_what_holds_no_numbers_is_not_measured(values, why):
    """Texts have no range, nor has an empty column."""
    with pytest.raises(SourceError) as refused:
        check_range(opened({"x": values}), column(minimum=0))
    assert str(refused.value) == why


# --- another engine ------------------------------------------------------------------

ROWS = range(400)
EVERY_KIND = {
    "k": ("int", [row if row != 7 else 6 for row in ROWS]),
    "at": ("timestamptz", [dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=row) for row in ROWS]),
    "due": ("timestamp", [NOON + dt.timedelta(hours=row) if row > 20 else dt.datetime(9999, 12, 31) for row in ROWS]),  # noqa: DTZ001
    "born": ("date", [dt.date(1950, 1, 1) + dt.timedelta(days=row) if row > 20 else dt.date(1900, 1, 1) for row in ROWS]),
    "temp": ("float8", [20.5 + row % 30 if row > 15 else -999.0 for row in ROWS]),
    "grade": ("int2", [row % 5 + 1 if row > 15 else 99 for row in ROWS]),
    "price": ("numeric(10,2)", [Decimal("0.25") * (row % 7) for row in ROWS]),
    "share": ("real", [float(row % 9) if row % 11 else None for row in ROWS]),
    "site": ("text", ["north" if row < 200 else "Süd" if row < 399 else "J." for row in ROWS]),
    "flag": ("boolean", [row % 2 == 0 for row in ROWS]),
    "name": ("varchar(20)", [" N/A " if row < 12 else f"x{row}" for row in ROWS]),
    "when": ("text", ["2024-01-01" if row < 300 else "soon" for row in ROWS]),
}  # fmt: skip
DECLARED = (
    column("k", "integer", minimum=5, below=390),
    column("at", "timestamp"),
    column("due", "timestamp"),
    column("born", "date"),
    column("temp", "number", maximum=45),
    column("grade", "integer", categories=["1", "2", "99"]),
    column("price", "number", categories=["0.25", "0", "1.50"]),
    column("share", "integer", categories=["1", "2.0", "x"]),
    column("site", "string", categories=["north", "south"]),
    column("flag", "boolean", categories=["true"]),
    column("name", "string"),
    column("when", "date"),
)


def every_finding(table, other):
    """Yield what each check of values, keys and joins says, types by their outcome."""
    join = Relationship(table="t", columns=("k",), to_table="p", to_columns=("k",))
    for one in table.declared.columns:
        yield check_sentinels(table, one)
        yield check_type(table, one).outcome
        if one.categories:
            yield check_categories(table, one)
            yield check_undeclared(table, one)
    yield check_range(table, DECLARED[0])
    yield check_range(table, DECLARED[4])
    yield check_key(table, ("k",))
    yield check_key(table, ("site", "flag"))
    yield check_join(join, table, other)


def fill(server, tables):
    """Create tables, each with the type and the values of its columns."""
    with server.admin() as admin, admin.cursor() as cursor:
        cursor.execute("CREATE SCHEMA all_kinds")
        for name, columns in tables.items():
            kinds = (f'"{column}" {kind}' for column, (kind, _) in columns.items())
            cursor.execute(f"CREATE TABLE all_kinds.{name} ({', '.join(kinds)})")
            with cursor.copy(f"COPY all_kinds.{name} FROM STDIN") as copy:
                for row in zip(
                    *(values for _, values in columns.values()), strict=True
                ):
                    copy.write_row(row)


def test_postgres_finds_the_same(postgres, monkeypatch):
    """The same rows in another engine give the same findings, word for word."""
    import postgres as servers  # noqa: PLC0415 - needs an extra

    monkeypatch.setenv(servers.USER_VARIABLE, servers.READER)
    monkeypatch.setenv(servers.PASSWORD_VARIABLE, servers.PASSWORD)
    tables = {"t": EVERY_KIND, "p": {"k": ("bigint", [row for row in ROWS if row % 4])}}
    fill(postgres, tables)
    time = {"event_time": "at", "time_zone": "America/New_York"}
    declared = {
        "t": Table(
            name="t", location="t", columns=DECLARED, declared="sha256:0", **time
        ),
        "p": Table(name="p", location="p", columns=(), declared="sha256:0"),
    }
    server = postgres.server(schema_name="all_kinds")
    run = Run(TimeLimit(), Path(), allowed=servers.ALLOWED)
    asked = PostgresEngine(run, Located(server=server))
    here, there = {}, {}
    for name, table in declared.items():
        data = {column: values for column, (_, values) in tables[name].items()}
        fields = time if name == "t" else {}
        here[name] = opened(data, *table.columns, name=name, **fields)
        source = asked.open(table, Located(server=server))
        there[name] = changed(here[name], source=source, ask=asked.ask)
    try:
        found = list(every_finding(there["t"], there["p"]))
    finally:
        asked.close()

    assert list(every_finding(here["t"], here["p"])) == found
