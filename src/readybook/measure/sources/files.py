"""Files of the assessment's folder that hold a declared table, and fingerprints."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from readybook.model.contract import DataModel, Server, Table
from readybook.model.findings import NOTHING

__all__ = [
    "Format",
    "Located",
    "combine",
    "database_file",
    "files_on",
    "format_of",
    "missing",
    "with_fingerprint",
]

Format = Literal["csv", "parquet"]

_BLOCK = 1 << 20
_FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}


@dataclass(frozen=True)
class Located:
    """Where a table lies, or why that is not known; paths stay inside the program."""

    files: tuple[Path, ...] = ()
    format: Format = "csv"
    shown: str = ""  #: the place as the data model has it, for messages
    fingerprint: str = NOTHING
    failed: str | None = None  #: why there is nothing to open, in words
    server: Server | None = None  #: None: files, and no server names them
    partitions: tuple[str, ...] = ()  #: columns that stand in folders' names, "year=13"
    others: tuple[Located, ...] = ()  #: where else it may lie, if this is out of reach


def missing(why: str) -> Located:
    """Return that there is nothing to look at, and why."""
    return Located(failed=why)


def format_of(file: Path) -> Format | None:
    """Return the format that a file's name tells, gzip or not; None where none."""
    name = file.name.lower().removesuffix(".gz")
    return _FORMATS.get(PurePosixPath(name).suffix)


def _hash_files(files: Sequence[Path], folder: Path) -> str:
    """Return one fingerprint of the content (and, of several, the relative names).

    Raises:
        OSError: a file cannot be read.
    """
    digests = []
    for file in files:
        digest = hashlib.sha256()
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
        digests.append((file.relative_to(folder).as_posix(), digest.hexdigest()))
    if len(digests) == 1:
        return f"sha256:{digests[0][1]}"
    return combine(f"{digest}  {name}" for name, digest in digests)


def combine(parts: Iterable[str]) -> str:
    """Return one fingerprint of several texts, in their order."""
    text = "\n".join(parts)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


# --- files ---------------------------------------------------------------------------


def files_on(server: Server, table: Table, model: DataModel, folder: Path) -> Located:
    """Return the files of a server's path that hold a table."""
    pattern = _pattern(server, table, model)
    if isinstance(pattern, Located):
        return pattern
    named = (server.format or "").strip().lower()
    declared = _FORMATS.get(f".{named.removesuffix('.gz')}")
    files = tuple(sorted(_matches(pattern, folder, declared)))
    if not files:
        return missing(f"there is no file {pattern} in the assessment's folder")
    if _leave(files, folder):
        return missing(f"{pattern} leads out of the assessment's folder")
    suffixes = {format_of(file) for file in files}
    form = suffixes.pop() if len(suffixes) == 1 and not named else declared
    if form is None:
        return missing(
            f"{pattern} has the format {named or 'unknown'}; csv and parquet can be "
            "read"
        )
    return Located(
        files=files,
        format=form,
        shown=pattern,
        server=server,
        partitions=_partitions(files, folder),
    )


def _leave(files: Iterable[Path], folder: Path) -> bool:
    home = folder.resolve()
    return not all(file.resolve().is_relative_to(home) for file in files)


def _matches(pattern: str, folder: Path, form: Format | None) -> set[Path]:
    # A file may be called "a [b].csv", which as a pattern would not find itself.
    itself = folder / pattern
    found = [itself] if itself.exists() else list(folder.glob(pattern))
    files = {path for path in found if path.is_file()}
    return files or {file for path in found for file in _within(path, form)}


def _within(folder: Path, form: Format | None) -> Iterator[Path]:
    """Yield a folder's data files; what their writers leave beside them is left out."""
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        is_hidden = any(part.startswith((".", "_")) for part in parts)
        known = format_of(path)
        if path.is_file() and not is_hidden and known and form in {None, known}:
            yield path


def _partitions(files: Sequence[Path], folder: Path) -> tuple[str, ...]:
    """Return the columns that folders name, `year` of `year=2013/part-0.parquet`."""
    folders = {part for file in files for part in file.relative_to(folder).parts[:-1]}
    return tuple(sorted({part.partition("=")[0] for part in folders if "=" in part}))


def _pattern(server: Server, table: Table, model: DataModel) -> str | Located:
    if server.path is None:
        return missing(f"the server {server.server} has no path")
    if "{model}" not in server.path and len(model.tables) > 1:
        return missing(
            f"the path of server {server.server} has no {{model}}, so it does not say "
            "which table it holds"
        )
    return _inside(server, server.path.replace("{model}", table.location))


def database_file(
    server: Server, table: Table, _model: DataModel, folder: Path
) -> Located:
    """Return the file of an embedded database."""
    name = server.database or server.path
    if name is None:
        return missing(f"the server {server.server} names no database file")
    place = _inside(server, name)
    if isinstance(place, Located):
        return place
    file = folder / place
    if not file.is_file():
        return missing(f"there is no file {place} in the assessment's folder")
    if _leave([file], folder):
        return missing(f"{place} leads out of the assessment's folder")
    # What was written last may still lie in the log beside it.
    files = [file, file.with_name(f"{file.name}.wal")]
    return Located(
        files=tuple(path for path in files if path.is_file()),
        shown=f"{table.location} in {place}",
        server=server,
    )


def _inside(server: Server, pattern: str) -> str | Located:
    """Return a path of a server without "./", or that it leaves the folder."""
    path = PurePosixPath(pattern.replace("\\", "/"))
    has_drive = bool(path.parts) and path.parts[0].endswith(":")
    if "://" in pattern or path.is_absolute() or ".." in path.parts or has_drive:
        return missing(
            f"the path of server {server.server} leaves the assessment's folder"
        )
    return pattern.removeprefix("./")


def with_fingerprint(located: Located, folder: Path) -> Located:
    """Return the place with the fingerprint of its files; a database has none yet."""
    if not located.files:
        return located
    try:
        fingerprint = _hash_files(located.files, folder)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return missing(f"{located.shown} cannot be read ({reason})")
    return replace(located, fingerprint=fingerprint)
