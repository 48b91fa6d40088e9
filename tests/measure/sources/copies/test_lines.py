"""Which lines of a text file are no rows of their own, counted in small files."""

import gzip

import pytest

from readybook.measure.sources.copies.lines import taken_in, totals_in, totals_of


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ('1;"a;2\n2;b;3\n3;c;4\n', 2),
        ('1;"a;2\n2;b;3\n3;c;4', 2),
        ('1;"a;2\r\n2;b;3\r\n3;"c";4\r\n', 2),
        ('"say ""yes""";"a;2\n2;b;3\n3;""c;4\n4;d"x;5\n', 3),
        ('"a"b;2\n2;"c;4\n', 0),
        ("1;a\n", 0),
    ],
)
def test_lines_that_an_odd_quotation_mark_takes_in_are_counted(
    tmp_path, pack, text, number
):
    """From where it opens to where it closes, or to the end; doubled ones are text."""
    head = "id;x;n\n"
    file = tmp_path / ("t.csv.gz" if pack is gzip.compress else "t.csv")
    file.write_bytes(pack((head + text).encode()))

    assert taken_in(file, len(head), ";") == number


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (["a", "b", "Total"], 1),
        (["a", "SUMME:"], 1),
        (["a", "Subtotal", "Grand total"], 2),
        (["a", "Total", "b"], 0),
        (["Total", "a", "Total"], 0),
        (["Total"], 0),
        (["a", "Totalverlust"], 0),
        ([], 0),
    ],
)
def test_totals_are_the_last_rows_and_no_other(words, number):
    """A word that stands higher up too is a category."""
    assert totals_of([[1, None, word] for word in words]) == number


def test_totals_of_each_file_are_counted(tmp_path):
    """An export of each month ends in a line of its own."""
    files = [tmp_path / f"{month}.csv" for month in (1, 2, 3)]
    for file in files:
        file.write_text("x,n\n" + "a,1\n" * 9_000 + "Total,9000\n")
    files[2].write_text("x,n\na,1\n")

    assert totals_in(files, ",") == [
        "2 lines at the end are totals by a word in it, and counted as rows"
    ]
