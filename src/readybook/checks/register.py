"""What each asset stands for, who is behind a role, and what the needs mention; pure."""

from __future__ import annotations

from collections.abc import Iterator

from readybook.model.case import Assessment, Asset, BuyIn

__all__ = [
    "accountable_roles",
    "buy_in_of",
    "data_assets",
    "granted_by",
    "is_of_data",
    "needed_tables",
    "people_of",
    "roles_named",
    "standing_for",
]

_DATA = {"table", "category"}


# --- what assets stand for ---------------------------------------------------------


def is_of_data(asset: Asset, assessment: Assessment) -> bool:
    """Return whether an asset is data: by its kind, else by what it covers."""
    if asset.kind:
        return asset.kind in _DATA
    tables = {table.name for table in assessment.data_model.tables}
    return any(name.partition(".")[0] in tables for name in asset.covers)


def data_assets(assessment: Assessment) -> tuple[Asset, ...]:
    """Return the assets that are tables or categories."""
    return tuple(a for a in assessment.stakeholders.assets if is_of_data(a, assessment))


def standing_for(name: str, assessment: Assessment) -> tuple[Asset, ...]:
    """Return the assets that stand for a table, or for a field by it or by its table.

    Args:
        name: a table, or "table.field".
        assessment: for the assets.
    """
    wanted = {name, name.partition(".")[0]}
    return tuple(a for a in assessment.stakeholders.assets if wanted & set(a.covers))


def needed_tables(assessment: Assessment) -> dict[str, tuple[str, ...]]:
    """Return each table that the use case needs, with its needed fields."""
    tables: dict[str, list[str]] = {}
    for field in assessment.needed_fields:
        tables.setdefault(field.partition(".")[0], []).append(field)
    return {name: tuple(fields) for name, fields in tables.items()}


# --- who is behind a role ----------------------------------------------------------


def accountable_roles(assessment: Assessment) -> dict[str, tuple[Asset, ...]]:
    """Return each role that is accountable for something, with its assets."""
    roles: dict[str, list[Asset]] = {}
    for asset in assessment.stakeholders.assets:
        for role in dict.fromkeys(asset.accountable):
            roles.setdefault(role, []).append(asset)
    return {role: tuple(assets) for role, assets in roles.items()}


def people_of(role: str, assessment: Assessment) -> frozenset[str] | None:
    """Return who holds a role or stands in; None where the register lacks the role."""
    holder = assessment.stakeholders.holder(role)
    return holder.people if holder else None


def buy_in_of(role: str, assessment: Assessment) -> BuyIn | None:
    """Return how a role stands to the case, as far as it was known on the as-of date."""
    holder = assessment.stakeholders.holder(role)
    known = holder.buy_in if holder else None
    return known if known and known.on <= assessment.as_of else None


def granted_by(assessment: Assessment) -> dict[str, tuple[str, ...]]:
    """Return each role that grants a resource, with the ids of these resources."""
    roles: dict[str, list[str]] = {}
    for row in assessment.resources.resources:
        if row.grants:
            roles.setdefault(row.grants, []).append(row.id)
    return {role: tuple(ids) for role, ids in roles.items()}


def roles_named(assessment: Assessment) -> dict[str, int]:
    """Return each role that the documents name, with how often, in the order of files.

    Counted are assets, resources, open actions and the needs' roles to ask.
    """
    counts: dict[str, int] = {}
    for role in _named(assessment):
        counts[role] = counts.get(role, 0) + 1
    return counts


def _named(assessment: Assessment) -> Iterator[str]:
    for asset in assessment.stakeholders.assets:
        yield from dict.fromkeys(
            [
                *asset.accountable,
                *([asset.responsible] if asset.responsible else []),
                *asset.consulted,
                *asset.informed,
            ]
        )
    for row in assessment.resources.resources:
        yield from dict.fromkeys(filter(None, (row.grants, row.pays)))
    yield from (action.owner for action in assessment.open_actions)
    yield from (need.ask for need in assessment.scope.needs)
