"""What leadership reads says what it must, in words, and escapes what people typed."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from flight_case import (
    ACTIONS,
    SCOPE,
    SHEETS,
    STAKEHOLDERS,
    answer,
    finding,
    flight_assessment,
    flight_bank,
    sheet,
)
from plans import AS_OF, action, weeks
from plans import case as planned
from readybook.checks.catalogue import CHECKS
from readybook.model.case import BuyIn, RoleHolder, Signature
from readybook.model.findings import Failures
from readybook.model.results import Bounds
from readybook.model.words import day
from readybook.score.score import score
from readybook.show.front import band, dimensions, doubts, stops
from shown import case_of, facts_of, items_of, notes_of, rows_of, words_of

BANK = flight_bank()
CASE = case_of(flight_assessment(), BANK)
RESULT = CASE.result


def band_of(assessment):
    return words_of(band.verdict_band(case_of(assessment, BANK)))


def having(result, assessment=CASE.assessment):
    """The case with another result."""
    return case_of(assessment, BANK, result=result)


def facts_about(case):
    """What stands beside the verdict, by label."""
    return dict(facts_of(band.verdict_band(case)))


def test_band_has_verdict_why_asks_cost_word_progress_and_proof():
    """Everything that a director needs in the first screen."""
    shown = band.verdict_band(CASE)
    text = words_of(shown)

    assert items_of(shown) == [
        "No row of flights has SWF as its origin. Categories populated, AVL-03",
        "The training node has no swap and 8 GiB are needed. Memory and swap, PRV-04",
        (
            "Have SWF delivered, or strike it from the data model. Data owner (Data office) "
            ", late, by 27 November 2026; likely 30 November 2026, 3 days late. "
            "Yes: Ends a failing gate: Categories populated "
            "(AVL-03); 1 other still fails. No: Categories populated (AVL-03) stays "
            "failed."
        ),
        (
            "Give the training node 8 GiB of swap. Platform lead , proposed, by 9 December "
            "2026. Yes: Ends a failing gate: Memory and swap "
            "(PRV-04); 1 other still fails. No: Memory and swap (PRV-04) stays failed."
        ),
        (
            "Name who answers as security lead. Sponsor , no date agreed yet. Prepares it: "
            "nobody named. Yes: Security review (PRV-12) can be answered."
        ),
    ]
    assert facts_of(shown) == [
        ("On people's word alone", "Not enough known: 3 facts decide"),
        ("Proof", "3 of 6 answers proven, 1 of them by a measurement"),
        ("Progress", "6 of 8 questions answered; 8 of the bank's 9 asked"),
        ("Shelf life", "The next goes out of date in 159 days, on 8 May 2027"),
        ("Scope", "For production. None."),
        ("Checks", "3 of 3 that apply were made, measured by the team itself"),
        (
            "People",
            (
                "4 people answered; 2 of 3 roles held by 2 people; not in the register: who "
                "answered as data-scientist, platform-lead; 0 of 2 documents opened by "
                "somebody else"
            ),
        ),
    ]
    for part in (
        f"{RESULT.headline} Do not commit yet. Next look: 9 December 2026. No row",
        (
            "needed. Memory and swap, PRV-04 Also in the way: 1 permission has waited "
            "for 63 days; flights holds 181 of the 730 days of history needed. 1 gate is "
            "undecided. Worked"
        ),
        "On a no it stays not ready; each month",
        (
            "No date yet If what is missing took no time: 1 June 2028, as the one date: "
            "each lead time is a single number. Missing: 1 gate is to be answered first. "
            "Finance has not said how long "
            "this takes: Permission: Cloud account. Nobody is named who says how long this "
            "takes: Provisioning: Scheduling feed. 2 other steps without a lead time. "
        ),
        (
            "A month of waiting costs USD 170,000 to 560,000 Declared without an owner; "
            "source: Estimate of finance. How far"
        ),
        "Worked example.",
    ):
        assert part in text
    assert shown.text == (
        f"{RESULT.headline}. {RESULT.because} To be decided: Have SWF delivered, or strike "
        "it from the data model. (Data owner); Give the training node 8 GiB of swap. "
        "(Platform lead); Name who answers as security lead. (Sponsor)"
    )


def test_band_without_anything_to_decide_says_so():
    """Neither a failing gate nor a vacant role waits for leadership."""
    passing = tuple(s for s in RESULT.standings if s.gate_state in {None, "passed"})
    case = having(
        RESULT.model_copy(update={"standings": passing}),
        flight_assessment(actions=None, resources=None),
    )

    assert band.verdict_band(case).text.endswith(" To be decided: nothing")


@pytest.mark.parametrize(
    ("proven", "answered", "rest"),
    [(3, 6, ""), (2, 6, ", the rest on people's word"), (0, 0, "")],
)
def test_band_says_where_less_than_half_is_proven(proven, answered, rest):
    """Half of six answers are three; of no answer there is no rest."""
    counts = {"proven": proven, "answered": answered}
    case = having(RESULT.model_copy(update=counts))

    by = ", 1 of them by a measurement" if proven else ""
    told = f"{proven} of {answered} answers proven{by}{rest}"
    told = told if answered else "no question is answered yet"
    assert facts_about(case)["Proof"] == told


def test_limit_that_was_loosened_is_told_with_what_it_was():
    """Without a milestone, too: as long as what failed does not meet it."""
    then, now = (
        next(f for f in CASE.evidence if CHECKS[f.check].limit is True).model_copy(
            update={"check": "nulls-tolerated", "subject": "flights.dep_time",
                    "outcome": outcome, "value": 0.09, "threshold": limit,
                    "unit": "share of rows", "measured_on": AS_OF}
        )
        for outcome, limit in (("contradicts", 0.05), ("supports", 0.1))
    )  # fmt: skip
    held = flight_assessment()
    data = held.data.model_copy(update={"findings": (now,)})
    failures = Failures(format=1, kind="failures", readybook="0", findings=(then,))
    told = facts_about(
        case_of(held.model_copy(update={"data": data, "failures": failures}), BANK)
    )

    assert told["Earlier failures"].endswith(
        "passes with 10 % of rows: it is 9 % of rows, stays until withdrawn"
    )
    assert "with 5 % of rows as the limit, passes with 10 %" in told["Earlier failures"]


def test_checks_say_how_many_were_made_and_failures_withdrawn():
    """What is not needed does not apply, and neither does a question waved off."""
    standing = RESULT.standing("PRV-04")
    (check,) = standing.checks
    unmade, spared, other = (
        check.model_copy(update={"check": name, "outcome": outcome})
        for name, outcome in (
            ("a", "not measured"),
            ("b", "not needed"),
            ("c", "passed"),
        )
    )
    more = standing.model_copy(update={"checks": (check, unmade, spared)})
    waved = RESULT.standing("PRV-12").model_copy(
        update={"checks": (other,), "status": "waved off"}
    )
    swapped = {"PRV-04": more, "PRV-12": waved}
    standings = tuple(swapped.get(s.question.id, s) for s in RESULT.standings)
    result = RESULT.model_copy(update={"standings": standings})
    scope = SCOPE.model_copy(update={"withdrawn": {"x": "Why."}})
    told = facts_about(having(result, flight_assessment(scope=scope)))

    assert told["Checks"] == "3 of 4 that apply were made, measured by the team itself"
    assert told["Earlier failures"] == "1 failure withdrawn"
    assert told["If nothing had been waved off"].endswith(
        "(1 check declared not needed)"
    )


@pytest.mark.parametrize(
    ("teams", "said"),
    [
        ({}, ", measured by the team itself"),
        (
            {"data": "Platform"},
            ", measured by the team itself (1 of 2 files signed by another)",
        ),
        (
            {"data": "Platform", "training-node": "Audit"},
            ", measurements signed by Audit and Platform",
        ),
        (
            {"data": "operations analytics", "training-node": None},
            ", measured by the team itself",
        ),
    ],
)
def test_band_says_who_vouches_for_what_was_measured(teams, said):
    """The team itself, unless another one signed each file."""
    signatures = {
        name: Signature(role="platform-lead", team=team) for name, team in teams.items()
    }
    case = case_of(flight_assessment(signatures=signatures), BANK)
    bare = case_of(flight_assessment(data=None, probes={}), BANK)

    assert facts_about(case)["Checks"] == f"3 of 3 that apply were made{said}"
    assert facts_about(bare)["Checks"] == "0 of 3 that apply were made"


@pytest.mark.parametrize(
    ("people", "roles", "said"),
    [
        (4, 5, "5 roles held by 4 people, a small team"),
        (5, 6, "6 roles held by 5 people"),
        (4, 4, "4 roles held by 4 people"),
        (1, 5, "5 roles held by 1 person, a small team"),
    ],
)
def test_band_says_where_few_people_hold_many_roles(people, roles, said):
    """Up to four people, who hold more roles than that."""
    rows = tuple(
        RoleHolder(role=role.id, held_by=(f"p{at % people}",))
        for at, role in enumerate(BANK.roles[:roles])
    )
    register = STAKEHOLDERS.model_copy(update={"roles": rows})
    told = facts_about(case_of(flight_assessment(stakeholders=register), BANK))

    assert said in told["People"].split("; ")


def test_band_tells_what_was_settled_opened_ignored_and_missing_all_the_same():
    """All that could flatter the verdict."""
    day = RESULT.as_of
    standings = tuple(
        one.model_copy(update={"agreed_on": day, "proof": "double-checked"})
        if one.question.id == "SCP-01"
        else one
        for one in RESULT.standings
    )
    zero = standings[0].model_copy(
        update={"claim": Bounds(lower=0, upper=0), "question": BANK.sections["OWN"][0]}
    )
    verdict = RESULT.verdict.model_copy(update={"lower": "ready", "upper": "ready"})
    ready = RESULT.model_copy(update={"standings": standings, "verdict": verdict})
    later = flight_assessment(later=2)
    told = facts_about(having(ready, later))

    assert told["People"].endswith(
        "; 1 answer said to be settled in the room; 1 of 2 documents opened by somebody "
        "else"
    )
    assert told["Ignored"] == "2 inputs dated after 30 November 2026"
    assert told["Answered “missing” all the same"] == "no question"
    lacking = ready.model_copy(update={"standings": (*standings, zero)})
    assert facts_about(having(lacking))["Answered “missing” all the same"] == (
        "Accountable sponsor"
    )
    assert "Answered “missing” all the same" not in facts_about(CASE)


def test_scope_fact_that_nobody_declared_is_said():
    """It may raise what is needed."""
    scope = SCOPE.model_copy(update={"facts": {}})
    told = facts_about(case_of(flight_assessment(scope=scope), BANK))

    assert told["Scope"] == "For production. Personal data Not declared."


def test_mail_tells_it_in_ten_plain_lines():
    """The verdict, why, what is asked and what waiting costs; no markup, no code."""
    lines = band.mail_text(CASE).splitlines()

    assert len(lines) <= 10
    assert RESULT.headline in lines[0]
    assert "- No row of flights has SWF as its origin." in lines
    assert any(one.startswith("1. Data owner decides: ") for one in lines)
    assert any("USD 170,000 to 560,000" in one for one in lines)
    assert "<" not in "".join(lines)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (None, "No proof is on record yet"),
        (-1, "The oldest proof went out of date on 29 November 2026"),
        (0, "The next counts for the last day, 30 November 2026"),
        (1, "The next goes out of date in 1 day, on 1 December 2026"),
    ],
)
def test_band_says_when_the_oldest_proof_lapses(after, said):
    """On its last day a proof still counts."""
    lapses = None if after is None else RESULT.as_of + dt.timedelta(days=after)
    case = having(RESULT.model_copy(update={"oldest_proof_lapses": lapses}))

    assert facts_about(case)["Shelf life"] == said


def test_band_says_whose_answers_count():
    """Who answers for a role of others is left out, and said only where it happens."""
    others = RoleHolder(role="sponsor", held_by=("one", "another"))
    register = STAKEHOLDERS.model_copy(update={"roles": (others,)})

    assert (
        "3 people answered; 1 role held by 2 people; not in the register: who answered "
        "as data-owner, data-scientist, platform-lead; 1 sheet of people who do not "
        "hold the role left out; 0 of 1 document opened by somebody else"
    ) in band_of(flight_assessment(stakeholders=register))
    assert "left out" not in band_of(CASE.assessment)


def test_band_says_who_can_declare_the_cost_where_none_is():
    """A missing figure is named, with the role that has it."""
    text = band_of(flight_assessment(scope=SCOPE.model_copy(update={"value": None})))

    assert "Finance can say what a week of delay costs" in text


def test_band_of_a_case_that_is_no_example_does_not_say_so():
    """Real figures are not called invented."""
    scope = SCOPE.model_copy(update={"example": False})

    assert "Worked example" not in band_of(flight_assessment(scope=scope))


def test_dimension_says_stands_and_needed_in_words():
    """No bare level number anywhere."""
    shown = dimensions.dimensions_table(CASE)

    assert rows_of(shown) == [
        "Data availability missing to improvised in place 1 passed 1 failed 1 of 3 (1)",
        "Data quality in place in place none 1 of 1 (0)",
        "Provisioning missing to improvised in place 1 failed 1 undecided 0 of 1 (0)",
        "Ownership not known in place none no answer",
    ]
    assert shown.text.splitlines() == [
        "Data availability: missing to improvised, needed: in place",
        "Data quality: in place, needed: in place",
        "Provisioning: missing to improvised, needed: in place",
        "Ownership: not known, needed: in place",
    ]
    assert notes_of(shown) == [
        (
            "Full: shown. Hatched: possible. Line: needed. Steps: missing, improvised, partly "
            "in place, in place, in place and watched. In brackets: measured. Scope "
            "and value: 1 gate passed, proven: 1 of 1."
        )
    ]


def test_dimension_says_a_stricter_need():
    """A scope fact that is not declared may ask for more."""
    first, *rest = RESULT.dimensions
    strict = first.model_copy(
        update={"needed": Bounds(lower=3, upper=4), "waved_off": 2}
    )
    shown = dimensions.dimensions_table(
        having(RESULT.model_copy(update={"dimensions": (strict, *rest)}))
    )

    needed = "in place, or in place and watched"
    assert rows_of(shown)[0] == (
        f"Data availability missing to improvised {needed} 1 passed 1 failed 1 of 3 (1)"
    )
    assert "known once every scope fact is declared" in notes_of(shown)[0]
    assert facts_about(
        having(RESULT.model_copy(update={"dimensions": (strict, *rest)}))
    )["If nothing had been waved off"].endswith(" (2 questions waved off)")


def test_what_stops_lists_failed_gates_before_undecided_ones():
    """What is so, what should be so, what ends it; then what is missing, of whom."""
    shown = stops.what_stops(CASE)

    assert shown.text.splitlines() == [
        "2 gates fail, of 5",
        (
            "1 more gate is undecided; it must pass too, though while others fail the "
            "verdict stays"
        ),
    ]
    assert rows_of(shown)[0] == (
        "No row of flights has SWF as its origin. Categories populated, AVL-03 . Data "
        "owner said: in place; measured on 23 November 2026. Cases fail for want of it. "
        "Categories populated as at level in place. Decision 1 above."
    )
    assert len(rows_of(shown)) == 2
    assert rows_of(shown, 1) == [
        "For want of an answer Security lead (nobody yet): Security review, PRV-12 ."
    ]


def test_what_should_be_so_is_what_the_case_needs_where_the_gate_asks_less():
    """Who did as much as lets the gate pass would be asked again."""
    standing = RESULT.standing("AVL-03")
    gate = standing.gate.model_copy(update={"level": 1})
    eased = standing.model_copy(update={"gate": gate})
    shown = stops.what_stops(having(RESULT.model_copy(update={"standings": (eased,)})))

    assert "Categories populated as at level in place." in rows_of(shown)[0]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("unknown", "does not know"),
        ("unanswered", "has not answered"),
        ("answered", "gave no level"),
    ],
)
def test_failed_gate_without_a_claim_says_why(status, said):
    """A measurement can fail a gate of which nobody said anything."""
    standing = RESULT.standing("AVL-03")
    (check,) = standing.checks
    (bad,) = check.findings
    good = bad.model_copy(update={"outcome": "supports", "measured_on": RESULT.as_of})
    silent = standing.model_copy(
        update={
            "claim": None,
            "status": status,
            "checks": (check.model_copy(update={"findings": (bad, good)}),),
        }
    )
    shown = stops.what_stops(having(RESULT.model_copy(update={"standings": (silent,)})))

    assert (
        f" . Data owner {said}; measured on 23 November 2026. Cases "
        in rows_of(shown)[0]
    )
    assert shown.text == "1 gate fails, of 1"


def test_undecided_gates_alone_say_that_none_fails():
    """And what each is waiting for."""
    bare = case_of(flight_assessment(sheets={}, data=None, probes={}), BANK)
    shown = stops.what_stops(bare)

    assert shown.text.splitlines() == [
        "No gate fails; 5 gates could still go either way"
    ]
    assert rows_of(shown)[0].startswith(
        "For want of an answer Sponsor: Decision that changes, SCP-01 . Data owner: Data opened, "
    )


@pytest.mark.parametrize(
    ("role", "waits", "about"),
    [
        (
            "data-owner",
            (
                "Table of flights. Live feed. Categories populated (AVL-03). Data opened "
                "(AVL-01). Have SWF delivered, or strike it from the data model. {} Nothing"
            ),
            "Nothing yet.",
        ),
        (
            "platform-lead",
            (
                "Memory and swap (PRV-04). Give the training node 8 GiB of swap. Do swap (1 "
                "more step after it). {} Sponsor: "
            ),
            "Sponsor: Do win. No date agreed yet.",
        ),
        ("legal", ("Nothing declared. {} Nothing",), "Nothing yet."),
    ],
)
def test_opposed_role_stands_with_what_waits_on_it(role, waits, about):
    """A permission that somebody does not want to give is no matter of weeks."""
    hostile = "<script>alert(1)</script>"
    buy_in = BuyIn(state="opposed", on=dt.date(2026, 11, 4), known_from=hostile)
    roles = (RoleHolder(role=role, held_by=("one",), buy_in=buy_in),)
    actions = (
        *ACTIONS.actions,
        action("swap", "platform-lead"),
        action("after", needs=("swap",)),
        action("win", decides=("PRV-04",)),
    )
    case = case_of(
        flight_assessment(
            stakeholders=STAKEHOLDERS.model_copy(update={"roles": roles}),
            actions=ACTIONS.model_copy(update={"actions": actions}),
        ),
        BANK,
    )
    shown = stops.obstacles(case)
    (row, other) = rows_of(shown, 2)

    assert hostile not in shown.html
    title = next(one.title for one in BANK.roles if one.id == role)
    said = "&lt;script&gt;alert(1)&lt;/script&gt;. Opposed on 4 November 2026."
    assert row.startswith(f"{title} {''.join(waits).format(said)}")
    assert row.endswith(f" {about}")
    assert other == (
        "Finance (nobody is declared; Sponsor names them) Cloud account. Asked 63 days "
        "ago. Its own yes or no ends it."
    )
    assert "1 role is opposed; 1 permission has waited for 63 days" in shown.text


def test_what_stops_says_so_where_nothing_does():
    """An empty table would be a puzzle."""
    passing = RESULT.model_copy(
        update={
            "standings": tuple(
                s for s in RESULT.standings if s.gate_state in {None, "passed"}
            )
        }
    )

    text = stops.what_stops(having(passing)).text

    assert text == "No gate stops the case: 2 gates passed."


def test_conditions_name_what_who_and_when():
    """The open action that decides it, or that no date was agreed."""
    asked = RESULT.model_copy(update={"conditions": ("AVL-03", "OWN-01")})

    first, second = ACTIONS.actions[:2]
    third = action("third", "finance", due=dt.date(2026, 12, 24), decides=("AVL-03",))
    actions = ACTIONS.model_copy(update={"actions": (first, third, second)})
    shown = stops.conditions(having(asked, flight_assessment(actions=actions)))

    assert shown.text == "2 conditions stand between it and ready"
    assert rows_of(shown) == [
        (
            "Categories populated, AVL-03 improvised Do third.; Have SWF delivered, or "
            "strike it from the data model. Finance, Data owner 27 November 2026"
        ),
        (
            "Accountable sponsor, OWN-01 not known How far is it: accountable sponsor? "
            "Sponsor no date agreed"
        ),
    ]
    assert stops.conditions(CASE).text == "The verdict has no conditions."
    conditional = RESULT.verdict.model_copy(
        update={"lower": "conditions", "upper": "conditions"}
    )
    ours = having(asked.model_copy(update={"verdict": conditional}))
    for one, first in ((ours, stops.conditions), (CASE, stops.what_stops)):
        told = stops.obstacles(one).text
        assert told == f"{first(one).text}\n1 permission has waited for 63 days"


def contradicted(times):
    """The case with a contradicted claim, no gate, so many times, and nothing else."""
    first = next(s for s in RESULT.standings if s.contradicted)
    plain = first.model_copy(update={"gate": None, "gate_state": None})
    return having(RESULT.model_copy(update={"standings": (plain,) * times}))


def test_contradictions_show_both_values_side_by_side():
    """What was said is never overwritten by what was measured."""
    assert rows_of(doubts.contradictions(contradicted(1))) == [
        (
            "Categories populated, AVL-03 In place No row of flights has SWF as its origin. "
            "Improvised"
        )
    ]


@pytest.mark.parametrize(
    ("outcomes", "proof", "said"),
    [
        (("failed", "failed"), "contradicted", "{bad} and 1 more"),
        (("failed", "passed"), "contradicted", "{bad}"),
        (("not measured", "not measured"), "said", "Not measured"),
        (("not measured", "passed"), "said", "Only said, nothing shown"),
        ((), "nothing", "Nothing yet"),
        ((), "on file", "Document on file"),
        ((), "double-checked", "Document, seen by another role"),
        ((), "measured", "Measured"),
        ((), "out of date", "Document out of date"),
    ],
)
def test_contradiction_says_what_was_measured_else_how_far_the_proof_reaches(
    outcomes, proof, said
):
    """Failed checks first; one that was not made is not proof."""
    (standing,) = contradicted(1).result.standings
    (check,) = standing.checks
    checks = tuple(check.model_copy(update={"outcome": one}) for one in outcomes)
    changed = standing.model_copy(update={"checks": checks, "proof": proof})
    shown = doubts.contradictions(
        having(RESULT.model_copy(update={"standings": (changed,)}))
    )

    told = said.format(bad="No row of flights has SWF as its origin.")
    assert rows_of(shown) == [
        f"Categories populated, AVL-03 In place {told} Improvised"
    ]


def test_all_contradictions_are_told():
    """A line each: twelve are not too many."""
    shown = doubts.contradictions(contradicted(12))

    assert shown.html.count("<tr>") == 1 + 12


def test_contradicted_gates_are_told_among_what_stops_the_case():
    """No gate stands in both lists."""
    told = doubts.contradictions(CASE).text
    assert told.startswith(
        "None besides the gates above. 10 findings contradict what is "
    )
    bare = case_of(flight_assessment(data=None, probes={}), BANK)
    assert doubts.contradictions(bare).text.startswith(
        "No measurement contradicts what people said. 8 findings contradict what is "
    )
    assert "AVL-03" in words_of(stops.what_stops(CASE))


def test_what_fails_without_a_claim_is_counted_where_claims_are_contradicted():
    """No claim is contradicted where nobody claims, and yet it is no all-clear."""
    (standing,) = contradicted(1).result.standings
    silent = standing.model_copy(update={"contradicted": False, "claim": None})
    result = RESULT.model_copy(update={"standings": (silent,)})
    loose = CASE.evidence[0].model_copy(
        update={"check": "lineage-traced", "outcome": "contradicts"}
    )
    known = tuple(f for f in CASE.evidence if f.check == standing.checks[0].check)

    def told(*evidence):
        shown = case_of(CASE.assessment, BANK, result=result, evidence=evidence)
        return doubts.contradictions(shown)

    assert told(*known).text == (
        "No measurement contradicts what people said. Checks of 1 more question failed, "
        f"of which nobody claims as much: {standing.question.title}, AVL-03."
    )
    assert 'href="#AVL-03"' in told().html
    assert told(*known, loose, loose).text.endswith(
        " 2 findings contradict what is declared, and no question asked weighs them "
        f"({CHECKS['lineage-traced'].title})."
    )


def test_unknowns_of_a_settled_verdict_list_the_undecided_gates():
    """Where nothing open could change the verdict, it says so."""
    shown = doubts.unknowns(CASE)
    said = "No answer changes the verdict today: what fails was found, and must end."

    assert shown.text == said
    assert words_of(shown) == (
        f"{said} Before it is ready, 1 undecided gate must be known too: it is told above."
    )


def test_unknowns_show_five_facts_and_count_the_rest():
    """Who can give each, and whether an answer or a proof is missing."""
    bare = case_of(flight_assessment(sheets={}, data=None, probes={}), BANK)
    assert bare.result.verdict.is_open

    shown = doubts.unknowns(bare)

    assert shown.html.count("<li>") == 5
    assert items_of(shown)[0] == (
        "Decision that changes , SCP-01 An answer is missing; Sponsor can give it. How far "
        "is it: decision that changes?"
    )
    assert shown.text == "8 facts, first: Decision that changes, answer of Sponsor"
    assert notes_of(shown) == ["3 more facts would be needed; the chapters list them."]


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x>'])
def test_texts_that_people_typed_are_escaped(hostile):
    """No field of an assessment can bring markup into the page."""
    scope = SCOPE.model_copy(
        update={"value": SCOPE.value.model_copy(update={"source": hostile})}
    )
    actions = CASE.assessment.actions.model_copy(
        update={
            "actions": tuple(
                a.model_copy(update={"action": hostile})
                for a in CASE.assessment.actions.actions
            )
        }
    )
    typed = flight_assessment(scope=scope, actions=actions)
    asked = score(BANK, typed).model_copy(update={"conditions": ("AVL-03",)})
    case = having(asked, typed)

    shown = [band.verdict_band(case), stops.conditions(case)]

    assert all("<script>alert" not in f.html for f in shown)
    assert all("<img" not in f.html for f in shown)
    assert "alert" not in hostile or "&lt;script&gt;" in shown[0].html


def test_respondents_are_never_named():
    """Leadership reads roles."""
    sheets = SHEETS | {"jane-doe": sheet("data-scientist", {"AVL-03": answer(0)})}
    case = case_of(flight_assessment(sheets=sheets), BANK)

    shown = [
        band.verdict_band(case),
        stops.what_stops(case),
        doubts.contradictions(case),
        doubts.unknowns(case),
    ]

    assert all("jane-doe" not in f.html and "person-" not in f.html for f in shown)


# --- when it can be ready ------------------------------------------------------------

TARGET = dt.date(2027, 3, 31)


def aimed(*actions, value=SCOPE.value):
    """A case with these actions that wants to be ready by the target date."""
    scope = SCOPE.model_copy(update={"target_date": TARGET, "value": value})
    return planned(*actions, scope=scope)


def test_band_says_when_it_can_be_ready_and_who_has_not_said():
    """A date that hangs on somebody's lead time is no date, and is told as that."""
    around = action("around", workaround_for="history/flights", accepted_on=AS_OF)
    every = (
        action("all", decides=("AVL-03", "PRV-04", "PRV-12"), lead_time_weeks=weeks(2)),
        around.model_copy(update={"lead_time_weeks": weeks(1)}),
    )

    dated = band_of(aimed(*every))
    assert "14 December 2026 As the one date: each lead time is a single" in dated
    assert "In time for the target date, 31 March 2027." in dated
    assert "runs" not in dated  # nothing varies, so that none can be counted
    short = action("short", lead_time_weeks=weeks(0, 1, 1.5))
    assert "14 December 2026 Whatever the other steps take." in band_of(
        aimed(*every, short)
    )
    spread = every[0].model_copy(update={"lead_time_weeks": weeks(2, 6, 20)})
    runs = case_of(aimed(spread, every[1]), BANK).outlook.least
    first, likely, safe = (
        day(runs.date(at)) for at in (runs.weeks[0], runs.p50, runs.p90)
    )
    assert len({first, likely, safe}) == 3
    assert (
        f"{likely} Likely (half of 10,000 simulated runs); {first} at the earliest, {safe} "
        "to be safe (nine runs in ten). "
    ) in band_of(aimed(spread, every[1]))
    undated = band_of(aimed(every[0], around))
    assert "Missing: Sponsor has not said how long this takes: Do around." in undated
    assert "If what is missing took no time: 14 December 2026, as the one" in undated
    nothing = band_of(
        aimed(every[0].model_copy(update={"lead_time_weeks": None}), around)
    )
    assert "No date yet" in nothing
    assert "runs" not in nothing.lower()


@pytest.mark.parametrize(
    ("lead", "told"),
    [
        (weeks(2, 6, 10), ""),  # all runs keep it
        (weeks(2, 20, 30), "31 March 2027 will likely be missed: "),
        (weeks(16, 20, 30), "31 March 2027 will be missed: "),
        (weeks(20), "31 March 2027 will be missed. "),
        (None, ""),  # of which nothing is known
    ],
)
def test_target_that_most_runs_miss_is_told_in_the_headline(lead, told):
    """With the runs that keep it, and not once more beside the likely date."""
    around = action("around", workaround_for="history/flights", accepted_on=AS_OF)
    every = action("all", decides=("AVL-03", "PRV-04", "PRV-12"), lead_time_weeks=lead)
    case = aimed(every, around.model_copy(update={"lead_time_weeks": lead}))
    text, ahead = band_of(case), case_of(case, BANK).outlook.least

    kept, runs = ahead.runs_by(TARGET), len(ahead.weeks)
    counted = f"{kept:,} of {runs:,} runs keep it. " if ahead.varies and told else ""
    assert f"Do not commit yet. {told}{counted}No date for a next look" in text
    assert ("the target date, 31 March" in text) == (lead is not None and not told)


def test_open_steps_are_counted_once_and_by_kind():
    """What is told of each kind adds up to the one number."""
    case = case_of(flight_assessment(), BANK)
    told = re.search(r"(\d+) open steps: (.*?)\. ", words_of(band.verdict_band(case)))

    assert int(told[1]) == len(case.outlook.steps)
    assert sum(map(int, re.findall(r"\d+", told[2]))) == int(told[1])


def test_cause_names_two_findings_and_counts_the_rest():
    """Nothing is one more of a kind that nobody named."""
    full = flight_assessment()

    def with_empty(*names):
        found = [
            finding(
                "categories-populated", f"flights.{name}", "contradicts", f"No {name}."
            )
            for name in names
        ]
        data = full.data.model_copy(update={"findings": (*full.data.findings, *found)})
        return band_of(full.model_copy(update={"data": data}))

    first = "No row of flights has SWF as its origin"
    assert f"{first}; no dest. Categories populated" in with_empty("dest")
    assert f"{first}; no dest; 1 more in its proof. " in with_empty("dest", "hour")


def test_who_is_opposed_and_what_waits_stand_with_the_verdict():
    """Whoever reads the first screen alone knows of it."""
    buy_in = BuyIn(state="opposed", on=AS_OF, known_from="A talk")
    (first, *rest) = STAKEHOLDERS.roles
    row = first.model_copy(update={"buy_in": buy_in})
    register = STAKEHOLDERS.model_copy(update={"roles": (row, *rest)})
    case = case_of(flight_assessment(stakeholders=register), BANK)

    told = words_of(band.verdict_band(case))
    assert (
        f"Also in the way: {case.seat(case.title(row.role))} is opposed; 1 per" in told
    )
    assert "Also in the way" not in band_of(planned(data=None))


@pytest.mark.parametrize(
    ("offered", "told"),
    [
        ((), "the target is 31 March 2027. "),
        (
            (action("buy", workaround_for="history/flights"),),
            "the target is 31 March 2027; instead, and not agreed: “Do buy”. ",
        ),
    ],
)
def test_history_that_comes_too_late_is_said_first(offered, told):
    """No work makes time go faster; only a way around it does."""
    text = band_of(aimed(*offered))

    first = text.index("Collect 549 more days of flights: not before 1 June 2028, ")
    assert told in text[first:]
    assert first < text.index("No row of flights")


def test_band_compares_what_waiting_costs_with_what_it_brings():
    """Both as declared, a month each."""
    value = SCOPE.value.model_copy(
        update={"gain_per_year": weeks(1_200_000), "run_cost_per_year": weeks(120_000)}
    )

    assert "a month is declared to bring USD 90,000 after its running cost" in band_of(
        aimed(value=value)
    )


def test_band_of_a_case_without_any_lead_time_computes_no_date():
    """A plan that takes no time is no plan."""
    text = band_of(planned(data=None))

    assert re.search(
        r"No date yet Missing: 1 gate is .*first\. .* has not said how long", text
    )
    assert "took no time" not in text
    assert "Runs:" not in text


def test_date_says_what_it_does_not_hold():
    """What is proposed and nobody adopted, and key questions with nothing planned."""
    every = action(
        "all", decides=("AVL-03", "PRV-04", "PRV-12"), lead_time_weeks=weeks(2)
    )
    around = action("around", workaround_for="history/flights", accepted_on=AS_OF)
    planned_ = aimed(every, around.model_copy(update={"lead_time_weeks": weeks(1)}))
    empty = finding(
        "categories-populated", "flights.dest", "contradicts", "No row of LGA."
    )
    data = planned_.data.model_copy(
        update={"findings": (*planned_.data.findings, empty)}
    )
    left = planned_.model_copy(update={"data": data})

    assert "not planned" not in band_of(planned_)
    assert (
        "Needed, yet not planned: 1 step proposed for Categories populated (AVL-03). "
    ) in band_of(left)


@pytest.mark.parametrize(
    ("word", "update", "follows"),
    [
        ("not ready", {}, "Do not commit yet. Next look: 9 December 2026. "),
        (
            "conditions",
            {"conditions": ("AVL-03", "OWN-01")},
            "Commit only with its conditions, 1 of them without an agreed date. Next look:",
        ),
        ("conditions", {"conditions": ("AVL-03",)}, "its condition, which is dated."),
        (
            "conditions",
            {"conditions": ("AVL-03", "PRV-04")},
            "its conditions, each dated.",
        ),
        (
            "ready",
            {"oldest_proof_lapses": dt.date(2027, 1, 5)},
            "against committing. The oldest proof holds until 5 January 2027.",
        ),
        ("ready", {"oldest_proof_lapses": None}, "stands against committing. "),
        (
            "ready",
            {"oldest_proof_lapses": dt.date(2026, 11, 1)},
            "stands against committing. ",
        ),
    ],
)
def test_band_says_what_follows_from_the_verdict(word, update, follows):
    """Whether to commit, with what, and when it is looked at again."""
    verdict = RESULT.verdict.model_copy(update={"lower": word, "upper": word})
    shown = having(RESULT.model_copy(update={"verdict": verdict, **update}))

    assert follows in words_of(band.verdict_band(shown))


def test_without_any_date_no_next_look_is_made_up():
    """Nobody has agreed on one."""
    bare = having(RESULT, flight_assessment(actions=None))

    assert "No date for a next look is agreed." in words_of(band.verdict_band(bare))


def test_band_of_a_ready_case_says_when_what_is_open_is_done():
    """What is ready need not become so."""
    verdict = RESULT.verdict.model_copy(update={"lower": "ready", "upper": "ready"})
    ready = having(RESULT.model_copy(update={"verdict": verdict}))

    assert "When it can be ready" in words_of(band.verdict_band(CASE))
    told = words_of(band.verdict_band(ready))
    assert "When it can be ready" not in told
    assert "When the last step is done" in told
    assert "Nothing that was asked stands against committing." in told


def test_department_of_the_same_name_as_its_role_is_told_once():
    """“Legal (Legal)” says nothing more."""
    (first, *rest) = STAKEHOLDERS.roles
    title = CASE.title(first.role)
    same, other = (
        case_of(
            flight_assessment(
                stakeholders=STAKEHOLDERS.model_copy(
                    update={"roles": (first.model_copy(update={"team": team}), *rest)}
                )
            ),
            BANK,
        )
        for team in (title, "Headquarters")
    )

    assert same.seat(title) == title
    assert other.seat(title) == f"{title} (Headquarters)"


def test_decision_of_a_role_that_nobody_declared_says_who_names_somebody():
    """An answer in the role is enough; a title that is no role's is left as it is."""
    heard = flight_assessment(
        stakeholders=STAKEHOLDERS.model_copy(update={"roles": ()})
    )
    role = next(iter(heard.sheets.values())).role
    sheets = {name: one for name, one in heard.sheets.items() if one.role != role}
    silent = case_of(heard.model_copy(update={"sheets": sheets}), BANK)
    title = silent.title(role)
    names = "" if title == "Sponsor" else "; Sponsor names them"

    assert silent.seat(title) == f"{title} (nobody is declared{names})"
    assert case_of(heard, BANK).seat(title) == title
    assert silent.seat("Leadership") == "Leadership"
