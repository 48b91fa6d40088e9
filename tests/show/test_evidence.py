"""Tables of what was looked at and found: the loudest first, many quiet ones folded."""

from __future__ import annotations

import datetime as dt

from flight_case import (
    DATA_MODEL,
    data_findings,
    finding,
    flight_assessment,
    flight_bank,
)
from readybook import __version__
from readybook.checks.findings import collect_findings
from readybook.show import evidence
from readybook.show.evidence import findings_table, join_table, method_and_provenance
from shown import case_of, rows_of

BANK = flight_bank()
FINDINGS = collect_findings(flight_assessment())


def told(findings, *checks):
    """The table of these findings."""
    return findings_table(
        case_of(flight_assessment(), BANK, evidence=findings), *checks
    )


def many(check, number, outcome="supports"):
    """So many findings of one check."""
    return [finding(check, f"t.c{at}", outcome, f"Of t.c{at}.") for at in range(number)]


def test_findings_come_loudest_first_with_outcome_in_words():
    """Contradicted, not measured, then supported."""
    rows = rows_of(told(FINDINGS))
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
    shown = told(FINDINGS, "history-span")

    assert len(rows_of(shown)) == 1
    assert "nothing was measured yet" in told((), "keys-unique").html


def test_table_has_caption_and_scoped_headers():
    """A screen reader knows what each cell belongs to."""
    html = told(data_findings()).html

    assert "<caption>What was measured</caption>" in html
    assert html.count('scope="col"') == 5
    assert html.count('scope="row"') == len(data_findings())


def test_one_date_is_told_once_and_several_in_their_rows():
    """A date per row only where rows differ in it."""
    later = data_findings()[0].model_copy(update={"measured_on": dt.date(2026, 11, 24)})

    assert "Measured on 23 November 2026." in told(data_findings()).html
    shown = told([*data_findings(), later]).html
    assert "Measured on" not in shown
    assert shown.count("measured on 23 November 2026") == len(data_findings())


def test_threshold_says_who_set_it_without_repeating_the_subject():
    """File and key; the field stands at the head of the row."""
    bad = finding(
        "values-in-range",
        "t.c",
        "contradicts",
        "Bad.",
        threshold=0,
        threshold_source="data.odcs.yaml: t.c",
    )

    shown = told([bad, *data_findings()]).html

    assert "Needed according to data.odcs.yaml<" in shown
    assert "Needed according to data.odcs.yaml: flights.historyNeeded" in shown


def test_many_supported_and_unmeasured_findings_are_folded_by_check():
    """One sentence stands for what was found alike, with every subject named."""
    bad = finding("keys-unique", "t.k", "contradicts", "Bad key.")
    lost = many("nulls-tolerated", 2, "not measured")

    shown = told([*many("types-match", 9), *lost, bad])

    assert rows_of(shown)[0].startswith("t.k Contradicted")
    assert len(rows_of(shown)) == 1
    assert "<summary>9 were measured and supported</summary>" in shown.html
    assert "<li>Of t.c0. <small>Likewise: t.c1, t.c2, t.c3," in shown.html
    assert "<summary>2 could not be measured</summary>" in shown.html
    assert "<li>Of t.c1.</li>" in shown.html
    assert shown.text.endswith("9 were measured and supported; 2 could not be measured")


def test_many_findings_without_a_contradiction_say_so():
    """Silence above the folds would look like a gap."""
    shown = told(many("types-match", 9))

    assert "Nothing that was measured contradicts a claim." in shown.html
    assert "could not be measured" not in shown.html


def test_joins_and_keys_are_counted_in_the_caption():
    """Title, then contradictions, then what nobody tested."""
    bad = data_findings()[-1]
    table = DATA_MODEL.tables[0].model_copy(update={"keys": (("origin", "tailnum"),)})
    model = DATA_MODEL.model_copy(update={"tables": (table,)})

    shown = join_table(
        case_of(
            flight_assessment(data_model=model),
            BANK,
            evidence=[bad, *many("keys-unique", 2)],
        )
    )

    assert shown.text == (
        "2 keys unique; 1 of 1 join leaving rows without partner; 1 untested"
    )
    assert rows_of(shown)[0].startswith("flights.tailnum -&gt; planes.tailnum Contra")
    assert rows_of(shown)[-1] == "flights.origin+tailnum Untested"


def test_undeclared_keys_and_joins_are_said():
    """The file to declare them in is named."""
    assert (
        "No key and no join is declared yet"
        in join_table(
            case_of(flight_assessment(data_model=None), BANK, evidence=())
        ).html
    )


def test_messages_are_escaped():
    """No message can bring markup into the page."""
    hostile = "<script>alert(1)</script>"
    found = [f.model_copy(update={"message": hostile}) for f in data_findings()]

    for shown in (told(found), told(found * 3)):
        assert hostile not in shown.html
        assert "&lt;script" in shown.html


def test_evidence_names_what_could_not_be_opened_and_why():
    """A source that failed stays in the list."""
    rows = rows_of(evidence.evidence_table(case_of(flight_assessment(), BANK)))

    assert rows[0] == "flights opened 336,776 rows duckdb 1.5.5 23 November 2026"
    assert "not opened planes.parquet is missing" in rows[1]
    assert "2 of 2 facts read" in rows[2]
    nothing = evidence.evidence_table(
        case_of(flight_assessment(data=None, probes={}), BANK)
    )
    assert "No source was opened" in nothing.html


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
    assert (
        "quality rule"
        not in evidence.evidence_table(case_of(flight_assessment(), BANK)).html
    )
    assert "quality rule" not in (
        evidence.evidence_table(case_of(flight_assessment(data_model=None), BANK)).html
    )


# --- how the report came about -------------------------------------------------------


def test_provenance_names_bank_inputs_evidence_and_version():
    """Everything that a sceptic needs to make it again; fingerprints are short."""
    shown = method_and_provenance(case_of(flight_assessment(), BANK)).html

    for part in (
        "We ask the people responsible",
        "flight-bank",
        "sha256:0123456789ab<",
        "sha256:fedcba987654<",
        "measured on 23 November 2026",
        "“training-node”",
        f"readybook {__version__}",
    ):
        assert part in shown


def test_provenance_without_measurement_says_so():
    """No evidence is a fact about the report."""
    case = case_of(flight_assessment(data=None, probes={}), BANK)

    shown = method_and_provenance(case).html

    assert "nothing was measured" in shown
