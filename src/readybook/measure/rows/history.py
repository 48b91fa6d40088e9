"""How far the events of a table reach back, and how many there are per period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from readybook.measure.rows.calendar_sums import by_month, dated_rows
from readybook.measure.rows.periods import Period, parse_duration, period_label
from readybook.measure.table.opened import Opened
from readybook.model.errors import SourceError
from readybook.model.findings import Finding, Point, Series
from readybook.model.words import count
from readybook.text.phrases import floored

__all__ = ["check_span", "days_of"]

_MOST_DAYS = 1_200
_MOST_MONTHS = 600


def check_span(opened: Opened) -> Finding:
    """Return the finding about the days from first to last event, both included.

    The unit is days of the declared zone; the threshold is the declared
    `readiness.historyNeeded`, counted back by the calendar from the last event.

    Raises:
        SourceError: days are not known, or the declared duration cannot be read.
    """
    table = opened.declared
    days = days_of(opened)
    needed = parse_duration(table.history_needed or "")
    if needed is None:
        msg = f"the history needed of {table.name}, {table.history_needed}, is no span"
        raise SourceError(msg)
    first, last = min(days), max(days)
    held = (last - first).days + 1
    wanted = needed.days_before(last + dt.timedelta(days=1))
    return opened.find(
        "history-span",
        table.name,
        "supports" if held >= wanted else "contradicts",
        f"{table.name} holds {count(held, 'day')} of history, {first} to {last}; "
        f"needed: {needed} ({count(wanted, 'day')}).",
        value=held,
        unit="days",
        threshold=wanted,
        source=f"data.odcs.yaml: {table.name} readiness.historyNeeded",
        series=_timeline(opened, days),
    )


def days_of(opened: Opened) -> dict[dt.date, int]:
    """Return the rows of each local day with an event, in order; at least one day.

    Raises:
        SourceError: the event time is missing, is no time, lacks a zone or a value.
    """
    profile = opened.profile
    if profile.undated is not None:
        raise SourceError(profile.undated)
    return dated_rows(profile.whole)


def _timeline(opened: Opened, days: Mapping[dt.date, int]) -> tuple[Series, ...]:
    counts = dated_rows(by_month(opened.profile.whole))
    series = [_series("month", list(counts)[-_MOST_MONTHS:], counts)]
    first, last = min(days), max(days)
    span = (last - first).days + 1
    if opened.declared.grain == "P1D" and span <= _MOST_DAYS:
        every = [first + dt.timedelta(days=step) for step in range(span)]
        series.append(_series("day", every, days))
    return tuple(series)


def _series(
    name: Period, every: Iterable[dt.date], counts: Mapping[dt.date, int]
) -> Series:
    points = tuple(
        Point(label=period_label(start, name), value=floored(counts.get(start, 0)))
        for start in every
    )
    return Series(name=name, unit="rows", points=points)
