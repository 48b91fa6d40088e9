"""Limits that hardly exclude anything, whoever signed them off; told, never judged; pure."""

import datetime as dt
import math
from collections.abc import Iterable, Iterator

from readybook.checks.catalogue import CHECKS
from readybook.model.case import Assessment, Change
from readybook.model.contract import Table
from readybook.model.findings import Finding
from readybook.model.words import as_share, count

_HALF = 0.5  #: of what is judged; a limit that half of it may break is told
_NEAR = 7  #: days; a step so near to a declared change counts as declared by it
_STRETCH = 31  #: days; a calendar that closes longer on end is told
_WEEK = 4  #: weekdays; one that opens on fewer is told
_PERIODS = {
    "missing hours": 1 / 24, "missing days": 1, "missing weeks": 7,
    "missing months": 365 / 12, "missing years": 365,
}  # fmt: skip


def wide_limits(assessment: Assessment) -> tuple[str, ...]:
    """Return in words the limits that half of what they judge may break, or a year may.

    That is half of the rows, half of the periods, and a delay or an age as long as all
    history that is held. A sign-off makes a limit count, and makes it no narrower.
    """
    data = assessment.data
    found = data.findings if data else ()
    rows = {one.table: one.rows or 0 for one in data.tables} if data else {}
    held = {
        one.subject: one.value
        for one in found
        if one.check == "history-span" and isinstance(one.value, int)
    }
    told: list[str] = []
    model = assessment.data_model
    for finding in found:
        if finding.outcome == "supports" and (table := model.table_of(finding.subject)):
            most = _most(finding, rows.get(table.name, 0), held.get(table.name))
            if most:
                told.append(f"{CHECKS[finding.check].title}: {finding.subject}, {most}")
    for table in model.tables:
        told += _closed(table)
        changes = [
            one
            for one in assessment.changes.changes
            if table.name in (one.tables or [table.name])
        ]
        days, last = held.get(table.name), data.measured_on if data else None
        if days and last and (near := _covered(changes, days, last)) >= _HALF * days:
            told.append(
                f"changes.yaml: {count(len(changes), 'change')}, so that a step of "
                f"{table.name} is near one on {as_share(near / days)} of its days"
            )
    return tuple(told)


def _most(finding: Finding, rows: int, held: int | None) -> str:
    """Return how much a limit lets pass where that is too much to matter, else ""."""
    limit, unit = finding.threshold, finding.unit or ""
    if isinstance(limit, str | None):
        return ""
    is_least, days = CHECKS[finding.check].at_least, held or math.inf
    whole, told = math.inf, f"up to {limit:,g} {unit}"
    if unit == "share of rows":
        told = f"{'from' if is_least else 'up to'} {as_share(limit)}"
        whole, limit = 1, 1 - limit if is_least else limit
    elif unit == "rows" and not is_least and rows:
        whole = rows
    elif unit in _PERIODS:
        whole, limit = days, limit * _PERIODS[unit]
    elif finding.check in {"label-delay", "data-fresh"}:
        whole, told = 2 * days, f"up to {count(round(limit), 'day')}"
    return told if limit >= _HALF * whole else ""


def _closed(table: Table) -> Iterator[str]:
    """Yield what a calendar closes for long, where rows would be expected every day."""
    calendar = table.calendar
    if calendar is None:
        return
    if len(calendar.weekdays) < _WEEK:
        yield f"readiness.calendar: {table.name}, open on {' and '.join(calendar.weekdays)}"
    longest = run = 0
    before = dt.date.min
    for days in sorted(calendar.closed, key=lambda one: one.first):
        run = 0 if (days.first - before).days > 1 else run
        run += max(
            0, (days.last - max(days.first, before + dt.timedelta(days=1))).days + 1
        )
        before = max(before, days.last)
        longest = max(longest, run)
    if longest > _STRETCH:
        yield f"readiness.calendar: {table.name}, closed for {count(longest, 'day')} on end"


def _covered(changes: Iterable[Change], held: int, last: dt.date) -> int:
    """Return on how many days of a history a step would be near a declared change."""
    first = last - dt.timedelta(days=held - 1)
    near = range(-_NEAR, _NEAR + 1)
    days = {one.date + dt.timedelta(days=at) for one in changes for at in near}
    return sum(first <= day <= last for day in days)
