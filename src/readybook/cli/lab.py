"""The verb `readybook lab`: the notebooks beside an assessment, in JupyterLab."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from readybook.cli.core import FINE, say
from readybook.cli.options import add_verb
from readybook.model.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from readybook.cli.options import Verbs

__all__ = ["add", "lab"]

_LAST_PORT = 65_535


def add(verbs: Verbs) -> None:
    """Take the verb and its options."""
    parser = add_verb(
        verbs,
        "lab",
        lab,
        "Copy the notebooks beside an assessment and open them in JupyterLab.",
        "readybook lab churn",
    )
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="an assessment's folder (default: the worked example, copied to "
        "./flight-delays)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help="port to listen on (default: 8888, or the next free one)",
    )
    parser.add_argument(
        "--no-browser",
        action="store_true",
        help="print the address instead of opening it (default: open it)",
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) <= _LAST_PORT:
        return int(text)
    message = f"found '{text}', expected 1 to {_LAST_PORT}, do: write 8888"
    raise argparse.ArgumentTypeError(message)


def lab(arguments: argparse.Namespace) -> int:
    """Copy what is missing, say what was done, and run JupyterLab."""
    from readybook.cli.jupyterlab import (  # noqa: PLC0415 - builds models
        copy_notebooks,
        is_shipped,
        need_lab,
        own_example,
        start_lab,
    )

    need_lab()
    folder: Path | None = arguments.folder
    if folder is None or (folder.is_dir() and is_shipped(folder)):
        folder, done = own_example(Path())
        say(done)
    _need_assessment(folder)
    for note in copy_notebooks(folder):
        say(note)
    start_lab(folder, port=arguments.port, browser=not arguments.no_browser)
    return FINE


def _need_assessment(folder: Path) -> None:
    """Refuse a folder without an assessment; a broken one is what the lab mends."""
    if (folder / "assessment.yaml").exists():
        return
    found = "a folder without assessment.yaml" if folder.exists() else "no such folder"
    found = "a file" if folder.is_file() else found
    do = f"run: readybook new {folder}" if not folder.exists() else "name another one"
    expected = "the folder of an assessment"
    raise InvalidInputError([Problem(str(folder), 0, "", found, expected, do)])
