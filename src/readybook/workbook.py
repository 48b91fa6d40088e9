"""What a notebook cell calls: opens a folder, scores it, shows one piece of it.

Glue only: every table and chart is made elsewhere, from the same models.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from readybook import (
    __version__,
    access_tables,
    chapters,
    charts,
    doubts,
    found,
    leadership,
    leftout,
    probes,
    provenance,
    registers,
    tables,
)
from readybook.assessment import open_assessment
from readybook.bankchanges import BankChanges, bank_changes, recorded_under
from readybook.bankhistory import load_history
from readybook.category_chart import category_chart
from readybook.declared import Assessment
from readybook.deployments import route_chart
from readybook.drift import drift_chart
from readybook.evidence import collect_findings
from readybook.findings import Finding
from readybook.fragment import Edition, Fragment
from readybook.history_chart import history_chart
from readybook.lineage import lineage_table
from readybook.models import Bank, Section
from readybook.needs import need_matrix
from readybook.nulls_map import nulls_map
from readybook.ownbank import load_bank_for
from readybook.page import notebook_style
from readybook.permission_chart import permission_chart
from readybook.results import Result
from readybook.scoring import score

if TYPE_CHECKING:
    import pandas as pd


__all__ = ["Workbook", "open_workbook"]


@dataclass(frozen=True)
class Workbook:
    """One opened and scored assessment; each method shows one piece of it."""

    assessment: Assessment
    bank: Bank
    result: Result
    evidence: tuple[Finding, ...]
    edition: Edition
    changes_of_bank: tuple[BankChanges, ...] = ()

    def style(self) -> Fragment:
        """Return the report's style for the cells below; the report has its own."""
        return Fragment(f"<style>{notebook_style()}</style>", "style of the report")

    # --- for leadership ---

    def verdict(self) -> Fragment:
        """Return the verdict band: verdict, why, what leadership is asked to do."""
        return leadership.verdict_band(self.result, self.assessment, self.bank)

    def dimensions(self) -> Fragment:
        """Return the four dimensions: level, need, gates, share proven."""
        return leadership.dimensions_table(self.result)

    def obstacles(self) -> Fragment:
        """Return the gates that stop the case; where none does, the conditions."""
        conditional = self.result.verdict.lower == "conditions"
        show = leadership.conditions if conditional else leadership.what_stops
        return show(self.result, self.assessment, self.bank)

    def contradictions(self) -> Fragment:
        """Return the claims that a measurement contradicts."""
        return doubts.contradictions(self.result)

    def unknowns(self) -> Fragment:
        """Return the facts that would settle the verdict, five at most."""
        return doubts.unknowns(self.result, self.bank)

    def method(self) -> Fragment:
        """Return method and provenance: rules, versions, fingerprints, dates."""
        return provenance.method_and_provenance(
            self.result, self.assessment, self.bank, __version__, self.changes_of_bank
        )

    def frame(self) -> pd.DataFrame:
        """Return every question's standing as a frame, to sort and filter by hand."""
        # pandas takes a third of a second to import, and no other piece needs it.
        from readybook.frames import standings_frame  # noqa: PLC0415

        return standings_frame(self.result)

    # --- chapters ---

    def questions(self, section: Section) -> Fragment:
        """Return every question of a section with answer, standing and derivation."""
        asked = chapters.questions_of(self.result, section, self.bank, self.edition)
        rest = leftout.left_out(section, self.bank, self.assessment)
        return Fragment(asked.html + rest.html, f"{asked.text}\n{rest.text}".strip())

    def needs(self) -> Fragment:
        """Return the need-versus-have matrix: one row per declared need."""
        return need_matrix(self.assessment, self.evidence, self.bank)

    def figures(self) -> Fragment:
        """Return the declared figures on money, with what is missing."""
        return registers.value_table(self.assessment, self.bank)

    def sources(self) -> Fragment:
        """Return what was opened: rows, engine, date."""
        return tables.evidence_table(self.assessment)

    def findings(self, *checks: str) -> Fragment:
        """Return what these checks found, the loudest first."""
        return found.findings_table(self.evidence, checks)

    def category_charts(self) -> Fragment:
        """Return rows per declared category and per value that is not declared."""
        return category_chart(self.evidence)

    def history_chart(self) -> Fragment:
        """Return rows over time with declared changes and with the steps found."""
        changes = self.assessment.changes
        return history_chart(self.evidence, changes.changes if changes else ())

    def joins(self) -> Fragment:
        """Return how the declared keys and joins between tables hold."""
        return found.join_table(self.assessment, self.evidence)

    def nulls(self) -> Fragment:
        """Return the missing values of needed fields by month."""
        return nulls_map(self.evidence)

    def drift(self) -> Fragment:
        """Return how live rows differ from training rows, field by field."""
        return drift_chart(self.evidence)

    def lineage(self) -> Fragment:
        """Return where each needed field comes from, as far as it is declared."""
        return lineage_table(self.assessment)

    def changes(self) -> Fragment:
        """Return the declared changes of procedure, system or business."""
        return registers.changes_table(self.assessment, self.bank)

    def resources_chart(self) -> Fragment:
        """Return what machines have beside what is needed of them."""
        return charts.resources_chart(self.assessment, self.evidence)

    def resources(self) -> Fragment:
        """Return resources with what was needed and measured."""
        return tables.resources_table(self.assessment, self.evidence, self.bank)

    def permissions(self) -> Fragment:
        """Return each permission from asked to granted, and how long it waits."""
        return permission_chart(self.assessment, self.bank)

    def accounts(self) -> Fragment:
        """Return accounts as declared and as seen, both masked, and who pays."""
        return access_tables.accounts_table(self.assessment, self.evidence, self.bank)

    def accesses(self) -> Fragment:
        """Return the privileges and endpoints that are needed, and what was found."""
        return access_tables.accesses_table(self.assessment, self.evidence)

    def probes(self) -> Fragment:
        """Return every fact of each probe, folded, and probes that have not run."""
        return probes.facts_tables(self.assessment)

    def environments(self) -> Fragment:
        """Return environments that must be equal side by side, fact by fact."""
        return probes.comparison(self.assessment, self.evidence)

    def route(self) -> Fragment:
        """Return how changes reach production, as claimed and as measured."""
        return route_chart(self.assessment, self.evidence)

    def roles(self) -> Fragment:
        """Return who answers for each role."""
        return registers.roles_table(self.assessment, self.bank, self.edition)

    def assets(self) -> Fragment:
        """Return who is accountable for each asset."""
        return registers.assets_table(self.assessment, self.bank)

    def belief_chart(self) -> Fragment:
        """Return the ranges of belief where people differ."""
        return charts.belief_chart(self.result, self.bank, self.edition)

    def actions(self) -> Fragment:
        """Return what is done next, by whom, until when."""
        return registers.actions_table(self.assessment, self.bank)


def open_workbook(
    assessment: str, *, as_of: str = "", edition: Edition = "leadership"
) -> Workbook:
    """Return the workbook of an assessment's folder.

    Args:
        assessment: path of the folder.
        as_of: YYYY-MM-DD, the date that age is judged at; "" for the assessment's own.
        edition: who reads it: "leadership" or "team".

    Raises:
        InvalidInputError: with every problem of the folder.
    """
    bank = load_bank_for(Path(assessment))
    date = dt.date.fromisoformat(as_of) if as_of else None
    opened = open_assessment(Path(assessment), bank=bank, as_of=date)
    return Workbook(
        assessment=opened,
        bank=bank,
        result=score(bank, opened),
        evidence=collect_findings(opened),
        edition=edition,
        changes_of_bank=bank_changes(recorded_under(opened), bank, load_history()),
    )
