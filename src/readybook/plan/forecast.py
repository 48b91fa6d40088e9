"""When the last step is done: drawn lead times, the longest path, dates; pure.

Lead times are drawn from the PERT-beta distribution of their low, likely and high:
Malcolm, Roseboom, Clark and Fazar, Application of a Technique for Research and
Development Program Evaluation, Operations Research 7 (1959), in the form of a beta
distribution on [low, high] whose two shapes add up to six.
"""

import datetime as dt
import hashlib
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Self, SupportsFloat

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from readybook.model.case import Range
from readybook.plan.steps import DAYS_A_WEEK, PlanStep, plan_graph

DRAWS = 10_000
_NODES = 1_025  # at which the distribution is integrated
_SAME = 1e-9  # weeks below which two paths are of one length
_DIGITS = 9  # of weeks; those after them are left by the order of additions
_SHARES = (0.5, 0.8, 0.9)

Weeks = NDArray[np.float64]


@lru_cache(maxsize=512)
def chances(step: str, draws: int = DRAWS) -> Weeks:
    """Return numbers evenly spread over 0 to 1, those of a step's id.

    They stay the same whatever the other steps are, so that removing one step shifts
    no draw of another.
    """
    seed = int.from_bytes(hashlib.sha256(step.encode()).digest()[:8], "big")
    # A bit generator's raw stream stays the same in later versions of numpy.
    raw = np.random.PCG64(seed).random_raw(draws)
    return np.asarray((raw >> np.uint64(11)) * 2.0**-53, dtype=np.float64)


@dataclass(frozen=True)
class Passage:
    """When one step is passed, over all draws."""

    start: float  #: weeks from the as-of date, mean
    finish: float
    begun: float  #: weeks from the as-of date in which half of the draws have it begun
    done: float  #: and done
    critical: float  #: share of draws in which it lies on the longest path
    saves: float  #: weeks of P50 that having it done today would remove

    @property
    def per_cent(self) -> int:
        """Return the share in per cent; 0 and 100 are exact."""
        rounded = min(max(round(100 * self.critical), 1), 99)
        return rounded if 0 < self.critical < 1 else round(100 * self.critical)


@dataclass(frozen=True)
class Forecast:
    """When every step is done, as far as the declared lead times tell."""

    as_of: dt.date
    p50: float  #: weeks from the as-of date
    p80: float
    p90: float
    passages: dict[str, Passage]  #: by step, in the order of the steps
    overdue: tuple[str, ...]  #: waited beyond their high: one lead time drawn afresh
    weeks: tuple[float, ...]  #: every draw, sorted

    def date(self, weeks: float) -> dt.date:
        """Return the first day on which so many weeks have passed."""
        days = math.ceil((weeks - _SAME) * DAYS_A_WEEK)
        return self.as_of + dt.timedelta(days=days)

    @property
    def varies(self) -> bool:
        """Return whether the runs end at different times; one number each gives one."""
        return self.weeks[0] != self.weeks[-1]

    def runs_by(self, day: dt.date) -> int:
        """Return how many draws are done by a day."""
        most = (day - self.as_of).days / DAYS_A_WEEK
        return bisect_right(self.weeks, most + _SAME)


def steady(weeks: SupportsFloat) -> float:
    """Return weeks without the digits that differ from machine to machine.

    They are far below a day, so that a constant lead time ends on its own day.
    """
    return round(float(weeks), _DIGITS)


def is_overdue(step: PlanStep) -> bool:
    """Return whether a step that can go on has waited for all of its high."""
    waits = step.waited > 0 and not step.needs
    return waits and step.lead is not None and step.waited >= step.lead.high


def _counted(step: PlanStep) -> float:
    """Return the weeks of waiting that count towards a step's lead time."""
    return 0.0 if step.needs or is_overdue(step) else step.waited


def draw_weeks(step: PlanStep, draws: int = DRAWS) -> Weeks:
    """Return how many weeks a step still takes once what it needs is done.

    A step that has been waiting, and needs nothing that is open, takes what is left of
    a lead time that is longer than the wait; past its high, a fresh one. A step without
    a lead time takes none.
    """
    if step.lead is None:
        return np.zeros(draws)
    chance, waited = chances(step.id, draws), _counted(step)
    if step.lead.low == step.lead.high:
        return np.full(draws, max(0.0, step.lead.high - waited))
    nodes, shares = _distribution(step.lead)
    passed = float(np.interp(waited, nodes, shares))
    drawn = np.interp(passed + chance * (1 - passed), shares, nodes)
    return np.maximum(drawn - waited, 0.0)


def _distribution(lead: Range) -> tuple[Weeks, Weeks]:
    """Return weeks from low to high, and the share of lead times below each.

    Inverting this distribution, instead of sampling a beta, gives a step the same
    random numbers whatever its lead time: a longer one is longer in every draw.
    """
    width = lead.high - lead.low
    rise = 4 * (lead.likely - lead.low) / width  # shapes: rise + 1 and 5 - rise
    # Nodes crowd at both ends, where the density may turn sharply.
    angles = np.linspace(0.0, np.pi, _NODES)
    places = (1 - np.cos(angles)) / 2
    density = places**rise * (1 - places) ** (4 - rise) * np.sin(angles)
    shares = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    return lead.low + width * places, shares / shares[-1]


@dataclass(frozen=True)
class _Run:
    """One set of steps with its draws."""

    order: tuple[PlanStep, ...]  #: each after all that it needs
    taken: dict[str, Weeks]
    draws: int

    @classmethod
    def of(cls, steps: Sequence[PlanStep], draws: int) -> Self:
        """Return the draws of these steps, in whatever order they stand."""
        by_id = {step.id: step for step in steps}
        order = tuple(by_id[name] for name in nx.topological_sort(plan_graph(steps)))
        return cls(order, {step.id: draw_weeks(step, draws) for step in order}, draws)

    @cached_property
    def ends(self) -> dict[str, Weeks]:
        """When each step ends."""
        ends = dict[str, Weeks]()
        for step in self.order:
            begun = [ends[need] for need in step.needs]
            start = np.maximum.reduce(begun) if begun else 0.0
            ends[step.id] = start + self.taken[step.id]
        return ends

    @cached_property
    def last(self) -> Weeks:
        """When the last step ends."""
        last: Weeks = np.maximum.reduce([np.zeros(self.draws), *self.ends.values()])
        return last

    def critical(self) -> dict[str, float]:
        """Return the share of draws in which each step lies on a longest path."""
        after = {step.id: np.zeros(self.draws) for step in self.order}
        shares = dict[str, float]()
        for step in reversed(self.order):
            through = self.ends[step.id] + after[step.id]
            shares[step.id] = float(np.mean(through >= self.last - _SAME))
            for need in step.needs:
                ahead = self.taken[step.id] + after[step.id]
                after[need] = np.maximum(after[need], ahead)
        return shares

    def without(self, name: str) -> Weeks:
        """Return the end of the last step where this one is done today."""
        rest = without_step(self.order, name)
        # What waits for this one alone is now free to go on with its waiting.
        freed = [step for step in rest if step.waited and step not in self.order]
        drawn = {step.id: draw_weeks(step, self.draws) for step in freed}
        return _Run(rest, self.taken | drawn, self.draws).last

    def taking(self, name: str, weeks: Weeks) -> Weeks:
        """Return the end of the last step where this one takes so many weeks."""
        return _Run(self.order, {**self.taken, name: weeks}, self.draws).last


def without_step(steps: Sequence[PlanStep], name: str) -> tuple[PlanStep, ...]:
    """Return the steps as they stand once one of them is done."""
    return tuple(
        replace(step, needs=tuple(need for need in step.needs if need != name))
        for step in steps
        if step.id != name
    )


def finish_weeks(steps: Sequence[PlanStep], draws: int = DRAWS) -> Weeks:
    """Return after how many weeks the last step is done, in every draw.

    Steps without a lead time take none here.
    """
    return _Run.of(steps, draws).last


def forecast(steps: Sequence[PlanStep], as_of: dt.date, draws: int = DRAWS) -> Forecast:
    """Return when every step is done, in weeks from a day.

    The steps have no circle, and each need is the id of one of them.
    """
    run = _Run.of(steps, draws)
    p50, p80, p90 = map(steady, np.quantile(run.last, _SHARES))
    critical = run.critical()
    passages = {}
    for step in steps:
        end, share = run.ends[step.id], critical[step.id]
        left = run.without(step.id) if share else run.last
        passages[step.id] = Passage(
            start=steady(np.mean(end - run.taken[step.id])),
            finish=steady(np.mean(end)),
            begun=steady(np.median(end - run.taken[step.id])),
            done=steady(np.median(end)),
            critical=share,
            saves=steady(p50 - np.median(left)),
        )
    return Forecast(
        as_of=as_of,
        p50=p50,
        p80=p80,
        p90=p90,
        passages=passages,
        overdue=tuple(step.id for step in steps if is_overdue(step)),
        weeks=tuple(np.round(np.sort(run.last), _DIGITS).tolist()),
    )


def moved_by(steps: Sequence[PlanStep], name: str, weeks: float) -> float:
    """Return by how many weeks P50 moves where one step takes so many more."""
    run = _Run.of(steps, DRAWS)
    later = run.taking(name, run.taken[name] + weeks)
    return steady(np.median(later) - np.median(run.last))


def held_at_ends(steps: Sequence[PlanStep]) -> dict[str, tuple[float, float]]:
    """Return the P50, in weeks, with one lead time at its least and at its most.

    One step at a time, all others drawn as ever; steps whose lead time has one value
    are left out. What has been waiting takes what is left of its low and of its high.
    """
    run, ends = _Run.of(steps, DRAWS), {}

    def held(step: PlanStep, lead: float) -> float:
        weeks = np.full(DRAWS, max(0.0, lead - _counted(step)))
        return steady(np.median(run.taking(step.id, weeks)))

    for step in steps:
        if step.lead is not None and step.lead.low != step.lead.high:
            ends[step.id] = (held(step, step.lead.low), held(step, step.lead.high))
    return ends
