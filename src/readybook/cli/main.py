"""The command line: parses, calls, prints, and turns errors into exit codes."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from readybook import __version__
from readybook.cli.terminal import (
    BAD_INPUT,
    EXIT_CODES,
    SOME_FAILED,
    STOPPED,
    Verb,
    say,
)
from readybook.model.errors import InvalidInputError, ReadybookError

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
    "milestone": "Freeze what is known and what follows from it, to compare with "
        "later; writes milestones/DATE.json, without notes and names.",
    "compare": "Print what moved between two looks at a case, and what moved it.",
    "actions": "Print every action, ranked: as CSV for a spreadsheet, or as a "
        "Markdown list for an issue tracker.",
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
    "report": {"status", "actions", "report"},
    "lab": {"lab"},
    "milestone": {"sign-off", "milestone", "compare"},
    "questions": {"lint", "questions", "answers"},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the words after `readybook`, by default the process's; return the exit code."""
    words = sys.argv[1:] if argv is None else argv
    # Before the verb stand only options that take no word.
    chosen = next((word for word in words if not word.startswith("-")), "")
    verb: Verb | None = None
    try:
        verb = _load(chosen) if chosen in VERBS else None
        arguments = _parser(chosen, verb).parse_args(words)
        code: int = arguments.run(arguments)
    except InvalidInputError as error:
        say(str(error))
        number = len(error.problems)
        wrote = "; nothing was written" if verb is None or verb.writes else ""
        say(f"{number} problem{'s' if number > 1 else ''}{wrote}.")
        return BAD_INPUT
    except ReadybookError as error:
        say(f"readybook: {error}")
        return SOME_FAILED
    except OSError as error:
        name = Path(error.filename).name if error.filename else "a file"
        say(f"readybook: {name}: {error.strerror or error}")
        return BAD_INPUT
    except KeyboardInterrupt:
        say("readybook: stopped; what was finished is kept")
        return STOPPED
    return code


def _load(name: str) -> Verb:
    """Import the module that holds a verb, and return the verb."""
    (module,) = (module for module, verbs in _HOLDS.items() if name in verbs)
    verb: Verb = importlib.import_module(f"readybook.cli.{module}").VERBS[name]
    return verb


def _parser(chosen: str, verb: Verb | None) -> argparse.ArgumentParser:
    """Return the parser of all verbs; only the chosen one has its options."""
    parser = argparse.ArgumentParser(
        prog="readybook",
        description="Find out whether an organization is ready to put one "
        "machine-learning use case into production.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("-V", "--version", action="version", version=__version__)
    verbs = parser.add_subparsers(metavar="VERB", required=True)
    for name, about in VERBS.items():
        own = verbs.add_parser(
            name,
            help=about,
            description=about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if verb and name == chosen:
            own.epilog = f"example:\n  {verb.example}\n\n{EXIT_CODES}"
            own.set_defaults(run=verb.run)
            for add in verb.options:
                add(own)
    return parser
