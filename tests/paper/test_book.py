"""Sheets as a workbook of Excel: choices, locks, and every cell read back or told."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
import warnings
import zipfile

import openpyxl
import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.cli.main import main
from readybook.edit.answers import AnswerFile
from readybook.paper.book import sheets_xlsx
from readybook.paper.sheet import HEADER, all_asked, make_sheet, read_sheets
from readybook.score.score import score

COLUMN = {name: at for at, name in enumerate(HEADER, 1)}


@pytest.fixture
def case(root, tmp_path):
    """The example without its answers, judged today."""
    folder = tmp_path / "case"
    ignored = shutil.ignore_patterns("data", "answers", "milestones", "failures.json")
    shutil.copytree(root / "templates" / "flight-delays", folder, ignore=ignored)
    scope = folder / "assessment.yaml"
    text = scope.read_text(encoding="utf-8")
    scope.write_text(text.replace("as_of: 2026-11-30", "as_of: today"), "utf-8")
    return folder


def book_of(case, *roles, bank=None):
    """The workbook of some roles, of all that are asked where none is named."""
    bank = bank or load_bank_for(case)
    opened = open_assessment(case, bank=bank)
    result = score(bank, opened)
    known = [role.id for role in bank.roles]
    sheets = [make_sheet(result, opened, bank, role=role) for role in roles or known]
    return sheets_xlsx([sheet for sheet in sheets if sheet.asked], known)


def filled(content, path, answers):
    """Fill in cells of a workbook as a person does, and save it."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for (page, row, column), value in answers.items():
        book[page].cell(row, COLUMN[column], value)
    book.save(path)
    return path


def answers_of(case, who):
    file = AnswerFile(case, who, who, load_bank_for(case))
    return file.stored()


def test_only_what_is_to_be_filled_in_is_unlocked(case):
    """Each sheet is protected without a password; its answers are a list to choose."""
    book = openpyxl.load_workbook(io.BytesIO(book_of(case, "legal")))
    page = book["legal"]
    open_to_type = [
        HEADER[cell.column - 1] for cell in page[2] if not cell.protection.locked
    ]

    assert page.protection.sheet
    assert page.protection.password is None
    assert open_to_type == [*HEADER[COLUMN["answer"] - 1 :]]
    offered = {
        str(one.sqref).partition(":")[0]: one.formula1
        for one in page.data_validations.dataValidation
    }
    letter = page.cell(2, COLUMN["answer"]).column_letter
    assert offered[f"{letter}2"].startswith('"0 missing,1 improvised,')
    bank = load_bank_for(case)
    asked = all_asked(score(bank, open_assessment(case, bank=bank)), bank)
    for row in range(2, page.max_row + 1):
        can_be_waved = asked[page.cell(row, COLUMN["id"]).value].may_be_waved
        last = "Does not apply" if can_be_waved else "We don't know"
        assert offered[f"{letter}{row}"].endswith(f',{last}"')


def test_text_is_no_formula_and_the_bytes_are_the_same(case):
    """A bank of one's own may begin a text with an equals sign, or hold an escape."""
    bank = load_bank_for(case)
    texts = {"text": "=HYPERLINK(1)", "why": "a\x1b[2Jb"}
    sections = {
        section: tuple(one.model_copy(update=texts) for one in questions)
        for section, questions in bank.sections.items()
    }
    hostile = bank.model_copy(update={"sections": sections})
    content = book_of(case, "legal", bank=hostile)
    page = openpyxl.load_workbook(io.BytesIO(content))["legal"]

    assert page.cell(2, COLUMN["question"]).data_type == "s"
    assert page.cell(2, COLUMN["question"]).value == "=HYPERLINK(1)"
    assert page.cell(2, COLUMN["why"]).value == "a\\u001b[2Jb"
    assert content == book_of(case, "legal", bank=hostile)


def test_workbook_of_all_roles_is_read_back_into_a_file_of_each(case, tmp_path, capsys):
    """Levels with their word, dates as dates; who holds the role has answered."""
    content = book_of(case)
    path = filled(content, tmp_path / "all.xlsx", {
        ("legal", 2, "answer"): "3 in place",
        ("legal", 2, "note"): "=1+1 was said",
        ("data-owner", 2, "answer"): 2,
        ("data-owner", 3, "answer"): "We don't know",
        ("data-owner", 2, "proof"): "file 7",
        ("data-owner", 2, "proof_date"): dt.date(2026, 1, 5),
    })  # fmt: skip
    code = main(["answers", "import", str(path), "--dir", str(case)])
    out = capsys.readouterr().out

    assert code == 0
    assert "answers/legal.yaml: 1 answer read back" in out
    assert "answers/data-owner.yaml: 2 answers read back" in out
    (legal,) = answers_of(case, "legal").values()
    assert (legal["answer"], legal["note"]) == (3, "=1+1 was said")
    first, second = answers_of(case, "data-owner").values()
    assert first["answer"] == 2
    assert first["proof"] == {"reference": "file 7", "date": "2026-01-05"}
    assert second["answer"] == "unknown"


def test_every_wrong_cell_is_named_and_nothing_is_written(case, tmp_path, capsys):
    """By sheet, row, question and column; of several files at once."""
    content = book_of(case)
    one = filled(content, tmp_path / "one.xlsx", {
        ("legal", 2, "answer"): "2-3",
        ("data-owner", 3, "answered_on"): "soon",
        ("data-owner", 3, "answer"): 1,
    })  # fmt: skip
    two = filled(content, tmp_path / "two.xlsx", {("finance", 2, "note"): "alone"})
    code = main(["answers", "import", str(one), str(two), "--dir", str(case)])
    told = capsys.readouterr().err

    assert code == 1
    assert f"{one}[legal]:2: " in told
    assert ".answer: found '2-3'" in told
    assert f"{one}[data-owner]:3: " in told
    assert ".answered_on: found 'soon'" in told
    assert f"{two}[finance]:2: " in told
    assert not list((case / "answers").glob("*"))


def test_two_files_of_one_person_are_refused(case, tmp_path, capsys):
    """Which of them holds is not for a program to say."""
    content = book_of(case, "legal")
    paths = [
        filled(content, tmp_path / f"{name}.xlsx", {("legal", 2, "answer"): level})
        for name, level in (("a", 1), ("b", 2))
    ]
    code = main(["answers", "import", *map(str, paths), "--dir", str(case)])

    assert code == 1
    assert "found a second sheet of 'legal'" in capsys.readouterr().err


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * 2**27)


@pytest.mark.parametrize(
    ("write", "found"),
    [
        (lambda path: path.write_bytes(b"PK nothing"), "no workbook of Excel"),
        (bomb, "a workbook that is larger than what people write"),
        (lambda path: zipfile.ZipFile(path, "w").close(), "a damaged workbook"),
    ],
    ids=["text", "bomb", "empty zip"],
)
def test_what_is_no_workbook_is_refused(case, tmp_path, capsys, write, found):
    """In a message, whatever the library says of it."""
    path = tmp_path / "legal.xlsx"
    write(path)
    code = main(["answers", "import", str(path), "--dir", str(case)])

    assert code == 1
    assert f"{path}: found {found}" in capsys.readouterr().err


def placed(content, path, *cells, value="<v>1</v>"):
    """Put rows with one cell into the sheet of one role, behind those printed."""
    more = "".join(
        f'<row r="{row}"><c r="{column}{row}">{value}</c></row>'
        for column, row in cells
    )
    with (
        zipfile.ZipFile(io.BytesIO(content)) as parts,
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as again,
    ):
        for name in parts.namelist():
            text = parts.read(name)
            again.writestr(
                name, text.replace(b"</sheetData>", more.encode() + b"</sheetData>")
            )
    return path


@pytest.mark.parametrize(
    "cells",
    [[("A", 999_999_999)], [("XFD", row) for row in range(100, 400)]],
    ids=["row", "columns"],
)
def test_small_file_with_cells_far_away_is_refused(case, tmp_path, capsys, cells):
    """The library fills in what lies between: of a few bytes it makes any number."""
    path = placed(book_of(case, "legal"), tmp_path / "legal.xlsx", *cells)
    code = main(["answers", "import", str(path), "--dir", str(case)])

    assert code == 1
    assert "found cells far below or beside what was printed" in capsys.readouterr().err


def test_empty_cells_with_a_style_are_nothing(case, tmp_path, capsys):
    """A border drawn down to the last row that anybody scrolls to is no text."""
    content = filled(book_of(case, "legal"), tmp_path / "one.xlsx", {
        ("legal", 2, "answer"): 3,
    }).read_bytes()  # fmt: skip
    empty = [("Z", row) for row in range(90, 9000)]
    path = placed(content, tmp_path / "legal.xlsx", *empty, value="")

    assert main(["answers", "import", str(path), "--dir", str(case)]) == 0
    assert "answers/legal.yaml: 1 answer read back" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--all"], "a workbook for all roles"),
        (["--all", "--role", "legal", "--format", "xlsx"], "a workbook for all roles"),
        (["--format", "xlsx"], "both for a sheet, none for a bank"),
        (["--role", "legal", "--format", "xlsx"], "a file for the workbook"),
    ],
)
def test_workbook_of_all_is_for_all_and_a_workbook(case, capsys, words, expected):
    """Other forms print one role, or the bank."""
    assert main(["questions", str(case), *words]) == 2
    assert expected in capsys.readouterr().err


def test_command_writes_a_new_workbook(case, tmp_path, capsys):
    """Into a file that is not there yet: somebody may have typed into one that is."""
    path = tmp_path / "all.xlsx"
    words = ["questions", str(case), "--all", "--format", "xlsx", "--out", str(path)]
    assert main(words) == 0
    content = path.read_bytes()

    assert content == book_of(case)
    assert "legal" in openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert main(words) == 1
    assert "expected a new one" in capsys.readouterr().err
    assert path.read_bytes() == content


def test_workbook_goes_into_a_folder_that_is_there_and_over_no_link(
    case, tmp_path, capsys
):
    """A link that leads nowhere has a name too, which whoever gave it looks for."""
    words = ["questions", str(case), "--all", "--format", "xlsx", "--out"]
    (tmp_path / "link.xlsx").symlink_to(tmp_path / "elsewhere.xlsx")

    assert main([*words, str(tmp_path / "link.xlsx")]) == 1
    assert "expected a new one" in capsys.readouterr().err
    assert not (tmp_path / "elsewhere.xlsx").exists()
    assert main([*words, str(tmp_path / "none" / "all.xlsx")]) == 1
    assert "all.xlsx: found no folder around it" in capsys.readouterr().err


@pytest.mark.soak
def test_libreoffice_keeps_the_workbook_whole(case, tmp_path):
    """Opened and saved there, the same is read back, and it is still protected."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("no LibreOffice; install Debian's libreoffice-calc")
    path = filled(book_of(case), tmp_path / "all.xlsx", {
        ("legal", 2, "answer"): "3 in place",
        ("data-owner", 2, "answer"): "We don't know",
    })  # fmt: skip
    (tmp_path / "saved").mkdir()
    subprocess.run(
        [program, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--convert-to", "xlsx", "--outdir", str(tmp_path / "saved"), str(path)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    bank = load_bank_for(case)
    printed = all_asked(score(bank, open_assessment(case, bank=bank)), bank)
    today = open_assessment(case, bank=bank).as_of
    before, after = (
        {
            sheet.role: sheet.answers
            for sheet in read_sheets(one, printed, bank, today=today)
        }
        for one in (path, tmp_path / "saved" / "all.xlsx")
    )
    with warnings.catch_warnings(action="ignore"):
        page = openpyxl.load_workbook(tmp_path / "saved" / "all.xlsx")["legal"]

    assert before == after
    assert page.protection.sheet
    assert not page.cell(2, COLUMN["answer"]).protection.locked
    assert page.data_validations.dataValidation
