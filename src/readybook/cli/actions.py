"""The verb `readybook actions`: the ranked actions, for a spreadsheet or a tracker."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from readybook.cli.core import FINE
from readybook.cli.options import add_as_of, add_verb

if TYPE_CHECKING:
    from readybook.cli.options import Verbs

__all__ = ["actions", "add"]


def add(verbs: Verbs) -> None:
    """Take the verb and its options."""
    parser = add_verb(
        verbs,
        "actions",
        actions,
        "Print every action, ranked: as CSV for a spreadsheet, or as a Markdown list "
        "for an issue tracker.",
        "readybook actions churn --format csv > actions.csv",
    )
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="an assessment's folder"
    )
    add_as_of(parser)
    parser.add_argument(
        "--format",
        choices=["csv", "markdown"],
        default="markdown",
        help="how they are printed (default: markdown)",
    )


def actions(arguments: argparse.Namespace) -> int:
    """Print the actions of one assessment."""
    from readybook.bank.own import load_bank_for  # noqa: PLC0415
    from readybook.report.batch import open_all  # noqa: PLC0415
    from readybook.score.score import score  # noqa: PLC0415
    from readybook.show.plan.action_list import FORMATS, action_rows  # noqa: PLC0415 - heavy

    folder = arguments.folder
    ((_, assessment),) = open_all([folder], as_of=arguments.as_of)
    bank = load_bank_for(folder)
    rows = action_rows(score(bank, assessment), assessment, bank)
    # A terminal's line ends are its own.
    print(FORMATS[arguments.format](rows).replace("\r\n", "\n"), end="")
    return FINE
