"""Tables of what was looked at, and of resources as needed and as measured."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from readybook import theme
from readybook.contract import DataModel
from readybook.declared import Assessment, Resource
from readybook.findings import Finding
from readybook.fragment import Column, Fragment, lines, table
from readybook.models import Bank
from readybook.words import count, day, number, role_title

__all__ = [
    "NEEDS",
    "evidence_table",
    "outcome_mark",
    "resources_table",
]

#: Field of `ResourceNeeds` to the check that measures it, its name and its unit.
NEEDS = {
    "memory_gib": ("memory-enough", "memory", "GiB"),
    "swap_gib": ("swap-enough", "swap", "GiB"),
    "cpus": ("cpus-enough", "CPUs", "CPUs"),
}


def outcome_mark(outcome: str, words: str | None = None) -> Markup:
    """Return the mark of a finding's outcome, in its own or in other words."""
    return theme.mark(theme.OUTCOMES[outcome], words)


def evidence_table(assessment: Assessment) -> Fragment:
    """Return what was opened or probed: rows or facts, with what, and when."""
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


def _not_run(model: DataModel | None) -> str:
    """Return how many quality rules of the contract no program ran, "" where none."""
    tables = [table for table in (model.tables if model else ()) if table.rules_not_run]
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


def resources_table(
    assessment: Assessment, findings: Sequence[Finding], bank: Bank
) -> Fragment:
    """Return each resource: what it must have, what was measured, who pays."""
    resources = assessment.resources.resources if assessment.resources else ()
    rows = [
        [
            resource.what,
            resource.kind,
            lines(_needs_of(resource)) or "no figures declared",
            lines(_measured_of(resource, findings)) or "no figures declared",
            lines([role_title(bank, resource.pays), resource.budget_code or ""]),
        ]
        for resource in resources
    ]
    columns = (
        Column("Resource", "long"),
        Column("Kind"),
        Column("Needed"),
        Column("Measured", "wide"),
        Column("Paid by"),
    )
    empty = "No resource is declared yet: resources.yaml."
    return table("Resources, needed and measured", columns, rows, empty=empty)


def _needs_of(resource: Resource) -> list[str]:
    return [
        f"{name}: {number(value, unit if unit != name else None)}"
        for field, (_, name, unit) in NEEDS.items()
        if resource.needs and (value := getattr(resource.needs, field)) is not None
    ]


def _measured_of(resource: Resource, findings: Sequence[Finding]) -> list[Markup]:
    shown = []
    for field, (check, name, unit) in NEEDS.items():
        if not resource.needs or getattr(resource.needs, field) is None:
            continue
        mine = (f for f in findings if (f.check, f.subject) == (check, resource.id))
        found = next(mine, None)
        value = found.value if found else None
        said = number(value, unit if unit != name else None) or "not measured"
        outcome = found.outcome if found else "not measured"
        shown.append(outcome_mark(outcome, f"{name}: {said}"))
    return shown
