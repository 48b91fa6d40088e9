"""The form's script and style sheet, read from the package and put into one text each."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from readybook.show.kit.theme import scheme, shape_rules

__all__ = ["MODULES", "script", "style"]

_STATIC = Path(__file__).parent / "static"
#: In the order in which they need each other; each is a plain ES module.
MODULES = ("dom", "drafts", "link", "answer", "entry", "trouble", "fields", "reveal",
           "confirm", "card", "people", "scope", "head", "form", "vote", "agreement",
           "room", "cells", "tablerow", "tables", "main")  # fmt: skip
_SHEETS = ("form.css", "tables.css")
_IMPORT = re.compile(r"^import .*? from \"\./[a-z]+\.js\";\n", re.MULTILINE | re.DOTALL)
_EXPORT = re.compile(
    r"^export (?=(?:async )?(?:const|let|function|class)\b)", re.MULTILINE
)


@cache
def script() -> str:
    """Return the modules joined: a widget's script comes as one text, without a folder.

    Nothing is compiled. Imports between them go, and so does `export`, except from the
    last one, whose default export is what the widget runs.
    """
    texts = [(_STATIC / f"{name}.js").read_text(encoding="utf-8") for name in MODULES]
    return "\n".join(_EXPORT.sub("", _IMPORT.sub("", text)) for text in texts)


@cache
def style() -> str:
    """Return the style sheet, with the colours of the report in light and dark."""
    css = "\n".join((_STATIC / f).read_text(encoding="utf-8") for f in _SHEETS)
    shapes = "\n".join(f".rb-form {rule}" for rule in shape_rules().splitlines())
    return (
        f".rb-form{{{scheme('light')}}}\n"
        '[data-jp-theme-light="false"] .rb-form,.vscode-dark .rb-form'
        f"{{{scheme('dark')}}}\n{shapes}\n{css}"
    )
