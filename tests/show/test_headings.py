"""Which columns the tables of a case have, and what a screen reader hears first."""

import html
import re

import pytest

from readybook.workbook import open_workbook

#: By piece, its tables: "caption: columns"; a caption that is a finding is left out.
HEADINGS = {
    "dimensions": [
        "Four dimensions against what production needs: Dimension | Stands | Needed | Gates | Proven"
    ],
    "obstacles": [
        ": What is so | What should be so | What ends it",
        ": Undecided | Who has what is missing, for which gate",
        ": Role | What waits on it | Since | What is done about it",
    ],
    "contradictions": [": Question | Said | Measured | So it stands"],
    "since": [": What | 2 November | Now | Why", ": Asked | Of | How it stands"],
    "milestones": [
        "The verdict at each milestone: Day | Verdict | Answered | Proven | Gates passed, failed, undecided"
    ],
    "moves": [": Step | Verdict after it | Gates | Questions"],
    "next-actions": ["What we do next: Action | Role | Due | Takes | For gate"],
    "dates": [],
    "load": [": Role | Person-days in all | Days a week for the case"],
    "figures": [
        ": Step | Role | Due | Likely done | Decides | Weeks | Effort, cost",
        ": Workaround | In place of | Role | State | Costs | Saves",
    ],
    "needs": [
        ": Need | Present | Filled | Categories | Values | History | Keys, joins | Train, live"
    ],
    "findings": [
        "What was measured: Subject | Outcome | What was found | Measured | Needed"
    ],
    "sources": ["What was looked at: Source | State | Size | With | On"],
    "value": ["Declared figures: Figure | Low | Likely | High"],
    "changes": ["Declared changes: Date | What changed | Kind | Tables | Told by"],
    "actions": ["What we do next: Action | Role | Due | State | Decides"],
    "categories": ["Rows per value: Field | Value | Rows"],
    "history": ["Rows per month: Month | Rows | Marks"],
    "joins": [": Subject | Outcome | What was found | Measured | Needed"],
    "nulls": [
        "Per cent of rows without a value: Field | Jan | Feb | Mar | Apr | May | Jun | Jul | Aug | Sep | Oct | Nov | Dec"
    ],
    "drift": [
        "Drift of needed fields: Field | PSI | Bound | PSI to bound | Unseen values | Empty"
    ],
    "lineage": [": Fields | First recorded in"],
    "machines": ["Needed and measured: Need | Needed | Measured | Of the need"],
    "resources": [
        "Resources, needed and measured: Resource | Needs, measured | Probe | Granted by | Paid by"
    ],
    "permissions": [
        "Permissions: Resource | Permission from | Asked on | State | Timeline"
    ],
    "accounts": [
        "Accounts, declared and seen: Account | Declared | Seen | The declared one? | Paid by"
    ],
    "accesses": ["Privileges and endpoints: On | Needed | Given? | What was found"],
    "probes": [],
    "environments": [
        ": What differs | training-node | rehearsal | The same? | Why it can matter",
        "Packages that differ: Package | training-node | rehearsal",
    ],
    "route": [
        "Claimed and measured: Measure | Claimed | Measured | Claim holds?",
        "Deployments by month: Month | Deployments",
    ],
    "roles": [
        "Roles: Role | Decides or runs | Answered for by | Team | Deputies | Stands to the case"
    ],
    "assets": [
        ": Asset | Business owner | Sponsor | Data owner | Data engineer | Data scientist | Domain expert | Platform lead | Operations | User representative | State"
    ],
    "sign-offs": [
        ": Agreed to | Data owner | Data engineer | Domain expert",
        ": Role | Had agreed to | On | Changed since",
    ],
    "register": [
        "What the register shows: Looked at | Outcome | Holds | What was found"
    ],
    "open-people": [": Gap | What | Whose move"],
    "agreement": [
        "How far roles agree: Part | Answered by two or more roles | At most one level apart | Share | Further apart"
    ],
    "belief": [": Question | Answers | Settles it"],
    "run-sheet": ["The workshop: Minutes | Part | What to do | Now"],
    "invitations": ["Who to invite: Role | Held by | Gates that wait | Questions open"],
    "answered": [
        "Who has answered what: Who | Role | Own questions | “We don't know” | Of other roles | Last"
    ],
    "splits": ["Where answers differ: Question | Gate | Answers | Who settles it"],
    "ask-next": [
        "What to settle in 30 minutes:  | About | What to do | Who settles it | Minutes"
    ],
}


@pytest.fixture(scope="module")
def book(root):
    return open_workbook(str(root / "templates" / "flight-delays"))


def heading(table):
    """The caption and the columns of a table."""
    caption = re.search(r"<caption>(.*?)</caption>", table)[1]
    columns = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table)
    return html.unescape(f"{caption}: {' | '.join(columns)}")


@pytest.mark.parametrize("piece", HEADINGS)
def test_tables_of_the_example_have_their_captions_and_columns(piece, book):
    """In their order; a column that came or went is a decision."""
    found = [*map(heading, re.findall(r"(?s)<table.*?</thead>", book.show(piece).html))]
    wanted = HEADINGS[piece]

    assert len(found) == len(wanted)
    for told, said in zip(found, wanted, strict=True):
        assert told.endswith(said) if said.startswith(": ") else told == said
