"""Merge counted values into few bins that two samples are compared in; no engine."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from readybook.measure.change.dayseries import OTHERS
from readybook.model.findings import FLOOR

__all__ = ["Bin", "bars_of", "bin_numbers", "bin_values", "labels_of"]

_MOST_BINS = 50
_MOST_BARS = 12
#: Rows that a bin has to expect on the smaller side: the textbook's rule for when
#: counts follow chi-square.
_EXPECTED = 5


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
    """Return at most 50 bins, each with about the same share of the two samples.

    The quantiles are those of both samples, each weighing the same: in bins of the
    training rows' quantiles a column that was constant would have a single bin,
    whatever the live rows hold. There are fewer bins if a sample is so small that a bin
    would expect under 5 of its rows.

    Args:
        cells: one per number, in ascending order.
    """
    return _merged(cells, _MOST_BINS, _EXPECTED)


def bin_values(
    counts: Mapping[str, tuple[int, int]], rest: tuple[int, int] = (0, 0)
) -> tuple[Bin, ...]:
    """Return a bin for each of the most common values, and one for all others.

    The values are chosen by the rows of both samples together, at most 49: chosen by
    the training rows alone they would be those that were drawn often by chance, and
    two samples of one population would differ. A value of which the smaller sample
    expects under 5 rows is one of the others.

    Args:
        counts: training rows and live rows of each value.
        rest: those of further values that need not be told apart.

    Returns:
        the most common value first, the others last.
    """
    train = sum(one for one, _ in counts.values()) + rest[0]
    live = sum(one for _, one in counts.values()) + rest[1]
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
    if any(isinstance(one.first, str) for one in bins):
        if len(bins) <= _MOST_BARS:
            return tuple(bins)
        return _with_others(bins[: _MOST_BARS - 1], bins[_MOST_BARS - 1 :])
    return _merged(bins, _MOST_BARS, FLOOR)


def labels_of(bins: Sequence[Bin], *, restricted: bool) -> tuple[str, ...]:
    """Return what each bin is called, in their order.

    The lowest and the highest number are not told: they could be those of one person.

    Args:
        bins: of numbers in ascending order, or of categories.
        restricted: the values may not be shown, so numbers stand for them.
    """
    if restricted:
        return tuple(
            OTHERS if one.first == OTHERS else f"no. {at}"
            for at, one in enumerate(bins, 1)
        )
    end = len(bins) - 1
    return tuple(_label(one, at == 0, at == end) for at, one in enumerate(bins))


def _label(one: Bin, is_first: bool, is_last: bool) -> str:  # noqa: FBT001 - private
    first, last = _text(one.first), _text(one.last)
    if first == last:
        return first
    if is_first:
        return "all" if is_last else f"up to {last}"
    return f"{first} and more" if is_last else f"{first} to {last}"


def _text(value: float | str) -> str:
    if isinstance(value, str):
        return value
    if math.isnan(value):
        return "not a number"
    return f"{value:,.10g}" if math.isfinite(value) else f"{value:+}"


def _with_others(kept: Iterable[Bin], others: Iterable[Bin]) -> tuple[Bin, ...]:
    train, live = 0, 0
    for one in others:
        train, live = train + one.train, live + one.live
    rest = [Bin(OTHERS, OTHERS, train, live)] if train + live else []
    return (*kept, *rest)


def _merged(bins: Sequence[Bin], most: int, expected: int) -> tuple[Bin, ...]:
    """Return neighbours merged until each has its part of the two samples.

    Args:
        bins: in ascending order.
        most: how many there may be.
        expected: rows of either sample that each is to expect.
    """
    train, live = (sum(one.train for one in bins), sum(one.live for one in bins))
    least = max(1 / most, expected / min(train, live))
    merged: list[Bin] = []
    is_open = False
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
    return replace(
        left,
        last=right.last,
        train=left.train + right.train,
        live=left.live + right.live,
    )
