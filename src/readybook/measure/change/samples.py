"""Count one column's values in training rows and in live rows, in the same bins.

A group-by of a measured number has too many groups to be read, and engines have no
quantiles in common. So whole numbers of a narrow range stay as they are, all others are
rounded to cells of a few digits that matter, and the counted cells are merged into
bins. Only comparisons and products with written powers of ten are used, not logarithms,
whose last digit differs between engines.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Context, Decimal

import ibis
import ibis.expr.datatypes as dtypes
import ibis.expr.types as ir
from ibis import _

from readybook.measure.change.selections import Sides
from readybook.measure.change.series import OTHERS
from readybook.measure.profile import LARGEST, Extent
from readybook.measure.rows.values import family
from readybook.measure.sources.values import as_written, comparable
from readybook.model.contract import Column
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR
from readybook.model.words import floored

#: Fewer values than so many on a side cannot be compared.
_LEAST_VALUES = 50
#: More different values are not told apart: the most common ones are, the rest summed.
_MOST_VALUES = 100_000
_MOST_NUMBERS = 1_000_000  # different whole numbers that an engine counts with ease
_MOST_BINS = 50
_MOST_BARS = 12
#: Rows that a bin has to expect on the smaller side: the textbook's rule for when
#: counts follow chi-square.
_EXPECTED = 5
_KEPT = 20_000  # different whole numbers that are kept as they are
_DIGITS = 4  # that matter of any other number
_FEWER_DIGITS = 3  # where the numbers span more powers of ten than
_MOST_DECADES = 12
_ORIGIN_DIGITS = 6
_DECADES_BELOW_ORIGIN = 10  # smaller distances from it are near a double's last digit
_LOWEST = -300  # power of ten; smaller numbers count as 0
_SHIFT = 400  # added to a power of ten, so that each cell's number is positive
_INFINITE = 100_000_000  # the cell of infinity, beyond all others
_NOT_A_NUMBER = _INFINITE + 1


# --- counting ------------------------------------------------------------------------


@dataclass(frozen=True)
class Unseen:
    """Values of live rows that no training row has, and the other way round."""

    values: int  #: different ones
    rows: int  #: live rows that have one
    common: tuple[tuple[str, int], ...]  #: those of 10 live rows or more; most first
    vanished: int  #: different values of training rows that no live row has
    known: int  #: different values on both sides together


@dataclass(frozen=True)
class Samples:
    """What a comparison of two sides rests on; values are those that are not null."""

    rows: tuple[int, int]  #: training, live
    values: tuple[int, int]
    bins: tuple[Bin, ...]
    cells: tuple[Bin, ...]  #: of numbers, before they are merged; empty: no order
    unseen: Unseen | None  #: None: the values are numbers

    @property
    def nulls(self) -> tuple[int, int]:
        """Return the rows of either side that have no value."""
        (train, live), (with_value, live_value) = self.rows, self.values
        return train - with_value, live - live_value


def count_values(sides: Sides, column: Column) -> Samples:
    """Return the values of a column on both sides, binned.

    Nulls are left out. Numbers are binned by the quantiles of both sides, from cells
    of 4 digits; texts, true and false, and all columns with declared categories by
    value.

    Raises:
        SourceError: a side lacks the column or has under 50 values of it, the two
            sides have different types, or ones that are not compared, or nearly every
            row has a value of its own.
    """
    both = (sides.train, sides.live)
    for side in both:
        side.opened.require(column.name)
    kinds = [side.opened.source[column.name].type() for side in both]
    is_numeric = _is_numeric(*kinds)
    extents = [side.extents.of(column.name) for side in both]
    for name, extent in zip(("training", "live"), extents, strict=True):
        if extent.values < _LEAST_VALUES:
            msg = (
                f"too few rows: {name} rows have {floored(extent.values) or 'no'} "
                f"values, and at least {_LEAST_VALUES} are needed"
            )
            raise SourceError(msg)
    cells, unseen = list[Bin](), None
    if is_numeric and not column.categories:
        whole = all(kind.is_integer() for kind in kinds)
        cells = _count_cells(sides, column, extents, whole=whole)
        bins = bin_numbers(cells)
    else:
        bins, unseen = _count_categories(sides, column, is_numeric=is_numeric)
    rows = sides.train.extents.rows, sides.live.extents.rows
    values = extents[0].values, extents[1].values
    return Samples(rows, values, bins, tuple(cells), unseen)


def _is_numeric(train: dtypes.DataType, live: dtypes.DataType) -> bool:
    """Return whether both sides hold numbers; refuse what cannot be compared."""
    held = {family(train), family(live)}
    if held <= {"integer", "number"}:
        return True
    if len(held) > 1:
        msg = f"training rows have the type {train}, live rows {live}"
    elif held <= {"string", "boolean"}:
        return False
    elif held <= {"date", "timestamp", "time"}:
        msg = "a time differs by itself from training rows to live rows"
    else:
        msg = f"values of the type {train} are not compared"
    raise SourceError(msg)


def _count_cells(
    sides: Sides, column: Column, extents: Sequence[Extent], *, whole: bool
) -> list[Bin]:
    """Return the rows of either side per cell of numbers, in ascending order."""
    scale = scale_of(extents, whole=whole)
    low, high = _ends(extents)
    if whole and high - low < _MOST_NUMBERS:
        # Counted as they are first, they are rounded once each instead of per row.
        groups = _groups(sides.together(lambda table: table[column.name].cast("int64")))
        groups = _groups(groups.mutate(value=scale.cell(groups["value"])))
    else:
        groups = _groups(sides.together(lambda table: scale.cell(table[column.name])))
    found = sorted(sides.about.ask(groups), key=lambda row: row["value"])
    return [
        Bin(number := scale.number(row["value"]), number, row["train"], row["live"])
        for row in found
    ]


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
    found, is_unseen = sides.about.ask(most), groups["train"] == 0
    total, rest = dict[str, int](), (0, 0)
    if len(found) > _MOST_VALUES:
        # Which of the values at the cut are among these is up to the engine.
        cut = min(row["rows"] for row in found)
        found = [row for row in found if row["rows"] > cut]
        totals = groups.aggregate(
            known=groups.count(),
            train=groups["train"].sum(),
            live=groups["live"].sum(),
            values=groups.count(where=is_unseen),
            rows=ibis.ifelse(is_unseen, groups["live"], 0).sum(),
            vanished=groups.count(where=groups["live"] == 0),
        )
        total = sides.about.ask(totals)[0]
        train, live = (sum(row[side] for row in found) for side in ("train", "live"))
        rest = total["train"] - train, total["live"] - live
    counts = {as_written(row["value"]): (row["train"], row["live"]) for row in found}
    bins = bin_values(counts, rest)
    known = total.get("known", len(counts))
    if len(bins) == 1 and known > 1:
        msg = "nearly every row has a value of its own, so there are no groups"
        raise SourceError(msg)
    unseen = {value: live for value, (train, live) in counts.items() if not train}
    common = [(value, live) for value, live in unseen.items() if live >= FLOOR]
    vanished = sum(not live for _train, live in counts.values())
    return bins, Unseen(
        values=total.get("values", len(unseen)),
        rows=total.get("rows", sum(unseen.values())),
        common=tuple(sorted(common, key=lambda one: (-one[1], one[0]))),
        vanished=total.get("vanished", vanished),
        known=known,
    )


# --- cells of numbers ----------------------------------------------------------------


@dataclass(frozen=True)
class Scale:
    """How numbers become cells; made by `scale_of`.

    A cell is a whole number, and cells are in the order of the numbers in them.
    """

    whole: bool  #: the number is its own cell
    origin: float = 0.0  #: distances from it are rounded
    top: int = 0  #: largest power of ten in a distance
    bottom: int = 0  #: smallest; smaller distances count as 0

    @property
    def _digits(self) -> int:
        return _DIGITS if self.top - self.bottom <= _MOST_DECADES else _FEWER_DIGITS

    def cell(self, value: ir.NumericValue) -> ir.IntegerValue:
        """Return the cell of each number; null for null.

        NaN and the two infinities have a cell each, at the ends.
        """
        if self.whole:
            return value.cast("int64")
        number = value.cast("float64")
        distance = number - self.origin if self.origin else number
        size = distance.abs()
        powers = range(self.top, self.bottom - 1, -1)
        cell = ibis.cases(
            (size > LARGEST, _INFINITE),
            *[(size >= float(f"1e{at}"), self._rounded(size, at)) for at in powers],
            else_=0,
        )
        return ibis.cases(
            (number.isnull(), ibis.null("int64")),
            (number.isnan(), _NOT_A_NUMBER),
            (distance < 0, -cell),
            else_=cell,
        )

    def number(self, cell: int) -> float:
        """Return the number that stands for a cell."""
        if self.whole:
            return cell
        if cell == _NOT_A_NUMBER:
            return math.nan
        if abs(cell) == _INFINITE:
            return math.copysign(math.inf, cell)
        distance = Decimal(0)
        if cell:
            first = 10 ** (self._digits - 1)
            power, place = divmod(abs(cell), 9 * first)
            scale = power - _SHIFT - self._digits + 1
            distance = Decimal(f"{first + place}e{scale}").copy_sign(cell)
        return float(Decimal(str(self.origin)) + distance)

    def _rounded(self, size: ir.NumericValue, power: int) -> ir.IntegerValue:
        """Return the cell of a distance from 10^power to 10^(power + 1)."""
        first = 10 ** (self._digits - 1)
        scale = self._digits - 1 - power
        # Powers of ten over 1 are exact as doubles, those under 1 are not.
        factor = float(f"1e{abs(scale)}")
        scaled = size * factor if scale > 0 else size / factor
        start = 9 * first * (power + _SHIFT) - first
        return (scaled + 0.5).floor().cast("int64") + start


def scale_of(extents: Sequence[Extent], *, whole: bool) -> Scale:
    """Return the scale for numbers that are to be compared with each other.

    Numbers that lie on one side of 0 are rounded by their distance from the end that
    is next to 0, so that 1,013.25 and 1,013.26 stay apart. Whole ones are those of a
    type for whole numbers.
    """
    low, high = _ends(extents)
    if whole and high - low < _KEPT:
        return Scale(whole=True)
    origin = 0.0
    if low > 0 or high < 0:
        down = Context(prec=_ORIGIN_DIGITS, rounding=ROUND_DOWN)
        origin = float(down.create_decimal(Decimal(low if low > 0 else high)))
    least = _power(min((one.least for one in extents if one.least), default=1))
    bottom = _power(origin) - _DECADES_BELOW_ORIGIN if origin else least
    bottom = 0 if whole else max(bottom, _LOWEST)
    top = max(bottom, _power(max(abs(low - origin), abs(high - origin))))
    return Scale(whole=False, origin=origin, top=top, bottom=bottom)


def _ends(extents: Iterable[Extent]) -> tuple[float, float]:
    """Return the smallest and the largest number; 0 without any."""
    ends = [end for one in extents for end in (one.low, one.high) if end is not None]
    return min(ends, default=0), max(ends, default=0)


def _power(number: float) -> int:
    """Return the power of ten of a number's first digit; of 0 the lowest one."""
    return Decimal(number).adjusted() if number else _LOWEST


# --- bins ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Bin:
    """The rows of either sample from one value to another."""

    first: float | str  #: text: one category, and `last` is the same
    last: float | str
    train: int
    live: int

    @property
    def rows(self) -> int:
        """Return the rows of both samples."""
        return self.train + self.live


def bin_numbers(cells: Sequence[Bin]) -> tuple[Bin, ...]:
    """Return at most 50 bins of ascending cells, each with about as much of a sample.

    The quantiles are those of both samples, each weighing the same: in bins of the
    training rows' quantiles a column that was constant would have a single bin,
    whatever the live rows hold. There are fewer bins if a sample is so small that a bin
    would expect under 5 of its rows.
    """
    return _merged(cells, _MOST_BINS, _EXPECTED)


def bin_values(
    counts: Mapping[str, tuple[int, int]], rest: tuple[int, int] = (0, 0)
) -> tuple[Bin, ...]:
    """Return a bin for each of the most common values, and at the end one for others.

    The values are chosen by the rows of both samples together, at most 49: chosen by
    the training rows alone they would be those that were drawn often by chance, and
    two samples of one population would differ. A value of which the smaller sample
    expects under 5 rows is one of the others, as are the rows of further values that
    need not be told apart. Counts are training rows and live rows.
    """
    train, live = map(sum, zip(rest, *counts.values(), strict=True))
    expected = min(train, live) / (train + live)
    bins = [Bin(value, value, *both) for value, both in counts.items()]
    bins.sort(key=lambda one: (-one.rows, one.first))
    kept = [one for one in bins[: _MOST_BINS - 1] if one.rows * expected >= _EXPECTED]
    return _with_others(kept, [*bins[len(kept) :], Bin(OTHERS, OTHERS, *rest)])


def bars_of(bins: Sequence[Bin]) -> tuple[Bin, ...]:
    """Return at most 12 bins for people to look at.

    Those of numbers are merged with their neighbours until they expect 10 rows of
    either sample; the rarer categories are merged into one.
    """
    if not any(isinstance(one.first, str) for one in bins):
        return _merged(bins, _MOST_BARS, FLOOR)
    if len(bins) <= _MOST_BARS:
        return tuple(bins)
    return _with_others(bins[: _MOST_BARS - 1], bins[_MOST_BARS - 1 :])


def labels_of(bins: Sequence[Bin], *, restricted: bool) -> list[str]:
    """Return what each bin is called, in their order; a number where it is restricted.

    The lowest and the highest number are not told: they could be those of one person.
    """
    if restricted:
        return [
            OTHERS if one.first == OTHERS else f"no. {at}"
            for at, one in enumerate(bins, 1)
        ]
    labels = list[str]()
    for at, one in enumerate(bins, 1):
        first, last = _text(one.first), _text(one.last)
        if first == last:
            labels.append(first)
        elif at == 1:
            labels.append("all" if len(bins) == 1 else f"up to {last}")
        else:
            labels.append(f"{first} {'and more' if at == len(bins) else f'to {last}'}")
    return labels


def _text(value: float | str) -> str:
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "not a number"
    return f"{value:,.10g}" if math.isfinite(value) else f"{value:+}"


def _with_others(kept: Sequence[Bin], others: Sequence[Bin]) -> tuple[Bin, ...]:
    train, live = sum(one.train for one in others), sum(one.live for one in others)
    return (*kept, *([Bin(OTHERS, OTHERS, train, live)] if train + live else ()))


def _merged(bins: Sequence[Bin], most: int, expected: int) -> tuple[Bin, ...]:
    """Return neighbours merged, to so many at most that expect so many rows each."""
    train, live = (sum(one.train for one in bins), sum(one.live for one in bins))
    least = max(1 / most, expected / min(train, live))
    merged, is_open = list[Bin](), False
    for one in bins:
        if is_open:
            merged[-1] = _joined(merged[-1], one)
        else:
            merged.append(one)
        is_open = (merged[-1].train / train + merged[-1].live / live) / 2 < least
    if is_open and len(merged) > 1:
        last = merged.pop()
        merged[-1] = _joined(merged[-1], last)
    return tuple(merged)


def _joined(left: Bin, right: Bin) -> Bin:
    train, live = left.train + right.train, left.live + right.live
    return Bin(left.first, right.last, train, live)
