"""What CPUs are and do: throttling under a short load, governor, clock, features."""

from __future__ import annotations

import hashlib
import platform
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from readybook.measure.machine.cgroups import Limit, read_limit, read_throttling
from readybook.measure.machine.facts import (
    MAY_NOT,
    TREE,
    denied_fact,
    missing,
    read_fact,
    unseen_fact,
)
from readybook.model.findings import MachineFact

__all__ = ["LOAD_SECONDS", "cpu_facts", "put_load", "throttling_facts"]

LOAD_SECONDS = 1.0  #: ten periods of the kernel's usual 0.1 s
_BLOCK = bytes(2**20)
_CPUS = "sys/devices/system/cpu"
#: What fast linear algebra needs, and how kernels of x86 and of ARM call it.
_FEATURES = {
    "avx": "avx",
    "avx2": "avx2",
    "avx512f": "avx512f",
    "fma": "fma",
    "neon": "neon",
    "asimd": "neon",
    "sve": "sve",
    "amx_tile": "amx",
}


def put_load(threads: int, seconds: float = LOAD_SECONDS) -> None:
    """Keep so many CPUs busy for so long; hashing lets go of Python's lock."""
    end = time.monotonic() + seconds

    def hash_on() -> None:
        while time.monotonic() < end:
            hashlib.sha256(_BLOCK, usedforsecurity=False).digest()

    workers = [threading.Thread(target=hash_on) for _ in range(threads - 1)]
    for worker in workers:
        worker.start()
    hash_on()
    for worker in workers:
        worker.join()


# --- throttling --------------------------------------------------------------------


def throttling_facts(
    root: Path, threads: int, load: Callable[[int], None] | None = None
) -> list[MachineFact]:
    """Return how much a short load is held back: by a quota, and by heat.

    Args:
        root: where the file tree of the machine begins.
        threads: as many as a job would start.
        load: keeps them busy; None: `put_load`, and nothing on a file tree.
    """
    run = load or (put_load if root == Path("/") else None)
    how = f"nr_throttled of nr_periods in cpu.stat, under a load of {threads} threads"
    heat = "core_throttle_count, before and after the same load"
    if run is None:
        unseen = unseen_fact("cpu-throttled", how, TREE)
        return [unseen, unseen_fact("cpu-slowed-by-heat", heat, TREE)]
    hot = _heat(root)
    before = _counted(root)
    run(threads)
    throttled = _throttled(before, _counted(root), read_limit(root, "cpu"), how)
    return [throttled, _heated(root, hot, heat)]


def _counted(root: Path) -> list[tuple[int, int]] | None:
    """Return what was counted so far, None where it cannot be read."""
    try:
        return read_throttling(root)
    except (OSError, ValueError):
        return None


def _throttled(
    before: list[tuple[int, int]] | None,
    after: list[tuple[int, int]] | None,
    quota: Limit,
    how: str,
) -> MachineFact:
    """Return the share of periods on the level of groups that holds back most."""
    name = "cpu-throttled"
    if quota.state == "denied":
        return denied_fact(name, how, quota.why or MAY_NOT)
    if quota.state != "read":
        return unseen_fact(name, how, quota.why or "the quota is not known")
    if quota.value is None:
        why = f"{quota.why or 'no limit is set'}, so none can be used up"
        return read_fact(name, 0.0, "% of periods", how, why)
    if before is None or after is None:
        return unseen_fact(name, how, "cpu.stat could not be read")
    shares = [
        100 * (held - held_before) / (periods - periods_before)
        for (periods_before, held_before), (periods, held) in zip(
            before, after, strict=False
        )
        if periods > periods_before
    ]
    if not shares:
        return unseen_fact(name, how, "no period was counted while the load ran")
    return read_fact(name, round(max(shares), 1), "% of periods", how)


def _heat(root: Path) -> int | None:
    """Return how often the CPUs slowed down for heat so far, None if not told."""
    found = (root / _CPUS).glob("cpu[0-9]*/thermal_throttle/core_throttle_count")
    try:
        counts = [int(path.read_text("ascii")) for path in found]
    except (OSError, ValueError):
        return None
    return sum(counts) if counts else None


def _heated(root: Path, before: int | None, how: str) -> MachineFact:
    after = _heat(root)
    if before is None or after is None:
        why = "the system does not count it, as in most virtual machines"
        return unseen_fact("cpu-slowed-by-heat", how, why)
    return read_fact("cpu-slowed-by-heat", after - before, "times", how)


# --- what they are -----------------------------------------------------------------


def cpu_facts(root: Path, system: str = platform.system()) -> list[MachineFact]:
    """Return governor, highest clock (GHz) and features of the CPUs.

    Args:
        root: where the file tree of the machine begins.
        system: as `platform.system` names it.
    """
    return [_governor(root, system), _frequency(root, system), _features(root, system)]


def _governor(root: Path, system: str) -> MachineFact:
    name, how = "cpu-governor", "cpufreq scaling_governor"
    try:
        found = {path.read_text("ascii").strip() for path in _cpufreq(root, how)}
    except PermissionError:
        return denied_fact(name, how)
    except OSError as error:
        return unseen_fact(name, how, f"it could not be read ({type(error).__name__})")
    if not found:
        return unseen_fact(name, how, missing(root, "cpufreq", system))
    return read_fact(name, " ".join(sorted(found)), None, how)


def _cpufreq(root: Path, how: str) -> list[Path]:
    file = how.rpartition(" ")[2]
    return [*(root / _CPUS).glob(f"cpu[0-9]*/cpufreq/{file}")]


def _frequency(root: Path, system: str) -> MachineFact:
    """Return the highest clock of the CPUs; right after a load it is that under load.

    In virtual machines psutil says 0.0, which is no clock.
    """
    name, how = "cpu-frequency", "cpufreq scaling_cur_freq"
    try:
        khz = [int(path.read_text("ascii")) for path in _cpufreq(root, how)]
        if khz:
            return read_fact(name, round(max(khz) / 1e6, 3), "GHz", how)
        mhz = [float(text) for text in _cpuinfo(root, "cpu MHz")]
    except PermissionError:
        return denied_fact(name, how)
    except (OSError, ValueError):
        mhz = []
    how = "/proc/cpuinfo cpu MHz"
    if not mhz and root == Path("/"):
        how, mhz = "psutil", _psutil_mhz()
    if not mhz or not max(mhz):
        return unseen_fact(name, how, missing(root, "clock of its CPUs", system))
    return read_fact(name, round(max(mhz) / 1e3, 3), "GHz", how)


def _psutil_mhz() -> list[float]:
    try:
        clock = psutil.cpu_freq()
    except (psutil.Error, OSError, RuntimeError, NotImplementedError):
        return []
    return [float(getattr(clock, "current", 0))]  # None where there is no clock


def _cpuinfo(root: Path, *keys: str) -> list[str]:
    """Return the values of a key of /proc/cpuinfo, one for each CPU."""
    text = (root / "proc/cpuinfo").read_text("utf-8")
    lines = (line.partition(":") for line in text.splitlines())
    return [value.strip() for key, _, value in lines if key.strip() in keys]


def _features(root: Path, system: str) -> MachineFact:
    name, how = "cpu-features", "/proc/cpuinfo flags"
    try:
        said = set(" ".join(_cpuinfo(root, "flags", "Features")).split())
    except PermissionError:
        return denied_fact(name, how)
    except OSError:
        return unseen_fact(name, how, missing(root, "/proc/cpuinfo", system))
    if not said:
        return unseen_fact(name, how, "the file does not list them")
    has = dict.fromkeys(ours for theirs, ours in _FEATURES.items() if theirs in said)
    return read_fact(name, " ".join(has) or "none", None, how)
