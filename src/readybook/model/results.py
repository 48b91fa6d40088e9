"""Frozen models of what the method concludes: standings, levels, gates, verdict.

And of milestones: what was known on a day and what was concluded, as files keep it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from readybook.model.bank import (
    DIMENSIONS,
    WITH_KEYS,
    AnswerValue,
    BankRef,
    Binding,
    Document,
    Fact,
    Frozen,
    Gate,
    Id,
    Level,
    Phase,
    Question,
    QuestionId,
    Section,
    StandIn,
    Text,
    Weight,
)
from readybook.model.case import Assessment
from readybook.model.findings import Finding

VerdictWord = Literal["ready", "conditions", "not ready"]
GateState = Literal["passed", "failed", "undecided"]
Status = Literal[
    "answered",  #: the authority (or the room) gave a level
    "unknown",  #: the authority said that it is not known
    "unanswered",  #: nothing from the authority, or an incomplete "does not apply"
    "waved off",  #: "does not apply", with reason and, on a gate, approver
    "not asked",  #: a condition on the scope facts rules it out
]
CheckOutcome = Literal[
    "passed",
    "failed",
    "not measured",
    "not needed",  #: declared, with reason and approver; there is nothing to look at
]
ProofState = Literal[
    "nothing",  #: no level was claimed
    "said",
    "on file",
    "double-checked",
    "measured",
    "out of date",
    "contradicted",
]


class Bounds(Frozen):
    """What is known of a level: it lies from `lower` to `upper`, both included."""

    lower: Level
    upper: Level


class Given(Frozen):
    """An answer as it was given: by which role, when; respondents are not named."""

    role: Id
    respondent: Id  #: id of the answer file; shown in the team's edition only
    answer: AnswerValue
    date: dt.date
    counts: bool  #: True: it is the scored claim or part of it
    note: str | None = None  #: None too where the note is private
    proof: str | None = None  #: reference of the document on file
    because: str | None = None  #: why it does not apply
    approved_by: Id | None = None  #: role that agreed that it does not apply


class CheckResult(Frozen):
    """What one bound check says about one question, over all its subjects."""

    check: Id
    title: str
    outcome: CheckOutcome
    supports: Level  #: level that it supports when passed
    proves: Level  #: level that it proves at most when failed
    out_of_date: bool = False  #: measured longer ago than its shelf life
    is_alone: bool = False  #: passed a limit that no other role agreed to
    findings: tuple[Finding, ...] = ()
    missing: tuple[str, ...] = ()  #: subjects that were not measured
    undeclared: tuple[str, ...] = ()  #: of them, what no declaration lets it look at
    spared: tuple[str, ...] = ()  #: needed, and declared as not needed for it

    @property
    def is_spared(self) -> bool:
        """Return whether all or a part of it was declared as not needed."""
        return self.outcome == "not needed" or bool(self.spared)

    @property
    def is_open(self) -> bool:
        """Return whether it could have passed in date and did not."""
        passed = self.outcome == "passed" and not self.out_of_date
        return not passed and self.outcome != "not needed"

    @property
    def is_unmade(self) -> bool:
        """Return whether it was not made, or so long ago that it lapsed."""
        return self.is_open and self.outcome != "failed"


class Reason(Frozen):
    """One step of a derivation, in words: rule, what it says, from whom, when."""

    rule: Literal["claim", "check", "proof", "bounds", "gate", "condition"]
    says: str
    role: str | None = None  #: title of the role
    evidence: str | None = None  #: check id or reference of a document
    date: dt.date | None = None


class Standing(Frozen):
    """Where one question stands and why."""

    question: Question
    section: Section
    status: Status
    claim: Bounds | None  #: range of the authority's answers; None without a level
    word: Bounds  #: bounds on people's word alone
    cap: Level  #: least level that a failed check proves at most; 4 if none failed
    support: Level  #: how far the proof carries a claim
    bounds: Bounds
    proof: ProofState
    proven: bool  #: answered, and proof that is in date reaches what was answered
    contradicted: bool  #: a failed check, or who looked last, says less than the claim
    gate: Gate | None  #: None too while the assessment's phase is before the gate's
    gate_state: GateState | None
    hangs_on: tuple[Id, ...] = ()  #: undeclared scope facts that may rule it out
    by_failure: bool = False  #: it counts because a check of it failed, else it may not
    until: tuple[
        Id, ...
    ] = ()  #: undeclared scope facts that may make it count for itself
    given: tuple[Given, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    derivation: tuple[Reason, ...] = ()
    flags: tuple[str, ...] = ()  #: what is incomplete or ignored, in words
    split: Bounds | None = None  #: range of belief where people differ by two or more
    agreed_on: dt.date | None = None  #: when the room settled it
    agreed_because: str | None = None  #: the reason that the room gave
    lapses: dt.date | None = None  #: when the first proof that counts now lapses

    @property
    def to_measure(self) -> tuple[str, ...]:
        """Return the titles of checks that were not made, or so long ago that they lapsed."""
        return tuple(check.title for check in self.checks if check.is_unmade)

    @property
    def is_answered(self) -> bool:
        """Return whether the authority answered; "we don't know" is an answer."""
        return self.status in {"answered", "unknown"}

    @property
    def is_unknown(self) -> bool:
        """Return whether the authority answered that it is not known."""
        return self.status == "unknown"

    @property
    def applies(self) -> bool:
        """Return whether it counts towards levels and gates."""
        return self.status not in {"waved off", "not asked"}


class DimensionResult(Frozen):
    """Where one dimension stands; None: no question of it applies."""

    section: Section
    level: Bounds | None
    needed: Bounds  #: upper is stricter than lower while a scope fact is undeclared
    gates: dict[GateState, int]
    answered: int
    applicable: int
    proven: int
    waved_off: int


class Verdict(Frozen):
    """One verdict at lower and upper bounds, as it is printed."""

    lower: VerdictWord
    upper: VerdictWord

    @property
    def is_open(self) -> bool:
        """Return whether not enough is known: worst case not ready, best better."""
        return self.lower == "not ready" and self.upper != "not ready"


class SettlingFact(Frozen):
    """One fact that would help to settle the verdict if it turned out well."""

    id: str  #: question id, or the scope fact's id
    title: str
    kind: Literal["question", "scope fact"]
    missing: Literal["answer", "proof", "declaration"]
    role: str  #: title of the role that can give it
    how: str  #: the answer, document or measurement that is missing, in words


class Outlook(Frozen):
    """A verdict beside the printed one, and what it rests on."""

    headline: str
    verdict: Verdict


class Result(Frozen):
    """Everything that the method concludes of one assessment."""

    phase: Phase
    as_of: dt.date
    verdict: Verdict
    headline: str  #: "Not ready for production: 3 gates fail"
    subline: str  #: "" or "Do not commit yet; at best: ..."
    because: str  #: one computed sentence
    on_word: Outlook  #: on people's word alone
    nothing_waved: Outlook  #: with everything waved off at level 0
    dimensions: tuple[DimensionResult, ...]
    standings: tuple[Standing, ...]  #: in bank order, "not asked" ones included
    settle: tuple[SettlingFact, ...]  #: fewest facts that give the upper verdict
    conditions: tuple[QuestionId, ...]  #: what must rise for "ready"; no gate fails
    answered: int
    applicable: int
    proven: int
    asked: int  #: questions of the track that were asked
    in_bank: int
    oldest_proof_lapses: dt.date | None  #: first day on which proof goes out of date

    def standing(self, question_id: str) -> Standing:
        """Return the standing of one question.

        Raises:
            KeyError: the bank has no such question.
        """
        return {one.question.id: one for one in self.standings}[question_id]

    def needed_by_case(self, standing: Standing) -> Bounds | None:
        """Return the level that the case needs of a question; None: advice.

        One level is needed of all dimensions, and of each key question of the scope.
        """
        weight, section = standing.question.weight, standing.section
        counts = weight == "key" and section in WITH_KEYS
        counts = counts or (weight == "major" and section in DIMENSIONS)
        needed = {one.section: one.needed for one in self.dimensions}
        return (
            needed.get(section, next(iter(needed.values()), None)) if counts else None
        )

    def needed_of(self, standing: Standing) -> Bounds | None:
        """Return the level that a question needs; None where nothing asks for one.

        It is the higher of what its gate and what its dimension ask; minor questions
        without a gate are advice.
        """
        gate = standing.gate.level if standing.gate else 0
        needed = self.needed_by_case(standing)
        if needed is None:
            return Bounds(lower=gate, upper=gate) if standing.gate else None
        return Bounds(lower=max(gate, needed.lower), upper=max(gate, needed.upper))

    def wanted_of(self, standing: Standing) -> Level:
        """Return the level that a question is to reach next.

        The minimum of its gate while that has not passed; else, once nothing about it
        is open, what the case needs.
        """
        bounds, needed = standing.bounds, self.needed_of(standing)
        if standing.gate and standing.gate_state != "passed":
            return standing.gate.level
        is_open = bounds.lower < bounds.upper
        return bounds.upper if is_open or needed is None else needed.lower


# --- milestones --------------------------------------------------------------------


class FrozenQuestion(Frozen):
    """What scoring reads of a question, and a hash that tells whether it changed."""

    id: QuestionId
    title: Text
    weight: Weight
    authority: Id
    gate: Gate | None = None
    applies_when: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    checks: tuple[Binding, ...] = ()
    stand_in: StandIn | None = None
    shelf_life_days: Annotated[int, Field(gt=0)]
    hash: Text  #: of all that an answer to it rests on, its texts included


class FrozenBank(Frozen):
    """What scoring reads of a bank: questions that were asked, roles, scope facts."""

    ref: BankRef
    title: Text
    roles: dict[Id, Text]  #: titles
    facts: tuple[Fact, ...]
    sections: dict[Section, tuple[FrozenQuestion, ...]]


class Stood(Frozen):
    """Where one question stood."""

    section: Section
    status: Status
    bounds: Bounds
    proof: ProofState
    proven: bool = False
    gate: Level | None = None  #: its minimum, where it was in force
    gate_state: GateState | None = None


class Snapshot(Frozen):
    """What was concluded, as far as it is compared."""

    phase: Phase
    headline: str
    subline: str
    because: str
    on_word: str  #: the headline on people's word alone
    verdict: Verdict
    dimensions: tuple[DimensionResult, ...]
    questions: dict[QuestionId, Stood]
    answered: int
    applicable: int
    proven: int

    def gates(self, state: GateState) -> tuple[QuestionId, ...]:
        """Return the gates in a state, in bank order."""
        return tuple(
            name for name, one in self.questions.items() if one.gate_state == state
        )


class Milestone(Document):
    """milestones/<date>.json: inputs and result as they were on a day."""

    kind: Literal["milestone"]
    readybook: Text  #: version that scored it
    on: dt.date  #: the as-of date
    name: Text | None = None
    bank: FrozenBank
    inputs: Assessment
    result: Snapshot
    fingerprint: Text  #: of all the rest: a milestone is never edited


def milestone_json(milestone: Milestone) -> str:
    """Return a milestone as its file holds it: one line for each of its parts."""
    lines = (
        f"{json.dumps(key)}: {_compact(value)}"
        for key, value in plain(milestone).items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def seal_of(content: Mapping[str, Any], key: str = "fingerprint") -> str:
    """Return the SHA-256 of what a file holds besides the key that has its seal."""
    rest = {name: value for name, value in content.items() if name != key}
    return f"sha256:{hashlib.sha256(_compact(rest).encode()).hexdigest()}"


def plain(milestone: Milestone) -> dict[str, Any]:
    """Return a milestone as plain data."""
    return milestone.model_dump(mode="json", exclude_defaults=True)


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
