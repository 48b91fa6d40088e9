"""What waiting costs, what an action is worth, when it pays: ranges throughout; pure.

Every figure is declared. Where one is missing, the result is None: none is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from readybook.model.actions import Range
from readybook.model.case import Value
from readybook.model.results import Result
from readybook.plan.forecast import Forecast, steady
from readybook.plan.steps import Plan, Step

__all__ = [
    "QUARTER",
    "Detour",
    "Span",
    "Worth",
    "cost_of_weeks",
    "detours",
    "months_to_break_even",
    "rank_actions",
    "work_cost",
]

QUARTER = 13  # weeks
_MONTHS_A_YEAR = 12


@dataclass(frozen=True)
class Span:
    """A computed figure, low to high; a loss is below 0."""

    low: float
    likely: float
    high: float

    @classmethod
    def of(cls, declared: Range) -> Span:
        """Return a declared figure."""
        return cls(declared.low, declared.likely, declared.high)

    def plus(self, other: Span) -> Span:
        """Return the sum of two figures."""
        return Span(
            self.low + other.low, self.likely + other.likely, self.high + other.high
        )

    def minus(self, other: Span) -> Span:
        """Return the difference; its low takes the most away from the least."""
        return Span(
            self.low - other.high, self.likely - other.likely, self.high - other.low
        )

    def times(self, other: Span) -> Span:
        """Return the product of two figures that are 0 or more."""
        return Span(
            self.low * other.low, self.likely * other.likely, self.high * other.high
        )

    def scaled(self, by: float) -> Span:
        """Return so many times the figure, `by` being 0 or more."""
        return Span(self.low * by, self.likely * by, self.high * by)


@dataclass(frozen=True)
class Worth:
    """What having one step done today would be worth."""

    step: Step
    gates: tuple[str, ...]  #: failed or undecided gates that it decides
    weeks: float | None  #: of P50 that it removes; None: no date yet
    saved: Span | None  #: money, the same weeks at the cost of delay
    net: Span | None  #: saved, less effort and cost; None: a figure is missing
    per_day: float | None  #: likely net worth of one person-day of it


@dataclass(frozen=True)
class Detour:
    """A workaround: what it costs, and how it moves the date."""

    step: Step
    replaces: Step
    is_taken: bool
    weeks: float | None  #: of P50 that it saves; None: no date with or without it
    cost: Span | None  #: effort at the day rate, and its other cost


def cost_of_weeks(weeks: float, value: Value | None) -> Span | None:
    """Return what so many weeks of delay cost."""
    if value is None or value.cost_of_delay_per_week is None:
        return None
    return Span.of(value.cost_of_delay_per_week).scaled(weeks)


def work_cost(step: Step, value: Value | None) -> Span | None:
    """Return what a step costs: its effort at the day rate, and its other cost."""
    if step.effort is None or value is None or value.day_rate is None:
        return None
    work = Span.of(step.effort).times(Span.of(value.day_rate))
    return work.plus(Span.of(step.cost)) if step.cost else work


def rank_actions(
    plan: Plan, result: Result, value: Value | None, forecast: Forecast | None
) -> tuple[Worth, ...]:
    """Return the worth of every open action, the one to take first in front.

    Sorted by the gates that they decide, then by worth per person-day, then as they
    stand. Where that worth is not known, the weeks that they save decide, after the
    actions that are worth something. What a workaround is worth that is not taken, its
    detour tells.
    """
    states = {s.question.id: s.gate_state for s in result.standings}
    still = {gate for gate, state in states.items() if state in {"failed", "undecided"}}
    on_the_way = {step.id for step in plan.steps}
    worths = [
        _worth(step, still, value, forecast)
        for step in plan.every
        if step.kind in {"action", "workaround"}
        and (step.id in on_the_way or step.decides)
    ]
    worths.sort(key=_rank)
    return tuple(worths)


def _rank(one: Worth) -> tuple[int, int, float]:
    """Return where an action stands; what may be worth something, before losses."""
    if one.per_day is None:
        return -len(one.gates), 1, -(one.weeks or 0)
    return -len(one.gates), 0 if one.per_day > 0 else 2, -one.per_day


def _worth(
    step: Step, still: set[str], value: Value | None, forecast: Forecast | None
) -> Worth:
    passage = forecast.passages.get(step.id) if forecast else None
    weeks = passage.saves if passage else None
    saved = None if weeks is None else cost_of_weeks(weeks, value)
    work = work_cost(step, value)
    net = saved.minus(work) if saved and work else None
    days = step.effort.likely if step.effort else 0
    return Worth(
        step=step,
        gates=tuple(question for question in step.decides if question in still),
        weeks=weeks,
        saved=saved,
        net=net,
        per_day=net.likely / days if net and days else None,
    )


def detours(
    plan: Plan, value: Value | None, p50: dict[str, float | None]
) -> tuple[Detour, ...]:
    """Return every workaround on offer or taken.

    Args:
        plan: with its workarounds.
        value: for day rate and cost of delay.
        p50: weeks to P50 as planned, under "", and with each workaround taken or left
            out; None where there is no date.
    """
    planned = p50[""]
    found = []
    for name, replaced in plan.replaces.items():
        other, is_taken = p50[name], name in plan.taken
        weeks = None
        if planned is not None and other is not None:
            weeks = steady(other - planned if is_taken else planned - other)
        step = plan.step(name)
        detour = Detour(
            step, plan.step(replaced), is_taken, weeks, work_cost(step, value)
        )
        found.append(detour)
    return tuple(found)


def months_to_break_even(
    steps: Sequence[Step], value: Value | None
) -> tuple[float | None, float | None, float | None] | None:
    """Return how many months of running pay for what is still to be spent.

    What is still to be spent is the build cost, and effort and cost of the steps as far
    as they are declared. From the best case (least cost, most gain) to the worst; None
    in a place where a year brings no more than it costs, None for all where gain, cost
    of running or cost of building is not declared.
    """
    if value is None:
        return None
    gain, run, build = value.gain_per_year, value.run_cost_per_year, value.build_cost
    if gain is None or run is None or build is None:
        return None
    spent = Span.of(build)
    for step in steps:
        spent = spent.plus(work_cost(step, value) or Span(0, 0, 0))
    a_year = Span.of(gain).minus(Span.of(run))
    pairs = (
        (spent.low, a_year.high),
        (spent.likely, a_year.likely),
        (spent.high, a_year.low),
    )
    best, likely, worst = (
        cost / year * _MONTHS_A_YEAR if year > 0 else None for cost, year in pairs
    )
    return best, likely, worst
