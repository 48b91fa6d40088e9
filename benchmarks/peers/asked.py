"""What every program is asked, so that all measure the same and answers can be equal.

Each answers with one JSON object. A share is rounded to six decimals, a day is ISO 8601
text, and a count is exact.
"""

from __future__ import annotations

import itertools
import json
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = [
    "BINS",
    "CATEGORIES",
    "EDGE_DECIMALS",
    "JOINS",
    "KEY",
    "LAST_TRAIN_MONTH",
    "NEEDED_NUMBERS",
    "NEEDED_TEXTS",
    "STAND_IN_NUMBERS",
    "STAND_IN_TEXTS",
    "STEP",
    "ZONE",
    "Join",
    "answer",
    "data_folder",
    "join_name",
    "missing_days",
    "population_stability",
    "steps",
]

Join = tuple[tuple[str, ...], str, tuple[str, ...]]  # columns, table, its columns

ZONE = "America/New_York"
KEY = ("time_hour", "carrier", "flight")
NEEDED_NUMBERS = (
    "sched_dep_time",
    "dep_delay",
    "arr_delay",
    "air_time",
    "flight",
    "distance",
)
NEEDED_TEXTS = ("carrier", "tailnum", "origin", "dest")
CATEGORIES = {
    "carrier": (
        *("9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL"),
        *("HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV"),
    ),
    "origin": ("EWR", "JFK", "LGA", "SWF"),
}
JOINS: tuple[Join, ...] = (
    (("tailnum",), "planes", ("tailnum",)),
    (("dest",), "airports", ("faa",)),
    (("origin",), "airports", ("faa",)),
    (("carrier",), "airlines", ("carrier",)),
    (("origin", "time_hour"), "weather", ("origin", "time_hour")),
)
#: Training is January to September of each year, the live rows are the others.
LAST_TRAIN_MONTH = 9
BINS = 50
#: Engines interpolate quantiles in different ways; their last digits may differ.
EDGE_DECIMALS = 6
STAND_IN_NUMBERS = (-9999, -999, -99, -9, -1, 9, 99, 999, 9999, 99999, 999999)
STAND_IN_TEXTS = (
    *("", "-", "--", ".", "?", "xxx", "tbd", "test", "undefined", "missing"),
    *("na", "n/a", "n.a.", "#n/a", "nan", "null", "none", "nil", "unknown", "unk"),
)
#: A month whose rows differ from the month before by this share or more is a step.
STEP = 0.2


def data_folder() -> Path:
    """Return the folder with one folder of Parquet files per table: the argument."""
    return Path(sys.argv[1])


def answer(**found: object) -> None:
    """Print what was found as one JSON object, and nothing else."""
    print(json.dumps(found, sort_keys=True))


def join_name(join: Join) -> str:
    """Return what a join of the flights is called: `flights.a -> planes.b`."""
    columns, table, target = join
    return f"flights.{'+'.join(columns)} -> {table}.{'+'.join(target)}"


def missing_days(days: Sequence[str], span: int) -> dict[str, int]:
    """Return the span in days, and how many of them have no row."""
    return {"days": span, "missing": span - len(set(days))}


def population_stability(train: Mapping[str, int], live: Mapping[str, int]) -> float:
    """Return the population stability index of two binned counts.

    Half a row is added to every bin (Jeffreys), so that an empty one has a logarithm.
    """
    names = sorted(train.keys() | live.keys())
    left = [train.get(name, 0) + 0.5 for name in names]
    right = [live.get(name, 0) + 0.5 for name in names]
    of_left, of_right = sum(left), sum(right)
    pairs = zip(left, right, strict=True)
    shares = [(one / of_left, other / of_right) for one, other in pairs]
    return round(sum((b - a) * math.log(b / a) for a, b in shares), 6)


def steps(counts: Sequence[int]) -> int:
    """Return how many neighbours differ by the share that makes a step, or more."""
    pairs = itertools.pairwise(counts)
    return sum(abs(after - before) >= STEP * before for before, after in pairs)
