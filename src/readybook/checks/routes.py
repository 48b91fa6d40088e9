"""How changes reach production, as claimed and as the deployment log shows it; pure.

Both measures are those of DORA (https://dora.dev/guides/dora-metrics/) and of Forsgren,
Humble and Kim, Accelerate (2018): the lead time for changes runs from the commit of a
change until it runs in production; deployment frequency is how often production is
deployed to. The thresholds are the team's own claims in resources.yaml, not the
performance classes of those works.
"""

from collections.abc import Callable
from operator import ge, le

from readybook.checks.catalogue import Judged, Told
from readybook.checks.machines import dated_by
from readybook.model.case import Assessment
from readybook.model.findings import NOTHING, Finding, RouteEvidence
from readybook.model.words import capital, count, day, listed, number

_FILE = "evidence/route.json"
_VERBS = ("was", "were")


def check_route(assessment: Assessment) -> list[Finding]:
    """Return a finding on lead time and one on frequency where a route is declared.

    Lead time for changes is the median time from a change's commit until it runs in
    production, in days (DORA), and should be at most the claimed one. So should that of
    the slowest change: a slower one, that may be no small one, decides nothing. Deployment
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
    measured_on, fingerprint = assessment.as_of, NOTHING
    if seen:
        measured_on = min(seen.last or seen.measured_on, seen.measured_on)
        fingerprint = seen.fingerprint
    known = seen if not why else None
    aside = ""
    if known and known.unread:
        aside = (
            f" {capital(listed(known.unread))} of the log {_VERBS[len(known.unread) > 1]} "
            "not looked at, so that deployments that failed or went elsewhere count too."
        )
    lead, often = (known.lead_time_median, known.per_week) if known else (None, None)
    claim, promised = route.lead_time_days, route.deployments_per_week

    reason = why or "the log does not say when its changes were committed"
    lead_said = f"The lead time was not measured: {reason}."
    if known and lead is not None:
        tail = known.lead_time_p90
        tenth = f", one in ten {_days(tail)} or more" if tail is not None else ""
        lead_said = (
            f"Half of all changes take {_days(lead)} or more from commit to production"
            f"{tenth} ({count(known.deployments, 'deployment')}); {_claimed(claim, _days)}{aside}"
        )
        lead_said += _slowest(known, claim)
    reason = why or "the log is too short for a frequency"
    often_said = f"The frequency of deployments was not measured: {reason}."
    if known and often is not None:
        often_said = (
            f"Production was deployed to {_weekly(often)}: "
            f"{count(known.deployments, 'deployment')} from {day(known.first)} to "
            f"{day(known.last)}; {_claimed(promised, _weekly)}{aside}"
        )
    rows = (
        ("lead-time-met", "lead_time_days", lead, claim, le, lead_said),
        ("deployments-often", "deployments_per_week", often, promised, ge, often_said),
    )
    found = []
    for check, key, value, need, met, said in rows:
        outcome: Judged = None
        if value is not None:
            outcome = "informs" if need is None else met(value, need)
            by_all = check != "lead-time-met" or _is_met_by_all(known, claim)
            outcome = outcome if by_all or not outcome else "informs"
        source, shown = f"resources.yaml: route {key}", value and round(value, 6)
        told = Told(check, "route", outcome, said, source, shown, need)
        found.append(told.finding(measured_on, fingerprint))
    return found


def _is_met_by_all(log: RouteEvidence | None, claim: float | None) -> bool:
    """Return whether the slowest change, too, was as fast as claimed."""
    longest = log.lead_time_longest if log else None
    return longest is not None and claim is not None and longest <= claim


def _slowest(log: RouteEvidence, claim: float | None) -> str:
    """Return how long the slowest change took, where that alone misses the claim."""
    median, longest = log.lead_time_median or 0.0, log.lead_time_longest
    if claim is None or longest is None or not median <= claim < longest:
        return ""
    return f" The slowest took {_days(longest)}."


def _claimed(claim: float | None, words: Callable[[float], str]) -> str:
    if claim is None:
        return "nothing is claimed to compare it with."
    return f"the team claims {words(claim)}."


def _days(value: float) -> str:
    return number(value, "days")


def _weekly(value: float) -> str:
    said = number(value)
    return "once a week" if said == "1" else f"{said} times a week"
