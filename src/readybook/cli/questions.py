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
    form,
    option,
    say,
    wrong_usage,
)
from readybook.edit.answers import AnswerFile
from readybook.edit.entries import Conflict, mark_of
from readybook.model.errors import InvalidInputError, ReadybookError, nearest
from readybook.model.results import Result
from readybook.model.words import count
from readybook.paper.bank import FORMATS, Track
from readybook.paper.book import sheets_xlsx
from readybook.paper.sheet import (
    SHEET_FORMATS,
    Filled,
    all_asked,
    make_sheet,
    read_sheets,
)
from readybook.score.lint import lint
from readybook.score.score import score
from readybook.text.documents import is_absent, save_text


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


def _questions(arguments: argparse.Namespace) -> int:
    """Print a bank for people who review it, or a sheet for people who answer."""
    is_book, out = arguments.format == "xlsx", arguments.out
    wanted = arguments.role is not None or arguments.all
    if arguments.folder is None and not (wanted or is_book):
        bank = _named_bank(arguments.bank).bank
        _hand_out(FORMATS[arguments.format](bank, arguments.track or "full"), out)
        return FINE
    if arguments.folder is None or not wanted or arguments.bank:
        found = "one of DIR and --role without the other, or --bank with them"
        expected = "both for a sheet, none for a bank"
        do = "readybook questions DIR --role ROLE"
        return wrong_usage("questions", found, expected, do)
    do = "readybook questions DIR --all --format xlsx --out sheets.xlsx"
    if arguments.all and (arguments.role or not is_book):
        found = "--all with --role, or without --format xlsx"
        return wrong_usage("questions", found, "a workbook for all roles", do)
    if is_book and out is None:
        found = "--format xlsx without --out"
        return wrong_usage("questions", found, "a file for the workbook", do)
    opened = open_one(arguments.folder)
    roles = [role.id for role in opened.bank.roles]
    if arguments.role not in {None, *roles}:
        found, do = f"'{arguments.role}'", nearest(arguments.role, roles)
        return wrong_usage("questions", found, "a role of the bank", do)
    track = arguments.track or opened.assessment.scope.track
    result = _scored(opened, track)
    sheets = [
        make_sheet(result, opened.assessment, opened.bank, role=role)
        for role in ([arguments.role] if arguments.role else roles)
    ]
    sheets = [sheet for sheet in sheets if sheet.asked or arguments.role]
    if is_book:
        _hand_out(sheets_xlsx(sheets, roles), out)
    else:
        _hand_out(SHEET_FORMATS[arguments.format](*sheets), out)
    if arguments.role and not sheets[0].asked:
        say(f"{arguments.folder}: no question of the {track} track is for this role")
    return FINE


def _hand_out(content: str | bytes, out: Path | None) -> None:
    """Print a text, or write a file that is new: people type into what is there.

    Raises:
        InvalidInputError: the file is there, or its folder is not.
    """
    if isinstance(content, str) and out is None:
        print(content, end="")
    elif out is not None:
        if not out.parent.is_dir():
            raise InvalidInputError.of(
                str(out), "no folder around it", "one that is there",
                "make it, or name another file",
            )  # fmt: skip
        if not is_absent(out):
            raise InvalidInputError.of(
                str(out), "a file, into which somebody may have typed", "a new one",
                "name another",
            )  # fmt: skip
        save_text(out, content)


def _scored(opened: Opened, track: Track) -> Result:
    scope = opened.assessment.scope.model_copy(update={"track": track})
    return score(opened.bank, opened.assessment.model_copy(update={"scope": scope}))


def _answers(arguments: argparse.Namespace) -> int:
    """Read sheets back; nothing is written where anything in one is wrong."""
    opened = open_one(arguments.dir)
    printed = all_asked(_scored(opened, "full"), opened.bank)
    sheets = [
        sheet
        for path in arguments.sheet
        for sheet in read_sheets(path, printed, opened.bank, today=today())
    ]
    filled = [one for one in sheets if one.answers or one.problems] or sheets[:1]
    names = _respondents(filled, arguments, opened)
    files = {
        name: AnswerFile(arguments.dir, name, sheet.role, opened.bank)
        for name, sheet in names.items()
    }
    stored = {name: file.stored() for name, file in files.items()}
    for name, sheet in names.items():
        _judge_dates(files[name], sheet, stored[name])
    _refuse(filled)
    done: list[str] = []
    taken: list[str] = []
    for name, sheet in names.items():
        file, read = files[name], 0
        for question, answer in sheet.answers.items():
            typed = {"typed_by": arguments.typed_by} if arguments.typed_by else {}
            base = mark_of(stored[name].get(question))
            try:
                saved = file.save(question, answer | typed, base=base)
            except InvalidInputError as error:
                if not done:
                    raise
                message = f"{error}\nsaved before that: {', '.join(done)}"
                raise ReadybookError(message) from None
            is_taken = isinstance(saved, Conflict)
            (taken if is_taken else done).append(question)
            read += not is_taken
        print(f"{arguments.dir / file.name}: {count(read, 'answer')} read back")
    for question in taken:
        say(f"{question}: somebody answered it meanwhile; read the sheet back again")
    return SOME_FAILED if taken else FINE


def _respondents(
    filled: list[Filled], arguments: argparse.Namespace, opened: Opened
) -> dict[str, Filled]:
    """Return the sheets by who answered, or raise every problem of them."""
    named: dict[str, Filled] = {}
    for sheet in filled:
        name = arguments.respondent or _holder(sheet, opened)
        if not sheet.problems and name in named:
            sheet.report(0, "", f"a second sheet of '{name}'", "one for each person",
                         "read them back one after the other")  # fmt: skip
        named[name] = sheet
        _judge_call(sheet, name, arguments.typed_by, opened)
    _refuse(filled)
    return named


def _holder(sheet: Filled, opened: Opened) -> str:
    """Return who holds a sheet's role; its own name where nobody is known to."""
    holders = [
        name
        for one in opened.assessment.stakeholders.roles
        if one.role == sheet.role
        for name in one.holders
    ]
    if len(holders) > 1:
        sheet.report(sheet.role_line, "role", f"a role of {', '.join(holders)}",
                     "who of them answered", "say so with --respondent")  # fmt: skip
    return holders[0] if holders else sheet.role


def _refuse(filled: list[Filled]) -> None:
    if problems := [problem for sheet in filled for problem in sheet.problems]:
        raise InvalidInputError(problems)


def _judge_call(
    filled: Filled, respondent: str, typist: str | None, opened: Opened
) -> None:
    """Report a respondent of another role, and a typist who is no role."""
    sheet = opened.assessment.sheets.get(respondent)
    if sheet is not None and filled.lines and sheet.role != filled.role:
        filled.report(
            filled.role_line, "role", f"'{filled.role}'",
            f"'{sheet.role}', the role of answers/{respondent}.yaml",
            "name another respondent, or use that role's sheet",
        )  # fmt: skip
    roles = [one.id for one in opened.bank.roles]
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


_BANK = "a bank's file or folder (default: the bank that comes with readybook)"
_QUESTIONS = (
    option(
        "folder DIR?",
        "an assessment's folder, for a sheet (default: print the bank)",
        type=Path,
    ),
    option("--role ROLE", "whose questions the sheet holds (default: print the bank)"),
    option(
        "--all", "a sheet for each role that is asked, in one workbook (--format xlsx)"
    ),
    option("--bank BANK", _BANK, type=Path),
    form("markdown", "html", "csv", "xlsx"),
    option(
        "--out FILE", "new file to write (default: printed; xlsx needs one)", type=Path
    ),
    option(
        "--track",
        "starter: gates and key questions only (default: full; of a sheet: the track of "
        "assessment.yaml)",
        choices=["starter", "full"],
    ),
)
_ANSWERS = (
    option("what", "what to do: import a sheet", choices=["import"]),
    option(
        "sheet SHEET...",
        "a filled sheet in CSV or Excel; sheets in Markdown are for printing",
        type=Path,
    ),
    option("--dir DIR", "an assessment's folder", type=Path, required=True),
    option(
        "--respondent ID",
        "who answered: the name of the file in answers/, without .yaml (default: who "
        "holds the sheet's role)",
    ),
    option(
        "--typed-by ROLE",
        "role that typed it in, kept with each answer (default: who answered)",
    ),
)
VERBS = {
    "lint": Verb(
        _lint,
        (option("bank BANK?", _BANK, type=Path),),
        "readybook lint churn/bank.yaml",
        writes=False,
    ),
    "questions": Verb(
        _questions,
        _QUESTIONS,
        "readybook questions --format html > questions.html\n"
        "  readybook questions churn --role legal > legal.md\n"
        "  readybook questions churn --all --format xlsx --out sheets.xlsx",
        writes=False,
    ),
    "answers": Verb(
        _answers,
        _ANSWERS,
        "readybook answers import legal.csv --dir churn --respondent legal\n"
        "  readybook answers import sheets/*.xlsx --dir churn",
    ),
}
