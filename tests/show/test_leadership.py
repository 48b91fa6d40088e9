"""What leadership reads says what it must, in words, and escapes what people typed."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import (
    ACTIONS,
    SCOPE,
    SHEETS,
    STAKEHOLDERS,
    answer,
    flight_assessment,
    flight_bank,
    sheet,
)
from plans import AS_OF, action, weeks
from plans import case as planned
from readybook.model.case import BuyIn, RoleHolder
from readybook.score.score import score
from readybook.show import leadership
from shown import case_of, words_of

BANK = flight_bank()
CASE = case_of(flight_assessment(), BANK)
RESULT = CASE.result


def band_of(assessment):
    return words_of(leadership.verdict_band(case_of(assessment, BANK)))


def having(result, assessment=CASE.assessment):
    """The case with another result."""
    return case_of(assessment, BANK, result=result)


def test_band_has_verdict_why_asks_cost_word_progress_and_proof():
    """Everything that a director needs in the first screen."""
    text = words_of(leadership.verdict_band(CASE))

    for part in (
        RESULT.headline,
        "No row of flights has SWF as its origin. Categories populated, AVL-03",
        "The training node has no swap and 8 GiB are needed. Memory and swap, PRV-04",
        "You decide",
        "Name who answers as security lead.",
        "On a no, the gates stay failed and the case stays not ready, and each month",
        "Declared without an owner; source: Estimate of finance.",
        "A month of waiting costs USD 170,000 to 560,000",
        RESULT.on_word.headline,
        f"{RESULT.answered} of {RESULT.applicable} questions answered",
        f"{RESULT.proven} of {RESULT.answered} answers proven",
        "Worked example.",
    ):
        assert part in text


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (None, "No proof is on record yet"),
        (-1, "The oldest proof went out of date on"),
        (0, "The oldest proof counts for the last day,"),
        (1, "The oldest proof is out of date in 1 day,"),
    ],
)
def test_band_says_when_the_oldest_proof_lapses(after, said):
    """On its last day a proof still counts."""
    lapses = None if after is None else RESULT.as_of + dt.timedelta(days=after)
    shown = leadership.verdict_band(
        having(RESULT.model_copy(update={"oldest_proof_lapses": lapses}))
    )

    assert said in words_of(shown)


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
    text = words_of(leadership.dimensions_table(CASE))

    assert "Data availability missing to improvised in place" in text
    assert "Data quality in place in place" in text
    assert "1 passed" in text
    assert "1 failed" in text


def test_what_stops_lists_failed_gates_before_undecided_ones():
    """What is so, what should be so, what ends it; then what is missing, of whom."""
    text = words_of(leadership.what_stops(CASE))

    assert text.index("AVL-03") < text.index("PRV-12")
    assert "2 gates fail, of 5" in text
    for told in (
        "No row of flights has SWF as its origin. Categories populated, AVL-03 .",
        "Data owner said: in place; measured on 23 November 2026. Cases fail for want",
        "Categories populated as at level in place. Decision 1 above.",
        "1 gate could still go either way",
        "For want of an answer Security review, PRV-12 : Security lead",
    ):
        assert told in text
    assert "opposed" not in text
    assert "AVL-01" not in text


@pytest.mark.parametrize(
    ("role", "waits", "about"),
    [
        (
            "data-owner",
            "Categories populated (AVL-03). Data opened (AVL-01). Have SWF delivered, or",
            "Nothing yet.",
        ),
        (
            "platform-lead",
            "(PRV-04). Give the training node 8 GiB of swap. Do swap (1 more step after it).",
            "Sponsor: Do win. No date agreed yet.",
        ),
        ("legal", "Nothing declared.", "Nothing yet."),
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
    shown = leadership.what_stops(case)
    text = words_of(shown).partition("1 role is opposed")[2]

    assert hostile not in shown.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; (4 November 2026)" in text
    assert waits in text
    assert about in text


def test_what_stops_says_so_where_nothing_does():
    """An empty table would be a puzzle."""
    passing = RESULT.model_copy(
        update={
            "standings": tuple(
                s for s in RESULT.standings if s.gate_state in {None, "passed"}
            )
        }
    )

    text = leadership.what_stops(having(passing)).text

    assert text == "No gate stops the case: 2 gates passed."


def test_conditions_name_what_who_and_when():
    """The open action that decides it, or that no date was agreed."""
    asked = RESULT.model_copy(update={"conditions": ("AVL-03", "OWN-01")})

    text = words_of(leadership.conditions(having(asked)))

    assert "Have SWF delivered" in text
    assert "27 November 2026" in text
    assert "no date agreed" in text


def contradicted(times):
    """The case with a contradicted claim, no gate, so many times, and nothing else."""
    first = next(s for s in RESULT.standings if s.contradicted)
    plain = first.model_copy(update={"gate": None, "gate_state": None})
    return having(RESULT.model_copy(update={"standings": (plain,) * times}))


def test_contradictions_show_both_values_side_by_side():
    """What was said is never overwritten by what was measured."""
    text = words_of(leadership.contradictions(contradicted(1)))

    assert "Categories populated, AVL-03 In place No row of flights has" in text
    assert "Improvised" in text


def test_all_contradictions_are_told():
    """A line each: twelve are not too many."""
    shown = leadership.contradictions(contradicted(12))

    assert shown.html.count("<tr>") == 1 + 12


def test_contradicted_gates_are_told_among_what_stops_the_case():
    """No gate stands in both lists."""
    assert leadership.contradictions(CASE).text == "None besides the gates above."
    assert "AVL-03" in words_of(leadership.what_stops(CASE))


def test_unknowns_of_a_settled_verdict_list_the_undecided_gates():
    """Where nothing open could change the verdict, it says so."""
    text = words_of(leadership.unknowns(CASE))

    assert "No open fact could change the verdict." in text
    assert "1 gate, told above, could still go either way" in text


def test_unknowns_show_five_facts_and_count_the_rest():
    """Who can give each, and whether an answer or a proof is missing."""
    bare = case_of(flight_assessment(sheets={}, data=None, probes={}), BANK)
    assert bare.result.verdict.is_open

    shown = leadership.unknowns(bare)

    assert shown.html.count("<li>") == 5
    assert "An answer is missing; Sponsor can give it." in words_of(shown)
    assert f"{len(bare.result.settle) - 5} more facts" in words_of(shown)


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

    shown = [leadership.verdict_band(case), leadership.conditions(case)]

    assert all("<script>alert" not in f.html for f in shown)
    assert all("<img" not in f.html for f in shown)
    assert "alert" not in hostile or "&lt;script&gt;" in shown[0].html


def test_respondents_are_never_named():
    """Leadership reads roles."""
    sheets = SHEETS | {"jane-doe": sheet("data-scientist", {"AVL-03": answer(0)})}
    case = case_of(flight_assessment(sheets=sheets), BANK)

    shown = [
        leadership.verdict_band(case),
        leadership.what_stops(case),
        leadership.contradictions(case),
        leadership.unknowns(case),
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
    assert "14 December 2026 Likely (half of the runs); 14 December 2026 at" in dated
    assert "10,000 of 10,000 runs keep the target date, 31 March 2027." in dated
    undated = band_of(aimed(every[0], around))
    assert "No date yet Sponsor has not said how long this takes: Do around." in undated
    assert "If that took no time: 14 December 2026 likely" in undated
    nothing = band_of(
        aimed(every[0].model_copy(update={"lead_time_weeks": None}), around)
    )
    assert "No date yet" in nothing
    assert "runs" not in nothing.lower()


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

    assert "No date yet Data owner has not said how long this takes: " in text
    assert "If that took no time" not in text
    assert "Runs:" not in text


def test_band_of_a_ready_case_has_no_date():
    """What is ready need not become so."""
    verdict = RESULT.verdict.model_copy(update={"lower": "ready", "upper": "ready"})
    ready = having(RESULT.model_copy(update={"verdict": verdict}))

    assert "When it can be ready" in words_of(leadership.verdict_band(CASE))
    assert "When it can be ready" not in words_of(leadership.verdict_band(ready))
