"""Answers of an earlier bank are read under a newer one; what changed is said."""

import pytest

from own_banks import own_bank, own_question
from readybook.bank.history import (
    HistoryFile,
    bank_changes,
    hashes_of,
    history_text,
    load_history,
    question_hash,
    record_version,
    recorded_under,
)
from readybook.bank.own import find_bank
from readybook.bank.read import read_bank
from readybook.model.bank import BankRef
from readybook.model.errors import ReadybookError
from readybook.score.score import score
from readybook.text.documents import parse_document
from samples import answer, assessment, bank, question, sheet

OLD = bank(question("SCP-01"), question("AVL-01"), question("AVL-02"))
NEW = bank(
    question("SCP-01"),
    question("AVL-01", weight="major"),
    question("AVL-02", retired="since 2.0.0, see AVL-03"),
    question("AVL-03"),
).model_copy(update={"version": "2.0.0", "fingerprint": "sha256:new"})
HISTORY = {"1.0.0": hashes_of(OLD)}
REF = BankRef(id="small", version="1.0.0")


def test_answers_of_this_bank_have_nothing_to_tell():
    """The same id, version and fingerprint; a fingerprint that is not given fits."""
    full = BankRef(id="small", version="2.0.0", fingerprint="sha256:new")
    bare = BankRef(id="small", version="2.0.0")

    assert bank_changes([full, bare], NEW, HISTORY) == ()


def test_new_changed_and_retired_questions_are_named():
    """Answers of an earlier version: which questions differ since."""
    (found,) = bank_changes([REF, REF], NEW, HISTORY)

    assert (found.new, found.changed, found.gone) == (
        ("AVL-03",), ("AVL-01",), ("AVL-02",),
    )  # fmt: skip
    assert str(found) == (
        "answers recorded under small 1.0.0, judged under small 2.0.0: 1 new (AVL-03), "
        "1 changed (AVL-01), 1 no longer asked (AVL-02)"
    )


@pytest.mark.parametrize(
    "ref",
    [
        BankRef(id="small", version="0.5.0"),
        BankRef(id="another", version="1.0.0"),
        BankRef(id="small", version="2.0.0", fingerprint="sha256:draft"),
    ],
    ids=["version", "bank", "draft"],
)
def test_what_is_not_known_is_said(ref):
    """A version that was never released, another bank, a draft of this version."""
    (found,) = bank_changes([ref], NEW, HISTORY)

    assert not found.known
    assert str(found).endswith("which questions changed in between is not known")


def test_long_lists_are_counted():
    """A line names six ids; the rest is a number."""
    many = bank(*(question(f"AVL-{n:02}") for n in range(1, 10)))
    (found,) = bank_changes([REF.model_copy(update={"version": "0.9.0"})], many,
                            {"0.9.0": {}})  # fmt: skip

    assert "9 new (AVL-01, AVL-02, AVL-03, AVL-04, AVL-05, AVL-06 and 3 more)" in str(
        found
    )


def test_answers_to_ours_under_a_bank_that_extends_it(tmp_path):
    """What the team added, changed and switched off is what differs."""
    text = own_bank(
        own_question("HOUSE-01"),
        own_question("OWN-01"),
        more="switched_off:\n  AVL-08: Another law holds here.\n",
    )
    (tmp_path / "bank.yaml").write_text(text, encoding="utf-8")
    own = find_bank(tmp_path / "bank.yaml").bank
    (found,) = bank_changes([own.extends], own, {})

    assert (found.new, found.changed, found.gone) == (
        ("HOUSE-01",), ("OWN-01",), ("AVL-08",),
    )  # fmt: skip
    older = own.extends.model_copy(update={"version": "0.0.1"})
    (unknown,) = bank_changes([older], own, {})
    assert not unknown.known


def test_hash_follows_what_an_answer_rests_on_and_nothing_else():
    """Other levels: look again. Other advice: no need to."""
    one = question("SCP-01")
    same = one.model_copy(update={"why": "It matters more.", "title": "Other title"})
    other = one.model_copy(update={"levels": ("a", "b", "c", "d", "e")})

    assert question_hash(one) == question_hash(same)
    assert question_hash(one) != question_hash(other)


def test_old_answers_are_kept_and_scored_under_the_new_bank():
    """Nothing is lost: what is still asked scores, what is retired does not."""
    answers = {"AVL-01": answer(3, proof_age=5), "AVL-02": answer(0)}
    case = assessment({"ann": sheet(answers=answers)})
    result = score(NEW, case)

    assert recorded_under(case) == (REF,)
    assert result.standing("AVL-01").bounds.lower == 3
    assert [s.question.id for s in result.standings] == ["SCP-01", "AVL-01", "AVL-03"]
    assert case.sheets["ann"].answers["AVL-02"].answer == 0


# --- released versions -------------------------------------------------------------


def test_version_in_the_history_asks_what_it_asked_when_released():
    """A changed question needs a new version of the bank."""
    history, ours = load_history(), read_bank().bank

    assert history.get(ours.version, hashes_of(ours)) == hashes_of(ours)


def test_no_id_that_was_ever_released_is_gone():
    """A question may retire; its id stays, so that old answers can be read."""
    known = {
        q.id for questions in read_bank().bank.sections.values() for q in questions
    }
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
