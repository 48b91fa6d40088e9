"""Answers are saved one by one; what stands around them in the file is kept."""

import datetime as dt
import threading

import pytest

from readybook.edit.answers import AnswerFile, agreed_file
from readybook.edit.entries import Conflict, Saved, mark_of
from readybook.model.case import AgreedAnswers, AnswerSheet
from readybook.model.errors import InvalidInputError
from readybook.text.documents import load_document, parse_document
from saving_case import BANK, DAY, QUESTIONS, SHEET, answer_file, case, given, mark


def save(file, question, answer, base=None, **more):
    base = mark(file, question) if base is None else base
    return file.save(question, answer, base=base, **more)


def test_first_answer_makes_the_file(tmp_path, root):
    """It has the head that explains the format, the role and the bank."""
    file = answer_file(tmp_path, "owner-west")
    head = (root / "templates" / "answers" / "answers.yaml").read_text(encoding="utf-8")
    assert file.stored() == {}
    saved = save(file, "AVL-02", given(2))
    path = tmp_path / file.name

    assert saved.file == "answers/owner-west.yaml"
    assert path.read_text(encoding="utf-8") == head + (
        'role: owner\nbank:\n  id: small\n  version: "1.0.0"\n'
        "  fingerprint: sha256:bank\n\n"
        "answers:\n  AVL-02:\n    answer: 2\n    date: 2026-06-20\n"
    )


@pytest.mark.parametrize("name", ["answers", "agreed"])
def test_new_file_has_the_head_of_the_example(root, name):
    """One manual of the format, wherever a file comes from."""
    other = "data-engineer" if name == "answers" else name
    example = root / "templates" / "flight-delays" / "answers" / f"{other}.yaml"
    head = (root / "templates" / "answers" / f"{name}.yaml").read_text(encoding="utf-8")

    assert example.read_text(encoding="utf-8").startswith(head)


def test_saved_answer_is_told_with_its_time_and_mark(tmp_path):
    """The page can say when and where, and knows what to hand over the next time."""
    before = dt.datetime.now(dt.UTC)
    saved = save(answer_file(tmp_path), "AVL-01", given(2, note=" ", proof=None))

    assert before <= saved.at <= dt.datetime.now(dt.UTC)
    assert saved.at.tzinfo is not None
    assert saved.stored == given(2)
    assert saved.mark == mark_of(given(2)) != ""


def test_stored_answers_are_as_a_page_takes_them(tmp_path):
    """Dates are texts; keys that a person left out are not there."""
    case(tmp_path)

    assert answer_file(tmp_path).stored() == {
        "AVL-01": {"answer": 3, "date": "2026-06-01", "note": "from the log"},
        "AVL-03": {"answer": "unknown", "date": "2026-06-02"},
    }


def test_only_the_lines_of_the_question_change(tmp_path):
    """Comments, order of keys and quotes of the others are the same bytes."""
    path, file = case(tmp_path), answer_file(tmp_path)
    save(file, "AVL-01", {"answer": 2, "date": DAY, "note": "from the book"})
    save(file, "AVL-02", given("does-not-apply", reason="other", because="no: really"))

    assert path.read_text(encoding="utf-8") == SHEET.replace(
        "    answer: 3\n    date: 2026-06-01\n", "    answer: 2\n    date: 2026-06-20\n"
    ).replace(
        '"from the log" # which?\n',
        '"from the book" # which?\n    first: 3\n  AVL-02:\n'
        "    answer: does-not-apply\n    date: 2026-06-20\n    reason: other\n"
        '    because: "no: really"\n',
    )


@pytest.mark.parametrize(
    "note",
    ["no", "off", "12:30", "1_000", "2026-01-01", "- first\n- second", "# a", "a: b #c",
     "🙂", "one\n\n  two: 2\nthree", "'", '"', "tab\there", "a very long line " * 40,
     "trailing\n", "\\n", "key:", "&a *b !c", "a\u2028b", "{x", "%", "|"],
)  # fmt: skip
def test_any_note_is_read_back_as_it_was_typed(tmp_path, note):
    """Nothing of a text is taken for YAML."""
    path, file = case(tmp_path), answer_file(tmp_path)
    save(file, "AVL-03", given(1, note=note))
    read = parse_document(path.read_bytes(), AnswerSheet, name="f").model

    assert answer_file(tmp_path).stored()["AVL-03"]["note"] == note
    assert read.answers["AVL-03"].note == note.strip()


def test_half_a_sign_costs_no_more_than_itself(tmp_path):
    """A text that was cut inside of an emoji is saved, with a mark in its place."""
    saved = save(answer_file(tmp_path), "AVL-01", given(1, note="cut \ud83d"))

    assert saved.stored["note"] == "cut \ufffd"
    assert answer_file(tmp_path).stored()["AVL-01"] == saved.stored


def test_revised_answer_keeps_the_first_one(tmp_path):
    """However often it is revised; who returns to it has revised nothing."""
    file = answer_file(tmp_path)
    for value, first in ((1, None), (3, 1), ("unknown", 1), (1, None), (0, 1)):
        saved = save(file, "AVL-01", given(value))
        assert saved.stored.get("first") == first

    assert save(file, "AVL-01", given(0, note="why", first=4)).stored["first"] == 1
    assert "first" not in save(file, "AVL-02", given(0, first=4)).stored


def test_answer_can_be_taken_back(tmp_path):
    """Its lines go; the last one leaves a file that is valid."""
    path, file = case(tmp_path), answer_file(tmp_path)
    saved = save(file, "AVL-03", None)

    assert (saved.stored, saved.mark) == (None, "")
    assert path.read_text(encoding="utf-8") == SHEET.partition("  AVL-03")[0]
    save(file, "AVL-01", None)
    assert file.stored() == answer_file(tmp_path).stored() == {}


def test_same_answer_again_writes_nothing(tmp_path):
    """A page that sends twice, or with an old mark, is told that it is saved."""
    path, file = case(tmp_path), answer_file(tmp_path)
    before = path.stat().st_ino
    saved = save(
        file, "AVL-03", {"date": "2026-06-02", "answer": "unknown"}, base="old"
    )

    assert isinstance(saved, Saved)
    assert path.stat().st_ino == before


def test_change_of_another_question_by_somebody_else_is_kept(tmp_path):
    """What an editor or a colleague wrote meanwhile stays, with what is saved now."""
    path, file = case(tmp_path), answer_file(tmp_path)
    known = mark(file, "AVL-03")
    text = SHEET.replace("answer: 3", "answer: 0 # was 3") + "# new end\n"
    path.write_text(text, encoding="utf-8")
    save(file, "AVL-03", given(4), known)
    after = path.read_text(encoding="utf-8")

    assert "answer: 0 # was 3" in after
    assert after.endswith("    answer: 4\n    first: unknown\n# new end\n")


@pytest.mark.parametrize(
    ("theirs", "seen"),
    [
        (SHEET.replace("answer: unknown", "answer: 2"), {"answer": 2}),
        (SHEET.partition("  AVL-03")[0], None),
    ],
)
def test_change_of_the_same_question_is_a_conflict(tmp_path, theirs, seen):
    """The other's stays, nothing is written, and the page is shown both."""
    path, file = case(tmp_path), answer_file(tmp_path)
    known = mark(file, "AVL-03")
    path.write_text(theirs, encoding="utf-8")
    result = save(file, "AVL-03", given(4), known)
    seen = seen and {"date": "2026-06-02", **seen}

    assert result == Conflict(file.name, mark_of(seen), seen)
    assert path.read_text(encoding="utf-8") == theirs
    assert isinstance(save(file, "AVL-03", given(4), result.mark), Saved)


def test_answer_that_the_file_has_and_the_page_did_not_know_is_a_conflict(tmp_path):
    """An empty card does not write over an answer that came by git."""
    case(tmp_path)

    assert isinstance(save(answer_file(tmp_path), "AVL-01", given(0), ""), Conflict)


@pytest.mark.slow
def test_threads_save_into_one_file_by_turns(tmp_path):
    """Two callbacks at once lose nothing, with one object or with two."""
    shared = answer_file(tmp_path)
    failed = []

    def work(file, question):
        known = ""
        for value in range(30):
            result = file.save(question, given(value % 5), base=known)
            failed.extend([] if isinstance(result, Saved) else [result])
            known = result.mark

    files = [shared, shared, answer_file(tmp_path), answer_file(tmp_path)]
    workers = [
        threading.Thread(target=work, args=pair)
        for pair in zip(files, QUESTIONS, strict=False)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert failed == []
    assert {v["answer"] for v in shared.stored().values()} == {4}
    assert list(shared.stored()) == list(QUESTIONS[:4])


def test_windows_line_ends_stay(tmp_path):
    """A file from Windows is not turned into another one."""
    path = case(tmp_path, SHEET.replace("\n", "\r\n"))
    save(answer_file(tmp_path), "AVL-03", given(1, note="a\nb"))
    raw = path.read_bytes()

    assert raw.count(b"\n") == raw.count(b"\r\n") == SHEET.count("\n") + 4
    assert answer_file(tmp_path).stored()["AVL-03"]["note"] == "a\nb"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"answer": 7, "date": DAY}, "answers.AVL-01.answer: found the number 7"),
        ({"answer": 1}, "answers.AVL-01.date: found no such key"),
        ({"answer": 1, "date": "2026-02-30"}, "found the text '2026-02-30'"),
        (given(1, approved_by="nobody"), "found 'nobody', expected a role of the bank"),
        (given(1, because="x"), "'because' beside the answer 1"),
        (given(1, comment="x"), "answers.AVL-01.comment: found an unknown key"),
    ],
)
def test_answer_that_reading_would_refuse_is_not_written(tmp_path, answer, message):
    """The code that reads judges before the file is touched."""
    path, file = case(tmp_path), answer_file(tmp_path)
    with pytest.raises(InvalidInputError) as refused:
        save(file, "AVL-01", answer)

    assert str(refused.value).startswith("answers/owner.yaml:")
    assert message in str(refused.value)
    assert path.read_text(encoding="utf-8") == SHEET


def test_question_that_the_bank_does_not_have_is_not_answered(tmp_path):
    """A slip in an id makes no file."""
    with pytest.raises(InvalidInputError) as refused:
        save(answer_file(tmp_path), "AVL-99", given(1), "")
    assert str(refused.value).partition(": ")[2] == (
        "answers.AVL-99: found 'AVL-99', expected a question"
        " of the bank, do: if the bank had the question, put it back with "
        "'retired:'; if the id is a slip, correct it"
    )

    assert not (tmp_path / "answers" / "owner.yaml").exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SHEET.replace("answer: 3", "answer: three"), "answers.AVL-01.answer"),
        (SHEET.replace("AVL-03", "AVL-77"), "found 'AVL-77'"),
        (SHEET + "  AVL-01:\n    answer: 1\n", "a second time"),
        (SHEET.replace("role: owner", "role: other"), "found the role 'other'"),
        (SHEET.replace("answers:", "<<<<<<< HEAD\nanswers:"), "YAML"),
        ("", "an empty file"),
    ],
)
def test_file_that_is_refused_is_not_written(tmp_path, text, message):
    """A slip by hand is named with its line; the answer stays with the page."""
    path, file = case(tmp_path, text), answer_file(tmp_path)
    for call in (file.stored, lambda: save(file, "AVL-02", given(1), "")):
        with pytest.raises(InvalidInputError) as refused:
            call() if call != file.stored or "other" not in text else save(
                file, "AVL-02", given(1), ""
            )
        assert message in str(refused.value)

    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("name", ["agreed", "../owner", "Owner", "a" * 61, ""])
def test_name_that_no_person_can_have_is_refused(tmp_path, name):
    """The room's file is nobody's own, and no name leads out of the folder."""
    with pytest.raises(InvalidInputError):
        AnswerFile(tmp_path, name, "owner", BANK)


def test_document_of_another_role_is_confirmed(tmp_path):
    """It stands beside the answers, in a section that is made for it."""
    path, file = case(tmp_path), answer_file(tmp_path)
    file_18 = {"level": 3, "saw": "The file, no. 18", "date": "2026-06-03"}
    file.confirm("QLT-02", file_18, base="")
    a_list = {"level": 2, "saw": "A list", "date": "2026-06-04"}
    done = file.confirm("QLT-01", a_list, base="")

    assert path.read_text(encoding="utf-8") == SHEET + (
        "confirms:\n  QLT-01:\n    level: 2\n    saw: A list\n    date: 2026-06-04\n"
        "  QLT-02:\n    level: 3\n    saw: The file, no. 18\n    date: 2026-06-03\n"
    )
    assert list(file.confirmed()) == ["QLT-01", "QLT-02"]
    file.confirm("QLT-01", None, base=done.mark)
    assert list(file.confirmed()) == ["QLT-02"]
    assert isinstance(
        file.confirm("QLT-02", file_18 | {"level": 1}, base="old"), Conflict
    )


def test_what_the_room_agreed_is_saved(tmp_path):
    """It needs a reason and who was there, and the originals are not touched."""
    file = agreed_file(tmp_path, BANK)
    settled = {**given(2), "because": "No: it is not", "present": ["owner", "other"]}
    with pytest.raises(InvalidInputError) as refused:
        file.save("AVL-01", {**settled, "present": []}, base="")
    assert str(refused.value).partition(": ")[2] == (
        "settled.AVL-01.present: found an empty list, "
        "expected a list of at least 1, do: write a list of at least 1, or remove "
        "the key"
    )
    file.save("AVL-01", settled, base="")
    path = tmp_path / "answers" / "agreed.yaml"
    agreed = load_document(path, AgreedAnswers, name="agreed.yaml").model

    assert agreed.settled["AVL-01"].present == ("owner", "other")
    assert path.read_text(encoding="utf-8").endswith(
        '\nsettled:\n  AVL-01:\n    answer: 2\n    because: "No: it is not"\n'
        "    present: [owner, other]\n    date: 2026-06-20\n"
    )
    assert file.stored() == {"AVL-01": settled}
    assert isinstance(file.save("AVL-01", None, base=""), Conflict)
    assert file.save("AVL-01", None, base=mark_of(settled)).stored is None
