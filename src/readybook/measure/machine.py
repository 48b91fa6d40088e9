"""Probe the machine that this runs on: facts, each with its source or why it is unknown.

Changes nothing and records no name of a host, a person or a path of theirs.
"""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import psutil

from readybook import __version__
from readybook.findings import MachineEvidence, MachineFact
from readybook.measure.cgroups import Limit, read_limit

__all__ = ["probe"]

_GIB = 2**30
_KIB = 2**10
#: Facts and where the kernel tells them; elsewhere psutil is asked, in this order.
_MEMINFO = {
    "memory-total": "MemTotal",
    "memory-available": "MemAvailable",
    "swap-total": "SwapTotal",
}


def probe(root: Path = Path("/"), *, today: dt.date) -> MachineEvidence:
    """Return what a process may use of this machine: memory, swap and CPUs.

    Args:
        root: where the file tree of the machine begins; a test gives its own.
        today: the date of the probe.
    """
    total, available, swap = _memory_facts(root)
    memory_limit = _limit_fact("memory-limit", read_limit(root, "memory"), "GiB")
    swap_limit = _limit_fact("swap-limit", read_limit(root, "swap"), "GiB")
    seen, affinity = _seen_fact(root), _affinity_fact(root)
    quota = _limit_fact("cpu-quota", read_limit(root, "cpu"), "CPUs")
    return MachineEvidence(
        format=1,
        kind="machine",
        readybook=__version__,
        measured_on=today,
        facts=(
            total,
            memory_limit,
            _least("memory-granted", (total, memory_limit)),
            available,
            swap,
            swap_limit,
            _least("swap-granted", (swap, swap_limit)),
            seen,
            affinity,
            quota,
            _least("cpus-granted", (seen, affinity, quota)),
            _read("platform", _platform(), None, "the Python interpreter"),
            _read("python", platform.python_version(), None, "the Python interpreter"),
        ),
    )


def _platform() -> str:
    return f"{platform.system()} {platform.machine()}".strip() or "unknown"


def _read(
    name: str, value: float | str, unit: str | None, how: str, why: str | None = None
) -> MachineFact:
    return MachineFact(
        fact=name, state="read", value=value, unit=unit, how=how, why=why
    )


def _gib(number: int) -> float:
    return round(number / _GIB, 3)


# --- memory and swap ---------------------------------------------------------------


def _memory_facts(root: Path) -> tuple[MachineFact, ...]:
    """Return the facts of `_MEMINFO`, from the kernel's file or from psutil."""
    how = "/proc/meminfo"
    try:
        text = (root / "proc/meminfo").read_text("ascii")
    except PermissionError:
        return tuple(_denied(name, how) for name in _MEMINFO)
    except OSError:
        return _memory_by_psutil(root)
    numbers = {
        line.partition(":")[0]: line.partition(":")[2].split()[0]
        for line in text.splitlines()
        if line.partition(":")[2].split()
    }
    return tuple(
        _read(name, _gib(int(numbers[key]) * _KIB), "GiB", f"{how} {key}")
        if key in numbers
        else _unseen(name, how, f"the file has no {key}")
        for name, key in _MEMINFO.items()
    )


def _memory_by_psutil(root: Path) -> tuple[MachineFact, ...]:
    if root != Path("/"):
        why = "the file tree has no /proc/meminfo"
        return tuple(_unseen(name, "/proc/meminfo", why) for name in _MEMINFO)
    try:
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    except (psutil.Error, OSError, RuntimeError) as error:
        why = f"the system did not answer ({type(error).__name__})"
        return tuple(_unseen(name, "psutil", why) for name in _MEMINFO)
    numbers = (memory.total, memory.available, swap.total)
    return tuple(
        _read(name, _gib(number), "GiB", "psutil")
        for name, number in zip(_MEMINFO, numbers, strict=True)
    )


# --- CPUs --------------------------------------------------------------------------


def _seen_fact(root: Path) -> MachineFact:
    how = "/sys/devices/system/cpu/online"
    number = _count_in(root / how.lstrip("/"))
    if number is None and root == Path("/"):
        how, number = "psutil", psutil.cpu_count(logical=True)
    if not number:
        return _unseen("cpus-seen", how, "the system does not say how many there are")
    return _read("cpus-seen", number, "CPUs", how)


def _affinity_fact(root: Path) -> MachineFact:
    how = "/proc/self/status Cpus_allowed_list"
    try:
        lines = (root / "proc/self/status").read_text("utf-8").splitlines()
    except PermissionError:
        return _denied("cpus-affinity", how)
    except OSError:
        return _affinity_by_system(root, how)
    for line in lines:
        key, _, ranges = line.partition(":")
        if key == "Cpus_allowed_list" and (number := _count_ranges(ranges)):
            return _read("cpus-affinity", number, "CPUs", how)
    return _unseen("cpus-affinity", how, "the file does not say")


def _affinity_by_system(root: Path, how: str) -> MachineFact:
    system = platform.system()
    if root != Path("/"):
        return _unseen("cpus-affinity", how, "the file tree has no /proc/self/status")
    if not hasattr(psutil.Process, "cpu_affinity"):
        why = f"{system} does not bind a process to CPUs"
        return _read("cpus-affinity", "none", None, system, why)
    number = len(psutil.Process().cpu_affinity() or ())
    return _read("cpus-affinity", number or os.cpu_count() or 1, "CPUs", "psutil")


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
        return _read(name, "none", None, limit.how, limit.why)
    value = _gib(int(limit.value)) if unit == "GiB" else round(limit.value, 3)
    return _read(name, value, unit, limit.how)


def _least(name: str, facts: Sequence[MachineFact]) -> MachineFact:
    """Return the least of some facts; one that is not known makes it unknown.

    Nothing can be granted where the machine itself has none, whatever the limit.
    """
    how = "the least of " + ", ".join(fact.fact for fact in facts)
    numbers = [fact.value for fact in facts if isinstance(fact.value, int | float)]
    unknown = [fact for fact in facts if fact.state != "read"]
    if unknown and 0 not in numbers:
        why = "; ".join(f"{one.fact}: {one.why}" for one in unknown)
        if any(one.state == "denied" for one in unknown):
            return MachineFact(fact=name, state="denied", how=how, why=why)
        return _unseen(name, how, why)
    unit = next(fact.unit for fact in facts if fact.unit)
    return _read(name, min(numbers), unit, how)


def _unseen(name: str, how: str, why: str) -> MachineFact:
    return MachineFact(fact=name, state="not visible", how=how, why=why)


def _denied(name: str, how: str) -> MachineFact:
    why = "this process may not read it"
    return MachineFact(fact=name, state="denied", how=how, why=why)
