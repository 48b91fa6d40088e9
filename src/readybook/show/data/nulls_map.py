"""Map of missing values: needed fields by month, each cell in per cent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from readybook.model.findings import Finding
from readybook.model.words import count, number
from readybook.show.kit import theme
from readybook.show.kit.fragment import Fragment, code, draw_html, lines, nothing, small

__all__ = ["nulls_map"]

_MOST_MONTHS = 24  # beyond so many, quarters are shown
_MOST_QUARTERS = 12  # beyond so many, years are shown
_MOST_YEARS = 12
_MOST_NAMED = 12
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_MONTH = re.compile(r"\d{4}-\d{2}")
#: Upper ends of the shades, per cent; what is above the last has the darkest.
_SHADES = (0, 1, 5, 20, 50)


@dataclass(frozen=True)
class _Field:
    """The missing values of one field."""

    finding: Finding
    months: Mapping[str, float | None]  #: "2013-06" to per cent; None: no rows
    whole: float | None  #: per cent, where rows have no date

    @property
    def name(self) -> str:
        return self.finding.subject

    @property
    def most(self) -> float:
        """Per cent of rows without a value: of all, else in the worst month."""
        value, unit = self.finding.value, self.finding.unit or ""
        if isinstance(value, int | float) and unit.startswith("share"):
            return 100.0 * value
        return max([self.whole or 0, *(v for v in self.months.values() if v)])


@dataclass(frozen=True)
class _Grid:
    """Columns and rows as they are shown."""

    period: str  #: "month", "quarter" or "year"
    columns: tuple[str, ...]
    rows: list[tuple[Markup, list[tuple[str, int]]]]  #: head, then words and shades


def nulls_map(findings: Sequence[Finding]) -> Fragment:
    """Return needed fields against months: per cent of rows without a value.

    Up to 24 months stand as such, a row per field and year; up to 12 quarters as such,
    more by year, each as the mean of its months. Fields without any missing value and
    those whose rows have no date are listed below.

    Args:
        findings: all that was measured; those on tolerated nulls count.
    """
    counted = [f for f in findings if f.check == "nulls-tolerated"]
    fields = [_field(f) for f in counted if f.series]
    if not fields:
        return nothing("Missing values of needed fields: not measured yet.")
    gappy = sorted((f for f in fields if f.most), key=lambda f: (-f.most, f.name))
    grid = _grid([field for field in gappy if field.months])
    title = _title(fields, gappy)
    html = draw_html(
        "heat.html.j2",
        title=title,
        grid=grid,
        shades=[f"up to {end} %" for end in _SHADES[1:]],
        notes=_notes(fields, counted),
    )
    return Fragment(html, title)


def _field(finding: Finding) -> _Field:
    points = {
        point.label: float(point.value)
        if isinstance(point.value, int | float)
        else None
        for series in finding.series
        if series.name == "month"
        for point in series.points
    }
    months = {label: v for label, v in points.items() if _MONTH.fullmatch(label)}
    whole = next((v for label, v in points.items() if label not in months), None)
    return _Field(finding, months, whole)


# --- words -------------------------------------------------------------------------


def _title(fields: Sequence[_Field], gappy: Sequence[_Field]) -> str:
    of = count(len(fields), "needed field")
    if not gappy:
        return f"No row of {of} lacks a value."
    verb = "has" if len(gappy) == 1 else "have"
    worst = gappy[0]
    over = sum(f.finding.outcome == "contradicts" for f in fields)
    limits = f"; {over} over {'its' if over == 1 else 'their'} limit" if over else ""
    return (
        f"{len(gappy)} of {of} {verb} rows without a value; most: {worst.name}, "
        f"{number(worst.most / 100, 'share of its rows')}{limits}."
    )


def _notes(fields: Sequence[_Field], counted: Sequence[Finding]) -> list[str]:
    undated = [
        f"{f.name} {_percent(f.most)} %" for f in fields if f.most and not f.months
    ]
    full = [f.name for f in fields if not f.most]
    lost = [f.subject for f in counted if not f.series]
    told = {
        "Rows without a date": undated,
        "No row without a value": full,
        "Not measured": lost,
    }
    return [f"{what}: {_some(names)}." for what, names in told.items() if names]


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMED
    text = ", ".join(names[:_MOST_NAMED])
    return f"{text} and {rest} more" if rest > 0 else text


def _percent(value: float) -> str:
    """Return per cent without decimals; "<1" for the little that is not nothing."""
    return "<1" if 0 < value < 1 else f"{value:.0f}"


def _head(field: _Field, year: str) -> Markup:
    finding = field.finding
    limit = ""
    if finding.threshold is not None:
        limit = f"limit {number(finding.threshold, finding.unit)}"
    said: Markup | str = small(", ".join(filter(None, (year, limit))))
    if finding.outcome == "contradicts":
        said = lines(
            [said, theme.mark(theme.OUTCOMES["contradicts"], "over its limit")]
        )
    return lines([code(field.name), said])


# --- grid --------------------------------------------------------------------------


def _grid(fields: Sequence[_Field]) -> _Grid:
    months = sorted({month for field in fields for month in field.months})
    if len(months) <= _MOST_MONTHS:
        return _by_month(fields, months)
    quarters = sorted({_quarter(month) for month in months})
    if len(quarters) <= _MOST_QUARTERS:
        return _by(fields, "quarter", quarters, _quarter)
    years = sorted({month[:4] for month in months})[-_MOST_YEARS:]
    return _by(fields, "year", years, lambda month: month[:4])


def _by_month(fields: Sequence[_Field], months: Sequence[str]) -> _Grid:
    """Return a row per field and year, so that seasons stand below each other."""
    shown = sorted({month[5:] for month in months})
    years = sorted({month[:4] for month in months})
    rows = [
        (
            _head(field, year if len(years) > 1 else ""),
            [_cell(field.months.get(f"{year}-{month}")) for month in shown],
        )
        for field in fields
        for year in years
    ]
    columns = tuple(_MONTHS[int(month) - 1] for month in shown)
    return _Grid("month", columns, rows)


def _by(
    fields: Sequence[_Field],
    period: str,
    shown: Sequence[str],
    part: Callable[[str], str],
) -> _Grid:
    rows = [
        (
            _head(field, ""),
            [
                _cell(_mean(v for m, v in field.months.items() if part(m) == one))
                for one in shown
            ],
        )
        for field in fields
    ]
    return _Grid(period, tuple(shown), rows)


def _quarter(month: str) -> str:
    return f"{month[:4]} Q{(int(month[5:]) + 2) // 3}"


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _cell(value: float | None) -> tuple[str, int]:
    """Return what a cell says and its shade, 0 for none; "" where there are no rows."""
    if value is None:
        return "", 0
    return _percent(value), sum(value > end for end in _SHADES)
