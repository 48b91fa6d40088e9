"""A team's own bank replaces ours or extends it, and the report says what differs."""

import re
import shutil
from pathlib import Path

import pytest

from own_banks import own_bank, own_question
from readybook.bank.history import bank_changes
from readybook.bank.own import OwnBankFile, find_bank, load_bank_for
from readybook.bank.read import read_bank
from readybook.case.open import open_assessment, open_each
from readybook.cli.main import main
from readybook.model.bank import ExtendedBank
from readybook.model.errors import InvalidInputError
from readybook.score.score import score
from readybook.text.yaml import parse_yaml
from readybook.workbook import open_workbook

TEMPLATE = Path("templates") / "bank" / "bank.yaml"


@pytest.fixture
def folder(root, tmp_path):
    """A folder that holds the start of an assessment, and no bank."""
    return Path(shutil.copytree(root / "templates" / "assessment", tmp_path / "case"))


def banks_named(page):
    """Id and version of each bank that the examples on a page name."""
    return re.findall(r'(?m)^bank: \{ id: ([\w-]+), version: "([\d.]+)" \}$', page)


def put(folder, text):
    (folder / "bank.yaml").write_text(text, encoding="utf-8")
    return load_bank_for(folder)


def test_folder_without_a_bank_has_ours(folder):
    """Most teams bring none."""
    assert load_bank_for(folder) == read_bank().bank


def test_bank_that_extends_ours_has_its_questions_and_ours(folder):
    """An added question stands behind ours in its section; nothing of ours is lost."""
    bank = put(folder, own_bank(own_question("HOUSE-01")))
    ours = read_bank().bank

    assert isinstance(bank, ExtendedBank)
    assert (bank.id, bank.version) == ("ours", "2.1.0")
    assert bank.extends.fingerprint == ours.fingerprint
    assert bank.added == ("HOUSE-01",)
    assert bank.roles == ours.roles
    asked = [question.id for _, question in bank.questions]
    assert [id_ for id_ in asked if id_ != "HOUSE-01"] == [
        question.id for _, question in ours.questions
    ]
    assert bank.sections["OWN"][-1].id == "HOUSE-01"


def test_question_of_ours_is_replaced_where_it_stands(folder):
    """Other texts under the same id: the bank says which keys differ."""
    bank = put(folder, own_bank(own_question("OWN-01")))
    before = read_bank().bank.sections["OWN"]

    assert [q.id for q in bank.sections["OWN"]] == [q.id for q in before]
    replaced = next(q for q in bank.sections["OWN"] if q.id == "OWN-01")
    assert replaced.text == "Are the house rules kept?"
    assert bank.added == ()
    assert {"gate", "text", "levels"} <= set(bank.changed["OWN-01"])
    assert "id" not in bank.changed["OWN-01"]


def test_question_that_is_switched_off_is_not_asked_and_never_scores(folder):
    """Its id stays known: an answer from before is kept, and read without a problem."""
    more = "switched_off:\n  AVL-08: Another law holds here.\n"
    bank = put(folder, own_bank(more=more))
    sheet = (
        "format: 1\nrole: legal\nbank: {id: readybook, version: 0.1.0}\nanswers:\n"
        "  AVL-08: {answer: 0, date: 2026-01-01}\n"
    )
    (folder / "answers" / "legal.yaml").write_text(sheet, encoding="utf-8")
    result = score(bank, open_assessment(folder, bank=bank))

    assert "AVL-08" not in {question.id for _, question in bank.questions}
    assert "AVL-08" in {question.id for question in bank.sections["AVL"]}
    assert "AVL-08" not in {s.question.id for s in result.standings}
    assert result.in_bank == len(read_bank().bank.questions) - 1


def test_role_of_ours_can_be_given_another_title(folder):
    """The house's own word for a role replaces ours; the id stays."""
    more = "roles:\n  - {id: data-owner, title: Steward, does: Answers for data.}\n"
    bank = put(folder, own_bank(more=more))

    assert [role.id for role in bank.roles] == [
        role.id for role in read_bank().bank.roles
    ]
    assert {r.title for r in bank.roles if r.id == "data-owner"} == {"Steward"}


def test_bank_without_extends_replaces_ours(folder):
    """Nothing of ours is left, and nothing is said to be changed."""
    shared = (
        "roles:\n  - {id: sponsor, title: Sponsor, does: Pays.}\n"
        "works:\n  - {id: article, title: A, by: B, year: 2020}\n"
        "answer_sets:\n  - id: in-place\n    does_not_apply: true\n"
    )
    bank = put(folder, own_bank(own_question("HOUSE-01"), extends=False, more=shared))

    assert not isinstance(bank, ExtendedBank)
    assert [(s, q.id) for s, q in bank.questions] == [("OWN", "HOUSE-01")]
    assert list(bank.sections) == ["OWN"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2.1.0", "2.1.1"),
        ("They are ours.", "They are."),
        ("Another law holds here.", "None holds here."),
    ],
)
def test_fingerprint_follows_all_that_the_file_says(old, new, folder):
    """Version, texts and reasons are each part of it."""
    more = "switched_off:\n  AVL-08: Another law holds here.\n"
    text = own_bank(own_question("HOUSE-01"), more=more)
    assert old in text

    before = put(folder, text)
    after = put(folder, text.replace(old, new))

    assert before.fingerprint != after.fingerprint


def test_inputs_of_an_assessment_include_its_bank(folder):
    """The report is made anew when the bank of the folder has changed."""
    bank = put(folder, own_bank(own_question("HOUSE-01")))
    before = open_assessment(folder, bank=bank).fingerprint
    bank = put(folder, own_bank(own_question("HOUSE-02")))

    assert open_assessment(folder, bank=bank).fingerprint != before


def test_path_may_be_a_file_an_assessment_or_a_folder_of_a_bank(folder):
    """Whatever is named, its bank is found."""
    bank = put(folder, own_bank(own_question("HOUSE-01")))
    small = Path(__file__).parents[1] / "broken-banks" / "_valid"

    assert find_bank(folder).bank == bank
    assert find_bank(folder / "bank.yaml").bank == bank
    assert find_bank(small).bank.id == "small"
    assert find_bank().bank == read_bank().bank


def test_each_folder_of_a_batch_is_opened_under_its_own_bank(folder, tmp_path, root):
    """A bank of one folder asks nothing in another one."""
    other = Path(shutil.copytree(root / "templates" / "assessment", tmp_path / "other"))
    put(folder, own_bank(own_question("HOUSE-01")))
    sheet = (
        "format: 1\nrole: sponsor\nbank: {id: ours, version: 2.1.0}\nanswers:\n"
        "  HOUSE-01: {answer: 3, date: 2026-01-01}\n"
    )
    for one in (folder, other):
        (one / "answers" / "sponsor.yaml").write_text(sheet, encoding="utf-8")

    (good,), (bad,) = open_each([folder, other])

    assert good.assessment.sheets["sponsor"].answers["HOUSE-01"].answer == 3
    assert str(bad) == (
        f"{other}/answers/sponsor.yaml:3: bank.id: found answers to the bank 'ours' "
        "(HOUSE-01, ...), expected answers to the bank 'readybook', do: put the bank "
        "that was answered into the folder as bank.yaml"
    )


@pytest.mark.parametrize(
    ("own", "answered", "do"),
    [
        (False, "AVL-88", "look the id up with 'readybook questions' (nearest: 'AVL-08')"),
        (False, "HOUSE-01", "look the id up with 'readybook questions'"),
        (
            True, "HOUSE-02",
            ("if the bank had the question, put it back with 'retired:'; "
             "if the id is a slip, correct it"),
        ),
    ],
)  # fmt: skip
def test_answer_to_a_question_that_is_gone_is_never_moved(own, answered, do, folder):
    """The advice neither removes the answer nor puts it under another question."""
    bank = put(folder, own_bank(own_question("HOUSE-01"))) if own else read_bank().bank
    sheet = (
        f"format: 1\nrole: legal\nbank: {{id: {bank.id}, version: {bank.version}}}\n"
        f"answers:\n  {answered}: {{answer: 0, date: 2026-01-01}}\n"
    )
    (folder / "answers" / "legal.yaml").write_text(sheet, encoding="utf-8")

    with pytest.raises(InvalidInputError) as refused:
        open_assessment(folder, bank=bank)

    assert str(refused.value) == (
        f"answers/legal.yaml:5: answers.{answered}: found '{answered}', "
        f"expected a question of the bank, do: {do}"
    )


def test_path_that_is_no_folder_is_told_as_it_was_given(folder):
    """A bank's file where its folder is meant is named once, and so is a slip."""
    put(folder, own_bank())
    _, refused = open_each([folder / "bank.yaml", folder / "x"])

    assert [str(told) for told in refused] == [
        (
            f"{folder}/bank.yaml: found a file, expected the folder of an assessment, "
            "do: name the folder that holds assessment.yaml"
        ),
        (
            f"{folder}/x: found no such folder, expected the folder of an assessment, "
            "do: name another folder, or run: readybook new"
        ),
    ]


def test_broken_bank_of_a_folder_is_told_with_the_folder(folder):
    """`check` names the bank's file as a terminal can open it."""
    (folder / "bank.yaml").write_text("format: 1\n", encoding="utf-8")
    _, (refused,) = open_each([folder])

    assert str(refused).startswith(f"{folder}/bank.yaml:1: ")


def test_new_can_start_a_bank_of_ones_own(tmp_path, capsys):
    """The file comes with its schema, so that an editor completes keys."""
    folder = tmp_path / "case"
    code = main(["new", str(folder), "--bank"])
    capsys.readouterr()

    assert code == 0
    assert load_bank_for(folder).id == "our-team"
    assert (folder / ".readybook" / "own-bank.schema.json").is_file()
    assert main(["check", str(folder)]) == 0
    page = (folder / "answers" / "README.md").read_text(encoding="utf-8")
    assert banks_named(page) == [("our-team", "1.0.0")] * 2


LENIENT = (
    "facts:\n  - id: stakes\n    text: Which stakes?\n    values:\n"
    "      - {id: low, text: None.}\n      - {id: high, text: Lives.}\n"
    "answer_sets:\n  - {id: always-applies, does_not_apply: true}\n"
    "works:\n  - {id: article, title: A, by: B, year: 2020}\n"
)


def test_facts_and_answer_sets_that_weigh_otherwise_are_named(folder):
    """A fact that raises no need any more is told like a changed question."""
    bank = put(folder, own_bank(own_question("OWN-01"), more=LENIENT))
    (change,) = bank_changes([bank.extends], bank, {})

    assert bank.changed_parts == ("stakes", "always-applies")
    assert "2 changed" not in str(change)
    assert "3 changed (OWN-01, stakes, always-applies)" in str(change)
    plain = put(folder, own_bank(own_question("OWN-01")))
    assert plain.changed_parts == ()


@pytest.mark.parametrize(
    "words",
    [["status"], ["actions"], ["report"], ["milestone"], ["check"], ["compare", "."]],
    ids=lambda words: words[0],
)
def test_bank_that_fails_its_lint_gives_no_verdict(words, folder, capsys, monkeypatch):
    """Every question is switched off: the verbs that judge say so, and judge nothing."""
    ids = [question.id for _, question in read_bank().bank.questions]
    off = "".join(f"  {id_}: Not here.\n" for id_ in ids)
    put(folder, own_bank(more=f"switched_off:\n{off}"))
    monkeypatch.chdir(folder)

    assert main([*words, str(folder)]) == 1
    told = capsys.readouterr()
    assert "no gate and no key question among the 0 that are" in told.out + told.err
    assert "eady for" not in told.out + told.err
    assert not (folder / "milestones").exists()
    with pytest.raises(InvalidInputError, match="no gate and no key question"):
        open_workbook(str(folder))


def test_bank_that_fails_its_lint_can_still_be_measured_and_answered(folder, capsys):
    """What is no verdict goes on: nobody waits for the bank to be mended."""
    more = "works:\n  - {id: idle, title: A, by: B, year: 2020}\n"
    put(folder, own_bank(more=more))

    assert main(["lint", str(folder)]) == main(["status", str(folder)]) == 1
    assert main(["measure", str(folder)]) == 0
    capsys.readouterr()
    assert main(["questions", str(folder), "--role", "sponsor"]) == 0


def test_examples_of_answers_name_the_bank_that_is_shipped(root):
    """Whoever copies one does not record a version that is long gone."""
    ours = read_bank().bank
    page = (root / "templates" / "assessment" / "answers" / "README.md").read_text(
        "utf-8"
    )
    example = sorted((root / "templates" / "flight-delays" / "answers").glob("*.yaml"))
    manuals = [path.read_text("utf-8").split("\nformat: ")[0] for path in example]

    assert banks_named(page) == [(ours.id, ours.version)] * 2
    versions = {name for text in manuals for name in re.findall(r'"([\d.]+)"', text)}
    assert versions == {ours.version}


def test_manual_of_the_starter_names_every_key(root):
    """The header of the file to copy explains every key that the format has."""
    header = (root / TEMPLATE).read_text(encoding="utf-8").split("\nformat: ")[0]
    named = re.findall(r"(?m)^# {3,7}(\w+) +(?:required|optional)", header)
    schema = OwnBankFile.model_json_schema()
    keys = [*schema["properties"]]
    parts = ("Role", "Fact", "FactValue", "Work", "AnswerSet", "OwnQuestion", "Gate",
             "Binding", "SourceRef", "StandIn", "NextStep")  # fmt: skip
    keys += [key for part in parts for key in schema["$defs"][part]["properties"]]

    assert sorted(named) == sorted(keys)


def test_starter_is_valid_yaml_with_nothing_that_would_count(root):
    """Copied as it is, it asks what ours asks."""
    data = parse_yaml((root / TEMPLATE).read_bytes(), name="bank.yaml").data

    assert set(data) == {"format", "id", "version", "title", "extends"}
