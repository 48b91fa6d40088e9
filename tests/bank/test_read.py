"""A question bank is read and cross-checked; its fingerprint follows its content."""

import shutil
from pathlib import Path

import pytest

from readybook.bank.read import READYBOOK, bank_ref, fingerprinted, read_bank
from readybook.model.errors import InvalidInputError
from samples import bank, question

SMALL = Path(__file__).parents[1] / "broken" / "_bank"


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(SMALL, tmp_path / "bank"))


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def messages(folder):
    with pytest.raises(InvalidInputError) as refused:
        read_bank(folder)
    return str(refused.value).splitlines()


def test_small_bank_is_read_in_order(folder):
    """Sections come in the order of the report, retired questions are not asked."""
    bank = read_bank(folder).bank

    assert list(bank.sections) == ["SCP", "AVL"]
    assert [question.id for _, question in bank.questions] == ["SCP-01", "AVL-01"]
    assert [question.id for question in bank.sections["AVL"]] == ["AVL-01", "AVL-02"]
    assert bank_ref(bank).fingerprint == bank.fingerprint


def test_fingerprint_ignores_comments_and_order_of_keys(folder):
    """What does not change a question does not change the bank's fingerprint."""
    before = read_bank(folder).bank.fingerprint
    replace(folder / "bank.yaml", "id: small\nversion: 1.0.0\n",
            "# which\nversion: 1.0.0\nid: small\n")  # fmt: skip

    assert read_bank(folder).bank.fingerprint == before
    facts = {"stakes": ("high",), "serving": ("online",)}
    one, other = (
        fingerprinted(bank(question("OWN-01", applies_when=dict(pairs))))
        for pairs in (facts.items(), reversed(facts.items()))
    )
    assert one.fingerprint == other.fingerprint


def test_fingerprint_follows_the_content(folder):
    """A word changed in a question gives another fingerprint."""
    before = read_bank(folder).bank.fingerprint
    replace(folder / "scope.yaml", "Is it there?", "Was it there?")

    assert read_bank(folder).bank.fingerprint != before


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "availability.yaml", "id: AVL-02", "id: AVL-01",
            ("availability.yaml:21: questions[1] (AVL-01).id: found 'AVL-01' a second time "
            "(first: availability.yaml:4), expected each id once, "
            "do: give it another id"),
        ),
        (
            "availability.yaml", "id: AVL-02", "id: SCP-01",
            ("scope.yaml:4: questions[0] (SCP-01).id: found 'SCP-01' a second time (first: "
            "availability.yaml:21), expected each id once, do: give it another id"),
        ),
        (
            "scope.yaml", "authority: data-owner", "authority: dataowner",
            ("scope.yaml:7: questions[0] (SCP-01).authority: found 'dataowner', expected a role "
            "of the bank, do: did you mean 'data-owner'?"),
        ),
        (
            "scope.yaml", "role: sponsor", "role: sponsorr",
            ("scope.yaml:19: questions[0] (SCP-01).next[3].role: found 'sponsorr', expected a "
            "role of the bank, do: did you mean 'sponsor'?"),
        ),
        (
            "scope.yaml", "answers: always", "answers: alwayz",
            ("scope.yaml:8: questions[0] (SCP-01).answers: found 'alwayz', expected an answer set "
            "of the bank, do: did you mean 'always'?"),
        ),
        (
            "scope.yaml", "work: article", "work: articlee",
            ("scope.yaml:10: questions[0] (SCP-01).sources[0].work: found 'articlee', expected a "
            "work of the bank, do: did you mean 'article'?"),
        ),
        (
            "scope.yaml", "all is there", "Nothing is  there",
            ("scope.yaml:14: questions[0] (SCP-01).levels[3]: found the text of level 0 again, "
            "expected five different texts, do: say what sets this level apart"),
        ),
        (
            "availability.yaml", "stakes: [", "steaks: [",
            ("availability.yaml:9: questions[0] (AVL-01).applies_when.steaks: found 'steaks', "
            "expected a fact of the bank, do: did you mean 'stakes'?"),
        ),
        (
            "availability.yaml", "[low, high]", "[low, hihg]",
            ("availability.yaml:9: questions[0] (AVL-01).applies_when.stakes[1]: found 'hihg', "
            "expected a value of 'stakes', do: did you mean 'high'?"),
        ),
        (
            "availability.yaml", "[low, high]", "[]",
            ("availability.yaml:9: questions[0] (AVL-01).applies_when.stakes: found no values, "
            "expected at least one value, do: name the values"),
        ),
        (
            "availability.yaml", "check: source-opened", "check: source-openend",
            ("availability.yaml:10: questions[0] (AVL-01).checks[0].check: found "
            "'source-openend', expected a check of readybook, "
            "do: did you mean 'source-opened'?"),
        ),
        (
            "availability.yaml", "proves: 1", "proves: 4",
            ("availability.yaml:10: questions[0] (AVL-01).checks[0].proves: found level 4, "
            "expected at most the level of supports (3), do: lower proves or raise supports"),
        ),
        (
            "bank.yaml", "id: sponsor", "id: data-owner",
            ("bank.yaml:7: roles[1].id: found 'data-owner' a second time (first: line "
            "6), expected each once, do: rename or remove one of them"),
        ),
        (
            "bank.yaml", "{id: high", "{id: low",
            ("bank.yaml:13: facts[0].values[1].id: found 'low' a second time (first: "
            "line 12), expected each once, do: rename or remove one of them"),
        ),
        (
            "availability.yaml", "section: AVL", "section: SCP",
            ("scope.yaml:2: section: found section SCP, which availability.yaml has "
            "too, expected one file for a section, "
            "do: move the questions into one file"),
        ),
    ],
)  # fmt: skip
def test_slip_in_a_bank_is_told(file, old, new, message, folder):
    """Each kind of slip is told with its line, what was expected and what to do."""
    replace(folder / file, old, new)

    assert message in messages(folder)


def test_missing_file_of_a_bank_is_told(folder):
    """A folder without bank.yaml is no bank."""
    (folder / "bank.yaml").unlink()

    assert messages(folder) == [
        "bank.yaml: found no such file, expected a file 'bank.yaml', do: create it"
    ]


def test_problems_of_all_files_of_a_bank_come_at_once(folder):
    """Two broken files are told together."""
    replace(folder / "bank.yaml", "title: A small bank", "title: 3")
    replace(folder / "scope.yaml", "weight: key", "weight: heavy")

    assert messages(folder) == [
        'bank.yaml:4: title: found the number 3, expected text, do: put it in quotes: "3"',
        (
            "scope.yaml:6: questions[0] (SCP-01).weight: found the text 'heavy', expected one of "
            "'key', 'major', 'minor', do: use one of: key, major, minor"
        ),
    ]


def test_bank_that_comes_with_readybook_is_valid():
    """Our own bank passes its own checks."""
    bank = read_bank().bank

    assert bank.id == READYBOOK
    assert len(bank.roles) <= 12
    assert bank.fingerprint.startswith("sha256:")
