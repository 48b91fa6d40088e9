"""The contract as rows of cells, a table or a column each, in the standard's own terms.

A cell stands for a key of the standard or for one of our properties; whatever has no
cell stays as it is in the file.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from readybook.contract.form import OF_TIME, Readiness, is_day
from readybook.contract.tables import as_text
from readybook.edit.entries import Entry, in_order
from readybook.model.bank import Document, Frozen, Text
from readybook.model.contract import LastDay, Weekday
from readybook.text.refusals import TWO_WAYS
from readybook.text.yaml import KeyPath, as_json

CONTRACT = "data.odcs.yaml"
ELEMENT = "element"  #: in a row, beside its cells: all that the contract says of it

_LIMITS = ("mustBeLessThan", "mustBeLessOrEqualTo", "mustBe")
_LIMIT = re.compile(r"(under|<)? *([0-9]+(?:\.[0-9]+)?) *(%|percent|rows?|)")
_AGE = re.compile(r"([0-9.]+) *([A-Za-z]+)")
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
#: In which a new key comes to stand in an element.
_ORDER = ("id", "name", "physicalName", "logicalType", "physicalType", "businessName",
          "description", "required", "unique", "primaryKey", "primaryKeyPosition",
          "classification", "logicalTypeOptions", "enum", "quality",
          "customProperties", "relationships", "properties")  # fmt: skip
_PLAIN = {"type": "logicalType", "required": "required", "primary_key": "primaryKey",
          "description": "description",
          "classification": "classification"}  # fmt: skip
_METRICS = {"missing": "nullValues", "invalid": "invalidValues"}
_NO_VALUE = "missingValues"  #: a metric, and its argument
_ENDS = {"first": "from", "last": "to"}
_RANGE = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
_BEYOND = {"above": "minimum", "below": "maximum"}
_LATENCY = {"latency", "ly"}  #: a service level, and the standard's synonym
#: Properties of ours that cells show in another form than the file.
_WRITTEN_OUT = {"keys", "calendar", "train", "live"}
#: Cells of a row whose keys stand outside of its element.
OF_ALL = ("latency",)


def _ours(name: str, default: Any = None) -> Any:  # noqa: ANN401 - as pydantic has it
    """Return the field of one of our properties, with what it takes."""
    return Field(default, description=Readiness.model_fields[name].description)


def _that(takes: str, default: Any = None) -> Any:  # noqa: ANN401 - as above
    """Return a field, with what it takes."""
    return Field(default, description=takes)


class DeclaredRows(Frozen):
    """Rows that were learned from, or that are live: by one condition."""

    column: Text | None = None
    first: Text | None = _that("a day or a number, included")
    last: Text | None = _that("a day or a number, included")
    values: tuple[Text, ...] = _that("instead of from and to", ())
    table: Text | None = _that("another table that holds them")


class DeclaredDays(Frozen):
    """The days on which rows are expected."""

    weekdays: tuple[Weekday, ...] = _that("none: all seven", ())
    closed: tuple[Text, ...] = _that("days such as 2026-12-24, or 2026-12-24 to "
                                     "2026-12-26", ())  # fmt: skip
    holidays: Text | None = _that("a country, or a part of it, such as AT or US-NY")


class DeclaredTable(Frozen):
    """What is declared of a table."""

    table: Text
    event_time: Text | None = _ours("event_time")
    keys: tuple[Text, ...] = _that("columns such as site + day", ())
    history_needed: Text | None = _ours("history_needed")
    joins: tuple[Text, ...] = _that("such as site -> sites.id, or day + site -> "
                                    "weather.day + site", ())  # fmt: skip
    latency: Text | None = _that("such as 2 d or PT6H")
    time_zone: Text | None = _ours("time_zone")
    grain: Text | None = _ours("grain")
    gaps_tolerated: int | None = _ours("gaps_tolerated")
    min_rows: int | None = _ours("min_rows")
    segments: tuple[Text, ...] = _ours("segments", ())
    expires: LastDay | None = _ours("expires")
    origin: Text | None = _that("where rows are first recorded")
    calendar: DeclaredDays | None = None
    train: DeclaredRows | None = None
    live: DeclaredRows | None = None


class DeclaredColumn(Frozen):
    """What is declared of a column."""

    table: Text
    name: Text
    type: Literal["string", "integer", "number", "boolean", "date", "timestamp", "time",
                  "array", "object"] | None = None  # fmt: skip
    categories: tuple[Text, ...] = _that("each is promised to occur", ())
    primary_key: bool = _that("it, or with others that have it", default=False)
    label: bool = _that("what is to be predicted", default=False)
    needed: bool = _that("this use case needs it", default=False)
    required: bool = _that("in no row", default=False)
    joins: tuple[Text, ...] = _that("columns of other tables, such as sites.id", ())
    missing: Text | None = _that("5 %, under 5 % or 100 rows")
    minimum: float | None = _that("included")
    maximum: float | None = _that("included")
    above: float | None = _that("not included")
    below: float | None = _that("not included")
    invalid: Text | None = _that("outside of categories or range; "
                                 "nothing: 1 in 10,000")  # fmt: skip
    no_value: tuple[Text, ...] = _that("texts such as -999 or k.A.", ())
    label_fill: float | None = _ours("label_fill")
    label_delay: Text | None = _ours("label_delay")
    label_known: Text | None = _ours("label_known")
    written_as: Text | None = _ours("written_as")
    origin: Text | None = _that("where it is first recorded")
    classification: Text | None = _that("restricted: its values are "
                                        "counted and never shown")  # fmt: skip
    description: Text | None = _that("what it says, in words")


class Declared(Document):
    """A contract as it is edited."""

    tables: tuple[DeclaredTable, ...] = ()
    columns: tuple[DeclaredColumn, ...] = ()


_OURS = {
    name: str(Readiness.model_fields[name].alias)
    for row in (DeclaredTable, DeclaredColumn)
    for name in row.model_fields
    if name in Readiness.model_fields and name not in _WRITTEN_OUT
}
#: Keys of the standard, and properties of ours, that cells show, whole or in part.
SHOWN = {*_PLAIN.values(), *_OURS.values(), *_WRITTEN_OUT, "enum", "relationships"}


# --- rows of a contract --------------------------------------------------------------


def elements(data: Mapping[str, Any], kind: str) -> Iterator[tuple[KeyPath, Any]]:
    """Yield where each table, or each column, of a contract stands, and all of it."""
    for at, table in enumerate(data.get("schema") or ()):
        if kind == "tables":
            yield ("schema", at), table
            continue
        for index, column in enumerate(table.get("properties") or ()):
            yield ("schema", at, "properties", index), column


def rows_of(data: Mapping[str, Any], kind: str) -> list[Entry]:
    """Return the cells of each row, with its element beside them."""
    names = [str(table.get("name")) for table in data.get("schema") or ()]
    rows = [
        row_of(element, names[int(path[1])], kind)
        for path, element in elements(data, kind)
    ]
    for row in rows if kind == "tables" else ():
        if level := _level(data, row):
            row["latency"] = " ".join(
                str(level[k]) for k in ("value", "unit") if k in level
            )
    return rows


def row_of(element: Mapping[str, Any], table: str, kind: str) -> Entry:
    """Return the cells of one element; what is not declared has none."""
    said = {
        str(one.get("property")).removeprefix("readiness."): one.get("value")
        for one in _list(element, "customProperties")
        if str(one.get("property")).startswith("readiness.")
    }
    cells: Entry = {"table": table}
    cells |= {name: said.get(alias) for name, alias in _OURS.items()}
    if kind == "tables":
        cells["keys"] = tuple(" + ".join(key) for key in said.get("keys") or ())
        cells["calendar"] = _days(said.get("calendar"))
        cells |= {name: _condition(said.get(name)) for name in ("train", "live")}
    else:
        options = element.get("logicalTypeOptions")
        options = options if isinstance(options, Mapping) else {}
        cells["name"] = str(element.get("name"))
        cells |= {name: element.get(key) for name, key in _PLAIN.items()}
        cells |= {name: _limit(element, key) for name, key in _METRICS.items()}
        for beyond, name in _BEYOND.items():
            limit, end = options.get(name), options.get(_RANGE[name])
            is_flag = end is True  # of version 3.0: the limit itself is not included
            cells |= {
                name: None if is_flag else limit,
                beyond: limit if is_flag else end,
            }
        if element.get("logicalType") in OF_TIME:  # of dates, the standard's own key
            cells["written_as"] = cells["written_as"] or options.get("format")
        values = [one.get("value") for one in _list(element, "enum")]
        cells["no_value"] = tuple(map(_shown, _texts(_no_values(element) or {})))
        cells["categories"] = tuple(_shown(one) for one in values if one is not None)
    cells["joins"] = tuple(_join(one, table) for one in _list(element, "relationships"))
    known = DeclaredTable if kind == "tables" else DeclaredColumn
    kept = {
        key: cells[key]
        for key in known.model_fields
        if (cells.get(key) or type(cells.get(key)) in {int, float})  # 0 is a limit
    }
    return {**kept, ELEMENT: element}


def with_rows(
    data: Mapping[str, Any], kind: str, rows: Sequence[Entry]
) -> Mapping[str, Any]:
    """Return a contract with these rows; an element changes where its row has.

    A row whose element is another one brings all of it; else its cells are written.
    """
    types = {
        str(table.get("name")): {
            str(one.get("name")): one.get("logicalType")
            for one in table.get("properties") or ()
        }
        for table in data.get("schema") or ()
    }
    changed: dict[KeyPath, Any] = {}
    known = rows_of(data, kind)
    for (path, element), old, row in zip(
        elements(data, kind), known, rows, strict=True
    ):
        new = row[ELEMENT]
        for key in old.keys() | row.keys() if new == element else ():
            if old.get(key) == row.get(key) or key == ELEMENT:
                continue
            if key in OF_ALL:
                data = _with_level(data, row, row.get(key))
            else:
                new = _with_cell(new, key, row.get(key), row, types)
        if new != element:
            changed[path] = new
    whole: Mapping[str, Any] = _put(data, changed)
    return whole


def _put(value: Any, new: Mapping[KeyPath, Any], path: KeyPath = ()) -> Any:  # noqa: ANN401
    """Return plain data with what stands at some paths replaced."""
    if path in new:
        return new[path]
    if not any(one[: len(path)] == path for one in new):
        return value
    if isinstance(value, Mapping):
        return {key: _put(item, new, (*path, key)) for key, item in value.items()}
    return [_put(item, new, (*path, at)) for at, item in enumerate(value)]


# --- what a cell shows ---------------------------------------------------------------


def _list(element: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """Return a list of keys with values; what has another form is left alone."""
    held = element.get(key)
    listed = held if isinstance(held, tuple | list) else ()
    return [one for one in listed if isinstance(one, Mapping)]


def _shown(value: object) -> str:
    return as_text(as_json(value))


def _rule(element: Mapping[str, Any], metric: str) -> Mapping[str, Any] | None:
    """Return the first rule on a metric that has a limit from above."""
    for rule in _list(element, "quality"):
        is_on_it = (rule.get("metric") or rule.get("rule")) == metric
        is_on_it &= str(rule.get("unit") or "rows").casefold() in {
            "rows",
            "percent",
            "%",
        }
        if is_on_it and any(rule.get(key) is not None for key in _LIMITS):
            return rule
    return None


def _limit(element: Mapping[str, Any], metric: str) -> str | None:
    rule = _rule(element, metric)
    if rule is None:
        return None
    key = next(key for key in _LIMITS if rule.get(key) is not None)
    unit = "rows" if str(rule.get("unit") or "rows").casefold() == "rows" else "%"
    return f"{'under ' * (key == _LIMITS[0])}{rule[key]} {unit}"


def _no_values(element: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the first rule that declares texts to mean null."""
    return next((rule for rule in _list(element, "quality") if _texts(rule)), None)


def _texts(rule: Mapping[str, Any]) -> list[Any]:
    is_on_it = (rule.get("metric") or rule.get("rule")) == _NO_VALUE
    said = rule.get("arguments")
    held = said.get(_NO_VALUE) if is_on_it and isinstance(said, Mapping) else None
    listed = held if isinstance(held, tuple | list) else (held,)
    return [one for one in listed if one is not None]


def _condition(value: object) -> Entry | None:
    """Return the cells of a selection: those of its first condition."""
    first = value[0] if isinstance(value, tuple) and value else value
    if not isinstance(first, Mapping):
        return None
    cells = {"column": first.get("column"), "table": first.get("table")}
    cells |= {name: _shown(first[key]) for name, key in _ENDS.items() if key in first}
    if values := first.get("equals"):
        cells["values"] = tuple(map(_shown, values))
    return {key: held for key, held in cells.items() if held}


def _days(value: object) -> Entry | None:
    """Return the cells of a calendar."""
    if not isinstance(value, Mapping):
        return None
    cells = {key: value.get(key) for key in ("weekdays", "holidays")}
    cells["closed"] = tuple(
        f"{_shown(one.get('from'))} to {_shown(one.get('to'))}"
        if isinstance(one, Mapping) else _shown(one) for one in value.get("closed") or ()
    )  # fmt: skip
    return {key: held for key, held in cells.items() if held}


def _join(entry: Mapping[str, Any], table: str) -> str:
    """Return a relationship in words; of the table's own columns the names are enough."""
    left, right = (
        [
            str(one)
            for one in (side if isinstance(side, tuple | list) else (side,))
            if one
        ]
        for side in (entry.get("from"), entry.get("to"))
    )
    own = [one.removeprefix(f"{table}.") for one in left]
    return " -> ".join(" + ".join(side) for side in (own, right) if side)


def _level(data: Mapping[str, Any], row: Entry) -> Mapping[str, Any] | None:
    """Return the service level that promises how old a table's newest event may be."""
    events = {row["table"], f"{row['table']}.{row.get('event_time')}"}
    for one in _list(data, "slaProperties"):
        is_age = str(one.get("property")).casefold() in _LATENCY
        if is_age and one.get("element") in events:
            return one
    return None


def more_conditions(element: Mapping[str, Any], name: str) -> int:
    """Return how many conditions a selection has besides the one that is shown."""
    held = [one.get("value") for one in _list(element, "customProperties")
            if one.get("property") == f"readiness.{name}"]  # fmt: skip
    return sum(len(one) - 1 for one in held if isinstance(one, tuple))


# --- what a cell writes --------------------------------------------------------------

_Types = Mapping[str, Mapping[str, Any]]


def _with_cell(
    element: Mapping[str, Any],
    key: str,
    value: Any,  # noqa: ANN401 - of the cell
    row: Entry,
    types: _Types,
) -> Mapping[str, Any]:
    """Return an element with one cell written; None empties it."""
    keys: dict[str, Any]
    if key == "written_as" and element.get("logicalType") in OF_TIME:
        options = {**(element.get("logicalTypeOptions") or {})}
        options.pop("format", None)
        element = with_keys(element, {"logicalTypeOptions": options or None})
    if key in _PLAIN:
        keys = {"primaryKeyPosition": None} if key == "primary_key" else {}
        keys[_PLAIN[key]] = value
    elif key in _RANGE or key in _BEYOND:
        keys = {"logicalTypeOptions": _options(element, key, value) or None}
    elif key == "joins":
        held = {
            _join(one, row["table"]): one for one in _list(element, "relationships")
        }
        new = [held.get(one) or _relationship(one, row) for one in value or ()]
        keys = {"relationships": new or None}
    elif key in _METRICS:
        keys = {"quality": _rules(element, _METRICS[key], value) or None}
    elif key == "no_value":
        keys = {"quality": _with_texts(element, value) or None}
    elif key == "categories":
        kind = element.get("logicalType")
        known = {_shown(one.get("value")): one for one in _list(element, "enum")}
        entries = [known.get(one, {"value": typed(one, kind)}) for one in value or ()]
        keys = {"enum": entries or None}
    else:
        return _with_property(element, key, value, types.get(row["table"], {}), types)
    return with_keys(element, keys)


def with_keys(element: Mapping[str, Any], keys: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an element with keys set, in an order that people use; None takes one out."""
    new = {**element, **keys}
    return in_order({k: v for k, v in new.items() if v is not None}, _ORDER)


def _with_property(
    element: Mapping[str, Any],
    key: str,
    value: Any,  # noqa: ANN401 - of the cell
    own: Mapping[str, Any],
    types: _Types,
) -> Mapping[str, Any]:
    """Return an element with one of our properties written."""
    name = f"readiness.{_OURS.get(key, key)}"
    held = list(element.get("customProperties") or ())
    at = next((n for n, one in enumerate(held) if one.get("property") == name), None)
    entry = {"property": name} if at is None else held[at]
    if key == "keys":
        value = [_names(one) for one in value or ()] or None
    elif key == "calendar":
        value = _calendar(value or {}) or None
    elif key in {"train", "live"}:
        value = _selection(entry.get("value"), value or {}, own, types)
    new = [] if value is None else [{**entry, "value": value}]
    at = len(held) if at is None else at
    held[at : at + 1] = new
    return with_keys(element, {"customProperties": held or None})


def _options(element: Mapping[str, Any], key: str, value: object) -> dict[str, Any]:
    """Return the options of a column's type with one limit written."""
    options = dict(element.get("logicalTypeOptions") or {})
    name = _BEYOND.get(key, key)
    if options.get(_RANGE[name]) is not True:
        options[key if key == name else _RANGE[name]] = value
    elif value is None or key == name:  # what is included has no such flag
        options |= {name: value, _RANGE[name]: None}
    else:
        options[name] = value
    return {name: one for name, one in options.items() if one is not None}


def _calendar(cells: Mapping[str, Any]) -> dict[str, Any]:
    closed = [re.split(r"\s+to\s+", one.strip()) for one in cells.get("closed") or ()]
    days = [
        typed(one[0], "date") if len(one) == 1
        else {"from": typed(one[0], "date"), "to": typed(" to ".join(one[1:]), "date")}
        for one in closed
    ]  # fmt: skip
    new = {"weekdays": list(cells.get("weekdays") or ()), "closed": days,
           "holidays": cells.get("holidays")}  # fmt: skip
    return {key: held for key, held in new.items() if held}


def _relationship(text: str, row: Entry) -> dict[str, Any]:
    """Return a relationship that was typed; of a column the own side is the column."""
    left, arrow, right = text.rpartition("->")
    names = _names(right)
    table = names[0].rpartition(".")[0]
    to = [one if "." in one or not table else f"{table}.{one}" for one in names]
    if "name" in row:
        return {"to": to[0] if len(to) == 1 else to}
    # Where nothing is said of the own side, its columns have the same names.
    said = _names(left) if arrow else to
    own = [f"{row['table']}.{one.rpartition('.')[2]}" for one in said]
    return {"from": own, "to": to} if len(to) > 1 else {"from": own[0], "to": to[0]}


def _names(text: str) -> list[str]:
    return re.split(r"\s*\+\s*", text.strip())


def _with_level(
    data: Mapping[str, Any], row: Entry, text: str | None
) -> Mapping[str, Any]:
    """Return a contract with how old a table's newest event may be; None: not said.

    A new one comes first: of several that name a table the first one counts.
    """
    levels, old = list(data.get("slaProperties") or ()), _level(data, row)
    new = []
    if text is not None:
        parts = _AGE.fullmatch(text.strip())
        number, unit = parts.groups() if parts else (text, "")
        kept = old or {"property": "latency", "element": row["table"]}
        said = {"value": typed(number, "number"), "unit": unit or None}
        whole = {key: one for key, one in {**kept, **said}.items() if one is not None}
        new = [in_order(whole, ("property", "value", "unit", "element"))]
    at = levels.index(old) if old else 0
    levels[at : at + bool(old)] = new
    held = {**data, "slaProperties": levels}
    return held if levels else {k: v for k, v in data.items() if k != "slaProperties"}


def _rules(element: Mapping[str, Any], metric: str, text: str | None) -> list[Any]:
    """Return the rules of an element with the limit of one metric written."""
    old, rules = _rule(element, metric), list(element.get("quality") or ())
    new = []
    if text is not None:
        found = _LIMIT.fullmatch(text.strip())
        under, number, unit = found.groups() if found else (None, text, "")
        is_exact = old is not None and "mustBe" in old
        key = _LIMITS[0] if under else _LIMITS[2] if is_exact else _LIMITS[1]
        rule = {
            key if k in _LIMITS else k: v
            for k, v in (old or {"metric": metric}).items()
        }
        unit = "percent" if unit in {"%", "percent"} else "rows"
        new = [{**rule, key: typed(number, "number"), "unit": unit}]
    at = rules.index(old) if old else len(rules)
    rules[at : at + 1] = new
    return rules


def _with_texts(element: Mapping[str, Any], texts: Sequence[str] | None) -> list[Any]:
    """Return the rules of an element with the texts that mean null written."""
    old, rules = _no_values(element), list(element.get("quality") or ())
    known = {_shown(one): one for one in _texts(old or {})}
    held = [known.get(one, one) for one in texts or ()]
    rule = old or {"metric": _NO_VALUE, "mustBeGreaterOrEqualTo": 0}
    said = {**(rule.get("arguments") or {}), _NO_VALUE: held}
    new = [in_order({**rule, "arguments": said}, ("metric", "arguments"))]
    at = rules.index(old) if old else len(rules)
    rules[at : at + 1] = new if held else []
    return rules


def _selection(
    held: Any,  # noqa: ANN401 - what stands in the file
    cells: Mapping[str, Any],
    own: Mapping[str, Any],
    types: _Types,
) -> Any:  # noqa: ANN401 - as the file has it
    """Return a selection with its first condition written; the others stay."""
    more = list(held[1:]) if isinstance(held, tuple) else []
    if not cells:
        return more or None
    kinds = types.get(cells["table"], {}) if "table" in cells else own
    kind = kinds.get(cells.get("column", ""))
    entry = {key: cells[key] for key in ("table", "column") if key in cells}
    entry |= {
        key: typed(cells[name], kind) for name, key in _ENDS.items() if name in cells
    }
    if "values" in cells:
        entry["equals"] = [typed(one, kind) for one in cells["values"]]
    return [entry, *more] if isinstance(held, tuple) else entry


def typed(text: object, kind: object) -> Any:  # noqa: ANN401 - of the column's type
    """Return what was typed as a value of a column; what is none stays a text."""
    said = str(text)
    is_sure = _NUMBER.fullmatch(said) and not re.fullmatch(TWO_WAYS, said)
    if kind in {"integer", "number", None} and is_sure:
        number = float(said) if "." in said else int(said)
        return number if kind or str(number) == said else said  # 007 is a name
    if kind == "boolean" and said in {"true", "false"}:
        return said == "true"
    if kind in {"date", "timestamp", None} and is_day(said):
        return dt.date.fromisoformat(said)
    return said
