"""Actions as the page shows them: late, proposed and done are said."""

from __future__ import annotations

import datetime as dt
import re

from flight_case import ACTIONS, CHANGES, STAKEHOLDERS, flight_assessment, flight_bank
from plans import action
from readybook.model.case import Actions
from readybook.show.action_list import action_state, actions_table
from readybook.show.decisions import leadership_asks, promised
from readybook.show.history import changes_table
from readybook.show.ownership import roles_table
from readybook.show.workshop import run_sheet
from shown import case_of, rows_of

BANK = flight_bank()
CASE = case_of(flight_assessment(), BANK)
NOTHING = case_of(
    flight_assessment(stakeholders=None, actions=None, changes=None), BANK
)


def test_action_that_is_done_after_the_as_of_date_is_told_as_open_by_every_reader():
    """What leadership is asked, what the room sees, what is planned and found."""
    later = {"state": "done", "done_on": CASE.assessment.as_of + dt.timedelta(days=1)}
    changed = tuple(a.model_copy(update=later) for a in ACTIONS.actions)
    still = tuple(a.model_copy(update={"state": "open"}) for a in ACTIONS.actions)
    told, same = (
        case_of(flight_assessment(actions=Actions(format=1, actions=rows)), BANK)
        for rows in (changed, still)
    )

    assert leadership_asks(told) == leadership_asks(same)
    assert promised(told.assessment, "AVL-03") == (changed[1],)
    assert run_sheet(told).html == run_sheet(same).html
    assert actions_table(told).html == actions_table(same).html
    assert told.outlook == same.outlook
    assert told.evidence == same.evidence


def test_action_is_late_proposed_accepted_or_done():
    """A date that passed is said in days."""
    assert rows_of(actions_table(CASE)) == [
        (
            "Have SWF delivered, or strike it from the data model. Data owner 27 November "
            "2026 late by 3 days AVL-03"
        ),
        (
            "Give the training node 8 GiB of swap. Platform lead 9 December 2026 proposed "
            "PRV-04"
        ),
        "Open the data. Data owner no date done, no proof named none",
    ]


def test_state_of_an_action_has_a_shape_beside_its_word():
    """What nobody has said yes to is open; what was done without proof is doubtful."""
    day = CASE.assessment.as_of
    changes = (
        {},
        {"accepted_on": day},
        {"accepted_on": day, "started_on": day},
        {"due": day - dt.timedelta(days=1)},
        {"state": "done", "proof": "Minutes"},
        {"state": "done"},
        {"state": "dropped"},
    )
    shown = " ".join(
        action_state(action("a", **more), CASE.assessment) for more in changes
    )

    assert re.findall('class="m ([a-z]+)">([^<]+)<', shown) == [
        ("half", "proposed"),
        ("tick", "accepted"),
        ("tick", "under way"),
        ("cross", "late by 1 day"),
        ("tick", "done"),
        ("warning", "done, no proof named"),
        ("ring", "dropped"),
    ]


def test_what_nobody_declared_is_said():
    """An empty register is an invitation."""
    assert changes_table(NOTHING).text == (
        "Nobody has told of a change yet. Ask who has been here longest."
    )
    assert actions_table(NOTHING).text == "Nobody has taken on an action yet."


def test_texts_that_people_typed_are_escaped():
    """No register can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    typed = flight_assessment(
        actions=ACTIONS.model_copy(
            update={
                "actions": tuple(
                    a.model_copy(update={"action": hostile}) for a in ACTIONS.actions
                )
            }
        ),
        changes=CHANGES.model_copy(
            update={
                "changes": tuple(
                    c.model_copy(update={"what": hostile}) for c in CHANGES.changes
                )
            }
        ),
        stakeholders=STAKEHOLDERS.model_copy(
            update={
                "assets": tuple(
                    a.model_copy(update={"what": hostile}) for a in STAKEHOLDERS.assets
                ),
                "roles": tuple(
                    r.model_copy(update={"team": hostile}) for r in STAKEHOLDERS.roles
                ),
            }
        ),
    )

    case = case_of(typed, BANK)
    for shown in (actions_table(case), changes_table(case), roles_table(case)):
        assert hostile not in shown.html
        assert "&lt;script&gt;" in shown.html
