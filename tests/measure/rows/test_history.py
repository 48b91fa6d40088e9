"""History: span, gaps, arrivals and freshness."""

import datetime as dt
import functools
import itertools
import random

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from readybook.measure.change.events import check_steps
from readybook.measure.rows.history import (
    check_arrivals,
    check_fresh,
    check_gaps,
    check_span,
    count_missing,
    parse_duration,
)
from readybook.measure.sources.clock import closed_days
from readybook.model.contract import WEEKDAYS, Calendar
from readybook.model.errors import SourceError
from real_tables import TODAY, column, data_table, example, opened, points

UTC = dt.UTC
NEW_YEAR = dt.date(2014, 1, 1)


@pytest.fixture(scope="module")
def tables():
    return example()


def events(times, kind=None, **fields):
    """Return a table of events, on a clock without offset unless a type is given."""
    array = pa.array(times, kind or pa.timestamp("us"))
    fields = {"event_time": "at", "time_zone": "America/New_York"} | fields
    return opened({"at": array}, **fields)


def local(*at):
    """Return a moment of a clock that does not say of which zone."""
    return dt.datetime(*at)  # noqa: DTZ001


def hours(start, number):
    return [start + dt.timedelta(hours=at) for at in range(number)]


# --- ground truth --------------------------------------------------------------------


def test_example_history_is_365_days_of_two_years(tables):
    """The span, what was needed, and a point for each month and day."""
    finding = check_span(tables["flights"])

    assert finding.message == (
        "flights holds 365 days of history, 2013-01-01 to 2013-12-31; needed: 2 years "
        "(731 days)."
    )
    assert (len(points(finding, "month")), len(points(finding, "day"))) == (12, 365)


def test_example_weather_lacks_75_hours_of_three_airports(tables):
    """8,703, 8,706 and 8,706 of 8,730 hours are there."""
    finding = check_gaps(tables["weather"])

    assert (finding.outcome, finding.value) == ("contradicts", 75)
    assert finding.message == (
        "75 of 26,190 hours of weather by origin have no row; the longest gap is "
        "5 hours, from 2013-10-26 00:00 UTC (EWR)."
    )


def test_example_flights_lack_no_day(tables):
    """Each of 365 days has a row."""
    assert check_gaps(tables["flights"]).message == (
        "None of the 365 days of flights is missing."
    )


# --- span ----------------------------------------------------------------------------


def test_months_without_a_row_stand_in_the_timeline():
    """A gap is seen as zeros, and few rows are not told exactly."""
    times = [dt.date(2026, 1, 1)] * 12 + [dt.date(2026, 3, 1)]
    finding = check_span(events(times, pa.date32(), history_needed="P2M"))

    assert points(finding, "month") == {"2026-01": 12, "2026-02": 0, "2026-03": "<10"}
    assert finding.outcome == "supports"


def test_span_without_days_says_why():
    """The reason of the profile is told."""
    table = events([dt.date(9999, 12, 31)], pa.date32(), history_needed="P1D")

    with pytest.raises(SourceError) as refused:
        check_span(table)
    assert str(refused.value) == "no time in t.at lies within the years 1678 to 2100"


def test_needed_history_that_is_no_duration_is_told():
    """A wrong declaration is named."""
    table = events([dt.date(2026, 1, 1)], pa.date32(), history_needed="two years")

    with pytest.raises(SourceError) as refused:
        check_span(table)
    assert str(refused.value) == "the history needed of t, two years, is no span"


# --- hours ---------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["America/New_York", "Australia/Lord_Howe", "UTC"])
def test_hours_of_instants_are_whole_across_changes_of_the_clock(zone):
    """A year of hours has neither a gap nor one hour twice."""
    times = hours(dt.datetime(2025, 1, 1, tzinfo=UTC), 365 * 24)
    table = events(times, pa.timestamp("us", "UTC"), grain="PT1H", time_zone=zone)

    assert check_gaps(table).message == "None of the 8,760 hours of t is missing."


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [
        ("America/New_York", local(2025, 3, 9, 2)),
        ("Europe/Vienna", local(2025, 3, 30, 2)),
        (None, None),
    ],
)
def test_hour_that_the_local_clock_skips_is_not_missing(zone, skipped):
    """In spring the zone's own clock never shows one hour."""
    times = [time for time in hours(local(2025, 1, 1), 8_760) if time != skipped]
    table = events(times, grain="PT1H", time_zone=zone)

    assert check_gaps(table).value == 0


def test_other_hours_of_the_local_clock_are_missing():
    """The hour after the skipped one should be there; half an hour skips none."""
    lost = local(2025, 3, 9, 3)
    times = [time for time in hours(local(2025, 3, 1), 400) if time != lost]
    half = local(2025, 10, 5, 2)
    rest = [time for time in hours(local(2025, 10, 1), 400) if time != half]

    assert check_gaps(events(times, grain="PT1H")).message == (
        "1 of 400 hours of t has no row; the longest gap is 1 hour, from "
        "2025-03-09 03:00."
    )
    lord_howe = events(rest, grain="PT1H", time_zone="Australia/Lord_Howe")
    assert check_gaps(lord_howe).value == 1


# --- days and longer periods ---------------------------------------------------------


@pytest.mark.parametrize(
    ("grain", "lost", "says"),
    [
        (
            "P1D",
            "2025-03-09",
            (
                "1 of 730 days of t has no row; the longest gap is 1 day, from "
                "2025-03-09. Days without rows on purpose belong under "
                "readiness.calendar."
            ),
        ),
        (
            "P1W",
            "2025-03-10",
            (
                "1 of 105 weeks of t has no row; the longest gap is 1 week, from "
                "2025-03-10."
            ),
        ),
        (
            "P7D",
            "2025-03-10",
            (
                "1 of 105 weeks of t has no row; the longest gap is 1 week, from "
                "2025-03-10."
            ),
        ),
        (
            "P1M",
            "2025-03",
            (
                "1 of 24 months of t has no row; the longest gap is 1 month, from "
                "2025-03."
            ),
        ),
        (
            "P1Y",
            "2025",
            (
                "1 of 3 years of t has no row; the longest gap is 1 year, from 2025; "
                "37 rows whose time is a stand-in are left out."
            ),
        ),
    ],
)
def test_missing_period_of_each_grain_is_named(grain, lost, says):
    """Days, weeks from Monday, months and years are counted by the calendar."""
    start = dt.date(2024, 1, 1)
    span = 730 if grain != "P1Y" else 1_096
    days = [start + dt.timedelta(days=at) for at in range(span)]

    def is_lost(day):
        if grain in ("P1W", "P7D"):
            return dt.date(2025, 3, 10) <= day <= dt.date(2025, 3, 16)
        return str(day).startswith(lost)

    table = events([day for day in days if not is_lost(day)], pa.date32(), grain=grain)
    finding = check_gaps(table)

    assert finding.message == says
    assert points(finding, "longest gaps") == {lost: 1}


def test_grain_that_cannot_be_counted_says_which_can():
    """A quarter of an hour is not looked at, and nobody is told that it is whole."""
    with pytest.raises(SourceError) as refused:
        check_gaps(events([dt.date(2026, 1, 1)], pa.date32(), grain="PT15M"))
    assert str(refused.value) == (
        "periods of PT15M cannot be counted; PT1H, P1D, P1W, P7D, P1M, P1Y can"
    )


# --- segments ------------------------------------------------------------------------


def shops(number, **fields):
    """Return a table in which each shop's second of three days is missing."""
    days = (dt.date(2026, 1, 1), dt.date(2026, 1, 3))
    pairs = list(itertools.product(range(number), days))
    data = {"shop": [shop for shop, _ in pairs], "at": [day for _, day in pairs]}
    fields = {"event_time": "at", "grain": "P1D", "segments": ("shop",)} | fields
    return opened(data, **fields)


@pytest.mark.parametrize("number", [2, 60])
def test_gaps_are_counted_in_each_segment_however_many(number):
    """What the profile does not tell apart is counted all the same."""
    finding = check_gaps(shops(number))

    assert (finding.value, len(points(finding, "longest gaps"))) == (
        number,
        min(number, 10),
    )
    assert finding.message == (
        f"{number} of {3 * number} days of t by shop have no row; the longest gap is 1 "
        "day, from 2026-01-02 (0). Days without rows on purpose belong under "
        "readiness.calendar."
    )


@pytest.mark.parametrize("number", [2, 60])
@pytest.mark.parametrize("grain", ["P1D", "PT1H"])
def test_period_with_fewer_rows_than_it_needs_is_missing(number, grain):
    """In each segment by itself, however many; its first and last may be cut."""
    step = dt.timedelta(days=1) if grain == "P1D" else dt.timedelta(hours=1)
    rows = [
        (shop, local(2026, 1, 5) + at * step)
        for shop in range(number)
        for at, times in enumerate((1, 3, 2, 3, 1))
        for _ in range(times)
    ]
    data = {"shop": [shop for shop, _ in rows], "at": [time for _, time in rows]}
    known = {"event_time": "at", "time_zone": "UTC", "segments": ("shop",)}
    three, two = (
        check_gaps(opened(data, grain=grain, min_rows=least, **known))
        for least in (3, 2)
    )

    assert (three.outcome, three.value) == ("contradicts", number)
    assert "by shop have fewer than 3 rows" in three.message
    assert "calendar" not in three.message
    assert two.outcome == "supports"
    assert "by shop has fewer than 2 rows" in two.message


def test_segments_of_a_restricted_column_are_not_named():
    """The message has the day, and no value."""
    table = opened(
        {
            "shop": ["J. Doe", "J. Doe"],
            "at": [dt.date(2026, 1, 1), dt.date(2026, 1, 3)],
        },
        column("shop", restricted=True),
        event_time="at",
        grain="P1D",
        segments=("shop",),
    )
    finding = check_gaps(table)

    assert finding.message == (
        "1 of 3 days of t by shop has no row; the longest gap is 1 day, from "
        "2026-01-02. Days without rows on purpose belong under "
        "readiness.calendar."
    )
    assert "Doe" not in finding.model_dump_json()


def test_segment_without_a_time_has_no_gap():
    """A shop that never opened has no first and no last day."""
    days = [dt.date(2026, 1, 1), dt.date(2026, 1, 2), None]
    data = {"shop": ["a", "a", "b"], "at": days}
    table = opened(data, event_time="at", grain="P1D", segments=("shop",))

    assert check_gaps(table).message == "None of the 2 days of t by shop is missing."


def test_segment_that_the_source_lacks_is_told():
    """The declared column is named."""
    with pytest.raises(SourceError) as refused:
        check_gaps(shops(1, segments=("city",)))
    assert str(refused.value) == "t has no column city"


ONE = dt.timedelta(days=1)
START = dt.date(2026, 1, 5)  # a Monday


def daily(numbers, start=START, **fields):
    """Return a table with so many rows on each day in turn."""
    days = [
        start + at * ONE for at, number in enumerate(numbers) for _ in range(number)
    ]
    fields = {"event_time": "at", "grain": "P1D"} | fields
    return opened({"at": pa.array(days, pa.date32())}, **fields)


def with_rows(table, change):
    """Return a table whose rows are changed, as if it had been opened like that."""
    return opened_as(table.declared, change(table.source))


def opened_as(declared, source):
    return data_table(declared, source)


def on(source, month, day):
    return (source.month == month) & (source.day == day)


# --- the example ---------------------------------------------------------------------

LEFT_OUT = "; the first and the last day, which may be cut, were left out."


@pytest.mark.parametrize(
    ("table", "grain", "judged"), [("flights", "P1D", 363), ("weather", "PT1H", 362)]
)
def test_example_has_no_surprising_day(tables, table, grain, judged):
    """Neither Thanksgiving nor the blizzard of 8 February 2013 raises an alarm."""
    assert tables[table].declared.grain == grain
    finding = check_arrivals(tables[table])

    assert (finding.outcome, finding.value, finding.series) == ("supports", 0, ())
    assert finding.message == (
        f"None of {judged} days of {table} has under 50 % or at least 175 % of its "
        f"usual rows{LEFT_OUT}"
    )


@pytest.mark.parametrize("origin", ["EWR", "JFK", "LGA"])
def test_flights_of_one_airport_have_no_surprising_day(tables, origin):
    """A third of the flights varies more, and still raises no alarm."""
    part = with_rows(
        tables["flights"], lambda source: source.filter(source.origin == origin)
    )

    assert check_arrivals(part).value == 0


@pytest.mark.parametrize(
    ("month", "day", "number", "usual"),
    [(1, 2, 1_886, 900), (7, 9, 2_002, 994), (12, 30, 1_936, 974)],
)
def test_day_that_was_loaded_twice_is_named(tables, month, day, number, usual):
    """It is found near the ends of the history as well as in its middle."""
    twice = with_rows(
        tables["flights"],
        lambda source: source.union(source.filter(on(source, month, day))),
    )
    finding = check_arrivals(twice)
    date = dt.date(2013, month, day)

    assert (finding.outcome, finding.value) == ("contradicts", 1)
    assert finding.message == (
        "1 of 363 days of flights has under 50 % or at least 175 % of the usual rows: "
        f"{date} ({number:,} rows, usually {usual:,}){LEFT_OUT}"
    )
    assert points(finding, "surprising days") == {str(date): number}
    assert points(finding, "usual") == {str(date): usual}


@pytest.mark.slow
@pytest.mark.parametrize(("month", "day"), [(3, 12), (8, 4), (11, 5)])
def test_day_that_lost_its_afternoon_is_named(tables, month, day):
    """Less than half of the usual rows is told with both numbers."""
    half = with_rows(
        tables["flights"],
        lambda source: source.filter(~on(source, month, day) | (source.hour < 12)),
    )
    finding = check_arrivals(half)

    assert list(points(finding, "surprising days")) == [f"2013-{month:02}-{day:02}"]


def test_day_that_was_lost_is_named(tables):
    """A day without a row has no row, and is not passed over."""
    finding = check_arrivals(
        with_rows(tables["flights"], lambda source: source.filter(~on(source, 5, 12)))
    )

    assert finding.message == (
        "1 of 363 days of flights has under 50 % or at least 175 % of the usual "
        "rows: 2013-05-12 (no row, usually 912); the first and the last day, "
        "which may be cut, were left out."
    )


# --- what is usual -------------------------------------------------------------------

WEEK = (100, 100, 100, 100, 100, 10, 0)


def test_week_ends_are_no_surprise():
    """A day is compared with its own weekday, and a thin day is not judged."""
    busy = (1_000, 900, 950, 1_000, 1_100, 200, 60)

    assert check_arrivals(daily(WEEK * 10)).value == 0
    assert check_arrivals(daily(busy * 10)).value == 0


def test_week_ends_of_a_short_history_are_no_surprise():
    """With few days of the same weekday a day must surprise among all days too."""
    busy = (1_000, 900, 950, 1_000, 1_100, 200, 60)
    numbers = [*busy * 4]
    numbers[16] *= 2
    finding = check_arrivals(daily(numbers))

    assert check_arrivals(daily(busy * 4)).value == 0
    assert points(finding, "surprising days") == {"2026-01-21": 1_900}


def test_growth_is_no_surprise():
    """Rows that multiply over a year are compared with their neighbours."""
    assert (
        check_arrivals(daily([int(50 * 1.006**day) for day in range(400)])).value == 0
    )


def test_first_and_last_day_are_left_out():
    """Both are cut more often than not."""
    assert check_arrivals(daily([10] + [100] * 40 + [10])).value == 0


def test_days_that_are_too_thin_to_be_judged_are_counted():
    """Whoever reads "none of 46 days" learns of the others."""
    finding = check_arrivals(daily([100, 100, 100, 10, 100, 100, 100] * 8))

    assert finding.message == (
        "None of 46 days of t has under 50 % or at least 175 % of its usual rows;"
        " the first and the last day, which may be cut, were left out, and 8 days"
        " with usually under 30 rows."
    )


def test_surprise_must_stand_out_from_usual_variation():
    """Rows that vary by a third need more than half of the usual to surprise."""
    chance = random.Random(7)  # noqa: S311 - no secret
    numbers = [round(chance.gauss(1_000, 140)) for _ in range(100)]
    numbers[50], numbers[60] = 400, 60
    finding = check_arrivals(daily(numbers))

    assert list(points(finding, "surprising days")) == [str(START + 60 * ONE)]


def test_many_surprises_are_cut_short():
    """Three are told, up to fifty are listed, and few rows are not told exactly."""
    numbers = [100, *([100, 100, 100, 100, 100, 100, 5] * 120)]
    numbers[::7] = [5 if at % 2 else 100 for at in range(len(numbers[::7]))]
    finding = check_arrivals(daily(numbers, START - 700 * ONE))

    assert finding.message.count("(fewer than 10 rows, usually ") == 3
    assert f" and {finding.value - 3} more; " in finding.message
    assert len(points(finding, "surprising days")) == 50
    assert "<10" in points(finding, "surprising days").values()


# --- what cannot be judged -----------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "fields", "why"),
    [
        (
            [100] * 22,
            {},
            (
                "20 days can be judged, and it takes 21: the first and the "
                "last day are left out, and days that usually have under 30 rows"
            ),
        ),
        (
            [29] * 60,
            {},
            (
                "no days can be judged, and it takes 21: the first and the "
                "last day are left out, and days that usually have under 30 rows"
            ),
        ),
        (
            [100],
            {},
            (
                "no days can be judged, and it takes 21: the first and the "
                "last day are left out, and days that usually have under 30 rows"
            ),
        ),
        (
            [100] * 60,
            {"grain": "P1W"},
            "rows are not expected every day (readiness.grain P1W)",
        ),
        ([100] * 60, {"event_time": None}, "no event time is declared for t"),
        (
            [100, 400] * 30,
            {},
            ("rows per day vary so much that a day loaded twice would not stand out"),
        ),
    ],
)
def test_days_that_cannot_be_judged_say_why(numbers, fields, why):
    """Nobody is told that arrivals are regular where that cannot be seen."""
    with pytest.raises(SourceError) as refused:
        check_arrivals(daily(numbers, **fields))
    assert str(refused.value) == why


# --- calendars -----------------------------------------------------------------------


def shop(seed, grain="P1D", *, holidays="AT", **fields):
    """Return a shop of a year and a half: shut on Sundays, holidays and in August.

    `fields` may give `lost`, days on which it was open and has no row.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    lost = fields.pop("lost", ())
    calendar = Calendar.model_validate(
        {
            "weekdays": WEEKDAYS[:6],
            "closed": ["2025-06-02", {"from": "2025-08-11", "to": "2025-08-17"}],
            "holidays": holidays,
        }
    )
    table = opened(
        {"at": pa.array([dt.date(2025, 1, 1)], pa.date32())},
        event_time="at",
        grain=grain,
        calendar=calendar,
    )
    first, last = dt.date(2025, 1, 2), dt.date(2026, 6, 30)
    shut = closed_days(table.declared, first, last)
    every = [first + at * ONE for at in range((last - first).days + 1)]
    days = [day for day in every if day not in shut and day not in lost]
    weights = [chance.uniform(0.8, 1.2) for _ in range(7)]
    times = [
        day
        for day in days
        for _ in range(round(chance.gauss(60, 5) * weights[day.weekday()]))
    ]
    fields = {"calendar": calendar} | fields
    return events(times, pa.date32(), grain=grain, time_zone=None, **fields)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_shop_that_is_shut_on_closed_days_has_no_gap_and_no_surprise(seed):
    """Sundays, holidays and a week in August are no gaps where they are declared."""
    table = shop(seed)

    assert check_gaps(table).message == "None of the 443 open days of t is missing."
    assert (check_arrivals(table).outcome, check_arrivals(table).value) == (
        "supports",
        0,
    )
    assert check_gaps(shop(seed, calendar=None)).outcome == "contradicts"


def test_open_day_without_a_row_is_a_gap_and_a_surprise():
    """A calendar explains what it declares and nothing else."""
    lost = (dt.date(2025, 8, 9), dt.date(2025, 8, 18), dt.date(2026, 3, 3))
    table = shop(1, lost=lost)

    assert check_gaps(table).message == (
        "3 of 443 open days of t have no row; the longest gap is 2 days, from "
        "2025-08-09."
    )
    assert set(points(check_arrivals(table), "surprising days")) == set(map(str, lost))


def test_longer_periods_and_hours_are_open_where_a_day_of_them_is():
    """A week is closed when all its days are; an hour is when its local day is."""
    week = shop(1, "P1W", lost=[dt.date(2026, 3, 2) + at * ONE for at in range(7)])
    start = dt.datetime(2026, 1, 3, 5, tzinfo=UTC)  # midnight of a Saturday
    times = [
        time
        for time in hours(start, 72)
        if not 24 <= (time - start).total_seconds() / 3600 < 48
    ]
    sunday = Calendar(weekdays=WEEKDAYS[:6])
    closed = events(times, pa.timestamp("us", "UTC"), grain="PT1H", calendar=sunday)

    assert check_gaps(week).message == (
        "1 of 78 open weeks of t has no row; the longest gap is 1 week, from 2026-03-02."
    )
    assert check_gaps(closed).message == "None of the 48 open hours of t is missing."


def test_as_many_gaps_as_are_tolerated_pass():
    """The number is of the table's periods, in all its segments together."""
    assert check_gaps(shops(2, gaps_tolerated=1)).outcome == "contradicts"
    finding = check_gaps(shops(2, gaps_tolerated=2))

    assert (finding.outcome, finding.threshold) == ("supports", 2)
    assert finding.threshold_source == "data.odcs.yaml: t readiness.gapsTolerated"
    assert finding.message == (
        "2 of 6 days of t by shop have no row; the longest gap is 1 day, from "
        "2026-01-02 (0); at most 2 may be so."
    )


def test_limit_that_no_history_could_break_is_no_limit():
    """Nobody is told that history has no gaps because every period may be one."""
    with pytest.raises(SourceError) as refused:
        check_gaps(shops(2, gaps_tolerated=6))
    assert str(refused.value) == (
        "every one of 6 days may be missing, so it is no limit"
    )
    ever = {"from": "2000-01-01", "to": "2099-01-01"}
    shut = Calendar.model_validate({"closed": [ever]})
    with pytest.raises(SourceError) as refused:
        check_gaps(shops(1, calendar=shut))
    assert str(refused.value) == (
        "the calendar of t leaves no day open, so it is no limit"
    )


# --- freshness -----------------------------------------------------------------------


def fresh(age, latency):
    """Return the finding about a table whose last event is so many days old."""
    days = [
        TODAY - dt.timedelta(days=at) for at in ((age, 400) if age > -2 else (age,))
    ]
    return check_fresh(opened({"at": days}, event_time="at", latency=latency))


@pytest.mark.parametrize(
    ("age", "latency", "outcome", "value", "threshold"),
    [
        (0, "P1D", "supports", 0, 1),
        (1, "P1D", "supports", 1, 1),
        (2, "P1D", "contradicts", 2, 1),
        (2, "PT36H", "supports", 2, 2),
        (31, "P1M", "supports", 31, 31),
        (32, "P1M", "contradicts", 32, 31),
        (2, "PT6H", "contradicts", 2, 1),
        (-1, "P1D", "supports", 0, 1),
        (-2, "P1D", "contradicts", -2, 1),
    ],
)
def test_last_event_is_as_old_as_its_days_say(age, latency, outcome, value, threshold):
    """The declared latency is counted back by the calendar; all the future contradicts."""
    finding = fresh(age, latency)

    assert (finding.outcome, finding.value, finding.threshold) == (
        outcome,
        value,
        threshold,
    )
    assert (finding.check, finding.unit) == ("data-fresh", "days")


@pytest.mark.parametrize(
    ("age", "message"),
    [
        (
            12,
            (
                "The last event of t is of 2026-11-11, 12 days before the measurement of "
                "2026-11-23; needed: within 2 days."
            ),
        ),
        (
            0,
            (
                "The last event of t is of 2026-11-23, the day of the measurement; needed: "
                "within 2 days."
            ),
        ),
        (
            -30,
            (
                "The last event of t is dated 2026-12-23, 30 days after the measurement of "
                "2026-11-23."
            ),
        ),
    ],
)
def test_age_of_the_last_event_is_told_in_days(age, message):
    """Both dates stand in the message."""
    assert fresh(age, "P2D").message == message


@pytest.mark.parametrize(
    ("closed", "outcome", "said"),
    [
        (
            {"from": "2026-11-12", "to": "2026-11-30"},
            "supports",
            (
                "The last event of t is of 2026-11-11, the day of the measurement; "
                "needed: within 2 days."
            ),
        ),
        (
            {"from": "2026-11-12", "to": "2026-11-20"},
            "contradicts",
            (
                "The last event of t is of 2026-11-11, 3 open days before the "
                "measurement of 2026-11-23; needed: within 2 days."
            ),
        ),
    ],
    ids=["season", "week"],
)
def test_shop_that_is_closed_grows_no_older(closed, outcome, said):
    """A day on which no row is expected does not age the last one."""
    days = [dt.date(2026, 11, 11), dt.date(2025, 11, 11)]
    calendar = Calendar.model_validate({"closed": [closed]})
    table = opened({"at": days}, event_time="at", latency="P2D", calendar=calendar)
    finding = check_fresh(table)

    assert finding.outcome == outcome
    assert finding.message == said


def test_weekday_that_mostly_has_no_row_is_asked_about_and_usual_by_days_that_had_any():
    """Eighteen weeks from Monday: rows on eight Mondays, none on ten.

    A Monday's usual is 40, so that one of 90 rows is a surprise; with the empty ones it
    would be 20, and nobody would judge it. That a Wednesday is lost is one. Of the 124
    days between the first and the last, ten are asked about.
    """
    mondays = (40, 0, 0, *[40, 0] * 3, 90, 0, *[40, 0] * 3, 0)
    weeks = [(rows, *[100] * 6) for rows in mondays]
    numbers = [rows for week in weeks for rows in week]
    numbers[2 + 7 * 4] = 0
    asked = "No row on 10 of 18 Mondays: closed?"
    found, gaps = check_arrivals(daily(numbers)), check_gaps(daily(numbers))

    assert points(found, "usual") == {"2026-02-04": 100, "2026-03-09": 40}
    assert "2 of 114 days of t have" in found.message
    assert found.message.endswith(f". {asked}")
    assert (gaps.value, asked in gaps.message) == (11, True)
    told = Calendar(weekdays=WEEKDAYS[1:])
    declared = check_gaps(daily(numbers, calendar=told))
    assert (declared.value, asked in declared.message) == (1, False)


def test_missing_days_say_which_declaration_ends_it():
    """Whoever is shut on Sundays is told where that belongs, once nothing is declared."""
    is_told = "readiness.calendar" in check_gaps(shop(1, calendar=None)).message
    lost = check_gaps(shop(1, lost=(dt.date(2026, 3, 3),)))

    assert is_told
    assert (lost.outcome, "readiness.calendar" in lost.message) == (
        "contradicts",
        False,
    )


def test_example_is_as_old_as_its_last_local_day(tables):
    """The last flight left on New Year's Eve in New York, although not in UTC."""
    flights = tables["flights"]
    declared = flights.declared.model_copy(update={"latency": "P1D"})
    finding = check_fresh(opened_as(declared, flights.source))

    assert finding.message == (
        "The last event of flights is of 2013-12-31, 4,710 days before the "
        "measurement of 2026-11-23; needed: within 1 day."
    )


@pytest.mark.parametrize("age", [0, 1, -1])
def test_hours_cannot_be_told_of_an_event_of_the_last_day(age):
    """A latency of hours is neither kept nor broken by a date."""
    with pytest.raises(
        SourceError, match="nobody can say whether it is within 6 hours"
    ):
        fresh(age, "PT6H")


def test_latency_that_is_no_duration_is_told():
    """A wrong declaration is named."""
    with pytest.raises(SourceError) as refused:
        fresh(1, "daily")
    assert str(refused.value) == "the latency needed of t, daily, is no duration"


def test_age_of_a_table_without_days_says_why():
    """The reason of the profile is told."""
    table = opened({"at": ["soon"]}, event_time="at", latency="P1D")

    with pytest.raises(SourceError) as refused:
        check_fresh(table)
    assert str(refused.value) == "t.at is of type string, not a date or time"


# --- durations and numbers ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words", "days"),
    [
        ("P2Y", "2 years", 731),
        ("P1Y6M", "1 year and 6 months", 549),
        ("P18M", "18 months", 549),
        ("P2W", "14 days", 14),
        ("P90D", "90 days", 90),
        ("PT36H", "36 hours", 2),
        ("P0D", "0 days", 0),
        ("PT15M", "15 minutes", 1),
        ("P1DT1H30M10S", "1 day and 1 hour and 30 minutes and 10 seconds", 2),
    ],
)
def test_duration_is_counted_back_by_the_calendar(text, words, days):
    """A leap day counts where it lies: two years before 2014 hold 731 days."""
    duration = parse_duration(text)

    assert (words, days) == (str(duration), duration.days_before(NEW_YEAR))


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "2Y", "P2X", "P1YT", "P1DT", "PT5", "two years"]
)
def test_text_that_is_no_duration_is_none(text):
    """What cannot be read is said to be nothing, not taken as something."""
    assert parse_duration(text) is None


def test_month_that_is_too_short_takes_its_last_day():
    """One month before the end of March begins at the end of February."""
    assert parse_duration("P1M").days_before(dt.date(2025, 3, 31)) == 31


@pytest.mark.parametrize(
    ("text", "days"),
    [("P2W", 14), ("PT36H", 1.5), ("PT15M", 15 / 1_440), ("P1Y", 365.2425)],
)
def test_duration_is_as_many_days_as_it_is_on_average(text, days):
    """Hours and minutes are parts of a day, a year the mean of the calendar."""
    assert parse_duration(text).mean_days == pytest.approx(days)


@given(st.sets(st.integers(-500, 500), min_size=1))
def test_missing_numbers_are_those_between_the_first_and_the_last(numbers):
    """Gaps cover exactly what is not there, in order and without touching."""
    missing, gaps = count_missing(numbers)
    absent = set(range(min(numbers), max(numbers) + 1)) - numbers

    assert missing == len(absent)
    assert absent == {start + at for start, length in gaps for at in range(length)}
    assert gaps == sorted(gaps)


# --- times that stand in for unknown -------------------------------------------------

WEEKS = tuple(TODAY - at * ONE for at in range(80) for _ in range(40))
DAILY = {"grain": "P1D", "history_needed": "P70D", "latency": "P2D"}
CHECKS = {
    "span": (check_span, DAILY),
    "gaps": (check_gaps, DAILY),
    "hours": (check_gaps, {"grain": "PT1H"}),
    "segments": (check_gaps, {"grain": "P1D", "segments": ("shop",)}),
    "arrivals": (check_arrivals, DAILY),
    "fresh": (check_fresh, DAILY),
    "steps": (lambda table: check_steps(table, ()), DAILY),
}
KINDS = {
    "date": pa.date32(),
    "clock": pa.timestamp("us"),
    "instant": pa.timestamp("us", "UTC"),
}


@functools.cache
def dated(kind, days, **fields):
    """Return a table of such days, which several checks read."""
    times = [dt.datetime.combine(day, dt.time(), UTC) for day in days]
    data = {"at": pa.array(times).cast(KINDS[kind]), "shop": ["A"] * len(days)}
    return opened(data, event_time="at", time_zone="UTC", **fields)


@functools.cache
def seen(check, kind, days):
    """Return what a check says of such days: outcome, value and message."""
    measure, fields = CHECKS[check]
    finding = measure(dated(kind, days, **fields))
    return finding.outcome, finding.value, finding.message


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    ("stray", "kind", "rows"),
    [
        (dt.date(1, 1, 1), "clock", 1),
        (dt.date(1900, 1, 1), "date", 800),
        (dt.date(1970, 1, 1), "instant", 1),
        (dt.date(1970, 1, 1), "instant", 800),
        (TODAY + 2 * ONE, "date", 1),
        (dt.date(2099, 12, 31), "instant", 1),
        (dt.date(9999, 12, 31), "clock", 800),
    ],
)
def test_stand_ins_are_no_events(check, stray, kind, rows):
    """Few or many, they change no finding about history, and are counted."""
    plain = seen(check, kind, WEEKS)
    outcome, value, message = seen(check, kind, (*WEEKS, *[stray] * rows))

    said = "800 rows" if rows == 800 else "fewer than 10 rows"
    assert (outcome, value) == plain[:2]
    clause = f"; {said} whose time is a stand-in are left out"
    assert message.replace(clause, "") == plain[2]
    assert (clause in message) == (check != "steps")


@pytest.mark.parametrize(
    ("years", "step", "grain"),
    [(176, 1, "P1Y"), (176, 1 / 12, "P1M"), (176, 10, "P1Y"), (300, 1 / 12, "P1M")],
    ids=["years", "months", "census", "before 1850"],
)
def test_honest_history_before_1900_is_history(years, step, grain):
    """A long series without a hole is one, whatever its first year."""
    months = range(0, years * 12, round(step * 12))
    start = 2026 - years
    days = [dt.date(start + at // 12, at % 12 + 1, 1) for at in months]
    table = opened({"at": days}, event_time="at", grain=grain, history_needed="P9Y")

    assert min(table.profile.days) == dt.date(start, 1, 1)
    assert check_span(table).outcome == "supports"
    assert (check_gaps(table).outcome == "supports") == (step <= 1)


def test_pause_of_years_is_a_gap():
    """Rows over more than some days before it are history."""
    early = [dt.date(2001, 1, 1) + at * ONE for at in range(80) for _ in range(40)]
    table = opened({"at": [*early, *WEEKS]}, event_time="at", grain="P1D")

    assert check_gaps(table).value > 25 * 365
