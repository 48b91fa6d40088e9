"""Compare the environments of two machines, such as training and serving; pure.

A model is bound to the interpreter, the packages and the numerical library that it was
made with; speed and size of a machine change how long a job takes, not its result.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import eq

from readybook.checks.catalogue import Told, fingerprint_of
from readybook.checks.machines import Probed, find_probe
from readybook.model.case import Assessment, Resource
from readybook.model.findings import Finding, MachineEvidence
from readybook.model.words import count, listed, number

_MOST = 5  # differing packages that are named; more would be no sentence
#: What models are made, saved and fed with, so what is named first of what differs.
_FIRST = (
    "scikit-learn", "torch", "tensorflow", "keras", "jax", "xgboost", "lightgbm",
    "catboost", "onnxruntime", "transformers", "statsmodels", "numpy", "scipy",
    "pandas", "polars", "pyarrow", "pyspark", "joblib", "cloudpickle",
)  # fmt: skip
_MODEL = "a model saved on one may fail, or answer otherwise, on the other"
_MISSING = "missing"
_KERNELS = "the same input can give slightly other numbers"
_SPEED = "a job may run slower or not fit"


@dataclass(frozen=True)
class Difference:
    """One thing in which two machines differ."""

    what: str  #: "Python", "numpy", "memory", ...
    here: str  #: of the resource; "missing" for a package that it lacks
    there: str  #: of the resource that it must equal
    decides: bool  #: True: results can differ, so the environments are not the same
    matters: str  #: why it can matter, "" where it hardly does
    is_package: bool = False


#: The facts that are compared, in the order in which they are told: what they are, why
#: a difference matters, and when there is none; None: it is told and decides nothing.
FACTS: dict[str, tuple[str, str, Callable[[str, str], bool] | None]] = {
    "python": (
        "Python",
        _MODEL,
        lambda one, two: one.split(".")[:2] == two.split(".")[:2],
    ),
    "platform": ("platform", _MODEL, eq),
    "blas": ("the numerical library", _KERNELS, eq),
    "blas-architecture": ("kernels of the numerical library", _KERNELS, eq),
    "blas-threads": ("threads of the numerical library", _SPEED, None),
    "cpu-features": ("CPU features", _SPEED, None),
    "memory-granted": ("memory", _SPEED, None),
    "cpus-granted": ("CPUs", _SPEED, None),
}


def check_environments(assessment: Assessment) -> list[Finding]:
    """Return a finding for each resource that must equal another, in declared order.

    Contradicts where the minor version of Python, the platform, a package (its version,
    or that it is there at all), the BLAS or the architecture that it works for differ.
    Threads, CPU features, memory and CPUs are told and decide nothing. Where one of the
    deciding facts was not seen on either machine and no other differs, and where one
    probe measures both sides: "not measured".

    The value is the number of differences that decide; dated by the older probe.
    """
    resources = assessment.resources.resources
    by_id = {resource.id: resource for resource in resources}
    return [
        _check(assessment, resource, by_id.get(resource.same_as))
        for resource in resources
        if resource.same_as is not None
    ]


def _check(
    assessment: Assessment, resource: Resource, other: Resource | None
) -> Finding:
    here = find_probe(assessment, resource)
    there = find_probe(assessment, other) if other else None
    deciding, measured_on, beside = None, here.measured_on, None
    if there and resource.probe and resource.probe == there.resource.probe:
        file = f"evidence/{resource.probe}.json"
        message = f"{resource.id} was not compared: {file} measures both sides."
    elif here.evidence is None:
        message = f"{resource.id} was not measured: {here.why}."
    elif there is None or there.evidence is None:
        why = there.why if there else "it is not in resources.yaml"
        message = f"{resource.same_as} was not measured: {why}."
    else:
        beside = there.evidence
        measured_on = min(measured_on, beside.measured_on)
        found = compare_environments(here.evidence, beside)
        deciding = sum(one.decides for one in found)
        message = _message(here, there, found)
        if not deciding and (unseen := _unseen(here, there)):
            deciding = None
            them = f"{resource.id} was not compared with {there.resource.id}"
            message = f"{them}: {unseen}."
    check, source = "environments-same", f"resources.yaml: {resource.id} same_as"
    is_same = None if deciding is None else deciding == 0
    told = Told(check, resource.id, is_same, message, source, deciding, 0)
    return told.finding(measured_on, fingerprint_of(here.evidence, beside))


def compare_environments(
    here: MachineEvidence, there: MachineEvidence
) -> tuple[Difference, ...]:
    """Return in what two machines differ, of what was seen on both.

    What decides comes first, and then facts of the machine before packages: those that
    models are made and saved with first, and of the others those whose major version
    differs, then those that one lacks.
    """
    found = []
    for fact, (what, matters, same) in FACTS.items():
        one, two = _read(here, fact), _read(there, fact)
        if one is not None and two is not None and one != two:
            decides = same is not None and not same(one, two)
            why = matters if decides or same is None else ""
            found.append(Difference(what, one, two, decides, why))
    found += _packages(here, there)
    return tuple(sorted(found, key=lambda one: not one.decides))


def _read(evidence: MachineEvidence, name: str) -> str | None:
    fact = evidence.fact(name)
    if fact is None or fact.state != "read" or fact.value is None:
        return None
    return number(fact.value, None if isinstance(fact.value, str) else fact.unit)


def _packages(here: MachineEvidence, there: MachineEvidence) -> Iterator[Difference]:
    one, two = _named(here), _named(there)
    if not (one and two):
        return
    rows = [(n, one.get(n, _MISSING), two.get(n, _MISSING)) for n in one | two]
    differ = [row for row in rows if row[1] != row[2]]
    for name, mine, other in sorted(differ, key=lambda row: _rank(*row)):
        yield Difference(
            name, mine, other, decides=True, matters=_MODEL, is_package=True
        )


def _rank(name: str, here: str, there: str) -> tuple[int, int, str]:
    """Return by what a package is sorted; the less, the more it can matter."""
    if name in _FIRST:
        return 0, _FIRST.index(name), name
    if _MISSING in {here, there}:
        return 2, 0, name
    same_major = here.partition(".")[0] == there.partition(".")[0]
    return (3 if same_major else 1), 0, name


def _named(evidence: MachineEvidence) -> dict[str, str]:
    """Return versions by name, spelt as package indexes compare names (PEP 503)."""
    return {
        re.sub(r"[-_.]+", "-", name).lower(): version
        for name, version in evidence.packages.items()
    }


def _unseen(here: Probed, there: Probed) -> str:
    """Return the first deciding fact that one of the machines does not show, or ""."""
    for fact, (_, _, same) in FACTS.items():
        for probed in (here, there):
            if same is not None and probed.value(fact) is None:
                return probed.why_not(fact)
    for probed in (here, there):
        if not (probed.evidence and probed.evidence.packages):
            return f"evidence/{probed.resource.probe}.json lists no packages"
    return ""


def _message(here: Probed, there: Probed, found: tuple[Difference, ...]) -> str:
    named = [one for one in found if not one.is_package]
    packages = [one for one in found if one.is_package]
    shown = (*named, *packages[:_MOST])
    told = [f"{one.what} ({one.here} against {one.there})" for one in shown]
    if len(packages) > _MOST:
        told.append(count(len(packages) - _MOST, "more package"))
    why = " and ".join(dict.fromkeys(one.matters for one in found if one.matters))
    differs = f"differs from {there.resource.id} in {listed(told)}" if told else ""
    differs += f": {why}" if why else ""
    if any(one.decides for one in found):
        return f"{here.resource.id} {differs}."
    size = len(here.evidence.packages) if here.evidence else 0
    same = (
        f"{here.resource.id} has the Python, the platform, the numerical library and "
        f"the {count(size, 'package')} of {there.resource.id}"
    )
    return f"{same}; it {differs}." if told else f"{same}."
