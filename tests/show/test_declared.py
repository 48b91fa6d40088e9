"""Tables of what people declared: nobody, several, late and waiting are said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from flight_case import ACTIONS, CHANGES, STAKEHOLDERS, flight_assessment, flight_bank
from readybook.model.case import Actions, BuyIn, RoleHolder, Stakeholders
from readybook.show import declared
from readybook.show.leadership import leadership_asks, promised
from readybook.show.workshop import run_sheet
from shown import case_of, words_of

BANK = flight_bank()
CASE = case_of(flight_assessment(), BANK)
NOTHING = case_of(
    flight_assessment(stakeholders=None, actions=None, changes=None), BANK
)


def test_role_that_nobody_holds_is_a_finding():
    """Nobody yet, and not declared, are two things."""
    text = words_of(declared.roles_table(CASE))

    assert "Security lead Decides. nobody yet" in text
    assert "Finance Decides. not declared" in text
    assert "Data owner Decides. 1 person Data office" in text


def test_respondents_are_named_to_the_team_only():
    """Leadership reads how many, the team reads who."""
    assert "person-a" not in declared.roles_table(CASE).html
    assert "person-a" in declared.roles_table(replace(CASE, edition="team")).html


def test_deputies_and_stance_of_a_role_are_shown():
    """Leadership counts deputies; what was known after the as-of date is left out."""
    told = {"on": CASE.assessment.as_of, "known_from": "said so"}
    roles = (
        RoleHolder(
            role="sponsor",
            held_by=("person-a",),
            deputies=("person-d",),
            buy_in=BuyIn(state="opposed", **told),
        ),
    )
    now = flight_assessment(stakeholders=Stakeholders(format=1, roles=roles))
    before = now.model_copy(update={"as_of": now.as_of - dt.timedelta(days=1)})
    case, earlier = case_of(now, BANK), case_of(before, BANK)

    assert "1 person 1 opposed 30 November 2026" in words_of(declared.roles_table(case))
    assert "opposed" not in declared.roles_table(earlier).html
    assert "person-d" in declared.roles_table(replace(case, edition="team")).html


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
    assert declared.actions_table(told).html == declared.actions_table(same).html
    assert told.outlook == same.outlook
    assert told.evidence == same.evidence


def test_action_is_late_proposed_accepted_or_done():
    """A date that passed is said in days."""
    text = words_of(declared.actions_table(CASE))

    assert "27 November 2026 late by 3 days AVL-03" in text
    assert "9 December 2026 proposed PRV-04" in text
    assert text.endswith("no date done, no proof named none")


def test_changes_are_in_the_order_of_their_dates():
    """With who told of them."""
    text = words_of(declared.changes_table(CASE))

    assert "1 June 2013 Carrier FL hands routes to its parent. business" in text


def test_what_nobody_declared_says_which_file_is_missing():
    """An empty register is an invitation."""
    shown = (
        declared.changes_table(NOTHING),
        declared.actions_table(NOTHING),
    )

    assert all("declared yet" in fragment.html for fragment in shown)


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
    for shown in (
        declared.actions_table(case),
        declared.changes_table(case),
        declared.roles_table(case),
    ):
        assert hostile not in shown.html
        assert "&lt;script&gt;" in shown.html
