"""Milestones: frozen without names and notes, scored alike, never lost, never edited."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import example_past
import flight_case
import samples
from readybook.bank.own import load_bank_for
from readybook.case.milestones import load_milestone, load_milestones, save_milestone
from readybook.case.open import open_assessment
from readybook.cli.main import main
from readybook.model.bank import AnswerSet
from readybook.model.case import (
    Account,
    BuyIn,
    Resource,
    Resources,
    RoleHolder,
    Stakeholders,
)
from readybook.model.errors import InvalidInputError
from readybook.model.results import milestone_json, plain, seal_of
from readybook.score.compare import Side, compare, side_of
from readybook.score.freeze import freeze, snapshot_of, thaw_bank
from readybook.score.score import score

DAY = "2026-11-30"


def frozen(assessment, bank, **more):
    """A milestone of an assessment."""
    return freeze(score(bank, assessment), assessment, bank, version="1.2.3", **more)


def flight_milestone(**changes):
    """A milestone of the small flight case."""
    case = flight_case.flight_assessment(**changes)
    return frozen(case, flight_case.flight_bank())


@pytest.fixture
def folder(tmp_path):
    """A small assessment on disk: answers, and nothing measured."""
    copy = tmp_path / "case"
    shutil.copytree(
        example_past.EXAMPLE,
        copy,
        ignore=shutil.ignore_patterns("data", "evidence", "milestones"),
    )
    return copy


# --- what is kept ------------------------------------------------------------------


def test_frozen_inputs_score_as_the_folder_did():
    """Verdict, levels, gates and every question stand where they stood."""
    milestone = flight_milestone()

    again = score(thaw_bank(milestone.bank), milestone.inputs)

    assert snapshot_of(again) == milestone.result


ANSWERS = st.dictionaries(
    st.sampled_from(["AVL-01", "QLT-01"]),
    st.builds(
        samples.answer,
        st.one_of(st.integers(0, 4), st.just("unknown")),
        age=st.integers(-9, 9),
        proof_age=st.integers(-9, 400),
    ),
)


@given(ANSWERS, ANSWERS)
def test_frozen_inputs_score_alike_whatever_was_answered(one, other):
    """What lies after the as-of date is left out, and no rule would have read it."""
    bank = samples.bank(
        samples.question("AVL-01", gate=("pilot", 2), checks=[("source-opened", 3, 1)]),
        samples.question("QLT-01"),
    )
    sheets = {"b": samples.sheet(answers=one), "a": samples.sheet(answers=other)}
    found = [samples.finding("source-opened", "supports", age=age) for age in (-1, 0)]
    milestone = frozen(samples.assessment(sheets, findings=found), bank)
    kept = [finding.measured_on for finding in milestone.inputs.data.findings]
    assert kept == [samples.AS_OF]
    again = score(thaw_bank(milestone.bank), milestone.inputs)

    assert snapshot_of(again) == milestone.result
    dates = [
        a.date for s in milestone.inputs.sheets.values() for a in s.answers.values()
    ]
    assert all(date <= samples.AS_OF for date in dates)


def test_freezing_twice_gives_the_same_bytes():
    """The same inputs, the same file."""
    assert milestone_json(flight_milestone()) == milestone_json(flight_milestone())


def test_milestone_comes_back_from_its_file(tmp_path):
    """What was written is what is read."""
    milestone = flight_milestone()
    path = save_milestone(tmp_path, milestone, replace=False)

    assert path == tmp_path / "milestones" / f"{DAY}.json"
    assert load_milestone(path, path.name) == milestone


def test_milestone_has_no_name_and_no_note():
    """Respondents are numbers; what they noted is nobody's business later."""
    sheets = {
        **flight_case.SHEETS,
        "jane-doe": flight_case.sheet(
            "data-scientist", {"AVL-03": flight_case.answer(1, note="Between us.")}
        ),
    }
    register = Stakeholders(
        format=1,
        roles=(
            RoleHolder(
                role="sponsor",
                held_by=("jane-doe",),
                deputies=("john-roe",),
                buy_in=BuyIn(
                    state="aware", on=dt.date(2026, 11, 1), known_from="Jane told me"
                ),
            ),
            RoleHolder(role="data-owner", held_by=("jane-doe",)),
        ),
    )
    milestone = flight_milestone(sheets=sheets, stakeholders=register)
    text = milestone_json(milestone)

    assert "private" not in text
    for secret in ("jane", "Jane", "john-roe", "person-a", "Between us", "in spring"):
        assert secret not in text
    first, second = milestone.inputs.stakeholders.roles
    assert first.held_by == second.held_by  # one person who holds two roles still shows


def test_milestone_masks_accounts_and_keeps_no_place_of_data():
    """Four digits of an account, no host, no path."""
    account = Account(provider="aws", id="123456789012", profile="mine")
    node = Resource(id="n", what="N", kind="account", grants="finance", account=account)
    milestone = flight_milestone(resources=Resources(format=1, resources=(node,)))

    kept = milestone.inputs.resources.resources[0].account
    assert (kept.id, kept.profile) == ("000000009012", None)
    assert milestone.inputs.data_model.servers == ()
    assert "series" not in milestone_json(milestone)


def test_bank_is_kept_as_far_as_scoring_reads_it():
    """Texts are left out; a hash tells whether they changed."""
    milestone = flight_milestone()

    assert milestone.bank.ref.version == flight_case.REF.version
    assert "Cases fail for want of it" not in milestone_json(milestone)
    changed = thaw_bank(milestone.bank)
    assert isinstance(changed.answer_sets[0], AnswerSet)
    assert [q.id for _, q in changed.questions] == [
        q.id for _, q in flight_case.flight_bank().questions
    ]


# --- the folder --------------------------------------------------------------------


def test_verb_freezes_and_says_where(folder, capsys):
    """The file's path is what a script reads; the headline is for people."""
    assert main(["milestone", str(folder), "--name", "Kick-off"]) == 0

    said = capsys.readouterr()
    assert said.out.strip() == str(folder / "milestones" / f"{DAY}.json")
    assert "Next: readybook compare" in said.err
    (kept,) = load_milestones(folder)
    assert (kept.name, kept.on.isoformat()) == ("Kick-off", DAY)
    assert main(["check", str(folder)]) == 0


def test_second_milestone_of_a_day_is_refused_unless_it_may_replace(folder, capsys):
    """Nothing that was frozen is lost by a slip."""
    assert main(["milestone", str(folder), "--name", "First"]) == 0
    assert main(["milestone", str(folder), "--name", "Second"]) == 1
    assert "do: keep it, or replace it with --replace" in capsys.readouterr().err
    assert load_milestones(folder)[0].name == "First"

    assert main(["milestone", str(folder), "--name", "Second", "--replace"]) == 0
    assert load_milestones(folder)[0].name == "Second"


def test_milestones_are_part_of_the_inputs(folder):
    """A report says which milestones it was compared with."""
    bank = load_bank_for(folder)
    before = open_assessment(folder, bank=bank)
    assert main(["milestone", str(folder), "--as-of", "2026-10-12"]) == 0

    assert open_assessment(folder, bank=bank).fingerprint != before.fingerprint


def edited(text):
    """A milestone in which somebody improved an answer."""
    return text.replace('"answer":1', '"answer":4', 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "spoil", "found"),
    [
        (f"{DAY}.json", edited, "other content than was frozen"),
        (f"{DAY}.json", lambda text: text[:-9], "a damaged file"),
        ("2026-11-29.json", lambda text: text, f"a milestone of {DAY}"),
        ("first.json", lambda text: text, f"a milestone of {DAY}"),
    ],
)
def test_spoilt_milestone_is_refused(folder, capsys, name, spoil, found):
    """Edited, cut, or under another day's name."""
    assert main(["milestone", str(folder)]) == 0
    path = folder / "milestones" / f"{DAY}.json"
    text = path.read_text(encoding="utf-8")
    path.unlink()
    (folder / "milestones" / name).write_text(spoil(text), encoding="utf-8")
    capsys.readouterr()

    assert main(["check", str(folder)]) == 1
    said = capsys.readouterr().out
    assert f"milestones/{name}" in said
    assert f"found {found}" in said
    assert "as `readybook milestone` wrote it, or delete it" in said


def test_link_to_a_milestone_elsewhere_is_refused(folder, tmp_path, capsys):
    """An assessment is its folder."""
    path = save_milestone(tmp_path, flight_milestone(), replace=False)
    (folder / "milestones").mkdir()
    (folder / "milestones" / path.name).symlink_to(path)

    assert main(["check", str(folder)]) == 1
    assert "a link that leaves the assessment's folder" in capsys.readouterr().out


# --- comparing by name -------------------------------------------------------------


@pytest.mark.slow
def test_compare_takes_a_folder_a_file_and_a_day(folder, capsys):
    """Three ways to name a look at a case."""
    assert main(["milestone", str(folder), "--as-of", "2026-10-12"]) == 0
    path = folder / "milestones" / "2026-10-12.json"
    texts = []
    for before in (path, f"{folder}@2026-10-12"):
        capsys.readouterr()
        assert main(["compare", str(before), str(folder)]) == 0
        texts.append(capsys.readouterr().out.splitlines()[1:])

    assert texts[0] == texts[1]
    assert any(line == "ANSWERS MOVED" for line in texts[0])


def test_compare_prints_json(folder, capsys):
    """For machines, with nothing beside it."""
    assert main(["compare", str(folder), str(folder), "--format", "json"]) == 0

    body = json.loads(capsys.readouterr().out)
    assert body["before"]["headline"] == body["after"]["headline"]
    assert body["steps"] == []


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (
            "case@2026-01-01",
            "found no milestone of '2026-01-01', expected one of 2026-",
        ),
        ("nowhere", "found no such folder or file"),
        ("nowhere@2026-10-12", "found no such folder or file"),
    ],
)
def test_compare_says_what_there_is_instead(folder, monkeypatch, capsys, name, found):
    """A slip in a date is answered with the dates that there are."""
    monkeypatch.chdir(folder.parent)
    assert main(["milestone", "case", "--as-of", "2026-10-12"]) == 0

    assert main(["compare", name, "case"]) == 1
    assert found in capsys.readouterr().err


# --- the example -------------------------------------------------------------------


def test_example_milestones_are_small_and_know_nothing_of_later_days():
    """Each holds what stood on its day; the wheel stays lean."""
    for milestone in load_milestones(example_past.EXAMPLE):
        text = milestone_json(milestone)
        assert len(text.encode()) < 100_000
        inputs = milestone.inputs
        given = [a.date for s in inputs.sheets.values() for a in s.answers.values()]
        accepted = [a.accepted_on for a in inputs.actions.actions if a.accepted_on]
        assert max(given + accepted) <= milestone.on
        assert (inputs.data, inputs.probes, inputs.route) == (None, {}, None)


@pytest.mark.slow
def test_example_milestones_are_what_the_verb_writes(tmp_path):
    """They can be frozen again from the example, and nothing in them was edited."""
    again = [load_milestone(path, "") for path in example_past.freeze_all(tmp_path)]
    kept = load_milestones(example_past.EXAMPLE)

    assert [one.result for one in again] == [one.result for one in kept]
    assert [one.name for one in kept] == ["First interviews", "All roles asked"]


@pytest.mark.slow
def test_example_tells_a_believable_story():
    """More is known each time; what was measured ends what was hoped."""
    first, second = load_milestones(example_past.EXAMPLE)
    bank = load_bank_for(example_past.EXAMPLE)
    now = snapshot_of(score(bank, open_assessment(example_past.EXAMPLE, bank=bank)))

    assert first.result.answered < second.result.answered < now.answered
    # Two needs name no field from the first day on; the rest was not known.
    assert first.result.headline == "Not ready for production: 1 gate fails"
    assert second.result.headline == "Not ready for production: 1 gate fails"
    assert now.headline == "Not ready for production: 3 gates fail"
    found = compare(side_of(first, "first"), side_of(second, "second"))
    assert {step.name for step in found.steps} <= {"answers", "out of date"}


def test_milestone_of_an_earlier_version_opens_and_compares():
    """What another version concluded stays; what it would conclude now is a step."""
    path = Path(__file__).parents[1] / "released" / "milestone-bank-0.3.0.json"
    then = load_milestone(path, path.name)
    bank = load_bank_for(example_past.EXAMPLE)
    now = Side("now", bank, open_assessment(example_past.EXAMPLE, bank=bank))
    found = compare(side_of(then, "then"), now)

    assert found.then.headline == then.result.headline
    assert found.steps[0].name == "readybook"
    assert found.now == snapshot_of(score(bank, now.assessment))


def test_file_that_is_no_milestone_is_told_as_such(tmp_path):
    """A list is JSON, and no milestone."""
    path = tmp_path / "x.json"
    path.write_text("[]", encoding="utf-8")

    with pytest.raises(InvalidInputError, match=r"x\.json"):
        load_milestone(path, "x.json")


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (lambda d: d.update(on="2026-11-29"), "on"),
        (lambda d: d["result"].update(answered=10**6), "result.answered"),
        (lambda d: d["result"].update(proven=-1), "result.proven"),
        (lambda d: d["result"]["dimensions"][0].update(proven=99),
         "result.dimensions[0].proven"),
        (lambda d: d["result"]["dimensions"][0]["level"].update(lower=4, upper=1),
         "result.dimensions[0].level.upper"),
        (lambda d: d["result"]["questions"]["AVL-01"]["bounds"].update(lower=3, upper=0),
         "result.questions.AVL-01.bounds.upper"),
    ],
    ids=["day", "answered", "proven", "dimension", "level", "bounds"],
)  # fmt: skip
def test_milestone_that_cannot_be_is_a_problem_at_its_key(tmp_path, edit, key):
    """Sealed anew, as who has the tool can seal it."""
    content = plain(flight_milestone())
    edit(content)
    content["fingerprint"] = seal_of(content)
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content), encoding="utf-8")

    with pytest.raises(InvalidInputError) as refused:
        load_milestone(path, "x.json")

    assert [problem.key for problem in refused.value.problems] == [key]
