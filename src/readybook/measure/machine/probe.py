"""Probe the machine that this runs on: facts, each with its source or why it is unknown.

Changes nothing and records no name of a host, a person or a path of theirs.
"""

from __future__ import annotations

import datetime as dt
import platform
import re
from collections.abc import Callable, Sequence
from importlib.metadata import distributions
from pathlib import Path

from readybook import __version__
from readybook.measure.machine import hardware
from readybook.measure.machine.access import index_fact, privilege_facts, reach
from readybook.measure.machine.facts import HERE, TREE, all_unseen, read_fact
from readybook.measure.machine.limits import granted_facts, started_facts
from readybook.model.case import ResourceNeeds
from readybook.model.findings import MachineEvidence, MachineFact

__all__ = ["STEPS", "installed_packages", "probe"]

#: What a probe does, in this order, as a progress bar tells it.
STEPS = ("memory", "CPUs", "BLAS", "disk", "GPUs", "privileges", "network", "packages")


def _quiet(_step: str) -> None:
    """Tell nobody which step begins."""


def probe(
    root: Path = HERE,
    *,
    today: dt.date,
    folder: Path | None = None,
    needs: ResourceNeeds | None = None,
    tick: Callable[[str], None] = _quiet,
) -> MachineEvidence:
    """Return what a process may use of this machine, within 20 s.

    Args:
        root: where the file tree of the machine begins; a test gives its own, of which
            only a running process could tell the rest: those facts are not visible.
        today: the date of the probe.
        folder: where a job would work; None: the current folder.
        needs: whose endpoints are tried, and whether the package index is asked; None:
            nobody on the network is.
        tick: called with the name of each of `STEPS` as it begins.
    """
    facts = _own_facts(root, folder or Path.cwd(), tick)
    tick("network")
    needs = needs if root == HERE and needs else ResourceNeeds()
    facts.append(index_fact(wanted=bool(needs.package_index)))
    reached = tuple(reach(needs.endpoints))
    tick("packages")
    facts += _python_facts()
    return MachineEvidence(
        format=1,
        kind="machine",
        readybook=__version__,
        measured_on=today,
        facts=tuple(facts),
        endpoints=reached,
        packages=installed_packages(),
    )


def _own_facts(
    root: Path, folder: Path, tick: Callable[[str], None]
) -> list[MachineFact]:
    """Return what the machine itself tells, without a network."""
    here = root == HERE
    tick("memory")
    facts = granted_facts(root)
    cpus, memory = _job_cpus(facts), _number(facts, "memory-granted")
    tick("CPUs")
    facts += [hardware.throttling_fact(root, cpus), *hardware.cpu_facts(root)]
    tick("BLAS")
    facts += hardware.blas_facts(cpus, memory) if here else _not_run(hardware.BLAS)
    tick("disk")
    facts += hardware.disk_facts(folder) if here else _not_run(hardware.DISKS)
    tick("GPUs")
    library = hardware.load_gpu_library()
    facts += hardware.gpu_facts(library) if here else _not_run(hardware.GPUS)
    tick("privileges")
    facts += privilege_facts(root, folder)
    facts += started_facts(root)
    return facts


def _not_run(names: Sequence[str]) -> list[MachineFact]:
    return all_unseen(names, "this process", TREE)


def _number(facts: Sequence[MachineFact], name: str) -> float | None:
    value = next(fact.value for fact in facts if fact.fact == name)
    return float(value) if isinstance(value, int | float) else None


def _job_cpus(facts: Sequence[MachineFact]) -> int:
    """Return how many threads a job would get: CPUs granted, or else those seen."""
    names = ("cpus-granted", "cpus-affinity", "cpus-seen")
    known = (_number(facts, name) for name in names)
    return max(1, round(next(filter(None, known), 1)))


def _python_facts() -> list[MachineFact]:
    how = "the Python interpreter"
    named = f"{platform.system()} {platform.machine()}".strip() or "unknown"
    return [
        read_fact("platform", named, None, how),
        read_fact("python", platform.python_version(), None, how),
    ]


def installed_packages(path: Sequence[str] | None = None) -> dict[str, str]:
    """Return the version of each package by its normalized name (PEP 503), sorted.

    An import would find these.

    Args:
        path: folders to look in, the first wins; None: those of this Python.
    """
    found: dict[str, str] = {}
    for package in distributions() if path is None else distributions(path=[*path]):
        # What an installation that was broken off left behind has neither.
        name: str | None = package.metadata["Name"]
        version: str | None = package.metadata["Version"]
        if name and version:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return dict(sorted(found.items()))
