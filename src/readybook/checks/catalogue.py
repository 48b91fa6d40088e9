"""The checks that a question may name, what each must cover, and their findings; pure.

checks.yaml lists them. A check passes for a question when every subject that it covers
was measured and passed.
`measure` and the modules beside this one do the work.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, get_args

from pydantic import BaseModel

from readybook.checks.sign_offs import SignOffs, subject_of
from readybook.model.case import Assessment, Resource, ResourceNeeds
from readybook.model.contract import Column, Table
from readybook.model.errors import InvalidInputError
from readybook.model.findings import NOTHING, Finding, Outcome, Series
from readybook.text.yaml import parse_yaml

_FILE = "checks.yaml"

#: What a check reads: the data itself, data.odcs.yaml, resources.yaml beside what was
#: measured of it, stakeholders.yaml.
Source = Literal["data", "contract", "resources", "register"]
Keys = Sequence[str]  #: the argument of a row's `covers`


# --- what a check covers ----------------------------------------------------------


@dataclass(frozen=True)
class Needed:
    """What the use case needs, each as "table.field"."""

    fields: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()  #: live values should be like training ones
    #: Tables without a needed field that hold live rows: samples, and no history.
    live: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()  #: those with a needed field

    @classmethod
    def of(cls, assessment: Assessment) -> Needed:
        """Return what an assessment needs."""
        fields = assessment.needed_fields
        uses: dict[str, set[str]] = {}
        for need in assessment.scope.needs:
            uses.setdefault(need.field or "", set()).add(need.use)
        # A field that is needed only to find rows is not what a model learns from.
        to_find = {name for name, use in uses.items() if use <= {"key", "time"}}
        chosen = [table.live for table in assessment.data_model.tables]
        live = {one.table for one in chosen if one and one.table}
        live -= {*assessment.needed_tables}
        return cls(
            frozenset(fields),
            frozenset(fields) - to_find,
            frozenset(filter(None, live)),
            frozenset(assessment.needed_tables),
        )


def _declares(part: object, key: str) -> bool:
    """Return whether a declared part says something under "key" or "key.key".

    An empty list says nothing, nor does `false`; 0 does.
    """
    for name in key.split("."):
        part = getattr(part, name, None)
    return part is not None and part is not False and part != ()


# --- of a table --------------------------------------------------------------------


def _columns(
    table: Table, fits: Callable[[Column], bool], among: frozenset[str] | None = None
) -> tuple[str, ...]:
    """Return "table.column" of the columns that fit, of needed ones if asked for."""
    names = (f"{table.name}.{one.name}" for one in table.columns if fits(one))
    return tuple(name for name in names if among is None or name in among)


def _with(table: Table, keys: Keys) -> tuple[str, ...]:
    """Return a table that declares all of these keys, by its name."""
    return (table.name,) if all(_declares(table, key) for key in keys) else ()


#: What a check covers of one table, by the names that checks.yaml may use.
IN_TABLES: dict[str, Callable[[Table, Needed, Keys], tuple[str, ...]]] = {
    "tables_with": lambda table, needed, keys: (
        () if "event_time" in keys and table.name in needed.live else _with(table, keys)
    ),
    "needed_tables_with": lambda table, needed, keys: (
        _with(table, keys) if table.name in needed.tables else ()
    ),
    "columns_with": lambda table, _, keys: _columns(
        table, lambda column: any(_declares(column, key) for key in keys)
    ),
    "needed_columns": lambda table, needed, _: _columns(
        table, lambda _: True, needed.fields
    ),
    "compared_columns": lambda table, needed, _: (
        _columns(table, table.is_compared, needed.compared)
        if table.train is not None and table.live is not None
        else ()
    ),
    "each_key": lambda table, _needed, _keys: tuple(
        f"{table.name}.{'+'.join(key)}" for key in table.keys
    ),
    "each_join": lambda table, _needed, _keys: tuple(
        join.subject for join in table.relationships
    ),
}


# --- of resources ------------------------------------------------------------------


def needs_permission(resource: Resource) -> bool:
    """Return whether somebody must permit a resource, as far as it is declared."""
    dates = (resource.asked_on, resource.granted_on, resource.refused_on)
    return resource.grants is not None or any(dates)


def needs_threads(needs: ResourceNeeds) -> bool:
    """Return whether the threads of the numerical library stand in for a needed rate.

    A need of more than one CPU is not met by a library that uses only one.
    """
    return needs.matrix_gflops is None and (needs.cpus or 0) > 1


def _resources(
    assessment: Assessment, fits: Callable[[Resource], bool]
) -> tuple[str, ...]:
    return tuple(row.id for row in assessment.resources.resources if fits(row))


def _is_silent(row: Resource) -> bool:
    """Return whether nobody said what a machine must give: it may be anything.

    Were it left out, whoever declares a need that is not met would stand worse.
    """
    return row.kind == "compute" and row.needs is None


def _multiplies(row: Resource) -> bool:
    needs = row.needs
    if needs is None:
        return _is_silent(row)
    return needs.matrix_gflops is not None or needs_threads(needs)


def _endpoints(assessment: Assessment) -> tuple[str, ...]:
    """Return "resource host:port" of every endpoint that a resource needs, once."""
    names = (
        f"{row.id} {end.host}:{end.port}"
        for row in assessment.resources.resources
        for end in (row.needs.endpoints if row.needs else ())
    )
    return (*dict.fromkeys(names), *_resources(assessment, _is_silent))


# --- of needs and the register -----------------------------------------------------


def _open_needs(assessment: Assessment) -> tuple[str, ...]:
    """Return the needs without a field: nothing can be found of them."""
    return tuple(f"need {n.id}" for n in assessment.scope.needs if n.field is None)


def _open_ends(assessment: Assessment) -> tuple[str, ...]:
    """Return needed tables that no asset stands for, and needs without a field.

    Nothing can be found of them, so that no check of the declared assets passes while
    the register leaves out something that is needed.
    """
    owned, standing = assessment.data_assets, assessment.stakeholders.standing_for
    tables = [
        f"table {name}"
        for name, fields in assessment.needed_tables.items()
        if not all(any(one in owned for one in standing(field)) for field in fields)
    ]
    return (*tables, *_open_needs(assessment))


def _data_owners(assessment: Assessment) -> tuple[str, ...]:
    """Return the roles accountable for data; assets without one, and open ends."""
    owned = assessment.data_assets
    roles = dict.fromkeys(role for asset in owned for role in asset.accountable)
    nobody = (asset.id for asset in owned if not asset.accountable)
    return (*roles, *nobody, *_open_ends(assessment))


def _wanted(assessment: Assessment) -> tuple[str, ...]:
    """Return "role/table.field" of every agreement that is wanted.

    A category list that no asset stands for is named without a role: nobody knows who
    has to agree to it.
    """
    sign_offs = SignOffs(assessment)
    named = {covers for _, covers in sign_offs.wanted}
    nobody = [one for one in sign_offs.category_lists if one not in named]
    return (*(subject_of(*pair) for pair in sign_offs.wanted), *nobody)


def _inputs(assessment: Assessment) -> tuple[str, ...]:
    """Return the needed fields that a model learns from or is given, in their order."""
    uses: dict[str | None, set[str]] = {}
    for need in assessment.scope.needs:
        uses.setdefault(need.field, set()).add(need.use)
    others = {"key", "time", "label"}
    return tuple(
        field
        for field in assessment.needed_fields
        if field not in uses or not uses[field] <= others
    )


#: What "every" means in the questions that name a check, by the names that checks.yaml
#: may use and readers are told.
WHOLES: dict[str, Callable[[Assessment], Iterable[str]]] = {
    "needed fields": lambda case: case.needed_fields,
    "input fields": _inputs,
    "outcomes": lambda case: [
        need.field for need in case.scope.needs if need.use == "label" and need.field
    ],
    "needed tables": lambda case: case.needed_tables,
    "input tables": lambda case: dict.fromkeys(
        case.data_model.split(field)[0] for field in _inputs(case)
    ),
    "machines": lambda case: _resources(case, lambda row: row.kind == "compute"),
}

#: What a check covers besides tables, by the names that checks.yaml may use.
IN_ASSESSMENT: dict[str, Callable[[Assessment, Keys], Iterable[str]]] = {
    "resources_with": lambda case, keys: _resources(
        case,
        lambda row: (
            all(_declares(row, key) for key in keys)
            or (keys[0].startswith("needs.") and _is_silent(row))
        ),
    ),
    "each_matrix": lambda case, _: _resources(case, _multiplies),
    "each_permission": lambda case, _: _resources(case, lambda _: True),
    "each_endpoint": lambda case, _: _endpoints(case),
    "the_route": lambda case, _: ("route",) if case.resources.route else (),
    "each_needed": lambda case, _: (*case.needed_fields, *_open_needs(case)),
    "each_needed_table": lambda case, _: (
        *(f"table {name}" for name in case.needed_tables),
        *_open_needs(case),
    ),
    "each_data_asset": lambda case, _: (
        *(asset.id for asset in case.data_assets),
        *_open_ends(case),
    ),
    "each_data_owner": lambda case, _: _data_owners(case),
    "each_model_asset": lambda case, _: (
        asset.id for asset in case.stakeholders.assets if asset.kind == "model"
    ),
    # Roles that grant resources, and resources of which none is named.
    "each_granter": lambda case, _: (
        *case.resources.granted_by,
        *_resources(case, lambda row: row.grants is None),
    ),
    # Those that hold: who agreed to what was changed since is no worse than who never did.
    "each_sign_off": lambda case, _: (
        subject_of(one.entry.role, one.entry.covers)
        for one in SignOffs(case).signed
        if one.state == "agreed"
    ),
    "each_wanted": lambda case, _: _wanted(case),
}


# --- checks -----------------------------------------------------------------------


@dataclass(frozen=True)
class Check:
    """One check: its meaning for readers and the subjects that it must cover."""

    id: str
    title: str
    reads: Source
    looks_at: str  #: how it is computed, one sentence
    threshold: str  #: what passes, in words, and who declares it
    covers: str  #: a name of `IN_TABLES` or `IN_ASSESSMENT`
    keys: tuple[str, ...] = ()  #: the argument that it takes
    whole: str | None = None  #: a name of `WHOLES`: all that it should look at
    unit: str | None = None  #: of value and threshold; None: the value is a word
    at_least: bool = False  #: a number passes from the threshold on, else up to it
    #: The team says what it tolerates; or does so where its table declares one of these.
    limit: bool | tuple[str, ...] = False
    shelf_life_days: int = 180
    mend: str = "End this, and have it checked again"  #: what ends that it failed

    def subjects(self, assessment: Assessment) -> tuple[str, ...]:
        """Return all that must be measured and pass.

        What is needed and not declared so that it can be looked at is among it, unless
        somebody declared that the check is not needed there.
        """
        covered, uncovered = self.parts(assessment)
        return covered if self.id in assessment.not_needed else (*covered, *uncovered)

    def parts(self, assessment: Assessment) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what can be looked at; what is needed and not declared so that it can."""
        covered = self.covered(assessment)
        if self.whole is None:
            return covered, ()
        tables = map(assessment.data_model.table_of, covered)
        seen = {*covered, *(table.name for table in tables if table)}
        whole = WHOLES[self.whole](assessment)
        return covered, tuple(one for one in whole if one not in seen)

    def uncovered(self, assessment: Assessment) -> tuple[str, ...]:
        """Return what is needed and not declared so that it can be looked at."""
        return self.parts(assessment)[1]

    def covered(self, assessment: Assessment) -> tuple[str, ...]:
        """Return what is declared so that it can be looked at."""
        if self.covers in IN_ASSESSMENT:
            return tuple(IN_ASSESSMENT[self.covers](assessment, self.keys))
        needed = Needed.of(assessment)
        return tuple(
            subject
            for table in assessment.data_model.tables
            for subject in self.subjects_in(table, needed)
        )

    def is_limit(self, table: Table | None) -> bool:
        """Return whether what passes is the word of the team that declared a table."""
        if isinstance(self.limit, bool):
            return self.limit
        return any(_declares(table, key) for key in self.limit)

    @property
    def declared(self) -> str:
        """Return what another role may have to agree to before a pass counts in full."""
        if self.limit is True:
            return "limit"
        return "limit or sample" if self.limit else "sample"

    def rests_on(self, table: Table, subject: str) -> set[str]:
        """Return the names of the tables that a finding about one of them rests on."""
        names: set[str | None] = {table.name}
        if self.covers == "compared_columns" or "live" in self.keys:
            names |= {one.table for one in (table.train, table.live) if one}
        joins = (one for one in table.relationships if one.subject == subject)
        names |= {one.to_table for one in joins if self.covers == "each_join"}
        return {name for name in names if name}

    def subjects_in(self, table: Table, needed: Needed) -> tuple[str, ...]:
        """Return what is measured of one table; of other subjects, nothing."""
        cover = IN_TABLES.get(self.covers)
        return cover(table, needed, self.keys) if cover else ()


def _checks() -> Iterator[Check]:
    plain = parse_yaml(pkgutil.get_data(__package__, _FILE) or b"", name=_FILE)
    if plain.problems:
        raise InvalidInputError(plain.problems)
    data: Any = plain.data
    yield from (_check(row, kind) for kind in get_args(Source) for row in data[kind])


def _check(row: Mapping[str, Any], reads: Source) -> Check:
    covers: Any = row["covers"]
    [(name, keys)] = (covers if isinstance(covers, Mapping) else {covers: ()}).items()
    keys = (keys,) if isinstance(keys, str) else keys
    limit = row.get("limit", False)
    limit = limit if isinstance(limit, bool) else tuple(limit)
    told = {"reads": reads, "covers": name, "keys": keys, "limit": limit}
    return Check(**{**row, **told})


#: By id, in the order of the file.
CHECKS: Mapping[str, Check] = {check.id: check for check in _checks()}


def checks_of(source: Source) -> tuple[Check, ...]:
    """Return the checks that read one source, in the order in which findings are kept."""
    return tuple(check for check in CHECKS.values() if check.reads == source)


# --- findings ----------------------------------------------------------------------

#: An outcome in words; or whether it is as needed, None where that is not known.
Judged = Outcome | bool | None

_OUTCOMES: dict[bool | None, Outcome] = {
    True: "supports",
    False: "contradicts",
    None: "not measured",
}


class Told(NamedTuple):
    """What a check says about one subject, before it is dated."""

    check: str  #: its id
    subject: str  #: as the check covers it
    outcome: Judged
    message: str  #: one sentence for a director
    source: str | None = None  #: who says so, file and key
    value: float | str | None = None  #: what was measured
    threshold: float | str | None = None  #: what was needed
    #: None: that of the check, where there is a value; "": none.
    unit: str | None = None
    on: dt.date | None = None  #: when it was so, if it says so itself

    def finding(
        self, day: dt.date, fingerprint: str = NOTHING, series: Sequence[Series] = ()
    ) -> Finding:
        """Return the finding of a day, unless it is dated itself.

        It carries the fingerprint of what was measured; by default, nothing was.

        Raises:
            KeyError: checks.yaml has no such check.
        """
        usual, unit = CHECKS[self.check].unit, self.unit
        if unit is None and (self.value is not None or self.threshold is not None):
            unit = usual
        judged = self.outcome
        return Finding(
            check=self.check,
            subject=self.subject,
            outcome=judged if isinstance(judged, str) else _OUTCOMES[judged],
            message=self.message,
            value=self.value,
            unit=unit or None,
            threshold=self.threshold,
            threshold_source=self.source,
            measured_on=self.on or day,
            fingerprint=fingerprint,
            series=tuple(series),
        )


def not_measured(
    check: str, subject: str, why: str, *, measured_on: dt.date
) -> Finding:
    """Return that a subject could not be measured; `why` follows a colon, no full stop."""
    message = f"{subject} was not measured: {why}."
    return Told(check, subject, None, message).finding(measured_on)


def fingerprint_of(*parts: BaseModel | None) -> str:
    """Return one fingerprint of the content of models, in order; NOTHING without any.

    In which order a model has its fields, and which of them nobody filled, is no content.
    """
    told = [one.model_dump(mode="json", exclude_defaults=True) for one in parts if one]
    content = json.dumps(told, sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}" if told else NOTHING
