"""What is needed of data, and what was measured of each need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from readybook.checks.catalogue import CHECKS
from readybook.model.case import Need
from readybook.model.findings import Finding
from readybook.model.words import count, number
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Column,
    Fragment,
    code,
    lines,
    small,
    table,
)

__all__ = ["need_matrix"]

_OPEN = theme.OUTCOMES["not measured"]
_LOUDEST = ("contradicts", "informs", "supports")
_NOTE = (
    "Tick: the data supports it. Cross: the data contradicts it, by how much. Dotted: "
    "untested. Empty: nothing is declared that could be tested."
)


@dataclass(frozen=True)
class _Aspect:
    """One thing that is asked of a field, and the checks that measure it."""

    label: str
    checks: tuple[str, ...]
    good: str  #: said where it is supported


@dataclass(frozen=True)
class _Found:
    """What every row looks into."""

    asked: Mapping[str, tuple[str, ...]]  #: check to the subjects that it covers
    findings: Sequence[Finding]

    def about(self, field: str, aspect: _Aspect) -> list[Finding]:
        """Return what was found of one aspect of a field."""
        mine = [f for f in self.findings if f.check in aspect.checks]
        return [finding for finding in mine if _uses(finding.subject, field)]

    def asks(self, field: str, aspect: _Aspect) -> bool:
        """Return whether anything is declared that an aspect could be tested by."""
        subjects = (name for check in aspect.checks for name in self.asked[check])
        return any(_uses(subject, field) for subject in subjects)


_ASPECTS = (
    _Aspect("Present", ("fields-present",), "present"),
    _Aspect("Type", ("types-match",), "fits"),
    _Aspect("Filled", ("nulls-tolerated", "label-filled"), "filled"),
    _Aspect("Categories", ("categories-populated",), "all there"),
    _Aspect("Values", ("values-declared", "values-in-range"), "as declared"),
    _Aspect("Stand-ins", ("sentinels-absent",), "none"),
    _Aspect("History", ("history-span", "history-gaps"), "long enough"),
    _Aspect("Keys, joins", ("keys-unique", "joins-match"), "match"),
    _Aspect("Train, live", ("live-like-training",), "alike"),
)
#: What a contradicted check says of its value.
_BAD = {
    "fields-present": "absent",
    "types-match": "is {}",
    "nulls-tolerated": "{} empty",
    "label-filled": "{} filled",
    "values-declared": "{} not declared",
    "values-in-range": "{} out of range",
    "joins-match": "{} find no partner",
}


def need_matrix(case: Case) -> Fragment:
    """Return one row per need, with a mark for each thing that is asked of its field."""
    checks = [check for aspect in _ASPECTS for check in aspect.checks]
    asked = {check: CHECKS[check].subjects(case.assessment) for check in checks}
    found = _Found(asked, case.evidence)
    needs = case.assessment.scope.needs
    rows = [_row(need, found, case) for need in needs]
    columns = (Column("Need", "long"), *(Column(aspect.label) for aspect in _ASPECTS))
    return table(
        _title(needs, found),
        columns,
        rows,
        empty="No need is declared yet: assessment.yaml, key needs.",
        note=_NOTE,
        around="titled marks",
    )


def _uses(subject: str, field: str) -> bool:
    """Return whether a finding's subject is a field, its table, its key or its join."""
    name, _, column = field.partition(".")
    if subject in {field, name}:
        return True
    sides = [side.partition(".") for side in subject.split(" -> ")]
    return any(
        side == name and column in columns.split("+") for side, _, columns in sides
    )


def _title(needs: Sequence[Need], found: _Found) -> str:
    fields = [need.field for need in needs if need.field]
    failed = sum(
        any(
            finding.outcome == "contradicts"
            for aspect in _ASPECTS
            for finding in found.about(field, aspect)
        )
        for field in fields
    )
    verb = "is" if failed == 1 else "are"
    text = f"{failed or 'None'} of {count(len(fields), 'needed field')} {verb} "
    text += "contradicted by the data in something"
    unknown = len(needs) - len(fields)
    return f"{text}; {count(unknown, 'need')} without a field" if unknown else text


def _row(need: Need, found: _Found, case: Case) -> list[str | Markup]:
    asked = case.title(need.ask)
    if need.field is None:
        head = lines(need.what, small(need.use))
        unknown = theme.mark(_OPEN, f"no field known yet: ask {asked}")
        return [head, unknown, *[""] * (len(_ASPECTS) - 1)]
    field, model = need.field, case.assessment.data_model
    declared = model.table(field.partition(".")[0])
    is_known = declared is not None and declared.column(field.partition(".")[2])
    missing = "" if is_known else "; not in the data model"
    name = Markup("{} {}").format(code(field), small(f"{need.use}{missing}"))
    untested = [f"not looked at: ask {asked}", *["untested"] * (len(_ASPECTS) - 1)]
    return [
        lines(need.what, name),
        *(
            _cell(field, aspect, found, words)
            for aspect, words in zip(_ASPECTS, untested, strict=True)
        ),
    ]


def _cell(field: str, aspect: _Aspect, declared: _Found, untested: str) -> Markup:
    """Return the loudest outcome in few words; "" where nothing is declared."""
    found = declared.about(field, aspect)
    measured = [f for f in found if f.outcome in _LOUDEST]
    if not measured:
        is_asked = bool(found) or declared.asks(field, aspect)
        return theme.mark(_OPEN, untested) if is_asked else Markup("")
    loudest = min(measured, key=lambda f: _LOUDEST.index(f.outcome))
    look = theme.OUTCOMES[loudest.outcome]
    if loudest.outcome != "contradicts":
        return theme.mark(look, aspect.good)
    unit = None if loudest.unit == "type" else loudest.unit
    value = number(loudest.value, unit).removesuffix(" of rows")
    said = _BAD.get(loudest.check, "{}").format(value or "not as declared")
    return theme.mark(look, said)
