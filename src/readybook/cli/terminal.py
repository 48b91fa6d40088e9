"""What verbs share: their frame, exit codes, messages, and options of one kind.

Results go to standard output, messages and progress to standard error.
"""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

FINE, BAD_INPUT, WRONG_USAGE, SOME_FAILED, STOPPED = 0, 1, 2, 3, 130
EXIT_CODES = """\
exit codes:
  0  fine
  1  bad input: every problem is listed, nothing was written
  2  wrong usage
  3  some assessment failed, the others are done
"""


class Verb(NamedTuple):
    """One verb of the command line, as the module that holds it describes it."""

    run: Callable[[argparse.Namespace], int]  #: returns the exit code
    options: tuple[Callable[[argparse.ArgumentParser], None], ...]  #: each adds some
    example: str
    writes: bool = True  #: False: it writes no file in any case


def say(text: str) -> None:
    """Print a message for people to standard error."""
    print(text, file=sys.stderr)


def confirmed(question: str) -> bool:
    """Ask a person; return whether the answer is yes. Where there is no terminal, no."""
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def wrong_usage(verb: str, found: str, expected: str, do: str) -> int:
    """Say what is wrong with the words after a verb; return the exit code."""
    say(f"readybook {verb}: found {found}, expected {expected}, do: {do}")
    return WRONG_USAGE


def print_json(body: object) -> None:
    """Print a result for machines."""
    print(json.dumps(body, indent=1, ensure_ascii=False))


@contextmanager
def progress(total: int, label: str) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr; what is yielded is called with each step's name."""
    from tqdm import tqdm  # noqa: PLC0415 - keeps --help fast

    with tqdm(total=total, desc=label, unit="step", leave=False) as bar:
        begun = False

        def tick(step: str) -> None:
            nonlocal begun
            bar.update(1 if begun else 0)
            begun = True
            bar.set_postfix_str(step)

        yield tick
        bar.update(total - bar.n)


def add_folder(parser: argparse.ArgumentParser) -> None:
    """Take one assessment's folder."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="an assessment's folder"
    )


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


def add_format(default: str, *others: str) -> Callable[[argparse.ArgumentParser], None]:
    """Return what takes the form in which the result is printed."""

    def add(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--format",
            choices=[default, *others],
            default=default,
            help=f"how it is printed (default: {default})",
        )

    return add


def whole_number(text: str, *, most: int, unit: str = "", such: int) -> int:
    """Return the number from 1 that an option takes.

    Raises:
        ArgumentTypeError: it is none, or above the most; says what to write.
    """
    if text.isascii() and text.isdigit() and 0 < int(text) <= most:
        return int(text)
    message = f"found '{text}', expected {unit}1 to {most}, do: write {such}"
    raise argparse.ArgumentTypeError(message)
