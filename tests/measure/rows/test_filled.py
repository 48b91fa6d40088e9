"""Missing values, the label, and how long it takes to be known."""

import datetime as dt
import math

import pyarrow as pa
import pytest

from readybook.measure.change.events import check_steps
from readybook.measure.rows.filled import (
    check_label_delay,
    check_label_filled,
    check_nulls,
)
from readybook.model.contract import Column, Tolerance
from readybook.model.errors import SourceError
from real_tables import TODAY, column, example, open_source, opened, points

NONE = pa.array([], pa.int64())


@pytest.fixture(scope="module")
def tables():
    return example()


def limited(name, limit, **fields):
    return Column(name=name, nulls=Tolerance(limit=limit, **fields))


def half_empty(present, missing, limit=None, **fields):
    """Return the finding about a column of some present and missing values."""
    one = limited("x", limit, **fields) if limit is not None else column()
    return check_nulls(opened({"x": [1] * present + [None] * missing}, one), one)


@pytest.mark.parametrize(
    ("limit", "fields", "told"),
    [
        (1.0, {}, "at most 100 % is tolerated"),
        (1.01, {"allows_limit": False}, "less than 101 % is tolerated"),
        (20, {"unit": "rows"}, "at most 20 rows may be so"),
    ],
)
def test_limit_that_every_row_may_break_is_no_limit(limit, fields, told):
    """Nobody is told that missing values are tolerated because all of them are."""
    finding = half_empty(10, 10, limit, **fields)

    assert finding.outcome == "not measured"
    assert finding.message == (
        f"t.x has no value in 10 of 20 rows (50 %); {told}, which is no limit."
    )


# --- the example ---------------------------------------------------------------------


def test_example_label_lacks_more_than_its_limit_in_one_month(tables):
    """The share, its limit, the worst month and one point per month are told."""
    finding = check_nulls(tables["flights"], limited("arr_delay", 0.05))

    assert (finding.outcome, finding.value) == ("contradicts", 0.053705)
    assert (finding.unit, finding.threshold) == ("share of rows", 0.05)
    assert finding.threshold_source == "data.odcs.yaml: flights.arr_delay"
    assert finding.message == (
        "flights.arr_delay has no value in 9,430 of 336,776 rows (2.80 %); at most 5 % "
        "is tolerated; more is missing in 1 month of 12, most in 2013-02 (5.37 %)."
    )
    months = points(finding, "month")
    assert len(months) == 12
    assert max(months, key=months.get) == "2013-02"


def test_example_gusts_of_wind_are_mostly_missing(tables):
    """79.563 % are, which no month shows more than another by chance."""
    finding = check_nulls(tables["weather"], limited("wind_gust", 0.2))

    assert (finding.outcome, finding.value) == ("contradicts", 0.795635)
    assert finding.message == (
        "weather.wind_gust has no value in 20,778 of 26,115 rows (79.6 %); at "
        "most 20 % is tolerated; the worst month is 2013-08 (90.0 %)."
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
        (1, 99, 1.0, {}, "not measured"),
        (50, 50, 50, {"unit": "rows"}, "supports"),
        (50, 50, 50, {"unit": "rows", "allows_limit": False}, "contradicts"),
        (49, 51, 50, {"unit": "rows"}, "contradicts"),
    ],
)
def test_limit_holds_for_the_whole_table(present, missing, limit, fields, outcome):
    """At the limit it is decided as declared, whatever floating point makes of it.

    One that nothing can be beyond is no limit.
    """
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
    with pytest.raises(SourceError) as refused:
        check_nulls(opened(data), limited("x", 0.1))
    assert str(refused.value) == why


# --- months --------------------------------------------------------------------------


def monthly(missing, rows=1_000, limit=0.05):
    """Return the finding about months with so many missing values each."""
    data = {"at": [], "x": []}
    for month, lost in enumerate(missing, 1):
        data["at"] += [dt.date(2026, month, 1)] * rows
        data["x"] += [None] * lost + [1] * (rows - lost)
    one = limited("x", limit)
    return check_nulls(opened(data, one, event_time="at"), one)


def test_month_above_the_limit_contradicts_although_the_whole_is_within():
    """A limit holds in every month: one bad one does not hide in the mean."""
    finding = monthly([10] * 6 + [200, 60] + [10] * 2)

    assert (finding.outcome, finding.value) == ("contradicts", 0.2)
    assert finding.message == (
        "t.x has no value in 340 of 10,000 rows (3.40 %); at most 5 % is tolerated; "
        "more is missing in 2 months of 10, most in 2026-07 (20 %)."
    )
    assert monthly([50] * 10).outcome == "supports"  # at the limit


def test_limit_in_rows_and_month_of_few_rows_are_not_judged_by_month():
    """A number of rows is one for the table; few rows prove nothing of their month."""
    few = {"at": [dt.date(2026, 1, 1)] * 991 + [dt.date(2026, 2, 1)] * 9}
    few = opened({**few, "x": [1] * 991 + [None] * 9}, event_time="at")

    assert check_nulls(few, limited("x", 0.01)).outcome == "supports"
    assert check_nulls(few, limited("x", 9, unit="rows")).outcome == "supports"


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


UTC = dt.UTC
DAY = dt.timedelta(days=1)
INSTANT, CLOCK, DATE = pa.timestamp("us", "UTC"), pa.timestamp("us"), pa.date32()


def label(**fields):
    return column("y", is_label=True, **fields)


# --- filled --------------------------------------------------------------------------


def filled(present, missing, needed=None):
    table = opened({"y": pa.array([1] * present + [None] * missing, pa.int64())})
    return check_label_filled(table, label(label_fill=needed))


def test_example_label_is_filled_for_all_but_cancelled_and_diverted(tables):
    """327,346 of 336,776 flights have an arrival delay; February has the fewest."""
    arrival = column("arr_delay", is_label=True, label_fill=0.95)
    finding = check_label_filled(tables["flights"], arrival)

    assert (finding.check, finding.subject) == ("label-filled", "flights.arr_delay")
    assert (finding.outcome, finding.value, finding.threshold) == (
        "supports",
        0.971999,
        0.95,
    )
    assert finding.message == (
        "The label flights.arr_delay is filled in 327,346 of 336,776 rows (97.2 %); "
        "needed: 95 %."
    )
    months = points(finding, "month")
    assert (len(months), months["2013-02"]) == (12, 94.6295)


@pytest.mark.parametrize(
    ("present", "missing", "needed", "outcome"),
    [(29, 71, 0.29, "supports"), (28, 72, 0.29, "contradicts"), (50, 0, 1, "supports")],
)
def test_share_is_held_against_what_is_needed(present, missing, needed, outcome):
    """A share that is exactly what is needed suffices."""
    assert filled(present, missing, needed).outcome == outcome


def test_without_a_needed_share_nothing_is_claimed():
    """The share is told all the same."""
    finding = filled(75, 25)

    assert (finding.outcome, finding.value, finding.threshold) == (
        "not measured",
        0.75,
        None,
    )
    assert finding.message == (
        "The label t.y is filled in 75 of 100 rows (75 %); no share is declared as "
        "needed, so this is measured against nothing."
    )


@pytest.mark.parametrize(
    ("present", "missing", "says"),
    [
        (1_000, 0, "The label t.y is filled in all 1,000 rows; needed: 50 %."),
        (
            995,
            5,
            (
                "The label t.y is filled in all but fewer than 10 of 1,000 rows; "
                "needed: 50 %."
            ),
        ),
        (
            5,
            995,
            ("The label t.y is filled in fewer than 10 rows of 1,000; needed: 50 %."),
        ),
        (0, 1_000, "The label t.y is filled in no row of 1,000; needed: 50 %."),
    ],
)
def test_few_rows_with_or_without_a_label_are_not_told_exactly(present, missing, says):
    """One to nine rows are fewer than ten on either side."""
    assert filled(present, missing, 0.5).message == says


def test_label_that_the_source_lacks_is_told():
    """A column that is not there is no empty label."""
    with pytest.raises(SourceError) as refused:
        check_label_filled(opened({"x": [1]}), label())
    assert str(refused.value) == "t has no column y"


# --- delay ---------------------------------------------------------------------------


def delayed(waits, kinds=(INSTANT, INSTANT), *, limit="P7D", start=None, **fields):
    """Return the finding about labels that were known after some waits; None: never."""
    start = start or dt.datetime(2026, 1, 1, 12, tzinfo=UTC)
    data = {
        "at": pa.array([start] * len(waits), INSTANT).cast(kinds[0]),
        "known": pa.array(
            [None if wait is None else start + wait for wait in waits], INSTANT
        ).cast(kinds[1]),
        "y": [1] * len(waits),
    }
    fields = {"event_time": "at", "time_zone": "UTC"} | fields
    one = label(label_known="known", label_delay=limit)
    return check_label_delay(opened(data, one, **fields), one)


def whole_days(*numbers):
    return [number * DAY for number in numbers]


@pytest.mark.parametrize("kinds", [(INSTANT, INSTANT), (CLOCK, CLOCK)])
def test_delay_is_the_ninetieth_percentile_in_days(kinds):
    """Nine of ten labels are known within 9 days, and the longest takes 100."""
    waits = whole_days(*range(1, 10), 100) * 100
    finding = delayed(waits, kinds, limit="P10D")

    assert (finding.outcome, finding.value, finding.unit, finding.threshold) == (
        "supports",
        9,
        "days",
        10,
    )
    assert points(finding, "days until known") == {
        "p50": 5,
        "p90": 9,
        "p99": 100,
        "longest": 100,
    }
    assert finding.message == (
        "The label t.y is known within 5 days in half of the 1,000 rows that have it "
        "and within 9 days in nine of ten (longest: 100 days); tolerated: 10 days."
    )


@pytest.mark.parametrize(
    ("limit", "outcome", "threshold"),
    [
        ("P9D", "supports", 9),
        ("P8D", "contradicts", 8),
        ("PT215H", "contradicts", 8.9583),
        ("P1M", "supports", 30.4369),
    ],
)
def test_longest_delay_tolerated_is_held_against_it(limit, outcome, threshold):
    """Hours are parts of a day, and a month is as long as months are on average."""
    finding = delayed(whole_days(*range(1, 11)) * 10, limit=limit)

    assert (finding.value, finding.outcome, finding.threshold) == (
        9,
        outcome,
        threshold,
    )


def test_short_delays_are_told_to_the_minute():
    """Delays within a week are not rounded to hours."""
    waits = [dt.timedelta(minutes=at) for at in range(1, 101)]
    finding = delayed(waits)

    assert finding.value == round(90 / 1_440, 4)
    assert finding.message == (
        "The label t.y is known within 50 minutes in half of the 100 rows that "
        "have it and within 1.5 hours in nine of ten (longest: 1.7 hours); "
        "tolerated: 7 days."
    )
    assert points(finding, "days until known")["longest"] == round(100 / 1_440, 4)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (
            INSTANT,
            (
                "The label t.y is known within 0 minutes in half of the 20 rows that "
                "have it and within 0 minutes in nine of ten (longest: 0 minutes); "
                "tolerated: 7 days."
            ),
        ),
        (
            DATE,
            (
                "The label t.y is known within 0 days in half of the 20 rows that "
                "have it and within 0 days in nine of ten (longest: 0 days); "
                "tolerated: 7 days."
            ),
        ),
    ],
)
def test_labels_that_are_known_at_once_have_no_delay(kind, says):
    """A delay of nothing is told as exactly as it is known."""
    finding = delayed([0 * DAY] * 20, (INSTANT, kind))

    assert (finding.outcome, finding.value) == ("supports", 0)
    assert finding.message == says


@pytest.mark.slow
@pytest.mark.parametrize(
    "kinds", [(DATE, DATE), (INSTANT, DATE), (DATE, INSTANT), (CLOCK, DATE)]
)
def test_dates_are_compared_by_the_days_of_the_zone(kinds):
    """An hour after local midnight is the day after, whatever day UTC has."""
    start = dt.datetime(2026, 1, 1, 12, tzinfo=UTC)
    finding = delayed([2 * DAY] * 20, kinds, start=start, time_zone="Europe/Vienna")
    late = delayed(
        [11.5 * dt.timedelta(hours=1)] * 20,
        (INSTANT, DATE),
        start=start,
        time_zone="Pacific/Kiritimati",
    )

    assert finding.value == 2
    assert "is known within 2 days in half of the 20 rows" in finding.message
    # 12:00 UTC is 02:00 of 2 January there, and 23:30 UTC still 1 January as a date.
    assert (late.outcome, late.value) == ("contradicts", None)


def test_clock_times_and_instants_are_compared_on_the_clock_of_the_zone():
    """A time without offset is the declared zone's, in summer too."""
    waits = [DAY] * 20
    start = dt.datetime(2026, 7, 1, 12, tzinfo=UTC)
    finding = delayed(
        waits, (INSTANT, CLOCK), start=start, time_zone="America/New_York"
    )

    assert finding.value == round(28 / 24, 4)


def test_label_known_before_the_event_contradicts():
    """A leak or a wrong clock is told with its rows, whatever is declared."""
    waits = [*whole_days(1) * 80, *[-DAY] * 20]
    finding, open_ended = delayed(waits), delayed(waits, limit=None)

    assert (finding.outcome, open_ended.outcome) == ("contradicts", "contradicts")
    assert finding.message == (
        "The label t.y is known within 1 day in half of the 100 rows that have it"
        " and within 1 day in nine of ten (longest: 1 day); tolerated: 7 days; in"
        " 20 rows it was known before the event, so it leaks or a clock is wrong."
    )
    assert points(finding, "days until known")["p50"] == 1


def test_labels_all_known_before_the_event_have_no_delay():
    """There is no percentile of delays that are none."""
    finding = delayed([-DAY] * 20)

    assert (finding.outcome, finding.value, finding.series) == ("contradicts", None, ())
    assert finding.message == (
        "The label t.y was known before the event in all 20 rows, so it leaks or a "
        "clock is wrong."
    )


def test_time_that_was_cut_to_the_second_is_not_before_the_event():
    """A known time without its fraction is no leak."""
    start = dt.datetime(2026, 1, 1, 12, 0, 0, 900_000, tzinfo=UTC)
    cut = dt.timedelta(microseconds=-900_000)

    assert delayed([cut] * 20, start=start).outcome == "supports"
    assert delayed([dt.timedelta(seconds=-1)] * 20).outcome == "contradicts"


def test_without_a_limit_the_delay_is_told_and_nothing_is_claimed():
    """Nothing can be held against a delay of which nothing was declared."""
    finding = delayed(whole_days(3) * 20, limit=None)

    assert (finding.outcome, finding.value, finding.threshold) == (
        "not measured",
        3,
        None,
    )
    assert finding.message == (
        "The label t.y is known within 3 days in half of the 20 rows that have it"
        " and within 3 days in nine of ten (longest: 3 days); no longest delay is"
        " declared, so this is measured against nothing."
    )


def test_labels_that_are_not_known_yet_are_left_out():
    """No time, a time that stands for one, and no label are not waited for."""
    never = dt.datetime(9999, 12, 31, tzinfo=UTC) - dt.datetime(
        2026, 1, 1, 12, tzinfo=UTC
    )
    finding = delayed([*whole_days(1) * 20, None, never])

    assert finding.message == (
        "The label t.y is known within 1 day in half of the 20 rows that have it "
        "and within 1 day in nine of ten (longest: 1 day); tolerated: 7 days."
    )
    assert points(finding, "days until known")["longest"] == 1


@pytest.mark.parametrize(
    ("fields", "of_label", "why"),
    [
        (
            {},
            {"label_known": None},
            ("no column is declared to say when it was known (readiness.labelKnown)"),
        ),
        ({"event_time": None}, {}, "no event time is declared for t"),
        ({}, {"label_known": "later"}, "t has no column later"),
        ({}, {"label_known": "y"}, "t.y is of type int64, not a date or time"),
        ({}, {"label_delay": "a week"}, "the delay tolerated, a week, is no duration"),
        (
            {"time_zone": None},
            {"label_known": "on"},
            "no time zone is declared for t (readiness.timeZone)",
        ),
        ({}, {"label_known": "empty"}, "fewer than 10 rows of t have y, at and empty"),
    ],
)
def test_delay_that_cannot_be_measured_says_why(fields, of_label, why):
    """What is missing is named."""
    now = dt.datetime(2026, 1, 1, tzinfo=UTC)
    data = {
        "at": pa.array([now] * 20, INSTANT),
        "known": pa.array([now] * 20, INSTANT),
        "on": [now.date()] * 20,
        "empty": pa.array([now] * 9 + [None] * 11, INSTANT),
        "y": [1] * 20,
    }
    fields = {"event_time": "at", "time_zone": "UTC"} | fields
    one = label(**{"label_known": "known"} | of_label)

    with pytest.raises(SourceError) as refused:
        check_label_delay(opened(data, one, **fields), one)
    assert str(refused.value) == why


@pytest.mark.slow
def test_delay_of_the_example_is_the_time_from_departure_to_arrival(tables):
    """Real delays of a derived column have the percentiles of a sorted list."""
    flights = tables["flights"]
    hours = flights.source.air_time.cast("int64") * 60
    seconds = flights.source.time_hour.epoch_seconds() + hours
    source = flights.source.mutate(
        known=seconds.as_timestamp("s").cast("timestamp('UTC')")
    )
    one = column("air_time", is_label=True, label_known="known", label_delay="P1D")
    table = open_source(
        source, "flights", (one,), event_time="time_hour", time_zone="America/New_York"
    )
    minutes = sorted(
        source.filter(source.air_time.notnull()).air_time.to_pyarrow().to_pylist()
    )
    finding = check_label_delay(table, one)

    ranks = {at: minutes[math.ceil(at / 100 * len(minutes)) - 1] for at in (50, 90, 99)}
    assert points(finding, "days until known") == {
        **{f"p{at}": round(rank / 1_440, 4) for at, rank in ranks.items()},
        "longest": round(minutes[-1] / 1_440, 4),
    }


# --- rows that are too young to have a label -----------------------------------------

DELAYED = (
    label(
        label_delay="P30D",
        label_known="known",
        label_fill=0.9,
        nulls=Tolerance(limit=0),
    ),
    column("known", nulls=Tolerance(limit=0)),
)


def aged(delay):
    """Return a table of a year; the rows of its last 30 days have no label."""
    days = [TODAY - dt.timedelta(days=at) for at in range(400) for _ in range(40)]
    is_known = [(TODAY - day).days >= 30 for day in days]
    known = pa.array(
        [day if one else None for day, one in zip(days, is_known, strict=True)],
        pa.date32(),
    )
    y = [1 if one else None for one in is_known]
    columns = [
        one.model_copy(update={"label_delay": delay} if one.is_label else {})
        for one in DELAYED
    ]
    return opened(
        {"at": days, "y": pa.array(y, pa.int64()), "known": known},
        *columns,
        event_time="at",
        grain="P1D",
    )


CHECKS = {
    "nulls": lambda table: check_nulls(table, table.declared.columns[0]),
    "nulls of when it was known": lambda table: check_nulls(
        table, table.declared.columns[1]
    ),
    "filled": lambda table: check_label_filled(table, table.declared.columns[0]),
    "steps": lambda table: check_steps(table, ()),
}


@pytest.mark.parametrize("check", CHECKS)
def test_rows_too_young_to_have_a_label_wait(check):
    """They are counted apart, and make no step."""
    waiting, missing = (CHECKS[check](aged(delay)) for delay in ("P30D", None))

    assert waiting.outcome == "supports"
    said = "1,200 rows are too young to have a label"
    assert (said in waiting.message) == (check != "steps")
    assert missing.outcome == ("supports" if check == "filled" else "contradicts")
    if check != "steps":
        assert {*points(waiting, waiting.series[0].name).values()} <= {0, 100}


def test_table_whose_rows_are_all_too_young_has_nothing_to_count():
    """No label can be there yet, so nothing is proven and nothing contradicted."""
    table = aged("P2Y")

    with pytest.raises(SourceError, match="no row that is old enough to have a label"):
        check_label_filled(table, table.declared.columns[0])
    assert check_steps(table, ()).outcome == "supports"
