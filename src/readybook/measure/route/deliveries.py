"""Read a deployment log, CSV or JSON: when each change was committed, and deployed.

Cells are never repeated in a message: a shifted row may hold a name in a time's place.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NoReturn

from readybook.model.errors import InvalidInputError, Problem

__all__ = ["ENDINGS", "Delivery", "Refused", "read_log"]

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
ENDINGS = (*_DELIMITERS, ".json")
_MOST_PROBLEMS = 100  # of one log; the number of the others is told
_SUCH = "2026-09-14T08:30:00+02:00"
_WRITE = "write it in ISO 8601, or take the row out"
_MEND_JSON = "write the log again with the program that made it"


@dataclass(frozen=True)
class Delivery:
    """One change that reached production, or a deployment of unknown changes."""

    line: int  #: of the log; 0 where it has none
    key: str  #: "", "[4]" or "tag 4 of 7 by date"
    deployed: dt.datetime  #: with its offset
    committed: dt.datetime | None = None  #: None: not known, so no lead time


@dataclass
class Refused:
    """Collects what is wrong in one log."""

    log: str  #: the path that resources.yaml names
    problems: list[Problem] = field(default_factory=list)

    def add(self, line: int, key: str, found: str, expected: str, do: str) -> None:
        """Keep one problem."""
        self.problems.append(Problem(self.log, line, key, found, expected, do))

    def end(self) -> None:
        """Raise what was kept, if anything was.

        Raises:
            InvalidInputError: with the problems, of many the first hundred.
        """
        rest = len(self.problems) - _MOST_PROBLEMS
        if rest > 0:
            self.problems = sorted(self.problems)[:_MOST_PROBLEMS]
            self.add(
                0, "", f"{rest:,} more problems of such kinds", "none",
                "mend what is listed, then measure again",
            )  # fmt: skip
        if self.problems:
            raise InvalidInputError(self.problems)

    def stop(self, line: int, key: str, found: str, expected: str, do: str) -> NoReturn:
        """Raise one problem that keeps the rest of the log from being read.

        Raises:
            InvalidInputError: always.
        """
        self.add(line, key, found, expected, do)
        raise InvalidInputError(self.problems)


def read_log(content: bytes, log: str) -> list[Delivery]:
    """Return each change of a log, in its order.

    One row (CSV, with a header) or one object (JSON, a list of them) is one change,
    with its time of commit and its time of deployment in ISO 8601 with an offset from
    UTC. Other columns and keys are left alone.

    Args:
        content: of the log.
        log: its path as resources.yaml has it; the ending tells the format.

    Raises:
        InvalidInputError: with every row that cannot be read.
    """
    refused = Refused(log)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        refused.stop(0, "", "a text that is not UTF-8", "UTF-8", "save it as UTF-8")
    suffix = PurePath(log).suffix.lower()
    rows = _json_rows if suffix == ".json" else _csv_rows
    found = [_delivery(row, refused) for row in rows(text, suffix, refused)]
    refused.end()
    return [one for one in found if one is not None]


@dataclass(frozen=True)
class _Row:
    """One change as it is written."""

    line: int
    prefix: str  #: of its keys, "[4]."
    values: Mapping[str, object]


# --- CSV -----------------------------------------------------------------------------


def _csv_rows(text: str, suffix: str, refused: Refused) -> Iterator[_Row]:
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(_DELIMITERS[suffix], key=first.count)
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
                for meant in _NAMES:
                    _key(header, meant, line, "", refused)
                refused.end()
            elif len(values) == len(header):
                yield _Row(line, "", dict(zip(header, values, strict=True)))
            else:
                refused.add(
                    line, "", f"{len(values)} cells",
                    f"{len(header)}, as in the header", "mend the row",
                )  # fmt: skip
    except csv.Error:
        refused.stop(
            last + 1, "", "a row that is no CSV", "cells between commas",
            "close the quotes that open here",
        )  # fmt: skip
    if not header:
        refused.stop(
            1, "", "an empty file", "a header with commit_time and deploy_time",
            "write the names of the columns into the first line",
        )  # fmt: skip


# --- JSON ----------------------------------------------------------------------------


def _json_rows(text: str, _: str, refused: Refused) -> Iterator[_Row]:
    try:
        entries = json.loads(text)
    except json.JSONDecodeError as error:
        refused.stop(error.lineno, "", "no JSON", "a JSON list", _MEND_JSON)
    except (ValueError, RecursionError):  # endless digits, endless brackets
        refused.stop(0, "", "JSON that cannot be read", "a JSON list", _MEND_JSON)
    if not isinstance(entries, list):
        refused.stop(
            1, "", "no JSON list", "a list of objects, one for each change",
            "put the objects between [ and ]",
        )  # fmt: skip
    lines = _lines(text, len(entries))
    for at, (entry, line) in enumerate(zip(entries, lines, strict=True)):
        if isinstance(entry, dict):
            names = {str(key).strip(): value for key, value in entry.items()}
            yield _Row(line, f"[{at}].", names)
        else:
            refused.add(
                line, f"[{at}]", "no JSON object", "an object with both times",
                "write its commit_time and its deploy_time",
            )  # fmt: skip


def _lines(text: str, entries: int) -> Iterator[int]:
    """Yield the line on which each entry of a valid JSON list begins."""
    decoder, line, done, at = json.JSONDecoder(), 1, 0, text.index("[") + 1
    for _ in range(entries):
        while text[at] in " \t\r\n,":
            at += 1
        line += text.count("\n", done, at)
        yield line
        done, at = at, decoder.raw_decode(text, at)[1]


# --- times ---------------------------------------------------------------------------


def _delivery(row: _Row, refused: Refused) -> Delivery | None:
    committed = _moment(row, "commit_time", refused)
    deployed = _moment(row, "deploy_time", refused)
    if committed is None or deployed is None:
        return None
    return Delivery(row.line, row.prefix.rstrip("."), deployed, committed)


def _key(
    names: Iterable[str], meant: str, line: int, prefix: str, refused: Refused
) -> str | None:
    """Return which of the names holds a time; None where the problem is kept."""
    known = _NAMES[meant]
    found = [name for name in names if re.sub(r"[ -]", "_", name.lower()) in known]
    if len(found) == 1:
        return found[0]
    if found:
        refused.add(
            line, prefix.rstrip("."), f"{' and '.join(found)} side by side",
            f"one of them as {meant}", f"name the right one {meant}, rename the other",
        )  # fmt: skip
    else:
        refused.add(
            line, prefix.rstrip("."), f"no {meant}",
            f"{meant} (or {', '.join(known[1:])})", f"name what holds it {meant}",
        )  # fmt: skip
    return None


def _moment(row: _Row, meant: str, refused: Refused) -> dt.datetime | None:
    """Return a time of a row; None where the problem that it has is kept."""
    name = _key(row.values, meant, row.line, row.prefix, refused)
    if name is None:
        return None
    key, value = f"{row.prefix}{name}", row.values[name]
    try:
        moment = dt.datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        found = "nothing" if value is None or value == "" else "what is no time"
        refused.add(row.line, key, found, f"a time such as {_SUCH}", _WRITE)
        return None
    if moment.tzinfo is None:
        refused.add(
            row.line, key, "a time without an offset from UTC",
            f"one such as {_SUCH}", "write Z or an offset such as +02:00 behind it",
        )  # fmt: skip
        return None
    return moment
