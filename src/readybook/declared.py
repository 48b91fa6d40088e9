"""Frozen models of an assessment's documents: what people declare and answer.

No input or output here. The declared data model, an ODCS contract, is in `contract`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from readybook.contract import DataModel
from readybook.findings import DataEvidence, MachineEvidence
from readybook.models import (
    AnswerValue,
    BankRef,
    Document,
    Frozen,
    Id,
    Level,
    Phase,
    QuestionId,
    Text,
    WaveOffReason,
)

__all__ = [
    "Action",
    "Actions",
    "AgreedAnswers",
    "Answer",
    "AnswerSheet",
    "Assessment",
    "Asset",
    "Change",
    "Changes",
    "Confirmation",
    "Need",
    "Proof",
    "Range",
    "Resource",
    "ResourceNeeds",
    "Resources",
    "RoleHolder",
    "Scope",
    "Settled",
    "Stakeholders",
    "Value",
]


# --- assessment.yaml ---------------------------------------------------------------


class Range(Frozen):
    """A declared figure, low to high; never made up by the tool."""

    low: float
    likely: float
    high: float


class Value(Frozen):
    """What the case is worth; each figure with its unit and where it is from."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    cost_of_delay_per_week: Range | None = None
    source: Text


class Need(Frozen):
    """Something that the use case needs from the data."""

    id: Id
    what: Text
    use: Literal["feature", "label", "key", "time", "segment"]
    field: Text | None = None  #: "table.field" of the data model; None: none known yet
    ask: Id  #: role that can say where it is


class Scope(Document):
    """assessment.yaml: what is to be put into production, for whom, and by when."""

    title: Text
    team: Text
    decision: Text | None = None  #: what changes because of the prediction
    phase: Phase
    track: Literal["starter", "full"] = "starter"
    as_of: dt.date | Literal["today"]
    target_date: dt.date | None = None
    example: bool = False  #: True: declared figures are invented for illustration
    facts: dict[Id, Id] = Field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    value: Value | None = None


# --- answers/*.yaml ----------------------------------------------------------------


class Proof(Frozen):
    """A document that shows what was said: reference and date."""

    reference: Text  #: link, file number or where it lies; shown in the report
    date: dt.date
    shelf_life_days: Annotated[int, Field(gt=0)] | None = None  #: None: the question's


class Answer(Frozen):
    """One answer of one person to one question."""

    answer: AnswerValue
    date: dt.date
    proof: Proof | None = None
    reason: WaveOffReason | None = None  #: only with does-not-apply
    because: Text | None = None  #: only with does-not-apply
    approved_by: Id | None = None  #: role; needed to wave off a gate
    note: Text | None = None
    private: bool = False  #: True: the note enters no artefact
    first: AnswerValue | None = None  #: what was answered before it was revised


class Confirmation(Frozen):
    """Another role saw the document and confirms a level (double-checked)."""

    level: Level
    saw: Text
    date: dt.date


class AnswerSheet(Document):
    """answers/<respondent>.yaml: what one person answered."""

    role: Id
    bank: BankRef
    answers: dict[QuestionId, Answer] = Field(default_factory=dict)
    confirms: dict[QuestionId, Confirmation] = Field(default_factory=dict)


class Settled(Frozen):
    """What the room agreed on for one question; the originals stay."""

    answer: AnswerValue
    because: Text
    present: tuple[Id, ...] = Field(min_length=1)  #: roles in the room
    date: dt.date
    proof: Proof | None = None
    reason: WaveOffReason | None = None
    approved_by: Id | None = None


class AgreedAnswers(Document):
    """answers/agreed.yaml: what the room settled."""

    bank: BankRef
    settled: dict[QuestionId, Settled]


# --- resources, stakeholders, actions, changes -------------------------------------


class ResourceNeeds(Frozen):
    """What the use case needs of a machine, in the units of the names."""

    memory_gib: Annotated[float, Field(gt=0)] | None = None
    swap_gib: Annotated[float, Field(ge=0)] | None = None
    cpus: Annotated[float, Field(gt=0)] | None = None


class Resource(Frozen):
    """Something that must be provisioned, and the permission that it needs."""

    id: Id
    what: Text
    kind: Literal[
        "compute", "storage", "network", "account", "privilege", "licence", "service"
    ]
    grants: Id | None = None  #: role that can say yes
    pays: Id | None = None  #: role whose budget it is
    budget_code: Text | None = None
    asked_on: dt.date | None = None
    granted_on: dt.date | None = None
    expires: dt.date | None = None
    needs: ResourceNeeds | None = None
    probe: Id | None = None  #: evidence/<probe>.json measures it


class Resources(Document):
    """resources.yaml: what must be provisioned."""

    resources: tuple[Resource, ...] = ()


class RoleHolder(Frozen):
    """Who answers for a role: respondents, or nobody yet."""

    role: Id
    held_by: tuple[Id, ...] | Literal["nobody-yet"]
    team: Text | None = None


class Asset(Frozen):
    """A piece that somebody must own: a table, category, resource or process."""

    id: Id
    what: Text
    responsible: Id | None = None
    accountable: tuple[
        Id, ...
    ] = ()  #: exactly one is wanted; other counts are findings
    consulted: tuple[Id, ...] = ()
    informed: tuple[Id, ...] = ()
    confirmed_on: dt.date | None = None


class Stakeholders(Document):
    """stakeholders.yaml: roles, who answers for them, and what they own."""

    roles: tuple[RoleHolder, ...] = ()
    assets: tuple[Asset, ...] = ()


class Action(Frozen):
    """Something that somebody does next."""

    id: Id
    action: Text
    owner: Id  #: role
    state: Literal["open", "done", "dropped"] = "open"
    accepted_on: dt.date | None = None  #: None: proposed
    due: dt.date | None = None
    leadership: bool = False  #: True: only leadership can decide it
    decides: tuple[QuestionId, ...] = ()
    needs: tuple[Id, ...] = ()  #: actions that must be done before
    proof: Text | None = None


class Actions(Document):
    """actions.yaml: what is done next, by whom, until when."""

    actions: tuple[Action, ...] = ()


class Change(Frozen):
    """A dated change of procedure, system or business model."""

    id: Id
    date: dt.date
    what: Text
    kind: Literal["procedure", "system", "definition", "business"]
    tables: tuple[Text, ...] = ()
    told_by: Id | None = None  #: role


class Changes(Document):
    """changes.yaml: what is known to have changed while the data was collected."""

    changes: tuple[Change, ...] = ()


# --- all of it ---------------------------------------------------------------------


class Assessment(Frozen):
    """One folder, read and found valid; None means "not declared yet"."""

    name: Text  #: the folder's name, never its path
    as_of: dt.date  #: resolved: never "today"
    scope: Scope
    data_model: DataModel | None = None
    resources: Resources | None = None
    stakeholders: Stakeholders | None = None
    actions: Actions | None = None
    changes: Changes | None = None
    sheets: dict[Id, AnswerSheet] = Field(default_factory=dict)  #: by respondent
    agreed: AgreedAnswers | None = None
    data: DataEvidence | None = None
    probes: dict[Id, MachineEvidence] = Field(default_factory=dict)  #: by file name
    fingerprint: Text  #: of every file that was read

    @property
    def needed_fields(self) -> tuple[str, ...]:
        """Return every "table.field" that the use case needs, each once, in order.

        A field is needed because a need names it, or because the contract marks it
        with `readiness.needed`.
        """
        named = [need.field for need in self.scope.needs if need.field]
        tables = self.data_model.tables if self.data_model else ()
        marked = [
            f"{table.name}.{column.name}"
            for table in tables
            for column in table.columns
            if column.needed
        ]
        return tuple(dict.fromkeys([*named, *marked]))
