"""From answers and measurements to a verdict: the method's promises, on real models."""

from __future__ import annotations

import datetime as dt
import itertools
import operator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from readybook.checks.catalogue import checks_of
from readybook.checks.sign_offs import agreement_on, fingerprint_of
from readybook.model.case import (
    Decision,
    Decisions,
    GateException,
    Reply,
    Settled,
    SignOff,
    Stakeholders,
)
from readybook.score.score import level_needed, score
from samples import (
    AS_OF,
    DATA_MODEL,
    SUBJECTS,
    answer,
    assessment,
    bank,
    confirmation,
    days_ago,
    finding,
    question,
    sheet,
    waved_off,
)

RANK = {"not ready": 0, "conditions": 1, "ready": 2}
BANK = bank(
    question("SCP-01", gate=("prototype", 2)),
    question("AVL-01", gate=("prototype", 2), checks=[("source-opened", 3, 1)]),
    question("AVL-02", checks=[("fields-present", 3, 1)]),
    question("AVL-03", weight="major"),
    question(
        "QLT-01",
        gate=("pilot", 3),
        checks=[("categories-populated", 3, 0), ("keys-unique", 4, 2)],
    ),
    question("PRV-01", weight="minor"),
    question("OWN-01", weight="key", applies_when={"stakes": ("high",)}),
)
IDS = [q.id for _, q in BANK.questions]
values = st.sampled_from([0, 1, 2, 3, 4, "unknown"])


@st.composite
def inputs(draw):
    """Any answers, documents, confirmations and findings of the small bank."""
    answers = {
        id_: {"value": value, "proof_age": draw(st.sampled_from([None, 5, 150, 300]))}
        for id_ in IDS
        if (value := draw(st.none() | values | st.just("waved off"))) is not None
    }
    confirms = {
        id_: (level, draw(st.sampled_from([5, 300])))
        for id_ in IDS
        if (level := draw(st.none() | st.integers(0, 4))) is not None
    }
    outcomes = {
        check: (outcome, draw(st.sampled_from([5, 150, 300])))
        for check in SUBJECTS
        if (outcome := draw(st.sampled_from([None, "supports", "contradicts"])))
    }
    return answers, confirms, outcomes


def build(answers, confirms, outcomes, **more):
    """The assessment of these inputs."""
    given_answers = {
        id_: waved_off()
        if one["value"] == "waved off"
        else answer(one["value"], proof_age=one["proof_age"])
        for id_, one in answers.items()
    }
    return assessment(
        {
            "ann": sheet("owner", given_answers),
            "bob": sheet(
                "other",
                confirms={
                    id_: confirmation(level, age=age)
                    for id_, (level, age) in confirms.items()
                },
            ),
        },
        findings=[
            finding(check, outcome, age=age)
            for check, (outcome, age) in outcomes.items()
        ],
        **more,
    )


def is_no_worse(after, before):
    """Whether no bound, level, gate or verdict worsened."""
    gates = {"failed": 0, "undecided": 1, "passed": 2}
    pairs = list(zip(after.standings, before.standings, strict=True))
    return (
        RANK[after.verdict.lower] >= RANK[before.verdict.lower]
        and RANK[after.verdict.upper] >= RANK[before.verdict.upper]
        and all(a.bounds.lower >= b.bounds.lower for a, b in pairs)
        and all(a.bounds.upper >= b.bounds.upper for a, b in pairs)
        and all(
            gates[a.gate_state] >= gates[b.gate_state]
            for a, b in pairs
            if a.gate_state and b.gate_state
        )
    )


@pytest.mark.slow
@given(inputs())
def test_bounds_are_always_in_order(case):
    """The lower bound never lies above the upper bound, nor the levels."""
    result = score(BANK, build(*case))

    assert all(s.bounds.lower <= s.bounds.upper for s in result.standings)
    assert all(d.level.lower <= d.level.upper for d in result.dimensions if d.level)
    assert RANK[result.verdict.lower] <= RANK[result.verdict.upper]


@pytest.mark.slow
@given(inputs(), st.sampled_from(IDS), st.data())
def test_a_higher_claim_never_worsens_anything(case, id_, data):
    """Whatever else is known, a better answer can only help."""
    answers, confirms, outcomes = case
    low = data.draw(st.integers(0, 4))
    high = data.draw(st.integers(low, 4))
    proof_age = data.draw(st.sampled_from([None, 5, 300]))
    one, two = (
        score(
            BANK,
            build(
                answers | {id_: {"value": value, "proof_age": proof_age}},
                confirms,
                outcomes,
            ),
        )
        for value in (low, high)
    )

    assert is_no_worse(two, one)


@pytest.mark.slow
@given(inputs(), st.sampled_from(sorted(SUBJECTS)), st.sampled_from([5, 150]))
def test_a_better_measurement_never_worsens_anything(case, check, age):
    """A failed check is never better than none, none never better than a pass."""
    answers, confirms, outcomes = case
    others = {c: o for c, o in outcomes.items() if c != check}
    failed = score(
        BANK, build(answers, confirms, others | {check: ("contradicts", age)})
    )
    untested = score(BANK, build(answers, confirms, others))
    passed = score(BANK, build(answers, confirms, others | {check: ("supports", age)}))

    assert is_no_worse(untested, failed)
    assert is_no_worse(passed, untested)


@pytest.mark.slow
@given(inputs(), st.sampled_from(IDS), st.integers(0, 4))
def test_answering_an_unknown_only_narrows(case, id_, level):
    """The interval of a question whose answer was unknown can only shrink."""
    answers, confirms, outcomes = case
    before, after = (
        score(
            BANK,
            build(
                answers | {id_: {"value": value, "proof_age": None}}, confirms, outcomes
            ),
        )
        for value in ("unknown", level)
    )

    was, is_ = before.standing(id_).bounds, after.standing(id_).bounds

    assert was.lower <= is_.lower <= is_.upper <= was.upper
    assert RANK[after.verdict.lower] >= RANK[before.verdict.lower]
    assert RANK[after.verdict.upper] <= RANK[before.verdict.upper]


@pytest.mark.slow
@given(inputs(), st.sampled_from(IDS), st.integers(0, 4), st.data())
def test_adding_proof_only_narrows(case, id_, level, data):
    """A document, then who confirms it: the lower bound rises, the upper one stays."""
    answers, _, outcomes = case
    confirmed = data.draw(st.integers(level, 4))
    said, filed = (
        answers | {id_: {"value": level, "proof_age": age}} for age in (None, 5)
    )
    results = [
        score(BANK, build(said, {}, outcomes)),
        score(BANK, build(filed, {}, outcomes)),
        score(BANK, build(filed, {id_: (confirmed, 5)}, outcomes)),
    ]
    lows = [r.standing(id_).bounds.lower for r in results]
    highs = {r.standing(id_).bounds.upper for r in results}

    assert lows == sorted(lows)
    assert len(highs) == 1


DAYS = st.integers(-400, 400).map(days_ago)
DECISIONS = st.builds(
    Decisions,
    format=st.just(1),
    decisions=st.tuples(
        st.builds(
            Decision, id=st.just("a"), asked=st.just("A?"), asked_of=st.just("owner"),
            asked_on=DAYS, about=st.sampled_from([None, *(f"gap/{one}" for one in IDS)]),
            decided=st.just("Yes."), decided_on=DAYS, due=DAYS, done_on=DAYS,
            milestone=st.none(),
        )
    ),
    exceptions=st.tuples(
        st.builds(
            GateException, gate=st.sampled_from(IDS), asked_by=st.just("other"),
            approved_by=st.just("owner"), because=st.just("B."), on=DAYS, until=DAYS,
            closed_on=st.none() | DAYS,
        )
    ),
    replies=st.tuples(
        st.builds(
            Reply, role=st.just("owner"), to=st.sampled_from([*IDS, "keys-unique t.a"]),
            text=st.just("No."), on=DAYS,
        )
    ),
)  # fmt: skip


@pytest.mark.slow
@given(inputs(), DECISIONS)
def test_no_decision_exception_or_reply_moves_anything(case, kept):
    """What somebody accepts or disputes is told, and nothing is proven by it."""
    before = build(*case)

    after = before.model_copy(update={"decisions": kept})
    assert score(BANK, after) == score(BANK, before)


def test_who_saw_less_than_was_claimed_contradicts_it():
    """Until somebody looks again; the upper bound is not theirs to lower."""
    said = {"SCP-01": {"value": 3, "proof_age": 9}}

    def standing(level, age):
        return score(BANK, build(said, {"SCP-01": (level, age)}, {})).standing("SCP-01")

    assert (standing(1, 5).bounds.lower, standing(1, 5).bounds.upper) == (1, 3)
    assert standing(1, 300).contradicted
    assert not standing(3, 5).contradicted


@pytest.mark.slow
@given(inputs(), st.integers(0, 400))
def test_waiting_never_improves_a_verdict(case, days):
    """With the same evidence, a later as-of date can only worsen or keep it."""
    now = score(BANK, build(*case))
    later = score(BANK, build(*case, as_of=AS_OF + dt.timedelta(days=days)))

    assert is_no_worse(now, later)


@pytest.mark.slow
@given(inputs(), st.sets(st.sampled_from(IDS)))
@example(
    ({"AVL-02": {"value": 0, "proof_age": None}}, {},
     {"fields-present": ("contradicts", 5)}),
    {"AVL-02"},
)  # fmt: skip
def test_waving_off_never_hides_a_verdict(case, waved):
    """With everything waved off at level 0, nothing is better than before.

    What the data fails is not waved off: it is open, as if nobody had answered.
    """
    answers, confirms, outcomes = case
    answers = {i: a for i, a in answers.items() if a["value"] != "waved off"}
    hidden = answers | {i: {"value": "waved off", "proof_age": None} for i in waved}
    after = score(BANK, build(hidden, confirms, outcomes))
    void = {i for i in waved if after.standing(i).status == "unanswered"}
    answers = {i: a for i, a in answers.items() if i not in void}
    before = score(BANK, build(answers, confirms, outcomes))

    seen = after.nothing_waved.verdict

    assert RANK[seen.lower] <= RANK[before.verdict.lower]
    assert RANK[seen.upper] <= RANK[before.verdict.upper]


@pytest.mark.parametrize(
    ("outcome", "status", "upper"),
    [("contradicts", "unanswered", 1), ("not measured", "waved off", 4)],
)
def test_what_data_fails_is_not_waved_off(outcome, status, upper):
    """It applies until the failure is withdrawn; on people's word nothing is amiss."""
    found = [finding("source-opened", outcome)]
    given = {"ann": sheet(answers={"AVL-01": waved_off()}), "bob": sheet("other")}
    standing = score(BANK, assessment(given, findings=found)).standing("AVL-01")

    assert (standing.status, standing.bounds.upper) == (status, upper)
    assert standing.word.upper == 4
    assert bool(standing.flags) == (outcome == "contradicts")


def test_what_data_fails_is_asked_whatever_the_facts_say():
    """No scope fact takes a question away that was measured and failed."""
    only = {"applies_when": {"stakes": ("high",)}}
    checked = [("source-opened", 3, 1)]
    small = bank(question("AVL-01", checks=checked, **only), question("AVL-02"))

    def status(outcome):
        case = assessment({}, findings=[finding("source-opened", outcome)])
        return score(small, case).standing("AVL-01").status

    assert (status("supports"), status("contradicts")) == ("not asked", "unanswered")


ALL_THERE = {id_: answer(3, proof_age=5) for id_ in (*IDS, "OWN-02")}


def test_bank_without_a_question_of_a_dimension_or_a_gate_is_never_ready():
    """What is never asked cannot be ready; a question waved off was asked."""
    asked = [q for _, q in BANK.questions]
    plain = [q.model_copy(update={"gate": None, "checks": ()}) for q in asked]
    gated = [plain[0].model_copy(update={"gate": asked[0].gate}), *plain[1:]]
    case = assessment({"ann": sheet("owner", ALL_THERE)}, phase="prototype")
    waved = assessment(
        {"ann": sheet("owner", {**ALL_THERE, "PRV-01": waved_off()})}, phase="prototype"
    )

    def told(questions, case=case):
        result = score(bank(*questions), case)
        return result.verdict.upper, result.headline, result.because.split(".")[0]

    assert told(gated) == told(gated, waved)
    assert told(gated)[0] == "ready"
    lacks = "the bank has no gate that holds and no question of provisioning"
    assert told([q for q in plain if q.id != "PRV-01"]) == (
        "not ready",
        f"Not ready for prototype: {lacks}",
        "T" + lacks[1:],
    )


def test_bank_that_asks_nothing_gives_a_verdict_without_a_word_of_readiness():
    """Every question retired: nothing to divide by, and nothing to be ready with."""
    off = [q.model_copy(update={"retired": "1.1.0: gone"}) for _, q in BANK.questions]
    result = score(bank(*off), assessment())

    assert result.verdict.upper == result.on_word.verdict.upper == "not ready"
    assert result.headline.startswith("Not ready for pilot: the bank has no gate")


@pytest.mark.slow
@given(inputs())
def test_headline_says_what_the_verdict_says(case):
    """The printed words follow from the two ends of the verdict."""
    result = score(BANK, build(*case))
    start = {
        ("ready", "ready"): "Ready for pilot",
        ("conditions", "conditions"): "Ready for pilot, with ",
        ("conditions", "ready"): "Ready for pilot, with ",
        ("not ready", "not ready"): "Not ready for pilot: ",
        ("not ready", "conditions"): "Not enough known: ",
        ("not ready", "ready"): "Not enough known: ",
    }[(result.verdict.lower, result.verdict.upper)]

    assert result.headline.startswith(start)


def test_blank_assessment_is_not_enough_known():
    """Nobody answered: neither a pass nor a fail, and the facts that decide."""
    result = score(BANK, assessment())

    assert result.headline == "Not enough known: 5 facts decide"
    assert result.subline == "Do not commit yet; at best: ready for pilot."
    assert [f.id for f in result.settle] == [
        "SCP-01",
        "AVL-01",
        "AVL-02",
        "AVL-03",
        "QLT-01",
    ]
    assert {f.missing for f in result.settle} == {"answer"}
    assert (result.answered, result.applicable, result.proven) == (0, 6, 0)


def test_talk_alone_carries_no_further_than_a_prototype():
    """A claim of 4 without proof stands anywhere from improvised to watched."""
    result = score(BANK, assessment({"ann": sheet(answers={"SCP-01": answer(4)})}))
    standing = result.standing("SCP-01")

    assert (standing.bounds.lower, standing.bounds.upper) == (1, 4)
    assert (standing.proof, standing.proven) == ("said", False)


def test_document_on_file_carries_a_claim_to_in_place():
    """A dated document supports level 3, and says when it lapses."""
    case = assessment({"ann": sheet(answers={"SCP-01": answer(4, proof_age=30)})})
    result = score(BANK, case)

    assert result.standing("SCP-01").bounds.lower == 3
    assert result.standing("SCP-01").gate_state == "passed"
    assert result.oldest_proof_lapses == days_ago(30) + dt.timedelta(days=180)


@pytest.mark.parametrize(
    ("given_", "outcomes", "proof", "is_proven"),
    [
        (answer(3), {}, "said", False),
        (answer(3, proof_age=5), {}, "on file", False),
        (answer(4, proof_age=5), {"source-opened": ("supports", 5)}, "measured", False),
        (answer(3, proof_age=200), {}, "out of date", False),
        (answer(3), {"source-opened": ("supports", 5)}, "measured", True),
        (answer(3), {"source-opened": ("supports", 200)}, "out of date", False),
        (answer(3, proof_age=5), {"source-opened": ("contradicts", 5)}, "contradicted",
         False),
        (answer("unknown", proof_age=5), {}, "nothing", False),
        (answer("does-not-apply", proof_age=5), {}, "nothing", False),
    ],
)  # fmt: skip
def test_proven_is_what_a_proof_in_date_carries(given_, outcomes, proof, is_proven):
    """What no proof reaches is unproven: said, lapsed, contradicted, or not measured."""
    found = [finding(check, said, age=age) for check, (said, age) in outcomes.items()]
    case = assessment({"ann": sheet(answers={"AVL-01": given_})}, findings=found)
    result = score(BANK, case)
    standing = result.standing("AVL-01")

    assert (standing.proof, standing.proven) == (proof, is_proven)
    assert result.proven == is_proven


def test_confirmed_document_is_proof():
    """Another role looked at it, on a level of its own."""
    sheets = {
        "ann": sheet(answers={"SCP-01": answer(4)}),
        "bob": sheet("other", confirms={"SCP-01": confirmation(4)}),
    }
    standing = score(BANK, assessment(sheets)).standing("SCP-01")

    assert (standing.proof, standing.proven) == ("double-checked", True)
    assert standing.bounds.lower == 4


def test_document_does_not_stand_in_for_a_check_that_was_not_made():
    """Whoever saw it, what could have been measured was not."""
    answers = {"AVL-01": answer(4, proof_age=5)}
    sheets = {
        "ann": sheet(answers=answers),
        "bob": sheet("other", confirms={"AVL-01": confirmation(4)}),
    }
    standing = score(BANK, assessment(sheets)).standing("AVL-01")

    assert (standing.bounds.lower, standing.bounds.upper) == (1, 4)
    assert not standing.proven


def test_proof_that_carries_nothing_is_not_the_first_to_lapse():
    """A contradicted answer has a document, and its day is nobody's concern."""
    answers = {"AVL-01": answer(4, proof_age=90), "SCP-01": answer(3, proof_age=30)}
    case = assessment(
        {"ann": sheet(answers=answers)},
        findings=[finding("source-opened", "contradicts")],
    )
    result = score(BANK, case)

    assert result.standing("AVL-01").lapses == days_ago(90) + dt.timedelta(days=180)
    assert result.oldest_proof_lapses == days_ago(30) + dt.timedelta(days=180)


def test_failed_check_caps_the_claim_and_shows_as_contradicted():
    """A measurement never rewrites an answer; claim and standing are both there."""
    case = assessment(
        {"ann": sheet(answers={"QLT-01": answer(4, proof_age=5)})},
        findings=[finding("categories-populated", "contradicts")],
    )
    standing = score(BANK, case).standing("QLT-01")

    assert (standing.claim.lower, standing.claim.upper) == (4, 4)
    assert (standing.bounds.lower, standing.bounds.upper) == (0, 0)
    assert standing.contradicted
    assert (standing.proof, standing.gate_state) == ("contradicted", "failed")


def test_answer_of_another_role_counts_on_peoples_word_only():
    """The authority's answer is missing: shown, not scored."""
    case = assessment({"bob": sheet("other", {"SCP-01": answer(4)})})
    standing = score(BANK, case).standing("SCP-01")

    assert standing.status == "unanswered"
    assert (standing.bounds.lower, standing.bounds.upper) == (0, 4)
    assert (standing.word.lower, standing.word.upper) == (4, 4)


def test_two_holders_of_a_role_make_a_range_and_a_split():
    """Several people answer for the authority: lowest to highest."""
    case = assessment(
        {
            "ann": sheet(answers={"SCP-01": answer(1)}),
            "cem": sheet(answers={"SCP-01": answer(3)}),
        }
    )
    standing = score(BANK, case).standing("SCP-01")

    assert (standing.bounds.lower, standing.bounds.upper) == (1, 3)
    assert (standing.split.lower, standing.split.upper) == (1, 3)


def test_what_the_room_settled_counts_before_the_authoritys_answer():
    """agreed.yaml wins, with the authority and another in the room who have sheets."""
    sheets = {"ann": sheet(answers={"SCP-01": answer(4)}), "bob": sheet(role="other")}
    settled = Settled(
        answer=2, because="We looked.", present=("other",), date=days_ago(5)
    )
    without = score(BANK, assessment(sheets, settled={"SCP-01": settled}))
    present = settled.model_copy(update={"present": ("other", "owner")})
    with_ = score(BANK, assessment(sheets, settled={"SCP-01": present}))

    assert without.standing("SCP-01").claim.upper == 4
    assert len(without.standing("SCP-01").flags) == 1
    assert with_.standing("SCP-01").claim.upper == 2


@pytest.mark.parametrize("supports", [1, 2, 3])
@pytest.mark.parametrize("signs", ["owner", "other"])
def test_limit_of_its_own_team_holds_a_document_back(supports, signs):
    """Also where its check carries no further; until another role agrees to it."""
    asked = bank(question("AVL-01", checks=[("categories-populated", supports, 1)]))
    given = sheet(answers={"AVL-01": answer(3, proof_age=9)})
    case = assessment(
        {"ann": given, "bob": sheet("other")},
        findings=[finding("categories-populated", "supports")],
    )
    signed = fingerprint_of(agreement_on(case.data_model, "model"))
    row = SignOff(role=signs, covers="model", on=AS_OF, fingerprint=signed)
    register = Stakeholders(format=1, sign_offs=(row,))
    case = case.model_copy(update={"stakeholders": register})
    bounds = score(asked, case).standing("AVL-01").bounds

    assert bounds.lower == (3 if signs == "other" else 2)
    assert bounds.upper == 3


def test_incomplete_does_not_apply_counts_as_unanswered():
    """Without a reason, a text and (on a gate) an approver it is flagged."""
    case = assessment({"ann": sheet(answers={"SCP-01": answer("does-not-apply")})})
    standing = score(BANK, case).standing("SCP-01")

    assert standing.status == "unanswered"
    (flag,) = standing.flags
    assert flag == (
        "'Does not apply' lacks a reason and a text and the approval of another role "
        "that somebody holds, so it counts as open."
    )


def test_out_of_date_pass_counts_as_said_and_out_of_date_failure_keeps_its_cap():
    """Age takes support away, never the upper bound of a failure."""
    answers = {"AVL-01": answer(4), "QLT-01": answer(4)}
    case = assessment(
        {"ann": sheet(answers=answers)},
        findings=[
            finding("source-opened", "supports", age=200),
            finding("keys-unique", "contradicts", age=200),
        ],
    )
    result = score(BANK, case)

    assert result.standing("AVL-01").bounds.lower == 1
    assert result.standing("AVL-01").proof == "out of date"
    assert result.standing("QLT-01").bounds.upper == 2


@pytest.mark.parametrize("check", [one.id for one in checks_of("data")])
def test_what_failed_in_the_data_fails_also_where_it_is_declared_no_more(check):
    """Table, column, category list, range, key and join: dropping one passes nothing."""
    asked = bank(question("AVL-01", gate=("prototype", 2), checks=[(check, 3, 1)]))
    sheets = {"ann": sheet(answers={"AVL-01": answer(4)})}
    for subject in ("gone", "gone.column", "gone.column -> other.column", "t.column"):
        found = finding(check, "contradicts", subject=subject)
        case = assessment(sheets, findings=[found])

        assert score(asked, case).standing("AVL-01").gate_state == "failed"


def test_changed_data_model_makes_a_pass_out_of_date():
    """A measurement of another declaration supports nothing any more."""
    case = assessment(
        {"ann": sheet(answers={"AVL-01": answer(3)})},
        findings=[finding("source-opened", "supports")],
    )
    table = DATA_MODEL.tables[0].model_copy(update={"declared": "sha256:other"})
    model = DATA_MODEL.model_copy(update={"tables": (table,)})
    changed = case.model_copy(update={"data_model": model})

    assert score(BANK, case).standing("AVL-01").bounds.lower == 3
    assert score(BANK, changed).standing("AVL-01").bounds.lower == 1


def test_evidence_from_after_the_as_of_date_is_ignored():
    """What had not happened yet neither helps nor harms."""
    case = assessment(
        {"ann": sheet(answers={"AVL-01": answer(3), "SCP-01": answer(3, age=-1)})},
        findings=[finding("source-opened", "contradicts", age=-1)],
    )
    result = score(BANK, case)

    assert result.standing("AVL-01").bounds.upper == 3
    assert result.standing("SCP-01").status == "unanswered"


#: By why it would not count but for a failure: facts, and what is said of it.
BY_FAILURE = {
    "not asked": ({"stakes": "low"}, answer(4, proof_age=10)),
    "perhaps not asked": ({}, answer(4, proof_age=10)),
    "waved off": ({"stakes": "high"}, waved_off()),
}


@pytest.mark.parametrize("proves", [1, 2, 3])
@pytest.mark.parametrize("why", BY_FAILURE)
def test_no_better_measurement_takes_away_what_made_up_for_others(why, proves):
    """A question that counts for its failure alone is gone once it passes."""
    facts, said = BY_FAILURE[why]
    names = ("AVL-11", "AVL-12", "AVL-13")
    check = ("keys-unique", 3, proves)
    asked = bank(
        question("SCP-01", gate=("prototype", 1)),
        *(question(name, weight="major") for name in names),
        question("AVL-20", weight="major", checks=[check],
                 applies_when={"stakes": ("high",)}),
        *(question(f"{section}-01") for section in ("QLT", "PRV", "OWN")),
    )  # fmt: skip
    fine = dict.fromkeys(
        ("SCP-01", "QLT-01", "PRV-01", "OWN-01"), answer(4, proof_age=10)
    )

    def seen(levels, outcome):
        given = {n: answer(x, proof_age=10) for n, x in zip(names, levels, strict=True)}
        sheets = {"ann": sheet(answers=fine | given | {"AVL-20": said})}
        found = [finding("keys-unique", outcome)]
        result = score(asked, assessment(sheets, findings=found, facts=facts))
        level = result.dimensions[0].level
        verdicts = (result.verdict, result.on_word.verdict)
        ranks = ("not ready", "conditions", "ready")
        ends = [ranks.index(end) for v in verdicts for end in (v.lower, v.upper)]
        return (level.lower, level.upper, *ends)

    for levels in itertools.combinations_with_replacement(range(4), 3):
        was = seen(levels, "contradicts")
        for better in ("supports", "not measured"):
            now = seen(levels, better)
            assert all(map(operator.ge, now, was)), (levels, better, was, now)


def test_condition_on_a_scope_fact_leaves_a_question_out():
    """What does not apply is not asked, and an old answer never scores."""
    small = bank(
        question("SCP-01"),
        question("AVL-01", applies_when={"stakes": ("high",)}, gate=("pilot", 2)),
    )
    sheets = {"ann": sheet(answers={"AVL-01": answer(0)})}
    asked = {
        stakes: score(small, assessment(sheets, facts=facts)).standing("AVL-01").status
        for stakes, facts in (
            ("low", {"stakes": "low"}),
            ("high", {"stakes": "high"}),
            ("undeclared", {}),
        )
    }

    assert asked == {"low": "not asked", "high": "answered", "undeclared": "answered"}


def test_gate_that_may_not_be_asked_is_undecided_and_the_fact_is_what_decides():
    """It fails as it stands, and nobody has declared whether it is asked."""
    small = bank(
        question("SCP-01", gate=("prototype", 1)),
        *(question(f"{section}-01") for section in ("AVL", "QLT", "PRV")),
        question("OWN-01", gate=("pilot", 2), applies_when={"stakes": ("low",)}),
    )
    sheets = {"ann": sheet(answers={"OWN-01": answer(0)})}
    found = score(small, assessment(sheets, facts={}))
    hanging = found.standing("OWN-01")

    assert (hanging.gate_state, hanging.bounds.upper) == ("undecided", 0)
    assert hanging.hangs_on == ("stakes",)
    assert "How high are the stakes?" in hanging.derivation[0].says
    (fact,) = [one for one in found.settle if one.kind == "scope fact"]
    assert (fact.id, fact.role) == ("stakes", "Business owner")
    assert "stakes" in fact.how


def test_bank_whose_only_gate_may_not_be_asked_is_not_known_to_have_one():
    """Never ready without a gate; whether there is one, a fact decides."""
    small = bank(
        question("AVL-01", gate=("prototype", 1), applies_when={"stakes": ("low",)}),
        *(
            question(f"{section}-01", weight="minor")
            for section in ("QLT", "PRV", "OWN")
        ),
    )
    sheets = {"ann": sheet(answers={"AVL-01": answer(4, proof_age=1)})}
    ends = {
        stakes: score(small, assessment(sheets, phase="prototype", facts=facts)).verdict
        for stakes, facts in (
            ("low", {"stakes": "low"}),
            ("high", {"stakes": "high"}),
            ("undeclared", {}),
        )
    }

    assert ends["low"].lower == ends["low"].upper == "ready"
    assert ends["high"].lower == ends["high"].upper == "not ready"
    assert (ends["undeclared"].lower, ends["undeclared"].upper) == (
        "not ready",
        "ready",
    )


@pytest.mark.parametrize(
    ("phase", "facts", "expected"),
    [
        ("prototype", {"stakes": "low"}, (1, 1)),
        ("pilot", {}, (2, 3)),
        ("production", {"stakes": "high"}, (4, 4)),
    ],
)
def test_level_needed_follows_phase_and_scope_facts(phase, facts, expected):
    """High stakes raise it by one; undeclared, at the stricter end only."""
    needed, undeclared = level_needed(BANK, assessment(phase=phase, facts=facts))

    assert (needed.lower, needed.upper) == expected
    assert undeclared == (() if facts else ("stakes",))


def test_starter_track_asks_gates_and_key_questions_only():
    """Majors without a gate wait for the full track, and the report can say so."""
    result = score(BANK, assessment(track="starter"))

    assert [s.question.id for s in result.standings] == [
        "SCP-01",
        "AVL-01",
        "AVL-02",
        "QLT-01",
        "OWN-01",
    ]
    assert (result.asked, result.in_bank) == (4, 7)


def test_starter_track_asks_what_failed_too():
    """Fewer questions never hide a failure; a pass, or nothing, asks no more of them."""
    question_ = question("AVL-03", weight="major", checks=[("source-opened", 3, 1)])
    asked = bank(
        question("SCP-01", gate=("prototype", 1)),
        question_,
        *(question(f"{section}-01") for section in ("AVL", "QLT", "PRV", "OWN")),
    )
    found = {}
    for outcome in ("supports", "not measured", "contradicts"):
        findings = [finding("source-opened", outcome)]
        result = score(asked, assessment(track="starter", findings=findings))
        found[outcome] = {s.question.id: s for s in result.standings}

    assert [outcome for outcome in found if "AVL-03" in found[outcome]] == [
        "contradicts"
    ]
    failed = found["contradicts"]["AVL-03"]
    assert failed.by_failure
    assert (failed.bounds.lower, failed.bounds.upper) == (0, 1)


def test_reason_of_a_wave_off_and_of_an_agreement_reach_the_result():
    """Why something does not apply, who agreed, and why the room settled it."""
    settled = Settled(
        answer=2, because="We looked.", present=("owner", "other"), date=days_ago(5)
    )
    sheets = {
        "ann": sheet(answers={"SCP-01": waved_off(), "AVL-01": answer(3)}),
        "bob": sheet(role="other"),
    }
    result = score(BANK, assessment(sheets, settled={"AVL-01": settled}))
    (given_,) = result.standing("SCP-01").given

    assert given_.because == "out of scope: Not in this use case."
    assert given_.approved_by == "other"
    assert result.standing("AVL-01").agreed_because == "We looked."
