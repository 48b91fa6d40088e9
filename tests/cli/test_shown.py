"""No verb sends what people typed to a terminal, a spreadsheet or a page as it is."""

import csv
import io
import re
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from readybook.cli.main import main
from typed_case import write_typed

#: Colour, a title, C1's CSI, overwriting, turned and hidden text, a formula; a word of
#: 400 letters, and half of an astral character in no form that YAML can hold.
TYPED = (
    " \x1b[31mred\x1b]0;title\x07 \x9b2J a\rb \u202etxt\u202c \u2066x\u2069 \u200bhid\ufeff"
    "den \x7f ;=1+1 " + "W" * 400
)
RAW = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
VERBS = [
    ["check"], ["check", "--format", "json"], ["status"], ["status", "--format", "json"],
    ["actions"], ["actions", "--format", "csv"],
    *(["questions", "--role", "data-owner", "--format", one]
      for one in ("markdown", "html", "csv")),
    ["milestone", "--name", TYPED], ["measure"], ["compare"],
    pytest.param(["probe"], marks=pytest.mark.slow),
]  # fmt: skip
WRITING = {"milestone", "measure"}


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    """A case with a text of all that in every field, under a name of it too."""
    folder = tmp_path_factory.mktemp("typed") / f"a\x1b[31m\u202e{{x}} {'w' * 150}"
    write_typed(folder, TYPED)
    for path in (folder / "data").glob("*.parquet"):
        pq.write_table(pq.read_table(path).slice(0, 500), path)
    return folder


@pytest.fixture
def own(typed, tmp_path):
    """A copy of it to write into."""
    return Path(shutil.copytree(typed, tmp_path / typed.name))


@pytest.mark.parametrize(
    "words", VERBS, ids=lambda words: f"{words[0]}-{words[-1][-12:]}"
)
def test_no_verb_prints_what_acts(request, capfdbinary, words):
    """Of any field, nor of the names of folders, on either output."""
    verb, *options = words
    own = request.getfixturevalue("own" if verb in WRITING else "typed")
    places = {"probe": ["--for", own], "compare": [own, own]}.get(verb, [own])

    code = main([verb, *map(str, places), *options])

    out, err = (one.decode() for one in capfdbinary.readouterr())
    assert code == 0, err
    assert RAW.findall(out + err) == []
    # A sheet repeats what the bank asks, and a probe what the machine is.
    assert r"\u001b" in out + err or verb in {"questions", "probe"}
    if options[-1:] == ["csv"]:
        cells = [cell for row in csv.reader(io.StringIO(out)) for cell in row]
        assert not [cell for cell in cells if re.search(r"(^|;)\s*=", cell)]


@pytest.mark.parametrize(
    "name", ["assessment.yaml", "stakeholders.yaml", "answers/legal.yaml"]
)
def test_problem_of_a_file_is_printed_in_signs_that_are_seen(own, capfdbinary, name):
    """What was found is repeated, and acts on nothing."""
    path = own / name
    text = path.read_text("utf-8")
    path.write_text(f'{text}\n"key\\e[31m\\u202e": "value\\e[31m"\n', encoding="utf-8")

    code = main(["check", str(own)])

    out, err = (one.decode() for one in capfdbinary.readouterr())
    assert code == 1
    assert RAW.findall(out + err) == []


def test_wrong_word_is_printed_in_signs_that_are_seen(capfdbinary):
    """A shell fills in what a folder holds, options and all."""
    with pytest.raises(SystemExit):
        main(["check", "--\x1b[31m"])

    assert RAW.findall(capfdbinary.readouterr().err.decode()) == []


# --- what is written, and pages ---------------------------------------------------------


@pytest.fixture(scope="module")
def written(typed, tmp_path_factory):
    """The folder with the report of the case, a sheet and the bank as pages."""
    out = tmp_path_factory.mktemp("written")
    assert main(["report", str(typed), "--out", str(out), "--edition", "team"]) == 0
    for name, words in {
        "sheet": [str(typed), "--role", "data-owner"],
        "bank": [],
    }.items():
        with (
            (out / f"{name}.html").open("w", encoding="utf-8") as file,
            redirect_stdout(file),
        ):
            assert main(["questions", *words, "--format", "html"]) == 0
    return out


@pytest.mark.slow
def test_no_file_that_is_sent_on_holds_what_acts(written):
    """Page, kept notebooks, actions for a spreadsheet; the names of files too."""
    found = [path for path in written.rglob("*") if path.is_file()]

    assert {path.suffix for path in found} == {
        ".html",
        ".ipynb",
        ".csv",
        ".json",
        ".txt",
    }
    for path in found:
        text = path.read_text(encoding="utf-8").removeprefix("\ufeff")
        text = text.replace("\r\n", "\n")  # of a CSV
        assert RAW.findall(text + str(path.relative_to(written))) == [], path.name


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 768, 1280])
def test_long_word_in_any_field_moves_no_page_sideways(written, browser, width):
    """What is folded is unfolded; a chart that is wide scrolls in its own box."""
    pages = sorted(written.glob("*.html"))
    assert len(pages) == 3
    for path in pages:
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(path.as_uri())
        page.evaluate(
            "document.querySelectorAll('details').forEach(d => d.open = true)"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
        page.close()
