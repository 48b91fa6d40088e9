"""A history with what was declared to have changed, and where the data steps."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import CHANGES, MONTHS, finding, flight_assessment, series
from readybook.checks.findings import collect_findings
from readybook.model.findings import Series
from readybook.show import history
from readybook.show.kit.figures import LIGHT
from shown import case_with, items_of, rows_of

FINDINGS = collect_findings(flight_assessment())
VX = "rows of flights with carrier VX: 2013-04"
FL = "rows of flights with carrier FL: 2013-06-03"
NULLS = "share of missing values in flights.tailnum: 2013-03-10"


def history_chart(findings, changes):
    """The chart of these findings and declared changes."""
    return history.history_chart(case_with(findings, changes=changes))


def dated(name, pairs):
    """A series whose points have their dates and units in fields."""
    points = series(name, pairs).points
    filled = [
        one.model_copy(
            update={
                "when": one.label.rpartition(": ")[2],
                "unit": "points" if one.label == NULLS else "%",
            }
        )
        for one in points
    ]
    return Series(name=name, unit="%", points=tuple(filled))


def steps(*points, explained=(), lost=(), subject="flights", outcome="contradicts"):
    """What the check of steps found; `explained` are labels with days between."""
    every = {
        "step": points,
        "declared and found": explained,
        "declared and not found": [(label, None) for label in lost],
    }
    return finding(
        "steps-declared",
        subject,
        outcome,
        f"Steps of {subject}.",
        series=tuple(dated(name, pairs) for name, pairs in every.items() if pairs),
    )


SPAN = series("month", [("2013-01", 1), ("2013-02", 0), ("2013-03", 3)])


def notes(shown):
    """The texts of the marks in the figure."""
    return [note["text"] for note in shown.figure["layout"]["annotations"]]


def test_declared_changes_of_the_table_are_lettered_lines():
    """Each line has a letter, and each letter a date and what changed."""
    other = CHANGES.changes[0].model_copy(update={"id": "x", "tables": ("weather",)})

    shown = history_chart(FINDINGS, (*CHANGES.changes, other))
    layout = shown.figure["layout"]

    assert shown.figure["data"][0]["y"] == list(MONTHS)
    assert [shape["x0"] for shape in layout["shapes"]] == ["2013-06-01"]
    assert notes(shown) == ["A"]
    assert layout["annotations"][0]["y"] == layout["shapes"][0]["y1"] == 1
    assert items_of(shown) == [
        "A: 1 June 2013. Carrier FL hands routes to its parent. (business)"
    ]
    assert shown.text.splitlines()[1] == (
        "Rows per month of flights, from 2013-01 to 2013-06; dashed lines with letters: "
        "declared changes; lines with numbers: steps found, those with ✕ without a "
        "declared change."
    )


def test_found_steps_are_numbered_by_date_and_say_whether_they_are_declared():
    """A step without a declared change has a cross, in the figure and below it."""
    found = steps((FL, -21.4), (VX, 32.1), explained=[(FL, 2)])

    shown = history_chart([*FINDINGS, found], CHANGES.changes)
    layout = shown.figure["layout"]

    assert notes(shown) == ["A", "✕ 1", "2"]
    assert [s["x0"] for s in layout["shapes"][1:]] == ["2013-04-01", "2013-06-03"]
    assert items_of(shown)[1:] == [
        "✕ 1: April 2013: rows of flights with carrier VX, +32.1 %; not declared",
        "2: 3 June 2013: rows of flights with carrier FL, -21.4 %; declared as A",
    ]
    lines = [shape["line"] for shape in layout["shapes"]]
    assert [line["color"] for line in lines] == [
        LIGHT[name] for name in ("muted", "bad", "accent")
    ]
    assert [line["width"] for line in lines] == [1, 1, 1]
    assert [one["y"] for one in layout["annotations"]] == [1, 0, 0]
    top = max(MONTHS) * 1.08
    assert layout["yaxis"]["range"] == pytest.approx([0, top])


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], "1 change declared; steps were not looked for."),
        ([steps(outcome="not measured")], "1 change declared; steps not measured."),
        ([steps(outcome="supports")], "1 change declared. Steps of flights."),
        (
            [steps((VX, 32.1), (FL, -21.4), explained=[(FL, 2)])],
            "1 change declared, 2 steps found, 1 of them not declared.",
        ),
        (
            [steps((FL, -21.4), explained=[(FL, 2)])],
            "1 change declared, 1 step found, none of them not declared.",
        ),
    ],
)
def test_title_counts_declared_found_and_undeclared(found, said):
    """Also where nothing was found, or nobody looked."""
    shown = history_chart([*FINDINGS, *found], CHANGES.changes)

    assert shown.text.splitlines()[0] == (f"flights holds 181 days of history. {said}")


def test_step_of_a_share_is_told_in_points_and_what_begins_without_a_size():
    """No per cent of per cent, and no size where there was nothing before."""
    found = steps((NULLS, 12), (VX, None))

    shown = history_chart([*FINDINGS, found], ())

    assert items_of(shown) == [
        (
            "✕ 1: 10 March 2013: share of missing values in flights.tailnum, +12 points; not "
            "declared"
        ),
        "✕ 2: April 2013: rows of flights with carrier VX; not declared",
    ]


def test_step_is_of_the_change_that_lies_as_many_days_before_it():
    """Of two changes the nearer one; a small step has its sign, too."""
    one = CHANGES.changes[0]
    later = one.model_copy(update={"id": "later", "date": dt.date(2013, 6, 9)})
    found = steps((FL, 0.5), explained=[(FL, 2)])
    shown = history_chart([*FINDINGS, found], (later, one))
    early = history_chart(
        [*FINDINGS, steps((FL, 0.5), explained=[(FL, -6)])], (later, one)
    )

    told = "1: 3 June 2013: rows of flights with carrier FL, +0.5 %; declared as"
    assert items_of(shown)[-1] == f"{told} A"
    assert items_of(early)[-1] == f"{told} B"
    assert [item[:14] for item in items_of(shown)[:2]] == [
        "A: 1 June 2013",
        "B: 9 June 2013",
    ]


def test_steps_that_were_not_measured_say_why():
    """In place of the steps."""
    shown = history_chart([*FINDINGS, steps(outcome="not measured")], ())

    assert items_of(shown) == ["Steps: not measured. Steps of flights."]


def test_declared_change_with_which_no_step_goes_says_so():
    """What was told and cannot be seen is a finding too."""
    found = steps(lost=["codeshare: 2013-06-01"], outcome="supports")

    shown = history_chart([*FINDINGS, found], CHANGES.changes)

    assert items_of(shown) == [
        (
            "A: 1 June 2013. Carrier FL hands routes to its parent. (business) No step goes "
            "with it."
        )
    ]


def test_data_table_marks_the_months_that_have_a_letter_or_a_number():
    """The marks are not in the picture alone."""
    found = steps((VX, 32.1), (FL, -21.4), explained=[(FL, 2)])

    shown = history_chart([*FINDINGS, found], CHANGES.changes)

    assert '>2013-04</th><td class="n">28,330</td><td>✕ 1</td>' in shown.html
    assert '>2013-06</th><td class="n">28,243</td><td>A, 2</td>' in shown.html


def test_more_steps_than_can_be_marked_are_counted():
    """Undeclared and large ones are marked first."""
    many = [(f"series {at}: 2013-01-{at + 1:02}", at + 1.0) for at in range(15)]

    shown = history_chart([*FINDINGS, steps(*many)], ())

    assert len(notes(shown)) == 12
    assert "series 0:" not in shown.html
    assert "3 more steps found." in shown.html


def test_undeclared_steps_are_marked_before_larger_ones_that_are_declared():
    """A question must not be pushed out by what was answered."""
    many = [(f"series {at}: 2013-01-{at + 1:02}", at + 50.0) for at in range(12)]
    found = steps(*many, (VX, 1), explained=[(label, 0) for label, _ in many])

    shown = history_chart([*FINDINGS, found], ())

    assert notes(shown) == [*(f"{at}" for at in range(1, 12)), "✕ 12"]
    assert "series 0:" not in shown.html


def test_changes_of_no_table_in_particular_are_drawn_and_letters_do_not_end():
    """The 27th is A1."""
    one = CHANGES.changes[0].model_copy(update={"tables": ()})
    many = [one.model_copy(update={"id": f"c{at:02}"}) for at in range(27)]

    assert notes(history_chart(FINDINGS, many))[-3:] == ["Y", "Z", "A1"]


def test_undeclared_steps_of_tables_that_are_not_drawn_are_told():
    """One table is drawn; none is forgotten."""
    weather = steps((VX, 3), subject="weather")
    quiet = steps(subject="planes", outcome="supports")

    shown = history_chart([*FINDINGS, weather, quiet], ())

    assert "Steps of weather." in shown.html
    assert "Steps of planes." not in shown.html


def test_title_tells_what_is_contradicted_first_and_of_the_drawn_table_alone():
    """Gaps of another table stand where that table is."""
    told = [
        finding("history-span", "flights", "supports", "Long.", series=(SPAN,)),
        finding("history-gaps", "weather", "contradicts", "Other gaps."),
        finding("history-gaps", "flights", "contradicts", "Gaps."),
        finding("label-known", "flights", "contradicts", "Late."),
    ]

    assert history_chart(told, ()).text.startswith("Gaps. Long. No changes declared")


def test_first_history_that_has_a_series_is_drawn():
    """One that was not measured draws nothing."""
    told = [
        finding("history-span", "weather", "not measured", "Gone."),
        finding("history-span", "flights", "supports", "Long.", series=(SPAN,)),
    ]

    shown = history_chart(told, ())

    assert shown.text.startswith("Long.")
    assert shown.figure["data"][0]["y"] == [1, 0, 3]


def test_long_history_is_told_by_month_in_its_table():
    """A year of days is one line in the chart and twelve rows below it."""
    daily = [(f"2013-{m:02}-{d:02}", 100) for m in range(1, 13) for d in range(1, 29)]
    few = [(label, 100) for label, _ in daily[:60]]
    kept = finding(
        "history-span", "flights", "supports", "Long.", series=(series("day", few),)
    )
    span = finding(
        "history-span", "flights", "supports", "Long.", series=(series("day", daily),)
    )

    shown = history_chart([span], CHANGES.changes)

    assert len(shown.figure["data"][0]["x"]) == len(daily)
    assert shown.html.count('scope="row"') == 12
    assert shown.figure["data"][0]["mode"] == "lines"
    short = history_chart([kept], ())
    assert short.html.count('scope="row"') == 60
    assert short.figure["data"][0]["mode"] == "lines+markers"
    more = kept.model_copy(update={"series": (series("day", daily[:61]),)})
    assert history_chart([more], ()).html.count('scope="row"') == 3
    assert '<td class="n">2,800</td><td>A</td>' in shown.html


def test_markup_in_steps_and_changes_is_text():
    """What people and data say is escaped, in plotly's markup too."""
    hostile = '<a href="x">here</a>'
    change = CHANGES.changes[0].model_copy(update={"what": hostile})

    shown = history_chart([*FINDINGS, steps((f"{hostile}: 2013-04", 3))], (change,))

    assert hostile not in shown.html
    assert all(hostile not in text for text in notes(shown))


def test_nothing_measured_is_said():
    """An empty chart would look like a zero."""
    assert history_chart((), ()).text == "No history was measured yet."


def test_changes_are_in_the_order_of_their_dates():
    """With who told of them."""
    one = CHANGES.changes[0]
    early = one.model_copy(
        update={"id": "x", "date": dt.date(2013, 1, 2), "tables": (), "told_by": None}
    )
    shown = history.changes_table(case_with(changes=(one, early)))

    told = "Carrier FL hands routes to its parent. business"
    assert rows_of(shown) == [
        f"2 January 2013 {told} all not said",
        f"1 June 2013 {told} flights Data owner",
    ]
