"""Columns that hold the same in some rows, as open = high = low = close.

Each number, and each time, is compared with the next one of its kind as they are
declared, so that hundreds of columns are as many questions, not their square.
"""

import itertools
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from readybook.measure.change.series import FLOORS, EqualRows, Span, is_calendar
from readybook.measure.profile import group_keys, slice_rows
from readybook.measure.sources.clock import is_instant
from readybook.measure.sources.engine import EXPRESSION_ERRORS
from readybook.measure.sources.places import UnreachedError
from readybook.measure.sources.values import finite
from readybook.measure.table import DataTable
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR

_SHORTEST = 21  # days: three weeks are the shortest side that a step may have

Pair = tuple[str, str]


def equal_columns(opened: DataTable) -> dict[Pair, ir.BooleanValue]:
    """Return the pairs of columns that are compared, and whether a row's are equal.

    Null where one of both has no value. Codes of declared categories are no numbers.
    """
    kinds, values = dict[str, list[str]](), dict[str, ir.Value]()
    for column in opened.declared.columns:
        if column.name in opened.source.columns and not column.categories:
            values[column.name] = finite(opened.source[column.name])
            kinds.setdefault(_kind(values[column.name]), []).append(column.name)
    kinds.pop("", None)
    pairs = (pair for names in kinds.values() for pair in itertools.pairwise(names))
    return {(one, other): values[one] == values[other] for one, other in pairs}


def _kind(value: ir.Value) -> str:
    """Return what a column is compared with, "" for nothing."""
    kind = value.type()
    if kind.is_numeric():
        return "number"
    if kind.is_timestamp():
        return "instant" if is_instant(value) else "time"
    return "date" if kind.is_date() else ""


def count_equal(opened: DataTable, span: Span) -> EqualRows:
    """Return the rows whose columns are equal, of each pair that could show a step.

    Of those a pair has enough: in three weeks of the history at least as many as the
    smallest step that matters. A column that repeats the calendar jumps with it, and an
    engine that cannot compare two columns has no such series.

    Raises:
        UnreachedError: the source is out of reach.
    """
    whole = opened.profile.whole
    calendar = {name for name in whole.columns if is_calendar(whole, name)}
    try:
        every = equal_columns(opened)
        some = {pair: every[pair] for pair in every if not calendar & set(pair)}
        kept = _varied(opened, some, span)
        return _by_day(opened, {pair: some[pair] for pair in kept})
    except UnreachedError:
        raise
    except (SourceError, *EXPRESSION_ERRORS):
        return EqualRows()


def _varied(
    opened: DataTable, every: Mapping[Pair, ir.BooleanValue], span: Span
) -> list[Pair]:
    """Return the pairs that are equal neither in too few rows nor in too many."""
    pairs = {f"{at}": pair for at, pair in enumerate(every)}
    asked = {
        at: {"both": every[pair].count(), "same": _same(every[pair]).count()}
        for at, pair in pairs.items()
    }
    found = opened.ask_each(asked) if asked else {}
    share = FLOORS["equal"] * min(0.5, _SHORTEST / span.days)
    return [
        pairs[at]
        for at, one in found.items()
        if (least := max(FLOOR, share * one["both"])) <= one["same"]
        and one["same"] <= one["both"] - least
    ]


def _same(is_equal: ir.BooleanValue) -> ir.Value:
    """Return a value for each row that has equal ones, null for all others."""
    return ibis.ifelse(is_equal, is_equal, None)


def _by_day(opened: DataTable, every: Mapping[Pair, ir.BooleanValue]) -> EqualRows:
    clock, source, profile = opened.clock, opened.source, opened.profile
    if clock is None or not every:
        return EqualRows()
    pairs = {f"{at}": pair for at, pair in enumerate(every)}
    values = dict[str, ir.Value]()
    for at, pair in pairs.items():
        values |= {f"both{at}": every[pair], f"same{at}": _same(every[pair])}
    segments = opened.declared.segments if profile.segments else ()
    groups = ((clock.last - clock.first).days + 2) * max(1, len(profile.segments))
    keys = group_keys(source, clock, segments)
    slices = slice_rows(source, values, keys, groups, opened.ask)
    held = set.intersection(*(set(one.columns) for one in slices))
    kept = {
        at: pair for at, pair in pairs.items() if {f"both{at}", f"same{at}"} <= held
    }
    return EqualRows(kept, slices)
