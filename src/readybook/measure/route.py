"""How changes reach production: lead time and frequency from a deployment log.

Definitions are those of DORA's guide to software delivery metrics
(https://dora.dev/guides/dora-metrics/, as updated in January 2026): the change lead time
is the time from a change's commit to version control until it is deployed in
production; the deployment frequency is the number of deployments over a given period.
Aggregates alone are kept. Cells are never repeated in a message: a shifted row may hold
a name in a time's place.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import NamedTuple

from readybook import __version__
from readybook.model.errors import InvalidInputError, Problem, SourceError
from readybook.model.findings import NOTHING, Point, RouteEvidence

__all__ = ["Delivery", "measure_route", "read_log"]

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
        log: path inside the folder, of CSV or JSON lines.
        folder: the assessment's folder.
        now: the moment of measuring, with its offset; later times are refused. None:
            this machine's clock tells.
        earlier: what was found before; kept, under today's date, where the log did not
            change.

    Raises:
        InvalidInputError: with every row that cannot be read, or whose times cannot be.
    """
    now = now or dt.datetime.now().astimezone()
    try:
        content = _content(folder / log)
        fingerprint = f"sha256:{hashlib.sha256(content).hexdigest()}"
        if earlier and _is_same(earlier, fingerprint):
            return earlier.model_copy(update={"measured_on": now.date()})
        return _evidence(read_log(content, log, now), fingerprint, now)
    except SourceError as error:
        return _unreachable(error, now)


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
    suffix, now_read = path.suffix.lower(), ", ".join(_ENDINGS)
    if path.is_dir():
        msg = f"it is a folder, and tags of git are not read; list them in {now_read}"
        raise SourceError(msg)
    if suffix not in _ENDINGS:
        msg = f"it is no file {now_read}"
        if suffix == ".json":
            msg = f"JSON lists are not read; write an object a line into .jsonl ({msg})"
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


def _evidence(
    deliveries: Sequence[Delivery], fingerprint: str, now: dt.datetime
) -> RouteEvidence:
    moments = {one.deployed for one in deliveries}
    days = sorted(moment.date() for moment in moments)
    leads = sorted((one.deployed - one.committed) / _DAY for one in deliveries)
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


# --- the log ---------------------------------------------------------------------------

#: What a time may be called, without regard to capitals, spaces and hyphens.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "commit_time": ("commit_time", "committed_at", "commit_date", "commit_timestamp"),
    "deploy_time": (
        "deploy_time",
        "deployed_at",
        "deploy_date",
        "deploy_timestamp",
        "deployment_time",
        "deployment_date",
        "deployment_timestamp",
    ),
}
_DELIMITERS = {".csv": ",;\t", ".tsv": "\t"}
_ENDINGS = (*_DELIMITERS, ".jsonl", ".ndjson")
_MOST_PROBLEMS = 100  # of one log; the number of the others is told
_SUCH = "2026-09-14T08:30:00+02:00"


class Delivery(NamedTuple):
    """One change that reached production."""

    line: int  #: of the log
    committed: dt.datetime  #: with its offset
    deployed: dt.datetime  #: with its offset


class _Refused:
    """Collects what is wrong in one log."""

    def __init__(self, log: str) -> None:
        self._log = log
        self._problems: list[Problem] = []

    def add(self, line: int, key: str, found: str, expected: str, do: str) -> None:
        self._problems.append(Problem(self._log, line, key, found, expected, do))

    def end(self) -> None:
        """Raise what was kept, if anything was: of many the first hundred."""
        rest = len(self._problems) - _MOST_PROBLEMS
        if rest > 0:
            self._problems = sorted(self._problems)[:_MOST_PROBLEMS]
            self.add(
                0, "", f"{rest:,} more problems of such kinds", "none",
                "mend what is listed, then measure again",
            )  # fmt: skip
        if self._problems:
            raise InvalidInputError(self._problems)


def read_log(content: bytes, log: str, now: dt.datetime) -> list[Delivery]:
    """Return each change of a log, in its order.

    One row (CSV, with a header) or one line (JSON lines, an object each) is one change,
    with its time of commit and its time of deployment in ISO 8601 with an offset from
    UTC. Other columns and keys are left alone.

    Args:
        content: of the log.
        log: its path as resources.yaml has it; the ending tells the format.
        now: the moment of measuring; a deployment after it is refused.

    Raises:
        InvalidInputError: with every row that cannot be read, or whose times cannot be:
            a wrong clock makes each figure worthless.
    """
    refused = _Refused(log)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        refused.add(0, "", "a text that is not UTF-8", "UTF-8", "save it as UTF-8")
        text = None
    suffix = PurePath(log).suffix.lower()
    delimiters = _DELIMITERS.get(suffix)
    if text is None:
        rows: Iterable[tuple[int, Mapping[str, object]]] = ()
    elif delimiters:
        rows = _csv_rows(text, delimiters, refused)
    else:
        rows = _json_rows(text, refused)
    found = [_delivery(line, values, now, refused) for line, values in rows]
    refused.end()
    return [one for one in found if one is not None]


def _csv_rows(
    text: str, delimiters: str, refused: _Refused
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the line and the cells by column of each row that is as the header is."""
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(delimiters, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    last = 0
    try:
        for cells in reader:
            line, last = last + 1, reader.line_num
            values = [cell.strip() for cell in cells]
            if not any(values):
                continue
            if not header:
                header = values
                keys = [_key(header, meant, line, refused) for meant in _NAMES]
                if None in keys:
                    return
            elif len(values) == len(header):
                yield line, dict(zip(header, values, strict=True))
            else:
                refused.add(
                    line, "", f"{len(values)} cells",
                    f"{len(header)}, as in the header", "mend the row",
                )  # fmt: skip
    except csv.Error:
        refused.add(
            last + 1, "", "a row that is no CSV", "cells between commas",
            "close the quotes that open here",
        )  # fmt: skip
    if not header:
        refused.add(
            1, "", "an empty file", "a header with commit_time and deploy_time",
            "write the names of the columns into the first line",
        )  # fmt: skip


def _json_rows(
    text: str, refused: _Refused
) -> Iterator[tuple[int, Mapping[str, object]]]:
    """Yield the line and the object on it of each line that has one."""
    for line, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        try:
            entry = json.loads(written)
        except (ValueError, RecursionError):  # endless digits, endless brackets
            entry = None
        if isinstance(entry, dict):
            yield line, {str(key).strip(): value for key, value in entry.items()}
        else:
            refused.add(
                line, "", "no JSON object", "one object on each line",
                "write its commit_time and its deploy_time between { and }",
            )  # fmt: skip


def _delivery(
    line: int, values: Mapping[str, object], now: dt.datetime, refused: _Refused
) -> Delivery | None:
    """Return the change of a row, None where a problem of it is kept."""
    committed = _moment(line, values, "commit_time", refused)
    deployed = _moment(line, values, "deploy_time", refused)
    if committed is None or deployed is None:
        return None
    if deployed > now:
        refused.add(
            line, "", "a deployment in the future",
            "a time that has passed", "correct the time, or take the row out",
        )  # fmt: skip
    if committed > deployed:
        refused.add(
            line, "", "a deployment before the commit",
            "the commit first", "correct one of the two times",
        )  # fmt: skip
    return Delivery(line, committed, deployed)


def _key(names: Iterable[str], meant: str, line: int, refused: _Refused) -> str | None:
    """Return which of the names holds a time; None where the problem is kept."""
    known = _NAMES[meant]
    found = [name for name in names if re.sub(r"[ -]", "_", name.lower()) in known]
    if len(found) == 1:
        return found[0]
    if found:
        refused.add(
            line, "", f"{' and '.join(found)} side by side",
            f"one of them as {meant}", f"name the right one {meant}, rename the other",
        )  # fmt: skip
    else:
        refused.add(
            line, "", f"no {meant}",
            f"{meant} (or {', '.join(known[1:])})", f"name what holds it {meant}",
        )  # fmt: skip
    return None


def _moment(
    line: int, values: Mapping[str, object], meant: str, refused: _Refused
) -> dt.datetime | None:
    """Return a time of a row; None where the problem that it has is kept."""
    name = _key(values, meant, line, refused)
    if name is None:
        return None
    value = values[name]
    try:
        moment = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        found = "nothing" if value is None or value == "" else "what is no time"
        refused.add(
            line, name, found, f"a time such as {_SUCH}",
            "write it in ISO 8601, or take the row out",
        )  # fmt: skip
        return None
    if moment.tzinfo is None:
        refused.add(
            line, name, "a time without an offset from UTC", f"one such as {_SUCH}",
            "write Z or an offset such as +02:00 behind it",
        )  # fmt: skip
        return None
    return moment
