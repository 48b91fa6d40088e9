"""The verb `report`: assessments as pages, one HTML file each."""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from readybook.case.open import open_each
from readybook.cli.terminal import (
    FINE,
    SOME_FAILED,
    WRONG_USAGE,
    Verb,
    add_as_of,
    add_folders,
    progress,
    say,
)
from readybook.model.errors import InvalidInputError, ReadybookError
from readybook.report.execute import NOTEBOOKS
from readybook.report.render import Rendered, render_report

__all__ = ["VERBS"]


def _options(parser: argparse.ArgumentParser) -> None:
    add_folders(parser)
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("reports"),
        metavar="DIR",
        help="folder for the reports (default: reports)",
    )
    add_as_of(parser)
    parser.add_argument(
        "--edition",
        choices=["leadership", "team"],
        default="leadership",
        help="leadership: roles only; team: who said what (default: leadership)",
    )


def _report(arguments: argparse.Namespace) -> int:
    """Render the named folders; the last lines printed are the pages.

    One that fails harms no other.
    """
    if twice := _same_names(arguments.folders):
        say(
            f"readybook report: found {twice} as the name of more than one folder, "
            "expected a name of its own for each report, do: rename one of them, or "
            "report them into different folders with --out"
        )
        return WRONG_USAGE
    good, bad = open_each(arguments.folders, as_of=arguments.as_of)
    if not good:
        raise InvalidInputError(p for error in bad for p in error.problems)
    for error in bad:
        say(str(error))
    failed = len(bad)
    done: list[Rendered] = []
    with progress(len(good) * len(NOTEBOOKS), "report") as tick:
        for one in good:
            try:
                done.append(
                    render_report(
                        one, out=arguments.out, edition=arguments.edition, tick=tick
                    )
                )
            except ReadybookError as error:
                failed += 1
                say(f"{one.folder}: {error}")
    for rendered in done:
        say(rendered.headline)
        print(rendered.page)
    return SOME_FAILED if failed else FINE


def _same_names(folders: list[Path]) -> str:
    """Return the names that several folders share, whose reports would overwrite."""
    names = Counter(folder.resolve().name for folder in folders)
    return ", ".join(f"'{name}'" for name, times in names.items() if times > 1)


VERBS = {
    "report": Verb(_report, _options, "readybook report churn claims --out reports")
}
