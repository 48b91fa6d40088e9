"""The errors that readybook raises and the Problem that every refusal is made of."""

from __future__ import annotations

import difflib
import errno
import operator
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

MOST_TOLD = 100  #: problems that are told; nobody mends more from one list
_AT = re.compile(r"\[[0-9]+\]")
_ALONE = 5  #: problems that say the same, of which each is told in full
_COMPARED = 2000  #: names that are looked through for the nearest one
_NAMED = 100  #: names that advice lists


@dataclass(frozen=True)
class Nearest:
    """Advice that names the nearest known name; found when it is told, not before."""

    name: str
    known: Iterable[str]

    def __str__(self) -> str:
        """Return the advice."""
        return self._told

    @cached_property
    def _told(self) -> str:  # an error is told with its folder, too, and in a log
        return nearest(self.name, list(self.known))


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in an input: where, found, expected, what to do."""

    file: str  #: path relative to the folder that was named, never absolute
    line: int  #: 1-based; 0 where the file as a whole is meant
    key: str  #: dotted path inside the file, "" for the file itself
    found: str
    expected: str
    do: str | Nearest = field(compare=False)
    #: How many others it stands for, of which only the number is told.
    more: int = field(default=0, kw_only=True)

    @classmethod
    def rest(cls, file: str, number: int) -> Problem:
        """Return what stands for the problems of a file that are only counted."""
        return cls(
            file, 0, "", f"{number:,} more", "none", "mend these first", more=number
        )

    def as_json(self) -> dict[str, str | int]:
        """Return its parts as programs read them."""
        parts = ("file", "line", "key", "found", "expected")
        return {part: getattr(self, part) for part in parts} | {"do": str(self.do)}

    def __str__(self) -> str:
        """Return the one line that people read: `file:line: key: found, ...`."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        line = (
            f"{where}:{key} found {self.found}, expected {self.expected}, do: {self.do}"
        )
        # A file may be called so that its name would look like a line of its own.
        return line.replace("\n", "\\n").replace("\r", "\\r")


def listed_problems(problems: Sequence[Problem]) -> list[str]:
    """Return a line for each of the first hundred problems, and one for the rest."""
    told = [problem for problem in problems if not problem.more][:MOST_TOLD]
    more = number_of(problems) - len(told)
    rest = f"and {more:,} more problem{'s' if more > 1 else ''}; mend these first"
    return [*map(str, told), *([rest] if more else [])]


def grouped_problems(problems: Sequence[Problem]) -> list[str]:
    """Return the same lines, but of many that say the same in a file the first alone.

    Below it stand the lines of the others, all of them.
    """
    told = [problem for problem in problems if not problem.more][:MOST_TOLD]
    alike = dict[tuple[str, ...], list[Problem]]()
    for one in told:
        key = _AT.sub("[]", one.key)  # the place in a list is told by the line
        said = (one.file, key, one.found, one.expected, str(one.do))
        alike.setdefault(said, []).append(one)
    lines = list[str]()
    for same in alike.values():
        few = len(same) <= _ALONE
        lines += map(str, same if few else same[:1])
        places = ", ".join(f"{one.line}" for one in same[1:])
        lines += (
            [] if few else [f"  the same {len(same) - 1} times more, lines {places}"]
        )
    return [*lines, *listed_problems(problems)[len(told) :]]


def number_of(problems: Iterable[Problem]) -> int:
    """Return how many problems there are, with those that are only counted."""
    return sum(problem.more or 1 for problem in problems)


#: What is in the way, by the system's error: found, expected, what to do.
_IN_THE_WAY: dict[int, tuple[str, str, str]] = {
    errno.ENOSPC: ("a full disk", "room for the file", "free some space"),
    errno.EDQUOT: ("a full quota", "room for the file", "free some space of yours"),
    errno.EFBIG: ("a limit on the size of files", "room for the file", "raise it"),
    errno.EROFS: ("a disk that cannot be written", "a folder that you may write",
                  "copy the assessment to a folder of your own"),
    errno.EACCES: ("a folder or file that you may not write",
                   "a folder that you may write",
                   "ask for the right to write it, or copy the assessment"),
    errno.EPERM: ("a folder or file that is protected", "a folder that you may write",
                  "ask whoever protected it, or copy the assessment"),
    errno.ENOENT: ("no such folder", "the folder of the assessment",
                   "put it back, or open the assessment where it is now"),
}  # fmt: skip


def reason_of(error: OSError) -> str:
    """Return what the system says is wrong, as a part of a sentence; no path."""
    return error.strerror.lower() if error.strerror else type(error).__name__


def in_the_way(error: OSError) -> tuple[str, str, str]:
    """Return what an error of the system is in words: found, expected, what to do."""
    usual = (f"an error of the system ({reason_of(error)})",
             "a file that can be read and written", "mend what the system names")  # fmt: skip
    return _IN_THE_WAY.get(error.errno or 0, usual)


#: In the order of what is compared; faster than comparing them.
_PLACE = operator.attrgetter("file", "line", "key", "found", "expected", "more")


class ReadybookError(Exception):
    """Base of every error that readybook raises on purpose."""


class InvalidInputError(ReadybookError):
    """What people wrote cannot be read; carries every Problem that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems sorted by file and line."""
        once = sorted(set(problems), key=_PLACE)
        self.problems: tuple[Problem, ...] = tuple(once)
        super().__init__(self.problems)

    def __str__(self) -> str:
        """Return a line for each problem."""
        return "\n".join(listed_problems(self.problems))

    def below(self, folder: Path, *, but: str = "") -> InvalidInputError:
        """Return it with files named below a folder, as a terminal can open them.

        A file of the name `but` lies elsewhere.
        """
        return InvalidInputError(
            one if one.file == but else replace(one, file=str(folder / one.file))
            for one in self.problems
        )

    @classmethod
    def of(
        cls, file: str, found: str, expected: str, do: str, line: int = 0
    ) -> InvalidInputError:
        """Return the error of one problem, most often of a file as a whole."""
        return InvalidInputError([Problem(file, line, "", found, expected, do)])


class SourceError(ReadybookError):
    """A source of data could not be opened or read; says which and why."""


class UnjudgedError(SourceError):
    """A source was read, and is by its nature too small or too irregular to judge."""


class MissingExtraError(ReadybookError):
    """An optional package is not installed; names the command that installs it."""


class NotebookError(ReadybookError):
    """A notebook's cell failed; says which notebook, which cell and how."""


def close_to(name: str, known: Sequence[str]) -> str | None:
    """Return the known name that is nearest, or None where none is near."""
    some = known[:_COMPARED]
    close = difflib.get_close_matches(name, some, n=1, cutoff=0.6)
    return close[0] if close else None


def nearest(name: str, known: Sequence[str]) -> str:
    """Return advice that names the nearest known name, or all of them in their order."""
    close = close_to(name, known)
    if close:
        return f"did you mean '{close}'?"
    more = ", ..." if len(known) > _NAMED else ""
    return f"use one of: {', '.join(known[:_NAMED])}{more}" if known else "remove it"
