"""Durations by the calendar, and numbers that are missing in a row."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readybook.measure.periods import count_missing, parse_duration

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
    ],
)
def test_duration_is_counted_back_by_the_calendar(text, words, days):
    """A leap day counts where it lies: two years before 2014 hold 731 days."""
    duration = parse_duration(text)

    assert (words, days) == (str(duration), duration.days_before(NEW_YEAR))


@pytest.mark.parametrize("text", ["", "P", "PT", "2Y", "P2X", "P1YT", "two years"])
def test_text_that_is_no_duration_is_none(text):
    """What cannot be read is said to be nothing, not taken as something."""
    assert parse_duration(text) is None


def test_month_that_is_too_short_takes_its_last_day():
    """One month before the end of March begins at the end of February."""
    assert parse_duration("P1M").days_before(dt.date(2025, 3, 31)) == 31


@given(st.sets(st.integers(-500, 500), min_size=1))
def test_missing_numbers_are_those_between_the_first_and_the_last(numbers):
    """Gaps cover exactly what is not there, in order and without touching."""
    missing, gaps = count_missing(numbers)
    absent = set(range(min(numbers), max(numbers) + 1)) - numbers

    assert missing == len(absent)
    assert absent == {start + at for start, length in gaps for at in range(length)}
    assert gaps == sorted(gaps)
