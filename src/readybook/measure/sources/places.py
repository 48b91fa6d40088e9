"""Where a declared table lies, found without an engine: files, or a server to ask.

The reasons that it lies nowhere quote no path outside of the contract.
"""

import hashlib
import importlib.util
import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path, PurePosixPath
from time import monotonic
from typing import Literal

from readybook.case.references import Reference, is_elsewheres, referred
from readybook.model.contract import DataModel, Server, Table
from readybook.model.errors import SourceError, reason_of
from readybook.model.findings import NOTHING
from readybook.text.documents import below
from readybook.text.extras import installs

Format = Literal[
    "csv", "delta", "excel", "files", "iceberg", "json", "parquet", "sqlite"
]
#: By the end of a file's name, and by what a contract calls it.
_FORMATS: dict[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet",
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".xlsx": "excel",
    ".excel": "excel", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".db": "sqlite",
    ".delta": "delta", ".iceberg": "iceberg", ".files": "files",
}  # fmt: skip
_HOLDER = "the assessment's folder"
_BLOCK = 2**20  #: bytes at a time
_GLOB = set("*?[")
#: What looks into files of a kind: neither a format nor a server.
_KINDS_OF_FILES = {"audio", "pictures"}
_NAMED = "the place that was named for it"
#: Formats of files that hold tables by their names.
_SEVERAL = {"excel", "sqlite"}


class UnreachedError(SourceError):
    """What was to be read is out of reach, so nothing is said about its content."""


def took_too_long(seconds: float) -> UnreachedError:
    """Return the error that says that a limit of time has passed."""
    return UnreachedError(f"it took longer than {seconds:g} s (raise --time-limit)")


#: What a format or a type of server needs beside what is always installed: a module,
#: and the extra that brings it.
EXTRAS: Mapping[str, tuple[str, str]] = {
    "audio": ("soundfile", "audio"),
    "bigquery": ("google.cloud.bigquery", "bigquery"),
    "clickhouse": ("clickhouse_connect", "clickhouse"),
    "databricks": ("pyspark", "spark"),
    "delta": ("deltalake", "delta"),
    "iceberg": ("pyiceberg", "iceberg"),
    "mysql": ("pymysql", "mysql"),
    "pictures": ("PIL", "pictures"),
    "postgres": ("psycopg", "postgres"),
    "postgresql": ("psycopg", "postgres"),
    "snowflake": ("snowflake.connector", "snowflake"),
    "spark": ("pyspark", "spark"),
    "sqlserver": ("pyodbc", "sqlserver"),
    "trino": ("trino", "trino"),
}


def check_installed(kind: str) -> None:
    """Raise UnreachedError where what a format or a server needs is not installed."""
    name, _ = EXTRAS.get(kind, ("sys", ""))
    try:
        found = importlib.util.find_spec(name)
    except ImportError:
        found = None
    if found is None:
        raise not_installed(kind)


def not_installed(kind: str) -> UnreachedError:
    """Return that the extra is missing which brings it."""
    extra = EXTRAS[kind][1]
    why = f"the extra readybook[{extra}] is not installed; {installs(extra)}"
    return UnreachedError(why)


@dataclass(frozen=True)
class Located:
    """Where a table lies, or why that is not known; paths stay inside the program."""

    files: tuple[Path, ...] = ()
    format: Format = "csv"
    root: Path | None = None  #: the folder that is a table of a table format
    shown: str = ""  #: the place as the data model has it, for messages
    fingerprint: str = NOTHING
    failed: str | None = None  #: why there is nothing to open, in words
    server: Server | None = None  #: None: files, and no server names them
    partitions: tuple[str, ...] = ()  #: columns that stand in folders' names, "year=13"
    #: Outside of the case, where the person named it.
    reference: Reference | None = None
    #: Where else it may lie, if this is out of reach.
    others: tuple["Located", ...] = ()

    @property
    def is_sure(self) -> bool:
        """Return whether the table lies there: a file of several may not hold it."""
        is_duckdb = self.server is not None and self.server.type == "duckdb"
        return bool(self.files) and not is_duckdb and self.format not in _SEVERAL

    @property
    def is_extract(self) -> bool:
        """Return whether what lies there was taken out of a system at once.

        A database goes on, as does a folder of which each file is a row.
        """
        is_database = self.server is not None and KINDS[self.server.type] is None
        return not is_database and self.format not in {*_LOGS, "files"}


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
    other = referred(folder, pattern)
    if other and _declared(server) == "files":
        # A manifest names other files, of which the person named none.
        other = other if (other.home / other.pattern).is_dir() else None
    if other is None:
        try:
            return files_below(server, table, pattern, folder)
        except SourceError as error:
            raise _as_elsewheres(error, pattern, folder) from None
    located = files_below(server, table, other.pattern, other.home, _NAMED)
    shown = f"{table.location} in {pattern}" if located.format in _SEVERAL else pattern
    return replace(located, shown=shown, reference=other)


def _as_elsewheres(error: SourceError, pattern: str, folder: Path) -> SourceError:
    """Return why nothing is there, with what --data named for a case that moved."""
    if "there is no" not in str(error) or not is_elsewheres(folder, pattern):
        return error
    why = "what --data named for a case in another folder is read for that case alone"
    return SourceError(f"{error} ({why}: put it there)")


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


def files_below(
    server: Server, table: Table, pattern: str, folder: Path, holder: str = _HOLDER
) -> Located:
    """Return the files below a folder that a pattern names; raises as `files_on`."""
    declared = _declared(server)
    # A file may be called "a [b].csv", which as a pattern would not find itself.
    itself = folder / pattern
    parts = PurePosixPath(pattern).parts
    found = [itself] if itself.exists() else sorted(reduce(below, parts, {folder}))
    if declared == "files":
        return _of_any_kind(server, found, pattern, folder, holder)
    if declared in _LOGS:
        return _folder_with_log(server, found, declared, pattern, folder)
    files = sorted({path for path in found if path.is_file()}) or sorted(
        {file for path in found for file in _within(path, declared)}
    )
    _check_found(files, pattern, folder, holder)
    _check_plain(found, pattern, folder)
    suffixes = {format_of(file) for file in files}
    form = suffixes.pop() if len(suffixes) == 1 and not server.format else declared
    if form in _SEVERAL:
        located = _one_of_several(table, form, files, pattern)
        _check_found(located.files, pattern, folder, holder)
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
    other = referred(folder, place)
    home, inside = (other.home, other.pattern) if other else (folder, place)
    file = home / inside
    logs = _beside(file, ".wal", ".wal.checkpoint", ".wal.recovery")
    files = [file, *logs] if file.is_file() else []
    try:
        _check_found(files, place, home, _NAMED if other else _HOLDER)
    except SourceError as error:
        raise error if other else _as_elsewheres(error, place, folder) from None
    shown = f"{table.location} in {place}"
    return Located(files=tuple(files), shown=shown, server=server, reference=other)


#: The schemes of locations in object storage, and the type of server that each has.
SCHEMES: Mapping[str, str] = {
    "s3": "s3", "az": "azure", "abfss": "azure", "gs": "custom",
}  # fmt: skip


def on_storage(
    server: Server, table: Table, model: DataModel, _folder: Path
) -> Located:
    """Return the place of a table in a bucket, which only a connection can look into.

    Raises:
        SourceError: the location is not one that can be read.
    """
    scheme, _, path = pattern_of(server, table, model).partition("://")
    if _declared(server) == "files":
        msg = (
            f"the server {server.server} is object storage, and files are looked into in "
            "the assessment's folder only; a list of them is read from there as csv"
        )
        raise SourceError(msg)
    if SCHEMES.get(scheme) != server.type:
        known = ", ".join(f"{one}:// of type {kind}" for one, kind in SCHEMES.items())
        msg = f"the location of server {server.server} is none of {known}"
        raise SourceError(msg)
    bucket, *parts = path.removesuffix("/").split("/")
    if not bucket or {"", ".", ".."} & set(parts):
        msg = f"the location of server {server.server} has a part without a name"
        raise SourceError(msg)
    # The bucket's name is no one else's business.
    shown = f"{path.partition('/')[2] or table.location} on the server {server.server}"
    return Located(shown=shown, server=server)


def _inside(server: Server, pattern: str) -> str:
    """Return a path of a server without "./"; one that leaves the folder is refused."""
    path = PurePosixPath(pattern.replace("\\", "/"))
    has_drive = bool(path.parts) and path.parts[0].endswith(":")
    if "://" in pattern or path.is_absolute() or ".." in path.parts or has_drive:
        msg = f"the path of server {server.server} leaves the assessment's folder"
        raise SourceError(msg)
    return pattern.removeprefix("./")


def _of_any_kind(
    server: Server, found: Sequence[Path], pattern: str, folder: Path, holder: str
) -> Located:
    """Return files that are rows each, or the manifest that names them.

    They lie below the first folder of the pattern that is no pattern, or beside the
    manifest. Raises as `files_on`; what leads out is a row, unless it is a folder.
    """
    places = [one for one in found if os.path.lexists(one)]
    root = folder / plain_part(pattern)
    is_several, root = root.is_dir(), root if root.is_dir() else root.parent
    followed = [one for one in places if one.is_dir() or not is_several]
    _check_found(places and [*followed, root], pattern, folder, holder)
    return Located(tuple(places), "files", root, pattern, server=server)


def plain_part(pattern: str) -> PurePosixPath:
    """Return what of a path comes before its first part that is a pattern."""
    parts = PurePosixPath(pattern).parts
    return PurePosixPath(*itertools.takewhile(lambda one: not _GLOB & set(one), parts))


def _within(folder: Path, form: Format | None) -> Iterator[Path]:
    """Yield a folder's data files; what their writers leave beside them is left out."""
    for path in folder.rglob("*"):
        is_shown = is_data(path.relative_to(folder).as_posix())
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
    for journal in _beside(files[0], "-journal"):
        # It may name any other file, which replaying it deletes. Ended, it has zeros.
        is_hot = True
        if journal.is_file():
            with journal.open("rb") as stream:
                is_hot = stream.read(1) != b"\0"
        if is_hot:
            msg = (
                f"{pattern} cannot be read: its writer did not finish; "
                "ask whoever keeps it for a copy that was closed"
            )
            raise SourceError(msg)
    found = (*files, *_beside(files[0], "-wal"))
    return Located(found, form, shown=f"{table.location} in {pattern}")


def _beside(file: Path, *ends: str) -> list[Path]:
    """Return the logs beside a database that hold something: what it was told last."""
    logs = (file.with_name(f"{file.name}{end}") for end in ends)
    return [one for one in logs
            if one.exists() and not (one.is_file() and not one.stat().st_size)]  # fmt: skip


def is_data(name: str) -> bool:
    """Return whether a path inside of an archive is of a file that is not hidden."""
    parts = PurePosixPath(name).parts
    return not name.endswith("/") and not any(p.startswith((".", "_")) for p in parts)


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
    places = sorted(roots[0].rglob("*"))
    _check_unlinked([roots[0], *places], folder)
    files = [path for path in places if not path.is_dir()]
    _check_found(files, pattern, folder)
    return Located(tuple(files), form, roots[0], pattern, server=server)


def _check_unlinked(places: Iterable[Path], folder: Path) -> None:
    """Refuse links: a log's library follows them, to what no fingerprint covers."""
    for path in sorted({*places} - {folder}):
        # Not `is_symlink`, which a junction of Windows is not.
        folder_of = os.path.realpath(path.parent)
        if Path(os.path.realpath(path)) != Path(folder_of, path.name):
            msg = (
                f"{path.relative_to(folder).as_posix()} is a link, and a table with a "
                "log is read from its own folder only: put the files there"
            )
            raise SourceError(msg)


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


def _check_found(
    files: Sequence[Path], pattern: str, folder: Path, holder: str = _HOLDER
) -> None:
    if not files:
        what = f"file {pattern}" if pattern else "file of data"
        msg = f"there is no {what} in {holder}"
        raise SourceError(msg)
    home = folder.resolve()
    if not all(file.resolve().is_relative_to(home) for file in files):
        msg = f"{pattern} leads out of {holder}"
        raise SourceError(msg)
    # Libraries open whatever lies there, and would wait for who writes into a pipe.
    if any(one.exists() and not (one.is_file() or one.is_dir()) for one in files):
        msg = f"{pattern} has a pipe or a device in the place of a file"
        raise SourceError(msg)
    if any(str(file) != os.fsencode(file).decode(errors="replace") for file in files):
        msg = f"{pattern} has a file whose name is not UTF-8: rename it"
        raise SourceError(msg)


# --- fingerprints --------------------------------------------------------------------


def combine(parts: Iterable[str]) -> str:
    """Return one fingerprint of several texts, in their order."""
    text = "\n".join(parts)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def with_fingerprint(located: Located, folder: Path, seconds: float) -> Located:
    """Return the place with the fingerprint of its files; a database has none yet.

    Nor have files of any kind, which are read once: each is a row.

    It is of their content and, of several, of their relative names.

    Raises:
        SourceError: a file cannot be read, or not within so many seconds: one with holes
            says that it is as large as it likes.
    """
    digests, end = {}, monotonic() + seconds
    try:
        for file in located.files if located.format != "files" else ():
            digest = hashlib.sha256()
            with file.open("rb") as stream:
                while block := stream.read(_BLOCK):
                    digest.update(block)
                    if monotonic() > end:
                        raise took_too_long(seconds)
            digests[file] = digest.hexdigest()
    except OSError as error:
        msg = f"{located.shown} cannot be read ({reason_of(error)})"
        raise SourceError(msg) from None
    if not digests:
        return located
    home, prefix = folder, PurePosixPath()
    if located.reference:  # as if it lay in the case
        home, _, prefix = located.reference
    parts = [
        f"{digest}  {(prefix / file.relative_to(home)).as_posix()}"
        for file, digest in digests.items()
    ]
    mark = combine(parts) if len(parts) > 1 else f"sha256:{digests[located.files[0]]}"
    return replace(located, fingerprint=mark)


_NOWHERE = "data.odcs.yaml names no server that says where the data lies"

Locate = Callable[[Server, Table, DataModel, Path], Located]


#: By the type of a server, as the contract names it, what finds its tables; None: only
#: a connection tells whether it is there.
KINDS: Mapping[str, Locate | None] = {
    "local": files_on,
    "duckdb": database_file,
    **dict.fromkeys(SCHEMES.values(), on_storage),
    **dict.fromkeys(EXTRAS.keys() - _FORMATS.values() - _KINDS_OF_FILES),
}


def locate(
    table: Table, model: DataModel, folder: Path, *, seconds: float = 600
) -> Located:
    """Return where a table lies: on the first server that may hold it.

    A server of files must have a file. Of a database, or a file of several tables, more
    is only known once it is asked, so the servers after it are kept in `others`; last
    there are those that do not hold it, each with its reason.

    Never raises for what the data model or the disk holds: the reason is in `failed`,
    also where its files were not read within so many seconds.
    """
    if not model.servers:
        return Located(failed=_NOWHERE)
    places, failed = list[Located](), list[Located]()
    for server in model.servers:
        try:
            located = locate_on(server, table, model, folder)
            places.append(with_fingerprint(located, folder, seconds))
        except SourceError as error:
            failed.append(Located(failed=str(error), server=server))
            continue
        if located.is_sure:
            break
    if not places:
        why = told([(one.server, one.failed) for one in failed])
        return Located(failed=why)
    return replace(places[0], others=(*places[1:], *failed))


def told(reasons: Sequence[tuple[Server | None, object]]) -> str:
    """Return why servers do not give a table: of several, each with its name."""
    if len(reasons) == 1:
        return str(reasons[0][1])
    named = [f"{server.server if server else ''}: {why}" for server, why in reasons]
    return f"none of its {len(named)} servers gives it: {'; '.join(named)}"


def unlocated(model: DataModel, folder: Path) -> dict[str, str]:
    """Return the tables that are out of reach, as far as this is known unasked, and why."""
    found = {}
    for table in model.tables:
        failed = list[tuple[Server, object]]()
        for server in model.servers:
            try:
                located = locate_on(server, table, model, folder)
                check_installed(located.format if located.files else server.type)
            except SourceError as error:
                failed.append((server, error))
        if len(failed) == len(model.servers):
            found[table.name] = told(failed) if failed else _NOWHERE
    return found


def locate_on(server: Server, table: Table, model: DataModel, folder: Path) -> Located:
    """Return where a table lies on one server.

    Raises:
        SourceError: it does not lie there, as far as this is known unasked.
    """
    if server.type == "iceberg":
        msg = (
            f"the server {server.server} is a catalogue, which may name any host and is "
            "not asked: declare the folder of its tables, with format iceberg"
        )
        raise SourceError(msg)
    if server.type not in KINDS:
        known = ", ".join(sorted(KINDS.keys() - {"local"}))
        msg = (
            f"the server {server.server} is of type {server.type}; "
            f"only files (type local) and the types {known} can be read"
        )
        raise SourceError(msg)
    if find := KINDS[server.type]:
        return find(server, table, model, folder)
    schema = f"{server.schema_name}." if server.schema_name else ""
    shown = f"{schema}{table.location} on the server {server.server}"
    return Located(shown=shown, server=server)
