"""Sheets: printed for one role, filled in as a table, read back whole."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from flight_case import flight_assessment, flight_bank
from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.cli.main import main
from readybook.edit.answers import AnswerFile
from readybook.model.bank import AnswerSet
from readybook.model.errors import InvalidInputError
from readybook.paper.sheet import all_asked, make_sheet, read_sheets, sheet_csv
from readybook.score.score import score

TODAY = dt.datetime.now().astimezone().date().isoformat()


def run(capsys, *words):
    """Run a command; returns exit code, standard output, standard error."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture(scope="module")
def kept(root, tmp_path_factory):
    """The example without what legal answered, judged on the day of the test."""
    folder = tmp_path_factory.mktemp("kept") / "case"
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
def case(kept, tmp_path):
    """A copy of it."""
    return Path(shutil.copytree(kept, tmp_path / kept.name))


@pytest.fixture(scope="module")
def sheet(kept):
    """Legal's sheet, as CSV."""
    words = ["questions", str(kept), "--role", "legal", "--format", "csv"]
    with redirect_stdout(io.StringIO()) as out:
        assert main(words) == 0
    return out.getvalue()


@pytest.fixture
def printed(sheet):
    """The rows of it, by question."""
    return {row["id"]: row for row in csv.DictReader(io.StringIO(sheet))}


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


# --- read back, cell by cell -------------------------------------------------------

BANK = flight_bank()
RESULT = score(BANK, flight_assessment())
SHEET = make_sheet(RESULT, flight_assessment(), BANK, role="data-owner")
DAY = dt.date(2026, 11, 30)
ROLES = (
    "use one of: sponsor, data-owner, data-scientist, platform-lead, security, legal, "
    "finance"
)


def cells(changes=(), *, head=(), encoding="utf-8", **how):
    """The bytes of a sheet of four questions with other cells; `head` is in all rows."""
    rows = [*csv.DictReader(io.StringIO(sheet_csv(SHEET)))]
    for row in rows:
        row.update(dict(head) | dict(changes).get(row["id"], {}))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, dict.fromkeys(k for row in rows for k in row), **how)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def told(path, content, bank=BANK):
    """What is read of a file, and its problems without its name."""
    path.write_bytes(content)
    try:
        (sheet,) = read_sheets(path, all_asked(RESULT, bank), bank, today=DAY)
        problems = sheet.problems
    except InvalidInputError as refused:
        sheet, problems = None, refused.problems
    return sheet, [str(one).removeprefix(f"{path}:").strip() for one in problems]


def test_sheet_says_whose_it_is_and_what_may_be_answered():
    """Who else agrees is asked for a gate alone; the way out where there is one."""
    always = BANK.model_copy(
        update={"answer_sets": (AnswerSet(id="in-place", does_not_apply=False),)}
    )
    gate, plain = all_asked(RESULT, BANK)["AVL-03"], all_asked(RESULT, BANK)["AVL-05"]
    fixed = all_asked(RESULT, always)["AVL-03"]
    keys = ("proof", "proof_date", "note", "private")
    waving = ("reason", "because", "approved_by")

    assert (SHEET.role_title, SHEET.bank, SHEET.title) == (
        *("Data owner", "flight-bank 1.0.0", "Arrival delays over 15 minutes"),
    )
    assert SHEET.about == (
        "4 questions for production, for Operations analytics. Judged at 30 November "
        "2026."
    )
    assert gate.gate == "a gate: its minimum is “in place”"
    assert plain.gate == ""
    assert gate.answers == (*"01234", "unknown", "does-not-apply")
    assert fixed.answers == (*"01234", "unknown")
    assert [key for key, _, _ in gate.fields] == [*keys, *waving]
    assert [key for key, _, _ in plain.fields] == [*keys, *waving[:2]]
    assert [key for key, _, _ in fixed.fields] == [*keys]


def test_printed_row_has_the_texts_of_the_question_and_empty_cells():
    """A spreadsheet shows all that the paper shows."""
    header, first = [*csv.reader(io.StringIO(sheet_csv(SHEET)))][:2]

    assert dict(zip(header, first, strict=True)) == {
        "role": "data-owner",
        "bank": "flight-bank 1.0.0",
        "id": "AVL-01",
        "title": "Data opened",
        "gate": "a gate: its minimum is “partly in place”",
        "question": "How far is it: data opened?",
        "why": "Cases fail for want of it.",
        "0 missing": "Data opened as at level missing.",
        "1 improvised": "Data opened as at level improvised.",
        "2 partly in place": "Data opened as at level partly in place.",
        "3 in place": "Data opened as at level in place.",
        "4 in place and watched": "Data opened as at level watched.",
        "what would show it": "a dated record of data opened",
    } | dict.fromkeys(
        ("answer", "answered_on", "proof", "proof_date", "note", "private",
         "reason", "because", "approved_by"), ""
    )  # fmt: skip


@pytest.mark.parametrize("how", [{}, {"delimiter": ";"}, {"delimiter": "\t"}])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_filled_sheet_of_any_spreadsheet_is_read(how, encoding, tmp_path):
    """Semicolons, a byte-order mark, quoted line ends and such dates are Excel's."""
    changes = {
        "AVL-01": {"answer": "3 In place", "proof": "P", "proof_date": "30.11.2026"},
        "AVL-03": {
            "answer": "does not apply", "reason": "out-of-scope", "because": "Why.",
            "approved_by": "sponsor",
        },
        "AVL-05": {"answer": "2.0", "note": "One\ntwo", "private": "YES"},
        "QLT-03": {
            "answer": "I don\N{RIGHT SINGLE QUOTATION MARK}t know.",
            "answered_on": "4.05.2026", "private": "no",
        },
    }  # fmt: skip
    sheet, problems = told(tmp_path / "a.CSV", cells(changes, encoding=encoding, **how))

    assert problems == []
    assert (sheet.role, sheet.role_line) == ("data-owner", 2)
    assert sheet.lines == {"AVL-01": 2, "AVL-03": 3, "AVL-05": 4, "QLT-03": 6}
    assert sheet.answers == {
        "AVL-01": {
            "answer": 3, "date": "2026-11-30",
            "proof": {"reference": "P", "date": "2026-11-30"},
        },
        "AVL-03": {
            "answer": "does-not-apply", "date": "2026-11-30",
            "reason": "out-of-scope", "because": "Why.", "approved_by": "sponsor",
        },
        "AVL-05": {
            "answer": 2, "date": "2026-11-30", "note": "One\ntwo", "private": True,
        },
        "QLT-03": {"answer": "unknown", "date": "2026-05-04"},
    }  # fmt: skip


LEVEL = "expected 0 to 4, unknown or does-not-apply, do: write one of them"
DATE = "expected a date as YYYY-MM-DD, not after today, do: write it like 2026-11-30"
ELSE = (
    "expected nothing here, unless it does not apply, do: answer does-not-apply, or use "
    "the note"
)
APART = "as in line 2, do: keep the sheets of two roles in two files"


@pytest.mark.parametrize(
    ("column", "text", "problems"),
    [
        ("answer", "2-3", [f"AVL-03.answer: found '2-3', {LEVEL}"]),
        ("answer", "5", [f"AVL-03.answer: found '5', {LEVEL}"]),
        ("answer", "3 partly", [f"AVL-03.answer: found '3 partly', {LEVEL}"]),
        ("answered_on", "24/12/2025", [f"AVL-03.answered_on: found '24/12/2025', {DATE}"]),
        ("answered_on", "2026-02-30", [f"AVL-03.answered_on: found '2026-02-30', {DATE}"]),
        ("answered_on", "20260205", [f"AVL-03.answered_on: found '20260205', {DATE}"]),
        ("answered_on", "2026-12-01", [f"AVL-03.answered_on: found '2026-12-01', {DATE}"]),
        ("answered_on", "2026-11-30", []),
        (
            "private",
            "maybe",
            [("AVL-03.private: found 'maybe', expected yes, or nothing, do: write yes or "
             "leave it empty")],
        ),
        (
            "private",
            "yes",
            ["AVL-03.note: found no note, expected a note that is private, do: write it"],
        ),
        (
            "proof",
            "File no. 9",
            [("AVL-03.proof_date: found no date, expected the date of the proof, do: write "
             "it")],
        ),
        (
            "proof_date",
            "2026-01-01",
            [("AVL-03.proof: found a date alone, expected the proof that it is of, do: "
             "write it")],
        ),
        ("role", "finance", [f"role: found 'finance', expected 'data-owner', {APART}"]),
        (
            "bank",
            "other 1.0.0",
            [f"bank: found 'other 1.0.0', expected 'flight-bank 1.0.0', {APART}"],
        ),
        (
            "reason",
            "too hard",
            [
                f"AVL-03.reason: found 'too hard', {ELSE}",
                ("AVL-03.reason: found 'too hard', expected one of out-of-scope, "
                "business-priority, architecture-constraint, other, do: use one of: "
                "out-of-scope, business-priority, architecture-constraint, other"),
            ],
        ),
        (
            "approved_by",
            "nobody",
            [
                f"AVL-03.approved_by: found 'nobody', {ELSE}",
                ("AVL-03.approved_by: found 'nobody', expected a role of the bank, do: "
                f"{ROLES}"),
            ],
        ),
        (
            "id",
            "AVL-99",
            [("AVL-99: found 'AVL-99', expected a question of the bank, do: did you mean "
             "'AVL-08'?")],
        ),
        (
            "id",
            "AVL-01",
            [("AVL-01: found 'AVL-01' a second time (first: line 2), expected each "
             "question once, do: remove one of them")],
        ),
        (
            "remark",
            "mine",
            [("AVL-03.remark: found 'mine', expected nothing in a column that is not read, "
             "do: move it to the column 'note'")],
        ),
    ],
)  # fmt: skip
def test_cell_that_cannot_be_read_is_named_by_its_line(
    column, text, problems, tmp_path
):
    """The line is that of the file."""
    changes = {"AVL-03": {"answer": "2"} | {column: text}}

    assert told(tmp_path / "a.csv", cells(changes))[1] == [
        f"3: {one}" for one in problems
    ]


def test_everything_about_an_unanswered_question_is_a_problem(tmp_path):
    """What was written beside it would be lost."""
    filled = {"proof": "P", "proof_date": "2026-05-04", "note": "N", "reason": "other"}

    assert told(tmp_path / "a.csv", cells({"AVL-03": filled}))[1] == [
        f"3: AVL-03.{key}: found '{text}', expected an answer with it, do: answer the "
        "question, 'unknown' at least"
        for key, text in filled.items()
    ]


def test_question_that_always_applies_is_not_waved_off(tmp_path):
    """The sheet says which answers it takes."""
    bank = BANK.model_copy(
        update={"answer_sets": (AnswerSet(id="in-place", does_not_apply=False),)}
    )
    content = cells({"AVL-03": {"answer": "does-not-apply"}})

    assert told(tmp_path / "a.csv", content, bank)[1] == [
        (
            "3: AVL-03.answer: found 'does-not-apply', expected a level or 'unknown': AVL-03 "
            "always applies, do: write another answer"
        )
    ]


@pytest.mark.parametrize(
    ("column", "text", "problem"),
    [
        (
            "role",
            "leagl",
            "'leagl', expected a role of the bank, do: did you mean 'legal'?",
        ),
        ("role", "", f"no role, expected a role of the bank, do: {ROLES}"),
        (
            "bank",
            "other 1.0.0",
            (
                "'other 1.0.0', expected the bank 'flight-bank', do: use a sheet that was "
                "printed for this folder"
            ),
        ),
        (
            "bank",
            "",
            (
                "no bank, expected the bank 'flight-bank', do: use a sheet that was printed "
                "for this folder"
            ),
        ),
    ],
)
def test_sheet_of_an_unknown_role_or_another_bank_is_refused(
    column, text, problem, tmp_path
):
    """No answer goes where it was not meant to go; it is said once."""
    content = cells(head={column: text})

    assert told(tmp_path / "a.csv", content)[1] == [f"2: {column}: found {problem}"]


MISSING = "expected the columns that were printed, do: add the column"
NONE = (
    "found no question, expected a sheet that readybook printed, do: print one with: "
    "readybook questions DIR --role ROLE"
)


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (
            b"id,answer,role,x,x,\n",
            [f"1: {key}: found no such column, {MISSING} '{key}'"
             for key in ("bank", "answered_on")],
        ),
        (b"id,answer,role,bank,answered_on\n\n , ,\n", [NONE]),
        (
            (b"id,answer,role,bank,answered_on,note,note,\n"
            b"AVL-01,1,data-owner,flight-bank 1,,a,b,c,d\n"),
            [f"2: AVL-01.column {at}: found '{text}', expected nothing in a column that is "
             "not read, do: move it to the column 'note'"
             for at, text in ((7, "b"), (8, "c"), (9, "d"))],
        ),
        (
            "id,answer\nAVL-08,ä".encode("latin-1"),
            [("2: found bytes that are not UTF-8, expected text in UTF-8, do: save the "
              "file again with the encoding UTF-8")],
        ),
        (
            b"id,answer,role,bank,answered_on\n" + b"x" * 200_000,
            [("2: found a damaged row (field larger than field limit (131072)), expected "
             "CSV, do: save the sheet as CSV again")],
        ),
    ],
    ids=["columns", "rows", "added", "code", "damaged"],
)  # fmt: skip
def test_table_that_is_no_sheet_is_told(content, problems, tmp_path):
    """Columns that are missing or were added, no row, another code."""
    assert told(tmp_path / "a.csv", content)[1] == problems


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("a.pdf", "found the ending '.pdf', expected {}, do: save it as one of them"),
        ("a", "found no ending, expected {}, do: save it as one of them"),
        *(
            (
                f"a.{ending}",
                (
                    "found a Markdown sheet, which is for printing, expected {}, do: write "
                    "the answers into one printed with --format xlsx or csv"
                ),
            )
            for ending in ("md", "MARKDOWN")
        ),
    ],
)
def test_sheet_that_is_no_csv_is_refused(name, problem, tmp_path):
    """The message says what is read back."""
    expected = problem.format("a sheet that ends in .xlsx or .csv")

    assert told(tmp_path / name, b"x")[1] == [expected]
