"""The questions of a chapter: answers by role, standing in words, how it came about."""

from __future__ import annotations

from dataclasses import replace

from flight_case import SHEETS, answer, flight_assessment, flight_bank, sheet
from readybook.model.results import Bounds
from readybook.show.questions import needed_of, questions_of
from shown import case_of, words_of

BANK = flight_bank()
CASE = case_of(flight_assessment(), BANK)
TEAM = replace(CASE, edition="team")
RESULT = CASE.result


def test_question_shows_standing_need_proof_and_gate_in_words():
    """A folded row says all of it."""
    text = words_of(questions_of(CASE, "AVL"))

    assert (
        "AVL-03 Categories populated improvised; needed: in place contradicted "
        "gate failed"
    ) in text


def test_question_shows_answer_derivation_levels_and_next_step():
    """Unfolded, every level can be followed to rule, role, evidence and date."""
    text = words_of(questions_of(CASE, "AVL"))

    assert "Data owner : in place, 9 November 2026" in text
    assert "categories-populated, 23 November 2026" in text
    assert "improvised (stands here)" not in text  # brackets come from the style sheet
    assert "improvised stands here" in text
    assert "in place said, needed" in text
    assert "Bring it to partly in place." in text


def test_derivation_does_not_repeat_the_answer_nor_the_answer_its_document():
    """Who said what stands above it; the document stands where it carries the claim."""
    text = words_of(questions_of(CASE, "QLT"))

    assert "Data owner : in place, 9 November 2026" in text
    assert "Data owner says" not in text
    assert text.count("LIN-2") == 1
    assert "On file: LIN-2; carries a claim up to" in text


def test_question_that_is_not_asked_is_folded_with_its_reason():
    """A hidden question is named, and so is the fact that hid it."""
    text = words_of(questions_of(CASE, "AVL"))

    assert "1 question not asked" in text
    assert "AVL-08 Lawful access: asked only where “Personal data” is some" in text


def test_leadership_reads_roles_and_the_team_who_said_what():
    """Respondents, others' answers and notes stay in the team's edition."""
    leadership = questions_of(CASE, "QLT").html
    team = questions_of(TEAM, "QLT").html

    for private in ("person-b", "person-d", "Not for weather."):
        assert private not in leadership
        assert private in team
    assert "improvised to in place; Data owner settles it." in leadership
    assert "shown, does not count" in team


def test_chapter_without_questions_says_so():
    """An empty section is not silence."""
    assert "No question of this chapter is asked." in questions_of(CASE, "VAL").html


def test_needed_is_the_higher_of_gate_and_dimension():
    """Passing a gate is not yet what the phase needs."""
    assert needed_of(RESULT, RESULT.standing("AVL-01")) == Bounds(lower=3, upper=3)
    assert needed_of(RESULT, RESULT.standing("SCP-01")) == Bounds(lower=3, upper=3)


def test_notes_and_proofs_that_people_typed_are_escaped():
    """Neither a note nor a reference can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    sheets = SHEETS | {
        "person-b": sheet(
            "data-owner", {"QLT-03": answer(3, proof=hostile, note=hostile)}
        )
    }
    case = case_of(flight_assessment(sheets=sheets), BANK, edition="team")

    shown = questions_of(case, "QLT").html

    assert hostile not in shown
    assert "&lt;script&gt;" in shown
