"""What verbs of the command line share: their frame, and options of one kind."""

from __future__ import annotations

import argparse
import datetime as dt
import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001

__all__ = ["EXIT_CODES", "add_as_of", "add_folders", "add_verb", "memory", "seconds"]

EXIT_CODES = """\
exit codes:
  0  fine
  1  bad input: every problem is listed, nothing was written
  2  wrong usage
  3  some assessment failed, the others are done
"""


def add_verb(
    verbs: Verbs,
    name: str,
    run: Callable[[argparse.Namespace], int],
    about: str,
    example: str,
) -> argparse.ArgumentParser:
    """Return the parser of a new verb, whose help has an example and the exit codes."""
    parser = verbs.add_parser(
        name,
        help=about,
        description=about,
        epilog=f"example:\n  {example}\n\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    return parser


def add_folders(parser: argparse.ArgumentParser) -> None:
    """Take one assessment's folder or more."""
    parser.add_argument(
        "folders", type=Path, nargs="+", metavar="DIR", help="an assessment's folder"
    )


def add_as_of(parser: argparse.ArgumentParser) -> None:
    """Take the date of judging."""
    parser.add_argument(
        "--as-of",
        type=dt.date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="date that age is judged at (default: as_of of assessment.yaml)",
    )


def seconds(text: str) -> float:
    """Return a time limit; any number above 0."""
    try:
        limit = float(text)
    except ValueError:
        limit = 0.0
    if not 0 < limit < math.inf:
        message = f"found '{text}', expected seconds above 0, do: write 1800"
        raise argparse.ArgumentTypeError(message)
    return limit


def memory(text: str) -> str:
    """Return a memory limit as the engine reads it."""
    if not re.fullmatch(r"[1-9]\d{0,5} ?(MB|GB|MiB|GiB)", text):
        message = f"found '{text}', expected a size in MB or GB, do: write 512MB"
        raise argparse.ArgumentTypeError(message)
    return text
