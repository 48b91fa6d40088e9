"""The part of `readybook measure` that reads deployment logs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from readybook.model.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from readybook.model.case import Assessment
    from readybook.model.findings import RouteEvidence

__all__ = ["read_logs", "save_log"]


def read_logs(
    opened: Iterable[tuple[Path, Assessment]],
) -> Mapping[Path, RouteEvidence]:
    """Return what the declared deployment logs show, by folder.

    Raises:
        InvalidInputError: with what is wrong in all of the logs; files are named by
            the folder as it was given.
    """
    from readybook.measure.route.route import measure_route  # noqa: PLC0415 - runs git

    found: dict[Path, RouteEvidence] = {}
    problems: list[Problem] = []
    for folder, assessment in opened:
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


def save_log(
    folder: Path, assessment: Assessment, evidence: RouteEvidence | None
) -> None:
    """Write what a log shows to evidence/route.json and print it; None: no log."""
    from readybook.checks.routes import check_route  # noqa: PLC0415
    from readybook.text.jsonfile import save_evidence  # noqa: PLC0415

    if evidence is None:
        return
    save_evidence(evidence, folder / "evidence" / "route.json")
    # What was just measured is told, even where all is judged at an earlier date.
    seen = {"route": evidence, "as_of": evidence.measured_on}
    for finding in check_route(assessment.model_copy(update=seen)):
        print(f"{finding.outcome:>12}  {finding.check}  {finding.message}")
