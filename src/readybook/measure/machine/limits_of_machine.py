"""How many files a process may open here, and how many processes there may be."""

from __future__ import annotations

import importlib
import platform
from dataclasses import dataclass
from pathlib import Path

from readybook.measure.machine.cgroups import read_limit
from readybook.measure.machine.facts import (
    denied_fact,
    least_fact,
    missing,
    read_fact,
    unseen_fact,
)
from readybook.model.findings import MachineFact

__all__ = ["limit_facts"]


@dataclass(frozen=True)
class _Kind:
    """A limit, as /proc/self/limits and, where there is none, `resource` name it."""

    fact: str
    line: str
    constant: str
    unit: str


_FILES = _Kind("open-files", "Max open files", "RLIMIT_NOFILE", "files")
_PROCESSES = _Kind("processes-of-user", "Max processes", "RLIMIT_NPROC", "processes")


def limit_facts(root: Path, system: str = platform.system()) -> list[MachineFact]:
    """Return the limits that bind now: open files, and processes.

    The soft limit holds, as no job raises it by itself; of processes, the least of that
    and of what the control groups allow. No limit is "none".

    Args:
        root: where the file tree of the machine begins.
        system: as `platform.system` names it.
    """
    group = read_limit(root, "pids")
    name = "processes-of-group"
    if group.state == "denied":
        in_group = denied_fact(name, group.how)
    elif group.state == "not visible":
        in_group = unseen_fact(name, group.how, group.why or "not known")
    else:
        in_group = _number(name, group.value, "processes", group.how)
    own = _limit(root, system, _PROCESSES)
    return [
        _limit(root, system, _FILES),
        own,
        in_group,
        least_fact("processes", (own, in_group)),
    ]


def _limit(root: Path, system: str, kind: _Kind) -> MachineFact:
    name, how = kind.fact, f"/proc/self/limits {kind.line}, soft"
    try:
        text = (root / "proc/self/limits").read_text("ascii")
    except PermissionError:
        return denied_fact(name, how)
    except OSError:
        return _by_system(root, system, kind)
    for row in text.splitlines():
        if row.startswith(kind.line):
            soft = row.removeprefix(kind.line).split()[0]
            value = None if soft == "unlimited" else int(soft)
            return _number(name, value, kind.unit, how)
    return unseen_fact(name, how, "the file does not say")


def _by_system(root: Path, system: str, kind: _Kind) -> MachineFact:
    name, how = kind.fact, f"{kind.constant}, soft"
    if root != Path("/"):
        return unseen_fact(name, how, missing(root, "/proc/self/limits", system))
    try:
        limits = importlib.import_module("resource")  # Windows does not have it
    except ImportError:
        return unseen_fact(name, how, f"{system} has no such limit")
    soft = limits.getrlimit(getattr(limits, kind.constant))[0]
    value = None if soft == limits.RLIM_INFINITY else soft
    return _number(name, value, kind.unit, how)


def _number(name: str, value: float | None, unit: str, how: str) -> MachineFact:
    if value is None:
        return read_fact(name, "none", None, how, "no limit is set")
    return read_fact(name, int(value), unit, how)
