"""Where nobody can answer, a form is a sentence: no widget, no state, no script."""

from __future__ import annotations

import shutil

import nbformat
import papermill
import pytest

from readybook import open_workbook


@pytest.fixture
def folder(root, tmp_path):
    case = tmp_path / "case"
    source = root / "templates" / "flight-delays"
    shutil.copytree(source, case, ignore=shutil.ignore_patterns("data"))
    return case


def test_form_outside_a_notebook_is_a_sentence(folder):
    """Plain Python gets text and HTML, and no widget."""
    workbook = open_workbook(str(folder))
    asked = [one for one in workbook.result.standings if one.applies]
    in_section = [one for one in asked if one.section == "AVL"]

    def answered(standings):
        return f"{sum(s.is_answered for s in standings)} of {len(standings)} questions"

    for form, said in (
        (workbook.form("AVL"), f"Data availability: {answered(in_section)} answered"),
        (workbook.form(), f"All sections: {answered(asked)} answered"),
        (workbook.room(), "The room has agreed on 3 questions"),
    ):
        bundle = form._repr_mimebundle_()
        assert set(bundle) == {"text/html", "text/plain"}
        assert bundle["text/plain"].startswith(said)


@pytest.mark.slow
def test_papermill_stores_no_widget(folder, root, tmp_path):
    """The executed chapter has the sentence, no view, no state, no script."""
    target = tmp_path / "out.ipynb"
    papermill.execute_notebook(
        str(root / "notebooks" / "2-data-availability.ipynb"),
        str(target),
        parameters={"assessment": str(folder)},
        progress_bar=False,
    )
    notebook = nbformat.read(target, as_version=4)

    assert "widgets" not in notebook.metadata
    text = target.read_text(encoding="utf-8")
    assert "vnd.jupyter.widget" not in text
    assert "In JupyterLab this cell is a form" in text
    assert "addEventListener" not in text
