"""Machines and accounts: what resources need of them beside what was measured.

Bars are lines over plain axes, readable in 360 pixels and in print; account numbers are
shown by their last characters only, and keys never.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from readybook.checks.machines import (
    NEEDS,
    PRIVILEGES,
    Need,
    dated_by,
    find_probe,
    masked,
)
from readybook.model.case import Account, Endpoint, Resource
from readybook.model.findings import AccountSeen, Finding, MachineFact
from readybook.model.words import count, day, number
from readybook.show.kit.case import Case
from readybook.show.kit.figures import LIGHT, axis, chart, plain, tag
from readybook.show.kit.fragment import (
    Fragment,
    code,
    lines,
    nothing,
    small,
    table,
)
from readybook.show.kit.theme import outcome_mark

__all__ = ["accesses_table", "accounts_table", "resources_chart", "resources_table"]

_ROW = 70  # pixels of height for one row: two lines of text and a bar
_FOOT = 68  # pixels below the last row, for an axis
_WHOLE = 100  # per cent
_MOST_SHARE = 200.0  # per cent of a need: where a bar is cut off


@dataclass(frozen=True)
class _Met:
    """One amount that a resource needs, and what was measured of it."""

    resource: Resource
    need: Need
    needed: float
    found: Finding | None
    fact: MachineFact | None
    has_run: bool  #: whether a probe looked

    @property
    def value(self) -> float | str | None:
        """What was measured; None where nothing was."""
        return self.found.value if self.found else None

    @property
    def outcome(self) -> str:
        """The finding's outcome; without one, nothing was measured."""
        return self.found.outcome if self.found else "not measured"

    @property
    def unit(self) -> str | None:
        """The unit, None where the name says it already."""
        return self.need.unit if self.need.unit != self.need.name else None

    @property
    def told(self) -> str:
        """What was measured, in words; where nothing was, why in two or three."""
        if not self.has_run:
            return "untested"
        if self.value is not None:
            return number(
                self.value, None if isinstance(self.value, str) else self.unit
            )
        is_unread = self.fact is not None and self.fact.state != "read"
        return self.fact.state if self.fact and is_unread else "not measured"

    @property
    def asked(self) -> str:
        """What is needed, with its unit."""
        return number(self.needed, self.unit)

    @property
    def name(self) -> str:
        return f"{self.need.name} of {self.resource.id}"

    @property
    def said(self) -> str:
        return f"{self.told}, needed {self.asked}"

    @property
    def share(self) -> float:
        """Per cent of the need; what is unlimited, or not needed, is more than it."""
        if self.value is None:
            return 0.0
        if isinstance(self.value, str) or not self.needed:
            return _MOST_SHARE
        return round(_WHOLE * self.value / self.needed, 1)

    @property
    def share_said(self) -> str:
        if self.value is None:
            return ""
        is_amount = not isinstance(self.value, str) and self.needed
        return number(self.share, "%") if is_amount else "enough"

    @property
    def is_short(self) -> bool:
        return self.outcome == "contradicts"


def _needs_met(case: Case, resource: Resource) -> list[_Met]:
    """Return every amount that a resource needs, with what was measured of it.

    Without a probe a need is untested; what a probe could not see, or was denied, is
    said to be so.
    """
    probe = find_probe(case.assessment, resource).evidence
    # A check may find more than an amount; the unit decides.
    found = {(f.check, f.unit): f for f in case.evidence if f.subject == resource.id}
    return [
        _Met(
            resource,
            need,
            needed,
            found.get((need.check, need.unit)),
            probe.fact(need.fact) if probe else None,
            probe is not None,
        )
        for need in NEEDS
        if (needed := getattr(resource.needs, need.key, None)) is not None
    ]


# --- needed and measured -------------------------------------------------------------


def resources_table(case: Case) -> Fragment:
    """Return each resource: needed, measured and how, who grants it and who pays."""
    rows = [
        [
            lines(resource.what, small(resource.kind)),
            _measured_of(case, resource),
            _probe_of(case, resource),
            case.title(resource.grants),
            _payer(case, resource),
        ]
        for resource in case.assessment.resources.resources
    ]
    columns = "Resource:long | Needs, measured:wide | Probe | Granted by | Paid by"
    empty = "No resource is declared yet: resources.yaml."
    return table("Resources, needed and measured", columns, rows, empty=empty)


def _measured_of(case: Case, resource: Resource) -> Markup | str:
    shown = [
        lines(
            outcome_mark(met.outcome, f"{met.need.name}: {met.said}"),
            small(met.fact.how if met.fact else ""),
        )
        for met in _needs_met(case, resource)
    ]
    return lines(*shown) or (
        "no figures declared" if resource.kind == "compute" else ""
    )


def _probe_of(case: Case, resource: Resource) -> Markup | str:
    probed = find_probe(case.assessment, resource)
    if probed.evidence:
        return lines(resource.probe or "", small(day(probed.evidence.measured_on)))
    if resource.needs is None and resource.probe is None:
        return ""
    why = f"{resource.probe} has not run" if resource.probe else "no probe is named"
    return lines(outcome_mark("not measured", "Untested"), small(why))


def _payer(case: Case, resource: Resource) -> Markup:
    """Return who pays, with budget code and limit; what is not declared of it, too."""
    budget, said = resource.budget, ""
    if resource.pays is not None or resource.budget_code is not None:
        limit = "no limit approved"
        if budget:
            per = "once" if budget.per == "once" else f"per {budget.per}"
            limit = f"{budget.currency} {number(budget.limit)} {per}"
        said = f"{resource.budget_code or 'no budget code'}, {limit}"
    return lines(case.title(resource.pays), small(said))


def resources_chart(case: Case) -> Fragment:
    """Return what was measured of each need of a machine, as a share of the need."""
    needs = [
        met
        for resource in case.assessment.resources.resources
        for met in _needs_met(case, resource)
    ]
    if not needs:
        return nothing("No machine has declared needs yet: resources.yaml, key needs.")
    columns = "Need:head | Needed:number | Measured:number | Of the need:number"
    title = _resources_title(needs)
    return chart(
        title,
        "Bars: measured as a share of what is needed, cut off at twice the need; a line "
        "on each marks the need. Dotted: not measured.",
        {
            "data": [_resource_bars(needs), _need_lines(needs)],
            "layout": _resources_layout(needs),
        },
        table(
            "Needed and measured",
            columns,
            [[n.name, n.asked, n.told, n.share_said] for n in needs],
            empty=title,
        ),
    )


def _resources_title(needs: Sequence[_Met]) -> str:
    short = [need for need in needs if need.is_short]
    unknown = sum(need.value is None for need in needs)
    met = len(needs) - len(short) - unknown
    title = f"{met} of {count(len(needs), 'need')} met"
    if short:
        title += f"; {short[0].name}: {short[0].said}"
    if short[1:]:
        title += f"; {count(len(short) - 1, 'more need')} not met"
    if unknown:
        title += f"; {count(unknown, 'need')} not measured"
    return title


def _resources_layout(needs: Sequence[_Met]) -> dict[str, object]:
    return {
        "height": _ROW * len(needs) + _FOOT,
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "bargap": 0.7,
        "xaxis": axis(
            range=[0, 1.025 * _MOST_SHARE],
            tickvals=[_WHOLE],
            ticktext=["what is needed"],
            showgrid=False,
        ),
        "yaxis": axis(visible=False, autorange="reversed"),
        "shapes": [_gap(row) for row, n in enumerate(needs) if n.value is None],
        "annotations": [_need_tag(row, need) for row, need in enumerate(needs)],
    }


def _resource_bars(needs: Sequence[_Met]) -> dict[str, object]:
    colours = [LIGHT["bad" if need.is_short else "level-3"] for need in needs]
    return {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(needs))),
        "x": [min(_MOST_SHARE, need.share) for need in needs],
        "marker": {"color": colours},
        "hoverinfo": "skip",
    }


def _need_lines(needs: Sequence[_Met]) -> dict[str, object]:
    """Return all lines as one, with a gap behind each."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [_WHOLE, _WHOLE, None] * len(needs),
        "y": [y for row in range(len(needs)) for y in (row - 0.22, row + 0.22, None)],
        "line": {"color": LIGHT["ink"], "width": 2},
        "hoverinfo": "skip",
    }


def _gap(row: int) -> dict[str, object]:
    """Return an empty bar: what nobody measured is neither nothing nor enough."""
    return {
        "type": "rect",
        "x0": 0,
        "x1": _WHOLE,
        "y0": row - 0.15,
        "y1": row + 0.15,
        "line": {"color": LIGHT["muted"], "width": 1, "dash": "dot"},
    }


def _need_tag(row: int, need: _Met) -> dict[str, object]:
    sign = "✕" if need.is_short else "✓" if need.value is not None else "?"
    text = f"{sign} {plain(need.name)}<br>{plain(need.said)}"
    return tag(text, 0, row, yshift=14, align="left")


# --- accounts, privileges and endpoints ----------------------------------------------

_PROVIDERS = {"aws": "AWS", "azure": "Azure", "google": "Google Cloud"}
_UNSEEN = {
    "expired": "credentials have expired",
    "invalid": "credentials are not valid",
    "missing": "no credentials at hand",
    "not visible": "not visible",
}


def accounts_table(case: Case) -> Fragment:
    """Return each account: the declared one, the one seen, both masked, and who pays."""
    assessment = case.assessment
    rows = assessment.resources.resources
    accounts = [row for row in rows if row.account or row.kind == "account"]
    evidence, _ = dated_by(assessment.accounts, assessment.as_of, "accounts.json")
    seen = {one.resource: one for one in evidence.accounts} if evidence else {}
    found = {f.subject: f for f in case.evidence if f.check == "account-as-declared"}
    cells = [
        [
            row.what,
            _declared(row.account),
            _seen(row.account, seen.get(row.id)),
            _as_declared(row.account, found.get(row.id)),
            _payer(case, row),
        ]
        for row in accounts
    ]
    columns = "Account:long | Declared:date | Seen | The declared one? | Paid by"
    empty = "No account is declared yet: resources.yaml, a resource of kind account."
    note = "Account numbers are shown by their last characters only; keys never are."
    if evidence:
        note += f" Looked at on {day(evidence.measured_on)}."
    return table("Accounts, declared and seen", columns, cells, empty=empty, note=note)


def _declared(account: Account | None) -> Markup | str:
    if account is None:
        return "not declared"
    provider = _PROVIDERS.get(account.provider, "another cloud")
    return lines(masked(account.id), small(provider))


def _seen(account: Account | None, seen: AccountSeen | None) -> Markup | str:
    if account is None:
        return ""
    if seen is None:
        return "not looked at"
    if seen.state == "read":
        told: Markup | str = "not told"
        if seen.seen:
            told = Markup('<span class="date">{}</span>').format(f"…{seen.seen[-4:]}")
        return lines(told, small(seen.how))
    return lines(_UNSEEN[seen.state], small(seen.why or ""))


def _as_declared(account: Account | None, finding: Finding | None) -> Markup:
    if account is None:
        said = "nothing to compare with: resources.yaml, key account"
        return outcome_mark("not measured", said)
    outcome = finding.outcome if finding else "not measured"
    known = {"supports": "yes", "contradicts": "no, another account"}
    how = "run `readybook account` where the job will run"
    if account.provider != "aws":
        how = "only AWS can be asked"
    return outcome_mark(outcome, known.get(outcome, f"not known: {how}"))


def accesses_table(case: Case) -> Fragment:
    """Return each privilege and endpoint that a resource needs, with what was found."""
    found = {(f.check, f.subject): f for f in case.evidence}
    cells = [
        _access(row, what, found.get((check, subject)))
        for row in case.assessment.resources.resources
        for what, check, subject in _accesses(row)
    ]
    columns = "On:field | Needed | Given? | What was found:wide"
    empty = (
        "No privilege, endpoint or package index is declared as needed: resources.yaml,"
        " key needs."
    )
    return table("Privileges and endpoints", columns, cells, empty=empty)


def _accesses(row: Resource) -> Iterator[tuple[Markup | str, str, str]]:
    """Yield in words what a resource needs, the check of it, and its subject."""
    if row.needs is None:
        return
    if row.needs.privileges:
        names = ", ".join(PRIVILEGES[name] for name in row.needs.privileges)
        yield names, "privileges-held", row.id
    if row.needs.package_index:
        yield "a package index answers", "package-index-answers", row.id
    for end in row.needs.endpoints:
        subject = f"{row.id} {end.host}:{end.port}"
        yield _endpoint(end), "endpoints-reached", subject


def _endpoint(end: Endpoint) -> Markup:
    tls = small("with TLS") if end.tls else ""
    return lines(code(f"{end.host}:{end.port}"), tls)


def _access(
    row: Resource, what: Markup | str, found: Finding | None
) -> list[Markup | str]:
    words = {"supports": "yes", "contradicts": "no"}
    if found is None:
        return [code(row.id), what, outcome_mark("not measured", "untested"), ""]
    mark = outcome_mark(found.outcome, words.get(found.outcome, "not known"))
    return [code(row.id), what, mark, found.message]
