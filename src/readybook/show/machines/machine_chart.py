"""Charts of machines and of beliefs; the title of each states what its data shows.

All are bars, dots and lines over plain axes, readable in 360 pixels and in print.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from readybook.model.bank import LEVEL_WORDS, Bank
from readybook.model.case import Assessment
from readybook.model.findings import Finding
from readybook.model.results import Result, Standing
from readybook.model.words import count, level_spread, number, role_title
from readybook.show.kit.figures import LIGHT, axis, chart, plain, tag
from readybook.show.kit.fragment import Column, Edition, Fragment, nothing, table
from readybook.show.needs import Met, needs_met

__all__ = ["belief_chart", "resources_chart"]

_ROW = 52  # pixels of height for one row: a line of text and its bar
_TWO_LINES = 70  # the same with two lines of text
_FOOT = 48  # pixels below the last row, for an axis
_WHOLE = 100  # per cent
_MOST_SHARE = 200.0  # per cent of a need: where a bar is cut off
_BREAKS = re.compile(r"(?<=partly) | (?=and )")


# --- resources ---------------------------------------------------------------------


@dataclass(frozen=True)
class _Need:
    """One need of one machine, and what was measured of it."""

    resource: str
    met: Met

    @property
    def name(self) -> str:
        return f"{self.met.amount.name} of {self.resource}"

    @property
    def share(self) -> float:
        """Per cent of the need; what is unlimited, or not needed, is more than it."""
        value = self.met.found.value if self.met.found else None
        if value is None:
            return 0.0
        if isinstance(value, str) or not self.met.needed:
            return _MOST_SHARE
        return round(_WHOLE * value / self.met.needed, 1)

    @property
    def is_known(self) -> bool:
        return self.met.found is not None and self.met.found.value is not None

    @property
    def is_short(self) -> bool:
        return self.met.outcome == "contradicts"

    @property
    def told(self) -> str:
        return f"{self.met.said}, needed {self.met.asked}"


def resources_chart(assessment: Assessment, findings: Sequence[Finding]) -> Fragment:
    """Return what was measured of each need of a machine, as a share of the need."""
    needs = [
        _Need(resource.id, met)
        for resource in assessment.resources.resources
        for met in needs_met(resource, assessment, findings)
    ]
    if not needs:
        return nothing("No machine has declared needs yet: resources.yaml, key needs.")
    columns = (
        Column("Need", "head"),
        Column("Needed", "number"),
        Column("Measured", "number"),
        Column("Of the need", "number"),
    )
    title = _resources_title(needs)
    return chart(
        title,
        "Bars: measured as a share of what is needed, cut off at twice the need; a line "
        "on each marks the need. Dotted: not measured.",
        {
            "data": [_resource_bars(needs), _need_lines(needs)],
            "layout": _resources_layout(needs),
        },
        table(
            "Needed and measured",
            columns,
            [[n.name, n.met.asked, n.met.said, _share_said(n)] for n in needs],
            empty=title,
        ),
    )


def _resources_title(needs: Sequence[_Need]) -> str:
    short = [need for need in needs if need.is_short]
    unknown = sum(not need.is_known for need in needs)
    met = len(needs) - len(short) - unknown
    title = f"{met} of {count(len(needs), 'need')} met"
    if short:
        title += f"; {short[0].name}: {short[0].told}"
    if short[1:]:
        title += f"; {count(len(short) - 1, 'more need')} not met"
    if unknown:
        title += f"; {count(unknown, 'need')} not measured"
    return title


def _share_said(need: _Need) -> str:
    if not need.is_known:
        return ""
    value = need.met.found.value if need.met.found else None
    if isinstance(value, str) or not need.met.needed:
        return "enough"
    return number(need.share, "%")


def _resources_layout(needs: Sequence[_Need]) -> dict[str, object]:
    return {
        "height": _TWO_LINES * len(needs) + _FOOT + 20,
        "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
        "bargap": 0.7,
        "xaxis": axis(
            range=[0, 1.025 * _MOST_SHARE],
            tickvals=[_WHOLE],
            ticktext=["what is needed"],
            showgrid=False,
        ),
        "yaxis": axis(visible=False, autorange="reversed"),
        "shapes": [_gap(row) for row, n in enumerate(needs) if not n.is_known],
        "annotations": [_need_tag(row, need) for row, need in enumerate(needs)],
    }


def _resource_bars(needs: Sequence[_Need]) -> dict[str, object]:
    colours = [LIGHT["bad" if need.is_short else "level-3"] for need in needs]
    return {
        "type": "bar",
        "orientation": "h",
        "y": list(range(len(needs))),
        "x": [min(_MOST_SHARE, need.share) for need in needs],
        "marker": {"color": colours},
        "hoverinfo": "skip",
    }


def _need_lines(needs: Sequence[_Need]) -> dict[str, object]:
    """Return all lines as one, with a gap behind each."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [_WHOLE, _WHOLE, None] * len(needs),
        "y": [y for row in range(len(needs)) for y in (row - 0.22, row + 0.22, None)],
        "line": {"color": LIGHT["ink"], "width": 2},
        "hoverinfo": "skip",
    }


def _gap(row: int) -> dict[str, object]:
    """Return an empty bar: what nobody measured is neither nothing nor enough."""
    return {
        "type": "rect",
        "x0": 0,
        "x1": _WHOLE,
        "y0": row - 0.15,
        "y1": row + 0.15,
        "line": {"color": LIGHT["muted"], "width": 1, "dash": "dot"},
    }


def _need_tag(row: int, need: _Need) -> dict[str, object]:
    sign = "✕" if need.is_short else "✓" if need.is_known else "?"
    text = f"{sign} {plain(need.name)}<br>{plain(need.told)}"
    return tag(text, 0, row, yshift=14, align="left")


# --- belief ------------------------------------------------------------------------


def belief_chart(
    result: Result, bank: Bank, edition: Edition = "leadership"
) -> Fragment:
    """Return the questions on which answers part, gates first, widest first.

    Args:
        result: what the method concludes.
        bank: for titles of roles.
        edition: "team" draws a dot per role; "leadership" the range only.
    """
    split = [s for s in result.standings if s.split]
    if not split:
        return nothing("No two answers to a question are two levels or more apart.")
    split.sort(key=lambda s: (s.gate_state is None, -_distance(s)))
    traces = [_range_lines(split)]
    if edition == "team":
        traces.append(_role_dots(split, bank))
    title = _belief_title(split)
    columns = (Column("Question", "head"), Column("Answers"), Column("Settles it"))
    rows = [_belief_row(s, bank, edition) for s in split]
    return chart(
        title,
        "Lines: from the lowest to the highest answer to each question.",
        {"data": traces, "layout": _belief_layout(split)},
        table("Answers that part", columns, rows, empty=title),
    )


def _belief_title(split: Sequence[Standing]) -> str:
    gates = sum(s.gate_state is not None for s in split)
    widest = max(split, key=_distance)
    return (
        f"{count(len(split), 'question')} with answers two levels or more apart, "
        f"{count(gates, 'gate')} among them; widest: {widest.question.title}, "
        f"{_spread(widest)}"
    )


def _belief_layout(split: Sequence[Standing]) -> dict[str, object]:
    return {
        "height": _ROW * len(split) + _FOOT + 16,
        "margin": {"l": 28, "r": 36, "t": 24, "b": 8},
        "xaxis": axis(
            range=[-0.15, len(LEVEL_WORDS) - 0.85],
            tickvals=list(range(len(LEVEL_WORDS))),
            ticktext=[_BREAKS.sub("<br>", word) for word in LEVEL_WORDS],
            tickangle=0,
            tickfont={"size": 11},
        ),
        "yaxis": axis(visible=False, range=[len(split) - 0.4, -0.9]),
        "annotations": [
            tag(
                plain(f"{s.question.id} {s.question.title}"),
                0,
                row,
                bgcolor=LIGHT["paper"],
                yshift=7,
            )
            for row, s in enumerate(split)
        ],
    }


def _spread(standing: Standing) -> str:
    return level_spread(standing.split) if standing.split else ""


def _distance(standing: Standing) -> int:
    return standing.split.upper - standing.split.lower if standing.split else 0


def _range_lines(split: Sequence[Standing]) -> dict[str, object]:
    """Return all lines as one, with a gap behind each: they share how they look."""
    ranges = [s.split or s.bounds for s in split]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [x for one in ranges for x in (one.lower, one.upper, None)],
        "y": [y for row in range(len(split)) for y in (row, row, None)],
        "line": {"color": LIGHT["level-3"], "width": 4},
        "marker": {"color": LIGHT["level-3"], "size": 10},
        "hoverinfo": "skip",
    }


def _role_dots(split: Sequence[Standing], bank: Bank) -> dict[str, object]:
    known = [
        (row, given)
        for row, standing in enumerate(split)
        for given in standing.given
        if isinstance(given.answer, int)
    ]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [given.answer for _, given in known],
        "y": [row for row, _ in known],
        "text": [plain(role_title(bank, given.role)) for _, given in known],
        "marker": {"color": LIGHT["level-4"], "size": 14},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _belief_row(standing: Standing, bank: Bank, edition: Edition) -> list[str]:
    said = _spread(standing)
    if edition == "team":
        said = "; ".join(
            f"{role_title(bank, given.role)}: "
            f"{LEVEL_WORDS[given.answer] if isinstance(given.answer, int) else given.answer}"
            for given in standing.given
        )
    question = standing.question
    settles = role_title(bank, question.authority)
    return [f"{question.id} {question.title}", said, settles]
