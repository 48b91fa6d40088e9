"""Who must permit each resource: granted, refused, waiting or not asked; pure.

`permission_state` is the one place that knows how a permission stands. Nothing is
measured: resources.yaml is the evidence, judged at the as-of date.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from readybook.checks.catalogue import Told, fingerprint_of, needs_permission
from readybook.model.case import Assessment, Resource
from readybook.model.contract import lasts
from readybook.model.findings import Finding
from readybook.model.words import day, days, in_words, number

State = Literal["granted", "lapsed", "refused", "waiting", "not asked", "nobody"]

_CHECK = "permission-granted"
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
        ends, target = self.resource.ends, self.target
        return bool(self.state == "granted" and ends and target and ends < target)


def permission_state(
    resource: Resource, as_of: dt.date, target: dt.date | None = None
) -> Permission:
    """Return how a permission stands on a day; what is dated later had not happened.

    The latest answer counts: a yes on the day of a no, or after it, is a yes. What was
    granted and has ended is lapsed.

    It should last until the target date, where that is declared.
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
        ends = resource.ends
        state = "lapsed" if ends and ends < as_of else "granted"
    elif asked:
        state = "waiting"
    else:
        state = "not asked" if resource.grants else "nobody"
    return Permission(resource, as_of, target, state, asked, granted, refused)


def permissions_waiting(assessment: Assessment) -> list[Permission]:
    """Return the permissions that were asked for and not answered, longest wait first."""
    rows, as_of = assessment.resources.resources, assessment.as_of
    waiting = [
        one for row in rows if (one := permission_state(row, as_of)).state == "waiting"
    ]
    return sorted(waiting, key=lambda one: -one.waited)


def check_permissions(assessment: Assessment) -> list[Finding]:
    """Return a finding for each resource that somebody must permit, in declared order.

    A permission supports where it was granted and lasts until the target date (after
    it, until the as-of date), or for good. It contradicts where it lapses before, where
    it was refused since, where nobody has asked, and where it waits for longer than the
    lead time that the granter named.
    Within that time, or where none is named, nothing is known yet: "not measured"; nor
    is it where nothing is said of who permits it, since when, nor of when it ends.

    The value is the last day of what was granted, else the days that it waits.
    """
    target, as_of = assessment.scope.target_date, assessment.as_of
    return [
        _told(
            permission_state(row, as_of, target),
            assessment.source_of(f"permission/{row.id}"),
        ).finding(as_of, fingerprint_of(row))
        for row in assessment.resources.resources
    ]


def _told(one: Permission, file: str) -> Told:
    name, role = one.resource.id, in_words(one.resource.grants or "")
    if one.state in {"granted", "lapsed"}:
        return _granted(one, name, file)
    if one.state == "waiting":
        return _waiting(one, name, role or "nobody that is named", file)
    if not needs_permission(one.resource):
        message = f"Who permits {name}, and since when, is not said."
        return Told(_CHECK, name, None, message, f"{file}: {name} grants")
    key, message = "asked_on", f"Nobody has asked{role and f' {role}'} for {name} yet."
    if one.state == "refused":
        by = f" by {role}" if role else ""
        key = "refused_on"
        message = f"The permission for {name} was refused{by} on {day(one.refused)}."
    return Told(_CHECK, name, "contradicts", message, f"{file}: {name} {key}")


def _granted(one: Permission, name: str, file: str) -> Told:
    until = max(one.as_of, one.target or one.as_of)
    said, end = one.resource.expires, one.resource.ends
    outcome = lasts(said, one.target, one.as_of)
    message = f"The permission for {name} was granted on {day(one.granted)} and "
    if said is None:
        message += "nobody has said when it ends: a day, or never."
    elif end is None:
        message += "has no last day."
    elif one.state == "lapsed":
        message += f"lapsed on {day(end)}, {days(end, one.as_of)} ago."
    elif one.lapses_early:
        before = f"{days(end, until)} before the target date, {day(until)}"
        message += f"lapses on {day(end)}, {before}."
    else:
        message += f"lasts until {day(end)}"
        short = (
            "" if one.target else "; no target date is declared to hold that against"
        )
        message += f"{short}."
    source = f"{file}: {name} expires"
    if until == one.target and said is not None:
        source = "assessment.yaml: target_date"
    last, needed = end.isoformat() if end else "no last day", until.isoformat()
    if said is None:
        last = "not said"
    return Told(_CHECK, name, outcome, message, source, last, needed, "last day")


def _waiting(one: Permission, name: str, role: str, file: str) -> Told:
    waits, lead = one.waited, one.resource.lead_time_days
    since = days(one.asked, one.as_of) if one.asked and waits else "less than a day"
    message = f"The permission for {name} has been waiting {since} on {role}"
    if lead is None or one.due is None:
        message += "; no lead time is declared."
    elif one.is_late:
        message += f", {_times(waits, lead)} its lead time of {number(lead, 'days')}."
    else:
        message += f", within its lead time of {number(lead, 'days')}"
        if one.target and one.due > one.target:
            late = f"{days(one.target, one.due)} after the target date"
            message += f", which ends {late}, {day(one.target)}"
        message += "."
    key = "asked_on" if lead is None else "lead_time_days"
    source, outcome = f"{file}: {name} {key}", False if one.is_late else None
    return Told(_CHECK, name, outcome, message, source, waits, lead, "days")


def _times(waits: int, lead: int) -> str:
    """Return how many times the lead time has passed, whole times only."""
    times = waits // lead if lead else 1
    more = "more than " if times > 1 and waits > times * lead else ""
    return more + _TIMES.get(times, f"{times} times")
