"""Measure the data that an assessment declares: findings for every declared subject.

One table after the other; aggregates only; what is unchanged is not scanned again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from readybook import __version__
from readybook.checks.catalogue import checks_of
from readybook.checks.subjects import Needed
from readybook.measure.fields_present import check_field
from readybook.measure.plan import plan_table, touched_by
from readybook.measure.sources.engines import expected_name, open_engines
from readybook.measure.sources.files import locate
from readybook.measure.sources.limits import LIMITS, Limits
from readybook.measure.tables import (
    Run,
    Subject,
    fingerprint_changes,
    measure_table,
    not_measured,
)
from readybook.model.case import Assessment
from readybook.model.contract import DataModel, Table
from readybook.model.findings import NOTHING, DataEvidence, Finding, MeasuredTable

__all__ = ["Course", "measure_data"]


def _ignore(_: object) -> None:
    """Take no notice."""


@dataclass(frozen=True)
class Course:
    """How a run of measuring is limited, watched and taken up again."""

    limits: Limits = LIMITS  #: of memory and time, for each table
    progress: Callable[[str], None] = _ignore  #: each table's name, before it is read
    keep: Callable[[DataEvidence], None] = _ignore  #: after it, all that is known
    begun: DataEvidence | None = None  #: what a run that was stopped had kept


_COURSE = Course()


def measure_data(
    assessment: Assessment,
    folder: Path,
    *,
    today: dt.date,
    course: Course = _COURSE,
) -> DataEvidence:
    """Return what the declared data shows: a finding for every declared subject.

    What cannot be read is a finding too, "not measured" and why, or a contradiction
    where a file is there and is not what was declared.

    Args:
        assessment: what is declared; its data model names the sources. A table whose
            content and declaration are the same as in its earlier evidence keeps those
            findings, under today's date, without a scan.
        folder: the assessment's folder; paths in the data model start there.
        today: the date of the measurement.
        course: how the run is limited, watched and taken up again.
    """
    model = assessment.data_model
    if model is None:
        return _evidence(assessment, {}, {}, today)
    needed = Needed.of(assessment)
    changes = assessment.changes.changes if assessment.changes else ()
    with open_engines(course.limits) as engines:
        run = Run(_with_needs(model, needed.fields), today, engines, needed, changes)
        for table in run.model.tables:
            run.located[table.name] = locate(table, model, folder)
        for table in run.model.tables:
            course.progress(table.name)
            earlier = [one for one in (course.begun, assessment.data) if one]
            if any(_reuse(run, table, one) for one in earlier):
                continue
            with engines.limit.counted():
                measure_table(run, table)
            course.keep(_evidence(assessment, run.tables, run.findings, today))
    for subject in assessment.needed_fields:
        run.add(check_field(run, subject))
    return _evidence(assessment, run.tables, run.findings, today)


def _with_needs(model: DataModel, needed: frozenset[str]) -> DataModel:
    """Return the model with each field marked that the assessment needs."""
    tables = []
    for table in model.tables:
        columns = tuple(
            one.model_copy(update={"needed": f"{table.name}.{one.name}" in needed})
            for one in table.columns
        )
        tables.append(table.model_copy(update={"columns": columns}))
    return model.model_copy(update={"tables": tuple(tables)})


def _evidence(
    assessment: Assessment,
    tables: Mapping[str, MeasuredTable],
    findings: Mapping[Subject, Finding],
    today: dt.date,
) -> DataEvidence:
    missing = "data.odcs.yaml is missing, so no source is declared"
    open_needs = {
        f"need {need.id}": f"'{need.what}' names no field yet"
        for need in assessment.scope.needs
        if need.field is None
    }
    return DataEvidence(
        format=1,
        kind="data",
        readybook=__version__,
        measured_on=today,
        tables=tuple(tables.values()),
        findings=tuple(
            findings.get((check.id, subject))
            or not_measured(check.id, subject, open_needs.get(subject, missing), today)
            for check in checks_of("data")
            for subject in check.subjects(assessment)
        ),
    )


def _reuse(run: Run, table: Table, earlier: DataEvidence) -> bool:
    """Take a table's findings over where nothing that they were made from changed."""
    known = {one.table: one for one in earlier.tables}
    before = known.get(table.name)
    # The age of the newest event is another one each day.
    ages = table.latency is not None and earlier.measured_on != run.today
    if (
        before is None
        or ages
        or earlier.readybook != __version__
        or not _is_unchanged(run, table, before)
    ):
        return False
    of_table = {("source-opened", table.name), *plan_table(table, run.needed)}
    found = [one for one in earlier.findings if (one.check, one.subject) in of_table]
    if {(one.check, one.subject) for one in found} != of_table:
        return False
    for finding in found:
        run.add(finding.model_copy(update={"measured_on": run.today}))
    run.tables[table.name] = before
    return True


def _is_unchanged(run: Run, table: Table, before: MeasuredTable) -> bool:
    located = run.located
    read = {table.name: before.fingerprint, **before.touched}
    return (
        before.failed is None
        and before.engine == expected_name(located[table.name])
        and before.declared == table.declared  # joined tables' declarations too
        and before.changes == fingerprint_changes(run.changes, table.name)
        and set(before.touched) == touched_by(table) & set(located)
        and all(
            located[name].fingerprint == mark != NOTHING for name, mark in read.items()
        )
    )
