"""Open files as tables of an embedded engine; the only module that talks to it.

Everything is asked through Ibis and comes back as Arrow. No table is created and no
extension is fetched.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend
from ibis.common.exceptions import IbisError

from readybook.contract import Table
from readybook.errors import SourceError
from readybook.measure.files import Located

__all__ = ["ENGINE_ERRORS", "engine_name", "open_engine", "open_table", "rows", "zone"]

#: What the engine raises for what it was given, as opposed to a mistake here.
ENGINE_ERRORS = (duckdb.Error, IbisError, ValueError, OverflowError)

#: Larger data is spilled to a temporary folder instead of filling the machine.
_MEMORY_LIMIT = "512MB"
_MOST_THREADS = 4


def engine_name() -> str:
    """Return the engine and its version: `duckdb 1.5.6`."""
    return f"duckdb {duckdb.__version__}"


@contextmanager
def open_engine() -> Iterator[Backend]:
    """Yield an engine in memory, which is closed at the end."""
    with tempfile.TemporaryDirectory(prefix="readybook-") as spill:
        engine = ibis.duckdb.connect(
            threads=min(_MOST_THREADS, os.cpu_count() or 1),
            memory_limit=_MEMORY_LIMIT,
            temp_directory=spill,
            autoinstall_known_extensions=False,
        )
        # It would be drawn on standard output, between the lines of a report.
        engine.raw_sql("SET enable_progress_bar = false")
        try:
            yield engine
        finally:
            engine.disconnect()


def open_table(engine: Backend, table: Table, located: Located) -> ir.Table:
    """Return the files of a declared table as one table, null tokens applied.

    Raises:
        SourceError: the files cannot be read; the reason names no path of the machine
            and quotes no data.
    """
    if not sum(file.stat().st_size for file in located.files):
        msg = f"{located.shown} is empty (0 bytes)"
        raise SourceError(msg)
    try:
        if located.format == "parquet":
            source = engine.read_parquet(_paths(located), hive_partitioning=False)
        else:
            source = _read_csv(engine, table, located)
        return _with_nulls(source, table)
    except ENGINE_ERRORS as error:
        raise SourceError(_reason(error, located)) from None


def rows(expression: ir.Table) -> list[dict[str, Any]]:
    """Return the rows of a small result.

    Arrow on the way: the engine's other ways warn under pandas 3.
    """
    return list(expression.to_pyarrow().to_pylist())


def zone(engine: Backend, name: str) -> None:
    """Set the time zone in which the engine turns instants into days and hours.

    Raises:
        SourceError: the engine does not know the zone.
    """
    quoted = name.replace("'", "''")
    try:
        engine.raw_sql(f"SET TimeZone = '{quoted}'")
    except duckdb.Error:
        msg = f"the time zone {name} is not known"
        raise SourceError(msg) from None


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
            changed[name] = _without(value, tokens).cast(meant)
    return source.mutate(**changed) if changed else source


def _scan(engine: Backend, located: Located, tokens: frozenset[str]) -> ir.Table:
    # The whole file decides on a type: a sample would let a later row fail.
    return engine.read_csv(
        _paths(located),
        header=True,
        sample_size=-1,
        hive_partitioning=False,
        nullstr=["", *sorted(tokens - {""})],
    )


def _without(value: ir.Value, tokens: Iterable[str]) -> ir.Value:
    for token in sorted(tokens):
        value = value.nullif(token)
    return value


def _with_nulls(source: ir.Table, table: Table) -> ir.Table:
    changed = {
        column.name: _without(source[column.name], column.null_tokens)
        for column in table.columns
        if column.null_tokens
        and column.name in source.columns
        and source[column.name].type().is_string()
    }
    return source.mutate(**changed) if changed else source


def _reason(error: Exception, located: Located) -> str:
    """Return why a file cannot be read, without the engine's text.

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
    why = why or f"the engine refused it as {located.format}"
    return f"{located.shown} cannot be read: {why}"
