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
from readybook.show.kit.figures import LIGHT
from readybook.show.machines.machines import (
    accesses_table,
    accounts_table,
    resources_chart,
    resources_table,
)
from resource_case import PROBED, case, fact, probe, resource
from shown import case_of, notes_of, rows_of, words_of

BANK = flight_bank()
FLIGHTS = case_of(flight_assessment(), BANK)
NUMBER = "123456784412"
KEYS = "Account numbers are shown by their last characters only; keys never are."
PAYER = "Finance IT-4412, USD 600 per month"
ASK = "run `readybook account` where the job will run"
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
    assert notes_of(shown) == [f"{KEYS} Looked at on 23 November 2026."]


def test_another_account_is_said():
    """The number that was seen stands beside the declared one."""
    rows = rows_of(accounts(seen(seen="…9012", is_declared=False)))
    bare = rows_of(accounts(seen(is_declared=None)))

    assert rows == [f"Machine …4412 AWS …9012 asked STS no, another account {PAYER}"]
    assert bare == [f"Machine …4412 AWS not told asked STS not known: {ASK} {PAYER}"]


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
    rows = rows_of(accounts(seen(state, why="for this reason")))

    assert rows == [
        f"Machine …4412 AWS {words} for this reason not known: {ASK} {PAYER}"
    ]
    assert rows_of(accounts(seen(state))) == [rows[0].replace(" for this reason", "")]


def test_account_that_nobody_looked_at_is_not_known():
    """Neither without evidence nor with evidence from after the as-of date."""
    late = seen(seen="…4412", is_declared=True, on=dt.date(2026, 12, 1))

    for shown in (accounts(), accounts(late)):
        assert rows_of(shown) == [
            f"Machine …4412 AWS not looked at not known: {ASK} {PAYER}"
        ]
        assert notes_of(shown) == [KEYS]


@pytest.mark.parametrize(
    ("provider", "name"),
    [("azure", "Azure"), ("google", "Google Cloud"), ("other", "another cloud")],
)
def test_other_cloud_is_declared_and_cannot_be_asked(provider, name):
    """Only AWS tells whose the credentials are."""
    other = resource("cloud", account=Account(provider=provider, id="sub-0001"))

    assert rows_of(accounts(declared=other)) == [
        (
            f"Machine …0001 {name} not looked at not known: only AWS can be asked nobody "
            "named"
        )
    ]


def test_short_account_number_is_not_shown_whole():
    """Of few characters fewer are shown, of one none."""
    short = resource("cloud", account=Account(provider="other", id="4412"))
    one = resource("cloud", account=Account(provider="other", id="7"))

    assert "…12 another cloud" in rows_of(accounts(declared=short))[0]
    assert "7" not in words_of(accounts(declared=one).html.partition("<tbody>")[2])


def test_no_account_is_said():
    """An empty table is an invitation; a kind without number is a gap."""
    bare = resource("cloud").model_copy(update={"kind": "account"})

    assert accounts(declared=resource("node")).text == ("No cloud account is declared.")
    assert rows_of(accounts(declared=bare)) == [
        ("Machine not declared nobody has said which account it should be nobody named")
    ]


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
    assert rows_of(accesses(PROBE)) == [
        (
            "node root rights, installing packages no The job lacks what it needs: root "
            "rights."
        ),
        "node a package index answers yes A package index answered the machine.",
        (
            "node feed.example:443 with TLS no node does not reach feed.example:443: nothing "
            "answered in time."
        ),
        (
            "node db.example:5432 not known node was not measured: its probe did not try "
            "db.example:5432."
        ),
    ]


def test_without_probe_no_access_is_passed():
    """What was not tried is not known, for every need."""
    rows = rows_of(accesses())
    why = "not known node was not measured: there is no evidence/node.json."
    unseen = accesses_table(
        case_of(case(resource("a", needs=NEEDS)), BANK, evidence=())
    )

    assert [row.endswith(why) for row in rows] == [True] * 4
    assert [row.endswith(" untested") for row in rows_of(unseen)] == [True] * 4


def test_no_declared_access_is_said():
    """The sentence speaks of what is missing, not of a file."""
    assert accesses_table(case_of(case(resource("node")), BANK)).text == (
        "Nobody has said that a privilege, an endpoint or a package index is needed."
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
    assert rows_of(resources_table(FLIGHTS)) == [
        (
            "Machine for training compute memory: 23.4 GiB, needed 16 GiB /proc swap: 0 GiB, "
            "needed 8 GiB /proc CPUs: not measured, needed 2 training-node 24 November 2026 "
            "Platform lead Finance IT-4411, no limit approved"
        ),
        "Cloud account account Finance nobody named",
        "Scheduling feed privilege nobody named nobody named",
    ]
    assert resources_table(case_of(case(), BANK)).text == (
        "Nobody has said yet which machines, accounts and licences it takes."
    )


def test_machine_without_figures_says_so_and_its_probe_is_awaited_where_named():
    """What is no machine has no figures to declare."""
    rows = (
        resource("node"),
        resource("named", probe="gone", pays="finance"),
        resource("needing", needs=ResourceNeeds(cpus=2), budget_code="B-1"),
    )

    assert rows_of(resources_table(case_of(case(*rows), BANK))) == [
        "Machine compute no figures declared nobody named nobody named",
        (
            "Machine compute no figures declared Untested gone has not run nobody named "
            "Finance no budget code, no limit approved"
        ),
        (
            "Machine compute CPUs: untested, needed 2 Untested no probe is named nobody named "
            "nobody named B-1, no limit approved"
        ),
    ]


def test_resource_without_probe_is_untested():
    """Neither a missing probe nor an unnamed one passes for a measurement."""
    node = RESOURCES.resources[0]
    unnamed = node.model_copy(update={"id": "b", "probe": None})
    assessment = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (node, unnamed)}), probes={}
    )
    rows = rows_of(resources_table(case_of(assessment, BANK)))

    needed = (
        "Machine for training compute memory: untested, needed 16 GiB swap: untested, "
        "needed 8 GiB CPUs: untested, needed 2 Untested"
    )
    assert rows[0].startswith(f"{needed} training-node has not run Platform lead")
    assert rows[1].startswith(f"{needed} no probe is named Platform lead")


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

    layout = shown.figure["layout"]

    assert shown.text.splitlines()[0] == (
        "1 of 3 needs met; swap of training-node: 0 GiB, needed 8 GiB; "
        "1 need not measured"
    )
    assert shown.figure["data"][0]["x"] == [146.2, 0.0, 0.0]
    good, bad = LIGHT["level-3"], LIGHT["bad"]
    assert shown.figure["data"][0]["marker"]["color"] == [good, bad, good]
    assert shown.figure["data"][1]["x"] == [100, 100, None] * 3
    assert [y and round(y, 2) for y in shown.figure["data"][1]["y"]] == [
        *(-0.22, 0.22, None, 0.78, 1.22, None, 1.78, 2.22, None)
    ]
    assert rows_of(shown) == [
        "memory of training-node 16 GiB 23.4 GiB 146 %",
        "swap of training-node 8 GiB 0 GiB 0 %",
        "CPUs of training-node 2 not measured",
    ]
    (gap,) = layout["shapes"]
    assert (gap["x0"], gap["x1"], gap["y0"], gap["y1"]) == (0, 100, 1.85, 2.15)
    assert layout["height"] == 3 * 70 + 68
    assert layout["xaxis"]["range"] == pytest.approx([0, 205])
    assert (layout["xaxis"]["tickvals"], layout["xaxis"]["ticktext"]) == (
        [100],
        ["what is needed"],
    )


def test_measure_of_another_machine_is_none_of_this_one():
    """Two machines with one need each: each has its own figure."""
    needs = ResourceNeeds(memory_gib=8)
    two = [resource(id_, needs=needs, probe=id_) for id_ in ("a", "b")]
    probes = {
        id_: probe(fact("memory-granted", amount, unit="GiB"))
        for id_, amount in (("a", 4.0), ("b", 16.0))
    }
    shown = resources_chart(case_of(case(*two, probes=probes), BANK))

    assert rows_of(shown) == [
        "memory of a 8 GiB 4 GiB 50 %",
        "memory of b 8 GiB 16 GiB 200 %",
    ]


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
