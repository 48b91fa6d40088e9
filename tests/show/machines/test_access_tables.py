"""Accounts are shown masked; what a job may do and reach is told need by need."""

from __future__ import annotations

import datetime as dt

import pytest

from flight_case import flight_bank
from readybook.checks.all import collect_findings
from readybook.model.findings import AccountEvidence, AccountSeen, Reach
from readybook.model.resources import Account, Budget, Endpoint, ResourceNeeds
from readybook.show.machines.access_tables import accesses_table, accounts_table
from resource_case import PROBED, case, fact, probe, resource
from shown import rows_of, words_of

BANK = flight_bank()
NUMBER = "123456784412"
ACCOUNT = resource(
    "cloud",
    account=Account(provider="aws", id=NUMBER, profile="secret-profile"),
    pays="finance",
    budget_code="IT-4412",
    budget=Budget(limit=600, currency="USD", per="month"),
)


def seen(state="read", *, on=PROBED, **more):
    """What was seen of the account's credentials."""
    one = AccountSeen(resource="cloud", state=state, how="asked STS", **more)
    return AccountEvidence(
        format=1, kind="accounts", readybook="0.1.0", measured_on=on, accounts=(one,)
    )


def accounts(evidence=None, declared=ACCOUNT):
    """The table of an assessment with this account and this evidence."""
    assessment = case(declared, accounts=evidence)
    return accounts_table(assessment, collect_findings(assessment), BANK)


def test_declared_account_is_masked_with_payer_and_budget():
    """Four characters, no number, no name of credentials."""
    shown = accounts(seen(seen="…4412", is_declared=True))

    assert rows_of(shown) == [
        "Machine …4412 AWS …4412 asked STS yes Finance IT-4412, USD 600 per month"
    ]
    assert NUMBER not in shown.html
    assert NUMBER[:8] not in shown.html
    assert "secret-profile" not in shown.html
    assert "Looked at on 23 November 2026." in shown.html


def test_another_account_is_said():
    """The number that was seen stands beside the declared one."""
    rows = rows_of(accounts(seen(seen="…9012", is_declared=False)))

    assert "…4412 AWS …9012 asked STS no, another account" in rows[0]


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("expired", "credentials have expired"),
        ("invalid", "credentials are not valid"),
        ("missing", "no credentials at hand"),
        ("not visible", "not visible"),
    ],
)
def test_credentials_that_told_nothing_say_why(state, words):
    """Expired, invalid and missing are three answers; none of them is a yes."""
    row = rows_of(accounts(seen(state, why="for this reason")))[0]

    assert f"{words} for this reason not known: run `readybook account`" in row


def test_account_that_nobody_looked_at_is_not_known():
    """Neither without evidence nor with evidence from after the as-of date."""
    late = seen(seen="…4412", is_declared=True, on=dt.date(2026, 12, 1))

    for shown in (accounts(), accounts(late)):
        assert "not looked at not known" in rows_of(shown)[0]
        assert "Looked at on" not in shown.html


def test_other_cloud_is_declared_and_cannot_be_asked():
    """Only AWS tells whose the credentials are."""
    other = resource("cloud", account=Account(provider="azure", id="sub-0001"))

    assert (
        "…0001 Azure not looked at not known: only AWS can be asked"
        in (rows_of(accounts(declared=other))[0])
    )


def test_short_account_number_is_not_shown_whole():
    """Of few characters fewer are shown, of one none."""
    short = resource("cloud", account=Account(provider="other", id="4412"))
    one = resource("cloud", account=Account(provider="other", id="7"))

    assert "…12 another cloud" in rows_of(accounts(declared=short))[0]
    assert "7" not in words_of(accounts(declared=one).html.partition("<tbody>")[2])


def test_no_account_says_where_one_is_declared():
    """An empty table is an invitation; a kind without number is a gap."""
    bare = resource("cloud").model_copy(update={"kind": "account"})

    assert "No account is declared yet: resources.yaml" in (
        accounts(declared=resource("node")).html
    )
    assert "not declared nothing to compare with" in rows_of(accounts(declared=bare))[0]


NEEDS = ResourceNeeds(
    privileges=("root", "package-install"),
    package_index=True,
    endpoints=(
        Endpoint(host="feed.example", port=443, tls=True),
        Endpoint(host="db.example", port=5432),
    ),
)
PROBE = probe(
    fact("root", "no"),
    fact("package-install", "yes"),
    fact("package-index", "yes"),
    endpoints=(Reach(host="feed.example", port=443, tls=True, state="timed out"),),
)


def accesses(evidence=None):
    """The table of one machine with all kinds of needs."""
    node = resource("node", needs=NEEDS, probe="node")
    assessment = case(node, probes={"node": evidence} if evidence else {})
    return accesses_table(assessment, collect_findings(assessment))


def test_each_privilege_and_endpoint_is_held_or_not():
    """Yes, no or not known, with the sentence of the finding."""
    rows = rows_of(accesses(PROBE))

    assert rows[0].startswith(
        "node root rights, installing packages no The job lacks what it needs: root"
    )
    assert rows[1].startswith("node a package index answers yes")
    assert rows[2].startswith("node feed.example:443 with TLS no node does not reach")
    assert rows[3].startswith("node db.example:5432 not known")


def test_without_probe_no_access_is_passed():
    """What was not tried is not known, for every need."""
    rows = rows_of(accesses())

    assert len(rows) == 4
    assert all("not known" in row for row in rows)


def test_no_declared_access_says_where_it_is_declared():
    """The sentence names file and key."""
    assert (
        "resources.yaml, key needs" in accesses_table(case(resource("node")), ()).html
    )


def test_texts_that_people_typed_are_escaped():
    """No resource can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    row = ACCOUNT.model_copy(update={"what": hostile, "budget_code": hostile})

    shown = accounts(declared=row).html

    assert hostile not in shown
    assert "&lt;script&gt;" in shown
