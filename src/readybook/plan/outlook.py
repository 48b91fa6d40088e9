"""What lies ahead of a case: its steps, dates, money and load, computed once; pure.

Every figure on money is declared, and figures are ranges throughout. Where one is
missing, the result is None: none is made up.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from readybook.model.bank import Bank
from readybook.model.case import Assessment, Range, Value
from readybook.model.results import Result
from readybook.plan.forecast import (
    Forecast,
    finish_weeks,
    forecast,
    held_at_ends,
    steady,
)
from readybook.plan.steps import Plan, PlanStep, derive_plan

_MONTHS_A_YEAR = 12
_NONE = Range(low=0, likely=0, high=0)

# --- what waiting and working cost -------------------------------------------------


def cost_of_weeks(weeks: float, value: Value | None) -> Range | None:
    """Return what so many weeks of delay cost."""
    a_week = value.cost_of_delay_per_week if value else None
    return a_week and a_week * weeks


def work_cost(step: PlanStep, value: Value | None) -> Range | None:
    """Return what a step costs: its effort at the day rate, and its other cost."""
    if step.effort is None or value is None or value.day_rate is None:
        return None
    return step.effort * value.day_rate + (step.cost or _NONE)


def work_left(
    steps: Sequence[PlanStep], value: Value | None
) -> tuple[Range | None, Range | None]:
    """Return the person-days of steps, and what they cost; None: nobody declared any."""
    efforts = [step.effort for step in steps if step.effort]
    costs = [cost for step in steps if (cost := work_cost(step, value))]
    effort, cost = (
        sum(some[1:], start=some[0]) if some else None for some in (efforts, costs)
    )
    return effort, cost


# --- what a step is worth ----------------------------------------------------------


@dataclass(frozen=True)
class Worth:
    """What having one step done today would be worth."""

    step: PlanStep
    gates: tuple[str, ...]  #: failed or undecided gates that it decides
    weeks: float | None  #: of P50 that it removes; None: no date yet
    saved: Range | None  #: money, the same weeks at the cost of delay
    net: Range | None  #: saved, less effort and cost; None: a figure is missing
    per_day: float | None  #: likely net worth of one person-day of it


def _rank_actions(
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
        if step.is_declared and (step.id in on_the_way or step.decides)
    ]
    return tuple(sorted(worths, key=_rank))


def _rank(one: Worth) -> tuple[int, int, float]:
    """Return where an action stands; what may be worth something, before losses."""
    if one.per_day is None:
        return -len(one.gates), 1, -(one.weeks or 0)
    return -len(one.gates), 0 if one.per_day > 0 else 2, -one.per_day


def _worth(
    step: PlanStep, still: set[str], value: Value | None, forecast: Forecast | None
) -> Worth:
    passage = forecast.passages.get(step.id) if forecast else None
    weeks = passage.saves if passage else None
    saved = None if weeks is None else cost_of_weeks(weeks, value)
    work = work_cost(step, value)
    net = saved - work if saved and work else None
    days = step.effort.likely if step.effort else 0
    gates = tuple(question for question in step.decides if question in still)
    per_day = net.likely / days if net and days else None
    return Worth(step, gates, weeks, saved, net, per_day)


@dataclass(frozen=True)
class Detour:
    """A workaround: what it costs, and how it moves the date."""

    step: PlanStep
    replaces: PlanStep
    is_taken: bool
    weeks: float | None  #: of P50 that it saves; None: no date with or without it
    cost: Range | None  #: effort at the day rate, and its other cost


def _detours(plan: Plan, value: Value | None) -> Iterator[Detour]:
    """Yield every workaround on offer or taken, beside the plan without or with it."""
    planned = _p50(plan)
    for name, replaced in plan.replaces.items():
        step, is_taken, weeks = plan.step(name), name in plan.taken, None
        other = _p50(plan.toggled(name))
        if planned is not None and other is not None:
            weeks = steady(other - planned if is_taken else planned - other)
        yield Detour(step, plan.step(replaced), is_taken, weeks, work_cost(step, value))


def _p50(plan: Plan) -> float | None:
    if any(step.lead is None for step in plan.steps):
        return None
    weeks: list[float] = finish_weeks(plan.steps).tolist()
    return steady(median(weeks))


def spent_on(steps: Sequence[PlanStep], value: Value | None) -> Range | None:
    """Return what is still to be spent, in the currency; None: building has no figure.

    It is the build cost, and effort and cost of the steps as far as they are declared.
    """
    if value is None or value.build_cost is None:
        return None
    costs = (work_cost(step, value) or _NONE for step in steps)
    return sum(costs, start=value.build_cost)


def months_to_break_even(
    steps: Sequence[PlanStep], value: Value | None
) -> tuple[float | None, float | None, float | None] | None:
    """Return how many months of running pay for what is still to be spent.

    From the best case (least cost, most gain) to the worst; None
    in a place where a year brings no more than it costs, None for all where gain, cost
    of running or cost of building is not declared.
    """
    if value is None:
        return None
    gain, run = value.gain_per_year, value.run_cost_per_year
    spent = spent_on(steps, value)
    if gain is None or run is None or spent is None:
        return None
    a_year = gain - run
    best, likely, worst = (
        cost / year * _MONTHS_A_YEAR if year > 0 else None
        for cost, year in (
            (spent.low, a_year.high),
            (spent.likely, a_year.likely),
            (spent.high, a_year.low),
        )
    )
    return best, likely, worst


# --- declared and missing figures --------------------------------------------------

#: Figures of `value`: their words, unit, the role that can give them, what needs them.
_MONEY = (
    ("cost_of_delay_per_week", "Cost of delay", "a week", "finance", "what waiting costs"),
    ("day_rate", "Day rate", "a person-day", "finance", "what an action is worth"),
    ("gain_per_year", "Gain once it runs", "a year", "business-owner", "the break-even"),
    ("run_cost_per_year", "Cost of running it", "a year", "finance", "the break-even"),
    ("build_cost", "Cost of building it, still to be spent", "", "finance",
     "the break-even"),
)  # fmt: skip


@dataclass(frozen=True)
class Assumption:
    """One declared figure, with where it is from."""

    what: str
    figure: Range
    unit: str  #: after the currency: "a week"
    source: str


@dataclass(frozen=True)
class Missing:
    """One figure that nobody has declared, and who can give it."""

    what: str
    role: str | None  #: None: nobody is named
    needed_for: str


@dataclass(frozen=True)
class Swing:
    """How far the result moves where one figure is at its low, then at its high."""

    what: str
    low: float  #: result in money, or in weeks where no cost of delay is declared
    high: float

    @property
    def size(self) -> float:
        """Return how far apart the two results are."""
        return abs(self.high - self.low)


def assumptions(assessment: Assessment) -> Iterator[Assumption]:
    """Yield each declared figure on money; those of a step stand with the step."""
    value = assessment.scope.value
    for key, what, unit, *_ in _MONEY:
        figure = getattr(value, key) if value else None
        if value and figure:
            yield Assumption(what, figure, unit, value.source)


def missing(steps: Sequence[PlanStep], assessment: Assessment) -> Iterator[Missing]:
    """Yield each figure without which a result cannot be computed.

    A gap has no lead time of its own: it takes an action that decides it.
    """
    value = assessment.scope.value
    for step in steps:
        if step.lead is None:
            yield Missing(f"Lead time: {step.what}", step.owner, "the date")
    for key, what, _, role, needed_for in _MONEY:
        if value is None or getattr(value, key) is None:
            yield Missing(what, role, needed_for)
    for step in steps:
        if step.is_declared and step.effort is None:
            yield Missing(f"Effort: {step.what}", step.owner, "worth and load")
    has = {one.role for one in assessment.stakeholders.roles if one.days_per_week}
    for owner in dict.fromkeys(s.owner for s in steps if s.effort and s.owner):
        if owner not in has:
            yield Missing("Days per week for the case", owner, "the load")


def swings(
    steps: Sequence[PlanStep],
    value: Value | None,
    p50: float,
    held: Mapping[str, tuple[float, float]],
) -> tuple[Swing, ...]:
    """Return how far each declared figure moves the result alone, the most in front.

    The result is what it costs until the case runs: the weeks until P50 at the likely
    cost of delay, and the likely work and cost of every step. Without a cost of delay
    it is the weeks until P50. What does not move it is left out. `held` is P50 with the
    lead time of a step on the way at its least and at its most.
    """
    delay = value.cost_of_delay_per_week if value else None
    rate = value.day_rate if value else None
    a_week = delay.likely if delay else 1.0
    work = sum((cost.likely for s in steps if (cost := work_cost(s, value))), 0.0)
    base = p50 * a_week + (work if delay else 0.0)

    def swing(what: str, figure: Range, each: float) -> Swing:
        low, high = figure.low - figure.likely, figure.high - figure.likely
        return Swing(what, base + low * each, base + high * each)

    names = {step.id: step.what for step in steps}
    found = [
        swing(
            f"Lead time: {names[name]}", Range(low=low, likely=p50, high=high), a_week
        )
        for name, (low, high) in held.items()
    ]
    if delay:
        found.append(swing("Cost of delay", delay, p50))
    if delay and rate:
        days = sum(step.effort.likely for step in steps if step.effort)
        found.append(swing("Day rate", rate, days))
        for step in steps:
            if step.effort:
                found.append(swing(f"Effort: {step.what}", step.effort, rate.likely))
            if step.cost:
                found.append(swing(f"Cost: {step.what}", step.cost, 1))
    found.sort(key=lambda swing: -swing.size)
    return tuple(swing for swing in found if swing.size > 0)


# --- load --------------------------------------------------------------------------

_ROUNDING = 1e-6  # days


@dataclass(frozen=True)
class Load:
    """What the case asks of one role."""

    role: str
    days: Range  #: person-days in all
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

    Without a date (`forecast` is None) there is no load per week.
    """
    has = {one.role: one.days_per_week for one in assessment.stakeholders.roles}
    owned: dict[str, list[PlanStep]] = {}
    for step in steps:
        if step.is_declared and step.owner:
            owned.setdefault(step.owner, []).append(step)
    return tuple(
        Load(
            role=role,
            days=sum((step.effort or _NONE for step in own), start=_NONE),
            has=has.get(role),
            weeks=_weeks(own, forecast) if forecast else (),
            unknown=tuple(step.id for step in own if step.effort is None),
        )
        for role, own in owned.items()
    )


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
    """Return what lies ahead of a case, with dates where no lead time is missing."""
    plan = derive_plan(result, assessment, bank)
    steps, value = plan.steps, assessment.scope.value
    least = forecast(steps, assessment.as_of)
    undated = tuple(step for step in steps if step.lead is None)
    dated = None if undated else least
    held = held_at_ends(steps) if dated else {}
    return Prospect(
        plan=plan,
        steps=steps,
        least=least,
        undated=undated,
        actions=_rank_actions(plan, result, value, dated),
        detours=tuple(_detours(plan, value)),
        loads=load_of(steps, assessment, dated),
        missing=tuple(missing(steps, assessment)),
        swings=swings(steps, value, least.p50, held) if dated else (),
    )
