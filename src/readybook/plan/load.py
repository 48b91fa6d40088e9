"""How much work falls to each role, week by week, beside what the role has; pure.

Effort is not scheduled: each step's is spread evenly over its lead time, which begins
when what it needs is done, on average over the draws.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from readybook.model.case import Assessment
from readybook.plan.forecast import Forecast
from readybook.plan.steps import Step
from readybook.plan.worth import Span

__all__ = ["Load", "load_of"]

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
    steps: Sequence[Step], assessment: Assessment, forecast: Forecast | None
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


def _weeks(steps: Sequence[Step], forecast: Forecast) -> tuple[float, ...]:
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
