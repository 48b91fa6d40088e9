"""Read the tables of a contract: columns, keys, rules, joins, and which rows are meant.

Quality rules are read for the limits that they declare; none of them is ever run.
Names may be the contract's or the source's; the source's are kept.
"""

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from open_data_contract_standard.model import (
    DataQuality,
    OpenDataContractStandard,
    SchemaObject,
    SchemaProperty,
)
from open_data_contract_standard.model import Relationship as Declaration

from readybook.contract.form import (
    OF_TIME,
    WRITTEN_NUMBERS,
    Readiness,
    is_day,
    ours,
    strptime_of,
    value_path,
)
from readybook.model.contract import (
    Category,
    Column,
    Condition,
    Relationship,
    Selection,
    Tolerance,
    split_name,
)
from readybook.model.errors import close_to, nearest
from readybook.text.documents import Judge
from readybook.text.refusals import describe
from readybook.text.yaml import KeyPath, shown

#: Classifications under which values may be shown; every other one hides them.
_OPEN = {"public", "open", "internal", "unclassified", "unrestricted"}
_OF_A_LABEL = {
    "label_known": "labelKnown", "label_fill": "labelFill", "label_delay": "labelDelay",
}  # fmt: skip
#: Operators that set a limit from above, and whether the limit itself is allowed.
_LIMITS = {"mustBe": True, "mustBeLessOrEqualTo": True, "mustBeLessThan": False}
_UNITS: dict[str, Literal["rows", "share"]] = {
    "rows": "rows", "percent": "share", "%": "share",
}  # fmt: skip
_DIGITS = 12  #: of a share: hundredths of a decimal number are not exact
#: Limits of a range by the field of Column, with the standard's name.
_RANGE = {
    "minimum": "minimum",
    "maximum": "maximum",
    "above": "exclusiveMinimum",
    "below": "exclusiveMaximum",
}


def is_number(value: object) -> bool:
    """Return whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def as_text(value: object) -> str:
    """Return a value as a source's text has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _physical(prop: SchemaProperty) -> str:
    return (prop.physicalName or prop.name or "").strip()


@dataclass(frozen=True)
class Item:
    """A table as the contract has it, where it stands, and who takes what is wrong."""

    table: SchemaObject
    path: KeyPath
    judge: Judge

    @property
    def name(self) -> str:
        """Return the contract's name of the table."""
        return self.table.name or ""

    @property
    def location(self) -> str:
        """Return the source's name of the table."""
        return self.table.physicalName or self.name

    @functools.cached_property
    def said(self) -> Readiness:
        """Return the `readiness.` properties of the table."""
        return ours(self.table.customProperties)

    @property
    def event_time(self) -> str | None:
        """Return the source's name of the column that says when a row happened."""
        named = [self.said.event_time] if self.said.event_time else []
        return next(iter(self.named(named, "eventTime")), None)

    @property
    def properties(self) -> Sequence[SchemaProperty]:
        """Return the columns as the contract has them."""
        return self.table.properties or ()

    @functools.cached_property
    def names(self) -> dict[str, str]:
        """Return the names in the source by every name that the contract has for them."""
        names = {prop.name or "": _physical(prop) for prop in self.properties}
        return {**{known: known for known in names.values()}, **names}

    def column(self, name: str, path: KeyPath) -> str:
        """Return a column's name in the source; one that is not known is reported."""
        known = self.names
        self.judge.known(path, name, known, f"a column of '{self.name}'")
        return known.get(name, name)

    def named(self, names: Sequence[str], said: str) -> tuple[str, ...]:
        """Return the columns that a `readiness.` property of the table names."""
        if not names:
            return ()
        here = (*self.path, *value_path(self.table.customProperties, said))
        return tuple(self.column(name, here) for name in names)


def items_of(contract: OpenDataContractStandard, judge: Judge) -> list[Item]:
    """Return the tables of a contract, with who takes what is wrong in them."""
    tables = enumerate(contract.schema_ or ())
    return [Item(table, ("schema", at), judge) for at, table in tables]


# --- columns -----------------------------------------------------------------------


def read_columns(item: Item) -> tuple[Column, ...]:
    """Return the columns of a table; names and labels that stand twice are reported.

    So is a column of the source that has two names: findings are told by the source's.
    """
    places = [(*item.path, "properties", at) for at in range(len(item.properties))]
    pairs = list(zip(item.properties, places, strict=True))
    item.judge.once(((*place, "name"), prop.name or "") for prop, place in pairs)
    if len({prop.name for prop, _ in pairs}) == len(pairs):
        item.judge.once(
            ((*place, "physicalName" if prop.physicalName else "name"), _physical(prop))
            for prop, place in pairs
        )
    columns = tuple(_column(item, prop, place) for prop, place in pairs)
    labels = [at for at, column in enumerate(columns) if column.is_label]
    for at in labels[1:]:
        prop, place = pairs[at]
        item.judge.report(
            (*place, *value_path(prop.customProperties, "label")),
            f"a second label (the first: {columns[labels[0]].name})",
            "at most one label in a table", "keep one of them, or split the table",
        )  # fmt: skip
    return columns


def _column(item: Item, prop: SchemaProperty, path: KeyPath) -> Column:
    said = ours(prop.customProperties)
    classification = (prop.classification or "").casefold().strip()
    rules = _texts([prop.transformLogic, prop.transformDescription])
    return Column(
        name=_physical(prop),
        type=prop.logicalType,
        required=prop.required or False,
        needed=said.needed,
        restricted=bool(classification) and classification not in _OPEN,
        categories=_categories(prop, path, item.judge),
        **_written(prop, said),
        null_tokens=_null_tokens(prop),
        nulls=Tolerance(limit=0.0)
        if prop.required
        else _tolerance("nullValues", prop, path, item.judge),
        invalid=_tolerance("invalidValues", prop, path, item.judge),
        **_range(prop, path, item.judge),
        is_label=said.label,
        **_label(item, prop, said, path),
        origin=said.origin,
        of_file=said.of_file,
        made_from=_texts(prop.transformSourceObjects or ()),
        made_by=next(iter(rules), None),
        definitions=_texts([one.url for one in prop.authoritativeDefinitions or ()]),
    )


def _written(prop: SchemaProperty, said: Readiness) -> dict[str, Any]:
    """Return the declared form of a column's texts: of dates as strptime has it.

    The standard's own key is read beside ours; what it may hold is everybody's, so that
    one that is not read is kept to be told.
    """
    form = said.written_as
    if form is None and prop.logicalType in OF_TIME:
        form = (prop.logicalTypeOptions or {}).get("format")
    read = form if form in WRITTEN_NUMBERS else strptime_of(str(form or ""))
    return {"written_as": read, "unread_form": str(form) if form and not read else None}


def _texts(values: Sequence[str | None]) -> tuple[str, ...]:
    """Return the texts that say something, each once; the standard allows empty ones."""
    return tuple(dict.fromkeys(v.strip() for v in values if v and v.strip()))


def _categories(
    prop: SchemaProperty, path: KeyPath, judge: Judge
) -> tuple[Category, ...]:
    entries = prop.enum or []
    values = [as_text(entry.value) for entry in entries]
    judge.once(((*path, "enum", at, "value"), text) for at, text in enumerate(values))
    return tuple(
        Category(
            value=text,
            label=(entry.label or "").strip() or None,
            min_rows=ours(entry.customProperties).min_rows,
        )
        for entry, text in zip(entries, values, strict=True)
        if entry.value is not None
    )


def _range(prop: SchemaProperty, path: KeyPath, judge: Judge) -> dict[str, Any]:
    """Return the limits of a column of numbers; those of dates and texts are left."""
    options = prop.logicalTypeOptions or {}
    limits = {
        name: float(options[key])
        for name, key in _RANGE.items()
        if is_number(options.get(key))
    }
    # In version 3.0 a flag says of the limit that it is exclusive.
    for name, exclusive in (("minimum", "above"), ("maximum", "below")):
        if options.get(_RANGE[exclusive]) is True and name in limits:
            limits[exclusive] = limits.pop(name)
    lows = [limits[key] for key in ("minimum", "above") if key in limits]
    highs = [limits[key] for key in ("maximum", "below") if key in limits]
    if lows and highs and max(lows) > min(highs):
        judge.report(
            (*path, "logicalTypeOptions"),
            f"the smallest value {max(lows):g} above the largest {min(highs):g}",
            "a range that has values", "exchange the limits, or correct one of them",
        )  # fmt: skip
    return limits


def _label(
    item: Item, prop: SchemaProperty, said: Readiness, path: KeyPath
) -> dict[str, Any]:
    """Return what is declared of a label: when it is known, how full, how late."""
    values = {key: getattr(said, key) for key in _OF_A_LABEL
              if key in said.model_fields_set}  # fmt: skip
    if said.label and said.label_known is not None:
        here = (*path, *value_path(prop.customProperties, "labelKnown"))
        values["label_known"] = item.column(said.label_known, here)
    if said.label:
        return values
    for name in map(_OF_A_LABEL.get, values):
        item.judge.report(
            (*path, *value_path(prop.customProperties, str(name))[:-1], "property"),
            f"'readiness.{name}' on a column that is no label",
            "it beside readiness.label: true",
            "add readiness.label, or move it to the label",
        )  # fmt: skip
    return {}


# --- keys and quality rules --------------------------------------------------------


def read_keys(item: Item) -> tuple[tuple[str, ...], ...]:
    """Return the combinations of columns that identify a row, each once."""
    primary = [prop for prop in item.properties if prop.primaryKey]
    # Without a position a column keeps its place in the contract.
    primary.sort(key=lambda prop: -1 if prop.primaryKeyPosition is None
                 else prop.primaryKeyPosition)  # fmt: skip
    keys = [tuple(map(_physical, primary))] if primary else []
    keys += [(_physical(prop),) for prop in item.properties if prop.unique]
    keys += _without_duplicates(item)
    keys += [item.named(names, "keys") for names in item.said.keys]
    return tuple(dict.fromkeys(keys))


def _without_duplicates(item: Item) -> Iterator[tuple[str, ...]]:
    """Yield the combinations of columns that rules on duplicates forbid."""
    for at, rule in _rules(item.table, "duplicateValues"):
        names = _argument(rule, "properties")
        here = (*item.path, "quality", at, "arguments", "properties")
        if not _forbids(rule) or not names:
            continue
        before = len(item.judge.problems)
        key = tuple(item.column(str(name), here) for name in names)
        if len(item.judge.problems) == before:
            yield key
    for prop in item.properties:
        if any(_forbids(rule) for _, rule in _rules(prop, "duplicateValues")):
            yield (_physical(prop),)


def _forbids(rule: DataQuality) -> bool:
    limits = (rule.mustBe, rule.mustBeLessOrEqualTo)
    return any(is_number(limit) and limit == 0 for limit in limits)


def _tolerance(
    metric: str, prop: SchemaProperty, path: KeyPath, judge: Judge
) -> Tolerance | None:
    """Return how many values of a column may be so by a metric; None: nobody said.

    The first rule on it with a limit from above counts, in rows (the standard's
    default) or percent. Another unit sets no limit here; a misspelled one is a problem.
    """
    for at, rule in _rules(prop, metric):
        unit = _UNITS.get((rule.unit or "rows").casefold())
        key = next((key for key in _LIMITS if is_number(getattr(rule, key))), None)
        if key and unit is None and (near := close_to(rule.unit or "", [*_UNITS])):
            judge.report(
                (*path, "quality", at, "unit"), describe(rule.unit),
                "rows or percent", f"did you mean '{near}'?",
            )  # fmt: skip
        if key is None or unit is None:
            continue
        number = getattr(rule, key)
        if number < 0:
            judge.report(
                (*path, "quality", at, key), describe(number),
                "a number of at least 0", "write how many values may be so",
            )  # fmt: skip
            return None
        limit = float(number) if unit == "rows" else round(number / 100, _DIGITS)
        return Tolerance(limit=limit, unit=unit, allows_limit=_LIMITS[key])
    return None


def _null_tokens(prop: SchemaProperty) -> tuple[str, ...]:
    """Return the texts that rules on missingValues declare to mean null."""
    rules = _rules(prop, "missingValues")
    tokens = [token for _, rule in rules for token in _argument(rule, "missingValues")]
    return tuple(dict.fromkeys(as_text(one) for one in tokens if one is not None))


def count_rules_not_run(element: SchemaObject | SchemaProperty) -> int:
    """Return how many rules of a table, or of what is in it, are SQL or an engine's.

    They are never run: a contract may come from anyone.
    """
    parts = [*(element.properties or ())]
    if isinstance(element, SchemaProperty):
        sides = (element.map.key, element.map.value) if element.map else ()
        parts += [part for part in (*sides, element.items) if part]
    own = sum(rule.type in ("sql", "custom") for rule in element.quality or ())
    return own + sum(map(count_rules_not_run, parts))


def _rules(
    element: SchemaObject | SchemaProperty, metric: str
) -> Iterator[tuple[int, DataQuality]]:
    """Yield the rules of an element on one metric, with their places in the list."""
    for at, rule in enumerate(element.quality or ()):
        if (rule.metric or rule.rule) == metric:
            yield at, rule


def _argument(rule: DataQuality, name: str) -> list[Any]:
    """Return an argument of a rule as a list; one value may stand alone."""
    value = (rule.arguments or {}).get(name, [])
    return value if isinstance(value, list) else [value]


# --- joins -------------------------------------------------------------------------

_Side = tuple[str, tuple[str, ...]]  # a table and columns of it


def read_joins(item: Item, items: Sequence[Item]) -> Iterator[Relationship]:
    """Yield the joins that a table and its columns declare.

    References to nothing among all tables of the contract are reported; joins with
    other contracts are left out.
    """
    for at, entry in enumerate(item.table.relationships or ()):
        here = (*item.path, "relationships", at)
        left = _side(entry.from_ or [], (*here, "from"), items)
        yield from _join(entry, left, here, items)
    for at, prop in enumerate(item.properties):
        for index, entry in enumerate(prop.relationships or ()):
            here = (*item.path, "properties", at, "relationships", index)
            yield from _join(entry, (item.name, (_physical(prop),)), here, items)


def _join(
    entry: Declaration, left: _Side | None, path: KeyPath, items: Sequence[Item]
) -> Iterator[Relationship]:
    right = _side(entry.to or [], (*path, "to"), items)
    if left is None or right is None:
        return
    if len(left[1]) != len(right[1]):
        found = f"{len(right[1])} columns on this side and {len(left[1])} on the other"
        expected, do = "as many on both sides", "name them in pairs"
        items[0].judge.report((*path, "to"), found, expected, do)
        return
    yield Relationship(
        table=left[0],
        columns=left[1],
        to_table=right[0],
        to_columns=right[1],
        orphans_tolerated=ours(entry.customProperties).orphans_tolerated,
    )


def _side(
    reference: str | list[str], path: KeyPath, items: Sequence[Item]
) -> _Side | None:
    """Return table and columns of one side; None where another file is meant."""
    references = [reference] if isinstance(reference, str) else reference
    if any("#" in text for text in references):
        return None
    problems = items[0].judge.problems
    before = len(problems)
    found = [_resolve(text, path, items) for text in references]
    if len({table for table, _ in found}) > 1:
        items[0].judge.report(
            path, "columns of several tables", "columns of one table",
            "write one relationship for each pair of tables",
        )  # fmt: skip
    if len(problems) > before or not found:
        return None
    return found[0][0], tuple(column for _, column in found)


def _resolve(reference: str, path: KeyPath, items: Sequence[Item]) -> tuple[str, str]:
    """Return table and column of `table.column` or `schema/ID/properties/ID`."""
    judge = items[0].judge
    key = "id" if "/" in reference else "name"
    table, column = split_name(reference, [str(one.table.name) for one in items])
    if key == "id":
        _, table, _, column, *_ = [*reference.removeprefix("/").split("/"), "", "", ""]
    owner = next((one for one in items if getattr(one.table, key) == table), None)
    if owner is None:
        known = [str(name) for one in items if (name := getattr(one.table, key))]
        judge.known(path, table, known, f"the {key} of a table of this contract")
        return table, column
    if key == "id":
        ids = {prop.id: prop.name or "" for prop in owner.properties if prop.id}
        judge.known(path, column, ids, f"the id of a property of '{owner.name}'")
        column = ids.get(column, "")
    return owner.name, owner.column(column, path) if column or key == "name" else ""


# --- rows that were learned from, and live ones -----------------------------------


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
