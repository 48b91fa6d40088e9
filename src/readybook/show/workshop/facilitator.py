"""What the facilitator's notebook calls: each method shows one piece of a workshop."""

from __future__ import annotations

from dataclasses import dataclass

from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.results import Result
from readybook.show.kit.fragment import Edition, Fragment
from readybook.show.people import agreement
from readybook.show.workshop import run_sheet, workshop

__all__ = ["Facilitator"]


@dataclass(frozen=True)
class Facilitator:
    """One opened and scored assessment, as who leads the workshop sees it."""

    assessment: Assessment
    bank: Bank
    result: Result
    edition: Edition

    def run_sheet(self) -> Fragment:
        """Return the ninety minutes part by part, with where the case stands."""
        return run_sheet.run_sheet(self.result, self.assessment, self.bank)

    def invitations(self) -> Fragment:
        """Return the roles to invite: gaps first, with the gates that wait."""
        return workshop.invitation_list(self.result, self.assessment, self.bank)

    def who_sees_what(self) -> Fragment:
        """Return what is said aloud before the first answer."""
        return workshop.who_sees_what()

    def answered(self) -> Fragment:
        """Return how far everybody has come, and nothing of what they said."""
        return workshop.answered_table(self.result, self.assessment, self.bank)

    def splits(self) -> Fragment:
        """Return where answers differ, folded, with who settles each."""
        return workshop.splits_list(self.result, self.bank, self.edition)

    def accord(self) -> Fragment:
        """Return on how many questions roles agree, part by part."""
        return agreement.accord_table(self.result)

    def ask_next(self, minutes: str) -> Fragment:
        """Return what to settle in the minutes left, what settles most first."""
        return workshop.ask_next(self.result, self.bank, workshop.minutes_of(minutes))
