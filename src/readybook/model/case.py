"""Frozen models of an assessment's documents: what people declare and answer.

No input or output here. The declared data model, an ODCS contract, is in `contract`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import cached_property
from operator import add, mul, sub
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)

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
from readybook.model.contract import NO_DATA_MODEL, DataModel, LastDay
from readybook.model.findings import (
    AccountEvidence,
    DataEvidence,
    Failures,
    Finding,
    MachineEvidence,
    RouteEvidence,
)

DecisionState = Literal["asked", "decided", "overdue", "done"]
ActionState = Literal["proposed", "accepted", "under way", "late", "done", "dropped"]
Privilege = Literal["root", "sudo", "package-install", "container-build"]
RoleStatus = Literal["held", "nobody yet", "not declared"]


_Do = Callable[[float, float], float]


class Range(Frozen):
    """A declared figure, low to high; never made up by the tool."""

    # What is computed of declared figures has this form too.
    low: float
    likely: float
    high: float

    def __add__(self, other: Range) -> Range:
        """Return the sum of two figures."""
        return self._with(add, other.low, other.likely, other.high)

    def __sub__(self, other: Range) -> Range:
        """Return the difference; its low takes the most away from the least."""
        return self._with(sub, other.high, other.likely, other.low)

    def __mul__(self, by: Range | float) -> Range:
        """Return the product with a figure, or so many times it, both 0 or more."""
        if isinstance(by, Range):
            return self._with(mul, by.low, by.likely, by.high)
        return self._with(mul, by, by, by)

    def _with(self, do: _Do, low: float, likely: float, high: float) -> Range:
        low = do(self.low, low)
        likely = do(self.likely, likely)
        high = do(self.high, high)
        return Range(low=low, likely=likely, high=high)


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
    by: Id | None = None  #: role that declared the figures and answers for them
    on: dt.date | None = None  #: when it did


class Need(Frozen):
    """Something that the use case needs from the data."""

    id: Id
    what: Text
    use: Literal["feature", "label", "key", "time", "segment"]
    field: Text | None = None  #: "table.field" of the data model; None: none known yet
    ask: Id  #: role that can say where it is


class NotNeeded(Frozen):
    """What no check has to look at, because the use case does not need it."""

    checks: tuple[Id, ...] = Field(min_length=1)
    because: Text
    approved_by: Id  #: role
    on: dt.date


class Withdrawn(Frozen):
    """What failed a check and is given up: the use case does without, or with less."""

    check: Id
    subject: Text
    because: Text
    by: Id  #: role; counts for questions that it is the authority of
    on: dt.date


class Scope(Document):
    """assessment.yaml: what is to be put into production, for whom, and by when."""

    title: Text
    team: Text
    unit: Text | None = None  #: department or business unit that the case belongs to
    decision: Text | None = None  #: what changes because of the prediction
    phase: Phase
    track: Literal["starter", "full"] = "starter"
    as_of: dt.date | Literal["today"]
    target_date: dt.date | None = None
    example: bool = False  #: True: declared figures are invented for illustration
    facts: dict[Id, Id] = Field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    not_needed: tuple[NotNeeded, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
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
    approved_by: Id | None = None  #: role; a gate is waved off with it only
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


# --- resources.yaml --------------------------------------------------------------


class Endpoint(Frozen):
    """Something on the network that a job must reach; nothing is sent to it."""

    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*)$")]
    port: Annotated[int, Field(ge=1, le=65_535)]
    tls: bool = False  #: True: a TLS handshake must succeed too


class ResourceNeeds(Frozen):
    """What the use case needs of a machine, in the units of the names."""

    memory_gib: Annotated[float, Field(gt=0)] | None = None
    swap_gib: Annotated[float, Field(ge=0)] | None = None
    cpus: Annotated[float, Field(gt=0)] | None = None
    disk_gib: Annotated[float, Field(gt=0)] | None = None  #: free, working folder
    write_mib_per_s: Annotated[float, Field(gt=0)] | None = None
    matrix_gflops: Annotated[float, Field(gt=0)] | None = None  #: double precision
    gpus: Annotated[int, Field(ge=1)] | None = None
    gpu_memory_gib: Annotated[float, Field(gt=0)] | None = None  #: of each GPU
    open_files: Annotated[int, Field(gt=0)] | None = None
    package_index: bool | None = None  #: True: a package index must answer
    privileges: tuple[Privilege, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()


class Account(Frozen):
    """A cloud account as it was declared; credentials are never written down."""

    provider: Literal["aws", "azure", "google", "other"]
    id: Text  #: shown masked: its last four characters
    profile: Text | None = None  #: name of the credentials' profile, AWS


class Budget(Frozen):
    """What was approved to be spent."""

    limit: Annotated[float, Field(ge=0)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    per: Literal["month", "year", "once"]


class SharedResource(Frozen):
    """What a resource is, and how its permission stands: the same for all cases."""

    id: Id
    what: Text
    kind: Literal[
        "compute", "storage", "network", "account", "privilege", "licence", "service"
    ]
    grants: Id | None = None  #: role that can say yes
    pays: Id | None = None  #: role whose budget it is
    budget_code: Text | None = None
    budget: Budget | None = None
    asked_on: dt.date | None = None
    lead_time_days: Annotated[int, Field(ge=0)] | None = None  #: as the granter says
    lead_time_weeks: Range | None = None  #: as experience says; forecasts use it first
    granted_on: dt.date | None = None
    refused_on: dt.date | None = None
    expires: LastDay | None = None  #: None: nobody has said it

    @property
    def ends(self) -> dt.date | None:
        """Return the last day of the permission; None where it has none, or none is said."""
        return self.expires if isinstance(self.expires, dt.date) else None


class Resource(SharedResource):
    """Something that must be provisioned, and the permission that it needs."""

    waits_for: tuple[Text, ...] = ()  #: steps without which it cannot be granted
    needs: ResourceNeeds | None = None
    probe: Id | None = None  #: evidence/<probe>.json measures it
    same_as: Id | None = None  #: resource whose environment it must equal
    account: Account | None = None


class Route(Frozen):
    """How changes reach production: what is claimed, and the log that shows it.

    Lead time for changes and deployment frequency are those of DORA (dora.dev).
    """

    log: Text | None = None  #: CSV or JSON lines inside the assessment's folder
    lead_time_days: Annotated[float, Field(ge=0)] | None = None  #: claimed median
    deployments_per_week: Annotated[float, Field(gt=0)] | None = None  #: claimed


class Resources(Document):
    """resources.yaml: what must be provisioned."""

    resources: tuple[Resource, ...] = ()
    route: Route | None = None

    @property
    def granted_by(self) -> dict[Id, tuple[Id, ...]]:
        """Return each role that grants a resource, with the ids of these resources."""
        roles: dict[Id, tuple[Id, ...]] = {}
        for row in self.resources:
            if row.grants:
                roles[row.grants] = (*roles.get(row.grants, ()), row.id)
        return roles


# --- stakeholders.yaml and agreements/ -------------------------------------------


class BuyIn(Frozen):
    """How a role stands to the case, since when, and how that is known."""

    state: Literal["unaware", "aware", "supportive", "committed", "opposed"]
    on: dt.date
    known_from: Text  #: "said so in the workshop"


class SharedRole(Frozen):
    """Who answers for a role in all cases: respondents, or nobody yet."""

    role: Id
    held_by: tuple[Id, ...] | Literal["nobody-yet"]
    team: Text | None = None
    deputies: tuple[Id, ...] = ()  #: respondents that stand in

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


class RoleHolder(SharedRole):
    """Who answers for a role, and how it stands to the case."""

    days_per_week: Annotated[float, Field(gt=0, le=7)] | None = None  #: for the case
    buy_in: BuyIn | None = None


class Asset(Frozen):
    """A piece that somebody must own: a table, category, resource or process."""

    id: Id
    what: Text
    kind: (
        Literal["table", "category", "resource", "process", "model", "decision"] | None
    ) = None
    #: Tables, "table.field" or resources that it stands for.
    covers: tuple[Text, ...] = ()
    responsible: Id | None = None
    #: Exactly one is wanted; other counts are findings.
    accountable: tuple[Id, ...] = ()
    consulted: tuple[Id, ...] = ()
    informed: tuple[Id, ...] = ()
    confirmed_on: dt.date | None = None


class SignOff(Frozen):
    """A role agreed to the data model, or to a part of it, as it was on a day."""

    role: Id
    covers: Text  #: "model", a table, or the categories of "table.field"
    on: dt.date
    #: Of what was agreed; `readybook sign-off` writes it.
    fingerprint: Text | None = None


class Agreement(Document):
    """agreements/<fingerprint>.json: what a sign-off covered, as it was on that day."""

    covers: Text  #: as in SignOff
    content: dict[str, JsonValue]  #: the part of the data model, by table and column


class Signer(Frozen):
    """Who vouches for evidence, by signing it."""

    role: Id
    #: Public half of an SSH key, on one line.
    key: Annotated[
        str,
        StringConstraints(
            pattern=r"^(sk-)?(ssh|ecdsa)-[a-z0-9-]+(@openssh\.com)? +[A-Za-z0-9+/]+=*"
            r"( [^\r\n]*)?$",
            max_length=4000,
            strip_whitespace=True,
        ),
        # Without its comment, which most often names a person.
        AfterValidator(lambda key: " ".join(key.split()[:2])),
    ]
    team: Text | None = None


class Signature(Frozen):
    """Whose key signed an evidence file, or why that could not be verified."""

    role: Id | None = None
    team: Text | None = None
    why: Text | None = None


class Stakeholders(Document):
    """stakeholders.yaml: roles, who answers for them, what they own and agreed to."""

    roles: tuple[RoleHolder, ...] = ()
    assets: tuple[Asset, ...] = ()
    sign_offs: tuple[SignOff, ...] = ()
    signers: tuple[Signer, ...] = ()

    def holder(self, role: Id) -> RoleHolder | None:
        """Return who answers for a role; None where the register lacks it."""
        return next((row for row in self.roles if row.role == role), None)

    def people(self, role: Id) -> frozenset[Id] | None:
        """Return who holds a role or stands in; None where the register lacks it."""
        holder = self.holder(role)
        return holder.people if holder else None

    def contradicts(self, respondent: Id, role: Id) -> bool:
        """Return whether somebody answers for a role that others hold."""
        people = self.people(role)
        return bool(people) and respondent not in (people or ())

    def knows(self, respondent: Id, role: Id) -> bool:
        """Return whether somebody holds a role or stands in."""
        return respondent in (self.people(role) or ())

    def standing_for(self, name: str) -> tuple[Asset, ...]:
        """Return the assets that stand for a table, or a "table.field" by it or its table."""
        ends = [at for at, sign in enumerate(name) if sign == "."]
        wanted = {name, *(name[:end] for end in ends)}
        return tuple(a for a in self.assets if wanted & set(a.covers))

    def status(self, role: Id) -> RoleStatus:
        """Return whether somebody holds a role, as far as the register says."""
        people = self.people(role)
        return "not declared" if people is None else "held" if people else "nobody yet"


# --- a register that cases share ---------------------------------------------------


class Register(Document):
    """A file outside of all cases: roles, resources and permissions that they share."""

    roles: tuple[SharedRole, ...] = ()
    resources: tuple[SharedResource, ...] = ()


class Shared(Frozen):
    """What of a case a shared register says."""

    file: Text  #: the register's name, without its folder
    fingerprint: Text  #: of what it says
    roles: tuple[Id, ...] = ()
    resources: tuple[Id, ...] = ()  #: of those that the case declares

    def has(self, about: Text) -> bool:
        """Return whether it says what a case waits for: role/<role>, permission/..."""
        kind, _, name = about.partition("/")
        known = {"role": self.roles, "permission": self.resources}
        return name in known.get(kind, ())


# --- actions.yaml ----------------------------------------------------------------


class Action(Frozen):
    """Something that somebody does next: a step on the way into production."""

    id: Id
    action: Text
    owner: Id  #: role
    state: Literal["open", "done", "dropped"] = "open"  #: as declared, of any day
    accepted_on: dt.date | None = None  #: None: proposed
    started_on: dt.date | None = None
    done_on: dt.date | None = None
    due: dt.date | None = None
    leadership: bool = False  #: True: only leadership can decide it
    decides: tuple[QuestionId, ...] = ()
    needs: tuple[Text, ...] = ()  #: actions, or derived steps, that must be done before
    lead_time_weeks: Range | None = None  #: from its start to its end
    effort_days: Range | None = None  #: person-days
    cost: Range | None = None  #: besides effort, in the currency of `value`
    workaround_for: Text | None = None  #: step that it makes unnecessary for now
    proof: Text | None = None

    def state_on(self, day: dt.date) -> ActionState:
        """Return its state on a day; what is dated later had not happened."""
        if self.state == "dropped":
            return "dropped"
        if self.state == "done" and (self.done_on is None or self.done_on <= day):
            return "done"
        if self.due and self.due < day:
            return "late"
        if self.started_on and self.started_on <= day:
            return "under way"
        return "accepted" if self.is_accepted_on(day) else "proposed"

    def is_accepted_on(self, day: dt.date) -> bool:
        """Return whether its owner had said yes by a day."""
        return self.accepted_on is not None and self.accepted_on <= day

    def is_open_on(self, day: dt.date) -> bool:
        """Return whether it is still to be done on a day."""
        return self.state_on(day) not in {"done", "dropped"}


class Actions(Document):
    """actions.yaml: what is done next, by whom, until when."""

    actions: tuple[Action, ...] = ()


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


# --- decisions.yaml ----------------------------------------------------------------


class Decision(Frozen):
    """What somebody was asked to decide, what was decided, and whether it was done."""

    id: Id
    asked: Text
    asked_of: Id  #: role
    asked_on: dt.date
    about: Text | None = None  #: step of the plan, or role/<role> that nobody holds
    milestone: dt.date | None = None  #: the one that was looked at
    decided: Text | None = None  #: None: nothing yet
    decided_on: dt.date | None = None
    due: dt.date | None = None  #: until when it is decided, and done
    done_on: dt.date | None = None

    def state_on(self, day: dt.date) -> DecisionState:
        """Return how it stands on a day; what is dated later had not happened."""
        if self.done_on and self.done_on <= day:
            return "done"
        if self.due and self.due < day:
            return "overdue"
        return "decided" if self.is_decided_on(day) else "asked"

    def is_decided_on(self, day: dt.date) -> bool:
        """Return whether there was a decision by a day."""
        return self.decided_on is not None and self.decided_on <= day


class GateException(Frozen):
    """Until when somebody accepts that a gate fails; it changes no verdict."""

    gate: QuestionId
    asked_by: Id  #: role
    approved_by: Id  #: role; the authority of the gate, or the sponsor
    because: Text
    on: dt.date
    until: dt.date  #: the last day
    closed_on: dt.date | None = None  #: from when on nobody relies on it


class Reply(Frozen):
    """What a role says to a finding that it disputes; it changes no level."""

    role: Id
    to: Text  #: a question, or a check and its subject: "keys-unique orders.id"
    text: Text
    on: dt.date


class Decisions(Document):
    """decisions.yaml: what was asked and decided, accepted for a time, and disputed."""

    decisions: tuple[Decision, ...] = ()
    exceptions: tuple[GateException, ...] = ()
    replies: tuple[Reply, ...] = ()

    def exception(self, gate: QuestionId, day: dt.date) -> GateException | None:
        """Return the exception of a gate that reaches furthest, also one that expired.

        None where there was none by that day, or each was closed.
        """
        open_ = [
            one
            for one in self.exceptions
            if one.gate == gate
            and one.on <= day
            and not (one.closed_on and one.closed_on <= day)
        ]
        return max(open_, key=lambda one: one.until, default=None)


# --- all of it ---------------------------------------------------------------------


#: Fields of Assessment that hold what one file declares.
_DOCUMENTS = {
    "data_model", "resources", "stakeholders", "actions", "changes", "decisions",
    "agreed",
}  # fmt: skip


class Assessment(Frozen):
    """One folder, read and found valid.

    A document that the folder lacks is an empty one, so that nobody has to ask; whether
    it is there is in `declared`. Evidence that nobody gathered is None.
    """

    name: Text  #: the folder's name, never its path
    as_of: dt.date  #: resolved: never "today"
    later: int = 0  #: inputs dated after the as-of date, which are ignored
    scope: Scope
    data_model: DataModel = NO_DATA_MODEL
    resources: Resources = Resources(format=1)
    stakeholders: Stakeholders = Stakeholders(format=1)
    actions: Actions = Actions(format=1)
    changes: Changes = Changes(format=1)
    decisions: Decisions = Decisions(format=1)
    sheets: dict[Id, AnswerSheet] = Field(default_factory=dict)  #: by respondent
    agreed: AgreedAnswers = AgreedAnswers(
        format=1, bank=BankRef(id="none", version="none"), settled={}
    )
    #: By file name, 16 digits of the fingerprint.
    agreements: dict[str, Agreement] = Field(default_factory=dict)
    data: DataEvidence | None = None
    probes: dict[Id, MachineEvidence] = Field(default_factory=dict)  #: by file name
    accounts: AccountEvidence | None = None
    route: RouteEvidence | None = None
    failures: Failures | None = None
    #: There is evidence, and no list of what failed before: it may be gone.
    is_unlisted: bool = False
    signatures: dict[Id, Signature] = Field(default_factory=dict)  #: of evidence files
    shared: Shared | None = None  #: which roles and resources above have in them
    fingerprint: Text  #: of every file that was read

    @property
    def declared(self) -> frozenset[str]:
        """Return the fields whose documents are there, empty ones included."""
        return frozenset(_DOCUMENTS & self.model_fields_set)

    @model_serializer(mode="wrap")
    def _keep_empty(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # A document declared as empty equals the one of which there is no file.
        data = dump(self)
        return {
            name: data.get(name, {"format": 1})
            for name in type(self).model_fields
            if name in data or name in self.declared
        }

    def source_of(self, about: Text) -> str:
        """Return in words the file that says how a role/<role> or permission/<id> stands."""
        if self.shared and self.shared.has(about):
            return f"the shared register {self.shared.file}"
        return "stakeholders.yaml" if about.startswith("role/") else "resources.yaml"

    @property
    def unlisted(self) -> str:
        """Return in words what is not known of earlier failures; "" where all is."""
        begun = self.failures.unlisted_before if self.failures else None
        if not begun and not self.is_unlisted:
            return ""
        since = f", before {begun.day} {begun:%B %Y}" if begun else ""
        return f"no list of earlier failures{since}: what once failed cannot be known"

    @property
    def open_actions(self) -> tuple[Action, ...]:
        """Return what is still to be done on the as-of date, in file order."""
        return tuple(a for a in self.actions.actions if a.is_open_on(self.as_of))

    @cached_property
    def counted_sheets(self) -> dict[Id, AnswerSheet]:
        """Return by respondent what counts: not who answers for a role of others."""
        register = self.stakeholders
        return {
            name: sheet
            for name, sheet in sorted(self.sheets.items())
            if not register.contradicts(name, sheet.role)
        }

    def is_another(self, role: Id, than: Id) -> bool:
        """Return whether somebody speaks in a role who does not in the other one.

        Those are who holds it, and who answered in it where nobody does. A role in
        which nobody speaks is no second voice.
        """
        return role != than and not self._speak(role) <= self._speak(than)

    def _speak(self, role: Id) -> frozenset[Id]:
        answered = (n for n, one in self.counted_sheets.items() if one.role == role)
        return self.stakeholders.people(role) or frozenset(answered)

    @property
    def declared_since(self) -> tuple[str, ...]:
        """Return the tables that are declared otherwise than when they were measured."""
        seen = self.data.tables if self.data else ()
        then = {one.table: one.declared for one in seen}
        tables = self.data_model.tables if self.data else ()
        return tuple(t.name for t in tables if then.get(t.name) != t.declared)

    @cached_property
    def needed_fields(self) -> tuple[str, ...]:
        """Return every "table.field" that the use case needs, each once, in order.

        A field is needed because a need names it, or because the contract marks it
        with `readiness.needed`.
        """
        marked = (
            f"{table.name}.{column.name}"
            for table in self.data_model.tables
            for column in table.columns
            if column.needed
        )
        named = (need.field for need in self.scope.needs if need.field)
        return tuple(dict.fromkeys((*named, *marked)))

    @cached_property
    def not_needed(self) -> dict[Id, NotNeeded]:
        """Return by check what was declared as not needed by the as-of date."""
        rows = [row for row in self.scope.not_needed if row.on <= self.as_of]
        return {check: row for row in rows for check in row.checks}

    def stuck(self, check: Id, authority: Id) -> dict[str, Finding]:
        """Return what once failed a check, by subject.

        What fails in the data counts whether or not it is still declared. What the
        authority of a question, a role, withdrew is left out, unless it failed again.
        """
        withdrawn = {
            one.subject: one.on
            for one in sorted(self.scope.withdrawn, key=lambda one: one.on)
            if one.check == check and one.by == authority and one.on <= self.as_of
        }
        once = self.failures.findings if self.failures else ()
        now = self.data.findings if self.data else ()
        return {
            one.subject: one
            for one in (*once, *now)
            if one.check == check
            and one.outcome == "contradicts"
            and withdrawn.get(one.subject, dt.date.min) < one.measured_on <= self.as_of
        }

    @property
    def measured(
        self,
    ) -> dict[Id, DataEvidence | MachineEvidence | RouteEvidence | AccountEvidence]:
        """Return the evidence that counts, by file name, that of the data first."""
        told = {"data": self.data, "route": self.route, "accounts": self.accounts}
        own = {name: one for name, one in told.items() if one}
        return own | dict(sorted(self.probes.items()))

    @property
    def vouched_for(self) -> tuple[Id, ...]:
        """Return the evidence that a signer of another team signed, by file name."""
        team = self.scope.team.casefold()
        return tuple(
            name
            for name in self.measured
            if (one := self.signatures.get(name))
            and one.role
            and one.team
            and one.team.casefold() != team
        )

    @cached_property
    def needed_tables(self) -> dict[str, tuple[str, ...]]:
        """Return each table that the use case needs, with its needed fields."""
        tables: dict[str, tuple[str, ...]] = {}
        for field in self.needed_fields:
            table = self.data_model.split(field)[0]
            tables[table] = (*tables.get(table, ()), field)
        return tables

    @property
    def data_assets(self) -> tuple[Asset, ...]:
        """Return the assets that are data: by their kind, or by what they cover.

        What covers a table is data, whatever it is called; only a model is none.
        """
        tables = {table.name for table in self.data_model.tables}

        def is_data(asset: Asset) -> bool:
            covered = {self.data_model.split(name)[0] for name in asset.covers}
            return asset.kind in {"table", "category"} or (
                asset.kind != "model" and bool(covered & tables)
            )

        return tuple(filter(is_data, self.stakeholders.assets))
