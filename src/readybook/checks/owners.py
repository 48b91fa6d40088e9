"""Findings on the register: owners, roles and agreements; and notes on it; pure.

Nothing is measured: stakeholders.yaml is the evidence, judged at the as-of date. What it
does not say is "not measured"; only what it says can contradict a claim.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from readybook.checks.catalogue import CHECKS, Judged, find, fingerprint_of
from readybook.checks.sign_offs import (
    Cell,
    Signed,
    SignOffs,
    known_covers,
    part_in_words,
    subject_of,
)
from readybook.model.bank import Bank
from readybook.model.case import Assessment, Asset, BuyIn
from readybook.model.errors import Problem, nearest
from readybook.model.findings import Finding
from readybook.model.words import capital, count, day, days, in_words, listed

__all__ = ["check_agreements", "check_owners", "check_roles", "register_notes"]

_FILE = "stakeholders.yaml"
_MOST_CHANGES = 3  #: that a sentence names; the matrix has them all
#: Share of the assets, and of the key questions, from which one role carries too much;
#: rules of thumb: beyond half, what that role does not get done stops most of the case.
_MOST = 0.5
#: Assets from which a share says something.
_FROM = 4
_REFUSES = ("unaware", "opposed")


@dataclass(frozen=True)
class _Register:
    """The declared register, and what all findings about it share."""

    assessment: Assessment

    @cached_property
    def _fingerprint(self) -> str:
        return fingerprint_of(self.assessment.stakeholders)

    def finding(  # noqa: PLR0913 - what findings are made of
        self,
        check: str,
        subject: str,
        outcome: Judged,
        message: str,
        *,
        key: str,
        on: dt.date | None = None,
        value: float | str | None = None,
        threshold: float | None = None,
    ) -> Finding:
        """Return a finding; `key` says where in the register, `on` when it was so."""
        return find(
            check,
            subject,
            outcome,
            message,
            source=f"{_FILE}: {key}",
            measured_on=on or self.assessment.as_of,
            fingerprint=self._fingerprint,
            value=value,
            threshold=threshold,
        )


def check_owners(assessment: Assessment, bank: Bank | None = None) -> list[Finding]:
    """Return the findings on each asset, then those on each accountable role.

    Args:
        assessment: for the register and the as-of date.
        bank: whose key questions count towards the load of a role; None: none do.
    """
    if "stakeholders" not in assessment.declared:
        return []
    register = _Register(assessment)
    found: list[Finding] = []
    for asset in assessment.stakeholders.assets:
        if asset.kind == "model":
            found.append(_model(register, asset))
        else:
            found += [_single(register, asset), _willing(register, asset)]
        found += [_confirmed(register, asset), _backed(register, asset)]
    return [*found, *_loads(register, bank)]


# --- one asset ---------------------------------------------------------------------


def _single(register: _Register, asset: Asset) -> Finding:
    roles = tuple(dict.fromkeys(asset.accountable))
    key = f"{asset.id} accountable"
    if not roles:
        message = f"Nobody is accountable for {asset.id}: {asset.what}."
    elif len(roles) == 1:
        message = f"{capital(in_words(roles[0]))} alone is accountable for {asset.id}."
    else:
        titles = listed([in_words(role) for role in roles])
        message = (
            f"{capital(titles)} are {'both' if len(roles) == 2 else 'all'} "  # noqa: PLR2004
            f"accountable for {asset.id}: nobody has the last word."
        )
    return register.finding(
        "owners-single",
        asset.id,
        len(roles) == 1,
        message,
        key=key,
        value=len(roles),
        threshold=1,
    )


def _buy_in(role: str, assessment: Assessment) -> BuyIn | None:
    """Return how a role stands to the case, as far as it was known on the as-of date."""
    holder = assessment.stakeholders.holder(role)
    known = holder.buy_in if holder else None
    return known if known and known.on <= assessment.as_of else None


def _willing(register: _Register, asset: Asset) -> Finding:
    """Return how the owners stand to the case, the least willing of them first."""
    roles = tuple(dict.fromkeys(asset.accountable))
    known = {role: _buy_in(role, register.assessment) for role in roles}
    against = [r for r, told in known.items() if told and told.state in _REFUSES]
    unknown = [role for role, told in known.items() if told is None]
    check, subject, key = "owners-willing", asset.id, f"{asset.id} accountable"
    if not roles:
        message = f"Nobody is accountable for {asset.id}, so nobody could agree to it."
        return register.finding(check, subject, None, message, key=key)
    role = next(iter([*against, *unknown, *roles]))
    told, title = known[role], capital(in_words(role))
    if told is None:
        message = (
            f"{title} is accountable for {asset.id}; how that role stands to the case "
            "is not recorded."
        )
        key = f"{role} buy_in"
        return register.finding(check, subject, None, message, key=key)
    message = (
        f"{title} is accountable for {asset.id} and {told.state}, "
        f"as of {day(told.on)} ({told.known_from})."
    )
    return register.finding(
        check,
        subject,
        not against,
        message,
        key=f"{role} buy_in",
        on=told.on,
        value=told.state,
    )


def _confirmed(register: _Register, asset: Asset) -> Finding:
    as_of = register.assessment.as_of
    on = asset.confirmed_on
    roles = listed([in_words(role) for role in asset.accountable])
    check, key = "owners-confirmed", f"{asset.id} confirmed_on"
    if not roles:
        message = f"Nobody is accountable for {asset.id}, so nobody could confirm it."
        return register.finding(check, asset.id, None, message, key=key)
    if on is None or on > as_of:
        message = f"{capital(roles)} never confirmed being accountable for {asset.id}."
        return register.finding(check, asset.id, "contradicts", message, key=key)
    age, most = (as_of - on).days, CHECKS[check].shelf_life_days
    message = f"{capital(roles)} last confirmed {asset.id} on {day(on)}, "
    if age > most:
        message += f"{days(on, as_of)} ago, which is more than {most}."
    else:
        message += f"{days(on, as_of) if age else 'less than a day'} ago."
    return register.finding(
        check,
        asset.id,
        "informs" if age > most else "supports",
        message,
        key=key,
        on=on,
        value=age,
        threshold=most,
    )


def _backed(register: _Register, asset: Asset) -> Finding:
    """Return whether an asset falls with one person; deputies are counted."""
    check, key = "owners-backed", f"{asset.id} accountable"
    roles = tuple(dict.fromkeys(asset.accountable))
    known = {role: register.assessment.stakeholders.people(role) for role in roles}
    people = frozenset[str]().union(*(found for found in known.values() if found))
    titles = listed([in_words(role) for role in roles])
    unknown = [role for role, found in known.items() if found is None]
    if not roles:
        message = f"Nobody is accountable for {asset.id}, so nobody stands in."
        return register.finding(check, asset.id, None, message, key=key)
    if unknown and len(people) <= 1:
        message = f"Who holds {in_words(unknown[0])}, accountable for {asset.id}, is not said."
        return register.finding(check, asset.id, None, message, key="roles")
    if not people:
        message = f"Nobody holds {titles}: {asset.id} falls with that role."
    elif len(people) == 1:
        message = f"{capital(titles)} has no deputy: {asset.id} falls with one person."
    else:
        message = f"{len(people)} people can answer for {asset.id}: {titles}."
    return register.finding(
        check,
        asset.id,
        len(people) > 1,
        message,
        key=f"{roles[0]} deputies",
        value=len(people),
        threshold=2,
    )


# --- the model in production -------------------------------------------------------


def _model(register: _Register, asset: Asset) -> Finding:
    """Return whether one role that is held and willing answers for the model."""
    single = _single(register, asset)
    found = single
    if single.outcome == "supports":
        role = asset.accountable[0]
        people = register.assessment.stakeholders.people(role)
        found = _willing(register, asset)
        if people is not None and not people:
            found = register.finding(
                "model-owned",
                asset.id,
                "contradicts",
                f"Nobody holds {in_words(role)}, accountable for {asset.id}.",
                key=f"{role} held_by",
            )
    return found.model_copy(update={"check": "model-owned"})


# --- load --------------------------------------------------------------------------


def _loads(register: _Register, bank: Bank | None) -> Iterator[Finding]:
    total = len(register.assessment.stakeholders.assets)
    asked = (
        [q.authority for _, q in bank.questions if q.weight == "key"] if bank else []
    )
    owned: dict[str, list[Asset]] = {}
    for asset in register.assessment.stakeholders.assets:
        for role in dict.fromkeys(asset.accountable):
            owned.setdefault(role, []).append(asset)
    for role, assets in owned.items():
        share = len(assets) / total
        own = asked.count(role)
        of_questions = own / len(asked) if asked else 0.0
        is_most = total >= _FROM and share > _MOST
        message = (
            f"{capital(in_words(role))} is accountable for {len(assets)} of "
            f"{count(total, 'asset')}"
        )
        message += ", more than half" if is_most else ""
        if asked:
            message += "," if is_most else ""
            message += f" and answers {own} of {count(len(asked), 'key question')}"
            message += ", more than half" if of_questions > _MOST else ""
        message += "."
        yield register.finding(
            "load-spread",
            role,
            "informs" if is_most or of_questions > _MOST else "supports",
            message,
            key="assets accountable",
            value=round(share, 4),
            threshold=_MOST,
        )


def check_roles(assessment: Assessment) -> list[Finding]:
    """Return the findings on needed tables, on roles, and on approvers."""
    if "stakeholders" not in assessment.declared:
        return []
    register = _Register(assessment)
    return [*_needs(register), *_roles(register), *_granters(register)]


# --- what the needs mention --------------------------------------------------------


def _needs(register: _Register) -> Iterator[Finding]:
    """Yield who owns each needed table; a need without a field can have no owner."""
    assessment = register.assessment
    is_used = bool(assessment.data_assets)
    for table, fields in assessment.needed_tables.items():
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
    register: _Register, table: str, fields: tuple[str, ...], *, is_used: bool
) -> Finding:
    owners: dict[str, None] = {}
    unowned = []
    for field in fields:
        standing = register.assessment.stakeholders.standing_for(field)
        roles = [role for asset in standing for role in asset.accountable]
        owners |= dict.fromkeys(roles)
        if not roles:
            unowned.append(field)
    needed = count(len(fields), "field")
    outcome: Judged = True
    if not unowned:
        titles = ", ".join(in_words(role) for role in owners)
        message = (
            f"{capital(titles)} answers for {table}, of which {needed} are needed."
        )
        message = message.replace("1 field are", "1 field is")
    elif not is_used:
        outcome = None
        message = f"No asset says that it stands for {table}: key covers."
    else:
        outcome = False
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


def _roles(register: _Register) -> Iterator[Finding]:
    if not register.assessment.stakeholders.roles:
        return  # an empty register says of nobody that nobody is there
    for role, times in _times_named(register.assessment).items():
        people = register.assessment.stakeholders.people(role)
        title, named = capital(in_words(role)), count(times, "time")
        if people is None:
            outcome: Judged = None
            message = f"{title} is named {named}, and the register lacks that role."
        elif not people:
            outcome = False
            message = f"{title} is named {named}, and nobody holds that role."
        else:
            outcome = True
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


def _times_named(assessment: Assessment) -> dict[str, int]:
    """Return each role that the documents name, with how often, in the order of files.

    Counted are assets, resources, open actions and the needs' roles to ask.
    """
    counts: dict[str, int] = {}
    for role in _named(assessment):
        counts[role] = counts.get(role, 0) + 1
    return counts


def _named(assessment: Assessment) -> Iterator[str]:
    for asset in assessment.stakeholders.assets:
        yield from dict.fromkeys(
            [
                *asset.accountable,
                *([asset.responsible] if asset.responsible else []),
                *asset.consulted,
                *asset.informed,
            ]
        )
    for row in assessment.resources.resources:
        yield from dict.fromkeys(filter(None, (row.grants, row.pays)))
    yield from (action.owner for action in assessment.open_actions)
    yield from (need.ask for need in assessment.scope.needs)


def _granters(register: _Register) -> Iterator[Finding]:
    for role, resources in register.assessment.resources.granted_by.items():
        people = register.assessment.stakeholders.people(role)
        title, what = capital(in_words(role)), ", ".join(resources)
        if people is None:
            outcome: Judged = None
            message = f"{title} must permit {what}; who holds that role is not said."
        elif not people:
            outcome = False
            message = f"{title} must permit {what}, and nobody holds that role."
        elif len(people) == 1:
            outcome = "informs"
            message = f"{title} must permit {what}: one person, without a deputy."
        else:
            outcome = True
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


def check_agreements(assessment: Assessment) -> list[Finding]:
    """Return a finding for each sign-off, then one for each that is wanted.

    A wanted one that is out of date is told there and decides nothing: the sign-off
    itself contradicts already. Before the first sign-off nothing is missing.
    """
    register, all_of_it = _Register(assessment), SignOffs(assessment)
    found = [_current(register, one) for one in all_of_it.signed]
    for role, covers in all_of_it.wanted:
        cell = all_of_it.cell(role, covers)
        found.append(_wanted(register, cell, is_used=bool(all_of_it.latest)))
    return found


def _current(register: _Register, signed: Signed) -> Finding:
    entry = signed.entry
    title, part = capital(in_words(entry.role)), part_in_words(entry.covers)
    message = f"{title} agreed to {part} on {day(entry.on)}"
    outcome: Judged = False
    if signed.state == "agreed":
        outcome = True
        message += "; nothing in it has changed since"
        message += (
            "."
            if signed.is_stored
            else (", but what it covered is not stored: sign off again to keep it.")
        )
    elif signed.is_gone:
        message += "; the data model has no such part now."
    elif signed.state == "not bound":
        outcome = None
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


def _wanted(register: _Register, cell: Cell, *, is_used: bool) -> Finding:
    title, part = capital(in_words(cell.role)), part_in_words(cell.covers)
    outcome: Judged = "informs"
    if cell.state == "agreed" and cell.by:
        outcome = True
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


# --- notes -------------------------------------------------------------------------


def register_notes(assessment: Assessment) -> tuple[Problem, ...]:
    """Return what to look at in the register, in the order of the file."""
    return (
        *_deputies(assessment),
        *_covers(assessment),
        *_sign_offs(assessment),
    )


def _note(key: str, found: str, expected: str, do: str) -> Problem:
    return Problem(_FILE, 0, key, found, expected, do)


def _deputies(assessment: Assessment) -> Iterator[Problem]:
    for holder in assessment.stakeholders.roles:
        same = [name for name in holder.deputies if name in holder.holders]
        if same:
            yield _note(
                f"roles {holder.role} deputies", f"'{same[0]}', who holds the role",
                "somebody else", "name who stands in, or remove the entry",
            )  # fmt: skip


def _covers(assessment: Assessment) -> Iterator[Problem]:
    model = assessment.data_model
    if "data_model" not in assessment.declared:
        return
    fields = [
        f"{table.name}.{one.name}" for table in model.tables for one in table.columns
    ]
    tables = [table.name for table in model.tables]
    known = [*tables, *fields, *(row.id for row in assessment.resources.resources)]
    for asset in assessment.stakeholders.assets:
        for name in asset.covers:
            if name not in known:
                yield _note(
                    f"assets {asset.id} covers", f"'{name}'",
                    "a table, a table.field or a resource that is declared",
                    nearest(name, known),
                )  # fmt: skip


def _sign_offs(assessment: Assessment) -> Iterator[Problem]:
    model = assessment.data_model
    known = list(known_covers(model))
    for signed in SignOffs(assessment).signed:
        entry = signed.entry
        key = f"sign_offs {entry.role} {entry.covers}"
        if signed.is_gone and "data_model" in assessment.declared:
            yield _note(
                key, f"'{entry.covers}', which the data model lacks",
                "the model, a table or a declared category list",
                nearest(entry.covers, known),
            )  # fmt: skip
        elif not signed.is_stored:
            found = "no record of what it covered"
            if entry.fingerprint is not None:
                found = "a fingerprint whose file is not in agreements/"
            yield _note(
                key, found, "what `readybook sign-off` writes",
                "put the file back, or sign off again",
            )  # fmt: skip
