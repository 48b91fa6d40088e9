"""The checks that a question may name, as checks.yaml has them, and their findings.

A check passes for a question when every subject that it covers was measured and passed.
`measure` and the modules beside this one do the work.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

from pydantic import BaseModel

from readybook.checks.subjects import IN_TABLES, Needed, subjects_of
from readybook.model.case import Assessment
from readybook.model.contract import Table
from readybook.model.errors import InvalidInputError
from readybook.model.findings import NOTHING, Finding, Outcome, Series
from readybook.text.yaml import parse_yaml

__all__ = [
    "CHECKS",
    "Check",
    "Judged",
    "Source",
    "checks_of",
    "find",
    "fingerprint_of",
    "not_measured",
]

_FILE = "checks.yaml"

#: What a check reads: the data itself, data.odcs.yaml, resources.yaml beside what was
#: measured of it, stakeholders.yaml.
Source = Literal["data", "contract", "resources", "register"]


@dataclass(frozen=True)
class Check:
    """One check: its meaning for readers and the subjects that it must cover."""

    id: str
    title: str
    reads: Source
    looks_at: str  #: how it is computed, one sentence
    threshold: str  #: what passes, in words, and who declares it
    covers: str  #: a name of `subjects`
    keys: tuple[str, ...] = ()  #: the argument that it takes
    unit: str | None = None  #: of value and threshold; None: the value is a word
    shelf_life_days: int = 180

    def subjects(self, assessment: Assessment) -> tuple[str, ...]:
        """Return all that must be measured and pass."""
        return subjects_of(self.covers, self.keys, assessment)

    def subjects_in(self, table: Table, needed: Needed) -> tuple[str, ...]:
        """Return what is measured of one table; of other subjects, nothing."""
        cover = IN_TABLES.get(self.covers)
        return cover(table, needed, self.keys) if cover else ()


class _Catalogue(Mapping[str, Check]):
    """The checks by id, in the file's order; read when one is first asked for."""

    @cached_property
    def _checks(self) -> dict[str, Check]:
        raw = pkgutil.get_data("readybook.checks", _FILE) or b""
        plain = parse_yaml(raw, name=_FILE)
        if plain.problems:
            raise InvalidInputError(plain.problems)
        data: Any = plain.data
        checks = [_check(row, kind) for kind in get_args(Source) for row in data[kind]]
        return {check.id: check for check in checks}

    def __getitem__(self, check: str) -> Check:
        return self._checks[check]

    def __iter__(self) -> Iterator[str]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)


def _check(row: Mapping[str, Any], reads: Source) -> Check:
    covers = row["covers"]
    named = covers if isinstance(covers, Mapping) else {covers: ()}
    [(covers, keys)] = named.items()
    keys = (keys,) if isinstance(keys, str) else keys
    return Check(**{**row, "reads": reads, "covers": covers, "keys": keys})


CHECKS: Mapping[str, Check] = _Catalogue()


def checks_of(source: Source) -> tuple[Check, ...]:
    """Return the checks that read one source, in the order in which findings are kept."""
    return tuple(check for check in CHECKS.values() if check.reads == source)


# --- findings ----------------------------------------------------------------------

#: An outcome in words; or whether it is as needed, None where that is not known.
Judged = Outcome | bool | None

_OUTCOMES: dict[bool | None, Outcome] = {
    True: "supports",
    False: "contradicts",
    None: "not measured",
}


def find(  # noqa: PLR0913 - what a finding has
    check: str,
    subject: str,
    outcome: Judged,
    message: str,
    *,
    measured_on: dt.date,
    fingerprint: str = NOTHING,
    value: float | str | None = None,
    unit: str | None = None,
    threshold: float | str | None = None,
    source: str | None = None,
    series: Sequence[Series] = (),
) -> Finding:
    """Return what a check says about one subject.

    Args:
        check: its id.
        subject: as the check covers it.
        outcome: of the check.
        message: one sentence for a director.
        measured_on: the day on which it was so.
        fingerprint: of what was measured; by default, nothing was.
        value: what was measured.
        unit: of value and threshold; by default the check's, where there is either.
        threshold: what was needed.
        source: who says so, file and key.
        series: the aggregates behind it.

    Raises:
        KeyError: checks.yaml has no such check.
    """
    usual = CHECKS[check].unit
    if outcome is None or isinstance(outcome, bool):
        outcome = _OUTCOMES[outcome]
    return Finding(
        check=check,
        subject=subject,
        outcome=outcome,
        message=message,
        value=value,
        unit=unit or (None if value is None and threshold is None else usual),
        threshold=threshold,
        threshold_source=source,
        measured_on=measured_on,
        fingerprint=fingerprint,
        series=tuple(series),
    )


def not_measured(
    check: str,
    subject: str,
    why: str,
    *,
    measured_on: dt.date,
    fingerprint: str = NOTHING,
) -> Finding:
    """Return that a subject could not be measured; `why` follows a colon, no full stop."""
    return find(
        check,
        subject,
        None,
        f"{subject} was not measured: {why}.",
        measured_on=measured_on,
        fingerprint=fingerprint,
    )


def fingerprint_of(*parts: BaseModel) -> str:
    """Return one fingerprint of the content of models, in their order."""
    content = "".join(part.model_dump_json() for part in parts).encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
