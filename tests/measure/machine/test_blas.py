"""What a probe says of linear algebra, with the numpy of this Python."""

import pytest
import threadpoolctl

from readybook.measure.machine.blas import FACTS, blas_facts

PLANTED = "value-1f7a"


def by_name(cpus=1, memory=8.0, environ=None):
    return {fact.fact: fact for fact in blas_facts(cpus, memory, environ or {})}


def needs_known_library(found):
    if found["blas-threads"].value is None:
        pytest.skip("threadpoolctl does not know the BLAS of this numpy")


def test_every_fact_of_linear_algebra_is_told():
    """In this order, with a rate that was timed."""
    found = by_name()

    assert tuple(found) == FACTS
    assert (found["matrix-rate"].unit, found["matrix-rate"].state) == (
        "GFLOP/s",
        "read",
    )
    assert found["matrix-rate"].value > 0
    assert "float64" in found["matrix-rate"].how


def test_the_librarys_own_threads_do_the_work():
    """What holds the library to one thread holds the measured product to one."""
    with threadpoolctl.threadpool_limits(1, user_api="blas"):
        found = by_name(cpus=4)
    needs_known_library(found)

    assert (found["blas-threads"].value, found["matrix-threads"].value) == (1, 1)
    assert found["matrix-rate"].how.endswith("on 1 thread")
    assert found["matrix-threads"].why is None


def test_more_threads_than_granted_cpus_are_told():
    """The library does not see every limit, and starts too many."""
    found = by_name(cpus=0)
    needs_known_library(found)

    assert "more than the CPUs granted (0)" in found["matrix-threads"].why


def test_settings_are_told_by_name_and_never_by_value():
    """That a setting is there explains a fact; what it holds is nobody's business."""
    names = ("OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE")
    found = by_name(environ=dict.fromkeys(names, PLANTED))
    needs_known_library(found)

    assert found["blas-threads"].why == f"{names[0]} set in the environment"
    assert PLANTED not in str(found)


def test_little_memory_keeps_the_matrices_small():
    """Three matrices of 512 x 512 would not fit into a twentieth of 64 MiB."""
    assert "256 x 256" in by_name(memory=0.0625)["matrix-rate"].how
