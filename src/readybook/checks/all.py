"""All findings of an assessment in one place: measured ones and derived ones.

Pure: recorded measurements come with the Assessment; needs and terms are compared here.
"""

from __future__ import annotations

from collections.abc import Iterable

from readybook.checks.contract_terms import check_contract
from readybook.checks.environments import check_environments
from readybook.checks.machines import check_access, check_accounts, check_resources
from readybook.checks.owners import check_owners
from readybook.checks.permissions import check_permissions
from readybook.checks.roles import check_agreements, check_roles
from readybook.checks.routes import check_route
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.findings import Finding

__all__ = ["by_subject", "collect_findings"]


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
            *check_resources(assessment),
            *check_access(assessment),
            *check_environments(assessment),
            *check_accounts(assessment),
            *check_permissions(assessment),
            *check_route(assessment),
            *check_owners(assessment, bank),
            *check_roles(assessment),
            *check_agreements(assessment),
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
