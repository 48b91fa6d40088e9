"""One case as every piece of a page takes it: opened, scored, and who reads it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from readybook.bank.history import BankChanges
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.findings import Finding, Outcome
from readybook.model.results import Milestone, Result
from readybook.model.words import day, role_title
from readybook.plan.outlook import Prospect, prospect_of
from readybook.score.compare import Comparison, Side, compare, side_of
from readybook.score.score import score
from readybook.show.kit.fragment import Edition


@dataclass(frozen=True)
class Case:
    """One opened and scored assessment; what several pieces need is made once."""

    assessment: Assessment
    bank: Bank
    result: Result
    evidence: tuple[Finding, ...] = ()  #: of data, machines and the register
    edition: Edition = "leadership"
    changes_of_bank: tuple[BankChanges, ...] = ()  #: since answers were recorded
    milestones: tuple[Milestone, ...] = ()  #: oldest first
    folder: Path = Path()  #: where it was opened, for forms that save
    respondent: str = ""  #: who answers the forms; "": chosen in the browser
    register: Path | None = None  #: that cases share, where one was named
    by_ours: Result | None = None  #: what readybook's own bank says, beside a team's
    #: Returns the SQL that counts a finding again, "" for none; for the team to see.
    sql: Callable[[Finding], str] = lambda _: ""

    @classmethod
    def of(
        cls, assessment: Assessment, bank: Bank, known: Sequence[Milestone] = ()
    ) -> Self:
        """Return a case, scored."""
        result = score(bank, assessment)
        return cls(assessment, bank, result, milestones=tuple(known))

    def read_by(self, edition: Edition, **seat: Any) -> Self:  # noqa: ANN401 - fields of it
        """Return the case for another reader; what follows from it is kept."""
        other = replace(self, edition=edition, **{"respondent": "", **seat})
        for name in ("outlook", "earlier", "comparison"):
            if name in vars(self):
                vars(other)[name] = vars(self)[name]
        return other

    def title(self, role: str | None, nothing: str = "nobody named") -> str:
        """Return the title of a role; where none is given, what is said instead."""
        return role_title(self.bank, role, nothing)

    def seat(self, title: str) -> str:
        """Return the title of a role with its department, where the register has another.

        Of a role that the register leaves out, and in which nobody answered: who names
        somebody for it.
        """
        register = self.assessment.stakeholders.roles
        held = {self.title(one.role): one.team for one in register}
        heard = {self.title(s.role) for s in self.assessment.sheets.values()}
        known = {role.title for role in self.bank.roles}
        if title in known - heard - held.keys():
            names = (
                f"; {self.leadership} names them" if title != self.leadership else ""
            )
            return f"{title} (nobody is declared{names})"
        team = held.get(title)
        return f"{title} ({team})" if team and team != title else title

    @property
    def leadership(self) -> str:
        """Return who names people: the sponsor where the bank has that role."""
        known = any(role.id == "sponsor" for role in self.bank.roles)
        return self.title("sponsor") if known else "Leadership"

    def found(self, check: str, *outcomes: Outcome) -> list[Finding]:
        """Return what a check found; of these outcomes, where any is named."""
        mine = [one for one in self.evidence if one.check == check]
        return [one for one in mine if not outcomes or one.outcome in outcomes]

    @cached_property
    def outlook(self) -> Prospect:
        """What lies ahead: steps, dates, money and load."""
        return prospect_of(self.result, self.assessment, self.bank)

    @cached_property
    def earlier(self) -> tuple[Milestone, ...]:
        """The milestones up to the as-of date, oldest first; one of that day too."""
        return tuple(one for one in self.milestones if one.on <= self.result.as_of)

    @cached_property
    def comparison(self) -> Comparison | None:
        """The last milestone beside the case as it is; None: there is none.

        One of the as-of date only where it is the first: what moved since the last look
        is asked on the day of the next one.
        """
        days_before = [one for one in self.earlier if one.on < self.result.as_of]
        last = next(reversed(days_before or self.earlier), None)
        if last is None:
            return None
        now = Side(self.assessment.name, self.bank, self.assessment)
        return compare(side_of(last, day(last.on)), now)


#: What this process opened last, by what it was opened from; one, since it is large.
_held: dict[object, Case] = {}


def hold(key: object, case: Case) -> None:
    """Keep a case for whoever opens the same in this process."""
    _held.clear()
    _held[key] = case


def held(key: object) -> Case | None:
    """Return the case that was opened from the same, if it was the last one."""
    return _held.get(key)
