"""A MariaDB server of the tests' own, from the system's package."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pymysql

from postgres import PASSWORD, PASSWORD_VARIABLE, READER, USER_VARIABLE
from readybook.model.contract import Server

PLACES = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
OWNER = "mysql"  # the server refuses to run as root
_SECONDS_TO_START = 60


@dataclass(frozen=True)
class MariaDB:
    """A running server with a user who may only read the database `air`."""

    port: int
    socket: Path

    @contextlib.contextmanager
    def admin(self) -> Iterator[pymysql.cursors.Cursor]:
        """Yield a cursor that may do anything."""
        with pymysql.connect(
            unix_socket=str(self.socket), user="root", autocommit=True
        ) as connection, connection.cursor() as cursor:  # fmt: skip
            yield cursor

    def server(self, **changes: object) -> Server:
        """Return the server as a contract declares it, for the user who reads."""
        fields = {
            "server": "prod",
            "type": "mysql",
            "host": "127.0.0.1",
            "port": self.port,
            "database": "air",
            "user_variable": USER_VARIABLE,
            "password_variable": PASSWORD_VARIABLE,
        }
        return Server(**fields | changes)


def program(name: str) -> str | None:
    """Return the path of one of the server's programs, None where there is none."""
    return shutil.which(name, path=PLACES)


@contextlib.contextmanager
def running() -> Iterator[MariaDB]:
    """Yield a server on a free port of the loopback, which ends with the block."""
    # Not in pytest's own folder, which another user may not enter.
    home = Path(tempfile.mkdtemp(prefix="readybook-my-"))
    is_root = os.geteuid() == 0
    user = [f"--user={OWNER}"] if is_root else []
    if is_root:
        shutil.chown(home, OWNER, OWNER)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    data = f"--datadir={home / 'db'}"
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "cwd": "/"}
    try:
        install = [
            program("mariadb-install-db"), "--no-defaults", data, *user,
            "--auth-root-authentication-method=normal", "--skip-test-db",
        ]  # fmt: skip
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL, **quiet)
        start = [
            program("mariadbd"), "--no-defaults", data, *user, f"--port={port}",
            "--bind-address=127.0.0.1", f"--socket={home / 's'}",
            f"--pid-file={home / 'pid'}", "--innodb-flush-log-at-trx-commit=0",
        ]  # fmt: skip
        with subprocess.Popen(start, stderr=subprocess.DEVNULL, **quiet) as process:
            server = MariaDB(port, home / "s")
            try:
                _wait(server)
                with server.admin() as admin:
                    admin.execute("CREATE DATABASE air CHARACTER SET utf8mb4")
                    admin.execute(
                        f"CREATE USER {READER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'"
                    )
                    admin.execute(f"GRANT SELECT ON air.* TO {READER}@'127.0.0.1'")
                yield server
            finally:
                process.terminate()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait(server: MariaDB) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while not server.socket.exists() and time.monotonic() < end:
        time.sleep(0.1)
