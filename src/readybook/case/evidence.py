"""Judge evidence files: that they are as they were written, and what they may say."""

import datetime as dt
import itertools
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel

from readybook.checks.catalogue import CHECKS
from readybook.model.errors import Problem
from readybook.model.findings import (
    DataEvidence,
    Finding,
    MachineEvidence,
    RouteEvidence,
    Series,
)
from readybook.model.results import seal_of
from readybook.text.yaml import shown

_ROUNDED = 1e-6  # figures are kept with six decimals
_Contradiction = tuple[str, str, str]  #: key, found, expected
#: The least and the most that a figure can be, by its unit.
_BOUNDS = {
    "share of rows": (0, 1),
    **dict.fromkeys(("% of rows", "% null", "% filled"), (0, 100)),
    **dict.fromkeys(("rows", "GiB", "MiB/s", "GFLOP/s", "CPUs"), (0, math.inf)),
    "days after the declared date": (-36_600, 36_600),
}
#: By the name of a series, what makes a date of one of its labels.
_CALENDAR = {"month": "-01", "day": ""}


def evidence_problems(
    name: str, raw: bytes, evidence: BaseModel, do: str
) -> Iterator[Problem]:
    """Yield what is wrong in an evidence file that is one by its form.

    Args:
        name: of the file.
        raw: its content.
        evidence: what it holds.
        do: what whoever finds it changed should do.
    """
    content = json.loads(raw)
    if content.get("seal") != seal_of(content, "seal"):
        found = "a seal of other content" if content.get("seal") else "no seal"
        yield Problem(name, 0, "seal", found, "the file as readybook wrote it", do)
    for key, found, expected in _contradictions(evidence):
        yield Problem(name, 0, key, found, expected, do)
    findings = evidence.findings if isinstance(evidence, DataEvidence) else ()
    counted = Counter((one.check, one.subject) for one in findings)
    for at, one in enumerate(findings):
        key = f"findings[{at}]"
        check = CHECKS.get(one.check)
        if check is None or check.reads != "data":
            yield Problem(
                name, 0, f"{key}.check", f"'{shown(one.check)}'", "a check of the data",
                do,
            )  # fmt: skip
        elif counted[one.check, one.subject] > 1:
            yield Problem(
                name, 0, f"{key}.subject", f"'{shown(one.subject)}' more than once",
                "one finding of each subject", do,
            )  # fmt: skip
        elif one.outcome == "supports" and not _passes(one, at_least=check.at_least):
            yield Problem(
                name, 0, f"{key}.outcome",
                f"'supports' for {one.value} where {one.threshold} is needed",
                "the outcome that follows from the figures", do,
            )  # fmt: skip


def _passes(finding: Finding, *, at_least: bool) -> bool:
    """Return whether a finding's figures allow that it passes; words always do."""
    value = 1 if finding.value == "<10" else finding.value
    threshold = finding.threshold
    if not isinstance(value, int | float) or not isinstance(threshold, int | float):
        return True
    if at_least:
        return value >= threshold - _ROUNDED
    return value <= threshold + _ROUNDED


# --- what cannot be -----------------------------------------------------------------


def _contradictions(evidence: BaseModel) -> Iterator[_Contradiction]:
    """Yield the key of each figure that cannot be, what was found and what is expected."""
    if isinstance(evidence, DataEvidence):
        # Of another engine's table, rows may come in while it is measured.
        rows = {table.table: table.rows if table.engine.startswith("duckdb") else None
                for table in evidence.tables}  # fmt: skip
        for at, finding in enumerate(evidence.findings):
            key = f"findings[{at}]"
            named = [rows[name] for name in rows
                     if f"{finding.subject}.".startswith(f"{name}.")]  # fmt: skip
            total = None if None in named else max(filter(None, named), default=None)
            if finding.measured_on > evidence.measured_on:
                yield (f"{key}.measured_on", str(finding.measured_on),
                       f"at latest {evidence.measured_on}, the file's own")  # fmt: skip
            yield from _beyond(f"{key}.value", finding.value, finding.unit, total)
            for index, series in enumerate(finding.series):
                inner = f"{key}.series[{index}]"
                yield from _of_series(inner, series, total)
            parts = [[point.label for point in finding.points(name)]
                     for name in ("train", "live")]  # fmt: skip
            if parts[0] != parts[1]:
                yield (
                    f"{key}.series",
                    "train and live with other labels",
                    "the same ones",
                )
    elif isinstance(evidence, RouteEvidence):
        yield from _of_route(evidence)
    elif isinstance(evidence, MachineEvidence):
        counted = Counter(fact.fact for fact in evidence.facts)
        for at, fact in enumerate(evidence.facts):
            if counted[fact.fact] > 1:
                yield (
                    f"facts[{at}].fact",
                    f"'{shown(fact.fact)}' again",
                    "each fact once",
                )
            yield from _beyond(f"facts[{at}].value", fact.value, fact.unit, None)


def _of_series(key: str, series: Series, total: int | None) -> Iterator[_Contradiction]:
    labels = [point.label for point in series.points]
    if not labels:
        yield f"{key}.points", "none", "at least one"
    if len({*labels}) < len(labels):
        yield f"{key}.points", "a label more than once", "each label once"
    for at, point in enumerate(series.points):
        inner = f"{key}.points[{at}]"
        yield from _beyond(f"{inner}.value", point.value, series.unit, total)
        if point.when is not None:  # a day, or a month
            form = "" if point.when.count("-") > 1 else "-01"
            yield from _of_day(f"{inner}.label", point.when, form)
    if series.name in _CALENDAR and labels != ["all"]:
        yield from _of_calendar(f"{key}.points", labels, _CALENDAR[series.name])


def _of_calendar(
    key: str, labels: Sequence[str], form: str
) -> Iterator[_Contradiction]:
    for at, label in enumerate(labels):
        yield from _of_day(f"{key}[{at}].label", label, form)
    if labels != sorted(labels):
        yield key, "periods that are not in order", "the earliest first"


def _of_day(key: str, text: str, form: str) -> Iterator[_Contradiction]:
    try:
        dt.date.fromisoformat(text + form)
    except ValueError:
        yield key, f"'{shown(text)}'", "a period of the calendar"


def _beyond(
    key: str, value: object, unit: str | None, total: int | None
) -> Iterator[_Contradiction]:
    """Yield a figure that its unit, or the number of rows, does not allow."""
    if not isinstance(value, int | float):
        return
    least, most = _BOUNDS.get(unit or "", (-math.inf, math.inf))
    if unit == "rows" and total is not None:
        most = total
    if not math.isfinite(value):
        yield key, f"{value}", "a finite number"
    elif not least - _ROUNDED <= value <= most + _ROUNDED:
        expected = (
            f"{least:g} or more" if most == math.inf else f"{least:g} to {most:g}"
        )
        yield key, f"{value:g}", expected


def _of_route(route: RouteEvidence) -> Iterator[_Contradiction]:
    first, last, count = route.first, route.last, route.deployments
    if (first is None) != (count == 0) or (last is None) != (count == 0):
        yield "deployments", f"{count}", "a first and a last day where there is any"
    if first and last and not first <= last <= route.measured_on:
        yield ("last", f"{last}, of deployments from {first} on",
               f"a day from the first to {route.measured_on}")  # fmt: skip
    leads = ("lead_time_median", "lead_time_p90", "lead_time_longest")
    known = {name: getattr(route, name) for name in (*leads, "per_week")}
    known = {name: value for name, value in known.items() if value is not None}
    for name, value in known.items():
        if value < 0:
            yield name, f"{value:g}", "0 or more"
    for less, more in itertools.pairwise([name for name in leads if name in known]):
        if known[less] > known[more]:
            yield more, f"{known[more]:g}", f"{known[less]:g}, the {less[10:]}, or more"
    labels = [point.label for point in route.months]
    if len({*labels}) < len(labels):
        yield "months", "a month more than once", "each month once"
    yield from _of_calendar("months", labels, "-01")
    for at, point in enumerate(route.months):
        yield from _beyond(f"months[{at}].value", point.value, "rows", count)
    if sum(p.value for p in route.months if isinstance(p.value, int | float)) > count:
        yield "months", "more deployments than there were", f"{count} in all"


def probe_problems(probes: Mapping[str, MachineEvidence]) -> Iterator[Problem]:
    """Yield probes that are another one under a second name, whatever their dates."""
    first: list[tuple[str, MachineEvidence]] = []
    for name, probe in probes.items():
        again = probe.model_copy(update={"measured_on": dt.date.min})
        same = next((known for known, one in first if one == again), None)
        if same:
            yield Problem(
                f"evidence/{name}.json", 0, "", f"the probe of evidence/{same}.json",
                "a probe of each machine", "run 'readybook probe' on that machine",
            )  # fmt: skip
        first.append((name, again))
