"""The limits that bind a process: memory, swap, CPUs, open files and processes.

What is granted is the least of what the machine has and of what its control groups
allow. A limit of any ancestor holds, so each level up to the mount is read, in all
versions of control groups. Names of groups are never recorded: they may hold those of
containers.
"""

from __future__ import annotations

import importlib
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import psutil

from readybook.measure.machine.facts import (
    HERE,
    all_unseen,
    denied_fact,
    fact_of,
    gib,
    least_fact,
    limit_fact,
    missing,
    read_fact,
    unseen_fact,
)
from readybook.model.findings import MachineFact

__all__ = ["granted_facts", "group_limit", "read_throttling", "started_facts"]

_KIB = 2**10
#: Facts and where the kernel tells them; elsewhere psutil is asked, in this order.
_MEMINFO = {
    "memory-total": "MemTotal",
    "memory-available": "MemAvailable",
    "swap-total": "SwapTotal",
}


def granted_facts(root: Path) -> list[MachineFact]:
    """Return memory, swap and CPUs: what there is, the limits, and what that grants.

    Args:
        root: where the file tree of the machine begins.
    """
    total, available, swap = _memory_facts(root)
    memory_limit, swap_limit = group_limit(root, "memory"), group_limit(root, "swap")
    seen, affinity = _seen_fact(root), _affinity_fact(root)
    quota = group_limit(root, "cpu")
    return [
        total,
        memory_limit,
        least_fact("memory-granted", total, memory_limit),
        available,
        swap,
        swap_limit,
        least_fact("swap-granted", swap, swap_limit),
        seen,
        affinity,
        quota,
        least_fact("cpus-granted", seen, affinity, quota),
    ]


# --- memory and CPUs of the machine --------------------------------------------------


def _memory_facts(root: Path) -> list[MachineFact]:
    """Return the facts of `_MEMINFO`, from the kernel's file or from psutil."""
    how = "/proc/meminfo"
    try:
        text = (root / "proc/meminfo").read_text("ascii")
    except PermissionError:
        return [denied_fact(name, how) for name in _MEMINFO]
    except OSError:
        return _memory_by_psutil(root, how)
    said = (line.partition(":") for line in text.splitlines())
    numbers = {key: value.split()[0] for key, _, value in said if value.split()}
    return [
        read_fact(name, gib(int(numbers[key]) * _KIB), "GiB", f"{how} {key}")
        if key in numbers
        else unseen_fact(name, how, f"the file has no {key}")
        for name, key in _MEMINFO.items()
    ]


def _memory_by_psutil(root: Path, how: str) -> list[MachineFact]:
    if root != HERE:
        return all_unseen(_MEMINFO, how, missing(root, how, ""))
    try:
        memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    except (psutil.Error, OSError, RuntimeError) as error:
        why = f"the system did not answer ({type(error).__name__})"
        return all_unseen(_MEMINFO, "psutil", why)
    numbers = (memory.total, memory.available, swap.total)
    return [
        read_fact(name, gib(number), "GiB", "psutil")
        for name, number in zip(_MEMINFO, numbers, strict=True)
    ]


def _seen_fact(root: Path) -> MachineFact:
    how = "/sys/devices/system/cpu/online"
    try:
        number = _count_ranges((root / how.lstrip("/")).read_text("ascii"))
    except OSError:
        number = None
    if number is None and root == HERE:
        how, number = "psutil", psutil.cpu_count(logical=True)
    if not number:
        why = "the system does not say how many there are"
        return unseen_fact("cpus-seen", how, why)
    return read_fact("cpus-seen", number, "CPUs", how)


def _affinity_fact(root: Path) -> MachineFact:
    name, how = "cpus-affinity", "/proc/self/status Cpus_allowed_list"

    def read() -> MachineFact | None:
        try:
            lines = (root / "proc/self/status").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return _affinity_by_psutil(name) if root == HERE else None
        said = dict(line.partition(":")[::2] for line in lines)
        number = _count_ranges(said.get("Cpus_allowed_list", ""))
        return read_fact(name, number, "CPUs", how) if number else None

    return fact_of(name, how, read, "no file /proc/self/status says it")


def _affinity_by_psutil(name: str) -> MachineFact:
    if not hasattr(psutil.Process, "cpu_affinity"):
        system = platform.system()
        why = f"{system} does not bind a process to CPUs"
        return read_fact(name, "none", None, system, why)
    number = len(psutil.Process().cpu_affinity() or ())
    return read_fact(name, number or os.cpu_count() or 1, "CPUs", "psutil")


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


# --- files and processes -------------------------------------------------------------


def started_facts(root: Path, system: str = platform.system()) -> list[MachineFact]:
    """Return how many files a process may open, and how many processes may be started.

    The soft limit holds, as no job raises it by itself; of processes, the least of that
    and of what the control groups allow. No limit is "none".

    Args:
        root: where the file tree of the machine begins.
        system: as `platform.system` names it.
    """
    own = _soft_limit(
        root, system, "processes-of-user", "Max processes", "RLIMIT_NPROC", "processes"
    )
    in_group = group_limit(root, "pids")
    return [
        _soft_limit(
            root, system, "open-files", "Max open files", "RLIMIT_NOFILE", "files"
        ),
        own,
        in_group,
        least_fact("processes", own, in_group),
    ]


def _soft_limit(  # noqa: PLR0913, PLR0917 - a row of a table of limits
    root: Path, system: str, name: str, line: str, constant: str, unit: str
) -> MachineFact:
    """Return a limit, as /proc/self/limits or else the module `resource` has it."""
    how = f"/proc/self/limits {line}, soft"

    def read() -> MachineFact | None:
        try:
            text = (root / "proc/self/limits").read_text("ascii")
        except FileNotFoundError:
            if root != HERE:
                return None
            limits = importlib.import_module("resource")
            soft = limits.getrlimit(getattr(limits, constant))[0]
            number = None if soft == limits.RLIM_INFINITY else int(soft)
            return limit_fact(name, number, unit, f"{constant}, soft")
        rows = [row for row in text.splitlines() if row.startswith(line)]
        soft = rows[0].removeprefix(line).split()[0] if rows else ""
        return limit_fact(name, None if soft == "unlimited" else int(soft), unit, how)

    try:
        return fact_of(name, how, read, missing(root, "/proc/self/limits", system))
    except ImportError:  # of `resource`, which Windows does not have
        return unseen_fact(name, how, f"{system} has no such limit")


# --- control groups ------------------------------------------------------------------

#: From here on a number stands for "no limit".
_UNLIMITED = 2**62
_V2 = "cgroup2"

Resource = Literal["memory", "swap", "cpu", "pids"]
#: Resource to the fact of its limit, the unit, and the controller.
_LIMITS: dict[Resource, tuple[str, str, str]] = {
    "memory": ("memory-limit", "GiB", "memory"),
    "swap": ("swap-limit", "GiB", "memory"),
    "cpu": ("cpu-quota", "CPUs", "cpu"),
    "pids": ("processes-of-group", "processes", "pids"),
}


@dataclass(frozen=True)
class _Group:
    """The directories of this process's group, from its own up to the mount."""

    version: Literal["v1", "v2"]
    levels: tuple[Path, ...]
    is_visible: bool  #: False: its own directory cannot be seen from here


def group_limit(root: Path, resource: Resource) -> MachineFact:
    """Return the least limit on a resource over all groups that hold this process.

    Args:
        root: where the file tree of the machine begins.
        resource: memory and swap in GiB, cpu in CPUs, pids in processes.
    """
    name, unit, controller = _LIMITS[resource]
    if not (root / "proc").is_dir():
        system = platform.system()
        if root == HERE and system != "Linux":
            why = f"{system} has no control groups"
            return read_fact(name, "none", None, system, why)
        return unseen_fact(name, "/proc", "the file tree has no /proc")
    how = "control groups"
    try:
        groups = _groups(root, controller)
        if not groups or not all(group.is_visible for group in groups):
            which = "the group" if groups else "no control group"
            is_not = "is not" if groups else "is"
            why = f"{which} of this process {is_not} mounted, so a limit may be hidden"
            return unseen_fact(name, how, why)
        read = [
            (group.version, _READERS[resource, group.version](level))
            for group in groups
            for level in group.levels
        ]
    except PermissionError:
        return denied_fact(name, how, "this process may not read its control groups")
    except (OSError, ValueError) as error:
        why = f"control groups could not be read ({type(error).__name__})"
        return unseen_fact(name, how, why)
    versions = " and ".join(sorted({version for version, _ in read}))
    how = f"{how} {versions}, {len(read)} level{'' if len(read) == 1 else 's'}"
    least = min((limit for _, limit in read if limit is not None), default=None)
    if least is not None:
        least = gib(least) if unit == "GiB" else round(least, 3)
    return limit_fact(name, least, unit, how)


def read_throttling(root: Path) -> list[tuple[int, int]]:
    """Return periods and throttled periods so far, for each level that counts them.

    A level counts while it has a quota; without one the list is empty, or stands still.

    Raises:
        OSError: the groups of this process cannot be read.
        ValueError: they say what no kernel says.
    """
    levels = [level for group in _groups(root, "cpu") for level in group.levels]
    counts = []
    for level in levels:
        try:
            lines = (level / "cpu.stat").read_text("ascii").splitlines()
        except FileNotFoundError:
            continue
        said = dict(line.split() for line in lines)
        if "nr_periods" in said:
            counts.append((int(said["nr_periods"]), int(said["nr_throttled"])))
    return counts


def _groups(root: Path, controller: str) -> list[_Group]:
    """Return the groups that can limit a controller: v1, v2, or both in a hybrid."""
    found = []
    memberships = dict(_memberships(root))
    for kind, options, mount_root, mount_point in _mounts(root):
        is_v2 = kind == _V2
        path = memberships.get("" if is_v2 else controller)
        if path is None or (not is_v2 and controller not in options):
            continue
        top = root / mount_point.lstrip("/")
        inside = _inside(path, mount_root)
        levels = [top.joinpath(*inside.parts)]
        while levels[-1] != top:
            levels.append(levels[-1].parent)
        if is_v2 and controller not in _controllers(top):
            continue  # in a hybrid the controller lives in the other tree
        version: Literal["v1", "v2"] = "v2" if is_v2 else "v1"
        found.append(_Group(version, tuple(levels), levels[0].is_dir()))
    return found


def _memberships(root: Path) -> Iterator[tuple[str, str]]:
    """Yield controller ("" for v2) and path of each group of this process."""
    for line in (root / "proc/self/cgroup").read_text("utf-8").splitlines():
        _number, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, path


def _mounts(root: Path) -> Iterator[tuple[str, set[str], str, str]]:
    """Yield kind, options, root and point of each mount of control groups."""
    for line in (root / "proc/self/mountinfo").read_text("utf-8").splitlines():
        left, _, right = line.partition(" - ")
        kind, *_, options = right.split() or [""]
        if kind in {"cgroup", _V2}:
            mount_root, point = left.split()[3:5]
            yield kind, set(options.split(",")), mount_root, point


def _inside(path: str, mount_root: str) -> PurePosixPath:
    """Return a group's path below its mount.

    In a container the mount may begin at the group itself, or the path may be told
    from a place that is not mounted ("/../.."): then the mount is all there is.
    """
    group, top = PurePosixPath(path), PurePosixPath(mount_root)
    if ".." in group.parts or not group.is_relative_to(top):
        return PurePosixPath()
    return group.relative_to(top)


def _controllers(top: Path) -> set[str]:
    try:
        return set((top / "cgroup.controllers").read_text("ascii").split())
    except FileNotFoundError:
        return set()


# --- what one level says -----------------------------------------------------------


def _number(path: Path) -> int | None:
    """Return a number of bytes, None where there is no file or no limit."""
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    if text == "max":
        return None
    number = int(text)
    return None if number >= _UNLIMITED or number < 0 else number


def _swap_v1(level: Path) -> float | None:
    """Return what the limit on memory and swap together leaves for swap."""
    both = _number(level / "memory.memsw.limit_in_bytes")
    if both is None:
        return None
    return max(0, both - (_number(level / "memory.limit_in_bytes") or 0))


def _cpu_v1(level: Path) -> float | None:
    quota = _number(level / "cpu.cfs_quota_us")
    period = _number(level / "cpu.cfs_period_us")
    return quota / period if quota and period else None


def _cpu_v2(level: Path) -> float | None:
    try:
        quota, _, period = (level / "cpu.max").read_text("ascii").strip().partition(" ")
    except FileNotFoundError:
        return None
    return None if quota == "max" else int(quota) / int(period or 100_000)


_READERS: dict[tuple[Resource, str], Callable[[Path], float | None]] = {
    ("memory", "v1"): lambda level: _number(level / "memory.limit_in_bytes"),
    ("memory", "v2"): lambda level: _number(level / "memory.max"),
    ("swap", "v1"): _swap_v1,
    ("swap", "v2"): lambda level: _number(level / "memory.swap.max"),
    ("cpu", "v1"): _cpu_v1,
    ("cpu", "v2"): _cpu_v2,
    ("pids", "v1"): lambda level: _number(level / "pids.max"),
    ("pids", "v2"): lambda level: _number(level / "pids.max"),
}
