"""Files and DuckDB files as tables of an embedded engine, which writes neither.

Everything is asked through Ibis and comes back as Arrow. No table is created and no
extension is fetched.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from readybook.measure.sources.engine import (
    EXPRESSION_ERRORS,
    Engine,
    MemoryLimitError,
    TimeLimit,
    UnreachedError,
    without,
)
from readybook.measure.sources.files import Located
from readybook.model.contract import Table
from readybook.model.errors import SourceError

__all__ = [
    "DuckdbEngine",
    "FileEngine",
    "engine_name",
    "rows",
]

_MOST_THREADS = 4
_LARGE_TEXT = 8 * 2**20  # bytes of CSV; beyond, it is turned into Parquet once


def engine_name() -> str:
    """Return the embedded engine and its version: `duckdb 1.5.6`."""
    return f"duckdb {duckdb.__version__}"


class _Embedded(Engine):
    """DuckDB in this process; data beyond its memory is spilled to a folder."""

    name = engine_name()
    errors = (duckdb.Error, *EXPRESSION_ERRORS)

    def __init__(
        self, limit: TimeLimit, memory: str, spill: Path, file: Path | None = None
    ) -> None:
        """Open a database: in memory, or a file, which is only read.

        Args:
            limit: of time.
            memory: what the engine may hold, "512MB".
            spill: a folder for what is more.
            file: a database that exists.
        """
        super().__init__(limit)
        self.spill = spill
        self.backend = ibis.duckdb.connect(
            ":memory:" if file is None else file,
            read_only=file is not None,
            threads=min(_MOST_THREADS, os.cpu_count() or 1),
            memory_limit=memory,
            temp_directory=str(spill),
            autoinstall_known_extensions=False,
        )
        # It would be drawn on standard output, between the lines of a report.
        self.backend.raw_sql("SET enable_progress_bar = false")

    def _interrupt(self) -> None:
        self.backend.con.interrupt()

    def _rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        return rows(expression)

    def _refusal(self, error: Exception, located: Located | None = None) -> SourceError:
        if isinstance(error, duckdb.OutOfMemoryException):
            return MemoryLimitError("it needs more memory than the engine may hold")
        return super()._refusal(error, located)

    def _close(self) -> None:
        self.backend.disconnect()


class FileEngine(_Embedded):
    """CSV and Parquet files of the assessment's folder."""

    def _open(self, table: Table, located: Located) -> ir.Table:
        if not sum(file.stat().st_size for file in located.files):
            msg = f"{located.shown} is empty (0 bytes)"
            raise SourceError(msg)
        if located.format == "csv":
            source = _read_csv(self.backend, table, located)
            return self._packed(source, table) if _is_large(located) else source
        source = self.backend.read_parquet(
            _paths(located), hive_partitioning=bool(located.partitions)
        )
        return _without_outer(source, located)

    def _packed(self, source: ir.Table, table: Table) -> ir.Table:
        """Return rows of text as a Parquet file of the run's own, removed at its end.

        Each question would read the text again from its beginning, which takes most of
        the time.
        """
        mark = hashlib.sha256(table.name.encode()).hexdigest()
        packed = self.spill / f"{mark}.parquet"
        self.backend.to_parquet(source, packed)
        return self.backend.read_parquet([_escaped(packed)])

    def _refusal(self, error: Exception, located: Located | None = None) -> SourceError:
        if located is None or isinstance(error, duckdb.OutOfMemoryException):
            return super()._refusal(error)
        why = _reason(error) or f"the engine refused it as {located.format}"
        return SourceError(f"{located.shown} cannot be read: {why}")


class DuckdbEngine(_Embedded):
    """The tables of one DuckDB file."""

    def __init__(
        self, limit: TimeLimit, memory: str, spill: Path, located: Located
    ) -> None:
        """Open the file to read it only.

        Raises:
            UnreachedError: another program is writing it.
            SourceError: it is no DuckDB database, or a newer one.
        """
        server = located.server
        self._schema = (server.schema_name if server else None) or "main"
        try:
            super().__init__(limit, memory, spill, located.files[0])
        except duckdb.Error as error:
            raise _closed(error, located.files[0].name) from None
        # A view of the file may name other files of the machine; it must not read them.
        self.backend.raw_sql("SET enable_external_access = false")

    def _open(self, table: Table, located: Located) -> ir.Table:  # noqa: ARG002
        return self.backend.table(table.location, database=(None, self._schema))


def _closed(error: duckdb.Error, file: str) -> SourceError:
    text = str(error)
    if "lock" in text or "different configuration" in text:
        return UnreachedError(f"{file} cannot be read: another program has it open")
    why = "it is not a DuckDB database that this version can read"
    return SourceError(f"{file} cannot be read: {why}")


def rows(expression: ir.Table) -> list[dict[str, Any]]:
    """Return the rows of a small result.

    Arrow on the way: the engine's other ways warn under pandas 3.
    """
    return list(expression.to_pyarrow().to_pylist())


# --- reading files -------------------------------------------------------------------


def _is_large(located: Located) -> bool:
    return sum(file.stat().st_size for file in located.files) > _LARGE_TEXT


def _paths(located: Located) -> list[str]:
    return [_escaped(file) for file in located.files]


def _escaped(file: Path) -> str:
    # The engine reads every path as a pattern, so a folder named "a [b]" would not be
    # found; a character in brackets stands for itself.
    return re.sub(r"([\[*?])", r"[\1]", str(file))


def _read_csv(engine: Backend, table: Table, located: Located) -> ir.Table:
    """Read CSV so that each column loses its own null tokens and no others.

    The engine has one list of null tokens for a whole file. So the file is read
    without any; a column that its tokens made a text gets the type which it has when
    they are left out. Dates of such a column are read where they are ISO 8601.
    """
    source = _scan(engine, located, frozenset())
    wanted = {
        column.name: frozenset(column.null_tokens)
        for column in table.columns
        if column.null_tokens and column.name in source.columns
    }
    schemas = {
        tokens: _scan(engine, located, tokens).schema()
        for tokens in set(wanted.values())
    }
    changed = {}
    for name, tokens in wanted.items():
        value, meant = source[name], schemas[tokens][name]
        if value.type().is_string() and not meant.is_string():
            changed[name] = without(value, tokens).cast(meant)
    return source.mutate(**changed) if changed else source


def _scan(engine: Backend, located: Located, tokens: frozenset[str]) -> ir.Table:
    # The whole file decides on a type: a sample would let a later row fail.
    source = engine.read_csv(
        _paths(located),
        header=True,
        sample_size=-1,
        hive_partitioning=bool(located.partitions),
        nullstr=["", *sorted(tokens - {""})],
    )
    return _without_outer(source, located)


def _without_outer(source: ir.Table, located: Located) -> ir.Table:
    """Return a source without columns that only folders above the data's name.

    The engine takes every "name=value" on a file's whole path for a column.
    """
    if not located.partitions:
        return source
    above = {
        part.partition("=")[0] for part in located.files[0].parts if "=" in part
    } - set(located.partitions)
    return source.drop(*(name for name in source.columns if name in above))


def _reason(error: Exception) -> str | None:
    """Return why files cannot be read, None where that is not known, without the engine's text.

    That text holds the full path and, for CSV, a line of the data.
    """
    text = str(error)
    known = {
        "not utf-8 encoded": "it is not UTF-8 text",
        "No magic bytes": "it is not a Parquet file",
        "not a GZIP stream": "it is not a gzip file",
        "too small to be a Parquet": "it is not a Parquet file",
    }
    why = next((words for sign, words in known.items() if sign in text), None)
    line = re.search(r"CSV Error on Line: (\d+)", text)
    if line:
        why = f"{why or 'its lines do not fit one table'}, line {int(line[1]):,}"
    return why
