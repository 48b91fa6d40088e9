"""Released versions of the bank are remembered, and never change again."""

import pytest

from readybook.bank.history import (
    HistoryFile,
    hashes_of,
    history_text,
    load_history,
    record_version,
)
from readybook.bank.read import load_bank
from readybook.model.errors import ReadybookError
from readybook.text.documents import parse_document
from samples import bank, question


def test_version_in_the_history_asks_what_it_asked_when_released():
    """A changed question needs a new version of the bank."""
    history, ours = load_history(), load_bank()

    assert history.get(ours.version, hashes_of(ours)) == hashes_of(ours)


def test_no_id_that_was_ever_released_is_gone():
    """A question may retire; its id stays, so that old answers can be read."""
    known = {q.id for questions in load_bank().sections.values() for q in questions}
    released = {id_ for hashes in load_history().values() for id_ in hashes}

    assert released
    assert released - known == set()


def test_history_that_is_written_is_read_back():
    """Hashes of digits only stay text; the file that is there is written the same."""
    history = {"0.9.0": {"AVL-01": "123456789012", "AVL-02": "12345e678901"}}
    text = history_text(history)

    assert parse_document(text, HistoryFile, name="h").model.versions == history
    assert parse_document(history_text({}), HistoryFile, name="h").model.versions == {}


def test_recording_adds_the_version_that_is_released():
    """Earlier versions stay; recording twice changes nothing."""
    one = bank(question("SCP-01"), question("AVL-01", retired="since 1.0.0"))
    history = record_version({"0.9.0": {"SCP-01": "0"}}, one)

    assert list(history) == ["0.9.0", "1.0.0"]
    assert list(history["1.0.0"]) == ["SCP-01"]
    assert record_version(history, one) == history


def test_recording_a_released_version_with_other_questions_is_refused():
    """Whoever changes a question raises the version."""
    history = record_version({}, bank(question("SCP-01")))

    with pytest.raises(ReadybookError, match=r"version 1\.0\.0 .* raise the version"):
        record_version(history, bank(question("SCP-01", weight="major")))
