"""Read how old the newest event may be, from the service levels of a contract."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readybook.contract.joins import column_names
from readybook.contract.readiness import is_duration, is_number
from readybook.model.contract import Table
from readybook.model.errors import close_to
from readybook.text.documents import Judge
from readybook.text.refusals import describe
from readybook.text.yaml import KeyPath

__all__ = ["read_latencies"]

#: Properties that promise it, the preferred one first, with the standard's synonym.
_PROPERTIES = (("latency", "ly"), ("freshness",))
#: Units, by the letter that ISO 8601 has for them. A lone `m` is a month or a minute.
_UNITS = {
    "Y": ("y", "yr", "yrs", "year", "years"),
    "MO": ("mo", "mon", "month", "months"),
    "W": ("w", "wk", "week", "weeks"),
    "D": ("d", "day", "days"),
    "H": ("h", "hr", "hrs", "hour", "hours"),
    "M": ("min", "mins", "minute", "minutes"),
    "S": ("s", "sec", "secs", "second", "seconds"),
}
_LETTERS = {word: letter for letter, words in _UNITS.items() for word in words}
_SHORTEST = tuple(words[0] for words in _UNITS.values())
_SECONDS = {"W": 604_800, "D": 86_400, "H": 3_600, "M": 60, "S": 1}
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_MOST = 1_000_000_000
_EXPECTED = "a number above 0, with a unit such as d or h"


def read_latencies(
    data: Mapping[str, Any], tables: Sequence[Table], judge: Judge
) -> dict[str, str]:
    """Return, by table, how old its newest event may be: ISO 8601 text.

    `latency` counts before `freshness`, and what names the table before what is said
    of all. An element is a table, or its event time; what is said of other columns
    is no promise on events. Without an element all tables with an event time are
    meant.

    Args:
        data: the contract as JSON has it.
        tables: its tables.
        judge: takes what cannot be read.
    """
    found: dict[str, str] = {}
    entries = list(enumerate(data.get("slaProperties", [])))
    for words in _PROPERTIES:
        named = [(at, entry) for at, entry in entries
                 if entry["property"].strip().casefold() in words]  # fmt: skip
        # Those without an element come last; the others keep their order.
        for at, entry in sorted(named, key=lambda pair: "element" not in pair[1]):
            duration = _duration(entry, ("slaProperties", at), judge)
            for name in _tables(entry, at, data, tables, judge):
                if duration is not None:
                    found.setdefault(name, duration)
    return found


def _tables(
    entry: Mapping[str, Any], at: int, data: Mapping[str, Any],
    tables: Sequence[Table], judge: Judge,
) -> Iterator[str]:  # fmt: skip
    """Yield the names of the tables that a service level is about."""
    path: KeyPath = ("slaProperties", at, "element")
    elements = entry.get("element")
    if elements is None:
        path, elements = ("slaDefaultElement",), data.get("slaDefaultElement", "")
    parts = [part.strip() for part in elements.split(",") if part.strip()]
    if not parts:
        yield from (table.name for table in tables if table.event_time)
    for part in parts:
        table = _table(part, path, data.get("schema", []), tables, judge)
        if table is not None:
            yield table.name


def _table(
    element: str, path: KeyPath, schema: Sequence[Mapping[str, Any]],
    tables: Sequence[Table], judge: Judge,
) -> Table | None:  # fmt: skip
    """Return the table whose events an element means, or None."""
    names = {**{table.location: table for table in tables},
             **{table.name: table for table in tables}}  # fmt: skip
    if element in names:
        return names[element]
    name, _dot, column = element.rpartition(".")
    if not name and len(tables) == 1:
        name = tables[0].name  # of a single table the name may be left out
    if name not in names:
        noun = "a table of this contract, or its event time"
        judge.known(path, name or element, [table.name for table in tables], noun)
        return None
    table = names[name]
    item = next(item for item in schema if item["name"] == table.name)
    known = column_names(item)
    judge.known(path, column, known, f"a column of '{table.name}'")
    return table if column in known and known[column] == table.event_time else None


def _duration(entry: Mapping[str, Any], path: KeyPath, judge: Judge) -> str | None:
    """Return a value and its unit as ISO 8601 text; None where they are none."""
    value, unit = entry["value"], entry.get("unit")
    if unit is None and is_duration(value):
        return str(value)
    written = isinstance(value, str) and _NUMBER.fullmatch(value)
    number = float(value) if written or is_number(value) else 0.0
    if not 0 < number < _MOST:
        do = f"write {_EXPECTED}"
        judge.report((*path, "value"), describe(value), _EXPECTED, do)
        return None
    if unit is None:
        words = ("no such key", "a unit such as d or h", "add 'unit: d'")
        judge.report((*path, "unit"), *words)
        return None
    letter = _LETTERS.get(unit.strip().casefold())
    if letter is None:
        near = close_to(unit, [word for word in _LETTERS if word not in _SHORTEST])
        do = (
            f"did you mean '{near}'?" if near else "use one of: " + ", ".join(_SHORTEST)
        )
        judge.report((*path, "unit"), describe(unit), "a unit of time", do)
        return None
    return _iso(number, letter, (*path, "value"), judge)


def _iso(number: float, letter: str, path: KeyPath, judge: Judge) -> str | None:
    """Return a duration in its unit, or in the next smaller one that makes it whole."""
    if letter not in _SECONDS:
        if number.is_integer():
            return f"P{int(number)}{letter[0]}"
        expected = "a whole number of years or months"
        do = f"write {expected}, or take a smaller unit"
        judge.report(path, describe(number), expected, do)
        return None
    seconds = max(1, round(number * _SECONDS[letter]))
    sizes = list(_SECONDS.items())[list(_SECONDS).index(letter) :]
    smaller, size = next(pair for pair in sizes if seconds % pair[1] == 0)
    time = "" if smaller in "WD" else "T"
    return f"P{time}{seconds // size}{smaller}"
