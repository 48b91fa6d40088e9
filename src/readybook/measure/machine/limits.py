"""The limits that bind a process: memory, swap, CPUs, open files and processes.

What is granted is the least of what the machine has and of what its control groups
allow. A limit of any ancestor holds, so each level up to the mount is read, in all
versions of control groups. Names of groups are never recorded: they may hold those of
containers.
"""

import hashlib
import importlib
import os
import platform
import threading
import time
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Literal

import psutil

from readybook.measure.machine.facts import (
    HERE,
    Said,
    denied_fact,
    fact_of,
    gib,
    if_here,
    least_fact,
    limit_fact,
    missing,
    pairs_of,
    read_fact,
    text_of,
    unseen_fact,
)
from readybook.model.findings import MachineFact


def granted_facts(root: Path) -> list[MachineFact]:
    """Return memory, swap and CPUs: what there is, the limits, and what that grants."""
    total, available, swap = _memory_facts(root)
    memory = (total, _group_limit(root, "memory"))
    swaps = (swap, _group_limit(root, "swap"))
    cpus = (*_cpu_facts(root), _group_limit(root, "cpu"))
    return [
        *memory, least_fact("memory-granted", *memory), available,
        *swaps, least_fact("swap-granted", *swaps),
        *cpus, least_fact("cpus-granted", *cpus),
    ]  # fmt: skip


# --- memory and CPUs of the machine --------------------------------------------------


def _memory_facts(root: Path) -> list[MachineFact]:
    file = "/proc/meminfo"

    def fact(name: str, key: str, of_system: Callable[[], float]) -> MachineFact:
        def of_kernel() -> float | None:
            said = dict(pairs_of(root, file)).get(key, "").split()
            return gib(int(said[0]) * 2**10) if said else None

        here = if_here(root, "psutil", lambda: gib(of_system()))
        return fact_of(
            name, "GiB", missing(root, file), (f"{file} {key}", of_kernel), *here
        )

    return [
        fact("memory-total", "MemTotal", lambda: psutil.virtual_memory().total),
        fact("memory-available", "MemAvailable",
             lambda: psutil.virtual_memory().available),
        fact("swap-total", "SwapTotal", lambda: psutil.swap_memory().total),
    ]  # fmt: skip


def _cpu_facts(root: Path) -> tuple[MachineFact, MachineFact]:
    """Return how many CPUs are seen, and to how many this process is bound."""
    online, status = "/sys/devices/system/cpu/online", "/proc/self/status"
    key, system = "Cpus_allowed_list", platform.system()

    def seen() -> int:
        return _count_ranges(text_of(root, online))

    def allowed() -> int:
        return _count_ranges(dict(pairs_of(root, status)).get(key, ""))

    def bound() -> Said:
        if not hasattr(psutil.Process, "cpu_affinity"):
            return "none", f"{system} does not bind a process to CPUs"
        return len(psutil.Process().cpu_affinity() or ()) or os.cpu_count() or 1

    seen_here = if_here(root, "psutil", psutil.cpu_count)
    bound_here = if_here(root, "psutil", bound)
    why = "the system does not say how many there are"
    not_said = f"no file {status} says it"
    return (
        fact_of("cpus-seen", "CPUs", why, (online, seen), *seen_here),
        fact_of("cpus-affinity", "CPUs", not_said, (f"{status} {key}", allowed),
                *bound_here),
    )  # fmt: skip


def _count_ranges(text: str) -> int:
    """Return how many numbers a list such as `0-3,8` holds."""
    ranges = (part.partition("-") for part in text.strip().split(","))
    return sum(int(last or first) - int(first) + 1 for first, _, last in ranges)


# --- files and processes -------------------------------------------------------------


def started_facts(root: Path) -> list[MachineFact]:
    """Return how many files a process may open, and how many processes may be started.

    The soft limit holds, as no job raises it by itself; of processes, the least of that
    and of what the control groups allow. No limit is "none".
    """
    files = _soft_limit(root, "open-files", "Max open files", "RLIMIT_NOFILE")
    own = _soft_limit(root, "processes-of-user", "Max processes", "RLIMIT_NPROC")
    in_group = _group_limit(root, "pids")
    return [files, own, in_group, least_fact("processes", own, in_group)]


def _soft_limit(root: Path, name: str, line: str, constant: str) -> MachineFact:
    """Return a limit, as /proc/self/limits or else the module `resource` has it."""
    file, no_limit = "/proc/self/limits", ("none", "no limit is set")
    unit = line.rpartition(" ")[2]

    def of_kernel() -> Said:
        rows = text_of(root, file).splitlines()
        row = next((row for row in rows if row.startswith(line)), line)
        soft = [*row.removeprefix(line).split(), ""][0]
        return no_limit if soft == "unlimited" else int(soft)

    def of_python() -> Said:
        limits = importlib.import_module("resource")
        soft = limits.getrlimit(getattr(limits, constant))[0]
        return no_limit if soft == limits.RLIM_INFINITY else int(soft)

    return fact_of(
        name, unit, missing(root, file), (f"{file} {line}, soft", of_kernel),
        *if_here(root, f"{constant}, soft", of_python),
    )  # fmt: skip


# --- control groups ------------------------------------------------------------------

#: From here on a number stands for "no limit".
_UNLIMITED = 2**62

Resource = Literal["memory", "swap", "cpu", "pids"]


def _group_limit(root: Path, resource: Resource) -> MachineFact:
    """Return the least limit on a resource over all groups that hold this process."""
    name, unit, controller, *readers = _LIMITS[resource]
    if not (root / "proc").is_dir():
        system = platform.system()
        if root == HERE and system != "Linux":
            why = f"{system} has no control groups"
            return read_fact(name, "none", None, system, why)
        return unseen_fact(name, "/proc", "the file tree has no /proc")
    how = "control groups"
    try:
        groups = _groups(root, controller)
        # Without a look at its own directory a limit may be hidden.
        if not groups or not all(levels[0].is_dir() for _, levels in groups):
            which = "no control group of this process is"
            which = "the group of this process is not" if groups else which
            why = f"{which} mounted, so a limit may be hidden"
            return unseen_fact(name, how, why)
        read = [(v2, readers[v2](level)) for v2, levels in groups for level in levels]
    except PermissionError:
        return denied_fact(name, how, "this process may not read its control groups")
    except (OSError, ValueError) as error:
        why = f"control groups could not be read ({type(error).__name__})"
        return unseen_fact(name, how, why)
    versions = " and ".join(sorted({"v2" if is_v2 else "v1" for is_v2, _ in read}))
    how = f"{how} {versions}, {len(read)} level{'' if len(read) == 1 else 's'}"
    least = min((limit for _, limit in read if limit is not None), default=None)
    if least is not None:
        least = gib(least) if unit == "GiB" else round(least, 3)
    return limit_fact(name, least, unit, how)


def _groups(root: Path, controller: str) -> list[tuple[bool, list[Path]]]:
    """Return the groups that can limit a controller: of version 1, 2, or in a hybrid both.

    Each is whether it is of version 2, and its directories from the process's own up
    to the mount.
    """
    lines = text_of(root, "/proc/self/cgroup").splitlines()
    memberships = {  # path by controller, which is "" of version 2
        controller: path
        for _number, controllers, path in (line.split(":", 2) for line in lines)
        for controller in controllers.split(",")
    }
    found = []
    for line in text_of(root, "/proc/self/mountinfo").splitlines():
        left, _, right = line.partition(" - ")
        kind, *_, options = right.split() or [""]
        if kind not in {"cgroup", "cgroup2"}:
            continue
        is_v2 = kind == "cgroup2"
        mount_root, mount_point = left.split()[3:5]
        top = root / mount_point.lstrip("/")
        path = memberships.get("" if is_v2 else controller)
        # In a hybrid a controller lives in one of the two trees.
        controllers = _text(top, "cgroup.controllers").split()
        known = controllers if is_v2 else options.split(",")
        if path is None or controller not in known:
            continue
        group = PurePosixPath(path)
        levels = [top]
        # In a container the mount may begin at the group itself, or the path may be
        # told from a place that is not mounted ("/../.."): then the mount is all.
        if ".." not in group.parts and group.is_relative_to(mount_root):
            for part in group.relative_to(mount_root).parts:
                levels.insert(0, levels[0] / part)
        found.append((is_v2, levels))
    return found


def _text(level: Path, file: str) -> str:
    """Return what a file of one level says, "" where there is none."""
    try:
        return (level / file).read_text("ascii").strip()
    except FileNotFoundError:
        return ""


def _number(level: Path, file: str) -> int | None:
    """Return what a file of one level says, None where there is none or no limit."""
    text = _text(level, file) or "max"
    number = _UNLIMITED if text == "max" else int(text)
    return number if 0 <= number < _UNLIMITED else None


def _of_file(file: str) -> Callable[[Path], float | None]:
    return lambda level: _number(level, file)


def _swap_v1(level: Path) -> float | None:
    """Return what the limit on memory and swap together leaves for swap."""
    both = _number(level, "memory.memsw.limit_in_bytes")
    if both is None:
        return None
    return max(0, both - (_number(level, "memory.limit_in_bytes") or 0))


def _cpu_v1(level: Path) -> float | None:
    quota, period = (_number(level, f"cpu.cfs_{key}_us") for key in ("quota", "period"))
    return quota / period if quota and period else None


def _cpu_v2(level: Path) -> float | None:
    quota, _, period = _text(level, "cpu.max").partition(" ")
    return None if quota in {"", "max"} else int(quota) / int(period or 100_000)


_Reader = Callable[[Path], float | None]
#: Of a resource: its fact, the unit, the controller, and what reads one level of
#: version 1 and of version 2.
_LIMITS: dict[Resource, tuple[str, str, str, _Reader, _Reader]] = {
    "memory": ("memory-limit", "GiB", "memory",
               _of_file("memory.limit_in_bytes"), _of_file("memory.max")),
    "swap": ("swap-limit", "GiB", "memory", _swap_v1, _of_file("memory.swap.max")),
    "cpu": ("cpu-quota", "CPUs", "cpu", _cpu_v1, _cpu_v2),
    "pids": ("processes-of-group", "processes", "pids",
             _of_file("pids.max"), _of_file("pids.max")),
}  # fmt: skip


# --- throttling ----------------------------------------------------------------------

_LOAD_SECONDS = 1.0  #: ten periods of the kernel's usual 0.1 s
_BLOCK = bytes(2**20)


def _put_load(threads: int) -> None:
    """Keep so many CPUs busy for a second; hashing lets go of Python's lock."""
    end = time.monotonic() + _LOAD_SECONDS

    def hash_on() -> None:
        while time.monotonic() < end:
            hashlib.sha256(_BLOCK, usedforsecurity=False).digest()

    workers = [threading.Thread(target=hash_on) for _ in range(threads - 1)]
    for worker in workers:
        worker.start()
    hash_on()
    for worker in workers:
        worker.join()


def throttling_fact(
    root: Path, threads: int, load: Callable[[int], None] = _put_load
) -> MachineFact:
    """Return in how many periods of a short load a quota stopped it, in per cent.

    Each level of control groups counts for itself; the one that stops most is told.
    The load keeps as many threads busy as a job would start.
    """
    name, unit = "cpu-throttled", "% of periods"
    how = f"nr_throttled of nr_periods in cpu.stat, under a load of {threads} threads"
    quota = _group_limit(root, "cpu")
    if quota.state != "read":
        return quota.model_copy(update={"fact": name, "how": how})
    if quota.value == "none":
        why = f"{quota.why}, so none can be used up"
        return read_fact(name, 0.0, unit, how, why)
    try:
        before = _throttled(root)
        load(threads)
        after = _throttled(root)
    except (OSError, ValueError):
        return unseen_fact(name, how, "cpu.stat could not be read")
    passed = zip(before, after, strict=False)
    shares = [
        100 * (held - held_then) / (periods - periods_then)
        for (periods_then, held_then), (periods, held) in passed
        if periods > periods_then
    ]
    if not shares:
        return unseen_fact(name, how, "no period was counted while the load ran")
    return read_fact(name, round(max(shares), 1), unit, how)


def _throttled(root: Path) -> list[tuple[int, int]]:
    """Return periods and throttled periods so far, for each level that counts them."""
    counts = []
    for level in (level for _, levels in _groups(root, "cpu") for level in levels):
        lines = _text(level, "cpu.stat").splitlines()
        said = dict(line.split() for line in lines)
        if "nr_periods" in said:
            counts.append((int(said["nr_periods"]), int(said["nr_throttled"])))
    return counts
