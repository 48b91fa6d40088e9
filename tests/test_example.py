"""The worked example tells its story, and one changed answer changes what follows."""

from __future__ import annotations

import re
import shutil

import pytest

from readybook.measure.failures import keep_failures
from readybook.model.bank import SECTION_TITLES
from readybook.workbook import PIECES, open_workbook

#: Pieces in which one changed answer may show, and the section of the chapters.
SHOWN = (
    *((name,) for name in PIECES if name not in {"questions", "style"}),
    *(("questions", section) for section in SECTION_TITLES),
)


def differing(one, other):
    """The names of the pieces that two workbooks do not show alike."""
    pieces = [of for of in SHOWN if one.show(*of) != other.show(*of)]
    return {" ".join(of) for of in pieces}


@pytest.fixture(scope="module")
def folder(root):
    """The example in the checkout."""
    return root / "templates" / "flight-delays"


@pytest.fixture(scope="module")
def workbook(folder):
    """The example, opened and scored."""
    return open_workbook(str(folder))


def answer_changed(folder, tmp_path, respondent, question, *, to):
    """The workbook of a copy of the example with one answer changed."""
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    path = copy / "answers" / f"{respondent}.yaml"
    text = path.read_text(encoding="utf-8")
    old, new = rf"(  {question}:\n    answer: )\d", rf"\g<1>{to}"
    changed, number = re.subn(old, new, text)
    assert number == 1
    path.write_text(changed, encoding="utf-8")
    return open_workbook(str(copy))


def test_example_claims_more_than_its_data_shows(workbook):
    """On people's word it is nearly ready; measured, three gates fail."""
    result = workbook.result

    assert result.headline == "Not ready for production: 3 gates fail"
    assert result.on_word.headline == "Ready for production, with 5 conditions"
    assert [s.question.id for s in result.standings if s.contradicted] == [
        "AVL-02",
        "AVL-03",
        "AVL-05",
        "AVL-10",
        "QLT-01",
        "QLT-02",
        "QLT-03",
        "PRV-04",
        "PRV-08",
        "PRV-16",
        "OWN-02",
        "OWN-03",
        "OWN-04",
        "OWN-09",
    ]


def test_example_decides_no_gate_by_a_part_or_by_a_split_of_its_file(workbook):
    """Autumn of the training file is not live, and other input fields were not compared."""
    standing = workbook.result.standing("QLT-09")
    told = [
        one.says for one in standing.derivation if one.evidence == "live-like-training"
    ]

    assert (standing.gate_state, standing.bounds.upper) == ("undecided", 3)
    assert "live rows are a part of the file of training rows, flights" in told[0]
    assert "It looked at 7 of 12 input fields; not at weather.wind_speed" in told[0]


def test_example_shows_every_kind_of_answer_and_proof(workbook):
    """A reader meets each state of the method at least once."""
    standings = workbook.result.standings

    assert {s.status for s in standings} >= {"answered", "unknown", "waved off"}
    assert {s.proof for s in standings} == {
        "nothing",
        "said",
        "on file",
        "double-checked",
        "measured",
        "out of date",
        "contradicted",
    }
    assert any(s.split for s in standings)
    assert [s.question.id for s in standings if s.agreed_on] == [
        "SCP-04",
        "QLT-06",
        "PRV-02",
    ]
    assert {c.outcome for s in standings for c in s.checks} == {
        "passed",
        "failed",
        "not measured",
    }
    assert len(workbook.assessment.sheets) >= 5


@pytest.mark.slow
def test_one_answer_changes_exactly_what_follows_from_it(workbook, folder, tmp_path):
    """AVL-03 from 4 to 0: its standing, its dimension, and the sentences on them."""
    changed = answer_changed(folder, tmp_path, "data-owner", "AVL-03", to=0)
    before, after = workbook.result, changed.result

    moved = [
        b.question.id
        for a, b in zip(after.standings, before.standings, strict=True)
        if a != b
    ]
    levels = [
        b.section
        for a, b in zip(after.dimensions, before.dimensions, strict=True)
        if a != b
    ]
    assert moved == ["AVL-03"]
    assert levels == ["AVL"]
    assert (before.headline, before.verdict) == (after.headline, after.verdict)
    assert before.on_word.headline == "Ready for production, with 5 conditions"
    assert after.on_word.headline == "Not ready for production: 1 gate fails"
    weakest = "data availability, improvised;"
    assert weakest in before.because
    assert after.because == before.because.replace(
        weakest, "data availability, missing;"
    )
    assert differing(changed, workbook) == {
        "verdict",  # why, and the verdict on people's word alone
        "dimensions",  # data availability
        "obstacles",  # the gate's row
        "questions AVL",
        "belief",  # where roles disagree
        "open-people",  # and who settles it
        "splits",
        "ask-next",
        "agreement",
        "since",  # what moved
        "moves",
        "run-sheet",
        "method",  # the fingerprint of the inputs
    }


@pytest.mark.slow
def test_one_answer_of_another_role_changes_no_level(workbook, folder, tmp_path):
    """Who is not the authority is shown, never scored."""
    changed = answer_changed(folder, tmp_path, "domain-expert", "AVL-02", to=0)
    before, after = workbook.result, changed.result

    assert after.dimensions == before.dimensions
    assert after.headline == before.headline
    assert differing(changed, workbook) == {
        "questions AVL",
        "belief",
        "open-people",
        "splits",
        "ask-next",
        "method",
    }


def test_page_says_why_something_does_not_apply(workbook):
    """Reason and text stand beside the answer, in the edition for leadership too."""
    standing = workbook.result.standing("OWN-11")
    given = next(one for one in standing.given if one.counts)

    assert given.because
    assert given.because.split(": ", 1)[0] in workbook.show("questions", "OWN").html


def test_example_ships_the_list_of_what_failed(folder, tmp_path):
    """Else who deletes a need of the example would find a gate undecided."""
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    (copy / "evidence" / "failures.json").unlink()
    shipped = open_workbook(str(folder)).assessment
    keep_failures(copy, shipped.as_of)

    assert not shipped.unlisted
    kept = open_workbook(str(copy)).assessment.failures
    assert kept.findings == shipped.failures.findings


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("swap_gib: 8", ""),
        ("swap_gib: 8", "swap_gib: 0"),
        ("    probe: training-node", ""),
        (": training-node", ": other-node"),
    ],
)
def test_example_fails_also_after_a_need_is_deleted_or_a_machine_renamed(
    folder, tmp_path, old, new
):
    """The machine without swap stays on the list."""
    copy = tmp_path / folder.name
    shutil.copytree(folder, copy)
    path, evidence = copy / "resources.yaml", copy / "evidence"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    if new == ": other-node":
        (evidence / "training-node.json").rename(evidence / "other-node.json")

    assert open_workbook(str(copy)).result.standing("PRV-04").gate_state == "failed"


def test_example_tells_of_an_agreement_that_the_data_model_outran(workbook):
    """The data engineer agreed before SWF was declared, and has to agree again."""
    stale = [
        one.message
        for one in workbook.evidence
        if one.check == "agreements-current" and one.outcome == "informs"
    ]

    assert stale == [
        (
            "Data engineer agreed to the categories of flights.origin on 20 August 2026; "
            "since then flights.origin: category SWF was added (Stewart, promised from the "
            "2013 summer schedule). That role has to agree again."
        )
    ]
    assert "Data engineer:</b> Agree again." in workbook.show("open-people").html


def test_example_has_every_kind_of_gap_in_ownership(workbook):
    """Nobody, two, opposed, unconfirmed, overloaded, alone: each at least once."""
    found = {
        (one.check, one.outcome, one.subject)
        for one in workbook.evidence
        if one.outcome in {"contradicts", "informs"}
    }

    assert {
        ("owners-single", "contradicts", "swf-feed"),
        ("model-owned", "contradicts", "delay-model"),
        ("owners-willing", "contradicts", "station-procedure"),
        ("owners-confirmed", "informs", "airports-table"),
        ("owners-backed", "contradicts", "flights-table"),
        ("load-spread", "informs", "data-owner"),
        ("roles-known", "contradicts", "security"),
        ("granters-backed", "contradicts", "security"),
    } <= found
