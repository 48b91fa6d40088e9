"""The verbs `check` and `lint`: whether files are what they should be."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from readybook.bank.history import bank_changes, load_history, recorded_under
from readybook.bank.own import find_bank
from readybook.bank.read import BankSource
from readybook.case.open import Opened, open_each
from readybook.checks.owners import register_notes
from readybook.cli.terminal import (
    BAD_INPUT,
    FINE,
    Verb,
    add_as_of,
    add_folders,
    add_format,
    print_json,
    say,
)
from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, Problem
from readybook.model.words import count
from readybook.plan.steps import action_notes
from readybook.score.lint import lint
from readybook.score.score import score

__all__ = ["VERBS", "add_bank", "named_bank"]


# --- check -------------------------------------------------------------------------


def _check_options(parser: argparse.ArgumentParser) -> None:
    add_folders(parser)
    add_as_of(parser)
    add_format(parser, "text", "json")


def _check(arguments: argparse.Namespace) -> int:
    """List everything that is wrong in the named folders."""
    good, bad = open_each(arguments.folders, as_of=arguments.as_of)
    problems = [problem for error in bad for problem in error.problems]
    notes = [f"{one.folder}: {note}" for one in good for note in _notes(one)]
    if arguments.format == "json":
        print_json({"problems": [*map(asdict, problems)], "notes": notes})
        return BAD_INPUT if problems else FINE
    for one in good:
        print(f"{one.folder}: fine; {_contents(one.assessment)}")
    for line in (*notes, *problems):
        print(line)
    return BAD_INPUT if problems else FINE


def _notes(opened: Opened) -> Iterator[str]:
    """Yield what is allowed and yet worth a look, other versions of the bank first."""
    assessment, bank = opened.assessment, opened.bank
    changes = bank_changes(recorded_under(assessment), bank, load_history())
    yield from dict.fromkeys(map(str, changes))
    yield from map(str, register_notes(assessment))
    yield from action_notes(score(bank, assessment), assessment, bank)


def _contents(assessment: Assessment) -> str:
    answers = sum(len(sheet.answers) for sheet in assessment.sheets.values())
    return (
        f"{answers} answers by {len(assessment.sheets)} respondents, "
        f"{len(assessment.scope.needs)} needs, judged at {assessment.as_of}"
    )


# --- lint --------------------------------------------------------------------------


def add_bank(
    parser: argparse.ArgumentParser, name: str, nargs: str | None = None
) -> None:
    """Take the path of a bank, as an option or by its place."""
    parser.add_argument(
        name,
        type=Path,
        nargs=nargs,
        metavar="BANK",
        help="a bank's file or folder (default: the bank that comes with readybook)",
    )


def _lint(arguments: argparse.Namespace) -> int:
    """Prove that a bank can do its work, or list what keeps it from it."""
    source = named_bank(arguments.bank)
    problems = lint(source)
    for problem in _below(arguments.bank, problems):
        print(problem)
    if problems:
        say(f"{count(len(problems), 'problem')}.")
        return BAD_INPUT
    asked = [question for _, question in source.bank.questions]
    gates = sum(question.gate is not None for question in asked)
    name = f"{source.bank.id} {source.bank.version}"
    print(f"{name}: fine; {count(len(asked), 'question')}, {count(gates, 'gate')}")
    return FINE


def named_bank(path: Path | None) -> BankSource:
    """Return the bank that was named; None: the one that comes with readybook.

    Raises:
        InvalidInputError: with files named as a terminal can open them.
    """
    try:
        return find_bank(path)
    except InvalidInputError as error:
        raise InvalidInputError(_below(path, error.problems)) from None


def _below(path: Path | None, problems: Iterable[Problem]) -> Iterator[Problem]:
    folder = path if path is None or path.is_dir() else path.parent
    for problem in problems:
        name = problem.file if folder is None else str(folder / problem.file)
        yield replace(problem, file=name)


VERBS = {
    "check": Verb(_check, _check_options, "readybook check churn", writes=False),
    "lint": Verb(
        _lint,
        lambda parser: add_bank(parser, "bank", nargs="?"),
        "readybook lint churn/bank.yaml",
        writes=False,
    ),
}
