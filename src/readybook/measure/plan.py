"""Which function measures which check of a table, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from readybook.checks.catalogue import checks_of
from readybook.checks.subjects import Needed
from readybook.measure.change.steps import check_steps
from readybook.measure.drift.drift import check_drift
from readybook.measure.drift.livefields import check_live_fields
from readybook.measure.drift.selections import Sides, select_sides
from readybook.measure.fields.categories import check_categories
from readybook.measure.fields.label import check_label_delay, check_label_filled
from readybook.measure.fields.nulls import check_nulls
from readybook.measure.fields.ranges import check_range
from readybook.measure.fields.sentinels import check_sentinels
from readybook.measure.fields.types import check_type
from readybook.measure.fields.undeclared import check_undeclared
from readybook.measure.rows.arrivals import check_arrivals, check_fresh
from readybook.measure.rows.gaps import check_gaps
from readybook.measure.rows.history import check_span
from readybook.measure.rows.joins import check_join
from readybook.measure.rows.keys import check_key
from readybook.measure.table.opened import Opened
from readybook.model.case import Change
from readybook.model.contract import Column, Table
from readybook.model.errors import SourceError
from readybook.model.findings import Finding

__all__ = ["Given", "measure_subject", "plan_table", "touched_by"]

#: Measured apart: whether a table opens, and whether needed fields are in it.
_APART = {"source-opened", "fields-present"}


@dataclass(frozen=True)
class Given:
    """What the checks of one table are given; costly parts are made once, if asked."""

    opened: Opened
    others: Mapping[str, Opened]  #: tables that it touches, as far as they opened
    closed: Mapping[str, str]  #: why the rest did not
    changes: Sequence[Change] = field(default=())

    @cached_property
    def sides(self) -> Sides:
        """Return the training rows and the live rows."""
        return select_sides(self.opened, self.others)


def touched_by(table: Table) -> set[str]:
    """Return the other tables that the checks of a table read."""
    chosen = {one.table for one in (table.train, table.live) if one and one.table}
    return (chosen | {join.to_table for join in table.relationships}) - {table.name}


def plan_table(table: Table, needed: Needed) -> Iterator[tuple[str, str]]:
    """Yield check and subject of all that is measured of an opened table."""
    for check in checks_of("data"):
        if check.id not in _APART:
            for subject in check.subjects_in(table, needed):
                yield check.id, subject


def measure_subject(check: str, subject: str, given: Given) -> Finding:
    """Return what a check finds.

    Args:
        check: its id.
        subject: as `plan_table` yields it.
        given: the table that the subject belongs to.

    Raises:
        SourceError: it cannot be measured, and why.
    """
    if check in _OF_TABLE:
        return _OF_TABLE[check](given)
    if check in _OF_COLUMN:
        return _OF_COLUMN[check](given.opened, _column(subject, given))
    if check == "live-like-training":
        return check_drift(given.sides, _column(subject, given))
    if check == "keys-unique":
        return _key(subject, given)
    return _join(subject, given)


_OF_TABLE: dict[str, Callable[[Given], Finding]] = {
    "history-span": lambda given: check_span(given.opened),
    "history-gaps": lambda given: check_gaps(given.opened),
    "arrivals-regular": lambda given: check_arrivals(given.opened),
    "data-fresh": lambda given: check_fresh(given.opened),
    "schema-same": lambda given: check_live_fields(given.sides),
    "steps-declared": lambda given: check_steps(given.opened, given.changes),
}

_OF_COLUMN: dict[str, Callable[[Opened, Column], Finding]] = {
    "types-match": check_type,
    "categories-populated": check_categories,
    "values-declared": check_undeclared,
    "values-in-range": check_range,
    "sentinels-absent": check_sentinels,
    "nulls-tolerated": check_nulls,
    "label-filled": check_label_filled,
    "label-delay": check_label_delay,
}


def _column(subject: str, given: Given) -> Column:
    table = given.opened.declared
    name = subject.removeprefix(f"{table.name}.")
    return next(column for column in table.columns if column.name == name)


def _key(subject: str, given: Given) -> Finding:
    table = given.opened.declared
    named = {f"{table.name}.{'+'.join(key)}": key for key in table.keys}
    return check_key(given.opened, named[subject])


def _join(subject: str, given: Given) -> Finding:
    joins = {join.subject: join for join in given.opened.declared.relationships}
    join = joins[subject]
    other = (
        given.opened
        if join.to_table == given.opened.name
        else given.others.get(join.to_table)
    )
    if other is None:
        raise SourceError(given.closed[join.to_table])
    if given.opened.source.get_backend() is not other.source.get_backend():
        msg = f"{join.table} and {join.to_table} lie in sources that cannot be joined"
        raise SourceError(msg)
    return check_join(join, given.opened, other)
