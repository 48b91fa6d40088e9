"""Probe the machine that this runs on: facts, each with its source or why it is unknown.

Changes nothing and records no name of a host, a person or a path of theirs.
"""

import datetime as dt
import platform
import re
from collections.abc import Callable, Sequence
from importlib.metadata import distributions
from pathlib import Path

from readybook import __version__
from readybook.measure.machine.access import (
    index_fact,
    means_facts,
    reach,
    rights_facts,
)
from readybook.measure.machine.facts import HERE, read_fact
from readybook.measure.machine.hardware import (
    blas_facts,
    cpu_facts,
    disk_facts,
    gpu_facts,
    load_gpu_library,
)
from readybook.measure.machine.limits import (
    granted_facts,
    started_facts,
    throttling_fact,
)
from readybook.model.case import ResourceNeeds
from readybook.model.findings import MachineEvidence

#: What a probe does, in this order, as a progress bar tells it.
STEPS = ("memory", "CPUs", "BLAS", "disk", "GPUs", "privileges", "network", "packages")


def probe(
    *,
    today: dt.date,
    needs: ResourceNeeds | None = None,
    tick: Callable[[str], object] = str,
) -> MachineEvidence:
    """Return what a process may use of this machine, within 20 s.

    The needs tell whose endpoints are tried, and whether the package index is asked;
    None: nobody on the network is. `tick` is called with each of `STEPS` as it begins.
    """
    folder = Path.cwd()
    tick("memory")
    facts = granted_facts(HERE)
    told = {one.fact: one.value for one in facts if isinstance(one.value, int | float)}
    # As many threads as a job would get: CPUs granted, or else those seen.
    names = ("cpus-granted", "cpus-affinity", "cpus-seen")
    cpus = max(1, round(next(filter(None, map(told.get, names)), 1)))
    tick("CPUs")
    facts += [throttling_fact(HERE, cpus), *cpu_facts(HERE)]
    tick("BLAS")
    facts += blas_facts(cpus, told.get("memory-granted"))
    tick("disk")
    facts += disk_facts(folder)
    tick("GPUs")
    facts += gpu_facts(load_gpu_library())
    tick("privileges")
    facts += [*rights_facts(HERE), *means_facts(folder), *started_facts(HERE)]
    tick("network")
    needs = needs or ResourceNeeds()
    facts.append(index_fact(wanted=bool(needs.package_index)))
    reached = tuple(reach(needs.endpoints))
    tick("packages")
    how = "the Python interpreter"
    named = f"{platform.system()} {platform.machine()}".strip() or "unknown"
    facts.append(read_fact("platform", named, None, how))
    facts.append(read_fact("python", platform.python_version(), None, how))
    return MachineEvidence(
        format=1,
        kind="machine",
        readybook=__version__,
        measured_on=today,
        facts=tuple(facts),
        endpoints=reached,
        packages=installed_packages(),
    )


def installed_packages(path: Sequence[str] | None = None) -> dict[str, str]:
    """Return the version of each package by its normalized name (PEP 503), sorted.

    An import would find these: in the folders of a path, of which the first wins, or in
    those of this Python.
    """
    found: dict[str, str] = {}
    for package in distributions() if path is None else distributions(path=[*path]):
        # What an installation that was broken off left behind has neither.
        name: str | None = package.metadata["Name"]
        version: str | None = package.metadata["Version"]
        if name and version:
            found.setdefault(re.sub(r"[-_.]+", "-", name).lower(), version)
    return dict(sorted(found.items()))
