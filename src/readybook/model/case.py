"""Frozen models of an assessment's documents: what people declare and answer.

No input or output here. The declared data model, an ODCS contract, is in `contract`.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)

from readybook.model.actions import Actions, Range
from readybook.model.bank import (
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
from readybook.model.contract import NO_DATA_MODEL, DataModel
from readybook.model.findings import (
    AccountEvidence,
    DataEvidence,
    MachineEvidence,
    RouteEvidence,
)
from readybook.model.register import Agreement, Stakeholders
from readybook.model.resources import Resources

__all__ = [
    "AgreedAnswers",
    "Answer",
    "AnswerSheet",
    "Assessment",
    "Change",
    "Changes",
    "Confirmation",
    "Need",
    "Proof",
    "Scope",
    "Settled",
    "Value",
]


# --- assessment.yaml ---------------------------------------------------------------


class Value(Frozen):
    """What the case is worth; each figure with its unit and where it is from."""

    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    cost_of_delay_per_week: Range | None = None
    gain_per_year: Range | None = None  #: once it runs
    run_cost_per_year: Range | None = None
    build_cost: Range | None = None  #: still to be spent, besides what actions declare
    day_rate: Range | None = None  #: of one person-day
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
    typed_by: Id | None = None  #: role that copied it from paper; None: who answered


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


# --- changes.yaml ------------------------------------------------------------------


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


#: Fields of Assessment that hold what one file declares.
_DOCUMENTS = frozenset(
    ("data_model", "resources", "stakeholders", "actions", "changes", "agreed")
)


class Assessment(Frozen):
    """One folder, read and found valid.

    A document that the folder lacks is an empty one, so that nobody has to ask; whether
    it is there is in `declared`. Evidence that nobody gathered is None.
    """

    name: Text  #: the folder's name, never its path
    as_of: dt.date  #: resolved: never "today"
    scope: Scope
    data_model: DataModel = NO_DATA_MODEL
    resources: Resources = Resources(format=1)
    stakeholders: Stakeholders = Stakeholders(format=1)
    actions: Actions = Actions(format=1)
    changes: Changes = Changes(format=1)
    sheets: dict[Id, AnswerSheet] = Field(default_factory=dict)  #: by respondent
    agreed: AgreedAnswers = AgreedAnswers(
        format=1, bank=BankRef(id="none", version="none"), settled={}
    )
    agreements: dict[str, Agreement] = Field(
        default_factory=dict
    )  #: by file name, 16 digits of the fingerprint
    data: DataEvidence | None = None
    probes: dict[Id, MachineEvidence] = Field(default_factory=dict)  #: by file name
    accounts: AccountEvidence | None = None
    route: RouteEvidence | None = None
    fingerprint: Text  #: of every file that was read

    @property
    def declared(self) -> frozenset[str]:
        """Return the fields whose documents are there, empty ones included."""
        return _DOCUMENTS & self.model_fields_set

    @model_serializer(mode="wrap")
    def _keep_empty(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A document declared as empty equals the one of which there is no file.
        data = dump(self)
        return {
            name: data.get(name, {"format": 1})
            for name in type(self).model_fields
            if name in data or name in self.declared
        }

    @property
    def needed_fields(self) -> tuple[str, ...]:
        """Return every "table.field" that the use case needs, each once, in order.

        A field is needed because a need names it, or because the contract marks it
        with `readiness.needed`.
        """
        named = [need.field for need in self.scope.needs if need.field]
        marked = [
            f"{table.name}.{column.name}"
            for table in self.data_model.tables
            for column in table.columns
            if column.needed
        ]
        return tuple(dict.fromkeys([*named, *marked]))
