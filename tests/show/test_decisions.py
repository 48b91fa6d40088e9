"""What leadership is asked ends what fails or delays, by whom, by when, at what cost."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from flight_case import (
    RESOURCES,
    SCOPE,
    SHEETS,
    STAKEHOLDERS,
    finding,
    flight_assessment,
    flight_bank,
)
from plans import AS_OF, action, step, weeks
from plans import case as planned
from readybook.model.case import Asset, Decision, Decisions, Range, RoleHolder
from readybook.model.results import Bounds, CheckResult, SettlingFact, Verdict
from readybook.model.words import question_named
from readybook.plan.forecast import forecast
from readybook.score.score import how_to_measure, score
from readybook.show.action_list import due_missed
from readybook.show.decisions import (
    Ask,
    NextMove,
    ask_for,
    cost_of_a_month,
    declared_by,
    drafts,
    if_not,
    if_refused,
    leadership_asks,
    move_for,
    promised,
    runs_kept,
    step_from,
)
from shown import case_of

BANK = flight_bank()
ANSWER = "an answer"
FAILING = ("AVL-03", "PRV-04")  # PRV-12 is undecided, and nobody holds its role
#: What ends that a check of these failed, as it is proposed.
ENDED = {
    "SWF": "Have rows of it delivered, or withdraw the category: no row of flights has SWF as its "
    "origin",
    "swap": "Give the machine what is needed, or make the job smaller: the training node has no swap and 8 GiB "
    "are needed",
}


def asks_of(assessment):
    return leadership_asks(case_of(assessment, BANK))


def case(*actions, **documents):
    """The small case with these actions; its machine is granted, and has no swap."""
    machine = RESOURCES.model_copy(update={"resources": RESOURCES.resources[:1]})
    return planned(*actions, **{"resources": machine} | documents)


def vacant(*roles):
    """A register in which nobody holds these roles."""
    rows = (RoleHolder(role=role, held_by="nobody-yet") for role in roles)
    return STAKEHOLDERS.model_copy(update={"roles": tuple(rows)})


def test_each_failing_gate_has_an_ask_before_all_others():
    """What is declared for it, then a role that an undecided gate waits for."""
    asks = asks_of(flight_assessment())

    assert [(ask.what, ask.role, ask.state) for ask in asks] == [
        ("Have SWF delivered, or strike it from the data model.", "Data owner", "late"),
        ("Give the training node 8 GiB of swap.", "Platform lead", "proposed"),
        ("Name who answers as security lead.", "Sponsor", ""),
    ]
    assert asks[0].why == (
        "Ends a failing gate: Categories populated (AVL-03); 1 other still fails."
    )
    assert asks[2].why == "Security review (PRV-12) can be answered."


def test_failing_gate_without_an_action_gets_a_drafted_one():
    """What ends that its check failed; who answers is asked for where nobody is named."""
    asks = asks_of(case(stakeholders=None))

    assert [(ask.what, ask.role, ask.state) for ask in asks] == [
        (f"{ENDED['SWF']}.", "Data owner", "proposed by readybook"),
        (f"{ENDED['swap']}.", "Platform lead", "proposed by readybook"),
        ("Name who answers: security lead.", "Leadership", ""),
    ]
    assert [ask.also for ask in asks] == ["", "", ""]  # the answers reach the minimum


def _next(level):
    return f"“Bring it to {level}” (Data owner)"


@pytest.mark.parametrize(
    ("level", "also"),
    [
        (None, "The gate also needs an answer (Data owner)."),
        (1, f"The gate also needs {_next('partly in place')}; {_next('in place')}."),
        (3, ""),
    ],
)
def test_gate_needs_besides_what_its_answer_does_not_reach(level, also):
    """The bank's steps up to its minimum, or first an answer; nothing that is said."""
    given = {**SHEETS["person-b"].answers}
    one = given.pop("AVL-03")
    if level is not None:
        given["AVL-03"] = one.model_copy(update={"answer": level})
    sheet = SHEETS["person-b"].model_copy(update={"answers": given})
    asks = asks_of(case(sheets={**SHEETS, "person-b": sheet}))

    assert (asks[0].what, asks[0].also) == (f"{ENDED['SWF']}.", also)


def test_drafts_are_what_no_action_names():
    """The step where none decides the gate, then what its checks found besides."""
    drafted, named = (
        case_of(case(*actions), BANK)
        for actions in ((), (action("both", decides=FAILING),))
    )
    (first,) = drafts(drafted.result.standing("AVL-03"), drafted)

    assert (first.what, first.owner) == (f"{ENDED['SWF']}.", "data-owner")
    assert drafts(named.result.standing("AVL-03"), named) == ()


@pytest.mark.parametrize("declared", [True, False])
def test_vacant_role_is_never_asked(declared):
    """Whoever fills the role is, whether the action is declared or drafted."""
    actions = (action("swf", "data-owner", decides=("AVL-03",)),) if declared else ()
    asks = asks_of(case(*actions, stakeholders=vacant("data-owner", "security")))

    assert {ask.role for ask in asks} == {"Sponsor", "Platform lead"}
    assert asks[0].what.startswith("Name who answers as data owner, whose move it is: ")
    assert sum("data owner" in ask.what for ask in asks) == 1


def test_step_that_nobody_owns_is_asked_of_whoever_names_people():
    """A permission that nobody is named for cannot be asked for."""
    waiting = RESOURCES.resources[1].model_copy(
        update={"grants": None, "lead_time_days": 7_000}
    )
    machine = RESOURCES.model_copy(
        update={"resources": (RESOURCES.resources[0], waiting)}
    )
    asks = asks_of(case(action("both", decides=FAILING), resources=machine))

    assert (asks[1].what, asks[1].role) == (
        "Name whose move it is: Permission: Cloud account.",
        "Sponsor",
    )
    granted = waiting.model_copy(update={"grants": "finance"})
    machine = RESOURCES.model_copy(
        update={"resources": (RESOURCES.resources[0], granted)}
    )
    asks = asks_of(case(action("both", decides=FAILING), resources=machine))

    assert (asks[1].what, asks[1].role) == ("Say yes or no: Cloud account.", "Finance")


def test_of_several_actions_for_a_gate_the_marked_one_on_the_way_is_asked():
    """A workaround that nobody accepted is not on the way."""
    away = action("away", workaround_for="history/flights", decides=FAILING)
    plain = action("plain", decides=FAILING)
    marked = action("marked", decides=FAILING, leadership=True)

    assert asks_of(case(away, plain, marked))[0].what == "Do marked."
    assert asks_of(case(away, plain))[0].what == "Do plain."


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "no date agreed yet"),
        ({"state": "late", "due": AS_OF}, "late, by 30 November 2026"),
        ({"due": AS_OF, "missed": "too late"}, "by 30 November 2026; too late"),
    ],
)
def test_ask_says_how_it_stands_and_until_when(more, told):
    """What is not known is left out, a date that was never agreed is said."""
    assert Ask("", "", "", **more).by_when == told


def test_longest_delay_is_asked_about_after_what_fails():
    """What can begin today and delays the end in most runs."""
    asks = asks_of(
        case(
            action("short", lead_time_weeks=weeks(1)),
            action("swf", decides=FAILING[:1], lead_time_weeks=weeks(2)),
            action("swap", decides=FAILING[1:], lead_time_weeks=weeks(2)),
            action("long", lead_time_weeks=weeks(500)),
            action("after", needs=("long",), lead_time_weeks=weeks(5)),
        )
    )

    assert [ask.what for ask in asks] == ["Do swf.", "Do swap.", "Do long."]
    assert asks[2].why == "Ends the longest delay: the end waits for it."


def test_of_many_gates_a_no_names_two():
    """A list of ten is read by nobody."""
    every = ("AVL-03", "PRV-04", "PRV-12", "AVL-01", "SCP-01")
    bare = case(action("all", decides=every), sheets={}, data=None, probes={})
    ask = Ask("Do all.", "Sponsor", "", step="all")
    told = if_not(ask, case_of(bare, BANK))

    assert re.search(r"\(\w+-\d+\), .* \(\w+-\d+\) and 3 more stay und", told)


def test_condition_is_asked_for_until_its_action_is_accepted():
    """Whoever commits with conditions is told who is to end them."""
    asked = action("trace", decides=("QLT-03",))
    told = []
    for one in ((), (asked,), (asked.model_copy(update={"accepted_on": AS_OF}),)):
        assessment = case(action("both", decides=FAILING), *one)
        with_one = {"conditions": ("QLT-03",),
                    "verdict": Verdict(lower="conditions", upper="conditions")}  # fmt: skip
        result = score(BANK, assessment).model_copy(update=with_one)
        asks = leadership_asks(case_of(assessment, BANK, result=result))
        told.append([ask.what for ask in asks if "condition: Lineage" in ask.why])

    assert [len(some) for some in told] == [1, 1, 0]
    assert told[1] == ["Do trace."]


def test_how_often_the_end_waits_is_told_where_it_differs_from_run_to_run():
    """As counts."""
    span = Range(low=0, likely=480, high=500)
    long, other = weeks(490), action("other", lead_time_weeks=span)
    asks = asks_of(
        case(
            action("both", decides=FAILING), action("long", lead_time_weeks=long), other
        )
    )
    told = re.match(r"Ends .* waits for it in (\d+) of 100 runs\.", asks[1].why)

    assert asks[1].what == "Do long."
    assert 50 < int(told[1]) < 100


def test_action_that_ends_two_gates_is_asked_once():
    """No ask stands twice."""
    asks = asks_of(case(action("both", decides=FAILING), stakeholders=None))

    assert [ask.what for ask in asks] == [
        "Do both.",
        "Name who answers: security lead.",
    ]


def test_actions_for_leadership_come_where_there_is_room():
    """Where there is room, those of undecided gates first; told by their date."""
    due = dt.date(2026, 12, 1)
    swf = action("swf", decides=FAILING)
    marked = [
        action("no-gate", due=due, leadership=True),
        action("later", decides=("PRV-12",), leadership=True),
        action("sooner", decides=("PRV-12", "OWN-01"), due=due, leadership=True),
    ]

    asks = asks_of(case(swf, *marked))
    assert [ask.what for ask in asks] == ["Do sooner.", "Do swf.", "Do later."]
    assert asks[0].why == "Decides Security review (PRV-12)."
    assert len(asks_of(case(swf, marked[0]))) == 3
    alone = asks_of(case(swf, action("not-marked"), marked[0]))[0]
    assert (alone.what, alone.why) == ("Do no-gate.", "")
    passed = action("passed", decides=("AVL-01",), leadership=True)
    assert asks_of(case(swf, marked[0], passed))[2].what == "Do passed."


def mended(*names):
    """What is proposed for categories without a row."""
    found = ", ".join(f"no row of flights has {name} as its origin" for name in names)
    do = "Have rows of it delivered, or withdraw the category"
    return f"“{do}: {found}” (Data owner, proposed by readybook)"


EACH = mended("SWF", "JFK")


def test_what_was_accepted_is_not_asked_again():
    """A yes is a decision; one that is late is asked about once more."""
    said = {"accepted_on": AS_OF, "decides": FAILING[:1], "leadership": True}
    late = action("late", **said, due=AS_OF - dt.timedelta(days=1))

    assert all(ask.step != "said" for ask in asks_of(case(action("said", **said))))
    assert asks_of(case(late))[0].state == "late"


@pytest.mark.parametrize(
    ("what", "also"),
    [
        ("Have SWF delivered.", mended("JFK")),
        ("Have JFK delivered.", mended("SWF")),
        ("Have it delivered.", EACH),
        ("Have SWF2 and JFKs delivered.", EACH),
        ("Have SWF and JFK delivered.", ""),
    ],
)
def test_ask_that_is_not_enough_says_what_else_the_gate_needs(what, also):
    """Each thing that its checks found, but for what the action names as a word."""
    assessment = case(
        action("swf", "data-owner", decides=FAILING[:1]).model_copy(
            update={"action": what}
        )
    )
    found = assessment.data.findings
    empty = next(f for f in found if f.check == "categories-populated")
    twice = tuple(
        empty.model_copy(
            update={
                "message": f"No row of flights has {name} as its origin.",
                "series": (
                    empty.series[0].model_copy(
                        update={
                            "points": tuple(
                                p.model_copy(update={"value": 0})
                                for p in empty.series[0].points
                                if p.label == name
                            )
                        }
                    ),
                ),
            }
        )
        for name in ("SWF", "JFK")
    )
    shown = case_of(assessment, BANK)
    stand = shown.result.standing("AVL-03")
    check = stand.checks[0].model_copy(update={"findings": twice})
    # One that is measured again and one that cannot prove more: neither is needed.
    fine = check.model_copy(update={"outcome": "not needed"})
    able = check.model_copy(update={"proves": 3})
    changed = stand.model_copy(update={"checks": (check, fine, able)})
    result = shown.result.model_copy(
        update={
            "standings": tuple(
                changed if s is stand else s for s in shown.result.standings
            )
        }
    )
    ask = leadership_asks(case_of(assessment, BANK, result=result))[0]

    assert ask.also == (f"The gate also needs {also}." if also else "")
    assert ask.why == (
        f"{'Is needed for' if also else 'Ends a failing gate:'} Categories populated "
        f"(AVL-03){'' if also else '; 1 other still fails'}."
    )


@pytest.mark.parametrize(
    ("outcome", "missing", "also"),
    [
        (
            "not measured",
            ("training-node",),
            "The gate also needs a measurement of the training node (Rows).",
        ),
        ("failed", ("a",), ""),
        ("not measured", (), ""),
        ("not needed", ("a",), ""),
    ],
)
def test_ask_names_what_nobody_measured_for_the_gate(outcome, missing, also):
    """A check that was not made keeps the gate where it is."""
    shown = case_of(case(action("swf", decides=FAILING[:1])), BANK)
    stand = shown.result.standing("AVL-03")
    unseen = stand.checks[0].model_copy(
        update={"title": "Rows", "outcome": outcome, "missing": missing, "findings": ()}
    )
    changed = stand.model_copy(update={"checks": (*stand.checks, unseen)})

    assert ask_for(changed, shown).also == also


def test_other_actions_of_a_gate_are_what_else_it_needs():
    """One is asked for, the others are named with their role."""
    asks = asks_of(
        case(action("one", decides=FAILING), action("two", decides=FAILING[1:]))
    )

    two = asks_of(case(*(action(n, decides=FAILING[:1]) for n in ("one", "two"))))

    assert asks[0].also == ""
    assert two[0].also == "The gate also needs “Do two” (Sponsor)."


def test_ask_says_what_it_takes_as_declared():
    """Weeks, days and money, each only where it is declared."""
    full = action(
        "swf",
        decides=FAILING,
        lead_time_weeks=weeks(1),
        effort_days=weeks(2, 4, 8),
        cost=Range(low=2_000, likely=4_000, high=9_000),
    )

    assert asks_of(case(full))[0].takes == (
        "1 week, 2 to 8 person-days, USD 2,000 to 9,000"
    )
    assert asks_of(case(action("swf", decides=FAILING)))[0].takes == ""


@pytest.mark.parametrize(
    ("due", "missed"),
    [
        (6, "likely 21 December 2026, 2 weeks late"),
        (7, "likely 21 December 2026, 2 weeks late"),
        (8, "likely 21 December 2026, 13 days late"),
        (20, "likely 21 December 2026, 1 day late"),
        (21, ""),
        (None, ""),
    ],
)
def test_due_date_is_held_against_the_likely_dates(due, missed):
    """A date that its own plan cannot keep is no date."""
    ahead = forecast([step("a", weeks(2)), step("b", weeks(1), "a")], AS_OF, 10)
    on = due and dt.date(2026, 12, due)

    assert due_missed("b", on, ahead) == missed
    assert due_missed("not on the way", on, ahead) == ""


@pytest.mark.parametrize(
    ("lead", "days", "told"),
    [
        (weeks(2), -1, "later than the target date, 13 December 2026"),
        (weeks(2), 0, "in time for the target date, 14 December 2026"),
        (
            Range(low=2, likely=4, high=6),
            -1,
            "0 of 10 runs keep the target date, 13 De",
        ),
        (Range(low=2, likely=4, high=6), 30, "all 10 runs keep the target date, 13 Ja"),
    ],
)
def test_runs_that_keep_the_target_are_counted(lead, days, told):
    """As counts, to the day; where nothing varies, there are no runs to count."""
    ahead = forecast([step("a", lead)], AS_OF, 10)

    assert runs_kept(ahead, ahead.date(2) + dt.timedelta(days=days)).startswith(told)


@pytest.mark.parametrize(
    ("update", "told"),
    [
        ({}, "declared without an owner"),
        ({"by": "finance"}, "declared by Finance, without a date"),
        ({"by": "finance", "on": AS_OF}, "declared by Finance on 30 November 2026"),
    ],
)
def test_money_is_told_with_who_declared_it(update, told):
    """No number without its owner, and where it has none that is said."""
    value = SCOPE.value.model_copy(update=update)

    assert declared_by(value, case_of(flight_assessment(), BANK)) == told


def test_no_leaves_the_gates_failed_and_costs_only_what_is_declared():
    """What happens on a no."""
    scope = SCOPE.model_copy(update={"value": None})
    refused = if_refused(case_of(flight_assessment(scope=scope), BANK))

    assert refused == "On a no it stays not ready."
    one = case(action("swf", decides=FAILING), probes={})
    assert if_refused(case_of(one, BANK)) == (
        "On a no it stays not ready; each month costs USD 170,000 to 560,000."
    )
    bare = flight_assessment(scope=scope, sheets={}, data=None, probes={})
    assert if_refused(case_of(bare, BANK)) == ""


def test_month_costs_fifty_two_weeks_by_twelve():
    """From the declared low to the declared high, rounded."""
    assert cost_of_a_month(SCOPE.value) == "USD 170,000 to 560,000"


def test_cost_that_nobody_declared_is_not_invented():
    """No figure, no number."""
    scope = SCOPE.model_copy(update={"value": None})

    assert cost_of_a_month(scope.value) is None


GAINS = NextMove("Data owner", f"{ENDED['SWF']}.", "", "work")
FIND = NextMove("Data owner", "Find out: How far is it: enough history?", "", ANSWER)
ASK = NextMove("Security lead", "How far is it: security review?", "", ANSWER)
SHOW = NextMove("Data owner", "Show it: a dated record of lineage known", "", "a proof")
MEASURE = NextMove("Platform lead", "Measure it: Swap suffices.", "", "a measurement")


@pytest.mark.parametrize(
    ("asked", "more", "move"),
    [
        ("AVL-03", {}, GAINS),
        ("AVL-05", {}, FIND),
        ("PRV-12", {}, ASK),
        ("QLT-03", {}, SHOW),
        ("PRV-04", {"probes": {}}, MEASURE),
    ],
)
def test_move_is_work_an_answer_a_proof_or_a_measurement(asked, more, move):
    """What is missing first, and of whom: a level too low needs work."""
    case = case_of(flight_assessment(actions=None, **more), BANK)

    assert move_for(case.result.standing(asked), case) == move
    assert move.in_full == move.do


UNREAD = finding("nulls-tolerated", "t.x", "not measured", "It was not measured: no x.")
UNHELD = finding(
    "nulls-tolerated", "t.x", "not measured", "None lack it; no limit.", value=0.0
)


@pytest.mark.parametrize(
    ("check", "findings", "missing", "do"),
    [
        ("nulls-tolerated", (), ("t.x",), "Measure it: T."),
        ("nulls-tolerated", (UNREAD,), ("t.x", "t.y"), "Measure it: T."),
        (
            "nulls-tolerated",
            (UNREAD,),
            ("t.x",),
            f"Make t.x measurable: {UNREAD.message}",
        ),
        (
            "nulls-tolerated",
            (UNHELD,),
            ("t.x",),
            f"Declare the limit: {UNHELD.message}",
        ),
        ("history-span", (), (), "Declare what it takes to measure whether t."),
        ("swap-enough", (), (), "Measure it: T."),
    ],
)
def test_move_names_what_a_measurement_lacks(check, findings, missing, do):
    """To measure again helps nobody who has declared no limit."""
    case = case_of(flight_assessment(probes={}, actions=None), BANK)
    result = CheckResult(
        check=check, title="T", outcome="not measured", supports=3, proves=1,
        findings=findings, missing=missing,
    )  # fmt: skip
    standing = case.result.standing("PRV-04").model_copy(update={"checks": (result,)})

    assert move_for(standing, case).do == do


@pytest.mark.parametrize("more", [{}, {"probes": {}}])
def test_move_follows_the_action_once_it_exists(more):
    """Page and chapters name one role and one step: that of the ask."""
    case = case_of(flight_assessment(**more), BANK)
    for name in FAILING:
        standing = case.result.standing(name)
        move, ask = move_for(standing, case), ask_for(standing, case)
        assert (move.role, move.do, move.gains) == (ask.role, ask.what, "")


@pytest.mark.parametrize(
    ("leads", "told"),
    [
        (
            (500, 2),
            (
                "Categories populated (AVL-03) stays failed; Memory and swap (PRV-04) stays undecided; "
                "1 step waits for it; a month later, the known dates move by 30 days (USD "
                "170,000 to 560,000)."
            ),
        ),
        (
            (2, 500),
            (
                "Categories populated (AVL-03) stays failed; Memory and swap (PRV-04) stays undecided; "
                "1 step waits for it; what a month's delay moves is not known without dates."
            ),
        ),
    ],
)
def test_no_says_what_stays_and_how_far_the_end_moves(leads, told):
    """By the plan's own runs: what is on no longest path moves nothing."""
    first, second = map(weeks, leads)
    both = case_of(
        case(
            action("both", decides=FAILING, lead_time_weeks=first),
            action("after", needs=("both",), lead_time_weeks=weeks(1)),
            action("apart", lead_time_weeks=second),
            resources=None,
        ),
        BANK,
    )
    (ask, *_) = leadership_asks(both)

    assert if_not(ask, both) == told
    assert if_not(replace(ask, step="role/security"), both) == ""


def test_what_could_be_done_instead_stands_with_its_decision():
    """With its role and what it takes; it is nothing that the gate needs besides."""
    strike = action(
        "strike", "finance", decides=FAILING[:1], workaround_for="swf",
        lead_time_weeks=weeks(1),
    )  # fmt: skip
    swf = action("swf", decides=FAILING[:1], lead_time_weeks=weeks(3))
    (ask, *_) = asks_of(case(swf, strike))
    assert ask.instead == ("Do strike (Finance, 1 week).",)
    assert ask.also == ""

    left = question_named(BANK, FAILING[1])
    (more, *_) = asks_of(case(swf.model_copy(update={"decides": FAILING}), strike))
    assert more.instead == (f"Do strike (Finance, 1 week). It leaves {left} as it is.",)


@pytest.mark.parametrize(
    ("asked_of", "covers", "role", "prepares"),
    [
        ("sponsor", (), "Sponsor", "Finance"),
        ("finance", (), "Finance", "Finance"),
        ("finance", ("flights",), "Finance", "Data engineer"),
        (None, ("flights.origin",), "Finance", "Data engineer"),
    ],
)
def test_decision_is_addressed_to_who_was_asked_and_names_who_prepares_it(
    asked_of, covers, role, prepares
):
    """The owner where another decides; else who is responsible for what it is about."""
    asset = Asset(id="o", what="Origins", covers=covers, responsible="data-engineer")
    put = Decision(id="d", asked="Yes?", asked_of=asked_of or "x", asked_on=AS_OF,
                   about="swf")  # fmt: skip
    shown = case(
        action("swf", "finance", decides=FAILING[:1]),
        stakeholders=STAKEHOLDERS.model_copy(update={"assets": (asset,)}),
        decisions=Decisions(format=1, decisions=(put,) if asked_of else ()),
    )
    (ask, *_) = asks_of(shown)

    assert (ask.role, ask.prepares) == (role, prepares)


def test_move_is_of_the_role_that_would_settle_it():
    """The fact of that question names it, not that of another."""
    case = case_of(flight_assessment(), BANK)
    facts = tuple(
        SettlingFact(id=id_, title=id_, kind="question", missing="answer", role=role,
                     how="An answer")
        for id_, role in (("AVL-05", "Legal counsel"), ("PRV-12", "Finance"))
    )  # fmt: skip
    settling = case.result.model_copy(update={"settle": facts})
    told = case_of(flight_assessment(), BANK, result=settling)

    assert move_for(case.result.standing("PRV-12"), told).role == "Finance"


BAD = finding("label-filled", "t.y", "contradicts", "It is filled in half of the rows.")
COUNTED = "Have the outcome recorded, or agree to less and withdraw this: it is filled in half of the rows."
CUT = finding("live-like-training", "t.x", "informs", "A part of the file.", value=0.1)


@pytest.mark.parametrize(
    ("outcome", "found", "do"),
    [
        ("failed", (BAD,), COUNTED),
        ("not measured", (), "Measure it: T."),
        ("passed", (), "Bring it to partly in place."),
    ],
)
def test_step_asks_for_nothing_that_was_counted_already(outcome, found, do):
    """Checks that come first are made, then what they found ends, then the rest is done."""
    case = case_of(flight_assessment(), BANK)
    result = CheckResult(
        check="label-filled", title="T", outcome=outcome, supports=2, proves=1,
        findings=found, missing=("t.y",) if outcome == "not measured" else (),
    )  # fmt: skip
    standing = case.result.standing("AVL-03")
    steps = tuple(
        one.model_copy(update={"checks": ("label-filled",)})
        for one in standing.question.next
    )
    question = standing.question.model_copy(update={"next": steps})
    changed = standing.model_copy(update={"question": question, "checks": (result,)})

    assert step_from(changed, case).do == do


def test_what_decides_nothing_asks_for_other_data():
    """To count rows of the same file again helps nobody."""
    result = CheckResult(
        check="live-like-training", title="T", outcome="not measured", supports=3,
        proves=2, findings=(CUT,), missing=("t.x",),
    )  # fmt: skip

    assert how_to_measure([result]) == "Make t.x measurable: A part of the file."


def test_best_level_is_only_watched():
    """No step leads on from there."""
    case = case_of(flight_assessment(), BANK)
    best = Bounds(lower=4, upper=4)
    standing = case.result.standing("AVL-03").model_copy(update={"bounds": best})

    assert step_from(standing, case) == NextMove("Data owner", "Keep watching it.")


def test_promised_are_the_open_actions_that_decide_a_question():
    """What is done or dropped promises nothing."""
    assessment = flight_assessment()

    assert [action.id for action in promised(assessment, "AVL-03")] == ["settle-swf"]
    assert promised(assessment, "OWN-01") == ()
