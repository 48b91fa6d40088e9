"""Limits that Linux control groups set on this process, in all their versions.

A limit of any ancestor holds, so each level up to the mount is read and the least
counts. Names of groups are never recorded: they may hold those of containers.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

__all__ = ["Limit", "read_limit", "read_throttling"]

#: From here on a number stands for "no limit".
_UNLIMITED = 2**62
_V2 = "cgroup2"

Resource = Literal["memory", "swap", "cpu", "pids"]
_CONTROLLER = {"swap": "memory"}  #: where it is not named as the resource is


@dataclass(frozen=True)
class Limit:
    """A limit in bytes, CPUs or processes; None: none is set. Unread: why."""

    state: Literal["read", "not visible", "denied"]
    value: float | None
    how: str
    why: str | None = None


@dataclass(frozen=True)
class _Group:
    """The directories of this process's group, from its own up to the mount."""

    version: Literal["v1", "v2"]
    levels: tuple[Path, ...]
    is_visible: bool  #: False: its own directory cannot be seen from here


def read_limit(root: Path, resource: Resource) -> Limit:
    """Return the least limit on a resource over all groups that hold this process.

    Args:
        root: where the file tree of the machine begins.
        resource: memory and swap in bytes, cpu in CPUs, pids in processes.
    """
    if not (root / "proc").is_dir():
        system = platform.system()
        if root == Path("/") and system != "Linux":
            return Limit("read", None, system, f"{system} has no control groups")
        return Limit("not visible", None, "/proc", "the file tree has no /proc")
    try:
        groups = _groups(root, _CONTROLLER.get(resource, resource))
        return _least(groups, resource)
    except PermissionError:
        why = "this process may not read its control groups"
        return Limit("denied", None, "control groups", why)
    except (OSError, ValueError) as error:
        why = f"control groups could not be read ({type(error).__name__})"
        return Limit("not visible", None, "control groups", why)


def read_throttling(root: Path) -> list[tuple[int, int]]:
    """Return periods and throttled periods so far, for each level that counts them.

    A level counts while it has a quota; without one the list is empty, or stands still.

    Raises:
        OSError: the groups of this process cannot be read.
        ValueError: they say what no kernel says.
    """
    levels = [level for group in _groups(root, "cpu") for level in group.levels]
    counts = []
    for level in levels:
        try:
            lines = (level / "cpu.stat").read_text("ascii").splitlines()
        except FileNotFoundError:
            continue
        said = dict(line.split() for line in lines)
        if "nr_periods" in said:
            counts.append((int(said["nr_periods"]), int(said["nr_throttled"])))
    return counts


def _least(groups: list[_Group], resource: Resource) -> Limit:
    if not groups:
        why = "no control group of this process is mounted, so a limit may be hidden"
        return Limit("not visible", None, "control groups", why)
    if not all(group.is_visible for group in groups):
        why = "the group of this process is not mounted, so a limit may be hidden"
        return Limit("not visible", None, "control groups", why)
    limits = [
        limit
        for group in groups
        for level in group.levels
        if (limit := _READERS[resource, group.version](level)) is not None
    ]
    levels = sum(len(group.levels) for group in groups)
    versions = " and ".join(sorted({group.version for group in groups}))
    how = f"control groups {versions}, {levels} level{'' if levels == 1 else 's'}"
    if not limits:
        return Limit("read", None, how, "no limit is set")
    return Limit("read", min(limits), how)


# --- where the groups are ----------------------------------------------------------


def _groups(root: Path, controller: str) -> list[_Group]:
    """Return the groups that can limit a controller: v1, v2, or both in a hybrid."""
    found = []
    memberships = dict(_memberships(root))
    for kind, options, mount_root, mount_point in _mounts(root):
        is_v2 = kind == _V2
        path = memberships.get("" if is_v2 else controller)
        if path is None or (not is_v2 and controller not in options):
            continue
        top = root / mount_point.lstrip("/")
        inside = _inside(path, mount_root)
        levels = [top.joinpath(*inside.parts)]
        while levels[-1] != top:
            levels.append(levels[-1].parent)
        if is_v2 and controller not in _controllers(top):
            continue  # in a hybrid the controller lives in the other tree
        version: Literal["v1", "v2"] = "v2" if is_v2 else "v1"
        found.append(_Group(version, tuple(levels), levels[0].is_dir()))
    return found


def _memberships(root: Path) -> Iterator[tuple[str, str]]:
    """Yield controller ("" for v2) and path of each group of this process."""
    for line in (root / "proc/self/cgroup").read_text("utf-8").splitlines():
        _number, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, path


def _mounts(root: Path) -> Iterator[tuple[str, set[str], str, str]]:
    """Yield kind, options, root and point of each mount of control groups."""
    for line in (root / "proc/self/mountinfo").read_text("utf-8").splitlines():
        left, _, right = line.partition(" - ")
        kind, *_, options = right.split() or [""]
        if kind in {"cgroup", _V2}:
            mount_root, point = left.split()[3:5]
            yield kind, set(options.split(",")), mount_root, point


def _inside(path: str, mount_root: str) -> PurePosixPath:
    """Return a group's path below its mount.

    In a container the mount may begin at the group itself, or the path may be told
    from a place that is not mounted ("/../.."): then the mount is all there is.
    """
    group, top = PurePosixPath(path), PurePosixPath(mount_root)
    if ".." in group.parts or not group.is_relative_to(top):
        return PurePosixPath()
    return group.relative_to(top)


def _controllers(top: Path) -> set[str]:
    try:
        return set((top / "cgroup.controllers").read_text("ascii").split())
    except FileNotFoundError:
        return set()


# --- what one level says -----------------------------------------------------------


def _number(path: Path) -> int | None:
    """Return a number of bytes, None where there is no file or no limit."""
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    if text == "max":
        return None
    number = int(text)
    return None if number >= _UNLIMITED or number < 0 else number


def _swap_v1(level: Path) -> float | None:
    """Return what the limit on memory and swap together leaves for swap."""
    both = _number(level / "memory.memsw.limit_in_bytes")
    if both is None:
        return None
    return max(0, both - (_number(level / "memory.limit_in_bytes") or 0))


def _cpu_v1(level: Path) -> float | None:
    quota = _number(level / "cpu.cfs_quota_us")
    period = _number(level / "cpu.cfs_period_us")
    return quota / period if quota and period else None


def _cpu_v2(level: Path) -> float | None:
    try:
        quota, _, period = (level / "cpu.max").read_text("ascii").strip().partition(" ")
    except FileNotFoundError:
        return None
    return None if quota == "max" else int(quota) / int(period or 100_000)


_READERS: dict[tuple[Resource, str], Callable[[Path], float | None]] = {
    ("memory", "v1"): lambda level: _number(level / "memory.limit_in_bytes"),
    ("memory", "v2"): lambda level: _number(level / "memory.max"),
    ("swap", "v1"): _swap_v1,
    ("swap", "v2"): lambda level: _number(level / "memory.swap.max"),
    ("cpu", "v1"): _cpu_v1,
    ("cpu", "v2"): _cpu_v2,
    ("pids", "v1"): lambda level: _number(level / "pids.max"),
    ("pids", "v2"): lambda level: _number(level / "pids.max"),
}
