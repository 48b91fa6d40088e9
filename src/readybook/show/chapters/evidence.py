"""Tables of what was looked at, and of resources as needed and as measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from readybook.checks.probe import find_probe
from readybook.model.case import Assessment
from readybook.model.contract import DataModel
from readybook.model.findings import Finding, MachineFact
from readybook.model.resources import Resource
from readybook.model.words import count, day, number
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Column, Fragment, lines, small, table

__all__ = [
    "NEEDS",
    "Amount",
    "Met",
    "budget_said",
    "evidence_table",
    "needs_met",
    "outcome_mark",
    "resources_table",
]


class Amount(NamedTuple):
    """What measures one numeric need of a machine, and how it is told."""

    check: str
    fact: str  #: of a probe
    name: str
    unit: str


#: Numeric field of `ResourceNeeds` to what measures it, in the order of findings.
NEEDS = {
    "memory_gib": Amount("memory-enough", "memory-granted", "memory", "GiB"),
    "swap_gib": Amount("swap-enough", "swap-granted", "swap", "GiB"),
    "cpus": Amount("cpus-enough", "cpus-granted", "CPUs", "CPUs"),
    "disk_gib": Amount("disk-enough", "disk-free", "free disk", "GiB"),
    "write_mib_per_s": Amount("disk-fast-enough", "disk-write", "disk writes", "MiB/s"),
    "matrix_gflops": Amount(
        "matrix-fast-enough", "matrix-rate", "matrix product", "GFLOP/s"
    ),
    "gpus": Amount("gpus-enough", "gpus", "GPUs", "GPUs"),
    "gpu_memory_gib": Amount(
        "gpu-memory-enough", "gpu-memory", "memory of each GPU", "GiB"
    ),
    "open_files": Amount("files-enough", "open-files", "open files", "files"),
}


def outcome_mark(outcome: str, words: str | None = None) -> Markup:
    """Return the mark of a finding's outcome, in its own or in other words."""
    return theme.mark(theme.OUTCOMES[outcome], words)


def evidence_table(case: Case) -> Fragment:
    """Return what was opened or probed: rows or facts, with what, and when."""
    assessment = case.assessment
    rows: list[list[str | Markup]] = []
    for source in assessment.data.tables if assessment.data else ():
        opened = source.rows is not None
        rows.append(
            [
                source.table,
                outcome_mark("supports", "opened")
                if opened
                else outcome_mark("contradicts", "not opened"),
                number(source.rows, "rows") or (source.failed or ""),
                source.engine,
                day(assessment.data.measured_on if assessment.data else None),
            ]
        )
    for name, probe in sorted(assessment.probes.items()):
        read = sum(fact.state == "read" for fact in probe.facts)
        facts = f"{read} of {count(len(probe.facts), 'fact')} read"
        engine = f"readybook {probe.readybook}"
        state = outcome_mark("informs", "probed")
        rows.append([name, state, facts, engine, day(probe.measured_on)])
    columns = (
        Column("Source", "head"),
        Column("State"),
        Column("Size"),
        Column("With"),
        Column("On", "date"),
    )
    empty = "No source was opened and no machine was probed yet."
    note = _not_run(assessment.data_model)
    return table("What was looked at", columns, rows, empty=empty, note=note)


def _not_run(model: DataModel) -> str:
    """Return how many quality rules of the contract no program ran, "" where none."""
    tables = [table for table in model.tables if table.rules_not_run]
    rules = sum(table.rules_not_run for table in tables)
    if not rules:
        return ""
    of = ", ".join(f"{table.name} {table.rules_not_run}" for table in tables)
    verb = "is" if rules == 1 else "are"
    return (
        f"{count(rules, 'quality rule')} in SQL {verb} in the contract and "
        f"{'was' if rules == 1 else 'were'} not run ({of}): nothing but what is "
        "measured here is asked of a source."
    )


class Met(NamedTuple):
    """One numeric need of a resource, and what was measured of it."""

    amount: Amount
    needed: float
    found: Finding | None
    said: str  #: what was measured, in words; where nothing was, why in two or three
    how: str  #: where it was read, "" where no probe looked

    @property
    def outcome(self) -> str:
        """Return the finding's outcome; without one, nothing was measured."""
        return self.found.outcome if self.found else "not measured"

    @property
    def asked(self) -> str:
        """Return what is needed, with its unit."""
        return number(self.needed, _unit_of(self.amount))


def needs_met(
    resource: Resource, assessment: Assessment, findings: Sequence[Finding]
) -> list[Met]:
    """Return every numeric need of a resource with what was measured of it.

    Without a probe a need is untested; what a probe could not see, or was denied, is
    said to be so.

    Args:
        resource: whose needs they are.
        assessment: for the probe of the resource.
        findings: all that was measured.
    """
    probe = find_probe(assessment, resource).evidence
    by_check = {
        (f.check, f.unit): f for f in findings if f.subject == resource.id
    }  # a check may find more than an amount; the unit decides
    met = []
    for field, amount in NEEDS.items():
        needed = getattr(resource.needs, field, None)
        if needed is None:
            continue
        found = by_check.get((amount.check, amount.unit))
        fact = probe.fact(amount.fact) if probe else None
        said = _said(found, fact, amount) if probe else "untested"
        met.append(Met(amount, needed, found, said, fact.how if fact else ""))
    return met


def _said(found: Finding | None, fact: MachineFact | None, amount: Amount) -> str:
    value = found.value if found else None
    if value is not None:
        return number(value, None if isinstance(value, str) else _unit_of(amount))
    return fact.state if fact and fact.state != "read" else "not measured"


def _unit_of(amount: Amount) -> str | None:
    """Return the unit, None where the name says it already."""
    return amount.unit if amount.unit != amount.name else None


def resources_table(case: Case) -> Fragment:
    """Return each resource: needed, measured and how, who grants it and who pays."""
    assessment = case.assessment
    rows = [
        [
            lines([resource.what, small(resource.kind)]),
            _measured_of(resource, assessment, case.evidence),
            _probe_of(resource, assessment),
            case.title(resource.grants),
            lines([case.title(resource.pays), small(budget_said(resource))]),
        ]
        for resource in assessment.resources.resources
    ]
    columns = (
        Column("Resource", "long"),
        Column("Needs, measured", "wide"),
        Column("Probe"),
        Column("Granted by"),
        Column("Paid by"),
    )
    empty = "No resource is declared yet: resources.yaml."
    return table("Resources, needed and measured", columns, rows, empty=empty)


def budget_said(resource: Resource) -> str:
    """Return budget code and approved limit; what of a budget is not declared, too."""
    if resource.pays is None and resource.budget_code is None:
        return ""
    budget = resource.budget
    limit = "no limit approved"
    if budget:
        per = "once" if budget.per == "once" else f"per {budget.per}"
        limit = f"{budget.currency} {number(budget.limit)} {per}"
    return f"{resource.budget_code or 'no budget code'}, {limit}"


def _measured_of(
    resource: Resource, assessment: Assessment, findings: Sequence[Finding]
) -> Markup | str:
    shown = [
        lines(
            [
                outcome_mark(
                    met.outcome, f"{met.amount.name}: {met.said}, needed {met.asked}"
                ),
                small(met.how),
            ]
        )
        for met in needs_met(resource, assessment, findings)
    ]
    return lines(shown) or ("no figures declared" if resource.kind == "compute" else "")


def _probe_of(resource: Resource, assessment: Assessment) -> Markup | str:
    probed = find_probe(assessment, resource)
    if probed.evidence:
        return lines([resource.probe or "", small(day(probed.evidence.measured_on))])
    if resource.needs is None and resource.probe is None:
        return ""
    why = f"{resource.probe} has not run" if resource.probe else "no probe is named"
    return lines([outcome_mark("not measured", "Untested"), small(why)])
