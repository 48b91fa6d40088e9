"""What is done next, when it ends, what waits on what, and every figure behind it."""

from __future__ import annotations

import datetime as dt
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import fmean

import networkx as nx
from markupsafe import Markup

from readybook.model.case import Range, Value
from readybook.model.words import (
    count,
    day,
    money_range,
    number,
    number_range,
    sentence,
)
from readybook.plan.forecast import Forecast
from readybook.plan.outlook import (
    Load,
    Worth,
    assumptions,
    cost_of_weeks,
    missing,
    months_to_break_even,
    spent_on,
)
from readybook.plan.steps import DAYS_A_WEEK, PlanStep, plan_graph
from readybook.show.action_list import action_state, due_missed
from readybook.show.decisions import (
    UNDATED,
    ask_for,
    gates,
    leadership_asks,
    runs_kept,
    step_said,
    undated_steps,
)
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.fragment import (
    Fragment,
    draw,
    joined,
    lines,
    nothing,
    small,
    table,
    titled_link,
)

_SHOWN = 5
_ACTIONS = 3  #: besides what leadership is asked to decide
_DELAYING = 3
_MOST_SWINGS = 6
_A_DAY = 1 / 7  # weeks: what saves less is told as nothing
_TALLEST = 40  # heights of the bars of go-live, in units of its picture
_MOST_MONTHS = 12  # beyond so many, every third is written
_LAST_MONTH = 96  # per cent from the left: there is no room for a name beyond
_LETTERS = 25  # that fit into a line of a box
_BOX = (206, 62)  # pixels of a box, the gaps right of it and below it included
_INNER = (178, 50)  # pixels of a box
_THIN = 19  # pixels kept free for a line that passes between boxes
_HIGH = 60  # of the highest week of a role, in units of its picture
_SHARE = Markup('<i class="share" style="--p:{0}"></i>{0} % of runs')
_OFTEN = 0.5  # share of draws from which on a step counts as critical in the picture


# --- what we do next ---------------------------------------------------------------


def next_actions(case: Case) -> Fragment:
    """Return the first open actions: who does what by when, and what it saves.

    What leadership is asked to decide stands with the verdict, what ends a failing gate
    stands beside that; neither is told again.
    """
    by_id = {action.id: action for action in case.assessment.actions.actions}
    value, decided = case.assessment.scope.value, leadership_asks(case)
    asked = {ask.step for ask in decided}
    asked |= {  # told as what could be done instead
        one.step.id
        for one in case.outlook.detours
        if one.replaces.id in asked and not one.is_taken
    }
    ending = {ask_for(one, case).step for one in gates(case.result, "failed")}
    ranked = [one for one in case.outlook.actions if one.step.id not in asked]
    rows = []
    for worth in ranked[:_ACTIONS]:
        if worth.step.id in ending:
            continue
        action, step = by_id[worth.step.id], worth.step
        lead, effort = (
            number_range(one.low, one.high, noun) if one else f"{lacking} not given"
            for one, noun, lacking in (
                (step.lead, "weeks", "lead time"),
                (step.effort, "person-days", "effort"),
            )
        )
        state = action_state(action, case.assessment)
        rows.append(
            [
                action.action,
                case.title(action.owner),
                lines(
                    Markup("{} {}").format(day(action.due, "no date"), state),
                    small(due_missed(action.id, action.due, case.outlook.least)),
                ),
                lines(lead, Markup('<span class="who nb">{}</span>').format(effort)),
                Markup("; ").join(
                    titled_link(case.result.standing(name).question)
                    for name in worth.gates
                )
                or "no gate",
                *([_saves(worth, value)] if case.outlook.forecast else []),
            ]
        )
    columns = "Action:long | Role | Due:date | Takes:date | For gate"
    if not any(worth.gates for worth in ranked):
        columns = columns.removesuffix(" | For gate")
        rows = [[*row[:4], *row[5:]] for row in rows]
    as_of = case.assessment.as_of
    still = sum(action.is_open_on(as_of) for action in by_id.values())
    steps = count(len(case.outlook.steps), "open step")
    note = Markup('All {} by date: <a href="#part-time-and-money-in-full">').format(
        steps
    )
    note += Markup("Time and money in full</a>. ")
    left = still - len(rows) - len((asked | ending) & {*by_id})
    note = note if left > 0 else Markup("")
    note = Markup("Besides what is told above. ") + note if rows and ending else note
    if case.outlook.forecast:
        columns += " | Done today:date"
        note += "Worth: the weeks saved at the cost of delay, less its own cost. Each "
        note += "stands for itself: they don't add up."
    empty = "No other action is open."
    if not still:
        answers, others = undated_steps(case)
        proposed = sum(step.kind == "gap" for step in others)
        empty = "No action is open."
        if answers or proposed:
            empty = "Nobody has taken on an action yet."
        if answers:
            are = "gate is" if len(answers) == 1 else "gates are"
            empty += f" First, {len(answers)} {are} to be answered."
        if proposed:
            are = "step is" if proposed == 1 else "steps are"
            empty += f" {proposed} {are} proposed."
    return table("What we do next", columns, rows, empty=empty, note=note)


def _saves(worth: Worth, value: Value | None) -> str | Markup:
    if worth.weeks is None:
        return "not on the way"
    told = f"{_money(worth.saved, value)}, less its own cost" if worth.saved else ""
    told = f"worth {_money(worth.net, value)}" if worth.net else told
    return lines(
        _weeks_saved(worth.weeks), small(told if worth.weeks >= _A_DAY else "")
    )


def _weeks_saved(weeks: float) -> str:
    some = number(round(weeks, 1), "weeks")
    return "saves no time" if weeks < _A_DAY else f"saves {some}"


def _money(span: Range, value: Value | None) -> str:
    return money_range(span.low, span.high, value.currency if value else "")


# --- when, and what waiting costs --------------------------------------------------


def when_and_what_it_costs(case: Case) -> Fragment:
    """Return the dates, or why there is none, and what waiting costs, low to high."""
    prospect = case.outlook
    first: Fragment | None
    if not prospect.steps:
        first = nothing("No step is open on the way into production.")
    elif dated := prospect.forecast:
        first = _golive(dated, case.assessment.scope.target_date)
        first = Fragment(f"{first.html}{_critical(case, dated).html}", first.text)
    else:
        first = _no_date(case)
    return joined(*filter(None, (first, _costs(case))))


def _costs(case: Case) -> Fragment | None:
    """Return what waiting costs, when it pays, and which figures are missing."""
    prospect = case.outlook
    told = list(_facts(case))
    lacking = [
        f"days a week of {case.title(gap.role)}"
        if gap.needed_for == "the load"
        else f"{gap.what} ({case.title(gap.role)}, for {gap.needed_for})"
        for gap in prospect.missing
        if gap.needed_for not in {"the date", "what waiting costs"}  # told above
    ]
    if prospect.swings:
        first_of = prospect.swings[0].what.rstrip(".")
        told.append(f"The declared figure that matters most: {first_of}.")
    if lacking:
        more = [f"{len(lacking) - _SHOWN} more"] if len(lacking) > _SHOWN else []
        named = "; ".join(lacking[:_SHOWN] + more)
        told.append(f"Not declared: {named}.")
    text = " ".join(told)
    return (
        Fragment(Markup('<p class="note">{}</p>').format(text), text) if text else None
    )


def _critical(case: Case, dated: Forecast) -> Fragment:
    """Return the steps that most often lie on the longest path."""
    shown = [s for s in case.outlook.steps if dated.passages[s.id].critical > 0]
    shown.sort(key=lambda step: -dated.passages[step.id].critical)
    late = "waits beyond its worst case: one more lead time is counted"
    rows = [
        [
            lines(
                step_said(step, case), small(late if step.id in dated.overdue else "")
            ),
            case.title(step.owner),
            *([_SHARE.format(passage.per_cent)] if dated.varies else []),
            _weeks_saved(passage.saves),
            day(dated.date(passage.done)),
        ]
        for step in shown[:_DELAYING]
        for passage in (dated.passages[step.id],)
    ]
    columns = (
        "What delays the end:long | Whose move | Delays it in:date | Done today:date | "
        "Likely done:date"
    )
    if not dated.varies:
        columns = columns.replace(" | Delays it in:date", "")
    return table("Steps that delay the end", columns, rows, empty="No step delays it.")


def _no_date(case: Case) -> Fragment | None:
    """Return that there is no date, and who has given no lead time.

    A few are told with the verdict, and not again.
    """
    prospect = case.outlook
    if len(prospect.undated) <= UNDATED:
        return None
    owners = len({step.owner for step in prospect.undated})
    text = f"No date yet: {count(owners, 'owner')} "
    text += f"{'has' if owners == 1 else 'have'} given no lead time."
    by_owner: dict[str, list[str]] = {}
    for step in sorted(prospect.undated, key=lambda s: (s.owner or "", s.id)):
        by_owner.setdefault(case.title(step.owner), []).append(step_said(step, case))
    rows = [
        [owner, f"{'; '.join(what.rstrip('.') for what in said)}."]
        for owner, said in by_owner.items()
    ]
    columns = "Who:head | Has not said how long this takes:wide"
    folds = [(text, table(text, columns, rows).html)]
    return Fragment(draw("facts.html.j2", folds=folds, missing=()), text)


def _facts(case: Case) -> Iterator[str]:
    """Yield what waiting costs, and when the work that is left pays."""
    value, dated = case.assessment.scope.value, case.outlook.forecast
    if dated and (wait := cost_of_weeks(dated.p50, value)):
        weeks = number(round(dated.p50, 1), "weeks")
        until = f"Waiting until {day(dated.date(dated.p50))}, {weeks}"
        yield f"{until}, costs {_money(wait, value)}."
    steps = case.outlook.steps
    if (
        (pays := months_to_break_even(steps, value))
        and (spent := spent_on(steps, value))
        and value
        and value.build_cost
    ):
        best, _, worst = (None if p is None else round(p, 1) for p in pays)
        said = f"paid back in {number(best)} to {number(worst, 'months')}"
        if best is None:
            said = "never paid back, as a year of running costs more than it brings"
        elif worst is None:
            said = f"paid back in {number(best, 'months')} at best, never at worst"
        whole = f"Building, {_money(value.build_cost, value)}, and open steps"
        yield f"{whole}: {_money(spent, value)}, {said}."


# --- go-live -----------------------------------------------------------------------


def _golive(forecast: Forecast, target: dt.date | None) -> Fragment:
    """Return how the draws of the last step's end spread over the weeks."""
    if not forecast.varies:
        done = day(forecast.date(forecast.p50))
        kept = f"; {runs_kept(forecast, target)}" if target else ""
        said = f"By the lead times given the last step is done by {done}{kept}."
        return Fragment(Markup("<p><strong>{}</strong></p>").format(said), said)
    ends = (forecast.p50, forecast.p80, forecast.p90)
    p50, p80, p90 = (forecast.date(weeks) for weeks in ends)
    title = f"The last step is done by {day(p50)} in half of {len(forecast.weeks):,} "
    title += f"simulated runs, by {day(p90)} in nine of ten"
    if target:
        title += f"; {runs_kept(forecast, target)}"
    aim = _weeks(forecast.as_of, target) if target else None
    width = int(max(forecast.weeks[-1], aim or 0)) + 1
    key = {
        "level-4": f"half: until {day(p50)}",
        "level-3": f"eight in ten: until {day(p80)}",
        "level-2": f"nine in ten: until {day(p90)}",
        "level-1": "the rest",
    }
    paths = _paths(forecast.weeks, (0.0, *ends, float(width)))
    html = draw(
        "golive.html.j2",
        title=f"{title}.",
        width=width,
        tall=_TALLEST,
        parts=[(name, path) for name, path in zip(key, paths, strict=True) if path],
        aim=aim,
        months=list(_months(forecast.as_of, width)),
        key=key.items(),
        target=target,
    )
    return Fragment(html, f"{title}.")


def _weeks(first: dt.date, last: dt.date) -> float:
    return round((last - first).days / DAYS_A_WEEK, 2)


def _paths(draws: Sequence[float], cuts: Sequence[float]) -> Iterator[str]:
    """Yield the bars of draws by week between two cuts; a cut may split a bar."""
    counts = Counter(map(int, draws))
    most = max(counts.values())
    for first, last in pairwise(cuts):
        path = ""
        for at, amount in sorted(counts.items()):
            left, right = max(first, at + 0.06), min(last, at + 0.94)
            high = max(0.4, _TALLEST * amount / most)
            bar = f"M{left:.3g} {_TALLEST}v-{high:.3g}h{right - left:.2g}v{high:.3g}z"
            path += bar if right > left else ""
        yield path


def _months(first: dt.date, weeks: int) -> Iterator[tuple[float, str]]:
    """Yield how far right each month begins, in per cent, and its name."""
    last = first + dt.timedelta(weeks=weeks)
    months = (last.year - first.year) * 12 + last.month - first.month
    for ahead in range(1, months + 1):
        year, month = divmod(first.month - 1 + ahead, 12)
        begins = dt.date(first.year + year, month + 1, 1)
        at = 100 * _weeks(first, begins) / weeks
        if at < _LAST_MONTH and (months <= _MOST_MONTHS or month % 3 == 0):
            name = f"{begins.year}" if month == 0 else day(begins).split()[1][:3]
            yield round(at, 1), name


# --- what waits on what ------------------------------------------------------------

_Point = tuple[str, ...]  # (step,) or, where a line passes, (from, to, layer)


def dependency_chart(case: Case) -> Fragment:
    """Return which step waits for which, as boxes in layers and lines between them.

    Steps that wait for nothing, and that nothing waits for, are counted below.
    """
    steps = {step.id: step for step in case.outlook.steps}
    waits: nx.DiGraph[str] = nx.DiGraph(
        (need, step.id) for step in steps.values() for need in step.needs
    )
    if not waits:
        return nothing("No step waits for another one.")
    spots, lines_ = place_steps(waits)
    dated = case.outlook.forecast
    boxes = [
        {
            "x": layer * _BOX[0] + 1,
            "y": round(middle - _INNER[1] / 2),
            "lines": textwrap.wrap(
                step_said(step, case).rstrip("."),
                _LETTERS,
                max_lines=2,
                placeholder=" …",
            ),
            "role": case.title(step.owner),
            "critical": dated and dated.passages[step.id].critical >= _OFTEN,
            "open": step.lead is None,
        }
        for step in steps.values()
        if step.id in waits
        for layer, middle in (spots[(step.id,)],)
    ]
    title = _waiting_said(case.outlook.steps, waits)
    html = draw(
        "dependencies.html.j2",
        title=title,
        boxes=boxes,
        size=_INNER,
        lines=[_curve([spots[point] for point in line]) for line in lines_],
        width=max(layer for layer, _ in spots.values()) * _BOX[0] + _INNER[0] + 2,
        height=round(max(middle for _, middle in spots.values()) + _BOX[1] / 2),
        dated=dated is not None,
        gaps=any(box["open"] for box in boxes),
        alone=len(steps) - len(waits),
    )
    return Fragment(html, title)


def _waiting_said(steps: Sequence[PlanStep], waits: nx.DiGraph[str]) -> str:
    ahead = sum(bool(step.needs) for step in steps)
    behind = {s.id: len(nx.descendants(waits, s.id)) for s in steps if s.id in waits}
    first = max(steps, key=lambda step: behind.get(step.id, 0))
    verb = "waits" if ahead == 1 else "wait"
    return (
        f"{ahead} of {count(len(steps), 'step')} {verb} for another one; "
        f"{count(behind[first.id], 'step')} for “{first.what.rstrip('.')}”"
    )


def place_steps(
    waits: nx.DiGraph[str],
) -> tuple[dict[_Point, tuple[int, float]], list[list[_Point]]]:
    """Return where each point stands, in layers and pixels, and the lines of points.

    Each step stands to the right of all that it waits for. A line that others imply is
    left out; one that is longer than a layer passes by a point of its own in each layer
    between. A layer is centred, and in the order of what its steps wait for. A line of
    the graph leads from a step to one that waits for it, without a circle.
    """
    lean = nx.transitive_reduction(waits)
    layers = enumerate(nx.topological_generations(lean))
    at = {step: layer for layer, steps in layers for step in steps}
    drawn = [
        [
            (first,),
            *((first, last, f"{layer}") for layer in range(at[first] + 1, at[last])),
            (last,),
        ]
        for first, last in sorted(lean.edges)
    ]
    graph: nx.DiGraph[_Point] = nx.DiGraph()
    for line in drawn:
        nx.add_path(graph, line)
    generations = [*nx.topological_generations(graph)]
    tall = {point: _BOX[1] if len(point) == 1 else _THIN for point in graph}
    height = max(sum(tall[point] for point in points) for points in generations)
    spots: dict[_Point, tuple[int, float]] = {}
    for layer, points in enumerate(generations):
        near = {p: fmean([spots[n][1] for n in graph.pred[p]] or [0]) for p in points}
        # What the same steps wait for stands together, so that few lines cross.
        points.sort(key=lambda p: (near[p], sorted(graph.succ[p]), p))
        end = (height - sum(tall[point] for point in points)) / 2
        for point in points:
            end += tall[point]
            spots[point] = layer, end - tall[point] / 2
    return spots, drawn


def _curve(spots: Sequence[tuple[int, float]]) -> str:
    """Return a line from the right of a box to the left of another, around boxes."""
    (first, y), *others = spots
    x, gap = first * _BOX[0] + _INNER[0] + 1, _BOX[0] - _INNER[0]
    path = f"M{x} {y:g}"
    for layer, middle in others:
        bend, end = x + gap / 2, x + gap
        path += f"C{bend:g} {y:g} {bend:g} {middle:g} {end:g} {middle:g}"
        x, y = end + _INNER[0], middle
        path += f"H{x}" if layer != others[-1][0] else ""
    return path


# --- load --------------------------------------------------------------------------


def load_chart(case: Case) -> Fragment:
    """Return the work of each role, week by week, beside the days that it has."""
    prospect = case.outlook
    loads, as_of = prospect.loads, prospect.least.as_of
    if not any(load.days.high for load in loads):
        return nothing("No action has a declared effort yet.")
    rows = [
        [
            case.title(load.role),
            number_range(load.days.low, load.days.high)
            + (f"; {count(len(load.unknown), 'step')} unknown" if load.unknown else ""),
            "not declared" if load.has is None else number(load.has),
            _short_said(load, as_of),
            _bars_of(load),
        ]
        for load in sorted(loads, key=lambda load: -len(load.over))
    ]
    last = prospect.least.date(max(len(load.weeks) for load in loads))
    columns = "Role:head | Person-days in all:number | Days a week for the case:number"
    over = sum(bool(load.over) for load in loads)
    has = [load.has is not None for load in loads]
    title = f"No role {'' if all(has) else 'that said so '}needs more days in a week "
    title += "than it has"
    if not any(has):
        title = "No role has said how many days a week it has for the case"
    if prospect.forecast is None:
        title = (
            "Without a date for each step, nobody can say which role is short of days"
        )
        shown = [row[:3] for row in rows]
        return table(title, columns, shown, around="titled")
    columns += " | Short of days:wide | Week by week"
    if over:
        verb, ends = ("needs", "it has") if over == 1 else ("need", "they have")
        title = f"{over} of {count(len(loads), 'role')} {verb} more days in some "
        title += f"weeks than {ends}"
    note = "Bars: likely days in each week, each step's spread evenly over its time"
    note += f", {day(as_of)} to {day(last)}. Line: what the role has."
    return table(title, columns, rows, empty=title, note=note, around="titled")


def _short_said(load: Load, as_of: dt.date) -> str:
    if load.has is None:
        return "not known"
    if not load.over:
        return "never"
    first = as_of + dt.timedelta(weeks=load.over[0])
    most = number(round(max(load.weeks), 1))
    weeks = count(len(load.over), "week")
    return f"{weeks}, the first from {day(first)}; at most {most} days in a week"


def _bars_of(load: Load) -> Markup:
    """Return a role's weeks as bars; decoration, the words beside say what matters."""
    if not any(load.weeks):
        return Markup()
    most = max(*load.weeks, load.has or 0)
    tops = [round(_HIGH - _HIGH * days / most) for days in load.weeks]
    path = "".join(
        f"M{at}.1 {_HIGH}V{top}h.8V{_HIGH}z"
        for at, (top, days) in enumerate(zip(tops, load.weeks, strict=True))
        if days
    )
    has = round(_HIGH - _HIGH * (load.has or 0) / most)
    line = f"M0 {has}h{len(load.weeks)}" if load.has else ""
    return Markup(
        '<svg class="weeks" viewBox="0 0 {} {}" preserveAspectRatio="none" '
        'aria-hidden="true"><path d="{}"></path><path d="{}"></path></svg>'
    ).format(len(load.weeks), _HIGH, path, line)


# --- every figure -------------------------------------------------------------------


def figures_tables(case: Case) -> Fragment:
    """Return steps, workarounds and what moves the result, each in a table."""
    first = (_steps_table(case), _detours_table(case), _swings_table(case))
    return joined(*first)


def _steps_table(case: Case) -> Fragment:
    """Return every step on the way by its date, with the figures declared for it.

    The likely date counts where it hangs on no step without a lead time.
    """
    prospect, actions = case.outlook, case.assessment.open_actions
    due = {action.id: action.due for action in actions if action.due}
    done = {
        name: prospect.least.date(passage.done)
        for name, passage in prospect.least.passages.items()
        if name not in _unknown(prospect.steps)
    }
    steps = sorted(
        prospect.steps,
        key=lambda step: due.get(step.id) or done.get(step.id) or dt.date.max,
    )
    numbers = {step.id: at for at, step in enumerate(steps, 1)}
    unknown = theme.outcome_mark("not measured", "not given")
    rows = []
    for step in steps:
        waits = ", ".join(f"{numbers[need]}" for need in step.needs)
        late = step.id in prospect.least.overdue
        rows.append(
            [
                lines(
                    f"{numbers[step.id]}. {step_said(step, case)}",
                    small(f"After {waits}." if waits else ""),
                ),
                case.title(step.owner),
                f"{due.get(step.id, '')}",
                f"{done.get(step.id, 'not known')}",
                ", ".join(step.decides),
                lines(
                    _three(step.lead) if step.lead else unknown,
                    small("waits beyond that already" if late else ""),
                ),
                lines(
                    f"{_three(step.effort)} days" if step.effort else "",
                    f"cost: {_three(step.cost)}" if step.cost else "",
                ),
            ]
        )
    columns = "Step:long | Role | Due:date | Likely done:date | Decides | Weeks | Effort, cost"
    note = (
        "Low, likely, high, as declared; of history, what is needed less what is held."
    )
    title = f"All {count(len(rows), 'open step')} by date, with every figure declared"
    empty = "No step is open."
    return table(title, columns, rows, empty=empty, note=note, around="titled")


def _unknown(steps: Sequence[PlanStep]) -> set[str]:
    """Return the steps whose end is not known: without a lead time, and all after."""
    waits = plan_graph(steps)
    missing_ = [step.id for step in steps if step.lead is None]
    return {*missing_}.union(*(nx.descendants(waits, name) for name in missing_))


def _three(figures: Range) -> str:
    ends = (figures.low, figures.likely, figures.high)
    shown = ends[:1] if figures.low == figures.high else ends
    return ", ".join(number(round(end, 1)) for end in shown)


def _detours_table(case: Case) -> Fragment:
    value = case.assessment.scope.value
    rows = [
        [
            one.step.what,
            one.replaces.what,
            case.title(one.step.owner),
            "taken" if one.is_taken else "proposed: not in the dates",
            _money(one.cost, value) if one.cost and value else "not known",
            "not known" if one.weeks is None else number(round(one.weeks, 1), "weeks"),
        ]
        for one in case.outlook.detours
    ]
    columns = "Workaround:long | In place of | Role | State | Costs | Saves:number"
    title = f"{count(len(rows), 'workaround').capitalize()}: what each costs and saves"
    empty = "No workaround is declared."
    return table(title, columns, rows, empty=empty, around="titled")


def _swings_table(case: Case) -> Fragment:
    """Return the declared figures that move the result most, each alone."""
    value = case.assessment.scope.value
    currency = value.currency if value and value.cost_of_delay_per_week else ""

    def told(amount: float) -> str:
        if currency:
            return money_range(amount, amount, currency)
        return number(round(amount, 1), "weeks")

    rows = [
        [swing.what, told(swing.low), told(swing.high)]
        for swing in case.outlook.swings[:_MOST_SWINGS]
    ]
    what = "cost of getting there" if currency else "likely date"
    columns = "Declared figure:long | At its low:number | At its high:number"
    title = f"“{rows[0][0].rstrip('.')}” moves the {what} most" if rows else ""
    note = (
        "Until half of the runs end: the wait at the cost of delay, and the work. One "
        "figure at its low and high, the others at their likely, lead times drawn."
    )
    empty = "What matters most is not known while there is no date."
    return table(title, columns, rows, empty=empty, note=note, around="titled")


def value_table(case: Case) -> Fragment:
    """Return the declared figures on money with their source; what is missing, named."""
    scope = case.assessment.scope
    currency = scope.value.currency if scope.value else ""
    rows = [
        [
            ", ".join(filter(None, (one.what, one.unit))),
            *(
                f"{currency} {end:,.0f}"
                for end in (one.figure.low, one.figure.likely, one.figure.high)
            ),
        ]
        for one in assumptions(case.assessment)
    ]
    lacking = [
        f"{one.what} ({case.title(one.role)})" for one in missing((), case.assessment)
    ]
    columns = "Figure:head | Low:number | Likely:number | High:number"
    asked = case.title("business-owner")
    empty = f"No figure on money is declared: ask {asked}. None is made up here."
    notes = [
        f"Source: {sentence(scope.value.source)}" if scope.value and rows else "",
        f"Not declared: {'; '.join(lacking)}." if lacking else "",
        "An example: the figures are plausible, not measured." if scope.example else "",
    ]
    note = " ".join(filter(None, notes))
    return table("Declared figures", columns, rows, empty=empty, note=note)
