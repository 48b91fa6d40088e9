"""Judge what is planned: figures in order, needs that are steps, no circle of needs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from readybook.model.actions import Actions, Range
from readybook.model.bank import Question
from readybook.model.case import Scope
from readybook.model.contract import DataModel
from readybook.model.errors import Problem
from readybook.model.resources import Resources
from readybook.text.cycles import circles
from readybook.text.documents import Judge, Loaded
from readybook.text.yaml import KeyPath, shown

__all__ = ["PlanFiles", "check_plan"]

_STEP = "the id of an action, or of a step such as permission/<resource>"
#: Beginning of the ids of derived steps, and the file that the rest is from.
_FILES = {
    "permission": "resources.yaml",
    "resource": "resources.yaml",
    "history": "data.odcs.yaml",
}


@dataclass(frozen=True)
class PlanFiles:
    """The documents that a plan is made of; None: absent or refused."""

    scope: Loaded[Scope] | None
    model: Loaded[DataModel] | None
    resources: Loaded[Resources] | None
    actions: Loaded[Actions] | None


def check_plan(
    files: PlanFiles, questions: Mapping[str, Question], folder: Path
) -> list[Problem]:
    """Return every figure out of order, need that is no step, and circle of needs.

    Args:
        files: what could be read; a refused document's steps are not asked for.
        questions: of the bank, for its gates.
        folder: the assessment's, to tell an absent document from a refused one.
    """
    scope, resources, actions = files.scope, files.resources, files.actions
    judges = {file.name: Judge(file) for file in (scope, resources, actions) if file}
    for judge in judges.values():
        for path, figures in _ranges(judge.file.model):
            _check_range(judge, path, figures)
    known = _known_steps(files, questions)
    refused = {
        kind
        for kind, name in _FILES.items()
        if (files.model if kind == "history" else resources) is None
        and (folder / name).exists()
    }
    links = list(_links(judges, resources, actions))
    for link in links:
        if link.name.partition("/")[0] not in refused:
            link.judge.known(link.path, link.name, known, _STEP)
    _check_circles(links)
    return [problem for judge in judges.values() for problem in judge.problems]


# --- figures -----------------------------------------------------------------------


def _ranges(part: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Range]]:
    """Yield every range of low, likely and high in a document."""
    if isinstance(part, Range):
        yield path, part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _ranges(getattr(part, name), (*path, name))
    elif isinstance(part, tuple):
        for at, one in enumerate(part):
            yield from _ranges(one, (*path, at))


def _check_range(judge: Judge, path: KeyPath, figures: Range) -> None:
    low, likely, high = figures.low, figures.likely, figures.high
    found = f"low {low:g}, likely {likely:g}, high {high:g}"
    if not all(map(math.isfinite, (low, likely, high))) or min(low, likely, high) < 0:
        judge.report(path, found, "three figures of 0 or more", "correct the figures")
    elif not low <= likely <= high:
        judge.report(
            path, found, "low <= likely <= high", "put the three figures in order"
        )


# --- needs -------------------------------------------------------------------------


def _known_steps(files: PlanFiles, questions: Mapping[str, Question]) -> list[str]:
    """Return every id that a step has or may come to have."""
    actions = files.actions.model.actions if files.actions else ()
    rows = files.resources.model.resources if files.resources else ()
    tables = files.model.model.tables if files.model else ()
    return [
        *(action.id for action in actions),
        *(f"{kind}/{row.id}" for row in rows for kind in ("permission", "resource")),
        *(f"history/{table.name}" for table in tables),
        *(f"gap/{name}" for name, question in questions.items() if question.gate),
    ]


@dataclass(frozen=True)
class _Link:
    """One step that a document names, and who comes to need it."""

    judge: Judge
    path: KeyPath
    name: str
    step: str  #: that needs `need`
    need: str


def _links(
    judges: Mapping[str, Judge],
    resources: Loaded[Resources] | None,
    actions: Loaded[Actions] | None,
) -> Iterator[_Link]:
    """Yield every step that is named; who needs a step comes to need its workaround."""
    for at, action in enumerate(actions.model.actions if actions else ()):
        judge = judges["actions.yaml"]
        for index, need in enumerate(action.needs):
            path: KeyPath = ("actions", at, "needs", index)
            yield _Link(judge, path, need, action.id, need)
        if (step := action.workaround_for) and action.state != "dropped":
            path = ("actions", at, "workaround_for")
            yield _Link(judge, path, step, step, action.id)
    for at, row in enumerate(resources.model.resources if resources else ()):
        for index, need in enumerate(row.waits_for):
            path = ("resources", at, "waits_for", index)
            judge = judges["resources.yaml"]
            yield _Link(judge, path, need, f"permission/{row.id}", need)


def _check_circles(links: Iterable[_Link]) -> None:
    """Report each circle at the key of its first member."""
    needs, first = dict[str, list[str]](), dict[str, _Link]()
    for link in links:
        needs.setdefault(link.step, []).append(link.need)
        first.setdefault(link.step, link)
    for circle in circles(needs):
        link = first[circle[0]]
        link.judge.report(
            link.path[:3],
            f"a circle: {shown(' needs '.join(circle))}",
            "steps that can be done one after the other",
            "remove one of these needs",
        )
