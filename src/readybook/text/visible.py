"""What people typed, where a program would act on it: a terminal, a spreadsheet.

A character that is not seen, or that moves others, is shown as JSON writes it.
"""

import csv
import io
import json
import re
from collections.abc import Iterable
from typing import Any

#: Controls save tab and line end, what turns or breaks a line, what has no width, tags,
#: and halves of characters. A joiner that shapes the letter behind it is spelling.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
    r"|[\u200c\u200d](?![^\W\x00-\x7f])"
)
#: Where a cell may begin: a spreadsheet that splits at semicolons or tabs begins one
#: there too (OWASP, CSV Injection). Wide and small forms of a sign are read as the sign.
_SIGN = r"(?=[=+\-@＝＋－＠﹦﹢﹣﹫\t])"  # noqa: RUF001
_FIRST = re.compile(rf"^([^\S\t]*)('*){_SIGN}")
_LATER = re.compile(rf"([,;|\t\n\"])([^\S\t\n]*){_SIGN}")
_GUARDED = re.compile(rf"^([^\S\t]*)'('*){_SIGN}")


def visible(text: str) -> str:
    r"""Return a text in which every character is seen: an escape reads `\u001b`."""
    return _UNSEEN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def safe_cell(value: object) -> str:
    """Return a cell of a CSV that no spreadsheet takes for a formula.

    Of a text an apostrophe stands before a sign that would begin one.
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return _LATER.sub(r"\1\2'", _FIRST.sub(r"\1'\2", visible(str(value))))


def csv_of(rows: Iterable[Iterable[object]], **form: Any) -> str:  # noqa: ANN401
    """Return rows as CSV, each cell safe; its form is as `csv.writer` takes it."""
    text = io.StringIO()
    writer = csv.writer(text, **{"lineterminator": "\n", **form})
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def typed_cell(cell: str) -> str:
    """Return what was typed into a cell, without the apostrophe in front of a formula.

    An apostrophe further inside is the writer's: "the codes '?', '-' mean unknown".
    """
    return _GUARDED.sub(r"\1\2", cell)
