"""Find the probe that measures a resource, and say why a fact of it is not known; pure.

What was recorded after the as-of date has not happened yet: it is told as missing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

from pydantic import BaseModel

from readybook.model.case import Assessment
from readybook.model.findings import Finding, MachineEvidence, MachineFact
from readybook.model.resources import Resource

__all__ = ["Probed", "find_probe", "fingerprint_of", "too_late"]


@dataclass(frozen=True)
class Probed:
    """A resource beside the evidence of its probe."""

    resource: Resource
    as_of: dt.date
    evidence: MachineEvidence | None
    why: str = ""  #: why there is no evidence

    def value(self, fact: str) -> int | float | str | None:
        """Return what the probe read; None where it did not or could not look."""
        found = self._fact(fact)
        return found.value if found and found.state == "read" else None

    def amount(self, fact: str) -> int | float | None:
        """Return what the probe read where it is a number, None otherwise."""
        value = self.value(fact)
        return None if isinstance(value, str) else value

    def note(self, fact: str) -> str:
        """Return what the probe says of a value that it read: " (...)", or ""."""
        found = self._fact(fact)
        return f" ({found.why})" if found and found.why else ""

    def why_not(self, fact: str) -> str:
        """Return why a fact is not known, in words that follow a colon."""
        if self.evidence is None:
            return self.why
        found = self._fact(fact)
        if found is None:
            return f"evidence/{self.resource.probe}.json does not have {fact}"
        if found.state == "read":
            return f"what the probe read of {fact} is not what is compared"
        denied = found.state == "denied"
        state = "the probe was denied" if denied else "the probe cannot see"
        return f"{state} {fact} ({found.why or found.how})"

    def unknown(self, fact: str) -> str:
        """Return the sentence that says why a fact was not measured."""
        return f"{self.resource.id} was not measured: {self.why_not(fact)}."

    def finding(  # noqa: PLR0913 - one place fills what all findings of probes share
        self,
        check: str,
        key: str,
        message: str,
        *,
        value: float | str | None,
        is_fine: bool | None,
        unit: str,
        threshold: float | str,
        subject: str = "",
    ) -> Finding:
        """Return a finding that is dated by the probe, by the as-of date without one.

        Args:
            check: its id.
            key: of the resource in resources.yaml, which declares the need.
            message: one sentence.
            value: what was measured, None for nothing.
            is_fine: None where it was not measured.
            unit: of value and threshold.
            threshold: what is needed.
            subject: "" for the resource's id.
        """
        evidence = self.evidence
        outcomes = {True: "supports", False: "contradicts", None: "not measured"}
        return Finding.model_validate(
            {
                "check": check,
                "subject": subject or self.resource.id,
                "outcome": outcomes[is_fine],
                "message": message,
                "value": value,
                "unit": unit,
                "threshold": threshold,
                "threshold_source": f"resources.yaml: {self.resource.id} {key}",
                "measured_on": evidence.measured_on if evidence else self.as_of,
                "fingerprint": fingerprint_of(evidence) if evidence else "none",
            }
        )

    def _fact(self, name: str) -> MachineFact | None:
        return self.evidence.fact(name) if self.evidence else None


def find_probe(assessment: Assessment, resource: Resource) -> Probed:
    """Return a resource with the evidence of its probe, or why there is none."""
    as_of, name = assessment.as_of, resource.probe
    if name is None:
        return Probed(resource, as_of, None, "no probe is named in resources.yaml")
    evidence = assessment.probes.get(name)
    if evidence is None:
        return Probed(resource, as_of, None, f"there is no evidence/{name}.json")
    if evidence.measured_on > as_of:
        return Probed(resource, as_of, None, too_late(f"evidence/{name}.json"))
    return Probed(resource, as_of, evidence)


def too_late(file: str) -> str:
    """Return why evidence from after the as-of date does not count."""
    return f"{file} is dated after the as-of date"


def fingerprint_of(*parts: BaseModel) -> str:
    """Return one fingerprint of the content of models, in their order."""
    content = "".join(part.model_dump_json() for part in parts).encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
