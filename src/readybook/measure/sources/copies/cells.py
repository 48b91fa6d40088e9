"""Rows that are no lines of a text file: JSON lines, SQLite and Excel, read as texts.

Each value is taken as it would be written, and a column then has the type that all of
its texts have, as in a text file: none of the three holds a column to one type.
"""

import contextlib
import datetime as dt
import itertools
import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from readybook.measure.sources.copies.delimited import (
    Texts,
    check_names,
    once,
    pack_texts,
)
from readybook.measure.sources.copies.lines import LAST, told_totals, totals_of
from readybook.measure.sources.engine import Copy, Reading, escaped, library, write_rows
from readybook.measure.sources.places import Located, UnreachedError
from readybook.model.contract import Table
from readybook.model.words import as_list
from readybook.text.spreadsheets import open_book, unpacked

Row = Sequence[object]

_CHUNK = 2_000  #: rows at a time
_STEPS = 1_000  #: of SQLite between two looks at the limit
_MOST_NAMED = 5  #: rows that are named by number
_LARGEST = 2**31  #: bytes of a workbook once unpacked
_MOST_HELD = 2**28  #: bytes of its texts and forms, which are held in memory
_NO_SQLITE = "it is not a database of SQLite that can be read"


def pack_json(copy: Copy) -> Reading:
    """Write the objects of files of JSON lines into one Parquet file, columns typed.

    Names that nobody declared are columns where most rows have them: otherwise they may
    be data.

    Raises:
        SourceError: no object has a declared name.
    """
    con, table, located, target, _ = copy
    given: dict[str, Any] = {
        "files": [escaped(file) for file in located.files],
        "hive": bool(located.partitions),
    }
    lines = (
        "(SELECT *, json_type(json) IS NOT DISTINCT FROM 'OBJECT' AS fits, "
        "row_number() OVER () AS n FROM read_ndjson_objects($files, "
        "ignore_errors = true, hive_partitioning = $hive, hive_types_autocast = false))"
    )
    rows, bad, first = con.execute(
        "SELECT count_if(fits), count_if(NOT fits), "
        f"min(n, {_MOST_NAMED}) FILTER (NOT fits) FROM {lines}",
        given,
    ).fetchall()[0]
    named = con.execute(
        "SELECT name, count(*) FROM (SELECT unnest(json_keys(json)) AS name FROM "
        f"{lines} WHERE fits) WHERE NOT list_contains($parts, name) "
        "GROUP BY ALL ORDER BY ALL",
        given | {"parts": located.partitions},
    ).fetchall()
    declared = [column.name for column in table.columns]
    if rows:
        check_names([name for name, _ in named], declared, located.shown)
    columns: dict[str, str] = {}
    for name, times in sorted(named, key=lambda one: one[0] not in declared):
        if name in declared or 2 * times >= rows:
            columns.setdefault(name.strip().lower(), name)
    notes = []
    if bad:
        numbers = as_list([f"{number:,}" for number in first])
        more = f" and {bad - len(first):,} more" if bad > len(first) else ""
        notes.append(f"left out: rows {numbers}{more}, which are no JSON objects")
    if len(named) > len(columns):
        few = len(named) - len(columns)
        notes.append(f"left out: {few:,} undeclared names, which few rows have")
    raw = target.with_suffix(".0")
    parts = "".join(', "' + one.replace('"', '""') + '"' for one in located.partitions)
    query = f"SELECT unnest(from_json(json, $kinds)){parts} FROM {lines} WHERE fits"
    kinds = json.dumps(dict.fromkeys(columns.values(), "VARCHAR"))
    con.execute(
        f"COPY ({query}) TO $raw (FORMAT parquet)",
        given | {"kinds": kinds, "raw": str(raw)},
    )
    return pack_texts(copy, Texts([raw], notes=notes, left_out=bad))


def pack_sqlite(copy: Copy) -> Reading:
    """Write the rows of a table of an SQLite file into one Parquet file, columns typed.

    A view may be endless, so it is asked often if it is over.

    Raises:
        UnreachedError: there is no such table, or no room for its rows.
        SourceError: the file is no database of SQLite.
    """
    _, table, located, target, is_over = copy
    what = f"{located.shown} cannot be read: {_NO_SQLITE}"
    name = table.location.replace('"', '""')
    with _sqlite(located, target.with_suffix(".db")) as source:
        source.set_progress_handler(is_over, _STEPS)
        with library(what):
            source.execute("PRAGMA trusted_schema = OFF")
            try:
                found = source.execute(f'SELECT * FROM "{name}"')
            except sqlite3.OperationalError as error:
                if "no such table" not in str(error):
                    raise
                msg = f"there is no table {located.shown}"
                raise UnreachedError(msg) from None
            names = [column[0] for column in found.description]
        return pack_rows(copy, names, _guarded(found, what))


@contextlib.contextmanager
def _sqlite(located: Located, copy: Path) -> Iterator[sqlite3.Connection]:
    """Yield a connection that changes nothing where the file lies."""
    file, *logs = located.files
    how = "mode=ro&immutable=1"
    if logs:  # what was written last; read where it is, the file would be changed
        how = "mode=rw"
        file = Path(shutil.copy(file, copy))
        shutil.copy(logs[0], f"{file}-wal")  # which names no other file
    uri = f"file:{quote(str(file.absolute()))}?{how}"
    with library(f"{located.shown} cannot be read: {_NO_SQLITE}"):
        source = sqlite3.connect(uri, uri=True, check_same_thread=False)
    with contextlib.closing(source):
        yield source


def sqlite_tables(located: Located, scratch: Path) -> list[str]:
    """Return the names of the tables of an SQLite file; views are left out.

    Raises:
        SourceError: it is no database of SQLite.
    """
    with (
        _sqlite(located, scratch / "names.db") as source,
        library(f"{located.shown} cannot be read: {_NO_SQLITE}"),
    ):
        found = source.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' "
            "AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"
        )
        return [str(name) for (name,) in found]


def excel_sheets(located: Located) -> dict[str, list[str]]:
    """Return the header of each sheet of a workbook: its first row with a cell.

    Raises:
        SourceError: it is no workbook, or too large.
    """
    with _workbook(located) as book, library(_no_workbook(located)):
        return {
            sheet.title: _header(filter(_has_value, sheet.iter_rows(values_only=True)))
            for sheet in book.worksheets
        }


def _header(filled: Iterator[Row]) -> list[str]:
    header = [_as_text(cell) or "" for cell in next(filled, ())]
    while header and not header[-1]:
        header.pop()
    return header


def pack_excel(copy: Copy) -> Reading:
    """Write the rows of a sheet of a workbook into one Parquet file, columns typed.

    The first row with a cell has the names. Of formulas the values are read that were
    saved with them.

    Raises:
        UnreachedError: there is no such sheet, or it is too large.
        SourceError: the file is no workbook, or its first row names no declared column.
    """
    table, located = copy.table, copy.located
    declared = [column.name for column in table.columns]
    with _workbook(located) as book:
        sheet = _sheet(book, table, located)
        cells = _guarded(sheet.iter_rows(values_only=True), _no_workbook(located))
        filled = filter(_has_value, cells)
        header = _header(filled)
        subject = f"{located.shown} has no header: its first row"
        check_names(header, declared or [""], subject)
        return pack_rows(copy, header, filled)


def _no_workbook(located: Located) -> str:
    return f"{located.shown} cannot be read: it is not an Excel workbook (.xlsx)"


@contextlib.contextmanager
def _workbook(located: Located) -> Iterator[Any]:
    """Yield a workbook that is read row by row."""
    with located.files[0].open("rb") as stream:
        with library(_no_workbook(located)):
            size, held = unpacked(stream)
            if size > _LARGEST or held > _MOST_HELD:
                msg = f"{located.shown} is too large for a workbook; save it as CSV"
                raise UnreachedError(msg)
            book = open_book(stream)
        yield book


def _sheet(book: Any, table: Table, located: Located) -> Any:  # noqa: ANN401 - untyped
    """Return the sheet of a table; of a workbook for one table, its only one."""
    sheets = {sheet.title.casefold(): sheet for sheet in book.worksheets}
    found = sheets.get(table.location.casefold())
    path = (located.server.path if located.server else None) or ""
    if found is None and "{model}" in path and len(sheets) == 1:
        found = book.worksheets[0]
    if found is None:
        msg = f"there is no sheet {located.shown}"
        raise UnreachedError(msg)
    return found


def _guarded(rows: Iterable[Row], what: str) -> Iterator[Row]:
    with library(what):
        for row in rows:  # noqa: UP028 - it would close a cursor of a closed database
            yield row


def _has_value(row: Row) -> bool:
    return any(cell is not None for cell in row)


def pack_rows(copy: Copy, header: Sequence[str], rows: Iterator[Row]) -> Reading:
    """Write rows of any values into one Parquet file, columns typed as texts are.

    Raises:
        UnreachedError: there is no room for them.
        SourceError: what the rows themselves raise.
    """
    names, notes = once(header)
    schema = pa.schema([(name, pa.string()) for name in names])
    beyond, last = 0, list[Row]()

    def batches() -> Iterator[pa.RecordBatch]:
        nonlocal beyond, last
        while chunk := list(itertools.islice(rows, _CHUNK)):
            last = [*last, *chunk][-LAST:]
            beyond += sum(_has_value(row[len(names) :]) for row in chunk)
            # Rows of a sheet end with their last cell.
            columns = itertools.zip_longest(*chunk, fillvalue=None)
            texts = [[_as_text(cell) for cell in column] for column in columns]
            texts += [[None] * len(chunk)] * (len(names) - len(texts))
            arrays = [pa.array(column, pa.string()) for column in texts[: len(names)]]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    raw = copy.target.with_suffix(".0")
    write_rows(copy.con, schema, batches(), raw)
    if beyond:
        notes.append(f"left out: cells beside the header, in {beyond:,} rows")
    notes += told_totals(totals_of(last), "row")
    return pack_texts(copy, Texts([raw], notes=notes))


def _as_text(value: object) -> str | None:
    """Return a value as a text file would have it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()  # a sheet has no dates without a time
    return str(value)
