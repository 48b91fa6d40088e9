"""Notebook cells name pieces of a page; what does not exist is refused with advice."""

from __future__ import annotations

from typing import get_args

import pytest

from readybook.model.errors import ReadybookError
from readybook.workbook import PIECES, PieceName, open_workbook


@pytest.fixture(scope="module")
def workbook(root):
    """The worked example."""
    return open_workbook(str(root / "templates" / "flight-delays"))


def test_editors_complete_every_piece_and_nothing_else():
    """The type and the registry name the same pieces, in the same order."""
    assert list(get_args(PieceName)) == list(PIECES)


def test_unknown_piece_is_refused_with_the_nearest(workbook):
    """A slip of the keyboard costs no search."""
    with pytest.raises(ReadybookError, match="do: did you mean 'verdict'"):
        workbook.show("verdcit")


@pytest.mark.parametrize("of", [("questions",), ("verdict", "AVL")])
def test_piece_of_what_it_does_not_take_is_refused(workbook, of):
    """Too many names, or none where one is needed."""
    with pytest.raises(ReadybookError, match=f'names after "{of[0]}"'):
        workbook.show(*of)


def test_again_opens_the_folder_as_it_is_now(workbook):
    """Edition, respondent and date stay."""
    found = open_workbook(
        str(workbook.folder), as_of="2026-11-20", edition="team", respondent="jane"
    ).again()

    assert str(found.assessment.as_of) == "2026-11-20"
    assert (found.edition, found.respondent) == ("team", "jane")


@pytest.mark.parametrize(
    ("folder", "named", "told"),
    [
        ("../nowhere/churn", {}, r"^\.\./nowhere/churn: found no such folder"),
        (
            "flight-delays",
            {"edition": "boss"},
            'edition: found "boss", expected one of',
        ),
        ("flight-delays", {"as_of": "30.11.2026"}, "do: write it as YYYY-MM-DD"),
    ],
)
def test_wrong_parameter_of_a_notebook_is_refused(
    root, monkeypatch, folder, named, told
):
    """In words, and named as it was given."""
    monkeypatch.chdir(root / "templates")
    with pytest.raises(ReadybookError, match=told):
        open_workbook(folder, **named)
