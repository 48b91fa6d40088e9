"""Tables that are a folder with a log of its changes: Delta and Iceberg.

Their own libraries say which of its rows there are: files keep what was deleted. What
the log names outside of the folder is not read.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import duckdb
import pyarrow as pa
from pyarrow.parquet import ParquetFile

from readybook.measure.sources.engine import Copy, Reading, driver, is_full, write_rows
from readybook.measure.sources.places import UnreachedError
from readybook.model.errors import SourceError

_LARGEST = 2**29  #: bytes of a file of JSON
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[/\\]")
#: Signs in a library's text, and what they mean. The text itself may name paths.
_REASONS = {
    "equality": "it deletes rows by equality, which the library does not read",
    "reader feature": "it has a feature that the library does not read",
}


def pack_log(copy: Copy) -> Reading:
    """Write the rows that a folder's log leaves into one Parquet file.

    Raises:
        UnreachedError: the library is not installed.
        SourceError: it is no such table, has what the library does not read, or names
            files outside of its folder.
    """
    located = copy.located
    try:
        rows = _OPENERS[located.format](located.root or Path(), located.shown)
        write_rows(copy.con, rows.schema, rows, copy.target)
    except SourceError:
        raise
    except Exception as error:
        if isinstance(error, duckdb.Error) and _is_own(error):
            raise
        known = (words for sign, words in _REASONS.items() if sign in str(error))
        kind = f"it is not one that can be read ({type(error).__name__})"
        name = located.format.capitalize()
        msg = (
            f"{located.shown} cannot be read as a table of {name}: {next(known, kind)}"
        )
        raise SourceError(msg) from None
    return Reading()


def _delta(folder: Path, shown: str) -> pa.RecordBatchReader:
    library = driver("delta")
    for action in _actions(folder / "_delta_log"):
        vector = (action.get("add") or {}).get("deletionVector")
        sidecar = (action.get("sidecar") or {}).get("path") or ""
        if (vector and not _is_inside(vector)) or re.search(r"[/\\%:]", sidecar):
            raise _outside(shown)
    table = library.DeltaTable(folder)
    for path in pa.table(table.get_add_actions(flatten=True))["path"].to_pylist():
        if _SCHEME.match(path) or ".." in PurePosixPath(unquote(path)).parts:
            raise _outside(shown)
    query = library.QueryBuilder().register("t", table).execute("SELECT * FROM t")
    return pa.RecordBatchReader.from_stream(query)


def _actions(log: Path) -> Iterator[Mapping[str, Any]]:
    """Yield what a log says of vectors that take rows out, and of its other files.

    Its library follows both, and lists neither.
    """
    for file in sorted(log.rglob("*.json")):
        if file.stat().st_size > _LARGEST:  # the library holds all of it in memory
            msg = f"{file.name} of its log has more than {_LARGEST:,} bytes"
            raise UnreachedError(msg)
        with file.open("rb") as lines:
            for line in filter(bytes.strip, lines):
                yield json.loads(line, object_pairs_hook=_once)
    for file in sorted(log.rglob("*.parquet")):
        with ParquetFile(file) as rows:
            wanted = ["add.deletionVector", "sidecar.path"]
            for batch in rows.iter_batches(columns=wanted):
                yield from batch.to_pylist()


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; of a key twice the library may take the other one."""
    found = dict(pairs)
    if len(found) < len(pairs):
        msg = "a key twice"
        raise ValueError(msg)
    return found


def _is_inside(vector: Mapping[str, str]) -> bool:
    """Return whether a vector stands in the log, or in a file of the table's folder."""
    kind, path = vector["storageType"], vector["pathOrInlineDv"]
    # A path is 20 letters of an id, behind the name of a folder or none.
    return kind == "i" or (kind == "u" and re.fullmatch(r"\w*", path[:-20]) is not None)


def _iceberg(folder: Path, shown: str) -> pa.RecordBatchReader:
    """Return the rows of the newest metadata; what it names is looked up in the folder.

    Metadata names each file by where the table was written first.
    """
    arrow = driver("iceberg", ".io.pyarrow")
    newest = max(folder.glob("metadata/*.metadata.json"), key=_version)
    # Not `StaticTable.from_metadata`: a property of the table may name any module that
    # is then imported.
    files = arrow.PyArrowFileIO()
    read, from_file = files.new_input, driver("iceberg", ".serializers")
    metadata = from_file.FromInputFile.table_metadata(read(str(newest)))
    home = f"{_plain(metadata.location).rstrip('/')}/"

    def below(location: str) -> Any:  # noqa: ANN401 - of an optional library
        path = _plain(location)
        inside = PurePosixPath(path.removeprefix(home))
        if not path.startswith(home) or ".." in inside.parts:
            raise _outside(shown)
        return read(str(folder.absolute() / inside))

    files.new_input = below
    table = driver("iceberg", ".table").StaticTable(
        identifier=(shown,),
        metadata_location=str(newest),
        metadata=metadata,
        io=files,
        catalog=driver("iceberg", ".catalog.noop").NoopCatalog(shown),
    )
    for task in table.scan().plan_files():
        for file in (task.file, *task.delete_files):
            below(file.file_path)
    rows: pa.RecordBatchReader = table.scan().to_arrow_batch_reader()
    return rows


_OPENERS: Mapping[str, Callable[[Path, str], pa.RecordBatchReader]] = {
    "delta": _delta,
    "iceberg": _iceberg,
}


def _outside(shown: str) -> SourceError:
    return SourceError(f"{shown} cannot be read: its log names files outside of it")


def _version(metadata: Path) -> tuple[int, str]:
    """Return what orders the files of metadata: v3.metadata.json, 00003-....json."""
    number = re.match(r"v?(\d+)", metadata.name)
    return int(number[1]) if number else -1, metadata.name


def _plain(location: str) -> str:
    """Return a location whose files are told in one way: /t of file:///t and file:/t."""
    return re.sub(r"^file:/+", "/", location)


def _is_own(error: duckdb.Error) -> bool:
    """Return whether the engine itself gave up, not what it was given to read."""
    kinds = duckdb.OutOfMemoryException | duckdb.InterruptException
    return isinstance(error, kinds) or is_full(error)
