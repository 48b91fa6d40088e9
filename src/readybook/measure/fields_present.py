"""Are the needed fields among the columns of their tables?"""

from __future__ import annotations

from readybook.measure.tables import Run, not_measured
from readybook.model.errors import nearest
from readybook.model.findings import Finding

__all__ = ["check_field"]


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
