"""Steps over time: ground truth of the example, planted faults, declared changes."""

import datetime as dt
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from readybook.contract.read import parse_contract
from readybook.measure.change.events import check_steps
from readybook.model.case import Change, Changes
from readybook.model.contract import Calendar, Category, Column, Table
from readybook.model.errors import SourceError
from readybook.text.documents import load_document
from real_tables import connect, data_table

EXAMPLE = Path(__file__).parents[3] / "templates" / "flight-delays"
VX = "rows of flights with carrier VX: 2013-04-03"
FL = "rows of flights with carrier FL: 2013-06-02"
START = dt.date(2021, 1, 1)


@pytest.fixture
def engine():
    return connect()


@pytest.fixture(scope="module")
def model():
    raw = (EXAMPLE / "data.odcs.yaml").read_text("utf-8")
    return parse_contract(raw, name="data.odcs.yaml", folder=EXAMPLE).model


@pytest.fixture
def flights(engine, model):
    source = engine.read_parquet(EXAMPLE / "data" / "flights.parquet")
    return source, model.table("flights")


@pytest.fixture
def weather(engine, model):
    source = engine.read_parquet(EXAMPLE / "data" / "weather.parquet")
    return source, model.table("weather")


def opened(source, table):
    return data_table(table, source)


def check(source, table, changes=()):
    return check_steps(opened(source, table), changes)


def change(date, id_="change", tables=()):
    return Change(
        id=id_,
        date=dt.date.fromisoformat(date),
        what="What changed.",
        kind="procedure",
        tables=tables,
    )


def points(finding, name):
    found = [one for one in finding.series if one.name == name]
    return {point.label: point.value for one in found for point in one.points}


def since(source, date):
    """Whether the row's local day, of the columns year, month and day, has come."""
    number = source.year * 10_000 + source.month * 100 + source.day
    return number >= int(date.replace("-", ""))


def table(*columns, **more):
    return Table(
        name="orders",
        location="orders",
        columns=(Column(name="at"), *columns),
        event_time="at",
        declared="sha256:table",
        **more,
    )


def categories(name, *values):
    return Column(name=name, categories=tuple(Category(value=one) for one in values))


@pytest.fixture
def daily(engine, tmp_path):
    """Write the rows that `make` returns for each day's number, and open them."""

    def write(days, make, *, start=START, schema=None):
        rows = [
            {"at": start + dt.timedelta(days=at), **row}
            for at in range(days)
            for row in make(at)
        ]
        file = tmp_path / f"{start}.parquet"
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), file)
        return engine.read_parquet(file)

    return write


# --- the example, untouched ----------------------------------------------------------


def test_example_has_the_two_known_steps_of_flights(flights):
    """Carrier VX steps up in April and FL down in June, and nothing else does."""
    finding = check(*flights)

    assert points(finding, "step") == {VX: 58.8, FL: -19.0}
    assert (finding.check, finding.subject) == ("steps-declared", "flights")
    assert (finding.outcome, finding.value, finding.threshold) == ("contradicts", 2, 0)
    assert finding.threshold_source == "changes.yaml"


def test_example_declares_one_of_its_two_steps(flights):
    """The step of FL is declared, that of VX is a question."""
    changes = load_document(
        EXAMPLE / "changes.yaml", Changes, name="changes.yaml"
    ).model.changes
    finding = check(*flights, changes)

    assert finding.value == 1
    assert points(finding, "declared and found") == {FL: 1}
    assert finding.message == (
        "From 3 April 2013 rows with carrier VX rise by 59 %, and no declared change "
        "says why; 1 other step is declared; there is no other year to tell a step "
        "from a season."
    )


def test_example_has_no_step_of_the_weather(weather):
    """Neither seasons nor storms are steps, and the message says what is not seen."""
    finding = check(*weather)

    assert (finding.outcome, finding.value) == ("supports", 0)
    assert points(finding, "step") == {}
    assert finding.message == (
        "No step was found in 132 series of weather; a step might not be seen "
        "that is under 2.4 points in most shares (32.8 in the share of missing "
        "values in weather.wind_gust), 28.1 % in rows or 69.1 % in the size of "
        "numbers."
    )
    assert points(finding, "detection limit")["rows of weather"] == 28.1


def test_temperature_and_other_seasons_are_no_steps(weather):
    """Numbers that rise and fall with the year do not step, whatever their unit."""
    source, declared = weather
    source = source.mutate(temp=(source.temp - 32) / 1.8)
    needed = [one.model_copy(update={"needed": True}) for one in declared.columns]
    declared = declared.model_copy(update={"columns": tuple(needed)})

    assert points(check(source, declared), "step") == {}


def test_carrier_of_a_few_rows_is_not_judged(flights):
    """OO has 32 rows in 5 of 12 months: no step, and no limit either."""
    limits = points(check(*flights), "detection limit")

    assert limits["rows of flights with carrier OO"] is None
    assert limits["rows of flights with carrier UA"] == 28.1


# --- planted faults ------------------------------------------------------------------


def test_renamed_code_is_one_event_with_both_names(flights):
    """A code that ends and an undeclared one that begins that day are told as one."""
    source, declared = flights
    is_renamed = (source.carrier == "AA") & since(source, "2013-06-15")
    finding = check(
        source.mutate(carrier=is_renamed.ifelse("A1", source.carrier)), declared
    )

    assert finding.message == (
        "3 steps in flights have no declared change: from 15 June 2013 rows with "
        "carrier AA end and rows with the undeclared carrier A1 begin; from 3 "
        "April 2013 rows with carrier VX rise by 59 %; from 2 June 2013 rows with"
        " carrier FL fall by 19 %; there is no other year to tell a step from a "
        "season."
    )
    assert set(points(finding, "step")) == {
        VX,
        FL,
        "rows of flights with carrier AA: 2013-06-15",
    }


def test_null_rate_step_is_named_and_dated(flights):
    """Values that go missing from a day on are found with the share before and after."""
    source, declared = flights
    is_lost = (source.flight % 10 == 0) & since(source, "2013-05-08")
    finding = check(
        source.mutate(arr_delay=is_lost.ifelse(None, source.arr_delay)), declared
    )

    assert finding.message == (
        "3 steps in flights have no declared change: from 8 May 2013 the share of"
        " rows without arr_delay rises from 2.20 % to 7.80 %; from 3 April 2013 "
        "rows with carrier VX rise by 59 %; from 2 June 2013 rows with carrier FL"
        " fall by 19 %; there is no other year to tell a step from a season."
    )


def test_null_rate_step_near_the_end_is_found_by_weeks(flights):
    """Months cannot tell of the last six weeks; weeks can."""
    source, declared = flights
    is_lost = (source.flight % 4 == 0) & since(source, "2013-11-20")
    finding = check(source.mutate(dest=is_lost.ifelse(None, source.dest)), declared)

    assert "share of missing values in flights.dest: 2013-11-20" in points(
        finding, "step"
    )


def test_unit_change_of_miles_is_found(flights):
    """Distances that turn to kilometres are 1.6 times as large from a day on."""
    source, declared = flights
    longer = since(source, "2013-09-10").ifelse(1.609344, 1.0)
    finding = check(source.mutate(distance=source.distance * longer), declared)

    assert finding.message == (
        "3 steps in flights have no declared change: from 3 April 2013 rows with "
        "carrier VX rise by 59 %; from 10 September 2013 values of distance "
        "become 1.6 times as large; from 2 June 2013 rows with carrier FL fall "
        "by 19 %; there is no other year to tell a step from a season."
    )


@pytest.mark.slow
@pytest.mark.parametrize("date", ["2013-04-10", "2013-07-10", "2013-10-10"])
def test_unit_change_of_degrees_is_found_in_any_season(weather, date):
    """Fahrenheit that turns to Celsius is found, though the season moves as well."""
    source, declared = weather
    celsius = (source.temp - 32) / 1.8
    source = source.mutate(temp=since(source, date).ifelse(celsius, source.temp))
    needed = [
        one.model_copy(update={"needed": one.name == "temp"})
        for one in declared.columns
    ]
    declared = declared.model_copy(update={"columns": tuple(needed)})

    assert set(points(check(source, declared), "step")) == {
        f"usual size of weather.temp (EWR, JFK, LGA): {date}"
    }


def test_default_that_begins_is_found_in_its_segment(weather):
    """Zeros that stand for unknown from a day on are located at their station."""
    source, declared = weather
    is_zero = (source.origin == "EWR") & (source.hour % 5 == 0)
    is_zero &= since(source, "2013-03-15")
    finding = check(source.mutate(visib=is_zero.ifelse(0, source.visib)), declared)

    assert finding.message.startswith(
        "From 15 March 2013 the share of zeros in visib rises from 0 % to 20.8 % in "
        "EWR, and no declared change says why"
    )


def test_segment_that_joins_later_is_no_step(weather):
    """A station that joins in June changes the sum, not the way of collecting."""
    source, declared = weather
    source = source.filter((source.origin != "LGA") | since(source, "2013-06-20"))
    finding = check(source, declared)

    assert points(finding, "step") == {}
    assert "; 1 segment begins later: LGA on 20 June 2013" in finding.message


def test_largest_steps_are_told_first(daily):
    """What ends comes before what changes, whatever the dates."""
    sizes = {100: 1.5, 200: 4.0, 300: 2.0, 400: 3.0}

    def make(at):
        value = 10.0 + at % 3
        for day, times in sizes.items():
            value *= times if at >= day else 1
        rows = [{"x": value, "kind": "a"}] * 20
        return rows + [{"x": value, "kind": "b"}] * 20 * (at < 250)

    columns = Column(name="x", needed=True), categories("kind", "a", "b")
    told = check(daily(480, make), table(*columns)).message

    order = ["kind b end", "become 4 times", "become 3 times", "and 2 more"]
    places = [told.index(one) for one in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("times", "told"),
    [(129.83, "130"), (2.165, "2.2"), (1.5, "1.5"), (0.5556, "0.56"), (1016, "1,000")],
)
def test_size_of_a_step_has_the_digits_that_a_reader_needs(daily, times, told):
    """A unit is known again by two of them."""

    def make(at):
        return [{"x": (10.0 + at % 3) * (times if at >= 200 else 1)}] * 20

    message = check(daily(400, make), table(Column(name="x", needed=True))).message

    assert f"become {told} times as large" in message


def test_segment_that_ends_is_a_step(weather):
    """A station that falls silent is named, with its last day's morrow."""
    source, declared = weather
    source = source.filter((source.origin != "LGA") | ~since(source, "2013-06-20"))
    finding = check(source, declared)

    assert finding.message == (
        "From 20 June 2013 rows of weather end in LGA, and no declared change "
        "says why; there is no other year to tell a step from a season."
    )


def test_step_in_all_segments_is_told_once(weather):
    """What steps at every station is one event with all their names."""
    source, declared = weather
    is_lost = since(source, "2013-10-05") & (source.hour < 12)
    finding = check(
        source.mutate(pressure=is_lost.ifelse(None, source.pressure)), declared
    )

    assert finding.value == 1
    assert "rises from 7.84 % to 55.6 % in EWR, JFK, LGA" in finding.message


# --- seasons -------------------------------------------------------------------------


def by_season(at, *, later=0):
    """100 orders a day, 40 of kind a in winter and 60 in summer, `later` more."""
    day = START + dt.timedelta(days=at)
    number = (60 if 4 <= day.month <= 9 else 40) + (later if at >= 700 else 0)
    return [{"kind": "a" if one < number else "b"} for one in range(100)]


KINDS = Column(name="kind", categories=(Category(value="a"), Category(value="b")))


def test_season_that_repeats_is_no_step(daily):
    """Shares and rows of categories that step each April and October are a season."""
    finding = check(daily(3 * 365, by_season), table(KINDS))

    assert points(finding, "step") == {}
    assert points(finding, "perhaps a season") == {}


def test_step_beside_a_season_is_found(daily):
    """A step two months after the end of a season, when other years have none."""
    source = daily(3 * 365, lambda at: by_season(at, later=15))
    finding = check(source, table(KINDS))

    day = START + dt.timedelta(days=700)
    assert any(label.endswith(f": {day}") for label in points(finding, "step"))


def test_share_that_moves_while_its_rows_do_not_is_a_step(daily):
    """Four points more of a hundred rows are too few rows for a step of their own."""
    source = daily(
        3 * 365,
        lambda at: [
            {"kind": "a" if one < 50 + 4 * (at >= 800) else "b"} for one in range(100)
        ],
    )
    finding = check(source, table(KINDS))

    day = START + dt.timedelta(days=800)
    assert finding.outcome == "contradicts"
    assert set(points(finding, "step")) == {f"share of a in orders.kind: {day}"}


def test_share_without_another_year_is_left_open(daily):
    """In one year a share that steps may be a season, and is listed as such."""
    finding = check(
        daily(
            365,
            lambda at: [
                {"kind": "a" if one < 50 + 4 * (at >= 200) else "b"}
                for one in range(100)
            ],
        ),
        table(KINDS),
    )

    assert finding.outcome == "supports"
    assert set(points(finding, "perhaps a season")) == {
        "share of a in orders.kind: 2021-07-20",
        "share of b in orders.kind: 2021-07-20",
    }


# --- declared changes ----------------------------------------------------------------


def doubled(at):
    return [{"kind": "a"} for _ in range(40 if at < 200 else 80)]


def even(_):
    return [{"kind": "a"} for _ in range(40)]


DOUBLED = START + dt.timedelta(days=200)


@pytest.mark.parametrize(
    ("days", "tables", "outcome"),
    [
        (0, ("orders",), "supports"),
        (7, (), "supports"),
        (-7, ("orders", "other"), "supports"),
        (8, ("orders",), "contradicts"),
        (0, ("other",), "contradicts"),
    ],
)
def test_change_declares_a_step_within_a_week(daily, days, tables, outcome):
    """A change of the table, or of none, within 7 days of a dated step declares it."""
    date = (DOUBLED + dt.timedelta(days=days)).isoformat()
    finding = check(daily(400, doubled), table(), [change(date, tables=tables)])

    assert finding.outcome == outcome
    assert finding.value == (outcome == "contradicts")


def test_declared_step_is_told_with_the_limit(daily):
    """Where every step is declared, the message says what would not be seen."""
    finding = check(daily(400, doubled), table(), [change(DOUBLED.isoformat())])

    assert finding.message == (
        "The one step found in orders is declared: from 20 July 2021 rows of "
        "orders rise by 100 %; a step might not be seen that is under 28 % in "
        "rows."
    )


def test_declared_change_without_a_step_is_listed(daily):
    """A change that the data does not show is told, and contradicts nothing."""
    declared = [change("2021-03-01", "merger"), change("2031-03-01", "later")]
    finding = check(daily(400, even), table(), declared)

    assert finding.outcome == "supports"
    assert points(finding, "declared and not found") == {"merger: 2021-03-01": None}
    assert finding.message == (
        "No step was found in 1 series of orders; no step goes with the declared "
        "merger; a step might not be seen that is under 28 % in rows."
    )


def test_table_step_hides_those_of_its_categories(daily):
    """Categories that double with the table are not told one by one."""
    finding = check(daily(400, doubled), table(KINDS))

    assert set(points(finding, "step")) == {"rows of orders: 2021-07-20"}


# --- what cannot be told, and what is not shown --------------------------------------


def test_seven_weeks_are_not_measured(daily):
    """A short history is not measured, and the reason says what it takes."""
    with pytest.raises(SourceError) as refused:
        check(daily(49, doubled), table())
    assert str(refused.value) == (
        "orders has 49 days of history; 8 whole weeks are the least that can show a"
        " step"
    )


def test_table_without_an_event_time_is_not_measured(daily):
    """Without days there is no step to look for."""
    declared = table().model_copy(update={"event_time": None})

    with pytest.raises(SourceError) as refused:
        check(daily(49, doubled), declared)
    assert str(refused.value) == "no event time is declared for orders"


def test_monthly_events_are_looked_at_by_month(daily):
    """Events that all lie on the first of a month have months, no weeks."""

    def monthly(at):
        day = START + dt.timedelta(days=at)
        value = None if day.year > 2021 else 1
        return [{"x": value}] * 50 if day.day == 1 else []

    schema = pa.schema([("at", pa.date32()), ("x", pa.int64())])
    source = daily(3 * 365, monthly, schema=schema)
    finding = check(source, table(Column(name="x")))

    assert set(points(finding, "step")) == {
        "share of missing values in orders.x: 2022-01"
    }


def test_restricted_values_are_numbered(daily):
    """Neither a restricted category nor a new value of it is named."""
    column = KINDS.model_copy(update={"restricted": True})

    def renamed(at):
        return [{"kind": "a" if at < 200 else "new"}] * 40 + [{"kind": "b"}] * 40

    finding = check(daily(400, renamed), table(column))
    told = finding.model_dump_json()

    assert finding.message == (
        "From 20 July 2021 rows with kind no. 1 end and rows with undeclared "
        "values of kind begin, and no declared change says why; there is no other"
        " year to tell a step from a season."
    )
    assert '"new' not in told
    assert "kind a" not in told


def test_restricted_segments_are_numbered(daily):
    """A segment of a restricted column is told by its number."""

    def ends(at):
        towns = ("Ulm", "Bonn") if at < 200 else ("Ulm",)
        return [{"town": town} for town in towns for _ in range(40)]

    column = Column(name="town", restricted=True)
    finding = check(daily(400, ends), table(column, segments=("town",)))

    assert finding.message == (
        "From 20 July 2021 rows of orders end in no. 1, and no declared change "
        "says why; there is no other year to tell a step from a season."
    )
    assert "Bonn" not in finding.model_dump_json()


def test_few_rows_that_are_left_are_not_told(daily):
    """A category that falls to a handful of rows is told without their number."""

    def rare(at):
        return [{"kind": "a"}] * 40 + [{"kind": "b"}] * (
            20 if at < 200 else at % 15 == 0
        )

    finding = check(daily(400, rare), table(KINDS))

    assert finding.message == (
        "From 20 July 2021 rows with kind b fall to fewer than 10 a month and "
        "rows of orders fall by 33 %, and no declared change says why; there is "
        "no other year to tell a step from a season."
    )
    assert points(finding, "step") == {"rows of orders with kind b: 2021-07-20": None}


@pytest.mark.slow
def test_same_rows_give_the_same_finding(flights):
    """Two looks at the same rows say the same, to the byte."""
    first, second = check(*flights), check(*flights)

    assert first.model_dump_json() == second.model_dump_json()


@pytest.mark.parametrize(
    "column", [(), (Column(name="kind", categories=(Category(value="a"),)),)]
)
def test_season_that_the_calendar_declares_is_no_step(engine, column):
    """Rows of a lift that stands still from May to November are counted per open day."""
    shut = {"from": "2021-05-01", "to": "2021-11-30"}
    days = [START + dt.timedelta(days=at) for at in range(540)]
    days = [day for day in days if not "2021-05-01" <= f"{day}" <= "2021-11-30"]
    rows = [{"at": day, "kind": "a"} for day in days for _ in range(50)]
    source = engine.create_table(f"lift{len(column)}", pa.Table.from_pylist(rows))
    calendar = Calendar.model_validate({"closed": [shut]})

    assert check(source, table(*column, grain="P1D")).outcome == "contradicts"
    assert check(source, table(*column, grain="P1D", calendar=calendar)).value == 0
