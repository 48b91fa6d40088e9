"""Read a data contract (ODCS v3) as the declared data model, or every Problem of it.

The standard's own schema judges the form. References to other contracts and nested
properties are left alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from readybook.contract import (
    Category,
    Column,
    DataModel,
    Server,
    Table,
)
from readybook.documents import Judge, Loaded
from readybook.errors import InvalidInputError, Problem
from readybook.localpaths import check_local_path
from readybook.odcs_form import (
    custom_path,
    custom_values,
    form_problems,
    readiness_problems,
)
from readybook.odcs_joins import column_name, physical_name, read_joins
from readybook.scalars import Stamp
from readybook.yamltext import KeyPath, Plain, parse_yaml

__all__ = ["parse_contract"]

#: Classifications under which values may be shown; every other one hides them.
_OPEN = {"public", "open", "internal", "unclassified", "unrestricted"}


def parse_contract(raw: bytes | str, *, name: str, folder: Path) -> Loaded[DataModel]:
    """Return the data model that a contract declares.

    Args:
        raw: the contract, YAML.
        name: of the file, as problems print it.
        folder: the assessment's folder, which local paths may not leave.

    Raises:
        InvalidInputError: with every problem of the contract.
    """
    plain = parse_yaml(raw, name=name)
    data = _jsonable(plain.data)
    judge = Judge(Loaded(name, None, plain.lines))
    form = form_problems(data, plain)
    problems = [*plain.problems, *form, *readiness_problems(data, plain)]
    if problems or not isinstance(data, dict):
        raise InvalidInputError(problems)
    model = _read(data, judge, folder, plain)
    if judge.problems or model is None:
        raise InvalidInputError(judge.problems)
    return Loaded(name, model, plain.lines)


def _jsonable(value: object) -> Any:  # noqa: ANN401 - any JSON value
    """Return plain data as JSON has it: dates as text, lists for tuples."""
    if isinstance(value, dict):
        return {key: _jsonable(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value.text if isinstance(value, Stamp) else value


def _fingerprint(content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _read(
    data: dict[str, Any], judge: Judge, folder: Path, plain: Plain
) -> DataModel | None:
    schema = data.get("schema", [])
    judge.once((("schema", at, "name"), item["name"]) for at, item in enumerate(schema))
    try:
        tables = tuple(
            _table(item, ("schema", at), schema, judge)
            for at, item in enumerate(schema)
        )
        locations = [table.location for table in tables]
        for at, server in enumerate(data.get("servers", [])):
            if server["type"] == "local":
                path = ("servers", at, "path")
                check_local_path(server["path"], path, locations, folder, judge)
        return DataModel(
            id=data["id"],
            version=data["version"],
            status=data.get("status") or "not declared",
            servers=tuple(map(_server, data.get("servers", []))),
            tables=tables,
            fingerprint=_fingerprint(data),
        )
    except ValidationError as error:
        # The standard allows empty names; the tool cannot work with them.
        key = str(error.errors()[0]["loc"][-1])
        line = next((line for path, line in plain.lines.items() if path[-1:] == (key,)
                     and _at(plain.data, path) == ""), 1)  # fmt: skip
        judge.problems.append(
            Problem(plain.name, line, key, "an empty text", "text", "write a text")
        )
        return None


def _at(data: Any, path: KeyPath) -> object:  # noqa: ANN401
    for part in path:
        data = data[part]
    return data


def _server(item: Mapping[str, Any]) -> Server:
    return Server(
        server=item.get("server") or item.get("id") or item["type"],
        type=item["type"],
        path=item.get("path"),
        format=item.get("format"),
    )


def _table(
    item: dict[str, Any], path: KeyPath, schema: list[dict[str, Any]], judge: Judge
) -> Table:
    properties = item.get("properties", [])
    judge.once(
        ((*path, "properties", at, "name"), prop["name"])
        for at, prop in enumerate(properties)
    )
    custom = custom_values(item)

    def columns(names: list[str], said: str) -> tuple[str, ...]:
        if not names:
            return ()
        here = (*path, *custom_path(item, said))
        return tuple(column_name(item, name, here, judge) for name in names)

    named = [custom["eventTime"]] if "eventTime" in custom else []
    event_time = columns(named, "eventTime")
    extra = [columns(key, "keys") for key in custom.get("keys", [])]
    return Table(
        name=item["name"],
        location=item.get("physicalName") or item["name"],
        columns=tuple(
            _column(prop, (*path, "properties", at), judge)
            for at, prop in enumerate(properties)
        ),
        keys=tuple(dict.fromkeys([*_keys(properties), *extra])),
        relationships=tuple(read_joins(item, path, schema, judge)),
        event_time=event_time[0] if event_time else None,
        time_zone=custom.get("timeZone"),
        grain=custom.get("grain"),
        history_needed=custom.get("historyNeeded"),
        segments=columns(custom.get("segments", []), "segments"),
        declared=_fingerprint(item),
    )


def _column(prop: dict[str, Any], path: KeyPath, judge: Judge) -> Column:
    entries = prop.get("enum", [])
    values = [_text(entry["value"]) for entry in entries]
    judge.once(((*path, "enum", at, "value"), text) for at, text in enumerate(values))
    classification = str(prop.get("classification") or "").casefold().strip()
    return Column(
        name=physical_name(prop),
        type=prop.get("logicalType"),
        required=prop.get("required", False),
        needed=custom_values(prop).get("needed", False),
        restricted=bool(classification) and classification not in _OPEN,
        categories=tuple(
            Category(
                value=text,
                label=entry.get("label"),
                min_rows=custom_values(entry).get("minRows", 1),
            )
            for entry, text in zip(entries, values, strict=True)
            if entry["value"] is not None
        ),
        null_tokens=tuple(dict.fromkeys(_null_tokens(prop))),
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _null_tokens(prop: Mapping[str, Any]) -> Iterator[str]:
    for rule in prop.get("quality", []):
        if rule.get("metric", rule.get("rule")) == "missingValues":
            tokens = rule.get("arguments", {}).get("missingValues", [])
            for token in tokens if isinstance(tokens, list) else [tokens]:
                if token is not None:
                    yield _text(token)


def _keys(properties: list[dict[str, Any]]) -> Iterator[tuple[str, ...]]:
    primary = [prop for prop in properties if prop.get("primaryKey")]
    # Without a position a column keeps its place in the contract.
    primary.sort(key=lambda prop: prop.get("primaryKeyPosition", -1))
    if primary:
        yield tuple(map(physical_name, primary))
    for prop in properties:
        if prop.get("unique"):
            yield (physical_name(prop),)
