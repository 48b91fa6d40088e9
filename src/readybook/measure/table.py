"""One declared table while it is measured: its source, rows, content and findings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

import ibis.expr.types as ir

from readybook.checks.catalogue import CHECKS, Judged, Told
from readybook.checks.catalogue import fingerprint_of as print_of
from readybook.measure.profile import (
    Dated,
    Profile,
    ask_each,
    profile_table,
    read_event_time,
)
from readybook.measure.sources.clock import Clock
from readybook.measure.sources.engine import (
    EXPRESSION_ERRORS,
    MemoryLimitError,
    Reading,
)
from readybook.measure.sources.engines import Engines, Source, fingerprint_of
from readybook.measure.sources.places import Located, UnreachedError, combine
from readybook.measure.sources.values import comparable, is_any_of, literals_of
from readybook.model.case import Change
from readybook.model.contract import Column, Relationship, Table
from readybook.model.errors import SourceError
from readybook.model.findings import (
    FLOOR,
    NOTHING,
    Finding,
    MeasuredTable,
    Series,
    Value,
)
from readybook.model.words import as_rows

Made = TypeVar("Made")


@dataclass(eq=False)
class DataTable:
    """A declared table: nothing of it is read before it is asked for, nothing twice.

    Declared null tokens are nulls already.
    """

    declared: Table
    located: Located  #: where it lies; once it is open, which of its places it was
    engines: Engines
    today: dt.date
    tables: Mapping[str, DataTable] = field(default_factory=dict, repr=False)
    """All tables of the model by name, those that joins and selections may touch."""
    changes: Sequence[Change] = ()  #: declared ones, of any table
    unread: str | None = field(default=None, init=False)  #: why not all was looked at
    made: dict[Any, Any] = field(default_factory=dict, init=False, repr=False)

    @property
    def name(self) -> str:
        """Return the table's name in the contract."""
        return self.declared.name

    # --- open or closed --------------------------------------------------------------

    @cached_property
    def _opened(self) -> tuple[Source, int] | SourceError:
        """Return what was opened and its rows, or why it cannot be read to its end."""
        try:
            opened = self.engines.open(self.declared, self.located)
        except SourceError as error:
            return error
        self.located, rows = opened.located, opened.table
        if opened.reading.mark != NOTHING:
            self.located = replace(self.located, fingerprint=opened.reading.mark)
        try:
            return opened, int(opened.ask(rows.aggregate(n=rows.count()))[0]["n"])
        except SourceError as error:
            why = f"{self.located.shown} cannot be read to its end: {error}"
            return type(error)(why)

    @property
    def closed(self) -> SourceError | None:
        """Return why it cannot be read to its end, None where it can.

        An UnreachedError says that it is out of reach, so nothing is contradicted.
        """
        return self._opened if isinstance(self._opened, SourceError) else None

    def _open(self) -> tuple[Source, int]:
        if isinstance(self._opened, SourceError):
            raise self._opened
        return self._opened

    @property
    def source(self) -> ir.Table:
        """Return its rows.

        Raises:
            SourceError: as `closed` says.
        """
        return self._open()[0].table

    @property
    def rows(self) -> int:
        """Return how many rows it has; raises as `source`."""
        return self._open()[1]

    @property
    def reading(self) -> Reading:
        """Return what was left out or changed in reading it; raises as `source`."""
        return self._open()[0].reading

    def ask(self, expression: ir.Table) -> list[dict[str, Any]]:
        """Return the rows of a small result, see `Engine.ask`."""
        return self._open()[0].ask(expression)

    def ask_each(
        self, asked: Mapping[str, Mapping[str, ir.Scalar]], rows: ir.Table | None = None
    ) -> dict[str, dict[str, Any]]:
        """Return a row of aggregates for each name, see `profile.ask_each`.

        They are of its rows, or of those that stand in for them.
        """
        return ask_each(self.source if rows is None else rows, asked, self.ask)

    @property
    def is_text(self) -> bool:
        """Return whether its types were guessed from text, as in CSV."""
        server = self.located.server
        is_local = server is None or server.type == "local"
        return is_local and self.located.format == "csv"

    # --- content ---------------------------------------------------------------------

    @property
    def fingerprint(self) -> str:
        """Return the fingerprint of its content, as far as it is known."""
        return self.located.fingerprint

    def identify(self) -> None:
        """Give a table without bytes to hash a fingerprint of what it holds."""
        if self.closed is not None or self.fingerprint != NOTHING:
            return
        columns = self._open()[0].columns
        try:
            mark = fingerprint_of(columns, self.rows, self.profile)
        except (SourceError, *EXPRESSION_ERRORS):
            mark = fingerprint_of(columns, self.rows, None)
        self.located = replace(self.located, fingerprint=mark)

    @property
    def clock(self) -> Clock | None:
        """Return the clock of its event time, None where no day can be told.

        Raises:
            UnreachedError: the source is out of reach.
        """
        return self.once(_read_event_time)[0]

    @property
    def left_out(self) -> str:
        """Return a clause that counts the rows whose time is a stand-in, "" for none."""
        times = self.clock.times if self.clock else None
        if times is None or not times.left_out:
            return ""
        return f"; {as_rows(times.left_out)} whose time is a stand-in are left out"

    @property
    def profile(self) -> Profile:
        """Return the aggregates of its columns by local day, read in one pass."""
        return self.once(_read_profile)

    def once(self, make: Callable[..., Made], *of: object) -> Made:
        """Return what a function makes of this table and `of`; it is called once.

        Raises:
            SourceError: it did, and does so again when it is asked for again.
        """
        key = (make, *of)
        if key not in self.made:
            try:
                self.made[key] = make(self, *of)
            except SourceError as error:
                # Out of reach may be within it later; more memory there will not be.
                if isinstance(error, UnreachedError) and not isinstance(
                    error, MemoryLimitError
                ):
                    raise
                self.made[key] = error
        if isinstance(self.made[key], SourceError):
            raise self.made[key]
        return self.made[key]  # type: ignore[no-any-return]

    # --- others, and what is found ---------------------------------------------------

    def touched(self, rows: int | None) -> dict[str, str]:
        """Return the fingerprints of the other tables that its checks read, by name.

        Args:
            rows: how many it has; a small lookup is judged by the rows that find its own.
        """
        chosen = (self.declared.train, self.declared.live)
        names = {one.table for one in chosen if one and one.table}
        names |= {join.to_table for join in self.declared.relationships}
        if rows is not None and rows < FLOOR:
            names |= {join.table for join in self.found_by}
        known = sorted((names & set(self.tables)) - {self.name})
        return {name: self.tables[name].fingerprint for name in known}

    @property
    def found_by(self) -> tuple[Relationship, ...]:
        """Return the joins of other tables that look its rows up by one of its keys.

        Nothing looks up what is learned from, however few its rows are.
        """
        if not self.declared.is_reference:
            return ()
        keys = {frozenset(key) for key in self.declared.keys}
        return tuple(
            join
            for name, table in self.tables.items()
            for join in table.declared.relationships
            if name != self.name == join.to_table and frozenset(join.to_columns) in keys
        )

    def other(self, name: str) -> DataTable:
        """Return an open table of the model, by its name.

        Raises:
            SourceError: there is none, or it could not be opened, and why.
        """
        table = self.tables.get(name)
        if table is None:
            msg = f"{name} is not a table of data.odcs.yaml"
            raise SourceError(msg)
        if why := table.closed:  # told of the table that asks, so it names the other
            msg = f"{name} could not be opened: {why}"
            raise type(why)(msg)
        return table

    def column(self, name: str) -> ir.Value:
        """Return a column of its rows.

        Raises:
            SourceError: the source lacks it.
        """
        self.require(name)
        return self.source[name]

    def categories(
        self, column: Column
    ) -> tuple[ir.Value, dict[str, str | float | bool | Decimal], ir.BooleanValue]:
        """Return a column that has declared categories, to be compared with them.

        Returns:
            its values, what each declared text means among them, and whether a value is
            declared; null for a null.

        Raises:
            SourceError: its values are lists or objects.
        """
        value = comparable(self.source[column.name])
        literals = literals_of([one.value for one in column.categories], value.type())
        return value, literals, is_any_of(value, literals)

    def require(self, *columns: str) -> None:
        """Refuse what needs a column that the source lacks.

        Raises:
            SourceError: a column is missing.
        """
        missing = [name for name in columns if name not in self.source.columns]
        if missing:
            msg = f"{self.name} has no column {', '.join(missing)}"
            raise SourceError(msg + written_otherwise(missing, self.source.columns))

    def measured(self) -> MeasuredTable:
        """Return what evidence keeps of it beside its findings."""
        is_open = self.closed is None
        return MeasuredTable(
            table=self.name,
            engine=self.engines.name(self.located),
            rows=self.rows if is_open else None,
            columns=self._open()[0].columns if is_open else {},
            fingerprint=self.fingerprint,
            declared=self.declared.declared,
            touched=self.touched(self.rows if is_open else None),
            changes=self.changes_declared,
            failed=self.unread if is_open else str(self.closed),
        )

    @property
    def changes_declared(self) -> str:
        """Return a fingerprint of the declared changes that concern it."""
        mine = [one for one in self.changes if self.name in (one.tables or [self.name])]
        return combine(sorted(map(print_of, mine)))

    def find(  # noqa: PLR0913 - what a finding has
        self,
        check: str,
        subject: str,
        outcome: Judged,
        message: str,
        *,
        value: float | str | None = None,
        unit: str | None = None,
        threshold: float | str | None = None,
        source: str | None = None,
        fingerprint: str | None = None,
        series: tuple[Series, ...] = (),
    ) -> Finding:
        """Return a finding about this table, dated and with its fingerprint.

        It takes what `Told` has. The source of a threshold is by default the data
        model, at the subject; a fingerprint is given where it is of more than this
        table.
        """
        said = None if threshold is None else source or f"data.odcs.yaml: {subject}"
        message = f"{self._sampled(check, subject)}{message}"
        told = Told(check, subject, outcome, message, said, value, threshold, unit)
        return told.finding(self.today, fingerprint or self.fingerprint, series)

    def _sampled(self, check: str, subject: str) -> str:
        """Return what a finding's message begins with where it rests on samples."""
        names = CHECKS[check].rests_on(self.declared, subject)
        tables = {self.name: self, **self.tables}
        found = (tables[n].declared.sample for n in sorted(names) if n in tables)
        told = [f"{s.of}, {s.first} to {s.last}" for s in found if s]
        return f"Sample of {'; '.join(dict.fromkeys(told))}: " if told else ""


def written_otherwise(missing: Sequence[str], columns: Iterable[str]) -> str:
    """Return a clause with the columns that differ in case or blanks, "" if none do."""
    known = {name.strip().lower(): name for name in columns}
    found = [known[n.strip().lower()] for n in missing if n.strip().lower() in known]
    if not found:
        return ""
    return f"; it has '{', '.join(found)}': write that as physicalName"


def _read_event_time(table: DataTable) -> Dated:
    return read_event_time(table.source, table.declared, table.ask, table.today)


def _read_profile(table: DataTable) -> Profile:
    dated = table.once(_read_event_time)
    return profile_table(table.source, table.declared, dated, table.ask)


def as_series(
    name: str, unit: str, points: Mapping[str, Value] | Sequence[tuple[str, int]]
) -> tuple[Series, ...]:
    """Return labelled aggregates as the series of a finding; nothing where none is."""
    pairs = points.items() if isinstance(points, Mapping) else points
    return (Series.of(name, unit, pairs),) if points else ()
