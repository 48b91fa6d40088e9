"""The words of what leadership reads: plain, one for each thing, explained once."""

from __future__ import annotations

import html
import json
import re

import pytest

from readybook.model.words import PLAIN
from readybook.show.kit.fragment import explained
from readybook.workbook import open_workbook
from shown import statements

#: LIX of an easy newspaper; what an office writes lies far beyond.
MOST_LIX = 40
LONG = 7  #: letters of a word that LIX calls long
#: Words for things that have another one.
SECOND_WORDS = (
    r"stakeholder\w*", r"blockers?", r"must[- ]haves? (?:fail|pass)\w*", "P50", "P80",
    "P90", "PSI", "KPI", "N/A", "go[- ]live", "reassessment", "pillars?",
)  # fmt: skip


def leadership_pieces(root):
    """The names of the pieces before the chapters, in the order of the page."""
    path = root / "notebooks" / "6-summary.ipynb"
    cells = json.loads(path.read_text("utf-8"))["cells"]
    hidden = {"notebook-only", "appendix"}
    sources = (
        "".join(cell["source"])
        for cell in cells
        if not hidden.intersection(cell["metadata"].get("tags", ()))
    )
    return re.findall(r'show\("([\w-]+)"\)', "\n".join(sources))


@pytest.fixture(scope="module")
def shown(root):
    """What leadership reads of the worked example, as HTML with its terms explained."""
    book = open_workbook(str(root / "templates" / "flight-delays"))
    known: set[str] = set()
    return [explained(book.show(name).html, known) for name in leadership_pieces(root)]


@pytest.fixture(scope="module")
def told(shown):
    """Its statements."""
    return [one for piece in shown for one in statements(piece)]


def lix(texts):
    """Return words per sentence and the share of long words, in per cent, added up."""
    sentences = [s for text in texts for s in re.split(r"[.:;!?]+(?:\s|$)", text)]
    words = [re.findall(r"[^\W\d_]+", sentence) for sentence in sentences]
    words = [some for some in words if some]
    every = [word for some in words for word in some]
    long = sum(len(word) >= LONG for word in every)
    return len(every) / len(words) + 100 * long / len(every)


def test_leadership_part_is_read_at_school_leaving_level(told):
    """Short sentences of short words."""
    assert lix(told) < MOST_LIX


def test_measure_of_readability_tells_an_office_from_a_newspaper():
    """Otherwise the limit would be no limit."""
    office = (
        "Notwithstanding organizational interdependencies, provisioning responsibilities "
        "necessitate comprehensive reassessment of infrastructural prerequisites prior "
        "to authorization."
    )

    assert lix(["The node has no swap. Give it 8 GiB."]) < MOST_LIX < lix([office])


@pytest.mark.parametrize("term", PLAIN)
def test_term_has_plain_words_beside_its_first_use(term, shown):
    """Whoever reads it first is told what it means, in four words or so."""
    # A headline is not torn apart: the line below it explains.
    unread = r'(?s)<caption.*?</caption>|<p class="verdict-words">.*?</p>|</?small>'
    read = re.sub(unread, "", " ".join(shown))
    text = html.unescape(re.sub(r"<[^>]+>", " ", read))
    first = re.search(rf"\b{term.removesuffix('s')}s?\b(.*)", text, re.IGNORECASE)

    assert first is None or any(first[1].startswith(f" ({PLAIN[t]})") for t in PLAIN)


@pytest.mark.parametrize("word", SECOND_WORDS)
def test_one_thing_has_one_word(word, told):
    """A reader who meets two words looks for two things."""
    assert [one for one in told if re.search(rf"\b{word}\b", one)] == []


def test_terms_are_explained_in_text_alone_and_once():
    """Neither in an attribute nor in what only a screen reader hears."""
    known: set[str] = set()
    html_ = '<caption>Gates</caption><i class="gate"></i><p>2 gates fail; a gate</p>'

    assert explained(html_, known) == (
        '<caption>Gates</caption><i class="gate"></i>'
        "<p>2 gates <small>(must-haves)</small> fail; a gate</p>"
    )
    assert explained("<p>Gate</p>", known) == "<p>Gate</p>"
    headline = '<p class="verdict-words"><strong>1 gate fails</strong></p>'
    assert explained(headline, set()) == headline


def test_codes_stand_behind_words_and_never_in_their_place(told):
    """In brackets behind a title, or small and linked behind it."""
    code = r"[A-Z]{3}-\d\d"
    bare = re.compile(
        rf"(?:^|[.:;] ){code}|{code}(?: and|,) {code}|{code} (?:passed|failed|undecided)"
    )

    assert [one for one in told if bare.search(one)] == []
