"""The verbs `readybook questions` and `readybook answers`: banks and sheets on paper."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from readybook.cli import core
from readybook.cli.core import FINE, SOME_FAILED, WRONG_USAGE, say, today
from readybook.cli.options import add_verb
from readybook.model.errors import InvalidInputError, Problem, ReadybookError, nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from readybook.cli.options import Verbs
    from readybook.edit.answers import AnswerFile
    from readybook.model.bank import Bank
    from readybook.model.case import Assessment
    from readybook.model.results import Result
    from readybook.paper.judge import FilledSheet
    from readybook.paper.read import Read
    from readybook.paper.sheet import Track

__all__ = ["add", "import_sheet", "questions"]


def add(verbs: Verbs) -> None:
    """Take the verbs and their options."""
    _add_questions(verbs)
    parser = add_verb(
        verbs,
        "answers",
        import_sheet,
        "Read a filled sheet back into the answers of an assessment.",
        "readybook answers import legal.md --dir churn --respondent legal",
    )
    parser.add_argument("what", choices=["import"], help="what to do: import a sheet")
    parser.add_argument(
        "sheet", type=Path, metavar="SHEET", help="a filled sheet, Markdown or CSV"
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


def _add_questions(verbs: Verbs) -> None:
    parser = add_verb(
        verbs,
        "questions",
        questions,
        "Print a question bank for review, or one role's questions as a sheet.",
        "readybook questions --format html > questions.html\n"
        "  readybook questions churn --role legal > legal.md",
    )
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
    parser.add_argument(
        "--bank",
        type=Path,
        metavar="BANK",
        help="a bank's file or folder (default: the bank that comes with readybook)",
    )
    parser.add_argument(
        "--format",
        choices=["markdown", "html", "csv"],
        default="markdown",
        help="how it is printed (default: markdown)",
    )
    parser.add_argument(
        "--track",
        choices=["starter", "full"],
        help="starter: gates and key questions only (default: full; of a sheet: the "
        "track of assessment.yaml)",
    )


def questions(arguments: argparse.Namespace) -> int:
    """Print a bank for people who review it, or a sheet for people who answer."""
    if arguments.folder is None and arguments.role is None:
        arguments.track = arguments.track or "full"
        return core.questions(arguments)
    if arguments.folder is None or arguments.role is None or arguments.bank:
        say(
            "readybook questions: found one of DIR and --role without the other, or "
            "--bank with them, expected both for a sheet, none for a bank, do: "
            "readybook questions DIR --role ROLE"
        )
        return WRONG_USAGE
    return _sheet(arguments)


def _sheet(arguments: argparse.Namespace) -> int:
    from readybook.paper.sheet import SHEET_FORMATS, make_sheet  # noqa: PLC0415

    assessment, bank = _open(arguments.folder)
    roles = [role.id for role in bank.roles]
    if arguments.role not in roles:
        say(
            f"readybook questions: found '{arguments.role}', expected a role of the "
            f"bank, do: {nearest(arguments.role, roles)}"
        )
        return WRONG_USAGE
    track = arguments.track or assessment.scope.track
    result = _scored(assessment, bank, track)
    sheet = make_sheet(result, assessment, bank, role=arguments.role)
    print(SHEET_FORMATS[arguments.format](sheet), end="")
    if not sheet.asked:
        say(f"{arguments.folder}: no question of the {track} track is for this role")
    return FINE


def _open(folder: Path) -> tuple[Assessment, Bank]:
    from readybook.bank.own import load_bank_for  # noqa: PLC0415
    from readybook.report.batch import open_all  # noqa: PLC0415 - heavy

    ((_, assessment),) = open_all([folder])
    return assessment, load_bank_for(folder)


def _scored(assessment: Assessment, bank: Bank, track: Track) -> Result:
    from readybook.score.score import score  # noqa: PLC0415 - builds models

    scope = assessment.scope.model_copy(update={"track": track})
    return score(bank, assessment.model_copy(update={"scope": scope}))


# --- back into the folder ----------------------------------------------------------


def import_sheet(arguments: argparse.Namespace) -> int:
    """Read a sheet back; nothing is written where anything in it is wrong."""
    from readybook.edit.answers import AnswerFile, Conflict  # noqa: PLC0415 - heavy
    from readybook.model.words import count  # noqa: PLC0415

    assessment, bank = _open(arguments.dir)
    filled = _filled(arguments, assessment, bank)
    file = AnswerFile(arguments.dir, arguments.respondent, filled.role, bank)
    marks = _marks(file, filled, arguments)
    done: list[str] = []
    taken: list[str] = []
    for question, answer in filled.answers.items():
        kept = answer | ({"typed_by": arguments.typed_by} if arguments.typed_by else {})
        try:
            saved = file.save(question, kept, base=marks[question])
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


def _filled(
    arguments: argparse.Namespace, assessment: Assessment, bank: Bank
) -> FilledSheet:
    """Return what a sheet holds, judged together with how it was called."""
    from readybook.paper.judge import judge_sheet  # noqa: PLC0415
    from readybook.paper.sheet import all_asked  # noqa: PLC0415
    from readybook.paper.sheetfile import load_sheet  # noqa: PLC0415 - builds models

    read = load_sheet(arguments.sheet)
    _judge_call(read, arguments, assessment, bank)
    printed = all_asked(_scored(assessment, bank, "full"), bank)
    return judge_sheet(read, printed, bank, today=today())


def _judge_call(
    read: Read, arguments: argparse.Namespace, assessment: Assessment, bank: Bank
) -> None:
    """Report a respondent of another role, and a typist who is no role."""
    sheet = assessment.sheets.get(arguments.respondent)
    role = read.head.get("role")
    if sheet is not None and role is not None and sheet.role != role.text:
        read.report(
            role.line, "role", f"'{role.text}'",
            f"'{sheet.role}', the role of answers/{arguments.respondent}.yaml",
            "name another respondent, or use that role's sheet",
        )  # fmt: skip
    roles = [one.id for one in bank.roles]
    if arguments.typed_by is not None and arguments.typed_by not in roles:
        read.report(0, "--typed-by", f"'{arguments.typed_by}'", "a role of the bank",
                    nearest(arguments.typed_by, roles))  # fmt: skip


def _marks(
    file: AnswerFile, filled: FilledSheet, arguments: argparse.Namespace
) -> Mapping[str, str]:
    """Return the mark of each answer that the sheet replaces.

    Raises:
        InvalidInputError: an answer of the file is newer than the sheet.
    """
    from readybook.edit.answers import mark_of  # noqa: PLC0415 - heavy

    stored = file.stored()
    problems = []
    for question, answer in filled.answers.items():
        old = stored.get(question, {})
        newer = str(old.get("date", "")) > str(answer["date"])
        if newer and old["answer"] != answer["answer"]:
            problems.append(
                Problem(
                    str(arguments.sheet),
                    filled.lines[question],
                    question,
                    f"an answer of {answer['date']}",
                    f"one that is not older than that in {file.name} ({old['date']})",
                    "take its tick out, or write the day on which it was given anew",
                )
            )
    if problems:
        raise InvalidInputError(problems)
    return {question: mark_of(stored.get(question)) for question in filled.answers}
