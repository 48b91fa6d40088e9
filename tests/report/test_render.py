"""What is written beside a page, and what stays where rendering fails."""

from __future__ import annotations

import json
import shutil

import pytest

from flight_case import flight_assessment, flight_bank
from readybook import __version__
from readybook.case.open import open_one
from readybook.cli.main import main
from readybook.model.case import Answer
from readybook.model.errors import NotebookError
from readybook.report.batch import check_out
from readybook.report.page import Order
from readybook.report.render import execute_notebook, render_report, result_json
from shown import case_of

BANK = flight_bank()


def answered(**more):
    """The small case, in which one respondent wrote a note."""
    case = flight_assessment()
    (name, sheet), *_ = case.sheets.items()
    question, old = next(iter(sheet.answers.items()))
    answer = Answer.model_validate(old.model_dump() | more)
    answers = dict(sheet.answers) | {question: answer}
    changed = sheet.model_copy(update={"answers": answers})
    return case.model_copy(update={"sheets": dict(case.sheets) | {name: changed}}), name


@pytest.mark.parametrize("private", [False, True])
def test_result_for_machines_holds_no_note_and_no_name(private):
    """Who said it, and what was noted beside it, stay in the folder."""
    case, name = answered(note="Only we know this", private=private)
    text = result_json(case_of(case, BANK))
    given = [one for row in json.loads(text)["result"]["standings"]
             for one in row["given"]]  # fmt: skip

    assert "Only we know this" not in text
    assert f'"{name}"' not in text
    assert all({"role", "answer"} <= set(one) for one in given)
    assert not any({"note", "respondent"} & set(one) for one in given)


def test_result_names_each_question_by_id_title_and_weight():
    """The bank's long texts are in the bank; its fingerprint says which."""
    case = flight_assessment()
    body = json.loads(result_json(case_of(case, BANK)))
    rows = body["result"]["standings"]

    assert [set(row["question"]) for row in rows] == [{"id", "title", "weight"}] * len(
        rows
    )
    assert body.pop("plan").keys() == {"p50", "p80", "p90", "undated", "actions"}
    assert body | {"result": None} == {
        "format": 1,
        "readybook": __version__,
        "assessment": "flight-case",
        "title": "Arrival delays over 15 minutes",
        "bank": {
            "id": BANK.id, "version": BANK.version, "fingerprint": BANK.fingerprint,
        },
        "inputs": case.fingerprint,
        "shared": None,
        "result": None,
    }  # fmt: skip


def test_unknown_parameter_is_refused_before_anything_runs(tmp_path):
    """papermill would only warn."""
    wrong = {"assesment": "x", "editon": "y"}
    with pytest.raises(NotebookError) as failed:
        execute_notebook("6-summary", folder=tmp_path, into=tmp_path, parameters=wrong)

    assert str(failed.value) == (
        "6-summary.ipynb: parameters: found assesment, editon, "
        "expected as_of, assessment, edition, register, do: correct the name"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_earlier_report_stays_where_a_cell_fails(root, tmp_path):
    """Only the half-run notebooks are new."""
    folder = tmp_path / "case"
    shutil.copytree(root / "templates" / "assessment", folder)
    opened = open_one(folder)
    (folder / "assessment.yaml").write_text("broken: true\n", encoding="utf-8")
    out = tmp_path / "out"
    (out / "case" / "notebooks").mkdir(parents=True)
    kept = [
        out / "case.html",
        out / "case" / "result.json",
        out / "case" / "actions.csv",
    ]
    for path in kept:
        path.write_text("earlier", encoding="utf-8")
    notebooks = out / "case" / "notebooks"
    (notebooks / "6-summary.ipynb").write_text("{}", encoding="utf-8")
    (notebooks / "own.ipynb").write_text("theirs", encoding="utf-8")

    with pytest.raises(NotebookError, match=r"^1-scope\.ipynb: cell "):
        render_report(opened, Order(out))

    assert {path.read_text("utf-8") for path in kept} == {"earlier"}
    assert {path.name for path in notebooks.iterdir()} == {"1-scope.ipynb", "own.ipynb"}
    assert [path.name for path in (out / "case").glob(".*")] == []


@pytest.mark.parametrize("place", [".", "case", "case/notebooks", "case/a/b"])
def test_report_is_never_written_where_people_write(root, tmp_path, capsys, place):
    """A folder that is, holds or lies in an assessment is refused as a whole."""
    shutil.copytree(root / "templates" / "assessment", tmp_path / "case")
    own = tmp_path / "case" / "notebooks" / "1-scope.ipynb"
    own.parent.mkdir()
    own.write_text("theirs", encoding="utf-8")

    code = main(["report", str(tmp_path / "case"), "--out", str(tmp_path / place)])

    found = "a place in" if place != "." else "the folder that"
    rest = "" if place != "." else " lies in"
    do = "name another one with --out, such as reports"
    assert code == 1
    assert capsys.readouterr().err.startswith(
        f"{tmp_path / place}: found {found} the assessment case{rest}, expected a folder "
        f"that holds reports only, do: {do}\n"
    )
    assert own.read_text(encoding="utf-8") == "theirs"
    assert not (tmp_path / "case.html").exists()


@pytest.mark.parametrize("place", ["reports", "case/reports", "case/reports/old"])
def test_report_is_written_beside_or_into_the_reports_of_a_case(tmp_path, place):
    """What nobody writes into by hand is a place for reports."""
    (tmp_path / "case").mkdir()
    (tmp_path / "case" / "assessment.yaml").touch()

    check_out(tmp_path / place)
