"""What leadership reads says what it must, in words, and escapes what people typed."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import (
    ACTIONS,
    RESOURCES,
    SCOPE,
    SHEETS,
    STAKEHOLDERS,
    answer,
    flight_assessment,
    flight_bank,
    sheet,
)
from readybook.model.case import RoleHolder
from readybook.score.score import score
from readybook.show import leadership
from readybook.show.leadership import (
    cost_of_a_month,
    leadership_asks,
    move_for,
    promised,
)
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
        RESULT.because,
        "We ask you to",
        "Name who answers as security lead.",
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
    """Each with what is claimed, what was measured, and whose move it is."""
    text = words_of(leadership.what_stops(CASE))

    assert text.index("AVL-03") < text.index("PRV-12")
    assert "2 gates failed and 1 undecided, of 5" in text
    assert "No flight has the declared origin SWF" in text
    assert "In place Data owner" in text
    assert "Security lead:" in text
    assert "AVL-01" not in text


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

    assert "AVL-03 Categories populated In place No flight has" in text
    assert "Improvised" in text


def test_contradictions_beyond_four_are_counted():
    """The list stays on the printed page, and nothing is left out unsaid."""
    shown = leadership.contradictions(contradicted(6))

    assert shown.html.count("<tr>") == 1 + 4
    assert "2 other claims in the chapters." in words_of(shown)


def test_contradicted_gates_are_told_among_what_stops_the_case():
    """No gate stands in both lists."""
    assert leadership.contradictions(CASE).text == "None besides the gates above."
    assert "AVL-03" in words_of(leadership.what_stops(CASE))


def test_unknowns_of_a_settled_verdict_list_the_undecided_gates():
    """Where nothing open could change the verdict, it says so."""
    text = words_of(leadership.unknowns(CASE))

    assert "No open fact could change the verdict." in text
    assert "PRV-12 Security review" in text


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


# --- what leadership decides, and whose move it is -----------------------------------


def asks_of(assessment):
    return leadership_asks(case_of(assessment, BANK))


def test_asks_are_actions_first_then_empty_roles_then_waiting_resources():
    """At most three, each with the role that it falls to."""
    asks = asks_of(flight_assessment())

    assert [(ask.what, ask.role) for ask in asks] == [
        ("Have SWF delivered, or strike it from the data model.", "Data owner"),
        ("Name who answers as security lead.", "Sponsor"),
        ("Decide on cloud account.", "Finance"),
    ]
    assert asks[0].due == dt.date(2026, 11, 27)
    assert asks[0].why == "decides AVL-03"
    assert asks[2].why == "asked 63 days ago"


def test_action_that_is_done_or_not_for_leadership_is_not_asked():
    """Leadership is asked only what it alone can decide."""
    assessment = flight_assessment(
        actions=ACTIONS.model_copy(update={"actions": ACTIONS.actions[::2]})
    )

    assert all("SWF" not in ask.what for ask in asks_of(assessment))


def test_nothing_is_asked_where_nothing_was_declared():
    """No document, no ask: nothing is invented."""
    assessment = flight_assessment(actions=None, stakeholders=None, resources=None)

    assert asks_of(assessment) == ()


def test_resource_whose_grantor_nobody_named_says_so():
    """A permission that was asked of nobody is asked of nobody named yet."""
    waiting = RESOURCES.resources[1].model_copy(update={"grants": None})
    assessment = flight_assessment(
        actions=None,
        stakeholders=None,
        resources=RESOURCES.model_copy(update={"resources": (waiting,)}),
    )

    assert asks_of(assessment)[0].role == "Nobody named yet"


def test_waiting_resource_says_its_lead_time():
    """How long it was to take stands beside how long it has taken."""
    waiting = RESOURCES.resources[1].model_copy(update={"lead_time_days": 30})
    assessment = flight_assessment(
        actions=None,
        stakeholders=None,
        resources=RESOURCES.model_copy(update={"resources": (waiting,)}),
    )

    assert asks_of(assessment)[0].why == "asked 63 days ago; it was to take 30 days"


def test_request_and_grant_after_the_as_of_date_have_not_happened():
    """What is granted later still waits; what is asked for later is not asked yet."""
    later = dt.date(2026, 12, 7)
    waiting = RESOURCES.resources[1].model_copy(update={"granted_on": later})
    unasked = waiting.model_copy(update={"asked_on": later, "granted_on": None})
    assessment = flight_assessment(
        actions=None,
        stakeholders=None,
        resources=RESOURCES.model_copy(update={"resources": (waiting, unasked)}),
    )

    assert [ask.why for ask in asks_of(assessment)] == ["asked 63 days ago"]


def test_month_costs_fifty_two_weeks_by_twelve():
    """From the declared low to the declared high, rounded."""
    assert cost_of_a_month(SCOPE.value) == "USD 170,000 to 560,000"


def test_cost_that_nobody_declared_is_not_invented():
    """No figure, no number."""
    scope = SCOPE.model_copy(update={"value": None})

    assert cost_of_a_month(scope.value) is None


def test_move_is_the_next_step_where_the_level_is_too_low():
    """A failed gate needs work, and the bank says whose."""
    case = case_of(flight_assessment(), BANK)

    move = move_for(case.result.standing("AVL-03"), case)

    assert move.role == "Data owner"
    assert move.do == "Bring it to partly in place. Gains: partly in place."


def test_move_is_an_answer_where_none_was_given():
    """An unanswered gate waits for the role whose answer counts."""
    case = case_of(flight_assessment(), BANK)

    move = move_for(case.result.standing("PRV-12"), case)

    assert move.role == "Security lead"
    assert move.do.startswith("How far is it")


def test_move_is_a_measurement_where_a_check_was_not_made():
    """A document would carry nothing there: whoever reads it is told what would."""
    case = case_of(flight_assessment(probes={}), BANK)

    move = move_for(case.result.standing("PRV-04"), case)
    assert move.do == "Measure it: Swap suffices."


def test_move_is_a_proof_where_it_was_only_said():
    """A claim that is high enough, with no check to make, lacks nothing but its proof."""
    question = BANK.sections["PRV"][0].model_copy(update={"checks": ()})
    sections = {**BANK.sections, "PRV": (question, *BANK.sections["PRV"][1:])}
    bank = BANK.model_copy(update={"sections": sections})
    case = case_of(flight_assessment(probes={}), bank)

    assert move_for(case.result.standing(question.id), case).do.startswith("Show it: ")


def test_promised_are_the_open_actions_that_decide_a_question():
    """What is done or dropped promises nothing."""
    assessment = flight_assessment()

    assert [action.id for action in promised(assessment, "AVL-03")] == ["settle-swf"]
    assert promised(assessment, "OWN-01") == ()


def test_asks_come_in_the_order_of_what_depends_on_them():
    """A failed gate first, then an undecided one, then no gate; of two, the sooner."""
    due = dt.date(2026, 12, 1)
    wanted = (
        ("no-gate", (), due),
        ("undecided", ("PRV-12",), due),
        ("failed-later", ("PRV-12", "AVL-03"), due + dt.timedelta(days=1)),
        ("failed-undated", ("AVL-03",), None),
        ("failed-sooner", ("AVL-03",), due),
    )
    actions = tuple(
        ACTIONS.actions[0].model_copy(
            update={
                "id": name,
                "action": name,
                "decides": decides,
                "due": on,
                "leadership": True,
            }
        )
        for name, decides, on in wanted
    )
    orders = [
        asks_of(flight_assessment(actions=ACTIONS.model_copy(update={"actions": some})))
        for some in (actions, actions[:2])
    ]

    assert [ask.what for ask in orders[0]] == [
        "Failed-sooner.",
        "Failed-later.",
        "Failed-undated.",
    ]
    assert [ask.what for ask in orders[1][:2]] == ["Undecided.", "No-gate."]


def test_roles_behind_failed_gates_are_named_before_those_behind_undecided_ones():
    """The graver gap is asked about first, whatever the order of the bank."""
    assessment = flight_assessment(
        actions=ACTIONS.model_copy(update={"actions": ()}),
        stakeholders=STAKEHOLDERS.model_copy(
            update={
                "roles": tuple(
                    RoleHolder(role=role, held_by="nobody-yet")
                    for role in ("security", "data-owner")
                )
            }
        ),
    )

    assert [ask.what for ask in asks_of(assessment)][:2] == [
        "Name who answers as data owner.",
        "Name who answers as security lead.",
    ]
