"""What each verb does: calls the library, prints the result, returns the exit code.

Results go to standard output, messages and progress to standard error.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

from readybook.model.errors import InvalidInputError, Problem, ReadybookError, nearest

if TYPE_CHECKING:
    from pathlib import Path

    from readybook.bank.read import BankSource
    from readybook.model.case import Assessment
    from readybook.report.render import Rendered

__all__ = [
    "BAD_INPUT",
    "FINE",
    "SOME_FAILED",
    "STOPPED",
    "WRONG_USAGE",
    "check",
    "lint_bank",
    "measure",
    "new",
    "progress",
    "questions",
    "report",
    "say",
    "schema",
    "today",
]

FINE, BAD_INPUT, WRONG_USAGE, SOME_FAILED, STOPPED = 0, 1, 2, 3, 130


def say(text: str) -> None:
    """Print a message for people to standard error."""
    print(text, file=sys.stderr)


def new(arguments: argparse.Namespace) -> int:
    """Start an assessment and say what to do next."""
    from readybook.cli.start import start_assessment  # noqa: PLC0415 - reads data

    written = start_assessment(
        arguments.folder, data=arguments.data, own_bank=arguments.bank
    )
    print(*written, sep="\n")
    say(
        f"\nNext: fill in {arguments.folder / 'assessment.yaml'}, then\n"
        f"  readybook check {arguments.folder}\n"
        f"  readybook report {arguments.folder}"
    )
    return FINE


def check(arguments: argparse.Namespace) -> int:
    """List everything that is wrong in the named folders."""
    from readybook.report.batch import open_each, split  # noqa: PLC0415 - heavy

    good, bad = split(open_each(arguments.folders, as_of=arguments.as_of))
    problems = [problem for _, error in bad for problem in error.problems]
    notes = [
        f"{folder}: {note}"
        for folder, assessment in good
        for note in _notes(folder, assessment)
    ]
    if arguments.format == "json":
        _print_json(problems, notes)
        return BAD_INPUT if problems else FINE
    for folder, assessment in good:
        print(f"{folder}: fine; {_contents(assessment)}")
    for line in (*notes, *problems):
        print(line)
    return BAD_INPUT if problems else FINE


def _print_json(problems: Iterable[Problem], notes: Iterable[str]) -> None:
    body = {"problems": [asdict(problem) for problem in problems], "notes": [*notes]}
    print(json.dumps(body, indent=1, ensure_ascii=False))


def _notes(folder: Path, assessment: Assessment) -> Iterator[str]:
    from readybook.bank.own import load_bank_for  # noqa: PLC0415
    from readybook.checks.notes import register_notes  # noqa: PLC0415
    from readybook.plan.action_state import action_notes  # noqa: PLC0415 - builds models
    from readybook.score.score import score  # noqa: PLC0415

    yield from _since_recorded(folder, assessment)
    yield from map(str, register_notes(assessment))
    bank = load_bank_for(folder)
    yield from action_notes(score(bank, assessment), assessment, bank)


def _since_recorded(folder: Path, assessment: Assessment) -> Iterable[str]:
    """Return a line for each other version of the bank that answers were given under."""
    from readybook.bank.history import load_history  # noqa: PLC0415 - builds models
    from readybook.bank.own import load_bank_for  # noqa: PLC0415
    from readybook.model.bank_changes import bank_changes, recorded_under  # noqa: PLC0415

    bank = load_bank_for(folder)
    found = bank_changes(recorded_under(assessment), bank, load_history())
    return dict.fromkeys(map(str, found))


def _contents(assessment: Assessment) -> str:
    answers = sum(len(sheet.answers) for sheet in assessment.sheets.values())
    return (
        f"{answers} answers by {len(assessment.sheets)} respondents, "
        f"{len(assessment.scope.needs)} needs, judged at {assessment.as_of}"
    )


def measure(arguments: argparse.Namespace) -> int:
    """Measure data and deployment logs of the named folders into evidence/."""
    # Ibis and DuckDB take a second to import; only this verb needs them.
    from readybook.cli.route import read_logs, save_log  # noqa: PLC0415
    from readybook.measure.data import RunOptions, load_begun, measure_data  # noqa: PLC0415
    from readybook.measure.sources.engine import Limits  # noqa: PLC0415
    from readybook.report.batch import open_all  # noqa: PLC0415
    from readybook.text.jsonfile import save_evidence  # noqa: PLC0415

    limits = Limits(arguments.memory_limit, arguments.time_limit)
    opened = open_all(arguments.folders)
    logs = read_logs(opened)  # first: what is wrong in one is told before any writing
    for folder, assessment in opened:
        save_log(folder, assessment, logs.get(folder))
        tables = assessment.data_model.tables
        if not tables:
            say(f"{folder}: data.odcs.yaml declares no table; no data to measure")
            continue
        target = folder / "evidence" / "data.json"
        # A run that is stopped goes on from here; data.json stays whole meanwhile.
        begun = target.with_name("data.json.begun")
        with progress(len(tables), folder.name) as tick:
            keep = partial(save_evidence, path=begun)
            options = RunOptions(limits, tick, keep, load_begun(begun))
            evidence = measure_data(assessment, folder, today=today(), options=options)
        save_evidence(evidence, target)
        begun.unlink(missing_ok=True)
        for finding in evidence.findings:
            print(f"{finding.outcome:>12}  {finding.check}  {finding.message}")
        say(f"{folder}: {len(evidence.findings)} findings in {target}")
    return FINE


def report(arguments: argparse.Namespace) -> int:
    """Render the named folders; the last lines printed are the pages."""
    from readybook.report.batch import (  # noqa: PLC0415 - heavy
        NOTEBOOKS,
        open_each,
        report_each,
        split,
    )

    if twice := _same_names(arguments.folders):
        say(
            f"readybook report: found {twice} as the name of more than one folder, "
            "expected a name of its own for each report, do: rename one of them, or "
            "report them into different folders with --out"
        )
        return WRONG_USAGE
    good, bad = split(open_each(arguments.folders, as_of=arguments.as_of))
    if not good:
        raise InvalidInputError(p for _, error in bad for p in error.problems)
    for _, error in bad:
        say(str(error))
    failed = len(bad)
    done: list[Rendered] = []
    with progress(len(good) * len(NOTEBOOKS), "report") as tick:
        for folder, outcome in report_each(
            good,
            out=arguments.out,
            edition=arguments.edition,
            tick=tick,
        ):
            if isinstance(outcome, ReadybookError):
                failed += 1
                say(f"{folder}: {outcome}")
            else:
                done.append(outcome)
    for rendered in done:
        say(rendered.headline)
        print(rendered.page)
    return SOME_FAILED if failed else FINE


def _same_names(folders: list[Path]) -> str:
    """Return the names that several folders share, whose reports would overwrite."""
    names = Counter(folder.resolve().name for folder in folders)
    return ", ".join(f"'{name}'" for name, times in names.items() if times > 1)


def lint_bank(arguments: argparse.Namespace) -> int:
    """Prove that a bank can do its work, or list what keeps it from it."""
    from readybook.model.words import count  # noqa: PLC0415
    from readybook.score.lint import lint  # noqa: PLC0415 - builds models

    source = _bank(arguments.bank)
    problems = lint(source)
    for problem in _below(arguments.bank, problems):
        print(problem)
    if problems:
        say(f"{count(len(problems), 'problem')}.")
    else:
        asked = [question for _, question in source.bank.questions]
        gates = sum(question.gate is not None for question in asked)
        name = f"{source.bank.id} {source.bank.version}"
        print(f"{name}: fine; {count(len(asked), 'question')}, {count(gates, 'gate')}")
    return BAD_INPUT if problems else FINE


def questions(arguments: argparse.Namespace) -> int:
    """Print a bank for people who review it without opening YAML."""
    from readybook.paper.bank import FORMATS  # noqa: PLC0415 - builds models

    bank = _bank(arguments.bank).bank
    print(FORMATS[arguments.format](bank, arguments.track), end="")
    return FINE


def _bank(path: Path | None) -> BankSource:
    from readybook.bank.own import find_bank  # noqa: PLC0415 - builds models

    try:
        return find_bank(path)
    except InvalidInputError as error:
        raise InvalidInputError(_below(path, error.problems)) from None


def _below(path: Path | None, problems: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems with files named as a terminal can open them."""
    folder = path if path is None or path.is_dir() else path.parent
    for problem in problems:
        name = problem.file if folder is None else str(folder / problem.file)
        yield replace(problem, file=name)


def schema(arguments: argparse.Namespace) -> int:
    """Print one file format's JSON Schema, or the names of all."""
    from readybook.case.schemas import document_schemas  # noqa: PLC0415 - builds models

    schemas = document_schemas()
    if arguments.name is None:
        print(*schemas, sep="\n")
        return FINE
    if arguments.name not in schemas:
        say(
            f"readybook schema: found '{arguments.name}', expected the name of a file "
            f"format, do: {nearest(arguments.name, list(schemas))}"
        )
        return WRONG_USAGE
    print(json.dumps(schemas[arguments.name], indent=2, ensure_ascii=False))
    return FINE


def today() -> dt.date:
    """Return the date on this machine's calendar."""
    return dt.datetime.now().astimezone().date()


@contextmanager
def progress(total: int, label: str) -> Iterator[Callable[[str], None]]:
    """Show a bar on stderr; what is yielded is called with each step's name."""
    from tqdm import tqdm  # noqa: PLC0415 - keeps --help fast

    with tqdm(total=total, desc=label, unit="step", leave=False) as bar:
        begun = False

        def tick(step: str) -> None:
            nonlocal begun
            bar.update(1 if begun else 0)
            begun = True
            bar.set_postfix_str(step)

        yield tick
        bar.update(total - bar.n)
