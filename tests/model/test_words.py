"""Plain words: levels, dates, counts and money read the same everywhere."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import flight_bank
from readybook.model import words
from readybook.model.results import Bounds


@pytest.mark.parametrize(
    ("lower", "upper", "said"),
    [
        (3, 3, "in place"),
        (0, 4, "not known"),
        (0, 2, "missing to partly in place"),
        (1, 4, "improvised to in place and watched"),
        (1, 3, "improvised to in place"),
    ],
)
def test_bounds_are_said_without_numbers(lower, upper, said):
    """Nobody reads a bare level number."""
    assert words.level_range(Bounds(lower=lower, upper=upper)) == said


def test_spread_of_one_level_says_that_others_do_not_know():
    """A split may be between a level and "we don't know"."""
    assert words.level_spread(Bounds(lower=3, upper=3)) == "in place, or not known"


def test_dates_are_english_whatever_the_locale():
    """The same inputs give the same bytes on every machine."""
    assert words.day(dt.date(2026, 5, 4)) == "4 May 2026"
    assert words.day(None) == "no date"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (336_776, "rows", "336,776 rows"),
        (15.625, "GiB", "15.6 GiB"),
        (0.0, "GiB", "0 GiB"),
        (0.15, "share of rows", "15 % of rows"),
        ("<10", None, "<10"),
        (1, "rows", "1 row"),
        (None, "rows", ""),
    ],
)
def test_numbers_carry_their_units(value, unit, said):
    """Thousands are separated, shares are per cent, nothing stays nothing."""
    assert words.number(value, unit) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (173_333.3, 563_333.3, "EUR 170,000 to 560,000"),
        (104, 104, "EUR 100"),
        (0, 95.4, "EUR 0 to 95"),
    ],
)
def test_money_promises_two_digits_at_most(low, high, said):
    """Estimates are not told to the cent."""
    assert words.money_range(low, high, "EUR") == said


def test_counts_agree_with_their_nouns():
    """No, one and many are three forms."""
    assert words.count(0, "gate") == "no gates"
    assert words.count(1, "gate") == "1 gate"
    assert words.count(1200, "category", "categories") == "1,200 categories"


def test_role_is_told_by_title_and_unknown_ones_by_id_in_words():
    """Nobody is named, and nothing is hidden."""
    bank = flight_bank()

    assert words.role_title(bank, "data-owner") == "Data owner"
    assert words.role_title(bank, "press-office") == "Press office"
    assert words.role_title(bank, None) == "nobody named"


def test_sentence_begins_with_a_capital_and_ends():
    """What people typed without a full stop still reads as a sentence."""
    assert words.sentence(" add swap ") == "Add swap."
    assert words.sentence("") == ""


def test_names_are_listed_as_in_a_sentence():
    """One, two with "and", more with commas; of many, the first few."""
    names = ["one", "two", "three", "four"]

    assert [words.listed(names[:n]) for n in range(4)] == [
        "",
        "one",
        "one and two",
        "one, two and three",
    ]
    assert words.as_list(names, 4) == "one, two, three, four"
    assert words.as_list(names, 3) == "one, two, three and 1 more"
    assert words.as_list([]) == ""


def test_ids_and_texts_begin_a_sentence():
    """The rest of a text keeps its letters, and a full stop is never doubled."""
    assert words.in_words("data-owner") == "data owner"
    assert (words.capital("iOS apps"), words.capital("")) == ("IOS apps", "")
    assert [words.sentence(text) for text in ("", " do it ", "Why?", "Done.")] == [
        "",
        "Do it.",
        "Why?",
        "Done.",
    ]


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0 %"), (0.15, "15 %"), (1.0, "100 %"), (0.1234, "12.3 %"),
     (0.00123, "0.123 %"), (0.0000123, "0.00123 %"), (0.9995, "100.0 %")],
)  # fmt: skip
def test_share_has_three_digits_that_matter(share, said):
    """A whole number of per cent is told as one."""
    assert words.as_share(share) == said


@pytest.mark.parametrize(
    ("rows", "said", "shown"),
    [(0, "no row", 0), (1, "fewer than 10 rows", "<10"), (9, "fewer than 10 rows", "<10"),
     (10, "10 rows", 10), (1200, "1,200 rows", 1200)],
)  # fmt: skip
def test_few_rows_are_not_told_exactly(rows, said, shown):
    """So few could be known again; that there are none exposes nobody."""
    assert words.as_rows(rows) == said
    assert words.floored(rows) == shown


@pytest.mark.parametrize(
    ("value", "said"), [(1048.361, "1,048.36"), (0.012345, "0.0123"), (2.5, "2.5")]
)
def test_value_of_the_data_has_the_digits_that_matter(value, said):
    """Two decimals, or three digits of what is smaller."""
    assert words.as_number(value) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (1, 1, "1 week"),
        (1, 3, "1 to 3 weeks"),
        (2, 2, "2 weeks"),
        (0.5, 1, "0.5 to 1 weeks"),
    ],
)
def test_range_of_one_is_told_of_one(low, high, said):
    """Nothing takes 1 weeks."""
    assert words.number_range(low, high, "weeks") == said
