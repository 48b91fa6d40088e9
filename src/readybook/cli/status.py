"""The verb `readybook status`: where a workshop stands, for a terminal."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from readybook.cli.core import BAD_INPUT, FINE, SOME_FAILED, say
from readybook.cli.options import add_as_of, add_folders, add_verb
from readybook.model.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from readybook.cli.options import Verbs
    from readybook.show.workshop.status import Status

__all__ = ["add", "status"]

_DAY = 24 * 60  # minutes


def add(verbs: Verbs) -> None:
    """Take the verb and its options."""
    parser = add_verb(
        verbs,
        "status",
        status,
        "Print who is missing, who has answered, and what to settle next.",
        "readybook status churn --minutes 20",
    )
    add_folders(parser)
    add_as_of(parser)
    parser.add_argument(
        "--minutes",
        type=_minutes,
        default=30,
        metavar="N",
        help="that are left to settle something (default: 30)",
    )
    parser.add_argument(
        "--format",
        choices=["text", "json"],
        default="text",
        help="how it is printed (default: text)",
    )


def _minutes(text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) <= _DAY:
        return int(text)
    message = f"found '{text}', expected minutes from 1 to {_DAY}, do: write 30"
    raise argparse.ArgumentTypeError(message)


def status(arguments: argparse.Namespace) -> int:
    """Print the status of each folder; what cannot be read is told beside it."""
    from readybook.bank.own import load_bank_for  # noqa: PLC0415
    from readybook.report.batch import open_each, split  # noqa: PLC0415 - heavy
    from readybook.score.score import score  # noqa: PLC0415
    from readybook.show.workshop.status import status_of, status_text  # noqa: PLC0415

    good, bad = split(open_each(arguments.folders, as_of=arguments.as_of))
    as_json = arguments.format == "json"
    if not (good or as_json):
        raise InvalidInputError(p for _, error in bad for p in error.problems)
    found = []
    for folder, assessment in good:
        bank = load_bank_for(folder)
        result = score(bank, assessment)
        found.append(status_of(result, assessment, bank, minutes=arguments.minutes))
    if as_json:
        _print_json(found, (error for _, error in bad))
    else:
        print("\n\n".join(status_text(one) for one in found), end="")
        for _, error in bad:
            say(str(error))
    if not bad:
        return FINE
    return SOME_FAILED if good else BAD_INPUT


def _print_json(found: Iterable[Status], bad: Iterable[InvalidInputError]) -> None:
    from readybook.show.workshop.status import status_json  # noqa: PLC0415 - builds models

    body = {
        "assessments": [status_json(one) for one in found],
        "problems": [asdict(problem) for error in bad for problem in error.problems],
    }
    print(json.dumps(body, indent=1, ensure_ascii=False))
