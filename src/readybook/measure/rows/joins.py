"""Do declared joins find their partner, and if not, which rows do not?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from readybook.measure.rows.keys import complete_keys, named_key
from readybook.measure.sources.clock import Clock, raw_seconds
from readybook.measure.sources.engine import type_text
from readybook.measure.sources.files import combine
from readybook.measure.sources.matching import (
    as_written,
    comparable,
    is_any_of,
    literals_of,
)
from readybook.measure.table.opened import Opened
from readybook.model.contract import Relationship
from readybook.model.errors import SourceError
from readybook.model.findings import FLOOR, Finding
from readybook.model.words import count
from readybook.text.phrases import as_share

__all__ = ["check_join"]

_MOST_SEGMENTS = 200  # values of one column that are told apart
_MOST_CELLS = 20_000  # combinations of values that are told apart


@dataclass(frozen=True)
class _Tally:
    """What the keys of one side found on the other."""

    rows: int  #: with a value in each column of the key
    orphans: int  #: of those, rows that find no partner
    keys: int  #: different values of orphans

    @property
    def share(self) -> float:
        """Return the orphans' share of the rows."""
        return self.orphans / self.rows if self.rows else 0.0


def check_join(join: Relationship, left: Opened, right: Opened) -> Finding:
    """Return the finding about one declared join, as the share of rows left alone.

    A row with a null in its key joins nothing and is no orphan. The share tolerated is
    the contract's (`readiness.orphansTolerated`, 0 where nothing is said). Of a join
    that fails, the message tells from when to when orphans lie, and which value of a
    declared category or segment has the highest share of them.

    Raises:
        SourceError: a column is missing, the two sides have different types, or they
            lie on different servers.
    """
    left.require(*join.columns)
    right.require(*join.to_columns)
    _require_same_server(left, right)
    _require_same_types(join, left, right)
    tally = _count(join, left, right)
    fails = not tally.rows or tally.share > join.orphans_tolerated
    where = _where(join, left, right, tally) if tally.orphans and fails else ""
    both = replace(left, fingerprint=combine([left.fingerprint, right.fingerprint]))
    return both.find(
        "joins-match",
        join.subject,
        "contradicts" if fails else "supports",
        _message(join, tally, where),
        value=round(tally.share, 6),
        unit="share of rows",
        threshold=join.orphans_tolerated,
    )


def _count(join: Relationship, left: Opened, right: Opened) -> _Tally:
    groups = complete_keys(left.source, join.columns)
    groups = groups.group_by(groups.columns).aggregate(rows=_.count())
    judged = _judge(join, groups, right)
    alone = judged.is_matched.isnull()
    tally = judged.aggregate(
        total=judged.rows.sum(), orphans=judged.rows.sum(where=alone), keys=alone.sum()
    )
    found = left.ask(tally)[0]
    return _Tally(found["total"] or 0, found["orphans"] or 0, found["keys"] or 0)


def _judge(join: Relationship, groups: ir.Table, right: Opened) -> ir.Table:
    """Return groups with `is_matched`, null for those that find no partner."""
    partners = complete_keys(right.source, join.to_columns).distinct()
    partners = partners.mutate(is_matched=True)
    return groups.left_join(partners, _pairs(join, groups, partners))


def _pairs(join: Relationship, one: ir.Table, other: ir.Table) -> list[ir.BooleanValue]:
    names = [f"k{at}" for at in range(len(join.columns))]
    return [one[name] == other[name] for name in names]


def _message(join: Relationship, tally: _Tally, where: str) -> str:
    name = named_key(join.table, join.columns)
    if not tally.rows:
        return f"No row of {name} has a value, so none can join {join.to_table}."
    if not tally.orphans:
        return (
            f"Each of the {count(tally.rows, 'row')} of {name} that has a value finds "
            f"its row in {join.to_table}."
        )
    return (
        f"{tally.orphans:,} of {count(tally.rows, 'row')} of {name} "
        f"({as_share(tally.share)}) find no row in {join.to_table}, "
        f"{count(tally.keys, 'different value')}; "
        f"at most {as_share(join.orphans_tolerated)} is tolerated{where}."
    )


def _where(join: Relationship, left: Opened, right: Opened, tally: _Tally) -> str:
    """Return when orphans happened and among which rows they are most frequent."""
    clock, columns = left.clock, _told_apart(left)
    kept = {f"c{at}": value for at, value in enumerate(columns.values())}
    if clock is not None:
        kept["at"] = left.source[clock.column]
    rows = complete_keys(left.source, join.columns, **kept)
    # Times are compared as they are: turning each into seconds would take long.
    ends = (
        {} if clock is None else {"first": rows["at"].min(), "last": rows["at"].max()}
    )
    names = [name for name in rows.columns if name != "at"]
    groups = rows.group_by(names).aggregate(rows=_.count(), **ends)
    judged = _judge(join, groups, right)
    alone = judged.is_matched.isnull()
    measures = {"all": judged.rows.sum(), "alone": judged.rows.sum(where=alone)}
    if clock is not None:
        measures["first"] = raw_seconds(judged["first"].min(where=alone))
        measures["last"] = raw_seconds(judged["last"].max(where=alone))
    by = [name for name in kept if name != "at"]
    asked = judged.group_by(by) if by else judged
    found = left.ask(asked.aggregate(**measures))
    said = [_when(found, clock), _worst(found, [*columns], tally)]
    return "".join(f"; {part}" for part in said if part)


def _when(found: Sequence[dict[str, Any]], clock: Clock | None) -> str:
    """Return the first and the last day with an orphan, "" where none has a day."""
    first = [one["first"] for one in found if one.get("first") is not None]
    last = [one["last"] for one in found if one.get("last") is not None]
    if clock is None or not first:
        return ""
    days = clock.date_at(min(first)), clock.date_at(max(last))
    if days[0] == days[1]:
        return f"all are of {days[0]}"
    return f"the first is of {days[0]}, the last of {days[1]}"


def _worst(
    found: Sequence[dict[str, Any]], columns: Sequence[str], tally: _Tally
) -> str:
    """Return the value of a category or segment with the highest share of orphans.

    Values with fewer than 10 orphans are passed over.
    """
    ranked = []
    for at, column in enumerate(columns):
        sums: dict[str, list[int]] = {}
        for one in found:
            if one[f"c{at}"] is not None:
                sum_ = sums.setdefault(as_written(one[f"c{at}"]), [0, 0])
                sum_[0] += one["all"] or 0
                sum_[1] += one["alone"] or 0
        # Shares are equal where two columns mean the same; the contract's order decides.
        ranked += [
            (-alone / rows, -rows, at, value, column)
            for value, (rows, alone) in sums.items()
            if alone >= FLOOR
        ]
    share, rows, _at, value, column = min(ranked, default=(0.0, 0, 0, "", ""))
    if -share <= tally.share:
        return ""
    return (
        f"the share is highest where {column} is {value} "
        f"({as_share(-share)} of {count(-rows, 'row')})"
    )


def _told_apart(left: Opened) -> dict[str, ir.Value]:
    """Return, by name, columns whose values may be named: categories, few segments.

    Of categories only the declared values: others may be many, and are left out.
    """
    found, cells = dict[str, ir.Value](), 1
    declared = [one.name for one in left.declared.columns if one.categories]
    for name in dict.fromkeys([*declared, *left.declared.segments]):
        column = left.declared.column(name)
        if name not in left.source.columns or (column and column.restricted):
            continue
        value = left.source[name]
        if column and column.categories:
            texts = [one.value for one in column.categories]
            known = is_any_of(comparable(value), literals_of(texts, value.type()))
            value, values = ibis.ifelse(known, value, None), len(texts)
        else:
            values = left.ask(left.source.aggregate(n=value.nunique()))[0]["n"]
        if 0 < values <= _MOST_SEGMENTS and cells * values <= _MOST_CELLS:
            found[name] = value
            cells *= values
    return found


def _require_same_server(left: Opened, right: Opened) -> None:
    if left.source.get_backend() is not right.source.get_backend():
        msg = f"{left.name} and {right.name} lie on different servers"
        raise SourceError(msg)


def _require_same_types(join: Relationship, left: Opened, right: Opened) -> None:
    for ours, theirs in zip(join.columns, join.to_columns, strict=True):
        one, other = left.source[ours].type(), right.source[theirs].type()
        if not (
            ibis.dtype(one).castable(other) or (one.is_numeric() and other.is_numeric())
        ):
            msg = (
                f"{join.table}.{ours} ({type_text(one)}) and "
                f"{join.to_table}.{theirs} ({type_text(other)}) have types that cannot "
                "be compared"
            )
            raise SourceError(msg)
