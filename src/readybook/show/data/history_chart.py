"""Chart of a history: rows over time, what was declared and what was found."""

from __future__ import annotations

from collections.abc import Sequence

from readybook.model.case import Change
from readybook.model.findings import Finding, Point, Series
from readybook.model.words import count, day, number
from readybook.show.data.steps import Step, lettered, steps_of, tell_steps, without_step
from readybook.show.kit.figures import LIGHT, axis, chart, plain, tag
from readybook.show.kit.fragment import Column, Fragment, nothing, table

__all__ = ["history_chart"]

_MOST_POINTS = 60  # beyond so many, the data table counts by month
_MOST_STEPS = 12  # that are marked; more would cover the line

_Lettered = Sequence[tuple[str, Change]]
_Numbered = Sequence[tuple[int, Step]]


def history_chart(findings: Sequence[Finding], changes: Sequence[Change]) -> Fragment:
    """Return rows over time, declared changes as letters and found steps as numbers.

    Args:
        findings: all that was measured; the first on history that has a series counts,
            and what was found of steps in its table.
        changes: declared changes; those that touch the table are drawn.
    """
    history = [f for f in findings if f.check in {"history-span", "history-gaps"}]
    finding = next((f for f in history if f.series), None)
    if finding is None:
        return nothing("No history was measured yet.")
    series, name = finding.series[0], finding.subject
    letters = lettered(changes, name)
    stepped = [f for f in findings if f.check == "steps-declared"]
    found = next((f for f in stepped if f.subject == name), None)
    numbers = _numbered(steps_of(found)) if found else []
    told = [f for f in history if f.subject == name]
    said = [f.message for f in sorted(told, key=lambda f: f.outcome)]
    title = " ".join([*said, tell_steps(found, len(letters))])
    return chart(
        title,
        f"{series.unit.capitalize()} per {series.name} of {name}, "
        f"from {series.points[0].label} to {series.points[-1].label}; dashed lines with "
        "letters: declared changes; lines with numbers: steps found, those with ✕ "
        "without a declared change.",
        {
            "data": [_line(series)],
            "layout": _layout(series, letters, numbers),
        },
        _data(series, letters, numbers),
        [
            *_change_notes(letters, found),
            *_step_notes(numbers, letters, found),
            *_elsewhere([f for f in stepped if f.subject != name]),
        ],
    )


def _numbered(steps: Sequence[Step]) -> _Numbered:
    """Return the steps to mark: undeclared ones first, then the largest, by date."""
    order = sorted(steps, key=lambda s: (s.change is not None, -abs(s.size or 0)))
    shown = sorted(order[:_MOST_STEPS], key=lambda s: (s.date, s.what))
    return list(enumerate(shown, 1))


def _sign(number: int, step: Step) -> str:
    return f"{number}" if step.change else f"✕ {number}"


# --- words -------------------------------------------------------------------------


def _change_notes(letters: _Lettered, found: Finding | None) -> list[str]:
    lost = without_step(found) if found else set()
    return [
        f"{letter}: {day(change.date)}. {change.what} ({change.kind})"
        f"{' No step goes with it.' if change.date in lost else ''}"
        for letter, change in letters
    ]


def _step_notes(
    numbers: _Numbered, letters: _Lettered, found: Finding | None
) -> list[str]:
    if found is None:
        return []
    if found.outcome == "not measured":
        return [f"Steps: not measured. {found.message}"]
    notes = [f"{_sign(n, s)}: {s.told}; {_explained(s, letters)}" for n, s in numbers]
    more = len(steps_of(found)) - len(numbers)
    return [*notes, f"{count(more, 'more step')} found."] if more else notes


def _explained(step: Step, letters: _Lettered) -> str:
    if step.change is None:
        return "not declared"
    date = step.change
    near = min(letters, key=lambda one: abs((one[1].date - date).days), default=None)
    return f"declared as {near[0]}" if near else "declared"


def _elsewhere(findings: Sequence[Finding]) -> list[str]:
    """Return what was found in the tables that are not drawn, where anything was."""
    return [f.message for f in findings if f.outcome == "contradicts"]


def _data(series: Series, letters: _Lettered, numbers: _Numbered) -> Fragment:
    """Return the points as rows, by month where they are many, each with its marks."""
    rows = _rows(series)
    width = len(rows[0][0])
    marks = [(change.date, letter) for letter, change in letters]
    marks += [(step.date, _sign(n, step)) for n, step in numbers]
    shown = [
        [label, rows_, ", ".join(m for date, m in marks if f"{date}"[:width] == label)]
        for label, rows_ in rows
    ]
    columns = [Column(series.name.capitalize(), "head"), Column("Rows", "number")]
    if marks:
        columns.append(Column("Marks"))
    filled = [row[: len(columns)] for row in shown]
    return table(f"Rows per {series.name}", columns, filled, empty="No period.")


def _rows(series: Series) -> list[list[str]]:
    if len(series.points) <= _MOST_POINTS:
        return [[p.label, _told(p)] for p in series.points]
    months: dict[str, float] = {}
    for point in series.points:
        month = point.label[: len("2013-06")]
        months[month] = months.get(month, 0) + _amount(point)
    return [[month, number(amount)] for month, amount in months.items()]


def _told(point: Point) -> str:
    return "not known" if point.value is None else number(point.value)


def _amount(point: Point) -> float:
    """Return a count to draw: 1 for the few rows whose number is not shown."""
    if point.value is None:
        return 0
    return 1 if isinstance(point.value, str) else point.value


# --- figure ------------------------------------------------------------------------


def _layout(
    series: Series, letters: _Lettered, numbers: _Numbered
) -> dict[str, object]:
    top = max([1, *map(_amount, series.points)])
    place = {"yref": "paper", "xanchor": "center"}
    found = [
        tag(
            plain(_sign(n, step)),
            f"{step.date}",
            0,
            bgcolor=LIGHT["paper"],
            bordercolor=_colour(step),
            **place,
        )
        for n, step in numbers
    ]
    return {
        "height": 280,
        "margin": {"l": 8, "r": 12, "t": 28, "b": 8},
        "xaxis": axis(type="date", showgrid=False, ticks="outside", nticks=8),
        "yaxis": axis(range=[0, top * 1.08], nticks=5),
        "shapes": [
            *(_rule(f"{c.date}", LIGHT["muted"], dash="dash") for _, c in letters),
            *(_rule(f"{step.date}", _colour(step)) for _, step in numbers),
        ],
        "annotations": [
            *(tag(letter, f"{c.date}", 1, **place) for letter, c in letters),
            *found,
        ],
    }


def _colour(step: Step) -> str:
    return LIGHT["accent" if step.change else "bad"]


def _line(series: Series) -> dict[str, object]:
    many = len(series.points) > _MOST_POINTS
    return {
        "type": "scatter",
        "mode": "lines" if many else "lines+markers",
        "x": [p.label for p in series.points],
        "y": [None if p.value is None else _amount(p) for p in series.points],
        "line": {"color": LIGHT["level-3"], "width": 1 if many else 2},
        "marker": {"color": LIGHT["level-3"], "size": 6},
        "hovertemplate": "%{x}: %{y:,}<extra></extra>",
    }


def _rule(date: str, colour: str, **more: str) -> dict[str, object]:
    """Return an upright line from the bottom to the top."""
    return {
        "type": "line",
        "x0": date,
        "x1": date,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": colour, "width": 1, **more},
    }
