"""Choose the rows that were learned from and those that are live, as declared."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import ibis
import ibis.expr.types as ir
from ibis import _

from readybook.measure.profile import Extents, read_event_time, read_extents
from readybook.measure.sources.clock import is_instant, zone_of
from readybook.measure.sources.places import combine
from readybook.measure.sources.values import (
    as_written,
    comparable,
    is_any_of,
    literals_of,
)
from readybook.measure.table import DataTable
from readybook.model.contract import Condition, Selection, Table
from readybook.model.errors import SourceError
from readybook.model.findings import NOTHING

_NO_DAY, _DAY = dt.timedelta(0), dt.timedelta(days=1)
_MONTH = 0.01  # of the rows: fewer are strays
_MOST_LEARNED = 0.5  # of the live rows: then they are no other rows


@dataclass(frozen=True)
class Side:
    """The chosen rows of one table."""

    opened: DataTable
    is_chosen: ir.BooleanValue  #: of each row of the table; null: it is not
    fields: tuple[str, ...] = ()  #: columns that are compared, if the table has them

    @property
    def rows(self) -> ir.Table:
        """Return the chosen rows."""
        return self.opened.source.filter(self.is_chosen)

    @cached_property
    def extents(self) -> Extents:
        """Return how many rows are chosen, and how far their fields reach."""
        known = [one for one in self.fields if one in self.opened.source.columns]
        return read_extents(self.rows, known, self.opened.ask)

    @cached_property
    def days(self) -> tuple[dt.date, dt.date] | None:
        """Return the first and the last local day; None where none can be told."""
        opened = self.opened
        clock, _why = read_event_time(
            self.rows, opened.declared, opened.ask, opened.today
        )
        return (clock.first, clock.last) if clock else None

    @cached_property
    def months(self) -> frozenset[int]:
        """Return the months of the year, 1 to 12, that have a hundredth of the rows.

        Those of the engine's clock, not of the declared zone: which month the last
        hours of the one before are in makes no season.
        """
        if self.days is None:
            return frozenset()
        event = self.rows[self.opened.declared.event_time]
        months = self.rows.group_by(month=event.month()).aggregate(rows=_.count())
        rows = {one["month"]: one["rows"] for one in self.opened.ask(months)}
        rows.pop(None, None)
        least = _MONTH * sum(rows.values())
        return frozenset(month for month, number in rows.items() if number >= least)


@dataclass(frozen=True)
class Sides:
    """The training rows and the live rows that a table declares."""

    about: DataTable  #: the table that declares them
    fingerprint: str  #: of all rows used
    train: Side
    live: Side
    cut: str = ""  #: why these live rows tell nothing of live data; "": they may

    @cached_property
    def in_season(self) -> "Sides | None":
        """Return the same without training rows of months that live rows do not have.

        None where training rows lack a month of the year that live rows have, or have
        no other: what differs then may be the season.
        """
        if not self.live.months or not self.live.months < self.train.months:
            return None
        train = self.train
        event = train.opened.source[train.opened.declared.event_time]
        is_like = train.is_chosen & event.month().isin(self.live.months)
        return replace(self, train=replace(train, is_chosen=is_like))

    def together(self, value_of: Callable[[ir.Table], ir.Value]) -> ir.Table:
        """Return a value of each row of either side, to be read in one scan.

        The value that is made from a table is of one type for both sides.

        Returns:
            the columns `value`, `train` and `live`; the last two are 1 for a row of
            that side, else 0. No row is on both.
        """
        train, live = self.train, self.live
        if train.opened is live.opened:
            source = train.opened.source
            chosen = source.filter(train.is_chosen | live.is_chosen)
            return chosen.select(
                value=value_of(source),
                train=ibis.ifelse(train.is_chosen, 1, 0),
                live=ibis.ifelse(live.is_chosen, 1, 0),
            )
        parts = [
            side.rows.select(
                value=value_of(side.rows),
                train=ibis.literal(int(side is train)),
                live=ibis.literal(int(side is live)),
            )
            for side in (train, live)
        ]
        return ibis.union(*parts, distinct=False)


def select_sides(opened: DataTable) -> Sides:
    """Return the training rows and the live rows that a table declares.

    A row that was learned from is not live, whatever is declared. Nor are rows that were
    cut from the same file, see `Sides.cut`: what arrives in another way than training
    rows did cannot be seen in them.

    Raises:
        SourceError: one of the two is not declared, its table is not open or lies on
            another server, a condition does not fit its column, or no live row is new.
    """
    declared = opened.declared
    if declared.train is None or declared.live is None:
        msg = f"training and live rows are not both declared for {opened.name}"
        raise SourceError(msg)
    chosen = (declared.train, declared.live)
    train, live = (select_side(one, opened) for one in chosen)
    used = {one.name: one for one in (opened, train.opened, live.opened)}
    if len({id(one.source.get_backend()) for one in used.values()}) > 1:
        msg = f"{' and '.join(used)} lie on different servers"
        raise SourceError(msg)
    if _is_contained(live, train):
        msg = (
            f"every live row of {opened.name} is a training row too, so comparing them "
            "is no check"
        )
        raise SourceError(msg)
    if train.opened is live.opened:
        learned = train.is_chosen.fill_null(False)  # noqa: FBT003 - ibis
        live = replace(live, is_chosen=live.is_chosen & ~learned)
    marks = [one.fingerprint for one in used.values()]
    mark = combine(marks) if len(marks) > 1 else opened.fingerprint
    columns = [*declared.columns, *train.opened.declared.columns]
    fields = tuple(dict.fromkeys(one.name for one in columns))
    train, live = (replace(one, fields=fields) for one in (train, live))
    return Sides(opened, mark, train, live, _why_cut(train, live))


def _why_cut(train: Side, live: Side) -> str:
    """Return why live rows are a part of what was learned from; "" where they are not.

    Of one file, whatever its rows: it was taken out once. Of one table of a database,
    where live rows are not all from the last training day on. Of two tables, where half
    of the live rows or more are training rows too.
    """
    name = train.opened.name
    if train.opened is live.opened:
        if train.opened.located.is_extract:
            return f"live rows are a part of the file of training rows, {name}"
        before, after = train.days, live.days
        is_later = before and after and before[1] <= after[0]
        return (
            "" if is_later else f"live rows of {name} are not later than training rows"
        )
    if _share_learned(train, live) >= _MOST_LEARNED:
        return f"most live rows of {live.opened.name} are training rows of {name} too"
    return ""


def _share_learned(train: Side, live: Side) -> float:
    """Return which share of different live rows are training rows too, 0 to 1.

    Rows are told apart by all fields that both tables have in one type; 0 where neither
    a key nor the event's time is among them, as rows may be equal by chance then.
    """
    types = [side.opened.source.schema() for side in (train, live)]
    same = [
        name for name in train.fields
        if all(name in one for one in types) and types[0][name] == types[1][name]
    ]  # fmt: skip
    told_apart = [*train.opened.declared.keys, (train.opened.declared.event_time,)]
    if not any({*names} <= {*same} for names in told_apart):
        return 0.0
    ours, theirs = (side.rows.select(*same).distinct() for side in (live, train))
    both = ours.intersect(theirs)
    every, found = (
        live.opened.ask(rows.aggregate(rows=rows.count()))[0]["rows"]
        for rows in (ours, both)
    )
    return found / every if every else 0.0


def _is_contained(live: Side, train: Side) -> bool:
    """Return whether each live row is a training row, or lies in a copy of its file."""
    if train.opened is not live.opened:
        marks = {train.opened.fingerprint, live.opened.fingerprint}
        return len(marks) == 1 and marks != {NOTHING}
    is_new = ~train.is_chosen.fill_null(False)  # noqa: FBT003 - as Ibis has it
    new = live.opened.source.filter(live.is_chosen, is_new)
    every, found = (
        live.opened.ask(rows.aggregate(rows=rows.count()))[0]["rows"]
        for rows in (live.rows, new)
    )
    return bool(every) and not found


def select_side(selection: Selection, own: DataTable) -> Side:
    """Return the rows that a selection declares; a null meets no condition.

    Raises:
        SourceError: the other table is not open, or a condition does not fit its
            column.
    """
    name = selection.table or own.name
    opened = own if name == own.name else own.tables.get(name)
    if opened is None or opened.closed is not None:
        msg = f"{name} could not be opened"
        raise SourceError(msg)
    tests = [_test(opened, condition) for condition in selection.conditions]
    return Side(opened, ibis.and_(*tests))


def _test(opened: DataTable, condition: Condition) -> ir.BooleanValue:
    """Return whether a condition is met; null where that is not known."""
    opened.require(condition.column)
    value = opened.source[condition.column]
    kind = value.type()
    if kind.is_date() or kind.is_timestamp():
        return _test_days(value, opened.declared, condition)
    if condition.equals:
        texts = [as_written(one) for one in condition.equals]
        return is_any_of(comparable(value), literals_of(texts, kind))
    ends = (condition.at_least, condition.at_most)
    if not kind.is_numeric() or any(isinstance(end, str) for end in ends):
        msg = (
            f"{opened.name}.{condition.column} is of type {kind}, which the declared "
            "range does not fit"
        )
        raise SourceError(msg)
    low, high = ends
    tests = [] if low is None else [value >= low]
    return ibis.and_(*tests, *([] if high is None else [value <= high]))


def _test_days(value: ir.Value, table: Table, condition: Condition) -> ir.BooleanValue:
    """Return whether a date or time lies on the declared days.

    A day of the zone is the time between two midnights. Those are worked out here and
    each time is compared with them as it stands: no clock is asked row by row, and an
    engine may skip what lies outside.
    """
    ranges = [(condition.at_least, condition.at_most)]
    if condition.equals:
        ranges = [(one, one) for one in condition.equals]
    tests = []
    for low, high in ranges:
        ends = [] if low is None else [value >= _start(low, value, table)]
        if high is not None:
            ends.append(value < _start(high, value, table, after=_DAY))
        tests.append(ibis.and_(*ends))
    return ibis.or_(*tests)


def _start(
    text: float | str, value: ir.Value, table: Table, after: dt.timedelta = _NO_DAY
) -> ir.Value:
    """Return when a day, or the next, begins, to compare with a date or time."""
    try:
        day = dt.date.fromisoformat(str(text))
    except ValueError:
        day = dt.date.min
    # Midnight in a zone, and that of the day after, must be dates too.
    if not dt.date.min < day < dt.date.max - _DAY:
        msg = f"{table.name}.{value.get_name()} can be compared with dates only"
        raise SourceError(msg)
    day += after
    if value.type().is_date():
        return ibis.date(day)
    midnight = dt.datetime.combine(day, dt.time())
    if not is_instant(value):
        return ibis.timestamp(midnight)
    # A midnight that the clock skips is taken with the offset before: that is the
    # moment of the change, when the day begins.
    return ibis.timestamp(midnight.replace(tzinfo=zone_of(table)).astimezone(dt.UTC))
