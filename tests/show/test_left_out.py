"""What is not asked any more is shown with its reason; a gate before all."""

import pytest

from flight_case import flight_bank
from own_banks import own_bank, own_question
from readybook.bank.history import BankChanges
from readybook.model.bank import BankRef, ExtendedBank
from readybook.model.case import Settled
from readybook.show.evidence import method_and_provenance
from readybook.show.front.band import verdict_band
from readybook.show.front.trust import touched_by_own
from readybook.show.questions import left_out, questions_of
from readybook.workbook import open_workbook
from samples import AS_OF, answer, assessment, bank, question, sheet
from shown import case_of, words_of

SMALL = bank(
    question("SCP-01", gate=("prototype", 2)),
    question("AVL-01", gate=("prototype", 2)),
    question("AVL-02"),
    question("AVL-03", retired="since 1.0.0, see AVL-02"),
)
BANK = ExtendedBank(
    **dict(SMALL),
    extends=BankRef(id="base", version="1.0.0"),
    added=("SCP-01",),
    changed={"AVL-02": ("shelf_life_days", "text")},
    switched_off={"AVL-01": "no data is <shared>"},
)
ANSWERED = assessment(
    {"ann": sheet(answers={"AVL-01": answer(0), "AVL-03": answer("unknown")})}
)
CASE = case_of(ANSWERED, BANK)


def test_question_switched_off_is_shown_with_its_reason_and_what_was_answered():
    """The chapter hides nothing that the team left out; persons are not named."""
    settled = Settled(answer=2, because="Seen.", present=("owner", "other"), date=AS_OF)
    agreed = assessment(
        {"ann": sheet(answers={"AVL-01": answer(0)})}, settled={"AVL-01": settled}
    )
    assert (
        "Answers are kept, and never scored: Owner, missing, 20 June 2026; the room, "
        "partly in place, 30 June 2026."
    ) in words_of(left_out(case_of(agreed, BANK), "AVL"))
    assert left_out(CASE, "AVL").text.splitlines() == [
        "AVL-01 Title of AVL-01: Gate, switched off: no data is <shared>.",
        "AVL-03 Title of AVL-03: Retired since 1.0.0, see AVL-02.",
    ]
    text = words_of(left_out(CASE, "AVL"))

    assert "2 questions left out of this chapter" in text
    assert (
        "AVL-01 Title of AVL-01: Gate, switched off: no data is &lt;shared&gt;. "
        "Answers are kept, and never scored: Owner, missing, 20 June 2026."
    ) in text
    assert "ann" not in text.split()


def test_retired_question_is_shown_where_somebody_had_answered_it():
    """An old answer stays readable; it is not scored."""
    text = words_of(left_out(CASE, "AVL"))

    assert (
        "AVL-03 Title of AVL-03: Retired since 1.0.0, see AVL-02. Answers are kept, "
        "and never scored: Owner, we don&#39;t know, 20 June 2026."
    ) in text
    assert "AVL-03" not in words_of(left_out(case_of(assessment(), SMALL), "AVL"))


def test_chapter_that_leaves_out_nothing_shows_nothing():
    """No empty list stands in the report."""
    assert left_out(CASE, "SCP").html == ""


def test_band_names_the_gates_that_the_bank_touches():
    """Leadership sees beside the verdict what it does not cover, or covers otherwise."""
    text = words_of(verdict_band(CASE))
    plain = words_of(verdict_band(case_of(ANSWERED, SMALL)))
    parts = {"changed": {"AVL-02": ("gate", "text")}, "changed_parts": ("stakes",)}
    changed = BANK.model_copy(update=parts)

    assert "Judged by the team's own bank" in text
    assert "Switched off: AVL-01; changed: AVL-02; added: SCP-01. What and why" in text
    assert "own bank" not in plain
    assert touched_by_own(changed) == (
        "switched off: AVL-01; changed: AVL-02, stakes; added: SCP-01"
    )


def test_question_that_an_own_bank_retires_is_told_as_switched_off():
    """A key `retired` in a team's file does what `switched_off` does."""
    keys = {"AVL-02": ("checks",), "AVL-03": ("retired", "title"), "SCP-01": ("why",)}
    retired = BANK.model_copy(update={"changed": keys, "switched_off": {}, "added": ()})

    assert touched_by_own(retired) == "switched off: AVL-03; changed: AVL-02"


@pytest.mark.parametrize(("track", "asked"), [("starter", 1), ("full", 2)])
def test_band_says_which_track_was_used(track, asked):
    """Both tracks are named, with how many questions of how many were asked."""
    longer = bank(question("AVL-01"), question("AVL-02", weight="major"))
    text = words_of(verdict_band(case_of(assessment(track=track), longer)))

    few = ", the first few" if track == "starter" else ""
    assert f"{asked} of the bank's 2 asked{few} " in text


def test_chapter_says_what_the_bank_did_to_a_question():
    """Added or changed, and in which keys."""
    assert "Added by this bank." in words_of(questions_of(CASE, "SCP"))
    assert "Changed by this bank: shelf life days, text." in words_of(
        questions_of(CASE, "AVL")
    )


def test_provenance_tells_the_bank_and_what_changed_since_answers_were_recorded():
    """What it extends, and the banks that answers were given under."""
    ref = BankRef(id="small", version="0.9.0")
    change = BankChanges(ref, ref, known=True, new=("AVL-02",))
    shown = method_and_provenance(
        case_of(ANSWERED, BANK, changes_of_bank=(change, change))
    )
    text = words_of(shown)

    assert "It extends base 1.0.0: 1 question added, 1 changed, 1 switched off." in text
    told = (
        "Answers recorded under small 0.9.0, judged under small 0.9.0: 1 new (AVL-02)."
    )
    assert text.count(told) == 1
    assert "1 new (AVL-02)" in shown.text


def test_provenance_of_an_ordinary_bank_tells_neither():
    """Where nothing differs, nothing is said."""
    text = words_of(method_and_provenance(case_of(ANSWERED, flight_bank())))

    assert "It extends" not in text
    assert "recorded under" not in text


def test_workbook_shows_the_bank_of_its_folder(root, tmp_path):
    """A folder's own bank reaches band, chapter and provenance."""
    folder = tmp_path / "case"
    folder.mkdir()
    start = root / "templates" / "assessment" / "assessment.yaml"
    (folder / "assessment.yaml").write_bytes(start.read_bytes())
    more = "switched_off:\n  AVL-08: Another law holds here.\n"
    text = own_bank(own_question("HOUSE-01"), more=more)
    (folder / "bank.yaml").write_text(text, encoding="utf-8")
    (folder / "answers").mkdir()
    (folder / "answers" / "legal.yaml").write_text(
        "format: 1\nrole: legal\nbank: {id: readybook, version: 0.0.1}\nanswers:\n"
        "  AVL-08: {answer: 0, date: 2026-01-01}\n",
        encoding="utf-8",
    )
    workbook = open_workbook(str(folder))

    band = words_of(workbook.show("verdict"))

    assert (
        "By readybook's, the same answers give: Not ready for production: 1 g" in band
    )
    assert "Switched off: AVL-08; added: HOUSE-01." in band
    assert "Another law holds here." in words_of(workbook.show("questions", "AVL"))
    assert "HOUSE-01" in words_of(workbook.show("questions", "OWN"))
    assert "judged under ours 2.1.0" in words_of(workbook.show("method"))
