"""Route to production: lead time and frequency as claimed and as the log shows them."""

from markupsafe import Markup

from readybook.checks.machines import dated_by
from readybook.model.case import Route
from readybook.model.findings import Finding, RouteEvidence
from readybook.model.words import capital, count, day, number
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, draw, nothing, table
from readybook.show.kit.theme import outcome_mark

_MOST_MONTHS = 24
_WHOLE = 100  # per cent


def route_chart(case: Case) -> Fragment:
    """Return how changes reach production, and deployments by month as bars.

    Lead time for changes is the time from commit to running in production, and
    deployment frequency counts deployments, both as DORA defines them (dora.dev).
    """
    assessment = case.assessment
    route = assessment.resources.route
    seen, _ = dated_by(assessment.route, assessment.as_of, "route.json")
    if route is None and seen is None:
        return nothing("Nobody has said yet how a change reaches production.")
    if seen is None or seen.failed:
        return nothing(_not_measured(route, seen))
    route = route or Route()
    found = {f.check: f for f in case.evidence}
    median, often = seen.lead_time_median, seen.per_week
    slowest = number(seen.lead_time_p90, "days") or "not known"
    rows = [
        [
            "Lead time for changes, median",
            number(route.lead_time_days, "days") or "no claim",
            number(median, "days") or "not known",
            _holds(found.get("lead-time-met"), route.lead_time_days),
        ],
        ["Lead time, slowest tenth takes at least", "", slowest, ""],
        [
            "Deployments a week",
            number(route.deployments_per_week) or "no claim",
            number(often) or "not known",
            _holds(found.get("deployments-often"), route.deployments_per_week),
        ],
    ]
    said = _figures(f"Half of all changes take {number(median, 'days')} or more to "
                    "production", median, often, "; ")  # fmt: skip
    claims = _claims(route)
    title = f"{said or 'The deployment log has no deployments'}; "
    title += f"claimed: {claims}." if claims else "nothing is claimed."
    span = f", {day(seen.first)} to {day(seen.last)}" if seen.first else ""
    months = seen.months[-_MOST_MONTHS:]
    bars = [p.value if isinstance(p.value, int | float) else 0 for p in months]
    most = max(bars, default=0) or 1
    columns = "Measure:head | Claimed:number | Measured:number | Claim holds?"
    html = draw(
        "route.html.j2",
        title=title,
        alt=f"{capital(count(seen.deployments, 'deployment'))} in the log{span}. Lead "
        "time runs from commit to running in production; frequency counts deployments: "
        "both as DORA defines them (dora.dev).",
        table=table("Claimed and measured", columns, rows).html,
        bars=[
            (point.label, point.value, round(_WHOLE * bar / most))
            for point, bar in zip(months, bars, strict=True)
        ],
        left_out=len(seen.months) - len(months),
    )
    return Fragment(html, title)


def _not_measured(route: Route | None, seen: RouteEvidence | None) -> str:
    claims = _claims(route) if route else ""
    said = f" The team claims {claims}." if claims else ""
    if seen:
        return f"The deployment log could not be read: {seen.failed}.{said}"
    if route and route.log:
        return f"The deployment log was not measured yet.{said}"
    return f"No log says when changes were made and when they ran in production.{said}"


def _claims(route: Route) -> str:
    lead, often = route.lead_time_days, route.deployments_per_week
    first = f"{number(lead, 'days')} from commit to production"
    return _figures(first, lead, often, " and ")


def _figures(first: str, lead: float | None, often: float | None, between: str) -> str:
    """Return lead time, in its own words, and frequency, as far as they are known."""
    parts = [] if lead is None else [first]
    parts += [] if often is None else [f"{number(often, 'deployments')} a week"]
    return between.join(parts)


def _holds(finding: Finding | None, claim: float | None) -> Markup | str:
    if claim is None:
        return ""
    words = {"supports": "yes", "contradicts": "no"}
    outcome = finding.outcome if finding else "not measured"
    return outcome_mark(outcome, words.get(outcome))
