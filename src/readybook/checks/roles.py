"""Findings on needs, roles and agreements that the register names; pure."""

from __future__ import annotations

from collections.abc import Iterator

from readybook.checks.assets import (
    data_assets,
    granted_by,
    needed_tables,
    people_of,
    roles_named,
    standing_for,
)
from readybook.checks.owners import Register, in_words
from readybook.checks.signoffs import Cell, Signed, SignOffs, subject_of
from readybook.model.case import Assessment
from readybook.model.findings import Finding, Outcome
from readybook.model.words import count, day

__all__ = ["check_agreements", "check_roles", "part_in_words"]

_MOST_CHANGES = 3  #: that a sentence names; the matrix has them all


def check_roles(assessment: Assessment) -> list[Finding]:
    """Return the findings on needed tables, on roles, and on approvers."""
    if "stakeholders" not in assessment.declared:
        return []
    register = Register(assessment)
    return [*_needs(register), *_roles(register), *_granters(register)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- what the needs mention --------------------------------------------------------


def _needs(register: Register) -> Iterator[Finding]:
    """Yield who owns each needed table; a need without a field can have no owner."""
    assessment = register.assessment
    is_used = bool(data_assets(assessment))
    for table, fields in needed_tables(assessment).items():
        yield _needed(register, table, fields, is_used=is_used)
    for need in assessment.scope.needs:
        if need.field is None:
            message = (
                f"No field is known for {need.id}, so nobody can own it; "
                f"{in_words(need.ask)} can say where it is."
            )
            yield register.finding(
                "needs-owned", f"need {need.id}", "not measured", message, key="assets"
            )


def _needed(
    register: Register, table: str, fields: tuple[str, ...], *, is_used: bool
) -> Finding:
    owners: dict[str, None] = {}
    unowned = []
    for field in fields:
        standing = standing_for(field, register.assessment)
        roles = [role for asset in standing for role in asset.accountable]
        owners |= dict.fromkeys(roles)
        if not roles:
            unowned.append(field)
    needed = count(len(fields), "field")
    outcome: Outcome = "supports"
    if not unowned:
        titles = ", ".join(in_words(role) for role in owners)
        message = (
            f"{_capital(titles)} answers for {table}, of which {needed} are needed."
        )
        message = message.replace("1 field are", "1 field is")
    elif not is_used:
        outcome = "not measured"
        message = f"No asset says that it stands for {table}: key covers."
    else:
        outcome = "contradicts"
        names = ", ".join(unowned)
        whole = (
            f"{table}, of which {needed} {'is' if len(fields) == 1 else 'are'} needed"
        )
        message = (
            f"Nobody is accountable for {whole if unowned == [*fields] else names}."
        )
    return register.finding(
        "needs-owned",
        f"table {table}",
        outcome,
        message,
        key="assets covers",
        value=", ".join(owners) or "nobody",
    )


# --- roles -------------------------------------------------------------------------


def _roles(register: Register) -> Iterator[Finding]:
    if not register.declared.roles:
        return  # an empty register says of nobody that nobody is there
    for role, times in roles_named(register.assessment).items():
        people = people_of(role, register.assessment)
        title, named = _capital(in_words(role)), count(times, "time")
        if people is None:
            outcome: Outcome = "not measured"
            message = f"{title} is named {named}, and the register lacks that role."
        elif not people:
            outcome = "contradicts"
            message = f"{title} is named {named}, and nobody holds that role."
        else:
            outcome = "supports"
            held = count(len(people), "person", "people")
            message = f"{title} is named {named}; {held} can answer for it."
        yield register.finding(
            "roles-known",
            role,
            outcome,
            message,
            key=f"roles {role} held_by",
            value=None if people is None else len(people),
            threshold=1,
        )


def _granters(register: Register) -> Iterator[Finding]:
    for role, resources in granted_by(register.assessment).items():
        people = people_of(role, register.assessment)
        title, what = _capital(in_words(role)), ", ".join(resources)
        if people is None:
            outcome: Outcome = "not measured"
            message = f"{title} must permit {what}; who holds that role is not said."
        elif not people:
            outcome = "contradicts"
            message = f"{title} must permit {what}, and nobody holds that role."
        elif len(people) == 1:
            outcome = "informs"
            message = f"{title} must permit {what}: one person, without a deputy."
        else:
            outcome = "supports"
            message = f"{title} must permit {what}; {len(people)} people can."
        yield register.finding(
            "granters-backed",
            role,
            outcome,
            message,
            key=f"roles {role} deputies",
            value=None if people is None else len(people),
            threshold=2,
        )


# --- agreements --------------------------------------------------------------------


def part_in_words(covers: str) -> str:
    """Return what a sign-off covers, in words."""
    if covers == "model":
        return "the data model"
    return f"the categories of {covers}" if "." in covers else f"table {covers}"


def check_agreements(assessment: Assessment) -> list[Finding]:
    """Return a finding for each sign-off, then one for each that is wanted.

    A wanted one that is out of date is told there and decides nothing: the sign-off
    itself contradicts already. Before the first sign-off nothing is missing.
    """
    register, all_of_it = Register(assessment), SignOffs(assessment)
    found = [_current(register, one) for one in all_of_it.signed]
    for role, covers in all_of_it.wanted:
        cell = all_of_it.cell(role, covers)
        found.append(_wanted(register, cell, is_used=bool(all_of_it.latest)))
    return found


def _current(register: Register, signed: Signed) -> Finding:
    entry = signed.entry
    title, part = _capital(in_words(entry.role)), part_in_words(entry.covers)
    message = f"{title} agreed to {part} on {day(entry.on)}"
    outcome: Outcome = "contradicts"
    if signed.state == "agreed":
        outcome = "supports"
        message += "; nothing in it has changed since"
        message += (
            "."
            if signed.is_stored
            else (", but what it covered is not stored: sign off again to keep it.")
        )
    elif signed.is_gone:
        message += "; the data model has no such part now."
    elif signed.state == "not bound":
        outcome = "not measured"
        message += "; to which version is not recorded: run readybook sign-off."
    else:
        told = "; ".join(one.words for one in signed.changes[:_MOST_CHANGES])
        more = len(signed.changes) - _MOST_CHANGES
        told += f"; and {more} more" if more > 0 else ""
        since = (
            f"since then {told}"
            if told
            else ("it has changed since, and what it covered is not stored")
        )
        message += f"; {since}. That role has to agree again."
    return register.finding(
        "agreements-current",
        subject_of(entry.role, entry.covers),
        outcome,
        message,
        key="sign_offs",
        value=len(signed.changes) if signed.is_stored else None,
        threshold=0,
    )


def _wanted(register: Register, cell: Cell, *, is_used: bool) -> Finding:
    title, part = _capital(in_words(cell.role)), part_in_words(cell.covers)
    outcome: Outcome = "informs"
    if cell.state == "agreed" and cell.by:
        outcome = "supports"
        message = f"{title} agreed to {part} on {day(cell.by.on)}."
    elif cell.state == "missing":
        outcome = "contradicts" if is_used else "not measured"
        message = f"{title} has not agreed to {part}."
    elif cell.state == "not bound":
        message = f"{title} agreed to {part}; to which version is not recorded."
    else:
        message = f"{title} agreed to {part} as it was, and has to agree again."
    return register.finding(
        "agreements-complete",
        subject_of(cell.role, cell.covers),
        outcome,
        message,
        key="sign_offs",
        value=cell.state,
    )
