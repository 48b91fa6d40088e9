"""Judge evidence files: that they are as they were written, and what they may say."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from readybook.checks.catalogue import CHECKS
from readybook.model.errors import Problem
from readybook.model.findings import DataEvidence, Finding, MachineEvidence
from readybook.model.results import seal_of
from readybook.text.yaml import shown

_ROUNDED = 1e-6  # figures are kept with six decimals


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
