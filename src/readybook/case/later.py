"""The days that a case tells of: what lies after the as-of date, and the last before it.

What is dated later has not happened yet, so it is no input.
"""

import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from readybook.model.case import Assessment
from readybook.model.errors import InvalidInputError, Problem
from readybook.model.results import Milestone
from readybook.text.documents import Judge, Loaded
from readybook.text.yaml import KeyPath

#: Keys that tell of something past; others, such as `expires` or `due`, look ahead.
PAST = frozenset(
    (
        "accepted_on",
        "asked_on",
        "confirmed_on",
        "closed_on",
        "date",
        "decided_on",
        "done_on",
        "granted_on",
        "measured_on",
        "milestone",
        "on",
        "refused_on",
        "started_on",
    )
)
_LEAF = (str, int, float, type(None))  # most values, and nothing is inside of them


def refuse_later(file: str, on: dt.date, as_of: dt.date) -> None:
    """Refuse to record what every verb would then refuse to read.

    Raises:
        InvalidInputError: the day lies after the as-of date.
    """
    if on > as_of:
        found = f"{on}, after the as-of date {as_of}"
        do = "move as_of in assessment.yaml, or name the day with --on"
        raise InvalidInputError.of(file, found, "a day up to the as-of date", do)


def later_inputs(
    documents: Iterable[Loaded[Any]],
    evidence: Mapping[str, object],
    milestones: Mapping[str, Milestone],
    as_of: dt.date,
) -> list[Problem]:
    """Return a problem for each past date of a folder that lies after a day.

    An evidence file was written in one go, and so was a milestone: it is one problem,
    whatever it holds.

    Args:
        documents: what people wrote.
        evidence: what was measured, by the field of Assessment that keeps it.
        milestones: by the name of the file; what stood in a later one would not be told.
        as_of: the day at which all is judged.
    """
    typed = [problem for file in documents for problem in _later(file, as_of)]
    at_once = [
        *_evidence_files(evidence),
        *(Loaded(n, one, {}) for n, one in milestones.items() if one.on > as_of),
    ]
    return typed + [problem for file in at_once for problem in _later(file, as_of)[:1]]


def last_touched(assessment: Assessment) -> dt.date | None:
    """Return the last day up to the as-of date on which anything was said or measured.

    A change of procedure is dated by when it happened, not by who told of it.
    """
    parts = assessment.model_copy(update={"changes": None, "failures": None})
    days = [day for _, day in _past_dates(parts) if day <= assessment.as_of]
    return max(days, default=None)


def measured_by_then(then: Assessment) -> Assessment:
    """Return a case of an earlier day with what was measured since as if by that day.

    Measuring writes over what was there, so that nobody knows what was measured then.
    """

    def dated(part: Any) -> Any:  # noqa: ANN401 - each kind of evidence
        update = {}
        if hasattr(part, "measured_on"):
            update["measured_on"] = min(part.measured_on, then.as_of)
        if hasattr(part, "findings"):
            update["findings"] = tuple(map(dated, part.findings))
        return part and part.model_copy(update=update)

    names = ("data", "accounts", "route", "failures")
    probes = {name: dated(one) for name, one in then.probes.items()}
    update = {name: dated(getattr(then, name)) for name in names}
    return then.model_copy(update={**update, "probes": probes})


def _evidence_files(evidence: Mapping[str, object]) -> Iterator[Loaded[Any]]:
    for name, one in evidence.items():
        named = one.items() if name == "probes" and isinstance(one, dict) else ()
        for stem, model in (*named, (name, one)):
            if isinstance(model, BaseModel):
                yield Loaded(f"evidence/{stem}.json", model, {})


def _later(file: Loaded[BaseModel], as_of: dt.date) -> list[Problem]:
    judge = Judge(file)
    do = "set as_of in assessment.yaml to that day or later"
    # What was measured is sealed: nobody corrects it.
    do = do if file.name.startswith("evidence/") else f"correct the date, or {do}"
    for path, date in _past_dates(file.model):
        if date > as_of:
            found = f"{date}, after the as-of date {as_of}"
            judge.report(path, found, "a day that was by then", do)
    return judge.problems


def _past_dates(part: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, dt.date]]:
    inside: Iterable[tuple[str | int, object]] = ()
    if isinstance(part, BaseModel):
        inside = [(name, getattr(part, name)) for name in _wide(type(part))]
    elif isinstance(part, tuple):
        inside = enumerate(part)
    elif isinstance(part, Mapping):
        inside = part.items()
    for name, one in inside:
        if isinstance(one, dt.date):
            if name in PAST:
                yield (*path, name), one
        elif one and not isinstance(one, _LEAF):
            yield from _past_dates(one, (*path, name))


@functools.cache  # most fields hold one word: to look at each takes long
def _wide(model: type[BaseModel]) -> tuple[str, ...]:
    """Return the fields of a model that may hold a date, or something around one."""
    fields = model.model_fields.items()
    return tuple(name for name, field in fields if _is_wide(field.annotation))


def _is_wide(kind: Any) -> bool:  # noqa: ANN401 - whatever annotates a field
    if get_origin(kind) is Literal or kind in _LEAF:
        return False
    is_one_of = get_origin(kind) in {Annotated, Union, UnionType}
    return not is_one_of or any(map(_is_wide, get_args(kind)))
