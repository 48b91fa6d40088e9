"""What is needed of data, and what was measured of each need."""

from collections.abc import Collection

from markupsafe import Markup

from readybook.checks.catalogue import CHECKS
from readybook.model.case import Need
from readybook.model.findings import Finding
from readybook.model.words import count, number
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, code, lines, small, table

_OPEN = theme.OUTCOMES["not measured"]
_LOUDEST = ("contradicts", "informs", "supports")
_NOTE = (
    "Tick: the data supports it. Cross: the data contradicts it, by how much. Dotted: "
    "untested. Empty: nothing is declared that could be tested."
)


#: What is asked of a field: the checks that measure it, and what is said where they
#: support it.
_ASPECTS: dict[str, tuple[set[str], str]] = {
    "Present": ({"fields-present"}, "present"),
    "Type": ({"types-match"}, "fits"),
    "Filled": ({"nulls-tolerated", "label-filled"}, "filled"),
    "Categories": ({"categories-populated"}, "all there"),
    "Values": ({"values-declared", "values-in-range"}, "as declared"),
    "Stand-ins": ({"sentinels-absent"}, "none"),
    "History": ({"history-span", "history-gaps"}, "long enough"),
    "Keys, joins": ({"keys-unique", "joins-match"}, "match"),
    "Train, live": ({"live-like-training"}, "alike"),
}
_MEASURED = frozenset().union(*(checks for checks, _ in _ASPECTS.values()))
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
    needs = case.assessment.scope.needs
    fields = [need.field for need in needs if need.field]
    failed = sum(
        any(f.outcome == "contradicts" for f in _about(field, _MEASURED, case))
        for field in fields
    )
    title = f"{failed or 'None'} of {count(len(fields), 'needed field')} "
    title += f"{'is' if failed == 1 else 'are'} contradicted by the data in something"
    if unknown := len(needs) - len(fields):
        title += f"; {count(unknown, 'need')} without a field"
    return table(
        title,
        " | ".join(["Need:long", *_ASPECTS]),
        [_row(need, case) for need in needs],
        empty="No need is declared yet: assessment.yaml, key needs.",
        note=_NOTE,
        around="titled marks",
    )


def _about(field: str, checks: Collection[str], case: Case) -> list[Finding]:
    """Return what some checks found of a field."""
    mine = [finding for finding in case.evidence if finding.check in checks]
    return [finding for finding in mine if _uses(finding.subject, field)]


def _uses(subject: str, field: str) -> bool:
    """Return whether a finding's subject is a field, its table, its key or its join."""
    name, _, column = field.partition(".")
    if subject in {field, name}:
        return True
    sides = [side.partition(".") for side in subject.split(" -> ")]
    return any(
        side == name and column in columns.split("+") for side, _, columns in sides
    )


def _row(need: Need, case: Case) -> list[str | Markup]:
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
            _cell(field, checks, good, words, case)
            for (checks, good), words in zip(_ASPECTS.values(), untested, strict=True)
        ),
    ]


def _cell(
    field: str, checks: Collection[str], good: str, untested: str, case: Case
) -> Markup:
    """Return the loudest outcome in few words; "" where nothing is declared."""
    found = _about(field, checks, case)
    measured = [f for f in found if f.outcome in _LOUDEST]
    if not measured:
        asked = (name for c in checks for name in CHECKS[c].subjects(case.assessment))
        is_asked = found or any(_uses(subject, field) for subject in asked)
        return theme.mark(_OPEN, untested) if is_asked else Markup("")
    loudest = min(measured, key=lambda f: _LOUDEST.index(f.outcome))
    look = theme.OUTCOMES[loudest.outcome]
    if loudest.outcome != "contradicts":
        return theme.mark(look, good)
    unit = None if loudest.unit == "type" else loudest.unit
    value = number(loudest.value, unit).removesuffix(" of rows")
    said = _BAD.get(loudest.check, "{}").format(value or "not as declared")
    return theme.mark(look, said)
