"""Durations by the calendar, and numbers that are missing in a row."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readybook.measure.rows.calendar import (
    count_missing,
    parse_duration,
    period_number,
    period_start,
)

NEW_YEAR = dt.date(2014, 1, 1)


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


@pytest.mark.parametrize("period", ["day", "week", "month", "year"])
@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_day_lies_in_the_period_of_its_number(period, day):
    """Periods follow one another without a gap, and each starts with its own day."""
    number = period_number(day, period)

    assert period_start(number, period) <= day < period_start(number + 1, period)
    assert period_number(period_start(number, period), period) == number


@given(st.sets(st.integers(-500, 500), min_size=1))
def test_missing_numbers_are_those_between_the_first_and_the_last(numbers):
    """Gaps cover exactly what is not there, in order and without touching."""
    missing, gaps = count_missing(numbers)
    absent = set(range(min(numbers), max(numbers) + 1)) - numbers

    assert missing == len(absent)
    assert absent == {start + at for start, length in gaps for at in range(length)}
    assert gaps == sorted(gaps)
