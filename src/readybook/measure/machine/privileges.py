"""What this process may do here, asked without doing it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import site
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from readybook.measure.machine.facts import (
    TREE,
    all_unseen,
    denied_fact,
    missing,
    read_fact,
    unseen_fact,
    yes_no,
)
from readybook.model.findings import MachineFact

__all__ = ["privilege_facts"]

_STATUS = "/proc/self/status"
#: Numbers of linux/capability.h that let a job do what a user may not.
_CAPABILITIES = {
    0: "chown",
    1: "dac_override",
    7: "setuid",
    10: "net_bind_service",
    12: "net_admin",
    14: "ipc_lock",
    19: "sys_ptrace",
    21: "sys_admin",
    23: "sys_nice",
    24: "sys_resource",
}
_SUDO_SECONDS = 2.0
_SOCKETS = ("/var/run/docker.sock", "/run/podman/podman.sock")
_ROOTLESS = ("podman", "buildah")  #: they build without a service that runs as root
_RUNNING = ("sudo", "package-install", "container-build", "writable")


def privilege_facts(
    root: Path, folder: Path, system: str = platform.system()
) -> list[MachineFact]:
    """Return what this process may do: "yes" or "no", and names.

    Nothing is installed, written or started but `sudo -n true`, which does nothing;
    sudo itself may note in the system's log that it was asked.

    Args:
        root: where the file tree of the machine begins.
        folder: where a job would work.
        system: as `platform.system` names it.
    """
    facts = [
        _root(root, system),
        _capabilities(root, system),
        _no_new_privileges(root, system),
    ]
    if root != Path("/"):
        return [*facts, *all_unseen(_RUNNING, "this process", TREE)]
    return [
        *facts,
        _sudo(is_root=facts[0].value == "yes"),
        _package_install(folder),
        _container_build(),
        _writable(folder),
    ]


def _status(root: Path, key: str) -> list[str]:
    """Return the words that the kernel says of this process under a key."""
    lines = (root / _STATUS.lstrip("/")).read_text("utf-8").splitlines()
    said = (line.partition(":") for line in lines)
    return next((value.split() for name, _, value in said if name == key), [])


def _root(root: Path, system: str) -> MachineFact:
    name, how = "root", f"{_STATUS} Uid, effective"
    try:
        words = _status(root, "Uid")
    except PermissionError:
        return denied_fact(name, how)
    except OSError:
        words = []
    if len(words) > 1:
        is_root = words[1] == "0"
        why = _namespace(root) if is_root else None
        return yes_no(name, how, holds=is_root, why=why)
    if root == Path("/") and hasattr(os, "geteuid"):
        return yes_no(name, "effective user id", holds=os.geteuid() == 0)
    return unseen_fact(name, how, missing(root, "effective user id", system))


def _namespace(root: Path) -> str | None:
    """Return that root is root in a namespace of users only, where it is so."""
    try:
        inside, outside, _number = (
            (root / "proc/self/uid_map").read_text("ascii").split()[:3]
        )
    except (OSError, ValueError):
        return None
    if (inside, outside) == ("0", "0"):
        return None
    return "in its own namespace of users only, not on the machine"


def _capabilities(root: Path, system: str) -> MachineFact:
    name, how = "capabilities", f"{_STATUS} CapEff"
    try:
        words = _status(root, "CapEff")
        held = int(words[0], 16) if words else None
    except PermissionError:
        return denied_fact(name, how)
    except (OSError, ValueError):
        held = None
    if held is None:
        return unseen_fact(name, how, missing(root, "capabilities", system))
    names = [word for bit, word in _CAPABILITIES.items() if held >> bit & 1]
    return read_fact(name, " ".join(names) or "none", None, how)


def _no_new_privileges(root: Path, system: str) -> MachineFact:
    name, how = "no-new-privileges", f"{_STATUS} NoNewPrivs"
    try:
        words = _status(root, "NoNewPrivs")
    except PermissionError:
        return denied_fact(name, how)
    except OSError:
        words = []
    if not words:
        return unseen_fact(name, how, missing(root, "NoNewPrivs", system))
    holds = words[0] == "1"
    why = "no program can gain rights here, sudo neither" if holds else None
    return yes_no(name, how, holds=holds, why=why)


# --- what only a running process can ask -------------------------------------------


def _sudo(*, is_root: bool) -> MachineFact:
    """Return whether sudo asks for no password; one typed before does not count."""
    name, how = "sudo", "sudo -k -n true"
    if is_root:
        return yes_no(name, "effective user id", holds=True, why="root needs no sudo")
    program = shutil.which("sudo")
    if program is None:
        return yes_no(name, how, holds=False, why="there is no sudo")
    try:
        done = subprocess.run(  # noqa: S603 - the one program, constant words
            [program, "-k", "-n", "true"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SUDO_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return unseen_fact(name, how, f"no answer within {_SUDO_SECONDS:g} s")
    except OSError as error:
        return unseen_fact(name, how, f"it did not start ({type(error).__name__})")
    return yes_no(name, how, holds=done.returncode == 0)


def _package_install(folder: Path) -> MachineFact:
    """Return whether pip could install: into this Python, for the user, or beside."""
    name = "package-install"
    marker = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
    in_venv = sys.prefix != sys.base_prefix
    # An installer refuses a Python that says that the system manages it (PEP 668).
    if in_venv or not marker.exists():
        if _may_write(Path(sysconfig.get_path("purelib"))):
            return yes_no(name, "site-packages of this Python", holds=True)
        if site.ENABLE_USER_SITE and _may_write(Path(site.getusersitepackages())):
            return yes_no(name, "site-packages of the user", holds=True)
    can_make = all(map(importlib.util.find_spec, ("venv", "ensurepip")))
    if can_make and _may_write(folder):
        how = "a virtual environment in the working folder"
        return yes_no(name, how, holds=True)
    how = "site-packages, those of the user, and the working folder"
    return yes_no(name, how, holds=False, why="no place for packages can be written")


def _may_write(path: Path) -> bool:
    """Return whether a folder, or the one in which it would be made, can be written."""
    while not path.exists() and path != path.parent:
        path = path.parent
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)


def _container_build() -> MachineFact:
    name = "container-build"
    for socket in map(Path, _SOCKETS):
        if os.access(socket, os.W_OK):
            return yes_no(name, f"the socket {socket.name} can be written", holds=True)
    for program in _ROOTLESS:
        if shutil.which(program):
            how = f"{program} is installed; it was not started"
            return yes_no(name, how, holds=True)
    how = "the sockets of docker and podman, and the programs podman and buildah"
    if os.environ.get("DOCKER_HOST"):
        why = "DOCKER_HOST names an engine elsewhere, which was not asked"
        return unseen_fact(name, how, why)
    return yes_no(
        name, how, holds=False, why="no docker, podman or buildah can be used"
    )


def _writable(folder: Path) -> MachineFact:
    """Return which of the usual folders can be written, by what they are for."""
    places = {
        "working folder": folder,
        "home folder": Path("~").expanduser(),
        "temporary folder": Path(tempfile.gettempdir()),
        "site-packages": Path(sysconfig.get_path("purelib")),
        "/dev/shm": Path("/dev/shm"),  # noqa: S108 - only asked for
        "/usr/local": Path("/usr/local"),
        "/etc": Path("/etc"),
    }
    names = [
        name
        for name, path in places.items()
        if path.is_dir() and os.access(path, os.W_OK | os.X_OK)
    ]
    how = "access rights, nothing was written"
    return read_fact("writable", ", ".join(names) or "none", None, how)
