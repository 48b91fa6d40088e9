"""Write what was found in files as a contract in which nothing is agreed yet."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import ibis.expr.datatypes as ibis_types
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

__all__ = ["Drafted", "contract_text"]

_LONGEST_HINT = 40
_HEADER = """\
The data model, drafted from files: tables, columns and types as they were found.
Nothing in it is agreed. Decide, with the people who own the data:

1. Which columns does the use case need? On each:
     customProperties:
       - property: readiness.needed
         value: true
2. Which values were promised to occur? Under a column, `enum`; each value is counted.
3. What identifies a row? `primaryKey: true` on its columns. What joins to what?
     relationships:
       - to: table.column
4. How far back must events reach? On the table, readiness.eventTime, timeZone, grain
   and historyNeeded, as suggested below where a column with a time was found.
5. Which texts in CSV mean "no value"? An empty cell does; others are declared:
     quality:
       - metric: missingValues
         arguments:
           missingValues: [NA]
         mustBeGreaterOrEqualTo: 0
6. Which columns must never be shown? `classification: restricted`.
7. What is to be predicted, and when does it become known? On that column
   readiness.label: true, labelKnown (a column), labelFill (a share) and labelDelay.
8. Which rows were learned from, and which are live? On the table readiness.train and
   readiness.live, such as
     value: {column: NAME, from: 2025-01-01, to: 2025-12-31}
9. How old may the newest event be? `slaProperties`, latency with value and unit. Until
   when is the data supplied? readiness.expires. Where does a column come from?
   readiness.origin, or the standard's transformSourceObjects.

Then set the status to active and have the model signed off."""


@dataclass(frozen=True)
class Drafted:
    """One file as a table: where it lies and what it holds."""

    name: str
    stem: str  #: stands for {model} in the path
    parent: str  #: folder of the file, relative to the assessment's, "" for itself
    suffix: str
    format: str
    columns: dict[str, ibis_types.DataType]
    values: dict[
        str, list[str]
    ]  #: of columns with few values: those of 10 rows or more


def contract_text(
    drafted: Sequence[Drafted], title: str, too_large: Sequence[str] = ()
) -> str:
    """Return a contract (ODCS, YAML) with comments that say what to decide next.

    Args:
        drafted: one entry per table.
        title: the name of the contract.
        too_large: paths of files that somebody has to put in place.
    """
    head = CommentedMap(
        apiVersion="v3.2.0",
        kind="DataContract",
        id=re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "data",
        name=title,
        version="0.1.0",
        status="draft",
    )
    notes = [
        f"{path} was not copied, it is too large: put it there." for path in too_large
    ]
    head["servers"] = CommentedSeq(_servers(drafted))
    head["schema"] = CommentedSeq()
    for at, one in enumerate(drafted):
        head["schema"].append(_table(one))
        suggestion = _suggestion(one)
        if suggestion:
            head["schema"].yaml_set_comment_before_after_key(at, suggestion, indent=2)
    head.yaml_set_start_comment("\n".join([_HEADER, *notes]) + "\n\n")
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 88
    stream = io.StringIO()
    yaml.dump(head, stream)
    return stream.getvalue()


def _servers(drafted: Sequence[Drafted]) -> Iterator[CommentedMap]:
    """Yield one server per folder and kind of file; {model} stands for the table."""
    kinds = dict.fromkeys((one.parent, one.suffix, one.format) for one in drafted)
    for number, (parent, suffix, form) in enumerate(kinds, start=1):
        path = f"{parent}/{{model}}{suffix}".lstrip("/")
        yield CommentedMap(
            server="files" if len(kinds) == 1 else f"files-{number}",
            type="local",
            path=path,
            format=form,
        )


def _table(one: Drafted) -> CommentedMap:
    properties = CommentedSeq()
    for at, (name, kind) in enumerate(one.columns.items()):
        column = CommentedMap(name=name)
        if logical := _logical_type(kind):
            column["logicalType"] = logical
        column["physicalType"] = str(kind)
        properties.append(column)
        hint = _categories_hint(one.values.get(name, []))
        if hint:
            properties.yaml_set_comment_before_after_key(at, hint, indent=6)
    return CommentedMap(
        name=one.name,
        physicalName=one.stem,
        physicalType="file",
        properties=properties,
    )


def _categories_hint(values: Sequence[str]) -> str:
    """Return the values of the column below, for a comment; "" where there is none.

    A text with a line break of any kind would end the comment.
    """
    shown = [
        json.dumps(value, ensure_ascii=False)
        for value in values
        if value.isprintable() and len(value) <= _LONGEST_HINT
    ]
    if len(shown) < 2:  # noqa: PLR2004 - one value is no choice
        return ""
    head = "Are these values categories? Was one more promised?"
    return "\n".join([head, "enum:", *(f"  - value: {value}" for value in shown)])


def _suggestion(one: Drafted) -> str:
    times = [
        name
        for name, kind in one.columns.items()
        if (kind.is_timestamp() or kind.is_date()) and name.isprintable()
    ]
    if not times:
        return ""
    parts = [
        ("eventTime", times[0]),
        ("timeZone", "Europe/Vienna"),
        ("grain", "P1D"),
        ("historyNeeded", "P2Y"),
    ]
    lines = [
        line
        for name, value in parts
        for line in (f"  - property: readiness.{name}", f"    value: {value}")
    ]
    head = f"Is {times[0]} the time of the event? Then, under {one.name}:"
    return "\n".join([head, "customProperties:", *lines])


def _logical_type(kind: ibis_types.DataType) -> str | None:
    tests = (
        (kind.is_string(), "string"),
        (kind.is_boolean(), "boolean"),
        (kind.is_integer(), "integer"),
        (kind.is_numeric(), "number"),
        (kind.is_timestamp(), "timestamp"),
        (kind.is_date(), "date"),
        (kind.is_time(), "time"),
        (kind.is_array(), "array"),
        (kind.is_map(), "map"),
        (kind.is_struct(), "object"),
    )
    return next((name for is_kind, name in tests if is_kind), None)
