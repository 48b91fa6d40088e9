"""Frozen models of what is told of a case beside others, and of many on one page."""

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from readybook.model.bank import (
    BankRef,
    Document,
    Frozen,
    Id,
    Phase,
    QuestionId,
    Section,
    Text,
    Weight,
)
from readybook.model.case import ActionState, Range, Shared
from readybook.model.results import Bounds, GateState, Result, Verdict

# --- one case: what its plan says -------------------------------------------------


class ActionTold(Frozen):
    """An action as programs read it."""

    id: Id
    title: Text  #: the action, in words
    owner: Id  #: role
    state: ActionState
    due: dt.date | None = None
    decides: tuple[QuestionId, ...] = ()
    gates: tuple[QuestionId, ...] = ()  #: of these, the gates that do not pass yet
    #: Share of the plan's runs in which the end waits for it; None: not on the way.
    criticality: float | None = None


class Ready(Frozen):
    """When a case is likely to be ready."""

    #: Dates that half, 80 % and 90 % of the runs keep; None where it is ready, or a lead
    #: time is missing.
    p50: dt.date | None = None
    p80: dt.date | None = None
    p90: dt.date | None = None
    undated: tuple[Text, ...] = ()  #: steps of which nobody declared a lead time


class PlanTold(Ready):
    """When a case is likely to be ready, and what is done until then."""

    actions: tuple[ActionTold, ...] = ()  #: the one to take first in front


class ResultFile(Document):
    """result.json: what a report says of a case, for programs; no names, no notes."""

    readybook: Text  #: version that made it
    assessment: Text
    title: Text
    bank: dict[str, str]  #: id, version, fingerprint
    inputs: Text  #: fingerprint of every file that was read
    shared: Shared | None = None  #: what of it a register says that cases share
    result: Result
    plan: PlanTold


class Asked(Frozen):
    """What result.json tells of a question; the rest is in the bank."""

    id: QuestionId
    title: Text
    weight: Weight


# --- one case: its row among others -------------------------------------------------


class Position(Frozen):
    """How a case stood on a day: at a milestone, or when it was last looked at."""

    on: dt.date
    name: Text | None = None  #: of the milestone
    verdict: Verdict
    headline: Text
    levels: dict[Section, Bounds | None] = Field(default_factory=dict)
    failed: tuple[QuestionId, ...] = ()  #: gates
    undecided: tuple[QuestionId, ...] = ()


class GateTold(Frozen):
    """A gate that is in force for a case."""

    title: Text
    state: GateState
    role: Id | None = None  #: whose move it is; None: it passed, or nobody is named


class Wait(Frozen):
    """Something that a case waits for and that others may wait for, too."""

    about: Text  #: permission/<resource>, resource/..., history/<table>, role/<role>
    what: Text
    role: Id | None = None  #: that unblocks it
    #: Share of the plan's runs in which the end waits for it.
    runs: float = Field(default=0.0, ge=0, le=1)


Kind = Literal["answer", "proof", "acceptance", "permission", "decision", "action"]


class Owed(Frozen):
    """Something that a role owes to a case."""

    role: Id | None  #: None: nobody is named
    kind: Kind
    about: Text  #: question, step, decision or exception
    what: Text
    since: dt.date | None = None  #: None: no date is known
    due: dt.date | None = None
    gates: tuple[QuestionId, ...] = ()  #: that do not pass yet, and wait for it
    behind: int = 0  #: steps of the plan that wait for it


class Promise(Frozen):
    """A decision that was put to somebody, or a gate that is accepted for a time."""

    kind: Literal["decision", "exception"]
    what: Text
    role: Id  #: that decides, or approved
    on: dt.date
    until: dt.date | None = None


class CaseRow(Document):
    """row.json beside a report: what a page of many cases says of this one."""

    name: Text
    title: Text
    team: Text
    unit: Text | None = None
    phase: Phase
    track: Literal["starter", "full"]
    bank: BankRef
    as_of: dt.date
    now: Position
    earlier: tuple[Position, ...] = ()  #: at milestones, oldest first
    needed: dict[Section, Bounds] = Field(default_factory=dict)
    gates: dict[QuestionId, GateTold] = Field(default_factory=dict)
    ready: Ready
    currency: str | None = None
    cost_of_delay_per_week: Range | None = None
    proof_lapses: dt.date | None = None  #: when the oldest proof goes out of date
    touched: dt.date | None = None  #: last day of which anything is known
    waits: tuple[Wait, ...] = ()
    owed: tuple[Owed, ...] = ()
    promises: tuple[Promise, ...] = ()  #: that are open, or ended and not renewed
    roles: dict[Id, Text] = Field(default_factory=dict)  #: titles of those named above
    vacant: tuple[Id, ...] = ()  #: of these, what nobody holds
    shared: Shared | None = None  #: what of it a register says that cases share


# --- many ------------------------------------------------------------------------


class Failed(Frozen):
    """A case of which no report could be made."""

    name: Text
    why: Text


class Portfolio(Document):
    """portfolio.json: many cases, and how those stood that they are compared with."""

    readybook: Text
    cases: tuple[CaseRow, ...] = ()  #: by name
    failed: tuple[Failed, ...] = ()
    since: dt.date | None = None  #: as of when the run was that it is compared with
    #: Name or day of the milestone that it is compared with instead.
    milestone: str = ""
    #: How each case stood then, by name; None: no report could be made then.
    before: dict[Text, Position | None] = Field(default_factory=dict)


# --- how programs read them ----------------------------------------------------------


def written_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of what readybook writes for programs, by its name.

    Within a format new keys may come, so that other keys are allowed.
    """
    result = ResultFile.model_json_schema(mode="serialization")
    parts = result["$defs"]
    parts["Question"] = Asked.model_json_schema(mode="serialization")
    for name in ("respondent", "note"):  # nobody is named, and no note is told
        del parts["Given"]["properties"][name]
    parts["Given"]["required"].remove("respondent")
    portfolio = (
        Portfolio.model_json_schema()
    )  # keys that have their default are left out
    for schema in (result, portfolio):
        for part in (schema, *schema["$defs"].values()):
            part.pop("additionalProperties", None)
    return {"result": result, "portfolio": portfolio}
