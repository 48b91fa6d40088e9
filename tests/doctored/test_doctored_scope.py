"""Tricks with the frame: facts, dates, phases, and what is not needed or withdrawn."""

import datetime as dt

import pytest

import ready_case as case
from doctoring import (
    NOT_KNOWN,
    NOT_READY,
    Refused,
    again,
    empty_category,
    high_stakes,
    keep_milestone,
    missing_values,
    no_permission,
    orphans,
    short_history,
    small_machine,
    tricks,
    unmeasured,
)

TRICKS, trick = tricks()

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("played", TRICKS, ids=lambda one: one.name)
def test_trick_with_the_frame_changes_nothing_for_the_better(play, played):
    """What is asked, of when and of what, is not what makes a case ready."""
    assert not play(played)


def scope_of(folder):
    """Yield assessment.yaml, and write what became of it."""
    return case.edited(folder, "assessment.yaml")


# --- facts ---------------------------------------------------------------------------


@trick(high_stakes, NOT_KNOWN)
def stakes_not_declared(folder):
    """Say nothing about what a wrong prediction can cause."""
    with scope_of(folder) as scope:
        del scope["facts"]["stakes"]


@trick(high_stakes, NOT_KNOWN)
def no_fact_declared(folder):
    """Declare no fact at all."""
    with scope_of(folder) as scope:
        del scope["facts"]


@trick(high_stakes, Refused("assessment.yaml", "facts.stakes"))
def stakes_of_their_own(folder):
    """Call the stakes medium."""
    with scope_of(folder) as scope:
        scope["facts"]["stakes"] = "medium"


@trick(short_history, NOT_READY)
def model_bought(folder):
    """Say that a supplier trains the model, so that nobody asks for history."""
    with scope_of(folder) as scope:
        scope["facts"]["model-origin"] = "bought"


# --- dates ---------------------------------------------------------------------------


@trick(empty_category, Refused("data.json", "measured_on"))
def judged_before_it_was_measured(folder):
    """Judge the case as of the day before it was measured."""
    with scope_of(folder) as scope:
        scope["as_of"] = case.MEASURED - dt.timedelta(days=1)


@trick(empty_category, Refused(f"{case.AS_OF}.json", "on"))
def judged_before_a_milestone(folder):
    """Judge the case as of the day before a milestone, which knows what was promised."""
    keep_milestone(folder)
    with scope_of(folder) as scope:
        scope["as_of"] = case.AS_OF - dt.timedelta(days=1)


@trick(empty_category, NOT_READY)
def judged_in_a_year(folder):
    """Judge the case in a year, when the failure is out of date."""
    with scope_of(folder) as scope:
        scope["as_of"] = dt.date(2027, 11, 30)


@trick(no_permission, NOT_KNOWN)
def judged_in_half_a_year(folder):
    """Wait for half a year: nothing gets better by it."""
    with scope_of(folder) as scope:
        scope["as_of"] = dt.date(2027, 6, 30)


@trick(no_permission, NOT_KNOWN, "Worked example.")
def judged_ahead_as_an_example(folder):
    """Call the case an example, so that nobody minds that it is judged in a year."""
    with case.edited(folder, "resources.yaml") as resources:
        resources["resources"][0]["granted_on"] = dt.date(2027, 6, 1)
    with scope_of(folder) as scope:
        scope |= {"example": True, "as_of": dt.date(2027, 6, 30)}


@trick(no_permission, Refused("resources.yaml", "resources[].asked_on"))
def judged_before_it_was_late(folder):
    """Judge the case as of a day on which nobody had asked yet."""
    with scope_of(folder) as scope:
        scope["as_of"] = dt.date(2026, 9, 1)


# --- not needed ----------------------------------------------------------------------


def not_needed(folder, *checks, **more):
    """Declare that the use case does not need to have this checked."""
    row = {"checks": list(checks), "because": "Not for us.", "approved_by": "sponsor",
           "on": case.SAID} | more  # fmt: skip
    with scope_of(folder) as scope:
        scope["not_needed"].append(row)


@trick(empty_category, NOT_READY)
def failed_check_not_needed(folder):
    """Declare that nobody needs the check which fails."""
    not_needed(folder, "categories-populated")


@trick(orphans, "Ready for production, with 2 conditions")
def join_not_needed(folder):
    """Drop the join from the contract and declare that none is needed."""
    with case.edited(folder, "data.odcs.yaml") as contract:
        del case.column_of(contract, "orders", "shop")["relationships"]
    for role in ("data-owner", "data-engineer", "data-scientist"):
        case.signed(folder, role)
    not_needed(folder, "joins-match")
    case.measured(folder)


@trick(small_machine, NOT_READY)
def memory_not_needed(folder):
    """Declare that no memory is needed, and drop the need."""
    with case.edited(folder, "resources.yaml") as resources:
        del resources["resources"][0]["needs"]
    not_needed(folder, "memory-enough", "cpus-enough", "cpu-unthrottled")


@trick(unmeasured, Refused("assessment.yaml", "not_needed[].on"))
def not_needed_from_next_month(folder):
    """Date the declaration next month."""
    not_needed(folder, "source-opened", on=dt.date(2026, 12, 20))


@trick(unmeasured, Refused("assessment.yaml", "not_needed[].checks[]"))
def check_that_is_none(folder):
    """Declare that everything is not needed."""
    not_needed(folder, "all")


@trick(unmeasured, NOT_KNOWN)
def no_machine_and_no_history(folder):
    """Never measure, declare no machine, no history and no join, and show documents."""
    (folder / "resources.yaml").unlink()
    not_needed(
        folder, "memory-enough", "cpus-enough", "cpu-unthrottled", "permission-granted",
        "history-span", "history-gaps", "joins-match", "live-like-training", "schema-same",
    )  # fmt: skip


# --- withdrawn -----------------------------------------------------------------------


def withdraw(folder, check, subject, by, on=case.AS_OF):
    """Withdraw a subject that failed."""
    row = {
        "check": check,
        "subject": subject,
        "because": "Not for us.",
        "by": by,
        "on": on,
    }
    with scope_of(folder) as scope:
        scope["withdrawn"] = [row]


@trick(empty_category, NOT_READY)
def withdrawn_by_another_role(folder):
    """Let the data scientist withdraw what is the data owner's."""
    (folder / "evidence" / "data.json").unlink()
    withdraw(folder, "categories-populated", "orders.shop", "data-scientist")


@trick(empty_category, NOT_READY)
def withdrawn_and_still_promised(folder):
    """Withdraw a subject that the contract still promises."""
    withdraw(folder, "categories-populated", "orders.shop", "data-owner")


@trick(empty_category, Refused("assessment.yaml", "withdrawn[].on"))
def withdrawn_next_month(folder):
    """Date the withdrawal next month."""
    withdraw(
        folder,
        "categories-populated",
        "orders.shop",
        "data-owner",
        dt.date(2026, 12, 20),
    )


@trick(small_machine, NOT_READY)
def need_withdrawn(folder):
    """Withdraw the machine's memory, which is still needed and still too little."""
    withdraw(folder, "memory-enough", "node", "platform-lead")


@trick(empty_category, NOT_READY)
def withdrawn_before_it_failed(folder):
    """Withdraw all that may ever fail, before anything does, and promise less."""
    withdraw(folder, "categories-populated", "orders.shop", "data-owner", case.SAID)
    with case.edited(folder, "data.odcs.yaml") as contract:
        case.column_of(contract, "orders", "shop")["enum"].pop()
    again(folder)


@trick(empty_category, NOT_KNOWN)
def withdrawn_with_its_evidence(folder):
    """Withdraw the subject, and take what was measured away."""
    (folder / "evidence" / "data.json").unlink()
    withdraw(folder, "categories-populated", "orders.shop", "data-owner")


# --- phase and track -----------------------------------------------------------------


@trick(missing_values, Refused("assessment.yaml", "phase"))
def phase_of_their_own(folder):
    """Aim at "production light"."""
    with scope_of(folder) as scope:
        scope["phase"] = "production light"
