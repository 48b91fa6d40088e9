"""Do the live rows have the fields that were learned from, and values in them?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from readybook.measure.drift.distances import CHANCE
from readybook.measure.drift.selections import Sides
from readybook.measure.fields.values import family
from readybook.measure.profile import Extents
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding, Point, Series
from readybook.model.words import count
from readybook.text.phrases import as_list, as_rows, as_share, floored

__all__ = ["check_live_fields"]

#: Under so many rows on a side, its nulls say too little.
_LEAST_ROWS = 50
_HALF = 0.5  # of the rows: over it, a difference of null shares is another field


@dataclass(frozen=True)
class _Difference:
    """What is not the same in live rows about one field."""

    field: str
    why: str
    nulls: float | None  #: % of live rows without a value; None: not looked at


def check_live_fields(sides: Sides) -> Finding:
    """Return the finding whether live rows have the fields that training rows have.

    Looked at are the declared columns that the training rows' table has, without the
    label and when it became known: live rows cannot have those yet. Contradicted, as
    the count of fields, by a field that the live rows' table lacks or has in another
    type (whole and other numbers are one); by one that is null in each live row,
    unless chance explains that of as many rows with the training rows' null share (all
    fields together: over 1 in 1,000); and by null shares that differ by over half.
    Half is our own choice: the model was made for a field that it will seldom see, or
    the other way round.

    Raises:
        SourceError: there is nothing to look at, or a side has under 50 rows and
            nothing else is amiss.
    """
    fields, name = _fields(sides), sides.about.name
    if not fields:
        msg = f"no declared field of {name} is in the training rows"
        raise SourceError(msg)
    differ = _differences(sides, fields)
    return sides.about.find(
        "schema-same",
        name,
        "contradicts" if differ else "supports",
        _message(name, fields, differ),
        value=len(differ),
        unit="fields that differ",
        threshold=0,
        source=f"data.odcs.yaml: {name} readiness.live",
        series=_series(differ),
        fingerprint=sides.fingerprint,
    )


def _differences(sides: Sides, fields: Sequence[str]) -> list[_Difference]:
    """Return the fields that differ, in their order."""
    by_schema = {field: _by_schema(sides, field) for field in fields}
    shared = [field for field, found in by_schema.items() if found is None]
    train, live = sides.train.extents, sides.live.extents
    least = min(train.rows, live.rows)
    if least < _LEAST_ROWS:
        if len(shared) == len(fields):
            msg = f"too few rows: a side has {floored(least)}, {_LEAST_ROWS} are needed"
            raise SourceError(msg)
        shared = []
    by_nulls = {field: _by_nulls(field, train, live) for field in shared}
    found = [by_schema[field] or by_nulls.get(field) for field in fields]
    return [one for one in found if one is not None]


def _fields(sides: Sides) -> list[str]:
    """Return the fields that live rows should have, in the contract's order."""
    opened = sides.train.opened
    columns = opened.declared.columns
    later = {one.label_known for one in columns}
    later |= {one.name for one in columns if one.is_label}
    return [
        one.name
        for one in columns
        if one.name in opened.source.columns and one.name not in later
    ]


def _by_schema(sides: Sides, field: str) -> _Difference | None:
    train, live = sides.train.opened.source, sides.live.opened.source
    if field not in live.columns:
        return _Difference(field, "no such column", 100.0)
    kinds = [source[field].type() for source in (train, live)]
    before, after = (_family(family(kind)) for kind in kinds)
    if before == after:
        return None
    return _Difference(field, f"{kinds[1]} instead of {kinds[0]}", None)


def _family(name: str) -> str:
    return "number" if name == "integer" else name


def _by_nulls(field: str, train: Extents, live: Extents) -> _Difference | None:
    lost = [one.rows - one.columns[field].values for one in (train, live)]
    before, after = lost[0] / train.rows, lost[1] / live.rows
    percent = round(100 * after, 4)
    if after == 1:
        is_chance = before**live.rows >= (1 - CHANCE) / len(live.columns)
        why = "no value in any row"
        return None if is_chance else _Difference(field, why, percent)
    if abs(after - before) <= _HALF:
        return None
    learned, now = (
        as_rows(number) if 0 < number < FLOOR else as_share(share)
        for number, share in zip(lost, (before, after), strict=True)
    )
    return _Difference(field, f"{now} without a value, {learned} in training", percent)


def _message(name: str, fields: Sequence[str], differ: Sequence[_Difference]) -> str:
    if not differ:
        return (
            f"Live rows of {name} have each of the {count(len(fields), 'field')} that "
            "training rows have, of the same type and with values in it."
        )
    parts = as_list([f"{one.field} ({one.why})" for one in differ])
    verb = "differs" if len(differ) == 1 else "differ"
    return (
        f"{len(differ)} of {count(len(fields), 'field')} of {name} {verb} in live rows "
        f"from training rows: {parts}."
    )


def _series(differ: Sequence[_Difference]) -> tuple[Series, ...]:
    if not differ:
        return ()
    points = [Point(label=f"{one.field}: {one.why}", value=one.nulls) for one in differ]
    unit = "% of live rows without a value"
    return (Series(name="differs", unit=unit, points=tuple(points)),)
