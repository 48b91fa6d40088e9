"""Compare what resources need with what their probes measured; pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from readybook.declared import Assessment, Resource
from readybook.findings import Finding, MachineEvidence, MachineFact
from readybook.words import number

__all__ = ["check_resources"]


@dataclass(frozen=True)
class _Rule:
    """Which need is compared with which fact, and how it reads."""

    check: str
    need: str  #: field of ResourceNeeds
    fact: str
    unit: str
    of_what: str


_RULES = (
    _Rule("memory-enough", "memory_gib", "memory-granted", "GiB", " of memory"),
    _Rule("swap-enough", "swap_gib", "swap-granted", "GiB", " of swap"),
    _Rule("cpus-enough", "cpus", "cpus-granted", "CPUs", ""),
)


def check_resources(assessment: Assessment) -> list[Finding]:
    """Return a finding for every declared need of a resource, in declared order.

    A need without a probe, or whose fact the probe could not see, is "not measured".
    """
    resources = assessment.resources.resources if assessment.resources else ()
    return [
        _check(assessment, resource, rule, needed)
        for resource in resources
        for rule, needed in _needs(resource)
    ]


def _needs(resource: Resource) -> Iterator[tuple[_Rule, float]]:
    for rule in _RULES:
        needed = getattr(resource.needs, rule.need, None)
        if needed is not None:
            yield rule, needed


def _check(
    assessment: Assessment, resource: Resource, rule: _Rule, needed: float
) -> Finding:
    evidence = assessment.probes.get(resource.probe) if resource.probe else None
    fact = evidence.fact(rule.fact) if evidence else None
    granted = fact.value if fact and fact.state == "read" else None
    value = granted if isinstance(granted, int | float) else None
    if evidence is None or value is None:
        why = _why(resource, rule, fact, has_evidence=evidence is not None)
        message = f"{resource.id} was not measured: {why}."
    else:
        message = _message(rule, value, needed)
    is_enough = value is not None and value >= needed
    return Finding(
        check=rule.check,
        subject=resource.id,
        outcome="not measured"
        if value is None
        else ("supports" if is_enough else "contradicts"),
        message=message,
        value=value,
        unit=rule.unit,
        threshold=needed,
        threshold_source=f"resources.yaml: {resource.id} needs.{rule.need}",
        measured_on=evidence.measured_on if evidence else assessment.as_of,
        fingerprint=_fingerprint(evidence) if evidence else "none",
    )


def _message(rule: _Rule, value: float, needed: float) -> str:
    verb = "is" if needed == 1 else "are"
    return (
        f"The machine grants {_amount(value, rule)}{rule.of_what}; "
        f"{_amount(needed, rule)} {verb} needed."
    )


def _amount(value: float, rule: _Rule) -> str:
    unit = rule.unit.removesuffix("s") if value == 1 else rule.unit
    return number(float(value), unit)


def _why(
    resource: Resource, rule: _Rule, fact: MachineFact | None, *, has_evidence: bool
) -> str:
    if resource.probe is None:
        return "no probe is named in resources.yaml"
    if not has_evidence:
        return f"there is no evidence/{resource.probe}.json"
    if fact is None:
        return f"evidence/{resource.probe}.json does not have {rule.fact}"
    state = "the probe was denied" if fact.state == "denied" else "the probe cannot see"
    return f"{state} {rule.fact} ({fact.why or fact.how})"


def _fingerprint(evidence: MachineEvidence) -> str:
    content = evidence.model_dump_json().encode()
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
