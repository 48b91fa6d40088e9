"""MySQL: types as they are meant, read-only, and why when there is nothing to read."""

import contextlib
import datetime as dt
import socketserver
import struct
import threading
from decimal import Decimal

import pytest

from declared_tables import located, open_or_why, table_of
from postgres import ALLOWED, PASSWORD, PASSWORD_VARIABLE, READER, USER_VARIABLE
from readybook.measure.sources.engines import open_engines
from readybook.model.contract import Server


@pytest.fixture
def open_(mariadb, monkeypatch):
    """Return a function that opens the table t of the server."""
    monkeypatch.setenv(USER_VARIABLE, READER)
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    allowed = ALLOWED | {one.replace("127.0.0.1", "db.invalid") for one in ALLOWED}
    with open_engines(allowed=allowed | {"HOME@127.0.0.1"}) as engines:

        def opened(**changes):
            place = located(None, mariadb.server(**changes))
            return open_or_why(engines, table_of(), place)

        yield opened


@pytest.fixture
def admin(mariadb):
    with mariadb.admin() as cursor:
        cursor.execute("SET time_zone = '+02:00', sql_mode = ''")
        cursor.execute("USE air")
        yield cursor
        cursor.execute("DROP TABLE IF EXISTS t")


def test_mysql_types_come_as_what_they_mean(open_, admin):
    """Instants in UTC, clocks as they are, texts by case, whole numbers in full."""
    admin.execute("""
        CREATE TABLE t (big BIGINT UNSIGNED, yes BOOLEAN, bits BIT(40), n DECIMAL(10, 2),
        y YEAR, d DATE, clock DATETIME(6), instant TIMESTAMP, span TIME, x VARCHAR(9),
        raw BLOB, one_of ENUM('a', 'B'), some SET('a', 'b'), said JSON)
    """)
    row = (
        2**64 - 1, True, 2**39, Decimal("1.50"), 2026, "2026-11-23", "2026-11-23 10:00:00.5",
        "2026-11-23 10:00:00", "10:00:01", "Ä a ", b"\x00\xff", "B", "a,b", '{"a": 1}',
    )  # fmt: skip
    admin.execute(f"INSERT INTO t VALUES ({', '.join(['%s'] * len(row))})", row)  # noqa: S608
    admin.execute("INSERT INTO t (d, x) VALUES ('0000-00-00', 'ä A')")
    source = open_()
    found = source.ask(source.table.order_by(source.table.big.isnull()))

    assert list(found[0].values()) == [
        2**64 - 1, 1, 2**39, Decimal("1.50"), 2026, dt.date(2026, 11, 23),
        dt.datetime(2026, 11, 23, 10, 0, 0, 500_000),  # noqa: DTZ001 - it has none
        dt.datetime(2026, 11, 23, 8, tzinfo=dt.UTC), "10:00:01", "Ä a ", b"\x00\xff",
        "B", "a,b", '{"a": 1}',
    ]  # fmt: skip
    assert source.ask(source.table.aggregate(n=source.table.x.nunique())) == [{"n": 2}]
    assert source.reading.notes == ("d has 1 days 0000-00-00, which are read as nulls",)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"port": 1}, "the server prod could not be reached: nothing answers there"),
        ({"host": "db.invalid"}, "could not be reached: its host is not known"),
        ({"user_variable": "HOME"}, "its user or password was refused"),
        ({"password_variable": "HOME"}, "its user or password was refused"),
        ({"database": "mysql"}, "its user may not use the database"),
        ({}, "there is no table t on the server prod"),
    ],
)
@pytest.mark.usefixtures("admin")
def test_mysql_out_of_reach_says_why(open_, changes, why):
    """The reason names neither host, user, password nor database."""
    source = open_(**changes)

    assert not source.found
    assert why in source.failed
    assert not any(one in source.failed for one in (READER, PASSWORD, "invalid", "air"))


def _packet(number, content):
    return struct.pack("<I", len(content))[:3] + bytes([number]) + content


#: What MySQL 8 says first: version, thread, salt, capabilities, the way to log in.
_HELLO = (
    b"\x0a8.0\0" + struct.pack("<I", 1) + b"12345678\0" + struct.pack("<H", 0xF7FF)
    + b"\x21" + struct.pack("<H", 2) + struct.pack("<H", 0xFF) + bytes([21])
    + bytes(10) + b"123456789012\0mysql_native_password\0"
)  # fmt: skip
_OK = b"\0\0\0\2\0\0\0"


@pytest.mark.parametrize(
    "sent",
    [
        [_HELLO[:9]], [b""], [_HELLO[:30]], [_HELLO, b"\x01"], [_HELLO, b""],
        [_HELLO, _OK, b"\xfb/etc/hostname"], [_HELLO, _OK, b"\xfc"],
        [_HELLO, _OK, _OK, b"\xfb/etc/hostname"],
    ],
)  # fmt: skip
def test_server_that_is_no_mysql_is_out_of_reach(sent):
    """Whatever it sends, and whatever it asks for, nothing is said of its tables."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.settimeout(5)
            for at, content in enumerate(sent):
                # It counts on from the question: 1 after the greeting, else 0.
                number = {0: 0, 1: 2}.get(at, 1)
                with contextlib.suppress(OSError):
                    self.request.sendall(_packet(number, content))
                    self.request.recv(4096)

    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        server = Server(
            server="x", type="mysql", host="127.0.0.1", database="d",
            port=listener.server_address[1],
        )  # fmt: skip
        with open_engines(allowed=frozenset()) as engines:
            source = open_or_why(engines, table_of(), located(None, server))
        listener.shutdown()
        thread.join()

    assert not source.found
    assert source.failed.startswith("the server x ")
    assert "hostname" not in source.failed


def test_mysql_refuses_to_write_even_for_a_user_who_may(open_, admin, monkeypatch):
    """The connection is read-only by itself, whoever the user is."""
    admin.execute("CREATE TABLE t (k INT)")
    admin.execute(
        "CREATE USER IF NOT EXISTS writer@'127.0.0.1' IDENTIFIED BY 'only reads'"
    )
    admin.execute("GRANT ALL ON air.* TO writer@'127.0.0.1'")
    monkeypatch.setenv(USER_VARIABLE, "writer")
    engine = open_().engine
    with (
        contextlib.closing(engine._connect()) as connection,  # noqa: SLF001 - to try it
        pytest.raises(engine.errors, match="READ ONLY"),
    ):
        connection.cursor().execute("INSERT INTO t VALUES (1)")


def test_mysql_table_without_permission_is_out_of_reach(open_, admin, monkeypatch):
    """A user who may not read a table has learned nothing about it."""
    admin.execute("CREATE TABLE t (k INT)")
    admin.execute("CREATE TABLE IF NOT EXISTS other (k INT)")
    admin.execute(
        "CREATE USER IF NOT EXISTS other@'127.0.0.1' IDENTIFIED BY 'only reads'"
    )
    admin.execute("GRANT SELECT ON air.other TO other@'127.0.0.1'")
    monkeypatch.setenv(USER_VARIABLE, "other")
    source = open_()

    assert not source.found
    assert source.failed == (
        "t on the server prod cannot be read: the server's user may not read it"
    )
