"""What each check must cover: tables, columns, keys, joins, fields or resources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from readybook.model.case import Assessment
from readybook.model.contract import Column, Table
from readybook.model.resources import Resource, ResourceNeeds

__all__ = [
    "DATA_CHECKS",
    "Needed",
    "each_account",
    "each_endpoint",
    "each_matrix",
    "each_needed",
    "each_permission",
    "each_same",
    "each_table",
    "each_term",
    "needs_permission",
    "needs_threads",
    "resources_of",
    "resources_with",
    "subjects_of",
    "the_route",
]


@dataclass(frozen=True)
class Needed:
    """What the use case needs, each as "table.field"."""

    fields: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()  #: live values should be like training ones

    @classmethod
    def of(cls, assessment: Assessment) -> Needed:
        """Return what an assessment needs."""
        fields = assessment.needed_fields
        uses: dict[str, set[str]] = {}
        for need in assessment.scope.needs:
            uses.setdefault(need.field or "", set()).add(need.use)
        # A field that is needed only to find rows is not what a model learns from.
        to_find = {name for name, use in uses.items() if use <= {"key", "time"}}
        return cls(frozenset(fields), frozenset(fields) - to_find)


# --- of a table --------------------------------------------------------------------


def _columns(
    table: Table, fits: Callable[[Column], object], among: frozenset[str] | None = None
) -> tuple[str, ...]:
    """Return "table.column" of the columns that fit, of needed ones if asked for."""
    names = (f"{table.name}.{one.name}" for one in table.columns if fits(one))
    return tuple(name for name in names if among is None or name in among)


def _compared(table: Table, needed: Needed) -> tuple[str, ...]:
    if table.train is None or table.live is None:
        return ()
    return _columns(table, table.is_compared, needed.compared)


def _has_range(column: Column) -> bool:
    ends = (column.minimum, column.maximum, column.above, column.below)
    return any(end is not None for end in ends)


#: What is measured of one table, given the needed fields; in the order of findings.
_OF_TABLE: dict[str, Callable[[Table, Needed], tuple[str, ...]]] = {
    "source-opened": lambda table, _: (table.name,),
    "types-match": lambda table, _: _columns(table, lambda one: one.type),
    "categories-populated": lambda table, _: _columns(
        table, lambda one: one.categories
    ),
    "values-declared": lambda table, _: _columns(table, lambda one: one.categories),
    "values-in-range": lambda table, _: _columns(table, _has_range),
    "sentinels-absent": lambda table, needed: _columns(
        table, lambda _: True, needed.fields
    ),
    "nulls-tolerated": lambda table, needed: _columns(
        table, lambda _: True, needed.fields
    ),
    "label-filled": lambda table, _: _columns(table, lambda one: one.is_label),
    "label-delay": lambda table, _: _columns(table, lambda one: one.is_label),
    "history-span": lambda table, _: (
        (table.name,) if table.event_time and table.history_needed else ()
    ),
    "history-gaps": lambda table, _: (
        (table.name,) if table.event_time and table.grain else ()
    ),
    "arrivals-regular": lambda table, _: (
        (table.name,) if table.event_time and table.grain else ()
    ),
    "data-fresh": lambda table, _: (
        (table.name,) if table.event_time and table.latency else ()
    ),
    "keys-unique": lambda table, _: tuple(
        f"{table.name}.{'+'.join(key)}" for key in table.keys
    ),
    "joins-match": lambda table, _: tuple(join.subject for join in table.relationships),
    "schema-same": lambda table, _: (table.name,) if table.train and table.live else (),
    "live-like-training": _compared,
    "steps-declared": lambda table, _: (table.name,) if table.event_time else (),
}

#: The checks that need the data, in the order in which findings are kept.
DATA_CHECKS = (
    "source-opened",
    "fields-present",
    *(check for check in _OF_TABLE if check != "source-opened"),
)


def subjects_of(check: str, table: Table, needed: Needed) -> tuple[str, ...]:
    """Return what a check measures of one table.

    Args:
        check: the id of a check of `DATA_CHECKS`, but for needed fields, which may be
            of no table.
        table: a declared table.
        needed: what the use case needs.
    """
    return _OF_TABLE[check](table, needed)


def each_table(check: str) -> Callable[[Assessment], tuple[str, ...]]:
    """Return what finds a check's subjects in all declared tables."""

    def subjects(assessment: Assessment) -> tuple[str, ...]:
        needed = Needed.of(assessment)
        model = assessment.data_model
        return tuple(
            subject
            for table in (model.tables if model else ())
            for subject in subjects_of(check, table, needed)
        )

    return subjects


# --- of an assessment --------------------------------------------------------------


def each_needed(assessment: Assessment) -> tuple[str, ...]:
    """Return needed fields, and needs without a field, which nothing can measure."""
    open_needs = [f"need {n.id}" for n in assessment.scope.needs if n.field is None]
    return (*assessment.needed_fields, *open_needs)


def each_term(assessment: Assessment) -> tuple[str, ...]:
    """Return the tables whose supply or licence has a declared last day."""
    model = assessment.data_model
    return tuple(
        table.name for table in (model.tables if model else ()) if table.expires
    )


# --- of resources ------------------------------------------------------------------


def resources_of(assessment: Assessment) -> tuple[Resource, ...]:
    """Return the declared resources, none where nothing is declared."""
    return assessment.resources.resources if assessment.resources else ()


def needs_permission(resource: Resource) -> bool:
    """Return whether somebody must permit a resource, as far as it is declared."""
    dates = (resource.asked_on, resource.granted_on, resource.refused_on)
    return resource.grants is not None or any(dates)


def needs_threads(needs: ResourceNeeds) -> bool:
    """Return whether the threads of the numerical library stand in for a needed rate.

    A need of more than one CPU is not met by a library that uses only one.
    """
    return needs.matrix_gflops is None and (needs.cpus or 0) > 1


def resources_with(need: str) -> Callable[[Assessment], tuple[str, ...]]:
    """Return what finds the resources that declare a need; an empty list is none."""

    def declares(resource: Resource) -> bool:
        value = getattr(resource.needs, need, None)
        return value is not None and value is not False and value != ()

    return _each(declares)


def _each(
    fits: Callable[[Resource], bool],
) -> Callable[[Assessment], tuple[str, ...]]:
    def subjects(assessment: Assessment) -> tuple[str, ...]:
        return tuple(row.id for row in resources_of(assessment) if fits(row))

    return subjects


#: The resources with a declared account, that equal another, that must be permitted,
#: that multiply matrices.
each_account = _each(lambda row: row.account is not None)
each_same = _each(lambda row: row.same_as is not None)
each_permission = _each(needs_permission)
each_matrix = _each(
    lambda row: (
        row.needs is not None
        and (row.needs.matrix_gflops is not None or needs_threads(row.needs))
    )
)


def each_endpoint(assessment: Assessment) -> tuple[str, ...]:
    """Return "resource host:port" of every endpoint that a resource needs, once."""
    names = (
        f"{row.id} {end.host}:{end.port}"
        for row in resources_of(assessment)
        for end in (row.needs.endpoints if row.needs else ())
    )
    return tuple(dict.fromkeys(names))


def the_route(assessment: Assessment) -> tuple[str, ...]:
    """Return "route" where a route to production is declared."""
    declared = assessment.resources and assessment.resources.route
    return ("route",) if declared else ()
