"""Frozen models: the shared vocabulary and the question bank.

No input or output here. What a team declares is in `declared`, what the tool measures
in `findings`, what it concludes in `results`.
"""

from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Level = Annotated[int, Field(ge=0, le=4)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=60)]
QuestionId = Annotated[
    str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,7}-[0-9]{2,3}$")
]
Version = Annotated[str, StringConstraints(pattern=r"^\d+\.\d+\.\d+$")]
Section = Literal["SCP", "AVL", "QLT", "PRV", "OWN", "VAL"]
Phase = Literal["prototype", "pilot", "production"]
Weight = Literal["key", "major", "minor"]
WaveOffReason = Literal[
    "out-of-scope", "business-priority", "architecture-constraint", "other"
]
AnswerValue = Level | Literal["unknown", "does-not-apply"]

#: Words of the five levels, from method.md: the report never prints a bare number.
LEVEL_WORDS = (
    "missing",
    "improvised",
    "partly in place",
    "in place",
    "in place and watched",
)
PHASES: tuple[Phase, ...] = get_args(Phase)
#: Dimensions have a level; scope and value hold questions and gates only.
DIMENSIONS: tuple[Section, ...] = ("AVL", "QLT", "PRV", "OWN")
#: Sections of which each key question must reach what the case needs.
WITH_KEYS: tuple[Section, ...] = ("SCP", *DIMENSIONS)
SECTION_TITLES: dict[Section, str] = {
    "SCP": "Scope",
    "AVL": "Data availability",
    "QLT": "Data quality",
    "PRV": "Provisioning",
    "OWN": "Ownership",
    "VAL": "Value",
}


class Frozen(BaseModel):
    """Base of all models: immutable, no unknown keys, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def __copy__(self) -> Self:
        """Return a copy without what was derived: `model_copy` changes fields of it."""
        copied = super().__copy__()
        for name in self.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


class Document(Frozen):
    """Base of everything that is one file on disk."""

    format: Literal[1]  #: version of the file format


class Role(Frozen):
    """Someone who answers: a function in the organization, never a person."""

    id: Id
    title: Text
    does: Text  #: one sentence: what this role decides or runs


class FactValue(Frozen):
    """One of the values that a scope fact can take."""

    id: Id
    text: Text
    raises_need: bool = False  #: True raises the level needed by one


class Fact(Frozen):
    """A scope fact: a closed list that conditions and the level needed read."""

    id: Id
    text: Text
    values: tuple[FactValue, ...] = Field(min_length=2)


class Work(Frozen):
    """A published work that questions are grounded in."""

    id: Id
    title: Text
    by: Text
    year: int
    url: Text | None = None


class SourceRef(Frozen):
    """A work and, where it could be checked, the item inside it."""

    work: Id
    item: Text | None = None


class AnswerSet(Frozen):
    """Which answers are on offer beside the five levels and "we don't know".

    It holds no words: those of the levels belong to the method, so that questions,
    dimensions and needs can be compared.
    """

    id: Id
    does_not_apply: bool  #: whether a question may be waved off, with a reason


class Gate(Frozen):
    """A question that must stand at a level from a phase on."""

    phase: Phase
    level: Level


class Binding(Frozen):
    """What one check says about one question.

    The levels stand here and not with the check, since one check may bear on two
    questions with different force.
    """

    check: Id
    supports: Level  #: level that a pass supports
    proves: Level  #: level that a failure proves at most


class StandIn(Frozen):
    """What carries where no check can look by nature, and who must have seen it."""

    seen_by: Id  #: role
    proof: Text


class NextStep(Frozen):
    """What gains a level; the bank names no duration and no cost."""

    do: Text
    role: Id
    checks: tuple[Id, ...] = ()  #: have to pass first; of those that the question names


class Question(Frozen):
    """One question with everything that it carries."""

    id: QuestionId
    title: Text
    weight: Weight
    authority: Id  #: the one role whose answer counts
    answers: Id  #: the answer set
    gate: Gate | None = None
    applies_when: dict[Id, tuple[Id, ...]] = Field(default_factory=dict)
    checks: tuple[Binding, ...] = ()
    shelf_life_days: Annotated[int, Field(gt=0)] = 180  #: of proof on file
    retired: Text | None = None  #: since which version and why
    sources: tuple[SourceRef, ...] = Field(min_length=1)
    text: Text
    why: Text
    proof: Text
    stand_in: StandIn | None = None  #: of the proof, where its checks are not needed
    levels: tuple[Text, Text, Text, Text, Text]  #: what is true at levels 0 to 4
    next: tuple[NextStep, NextStep, NextStep, NextStep]  #: what gains levels 1 to 4

    @property
    def is_starter(self) -> bool:
        """Return whether the starter track asks it: gates and key questions."""
        return self.gate is not None or self.weight == "key"


class QuestionFile(Document):
    """One file of questions, all of one section."""

    section: Section
    questions: tuple[Question, ...]


class Bank(Document):
    """A question bank: roles, facts, answer sets and the questions by section."""

    id: Id
    version: Version
    title: Text
    roles: tuple[Role, ...]
    facts: tuple[Fact, ...]
    works: tuple[Work, ...]
    answer_sets: tuple[AnswerSet, ...]
    sections: dict[Section, tuple[Question, ...]]
    fingerprint: str  #: of the content, "sha256:..." in hexadecimal

    @property
    def questions(self) -> tuple[tuple[Section, Question], ...]:
        """Return every question that is not retired, in bank order."""
        return tuple(
            (section, question)
            for section, questions in self.sections.items()
            for question in questions
            if question.retired is None
        )


class BankRef(Frozen):
    """The bank that answers were given under."""

    id: Id
    version: str
    fingerprint: str | None = None

    def __str__(self) -> str:
        """Return id and version, for people."""
        return f"{self.id} {self.version}"


class ExtendedBank(Bank):
    """A bank that a team made from another one; the report shows what differs."""

    extends: BankRef  #: the bank that it began with
    added: tuple[QuestionId, ...] = ()
    changed: dict[QuestionId, tuple[str, ...]] = Field(default_factory=dict)  #: keys
    switched_off: dict[QuestionId, Text] = Field(default_factory=dict)  #: reasons
    #: Facts and answer sets; no part of the fingerprint, which their content is.
    changed_parts: tuple[Id, ...] = Field(default=(), exclude=True)

    @property
    def questions(self) -> tuple[tuple[Section, Question], ...]:
        """Return every question that is neither retired nor switched off."""
        return tuple(
            (section, question)
            for section, question in super().questions
            if question.id not in self.switched_off
        )
