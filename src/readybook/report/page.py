"""What the report's template needs, and the finished page in fewer bytes.

Title, style, script, policy and plotly.js; then the same document, written as HTML
allows it.
"""

import base64
import datetime as dt
import hashlib
import json
import re
import sys
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Literal, NamedTuple

from readybook import __version__
from readybook.model.case import Assessment
from readybook.model.portfolio import Failed
from readybook.model.words import day
from readybook.show.kit.figures import COMMON, without_common
from readybook.show.kit.fragment import Edition
from readybook.show.kit.theme import (
    COLOURS,
    colour_rules,
    dark_colours,
    level_rules,
    scheme,
    shape_rules,
)
from readybook.text.documents import packaged
from readybook.text.visible import visible

CAN_FORK = sys.platform == "linux"  #: elsewhere libraries do not survive it
#: Who reads a page: leadership, the team, or leadership on one sheet of paper.
PageEdition = Literal["leadership", "team", "brief"]
EDITIONS: tuple[PageEdition, ...] = ("leadership", "team", "brief")
#: The verdict is certain; it is not; it, or a gate, is worse than at the last milestone.
Tells = Literal["not-ready", "not-known", "worse"]
SUMMARY = "6-summary"
CHAPTERS = (
    "1-scope",
    "2-data-availability",
    "3-data-quality",
    "4-provisioning",
    "5-ownership",
)
ROW = "row.json"  #: beside a report: what a page of many cases says of it
PORTFOLIO, INDEX = "portfolio", "index"  #: the notebook of many cases, and its page
NOTEBOOKS = (*CHAPTERS, SUMMARY)  #: in the order in which they run

_COMMENT = re.compile(r"^\s*(//.*|/\*((?!\*/)[\s\S])*\*/)$", re.MULTILINE)
_PAPER = COLOURS["paper"][0]
_BEST = 9  # zlib's strongest level
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Heading(NamedTuple):
    """What stands at the head of a page, and at its foot."""

    title: str
    asks: str  #: what the page answers: "ready for production?"; "": no question
    by: str  #: the team; "": none
    as_of: str
    skip: str  #: id of the part that a reader with a keyboard may jump to
    script: tuple[str, ...] = ("report.js",)
    style: tuple[str, ...] = ("report.css",)


def heading_of(assessment: Assessment) -> Heading:
    """Return the heading of one case's page."""
    scope, as_of = assessment.scope, day(assessment.as_of)
    return Heading(
        scope.title, f"ready for {scope.phase}?", scope.team, as_of, "chapters"
    )


class Made(NamedTuple):
    """What was made of an assessment, and what it says in a word or two."""

    pages: tuple[Path, ...]
    headline: str
    tells: tuple[Tells, ...]  #: what is true of its verdict
    files: tuple[Path, ...]  #: all that was written, the pages included


@dataclass(frozen=True)
class Order:
    """What is made of each assessment."""

    out: Path  #: where `<name>.html` and the folder `<name>/` go
    as_of: dt.date | None = None  #: date at which all is judged; None: as each says
    #: Others than that of leadership are called `<name>-<edition>.html`.
    editions: tuple[PageEdition, ...] = ("leadership",)
    browser: str = ""  #: path of the one that prints each page as a PDF; "": none is
    #: Whether each notebook runs in a kernel of its own, or all of them in one process,
    #: which takes a tenth of the time.
    in_kernel: bool = not CAN_FORK
    register: Path | None = None  #: that the cases share; None: none is named
    home: Path = field(default_factory=Path.cwd)  #: what its paths are relative to


@dataclass(frozen=True)
class PortfolioOrder(Order):
    """What is put on one page."""

    names: tuple[str, ...] = ()  #: of the cases that have a report
    failed: tuple[Failed, ...] = ()
    milestone: str = ""  #: name or day of the one to compare with; "": the run before


def page_name(name: str, edition: PageEdition) -> str:
    """Return how the page of an assessment is called, without its ending."""
    return name if edition == "leadership" else f"{name}-{edition}"


def readers(editions: Iterable[PageEdition]) -> list[Edition]:
    """Return for whom the notebooks are run: an excerpt needs no run of its own."""
    return [*dict.fromkeys(map(reader, editions))]


def reader(edition: PageEdition) -> Edition:
    """Return for whom the notebooks of an edition are run."""
    return "team" if edition == "team" else "leadership"


def page_resources(heading: Heading, *, with_charts: bool) -> dict[str, object]:
    """Return what the report's template reads: texts, and `spec` to write a figure.

    A page that draws charts carries plotly.js.
    """
    js = "\n".join(map(_read, heading.script))
    packed, plotly_hash = _plotly() if with_charts else ("", "")
    scripts = " ".join(f"'{digest}'" for digest in (_hash(js), plotly_hash) if digest)
    # Nothing may be fetched, and two scripts run.
    policy = (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return {
        "lang": "en",
        **heading._asdict(),
        "version": __version__,
        "css": _style(*heading.style),
        "js": js,
        "csp": policy,
        "plotly": packed,
        "shared": _compact({"dark": dark_colours(), **COMMON}),
        "spec": _spec,
    }


def failure_page(name: str, why: str) -> str:
    """Return a page in the place of a report that could not be made."""
    title = f"No report of {escape(name)}"
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    told = "".join(f"<li>{escape(line)}</li>" for line in why.splitlines())
    return visible(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_style()}</style></head><body><main>"
        f'<section class="part part-lead"><h1>{title}</h1>'
        "<p>It could not be made. This is what stands in the way, and what to do:</p>"
        f"<ul>{told}</ul><p>An earlier report beside this page, if there is one, still "
        "says what was known on its day.</p></section></main></body></html>\n"
    )


def _spec(figure: Mapping[str, Any]) -> str:
    """Return what a chart does not share with others; no label ends its script."""
    spec = _compact(without_common(figure))
    return spec.replace("</", "<\\/").replace("<!--", "<\\u0021--")


def notebook_style() -> str:
    """Return the report's style sheet for the cells of an open notebook.

    Nested in the class that every fragment carries, so that nothing of the page around
    it changes; named twice, so that it wins over the notebook's own table rules.
    """
    css = _style("report.css", "portfolio.css").replace(":root{", "&{")
    # What JupyterLab gives to every cell's HTML, and the report does not want.
    reset = (
        "dt,dd{float:none;width:auto;margin:0}dt{font-weight:400}"
        "table{table-layout:auto}tbody tr,tbody tr:hover{background:none}"
    )
    # An editor with a theme of its own says which; elsewhere the system's scheme counts.
    editors = (
        f'[data-jp-theme-light="true"] &,.vscode-light &{{{scheme("light")}}}\n'
        f'[data-jp-theme-light="false"] &,.vscode-dark &{{{scheme("dark")}}}'
    )
    ground = "background:var(--paper);color:var(--ink);padding:.25rem .5rem;"
    rules = f"{ground}\n{reset}\n{css}\n{editors}"
    return f".readybook.readybook{{{rules}}}\n{_chart_rules()}"


def _chart_rules() -> str:
    """Return rules that recolour JupyterLab's charts where its theme is dark.

    A chart has its colours from the kernel, which does not know the theme. White is
    the ground of other people's charts too, so it changes under a label only.
    """
    inside = '[data-jp-theme-light="false"] .jp-RenderedPlotly '
    rules = []
    for light, dark in dark_colours().items():
        red, green, blue = (int(light[at : at + 2], 16) for at in (1, 3, 5))
        colour = f"rgb({red}, {green}, {blue})"
        where = f"{inside}.annotation " if light == _PAPER else inside
        rules += [
            f'{where}[style*="{kind}: {colour}"]{{{kind}:{dark}!important}}'
            for kind in ("fill", "stroke")
        ]
    return "\n".join(rules)


def _style(*sheets: str) -> str:
    """Return style sheets, that of a report or these, in as few bytes as they need."""
    read = "\n".join(map(_read, sheets or ["report.css"]))
    css = shape_rules() + read + level_rules()
    css = re.sub(r"\s*([{};,>])\s*|(?<=:)\s+", r"\1", css)
    css = re.sub(r"(?<![\w.])0(?=\.\d)", "", css.replace(";}", "}"))
    return colour_rules() + css


def _read(name: str) -> str:
    """Return a style sheet or script without comments of their own line and indents."""
    path = packaged("templates") / "report" / "static" / name
    text = _COMMENT.sub("", path.read_text(encoding="utf-8"))
    return "\n".join(filter(None, map(str.strip, text.splitlines())))


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


@cache
def _plotly() -> tuple[str, str]:
    """Return plotly.js, packed as text, and the hash of what it unpacks to."""
    # Plotly takes most of a second to import, and a page without charts needs none.
    from plotly.offline import get_plotlyjs  # noqa: PLC0415

    script = get_plotlyjs()
    # Not gzip: its header names the system, differently from one Python to the next.
    packed = zlib.compress(script.encode(), _BEST)
    return base64.b64encode(packed).decode(), _hash(script)


#: What is inside these is not markup, or keeps its spaces.
_KEPT = re.compile(r"(<(script|style|pre|textarea)\b.*?</\2>)", re.DOTALL)
#: Spaces beside the tags of these are not shown.
_BLOCKS = (
    "html|head|meta|title|body|header|nav|main|section|footer|div|figure|details|"
    "summary|fieldset|legend|h[1-6]|p|ul|ol|li|dl|dt|dd|table|caption|thead|tbody|tr|"
    "th|td|br"
)
_SPACES = re.compile(rf"\s*(</?(?:{_BLOCKS})(?=[\s>/])[^<>]*>)\s*")
_TAG = re.compile(r"<[a-z][^<>]*>")
_QUOTES = re.compile(r"""(?<=\s)([\w-]+)="([^\s"'=<>`]+)"(?=[\s>])""")
#: End tags that a parser infers from what follows (HTML standard, 13.1.2.4).
_INFERRED = re.compile(
    r"</caption>(?=<thead>)"
    r"|</li>(?=<li[\s>]|</ul>|</ol>)"
    r"|</dt>(?=<d[dt][\s>])"
    r"|</dd>(?=<d[dt][\s>]|</dl>|</div>)"
    r"|</t[dh]>(?=<t[dh][\s>]|</tr>)"
    r"|</tr>(?=<tr[\s>]|</tbody>|</thead>)"
    r"|</thead>(?=<tbody[\s>])"
    r"|</tbody>(?=</table>)"
    r"|</p>(?=<(?:p|div|dl|ol|ul|table|details|figure|section|h[1-6])[\s>]"
    r"|</(?:div|section|dd|li|td|figure|details|header|footer|main)>)"
)


def slim_html(page: str) -> str:
    """Return the page without the spaces, quotes and end tags that a parser infers.

    Its HTML is as a serializer writes it: lower-case tags, attributes in double quotes,
    "<" and ">" escaped everywhere else.
    """
    pieces = _KEPT.split(page)
    # Of three pieces the first is markup; the others are what is kept, and its tag.
    return "".join(
        part
        if at % 3
        else _INFERRED.sub("", _TAG.sub(_unquoted, _SPACES.sub(r"\1", part)))
        for at, part in enumerate(pieces)
        if at % 3 != 2  # noqa: PLR2004 - the group that names the tag
    )


def _unquoted(tag: re.Match[str]) -> str:
    # The slash of "<br/>" goes first: behind a bare value it would be part of it.
    return _QUOTES.sub(r"\1=\2", re.sub(r"\s*/>$", ">", tag[0]))
