"""`readybook status`: where a workshop stands, for a terminal and for machines."""

from __future__ import annotations

import json
import shutil

import pytest

from readybook.cli.main import main

PARTS = (
    "WHO TO INVITE",
    "WHO HAS ANSWERED WHAT",
    "WHERE ANSWERS DIFFER",
    "WHAT TO SETTLE IN 30 MINUTES",
    "THE WORKSHOP",
)


@pytest.fixture
def example(root):
    return root / "templates" / "flight-delays"


def run(capsys, *words):
    """Run a command; returns exit code, standard output, standard error."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def test_status_has_every_part_in_80_columns(example, capsys):
    """A facilitator reads it in any terminal."""
    code, out, err = run(capsys, "status", example)

    assert (code, err) == (0, "")
    assert [part for part in PARTS if part not in out] == []
    assert max(map(len, out.splitlines())) <= 80


def test_status_names_the_role_that_is_missing_and_who_settles_a_split(example, capsys):
    """The example has no one for security, and a gate on which two roles differ."""
    _, out, _ = run(capsys, "status", example)
    text = " ".join(out.split())

    assert "Security (nobody yet): 2 of 2 questions open" in text
    assert (
        "AVL-03 Categories populated: gate, improvised to in place and watched; "
        "settled by: Data owner"
    ) in text


def test_status_names_no_respondent_beside_an_answer(example, capsys):
    """It may stand on a projector: ranges and roles, not who said what."""
    _, out, _ = run(capsys, "status", example, "--format", "json")
    (found,) = json.loads(out)["assessments"]

    assert found["splits"]
    assert all("said" not in row for row in found["splits"])


def test_fewer_minutes_leave_more_for_another_day(example, capsys):
    """The items are the same and in the same order; fewer of them fit."""
    found = {}
    for minutes in (10, 30):
        _, out, _ = run(
            capsys, "status", example, "--minutes", minutes, "--format", "json"
        )
        found[minutes] = json.loads(out)["assessments"][0]
    few, many = found[10]["next"], found[30]["next"]

    assert 0 < len(few) < len(many)
    assert many[: len(few)] == few
    assert found[10]["left"] + len(few) == found[30]["left"] + len(many)


def test_new_assessment_has_everybody_to_invite(tmp_path, capsys):
    """Before anything is filled in, every role that is asked something is missing."""
    assert run(capsys, "new", tmp_path / "churn")[0] == 0
    code, out, _ = run(capsys, "status", tmp_path / "churn")

    assert code == 0
    assert "Nobody is named in stakeholders.yaml" in out
    assert "0 of " in out


def test_contract_that_changed_after_it_was_measured_is_told(example, tmp_path, capsys):
    """Beside the status, with the command that measures again."""
    folder = tmp_path / "case"
    shutil.copytree(example, folder, ignore=shutil.ignore_patterns("data"))
    contract = folder / "data.odcs.yaml"
    text = contract.read_text(encoding="utf-8")
    assert "EWR" in text
    contract.write_text(text.replace("EWR", "XYZ", 1), encoding="utf-8")
    code, out, err = run(capsys, "status", folder)

    assert code == 0
    assert "WHO TO INVITE" in out
    assert (
        f"{folder}/data.odcs.yaml: schema flights: found a contract that changed" in err
    )


@pytest.mark.slow
def test_bad_folder_among_good_ones_is_told_and_exits_with_3(example, tmp_path, capsys):
    """One that cannot be read harms no other."""
    broken = tmp_path / "broken"
    shutil.copytree(example, broken, ignore=shutil.ignore_patterns("data"))
    scope = broken / "assessment.yaml"
    scope.write_text(
        scope.read_text(encoding="utf-8").replace("phase:", "fase:"), encoding="utf-8"
    )
    code, out, err = run(capsys, "status", example, broken)

    assert code == 3
    assert out.startswith("flight-delays: ")
    assert "did you mean 'phase'?" in err


def test_only_bad_folders_exit_with_1_also_as_json(tmp_path, capsys):
    """Nothing could be told of any of them."""
    assert run(capsys, "status", tmp_path / "nowhere")[0] == 1
    code, out, _ = run(capsys, "status", tmp_path / "nowhere", "--format", "json")

    assert code == 1
    body = json.loads(out)
    assert body["assessments"] == []
    assert body["problems"][0]["found"] == "no such folder"


@pytest.mark.parametrize("minutes", ["0", "-5", "ten", "²"])
def test_minutes_that_are_no_number_are_wrong_usage(minutes, example, capsys):
    """The message says what to write."""
    with pytest.raises(SystemExit) as left:
        main(["status", str(example), f"--minutes={minutes}"])

    assert left.value.code == 2
    assert "do: write 30" in capsys.readouterr().err


@pytest.mark.parametrize("day", ["tomorrow", "2026-02-30", ""])
def test_day_that_is_none_is_wrong_usage(day, example, capsys):
    """As above."""
    with pytest.raises(SystemExit) as left:
        main(["status", str(example), f"--as-of={day}"])

    assert left.value.code == 2
    assert "expected a day YYYY-MM-DD, do: write" in capsys.readouterr().err
