"""What each check must cover, by the names that checks.yaml may use; pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from readybook.checks.register import (
    data_assets,
    granted_by,
    needed_tables,
    standing_for,
)
from readybook.checks.sign_offs import SignOffs, subject_of
from readybook.model.case import Assessment, Resource, ResourceNeeds
from readybook.model.contract import Column, Table

__all__ = [
    "IN_ASSESSMENT",
    "IN_TABLES",
    "Needed",
    "needs_permission",
    "needs_threads",
    "subjects_of",
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


def _resources(
    assessment: Assessment, fits: Callable[[Resource], bool]
) -> tuple[str, ...]:
    return tuple(row.id for row in assessment.resources.resources if fits(row))


def _endpoints(assessment: Assessment) -> tuple[str, ...]:
    """Return "resource host:port" of every endpoint that a resource needs, once."""
    names = (
        f"{row.id} {end.host}:{end.port}"
        for row in assessment.resources.resources
        for end in (row.needs.endpoints if row.needs else ())
    )
    return tuple(dict.fromkeys(names))


# --- of needs and the register -----------------------------------------------------


def _open_needs(assessment: Assessment) -> tuple[str, ...]:
    """Return the needs without a field: nothing can be found of them."""
    return tuple(f"need {n.id}" for n in assessment.scope.needs if n.field is None)


def _needed_tables(assessment: Assessment) -> tuple[str, ...]:
    tables = (f"table {name}" for name in needed_tables(assessment))
    return (*tables, *_open_needs(assessment))


def _open_ends(assessment: Assessment) -> tuple[str, ...]:
    """Return needed tables that no asset stands for, and needs without a field.

    Nothing can be found of them, so that no check of the declared assets passes while
    the register leaves out something that is needed.
    """
    tables = [
        f"table {name}"
        for name, fields in needed_tables(assessment).items()
        if not all(standing_for(field, assessment) for field in fields)
    ]
    return (*tables, *_open_needs(assessment))


def _data_assets(assessment: Assessment) -> tuple[str, ...]:
    """Return the assets that are data, and what is needed and has no asset."""
    owned = (asset.id for asset in data_assets(assessment))
    return (*owned, *_open_ends(assessment))


def _data_owners(assessment: Assessment) -> tuple[str, ...]:
    """Return the roles accountable for data; assets without one, and open ends."""
    owned = data_assets(assessment)
    roles = dict.fromkeys(role for asset in owned for role in asset.accountable)
    nobody = (asset.id for asset in owned if not asset.accountable)
    return (*roles, *nobody, *_open_ends(assessment))


def _granters(assessment: Assessment) -> tuple[str, ...]:
    """Return the roles that grant resources, and resources that wait for nobody named."""
    nobody = _resources(
        assessment, lambda row: row.grants is None and needs_permission(row)
    )
    return (*granted_by(assessment), *nobody)


def _wanted(assessment: Assessment) -> tuple[str, ...]:
    """Return "role/table.field" of every agreement that is wanted.

    A category list that no asset stands for is named without a role: nobody knows who
    has to agree to it.
    """
    all_of_it = SignOffs(assessment)
    named = {covers for _, covers in all_of_it.wanted}
    nobody = [one for one in all_of_it.category_lists if one not in named]
    return (*(subject_of(*pair) for pair in all_of_it.wanted), *nobody)


#: What a check covers besides tables, by the names that checks.yaml may use.
IN_ASSESSMENT: dict[str, Callable[[Assessment, Keys], tuple[str, ...]]] = {
    "resources_with": lambda assessment, keys: _resources(
        assessment, lambda row: all(_declares(row, key) for key in keys)
    ),
    "each_matrix": lambda assessment, _: _resources(assessment, _multiplies),
    "each_permission": lambda assessment, _: _resources(assessment, needs_permission),
    "each_endpoint": lambda assessment, _: _endpoints(assessment),
    "the_route": lambda assessment, _: ("route",) if assessment.resources.route else (),
    "each_needed": lambda assessment, _: (
        *assessment.needed_fields,
        *_open_needs(assessment),
    ),
    "each_needed_table": lambda assessment, _: _needed_tables(assessment),
    "each_data_asset": lambda assessment, _: _data_assets(assessment),
    "each_data_owner": lambda assessment, _: _data_owners(assessment),
    "each_model_asset": lambda assessment, _: tuple(
        asset.id for asset in assessment.stakeholders.assets if asset.kind == "model"
    ),
    "each_granter": lambda assessment, _: _granters(assessment),
    "each_sign_off": lambda assessment, _: tuple(
        subject_of(one.role, one.covers) for one in SignOffs(assessment).latest
    ),
    "each_wanted": lambda assessment, _: _wanted(assessment),
}


def subjects_of(name: str, keys: Keys, assessment: Assessment) -> tuple[str, ...]:
    """Return all that a check covers.

    Args:
        name: of `IN_TABLES` or `IN_ASSESSMENT`.
        keys: the argument of that name, where it takes one.
        assessment: for what is declared.
    """
    if name in IN_ASSESSMENT:
        return IN_ASSESSMENT[name](assessment, keys)
    needed = Needed.of(assessment)
    return tuple(
        subject
        for table in assessment.data_model.tables
        for subject in IN_TABLES[name](table, needed, keys)
    )
