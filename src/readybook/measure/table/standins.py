"""Look for values that stand in for "unknown": -999, "n/a", the first of January 1900.

Two queries of one row each per table: where each column's values begin and end, and
then, of the few columns that look odd, how often each candidate occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import ibis.expr.types as ir

from readybook.measure.sources.matching import is_any_of
from readybook.measure.table.standin_dates import DateLook
from readybook.measure.table.standin_numbers import Found, NumberLook
from readybook.model.contract import Column, Table
from readybook.model.findings import FLOOR

__all__ = ["TEXTS", "Kind", "StandIns", "find_standins"]

Kind = Literal["number", "text", "date"]

#: What people type, and programs write, where a text is not known; in any case.
TEXTS = (
    "",
    "na",
    "n/a",
    "n.a.",
    "#n/a",
    "nan",
    "null",
    "none",
    "nil",
    "unknown",
    "unk",
    "not available",
    "not known",
    "missing",
    "undefined",
    "tbd",
    "test",
    "xxx",
    "?",
    "-",
    "--",
    ".",
)


@dataclass(frozen=True)
class StandIns:
    """What one column holds in place of a value that is not known."""

    kind: Kind
    present: int  #: rows with a value, those that stand in among them
    found: Mapping[str, int]  #: rows by stand-in
    others: tuple[float, float] | None = None  #: numbers: ends of all other values


class _Look(Protocol):
    """Two looks at a column of one kind; what a look asks is one row of aggregates."""

    def first(self) -> dict[str, ir.Scalar]: ...
    def is_odd(self, first: Mapping[str, Any]) -> bool: ...
    def second(self) -> dict[str, ir.Scalar]: ...
    def judge(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> Found: ...


@dataclass(frozen=True)
class _TextLook:
    """Two looks at a column of texts: whether any stands in, and how often each."""

    table: Table
    column: Column
    value: ir.Value

    def first(self) -> dict[str, ir.Scalar]:
        texts = {text: text for text in self._candidates()}
        return {
            "present": self.value.count(),
            "hits": is_any_of(self._trimmed(), texts).sum(),
        }

    def is_odd(self, first: Mapping[str, Any]) -> bool:
        return bool((first["hits"] or 0) >= FLOOR)

    def second(self) -> dict[str, ir.Scalar]:
        text = self._trimmed()
        return {one: (text == one).sum() for one in self._candidates()}

    def judge(self, _first: Mapping[str, Any], second: Mapping[str, Any]) -> Found:
        return {text: rows for text, rows in second.items() if rows >= FLOOR}, None

    def _candidates(self) -> list[str]:
        declared = {one.value.strip().lower() for one in self.column.categories}
        return [text for text in TEXTS if text not in declared]

    def _trimmed(self) -> ir.StringValue:
        return self.value.strip().lower()


_LOOKS: dict[Kind, Callable[[Table, Column, ir.Value], _Look]] = {
    "number": NumberLook,
    "text": _TextLook,
    "date": DateLook,
}


def find_standins(
    source: ir.Table,
    table: Table,
    columns: Sequence[Column],
    ask: Callable[[ir.Table], list[dict[str, Any]]],
) -> dict[str, StandIns]:
    """Return, by column, the values that stand in for unknown.

    Columns that the source lacks, and those that hold neither numbers nor texts nor
    dates, are left out.
    """
    kinds: dict[str, Kind] = {}
    looks: dict[str, _Look] = {}
    for column in columns:
        if column.name in source.columns:
            value = source[column.name]
            if kind := _kind(value):
                kinds[column.name] = kind
                looks[column.name] = _LOOKS[kind](table, column, value)
    first = _ask(source, {name: look.first() for name, look in looks.items()}, ask)
    odd = {name: look for name, look in looks.items() if look.is_odd(first[name])}
    second = _ask(source, {name: look.second() for name, look in odd.items()}, ask)
    judged = {name: look.judge(first[name], second[name]) for name, look in odd.items()}
    return {
        name: StandIns(kind, first[name]["present"], *judged.get(name, ({}, None)))
        for name, kind in kinds.items()
    }


def _kind(value: ir.Value) -> Kind | None:
    kind = value.type()
    if kind.is_string():
        return "text"
    if kind.is_numeric():
        return "number"
    return "date" if kind.is_date() or kind.is_timestamp() else None


def _ask(
    source: ir.Table,
    asked: Mapping[str, Mapping[str, ir.Scalar]],
    ask: Callable[[ir.Table], list[dict[str, Any]]],
) -> dict[str, dict[str, Any]]:
    """Return one row of aggregates per column, all of them in one query."""
    places = {
        f"{at}_{number}": (name, key)
        for at, (name, aggregates) in enumerate(asked.items())
        for number, key in enumerate(aggregates)
    }
    if not places:
        return {}
    wanted = {place: asked[name][key] for place, (name, key) in places.items()}
    row = ask(source.aggregate(**wanted))[0]
    found: dict[str, dict[str, Any]] = {name: {} for name in asked}
    for place, (name, key) in places.items():
        found[name][key] = row[place]
    return found
