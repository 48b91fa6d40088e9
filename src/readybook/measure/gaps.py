"""Which periods between the first and the last event have no row."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from readybook.contract import Table
from readybook.errors import SourceError
from readybook.findings import Finding, Point, Series
from readybook.measure.history import count_periods, event_time, is_instant, set_zone
from readybook.measure.periods import GRAINS, Grain, count_missing
from readybook.measure.source import rows, zone
from readybook.words import count

__all__ = ["check_gaps"]

_UTC = "UTC"
_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - a clock of any zone is added to it
_MOST_GAPS = 10


@dataclass(frozen=True, order=True)
class _Gap:
    """A run of periods without a row."""

    start: int  #: number of its first period
    length: int
    segment: str  #: "" where no segments are declared
    suffix: str  #: what follows a moment: " UTC" for instants counted by the hour


def check_gaps(
    engine: Backend,
    source: ir.Table,
    table: Table,
    fingerprint: str,
    today: dt.date,
) -> Finding:
    """Return the finding about periods of the declared grain that have no row.

    Where segments are declared, each is looked at from its own first to its own last
    period.

    Raises:
        SourceError: the grain cannot be counted, or the event time cannot be read.
    """
    grain = GRAINS.get(table.grain or "")
    if grain is None:
        msg = f"periods of {table.grain} cannot be counted; {', '.join(GRAINS)} can"
        raise SourceError(msg)
    missing, span, gaps = 0, 0, list[_Gap]()
    suffix, groups = _numbers(engine, source, table, grain)
    for segment, numbers in sorted(groups.items()):
        lost, found = count_missing(numbers)
        missing += lost
        span += max(numbers) - min(numbers) + 1
        gaps += [_Gap(start, length, segment, suffix) for start, length in found]
    gaps.sort(key=lambda gap: (-gap.length, gap))
    return Finding(
        check="history-gaps",
        subject=table.name,
        outcome="contradicts" if missing else "supports",
        message=_gaps_message(table, grain, (missing, span), gaps),
        value=missing,
        unit=f"missing {grain.noun}s",
        threshold=0,
        threshold_source=f"data.odcs.yaml: {table.name} readiness.grain",
        measured_on=today,
        fingerprint=fingerprint,
        series=_gap_series(table, grain, gaps),
    )


def _numbers(
    engine: Backend, source: ir.Table, table: Table, grain: Grain
) -> tuple[str, dict[str, list[int]]]:
    """Return, per segment, the numbers of the periods that have a row.

    Days are those of the declared zone. Hours are instants: on the zone's clock one
    hour a year would be missing and another would be counted twice.
    """
    event = event_time(source, table)
    lost = [name for name in table.segments if name not in source.columns]
    if lost:
        msg = f"{table.name} has no column {', '.join(lost)}"
        raise SourceError(msg)
    in_utc = is_instant(event) and grain.noun == "hour"
    if in_utc:
        zone(engine, _UTC)
    else:
        set_zone(engine, event, table)

    def number(time: ir.Value) -> ir.Value:
        return time.cast("timestamp").epoch_seconds() // grain.seconds

    groups: dict[str, list[int]] = {}
    for row in rows(count_periods(source, event, number, table.segments)):
        if row["period"] is not None:
            segment = " ".join(str(row[f"s{at}"]) for at in range(len(table.segments)))
            groups.setdefault(segment, []).append(row["period"])
    if not groups:
        msg = f"no row of {table.name} has a value in {table.event_time}"
        raise SourceError(msg)
    return (f" {_UTC}" if in_utc else ""), groups


def _gaps_message(
    table: Table, grain: Grain, counted: tuple[int, int], gaps: list[_Gap]
) -> str:
    missing, span = counted
    by = f" by {', '.join(table.segments)}" if table.segments else ""
    if not missing:
        return f"None of the {count(span, grain.noun)} of {table.name}{by} is missing."
    longest = gaps[0]
    return (
        f"{missing:,} of {count(span, grain.noun)} of {table.name}{by} "
        f"{'has' if missing == 1 else 'have'} no row; the longest gap is "
        f"{count(longest.length, grain.noun)}, from {_label(table, grain, longest)}."
    )


def _label(table: Table, grain: Grain, gap: _Gap) -> str:
    moment = _EPOCH + dt.timedelta(seconds=gap.start * grain.seconds)
    text = f"{moment:%Y-%m-%d}" if grain.noun == "day" else f"{moment:%Y-%m-%d %H:%M}"
    columns = [table.column(name) for name in table.segments]
    is_shown = not any(column and column.restricted for column in columns)
    return (
        f"{text}{gap.suffix}{f' ({gap.segment})' if gap.segment and is_shown else ''}"
    )


def _gap_series(table: Table, grain: Grain, gaps: list[_Gap]) -> tuple[Series, ...]:
    points = tuple(
        Point(label=_label(table, grain, gap), value=gap.length)
        for gap in gaps[:_MOST_GAPS]
    )
    if not points:
        return ()
    return (Series(name="longest gaps", unit=f"{grain.noun}s", points=points),)
