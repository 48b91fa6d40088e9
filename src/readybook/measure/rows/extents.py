"""How far the values of a table's columns reach, all columns in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

__all__ = ["LARGEST", "Extent", "Extents", "read_extents"]

#: The largest finite double.
LARGEST = 1.7976931348623157e308
#: Engines limit the columns of an answer: PostgreSQL to 1,664, and each becomes four.
_COLUMNS_AT_ONCE = 400


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


def read_extents(
    source: ir.Table,
    names: Sequence[str],
    ask: Callable[[ir.Table], list[dict[str, Any]]],
) -> Extents:
    """Return how many rows there are, and how far the named columns reach.

    Args:
        source: the rows.
        names: columns that it has.
        ask: returns the rows of a small result.
    """
    rows, columns = 0, dict[str, Extent]()
    for start in range(0, max(1, len(names)), _COLUMNS_AT_ONCE):
        some = names[start : start + _COLUMNS_AT_ONCE]
        measures = {"rows": source.count()}
        for at, name in enumerate(some):
            measures |= _measures(at, source[name])
        found = ask(source.aggregate(**measures))[0]
        rows = found["rows"]
        for at, name in enumerate(some):
            ends = (found.get(f"{end}{at}") for end in ("low", "high", "least"))
            columns[name] = Extent(found[f"values{at}"], *ends)
    return Extents(rows, columns)


def _measures(at: int, value: ir.Value) -> dict[str, ir.Scalar]:
    measures = {f"values{at}": value.count()}
    if value.type().is_integer():
        return measures | {f"low{at}": value.min(), f"high{at}": value.max()}
    if not value.type().is_numeric():
        return measures
    number = value.cast("float64")
    finite = ibis.ifelse(number.abs() <= LARGEST, number, None)
    return measures | {
        f"low{at}": finite.min(),
        f"high{at}": finite.max(),
        f"least{at}": finite.abs().nullif(0).min(),
    }
