"""Read a data contract (ODCS v3) as the declared data model, or every Problem of it.

The standard's own schema judges the form. References to other contracts and nested
properties are left alone; what no other module reads is read here: where the data lies
and how old it may be.
"""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from open_data_contract_standard.model import (
    OpenDataContractStandard,
    ServiceLevelAgreementProperty,
)
from open_data_contract_standard.model import Server as Place
from pydantic import ValidationError

from readybook.contract.form import (
    form_problems,
    given,
    has_readiness,
    is_duration,
    ours,
    readiness_problems,
    secret_keys,
    typed,
)
from readybook.contract.tables import (
    Item,
    count_rules_not_run,
    is_number,
    items_of,
    read_columns,
    read_joins,
    read_keys,
    read_selection,
)
from readybook.model.contract import DataModel, LastDay, Server, Table
from readybook.model.errors import InvalidInputError, Problem, close_to
from readybook.text.documents import Judge, Loaded, check_local_path
from readybook.text.refusals import describe, value_at
from readybook.text.yaml import KeyPath, as_json, parse_yaml

#: What the engine would take for something else than a file: `:memory:`, `md:name`.
_NO_FILE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:|:")
_PORT = re.compile(r"[0-9]{1,5}")
_LAST_PORT = 65_535
#: Service levels that promise how old data may be, the preferred one first, with the
#: standard's synonym.
_LATENCIES = (("latency", "ly"), ("freshness",))
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
_AGE = "a number above 0, with a unit such as d or h"
#: What the standard has of a server, and our own properties, under the same names.
_SAME = ("format", "database", "catalog", "project", "account", "warehouse")
_VARIABLES = {"user_variable", "password_variable"}


def parse_contract(raw: bytes | str, *, name: str, folder: Path) -> Loaded[DataModel]:
    """Return the data model that a contract, YAML, declares.

    Problems print the name of its file; local paths may not leave the folder.

    Raises:
        InvalidInputError: with every problem of the contract.
    """
    plain = parse_yaml(raw, name=name)
    data = as_json(plain.data)
    secrets = secret_keys(data)
    told = [problem for problem in plain.problems if problem.key not in secrets]
    form = form_problems(given(data), plain)
    problems = [*told, *form, *readiness_problems(data, plain)]
    if problems or not isinstance(data, dict):
        raise InvalidInputError(problems)
    judge = Judge(Loaded(name, None, plain.lines))
    try:
        model = _read(data, typed(given(data), plain), judge, folder)
    except ValidationError as error:
        # The standard allows empty names; the tool cannot work with them.
        key = str(error.errors()[0]["loc"][-1])
        line = next((line for path, line in plain.lines.items() if path[-1:] == (key,)
                     and value_at(data, path) == ""), 1)  # fmt: skip
        empty = Problem(name, line, key, "an empty text", "text", "write a text")
        raise InvalidInputError([*judge.problems, empty]) from None
    if judge.problems:
        raise InvalidInputError(judge.problems)
    return Loaded(name, model, plain.lines)


def _fingerprint(content: object) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _read(
    data: dict[str, Any], contract: OpenDataContractStandard, judge: Judge, folder: Path
) -> DataModel:
    items = items_of(contract, judge)
    judge.once(((*item.path, "name"), item.name) for item in items)
    # In a contract that was written for other tools, keys, joins and service levels may
    # point to what is not in it; such a reference is left alone.
    told = judge if has_readiness(data) else Judge(judge.file)
    loose = items_of(contract, told)
    servers = _read_servers(contract.servers or (), items, folder, judge)
    latencies = _read_latencies(contract, loose, told)
    expires = ours(contract.customProperties).expires
    contents = data.get("schema") or ()
    tables = [
        Table(
            name=item.name,
            location=item.location,
            columns=read_columns(item),
            keys=read_keys(other),
            relationships=tuple(read_joins(other, loose)),
            event_time=item.event_time,
            time_zone=item.said.time_zone,
            grain=item.said.grain,
            calendar=item.said.calendar,
            gaps_tolerated=item.said.gaps_tolerated,
            min_rows=item.said.min_rows,
            history_needed=item.said.history_needed,
            segments=item.named(item.said.segments, "segments"),
            train=read_selection("train", item, items),
            live=read_selection("live", item, items),
            latency=latencies.get(item.name),
            expires=_last_day(item.said.expires or expires),
            origin=item.said.origin,
            sample=item.said.sample,
            rules_not_run=count_rules_not_run(item.table),
            declared=_fingerprint(content),
        )
        for item, other, content in zip(items, loose, contents, strict=True)
    ]
    return DataModel(
        id=contract.id or "",
        version=contract.version or "",
        status=contract.status or "not declared",
        servers=servers,
        tables=tuple(_marked(table, tables, servers) for table in tables),
        fingerprint=_fingerprint(data),
    )


def _last_day(text: str | None) -> LastDay | None:
    if text is None:
        return None
    return "never" if text == "never" else dt.date.fromisoformat(text)


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
        "servers": [server.marked() for server in servers],
        "latency": table.latency,
        "expires": table.expires and str(table.expires),
    }
    return table.model_copy(update={"declared": _fingerprint(content)})


# --- where the data lies -----------------------------------------------------------


def _read_servers(
    places: Sequence[Place], items: Sequence[Item], folder: Path, judge: Judge
) -> tuple[Server, ...]:
    """Return the servers in their order; secrets stay in the environment.

    Paths that leave the folder, and ports that are no numbers, are reported.
    """
    locations = [item.location for item in items]
    for at, place in enumerate(places):
        path: KeyPath = ("servers", at)
        database = place.database or ""
        if place.type == "local":
            check_local_path(
                place.path or "", (*path, "path"), locations, folder, judge
            )
        elif place.type == "duckdb" and _NO_FILE.match(database):
            # Not repeated: an address may hold a password.
            judge.report(
                (*path, "database"), "an address, or a database in memory",
                "the path of a file inside the folder",
                "copy the database into the folder, such as data/case.duckdb",
            )  # fmt: skip
        elif place.type == "duckdb":
            check_local_path(database, (*path, "database"), (), folder, judge)
        # The standard allows references that are resolved elsewhere; to leave them out
        # where the server is meant to be read would ask another one, at the usual port.
        is_ours = ours(place.customProperties).model_fields_set
        if is_ours and place.port is not None and _port(place) is None:
            expected = f"a number from 1 to {_LAST_PORT}"
            found = describe(place.port)
            judge.report((*path, "port"), found, expected, f"write {expected}")
    return tuple(map(_server, places))


def _port(place: Place) -> int | None:
    text = str(place.port)
    return int(text) if _PORT.fullmatch(text) and 0 < int(text) <= _LAST_PORT else None


def _server(place: Place) -> Server:
    # The standard allows empty texts, which say nothing.
    texts = {name: str(value).strip() or None for name, value in place if value}
    return Server(
        server=place.server or place.id or place.type or "",
        type=place.type or "",
        port=_port(place),
        path=texts.get("path") or texts.get("location"),
        host=texts.get("host") or texts.get("endpointUrl"),
        schema_name=texts.get("schema_") or texts.get("dataset"),
        **{name: texts.get(name) for name in _SAME},
        **ours(place.customProperties).model_dump(include=_VARIABLES),
    )


# --- how old it may be -------------------------------------------------------------


def _read_latencies(
    contract: OpenDataContractStandard, items: Sequence[Item], judge: Judge
) -> dict[str, str]:
    """Return, by table, how old its newest event may be: ISO 8601 text.

    `latency` counts before `freshness`, and what names the table before what is said
    of all. An element is a table, or its event time; what is said of other columns
    is no promise on events. Without an element all tables with an event time are
    meant.
    """
    found: dict[str, str] = {}
    for words in _LATENCIES:
        # Those without an element come last; the others keep their order.
        levels = enumerate(contract.slaProperties or ())
        for at, level in sorted(levels, key=lambda pair: pair[1].element is None):
            if (level.property or "").strip().casefold() not in words:
                continue
            path: KeyPath = ("slaProperties", at)
            duration = _duration(level, path, judge)
            element, here = level.element, (*path, "element")
            if element is None:
                element, here = contract.slaDefaultElement or "", ("slaDefaultElement",)
            for name in _promised(element, here, items, judge):
                if duration is not None:
                    found.setdefault(name, duration)
    return found


def _promised(
    elements: str, path: KeyPath, items: Sequence[Item], judge: Judge
) -> Iterator[str]:
    """Yield the names of the tables whose events a service level is about."""
    parts = [part.strip() for part in elements.split(",") if part.strip()]
    if not parts:
        yield from (item.name for item in items if item.event_time)
    names = {item.location: item for item in items}
    names |= {item.name: item for item in items}
    for part in parts:
        name, _dot, column = part.rpartition(".")
        if not name and len(items) == 1:
            name = items[0].name  # of a single table the name may be left out
        if part in names:
            yield names[part].name
        elif name not in names:
            noun = "a table of this contract, or its event time"
            judge.known(path, name or part, [item.name for item in items], noun)
        elif names[name].column(column, path) == names[name].event_time:
            yield names[name].name


def _duration(
    level: ServiceLevelAgreementProperty, path: KeyPath, judge: Judge
) -> str | None:
    """Return a value and its unit as ISO 8601 text; None where they are none.

    It is told in its unit, or in the next smaller one that makes it whole.
    """
    value, unit = level.value, level.unit
    if unit is None and is_duration(value):
        return str(value)
    is_written = isinstance(value, str) and _NUMBER.fullmatch(value)
    number = float(str(value)) if is_written or is_number(value) else 0.0
    letter = _LETTERS.get((unit or "").strip().casefold(), "")
    key, found, expected, do = "value", describe(value), _AGE, f"write {_AGE}"
    if 0 < number < _MOST:
        if letter in _SECONDS:
            seconds = max(1, round(number * _SECONDS[letter]))
            sizes = list(_SECONDS.items())[list(_SECONDS).index(letter) :]
            smaller, size = next(pair for pair in sizes if seconds % pair[1] == 0)
            return f"P{'' if smaller in 'WD' else 'T'}{seconds // size}{smaller}"
        if letter and number.is_integer():
            return f"P{int(number)}{letter[0]}"
        if letter:
            found, expected = describe(number), "a whole number of years or months"
            do = f"write {expected}, or take a smaller unit"
        elif unit is None:
            key, found, expected = "unit", "no such key", "a unit such as d or h"
            do = "add 'unit: d'"
        else:
            near = close_to(unit, [word for word in _LETTERS if word not in _SHORTEST])
            key, found, expected = "unit", describe(unit), "a unit of time"
            words = ", ".join(_SHORTEST)
            do = f"did you mean '{near}'?" if near else f"use one of: {words}"
    judge.report((*path, key), found, expected, do)
    return None
