"""Measure the data that an assessment declares: findings for every declared subject.

One table after the other; aggregates only; what is unchanged is not scanned again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path

from readybook import __version__
from readybook.checks import CHECKS
from readybook.contract import Table
from readybook.declared import Assessment
from readybook.findings import DataEvidence, Finding, MeasuredTable
from readybook.measure.files import locate
from readybook.measure.source import engine_name, open_engine
from readybook.measure.table import (
    Run,
    Subject,
    check_field,
    measure_table,
    not_measured,
    subjects_of,
)

__all__ = ["DATA_CHECKS", "measure_data"]

#: The checks of data, in the order in which findings are kept.
DATA_CHECKS = (
    "source-opened",
    "fields-present",
    "categories-populated",
    "history-span",
    "history-gaps",
    "keys-unique",
    "joins-match",
)


def measure_data(
    assessment: Assessment,
    folder: Path,
    *,
    today: dt.date,
    progress: Callable[[str], None] | None = None,
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
        progress: called with the name of each table before it is measured.
    """
    model = assessment.data_model
    if model is None:
        return _evidence(assessment, {}, {}, today)
    with open_engine() as engine:
        run = Run(model, today, engine)
        for table in model.tables:
            run.located[table.name] = locate(table, model, folder)
        for table in model.tables:
            if progress is not None:
                progress(table.name)
            if assessment.data is None or not _reuse(run, table, assessment.data):
                measure_table(run, table)
    for subject in assessment.needed_fields:
        run.add(check_field(run, subject))
    return _evidence(assessment, run.tables, run.findings, today)


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
            findings.get((check, subject))
            or not_measured(check, subject, open_needs.get(subject, missing), today)
            for check in DATA_CHECKS
            for subject in CHECKS[check].subjects(assessment)
        ),
    )


def _reuse(run: Run, table: Table, earlier: DataEvidence) -> bool:
    """Take a table's findings over where neither it nor a joined table has changed."""
    known = {one.table: one for one in earlier.tables}
    touched = {table.name, *(join.to_table for join in table.relationships)}
    if earlier.readybook != __version__ or not all(
        _is_unchanged(run, name, known) for name in touched
    ):
        return False
    of_table = set(subjects_of(table))
    found = [one for one in earlier.findings if (one.check, one.subject) in of_table]
    if {(one.check, one.subject) for one in found} != of_table:
        return False
    for finding in found:
        run.add(finding.model_copy(update={"measured_on": run.today}))
    run.tables[table.name] = known[table.name]
    return True


def _is_unchanged(run: Run, name: str, known: Mapping[str, MeasuredTable]) -> bool:
    table, before = run.model.table(name), known.get(name)
    return (
        table is not None
        and before is not None
        and before.failed is None
        and before.engine == engine_name()
        and before.declared == table.declared
        and before.fingerprint == run.located[name].fingerprint
    )
