"""Files of the assessment's folder: which hold a table, what marks them, how they open.

CSV, Parquet and DuckDB files become tables of an embedded engine, which writes none of
them. Everything is asked through Ibis and comes back as Arrow. No table is created and
no extension is fetched.
"""

import hashlib
import os
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path, PurePosixPath
from typing import Any
from zipfile import BadZipFile, ZipFile

import duckdb
import ibis
import ibis.expr.types as ir
from pyarrow.parquet import ParquetFile

from readybook.measure.sources.cells import pack_excel, pack_json, pack_sqlite
from readybook.measure.sources.delimited import pack_text
from readybook.measure.sources.engine import (
    EXPRESSION_ERRORS,
    Engine,
    Format,
    Located,
    MemoryLimitError,
    Part,
    Reading,
    TimeLimit,
    UnreachedError,
    escaped,
    partly,
)
from readybook.measure.sources.lake import pack_log
from readybook.model.contract import DataModel, Server, Table
from readybook.model.errors import SourceError, reason_of
from readybook.model.words import as_list
from readybook.text.documents import below

#: By the end of a file's name, and by what a contract calls it.
_FORMATS: dict[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet",
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".xlsx": "excel",
    ".excel": "excel", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite",
    ".delta": "delta", ".iceberg": "iceberg",
}  # fmt: skip
#: Formats of files that hold tables by their names.
_SEVERAL = {"excel", "sqlite"}
_MOST_THREADS = 4


# --- where a table lies --------------------------------------------------------------


def format_of(file: Path) -> Format | None:
    """Return the format that a file's name tells, packed or not; None where none."""
    name = file.name.lower()
    for packing in (".gz", ".zip"):
        name = name.removesuffix(packing)
    return _FORMATS.get(PurePosixPath(name).suffix)


def files_on(server: Server, table: Table, model: DataModel, folder: Path) -> Located:
    """Return the files of a server's path that hold a table.

    Raises:
        SourceError: there are none inside of the folder that can be read.
    """
    pattern = _inside(server, pattern_of(server, table, model))
    return files_below(server, table, pattern, folder)


def pattern_of(server: Server, table: Table, model: DataModel) -> str:
    """Return the path of a server for a table.

    Raises:
        SourceError: there is none, or it does not say which table is meant.
    """
    if server.path is None:
        msg = f"the server {server.server} has no path"
        raise SourceError(msg)
    form = _declared(server) or format_of(Path(server.path))
    if "{model}" not in server.path and len(model.tables) > 1 and form not in _SEVERAL:
        msg = (
            f"the path of server {server.server} has no {{model}}, so it does not say "
            "which table it holds"
        )
        raise SourceError(msg)
    return server.path.replace("{model}", table.location)


def _declared(server: Server) -> Format | None:
    return format_of(Path(f"a.{(server.format or '').strip()}"))


def files_below(server: Server, table: Table, pattern: str, folder: Path) -> Located:
    """Return the files below a folder that a pattern names; raises as `files_on`."""
    declared = _declared(server)
    # A file may be called "a [b].csv", which as a pattern would not find itself.
    itself = folder / pattern
    parts = PurePosixPath(pattern).parts
    found = [itself] if itself.exists() else sorted(reduce(below, parts, {folder}))
    if declared in _LOGS:
        return _folder_with_log(server, found, declared, pattern, folder)
    files = sorted({path for path in found if path.is_file()}) or sorted(
        {file for path in found for file in _within(path, declared)}
    )
    _check_found(files, pattern, folder)
    _check_plain(found, pattern, folder)
    suffixes = {format_of(file) for file in files}
    form = suffixes.pop() if len(suffixes) == 1 and not server.format else declared
    if form in _SEVERAL:
        located = _one_of_several(table, form, files, pattern)
        _check_found(located.files, pattern, folder)
        return replace(located, server=server)
    if form is None:
        known = server.format or "unknown"
        names = ", ".join(sorted(set(_FORMATS.values())))
        msg = f"{pattern} has the format {known}; {names} can be read"
        raise SourceError(msg)
    # Folders may name columns: `year` of `year=2013/part-0.parquet`.
    folders = {part for file in files for part in file.relative_to(folder).parts[:-1]}
    return Located(
        files=tuple(files),
        format=form,
        shown=pattern,
        server=server,
        partitions=tuple(sorted({p.partition("=")[0] for p in folders if "=" in p})),
    )


def database_file(
    server: Server, table: Table, _model: DataModel, folder: Path
) -> Located:
    """Return the file of an embedded database; raises as `files_on`."""
    name = server.database or server.path
    if name is None:
        msg = f"the server {server.server} names no database file"
        raise SourceError(msg)
    place = _inside(server, name)
    file = folder / place
    _check_found([file] if file.is_file() else [], place, folder)
    # What was written last may still lie in the log beside it.
    files = [file, file.with_name(f"{file.name}.wal")]
    return Located(
        files=tuple(path for path in files if path.is_file()),
        shown=f"{table.location} in {place}",
        server=server,
    )


def _inside(server: Server, pattern: str) -> str:
    """Return a path of a server without "./"; one that leaves the folder is refused."""
    path = PurePosixPath(pattern.replace("\\", "/"))
    has_drive = bool(path.parts) and path.parts[0].endswith(":")
    if "://" in pattern or path.is_absolute() or ".." in path.parts or has_drive:
        msg = f"the path of server {server.server} leaves the assessment's folder"
        raise SourceError(msg)
    return pattern.removeprefix("./")


def _within(folder: Path, form: Format | None) -> Iterator[Path]:
    """Yield a folder's data files; what their writers leave beside them is left out."""
    for path in folder.rglob("*"):
        is_shown = _is_data(path.relative_to(folder).as_posix())
        known = format_of(path)
        if path.is_file() and is_shown and known and form in {None, known}:
            yield path


def _one_of_several(
    table: Table, form: Format, files: Sequence[Path], pattern: str
) -> Located:
    """Return a table of the one file that holds it; raises as `files_on`."""
    if len(files) > 1:
        msg = f"{pattern} is several files, and a table lies in one"
        raise SourceError(msg)
    # What a database was told last may still lie beside it.
    beside = [
        files[0].with_name(f"{files[0].name}{end}") for end in ("-wal", "-journal")
    ]
    found = [*files, *(one for one in beside if one.is_file() and one.stat().st_size)]
    return Located(tuple(found), form, shown=f"{table.location} in {pattern}")


#: What marks a folder as a table of a format that keeps deleted rows' files.
_LOGS = {
    "delta": "_delta_log", "iceberg": "metadata/*.metadata.json", "hudi": ".hoodie",
}  # fmt: skip


def _folder_with_log(
    server: Server, found: Sequence[Path], form: Format, pattern: str, folder: Path
) -> Located:
    """Return the one folder that is a table of a format; raises as `files_on`."""
    roots = [path for path in found if next(path.glob(_LOGS[form]), None)]
    if len(roots) != 1:
        number = "several tables" if roots else "no table"
        msg = f"{pattern} is {number} of the format {form}"
        raise SourceError(msg)
    files = sorted(path for path in roots[0].rglob("*") if path.is_file())
    _check_found(files, pattern, folder)
    return Located(tuple(files), form, roots[0], pattern, server=server)


def _check_plain(found: Iterable[Path], pattern: str, folder: Path) -> None:
    around = {one for path in found for one in (path, *path.parents)}
    for place in sorted(one for one in around if one.is_relative_to(folder)):
        for name, mark in _LOGS.items():
            if next(place.glob(mark), None) is not None:
                do = f"; declare 'format: {name}'" if name in _FORMATS.values() else ""
                msg = (
                    f"{pattern} is a table of the format {name.capitalize()}; its files "
                    "also hold rows that were deleted, so they are not read as plain "
                    f"ones{do}"
                )
                raise SourceError(msg)


def _check_found(files: Sequence[Path], pattern: str, folder: Path) -> None:
    if not files:
        msg = f"there is no file {pattern} in the assessment's folder"
        raise SourceError(msg)
    home = folder.resolve()
    if not all(file.resolve().is_relative_to(home) for file in files):
        msg = f"{pattern} leads out of the assessment's folder"
        raise SourceError(msg)


# --- fingerprints --------------------------------------------------------------------


def combine(parts: Iterable[str]) -> str:
    """Return one fingerprint of several texts, in their order."""
    text = "\n".join(parts)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def with_fingerprint(located: Located, folder: Path) -> Located:
    """Return the place with the fingerprint of its files; a database has none yet.

    It is of their content and, of several, of their relative names.

    Raises:
        SourceError: a file cannot be read.
    """
    digests = {}
    try:
        for file in located.files:
            with file.open("rb") as stream:
                digests[file] = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        msg = f"{located.shown} cannot be read ({reason_of(error)})"
        raise SourceError(msg) from None
    if not digests:
        return located
    parts = [
        f"{digest}  {file.relative_to(folder).as_posix()}"
        for file, digest in digests.items()
    ]
    mark = combine(parts) if len(parts) > 1 else f"sha256:{digests[located.files[0]]}"
    return replace(located, fingerprint=mark)


# --- engines -------------------------------------------------------------------------


class _Embedded(Engine):
    """DuckDB in this process; data beyond its memory is spilled to a folder."""

    name = f"duckdb {duckdb.__version__}"
    errors: tuple[type[Exception], ...] = (duckdb.Error, *EXPRESSION_ERRORS)

    def __init__(
        self, limit: TimeLimit, memory: str, spill: Path, file: Path | None = None
    ) -> None:
        """Open a database: in memory, or a file that exists, which is only read.

        The engine may hold so much memory, "512MB"; what is more goes into a folder.
        """
        super().__init__(limit)
        self.spill, self.memory = spill, memory
        self.backend = ibis.duckdb.connect(
            ":memory:" if file is None else file.absolute(),  # md:x is a service
            read_only=file is not None,
            threads=min(_MOST_THREADS, os.cpu_count() or 1),
            memory_limit=memory,
            temp_directory=str(spill),
            autoinstall_known_extensions=False,
            allow_persistent_secrets=False,  # the person's, such as of object storage
        )
        # It would be drawn on standard output, between the lines of a report.
        self.backend.raw_sql("SET enable_progress_bar = false")

    def _interrupt(self) -> None:
        self.backend.con.interrupt()

    def _rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        return rows(expression)

    def _refusal(self, error: Exception, located: Located | None = None) -> SourceError:
        if isinstance(error, duckdb.OutOfMemoryException):
            why = f"it needs more memory than {self.memory} (raise --memory-limit)"
            return MemoryLimitError(why)
        return super()._refusal(error, located)


#: What the engine does not read itself, or not as declared: it becomes a Parquet file.
_PACKED: Mapping[Format, Callable[..., Reading]] = {
    "csv": pack_text,
    "delta": pack_log,
    "excel": pack_excel,
    "iceberg": pack_log,
    "json": pack_json,
    "sqlite": pack_sqlite,
}


def _unzipped(located: Located, spill: Path) -> Located:
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
        try:
            with ZipFile(file) as archive:
                found = [one for one in archive.infolist() if _is_data(one.filename)]
                check_room(sum(one.file_size for one in found), spill)
                right = [
                    one
                    for one in found
                    if located.format == format_of(Path(one.filename))
                ]
                # `extract` keeps each below the folder, whatever it is called.
                members = right or found[: len(found) == 1]
                files += [Path(archive.extract(one, home / str(at))) for one in members]
        except (BadZipFile, NotImplementedError, RuntimeError, OSError):
            msg = (
                f"{located.shown} cannot be read: it is not a zip file without password"
            )
            raise SourceError(msg) from None
    if not files:
        msg = f"{located.shown} holds no file of the format {located.format}"
        raise SourceError(msg)
    return replace(located, files=tuple(files))


def _is_data(name: str) -> bool:
    """Return whether a path inside of an archive is of a file that is not hidden."""
    parts = PurePosixPath(name).parts
    return not name.endswith("/") and not any(p.startswith((".", "_")) for p in parts)


def check_room(size: int, folder: Path) -> None:
    """Raise UnreachedError where a folder has no room for so many bytes."""
    if size > shutil.disk_usage(folder).free:
        msg = f"it needs {size / 1e9:,.1f} GB of temporary files (set TMPDIR to a larger disk)"
        raise UnreachedError(msg)


class FileEngine(_Embedded):
    """Files of the assessment's folder."""

    def _open(self, table: Table, located: Located) -> ir.Table:
        size = sum(file.stat().st_size for file in located.files)
        if not size:
            msg = f"{located.shown} is empty (0 bytes)"
            raise SourceError(msg)
        located = _unzipped(located, self.spill)
        if located.format == "parquet":
            return self._scan(table, located)
        packed = self.packed(table)
        # Each question would read the text again from its beginning: its rows become a
        # file of the run's own, removed at its end.
        pack = _PACKED[located.format]
        self.readings[table.name] = pack(self.backend.con, table, located, packed)
        return self.backend.read_parquet([escaped(packed)])

    def packed(self, table: Table) -> Path:
        """Return the run's own file for the rows of a table."""
        mark = hashlib.sha256(table.name.encode()).hexdigest()
        return self.spill / f"{mark}.parquet"

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
            file, text = located.files[0].name, str(error)
            if "lock" in text or "different configuration" in text:
                msg = f"{file} cannot be read: another program has it open"
                raise UnreachedError(msg) from None
            msg = (
                f"{file} cannot be read: it is not a DuckDB database that this version "
                "can read"
            )
            raise SourceError(msg) from None
        # A view of the file may name other files of the machine; it must not read them.
        self.backend.raw_sql("SET enable_external_access = false")

    def _open(self, table: Table, located: Located) -> ir.Table:  # noqa: ARG002
        return self.backend.table(table.location, database=(None, self._schema))


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
        with ParquetFile(file) as one:
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
    "not utf-8 encoded": "it is not UTF-8 text",
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
