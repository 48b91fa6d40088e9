"""Findings on owners: who is accountable, willing, confirmed, backed, overloaded; pure.

Nothing is measured: stakeholders.yaml is the evidence, judged at the as-of date. What it
does not say is "not measured"; only what it says can contradict a claim.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from readybook.checks.assets import accountable_roles, buy_in_of, people_of
from readybook.checks.catalogue import CHECKS, Judged, find, fingerprint_of
from readybook.model.bank import Bank
from readybook.model.case import Assessment
from readybook.model.findings import Finding
from readybook.model.register import Asset, Stakeholders
from readybook.model.words import count, day, days

__all__ = ["Register", "check_owners", "in_words"]

#: Share of the assets, and of the key questions, from which one role carries too much;
#: rules of thumb: beyond half, what that role does not get done stops most of the case.
_MOST = 0.5
#: Assets from which a share says something.
_FROM = 4
_REFUSES = ("unaware", "opposed")


@dataclass(frozen=True)
class Register:
    """The declared register, and what all findings about it share."""

    assessment: Assessment

    @cached_property
    def declared(self) -> Stakeholders:
        """The register as it stands in the file."""
        return self.assessment.stakeholders

    @cached_property
    def _fingerprint(self) -> str:
        return fingerprint_of(self.declared)

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
            source=f"stakeholders.yaml: {key}",
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
    register = Register(assessment)
    found: list[Finding] = []
    for asset in assessment.stakeholders.assets:
        if asset.kind == "model":
            found.append(_model(register, asset))
        else:
            found += [_single(register, asset), _willing(register, asset)]
        found += [_confirmed(register, asset), _backed(register, asset)]
    return [*found, *_loads(register, bank)]


def in_words(role: str) -> str:
    """Return a role as it stands in a sentence: "data owner"."""
    return role.replace("-", " ")


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:  # noqa: PLR2004 - one needs no "and"
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- one asset ---------------------------------------------------------------------


def _single(register: Register, asset: Asset) -> Finding:
    roles = tuple(dict.fromkeys(asset.accountable))
    key = f"{asset.id} accountable"
    if not roles:
        message = f"Nobody is accountable for {asset.id}: {asset.what}."
    elif len(roles) == 1:
        message = f"{_capital(in_words(roles[0]))} alone is accountable for {asset.id}."
    else:
        titles = _listed([in_words(role) for role in roles])
        message = (
            f"{_capital(titles)} are {'both' if len(roles) == 2 else 'all'} "  # noqa: PLR2004
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


def _willing(register: Register, asset: Asset) -> Finding:
    """Return how the owners stand to the case, the least willing of them first."""
    roles = tuple(dict.fromkeys(asset.accountable))
    known = {role: buy_in_of(role, register.assessment) for role in roles}
    against = [r for r, told in known.items() if told and told.state in _REFUSES]
    unknown = [role for role, told in known.items() if told is None]
    check, subject, key = "owners-willing", asset.id, f"{asset.id} accountable"
    if not roles:
        message = f"Nobody is accountable for {asset.id}, so nobody could agree to it."
        return register.finding(check, subject, "not measured", message, key=key)
    role = next(iter([*against, *unknown, *roles]))
    told, title = known[role], _capital(in_words(role))
    if told is None:
        message = (
            f"{title} is accountable for {asset.id}; how that role stands to the case "
            "is not recorded."
        )
        key = f"{role} buy_in"
        return register.finding(check, subject, "not measured", message, key=key)
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


def _confirmed(register: Register, asset: Asset) -> Finding:
    as_of = register.assessment.as_of
    on = (
        asset.confirmed_on
        if asset.confirmed_on and asset.confirmed_on <= as_of
        else None
    )
    roles = _listed([in_words(role) for role in asset.accountable])
    check, key = "owners-confirmed", f"{asset.id} confirmed_on"
    if not roles:
        message = f"Nobody is accountable for {asset.id}, so nobody could confirm it."
        return register.finding(check, asset.id, "not measured", message, key=key)
    if on is None:
        message = f"{_capital(roles)} never confirmed being accountable for {asset.id}."
        return register.finding(check, asset.id, "contradicts", message, key=key)
    age, most = (as_of - on).days, CHECKS[check].shelf_life_days
    message = f"{_capital(roles)} last confirmed {asset.id} on {day(on)}, "
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


def _backed(register: Register, asset: Asset) -> Finding:
    """Return whether an asset falls with one person; deputies are counted."""
    check, key = "owners-backed", f"{asset.id} accountable"
    roles = tuple(dict.fromkeys(asset.accountable))
    known = {role: people_of(role, register.assessment) for role in roles}
    people = frozenset[str]().union(*(found for found in known.values() if found))
    titles = _listed([in_words(role) for role in roles])
    unknown = [role for role, found in known.items() if found is None]
    if not roles:
        message = f"Nobody is accountable for {asset.id}, so nobody stands in."
        return register.finding(check, asset.id, "not measured", message, key=key)
    if unknown and len(people) <= 1:
        message = f"Who holds {in_words(unknown[0])}, accountable for {asset.id}, is not said."
        return register.finding(check, asset.id, "not measured", message, key="roles")
    if not people:
        message = f"Nobody holds {titles}: {asset.id} falls with that role."
    elif len(people) == 1:
        message = f"{_capital(titles)} has no deputy: {asset.id} falls with one person."
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


def _model(register: Register, asset: Asset) -> Finding:
    """Return whether one role that is held and willing answers for the model."""
    single = _single(register, asset)
    found = single
    if single.outcome == "supports":
        role = asset.accountable[0]
        people = people_of(role, register.assessment)
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


def _loads(register: Register, bank: Bank | None) -> Iterator[Finding]:
    total = len(register.assessment.stakeholders.assets)
    asked = (
        [q.authority for _, q in bank.questions if q.weight == "key"] if bank else []
    )
    for role, assets in accountable_roles(register.assessment).items():
        share = len(assets) / total
        own = asked.count(role)
        of_questions = own / len(asked) if asked else 0.0
        is_most = total >= _FROM and share > _MOST
        message = (
            f"{_capital(in_words(role))} is accountable for {len(assets)} of "
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
