"""All findings of an assessment in one place: measured ones and derived ones; pure.

Recorded measurements come with the Assessment. Of the contract alone, origins of fields
and terms of supply are judged here, as it stands at the as-of date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from readybook.checks.catalogue import find
from readybook.checks.environments import check_environments
from readybook.checks.machines import check_accounts, check_machines
from readybook.checks.owners import check_register
from readybook.checks.permissions import check_permissions
from readybook.checks.routes import check_route
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.contract import DataModel
from readybook.model.findings import Finding
from readybook.model.words import day

__all__ = ["by_subject", "check_contract", "collect_findings"]


def collect_findings(
    assessment: Assessment, bank: Bank | None = None
) -> tuple[Finding, ...]:
    """Return every finding that is dated no later than the as-of date.

    Args:
        assessment: what was declared and what was measured of it.
        bank: whose key questions count towards the load of a role; None: none do.
    """
    measured = assessment.data.findings if assessment.data else ()
    return tuple(
        finding
        for finding in (
            *measured,
            *check_contract(assessment),
            *check_machines(assessment),
            *check_environments(assessment),
            *check_accounts(assessment),
            *check_permissions(assessment),
            *check_route(assessment),
            *check_register(assessment, bank),
        )
        if finding.measured_on <= assessment.as_of
    )


def by_subject(findings: Iterable[Finding]) -> dict[tuple[str, str], Finding]:
    """Return the newest finding of each check and subject."""
    newest: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.check, finding.subject)
        if key not in newest or finding.measured_on >= newest[key].measured_on:
            newest[key] = finding
    return newest


# --- what the contract alone says --------------------------------------------------


def check_contract(assessment: Assessment) -> list[Finding]:
    """Return a finding per needed field's origin, then one per term of supply."""
    if "data_model" not in assessment.declared:
        return []
    model = assessment.data_model
    origins = [_origin(assessment, model, field) for field in assessment.needed_fields]
    ending = [(table.name, table.expires) for table in model.tables if table.expires]
    return [*origins, *(_term(assessment, model, *term) for term in ending)]


def _origin(assessment: Assessment, model: DataModel, field: str) -> Finding:
    name, _dot, column_name = field.partition(".")
    table = model.table(name)
    column = table.column(column_name) if table else None
    origin = (column and column.origin) or (table and table.origin)
    is_traced = bool(origin or (column and column.is_traced))
    if origin:
        message = f"{field} is first recorded in: {origin}."
    elif column and column.made_from:
        message = f"{field} is made from {', '.join(column.made_from)}."
    elif is_traced:
        message = f"{field} has an authoritative definition."
    else:
        message = f"The contract does not say where {field} comes from."
    return find(
        "lineage-traced",
        field,
        is_traced,
        message,
        value=int(is_traced),
        threshold=1,
        source="assessment.yaml: needs",
        measured_on=assessment.as_of,
        fingerprint=model.fingerprint,
    )


def _term(
    assessment: Assessment, model: DataModel, table: str, end: dt.date
) -> Finding:
    """Return whether supply or licence outlasts the target date, or today without one."""
    target = assessment.scope.target_date
    until = max(assessment.as_of, target or assessment.as_of)
    when = "the target date" if until == target else "the as-of date"
    message = (
        f"The term of {table} ends on {day(end)}, "
        f"{'not before' if end >= until else 'before'} {when}, {day(until)}."
    )
    return find(
        "supply-not-expired",
        table,
        end >= until,
        message,
        value=end.isoformat(),
        threshold=until.isoformat(),
        source=f"data.odcs.yaml: {table} readiness.expires",
        measured_on=assessment.as_of,
        fingerprint=model.fingerprint,
    )
