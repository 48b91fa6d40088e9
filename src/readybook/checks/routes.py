"""How changes reach production, as claimed and as the deployment log shows it; pure.

Both measures are those of DORA (https://dora.dev/guides/dora-metrics/) and of Forsgren,
Humble and Kim, Accelerate (2018): the lead time for changes runs from the commit of a
change until it runs in production; deployment frequency is how often production is
deployed to. The thresholds are the team's own claims in resources.yaml, not the
performance classes of those works.
"""

from __future__ import annotations

from readybook.checks.catalogue import find
from readybook.checks.machines import dated_by
from readybook.model.case import Assessment
from readybook.model.findings import NOTHING, Finding
from readybook.model.words import count, day, number

__all__ = ["check_route"]

_FILE = "evidence/route.json"


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
    seen, why = dated_by(assessment.route, assessment.as_of, _FILE)
    if seen and seen.failed:
        why = f"the log could not be read ({seen.failed})"
    elif seen and not seen.deployments:
        why = "the log holds no deployment"
    known = seen if not why else None
    measured_on, fingerprint = assessment.as_of, NOTHING
    if seen:
        measured_on = min(seen.last or seen.measured_on, seen.measured_on)
        fingerprint = seen.fingerprint

    lead, claim = known.lead_time_median if known else None, route.lead_time_days
    if known and lead is not None:
        tail = known.lead_time_p90
        tenth = f", one in ten {_days(tail)} or more" if tail is not None else ""
        lead_said = _beside(
            f"Half of all changes take {_days(lead)} or more from commit to "
            f"production{tenth} ({count(known.deployments, 'deployment')})",
            "" if claim is None else _days(claim),
        )
    else:
        reason = why or "the log does not say when its changes were committed"
        lead_said = f"The lead time was not measured: {reason}."
    often, promised = known.per_week if known else None, route.deployments_per_week
    if known and often is not None:
        often_said = _beside(
            f"Production was deployed to {_weekly(often)}: "
            f"{count(known.deployments, 'deployment')} from {day(known.first)} "
            f"to {day(known.last)}",
            "" if promised is None else _weekly(promised),
        )
    else:
        reason = why or "the log is too short for a frequency"
        often_said = f"The frequency of deployments was not measured: {reason}."
    rows = (
        (
            "lead-time-met",
            "lead_time_days",
            lead,
            claim,
            lead is not None and claim is not None and lead <= claim,
            lead_said,
        ),
        (
            "deployments-often",
            "deployments_per_week",
            often,
            promised,
            often is not None and promised is not None and often >= promised,
            often_said,
        ),
    )
    return [
        find(
            check,
            "route",
            None if value is None else "informs" if claimed is None else is_met,
            message,
            value=None if value is None else round(value, 6),
            threshold=claimed,
            source=f"resources.yaml: route {key}",
            measured_on=measured_on,
            fingerprint=fingerprint,
        )
        for check, key, value, claimed, is_met, message in rows
    ]


def _beside(said: str, claimed: str) -> str:
    if not claimed:
        return f"{said}; nothing is claimed to compare it with."
    return f"{said}; the team claims {claimed}."


def _days(value: float) -> str:
    return number(float(value), "days")


def _weekly(value: float) -> str:
    said = number(float(value))
    return "once a week" if said == "1" else f"{said} times a week"
