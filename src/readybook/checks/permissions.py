"""Who must permit each resource: granted, refused, waiting or not asked; pure.

Nothing is measured: resources.yaml is the evidence, judged at the as-of date. A request
or a grant that is dated later has not happened yet.
"""

from __future__ import annotations

import datetime as dt

from readybook.checks.probe import fingerprint_of
from readybook.checks.subjects import needs_permission
from readybook.model.case import Assessment
from readybook.model.findings import Finding
from readybook.model.resources import Resource
from readybook.model.words import day, days

__all__ = ["check_permissions"]

_TIMES = {1: "longer than", 2: "twice", 3: "three times", 4: "four times"}


def check_permissions(assessment: Assessment) -> list[Finding]:
    """Return a finding for each resource that somebody must permit, in declared order.

    A permission supports where it was granted and lasts until the target date (without
    one, or after it, until the as-of date). It contradicts where it lapses before, where
    it was refused since, where nobody has asked, and where it waits for longer than the
    lead time that the granter named.
    Within that time, or where none is named, nothing is known yet: "not measured".

    The value is the last day of what was granted, else the days that it waits.
    """
    return [
        _check(resource, assessment)
        for resource in assessment.resources.resources
        if needs_permission(resource)
    ]


def _check(resource: Resource, assessment: Assessment) -> Finding:
    granted_on = _until(resource.granted_on, assessment.as_of)
    refused_on = _until(resource.refused_on, assessment.as_of)
    if refused_on and (granted_on is None or granted_on < refused_on):
        by = f" by {_role(resource)}" if resource.grants else ""
        message = f"The permission for {resource.id} was refused{by} on "
        return _no(resource, assessment, f"{message}{day(refused_on)}.", "refused_on")
    if granted_on:
        return _granted(resource, assessment)
    if asked_on := _until(resource.asked_on, assessment.as_of):
        return _waiting(resource, assessment, asked_on)
    granter = f" {_role(resource)}" if resource.grants else ""
    message = f"Nobody has asked{granter} for {resource.id} yet."
    return _no(resource, assessment, message, "asked_on")


def _no(resource: Resource, assessment: Assessment, message: str, key: str) -> Finding:
    """Return that there is no permission, and none is being waited for."""
    source = _source(resource, key)
    return _finding(resource, assessment, "contradicts", message, source=source)


def _source(resource: Resource, key: str) -> str:
    return f"resources.yaml: {resource.id} {key}"


def _until(date: dt.date | None, as_of: dt.date) -> dt.date | None:
    """Return a date unless it lies after the as-of date."""
    return date if date and date <= as_of else None


def _granted(resource: Resource, assessment: Assessment) -> Finding:
    as_of, target = assessment.as_of, assessment.scope.target_date
    until, end = max(as_of, target or as_of), resource.expires
    lasts = end is None or end >= until
    said = f"The permission for {resource.id} was granted on {day(resource.granted_on)}"
    if end is None:
        message = f"{said} and has no last day."
    elif lasts:
        message = f"{said} and lasts until {day(end)}."
    elif end < as_of:
        message = f"{said} and lapsed on {day(end)}, {days(end, as_of)} ago."
    else:
        message = (
            f"{said} and lapses on {day(end)}, {days(end, until)} before the target "
            f"date, {day(until)}."
        )
    return _finding(
        resource,
        assessment,
        "supports" if lasts else "contradicts",
        message,
        source="assessment.yaml: target_date"
        if until == target
        else _source(resource, "expires"),
        value=end.isoformat() if end else "no last day",
        unit="last day",
        threshold=until.isoformat(),
    )


def _waiting(resource: Resource, assessment: Assessment, asked_on: dt.date) -> Finding:
    waits, lead = (assessment.as_of - asked_on).days, resource.lead_time_days
    since = days(asked_on, assessment.as_of) if waits else "less than a day"
    said = (
        f"The permission for {resource.id} has been waiting {since} on "
        f"{_role(resource) if resource.grants else 'nobody that is named'}"
    )
    is_late = lead is not None and waits > lead
    if lead is None:
        message = f"{said}; no lead time is declared."
    elif is_late:
        message = f"{said}, {_times(waits, lead)} its lead time of {_days(lead)}."
    else:
        past = _past_target(asked_on, lead, assessment.scope.target_date)
        message = f"{said}, within its lead time of {_days(lead)}{past}."
    return _finding(
        resource,
        assessment,
        "contradicts" if is_late else "not measured",
        message,
        source=_source(resource, "asked_on" if lead is None else "lead_time_days"),
        value=waits,
        unit="days",
        threshold=lead,
    )


def _past_target(asked_on: dt.date, lead: int, target: dt.date | None) -> str:
    """Return how far a lead time that is kept runs past the target date, or ""."""
    due = asked_on + dt.timedelta(days=lead)
    if target is None or due <= target:
        return ""
    return f", which ends {days(target, due)} after the target date, {day(target)}"


def _times(waits: int, lead: int) -> str:
    """Return how many times the lead time has passed, whole times only."""
    times = waits // lead if lead else 1
    more = "more than " if times > 1 and waits > times * lead else ""
    return more + _TIMES.get(times, f"{times} times")


def _days(lead: int) -> str:
    return f"{lead} day{'s' * (lead != 1)}"


def _role(resource: Resource) -> str:
    return (resource.grants or "").replace("-", " ")


def _finding(  # noqa: PLR0913 - what findings of permissions share
    resource: Resource,
    assessment: Assessment,
    outcome: str,
    message: str,
    *,
    source: str,
    value: int | str | None = None,
    unit: str | None = None,
    threshold: int | str | None = None,
) -> Finding:
    return Finding.model_validate(
        {
            "check": "permission-granted",
            "subject": resource.id,
            "outcome": outcome,
            "message": message,
            "value": value,
            "unit": unit,
            "threshold": threshold,
            "threshold_source": source,
            "measured_on": assessment.as_of,
            "fingerprint": fingerprint_of(resource),
        }
    )
