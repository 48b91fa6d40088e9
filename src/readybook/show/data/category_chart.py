"""Chart of categories: rows of each declared value, and of values not declared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from readybook.model.findings import Finding, Point
from readybook.model.words import count, number
from readybook.show.kit.figures import LIGHT, axis, chart, plain
from readybook.show.kit.fragment import Column, Fragment, nothing, table

__all__ = ["category_chart"]

_BAR = 26  # pixels of height for one bar and its gap
_MOST_BARS = 30
_MOST_SENTENCES = 2  # of one kind in a title


@dataclass(frozen=True)
class _Bar:
    """The rows of one value of a field."""

    field: str  #: "table.column"
    point: Point
    declared: bool

    @property
    def amount(self) -> float:
        """Rows to draw: 1 for the few whose number is not shown."""
        value = self.point.value
        return 1 if isinstance(value, str) else value or 0

    @property
    def is_amiss(self) -> bool:
        return not self.declared or self.point.value == 0

    @property
    def told(self) -> str:
        return "not known" if self.point.value is None else number(self.point.value)

    @property
    def marked(self) -> str:
        if not self.declared:
            return f"✕ {self.told}, not declared"
        return "✕ no rows" if self.is_amiss else self.told


def category_chart(findings: Sequence[Finding]) -> Fragment:
    """Return rows per category: failed fields first; in each, first what is amiss.

    Amiss is a declared category without rows, and a value that is not declared.

    Args:
        findings: all that was measured; those on declared and undeclared values count.
    """
    counted = [f for f in findings if f.check == "categories-populated" and f.series]
    undeclared = [f for f in findings if f.check == "values-declared"]
    counted += _only_undeclared(counted, undeclared)
    if not counted:
        return nothing("No declared category was counted yet.")
    failed = {f.subject for f in undeclared if f.outcome == "contradicts"}
    counted.sort(key=lambda f: f.outcome != "contradicts" and f.subject not in failed)
    bars = [bar for f in counted for bar in _bars_of(f, undeclared)]
    shown, title = bars[:_MOST_BARS], _title(counted, undeclared)
    several = len(counted) > 1
    least, most = (pick(bars, key=lambda bar: bar.amount) for pick in (min, max))
    more = count(len(bars) - len(shown), "more value")
    return chart(
        title,
        f"Bars: rows per value of {', '.join(f.subject for f in counted)}"
        f"{', each field on a scale of its own' if several else ''}. "
        f"Least: {_told(least)}. Most: {_told(most)}.",
        {"data": [_drawn(shown, bars, several=several)], "layout": _layout(len(shown))},
        _data(bars),
        [f"{more} in the data."] if len(bars) > len(shown) else (),
    )


def _data(bars: Sequence[_Bar]) -> Fragment:
    columns = (Column("Field", "head"), Column("Value"), Column("Rows", "number"))
    rows = [
        [b.field, b.point.label + ("" if b.declared else ", not declared"), b.told]
        for b in bars
    ]
    return table("Rows per value", columns, rows, empty="No value.")


def _layout(bars: int) -> dict[str, object]:
    return {
        "height": _BAR * bars + 16,
        # The numbers stand right of the bars and need their room.
        "xaxis": axis(visible=False, range=[0, 1.4]),
        "yaxis": axis(autorange="reversed", showgrid=False, ticks="", type="category"),
        "bargap": 0.35,
    }


def _only_undeclared(
    counted: Sequence[Finding], undeclared: Sequence[Finding]
) -> list[Finding]:
    """Return the fields whose undeclared values alone could be counted."""
    known = {f.subject for f in counted}
    return [f for f in undeclared if f.series and f.subject not in known]


def _bars_of(finding: Finding, undeclared: Sequence[Finding]) -> list[_Bar]:
    field = finding.subject
    values = [
        _Bar(field, point, declared=True)
        for series in finding.series
        if series.name == "category"
        for point in series.points
    ]
    values += [
        _Bar(field, point, declared=False)
        for other in undeclared
        if other.subject == field
        for series in other.series
        for point in series.points
    ]
    return sorted(values, key=lambda bar: (not bar.is_amiss, bar.declared, bar.amount))


def _drawn(
    shown: Sequence[_Bar], bars: Sequence[_Bar], *, several: bool
) -> dict[str, object]:
    """Return bars as shares of their field's fullest value, told in rows."""
    fullest: dict[str, float] = {}
    for bar in bars:
        fullest[bar.field] = max(fullest.get(bar.field, 1), bar.amount)
    names = _names(list(fullest)) if several else {}
    labels = [
        f"{names[b.field]}: {b.point.label}" if several else b.point.label
        for b in shown
    ]
    colours = [LIGHT["level-3" if b.declared else "bad"] for b in shown]
    return {
        "type": "bar",
        "orientation": "h",
        "y": [plain(label) for label in labels],
        "x": [round(b.amount / fullest[b.field], 3) for b in shown],
        "text": [b.marked for b in shown],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"color": [LIGHT["bad" if b.is_amiss else "ink"] for b in shown]},
        "marker": {"color": colours if LIGHT["bad"] in colours else LIGHT["level-3"]},
        "hoverinfo": "skip",
    }


def _names(fields: Sequence[str]) -> dict[str, str]:
    """Return short names: the column, with its table where two tables have it."""
    columns = [field.partition(".")[2] or field for field in fields]
    return {
        field: column if columns.count(column) == 1 else field
        for field, column in zip(fields, columns, strict=True)
    }


def _told(bar: _Bar) -> str:
    return f"{bar.point.label} with {bar.told}"


def _title(counted: Sequence[Finding], undeclared: Sequence[Finding]) -> str:
    """Return what is amiss; one field alone says how it stands in any case."""
    said = [f.message for f in undeclared if f.outcome == "contradicts"]
    failed = [f for f in counted if f.outcome == "contradicts" and f not in undeclared]
    told = [_categories_said(counted, failed)]
    if 0 < len(said) <= _MOST_SENTENCES:
        told += said
    elif said:
        told.append(f"{len(said)} fields hold values that are not declared.")
    return " ".join(filter(None, told))


def _categories_said(counted: Sequence[Finding], failed: Sequence[Finding]) -> str:
    categories = [f for f in counted if f.check == "categories-populated"]
    if len(categories) == 1:
        return categories[0].message
    if 0 < len(failed) <= _MOST_SENTENCES:
        return " ".join(f.message for f in failed)
    if failed:
        return (
            f"{len(failed)} of {count(len(categories), 'field')} have declared "
            "categories without enough rows: "
            f"{', '.join(f.subject for f in failed)}."
        )
    if not categories:
        return ""
    return f"Every declared category of {count(len(categories), 'field')} has its rows."
