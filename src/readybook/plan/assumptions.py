"""Every declared figure behind dates and money, what is missing, what matters; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from readybook.model.actions import Range
from readybook.model.case import Assessment, Value
from readybook.plan.steps import Step
from readybook.plan.worth import work_cost

__all__ = ["Assumption", "Missing", "Swing", "assumptions", "missing", "swings"]

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


def missing(steps: Sequence[Step], assessment: Assessment) -> Iterator[Missing]:
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
    steps: Sequence[Step],
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


def _of_work(steps: Sequence[Step], rate: Range, base: float) -> Iterator[Swing]:
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
