"""Print how long 10,000 draws of 200 steps take, beside a plain loop that does the same.

The loop draws each lead time with `random.betavariate` and walks the same steps; it is
run for fewer draws and its time is scaled up.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence

from readybook.model.case import Range
from readybook.plan.forecast import DRAWS, chances, finish_weeks
from readybook.plan.steps import PlanStep

__all__: list[str] = []

_STEPS = 200
_LOOPS = 200  # draws of the loop
_SEED = 2013
_MOST_SECONDS = 1.0
_REPEAT = 3


def main() -> int:
    """Print seconds and ratio, and return 1 where it takes longer than a second."""
    steps = _plan()
    seconds = min(_timed(steps) for _ in range(_REPEAT))
    begun = time.perf_counter()
    loop_mean = _loop(steps, _LOOPS)
    loop = (time.perf_counter() - begun) * DRAWS / _LOOPS
    mean = float(finish_weeks(steps).mean())
    is_fast = seconds < _MOST_SECONDS
    print(
        f"{'PASS' if is_fast else 'FAIL'}  forecast: {DRAWS:,} draws of {_STEPS} steps "
        f"in {seconds:.2f} s (under {_MOST_SECONDS:g} s), a plain loop {loop:.1f} s: "
        f"{loop / seconds:.0f} times as fast; mean {mean:.1f} and {loop_mean:.1f} weeks"
    )
    return int(not is_fast)


def _plan() -> list[PlanStep]:
    """Return steps of which most wait for two others, the same every time."""
    chance = random.Random(_SEED)  # noqa: S311 - no secret, the same plan every time
    steps = list[PlanStep]()
    for at in range(_STEPS):
        low, likely, high = sorted(chance.uniform(0, 10) for _ in range(3))
        needs = {chance.choice(steps).id for _ in range(2)} if steps else set()
        lead = Range(low=low, likely=likely, high=high)
        name = f"step-{at}"
        steps.append(PlanStep(name, name, "action", None, tuple(sorted(needs)), lead))
    return steps


def _timed(steps: Sequence[PlanStep]) -> float:
    """Return the seconds of one run that remembers nothing of an earlier one."""
    chances.cache_clear()
    begun = time.perf_counter()
    finish_weeks(steps)
    return time.perf_counter() - begun


def _loop(steps: Sequence[PlanStep], draws: int) -> float:
    """Return the mean of the ends, by a loop over draws and steps."""
    chance = random.Random(_SEED)  # noqa: S311 - as above
    total = 0.0
    for _ in range(draws):
        done: dict[str, float] = {}
        for step in steps:
            lead = step.lead or Range(low=0, likely=0, high=0)
            width = lead.high - lead.low
            rise = 4 * (lead.likely - lead.low) / width
            took = lead.low + width * chance.betavariate(1 + rise, 5 - rise)
            done[step.id] = max((done[n] for n in step.needs), default=0.0) + took
        total += max(done.values())
    return total / draws


if __name__ == "__main__":
    sys.exit(main())
