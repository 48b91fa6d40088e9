"""Count one column's values in the training rows and in the live rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir
from ibis import _

from readybook.measure.drift.bins import Bin, bin_numbers, bin_values
from readybook.measure.drift.cells import scale_of
from readybook.measure.drift.distances import ks_distance
from readybook.measure.drift.selections import Sides
from readybook.measure.fields.values import family
from readybook.measure.profile import Extent
from readybook.measure.sources.values import as_written, comparable
from readybook.model.contract import Column
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR
from readybook.text.phrases import floored

__all__ = ["Counts", "Unseen", "count_values"]

#: Fewer values than so many on a side cannot be compared.
_LEAST_VALUES = 50
#: More different values are not told apart: the most common ones are, the rest summed.
_MOST_VALUES = 100_000
_MOST_NUMBERS = 1_000_000  # different whole numbers that an engine counts with ease
_NUMBERS = {"integer", "number"}
_NAMES = {"string", "boolean"}
_TIMES = {"date", "timestamp", "time"}


@dataclass(frozen=True)
class Unseen:
    """Values of live rows that no training row has, and the other way round."""

    values: int  #: different ones
    rows: int  #: live rows that have one
    common: tuple[tuple[str, int], ...]  #: those of 10 live rows or more; most first
    vanished: int  #: different values of training rows that no live row has
    known: int  #: different values on both sides together


@dataclass(frozen=True)
class Counts:
    """What a comparison of two sides rests on; values are those that are not null."""

    rows: tuple[int, int]  #: training, live
    values: tuple[int, int]
    bins: tuple[Bin, ...]
    ks: float | None  #: None: the values have no order
    unseen: Unseen | None  #: None: the values are numbers


def count_values(sides: Sides, column: Column) -> Counts:
    """Return the values of a column on both sides, binned.

    Nulls are left out. Numbers are binned by the quantiles of both sides, from cells
    of 4 digits; texts, true and false, and all columns with declared categories by
    value.

    Raises:
        SourceError: a side lacks the column or has under 50 values of it, the two
            sides have different types, or ones that are not compared, or nearly every
            row has a value of its own.
    """
    is_numeric = _is_numeric(sides, column)
    is_number = is_numeric and not column.categories
    sizes = (sides.train.extents, sides.live.extents)
    train, live = (one.columns[column.name] for one in sizes)
    _require_values(train, live)
    ks, unseen = None, None
    if is_number:
        cells = _count_cells(sides, column, (train, live))
        ks = ks_distance([one.train for one in cells], [one.live for one in cells])
        bins = bin_numbers(cells)
    else:
        bins, unseen = _count_categories(sides, column, is_numeric=is_numeric)
    return Counts(
        rows=(sizes[0].rows, sizes[1].rows),
        values=(train.values, live.values),
        bins=bins,
        ks=ks,
        unseen=unseen,
    )


def _is_numeric(sides: Sides, column: Column) -> bool:
    """Return whether the column holds numbers on both sides."""
    for side in (sides.train, sides.live):
        side.opened.require(column.name)
    kinds = _kinds(sides, column)
    held = {family(kind) for kind in kinds}
    if held <= _NUMBERS:
        return True
    if len(held) > 1:
        msg = f"training rows have the type {kinds[0]}, live rows {kinds[1]}"
        raise SourceError(msg)
    if held <= _TIMES:
        msg = "a time differs by itself from training rows to live rows"
        raise SourceError(msg)
    if not held <= _NAMES:
        msg = f"values of the type {kinds[0]} are not compared"
        raise SourceError(msg)
    return False


def _kinds(sides: Sides, column: Column) -> list[dtypes.DataType]:
    both = (sides.train, sides.live)
    return [side.opened.source[column.name].type() for side in both]


def _require_values(train: Extent, live: Extent) -> None:
    for name, side in (("training", train), ("live", live)):
        if side.values < _LEAST_VALUES:
            found = floored(side.values) or "no"
            msg = (
                f"too few rows: {name} rows have {found} values, and at least "
                f"{_LEAST_VALUES} are needed"
            )
            raise SourceError(msg)


def _count_cells(sides: Sides, column: Column, extents: Sequence[Extent]) -> list[Bin]:
    """Return the rows of either side per cell of numbers, in ascending order."""
    whole = all(kind.is_integer() for kind in _kinds(sides, column))
    scale = scale_of(extents, whole=whole)
    if whole and _spread(extents) < _MOST_NUMBERS:
        # Counted as they are first, they are rounded once each instead of per row.
        groups = _groups(sides.together(lambda table: table[column.name].cast("int64")))
        groups = _groups(groups.mutate(value=scale.cell(groups["value"])))
    else:
        groups = _groups(sides.together(lambda table: scale.cell(table[column.name])))
    found = sorted(sides.about.ask(groups), key=lambda row: row["value"])
    numbers = [scale.number(row["value"]) for row in found]
    return [
        Bin(number, number, row["train"], row["live"])
        for number, row in zip(numbers, found, strict=True)
    ]


def _spread(extents: Sequence[Extent]) -> float:
    lows = [one.low for one in extents if one.low is not None]
    highs = [one.high for one in extents if one.high is not None]
    return max(highs) - min(lows)


def _groups(rows: ir.Table) -> ir.Table:
    present = rows.filter(rows["value"].notnull())
    return present.group_by("value").aggregate(train=_.train.sum(), live=_.live.sum())


def _count_categories(
    sides: Sides, column: Column, *, is_numeric: bool
) -> tuple[tuple[Bin, ...], Unseen]:
    def value_of(table: ir.Table) -> ir.Value:
        value = table[column.name]
        # One type for both sides; they may hold whole numbers and others.
        return value.cast("float64") if is_numeric else comparable(value).cast("string")

    groups = _groups(sides.together(value_of))
    groups = groups.mutate(rows=groups["train"] + groups["live"])
    most = groups.order_by(ibis.desc("rows")).limit(_MOST_VALUES + 1)
    found = sides.about.ask(most)
    if len(found) <= _MOST_VALUES:
        counts = _by_label(found)
        bins, total = bin_values(counts), _sum_up(counts.values())
    else:
        # Which of the values at the cut are among these is up to the engine.
        cut = min(row["rows"] for row in found)
        counts = _by_label(row for row in found if row["rows"] > cut)
        total = sides.about.ask(_totals(groups))[0]
        kept = _sum_up(counts.values())
        rest = (total["train"] - kept["train"], total["live"] - kept["live"])
        bins = bin_values(counts, rest)
    if len(bins) == 1 and total["values"] > 1:
        msg = "nearly every row has a value of its own, so there are no groups"
        raise SourceError(msg)
    return bins, _unseen(counts, total)


def _by_label(found: Iterable[Mapping[str, Any]]) -> dict[str, tuple[int, int]]:
    return {as_written(row["value"]): (row["train"], row["live"]) for row in found}


def _sum_up(counts: Iterable[tuple[int, int]]) -> dict[str, int]:
    """Return what `_totals` asks for, of values that are all here."""
    both = list(counts)
    return {
        "values": len(both),
        "train": sum(train for train, _live in both),
        "live": sum(live for _train, live in both),
        "unseen": sum(not train for train, _live in both),
        "unseen_rows": sum(live for train, live in both if not train),
        "vanished": sum(not live for _train, live in both),
    }


def _totals(groups: ir.Table) -> ir.Table:
    is_unseen = groups["train"] == 0
    return groups.aggregate(
        values=groups.count(),
        train=groups["train"].sum(),
        live=groups["live"].sum(),
        unseen=groups.count(where=is_unseen),
        unseen_rows=ibis.ifelse(is_unseen, groups["live"], 0).sum(),
        vanished=groups.count(where=groups["live"] == 0),
    )


def _unseen(counts: Mapping[str, tuple[int, int]], total: Mapping[str, int]) -> Unseen:
    common = [
        (label, live)
        for label, (train, live) in counts.items()
        if not train and live >= FLOOR
    ]
    return Unseen(
        values=total["unseen"],
        rows=total["unseen_rows"],
        common=tuple(sorted(common, key=lambda one: (-one[1], one[0]))),
        vanished=total["vanished"],
        known=total["values"],
    )
