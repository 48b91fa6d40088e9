"""Does a column hold values that its contract does not declare?"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

from readybook.measure.sources.matching import (
    as_written,
    comparable,
    is_any_of,
    literals_of,
)
from readybook.measure.table.opened import Opened
from readybook.model.contract import Column
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding, Point, Series
from readybook.model.words import count
from readybook.text.phrases import as_rows, as_share, floored

__all__ = ["check_undeclared"]

_OTHERS = "(other values)"
_MOST = 10  # values that are named
_LOOKED_AT = 100  # values among which those are chosen


@dataclass(frozen=True)
class _Tally:
    """Rows with a value, and what of it is not declared."""

    present: int  #: rows that have a value
    rows: int
    values: int  #: different ones
    largest: dict[str, int]  #: rows by value: the most frequent that may be shown


def check_undeclared(opened: Opened, column: Column) -> Finding:
    """Return the finding about a column's rows whose value is not declared.

    Any such row contradicts: whoever wrote the list did not know of the value, or a
    value was renamed. Values of fewer than 10 rows, and those of a restricted column,
    are counted and not named.

    Raises:
        SourceError: the source lacks the column, it has no value, or its values are
            lists or objects.
    """
    opened.require(column.name)
    subject = f"{opened.name}.{column.name}"
    tally = _tally(opened, column)
    return opened.find(
        "values-declared",
        subject,
        "contradicts" if tally.rows else "supports",
        _message(subject, tally),
        value=floored(tally.rows),
        unit="rows",
        threshold=0,
        series=_series(tally),
    )


def _tally(opened: Opened, column: Column) -> _Tally:
    value = comparable(opened.source[column.name])
    literals = literals_of([one.value for one in column.categories], value.type())
    is_other = ~is_any_of(value, literals)
    seen = opened.ask(
        opened.source.aggregate(present=value.count(), rows=is_other.sum())
    )[0]
    if not seen["present"]:
        msg = f"no row of {opened.name}.{column.name} has a value"
        raise SourceError(msg)
    if not seen["rows"]:
        return _Tally(seen["present"], 0, 0, {})
    others = opened.source.select(value=value, is_other=is_other)
    groups = others.filter(others.is_other).group_by("value").aggregate(rows=_.count())
    values = opened.ask(groups.aggregate(values=_.count()))[0]["values"]
    largest = {} if column.restricted else _largest(opened, groups)
    return _Tally(seen["present"], seen["rows"], values, largest)


def _largest(opened: Opened, groups: ir.Table) -> dict[str, int]:
    """Return the most frequent values; rare ones could name a person."""
    shown = groups.filter(groups.rows >= FLOOR)
    order = [ibis.desc("rows"), ibis.asc("value")]
    found = opened.ask(shown.order_by(order).limit(_LOOKED_AT))
    # Engines sort texts each in their own way; here equal counts go by their letters.
    named = sorted((-row["rows"], as_written(row["value"])) for row in found)
    return {name: -rows for rows, name in named[:_MOST]}


def _message(subject: str, tally: _Tally) -> str:
    if not tally.rows:
        return (
            f"Every value of {subject} is declared "
            f"({count(tally.present, 'row')} with a value looked at)."
        )
    share = f" ({as_share(tally.rows / tally.present)})" if tally.rows >= FLOOR else ""
    most = ""
    if tally.largest:
        name, rows = next(iter(tally.largest.items()))
        most = f"; the most frequent is {name} ({count(rows, 'row')})"
    start = as_rows(tally.rows)
    return (
        f"{start[0].upper()}{start[1:]} of {subject}{share} have a value that is not "
        f"declared: {count(tally.values, 'different value')}{most}."
    )


def _series(tally: _Tally) -> tuple[Series, ...]:
    counted = dict(tally.largest)
    rest = tally.rows - sum(counted.values())
    if rest:
        counted[_OTHERS] = rest
    points = [Point(label=name, value=floored(rows)) for name, rows in counted.items()]
    if not points:
        return ()
    return (Series(name="not declared", unit="rows", points=tuple(points)),)
