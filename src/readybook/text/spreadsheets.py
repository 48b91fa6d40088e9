"""Workbooks of Excel, opened within limits, and written with the same bytes each time."""

import datetime as dt
import io
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

from readybook.model.errors import InvalidInputError, Problem
from readybook.text.documents import read_bytes

_TYPED = 2**26  #: bytes of a workbook once unpacked, in which people wrote
_CELLS = 2**22  #: of it; a file of few bytes may place one in the last row or column
_SAVED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def unpacked(stream: BinaryIO) -> tuple[int, int]:
    """Return the bytes of a workbook once unpacked, and of those that are held whole.

    Raises:
        zipfile.BadZipFile: it is no workbook.
    """
    with zipfile.ZipFile(stream) as parts:
        sizes = {part.filename: part.file_size for part in parts.infolist()}
    rows = sum(
        size for name, size in sizes.items() if name.startswith("xl/worksheets/")
    )
    return sum(sizes.values()), sum(sizes.values()) - rows


def open_book(stream: BinaryIO, *, as_typed: bool = False) -> Any:  # noqa: ANN401 - untyped
    """Return a workbook that is read row by row.

    A formula is what it last came to; where all is as typed, the formula.
    """
    import openpyxl  # noqa: PLC0415 - few files are workbooks

    with warnings.catch_warnings(action="ignore"):  # of styles and the like
        book = openpyxl.load_workbook(
            stream, read_only=True, data_only=not as_typed, keep_links=False
        )
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what a program wrote of them may be wrong
    return book


def book_bytes(book: Any) -> bytes:  # noqa: ANN401 - untyped
    """Return a workbook as a file without the time at which it was saved."""
    saved, kept = io.BytesIO(), io.BytesIO()
    book.save(saved)
    with (
        zipfile.ZipFile(saved) as parts,
        zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as again,
    ):
        for name in parts.namelist():
            content = parts.read(name)
            if name == "docProps/core.xml":
                content = _SAVED.sub(rb"\g<1>1980-01-01T00:00:00Z", content)
            part = zipfile.ZipInfo(name)
            part.compress_type = zipfile.ZIP_DEFLATED
            again.writestr(part, content)
    return kept.getvalue()


def _held(book: Any, path: Path) -> dict[str, list[list[str]]]:  # noqa: ANN401 - untyped
    size, held = 0, dict[str, list[list[str]]]()
    for page in book.worksheets:
        rows = held.setdefault(page.title, [])
        for row in page.values:  # rows and cells that a file leaves out are filled in
            size += 1 + len(row)
            if size > _CELLS:
                raise _refused(path, "cells far below or beside what was printed")
            texts = [_text(cell) for cell in row]
            while texts and not texts[-1]:
                texts.pop()
            rows.append(texts)
    return held


def typed_rows(path: Path) -> dict[str, list[list[str]]]:
    """Return the rows of each sheet of a workbook, as texts, by its name.

    Raises:
        InvalidInputError: it cannot be read, or is larger than what people write.
    """
    content = io.BytesIO(read_bytes(path, name=str(path)))
    try:
        size, _ = unpacked(content)
    except zipfile.BadZipFile:
        raise _refused(path, "no workbook of Excel") from None
    if size > _TYPED:
        raise _refused(path, "a workbook that is larger than what people write")
    try:
        return _held(open_book(content, as_typed=True), path)
    except InvalidInputError:
        raise
    except Exception:  # noqa: BLE001 - the library raises what it likes
        raise _refused(path, "a damaged workbook") from None


def _refused(path: Path, found: str) -> InvalidInputError:
    do = "save the sheet as .xlsx or .csv again"
    expected = "a sheet that readybook printed"
    return InvalidInputError([Problem(str(path), 0, "", found, expected, do)])


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time() else str(cell)
        case float() if cell.is_integer():
            return str(int(cell))
        case bool():
            return "yes" if cell else "no"
    return str(cell)
