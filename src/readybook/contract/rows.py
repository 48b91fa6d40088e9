"""Read which rows were learned from and which are live: ranges and values, no SQL."""

import re
from collections.abc import Sequence
from typing import Any, Literal

from readybook.contract.form import is_day, value_path
from readybook.contract.tables import Item, as_text, is_number
from readybook.model.contract import Condition, Selection
from readybook.model.errors import nearest
from readybook.text.refusals import describe
from readybook.text.yaml import KeyPath, shown

_KEYS = ("column", "from", "to", "equals", "table")
_EXAMPLE = "keys such as {column: NAME, from: 1, to: 9}"
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_WORDS = {
    "number": "a number",
    "date": "a date such as 2026-12-31",
    "text": "text",
    "flag": "true or false",
}
#: Kinds of values that a column of each logical type can be compared with. A time of
#: day, a list or an object cannot be; a text has no order that all engines share.
_KINDS = {
    "integer": ("number",),
    "number": ("number",),
    "date": ("date",),
    "timestamp": ("date",),
    "string": ("text",),
    "boolean": ("flag",),
    None: ("number", "date", "text", "flag"),
}
_ORDERED = ("number", "date")

_Place = tuple[KeyPath, Any]  # where an entry stands, what it says


def read_selection(
    name: Literal["train", "live"], item: Item, items: Sequence[Item]
) -> Selection | None:
    """Return the rows that a table's `readiness.train` or `readiness.live` declares."""
    value: Any = getattr(item.said, name)
    if value is None:
        return None
    here = (*item.path, *value_path(item.table.customProperties, name))
    entries: list[_Place] = [(here, value)]
    if isinstance(value, list):
        entries = [((*here, at), entry) for at, entry in enumerate(value)]
    before, conditions = len(item.judge.problems), list[Condition | None]()
    owner = _owner(entries, item, items)
    if len(item.judge.problems) == before:  # else whose columns are meant is not known
        conditions = [_condition(entry, place, owner) for place, entry in entries]
    if len(item.judge.problems) > before:
        return None
    table = None if owner is item else owner.name
    return Selection(table=table, conditions=tuple(filter(None, conditions)))


def _owner(entries: list[_Place], item: Item, items: Sequence[Item]) -> Item:
    """Return the table whose rows are meant: the one that is named, or its own."""
    known, judge = {other.name: other for other in items}, item.judge
    named: list[str] = []
    for path, entry in entries:
        if not isinstance(entry, dict) or "table" not in entry:
            continue
        table, here = entry["table"], (*path, "table")
        if not isinstance(table, str):
            judge.report(here, describe(table), "the name of a table", "write its name")
            continue
        judge.known(here, table, known, "a table of this contract")
        if named and table not in named:
            judge.report(
                here, f"the table '{shown(table)}' beside '{shown(named[0])}'",
                "rows of one table", "name one of them",
            )  # fmt: skip
        named.append(table)
    return known.get(named[0], item) if named else item


def _condition(entry: object, path: KeyPath, owner: Item) -> Condition | None:
    """Return one condition; None where all rows are meant, or something is wrong."""
    judge = owner.judge
    if not isinstance(entry, dict) or not entry:
        judge.report(path, describe(entry), _EXAMPLE, f"write {_EXAMPLE}")
        return None
    before = len(judge.problems)
    # Where one of these is wrong, the next would not know what it looks at.
    for judge_part in (_judge_keys, _judge_shape, _judge_values, _judge_order):
        judge_part(entry, path, owner)
        if len(judge.problems) > before or entry.keys() == {"table"}:
            return None
    return Condition(
        column=owner.names[entry["column"]],
        at_least=entry.get("from"),
        at_most=entry.get("to"),
        equals=tuple(entry.get("equals", ())),
    )


def _judge_keys(entry: dict[str, Any], path: KeyPath, owner: Item) -> None:
    """Report unknown keys; where there are none, a condition that says too little."""
    unknown = [key for key in entry if key not in _KEYS]
    for key in unknown:
        words = ("an unknown key", "one of " + ", ".join(_KEYS))
        owner.judge.report((*path, key), *words, nearest(key, _KEYS))
    has_range = "from" in entry or "to" in entry
    if unknown or "column" not in entry or has_range != ("equals" in entry):
        return
    found, do = "neither range nor values", "add from and to, or equals: [...]"
    if has_range:
        found, do = "from or to beside equals", "keep one of them"
    owner.judge.report(path, found, "a range or values", do)


def _judge_shape(entry: dict[str, Any], path: KeyPath, owner: Item) -> None:
    """Report what is no column, and values that are no list."""
    name, here, judge = entry.get("column"), (*path, "column"), owner.judge
    noun = "the name of a column"
    if "column" not in entry:
        judge.report(here, "no such key", noun, "add 'column: ...'")
    elif isinstance(name, str):
        owner.column(name, here)
    else:
        judge.report(here, describe(name), noun, "write its name")
    values = entry.get("equals", [""])
    if not isinstance(values, list) or not values:
        do = "write it as a list: [...]"
        judge.report((*path, "equals"), describe(values), "a list of values", do)


def _judge_values(entry: dict[str, Any], path: KeyPath, owner: Item) -> None:
    """Report values that the column, or the value before them, cannot be compared to."""
    types = {owner.names[p.name or ""]: p.logicalType for p in owner.properties}
    logical = types.get(owner.names[entry["column"]])
    kinds = _KINDS.get(logical)
    values = [((*path, key), entry[key]) for key in ("from", "to") if key in entry]
    values += [((*path, "equals", at), value)
               for at, value in enumerate(entry.get("equals", ()))]  # fmt: skip
    if kinds is None:
        owner.judge.report(
            values[0][0][:-1], f"a column of the type {logical}",
            "a column of numbers, dates, texts or true and false",
            "choose the rows by another column",
        )  # fmt: skip
        return
    for here, value in values:
        wanted = kinds
        if here[-1] in {"from", "to"}:
            wanted = tuple(kind for kind in kinds if kind in _ORDERED)
        if not wanted:
            words = (f"a range of a column of the type {logical}", "values")
            do = "write equals: [...] instead of from and to"
            owner.judge.report(here, *words, do)
            continue
        kind = _kind(value)
        if kind == "date" and "date" not in wanted:
            kind = "text"
        if kind not in wanted:
            expected = " or ".join(_WORDS[word] for word in wanted)
            owner.judge.report(here, describe(value), expected, _advice(value, wanted))
        elif logical is None:
            # The first value says of what kind the others are.
            kinds = ("date", "text") if kind in {"date", "text"} else (kind,)


def _kind(value: object) -> str | None:
    if isinstance(value, bool):
        return "flag"
    if is_number(value):
        return "number"
    if is_day(value):
        return "date"
    return "text" if isinstance(value, str) and value else None


def _judge_order(entry: dict[str, Any], path: KeyPath, owner: Item) -> None:
    if "from" in entry and "to" in entry and entry["from"] > entry["to"]:
        owner.judge.report(
            (*path, "to"), f"{describe(entry['to'])}, which is before 'from'",
            "the end of the range", "exchange the two, or correct one of them",
        )  # fmt: skip


def _advice(value: object, wanted: tuple[str, ...]) -> str:
    if "number" in wanted and isinstance(value, str) and _NUMBER.fullmatch(value):
        return f"remove the quotes: {value}"
    if "date" in wanted and isinstance(value, str) and is_day(value[:10]):
        return "leave out the time of day"
    if wanted == ("text",) and isinstance(value, int | float):
        return f'put it in quotes: "{as_text(value)}"'
    return "write " + " or ".join(_WORDS[word] for word in wanted)
