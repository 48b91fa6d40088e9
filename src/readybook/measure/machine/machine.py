"""Probe the machine that this runs on: facts, each with its source or why it is unknown.

Changes nothing and records no name of a host, a person or a path of theirs.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from readybook import __version__
from readybook.measure.machine import blas, disk, gpu
from readybook.measure.machine.cgroups import Limit, read_limit
from readybook.measure.machine.cpu import cpu_facts, throttling_facts
from readybook.measure.machine.facts import (
    TREE,
    all_unseen,
    denied_fact,
    gib,
    least_fact,
    read_fact,
    unseen_fact,
)
from readybook.measure.machine.limits_of_machine import limit_facts
from readybook.measure.machine.network import reach
from readybook.measure.machine.package_index import index_fact
from readybook.measure.machine.packages import installed_packages
from readybook.measure.machine.privileges import privilege_facts
from readybook.model.findings import MachineEvidence, MachineFact
from readybook.model.resources import ResourceNeeds

__all__ = ["STEPS", "granted_facts", "probe"]

_KIB = 2**10
#: Facts and where the kernel tells them; elsewhere psutil is asked, in this order.
_MEMINFO = {
    "memory-total": "MemTotal",
    "memory-available": "MemAvailable",
    "swap-total": "SwapTotal",
}
_HERE = Path("/")
#: What a probe does, in this order, as a progress bar tells it.
STEPS = ("memory", "CPUs", "BLAS", "disk", "GPUs", "privileges", "network", "packages")


def _quiet(_step: str) -> None:
    """Tell nobody which step begins."""


def probe(
    root: Path = _HERE,
    *,
    today: dt.date,
    folder: Path | None = None,
    needs: ResourceNeeds | None = None,
    tick: Callable[[str], None] = _quiet,
) -> MachineEvidence:
    """Return what a process may use of this machine, within 20 s.

    Args:
        root: where the file tree of the machine begins; a test gives its own, of which
            only a running process could tell the rest: those facts are not visible.
        today: the date of the probe.
        folder: where a job would work; None: the current folder.
        needs: whose endpoints are tried, and whether the package index is asked; None:
            nobody on the network is.
        tick: called with the name of each of `STEPS` as it begins.
    """
    facts = _own_facts(root, folder or Path.cwd(), tick)
    tick("network")
    needs = needs if root == _HERE and needs else ResourceNeeds()
    facts.append(index_fact(wanted=bool(needs.package_index)))
    reached = tuple(reach(needs.endpoints))
    tick("packages")
    facts += _python_facts()
    return MachineEvidence(
        format=1,
        kind="machine",
        readybook=__version__,
        measured_on=today,
        facts=tuple(facts),
        endpoints=reached,
        packages=installed_packages(),
    )


def _own_facts(
    root: Path, folder: Path, tick: Callable[[str], None]
) -> list[MachineFact]:
    """Return what the machine itself tells, without a network."""
    is_here = root == _HERE
    tick("memory")
    facts = granted_facts(root)
    cpus, memory = _job_cpus(facts), _number(facts, "memory-granted")
    tick("CPUs")
    facts += throttling_facts(root, cpus)
    facts += cpu_facts(root)
    tick("BLAS")
    facts += blas.blas_facts(cpus, memory) if is_here else _not_run(blas.FACTS)
    tick("disk")
    facts += disk.disk_facts(folder) if is_here else _not_run(disk.FACTS)
    tick("GPUs")
    library = gpu.load_library()
    facts += gpu.gpu_facts(library) if is_here else _not_run(gpu.FACTS)
    tick("privileges")
    facts += privilege_facts(root, folder)
    facts += limit_facts(root)
    return facts


def granted_facts(root: Path) -> list[MachineFact]:
    """Return memory, swap and CPUs: what there is, the limits, and what that grants.

    Args:
        root: where the file tree of the machine begins.
    """
    total, available, swap = _memory_facts(root)
    memory_limit = _limit_fact("memory-limit", read_limit(root, "memory"), "GiB")
    swap_limit = _limit_fact("swap-limit", read_limit(root, "swap"), "GiB")
    seen, affinity = _seen_fact(root), _affinity_fact(root)
    quota = _limit_fact("cpu-quota", read_limit(root, "cpu"), "CPUs")
    return [
        total,
        memory_limit,
        least_fact("memory-granted", (total, memory_limit)),
        available,
        swap,
        swap_limit,
        least_fact("swap-granted", (swap, swap_limit)),
        seen,
        affinity,
        quota,
        least_fact("cpus-granted", (seen, affinity, quota)),
    ]


def _not_run(names: Sequence[str]) -> list[MachineFact]:
    return all_unseen(names, "this process", TREE)


def _number(facts: Sequence[MachineFact], name: str) -> float | None:
    value = next(fact.value for fact in facts if fact.fact == name)
    return float(value) if isinstance(value, int | float) else None


def _job_cpus(facts: Sequence[MachineFact]) -> int:
    """Return how many threads a job would get: CPUs granted, or else those seen."""
    names = ("cpus-granted", "cpus-affinity", "cpus-seen")
    known = (_number(facts, name) for name in names)
    return max(1, round(next(filter(None, known), 1)))


def _python_facts() -> list[MachineFact]:
    how = "the Python interpreter"
    named = f"{platform.system()} {platform.machine()}".strip() or "unknown"
    return [
        read_fact("platform", named, None, how),
        read_fact("python", platform.python_version(), None, how),
    ]


# --- memory and swap ---------------------------------------------------------------


def _memory_facts(root: Path) -> tuple[MachineFact, ...]:
    """Return the facts of `_MEMINFO`, from the kernel's file or from psutil."""
    how = "/proc/meminfo"
    try:
        text = (root / "proc/meminfo").read_text("ascii")
    except PermissionError:
        return tuple(denied_fact(name, how) for name in _MEMINFO)
    except OSError:
        return _memory_by_psutil(root)
    numbers = {
        line.partition(":")[0]: line.partition(":")[2].split()[0]
        for line in text.splitlines()
        if line.partition(":")[2].split()
    }
    return tuple(
        read_fact(name, gib(int(numbers[key]) * _KIB), "GiB", f"{how} {key}")
        if key in numbers
        else unseen_fact(name, how, f"the file has no {key}")
        for name, key in _MEMINFO.items()
    )


def _memory_by_psutil(root: Path) -> tuple[MachineFact, ...]:
    if root != Path("/"):
        why = "the file tree has no /proc/meminfo"
        return tuple(unseen_fact(name, "/proc/meminfo", why) for name in _MEMINFO)
    try:
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    except (psutil.Error, OSError, RuntimeError) as error:
        why = f"the system did not answer ({type(error).__name__})"
        return tuple(unseen_fact(name, "psutil", why) for name in _MEMINFO)
    numbers = (memory.total, memory.available, swap.total)
    return tuple(
        read_fact(name, gib(number), "GiB", "psutil")
        for name, number in zip(_MEMINFO, numbers, strict=True)
    )


# --- CPUs --------------------------------------------------------------------------


def _seen_fact(root: Path) -> MachineFact:
    how = "/sys/devices/system/cpu/online"
    number = _count_in(root / how.lstrip("/"))
    if number is None and root == Path("/"):
        how, number = "psutil", psutil.cpu_count(logical=True)
    if not number:
        return unseen_fact(
            "cpus-seen", how, "the system does not say how many there are"
        )
    return read_fact("cpus-seen", number, "CPUs", how)


def _affinity_fact(root: Path) -> MachineFact:
    how = "/proc/self/status Cpus_allowed_list"
    try:
        lines = (root / "proc/self/status").read_text("utf-8").splitlines()
    except PermissionError:
        return denied_fact("cpus-affinity", how)
    except OSError:
        return _affinity_by_system(root, how)
    for line in lines:
        key, _, ranges = line.partition(":")
        if key == "Cpus_allowed_list" and (number := _count_ranges(ranges)):
            return read_fact("cpus-affinity", number, "CPUs", how)
    return unseen_fact("cpus-affinity", how, "the file does not say")


def _affinity_by_system(root: Path, how: str) -> MachineFact:
    system = platform.system()
    if root != Path("/"):
        return unseen_fact(
            "cpus-affinity", how, "the file tree has no /proc/self/status"
        )
    if not hasattr(psutil.Process, "cpu_affinity"):
        why = f"{system} does not bind a process to CPUs"
        return read_fact("cpus-affinity", "none", None, system, why)
    number = len(psutil.Process().cpu_affinity() or ())
    return read_fact("cpus-affinity", number or os.cpu_count() or 1, "CPUs", "psutil")


def _count_in(path: Path) -> int | None:
    try:
        return _count_ranges(path.read_text("ascii"))
    except OSError:
        return None


def _count_ranges(text: str) -> int | None:
    """Return how many numbers a list such as `0-3,8` holds, None where it is none."""
    number = 0
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        try:
            number += int(last or first) - int(first) + 1
        except ValueError:
            return None
    return number


# --- limits ------------------------------------------------------------------------


def _limit_fact(name: str, limit: Limit, unit: str) -> MachineFact:
    if limit.state != "read":
        return MachineFact(fact=name, state=limit.state, how=limit.how, why=limit.why)
    if limit.value is None:
        return read_fact(name, "none", None, limit.how, limit.why)
    value = gib(int(limit.value)) if unit == "GiB" else round(limit.value, 3)
    return read_fact(name, value, unit, limit.how)
