"""Compare what resources need with what their probes measured; pure.

The thresholds are the needs that resources.yaml declares. Two follow from a need of
CPUs: a job should not be stopped in any period of the short load (a load of as many
threads as CPUs are granted is stopped in none, as a trial of it shows), and a numerical
library that works with one thread can use one CPU only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from readybook.checks.probe import Probed, find_probe
from readybook.checks.subjects import needs_threads
from readybook.model.case import Assessment
from readybook.model.findings import Finding
from readybook.model.resources import ResourceNeeds
from readybook.model.words import number

__all__ = ["check_resources"]

#: What a probe reads where a limit is not set.
_NO_LIMIT = ("none", "unlimited")


@dataclass(frozen=True)
class _Rule:
    """Which need is compared with which fact, and how it reads."""

    check: str
    need: str  #: field of ResourceNeeds
    fact: str
    unit: str
    says: str  #: the measured amount stands for {}
    limit: bool = False  #: True: without a limit there is enough


_RULES = (
    _Rule(
        "memory-enough",
        "memory_gib",
        "memory-granted",
        "GiB",
        "The machine grants {} of memory",
    ),
    _Rule(
        "swap-enough",
        "swap_gib",
        "swap-granted",
        "GiB",
        "The machine grants {} of swap",
    ),
    _Rule("cpus-enough", "cpus", "cpus-granted", "CPUs", "The machine grants {}"),
    _Rule(
        "disk-enough", "disk_gib", "disk-free", "GiB", "The working folder has {} free"
    ),
    _Rule(
        "disk-fast-enough",
        "write_mib_per_s",
        "disk-write",
        "MiB/s",
        "The working folder is written at {}",
    ),
    _Rule(
        "matrix-fast-enough",
        "matrix_gflops",
        "matrix-rate",
        "GFLOP/s",
        "Matrices are multiplied at {}",
    ),
    _Rule("gpus-enough", "gpus", "gpus", "GPUs", "The machine offers {}"),
    _Rule(
        "gpu-memory-enough",
        "gpu_memory_gib",
        "gpu-memory",
        "GiB",
        "The smallest GPU has {} of memory",
    ),
    _Rule(
        "files-enough",
        "open_files",
        "open-files",
        "files",
        "A process may open {} at once",
        limit=True,
    ),
)


def check_resources(assessment: Assessment) -> list[Finding]:
    """Return a finding for every declared need of a resource, in declared order.

    A need without a probe, or whose fact the probe could not see, is "not measured".
    Where more than one CPU is needed and no rate of matrix products is, the threads of
    the numerical library are compared instead. Units are those of the needs; a load's
    stopped periods are told in per cent.
    """
    return [
        finding
        for resource in assessment.resources.resources
        if resource.needs is not None
        for check in _CHECKS
        for finding in check(find_probe(assessment, resource), resource.needs)
    ]


# --- amounts -----------------------------------------------------------------------


def _amounts(probed: Probed, needs: ResourceNeeds) -> Iterator[Finding]:
    for rule in _RULES:
        needed = getattr(needs, rule.need)
        if needed is not None:
            yield _amount(probed, rule, needed)


def _amount(probed: Probed, rule: _Rule, needed: float) -> Finding:
    amount = probed.amount(rule.fact)
    if rule.fact == "gpu-memory" and probed.amount("gpus") == 0:
        amount = 0
    value: float | str | None = amount
    is_fine = None if amount is None else amount >= needed
    if rule.limit and probed.value(rule.fact) in _NO_LIMIT:
        value, is_fine = "no limit", True
    return probed.finding(
        rule.check,
        f"needs.{rule.need}",
        probed.unknown(rule.fact)
        if value is None
        else _message(probed, rule, value, needed),
        value=value,
        is_fine=is_fine,
        unit=rule.unit,
        threshold=needed,
    )


def _message(probed: Probed, rule: _Rule, value: float | str, needed: float) -> str:
    wanted = f"{_told(needed, rule.unit)} {'is' if needed == 1 else 'are'} needed"
    if value == 0 and rule.check == "swap-enough" and needed:
        return (
            f"The machine has no swap and {wanted}, so a job that outgrows the memory "
            "is killed instead of slowed."
        )
    if value == 0 and rule.check in {"gpus-enough", "gpu-memory-enough"}:
        return f"The machine offers no GPU; {wanted}."
    said = rule.says.format(_told(value, rule.unit))
    if rule.check == "matrix-fast-enough" and (idle := _idle(probed)):
        return f"{said} by one thread, while {idle}; {wanted}."
    return f"{said}; {wanted}."


def _told(value: float | str, unit: str) -> str:
    if isinstance(value, str):
        return f"any number of {unit}"
    return number(float(value), unit)


# --- the numerical library ---------------------------------------------------------


def _threads(probed: Probed, needs: ResourceNeeds) -> Iterator[Finding]:
    """Yield whether more than one CPU is used, where no rate is needed to show it."""
    if not needs_threads(needs):
        return
    fact, wanted = "blas-threads", number(float(needs.cpus or 0), "CPUs")
    threads = probed.amount(fact)
    if threads is None:
        message = probed.unknown(fact)
    elif threads > 1:
        said = number(float(threads), "threads")
        message = f"The numerical library (BLAS) works with {said}."
    else:
        idle = _idle(probed)
        message = (
            "The numerical library (BLAS) works with one thread"
            f"{f', so {idle} in matrix products' if idle else ''}; {wanted} are needed."
        )
    yield probed.finding(
        "matrix-fast-enough",
        "needs.cpus",
        message,
        value=threads,
        is_fine=None if threads is None else threads > 1,
        unit="threads",
        threshold=2,
    )


def _idle(probed: Probed) -> str:
    """Return how many granted CPUs a one-thread BLAS leaves idle, "" where none."""
    threads = [probed.amount("matrix-threads"), probed.amount("blas-threads")]
    granted = probed.amount("cpus-granted")
    if 1 not in threads or granted is None or granted <= 1:
        return ""
    verb = "stands" if granted == 2 else "stand"  # noqa: PLR2004 - one is left
    left, whole = number(float(granted - 1)), number(float(granted), "CPUs")
    return f"{left} of the {whole} granted {verb} idle"


# --- throttling --------------------------------------------------------------------


def _throttling(probed: Probed, needs: ResourceNeeds) -> Iterator[Finding]:
    """Yield whether the machine stopped the job in any period of the short load."""
    if needs.cpus is None:
        return
    fact = "cpu-throttled"
    value = probed.amount(fact)
    if probed.value(fact) in _NO_LIMIT:  # without a quota no period can be stopped
        value = 0
    if value is None:
        message = probed.unknown(fact)
    elif value:
        message = (
            f"The machine stopped the job in {number(float(value), '%')} of periods in "
            "a one-second load, because its share of the CPUs was used up."
        )
    else:
        message = "The machine stopped the job in no period of a one-second load."
    yield probed.finding(
        "cpu-unthrottled",
        "needs.cpus",
        message,
        value=value,
        is_fine=None if value is None else not value,
        unit="% of periods",
        threshold=0,
    )


#: In the order in which findings are shown.
_CHECKS: tuple[Callable[[Probed, ResourceNeeds], Iterator[Finding]], ...] = (
    _amounts,
    _throttling,
    _threads,
)
