"""The usual tools, without `readybook report`: papermill and nbconvert tell the same."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest

from readybook.cli.main import main
from readybook.report.render import strip

BIN = Path(sys.executable).parent
NAMES = ("6-summary", "2-data-availability")  #: the other has charts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory, root):
    """Where papermill and readybook have run the notebooks of the example."""
    home = tmp_path_factory.mktemp("plain")
    example = root / "templates" / "flight-delays"
    for name in NAMES:
        papermill = [BIN / "papermill", "--no-progress-bar"]
        words = [root / f"notebooks/{name}.ipynb", f"{name}.ipynb", "-p", "assessment"]
        subprocess.run([*papermill, *words, example], cwd=home, check=True,
                       capture_output=True)  # fmt: skip
    assert main(["report", str(example), "--out", str(home / "reports")]) == 0
    return home


class Text(HTMLParser):
    """The letters of a document, without its spaces, which a converter may move."""

    def __init__(self, html):
        super().__init__()
        self.letters = ""
        self.feed(html)

    def handle_data(self, data):
        if self.lasttag != "style":
            self.letters += "".join(data.split())


def outputs(notebook):
    """What the cells of a notebook show."""
    return [one for cell in notebook.cells for one in cell.get("outputs", ())]


@pytest.mark.parametrize("name", NAMES)
def test_plain_papermill_shows_what_the_report_shows(home, root, name):
    """All outputs are equal, but for paths of the machine, which no report keeps."""
    ran = nbformat.read(home / f"{name}.ipynb", 4)
    kept = home / f"reports/flight-delays/notebooks/{name}.ipynb"
    reported = nbformat.read(kept, 4)

    assert outputs(ran)
    assert outputs(strip(ran, root / "templates" / "flight-delays")) == outputs(
        reported
    )


@pytest.mark.parametrize("template", [None, "report"])
def test_nbconvert_shows_it_with_the_template_and_without(
    home, root, tmp_path, template
):
    """Every word of every output is on the page, which has a title."""
    chosen = ["--template", root / "templates" / template] if template else []
    words = ["nbconvert", "--to", "html", *chosen, "--output-dir", tmp_path]
    subprocess.run([BIN / "jupyter", *words, *(f"{name}.ipynb" for name in NAMES)],
                   cwd=home, check=True, capture_output=True)  # fmt: skip
    for name in NAMES:
        text = (tmp_path / f"{name}.html").read_text(encoding="utf-8")
        letters = Text(text).letters

        assert f"<title>{name}</title>" in text
        assert not [
            html
            for one in outputs(nbformat.read(home / f"{name}.ipynb", 4))
            if (html := one.get("data", {}).get("text/html"))
            and Text(html).letters not in letters
        ]


def test_engine_is_there_whoever_is_imported_first():
    """Papermill loads our module while it is imported, by us or by itself."""
    asks = "from papermill.engines import papermill_engines as known; "
    shown = "print(known.get_engine('readybook').__name__)"
    for first in ("import readybook.report.engine; ", ""):
        asked = subprocess.run(
            [sys.executable, "-c", first + asks + shown],
            check=True, capture_output=True, encoding="utf-8",
        )  # fmt: skip
        assert asked.stdout == "ShellEngine\n"
