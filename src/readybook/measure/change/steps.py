"""Does the way in which a table is collected step, and was each step declared?"""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from readybook.measure.change.catcounts import begun_values, count_categories
from readybook.measure.change.dayseries import OTHERS, UNITS, Span
from readybook.measure.change.events import (
    Event,
    group_jumps,
    name_what,
    size_of,
    tell_event,
)
from readybook.measure.change.jumps import Look, look_at
from readybook.measure.change.segments import LEAST_PERIODS
from readybook.measure.change.series import build_series, span_of
from readybook.measure.table import DataTable
from readybook.model.case import Change
from readybook.model.errors import SourceError
from readybook.model.findings import Finding, Point, Series
from readybook.model.words import count, sentence
from readybook.text.phrases import as_list, as_number

__all__ = ["check_steps"]

_SOURCE = "changes.yaml"
_UNIT = "% (points for shares)"
_GATHERED = ("nulls", "zeros")  # of how data is collected, hardly of a season
_SHARES = ("nulls", "share")
_MOST_TOLD = 3
_MOST_POINTS = 100


@dataclass(frozen=True)
class _Matched:
    """What was found and what was declared, laid over each other."""

    undeclared: tuple[Event, ...]
    declared: tuple[tuple[Event, Change], ...]
    not_found: tuple[Change, ...]


def check_steps(opened: DataTable, changes: Sequence[Change]) -> Finding:
    """Return the finding about steps over time that no declared change explains.

    Looked at, in each declared segment first: rows a day of the table and of each
    declared category; shares of categories, missing values and zeros; the usual size
    of needed numbers. Steps: see `segments.find_steps` and `jumps.look_at`. A step is
    declared if a change of the table, or of no table in particular, lies within 7 days
    of it, or within 31 where only its month is known.

    Args:
        opened: the table.
        changes: all that are declared.

    Raises:
        SourceError: there are no days, or too few to tell.
    """
    table, span = opened.declared, _span(opened)
    columns = [
        column
        for column in table.columns
        if column.categories and column.name in opened.source.columns
    ]
    counts = count_categories(opened, columns)
    every = build_series(opened.profile, table, span, counts)
    looks = [look_at(series) for series in every]
    jumps = [jump for look in looks for jump in look.jumps]
    events = group_jumps(jump for jump in jumps if not jump.may_be_season)
    matched = _match(events, changes, table.name, span)
    return opened.find(
        "steps-declared",
        table.name,
        "contradicts" if matched.undeclared else "supports",
        _message(matched, looks, table.name, _begun(opened, events)),
        value=len(matched.undeclared),
        unit="undeclared steps",
        threshold=0,
        source=_SOURCE,
        series=_series(matched, looks, table.name),
    )


def _span(opened: DataTable) -> Span:
    profile, table = opened.profile, opened.declared
    if profile.undated is not None:
        raise SourceError(profile.undated)
    span = span_of(profile, table)
    if span is None:
        msg = f"no row of {table.name} has a value in {table.event_time}"
        raise SourceError(msg)
    if max(len(span.periods(unit)[0]) for unit in UNITS) < LEAST_PERIODS:
        msg = (
            f"{table.name} has {count(span.days, 'day')} of history; {LEAST_PERIODS} "
            "whole weeks are the least that can show a step"
        )
        raise SourceError(msg)
    return span


def _match(
    events: Sequence[Event], changes: Sequence[Change], table: str, span: Span
) -> _Matched:
    own = [one for one in changes if not one.tables or table in one.tables]
    own.sort(key=lambda change: (change.date, change.id))
    declared, undeclared, used = list[tuple[Event, Change]](), list[Event](), set[str]()
    for event in events:
        near = [one for one in own if _distance(event, one) <= event.slack]
        used |= {one.id for one in near}
        if near:
            nearest = min(near, key=lambda one: (_distance(event, one), one.id))
            declared.append((event, nearest))
        else:
            undeclared.append(event)
    not_found = [
        one for one in own if one.id not in used and span.first <= one.date <= span.last
    ]
    return _Matched(tuple(undeclared), tuple(declared), tuple(not_found))


def _distance(event: Event, change: Change) -> int:
    return abs((event.date - change.date).days)


def _begun(
    opened: DataTable, events: Sequence[Event]
) -> dict[str, Mapping[str, dt.date]]:
    """Return the first days of undeclared values, where undeclared values step."""
    stepped = {
        part.jump.what.column
        for event in events
        for part in event.parts
        if part.jump.what.value == OTHERS and part.jump.size > 0
    }
    return {
        column.name: begun_values(opened, column)
        for column in opened.declared.columns
        if column.name in stepped
    }


def _message(
    matched: _Matched,
    looks: Sequence[Look],
    table: str,
    begun: Mapping[str, Mapping[str, dt.date]],
) -> str:
    undeclared = [tell_event(one, table, begun) for one in matched.undeclared]
    declared = [tell_event(one, table, begun) for one, _ in matched.declared]
    number = len(undeclared)
    if number == 1:
        text = f"{undeclared[0]}, and no declared change says why"
    elif number:
        told = "; ".join(undeclared[:_MOST_TOLD])
        rest = f"; and {number - _MOST_TOLD} more" if number > _MOST_TOLD else ""
        text = f"{number} steps in {table} have no declared change: {told}{rest}"
    elif declared:
        every = (
            f"each of the {len(declared)} steps found in {table} is declared"
            if len(declared) > 1
            else f"the one step found in {table} is declared"
        )
        text = f"{every}: {'; '.join(declared[:_MOST_TOLD])}"
    else:
        text = (
            f"no step was found in {count(len(looks), 'series', 'series')} of {table}"
        )
    if number and declared:
        verb = "is" if len(declared) == 1 else "are"
        text += f"; {count(len(declared), 'other step')} {verb} declared"
    if matched.not_found:
        names = as_list([one.id for one in matched.not_found], 3)
        text += f"; no step goes with the declared {names}"
    return sentence(f"{text}{_seasons(matched)}{_limits(looks, table, number)}")


def _seasons(matched: _Matched) -> str:
    jumps = [part.jump for event in matched.undeclared for part in event.parts]
    if all(one.has_other_years or one.what.kind in _GATHERED for one in jumps):
        return ""
    return "; there is no other year to tell a step from a season"


def _limits(looks: Sequence[Look], table: str, undeclared: int) -> str:
    """Return how small a step would not be seen, where no step is to be explained."""
    if undeclared:
        return ""
    known = [look for look in _whole(looks) if look.limit is not None]
    told = []
    if shares := [look for look in known if look.what.kind in _SHARES]:
        usual, worst = _usual(shares), max(shares, key=_size)
        told.append(f"{as_number(usual)} points in most shares")
        if _size(worst) > usual:
            name = name_what(worst.what, table)
            told[0] += f" ({as_number(_size(worst))} in the {name})"
    if rows := [look for look in known if look.what.kind == "rows"]:
        told.append(f"{as_number(_usual(rows))} % in rows")
    if sizes := [look for look in known if look.what.kind == "scale"]:
        told.append(f"{as_number(_usual(sizes))} % in the size of numbers")
    either = " or ".join([", ".join(told[:-1]), *told[-1:]] if told[1:] else told)
    return f"; a step might not be seen that is under {either}" if told else ""


def _usual(looks: Sequence[Look]) -> float:
    return statistics.median_high(_size(look) for look in looks)


def _whole(looks: Sequence[Look]) -> list[Look]:
    """Return the looks at the whole table, or at its segments where there are none."""
    whole = [look for look in looks if not look.what.segment]
    return whole or list(looks)


def _size(look: Look) -> float:
    """Return a detection limit in points for shares, else in per cent."""
    limit = look.limit or 0.0
    is_log = look.what.kind in ("rows", "scale")
    return round((math.expm1(limit) if is_log else limit) * 100, 1)


def _series(matched: _Matched, looks: Sequence[Look], table: str) -> tuple[Series, ...]:
    events = [*matched.undeclared, *(event for event, _ in matched.declared)]
    steps = [
        Point(label=_label(event, table), value=size_of(event.parts[0].jump))
        for event in sorted(
            events, key=lambda event: (event.date, event.dated_by.label)
        )
    ]
    found = [
        Point(label=_label(event, table), value=(event.date - change.date).days)
        for event, change in matched.declared
    ]
    seasons = [
        Point(label=f"{name_what(jump.what, table)}: {jump.label}", value=size_of(jump))
        for look in looks
        for jump in look.jumps
        if jump.may_be_season
    ]
    lost = [
        Point(label=f"{one.id}: {one.date}", value=None) for one in matched.not_found
    ]
    limits = [
        Point(
            label=name_what(look.what, table),
            value=None if look.limit is None else _size(look),
        )
        for look in _whole(looks)[:_MOST_POINTS]
    ]
    every = [
        ("step", _UNIT, steps),
        ("declared and found", "days after the declared date", found),
        ("declared and not found", "changes", lost),
        ("perhaps a season", _UNIT, seasons[:_MOST_POINTS]),
        ("detection limit", _UNIT, limits),
    ]
    return tuple(
        Series(name=name, unit=unit, points=tuple(points))
        for name, unit, points in every
        if points
    )


def _label(event: Event, table: str) -> str:
    return f"{name_what(event.parts[0].what, table)}: {event.dated_by.label}"
