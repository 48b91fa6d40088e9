"""Open a filled sheet: Markdown or CSV, by the ending of its name."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from readybook.model.errors import InvalidInputError, Problem
from readybook.paper.read import Read, read_csv_sheet, read_markdown_sheet
from readybook.text.documents import read_bytes

__all__ = ["load_sheet"]

_READERS = {
    ".md": read_markdown_sheet,
    ".markdown": read_markdown_sheet,
    ".csv": read_csv_sheet,
}


def load_sheet(path: Path) -> Read:
    """Return what stands in a sheet, with what is wrong in its form.

    Args:
        path: the file; problems name it as it is given here.

    Raises:
        InvalidInputError: it cannot be opened, or is no sheet.
    """
    name, ending = str(path), path.suffix.lower()
    if ending not in _READERS:
        found = f"the ending '{path.suffix}'" if ending else "no ending"
        do = "save it as Markdown or CSV"
        _refuse(name, found, "a sheet that ends in .md or .csv", do)
    try:
        text = read_bytes(path, name=name).decode("utf-8-sig")
    except UnicodeDecodeError:
        _refuse(name, "letters in another code", "UTF-8", "save it as UTF-8")
    return _READERS[ending](text, name)


def _refuse(name: str, found: str, expected: str, do: str) -> NoReturn:
    raise InvalidInputError([Problem(name, 0, "", found, expected, do)])
