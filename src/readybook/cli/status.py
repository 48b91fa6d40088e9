"""The verbs `status` and `actions`: what is missing, and what is done about it."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from readybook.case.open import open_each, open_one
from readybook.cli.terminal import (
    BAD_INPUT,
    FINE,
    SOME_FAILED,
    Verb,
    add_as_of,
    add_folder,
    add_folders,
    add_format,
    print_json,
    say,
)
from readybook.model.errors import InvalidInputError
from readybook.score.score import score
from readybook.show.action_list import FORMATS, action_rows
from readybook.show.kit.case import Case
from readybook.show.workshop import status_json, status_text

__all__ = ["VERBS"]

_DAY = 24 * 60  # minutes


def _status_options(parser: argparse.ArgumentParser) -> None:
    add_folders(parser)
    add_as_of(parser)
    parser.add_argument(
        "--minutes",
        type=_minutes,
        default=30,
        metavar="N",
        help="that are left to settle something (default: 30)",
    )
    add_format(parser, "text", "json")


def _minutes(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) <= _DAY:
        return int(text)
    message = f"found '{text}', expected minutes from 1 to {_DAY}, do: write 30"
    raise argparse.ArgumentTypeError(message)


def _status(arguments: argparse.Namespace) -> int:
    """Print the status of each folder; what cannot be read is told beside it."""
    good, bad = open_each(arguments.folders, as_of=arguments.as_of)
    problems = [problem for error in bad for problem in error.problems]
    as_json = arguments.format == "json"
    if not (good or as_json):
        raise InvalidInputError(problems)
    cases = [Case(case, bank, score(bank, case)) for _, case, bank in good]
    minutes = arguments.minutes
    if as_json:
        shown = [status_json(case, minutes=minutes) for case in cases]
        print_json({"assessments": shown, "problems": [*map(asdict, problems)]})
    else:
        told = (status_text(case, minutes=minutes) for case in cases)
        print("\n\n".join(told), end="")
        for error in bad:
            say(str(error))
    if not bad:
        return FINE
    return SOME_FAILED if good else BAD_INPUT


def _actions_options(parser: argparse.ArgumentParser) -> None:
    add_folder(parser)
    add_as_of(parser)
    parser.add_argument(
        "--format",
        choices=["csv", "markdown"],
        default="markdown",
        help="how they are printed (default: markdown)",
    )


def _actions(arguments: argparse.Namespace) -> int:
    """Print the actions of one assessment."""
    _, assessment, bank = open_one(arguments.folder, as_of=arguments.as_of)
    rows = action_rows(Case(assessment, bank, score(bank, assessment)))
    # A terminal's line ends are its own.
    print(FORMATS[arguments.format](rows).replace("\r\n", "\n"), end="")
    return FINE


VERBS = {
    "status": Verb(
        _status, _status_options, "readybook status churn --minutes 20", writes=False
    ),
    "actions": Verb(
        _actions,
        _actions_options,
        "readybook actions churn --format csv > actions.csv",
        writes=False,
    ),
}
