"""Sheets as a workbook of Excel: one for each role, filled in by choice, read back.

It has the columns of the CSV. What is not to be typed into is locked, without a
password, so that nobody moves a question by accident.
"""

from collections.abc import Sequence
from typing import Any, get_args

from readybook.model.bank import LEVEL_WORDS, WaveOffReason
from readybook.paper.sheet import HEADER, OTHERS, Sheet, rows_of
from readybook.text.spreadsheets import book_bytes
from readybook.text.visible import visible

_NARROW, _WIDE = 14, 36  #: characters of a column
_LINE, _TALLEST = 15, 405  #: points of a line, and of a row at most
_WIDE_COLUMNS = {"question", "why", "proof", "note", "because", "what would show it"}
_HIDDEN = ("role", "bank")  #: for whoever reads it back
_NAME = 31  #: characters of a sheet's name, at most
_DATES = ("proof_date", "answered_on")


def sheets_xlsx(sheets: Sequence[Sheet], roles: Sequence[str]) -> bytes:
    """Return a workbook with a sheet for each role; its roles are those of the bank."""
    import openpyxl  # noqa: PLC0415 - few sheets are workbooks

    book = openpyxl.Workbook()
    book.remove(book.active)
    for sheet in sheets:
        _write(book.create_sheet(sheet.role[:_NAME]), sheet, roles)
    return book_bytes(book)


def _write(page: Any, sheet: Sheet, roles: Sequence[str]) -> None:  # noqa: ANN401
    from openpyxl.styles import Alignment, Font, Protection  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    told = HEADER.index("answer")
    widths = [
        _WIDE if name in _WIDE_COLUMNS or name[0].isdigit() else _NARROW
        for name in HEADER
    ]
    for at, row in enumerate([HEADER, *rows_of(sheet)], 1):
        for column, text in enumerate(row, 1):
            cell = page.cell(at, column, visible(text) or None)
            if text:
                cell.data_type = "s"  # also of a text that looks like a formula
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=at == 1)
            cell.protection = Protection(locked=at == 1 or column <= told)
        # words break, so that a line holds a little less than fits
        rows = max(-(-len(t) * 10 // (w * 9)) for t, w in zip(row, widths, strict=True))
        page.row_dimensions[at].height = min(_LINE * max(rows, 1), _TALLEST)
    for column, (name, width) in enumerate(zip(HEADER, widths, strict=True), 1):
        measure = page.column_dimensions[get_column_letter(column)]
        measure.width, measure.hidden = width, name in _HIDDEN
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    _offer(page, sheet, roles)
    page.freeze_panes = page.cell(2, HEADER.index("title") + 2)
    page.protection.sheet = True
    page.protection.formatColumns = page.protection.formatRows = False


def _offer(page: Any, sheet: Sheet, roles: Sequence[str]) -> None:  # noqa: ANN401
    """Offer what may be written into a cell, where that is one of a few."""
    from openpyxl.utils import get_column_letter  # noqa: PLC0415
    from openpyxl.worksheet.datavalidation import DataValidation  # noqa: PLC0415

    def choices(column: str, rows: tuple[int, int], words: Sequence[str]) -> None:
        listed = ",".join(words)
        if len(listed) > 255 or any("," in word or '"' in word for word in words):  # noqa: PLR2004 - Excel's
            return
        offered = DataValidation("list", formula1=f'"{listed}"', allow_blank=True)
        offered.error = "Choose one of the list."
        offered.showErrorMessage = True
        letter = get_column_letter(HEADER.index(column) + 1)
        offered.add(f"{letter}{rows[0]}:{letter}{rows[1]}")
        page.add_data_validation(offered)

    levels = [f"{level} {word}" for level, word in enumerate(LEVEL_WORDS)]
    for at, asked in enumerate(sheet.asked, 2):
        others = [OTHERS[key] for key in asked.answers if key in OTHERS]
        choices("answer", (at, at), [*levels, *others])
    last = len(sheet.asked) + 1
    if last > 1:
        choices("private", (2, last), ["yes", "no"])
        choices("reason", (2, last), get_args(WaveOffReason))
        choices("approved_by", (2, last), roles)
    for name in _DATES:
        for at in range(2, last + 1):
            page.cell(at, HEADER.index(name) + 1).number_format = "yyyy-mm-dd"
