"""What a notebook cell calls: opens a folder, scores it, shows one piece of it.

Glue only: every table and chart is made elsewhere, from the same models.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from readybook import __version__
from readybook.bank.history import load_history
from readybook.bank.own import load_bank_for
from readybook.case.milestones import load_milestones
from readybook.case.open import open_assessment
from readybook.checks.all import collect_findings
from readybook.model.bank import Bank, Section
from readybook.model.bank_changes import BankChanges, bank_changes, recorded_under
from readybook.model.case import Assessment
from readybook.model.findings import Finding
from readybook.model.results import Result
from readybook.report.page import notebook_style
from readybook.score.score import score
from readybook.show.chapters import chapters, declared, evidence, method
from readybook.show.chapters.needs import need_matrix
from readybook.show.data.category_chart import category_chart
from readybook.show.data.drift import drift_chart
from readybook.show.data.history_chart import history_chart
from readybook.show.data.lineage import lineage_table
from readybook.show.data.nulls_map import nulls_map
from readybook.show.kit.fragment import Edition, Fragment
from readybook.show.leadership import band, contradictions, findings, switched_off
from readybook.show.machines import access_tables, machine_chart, probe
from readybook.show.machines.deployments import route_chart
from readybook.show.machines.permission_chart import permission_chart
from readybook.show.people.ownership import Ownership
from readybook.show.plan.ahead import Ahead
from readybook.show.since.since import Since
from readybook.show.workshop.facilitator import Facilitator

if TYPE_CHECKING:
    import pandas as pd

    from readybook.forms.buttons import Buttons
    from readybook.forms.layouts import TableName
    from readybook.forms.widget import Form

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
    folder: Path = Path()
    respondent: str = ""  #: who answers the forms; "": chosen in the browser

    def style(self) -> Fragment:
        """Return the report's style for the cells below; the report has its own."""
        return Fragment(f"<style>{notebook_style()}</style>", "style of the report")

    def form(self, section: Section | Literal[""] = "") -> Form:
        """Return the form of a section's questions; of all of them where it is ""."""
        # Nothing that a report shows needs the forms, or what saves their answers.
        from readybook.forms.cell import form_cell  # noqa: PLC0415

        given = (self.folder, self.bank, self.assessment)
        return form_cell(*given, section=section, respondent=self.respondent)

    def room(self) -> Form:
        """Return the form for one projector: votes, reveal, what was agreed."""
        from readybook.forms.cell import room_cell  # noqa: PLC0415 - as above

        return room_cell(self.folder, self.bank, self.assessment)

    def edit(self, table: TableName) -> Form:
        """Return a table of the assessment to edit in place, such as "needs"."""
        from readybook.forms.cell import table_cell  # noqa: PLC0415 - as above

        return table_cell(self.folder, self.bank, self.assessment, table)

    def verdict(self) -> Fragment:
        """Return the verdict band: verdict, why, what leadership is asked to do."""
        return band.verdict_band(self.result, self.assessment, self.bank)

    def dimensions(self) -> Fragment:
        """Return the four dimensions: level, need, gates, share proven."""
        return band.dimensions_table(self.result)

    def obstacles(self) -> Fragment:
        """Return the gates that stop the case; where none does, the conditions."""
        conditional = self.result.verdict.lower == "conditions"
        show = band.conditions if conditional else band.what_stops
        return show(self.result, self.assessment, self.bank)

    def contradictions(self) -> Fragment:
        """Return the claims that a measurement contradicts."""
        return contradictions.contradictions(self.result)

    def unknowns(self) -> Fragment:
        """Return the facts that would settle the verdict, five at most."""
        return contradictions.unknowns(self.result, self.bank)

    @cached_property
    def ahead(self) -> Ahead:
        """Return the pieces of what lies ahead: actions, dates, costs, figures."""
        return Ahead.of(self.result, self.assessment, self.bank)

    @cached_property
    def since(self) -> Since:
        """The pieces of what changed since the last milestone, and the trend."""
        kept = load_milestones(self.folder)
        return Since(self.result, self.assessment, self.bank, kept)

    def method(self) -> Fragment:
        """Return method and provenance: rules, versions, fingerprints, dates."""
        return method.method_and_provenance(
            self.result, self.assessment, self.bank, __version__, self.changes_of_bank
        )

    def frame(self) -> pd.DataFrame:
        """Return every question's standing as a frame, to sort and filter by hand."""
        # pandas takes a third of a second to import, and no other piece needs it.
        from readybook.show.kit.frames import standings_frame  # noqa: PLC0415

        return standings_frame(self.result)

    @property
    def workshop(self) -> Facilitator:
        """Return the pieces of a workshop: who is missing, what to settle, and more."""
        return Facilitator(self.assessment, self.bank, self.result, self.edition)

    def buttons(self) -> Buttons:
        """Return the buttons: measure, probe this machine, render the report."""
        from readybook.forms.buttons import buttons_cell  # noqa: PLC0415 - as above

        return buttons_cell(self.folder, self.assessment)

    def again(self) -> Workbook:
        """Return the workbook of the same folder as it is now."""
        return open_workbook(
            str(self.folder),
            as_of=self.assessment.as_of.isoformat(),
            edition=self.edition,
            respondent=self.respondent,
        )

    def questions(self, section: Section) -> Fragment:
        """Return every question of a section with answer, standing and derivation."""
        asked = chapters.questions_of(self.result, section, self.bank, self.edition)
        rest = switched_off.left_out(section, self.bank, self.assessment)
        return Fragment(asked.html + rest.html, f"{asked.text}\n{rest.text}".strip())

    def needs(self) -> Fragment:
        """Return the need-versus-have matrix: one row per declared need."""
        return need_matrix(self.assessment, self.evidence, self.bank)

    def figures(self) -> Fragment:
        """Return the declared figures on money, with what is missing."""
        return declared.value_table(self.assessment, self.bank)

    def sources(self) -> Fragment:
        """Return what was opened: rows, engine, date."""
        return evidence.evidence_table(self.assessment)

    def findings(self, *checks: str) -> Fragment:
        """Return what these checks found, the loudest first."""
        return findings.findings_table(self.evidence, checks)

    def category_charts(self) -> Fragment:
        """Return rows per declared category and per value that is not declared."""
        return category_chart(self.evidence)

    def history_chart(self) -> Fragment:
        """Return rows over time with declared changes and with the steps found."""
        changes = self.assessment.changes
        return history_chart(self.evidence, changes.changes if changes else ())

    def joins(self) -> Fragment:
        """Return how the declared keys and joins between tables hold."""
        return findings.join_table(self.assessment, self.evidence)

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
        return declared.changes_table(self.assessment, self.bank)

    def resources_chart(self) -> Fragment:
        """Return what machines have beside what is needed of them."""
        return machine_chart.resources_chart(self.assessment, self.evidence)

    def resources(self) -> Fragment:
        """Return resources with what was needed and measured."""
        return evidence.resources_table(self.assessment, self.evidence, self.bank)

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
        return probe.facts_tables(self.assessment)

    def environments(self) -> Fragment:
        """Return environments that must be equal side by side, fact by fact."""
        return probe.comparison(self.assessment, self.evidence)

    def route(self) -> Fragment:
        """Return how changes reach production, as claimed and as measured."""
        return route_chart(self.assessment, self.evidence)

    def roles(self) -> Fragment:
        """Return who answers for each role."""
        return declared.roles_table(self.assessment, self.bank, self.edition)

    @cached_property
    def ownership(self) -> Ownership:
        """The pieces of the register: assets, agreements, whom we need."""
        return Ownership(self.result, self.assessment, self.evidence, self.bank)

    def belief_chart(self) -> Fragment:
        """Return the ranges of belief where people differ."""
        return machine_chart.belief_chart(self.result, self.bank, self.edition)

    def actions(self) -> Fragment:
        """Return what is done next, by whom, until when."""
        return declared.actions_table(self.assessment, self.bank)


def open_workbook(
    assessment: str,
    *,
    as_of: str = "",
    edition: Edition = "leadership",
    respondent: str = "",
) -> Workbook:
    """Return the workbook of an assessment's folder.

    Args:
        assessment: path of the folder.
        as_of: YYYY-MM-DD, the date that age is judged at; "" for the assessment's own.
        edition: who reads it: "leadership" or "team".
        respondent: who answers the forms: name of a file in answers/, without .yaml;
            "" lets the browser choose.

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
        evidence=collect_findings(opened, bank),
        edition=edition,
        changes_of_bank=bank_changes(recorded_under(opened), bank, load_history()),
        folder=Path(assessment),
        respondent=respondent,
    )
