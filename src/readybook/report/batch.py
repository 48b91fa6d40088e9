"""Many assessments: open each, render each; one that fails harms no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, ReadybookError
from readybook.report.render import NOTEBOOKS, Rendered, render_report
from readybook.show.kit.fragment import Edition

__all__ = ["NOTEBOOKS", "open_all", "open_each", "report_each"]

Opened = tuple[Path, Assessment]


def open_each(
    folders: Iterable[Path], *, as_of: dt.date | None = None
) -> Iterator[tuple[Path, Assessment | InvalidInputError]]:
    """Yield each folder with what was read from it, or with all that is wrong.

    Problems name files by the folder as it was given, so that a terminal can open them.
    """
    for folder in folders:
        try:
            bank = load_bank_for(folder)
            yield folder, open_assessment(folder, bank=bank, as_of=as_of)
        except InvalidInputError as error:
            yield (
                folder,
                InvalidInputError(
                    replace(problem, file=str(_below(folder, problem.file)))
                    for problem in error.problems
                ),
            )


def _below(folder: Path, name: str) -> Path:
    """Return a file of a folder; what is no folder is meant itself."""
    return folder / name if folder.is_dir() else folder


def open_all(folders: Iterable[Path], *, as_of: dt.date | None = None) -> list[Opened]:
    """Return every folder with what was read from it.

    Raises:
        InvalidInputError: with the problems of all folders.
    """
    opened = list(open_each(folders, as_of=as_of))
    good, bad = split(opened)
    if bad:
        raise InvalidInputError(p for _, error in bad for p in error.problems)
    return good


def split(
    opened: Iterable[tuple[Path, Assessment | InvalidInputError]],
) -> tuple[list[Opened], list[tuple[Path, InvalidInputError]]]:
    """Return what could be opened, and what could not."""
    good: list[Opened] = []
    bad: list[tuple[Path, InvalidInputError]] = []
    for folder, one in opened:
        if isinstance(one, InvalidInputError):
            bad.append((folder, one))
        else:
            good.append((folder, one))
    return good, bad


def report_each(
    opened: Iterable[Opened],
    *,
    out: Path,
    edition: Edition = "leadership",
    tick: Callable[[str], None] = lambda _: None,
) -> Iterator[tuple[Path, Rendered | ReadybookError]]:
    """Yield each folder with what was written, or with why it failed."""
    for folder, assessment in opened:
        try:
            yield (
                folder,
                render_report(folder, assessment, out=out, edition=edition, tick=tick),
            )
        except ReadybookError as error:
            yield folder, error
