"""Place the steps of a plan in layers, each to the right of all that it waits for.

The layers and the waypoints of long lines follow Sugiyama, Tagawa and Toda, Methods for
visual understanding of hierarchical system structures, IEEE SMC 11 (1981): longest
path layering, then sweeps that order each layer by the means of its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import networkx as nx

__all__ = ["Layers", "Line", "Spot", "place"]

_SWEEPS = 8
_TALL = 1.0  # height of a step, the unit of heights
_THIN = 0.3  # height kept free for a line that passes

_Point = tuple[str, ...]  # (step,) or, for a waypoint, (from, to, layer)


@dataclass(frozen=True)
class Spot:
    """Where a step is drawn."""

    layer: int
    middle: float  #: in heights of a step, from the top


@dataclass(frozen=True)
class Line:
    """A line from a step to one that waits for it, by way of points between."""

    first: str
    last: str
    middles: tuple[float, ...]  #: height in each layer from the first's to the last's


@dataclass(frozen=True)
class Layers:
    """A whole picture, in layers from the left and heights of a step from the top."""

    spots: Mapping[str, Spot]
    lines: tuple[Line, ...]
    width: int  #: layers
    height: float


def place(needs: Mapping[str, Sequence[str]]) -> Layers:
    """Return where each step is drawn; a line that others imply is left out.

    Args:
        needs: step to the steps that it waits for, without a circle.
    """
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(needs)
    graph.add_edges_from((need, step) for step in needs for need in needs[step])
    lean = nx.transitive_reduction(graph)
    layers = [sorted(layer) for layer in nx.topological_generations(lean)]
    at = {step: index for index, layer in enumerate(layers) for step in layer}
    paths = {
        (first, last): _path(first, last, at) for first, last in sorted(lean.edges)
    }
    rows = _ordered(at, list(paths.values()), len(layers))
    middles, height = _stacked(rows)
    return Layers(
        spots={step: Spot(at[step], middles[(step,)]) for step in needs},
        lines=tuple(
            Line(first, last, tuple(middles[point] for point in path))
            for (first, last), path in paths.items()
        ),
        width=len(layers),
        height=height,
    )


def _path(first: str, last: str, at: Mapping[str, int]) -> list[_Point]:
    between = range(at[first] + 1, at[last])
    return [(first,), *((first, last, str(layer)) for layer in between), (last,)]


def _ordered(
    at: Mapping[str, int], paths: Sequence[Sequence[_Point]], count: int
) -> list[list[_Point]]:
    """Return the points of each layer, those that belong together side by side."""
    beside: dict[_Point, list[_Point]] = {(step,): [] for step in at}
    layer_of: dict[_Point, int] = {(step,): layer for step, layer in at.items()}
    for path in paths:
        first = layer_of[path[0]]
        for index, point in enumerate(path):
            layer_of.setdefault(point, first + index)
            near = (*path[max(0, index - 1) : index], *path[index + 1 : index + 2])
            beside.setdefault(point, []).extend(near)
    rows = [
        sorted(point for point, layer in layer_of.items() if layer == index)
        for index in range(count)
    ]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        for index in range(count) if forward else reversed(range(count)):
            other = index - 1 if forward else index + 1
            if 0 <= other < count:
                _sort(rows[index], rows[other], beside)
    return rows


def _sort(
    row: list[_Point],
    other: Sequence[_Point],
    beside: Mapping[_Point, Sequence[_Point]],
) -> None:
    """Sort a layer by the mean place of each point's neighbours in the other."""
    place = {point: index / max(1, len(other) - 1) for index, point in enumerate(other)}
    own = {point: index / max(1, len(row) - 1) for index, point in enumerate(row)}

    def mean(point: _Point) -> float:
        near = [place[one] for one in beside[point] if one in place]
        return sum(near) / len(near) if near else own[point]

    row.sort(key=lambda point: (mean(point), point))


def _stacked(rows: Sequence[Sequence[_Point]]) -> tuple[dict[_Point, float], float]:
    """Return the middle of every point, each layer centred, and the whole height."""
    tall = [[_TALL if len(point) == 1 else _THIN for point in row] for row in rows]
    height = max((sum(row) for row in tall), default=0.0)
    middles: dict[_Point, float] = {}
    for row, sizes in zip(rows, tall, strict=True):
        top = (height - sum(sizes)) / 2
        for point, size in zip(row, sizes, strict=True):
            middles[point] = round(top + size / 2, 3)
            top += size
    return middles, round(height, 3)
