"""What a notebook cell shows: a piece of static HTML, with or without a chart."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from readybook.model import words
from readybook.model.bank import Question
from readybook.show.kit import theme

__all__ = [
    "Chart",
    "Column",
    "Edition",
    "Fragment",
    "code",
    "column_labels",
    "draw_html",
    "joined",
    "lines",
    "narrow",
    "nothing",
    "question_link",
    "question_links",
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
    environment.filters["shortened"] = _shortened
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


def _shortened(fingerprint: str) -> str:
    """Return a fingerprint with as many digits as people compare."""
    kind, _, digits = fingerprint.rpartition(":")
    return f"{kind}:{digits[:12]}" if kind else digits[:12]


def draw_html(template: str, **context: object) -> str:
    """Return the template of `html/` filled in; every text in it is escaped."""
    return _environment().get_template(template).render(**context).strip()


def table(  # noqa: PLR0913 - what a table consists of
    caption: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[str | Markup]],
    *,
    empty: str,
    note: str | Markup = "",
    around: Literal["", "titled", "titled marks", "dimensions"] = "",
) -> Fragment:
    """Return a captioned table.

    Args:
        caption: what it shows, for screen readers; a heading says it to the others.
            Where it is titled the caption is the finding, and everybody sees it.
        columns: one of them names the row.
        rows: cells in the order of the columns; plain texts are escaped.
        empty: the sentence that stands in its place where it has no rows.
        note: a line under it.
        around: "titled" shows the caption, "marks" lets marks stand in narrow cells.
    """
    filled = [list(row) for row in rows]
    if not filled:
        return nothing(empty)
    html = draw_html(
        "table.html.j2",
        caption=caption,
        columns=columns,
        rows=filled,
        note=note,
        around=around,
        size=_size(columns),
        labels=column_labels([column.label for column in columns]),
    )
    told = "" if around == "titled" else f": {words.count(len(filled), 'row')}"
    return Fragment(html, caption + told)


def nothing(text: str) -> Fragment:
    """Return the sentence that stands where there is nothing to show."""
    return Fragment(Markup('<p class="empty">{}</p>').format(text), text)


def joined(*parts: Fragment) -> Fragment:
    """Return fragments one below the other."""
    return Fragment(
        "".join(part.html for part in parts), "\n".join(part.text for part in parts)
    )


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


def question_link(question: Question) -> Markup:
    """Return id and title of a question, linked to its block in the chapters."""
    return Markup('<a href="#{0}">{0}</a> {1}').format(question.id, question.title)


def question_links(ids: Iterable[str]) -> Markup:
    """Return the ids of questions, each linked to its block in the chapters."""
    links = [Markup('<a href="#{0}">{0}</a>').format(id_) for id_ in ids]
    return Markup(", ").join(links) or Markup("none")


def small(text: str) -> Markup:
    """Return the text small and quiet; "" stays ""."""
    return Markup('<span class="who">{}</span>').format(text) if text else Markup("")


def narrow(told: Iterable[str]) -> str:
    """Return lines for a terminal of 80 columns; what goes on is indented further."""
    wrapped = []
    for line in told:
        indent = len(line) - len(line.lstrip()) + 2 if line[:1] == " " else 0
        wrapped.append(
            textwrap.fill(
                line, 80, subsequent_indent=" " * indent, break_on_hyphens=False
            )
        )
    return "\n".join(wrapped) + "\n"


def code(name: str) -> Markup:
    """Return the name of a field or file, with places where it may break."""
    parts = Markup("<wbr>").join(re.split(r"(?<=[._>/+])", name))
    return Markup("<code>{}</code>").format(parts)
