"""What was found is said in words, whatever it is."""

import datetime as dt

import pytest

from readybook.text.refusals import describe


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
