"""Two cases and one register: what is granted there is granted for both, in every way."""

import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import nbformat
import pytest

from many_cases import edit, vary
from readybook.cli.files import document_schemas
from readybook.cli.main import main
from readybook.report.batch import Limits, key_of
from readybook.report.cluster import render_on
from readybook.report.page import NOTEBOOKS, Order
from readybook.report.render import strip
from readybook.report.rows import read_portfolio
from readybook.show.portfolio.blockers import waits_of
from readybook.workbook import open_portfolio, open_workbook
from shown import words_of

BIN = Path(sys.executable).parent
WAITS = ("permission/scheduling-feed-read", "role/security")
ROW = """\
  - id: scheduling-feed-read
    what: Read access to the live scheduling feed
    kind: privilege
"""
REGISTER = f"""\
format: 1
roles:
  - {{role: security, held_by: nobody-yet}}
resources:
{ROW}"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two cases that wait for the same, of which one asked on its own."""
    home = tmp_path_factory.mktemp("shared")
    for name in ("early", "late"):
        (home / "cases").mkdir(exist_ok=True)
        vary(home / "cases" / name, _Same())
    (home / "group").mkdir()
    (home / "group" / "of-2026.yaml").write_text(REGISTER, encoding="utf-8")
    (home / "group" / "register.yaml").symlink_to("of-2026.yaml")
    return home


class _Same:
    """Dice that change nothing."""

    def uniform(self, *_):
        return 1

    def random(self):
        return 1


@pytest.fixture
def report(home, monkeypatch, capsys):
    """Return what reports both cases and returns the summary that is printed."""
    monkeypatch.chdir(home)

    def ran(*words):
        words = ["report", "cases/early", "cases/late", *map(str, words)]
        code = main([*words, "--register", "group/register.yaml"])
        told = capsys.readouterr().err
        assert code == 0, told
        return told

    return ran


def grant(home):
    """Let somebody hold the role, and let it say yes."""
    file = home / "group" / "register.yaml"
    edit(file, "held_by: nobody-yet", "held_by: [security-lead]")
    edit(file, r"\Z", "    granted_on: 2026-11-20\n    expires: never\n")


def content(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def waited(home):
    told = read_portfolio(home / "reports")
    return {one.about: [row.name for row in one.cases] for one in waits_of(told)}


@pytest.mark.slow
def test_permission_that_is_granted_there_frees_both(home, report):
    """Both are made anew, for the register is part of what they are made from."""
    report()
    before = waited(home)
    assert [before[one] for one in WAITS] == [["early", "late"]] * 2
    page = words_of((home / "reports" / "index.html").read_text("utf-8"))
    assert f"{WAITS[0]}, in the shared register register.yaml" in page
    assert report().count("(unchanged)") == 3
    grant(home)

    assert report().count("(unchanged)") == 0

    assert not set(WAITS) & waited(home).keys()
    for name in ("early", "late"):
        beside = home / "reports" / name
        body = json.loads((beside / "result.json").read_text("utf-8"))
        jsonschema.validate(body, document_schemas()["result"])
        assert body["shared"]["file"] == "register.yaml"
        assert body["shared"]["resources"] == ["scheduling-feed-read"]
        page = words_of((home / "reports" / f"{name}.html").read_text("utf-8"))
        assert "who holds 1 role and 1 permission from the shared register" in page
        assert "Security from the shared register register.yaml 5 October" in page
    # the case alone waits as before, and its own report says so
    alone = open_portfolio(str(home / "cases")).portfolio
    shared = open_portfolio(
        str(home / "cases"), register=str(home / "group" / "register.yaml")
    ).portfolio
    assert set(WAITS) <= {one.about for one in waits_of(alone)}
    assert shared.cases == read_portfolio(home / "reports").cases


@pytest.mark.slow
def test_every_way_gives_the_same_and_names_no_folder(home, report, tmp_path):
    """Warm, at a worker of a cluster, by plain papermill, and to the byte in kernels."""
    warm, kernel, worker = (tmp_path / one for one in ("warm", "kernel", "worker"))
    report("--out", warm)
    # one case and the page of both: of the other one nothing is new
    shutil.copytree(warm / "early", kernel / "early")
    shutil.copy(warm / "early.html", kernel)
    assert report("--out", kernel, "--kernel").count("(unchanged)") == 1
    order = Order(worker, home=home, register=Path("group/register.yaml"))
    given = [(Path("cases") / name, "of before") for name in ("early", "late")]
    gone = Order(tmp_path / "gone", home=home, register=home / "group" / "none.yaml")
    with ThreadPoolExecutor() as workers:
        made = [*render_on(workers, given, order, Limits(2))]
        (lost,) = render_on(workers, given[:1], gone, Limits(1))
    assert {one.state for one in made} == {"made"}
    assert (lost.state, lost.problems[0].file) == ("refused", "none.yaml")
    # What changed since they were planned is no sign that they are up to date.
    assert not [*worker.glob("*/made-from.json")]

    assert content(warm) == content(kernel)
    made = content(worker)
    assert made == {name: one for name, one in content(warm).items() if name in made}
    assert {f"early/notebooks/{one}.ipynb" for one in NOTEBOOKS} <= made.keys()
    shown = [str(home).encode(), b"of-2026"]
    assert not [name for name, one in made.items() if any(map(one.__contains__, shown))]
    ran = tmp_path / "ran.ipynb"
    words = ["-p", "assessment", "cases/late", "-p", "register", "group/register.yaml"]
    papermill = [BIN / "papermill", "--no-progress-bar", *words]
    notebook = Path(__file__).parents[2] / "notebooks" / "4-provisioning.ipynb"
    subprocess.run(
        [*papermill, notebook, ran], cwd=home, check=True, capture_output=True
    )
    kept = nbformat.reads(made["late/notebooks/4-provisioning.ipynb"].decode(), 4)
    plain = strip(nbformat.read(ran, 4), home / "cases" / "late")
    assert [c.get("outputs") for c in plain.cells] == [
        c.get("outputs") for c in kept.cells
    ]


@pytest.mark.slow
def test_forms_and_buttons_of_a_notebook_know_the_register(home):
    """What a save leads to is judged as the page is; a command names no folder."""
    register = home / "group" / "register.yaml"
    book = open_workbook(str(home / "cases" / "late"), register=str(register)).again()

    for form in (book.form("OWN"), book.room(), book.edit("resources")):
        assert form.handle.__self__.opened().shared.file == "register.yaml"
    shown = book.buttons().alone.html.replace("<wbr>", "")
    assert "milestone late --register register.yaml" in shown
    assert str(home) not in shown


def test_register_is_part_of_the_key(tmp_path, root):
    """Its content and its name, which the page has; not the folder that it lies in."""
    case = root / "templates" / "flight-delays"
    names = ("a/register.yaml", "b/register.yaml", "b/other.yaml")
    files = [tmp_path / one for one in names]
    for file in files:
        file.parent.mkdir(exist_ok=True)
        file.write_text(REGISTER, encoding="utf-8")

    def key(file):
        return key_of(case, Order(tmp_path, register=file))

    first = key(files[0])
    assert len({first, key(files[1]), key(files[2]), key(None)}) == 3
    shutil.copy(files[0], files[1])
    assert key(files[1]) == first
    files[0].write_text(re.sub("nobody-yet", "[a]", REGISTER), encoding="utf-8")
    assert key(files[0]) not in {first, key(None)}
    assert key(tmp_path / "none.yaml") is None
