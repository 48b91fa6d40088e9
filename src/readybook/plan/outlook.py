"""What lies ahead of a case: its steps, dates, money and load, computed once; pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.results import Result
from readybook.plan.forecast import (
    Forecast,
    finish_weeks,
    forecast,
    held_at_ends,
    steady,
    without_lead,
)
from readybook.plan.steps import Plan, PlanStep, derive_plan
from readybook.plan.worth import (
    Detour,
    Missing,
    Span,
    Swing,
    Worth,
    detours,
    missing,
    rank_actions,
    swings,
)

__all__ = [
    "Load",
    "Prospect",
    "load_of",
    "prospect_of",
]

# --- load ------------------------------------------------------------------------


_ROUNDING = 1e-6  # days


@dataclass(frozen=True)
class Load:
    """What the case asks of one role."""

    role: str
    days: Span  #: person-days in all
    has: float | None  #: days per week for the case; None: not declared
    weeks: tuple[float, ...]  #: likely person-days in each week from the as-of date
    unknown: tuple[str, ...]  #: its steps whose effort nobody declared

    @property
    def over(self) -> tuple[int, ...]:
        """Return the weeks, counted from 0, in which it needs more than it has."""
        if self.has is None:
            return ()
        most = self.has + _ROUNDING
        return tuple(at for at, days in enumerate(self.weeks) if days > most)


def load_of(
    steps: Sequence[PlanStep], assessment: Assessment, forecast: Forecast | None
) -> tuple[Load, ...]:
    """Return the load of every role that owns an action, in the order of the steps.

    Args:
        steps: those on the way.
        assessment: for the days per week that a role has.
        forecast: when the steps begin and end; None where there is no date, and so no
            load per week.
    """
    holders = assessment.stakeholders.roles
    has = {holder.role: holder.days_per_week for holder in holders}
    asked = [s for s in steps if s.kind in {"action", "workaround"} and s.owner]
    loads = []
    for role in dict.fromkeys(step.owner for step in asked if step.owner):
        own = [step for step in asked if step.owner == role]
        days = Span(0, 0, 0)
        for step in own:
            days = days.plus(Span.of(step.effort)) if step.effort else days
        loads.append(
            Load(
                role=role,
                days=days,
                has=has.get(role),
                weeks=_weeks(own, forecast) if forecast else (),
                unknown=tuple(step.id for step in own if step.effort is None),
            )
        )
    return tuple(loads)


def _weeks(steps: Sequence[PlanStep], forecast: Forecast) -> tuple[float, ...]:
    ends = [passage.finish for passage in forecast.passages.values()]
    weeks = [0.0] * max(1, math.ceil(max(ends, default=0)))
    for step in steps:
        passage = forecast.passages.get(step.id)
        if passage is None or step.effort is None:
            continue
        start, finish = passage.start, passage.finish
        if finish <= start:  # all of it falls into one week
            weeks[min(int(start), len(weeks) - 1)] += step.effort.likely
            continue
        for at in range(int(start), min(len(weeks), math.ceil(finish))):
            shared = min(finish, at + 1) - max(start, at)
            weeks[at] += step.effort.likely * max(0.0, shared) / (finish - start)
    return tuple(round(days, 3) for days in weeks)


# --- all of it -------------------------------------------------------------------


@dataclass(frozen=True)
class Prospect:
    """Everything that the report says about what is next, when, and what it costs."""

    plan: Plan
    steps: tuple[PlanStep, ...]  #: on the way
    least: Forecast  #: with steps that have no lead time taking none
    undated: tuple[PlanStep, ...]  #: steps on the way without a lead time
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


def _p50(steps: tuple[PlanStep, ...]) -> float | None:
    if without_lead(steps):
        return None
    weeks: list[float] = finish_weeks(steps).tolist()
    return steady(median(weeks))
