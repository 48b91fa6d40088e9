"""How changes reach production: lead time and frequency from a deployment log.

Definitions are those of DORA's guide to software delivery metrics
(https://dora.dev/guides/dora-metrics/, as updated in January 2026): the change lead time
is the time from a change's commit to version control until it is deployed in
production; the deployment frequency is the number of deployments over a given period.
No name of a person, a commit or a tag is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from readybook import __version__
from readybook.measure.route.deliveries import ENDINGS, Delivery, Refused, read_log
from readybook.measure.route.tags import list_tags, read_tags
from readybook.model.errors import SourceError
from readybook.model.findings import NOTHING, Point, RouteEvidence

__all__ = ["measure_route"]

_DAY = dt.timedelta(days=1)
_WEEK = dt.timedelta(weeks=1)
_DIGITS = 6  # 0.1 s of a day
_MOST_MONTHS = 600
_MOST_BYTES = 64 << 20
_DECILES = 10
_YEAR = 12  # months


def measure_route(
    log: str,
    folder: Path,
    *,
    now: dt.datetime | None = None,
    earlier: RouteEvidence | None = None,
) -> RouteEvidence:
    """Return what a deployment log shows, or in words why it is out of reach.

    Lead time for changes, in days: from a change's commit to it running in production;
    the median and the 90th percentile over all changes (linear between ranks).
    Deployments are the different times of deployment; per week they are the intervals
    between the first and the last, divided by the weeks between them. That takes two
    deployments at least a week apart; otherwise it is None. Days and months are those
    of the times as they are written, with their own offset.

    Args:
        log: path inside the folder: CSV, JSON, or a git repository's folder, whose tags
            are the deployments.
        folder: the assessment's folder.
        now: the moment of measuring, with its offset; later times are refused. None:
            this machine's clock tells.
        earlier: what was found before; kept, under today's date, where the log did not
            change.

    Raises:
        InvalidInputError: with every row that cannot be read, or whose times cannot be.
    """
    now = now or dt.datetime.now().astimezone()
    path = folder / log
    try:
        content = list_tags(path) if path.is_dir() else _content(path)
        fingerprint = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if earlier and _is_same(earlier, fingerprint):
            return earlier.model_copy(update={"measured_on": now.date()})
        found = read_tags(path, content) if path.is_dir() else read_log(content, log)
    except SourceError as error:
        return _unreachable(error, now)
    _judge(found, log, now)
    return _evidence(found, fingerprint, now)


def _unreachable(error: SourceError, now: dt.datetime) -> RouteEvidence:
    return RouteEvidence(
        format=1,
        kind="route",
        readybook=__version__,
        measured_on=now.date(),
        fingerprint=NOTHING,
        failed=str(error),
    )


def _is_same(earlier: RouteEvidence, fingerprint: str) -> bool:
    return (
        earlier.failed is None
        and earlier.readybook == __version__
        and earlier.fingerprint == fingerprint
    )


def _content(path: Path) -> bytes:
    if path.suffix.lower() not in ENDINGS:
        msg = f"it is neither a file {', '.join(ENDINGS)} nor a git repository"
        raise SourceError(msg)
    try:
        if path.stat().st_size > _MOST_BYTES:
            msg = f"it is larger than {_MOST_BYTES >> 20} MiB"
            raise SourceError(msg)
        return path.read_bytes()
    except FileNotFoundError:
        msg = "it does not exist"
        raise SourceError(msg) from None
    except OSError as error:
        raise SourceError((error.strerror or type(error).__name__).lower()) from None


def _judge(deliveries: Iterable[Delivery], log: str, now: dt.datetime) -> None:
    """Refuse times that cannot be: a wrong clock makes each figure worthless."""
    refused = Refused(log)
    future: set[tuple[int, str]] = set()
    for one in deliveries:
        if one.deployed > now and (one.line, one.key) not in future:
            future.add((one.line, one.key))
            refused.add(
                one.line, one.key, "a deployment in the future",
                "a time that has passed", "correct the time, or take the row out",
            )  # fmt: skip
        if one.committed and one.committed > one.deployed:
            refused.add(
                one.line, one.key, "a deployment before the commit",
                "the commit first", "correct one of the two times",
            )  # fmt: skip
    refused.end()


def _evidence(
    deliveries: Sequence[Delivery], fingerprint: str, now: dt.datetime
) -> RouteEvidence:
    moments = {one.deployed for one in deliveries}
    days = sorted(moment.date() for moment in moments)
    leads = sorted(
        (one.deployed - one.committed) / _DAY for one in deliveries if one.committed
    )
    return RouteEvidence(
        format=1,
        kind="route",
        readybook=__version__,
        measured_on=now.date(),
        fingerprint=fingerprint,
        deployments=len(moments),
        first=days[0] if days else None,
        last=days[-1] if days else None,
        lead_time_median=round(statistics.median(leads), _DIGITS) if leads else None,
        lead_time_p90=_ninetieth(leads),
        per_week=_per_week(moments),
        months=_months(days),
    )


def _ninetieth(leads: Sequence[float]) -> float | None:
    if not leads:
        return None
    if len(leads) == 1:
        return round(leads[0], _DIGITS)
    cuts = statistics.quantiles(leads, n=_DECILES, method="inclusive")
    return round(cuts[-1], _DIGITS)


def _per_week(moments: set[dt.datetime]) -> float | None:
    """Return deployments per week; None where the log spans less than a week."""
    span = max(moments) - min(moments) if moments else dt.timedelta()
    if span < _WEEK:
        return None
    return round((len(moments) - 1) / (span / _WEEK), _DIGITS)


def _months(days: Sequence[dt.date]) -> tuple[Point, ...]:
    """Return deployments of each month from the first to the last, none left out.

    They are counted exactly: a deployment is no person, and teams deploy rarely.
    """
    if not days:
        return ()
    counts = Counter(day.year * _YEAR + day.month - 1 for day in days)
    every = range(min(counts), max(counts) + 1)[-_MOST_MONTHS:]
    return tuple(
        Point(label=f"{at // _YEAR:04}-{at % _YEAR + 1:02}", value=counts[at])
        for at in every
    )
