"""The questions of a chapter: answers by role, standing in words, how it came about."""

from __future__ import annotations

import re
from dataclasses import replace

import samples
from flight_case import SHEETS, answer, flight_assessment, flight_bank, sheet
from readybook.model.bank import Fact, FactValue
from readybook.model.results import Bounds
from readybook.show.questions import questions_of
from shown import case_of, facts_of, words_of

BANK = flight_bank()
CASE = case_of(flight_assessment(), BANK)
TEAM = replace(CASE, edition="team")
RESULT = CASE.result


def heads(shown):
    """What each folded question says."""
    found = re.findall(r"<summary><b><i>.*?</summary>", shown.html)
    return [words_of(one) for one in found]


def levels(shown, question):
    """Word and tag of the levels of a question that are shown."""
    block = shown.html.partition(f'id="{question}"')[2].partition("</details>")[0]
    told = re.findall(r"<li><b>([^<]+)</b>(?: <i>([^<]+)</i>)?", block)
    return [f"{word} {tag}".strip() for word, tag in told]


def test_question_shows_standing_need_proof_and_gate_in_words():
    """A folded row says all of it."""
    shown = questions_of(CASE, "AVL")

    assert heads(shown) == [
        (
            "AVL-01 Data opened in place; needed: in place, by the gate: partly in place "
            "measured gate passed"
        ),
        (
            "AVL-03 Categories populated improvised; needed: in place contradicted "
            "gate failed"
        ),
        "AVL-05 Enough history not known; needed: in place we don&#39;t know",
    ]
    assert shown.text.splitlines() == [
        "3 questions; gates: 1 passed, 1 failed",
        "AVL-01 Data opened: in place",
        "AVL-03 Categories populated: improvised",
        "AVL-05 Enough history: not known",
    ]
    assert shown.html.count('<i class="bar') == 3


def test_question_shows_answer_derivation_and_next_step():
    """Unfolded, every level can be followed to rule, role, evidence and date."""
    facts = facts_of(questions_of(CASE, "AVL"))

    assert facts[4:7] == [
        ("Answer", "Data owner : in place, 9 November 2026"),
        ("Next", "Data owner: Have SWF delivered, or strike it from the data model."),
        (
            "Reasons",
            (
                "Declared categories are populated: proves at most &#39;improvised&#39;. No "
                "flight has the declared origin SWF; the other three have 104,662 to 120,835 "
                "rows. categories-populated, 23 November 2026 The measurement overrules the "
                "claim: stands at &#39;improvised&#39;."
            ),
        ),
    ]
    assert [said for label, said in facts if label == "Next"] == [
        "Data owner: Bring it to watched. Gains: in place and watched.",
        "Data owner: Have SWF delivered, or strike it from the data model.",
        "Data owner: Find out: How far is it: enough history?",
    ]


def test_levels_that_matter_say_why():
    """Where it stands or is shown so far, what was said, and what is needed."""
    shown = questions_of(CASE, "AVL")
    unproven = questions_of(case_of(flight_assessment(probes={}), BANK), "PRV")

    assert levels(shown, "AVL-01") == ["in place stands here, needed"]
    assert levels(shown, "AVL-03") == [
        "improvised stands here",
        "in place said, needed",
    ]
    assert levels(shown, "AVL-05") == ["in place needed"]
    assert levels(unproven, "PRV-04") == [
        *("improvised shown so far", "in place needed", "in place and watched said")
    ]


def test_question_that_was_waved_off_has_no_level_and_no_next_step():
    """It needs nothing, and says so in place of a level."""
    bank = samples.bank(samples.question("AVL-01"))
    waved = samples.sheet(answers={"AVL-01": samples.waved_off()})
    shown = questions_of(case_of(samples.assessment({"a": waved}), bank), "AVL")

    assert shown.text.splitlines() == [
        "1 question",
        "AVL-01 Title of AVL-01: waved off as not applying",
    ]
    assert heads(shown) == ["AVL-01 Title of AVL-01 waved off as not applying"]
    assert "<span></span></summary>" in shown.html
    assert '<i class="bar' not in shown.html
    assert "Next" not in dict(facts_of(shown))
    assert [tag for tag in levels(shown, "AVL-01") if "stands" in tag] == []


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

    assert text.endswith(
        "1 question not asked AVL-08 Lawful access: asked only where “Personal data” is "
        "some"
    )
    values = tuple(FactValue(id=id_, text=id_.upper()) for id_ in "abc")
    data = Fact(id="data", text="Data", values=values)
    bank = samples.bank(samples.question("AVL-01", applies_when={"data": ("b", "c")}))
    bank = bank.model_copy(update={"facts": (*bank.facts, data)})
    facts = {"stakes": "low", "data": "a"}
    case = samples.assessment(facts=facts)
    shown = words_of(questions_of(case_of(case, bank), "AVL"))
    assert shown == (
        "No question of this chapter is asked. 1 question not asked AVL-01 Title of "
        "AVL-01: asked only where “Data” is B or C"
    )


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
    shown = questions_of(CASE, "VAL")

    assert shown.text == words_of(shown) == "No question of this chapter is asked."


def test_needed_is_the_higher_of_gate_and_dimension():
    """Passing a gate is not yet what the phase needs."""
    assert RESULT.needed_of(RESULT.standing("AVL-01")) == Bounds(lower=3, upper=3)
    assert RESULT.needed_of(RESULT.standing("SCP-01")) == Bounds(lower=3, upper=3)
    wide = Bounds(lower=2, upper=4)
    dimensions = tuple(
        one.model_copy(update={"needed": wide}) if one.section == "PRV" else one
        for one in RESULT.dimensions
    )
    result = RESULT.model_copy(update={"dimensions": dimensions})
    gate = RESULT.standing("PRV-04")
    asked = gate.model_copy(update={"gate": None})
    advice = asked.question.model_copy(update={"weight": "minor"})
    assert result.needed_of(gate) == Bounds(lower=3, upper=4)
    assert result.needed_of(asked) == wide
    assert result.needed_of(asked.model_copy(update={"question": advice})) is None
    assert result.needed_of(gate.model_copy(update={"question": advice})) == Bounds(
        lower=3, upper=3
    )


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
