"""Files of the assessment's folder: how they open.

CSV, Parquet and DuckDB files become tables of an embedded engine, which writes none of
them. Everything is asked through Ibis and comes back as Arrow. No table is created and
no extension is fetched.
"""

import gzip
import hashlib
import itertools
import os
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import ibis
import ibis.expr.types as ir
from pyarrow.parquet import ParquetFile

from readybook.measure.sources.copies.cells import pack_excel, pack_json, pack_sqlite
from readybook.measure.sources.copies.delimited import pack_text, retyped
from readybook.measure.sources.copies.lake import pack_log
from readybook.measure.sources.copies.manifest import pack_files
from readybook.measure.sources.engine import (
    EXPRESSION_ERRORS,
    Copy,
    Engine,
    MemoryLimitError,
    Part,
    Reading,
    Run,
    escaped,
    is_full,
    library,
    no_room,
    partly,
)
from readybook.measure.sources.places import (
    Format,
    Located,
    UnreachedError,
    format_of,
    is_data,
)
from readybook.model.contract import Table
from readybook.model.errors import SourceError
from readybook.model.words import as_list
from readybook.text.yaml import NOT_UTF8

_MOST_THREADS = 4
_SMALL = 2**20  #: bytes that one thread reads as fast as several
_BLOCK = 2**20  #: bytes at a time


class _Embedded(Engine):
    """DuckDB in this process; data beyond its memory is spilled to a folder."""

    name = f"duckdb {duckdb.__version__}"
    errors: tuple[type[Exception], ...] = (duckdb.Error, *EXPRESSION_ERRORS)

    def __init__(self, run: Run, located: Located, file: Path | None = None) -> None:
        """Open a database: in memory, or a file that exists, which is only read."""
        super().__init__(run, located)
        self.backend = ibis.duckdb.connect(
            ":memory:" if file is None else file.absolute(),  # md:x is a service
            read_only=file is not None,
            threads=1,
            memory_limit=run.memory,
            temp_directory=str(run.spill),
            autoinstall_known_extensions=False,
            allow_persistent_secrets=False,  # the person's, such as of object storage
        )
        # It would be drawn on standard output, between the lines of a report.
        self.backend.raw_sql("SET enable_progress_bar = false")

    def _reads(self, size: int) -> None:
        """Use several threads from now on if so many bytes are worth them."""
        if size > _SMALL:
            threads = min(_MOST_THREADS, os.cpu_count() or 1)
            self.backend.raw_sql(f"SET threads = {threads}")

    def _interrupt(self) -> None:
        self.backend.con.interrupt()

    def _rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        return rows(expression)

    def _refusal(self, error: Exception, located: Located | None = None) -> SourceError:
        if isinstance(error, duckdb.OutOfMemoryException):
            why = f"it needs more memory than {self.run.memory} (raise --memory-limit)"
            return MemoryLimitError(why)
        return no_room() if is_full(error) else super()._refusal(error, located)


#: What the engine does not read itself, or not as declared: it becomes a Parquet file.
_PACKED: Mapping[Format, Callable[[Copy], Reading]] = {
    "csv": pack_text,
    "delta": pack_log,
    "excel": pack_excel,
    "iceberg": pack_log,
    "json": pack_json,
    "sqlite": pack_sqlite,
}


def _unzipped(located: Located, spill: Path, is_over: Callable[[], bool]) -> Located:
    """Return a place whose zip archives are unpacked into a folder of the run's own.

    Raises:
        UnreachedError: there is no room for what they hold.
        SourceError: one cannot be read, or holds no file of the format.
    """
    if not any(file.suffix.lower() == ".zip" for file in located.files):
        return located
    home = Path(tempfile.mkdtemp(dir=spill))
    files: list[Path] = []
    for at, file in enumerate(located.files):
        if file.suffix.lower() != ".zip":
            files.append(file)
            continue
        what = f"{located.shown} cannot be read: it is not a zip file without password"
        with library(f"{what}, or it is damaged"), ZipFile(file) as archive:
            found = [one for one in archive.infolist() if is_data(one.filename)]
            check_room(sum(one.file_size for one in found), spill)
            right = [
                one for one in found if located.format == format_of(Path(one.filename))
            ]
            # `extract` keeps each below the folder, whatever it is called. Once nobody
            # waits, the folder is removed: what came later would be in the way.
            members = right or found[: len(found) == 1]
            wanted = itertools.takewhile(lambda _: not is_over(), members)
            files += [Path(archive.extract(one, home / str(at))) for one in wanted]
    if not files:
        msg = f"{located.shown} holds no file of the format {located.format}"
        raise SourceError(msg)
    return replace(located, files=tuple(files))


def _check_whole(located: Located, is_over: Callable[[], bool]) -> None:
    """Raise SourceError where a gzip file is cut: its engine takes it for a whole one."""
    for file in located.files if located.root is None else ():
        if file.suffix.lower() == ".gz":
            why = "it is not a gzip file, or it is cut or damaged"
            what = f"{located.shown} cannot be read in full: {why}"
            with library(what), gzip.open(file) as stream:
                while stream.read(_BLOCK) and not is_over():
                    pass


def check_room(size: int, folder: Path) -> None:
    """Raise UnreachedError where a folder has no room for so many bytes."""
    if size > shutil.disk_usage(folder).free:
        msg = f"it needs {size / 1e9:,.1f} GB of temporary files (set TMPDIR to a larger disk)"
        raise UnreachedError(msg)


class FileEngine(_Embedded):
    """Files of the assessment's folder."""

    def _open(self, table: Table, located: Located) -> ir.Table:
        if located.format == "files":
            return self._copied(table, located, pack_files)
        size = sum(file.stat().st_size for file in located.files)
        if not size:
            msg = f"{located.shown} is empty (0 bytes)"
            raise SourceError(msg)
        self._reads(size)
        located = _unzipped(located, self.run.spill, self.stopped.is_set)
        _check_whole(located, self.stopped.is_set)
        if located.format == "parquet":
            return self._scan(table, located)
        # Each question would read the text again from its beginning: its rows become a
        # file of the run's own, removed at its end.
        return self._copied(table, located, _PACKED[located.format])

    def _copied(
        self, table: Table, located: Located, pack: Callable[[Copy], Reading]
    ) -> ir.Table:
        is_over = self.stopped.is_set
        copy = Copy(self.backend.con, table, located, self.packed(table), is_over)
        self.readings[table.name] = pack(copy)
        return self._rows_packed(table)

    def _rows_packed(self, table: Table) -> ir.Table:
        packed = self.packed(table)
        self._reads(packed.stat().st_size)
        return self.backend.read_parquet([escaped(packed)])

    def packed(self, table: Table) -> Path:
        """Return the run's own file for the rows of a table."""
        mark = hashlib.sha256(table.name.encode()).hexdigest()
        return self.run.spill / f"{mark}.parquet"

    def reread(self, table: Table) -> ir.Table:
        """Return a table of texts that is open, some columns now as it declares them."""
        source = f"read_parquet('{escaped(self.packed(table))}')".replace("\\", "/")
        con = self.backend.con
        held = con.execute(f"DESCRIBE FROM {source}").fetchall()
        query = retyped(table.columns, {row[0] for row in held}, source)
        con.execute(f"CREATE OR REPLACE TEMP VIEW reread AS {query}")
        return self.backend.table("reread", database=("temp", "main"))

    def _scan(self, table: Table, located: Located) -> ir.Table:
        paths = [escaped(file) for file in located.files]
        has_partitions = bool(located.partitions)
        source = self.backend.read_parquet(
            paths, hive_partitioning=has_partitions, union_by_name=len(paths) > 1
        )
        # The engine takes every "name=value" on a file's whole path for a column, also
        # those of folders above the data's.
        parts = located.files[0].parts if has_partitions else ()
        outer = {part.partition("=")[0] for part in parts if "=" in part}
        outer -= set(located.partitions)
        if len(paths) > 1:
            self.readings[table.name] = _compare_files(located)
        return source.drop(*(name for name in source.columns if name in outer))

    def _refusal(self, error: Exception, located: Located | None = None) -> SourceError:
        is_ours = isinstance(error, duckdb.OutOfMemoryException) or is_full(error)
        if located is None or is_ours:
            return super()._refusal(error)
        why = _reason(error) or f"the engine refused it as {located.format}"
        return SourceError(f"{located.shown} cannot be read: {why}")


class DuckdbEngine(_Embedded):
    """The tables of one DuckDB file."""

    def __init__(self, run: Run, located: Located) -> None:
        """Open the file to read it only.

        Raises:
            UnreachedError: another program is writing it.
            SourceError: it is no DuckDB database, or a newer one.
        """
        try:
            super().__init__(run, located, located.files[0])
        except duckdb.Error as error:
            file, text = located.files[0].name, str(error)
            if "lock" in text or "different configuration" in text:
                msg = f"{file} cannot be read: another program has it open"
                raise UnreachedError(msg) from None
            msg = (
                f"{file} cannot be read: it is not a DuckDB database that this version "
                "can read"
            )
            raise SourceError(msg) from None
        self._reads(located.files[0].stat().st_size)
        # A view of the file may name other files of the machine; it must not read them.
        self.backend.raw_sql("SET enable_external_access = false")

    def _open(self, table: Table, located: Located) -> ir.Table:  # noqa: ARG002
        schema = self.server.schema_name or "main"
        return self.backend.table(table.location, database=(None, schema))


def rows(expression: ir.Table) -> list[dict[str, Any]]:
    """Return the rows of a small result.

    Arrow on the way: the engine's other ways warn under pandas 3.
    """
    return list(expression.to_pyarrow().to_pylist())


def _compare_files(located: Located) -> Reading:
    """Return what some of several Parquet files lack, or have as another type."""
    parts: list[Part] = []
    kinds: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for file in located.files:
        what = f"{located.shown} cannot be read: it is not a Parquet file"
        with library(what), ParquetFile(file) as one:
            schema, rows = one.schema_arrow, one.metadata.num_rows
        parts.append(Part(schema.names, 1, rows))
        for column in schema:
            kinds[column.name][str(column.type)] += 1
    notes = [
        f"{name} is {as_list([f'{kind} in {n:,}' for kind, n in counts.items()])} files"
        for name, counts in kinds.items()
        if len(counts) > 1
    ]
    return Reading(notes=tuple(notes), partly=partly(parts))


#: Signs in the engine's text at reading files, and what they mean.
_REASONS = {
    "not utf-8 encoded": f"it has {NOT_UTF8}",
    "No magic bytes": "it is not a Parquet file",
    "not a GZIP stream": "it is not a gzip file",
    "too small to be a Parquet": "it is not a Parquet file",
}


def _reason(error: Exception) -> str | None:
    """Return why files cannot be read in our own words, None where that is not known.

    The engine's text holds the full path and, for CSV, a line of the data.
    """
    text = str(error)
    why = next((words for sign, words in _REASONS.items() if sign in text), None)
    line = re.search(r"CSV Error on Line: (\d+)", text)
    if line:
        why = f"{why or 'its lines do not fit one table'}, line {int(line[1]):,}"
    return why
