"""Whose word counts, which documents stand behind it, and what is kept from readers."""

from __future__ import annotations

import datetime as dt

import pytest

from readybook.model.case import Proof, Settled
from readybook.score.claims import claim_of
from samples import (
    answer,
    assessment,
    confirmation,
    days_ago,
    question,
    sheet,
    waved_off,
)

ASKED = question("SCP-01")
GATE = question("SCP-01", gate=("pilot", 2))


def claim(given=None, *, of=ASKED, other=None, confirms=None, settled=None):
    """What is claimed where the owner, another role and the room said this."""
    sheets = {
        "ann": sheet("owner", {"SCP-01": given} if given else {}),
        "bob": sheet(
            "other",
            {"SCP-01": other} if other else {},
            {"SCP-01": confirms} if confirms else {},
        ),
    }
    room = {"SCP-01": settled} if settled else None
    return claim_of(of, assessment(sheets, settled=room))


def test_private_note_is_given_to_nobody():
    """The team's page and result.json are made from what this returns."""
    told = claim(answer(3, note="Ask me.")).given[0]
    kept = claim(answer(3, note="Between us.", private=True)).given[0]

    assert told.note == "Ask me."
    assert kept.note is None


def test_given_says_who_counts():
    """All answers are shown; the authority's counts, until the room settles it."""
    room = Settled(answer=2, because="We looked.", present=("owner",), date=days_ago(1))
    alone = claim(answer(3), other=answer(4))
    settled = claim(answer(3), other=answer(4), settled=room)

    assert [(one.role, one.counts) for one in alone.given] == [
        ("owner", True),
        ("other", False),
    ]
    assert [one.counts for one in settled.given] == [False, False]


def test_room_counts_from_its_day_on_and_gives_its_document():
    """What is settled later has not happened; what the room filed is on file."""
    proof = Proof(reference="minutes", date=days_ago(3), shelf_life_days=30)
    room = Settled(
        answer=4, because="We saw.", present=("owner",), date=days_ago(0), proof=proof
    )
    later = room.model_copy(update={"date": days_ago(-1), "proof": None})
    counted = claim(answer(1), of=GATE, settled=room)

    assert (counted.range.upper, counted.agreed_on) == (4, days_ago(0))
    assert [(d.reference, d.role, d.lapses) for d in counted.documents] == [
        ("minutes", "owner", days_ago(3) + dt.timedelta(days=30))
    ]
    assert claim(answer(1), settled=later).range.upper == 1


@pytest.mark.parametrize(
    ("own", "other", "status", "word"),
    [
        (None, 4, "unanswered", (4, 4)),
        ("unknown", 4, "unknown", (0, 4)),
        (None, "unknown", "unanswered", (0, 4)),
        (2, 4, "answered", (2, 2)),
    ],
)
def test_other_roles_count_on_word_alone_where_the_authority_is_silent(
    own, other, status, word
):
    """An authority that does not know is not overruled by who says that they do."""
    said = claim(None if own is None else answer(own), other=answer(other))

    assert said.status == status
    assert (said.word.lower, said.word.upper) == word


@pytest.mark.parametrize(
    ("levels", "split"),
    [
        ((2, 3), None),
        ((1, 3), (1, 3)),
        (("unknown", 2), None),
        (("unknown", 3), (3, 3)),
        (("unknown", "unknown"), None),
    ],
)
def test_split_begins_two_levels_apart_or_where_one_does_not_know(levels, split):
    """Beside "we don't know", only "in place" and more is a split."""
    first, second = (answer(level) for level in levels)
    found = claim(first, other=second).split

    assert (found and (found.lower, found.upper)) == split


def test_wave_off_of_a_gate_alone_needs_an_approver():
    """Reason and text are wanted everywhere."""
    bare = waved_off().model_copy(update={"approved_by": None})
    silent = waved_off().model_copy(update={"because": None})

    assert claim(bare).status == "waved off"
    assert claim(bare, of=GATE).status == "unanswered"
    assert claim(silent).flags == (
        "'Does not apply' lacks a text, so it counts as open.",
    )


def test_documents_are_the_authority_s_and_what_others_confirm():
    """Nobody confirms what is theirs, and what is dated later is not there yet."""
    seen = claim(
        answer(4, proof_age=9), other=answer(4, proof_age=8), confirms=confirmation(2)
    )
    own = assessment({"ann": sheet("owner", {}, {"SCP-01": confirmation(4)})})
    early = claim(answer(4, proof_age=-1), confirms=confirmation(4, age=-1))

    assert [(d.kind, d.role, d.supports) for d in seen.documents] == [
        ("on file", "owner", 3),
        ("double-checked", "other", 2),
    ]
    assert claim_of(ASKED, own).documents == ()
    assert early.documents == ()
