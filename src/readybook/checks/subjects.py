"""What each check must cover: tables, columns, keys, joins, fields or resources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from readybook.model.case import Assessment
from readybook.model.contract import Column, Table
from readybook.model.resources import Resource, ResourceNeeds

__all__ = [
    "IN_TABLES",
    "OF_RESOURCES",
    "Needed",
    "each_needed",
    "needs_permission",
    "needs_threads",
    "subjects_in_tables",
    "the_route",
]

Keys = Sequence[str]  #: the argument of a row's `covers`


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


def _compared(table: Table, needed: Needed, _: Keys) -> tuple[str, ...]:
    if table.train is None or table.live is None:
        return ()
    return _columns(table, table.is_compared, needed.compared)


#: What a check covers of one table, by the names that checks.yaml may use.
IN_TABLES: dict[str, Callable[[Table, Needed, Keys], tuple[str, ...]]] = {
    "tables_with": lambda table, _, keys: (
        (table.name,) if all(_declares(table, key) for key in keys) else ()
    ),
    "columns_with": lambda table, _, keys: _columns(
        table, lambda column: any(_declares(column, key) for key in keys)
    ),
    "needed_columns": lambda table, needed, _: _columns(
        table, lambda _: True, needed.fields
    ),
    "compared_columns": _compared,
    "each_key": lambda table, _needed, _keys: tuple(
        f"{table.name}.{'+'.join(key)}" for key in table.keys
    ),
    "each_join": lambda table, _needed, _keys: tuple(
        join.subject for join in table.relationships
    ),
}


def subjects_in_tables(
    name: str, keys: Keys, assessment: Assessment
) -> tuple[str, ...]:
    """Return what a name of `IN_TABLES` stands for in all declared tables."""
    needed = Needed.of(assessment)
    return tuple(
        subject
        for table in assessment.data_model.tables
        for subject in IN_TABLES[name](table, needed, keys)
    )


# --- of an assessment --------------------------------------------------------------


def each_needed(assessment: Assessment) -> tuple[str, ...]:
    """Return needed fields, and needs without a field, which nothing can measure."""
    open_needs = [f"need {n.id}" for n in assessment.scope.needs if n.field is None]
    return (*assessment.needed_fields, *open_needs)


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


def _multiplies(resource: Resource) -> bool:
    needs = resource.needs
    return needs is not None and (
        needs.matrix_gflops is not None or needs_threads(needs)
    )


def _each_endpoint(resources: Sequence[Resource]) -> tuple[str, ...]:
    """Return "resource host:port" of every endpoint that a resource needs, once."""
    names = (
        f"{row.id} {end.host}:{end.port}"
        for row in resources
        for end in (row.needs.endpoints if row.needs else ())
    )
    return tuple(dict.fromkeys(names))


#: What a check covers of the declared resources, by the names of checks.yaml.
OF_RESOURCES: dict[str, Callable[[Sequence[Resource], Keys], tuple[str, ...]]] = {
    "resources_with": lambda resources, keys: tuple(
        row.id for row in resources if all(_declares(row, key) for key in keys)
    ),
    "each_matrix": lambda resources, _: tuple(
        row.id for row in resources if _multiplies(row)
    ),
    "each_permission": lambda resources, _: tuple(
        row.id for row in resources if needs_permission(row)
    ),
    "each_endpoint": lambda resources, _: _each_endpoint(resources),
}


def the_route(assessment: Assessment) -> tuple[str, ...]:
    """Return "route" where a route to production is declared."""
    return ("route",) if assessment.resources.route else ()
