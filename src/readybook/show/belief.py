"""The chart of the questions on which answers part; its title states what it shows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from readybook.model.bank import LEVEL_WORDS
from readybook.model.results import Standing
from readybook.model.words import count, level_spread
from readybook.show.kit.case import Case
from readybook.show.kit.figures import LIGHT, axis, chart, plain, tag
from readybook.show.kit.fragment import Fragment, nothing, table

__all__ = ["belief_chart"]

#: Pixels of height of a row: a line of text and its line; and below, for an axis.
_ROW, _FOOT = 52, 48
_BREAKS = re.compile(r"(?<=partly) | (?=and )")


def belief_chart(case: Case) -> Fragment:
    """Return the questions on which answers part, gates first, widest first.

    The team's edition draws a dot per role; that of leadership the range only.
    """
    split = [s for s in case.result.standings if s.split]
    if not split:
        return nothing("No two answers to a question are two levels or more apart.")
    split.sort(key=lambda s: (s.gate_state is None, -_distance(s)))
    traces = [_range_lines(split)]
    if case.edition == "team":
        traces.append(_role_dots(split, case))
    title = _belief_title(split)
    columns = "Question:head | Answers | Settles it"
    rows = [_belief_row(s, case) for s in split]
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


def _role_dots(split: Sequence[Standing], case: Case) -> dict[str, object]:
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
        "text": [plain(case.title(given.role)) for _, given in known],
        "marker": {"color": LIGHT["level-4"], "size": 14},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _belief_row(standing: Standing, case: Case) -> list[str]:
    said = _spread(standing)
    if case.edition == "team":
        said = "; ".join(
            f"{case.title(given.role)}: "
            f"{LEVEL_WORDS[given.answer] if isinstance(given.answer, int) else given.answer}"
            for given in standing.given
        )
    question = standing.question
    settles = case.title(question.authority)
    return [f"{question.id} {question.title}", said, settles]
