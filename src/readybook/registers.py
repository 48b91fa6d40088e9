"""Tables of what people declared: roles, assets, changes, actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from markupsafe import Markup

from readybook import theme
from readybook.declared import Assessment
from readybook.fragment import Column, Edition, Fragment, table
from readybook.models import Bank
from readybook.planned import Action
from readybook.registered import Asset, RoleHolder
from readybook.words import count, day, days, role_title

__all__ = [
    "actions_table",
    "assets_table",
    "changes_table",
    "roles_table",
    "value_table",
]

_GOOD, _BAD = theme.VERDICTS["ready"], theme.VERDICTS["not ready"]
_WARN, _OPEN = theme.VERDICTS["conditions"], theme.GATES["undecided"]


def roles_table(
    assessment: Assessment, bank: Bank, edition: Edition = "leadership"
) -> Fragment:
    """Return each role of the bank and whether somebody answers for it.

    Args:
        assessment: for who holds the roles.
        bank: for the roles.
        edition: "team" names the respondents; "leadership" counts them.
    """
    holders = assessment.stakeholders.roles if assessment.stakeholders else ()
    by_role = {holder.role: holder for holder in holders}
    rows = [
        [
            role.title,
            role.does,
            _holder_mark(by_role.get(role.id), edition),
            (holder.team or "") if (holder := by_role.get(role.id)) else "",
        ]
        for role in bank.roles
    ]
    columns = (
        Column("Role", "head"),
        Column("Decides or runs", "wide"),
        Column("Answered for by"),
        Column("Team"),
    )
    return table("Roles", columns, rows, empty="The bank has no roles.")


def _holder_mark(holder: RoleHolder | None, edition: Edition) -> Markup:
    if holder is None:
        return theme.mark(_OPEN, "not declared")
    if holder.held_by == "nobody-yet" or not holder.held_by:
        return theme.mark(_BAD, "nobody yet")
    if edition == "team":
        return theme.mark(_GOOD, ", ".join(holder.held_by))
    return theme.mark(_GOOD, count(len(holder.held_by), "person", "people"))


def assets_table(assessment: Assessment, bank: Bank) -> Fragment:
    """Return who is accountable, responsible, consulted and informed, per asset."""
    assets = assessment.stakeholders.assets if assessment.stakeholders else ()
    rows = [
        [
            asset.what,
            _accountable(asset, bank),
            role_title(bank, asset.responsible),
            _titles(asset.consulted, bank),
            _titles(asset.informed, bank),
            day(asset.confirmed_on, "not confirmed"),
        ]
        for asset in assets
    ]
    columns = (
        Column("Asset", "long"),
        Column("Accountable"),
        Column("Responsible"),
        Column("Consulted"),
        Column("Informed"),
        Column("Confirmed on", "date"),
    )
    empty = "No asset is declared yet: stakeholders.yaml, key assets."
    return table("Who owns what", columns, rows, empty=empty)


def _titles(roles: Iterable[str], bank: Bank) -> str:
    return ", ".join(role_title(bank, role) for role in roles) or "none"


def _accountable(asset: Asset, bank: Bank) -> Markup:
    """Return the accountable role; no role and several roles are both findings."""
    if not asset.accountable:
        return theme.mark(_BAD, "nobody")
    titles = _titles(asset.accountable, bank)
    if len(asset.accountable) > 1:
        return theme.mark(_WARN, f"{titles}: one is wanted")
    return theme.mark(_GOOD, titles)


def changes_table(assessment: Assessment, bank: Bank) -> Fragment:
    """Return the declared changes of procedure, system and business, oldest first."""
    changes = assessment.changes.changes if assessment.changes else ()
    rows = [
        [
            day(change.date),
            change.what,
            change.kind,
            ", ".join(change.tables) or "all",
            role_title(bank, change.told_by, nothing="not said"),
        ]
        for change in sorted(changes, key=lambda c: (c.date, c.id))
    ]
    columns = (
        Column("Date", "head"),
        Column("What changed", "wide"),
        Column("Kind"),
        Column("Tables"),
        Column("Told by"),
    )
    empty = "No change is declared yet: changes.yaml. Ask who has been here longest."
    return table("Declared changes", columns, rows, empty=empty)


def actions_table(
    assessment: Assessment, bank: Bank, first: int | None = None
) -> Fragment:
    """Return what is done next: open actions by date, then done and dropped ones.

    Args:
        assessment: for the actions and the as-of date.
        bank: for titles of roles.
        first: at most so many open ones, and no others; None for all.
    """
    actions = assessment.actions.actions if assessment.actions else ()
    order = sorted(actions, key=lambda a: (a.state != "open", a.due or dt.date.max))
    shown = order if first is None else [a for a in order if a.state == "open"][:first]
    rows = [
        [
            action.action,
            role_title(bank, action.owner),
            day(action.due, "no date"),
            _action_state(action, assessment),
            Markup(", ").join(
                Markup('<a href="#{0}">{0}</a>').format(q) for q in action.decides
            )
            or "none",
        ]
        for action in shown
    ]
    columns = (
        Column("Action", "long"),
        Column("Role"),
        Column("Due", "date"),
        Column("State"),
        Column("Decides"),
    )
    empty = "No action is declared yet: actions.yaml."
    left = sum(a.state == "open" for a in actions) - len(shown)
    note = f"{count(left, 'more action')} open." if left > 0 else ""
    return table("What we do next", columns, rows, empty=empty, note=note)


def _action_state(action: Action, assessment: Assessment) -> Markup:
    if action.state == "done":
        return theme.mark(_GOOD, "done")
    if action.state == "dropped":
        return theme.mark(theme.OUTCOMES["not measured"], "dropped")
    if action.due and action.due < assessment.as_of:
        return theme.mark(_BAD, f"late by {days(action.due, assessment.as_of)}")
    if action.accepted_on is None:
        return theme.mark(_OPEN, "proposed")
    return theme.mark(_GOOD, "accepted")


def value_table(assessment: Assessment, bank: Bank) -> Fragment:
    """Return the declared figures on money with their source; what is missing, named.

    The column names are the ends of a range as people declared it; no figure is
    computed or filled in.
    """
    value = assessment.scope.value
    asked = role_title(bank, "business-owner")
    rows: list[list[str | Markup]] = []
    if value and (week := value.cost_of_delay_per_week):
        figures = [
            f"{value.currency} {end:,.0f}" for end in (week.low, week.likely, week.high)
        ]
        rows.append(["Cost of delay per week", *figures, value.source])
    columns = (
        Column("Figure", "head"),
        Column("Low", "number"),
        Column("Likely", "number"),
        Column("High", "number"),
        Column("Source", "wide"),
    )
    empty = f"No figure on money is declared: ask {asked}. None is made up here."
    note = "An example: the figures are plausible, not measured."
    return table(
        "Declared figures",
        columns,
        rows,
        empty=empty,
        note=note if assessment.scope.example else "",
    )
