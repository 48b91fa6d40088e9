"""The verbs `sign-off`, `milestone` and `compare`: to keep a moment, and to look back."""

import argparse
from pathlib import Path

from readybook import __version__
from readybook.case.milestones import (
    MILESTONES,
    load_milestone,
    milestone_names,
    save_milestone,
)
from readybook.case.open import open_one, open_register, today
from readybook.checks.sign_offs import SignOffs
from readybook.cli.terminal import (
    AS_OF,
    FINE,
    FOLDER,
    REGISTER,
    Verb,
    command,
    form,
    one_day,
    option,
    print_json,
    say,
)
from readybook.edit.signoffs import sign_off
from readybook.measure.failures import keep_failures
from readybook.model.case import Register
from readybook.model.errors import InvalidInputError
from readybook.model.words import day, role_title
from readybook.score.compare import Side, compare, side_of
from readybook.score.freeze import freeze
from readybook.score.lint import sound_bank
from readybook.score.score import score
from readybook.show.since import comparison_json, comparison_text
from readybook.text.documents import Loaded


def _sign_off(arguments: argparse.Namespace) -> int:
    """Record one sign-off and say what it covers."""
    folder, assessment, bank = open_one(arguments.folder)
    role, covers, on = arguments.role, arguments.covers, arguments.on or today()
    kept = sign_off(folder, assessment, bank, role=role, covers=covers, on=on)
    part = SignOffs(assessment).in_words(covers)
    print(f"{role_title(bank, role)} agreed to {part} on {day(on)}.")
    say(f"{folder}: recorded in stakeholders.yaml; what it covers is in {kept}")
    return FINE


def _milestone(arguments: argparse.Namespace) -> int:
    """Freeze one assessment as it is on its as-of date."""
    folder, assessment, bank = open_one(
        arguments.folder,
        as_of=arguments.as_of,
        judge=sound_bank,
        register=open_register(arguments.register),
    )
    result = score(bank, assessment)
    name = (arguments.name or "").strip() or None
    frozen = freeze(result, assessment, bank, version=__version__, name=name)
    path = save_milestone(folder, frozen, replace=arguments.replace)
    if arguments.as_of is None:
        keep_failures(folder, assessment.as_of)
    print(path)
    then = f"{folder.as_posix()}@{frozen.on}"
    shared = ("--register", arguments.register) if arguments.register else ()
    say(f"{result.headline}\nNext: {command('compare', then, folder, *shared)}")
    return FINE


def _compare(arguments: argparse.Namespace) -> int:
    """Print what moved between two looks."""
    register = open_register(arguments.register)
    found = compare(_side(arguments.before, register), _side(arguments.after, register))
    if arguments.format == "json":
        print_json(comparison_json(found))
    else:
        print(comparison_text(found), end="")
    return FINE


def _side(text: str, register: Loaded[Register] | None) -> Side:
    """Return what people named: a folder as it is now, or a milestone."""
    path = Path(text)
    if path.is_dir():
        _, assessment, bank = open_one(path, judge=sound_bank, register=register)
        return Side(assessment.name, bank, assessment)
    if not path.is_file():
        path = _of_day(text)
    return side_of(load_milestone(path, str(path)), Path(text).name)


def _of_day(text: str) -> Path:
    """Return the file of DIR@DATE."""
    folder, at, date = text.rpartition("@")
    path = Path(folder) / MILESTONES / f"{date}.json"
    if not (at and Path(folder).is_dir()):
        refused = ("no such folder or file", "an assessment",
                   "name a folder, a milestone's file, or DIR@DATE")  # fmt: skip
    elif not path.is_file():
        known = [Path(one).stem for one in milestone_names(Path(folder))]
        expected = f"one of {', '.join(known)}" if known else "a milestone; it has none"
        refused = (f"no milestone of '{date}'", expected,
                   "name one of them, or run: readybook milestone")  # fmt: skip
    else:
        return path
    raise InvalidInputError.of(text, *refused)


_SIGN_OFF = (
    FOLDER,
    option("--role ROLE", "role that agrees, such as data-owner", required=True),
    option(
        "--covers PART",
        "what it agrees to: model, TABLE, or TABLE.FIELD with categories",
        required=True,
    ),
    option("--on YYYY-MM-DD", "day of the agreement (default: today)", type=one_day),
)
_MILESTONE = (
    FOLDER,
    option("--name TEXT", "what people call it (default: its date)"),
    option("--replace", "take the place of one of the same day (default: refuse)"),
    AS_OF,
    REGISTER,
)
_COMPARE = (
    option("before B", "then: a folder, a milestone's file, or DIR@DATE"),
    option("after A", "now: a folder, a milestone's file, or DIR@DATE"),
    REGISTER,
    form("text", "json"),
)
VERBS = {
    "sign-off": Verb(
        _sign_off,
        _SIGN_OFF,
        "readybook sign-off churn --role data-owner --covers orders.status",
    ),
    "milestone": Verb(
        _milestone, _MILESTONE, 'readybook milestone churn --name "After the workshop"'
    ),
    "compare": Verb(
        _compare, _COMPARE, "readybook compare churn@2026-10-12 churn", writes=False
    ),
}
