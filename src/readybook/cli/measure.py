"""The verb `measure`: data and deployment logs, measured into evidence/."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from readybook.case.open import Opened, open_all
from readybook.checks.routes import check_route
from readybook.cli.terminal import FINE, Verb, add_folders, progress, say, today
from readybook.measure.data import RunOptions, load_begun, measure_data
from readybook.measure.route import measure_route
from readybook.measure.sources.engine import Limits
from readybook.model.errors import InvalidInputError, Problem
from readybook.model.findings import RouteEvidence
from readybook.text.documents import save_evidence

__all__ = ["VERBS"]


def _options(parser: argparse.ArgumentParser) -> None:
    add_folders(parser)
    parser.add_argument(
        "--time-limit",
        type=_seconds,
        default=600.0,
        metavar="SECONDS",
        help="for the queries of one table together (default: 600)",
    )
    parser.add_argument(
        "--memory-limit",
        type=_memory,
        default="512MB",
        metavar="SIZE",
        help="of the embedded engine; more is spilled to disk (default: 512MB)",
    )


def _seconds(text: str) -> float:
    """Return a time limit; any number above 0."""
    try:
        limit = float(text)
    except ValueError:
        limit = 0.0
    if not 0 < limit < math.inf:
        message = f"found '{text}', expected seconds above 0, do: write 1800"
        raise argparse.ArgumentTypeError(message)
    return limit


def _memory(text: str) -> str:
    """Return a memory limit as the engine reads it."""
    if not re.fullmatch(r"[1-9]\d{0,5} ?(MB|GB|MiB|GiB)", text):
        message = f"found '{text}', expected a size in MB or GB, do: write 512MB"
        raise argparse.ArgumentTypeError(message)
    return text


def _measure(arguments: argparse.Namespace) -> int:
    """Measure the named folders; what is wrong in a log is told before any writing."""
    limits = Limits(arguments.memory_limit, arguments.time_limit)
    opened = open_all(arguments.folders)
    logs = _read_logs(opened)
    for one in opened:
        if one.folder in logs:
            _save_log(one, logs[one.folder])
        _measure_data(one, limits)
    return FINE


def _measure_data(opened: Opened, limits: Limits) -> None:
    folder, assessment = opened.folder, opened.assessment
    tables = assessment.data_model.tables
    if not tables:
        say(f"{folder}: data.odcs.yaml declares no table; no data to measure")
        return
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


def _read_logs(opened: Iterable[Opened]) -> Mapping[Path, RouteEvidence]:
    """Return what the declared deployment logs show, by folder.

    Raises:
        InvalidInputError: with what is wrong in all of the logs; files are named by
            the folder as it was given.
    """
    found: dict[Path, RouteEvidence] = {}
    problems: list[Problem] = []
    for folder, assessment, _ in opened:
        route = assessment.resources.route
        if route is None or route.log is None:
            continue
        try:
            found[folder] = measure_route(route.log, folder, earlier=assessment.route)
        except InvalidInputError as error:
            problems += (
                replace(one, file=str(folder / one.file)) for one in error.problems
            )
    if problems:
        raise InvalidInputError(problems)
    return found


def _save_log(opened: Opened, evidence: RouteEvidence) -> None:
    """Write what a log shows to evidence/route.json and print it."""
    save_evidence(evidence, opened.folder / "evidence" / "route.json")
    # What was just measured is told, even where all is judged at an earlier date.
    seen = {"route": evidence, "as_of": evidence.measured_on}
    for finding in check_route(opened.assessment.model_copy(update=seen)):
        print(f"{finding.outcome:>12}  {finding.check}  {finding.message}")


VERBS = {
    "measure": Verb(_measure, _options, "readybook measure churn --time-limit 1800")
}
