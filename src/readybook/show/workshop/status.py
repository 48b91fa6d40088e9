"""Where a case stands with its workshop, as text of 80 columns and as JSON."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.results import Result
from readybook.model.words import count, day, level_spread
from readybook.score.agenda import (
    Item,
    Progress,
    RolePlace,
    Split,
    agenda,
    fit,
    invitations,
    progress,
    role_map,
    splits,
)
from readybook.show.workshop.run_sheet import Step, run_steps
from readybook.show.workshop.workshop import ITEM_WORDS

__all__ = ["Status", "status_json", "status_of", "status_text"]

_WIDTH = 80


@dataclass(frozen=True)
class Status:
    """What `readybook status` prints of one assessment."""

    name: str
    title: str
    headline: str
    because: str
    minutes: int
    invite: tuple[RolePlace, ...]
    answered: tuple[Progress, ...]
    splits: tuple[Split, ...]
    next: tuple[Item, ...]
    left: int  #: items that do not fit into the minutes
    steps: tuple[Step, ...]


def status_of(
    result: Result, assessment: Assessment, bank: Bank, *, minutes: int
) -> Status:
    """Return where an assessment stands with its workshop.

    Args:
        result: what the method concludes.
        assessment: for roles, answers and actions.
        bank: for titles of roles.
        minutes: that are left to settle something.
    """
    fitting, left = fit(agenda(result, bank), minutes)
    return Status(
        name=assessment.name,
        title=assessment.scope.title,
        headline=result.headline,
        because=result.because,
        minutes=minutes,
        invite=invitations(role_map(result, assessment, bank)),
        answered=progress(result, assessment, bank),
        splits=splits(result, bank),
        next=fitting,
        left=left,
        steps=run_steps(result, assessment, bank),
    )


def status_json(status: Status) -> dict[str, object]:
    """Return the status for machines: by role, no respondent beside an answer."""
    body = asdict(status)
    body["splits"] = [
        {
            "question": row.question.id,
            "title": row.question.title,
            "gate": row.gate,
            "between": [row.between.lower, row.between.upper],
            "distance": row.distance,
            "settles": row.settles,
        }
        for row in status.splits
    ]
    for row in body["answered"]:
        row["last"] = row["last"].isoformat() if row["last"] else None
    return body


def status_text(status: Status) -> str:
    """Return the status for a terminal."""
    parts = [
        [f"{status.name}: {status.title}", status.headline, status.because],
        ["", f"WHO TO INVITE ({len(status.invite)})", *_invite(status.invite)],
        ["", f"WHO HAS ANSWERED WHAT ({len(status.answered)})",
         *_answered(status.answered)],
        ["", f"WHERE ANSWERS DIFFER ({len(status.splits)})", *_splits(status.splits)],
        ["", f"WHAT TO SETTLE IN {status.minutes} MINUTES", *_next(status)],
        ["", "THE WORKSHOP", *_steps(status.steps)],
    ]  # fmt: skip
    wrapped = (_wrap(line) for part in parts for line in part)
    return "\n".join(wrapped) + "\n"


def _wrap(line: str) -> str:
    """Return a line in so many that none is wider than the terminal."""
    indent = " " * (len(line) - len(line.lstrip()) + 2 if line[:1] == " " else 0)
    return textwrap.fill(line, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _invite(places: Iterable[RolePlace]) -> Iterator[str]:
    places = list(places)
    if not places:
        yield "  Every role that is asked something is held, and has answered."
    for place in places:
        held = ", ".join(place.held_by) or place.status
        gates = f"; gates: {', '.join(place.gates)}" if place.gates else ""
        waits = f"{len(place.open)} of {count(place.asked, 'question')} open"
        yield f"  {place.title} ({held}): {waits}{gates}"


def _answered(rows: Iterable[Progress]) -> Iterator[str]:
    rows = list(rows)
    if not rows:
        yield "  Nobody is named in stakeholders.yaml, and nobody has answered yet."
    for row in rows:
        unknown = f", {row.unknown} not known" if row.unknown else ""
        own = f"{row.answered} of {row.asked} own questions{unknown}"
        yield f"  {row.respondent}: {own}; last: {day(row.last, 'not begun')}"


def _splits(rows: Iterable[Split]) -> Iterator[str]:
    rows = list(rows)
    if not rows:
        yield "  None, but for what the room has settled."
    for row in rows:
        gate = "gate, " if row.gate else ""
        said = f"{gate}{level_spread(row.between)}; settled by: {row.settles}"
        yield f"  {row.question.id} {row.question.title}: {said}"


def _next(status: Status) -> Iterator[str]:
    if not status.next and not status.left:
        yield "  Nothing is open that the room could settle."
    for at, item in enumerate(status.next, 1):
        gate = " (gate)" if item.gate else ""
        yield (
            f"  {at}. {item.id} {item.title}{gate}. {ITEM_WORDS[item.kind]}: "
            f"{item.role}, {item.minutes} min"
        )
    if status.left:
        yield f"  {count(status.left, 'more item')} for another day."


def _steps(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        yield f"  {step.minutes:>6}  {step.what}: {step.now}"
