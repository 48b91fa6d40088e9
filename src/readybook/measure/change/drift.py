"""Are live rows like the rows that were learned from: their fields, then each column?

A difference is never proof that a procedure changed: seasons, growth and a different
choice of rows look the same. PSI and the Jensen-Shannon distance add half a row to
every bin of either sample (Jeffreys), so that an empty bin does not make them infinite.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from readybook.measure.change.samples import (
    Bin,
    Samples,
    Unseen,
    bars_of,
    count_values,
    labels_of,
)
from readybook.measure.change.selections import Sides, select_sides
from readybook.measure.profile import Extents
from readybook.measure.rows.values import family
from readybook.measure.table import as_series
from readybook.model.contract import Column
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding, Series, Value
from readybook.model.words import as_list, as_rows, as_share, count, day, floored

Counts = Sequence[int] | NDArray[np.int64]
Floats = NDArray[np.float64]

_SOURCE = (
    "rule of thumb, and chance at 0.999 (Yurdakul and Naranjo 2020; Potgieter et al. "
    "2023, arXiv 2307.11878)"
)
_CHANCE = 0.999  # what chance alone stays under in so many of the cases
#: PSI under it is too little to matter: a rule of thumb of credit scoring.
_RULE_OF_THUMB = 0.1
_HALF_A_ROW = 0.5
_DIFFERS = 0.01  # of the rows: a difference of null shares that is told
_LEAST_ROWS = 50  # under so many on a side, its nulls say too little
_HALF = 0.5  # of the rows: over it, a difference of null shares is another field


# --- one column ----------------------------------------------------------------------


def check_drift(sides: Sides, column: Column) -> Finding:
    """Return the finding whether a column's live values are like its training values.

    Both sides are counted in the same bins (at most 50, by quantiles of both;
    categories by value) and compared by the population stability index, PSI, of values
    that are not null. Contradicted if PSI is over max(0.1, (1/n + 1/m)
    x the 0.999 quantile of chi-square with bins - 1 degrees of freedom), n training
    and m live values: of two samples of one population, 0.5 % or less are over it at
    any size, while PSI alone is over 0.1 for 97 % of them at n = 50. Also contradicted,
    for a column with declared categories: a value of 10 live rows or more that no
    training row has, unless chance explains it (1 in 1,000 for all values together).
    Null shares are told apart and do not count.

    Where they differ and the training rows have every month of the year that the live
    rows have, and others, those of the same months decide: a season is no drift.

    The series "train" and "live" have the same labels, at most 12; a share of fewer
    than 10 rows is hidden. Where the two sides do not cover the same months of the year
    the message says that the season could not be told apart. Where live rows are none
    (`Sides.cut`), all of this is told and decides nothing.

    Raises:
        SourceError: the column cannot be compared, see `count_values`; a side has
            under 50 values of it.
    """
    samples, subject = count_values(sides, column), f"{sides.about.name}.{column.name}"
    is_surprising = bool(column.categories) and _has_surprise(samples)
    whole, of = _index(samples), "training rows"
    if whole[0] > whole[1] and (like := _in_season(sides, column)):
        sides, samples = like[0], replace(like[1], unseen=samples.unseen)
        of = "training rows of the same months of the year"
    index, bound = _index(samples)
    is_found, bars = index > bound, bars_of(samples.bins)
    # Of rows that are not live, the season is no reason to doubt more.
    season = "" if sides.cut else _season(sides, found=is_found)
    said = f"Live rows are like {of} in {subject}"
    if is_surprising:
        said = f"Live rows have values of {subject} that training rows never had"
    if is_found:
        said = f"Live rows differ from {of} in {subject}"
    train, live = samples.values
    said += (
        f": PSI {index:.4g}, where up to {bound:.4g} may be chance or matter little "
        f"({train:,} training and {live:,} live values)"
    )
    parts = [
        said,
        sides.cut and f"{sides.cut}, so this decides nothing",
        _largest_shift(bars) if is_found and not column.restricted else "",
        _told_unseen(samples.unseen, is_shown=not column.restricted),
        _without_value(samples),
        season,
    ]
    labels = labels_of(bars, restricted=column.restricted)
    before, after = (
        [_part(rows, sum(side), of=100) for rows in side] for side in _counts(bars)
    )
    finding = sides.about.find(
        "live-like-training",
        subject,
        "informs" if sides.cut else not (is_found or is_surprising),
        "; ".join(filter(None, parts)) + ".",
        value=round(index, 6),
        threshold=round(bound, 6),
        source=_SOURCE,
        series=(
            Series.of("train", "% of rows", zip(labels, before, strict=True)),
            Series.of("live", "% of rows", zip(labels, after, strict=True)),
            Series.of("numbers", "as named", _numbers(samples, index, bound)),
        ),
        fingerprint=sides.fingerprint,
    )
    return finding.model_copy(update={"caveat": season or None})


def _index(samples: Samples) -> tuple[float, float]:
    """Return PSI, and what it may be by chance or without mattering."""
    bins = samples.bins
    return psi(*_counts(bins)), drift_bound(*samples.values, len(bins))


def _in_season(sides: Sides, column: Column) -> tuple[Sides, Samples] | None:
    """Return the sides in like months and a column's samples; None with too few rows."""
    if sides.in_season is None:
        return None
    try:
        return sides.in_season, count_values(sides.in_season, column)
    except SourceError:
        return None


def _counts(bins: Sequence[Bin]) -> tuple[list[int], list[int]]:
    return [one.train for one in bins], [one.live for one in bins]


def _has_surprise(samples: Samples) -> bool:
    """Return whether a value is missing in training by more than chance.

    A value of r rows has none of n training rows among n + m with a chance of about
    (m / (n + m)) ^ r; the more values, the more of them are missing by chance.
    """
    if samples.unseen is None:
        return False
    train, live = samples.values
    chance = (1 - _CHANCE) / samples.unseen.known
    return any(
        (live / (train + live)) ** rows < chance for _, rows in samples.unseen.common
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


def _largest_shift(bars: Sequence[Bin]) -> str:
    both = _counts(bars)
    at = int(psi_parts(*both).argmax())
    label = labels_of(bars, restricted=False)[at]
    before, after = (
        as_rows(side[at]) if side[at] < FLOOR else as_share(side[at] / sum(side))
        for side in both
    )
    return f"the largest shift is at {label}, {before} of training and {after} of live"


def _told_unseen(unseen: Unseen | None, *, is_shown: bool) -> str:
    if unseen is None or not unseen.values:
        return ""
    names = ""
    if unseen.common and is_shown:
        named = [f"{label} in {as_rows(rows)}" for label, rows in unseen.common]
        names = f": {as_list(named)}"
    values = count(unseen.values, "value")
    verb = "occurs" if unseen.values == 1 else "occur"
    return f"{values} of live rows {verb} in no training row ({as_rows(unseen.rows)}{names})"


def _without_value(samples: Samples) -> str:
    before, after = np.divide(samples.nulls, samples.rows)
    is_small = any(0 < number < FLOOR for number in samples.nulls)
    if is_small or abs(before - after) < _DIFFERS:
        return ""
    return (
        f"{as_share(before)} of training rows and {as_share(after)} of live rows have "
        "no value"
    )


def _numbers(
    samples: Samples, index: float, bound: float
) -> Iterator[tuple[str, Value]]:
    yield from (("psi", round(index, 6)), ("bound", round(bound, 6)))
    yield "js distance", round(js_distance(*_counts(samples.bins)), 6)
    if samples.cells:
        yield "ks", round(ks_distance(*_counts(samples.cells)), 6)
    if samples.unseen is not None:
        yield "share unseen", _part(samples.unseen.rows, samples.values[1])
        yield "rows unseen", floored(samples.unseen.rows)
        yield "values unseen", samples.unseen.values
        yield "values vanished", samples.unseen.vanished
    yield "null share train", _part(samples.nulls[0], samples.rows[0])
    yield "null share live", _part(samples.nulls[1], samples.rows[1])
    yield "rows train", samples.rows[0]
    yield "rows live", samples.rows[1]


def _part(rows: int, total: int, of: int = 1) -> Value:
    hidden = floored(rows)
    return hidden if isinstance(hidden, str) else round(of * rows / total, 6)


# --- distances -----------------------------------------------------------------------


def psi(train: Counts, live: Counts) -> float:
    """Return the population stability index of two samples in the same bins.

    The sum of (live share - train share) x ln(live share / train share), 0 and more.
    """
    return float(psi_parts(train, live).sum())


def psi_parts(train: Counts, live: Counts) -> Floats:
    """Return what each bin adds to the PSI, see `psi`."""
    before, after = _shares(train), _shares(live)
    parts: Floats = (after - before) * np.log(after / before)
    return parts


def js_distance(train: Counts, live: Counts) -> float:
    """Return the Jensen-Shannon distance of two samples in the same bins.

    The square root of the divergence to base 2: 0 for equal shares, under 1 always.
    """
    before, after = _shares(train), _shares(live)
    middle = (before + after) / 2
    divergence = before * np.log2(before / middle) + after * np.log2(after / middle)
    return math.sqrt(max(0.0, float(divergence.sum()) / 2))


def ks_distance(train: Counts, live: Counts) -> float:
    """Return the largest difference of two samples' cumulative shares, 0 to 1.

    That is the distance of Kolmogorov and Smirnov but for what lies inside of a bin.
    Counts are taken as they are, of bins in ascending order; each side has a row.
    """
    before, after = np.cumsum(train), np.cumsum(live)
    return float(np.max(np.abs(before / before[-1] - after / after[-1])))


def drift_bound(train: int, live: int, bins: int) -> float:
    """Return the PSI up to which a difference is chance, or too little to matter.

    max(0.1, (1/n + 1/m) x the 0.999 quantile of chi-square with bins - 1 degrees of
    freedom): for samples of one population, PSI over (1/n + 1/m) is about chi-square
    (Yurdakul and Naranjo 2020, "Statistical properties of the population stability
    index"). 0.1 is the rule of thumb that Potgieter et al. 2023 (arXiv 2307.11878)
    trace; alone it fires at random for small samples. Rows and bins are at least 1.
    """
    if bins == 1:
        return _RULE_OF_THUMB
    by_chance = (1 / train + 1 / live) * chi_square_quantile(bins - 1)
    return max(_RULE_OF_THUMB, by_chance)


def chi_square_quantile(freedom: int) -> float:
    """Return about the 0.999 quantile of chi-square, for 1 degree of freedom or more.

    By the approximation of Wilson and Hilferty (1931). It is never under the true
    value, and at most 3.1 % over it for 1 degree of freedom, 2.3 % for 2, 1 % for 6 and
    0.1 % for 49: where it errs, drift is not reported.
    """
    part = 2 / (9 * freedom)
    normal = NormalDist().inv_cdf(_CHANCE)
    return float(freedom * (1 - part + normal * math.sqrt(part)) ** 3)


def _shares(counts: Counts) -> Floats:
    filled = np.asarray(counts, dtype=np.float64) + _HALF_A_ROW
    shares: Floats = filled / filled.sum()
    return shares


# --- the fields ----------------------------------------------------------------------

#: Why a field differs, and % of live rows without a value; None: not looked at.
_Why = tuple[str, float | None]


def check_live_fields(sides: Sides) -> Finding:
    """Return the finding whether live rows have the fields that training rows have.

    Looked at are the declared columns that the training rows' table has, without the
    label and when it became known: live rows cannot have those yet. Contradicted, as
    the count of fields, by a field that the live rows' table lacks or has in another
    type (whole and other numbers are one); by one that is null in each live row,
    unless chance explains that of as many rows with the training rows' null share (all
    fields together: over 1 in 1,000); and by null shares that differ by over half.
    Half is our own choice: the model was made for a field that it will seldom see, or
    the other way round. Where live rows are none (`Sides.cut`), it is told and decides
    nothing.

    Raises:
        SourceError: there is nothing to look at, or a side has under 50 rows and
            nothing else is amiss.
    """
    opened, name = sides.train.opened, sides.about.name
    columns = opened.declared.columns
    later = {one.label_known for one in columns}
    later |= {one.name for one in columns if one.is_label}
    fields = [
        one.name
        for one in columns
        if one.name in opened.source.columns and one.name not in later
    ]
    if not fields:
        msg = f"no declared field of {name} is in the training rows"
        raise SourceError(msg)
    differ, of = _differences(sides, fields), count(len(fields), "field")
    message = (
        f"Live rows of {name} have each of the {of} that training rows have, of the "
        "same type and with values in it."
    )
    if differ:
        parts = as_list([f"{field} ({why})" for field, (why, _) in differ.items()])
        verb = "differs" if len(differ) == 1 else "differ"
        message = (
            f"{len(differ)} of {of} of {name} {verb} in live rows from training rows: "
            f"{parts}."
        )
    if sides.cut:
        message = f"{message.removesuffix('.')}; {sides.cut}, so this decides nothing."
    points = {f"{field}: {why}": nulls for field, (why, nulls) in differ.items()}
    return sides.about.find(
        "schema-same",
        name,
        "informs" if sides.cut else not differ,
        message,
        value=len(differ),
        threshold=0,
        source=f"data.odcs.yaml: {name} readiness.live",
        series=as_series("differs", "% of live rows without a value", points),
        fingerprint=sides.fingerprint,
    )


def _differences(sides: Sides, fields: Sequence[str]) -> dict[str, _Why]:
    """Return the fields that differ and why, in their order."""
    found = {field: _by_schema(sides, field) for field in fields}
    train, live = sides.train.extents, sides.live.extents
    least = min(train.rows, live.rows)
    if least >= _LEAST_ROWS:
        found = {
            field: why or _by_nulls(field, train, live) for field, why in found.items()
        }
    elif not any(found.values()):
        msg = f"too few rows: a side has {floored(least)}, {_LEAST_ROWS} are needed"
        raise SourceError(msg)
    return {field: why for field, why in found.items() if why is not None}


def _by_schema(sides: Sides, field: str) -> _Why | None:
    train, live = sides.train.opened.source, sides.live.opened.source
    if field not in live.columns:
        return "no such column", 100.0
    kinds = [source[field].type() for source in (train, live)]
    before, after = (family(kind).replace("integer", "number") for kind in kinds)
    return None if before == after else (f"{kinds[1]} instead of {kinds[0]}", None)


def _by_nulls(field: str, train: Extents, live: Extents) -> _Why | None:
    lost = [one.rows - one.of(field).values for one in (train, live)]
    before, after = lost[0] / train.rows, lost[1] / live.rows
    percent = round(100 * after, 4)
    if after == 1:
        is_chance = before**live.rows >= (1 - _CHANCE) / len(live.columns)
        return None if is_chance else ("no value in any row", percent)
    if abs(after - before) <= _HALF:
        return None
    learned, now = (
        as_rows(number) if 0 < number < FLOOR else as_share(share)
        for number, share in zip(lost, (before, after), strict=True)
    )
    return f"{now} without a value, {learned} in training", percent


OF_TABLE = {"schema-same": lambda table: check_live_fields(table.once(select_sides))}
OF_COLUMN = {
    "live-like-training": lambda table, one: check_drift(table.once(select_sides), one)
}
