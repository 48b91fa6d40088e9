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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from readybook import __version__
from readybook.model.errors import InvalidInputError, Problem, SourceError, reason_of
from readybook.model.findings import NOTHING, Point, RouteEvidence
from readybook.text.yaml import utf8_text

_DIGITS = 6  # 0.1 s of a day
_MOST_MONTHS = 600
_MOST_BYTES = 64 << 20


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
    evidence = partial(
        RouteEvidence,
        format=1,
        kind="route",
        readybook=__version__,
        measured_on=now.date(),
    )
    try:
        content = _content(folder / log)
    except SourceError as error:
        return evidence(fingerprint=NOTHING, failed=str(error))
    fingerprint = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if (
        earlier
        and earlier.failed is None
        and earlier.readybook == __version__
        and earlier.fingerprint == fingerprint
    ):
        return earlier.model_copy(update={"measured_on": now.date()})
    return evidence(fingerprint=fingerprint, **_aggregates(read_log(content, log, now)))


def _content(path: Path) -> bytes:
    endings = ", ".join(_ENDINGS)
    try:
        if path.is_dir():
            why = (
                f"it is a folder, and tags of git are not read; list them in {endings}"
            )
        elif path.suffix.lower() == ".json":
            why = (
                "JSON lists are not read; write an object a line into .jsonl (it is no "
                f"file {endings})"
            )
        elif path.suffix.lower() not in _ENDINGS:
            why = f"it is no file {endings}"
        elif path.exists() and not path.is_file():
            why = "it is no regular file"
        elif path.stat().st_size > _MOST_BYTES:
            why = f"it is larger than {_MOST_BYTES >> 20} MiB"
        else:
            return path.read_bytes()
    except FileNotFoundError:
        why = "it does not exist"
    except OSError as error:
        why = reason_of(error)
    raise SourceError(why)


def _aggregates(deliveries: Sequence[Delivery]) -> dict[str, Any]:
    """Return what is kept of a log, as `RouteEvidence` names it; {} of an empty one."""
    if not deliveries:
        return {}
    moments = {one.deployed for one in deliveries}
    days = sorted(moment.date() for moment in moments)
    weeks = (max(moments) - min(moments)) / dt.timedelta(weeks=1)
    leads = [(one.deployed - one.committed) / dt.timedelta(days=1)
             for one in deliveries]  # fmt: skip
    # Of one change alone there is no quantile; twice the same has the same.
    deciles = statistics.quantiles(leads * 2 if len(leads) == 1 else leads, n=10,
                                   method="inclusive")  # fmt: skip
    # Counted exactly: a deployment is no person, and teams deploy rarely.
    counts = Counter(day.year * 12 + day.month - 1 for day in days)
    every = range(min(counts), max(counts) + 1)[-_MOST_MONTHS:]
    return {
        "unread": tuple(sorted(frozenset().union(*(one.unread for one in deliveries)))),
        "deployments": len(moments),
        "first": days[0],
        "last": days[-1],
        "lead_time_median": round(statistics.median(leads), _DIGITS),
        "lead_time_p90": round(deciles[-1], _DIGITS),
        "lead_time_longest": round(max(leads), _DIGITS),
        "per_week": round((len(moments) - 1) / weeks, _DIGITS) if weeks >= 1 else None,
        "months": tuple(
            Point(label=f"{at // 12:04}-{at % 12 + 1:02}", value=counts[at])
            for at in every
        ),
    }


# --- the log ---------------------------------------------------------------------------

#: What a time may be called, without regard to capitals, spaces and hyphens.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "commit_time": ("commit_time", "committed_at", "commit_date", "commit_timestamp"),
    "deploy_time": ("deploy_time", "deployed_at", "deploy_date", "deploy_timestamp",
                    "deployment_time", "deployment_date", "deployment_timestamp"),
}  # fmt: skip
#: What is not looked at, though it may say that a row is none that counts.
_NOT_READ: Mapping[str, tuple[str, ...]] = {
    "environment": ("environment", "env", "stage", "deployment_environment"),
    "status": ("status", "state", "result", "outcome", "conclusion",
               "deployment_status"),
}  # fmt: skip
_DELIMITERS = {".csv": ",;\t", ".tsv": "\t"}
_ENDINGS = (*_DELIMITERS, ".jsonl", ".ndjson")
_SUCH = "2026-09-14T08:30:00+02:00"

_Row = tuple[int, Mapping[str, object]]  # its line, and what it has by name
#: Keeps a problem: line, found, expected, what to do, and the key where it has one.
_Refuse = Callable[..., None]


class Delivery(NamedTuple):
    """One change that reached production."""

    line: int  #: of the log
    committed: dt.datetime  #: with its offset
    deployed: dt.datetime  #: with its offset
    unread: frozenset[str] = frozenset()  #: of `_NOT_READ`, what its row has


def read_log(content: bytes, log: str, now: dt.datetime) -> list[Delivery]:
    """Return each change of a log, in its order.

    One row (CSV, with a header) or one line (JSON lines, an object each) is one change,
    with its time of commit and its time of deployment in ISO 8601 with an offset from
    UTC. Other columns and keys are left alone; those of status and environment are
    named, as a row of them may be no deployment to production.

    Args:
        content: of the log.
        log: its path as resources.yaml has it; the ending tells the format.
        now: the moment of measuring; a deployment after it is refused.

    Raises:
        InvalidInputError: with every row that cannot be read, or whose times cannot be:
            a wrong clock makes each figure worthless.
    """
    problems: list[Problem] = []

    def refuse(line: int, found: str, expected: str, do: str, key: str = "") -> None:
        problems.append(Problem(log, line, key, found, expected, do))

    text = utf8_text(content, name=log)
    delimiters = _DELIMITERS.get(PurePath(log).suffix.lower())
    rows = (
        _csv_rows(text, delimiters, refuse) if delimiters else _json_rows(text, refuse)
    )
    found = [_delivery(line, values, now, refuse) for line, values in rows]
    if problems:
        raise InvalidInputError(problems)
    return [one for one in found if one is not None]


def _csv_rows(text: str, delimiters: str, refuse: _Refuse) -> Iterator[_Row]:
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
                keys = [_key(header, meant, line, refuse) for meant in _NAMES]
                if None in keys:
                    return
            elif len(values) == len(header):
                yield line, dict(zip(header, values, strict=True))
            else:
                refuse(line, f"{len(values)} cells",
                       f"{len(header)}, as in the header", "mend the row")  # fmt: skip
    except csv.Error:
        refuse(last + 1, "a row that is no CSV", "cells between commas",
               "close the quotes that open here")  # fmt: skip
    if not header:
        refuse(1, "an empty file", "a header with commit_time and deploy_time",
               "write the names of the columns into the first line")  # fmt: skip


def _json_rows(text: str, refuse: _Refuse) -> Iterator[_Row]:
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
            refuse(line, "no JSON object", "one object on each line",
                   "write its commit_time and its deploy_time between { and }")  # fmt: skip


def _delivery(
    line: int, values: Mapping[str, object], now: dt.datetime, refuse: _Refuse
) -> Delivery | None:
    """Return the change of a row, None where a problem of it is kept."""
    committed = _moment(line, values, "commit_time", refuse)
    deployed = _moment(line, values, "deploy_time", refuse)
    if committed is None or deployed is None:
        return None
    if deployed > now:
        refuse(line, "a deployment in the future", "a time that has passed",
               "correct the time, or take the row out")  # fmt: skip
    if committed > deployed:
        refuse(line, "a deployment before the commit", "the commit first",
               "correct one of the two times")  # fmt: skip
    names = {_plain(name) for name in values}
    unread = (meant for meant, known in _NOT_READ.items() if names & {*known})
    return Delivery(line, committed, deployed, frozenset(unread))


def _plain(name: str) -> str:
    return re.sub(r"[ -]", "_", name.lower())


def _key(names: Iterable[str], meant: str, line: int, refuse: _Refuse) -> str | None:
    """Return which of the names holds a time; None where the problem is kept."""
    known = _NAMES[meant]
    found = [name for name in names if _plain(name) in known]
    if len(found) == 1:
        return found[0]
    if found:
        refuse(line, f"{' and '.join(found)} side by side", f"one of them as {meant}",
               f"name the right one {meant}, rename the other")  # fmt: skip
    else:
        refuse(line, f"no {meant}", f"{meant} (or {', '.join(known[1:])})",
               f"name what holds it {meant}")  # fmt: skip
    return None


def _moment(
    line: int, values: Mapping[str, object], meant: str, refuse: _Refuse
) -> dt.datetime | None:
    """Return a time of a row; None where the problem that it has is kept."""
    name = _key(values, meant, line, refuse)
    if name is None:
        return None
    value = values[name]
    try:
        moment = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        found = "nothing" if value is None or value == "" else "what is no time"
        refuse(line, found, f"a time such as {_SUCH}",
               "write it in ISO 8601, or take the row out", name)  # fmt: skip
        return None
    if moment.tzinfo is None:
        refuse(line, "a time without an offset from UTC", f"one such as {_SUCH}",
               "write Z or an offset such as +02:00 behind it", name)  # fmt: skip
        return None
    return moment
