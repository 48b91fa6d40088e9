"""Tables of findings: what a chapter's checks found, and how keys and joins hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from readybook.checks.catalogue import CHECKS
from readybook.model.findings import Finding
from readybook.model.words import count, day, number
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Column,
    Fragment,
    code,
    draw_html,
    lines,
    small,
    table,
)

__all__ = ["findings_table", "join_table"]

#: Beyond so many rows, what was supported or not measured is folded.
_MOST_ROWS = 8
_MOST_TITLES = 3
_MOST_ALIKE = 3  # findings of one check that are told one by one where folded
_LOUDEST = ("contradicts", "not measured", "informs", "supports")
_FOLDED = {
    "supports": "were measured and supported",
    "not measured": "could not be measured",
}
_COLUMNS = (
    Column("Subject", "field"),
    Column("Outcome"),
    Column("What was found", "wide"),
    Column("Measured", "number"),
    Column("Needed", "number"),
)


@dataclass(frozen=True)
class _Group:
    """Findings that are told as one."""

    said: str
    likewise: tuple[str, ...]  #: subjects of which the same was found

    @property
    def size(self) -> int:
        return 1 + len(self.likewise)


def findings_table(case: Case, *checks: str) -> Fragment:
    """Return findings, loudest first; where there are many, the quiet ones folded.

    Args:
        case: for all that was measured.
        checks: ids of the checks to show; none means all.
    """
    shown = [f for f in case.evidence if not checks or f.check in checks]
    shown.sort(key=lambda f: _LOUDEST.index(f.outcome))
    titles = [CHECKS[c].title if c in CHECKS else c for c in checks]
    few = 0 < len(titles) <= _MOST_TITLES
    caption = "; ".join(titles) if few else "What was measured"
    if len(shown) <= _MOST_ROWS:
        empty = f"{caption}: nothing was measured yet."
        return _table(caption, shown, empty)
    loud = [f for f in shown if f.outcome not in _FOLDED]
    first = _table(caption, loud, "Nothing that was measured contradicts a claim.")
    folds = [
        (words, _groups([f for f in shown if f.outcome == outcome]))
        for outcome, words in _FOLDED.items()
    ]
    html = draw_html("folded.html.j2", first=first.html, folds=folds)
    told = [
        f"{sum(group.size for group in groups)} {words}"
        for words, groups in folds
        if groups
    ]
    return Fragment(html, "; ".join([first.text, *told]))


def _table(
    caption: str,
    shown: Sequence[Finding],
    empty: str,
    more: Sequence[list[str | Markup]] = (),
) -> Fragment:
    """Return findings as rows, and other rows below; one date for all stands below."""
    dates = sorted({finding.measured_on for finding in shown})
    rows = [*(_row(finding, dated=len(dates) > 1) for finding in shown), *more]
    note = f"Measured on {day(dates[0])}." if len(dates) == 1 else ""
    return table(caption, _COLUMNS, rows, empty=empty, note=note)


def _row(finding: Finding, *, dated: bool) -> list[str | Markup]:
    source = (finding.threshold_source or "").removesuffix(f": {finding.subject}")
    beside = [
        f"Needed according to {source}" if source else "",
        f"measured on {day(finding.measured_on)}" if dated else "",
    ]
    return [
        code(finding.subject),
        theme.mark(theme.OUTCOMES[finding.outcome]),
        lines([finding.message, small("; ".join(filter(None, beside)))]),
        _amount(finding.value, finding.unit),
        _amount(finding.threshold, finding.unit),
    ]


def _amount(value: float | str | None, unit: str | None) -> str | Markup:
    """Return a number with its unit; a unit of several words on a line of its own."""
    if value is None or unit is None or " " not in unit or unit.startswith("share"):
        return number(value, unit)
    return lines([number(value), small(unit)])


def _groups(findings: Sequence[Finding]) -> list[_Group]:
    """Return findings check by check; of many of one check, the first stands for all."""
    groups = list[_Group]()
    order = list(dict.fromkeys(finding.check for finding in findings))
    by_check = sorted(findings, key=lambda finding: order.index(finding.check))
    for _, members in groupby(by_check, key=lambda finding: finding.check):
        same = list(members)
        told = same[:1] if len(same) > _MOST_ALIKE else same
        rest = tuple(finding.subject for finding in same[len(told) :])
        groups += [
            _Group(finding.message, rest if at == 0 else ())
            for at, finding in enumerate(told)
        ]
    return groups


def join_table(case: Case) -> Fragment:
    """Return every declared key and join: what was found of it, or that nothing was."""
    checks = ("keys-unique", "joins-match")
    found = [f for f in case.evidence if f.check in checks]
    found.sort(key=lambda f: (_LOUDEST.index(f.outcome), checks[::-1].index(f.check)))
    known = {finding.subject for finding in found}
    declared = [
        name for check in checks for name in CHECKS[check].subjects(case.assessment)
    ]
    missing = [name for name in declared if name not in known]
    untested = theme.mark(theme.OUTCOMES["not measured"], "Untested")
    title = _joins_said(found, len(missing))
    shown = _table(
        title,
        found,
        "No key and no join is declared yet: data.odcs.yaml.",
        more=[[code(name), untested, "", "", ""] for name in missing],
    )
    if not found and not missing:
        return shown
    return Fragment(draw_html("titled.html.j2", html=shown.html), title)


def _joins_said(found: Sequence[Finding], missing: int) -> str:
    parts = [
        _said(found, "keys-unique", "key", "unique", "not unique"),
        _said(found, "joins-match", "join", "complete", "leaving rows without partner"),
        f"{missing} untested" if missing else "",
    ]
    said = "; ".join(filter(None, parts))
    return f"{said[:1].upper()}{said[1:]}"


def _said(found: Sequence[Finding], check: str, noun: str, good: str, bad: str) -> str:
    measured = [f for f in found if f.check == check and f.outcome != "not measured"]
    failed = sum(finding.outcome == "contradicts" for finding in measured)
    if not measured:
        return ""
    if not failed:
        return f"{count(len(measured), noun)} {good}"
    return f"{failed} of {count(len(measured), noun)} {bad}"
