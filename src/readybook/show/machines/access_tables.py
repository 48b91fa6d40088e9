"""Tables of accounts, and of what a job may do and reach, as declared and as found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from readybook.checks.access import PRIVILEGES
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.findings import AccountSeen, Finding
from readybook.model.resources import Account, Endpoint, Resource
from readybook.model.words import day, role_title
from readybook.show.kit.fragment import Column, Fragment, code, lines, small, table
from readybook.show.kit.theme import outcome_mark
from readybook.show.needs import budget_said

__all__ = ["accesses_table", "accounts_table"]

_SHOWN = 4  # last characters of an account's number
_PROVIDERS = {"aws": "AWS", "azure": "Azure", "google": "Google Cloud"}
_UNSEEN = {
    "expired": "credentials have expired",
    "invalid": "credentials are not valid",
    "missing": "no credentials at hand",
    "not visible": "not visible",
}


def accounts_table(
    assessment: Assessment, findings: Sequence[Finding], bank: Bank
) -> Fragment:
    """Return each account: the declared one, the one seen, both masked, and who pays.

    Args:
        assessment: for what is declared and what was seen.
        findings: those on accounts say whether the two are the same.
        bank: for titles of roles.
    """
    rows = assessment.resources.resources
    accounts = [row for row in rows if row.account or row.kind == "account"]
    evidence = assessment.accounts
    if evidence and evidence.measured_on > assessment.as_of:
        evidence = None
    seen = {one.resource: one for one in evidence.accounts} if evidence else {}
    by_subject = {f.subject: f for f in findings if f.check == "account-as-declared"}
    cells = [
        [
            row.what,
            _declared(row.account),
            _seen(row.account, seen.get(row.id)),
            _as_declared(row.account, by_subject.get(row.id)),
            lines([role_title(bank, row.pays), small(budget_said(row))]),
        ]
        for row in accounts
    ]
    columns = (
        Column("Account", "long"),
        Column("Declared", "date"),
        Column("Seen"),
        Column("The declared one?"),
        Column("Paid by"),
    )
    empty = "No account is declared yet: resources.yaml, a resource of kind account."
    note = "Account numbers are shown by their last characters only; keys never are."
    if evidence:
        note += f" Looked at on {day(evidence.measured_on)}."
    return table("Accounts, declared and seen", columns, cells, empty=empty, note=note)


def _masked(number: str) -> str:
    """Return the last four characters of a number, fewer where it is a short one."""
    return f"…{number[-min(_SHOWN, len(number) // 2) :]}" if number[1:] else "…"


def _declared(account: Account | None) -> Markup | str:
    if account is None:
        return "not declared"
    provider = _PROVIDERS.get(account.provider, "another cloud")
    return lines([_masked(account.id), small(provider)])


def _seen(account: Account | None, seen: AccountSeen | None) -> Markup | str:
    if account is None:
        return ""
    if seen is None:
        return "not looked at"
    if seen.state == "read":
        number = _unbroken(f"…{seen.seen[-_SHOWN:]}") if seen.seen else "not told"
        return lines([number, small(seen.how)])
    return lines([_UNSEEN[seen.state], small(seen.why or "")])


def _unbroken(number: str) -> Markup:
    return Markup('<span class="date">{}</span>').format(number)


def _as_declared(account: Account | None, finding: Finding | None) -> Markup:
    if account is None:
        said = "nothing to compare with: resources.yaml, key account"
        return outcome_mark("not measured", said)
    outcome = finding.outcome if finding else "not measured"
    known = {"supports": "yes", "contradicts": "no, another account"}
    how = "run `readybook account` where the job will run"
    if account.provider != "aws":
        how = "only AWS can be asked"
    return outcome_mark(outcome, known.get(outcome, f"not known: {how}"))


def accesses_table(assessment: Assessment, findings: Sequence[Finding]) -> Fragment:
    """Return each privilege and endpoint that a resource needs, with what was found.

    Args:
        assessment: for the declared needs.
        findings: those on privileges, endpoints and the package index.
    """
    rows = assessment.resources.resources
    found = {(f.check, f.subject): f for f in findings}
    cells = [
        _access(row, what, found.get((check, subject)))
        for row in rows
        for what, check, subject in _accesses(row)
    ]
    columns = (
        Column("On", "field"),
        Column("Needed"),
        Column("Given?"),
        Column("What was found", "wide"),
    )
    empty = (
        "No privilege, endpoint or package index is declared as needed: resources.yaml,"
        " key needs."
    )
    return table("Privileges and endpoints", columns, cells, empty=empty)


def _accesses(row: Resource) -> Iterator[tuple[Markup | str, str, str]]:
    """Yield in words what a resource needs, the check of it, and its subject."""
    if row.needs is None:
        return
    if row.needs.privileges:
        names = ", ".join(PRIVILEGES[name] for name in row.needs.privileges)
        yield names, "privileges-held", row.id
    if row.needs.package_index:
        yield "a package index answers", "package-index-answers", row.id
    for end in row.needs.endpoints:
        subject = f"{row.id} {end.host}:{end.port}"
        yield _endpoint(end), "endpoints-reached", subject


def _endpoint(end: Endpoint) -> Markup:
    tls = small("with TLS") if end.tls else ""
    return lines([code(f"{end.host}:{end.port}"), tls])


def _access(
    row: Resource, what: Markup | str, found: Finding | None
) -> list[Markup | str]:
    words = {"supports": "yes", "contradicts": "no"}
    if found is None:
        return [code(row.id), what, outcome_mark("not measured", "untested"), ""]
    mark = outcome_mark(found.outcome, words.get(found.outcome, "not known"))
    return [code(row.id), what, mark, found.message]
