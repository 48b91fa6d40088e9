"""`readybook decide`: what was asked, decided, accepted or disputed, in one file."""

from __future__ import annotations

import shutil

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.cli.main import main

ON = ("--on", "2026-11-27")
ASK = ("ask", "--id", "rent", "--asked", "Rent a node?", "--of", "finance")
ACCEPT = ("accept", "--gate", "PRV-04", "--asked-by", "data-engineer", "--by", "sponsor",
          "--because", "It can wait.", "--until", "2027-01-31")  # fmt: skip
REPLY = ("reply", "--role", "data-owner", "--to", "AVL-10", "--text", "Not so.")


@pytest.fixture
def folder(root, tmp_path):
    """The worked example without its data."""
    source, skipped = (
        root / "templates" / "flight-delays",
        shutil.ignore_patterns("data"),
    )
    return shutil.copytree(source, tmp_path / "flights", ignore=skipped)


def decide(folder, *words):
    return main(["decide", str(folder), *words])


def kept(folder):
    return open_assessment(folder, bank=load_bank_for(folder)).decisions


def test_each_kind_is_recorded_beside_what_people_wrote(folder, capsys):
    """Comments and other entries stay as they are; what was said comes back as it was."""
    path = folder / "decisions.yaml"
    before = path.read_text(encoding="utf-8").splitlines()
    for words in (
        (*ASK, "--about", "decide-serving", "--due", "2026-12-11"),
        ("decided", "--id", "rent", "--decided", "Yes."),
        ("done", "--id", "rent"),
        ACCEPT,
        REPLY,
    ):
        assert decide(folder, *words, *ON) == 0, capsys.readouterr()
    found = kept(folder)
    mine = found.decisions[-1]

    assert [one for one in before if one not in path.read_text("utf-8")] == []
    assert (mine.id, mine.decided, f"{mine.done_on}") == ("rent", "Yes.", ON[1])
    assert f"{mine.milestone}" == "2026-11-02"  # the last one there was
    assert [one.gate for one in found.exceptions] == ["AVL-03", "PRV-04"]
    assert found.replies[-1].to == "AVL-10"


def test_file_is_made_where_there_is_none(folder):
    """It begins like that of a new assessment."""
    (folder / "decisions.yaml").unlink()

    assert decide(folder, *ACCEPT, *ON) == 0
    text = (folder / "decisions.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server")
    assert [one.gate for one in kept(folder).exceptions] == ["PRV-04"]


def test_closed_exception_accepts_nothing_more(folder):
    """From that day on; until then it did."""
    assert decide(folder, "close", "--gate", "AVL-03", *ON) == 0

    (one,) = kept(folder).exceptions
    assert kept(folder).exception("AVL-03", one.closed_on) is None
    assert kept(folder).exception("AVL-03", one.on) == one


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            (*ASK, "--of", "finanse", *ON),
            ("asked_of: found 'finanse', expected a role of the bank, do: did you mean "
            "'finance'?"),
        ),
        (
            (*ASK, "--about", "decide-servin", *ON),
            ("expected an action, a step such as permission/<resource>, or role/<role>, "
            "do: did you mean 'decide-serving'?"),
        ),
        (
            (*ACCEPT, "--by", "data-scientist", *ON),
            ("approved_by: found 'data-scientist', expected who may accept it: platform-lead "
            "or sponsor"),
        ),
        (
            (*ACCEPT, "--by", "data-owner", "--asked-by", "data-owner", *ON),
            "approved_by: found 'data-owner', who asked for it, expected another role",
        ),
        (
            (*ACCEPT, "--gate", "AVL-10", *ON),
            "gate: found 'AVL-10', which is no gate",
        ),
        (
            (*ACCEPT, "--until", "2026-11-26", *ON),
            "until: found 2026-11-26, expected the day of on (2026-11-27) or later",
        ),
        (
            (*ACCEPT, "--on", "2026-12-01"),
            "decisions.yaml: found 2026-12-01, after the as-of date 2026-11-30",
        ),
        (
            ("decided", "--id", "rent", "--decided", "Yes.", *ON),
            "--id: found 'rent', expected a decision of decisions.yaml",
        ),
        (
            ("close", "--gate", "PRV-04", *ON),
            "--gate: found 'PRV-04', expected a gate with an exception, not closed",
        ),
        (
            (*REPLY, "--to", "categories-populated flights.orign", *ON),
            ("--to: found 'flights.orign', expected what categories-populated found "
            "something of, do: did you mean 'flights.origin'?"),
        ),
        (
            (*REPLY, "--to", "categories-populated", *ON),
            "to: found the check 'categories-populated' alone",
        ),
        (
            (*REPLY, "--role", "data-engineer", "--to", "history-gaps  weather", *ON),
            "a second time (first: line",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_nothing_is_written(folder, capsys, words, said):
    """In the form of every verb: where, what was found and expected, what to do."""
    before = (folder / "decisions.yaml").read_bytes()

    assert decide(folder, *words) == 1
    assert said in " ".join(capsys.readouterr().err.split())
    assert (folder / "decisions.yaml").read_bytes() == before
