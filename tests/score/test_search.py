"""A random search over pairs: one thing gets better, or time passes, and nothing more."""

import datetime as dt
import os
import random
from collections import Counter

import pytest

from dice import AS_OF, SAMPLES, Dice
from readybook.checks.sign_offs import agreement_on, fingerprint_of
from readybook.model.case import Proof, RoleHolder, SignOff, Stakeholders
from readybook.score.score import score

PAIRS = 100_000 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 2_000
RANK = {"not ready": 0, "conditions": 1, "ready": 2}
BOUND = {one.check for _, question in SAMPLES.questions for one in question.checks}
OUTCOMES = ["contradicts", "not measured", "supports"]


def sheets_with(case, name, change):
    """The sheets, one of them changed in one part."""
    sheet = case.sheets[name]
    return {"sheets": case.sheets | {name: sheet.model_copy(update=change(sheet))}}


def some_answer(case, rng):
    """Somebody's answer with a level: whose, to what, and the answer."""
    found = [
        (name, question, answer)
        for name, sheet in case.sheets.items()
        for question, answer in sheet.answers.items()
        if isinstance(answer.answer, int)
    ]
    return rng.choice(found) if found else None


def answered(case, rng, **more):
    """The case with one answer changed."""
    if not (found := some_answer(case, rng)):
        return None
    name, question, answer = found
    update = {key: value(answer) for key, value in more.items()}
    new = answer.model_copy(update=update)
    return sheets_with(case, name, lambda s: {"answers": s.answers | {question: new}})


def better_answer(case, rng):
    return answered(case, rng, answer=lambda old: rng.randint(old.answer, 4))


def newer_proof(case, rng):
    proof = Proof(reference="file", date=AS_OF)
    return answered(case, rng, proof=lambda _: proof)


def higher_confirmation(case, rng):
    found = [(n, q) for n, s in case.sheets.items() for q in s.confirms]
    if not found:
        return None
    name, question = rng.choice(found)
    seen = case.sheets[name].confirms[question]
    new = seen.model_copy(update={"level": rng.randint(seen.level, 4)})
    return sheets_with(case, name, lambda s: {"confirms": s.confirms | {question: new}})


def better_measurement(case, rng):
    """One finding turns out better; what was not measured counts as no better."""
    findings = list(case.data.findings)
    places = [at for at, one in enumerate(findings) if one.check in BOUND]
    if not places:
        return None
    at = rng.choice(places)
    old = OUTCOMES.index(findings[at].outcome)
    update = {"outcome": rng.choice(OUTCOMES[old:])}
    findings[at] = findings[at].model_copy(update=update)
    return {"data": case.data.model_copy(update={"findings": tuple(findings)})}


def newer_measurement(case, _rng):
    """All was measured again today, and came out as it had."""
    day = {"measured_on": AS_OF}
    findings = tuple(one.model_copy(update=day) for one in case.data.findings)
    return {"data": case.data.model_copy(update={"findings": findings})}


def second_voice(case, _rng):
    """A role that is nobody's authority agrees to the model as it is."""
    content = agreement_on(case.data_model, "model")
    signed = SignOff(
        role="other", covers="model", on=AS_OF, fingerprint=fingerprint_of(content)
    )
    return {"stakeholders": Stakeholders(format=1, sign_offs=(signed,))}


def register_says_so(case, _rng):
    """The register names who answered, and nobody else."""
    held = {}
    for name, sheet in case.sheets.items():
        held.setdefault(sheet.role, []).append(name)
    rows = tuple(RoleHolder(role=r, held_by=tuple(n)) for r, n in held.items())
    return {"stakeholders": Stakeholders(format=1, roles=rows)} if rows else None


def time_passes(_case, rng):
    return {"as_of": AS_OF + dt.timedelta(days=rng.choice([1, 30, 200]))}


BETTER = (
    better_answer, newer_proof, higher_confirmation, better_measurement,
    newer_measurement, second_voice, register_says_so,
)  # fmt: skip


def lows(result):
    """What must not fall: the lower verdict and every lower bound."""
    bounds = {s.question.id: s.bounds.lower for s in result.standings if s.applies}
    return RANK[result.verdict.lower], bounds


def fell(before, after):
    """Whether the lower verdict or a lower bound is worse after than before."""
    (was, old), (now, new) = lows(before), lows(after)
    return now < was or any(new.get(q, 4) < low for q, low in old.items())


@pytest.mark.slow
def test_nothing_better_is_worse_and_waiting_never_helps():
    """Over answers, proofs, evidence, dates, register and time."""
    moved, tried, broken = Counter(), Counter(), []
    for seed in range(PAIRS):
        rng = random.Random(seed)  # noqa: S311 - no secret
        change = rng.choice((*BETTER, time_passes))
        case = Dice(SAMPLES, seed, past=True).assessment()
        update = change(case, rng)
        if update is None:
            continue
        before = score(SAMPLES, case)
        after = score(SAMPLES, case.model_copy(update=update))
        tried[change.__name__] += 1
        moved[change.__name__] += lows(before) != lows(after)
        worse = fell(after, before) if change is time_passes else fell(before, after)
        if worse:
            broken.append((change.__name__, seed))

    # how often it moved anything, under `pytest -rP` and in `make soak`
    print(f"moved {sum(moved.values())} of {sum(tried.values())}: {dict(moved)}")  # noqa: T201
    assert not broken
    assert sum(moved.values()) >= sum(tried.values()) / 10
    assert set(tried) == {one.__name__ for one in (*BETTER, time_passes)}
