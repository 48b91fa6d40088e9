"""What a notebook cell shows of the register: assets, agreements, gaps.

Glue only, as in `workbook`.
"""

from __future__ import annotations

from dataclasses import dataclass

from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.findings import Finding
from readybook.model.results import Result
from readybook.show.kit.fragment import Fragment
from readybook.show.people import ownership_tables
from readybook.show.people.open_people import who_we_need

__all__ = ["Ownership"]


@dataclass(frozen=True)
class Ownership:
    """The register of one opened and scored assessment."""

    result: Result
    assessment: Assessment
    evidence: tuple[Finding, ...]
    bank: Bank

    def assets(self) -> Fragment:
        """Return assets by roles: who is accountable, responsible, consulted."""
        return ownership_tables.ownership_matrix(
            self.assessment, self.evidence, self.bank
        )

    def agreements(self) -> Fragment:
        """Return who agreed to which categories, and what changed since."""
        return ownership_tables.agreements(self.assessment, self.bank)

    def findings(self) -> Fragment:
        """Return what each check of the register found."""
        return ownership_tables.register_findings(self.evidence)

    def who_we_need(self) -> Fragment:
        """Return what waits for somebody: owners, permissions, agreements, splits."""
        return who_we_need(self.result, self.assessment, self.evidence, self.bank)
