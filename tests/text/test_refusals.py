"""What was found is said in words, whatever it is."""

import datetime as dt

import pytest

from readybook.text.refusals import describe, number_advice


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "the yes/no value true"),
        (3, "the number 3"),
        (0.5, "the number 0.5"),
        ("x", "the text 'x'"),
        ("", "the text ''"),
        (dt.date(2026, 1, 2), "the date 2026-01-02"),
        ({"a": 1, 2: 3}, "the keys a, 2"),
        ({}, "no keys"),
        ([1, 2], "a list of 2"),
        ((), "an empty list"),
        (None, "nothing"),
    ],
)
def test_what_was_found_is_told_by_its_kind(value, words):
    """A value that looks like another one is told apart from it."""
    assert describe(value) == words


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("2.000,50", "2000.50"), ("2,000.50", "2000.50"), ("-2,5", "-2.5")),
        *(("2.000.000", "2000000"), ("1.234.567,8", "1234567.8"), ("1_000", "1000")),
        *(("1'000", "1000"), ("2 000", "2000"), ("2,000", "2000, or 2.000")),
        *(("2.000", "2000, or 2"), ("-12.340", "-12340, or -12.34")),
        *(("1,2,3", ""), ("12.34.56", ""), ("2000 EUR", ""), ("x,5", ""), ("", "")),
    ],
)
def test_number_in_another_spelling_is_told_as_yaml_has_it(text, number):
    """A sign that may part thousands or decimals is not guessed: both are named."""
    how = "write digits and a decimal point: "
    assert number_advice(text) == (f"{how}{number}" if number else "")
