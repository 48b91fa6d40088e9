"""Many assessments: what is made, left alone, given up, and told of each."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import nbformat
import pytest

from killing import left_running
from readybook.case.open import content_key
from readybook.cli.files import start_assessment
from readybook.cli.main import main
from readybook.model.errors import Problem
from readybook.report.batch import MADE_FROM, Outcome, key_of, unchanged
from readybook.report.page import ROW, Order
from readybook.report.render import execute_notebook

BIN = Path(sys.executable).with_name("readybook")


@pytest.fixture
def case(tmp_path):
    """A folder that `readybook new` made."""
    start_assessment(tmp_path / "churn")
    return tmp_path / "churn"


# --- what a report is made from -------------------------------------------------------


def places(folder):
    """Files of a case that opening it reads, or will."""
    names = ["assessment.yaml", "stakeholders.yaml", "bank.yaml", "answers/own.yaml"]
    names += ["evidence/data.json", "evidence/data.json.sig", "milestones/a.json"]
    return [folder / one for one in (*names, "agreements/0.json")]


def test_key_changes_with_whatever_is_read_and_with_nothing_else(case):
    """A file more, a file less, another content; not what lies beside."""
    (case / "data").mkdir()
    (case / "notes.txt").touch()
    known = [content_key(case)]
    for path in places(case):
        path.parent.mkdir(exist_ok=True)
        path.write_text("a", encoding="utf-8")
        known.append(content_key(case))
        path.write_text("b", encoding="utf-8")
        known.append(content_key(case))
    places(case)[-1].rename(case / "agreements" / "1.json")
    known.append(content_key(case))
    (case / "data" / "rows.csv").write_text("a", encoding="utf-8")
    (case / "notes.txt").write_text("a", encoding="utf-8")

    assert len({*known}) == len(known)
    assert content_key(case) == known[-1]


@pytest.mark.skipif(os.name != "posix", reason="files of POSIX")
def test_case_that_cannot_be_read_has_no_key(case):
    """So that it is opened, which tells why."""
    os.mkfifo(case / "answers" / "pipe.yaml")

    assert content_key(case) is None


# --- both ways of running -------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ["0-workshop", "1-scope"])
def test_notebook_that_shows_forms_gives_the_same_in_both_ways(root, tmp_path, name):
    """That of the workshop is in no report, and runs under papermill all the same."""
    example = root / "templates" / "flight-delays"
    ran = []
    for way in (True, False):
        into = tmp_path / str(way)
        into.mkdir()
        given = {"folder": example, "into": into, "parameters": {}}
        ran.append(execute_notebook(name, **given, in_kernel=way))

    assert ran[0] == ran[1]


@pytest.mark.slow
def test_papermill_runs_notebooks_with_the_engine(root, tmp_path):
    """By its entry point, as papermill's own command finds it."""
    out = tmp_path / "out.ipynb"
    papermill = [Path(sys.executable).with_name("papermill"), "--engine", "readybook"]
    words = [root / "notebooks" / "1-scope.ipynb", out, "-p", "assessment"]
    subprocess.run([*papermill, *words, root / "templates" / "flight-delays"],
                   cwd=tmp_path, check=True, capture_output=True)  # fmt: skip
    shown = [o for c in nbformat.read(out, 4).cells for o in c.get("outputs", [])]

    assert any("text/html" in one.get("data", {}) for one in shown)
    assert not [one for one in shown if one.output_type == "error"]


# --- what did not change --------------------------------------------------------------


@pytest.mark.slow
def test_what_did_not_change_is_not_made_again(run, case, tmp_path):
    """A change of an input, a page that is gone and --force make it anew."""
    start_assessment(tmp_path / "other")
    page, other = tmp_path / "reports/churn.html", tmp_path / "reports/other.html"

    def made(*options):
        before = {one: one.stat().st_ino for one in (page, other) if one.exists()}
        told = run("report", "churn", "other", *options)
        assert told.returncode == 0, told.stderr
        pages = ["reports/churn.html", "reports/other.html", "reports/index.html"]
        assert told.stdout.split() == pages
        anew = {
            one.stem for one in (page, other) if one.stat().st_ino != before.get(one)
        }
        assert told.stderr.count(" facts decide (unchanged)") == 2 - len(anew)
        return anew

    assert made() == {"churn", "other"}
    content = page.read_bytes()
    assert made() == set()
    page.unlink()
    assert made() == {"churn"}
    assert page.read_bytes() == content
    page.write_bytes(content.replace(b"Not enough", b"Far enough", 1))
    assert made() == {"churn"}  # nobody's edit is taken for what was made
    assert page.read_bytes() == content
    assert made("--force") == {"churn", "other"}
    with (case / "assessment.yaml").open("a", encoding="utf-8") as file:
        file.write("# seen\n")
    assert made() == {"churn"}
    assert made("--as-of", "2020-01-01") == {"churn", "other"}


@pytest.mark.slow
def test_folders_are_named_by_pattern_and_by_list(run, tmp_path):
    """A pattern names assessments alone; a list has one of either a line."""
    start_assessment(tmp_path / "churn")
    start_assessment(tmp_path / "cases" / "one")
    start_assessment(tmp_path / "cases" / "two")
    (tmp_path / "cases" / "none").mkdir()
    (tmp_path / "list").write_text("# all\ncases/o*\n\nchurn\n", encoding="utf-8")

    listed = run("report", "@list")
    matched = run("report", "cases/*", "--out", "made")

    *pages, many = listed.stdout.split()
    assert (pages, many) == (
        ["reports/one.html", "reports/churn.html"],
        "reports/index.html",
    )
    *pages, many = matched.stdout.split()
    assert (pages, many) == (["made/one.html", "made/two.html"], "made/index.html")


@pytest.mark.parametrize(
    ("words", "missed"),
    [
        (["cases/*"], "cases/*"),
        (["@empty"], "@empty"),
        (["churn", "cases/*"], "cases/*"),
    ],
)
@pytest.mark.usefixtures("case")
def test_nothing_named_is_wrong_usage(tmp_path, monkeypatch, capsys, words, missed):
    """Whoever mistypes a pattern learns of it, also beside a good one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").touch()

    assert main(["report", *words]) == 2
    assert f"found no assessment by {missed}" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()


def test_list_names_no_other_list(tmp_path, monkeypatch, capsys):
    """One that names itself would have no end."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list").write_text("@list\n", encoding="utf-8")

    assert main(["report", "@list"]) == 1
    assert "@list: found no such folder" in capsys.readouterr().err


@pytest.mark.usefixtures("case")
def test_pages_of_two_cases_never_have_one_name(tmp_path, monkeypatch, capsys):
    """The edition for the team is called after its case."""
    monkeypatch.chdir(tmp_path)
    start_assessment(tmp_path / "churn-team")

    assert main(["report", "churn", "churn-team", "--edition", "all"]) == 2
    assert "found 'churn-team' as the name of more" in capsys.readouterr().err


@pytest.mark.parametrize(
    "mark", ["[]", "{}", "7", "{", '{"key": 1, "files": 3}', "[" * 100_000]
)
def test_damaged_mark_is_none(case, tmp_path, mark):
    """The report is made anew."""
    order = Order(tmp_path)
    (tmp_path / "churn" / MADE_FROM).write_text(mark, encoding="utf-8")

    assert unchanged(case, order, key_of(case, order)) is None


@pytest.mark.parametrize(
    "edit",
    [
        {"headline": 5},
        {"tells": [[1]]},
        {"tells": ["fine"]},
        {"pages": []},
        {"pages": ["/etc/passwd"]},
        {"pages": "ab"},
        {"pages": ["../churn.html"], "files": {"row.json": "", "../../churn.html": ""}},
        {"files": {}},
    ],
    ids=str,
)
def test_doctored_mark_is_none(case, tmp_path, edit):
    """With the right key, it names no other file as the page, and leaves no row out."""
    order = Order(tmp_path)
    key = key_of(case, order)
    beside = tmp_path / "churn"
    (beside / ROW).write_text("{}", encoding="utf-8")
    for page in (tmp_path / "churn.html", tmp_path.parent / "churn.html"):
        page.write_text("page", encoding="utf-8")
    names = [ROW, "../churn.html", *edit.get("files", {})]
    hashes = {
        name: hashlib.sha256((beside / name).read_bytes()).hexdigest() for name in names
    }
    mark = {"format": 1, "key": key, "headline": "a", "tells": [],
            "pages": ["churn.html"], "files": {n: hashes[n] for n in names[:2]}}  # fmt: skip
    file = beside / MADE_FROM
    file.write_text(json.dumps(mark), encoding="utf-8")
    assert unchanged(case, order, key).files == (tmp_path / "churn.html",)
    more = {"files": {n: hashes[n] for n in edit["files"]}} if "files" in edit else {}
    file.write_text(json.dumps(mark | edit | more), encoding="utf-8")

    assert unchanged(case, order, key) is None


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"problems": (
            Problem("cases/churn/answers/maria-huber.yaml", 3, "note", "'ill'", "", ""),
            Problem("cases/churn/assessment.yaml", 1, "a", "", "", ""))},
         "churn/answers: 2 problems"),
        ({"problems": (Problem("cases/churn/assessment.yaml", 1, "x", "'y'", "", ""),)},
         "churn/assessment.yaml:1: 1 problem"),
        ({"error": "found no folder /home/maria/work at the worker"},
         "churn: found no folder work at the worker"),
        ({"error": PermissionError(13, "Permission denied", "/home/maria/out")},
         "churn: permission denied"),
        ({"error": ""}, "churn: no reason is known"),
    ],
    ids=["answers", "scope", "worker", "system", "nothing"],
)  # fmt: skip
def test_page_of_many_does_not_say_who_answered_what(given, told):
    """Nor where a folder lies: it is read by whoever reads leadership's edition."""
    assert Outcome(Path("cases/churn"), "failed", **given).in_short == told


ANSWERS = """\
format: 1
bank: {id: readybook, version: "0.4.0"}
role: sponsor
answers:
  OWN-01: {answer: 0, date: 2026-02-01}
"""


@pytest.mark.slow
def test_schedulers_are_told_by_exit_code_and_by_lines_of_json(run, case):
    """A gate that fails since the last milestone is worse; a blank case not known."""
    words = ["report", "churn", "--as-of", "2026-03-01", "--format", "json"]

    def told(*kinds):
        done = run(*words, "--fail-on", *kinds)
        return done.returncode, json.loads(done.stdout)

    run("milestone", "churn", "--as-of", "2026-01-01")
    code, line = told("not-ready", "worse")
    assert (code, line["state"], line["tells"]) == (0, "made", ["not-known"])
    assert line["pages"] == ["reports/churn.html"]
    code, line = told("not-known")
    assert (code, line["state"], line["tells"]) == (4, "unchanged", ["not-known"])
    (case / "answers" / "ann.yaml").write_text(ANSWERS, encoding="utf-8")
    assert told("worse")[1]["tells"] == ["not-ready", "worse"]
    assert told("not-known")[0] == 0
    assert told("worse")[0] == 4
    (case / "assessment.yaml").write_text("a: 1", encoding="utf-8")
    done = run(*words)
    assert done.returncode == 1
    assert json.loads(done.stdout)["state"] == "refused"


# --- what fails -----------------------------------------------------------------------

POISON = """
import os, pathlib, subprocess
name = pathlib.Path(assessment).name
if name == "endless":
    subprocess.Popen(["sleep", "600"])
    while True: pass
if name == "hungry":
    held = [bytearray(10_000_000) for _ in range(500)]
if name == "dead":
    os._exit(7)
if name == "wrong":
    raise ValueError("it is wrong")
"""
CHANGES = """\
format: 1
changes:
  - {id: new, date: 2025-03-01, what: New scales, kind: system, tables: [parcels]}
"""
WHY = {
    "endless": "found no end after",
    "hungry": "found more memory in use than 1,000 MB",
    "dead": "its process ended with 7",
    "wrong": "ValueError: it is wrong",
    "broken": "assessment.yaml:1",
    "absent": "no such folder",
    "tableless": "found 'parcels', expected a table",
    "binary": "found bytes that are not UTF-8",
    "linked": "found a link that leaves the assessment",
    "piped": "found a pipe",
}


def poison(home):
    """Cases that cannot be rendered; some by their notebook, which knows their names."""
    (home / "orders.csv").write_text("id\n1\n", encoding="utf-8")
    for name in WHY:
        if name != "absent":
            start_assessment(home / name, data=[home / "orders.csv"])
    (home / "broken/assessment.yaml").write_text("broken", encoding="utf-8")
    (home / "tableless/changes.yaml").write_text(CHANGES, encoding="utf-8")
    (home / "binary/answers/ann.yaml").write_bytes(bytes(range(256)) * 99)
    (home / "secret.yaml").write_text(ANSWERS, encoding="utf-8")
    (home / "linked/answers/ann.yaml").symlink_to(home / "secret.yaml")
    os.mkfifo(home / "piped/answers/ann.yaml")


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory, root):
    """A copy of readybook with a notebook that hangs, eats or fails on some names."""
    home = tmp_path_factory.mktemp("poisoned")
    for name in ("src/readybook", "notebooks", "templates/report"):
        shutil.copytree(root / name, home / name)
    shutil.copytree(root / "templates/assessment", home / "templates/assessment")
    path = home / "notebooks" / "1-scope.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells.append(nbformat.v4.new_code_cell(POISON))
    nbformat.write(notebook, path)
    return home


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux")
@pytest.mark.parametrize(
    ("good", "seconds"), [(2, 15), pytest.param(90, 180, marks=pytest.mark.soak)]
)
def test_assessment_that_fails_fails_alone_and_has_a_page(
    poisoned, tmp_path, good, seconds
):
    """Whatever it does; the others are made, and nothing of it goes on."""
    poison(tmp_path)
    fine = [f"good-{at:02}" for at in range(good)]
    for name in fine:
        start_assessment(tmp_path / name)
    named = sorted([*fine, *WHY], key=lambda name: name[::-1])
    (tmp_path / "tmp").mkdir()
    limits = ["--seconds", str(seconds), "--megabytes", "1000"]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "readybook", "report", *named, *limits],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(poisoned / "src"),
             "TMPDIR": str(tmp_path / "tmp")},
    )  # fmt: skip

    assert done.returncode == 3, done.stderr
    made = [f"reports/{name}.html" for name in named if name in fine]
    assert done.stdout.split() == [*made, "reports/index.html"], done.stderr
    failed = {page.parent.name: page for page in tmp_path.glob("reports/*/failed.html")}
    assert failed.keys() == WHY.keys()
    for name, why in WHY.items():
        assert why in unescape(failed[name].read_text(encoding="utf-8"))
        assert why in done.stderr
        assert not (tmp_path / f"reports/{name}.html").exists()
    assert list((tmp_path / "tmp").iterdir()) == []
    assert left_running(tmp_path / "tmp") == []


@pytest.mark.slow
@pytest.mark.usefixtures("case")
def test_long_name_of_the_folder_for_temporary_files_is_no_fault(tmp_path):
    """The path of a socket is short; who has a long one waits a little longer."""
    long = tmp_path / ("t" * 90)
    long.mkdir()
    done = subprocess.run([BIN, "report", "churn"], cwd=tmp_path, check=False,
                          env={**os.environ, "TMPDIR": str(long)})  # fmt: skip

    assert done.returncode == 0
    assert list(long.iterdir()) == []


@pytest.mark.slow
def test_page_of_a_failure_goes_with_the_next_report(run, case, tmp_path):
    """It speaks of that run alone."""
    start_assessment(tmp_path / "other")
    good = (case / "assessment.yaml").read_bytes()
    (case / "assessment.yaml").write_text("<b>: 1", encoding="utf-8")
    told = run("report", "churn", "other")
    failed = tmp_path / "reports" / "churn" / "failed.html"
    assert told.returncode == 3
    assert "<b>" not in failed.read_text(encoding="utf-8")
    (case / "assessment.yaml").write_bytes(good)

    assert run("report", "churn", "other").returncode == 0
    assert not failed.exists()
    made = json.loads((tmp_path / "reports/churn/made-from.json").read_text())
    assert made["pages"] == ["churn.html"]


@pytest.mark.slow
@pytest.mark.parametrize("place", ["a", "a.html", "portfolio", "index.html"])
def test_nothing_is_written_through_a_link_among_the_reports(
    tmp_path, monkeypatch, capsys, place
):
    """A folder for reports that a stranger prepared leads nowhere else."""
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b"):
        assert main(["new", name]) == 0
    (tmp_path / "out").mkdir()
    kept = tmp_path / "kept"
    if "." in place:
        kept.write_text("mine", encoding="utf-8")
    else:
        kept.mkdir()
    (tmp_path / "out" / place).symlink_to(kept)
    capsys.readouterr()

    assert main(["report", "a", "b", "--out", "out"]) == 3
    assert f"{place}: found a link, expected" in capsys.readouterr().err
    assert (tmp_path / "out" / "b.html").is_file()
    assert (
        kept.read_text("utf-8") == "mine" if kept.is_file() else not [*kept.iterdir()]
    )
