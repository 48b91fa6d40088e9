"""What the report's template needs: title, style, script, policy and plotly.js."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from readybook import __version__
from readybook.model.case import Assessment
from readybook.model.words import day
from readybook.show.kit.figures import COMMON, without_common
from readybook.show.kit.theme import (
    COLOURS,
    colour_rules,
    dark_colours,
    level_rules,
    scheme,
    shape_rules,
)
from readybook.text.documents import packaged

__all__ = ["notebook_style", "page_resources"]

_COMMENT = re.compile(r"//.*|/\*.*\*/")
_PAPER = COLOURS["paper"][0]
_BEST = 9  # zlib's strongest level


def page_resources(assessment: Assessment, *, with_charts: bool) -> dict[str, object]:
    """Return what the report's template reads: texts, and `spec` to write a figure.

    Args:
        assessment: for title, team, phase and date.
        with_charts: whether the page draws charts, and so carries plotly.js.
    """
    static = packaged("templates") / "report" / "static"
    js = _read(static / "report.js")
    packed, plotly_hash = _plotly() if with_charts else ("", "")
    scope = assessment.scope
    return {
        "lang": "en",
        "title": scope.title,
        "team": scope.team,
        "phase": scope.phase,
        "as_of": day(assessment.as_of),
        "version": __version__,
        "css": colour_rules() + _style(static),
        "js": js,
        "csp": _policy([_hash(js), plotly_hash]),
        "plotly": packed,
        "shared": _json({"dark": dark_colours(), **COMMON}),
        "spec": _spec,
    }


def _spec(figure: Mapping[str, Any]) -> str:
    """Return what a chart does not share with others; no label ends its script."""
    spec = _json(without_common(figure))
    return spec.replace("</", "<\\/").replace("<!--", "<\\u0021--")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def notebook_style() -> str:
    """Return the report's style sheet for the cells of an open notebook.

    Nested in the class that every fragment carries, so that nothing of the page around
    it changes; named twice, so that it wins over the notebook's own table rules.
    """
    static = packaged("templates") / "report" / "static"
    css = (colour_rules() + _style(static)).replace(":root{", "&{")
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
    return (
        f".readybook.readybook{{{ground}\n{reset}\n{css}\n{editors}}}\n{_chart_rules()}"
    )


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


def _style(static: Path) -> str:
    """Return the style sheet in as few bytes as its rules need."""
    css = shape_rules() + _read(static / "report.css") + level_rules()
    css = re.sub(r"\s*([{};,>])\s*|(?<=:)\s+", r"\1", css)
    return re.sub(r"(?<![\w.])0(?=\.\d)", "", css.replace(";}", "}"))


def _read(path: Path) -> str:
    """Return a style sheet or script without comments of their own line and indents."""
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = (line.strip() for line in lines)
    return "\n".join(line for line in kept if line and not _COMMENT.fullmatch(line))


def _policy(hashes: list[str]) -> str:
    """Return the Content-Security-Policy: nothing may be fetched, two scripts run."""
    scripts = " ".join(f"'{digest}'" for digest in hashes if digest) or "'none'"
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


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
