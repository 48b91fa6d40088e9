"""Tables that are a folder with a log of its changes: Delta and Iceberg.

Their own libraries say which of its rows there are: files keep what was deleted. What
the log names outside of the folder is not read.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

import duckdb
import pyarrow as pa

from readybook.measure.sources.engine import Reading, driver, is_full, write_rows
from readybook.measure.sources.places import Located
from readybook.model.contract import Table
from readybook.model.errors import SourceError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|[/\\]")
#: Signs in a library's text, and what they mean. The text itself may name paths.
_REASONS = {
    "equality": "it deletes rows by equality, which the library does not read",
    "reader feature": "it has a feature that the library does not read",
}


def pack_log(
    con: duckdb.DuckDBPyConnection, _table: Table, located: Located, target: Path
) -> Reading:
    """Write the rows that a folder's log leaves into one Parquet file.

    Raises:
        UnreachedError: the library is not installed.
        SourceError: it is no such table, has what the library does not read, or names
            files outside of its folder.
    """
    try:
        rows = _OPENERS[located.format](located.root or Path(), located.shown)
        write_rows(con, rows.schema, rows, target)
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
    table = library.DeltaTable(folder)
    for path in pa.table(table.get_add_actions(flatten=True))["path"].to_pylist():
        if _SCHEME.match(path) or ".." in PurePosixPath(unquote(path)).parts:
            raise _outside(shown)
    query = library.QueryBuilder().register("t", table).execute("SELECT * FROM t")
    return pa.RecordBatchReader.from_stream(query)


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
