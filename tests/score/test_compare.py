"""Two looks at a case: what moved, attributed to the step that moved it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import samples
from readybook.score.compare import STEPS, Lapsed, Side, compare, side_of, state_of
from readybook.score.freeze import freeze, snapshot_of
from readybook.score.score import score
from readybook.show.since import comparison_json, comparison_text

CHECK = ("source-opened", 3, 1)
QUESTIONS = (
    samples.question("AVL-01", gate=("pilot", 2), checks=[CHECK]),
    samples.question("AVL-02", weight="major"),
    samples.question("QLT-01", checks=[("keys-unique", 4, 0)]),
    samples.question("OWN-01", gate=("pilot", 2), authority="other"),
    samples.question("PRV-01", applies_when={"stakes": ("high",)}),
)
BANK = samples.bank(*QUESTIONS)
LATER = samples.AS_OF + dt.timedelta(days=40)


def side(bank=BANK, label="now", **more):
    """A look at the small case, as a folder shows it."""
    sheets = {"z": samples.sheet("other")} | more.pop("sheets", {"a": samples.sheet()})
    return Side(label, bank, samples.assessment(sheets, **more))


def answered(value, question="AVL-01", **more):
    """A sheet of the owner with one answer; AVL-02 is one that no check bears on."""
    return {"a": samples.sheet(answers={question: samples.answer(value, **more)})}


def steps_of(comparison, kind, name):
    """The steps that moved one thing."""
    return [step for step, _ in comparison.movers(kind, name)]


def folded(comparison):
    """What stands after all moves, from what stood before them."""
    state = dict(state_of(comparison.then))
    for step in comparison.steps:
        for move in step.moves:
            assert state.get((move.kind, move.id)) == move.before
            if move.after is None:
                del state[move.kind, move.id]
            else:
                state[move.kind, move.id] = move.after
    return state


# --- properties --------------------------------------------------------------------

VALUES = st.one_of(st.integers(0, 4), st.just("unknown"))
ANSWERS = st.dictionaries(
    st.sampled_from([q.id for q in QUESTIONS]),
    st.builds(
        samples.answer, VALUES, age=st.integers(-60, 30), proof_age=st.integers(0, 200)
    ),
)
FINDINGS = st.lists(
    st.builds(
        samples.finding,
        st.sampled_from(["source-opened", "keys-unique"]),
        st.sampled_from(["supports", "contradicts", "not measured"]),
        age=st.integers(-30, 400),
    ),
    max_size=3,
)
BANKS = st.sets(st.integers(0, len(QUESTIONS) - 1), min_size=1).map(
    lambda some: samples.bank(*(QUESTIONS[at] for at in sorted(some)))
)
SIDES = st.builds(
    side,
    bank=BANKS,
    sheets=ANSWERS.map(lambda answers: {"a": samples.sheet(answers=answers)}),
    findings=FINDINGS,
    as_of=st.sampled_from([samples.AS_OF, LATER]),
    phase=st.sampled_from(["prototype", "pilot", "production"]),
    facts=st.sampled_from([{}, {"stakes": "low"}, {"stakes": "high"}]),
    track=st.sampled_from(["starter", "full"]),
)


@pytest.mark.slow
@given(SIDES, SIDES)
def test_all_moves_together_lead_from_then_to_now(before, after):
    """Attribution adds up, in one order, and backwards it ends where it began."""
    there, back = compare(before, after), compare(after, before)
    names = [step.name for step in there.steps]

    assert folded(there) == state_of(there.now)
    assert there.then == snapshot_of(score(before.bank, before.assessment))
    assert there.now == snapshot_of(score(after.bank, after.assessment))
    assert names == [name for name in STEPS if name in names]
    assert there.moved("question") == {
        name: (now, then) for name, (then, now) in back.moved("question").items()
    }


@pytest.mark.slow
@given(SIDES)
def test_a_case_beside_itself_has_not_moved(one):
    """Nothing is reported; what a milestone leaves out, no rule reads."""
    result = score(one.bank, one.assessment)
    frozen = side_of(freeze(result, one.assessment, one.bank, version="1"), "then")

    assert compare(one, one).steps == ()
    assert compare(frozen, one).steps == ()
    assert compare(one, frozen).steps == ()


# --- each step ---------------------------------------------------------------------


def test_a_new_answer_moves_at_the_step_of_answers():
    """The role and what it said are told."""
    given = answered(3, "AVL-02", age=-5, proof_age=0)
    found = compare(side(), side(sheets=given, as_of=LATER))

    assert steps_of(found, "question", "AVL-02") == ["answers"]
    ((_, move),) = found.movers("question", "AVL-02")
    assert (move.before, move.after) == ("no answer", "in place")
    assert move.why == "Owner answered “in place”, proof: on file."


def test_we_do_not_know_is_told_from_silence_and_moves_no_dimension():
    """Somebody looked at the question; where it stands is as open as before."""
    asked = answered(0, "AVL-02")
    found = compare(side(), side(sheets=answered("unknown", "AVL-02")))

    assert found.moved("question") == {"AVL-02": ("no answer", "we don't know")}
    assert found.moved("dimension") == {}
    levelled = compare(side(), side(sheets=asked))
    assert levelled.moved("question")["AVL-02"] == ("no answer", "missing")


@pytest.mark.parametrize(
    ("revised", "says"),
    [
        (samples.answer(0), "missing"),
        (samples.answer("unknown"), "we don't know"),
        (samples.waved_off(), "does not apply"),
        (None, "no answer"),
    ],
)
def test_a_revised_answer_says_both(revised, says):
    """Who changed their mind is told with what they said before."""
    now = {"a": samples.sheet(answers={"AVL-01": revised} if revised else {})}
    found = compare(side(sheets=answered(3)), side(sheets=now))

    ((_, move),) = found.movers("question", "AVL-01")
    assert move.why == f"Owner now says “{says}”, said “in place” before."


def test_a_gate_that_fails_now_has_moved():
    """A level below what it needs fails it, whatever was said before."""
    found = compare(side(sheets=answered(3)), side(sheets=answered(0)))

    ((_, move),) = found.movers("gate", "AVL-01")
    assert move.after == "failed"


def test_a_document_filed_later_moves_at_the_step_of_answers():
    """The answer is the same; its proof is not."""
    said, filed = (answered(3, "AVL-02", proof_age=age) for age in (None, 1))
    found = compare(side(sheets=said), side(sheets=filed))

    ((step, move),) = found.movers("question", "AVL-02")
    assert step == "answers"
    assert move.why == "The answer is still “in place”; its proof: on file, was said."


def test_what_was_measured_first_is_new_evidence():
    """Also where the check had said that nothing was measured."""
    unmeasured = samples.finding("source-opened", "not measured")
    measured = samples.finding("source-opened", "contradicts", age=-3)
    then = side(sheets=answered(3), findings=[unmeasured])
    now = side(sheets=answered(3), findings=[measured], as_of=LATER)
    found = compare(then, now)

    ((step, move),) = found.movers("gate", "AVL-01")
    assert step == "new evidence"
    assert (move.before, move.after) == ("undecided", "failed")
    assert move.why == "source-opened contradicts."


def test_what_was_measured_again_is_changed_evidence():
    """The same check on the same subject says something else now."""
    then = side(
        sheets=answered(3), findings=[samples.finding("source-opened", "supports")]
    )
    now = side(
        sheets=answered(3),
        findings=[samples.finding("source-opened", "contradicts", age=-3)],
        as_of=LATER,
    )

    assert steps_of(compare(then, now), "gate", "AVL-01") == ["changed evidence"]


def test_a_check_that_passes_now_is_told_and_its_question_is_asked_no_more():
    """What the track leaves out was asked only while it failed."""
    later = samples.question("AVL-01", weight="minor", checks=[("source-opened", 3, 1)])
    then, now = (
        side(
            samples.bank(later, *QUESTIONS[1:]),
            findings=[samples.finding("source-opened", outcome, subject="t")],
            track="starter",
        )
        for outcome in ("contradicts", "supports")
    )
    found = compare(then, now)
    ((step, move),) = found.movers("question", "AVL-01")

    assert (step, move.after) == ("changed evidence", None)
    assert move.why.startswith("It was asked only while this failed: “")
    assert "\nCHECKS THAT PASS NOW\n  source-opened of t\n" in comparison_text(found)
    assert "CHECKS THAT FAIL NOW" in comparison_text(compare(now, then))
    body = comparison_json(found)
    assert (body["pass_now"], body["fail_now"]) == (["source-opened of t"], [])


def test_a_measurement_that_is_gone_is_changed_evidence():
    """What was proven then is not proven any more."""
    measured = [samples.finding("source-opened", "supports")]
    found = compare(
        side(sheets=answered(3), findings=measured), side(sheets=answered(3))
    )

    assert steps_of(found, "gate", "AVL-01") == ["changed evidence"]


def test_proof_that_lapsed_moves_at_the_last_step():
    """Nothing but time passed."""
    old = answered(3, "AVL-02", proof_age=170)
    found = compare(side(sheets=old), side(sheets=old, as_of=LATER))

    ((step, move),) = found.movers("question", "AVL-02")
    assert step == "out of date"
    assert (move.before, move.after) == ("in place", "improvised to in place")
    assert move.why == "Its proof went out of date; until then it was on file."


def test_what_lapsed_is_named_with_its_last_day_whatever_it_moved():
    """Documents and measurements, until somebody renews them; what failed is no proof."""
    given = samples.sheet(
        answers={
            name: samples.answer(0, proof_age=170) for name in ("AVL-01", "AVL-02")
        }
    )
    findings = [
        samples.finding("source-opened", "supports", age=170),
        samples.finding("keys-unique", "contradicts", age=170),
    ]
    then = side(sheets={"a": given}, findings=findings)
    now = side(sheets={"a": given}, findings=findings, as_of=LATER)
    renewed = side(sheets=answered(0, "AVL-02", proof_age=0), as_of=LATER)
    last = samples.AS_OF + dt.timedelta(days=10)

    assert compare(then, now).lapsed == (
        Lapsed("The data was opened", "measured", last, ("AVL-01",)),
        Lapsed("file no. 7", "on file", last, ("AVL-01", "AVL-02")),
    )
    assert compare(then, then).lapsed == compare(then, renewed).lapsed == ()


def test_new_proof_that_is_old_already_moves_twice():
    """That it was filed is an answer; that it lapsed since is told apart from it."""
    filed = answered(3, "AVL-02", age=-1, proof_age=150)
    found = compare(side(), side(sheets=filed, as_of=LATER))

    assert steps_of(found, "question", "AVL-02") == ["answers", "out of date"]


def test_evidence_that_the_data_model_outran_went_out_of_date():
    """A declaration that changed since the measurement makes it old."""
    measured = [samples.finding("source-opened", "supports")]
    then = side(sheets=answered(3), findings=measured)
    (table,) = samples.DATA_MODEL.tables
    changed = samples.DATA_MODEL.model_copy(
        update={"tables": (table.model_copy(update={"declared": "sha256:other"}),)}
    )
    now = Side("now", BANK, then.assessment.model_copy(update={"data_model": changed}))

    assert steps_of(compare(then, now), "gate", "AVL-01") == ["out of date"]


def test_a_gate_that_became_stricter_is_the_banks_doing():
    """The answers stayed as they were."""
    strict = QUESTIONS[0].model_copy(
        update={"gate": QUESTIONS[0].gate.model_copy(update={"level": 4})}
    )
    bank = samples.bank(strict, *QUESTIONS[1:])
    seen = {"sheets": answered(3), "findings": [samples.finding(CHECK[0], "supports")]}
    found = compare(side(**seen), side(bank, **seen))

    ((step, move),) = found.movers("gate", "AVL-01")
    assert (step, move.before, move.after) == ("bank", "passed", "failed")


def test_a_question_that_the_bank_dropped_is_no_longer_asked():
    """And the dimension tells through which question it moved."""
    found = compare(side(), side(samples.bank(*QUESTIONS[1:])))

    ((step, move),) = found.movers("question", "AVL-01")
    assert (step, move.after) == ("bank", None)
    assert move.why == "It is no longer asked."
    assert "gate AVL-01 Title of AVL-01: undecided -> not asked" in comparison_text(
        found
    )


def test_a_declared_fact_moves_what_applies():
    """A question that is asked now moved because of the scope."""
    found = compare(side(), side(facts={"stakes": "high"}))

    ((step, move),) = found.movers("question", "PRV-01")
    assert (step, move.before, move.after) == (
        "applicability", "not asked", "no answer",
    )  # fmt: skip


def test_what_another_version_concluded_is_told_apart():
    """Inputs that are scored otherwise today moved because of readybook."""
    now = side(sheets=answered(3, proof_age=1))
    result = score(BANK, now.assessment)
    frozen = freeze(result, now.assessment, BANK, version="0.0.1")
    other = frozen.result.model_copy(update={"headline": "Ready for pilot"})
    then = side_of(frozen.model_copy(update={"result": other}), "then")

    assert steps_of(compare(then, now), "verdict", "verdict") == ["readybook"]
    backwards = compare(now, then)
    assert backwards.now.headline == "Ready for pilot"
    assert folded(backwards) == state_of(other)


# --- as text and JSON --------------------------------------------------------------


def test_text_is_at_most_80_columns_and_names_steps_in_words():
    """It is read in a terminal."""
    found = compare(side(label="then"), side(sheets=answered(3, age=-5), as_of=LATER))
    text = comparison_text(found)

    assert max(map(len, text.splitlines())) <= 80
    assert "Then: then, 30 June 2026" in text
    assert "ANSWERS MOVED" in text


@pytest.mark.parametrize(
    ("now", "first", "counts"),
    [
        (side(), "Now: now, 30 June 2026",
         "0 of 4 questions answered, none proven; of the gates none failed, 2 undecided"),
        (replace(side(sheets=answered(1, proof_age=1)), name="Asked"),
         "Now: now, 30 June 2026, Asked",
         ("1 of 4 questions answered, 1 proven (1 on file); of the gates 1 failed, "
          "1 undecided")),
        (side(samples.bank(QUESTIONS[1])), "Now: now, 30 June 2026",
         "0 of 1 question answered, none proven; of the gates none failed, none undecided"),
    ],
)  # fmt: skip
def test_text_says_of_each_look_what_it_was_and_how_it_stood(now, first, counts):
    """Its day, its name, its verdict, and what is answered, proven, failed and open."""
    found = compare(side(label="then"), now)
    lines = comparison_text(found).partition("\n\n")[0].splitlines()
    at = lines.index(first)

    assert lines[0] == "Then: then, 30 June 2026"
    assert " ".join(line.strip() for line in lines[at + 1 :]) == (
        f"{found.now.headline} {counts}"
    )


def test_text_says_so_where_nothing_moved():
    """An empty list would be a puzzle."""
    assert comparison_text(compare(side(), side())).endswith("\nNothing moved.\n")


@pytest.mark.parametrize("key", ["before", "after", "steps"])
def test_json_has_both_sides_and_the_steps(key):
    """Machines read the same as people."""
    found = compare(side(), side(sheets=answered(3)))

    body = comparison_json(found)
    assert body[key]
    assert body["steps"][0]["name"] == "answers"
