"""Steps that were found in the data, dated, and the declared changes beside them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from readybook.model.case import Change
from readybook.model.findings import Finding, Point
from readybook.model.words import count, day, number

__all__ = ["Step", "lettered", "steps_of", "tell_steps", "without_step"]


@dataclass(frozen=True)
class Step:
    """One point in time from which on a table is collected differently."""

    date: dt.date  #: first day after it; of a month, its first
    when: str  #: in words; the month where no day is known
    what: str  #: the series that steps most
    size: float | None  #: points for shares, else per cent; None: it begins there
    change: dt.date | None  #: about when the declared change was that explains it

    @property
    def told(self) -> str:
        """Return the step in words: "June 2013: rows of flights, -21 %"."""
        if self.size is None:
            return f"{self.when}: {self.what}"
        unit = "points" if self.what.startswith("share ") else "%"
        sign = "+" if self.size > 0 else "-"
        return f"{self.when}: {self.what}, {sign}{number(abs(self.size), unit)}"


def steps_of(finding: Finding) -> list[Step]:
    """Return the steps of a finding of `steps-declared`, the oldest first."""
    explained = {p.label: p for p in _points(finding, "declared and found")}
    steps = [_step(p, explained.get(p.label)) for p in _points(finding, "step")]
    return sorted(steps, key=lambda step: (step.date, step.what))


def without_step(finding: Finding) -> set[dt.date]:
    """Return the dates of declared changes with which no step goes."""
    points = _points(finding, "declared and not found")
    return {dt.date.fromisoformat(p.label.rpartition(": ")[2]) for p in points}


def lettered(changes: Sequence[Change], table: str) -> list[tuple[str, Change]]:
    """Return the changes of a table by date, each with the letter that marks it."""
    touched = [c for c in changes if not c.tables or table in c.tables]
    touched.sort(key=lambda c: (c.date, c.id))
    return [(_letter(i), change) for i, change in enumerate(touched)]


def tell_steps(finding: Finding | None, declared: int) -> str:
    """Return in one sentence how many changes are declared, found and undeclared."""
    said = f"{count(declared, 'change')} declared"
    if finding is None:
        return f"{_capital(said)}; steps were not looked for."
    if finding.outcome == "not measured":
        return f"{_capital(said)}; steps not measured."
    steps = steps_of(finding)
    left = sum(step.change is None for step in steps)
    found = f"{count(len(steps), 'step')} found"
    rest = f", {left or 'none'} of them not declared" if steps else ""
    return f"{_capital(said)}, {found}{rest}."


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _points(finding: Finding, name: str) -> tuple[Point, ...]:
    return next((s.points for s in finding.series if s.name == name), ())


def _step(point: Point, explained: Point | None) -> Step:
    what, _, when = point.label.rpartition(": ")
    is_day = len(when) > len("2013-06")
    date = dt.date.fromisoformat(when if is_day else f"{when}-01")
    size = point.value if isinstance(point.value, int | float) else None
    change = None
    if explained is not None and isinstance(explained.value, int | float):
        change = date - dt.timedelta(days=explained.value)
    told = day(date) if is_day else day(date).partition(" ")[2]
    return Step(date, told, what, size, change)


def _letter(index: int) -> str:
    """Return A to Z, then A1, B1, ... so that no two changes share a label."""
    again, first = divmod(index, 26)
    return chr(ord("A") + first) + (str(again) if again else "")
