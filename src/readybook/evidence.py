"""All findings of an assessment in one place: measured ones and derived ones.

Pure: recorded measurements come with the Assessment; needs and terms are compared here.
"""

from __future__ import annotations

from collections.abc import Iterable

from readybook.access import check_access
from readybook.accounts import check_accounts
from readybook.contracted import check_contract
from readybook.declared import Assessment
from readybook.environments import check_environments
from readybook.findings import Finding
from readybook.models import Bank
from readybook.permissions import check_permissions
from readybook.provision import check_resources
from readybook.register import check_owners
from readybook.register_roles import check_agreements, check_roles
from readybook.routes import check_route

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
