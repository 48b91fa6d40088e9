"""Charts of what the data holds: rows per category, rows over time."""

from __future__ import annotations

from collections.abc import Sequence

from readybook.declared import Change
from readybook.figures import LIGHT, axis, chart, nothing, plain, tag
from readybook.findings import Finding, Point, Series
from readybook.fragment import Column, Fragment, table
from readybook.words import count, day, number

__all__ = ["category_chart", "history_chart"]

_BAR = 26  # pixels of height for one bar and its gap
_MOST_BARS = 30
_MOST_SENTENCES = 2  # in a title
_MOST_POINTS = 60  # beyond so many, the data table counts by month


# --- categories --------------------------------------------------------------------


def category_chart(findings: Sequence[Finding]) -> Fragment:
    """Return rows per declared category: failed fields first, emptiest first in each.

    Args:
        findings: all that was measured; those on categories are taken.
    """
    counted = [f for f in findings if f.check == "categories-populated" and f.series]
    if not counted:
        return nothing("No declared category was counted yet.")
    counted.sort(key=lambda f: f.outcome != "contradicts")
    bars = [
        (f, point) for f in counted for point in sorted(f.series[0].points, key=_amount)
    ]
    shown, title = bars[:_MOST_BARS], _category_title(counted)
    several = len(counted) > 1
    labels = [
        plain(f"{_column(f)}: {p.label}" if several else p.label) for f, p in shown
    ]
    most = max((point for _, point in bars), key=_amount)
    columns = (Column("Field", "head"), Column("Category"), Column("Rows", "number"))
    rows = [[f.subject, p.label, _told_value(p)] for f, p in bars]
    more = count(len(bars) - len(shown), "more category", "more categories")
    return chart(
        title,
        f"Bars: rows per declared category of {_fields(counted)}"
        f"{', each field on a scale of its own' if several else ''}. "
        f"Least: {_told(shown[0][1])}. Most: {_told(most)}.",
        {
            "data": [_category_bars(labels, shown)],
            "layout": _category_layout(len(shown)),
        },
        table(title, columns, rows, empty=title),
        [f"{more} in the data."] if len(bars) > len(shown) else (),
    )


def _category_layout(bars: int) -> dict[str, object]:
    return {
        "height": _BAR * bars + 16,
        # The numbers stand right of the bars and need their room.
        "xaxis": axis(visible=False, range=[0, 1.4]),
        "yaxis": axis(autorange="reversed", showgrid=False, ticks="", type="category"),
        "bargap": 0.35,
    }


def _category_bars(
    labels: list[str], bars: list[tuple[Finding, Point]]
) -> dict[str, object]:
    """Return bars as shares of their field's fullest category, told in rows."""
    fullest: dict[str, float] = {}
    for finding, point in bars:
        most = fullest.get(finding.subject, 1)
        fullest[finding.subject] = max(most, _amount(point))
    points = [point for _, point in bars]
    return {
        "type": "bar",
        "orientation": "h",
        "y": labels,
        "x": [round(_amount(p) / fullest[f.subject], 4) for f, p in bars],
        "text": [_told_value(p) if _amount(p) else "✕ no rows" for p in points],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {
            "color": [LIGHT["ink"] if _amount(p) else LIGHT["bad"] for p in points]
        },
        "marker": {"color": LIGHT["level-3"]},
        "hoverinfo": "skip",
    }


def _amount(point: Point) -> float:
    if point.value is None:
        return 0
    return 1 if isinstance(point.value, str) else point.value


def _told_value(point: Point) -> str:
    return "not known" if point.value is None else number(point.value)


def _told(point: Point) -> str:
    return f"{point.label} with {_told_value(point)}"


def _column(finding: Finding) -> str:
    return finding.subject.partition(".")[2] or finding.subject


def _fields(findings: Sequence[Finding]) -> str:
    return ", ".join(f.subject for f in findings)


def _category_title(findings: Sequence[Finding]) -> str:
    failed = [f for f in findings if f.outcome == "contradicts"]
    if len(findings) == 1:
        return findings[0].message
    if 0 < len(failed) <= _MOST_SENTENCES:
        return " ".join(f.message for f in failed)
    if failed:
        return (
            f"{len(failed)} of {count(len(findings), 'field')} have declared "
            f"categories without enough rows: {_fields(failed)}"
        )
    return f"Every declared category of {count(len(findings), 'field')} has its rows"


# --- history -----------------------------------------------------------------------


def history_chart(findings: Sequence[Finding], changes: Sequence[Change]) -> Fragment:
    """Return rows over time with the declared changes as labelled lines.

    Args:
        findings: all that was measured; the first on history that has a series counts.
        changes: declared changes; those that touch the table are drawn.
    """
    history = [f for f in findings if f.check in {"history-span", "history-gaps"}]
    finding = next((f for f in history if f.series), None)
    if finding is None:
        return nothing("No history was measured yet.")
    series = finding.series[0]
    told = [f for f in history if f.subject == finding.subject]
    title = " ".join(f.message for f in sorted(told, key=lambda f: f.outcome))
    lettered = _lettered(changes, finding.subject)
    notes = [f"{letter}: {day(c.date)}. {c.what} ({c.kind})" for letter, c in lettered]
    columns = (Column(series.name.capitalize(), "head"), Column("Rows", "number"))
    return chart(
        title,
        f"{series.unit.capitalize()} per {series.name} of {finding.subject}, "
        f"from {series.points[0].label} to {series.points[-1].label}; "
        f"lines mark {count(len(lettered), 'declared change')}.",
        {"data": [_history_line(series)], "layout": _history_layout(series, lettered)},
        table(title, columns, _history_rows(series), empty=title),
        notes,
    )


def _lettered(changes: Sequence[Change], name: str) -> list[tuple[str, Change]]:
    """Return the changes of a table by date, each with the letter that marks it."""
    touched = [c for c in changes if not c.tables or name in c.tables]
    touched.sort(key=lambda c: (c.date, c.id))
    return [(_letter(i), change) for i, change in enumerate(touched)]


def _letter(index: int) -> str:
    """Return A to Z, then A1, B1, ... so that no two changes share a label."""
    again, first = divmod(index, 26)
    return chr(ord("A") + first) + (str(again) if again else "")


def _history_layout(
    series: Series, lettered: Sequence[tuple[str, Change]]
) -> dict[str, object]:
    top = max([1, *map(_amount, series.points)])
    place = {"yref": "paper", "yanchor": "bottom"}
    return {
        "height": 280,
        "margin": {"l": 8, "r": 12, "t": 28, "b": 8},
        "xaxis": axis(type="date", showgrid=False, ticks="outside", nticks=8),
        "yaxis": axis(range=[0, top * 1.08], nticks=5),
        "shapes": [_change_line(change) for _, change in lettered],
        "annotations": [
            tag(letter, change.date.isoformat(), 1, **place)
            for letter, change in lettered
        ],
    }


def _history_line(series: Series) -> dict[str, object]:
    many = len(series.points) > _MOST_POINTS
    return {
        "type": "scatter",
        "mode": "lines" if many else "lines+markers",
        "x": [p.label for p in series.points],
        "y": [None if p.value is None else _amount(p) for p in series.points],
        "line": {
            "color": LIGHT["level-3"],
            "width": 1 if many else 2,
            "shape": "linear",
        },
        "marker": {"color": LIGHT["level-3"], "size": 6},
        "hovertemplate": "%{x}: %{y:,}<extra></extra>",
    }


def _change_line(change: Change) -> dict[str, object]:
    date = change.date.isoformat()
    return {
        "type": "line",
        "x0": date,
        "x1": date,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": {"color": LIGHT["muted"], "width": 1, "dash": "dash"},
    }


def _history_rows(series: Series) -> list[list[str]]:
    """Return the points as rows; by month where they are many."""
    if len(series.points) <= _MOST_POINTS:
        return [[p.label, _told_value(p)] for p in series.points]
    months: dict[str, float] = {}
    for point in series.points:
        month = point.label[:7]
        months[month] = months.get(month, 0) + _amount(point)
    return [[month, number(amount)] for month, amount in months.items()]
