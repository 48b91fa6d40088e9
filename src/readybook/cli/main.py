"""The command line: parses, calls, prints, and turns errors into exit codes."""

import argparse
import importlib
import os
import platform
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import metadata
from pathlib import Path
from types import FrameType

from readybook import __version__
from readybook.cli.terminal import (
    BAD_INPUT,
    EXIT_CODES,
    FINE,
    SOME_FAILED,
    STOPPED,
    UNEXPECTED,
    Verb,
    all_shown,
    in_words,
    say,
)
from readybook.model.errors import InvalidInputError, ReadybookError, number_of

#: Each verb, in the order of the help, with its line there.
VERBS = {
    "new": "Start an assessment: a small folder of commented files.",
    "check": "Read folders and list everything that is wrong in them.",
    "measure": "Measure the data that the contract names, and the deployment log; "
        "writes evidence/data.json and route.json.",
    "probe": "Read what this machine gives a job; changes nothing on it, within 20 s.",
    "account": "Ask each declared cloud account's provider whose the credentials at "
        "hand are; writes evidence/accounts.json, without a key or a full number.",
    "status": "Print who is missing, who has answered, and what to settle next.",
    "lab": "Copy the notebooks beside an assessment and open them in JupyterLab.",
    "sign-off": "Record that a role agrees to the data model, a table or a category "
        "list as it is now; writes stakeholders.yaml and, in agreements/, what was "
        "agreed to.",
    "decide": "Keep what somebody was asked and decided, until when a failing gate is "
        "accepted, or a reply to a finding; writes decisions.yaml.",
    "milestone": "Freeze what is known and what follows from it, to compare with "
        "later; writes milestones/DATE.json, without notes and names.",
    "compare": "Print what moved between two looks at a case, and what moved it.",
    "actions": "Print every action, ranked: as CSV for a spreadsheet, or as a "
        "Markdown list for an issue tracker, with the decisions that wait.",
    "chase": "Print what each role owes, since when, how many days over, and what waits "
        "for it; with --since only what moved.",
    "explain": "Print what a check found, and the SQL that counts it again; reads no "
        "data.",
    "report": "Render assessments into one HTML file each; measures nothing.",
    "lint": "Prove of a question bank that all in it can be reached, and nothing "
        "idles.",
    "questions": "Print a question bank for review, or one role's questions as a "
        "sheet.",
    "answers": "Read a filled sheet back into the answers of an assessment.",
    "schema": "Print the JSON Schema of a file, for editors; without a name, list "
        "them.",
}  # fmt: skip
#: The module of this folder that holds each verb, imported when it is chosen.
_HOLDS = {
    "files": {"new", "check", "schema"},
    "measure": {"measure", "probe", "account"},
    "report": {"status", "actions", "explain", "report"},
    "chase": {"chase"},
    "lab": {"lab"},
    "decide": {"decide"},
    "milestone": {"sign-off", "milestone", "compare"},
    "questions": {"lint", "questions", "answers"},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the words after `readybook`, by default the process's; return the exit code."""
    words = sys.argv[1:] if argv is None else argv
    # Before the verb stand only options that take no word.
    chosen = next((word for word in words if not word.startswith("-")), "")
    with all_shown(), _stopped_by_signals() as stopped:
        try:
            code = _run(chosen, words)
            sys.stdout.flush()  # what nobody takes is found here, and not at the exit
        except KeyboardInterrupt:
            stopped.setdefault("by", signal.SIGINT)
        except BrokenPipeError:  # whoever read what is printed has seen enough
            _drop_output()
            code = FINE
        except OSError as error:
            say(f"readybook: {in_words(error)}")
            _drop_output()
            code = BAD_INPUT
        except Exception as error:  # noqa: BLE001 - the last handler of all
            # A library that was stopped at its import, say, raises what it likes.
            code = UNEXPECTED if stopped else _unexpected(error, chosen)
        if stopped:
            say("readybook: stopped; what was finished is kept")
            code = STOPPED + stopped["by"]
    return code


def _drop_output() -> None:
    """Print what is not printed yet where that can be, else leave it."""
    try:
        sys.stdout.flush()
    except OSError:  # which the exit would meet again, and end with a code of its own
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(chosen: str, words: Sequence[str]) -> int:
    """Run the chosen verb, and say what was refused or failed."""
    verb: Verb | None = None
    try:
        verb = _load(chosen) if chosen in VERBS else None
        # `--help` before a verb is about them all.
        known = [chosen] if verb and words[0] == chosen else VERBS
        arguments = _parser(known, chosen, verb).parse_args(words)
        code: int = arguments.run(arguments)
    except InvalidInputError as error:
        say(str(error))
        number = number_of(error.problems)
        wrote = "; nothing was written" if verb is None or verb.writes else ""
        say(f"{number:,} problem{'s' if number > 1 else ''}{wrote}.")
        return BAD_INPUT
    except ReadybookError as error:
        say(f"readybook: {error}")
        return SOME_FAILED
    return code


@contextmanager
def _stopped_by_signals() -> Iterator[dict[str, int]]:
    """Stop on SIGTERM as on Ctrl-C, so that nothing is left behind; yield which it was.

    A second one changes nothing: what tidies up is left to end.
    """
    came: dict[str, int] = {}

    def stop(number: int, _: FrameType | None) -> None:
        if not came:
            came["by"] = number
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield came  # a program of somebody else's, with signals of its own
        return
    before = {one: signal.signal(one, stop) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _unexpected(error: Exception, verb: str) -> int:
    """Keep what an error that nobody expected can tell without telling what it read."""
    ours = Path(__file__).parents[1]
    kinds: list[str] = []
    one: BaseException | None = error
    while one is not None:
        told = [
            f"  {path.relative_to(ours).with_suffix('').as_posix()}:{frame.lineno}"
            for frame in traceback.extract_tb(one.__traceback__)
            if (path := Path(frame.filename)).is_relative_to(ours)
        ]
        kinds += [f"{type(one).__module__}.{type(one).__qualname__}", *told]
        one = one.__cause__ or one.__context__
    head = f"readybook {__version__} {verb if verb in VERBS else ''}".rstrip()
    lines = [head, f"Python {platform.python_version()}, {sys.platform}", *kinds]
    text = "\n".join(lines) + "\n"
    urls = metadata("readybook").get_all("Project-URL") or []
    where = urls[0].rpartition(" ")[2] if urls else "those you have readybook from"
    say("readybook: an error that nobody expected; it is ours, and not yours.")
    try:
        name = tempfile.mkstemp(prefix="readybook-error-", suffix=".log")[1]
        Path(name).write_text(text, encoding="utf-8")
        log = f"the file {name}"
    except OSError:
        log = "these lines"
    say(
        f"Please tell {where}: the command, what you expected of it, and {log}. Nothing "
        f"was sent anywhere. The log says this, no path and nothing that was read:\n{text}"
    )
    return UNEXPECTED


def _load(name: str) -> Verb:
    """Import the module that holds a verb, and return the verb."""
    (module,) = (module for module, verbs in _HOLDS.items() if name in verbs)
    verb: Verb = importlib.import_module(f"readybook.cli.{module}").VERBS[name]
    return verb


def _parser(
    known: Iterable[str], chosen: str, verb: Verb | None
) -> argparse.ArgumentParser:
    """Return the parser of the known verbs; only the chosen one has its options."""
    parser = argparse.ArgumentParser(
        prog="readybook",
        description="Find out whether an organization is ready to put one "
        "machine-learning use case into production.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=__version__)
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name in known:
        own = verbs.add_parser(
            name,
            help=VERBS[name],
            description=VERBS[name],
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if verb and name == chosen:
            own.epilog = f"example:\n  {verb.example}\n\n{EXIT_CODES}"
            own.set_defaults(run=verb.run)
            for add in verb.options:
                add(own)
    return parser
