"""What once failed, and what ends that: a pass that is asked no less, or a withdrawal; pure.

The list of failures keeps beside each failed limit what was asked then, so that a shorter
list of categories or a wider range is known to ask less, whatever rows pass it.
"""

from collections.abc import Iterable, Iterator

from readybook.checks.catalogue import CHECKS
from readybook.checks.findings import by_subject
from readybook.model.case import Assessment
from readybook.model.contract import Column, DataModel, Table, split_name
from readybook.model.findings import NOTHING, Finding, Series

_ASKED = "asked"  #: name of the series in which the list keeps it
_NONE = "texts for none"  #: of a column: each takes rows out of what is looked at
_NO_MORE_THAN = {"at most", "below", "values", _NONE}  #: of these, more is laxer
_ONE_OF = ("time ", "known by ", "open days ", "grain ")

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
    if check.reads == "data":
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
    table = model.table_of(finding.subject)
    if table is None:
        return {}
    columns = _columns(finding, table, model)
    found = _of_table(finding.check, table)
    if len(columns) == 1:
        found |= _of_column(finding.check, columns[0])
    if columns and finding.check in _WITH_VALUES:
        found[_NONE] = sum(len(one.null_tokens) for one in columns)
    return {name: one for name, one in found.items() if one is not None}


def _of_column(check: str, column: Column) -> dict[str, float | None]:
    if check == "categories-populated":
        names = (
            f"value {at}" if column.restricted else one.value
            for at, one in enumerate(column.categories, 1)
        )
        least = (one.min_rows for one in column.categories)
        return {f"rows of {n}": rows for n, rows in zip(names, least, strict=True)}
    if check == "values-declared":
        return {"values": len(column.categories)}
    if check == "label-delay":
        return {f"known by {column.label_known}": 1}
    if check in {"values-in-range", "sentinels-absent"}:
        return {
            "at least": column.minimum, "above": column.above,
            "at most": column.maximum, "below": column.below,
        }  # fmt: skip
    return {}


def _of_table(check: str, table: Table) -> dict[str, float | None]:
    named: list[str] = []
    if check in _BY_TIME:
        named.append(f"time {table.event_time}")
    if check in _BY_TIME - {"label-delay", "history-span", "data-fresh"}:
        days = table.calendar.model_dump_json() if table.calendar else "all"
        named += [f"open days {days}", *table.segments]
    if check in {"steps-declared", "schema-same"}:
        named += [f"column {one.name}" for one in table.columns]
    if check == "steps-declared":
        named += [f"size of {one.name}" for one in _sized(table)]
    found = dict[str, float | None](dict.fromkeys(named, 1))
    if check in {"history-gaps", "arrivals-regular"}:
        found |= {f"grain {table.grain}": 1, "rows of a period": table.min_rows}
    return found


#: Checks of rows with a value, so that who calls values none has fewer of them looked at.
_WITH_VALUES = {"values-declared", "values-in-range", "keys-unique", "joins-match"}
#: Checks of days, as the column has them that a table is said to be dated by.
_BY_TIME = {
    "label-delay", "history-span", "history-gaps", "arrivals-regular", "data-fresh",
    "steps-declared",
}  # fmt: skip


def _columns(finding: Finding, table: Table, model: DataModel) -> list[Column]:
    """Return the declared columns that a finding is about: one, or those of a key."""
    names = model.split(finding.subject)[1].partition(" -> ")[0]
    each = [names, *names.split("+")]
    found = {one.name: one for name in each if (one := table.column(name))}
    return [*found.values()]


def _sized(table: Table) -> Iterator[Column]:
    """Yield the columns whose numbers stand for no name, so that their size is known."""
    names = {name for key in table.keys for name in key}
    names |= {name for join in table.relationships for name in join.columns}
    for one in table.columns:
        is_size = one.type in {"integer", "number"} and not one.categories
        if is_size and one.name not in names:
            yield one


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
    """Return all that was asked, at any time since it first failed.

    Of what a table has one of, what it had first: no later look could have both.
    """
    had = tuple(kind for kind in _ONE_OF if any(n.startswith(kind) for n in one))
    new = {name: value for name, value in other.items() if not name.startswith(had)}
    both = {
        name: (min if name in _NO_MORE_THAN else max)(one[name], other[name])
        for name in one.keys() & other.keys()
    }
    return {**new, **one, **both}


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
            and CHECKS[failed.check].reads == "data"
            and passed.measured_on >= failed.measured_on
            and not replaces(passed, failed, model)
        ):
            yield failed, passed
