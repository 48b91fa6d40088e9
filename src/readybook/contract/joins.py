"""Read a contract's relationships as joins, by the names that the source has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from readybook.contract.readiness import custom_values
from readybook.model.contract import Relationship
from readybook.text.documents import Judge
from readybook.text.yaml import KeyPath

__all__ = ["column_name", "column_names", "physical_name", "read_joins"]


def physical_name(prop: Mapping[str, Any]) -> str:
    """Return a column's name in the source."""
    return str(prop.get("physicalName") or prop["name"]).strip()


def column_names(item: Mapping[str, Any]) -> dict[str, str]:
    """Return the names in the source by every name that the contract has for them."""
    names = {prop["name"]: physical_name(prop) for prop in item.get("properties", [])}
    return {**{known: known for known in names.values()}, **names}


def column_name(item: dict[str, Any], name: str, path: KeyPath, judge: Judge) -> str:
    """Return a column's name in the source; the contract may use either name."""
    known = column_names(item)
    judge.known(path, name, known, f"a column of '{item['name']}'")
    return known.get(name, name)


def read_joins(
    item: dict[str, Any], path: KeyPath, schema: list[dict[str, Any]], judge: Judge
) -> Iterator[Relationship]:
    """Yield the joins that a table and its columns declare.

    Args:
        item: the table, as the contract has it.
        path: where it stands.
        schema: all tables of the contract.
        judge: takes references to nothing; joins with other contracts are left out.
    """
    for at, entry in enumerate(item.get("relationships", [])):
        here = (*path, "relationships", at)
        left = _side(entry["from"], (*here, "from"), schema, judge)
        yield from _join(entry, left, here, schema, judge)
    for at, prop in enumerate(item.get("properties", [])):
        for index, entry in enumerate(prop.get("relationships", [])):
            here = (*path, "properties", at, "relationships", index)
            left = (item["name"], (physical_name(prop),))
            yield from _join(entry, left, here, schema, judge)


def _join(
    entry: dict[str, Any],
    left: tuple[str, tuple[str, ...]] | None,
    path: KeyPath,
    schema: list[dict[str, Any]],
    judge: Judge,
) -> Iterator[Relationship]:
    right = _side(entry["to"], (*path, "to"), schema, judge)
    if left is None or right is None:
        return
    if len(left[1]) != len(right[1]):
        found = f"{len(right[1])} columns on this side and {len(left[1])} on the other"
        judge.report(
            (*path, "to"), found, "as many on both sides", "name them in pairs"
        )
        return
    yield Relationship(
        table=left[0],
        columns=left[1],
        to_table=right[0],
        to_columns=right[1],
        orphans_tolerated=custom_values(entry).get("orphansTolerated", 0.0),
    )


def _side(
    reference: str | list[str],
    path: KeyPath,
    schema: list[dict[str, Any]],
    judge: Judge,
) -> tuple[str, tuple[str, ...]] | None:
    """Return table and columns of one side; None where another file is meant."""
    references = [reference] if isinstance(reference, str) else reference
    if any("#" in text for text in references):
        return None
    before = len(judge.problems)
    found = [_resolve(text, path, schema, judge) for text in references]
    if len({table for table, _ in found}) > 1:
        judge.report(
            path, "columns of several tables", "columns of one table",
            "write one relationship for each pair of tables",
        )  # fmt: skip
    if len(judge.problems) > before:
        return None
    return found[0][0], tuple(column for _, column in found)


def _resolve(
    reference: str, path: KeyPath, schema: list[dict[str, Any]], judge: Judge
) -> tuple[str, str]:
    """Return table and column of `table.column` or `schema/ID/properties/ID`."""
    key = "id" if "/" in reference else "name"
    parts = reference.removeprefix("/").split("/")
    table, _, column = reference.partition(".")
    if key == "id":
        table, column = ([*parts, "", "", ""])[1], ([*parts, "", "", ""])[3]
    owner = next((item for item in schema if item.get(key) == table), None)
    if owner is None:
        known = [str(item[key]) for item in schema if key in item]
        judge.known(path, table, known, f"the {key} of a table of this contract")
        return table, column
    if key == "id":
        ids = {prop["id"]: prop["name"] for prop in owner.get("properties", [])
               if "id" in prop}  # fmt: skip
        judge.known(path, column, ids, f"the id of a property of '{owner['name']}'")
        column = ids.get(column, "")
        return str(owner["name"]), column_name(
            owner, column, path, judge
        ) if column else ""
    return str(owner["name"]), column_name(owner, column, path, judge)
