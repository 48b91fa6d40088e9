"""The engines of one run of measuring: one for each declared server, when needed.

How a table is measured:

    with open_engines() as engines:
        located = locate(table, model, folder)      # where it lies, and a fingerprint
        with engines.limit.counted():               # one time limit for the table
            source = engines.open(table, located)
            source.ask(source.table.aggregate(...)) # a list of dicts

`open` and `ask` raise SourceError, and UnreachedError for what is out of reach (no
driver, no credentials, no connection, no such table, no permission, the time limit), so
that nothing is contradicted; no reason quotes a path, host, user, password or data. Files
and DuckDB files have the fingerprint of their bytes. A database table has none before it
is profiled: `fingerprint_of` makes one of its schema and aggregates, and it is always
scanned again. Tables of two engines cannot be joined.
"""

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from readybook.measure.sources import credentials
from readybook.measure.sources.engine import (
    LIMITS,
    Engine,
    Limits,
    Reading,
    Run,
    TimeLimit,
    type_text,
)
from readybook.measure.sources.files import DuckdbEngine, FileEngine
from readybook.measure.sources.mysql import MysqlEngine
from readybook.measure.sources.places import (
    Located,
    UnreachedError,
    combine,
    locate_on,
    told,
)
from readybook.measure.sources.servers import (
    WAREHOUSES,
    PostgresEngine,
    SparkEngine,
    WarehouseEngine,
)
from readybook.measure.sources.spill import spill_folder
from readybook.measure.sources.storage import StorageEngine
from readybook.model.contract import DataModel, Server, Table
from readybook.model.errors import SourceError
from readybook.model.findings import NOTHING


@dataclass(frozen=True)
class Source:
    """A table that was opened."""

    located: Located  #: at which of its places
    table: ir.Table
    engine: Engine
    reading: Reading = field(default_factory=Reading)  #: what was met in reading it

    def ask(self, expression: ir.Table) -> list[dict[str, Any]]:
        """Return the rows of a small result, see `Engine.ask`."""
        return self.engine.ask(expression)

    @property
    def columns(self) -> dict[str, str]:
        """Return name and type of each column, as evidence keeps them."""
        return {name: type_text(kind) for name, kind in self.table.schema().items()}


class Engines:
    """Engines that were needed so far, and the limits that hold for each source."""

    def __init__(self, spill: Path, limits: Limits, allowed: frozenset[str]) -> None:
        """Keep the limits, and a folder for what is too much for the memory.

        What is allowed are permissions to send variables, see `credentials`.
        """
        self.limit = TimeLimit(limits.seconds)
        self.run = Run(self.limit, spill, limits.memory, allowed)
        self._engines: dict[Server | None, Engine | SourceError] = {}

    def open(self, table: Table, located: Located) -> Source:
        """Return a declared table, opened at the first of its places that can be.

        Raises:
            UnreachedError: none is within reach, and why each is not.
            SourceError: one is, and is not what was declared.
        """
        unreached = list[tuple[Server | None, object]]()
        for place in (located, *located.others):
            try:
                if place.failed is not None:
                    raise UnreachedError(place.failed)  # noqa: TRY301 - like the engine's
                engine = self.engine(place)
                opened = engine.open(table, place)
                reading = engine.readings.get(table.name, Reading())
                return Source(place, opened, engine, reading)
            except UnreachedError as error:
                unreached.append((place.server, error))
        raise UnreachedError(told(unreached))

    def name(self, located: Located) -> str:
        """Return the engine of a place and its version, as far as it was reached."""
        try:
            return self.engine(located).name
        except SourceError:
            return expected_name(located)

    def engine(self, located: Located) -> Engine:
        """Return the engine of a place, started when it is needed first.

        Raises:
            SourceError: it cannot be started; the same one when asked again.
        """
        server = located.server
        key = None if server is None or server.type == "local" else server
        if key not in self._engines:
            kind = ENGINES[server.type if server else "local"]
            try:
                self._engines[key] = kind.start(self.run, located)
            except SourceError as error:
                self._engines[key] = error
        engine = self._engines[key]
        if isinstance(engine, SourceError):
            raise engine
        return engine

    def close(self) -> None:
        """End all connections."""
        for engine in self._engines.values():
            if isinstance(engine, Engine):
                engine.close()
        self._engines.clear()


@contextlib.contextmanager
def open_engines(
    limits: Limits = LIMITS, allowed: frozenset[str] = frozenset()
) -> Iterator[Engines]:
    """Yield the engines of a run; all connections are ended at the end."""
    with spill_folder() as spill:
        engines = Engines(spill, limits, allowed)
        try:
            yield engines
        finally:
            engines.close()


@dataclass(frozen=True)
class Kind:
    """How the tables of one type of server are asked."""

    start: Callable[[Run, Located], Engine]
    name: str = ""  #: with its version, where that is known before it is started
    is_tested: bool = False  #: the project's own tests measure with it


#: By the type of a server, as the contract names it.
ENGINES: Mapping[str, Kind] = {
    "local": Kind(FileEngine, name=FileEngine.name),
    "duckdb": Kind(DuckdbEngine, name=DuckdbEngine.name),
    "s3": Kind(StorageEngine, is_tested=True),
    "azure": Kind(StorageEngine),
    "custom": Kind(StorageEngine),
    "databricks": Kind(SparkEngine),
    "mysql": Kind(MysqlEngine, is_tested=True),
    "postgres": Kind(PostgresEngine, is_tested=True),
    "postgresql": Kind(PostgresEngine, is_tested=True),
    "spark": Kind(SparkEngine, is_tested=True),
    **dict.fromkeys(WAREHOUSES, Kind(WarehouseEngine)),
}


def expected_name(located: Located) -> str:
    """Return an engine's text for evidence before, or without, its being started."""
    kind = located.server.type if located.server else "local"
    known = ENGINES[kind]
    return known.name or (kind if known.is_tested else f"{kind} (not tested)")


def wanted_permissions(model: DataModel, folder: Path) -> dict[str, str]:
    """Return the permissions that measuring needs, and the server that needs each.

    A server after the files of every table is never called, unless these are a file of
    several tables, which may lack one.
    """
    found: dict[str, str] = {}
    for table in model.tables:
        for server in model.servers:
            with contextlib.suppress(SourceError):
                if locate_on(server, table, model, folder).is_sure:
                    break
                wanted = credentials.wanted_permissions(server)
                found |= dict.fromkeys(wanted, server.server)
    return found


def fingerprint_of(
    columns: Mapping[str, str], rows: int | None, aggregates: object
) -> str:
    """Return a fingerprint of a table that has no bytes to hash.

    Equal content gives equal fingerprints; a change that leaves the schema, the number
    of rows and every aggregate as they were is not seen.

    Args:
        columns: name to type, as the engine has them.
        rows: how many; None where that is not known, which has no fingerprint.
        aggregates: what was measured of it: dataclasses, mappings, sequences, numbers,
            texts, dates. Sums of floats are taken to 9 digits, because an engine adds
            in no fixed order.
    """
    if rows is None:
        return NOTHING
    content = [sorted(columns.items()), rows, _jsonable(aggregates)]
    return combine([json.dumps(content, ensure_ascii=False, sort_keys=True)])


def _jsonable(value: Any) -> Any:  # noqa: ANN401 - of any shape
    if dataclasses.is_dataclass(value):
        return _jsonable(vars(value))
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, float):
        return f"{value:.9g}"
    return value if value is None or isinstance(value, str | int) else str(value)
