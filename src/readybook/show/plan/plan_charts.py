"""Pictures of what lies ahead: go-live, what waits on what, work by week; no script."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markupsafe import Markup

from readybook.model.words import count, day, number
from readybook.plan.forecast import Forecast
from readybook.plan.load import Load
from readybook.plan.steps import Step
from readybook.show.kit.case import Case
from readybook.show.kit.figures import nothing
from readybook.show.kit.fragment import Column, Fragment, draw_html, table
from readybook.show.plan.layered import Line, Spot, place

__all__ = ["bars_of", "dependency_chart", "golive_chart", "load_chart"]

_DAYS_A_WEEK = 7
_TALLEST = 40  # heights of the bars of go-live, in units of its picture
_MOST_MONTHS = 12  # beyond so many, every third is written
_LAST_MONTH = 96  # per cent from the left: there is no room for a name beyond
_LETTERS = 25  # that fit into a line of a box
_BOX = (206, 62)  # pixels of a box, the gap below it included
_INNER = (178, 50)  # pixels of a box
_HIGH = 60  # of the highest week of a role, in units of its picture
_OFTEN = 0.5  # share of draws from which on a step counts as critical in the picture


# --- go-live -----------------------------------------------------------------------


def golive_chart(forecast: Forecast, target: dt.date | None) -> Fragment:
    """Return how the draws of the last step's end spread over the weeks.

    Args:
        forecast: when the last step is done.
        target: when the case was to be in production.
    """
    ends = (forecast.p50, forecast.p80, forecast.p90)
    p50, p80, p90 = (forecast.date(weeks) for weeks in ends)
    title = f"The last step is done by {day(p50)} in half of {len(forecast.weeks):,} "
    title += f"simulated runs, by {day(p90)} in nine of ten"
    if target:
        met = round(100 * forecast.share_by(target))
        said = f"{met} in 100 keep" if met else "almost none keeps"
        title += f"; {said} the target date, {day(target)}"
    counts = _by_week(forecast, target)
    html = draw_html(
        "golive.html.j2",
        title=f"{title}.",
        width=len(counts),
        tall=_TALLEST,
        parts=_parts(forecast, counts),
        aim=_weeks(forecast.as_of, target) if target else None,
        months=list(_months(forecast.as_of, len(counts))),
        key=[
            ("level-4", f"half: until {day(p50)} (P50)"),
            ("level-3", f"eight in ten: until {day(p80)} (P80)"),
            ("level-2", f"nine in ten: until {day(p90)} (P90)"),
            ("level-1", "the rest"),
        ],
        target=target,
    )
    return Fragment(html, f"{title}.")


def _weeks(first: dt.date, last: dt.date) -> float:
    return round((last - first).days / _DAYS_A_WEEK, 2)


def _by_week(forecast: Forecast, target: dt.date | None) -> list[int]:
    """Return how many draws end in each week from the as-of date."""
    last = max(forecast.weeks[-1], _weeks(forecast.as_of, target) if target else 0)
    counts = [0] * (int(last) + 1)
    for weeks in forecast.weeks:
        counts[int(weeks)] += 1
    return counts


def _parts(forecast: Forecast, counts: Sequence[int]) -> list[tuple[str, str]]:
    """Return the bars as one path per colour; a bar that a percentile cuts is split."""
    most = max(counts)
    cuts = (0.0, forecast.p50, forecast.p80, forecast.p90, float(len(counts)))
    colours = ("level-4", "level-3", "level-2", "level-1")
    parts = []
    for colour, (first, last) in zip(colours, pairwise(cuts), strict=True):
        path = ""
        for at, amount in enumerate(counts):
            left, right = max(first, at + 0.06), min(last, at + 0.94)
            if amount and right > left:
                high = max(0.4, _TALLEST * amount / most)
                path += (
                    f"M{left:.3g} {_TALLEST}v-{high:.3g}h{right - left:.2g}v{high:.3g}z"
                )
        if path:
            parts.append((colour, path))
    return parts


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


def dependency_chart(case: Case) -> Fragment:
    """Return which step waits for which, as boxes in layers and lines between them.

    Steps that wait for nothing, and that nothing waits for, are counted below.
    """
    prospect = case.outlook
    steps = {step.id: step for step in prospect.steps}
    tied = {need for step in prospect.steps for need in step.needs}
    tied |= {step.id for step in prospect.steps if step.needs}
    if not tied:
        return nothing("No step waits for another one.")
    placed = place({s.id: s.needs for s in prospect.steps if s.id in tied})
    passages = prospect.forecast.passages if prospect.forecast else {}
    boxes = [
        {
            "x": spot.layer * _BOX[0] + 1,
            "y": _top(spot),
            "lines": _two_lines(steps[name].what),
            "role": case.title(steps[name].owner),
            "critical": name in passages and passages[name].critical >= _OFTEN,
            "open": steps[name].lead is None,
        }
        for name, spot in placed.spots.items()
    ]
    alone = len(steps) - len(tied)
    title = _waiting_said(prospect.steps)
    html = draw_html(
        "dependencies.html.j2",
        title=title,
        boxes=boxes,
        size=_INNER,
        lines=[_curve(line, placed.spots[line.first]) for line in placed.lines],
        width=placed.width * _BOX[0] - _BOX[0] + _INNER[0] + 2,
        height=round(placed.height * _BOX[1]),
        dated=prospect.forecast is not None,
        gaps=any(box["open"] for box in boxes),
        alone=alone,
    )
    return Fragment(html, title)


def _waiting_said(steps: Sequence[Step]) -> str:
    behind: dict[str, set[str]] = {step.id: set() for step in steps}
    for step in steps:
        waiting, seen = list(step.needs), set[str]()
        needs = {one.id: one.needs for one in steps}
        while waiting:
            need = waiting.pop()
            if need not in seen:
                seen.add(need)
                behind[need].add(step.id)
                waiting += needs[need]
    first = max(steps, key=lambda step: len(behind[step.id]))
    ahead = sum(bool(step.needs) for step in steps)
    verb = "waits" if ahead == 1 else "wait"
    most = count(len(behind[first.id]), "step")
    return (
        f"{ahead} of {count(len(steps), 'step')} {verb} for another one; {most} for "
        f"“{first.what.rstrip('.')}”"
    )


def _top(spot: Spot) -> float:
    return round(spot.middle * _BOX[1] - _INNER[1] / 2)


def _curve(line: Line, first: Spot) -> str:
    """Return a line from the right of a box to the left of another, around boxes."""
    ys = [round(middle * _BOX[1]) for middle in line.middles]
    x, gap = first.layer * _BOX[0] + _INNER[0] + 1, _BOX[0] - _INNER[0]
    path = f"M{x} {ys[0]:g}"
    for at, y in enumerate(ys[1:], 1):
        bend, end = x + gap / 2, x + gap
        path += f"C{bend:g} {ys[at - 1]:g} {bend:g} {y:g} {end:g} {y:g}"
        if at < len(ys) - 1:
            x = int(end) + _INNER[0]
            path += f"H{x}"
    return path


def _two_lines(text: str) -> list[str]:
    """Return the beginning of a text in two lines, at most."""
    lines, rest = list[str](), text.rstrip(".").split()
    while rest and len(lines) < 2:  # noqa: PLR2004 - as the name says
        line = rest.pop(0)
        while rest and len(line) + len(rest[0]) < _LETTERS:
            line += f" {rest.pop(0)}"
        lines.append(line[:_LETTERS])
    if rest:
        lines[-1] = lines[-1][: _LETTERS - 2].rstrip(" ,;:") + " …"
    return lines


# --- load --------------------------------------------------------------------------


def load_chart(case: Case) -> Fragment:
    """Return the work of each role, week by week, beside the days that it has."""
    prospect = case.outlook
    loads = prospect.loads
    if not any(load.days.high for load in loads):
        return nothing("No action has a declared effort yet: actions.yaml.")
    as_of = prospect.least.as_of
    rows = [
        [
            case.title(load.role),
            _days_said(load),
            "not declared" if load.has is None else number(load.has),
            _short_said(load, as_of),
            bars_of(load),
        ]
        for load in sorted(loads, key=lambda load: -len(load.over))
    ]
    last = prospect.least.date(max(len(load.weeks) for load in loads))
    columns = (
        Column("Role", "head"),
        Column("Person-days in all", "number"),
        Column("Has a week", "number"),
        Column("Short of days", "wide"),
        Column("Week by week"),
    )
    over = [load for load in loads if load.over]
    title = "No role needs more days in a week than it has"
    if over:
        verb = "needs" if len(over) == 1 else "need"
        title = f"{len(over)} of {count(len(loads), 'role')} {verb} more days in some "
        title += "weeks than they have" if len(over) > 1 else "weeks than it has"
    note = "Bars: likely days in each week, each step's spread evenly over its time"
    note += f", {day(as_of)} to {day(last)}. Line: what the role has."
    shown = table(title, columns, rows, empty=title, note=note)
    return Fragment(draw_html("titled.html.j2", html=shown.html), title)


def _days_said(load: Load) -> str:
    ends = dict.fromkeys(number(end) for end in (load.days.low, load.days.high))
    more = f"; {count(len(load.unknown), 'step')} unknown" if load.unknown else ""
    return f"{' to '.join(ends)}{more}"


def _short_said(load: Load, as_of: dt.date) -> str:
    if load.has is None:
        return "not known"
    if not load.over:
        return "never" if load.weeks else "no date, so no weeks"
    first = as_of + dt.timedelta(weeks=load.over[0])
    most = number(round(max(load.weeks), 1))
    weeks = count(len(load.over), "week")
    return f"{weeks}, the first from {day(first)}; at most {most} days in a week"


def bars_of(load: Load) -> Markup:
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
    line = ""
    if load.has:
        line = f"M0 {round(_HIGH - _HIGH * load.has / most)}h{len(load.weeks)}"
    return Markup(
        '<svg class="weeks" viewBox="0 0 {} {}" preserveAspectRatio="none" '
        'aria-hidden="true"><path d="{}"></path><path d="{}"></path></svg>'
    ).format(len(load.weeks), _HIGH, path, line)
