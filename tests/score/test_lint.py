"""A bank that cannot do its work is told where and why; ours proves that it can."""

import itertools
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readybook.bank.own import find_bank
from readybook.cli.main import main
from readybook.model.bank import PHASES
from readybook.model.errors import InvalidInputError
from readybook.model.results import Bounds
from readybook.score.lint import facts_without_weight, lint, verdicts_reached
from readybook.score.verdicts import Case, Item, verdict_of
from samples import bank, question

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


# --- what is in reach: what trying every answer says ------------------------------

gates = st.none() | st.tuples(st.sampled_from(PHASES), st.integers(1, 4))
asked = st.tuples(
    st.sampled_from(["SCP", "AVL", "QLT"]),
    st.sampled_from(["key", "major", "minor"]),
    gates,
)


def every_verdict(small, phase, needs):
    """The verdicts of all answers, each question at each level."""
    found = set()
    for levels in itertools.product(range(5), repeat=len(small.questions)):
        items = tuple(
            Item(
                id=q.id,
                section=section,
                weight=q.weight,
                gate=q.gate.level
                if q.gate and PHASES.index(q.gate.phase) <= PHASES.index(phase)
                else None,
                bounds=Bounds(lower=level, upper=level),
            )
            for (section, q), level in zip(small.questions, levels, strict=True)
        )
        for need in needs:
            case = Case(items, Bounds(lower=need, upper=need))
            found.add(verdict_of(case).lower)
    return found


@pytest.mark.slow
@given(st.lists(asked, min_size=1, max_size=4), st.sampled_from(PHASES), st.booleans())
def test_few_answers_stand_for_all(rows, phase, raises):
    """Whatever gates, weights and facts a bank has: nothing else can be reached."""
    small = bank(
        *(
            question(f"{section}-{at:02}", weight=weight, gate=gate)
            for at, (section, weight, gate) in enumerate(rows, 1)
        )
    )
    small = small if raises else small.model_copy(update={"facts": ()})
    base = PHASES.index(phase) + 1

    assert verdicts_reached(small, phase) == every_verdict(
        small, phase, {base, min(base + raises, 4)}
    )


@pytest.mark.parametrize("weight", ["key", "major"])
def test_many_questions_of_a_section_give_conditions_by_the_first_that_lack(weight):
    """All of them together would be too many conditions."""
    many = bank(*(question(f"AVL-{at:02}", weight=weight) for at in range(1, 10)))

    assert "conditions" in verdicts_reached(many, "pilot")


def test_dimension_of_minor_questions_has_one_level_only():
    """Advice moves no level, with or without a condition on it."""
    facts = bank().facts
    minor = question("AVL-01", weight="minor")
    key = question("AVL-02", applies_when={"stakes": ("high",)})

    assert facts_without_weight([], facts) is None
    assert facts_without_weight([question("AVL-01"), minor], facts) is None
    assert facts_without_weight([minor], facts) == {}
    assert facts_without_weight([minor, key], facts) == {"stakes": "low"}


def test_question_that_is_asked_where_the_key_one_is_leaves_nothing_out():
    """A minor question with the same condition never stands alone."""
    facts = bank().facts
    condition = {"stakes": ("high",)}
    rows = [
        question("AVL-01", weight="minor", applies_when=condition),
        question("AVL-02", weight="major", applies_when=condition),
    ]

    assert facts_without_weight(rows, facts) is None
