"""Who agreed to which part of the data model, and whether that still holds; pure.

What a sign-off covers has one form, so that a part of an agreement can be compared with
the same part of the model of today:

    {"tables": {TABLE: {..., "columns": {COLUMN: {..., "categories": {VALUE: {...}}}}}}}

Where the data lies and how it is opened is no part of it: nobody agrees to that. Keys
that have their default are left out, so that a later version of readybook which knows
more keys finds the same fingerprint.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, Literal

from pydantic import BaseModel

from readybook.model.case import Agreement, Assessment, SignOff
from readybook.model.contract import (
    Category,
    Column,
    DataModel,
    Relationship,
    Table,
    split_name,
)

MODEL = "model"  #: what a sign-off of the whole data model covers
_DIGITS = 16  #: of the fingerprint, in the name of the file
_TOLERATED = "orphans_tolerated"
_JOIN = set(Relationship.model_fields) - {_TOLERATED}  #: what its name says already
#: Of a table: what nobody agrees to, and the lists that have a form of their own.
_LEFT_OUT = {
    "name", "location", "declared", "rules_not_run", "columns", "keys", "relationships"
}  # fmt: skip

Content = Mapping[str, Any]


# --- from the data model to an agreement -------------------------------------------


def known_covers(model: DataModel) -> tuple[str, ...]:
    """Return all that can be agreed to: "model", each table, each category list."""
    tables = [table.name for table in model.tables]
    return (MODEL, *tables, *category_lists(model))


def category_lists(model: DataModel) -> tuple[str, ...]:
    """Return "table.field" of every column that declares categories, in order."""
    return tuple(
        f"{table.name}.{column.name}"
        for table in model.tables
        for column in table.columns
        if column.categories
    )


def agreement_on(model: DataModel, covers: str) -> Agreement | None:
    """Return what a sign-off would cover today; None where the model lacks it."""
    return _agreement(content_of(model), covers)


def _agreement(content: Content, covers: str) -> Agreement | None:
    part = part_of(content, covers)
    if part is None:
        return None
    return Agreement(format=1, covers=covers, content=part)


def part_of(content: Content, covers: str) -> dict[str, Any] | None:
    """Return the part of a content that a table or category list is; None: not there.

    It covers the "model", a table, or the categories of "table.field".
    """
    tables = content.get("tables", {})
    if covers == MODEL:
        return dict(content)
    if covers in tables:
        return {"tables": {covers: tables[covers]}}
    for name, table in tables.items():
        column = covers.removeprefix(f"{name}.")
        declared = table.get("columns", {}).get(column, {})
        if column != covers and "categories" in declared:
            only = {"categories": declared["categories"]}
            return {"tables": {name: {"columns": {column: only}}}}
    return None


def canonical(agreement: Agreement) -> str:
    """Return an agreement as JSON: the same content gives the same text."""
    said = agreement.model_dump(mode="json", exclude_defaults=True)
    return _indented(json.dumps(said))


@lru_cache(maxsize=16)  # a third of the time that scoring a case again takes
def _indented(text: str) -> str:
    content = json.loads(text)
    return json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def fingerprint_of(agreement: Agreement) -> str:
    """Return the SHA-256 of the canonical JSON, as sign-offs keep it."""
    return f"sha256:{hashlib.sha256(canonical(agreement).encode()).hexdigest()}"


def stem_of(fingerprint: str) -> str:
    """Return the name of the file that stores an agreement, without its ending."""
    return fingerprint.removeprefix("sha256:")[:_DIGITS]


def content_of(model: DataModel) -> dict[str, Any]:
    """Return the data model as it can be agreed to, in the form of this module."""
    return {
        "tables": {
            table.name: {
                **_plain(table, _LEFT_OUT),
                "columns": {column.name: _column(column) for column in table.columns},
                "keys": {"+".join(key): {} for key in table.keys},
                "relationships": {
                    join.subject: _plain(join, _JOIN) for join in table.relationships
                },
            }
            for table in model.tables
        }
    }


def _column(column: Column) -> dict[str, Any]:
    content = _plain(column, {"name", "categories"})
    if column.categories:
        content["categories"] = {
            one.value: _plain(one, {"value"}) for one in column.categories
        }
    return content


def _plain(part: BaseModel, left_out: set[str]) -> dict[str, Any]:
    return part.model_dump(mode="json", exclude=left_out, exclude_defaults=True)


# --- what changed ------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One thing that is no longer as it was agreed."""

    where: str  #: "flights", "flights.origin", or "the data model"
    what: str  #: "category SWF", "history needed"
    before: str | None  #: None: it was not there
    after: str | None  #: None: it is no longer there

    @property
    def words(self) -> str:
        """Return it in words, without a full stop."""
        if self.before is None:
            detail = f" ({self.after})" if self.after else ""
            return f"{self.where}: {self.what} was added{detail}"
        if self.after is None:
            return f"{self.where}: {self.what} was removed"
        return f"{self.where}: {self.what} is now {self.after}, was {self.before}"


#: Lists of named parts: how one of them is called, and the model that has its defaults.
_PARTS: dict[str, tuple[str, type[BaseModel]]] = {
    "tables": ("table", Table),
    "columns": ("column", Column),
    "categories": ("category", Category),
    "keys": ("key", Table),
    "relationships": ("join", Relationship),
}
_WORDS = {
    "required": "must be filled",
    "needed": "needed by this use case",
    "is_label": "is the label",
    "above": "exclusive minimum",
    "below": "exclusive maximum",
    "calendar": "days on which rows are expected",
    "gaps_tolerated": "periods without a row that are tolerated",
    "min_rows": "rows promised",
    "sample": "what it is a sample of",
    "of_file": "what it holds of its file",
    _TOLERATED: "share of rows without a partner that is tolerated",
}


def differences(before: Content, after: Content) -> tuple[Difference, ...]:
    """Return what changed between two contents, field by field, in sorted order.

    A part that is new or gone is one difference; one that is in both is compared field
    by field. The order of tables, columns and categories does not matter. What is after
    is the same part of the model of today, {} where it is gone.
    """
    return tuple(_compared(before, after, "", DataModel))


def _compared(
    before: Content, after: Content, place: str, model: type[BaseModel]
) -> Iterator[Difference]:
    where = place or "the data model"
    for key in sorted(before.keys() | after.keys()):
        if key in _PARTS:
            yield from _parts(key, before.get(key, {}), after.get(key, {}), place)
            continue
        default = _default(model, key)
        old, new = before.get(key, default), after.get(key, default)
        if old != new:
            what = _WORDS.get(key, key.replace("_", " "))
            yield Difference(where, what, _shown(old), _shown(new))


def _parts(
    key: str, before: Content, after: Content, place: str
) -> Iterator[Difference]:
    noun, model = _PARTS[key]
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            was, told = (
                None if one is None else str(one.get("label", "")) for one in (old, new)
            )
            yield Difference(place or "the data model", f"{noun} {name}", was, told)
        elif key in {"tables", "columns"}:
            yield from _compared(old, new, f"{place}.{name}".lstrip("."), model)
        else:
            for one in _compared(old, new, place, model):
                yield replace(one, what=f"{one.what} of {noun} {name}")


def _default(model: type[BaseModel], key: str) -> object:
    field = model.model_fields.get(key)
    default = None if field is None else field.get_default()
    return list(default) if isinstance(default, tuple) else default


def _shown(value: object) -> str:
    if value is None or value == []:
        return "not declared"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_shown(item) for item in value)
    if isinstance(value, dict):
        pairs = (f"{key.replace('_', ' ')} {_shown(value[key])}" for key in value)
        return ", ".join(sorted(pairs))
    return str(value)


# --- how each sign-off stands ------------------------------------------------------

#: "not bound": it is not known to which version of the data model.
State = Literal["agreed", "out of date", "missing", "not bound"]
_BEST: tuple[State, ...] = ("agreed", "out of date", "not bound")


@dataclass(frozen=True)
class Signed:
    """One sign-off beside the data model of today."""

    entry: SignOff
    state: State
    changes: tuple[Difference, ...] = ()  #: since; none where nothing was stored
    is_stored: bool = True  #: False: nobody can tell what it covered
    is_gone: bool = False  #: True: the data model has nothing of that name now


@dataclass(frozen=True)
class Cell:
    """How one role stands to one part of the data model."""

    role: str
    covers: str
    state: State
    by: SignOff | None = None  #: the sign-off that says so; None: missing
    changes: tuple[Difference, ...] = ()  #: in this part, since it was agreed


@dataclass(frozen=True)
class SignOffs:
    """The sign-offs of an assessment, as they stood on the as-of date."""

    assessment: Assessment

    @cached_property
    def latest(self) -> tuple[SignOff, ...]:
        """The newest sign-off of each role and part, in the file's order."""
        newest: dict[tuple[str, str], SignOff] = {}
        for entry in self.assessment.stakeholders.sign_offs:
            old = newest.get((entry.role, entry.covers), entry)
            if old.on <= entry.on <= self.assessment.as_of:
                newest[entry.role, entry.covers] = entry
        return tuple(newest.values())

    @cached_property
    def signed(self) -> tuple[Signed, ...]:
        """Each of them, with what changed since."""
        return tuple(self._signed(entry) for entry in self.latest)

    def seconded(self, subject: str, *, but: str) -> bool:
        """Return whether somebody else agreed to the limits on a subject, as they are.

        The subject of a finding on the data begins with its table; the word of the role
        `but` is not enough.
        """
        table = self.assessment.data_model.table_of(subject)
        parts = {MODEL, subject} | ({table.name} if table else set())
        return any(
            one.state == "agreed"
            and self.assessment.is_another(one.entry.role, but)
            and one.entry.covers in parts
            for one in self.signed
        )

    @cached_property
    def roles(self) -> tuple[str, ...]:
        """The roles that have signed something or should sign, in a stable order."""
        signed = [one.role for one in self.latest]
        return tuple(dict.fromkeys([role for role, _ in self.wanted] + signed))

    @cached_property
    def wanted(self) -> tuple[tuple[str, str], ...]:
        """Role and category list of every agreement that the register asks for.

        Whoever is accountable or responsible for an asset that stands for a category
        list, or for its table, says what it is populated with.
        """
        return tuple(
            dict.fromkeys(
                (role, covers)
                for covers in self.category_lists
                for asset in self.assessment.stakeholders.standing_for(covers)
                for role in (*asset.accountable, asset.responsible)
                if role
            )
        )

    @cached_property
    def category_lists(self) -> tuple[str, ...]:
        """The category lists that the data model declares."""
        return category_lists(self.assessment.data_model)

    def cell(self, role: str, covers: str) -> Cell:
        """Return how a role stands to a part: by itself, its table, or all of it.

        A sign-off of more than this part holds for it as long as this part is as it
        was, whatever else changed.
        """
        told = [
            self._through(one, covers) for one in self.signed if one.entry.role == role
        ]
        return min(
            filter(None, told),
            key=lambda c: (_BEST.index(c.state), c.by is None or -c.by.on.toordinal()),
            default=Cell(role, covers, "missing"),
        )

    def is_table(self, covers: str) -> bool:
        """Return whether a part is a table, which may be gone; else it is a list."""
        return not split_name(covers, self._tables)[1]

    def in_words(self, covers: str) -> str:
        """Return what a sign-off covers, in words."""
        if covers == MODEL:
            return "the data model"
        kind = "table" if self.is_table(covers) else "the categories of"
        return f"{kind} {covers}"

    # --- one sign-off --------------------------------------------------------------

    @cached_property
    def _tables(self) -> tuple[str, ...]:
        """The tables of today, and those of all that was agreed to."""
        contents = [one.content for one in self.assessment.agreements.values()]
        return tuple(
            name for one in (self._model, *contents) for name in one.get("tables", {})
        )

    @cached_property
    def _model(self) -> Content:
        """The whole data model of today, of which each agreement is a part."""
        return content_of(self.assessment.data_model)

    def _stored(self, entry: SignOff) -> Agreement | None:
        if entry.fingerprint is None:
            return None
        stored = self.assessment.agreements.get(stem_of(entry.fingerprint))
        return stored if stored and stored.covers == entry.covers else None

    def _signed(self, entry: SignOff) -> Signed:
        now, stored = _agreement(self._model, entry.covers), self._stored(entry)
        state: State = "out of date"
        changes: tuple[Difference, ...] = ()
        if entry.fingerprint is None:
            state = "not bound"
        elif now and fingerprint_of(now) == entry.fingerprint:
            state = "agreed"
        elif stored:
            changes = differences(stored.content, now.content if now else {})
        return Signed(entry, state, changes, stored is not None, now is None)

    def _through(self, whole: Signed, covers: str) -> Cell | None:
        """Return what a sign-off says of a part that it covers; None: nothing."""
        entry = whole.entry
        table, _column = self.assessment.data_model.split(covers)
        if entry.covers not in {covers, table, MODEL}:
            return None
        stored = self._stored(entry)
        if whole.state == "agreed" or stored is None:
            return Cell(entry.role, covers, whole.state, entry)
        then = part_of(stored.content, covers)
        if then is None:
            return None  # the part is newer than the agreement
        changes = differences(then, part_of(self._model, covers) or {})
        state: State = "out of date" if changes else "agreed"
        return Cell(entry.role, covers, state, entry, changes)


def subject_of(role: str, covers: str) -> str:
    """Return the name that findings about an agreement carry."""
    return f"{role}/{covers}"
