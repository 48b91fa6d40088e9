"""A register that cases share: roles, resources and permissions that mean one thing.

A person names the file beside the cases, never a case. What a case leaves open the
register says. What both say has to be the same, and how a permission was answered, and
who holds a role, the register says alone where it has them: no case can say more for
itself, and nothing that somebody typed goes unseen.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from readybook.checks.catalogue import fingerprint_of
from readybook.model.case import (
    Register,
    Resource,
    Resources,
    RoleHolder,
    Shared,
    SharedResource,
    SharedRole,
    Stakeholders,
)
from readybook.model.errors import InvalidInputError, Problem, close_to
from readybook.model.words import as_list
from readybook.text.documents import (
    Judge,
    Loaded,
    parse_document,
    place_in_case,
    read_bytes,
    refuse_undecodable,
)
from readybook.text.visible import visible
from readybook.text.yaml import KeyPath, shown

REGISTER = "a register"  #: among documents by name; no file of a case is called so
_Row = TypeVar("_Row", Resource, RoleHolder)
#: What a case may leave out or repeat, and not add.
_ALONE = {"held_by", "deputies", "granted_on", "refused_on", "expires"}
_OWN = {"id", "role", "what"}  #: what tells rows apart, and a case's own words


def load_register(
    path: Path, *, taken: Iterable[str], name: str = ""
) -> Loaded[Register]:
    """Return a register that cases share.

    Args:
        path: of a file that lies in no case.
        taken: names of files of a case, of which pages tell it by its name.
        name: for problems to print; "": the path.

    Raises:
        InvalidInputError: with every problem of the file.
    """
    name = name or str(path)
    raw = read_bytes(path, name=name)  # before anything else asks where it lies
    refuse_undecodable(path, name)
    expected, do = "a file outside of every case", "put it beside the cases"
    within = place_in_case(path) or place_in_case(path.resolve())
    if within:
        found = f"a file of the assessment {within[1].name}"
        raise InvalidInputError.of(name, found, expected, do)
    if path.name in taken:
        found = f"the name '{path.name}', which a case has for one of its own"
        do = "rename it, such as register.yaml"
        raise InvalidInputError.of(name, found, "a name of its own", do)
    return parse_document(raw, Register, name=name)


def check_register(judges: Mapping[str, Judge]) -> None:
    """Report at a case's keys what they say otherwise than a register, and beyond it.

    Args:
        judges: of documents, by name; without one of a register nothing is held to it.
    """
    if REGISTER not in judges:
        return
    file = judges[REGISTER].file
    for name, key in (("stakeholders.yaml", "roles"), ("resources.yaml", "resources")):
        rows = {_id(row): row for row in getattr(file.model, key)}
        judge = judges.get(name)
        for at, row in enumerate(getattr(judge.file.model, key) if judge else ()):
            if judge and (there := rows.get(_id(row))):
                _hold(judge, (key, at), row, there, _name(file))


def _hold(
    judge: Judge,
    path: KeyPath,
    row: Resource | RoleHolder,
    there: SharedResource | SharedRole,
    file: str,
) -> None:
    """Report what one row says that a register does not."""
    do = f"write the same or no key, or have {file} changed"
    for key, theirs in _said(there):
        mine = getattr(row, key)
        is_fine = theirs is None and key not in _ALONE
        if _left_open(mine) is None or is_fine or _same(mine, theirs):
            continue
        told = "nothing of it" if theirs is None else _text(theirs)
        expected = f"{told}, as the shared register {file} has it"
        judge.report((*path, key), _text(mine), expected, do)
    if isinstance(row, Resource) and isinstance(there, SharedResource):
        days = [day for day in (there.granted_on, there.refused_on) if day]
        if not there.asked_on and row.asked_on and days and max(days) < row.asked_on:
            expected = f"a day up to {max(days)}, when it was answered for all"
            judge.report((*path, "asked_on"), f"asked on {row.asked_on}", expected, do)


def other_words(register: Loaded[Register], resources: Resources) -> Iterator[Problem]:
    """Yield resources that a case and a register may mean alike and call otherwise.

    What a register says of one counts where the ids are the same, and only there.
    """
    known = {row.id: row.what for row in register.model.resources}
    mine = {row.id: row.what for row in resources.resources}
    file, told = _name(register), 0
    free = {what.casefold(): id_ for id_, what in known.items() if id_ not in mine}

    def note(key: str, found: str, wanted: str, do: str) -> Problem:
        return Problem("resources.yaml", 0, f"resources{key}", found, wanted, do)

    for id_, what in mine.items():
        near = close_to(id_, [*free.values()]) or free.get(
            close_to(what.casefold(), [*free]) or ""
        )
        if id_ not in known and near:
            told += 1
            found = f"'{id_}', which the shared register {file} does not have"
            yield note(f" {id_}", found, "its id for it", f"did you mean '{near}'?")
        elif id_ in known and what.casefold() != known[id_].casefold():
            wanted = f"'{shown(known[id_])}', which the shared register {file} means"
            do = "write the same, or take another id for something else"
            yield note(f" {id_} what", f"'{shown(what)}'", wanted, do)
    if known and mine and not told and not known.keys() & mine.keys():
        found = f"none of those of the shared register {file}"
        do = f"write {as_list([*known])} where one of them is meant"
        yield note("", found, "its ids for what it says", do)


def of_case(register: Loaded[Register], resources: Resources) -> Loaded[Register]:
    """Return of a register what a case is about: its resources, and all roles."""
    mine = {row.id for row in resources.resources}
    rows = tuple(row for row in register.model.resources if row.id in mine)
    model = register.model.model_copy(update={"resources": rows})
    return replace(register, model=model)


def with_register(
    register: Loaded[Register], stakeholders: Stakeholders, resources: Resources
) -> dict[str, Any]:
    """Return fields of an Assessment that have in them what a register says of a case."""
    model = register.model
    roles = {row.role: row for row in model.roles}
    known = {row.id: row for row in model.resources}
    held = [_filled(row, roles.pop(row.role, None)) for row in stakeholders.roles]
    held += [RoleHolder(**dict(row)) for row in roles.values()]
    rows = [_filled(row, known.get(row.id)) for row in resources.resources]
    made: dict[str, Any] = {
        "shared": Shared(
            file=_name(register),
            fingerprint=fingerprint_of(model),
            roles=tuple(row.role for row in model.roles),
            resources=tuple(known),
        )
    }
    if held:
        made["stakeholders"] = stakeholders.model_copy(update={"roles": tuple(held)})
    if rows:
        made["resources"] = resources.model_copy(update={"resources": tuple(rows)})
    return made


def _filled(row: _Row, there: SharedResource | SharedRole | None) -> _Row:
    """Return a row of a case with what a register says besides."""
    said = _said(there) if there else ()
    more = {
        key: value
        for key, value in said
        if value is not None and _left_open(getattr(row, key)) is None
    }
    return row.model_copy(update=more)


def _said(there: SharedResource | SharedRole) -> Iterator[tuple[str, Any]]:
    """Yield what a register says of one thing by key; None where it leaves that open."""
    for key in type(there).model_fields:
        if key not in _OWN:
            yield key, _left_open(getattr(there, key))


def _left_open(value: Any) -> Any:  # noqa: ANN401 - of any field
    """Return what is said; None for what says that nothing is."""
    return None if value in {(), "nobody-yet"} else value


def _same(mine: object, theirs: object) -> bool:
    if isinstance(mine, tuple) and isinstance(theirs, tuple):
        return {*mine} == {*theirs}
    return mine == theirs


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{shown(', '.join(map(str, value)))}]"
    return shown(str(value))


def _id(row: SharedResource | SharedRole) -> str:
    return row.id if isinstance(row, SharedResource) else row.role


def _name(register: Loaded[Register]) -> str:
    """Return how a page calls it: by its name, without the folder that it lies in."""
    return visible(Path(register.name).name)
