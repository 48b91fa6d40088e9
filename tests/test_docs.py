"""What the pages say is there is there, what is there is said, and commands run."""

import ast
import contextlib
import datetime as dt
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings
from collections import Counter
from pathlib import Path

import papermill
import pytest
from PIL import Image
from ruamel.yaml import YAML

from measured_case import TODAY, assessment_of
from pictures import IMAGES, digest, recorded
from readybook.case.open import today
from readybook.cli.files import start_assessment
from readybook.cli.main import main
from readybook.cli.terminal import EXIT_CODES
from readybook.contract.read import parse_contract
from readybook.measure.data import measure_data
from readybook.workbook import open_workbook

ROOT = Path(__file__).parent.parent
GUIDES = ("README.md", "CONTRIBUTING.md", "SECURITY.md",
          *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")))  # fmt: skip
PAGES = (*GUIDES, "CHANGELOG.md")
FIRST_SCREEN, LONGEST = 30, 50  # lines of the README: it is a screen and a half
HOSTS = ("pypi.", "npmjs.", "debian.org", "pythonhosted", "anaconda.org")
#: Why commands of a page are not run by the test, and how such commands begin.
NOT_RUN = {
    "fetches packages": ("python3 -m venv", ". ", "pip install"),
    "make, which CI runs": ("make ",),
    "opens a browser": ("readybook lab", "voila "),
}
FENCE = re.compile(r"(?ms)^```console(?: not run: ([^\n]+))?\n(.*?)^```$")


def text(page):
    return (ROOT / page).read_text(encoding="utf-8")


def code(page):
    """Return what stands in backticks and fences, one piece an item."""
    found = re.findall(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", text(page), re.DOTALL)
    return [fence or span for fence, span in found]


def named_after(word, page):
    """Return the words that follow a command in the code of a page."""
    pattern = rf"(?m)(?:^|/){word} ([a-z][a-z-]*)"
    return {name for piece in code(page) for name in re.findall(pattern, piece)}


def commands(page):
    """Return the commands that a page tells to type, with why the test runs none."""
    return [
        (line.strip(), why)
        for why, block in FENCE.findall(text(page))
        for line in block.splitlines()
        if line.strip()
    ]


def help_of(*words):
    """Return what a person reads who asks for help."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), pytest.raises(SystemExit) as left:
        main([*words, "--help"])
    assert left.value.code == 0
    return printed.getvalue()


def verbs():
    return set(re.findall(r"(?m)^    ([a-z][a-z-]*)  +\S", help_of()))


def targets():
    return set(re.findall(r"(?m)^([a-z]+):.*## ", text("Makefile")))


# --- commands -------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_names_exists(page):
    """A reader who types what the page says gets no "No rule to make target"."""
    assert named_after("make", page) - targets() == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_verb_that_a_page_names_exists(page):
    """A reader who types what the page says gets no "No such command"."""
    assert named_after("readybook", page) - verbs() == set()


@pytest.mark.parametrize("page", GUIDES)
def test_every_option_that_a_page_names_exists(page):
    """Also of commands that stand within a sentence, which are not run."""
    unknown = [
        piece
        for piece in code(page)
        for line in piece.splitlines()
        if (named := re.match(r"readybook ([a-z][a-z-]*) ", line))
        for word in line.split()
        if word.startswith("--") and word not in help_of(named[1])
    ]

    assert unknown == []


def test_every_verb_is_among_the_commands_of_a_guide():
    """No verb is left for the reader to find by chance, or untried."""
    told = " ".join(line for page in GUIDES for line, _ in commands(page))

    assert verbs() - set(re.findall(r"readybook ([a-z][a-z-]*)", told)) == set()


def test_exit_codes_of_the_guide_are_those_of_the_help():
    """Whoever writes a pipeline reads what the program says of itself."""
    told = re.findall(r"(?m)^\| (\d[\d, ]*) \| (.+) \|$", text("docs/batch.md"))

    assert told == re.findall(r"(?m)^  (\d[\d, ]*)  (.+)$", EXIT_CODES)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="commands of a POSIX shell")
@pytest.mark.parametrize(
    "page", [page for page in GUIDES if any(not why for _, why in commands(page))]
)
def test_commands_of_a_page_run_one_after_the_other(page, tmp_path):
    """On two small tables; whoever follows the page meets no error."""
    (tmp_path / "orders.csv").write_text(
        "id,customer,ordered_on\n1,1,2026-01-01\n2,2,2026-01-02\n", encoding="utf-8"
    )
    (tmp_path / "customers.csv").write_text("customer,land\n1,NL\n2,BE\n", "utf-8")
    (tmp_path / "notebooks").symlink_to(ROOT / "notebooks")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = "\n".join(line for line, why in commands(page) if not why)
    done = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", script],  # noqa: S607 - the reader's shell
        cwd=tmp_path, env={**os.environ, "PATH": path}, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


# --- calls from schedulers ------------------------------------------------------------


def scheduled(kind):
    """Return the only piece of the guide in the words of a scheduler."""
    (found,) = re.findall(rf"(?ms)^```{kind}\n(.*?)^```$", text("docs/batch.md"))
    return found


def from_cron():
    """Return the two commands of the guide's lines for cron."""
    found = [line.split(" ", 5)[-1] for line in scheduled("cron").strip().splitlines()]
    assert not any("%" in one for one in found)  # a line's end to cron
    return found


@pytest.fixture
def programme(tmp_path):
    """A folder as the guide has it: cases, the program, notebooks."""
    home = tmp_path / "programme"
    start_assessment(home / "cases" / "churn")
    (home / ".venv").mkdir()
    (home / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    (home / "notebooks").symlink_to(ROOT / "notebooks")
    return home


def run_by(home, *command, path=""):
    """Run a command as a scheduler does: with few variables, and no terminal."""
    mine = {"HOME": str(home.parent), "PATH": f"{path}/usr/bin:/bin"}
    return subprocess.run(command, cwd=home, env=mine, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)  # fmt: skip


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="cron is of POSIX")
def test_cron_is_told_nothing_unless_something_failed(programme):
    """Only then it has something to mail: the whole log."""
    command, _ = from_cron()
    fine = run_by(programme, "/bin/sh", "-c", command)
    assert (programme / "reports" / "churn.html").exists()
    (programme / "cases" / "churn" / "assessment.yaml").write_text("broken", "utf-8")
    failed = run_by(programme, "/bin/sh", "-c", command)

    assert (fine.returncode, fine.stdout + fine.stderr) == (0, "")
    assert "cases/churn/assessment.yaml:1" in failed.stdout


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("date") is None, reason="its dates are of GNU")
def test_cron_is_told_what_moved_of_what_is_owed(programme):
    """Nothing where nothing did, else a role each."""
    _, command = from_cron()
    still = run_by(programme, "/bin/sh", "-c", command)
    case = programme / "cases" / "churn" / "decisions.yaml"
    case.write_text(
        f"format: 1\ndecisions:\n  - {{ id: node, asked: Rent?, asked_of: finance, "
        f"asked_on: {today()} }}\n", "utf-8",
    )  # fmt: skip
    moved = run_by(programme, "/bin/sh", "-c", command)

    assert (still.returncode, still.stdout + still.stderr) == (0, "")
    assert moved.stdout.startswith("Finance\n  New:\n  - Rent?")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="make is of POSIX")
def test_make_has_what_changed_rendered(programme):
    """Its target is a folder that is there, and is made all the same."""
    (programme / "Makefile").write_text(scheduled("make"), encoding="utf-8")
    path = f"{Path(sys.executable).parent}:"
    made = [run_by(programme, "make", "reports", path=path) for _ in range(2)]

    assert [one.returncode for one in made] == [0, 0]
    assert "(unchanged)" in made[1].stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="commands of a POSIX shell")
def test_actions_run_and_keep_the_reports(programme):
    """Its steps are GitHub's own, an installation, and one command, which runs."""
    workflow = YAML(typ="safe").load(scheduled("yaml"))
    steps = workflow["jobs"]["reports"]["steps"]
    own = [one["run"] for one in steps if "run" in one]
    kept = next(one["with"]["path"] for one in steps if "if" in one)
    install, report = own
    path = f"{Path(sys.executable).parent}:"
    done = run_by(programme, "/bin/bash", "-eo", "pipefail", "-c", report, path=path)

    assert install.startswith("pip install -r ")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["pages"] == [f"{kept}/churn.html"]


@pytest.mark.slow
def test_airflow_is_given_what_papermill_takes(programme, monkeypatch):
    """Called as the operator does, which fills in the day."""
    monkeypatch.chdir(programme)
    call = ast.parse(scheduled("python").replace("{{ ds }}", "2026-03-01"))
    (statement,) = call.body
    told = {one.arg: ast.literal_eval(one.value) for one in statement.value.keywords}
    assert statement.value.func.id == "PapermillOperator"
    assert told.pop("task_id")
    source, target = told.pop("input_nb"), told.pop("output_nb")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the kernel's own sockets and loops
        ran = papermill.execute_notebook(
            source, target, progress_bar=False, report_mode=True, **told
        )

    assert "1 March 2026" in str(ran)
    assert not [one for cell in ran.cells for one in cell.get("outputs", ())
                if one.output_type == "error"]  # fmt: skip


def test_commands_that_are_not_run_are_of_three_kinds_and_counted():
    """Whoever adds one says why; nothing is passed over in silence."""
    left = [one for page in GUIDES for one in commands(page) if one[1]]
    strange = [
        (line, why) for line, why in left if not line.startswith(NOT_RUN.get(why, ()))
    ]

    assert strange == []
    assert Counter(why for _, why in left) == {
        "fetches packages": 3, "make, which CI runs": 10, "opens a browser": 2,
    }  # fmt: skip


def test_commands_install_what_can_be_had():
    """Until there is a release, that is a checkout and no name in a registry."""
    is_released = re.search(r"(?m)^## \[?\d", text("CHANGELOG.md"))
    named = [
        word
        for page in GUIDES
        for piece in code(page)
        for line in piece.splitlines()
        if "pip install" in line
        for word in shlex.split(line, comments=True)
        if word.startswith("readybook")
    ]

    assert is_released or named == []


# --- pages ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part", re.findall(r"(?ms)^```yaml\n(.*?)^```$", text("docs/measuring.md"))
)
def test_every_part_of_a_contract_that_the_guide_shows_is_read(part, tmp_path):
    """Whoever copies one has no slip in it."""
    head = (
        "apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: draft\n"
    )
    read = parse_contract(head + part, name="data.odcs.yaml", folder=tmp_path)

    assert read.model.servers


def test_pictures_of_the_guide_are_measured(tmp_path):
    """Whoever declares them as the guide does gets each check, and none that fails."""
    blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```$", text("docs/measuring.md"))
    (part,) = [one for one in blocks if "format: files" in one]
    head = (
        "apiVersion: v3.2.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: draft\n"
    )
    for at, label in enumerate(("cat", "dog")):
        (tmp_path / "pictures" / label).mkdir(parents=True)
        for n in range(60):
            name = f"IMG_{dt.date(2026, 6, 1) + dt.timedelta(n):%Y%m%d}_{n}.png"
            picture = Image.new("RGB", (64 + n % 9, 64), (n, at, 0))
            picture.save(tmp_path / "pictures" / label / name)
    needs = ("pictures.label", "pictures.width")
    case = assessment_of(tmp_path, contract=head + part, needs=needs)
    found = measure_data(case, tmp_path, today=TODAY).findings
    judged = {one.check for one in found if one.outcome == "supports"}

    assert [one.message for one in found if one.outcome == "contradicts"] == []
    assert judged >= {
        "categories-populated", "history-gaps", "keys-unique", "live-like-training",
        "schema-same", "source-opened", "types-match", "values-declared",
        "values-in-range",
    }  # fmt: skip


def test_readme_is_one_screen_and_a_half():
    """The first holds the picture and two commands, without scrolling."""
    lines = text("README.md").splitlines()
    screen = "\n".join(lines[:FIRST_SCREEN])

    assert "](docs/images/report.png)" in screen
    assert "make report" in screen
    assert "make lab" in screen
    assert len(lines) <= LONGEST


def test_every_guide_is_linked_from_the_readme():
    """Who looks for a way of use finds its page."""
    found = set(re.findall(r"\]\(([^)#]+)", text("README.md")))

    assert {page for page in GUIDES if page != "README.md"} - found == set()


def anchors(page):
    """Return what a link into a page can name: its headings, as sites write them."""
    headings = re.findall(
        r"(?m)^#+ (.+)$", re.sub(r"(?ms)^```.*?^```$", "", text(page))
    )
    return {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-")
            for one in headings}  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_links_inside_the_checkout_lead_somewhere(page):
    """Every picture, file and heading that a page points at is there."""
    gone = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text(page)):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            gone.append(link)

    assert gone == []


def test_every_picture_is_one_that_make_pictures_took_and_is_shown():
    """Its words are compared whenever it is taken again; here, that it is that one."""
    shown = {Path(link).name for page in GUIDES
             for link in re.findall(r"\]\(([^)\s]+\.png)\)", text(page))}  # fmt: skip
    there = {path.name: digest(path.read_bytes()) for path in IMAGES.glob("*.png")}

    assert there == {name: file for name, (_, file) in recorded().items()}
    assert shown == set(there)


@pytest.mark.parametrize("page", PAGES)
def test_every_named_path_exists(page):
    """Files of the checkout that a page names in code are there."""
    pattern = r"^(?:src|tests|notebooks|templates)/[\w./-]+$"
    named = [piece for piece in code(page) if re.match(pattern, piece)]
    gone = [
        name
        for name in named
        if not (ROOT / name).exists() and not re.search(r"\bx\.py$|test_x", name)
    ]

    assert gone == []


def test_guide_for_a_team_lists_every_notebook():
    """The table of notebooks is complete, and names none that is gone."""
    listed = set(re.findall(r"`(\d-[\w-]+\.ipynb)`", text("docs/team.md")))

    assert listed == {path.name for path in (ROOT / "notebooks").glob("[0-9]-*.ipynb")}


@pytest.mark.parametrize("page", [*PAGES, "environment.yml", "pyproject.toml"])
def test_pages_name_no_machine_and_no_registry_host(page):
    """Nothing binds the reader to somebody's machine or to one registry's address."""
    paths = re.findall(r"(?<![\w.])/(?:home|root|Users|tmp|work|opt)/\S*", text(page))

    assert paths == []
    assert [host for host in HOSTS if host in text(page)] == []


def test_page_on_the_method_follows_a_question_of_the_example(root):
    """Its figures are the example's, and it is short enough to be read."""
    text = (root / "docs" / "method.md").read_text(encoding="utf-8")
    result = open_workbook(str(root / "templates" / "flight-delays")).result
    standing = result.standing("AVL-04")
    below = [check for check in standing.checks if check.outcome == "not measured"]

    assert len(text.split()) < 700
    assert (standing.claim.lower, standing.bounds.lower, standing.bounds.upper) == (
        3,
        2,
        3,
    )
    assert standing.gate.level == 3
    assert standing.gate_state == "undecided"
    assert [check.proves for check in below] == [2]
    assert result.headline.partition(":")[0] == "Not ready for production"
    assert result.on_word.headline == "Ready for production, with 5 conditions"
