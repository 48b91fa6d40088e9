"""JupyterLab and a page of it, for tests of what people do in the notebooks."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import labserver
from labserver import Lab, Server

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    """Mark every test here as slow: each works in a real browser and a real kernel."""
    here = {path for path in {item.path for item in items} if HERE in path.parents}
    for item in items:
        if item.path in here:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory) -> Iterator[Server]:
    """Yield one JupyterLab for all tests of a process; each has a folder of its own."""
    if importlib.util.find_spec("jupyterlab") is None:
        pytest.skip("no JupyterLab; do: pip install 'readybook[lab]'")
    with labserver.running(tmp_path_factory.mktemp("jupyterlab")) as server:
        yield server


@pytest.fixture(scope="module")
def lab_context(browser) -> Iterator:
    """Yield a browser that keeps JupyterLab's own files, and one page of it."""
    from playwright.sync_api import expect  # noqa: PLC0415 - the browser is there

    expect.set_options(timeout=labserver.PATIENCE_MS)
    context = browser.new_context(viewport=labserver.VIEWPORT)
    context.set_default_timeout(labserver.PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def lab(lab_server, lab_context, tmp_path) -> Iterator[Lab]:
    """Yield JupyterLab with a folder of this test's own and nothing open."""
    folder = lab_server.root / tmp_path.name
    folder.mkdir()
    opened = Lab(lab_server, lab_context, folder)
    yield opened
    opened.leave()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def case(lab, root) -> Path:
    """Return a copy of the example without its answers, judged today."""
    folder = lab.folder / "case"
    source = root / "templates" / "flight-delays"
    shutil.copytree(
        source,
        folder,
        ignore=shutil.ignore_patterns("data", "answers", "failures.json"),
    )
    scope = folder / "assessment.yaml"
    text = scope.read_text(encoding="utf-8")
    text = text.replace("as_of: 2026-11-30", "as_of: today")
    scope.write_text(text.replace("track: full", "track: starter"), encoding="utf-8")
    (folder / "answers").mkdir()
    return folder
