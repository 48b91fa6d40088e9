"""Tables of what is needed and what was measured: needs, findings, joins, evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

from readybook import theme
from readybook.checks import CHECKS
from readybook.declared import Assessment, Need, Resource
from readybook.findings import Finding
from readybook.fragment import Column, Fragment, code, draw_html, lines, small, table
from readybook.models import Bank
from readybook.words import count, day, number, role_title

__all__ = [
    "NEEDS",
    "evidence_table",
    "findings_table",
    "join_table",
    "need_matrix",
    "outcome_mark",
    "resources_table",
]

#: Field of `ResourceNeeds` to the check that measures it, its name and its unit.
NEEDS = {
    "memory_gib": ("memory-enough", "memory", "GiB"),
    "swap_gib": ("swap-enough", "swap", "GiB"),
    "cpus": ("cpus-enough", "CPUs", "CPUs"),
}
#: Beyond so many rows, what was supported is folded.
_MOST_ROWS = 8
_LOUDEST = ("contradicts", "not measured", "informs", "supports")


def outcome_mark(outcome: str, words: str | None = None) -> Markup:
    """Return the mark of a finding's outcome, in its own or in other words."""
    return theme.mark(theme.OUTCOMES[outcome], words)


def need_matrix(
    assessment: Assessment, findings: Sequence[Finding], bank: Bank
) -> Fragment:
    """Return one row per need: what the use case needs against what was measured."""
    rows = [
        _need_row(need, assessment, findings, bank) for need in assessment.scope.needs
    ]
    columns = (
        Column("Need", "long"),
        Column("Use"),
        Column("Field"),
        Column("Declared"),
        Column("Present"),
        Column("Categories"),
        Column("History"),
        Column("Keys and joins"),
    )
    empty = "No need is declared yet: assessment.yaml, key needs."
    caption = "What the use case needs, and what is there"
    return table(caption, columns, rows, empty=empty)


def _need_row(
    need: Need, assessment: Assessment, findings: Sequence[Finding], bank: Bank
) -> list[str | Markup]:
    ask = f"not looked at: ask {role_title(bank, need.ask)}"
    if need.field is None:
        nothing = theme.mark(theme.OUTCOMES["not measured"], "no field known yet")
        unknown = f"ask {role_title(bank, need.ask)}"
        return [need.what, need.use, nothing, "no", unknown, "", "", ""]
    name, _, column_name = need.field.partition(".")
    model = assessment.data_model
    declared = model.table(name) if model else None
    column = declared.column(column_name) if declared else None
    present = _found(findings, "fields-present", {need.field})
    has_categories = bool(column and column.categories)
    has_history = bool(declared and (declared.history_needed or declared.grain))
    history = [
        f for c in ("history-span", "history-gaps") for f in _found(findings, c, {name})
    ]
    joins = [
        f
        for c in ("keys-unique", "joins-match")
        for f in _found(findings, c)
        if _touches(f.subject, name, column_name)
    ]
    categories = _found(findings, "categories-populated", {need.field})
    return [
        need.what,
        need.use,
        code(need.field),
        "yes" if column else "no",
        _cell(present, ask),
        _cell(categories) if has_categories else "none declared",
        _cell(history) if has_history else "none declared",
        _cell(joins) if joins else "none declared",
    ]


def _touches(subject: str, table_name: str, column: str) -> bool:
    """Return whether a key or join ("table.a+b -> other.c") uses the column."""
    for side in subject.split(" -> "):
        name, _, columns = side.partition(".")
        if name == table_name and column in columns.split("+"):
            return True
    return False


def _found(
    findings: Iterable[Finding], check: str, subjects: set[str] | None = None
) -> list[Finding]:
    return [
        f
        for f in findings
        if f.check == check and (subjects is None or f.subject in subjects)
    ]


def _cell(findings: Sequence[Finding], nothing: str = "not looked at") -> Markup:
    """Return the loudest outcome in short words, with what was counted."""
    measured = [f for f in findings if f.outcome != "not measured"]
    if not measured:
        return theme.mark(theme.OUTCOMES["not measured"], nothing)
    loudest = min(measured, key=lambda f: _LOUDEST.index(f.outcome))
    good, bad = {
        "fields-present": ("present", "absent"),
        "categories-populated": ("populated", "not populated"),
        "history-span": ("long enough", "too short"),
        "history-gaps": ("long enough", "has gaps"),
        "keys-unique": ("unique", "not unique"),
        "joins-match": ("joins", "does not join"),
    }[loudest.check]
    if loudest.outcome == "contradicts":
        said = number(loudest.value, loudest.unit)
        detail = f": {said}" if said and loudest.check != "fields-present" else ""
        return outcome_mark("contradicts", bad + detail)
    return outcome_mark(loudest.outcome, good)


_FINDING_COLUMNS = (
    Column("Subject", "head"),
    Column("Outcome"),
    Column("What was found", "wide"),
    Column("Measured", "number"),
    Column("Needed", "number"),
    Column("On", "date"),
)


def _amount(value: float | str | None, unit: str | None) -> str | Markup:
    """Return a number with its unit; a unit of several words on a line of its own."""
    if value is None or unit is None or " " not in unit or unit.startswith("share"):
        return number(value, unit)
    return lines([number(value), small(unit)])


def _source(finding: Finding) -> str:
    source = finding.threshold_source
    return f"Needed according to {source}" if source else ""


def findings_table(findings: Sequence[Finding], checks: Sequence[str] = ()) -> Fragment:
    """Return findings, loudest first; supported ones folded where there are many.

    Args:
        findings: what was measured.
        checks: ids of the checks to show; none means all.
    """
    shown = [f for f in findings if not checks or f.check in checks]
    shown.sort(key=lambda f: _LOUDEST.index(f.outcome))
    titles = [CHECKS[c].title if c in CHECKS else c for c in checks]
    caption = "; ".join(titles) or "Everything that was measured"
    empty = f"{caption}: nothing was measured yet."
    loud = [_finding_row(f) for f in shown if f.outcome != "supports"]
    good = [f for f in shown if f.outcome == "supports"]
    if len(shown) <= _MOST_ROWS or not loud or not good:
        rows = [*loud, *map(_finding_row, good)]
        return table(caption, _FINDING_COLUMNS, rows, empty=empty)
    first = table(caption, _FINDING_COLUMNS, loud, empty=empty)
    html = draw_html("folded.html.j2", first=first.html, supported=good)
    return Fragment(html, f"{first.text}, {len(good)} more supported")


def _finding_row(finding: Finding) -> list[str | Markup]:
    return [
        code(finding.subject),
        outcome_mark(finding.outcome),
        lines([finding.message, small(_source(finding))]),
        _amount(finding.value, finding.unit),
        _amount(finding.threshold, finding.unit),
        day(finding.measured_on),
    ]


def join_table(findings: Sequence[Finding]) -> Fragment:
    """Return what the keys and joins between tables showed."""
    return findings_table(findings, ("keys-unique", "joins-match"))


def evidence_table(assessment: Assessment) -> Fragment:
    """Return what was opened or probed: rows or facts, with what, and when."""
    rows: list[list[str | Markup]] = []
    for source in assessment.data.tables if assessment.data else ():
        opened = source.rows is not None
        rows.append(
            [
                source.table,
                outcome_mark("supports", "opened")
                if opened
                else outcome_mark("contradicts", "not opened"),
                number(source.rows, "rows") or (source.failed or ""),
                source.engine,
                day(assessment.data.measured_on if assessment.data else None),
            ]
        )
    for name, probe in sorted(assessment.probes.items()):
        read = sum(fact.state == "read" for fact in probe.facts)
        facts = f"{read} of {count(len(probe.facts), 'fact')} read"
        engine = f"readybook {probe.readybook}"
        state = outcome_mark("informs", "probed")
        rows.append([name, state, facts, engine, day(probe.measured_on)])
    columns = (
        Column("Source", "head"),
        Column("State"),
        Column("Size"),
        Column("With"),
        Column("On", "date"),
    )
    empty = "No source was opened and no machine was probed yet."
    return table("What was looked at", columns, rows, empty=empty)


def resources_table(
    assessment: Assessment, findings: Sequence[Finding], bank: Bank
) -> Fragment:
    """Return each resource: what it must have, what was measured, who pays."""
    resources = assessment.resources.resources if assessment.resources else ()
    rows = [
        [
            resource.what,
            resource.kind,
            lines(_needs_of(resource)) or "no figures declared",
            lines(_measured_of(resource, findings)) or "no figures declared",
            lines([role_title(bank, resource.pays), resource.budget_code or ""]),
        ]
        for resource in resources
    ]
    columns = (
        Column("Resource", "long"),
        Column("Kind"),
        Column("Needed"),
        Column("Measured", "wide"),
        Column("Paid by"),
    )
    empty = "No resource is declared yet: resources.yaml."
    return table("Resources, needed and measured", columns, rows, empty=empty)


def _needs_of(resource: Resource) -> list[str]:
    return [
        f"{name}: {number(value, unit if unit != name else None)}"
        for field, (_, name, unit) in NEEDS.items()
        if resource.needs and (value := getattr(resource.needs, field)) is not None
    ]


def _measured_of(resource: Resource, findings: Sequence[Finding]) -> list[Markup]:
    shown = []
    for field, (check, name, unit) in NEEDS.items():
        if not resource.needs or getattr(resource.needs, field) is None:
            continue
        found = _found(findings, check, {resource.id})
        value = found[0].value if found else None
        said = number(value, unit if unit != name else None) or "not measured"
        outcome = found[0].outcome if found else "not measured"
        shown.append(outcome_mark(outcome, f"{name}: {said}"))
    return shown
