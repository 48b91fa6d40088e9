"""Decisions, exceptions and replies stand beside what they are about."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import AS_OF, flight_assessment, flight_bank
from readybook.model.case import (
    Action,
    Actions,
    Decision,
    Decisions,
    GateException,
    Reply,
)
from readybook.show.decided import decisions_table, how_decided, owed, with_replies
from readybook.show.decisions import leadership_asks
from readybook.show.evidence import findings_table
from readybook.show.front.band import mail_text, verdict_band
from readybook.show.front.stops import what_stops
from readybook.show.kit.fragment import Fragment
from readybook.show.questions import questions_of
from shown import case_of, words_of

BANK = flight_bank()
GATE = "AVL-03"  # fails; its authority is the data owner
TYPED = "<b>&" + "w" * 400


def ago(days):
    return AS_OF - dt.timedelta(days=days)


def decision(**changes):
    base = {"id": "swf", "asked": f"Deliver it, or not? {TYPED}", "asked_of": "sponsor",
            "asked_on": ago(20)}  # fmt: skip
    return Decision(**base | changes)


def exception(**changes):
    base = {"gate": GATE, "asked_by": "data-scientist", "approved_by": "sponsor",
            "because": f"So. {TYPED}", "on": ago(20), "until": ago(-90)}  # fmt: skip
    return GateException(**base | changes)


def shown(decisions=(), exceptions=(), replies=(), **more):
    kept = Decisions(
        format=1,
        decisions=tuple(decisions),
        exceptions=tuple(exceptions),
        replies=tuple(replies),
    )
    return case_of(flight_assessment(decisions=kept, **more), BANK)


@pytest.mark.parametrize(
    ("changes", "state", "told"),
    [
        ({}, "asked", "asked on 10 November 2026, not decided"),
        ({"due": AS_OF}, "asked",
         "asked on 10 November 2026, to be decided by 30 November 2026"),
        ({"due": ago(1)}, "overdue",
         "asked on 10 November 2026, overdue since 29 November 2026"),
        ({"decided": "Yes.", "decided_on": ago(9)}, "decided",
         "decided on 21 November 2026: “Yes”"),
        ({"decided": "Yes.", "decided_on": ago(9), "due": ago(1)}, "overdue",
         "decided on 21 November 2026: “Yes”, overdue since 29 November 2026"),
        ({"decided": "Yes.", "decided_on": ago(9), "due": ago(1), "done_on": ago(2)},
         "done", "decided on 21 November 2026: “Yes”, done on 28 November 2026"),
        ({"decided": "Yes.", "decided_on": ago(-1)}, "asked",
         "asked on 10 November 2026, not decided"),
    ],
)  # fmt: skip
def test_decision_stands_as_it_was_known_on_the_day(changes, state, told):
    """What is dated later had not happened."""
    one = decision(**changes)

    assert one.state_on(AS_OF) == state
    assert how_decided(one, shown([one])) == told


def test_ask_says_since_when_it_was_put_and_goes_once_it_is_decided():
    """Until what was decided is overdue: then it is asked for again."""
    (first, *_) = leadership_asks(shown())
    about = {"about": first.step}
    taken = about | {"decided": "Yes.", "decided_on": ago(9)}

    (asked, *_) = leadership_asks(shown([decision(**about)]))
    assert asked.step == first.step
    assert "asked on 10 November 2026, not decided" in asked.by_when
    settled = shown([decision(**taken)])
    assert first.step not in {one.step for one in leadership_asks(settled)}
    assert "Put before: Deliver it" in words_of(verdict_band(settled))
    (late, *_) = leadership_asks(shown([decision(**taken, due=ago(1))]))
    assert (late.step, "overdue since 29 November" in late.by_when) == (
        first.step,
        True,
    )


def test_decision_about_a_gap_is_about_the_action_that_it_became():
    """It stands beside the ask of the action, and ends it once it was decided."""
    draft = Action(id="swf", action="Get it", owner="data-owner", decides=(GATE,))
    actions = Actions(format=1, actions=(draft,))
    about = {"about": f"gap/{GATE}"}
    taken = about | {"decided": "Yes.", "decided_on": ago(9)}
    asked, decided = (
        {
            one.step: one.by_when
            for one in leadership_asks(shown([given], actions=actions))
        }
        for given in (decision(**about), decision(**taken))
    )

    assert "asked on 10 November 2026" in asked["swf"]
    assert "swf" not in decided


def test_role_that_nobody_holds_is_asked_for_with_its_decision():
    """It is no step of the plan, and is named as a role."""
    vacant = next(one for one in leadership_asks(shown()) if "security" in one.what)
    asks = leadership_asks(shown([decision(about=vacant.step)]))

    assert vacant.step == "role/security"
    assert [one.asked for one in asks if one.step == vacant.step] == [
        "asked on 10 November 2026, not decided"
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "accepted by Sponsor until 28 February 2027"),
        ({"until": AS_OF}, "accepted by Sponsor until 30 November 2026"),
        ({"until": ago(1)},
         "exception expired on 29 November 2026, Sponsor to renew or close it"),
        ({"closed_on": AS_OF}, ""),
        ({"on": ago(-1)}, ""),
        ({"gate": "AVL-01", "approved_by": "data-owner"}, ""),  # which passes
    ],
)  # fmt: skip
def test_gate_that_fails_says_who_accepts_that_and_until_when(changes, told):
    """In the band and in the mail; the verdict stays."""
    case, bare = shown(exceptions=[exception(**changes)]), shown()
    places = [words_of(verdict_band(case)), mail_text(case)]

    assert case.result == bare.result
    for place in places:
        said = place.lower()
        assert told.lower() in said
        assert ("accepted by" in said, "expired" in said) == (
            "accepted" in told, "expired" in told)  # fmt: skip


def test_accepted_gate_says_what_is_to_be_decided_all_the_same():
    """Until its end is decided; that it is borne for a time decides nothing."""
    band = words_of(verdict_band(shown(exceptions=[exception()])))

    borne = "ccepted by Sponsor until 28 February 2027"
    assert f"a{borne}; what ends it is decision 1" in band
    assert f"A{borne}. To decide: what ends it. " in band
    decided = decision(about="settle-swf", decided="Yes.", decided_on=AS_OF)
    ended = words_of(verdict_band(shown([decided], [exception()])))
    assert f"a{borne}" in ended
    assert "what ends it" not in ended


def test_exception_that_was_renewed_counts_with_its_later_date():
    """The one before it stays in the table, and nobody is chased for it."""
    case = shown(exceptions=[exception(until=ago(1)), exception(on=ago(2))])

    assert "until 28 February 2027" in words_of(verdict_band(case))
    assert list(owed(case)) == []


def test_exception_of_who_asked_for_it_is_labelled():
    """Two roles of the same people are no second pair of eyes."""
    case = shown(
        exceptions=[exception(asked_by="data-owner", approved_by="data-owner")]
    )

    assert "who also asked for it" in words_of(verdict_band(case))


def test_what_is_owed_is_listed_until_it_is_done():
    """Decisions that are open or overdue, and exceptions that end within a month."""
    case = shown(
        [decision(), decision(id="b", done_on=ago(1))],
        [exception(until=ago(-30)), exception(gate="PRV-04", until=ago(1)),
         exception(gate="PRV-04", until=ago(3))],
    )  # fmt: skip
    told = list(owed(case))

    assert len(told) == 3
    assert "(30 days left)" in told[1]
    assert "PRV-04" in told[2]
    assert "expired on 29 November 2026" in told[2]


@pytest.mark.parametrize("to", [GATE, "categories-populated flights.origin"])
def test_reply_stands_beside_what_it_is_about(to):
    """On the first page in short, in the chapters in full, and never as HTML."""
    case = shown(replies=[Reply(role="data-owner", to=to, text=TYPED, on=ago(4))])
    said = "Data owner replied on 26 November 2026"
    chapter = questions_of(case, "AVL")

    assert said in words_of(what_stops(case))
    assert said in words_of(chapter)
    assert "w" * 400 in words_of(chapter)
    assert (said in words_of(findings_table(case))) == (" " in to)
    assert "<b>&" not in chapter.html + what_stops(case).html


@pytest.mark.parametrize(
    ("to", "piece", "is_told"),
    [
        ("categories-populated  flights.origin", "categories", True),
        ("owners-single planes", "assets", True),
        ("categories-populated flights.origin", "assets", False),
        ("categories-populated flights.origin", "verdict", False),
        (GATE, "categories", False),
    ],
)
def test_reply_stands_below_the_chart_or_table_that_shows_the_finding(
    to, piece, is_told
):
    """With the name of what it is about; what is shown there stays."""
    case = shown(replies=[Reply(role="data-owner", to=to, text=TYPED, on=ago(4))])
    chart = Fragment("<p>drawn</p>", "drawn", {"data": []})
    below = with_replies(chart, piece, case)

    said = f"{to.split()[-1]}: Data owner replied on 26 November 2026: "
    assert (said in words_of(below)) is is_told
    assert below.html.startswith("<p>drawn</p>")
    assert (below.figure, below == chart) == (chart.figure, not is_told)
    assert "<b>&" not in below.html


def test_table_holds_what_was_asked_escaped():
    """What is owed first; without any there is none."""
    done = {"decided": TYPED, "decided_on": ago(9), "done_on": ago(8)}
    found = decisions_table(shown([decision(**done), decision(id="b")]))
    told = words_of(found)

    assert decisions_table(shown()) is None
    assert told.index("not decided") < told.index("done on 22 November 2026")
    assert "<b>&" not in found.html


def test_question_of_a_gate_says_why_its_failing_is_accepted():
    """Each time, also when that has ended; what people typed is no HTML."""
    ended = exception(gate="AVL-01", approved_by="data-owner", closed_on=ago(1))
    chapter = questions_of(shown(exceptions=[exception(), ended]), "AVL")
    told = words_of(chapter)

    assert "Sponsor, 10 November 2026 to 28 February 2027, for Data scientist" in told
    assert "; closed on 29 November 2026, for Data scientist" in told
    assert "<b>&" not in chapter.html
