"""What is done next, when it ends, what waiting costs, and every figure behind it."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from readybook.model.actions import Action, Range
from readybook.model.case import Assessment, Value
from readybook.model.words import count, day, money_range, number
from readybook.plan.forecast import Forecast
from readybook.plan.outlook import Prospect
from readybook.plan.worth import (
    QUARTER,
    Span,
    Worth,
    cost_of_weeks,
    months_to_break_even,
    work_cost,
)
from readybook.show.chapters.declared import action_state
from readybook.show.kit.case import Case
from readybook.show.kit.figures import nothing
from readybook.show.kit.fragment import Column, Fragment, draw_html, lines, small, table
from readybook.show.leadership.decisions import cost_of_a_month
from readybook.show.plan.plan_charts import golive_chart

__all__ = ["next_actions", "when_and_what_it_costs"]

_SHOWN = 5
_DELAYING = 3
_A_DAY = 1 / 7  # weeks: what saves less is told as nothing


# --- what we do next ---------------------------------------------------------------


def next_actions(case: Case) -> Fragment:
    """Return the first open actions: who does what by when, and what it saves."""
    by_id = {action.id: action for action in case.assessment.actions.actions}
    ranked = case.outlook.actions
    rows = [_next_row(worth, by_id[worth.step.id], case) for worth in ranked[:_SHOWN]]
    columns = (
        Column("Action", "long"),
        Column("Role"),
        Column("Due", "date"),
        Column("Takes", "date"),
        Column("Gates"),
        Column("Done today", "date"),
    )
    worth = (
        "Worth: the weeks saved at the cost of delay, less its own cost. Each stands"
    )
    notes = [f"{worth} for itself: they don't add up."]
    if left := len(ranked) - len(rows):
        notes.insert(0, f"{count(left, 'more action')} open.")
    empty = "No action is open: actions.yaml."
    caption = "What we do next"
    return table(caption, columns, rows, empty=empty, note=" ".join(notes))


def _next_row(worth: Worth, action: Action, case: Case) -> list[str | Markup]:
    step = worth.step
    lead = _ends(step.lead, "weeks") if step.lead else "lead time not given"
    effort = _ends(step.effort, "person-days") if step.effort else "effort not given"
    gates = Markup(", ").join(
        Markup('<a href="#{0}">{0}</a>').format(gate) for gate in worth.gates
    )
    return [
        action.action,
        case.title(action.owner),
        lines([day(action.due, "no date"), action_state(action, case.assessment)]),
        lines([lead, small(effort)]),
        gates or "none",
        _saves(worth, case.assessment.scope.value),
    ]


def _saves(worth: Worth, value: Value | None) -> str | Markup:
    if worth.weeks is None:
        return "no date yet"
    told = ""
    if worth.weeks >= _A_DAY:
        if worth.net:
            told = f"worth {_money(worth.net, value)}"
        elif worth.saved:
            told = f"{_money(worth.saved, value)}, less its own cost"
    return lines([_weeks_saved(worth.weeks), small(told)])


def _weeks_saved(weeks: float) -> str:
    if weeks < _A_DAY:
        return "saves no time"
    return f"saves {number(round(weeks, 1), 'weeks')}"


def _money(span: Span, value: Value | None) -> str:
    return money_range(span.low, span.high, value.currency if value else "")


def _ends(figures: Range, noun: str) -> str:
    ends = list(dict.fromkeys((number(figures.low), number(figures.high))))
    return f"{' to '.join(ends)} {noun.removesuffix('s') if ends == ['1'] else noun}"


# --- when, and what waiting costs --------------------------------------------------


def when_and_what_it_costs(case: Case) -> Fragment:
    """Return the dates, or why there is none, and what waiting costs, low to high."""
    prospect = case.outlook
    if not prospect.steps:
        first = nothing("No step is open on the way into production.")
    elif dated := prospect.forecast:
        chart = golive_chart(dated, case.assessment.scope.target_date)
        delays = _critical(case, dated)
        first = Fragment(chart.html + delays.html, chart.text)
    else:
        first = _no_date(case)
    costs = _costs(case)
    return Fragment(first.html + costs.html, f"{first.text}\n{costs.text}")


def _costs(case: Case) -> Fragment:
    """Return what waiting costs, what the work costs, and which figures are missing."""
    prospect = case.outlook
    rows = [[name, said] for name, said in _facts(prospect, case.assessment)]
    columns = (Column("What waiting costs", "long"), Column("Low to high", "number"))
    lacking = [
        f"{gap.what} ({case.title(gap.role)}, for {gap.needed_for})"
        for gap in prospect.missing
        if gap.needed_for != "the date"
    ]
    notes = []
    if prospect.swings:
        first_of = prospect.swings[0].what.rstrip(".")
        notes.append(f"The declared figure that matters most: {first_of}.")
    if lacking:
        more = len(lacking) - _SHOWN
        named = [*lacking[:_SHOWN], *([f"{more} more"] if more > 0 else [])]
        notes.append(f"Not declared, and not made up: {'; '.join(named)}.")
    note = " ".join(notes)
    empty = f"What waiting costs is not known. {note}".strip()
    shown = table("What waiting costs", columns, rows, empty=empty, note=note)
    told = [f"{name}: {said}" for name, said in rows] or [empty]
    return Fragment(shown.html, "\n".join(told))


def _critical(case: Case, dated: Forecast) -> Fragment:
    """Return the steps that most often lie on the longest path."""
    shown = [s for s in case.outlook.steps if dated.passages[s.id].critical > 0]
    shown.sort(key=lambda step: -dated.passages[step.id].critical)
    rows = []
    for step in shown[:_DELAYING]:
        passage = dated.passages[step.id]
        share = round(100 * passage.critical)
        late = "waits beyond its worst case: one more lead time is counted"
        rows.append(
            [
                lines([step.what, small(late if step.id in dated.overdue else "")]),
                case.title(step.owner),
                Markup('<i class="share" style="--p:{0}"></i>{0} % of runs').format(
                    share
                ),
                _weeks_saved(passage.saves),
                day(dated.date(passage.done)),
            ]
        )
    columns = (
        Column("What delays the end", "long"),
        Column("Whose move"),
        Column("Delays it in", "date"),
        Column("Done today", "date"),
        Column("Likely done", "date"),
    )
    return table("Steps that delay the end", columns, rows, empty="No step delays it.")


def _no_date(case: Case) -> Fragment:
    """Return that there is no date, who has given no lead time, and the least date."""
    prospect = case.outlook
    owners = {step.owner for step in prospect.undated}
    text = f"No date yet: {count(len(owners), 'owner')} "
    text += "has" if len(owners) == 1 else "have"
    text += " given no lead time."
    rows = [
        [case.title(step.owner), step.what, step.source]
        for step in sorted(prospect.undated, key=lambda s: (s.owner or "", s.id))
    ]
    columns = (Column("Who", "head"), Column("Has not said how long"), Column("Where"))
    least = prospect.least
    note = ""
    if least.p50 > 0:
        date = day(least.date(least.p50))
        note = f"Even if these took no time, the other steps last until {date} (P50)."
    shown = table(text, columns, rows, empty=text, note=note)
    return Fragment(draw_html("titled.html.j2", html=shown.html), f"{text} {note}")


def _facts(prospect: Prospect, assessment: Assessment) -> Iterator[tuple[str, str]]:
    """Yield what waiting costs, what is still to be spent, and when it pays."""
    value, dated = assessment.scope.value, prospect.forecast
    quarter, month = cost_of_weeks(QUARTER, value), cost_of_a_month(assessment)
    if quarter and month:
        yield "A month of waiting costs", month
        yield "Doing nothing for a quarter costs", _money(quarter, value)
        if dated and (wait := cost_of_weeks(dated.p50, value)):
            weeks = number(round(dated.p50, 1), "weeks")
            yield (
                f"Waiting until {day(dated.date(dated.p50))}, {weeks}, costs",
                _money(wait, value),
            )
    costs = [cost for s in prospect.steps if (cost := work_cost(s, value))]
    if costs:
        total = costs[0]
        for cost in costs[1:]:
            total = total.plus(cost)
        yield "All open actions cost, effort included", _money(total, value)
    if (pays := months_to_break_even(prospect.steps, value)) is not None:
        best, _, worst = pays
        if best is None:
            said = "never: a year of running costs more than it brings"
        elif worst is None:
            said = f"{number(round(best, 1), 'months')} at best, never at worst"
        else:
            said = f"{number(round(best, 1))} to {number(round(worst, 1), 'months')}"
        yield "Running it pays for what is still to be spent after", said
