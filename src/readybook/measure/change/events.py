"""Does the way in which a table is collected step, and was each step declared?

Steps of several series near to each other are one event, which is laid over the
declared changes and told in words.
"""

import datetime as dt
import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from readybook.measure.change.pairs import count_equal
from readybook.measure.change.series import (
    FLOORS,
    OTHERS,
    UNITS,
    Counted,
    Span,
    What,
    begun_segments,
    begun_values,
    build_series,
    count_categories,
    periods,
    span_of,
)
from readybook.measure.change.steps import LEAST_PERIODS, Jump, Look, look_at
from readybook.measure.rows.filled import unripe_days
from readybook.measure.table import DataTable
from readybook.model.case import Change
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding, Point, Series
from readybook.model.words import (
    as_list,
    as_number,
    as_share,
    count,
    day,
    listed,
    sentence,
)

_DAYS_A_MONTH = 30.4
_MOST_PARTS = 3
_MOST_TOLD = 3
_MOST_POINTS = 100
_UNIT = "% (points for shares)"
_GATHERED = ("nulls", "zeros", "equal")  # of how data is collected, hardly of a season
_SHARES = ("nulls", "share")
_LOGARITHMS = ("rows", "scale")
_LIMITED = {
    _SHARES: "points in most shares",
    ("rows",): "% in rows",
    ("scale",): "% in the size of numbers",
}


@dataclass(frozen=True)
class _Event:
    """Steps of a table that belong together."""

    dated_by: Jump  #: the clearest of those whose day is known
    parts: tuple[tuple[Jump, ...], ...]
    """Each the same step in some places, the largest first, with all its segments; the
    clearest first, without what follows from others."""
    changes: tuple[Change, ...]  #: that explain it, the nearest first


def check_steps(opened: DataTable, changes: Sequence[Change]) -> Finding:
    """Return the finding about steps over time that no declared change explains.

    Looked at, in each declared segment first: rows a day of the table and of each
    declared category; shares of categories, missing values, zeros and equal columns;
    the usual size of needed numbers. The label is looked at as far as its rows are old enough to have
    one. Steps: see `steps.look_at`. A step is declared if a change of the
    table, or of no table in particular, lies within 7 days of it, or within 31 where
    only its month is known.

    Raises:
        SourceError: there are no days, or too few of them, or of rows, to tell.
    """
    table, span = opened.declared, _span(opened)
    columns = [
        column
        for column in table.columns
        if column.categories and column.name in opened.source.columns
    ]
    counted = Counted(count_categories(opened, columns), count_equal(opened, span))
    every = build_series(opened.profile, table, span, counted, unripe_days(opened))
    looks = [look_at(series) for series in every]
    jumps = [jump for look in looks for jump in look.jumps]
    own = [one for one in changes if not one.tables or table.name in one.tables]
    own.sort(key=lambda change: (change.date, change.id))
    events = _group([jump for jump in jumps if not jump.may_be_season], own)
    used = {one.id for event in events for one in event.changes}
    lost = [
        one for one in own if one.id not in used and span.first <= one.date <= span.last
    ]
    if not events and all(look.limit is None for look in looks):
        msg = f"{table.name} has too few rows for a step to show"
        raise SourceError(msg)
    undeclared = sum(not event.changes for event in events)
    return opened.find(
        "steps-declared",
        table.name,
        not undeclared,
        _message(events, lost, looks, opened, span),
        value=undeclared,
        threshold=0,
        source="changes.yaml",
        series=_series(events, lost, looks, table.name),
    )


def _span(opened: DataTable) -> Span:
    table = opened.declared
    span = span_of(opened.profile, table)
    if span is None:
        msg = f"no row of {table.name} has a value in {table.event_time}"
        raise SourceError(msg)
    if max(len(periods(span, unit)[0]) for unit in UNITS) < LEAST_PERIODS:
        msg = (
            f"{table.name} has {count(span.days, 'day')} of history; {LEAST_PERIODS} "
            "whole weeks are the least that can show a step"
        )
        raise SourceError(msg)
    return span


# --- what belongs together -----------------------------------------------------------


def _group(jumps: Iterable[Jump], changes: Sequence[Change]) -> list[_Event]:
    """Return the events behind some steps, by date, with the changes near them.

    Steps within 7 days are one event; a step that is dated by the month alone joins
    the nearest within 31 days.
    """
    groups: list[list[Jump]] = []
    for jump in sorted(jumps, key=lambda one: (not one.is_exact, one.date, one.what)):
        far = [abs((jump.date - group[0].date).days) for group in groups]
        if far and min(far) <= jump.slack:
            groups[far.index(min(far))].append(jump)
        else:
            groups.append([jump])
    events = [_event(group, changes) for group in groups]
    return sorted(events, key=lambda one: (one.dated_by.date, one.parts[0][0].what))


def _event(group: Sequence[Jump], changes: Sequence[Change]) -> _Event:
    kept = _without_consequences(group)
    merged: dict[tuple[object, ...], list[Jump]] = {}
    for jump in sorted(kept, key=lambda one: (-_clarity(one), one.what)):
        what = jump.what
        # Columns that are empty together are told together, others one by one.
        place = "" if what.kind in _GATHERED else what.column
        key = (what.kind, place, what.value, jump.size > 0)
        merged.setdefault(key, []).append(jump)
    parts = []
    for first, *others in merged.values():
        segments = sorted({one.what.segment for one in (first, *others)} - {""})
        what = replace(first.what, segment=as_list(segments, 3))
        parts.append((replace(first, what=what), *others))
    parts.sort(key=lambda part: _rank(part[0]))
    lead = max(group, key=lambda one: (one.is_exact, _clarity(one), one.what))
    far = {one.id: abs((lead.date - one.date).days) for one in changes}
    near = [one for one in changes if far[one.id] <= lead.slack]
    near.sort(key=lambda one: (far[one.id], one.id))
    return _Event(lead, tuple(parts), tuple(near))


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
    zeros = {(j.what.column, j.what.segment) for j in group if j.what.kind == "zeros"}
    places = {replace(one.what, segment="") for one in group if one.what.segment}
    is_located = any(one.what.segment for one in rows)

    def follows(jump: Jump) -> bool:
        what = jump.what
        if not what.segment and (
            what in places or (is_located and what.kind != "rows")
        ):
            return True
        if what.kind == "share":
            return (what.column, what.segment) in counted
        if what.kind == "equal":
            return {(c, what.segment) for c in (what.column, what.other)} <= zeros
        if what.kind == "rows" and what.column and what.segment in tables:
            return abs(jump.size - tables[what.segment]) < FLOORS["rows"]
        return False

    return [jump for jump in group if not follows(jump)]


# --- the sentence --------------------------------------------------------------------


def _message(
    events: Sequence[_Event],
    lost: Sequence[Change],
    looks: Sequence[Look],
    opened: DataTable,
    span: Span,
) -> str:
    table = opened.name
    undeclared = [event for event in events if not event.changes]
    number, declared = len(undeclared), len(events) - len(undeclared)
    shown = sorted(undeclared or events, key=_largeness)[:_MOST_TOLD]
    told = "; ".join(_tell_event(event, opened) for event in shown)
    if number == 1:
        text = f"{told}, and no declared change says why"
    elif number:
        rest = f"; and {number - _MOST_TOLD} more" if number > _MOST_TOLD else ""
        text = f"{number} steps in {table} have no declared change: {told}{rest}"
    elif declared == 1:
        text = f"the one step found in {table} is declared: {told}"
    elif declared:
        text = f"each of the {declared} steps found in {table} is declared: {told}"
    else:
        looked = count(len(looks), "series", "series")
        text = f"no step was found in {looked} of {table}"
    if number and declared:
        verb = "is" if declared == 1 else "are"
        text += f"; {count(declared, 'other step')} {verb} declared"
    if begun := begun_segments(opened.profile, opened.declared, span):
        named = [f"{name} on {day(first)}" for name, first in begun.items()]
        verb = "begins" if len(begun) == 1 else "begin"
        text += f"; {count(len(begun), 'segment')} {verb} later: {as_list(named, 3)}"
    if lost:
        text += f"; no step goes with the declared {as_list([c.id for c in lost], 3)}"
    jumps = [part[0] for event in undeclared for part in event.parts]
    if any(not (j.has_other_years or j.what.kind in _GATHERED) for j in jumps):
        text += "; there is no other year to tell a step from a season"
    return sentence(text if number else text + _limits(looks, table))


def _largeness(event: _Event) -> tuple[float, dt.date]:
    """Return what sorts the largest event first: what ends or begins, then by its size."""
    every = [jump for part in event.parts for jump in part]
    is_end = any(
        jump.what.kind == "rows" and 0 in (jump.before, jump.after) for jump in every
    )
    size = math.inf if is_end else max(map(_clarity, every))
    return -size, event.dated_by.date


def _limits(looks: Sequence[Look], table: str) -> str:
    """Return how small a step would not be seen."""
    known = [look for look in _whole(looks) if look.limit is not None]
    told = []
    for kinds, what in _LIMITED.items():
        some = [look for look in known if look.what.kind in kinds]
        if some:
            usual = statistics.median_high(map(_limit, some))
            told.append(f"{as_number(usual)} {what}")
            worst = max(some, key=_limit)
            if kinds == _SHARES and _limit(worst) > usual:
                name = _name(worst.what, table)
                told[0] += f" ({as_number(_limit(worst))} in the {name})"
    if not told:
        return ""
    return f"; a step might not be seen that is under {listed(told, 'or')}"


def _whole(looks: Sequence[Look]) -> list[Look]:
    """Return the looks at the whole table, or at its segments where there are none."""
    return [look for look in looks if not look.what.segment] or list(looks)


def _tell_event(event: _Event, opened: DataTable) -> str:
    """Return an event in words: `from 1 April 2013 rows of flights rise by 38 %`."""
    when = day(event.dated_by.date)
    if not event.dated_by.is_exact:
        when = when.split(" ", 1)[1]
    told = [_tell(part, opened) for part in event.parts[:_MOST_PARTS]]
    rest = len(event.parts) - _MOST_PARTS
    if rest > 0:
        told += ["one other series steps" if rest == 1 else f"{rest} other series step"]
    return f"from {when} {listed(told)}"


def _tell(part: Sequence[Jump], opened: DataTable) -> str:
    jump, what = part[0], part[0].what
    place = f" in {what.segment}" if what.segment else ""
    is_other = what.value == OTHERS
    if what.kind == "rows":
        own = (
            f" with {what.column} {what.value}" if what.column else f" of {opened.name}"
        )
        if is_other:
            own = f" with undeclared values of {what.column}"
            if new := _new(jump, opened):
                own = f" with the undeclared {what.column} {as_list(new, 3)}"
        return f"rows{own} {_tell_rows(jump)}{place}"
    if what.kind == "scale":
        times = f"{float(f'{math.exp(jump.size):.2g}'):,.12g}"
        return f"values of {what.column} become {times} times as large{place}"
    value = "undeclared values in" if is_other else "zeros in"
    if what.kind in ("nulls", "equal"):
        value = "rows with" if what.other else "rows without"
    subject = f"{value} {_columns(what)}"
    if what.kind == "share" and not is_other:
        subject = f"{what.column} {what.value}"
    before, after = (as_share(round(share, 4)) for share in (jump.before, jump.after))
    verb = "rises" if jump.size > 0 else "falls"
    columns = list(dict.fromkeys(_columns(one.what) for one in part))[1:]
    also = f" (likewise {as_list(columns, 3)})" if columns else ""
    return f"the share of {subject} {verb} from {before} to {after}{place}{also}"


def _columns(what: What) -> str:
    return f"{what.column} = {what.other}" if what.other else what.column


def _new(jump: Jump, opened: DataTable) -> list[str]:
    """Return the undeclared values that begin with a step, by name."""
    column = opened.declared.column(jump.what.column)
    if jump.size < 0 or column is None:
        return []
    begun = opened.once(begun_values, column)
    return [
        value
        for value, first in begun.items()
        if abs((first - jump.date).days) <= jump.slack
    ]


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


# --- the points ----------------------------------------------------------------------


def _series(
    events: Sequence[_Event], lost: Sequence[Change], looks: Sequence[Look], table: str
) -> tuple[Series, ...]:
    def step(what: What, dated_by: Jump, value: float | None) -> Point:
        return Point(
            label=f"{_name(what, table)}: {dated_by.when}",
            value=value,
            when=dated_by.when,
            unit="%" if what.kind in _LOGARITHMS else "points",
        )

    by = [(one.dated_by, one.parts[0][0], one.changes) for one in events]
    steps = [
        step(first.what, lead, _size(first))
        for lead, first, _ in sorted(
            by, key=lambda of: (of[0].date, of[0].when, bool(of[2]))
        )
    ]
    found = [
        step(first.what, lead, (lead.date - changes[0].date).days)
        for lead, first, changes in by
        if changes
    ]
    missed = [
        Point(label=f"{one.id}: {one.date}", value=None, when=f"{one.date}")
        for one in lost
    ]
    jumps = [jump for look in looks for jump in look.jumps if jump.may_be_season]
    seasons = [step(one.what, one, _size(one)) for one in jumps[:_MOST_POINTS]]
    limits = [
        Point(label=_name(one.what, table), value=_limit(one) if one.limit else None)
        for one in _whole(looks)[:_MOST_POINTS]
    ]
    every = (
        ("step", _UNIT, steps),
        ("declared and found", "days after the declared date", found),
        ("declared and not found", "changes", missed),
        ("perhaps a season", _UNIT, seasons),
        ("detection limit", _UNIT, limits),
    )
    return tuple(
        Series(name=name, unit=unit, points=tuple(points))
        for name, unit, points in every
        if points
    )


def _name(what: What, table: str) -> str:
    """Return a series in words: `rows of flights with carrier VX`."""
    place = f" ({what.segment})" if what.segment else ""
    if what.kind == "rows" and what.value == OTHERS:
        return f"rows of {table} with an undeclared {what.column}{place}"
    if what.kind == "rows":
        own = f" with {what.column} {what.value}" if what.column else ""
        return f"rows of {table}{own}{place}"
    value = "undeclared values" if what.value == OTHERS else what.value
    start = {
        "share": f"share of {value} in",
        "nulls": "share of missing values in",
        "zeros": "share of zeros in",
        "equal": "share of rows with",
        "scale": "usual size of",
    }[what.kind]
    return f"{start} {table}.{_columns(what)}{place}"


def _size(jump: Jump) -> float | None:
    """Return the size of a step, in percentage points for shares, else in per cent.

    None for what begins, and for a side so thin that its rows could be told.
    """
    if jump.what.kind == "rows":
        if not jump.before or (jump.after and min(_monthly(jump)) < FLOOR):
            return None
        if not jump.after:
            return -100.0
    return _percent(jump.what, jump.size)


def _limit(look: Look) -> float:
    """Return a detection limit in points for shares, else in per cent."""
    return _percent(look.what, look.limit or 0.0)


def _percent(what: What, size: float) -> float:
    is_log = what.kind in _LOGARITHMS
    return round((math.expm1(size) if is_log else size) * 100, 1)


def _monthly(jump: Jump) -> tuple[float, float]:
    return jump.before * _DAYS_A_MONTH, jump.after * _DAYS_A_MONTH


OF_TABLE = {"steps-declared": lambda table: check_steps(table, table.changes)}
