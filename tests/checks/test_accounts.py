"""Whose account the credentials belong to, against the declared one."""

from __future__ import annotations

import datetime as dt

import pytest

from readybook.checks.accounts import check_accounts
from readybook.model.findings import AccountEvidence, AccountSeen
from readybook.model.resources import Account
from resource_case import AS_OF, FAILED, PASSED, SILENT, bears, case, resource, the_one

CHECK = "account-as-declared"
NUMBER = "123456789012"


def cloud(*seen, on=AS_OF, number=NUMBER, **more):
    """An assessment with one declared account, and what was seen of it."""
    account = Account(provider="aws", id=number)
    evidence = AccountEvidence(
        format=1, kind="accounts", readybook="0.1.0", measured_on=on, accounts=seen
    )
    return case(
        resource("cloud", account=account, **more), accounts=evidence if seen else None
    )


def seen(number="…9012", *, state="read", same=None, why=None, of="cloud"):
    return AccountSeen(
        resource=of, state=state, seen=number, is_declared=same, how="STS", why=why
    )


def test_declared_account_supports_and_is_masked():
    """The right account carries the claim, and its number is not told."""
    assessment = cloud(seen(same=True))
    finding = the_one(CHECK, assessment)

    assert finding.message == "The credentials belong to the declared account …9012."
    assert (finding.value, finding.threshold) == ("…9012", "…9012")
    assert finding.threshold_source == "resources.yaml: cloud account.id"
    assert bears(CHECK, assessment) == PASSED


@pytest.mark.parametrize(
    ("declared", "planned"),
    [
        (
            {"pays": "business-owner", "budget_code": "IT-4412"},
            "may not fall on business owner, budget code IT-4412",
        ),
        ({"pays": "finance"}, "may not fall on finance"),
        ({}, "may fall on somebody else"),
    ],
)
def test_wrong_account_fails_and_says_who_may_not_pay(declared, planned):
    """Another account is told beside the declared one, with what it means for money."""
    assessment = cloud(seen("…0001", same=False), **declared)

    assert the_one(CHECK, assessment).message == (
        "The credentials belong to account …0001, not to the declared …9012; the cost "
        f"{planned}."
    )
    assert bears(CHECK, assessment) == FAILED


def test_wrong_account_with_the_same_last_digits_is_still_another():
    """What is shown of two numbers may be equal when the numbers are not."""
    finding = the_one(CHECK, cloud(seen(same=False)))

    assert finding.outcome == "contradicts"
    assert finding.message == (
        "The credentials belong to another account than the declared …9012; the cost "
        "may fall on somebody else."
    )


@pytest.mark.parametrize(
    ("state", "why", "said"),
    [
        ("expired", None, "the credentials have expired"),
        ("invalid", None, "the provider did not accept the credentials"),
        ("missing", None, "there are no credentials"),
        (
            "not visible",
            "only AWS accounts can be asked",
            (
                "it could not be seen whose the credentials are (only AWS accounts can be "
                "asked)"
            ),
        ),
    ],
)
def test_credentials_that_tell_nothing_are_untested(state, why, said):
    """Four ways of not knowing have four sentences, and none is a pass."""
    assessment = cloud(seen(None, state=state, why=why))
    finding = the_one(CHECK, assessment)

    assert finding.message == f"cloud was not measured: {said}."
    assert finding.outcome == "not measured"
    assert bears(CHECK, assessment) == SILENT


@pytest.mark.parametrize(
    ("assessment", "why"),
    [
        (cloud(), "there is no evidence/accounts.json"),
        (
            cloud(seen(same=True, of="other")),
            "evidence/accounts.json does not have it",
        ),
        (
            cloud(seen(same=True), on=AS_OF + dt.timedelta(days=1)),
            "evidence/accounts.json is dated after the as-of date",
        ),
        (
            cloud(seen(same=True), number="999999990000"),
            "another account was declared when the credentials were looked at",
        ),
    ],
)
def test_account_that_nobody_looked_at_is_untested(assessment, why):
    """Evidence that is missing, of another account or from the future is none."""
    assert the_one(CHECK, assessment).message == f"cloud was not measured: {why}."
    assert bears(CHECK, assessment) == SILENT


def test_old_look_at_an_account_supports_no_more():
    """Credentials change hands, so a look at them lapses after 90 days."""
    long_ago = AS_OF - dt.timedelta(days=91)

    assert bears(CHECK, cloud(seen(same=True), on=long_ago)) == SILENT
    assert bears(CHECK, cloud(seen("…0001", same=False), on=long_ago)) == FAILED


@pytest.mark.parametrize(
    ("number", "shown"),
    [(NUMBER, "…9012"), ("1234-5678-9012", "…9012"), ("acme", "…me"), ("7", "…")],
)
def test_number_is_never_told_in_full(number, shown):
    """At most four characters are shown, and at most half of a short name."""
    finding = the_one(CHECK, cloud(number=number))

    assert finding.threshold == shown
    assert number not in finding.model_dump_json()


def test_resource_without_an_account_has_no_finding():
    """Where no account is declared, there is nothing to compare."""
    assert check_accounts(case(resource("node"))) == []
