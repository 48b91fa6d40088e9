"""Lines of a text file that are no row of their own: what takes them in, and totals.

A quotation mark that is closed too late, or never, makes one text of many rows; and the
last row of an export may be the sum of those above it. Both are told, by number.
"""

import csv
import gzip
import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from readybook.measure.sources.engine import escaped
from readybook.model.words import count

_BLOCK = 2**20  #: bytes at a time
_MOST_READ = 2**26  #: bytes that one quotation mark is followed over
_TAIL = 2**14  #: bytes that hold the last lines
LAST, _MOST_TOTALS = 10, 2  #: lines that are looked at, and those that are totals
_TOTALS = frozenset({
    "total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "insgesamt",
    "gesamtsumme", "zwischensumme", "totale", "totaal", "suma", "razem",
})  # fmt: skip


def taken_in(file: Path, start: int, delimiter: str) -> int:
    """Return over how many line ends the odd quotation mark of a line goes on.

    It is the first of the line that is not followed by a delimiter once it is closed.

    Args:
        file: with gzip where it is called so.
        start: of the line, in bytes.
        delimiter: what parts the fields.
    """
    mark = re.escape(delimiter.encode())
    quoted = rb'"([^"]*+(?:""[^"]*+)*+)'
    plain = rb'[^"%b\r\n][^%b\r\n]*+' % (mark, mark)
    fields = rb'(?:(?:%b"|%b|)%b)*+' % (quoted, plain, mark)
    with _opened(file) as stream:
        stream.seek(start)
        text = stream.read(_MOST_READ)
    found = re.match(fields + quoted, text)
    # Where nothing closes it, the last line ends with the file.
    within = found[2] if found and found.end() < len(text) else text.rstrip(b"\r\n")
    return within.count(b"\n") if found else 0


def swallowed(
    con: duckdb.DuckDBPyConnection, target: Path, delimiter: str, names: Sequence[str]
) -> tuple[int, int, int]:
    """Return how many texts are lines of the file, the row of the first, and the lines.

    Several lines in a row, each with as many delimiters as the header, are no text.
    """
    parts = len(names) - 1
    if not parts:
        return 0, 0, 0
    source = f"read_parquet('{escaped(target)}', file_row_number = true)"
    kinds = con.execute(f"DESCRIBE FROM {source}").fetchall()
    held = [name for name, kind, *_ in kinds if kind == "VARCHAR"]
    mark = re.escape(delimiter).replace("'", "''")
    line = rf"([^{mark}\n]*{mark}){{{min(parts, 100)}}}[^{mark}\n]*\n"
    # The fewer fields, the more lines: a text may have a comma in each of a few.
    form = rf"(?s)[^\n]*\n({line}){{{max(4, 16 // parts)}}}.*"
    asked = [
        f"SELECT file_row_number + 1 AS n, length(v) - length(replace(v, chr(10), '')) "
        f"AS ends FROM (SELECT file_row_number, {_name(one)} AS v FROM {source}) "
        f"WHERE contains(v, chr(10)) AND regexp_full_match(v, '{form}')"
        for one in held
    ]
    if not asked:
        return 0, 0, 0
    query = f"SELECT count(*), min(n), sum(ends) FROM ({' UNION ALL '.join(asked)})"
    texts, first, ends = con.execute(query).fetchall()[0]
    return int(texts), int(first or 0), int(ends or 0)


def may_swallow(files: Collection[Path], rows: int) -> bool:
    """Return whether files have more lines than their rows and headers are."""
    ends = 0
    for file in files:
        if file.suffix.lower() == ".gz":
            return True
        with file.open("rb") as stream:
            while block := stream.read(_BLOCK):
                ends += block.count(b"\n")
    return ends > rows + len(files)


def totals_in(files: Sequence[Path], delimiter: str) -> list[str]:
    """Return a clause on the files whose last lines are totals of those above."""
    found = [totals_of(list(_last_rows(file, delimiter))) for file in files]
    return told_totals(sum(found), "line")


def told_totals(number: int, noun: str) -> list[str]:
    """Return a clause on so many last lines or rows that are totals."""
    if not number:
        return []
    what = f"{count(number, noun)} at the end {'is' if number == 1 else 'are'}"
    return [f"{what} totals by a word in it, and counted as rows" if number > 1
            else f"{what} a total by a word in it, and counted as a row"]  # fmt: skip


def totals_of(rows: Sequence[Sequence[object]]) -> int:
    """Return how many of the last rows are totals, and no row above them is one.

    A word for totals that stands in more rows is a category of the data.
    """
    marks = [
        any(str(cell).strip(" :\t").lower() in _TOTALS for cell in row if cell)
        for row in rows[-LAST:]
    ]
    number = marks.count(True)
    is_end = 0 < number <= _MOST_TOTALS and all(marks[-number:])
    return number if is_end and len(marks) > number else 0


def _last_rows(file: Path, delimiter: str) -> Iterator[list[str]]:
    with _opened(file) as stream:
        if file.suffix.lower() == ".gz":
            last = b""
            while block := stream.read(_BLOCK):
                last = (last + block)[-_TAIL:]
        else:
            stream.seek(max(0, file.stat().st_size - _TAIL))
            last = stream.read()
    lines = last.decode(errors="replace").splitlines()[-LAST:]
    for line in filter(str.strip, lines):
        # Each for itself: one that begins in the middle of a text spoils no other.
        yield from csv.reader([line], delimiter=delimiter)


def _opened(file: Path) -> Any:  # noqa: ANN401 - gzip's or a file
    return gzip.open(file) if file.suffix.lower() == ".gz" else file.open("rb")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
