"""A bank is printed for people who will not open YAML, whatever its texts hold."""

import csv
import io
import re

import pytest

from own_banks import own_bank, own_question
from readybook.bank.own import find_bank
from readybook.bank.read import read_bank
from readybook.cli.main import main
from readybook.paper.bank import FORMATS, bank_csv, bank_html, bank_markdown
from samples import bank, question

NASTY = "<script>alert(1)</script> & *bold* | [link](x)"


def nasty(**more):
    """A bank whose texts would do harm if they were not escaped."""
    one = question("AVL-01", gate=("pilot", 3), checks=[("source-opened", 3, 1)])
    return bank(one.model_copy(update={"title": NASTY, "text": NASTY, **more}))


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    """A bank that adds, changes and switches off."""
    path = tmp_path_factory.mktemp("own") / "bank.yaml"
    more = "switched_off:\n  AVL-08: Another law holds here.\n"
    asked = (own_question("HOUSE-01"), own_question("OWN-01"))
    path.write_text(own_bank(*asked, more=more), encoding="utf-8")
    return find_bank(path).bank


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("track", ["starter", "full"])
def test_every_question_of_the_track_is_printed_once(name, track):
    """Each format names every question of ours, in bank order."""
    ours = read_bank().bank
    text = FORMATS[name](ours, track)
    pattern = {
        "markdown": r"(?m)^### ([A-Z]+-\d+) ",
        "html": r'<article id="([A-Z]+-\d+)">',
        "csv": r"(?m)^([A-Z]+-\d+),",
    }[name]

    assert re.findall(pattern, text) == [
        q.id
        for questions in ours.sections.values()
        for q in questions
        if track == "full" or q.is_starter
    ]


def test_markdown_holds_everything_a_reviewer_judges():
    """Text, why, proof, authority, gate, levels, steps, checks and sources."""
    text = bank_markdown(nasty(title="Opened data", text="Is it there?"))

    for part in (
        "**Is it there?**", "It matters.", "Proof: A record.", "Answered by: Owner",
        "weight: key; gate: in place from pilot on", "Asked: always",
        "0. missing: AVL-01 stands at 0", "To gain “improvised”: Owner: Reach 1",
        "source-opened (passed: up to in place; failed: at most improvised)",
        "Sources: Work", "- **Owner** Owns.", "- **How high are the stakes?** Low. High.",
        "- **Work** Author, 2020.",
    ):  # fmt: skip
        assert part in text


def test_texts_of_a_bank_are_no_markup():
    """What a team wrote is shown as it is, and never run."""
    assert "<script" not in bank_html(nasty())
    assert "&lt;script&gt;alert(1)" in bank_html(nasty())
    assert "<script" not in bank_markdown(nasty()).replace(r"\<script", "")
    assert r"\*bold\* \| \[link\](x)" in bank_markdown(nasty())


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.org/a_b", " <https://example.org/a_b>"),
        ("javascript:alert(1)", " javascript:alert(1)"),
        ("https://example.org/<b>", r" https://example.org/\<b\>"),
    ],
)
def test_only_an_address_of_the_web_becomes_a_link(url, shown):
    """A reviewer who clicks stays on the web."""
    small = nasty()
    (work,) = small.works
    small = small.model_copy(update={"works": (work.model_copy(update={"url": url}),)})

    assert f"- **Work** Author, 2020.{shown}\n" in bank_markdown(small)


def test_page_needs_nothing_else():
    """One file: no script, and no address is fetched."""
    page = bank_html(read_bank().bank)

    assert "<script" not in page
    assert re.findall(r"""(?:src|href)\s*=|url\(|@import""", page) == []
    assert "default-src 'none'" in page


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t"])
def test_no_cell_is_computed_by_a_spreadsheet(first):
    """A text that begins like a formula is marked as text."""
    text = bank_csv(nasty(title=f"{first}1+1", proof=f'{first}HYPERLINK("x")'))
    (row,) = rows_of(text)

    assert row["title"].startswith("'")
    assert row["proof"] == f'\'{first}HYPERLINK("x")'
    assert not any(cell.startswith(tuple("=+-@\t\r")) for cell in row.values())


def test_cells_hold_lines_and_quotes():
    """Whatever a text holds, the row has its columns."""
    (row,) = rows_of(bank_csv(nasty(why='He said "no",\nthen left')))

    words = ("missing", "improvised", "partly in place", "in place")
    levels = (*words, "in place and watched")
    assert row == {
        "id": "AVL-01",
        "section": "Data availability",
        "title": NASTY,
        "question": NASTY,
        "answered by": "Owner",
        "weight": "key",
        "gate": "in place from pilot on",
        "asked": "always",
        "state": "",
        **{f"level {n}: {word}": f"AVL-01 stands at {n}"
           for n, word in enumerate(levels)},
        "why": 'He said "no",\nthen left',
        "proof": "A record.",
        **{f"gains level {n}": f"Owner: Reach {n}" for n in range(1, 5)},
        "checks": "source-opened (passed: up to in place; failed: at most improvised)",
        "sources": "Work",
    }  # fmt: skip


def test_list_and_section_without_an_entry_have_no_heading():
    """The starter track leaves out a section of minor questions."""
    both = bank(question("AVL-01"), question("QLT-01", weight="minor"))
    bare = both.model_copy(update={"facts": ()})
    heads = {
        track: re.findall(r"(?m)^## (.+)", bank_markdown(bare, track))
        for track in ("starter", "full")
    }

    assert heads["starter"] == ["Data availability", "Roles", "Works"]
    assert heads["full"] == ["Data availability", "Data quality", "Roles", "Works"]
    assert (
        "\nBank small 1.0.0, the starter track: 2 questions in all, 1 of them on the "
        "starter track, no gates.\n" in bank_markdown(bare, "starter")
    )


def test_condition_is_told_in_the_words_of_the_fact():
    """A reviewer reads when a question is asked, not an id."""
    (row,) = rows_of(bank_csv(nasty(applies_when={"stakes": ("high",)})))

    assert row["asked"] == "where “How high are the stakes?” is High"


def test_what_a_team_did_to_ours_is_told(extended):
    """Added, changed by key, switched off with the reason."""
    states = {row["id"]: row["state"] for row in rows_of(bank_csv(extended))}

    assert states["HOUSE-01"] == "added by this bank"
    assert states["OWN-01"].startswith("changed by this bank: ")
    assert states["AVL-08"] == "switched off by this bank: Another law holds here."
    assert states["AVL-01"] == ""
    assert "*Added by this bank.*" in bank_markdown(extended)
    assert "Switched off by this bank: Another law holds here." in bank_html(extended)


def test_retired_question_is_told():
    """It stays in the list, with since when and why."""
    assert "*Retired since 1.0.0.*" in bank_markdown(nasty(retired="since 1.0.0"))


def test_verb_prints_what_is_asked_for(tmp_path, capsys):
    """Format, track and bank are chosen on the command line."""
    path = tmp_path / "bank.yaml"
    path.write_text(own_bank(own_question("HOUSE-01")), encoding="utf-8")
    code = main(
        ["questions", "--bank", str(path), "--format", "csv", "--track", "starter"]
    )
    out, err = capsys.readouterr()

    assert (code, err) == (0, "")
    assert "HOUSE-01" in {row["id"] for row in rows_of(out)}


def test_list_in_the_documentation_is_what_the_command_prints(root):
    """A changed bank without `readybook questions > docs/questions.md` fails here."""
    page = (root / "docs" / "questions.md").read_text(encoding="utf-8")

    assert page == bank_markdown(read_bank().bank)
