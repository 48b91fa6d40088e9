"""How changes reach production, as claimed and as the deployment log shows it; pure.

Both measures are those of DORA (https://dora.dev/guides/dora-metrics/) and of Forsgren,
Humble and Kim, Accelerate (2018): the lead time for changes runs from the commit of a
change until it runs in production; deployment frequency is how often production is
deployed to. The thresholds are the team's own claims in resources.yaml, not the
performance classes of those works.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from readybook.checks.probe import too_late
from readybook.model.case import Assessment
from readybook.model.findings import Finding, RouteEvidence
from readybook.model.words import count, day, number

__all__ = ["check_route"]

_FILE = "evidence/route.json"


@dataclass(frozen=True)
class _Log:
    """The evidence of the log, or why it cannot be used."""

    evidence: RouteEvidence | None
    why: str


def check_route(assessment: Assessment) -> list[Finding]:
    """Return a finding on lead time and one on frequency where a route is declared.

    Lead time for changes is the median time from a change's commit until it runs in
    production, in days (DORA), and should be at most the claimed one. Deployment
    frequency is in deployments to production a week (DORA), and should be at least the
    claimed one. Without a log nothing is known: "not measured"; without a claim there
    is nothing to compare with: "informs".

    Both are dated by the last deployment in the log: of the time after it, it tells
    nothing.
    """
    route = assessment.resources.route
    if route is None:
        return []
    log = _log(assessment)
    return [
        _lead_time(log, route.lead_time_days, assessment),
        _frequency(log, route.deployments_per_week, assessment),
    ]


def _log(assessment: Assessment) -> _Log:
    evidence = assessment.route
    if evidence is None:
        return _Log(None, f"there is no {_FILE}")
    if evidence.measured_on > assessment.as_of:
        return _Log(None, too_late(_FILE))
    if evidence.failed:
        return _Log(evidence, f"the log could not be read ({evidence.failed})")
    if not evidence.deployments:
        return _Log(evidence, "the log holds no deployment")
    return _Log(evidence, "")


def _lead_time(log: _Log, claim: float | None, assessment: Assessment) -> Finding:
    evidence = log.evidence
    median = evidence.lead_time_median if evidence and not log.why else None
    why = log.why
    if not why and median is None:
        why = "the log does not say when its changes were committed"
    if evidence and median is not None:
        tail = ""
        if evidence.lead_time_p90 is not None:
            tail = f", one in ten {_days(evidence.lead_time_p90)} or more"
        said = (
            f"Half of all changes take {_days(median)} or more from commit to "
            f"production{tail} ({count(evidence.deployments, 'deployment')})"
        )
        message = _beside(said, "" if claim is None else _days(claim))
        is_met = claim is not None and median <= claim
    else:
        message, is_met = _unknown("The lead time", why), False
    return _finding(
        "lead-time-met",
        log,
        message,
        assessment,
        value=median,
        unit="days",
        claim=claim,
        key="lead_time_days",
        is_met=is_met,
    )


def _frequency(log: _Log, claim: float | None, assessment: Assessment) -> Finding:
    evidence = log.evidence
    per_week = evidence.per_week if evidence and not log.why else None
    why = log.why
    if not why and per_week is None:
        why = "the log is too short for a frequency"
    if evidence and per_week is not None:
        said = (
            f"Production was deployed to {_weekly(per_week)}: "
            f"{count(evidence.deployments, 'deployment')} from {day(evidence.first)} "
            f"to {day(evidence.last)}"
        )
        message = _beside(said, "" if claim is None else _weekly(claim))
        is_met = claim is not None and per_week >= claim
    else:
        message, is_met = _unknown("The frequency of deployments", why), False
    return _finding(
        "deployments-often",
        log,
        message,
        assessment,
        value=per_week,
        unit="deployments a week",
        claim=claim,
        key="deployments_per_week",
        is_met=is_met,
    )


def _finding(  # noqa: PLR0913 - what both findings share
    check: str,
    log: _Log,
    message: str,
    assessment: Assessment,
    *,
    value: float | None,
    unit: str,
    claim: float | None,
    key: str,
    is_met: bool,
) -> Finding:
    evidence = log.evidence
    outcome = "supports" if is_met else "contradicts"
    if value is None or claim is None:
        outcome = "not measured" if value is None else "informs"
    return Finding.model_validate(
        {
            "check": check,
            "subject": "route",
            "outcome": outcome,
            "message": message,
            "value": None if value is None else round(value, 6),
            "unit": unit,
            "threshold": claim,
            "threshold_source": f"resources.yaml: route {key}",
            "measured_on": _date(evidence) or assessment.as_of,
            "fingerprint": evidence.fingerprint if evidence else "none",
        }
    )


def _date(evidence: RouteEvidence | None) -> dt.date | None:
    """Return the day up to which the log tells something."""
    if evidence is None:
        return None
    return min(evidence.last or evidence.measured_on, evidence.measured_on)


def _beside(said: str, claimed: str) -> str:
    if not claimed:
        return f"{said}; nothing is claimed to compare it with."
    return f"{said}; the team claims {claimed}."


def _unknown(what: str, why: str) -> str:
    return f"{what} was not measured: {why}."


def _days(value: float) -> str:
    return number(float(value), "days")


def _weekly(value: float) -> str:
    said = number(float(value))
    return "once a week" if said == "1" else f"{said} times a week"
