"""Read a data contract (ODCS v3) as the declared data model, or every Problem of it.

The standard's own schema judges the form. References to other contracts and nested
properties are left alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from readybook.contract.columns import read_columns, read_keys
from readybook.contract.joins import column_name, read_joins
from readybook.contract.latency import read_latencies
from readybook.contract.quality import count_rules_not_run
from readybook.contract.readiness import (
    custom_path,
    custom_values,
    has_readiness,
    readiness_problems,
    secret_keys,
)
from readybook.contract.rows import read_selection
from readybook.contract.schema import form_problems
from readybook.contract.servers import read_servers
from readybook.model.contract import DataModel, Server, Table
from readybook.model.errors import InvalidInputError, Problem
from readybook.text.documents import Judge, Loaded
from readybook.text.scalars import Stamp
from readybook.text.yaml import KeyPath, Plain, parse_yaml

__all__ = ["parse_contract"]


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
    secrets = secret_keys(data)
    told = [problem for problem in plain.problems if problem.key not in secrets]
    form = form_problems(data, plain)
    problems = [*told, *form, *readiness_problems(data, plain)]
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
    expires = custom_values(data).get("expires")
    try:
        tables = [
            _table(item, ("schema", at), schema, judge, expires)
            for at, item in enumerate(schema)
        ]
        locations = [table.location for table in tables]
        servers = read_servers(data.get("servers", []), locations, folder, judge)
        tables = _linked(data, tables, judge)
        return DataModel(
            id=data["id"],
            version=data["version"],
            status=data.get("status") or "not declared",
            servers=servers,
            tables=tuple(_marked(table, tables, servers) for table in tables),
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


def _table(
    item: dict[str, Any], path: KeyPath, schema: list[dict[str, Any]],
    judge: Judge, expires: str | None,
) -> Table:  # fmt: skip
    """Return one table; what other parts of the contract say of it is added later."""
    custom = custom_values(item)
    columns = read_columns(item, path, judge)

    def named(names: Sequence[str], said: str) -> tuple[str, ...]:
        if not names:
            return ()
        here = (*path, *custom_path(item, said))
        return tuple(column_name(item, name, here, judge) for name in names)

    event_time = named([custom["eventTime"]] if "eventTime" in custom else [],
                       "eventTime")  # fmt: skip
    last_day = custom.get("expires", expires)
    return Table(
        name=item["name"],
        location=item.get("physicalName") or item["name"],
        columns=columns,
        event_time=event_time[0] if event_time else None,
        time_zone=custom.get("timeZone"),
        grain=custom.get("grain"),
        history_needed=custom.get("historyNeeded"),
        segments=named(custom.get("segments", []), "segments"),
        train=read_selection("train", item, path, schema, judge),
        live=read_selection("live", item, path, schema, judge),
        expires=dt.date.fromisoformat(last_day) if last_day else None,
        origin=custom.get("origin"),
        rules_not_run=count_rules_not_run(item),
        declared=_fingerprint(item),
    )


def _linked(data: dict[str, Any], tables: list[Table], judge: Judge) -> list[Table]:
    """Return the tables with their keys, their joins and how old they may be.

    In a contract that was written for other tools these may point to what is not in
    it; such a reference is left alone.
    """
    told = judge if has_readiness(data) else Judge(judge.file)
    latencies = read_latencies(data, tables, told)
    linked = []
    for at, (item, table) in enumerate(
        zip(data.get("schema", []), tables, strict=True)
    ):
        path = ("schema", at)
        parts = {
            "keys": read_keys(item, path, told),
            "relationships": tuple(read_joins(item, path, data["schema"], told)),
            "latency": latencies.get(table.name),
        }
        linked.append(table.model_copy(update=parts))
    return linked


def _marked(table: Table, tables: Sequence[Table], servers: Sequence[Server]) -> Table:
    """Return a table whose fingerprint stands for all that its measurements rest on.

    That is its own part of the contract, the parts of the tables that it is joined
    with or selects from, where they lie, and what is said of all tables at once.
    """
    others = {name for join in table.relationships
              for name in (join.table, join.to_table)}  # fmt: skip
    others |= {rows.table for rows in (table.train, table.live) if rows and rows.table}
    content = {
        "own": table.declared,
        "others": sorted(one.declared for one in tables if one.name in others),
        "servers": [server.model_dump(mode="json") for server in servers],
        "latency": table.latency,
        "expires": table.expires and table.expires.isoformat(),
    }
    return table.model_copy(update={"declared": _fingerprint(content)})
