"""Whose account the credentials belong to, against the declared one; pure.

An account number is shown by its last four characters; no key enters a finding.
"""

from __future__ import annotations

from readybook.checks.probe import fingerprint_of, too_late
from readybook.model.case import Assessment
from readybook.model.findings import AccountEvidence, AccountSeen, Finding
from readybook.model.resources import Account, Resource

__all__ = ["check_accounts"]

_FILE = "evidence/accounts.json"
_SHOWN = 4  # characters of an account number
_STATES = {
    "expired": "the credentials have expired",
    "invalid": "the provider did not accept the credentials",
    "missing": "there are no credentials",
    "not visible": "it could not be seen whose the credentials are",
}


def check_accounts(assessment: Assessment) -> list[Finding]:
    """Return a finding for each resource with a declared account, in declared order.

    Credentials of another account contradict. Credentials that are missing, that have
    expired or that were refused say nothing of whose they are: "not measured".
    """
    return [
        _check(resource, resource.account, assessment)
        for resource in assessment.resources.resources
        if resource.account is not None
    ]


def _check(resource: Resource, account: Account, assessment: Assessment) -> Finding:
    evidence = assessment.accounts
    is_late = evidence is not None and evidence.measured_on > assessment.as_of
    used = None if is_late else evidence
    rows = used.accounts if used else ()
    seen = next((row for row in rows if row.resource == resource.id), None)
    declared = _masked(account.id)
    why = _why_not(seen, used, declared, is_late=is_late)
    is_fine = bool(seen and seen.is_declared)
    if why:
        message = f"{resource.id} was not measured: {why}."
    elif is_fine:
        message = f"The credentials belong to the declared account {declared}."
    else:
        message = _another(seen.seen if seen else None, declared, resource)
    known = "supports" if is_fine else "contradicts"
    return Finding.model_validate(
        {
            "check": "account-as-declared",
            "subject": resource.id,
            "outcome": "not measured" if why else known,
            "message": message,
            "value": seen.seen if seen and not why else None,
            "unit": "account",
            "threshold": declared,
            "threshold_source": f"resources.yaml: {resource.id} account.id",
            "measured_on": used.measured_on if used else assessment.as_of,
            "fingerprint": fingerprint_of(used) if used else "none",
        }
    )


def _why_not(
    seen: AccountSeen | None,
    evidence: AccountEvidence | None,
    declared: str,
    *,
    is_late: bool,
) -> str:
    """Return why it is not known whose the credentials are, "" where it is."""
    if is_late:
        return too_late(_FILE)
    if evidence is None:
        return f"there is no {_FILE}"
    if seen is None:
        return f"{_FILE} does not have it"
    if seen.state != "read" or seen.is_declared is None:
        state = _STATES.get(seen.state, _STATES["not visible"])
        return f"{state} ({seen.why})" if seen.why else state
    if seen.is_declared and seen.seen not in {None, declared}:
        return "another account was declared when the credentials were looked at"
    return ""


def _another(seen: str | None, declared: str, resource: Resource) -> str:
    """Return that the account is another, and what that means for who pays."""
    if seen is None or seen == declared:
        whose = f"another account than the declared {declared}"
    else:
        whose = f"account {seen}, not to the declared {declared}"
    pays = resource.pays and resource.pays.replace("-", " ")
    budget = resource.budget_code and f"budget code {resource.budget_code}"
    planned = ", ".join(filter(None, (pays, budget)))
    payer = f"may not fall on {planned}" if planned else "may fall on somebody else"
    return f"The credentials belong to {whose}; the cost {payer}."


def _masked(number: str) -> str:
    """Return the last four characters, at most half of a number that is short."""
    shown = min(_SHOWN, len(number) // 2)
    return f"…{number[-shown:]}" if shown else "…"
