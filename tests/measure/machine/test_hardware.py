"""What a probe says of CPUs, linear algebra, GPUs and disks, and how fast they are.

File trees stand for kinds of machines; of GPUs a stand-in answers as the library would,
as few machines that run tests have one.
"""

import errno
import itertools
import os
import platform
import shutil
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import threadpoolctl

from probing import line
from readybook.measure.machine.hardware import (
    blas_facts,
    cpu_facts,
    disk_facts,
    gpu_facts,
)
from readybook.text.extras import installs


def put(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def by_name(facts):
    return {fact.fact: fact for fact in facts}


def test_governor_clock_and_features_are_read(tmp_path):
    """Governors that differ between CPUs are all named, the clock is the highest."""
    cpufreq = "sys/devices/system/cpu/cpu{}/cpufreq/scaling_{}"
    root = put(
        tmp_path,
        {
            cpufreq.format(0, "governor"): "powersave\n",
            cpufreq.format(1, "governor"): "performance\n",
            cpufreq.format(0, "cur_freq"): "800000\n",
            cpufreq.format(1, "cur_freq"): "3200000\n",
            "proc/cpuinfo": "flags\t\t: fpu avx avx2 fma amx_tile\n",
        },
    )

    assert list(map(line, cpu_facts(root))) == [
        "cpu-governor | read | performance powersave | cpufreq scaling_governor",
        "cpu-frequency | read | 3.2 | GHz | cpufreq scaling_cur_freq",
        "cpu-features | read | avx avx2 fma amx | /proc/cpuinfo flags",
    ]


def test_clock_of_the_cpus_is_read_where_no_governor_is(tmp_path):
    """It is that of the fastest one, in MHz; CPUs may have no feature that matters."""
    text = "cpu MHz\t: 2400.125\ncpu MHz\t: 1200.0\nflags\t: fpu\n"
    governor, *read = cpu_facts(put(tmp_path, {"proc/cpuinfo": text}))

    assert line(governor) == (
        "cpu-governor | not visible | cpufreq scaling_governor | "
        "the file tree has no cpufreq"
    )
    assert list(map(line, read)) == [
        "cpu-frequency | read | 2.4 | GHz | /proc/cpuinfo cpu MHz",
        "cpu-features | read | none | /proc/cpuinfo flags",
    ]


def test_features_of_arm_have_their_own_key(tmp_path):
    """What ARM calls asimd is known as NEON."""
    root = put(tmp_path, {"proc/cpuinfo": "Features\t: fp asimd sve\n"})

    assert by_name(cpu_facts(root))["cpu-features"].value == "neon sve"


def test_clock_of_zero_is_no_clock(tmp_path):
    """Virtual machines say 0: that is not visible, not a CPU that stands still."""
    root = put(tmp_path, {"proc/cpuinfo": "cpu MHz\t\t: 0.000\nflags\t: avx\n"})

    assert line(cpu_facts(root)[1]) == (
        "cpu-frequency | not visible | cpufreq scaling_cur_freq | "
        "the file tree has no clock of its CPUs"
    )


def test_system_without_the_files_says_so(tmp_path):
    """No fact is made up, and each says what is missing."""
    assert [(fact.state, fact.value, fact.why) for fact in cpu_facts(tmp_path)] == [
        ("not visible", None, f"the file tree has no {what}")
        for what in ("cpufreq", "clock of its CPUs", "features of its CPUs")
    ]


# --- linear algebra ---

PLANTED = "value-1f7a"


def linear_algebra(cpus=1, memory=0.0625, environ=None):
    return {fact.fact: fact for fact in blas_facts(cpus, memory, environ or {})}


def needs_known_library(found):
    if found["blas-threads"].value is None:
        pytest.skip("threadpoolctl does not know the BLAS of this numpy")


@pytest.mark.parametrize(
    ("memory", "pace", "told"),
    [
        (8.0, 0.01, "26.84 | GFLOP/s | float64 products of 512 x 512"),
        (8.0, 0.1, "0.34 | GFLOP/s | float64 products of 256 x 256"),
        # Three matrices of 512 x 512 take a twentieth of it, and then more.
        (0.1171875, 0.001, "268.44 | GFLOP/s | float64 products of 512 x 512"),
        (0.1171874, 0.001, "33.55 | GFLOP/s | float64 products of 256 x 256"),
        (None, 0.001, "268.44 | GFLOP/s | float64 products of 512 x 512"),
    ],
)
def test_matrices_are_as_large_as_memory_and_a_moment_allow(
    monkeypatch, memory, pace, told
):
    """Their rate is that of the clock; larger ones than are needed cost time."""
    clock = itertools.count(0, pace)
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [POOL])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))

    assert line(linear_algebra(memory=memory)["matrix-rate"]) == (
        f"matrix-rate | read | {told} matrices, median of 5, on 2 threads"
    )


def test_products_that_take_long_are_few(monkeypatch):
    """All of them together take a second and a half; one is timed in any case."""
    clock = itertools.count()
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))

    assert ", median of 2, on " in linear_algebra()["matrix-rate"].how


def test_the_librarys_own_threads_do_the_work():
    """What holds the library to one thread holds the measured product to one."""
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        found = linear_algebra(cpus=4)
    needs_known_library(found)

    assert (found["blas-threads"].value, found["matrix-threads"].value) == (1, 1)
    assert found["matrix-rate"].how.endswith("on 1 thread")
    assert found["matrix-threads"].why is None


def test_more_threads_than_granted_cpus_are_told():
    """The library does not see every limit, and starts too many."""
    found = linear_algebra(cpus=0)
    needs_known_library(found)

    assert found["matrix-threads"].why == (
        "more than the CPUs granted (0), so they wait for each other"
    )


def test_settings_are_told_by_name_and_never_by_value(monkeypatch):
    """That a setting is there explains a fact; what it holds is nobody's business."""
    threads = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS",
               "OMP_NUM_THREADS")  # fmt: skip
    kernel = ("OPENBLAS_CORETYPE", "MKL_ENABLE_INSTRUCTIONS", "BLIS_ARCH_TYPE")
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [POOL])
    found = linear_algebra(environ=dict.fromkeys((*threads, *kernel), PLANTED))
    how = "threadpoolctl, numpy loaded"

    assert line(found["blas-threads"]) == (
        f"blas-threads | read | 2 | threads | {how} | "
        f"{' and '.join(threads)} set in the environment"
    )
    assert line(found["blas-architecture"]) == (
        f"blas-architecture | read | Zen | {how} | "
        f"{' and '.join(kernel)} set in the environment"
    )
    assert PLANTED not in str(found)


POOL = {"user_api": "blas", "internal_api": "mkl", "version": "2025.1",
        "num_threads": 2, "architecture": "Zen"}  # fmt: skip
OTHER = {"user_api": "openmp", "internal_api": "openmp", "num_threads": 64}


@pytest.mark.parametrize("pools", [[POOL, OTHER], [OTHER, POOL]])
def test_other_pools_of_threads_are_no_linear_algebra(monkeypatch, pools):
    """A process has more libraries that start threads."""
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: pools)
    found = linear_algebra(cpus=2)

    assert found.pop("matrix-rate").how.endswith(", on 2 threads")
    assert list(map(line, found.values())) == [
        "blas | read | mkl 2025.1 | threadpoolctl, numpy loaded",
        "blas-threads | read | 2 | threads | threadpoolctl, numpy loaded",
        "blas-architecture | read | Zen | threadpoolctl, numpy loaded",
        # As many as CPUs were granted.
        "matrix-threads | read | 2 | threads | as the library started them",
    ]


def test_library_may_tell_no_version_and_no_kernel(monkeypatch):
    """What it does not tell is not visible."""
    pool = {**POOL, "version": None, "architecture": None, "num_threads": 1}
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [pool])
    found = linear_algebra()

    assert found["blas"].value == "mkl"
    assert found["matrix-rate"].how.endswith(", on 1 thread")
    assert line(found["blas-architecture"]) == (
        "blas-architecture | not visible | threadpoolctl, numpy loaded | "
        "the library does not tell its kernel"
    )


def test_library_that_is_not_known_is_named_by_numpy_alone(monkeypatch):
    """Its threads and its kernel are not visible; the rate is."""
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [OTHER])
    found = linear_algebra()

    assert list(found) == ["blas", "blas-threads", "blas-architecture", "matrix-rate",
                           "matrix-threads"]  # fmt: skip
    assert (found["blas"].state, found["blas"].how) == ("read", "numpy.show_config")
    assert found["matrix-rate"].state == "read"
    assert found["matrix-rate"].how.endswith(", on the threads that the library starts")
    for name in ("blas-threads", "blas-architecture", "matrix-threads"):
        assert line(found[name]) == (
            f"{name} | not visible | threadpoolctl, numpy loaded | "
            "threadpoolctl does not know the library that numpy uses"
        )


# --- disks ---

GIB = 2**30


def disks(folder, **more):
    return {fact.fact: fact for fact in disk_facts(folder, **more)}


def test_disk_is_measured_and_left_as_it_was(tmp_path, monkeypatch):
    """Room, inodes and a rate, and no file remains."""
    room, inodes = SimpleNamespace(free=3 * GIB), SimpleNamespace(f_favail=7, f_files=9)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    monkeypatch.setattr(os, "statvfs", lambda _: inodes)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    found = disks(tmp_path)
    rate = found.pop("disk-write")

    assert list(map(line, found.values())) == [
        "disk-free | read | 3.0 | GiB | the working folder",
        "inodes-free | read | 7 | inodes | the working folder",
        "temp-free | read | 3.0 | GiB | the temporary folder",
        "shm-free | read | 3.0 | GiB | /dev/shm",
    ]
    assert rate.value > 0
    assert line(rate) == (
        f"disk-write | read | {rate.value} | MiB/s | "
        "a file in the working folder, written and flushed: 64 MiB"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("free", "state"), [(128, "read"), (127.9, "not visible")])
def test_disk_that_is_nearly_full_is_left_alone(tmp_path, monkeypatch, free, state):
    """Twice of what would be written has to be free; inodes may not be counted."""
    room, inodes = SimpleNamespace(free=free * 2**20), SimpleNamespace(f_files=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: room)
    monkeypatch.setattr(os, "statvfs", lambda _: inodes)
    monkeypatch.setattr(os, "fsync", lambda _: None)
    found = disks(tmp_path)

    assert found["disk-write"].state == state
    if state == "not visible":
        assert line(found["disk-write"]) == (
            "disk-write | not visible | a file in the working folder, written and "
            "flushed | less than 128 MiB are free, so no file was written"
        )
    assert found["inodes-free"].why == "this file system does not count them"


def test_slow_disk_is_left_after_three_seconds(tmp_path, monkeypatch):
    """It is written MiB by MiB, so that no block takes long; a fast one by blocks."""
    for pace, written, blocks in ((1.0, 3, [1, 1, 1]), (0.01, 64, [1, *[8] * 7, 7])):
        sizes, clock = [], itertools.count(0, pace)
        monkeypatch.setattr(time, "perf_counter", lambda clock=clock: next(clock))
        monkeypatch.setattr(
            os, "fsync", lambda file, sizes=sizes: sizes.append(os.fstat(file).st_size)
        )
        fact = disks(tmp_path)["disk-write"]
        steps = [b - a for a, b in itertools.pairwise([0, *sizes])]

        assert [step // 2**20 for step in steps] == blocks
        assert fact.how.endswith(f": {written} MiB")
        assert fact.value == round(written / (len(blocks) * pace), 1)


def test_stopping_while_it_writes_leaves_no_file(tmp_path, monkeypatch):
    """Ctrl-C in the middle of the rate removes the file too."""

    def stop(_handle):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", stop)
    with pytest.raises(KeyboardInterrupt):
        disk_facts(tmp_path)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "state", "why"),
    [
        (errno.ENOSPC, "not visible", "there is no space left (OSError)"),
        (errno.EIO, "not visible", "it failed (OSError)"),
        (errno.EROFS, "denied", "the file system is read-only"),
        (errno.EACCES, "denied", "this process may not write there"),
    ],
)
def test_rate_that_cannot_be_measured_says_why(
    tmp_path, monkeypatch, number, state, why
):
    """A full disk, a broken one and one that may not be written are three things."""

    def fail(_handle):
        raise OSError(number, "refused")

    monkeypatch.setattr(os, "fsync", fail)
    fact = disks(tmp_path)["disk-write"]

    assert (fact.state, fact.why) == (state, why)


def test_folder_that_is_not_there_is_not_visible(tmp_path):
    """It has no room and no rate, and says that it is not there."""
    found = disks(tmp_path / "gone", shm=tmp_path / "gone")
    named = ("disk-free", "inodes-free", "disk-write", "shm-free")

    assert {found[name].state for name in named} == {"not visible"}
    assert found["shm-free"].why == "there is none on this machine that answers"


def test_windows_does_not_count_inodes(monkeypatch):
    """What a system does not have is not visible, with its name."""
    monkeypatch.setattr(platform, "system", lambda: "Windows")
    fact = disks(Path.cwd())["inodes-free"]

    assert (fact.state, fact.why) == ("not visible", "Windows does not count them")


# --- GPUs ---

GPU_HOW = "nvidia-ml-py, which sees GPUs of NVIDIA alone"


class NVMLError(Exception):
    pass


class LibraryNotFoundError(NVMLError):
    pass


class DriverNotLoadedError(NVMLError):
    pass


class NoPermissionError(NVMLError):
    pass


def library(*memories, fails=None):
    """Return a library of GPUs with so much memory (GiB), or one that fails."""

    def start():
        if fails is not None:
            raise fails

    return SimpleNamespace(
        NVMLError=NVMLError,
        NVMLError_LibraryNotFound=LibraryNotFoundError,
        NVMLError_DriverNotLoaded=DriverNotLoadedError,
        NVMLError_NoPermission=NoPermissionError,
        nvmlInit=start,
        nvmlShutdown=lambda: None,
        nvmlDeviceGetCount=lambda: len(memories),
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetMemoryInfo=lambda index: SimpleNamespace(
            total=memories[index] * GIB
        ),
        nvmlDeviceGetName=lambda index: [b"Model A", "Model B"][index],
    )


def test_gpus_are_counted_and_the_least_memory_told():
    """Two that differ: both names, and the memory that each has for certain."""
    assert list(map(line, gpu_facts(library(24, 16), {}))) == [
        f"gpus | read | 2 | GPUs | {GPU_HOW}",
        f"gpu-memory | read | 16.0 | GiB | {GPU_HOW}; the least of all",
        f"gpu-names | read | Model A, Model B | {GPU_HOW}",
    ]


@pytest.mark.parametrize(
    ("names", "number"),
    [("0", 1), (" 0 , 1", 2), ("", 0), ("-1", 0), ("1,-1,0", 1), ("0,,1,2,3", 2)],
)
def test_chosen_devices_bind(names, number):
    """A job gets those that the environment leaves it, and the fact says so."""
    fact = gpu_facts(library(24, 16), {"CUDA_VISIBLE_DEVICES": names})[0]

    why = {0: "CUDA_VISIBLE_DEVICES names no GPU", 2: None}.get(
        number, f"CUDA_VISIBLE_DEVICES leaves {number} of 2"
    )
    assert (fact.value, fact.why) == (number, why)


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (LibraryNotFoundError(), "no driver of NVIDIA is installed"),
        (DriverNotLoadedError(), "the driver of NVIDIA is not loaded"),
    ],
)
def test_without_a_driver_a_job_has_no_gpu(failure, why):
    """None can be used, for a reason that is told."""
    facts = gpu_facts(library(24, fails=failure), {})

    assert list(map(line, facts)) == [
        f"gpus | read | 0 | GPUs | {GPU_HOW} | {why}",
        f"gpu-memory | not visible | {GPU_HOW} | there is no GPU: {why}",
        f"gpu-names | not visible | {GPU_HOW} | there is no GPU: {why}",
    ]


def test_driver_without_a_device_has_no_gpu():
    """The driver answers, and finds none."""
    fact = gpu_facts(library(), {})[0]

    assert (fact.value, fact.why) == (0, "there is no device")


def test_denied_driver_is_told_apart():
    """Who may not ask does not know that there is none."""
    facts = gpu_facts(library(24, fails=NoPermissionError()), {})

    assert list(map(line, facts)) == [
        f"{name} | denied | {GPU_HOW} | this process may not ask the driver"
        for name in ("gpus", "gpu-memory", "gpu-names")
    ]


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (None, f"nvidia-ml-py is not installed; {installs('gpu')}"),
        (library(24, fails=NVMLError()), "the driver failed (NVMLError)"),
    ],
)
def test_without_an_answer_nothing_is_known(found, why):
    """No library, or a driver that fails: not visible, with a reason."""
    assert list(map(line, gpu_facts(found, {}))) == [
        f"{name} | not visible | {GPU_HOW} | {why}"
        for name in ("gpus", "gpu-memory", "gpu-names")
    ]
