"""The report says how it came about and how to repeat it."""

from __future__ import annotations

from flight_case import flight_assessment, flight_bank
from readybook import __version__
from readybook.show.method import METHOD, RULES, method_and_provenance
from shown import case_of

BANK = flight_bank()


def test_provenance_names_bank_inputs_evidence_and_version():
    """Everything that a sceptic needs to make it again; fingerprints are short."""
    shown = method_and_provenance(case_of(flight_assessment(), BANK)).html

    for part in (
        METHOD,
        "flight-bank",
        "sha256:0123456789ab<",
        "sha256:fedcba987654<",
        "measured on 23 November 2026",
        "“training-node”",
        f"readybook {__version__}",
    ):
        assert part in shown
    assert shown.count("<li>") == len(RULES)


def test_provenance_without_measurement_says_so():
    """No evidence is a fact about the report."""
    case = case_of(flight_assessment(data=None, probes={}), BANK)

    shown = method_and_provenance(case).html

    assert "nothing was measured" in shown
