"""What a probe says of CPUs, linear algebra, GPUs and disks, and how fast they are.

File trees stand for kinds of machines; of GPUs a stand-in answers as the library would,
as few machines that run tests have one.
"""

import errno
import os
import platform
from pathlib import Path
from types import SimpleNamespace

import pytest
import threadpoolctl

from readybook.measure.machine.hardware import (
    blas_facts,
    cpu_facts,
    disk_facts,
    gpu_facts,
)


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
    found = {fact.fact: fact.value for fact in cpu_facts(root)}

    assert found == {
        "cpu-governor": "performance powersave",
        "cpu-frequency": 3.2,
        "cpu-features": "avx avx2 fma amx",
    }


def test_features_of_arm_have_their_own_key(tmp_path):
    """What ARM calls asimd is known as NEON."""
    root = put(tmp_path, {"proc/cpuinfo": "Features\t: fp asimd sve\n"})

    assert by_name(cpu_facts(root))["cpu-features"].value == "neon sve"


def test_clock_of_zero_is_no_clock(tmp_path):
    """Virtual machines say 0: that is not visible, not a CPU that stands still."""
    root = put(tmp_path, {"proc/cpuinfo": "cpu MHz\t\t: 0.000\nflags\t: avx\n"})

    assert by_name(cpu_facts(root))["cpu-frequency"].state == "not visible"


def test_system_without_the_files_says_so(tmp_path):
    """No fact is made up, and each says what is missing."""
    facts = cpu_facts(tmp_path)

    assert {fact.state for fact in facts} == {"not visible"}
    assert all(fact.why and fact.value is None for fact in facts)


# --- linear algebra ---

PLANTED = "value-1f7a"


def linear_algebra(cpus=1, memory=0.0625, environ=None):
    return {fact.fact: fact for fact in blas_facts(cpus, memory, environ or {})}


def needs_known_library(found):
    if found["blas-threads"].value is None:
        pytest.skip("threadpoolctl does not know the BLAS of this numpy")


def test_every_fact_of_linear_algebra_is_told():
    """With a rate that was timed."""
    found = linear_algebra()

    assert (found["matrix-rate"].unit, found["matrix-rate"].state) == (
        "GFLOP/s",
        "read",
    )
    assert found["matrix-rate"].value > 0
    assert "float64" in found["matrix-rate"].how


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

    assert "more than the CPUs granted (0)" in found["matrix-threads"].why


def test_settings_are_told_by_name_and_never_by_value():
    """That a setting is there explains a fact; what it holds is nobody's business."""
    names = ("OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE")
    found = linear_algebra(environ=dict.fromkeys(names, PLANTED))
    needs_known_library(found)

    assert found["blas-threads"].why == f"{names[0]} set in the environment"
    assert PLANTED not in str(found)


def test_little_memory_keeps_the_matrices_small():
    """Three matrices of 512 x 512 would not fit into a twentieth of 64 MiB."""
    assert "256 x 256" in linear_algebra()["matrix-rate"].how


POOL = {"user_api": "blas", "internal_api": "mkl", "version": "2025.1",
        "num_threads": 2, "architecture": "Zen"}  # fmt: skip
OTHER = {"user_api": "openmp", "internal_api": "openmp", "num_threads": 64}


@pytest.mark.parametrize("pools", [[POOL, OTHER], [OTHER, POOL]])
def test_other_pools_of_threads_are_no_linear_algebra(monkeypatch, pools):
    """A process has more libraries that start threads."""
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: pools)
    found = linear_algebra(cpus=2)

    assert found["blas"].value == "mkl 2025.1"
    assert found["blas-architecture"].value == "Zen"
    assert found["blas-threads"].value == found["matrix-threads"].value == 2
    assert found["matrix-rate"].how.endswith("on 2 threads")
    assert found["matrix-threads"].why is None  # as many as CPUs were granted


def test_library_that_is_not_known_is_named_by_numpy_alone(monkeypatch):
    """Its threads and its kernel are not visible; the rate is."""
    monkeypatch.setattr(threadpoolctl, "threadpool_info", lambda: [OTHER])
    found = linear_algebra()

    assert list(found) == ["blas", "blas-threads", "blas-architecture", "matrix-rate",
                           "matrix-threads"]  # fmt: skip
    assert (found["blas"].state, found["blas"].how) == ("read", "numpy.show_config")
    assert found["matrix-rate"].state == "read"
    for name in ("blas-threads", "blas-architecture", "matrix-threads"):
        assert (found[name].state, found[name].value) == ("not visible", None)


# --- disks ---


def disks(folder, **more):
    return {fact.fact: fact for fact in disk_facts(folder, **more)}


def test_disk_is_measured_and_left_as_it_was(tmp_path):
    """Room, inodes and a rate, and no file remains."""
    found = disks(tmp_path)

    assert found["disk-free"].value > 0
    assert (found["disk-write"].unit, found["disk-write"].state) == ("MiB/s", "read")
    assert found["disk-write"].value > 0
    assert list(tmp_path.iterdir()) == []


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

GIB = 2**30


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


def told(facts):
    return [(fact.state, fact.value) for fact in facts]


def test_gpus_are_counted_and_the_least_memory_told():
    """Two that differ: both names, and the memory that each has for certain."""
    facts = gpu_facts(library(24, 16), {})

    assert told(facts) == [("read", 2), ("read", 16.0), ("read", "Model A, Model B")]


@pytest.mark.parametrize(
    ("names", "number"), [("0", 1), ("0,1", 2), ("", 0), ("-1", 0), ("1,-1,0", 1)]
)
def test_chosen_devices_bind(names, number):
    """A job gets those that the environment leaves it, and the fact says so."""
    fact = gpu_facts(library(24, 16), {"CUDA_VISIBLE_DEVICES": names})[0]

    assert fact.value == number
    assert bool(fact.why) == (number < 2)


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

    assert told(facts)[0] == ("read", 0)
    assert facts[0].why == why
    assert {fact.state for fact in facts[1:]} == {"not visible"}


def test_driver_without_a_device_has_no_gpu():
    """The driver answers, and finds none."""
    fact = gpu_facts(library(), {})[0]

    assert (fact.value, fact.why) == (0, "there is no device")


def test_denied_driver_is_told_apart():
    """Who may not ask does not know that there is none."""
    facts = gpu_facts(library(24, fails=NoPermissionError()), {})

    assert {fact.state for fact in facts} == {"denied"}


@pytest.mark.parametrize("found", [None, library(24, fails=NVMLError())])
def test_without_an_answer_nothing_is_known(found):
    """No library, or a driver that fails: not visible, with a reason."""
    facts = gpu_facts(found, {})

    assert {fact.state for fact in facts} == {"not visible"}
    assert all(fact.why for fact in facts)
