"""The folder milestones/: read and found valid, or written without losing another.

`milestones/2026-10-12.json` is named after the day at which it was judged. It holds what
scoring read of the bank, the assessment without notes and with respondents as numbers,
the result, and the fingerprint of all that: a file that was edited is refused.
`readybook milestone` writes it; nobody edits it.
"""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from readybook.model.errors import InvalidInputError, Problem
from readybook.model.results import (
    DimensionResult,
    Milestone,
    Snapshot,
    milestone_json,
    seal_of,
)
from readybook.text.documents import (
    is_absent,
    json_parser,
    listed,
    plain_json,
    read_bytes,
    refuse_outside,
    save_text,
)

MILESTONES = "milestones"  #: folder of an assessment
_DO = "put the file back as `readybook milestone` wrote it, or delete it"


def load_milestones(folder: Path) -> tuple[Milestone, ...]:
    """Return the milestones of an assessment, oldest first.

    Raises:
        InvalidInputError: with the problems of the first file that is not valid.
    """
    names = milestone_names(folder)
    found = [load_milestone(folder / name, name) for name in names]
    return tuple(sorted(found, key=lambda one: one.on))


def milestone_names(folder: Path) -> list[str]:
    """Return the files of milestones, as an assessment names them.

    Raises:
        InvalidInputError: their folder cannot be listed.
    """
    paths = (path for path in listed(folder, MILESTONES) if path.suffix == ".json")
    return [f"{MILESTONES}/{one.name}" for one in paths if not one.name.startswith(".")]


def load_milestone(path: Path, name: str) -> Milestone:
    """Return the milestone in a file, by whatever name it has.

    Raises:
        InvalidInputError: it cannot be read, or is not valid.
    """
    return _sealed(read_bytes(path, name=name), name)


def parse_milestone(raw: bytes, name: str) -> Milestone:
    """Return a milestone that lies in an assessment's folder, from its content.

    Raises:
        InvalidInputError: it is not valid, was edited, or is of another day than its
            name says.
    """
    milestone = _sealed(raw, name)
    wanted = f"{MILESTONES}/{milestone.on}.json"
    if name != wanted:
        found = f"a milestone of {milestone.on}"
        raise InvalidInputError.of(name, found, f"the name '{wanted}'", _DO)
    return milestone


@lru_cache(maxsize=8)  # a form opens its folder anew for each answer
def _sealed(raw: bytes, name: str) -> Milestone:
    milestone = json_parser(name, Milestone, _DO)(raw)
    content = plain_json(raw, name, _DO).data
    if not isinstance(content, dict) or seal_of(content) != milestone.fingerprint:
        raise InvalidInputError.of(name, "other content than was frozen",
                                   "content of its fingerprint", _DO)  # fmt: skip
    if problems := [
        Problem(name, 0, key, found, expected, _DO)
        for key, found, expected in _contradictions(milestone)
    ]:
        raise InvalidInputError(problems)
    return milestone


def _contradictions(milestone: Milestone) -> Iterator[tuple[str, str, str]]:
    """Yield the key of what cannot be in a result, what was found and is expected."""
    result, as_of = milestone.result, milestone.inputs.as_of
    if milestone.on != as_of:
        yield "on", str(milestone.on), f"{as_of}, the day of its inputs"
    parts: list[tuple[str, Snapshot | DimensionResult]] = [("result", result)]
    parts += [
        (f"result.dimensions[{at}]", one) for at, one in enumerate(result.dimensions)
    ]
    for key, part in parts:
        for name, count in (("answered", part.answered), ("proven", part.proven)):
            if not 0 <= count <= part.applicable:
                expected = f"0 to {part.applicable}, as many as apply"
                yield f"{key}.{name}", f"{count}", expected
    every = [
        (f"questions.{name}.bounds", one.bounds)
        for name, one in result.questions.items()
    ]
    for at, dimension in enumerate(result.dimensions):
        every += [(f"dimensions[{at}].needed", dimension.needed)]
        every += (
            [(f"dimensions[{at}].level", dimension.level)] if dimension.level else []
        )
    for key, bounds in every:
        if bounds.lower > bounds.upper:
            expected = f"a level from {bounds.lower} on"
            yield f"result.{key}.upper", f"{bounds.upper}", expected


def save_milestone(folder: Path, milestone: Milestone, *, replace: bool) -> Path:
    """Write a milestone into an assessment's folder, and return the file.

    Raises:
        InvalidInputError: there is one of that day already, not to be replaced, or the
            place lies outside.
    """
    name = f"{MILESTONES}/{milestone.on}.json"
    refuse_outside(name, folder)
    path = folder / name

    def is_free() -> None:
        if not (replace or is_absent(path)):
            do = "keep it, or replace it with --replace"
            raise InvalidInputError.of(name, "a milestone of that day", "none yet", do)

    is_free()
    path.parent.mkdir(exist_ok=True)
    save_text(path, milestone_json(milestone), last_look=is_free)
    return path
