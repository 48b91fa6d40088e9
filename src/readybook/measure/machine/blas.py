"""The library behind numpy's linear algebra, and how fast it multiplies here."""

from __future__ import annotations

import importlib
import os
import statistics
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from readybook.measure.machine.facts import (
    GIB,
    all_unseen,
    read_fact,
    unseen_fact,
)
from readybook.model.findings import MachineFact

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FACTS", "blas_facts"]

FACTS = ("blas", "blas-threads", "blas-architecture", "matrix-rate", "matrix-threads")
_HOW = "threadpoolctl, numpy loaded"
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
_TIMES = 5
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
        return all_unseen(FACTS, _HOW, why)
    pools = [p for p in threadpoolctl.threadpool_info() if p["user_api"] == "blas"]
    if not pools:
        return _unknown_library(memory_gib)
    pool = pools[0]
    threads = pool["num_threads"]
    said = f"{threads} thread{'' if threads == 1 else 's'}"
    crowded = f"more than the CPUs granted ({cpus}), so they wait for each other"
    return [
        *_library(pool, environ),
        _rate(memory_gib, f"on {said}"),
        read_fact("matrix-threads", threads, "threads", "as the library started them",
                  crowded if threads > cpus else None),
    ]  # fmt: skip


def _library(pool: Mapping[str, Any], environ: Mapping[str, str]) -> list[MachineFact]:
    """Return what is said of a library; where its file lies is left out."""
    name = f"{pool['internal_api']} {pool.get('version') or ''}".strip()
    architecture = pool.get("architecture")
    why = "the library does not tell its kernel"
    return [
        read_fact("blas", name, None, _HOW),
        read_fact("blas-threads", pool["num_threads"], "threads", _HOW,
                  _set(environ, _FORCE_THREADS)),
        read_fact("blas-architecture", architecture, None, _HOW,
                  _set(environ, _FORCE_KERNEL))
        if architecture
        else unseen_fact("blas-architecture", _HOW, why),
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
        else unseen_fact("blas", _HOW, why),
        *all_unseen(("blas-threads", "blas-architecture"), _HOW, why),
        _rate(memory_gib, "on the threads that the library starts"),
        unseen_fact("matrix-threads", _HOW, why),
    ]


# --- the rate ----------------------------------------------------------------------


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
        while len(times) < _TIMES and time.monotonic() < end:
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
