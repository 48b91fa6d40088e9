"""Questions that a director asks of the example, each answered in one statement."""

from __future__ import annotations

import json
import re

import pytest

from readybook.model.words import day
from readybook.workbook import open_workbook
from shown import statements

#: Parts of the page that stand on its first three screens.
SCREENS = ("verdict", "obstacles", "dimensions")


@pytest.fixture(scope="module")
def book(root):
    """The worked example."""
    return open_workbook(str(root / "templates" / "flight-delays"))


@pytest.fixture(scope="module")
def told(book):
    """What the first three screens state."""
    return [one for piece in SCREENS for one in statements(book.show(piece).html)]


#: By question, what its answer holds; what is computed is read from the model.
QUESTIONS = {
    "Is it ready?": lambda c: [c.result.headline],
    "What stops it?": lambda _: ["No row of flights has Stewart (SWF) as its origin"],
    "What else stops it?": lambda _: [
        "The training node has no swap and 8 GiB are needed"
    ],
    "Who decides what first, by when, at how much work, and who prepares it?": lambda _: [
        "Have the airport partner deliver departures from SWF",
        "Data owner (Flight data)",
        "Prepares it: Data engineer",
        "18 December 2026",
        "2 to 8 person-days",
    ],
    "Is that enough?": lambda _: [
        "Have the airport partner",
        "The gate also needs",
        "no row of planes has Electric as its engine",
    ],
    "When is it ready at the earliest, likely, and to be safe?": lambda c: [
        f"{day(c.outlook.least.date(c.outlook.least.weeks[0]))} at the earliest",
        f"{day(c.outlook.least.date(c.outlook.least.p50))} likely",
        f"{day(c.outlook.least.date(c.outlook.least.p90))} to be safe",
    ],
    "How much work is that, and what does it cost?": lambda c: [
        f"{len(c.outlook.steps)} open steps",
        "52 to 140 person-days",
        "USD 46,000 to 180,000",
    ],
    "Do we make the target date?": lambda c: [
        f"{day(c.assessment.scope.target_date)} will be missed",
        f"{c.outlook.least.runs_by(c.assessment.scope.target_date)} of 10,000 runs keep",
    ],
    "Somebody accepted that; what is there to decide?": lambda _: [
        "Accepted by Sponsor until 31 January 2027. To decide: what ends it",
        "Have the airport partner deliver",
        "by 18 December 2026",
    ],
    "What else is in the way, who is against it?": lambda _: [
        "User representative (Station managers) is opposed",
        "3 permissions wait, the longest for 77 days instead of 30",
        "365 of the 731 days of history",
    ],
    "Which steps are still open?": lambda c: [
        f"{len(c.outlook.steps)} open steps: 15 actions, 3 permissions, 1 history"
    ],
    "What stands too low, and nobody has planned anything for it?": lambda _: [
        "4 key questions are too low",
        "Lawful use (AVL-08)",
        "Owner after launch (OWN-03)",
    ],
    "Why is there no date yet?": lambda _: ["Domain expert has not said how long"],
    "What happens on a no?": lambda _: [
        "stays not ready",
        "costs USD 170,000 to 560,000",
    ],
    "What could be decided instead, and what does a no leave?": lambda _: [
        "Have the airport partner deliver departures from SWF",
        "Instead: Strike SWF from the data model",
        "No: Categories populated (AVL-03)",
        "what a month's delay moves is not known",
    ],
    "What does it cost in time if the sponsor waits?": lambda _: [
        "Name who answers for security",
        "Sponsor (Executive office)",
        "6 steps wait for it",
        "a month later, the known dates move by 20 days (USD 110,000 to 370,000)",
    ],
    "Who sits on a permission, since when, and what waits for it?": lambda _: [
        "Platform lead (IT platform)",
        "Machine on which predictions are made",
        "3 more steps after it",
        "Asked 77 days ago, was to take 30",
    ],
    "Who is against it, and what waits on them?": lambda _: [
        "User representative",
        "Procedure by which the stations act on a warning",
        "Business owner",
    ],
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_director_finds_the_answer_in_one_statement(question, book, told):
    """Nothing has to be put together from two places of the page."""
    parts = QUESTIONS[question](book)

    assert any(all(part in one for part in parts) for one in told)


def test_the_first_parts_of_the_page_are_those_that_are_asked(root):
    """The order of the summary is the order of the page."""
    cells = json.loads((root / "notebooks" / "6-summary.ipynb").read_text("utf-8"))
    shown = re.findall(
        r'show\("([\w-]+)"\)',
        "\n".join(
            "".join(cell["source"])
            for cell in cells["cells"]
            if "notebook-only" not in cell["metadata"].get("tags", [])
        ),
    )

    assert tuple(shown[: len(SCREENS)]) == SCREENS


def test_what_is_in_a_fold_answers_nothing():
    """A reader sees what is open."""
    assert statements("<details><p>hidden</p></details><p>a &amp;<br>b</p>") == [
        "a & b"
    ]
