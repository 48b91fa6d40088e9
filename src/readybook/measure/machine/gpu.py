"""NVIDIA GPUs that a job may use; no library, driver, device or permission differ."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from typing import Any

from readybook.measure.machine.facts import (
    all_unseen,
    denied_fact,
    gib,
    read_fact,
    unseen_fact,
)
from readybook.model.findings import MachineFact

__all__ = ["FACTS", "gpu_facts", "load_library"]

FACTS = ("gpus", "gpu-memory", "gpu-names")
_HOW = "nvidia-ml-py, which sees GPUs of NVIDIA alone"
#: Names the devices that a program may use; the library does not heed it.
_CHOSEN = "CUDA_VISIBLE_DEVICES"


def load_library() -> Any:  # noqa: ANN401 - it ships no types
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
        library: what `load_library` returned.
        environ: may let a job use fewer than there are.
    """
    if library is None:
        why = "nvidia-ml-py is not installed; do: pip install 'readybook[gpu]'"
        return all_unseen(FACTS, _HOW, why)
    try:
        library.nvmlInit()
        try:
            facts = _devices(library, environ)
        finally:
            library.nvmlShutdown()
    except library.NVMLError_LibraryNotFound:
        facts = _none("no driver of NVIDIA is installed")
    except library.NVMLError_DriverNotLoaded:
        facts = _none("the driver of NVIDIA is not loaded")
    except library.NVMLError_NoPermission:
        why = "this process may not ask the driver"
        facts = [denied_fact(name, _HOW, why) for name in FACTS]
    except library.NVMLError as error:
        why = f"the driver failed ({type(error).__name__})"
        facts = all_unseen(FACTS, _HOW, why)
    return facts


def _devices(library: Any, environ: Mapping[str, str]) -> list[MachineFact]:  # noqa: ANN401 - it ships no types
    present = library.nvmlDeviceGetCount()
    number = _chosen(present, environ.get(_CHOSEN))
    if not number:
        return _none(f"{_CHOSEN} names no GPU" if present else "there is no device")
    devices = [library.nvmlDeviceGetHandleByIndex(index) for index in range(present)]
    memory = min(library.nvmlDeviceGetMemoryInfo(device).total for device in devices)
    names = {_text(library.nvmlDeviceGetName(device)) for device in devices}
    why = f"{_CHOSEN} leaves {number} of {present}" if number < present else None
    return [
        read_fact("gpus", number, "GPUs", _HOW, why),
        read_fact("gpu-memory", gib(memory), "GiB", f"{_HOW}; the least of all"),
        read_fact("gpu-names", ", ".join(sorted(names)), None, _HOW),
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


def _none(why: str) -> list[MachineFact]:
    return [
        read_fact("gpus", 0, "GPUs", _HOW, why),
        *(unseen_fact(name, _HOW, f"there is no GPU: {why}") for name in FACTS[1:]),
    ]
