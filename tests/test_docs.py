"""What the README says is there is there, and what is there is in the README."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from readybook.cli.main import main
from readybook.workbook import open_workbook

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
FIRST_SCREEN = 30  # lines
HOSTS = ("pypi.", "npmjs.", "debian.org", "pythonhosted", "anaconda.org")


def text(page):
    return (ROOT / page).read_text(encoding="utf-8")


def code(page):
    """Return what stands in backticks and fences, one piece an item."""
    found = re.findall(r"```\w*\n(.*?)```|`([^`\n]+)`", text(page), re.DOTALL)
    return [fence or span for fence, span in found]


def named_after(word, page):
    """Return the words that follow a command in the code of a page."""
    pattern = rf"(?m)(?:^|/){word} ([a-z][a-z-]*)"
    return {name for piece in code(page) for name in re.findall(pattern, piece)}


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


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_that_a_page_names_exists(page):
    """A reader who types what the page says gets no "No rule to make target"."""
    assert named_after("make", page) - targets() == set()


@pytest.mark.parametrize("page", PAGES)
def test_every_verb_that_a_page_names_exists(page):
    """A reader who types what the page says gets no "No such command"."""
    assert named_after("readybook", page) - verbs() == set()


def test_every_verb_is_in_the_readme():
    """No command is left for the reader to find by chance."""
    assert verbs() - named_after("readybook", "README.md") == set()


def test_first_screen_holds_picture_and_two_commands():
    """A newcomer sees the report and how to make one without scrolling."""
    screen = "\n".join(text("README.md").splitlines()[:FIRST_SCREEN])

    assert "](docs/report.png)" in screen
    assert "make report" in screen
    assert "make test" in screen


@pytest.mark.parametrize("page", PAGES)
def test_links_inside_the_checkout_lead_somewhere(page):
    """Every picture and file that a page points at is there."""
    links = re.findall(r"\]\(([^)#]+)\)", text(page))
    gone = [link for link in links if "://" not in link and not (ROOT / link).exists()]

    assert gone == []


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


def test_readme_lists_every_notebook():
    """The table of notebooks is complete, and names none that is gone."""
    listed = set(re.findall(r"`(\d-[\w-]+\.ipynb)`", text("README.md")))

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
