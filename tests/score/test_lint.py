"""A bank that cannot do its work is told where and why; ours proves that it can."""

import shutil
from pathlib import Path

import pytest

from readybook.bank.own import find_bank
from readybook.cli.main import main
from readybook.model.errors import InvalidInputError
from readybook.score.lint import lint

BANKS = Path(__file__).parents[1] / "broken-banks"
VALID = BANKS / "_valid"
#: Each is a small overlay on the valid bank, or (own-...) a bank of one's own, beside
#: the messages that it must give.
CASES = sorted(path for path in BANKS.iterdir() if not path.name.startswith("_"))


def messages(path):
    """Everything that is wrong with a bank, whether reading or lint says so."""
    try:
        return [str(problem) for problem in lint(find_bank(path))]
    except InvalidInputError as error:
        return str(error).splitlines()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_broken_bank_is_told_with_its_messages(case, tmp_path):
    """Each rule has a bank that breaks it, and the message says where, what and do."""
    path = case / "bank.yaml"
    if not case.name.startswith("own-"):
        path = Path(shutil.copytree(VALID, tmp_path / "bank"))
        for file in case.glob("*.yaml"):
            shutil.copy(file, path)

    told = messages(path)

    assert told == (case / "expected.txt").read_text(encoding="utf-8").splitlines()
    assert told


def test_valid_bank_has_no_problem():
    """What the broken banks are made from is sound."""
    assert messages(VALID) == []


def test_bank_that_comes_with_readybook_proves_itself():
    """Ours passes its own lint."""
    assert messages(None) == []


def test_starter_of_an_own_bank_proves_itself(root):
    """The file to copy is sound as it is."""
    assert messages(root / "templates" / "bank" / "bank.yaml") == []


def test_example_in_the_starter_proves_itself(root, tmp_path):
    """Whoever removes the marks of the example has a bank that works."""
    text = (root / "templates" / "bank" / "bank.yaml").read_text(encoding="utf-8")
    head, example = text.split("\nextends: readybook\n")
    lines = [line.removeprefix("# ").removeprefix("#") for line in example.splitlines()]
    kept = [line for line in lines if not line.startswith("A question of one's own")]
    path = tmp_path / "bank.yaml"
    path.write_text("\n".join([head, "extends: readybook", *kept]) + "\n", "utf-8")

    assert messages(path) == []
    bank = find_bank(path).bank
    assert bank.added == ("HOUSE-01",)
    assert list(bank.switched_off) == ["PRV-05"]


def test_verb_lint_prints_what_is_fine(capsys):
    """A sound bank is named with what it holds."""
    code = main(["lint", str(VALID)])

    assert code == 0
    assert capsys.readouterr().out == "small 1.0.0: fine; 3 questions, 1 gate\n"


@pytest.mark.parametrize("name", ["own-work-unused", "own-role-unknown"])
def test_verb_lint_names_the_file_as_it_was_given_and_counts(name, capsys):
    """Both kinds of problem name a file that a terminal can open; the code is 1."""
    path = BANKS / name / "bank.yaml"
    code = main(["lint", str(path)])
    out, err = capsys.readouterr()

    assert code == 1
    assert (out + err).startswith(f"{path}:")
    assert err.splitlines()[-1] == "1 problem."
