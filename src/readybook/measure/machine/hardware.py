"""What computes and stores here, and how fast under a short load.

CPUs, the numerical library behind numpy (BLAS), GPUs of NVIDIA, and disks.
"""

from __future__ import annotations

import errno
import hashlib
import importlib
import os
import platform
import secrets
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from readybook.measure.machine.facts import (
    GIB,
    HERE,
    TREE,
    all_unseen,
    denied_fact,
    fact_of,
    gib,
    missing,
    read_fact,
    unseen_fact,
)
from readybook.measure.machine.limits import group_limit, read_throttling
from readybook.model.findings import MachineFact

if TYPE_CHECKING:
    import numpy as np

__all__ = [
    "BLAS",
    "DISKS",
    "GPUS",
    "blas_facts",
    "cpu_facts",
    "disk_facts",
    "gpu_facts",
    "load_gpu_library",
    "put_load",
    "throttling_fact",
]

#: Facts that only a running process can tell, in their order.
BLAS = ("blas", "blas-threads", "blas-architecture", "matrix-rate", "matrix-threads")
DISKS = ("disk-free", "inodes-free", "disk-write", "temp-free", "shm-free")
GPUS = ("gpus", "gpu-memory", "gpu-names")


# --- throttling ----------------------------------------------------------------------

_LOAD_SECONDS = 1.0  #: ten periods of the kernel's usual 0.1 s
_BLOCK = bytes(2**20)


def put_load(threads: int, seconds: float = _LOAD_SECONDS) -> None:
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


def throttling_fact(
    root: Path, threads: int, load: Callable[[int], None] | None = None
) -> MachineFact:
    """Return in how many periods of a short load a quota stopped it, in per cent.

    Each level of control groups counts for itself; the one that stops most is told.

    Args:
        root: where the file tree of the machine begins.
        threads: as many as a job would start.
        load: keeps them busy; None: `put_load`, and nothing on a file tree.
    """
    run = load or (put_load if root == HERE else None)
    name, unit = "cpu-throttled", "% of periods"
    how = f"nr_throttled of nr_periods in cpu.stat, under a load of {threads} threads"
    if run is None:
        return unseen_fact(name, how, TREE)
    before = _counted(root)
    run(threads)
    after = _counted(root)
    quota = group_limit(root, "cpu")
    if quota.state != "read":
        return quota.model_copy(update={"fact": name, "how": how})
    if quota.value == "none":
        why = f"{quota.why}, so none can be used up"
        return read_fact(name, 0.0, unit, how, why)
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
    return read_fact(name, round(max(shares), 1), unit, how)


def _counted(root: Path) -> list[tuple[int, int]] | None:
    """Return what was counted so far, None where it cannot be read."""
    try:
        return read_throttling(root)
    except (OSError, ValueError):
        return None


# --- CPUs ----------------------------------------------------------------------------

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


def cpu_facts(root: Path, system: str = platform.system()) -> list[MachineFact]:
    """Return governor, highest clock (GHz) and features of the CPUs.

    The clock is that under load right after one; in virtual machines psutil says 0.0,
    which is no clock.

    Args:
        root: where the file tree of the machine begins.
        system: as `platform.system` names it.
    """
    governor, clock = "cpufreq scaling_governor", "cpufreq scaling_cur_freq"
    flags = "/proc/cpuinfo flags"

    def read_governor() -> MachineFact | None:
        found = sorted({text.strip() for text in _cpufreq(root, "scaling_governor")})
        return (
            read_fact("cpu-governor", " ".join(found), None, governor)
            if found
            else None
        )

    def read_clock() -> MachineFact | None:
        mhz, how = (
            [int(text) / 1e3 for text in _cpufreq(root, "scaling_cur_freq")],
            clock,
        )
        if not mhz:
            how, mhz = "/proc/cpuinfo cpu MHz", _mhz(root)
        if not mhz and root == HERE:
            how, mhz = "psutil", _psutil_mhz()
        highest = round(max(mhz, default=0) / 1e3, 3)
        return read_fact("cpu-frequency", highest, "GHz", how) if highest else None

    def read_features() -> MachineFact | None:
        said = set(" ".join(_cpuinfo(root, "flags", "Features")).split())
        has = dict.fromkeys(ours for word, ours in _FEATURES.items() if word in said)
        told = " ".join(has) or "none"
        return read_fact("cpu-features", told, None, flags) if said else None

    return [
        fact_of(
            "cpu-governor", governor, read_governor, missing(root, "cpufreq", system)
        ),
        fact_of(
            "cpu-frequency",
            clock,
            read_clock,
            missing(root, "clock of its CPUs", system),
        ),
        fact_of(
            "cpu-features",
            flags,
            read_features,
            missing(root, "features of its CPUs", system),
        ),
    ]


def _cpufreq(root: Path, file: str) -> list[str]:
    found = (root / "sys/devices/system/cpu").glob(f"cpu[0-9]*/cpufreq/{file}")
    return [path.read_text("ascii") for path in found]


def _cpuinfo(root: Path, *keys: str) -> list[str]:
    """Return the values of a key of /proc/cpuinfo, one for each CPU."""
    text = (root / "proc/cpuinfo").read_text("utf-8")
    lines = (line.partition(":") for line in text.splitlines())
    return [value.strip() for key, _, value in lines if key.strip() in keys]


def _mhz(root: Path) -> list[float]:
    try:
        return [float(text) for text in _cpuinfo(root, "cpu MHz")]
    except FileNotFoundError:
        return []


def _psutil_mhz() -> list[float]:
    try:
        clock = psutil.cpu_freq()
    except (psutil.Error, OSError, RuntimeError, NotImplementedError):
        return []
    return [float(getattr(clock, "current", 0))]  # None where there is no clock


# --- linear algebra ------------------------------------------------------------------

_BLAS_HOW = "threadpoolctl, numpy loaded"
#: Only whether they are set is told, never to what.
_FORCE_KERNEL = ("OPENBLAS_CORETYPE", "MKL_ENABLE_INSTRUCTIONS", "BLIS_ARCH_TYPE")
_FORCE_THREADS = (
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "OMP_NUM_THREADS",
)
_SIZES = (256, 512, 1024, 2048)  #: rows and columns; larger ones tell no more
_PRODUCT_SECONDS = 0.3  #: one product takes no longer
_ALL_SECONDS = 1.5  #: all products together
_PRODUCTS = 5
#: The three matrices may take this share of the memory that is granted.
_MEMORY_SHARE = 1 / 20


def blas_facts(
    cpus: int, memory_gib: float | None, environ: Mapping[str, str] = os.environ
) -> list[MachineFact]:
    """Return the BLAS library, its threads, its kernel, and the rate of a product.

    The rate is the median of a few float64 products, in GFLOP/s: n x n matrices take
    2 n^3 operations. They run on the threads that the library starts by itself, as
    they would for a job: the environment counts, what the machine grants may not.

    Args:
        cpus: that are granted.
        memory_gib: that is granted; None: not known, so matrices stay small.
        environ: names that are set there are told, values never.
    """
    try:
        # Both take a moment to import, and numpy must be loaded to be seen.
        importlib.import_module("numpy")
        import threadpoolctl  # noqa: PLC0415
    except ImportError as error:
        why = f"{error.name or 'numpy'} cannot be imported"
        return all_unseen(BLAS, _BLAS_HOW, why)
    pools = [p for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"]
    if not pools:
        return _unknown_library(memory_gib)
    pool = pools[0]
    threads = pool["num_threads"]
    said = f"{threads} thread{'' if threads == 1 else 's'}"
    crowded = f"more than the CPUs granted ({cpus}), so they wait for each other"
    return [
        *_library_facts(pool, environ),
        _rate(memory_gib, f"on {said}"),
        read_fact("matrix-threads", threads, "threads", "as the library started them",
                  crowded if threads > cpus else None),
    ]  # fmt: skip


def _library_facts(
    pool: Mapping[str, Any], environ: Mapping[str, str]
) -> list[MachineFact]:
    """Return what is said of a library; where its file lies is left out."""
    name = f"{pool['internal_api']} {pool.get('version') or ''}".strip()
    architecture = pool.get("architecture")
    why = "the library does not tell its kernel"
    return [
        read_fact("blas", name, None, _BLAS_HOW),
        read_fact("blas-threads", pool["num_threads"], "threads", _BLAS_HOW,
                  _set(environ, _FORCE_THREADS)),
        read_fact("blas-architecture", architecture, None, _BLAS_HOW,
                  _set(environ, _FORCE_KERNEL))
        if architecture
        else unseen_fact("blas-architecture", _BLAS_HOW, why),
    ]  # fmt: skip


def _set(environ: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    found = [name for name in names if environ.get(name)]
    return f"{' and '.join(found)} set in the environment" if found else None


def _unknown_library(memory_gib: float | None) -> list[MachineFact]:
    """Return what numpy says of a library that threadpoolctl does not know."""
    import numpy as np  # noqa: PLC0415 - takes a moment to import

    built: Any = np.show_config(mode="dicts")
    name = built.get("Build Dependencies", {}).get("blas", {}).get("name")
    why = "threadpoolctl does not know the library that numpy uses"
    return [
        read_fact("blas", str(name), None, "numpy.show_config")
        if name
        else unseen_fact("blas", _BLAS_HOW, why),
        *all_unseen(("blas-threads", "blas-architecture"), _BLAS_HOW, why),
        _rate(memory_gib, "on the threads that the library starts"),
        unseen_fact("matrix-threads", _BLAS_HOW, why),
    ]


def _rate(memory_gib: float | None, where: str) -> MachineFact:
    import numpy as np  # noqa: PLC0415 - takes a moment to import

    allowed = GIB * memory_gib * _MEMORY_SHARE if memory_gib else 24 * _SIZES[1] ** 2
    size = _SIZES[0]
    generator = np.random.default_rng(0)
    try:
        pair = generator.random((2, size, size))
        _seconds(*pair)  # the first product also starts the threads
        rate = 2 * size**3 / _seconds(*pair)
        for larger in _SIZES[1:]:
            if 24 * larger**2 <= allowed and 2 * larger**3 / rate <= _PRODUCT_SECONDS:
                size = larger
        pair = generator.random((2, size, size))
        times, end = [_seconds(*pair)], time.monotonic() + _ALL_SECONDS
        while len(times) < _PRODUCTS and time.monotonic() < end:
            times.append(_seconds(*pair))
    except MemoryError:
        return unseen_fact("matrix-rate", where, "there is no memory for the matrices")
    value = round(2 * size**3 / statistics.median(times) / 1e9, 2)
    how = (
        f"float64 products of {size} x {size} matrices, median of {len(times)}, {where}"
    )
    return read_fact("matrix-rate", value, "GFLOP/s", how)


def _seconds(one: np.ndarray, other: np.ndarray) -> float:
    begun = time.perf_counter()
    _ = one @ other
    return time.perf_counter() - begun


# --- GPUs ----------------------------------------------------------------------------

_GPU_HOW = "nvidia-ml-py, which sees GPUs of NVIDIA alone"
#: Names the devices that a program may use; the library does not heed it.
_CHOSEN = "CUDA_VISIBLE_DEVICES"


def load_gpu_library() -> Any:  # noqa: ANN401 - it ships no types
    """Return the module of nvidia-ml-py; None where it is not installed."""
    try:
        return importlib.import_module("pynvml")
    except ImportError:
        return None


def gpu_facts(
    library: Any,  # noqa: ANN401 - it ships no types
    environ: Mapping[str, str] = os.environ,
) -> list[MachineFact]:
    """Return how many GPUs there are, the least memory (GiB) of them, their names.

    Without a driver a job can use none, so there are 0; without the library nobody
    looked, so it is not known.

    Args:
        library: what `load_gpu_library` returned.
        environ: may let a job use fewer than there are.
    """
    if library is None:
        why = "nvidia-ml-py is not installed; do: pip install 'readybook[gpu]'"
        return all_unseen(GPUS, _GPU_HOW, why)
    try:
        library.nvmlInit()
        try:
            facts = _devices(library, environ)
        finally:
            library.nvmlShutdown()
    except library.NVMLError_LibraryNotFound:
        facts = _no_gpu("no driver of NVIDIA is installed")
    except library.NVMLError_DriverNotLoaded:
        facts = _no_gpu("the driver of NVIDIA is not loaded")
    except library.NVMLError_NoPermission:
        why = "this process may not ask the driver"
        facts = [denied_fact(name, _GPU_HOW, why) for name in GPUS]
    except library.NVMLError as error:
        why = f"the driver failed ({type(error).__name__})"
        facts = all_unseen(GPUS, _GPU_HOW, why)
    return facts


def _devices(library: Any, environ: Mapping[str, str]) -> list[MachineFact]:  # noqa: ANN401 - it ships no types
    present = library.nvmlDeviceGetCount()
    number = _chosen(present, environ.get(_CHOSEN))
    if not number:
        return _no_gpu(f"{_CHOSEN} names no GPU" if present else "there is no device")
    devices = [library.nvmlDeviceGetHandleByIndex(index) for index in range(present)]
    memory = min(library.nvmlDeviceGetMemoryInfo(device).total for device in devices)
    names = {_text(library.nvmlDeviceGetName(device)) for device in devices}
    why = f"{_CHOSEN} leaves {number} of {present}" if number < present else None
    return [
        read_fact("gpus", number, "GPUs", _GPU_HOW, why),
        read_fact("gpu-memory", gib(memory), "GiB", f"{_GPU_HOW}; the least of all"),
        read_fact("gpu-names", ", ".join(sorted(names)), None, _GPU_HOW),
    ]


def _chosen(present: int, names: str | None) -> int:
    """Return how many devices a job gets; a name of -1 ends the list."""
    if names is None:
        return present
    listed = [name.strip() for name in names.split(",")]
    if "-1" in listed:
        listed = listed[: listed.index("-1")]
    return min(present, len([name for name in listed if name]))


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


def _no_gpu(why: str) -> list[MachineFact]:
    return [
        read_fact("gpus", 0, "GPUs", _GPU_HOW, why),
        *(unseen_fact(name, _GPU_HOW, f"there is no GPU: {why}") for name in GPUS[1:]),
    ]


# --- disks ---------------------------------------------------------------------------

_SHM = Path("/dev/shm")  # noqa: S108 - only its size is asked
_MIB = 2**20
_WRITTEN_MIB = 64  #: in all
_BLOCK_MIB = 8
_SECONDS = 3.0  #: after these a slow disk has told enough
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def disk_facts(
    folder: Path, *, shm: Path = _SHM, system: str = platform.system()
) -> list[MachineFact]:
    """Return free space (GiB), free inodes and write rate (MiB/s) of folders.

    Free is what this user may fill, which is less than what is not used. A file of at
    most 64 MiB is written to the working folder, flushed to the disk and removed.

    Args:
        folder: where a job would work.
        shm: shared memory of processes.
        system: as `platform.system` names it.
    """
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError:  # none can be written
        temporary = folder / "none"
    return [
        _free("disk-free", folder, "the working folder"),
        _inodes(folder, system),
        _write_rate(folder),
        _free("temp-free", temporary, "the temporary folder"),
        _free("shm-free", shm, str(_SHM)),
    ]


def _free(name: str, folder: Path, how: str) -> MachineFact:
    def read() -> MachineFact:
        return read_fact(name, gib(shutil.disk_usage(folder).free), "GiB", how)

    return fact_of(name, how, read, "there is none on this machine that answers")


def _inodes(folder: Path, system: str) -> MachineFact:
    name, how = "inodes-free", "the working folder"
    if system == "Windows":
        return unseen_fact(name, how, f"{system} does not count them")

    def read() -> MachineFact | None:
        told = os.statvfs(folder)
        free = read_fact(name, told.f_favail, "inodes", how)
        return free if told.f_files else None

    return fact_of(name, how, read, "this file system does not count them")


def _write_rate(folder: Path) -> MachineFact:
    name, how = "disk-write", "a file in the working folder, written and flushed"
    try:
        # It must not be this probe that fills a disk on which others write.
        if shutil.disk_usage(folder).free < 2 * _WRITTEN_MIB * _MIB:
            why = "less than 128 MiB are free, so no file was written"
            return unseen_fact(name, how, why)
        rate, written = _write(folder)
    except PermissionError:
        return denied_fact(name, how, "this process may not write there")
    except OSError as error:
        if error.errno == errno.EROFS:
            return denied_fact(name, how, "the file system is read-only")
        why = "there is no space left" if error.errno in _NO_SPACE else "it failed"
        return unseen_fact(name, how, f"{why} ({type(error).__name__})")
    return read_fact(name, rate, "MiB/s", f"{how}: {written} MiB")


def _write(folder: Path) -> tuple[float, int]:
    """Return MiB/s and MiB of a file that is gone at the end, whatever happens."""
    block = secrets.token_bytes(_BLOCK_MIB * _MIB)  # nothing that can be packed
    size, written, seconds = 1, 0, 0.0
    with tempfile.TemporaryFile(dir=folder, prefix=".probe-", buffering=0) as stream:
        begun = time.perf_counter()
        while written < _WRITTEN_MIB and seconds < _SECONDS:
            stream.write(block[: size * _MIB])
            os.fsync(stream.fileno())
            written += size
            seconds = time.perf_counter() - begun
            # A block larger than a second's worth would take too long.
            is_slow = written / seconds < _BLOCK_MIB
            size = 1 if is_slow else min(_BLOCK_MIB, _WRITTEN_MIB - written)
    return round(written / seconds, 1), written
