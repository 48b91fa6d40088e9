"""What verbs share: their frame, exit codes, messages, and options of one kind.

Results go to standard output, messages and progress to standard error.
"""

import argparse
import datetime as dt
import io
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from readybook.model.errors import Problem, in_the_way
from readybook.text.visible import visible

FINE, BAD_INPUT, WRONG_USAGE, SOME_FAILED, MATCHED = range(5)
UNEXPECTED = 70  #: as sysexits.h has it: an error of the program itself
STOPPED = 128  #: and the number of the signal, as a shell has it
EXIT_CODES = """\
exit codes:
  0  fine
  1  bad input: every problem is listed, nothing was written
  2  wrong usage
  3  some assessment failed, or a source could not be read; the others are done
  4  a verdict is one of those that --fail-on names; all is done
  70  an error that nobody expected: what to report, and where, is said
  130, 143  stopped by Ctrl-C, by SIGTERM: what was finished is kept
"""


#: Adds an option or an argument to a verb.
Option = Callable[[argparse.ArgumentParser], None]


class Verb(NamedTuple):
    """One verb of the command line, as the module that holds it describes it."""

    run: Callable[[argparse.Namespace], int]  #: returns the exit code
    options: tuple[Option, ...]
    example: str
    writes: bool = True  #: False: it writes no file in any case


class Shown(io.TextIOBase):
    """A stream on which nothing that anybody typed acts on a terminal.

    All that verbs and their libraries print goes through one: see `all_shown`.
    """

    def __init__(self, stream: TextIO) -> None:
        """Write to a stream, in letters that it has."""
        self.stream = stream

    def write(self, text: str) -> int:
        """Write a text, what is not seen in it as JSON writes it."""
        code = self.stream.encoding or "utf-8"
        seen = visible(text).encode(code, errors="backslashreplace").decode(code)
        self.stream.write(seen)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written."""
        self.stream.flush()

    def fileno(self) -> int:
        """Return the descriptor of the stream."""
        return self.stream.fileno()


@contextmanager
def all_shown() -> Iterator[None]:
    """Show all that is printed meanwhile, and hand it on before it ends."""
    out, error = Shown(sys.stdout), Shown(sys.stderr)
    with redirect_stdout(out), redirect_stderr(error):
        yield


def say(text: str) -> None:
    """Print a message for people to standard error."""
    print(text, file=sys.stderr)


def command(*words: str | Path) -> str:
    """Return a line that a shell runs as readybook with these words."""
    # Backslashes would be quoted, for which not every shell of Windows has a sign.
    plain = (word.as_posix() if isinstance(word, Path) else word for word in words)
    return shlex.join(["readybook", *plain])


def confirmed(question: str) -> bool:
    """Ask a person; return whether the answer is yes. Where there is no terminal, no."""
    return asked(f"{question} [y/N] ").lower() in {"y", "yes"}


def asked(question: str) -> str:
    """Ask a person; return the answer. Where there is no terminal, "", unasked."""
    if sys.stdin is None or not sys.stdin.isatty():
        return ""
    print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def in_words(error: Exception) -> str:
    """Return what went wrong; an error of the system names no folder."""
    if not isinstance(error, OSError):
        return str(error)
    name = Path(os.fsdecode(error.filename)).name if error.filename else "a file"
    return str(Problem(name, 0, "", *in_the_way(error)))


def wrong_usage(verb: str, found: str, expected: str, do: str) -> int:
    """Say what is wrong with the words after a verb; return the exit code."""
    say(f"readybook {verb}: found {found}, expected {expected}, do: {do}")
    return WRONG_USAGE


def print_json(body: Mapping[str, object]) -> None:
    """Print a result for machines, with the version of its format."""
    print(json.dumps({"format": 1, **body}, indent=1, ensure_ascii=False))


@contextmanager
def progress(total: int, label: str) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr; what is yielded is called with each step's name."""
    from tqdm import tqdm  # noqa: PLC0415 - keeps --help fast

    # A bar moves the cursor, so it goes past what shows such signs; into a file or a
    # pipe it goes only where somebody wants to read it there, as our buttons do.
    error = sys.stderr.stream if isinstance(sys.stderr, Shown) else sys.stderr
    watched = error.isatty() or "TQDM_BAR_FORMAT" in os.environ
    with tqdm(
        total=total, desc=visible(label), unit="step", leave=False, file=error,
        disable=not watched,
    ) as bar:  # fmt: skip
        begun = False

        def tick(step: str) -> None:
            nonlocal begun
            bar.update(1 if begun else 0)
            begun = True
            bar.set_postfix_str(visible(step))

        yield tick
        bar.update(total - bar.n)


def option(usage: str, about: str, **given: Any) -> Option:  # noqa: ANN401 - argparse's
    """Return what adds an option, or an argument that stands in its place.

    Args:
        usage: its name, and what it takes: "--out FILE", "--tables NAME..." for one or
            more, "folder DIR?" for one or none; an option that takes nothing is a flag.
        about: its help.
        given: what else `add_argument` is to know.
    """
    name, _, takes = usage.partition(" ")
    if takes:
        given["metavar"] = takes.rstrip(".?")
    elif name.startswith("-") and "choices" not in given:
        given["action"] = "store_true"
    if takes.endswith(("...", "?")):
        given["nargs"] = "?" if takes.endswith("?") else "+"

    def add(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(name, help=about, **given)

    return add


def form(default: str, *others: str) -> Option:
    """Return the option of the form in which the result is printed."""
    choices, about = [default, *others], f"how it is printed (default: {default})"
    return option("--format", about, choices=choices, default=default)


def one_day(text: str) -> dt.date:
    """Return the day that an option takes.

    Raises:
        ArgumentTypeError: it is none; says what to write.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        message = f"found '{text}', expected a day YYYY-MM-DD, do: write 2026-11-30"
        raise argparse.ArgumentTypeError(message) from None


def whole_number(text: str, *, most: int, unit: str = "", such: int) -> int:
    """Return the number from 1 that an option takes.

    Raises:
        ArgumentTypeError: it is none, or above the most; says what to write.
    """
    if text.isascii() and text.isdigit() and 0 < int(text) <= most:
        return int(text)
    message = f"found '{text}', expected {unit}1 to {most}, do: write {such}"
    raise argparse.ArgumentTypeError(message)


FOLDER = option("folder DIR", "an assessment's folder", type=Path)
FOLDERS = option("folders DIR...", "an assessment's folder", type=Path)
AS_OF = option(
    "--as-of YYYY-MM-DD",
    "date that age is judged at (default: as_of of assessment.yaml)",
    type=one_day,
)
REGISTER = option(
    "--register FILE",
    "roles, resources and permissions that cases share, outside of them all: what a "
    "case leaves open it says, and no case says otherwise",
    type=Path,
)
