"""What a notebook cell shows: a piece of static HTML, with or without a chart."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from readybook.model import words
from readybook.model.bank import Question
from readybook.show.kit import theme
from readybook.text.visible import visible

#: Who reads: "leadership" sees roles and ranges, "team" sees who said what.
Edition = Literal["leadership", "team"]
_MANY = 6  # from so many columns on, a tablet held upright is too narrow
#: Around a word that may break anywhere, and so widens no column; others may not, or a
#: narrow column would part each of its words.
_BREAKING = '<span style="overflow-wrap:anywhere">'
#: A tag, a part without words to read, a word that is marked already; or a long word,
#: or one that breaks badly.
_WORDS = re.compile(
    rf"(<(style|script|title|pre)\b.*?</\2>|{_BREAKING}.*?</span>|<[^<>]*>)|[^\s<>]{{30,}}|person-days",
    re.DOTALL,
)
_FEW = 3  #: columns that fit side by side on a phone, if one of them is wide at most


@dataclass(frozen=True)
class Fragment:
    """A piece of the report; the same text serves where HTML cannot be shown."""

    html: str
    text: str  #: one line or a few, for the text/plain output
    figure: dict[str, object] | None = None  #: plotly JSON, for the place in the HTML

    def _repr_mimebundle_(self, *_: object, **_named: object) -> dict[str, object]:
        """Return the outputs that a notebook keeps; IPython calls it."""
        html = f'<div class="readybook">{self.html}</div>'
        drawn = {"application/vnd.plotly.v1+json": self.figure} if self.figure else {}
        return {"text/html": html, "text/plain": self.text, **drawn}


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    label: str
    #: text, wide, number and date, which do not wrap; head, field and long name the
    #: row, field by names that break badly, long in a sentence
    kind: str = "text"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("readybook", "html"),
        autoescape=select_autoescape(["html.j2"]),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(
        answer=words.answer_word,
        day=words.day,
        levels=words.level_range,
        sentence=words.sentence,
        spread=words.level_spread,
    )
    environment.globals.update(
        count=words.count, icon=theme.icon, mark=theme.mark, titled=titled_link
    )
    return environment


def draw(template: str, **context: object) -> str:
    """Return the template of `html/` filled in.

    Every sign is seen; in HTML every text is escaped too, and a word that is longer
    than a line may break.
    """
    page = visible(_environment().get_template(template).render(**context).strip())
    return _WORDS.sub(_breaking, page) if template.endswith(".html.j2") else page


def _breaking(found: re.Match[str]) -> str:
    if found[0] == "person-days":
        return f'<span class="nb">{found[0]}</span>'
    return found[1] or f"{_BREAKING}{found[0]}</span>"


def table(  # noqa: PLR0913 - what a table consists of
    caption: str,
    columns: str | Sequence[Column],
    rows: Iterable[Sequence[str | Markup]],
    *,
    empty: str = "",
    note: str | Markup = "",
    around: Literal[
        "",
        "bare",
        "titled",
        "titled bare",
        "titled marks",
        "titled sorted",
        "dimensions",
    ] = "",
) -> Fragment:
    """Return a captioned table.

    Args:
        caption: what it shows, for screen readers; a heading says it to the others.
            Where it is titled the caption is the finding, and everybody sees it.
        columns: one of them names the row. As a text they are labels with their kinds,
            unless it is text: "Action:long | Role | Due:date".
        rows: cells in the order of the columns; plain texts are escaped.
        empty: the sentence that stands in its place where it may have no rows.
        note: a line under it.
        around: "titled" shows the caption, "bare" hides the head, "marks" lets marks
            stand in narrow cells, "sorted" lets a script sort and search it.
    """
    filled = [list(row) for row in rows]
    if not filled:
        return nothing(empty)
    if isinstance(columns, str):
        columns = [Column(*column.split(":")) for column in columns.split(" | ")]
    wide = [one.kind for one in columns].count("wide")
    is_few = len(columns) <= _FEW and wide <= 1
    room = len(columns) + sum(column.kind == "field" for column in columns)
    # On a phone a table's cells stand below each other, each beside its column's label;
    # told once per table, labels take a twentieth of the page less than once per cell.
    # The first column names the row, and needs none.
    labels = (re.sub(r"([\\'])", r"\\\1", column.label) for column in columns[1:])
    html = draw(
        "table.html.j2",
        caption=caption,
        columns=columns,
        rows=filled,
        note=note,
        around=around,
        size="few" if is_few else "many" if room >= _MANY else "",
        labels=";".join(f"--c{at}:'{label}'" for at, label in enumerate(labels, 2)),
    )
    told = "" if around.startswith("titled") else f": {words.count(len(filled), 'row')}"
    return Fragment(html, caption + told)


def nothing(text: str) -> Fragment:
    """Return the sentence that stands where there is nothing to show."""
    return Fragment(Markup('<p class="empty">{}</p>').format(text), text)


def joined(*parts: Fragment) -> Fragment:
    """Return fragments one below the other."""
    return Fragment(
        "".join(part.html for part in parts), "\n".join(part.text for part in parts)
    )


def lines(*parts: str | Markup) -> Markup:
    """Return the parts that are not empty, each on its own line of a cell."""
    return Markup("<br>").join(part for part in parts if part)


def titled_link(question: Question) -> Markup:
    """Return title and id of a question, the id small and linked to its block."""
    return Markup('{1}, <a class="who" href="#{0}">{0}</a>').format(
        question.id, question.title
    )


def question_links(ids: Iterable[str]) -> Markup:
    """Return the ids of questions, each linked to its block in the chapters."""
    link = Markup('<a href="#{0}">{0}</a>').format
    return Markup(", ").join(map(link, ids)) or Markup("none")


#: In what no term is explained: tags, parts that only some readers get, a headline,
#: which would be torn apart.
_UNREAD = re.compile(
    r'(<(style|script|svg|caption|pre)\b.*?</\2>|<p class="verdict-w.*?</p>|<[^<>]*>)',
    re.DOTALL,
)
_TERMS = re.compile(rf"\b({'|'.join(words.PLAIN)})\b", re.IGNORECASE)


def explained(html: str, known: set[str]) -> str:
    """Return HTML in which plain words stand beside the first use of each term.

    Args:
        html: as it is shown.
        known: terms that were explained before it; those of this text are added.
    """

    def beside(found: re.Match[str]) -> str:
        term = next(t for t in words.PLAIN if t.lower() == found[0].lower())
        one = term.removesuffix("s")
        if one in known:
            return found[0]
        known.add(one)
        return f"{found[0]} <small>({words.PLAIN[term]})</small>"

    # Of three pieces the first is text; the others are what is not, and its tag.
    pieces = _UNREAD.split(html)
    return "".join(
        _TERMS.sub(beside, part) if at % 3 == 0 else part or ""
        for at, part in enumerate(pieces)
        if at % 3 != 2  # noqa: PLR2004 - the group that names the tag
    )


def small(text: str) -> Markup:
    """Return the text small and quiet; "" stays ""."""
    return Markup('<span class="who">{}</span>').format(text) if text else Markup("")


def folded_code(title: str, text: str) -> Markup:
    """Return lines of code below a title, folded; "" stays ""."""
    html = Markup('<details class="code"><summary>{}</summary><pre>{}</pre></details>')
    return html.format(title, text) if text else Markup("")


def narrow(told: Iterable[str]) -> str:
    """Return lines for a terminal of 80 columns; what goes on is indented further."""
    wrapped = []
    for line in told:
        indent = len(line) - len(line.lstrip()) + 2 if line[:1] == " " else 0
        fill = textwrap.TextWrapper(80, subsequent_indent=" " * indent)
        fill.break_on_hyphens = False
        wrapped.append(fill.fill(line))
    return "\n".join(wrapped) + "\n"


def code(name: str) -> Markup:
    """Return the name of a field or file, with places where it may break."""
    parts = Markup("<wbr>").join(re.split(r"(?<=[._>/+])", name))
    return Markup("<code>{}</code>").format(parts)
