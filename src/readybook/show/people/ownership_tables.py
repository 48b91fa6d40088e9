"""Who owns what, and who agreed to which categories: two matrices and what changed."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from readybook.checks.agreements import MODEL
from readybook.checks.catalogue import Check, checks_of
from readybook.checks.roles import part_in_words
from readybook.checks.signoffs import Cell, Signed, SignOffs
from readybook.model.findings import Finding
from readybook.model.register import Asset
from readybook.model.words import count, day
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

__all__ = [
    "agreement_matrix",
    "agreements",
    "changes_since",
    "ownership_matrix",
    "register_findings",
]

_GOOD, _BAD = theme.VERDICTS["ready"], theme.VERDICTS["not ready"]
_WARN, _OPEN = theme.VERDICTS["conditions"], theme.OUTCOMES["not measured"]
_LOUDEST = ("contradicts", "informs", "not measured", "supports")
_MOST_TOLD = 3  #: findings of one check; of more, the first stands for all
_LETTERS = "A: accountable. R: responsible. C: consulted. I: informed."
_STATES = {
    "agreed": (_GOOD, "agreed"),
    "out of date": (_WARN, "out of date"),
    "missing": (_BAD, "missing"),
    "not bound": (_OPEN, "to which version is not recorded"),
}
#: What is told of an asset, the gravest first, by check and outcome.
_TOLD = {
    ("owners-single", "contradicts"): _BAD,
    ("model-owned", "contradicts"): _BAD,
    ("owners-willing", "contradicts"): _BAD,
    ("owners-confirmed", "contradicts"): _WARN,
    ("owners-confirmed", "informs"): _WARN,
    ("owners-backed", "contradicts"): _WARN,
}


# --- ownership ---------------------------------------------------------------------


def ownership_matrix(case: Case) -> Fragment:
    """Return assets by roles: who is accountable, responsible, consulted, informed.

    What was found about an asset stands in its last cell.
    """
    assets = case.assessment.stakeholders.assets
    named = {role for asset in assets for role in _letters(asset)}
    order = [role.id for role in case.bank.roles]
    roles = [role for role in order if role in named] + sorted(named - {*order})
    about: dict[str, list[Finding]] = {}
    for finding in case.evidence:
        if (finding.check, finding.outcome) in _TOLD:
            about.setdefault(finding.subject, []).append(finding)
    rows = [
        [
            lines([asset.what, small(asset.kind or "")]),
            *(_letters(asset).get(role, "") for role in roles),
            _state(asset, about.get(asset.id, ())),
        ]
        for asset in assets
    ]
    columns = (
        Column("Asset", "long"),
        *(Column(case.title(role)) for role in roles),
        Column("State"),
    )
    empty = "No asset is declared yet: stakeholders.yaml, key assets."
    title = _ownership_title(assets)
    shown = table(title, columns, rows, empty=empty, note=_LETTERS)
    if not rows:
        return shown
    return Fragment(draw_html("marks.html.j2", html=shown.html), shown.text)


def _ownership_title(assets: Sequence[Asset]) -> str:
    single = sum(len(set(asset.accountable)) == 1 for asset in assets)
    verb = "has" if single == 1 else "have"
    total = count(len(assets), "asset")
    return f"{single or 'None'} of {total} {verb} exactly one accountable role"


def _letters(asset: Asset) -> dict[str, Markup]:
    """Return the letters of each role that an asset names, the first one bold."""
    named = {
        "A": asset.accountable,
        "R": (asset.responsible,) if asset.responsible else (),
        "C": asset.consulted,
        "I": asset.informed,
    }
    letters: dict[str, list[Markup]] = {}
    for letter, roles in named.items():
        for role in dict.fromkeys(roles):
            shown = Markup("<b>A</b>") if letter == "A" else Markup(letter)  # noqa: S704
            letters.setdefault(role, []).append(shown)
    return {role: Markup(" ").join(shown) for role, shown in letters.items()}


def _state(asset: Asset, findings: Sequence[Finding]) -> Markup:
    """Return what is wrong with an asset's ownership; one owner that is fine is said."""
    marks = [
        theme.mark(look, _said(asset, finding))
        for key, look in _TOLD.items()
        for finding in findings
        if (finding.check, finding.outcome) == key
    ]
    return lines(marks or [theme.mark(_GOOD, "one owner")])


def _said(asset: Asset, finding: Finding) -> str:
    owners = len(set(asset.accountable))
    if finding.check in {"owners-single", "model-owned"} and owners != 1:
        return f"{owners} accountable" if owners else "nobody accountable"
    if finding.check in {"owners-willing", "model-owned"}:
        return f"owner {finding.value or 'is a role that nobody holds'}"
    if finding.check == "owners-backed":
        return "no deputy" if finding.value else "nobody holds the role"
    age = finding.value
    return "never confirmed" if age is None else f"confirmed {age} days ago"


def register_findings(case: Case) -> Fragment:
    """Return one row per check of the register: what fails, and how much holds."""
    rows = []
    for check in checks_of("register"):
        mine = [one for one in case.evidence if one.check == check.id]
        if mine:
            rows.append(_check_row(check, mine))
    columns = (
        Column("Looked at", "long"),
        Column("Outcome"),
        Column("Holds", "number"),
        Column("What was found", "wide"),
    )
    empty = "Nothing is declared yet: stakeholders.yaml."
    return table("What the register shows", columns, rows, empty=empty)


def _check_row(check: Check, mine: Sequence[Finding]) -> list[str | Markup]:
    loudest = next(o for o in _LOUDEST if any(one.outcome == o for one in mine))
    told = [one for one in mine if one.outcome in {"contradicts", "informs"}]
    told = told or [one for one in mine if one.outcome == "not measured"]
    first, rest = (told, []) if len(told) <= _MOST_TOLD else (told[:1], told[1:])
    likewise = ", ".join(one.subject for one in rest)
    holds = sum(one.outcome == "supports" for one in mine)
    return [
        lines([check.title, small(check.threshold)]),
        theme.mark(theme.OUTCOMES[loudest]),
        f"{holds} of {len(mine)}",
        lines(
            [
                *(one.message for one in first),
                small(f"likewise: {likewise}" if rest else ""),
            ]
        ),
    ]


# --- agreement ---------------------------------------------------------------------


def agreements(case: Case) -> Fragment:
    """Return the matrix and, where something is out of date, what changed since."""
    matrix = agreement_matrix(case)
    changed = changes_since(case)
    stale = [
        one for one in SignOffs(case.assessment).signed if one.state == "out of date"
    ]
    if not stale:
        return matrix
    html = draw_html("titled.html.j2", html=changed.html)
    return Fragment(f"{matrix.html}\n{html}", f"{matrix.text}\n{changed.text}")


def agreement_matrix(case: Case) -> Fragment:
    """Return categories by stakeholders: agreed, out of date, missing.

    Each declared category list is a row, and so is each other part that somebody
    signed. A cell is empty where nobody asks for that role's agreement.
    """
    all_of_it = SignOffs(case.assessment)
    parts = dict.fromkeys(one.covers for one in all_of_it.latest)
    wholes = [part for part in parts if part not in all_of_it.category_lists]
    wholes.sort(key=lambda part: (part != MODEL, part))
    wanted = set(all_of_it.wanted)
    cells = {
        (role, covers): cell
        for covers in (*wholes, *all_of_it.category_lists)
        for role in all_of_it.roles
        if (cell := all_of_it.cell(role, covers)).by or (role, covers) in wanted
    }
    rows = [
        [
            _part(covers),
            *(_cell(cells.get((role, covers))) for role in all_of_it.roles),
        ]
        for covers in (*wholes, *all_of_it.category_lists)
    ]
    columns = (
        Column("Agreed to", "head"),
        *(Column(case.title(role)) for role in all_of_it.roles),
    )
    empty = "The data model declares no categories, and nobody has signed it off."
    if not all_of_it.roles:
        rows = []
        empty = (
            "Nobody is named who would have to agree: stakeholders.yaml, key assets."
        )
    title = _agreement_title(list(cells.values()))
    shown = table(title, columns, rows, empty=empty)
    if not rows:
        return shown
    return Fragment(draw_html("titled.html.j2", html=shown.html), title)


def _agreement_title(cells: Sequence[Cell]) -> str:
    counts = {state: sum(c.state == state for c in cells) for state in _STATES}
    told = [f"{counts['agreed']} of {count(len(cells), 'agreement')} are current"]
    told += [f"{counts['out of date']} out of date"] if counts["out of date"] else []
    told += [f"{counts['missing']} missing"] if counts["missing"] else []
    return ", ".join(told)


def _part(covers: str) -> Markup:
    if covers == MODEL:
        return Markup("The data model")
    head = "Categories of" if "." in covers else "Table"
    return Markup("{} {}").format(head, code(covers))


def _cell(cell: Cell | None) -> Markup:
    if cell is None:
        return Markup("")
    look, word = _STATES[cell.state]
    on = small(day(cell.by.on)) if cell.by else ""
    return lines([theme.mark(look, word), on])


def changes_since(case: Case) -> Fragment:
    """Return what changed since each sign-off that is out of date, field by field."""
    signed = SignOffs(case.assessment).signed
    stale = [one for one in signed if one.state == "out of date"]
    rows = [
        [
            lines([case.title(one.entry.role), small("has to agree again")]),
            part_in_words(one.entry.covers),
            day(one.entry.on),
            lines(_changes(one)),
        ]
        for one in stale
    ]
    columns = (
        Column("Role", "head"),
        Column("Had agreed to"),
        Column("On", "date"),
        Column("Changed since", "wide"),
    )
    empty = "Nothing has changed since the sign-offs."
    return table("What changed since it was agreed", columns, rows, empty=empty)


def _changes(signed: Signed) -> list[str]:
    if signed.changes:
        return [one.words for one in signed.changes]
    if signed.is_gone:
        return ["the data model has no such part now"]
    return ["something; what was agreed to is not stored"]
