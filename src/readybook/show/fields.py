"""What needed fields hold: values missing by month, rows by category, their origin."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from readybook.model.contract import DataModel
from readybook.model.findings import Finding, Point
from readybook.model.words import MONTHS, as_list, count, number
from readybook.score.sentences import plain_finding
from readybook.show.kit import theme
from readybook.show.kit.case import Case
from readybook.show.kit.figures import LIGHT, amount, axis, chart, number_shown, plain
from readybook.show.kit.fragment import (
    Fragment,
    code,
    draw,
    joined,
    lines,
    nothing,
    small,
    table,
)

_MOST_MONTHS = 24  # beyond so many, quarters are shown
_MOST_COLUMNS = 12  # beyond so many quarters, years are shown: the last so many
_MOST_NAMED = 12
_MONTH = re.compile(r"\d{4}-\d{2}")
#: Upper ends of the shades, per cent; what is above the last has the darkest.
_SHADES = (0, 1, 5, 20, 50)
_BAR = 26  # pixels of height for one bar and its gap
_MOST_BARS = 30
_MOST_SENTENCES = 2  # of one kind in a title
_LONGEST = 160  # characters of a rule; the contract has the rest


# --- missing values ------------------------------------------------------------------


@dataclass(frozen=True)
class _Field:
    """The missing values of one field."""

    finding: Finding
    months: Mapping[str, float | None]  #: "2013-06" to per cent; None: no rows
    most: float  #: per cent of rows without a value: of all, else in the worst month

    @property
    def name(self) -> str:
        return self.finding.subject


def nulls_map(case: Case) -> Fragment:
    """Return needed fields against months: per cent of rows without a value.

    Up to 24 months stand as such, a row per field and year; up to 12 quarters as such,
    more by year, each as the mean of its months. Fields without any missing value and
    those whose rows have no date are listed below.
    """
    counted = case.found("nulls-tolerated")
    fields = [_field(f) for f in counted if f.series]
    if not fields:
        return nothing("Missing values of needed fields: not measured yet.")
    gappy = sorted((f for f in fields if f.most), key=lambda f: (-f.most, f.name))
    listed = {
        "Rows without a date": [
            f"{f.name} {_percent(f.most)} %" for f in fields if f.most and not f.months
        ],
        "No row without a value": [f.name for f in fields if not f.most],
        "Not measured": [f.subject for f in counted if not f.series],
        "Not looked at, as no need names them": _unnamed(case),
    }
    title = _nulls_title(fields, gappy)
    html = draw(
        "heat.html.j2",
        title=title,
        grid=_grid([field for field in gappy if field.months]),
        shades=[f"up to {end} %" for end in _SHADES[1:]],
        notes=[
            f"{what}: {as_list(names, _MOST_NAMED)}."
            for what, names in listed.items()
            if names
        ],
    )
    return Fragment(html, title)


def _unnamed(case: Case) -> list[str]:
    """Return the declared columns that no need names."""
    named = {*case.assessment.needed_fields}
    fields = (f"{one.name}.{c.name}" for one in case.assessment.data_model.tables
              for c in one.columns)  # fmt: skip
    return [field for field in fields if field not in named]


def _field(finding: Finding) -> _Field:
    every = {
        label: float(value) if isinstance(value, int | float) else None
        for label, value in finding.numbers("month").items()
    }
    most, unit = max([0, *filter(None, every.values())]), finding.unit or ""
    if isinstance(finding.value, int | float) and unit.startswith("share"):
        most = 100.0 * finding.value
    months = {label: v for label, v in every.items() if _MONTH.fullmatch(label)}
    return _Field(finding, months, most)


def _nulls_title(fields: Sequence[_Field], gappy: Sequence[_Field]) -> str:
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


def _percent(value: float) -> str:
    """Return per cent without decimals; "<1" for the little that is not nothing."""
    return "<1" if 0 < value < 1 else f"{value:.0f}"


def _grid(fields: Sequence[_Field]) -> dict[str, object]:
    """Return the map: its period, its columns, and rows of a head and of cells.

    Months have a row per field and year, so that seasons stand below each other.
    """
    months = sorted({month for field in fields for month in field.months})
    quarters = {m: f"{m[:4]} Q{(int(m[5:]) + 2) // 3}" for m in months}
    period, row_of, column_of = "year", dict.fromkeys(months, ""), quarters
    if len(months) <= _MOST_MONTHS:
        period = "month"
        row_of = {month: month[:4] for month in months}
        column_of = {month: month[5:] for month in months}
    elif len(set(quarters.values())) <= _MOST_COLUMNS:
        period = "quarter"
    else:
        column_of = {month: month[:4] for month in months}
    columns = sorted(set(column_of.values()))[-_MOST_COLUMNS:]
    years = sorted(set(row_of.values()))
    rows = []
    for field in fields:
        cells = defaultdict[tuple[str, str], list[float]](list)
        for month, value in field.months.items():
            if value is not None:
                cells[row_of[month], column_of[month]].append(value)
        for year in years:
            head = _head(field, year if years[1:] else "")
            rows.append((head, [_cell(cells[year, column]) for column in columns]))
    if period == "month":
        columns = [MONTHS[int(month) - 1][:3] for month in columns]
    return {"period": period, "columns": columns, "rows": rows}


def _head(field: _Field, year: str) -> Markup:
    finding, said = field.finding, [year] if year else []
    if finding.threshold is not None:
        said.append(f"limit {number(finding.threshold, finding.unit)}")
    over = finding.outcome == "contradicts"
    mark = theme.outcome_mark("contradicts", "over its limit") if over else ""
    return lines(code(field.name), small(", ".join(said)), mark)


def _cell(values: Sequence[float]) -> tuple[str, int]:
    """Return what a cell says and its shade, 0 for none; "" where there are no rows."""
    if not values:
        return "", 0
    value = sum(values) / len(values)
    return _percent(value), sum(value > end for end in _SHADES)


# --- categories ----------------------------------------------------------------------


@dataclass(frozen=True)
class _Bar:
    """The rows of one value of a field."""

    field: str  #: "table.column"
    point: Point
    declared: bool

    @property
    def is_amiss(self) -> bool:
        return not self.declared or self.point.value == 0

    @property
    def marked(self) -> str:
        """The rows in words, with what is amiss."""
        if not self.declared:
            return f"✕ {number_shown(self.point)}, not declared"
        return "✕ no rows" if self.is_amiss else number_shown(self.point)


def category_chart(case: Case) -> Fragment:
    """Return rows per category of each field in question, first what is amiss.

    Amiss is a declared category without rows, and a value that is not declared. Where
    no field is in question there is a table and no chart.
    """
    counted = [f for f in case.found("categories-populated") if f.series]
    undeclared = case.found("values-declared")
    # Of some fields the undeclared values alone could be counted.
    known = {f.subject for f in counted}
    counted += [f for f in undeclared if f.series and f.subject not in known]
    if not counted:
        return nothing("No declared category was counted yet.")
    failed = {f.subject for f in undeclared if f.outcome == "contradicts"}
    title = _categories_title(counted, undeclared, case.assessment.data_model)
    asked = [f for f in counted if f.outcome == "contradicts" or f.subject in failed]
    counted = asked or counted
    bars = [bar for f in counted for bar in _bars_of(f, undeclared)]
    shown, several = bars[:_MOST_BARS], len(counted) > 1
    ends = (pick(bars, key=lambda b: amount(b.point)) for pick in (min, max))
    least, most = (f"{b.point.label} with {number_shown(b.point)}" for b in ends)
    more = count(len(bars) - len(shown), "more value")
    data = table(
        "Rows per value",
        "Field:head | Value | Rows:number",
        [
            [b.field, b.point.label + ", not declared" * (not b.declared),
             number_shown(b.point)]
            for b in bars
        ],
    )  # fmt: skip
    if not asked:
        return joined(nothing(title), data)
    layout = {
        "height": _BAR * len(shown) + 16,
        # The numbers stand right of the bars and need their room.
        "xaxis": axis(visible=False, range=[0, 1.4]),
        "yaxis": axis(autorange="reversed", showgrid=False, ticks="", type="category"),
        "bargap": 0.35,
    }
    return chart(
        title,
        f"Bars: rows per value of {', '.join(f.subject for f in counted)}"
        f"{', each field on a scale of its own' if several else ''}. "
        f"Least: {least}. Most: {most}.",
        {
            "data": [_drawn(shown, bars, case.assessment.data_model, several=several)],
            "layout": layout,
        },
        data,
        [f"{more} in the data."] if len(bars) > len(shown) else (),
    )


def _bars_of(finding: Finding, undeclared: Sequence[Finding]) -> list[_Bar]:
    name = finding.subject
    bars = [_Bar(name, one, declared=True) for one in finding.points("category")]
    others = [
        one for other in undeclared if other.subject == name for one in other.series
    ]
    bars += [_Bar(name, at, declared=False) for one in others for at in one.points]
    return sorted(bars, key=lambda b: (not b.is_amiss, b.declared, amount(b.point)))


def _drawn(
    shown: Sequence[_Bar], bars: Sequence[_Bar], model: DataModel, *, several: bool
) -> dict[str, object]:
    """Return bars as shares of their field's fullest value, told in rows."""
    fullest: dict[str, float] = {}
    for bar in bars:
        fullest[bar.field] = max(fullest.get(bar.field, 1), amount(bar.point))
    # The column names a field, with its table where two tables have it.
    columns = {field: model.split(field)[1] or field for field in fullest}
    named = list(columns.values())
    names = {f: c if named.count(c) == 1 else f for f, c in columns.items()}
    colours = [LIGHT["level-3" if b.declared else "bad"] for b in shown]
    return {
        "type": "bar",
        "orientation": "h",
        "y": [
            plain((f"{names[b.field]}: " if several else "") + b.point.label)
            for b in shown
        ],
        "x": [round(amount(b.point) / fullest[b.field], 3) for b in shown],
        "text": [b.marked for b in shown],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"color": [LIGHT["bad" if b.is_amiss else "ink"] for b in shown]},
        "marker": {"color": colours if LIGHT["bad"] in colours else LIGHT["level-3"]},
        "hoverinfo": "skip",
    }


def _categories_title(
    counted: Sequence[Finding], undeclared: Sequence[Finding], model: DataModel
) -> str:
    """Return what is amiss; one field alone says how it stands in any case."""
    categories = [f for f in counted if f.check == "categories-populated"]
    failed = [f for f in categories if f.outcome == "contradicts"]
    of = count(len(categories), "field")
    shown = categories if len(categories) == 1 else failed
    told = [f"{plain_finding(one, model)}." for one in shown]
    if categories and not told:
        told = [f"Every declared category of {of} has its rows."]
    elif len(told) > _MOST_SENTENCES:
        names = ", ".join(f.subject for f in failed)
        said = f"{len(failed)} of {of} have declared categories without enough rows"
        told = [f"{said}: {names}."]
    bad = [one for one in undeclared if one.outcome == "contradicts"]
    new = [f"{plain_finding(one, model)}." for one in bad]
    if len(new) > _MOST_SENTENCES:
        new = [f"{len(new)} fields hold values that are not declared."]
    return " ".join([*told, *new])


# --- where they come from ------------------------------------------------------------

_ORIGIN = ("First recorded in:wide", "Made from", "Rule:wide", "Definition")
_NOTHING = ("",) * len(_ORIGIN)


def lineage_table(case: Case) -> Fragment:
    """Return origin, sources, rule and definition of each needed field.

    A field without an origin of its own has that of its table. Fields of which the same
    is declared share a row; those of which nothing is are listed below.
    """
    fields = case.assessment.needed_fields
    if not fields:
        return nothing("Nobody has said yet which fields the use case needs.")
    alike: dict[tuple[str | Markup, ...], list[str]] = {}
    for name in fields:
        alike.setdefault(_origin(name, case.assessment.data_model), []).append(name)
    missing = alike.pop(_NOTHING, [])
    # What no field has is no column.
    shown_at = [at for at in range(len(_ORIGIN)) if any(told[at] for told in alike)]
    columns = " | ".join(["Fields:head", *(_ORIGIN[at] for at in shown_at)])
    rows = [
        [Markup(", ").join(map(code, names)), *(told[at] for at in shown_at)]
        for told, names in alike.items()
    ]
    caption = (
        f"The contract says of {len(fields) - len(missing) or 'none'} of "
        f"{count(len(fields), 'needed field')} where it comes from"
    )
    left = f"Origin not declared: {', '.join(missing)}." if missing else ""
    empty = f"{caption}. {left}"
    return table(caption, columns, rows, empty=empty, note=left, around="titled")


def _origin(name: str, model: DataModel | None) -> tuple[str | Markup, ...]:
    """Return what is declared of a field, cell by cell; nothing without an origin."""
    table_name, column_name = model.split(name) if model else ("", "")
    table_ = model.table(table_name) if model else None
    column = table_.column(column_name) if table_ else None
    origin = (column and column.origin) or (table_ and table_.origin) or ""
    if column is None or not (origin or column.is_traced):
        return (origin, *_NOTHING[1:])
    rule = column.made_by or ""
    return (
        origin,
        lines(*map(code, column.made_from)),
        rule if len(rule) <= _LONGEST else f"{rule[:_LONGEST].rstrip()} …",
        lines(*map(code, column.definitions)),
    )
