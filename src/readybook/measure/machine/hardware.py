"""What computes and stores here, and how fast under a short load.

CPUs, the numerical library behind numpy (BLAS), GPUs of NVIDIA, and disks.
"""

from __future__ import annotations

import errno
import importlib
import itertools
import os
import platform
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from readybook.measure.machine.facts import (
    GIB,
    HERE,
    all_unseen,
    denied_fact,
    fact_of,
    gib,
    missing,
    pairs_of,
    read_fact,
    unseen_fact,
)
from readybook.model.findings import MachineFact
from readybook.text.extras import installs

if TYPE_CHECKING:
    import numpy as np

# --- CPUs ----------------------------------------------------------------------------

#: What fast linear algebra needs, and how kernels of x86 and of ARM call it.
_FEATURES = {
    "avx": "avx", "avx2": "avx2", "avx512f": "avx512f", "fma": "fma",
    "neon": "neon", "asimd": "neon", "sve": "sve", "amx_tile": "amx",
}  # fmt: skip


def cpu_facts(root: Path) -> list[MachineFact]:
    """Return governor, highest clock (GHz) and features of the CPUs.

    The clock is that under load right after one; in virtual machines psutil says 0.0,
    which is no clock.
    """

    def governors() -> str | None:
        return " ".join(sorted(set(_cpufreq(root, "scaling_governor")))) or None

    def features() -> str | None:
        said = set(" ".join(_cpuinfo(root, "flags", "Features")).split())
        has = dict.fromkeys(ours for word, ours in _FEATURES.items() if word in said)
        return " ".join(has) or ("none" if said else None)

    def highest(ask: Callable[[], Iterable[float]]) -> float | None:
        return round(max(ask(), default=0) / 1e3, 3) or None

    clocks: dict[str, Callable[[], Iterable[float]]] = {
        "cpufreq scaling_cur_freq": lambda: (
            int(text) / 1e3 for text in _cpufreq(root, "scaling_cur_freq")
        ),
        "/proc/cpuinfo cpu MHz": lambda: map(float, _cpuinfo(root, "cpu MHz")),
    }
    if root == HERE:  # psutil returns None where there is no clock
        clocks["psutil"] = lambda: [getattr(psutil.cpu_freq(), "current", 0)]
    return [
        fact_of("cpu-governor", None, missing(root, "cpufreq"),
                ("cpufreq scaling_governor", governors)),
        fact_of("cpu-frequency", "GHz", missing(root, "clock of its CPUs"),
                *((how, partial(highest, ask)) for how, ask in clocks.items())),
        fact_of("cpu-features", None, missing(root, "features of its CPUs"),
                ("/proc/cpuinfo flags", features)),
    ]  # fmt: skip


def _cpufreq(root: Path, file: str) -> list[str]:
    found = (root / "sys/devices/system/cpu").glob(f"cpu[0-9]*/cpufreq/{file}")
    return [path.read_text("ascii").strip() for path in found]


def _cpuinfo(root: Path, *keys: str) -> list[str]:
    """Return the values of a key of /proc/cpuinfo, one for each CPU."""
    return [value for key, value in pairs_of(root, "/proc/cpuinfo") if key in keys]


# --- linear algebra ------------------------------------------------------------------

_BLAS_HOW = "threadpoolctl, numpy loaded"
#: Only whether they are set is told, never to what.
_FORCE_KERNEL = ("OPENBLAS_CORETYPE", "MKL_ENABLE_INSTRUCTIONS", "BLIS_ARCH_TYPE")
_FORCE_THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS",
                  "OMP_NUM_THREADS")  # fmt: skip
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
    they would for a job: the environment counts, what the machine grants may not. Names
    that are set there are told, values never. Where it is not known how much memory is
    granted, matrices stay small.
    """
    # Both take a moment to import, and numpy must be loaded to be seen.
    import numpy as np  # noqa: PLC0415
    import threadpoolctl  # noqa: PLC0415

    def forced_by(names: tuple[str, ...]) -> str | None:
        found = [name for name in names if environ.get(name)]
        return f"{' and '.join(found)} set in the environment" if found else None

    pools = [p for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"]
    if not pools:
        built: Any = np.show_config(mode="dicts")
        name = built.get("Build Dependencies", {}).get("blas", {}).get("name")
        why = "threadpoolctl does not know the library that numpy uses"
        names = ("blas", "blas-threads", "blas-architecture", "matrix-threads")
        blas, *unseen = all_unseen(names, _BLAS_HOW, why)
        if name:
            blas = read_fact("blas", str(name), None, "numpy.show_config")
        rate = _rate(memory_gib, "on the threads that the library starts")
        return [blas, *unseen[:2], rate, unseen[2]]
    pool = pools[0]
    name = f"{pool['internal_api']} {pool.get('version') or ''}".strip()
    threads, architecture = pool["num_threads"], pool.get("architecture")
    crowded = f"more than the CPUs granted ({cpus}), so they wait for each other"
    return [
        read_fact("blas", name, None, _BLAS_HOW),
        read_fact("blas-threads", threads, "threads", _BLAS_HOW,
                  forced_by(_FORCE_THREADS)),
        fact_of("blas-architecture", None, "the library does not tell its kernel",
                (_BLAS_HOW, lambda: architecture
                 and (architecture, forced_by(_FORCE_KERNEL)))),
        _rate(memory_gib, f"on {threads} thread{'' if threads == 1 else 's'}"),
        read_fact("matrix-threads", threads, "threads", "as the library started them",
                  crowded if threads > cpus else None),
    ]  # fmt: skip


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
    how = f"float64 products of {size} x {size} matrices, median of {len(times)}"
    return read_fact("matrix-rate", value, "GFLOP/s", f"{how}, {where}")


def _seconds(one: np.ndarray, other: np.ndarray) -> float:
    begun = time.perf_counter()
    _ = one @ other
    return time.perf_counter() - begun


# --- GPUs ----------------------------------------------------------------------------

_GPUS = ("gpus", "gpu-memory", "gpu-names")
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
    looked, so it is not known. The environment may let a job use fewer than there are.
    """
    if library is None:
        why = f"nvidia-ml-py is not installed; {installs('gpu')}"
        return all_unseen(_GPUS, _GPU_HOW, why)
    try:
        library.nvmlInit()
        try:
            return _devices(library, environ)
        finally:
            library.nvmlShutdown()
    except library.NVMLError_LibraryNotFound:
        return _no_gpu("no driver of NVIDIA is installed")
    except library.NVMLError_DriverNotLoaded:
        return _no_gpu("the driver of NVIDIA is not loaded")
    except library.NVMLError_NoPermission:
        why = "this process may not ask the driver"
        return [denied_fact(name, _GPU_HOW, why) for name in _GPUS]
    except library.NVMLError as error:
        why = f"the driver failed ({type(error).__name__})"
        return all_unseen(_GPUS, _GPU_HOW, why)


def _devices(library: Any, environ: Mapping[str, str]) -> list[MachineFact]:  # noqa: ANN401 - it ships no types
    present = library.nvmlDeviceGetCount()
    number = _chosen(present, environ.get(_CHOSEN))
    if not number:
        return _no_gpu(f"{_CHOSEN} names no GPU" if present else "there is no device")
    devices = [library.nvmlDeviceGetHandleByIndex(index) for index in range(present)]
    memory = min(library.nvmlDeviceGetMemoryInfo(device).total for device in devices)
    told = {library.nvmlDeviceGetName(device) for device in devices}
    names = {n.decode("utf-8", "replace") if isinstance(n, bytes) else n for n in told}
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
    listed = list(itertools.takewhile(lambda name: name != "-1", listed))
    return min(present, len(list(filter(None, listed))))


def _no_gpu(why: str) -> list[MachineFact]:
    none = read_fact("gpus", 0, "GPUs", _GPU_HOW, why)
    return [none, *all_unseen(_GPUS[1:], _GPU_HOW, f"there is no GPU: {why}")]


# --- disks ---------------------------------------------------------------------------

_SHM = Path("/dev/shm")  # noqa: S108 - only its size is asked
_MIB = 2**20
_WRITTEN_MIB = 64  #: in all
_BLOCK_MIB = 8
_SECONDS = 3.0  #: after these a slow disk has told enough
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def disk_facts(folder: Path, *, shm: Path = _SHM) -> list[MachineFact]:
    """Return free space (GiB), free inodes and write rate (MiB/s) of folders.

    Free is what this user may fill, which is less than what is not used. A file of at
    most 64 MiB is written to the working folder, flushed to the disk and removed. `shm`
    is the shared memory of processes.
    """
    system = platform.system()
    has_inodes = system != "Windows"
    which = "this file system" if has_inodes else system

    def inodes() -> int | None:
        told = os.statvfs(folder) if has_inodes else None
        return told.f_favail if told and told.f_files else None

    def free(name: str, how: str, place: Callable[[], str | Path]) -> MachineFact:
        why = "there is none on this machine that answers"
        said = (how, lambda: gib(shutil.disk_usage(place()).free))
        return fact_of(name, "GiB", why, said)

    return [
        free("disk-free", "the working folder", lambda: folder),
        fact_of("inodes-free", "inodes", f"{which} does not count them",
                ("the working folder", inodes)),
        _write_rate(folder),
        free("temp-free", "the temporary folder", tempfile.gettempdir),
        free("shm-free", str(_SHM), lambda: shm),
    ]  # fmt: skip


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
