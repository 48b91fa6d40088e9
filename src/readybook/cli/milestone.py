"""The verbs `readybook milestone` and `readybook compare`: to freeze, and to look back."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from readybook.cli.core import FINE, say
from readybook.cli.options import add_as_of, add_verb
from readybook.model.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from readybook.cli.options import Verbs
    from readybook.score.compare import Side

__all__ = ["add", "compare_two", "milestone"]


def add(verbs: Verbs) -> None:
    """Take both verbs and their options."""
    parser = add_verb(
        verbs,
        "milestone",
        milestone,
        "Freeze what is known and what follows from it, to compare with later; writes "
        "milestones/DATE.json, without notes and names.",
        'readybook milestone churn --name "After the workshop"',
    )
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="an assessment's folder"
    )
    parser.add_argument(
        "--name", metavar="TEXT", help="what people call it (default: its date)"
    )
    parser.add_argument(
        "--replace",
        action="store_true",
        help="take the place of one of the same day (default: refuse)",
    )
    add_as_of(parser)
    _add_compare(verbs)


def _add_compare(verbs: Verbs) -> None:
    parser = add_verb(
        verbs,
        "compare",
        compare_two,
        "Print what moved between two looks at a case, and what moved it.",
        "readybook compare churn@2026-10-12 churn",
    )
    for name, when in (("before", "then"), ("after", "now")):
        parser.add_argument(
            name,
            metavar=name[0].upper(),
            help=f"{when}: a folder, a milestone's file, or DIR@DATE",
        )
    parser.add_argument(
        "--format",
        choices=["text", "json"],
        default="text",
        help="how it is printed (default: text)",
    )


def milestone(arguments: argparse.Namespace) -> int:
    """Freeze one assessment as it is on its as-of date."""
    from readybook import __version__  # noqa: PLC0415
    from readybook.bank.own import load_bank_for  # noqa: PLC0415
    from readybook.case.milestones import save_milestone  # noqa: PLC0415
    from readybook.report.batch import open_all  # noqa: PLC0415 - heavy
    from readybook.score.freeze import freeze  # noqa: PLC0415
    from readybook.score.score import score  # noqa: PLC0415

    folder = arguments.folder
    ((_, assessment),) = open_all([folder], as_of=arguments.as_of)
    bank = load_bank_for(folder)
    result = score(bank, assessment)
    name = (arguments.name or "").strip() or None
    frozen = freeze(result, assessment, bank, version=__version__, name=name)
    path = save_milestone(folder, frozen, replace=arguments.replace)
    print(path)
    say(f"{result.headline}\nNext: readybook compare {folder}@{frozen.on} {folder}")
    return FINE


def compare_two(arguments: argparse.Namespace) -> int:
    """Print what moved between two looks."""
    from readybook.score.compare import compare  # noqa: PLC0415 - builds models
    from readybook.show.since.compare_text import comparison_json, comparison_text  # noqa: PLC0415

    sides = [_side(name) for name in (arguments.before, arguments.after)]
    found = compare(*sides)
    if arguments.format == "json":
        print(json.dumps(comparison_json(found), indent=1, ensure_ascii=False))
    else:
        print(comparison_text(found), end="")
    return FINE


def _side(text: str) -> Side:
    """Return what people named: a folder as it is now, or a milestone."""
    from readybook.bank.own import load_bank_for  # noqa: PLC0415
    from readybook.case.milestones import load_milestone  # noqa: PLC0415
    from readybook.report.batch import open_all  # noqa: PLC0415 - heavy
    from readybook.score.compare import Side, side_of  # noqa: PLC0415

    path = Path(text)
    if path.is_dir():
        ((_, assessment),) = open_all([path])
        return Side(assessment.name, load_bank_for(path), assessment)
    if not path.is_file():
        path = _of_day(text)
    return side_of(load_milestone(path, str(path)), Path(text).name)


def _of_day(text: str) -> Path:
    """Return the file of DIR@DATE."""
    from readybook.case.milestones import MILESTONES  # noqa: PLC0415 - heavy

    folder, at, date = text.rpartition("@")
    if not (at and Path(folder).is_dir()):
        do = "name a folder, a milestone's file, or DIR@DATE"
        problem = Problem(text, 0, "", "no such folder or file", "an assessment", do)
        raise InvalidInputError([problem])
    path = Path(folder) / MILESTONES / f"{date}.json"
    if not path.is_file():
        known = sorted(one.stem for one in path.parent.glob("[!.]*.json"))
        expected = f"one of {', '.join(known)}" if known else "a milestone; it has none"
        problem = Problem(text, 0, "", f"no milestone of '{date}'", expected,
                          "name one of them, or run: readybook milestone")  # fmt: skip
        raise InvalidInputError([problem])
    return path
