"""Tables, links and lines: what every piece of the report is made of."""

from html import unescape

import pytest
from markupsafe import Markup

from readybook.show.kit.fragment import (
    Column,
    Fragment,
    code,
    joined,
    lines,
    narrow,
    nothing,
    question_links,
    small,
    table,
)


def shown(columns, **more):
    """A table of one row, "1" in each cell."""
    number = columns.count("|") + 1 if isinstance(columns, str) else len(columns)
    return table("Caption", columns, [["1"] * number], empty="None.", **more)


@pytest.mark.parametrize(
    ("number", "size"), [(3, "few"), (4, ""), (5, ""), (6, "many"), (7, "many")]
)
def test_table_says_how_much_room_it_needs(number, size):
    """A phone shows up to three columns side by side, a tablet fewer than six."""
    html = shown(" | ".join("ABCDEFG"[:number])).html

    assert f'<table class="{size}"' in html if size else "<table style=" in html
    # Below each other, cells have their labels beside them.
    assert ("--c2:'B'" in unescape(html)) is (number > 3)


@pytest.mark.parametrize(
    ("columns", "is_few"), [("A | B:wide", True), ("A:wide | B:wide", False)]
)
def test_two_wide_columns_do_not_fit_side_by_side_on_a_phone(columns, is_few):
    """One does."""
    assert ('class="few"' in shown(columns).html) is is_few


def test_column_of_field_names_counts_for_two():
    """They do not break, so that a tablet has no room for a sixth."""
    assert 'class="many"' in shown("A:field | B | C | D | E").html
    assert 'class="many"' not in shown("A:head | B | C | D | E").html


@pytest.mark.parametrize(
    ("kind", "above", "cell"),
    [
        ("text", "<th scope='col'>A</th>", "<td>1</td>"),
        ("wide", "<th scope='col' class='w'>A</th>", "<td>1</td>"),
        ("number", "<th scope='col' class='n'>A</th>", "<td class='n'>1</td>"),
        ("date", "<th scope='col'>A</th>", "<td class='d'>1</td>"),
        ("head", "<th scope='col'>A</th>", "<th scope='row'>1</th>"),
        ("field", "<th scope='col'>A</th>", "<th scope='row'>1</th>"),
        ("long", "<th scope='col'>A</th>", "<th scope='row' class='l'>1</th>"),
    ],
)
def test_kind_of_a_column_is_that_of_its_cells(kind, above, cell):
    """What names the row is its head."""
    html = shown([Column("A", kind), Column("B")]).html.replace('"', "'")

    assert html.count(above) == 1
    assert html.count(cell) == 1 + (cell == "<td>1</td>")


def test_label_that_would_end_its_style_is_escaped():
    """It stands in a style sheet's text."""
    shown_ = shown([Column(label) for label in ("A", "it's", "a\\b", "C")])

    assert r"--c2:'it\'s';--c3:'a\\b';--c4:'C'" in unescape(shown_.html)


@pytest.mark.parametrize(
    ("around", "text"), [("", "Caption: 1 row"), ("titled", "Caption"),
                         ("dimensions", "Caption: 1 row")],
)  # fmt: skip
def test_text_counts_the_rows_where_the_caption_is_no_finding(around, text):
    """It stands where HTML cannot be shown."""
    found = shown("A | B", around=around, note="Note.")

    assert found.text == text
    assert '<p class="note">Note.</p>' in found.html
    assert (f'<div class="{around}">' in found.html) is bool(around)


def test_table_without_rows_is_a_sentence():
    """And no head stands over nothing."""
    found = table("Caption", "A", [], empty="None <yet>.")

    assert found == nothing("None <yet>.")
    assert found.html == '<p class="empty">None &lt;yet&gt;.</p>'
    assert found.text == "None <yet>."


def test_parts_are_joined_in_their_order_without_the_empty_ones():
    """Below each other, in a cell and in a piece."""
    assert lines("a<", "", Markup("<b>"), "c") == "a&lt;<br><b><br>c"
    assert lines("", "") == ""
    assert joined(Fragment("<a>", "a"), Fragment("<b>", "b")) == Fragment(
        "<a><b>", "a\nb"
    )


def test_pieces_of_a_cell_are_escaped_and_empty_where_nothing_is_said():
    """Ids lead to their block; a name may break where it has a sign."""
    assert small("<x>") == '<span class="who">&lt;x&gt;</span>'
    assert small("") == ""
    assert question_links(["AVL-01", "QLT-02"]) == (
        '<a href="#AVL-01">AVL-01</a>, <a href="#QLT-02">QLT-02</a>'
    )
    assert question_links([]) == "none"
    assert code("t.a_b/c<") == "<code>t.<wbr>a_<wbr>b/<wbr>c&lt;</code>"


@pytest.mark.parametrize(
    ("line", "indent"), [("word " * 30, 0), ("  word " + "word " * 30, 4)]
)
def test_line_for_a_terminal_goes_on_further_right(line, indent):
    """A heading goes on where it began, what is below it two further."""
    first, *more = narrow([line.rstrip()]).splitlines()

    assert len(first) <= 80 < len(f"{first} word")
    assert all(one.startswith(" " * indent + "word") for one in more)
    assert more


def test_words_with_hyphens_stay_whole_in_a_terminal():
    """A name that was cut would be another name."""
    assert "\nlate-orders-of-the-year" in narrow(
        ["x" * 70 + " late-orders-of-the-year"]
    )


def test_notebook_keeps_html_text_and_the_figure_where_there_is_one():
    """What has no figure makes no empty one."""
    drawn = "application/vnd.plotly.v1+json"

    assert Fragment("<p>", "p")._repr_mimebundle_() == {
        "text/html": '<div class="readybook"><p></div>',
        "text/plain": "p",
    }
    assert Fragment("<p>", "p", {"data": []})._repr_mimebundle_()[drawn] == {"data": []}


# --- long words ---

LONG = "W" * 400


def test_long_word_may_break_and_others_may_not():
    """A column is as wide as its longest usual word; text and caption are covered."""
    html = table(LONG, "Name | Told", [[f"a {LONG} b", "responsible"]], empty="").html

    assert html.count(f'<span style="overflow-wrap:anywhere">{LONG}</span>') == 2
    assert html.count("<span") == 2


def test_word_is_marked_once_wherever_a_piece_goes():
    """A piece that stands in another is drawn already."""
    cell = table("x", "Name", [[LONG]], empty="").html
    outer = joined(table("y", "Piece", [[Markup(cell)]], empty="")).html  # noqa: S704

    assert outer.count("overflow-wrap:anywhere") == 1


def test_no_tag_is_taken_for_a_word():
    """An attribute, such as the labels of columns, is no text."""
    html = table("x", f"A | {LONG} | C | D", ["abcd"], empty="").html

    assert f"--c2:&#39;{LONG}&#39;" in html
