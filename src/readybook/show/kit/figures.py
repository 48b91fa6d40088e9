"""Plain plotly figures as JSON: no template, one accent, the same bytes every time."""

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from readybook.model.findings import Point
from readybook.model.words import number
from readybook.show.kit import theme
from readybook.show.kit.fragment import Fragment, draw

#: Light colours; the page swaps them for the dark ones on a dark screen.
LIGHT = {name: pair[0] for name, pair in theme.COLOURS.items()}
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
#: No bar of buttons, no zoom: a page that is scrolled by touch must not get caught.
_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False}
_LAYOUT: dict[str, object] = {
    "font": {"family": FONT, "size": 13, "color": LIGHT["ink"]},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    "showlegend": False,
    "dragmode": False,
    "hoverlabel": {"font": {"family": FONT, "size": 13}},
}
_AXIS: dict[str, object] = {
    "fixedrange": True,
    "zeroline": False,
    "gridcolor": LIGHT["rule"],
    "linecolor": LIGHT["rule"],
    "automargin": True,
}
_TAG: dict[str, object] = {
    "showarrow": False,
    "xanchor": "left",
    "yanchor": "bottom",
    "font": {"size": 13, "color": LIGHT["ink"]},
}
#: What every figure has; a page holds it once and its script puts it in again.
COMMON = {"config": _CONFIG, "layout": _LAYOUT, "axis": _AXIS, "annotation": _TAG}


def without_common(figure: Mapping[str, Any]) -> dict[str, object]:
    """Return a figure without what it has in common with all others."""
    layout = {
        key: [_rest(one, _TAG) for one in value]
        if key == "annotations"
        else _rest(value, _AXIS)
        if key in {"xaxis", "yaxis"}
        else value
        for key, value in _rest(figure["layout"], _LAYOUT).items()
    }
    return {"data": figure["data"], "layout": layout}


def _rest(part: Mapping[str, Any], common: Mapping[str, object]) -> dict[str, Any]:
    return {k: v for k, v in part.items() if k not in common or common[k] != v}


def amount(point: Point) -> float:
    """Return a count to draw: 1 for the few rows whose number is not shown."""
    return 1 if isinstance(point.value, str) else point.value or 0


def number_shown(point: Point) -> str:
    """Return a count in words, "not known" where it is not."""
    return "not known" if point.value is None else number(point.value)


def plain(text: str) -> str:
    """Return a text for a figure; plotly would read "<b>" in it as markup."""
    return html.escape(text, quote=False)


def axis(**more: object) -> dict[str, object]:
    """Return an axis without zoom, with thin lines in the colour of rules."""
    return _AXIS | more


def tag(text: str, x: object, y: object, **more: object) -> dict[str, object]:
    """Return a text placed in the figure, right above a point, without arrow."""
    return {"text": text, "x": x, "y": y} | _TAG | more


def chart(
    title: str,
    alt: str,
    figure: Mapping[str, object],
    data: Fragment,
    notes: Sequence[str] = (),
) -> Fragment:
    """Return a chart with its finding as title, its alternative and its data.

    Args:
        title: one sentence that states what the data shows.
        alt: what a reader who cannot see it needs to know.
        figure: plotly's `data` and `layout`; fonts, margins and ground are set here,
            the layout's height is in pixels.
        data: the table of what is drawn.
        notes: lines under the chart, such as the labels' meaning.
    """
    # Plotly takes most of a second to import, and tables need none of it.
    import plotly.graph_objects as go  # noqa: PLC0415

    drawn = json.loads(go.Figure(figure).to_json())
    drawn["layout"] = _LAYOUT | drawn["layout"]
    del drawn["layout"]["template"]
    drawn["config"] = _CONFIG
    shown = draw("chart.html.j2", title=title, alt=alt, notes=notes, data=data)
    return Fragment(shown, f"{title}\n{alt}", drawn)
