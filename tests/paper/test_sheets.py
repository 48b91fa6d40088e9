"""Sheets: printed for one role, filled in on paper or screen, read back whole."""

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

TODAY = dt.datetime.now().astimezone().date().isoformat()


def run(capsys, *words):
    """Run a command; returns exit code, standard output, standard error."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def case(root, tmp_path):
    """The example without what legal answered."""
    folder = tmp_path / "case"
    ignored = shutil.ignore_patterns("data", "legal.yaml")
    shutil.copytree(root / "templates" / "flight-delays", folder, ignore=ignored)
    return folder


@pytest.fixture
def printed(case, capsys, tmp_path):
    """Legal's sheet as Markdown: its file, and what stands in it."""
    code, out, _ = run(capsys, "questions", case, "--role", "legal")
    assert code == 0
    path = tmp_path / "legal.md"
    path.write_text(out, encoding="utf-8")
    return path


def write(path, text):
    path.write_text(text, encoding="utf-8")


def fill(path, question, box=None, **fields):
    """Tick a box of one question and write behind its labels."""
    head, found, rest = path.read_text(encoding="utf-8").partition(f"## {question} ")
    own, after, others = rest.partition("\n## ")
    if box is not None:
        own = own.replace(f"- [ ] {box}", f"- [x] {box}", 1)
    for label, text in fields.items():
        name = label.replace("_", " ").capitalize()
        own = re.sub(rf"(?m)^- {name}( \([^)]*\))?:$", rf"- {name}\1: {text}", own)
    write(path, head + found + own + after + others)


def read_back(capsys, path, case, *words):
    code, out, err = run(
        capsys, "answers", "import", path, "--dir", case,
        "--respondent", "legal", *words,
    )  # fmt: skip
    return code, out, err


def answers(case, who="legal"):
    opened = open_assessment(case, bank=load_bank_for(case))
    return opened.sheets[who].answers


def problems(err, path):
    """Return what stands behind the sheet's path, a line each."""
    return [line.removeprefix(str(path)) for line in err.splitlines()[:-1]]


def test_sheet_holds_exactly_the_questions_of_its_role(case, printed):
    """What others answer is not on it, nor what the scope facts rule out."""
    bank = load_bank_for(case)
    mine = [q.id for _, q in bank.questions if q.authority == "legal"]
    text = printed.read_text(encoding="utf-8")

    assert re.findall(r"(?m)^## (\S+)", text) == mine
    assert "Who will see what:" in text
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


def test_filled_markdown_is_read_back_with_who_typed_it(case, capsys, printed):
    """Every box, proof and note arrives, and the file passes the check."""
    fill(
        printed, "AVL-08", "3 in place", proof="Opinion, file no. 9",
        date_of_the_proof="2026-05-04", note="Only in Europe", private_note="yes",
    )  # fmt: skip
    fill(printed, "SCP-08", "We don't know")
    code, out, _ = read_back(capsys, printed, case, "--typed-by", "business-owner")

    assert code == 0
    assert "legal.yaml: 2 answers read back" in out
    found = answers(case)
    assert found["AVL-08"].answer == 3
    assert found["AVL-08"].proof.reference == "Opinion, file no. 9"
    assert found["AVL-08"].proof.date == dt.date(2026, 5, 4)
    assert (found["AVL-08"].note, found["AVL-08"].private) == ("Only in Europe", True)
    assert found["SCP-08"].answer == "unknown"
    assert {one.typed_by for one in found.values()} == {"business-owner"}
    assert {one.date.isoformat() for one in found.values()} == {TODAY}


def test_note_that_goes_on_in_the_next_lines_is_kept_whole(case, capsys, printed):
    """People write more than one line, and lists too."""
    fill(printed, "AVL-08", "2 partly", note="First line\n  second line\n- a third")
    read_back(capsys, printed, case)

    assert answers(case)["AVL-08"].note == "First line second line - a third"


def test_question_without_a_tick_stays_unanswered(case, capsys, printed):
    """An empty sheet writes no file at all."""
    code, out, _ = read_back(capsys, printed, case)

    assert code == 0
    assert "no answers read back" in out
    assert not (case / "answers" / "legal.yaml").exists()


def test_date_of_the_sheet_is_the_date_of_its_answers(case, capsys, printed):
    """What was filled in on Friday and typed in on Monday is of Friday."""
    text = printed.read_text(encoding="utf-8")
    write(printed, text.replace("(YYYY-MM-DD):", "(YYYY-MM-DD): 2026-03-06", 1))
    fill(printed, "AVL-08", "1 improvised")
    read_back(capsys, printed, case)

    assert answers(case)["AVL-08"].date == dt.date(2026, 3, 6)


def test_filled_csv_of_a_european_spreadsheet_is_read_back(case, capsys, tmp_path):
    """Semicolons, a byte-order mark and quoted line ends are what Excel writes."""
    _, out, _ = run(capsys, "questions", case, "--role", "legal", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    rows[0] |= {"answer": "2", "note": "Line one\nline two", "private": "yes"}
    rows[1] |= {
        "answer": "we don\N{RIGHT SINGLE QUOTATION MARK}t know",
        "answered_on": "2026-05-04",
    }
    path = tmp_path / "legal.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    code, _, err = read_back(capsys, path, case)

    assert (code, err) == (0, "")
    found = answers(case)
    assert found["SCP-08"].answer == 2
    assert found["SCP-08"].private
    assert found["AVL-08"].answer == "unknown"
    assert found["AVL-08"].date == dt.date(2026, 5, 4)


def test_every_problem_is_told_at_once_and_nothing_is_written(case, capsys, printed):
    """Each with line, key, what was found, what was expected and what to do."""
    fill(printed, "SCP-08", "3 in place", proof="Somewhere")
    fill(printed, "SCP-08", "1 improvised")
    fill(printed, "AVL-08", note="No tick", date_of_the_proof="4.5.2026")
    code, _, err = read_back(capsys, printed, case, "--typed-by", "nobody")
    told = problems(err, printed)

    assert code == 1
    assert err.splitlines()[-1] == "5 problems; nothing was written."
    assert [line.split(": ")[1] for line in told] == [
        "--typed-by",
        "SCP-08.answer",
        "SCP-08.proof_date",
        "AVL-08.proof_date",
        "AVL-08.note",
    ]
    assert all(" found " in line and ", do: " in line for line in told)
    assert "2 ticks (1 and 3), expected one tick at most" in err
    assert not (case / "answers" / "legal.yaml").exists()


@pytest.mark.parametrize(
    "change",
    [
        ("- [ ] 3 in", "- [?] 3 in", "found [?], expected [x] for a tick"),
        ("## AVL-08 ", "## ", "expected '## ' with a question's id"),
        ("## AVL-08 ", "## AVL-99 ", "found 'AVL-99', expected a question of the bank"),
        ("- Role: legal", "- Role: leagl", "do: did you mean 'legal'?"),
        ("- Bank: readybook", "- Bank: other", "expected the bank 'readybook'"),
        ("term.\n\n- [ ] 0", "term. And mine.\n\n- [ ] 0", "found 'And mine.'"),
        ("in writing.\n", "in writing. But by mail.\n", "found 'But by mail.'"),
        ("- [ ] We don't know", "- [x] Maybe", "found the box 'Maybe'"),
        ("- Note:", "- Note:\n- Note:", "found it a second time"),
        ("- Private note (yes", "- Private note (no", None),
        ("(YYYY-MM-DD):", "(YYYY-MM-DD): 2999-01-01", "not after today"),
        ("(YYYY-MM-DD):", "(YYYY-MM-DD): 2026-02-30", "expected a date as YYYY-MM-DD"),
    ],
)
def test_what_a_person_changed_on_the_sheet_is_told_or_harmless(
    change, case, capsys, printed
):
    """No text is passed over in silence, and no answer goes to another question."""
    old, new, expected = change
    fill(printed, "SCP-08", "2 partly")
    text = printed.read_text(encoding="utf-8")
    assert old in text
    write(printed, text.replace(old, new, 1))
    code, _, err = read_back(capsys, printed, case)

    if expected is None:
        assert code == 0
    else:
        assert code == 1
        assert expected in err
        assert not (case / "answers" / "legal.yaml").exists()


def test_heading_that_was_deleted_is_noticed_by_its_second_set_of_boxes(
    case, capsys, printed
):
    """Two questions run together give no answer to the wrong one."""
    text = printed.read_text(encoding="utf-8")
    write(printed, re.sub(r"(?m)^## AVL-08 .*\n", "", text))
    code, _, err = read_back(capsys, printed, case)

    assert code == 1
    assert "put the heading of the question back" in err


@pytest.mark.parametrize(
    "cell",
    [
        ("answer", "2-3", "found '2-3', expected 0 to 4, unknown or does-not-apply"),
        ("answer", "7", "found '7'"),
        ("answered_on", "24/12/2025", "found '24/12/2025', expected a date"),
        ("private", "maybe", "expected yes, or nothing"),
        ("role", "finance", "found 'finance', expected 'legal', as in line 2"),
        ("reason", "too hard", "unless it does not apply"),
    ],
)
def test_cell_of_a_csv_that_cannot_be_read_is_named_by_line_and_column(
    cell, case, capsys, tmp_path
):
    """The line is that of the file; the key is question and column."""
    column, text, expected = cell
    _, out, _ = run(capsys, "questions", case, "--role", "legal", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    rows[1] |= {"answer": "2"} | {column: text}
    path = tmp_path / "legal.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    code, _, err = read_back(capsys, path, case)

    assert code == 1
    assert expected in err
    assert f"{path}:3: " in err


def test_column_that_a_person_added_is_not_passed_over(case, capsys, tmp_path):
    """What stands in it belongs into the note."""
    _, out, _ = run(capsys, "questions", case, "--role", "legal", "--format", "csv")
    lines = out.splitlines()
    path = tmp_path / "legal.csv"
    write(path, "\n".join([lines[0] + ",remark", lines[1] + ",mine", *lines[2:]]))
    code, _, err = read_back(capsys, path, case)

    assert code == 1
    assert "SCP-08.remark: found 'mine'" in err
    assert "move it to the column 'note'" in err


def test_sheet_that_is_older_than_an_answer_does_not_replace_it(case, capsys, printed):
    """What was typed in since stays; the person is asked."""
    fill(printed, "AVL-08", "3 in place")
    read_back(capsys, printed, case)
    older = printed.read_text(encoding="utf-8").replace("- [x] 3", "- [ ] 3")
    write(printed, older.replace("(YYYY-MM-DD):", "(YYYY-MM-DD): 2026-01-02", 1))
    fill(printed, "AVL-08", "1 improvised")
    code, _, err = read_back(capsys, printed, case)

    assert code == 1
    assert f"is not older than that in answers/legal.yaml ({TODAY})" in err
    assert answers(case)["AVL-08"].answer == 3


def test_revised_answer_keeps_the_first_one(case, capsys, printed):
    """A second sheet of the same day counts, and what was said before is kept."""
    fill(printed, "AVL-08", "3 in place")
    read_back(capsys, printed, case)
    text = printed.read_text(encoding="utf-8").replace("- [x] 3", "- [ ] 3")
    write(printed, text)
    fill(printed, "AVL-08", "1 improvised")
    read_back(capsys, printed, case)

    assert (answers(case)["AVL-08"].answer, answers(case)["AVL-08"].first) == (1, 3)


def test_sheet_of_another_role_than_the_respondents_is_refused(case, capsys, printed):
    """Nobody's file changes its role by a slip in a name."""
    fill(printed, "AVL-08", "3 in place")
    code, _, err = run(
        capsys, "answers", "import", printed, "--dir", case, "--respondent", "finance"
    )

    assert code == 1
    assert "expected 'finance', the role of answers/finance.yaml" in err


@pytest.mark.parametrize("name", ["legal.pdf", "legal"])
def test_sheet_that_is_no_markdown_and_no_csv_is_refused(name, case, capsys, tmp_path):
    """The message names the two endings."""
    write(tmp_path / name, "x")
    code, _, err = read_back(capsys, tmp_path / name, case)

    assert code == 1
    assert "expected a sheet that ends in .md or .csv" in err


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
