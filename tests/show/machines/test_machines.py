"""Needs of machines beside what was measured; accounts are shown masked."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from flight_case import PROBE as FLIGHT_PROBE
from flight_case import RESOURCES, flight_assessment, flight_bank
from readybook.checks.machines import NEEDS as AMOUNTS
from readybook.model.case import Account, Budget, Endpoint, ResourceNeeds
from readybook.model.findings import AccountEvidence, AccountSeen, MachineFact, Reach
from readybook.show.machines.machines import (
    accesses_table,
    accounts_table,
    resources_chart,
    resources_table,
)
from resource_case import PROBED, case, fact, probe, resource
from shown import case_of, rows_of, words_of

BANK = flight_bank()
FLIGHTS = case_of(flight_assessment(), BANK)
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
    return accounts_table(case_of(assessment, BANK))


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
    return accesses_table(case_of(assessment, BANK))


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
        "resources.yaml, key needs"
        in accesses_table(case_of(case(resource("node")), BANK)).html
    )


def test_texts_that_people_typed_are_escaped():
    """No resource can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    row = ACCOUNT.model_copy(update={"what": hostile, "budget_code": hostile})

    shown = accounts(declared=row).html

    assert hostile not in shown
    assert "&lt;script&gt;" in shown


# --- needed and measured -------------------------------------------------------------


def test_resource_shows_needed_measured_how_and_who_pays():
    """Each need of a machine beside what the probe read, and where it read it."""
    rows = rows_of(resources_table(FLIGHTS))

    assert rows[0].startswith("Machine for training compute memory: 23.4 GiB, needed")
    assert "swap: 0 GiB, needed 8 GiB /proc" in rows[0]
    assert "CPUs: not measured, needed 2" in rows[0]
    assert rows[0].endswith(
        "training-node 24 November 2026 Platform lead Finance IT-4411, no limit approved"
    )
    assert rows[1] == "Cloud account account Finance nobody named"


def test_resource_without_probe_is_untested():
    """Neither a missing probe nor an unnamed one passes for a measurement."""
    node = RESOURCES.resources[0]
    unnamed = node.model_copy(update={"id": "b", "probe": None})
    assessment = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (node, unnamed)}), probes={}
    )
    rows = rows_of(resources_table(case_of(assessment, BANK)))

    assert all("memory: untested, needed 16 GiB" in row for row in rows)
    assert "Untested training-node has not run" in rows[0]
    assert "Untested no probe is named" in rows[1]


def test_fact_that_was_denied_is_said_to_be():
    """Denied and not visible are two answers, and neither is an amount."""
    facts = tuple(
        fact.model_copy(update={"state": "denied", "value": None})
        for fact in FLIGHT_PROBE.facts
    )
    probe = FLIGHT_PROBE.model_copy(update={"facts": facts})
    assessment = flight_assessment(probes={"training-node": probe})
    rows = rows_of(resources_table(case_of(assessment, BANK)))

    assert "memory: denied, needed 16 GiB" in rows[0]


def test_budget_says_code_and_approved_limit():
    """What of a budget is not declared is said, too."""
    node = RESOURCES.resources[0]
    budget = Budget(limit=600, currency="USD", per="month")
    once = budget.model_copy(update={"per": "once"})
    rows = (
        node,
        node.model_copy(update={"budget": budget}),
        node.model_copy(update={"budget_code": None, "budget": once}),
        node.model_copy(update={"budget_code": None, "pays": None}),
    )
    declared = RESOURCES.model_copy(update={"resources": rows})
    shown = resources_table(case_of(flight_assessment(resources=declared), BANK))
    ends = ("IT-4411, no limit approved", "IT-4411, USD 600 per month",
            "no budget code, USD 600 once", "nobody named")  # fmt: skip

    assert all(map(str.endswith, rows_of(shown), ends))


def test_each_need_is_told_by_the_check_that_finds_it():
    """The one table of needs has a row for every amount that can be declared."""
    amounts = {need.key: 1 for need in AMOUNTS}
    node = resource("node", needs=ResourceNeeds(**amounts), probe="node")
    seen = probe(*(fact(need.fact, 2) for need in AMOUNTS))
    shown = resources_chart(case_of(case(node, probes={"node": seen}), BANK))
    numeric = {
        name
        for name in ResourceNeeds.model_fields
        if name not in {"package_index", "privileges", "endpoints"}
    }

    assert shown.text.startswith(f"{len(AMOUNTS)} of {len(AMOUNTS)} needs met\n")
    assert set(amounts) == numeric


def test_texts_from_documents_are_escaped():
    """No declared text can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    resources = RESOURCES.model_copy(
        update={
            "resources": tuple(
                r.model_copy(update={"what": hostile, "budget_code": hostile})
                for r in RESOURCES.resources
            )
        }
    )

    shown = resources_table(case_of(flight_assessment(resources=resources), BANK))

    assert hostile not in shown.html
    assert "&lt;script" in shown.html


def test_resources_chart_counts_needs_met_short_and_not_measured():
    """The title says how many, and what is short by how much."""
    shown = resources_chart(FLIGHTS)

    assert shown.text.startswith(
        "1 of 3 needs met; swap of training-node: 0 GiB, needed 8 GiB; "
        "1 need not measured"
    )
    assert shown.figure["data"][0]["x"] == [146.2, 0.0, 0.0]
    assert "CPUs of training-node" in shown.html
    assert len(shown.figure["layout"]["shapes"]) == 1


def test_resources_chart_tells_short_met_and_untested_without_colour():
    """A sign before each need; beyond twice the need a bar is cut off."""
    node = RESOURCES.resources[0]
    big = node.model_copy(update={"needs": ResourceNeeds(memory_gib=4, swap_gib=8)})
    far = node.model_copy(
        update={"id": "far", "probe": "far", "needs": ResourceNeeds(cpus=1)}
    )
    assessment = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (big, far)})
    )
    shown = resources_chart(case_of(assessment, BANK))
    signs = [tag["text"] for tag in shown.figure["layout"]["annotations"]]

    assert signs == [
        "✓ memory of training-node<br>23.4 GiB, needed 4 GiB",
        "✕ swap of training-node<br>0 GiB, needed 8 GiB",
        "? CPUs of far<br>untested, needed 1",
    ]
    assert shown.figure["data"][0]["x"] == [200.0, 0.0, 0.0]
    assert re.search(r"585\s*%", shown.html)


def test_limit_that_is_not_set_and_need_of_nothing_are_met():
    """No limit is more than any need, and so is any swap where none is needed."""
    needs = ResourceNeeds(open_files=1024, swap_gib=0)
    node = RESOURCES.resources[0].model_copy(update={"needs": needs})
    files = MachineFact(fact="open-files", state="read", value="none", how="limits")
    probe = FLIGHT_PROBE.model_copy(update={"facts": (*FLIGHT_PROBE.facts, files)})
    assessment = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (node,)}),
        probes={"training-node": probe},
    )
    shown = resources_chart(case_of(assessment, BANK))

    assert shown.text.startswith("2 of 2 needs met")
    assert shown.figure["data"][0]["x"] == [200.0, 200.0]
    assert shown.html.count("enough<") == 2


def test_several_short_needs_are_counted_in_the_title():
    """The first by name, the others as a number."""
    needs = ResourceNeeds(memory_gib=64, swap_gib=8)
    node = RESOURCES.resources[0].model_copy(update={"needs": needs})
    assessment = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (node,)})
    )

    assert resources_chart(case_of(assessment, BANK)).text.startswith(
        "0 of 2 needs met; memory of training-node: 23.4 GiB, needed 64 GiB; 1 more "
        "need not met"
    )
