"""The forms as pages of their own, for people who will not open JupyterLab."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
import time

import nbformat
import pytest
from playwright.sync_api import expect
from ruamel.yaml import YAML

from formpage import form_of

PATIENCE_S = 120
OPEN = (
    "from readybook import open_workbook\n"
    "workbook = open_workbook('case', respondent='data-engineer')"
)
CELLS = (OPEN, "workbook.form('AVL')")


@pytest.fixture
def case_of_own(tmp_path, root):
    """The example without its answers."""
    folder = tmp_path / "case"
    ignored = shutil.ignore_patterns("data", "answers")
    shutil.copytree(root / "templates" / "flight-delays", folder, ignore=ignored)
    (folder / "answers").mkdir()
    return folder


@pytest.fixture
def page_address(tmp_path):
    """The address of a page that Voila makes of a notebook with the form."""
    if importlib.util.find_spec("voila") is None:
        pytest.skip("no Voila; do: pip install 'readybook[voila]'")
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, tmp_path / "form.ipynb")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    private = {name: str(tmp_path / name.lower()) for name in (
        "HOME", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR",
        "JUPYTER_RUNTIME_DIR")}  # fmt: skip
    command = [sys.executable, "-m", "voila", "form.ipynb", "--no-browser",
               f"--port={port}", "--Voila.ip=127.0.0.1"]  # fmt: skip
    with (
        (tmp_path / "log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=tmp_path, env={**os.environ, **private}, stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):  # fmt: skip
        try:
            _wait_for(process, port, tmp_path / "log")
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.terminate()


def _wait_for(process, port, log):
    for _ in range(10 * PATIENCE_S):
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=1),
        ):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"Voila did not start:\n{log.read_text(encoding='utf-8')}")


def test_answer_given_on_a_page_of_voila_is_saved(page_address, case_of_own, browser):
    """The same form, without JupyterLab around it, writes the same file."""
    context = browser.new_context()
    context.set_default_timeout(1000 * PATIENCE_S)
    page = context.new_page()
    page.goto(page_address)
    form_of(page)
    question = page.locator("[data-question=AVL-01]")
    question.get_by_role("radio", name="Partly in place").check()
    saved = re.compile(r"Saved \d\d:\d\d to answers/data-engineer\.yaml")
    expect(question.get_by_role("status")).to_have_text(saved)
    context.close()

    text = (case_of_own / "answers" / "data-engineer.yaml").read_text(encoding="utf-8")
    assert YAML(typ="safe").load(text)["answers"]["AVL-01"]["answer"] == 2
