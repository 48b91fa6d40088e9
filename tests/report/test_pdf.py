"""A page printed by the browser that is installed: the same bytes, dated by the case."""

from __future__ import annotations

import base64
import datetime as dt
import json
import os
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from readybook.cli.main import main
from readybook.model.errors import ReadybookError
from readybook.report.pdf import BROWSERS, find_browser, print_pdf

AS_OF = dt.date(2026, 11, 30)
SCRIPT = "document.querySelector('p').textContent = 'drawn'"
PACKED = base64.b64encode(zlib.compress(SCRIPT.encode())).decode()
PAGE = f"""<!DOCTYPE html><html lang=en><head><title>A case</title></head>
<body><p>not drawn</p><script type=text/plain id=plotlyjs>{PACKED}</script></body></html>"""


def test_without_a_browser_it_says_what_to_install(monkeypatch, tmp_path):
    """Nothing is rendered first."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ReadybookError, match="found no browser on PATH, expected "):
        find_browser()


@pytest.mark.skipif(os.name == "nt", reason="a script of a shell stands in")
def test_browser_leaves_nothing_behind_where_it_is_stopped(tmp_path):
    """Its own temporary files lie in the folder that goes at the end."""
    browser = tmp_path / "chromium"
    browser.write_text(
        '#!/bin/sh\nfor word; do case "$word" in --print-to-pdf=*) '
        'printf %s "$TMPDIR" > "${word#*=}";; esac; done\n'
    )
    browser.chmod(0o755)
    used = Path(print_pdf(PAGE, AS_OF, browser=str(browser)).decode())

    assert used.name.startswith("readybook-")
    assert not used.exists()


@pytest.mark.parametrize("name", BROWSERS)
def test_browser_is_found_by_each_of_its_names(monkeypatch, tmp_path, name):
    """As systems install it."""
    (tmp_path / name).write_text("#!/bin/sh\n")
    (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find_browser() == str(tmp_path / name)


@pytest.mark.slow
def test_browser_that_prints_nothing_is_told_with_its_last_words(tmp_path):
    """A file that is not there is no report."""
    broken = tmp_path / "chromium"
    broken.write_text("#!/bin/sh\necho no display >&2\n")
    broken.chmod(0o755)

    with pytest.raises(ReadybookError, match="printed no file, and said: no display"):
        print_pdf(PAGE, AS_OF, browser=str(broken))


@pytest.mark.slow
def test_same_page_gives_the_same_bytes_dated_by_the_case():
    """No clock of the browser, and what a script of the page draws is drawn."""
    if not any(map(shutil.which, BROWSERS)):
        pytest.skip("no browser; install one of: " + ", ".join(BROWSERS))
    first, second = (print_pdf(PAGE, AS_OF, browser=find_browser()) for _ in range(2))
    undrawn = print_pdf(PAGE.replace(PACKED, ""), AS_OF, browser=find_browser())

    assert first == second
    assert first != undrawn
    assert re.findall(rb"/CreationDate \(D:(\d+)", first) == [b"20261130000000"]
    assert first.startswith(b"%PDF-")


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """A blank case's folders of reports: every edition printed, and the brief one again."""
    if not any(map(shutil.which, BROWSERS)):
        pytest.skip("no browser; install one of: " + ", ".join(BROWSERS))
    case = tmp_path_factory.mktemp("case") / "churn"
    assert main(["new", str(case)]) == 0
    made = [tmp_path_factory.mktemp("reports") for _ in range(2)]
    for out, edition in zip(made, ("all", "brief"), strict=True):
        command = ["report", str(case), "--out", str(out), "--as-of", "2026-11-30"]
        assert main([*command, "--edition", edition, "--pdf"]) == 0
    return made


@pytest.mark.slow
def test_every_edition_is_printed_beside_its_page_the_same_twice(printed):
    """Three pages and three PDFs, and the folder with the rest; one pair again."""
    first, second = printed
    names = [f"churn{edition}" for edition in ("", "-brief", "-team")]
    made = sorted(path.name for path in first.iterdir())

    assert made == sorted(
        ["churn", *(f"{n}.{s}" for n in names for s in ("html", "pdf"))]
    )
    again = {path.name: path.read_bytes() for path in second.glob("*.*")}
    assert again == {name: (first / name).read_bytes() for name in again}
    assert sorted(again) == ["churn-brief.html", "churn-brief.pdf"]


@pytest.mark.slow
@pytest.mark.skipif(
    not shutil.which("pdftotext"), reason="pdftotext (poppler) is missing"
)
@pytest.mark.parametrize("edition", ["", "-team", "-brief"])
def test_printed_page_says_what_the_page_says(printed, edition):
    """As text that can be searched; the brief one is a single sheet."""
    file = printed[0] / f"churn{edition}.pdf"
    run = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"],  # noqa: S607 - poppler's, as installed
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    sheets = run.stdout.split("\f")[:-1]
    result = json.loads((printed[0] / "churn" / "result.json").read_text("utf-8"))

    assert result["result"]["headline"] in sheets[0]
    assert "Who decides what" in sheets[0]
    assert (len(sheets) == 1) == (edition == "-brief")
    for part in ("Method and provenance", "Levels"):  # closed on screen
        assert (part in run.stdout) == (edition != "-brief")
