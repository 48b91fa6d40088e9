"""Steps of several series that are one event: grouped by date, told in words."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from readybook.measure.change.dayseries import FLOORS, OTHERS, What
from readybook.measure.change.jumps import Jump
from readybook.model.findings import FLOOR
from readybook.model.words import day
from readybook.text.phrases import as_list, as_number, as_share

__all__ = ["Event", "Part", "group_jumps", "name_what", "size_of", "tell_event"]

Begun = Mapping[str, Mapping[str, dt.date]]

_APART = 7  # days: steps so near to each other are one event
_MONTH = 31  # days: what is dated by the month alone may be so far off
_DAYS_A_MONTH = 30.4
_MOST_PARTS = 3


@dataclass(frozen=True)
class Part:
    """One thing that happened in an event: the same step in some places."""

    jump: Jump  #: the largest
    columns: tuple[str, ...]  #: all with such a step, that of `jump` first
    segments: tuple[str, ...]  #: in their order; empty: the whole table

    @property
    def what(self) -> What:
        """Return what steps, with all of its segments."""
        return replace(self.jump.what, segment=as_list(self.segments, 3))


@dataclass(frozen=True)
class Event:
    """Steps of a table that belong together."""

    dated_by: Jump  #: the clearest of those whose day is known
    parts: tuple[Part, ...]  #: the clearest first; what follows from others left out

    @property
    def date(self) -> dt.date:
        """Return the first day after it."""
        return self.dated_by.date

    @property
    def slack(self) -> int:
        """Return by how many days a declared date may differ."""
        return _APART if self.dated_by.is_exact else _MONTH


def group_jumps(jumps: Iterable[Jump]) -> list[Event]:
    """Return the events behind some steps, by date.

    Steps within 7 days are one event; a step that is dated by the month alone joins
    the nearest within 31 days.
    """
    groups: list[list[Jump]] = []
    for jump in sorted(jumps, key=lambda one: (not one.is_exact, one.date, one.what)):
        slack = _APART if jump.is_exact else _MONTH
        near = [
            (abs((jump.date - group[0].date).days), at)
            for at, group in enumerate(groups)
        ]
        distance, at = min(near, default=(slack + 1, 0))
        if distance <= slack:
            groups[at].append(jump)
        else:
            groups.append([jump])
    events = [_event(group) for group in groups]
    return sorted(events, key=lambda event: (event.date, event.parts[0].jump.what))


def name_what(what: What, table: str) -> str:
    """Return a series in words: `rows of flights with carrier VX`."""
    place = f" ({what.segment})" if what.segment else ""
    if what.kind == "rows" and what.value == OTHERS:
        return f"rows of {table} with an undeclared {what.column}{place}"
    if what.kind == "rows":
        own = f" with {what.column} {what.value}" if what.column else ""
        return f"rows of {table}{own}{place}"
    if what.kind == "share":
        value = "undeclared values" if what.value == OTHERS else what.value
        return f"share of {value} in {table}.{what.column}{place}"
    noun = {"nulls": "missing values", "zeros": "zeros", "scale": "usual size"}
    start = noun[what.kind] if what.kind == "scale" else f"share of {noun[what.kind]}"
    joint = "of" if what.kind == "scale" else "in"
    return f"{start} {joint} {table}.{what.column}{place}"


def size_of(jump: Jump) -> float | None:
    """Return the size of a step, in percentage points for shares, else in per cent.

    None for what begins, and for a side so thin that its rows could be told.
    """
    if jump.what.kind == "rows":
        if not jump.before or (jump.after and min(_monthly(jump)) < FLOOR):
            return None
        return -100.0 if not jump.after else round(math.expm1(jump.size) * 100, 1)
    if jump.what.kind == "scale":
        return round(math.expm1(jump.size) * 100, 1)
    return round(jump.size * 100, 1)


def tell_event(event: Event, table: str, begun: Begun) -> str:
    """Return an event in words: `from 1 April 2013 rows of flights rise by 38 %`.

    Args:
        event: what happened.
        table: its name.
        begun: first days of undeclared values, by column and value.
    """
    when = day(event.date)
    if not event.dated_by.is_exact:
        when = when.split(" ", 1)[1]
    told = [_tell(part, table, _new(part, begun)) for part in event.parts]
    rest = len(told) - _MOST_PARTS
    if rest > 0:
        more = "one other series steps" if rest == 1 else f"{rest} other series step"
        told = [*told[:_MOST_PARTS], more]
    text = told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
    return f"from {when} {text}"


def _event(group: Sequence[Jump]) -> Event:
    kept = _without_consequences(group)
    merged: dict[tuple[object, ...], list[Jump]] = {}
    for jump in sorted(kept, key=lambda one: (-_clarity(one), one.what)):
        what = jump.what
        # Columns that are empty together are told together, others one by one.
        place = "" if what.kind in ("nulls", "zeros") else what.column
        key = (what.kind, place, what.value, jump.size > 0)
        merged.setdefault(key, []).append(jump)
    parts = [_part(jumps) for jumps in merged.values()]
    parts.sort(key=lambda part: _rank(part.jump))
    lead = max(group, key=lambda one: (one.is_exact, _clarity(one), one.what))
    return Event(lead, tuple(parts))


def _part(jumps: Sequence[Jump]) -> Part:
    columns = dict.fromkeys(jump.what.column for jump in jumps)
    segments = {jump.what.segment for jump in jumps if jump.what.segment}
    return Part(jumps[0], tuple(columns), tuple(sorted(segments)))


def _rank(jump: Jump) -> int:
    """Return 0 for what is told first: what all but ends; then the table; new values."""
    if jump.what.value == OTHERS:
        return 3
    if jump.what.kind == "rows" and min(_monthly(jump)) < FLOOR:
        return 0
    return 2 if jump.what.column else 1


def _clarity(jump: Jump) -> float:
    return round(abs(jump.size) / FLOORS[jump.what.kind], 6)


def _without_consequences(group: Sequence[Jump]) -> list[Jump]:
    """Leave out the steps that another step of the same event brings about."""
    rows = [jump for jump in group if jump.what.kind == "rows"]
    tables = {one.what.segment: one.size for one in rows if not one.what.column}
    counted = {(one.what.column, one.what.segment) for one in rows if one.what.column}
    places = {_subject(one.what) for one in group if one.what.segment}
    is_located = any(one.what.segment for one in rows)

    def follows(jump: Jump) -> bool:
        what = jump.what
        if not what.segment and (
            _subject(what) in places or (is_located and what.kind != "rows")
        ):
            return True
        if what.kind == "share":
            return (what.column, what.segment) in counted
        if what.kind == "rows" and what.column and what.segment in tables:
            return abs(jump.size - tables[what.segment]) < FLOORS["rows"]
        return False

    return [jump for jump in group if not follows(jump)]


def _subject(what: What) -> tuple[str, str, str]:
    return what.kind, what.column, what.value


def _monthly(jump: Jump) -> tuple[float, float]:
    return jump.before * _DAYS_A_MONTH, jump.after * _DAYS_A_MONTH


def _new(part: Part, begun: Begun) -> list[str]:
    """Return the undeclared values that begin with a step, by name."""
    what, date = part.jump.what, part.jump.date
    if what.value != OTHERS or part.jump.size < 0:
        return []
    slack = _APART if part.jump.is_exact else _MONTH
    return [
        value
        for value, first in begun.get(what.column, {}).items()
        if abs((first - date).days) <= slack
    ]


def _tell(part: Part, table: str, new: Sequence[str]) -> str:
    jump, what = part.jump, part.jump.what
    place = f" in {part.what.segment}" if part.segments else ""
    if what.kind == "rows":
        own = f" with {what.column} {what.value}" if what.column else f" of {table}"
        if what.value == OTHERS:
            own = (
                f" with the undeclared {what.column} {as_list(new, 3)}"
                if new
                else (f" with undeclared values of {what.column}")
            )
        return f"rows{own} {_tell_rows(jump)}{place}"
    if what.kind == "scale":
        times = as_number(round(math.exp(jump.size), 2))
        return f"values of {what.column} become {times} times as large{place}"
    subject = {
        "nulls": f"rows without {what.column}",
        "zeros": f"zeros in {what.column}",
        "share": f"undeclared values in {what.column}"
        if what.value == OTHERS
        else f"{what.column} {what.value}",
    }[what.kind]
    before, after = (as_share(round(share, 4)) for share in (jump.before, jump.after))
    verb = "rises" if jump.size > 0 else "falls"
    also = f" (likewise {as_list(part.columns[1:], 3)})" if part.columns[1:] else ""
    return f"the share of {subject} {verb} from {before} to {after}{place}{also}"


def _tell_rows(jump: Jump) -> str:
    if not jump.after:
        return "end"
    if not jump.before:
        return "begin"
    before, after = _monthly(jump)
    if after < FLOOR:
        return f"fall to fewer than {FLOOR} a month"
    if before < FLOOR:
        return f"rise from fewer than {FLOOR} a month"
    change = abs(math.expm1(jump.size)) * 100
    return f"{'rise' if jump.size > 0 else 'fall'} by {as_number(round(change))} %"
