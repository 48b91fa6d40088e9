"""A small, whole case for tests of what is shown: bank, assessment, findings."""

from __future__ import annotations

import datetime as dt

from readybook.model.bank import (
    AnswerSet,
    Bank,
    BankRef,
    Binding,
    Fact,
    FactValue,
    Gate,
    NextStep,
    Question,
    Role,
    SourceRef,
    Work,
)
from readybook.model.case import (
    Action,
    Actions,
    Answer,
    AnswerSheet,
    Assessment,
    Asset,
    Change,
    Changes,
    Need,
    Proof,
    Range,
    Resource,
    ResourceNeeds,
    Resources,
    RoleHolder,
    Scope,
    Stakeholders,
    Value,
)
from readybook.model.contract import Category, Column, DataModel, Relationship, Table
from readybook.model.findings import (
    DataEvidence,
    Finding,
    MachineEvidence,
    MachineFact,
    MeasuredTable,
    Point,
    Series,
)

AS_OF = dt.date(2026, 11, 30)
REF = BankRef(id="flight-bank", version="1.0.0")
LEVELS = ("missing", "improvised", "partly in place", "in place", "watched")
ORIGINS = (("EWR", 120_835), ("JFK", 111_279), ("LGA", 104_662), ("SWF", 0))
MONTHS = (27_004, 24_951, 28_834, 28_330, 28_796, 28_243)


def question(id_, title, authority, *, gate=None, checks=(), **more):
    """A key question; `gate` is the level needed in production."""
    return Question(
        id=id_,
        title=title,
        weight="key",
        authority=authority,
        answers="in-place",
        gate=Gate(phase="prototype", level=gate) if gate else None,
        checks=tuple(Binding(check=c, supports=s, proves=p) for c, s, p in checks),
        sources=(SourceRef(work="work"),),
        text=f"How far is it: {title.lower()}?",
        why="Cases fail for want of it.",
        proof=f"a dated record of {title.lower()}",
        levels=tuple(f"{title} as at level {word}." for word in LEVELS),
        next=tuple(
            NextStep(do=f"Bring it to {word}", role=authority) for word in LEVELS[1:]
        ),
        **more,
    )


QUESTIONS = {
    "SCP": (question("SCP-01", "Decision that changes", "sponsor", gate=3),),
    "AVL": (
        question(
            "AVL-01",
            "Data opened",
            "data-owner",
            gate=2,
            checks=[("source-opened", 3, 1)],
        ),
        question(
            "AVL-03",
            "Categories populated",
            "data-owner",
            gate=3,
            checks=[("categories-populated", 3, 1)],
        ),
        question("AVL-05", "Enough history", "data-owner"),
        question(
            "AVL-08",
            "Lawful access",
            "legal",
            applies_when={"personal-data": ("some",)},
        ),
    ),
    "QLT": (question("QLT-03", "Lineage known", "data-owner"),),
    "PRV": (
        question(
            "PRV-04",
            "Memory and swap",
            "platform-lead",
            gate=3,
            checks=[("swap-enough", 3, 1)],
        ),
        question("PRV-12", "Security review", "security", gate=2),
    ),
    "OWN": (question("OWN-01", "Accountable sponsor", "sponsor"),),
}


def flight_bank():
    """A bank of nine questions in five sections."""
    titles = {
        "sponsor": "Sponsor",
        "data-owner": "Data owner",
        "data-scientist": "Data scientist",
        "platform-lead": "Platform lead",
        "security": "Security lead",
        "legal": "Legal counsel",
        "finance": "Finance",
    }
    return Bank(
        format=1,
        id=REF.id,
        version=REF.version,
        title="Flight bank",
        roles=tuple(Role(id=i, title=t, does="Decides.") for i, t in titles.items()),
        facts=(
            Fact(
                id="personal-data",
                text="Personal data",
                values=(
                    FactValue(id="none", text="none"),
                    FactValue(id="some", text="some", raises_need=True),
                ),
            ),
        ),
        works=(Work(id="work", title="Work", by="Author", year=2020),),
        answer_sets=(AnswerSet(id="in-place", does_not_apply=True),),
        sections=QUESTIONS,
        fingerprint="sha256:0123456789abcdef0123456789abcdef",
    )


def answer(level, *, proof=None, note=None):
    """An answer of this month, with a document if `proof` names one."""
    date = dt.date(2026, 11, 9)
    document = Proof(reference=proof, date=date) if proof else None
    return Answer(answer=level, date=date, proof=document, note=note)


def sheet(role, answers):
    """One person's answers."""
    return AnswerSheet(format=1, role=role, bank=REF, answers=answers)


SHEETS = {
    "person-a": sheet("sponsor", {"SCP-01": answer(3, proof="DEC-7")}),
    "person-b": sheet(
        "data-owner",
        {
            "AVL-01": answer(3),
            "AVL-03": answer(3, note="Checked in spring."),
            "AVL-05": answer("unknown"),
            "QLT-03": answer(3, proof="LIN-2"),
        },
    ),
    "person-c": sheet("platform-lead", {"PRV-04": answer(4)}),
    "person-d": sheet("data-scientist", {"QLT-03": answer(1, note="Not for weather.")}),
}


def finding(check, subject, outcome, message, **more):
    """A finding of a week before the as-of date."""
    return Finding(
        check=check,
        subject=subject,
        outcome=outcome,
        message=message,
        measured_on=dt.date(2026, 11, 23),
        fingerprint="sha256:data",
        **more,
    )


def series(name, pairs):
    """Counted rows by label."""
    points = tuple(Point(label=label, value=value) for label, value in pairs)
    return Series(name=name, unit="rows", points=points)


def data_findings():
    """What the data showed: an empty category and a history that is too short."""
    months = [(f"2013-{month:02}", n) for month, n in enumerate(MONTHS, 1)]
    return (
        finding(
            "source-opened",
            "flights",
            "supports",
            "flights was opened and has 336,776 rows.",
            value=336_776,
            unit="rows",
        ),
        finding("fields-present", "flights.origin", "supports", "It is there."),
        finding(
            "categories-populated",
            "flights.origin",
            "contradicts",
            "No flight has the declared origin SWF; the other three have 104,662 to "
            "120,835 rows.",
            value=1,
            unit="category",
            series=(series("category", ORIGINS),),
        ),
        finding(
            "history-span",
            "flights",
            "contradicts",
            "flights holds 181 days of history; 730 are needed.",
            value=181,
            unit="days",
            threshold=730,
            threshold_source="data.odcs.yaml: flights.historyNeeded",
            series=(series("month", months),),
        ),
        finding(
            "joins-match",
            "flights.tailnum -> planes.tailnum",
            "contradicts",
            "15.0 % of tail numbers find no aircraft.",
            value=0.15,
            unit="share of rows",
        ),
    )


DATA_MODEL = DataModel(
    id="flights",
    version="1.0.0",
    status="draft",
    servers=(),
    fingerprint="sha256:contract",
    tables=(
        Table(
            name="flights",
            location="flights",
            declared="sha256:table",
            event_time="time_hour",
            grain="P1D",
            history_needed="P2Y",
            columns=(
                Column(
                    name="origin",
                    needed=True,
                    categories=tuple(Category(value=o) for o, _ in ORIGINS),
                ),
                Column(name="tailnum", needed=True),
            ),
            relationships=(
                Relationship(
                    table="flights",
                    columns=("tailnum",),
                    to_table="planes",
                    to_columns=("tailnum",),
                ),
            ),
        ),
    ),
)

SCOPE = Scope(
    format=1,
    title="Arrival delays over 15 minutes",
    team="Operations analytics",
    phase="production",
    track="full",
    as_of=AS_OF,
    example=True,
    facts={"personal-data": "none"},
    needs=(
        Need(
            id="origin",
            what="Airport of departure",
            use="feature",
            field="flights.origin",
            ask="data-owner",
        ),
        Need(
            id="aircraft",
            what="Tail number",
            use="feature",
            field="flights.tailnum",
            ask="data-owner",
        ),
        Need(id="crew", what="Crew connection", use="feature", ask="platform-lead"),
    ),
    value=Value(
        currency="USD",
        cost_of_delay_per_week=Range(low=40_000, likely=75_000, high=130_000),
        source="Estimate of finance",
    ),
)
RESOURCES = Resources(
    format=1,
    resources=(
        Resource(
            id="training-node",
            what="Machine for training",
            kind="compute",
            grants="platform-lead",
            pays="finance",
            budget_code="IT-4411",
            asked_on=dt.date(2026, 8, 3),
            granted_on=dt.date(2026, 8, 24),
            needs=ResourceNeeds(memory_gib=16, swap_gib=8, cpus=2),
            probe="training-node",
        ),
        Resource(
            id="cloud-account",
            what="Cloud account",
            kind="account",
            grants="finance",
            asked_on=dt.date(2026, 9, 28),
        ),
        Resource(id="feed", what="Scheduling feed", kind="privilege"),
    ),
)
STAKEHOLDERS = Stakeholders(
    format=1,
    roles=(
        RoleHolder(role="sponsor", held_by=("person-a",)),
        RoleHolder(role="data-owner", held_by=("person-b",), team="Data office"),
        RoleHolder(role="security", held_by="nobody-yet"),
    ),
    assets=(
        Asset(id="flights", what="Table of flights", accountable=("data-owner",)),
        Asset(id="planes", what="Register of aircraft"),
        Asset(id="feed", what="Live feed", accountable=("data-owner", "sponsor")),
    ),
)
ACTIONS = Actions(
    format=1,
    actions=(
        Action(
            id="add-swap",
            action="Give the training node 8 GiB of swap.",
            owner="platform-lead",
            due=dt.date(2026, 12, 9),
            decides=("PRV-04",),
        ),
        Action(
            id="settle-swf",
            action="Have SWF delivered, or strike it from the data model.",
            owner="data-owner",
            accepted_on=dt.date(2026, 11, 20),
            due=dt.date(2026, 11, 27),
            leadership=True,
            decides=("AVL-03",),
        ),
        Action(id="old", action="Open the data.", owner="data-owner", state="done"),
    ),
)
CHANGES = Changes(
    format=1,
    changes=(
        Change(
            id="codeshare",
            date=dt.date(2013, 6, 1),
            what="Carrier FL hands routes to its parent.",
            kind="business",
            tables=("flights",),
            told_by="data-owner",
        ),
    ),
)
PROBE = MachineEvidence(
    format=1,
    kind="machine",
    readybook="0.1.0",
    measured_on=dt.date(2026, 11, 24),
    facts=tuple(
        MachineFact(fact=name, state="read", value=value, unit="GiB", how="/proc")
        for name, value in (("memory-granted", 23.4), ("swap-granted", 0.0))
    ),
)


def flight_assessment(**changes):
    """The case, with some of its documents replaced; None: there is none."""
    documents = {
        "as_of": AS_OF,
        "scope": SCOPE,
        "data_model": DATA_MODEL,
        "resources": RESOURCES,
        "stakeholders": STAKEHOLDERS,
        "actions": ACTIONS,
        "changes": CHANGES,
        "sheets": SHEETS,
        "probes": {"training-node": PROBE},
        "data": DataEvidence(
            format=1,
            kind="data",
            readybook="0.1.0",
            measured_on=dt.date(2026, 11, 23),
            tables=(
                MeasuredTable(
                    table="flights",
                    engine="duckdb 1.5.5",
                    rows=336_776,
                    columns={"origin": "string"},
                    fingerprint="sha256:data",
                    declared="sha256:table",
                ),
                MeasuredTable(
                    table="planes",
                    engine="duckdb 1.5.5",
                    rows=None,
                    columns={},
                    fingerprint="none",
                    declared="sha256:planes",
                    failed="planes.parquet is missing",
                ),
            ),
            findings=data_findings(),
        ),
    }
    return Assessment(
        name="flight-case",
        fingerprint="sha256:fedcba9876543210fedcba9876543210",
        **{name: one for name, one in (documents | changes).items() if one is not None},
    )
