"""How far roles agree, dimension by dimension, with the counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readybook.model.bank import SECTION_TITLES, Section
from readybook.model.results import Result, Standing
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Column, Fragment, table

__all__ = ["Agreement", "agreement_of", "agreement_table"]


@dataclass(frozen=True)
class Agreement:
    """One dimension's questions that two or more roles answered."""

    title: str
    asked: int  #: answered by two or more roles, with a level or "we don't know"
    agreed: int  #: of them, those on which nobody is two levels or more apart
    apart: tuple[str, ...]  #: ids of the others

    @property
    def share(self) -> str:
        """Return the share in words, "" where there is nothing to agree on."""
        return f"{round(100 * self.agreed / self.asked)} %" if self.asked else ""


def agreement_of(result: Result) -> tuple[Agreement, ...]:
    """Return how far roles agree, by section in the order of the bank.

    An answer of "we don't know" is apart from "in place" and better, as for splits.
    What the room settled since does not change what was said.
    """
    sections = dict.fromkeys(standing.section for standing in result.standings)
    return tuple(_of_section(section, result.standings) for section in sections)


def _of_section(section: Section, standings: Iterable[Standing]) -> Agreement:
    several = [s for s in standings if s.section == section and _several(s)]
    apart = tuple(s.question.id for s in several if s.split)
    return Agreement(
        SECTION_TITLES[section], len(several), len(several) - len(apart), apart
    )


def _several(standing: Standing) -> bool:
    said = {one.role for one in standing.given if one.answer != "does-not-apply"}
    return standing.applies and len(said) > 1


def agreement_table(case: Case) -> Fragment:
    """Return how many questions roles agree on, of those that several answered."""
    rows = [_row(one) for one in agreement_of(case.result) if one.asked]
    columns = (
        Column("Part", "head"),
        Column("Answered by two or more roles", "number"),
        Column("At most one level apart", "number"),
        Column("Share", "number"),
        Column("Further apart", "wide"),
    )
    empty = "No question was answered by two roles or more."
    return table("How far roles agree", columns, rows, empty=empty)


def _row(one: Agreement) -> Sequence[str]:
    names = ", ".join(one.apart) or "none"
    return [one.title, str(one.asked), str(one.agreed), one.share, names]
