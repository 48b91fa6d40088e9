"""The report says how it came about and how to repeat it."""

from __future__ import annotations

from flight_case import flight_assessment, flight_bank
from readybook.score.score import score
from readybook.show.chapters.method import METHOD, RULES, method_and_provenance

BANK = flight_bank()


def test_provenance_names_bank_inputs_evidence_and_version():
    """Everything that a sceptic needs to make it again; fingerprints are short."""
    case = flight_assessment()

    shown = method_and_provenance(score(BANK, case), case, BANK, "1.2.3").html

    for part in (
        METHOD,
        "flight-bank",
        "sha256:0123456789ab<",
        "sha256:fedcba987654<",
        "measured on 23 November 2026",
        "“training-node”",
        "readybook 1.2.3",
    ):
        assert part in shown
    assert shown.count("<li>") == len(RULES)


def test_provenance_without_measurement_says_so():
    """No evidence is a fact about the report."""
    case = flight_assessment(data=None, probes={})

    shown = method_and_provenance(score(BANK, case), case, BANK, "1.2.3").html

    assert "nothing was measured" in shown
