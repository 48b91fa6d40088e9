"""What the report tells of earlier milestones, and how far roles agree."""

from __future__ import annotations

import datetime as dt

import pytest

import samples
from flight_case import ACTIONS, SHEETS, answer, flight_assessment, flight_bank, sheet
from readybook.score.freeze import freeze
from readybook.score.score import score
from readybook.show.since import changes_since, milestones_table, moves_table
from readybook.show.workshop import agreement_table
from readybook.workbook import open_workbook
from shown import case_of, rows_of, words_of

BANK = flight_bank()
NOW = flight_assessment()
THEN = dt.date(2026, 11, 12)


def milestone(day=THEN, name=None, **changes):
    """What was frozen on a day: nothing was measured yet."""
    case = flight_assessment(as_of=day, **changes)
    return freeze(score(BANK, case), case, BANK, version="1", name=name)


def since(*milestones, assessment=NOW):
    """The small case beside these milestones."""
    return case_of(assessment, BANK, milestones=milestones)


def test_without_a_milestone_it_says_how_to_freeze_one():
    """An empty table would be a puzzle."""
    shown = since()

    assert "No milestone yet." in words_of(changes_since(shown))
    assert "readybook milestone" in words_of(changes_since(shown))
    assert "No milestone yet." in words_of(moves_table(shown))


def test_changes_show_then_and_now_and_what_moved_it():
    """The verdict first, then dimensions, gates and actions."""
    text = words_of(changes_since(since(milestone(name="First <look>"))))

    assert text.startswith(
        "Since 12 November 2026 (First &lt;look&gt;) What 12 November"
    )
    assert "Verdict Not enough known: 6 facts decide Not ready for production" in text
    assert "Categories populated (AVL-03): failed" in text
    assert "New evidence (" in text


def test_changes_count_actions_done_late_and_dropped():
    """Since then, not before."""
    done = ACTIONS.actions[0].model_copy(
        update={"state": "done", "done_on": dt.date(2026, 11, 25)}
    )
    actions = ACTIONS.model_copy(update={"actions": (done, *ACTIONS.actions[1:])})
    now = flight_assessment(actions=actions)
    text = words_of(changes_since(since(milestone(), assessment=now)))

    assert "Actions 2 open 1 open, 1 late 1 done, none dropped." in text
    assert "Nobody looked again at Memory and swap (PRV-04)." in text


def test_the_last_milestone_before_the_as_of_date_counts():
    """One of the same day, or of later, is no past."""
    stops = (milestone(dt.date(2026, 11, 1)), milestone(), milestone(NOW.as_of))
    shown = since(*stops)

    assert words_of(changes_since(shown)).startswith("Since 12 November 2026")
    assert (
        milestones_table(shown).html.count("<tr>") == 1 + 3
    )  # two milestones, and now


def test_nothing_moved_is_said():
    """The same case a day later."""
    then = flight_assessment(as_of=NOW.as_of - dt.timedelta(days=1))
    frozen = freeze(score(BANK, then), then, BANK, version="1")

    assert "Nothing moved since 29 November 2026." in words_of(
        moves_table(since(frozen))
    )


def test_moves_name_questions_by_step():
    """What an engineer looks up in the chapters."""
    html = moves_table(since(milestone())).html

    assert "New evidence" in html
    assert "AVL-03 failed" in html


def test_report_pieces_name_no_respondent():
    """Leadership reads roles."""
    sheets = SHEETS | {"jane-doe": sheet("data-scientist", {"AVL-03": answer(0)})}
    shown = since(milestone(), assessment=flight_assessment(sheets=sheets))

    for piece in (changes_since(shown), milestones_table(shown), moves_table(shown)):
        assert "jane-doe" not in piece.html
        assert "person-" not in piece.html


@pytest.mark.slow
def test_example_compares_itself_with_its_second_milestone(root):
    """More known, two gates fail; one closed action waits for an answer."""
    text = words_of(
        open_workbook(str(root / "templates" / "flight-delays")).show("since")
    )

    assert text.startswith("Since 2 November 2026 (All roles asked)")
    assert "(AVL-03): failed" in text
    assert "(PRV-04): failed" in text
    assert "2 done, 1 dropped. Nobody looked again at Fields in a catalogue (" in text


# --- how far roles agree -----------------------------------------------------------


def agreement(**said):
    """The table of AVL-01 and AVL-02; `said` is a pair of answers by role."""
    bank = samples.bank(samples.question("AVL-01"), samples.question("AVL-02"))
    sheets = {
        role: samples.sheet(
            role,
            {
                name: samples.answer(value)
                for name, value in zip(("AVL-01", "AVL-02"), values, strict=True)
                if value is not None
            },
        )
        for role, values in said.items()
    }
    return rows_of(agreement_table(case_of(samples.assessment(sheets), bank)))


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ({"owner": (3, 2), "other": (2, 2)}, ["Data availability 2 2 100 % none"]),
        ({"owner": (4, 2), "other": (2, 2)}, ["Data availability 2 1 50 % AVL-01"]),
        (
            {"owner": (3, 2), "other": ("unknown", None)},
            ["Data availability 1 0 0 % AVL-01"],
        ),
        (
            {"owner": (2, 2), "other": ("unknown", None)},
            ["Data availability 1 1 100 % none"],
        ),
        ({"owner": (3, 2)}, []),
    ],
)
def test_roles_agree_where_nobody_is_two_levels_apart(said, rows):
    """Counted over the questions that two roles or more answered."""
    assert agreement(**said) == rows


def test_table_of_agreement_gives_counts_and_share():
    """The small case: of one question, two roles say otherwise."""
    text = words_of(agreement_table(since()))

    assert "Data quality 1 0 0 % QLT-03" in text
