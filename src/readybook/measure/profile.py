"""Aggregates of all columns of a table in one pass: what they hold, day by day."""

import datetime as dt
import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import ibis
import ibis.expr.types as ir
import numpy as np

from readybook.measure.sources.clock import Clock, date_of, read_clock
from readybook.measure.sources.engine import EXPRESSION_ERRORS
from readybook.measure.sources.places import UnreachedError
from readybook.model.contract import Table
from readybook.model.errors import SourceError

#: More combinations of segments are not told apart.
_MOST_SEGMENTS = 50
#: Days x segments x columns that are kept; beyond, segments are not told apart.
_MOST_CELLS = 1_000_000
#: Days x segments x columns of one question; wider tables are asked in several.
_CELLS_AT_ONCE = 250_000
#: PostgreSQL returns at most 1,664 columns.
_AGGREGATES_AT_ONCE = 1_600
_COLUMNS_AT_ONCE = 400  # each becomes three aggregates
#: A larger number is a stand-in for "no value", such as -1.797e308; sums stay finite.
_LARGEST = 1e290
_EXACT = 2.0**53
_NO_VALUE = "(no value)"
_DAY = "day"

#: Returns the rows of a small result.
Ask = Callable[[ir.Table], list[dict[str, Any]]]
_Segment = tuple[str, ...]
Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")
Found = TypeVar("Found")
Number = TypeVar("Number", int, float)


@dataclass(frozen=True)
class Tally:
    """What one column holds, per day of its slice; lists run with `Slice.days`.

    NaN, infinite numbers and those beyond 1e290 are no values: they count as missing.
    """

    present: tuple[int, ...]  #: values that are not null
    size: tuple[float, ...] = ()  #: sum of |x|; empty for what is no number
    nonzero: tuple[int, ...] = ()  #: values that are neither null nor 0; empty likewise


@dataclass(frozen=True)
class Slice:
    """Rows of a table, or of one combination of its segments, by local day."""

    segment: str  #: "" for the whole table, else the segment's values, "EWR"
    #: ascending; None first: rows without a known time
    days: tuple[dt.date | None, ...]
    rows: tuple[int, ...]
    columns: dict[str, Tally]  #: by name; every column of the source

    @property
    def dated(self) -> dict[dt.date, int]:
        """Return the rows of each day, in order; without those without a time."""
        pairs = zip(self.days, self.rows, strict=True)
        return {day: number for day, number in pairs if day is not None}


@dataclass(frozen=True)
class Profile:
    """The aggregates of one table; `whole` sums its segments up.

    A table without an event time (or one that cannot be read, `undated` says why) has
    one entry, whose day is None.
    """

    whole: Slice
    segments: tuple[Slice, ...]  #: by segment, in their order; empty: none declared
    undated: str | None  #: why days are not known

    def of(self, name: str) -> Tally:
        """Return what a column of the source holds, in the whole table.

        Raises:
            SourceError: the engine refused the column.
        """
        return _known(self.whole.columns, name)

    @property
    def days(self) -> dict[dt.date, int]:
        """Return the rows of each day with an event, in order.

        Raises:
            SourceError: the event time is missing, is no time, lacks a zone or a value.
        """
        if self.undated is not None:
            raise SourceError(self.undated)
        return self.whole.dated


#: The clock of a table's event time; or None, and why there is none.
Dated = tuple[Clock, None] | tuple[None, str]


def profile_table(source: ir.Table, table: Table, dated: Dated, ask: Ask) -> Profile:
    """Return the profile of a table.

    Three numbers per column, day and segment: values present, sum of their sizes and
    values other than zero, the latter two of numbers only. The whole table is read
    once, after a look at its first and last time and at its segments; a table of
    hundreds of columns over years is read in several parts, columns by columns.

    Raises:
        SourceError: the engine refuses or takes too long.
    """
    clock, undated = dated
    every = {name: source[name] for name in source.columns}
    if clock is None:
        return Profile(slice_rows(source, every, {}, 1, ask)[0], (), undated)
    most = (clock.last - clock.first).days + 2  # one for rows without a time
    names, combinations = _segments(source, table, most, ask)
    keys = group_keys(source, clock, names)
    slices = slice_rows(source, every, keys, most * combinations, ask)
    if not names:
        return Profile(slices[0], (), None)
    days = sorted({day for one in slices for day in one.days}, key=_order)
    return Profile(sum_slices(slices, days), tuple(slices), None)


def group_keys(
    source: ir.Table, clock: Clock, names: Sequence[str]
) -> dict[str, ir.Value]:
    """Return what rows are grouped by: the day, then the columns of segments."""
    segments = {f"g{at}": source[name] for at, name in enumerate(names)}
    return {_DAY: clock.day(source), **segments}


def read_event_time(source: ir.Table, table: Table, ask: Ask, today: dt.date) -> Dated:
    """Return the clock of the event time, or why no day can be told.

    Raises:
        UnreachedError: the source is out of reach.
    """
    if table.event_time is None:
        return None, f"no event time is declared for {table.name}"
    try:
        return read_clock(source, table, table.event_time, ask, today), None
    except UnreachedError:
        raise
    except SourceError as error:
        return None, str(error)


def sum_slices(
    parts: Iterable[Slice],
    days: Sequence[dt.date | None],
    onto: Callable[[dt.date | None], dt.date | None] = lambda day: day,
) -> Slice:
    """Return one slice that sums others up, without a segment's name.

    Args:
        parts: slices with the same columns.
        days: of the result, in order; those that no row is put onto have zeros.
        onto: turns a day into the day of the result that its rows are put onto; rows
            that are put onto none of `days` are left out.
    """
    parts = tuple(parts)
    numbers = {day: at for at, day in enumerate(days)}
    places = [[numbers.get(onto(day)) for day in part.days] for part in parts]

    def total(lists: Iterable[Sequence[Number]], zero: Number) -> tuple[Number, ...]:
        sums = [zero] * len(days)
        for found, values in zip(places, lists, strict=True):
            for place, value in zip(found, values, strict=True):
                if place is not None:
                    sums[place] += value
        return tuple(sums)

    columns = {}
    for name in parts[0].columns:
        tallies = [part.columns[name] for part in parts]
        present = total([one.present for one in tallies], 0)
        if any(one.size for one in tallies):
            size = total([one.size for one in tallies], 0.0)
            nonzero = total([one.nonzero for one in tallies], 0)
            columns[name] = Tally(present, size, nonzero)
        else:
            columns[name] = Tally(present)
    return Slice("", tuple(days), total([part.rows for part in parts], 0), columns)


def by_month(part: Slice) -> Slice:
    """Return a slice whose days are the first days of its months, none left out.

    Months between the first and the last one that have no row are there, with zeros.
    Rows without a time are left out.
    """
    days, starts = list(part.dated), list[dt.date]()
    if days:
        first, last = (np.datetime64(day, "M") for day in (days[0], days[-1]))
        starts = np.arange(first, last + 1).astype("M8[D]").tolist()
    return sum_slices([part], starts, lambda day: day and day.replace(day=1))


def name_segment(values: Iterable[object]) -> str:
    """Return what a combination of segments' values is called: "EWR", "EWR UA"."""
    return " ".join(_texts(values))


def _segments(
    source: ir.Table, table: Table, days: int, ask: Ask
) -> tuple[tuple[str, ...], int]:
    """Return the columns that tell segments apart, and how many combinations occur."""
    names = table.segments
    if not names or not set(names) <= set(source.columns):
        return (), 1
    most = min(_MOST_SEGMENTS, _MOST_CELLS // (days * len(source.columns)))
    found = len(ask(source.select(*names).distinct().limit(most + 1)))
    return (names, found) if found <= most else ((), 1)


def slice_rows(
    source: ir.Table,
    values: Mapping[str, ir.Value],
    keys: Mapping[str, ir.Value],
    groups: int,
    ask: Ask,
) -> list[Slice]:
    """Return a slice for each segment, in their order; of so many groups at most.

    The keys are what to group by: the day, then the segments' columns.
    """
    at_once = max(1, min(_COLUMNS_AT_ONCE, _CELLS_AT_ONCE // groups))
    numbered, slices = list(enumerate(values)), dict[_Segment, Slice]()
    grouped = source.group_by(**keys) if keys else source
    names = [key for key in keys if key != _DAY]

    def segment_of(row: Mapping[str, Any]) -> _Segment:
        return _texts(row[name] for name in names)

    def counted(columns: Sequence[tuple[int, str]]) -> list[dict[str, Any]]:
        measures = {"rows": source.count()}
        for at, name in columns:
            measures |= _measures(at, values[name])
        return ask(grouped.aggregate(**measures))

    for columns, found in _apart(numbered, at_once, counted):
        found.sort(key=lambda row: (segment_of(row), _order(row.get(_DAY))))
        for segment, group in itertools.groupby(found, segment_of):
            rows = list(group)
            days = (row.get(_DAY) for row in rows)
            head = Slice(
                " ".join(segment),
                tuple(None if day is None else date_of(day) for day in days),
                tuple(row["rows"] for row in rows),
                {},
            )
            tallies = {name: _tally(at, rows) for at, name in columns}
            slices.setdefault(segment, head).columns.update(tallies)
    return list(slices.values())


def _apart(
    every: Sequence[Key], at_once: int, ask: Callable[[Sequence[Key]], Made]
) -> Iterator[tuple[Sequence[Key], Made]]:
    """Yield what is asked of some keys at once; one that an engine refuses is left out.

    Raises:
        UnreachedError: the source is out of reach.
        SourceError: it refuses each of them.
    """
    waiting = [every[at : at + at_once] for at in range(0, len(every), at_once)][::-1]
    refused: Exception | None = None
    is_empty = True
    while waiting:
        some = waiting.pop()
        try:
            found = ask(some)
        except UnreachedError:
            raise
        except (SourceError, *EXPRESSION_ERRORS) as error:
            refused, half = error, len(some) // 2
            waiting += [some[half:], some[:half]] if half else []
        else:
            is_empty = False
            yield some, found
    if refused and is_empty:
        raise refused


def _known(found: Mapping[str, Found], name: str) -> Found:
    if name not in found:
        msg = f"the engine could not compute it of {name}"
        raise SourceError(msg)
    return found[name]


def _measures(at: int, value: ir.Value) -> dict[str, ir.Scalar]:
    kind = value.type()
    if not kind.is_numeric():
        return {f"p{at}": value.count()}
    # As a double, the smallest of the whole numbers has a size and no sum overflows.
    number = value.cast("float64")
    if not kind.is_integer():
        # Not so for NaN either, on any engine.
        value = number = ibis.ifelse(number.abs() <= _LARGEST, number, None)
    return {
        f"p{at}": value.count(),
        f"s{at}": number.abs().sum(),
        f"n{at}": value.nullif(0).count(),
    }


def _texts(values: Iterable[object]) -> _Segment:
    return tuple(_NO_VALUE if value is None else str(value) for value in values)


def _order(day: dt.date | float | None) -> tuple[bool, Any]:
    return day is not None, day


def _tally(at: int, rows: Sequence[Mapping[str, Any]]) -> Tally:
    present = tuple(row[f"p{at}"] for row in rows)
    if f"s{at}" not in rows[0]:
        return Tally(present)
    return Tally(
        present,
        tuple(_rounded(row[f"s{at}"] or 0.0) for row in rows),
        tuple(row[f"n{at}"] for row in rows),
    )


def _rounded(size: float) -> float:
    # Threads add up in any order, and the last digits of a sum show it; sums of whole
    # numbers are exact up to 2^53.
    is_exact = size.is_integer() and size <= _EXACT
    return size if is_exact else float(f"{size:.9g}")


# --- aggregates without days ---------------------------------------------------------

#: The largest finite double.
LARGEST = 1.7976931348623157e308


@dataclass(frozen=True)
class Extent:
    """The values of one column; low and high are of finite numbers, None without."""

    values: int  #: rows that are not null
    low: float | None = None
    high: float | None = None
    least: float | None = None  #: smallest distance from 0 above 0; None: whole numbers


@dataclass(frozen=True)
class Extents:
    """The rows of a table, and the values of some columns by name."""

    rows: int
    columns: Mapping[str, Extent]

    def of(self, name: str) -> Extent:
        """Return how far a column reaches.

        Raises:
            SourceError: the engine refused the column.
        """
        return _known(self.columns, name)


def read_extents(source: ir.Table, names: Sequence[str], ask: Ask) -> Extents:
    """Return how many rows there are, and how far the named columns reach."""
    asked: dict[str | None, dict[str, ir.Scalar]] = {None: {"rows": source.count()}}
    asked |= {name: _ends(source[name]) for name in names}
    found = ask_each(source, asked, ask)
    rows = found.pop(None)["rows"]
    return Extents(rows, {f"{name}": Extent(**one) for name, one in found.items()})


def _ends(value: ir.Value) -> dict[str, ir.Scalar]:
    measures = {"values": value.count()}
    if value.type().is_integer():
        return measures | {"low": value.min(), "high": value.max()}
    if not value.type().is_numeric():
        return measures
    number = value.cast("float64")
    finite = ibis.ifelse(number.abs() <= LARGEST, number, None)
    least = finite.abs().nullif(0).min()
    return measures | {"low": finite.min(), "high": finite.max(), "least": least}


def ask_each(
    source: ir.Table, asked: Mapping[Key, Mapping[str, ir.Scalar]], ask: Ask
) -> dict[Key, dict[str, Any]]:
    """Return a row of aggregates for each key, such as a column, by their names.

    They are asked in as few questions as engines allow. A key that the engine refuses
    is left out, unless it refuses all.
    """

    def answered(some: Sequence[Key]) -> dict[str, Any]:
        measures = {
            f"a{at}_{name}": value
            for at, key in enumerate(some)
            for name, value in asked[key].items()
        }
        return ask(source.aggregate(**measures))[0]

    found: dict[Key, dict[str, Any]] = {}
    most = max(map(len, asked.values()), default=1)
    at_once = max(1, _AGGREGATES_AT_ONCE // most)
    for some, row in _apart(list(asked), at_once, answered):
        for at, key in enumerate(some):
            found[key] = {name: row[f"a{at}_{name}"] for name in asked[key]}
    return found
