"""Tell how far live rows lie from training rows: one sentence, and bars."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from readybook.measure.drift.bins import Bin, bars_of, labels_of
from readybook.measure.drift.distances import psi_parts
from readybook.measure.drift.drift_counts import Counts, Unseen
from readybook.measure.drift.selections import Sides
from readybook.model.contract import Column
from readybook.model.findings import FLOOR, Point, Series
from readybook.model.words import count, day
from readybook.text.phrases import as_list, as_rows, as_share, floored

__all__ = ["Drift", "drift_message", "drift_series"]

_Shown = float | Literal["<10"]

_DIFFERS = 0.01  # of the rows: a difference of null shares that is told


@dataclass(frozen=True)
class Drift:
    """How far the live values of one column lie from its training values."""

    counts: Counts
    psi: float  #: population stability index
    bound: float  #: up to which it may be chance, or too little to matter
    js: float  #: Jensen-Shannon distance, base 2
    surprises: bool  #: a value is missing in training by more than chance

    @property
    def is_found(self) -> bool:
        """Return whether the values lie further apart than the bound."""
        return self.psi > self.bound


# --- the sentence --------------------------------------------------------------------


def drift_message(subject: str, drift: Drift, column: Column, sides: Sides) -> str:
    """Return the sentence about one column.

    Args:
        subject: "table.column".
        drift: what was measured.
        column: values of a restricted one are not told.
        sides: tell the seasons that were compared.
    """
    parts = [
        _verdict(subject, drift),
        _largest_shift(drift.counts.bins, column) if drift.is_found else "",
        _unseen(drift.counts.unseen, column),
        _without_value(drift.counts),
        _season(sides, found=drift.is_found),
    ]
    return "; ".join(part for part in parts if part) + "."


def _verdict(subject: str, drift: Drift) -> str:
    train, live = drift.counts.values
    if drift.is_found:
        said = f"Live rows differ from training rows in {subject}"
    elif drift.surprises:
        said = f"Live rows have values of {subject} that training rows never had"
    else:
        said = f"Live rows are like training rows in {subject}"
    return (
        f"{said}: PSI {drift.psi:.4g}, where up to {drift.bound:.4g} may be chance or "
        f"matter little ({train:,} training and {live:,} live values)"
    )


def _largest_shift(bins: Sequence[Bin], column: Column) -> str:
    if column.restricted:
        return ""
    bars = bars_of(bins)
    parts = psi_parts([one.train for one in bars], [one.live for one in bars])
    at = int(parts.argmax())
    label = labels_of(bars, restricted=False)[at]
    sizes = (sum(one.train for one in bars), sum(one.live for one in bars))
    before, after = (
        as_rows(rows) if rows < FLOOR else as_share(rows / size)
        for rows, size in zip((bars[at].train, bars[at].live), sizes, strict=True)
    )
    return f"the largest shift is at {label}, {before} of training and {after} of live"


def _unseen(unseen: Unseen | None, column: Column) -> str:
    if unseen is None or not unseen.values:
        return ""
    names = ""
    if unseen.common and not column.restricted:
        named = [f"{label} in {as_rows(rows)}" for label, rows in unseen.common]
        names = f": {as_list(named)}"
    values = count(unseen.values, "value")
    verb = "occurs" if unseen.values == 1 else "occur"
    return f"{values} of live rows {verb} in no training row ({as_rows(unseen.rows)}{names})"


def _without_value(counts: Counts) -> str:
    nulls = _nulls(counts)
    before, after = (
        number / rows for number, rows in zip(nulls, counts.rows, strict=True)
    )
    is_small = any(0 < number < FLOOR for number in nulls)
    if is_small or abs(before - after) < _DIFFERS:
        return ""
    return (
        f"{as_share(before)} of training rows and {as_share(after)} of live rows have "
        "no value"
    )


def _season(sides: Sides, *, found: bool) -> str:
    train, live = sides.train.days, sides.live.days
    if train is None or live is None or sides.train.months == sides.live.months:
        return ""
    before, after = (f"{day(first)} to {day(last)}" for first, last in (train, live))
    so = "would look the same" if found else "was not looked at"
    return (
        f"training rows cover {before} and live rows {after}, not the same months of "
        f"the year, so a season's difference {so}"
    )


# --- the bars ------------------------------------------------------------------------


def drift_series(drift: Drift, column: Column) -> tuple[Series, ...]:
    """Return the series "train", "live" and "numbers" of one column.

    The first two have the same labels, at most 12. A share of fewer than 10 rows is
    hidden.

    Args:
        drift: what was measured.
        column: values of a restricted one are numbered.
    """
    bars = bars_of(drift.counts.bins)
    labels = labels_of(bars, restricted=column.restricted)
    numbers = [Point(label=label, value=value) for label, value in _numbers(drift)]
    return (
        _bars("train", labels, bars, lambda one: one.train),
        _bars("live", labels, bars, lambda one: one.live),
        Series(name="numbers", unit="as named", points=tuple(numbers)),
    )


def _bars(
    name: str, labels: Sequence[str], bars: Sequence[Bin], rows: Callable[[Bin], int]
) -> Series:
    total = sum(map(rows, bars))
    points = [
        Point(label=label, value=_part(rows(one), total, of=100))
        for label, one in zip(labels, bars, strict=True)
    ]
    return Series(name=name, unit="% of rows", points=tuple(points))


def _numbers(drift: Drift) -> Iterator[tuple[str, _Shown]]:
    counts = drift.counts
    yield "psi", round(drift.psi, 6)
    yield "bound", round(drift.bound, 6)
    yield "js distance", round(drift.js, 6)
    if counts.ks is not None:
        yield "ks", round(counts.ks, 6)
    if counts.unseen is not None:
        yield "share unseen", _part(counts.unseen.rows, counts.values[1])
        yield "rows unseen", floored(counts.unseen.rows)
        yield "values unseen", counts.unseen.values
        yield "values vanished", counts.unseen.vanished
    for side, nulls, rows in zip(
        ("train", "live"), _nulls(counts), counts.rows, strict=True
    ):
        yield f"null share {side}", _part(nulls, rows)
    yield "rows train", counts.rows[0]
    yield "rows live", counts.rows[1]


def _nulls(counts: Counts) -> tuple[int, int]:
    (train, live), values = counts.rows, counts.values
    return train - values[0], live - values[1]


def _part(rows: int, total: int, of: int = 1) -> _Shown:
    hidden = floored(rows)
    return hidden if isinstance(hidden, str) else round(of * rows / total, 6)
