"""Frozen models of what the tool measured: findings, facts and evidence files.

Only aggregates: no row of data, no host name, no path ever enters these models.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field

from readybook.model.bank import Frozen, Id, Text

#: Fingerprint of what could not be read, or is not known before it is read.
NOTHING = "none"
#: Counts from 1 to FLOOR - 1 are shown as "<10", so that no small group is exposed.
FLOOR = 10
#: Unit of what was looked at and could not be judged, by the nature of the table.
UNJUDGED = "rows, not judged"

Outcome = Literal["supports", "contradicts", "informs", "not measured"]
#: What decides stands before what merely is.
LOUDEST: tuple[Outcome, ...] = ("contradicts", "not measured", "informs", "supports")


Value = int | float | Literal["<10"] | None


class Point(Frozen):
    """One labelled aggregate; "<10" hides a small group, None is not known."""

    label: str
    value: Value
    # Format 1 has no place for these two: see `_with_facts`.
    when: str | None = Field(default=None, exclude=True)  #: a step's day or month
    unit: str | None = Field(default=None, exclude=True)  #: if not that of the series


class Series(Frozen):
    """The aggregates behind a finding, for tables and charts."""

    name: Text  #: what the labels are: "category", "month", ...
    unit: Text
    points: tuple[Point, ...]

    @classmethod
    def of(cls, name: str, unit: str, values: Iterable[tuple[str, Value]]) -> Series:
        """Return a series of values with their labels."""
        points = tuple(Point(label=label, value=value) for label, value in values)
        return cls(name=name, unit=unit, points=points)


Numbers = dict[str, int | float | str | None]


class Finding(Frozen):
    """What one check says about one subject."""

    check: Id
    subject: Text  #: "table", "table.field", "table.field -> table.field", resource id
    outcome: Outcome
    message: Text  #: one sentence for a director, with the numbers
    value: int | float | str | None = None  #: None: nothing was measured
    unit: Text | None = None
    threshold: int | float | str | None = None  #: what was declared as needed
    threshold_source: Text | None = None  #: who declared it: file and key, or a work
    measured_on: dt.date
    fingerprint: Text  #: of what was measured
    series: tuple[Series, ...] = ()
    caveat: Text | None = Field(default=None, exclude=True)  #: see `_with_facts`

    @property
    def is_unjudged(self) -> bool:
        """Return whether the table was read and is too small or irregular by nature."""
        return self.outcome == "not measured" and self.unit == UNJUDGED

    def points(self, name: str) -> tuple[Point, ...]:
        """Return the points of the series of that name, none where there is none."""
        return next((one.points for one in self.series if one.name == name), ())

    def numbers(self, name: str) -> Numbers:
        """Return the values of the series of that name by their labels."""
        return {point.label: point.value for point in self.points(name)}


def _with_facts(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Fill in the fields that format 1 of evidence files has in texts alone.

    A step's label ends with its day or month, and of shares it begins so; the season
    that could not be told apart is the last clause of a message on drift. Nothing else
    reads facts out of a text.
    """
    return tuple(finding.model_copy(update=_facts(finding)) for finding in findings)


def _facts(finding: Finding) -> dict[str, object]:
    last = finding.message.rstrip(".").rpartition("; ")[2]
    if finding.check == "live-like-training" and "season" in last:
        return {"caveat": last}
    if finding.check == "steps-declared":
        return {"series": tuple(map(_dated, finding.series))}
    return {}


def _dated(series: Series) -> Series:
    if series.name == "detection limit":
        return series
    points = []
    for point in series.points:
        when = point.label.rpartition(": ")[2]
        unit = "points" if point.label.startswith("share ") else "%"
        points.append(point.model_copy(update={"when": when, "unit": unit}))
    return series.model_copy(update={"points": tuple(points)})


class MeasuredTable(Frozen):
    """One source that was opened, or why it was not."""

    table: Text
    engine: Text  #: "duckdb 1.5.6"
    rows: Annotated[int, Field(ge=0)] | None  #: None: could not be opened
    columns: dict[str, str]  #: name to type, as the engine has them
    fingerprint: Text  #: of the source's content
    declared: Text  #: fingerprint of what the data model declared when it was measured
    #: Other tables' fingerprints.
    touched: dict[str, Text] = Field(default_factory=dict)
    changes: Text | None = None  #: fingerprint of the declared changes laid beside it
    failed: Text | None = None  #: why it could not be opened, or not all be looked at


class _Sealed(Frozen):
    """What each file of evidence begins with."""

    format: Literal[1]
    kind: str
    seal: Text | None = None  #: of the rest; whoever writes the file adds it
    readybook: Text  #: version that measured


class DataEvidence(_Sealed):
    """evidence/data.json: what the data showed."""

    kind: Literal["data"]
    way: int = 0  #: of measuring: what another one found is measured again
    measured_on: dt.date
    tables: tuple[MeasuredTable, ...]
    findings: Annotated[tuple[Finding, ...], AfterValidator(_with_facts)]


class MachineFact(Frozen):
    """One fact about a machine, or why it is not known."""

    model_config = ConfigDict(allow_inf_nan=False)  # no amount can be compared with it

    fact: Id
    state: Literal["read", "not visible", "denied"]
    value: int | float | str | None = None
    unit: Text | None = None
    how: Text  #: where it was read
    why: Text | None = None  #: why it is not visible or denied


class Reach(Frozen):
    """Whether a declared endpoint answered from a machine; nothing was sent to it."""

    host: Text
    port: int
    tls: bool
    state: Literal["reached", "refused", "timed out", "no route", "no name", "no tls"]


class MachineEvidence(_Sealed):
    """evidence/<probe>.json: what a machine showed."""

    kind: Literal["machine"]
    measured_on: dt.date
    facts: tuple[MachineFact, ...]
    endpoints: tuple[Reach, ...] = ()
    packages: dict[str, str] = Field(default_factory=dict)  #: of Python, to version

    def fact(self, name: str) -> MachineFact | None:
        """Return the fact of that name, or None where the probe did not look."""
        return next((fact for fact in self.facts if fact.fact == name), None)


class AccountSeen(Frozen):
    """Whose account the credentials at hand belong to, beside the declared one."""

    resource: Id
    state: Literal["read", "expired", "invalid", "missing", "not visible"]
    seen: Text | None = None  #: masked: "…9012"
    is_declared: bool | None = None  #: None: nothing was seen
    how: Text
    why: Text | None = None


class AccountEvidence(_Sealed):
    """evidence/accounts.json: whose the credentials are; no key, no full number."""

    kind: Literal["accounts"]
    measured_on: dt.date
    accounts: tuple[AccountSeen, ...]


class RouteEvidence(_Sealed):
    """evidence/route.json: what the deployment log showed."""

    model_config = ConfigDict(allow_inf_nan=False)

    kind: Literal["route"]
    measured_on: dt.date
    fingerprint: Text  #: of the log
    failed: Text | None = None  #: why it could not be read
    deployments: Annotated[int, Field(ge=0)] = 0
    first: dt.date | None = None  #: day of the first deployment
    last: dt.date | None = None
    lead_time_median: float | None = None  #: days from commit to running
    lead_time_p90: float | None = None
    lead_time_longest: float | None = None  #: None too in evidence that lacks it
    per_week: float | None = None
    months: tuple[Point, ...] = ()  #: deployments by month
    #: What of a log says that a row may be no deployment to production, not looked at.
    unread: tuple[Text, ...] = ()


class Failures(_Sealed):
    """evidence/failures.json: what ever failed and has not passed since.

    A failure stays when what it was found in is gone, renamed or out of reach.
    """

    kind: Literal["failures"]
    #: There was evidence when this list was begun, and no list: what failed before that
    #: is not known.
    unlisted_before: dt.date | None = None
    findings: tuple[Finding, ...] = ()  #: the one series: what was asked beside a limit


Evidence = DataEvidence | MachineEvidence | AccountEvidence | RouteEvidence | Failures
