"""What once failed, and what ends that: a pass that is asked no less, or a withdrawal; pure.

The list of failures keeps beside each failed limit what was asked then, so that a shorter
list of categories or a wider range is known to ask less, whatever rows pass it.
"""

from collections.abc import Iterable, Iterator

from readybook.checks.catalogue import CHECKS
from readybook.checks.findings import by_subject
from readybook.model.case import Assessment
from readybook.model.contract import DataModel, split_name
from readybook.model.findings import NOTHING, Finding, Series

_ASKED = "asked"  #: name of the series in which the list keeps it
_NO_MORE_THAN = {"at most", "below", "values"}  #: of these, more is laxer

Asked = dict[str, float]

#: Of what failed before there was a list, and was declared otherwise since.
_NOBODY_KNOWS: Asked = {"not known": 1}


def replaces(now: Finding | None, failed: Finding, model: DataModel) -> bool:
    """Return whether a subject was looked at again since it failed, no less strictly.

    To need less of a machine than it failed to give, or to ask less of the data, is no
    pass. The register is looked at each time, whatever the day of what it says.

    Args:
        now: what was found last; None: nothing.
        failed: what had failed.
        model: the data model as it is declared now.
    """
    if now is None or now.outcome not in {"supports", "contradicts"}:
        return False
    check, needed, before = CHECKS[now.check], now.threshold, failed.threshold
    if check.reads != "register" and now.measured_on < failed.measured_on:
        return False
    if now.outcome == "contradicts":
        return True
    if check.limit:
        return not _is_laxer(now, failed, model)
    if isinstance(needed, int | float) and isinstance(before, int | float):
        enough = needed >= before if check.at_least else needed <= before
        return enough or check.reads != "resources"
    return True


def _is_laxer(now: Finding, failed: Finding, model: DataModel) -> bool:
    """Return whether the data passes what it failed only because less is asked of it.

    The same rows pass, or others do that would fail by the limit of before. A number of
    rows that is tolerated follows from how many there are.
    """
    check, value, before = CHECKS[now.check], now.value, failed.threshold
    if _asks_less(asked(now, model), _asked_then(failed)):
        return True
    if check.limit is not True:
        return False
    if now.fingerprint == failed.fingerprint != NOTHING:
        return True
    if failed.unit == "rows" or isinstance(value, str | None):
        return False
    if isinstance(before, str | None):
        return False
    return value < before if check.at_least else value > before


def _asks_less(now: Asked, then: Asked) -> bool:
    return any(
        name not in now
        or (now[name] > before if name in _NO_MORE_THAN else now[name] < before)
        for name, before in then.items()
    )


def asked(finding: Finding, model: DataModel) -> Asked:
    """Return what is asked of a subject beside the limit that its finding has itself.

    Values of a restricted column have no name here.
    """
    check, (_, name) = finding.check, model.split(finding.subject)
    table = model.table_of(finding.subject)
    column = table.column(name) if table else None
    found: dict[str, float | None] = {}
    if column and check == "categories-populated":
        for at, one in enumerate(column.categories):
            value = f"value {at + 1}" if column.restricted else one.value
            found[f"rows of {value}"] = one.min_rows
    elif column and check == "values-declared":
        found = {"values": len(column.categories)}
    elif column and check == "values-in-range":
        found = {
            "at least": column.minimum, "above": column.above,
            "at most": column.maximum, "below": column.below,
        }  # fmt: skip
    elif table and check in {"history-gaps", "arrivals-regular"}:
        days = table.calendar.model_dump_json() if table.calendar else "all"
        told = [f"grain {table.grain}", f"open days {days}", *table.segments]
        found = {"rows of a period": table.min_rows, **dict.fromkeys(told, 1)}
    return {name: one for name, one in found.items() if one is not None}


def _asked_then(failed: Finding) -> Asked:
    """Return what the list of failures keeps of it; nothing, in older ones."""
    kept = next((one for one in failed.series if one.name == _ASKED), None)
    points = kept.points if kept else ()
    return {
        one.label: one.value for one in points if isinstance(one.value, int | float)
    }


def still_failing(
    before: Iterable[Finding], findings: Iterable[Finding], assessment: Assessment
) -> tuple[Finding, ...]:
    """Return what failed before or fails now and has not passed since, in sorted order.

    Args:
        before: what had failed.
        findings: what was found since.
        assessment: as it is declared now.
    """
    model = assessment.data_model
    failed = {(f.check, f.subject): f for f in before}
    for key, finding in by_subject(findings).items():
        if finding.outcome == "contradicts":
            then = _asked_then(failed[key]) if key in failed else {}
            now = asked(finding, model)
            if now and key not in failed and was_redeclared(finding, assessment):
                now = _NOBODY_KNOWS
            kept = _series(_strictest(then, now))
            failed[key] = finding.model_copy(update={"series": kept})
        elif key in failed and replaces(finding, failed[key], model):
            del failed[key]
    return tuple(failed[key] for key in sorted(failed))


def _strictest(one: Asked, other: Asked) -> Asked:
    """Return all that was asked, at any time since it first failed."""
    both = {
        name: (min if name in _NO_MORE_THAN else max)(one[name], other[name])
        for name in one.keys() & other.keys()
    }
    return {**one, **other, **both}


def was_redeclared(finding: Finding, assessment: Assessment) -> bool:
    """Return whether the table's declaration changed, or went, since it was measured."""
    if assessment.data is None:
        return False
    if CHECKS[finding.check].reads != "data":
        return False  # judged anew each time; its subject may be called like a table
    now = {one.name: one.declared for one in assessment.data_model.tables}
    then = {one.table: one.declared for one in assessment.data.tables}
    name, _column = split_name(finding.subject, now | then)
    return name in then and then[name] != now.get(name)


def _series(told: Asked) -> tuple[Series, ...]:
    return (Series.of(_ASKED, "declared", sorted(told.items())),) if told else ()


def loosened(assessment: Assessment) -> Iterator[tuple[Finding, Finding]]:
    """Yield what failed and passes now only because less is asked: then, and now."""
    now = by_subject(assessment.data.findings if assessment.data else ())
    model = assessment.data_model
    for failed in assessment.failures.findings if assessment.failures else ():
        passed = now.get((failed.check, failed.subject))
        if (
            passed
            and passed.outcome == "supports"
            and CHECKS[failed.check].limit
            and passed.measured_on >= failed.measured_on
            and not replaces(passed, failed, model)
        ):
            yield failed, passed
