"""Tables of what people declared: roles, assets, changes, actions."""

from __future__ import annotations

import datetime as dt

from markupsafe import Markup

from readybook.model.case import Action, Assessment, RoleHolder
from readybook.model.words import count, day, days, sentence
from readybook.plan.outlook import assumptions, missing
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Edition,
    Fragment,
    lines,
    question_links,
    small,
    table,
)

__all__ = [
    "action_state",
    "actions_table",
    "changes_table",
    "roles_table",
    "value_table",
]

_GOOD, _BAD = theme.VERDICTS["ready"], theme.VERDICTS["not ready"]
_WARN, _OPEN = theme.VERDICTS["conditions"], theme.GATES["undecided"]


def roles_table(case: Case) -> Fragment:
    """Return each role of the bank and whether somebody answers for it.

    The edition "team" names the respondents; "leadership" counts them.
    """
    assessment, edition = case.assessment, case.edition
    by_role = {holder.role: holder for holder in assessment.stakeholders.roles}
    rows = [
        [
            role.title,
            role.does,
            _holder_mark(by_role.get(role.id), edition),
            (holder.team or "") if (holder := by_role.get(role.id)) else "",
            _deputies(holder, edition),
            _stance(holder, assessment.as_of),
        ]
        for role in case.bank.roles
    ]
    columns = (
        "Role:head | Decides or runs:wide | Answered for by | Team | Deputies | "
        "Stands to the case"
    )
    return table("Roles", columns, rows, empty="The bank has no roles.")


def _holder_mark(holder: RoleHolder | None, edition: Edition) -> Markup:
    if holder is None:
        return theme.mark(_OPEN, "not declared")
    if not holder.holders:
        return theme.mark(_BAD, "nobody yet")
    if edition == "team":
        return theme.mark(_GOOD, ", ".join(holder.holders))
    return theme.mark(_GOOD, count(len(holder.holders), "person", "people"))


def _deputies(holder: RoleHolder | None, edition: Edition) -> str:
    deputies = holder.deputies if holder else ()
    if edition == "team":
        return ", ".join(deputies)
    return str(len(deputies) or "")


def _stance(holder: RoleHolder | None, as_of: dt.date) -> Markup:
    """Return the buy-in of a role, as far as it was known on the as-of date."""
    known = holder.buy_in if holder else None
    if known is None or known.on > as_of:
        return Markup()
    against = known.state in {"unaware", "opposed"}
    mark = theme.mark(_BAD if against else theme.OUTCOMES["informs"], known.state)
    return lines(mark, small(day(known.on)))


def changes_table(case: Case) -> Fragment:
    """Return the declared changes of procedure, system and business, oldest first."""
    changes = case.assessment.changes.changes
    rows = [
        [
            day(change.date),
            change.what,
            change.kind,
            ", ".join(change.tables) or "all",
            case.title(change.told_by, nothing="not said"),
        ]
        for change in sorted(changes, key=lambda c: (c.date, c.id))
    ]
    columns = "Date:head | What changed:wide | Kind | Tables | Told by"
    empty = "No change is declared yet: changes.yaml. Ask who has been here longest."
    return table("Declared changes", columns, rows, empty=empty)


def actions_table(case: Case) -> Fragment:
    """Return what is done next: open actions by date, then done and dropped ones."""
    as_of = case.assessment.as_of
    shown = sorted(
        case.assessment.actions.actions,
        key=lambda a: (not a.is_open_on(as_of), a.due or dt.date.max),
    )
    rows = [
        [
            action.action,
            case.title(action.owner),
            day(action.due, "no date"),
            action_state(action, case.assessment),
            question_links(action.decides),
        ]
        for action in shown
    ]
    columns = "Action:long | Role | Due:date | State | Decides"
    empty = "No action is declared yet: actions.yaml."
    return table("What we do next", columns, rows, empty=empty)


def action_state(action: Action, assessment: Assessment) -> Markup:
    """Return how an action stands on the as-of date, as a mark."""
    state = action.state_on(assessment.as_of)
    if state == "done":
        shown = (_GOOD, "done") if action.proof else (_WARN, "done, no proof named")
        return theme.mark(*shown)
    if state == "dropped":
        return theme.mark(theme.OUTCOMES["not measured"], "dropped")
    if state == "late" and action.due:
        return theme.mark(_BAD, f"late by {days(action.due, assessment.as_of)}")
    return theme.mark(_OPEN if state == "proposed" else _GOOD, state)


def value_table(case: Case) -> Fragment:
    """Return the declared figures on money with their source; what is missing, named.

    The column names are the ends of a range as people declared it; no figure is
    computed or filled in.
    """
    assessment = case.assessment
    value = assessment.scope.value
    rows = [
        [
            ", ".join(filter(None, (one.what, one.unit))),
            *(
                f"{value.currency if value else ''} {end:,.0f}"
                for end in (one.figure.low, one.figure.likely, one.figure.high)
            ),
        ]
        for one in assumptions(assessment)
    ]
    lacking = [
        f"{one.what} ({case.title(one.role)})" for one in missing((), assessment)
    ]
    columns = "Figure:head | Low:number | Likely:number | High:number"
    asked = case.title("business-owner")
    empty = f"No figure on money is declared: ask {asked}. None is made up here."
    notes = [
        f"Source: {sentence(value.source)}" if value and rows else "",
        f"Not declared: {'; '.join(lacking)}." if lacking else "",
    ]
    if assessment.scope.example:
        notes.append("An example: the figures are plausible, not measured.")
    note = " ".join(filter(None, notes))
    return table("Declared figures", columns, rows, empty=empty, note=note)
