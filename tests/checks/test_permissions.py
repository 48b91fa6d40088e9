"""Permissions by their dates: granted, lapsing, refused, waiting or not asked."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from readybook.checks.permissions import permission_state, permissions_waiting
from resource_case import AS_OF, FAILED, PASSED, SILENT, bears, case, resource, the_one

CHECK = "permission-granted"
TARGET = dt.date(2027, 3, 1)


def days_ago(days):
    return AS_OF - dt.timedelta(days=days)


def feed(*, target=TARGET, grants="data-owner", **dates):
    """An assessment with one resource that must be permitted."""
    return case(resource("feed", grants=grants, **dates), target=target)


def test_granted_permission_that_lasts_supports():
    """A yes that lasts until the target date carries the claim."""
    assessment = feed(granted_on=days_ago(40), expires=TARGET)
    finding = the_one(CHECK, assessment)

    assert finding.message == (
        "The permission for feed was granted on 21 October 2026 and lasts until "
        "1 March 2027."
    )
    assert finding.threshold == "2027-03-01"
    assert finding.threshold_source == "assessment.yaml: target_date"
    assert bears(CHECK, assessment) == PASSED


@pytest.mark.parametrize("target", [TARGET, None])
def test_permission_that_is_said_to_end_on_no_day_supports(target):
    """A yes that nobody limited holds, whenever it is needed."""
    assessment = feed(granted_on=AS_OF, expires="never", target=target)

    assert the_one(CHECK, assessment).message == (
        "The permission for feed was granted on 30 November 2026 and has no last day."
    )
    assert bears(CHECK, assessment) == PASSED


def test_silence_on_the_end_of_a_permission_stands_no_better_than_an_early_end():
    """Whoever leaves the last day out gains nothing by it, and loses no more."""
    silent = feed(granted_on=AS_OF)
    told = feed(granted_on=AS_OF, expires=TARGET - dt.timedelta(days=1))

    assert the_one(CHECK, silent).message == (
        "The permission for feed was granted on 30 November 2026 and nobody has said "
        "when it ends: a day, or never."
    )
    assert the_one(CHECK, silent).threshold_source == "resources.yaml: feed expires"
    (_, low, high), (_, least, most) = bears(CHECK, silent), bears(CHECK, told)
    assert low == least
    assert high >= most


def test_permission_that_lapses_before_the_target_date_fails():
    """A yes that ends too early is told with the days that it lacks."""
    early = TARGET - dt.timedelta(days=30)
    assessment = feed(granted_on=days_ago(40), expires=early)

    assert the_one(CHECK, assessment).message == (
        "The permission for feed was granted on 21 October 2026 and lapses on "
        "30 January 2027, 30 days before the target date, 1 March 2027."
    )
    assert bears(CHECK, assessment) == FAILED


def test_permission_that_has_lapsed_fails():
    """A yes of the past is none."""
    assessment = feed(granted_on=days_ago(400), expires=days_ago(1), target=None)

    assert the_one(CHECK, assessment).message == (
        "The permission for feed was granted on 26 October 2025 and lapsed on "
        "29 November 2026, 1 day ago."
    )
    assert bears(CHECK, assessment) == FAILED


def test_permission_that_ends_is_not_known_to_last_without_a_target_date():
    """Whoever declares no target hides no early end behind that."""
    assessment = feed(granted_on=days_ago(40), expires=AS_OF, target=None)
    finding = the_one(CHECK, assessment)

    assert finding.outcome == "not measured"
    assert finding.message.endswith(
        "lasts until 30 November 2026; no target date is declared to hold that against."
    )
    assert finding.threshold_source == "resources.yaml: feed expires"


def test_permission_that_holds_after_its_target_date_supports():
    """What has reached the day on which it was needed has lasted."""
    target = days_ago(5)
    assessment = feed(granted_on=days_ago(40), expires=AS_OF, target=target)

    assert the_one(CHECK, assessment).outcome == "supports"


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        (22, "22 days on data owner, longer than its lead time of 21 days"),
        (42, "42 days on data owner, twice its lead time of 21 days"),
        (56, "56 days on data owner, more than twice its lead time of 21 days"),
        (63, "63 days on data owner, three times its lead time of 21 days"),
        (84, "84 days on data owner, four times its lead time of 21 days"),
        (105, "105 days on data owner, 5 times its lead time of 21 days"),
    ],
)
def test_permission_that_waits_too_long_fails(waits, said):
    """Waiting is told in days, on whom, and against the lead time declared."""
    assessment = feed(asked_on=days_ago(waits), lead_time_days=21)
    finding = the_one(CHECK, assessment)

    assert finding.message == f"The permission for feed has been waiting {said}."
    assert (finding.value, finding.unit, finding.threshold) == (waits, "days", 21)
    assert bears(CHECK, assessment) == FAILED


def test_permission_that_waits_within_its_lead_time_is_open():
    """Neither a yes nor a no is known before the time is over."""
    assessment = feed(asked_on=days_ago(21), lead_time_days=21)

    assert the_one(CHECK, assessment).message == (
        "The permission for feed has been waiting 21 days on data owner, within its "
        "lead time of 21 days."
    )
    assert bears(CHECK, assessment) == SILENT


def test_lead_time_that_ends_after_the_target_date_is_told():
    """A lead time that is kept can still be too long."""
    target = AS_OF + dt.timedelta(days=10)
    finding = the_one(CHECK, feed(asked_on=AS_OF, lead_time_days=30, target=target))

    assert finding.message == (
        "The permission for feed has been waiting less than a day on data owner, "
        "within its lead time of 30 days, which ends 20 days after the target date, "
        "10 December 2026."
    )


def test_waiting_without_a_lead_time_or_a_role_is_open():
    """Nothing can be called late where no time is declared, and that is told."""
    assessment = feed(asked_on=days_ago(300), grants=None)

    assert the_one(CHECK, assessment).message == (
        "The permission for feed has been waiting 300 days on nobody that is named; "
        "no lead time is declared."
    )
    assert bears(CHECK, assessment) == SILENT


def test_permission_that_nobody_asked_for_fails():
    """Who must permit is known, and nobody has asked."""
    assessment = feed()

    assert the_one(CHECK, assessment).message == (
        "Nobody has asked data owner for feed yet."
    )
    assert bears(CHECK, assessment) == FAILED


def test_refused_permission_fails():
    """A no is told with its day and its role."""
    assessment = feed(asked_on=days_ago(60), refused_on=days_ago(3), lead_time_days=90)

    assert the_one(CHECK, assessment).message == (
        "The permission for feed was refused by data owner on 27 November 2026."
    )
    assert bears(CHECK, assessment) == FAILED


def test_yes_after_a_no_counts():
    """The newer of two decisions holds, whichever it is."""
    yes = feed(refused_on=days_ago(9), granted_on=days_ago(2), expires="never")
    no = feed(refused_on=days_ago(2), granted_on=days_ago(9))

    assert bears(CHECK, yes) == PASSED
    assert bears(CHECK, no) == FAILED


def test_what_is_dated_after_the_as_of_date_has_not_happened():
    """A report of an earlier day does not know of a later yes."""
    tomorrow = AS_OF + dt.timedelta(days=1)
    assessment = feed(asked_on=days_ago(5), granted_on=tomorrow, refused_on=tomorrow)

    assert the_one(CHECK, assessment).outcome == "not measured"


OVERDUE = {
    "grants": "security",
    "asked_on": days_ago(90),
    "lead_time_days": 20,
    "expires": TARGET,
}


@pytest.mark.parametrize("size", range(len(OVERDUE) + 1))
def test_silence_on_a_permission_stands_no_better_than_an_overdue_one(size):
    """Whatever is left out of what is known, the check does not pass."""
    granted = resource(
        "node", grants="platform-lead", granted_on=days_ago(3), expires="never"
    )
    for keys in itertools.combinations(OVERDUE, size):
        said = {key: OVERDUE[key] for key in keys}
        assert bears(CHECK, case(granted, resource("feed", **said))) != PASSED

    assert bears(CHECK, case(granted)) == PASSED
    both = case(granted, resource("feed", granted_on=AS_OF, expires="never"))
    assert bears(CHECK, both) == PASSED


def test_permission_of_which_nothing_is_said_is_not_known():
    """Nobody is told that it was asked for, nor that it was not."""
    finding = the_one(CHECK, case(resource("laptop")))

    assert finding.outcome == "not measured"
    assert finding.message == "Who permits laptop, and since when, is not said."


# --- the state of a permission -------------------------------------------------------


@pytest.mark.parametrize(
    ("dates", "state", "waited"),
    [
        ({}, "not asked", 0),
        ({"asked_on": days_ago(-1)}, "not asked", 0),
        ({"asked_on": days_ago(9)}, "waiting", 9),
        ({"asked_on": days_ago(9), "granted_on": days_ago(-1)}, "waiting", 9),
        ({"asked_on": days_ago(9), "granted_on": days_ago(2)}, "granted", 7),
        ({"granted_on": days_ago(0), "expires": AS_OF}, "granted", 0),
        ({"granted_on": days_ago(9), "expires": days_ago(1)}, "lapsed", 0),
        ({"asked_on": days_ago(9), "refused_on": days_ago(4)}, "refused", 5),
        ({"granted_on": days_ago(5), "refused_on": days_ago(4)}, "refused", 0),
        ({"granted_on": days_ago(4), "refused_on": days_ago(4)}, "granted", 0),
        ({"granted_on": days_ago(3), "refused_on": days_ago(4)}, "granted", 0),
    ],
)
def test_the_latest_answer_that_has_come_is_the_state(dates, state, waited):
    """What is dated after the day had not happened; a yes on the day of a no counts."""
    found = permission_state(resource("feed", grants="security", **dates), AS_OF)

    assert (found.state, found.waited) == (state, waited)


def test_nobody_can_be_asked_where_nobody_is_named():
    """That is another state than a permission that nobody asked for."""
    assert permission_state(resource("feed"), AS_OF).state == "nobody"


@pytest.mark.parametrize(("lead", "is_late"), [(None, False), (9, False), (8, True)])
def test_a_wait_is_late_after_its_lead_time(lead, is_late):
    """On the last day of it, it is not."""
    asked = resource("feed", asked_on=days_ago(9), lead_time_days=lead)
    found = permission_state(asked, AS_OF)

    assert found.is_late == is_late
    assert found.due == (None if lead is None else days_ago(9 - lead))


@pytest.mark.parametrize(
    ("ends", "is_early"),
    [(None, False), ("never", False), (TARGET, False), (days_ago(-1), True)],
)
def test_what_is_granted_lapses_early_before_the_target_date(ends, is_early):
    """On the target date itself it is still in force."""
    granted = resource("feed", granted_on=days_ago(9), expires=ends)

    assert permission_state(granted, AS_OF, TARGET).lapses_early == is_early
    assert not permission_state(granted, AS_OF).lapses_early


def test_what_waits_is_told_by_the_longest_wait():
    """Neither what was answered nor what nobody asked for waits."""
    rows = (
        resource("new", asked_on=days_ago(2)),
        resource("old", asked_on=days_ago(20)),
        resource("yes", asked_on=days_ago(30), granted_on=days_ago(1)),
        resource("no", asked_on=days_ago(30), refused_on=days_ago(1)),
        resource("idle", grants="security"),
    )

    waiting = [one.resource.id for one in permissions_waiting(case(*rows))]
    assert waiting == ["old", "new"]
