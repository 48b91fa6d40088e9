"""The rows of many cases: read from beside their reports, and compared with earlier ones.

A row was written with its report, so that a case that did not change costs nothing here.
"""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from readybook import __version__
from readybook.case.open import name_of
from readybook.model.errors import InvalidInputError, Problem
from readybook.model.portfolio import CaseRow, Failed, Portfolio, Position
from readybook.model.words import count
from readybook.report.page import ROW
from readybook.text.documents import is_absent, json_parser, read_bytes

FILE = "portfolio.json"
_OWN = re.compile(r"(?<=[/\\])answers[/\\].*", re.DOTALL)  #: called after a person
_AGAIN = "delete it, then run 'readybook report' again"


def read_portfolio(out: Path) -> Portfolio | None:
    """Return what an earlier run kept in a folder of reports; None: nothing.

    Raises:
        InvalidInputError: it cannot be read, or is not valid.
    """
    path = out / FILE
    if is_absent(path):
        return None
    return json_parser(FILE, Portfolio, _AGAIN)(read_bytes(path, name=FILE))


def read_rows(out: Path, names: Iterable[str]) -> tuple[CaseRow, ...]:
    """Return the rows beside the reports of cases, by name.

    Raises:
        InvalidInputError: one cannot be read, is not valid, or is of another case.
    """
    found = []
    for name in sorted(names):
        shown = f"{name}/{ROW}"
        raw = read_bytes(out / name / ROW, name=shown)
        row = json_parser(shown, CaseRow, _AGAIN)(raw)
        if row.name != name:
            told = f"the row of the case '{row.name}'"
            raise InvalidInputError.of(shown, told, f"that of '{name}'", _AGAIN)
        found.append(row)
    return tuple(found)


def first_place(problems: Sequence[Problem], folder: Path) -> str:
    """Return where the first problem of a case stands, and how many there are.

    What was found, and a file that is called after a person, are for the case's team.
    """
    first = problems[0]
    file = Path(first.file)
    # Of what lies elsewhere, such as a register, no place is told.
    is_inside = file.is_relative_to(folder)
    shown = name_of(folder) / file.relative_to(folder) if is_inside else file.name
    where = _OWN.sub("answers", f"{shown}:{first.line}" if first.line else f"{shown}")
    return f"{where}: {count(len(problems), 'problem')}"


def gather(
    out: Path, names: Iterable[str], failed: Sequence[Failed], milestone: str = ""
) -> Portfolio:
    """Return cases beside how they stood at a milestone, else at the run before.

    A run in which nothing moved is compared with the same as the run before it, so that
    it gives the same bytes, and nobody loses a comparison by running twice.

    Args:
        out: folder of the reports.
        names: of the cases that have one.
        failed: the cases that have none, or no newer one.
        milestone: name or day of a milestone; "": the run before.
    """
    now = Portfolio(
        format=1,
        readybook=__version__,
        cases=read_rows(out, names),
        failed=tuple(sorted(failed, key=lambda one: one.name)),
        milestone=milestone,
    )
    if milestone:
        known = {row.name: _stood(row, milestone) for row in now.cases}
        before = {name: then for name, then in known.items() if then}
        return now.model_copy(update={"before": before})
    old = _old(out)
    if old is None:
        return now
    if (old.cases, old.failed, old.milestone) == (now.cases, now.failed, ""):
        return now.model_copy(update={"since": old.since, "before": old.before})
    since = max((row.as_of for row in old.cases), default=None)
    stood: dict[str, Position | None] = {row.name: row.now for row in old.cases}
    stood |= {one.name: None for one in old.failed}
    return now.model_copy(
        update={"since": since, "before": dict(sorted(stood.items()))}
    )


def _old(out: Path) -> Portfolio | None:
    try:
        return read_portfolio(out)
    except InvalidInputError:  # nobody's edit is taken for what was written
        return None


def _stood(row: CaseRow, milestone: str) -> Position | None:
    """Return how a case stood at a milestone, by its name or its day."""
    try:
        day = dt.date.fromisoformat(milestone)
    except ValueError:
        named = [
            p for p in row.earlier if (p.name or "").casefold() == milestone.casefold()
        ]
    else:  # the last one by that day
        named = [p for p in row.earlier if p.on <= day]
    return named[-1] if named else None
