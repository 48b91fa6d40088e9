"""The engines of one run of measuring: one for each declared server, when needed.

How a table is measured:

    with open_engines() as engines:
        located = locate(table, model, folder)      # where it lies, and a fingerprint
        with engines.limit.counted():               # one time limit for the table
            source = engines.open(table, located)   # never raises; see `Source`
            source.ask(source.table.aggregate(...)) # a list of dicts

`Source.failed` says why a table could not be opened; `Source.found` is False where it is
out of reach (no driver, no credentials, no connection, no such table, no permission, the
time limit), so that nothing is contradicted. `ask` raises SourceError, and UnreachedError
for what is out of reach; no reason quotes a path, host, user, password or data. Files and
DuckDB files have the fingerprint of their bytes. A database table has none before it is
profiled: `fingerprint_of` makes one of its schema and aggregates, and it is always
scanned again. Tables of two engines cannot be joined.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from readybook.measure.sources.embedded import DuckdbEngine, FileEngine, engine_name
from readybook.measure.sources.engine import (
    LIMITS,
    Engine,
    Limits,
    TimeLimit,
    UnreachedError,
    type_text,
)
from readybook.measure.sources.files import DATABASES, Located, combine
from readybook.measure.sources.servers import (
    PostgresEngine,
    SparkEngine,
    WarehouseEngine,
)
from readybook.model.contract import Server, Table
from readybook.model.errors import SourceError
from readybook.model.findings import NOTHING

__all__ = [
    "TESTED",
    "Engines",
    "Source",
    "expected_name",
    "fingerprint_of",
    "open_engines",
]

#: Types of a server that the project's own tests measure; others say "not tested".
TESTED = frozenset({"duckdb", "local", "postgres", "postgresql", "spark"})


@dataclass(frozen=True)
class Source:
    """A table that was opened, or why not."""

    located: Located  #: which of the places was opened, or the first one
    table: ir.Table | None = None
    engine: Engine | None = None  #: None: it was not even reached
    failed: str | None = None  #: why it is not open, in words
    found: bool = True  #: False: out of reach, so nothing is contradicted

    def ask(self, expression: ir.Table) -> list[dict[str, Any]]:
        """Return the rows of a small result, see `Engine.ask`.

        Raises:
            SourceError: the table is not open, or the engine refused.
        """
        if self.engine is None:
            raise SourceError(self.failed)
        return self.engine.ask(expression)

    @property
    def columns(self) -> dict[str, str]:
        """Return name and type of each column, as evidence keeps them."""
        schema = self.table.schema().items() if self.table is not None else ()
        return {name: type_text(kind) for name, kind in schema}


class Engines:
    """Engines that were needed so far, and the limits that hold for each source."""

    def __init__(self, spill: Path, limits: Limits) -> None:
        """Keep the limits, and a folder for what is too much for the memory."""
        self.limit = TimeLimit(limits.seconds)
        self._spill = spill
        self._memory = limits.memory
        self._engines: dict[Server | None, Engine | SourceError] = {}

    def open(self, table: Table, located: Located) -> Source:
        """Return a declared table, opened at the first of its places that can be."""
        first = None
        for place in (located, *located.others):
            source = self._open(table, place)
            if source.table is not None or source.found:
                return source
            first = first or source
        return first or Source(located)

    def engine(self, located: Located) -> Engine:
        """Return the engine of a place, started when it is needed first.

        Raises:
            SourceError: it cannot be started; the same one when asked again.
        """
        server = located.server
        key = None if server is None or server.type == "local" else server
        if key not in self._engines:
            try:
                self._engines[key] = self._start(located)
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

    def _open(self, table: Table, located: Located) -> Source:
        if located.failed is not None:
            return Source(located, failed=located.failed, found=located.found)
        engine = None
        try:
            engine = self.engine(located)
            return Source(located, engine.open(table, located), engine)
        except SourceError as error:
            found = not isinstance(error, UnreachedError)
            return Source(located, None, engine, str(error), found)

    def _start(self, located: Located) -> Engine:
        server = located.server
        if server is None or server.type == "local":
            return FileEngine(self.limit, self._memory, self._spill)
        if server.type == "duckdb":
            return DuckdbEngine(self.limit, self._memory, self._spill, located)
        if server.type in {"postgres", "postgresql"}:
            return PostgresEngine(self.limit, server)
        if server.type in {"databricks", "spark"}:
            return SparkEngine(self.limit, server)
        return WarehouseEngine(self.limit, server)


@contextmanager
def open_engines(limits: Limits = LIMITS) -> Iterator[Engines]:
    """Yield the engines of a run; all connections are ended at the end."""
    with tempfile.TemporaryDirectory(prefix="readybook-") as spill:
        engines = Engines(Path(spill), limits)
        try:
            yield engines
        finally:
            engines.close()


def expected_name(located: Located) -> str:
    """Return an engine's text for evidence before, or without, its being started."""
    server = located.server
    if server is None or server.type not in DATABASES:
        return engine_name()
    return server.type if server.type in TESTED else f"{server.type} (not tested)"


# --- fingerprints --------------------------------------------------------------------


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
    return combine([json.dumps(content, ensure_ascii=False)])


def _jsonable(value: Any) -> Any:  # noqa: ANN401 - of any shape
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {one.name: _jsonable(getattr(value, one.name)) for one in fields}
    if isinstance(value, Mapping):
        items = sorted((str(key), item) for key, item in value.items())
        return {key: _jsonable(item) for key, item in items}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    is_simple = value is None or isinstance(value, str | int)
    return value if is_simple else str(value)
