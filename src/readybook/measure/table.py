"""Measure one declared table: every check that it declares, or why it was not done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from readybook.contract import DataModel, Relationship, Table
from readybook.errors import SourceError, nearest
from readybook.findings import Finding, MeasuredTable
from readybook.measure.categories import check_categories
from readybook.measure.files import NOTHING, Located, combine
from readybook.measure.gaps import check_gaps
from readybook.measure.history import check_span, count_days
from readybook.measure.keys import check_join, check_key
from readybook.measure.source import ENGINE_ERRORS, engine_name, open_table
from readybook.words import count

__all__ = [
    "Run",
    "Subject",
    "check_field",
    "measure_table",
    "not_measured",
    "subjects_of",
]

Subject = tuple[str, str]  # check, subject


@dataclass
class Run:
    """What one run of measuring works on and has found so far."""

    model: DataModel
    today: dt.date
    engine: Backend
    located: dict[str, Located] = field(default_factory=dict)
    opened: dict[str, ir.Table] = field(default_factory=dict)
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
        except ENGINE_ERRORS as error:
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


def subjects_of(table: Table) -> Iterator[Subject]:
    """Yield what is found out about one table; needed fields are looked up apart."""
    yield "source-opened", table.name
    for column in table.columns:
        if column.categories:
            yield "categories-populated", f"{table.name}.{column.name}"
    if table.event_time and table.history_needed:
        yield "history-span", table.name
    if table.event_time and table.grain:
        yield "history-gaps", table.name
    for key in table.keys:
        yield "keys-unique", f"{table.name}.{'+'.join(key)}"
    for join in table.relationships:
        yield "joins-match", join.subject


def measure_table(run: Run, table: Table) -> None:
    """Open one table and keep a finding for each of its declared subjects."""
    number = _count_rows(run, table)
    source = run.opened.get(table.name)
    schema = source.schema().items() if source is not None else ()
    run.tables[table.name] = MeasuredTable(
        table=table.name,
        engine=engine_name(),
        rows=number,
        columns={name: str(kind) for name, kind in schema},
        fingerprint=run.located[table.name].fingerprint,
        declared=table.declared,
        failed=run.closed.get(table.name),
    )
    run.add(_opened(run, table, number))
    if source is not None:
        _measure_content(run, table, source)
        return
    for check, subject in list(subjects_of(table))[1:]:
        why = run.closed[table.name]
        run.add(not_measured(check, subject, why, run.today))


def _open(run: Run, name: str) -> ir.Table | None:
    """Return a table's source, opened once; None where `closed` says why not."""
    table, located = run.model.table(name), run.located.get(name)
    if table is None or located is None:
        run.closed[name] = f"{name} is not a table of data.odcs.yaml"
    elif located.failed is not None:
        run.closed[name] = located.failed
    elif name not in run.opened and name not in run.closed:
        try:
            run.opened[name] = open_table(run.engine, table, located)
        except SourceError as error:
            run.closed[name] = str(error)
    return run.opened.get(name)


def _count_rows(run: Run, table: Table) -> int | None:
    source = _open(run, table.name)
    if source is None:
        return None
    try:
        return int(source.count().to_pyarrow().as_py())
    except ENGINE_ERRORS:
        del run.opened[table.name]
        shown = run.located[table.name].shown
        run.closed[table.name] = f"{shown} cannot be read to its end"
        return None


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


def _measure_content(run: Run, table: Table, source: ir.Table) -> None:
    """Run the checks that a table declares on its rows."""
    name = table.name
    mark = (run.located[name].fingerprint, run.today)
    for column in table.columns:
        if column.categories:
            subject = f"{name}.{column.name}"
            measure = partial(check_categories, source, subject, column, *mark)
            run.attempt("categories-populated", subject, measure)
    if table.event_time and table.history_needed:
        run.attempt("history-span", name, partial(_span, run, table, source))
    if table.event_time and table.grain:
        measure = partial(check_gaps, run.engine, source, table, *mark)
        run.attempt("history-gaps", name, measure)
    for key in table.keys:
        subject = f"{name}.{'+'.join(key)}"
        run.attempt(
            "keys-unique", subject, partial(check_key, source, name, key, *mark)
        )
    for join in table.relationships:
        run.attempt("joins-match", join.subject, partial(_join, run, join))


def _span(run: Run, table: Table, source: ir.Table) -> Finding:
    days = count_days(run.engine, source, table)
    fingerprint = run.located[table.name].fingerprint
    return check_span(days, table, fingerprint, run.today)


def _join(run: Run, join: Relationship) -> Finding:
    if _open(run, join.to_table) is None:
        raise SourceError(run.closed[join.to_table])
    both = [run.located[name].fingerprint for name in (join.table, join.to_table)]
    return check_join(join, run.opened, combine(both), run.today)


def check_field(run: Run, subject: str) -> Finding:
    """Return whether one needed "table.field" is a column of its source."""
    name, _dot, column = subject.partition(".")
    measured = run.tables.get(name)
    if measured is None:
        why = f"{name} is not a table of data.odcs.yaml"
        return not_measured("fields-present", subject, why, run.today)
    if measured.rows is None:
        why = measured.failed or "its table could not be opened"
        return not_measured("fields-present", subject, why, run.today)
    is_present = column in measured.columns
    if is_present:
        message = f"{subject} exists in the source."
    else:
        advice = nearest(column, list(measured.columns))
        hint = f"; {advice}" if advice.startswith("did you mean") else "."
        message = f"{name} has no column {column}{hint}"
    declared = run.model.table(name)
    known = declared.column(column) if declared else None
    by_model = known is not None and known.needed
    return Finding(
        check="fields-present",
        subject=subject,
        outcome="supports" if is_present else "contradicts",
        message=message,
        value=int(is_present),
        unit="columns",
        threshold=1,
        threshold_source=f"data.odcs.yaml: {subject}"
        if by_model
        else "assessment.yaml: needs",
        measured_on=run.today,
        fingerprint=measured.fingerprint,
    )
