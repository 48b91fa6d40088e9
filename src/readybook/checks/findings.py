"""All findings of an assessment in one place: measured ones and derived ones; pure.

Recorded measurements come with the Assessment. Of the contract alone, origins of fields
and terms of supply are judged here, as it stands at the as-of date.
"""

import datetime as dt
from collections.abc import Iterable

from readybook.checks.catalogue import Told, fingerprint_of
from readybook.checks.environments import check_environments
from readybook.checks.machines import check_accounts, check_machines
from readybook.checks.owners import check_register
from readybook.checks.permissions import check_permissions
from readybook.checks.routes import check_route
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.contract import DataModel, lasts
from readybook.model.findings import Finding
from readybook.model.words import day, in_words


def collect_findings(
    assessment: Assessment, bank: Bank | None = None
) -> tuple[Finding, ...]:
    """Return every finding that is dated no later than the as-of date.

    Key questions of the bank count towards the load of a role; without one, none do.
    """
    measured = assessment.data.findings if assessment.data else ()
    return tuple(
        finding
        for finding in (
            *measured,
            *check_needs(assessment),
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


def check_needs(assessment: Assessment) -> list[Finding]:
    """Return a finding per need without a field: what nobody names is found nowhere.

    It is judged anew each time: that it failed ends on the day on which a field is named.
    """
    kept = assessment.failures.findings if assessment.failures else ()
    once = {one.subject for one in kept if one.check == "fields-present"}
    found = []
    for need in assessment.scope.needs:
        subject, said = f"need {need.id}", f"{need.field} is named for {need.id} now"
        if need.field is None:
            said = f"No field is named for {in_words(need.id)}"
        if need.field is None or subject in once:
            told = Told(
                "fields-present", subject, need.field is not None, f"{said}.",
                "assessment.yaml: needs", int(need.field is not None), 1,
            )  # fmt: skip
            found.append(told.finding(assessment.as_of, fingerprint_of(need)))
    return found


def check_contract(assessment: Assessment) -> list[Finding]:
    """Return a finding per needed field's origin, then one per term of needed supply."""
    if "data_model" not in assessment.declared:
        return []
    model, scope, as_of = assessment.data_model, assessment.scope, assessment.as_of
    target = scope.target_date
    told = [_origin(model, field) for field in assessment.needed_fields]
    for table in model.tables:
        if (end := table.expires) and table.name in assessment.needed_tables:
            holds = lasts(end, target, as_of)
            ends = f"The term of {table.name} has no last day."
            if isinstance(end, dt.date):
                ends = f"The term of {table.name} ends on {day(end)}, "
                ends += _beside(end, target, as_of)
            told.append(
                Told(
                    "supply-not-expired", table.name, holds, ends,
                    f"data.odcs.yaml: {table.name} readiness.expires",
                    str(end), str(max(as_of, target or as_of)),
                )
            )  # fmt: skip
    return [one.finding(as_of, model.fingerprint) for one in told]


def _beside(end: dt.date, target: dt.date | None, as_of: dt.date) -> str:
    """Return how the end of a term lies to the day until which it is needed."""
    if end < as_of or (target and target < as_of):
        before = "before" if end < as_of else "not before"
        return f"{before} the as-of date, {day(as_of)}."
    if target is None:
        return "and no target date is declared to hold that against."
    before = "before" if end < target else "not before"
    return f"{before} the target date, {day(target)}."


def _origin(model: DataModel, field: str) -> Told:
    name, column_name = model.split(field)
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
    source = "assessment.yaml: needs"
    return Told("lineage-traced", field, is_traced, message, source, int(is_traced), 1)
