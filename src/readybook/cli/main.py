"""The command line: parses, calls, prints, and turns errors into exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from readybook import __version__
from readybook.cli import (
    account,
    actions,
    core,
    lab,
    milestone,
    probe,
    sheets,
    sign_off,
    status,
)
from readybook.cli.options import (
    EXIT_CODES,
    add_as_of,
    add_folders,
    add_verb,
    memory,
    seconds,
)
from readybook.model.errors import InvalidInputError, ReadybookError

if TYPE_CHECKING:
    from readybook.cli.options import Verbs

__all__ = ["main"]

#: Verbs that write no file in any case.
_PRINTING = (
    core.check,
    core.lint_bank,
    sheets.questions,
    core.schema,
    status.status,
    milestone.compare_two,
    actions.actions,
)


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the words after `readybook`; None: those of the process.
    """
    arguments = _parser().parse_args(argv)
    try:
        code: int = arguments.run(arguments)
    except InvalidInputError as error:
        _complain(error, arguments.run)
        return core.BAD_INPUT
    except ReadybookError as error:
        core.say(f"readybook: {error}")
        return core.SOME_FAILED
    except OSError as error:
        name = Path(error.filename).name if error.filename else "a file"
        core.say(f"readybook: {name}: {error.strerror or error}")
        return core.BAD_INPUT
    except KeyboardInterrupt:
        core.say("readybook: stopped; what was finished is kept")
        return core.STOPPED
    return code


def _complain(error: InvalidInputError, verb: Callable[..., int]) -> None:
    core.say("\n".join(str(problem) for problem in error.problems))
    number = len(error.problems)
    wrote = "" if verb in _PRINTING else "; nothing was written"
    core.say(f"{number} problem{'s' if number > 1 else ''}{wrote}.")


# --- parsing -----------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="readybook",
        description="Find out whether an organization is ready to put one "
        "machine-learning use case into production.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=__version__)
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    _add_new(verbs)
    _add_check(verbs)
    _add_measure(verbs)
    probe.add(verbs)
    account.add(verbs)
    status.add(verbs)
    lab.add(verbs)
    sign_off.add(verbs)
    milestone.add(verbs)
    actions.add(verbs)
    _add_report(verbs)
    _add_lint(verbs)
    sheets.add(verbs)
    _add_schema(verbs)
    return parser


def _add_new(verbs: Verbs) -> None:
    parser = add_verb(
        verbs,
        "new",
        core.new,
        "Start an assessment: a small folder of commented files.",
        "readybook new churn --data customers.csv orders.parquet",
    )
    parser.add_argument("folder", type=Path, help="folder to make; must not exist yet")
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="CSV or Parquet files to draft the data model from (default: none)",
    )

    parser.add_argument(
        "--bank",
        action="store_true",
        help="also copy the start of a bank of your own, bank.yaml (default: no)",
    )


def _add_check(verbs: Verbs) -> None:
    parser = add_verb(
        verbs,
        "check",
        core.check,
        "Read folders and list everything that is wrong in them.",
        "readybook check churn",
    )
    add_folders(parser)
    add_as_of(parser)
    parser.add_argument(
        "--format",
        choices=["text", "json"],
        default="text",
        help="how problems are printed (default: text)",
    )


def _add_measure(verbs: Verbs) -> None:
    parser = add_verb(
        verbs,
        "measure",
        core.measure,
        "Measure the data that the contract names, and the deployment log; writes "
        "evidence/data.json and route.json.",
        "readybook measure churn --time-limit 1800",
    )
    add_folders(parser)
    parser.add_argument(
        "--time-limit",
        type=seconds,
        default=600.0,
        metavar="SECONDS",
        help="for the queries of one table together (default: 600)",
    )
    parser.add_argument(
        "--memory-limit",
        type=memory,
        default="512MB",
        metavar="SIZE",
        help="of the embedded engine; more is spilled to disk (default: 512MB)",
    )


def _add_report(verbs: Verbs) -> None:
    parser = add_verb(
        verbs,
        "report",
        core.report,
        "Render assessments into one HTML file each; measures nothing.",
        "readybook report churn claims --out reports",
    )
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


def _add_lint(verbs: Verbs) -> None:
    parser = add_verb(
        verbs,
        "lint",
        core.lint_bank,
        "Prove of a question bank that all in it can be reached, and nothing idles.",
        "readybook lint churn/bank.yaml",
    )
    parser.add_argument(
        "bank",
        type=Path,
        nargs="?",
        metavar="BANK",
        help="a bank's file or folder (default: the bank that comes with readybook)",
    )


def _add_schema(verbs: Verbs) -> None:
    parser = add_verb(
        verbs,
        "schema",
        core.schema,
        "Print the JSON Schema of a file, for editors; without a name, list them.",
        "readybook schema assessment",
    )
    parser.add_argument("name", nargs="?", help="which file (default: list all)")
