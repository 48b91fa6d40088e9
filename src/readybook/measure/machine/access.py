"""What a job may do on this machine and what it reaches from it, tried without effect.

Endpoints are connected to and left; nothing is sent to them, and no proxy is used: an
answer through one would be the proxy's own. A package index is sent one HEAD request
without credentials, and its address, which can hold some, is told in no fact.
"""

import contextlib
import http.client
import importlib.util
import os
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
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Literal, TypeVar

from readybook.measure.machine.facts import (
    HERE,
    Said,
    fact_of,
    if_here,
    missing,
    pairs_of,
    read_fact,
    text_of,
    unseen_fact,
)
from readybook.model.case import Endpoint
from readybook.model.findings import MachineFact, Reach

# --- privileges ----------------------------------------------------------------------

_STATUS = "/proc/self/status"
#: Numbers of linux/capability.h that let a job do what a user may not.
_CAPABILITIES = {
    0: "chown", 1: "dac_override", 7: "setuid", 10: "net_bind_service",
    12: "net_admin", 14: "ipc_lock", 19: "sys_ptrace", 21: "sys_admin",
    23: "sys_nice", 24: "sys_resource",
}  # fmt: skip
_SUDO_SECONDS = 2.0
_SOCKETS = ("/var/run/docker.sock", "/run/podman/podman.sock")
_ROOTLESS = ("podman", "buildah")  #: they build without a service that runs as root


def rights_facts(root: Path) -> list[MachineFact]:
    """Return which rights this process has: "yes" or "no", and their names."""
    return [
        _root(root),
        fact_of("capabilities", None, missing(root, "capabilities"),
                (f"{_STATUS} CapEff", partial(_capabilities, root))),
        fact_of("no-new-privileges", None, missing(root, "NoNewPrivs"),
                (f"{_STATUS} NoNewPrivs", partial(_no_new_privileges, root))),
    ]  # fmt: skip


def means_facts(folder: Path) -> list[MachineFact]:
    """Return what this process can do with them: "yes" or "no", and names.

    Nothing is installed, written or started but `sudo -n true`, which does nothing;
    sudo itself may note in the system's log that it was asked. A job would work in the
    folder.
    """
    return [_sudo(), _package_install(folder), _container_build(), _writable(folder)]


def _status(root: Path, key: str) -> list[str]:
    """Return the words that the kernel says of this process under a key."""
    return dict(pairs_of(root, _STATUS)).get(key, "").split()


def _root(root: Path) -> MachineFact:
    how = "effective user id"

    def of_kernel() -> Said:
        effective = _status(root, "Uid")[1:2]
        if effective != ["0"]:
            return "no" if effective else None
        with contextlib.suppress(OSError):
            ids = text_of(root, "/proc/self/uid_map").split()
            if ids[1:] and ids[:2] != ["0", "0"]:  # inside and outside
                return "yes", "in its own namespace of users only, not on the machine"
        return "yes"

    def of_python() -> str | None:
        has_ids = hasattr(os, "geteuid")
        return ("no" if os.geteuid() else "yes") if has_ids else None

    sources = [(f"{_STATUS} Uid, effective", of_kernel), *if_here(root, how, of_python)]
    return fact_of("root", None, missing(root, how), *sources)


def _capabilities(root: Path) -> str:
    held = int("".join(_status(root, "CapEff")), 16)
    names = [word for bit, word in _CAPABILITIES.items() if held >> bit & 1]
    return " ".join(names) or "none"


def _no_new_privileges(root: Path) -> Said:
    words = _status(root, "NoNewPrivs")
    if words == ["1"]:
        return "yes", "no program can gain rights here, sudo neither"
    return "no" if words else None


def _sudo() -> MachineFact:
    """Return whether sudo asks for no password; one typed before does not count."""
    name, how = "sudo", "sudo -k -n true"
    if _root(HERE).value == "yes":
        return read_fact(name, "yes", None, "effective user id", "root needs no sudo")
    if (program := shutil.which("sudo")) is None:
        return read_fact(name, "no", None, how, "there is no sudo")
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
    return read_fact(name, "no" if done.returncode else "yes", None, how)


def _package_install(folder: Path) -> MachineFact:
    """Return whether pip could install: into this Python, for the user, or beside."""
    marker = Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
    places = {}
    # An installer refuses a Python that says that the system manages it (PEP 668).
    if sys.prefix != sys.base_prefix or not marker.exists():
        places["site-packages of this Python"] = sysconfig.get_path("purelib")
        if site.ENABLE_USER_SITE:
            places["site-packages of the user"] = site.getusersitepackages()
    if all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        places["a virtual environment in the working folder"] = str(folder)
    for how, place in places.items():
        # What is not there yet would be made in the first folder above that is.
        path = Path(place)
        above = next(one for one in (path, *path.parents) if one.exists())
        if _may_write(above):
            return read_fact("package-install", "yes", None, how)
    how = "site-packages, those of the user, and the working folder"
    why = "no place for packages can be written"
    return read_fact("package-install", "no", None, how, why)


def _may_write(path: Path) -> bool:
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)


def _container_build() -> MachineFact:
    name = "container-build"
    means = [f"the socket {Path(engine).name} can be written" for engine in _SOCKETS
             if os.access(engine, os.W_OK)]  # fmt: skip
    means += [f"{program} is installed; it was not started" for program in _ROOTLESS
              if shutil.which(program)]  # fmt: skip
    if means:
        return read_fact(name, "yes", None, means[0])
    how = "the sockets of docker and podman, and the programs podman and buildah"
    if os.environ.get("DOCKER_HOST"):
        why = "DOCKER_HOST names an engine elsewhere, which was not asked"
        return unseen_fact(name, how, why)
    why = "no docker, podman or buildah can be used"
    return read_fact(name, "no", None, how, why)


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
    names = ", ".join(name for name, path in places.items() if _may_write(path))
    how = "access rights, nothing was written"
    return read_fact("writable", names or "none", None, how)


# --- endpoints -----------------------------------------------------------------------

_SECONDS = 3.0  #: for an endpoint's name, connection and handshake together
_GRACE = 0.2  #: s, in which an answer that came at the last moment is handed over

State = Literal["reached", "refused", "timed out", "no route", "no name", "no tls"]
_T = TypeVar("_T")
#: Of the kinds of errors at connecting; all others say that there is no route.
_FAILURES: Mapping[type[Exception], State] = {
    ConnectionRefusedError: "refused",
    TimeoutError: "timed out",
}


def in_time(calls: Sequence[Callable[[], _T]], seconds: float) -> list[_T | None]:
    """Return what each call returned, None where it took longer; all run at once.

    Looking up a name knows no time limit, so nobody waits for the threads left over.
    """
    found: list[_T | None] = [None] * len(calls)

    def run(place: int, call: Callable[[], _T]) -> None:
        found[place] = call()

    end = time.monotonic() + seconds + _GRACE
    pairs = enumerate(calls)
    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return [*found]  # the threads left over may still fill theirs


def reach(endpoints: Iterable[Endpoint], seconds: float = _SECONDS) -> list[Reach]:
    """Return whether each endpoint answers, sorted; all are tried at once.

    One that is declared twice is tried once; each of them has so many seconds.
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
    def left() -> float:
        return max(0.01, end - time.monotonic())

    place = (endpoint.host, endpoint.port)
    try:
        with socket.create_connection(place, left(), all_errors=True) as plain:
            plain.settimeout(left())
            return _shake_hands(plain, endpoint.host) if endpoint.tls else "reached"
    except ExceptionGroup as failed:
        # An address of a family that this machine lacks says less than the others.
        said = (_FAILURES.get(type(error)) for error in failed.exceptions)
        return next(filter(None, said), "no route")
    except (OSError, UnicodeError):
        return "no name"


def _shake_hands(plain: socket.socket, host: str) -> State:
    """Return whether a TLS handshake succeeds, with a certificate that is trusted."""
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
    configured for, or else the public one. Where nobody needs it, nobody asks.
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
    value, why = answer or ("no", f"no answer within {seconds:g} s")
    if value is None:
        return unseen_fact(name, how, why)
    return read_fact(name, value, None, how, why or None)


def _index() -> tuple[str, str]:
    """Return in words which index is used, and its address."""
    if url := os.environ.get("PIP_INDEX_URL"):
        return "the index that PIP_INDEX_URL names", url
    done = subprocess.run(
        [sys.executable, "-P", "-m", "pip", "config", "list"],
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


def _ask(url: str, seconds: float) -> tuple[str | None, str]:
    """Return "yes" or "no", None where that cannot be told, and why.

    The texts of errors are left out: they hold the address.
    """
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - http only
    try:
        with urllib.request.urlopen(request, timeout=seconds):  # noqa: S310 - the same
            return "yes", ""
    except urllib.error.HTTPError as error:
        error.close()
        return _judged(error.code)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return None, "this Python does not trust its certificate; pip may"
    if isinstance(reason, socket.gaierror):
        return "no", "no name"
    return "no", _FAILURES.get(type(reason), "no route, or a proxy refuses")


def _judged(status: int) -> tuple[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return "yes", "it asks for credentials, which were not sent"
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}:
        return "no", f"it, or a proxy before it, refuses (HTTP {status})"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "no", f"it fails (HTTP {status})"
    return "yes", f"it answers HTTP {status}"
