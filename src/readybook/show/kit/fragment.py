"""What a notebook cell shows: a piece of static HTML, with or without a chart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from readybook.model import words
from readybook.show.kit import theme

__all__ = [
    "Chart",
    "Column",
    "Edition",
    "Fragment",
    "code",
    "column_labels",
    "draw_html",
    "lines",
    "small",
    "table",
]

#: Who reads: "leadership" sees roles and ranges, "team" sees who said what.
Edition = Literal["leadership", "team"]
_MANY = 6  # from so many columns on, a tablet held upright is too narrow
_FEW = 3  #: columns that fit side by side on a phone


@dataclass(frozen=True)
class Fragment:
    """A piece of the report; the same text serves where HTML cannot be shown."""

    html: str
    text: str  #: one line or a few, for the text/plain output

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        """Return the outputs that a notebook keeps; IPython calls it."""
        del include, exclude  # both optional in IPython's protocol; all is given
        html = f'<div class="readybook">{self.html}</div>'
        return {"text/html": html, "text/plain": self.text}


@dataclass(frozen=True)
class Chart(Fragment):
    """A fragment with an empty place for a chart, and the chart's figure."""

    figure: dict[str, object] = field(default_factory=dict)  #: plotly JSON

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        """Return the outputs that a notebook keeps; IPython calls it."""
        bundle = super()._repr_mimebundle_(include, exclude)
        return {**bundle, "application/vnd.plotly.v1+json": self.figure}


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    label: str
    #: head, field and long name the row, field by names that break badly, long in a
    #: sentence; date and number do not wrap
    kind: Literal["text", "number", "date", "head", "field", "long", "wide"] = "text"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("readybook", "html"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["day"] = words.day
    environment.filters["spread"] = words.level_spread
    environment.filters["level"] = words.level_word
    environment.filters["levels"] = words.level_range
    environment.filters["sentence"] = words.sentence
    environment.globals.update(
        bar=theme.bar,
        count=words.count,
        icon=theme.icon,
        mark=theme.mark,
        gates=theme.GATES,
        proofs=theme.PROOFS,
    )
    return environment


def draw_html(template: str, **context: object) -> str:
    """Return the template of `html/` filled in; every text in it is escaped."""
    return _environment().get_template(template).render(**context).strip()


def table(
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str | Markup]],
    *,
    empty: str,
    note: str = "",
) -> Fragment:
    """Return a captioned table.

    Args:
        caption: what it shows, for screen readers; a heading says it to the others.
        columns: one of them names the row.
        rows: cells in the order of the columns; plain texts are escaped.
        empty: the sentence that stands in its place where it has no rows.
        note: a line under it.
    """
    filled = [list(row) for row in rows]
    if not filled:
        html = draw_html("empty.html.j2", text=empty)
        return Fragment(html, empty)
    html = draw_html(
        "table.html.j2",
        caption=caption,
        columns=columns,
        rows=filled,
        note=note,
        size=_size(columns),
        labels=column_labels([column.label for column in columns]),
    )
    return Fragment(html, f"{caption}: {words.count(len(filled), 'row')}")


def _size(columns: Sequence[Column]) -> str:
    """Return the class that says when the rows of a table turn into blocks."""
    if len(columns) <= _FEW:
        return "few"
    room = len(columns) + sum(column.kind == "field" for column in columns)
    return "many" if room >= _MANY else ""


def column_labels(labels: Sequence[str]) -> str:
    """Return the columns' labels for a style attribute: --c1, --c2 and so on.

    On a phone a table's cells stand below each other, each beside its column's label;
    told once per table, labels take a twentieth of the page less than once per cell.
    """
    quoted = [re.sub(r"([\\'])", r"\\\1", label) for label in labels]
    return ";".join(f"--c{at}:'{label}'" for at, label in enumerate(quoted, 1))


def lines(parts: Iterable[str | Markup]) -> Markup:
    """Return the parts that are not empty, each on its own line of a cell."""
    return Markup("<br>").join(part for part in parts if part)


def small(text: str) -> Markup:
    """Return the text small and quiet; "" stays ""."""
    return Markup('<span class="who">{}</span>').format(text) if text else Markup("")


def code(name: str) -> Markup:
    """Return the name of a field or file, with places where it may break."""
    parts = Markup("<wbr>").join(re.split(r"(?<=[._>/+])", name))
    return Markup("<code>{}</code>").format(parts)
