"""What a probe says of GPUs: no library, driver, device or permission are four things.

Few machines that run tests have a GPU, so a stand-in answers as the library would.
"""

from types import SimpleNamespace

import pytest

from readybook.measure.machine.gpu import gpu_facts

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
