"""Both parsers of YAML read one text alike, and what no text may hold is told."""

import re
import shutil
import time
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reading import bad_texts
from readybook.case.open import open_one
from readybook.model.errors import InvalidInputError
from readybook.text import yaml
from readybook.text.documents import packaged
from readybook.text.yaml import MAX_VALUES, parse_yaml

PIECES = ["a: ", "- ", "\n", "\n  ", "\n- ", "b", "'x'", '"y"', "{", "}", "[", "]", ", ",
          ": ", " # c", "|\n  t", "> \n  u\n", "null", "true", "yes", "1.5", "0x1f", "1_0",
          "2026-01-01", "&x ", "*x", "!!str ", "!t ", "? ", "--- ", "---\n", "...", " & ", " ! ", " *y", "é", "\\", "-",
          "  ", "\r\n", "\t", "\x85", "\u2028", "?", "!", "|#", "<<", "=", "~", "@", "%",
          '"\\0"', '"\\ud800"', '"\\U00110000"']  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def told(text):
    """What a text holds and where each thing stands, or what is wrong with it."""
    try:
        plain = parse_yaml(text, name="f.yaml")
    except InvalidInputError as error:
        return str(error)
    return plain.data, plain.lines, plain.problems, [*places(plain.root)]


def places(node):
    """Yield where a value and all inside of it stand; of what is empty, that it is."""
    start, end = node.start_mark, node.end_mark
    is_scalar = node.id == "scalar"
    form = (node.style or "") if is_scalar else bool(node.flow_style)
    if start.index == end.index:
        yield form
    else:
        yield start.index, start.column, end.index, form
    for pair in () if is_scalar else node.value:
        for one in pair if isinstance(pair, tuple) else [pair]:
            yield from places(one)


def told_slowly(text):
    """The same by the parser that reads what the quick one reads otherwise."""
    with mock.patch.object(yaml, "_TOLD_APART", re.compile("")):
        yaml._parse.cache_clear()  # noqa: SLF001 - it knows the text already
        return told(text)


@given(TEXTS)
@example("a: [b, c:d, 'e']\n")
@example("a:\tb\n")
@example("a: {b: 1,\u2028c: 2}\n")
@example("a: !t b\n")
@example("a: |#\n")
@example("? a\n")
@example("%YAML 1.1\n---\n")
@example("a: |+\n  é\n\nb:\r\n  - {c: 'd'}\n")
def test_both_parsers_read_a_text_alike(text):
    """The quick one reads what it does not read otherwise; changes go by its places."""
    assert told(text) == told_slowly(text)


@pytest.mark.parametrize(
    "text",
    [
        "- " * 900_000,
        pytest.param("[" * 1_900_000, marks=pytest.mark.slow),  # as the parser is
        "{a: " * 400_000,
    ],
    ids=["dashes", "lists", "keys"],
)
def test_depth_is_found_before_a_stack_is_full(text):
    """Nothing nests so deep that the program ends; two megabytes are read so far."""
    with pytest.raises(InvalidInputError) as refused:
        parse_yaml(text, name="f.yaml")
    assert str(refused.value).replace("f.yaml:1:", "f.yaml:") == (
        "f.yaml: found more than 40 levels of nesting, expected at most 40, do: "
        "bring the content into fewer levels"
    )


@pytest.mark.slow
@pytest.mark.parametrize("value", ["b", "[]", "{}"])
def test_text_has_an_end_of_values(value):
    """A line of two megabytes may hold a million, which takes long to judge."""
    many = f"{value}," * MAX_VALUES

    with pytest.raises(InvalidInputError, match=r"f.yaml:1: a.+ more than 300,000 val"):
        parse_yaml(f"a: [{many} b]", name="f.yaml")
    assert parse_yaml(f"a: [{many[: len(many) // 2]}]", name="f.yaml").problems == []


@pytest.mark.slow
def test_large_text_is_refused_in_the_time_that_a_right_one_takes(tmp_path):
    """Or in a few times that, where each of its lines is wrong; a hundred are told.

    `make bench` says how many seconds it is, for as much as may be read.
    """
    case = shutil.copytree(packaged("templates") / "assessment", tmp_path / "case")
    took, told = dict[str, float](), dict[str, int]()
    bad = bad_texts(450_000)
    rows, _, _ = bad["quotes that do not close"].rpartition("  - id")
    (case / "actions.yaml").write_text(rows, encoding="utf-8")
    begun = time.process_time()
    open_one(case)
    right = time.process_time() - begun
    for what, text in bad.items():
        (case / "actions.yaml").write_text(text, encoding="utf-8")
        begun = time.process_time()
        with pytest.raises(InvalidInputError) as refused:
            open_one(case)
        took[what] = time.process_time() - begun
        told[what] = len(str(refused.value).splitlines())

    assert {what: round(s / right) for what, s in took.items() if s > 6 * right} == {}
    assert max(told.values()) == 101


@pytest.mark.parametrize(
    "text", ["a: 'b\tc'\n", "a: &x b\n", "a: !t b\n", "? a\n", "--- x\n"]
)
def test_long_text_holds_nothing_that_is_slow_to_read(text):
    """It is told at its line; a short text may have it, as may prose with such signs."""
    lines = "# R & D ! 1 * 2 ? no\n" * 20_000

    with pytest.raises(InvalidInputError, match=r"f.yaml:20001: found a tab, tag, "):
        parse_yaml(lines + text, name="f.yaml")
    parse_yaml(text, name="f.yaml")
    assert parse_yaml(f"---\n{lines}a: b\n", name="f.yaml").data == {"a": "b"}


@pytest.mark.parametrize("escape", ["\\0", "\\x00", "\\ud800", "\\uDFFF"])
@pytest.mark.parametrize("text", ['a: "x{}"', '"x{}": a', 'a: ["x{}"]', 'a: !t "x{}"'])
def test_escape_of_no_text_is_a_problem_wherever_it_stands(text, escape):
    """NUL ends a text in other programs, and half a character is in no file."""
    plain = parse_yaml(text.format(escape), name="f.yaml")

    (problem,) = plain.problems
    assert (problem.file, problem.line) == ("f.yaml", 1)
    assert str(problem).isprintable()


@pytest.mark.parametrize("escape", ["\\U00110000", "\\UFFFFFFFF"])
def test_escape_beyond_the_last_character_is_a_problem(escape):
    """It is none of the errors that the parser knows."""
    with pytest.raises(InvalidInputError, match="an escape of no character"):
        parse_yaml(f'a: "{escape}"', name="f.yaml")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('a: 1\nb: "x\nc: 2\nd: 3\n', 2),
        ("a: 1\nb: 'x\nc: 2\n", 2),
        ('a: 1\nb: "x\nc: "y"\nd: 3\n', 2),
        ('a: 1\nb: "x\nc: 2\n# "on"\nd: 3\n', 2),
        ('a:\n  - b: "x\n    c: 2\n  - b: "y"\n', 2),
        ("a: 1\nb: it's, 'x' y: 2\n", 2),
    ],
)
def test_quotes_that_do_not_close_are_told_where_they_open(text, line):
    """The line where the text ends, or a quote stands by chance, says nothing."""
    try:
        problems = parse_yaml(text, name="f.yaml").problems
    except InvalidInputError as refused:
        problems = refused.problems

    assert [one.line for one in problems] == [line]


@pytest.mark.parametrize(
    "text", ['a: "x\n  b: y"\nc: 2\n', "a:\n  - 'one\n    two'\n", 'a: "x\n\n  y"\n']
)
def test_text_in_quotes_may_go_on_over_lines(text):
    """Those that stand deeper than its key."""
    assert not parse_yaml(text, name="f.yaml").problems


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029", "\r", "\r\n", "\n"])
@pytest.mark.parametrize(
    "text", ["{0}'{0}'!", "{{{0}'{0}'", "a: 'x{0}b: 1{0}c: 'y'{0}"]
)
def test_quotes_over_line_breaks_of_any_kind_are_told(text, sign):
    """A parser counts lines by more signs than most programs do."""
    with pytest.raises(InvalidInputError, match=r"^f\.yaml:[123]: found "):
        parse_yaml(text.format(sign), name="f.yaml")
