"""Read the columns of a contract: what each may hold, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readybook.contract.joins import column_name, physical_name
from readybook.contract.quality import as_text, null_limit, null_tokens, unique_columns
from readybook.contract.readiness import custom_path, custom_values, is_number
from readybook.model.contract import Category, Column
from readybook.text.documents import Judge
from readybook.text.yaml import KeyPath

__all__ = ["read_columns", "read_keys"]

#: Classifications under which values may be shown; every other one hides them.
_OPEN = {"public", "open", "internal", "unclassified", "unrestricted"}
_OF_A_LABEL = ("labelKnown", "labelFill", "labelDelay")


def read_columns(
    item: dict[str, Any], path: KeyPath, judge: Judge
) -> tuple[Column, ...]:
    """Return the columns of a table.

    Args:
        item: the table, as the contract has it.
        path: where it stands.
        judge: takes what is wrong in a column, and a second label.
    """
    properties = item.get("properties", [])
    places = [(*path, "properties", at) for at in range(len(properties))]
    judge.once(
        ((*place, "name"), prop["name"])
        for place, prop in zip(places, properties, strict=True)
    )
    columns = tuple(
        _column(item, prop, place, judge)
        for place, prop in zip(places, properties, strict=True)
    )
    labels = [at for at, column in enumerate(columns) if column.is_label]
    for at in labels[1:]:
        judge.report(
            (*places[at], *custom_path(properties[at], "label")),
            f"a second label (the first: {columns[labels[0]].name})",
            "at most one label in a table", "keep one of them, or split the table",
        )  # fmt: skip
    return columns


def read_keys(
    item: dict[str, Any], path: KeyPath, judge: Judge
) -> tuple[tuple[str, ...], ...]:
    """Return the combinations of columns that identify a row, each once.

    Args:
        item: the table, as the contract has it.
        path: where it stands.
        judge: takes names of columns that the table does not have.
    """
    keys = [*_primary(item.get("properties", [])), *unique_columns(item, path, judge)]
    for names in custom_values(item).get("keys", []):
        here = (*path, *custom_path(item, "keys"))
        keys.append(tuple(column_name(item, name, here, judge) for name in names))
    return tuple(dict.fromkeys(keys))


def _primary(properties: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    primary = [prop for prop in properties if prop.get("primaryKey")]
    # Without a position a column keeps its place in the contract.
    primary.sort(key=lambda prop: prop.get("primaryKeyPosition", -1))
    if primary:
        yield tuple(map(physical_name, primary))
    for prop in properties:
        if prop.get("unique"):
            yield (physical_name(prop),)


def _column(
    item: dict[str, Any], prop: dict[str, Any], path: KeyPath, judge: Judge
) -> Column:
    custom = custom_values(prop)
    classification = str(prop.get("classification") or "").casefold().strip()
    return Column(
        name=physical_name(prop),
        type=prop.get("logicalType"),
        required=prop.get("required", False),
        needed=custom.get("needed", False),
        restricted=bool(classification) and classification not in _OPEN,
        categories=_categories(prop, path, judge),
        null_tokens=null_tokens(prop),
        nulls=null_limit(prop, path, judge),
        **_range(prop, path, judge),
        is_label=custom.get("label", False),
        **_label(item, prop, path, judge),
        origin=custom.get("origin"),
        made_from=_texts(prop.get("transformSourceObjects", [])),
        made_by=next(iter(_texts([prop.get("transformLogic", ""),
                                  prop.get("transformDescription", "")])), None),
        definitions=_texts(
            [entry["url"] for entry in prop.get("authoritativeDefinitions", [])]
        ),
    )  # fmt: skip


def _texts(values: list[str]) -> tuple[str, ...]:
    """Return the texts that say something, each once; the standard allows empty ones."""
    return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))


def _categories(
    prop: Mapping[str, Any], path: KeyPath, judge: Judge
) -> tuple[Category, ...]:
    entries = prop.get("enum", [])
    values = [as_text(entry["value"]) for entry in entries]
    judge.once(((*path, "enum", at, "value"), text) for at, text in enumerate(values))
    return tuple(
        Category(
            value=text,
            label=entry.get("label", "").strip() or None,
            min_rows=custom_values(entry).get("minRows", 1),
        )
        for entry, text in zip(entries, values, strict=True)
        if entry["value"] is not None
    )


def _range(prop: Mapping[str, Any], path: KeyPath, judge: Judge) -> dict[str, Any]:
    """Return the limits of a column of numbers; those of dates and texts are left."""
    options = prop.get("logicalTypeOptions")
    options = options if isinstance(options, dict) else {}
    names = {
        "minimum": "minimum",
        "maximum": "maximum",
        "above": "exclusiveMinimum",
        "below": "exclusiveMaximum",
    }
    limits = {
        name: float(options[key])
        for name, key in names.items()
        if is_number(options.get(key))
    }
    # In version 3.0 a flag says of the limit that it is exclusive.
    for name, exclusive in (("minimum", "above"), ("maximum", "below")):
        if options.get(names[exclusive]) is True and name in limits:
            limits[exclusive] = limits.pop(name)
    low = max((limits[key] for key in ("minimum", "above") if key in limits), default=0)
    high = min((limits[key] for key in ("maximum", "below") if key in limits),
               default=low)  # fmt: skip
    if limits.keys() & {"minimum", "above"} and low > high:
        judge.report(
            (*path, "logicalTypeOptions"),
            f"the smallest value {low:g} above the largest {high:g}",
            "a range that has values", "exchange the limits, or correct one of them",
        )  # fmt: skip
    return limits


def _label(
    item: dict[str, Any], prop: dict[str, Any], path: KeyPath, judge: Judge
) -> dict[str, Any]:
    """Return what is declared of a label: when it is known, how full, how late."""
    custom = custom_values(prop)
    if not custom.get("label", False):
        for name in _OF_A_LABEL:
            if name in custom:
                judge.report(
                    (*path, *custom_path(prop, name)[:-1], "property"),
                    f"'readiness.{name}' on a column that is no label",
                    "it beside readiness.label: true",
                    "add readiness.label, or move it to the label",
                )  # fmt: skip
        return {}
    known = custom.get("labelKnown")
    if known is not None:
        here = (*path, *custom_path(prop, "labelKnown"))
        known = column_name(item, known, here, judge)
    return {
        "label_known": known,
        "label_fill": custom.get("labelFill"),
        "label_delay": custom.get("labelDelay"),
    }
