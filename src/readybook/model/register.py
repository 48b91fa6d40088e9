"""Frozen models of stakeholders.yaml: roles, who holds them, assets and sign-offs."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from readybook.model.bank import Document, Frozen, Id, Text

__all__ = [
    "Agreement",
    "Asset",
    "BuyIn",
    "RoleHolder",
    "RoleStatus",
    "SignOff",
    "Stakeholders",
]

RoleStatus = Literal["held", "nobody yet", "not declared"]


class BuyIn(Frozen):
    """How a role stands to the case, since when, and how that is known."""

    state: Literal["unaware", "aware", "supportive", "committed", "opposed"]
    on: dt.date
    known_from: Text  #: "said so in the workshop"


class RoleHolder(Frozen):
    """Who answers for a role: respondents, or nobody yet."""

    role: Id
    held_by: tuple[Id, ...] | Literal["nobody-yet"]
    team: Text | None = None
    deputies: tuple[Id, ...] = ()  #: respondents that stand in
    days_per_week: Annotated[float, Field(gt=0, le=7)] | None = None  #: for the case
    buy_in: BuyIn | None = None

    @property
    def holders(self) -> tuple[Id, ...]:
        """Return the respondents that hold it; none where nobody does yet."""
        return () if self.held_by == "nobody-yet" else self.held_by

    @property
    def people(self) -> frozenset[Id]:
        """Return who can answer for it: those who hold it, and who stands in.

        A deputy of a role that nobody holds stands in for nobody.
        """
        return frozenset({*self.holders, *self.deputies} if self.holders else ())


class Asset(Frozen):
    """A piece that somebody must own: a table, category, resource or process."""

    id: Id
    what: Text
    kind: (
        Literal["table", "category", "resource", "process", "model", "decision"] | None
    ) = None
    covers: tuple[
        Text, ...
    ] = ()  #: tables, "table.field" or resources that it stands for
    responsible: Id | None = None
    accountable: tuple[
        Id, ...
    ] = ()  #: exactly one is wanted; other counts are findings
    consulted: tuple[Id, ...] = ()
    informed: tuple[Id, ...] = ()
    confirmed_on: dt.date | None = None


class SignOff(Frozen):
    """A role agreed to the data model, or to a part of it, as it was on a day."""

    role: Id
    covers: Text  #: "model", a table, or the categories of "table.field"
    on: dt.date
    fingerprint: Text | None = (
        None  #: of what was agreed; `readybook sign-off` writes it
    )


class Agreement(Document):
    """agreements/<fingerprint>.json: what a sign-off covered, as it was on that day."""

    covers: Text  #: as in SignOff
    content: dict[str, JsonValue]  #: the part of the data model, by table and column


class Stakeholders(Document):
    """stakeholders.yaml: roles, who answers for them, what they own and agreed to."""

    roles: tuple[RoleHolder, ...] = ()
    assets: tuple[Asset, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()

    def holder(self, role: Id) -> RoleHolder | None:
        """Return who answers for a role; None where the register lacks it."""
        return next((row for row in self.roles if row.role == role), None)

    def status(self, role: Id) -> RoleStatus:
        """Return whether somebody holds a role, as far as the register says."""
        holder = self.holder(role)
        if holder is None:
            return "not declared"
        return "held" if holder.holders else "nobody yet"
