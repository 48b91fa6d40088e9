"""Measure the data that an assessment declares: findings for every declared subject.

One table after the other; aggregates only; what is unchanged is not scanned again.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from readybook import __version__
from readybook.checks.catalogue import Needed, checks_of, not_measured
from readybook.measure.change import drift, events
from readybook.measure.rows import filled, history, keys, standins, values
from readybook.measure.sources.engine import EXPRESSION_ERRORS, LIMITS, Limits, Reading
from readybook.measure.sources.engines import Engines, expected_name, open_engines
from readybook.measure.sources.places import UnreachedError, locate
from readybook.measure.table import DataTable, written_otherwise
from readybook.model.case import Assessment
from readybook.model.contract import FEW_INVALID, OF_INSIDE, Column, DataModel
from readybook.model.errors import (
    InvalidInputError,
    SourceError,
    UnjudgedError,
    nearest,
)
from readybook.model.findings import (
    NOTHING,
    UNJUDGED,
    DataEvidence,
    Finding,
    MeasuredTable,
)
from readybook.model.words import as_rows, count, day
from readybook.text.documents import read_bytes

Subject = tuple[str, str]  # check, subject

#: Raised where the same rows come to another finding: within a version, too, nothing is
#: then taken over from what was measured before.
_WAY = 2
#: Measured apart: whether a table opens, and whether needed fields are in it.
_APART = {"source-opened", "fields-present"}


def _ignore(_: object) -> None:
    """Take no notice."""


@dataclass(frozen=True)
class RunOptions:
    """How a run of measuring is limited, watched and taken up again."""

    limits: Limits = LIMITS  #: of memory and time, for each table
    progress: Callable[[str], None] = _ignore  #: each table's name, before it is read
    keep: Callable[[DataEvidence], None] = _ignore  #: after it, all that is known
    begun: DataEvidence | None = None  #: what a run that was stopped had kept
    allowed: frozenset[str] = frozenset()  #: permissions, as `credentials` has them


_OPTIONS = RunOptions()


def load_begun(path: Path) -> DataEvidence | None:
    """Return what a run that was stopped left behind; None where there is nothing.

    It only saves time: what this version cannot read is measured again.
    """
    try:
        return DataEvidence.model_validate_json(read_bytes(path, name=path.name))
    except (InvalidInputError, ValidationError):
        return None


def measure_data(
    assessment: Assessment,
    folder: Path,
    *,
    today: dt.date,
    options: RunOptions = _OPTIONS,
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
        options: how the run is limited, watched and taken up again.
    """
    run, model = _Run(assessment, today), assessment.data_model
    if "data_model" not in assessment.declared:
        return run.evidence()
    with open_engines(options.limits, options.allowed) as engines:
        tables = _declared_tables(model, assessment, folder, engines, today)
        for table in tables.values():
            options.progress(table.name)
            earlier = [one for one in (options.begun, assessment.data) if one]
            if not any(run.reuse(table, one) for one in earlier):
                with engines.limit.counted():
                    run.measure(table)
                options.keep(run.evidence())
        for subject in assessment.needed_fields:
            if not run.has("fields-present", subject):
                run.add(_check_field(subject, run, tables, model, today))
    return run.evidence()


def _declared_tables(
    model: DataModel,
    assessment: Assessment,
    folder: Path,
    engines: Engines,
    today: dt.date,
) -> dict[str, DataTable]:
    """Return the model's tables, each field marked that the assessment needs."""
    needed = set(assessment.needed_fields)
    changes = assessment.changes.changes
    tables: dict[str, DataTable] = {}
    for declared in model.tables:
        columns = tuple(
            one.model_copy(update={"needed": f"{declared.name}.{one.name}" in needed})
            for one in declared.columns
        )
        tables[declared.name] = DataTable(
            declared.model_copy(update={"columns": columns}),
            locate(declared, model, folder, seconds=engines.limit.seconds),
            engines,
            today,
            tables,
            changes,
        )
    return tables


class _Run:
    """What one run of measuring has found so far."""

    def __init__(self, assessment: Assessment, today: dt.date) -> None:
        """Begin with nothing."""
        self._assessment = assessment
        self._needed = Needed.of(assessment)
        self._today = today
        self.tables: dict[str, MeasuredTable] = {}
        self._findings: dict[Subject, Finding] = {}
        seen, changed = assessment.data, {None, *assessment.declared_since}
        self._before = {
            (one.check, one.subject): one
            for one in (seen.findings if seen else ())
            if (one.outcome == "contradicts" or one.value is not None)
            and self._table_of(one) not in changed
        }

    def add(self, finding: Finding) -> None:
        """Keep a finding, or the older one where it is not measured now.

        A failure stays in any case, a pass where its table could not be read.
        """
        before = self._before.get((finding.check, finding.subject))
        if before and finding.outcome == "not measured":
            read = self.tables.get(self._table_of(before) or "")
            is_closed = read is not None and read.rows is None
            stays = is_closed and finding.check != "source-opened"
            if stays or before.outcome == "contradicts":
                finding = before
        self._findings[finding.check, finding.subject] = finding

    def _table_of(self, finding: Finding) -> str | None:
        table = self._assessment.data_model.table_of(finding.subject)
        return table.name if table else None

    def has(self, *subject: str) -> bool:
        """Return whether a check has a finding about a subject."""
        return subject in self._findings

    def measure(self, table: DataTable) -> None:
        """Open a table and keep a finding for each of its declared subjects."""
        table.identify()
        self.tables[table.name] = table.measured()
        self.add(self._since(_check_opened(table), table))
        for check, subject in self._planned(table):
            self.add(_attempt(check, subject, table))
        self.tables[table.name] = table.measured()

    def _since(self, opened: Finding, table: DataTable) -> Finding:
        """Return the finding that a table could not be opened, with when it last was."""
        last = [
            one.measured_on
            for one in self._before.values()
            if self._table_of(one) == table.name and one.check != "source-opened"
        ]
        if table.closed is None or not last:
            return opened
        message = f"{opened.message.removesuffix('.')}; last read on {day(max(last))}."
        return opened.model_copy(update={"message": message})

    def reuse(self, table: DataTable, earlier: DataEvidence) -> bool:
        """Take findings over where nothing that they were made from changed."""
        same = [one for one in earlier.tables if _is_unchanged(table, one)]
        # The age of the newest event is another one each day.
        ages = table.declared.latency and earlier.measured_on != self._today
        if not same or ages or measured_otherwise(earlier):
            return False
        wanted = {("source-opened", table.name), *self._planned(table)}
        found = [one for one in earlier.findings if (one.check, one.subject) in wanted]
        if {(one.check, one.subject) for one in found} != wanted:
            return False
        if any(one.measured_on != earlier.measured_on for one in found):
            return False  # one of them is older, and stood in for what was not measured
        fields = [
            one
            for one in earlier.findings
            if one.check == "fields-present" and self._table_of(one) == table.name
        ]
        for finding in (*found, *fields):
            self.add(finding.model_copy(update={"measured_on": self._today}))
        self.tables[table.name] = same[0]
        return True

    def evidence(self) -> DataEvidence:
        """Return all that is known; what was not measured says why."""
        missing = "data.odcs.yaml is missing, so no source is declared"
        open_needs = {
            f"need {need.id}": f"'{need.what}' names no field yet"
            for need in self._assessment.scope.needs
            if need.field is None
        }
        findings = tuple(
            self._findings.get((check.id, subject))
            or not_measured(
                check.id,
                subject,
                open_needs.get(subject, missing),
                measured_on=self._today,
            )
            for check in checks_of("data")
            for subject in check.covered(self._assessment)
        )
        return DataEvidence(
            format=1,
            kind="data",
            readybook=__version__,
            way=_WAY,
            measured_on=self._today,
            tables=tuple(self.tables.values()),
            findings=findings,
        )

    def _planned(self, table: DataTable) -> Iterator[Subject]:
        """Yield check and subject of all that is measured of an opened table."""
        for check in checks_of("data"):
            if check.id not in _APART:
                subjects = check.subjects_in(table.declared, self._needed)
                yield from ((check.id, subject) for subject in subjects)


def measured_otherwise(earlier: DataEvidence) -> str:
    """Return why nothing of earlier evidence is taken over, in words; "" if it may be."""
    if earlier.readybook != __version__:
        return f"readybook {earlier.readybook} measured it before, and this is {__version__}"
    return "readybook measures otherwise since" if earlier.way != _WAY else ""


def _is_unchanged(table: DataTable, before: MeasuredTable) -> bool:
    return (
        before.table == table.name
        and before.failed is None
        and before.engine == expected_name(table.located)
        and before.declared == table.declared.declared  # joined tables' too
        and before.changes == table.changes_declared
        and before.touched == (touched := table.touched(before.rows))
        and before.fingerprint == table.fingerprint
        and NOTHING not in {table.fingerprint, *touched.values()}
    )


# --- checks --------------------------------------------------------------------------


def _attempt(check: str, subject: str, table: DataTable) -> Finding:
    """Return what a check finds, or why it could not be measured."""
    try:
        if table.closed is not None:
            raise table.closed
        left = subject.partition(" -> ")[0].removeprefix(f"{table.name}.")
        if why := next(filter(None, (_unread(o, table) for o in left.split("+"))), ""):
            raise UnreachedError(why)
        finding = _measure(check, subject, table)
        if table.rows:
            return finding
        why = f"{table.name} has no rows"  # which prove nothing, and refute nothing
    except UnjudgedError as error:
        told = f"{subject} was not measured: {error}."
        return table.find(check, subject, None, told, value=table.rows, unit=UNJUDGED)
    except SourceError as error:
        why = str(error)
        if isinstance(error, UnreachedError):
            table.unread = why  # it is asked again next time
    except EXPRESSION_ERRORS as error:
        # The engine's own text may quote data and paths, so its kind must do.
        why = f"the engine could not compute it ({type(error).__name__})"
    return not_measured(check, subject, why, measured_on=table.today)


def _unread(column: str, table: DataTable) -> str:
    """Return why a column is not known of files that nothing looked into, or ""."""
    declared = table.declared.column(column)
    is_inside = declared is not None and declared.of_file in OF_INSIDE
    return table.reading.unread if is_inside else ""


def _measure(check: str, subject: str, table: DataTable) -> Finding:
    if check in _OF_TABLE:
        return _OF_TABLE[check](table)
    if check in _OF_COLUMN:
        columns = {f"{table.name}.{one.name}": one for one in table.declared.columns}
        return _OF_COLUMN[check](table, columns[subject])
    if check == "keys-unique":
        every = {f"{table.name}.{'+'.join(key)}": key for key in table.declared.keys}
        return keys.check_key(table, every[subject])
    joins = {join.subject: join for join in table.declared.relationships}
    return keys.check_join(joins[subject], table, table.other(joins[subject].to_table))


#: What measures each check, by the room that its function stands in.
_OF_TABLE: Mapping[str, Callable[[DataTable], Finding]] = {
    **history.OF_TABLE,
    **drift.OF_TABLE,
    **events.OF_TABLE,
}
_OF_COLUMN: Mapping[str, Callable[[DataTable, Column], Finding]] = {
    **values.OF_COLUMN,
    **standins.OF_COLUMN,
    **filled.OF_COLUMN,
    **drift.OF_COLUMN,
}


def _check_opened(table: DataTable) -> Finding:
    """Return whether a table opens and has rows."""
    why, name = table.closed, table.name
    if isinstance(why, UnreachedError):
        return not_measured("source-opened", name, str(why), measured_on=table.today)
    reading = Reading() if why else table.reading
    number, left_out = None if why else table.rows, reading.left_out
    message = f"{name} was opened; it has {count(number or 0, 'row')}"
    if why:
        message = f"{name} could not be opened: {why}"
    elif not number:
        message = f"{name} was opened and has no rows ({table.located.shown})"
    astray = _astray(table)
    message = "; ".join((message, *reading.notes, *astray, *_repeats(table)))
    is_whole = left_out <= FEW_INVALID.most(left_out + (number or 0))
    judged = bool(number) and is_whole and not astray
    if reading.unread:  # a limit of ours: no pass, unless it fails anyway
        table.unread = reading.unread
    return table.find(
        "source-opened",
        name,
        None if judged and reading.unread else judged,
        f"{message}.",
        value=number,
        unit="rows",
        threshold=1,
    )


def _astray(table: DataTable) -> list[str]:
    """Return a clause about rows of a sample that are not of its declared days."""
    sample = table.declared.sample
    if sample is None or table.closed or not table.rows or table.clock is None:
        return []
    first, last = table.clock.first, table.clock.last
    if sample.first <= first and last <= sample.last:
        return []
    return [f"its rows are of {first} to {last}, which are not all days of the sample"]


def _repeats(table: DataTable) -> list[str]:
    """Return a clause about rows that repeat in full, where no key would show them."""
    if table.closed or table.declared.keys or not table.rows:
        return []
    try:
        rows = keys.count_repeats(table)
    except (SourceError, *EXPRESSION_ERRORS):
        return []  # it was not asked for
    return [f"{as_rows(rows)} repeat another one in full"] if rows else []


def _check_field(
    subject: str,
    run: _Run,
    tables: Mapping[str, DataTable],
    model: DataModel,
    today: dt.date,
) -> Finding:
    """Return whether one needed "table.field" is a column of its source."""
    name, column = model.split(subject)
    measured, table = run.tables.get(name), tables.get(name)
    if measured is None or table is None or measured.rows is None:
        why = f"{name} is not a table of data.odcs.yaml"
        if measured is not None:
            why = measured.failed or "its table could not be opened"
        return not_measured("fields-present", subject, why, measured_on=today)
    if why := _unread(column, table):
        return not_measured("fields-present", subject, why, measured_on=today)
    is_present = column in measured.columns
    message = f"{subject} exists in the source."
    lacks = table.reading.partly.get(column)
    if lacks:
        is_present = False
        message = (
            f"{subject} exists in {lacks.of_files - lacks.files:,} of "
            f"{count(lacks.of_files, 'file')}; it is missing in {lacks.rows:,} of "
            f"{count(lacks.of_rows, 'row')}."
        )
    elif not is_present:
        message = f"{name} has no column {column}"
        if hint := written_otherwise([column], measured.columns):
            message += f"{hint}."
        else:
            advice = nearest(column, list(measured.columns))
            message += f"; {advice}" if advice.startswith("did you mean") else "."
    is_declared = table.declared.column(column) is not None
    return table.find(
        "fields-present",
        subject,
        is_present,
        message,
        value=int(is_present),
        unit="columns",
        threshold=1,
        source=None if is_declared else "assessment.yaml: needs",
        fingerprint=measured.fingerprint,
    )
