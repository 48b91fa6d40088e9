"""One opened table: what every check of its rows is given, and how it answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import ibis.expr.types as ir

from readybook.measure.sources.clock import Clock, read_clock
from readybook.measure.sources.limits import UnreachedError
from readybook.measure.table.profile import Profile, profile_table
from readybook.measure.table.standins import StandIns, find_standins
from readybook.model.contract import Table
from readybook.model.errors import SourceError
from readybook.model.findings import Finding, Outcome, Series

__all__ = ["Opened"]


@dataclass
class _Made:
    """What was read of a table so far."""

    clock: Clock | SourceError | None = None
    profile: Profile | None = None
    standins: dict[str, StandIns] | None = None


@dataclass(frozen=True)
class Opened:
    """A declared table, opened for reading; null tokens are nulls already."""

    declared: Table
    source: ir.Table
    rows: int
    fingerprint: str  #: of its content
    today: dt.date
    ask: Callable[[ir.Table], list[dict[str, Any]]]  #: the rows of a small result
    typed: bool = True  #: False: types were guessed from text, as in CSV
    made: _Made = field(default_factory=_Made, init=False, repr=False, compare=False)

    @property
    def name(self) -> str:
        """Return the table's name in the contract."""
        return self.declared.name

    @property
    def clock(self) -> Clock | None:
        """Return the clock of its event time, None where no day can be told.

        Raises:
            UnreachedError: the source is out of reach.
        """
        name = self.declared.event_time
        if self.made.clock is None and name is not None:
            try:
                clock = read_clock(self.source, self.declared, name, self.ask)
            except UnreachedError:
                raise
            except SourceError as error:
                self.made.clock = error  # the checks of history say why
            else:
                self.made.clock = clock
        return self.made.clock if isinstance(self.made.clock, Clock) else None

    @property
    def profile(self) -> Profile:
        """Return the aggregates of its columns by local day, read in one pass, once."""
        if self.made.profile is None:
            self.made.profile = profile_table(self.source, self.declared, self.ask)
        return self.made.profile

    @property
    def standins(self) -> dict[str, StandIns]:
        """Return what stands in for unknown in its needed columns, looked up once."""
        if self.made.standins is None:
            needed = [column for column in self.declared.columns if column.needed]
            self.made.standins = find_standins(
                self.source, self.declared, needed, self.ask
            )
        return self.made.standins

    def marked(self, fingerprint: str) -> Opened:
        """Return the same content under another fingerprint; it is not read again."""
        other = replace(self, fingerprint=fingerprint)
        other.made.profile, other.made.standins = self.made.profile, self.made.standins
        return other

    def require(self, *columns: str) -> None:
        """Refuse what needs a column that the source lacks.

        Raises:
            SourceError: a column is missing.
        """
        missing = [name for name in columns if name not in self.source.columns]
        if missing:
            msg = f"{self.name} has no column {', '.join(missing)}"
            raise SourceError(msg)

    def find(  # noqa: PLR0913 - what a finding has
        self,
        check: str,
        subject: str,
        outcome: Outcome,
        message: str,
        *,
        value: float | str | None = None,
        unit: str | None = None,
        threshold: float | str | None = None,
        source: str | None = None,
        series: tuple[Series, ...] = (),
    ) -> Finding:
        """Return a finding about this table, dated and with its fingerprint.

        Args:
            check: its id.
            subject: the table, or "table.column".
            outcome: what it says of the declaration.
            message: one sentence for a director.
            value: what was measured.
            unit: of value and threshold.
            threshold: what was needed.
            source: who says so; by default the data model, at the subject.
            series: the aggregates behind it.
        """
        said = source or f"data.odcs.yaml: {subject}"
        return Finding(
            check=check,
            subject=subject,
            outcome=outcome,
            message=message,
            value=value,
            unit=unit,
            threshold=threshold,
            threshold_source=None if threshold is None else said,
            measured_on=self.today,
            fingerprint=self.fingerprint,
            series=series,
        )
