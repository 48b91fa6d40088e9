"""History of a table: how long it is, and which of its periods have no row."""

import datetime as dt
import itertools

import pyarrow as pa
import pytest

from readybook.measure.rows.history import check_gaps, check_span
from readybook.model.errors import SourceError
from real_tables import column, example, opened, points

UTC = dt.UTC


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
    assert finding.message.startswith("75 of 26,190 hours of weather by origin have ")
    assert " UTC (" in finding.message


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

    with pytest.raises(SourceError, match="has years outside of 1900 to 2100"):
        check_span(table)


def test_needed_history_that_is_no_duration_is_told():
    """A wrong declaration is named."""
    table = events([dt.date(2026, 1, 1)], pa.date32(), history_needed="two years")

    with pytest.raises(SourceError, match="the history needed of t, two years, is no"):
        check_span(table)


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
            "1 of 730 days of t has no row; the longest gap is 1 day",
        ),
        (
            "P1W",
            "2025-03-10",
            "1 of 105 weeks of t has no row; the longest gap is 1 we",
        ),
        (
            "P7D",
            "2025-03-10",
            "1 of 105 weeks of t has no row; the longest gap is 1 we",
        ),
        ("P1M", "2025-03", "1 of 24 months of t has no row; the longest gap is 1 mon"),
        ("P1Y", "2025", "1 of 3 years of t has no row; the longest gap is 1 year, fr"),
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

    assert finding.message.startswith(says)
    assert points(finding, "longest gaps") == {lost: 1}


def test_grain_that_cannot_be_counted_says_which_can():
    """A quarter of an hour is not looked at, and nobody is told that it is whole."""
    with pytest.raises(SourceError, match="periods of PT15M cannot be counted; PT1H, "):
        check_gaps(events([dt.date(2026, 1, 1)], pa.date32(), grain="PT15M"))


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
    assert finding.message.endswith("1 day, from 2026-01-02 (0).")


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

    assert finding.message.endswith("1 day, from 2026-01-02.")
    assert "Doe" not in finding.model_dump_json()


def test_segment_without_a_time_has_no_gap():
    """A shop that never opened has no first and no last day."""
    data = {"shop": ["a", "b"], "at": [dt.date(2026, 1, 1), None]}
    table = opened(data, event_time="at", grain="P1D", segments=("shop",))

    assert check_gaps(table).message == "None of the 1 day of t by shop is missing."


def test_segment_that_the_source_lacks_is_told():
    """The declared column is named."""
    with pytest.raises(SourceError, match="t has no column city"):
        check_gaps(shops(1, segments=("city",)))
