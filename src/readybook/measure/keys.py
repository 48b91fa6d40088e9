"""Do declared keys identify a row, and do declared joins find their partner?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from readybook.contract import Relationship
from readybook.errors import SourceError
from readybook.findings import Finding
from readybook.measure.phrases import as_share
from readybook.measure.source import rows
from readybook.words import count

__all__ = ["check_join", "check_key"]


def check_key(
    source: ir.Table, table: str, key: Sequence[str], fingerprint: str, today: dt.date
) -> Finding:
    """Return the finding about one declared key; rows with a null in it are left out.

    Raises:
        SourceError: the table does not have a column of the key.
    """
    _require(source, table, key)
    subject = f"{table}.{'+'.join(key)}"
    repeated = _groups(source, key).filter(_.rows > 1)
    found = rows(repeated.aggregate(keys=_.count(), rows=_.rows.sum()))[0]
    keys, rows_hit = found["keys"], found["rows"] or 0
    if keys:
        message = (
            f"{count(keys, 'value')} of the declared key {_name(table, key)} "
            f"{'stands' if keys == 1 else 'stand'} in more than one row "
            f"({count(rows_hit, 'row')} in all)."
        )
    else:
        message = f"No two rows share a value of the declared key {_name(table, key)}."
    return Finding(
        check="keys-unique",
        subject=subject,
        outcome="contradicts" if keys else "supports",
        message=message,
        value=keys,
        unit="duplicate keys",
        threshold=0,
        threshold_source=f"data.odcs.yaml: {subject}",
        measured_on=today,
        fingerprint=fingerprint,
    )


def check_join(
    join: Relationship,
    tables: Mapping[str, ir.Table],
    fingerprint: str,
    today: dt.date,
) -> Finding:
    """Return the finding about one declared join; a null key is no orphan.

    Raises:
        SourceError: a column is missing, or the two sides have different types.
    """
    source, target = tables[join.table], tables[join.to_table]
    _require(source, join.table, join.columns)
    _require(target, join.to_table, join.to_columns)
    _require_same_types(join, source, target)
    groups = _groups(source, join.columns)
    partners = _groups(target, join.to_columns)
    names = [f"k{at}" for at in range(len(join.columns))]
    matches = [groups[name] == partners[name] for name in names]
    orphans = groups.anti_join(partners, matches)
    total = rows(groups.aggregate(rows=_.rows.sum()))[0]["rows"] or 0
    found = rows(orphans.aggregate(keys=_.count(), rows=_.rows.sum()))[0]
    return _join_finding(
        join, (found["rows"] or 0, found["keys"], total), fingerprint, today
    )


def _join_finding(
    join: Relationship, counted: tuple[int, int, int], fingerprint: str, today: dt.date
) -> Finding:
    orphan_rows, orphan_keys, total = counted
    share = orphan_rows / total if total else 0.0
    name = _name(join.table, join.columns)
    if not total:
        message = f"No row of {name} has a value, so none can join {join.to_table}."
    elif orphan_rows:
        message = (
            f"{orphan_rows:,} of {count(total, 'row')} of {name} ({as_share(share)}) "
            f"find no row in {join.to_table}, {count(orphan_keys, 'different value')}; "
            f"at most {as_share(join.orphans_tolerated)} is tolerated."
        )
    else:
        message = (
            f"Each of the {count(total, 'row')} of {name} that has a value finds "
            f"its row in {join.to_table}."
        )
    return Finding(
        check="joins-match",
        subject=join.subject,
        outcome="supports"
        if total and share <= join.orphans_tolerated
        else "contradicts",
        message=message,
        value=round(share, 6),
        unit="share of rows",
        threshold=join.orphans_tolerated,
        threshold_source=f"data.odcs.yaml: {join.subject}",
        measured_on=today,
        fingerprint=fingerprint,
    )


def _name(table: str, columns: Sequence[str]) -> str:
    if len(columns) == 1:
        return f"{table}.{columns[0]}"
    return f"{table} ({', '.join(columns)})"


def _groups(source: ir.Table, columns: Sequence[str]) -> ir.Table:
    """Return the distinct complete values of some columns, k0 and so on, with rows."""
    names = {f"k{at}": source[column] for at, column in enumerate(columns)}
    keys = source.select(**names)
    complete = keys.filter(*[keys[name].notnull() for name in names])
    return complete.group_by(*names).aggregate(rows=_.count())


def _require(source: ir.Table, table: str, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in source.columns]
    if missing:
        msg = f"{table} has no column {', '.join(missing)}"
        raise SourceError(msg)


def _require_same_types(join: Relationship, source: ir.Table, target: ir.Table) -> None:
    for left, right in zip(join.columns, join.to_columns, strict=True):
        one, other = source[left].type(), target[right].type()
        if not (
            ibis.dtype(one).castable(other) or (one.is_numeric() and other.is_numeric())
        ):
            msg = (
                f"{join.table}.{left} ({one}) and {join.to_table}.{right} ({other}) "
                "have types that cannot be compared"
            )
            raise SourceError(msg)
