"""A history: rows over time, with declared changes and with the steps that were found."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count as count_from
from string import ascii_uppercase

from readybook.model.case import Change
from readybook.model.findings import Finding, Series
from readybook.model.words import count, day, number, sentence
from readybook.score.sentences import plain_finding
from readybook.show.kit.case import Case
from readybook.show.kit.figures import LIGHT, amount, axis, chart, number_shown, tag
from readybook.show.kit.fragment import Fragment, nothing, table

_MOST_POINTS = 60  # beyond so many, the data table counts by month
_MOST_STEPS = 12  # that are marked; more would cover the line
_MONTH = len("2013-06")


@dataclass(frozen=True)
class _Step:
    """One point in time from which on a table is collected differently."""

    date: dt.date  #: first day after it; of a month, its first
    what: str  #: the series that steps most
    told: str  #: "June 2013: rows of flights, -21 %"
    size: float  #: points for shares, else per cent; 0: it begins there
    change: dt.date | None  #: about when the declared change was that explains it

    def sign(self, number: int) -> str:
        """Return its number, with a cross where no declared change explains it."""
        return f"{number}" if self.change else f"✕ {number}"

    @property
    def colour(self) -> str:
        return LIGHT["accent" if self.change else "bad"]


_Lettered = Sequence[tuple[str, Change]]
_Numbered = Sequence[tuple[int, _Step]]


def history_chart(case: Case) -> Fragment:
    """Return rows over time, declared changes as letters and found steps as numbers.

    The first finding on history that has a series counts, and what was found of steps
    in its table; of declared changes those that touch the table.
    """
    history = [f for f in case.evidence if f.check in {"history-span", "history-gaps"}]
    finding = next((f for f in history if f.series), None)
    if finding is None:
        return nothing("No history was measured yet.")
    series, name = finding.series[0], finding.subject
    letters = _lettered(case.assessment.changes.changes, name)
    stepped = case.found("steps-declared")
    found = next((f for f in stepped if f.subject == name), None)
    steps = _steps(found) if found else []
    # Undeclared ones are marked first, then the largest.
    order = sorted(steps, key=lambda s: (s.change is not None, -abs(s.size)))
    shown = sorted(order[:_MOST_STEPS], key=steps.index)
    numbers = list(enumerate(shown, 1))
    told = [f for f in history if f.subject == name]
    model = case.assessment.data_model
    said = [
        f"{plain_finding(one, model)}." for one in sorted(told, key=lambda f: f.outcome)
    ]
    return chart(
        " ".join([*said, _counted(found, steps, len(letters))]),
        f"{series.unit.capitalize()} per {series.name} of {name}, "
        f"from {series.points[0].label} to {series.points[-1].label}; dashed lines with "
        "letters: declared changes; lines with numbers: steps found, those with ✕ "
        "without a declared change.",
        {"data": [_line(series)], "layout": _layout(series, letters, numbers)},
        _data(series, letters, numbers),
        [
            *_change_notes(letters, found),
            *_step_notes(numbers, letters, found, len(steps) - len(numbers)),
            # Of the tables that are not drawn, where anything was found.
            *(f.message for f in stepped if f.outcome == "contradicts" and f != found),
        ],
    )


def _lettered(changes: Sequence[Change], table: str) -> _Lettered:
    """Return the changes of a table by date, each with the letter that marks it.

    A to Z, then A1, B1, ... so that no two changes share a label.
    """
    touched = [c for c in changes if not c.tables or table in c.tables]
    touched.sort(key=lambda c: (c.date, c.id))
    letters = (f"{a}{n or ''}" for n in count_from(0) for a in ascii_uppercase)
    return list(zip(letters, touched, strict=False))


def _steps(finding: Finding) -> list[_Step]:
    """Return the steps of a finding of `steps-declared`, the oldest first."""
    after = finding.numbers("declared and found")
    steps = []
    for point in finding.points("step"):
        when = point.when or ""
        is_day = len(when) > _MONTH
        date = dt.date.fromisoformat(when if is_day else f"{when}-01")
        what = point.label.removesuffix(f": {when}")
        told = f"{day(date) if is_day else day(date).partition(' ')[2]}: {what}"
        size = point.value if isinstance(point.value, int | float) else None
        if size is not None:
            told += f", {'+' if size > 0 else '-'}{number(abs(size), point.unit)}"
        days = after.get(point.label)
        change = None
        if isinstance(days, int | float):
            change = date - dt.timedelta(days=days)
        steps.append(_Step(date, what, told, size or 0, change))
    return sorted(steps, key=lambda step: (step.date, step.what))


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
    empty = "Nobody has told of a change yet. Ask who has been here longest."
    return table("Declared changes", columns, rows, empty=empty)


def _counted(finding: Finding | None, steps: Sequence[_Step], declared: int) -> str:
    """Return how many changes are declared, found and undeclared.

    Where none was found, in the words of the finding: they tell how small a step would
    not have been seen.
    """
    left = sum(step.change is None for step in steps)
    told = f", {count(len(steps), 'step')} found, {left or 'none'} of them not declared"
    if finding is None or finding.outcome == "not measured":
        told = "; steps not measured" if finding else "; steps were not looked for"
    elif not steps:
        told = f". {finding.message}"
    return sentence(f"{count(declared, 'change')} declared{told}")


def _change_notes(letters: _Lettered, found: Finding | None) -> list[str]:
    lost = found.points("declared and not found") if found else ()
    dates = {point.when for point in lost}
    return [
        f"{letter}: {day(change.date)}. {change.what} ({change.kind})"
        f"{' No step goes with it.' if f'{change.date}' in dates else ''}"
        for letter, change in letters
    ]


def _step_notes(
    numbers: _Numbered, letters: _Lettered, found: Finding | None, more: int
) -> list[str]:
    if found and found.outcome == "not measured":
        return [f"Steps: not measured. {found.message}"]
    notes = []
    for number_, step in numbers:
        date, said = step.change, "not declared"
        if date is not None:
            near = min(letters, key=lambda one: abs(one[1].date - date), default=None)
            said = f"declared as {near[0]}" if near else "declared"
        notes.append(f"{step.sign(number_)}: {step.told}; {said}")
    return [*notes, f"{count(more, 'more step')} found."] if more else notes


def _data(series: Series, letters: _Lettered, numbers: _Numbered) -> Fragment:
    """Return the points as rows, by month where they are many, each with its marks."""
    rows = [(p.label, number_shown(p)) for p in series.points]
    if len(rows) > _MOST_POINTS:
        months: dict[str, float] = {}
        for point in series.points:
            month = point.label[:_MONTH]
            months[month] = months.get(month, 0) + amount(point)
        rows = [(month, number(rows_)) for month, rows_ in months.items()]
    width = len(rows[0][0])
    marks = [(f"{change.date}"[:width], letter) for letter, change in letters]
    marks += [(f"{step.date}"[:width], step.sign(n)) for n, step in numbers]
    columns = f"{series.name.capitalize()}:head | Rows:number{' | Marks' * bool(marks)}"
    filled = [
        [label, told, ", ".join(mark for at, mark in marks if at == label)]
        for label, told in rows
    ]
    filled = filled if marks else [row[:2] for row in filled]
    return table(f"Rows per {series.name}", columns, filled)


def _layout(
    series: Series, letters: _Lettered, numbers: _Numbered
) -> dict[str, object]:
    top = max([1, *map(amount, series.points)])
    place = {"yref": "paper", "xanchor": "center"}
    box = {"bgcolor": LIGHT["paper"]} | place
    return {
        "height": 280,
        "margin": {"l": 8, "r": 12, "t": 28, "b": 8},
        "xaxis": axis(type="date", showgrid=False, ticks="outside", nticks=8),
        "yaxis": axis(range=[0, top * 1.08], nticks=5),
        "shapes": [
            *(_rule(f"{c.date}", LIGHT["muted"], dash="dash") for _, c in letters),
            *(_rule(f"{step.date}", step.colour) for _, step in numbers),
        ],
        "annotations": [
            *(tag(letter, f"{c.date}", 1, **place) for letter, c in letters),
            *(
                tag(step.sign(n), f"{step.date}", 0, bordercolor=step.colour, **box)
                for n, step in numbers
            ),
        ],
    }


def _line(series: Series) -> dict[str, object]:
    many = len(series.points) > _MOST_POINTS
    return {
        "type": "scatter",
        "mode": "lines" if many else "lines+markers",
        "x": [p.label for p in series.points],
        "y": [None if p.value is None else amount(p) for p in series.points],
        "line": {"color": LIGHT["level-3"], "width": 1 if many else 2},
        "marker": {"color": LIGHT["level-3"], "size": 6},
        "hovertemplate": "%{x}: %{y:,}<extra></extra>",
    }


def _rule(date: str, colour: str, **more: str) -> dict[str, object]:
    """Return an upright line from the bottom to the top."""
    ends = {"x0": date, "x1": date, "y0": 0, "y1": 1, "yref": "paper"}
    return {"type": "line", **ends, "line": {"color": colour, "width": 1, **more}}
