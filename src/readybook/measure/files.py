"""Find the files of a declared table inside an assessment's folder, and hash them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from readybook.contract import DataModel, Server, Table

__all__ = [
    "NOTHING",
    "Format",
    "Located",
    "combine",
    "format_of",
    "hash_files",
    "locate",
]

Format = Literal["csv", "parquet"]

#: Fingerprint of a finding for which nothing could be read.
NOTHING = "none"

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
    shown: str = ""  #: the path as the data model has it, for messages
    fingerprint: str = NOTHING
    failed: str | None = None  #: why it cannot be opened, in words
    found: bool = True  #: False: nothing to look at, so nothing is contradicted


def _missing(why: str) -> Located:
    return Located(failed=why, found=False)


def format_of(file: Path) -> Format | None:
    """Return the format that a file's name tells, gzip or not; None where none."""
    name = file.name.lower().removesuffix(".gz")
    return _FORMATS.get(PurePosixPath(name).suffix)


def hash_files(files: Sequence[Path], folder: Path) -> str:
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


def locate(table: Table, model: DataModel, folder: Path) -> Located:
    """Return the files of a table: those of the first server that has any.

    Never raises for what the data model or the disk holds: the reason is in `failed`.
    """
    if not model.servers:
        return _missing("data.odcs.yaml names no server that says where the data lies")
    tried = []
    for server in model.servers:
        located = _locate_on(server, table, model, folder)
        if located.files:
            return _with_fingerprint(located, folder)
        tried.append(located)
    return next((one for one in tried if one.found), tried[0])


def _locate_on(server: Server, table: Table, model: DataModel, folder: Path) -> Located:
    pattern = _pattern(server, table, model)
    if isinstance(pattern, Located):
        return pattern
    # A file may be called "a [b].csv", which as a pattern would not find itself.
    itself = folder / pattern
    found = [itself] if itself.is_file() else folder.glob(pattern)
    files = tuple(sorted(path for path in found if path.is_file()))
    if not files:
        return _missing(f"there is no file {pattern} in the assessment's folder")
    suffixes = {format_of(file) for file in files}
    form = server.format or (suffixes.pop() if len(suffixes) == 1 else None)
    if form == "csv":
        return Located(files=files, format="csv", shown=pattern)
    if form == "parquet":
        return Located(files=files, format="parquet", shown=pattern)
    return _missing(
        f"{pattern} has the format {form or 'unknown'}; csv and parquet can be read"
    )


def _pattern(server: Server, table: Table, model: DataModel) -> str | Located:
    if server.type != "local":
        return _missing(
            f"the server {server.server} is of type {server.type}; "
            "only files (type local) can be read"
        )
    if server.path is None:
        return _missing(f"the server {server.server} has no path")
    if "{model}" not in server.path and len(model.tables) > 1:
        return _missing(
            f"the path of server {server.server} has no {{model}}, so it does not say "
            "which table it holds"
        )
    pattern = server.path.replace("{model}", table.location)
    if "://" in pattern or not _is_inside(pattern):
        return _missing(
            f"the path of server {server.server} leaves the assessment's folder"
        )
    return pattern.removeprefix("./")


def _is_inside(pattern: str) -> bool:
    path = PurePosixPath(pattern.replace("\\", "/"))
    has_drive = bool(path.parts) and path.parts[0].endswith(":")
    return not path.is_absolute() and ".." not in path.parts and not has_drive


def _with_fingerprint(located: Located, folder: Path) -> Located:
    try:
        fingerprint = hash_files(located.files, folder)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return _missing(f"{located.shown} cannot be read ({reason})")
    return Located(
        files=located.files,
        format=located.format,
        shown=located.shown,
        fingerprint=fingerprint,
    )
