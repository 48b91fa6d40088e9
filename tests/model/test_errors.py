"""Refusals: what they say of the system, of names that are close, and how many."""

import errno
import os
import pickle

import pytest

from readybook.model.errors import (
    InvalidInputError,
    Nearest,
    Problem,
    close_to,
    grouped_problems,
    nearest,
    reason_of,
)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            OSError(errno.EACCES, os.strerror(errno.EACCES), "/home/x"),
            "permission denied",
        ),
        (OSError("of a library, about /home/x"), "OSError"),
        (TimeoutError(), "TimeoutError"),
    ],
)
def test_what_the_system_says_is_a_part_of_a_sentence_without_a_path(error, said):
    """Where it says nothing, the kind of the error is told."""
    assert reason_of(error) == said


@pytest.mark.parametrize(
    ("name", "known", "advice"),
    [
        ("phaze", ("phase", "track"), "did you mean 'phase'?"),
        ("zzz", ("phase", "track"), "use one of: phase, track"),
        ("zzz", (), "remove it"),
    ],
)
def test_advice_is_the_nearest_name_or_all_or_none(name, known, advice):
    """Names keep their order."""
    assert nearest(name, known) == advice
    assert (close_to(name, known) is None) == ("mean" not in advice)


@pytest.mark.parametrize(
    ("number", "lines", "last"),
    [
        (100, 100, "f:100: k: found a, expected b, do: c"),
        (101, 101, "and 1 more problem; mend these first"),
        (1_102, 101, "and 1,002 more problems; mend these first"),
    ],
)
def test_a_hundred_problems_are_told_and_the_rest_is_counted(number, lines, last):
    """Sorted by line, each once."""
    problems = [Problem("f", at, "k", "a", "b", "c") for at in range(number, 0, -1)]
    told = str(InvalidInputError([*problems, problems[0]])).splitlines()

    assert told[0].startswith("f:1: ")
    assert (len(told), told[-1]) == (lines, last)


def test_refusal_passes_from_one_process_to_another():
    """With each problem, and the advice that is found only when it is told."""
    advice = Nearest("origni", ("origin",))
    refused = InvalidInputError([Problem("f.yaml", 3, "k", "origni", "a name", advice)])
    told = pickle.loads(pickle.dumps(refused))  # noqa: S301 - our own

    assert told.problems == refused.problems
    assert str(told) == str(refused)
    assert str(refused).endswith("do: did you mean 'origin'?")


def test_problems_that_say_the_same_are_told_once_with_each_line():
    """Nothing is left out: the lines of all of them stand below the first."""
    same = [Problem("a", n, f"k[{n}]", "x", "y", "z") for n in range(1, 9)]
    other = [Problem("a", 9, "k", "v", "y", "z"), Problem.rest("a", 3)]

    assert grouped_problems([*same, *other]) == [
        "a:1: k[1]: found x, expected y, do: z",
        "  the same 7 times more, lines 2, 3, 4, 5, 6, 7, 8",
        "a:9: k: found v, expected y, do: z",
        "and 3 more problems; mend these first",
    ]
    assert grouped_problems(same[:5]) == [*map(str, same[:5])]
