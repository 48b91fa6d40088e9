"""The tables of an assessment that are edited in place: where rows stand, what cells take.

One description of each column, read off the model of its rows and the head of the file;
`COLUMNS` has only what neither of them says. The page is sent just this.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Literal, TypeAlias, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from readybook.edit.contract import CONTRACT, Declared
from readybook.model.bank import Document
from readybook.model.case import (
    Actions,
    Changes,
    Decisions,
    Endpoint,
    Resource,
    Resources,
    Scope,
    Stakeholders,
)
from readybook.text.documents import packaged
from readybook.text.refusals import choices, member, members, type_at
from readybook.text.yaml import dotted

Kind = Literal["text", "choice", "number", "date", "flag", "role", "roles", "ids"]
TableName: TypeAlias = Literal["case", "needs", "value", "tables", "columns", "resources", "permissions",
                               "route", "roles", "assets", "sign_offs", "changes",
                               "actions", "decisions", "exceptions",
                               "replies", "not_needed", "withdrawn"]  # fmt: skip
Offered = Literal["", "checks", "columns", "failures", "fields", "parts", "people",
                  "probes", "questions", "resources", "roles", "steps", "tables", "things", "values"]  # fmt: skip

_RANGE = {"low", "likely", "high"}
_KEY_LINE = re.compile(r"#( +)(\w+) +(?:required|optional),? *(.*)")
_MORE_LINE = re.compile(r"# {8,}(\S.*)")


@dataclass(frozen=True)
class _Words:
    """What is said of a column, or of a group of them, where the model cannot say it."""

    label: str = ""  #: "": the key in words
    help: str | None = None  #: None: in the words of the head of the file
    offers: Offered = ""  #: what other parts of the assessment declare for it
    closed: bool = False  #: True: it takes only what is offered
    long: bool = False  #: True: a text of several lines
    instead: str = ""  #: what may stand in place of a list


_ROLE = _Words(offers="roles")
_LONG = _Words(long=True)
_STEPS = _Words(offers="steps", closed=True)

#: By "table.column", or by column where every table says the same.
COLUMNS: dict[str, _Words] = {
    "about": _Words("About the step", offers="steps"),
    "account": _Words("Cloud account"),
    "account.id": _Words("Account number", "reports show its last four characters"),
    "account.profile": _Words("Profile of the credentials"),
    "accountable": _ROLE,
    "action": _Words("What is done", long=True),
    "actions.needs": _Words("Waits for", offers="steps", closed=True),
    "approved_by": _Words("Accepted by", offers="roles"),
    "asked": _Words("What is to be decided", long=True),
    "asked_by": _Words("Asked for by", offers="roles"),
    "asked_of": _Words("Role that decides", offers="roles"),
    "as_of": _Words("Judged at", "a day such as 2026-11-30, or today"),
    "ask": _Words("Role to ask", offers="roles"),
    "budget": _Words("Approved budget"),
    "budget_code": _Words(help="as the role that pays writes it"),
    "because": _LONG,
    "withdrawn.by": _Words("Withdrawn by", offers="roles"),
    "not_needed.approved_by": _Words("Agreed by", offers="roles"),
    "by": _Words("Who declared it", offers="roles"),
    "build_cost": _Words("Cost of building it"),
    "buy_in": _Words("Buy-in"),
    "categories": _Words(offers="values"),
    "buy_in.known_from": _LONG,
    "buy_in.on": _Words("Known on"),
    "changes.date": _Words("From"),
    "check": _Words("Check that failed", offers="checks"),
    "checks": _Words("Checks that then do not apply", offers="checks", closed=True),
    "columns.description": _LONG,
    "columns.label": _Words("Label"),
    "columns.origin": _LONG,
    "columns.name": _Words("Column"),
    "columns.needed": _Words("Needed"),
    "columns.required": _Words("Never missing"),
    "consulted": _ROLE,
    "calendar.closed": _Words("Closed on"),
    "calendar.holidays": _Words("Public holidays of"),
    "calendar.weekdays": _Words("Weekdays with rows", closed=True),
    "above": _Words("Above"),
    "below": _Words("Below"),
    "columns.joins": _Words("Joins to", offers="values"),
    "latency": _Words("Newest event, no older than"),
    "cost": _Words("Cost besides effort"),
    "cost_of_delay_per_week": _Words("Cost of each week of delay"),
    "covers": _Words("Stands for", "tables, table.field or resources", "things"),
    "case.team": _Words("Who puts it into production", "", long=True),
    "case.title": _Words("Use case", long=True),
    "day_rate": _Words("Rate of one person-day"),
    "days_per_week": _Words("Days a week"),
    "decided": _Words("What was decided", long=True),
    "decision": _Words("What is decided with it", long=True),
    "decides": _Words("Questions that it settles", "what it is meant to settle",
                      "questions", closed=True),
    "deployments_per_week": _Words("Deployments a week, claimed", ""),
    "deputies": _Words(offers="people"),
    "effort_days": _Words("Effort, person-days"),
    "event_time": _Words(help="when a row happened", offers="columns"),
    "expires": _Words("Ends on", "a day such as 2027-12-31, or never"),
    "field": _Words(offers="fields"),
    "gain_per_year": _Words("Gain a year"),
    "gate": _Words("Gate", "one that fails", "questions"),
    "gaps_tolerated": _Words("Periods that may be missing"),
    "grain": _Words("Time between two periods"),
    "grants": _Words("Who can say yes", offers="roles"),
    "history_needed": _Words("History needed", "such as P2Y, two years"),
    "held_by": _Words(offers="people", instead="nobody-yet"),
    "id": _Words("Short name", "small letters, digits and hyphens; other parts of the "
                 "assessment name it"),
    "informed": _ROLE,
    "invalid": _Words("How many may be invalid"),
    "label_delay": _Words("Label known after, at most"),
    "label_fill": _Words("Share of rows that must have a label"),
    "label_known": _Words("Column: label known since", offers="columns"),
    "lead_time_days": _Words("Days that it takes, says who grants"),
    "lead_time_weeks": _Words("Lead time, weeks"),
    "log": _Words("Log of deployments", long=True),
    "live": _Words("Live rows"),
    "live.column": _Words("Column", offers="columns"),
    "live.first": _Words("From"),
    "live.last": _Words("To"),
    "live.table": _Words("Table", offers="tables"),
    "live.values": _Words("One of"),
    "leadership": _Words("Only leadership can decide it", ""),
    "maximum": _Words("Largest value"),
    "min_rows": _Words("Rows of each period, at least"),
    "minimum": _Words("Smallest value"),
    "missing": _Words("How many may be missing"),
    "needs": _Words("Needed of the machine"),
    "needs.cpus": _Words("CPUs"),
    "needs.endpoints": _Words("Must be reached", "such as api.example.org:443 tls; tls "
                              "where its handshake must succeed too"),
    "needs.disk_gib": _Words("Free disk, GiB"),
    "needs.gpu_memory_gib": _Words("Memory of each GPU, GiB"),
    "needs.gpus": _Words("GPUs"),
    "needs.matrix_gflops": _Words("Matrix product, GFLOP/s"),
    "needs.memory_gib": _Words("Memory, GiB"),
    "needs.package_index": _Words("A package index must answer",
                                  "packages must be installable from it"),
    "needs.privileges": _Words(help="", closed=True),
    "needs.swap_gib": _Words("Swap, GiB"),
    "needs.write_mib_per_s": _Words("Writing, MiB/s"),
    "no_value": _Words("Means no value", offers="values"),
    "owner": _ROLE,
    "pays": _Words("Who pays", offers="roles"),
    "primary_key": _Words("Primary key"),
    "probe": _Words(help="name of a file in evidence/, written by `readybook probe` on "
                    "that machine", offers="probes"),
    "proof": _LONG,
    "responsible": _ROLE,
    "role": _ROLE,
    "route.lead_time_days": _Words("Days from commit to running, claimed", "median"),
    "run_cost_per_year": _Words("Running cost a year"),
    "segments": _Words("Counted within each", "columns such as site", "columns",
                       closed=True),
    "same_as": _Words("Must equal", offers="resources"),
    "sign_offs.covers": _Words("Part of the data model",
                               "tables, table.field or resources", "parts"),
    "source": _LONG,
    "subject": _Words("What failed it", "as the list of failures names it", "failures"),
    "text": _Words("Reply", long=True),
    "to": _Words("To", offers="questions"),
    "train": _Words("Training rows"),
    "train.column": _Words("Column", offers="columns"),
    "train.first": _Words("From"),
    "train.last": _Words("To"),
    "train.table": _Words("Table", offers="tables"),
    "train.values": _Words("One of"),
    "tables": _Words(offers="tables", closed=True),
    "tables.origin": _LONG,
    "target_date": _Words("In production by"),
    "told_by": _ROLE,
    "waits_for": _STEPS,
    "what": _LONG,
    "workaround_for": _Words(offers="steps"),
    "written_as": _Words("How its texts are written"),
}  # fmt: skip

#: Keys of a resource that tell who permits it; the others tell what it is.
_PERMISSION = {"grants", "pays", "budget_code", "budget", "asked_on", "lead_time_days",
               "lead_time_weeks", "waits_for", "granted_on", "refused_on",
               "expires"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Column(_Words):
    """One column: what its cells take; each field is sent to the page as it is."""

    key: str  #: in the file; `needs.cpus` for a key below another one
    kind: Kind
    required: bool  #: False: a cell may be empty
    group: str  #: the key above it; "" for none
    main: bool  #: True: it stands in the table itself, else folded below the row
    fixed: bool  #: True: it is shown and not changed here
    default: str  #: the word that an empty cell means; "" where it means nothing
    named: bool  #: True: a new row has it from its text; emptied, it would be refused
    choices: tuple[str, ...]  #: of a choice; beside ids, what may stand instead


@dataclass(frozen=True)
class Group:
    """Columns that stand below one key of the file."""

    key: str
    title: str
    range: bool  #: True: from low to high
    needs: tuple[str, ...]  #: columns that it needs once it has one


@dataclass(frozen=True)
class Table:
    """One table: its file, where its rows stand, its words and its columns."""

    name: TableName
    file: str  #: relative to the assessment's folder
    document: type[Document]
    row_keys: tuple[str, ...]  #: columns that name a row; (): the key holds one row
    title: str
    about: str
    noun: str  #: one row of it, such as "need"
    main: tuple[str, ...]  #: columns of the table itself; the first names the row
    fixed: tuple[str, ...] = ()
    grows: bool = True  #: whether rows are added and removed here
    names: str = ""  #: column whose text a new row's id is made from; "": it needs none
    #: of the file, that holds the rows; "": the file itself is the one row, None: as
    #: the table is called
    key: str | None = None
    only: Collection[str] = ()  #: keys of a row that have a column here; (): all
    begin: str = ""  #: where none is added here: how the first row comes about

    @property
    def within(self) -> str:
        """Return the key of the file that holds the rows; "" for the file itself."""
        return self.name if self.key is None else self.key

    @property
    def row(self) -> type[BaseModel]:
        """Return what one row must be."""
        if not self.within:
            return self.document
        kind = self.document.model_fields[self.within]
        rows = get_args(member(kind, tuple)) if self.row_keys else [kind]
        return cast("type[BaseModel]", member(rows[0], BaseModel))

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Return a column for each key of a row, keys of keys included.

        Lists of keys with values have no cell, but for endpoints, which are texts in it;
        they stay as they are in the file.
        """
        found = self._columns(self.row, (), needed=True)
        return tuple(
            one
            for one in found
            if not self.only or one.key.partition(".")[0] in self.only
        )

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Return the keys that hold keys."""
        parts: dict[str, list[str]] = {}
        for column in self.columns:
            if column.group:
                parts.setdefault(column.group, []).append(column.key)
        return tuple(
            Group(
                name,
                self._words(name).label or _in_words(name),
                {key.rpartition(".")[2] for key in keys} == _RANGE,
                tuple(
                    key
                    for key in keys
                    if type_at(self.row, tuple(key.split("."))).is_required()
                ),
            )
            for name, keys in parts.items()
        )

    def _columns(
        self, model: type[BaseModel], path: tuple[str, ...], *, needed: bool
    ) -> Iterator[Column]:
        for name, info in model.model_fields.items():
            inner, below = member(info, BaseModel), (*path, name)
            required = needed and info.is_required()
            items = get_args(member(info, tuple))
            if inner:
                yield from self._columns(inner, below, needed=required)
            elif all(member(item, BaseModel) in {None, Endpoint} for item in items):
                yield self._column(dotted(below), info, required=required)

    def _column(self, key: str, info: FieldInfo, *, required: bool) -> Column:
        words, items = self._words(key), get_args(member(info, tuple))
        kind = _kind(words, info)
        told = info.description or _help_texts(self.file).get(
            f"{self.within}.{key}".lstrip("."), ""
        )
        said = {
            "label": words.label or _in_words(key),
            "help": told.removeprefix("list of ") if words.help is None else words.help,
            "closed": words.closed or kind in {"choice", "role", "roles"},
        }
        return Column(
            **(vars(words) | said),
            key=key,
            kind=kind,
            required=required,
            group=key.rpartition(".")[0],
            main=key in self.main,
            fixed=key in self.fixed,
            default=info.default if isinstance(info.default, str) else "",
            named=bool(self.names) and key == "id",
            choices=(*choices(info), *choices((*items, object)[0])),
        )

    def _words(self, key: str) -> _Words:
        return COLUMNS.get(f"{self.name}.{key}") or COLUMNS.get(key, _Words())


def _in_words(key: str) -> str:
    return key.rpartition(".")[2].replace("_", " ").capitalize()


def _kind(words: _Words, info: FieldInfo) -> Kind:
    kinds = [get_origin(one) or one for one in members(info)]
    is_role = words.offers == "roles"
    if {dt.date, Literal} <= {*kinds}:
        return "text"  # a day, or a word in its place
    found: dict[Any, Kind] = {
        tuple: "roles" if is_role else "ids", bool: "flag", Literal: "choice",
        dt.date: "date", int: "number", float: "number",
    }  # fmt: skip
    named = (kind for one, kind in found.items() if one in kinds)
    return next(named, "role" if is_role else "text")


@cache
def _help_texts(file: str) -> Mapping[str, str]:
    """Return what the head of a file's template says of each key, by dotted key."""
    path = packaged("templates") / "assessment" / file
    found: dict[str, str] = {}
    if not path.is_file():  # a contract, whose rows say it themselves
        return found
    above: list[tuple[int, str]] = []
    key = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if match := _KEY_LINE.match(line):
            indent, name = len(match[1]), match[2]
            above = [*(pair for pair in above if pair[0] < indent), (indent, name)]
            key = ".".join(name for _, name in above)
            found[key] = match[3]
        elif key and (match := _MORE_LINE.match(line)):
            found[key] += f" {match[1]}"
    return found


_BEGIN = (
    "Do: draft the data model, in a terminal: readybook new DIR --data FILES, where DIR "
    "is the folder of this assessment. Then run the cells again."
)
TABLES: dict[TableName, Table] = {
    table.name: table
    for table in (
        Table(
            "case", "assessment.yaml", Scope, (),
            "The case",
            "What is to be put into production, and by when. Phase, track and scope "
            "facts are chosen above the questions.",
            "case", ("title", "decision", "target_date"), grows=False, key="",
            only=("title", "decision", "target_date", "team", "unit", "as_of"),
        ),
        Table(
            "needs", "assessment.yaml", Scope, ("id",),
            "What the use case needs",
            "One row for each thing that the data must hold. Leave the field empty while "
            "nobody knows where it is: that is a finding, not a mistake.",
            "need", ("what", "use", "field", "ask"), names="what",
        ),
        Table(
            "value", "assessment.yaml", Scope, (),
            "What the case is worth",
            "Figures that somebody declares, each from low to high. None is made up "
            "here.",
            "figure", ("currency", "source"), grows=False,
        ),
        Table(
            "tables", CONTRACT, Declared, ("table",),
            "Tables of the data model",
            "What is promised of each table. A draft leaves proposals: press a button "
            "to take one over.",
            "table", ("table", "event_time", "keys", "history_needed"),
            fixed=("table",), grows=False, begin=_BEGIN,
        ),
        Table(
            "columns", CONTRACT, Declared, ("table", "name"),
            "Columns of the data model",
            "What is promised of each column; below More stands what was measured of it.",
            "column", ("name", "type", "categories", "label", "primary_key", "required"),
            fixed=("table", "name"), grows=False, begin=_BEGIN,
        ),
        Table(
            "resources", "resources.yaml", Resources, ("id",),
            "Resources",
            "What must be provisioned, and what is needed of it. Who permits it, and "
            "when, is in the table of permissions.",
            "resource", ("what", "kind", "probe"), names="what", only=Resource.model_fields.keys() - _PERMISSION,
        ),
        Table(
            "permissions", "resources.yaml", Resources, ("id",),
            "Permissions",
            "Who says yes to each resource, who pays, and since when it waits. Resources "
            "are added and removed in their own table.",
            "permission", ("what", "grants", "asked_on", "granted_on", "expires"),
            fixed=("id", "what"), grows=False, key="resources",
            begin="Do: add a resource to the table of resources below.",
            only=_PERMISSION | {"id", "what"},
        ),
        Table(
            "route", "resources.yaml", Resources, (),
            "Route to production",
            "How changes reach production, as it is claimed; a log of deployments in "
            "this folder is measured, and shows it.",
            "route", ("log",), grows=False,
        ),
        Table(
            "roles", "stakeholders.yaml", Stakeholders, ("role",),
            "Roles",
            "Who answers for each role. Name functions, such as data-engineer-weather, "
            "never people. That nobody holds a role yet is a finding.",
            "role", ("role", "held_by", "team", "days_per_week"),
        ),
        Table(
            "assets", "stakeholders.yaml", Stakeholders, ("id",),
            "Assets",
            "Pieces that somebody must own. Exactly one accountable role is wanted.",
            "asset", ("what", "accountable", "responsible", "confirmed_on"),
            names="what",
        ),
        Table(
            "sign_offs", "stakeholders.yaml", Stakeholders, ("role", "covers", "on"),
            "Agreement to the data model",
            "Which role agreed to which part of the data model, and when. What it agreed "
            "to is kept in agreements/.",
            "sign-off", ("role", "covers", "on"),
            fixed=("role", "covers", "on", "fingerprint"), grows=False,
        ),
        Table(
            "changes", "changes.yaml", Changes, ("id",),
            "Changes while the data was collected",
            "Changes of procedure, system, definition or business, from the day on which "
            "they began.",
            "change", ("what", "date", "kind", "tables"), names="what",
        ),
        Table(
            "actions", "actions.yaml", Actions, ("id",),
            "Actions",
            "What is done next, by whom, until when. Without a lead time there is no "
            "date for the case.",
            "action", ("action", "owner", "due", "state"), names="action",
        ),
        Table(
            "decisions", "decisions.yaml", Decisions, ("id",),
            "Decisions",
            "What was put to a role, what it decided, and whether that is done. The next "
            "report tells it.",
            "decision", ("asked", "asked_of", "asked_on", "decided", "due"),
            names="asked",
        ),
        Table(
            "exceptions", "decisions.yaml", Decisions, ("gate", "on"),
            "Exceptions",
            "A gate that fails and is accepted until a date. The verdict stays as it is; "
            "the report says who accepts it, and when that ends.",
            "exception", ("gate", "approved_by", "until", "because"),
        ),
        Table(
            "replies", "decisions.yaml", Decisions, ("role", "to"),
            "Replies",
            "What a role says to a finding that it disputes, once; the report prints it "
            "beside the finding.",
            "reply", ("role", "to", "text", "on"),
        ),
        Table(
            "not_needed", "assessment.yaml", Scope, ("because", "on"),
            "Not needed",
            "What no check has to look at, as the use case does without, and who agreed. "
            "The front page counts it.",
            "declaration", ("checks", "because", "approved_by", "on"),
        ),
        Table(
            "withdrawn", "assessment.yaml", Scope, ("check", "subject"),
            "Withdrawn failures",
            "What failed and is given up: a category that is struck, a wider limit, a "
            "table without which the use case does. Only the authority of its question "
            "can. The front page counts it.",
            "withdrawal", ("check", "subject", "by", "on"),
        ),
    )
}  # fmt: skip
