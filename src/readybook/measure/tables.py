"""Measure one declared table: every check that it declares, or why it was not done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import ibis.expr.types as ir

from readybook.checks.subjects import Needed
from readybook.measure.plan import Given, measure_subject, plan_table, touched_by
from readybook.measure.sources.engine import EXPRESSION_ERRORS
from readybook.measure.sources.engines import (
    Engines,
    Source,
    expected_name,
    fingerprint_of,
)
from readybook.measure.sources.files import Located, combine
from readybook.measure.sources.limits import UnreachedError
from readybook.measure.table.opened import Opened
from readybook.model.case import Change
from readybook.model.contract import DataModel, Table
from readybook.model.errors import SourceError
from readybook.model.findings import NOTHING, Finding, MeasuredTable
from readybook.model.words import count

__all__ = ["Run", "Subject", "fingerprint_changes", "measure_table", "not_measured"]

Subject = tuple[str, str]  # check, subject


@dataclass
class Run:
    """What one run of measuring works on and has found so far."""

    model: DataModel  #: its columns are needed where the assessment says so too
    today: dt.date
    engines: Engines
    needed: Needed
    changes: Sequence[Change] = ()
    located: dict[str, Located] = field(default_factory=dict)
    opened: dict[str, ir.Table] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    contents: dict[str, Opened] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)  #: table to why not
    tables: dict[str, MeasuredTable] = field(default_factory=dict)
    findings: dict[Subject, Finding] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Keep a finding."""
        self.findings[finding.check, finding.subject] = finding

    def attempt(self, check: str, subject: str, measure: Callable[[], Finding]) -> None:
        """Keep what a check finds, or why it could not be measured."""
        try:
            finding = measure()
        except SourceError as error:
            finding = not_measured(check, subject, str(error), self.today)
        except EXPRESSION_ERRORS as error:
            # The engine's own text may quote data and paths, so its kind must do.
            why = f"the engine could not compute it ({type(error).__name__})"
            finding = not_measured(check, subject, why, self.today)
        self.add(finding)


def not_measured(check: str, subject: str, why: str, today: dt.date) -> Finding:
    """Return the finding that something could not be measured, and why."""
    return Finding(
        check=check,
        subject=subject,
        outcome="not measured",
        message=f"{subject} was not measured: {why}.",
        measured_on=today,
        fingerprint=NOTHING,
    )


def fingerprint_changes(changes: Sequence[Change], table: str) -> str:
    """Return a fingerprint of the declared changes that concern a table."""
    own = [one.model_dump_json() for one in changes if table in (one.tables or [table])]
    return combine(sorted(own))


def measure_table(run: Run, table: Table) -> None:
    """Open one table and keep a finding for each of its declared subjects."""
    number = _count_rows(run, table.name)
    if number is not None:
        _identify(run, table, number)
    run.tables[table.name] = MeasuredTable(
        table=table.name,
        engine=_engine_text(run, table.name),
        rows=number,
        columns={} if number is None else run.sources[table.name].columns,
        fingerprint=run.located[table.name].fingerprint,
        declared=table.declared,
        touched={
            name: run.located[name].fingerprint
            for name in sorted(touched_by(table))
            if name in run.located
        },
        changes=fingerprint_changes(run.changes, table.name),
        failed=run.closed.get(table.name),
    )
    run.add(_opened(run, table, number))
    subjects = list(plan_table(table, run.needed))
    if number is None:
        why = run.closed[table.name]
        for check, subject in subjects:
            run.add(not_measured(check, subject, why, run.today))
        return
    given = _given(run, table)
    for check, subject in subjects:
        measure = partial(measure_subject, check, subject, given)
        run.attempt(check, subject, measure)


def _given(run: Run, table: Table) -> Given:
    others = {
        name: _content(run, name)
        for name in sorted(touched_by(table))
        if _count_rows(run, name) is not None
    }
    return Given(_content(run, table.name), others, run.closed, run.changes)


def _identify(run: Run, table: Table, number: int) -> None:
    """Give a table without bytes to hash a fingerprint of what it holds."""
    located = run.located[table.name]
    if located.fingerprint != NOTHING:
        return
    content = _content(run, table.name)
    columns = run.sources[table.name].columns
    try:
        mark = fingerprint_of(columns, number, content.profile)
    except (SourceError, *EXPRESSION_ERRORS):
        mark = fingerprint_of(columns, number, None)
    run.located[table.name] = replace(located, fingerprint=mark)
    run.contents[table.name] = content.marked(mark)


def _open(run: Run, name: str) -> ir.Table | None:
    """Return a table's source, opened once; None where `closed` says why not."""
    table, located = run.model.table(name), run.located.get(name)
    if table is None or located is None:
        run.closed[name] = f"{name} is not a table of data.odcs.yaml"
    elif located.failed is not None:
        run.closed[name] = located.failed
    elif name not in run.opened and name not in run.closed:
        source = run.sources[name] = run.engines.open(table, located)
        if source.table is None:
            _close(run, name, str(source.failed), found=source.found)
        else:
            run.located[name] = source.located
            run.opened[name] = source.table
    return run.opened.get(name)


def _close(run: Run, name: str, why: str, *, found: bool) -> None:
    """Keep why a table is not open; not found: nothing is contradicted."""
    run.opened.pop(name, None)
    run.closed[name] = why
    run.located[name] = replace(run.located[name], failed=why, found=found)


def _engine_text(run: Run, name: str) -> str:
    source = run.sources.get(name)
    if source is not None and source.engine is not None:
        return source.engine.name
    return expected_name(run.located[name])


def _count_rows(run: Run, name: str) -> int | None:
    """Return a table's rows, counted once; None where `closed` says why not."""
    source = _open(run, name)
    if source is None or name in run.rows:
        return run.rows.get(name)
    try:
        counted = run.sources[name].ask(source.aggregate(rows=source.count()))
    except SourceError as error:
        why = f"{run.located[name].shown} cannot be read to its end: {error}"
        found = not isinstance(error, UnreachedError)
        _close(run, name, why, found=found)
        return None
    run.rows[name] = int(counted[0]["rows"])
    return run.rows[name]


def _opened(run: Run, table: Table, number: int | None) -> Finding:
    located = run.located[table.name]
    if not located.found:
        why = run.closed[table.name]
        return not_measured("source-opened", table.name, why, run.today)
    if number is None:
        message = f"{table.name} could not be opened: {run.closed[table.name]}."
    elif number == 0:
        message = f"{table.name} was opened and has no rows ({located.shown})."
    else:
        message = f"{table.name} was opened; it has {count(number, 'row')}."
    return Finding(
        check="source-opened",
        subject=table.name,
        outcome="supports" if number else "contradicts",
        message=message,
        value=number,
        unit="rows",
        threshold=1,
        threshold_source=f"data.odcs.yaml: {table.name}",
        measured_on=run.today,
        fingerprint=located.fingerprint,
    )


def _is_text(located: Located) -> bool:
    is_local = located.server is None or located.server.type == "local"
    return is_local and located.format == "csv"


def _content(run: Run, name: str) -> Opened:
    """Return a table that is open, as its checks are given it, made once."""
    if name not in run.contents:
        declared = run.model.table(name)
        if declared is None or name not in run.opened:
            raise SourceError(run.closed.get(name, f"{name} is not open"))
        located = run.located[name]
        run.contents[name] = Opened(
            declared=declared,
            source=run.opened[name],
            rows=run.rows[name],
            fingerprint=located.fingerprint,
            today=run.today,
            ask=run.sources[name].ask,
            typed=not _is_text(located),
        )
    return run.contents[name]
