"""Several programs save into one folder, and some of them are killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from readybook.edit.entries import Saved
from readybook.model.case import AgreedAnswers, AnswerSheet
from readybook.text.documents import load_document
from saving_case import QUESTIONS, answer_file, mark

CHILD = Path(__file__).parents[1] / "saving_child.py"
SAVES = 150


def child(*words):
    return subprocess.Popen(
        [sys.executable, CHILD, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(*children):
    """What each printed, once all of them are done."""
    said = [one.communicate()[0] for one in children]
    assert [(one.returncode, text) for one, text in zip(children, said, strict=True)
            if one.returncode] == []  # fmt: skip
    return said


def notes(entries, key="note"):
    return {question: getattr(entry, key) for question, entry in entries.items()}


def last(questions):
    """The last answer to each question of a program that took them by turns."""
    size = len(questions)
    return {one: f"no. {SAVES - size + at}" for at, one in enumerate(questions)}


@pytest.mark.slow
def test_two_people_who_save_at_once_lose_nothing(tmp_path):
    """150 saves each, two files, one folder."""
    people = ("first", "second")
    finish(*(child("save", tmp_path, who, SAVES, *QUESTIONS) for who in people))

    for who in people:
        path = tmp_path / "answers" / f"{who}.yaml"
        sheet = load_document(path, AnswerSheet, name=path.name).model
        assert notes(sheet.answers) == last(QUESTIONS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "model", "section", "key"),
    [
        ("owner", AnswerSheet, "answers", "note"),
        ("agreed", AgreedAnswers, "settled", "because"),
    ],
)
def test_two_programs_that_save_into_one_file_lose_nothing(
    tmp_path, name, model, section, key
):
    """150 saves each, of different questions; neither sees a change of its own."""
    shares = (QUESTIONS[:2], QUESTIONS[2:4])
    finish(*(child("save", tmp_path, name, SAVES, *share) for share in shares))
    path = tmp_path / "answers" / f"{name}.yaml"
    entries = getattr(load_document(path, model, name=path.name).model, section)

    assert notes(entries, key) == last(shares[0]) | last(shares[1])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills with a signal")
def test_saver_that_is_killed_damages_nothing_and_loses_nothing(tmp_path):
    """60 times at random moments: what was acknowledged is in the file."""
    [said] = finish(child("kill", tmp_path, 60))
    file = answer_file(tmp_path)

    assert said.startswith("drafts left:")
    assert isinstance(file.save("AVL-01", None, base=mark(file, "AVL-01")), Saved)
    assert [*(tmp_path / "answers").iterdir()] == [tmp_path / "answers" / "owner.yaml"]
