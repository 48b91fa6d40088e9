"""A small case of a register: tables, owners, approvers and sign-offs."""

from __future__ import annotations

import datetime as dt

from readybook.checks.findings import collect_findings
from readybook.checks.sign_offs import agreement_on, fingerprint_of, stem_of
from readybook.model.case import (
    Answer,
    Assessment,
    Asset,
    BuyIn,
    Need,
    Resources,
    RoleHolder,
    Scope,
    SignOff,
    Stakeholders,
)
from readybook.model.contract import Category, Column, DataModel, Table
from readybook.score.score import score
from samples import bank, question, sheet

AS_OF = dt.date(2026, 11, 30)


def days_ago(days):
    """The day that lies so many days before the as-of date."""
    return AS_OF - dt.timedelta(days=days)


def column(name, *values, **more):
    """A needed column that declares these categories."""
    categories = tuple(Category(value=one) for one in values)
    return Column(name=name, needed=True, categories=categories, **more)


def table(name, *columns, **more):
    """A declared table."""
    return Table(name=name, location=name, columns=columns, declared=name, **more)


def model(*tables):
    """A data model of these tables."""
    return DataModel(
        id="model",
        version="1.0.0",
        status="active",
        servers=(),
        tables=tables,
        fingerprint="sha256:contract",
    )


#: Orders with two category lists, and shops with one.
MODEL = model(
    table("orders", column("status", "new", "paid"), column("channel", "web")),
    table("shops", column("region", "north", "south")),
)


def holder(role="data-owner", *people, **more):
    """A role and who holds it; nobody, where nobody is named."""
    return RoleHolder(role=role, held_by=people or "nobody-yet", **more)


def buy_in(state, age=10):
    """How a role stood to the case so many days ago."""
    return BuyIn(state=state, on=days_ago(age), known_from="said so")


def asset(id_="orders-table", *, covers=("orders",), kind="table", **more):
    """An asset with one accountable role, unless it is told otherwise."""
    keys = {"accountable": ("data-owner",)} | more
    return Asset(id=id_, what=f"What {id_} is", kind=kind, covers=covers, **keys)


def signed(role, covers, *, by=MODEL, age=20):
    """A sign-off of a part of a data model, and the file that stores it."""
    agreement = agreement_on(by, covers)
    fingerprint = fingerprint_of(agreement)
    entry = SignOff(role=role, covers=covers, on=days_ago(age), fingerprint=fingerprint)
    return entry, {stem_of(fingerprint): agreement}


def case(
    *assets, roles=(), sign_offs=(), resources=(), needs=(), data_model=MODEL, **more
):
    """An assessment with this register; `sign_offs` are those that `signed` makes."""
    return Assessment(
        name="case",
        as_of=AS_OF,
        scope=Scope(
            format=1,
            title="Case",
            team="Team",
            phase="pilot",
            track="full",
            as_of=AS_OF,
            needs=tuple(
                Need(id=f"need-{n}", what="A need", use="feature", ask="data-owner",
                     field=field)
                for n, field in enumerate(needs)
            ),
        ),
        data_model=data_model,
        resources=Resources(format=1, resources=resources),
        stakeholders=Stakeholders(
            format=1,
            roles=roles,
            assets=assets,
            sign_offs=tuple(entry for entry, _ in sign_offs),
        ),
        agreements={stem: one for _, kept in sign_offs for stem, one in kept.items()},
        fingerprint="sha256:case",
        **more,
    )  # fmt: skip


def found(check, assessment, asked=None):
    """The findings of a check by subject."""
    rows = collect_findings(assessment, asked)
    return {one.subject: one for one in rows if one.check == check}


def bears(check, assessment):
    """How the check bears on a gate at 2 that is claimed at 3: state and bounds.

    It supports 2 and proves at most 1.
    """
    asked = question("OWN-02", gate=("prototype", 2), checks=[(check, 2, 1)])
    answers = {"OWN-02": Answer(answer=3, date=assessment.as_of)}
    told = assessment.model_copy(update={"sheets": {"a": sheet(answers=answers)}})
    standing = score(bank(asked), told).standing("OWN-02")
    return standing.gate_state, standing.bounds.lower, standing.bounds.upper


FAILED = ("failed", 1, 1)
PASSED = ("passed", 2, 3)
SILENT = ("undecided", 1, 3)

#: MODEL with one more category of orders.status.
CHANGED = model(
    table("orders", column("status", "new", "paid", "void"), column("channel", "web")),
    MODEL.tables[1],
)
