"""The route to production: claims beside what the log showed."""

from __future__ import annotations

import datetime as dt
import re

from flight_case import flight_bank
from readybook.model.case import Route
from readybook.model.findings import Point, RouteEvidence
from readybook.show.machines.route import route_chart
from resource_case import PROBED, case
from shown import case_of, rows_of, words_of

BANK = flight_bank()
CLAIMS = Route(log="log.csv", lead_time_days=5, deployments_per_week=1)


def log(**more):
    """What the log of half a year showed."""
    months = ((f"2026-{m:02}", n) for m, n in ((5, 8), (6, 0), (7, 4)))
    shown = {
        "deployments": 12,
        "first": dt.date(2026, 5, 4),
        "last": dt.date(2026, 7, 30),
        "lead_time_median": 11.25,
        "lead_time_p90": 34.5,
        "per_week": 0.96,
        "months": tuple(Point(label=label, value=n) for label, n in months),
    }
    return RouteEvidence(
        format=1,
        kind="route",
        readybook="0.1.0",
        measured_on=PROBED,
        fingerprint="sha256:log",
        **(shown | more),
    )


def chart(route=CLAIMS, evidence=None):
    """The chart of these claims and this log."""
    assessment = case(route=route, log=evidence)
    return route_chart(case_of(assessment, BANK))


def alt_of(shown):
    """What a reader who cannot see the bars is told."""
    return words_of(shown.html.partition('class="alt">')[2].partition("</p>")[0])


def test_claims_stand_beside_what_the_log_shows():
    """The title has both; a claim that does not hold is said to."""
    shown = chart(evidence=log())

    assert shown.text == (
        "Half of all changes take 11.2 days or more to production; 0.96 deployments a "
        "week; claimed: 5 days from commit to production and 1 deployment a week."
    )
    assert rows_of(shown) == [
        "Lead time for changes, median 5 days 11.2 days no",
        "Lead time, slowest tenth takes at least 34.5 days",
        "Deployments a week 1 0.96 no",
    ]
    assert alt_of(shown) == (
        "12 deployments in the log, 4 May 2026 to 30 July 2026. Lead time runs from "
        "commit to running in production; frequency counts deployments: both as DORA "
        "defines them (dora.dev)."
    )


def test_claims_that_hold_are_said_to():
    """At most so many days, at least so often."""
    rows = rows_of(
        chart(evidence=log(lead_time_median=4.0, lead_time_longest=5, per_week=1.5))
    )

    assert rows[0].endswith("yes")
    assert rows[2].endswith("yes")


def test_month_without_deployment_has_no_bar_and_stays_in_the_list():
    """The longest bar is the busiest month."""
    shown = chart(evidence=log()).html

    assert "2026-05" in shown
    assert '<td style="--p:100">8</td>' in shown
    assert '<td style="--p:0">0</td>' in shown
    assert '<td style="--p:50">4</td>' in shown
    months = tuple(Point(label=label, value=n) for label, n in (("a", 4), ("b", None)))
    assert re.findall(r"--p:(\d+)", chart(evidence=log(months=months)).html) == [
        "100",
        "0",
    ]


def test_long_log_shows_its_last_two_years():
    """And says that months were left out."""
    months = tuple(Point(label=f"month {n}", value=n) for n in range(30))
    shown = chart(evidence=log(months=months)).html

    assert "the last 24 months" in shown
    assert "month 5<" not in shown
    assert "month 6<" in shown


def test_claim_without_log_is_not_a_measurement():
    """What is claimed is told as a claim, with what is missing."""
    unlogged = CLAIMS.model_copy(update={"log": None})

    said = " The team claims 5 days from commit to production and 1 deployment a week."
    missing = "No log says when changes were made and when they ran in production."
    assert chart(unlogged).text == f"{missing}{said}"
    assert chart(Route()).text == missing
    assert chart(Route(lead_time_days=5)).text == (
        f"{missing} The team claims 5 days from commit to production."
    )
    assert chart().text == (f"The deployment log was not measured yet.{said}")


def test_log_that_failed_or_is_empty_or_too_late_is_said():
    """Three ways of knowing nothing."""
    broken = log(failed="column commit_time is missing")
    empty = log(
        deployments=0,
        first=None,
        last=None,
        lead_time_median=None,
        lead_time_p90=None,
        per_week=None,
        months=(),
    )
    late = log().model_copy(update={"measured_on": dt.date(2026, 12, 1)})

    assert chart(None, broken).text == (
        "The deployment log could not be read: column commit_time is missing."
    )
    assert chart(evidence=broken).text == (
        "The deployment log could not be read: column commit_time is missing. The team "
        "claims 5 days from commit to production and 1 deployment a week."
    )
    assert chart(evidence=empty).text == (
        "The deployment log has no deployments; claimed: 5 days from commit to "
        "production and 1 deployment a week."
    )
    assert rows_of(chart(evidence=empty)) == [
        "Lead time for changes, median 5 days not known Not measured",
        "Lead time, slowest tenth takes at least not known",
        "Deployments a week 1 not known Not measured",
    ]
    assert alt_of(chart(evidence=empty)).startswith("No deployments in the log. Lead ")
    assert chart(evidence=late).text == chart().text


def test_log_without_claims_is_told_without_judgement():
    """A measurement needs no claim; no mark says yes or no."""
    for shown in (chart(Route(log="log.csv"), log()), chart(None, log())):
        assert shown.text == (
            "Half of all changes take 11.2 days or more to production; 0.96 deployments "
            "a week; nothing is claimed."
        )
        assert rows_of(shown) == [
            "Lead time for changes, median no claim 11.2 days",
            "Lead time, slowest tenth takes at least 34.5 days",
            "Deployments a week no claim 0.96",
        ]


def test_no_route_is_said():
    """An empty section says what is missing."""
    assert chart(route=None).text == (
        "Nobody has said yet how a change reaches production."
    )
