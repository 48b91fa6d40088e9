"""What the report tells of earlier milestones, and how far roles agree."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

import samples
from flight_case import ACTIONS, SHEETS, answer, flight_assessment, flight_bank, sheet
from readybook.model.case import Proof, Shared
from readybook.score.compare import Move, ReplayStep
from readybook.score.freeze import freeze
from readybook.score.score import score
from readybook.show.since import (
    changes_since,
    comparison_json,
    comparison_text,
    milestones_table,
    moves_table,
)
from readybook.show.workshop import agreement_table
from readybook.workbook import open_workbook
from shown import case_of, heads_of, notes_of, rows_of, words_of

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


def test_without_a_milestone_it_says_that_this_is_the_first_look():
    """An empty table would be a puzzle."""
    shown = since()

    told = "This is the first look: no earlier one was kept to compare with."
    assert changes_since(shown).text == moves_table(shown).text == told


def test_changes_show_then_and_now_and_what_moved_it():
    """The verdict first, then dimensions, gates and actions."""
    shown = changes_since(since(milestone(name="First <look>")))

    assert shown.text == (
        "12 November 2026: Not enough known: 6 facts decide; now: "
        "Not ready for production: 2 gates fail"
    )
    assert heads_of(shown) == ["What", "12 November", "Now", "Why"]
    assert rows_of(shown) == [
        (
            "Verdict Not enough known: 6 facts decide Not ready for production: 2 gates fail "
            "6 answers, 2 proven (2 on file); now 6, 3 proven (1 measured, 2 on file)."
        ),
        (
            "Data availability missing to in place missing to improvised New evidence (2 "
            "questions)."
        ),
        "Provisioning not known missing to improvised New evidence (1 question).",
        (
            "Gates 1 passed, 4 undecided 2 passed, 2 failed, 1 undecided Data opened "
            "(AVL-01): passed, Categories populated (AVL-03): failed, Memory and swap "
            "(PRV-04): failed."
        ),
        "Actions 2 open 2 open, 1 past its date None done, none dropped.",
        "Permissions 1 waiting 1 waiting, none longer than declared",
    ]
    assert notes_of(shown) == []


def test_comparison_is_the_same_for_a_terminal():
    """Both sides first, then the moves of each step, in eighty columns."""
    found = since(milestone(name="First")).comparison

    assert comparison_text(found).splitlines()[:16] == [
        "Then: 12 November 2026, 12 November 2026, First",
        "  Not enough known: 6 facts decide",
        "  6 of 8 questions answered, 1 with “we don't know”, 2 proven (2 on file); of",
        "    the gates none failed, 4 undecided",
        "Now: flight-case, 30 November 2026",
        "  Not ready for production: 2 gates fail",
        "  6 of 8 questions answered, 1 with “we don't know”, 3 proven (1 measured, 2 on",
        "    file); of the gates 2 failed, 1 undecided",
        "",
        "NEW EVIDENCE MOVED",
        "  Verdict: Not enough known: 6 facts decide -> Not ready for production: 2 gates",
        "    fail (through AVL-01, AVL-03, PRV-04).",
        "  Data availability: missing to in place -> missing to improvised (through",
        "    AVL-01, AVL-03).",
        "  Provisioning: not known -> missing to improvised (through PRV-04).",
        "  gate AVL-01 Data opened: undecided -> passed.",
    ]
    assert comparison_json(found)["before"] == {
        "label": "12 November 2026",
        "name": "First",
        "on": "2026-11-12",
        "bank": "flight-bank 1.0.0",
        "shared": None,
        "headline": "Not enough known: 6 facts decide",
        "answered": 6,
        "applicable": 8,
        "proven": 2,
        "proven_by": {"on file": 2},
        "gates": {
            "passed": ["SCP-01"],
            "failed": [],
            "undecided": ["AVL-01", "AVL-03", "PRV-04", "PRV-12"],
        },
    }


def test_what_is_gone_since_is_told_on_the_page_and_in_a_terminal():
    """An answer that was taken back would else be a better verdict for nothing."""
    kept = {name: one for name, one in SHEETS.items() if name != "person-c"}
    shown = since(milestone(), assessment=flight_assessment(sheets=kept))
    gone = "1 answer (PRV-04 by platform-lead)"

    assert notes_of(changes_since(shown)) == [f"Gone or loosened since: {gone}."]
    assert comparison_text(shown.comparison).endswith(
        f"\nGONE OR LOOSENED SINCE\n  {gone}\n"
    )


def test_register_that_only_one_look_was_judged_with_is_named():
    """Else nobody sees why a permission is there that no file of the case has."""
    shared = Shared(file="ours.yaml", fingerprint="sha256:1")
    shown = since(milestone(), assessment=flight_assessment(shared=shared))

    told = "Shared register none ours.yaml Who holds"
    assert any(row.startswith(told) for row in rows_of(changes_since(shown)))
    text, body = comparison_text(shown.comparison), comparison_json(shown.comparison)
    assert text.count(", with the shared register ours.yaml\n") == 1
    assert body["after"]["shared"]["file"] == "ours.yaml"


def test_what_lapsed_since_is_told_by_name_and_date():
    """Whether or not a level hung on it."""
    proof = Proof(reference="Minutes", date=THEN, shelf_life_days=7)
    filed = answer(3).model_copy(update={"proof": proof})
    sheets = SHEETS | {"person-a": sheet("sponsor", {"SCP-01": filed})}
    shown = since(milestone(), assessment=flight_assessment(sheets=sheets))
    told = "Minutes (on file, until 19 November 2026)"

    assert notes_of(moves_table(shown)) == [f"Lapsed since: {told}."]
    assert "; 1 lapsed." in rows_of(changes_since(shown))[0]
    assert f"\nLAPSED SINCE\n  {told}: SCP-01\n" in comparison_text(shown.comparison)
    assert comparison_json(shown.comparison)["lapsed"] == [
        {
            "proof": "Minutes",
            "kind": "on file",
            "on": "2026-11-19",
            "questions": ("SCP-01",),
        }
    ]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("readybook", "Another version of readybook"),
        ("bank", "The question bank"),
        ("applicability", "Which questions apply"),
        ("answers", "Answers"),
        ("new evidence", "New evidence"),
        ("changed evidence", "Changed evidence"),
        ("out of date", "What went out of date"),
    ],
)
def test_each_step_has_words_and_what_it_did_not_move_is_said(step, words):
    """A question alone moved; a gate that is not in force any more is gone."""
    found = since(milestone()).comparison
    question = Move("question", "AVL-03", "Categories", "a", "b", "Why.")
    gate = Move("gate", "AVL-03", "Categories", "failed", None, "Why.")
    names = {"steps": (ReplayStep(step, (question,)), ReplayStep(step, (gate,)))}
    shown = since(milestone())
    shown.__dict__["comparison"] = replace(found, **names)

    assert rows_of(moves_table(shown)) == [
        f"{words} as before none moved AVL-03",
        f"{words} as before AVL-03 gone none moved",
    ]


def test_changes_count_actions_done_late_and_dropped():
    """Since then, not before."""
    done = ACTIONS.actions[0].model_copy(
        update={"state": "done", "done_on": dt.date(2026, 11, 25)}
    )
    gone = ACTIONS.actions[1].model_copy(update={"state": "dropped"})
    was = ACTIONS.actions[2].model_copy(update={"id": "was", "state": "dropped"})

    def told(*rows, before=ACTIONS):
        actions = ACTIONS.model_copy(update={"actions": (*rows, ACTIONS.actions[2])})
        now = flight_assessment(actions=actions)
        shown = changes_since(since(milestone(actions=before), assessment=now))
        return rows_of(shown)[-2]

    looked = "Nobody looked again at Memory and swap (PRV-04)."
    assert told(done, ACTIONS.actions[1]) == (
        f"Actions 2 open 1 open, 1 past its date 1 done, none dropped. {looked}"
    )
    assert told(done, gone) == (
        f"Actions 2 open 0 open, none past their date 1 done, 1 dropped. {looked}"
    )
    dropped = ACTIONS.model_copy(update={"actions": (*ACTIONS.actions, was)})
    assert told(*ACTIONS.actions[:2], was, before=dropped) == (
        "Actions 2 open 2 open, 1 past its date None done, none dropped."
    )
    assert told(done, before=None).startswith("Actions 0 open 0 open, none past their ")


def test_the_last_milestone_before_the_as_of_date_counts():
    """One of the same day stands beside it; one of later is no past."""
    days = (dt.date(2026, 11, 1), THEN, NOW.as_of, dt.date(2026, 12, 1))
    shown = since(*map(milestone, days))

    assert words_of(changes_since(shown)).startswith("Since 12 November 2026")
    assert rows_of(milestones_table(shown)) == [
        "1 November 2026 Not enough known: 8 facts decide 0 of 8 0 0, 0, 5",
        "12 November 2026 Not enough known: 6 facts decide 6 of 8 2 2 on file 1, 0, 4",
        "30 November 2026 Not ready for production: 2 gates fail 6 of 8 3 1 measured, 2 on file 2, 2, 1",
        "30 November 2026 now Not ready for production: 2 gates fail 6 of 8 3 1 measured, 2 on file 2, 2, 1",
    ]


CLOSED = ACTIONS.actions[0].model_copy(
    update={"state": "done", "done_on": dt.date(2026, 11, 25)}
)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "Frozen today, 30 November 2026 (First); nothing moved since."),
        (
            {"sheets": {k: v for k, v in SHEETS.items() if k != "person-c"}},
            "Gone or loosened since: 1 answer (PRV-04 by platform-lead)",
        ),
        (
            {"sheets": SHEETS | {"person-a": sheet("sponsor", {"SCP-01": answer(0)})}},
            "(SCP-01): failed",
        ),
        (
            {
                "actions": ACTIONS.model_copy(
                    update={"actions": (CLOSED, *ACTIONS.actions[1:])}
                )
            },
            "1 done, none dropped",
        ),
    ],
)
def test_what_was_frozen_today_and_is_the_first_is_compared_on_the_day(changes, told):
    """Whoever froze it looks at once whether it is there, and at what moved after it."""
    frozen = milestone(NOW.as_of, "First")
    shown = since(frozen, assessment=flight_assessment(**changes))

    assert told in words_of(changes_since(shown))
    assert len(rows_of(milestones_table(shown))) == 2


def test_nothing_moved_is_said():
    """The same case a day later."""
    then = flight_assessment(as_of=NOW.as_of - dt.timedelta(days=1))
    frozen = freeze(score(BANK, then), then, BANK, version="1")

    assert moves_table(since(frozen)).text == "Nothing moved since 29 November 2026."


def test_moves_name_questions_by_step():
    """What an engineer looks up in the chapters."""
    shown = moves_table(since(milestone()))

    assert shown.text == "What moved since 12 November 2026: 1 row"
    assert rows_of(shown) == [
        (
            "New evidence Not ready for production: 2 gates fail AVL-01 passed, AVL-03 "
            "failed, PRV-04 failed AVL-01, AVL-03, PRV-04"
        )
    ]


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
