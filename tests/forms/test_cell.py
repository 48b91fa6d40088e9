"""Where nobody can answer, a form is a sentence: no widget, no state, no script."""

# ruff: noqa: SLF001 - messages come and go by the widget, which IPython alone asks for
from __future__ import annotations

import queue
import shutil
import sys

import nbformat
import papermill
import pytest

from readybook import open_workbook
from readybook.forms.cell import Form
from readybook.forms.live import is_live
from readybook.show.kit.fragment import nothing


@pytest.fixture
def folder(root, tmp_path):
    case = tmp_path / "case"
    source = root / "templates" / "flight-delays"
    shutil.copytree(source, case, ignore=shutil.ignore_patterns("data", "milestones"))
    return case


def test_form_outside_a_notebook_is_a_sentence(folder):
    """Plain Python gets text and HTML, and no widget."""
    workbook = open_workbook(str(folder))
    asked = [one for one in workbook.result.standings if one.applies]
    in_section = [one for one in asked if one.section == "AVL"]

    def answered(standings):
        return (
            f"{sum(s.is_answered for s in standings)} of {len(standings)} questions "
            "answered by the role that each one asks. In JupyterLab this cell is a form "
            "to answer in."
        )

    for form, said in (
        (workbook.form("AVL"), f"Data availability: {answered(in_section)}"),
        (workbook.form(), f"All sections: {answered(asked)}"),
        (
            workbook.room(),
            (
                "The room has agreed on 3 questions. "
                "In JupyterLab this cell leads it through the next ones."
            ),
        ),
        (
            workbook.edit("needs"),
            (
                "What the use case needs: "
                "in JupyterLab this cell is a table to edit in place."
            ),
        ),
    ):
        bundle = form._repr_mimebundle_()
        assert set(bundle) == {"text/html", "text/plain"}
        assert bundle["text/plain"] == said


def form_of(handle=lambda _: (), **more):
    return Form(handle, "room", nothing("Nobody."), **more)


@pytest.mark.parametrize("server", ["voila/0.5.8", "jupyter_server/2.17.0"])
def test_form_is_a_widget_where_somebody_sits_before_voila(monkeypatch, server):
    """A notebook keeps what to do to see it again, and no answer."""
    monkeypatch.setenv("SERVER_SOFTWARE", server)
    form = form_of(again="Run <it> again.")
    bundle = form._repr_mimebundle_()

    if server.startswith("jupyter"):
        assert bundle["text/plain"] == "Nobody."
        return
    assert set(bundle) == {
        "application/vnd.jupyter.widget-view+json", "text/html", "text/plain"
    }  # fmt: skip
    assert bundle["text/plain"] == "Run <it> again."
    assert bundle["text/html"] == (
        '<div class="readybook"><p>Run &lt;it&gt; again.</p></div>'
    )
    assert form._widget.kind == "room"
    again = form._repr_mimebundle_()
    key = "application/vnd.jupyter.widget-view+json"
    assert again[key] == bundle[key]  # one widget in all places


@pytest.mark.parametrize("asks", [True, False, None])
def test_form_is_live_where_a_cell_may_ask(monkeypatch, asks):
    """A front end with a person says so in each request; without a kernel nobody sits."""
    kernelbase = pytest.importorskip("ipykernel.kernelbase")
    monkeypatch.delenv("SERVER_SOFTWARE", raising=False)
    assert not is_live()

    kernel = kernelbase.Kernel.instance()
    try:
        content = {} if asks is None else {"allow_stdin": asks}
        request = {"header": {}, "content": content} if content else {}
        kernel.set_parent([], request, channel="shell")
        assert is_live() is bool(asks)
        monkeypatch.delitem(sys.modules, "ipykernel")
        assert not is_live()
    finally:
        kernelbase.Kernel.clear_instance()


class Page:
    """What a widget sends to its pages, in order."""

    def __init__(self):
        self.sent = queue.SimpleQueue()
        self.send = self.sent.put


def test_verdict_follows_once_when_saving_rests():
    """For each who saved, or opened cards; other replies lead to none."""
    kinds = iter(["saved", "saved", "refused", "cards"])
    form = form_of(
        lambda message: [{"kind": next(kinds), "who": message["who"]}],
        standing=lambda who: [{"kind": "standing", "who": who}],
    )
    form.tell({"kind": "lost"})  # nobody has displayed it
    form._widget = page = Page()
    form._receive(page, "no message", None)
    for who in ("ann", "ann", "eve", "bob"):
        form._receive(page, {"who": who}, None)

    told = [page.sent.get(timeout=10) for _ in range(6)]
    seen = [(one["kind"], one["who"]) for one in told]
    assert seen[:4] == [
        ("saved", "ann"), ("saved", "ann"), ("refused", "eve"), ("cards", "bob")
    ]  # fmt: skip
    assert sorted(seen[4:]) == [("standing", "ann"), ("standing", "bob")]
    assert page.sent.empty()


def test_error_that_nobody_expected_is_told_where_something_was_typed():
    """And raised, for the log of the kernel."""

    def fails(message):
        raise KeyError(message["question"])

    form = form_of(fails)
    form._widget = page = Page()
    sent = {"kind": "save", "question": "AVL-01", "client": "tab", "counter": 7}
    with pytest.raises(KeyError):
        form._receive(page, sent, None)

    told = page.sent.get(timeout=10)
    assert told | sent | {"kind": "refused"} == told
    assert "(KeyError)" in told["problems"][0]


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
