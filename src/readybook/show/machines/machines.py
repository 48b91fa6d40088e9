"""Machines and accounts: what resources need of them beside what was measured.

Bars are lines over plain axes, readable in 360 pixels and in print; account numbers are
shown by their last characters only, and keys never.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from readybook.checks.machines import NEEDS, PRIVILEGES, dated_by, find_probe, masked
from readybook.model.case import Account, Resource
from readybook.model.findings import AccountSeen, Finding, Outcome
from readybook.model.words import count, day, number
from readybook.show.kit.case import Case
from readybook.show.kit.figures import LIGHT, axis, chart, plain, tag
from readybook.show.kit.fragment import Fragment, code, lines, nothing, small, table
from readybook.show.kit.theme import outcome_mark

_ROW = 70  # pixels of height for one row: two lines of text and a bar
_FOOT = 68  # pixels below the last row, for an axis
_WHOLE = 100  # per cent
_LABEL = {"yshift": 14, "align": "left"}
_MOST_SHARE = 200.0  # per cent of a need: where a bar is cut off


@dataclass(frozen=True)
class _Met:
    """One amount that a resource needs, and what was measured of it, in words too."""

    need: str
    name: str  #: with the resource's
    outcome: Outcome  #: of the finding; without one, nothing was measured
    is_known: bool
    said: str  #: "12 GiB, needed 16 GiB"
    asked: str  #: what is needed, with its unit
    told: str  #: what was measured; where nothing was, why in two or three words
    share: float = 0.0  #: per cent; what is unlimited, or not needed, is more than it
    share_said: str = ""
    how: str = ""  #: it was read

    @property
    def is_short(self) -> bool:
        return self.outcome == "contradicts"


def _needs_met(case: Case, resource: Resource) -> Iterator[_Met]:
    """Yield every amount that a resource needs, with what was measured of it.

    Without a probe a need is untested; what a probe could not see, or was denied, is
    said to be so.
    """
    probe = find_probe(case.assessment, resource).evidence
    # A check may find more than an amount; the unit decides.
    found = {(f.check, f.unit): f for f in case.evidence if f.subject == resource.id}
    for need in NEEDS:
        needed = getattr(resource.needs, need.key, None)
        if needed is None:
            continue
        finding = found.get((need.check, need.unit))
        fact = probe.fact(need.fact) if probe else None
        value = finding.value if finding else None
        unit = need.unit if need.unit != need.name else None  # its name says it already
        asked, share, share_said = number(needed, unit), 0.0, ""
        told = "not measured" if probe else "untested"
        if probe and value is not None:
            told = number(value, None if isinstance(value, str) else unit)
        elif fact and fact.state != "read":
            told = fact.state
        if isinstance(value, str) or (value is not None and not needed):
            share, share_said = _MOST_SHARE, "enough"
        elif value is not None:
            share = round(_WHOLE * value / needed, 1)
            share_said = number(share, "%")
        yield _Met(
            need=need.name,
            name=f"{need.name} of {resource.id}",
            outcome=finding.outcome if finding else "not measured",
            is_known=value is not None,
            said=f"{told}, needed {asked}",
            asked=asked,
            told=told,
            share=share,
            share_said=share_said,
            how=fact.how if fact else "",
        )


def resources_table(case: Case) -> Fragment:
    """Return each resource: needed, measured and how, who grants it and who pays."""
    rows = []
    for resource in case.assessment.resources.resources:
        measured = [
            lines(outcome_mark(met.outcome, f"{met.need}: {met.said}"), small(met.how))
            for met in _needs_met(case, resource)
        ]
        none = "no figures declared" if resource.kind == "compute" else ""
        rows.append(
            [
                lines(resource.what, small(resource.kind)),
                lines(*measured) or none,
                _probe_of(case, resource),
                case.title(resource.grants),
                _payer(case, resource),
            ]
        )
    columns = "Resource:long | Needs, measured:wide | Probe | Granted by | Paid by"
    empty = "Nobody has said yet which machines, accounts and licences it takes."
    return table("Resources, needed and measured", columns, rows, empty=empty)


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
    budget, limit = resource.budget, "no limit approved"
    if budget:
        per = "once" if budget.per == "once" else f"per {budget.per}"
        limit = f"{budget.currency} {number(budget.limit)} {per}"
    said = f"{resource.budget_code or 'no budget code'}, {limit}"
    is_said = resource.pays is not None or resource.budget_code is not None
    return lines(case.title(resource.pays), small(said if is_said else ""))


def resources_chart(case: Case) -> Fragment:
    """Return what was measured of each need of a machine, as a share of the need."""
    resources = case.assessment.resources.resources
    needs = [met for resource in resources for met in _needs_met(case, resource)]
    if not needs:
        return nothing("Nobody has said yet what the job needs of a machine.")
    title = _resources_title(needs)
    rows = range(len(needs))
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": [*rows],
        "x": [min(_MOST_SHARE, need.share) for need in needs],
        "marker": {"color": [LIGHT["bad" if n.is_short else "level-3"] for n in needs]},
        "hoverinfo": "skip",
    }
    # All lines are one, with a gap behind each.
    marks = {
        "type": "scatter",
        "mode": "lines",
        "x": [_WHOLE, _WHOLE, None] * len(needs),
        "y": [y for row in rows for y in (row - 0.22, row + 0.22, None)],
        "line": {"color": LIGHT["ink"], "width": 2},
        "hoverinfo": "skip",
    }
    # What nobody measured is neither nothing nor enough: an empty bar.
    gap = {"type": "rect", "x0": 0, "x1": _WHOLE} | {
        "line": {"color": LIGHT["muted"], "width": 1, "dash": "dot"}
    }
    layout = {
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
        "shapes": [
            gap | {"y0": row - 0.15, "y1": row + 0.15}
            for row, need in enumerate(needs)
            if not need.is_known
        ],
        "annotations": [
            tag(f"{sign} {plain(need.name)}<br>{plain(need.said)}", 0, row, **_LABEL)
            for row, need in enumerate(needs)
            for sign in ("✕" if need.is_short else "✓" if need.is_known else "?",)
        ],
    }
    columns = "Need:head | Needed:number | Measured:number | Of the need:number"
    cells = [[n.name, n.asked, n.told, n.share_said] for n in needs]
    return chart(
        title,
        "Bars: measured as a share of what is needed, cut off at twice the need; a line "
        "on each marks the need. Dotted: not measured.",
        {"data": [bars, marks], "layout": layout},
        table("Needed and measured", columns, cells, empty=title),
    )


def _resources_title(needs: Sequence[_Met]) -> str:
    short = [need for need in needs if need.is_short]
    unknown = sum(not need.is_known for need in needs)
    title = f"{len(needs) - len(short) - unknown} of {count(len(needs), 'need')} met"
    if short:
        title += f"; {short[0].name}: {short[0].said}"
    if short[1:]:
        title += f"; {count(len(short) - 1, 'more need')} not met"
    if unknown:
        title += f"; {count(unknown, 'need')} not measured"
    return title


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
        [row.what, *_account(row.account, seen.get(row.id), found.get(row.id)),
         _payer(case, row)]
        for row in accounts
    ]  # fmt: skip
    columns = "Account:long | Declared:date | Seen | The declared one? | Paid by"
    empty = "No cloud account is declared."
    note = "Account numbers are shown by their last characters only; keys never are."
    if evidence:
        note += f" Looked at on {day(evidence.measured_on)}."
    return table("Accounts, declared and seen", columns, cells, empty=empty, note=note)


def _account(
    account: Account | None, seen: AccountSeen | None, finding: Finding | None
) -> tuple[str | Markup, ...]:
    """Return what was declared of an account, what was seen, whether it is the same."""
    if account is None:
        said = "nobody has said which account it should be"
        return "not declared", "", outcome_mark("not measured", said)
    provider = _PROVIDERS.get(account.provider, "another cloud")
    told: str | Markup = "not looked at"
    if seen and seen.state == "read":
        ending = Markup('<span class="date">…{}</span>').format((seen.seen or "")[-4:])
        told = lines(ending if seen.seen else "not told", small(seen.how))
    elif seen:
        told = lines(_UNSEEN[seen.state], small(seen.why or ""))
    how = "run `readybook account` where the job will run"
    if account.provider != "aws":
        how = "only AWS can be asked"
    outcome = finding.outcome if finding else "not measured"
    same = {"supports": "yes", "contradicts": "no, another account"}
    mark = outcome_mark(outcome, same.get(outcome, f"not known: {how}"))
    return lines(masked(account.id), small(provider)), told, mark


def accesses_table(case: Case) -> Fragment:
    """Return each privilege and endpoint that a resource needs, with what was found."""
    found = {(f.check, f.subject): f for f in case.evidence}
    words = {"supports": "yes", "contradicts": "no"}
    cells = []
    for row in case.assessment.resources.resources:
        for what, check, subject in _accesses(row):
            outcome: Outcome = "not measured"
            told, said = "", "untested"
            if one := found.get((check, subject)):
                outcome, told = one.outcome, one.message
                said = words.get(outcome, "not known")
            cells.append([code(row.id), what, outcome_mark(outcome, said), told])
    columns = "On:field | Needed | Given? | What was found:wide"
    empty = (
        "Nobody has said that a privilege, an endpoint or a package index is needed."
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
        tls = small("with TLS") if end.tls else ""
        told = lines(code(f"{end.host}:{end.port}"), tls)
        yield told, "endpoints-reached", subject
