"""A PostgreSQL server of the tests' own, from the system's package."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from readybook.model.contract import Server

PLACES = "/usr/lib/postgresql"
OWNER = "postgres"  # initdb refuses to run as root
READER, PASSWORD = "reader", "only reads"
#: environment variables that hold the two
USER_VARIABLE, PASSWORD_VARIABLE = "READYBOOK_TEST_USER", "READYBOOK_TEST_PASSWORD"
#: permissions to send them to it
ALLOWED = frozenset(f"{one}@127.0.0.1" for one in (USER_VARIABLE, PASSWORD_VARIABLE))


@dataclass(frozen=True)
class Postgres:
    """A running server with a role that may only read, by password."""

    port: int
    log: Path

    @contextlib.contextmanager
    def admin(self) -> Iterator:
        """Yield a connection that may do anything."""
        import psycopg  # noqa: PLC0415 - slow to import

        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="admin",
            dbname="postgres",
            password=PASSWORD,
            autocommit=True,
        ) as connection:
            yield connection

    def server(self, **changes: object) -> Server:
        """Return the server as a contract declares it, for the role that reads."""
        fields = {
            "server": "prod",
            "type": "postgres",
            "host": "127.0.0.1",
            "port": self.port,
            "database": "postgres",
            "schema_name": "public",
            "user_variable": USER_VARIABLE,
            "password_variable": PASSWORD_VARIABLE,
        }
        return Server(**fields | changes)

    def statements(self, role: str = READER) -> list[str]:
        """Return every statement that a role has sent, in order."""
        # A record begins with user and database; the lines after it are its own.
        records = re.split(
            r"^(?=\w*\|\w*\|)", self.log.read_text("utf-8"), flags=re.MULTILINE
        )
        form = rf"{role}\|\w*\|LOG:  (?:statement|execute [^:]*): (.*)"
        found = (re.match(form, record, flags=re.DOTALL) for record in records)
        return [one[1].strip() for one in found if one]


def programs() -> Path | None:
    """Return the folder of the newest server's programs, None where there is none."""
    found = sorted(Path(PLACES).glob("*/bin/initdb"), key=_version)
    return found[-1].parent if found else None


def _version(initdb: Path) -> float:
    return float(initdb.parent.parent.name)


def _as_owner() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={OWNER}", f"--regid={OWNER}", "--init-groups"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(folder_of_programs: Path) -> Iterator[Postgres]:
    """Yield a server on a free port of the loopback, which ends with the block."""
    # Not in pytest's own folder, which another user may not enter; and a socket's path
    # may have 107 letters.
    home = Path(tempfile.mkdtemp(prefix="readybook-pg-"))
    (home / "password").write_text(PASSWORD)
    if os.geteuid() == 0:
        for path in (home, home / "password"):
            shutil.chown(path, OWNER, OWNER)
    port = _free_port()
    control = [*_as_owner(), str(folder_of_programs / "pg_ctl"), "-D", str(home / "db")]
    try:
        _run([
            *_as_owner(), str(folder_of_programs / "initdb"), "-D", str(home / "db"),
            "-U", "admin", "-A", "scram-sha-256", f"--pwfile={home / 'password'}",
            "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions",
        ])  # fmt: skip
        settings = (
            f"port = {port}",
            "listen_addresses = '127.0.0.1'",
            f"unix_socket_directories = '{home}'",
            "fsync = off",
            "log_statement = 'all'",
            "log_line_prefix = '%u|%d|'",
        )
        with (home / "db" / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{line}\n" for line in settings)
        _run([*control, "-w", "-l", str(home / "log"), "start"])
        try:
            server = Postgres(port, home / "log")
            _add_reader(server)
            yield server
        finally:
            _run([*control, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(command: list[str]) -> None:
    # The server keeps what it inherits open, so nothing is piped.
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
    )


def _add_reader(server: Postgres) -> None:
    with server.admin() as connection:
        connection.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'")
        connection.execute(
            f"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {READER}"
        )
        connection.execute(f"GRANT pg_read_all_data TO {READER}")
