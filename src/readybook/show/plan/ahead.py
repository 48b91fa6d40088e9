"""The pieces of what lies ahead that notebooks show: actions, dates, costs, figures."""

from __future__ import annotations

from dataclasses import dataclass

from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.results import Result
from readybook.plan.outlook import Prospect, prospect_of
from readybook.show.kit.fragment import Fragment
from readybook.show.plan.plan_charts import dependency_chart, load_chart
from readybook.show.plan.plan_figures import figures_tables
from readybook.show.plan.plan_tables import next_actions, when_and_what_it_costs

__all__ = ["Ahead"]


@dataclass(frozen=True)
class Ahead:
    """What lies ahead of one assessment; each method shows one piece of it."""

    prospect: Prospect
    assessment: Assessment
    bank: Bank

    @classmethod
    def of(cls, result: Result, assessment: Assessment, bank: Bank) -> Ahead:
        """Return the pieces of a scored assessment."""
        return cls(prospect_of(result, assessment, bank), assessment, bank)

    def actions(self) -> Fragment:
        """Return the actions to take first: who, by when, what each saves."""
        return next_actions(self.prospect, self.assessment, self.bank)

    def dates(self) -> Fragment:
        """Return when the last step is done, and what waiting costs."""
        return when_and_what_it_costs(self.prospect, self.assessment, self.bank)

    def waits(self) -> Fragment:
        """Return which step waits for which."""
        return dependency_chart(self.prospect, self.bank)

    def load(self) -> Fragment:
        """Return the work of each role, week by week."""
        return load_chart(self.prospect, self.bank)

    def figures(self) -> Fragment:
        """Return every declared figure, what workarounds cost, and what matters."""
        return figures_tables(self.prospect, self.assessment, self.bank)
