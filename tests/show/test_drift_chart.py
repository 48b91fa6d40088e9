"""Train against live: PSI beside its bound, and the distributions that differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flight_case import finding, series
from readybook.show.drift import drift_chart as drift_of
from shown import case_with, items_of, rows_of, words_of

BARS = [("0 to 10", 60.0), ("10 to 20", 40.0), ("over 20", "<10")]
LIVE = [("0 to 10", 20.0), ("10 to 20", 80.0), ("over 20", 0)]


def drift(subject, value, *, outcome="supports", bound=0.1, **numbers):
    """A finding on drift of one field."""
    told = {
        "js distance": 0.04,
        "share unseen": 0.0,
        "null share train": 0.028,
        "null share live": 0.022,
        "rows train": 252_484,
        "rows live": 84_292,
    } | numbers
    return finding(
        "live-like-training",
        subject,
        outcome,
        f"About {subject}: a season's difference would look the same.",
        caveat="training rows cover other months",
        value=value,
        unit="PSI",
        threshold=bound,
        series=(
            series("train", BARS),
            series("live", LIVE),
            series("numbers", told.items()),
        ),
    )


QUIET = drift("f.carrier", 0.02)
LOUD = drift("f.delay", 0.25, outcome="contradicts")
NEW = drift("f.dest", 0.01, outcome="contradicts", **{"share unseen": "<10"})


def drift_chart(findings):
    """The chart of these findings."""
    return drift_of(case_with(findings))


def test_numbers_that_some_readers_want_stand_in_a_table_of_their_own():
    """Distances as they are, rows in full; what was not measured is left open."""
    case = case_with([QUIET, drift("f.x", 0.02, ks=0.061)])
    shown = drift_of(replace(case, edition="team")).html
    body = shown.partition("<caption>More numbers")[2]

    head, *rows = body.split("<tr>")[1:]
    assert words_of(head) == (
        "Field Jensen-Shannon distance KS Rows of training Rows live"
    )
    assert [words_of(row) for row in rows] == [
        "f.carrier 0.04 252,484 84,292",
        "f.x 0.04 0.061 252,484 84,292",
    ]
    assert "More numbers" not in drift_of(case).html


def test_title_names_the_fields_that_differ():
    """Furthest beyond its bound first."""
    assert drift_chart([QUIET, NEW, LOUD]).text == (
        "2 of 3 needed fields differ between training and live rows: f.delay (PSI "
        "0.25), f.dest (PSI 0.01)."
    )
    assert drift_chart([QUIET]).text == (
        "None of 1 needed field differs between training and live rows."
    )


def test_field_stands_with_psi_bound_and_a_bar_that_has_a_word():
    """The bar is a share of three times the bound; beyond it a mark says so."""
    shown = drift_chart([QUIET, LOUD, NEW])

    assert rows_of(shown) == [
        "f.delay beyond its bound 0.25 0.1 0 % 2.8 %, live 2.2 %",
        "f.carrier 0.02 0.1 0 % 2.8 %, live 2.2 %",
        "f.dest new values 0.01 0.1 &lt;10 rows 2.8 %, live 2.2 %",
    ]
    assert '<i class="psi cross" style="--p:83"></i>' in shown.html
    assert '<i class="psi" style="--p:7"></i>' in shown.html


def test_rows_compared_are_told_as_a_range_where_fields_differ_in_them():
    """The numbers behind the bound."""
    fewer = drift("f.tail", 0.02, **{"rows train": 1_000})

    def said(*findings):
        alt = drift_chart(findings).html.partition('class="alt">')[2]
        return words_of(alt.partition("</p>")[0]).partition("without a value. ")[2]

    unknown = drift("f.x", 0.02, **{"rows train": None})

    assert said(QUIET) == "Rows compared: 252,484 of training, 84,292 live."
    assert said(QUIET, fewer) == (
        "Rows compared: 1,000 to 252,484 of training, 84,292 live."
    )
    assert said(unknown) == ""


@pytest.mark.parametrize(
    ("numbers", "cell"),
    [
        ({"null share live": 0.028}, "2.8 %"),
        ({"null share train": 0.0}, "0 %, live 2.2 %"),
        ({"null share train": "<10"}, "&lt;10 rows, live 2.2 %"),
        ({"null share train": None}, ""),
        ({"null share live": None}, ""),
    ],
)
def test_empty_values_of_both_sides_are_told_where_both_are_known(numbers, cell):
    """Once where they are alike."""
    (row,) = rows_of(drift_chart([drift("f.x", 0.1, **numbers)]))

    assert row == f"f.x 0.1 0.1 0 % {cell}".strip()


@pytest.mark.parametrize(
    ("value", "bound"), [(None, 0.1), (0.1, None), ("<10", 0.1), (0.1, 0)]
)
def test_field_without_index_or_bound_is_not_measured(value, bound):
    """It has no place in the order, and says why."""
    lost = drift("f.x", value, bound=bound)
    shown = drift_chart([QUIET, lost])

    assert [row.split()[0] for row in rows_of(shown)] == ["f.carrier"]
    assert f"<li>Not measured: {lost.message}</li>" in shown.html.replace("&#39;", "'")


def test_bound_itself_is_not_beyond_it():
    """What is as far as chance explains it differs in its new values only."""
    (row,) = rows_of(drift_chart([drift("f.x", 0.1, outcome="contradicts")]))

    assert row.startswith("f.x new values 0.1 0.1 ")


def test_both_distributions_are_shown_of_fields_that_differ_only():
    """With the sentence that says what a season could do."""
    shown = drift_chart([QUIET, LOUD])
    text = words_of(shown)

    assert "About f.delay: a season" in text
    assert "About f.carrier" not in text
    assert "0 to 10 60 % 20 % 10 to 20 40 % 80 % over 20 &lt;10 0 %" in text
    assert '<td style="--p:75">60 %</td><td style="--p:25">20 %</td>' in shown.html


def test_what_drift_leaves_open_is_said_once():
    """The season is the same for all fields."""
    bare = QUIET.model_copy(update={"caveat": None})

    assert items_of(drift_chart([bare, QUIET, LOUD])) == [
        "Training rows cover other months."
    ]
    assert items_of(drift_chart([bare])) == []


def test_more_fields_than_are_drawn_are_counted():
    """Six distributions are enough to talk about."""
    many = [drift(f"f.c{at}", 0.2, outcome="contradicts") for at in range(8)]

    shown = drift_chart(many)

    assert shown.html.count('class="few pair"') == 6
    assert shown.text == (
        "8 of 8 needed fields differ between training and live rows: f.c0, f.c1 and 6 "
        "more."
    )
    said = "Not drawn below: {} that differ."
    assert items_of(shown)[0] == said.format("2 more fields")
    assert items_of(drift_chart(many[:7]))[0] == said.format("1 more field")
    assert not items_of(drift_chart(many[:6]))[0].startswith("Not drawn")


def test_fields_that_could_not_be_compared_say_why():
    """The first reason stands for all."""
    lost = [
        finding("live-like-training", f"f.{at}", "not measured", f"Too many in f.{at}.")
        for at in range(3)
    ]

    for number, rest in enumerate(("", " Likewise 1 other field."), start=1):
        shown = drift_chart([QUIET, *lost[:number]])
        assert items_of(shown)[-1] == f"Not measured: Too many in f.0.{rest}"
    assert drift_chart(lost).text == (
        "Live against training rows: not measured. Too many in f.0."
    )


def test_nothing_compared_is_said():
    """No selection of rows, no drift."""
    assert drift_chart(()).text == (
        "Live rows were not compared with training rows yet."
    )


def test_labels_of_values_are_escaped():
    """Data cannot bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    bad = LOUD.model_copy(
        update={"series": (series("train", [(hostile, 1)]), series("live", []))}
    )

    shown = drift_chart([bad])

    assert hostile not in shown.html
    assert "not known" in shown.html
