"""The verbs `lint`, `questions` and `answers`: banks, sheets on paper, and back."""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from readybook.bank.own import find_bank
from readybook.bank.read import BankSource
from readybook.case.open import Opened, open_one, today
from readybook.cli.terminal import (
    BAD_INPUT,
    FINE,
    SOME_FAILED,
    Verb,
    add_format,
    say,
    wrong_usage,
)
from readybook.edit.answers import AnswerFile
from readybook.edit.entries import Conflict, mark_of
from readybook.model.errors import InvalidInputError, ReadybookError, nearest
from readybook.model.results import Result
from readybook.model.words import count
from readybook.paper.bank import FORMATS, Track
from readybook.paper.sheet import (
    SHEET_FORMATS,
    Filled,
    all_asked,
    make_sheet,
    read_sheet,
)
from readybook.score.lint import lint
from readybook.score.score import score


def _add_bank(
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
    source = _named_bank(arguments.bank)
    problems, folder = lint(source), _folder(arguments.bank)
    for problem in problems:
        print(replace(problem, file=str(folder / problem.file)))
    if problems:
        say(f"{count(len(problems), 'problem')}.")
        return BAD_INPUT
    asked = [question for _, question in source.bank.questions]
    gates = sum(question.gate is not None for question in asked)
    name = f"{source.bank.id} {source.bank.version}"
    print(f"{name}: fine; {count(len(asked), 'question')}, {count(gates, 'gate')}")
    return FINE


def _named_bank(path: Path | None) -> BankSource:
    """Return the bank that was named; None: the one that comes with readybook.

    Raises:
        InvalidInputError: with files named as a terminal can open them.
    """
    try:
        return find_bank(path)
    except InvalidInputError as error:
        raise error.below(_folder(path)) from None


def _folder(bank: Path | None) -> Path:
    """Return where the files of a bank lie; ours are named by themselves."""
    if bank is None:
        return Path()
    return bank if bank.is_dir() else bank.parent


def _questions_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder",
        type=Path,
        nargs="?",
        metavar="DIR",
        help="an assessment's folder, for a sheet (default: print the bank)",
    )
    parser.add_argument(
        "--role", help="whose questions the sheet holds (default: print the bank)"
    )
    _add_bank(parser, "--bank")
    add_format("markdown", "html", "csv")(parser)
    parser.add_argument(
        "--track",
        choices=["starter", "full"],
        help="starter: gates and key questions only (default: full; of a sheet: the "
        "track of assessment.yaml)",
    )


def _questions(arguments: argparse.Namespace) -> int:
    """Print a bank for people who review it, or a sheet for people who answer."""
    if arguments.folder is None and arguments.role is None:
        bank = _named_bank(arguments.bank).bank
        print(FORMATS[arguments.format](bank, arguments.track or "full"), end="")
        return FINE
    if arguments.folder is None or arguments.role is None or arguments.bank:
        found = "one of DIR and --role without the other, or --bank with them"
        expected, do = (
            "both for a sheet, none for a bank",
            "readybook questions DIR --role ROLE",
        )
        return wrong_usage("questions", found, expected, do)
    opened = open_one(arguments.folder)
    roles = [role.id for role in opened.bank.roles]
    if arguments.role not in roles:
        found, do = f"'{arguments.role}'", nearest(arguments.role, roles)
        return wrong_usage("questions", found, "a role of the bank", do)
    track = arguments.track or opened.assessment.scope.track
    result = _scored(opened, track)
    sheet = make_sheet(result, opened.assessment, opened.bank, role=arguments.role)
    print(SHEET_FORMATS[arguments.format](sheet), end="")
    if not sheet.asked:
        say(f"{arguments.folder}: no question of the {track} track is for this role")
    return FINE


def _scored(opened: Opened, track: Track) -> Result:
    scope = opened.assessment.scope.model_copy(update={"track": track})
    return score(opened.bank, opened.assessment.model_copy(update={"scope": scope}))


def _answers_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["import"], help="what to do: import a sheet")
    parser.add_argument(
        "sheet",
        type=Path,
        metavar="SHEET",
        help="a filled sheet in CSV; sheets in Markdown are for printing",
    )
    parser.add_argument(
        "--dir", type=Path, required=True, metavar="DIR", help="an assessment's folder"
    )
    parser.add_argument(
        "--respondent",
        required=True,
        metavar="ID",
        help="who answered: the name of the file in answers/, without .yaml",
    )
    parser.add_argument(
        "--typed-by",
        metavar="ROLE",
        help="role that typed it in, kept with each answer (default: who answered)",
    )


def _answers(arguments: argparse.Namespace) -> int:
    """Read a sheet back; nothing is written where anything in it is wrong."""
    opened = open_one(arguments.dir)
    printed = all_asked(_scored(opened, "full"), opened.bank)
    filled = read_sheet(arguments.sheet, printed, opened.bank, today=today())
    _judge_call(filled, arguments, opened)
    if filled.problems:
        raise InvalidInputError(filled.problems)
    file = AnswerFile(arguments.dir, arguments.respondent, filled.role, opened.bank)
    stored = file.stored()
    _judge_dates(file, filled, stored)
    if filled.problems:
        raise InvalidInputError(filled.problems)
    done: list[str] = []
    taken: list[str] = []
    for question, answer in filled.answers.items():
        kept = answer | ({"typed_by": arguments.typed_by} if arguments.typed_by else {})
        try:
            saved = file.save(question, kept, base=mark_of(stored.get(question)))
        except InvalidInputError as error:
            if not done:
                raise
            message = f"{error}\nsaved before that: {', '.join(done)}"
            raise ReadybookError(message) from None
        (taken if isinstance(saved, Conflict) else done).append(question)
    print(f"{arguments.dir / file.name}: {count(len(done), 'answer')} read back")
    for question in taken:
        say(f"{question}: somebody answered it meanwhile; read the sheet back again")
    return SOME_FAILED if taken else FINE


def _judge_call(filled: Filled, arguments: argparse.Namespace, opened: Opened) -> None:
    """Report a respondent of another role, and a typist who is no role."""
    sheet = opened.assessment.sheets.get(arguments.respondent)
    if sheet is not None and filled.lines and sheet.role != filled.role:
        filled.report(
            filled.role_line, "role", f"'{filled.role}'",
            f"'{sheet.role}', the role of answers/{arguments.respondent}.yaml",
            "name another respondent, or use that role's sheet",
        )  # fmt: skip
    roles, typist = [one.id for one in opened.bank.roles], arguments.typed_by
    if typist is not None and typist not in roles:
        do = nearest(typist, roles)
        filled.report(0, "--typed-by", f"'{typist}'", "a role of the bank", do)


def _judge_dates(
    file: AnswerFile, filled: Filled, stored: Mapping[str, Mapping[str, object]]
) -> None:
    """Report an answer of the sheet to which the file has a newer one."""
    for question, answer in filled.answers.items():
        old = stored.get(question, {})
        newer = str(old.get("date", "")) > str(answer["date"])
        if newer and old["answer"] != answer["answer"]:
            filled.report(
                filled.lines[question], question, f"an answer of {answer['date']}",
                f"one that is not older than that in {file.name} ({old['date']})",
                "take it out, or write the day on which it was given anew",
            )  # fmt: skip


VERBS = {
    "lint": Verb(
        _lint,
        (lambda parser: _add_bank(parser, "bank", nargs="?"),),
        "readybook lint churn/bank.yaml",
        writes=False,
    ),
    "questions": Verb(
        _questions,
        (_questions_options,),
        "readybook questions --format html > questions.html\n"
        "  readybook questions churn --role legal > legal.md",
        writes=False,
    ),
    "answers": Verb(
        _answers,
        (_answers_options,),
        "readybook answers import legal.csv --dir churn --respondent legal",
    ),
}
