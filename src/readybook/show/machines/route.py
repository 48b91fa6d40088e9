"""Route to production: lead time and frequency as claimed and as the log shows them."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from readybook.checks.machines import dated_by
from readybook.model.case import Route
from readybook.model.findings import Finding, Point, RouteEvidence
from readybook.model.words import count, day, number
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, draw, nothing, table
from readybook.show.kit.theme import outcome_mark

__all__ = ["route_chart"]

_MOST_MONTHS = 24
_WHOLE = 100  # per cent
_SLOWEST = "slowest tenth"


def route_chart(case: Case) -> Fragment:
    """Return how changes reach production, and deployments by month as bars.

    Lead time for changes is the time from commit to running in production, and
    deployment frequency counts deployments, both as DORA defines them (dora.dev).
    """
    assessment = case.assessment
    route = assessment.resources.route
    seen, _ = dated_by(assessment.route, assessment.as_of, "route.json")
    if route is None and seen is None:
        return nothing(
            "No route to production is declared yet: resources.yaml, key route."
        )
    if seen is None or seen.failed:
        return nothing(_not_measured(route, seen))
    rows = _rows(route or Route(), seen, {f.check: f for f in case.evidence})
    columns = "Measure:head | Claimed:number | Measured:number | Claim holds?"
    title = _title(route or Route(), seen)
    months = seen.months[-_MOST_MONTHS:]
    html = draw(
        "route.html.j2",
        title=title,
        alt=_log_said(seen),
        table=table("Claimed and measured", columns, rows, empty=title).html,
        bars=[(point.label, point.value, _share(point, months)) for point in months],
        left_out=len(seen.months) - len(months),
    )
    return Fragment(html, title)


def _not_measured(route: Route | None, seen: RouteEvidence | None) -> str:
    claims = _claims(route) if route else ""
    said = f" The team claims {claims}." if claims else ""
    if seen:
        return f"The deployment log could not be read: {seen.failed}.{said}"
    if route and route.log:
        return f"{route.log} was not measured yet. Run: readybook measure.{said}"
    return (
        "No deployment log is declared: resources.yaml, key log of route, a CSV or JSON "
        f"lines file with the times of commit and deployment.{said}"
    )


def _claims(route: Route) -> str:
    lead, often = route.lead_time_days, route.deployments_per_week
    parts = [
        f"{number(lead, 'days')} from commit to production" if lead is not None else "",
        f"{number(often, 'deployments')} a week" if often is not None else "",
    ]
    return " and ".join(filter(None, parts))


def _title(route: Route, seen: RouteEvidence) -> str:
    lead, often = seen.lead_time_median, seen.per_week
    parts = [
        f"Half of all changes take {number(lead, 'days')} or more to production"
        if lead is not None
        else "",
        f"{number(often, 'deployments')} a week" if often is not None else "",
    ]
    said = "; ".join(filter(None, parts)) or "The deployment log has no deployments"
    claims = _claims(route)
    return f"{said}; claimed: {claims}." if claims else f"{said}; nothing is claimed."


def _log_said(seen: RouteEvidence) -> str:
    span = f", {day(seen.first)} to {day(seen.last)}" if seen.first else ""
    found = count(seen.deployments, "deployment")
    return (
        f"{found[0].upper()}{found[1:]} in the log{span}. Lead time runs from commit to "
        "running in production; frequency counts deployments: both as DORA defines them "
        "(dora.dev)."
    )


def _rows(
    route: Route, seen: RouteEvidence, found: dict[str, Finding]
) -> list[list[Markup | str]]:
    return [
        [
            "Lead time for changes, median",
            _told(route.lead_time_days, "days", "no claim"),
            _told(seen.lead_time_median, "days", "not known"),
            _holds(found.get("lead-time-met"), route.lead_time_days),
        ],
        [
            f"Lead time, {_SLOWEST} takes at least",
            "",
            _told(seen.lead_time_p90, "days", "not known"),
            "",
        ],
        [
            "Deployments a week",
            _told(route.deployments_per_week, None, "no claim"),
            _told(seen.per_week, None, "not known"),
            _holds(found.get("deployments-often"), route.deployments_per_week),
        ],
    ]


def _told(value: float | None, unit: str | None, missing: str) -> str:
    return missing if value is None else number(value, unit)


def _holds(finding: Finding | None, claim: float | None) -> Markup | str:
    if claim is None:
        return ""
    words = {"supports": "yes", "contradicts": "no"}
    outcome = finding.outcome if finding else "not measured"
    return outcome_mark(outcome, words.get(outcome))


def _share(point: Point, months: Sequence[Point]) -> int:
    """Return the bar of a month, in per cent of the longest."""
    values = [p.value for p in months if isinstance(p.value, int | float)]
    most = max(values, default=0)
    value = point.value if isinstance(point.value, int | float) else 0
    return round(_WHOLE * value / most) if most else 0
