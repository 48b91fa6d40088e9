"""What people typed acts on no terminal and no spreadsheet."""

import csv
import io
import itertools
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readybook.text.visible import safe_cell, typed_cell, visible

#: Controls of both kinds, what turns text, what has no width, tags, half a character.
ACTING = [
    *map(chr, [*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0)]),
    *map(chr, [0xAD, 0x61C, *range(0x200B, 0x2010), *range(0x2028, 0x202F)]),
    *map(chr, [*range(0x2060, 0x2070), 0xFEFF, 0xD800, 0xDFFF, 0xE0001, 0xE007F]),
]
SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫"  # noqa: RUF001
BLANKS = ["", " ", "\t", "\n", "\r", "\N{NO-BREAK SPACE}", "\N{IDEOGRAPHIC SPACE}",
          "\ufeff", "\u200b", "\u2060 "]  # fmt: skip


def test_sign_that_acts_is_shown_as_json_writes_it():
    """Whoever copies it into JSON has what was typed."""
    for sign in ACTING:
        shown = visible(f"a{sign}b")

        assert shown.isascii()
        assert shown.isprintable()
        assert json.loads(f'"{shown}"') == f"a{sign}b"


@given(st.text())
def test_no_text_at_all_acts(text):
    """Of all characters; what is shown is not shown again."""
    shown = visible(text)
    kinds = set(map(unicodedata.category, shown.replace("\n", "").replace("\t", "")))

    assert not kinds & {"Cc", "Cs", "Zl", "Zp"}
    assert visible(shown) == shown


@pytest.mark.parametrize("text", ["Zürich\n\tKraków", "می‌خواهم", "क्‍ष", "日本", "🙂"])
def test_what_people_write_stays(text):
    """Lines, letters of any script, and the joiners that their spelling needs."""
    assert visible(text) == text


def spreadsheet(cell, delimiter):
    """The cells that a spreadsheet finds in one that was written, split as it likes."""
    out = io.StringIO()
    csv.writer(out).writerow([cell])
    return [one for row in csv.reader(io.StringIO(out.getvalue()), delimiter=delimiter)
            for one in row]  # fmt: skip


@pytest.mark.parametrize("before", [*BLANKS, "a;", "a; ", "x|\t", 'x","', "a,'", "a\n"])
def test_no_cell_begins_like_a_formula(before):
    """Behind blanks, what has no width, and whatever may part cells."""
    for sign, delimiter in itertools.product(SIGNS, ",;\t|"):
        for one in spreadsheet(safe_cell(f"{before}{sign}SUM(1)"), delimiter):
            begins = unicodedata.normalize("NFKC", one.strip(' "\t\r\n'))[:1]
            assert begins not in {*"=+-@"}, (sign, delimiter)


@given(st.text(st.sampled_from("'=+-@＝ ab"), max_size=8))  # noqa: RUF001
def test_cell_that_is_read_back_is_what_was_typed(text):
    """Its own apostrophes included."""
    assert typed_cell(safe_cell(text)) == text


def test_apostrophe_inside_is_the_writers():
    """A list of codes is no formula."""
    text = "the codes '?', '-' and '=' mean unknown"

    assert typed_cell(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, ""), (-3, "-3"), (2.0, "2"), (-0.5, "-0.5"), ("-3", "'-3")],
)
def test_number_stays_a_number(value, cell):
    """A figure below zero is computed with; a text that looks like one is text."""
    assert safe_cell(value) == cell
