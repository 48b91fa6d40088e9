"""What lies ahead of a case: its steps, dates, money and load, computed once; pure."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.results import Result
from readybook.plan.assumptions import Missing, Swing, missing, swings
from readybook.plan.forecast import (
    Forecast,
    finish_weeks,
    forecast,
    held_at_ends,
    steady,
    without_lead,
)
from readybook.plan.load import Load, load_of
from readybook.plan.steps import Plan, Step, derive_plan
from readybook.plan.worth import Detour, Worth, detours, rank_actions

__all__ = ["Prospect", "prospect_of"]


@dataclass(frozen=True)
class Prospect:
    """Everything that the report says about what is next, when, and what it costs."""

    plan: Plan
    steps: tuple[Step, ...]  #: on the way
    least: Forecast  #: with steps that have no lead time taking none
    undated: tuple[Step, ...]  #: steps on the way without a lead time
    actions: tuple[Worth, ...]  #: ranked
    detours: tuple[Detour, ...]
    loads: tuple[Load, ...]
    missing: tuple[Missing, ...]
    swings: tuple[Swing, ...]  #: the figure that moves the result most in front

    @property
    def forecast(self) -> Forecast | None:
        """Return when the last step is done; None while a lead time is missing."""
        return None if self.undated else self.least


def prospect_of(result: Result, assessment: Assessment, bank: Bank) -> Prospect:
    """Return what lies ahead of a case.

    Args:
        result: what the method concludes, for the gates that are not passed.
        assessment: for everything that was declared.
        bank: for who answers for what.
    """
    plan = derive_plan(result, assessment, bank)
    steps, value = plan.steps, assessment.scope.value
    least, undated = forecast(steps, assessment.as_of), without_lead(steps)
    dated = None if undated else least
    held = held_at_ends(steps) if dated else {}
    return Prospect(
        plan=plan,
        steps=steps,
        least=least,
        undated=undated,
        actions=rank_actions(plan, result, value, dated),
        detours=detours(plan, value, _with_and_without(plan)),
        loads=load_of(steps, assessment, dated),
        missing=tuple(missing(steps, assessment)),
        swings=swings(steps, value, least.p50, held) if dated else (),
    )


def _with_and_without(plan: Plan) -> dict[str, float | None]:
    """Return the weeks to P50 as planned, and with each workaround the other way."""
    others = {name: plan.toggled(name) for name in plan.replaces}
    return {name: _p50(other.steps) for name, other in {"": plan, **others}.items()}


def _p50(steps: tuple[Step, ...]) -> float | None:
    if without_lead(steps):
        return None
    weeks: list[float] = finish_weeks(steps).tolist()
    return steady(median(weeks))
