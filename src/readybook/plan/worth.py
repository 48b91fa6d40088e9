"""What waiting costs, what an action is worth, when it pays, and what that rests on; pure.

Every figure is declared, and figures are ranges throughout. Where one is missing, the
result is None: none is made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from readybook.model.case import Assessment, Range, Value
from readybook.model.results import Result
from readybook.plan.forecast import Forecast, steady
from readybook.plan.steps import Plan, PlanStep

__all__ = [
    "QUARTER",
    "Assumption",
    "Detour",
    "Missing",
    "Span",
    "Swing",
    "Worth",
    "assumptions",
    "cost_of_weeks",
    "detours",
    "missing",
    "months_to_break_even",
    "rank_actions",
    "swings",
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

    step: PlanStep
    gates: tuple[str, ...]  #: failed or undecided gates that it decides
    weeks: float | None  #: of P50 that it removes; None: no date yet
    saved: Span | None  #: money, the same weeks at the cost of delay
    net: Span | None  #: saved, less effort and cost; None: a figure is missing
    per_day: float | None  #: likely net worth of one person-day of it


@dataclass(frozen=True)
class Detour:
    """A workaround: what it costs, and how it moves the date."""

    step: PlanStep
    replaces: PlanStep
    is_taken: bool
    weeks: float | None  #: of P50 that it saves; None: no date with or without it
    cost: Span | None  #: effort at the day rate, and its other cost


def cost_of_weeks(weeks: float, value: Value | None) -> Span | None:
    """Return what so many weeks of delay cost."""
    if value is None or value.cost_of_delay_per_week is None:
        return None
    return Span.of(value.cost_of_delay_per_week).scaled(weeks)


def work_cost(step: PlanStep, value: Value | None) -> Span | None:
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
    step: PlanStep, still: set[str], value: Value | None, forecast: Forecast | None
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
    steps: Sequence[PlanStep], value: Value | None
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


# --- declared and missing figures ------------------------------------------------


#: Figures of `value`, each with its words, its unit and the role that can give it.
_MONEY = (
    ("cost_of_delay_per_week", "Cost of delay", "a week", "finance"),
    ("day_rate", "Day rate", "a person-day", "finance"),
    ("gain_per_year", "Gain once it runs", "a year", "business-owner"),
    ("run_cost_per_year", "Cost of running it", "a year", "finance"),
    ("build_cost", "Cost of building it, still to be spent", "", "finance"),
)


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
    where: str  #: file and key
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
    for key, what, unit, _ in _MONEY:
        figure = getattr(value, key) if value else None
        if value and figure:
            yield Assumption(what, figure, unit, value.source)


def missing(steps: Sequence[PlanStep], assessment: Assessment) -> Iterator[Missing]:
    """Yield each figure without which a result cannot be computed.

    A gap has no lead time of its own: it takes an action that decides it.
    """
    for step in steps:
        if step.lead is None:
            yield Missing(
                f"Lead time: {step.what}", step.owner, step.source, "the date"
            )
    value = assessment.scope.value
    for key, what, _, role in _MONEY:
        if value is None or getattr(value, key) is None:
            yield Missing(what, role, f"assessment.yaml: value {key}", _NEEDED_FOR[key])
    for step in steps:
        if step.kind in {"action", "workaround"} and step.effort is None:
            where = f"actions.yaml: {step.id} effort_days"
            yield Missing(f"Effort: {step.what}", step.owner, where, "worth and load")
    holders = assessment.stakeholders.roles
    has = {holder.role for holder in holders if holder.days_per_week}
    busy = dict.fromkeys(s.owner for s in steps if s.effort and s.owner)
    for owner in busy:
        if owner not in has:
            where = f"stakeholders.yaml: {owner} days_per_week"
            yield Missing("Days per week for the case", owner, where, "the load")


_NEEDED_FOR = {
    "cost_of_delay_per_week": "what waiting costs",
    "day_rate": "what an action is worth",
    "gain_per_year": "the break-even",
    "run_cost_per_year": "the break-even",
    "build_cost": "the break-even",
}


def swings(
    steps: Sequence[PlanStep],
    value: Value | None,
    p50: float,
    held: Mapping[str, tuple[float, float]],
) -> tuple[Swing, ...]:
    """Return how far each declared figure moves the result alone, the most in front.

    The result is what it costs until the case runs: the weeks until P50 at the likely
    cost of delay, and the likely work and cost of every step. Without a cost of delay
    it is the weeks until P50. What does not move it is left out.

    Args:
        steps: those on the way.
        value: for the money.
        p50: weeks until P50.
        held: P50 with the lead time of a step at its least and at its most.
    """
    delay = value.cost_of_delay_per_week if value else None
    rate = value.day_rate if value else None
    a_week = delay.likely if delay else 1.0
    work = sum((cost.likely for s in steps if (cost := work_cost(s, value))), 0.0)
    base = p50 * a_week + (work if delay else 0.0)
    names = {step.id: step for step in steps}
    found = [
        Swing(
            f"Lead time: {names[name].what}",
            base + (low - p50) * a_week,
            base + (high - p50) * a_week,
        )
        for name, (low, high) in held.items()
    ]
    if delay:
        ends = ((end - delay.likely) * p50 for end in (delay.low, delay.high))
        found.append(Swing("Cost of delay", *(base + end for end in ends)))
    if delay and rate:
        found += _of_work(steps, rate, base)
    found.sort(key=lambda swing: -swing.size)
    return tuple(swing for swing in found if swing.size > 0)


def _of_work(steps: Sequence[PlanStep], rate: Range, base: float) -> Iterator[Swing]:
    days = sum(step.effort.likely for step in steps if step.effort)
    ends = ((end - rate.likely) * days for end in (rate.low, rate.high))
    yield Swing("Day rate", *(base + end for end in ends))
    for step in steps:
        if effort := step.effort:
            ends = (
                (end - effort.likely) * rate.likely for end in (effort.low, effort.high)
            )
            yield Swing(f"Effort: {step.what}", *(base + end for end in ends))
        if cost := step.cost:
            ends = (end - cost.likely for end in (cost.low, cost.high))
            yield Swing(f"Cost: {step.what}", *(base + end for end in ends))
