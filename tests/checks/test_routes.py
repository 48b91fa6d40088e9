"""How changes reach production, as claimed and as the deployment log shows it."""

from __future__ import annotations

import datetime as dt

import pytest

from readybook.checks.routes import check_route
from readybook.model.case import Route
from readybook.model.findings import RouteEvidence
from resource_case import AS_OF, FAILED, PASSED, SILENT, bears, case, the_one

LEAD, OFTEN = "lead-time-met", "deployments-often"
CLAIM = Route(lead_time_days=5.0, deployments_per_week=1.0)
SLOW = Route(lead_time_days=14.0, deployments_per_week=1.0)
LAST = dt.date(2026, 11, 16)


def log(**more):
    """What a log of twelve deployments showed."""
    shown = {
        "measured_on": AS_OF,
        "deployments": 12,
        "first": dt.date(2026, 8, 31),
        "last": LAST,
        "lead_time_median": 4.25,
        "lead_time_p90": 9.0,
        "lead_time_longest": 14.0,
        "per_week": 1.0,
    }
    return RouteEvidence(
        format=1,
        kind="route",
        readybook="0.1.0",
        fingerprint="sha256:log",
        **(shown | more),
    )


def test_claims_that_the_log_bears_out_support():
    """What was claimed is told beside what was measured."""
    assessment = case(route=SLOW, log=log())

    assert the_one(LEAD, assessment).message == (
        "Half of all changes take 4.25 days or more from commit to production, one in "
        "ten 9 days or more (12 deployments); the team claims 14 days."
    )
    assert the_one(OFTEN, assessment).message == (
        "Production was deployed to once a week: 12 deployments from 31 August 2026 "
        "to 16 November 2026; the team claims once a week."
    )
    assert bears(LEAD, assessment) == bears(OFTEN, assessment) == PASSED


@pytest.mark.parametrize(
    ("longest", "said"), [(14.0, " The slowest took 14 days."), (None, "")]
)
def test_lead_time_of_half_the_changes_does_not_decide_that_of_every_one(longest, said):
    """The question asks for every small change; the slow one may be no small one."""
    found = the_one(
        LEAD, assessment := case(route=CLAIM, log=log(lead_time_longest=longest))
    )

    assert found.outcome == "informs"
    assert found.message.endswith(f"the team claims 5 days.{said}")
    assert bears(LEAD, assessment) == SILENT


def test_columns_that_were_not_looked_at_are_told_with_both_measures():
    """A deployment that failed, or went elsewhere, was counted with the others."""
    assessment = case(route=CLAIM, log=log(unread=("environment", "status")))
    told = "Environment and status of the log were not looked at, so that deployments"

    assert told in the_one(LEAD, assessment).message
    assert told in the_one(OFTEN, assessment).message


def test_route_that_is_slower_than_claimed_fails():
    """Too slow a way to production overrules the claim, with both figures."""
    assessment = case(
        route=CLAIM, log=log(lead_time_median=19.5, lead_time_p90=None, per_week=0.25)
    )

    assert the_one(LEAD, assessment).message == (
        "Half of all changes take 19.5 days or more from commit to production "
        "(12 deployments); the team claims 5 days."
    )
    assert the_one(OFTEN, assessment).message == (
        "Production was deployed to 0.25 times a week: 12 deployments from 31 August "
        "2026 to 16 November 2026; the team claims once a week."
    )
    assert bears(LEAD, assessment) == bears(OFTEN, assessment) == FAILED


def test_finding_names_its_log_and_the_claim():
    """A finding is dated by the last deployment, after which the log tells nothing."""
    lead, often = check_route(case(route=CLAIM, log=log()))

    assert lead.threshold_source == "resources.yaml: route lead_time_days"
    assert often.threshold_source == "resources.yaml: route deployments_per_week"
    assert (lead.value, lead.unit, lead.threshold) == (4.25, "days", 5.0)
    assert (often.value, often.unit, often.threshold) == (1.0, "deployments a week", 1)
    assert {lead.measured_on, often.measured_on} == {LAST}
    assert {lead.fingerprint, often.fingerprint} == {"sha256:log"}


def test_log_that_ended_long_ago_supports_no_more():
    """Deployments of last year say nothing of how changes arrive now."""
    long_ago = log(first=AS_OF - dt.timedelta(400), last=AS_OF - dt.timedelta(200))

    assert bears(OFTEN, case(route=CLAIM, log=long_ago)) == SILENT


@pytest.mark.parametrize(
    ("evidence", "why"),
    [
        (None, "there is no evidence/route.json"),
        (
            log(measured_on=AS_OF + dt.timedelta(days=1)),
            "evidence/route.json is dated after the as-of date",
        ),
        (
            log(failed="it has no column deploy_time", deployments=0),
            "the log could not be read (it has no column deploy_time)",
        ),
        (
            log(deployments=0, first=None, last=None, per_week=None),
            "the log holds no deployment",
        ),
    ],
)
def test_claim_without_a_log_is_untested(evidence, why):
    """What nobody logged supports no claim."""
    assessment = case(route=CLAIM, log=evidence)

    assert [one.message for one in check_route(assessment)] == [
        f"The lead time was not measured: {why}.",
        f"The frequency of deployments was not measured: {why}.",
    ]
    assert bears(LEAD, assessment) == bears(OFTEN, assessment) == SILENT


def test_log_without_commits_or_too_short_is_untested():
    """A log may hold one measure and not the other."""
    assessment = case(
        route=CLAIM, log=log(lead_time_median=None, lead_time_p90=None, per_week=None)
    )

    assert [one.message for one in check_route(assessment)] == [
        (
            "The lead time was not measured: the log does not say when its changes were "
            "committed."
        ),
        (
            "The frequency of deployments was not measured: the log is too short for a "
            "frequency."
        ),
    ]


def test_measure_without_a_claim_informs():
    """Where nothing is claimed, the figure is told and decides nothing."""
    assessment = case(route=Route(), log=log())
    lead, often = check_route(assessment)

    assert (lead.outcome, often.outcome) == ("informs", "informs")
    assert lead.message.endswith("; nothing is claimed to compare it with.")
    assert bears(LEAD, assessment) == SILENT


def test_without_a_route_there_is_no_finding():
    """A log alone is no claim of a route."""
    assert check_route(case(log=log())) == []
