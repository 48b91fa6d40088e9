"""Tables of sources and of resources say what was and was not looked at."""

from __future__ import annotations

import re

from flight_case import DATA_MODEL, RESOURCES, flight_assessment, flight_bank
from readybook import tables
from readybook.evidence import collect_findings

BANK = flight_bank()
CASE = flight_assessment()
FINDINGS = collect_findings(CASE)


def rows_of(fragment):
    """The words of each row, spaces folded."""
    body = fragment.html.partition("<tbody>")[2]
    return [
        " ".join(re.sub(r"<[^>]+>", " ", row.replace("<wbr>", "")).split())
        for row in body.split("</tr>")[:-1]
    ]


def test_evidence_names_what_could_not_be_opened_and_why():
    """A source that failed stays in the list."""
    rows = rows_of(tables.evidence_table(CASE))

    assert rows[0] == "flights opened 336,776 rows duckdb 1.5.5 23 November 2026"
    assert "not opened planes.parquet is missing" in rows[1]
    assert "2 of 2 facts read" in rows[2]
    nothing = tables.evidence_table(flight_assessment(data=None, probes={}))
    assert "No source was opened" in nothing.html


def test_resource_shows_needed_and_measured():
    """Each need of a machine beside what the probe read."""
    rows = rows_of(tables.resources_table(CASE, FINDINGS, BANK))

    assert "memory: 16 GiB swap: 8 GiB CPUs: 2" in rows[0]
    assert "memory: 23.4 GiB swap: 0 GiB CPUs: not measured" in rows[0]
    assert "no figures declared" in rows[1]


def test_rules_of_the_contract_that_were_not_run_are_counted():
    """SQL in a contract is never run, and the reader is told so."""
    table = DATA_MODEL.tables[0].model_copy(update={"rules_not_run": 2})
    one = table.model_copy(update={"name": "weather", "rules_not_run": 1})
    model = DATA_MODEL.model_copy(update={"tables": (table, one)})

    shown = tables.evidence_table(flight_assessment(data_model=model))

    assert (
        "3 quality rules in SQL are in the contract and were not run (flights 2, "
        "weather 1)"
    ) in shown.html
    assert "quality rule" not in tables.evidence_table(CASE).html
    assert "quality rule" not in (
        tables.evidence_table(flight_assessment(data_model=None)).html
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

    shown = tables.resources_table(
        flight_assessment(resources=resources), FINDINGS, BANK
    )

    assert hostile not in shown.html
    assert "&lt;script" in shown.html
