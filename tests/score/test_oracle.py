"""Random answers to several banks: no exception, and the verdict of an oracle."""

import os
from collections import Counter
from pathlib import Path

import pytest

import oracle
from dice import SAMPLES, Dice
from readybook.bank.own import find_bank
from readybook.score.score import score

HERE = Path(__file__).parents[1]
SETS = 1000 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 90
OWN = """\
format: 1
id: ours
version: 2.1.0
title: Ours
extends: readybook
facts:
  - id: weather
    text: Does it depend on the weather?
    values:
      - {id: "yes", text: It does., raises_need: true}
      - {id: "no", text: It does not.}
questions:
  - section: OWN
    id: HOUSE-01
    title: House rules kept
    weight: key
    authority: sponsor
    answers: in-place
    gate: {phase: prototype, level: 1}
    applies_when: {weather: ["yes"]}
    sources: [{work: article}]
    text: Are the house rules kept?
    why: They are ours.
    proof: A record.
    levels: [none is, one is, some are, all are, all are and somebody looks]
    next:
      - {do: Keep one., role: sponsor}
      - {do: Keep some., role: sponsor}
      - {do: Keep all., role: sponsor}
      - {do: Look., role: sponsor}
switched_off:
  AVL-08: Another law holds here.
"""


@pytest.fixture(scope="module", params=["ours", "extended", "small", "samples"])
def bank(request, tmp_path_factory):
    """One bank after the other."""
    if request.param == "samples":
        return SAMPLES
    if request.param == "extended":
        path = tmp_path_factory.mktemp("own") / "bank.yaml"
        path.write_text(OWN, encoding="utf-8")
        return find_bank(path).bank
    small = HERE / "broken-banks" / "_valid"
    return find_bank(small if request.param == "small" else None).bank


def concluded(result):
    """What readybook concludes, in the shape of the oracle's answer."""
    return {
        "printed": (result.verdict.lower, result.verdict.upper),
        "on people's word": (
            result.on_word.verdict.lower,
            result.on_word.verdict.upper,
        ),
        "nothing waved": (
            result.nothing_waved.verdict.lower,
            result.nothing_waved.verdict.upper,
        ),
        "levels": {
            row.section: (row.level.lower, row.level.upper)
            if row.level
            else (None, None)
            for row in result.dimensions
        },
        "gates": {
            s.question.id: s.gate_state for s in result.standings if s.gate_state
        },
    }


@pytest.mark.slow
def test_random_answers_get_the_verdict_of_the_oracle(bank):
    """Whatever is answered, filed and measured: two readings of the method agree."""
    printed = Counter()
    for seed in range(SETS):
        case = Dice(bank, seed).assessment()
        found = concluded(score(bank, case))

        assert found == oracle.verdicts(bank, case), f"seed {seed}"
        printed[found["printed"]] += 1

    words = {"ready", "conditions", "not ready"}
    if bank.id == "small" and not bank.sections.get("OWN"):
        words = {"not ready"}  # it asks nothing of three dimensions
    assert {lower for lower, _ in printed} == words
    assert {upper for _, upper in printed} == words
