"""What a form tells after an answer: word for word, of every kind of check."""

from __future__ import annotations

import pytest

from readybook.forms.effect import reveal, standing_of
from readybook.model.case import Settled
from readybook.score.score import score
from samples import (
    answer,
    assessment,
    bank,
    days_ago,
    finding,
    question,
    sheet,
    waved_off,
)

BANK = bank(
    question("SCP-01", gate=("pilot", 2)),
    question("AVL-01", checks=[("source-opened", 3, 1)]),
    question("OWN-01", gate=("pilot", 2)),
    question("QLT-01", applies_when={"stakes": ("high",)}),
)


def told(*, who="ann", findings=(), answered=("AVL-01",), settled=None, **given):
    """What is told of the small case where ann owns the answers and bob has seen some."""
    sheets = {
        "ann": sheet("owner", given.pop("ann", {})),
        "bob": sheet("other", given.pop("bob", {})),
    }
    case = assessment(sheets, findings=findings, settled=settled)
    return reveal(score(BANK, case), case, BANK, answered, who)


@pytest.mark.parametrize(
    ("outcome", "look", "says"),
    [
        ("supports", "tick", "carries “in place”"),
        ("contradicts", "cross", "shows no more than “improvised”"),
        ("not measured", "ring", "at worst “improvised” until made"),
    ],
)
def test_check_is_told_with_its_look_and_what_it_carries(outcome, look, says):
    """And with what was found, of which day."""
    ((check,),) = [
        one["measured"]
        for one in told(
            ann={"AVL-01": answer(3)}, findings=[finding("source-opened", outcome)]
        ).values()
    ]

    assert (check["look"], check["says"]) == (look, says)
    assert check["told"] == [f"source-opened {outcome}. (20 June 2026)"]


@pytest.mark.parametrize(("found", "more"), [(4, []), (5, ["and 1 more finding"])])
def test_four_findings_of_a_check_are_told(found, more):
    """Of the others, how many there are."""
    case = assessment({"ann": sheet("owner", {"AVL-01": answer(3)})})
    result = score(BANK, case)
    standing = result.standing("AVL-01")
    held = (finding("source-opened", "contradicts"),) * found
    check = standing.checks[0].model_copy(update={"findings": held})
    changed = standing.model_copy(update={"checks": (check,)})
    seen = result.model_copy(update={"standings": (changed,)})
    (one,) = reveal(seen, case, BANK, ["AVL-01"], "ann")["AVL-01"]["measured"]

    assert one["told"][4:] == more
    assert len(one["told"]) == 4 + len(more)


def test_only_what_was_answered_and_is_asked_is_told():
    """Of nothing else, so that no measurement leads an answer."""
    ids = ("SCP-01", "AVL-01", "QLT-01")

    assert set(told(answered=())) == set()
    assert set(told(answered=ids)) == {"SCP-01", "AVL-01"}


def test_others_are_told_with_their_words_and_whether_they_count():
    """Not what one said oneself; a room, which is nobody, is told of all."""
    own = {"AVL-01": answer(3, proof_age=5)}
    other = {"AVL-01": answer("unknown", note="Ask me.")}
    mine = told(ann=own, bob=other)["AVL-01"]
    room = told(ann=own, bob=other, who="")["AVL-01"]["others"]

    assert mine["others"] == [
        {
            "role": "Other", "who": "bob", "says": "we don't know",
            "date": "20 June 2026", "note": "Ask me.", "proof": "", "counts": False,
        }
    ]  # fmt: skip
    assert [(one["who"], one["proof"], one["counts"]) for one in room] == [
        ("ann", "file no. 7", True), ("bob", "", False)]  # fmt: skip
    assert mine["split"] == told(ann=own, bob=other, who="")["AVL-01"]["split"] != ""
    assert told(ann=own)["AVL-01"]["split"] == ""


@pytest.mark.parametrize(
    ("given", "stands", "gate"),
    [
        (answer(1, proof_age=5), "improvised", "Gate failed"),
        (answer(3, proof_age=5), "in place", "Gate passed"),
        (answer(3), "improvised to in place", "Gate undecided"),
    ],
)
def test_gate_is_told_beside_where_its_question_stands(given, stands, gate):
    """With the level that it needs, and for which phase."""
    one = told(ann={"SCP-01": given}, answered=("SCP-01",))["SCP-01"]

    assert one["stands"] == stands
    assert one["gate"]["says"] == f"{gate}: its minimum for pilot is “partly in place”"


def test_question_that_is_waved_off_stands_nowhere():
    """It has no level, and nobody agreed on one."""
    one = told(ann={"AVL-01": waved_off()})["AVL-01"]

    assert (one["stands"], one["gate"], one["agreed"]) == ("waved off", None, None)


def test_what_the_room_agreed_is_told_with_its_reason():
    """When it was, and who was present."""
    room = Settled(answer=2, because="We looked.", present=("owner",), date=days_ago(1))

    assert told(settled={"AVL-01": room})["AVL-01"]["agreed"] == {
        "says": "partly in place", "because": "We looked.", "date": "29 June 2026",
        "present": ["owner"],
    }  # fmt: skip


def test_standing_has_the_dimensions_that_are_shown():
    """Of one section its own; gates are counted by how they stand."""
    case = assessment({"ann": sheet("owner", {"OWN-01": answer(1)})})
    result = score(BANK, case)
    (scope,) = standing_of(result, "OWN")["dimensions"]
    every = standing_of(result, "")

    assert [gate["says"] for gate in scope["gates"]] == ["1 failed"]
    assert (scope["title"], scope["level"], scope["needed"]) == (
        "Ownership", "improvised", "partly in place"
    )  # fmt: skip
    assert scope in every["dimensions"]
    assert len(every["dimensions"]) == len(result.dimensions) > 1
    assert (every["as_of"], every["judged"]) == ("2026-06-30", "30 June 2026")
    assert every["headline"] == result.headline
