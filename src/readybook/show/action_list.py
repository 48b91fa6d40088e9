"""All actions: a table of the page, a spreadsheet's CSV, an issue tracker's list.

A spreadsheet runs a cell that begins like a formula, and an issue tracker tells people
whose name follows an @: what people typed does neither here.
"""

import csv
import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from readybook.model.case import Action, ActionState, Assessment
from readybook.model.words import count, day, days, money_range, number_range, rough
from readybook.plan.forecast import Forecast
from readybook.plan.outlook import Worth
from readybook.plan.steps import DAYS_A_WEEK, awaited
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Fragment, question_links, table
from readybook.text.visible import csv_of

_ENDS = ("low", "likely", "high")
_COUNTED_IN_WEEKS = 14  #: days from which on a delay is told in weeks
COLUMNS = (
    "id", "action", "role", "state", "due", "accepted_on", "started_on", "done_on",
    "leadership_decides", "decides", "gates", "needs", "workaround_for",
    *(f"lead_time_weeks_{end}" for end in _ENDS),
    *(f"effort_days_{end}" for end in _ENDS),
    *(f"cost_{end}" for end in _ENDS),
    "weeks_saved", "worth_low", "worth_high", "currency", "awaits", "proof",
)  # fmt: skip


@dataclass(frozen=True)
class ActionRow:
    """One action with what is known of it on the as-of date."""

    action: Action
    role: str  #: title of its owner
    state: ActionState
    worth: Worth | None  #: None: not open, or not on the way
    awaits: tuple[str, ...]  #: done, and what it decides was not looked at since
    currency: str


def action_rows(case: Case) -> tuple[ActionRow, ...]:
    """Return every action: open ones as they are ranked, then done and dropped ones."""
    ranked = {worth.step.id: worth for worth in case.outlook.actions}
    place = {name: at for at, name in enumerate(ranked)}
    value = case.assessment.scope.value
    rows = [
        ActionRow(
            action=action,
            role=case.title(action.owner),
            state=action.state_on(case.assessment.as_of),
            worth=ranked.get(action.id),
            awaits=awaited(action, case.result),
            currency=value.currency if value else "",
        )
        for action in case.assessment.actions.actions
    ]
    closed, last = {"done": 1, "dropped": 2}, len(place)
    rows.sort(key=lambda r: (closed.get(r.state, 0), place.get(r.action.id, last)))
    return tuple(rows)


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
    empty = "Nobody has taken on an action yet."
    return table("What we do next", columns, rows, empty=empty)


def action_state(action: Action, assessment: Assessment) -> Markup:
    """Return how an action stands on the as-of date, as a mark."""
    state = action.state_on(assessment.as_of)
    if state == "done":
        shown = (
            (theme.GOOD, "done")
            if action.proof
            else (theme.WARN, "done, no proof named")
        )
        return theme.mark(*shown)
    if state == "dropped":
        return theme.outcome_mark("not measured", "dropped")
    if state == "late" and action.due:
        return theme.mark(theme.BAD, f"late by {days(action.due, assessment.as_of)}")
    return theme.mark(theme.UNDECIDED if state == "proposed" else theme.GOOD, state)


def due_missed(step: str, due: dt.date | None, ahead: Forecast) -> str:
    """Return when a step is likely done that misses its due date, and by how much.

    "" where the likely dates of the plan keep the date.
    """
    passage = ahead.passages.get(step)
    if due is None or passage is None:
        return ""
    done = ahead.date(passage.done)
    if due >= done:
        return ""
    late = (done - due).days
    by = count(late, "day")
    if late >= _COUNTED_IN_WEEKS:
        by = count(round(late / DAYS_A_WEEK), "week")
    return f"likely {day(done)}, {by} late"


def csv_text(rows: Sequence[ActionRow]) -> str:
    """Return the actions as CSV (RFC 4180), every cell in quotes."""
    cells = [COLUMNS, *map(_values, rows)]
    return csv_of(cells, quoting=csv.QUOTE_ALL, lineterminator="\r\n")


def _values(row: ActionRow) -> Iterator[object]:
    action, worth = row.action, row.worth
    net = worth.net if worth else None
    yield from (action.id, _line(action.action), row.role, row.state)
    yield from (action.due, action.accepted_on, action.started_on, action.done_on)
    yield "yes" if action.leadership else "no"
    gates = worth.gates if worth else ()
    yield from (" ".join(action.decides), " ".join(gates), " ".join(action.needs))
    yield action.workaround_for
    for figures in (action.lead_time_weeks, action.effort_days, action.cost):
        yield from (getattr(figures, end, None) for end in _ENDS)
    weeks = worth.weeks if worth else None
    yield None if weeks is None else round(weeks, 1)
    for end in (net.low, net.high) if net else (None, None):
        yield None if end is None else int(rough(end))
    yield from (row.currency, " ".join(row.awaits), _line(action.proof or ""))


def _line(text: str) -> str:
    """Return a text on one line: a line break would be a new row in some programs."""
    return " ".join(text.split())


def markdown_text(
    rows: Sequence[ActionRow], owed: Sequence[str] = (), drafts: Sequence[str] = ()
) -> str:
    """Return actions as a list of tasks in Markdown, below what is drafted and owed."""
    told = [line for row in rows for line in _item(row)]
    told = told or ["No action is declared yet: actions.yaml."]
    if drafts:
        told += ["", "Drafted for what gates need and no action names:", ""]
        told += [f"- [ ] {_plain(one)}" for one in drafts]
    if owed:
        told += ["", "Decisions and exceptions that wait:", ""]
        told += [f"- [ ] {_plain(one)}" for one in owed]
    return "\n".join(told) + "\n"


def _item(row: ActionRow) -> Iterator[str]:
    action, worth = row.action, row.worth
    box = "x" if row.state == "done" else " "
    what = _plain(action.action)
    what = f"~~{what}~~" if row.state == "dropped" else f"**{what}**"
    yield f"- [{box}] {what} (`{action.id}`)"
    due = f"due {day(action.due)}" if action.due else "no date"
    yield f"  - {_plain(row.role)}, {due}, {row.state}"
    figures = {"weeks": action.lead_time_weeks, "person-days": action.effort_days}
    takes = [number_range(f.low, f.high, noun) for noun, f in figures.items() if f]
    if takes:
        yield f"  - Takes {', '.join(takes)}"
    if action.decides:
        yield f"  - Decides {', '.join(action.decides)}"
    if action.needs:
        yield f"  - Waits for {', '.join(_plain(need) for need in action.needs)}"
    if worth and worth.net and worth.net.high > 0:
        yield f"  - Worth {money_range(worth.net.low, worth.net.high, row.currency)}"
    if row.awaits:
        yield f"  - Not looked at since it was done: {', '.join(row.awaits)}"
    if action.proof:
        word = "Shown by" if row.state == "done" else "Done when there is"
        yield f"  - {word}: {_plain(action.proof)}"
    elif row.state == "done":
        yield "  - No proof is named"


_MARKS = re.compile(r"([\\`*_\[\]<>|~&])")
_CALLS = re.compile(r"([@#]\w+)")


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it was typed, and that calls nobody.

    Names and numbers behind @ or # are code: trackers look for them after escapes are
    resolved, and in no code.
    """
    parts = _CALLS.split(_line(text))
    return "".join(
        f"`{part}`" if at % 2 else _MARKS.sub(r"\\\1", part)
        for at, part in enumerate(parts)
    )
