"""Dates that stand in for "unknown": which are looked for, and when one stands out."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ibis
import ibis.expr.types as ir

from readybook.measure.sources.clock import DAY, is_instant, raw_seconds
from readybook.model.contract import Column, Table
from readybook.model.findings import FLOOR

__all__ = ["DATES", "DateLook"]

#: First and last days of calendars and of programs' clocks, and what people type.
DATES = (
    dt.date(1111, 11, 11),
    dt.date(1753, 1, 1),
    dt.date(1899, 12, 30),
    dt.date(1899, 12, 31),
    dt.date(1900, 1, 1),
    dt.date(1970, 1, 1),
    dt.date(2099, 12, 31),
    dt.date(2999, 12, 31),
    dt.date(9999, 12, 31),
)

_APART = 5 * 365.25 * DAY  #: seconds; a stand-in is so far from all other values

_FIRST = dt.datetime(1000, 1, 1, tzinfo=dt.UTC)
_LAST = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


@dataclass(frozen=True)
class DateLook:
    """Two looks at a column of dates or times: at its ends, and at the candidates."""

    table: Table
    column: Column
    value: ir.Value

    def first(self) -> dict[str, ir.Scalar]:
        """Return what is asked of every column; the ends are in seconds."""
        value, is_datable = self.value, self._is_datable()
        return {
            "present": value.count(),
            "low": raw_seconds(value.min(where=is_datable)) // 1,
            "high": raw_seconds(value.max(where=is_datable)) // 1,
        }

    def is_odd(self, first: Mapping[str, Any]) -> bool:
        """Return whether the first or last date is one that stands in."""
        ends = {first["low"], first["high"]} - {None}
        return first["present"] >= FLOOR and any(
            start <= end < stop for start, stop in self._spans() for end in ends
        )

    def second(self) -> dict[str, ir.Scalar]:
        """Return what is asked of an odd column: rows by candidate, the rest's ends."""
        seconds = raw_seconds(ibis.ifelse(self._is_datable(), self.value, None))
        hits = [(seconds >= start) & (seconds < stop) for start, stop in self._spans()]
        is_rest = ~functools.reduce(operator.or_, hits)
        return {
            **{f"n{at}": hit.sum() for at, hit in enumerate(hits)},
            "low": seconds.min(where=is_rest) // 1,
            "high": seconds.max(where=is_rest) // 1,
        }

    def judge(
        self, _first: Mapping[str, Any], second: Mapping[str, Any]
    ) -> tuple[dict[str, int], None]:
        """Return the dates that stand in: 10 rows at least, over 5 years from others."""
        declared = {one.value for one in self.column.categories}
        low, high = second["low"], second["high"]
        found = {}
        for at, (start, stop) in enumerate(self._spans()):
            rows, day = second[f"n{at}"], DATES[at].isoformat()
            is_apart = low is None or stop + _APART < low or start - _APART > high
            if rows >= FLOOR and is_apart and day not in declared:
                found[day] = rows
        return found, None

    def _is_datable(self) -> ir.BooleanValue:
        """Return whether a time can be turned to seconds: infinite ones cannot."""
        if self.value.type().is_date():
            return (self.value >= ibis.date(_FIRST.date())) & (
                self.value <= ibis.date(_LAST.date())
            )
        first, last = (
            end if is_instant(self.value) else end.replace(tzinfo=None)
            for end in (_FIRST, _LAST)
        )
        return (self.value >= ibis.timestamp(first)) & (
            self.value <= ibis.timestamp(last)
        )

    def _spans(self) -> list[tuple[int, int]]:
        """Return from which second to before which one each candidate's day lasts.

        Of instants, the day in UTC and that in the declared zone are taken together:
        programs write midnight of either.
        """
        zone = self.table.time_zone
        in_utc = _midnights(dt.UTC)
        if zone is None or not is_instant(self.value):
            return [(start, start + DAY) for start in in_utc]
        pairs = list(zip(in_utc, _midnights(_zone(zone)), strict=True))
        # Candidates that follow each other must not count the same rows.
        limits = [*(min(pair) for pair in pairs[1:]), max(pairs[-1]) + DAY]
        return [
            (min(pair), min(max(pair) + DAY, limit))
            for pair, limit in zip(pairs, limits, strict=True)
        ]


def _midnights(zone: dt.tzinfo) -> list[int]:
    return [int(dt.datetime.combine(day, dt.time(), zone).timestamp()) for day in DATES]


def _zone(name: str) -> dt.tzinfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC  # the checks of history say that no such zone is known
