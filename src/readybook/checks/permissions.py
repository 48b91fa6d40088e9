"""Who must permit each resource: granted, refused, waiting or not asked; pure.

`permission_state` is the one place that knows how a permission stands. Nothing is
measured: resources.yaml is the evidence, judged at the as-of date.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from readybook.checks.catalogue import Judged, find, fingerprint_of, needs_permission
from readybook.model.case import Assessment, Resource
from readybook.model.findings import Finding
from readybook.model.words import day, days, number

__all__ = ["Permission", "check_permissions", "permission_state", "permissions_waiting"]

State = Literal["granted", "lapsed", "refused", "waiting", "not asked", "nobody"]

_TIMES = {1: "longer than", 2: "twice", 3: "three times", 4: "four times"}


@dataclass(frozen=True)
class Permission:
    """How the permission for one resource stands on a day."""

    resource: Resource
    as_of: dt.date
    target: dt.date | None  #: until which it should last
    state: State  #: "nobody": not asked, and nobody is named to ask
    asked: dt.date | None
    granted: dt.date | None
    refused: dt.date | None  #: None too where a yes came on that day or after it

    @property
    def waited(self) -> int:
        """Days from asking to the answer, or to the day of judging."""
        last = self.refused or self.granted or self.as_of
        return (last - self.asked).days if self.asked else 0

    @property
    def due(self) -> dt.date | None:
        """The day on which it is to be answered, by the declared lead time."""
        lead = self.resource.lead_time_days
        if lead is None or self.asked is None:
            return None
        return self.asked + dt.timedelta(days=lead)

    @property
    def is_late(self) -> bool:
        """True where it waits, or waited, for longer than its lead time."""
        lead = self.resource.lead_time_days
        return lead is not None and self.waited > lead

    @property
    def lapses_early(self) -> bool:
        """True where what is granted ends before the target date."""
        ends, target = self.resource.expires, self.target
        return bool(self.state == "granted" and ends and target and ends < target)


def permission_state(
    resource: Resource, as_of: dt.date, target: dt.date | None = None
) -> Permission:
    """Return how a permission stands on a day; what is dated later had not happened.

    The latest answer counts: a yes on the day of a no, or after it, is a yes. What was
    granted and has ended is lapsed.

    Args:
        resource: that must be permitted.
        as_of: the day.
        target: until when the permission should last, None where that is not declared.
    """
    asked, granted, refused = (
        date if date and date <= as_of else None
        for date in (resource.asked_on, resource.granted_on, resource.refused_on)
    )
    if refused and granted and granted >= refused:
        refused = None
    state: State
    if refused:
        state = "refused"
    elif granted:
        ends = resource.expires
        state = "lapsed" if ends and ends < as_of else "granted"
    elif asked:
        state = "waiting"
    else:
        state = "not asked" if resource.grants else "nobody"
    return Permission(resource, as_of, target, state, asked, granted, refused)


def permissions_waiting(assessment: Assessment) -> list[Permission]:
    """Return the permissions that were asked for and not answered, longest wait first."""
    told = [
        permission_state(row, assessment.as_of)
        for row in assessment.resources.resources
    ]
    waiting = [one for one in told if one.state == "waiting"]
    return sorted(waiting, key=lambda one: -one.waited)


# --- findings ------------------------------------------------------------------------


def check_permissions(assessment: Assessment) -> list[Finding]:
    """Return a finding for each resource that somebody must permit, in declared order.

    A permission supports where it was granted and lasts until the target date (without
    one, or after it, until the as-of date). It contradicts where it lapses before, where
    it was refused since, where nobody has asked, and where it waits for longer than the
    lead time that the granter named.
    Within that time, or where none is named, nothing is known yet: "not measured".

    The value is the last day of what was granted, else the days that it waits.
    """
    target = assessment.scope.target_date
    return [
        _check(permission_state(resource, assessment.as_of, target))
        for resource in assessment.resources.resources
        if needs_permission(resource)
    ]


def _check(one: Permission) -> Finding:
    if one.state in {"granted", "lapsed"}:
        return _granted(one)
    if one.state == "waiting":
        return _waiting(one)
    name, role = one.resource.id, _role(one.resource)
    if one.state == "refused":
        by = f" by {role}" if role else ""
        message = f"The permission for {name} was refused{by} on {day(one.refused)}."
        return _finding(one, "contradicts", message, "refused_on")
    message = f"Nobody has asked{role and f' {role}'} for {name} yet."
    return _finding(one, "contradicts", message, "asked_on")


def _granted(one: Permission) -> Finding:
    until = max(one.as_of, one.target or one.as_of)
    end = one.resource.expires
    said = f"The permission for {one.resource.id} was granted on {day(one.granted)}"
    if end is None:
        message = f"{said} and has no last day."
    elif one.state == "lapsed":
        message = f"{said} and lapsed on {day(end)}, {days(end, one.as_of)} ago."
    elif one.lapses_early:
        message = (
            f"{said} and lapses on {day(end)}, {days(end, until)} before the target "
            f"date, {day(until)}."
        )
    else:
        message = f"{said} and lasts until {day(end)}."
    return _finding(
        one,
        one.state == "granted" and not one.lapses_early,
        message,
        "expires" if until != one.target else None,
        value=end.isoformat() if end else "no last day",
        unit="last day",
        threshold=until.isoformat(),
    )


def _waiting(one: Permission) -> Finding:
    waits, lead = one.waited, one.resource.lead_time_days
    since = days(one.asked, one.as_of) if one.asked and waits else "less than a day"
    said = (
        f"The permission for {one.resource.id} has been waiting {since} on "
        f"{_role(one.resource) or 'nobody that is named'}"
    )
    if lead is None or one.due is None:
        message = f"{said}; no lead time is declared."
    elif one.is_late:
        message = (
            f"{said}, {_times(waits, lead)} its lead time of {number(lead, 'days')}."
        )
    else:
        past = ""
        if one.target and one.due > one.target:
            late = f"{days(one.target, one.due)} after the target date"
            past = f", which ends {late}, {day(one.target)}"
        message = f"{said}, within its lead time of {number(lead, 'days')}{past}."
    return _finding(
        one,
        False if one.is_late else None,
        message,
        "asked_on" if lead is None else "lead_time_days",
        value=waits,
        unit="days",
        threshold=lead,
    )


def _times(waits: int, lead: int) -> str:
    """Return how many times the lead time has passed, whole times only."""
    times = waits // lead if lead else 1
    more = "more than " if times > 1 and waits > times * lead else ""
    return more + _TIMES.get(times, f"{times} times")


def _role(resource: Resource) -> str:
    return (resource.grants or "").replace("-", " ")


def _finding(  # noqa: PLR0913 - what findings of permissions share
    one: Permission,
    outcome: Judged,
    message: str,
    key: str | None,
    *,
    value: int | str | None = None,
    unit: str | None = None,
    threshold: int | str | None = None,
) -> Finding:
    """Return what is said of a permission; without a key the target date decides."""
    resource = one.resource
    return find(
        "permission-granted",
        resource.id,
        outcome,
        message,
        value=value,
        unit=unit,
        threshold=threshold,
        source=f"resources.yaml: {resource.id} {key}"
        if key
        else "assessment.yaml: target_date",
        measured_on=one.as_of,
        fingerprint=fingerprint_of(resource),
    )
