"""What a job may do on this machine and what it reaches from it, tried without effect.

Endpoints are connected to and left; nothing is sent to them, and no proxy is used: an
answer through one would be the proxy's own. A package index is sent one HEAD request
without credentials, and its address, which can hold some, is told in no fact.
"""

from __future__ import annotations

import http.client
import importlib.util
import os
import platform
import queue
import shutil
import site
import socket
import ssl
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Literal, TypeVar

from readybook.measure.machine.facts import (
    HERE,
    TREE,
    all_unseen,
    fact_of,
    missing,
    read_fact,
    unseen_fact,
    yes_no,
)
from readybook.model.case import Endpoint
from readybook.model.findings import MachineFact, Reach

__all__ = ["in_time", "index_fact", "privilege_facts", "reach"]


# --- privileges ----------------------------------------------------------------------

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
    if root != HERE:
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

    def read() -> MachineFact | None:
        try:
            effective = _status(root, "Uid")[1:2]
        except FileNotFoundError:
            effective = []
        if effective:
            is_root = effective == ["0"]
            why = _namespace(root) if is_root else None
            return yes_no(name, how, holds=is_root, why=why)
        if root == HERE and hasattr(os, "geteuid"):
            return yes_no(name, "effective user id", holds=os.geteuid() == 0)
        return None

    return fact_of(name, how, read, missing(root, "effective user id", system))


def _namespace(root: Path) -> str | None:
    """Return that root is root in a namespace of users only, where it is so."""
    try:
        ids = (root / "proc/self/uid_map").read_text("ascii").split()[:2]
    except OSError:
        return None
    if len(ids) < 2 or ids == ["0", "0"]:  # noqa: PLR2004 - inside and outside
        return None
    return "in its own namespace of users only, not on the machine"


def _capabilities(root: Path, system: str) -> MachineFact:
    name, how = "capabilities", f"{_STATUS} CapEff"

    def read() -> MachineFact:
        held = int("".join(_status(root, "CapEff")), 16)
        names = [word for bit, word in _CAPABILITIES.items() if held >> bit & 1]
        return read_fact(name, " ".join(names) or "none", None, how)

    return fact_of(name, how, read, missing(root, "capabilities", system))


def _no_new_privileges(root: Path, system: str) -> MachineFact:
    name, how = "no-new-privileges", f"{_STATUS} NoNewPrivs"

    def read() -> MachineFact | None:
        words = _status(root, "NoNewPrivs")
        holds = words == ["1"]
        why = "no program can gain rights here, sudo neither" if holds else None
        return yes_no(name, how, holds=holds, why=why) if words else None

    return fact_of(name, how, read, missing(root, "NoNewPrivs", system))


def _sudo(*, is_root: bool) -> MachineFact:
    """Return whether sudo asks for no password; one typed before does not count."""
    name, how = "sudo", "sudo -k -n true"
    if is_root:
        return yes_no(name, "effective user id", holds=True, why="root needs no sudo")
    if (program := shutil.which("sudo")) is None:
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
    for engine in map(Path, _SOCKETS):
        if os.access(engine, os.W_OK):
            return yes_no(name, f"the socket {engine.name} can be written", holds=True)
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


# --- endpoints -----------------------------------------------------------------------

_SECONDS = 3.0  #: for an endpoint's name, connection and handshake together
_GRACE = 0.2  #: s, in which an answer that came at the last moment is handed over

State = Literal["reached", "refused", "timed out", "no route", "no name", "no tls"]
_T = TypeVar("_T")


def in_time(calls: Sequence[Callable[[], _T]], seconds: float) -> list[_T | None]:
    """Return what each call returned, None where it took longer; all run at once.

    Looking up a name knows no time limit, so nobody waits for the threads left over.
    """
    done: queue.SimpleQueue[tuple[int, _T]] = queue.SimpleQueue()

    def run(place: int, call: Callable[[], _T]) -> None:
        done.put((place, call()))

    end = time.monotonic() + seconds + _GRACE
    for place, call in enumerate(calls):
        threading.Thread(target=run, args=(place, call), daemon=True).start()
    found: dict[int, _T] = {}
    while len(found) < len(calls):
        try:
            place, value = done.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        found[place] = value
    return [found.get(place) for place in range(len(calls))]


def reach(endpoints: Iterable[Endpoint], seconds: float = _SECONDS) -> list[Reach]:
    """Return whether each endpoint answers, sorted; all are tried at once.

    Args:
        endpoints: what was declared; one that is declared twice is tried once.
        seconds: that each of them has.
    """
    key = {(one.host, one.port, one.tls): one for one in endpoints}
    wanted = [key[place] for place in sorted(key)]
    end = time.monotonic() + seconds
    states = in_time([partial(_try, one, end) for one in wanted], seconds)
    return [
        Reach(host=one.host, port=one.port, tls=one.tls, state=state or "timed out")
        for one, state in zip(wanted, states, strict=True)
    ]


def _try(endpoint: Endpoint, end: float) -> State:
    try:
        found = socket.getaddrinfo(
            endpoint.host, endpoint.port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        return "no name"
    states: list[State] = []
    for _family, _type, _protocol, _name, address in found:
        states.append(_connect(str(address[0]), endpoint, end))
        if states[-1] == "reached":
            return "reached"
    # An address of a family that this machine lacks says less than one that answered.
    return next((state for state in states if state != "no route"), "no route")


def _connect(address: str, endpoint: Endpoint, end: float) -> State:
    left = max(0.01, end - time.monotonic())
    try:
        with socket.create_connection((address, endpoint.port), left) as plain:
            if endpoint.tls:
                return _shake_hands(plain, endpoint.host, end)
            return "reached"
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "timed out"
    except OSError:
        return "no route"


def _shake_hands(plain: socket.socket, host: str, end: float) -> State:
    """Return whether a TLS handshake succeeds, with a certificate that is trusted."""
    plain.settimeout(max(0.01, end - time.monotonic()))
    try:
        context = ssl.create_default_context()
        with context.wrap_socket(plain, server_hostname=host):
            return "reached"
    except TimeoutError:
        return "timed out"
    except (OSError, ValueError):
        return "no tls"


# --- a package index -----------------------------------------------------------------

_PUBLIC = "https://pypi.org/simple"  #: pip's own, where nothing else is configured
_PIP_SECONDS = 4.0  #: for pip to say how it is configured


def index_fact(*, wanted: bool, seconds: float = _SECONDS) -> MachineFact:
    """Return whether the package index answers, "yes" or "no"; its address is not told.

    It is the one that PIP_INDEX_URL names, or else the one that pip says that it is
    configured for, or else the public one.

    Args:
        wanted: False: nobody needs it, so nobody asks.
        seconds: that it has.
    """
    name, how = "package-index", "a HEAD request to a package index"
    if not wanted:
        why = "not asked: no resource was named that needs a package index"
        return unseen_fact(name, how, why)
    try:
        which, address = _index()
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return unseen_fact(name, how, "pip does not say which index it is to use")
    how, url = f"a HEAD request to {which}", _without_credentials(address)
    if url is None:
        return unseen_fact(name, how, "its address is none on a network")
    [answer] = in_time([partial(_ask, url, seconds)], seconds)
    holds, why = answer or (False, f"no answer within {seconds:g} s")
    if holds is None:
        return unseen_fact(name, how, why)
    return yes_no(name, how, holds=holds, why=why or None)


def _index() -> tuple[str, str]:
    """Return in words which index is used, and its address."""
    if url := os.environ.get("PIP_INDEX_URL"):
        return "the index that PIP_INDEX_URL names", url
    done = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_PIP_SECONDS,
        check=False,
    )
    for line in done.stdout.splitlines():
        key, _, url = line.partition("=")
        if key == "global.index-url":
            return "the index that pip is configured for", url.strip("'\"")
    return "the public index, as no other is configured", _PUBLIC


def _without_credentials(address: str) -> str | None:
    """Return an address on a network without credentials, None for any other."""
    try:
        parts = urllib.parse.urlsplit(address.strip())
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return None
    except ValueError:
        return None
    path = urllib.parse.quote(parts.path.rstrip("/"), safe="/%:@")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{path}/"


def _ask(url: str, seconds: float) -> tuple[bool | None, str]:
    """Return whether it answers, None where that cannot be told, and why.

    The texts of errors are left out: they hold the address.
    """
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - http only
    try:
        with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310 - the same
            return True, ""
    except urllib.error.HTTPError as error:
        error.close()
        return _judged(error.code)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return None, "this Python does not trust its certificate; pip may"
    if isinstance(reason, socket.gaierror):
        return False, "no name"
    if isinstance(reason, ConnectionRefusedError | TimeoutError):
        return False, "refused" if isinstance(reason, ConnectionError) else "timed out"
    return False, "no route, or a proxy refuses"


def _judged(status: int) -> tuple[bool, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return True, "it asks for credentials, which were not sent"
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}:
        return False, f"it, or a proxy before it, refuses (HTTP {status})"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return False, f"it fails (HTTP {status})"
    return True, f"it answers HTTP {status}"
