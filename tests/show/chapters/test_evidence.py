"""Tables of sources and of resources say what was and was not looked at."""

from __future__ import annotations

from flight_case import (
    DATA_MODEL,
    PROBE,
    RESOURCES,
    flight_assessment,
    flight_bank,
)
from readybook.checks.all import collect_findings
from readybook.model.findings import MachineFact
from readybook.model.resources import Budget, ResourceNeeds
from readybook.show.chapters import evidence
from shown import case_of, rows_of

BANK = flight_bank()
CASE = case_of(flight_assessment(), BANK)


def test_evidence_names_what_could_not_be_opened_and_why():
    """A source that failed stays in the list."""
    rows = rows_of(evidence.evidence_table(CASE))

    assert rows[0] == "flights opened 336,776 rows duckdb 1.5.5 23 November 2026"
    assert "not opened planes.parquet is missing" in rows[1]
    assert "2 of 2 facts read" in rows[2]
    nothing = evidence.evidence_table(
        case_of(flight_assessment(data=None, probes={}), BANK)
    )
    assert "No source was opened" in nothing.html


def test_resource_shows_needed_measured_how_and_who_pays():
    """Each need of a machine beside what the probe read, and where it read it."""
    rows = rows_of(evidence.resources_table(CASE))

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
    case = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (node, unnamed)}), probes={}
    )
    rows = rows_of(evidence.resources_table(case_of(case, BANK)))

    assert all("memory: untested, needed 16 GiB" in row for row in rows)
    assert "Untested training-node has not run" in rows[0]
    assert "Untested no probe is named" in rows[1]


def test_fact_that_was_denied_is_said_to_be():
    """Denied and not visible are two answers, and neither is an amount."""
    facts = tuple(
        fact.model_copy(update={"state": "denied", "value": None})
        for fact in PROBE.facts
    )
    probe = PROBE.model_copy(update={"facts": facts})
    case = flight_assessment(probes={"training-node": probe})
    rows = rows_of(evidence.resources_table(case_of(case, BANK)))

    assert "memory: denied, needed 16 GiB" in rows[0]


def test_budget_says_code_and_approved_limit():
    """What of a budget is not declared is said, too."""
    node = RESOURCES.resources[0]
    budget = Budget(limit=600, currency="USD", per="month")
    paid = node.model_copy(update={"budget": budget})
    once = paid.model_copy(
        update={
            "budget_code": None,
            "budget": budget.model_copy(update={"per": "once"}),
        }
    )

    assert evidence.budget_said(paid) == "IT-4411, USD 600 per month"
    assert evidence.budget_said(once) == "no budget code, USD 600 once"
    assert evidence.budget_said(node) == "IT-4411, no limit approved"
    assert evidence.budget_said(RESOURCES.resources[2]) == ""


def test_each_need_is_told_by_the_check_that_finds_it():
    """Check and unit of every need are those of its finding."""
    amounts = dict.fromkeys(evidence.NEEDS, 1)
    node = RESOURCES.resources[0].model_copy(
        update={"needs": ResourceNeeds(**amounts), "probe": "node"}
    )
    facts = tuple(
        MachineFact(fact=one.fact, state="read", value=2, how="read")
        for one in evidence.NEEDS.values()
    )
    case = flight_assessment(
        resources=RESOURCES.model_copy(update={"resources": (node,)}),
        probes={"node": PROBE.model_copy(update={"facts": facts})},
    )
    met = evidence.needs_met(node, case, collect_findings(case))

    assert [one.outcome for one in met] == ["supports"] * len(evidence.NEEDS)
    numeric = {
        name
        for name, field in ResourceNeeds.model_fields.items()
        if name not in {"package_index", "privileges", "endpoints"} and field
    }
    assert set(evidence.NEEDS) == numeric


def test_rules_of_the_contract_that_were_not_run_are_counted():
    """SQL in a contract is never run, and the reader is told so."""
    table = DATA_MODEL.tables[0].model_copy(update={"rules_not_run": 2})
    one = table.model_copy(update={"name": "weather", "rules_not_run": 1})
    model = DATA_MODEL.model_copy(update={"tables": (table, one)})

    shown = evidence.evidence_table(case_of(flight_assessment(data_model=model), BANK))

    assert (
        "3 quality rules in SQL are in the contract and were not run (flights 2, "
        "weather 1)"
    ) in shown.html
    assert "quality rule" not in evidence.evidence_table(CASE).html
    assert "quality rule" not in (
        evidence.evidence_table(case_of(flight_assessment(data_model=None), BANK)).html
    )


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

    shown = evidence.resources_table(
        case_of(flight_assessment(resources=resources), BANK)
    )

    assert hostile not in shown.html
    assert "&lt;script" in shown.html
