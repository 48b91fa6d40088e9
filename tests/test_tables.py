"""Tables of needs, findings and evidence say what was and was not looked at."""

from __future__ import annotations

import re

from flight_case import RESOURCES, SCOPE, data_findings, flight_assessment, flight_bank
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


def test_need_is_shown_beside_what_was_measured():
    """One row per need, each outcome in words."""
    rows = rows_of(tables.need_matrix(CASE, FINDINGS, BANK))

    assert rows[0].endswith(
        "Airport of departure feature flights.origin yes present "
        "not populated: 1 category too short: 181 days none declared"
    )
    assert "does not join: 15 % of rows" in rows[1]


def test_need_that_was_not_looked_at_names_whom_to_ask():
    """Nothing measured is said, never left blank."""
    rows = rows_of(tables.need_matrix(CASE, (), BANK))

    assert "not looked at: ask Data owner" in rows[0]
    assert "no field known yet" in rows[2]
    assert "ask Platform lead" in rows[2]


def test_needs_that_nobody_declared_are_named():
    """The empty table says which key is missing."""
    scope = SCOPE.model_copy(update={"needs": ()})

    shown = tables.need_matrix(flight_assessment(scope=scope), (), BANK)

    assert "No need is declared yet" in shown.html


def test_findings_come_loudest_first_with_outcome_in_words():
    """Contradicted, not measured, then supported."""
    rows = rows_of(tables.findings_table(FINDINGS))
    outcomes = [
        next(w for w in ("Contradicted", "Not measured", "Supported") if w in row)
        for row in rows
    ]

    assert outcomes == sorted(
        outcomes, key=("Contradicted", "Not measured", "Supported").index
    )
    assert "181 days 730 days" in " ".join(rows)


def test_findings_of_other_checks_are_left_out():
    """A chapter shows its own checks."""
    rows = rows_of(tables.findings_table(FINDINGS, ("history-span",)))

    assert len(rows) == 1
    assert len(rows_of(tables.join_table(FINDINGS))) == 1
    assert (
        "nothing was measured yet" in tables.findings_table((), ("keys-unique",)).html
    )


def test_table_has_caption_and_scoped_headers():
    """A screen reader knows what each cell belongs to."""
    html = tables.findings_table(FINDINGS).html

    assert "<caption>" in html
    assert html.count('scope="col"') == 6
    assert html.count('scope="row"') == len(FINDINGS)


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


def test_texts_from_documents_and_data_are_escaped():
    """Neither a message nor a declared text can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    findings = [f.model_copy(update={"message": hostile}) for f in data_findings()]
    scope = SCOPE.model_copy(
        update={
            "needs": tuple(
                n.model_copy(update={"what": hostile, "field": f"flights.{hostile}"})
                for n in SCOPE.needs
            )
        }
    )
    resources = RESOURCES.model_copy(
        update={
            "resources": tuple(
                r.model_copy(update={"what": hostile, "budget_code": hostile})
                for r in RESOURCES.resources
            )
        }
    )
    case = flight_assessment(scope=scope, resources=resources)

    for shown in (
        tables.need_matrix(case, findings, BANK),
        tables.findings_table(findings),
        tables.resources_table(case, findings, BANK),
    ):
        assert hostile not in shown.html
        assert "&lt;script" in shown.html
