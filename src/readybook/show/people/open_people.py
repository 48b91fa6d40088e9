"""Whom the case needs: gaps in ownership, waiting permissions, agreements, splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from readybook.checks.assets import granted_by, people_of
from readybook.checks.roles import part_in_words
from readybook.checks.signoffs import SignOffs
from readybook.model.findings import Finding
from readybook.model.register import Asset
from readybook.model.words import count, day, level_spread, role_title
from readybook.score.agenda import splits
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Column, Fragment, draw_html, lines, small, table

__all__ = ["who_we_need"]

_BAD, _WARN = theme.VERDICTS["not ready"], theme.VERDICTS["conditions"]
_OPEN = theme.GATES["undecided"]
_COLUMNS = (
    Column("Gap", "head"),
    Column("What", "wide"),
    Column("When"),
    Column("Whose move"),
)
_CHANGES = 3  #: of an agreement that is out of date; its chapter has all


@dataclass(frozen=True)
class _Need:
    """One thing that waits for somebody."""

    kind: str
    look: theme.Look
    what: str | Markup
    who: str  #: title of the role whose move it is
    do: str  #: its move, one short sentence
    since: str = ""  #: what happened when, in words


class _Lookup:
    """What every kind of need is looked up in."""

    def __init__(self, case: Case) -> None:
        self.case, self.bank, self.result = case, case.bank, case.result
        self.assessment, self.findings = case.assessment, case.evidence

    def found(self, check: str, *outcomes: str) -> Iterator[Finding]:
        """Yield the findings of a check with one of these outcomes."""
        for finding in self.findings:
            if finding.check == check and finding.outcome in outcomes:
                yield finding

    def title(self, role: str | None) -> str:
        """Return the title of a role, and whether nobody holds it."""
        title = role_title(self.bank, role)
        people = people_of(role, self.assessment) if role else None
        return f"{title} (nobody yet)" if people == frozenset() else title

    def asset(self, finding: Finding) -> Asset:
        """Return the asset that a finding is about."""
        assets = self.assessment.stakeholders.assets
        return next(one for one in assets if one.id == finding.subject)

    @property
    def leadership(self) -> str:
        """Return who names people: the sponsor where the bank has that role."""
        known = any(role.id == "sponsor" for role in self.bank.roles)
        return self.title("sponsor") if known else "Leadership"

    def settles(self, check: str) -> str:
        """Return the role that answers the question on which a check bears."""
        for standing in self.result.standings:
            if any(binding.check == check for binding in standing.question.checks):
                return self.title(standing.question.authority)
        return self.leadership


def who_we_need(case: Case) -> Fragment:
    """Return what waits for somebody, and whose move it is, one row for each kind."""
    looked_up = _Lookup(case)
    kinds: dict[str, list[_Need]] = {}
    for found in _KINDS:
        for need in found(looked_up):
            kinds.setdefault(need.kind, []).append(need)
    groups = list(kinds.values())
    total = sum(map(len, groups))
    empty = "Nothing that is declared waits for anybody."
    if "stakeholders" not in case.assessment.declared and not total:
        empty = "Nobody is named yet: stakeholders.yaml."
    note = "Of each kind the first; the chapters have all." if total else ""
    title = f"{count(total, 'gap')} {'waits' if total == 1 else 'wait'} for somebody"
    rows = [_row(group[0], len(group) - 1) for group in groups]
    shown = table(title, _COLUMNS, rows, empty=empty, note=note)
    if not rows:
        return shown
    html = draw_html("titled.html.j2", html=shown.html)
    told = "; ".join(f"{need.kind}: {need.who}" for group in groups for need in group)
    return Fragment(html, f"{title}. {told}")


def _row(need: _Need, others: int) -> list[str | Markup]:
    move = Markup("<b>{}:</b> {}").format(need.who, need.do)
    what = lines([need.what, small(f"and {others} more" if others else "")])
    return [theme.mark(need.look, need.kind), what, need.since, move]


# --- owners ------------------------------------------------------------------------


def _roles(case: _Lookup) -> Iterator[_Need]:
    permits = granted_by(case.assessment)
    for finding in case.found("roles-known", "contradicts", "not measured"):
        role = finding.subject
        waiting = permits.get(role, ())
        must = f", which must permit {', '.join(waiting)}" if waiting else ""
        held = finding.outcome == "contradicts"
        kind = "Nobody holds the role" if held else "Role not in the register"
        what = f"{role_title(case.bank, role)}{must}"
        look = _BAD if held else _OPEN
        yield _Need(kind, look, what, case.leadership, "Name who holds it.")


def _owners(case: _Lookup) -> Iterator[_Need]:
    for check in ("owners-single", "model-owned"):
        for finding in case.found(check, "contradicts"):
            asset = case.asset(finding)
            roles = [case.title(role) for role in dict.fromkeys(asset.accountable)]
            if len(roles) == 1:
                continue  # its owner is absent or against it, and is told as that
            kind = f"{len(roles)} accountable" if roles else "Nobody accountable"
            what = lines([asset.what, small(", ".join(roles))])
            do = "Settle who has the last word." if roles else "Find it an owner."
            yield _Need(kind, _BAD, what, case.settles(check), do)


def _unwilling(case: _Lookup) -> Iterator[_Need]:
    for check in ("owners-willing", "model-owned"):
        for finding in case.found(check, "contradicts"):
            if finding.value in {"unaware", "opposed"}:
                asset = case.asset(finding)
                roles = ", ".join(case.title(role) for role in asset.accountable)
                what = lines([asset.what, small(f"{roles}: {finding.value}")])
                kind, since = (
                    f"Owner {finding.value}",
                    f"as of {day(finding.measured_on)}",
                )
                do = "Win this role over, or find another owner."
                yield _Need(kind, _BAD, what, case.leadership, do, since)


def _loads(case: _Lookup) -> Iterator[_Need]:
    for finding in case.found("load-spread", "informs"):
        what, do = finding.message, "Hand some of it to another role."
        yield _Need("Carries too much", _WARN, what, case.leadership, do)


def _single(case: _Lookup) -> Iterator[_Need]:
    """Yield each role that assets fall with, with how many."""
    falling: dict[str, int] = {}
    for finding in case.found("owners-backed", "contradicts"):
        for role in case.asset(finding).accountable:
            falling[role] = falling.get(role, 0) + 1
    for role, times in falling.items():
        what = f"{count(times, 'asset')} {'falls' if times == 1 else 'fall'} with "
        what += "one person or none"
        yield _Need("No deputy", _WARN, what, case.title(role), "Name a deputy.")


def _approvers(case: _Lookup) -> Iterator[_Need]:
    for finding in case.found("granters-backed", "informs"):
        what, who = finding.message, case.title(finding.subject)
        yield _Need("Approver without deputy", _WARN, what, who, "Name a deputy.")


def _unconfirmed(case: _Lookup) -> Iterator[_Need]:
    for finding in case.found("owners-confirmed", "contradicts", "informs"):
        asset = case.asset(finding)
        who = ", ".join(case.title(role) for role in asset.accountable)
        never = finding.value is None
        since = "never" if never else f"last on {day(finding.measured_on)}"
        yield _Need("Not confirmed", _WARN, asset.what, who, "Confirm it.", since)


# --- permissions, agreements, splits -----------------------------------------------


def _permissions(case: _Lookup) -> Iterator[_Need]:
    """Yield the permissions that wait, the longest wait first."""
    as_of = case.assessment.as_of
    waiting = [
        (row.asked_on, row)
        for row in case.assessment.resources.resources
        if row.asked_on
        and row.asked_on <= as_of
        and not any(on and on <= as_of for on in (row.granted_on, row.refused_on))
    ]
    for asked_on, row in sorted(waiting, key=lambda one: (one[0], one[1].id)):
        waits, lead = (as_of - asked_on).days, row.lead_time_days
        said = "" if lead is None else f"it was to take {count(lead, 'day')}"
        what = lines([row.what, small(said)])
        look = _BAD if lead is not None and waits > lead else _WARN
        who, since = case.title(row.grants), f"asked {count(waits, 'day')} ago"
        yield _Need("Permission waits", look, what, who, "Say yes or no.", since)


def _agreements(case: _Lookup) -> Iterator[_Need]:
    all_of_it = SignOffs(case.assessment)
    for one in all_of_it.signed:
        if one.state == "out of date":
            since = [small(change.words) for change in one.changes[:_CHANGES]]
            what = lines([_capital(part_in_words(one.entry.covers)), *since])
            who, on = case.title(one.entry.role), f"agreed on {day(one.entry.on)}"
            yield _Need("Agreement out of date", _WARN, what, who, "Agree again.", on)
    missing: dict[str, list[str]] = {}
    for role, covers in all_of_it.wanted if all_of_it.latest else ():
        if all_of_it.cell(role, covers).state == "missing":
            missing.setdefault(role, []).append(part_in_words(covers))
    for role, parts in missing.items():
        told, do = _capital(", ".join(parts)), "Agree, or say what is wrong."
        yield _Need("Agreement missing", _WARN, told, case.title(role), do)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _splits(case: _Lookup) -> Iterator[_Need]:
    for split in splits(case.result, case.bank):
        link = Markup('<a href="#{0}">{0}</a> {1}').format(
            split.question.id, split.question.title
        )
        what = lines([link, small(f"from {level_spread(split.between)}")])
        yield _Need("People differ", _OPEN, what, split.settles, "Settle it.")


#: In the order in which leadership reads them.
_KINDS = (
    _roles,
    _owners,
    _unwilling,
    _permissions,
    _agreements,
    _loads,
    _single,
    _approvers,
    _unconfirmed,
    _splits,
)
