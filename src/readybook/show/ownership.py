"""Who answers, who owns what, who agreed to which categories, and whom the case still needs."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from markupsafe import Markup

from readybook.checks.sign_offs import MODEL, Signed, SignOffs, State
from readybook.model.case import Asset, RoleHolder
from readybook.model.findings import Finding, Outcome
from readybook.model.words import as_list, capital, count, day, level_spread, listed
from readybook.score.agenda import splits
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Column,
    Fragment,
    code,
    joined,
    lines,
    small,
    table,
    titled_link,
)

_LETTERS = "A: accountable. R: responsible. C: consulted. I: informed."
_STATES: dict[State, tuple[theme.Look, str]] = {
    "agreed": (theme.GOOD, "agreed"),
    "out of date": (theme.WARN, "out of date"),
    "missing": (theme.BAD, "missing"),
    "not bound": (theme.UNTESTED, "to which version is not recorded"),
}
#: What is told of an asset, the gravest first, by check and outcome.
_TOLD: dict[tuple[str, Outcome], theme.Look] = {
    ("owners-single", "contradicts"): theme.BAD,
    ("model-owned", "contradicts"): theme.BAD,
    ("owners-willing", "contradicts"): theme.BAD,
    ("owners-confirmed", "contradicts"): theme.WARN,
    ("owners-confirmed", "informs"): theme.WARN,
    ("owners-backed", "contradicts"): theme.WARN,
}
_CHANGES = 3  #: of an agreement that is out of date; its chapter has all


# --- ownership ---------------------------------------------------------------------


def roles_table(case: Case) -> Fragment:
    """Return each role of the bank and whether somebody answers for it.

    The edition "team" names the respondents; "leadership" counts them.
    """
    by_role = {holder.role: holder for holder in case.assessment.stakeholders.roles}
    shared = case.assessment.shared
    roles = shared.roles if shared else ()
    note = ""
    if shared and roles:
        titles = as_list([case.title(role) for role in roles], len(roles))
        note = f"Who holds these is from the shared register {shared.file}: {titles}."
    rows = [
        [role.title, role.does, *_holder_cells(by_role.get(role.id), case)]
        for role in case.bank.roles
    ]
    columns = (
        "Role:head | Decides or runs:wide | Answered for by | Team | Deputies | "
        "Stands to the case"
    )
    return table("Roles", columns, rows, empty="The bank has no roles.", note=note)


def _holder_cells(holder: RoleHolder | None, case: Case) -> tuple[str | Markup, ...]:
    """Return who answers for a role, team, deputies, and its buy-in as of the date."""
    if holder is None:
        return theme.mark(theme.UNDECIDED, "not declared"), "", "", ""
    is_team, held = case.edition == "team", theme.mark(theme.BAD, "nobody yet")
    if holder.holders:
        people = count(len(holder.holders), "person", "people")
        held = theme.mark(theme.GOOD, ", ".join(holder.holders) if is_team else people)
    deputies = f"{len(holder.deputies) or ''}"
    deputies = ", ".join(holder.deputies) if is_team else deputies
    known, stance = holder.buy_in, Markup()
    if known and known.on <= case.assessment.as_of:
        against = known.state in {"unaware", "opposed"}
        look = theme.BAD if against else theme.OUTCOMES["informs"]
        stance = lines(theme.mark(look, known.state), small(day(known.on)))
    return held, holder.team or "", deputies, stance


def ownership_matrix(case: Case) -> Fragment:
    """Return assets by roles: who is accountable, responsible, consulted, informed.

    What was found about an asset stands in its last cell.
    """
    assets = case.assessment.stakeholders.assets
    letters = [_letters(asset) for asset in assets]
    named = {role for shown in letters for role in shown}
    order = [role.id for role in case.bank.roles]
    roles = [role for role in order if role in named] + sorted(named - {*order})
    rows = [
        [
            lines(asset.what, small(asset.kind or "")),
            *(shown.get(role, "") for role in roles),
            _state(asset, case),
        ]
        for asset, shown in zip(assets, letters, strict=True)
    ]
    titles = [Column(case.title(role)) for role in roles]
    columns = (Column("Asset", "long"), *titles, Column("State"))
    single = sum(len(set(asset.accountable)) == 1 for asset in assets)
    title = f"{single or 'None'} of {count(len(assets), 'asset')} "
    title += f"{'has' if single == 1 else 'have'} exactly one accountable role"
    empty = "Nobody has listed yet what must have an owner."
    return table(
        title, columns, rows, empty=empty, note=_LETTERS, around="titled marks"
    )


def _letters(asset: Asset) -> dict[str, Markup]:
    """Return the letters of each role that an asset names, the first one bold."""
    named = {
        Markup("<b>A</b>"): asset.accountable,
        Markup("R"): (asset.responsible,) if asset.responsible else (),
        Markup("C"): asset.consulted,
        Markup("I"): asset.informed,
    }
    return {
        role: Markup(" ").join(letter for letter, held in named.items() if role in held)
        for roles in named.values()
        for role in roles
    }


def _state(asset: Asset, case: Case) -> Markup:
    """Return what is wrong with an asset's ownership; one owner that is fine is said."""
    marks = [
        theme.mark(look, _said(asset, finding))
        for (check, outcome), look in _TOLD.items()
        for finding in case.found(check, outcome)
        if finding.subject == asset.id
    ]
    return lines(*marks) or theme.mark(theme.GOOD, "one owner")


def _said(asset: Asset, finding: Finding) -> str:
    owners = len(set(asset.accountable))
    if finding.check in {"owners-single", "model-owned"} and owners != 1:
        return f"{owners} accountable" if owners else "nobody accountable"
    if finding.check in {"owners-willing", "model-owned"}:
        return f"owner {finding.value or 'is a role that nobody holds'}"
    if finding.check == "owners-backed":
        return "no deputy" if finding.value else "nobody holds the role"
    never = finding.value is None
    return "never confirmed" if never else f"confirmed {finding.value} days ago"


# --- agreement ---------------------------------------------------------------------


def agreements(case: Case) -> Fragment:
    """Return the matrix and, where something is out of date, what changed since."""
    matrix = agreement_matrix(case)
    return joined(matrix, changes_since(case)) if _stale(case) else matrix


def _stale(case: Case) -> list[Signed]:
    signed = SignOffs(case.assessment).signed
    return [one for one in signed if one.state == "out of date"]


def agreement_matrix(case: Case) -> Fragment:
    """Return categories by stakeholders: agreed, out of date, missing.

    Each declared category list is a row, and so is each other part that somebody
    signed. A cell is empty where nobody asks for that role's agreement. Tables of which
    none is asked for are named: they are not among what is counted.
    """
    all_of_it = SignOffs(case.assessment)
    signed = dict.fromkeys(one.covers for one in all_of_it.latest)
    wholes = [part for part in signed if part not in all_of_it.category_lists]
    wholes.sort(key=lambda part: (part != MODEL, part))
    parts = (*wholes, *all_of_it.category_lists) if all_of_it.roles else ()
    cells = {
        (role, covers): cell
        for covers in parts
        for role in all_of_it.roles
        if (cell := all_of_it.cell(role, covers)).by
        or (role, covers) in all_of_it.wanted
    }
    shown = {
        key: lines(
            theme.mark(*_STATES[cell.state]), small(day(cell.by.on) if cell.by else "")
        )
        for key, cell in cells.items()
    }
    rows = [
        [
            _part(all_of_it, covers),
            *(shown.get((role, covers), "") for role in all_of_it.roles),
        ]
        for covers in parts
    ]
    titles = [Column(case.title(role)) for role in all_of_it.roles]
    columns = (Column("Agreed to", "head"), *titles)
    empty = "Nobody is named yet who would have to agree."
    if all_of_it.roles:
        empty = "The data model declares no categories, and nobody has signed it off."
    counts = Counter(cell.state for cell in cells.values())
    title = (
        f"{counts['agreed']} of {count(len(cells), 'agreement')} that are asked for or "
    )
    title += "were given are current"
    title += f", {counts['out of date']} out of date" if counts["out of date"] else ""
    title += f", {counts['missing']} missing" if counts["missing"] else ""
    model = case.assessment.data_model
    held = {model.split(covers)[0] for _, covers in cells}
    bare = [one.name for one in model.tables if not held & {one.name, MODEL}]
    note = (
        f"None is asked for, or was given, of {listed(bare)}." if rows and bare else ""
    )
    return table(title, columns, rows, empty=empty, around="titled", note=note)


def _part(sign_offs: SignOffs, covers: str) -> Markup:
    if covers == MODEL:
        return Markup("The data model")
    head = "Table" if sign_offs.is_table(covers) else "Categories of"
    return Markup("{} {}").format(head, code(covers))


def changes_since(case: Case) -> Fragment:
    """Return what changed since each sign-off that is out of date, field by field."""
    unknown = "something; what was agreed to is not stored"
    all_of_it = SignOffs(case.assessment)
    rows = [
        [
            lines(case.title(one.entry.role), small("has to agree again")),
            all_of_it.in_words(one.entry.covers),
            day(one.entry.on),
            lines(*(change.words for change in one.changes))
            or ("the data model has no such part now" if one.is_gone else unknown),
        ]
        for one in _stale(case)
    ]
    columns = "Role:head | Had agreed to | On:date | Changed since:wide"
    empty = "Nothing has changed since the sign-offs."
    title = "What changed since it was agreed"
    return table(title, columns, rows, empty=empty, around="titled")


# --- whom the case needs -------------------------------------------------------------


class _Gap(NamedTuple):
    """One thing that waits for somebody."""

    kind: str
    look: theme.Look
    what: str | Markup
    who: str  #: title of the role whose move it is
    do: str  #: its move, one short sentence
    since: str = ""  #: what happened when, in words


def open_people(case: Case) -> Fragment:
    """Return what waits for somebody, and whose move it is, one row for each kind.

    Permissions that wait stand among what stops the case.
    """
    kinds: dict[str, list[_Gap]] = {}
    for gap in chain.from_iterable(found(case) for found in _KINDS):
        kinds.setdefault(gap.kind, []).append(gap)
    total = sum(map(len, kinds.values()))
    empty = "Nothing that is declared waits for anybody."
    if not case.assessment.stakeholders.roles:
        empty = "Nobody is named yet for any role."
    columns = "Gap:head | What:wide | Whose move"
    title = f"{count(total, 'gap')} {'waits' if total == 1 else 'wait'} for somebody"
    rows = [
        [
            theme.mark(gap.look, gap.kind),
            lines(
                gap.what,
                small(f"and {len(others)} more" if others else ""),
                small(gap.since),
            ),
            Markup("<b>{}:</b> {}").format(gap.who, gap.do),
        ]
        for gap, *others in kinds.values()
    ]
    note = "Of each kind the first; the chapters have all."
    shown = table(title, columns, rows, empty=empty, note=note, around="titled")
    told = [f"{gap.kind}: {gap.who}" for group in kinds.values() for gap in group]
    return Fragment(shown.html, f"{title}\n{'; '.join(told)}") if rows else shown


def _titles(case: Case, *roles: str | None) -> str:
    """Return the titles of roles, and of each whether nobody holds it."""
    people, none = case.assessment.stakeholders.people, frozenset[str]()
    return ", ".join(
        f"{case.title(role)}{' (nobody yet)' if role and people(role) == none else ''}"
        for role in dict.fromkeys(roles)
    )


def _names_people(case: Case) -> str:
    """Return who names people: the sponsor where the bank has that role."""
    known = any(role.id == "sponsor" for role in case.bank.roles)
    return _titles(case, "sponsor") if known else case.leadership


def _asset(case: Case, finding: Finding) -> Asset:
    assets = case.assessment.stakeholders.assets
    return next(one for one in assets if one.id == finding.subject)


def _roles(case: Case) -> Iterator[_Gap]:
    permits = case.assessment.resources.granted_by
    called = {row.id: row.what for row in case.assessment.resources.resources}
    for finding in case.found("roles-known", "contradicts", "not measured"):
        waiting = [called[name] for name in permits.get(finding.subject, ())]
        must = f", which must permit: {'; '.join(waiting)}" if waiting else ""
        kind, look = "Role not in the register", theme.UNDECIDED
        if finding.outcome == "contradicts":
            kind, look = "Nobody holds the role", theme.BAD
        what = f"{case.title(finding.subject)}{must}"
        yield _Gap(kind, look, what, _names_people(case), "Name who holds it.")


def _owners(case: Case) -> Iterator[_Gap]:
    for check in ("owners-single", "model-owned"):
        for finding in case.found(check, "contradicts"):
            asset = _asset(case, finding)
            owners = len(set(asset.accountable))
            if owners == 1:
                continue  # its owner is absent or against it, and is told as that
            kind = f"{owners} accountable" if owners else "Nobody accountable"
            what = lines(asset.what, small(_titles(case, *asset.accountable)))
            do = "Settle who has the last word." if owners else "Find it an owner."
            yield _Gap(kind, theme.BAD, what, _settles(case, check), do)


def _settles(case: Case, check: str) -> str:
    """Return the role that answers the question on which a check bears."""
    for standing in case.result.standings:
        if any(binding.check == check for binding in standing.question.checks):
            return _titles(case, standing.question.authority)
    return _names_people(case)


def _unwilling(case: Case) -> Iterator[_Gap]:
    for check in ("owners-willing", "model-owned"):
        for finding in case.found(check, "contradicts"):
            if finding.value in {"unaware", "opposed"}:
                asset = _asset(case, finding)
                owner = f"{_titles(case, *asset.accountable)}: {finding.value}"
                what, who = lines(asset.what, small(owner)), _names_people(case)
                do = "Win this role over, or find another owner."
                since = f"as of {day(finding.measured_on)}"
                yield _Gap(f"Owner {finding.value}", theme.BAD, what, who, do, since)


def _agreements(case: Case) -> Iterator[_Gap]:
    """Yield what has to be agreed to again or, once anybody signed, is missing."""
    all_of_it = SignOffs(case.assessment)
    for one in _stale(case):
        since = [small(change.words) for change in one.changes[:_CHANGES]]
        what = lines(capital(all_of_it.in_words(one.entry.covers)), *since)
        who, on = _titles(case, one.entry.role), f"agreed on {day(one.entry.on)}"
        yield _Gap("Agreement out of date", theme.WARN, what, who, "Agree again.", on)
    missing: dict[str, list[str]] = {}
    for role, covers in all_of_it.wanted if all_of_it.latest else ():
        if all_of_it.cell(role, covers).state == "missing":
            missing.setdefault(role, []).append(all_of_it.in_words(covers))
    for role, parts in missing.items():
        told, do = capital(", ".join(parts)), "Agree, or say what is wrong."
        yield _Gap("Agreement missing", theme.WARN, told, _titles(case, role), do)


def _burdens(case: Case) -> Iterator[_Gap]:
    """Yield who carries too much, with whom assets fall, approvers without deputy."""
    for finding in case.found("load-spread", "informs"):
        who, do = _names_people(case), "Hand some of it to another role."
        yield _Gap("Carries too much", theme.WARN, finding.message, who, do)
    falling = Counter(
        role
        for finding in case.found("owners-backed", "contradicts")
        for role in _asset(case, finding).accountable
    )
    do = "Name a deputy."
    for role, times in falling.items():
        what = f"{count(times, 'asset')} {'falls' if times == 1 else 'fall'} with "
        what += "one person or none"
        yield _Gap("No deputy", theme.WARN, what, _titles(case, role), do)
    for finding in case.found("granters-backed", "supports"):
        who = _titles(case, finding.subject)
        if finding.value == 1:
            yield _Gap("Approver without deputy", theme.WARN, finding.message, who, do)


def _unconfirmed(case: Case) -> Iterator[_Gap]:
    for finding in case.found("owners-confirmed", "contradicts", "informs"):
        asset = _asset(case, finding)
        who = _titles(case, *asset.accountable)
        never = finding.value is None
        since = "never" if never else f"last on {day(finding.measured_on)}"
        yield _Gap("Not confirmed", theme.WARN, asset.what, who, "Confirm it.", since)


def _splits(case: Case) -> Iterator[_Gap]:
    for split in splits(case.result, case.bank):
        between = small(f"from {level_spread(split.between)}")
        what = lines(titled_link(split.question), between)
        yield _Gap("People differ", theme.UNDECIDED, what, split.settles, "Settle it.")


#: In the order in which leadership reads them.
_KINDS = (*(_roles, _owners, _unwilling, _agreements, _burdens, _unconfirmed, _splits),)
