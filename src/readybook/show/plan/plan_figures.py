"""Every figure behind dates and money: steps, workarounds, what moves the result."""

from __future__ import annotations

from readybook.model.actions import Range
from readybook.model.case import Value
from readybook.model.words import count, day, money_range, number
from readybook.plan.worth import Detour
from readybook.show.chapters.declared import value_table
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import Column, Fragment, draw_html, lines, small, table

__all__ = ["figures_tables"]

_MOST_SWINGS = 6
_OPEN = theme.OUTCOMES["not measured"]


def figures_tables(case: Case) -> Fragment:
    """Return workarounds, what moves the result, steps and money, each in a table."""
    parts = [
        _steps_table(case),
        _detours_table(case),
        _swings_table(case),
        value_table(case),
    ]
    html = "".join(part.html for part in parts)
    return Fragment(html, "\n".join(part.text for part in parts))


def _steps_table(case: Case) -> Fragment:
    """Return every step on the way with the figures that were declared for it."""
    prospect = case.outlook
    numbers = {step.id: at for at, step in enumerate(prospect.steps, 1)}
    dated, overdue = prospect.forecast, prospect.least.overdue
    late = "waits beyond that already"
    rows = []
    for step in prospect.steps:
        waits = ", ".join(str(numbers[need]) for need in step.needs)
        spent = [f"{_three(step.effort)} days" if step.effort else ""]
        spent.append(f"cost: {_three(step.cost)}" if step.cost else "")
        lead = _three(step.lead) if step.lead else theme.mark(_OPEN, "not given")
        rows.append(
            [
                f"{numbers[step.id]}. {step.what}",
                case.title(step.owner),
                waits,
                lines([lead, small(late if step.id in overdue else "")]),
                lines(spent),
                day(dated.date(dated.passages[step.id].done)) if dated else "",
            ]
        )
    columns = (
        Column("Step", "long"),
        Column("Role"),
        Column("Waits for"),
        Column("Lead time, weeks"),
        Column("Effort, cost"),
        Column("Likely done", "date"),
    )
    note = (
        "Low, likely, high, as declared in actions.yaml; lead times of permissions in "
        "resources.yaml, of history measured: needed less held."
    )
    title = f"All {count(len(rows), 'step')} on the way, with every figure declared"
    shown = table(title, columns, rows, empty="No step is open.", note=note)
    return Fragment(draw_html("titled.html.j2", html=shown.html), title)


def _three(figures: Range | None) -> str:
    if figures is None:
        return ""
    ends: tuple[float, ...] = (figures.low, figures.likely, figures.high)
    if figures.low == figures.high:
        ends = ends[:1]
    return ", ".join(number(round(end, 1)) for end in ends)


def _detours_table(case: Case) -> Fragment:
    value = case.assessment.scope.value
    rows = [
        [
            one.step.what,
            one.replaces.what,
            case.title(one.step.owner),
            "taken" if one.is_taken else "proposed: not in the dates",
            _cost(one, value),
            "not known" if one.weeks is None else number(round(one.weeks, 1), "weeks"),
        ]
        for one in case.outlook.detours
    ]
    columns = (
        Column("Workaround", "long"),
        Column("In place of"),
        Column("Role"),
        Column("State"),
        Column("Costs"),
        Column("Saves", "number"),
    )
    title = f"{count(len(rows), 'workaround').capitalize()}: what each costs and saves"
    shown = table(title, columns, rows, empty="No workaround is declared.")
    return Fragment(draw_html("titled.html.j2", html=shown.html), title)


def _swings_table(case: Case) -> Fragment:
    """Return the declared figures that move the result most, each alone."""
    value = case.assessment.scope.value
    is_money = value is not None and value.cost_of_delay_per_week is not None

    def told(amount: float) -> str:
        if is_money and value:
            return money_range(amount, amount, value.currency)
        return number(round(amount, 1), "weeks")

    rows = [
        [swing.what, told(swing.low), told(swing.high)]
        for swing in case.outlook.swings[:_MOST_SWINGS]
    ]
    what = "cost of getting there" if is_money else "P50"
    columns = (
        Column("Declared figure", "long"),
        Column("At its low", "number"),
        Column("At its high", "number"),
    )
    title = f"“{rows[0][0].rstrip('.')}” moves the {what} most" if rows else ""
    note = (
        "Until half of the runs end: the wait at the cost of delay, and the work. One "
        "figure at its low and high, the others at their likely, lead times drawn."
    )
    empty = "What matters most is not known while there is no date."
    shown = table(title, columns, rows, empty=empty, note=note)
    return Fragment(draw_html("titled.html.j2", html=shown.html), title or empty)


def _cost(detour: Detour, value: Value | None) -> str:
    if detour.cost is None or value is None:
        return "not known"
    return money_range(detour.cost.low, detour.cost.high, value.currency)
