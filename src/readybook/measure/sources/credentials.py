"""Which variable goes to which server: a contract names both, the person allows each.

A contract may be a stranger's, and name any variable and any host. So the value of a
variable is sent only where a permission says so: `VARIABLE@HOST:PORT`, or
`VARIABLE@HOST` for every port. What a person allowed lies outside of every case.
"""

import ipaddress
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import platformdirs

from readybook.measure.sources.places import UnreachedError
from readybook.model.contract import Server
from readybook.text.documents import save_text

#: A name, a number of IP, or the folder of a socket; libpq would take lists too.
_HOST = re.compile(r"[A-Za-z0-9._-]+|[A-Fa-f0-9:.]+|/[A-Za-z0-9._/-]+")
_SNOWFLAKE = ".snowflakecomputing.com"  # behind an account's name
_PERMISSION = re.compile(r"[A-Z_][A-Z0-9_]*@\S+")
#: By the types of servers to which variables are sent: the port where none is named.
_PORTS = {
    "clickhouse": 8443, "mysql": 3306, "postgres": 5432, "postgresql": 5432, "s3": 443,
    "snowflake": 443, "sqlserver": 1433, "trino": 8080,
}  # fmt: skip
_S3 = "s3.amazonaws.com"  # where no endpoint is named


class Address(NamedTuple):
    """Where a server is, and so where its credentials go."""

    host: str
    port: int

    def __str__(self) -> str:
        """Return both as permissions have them; of `::1` it is `[::1]:5432`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def is_here(self) -> bool:
        """Return whether it is this machine itself, so that nobody listens between."""
        number = _number(self.host)
        is_loopback = number is not None and number.is_loopback
        return is_loopback or self.host == "localhost" or self.host.startswith("/")


def address(server: Server) -> Address:
    """Return where a server of a database is.

    Raises:
        UnreachedError: its host or account is not the name of one machine.
    """
    host, port = server.host or "localhost", server.port or _PORTS[server.type]
    if server.type == "s3":
        try:
            url = urlsplit(server.host or f"https://{_S3}")
            usual = 80 if url.scheme == "http" else _PORTS["s3"]
            host, port = url.hostname or "", url.port or usual
        except ValueError:
            host = ""
    if server.type == "snowflake":
        host, port = f"{server.account}{_SNOWFLAKE}", _PORTS["snowflake"]
    is_name = _HOST.fullmatch(host) and (":" not in host or _number(host))
    if not is_name or (server.type == "snowflake" and host.startswith("/")):
        msg = f"the host of the server {server.server} is not the name of one machine"
        raise UnreachedError(msg)
    return Address(host, port)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def wanted_permissions(server: Server) -> tuple[str, ...]:
    """Return the permissions that a server's credentials need; raises as `address`.

    A variable that is not set needs none: there is nothing to send.
    """
    if server.type not in _PORTS:
        return ()
    place = address(server)
    named = (server.user_variable, server.password_variable)
    return tuple(f"{one}@{place}" for one in named if one and os.environ.get(one))


def is_allowed(permission: str, allowed: Iterable[str]) -> bool:
    """Return whether a permission is among those that a person gave."""
    every_port, _, _ = permission.rpartition(":")
    return not {permission, every_port}.isdisjoint(allowed)


class Login(NamedTuple):
    """Where a server is, and what may be sent there."""

    address: Address
    user: str | None  #: None: no variable is named
    password: str | None  #: None: no variable is named


def login(server: Server, allowed: Iterable[str]) -> Login:
    """Return where to connect, with user and password of the environment.

    Raises:
        UnreachedError: a named variable is not set, or may not be sent to this server.
    """
    place = address(server)

    def value_of(variable: str | None) -> str | None:
        value = os.environ.get(variable) if variable else None
        if variable and not value:
            needed = f"which the server {server.server} needs"
            msg = f"the environment variable {variable} is not set, {needed}"
            raise UnreachedError(msg)
        if variable and not is_allowed(f"{variable}@{place}", allowed):
            msg = f"nobody allowed to send {variable} to the server {server.server}"
            raise UnreachedError(msg)
        return value

    return Login(
        place, value_of(server.user_variable), value_of(server.password_variable)
    )


# --- what a person allowed -----------------------------------------------------------


def is_permission(text: str) -> bool:
    """Return whether a text has the form VARIABLE@HOST or VARIABLE@HOST:PORT."""
    return _PERMISSION.fullmatch(text) is not None


def allowed_file() -> Path:
    """Return the file of what this person allowed for all cases, a permission a line."""
    return platformdirs.user_config_path("readybook", appauthor=False) / "allowed.txt"


def load_allowed() -> frozenset[str]:
    """Return what this person allowed; lines that are no permission allow nothing."""
    try:
        text = allowed_file().read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return frozenset()
    return frozenset(filter(is_permission, map(str.strip, text.splitlines())))


def keep_allowed(permissions: Iterable[str]) -> None:
    """Add permissions to the person's file, which is made where it is missing."""
    file = allowed_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    before = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    save_text(file, "\n".join([*before.splitlines(), *sorted(permissions), ""]))
