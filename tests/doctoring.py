"""Cases that are not ready, and tricks that would make them look so.

A trick is a function that changes a folder; its docstring says what a project lead under
pressure does, and `trick` what honest case it begins with and what must come of it.
"""

from __future__ import annotations

import datetime as dt
import html
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import ready_case as case
from readybook.case.milestones import save_milestone
from readybook.case.open import open_one
from readybook.measure.failures import keep_failures
from readybook.model.errors import InvalidInputError
from readybook.score.freeze import freeze
from readybook.workbook import open_workbook

_NUMBER = re.compile(r"\[\d+\]|[0-9a-f]{16}")  #: of a row, or of an agreement
RANK = {"not ready": 0, "conditions": 1, "ready": 2}
NOT_READY = "Not ready for production"
NOT_KNOWN = "Not enough known: "
CONDITIONS = "Ready for production, with"
READY = "Ready for production"


class Refused(NamedTuple):
    """A folder that is not opened: name of a file, key of a problem, no numbers."""

    file: str
    key: str


# --- honest cases that are not ready -------------------------------------------------


def empty_category(folder):
    """The contract promises a third shop, of which there is no row."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        west = {"value": "west", "customProperties": case.said(minRows=100)}
        case.column_of(contract, "orders", "shop")["enum"].append(west)
    again(folder)


def frozen(folder):
    """So it was when a milestone was frozen, too."""
    empty_category(folder)
    keep_milestone(folder)


def keep_milestone(folder, as_of=""):
    """Freeze a milestone as `readybook milestone` does."""
    book = open_workbook(str(folder), as_of=as_of)
    one = freeze(book.result, book.assessment, book.bank, version="0.3.0")
    save_milestone(folder, one, replace=False)


def short_history(folder):
    """Two years are needed; half a year is held."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        case.say(case.table_of(contract, "orders"), historyNeeded="P2Y")
    again(folder)


def missing_values(folder):
    """A fifth of the prices is missing; none may be."""
    rows = case.read_rows(folder, "orders")
    for row in rows[::5]:
        row["price"] = ""
    case.write_rows(folder, "orders", rows)
    case.measured(folder)


def orphans(folder):
    """Half of the orders are of a shop that the land register lacks."""
    case.write_rows(folder, "shops", case.read_rows(folder, "shops")[:1])
    case.measured(folder)


def drifted(folder):
    """Since October everything costs three times as much."""
    rows = case.read_rows(folder, "orders")
    for row in rows:
        if row["ordered_at"] >= "2026-10":
            row["price"] = 3 * int(row["price"])
    case.write_rows(folder, "orders", rows)
    case.measured(folder)


def small_machine(folder):
    """The machine has half of the memory that the job needs."""
    case.probed(folder, case.probe(memory=4))


def no_permission(folder):
    """The permission was asked for two months ago, and should have taken ten days."""
    with case.edited(folder, "resources.yaml") as resources:
        (node,) = resources["resources"]
        node["lead_time_days"] = 10
        del node["granted_on"]
    kept(folder)


def unowned(folder):
    """Nobody is accountable for the orders."""
    with case.edited(folder, "stakeholders.yaml") as register:
        register["assets"][0]["accountable"] = []
    kept(folder)


def opposed(folder):
    """The data owner is against the case."""
    with case.edited(folder, "stakeholders.yaml") as register:
        row = next(r for r in register["roles"] if r["role"] == "data-owner")
        row["buy_in"]["state"] = "opposed"
    kept(folder)


def no_sponsor(folder):
    """The sponsor says that nobody has the budget."""
    with answer(folder, "sponsor", "OWN-01") as own:
        own["answer"] = 1


def unanswered(folder):
    """The sponsor has not answered yet."""
    with case.edited(folder, "answers/sponsor.yaml") as sheet:
        del sheet["answers"]["OWN-01"]


def on_word(folder):
    """The sponsor has said that all is in place, and has shown nothing."""
    with answer(folder, "sponsor", "OWN-01") as own:
        del own["proof"]


def old_papers(folder):
    """Every document is two years old."""
    for role in case.ROLES:
        with case.edited(folder, f"answers/{role}.yaml") as sheet:
            for own in sheet["answers"].values():
                own["proof"]["date"] = dt.date(2024, 11, 20)


def looked(folder):
    """Security has opened the sponsor's document and saw a draft."""
    with case.edited(folder, "answers/security.yaml") as sheet:
        seen = {"level": 1, "saw": "A draft", "date": case.SAID}
        sheet["confirms"] = {"OWN-01": seen}


def unsigned(folder):
    """Nobody has agreed to the data model."""
    with case.edited(folder, "stakeholders.yaml") as register:
        del register["sign_offs"]
    shutil.rmtree(folder / "agreements")


def outdated(folder):
    """The data model changed since the data engineer agreed to it; others agreed again."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        price = case.column_of(contract, "orders", "price")
        price["logicalTypeOptions"]["maximum"] = 90
    again(folder, "data-owner", "data-scientist")


def two_owners(folder):
    """Two roles are accountable for the orders; nothing was written since."""
    with case.edited(folder, "stakeholders.yaml") as register:
        register["assets"][0]["accountable"] = ["data-owner", "operations"]


def ends_early(folder):
    """The permission ends two months before the target date."""
    with case.edited(folder, "assessment.yaml") as scope:
        scope["target_date"] = dt.date(2027, 3, 31)
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"][0]["expires"] = dt.date(2027, 1, 31)
    kept(folder)


def refused(folder):
    """The permission was refused."""
    with case.edited(folder, "resources.yaml") as resources:
        (node,) = resources["resources"]
        del node["granted_on"]
        node["refused_on"] = case.SAID
    kept(folder)


def settled_low(folder):
    """The room has settled that nobody has the budget, whatever the sponsor said."""
    settle(folder, "sponsor", "business-owner", answer=1)


def unmeasured(folder):
    """Nobody has measured anything yet."""
    shutil.rmtree(folder / "evidence")


def high_stakes(folder):
    """A wrong prediction can cost a livelihood."""
    with case.edited(folder, "assessment.yaml") as scope:
        scope["facts"]["stakes"] = "high"


#: Each honest case, and how what is printed of it begins. A sign-off that is out of date
#: holds of the parts that are as they were.
WEAK = {
    empty_category: NOT_READY,
    frozen: NOT_READY,
    short_history: NOT_READY,
    missing_values: CONDITIONS,
    orphans: CONDITIONS,
    drifted: NOT_READY,
    small_machine: NOT_READY,
    no_permission: CONDITIONS,
    unowned: NOT_READY,
    opposed: CONDITIONS,
    no_sponsor: NOT_READY,
    unanswered: NOT_KNOWN,
    on_word: NOT_KNOWN,
    old_papers: NOT_KNOWN,
    looked: NOT_KNOWN,
    unsigned: NOT_KNOWN,
    outdated: f"{READY}$",
    two_owners: CONDITIONS,
    ends_early: CONDITIONS,
    refused: CONDITIONS,
    settled_low: NOT_READY,
    unmeasured: NOT_KNOWN,
    high_stakes: NOT_READY,
}


# --- what tricks do ------------------------------------------------------------------


def answer(folder, role, question):
    """Yield one answer of a sheet, and write what became of it."""
    return _Part(folder, f"answers/{role}.yaml", ("answers", question))


class _Part:
    """A part of a YAML file, while it is changed."""

    def __init__(self, folder, name, keys):
        self._file, self._keys = case.edited(folder, name), keys

    def __enter__(self):
        part = self._file.__enter__()
        for key in self._keys:
            part = part[key]
        return part

    def __exit__(self, *error):
        return self._file.__exit__(*error)


def again(folder, *roles):
    """Let roles sign off the data model as it is now, and measure anew."""
    for role in roles or ("data-owner", "data-engineer", "data-scientist"):
        case.signed(folder, role)
    case.measured(folder)


def kept(folder):
    """Keep what fails now, as every verb that writes evidence does."""
    keep_failures(folder, case.AS_OF)


def sheet_of(folder, person, role, **answers):
    """Write a sheet of one more person, who says that all is in place."""
    with case.edited(folder, f"answers/{role}.yaml") as own:
        bank = own["bank"]
    given = {
        question.replace("_", "-"): {
            "answer": level,
            "date": case.SAID,
            "proof": {"reference": "On file", "date": case.SAID},
        }
        for question, level in answers.items()
    }
    data = {"format": 1, "role": role, "bank": bank, "answers": given}
    case.write(folder, f"answers/{person}.yaml", data)


def settle(folder, *present, question="OWN-01", on=case.SAID, **more):
    """Write what a room is said to have settled."""
    with case.edited(folder, "answers/business-owner.yaml") as sheet:
        bank = sheet["bank"]
    row = {"answer": 4, "because": "We agreed.", "present": list(present), "date": on,
           "proof": {"reference": "Minutes", "date": case.SAID}} | more  # fmt: skip
    data = {"format": 1, "bank": bank, "settled": {question: row}}
    case.write(folder, "answers/agreed.yaml", data)


# --- tricks --------------------------------------------------------------------------


@dataclass(frozen=True)
class Trick:
    """A trick, the honest case that it begins with, and what must come of it."""

    do: Callable[[Path], None]
    weak: Callable[[Path], None]
    so: str | Refused  #: beginning of the headline, or why the folder is not opened
    shows: str = ""  #: what the front page says then

    @property
    def name(self):
        """Return its name, as a test has it."""
        return self.do.__name__.replace("_", "-")


def tricks():
    """Return a list, and what adds a function to it as a trick."""
    kept_ = []

    def trick(weak, so, shows=""):
        def add(do):
            assert do.__doc__, f"what does the lead do in {do.__name__}?"
            kept_.append(Trick(do, weak, so, shows))
            return do

        return add

    return kept_, trick


def tell(folder):
    """What is printed of a folder, its rank, and the words of the front page."""
    book = open_workbook(str(folder))
    words = html.unescape(re.sub(r"<[^>]+>", " ", book.show("verdict").html))
    rank = RANK[book.result.verdict.lower]
    return book.result.headline, rank, " ".join(words.split())


def judge(trick, folder, honest_rank):
    """Play a trick in a copy of its honest case; say what is wrong, "" if nothing is."""
    trick.do(folder)
    try:
        open_one(folder)
    except InvalidInputError as error:
        told = {
            tuple(_NUMBER.sub("[]", text) for text in (Path(one.file).name, one.key))
            for one in error.problems
        }
        return "" if tuple(trick.so) in told else f"refused: {error}"
    if isinstance(trick.so, Refused):
        return f"opened, and not refused: {tell(folder)[0]}"
    headline, rank, page = tell(folder)
    wrong = [f"it is {headline}"] if not headline.startswith(trick.so) else []
    wrong += ["better than the honest one"] if rank > honest_rank else []
    wrong += (
        [f"the page does not say {trick.shows!r}: {page}"]
        if trick.shows not in page
        else []
    )
    return "; ".join(wrong)
