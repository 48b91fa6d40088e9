"""Sheets: printed for one role, filled in as a table, read back whole."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.cli.main import main
from readybook.edit.answers import AnswerFile

TODAY = dt.datetime.now().astimezone().date().isoformat()


def run(capsys, *words):
    """Run a command; returns exit code, standard output, standard error."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def case(root, tmp_path):
    """The example without what legal answered, judged on the day of the test."""
    folder = tmp_path / "case"
    ignored = shutil.ignore_patterns(
        "data", "legal.yaml", "milestones", "failures.json"
    )
    shutil.copytree(root / "templates" / "flight-delays", folder, ignore=ignored)
    scope = folder / "assessment.yaml"
    text = scope.read_text(encoding="utf-8")
    assert "as_of: 2026-11-30" in text
    scope.write_text(text.replace("as_of: 2026-11-30", "as_of: today"), "utf-8")
    return folder


@pytest.fixture
def printed(case, capsys):
    """Legal's sheet: the rows of its CSV, by question."""
    words = ("questions", case, "--role", "legal", "--format", "csv")
    code, out, _ = run(capsys, *words)
    assert code == 0
    return {row["id"]: row for row in csv.DictReader(io.StringIO(out))}


@pytest.fixture
def path(tmp_path):
    """Where the filled sheet lies."""
    return tmp_path / "legal.csv"


def save(path, printed, **how):
    """Save the rows as a spreadsheet does."""
    encoding = how.pop("encoding", "utf-8")
    with path.open("w", encoding=encoding, newline="") as file:
        header = dict.fromkeys(key for row in printed.values() for key in row)
        writer = csv.DictWriter(file, header, **how)
        writer.writeheader()
        writer.writerows(printed.values())


def read_back(capsys, path, case, *words):
    code, out, err = run(
        capsys, "answers", "import", path, "--dir", case,
        "--respondent", "legal", *words,
    )  # fmt: skip
    return code, out, err


def answers(case, who="legal"):
    opened = open_assessment(case, bank=load_bank_for(case))
    return opened.sheets[who].answers


def test_sheet_holds_exactly_the_questions_of_its_role(case, capsys, printed):
    """What others answer is not on it, nor what the scope facts rule out."""
    bank = load_bank_for(case)
    mine = [q.id for _, q in bank.questions if q.authority == "legal"]
    _, text, _ = run(capsys, "questions", case, "--role", "legal")

    assert re.findall(r"(?m)^## (\S+)", text) == mine == [*printed]
    assert text.index("Who will see what:") < text.index("- [ ]")
    assert "[x]" not in text.replace("`[x]`", "")


@pytest.mark.parametrize("ending", ["markdown", "csv", "html"])
def test_every_format_has_level_texts_and_an_empty_place_for_each_answer(
    ending, case, capsys
):
    """Nobody has to look anything up elsewhere."""
    words = ("questions", case, "--role", "legal", "--format", ending)
    _, out, _ = run(capsys, *words)
    question = next(q for _, q in load_bank_for(case).questions if q.id == "AVL-08")

    assert all(text.split(";")[0].split("`")[0][:40] in out for text in question.levels)
    assert "in place and watched" in out


def test_way_out_is_offered_where_the_bank_has_one(case, capsys):
    """“Does not apply” stands under PRV-11; AVL-08 always applies."""
    _, waved, _ = run(capsys, "questions", case, "--role", "security")
    _, always, _ = run(capsys, "questions", case, "--role", "legal")
    of_one = waved.partition("## PRV-11")[2].partition("\n## ")[0]

    assert "- [ ] Does not apply" in of_one
    assert "If it does not apply, why" in of_one
    assert "oes not apply" not in always.partition("## AVL-08")[2]


def test_filled_sheet_is_read_back_with_who_typed_it(case, capsys, printed, path):
    """Every answer, proof and note arrives, and the file passes the check."""
    printed["AVL-08"] |= {
        "answer": "3 in place", "proof": "Opinion, file no. 9",
        "proof_date": "2026-05-04", "note": "Only in Europe", "private": "yes",
    }  # fmt: skip
    printed["SCP-08"] |= {"answer": "We don't know", "private": "no"}
    save(path, printed)
    code, out, _ = read_back(capsys, path, case, "--typed-by", "business-owner")

    assert code == 0
    assert "legal.yaml: 2 answers read back" in out
    found = answers(case)
    assert found["AVL-08"].answer == 3
    assert found["AVL-08"].proof.reference == "Opinion, file no. 9"
    assert found["AVL-08"].proof.date == dt.date(2026, 5, 4)
    assert (found["AVL-08"].note, found["AVL-08"].private) == ("Only in Europe", True)
    assert (found["SCP-08"].answer, found["SCP-08"].private) == ("unknown", False)
    assert {one.typed_by for one in found.values()} == {"business-owner"}
    assert {one.date.isoformat() for one in found.values()} == {TODAY}


def test_question_that_is_waved_off_says_why_and_who_agreed(case, capsys, path):
    """The three columns arrive as the file of answers keeps them."""
    words = ("questions", case, "--role", "security", "--format", "csv")
    _, out, _ = run(capsys, *words)
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(out))}
    rows["PRV-11"] |= {
        "answer": "does-not-apply", "reason": "out-of-scope",
        "because": "All of it is public", "approved_by": "sponsor",
    }  # fmt: skip
    save(path, rows)
    words = ("answers", "import", path, "--dir", case, "--respondent", "guard")
    code, _, err = run(capsys, *words)

    assert (code, err) == (0, "")
    found = answers(case, "guard")["PRV-11"]
    assert (found.answer, found.reason) == ("does-not-apply", "out-of-scope")
    assert (found.because, found.approved_by) == ("All of it is public", "sponsor")


def test_question_without_an_answer_stays_unanswered(case, capsys, printed, path):
    """An empty sheet writes no file at all."""
    save(path, printed)
    code, out, _ = read_back(capsys, path, case)

    assert code == 0
    assert "no answers read back" in out
    assert not (case / "answers" / "legal.yaml").exists()


@pytest.mark.slow
def test_filled_csv_of_a_european_spreadsheet_is_read_back(case, capsys, printed, path):
    """Semicolons, a byte-order mark, quoted line ends and such dates are Excel's."""
    printed["SCP-08"] |= {
        "answer": "2.0",
        "note": "Line one\nline two",
        "private": "yes",
    }
    printed["AVL-08"] |= {
        "answer": "we don\N{RIGHT SINGLE QUOTATION MARK}t know",
        "answered_on": "4.05.2026",
    }
    save(path, printed, encoding="utf-8-sig", delimiter=";")
    code, _, err = read_back(capsys, path, case)

    assert (code, err) == (0, "")
    found = answers(case)
    assert found["SCP-08"].answer == 2
    assert found["SCP-08"].private
    assert found["AVL-08"].answer == "unknown"
    assert found["AVL-08"].date == dt.date(2026, 5, 4)


def test_every_problem_is_told_at_once_and_nothing_is_written(
    case, capsys, printed, path
):
    """Each with line, key, what was found, what was expected and what to do."""
    printed["SCP-08"] |= {"answer": "4-5", "proof": "Somewhere"}
    printed["AVL-08"] |= {"note": "No answer", "proof_date": "2026-05-04"}
    save(path, printed)
    code, _, err = read_back(capsys, path, case, "--typed-by", "nobody")
    *told, last = err.splitlines()

    assert code == 1
    assert last == f"{len(told)} problems; nothing was written."
    assert [line.removeprefix(str(path)).split(": ")[1] for line in told] == [
        "--typed-by",
        "SCP-08.answer",
        "SCP-08.proof",
        "AVL-08.note",
        "AVL-08.proof_date",
    ]
    assert all(" found " in line and ", do: " in line for line in told)
    assert not (case / "answers" / "legal.yaml").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "cell",
    [
        ("answer", "2-3", "found '2-3', expected 0 to 4, unknown or does-not-apply"),
        ("answer", "7", "found '7'"),
        ("answer", "3 partly", "found '3 partly'"),
        ("answered_on", "24/12/2025", "found '24/12/2025', expected a date"),
        ("answered_on", "2026-02-30", "expected a date as YYYY-MM-DD"),
        ("answered_on", "20260205", "expected a date as YYYY-MM-DD"),
        ("answered_on", "2999-01-01", "not after today"),
        ("private", "maybe", "expected yes, or nothing"),
        ("private", "yes", "found no note, expected a note that is private"),
        ("proof", "File no. 9", "found no date, expected the date of the proof"),
        ("proof_date", "2026-01-01", "found a date alone"),
        (
            "role",
            "finance",
            "expected 'legal', as in line 2, do: keep the sheets of two roles in",
        ),
        ("bank", "other 1.0.0", "found 'other 1.0.0', expected 'readybook "),
        ("reason", "too hard", "unless it does not apply"),
        ("reason", "too hard", "expected one of "),
        ("approved_by", "nobody", "found 'nobody', expected a role of the bank"),
        ("id", "AVL-99", "found 'AVL-99', expected a question of the bank"),
        ("id", "SCP-08", "'SCP-08' a second time (first: line 2)"),
    ],
)
def test_cell_that_cannot_be_read_is_named_by_its_line(
    cell, case, capsys, printed, path
):
    """The line is that of the file; nothing is written."""
    column, text, expected = cell
    printed["AVL-08"] |= {"answer": "2"} | {column: text}
    save(path, printed)
    code, _, err = read_back(capsys, path, case)

    assert code == 1
    assert expected in err
    assert f"{path}:3: " in err
    assert not (case / "answers" / "legal.yaml").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    "head",
    [
        ("role", "leagl", "do: did you mean 'legal'?"),
        ("role", "", "found no role"),
        ("bank", "other 1.0.0", "expected the bank 'readybook'"),
        ("bank", "", "found no bank"),
    ],
)
def test_sheet_of_an_unknown_role_or_another_bank_is_refused(
    head, case, capsys, printed, path
):
    """No answer goes where it was not meant to go."""
    column, text, expected = head
    for row in printed.values():
        row[column] = text
    save(path, printed)
    code, _, err = read_back(capsys, path, case)

    assert code == 1
    assert expected in err


def test_question_that_always_applies_is_not_waved_off(case, capsys, printed, path):
    """The sheet says which answers it takes."""
    printed["SCP-08"]["answer"] = "does-not-apply"
    save(path, printed)
    code, _, err = read_back(capsys, path, case)

    assert code == 1
    assert "expected a level or 'unknown': SCP-08 always applies" in err


def test_column_that_a_person_added_is_not_passed_over(case, capsys, printed, path):
    """What stands in it belongs into the note."""
    printed["SCP-08"]["remark"] = "mine"
    save(path, printed)
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([lines[0], lines[1] + ",more", *lines[2:]]), "utf-8")
    code, _, err = read_back(capsys, path, case)

    assert code == 1
    assert "SCP-08.remark: found 'mine'" in err
    assert f"SCP-08.column {lines[0].count(',') + 2}: found 'more'" in err
    assert "move it to the column 'note'" in err


def test_column_that_is_missing_and_a_sheet_without_a_row_are_told(
    case, capsys, printed, path
):
    """A table of something else is no sheet."""
    path.write_text("id,answer,role,bank\n", encoding="utf-8")
    _, _, err = read_back(capsys, path, case)
    assert "legal.csv:1: answered_on: found no such column" in err
    save(path, printed)
    path.write_text(path.read_text("utf-8").partition("\n")[0], encoding="utf-8")
    code, _, err = read_back(capsys, path, case)

    assert code == 1
    assert "found no question, expected a sheet that readybook printed" in err


def test_sheet_that_is_older_than_an_answer_does_not_replace_it(
    case, capsys, printed, path
):
    """What was typed in since stays; the person is asked."""
    printed["AVL-08"]["answer"] = "3"
    save(path, printed)
    read_back(capsys, path, case)
    printed["AVL-08"] |= {"answer": "1", "answered_on": "2026-01-02"}
    save(path, printed)
    code, _, err = read_back(capsys, path, case)

    assert code == 1
    assert f"is not older than that in answers/legal.yaml ({TODAY})" in err
    assert answers(case)["AVL-08"].answer == 3


def test_what_was_saved_before_the_file_broke_is_told(
    case, capsys, printed, path, monkeypatch
):
    """Another program may spoil the file between two answers."""
    save_one = AnswerFile.save

    def save_then_spoil(file, question, answer, **how):
        saved = save_one(file, question, answer, **how)
        (case / "answers" / "legal.yaml").write_text("role: [", "utf-8")
        return saved

    printed["AVL-08"]["answer"], printed["SCP-08"]["answer"] = "3", "2"
    save(path, printed)
    monkeypatch.setattr(AnswerFile, "save", save_then_spoil)
    code, out, err = read_back(capsys, path, case)

    assert (code, out) == (3, "")
    assert re.search(r": found .*, do: [^\n]*\nsaved before that: [A-Z-]+\d+\n$", err)


@pytest.mark.slow
def test_revised_answer_keeps_the_first_one(case, capsys, printed, path):
    """A second sheet of the same day counts, and what was said before is kept."""
    for answer in ("3", "1"):
        printed["AVL-08"]["answer"] = answer
        save(path, printed)
        read_back(capsys, path, case)

    assert (answers(case)["AVL-08"].answer, answers(case)["AVL-08"].first) == (1, 3)


def test_sheet_of_another_role_than_the_respondents_is_refused(
    case, capsys, printed, path
):
    """Nobody's file changes its role by a slip in a name."""
    printed["AVL-08"]["answer"] = "3"
    save(path, printed)
    code, _, err = run(
        capsys, "answers", "import", path, "--dir", case, "--respondent", "finance"
    )

    assert code == 1
    assert "expected 'finance', the role of answers/finance.yaml" in err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("legal.pdf", "found the ending '.pdf'"),
        ("legal", "found no ending"),
        ("legal.md", "found a Markdown sheet, which is for printing"),
        ("legal.MARKDOWN", "do: write the answers into one printed with --format csv"),
    ],
)
def test_sheet_that_is_no_csv_is_refused(name, told, case, capsys, tmp_path):
    """The message says what is read back."""
    (tmp_path / name).write_text("x", encoding="utf-8")
    code, _, err = read_back(capsys, tmp_path / name, case)

    assert code == 1
    assert told in err
    assert "expected a sheet that ends in .csv" in err


def test_sheet_in_another_code_is_refused(case, capsys, path):
    """Guessed letters would be somebody's words, changed."""
    path.write_bytes("id,answer\nAVL-08,ä".encode("latin-1"))
    code, _, err = read_back(capsys, path, case)

    assert code == 1
    assert "found letters in another code, expected UTF-8" in err


@pytest.mark.parametrize(
    "words",
    [("--role", "legal"), ("CASE",), ("CASE", "--role", "legal", "--bank", "CASE")],
)
def test_folder_and_role_belong_together(words, case, capsys):
    """One without the other is wrong usage, said in words."""
    code, _, err = run(
        capsys, "questions", *(case if w == "CASE" else w for w in words)
    )

    assert code == 2
    assert "do: readybook questions DIR --role ROLE" in err


def test_role_that_the_bank_lacks_is_wrong_usage(case, capsys):
    """The nearest one is offered."""
    code, _, err = run(capsys, "questions", case, "--role", "leagl")

    assert code == 2
    assert "did you mean 'legal'?" in err


def test_starter_track_prints_fewer_questions(case, capsys):
    """A first workshop asks gates and key questions only."""
    long = run(capsys, "questions", case, "--role", "business-owner")[1]
    words = ("questions", case, "--role", "business-owner", "--track", "starter")
    short = run(capsys, *words)[1]

    assert 0 < short.count("\n## ") < long.count("\n## ")
