"""Sources: files, DuckDB files and PostgreSQL; read-only, limited, and alike."""

import contextlib
import datetime as dt
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from ibis import _
from openpyxl import Workbook

from declared_tables import (
    EXAMPLE,
    FILES,
    answers,
    endless,
    located,
    model_of,
    open_or_why,
    table_of,
)
from measured_case import assessment_of
from postgres import ALLOWED, PASSWORD, PASSWORD_VARIABLE, READER, USER_VARIABLE
from readybook.measure.data import RunOptions, measure_data
from readybook.measure.sources.engine import Limits, MemoryLimitError
from readybook.measure.sources.engines import (
    ENGINES,
    expected_name,
    fingerprint_of,
    open_engines,
    wanted_permissions,
)
from readybook.measure.sources.places import (
    EXTRAS,
    KINDS,
    SCHEMES,
    Located,
    UnreachedError,
    locate,
    unlocated,
)
from readybook.measure.sources.storage import STORES
from readybook.model.contract import Server
from readybook.model.errors import SourceError
from readybook.model.findings import NOTHING
from readybook.text.extras import installs

DUCKDB = Server(server="file", type="duckdb", database="data.duckdb")
SOME = "SELECT random() AS k FROM range({})"


@pytest.fixture
def engines():
    elsewhere = {one.replace("127.0.0.1", "db.invalid") for one in ALLOWED}
    allowed = ALLOWED | elsewhere | {"HOME@127.0.0.1"}
    with open_engines(allowed=allowed) as opened:
        yield opened


@pytest.fixture
def reader(monkeypatch):
    """Set the credentials of the role that may only read."""
    monkeypatch.setenv(USER_VARIABLE, READER)
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)


@pytest.fixture
def opened(engines, tmp_path):
    """Return a function that opens a table on servers."""

    def open_(*servers, table=None, folder=tmp_path):
        table = table or table_of()
        return open_or_why(engines, table, located(folder, *servers, table=table))

    return open_


def values(source, column):
    """Return a column's values, sorted as text."""
    found = source.ask(source.table.select(v=source.table[column]))
    return sorted((row["v"] for row in found), key=str)


def write_rows(path, number=1_000):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["k", *map(str, range(number))]))


def write_parquet(path, query):
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as engine:
        engine.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")


def write_database(path, *statements):
    with duckdb.connect(str(path)) as engine:
        for statement in statements:
            engine.execute(statement)


# --- files ---------------------------------------------------------------------------


def test_folder_is_one_table_of_all_its_data_files(opened, tmp_path):
    """Files of folders below count; what writers leave beside them does not."""
    write_parquet(tmp_path / "t" / "a.parquet", "SELECT 1 AS k")
    write_parquet(tmp_path / "t" / "deep" / "b.parquet", "SELECT 2 AS k")
    write_parquet(tmp_path / "t" / "_temporary" / "c.parquet", "SELECT 3 AS k")
    (tmp_path / "t" / "_SUCCESS").write_text("")
    (tmp_path / "t" / ".a.parquet.crc").write_text("crc")
    source = opened(Server(server="s", type="local", path="{model}", format="parquet"))

    assert values(source, "k") == [1, 2]


def test_folders_that_a_pattern_finds_are_read_in_the_declared_format(opened, tmp_path):
    """Of a folder with both formats only the declared one is read."""
    write_rows(tmp_path / "2013" / "t" / "a.csv", 2)
    write_rows(tmp_path / "2014" / "t" / "a.tsv", 3)
    write_parquet(tmp_path / "2014" / "t" / "a.parquet", "SELECT 9 AS k")
    source = opened(Server(server="s", type="local", path="20*/{model}", format="csv"))

    assert values(source, "k") == [0, 0, 1, 1, 2]


def test_folder_of_two_formats_is_refused_where_none_is_declared(opened, tmp_path):
    """Which of the two is meant is not guessed."""
    write_rows(tmp_path / "t" / "a.csv")
    write_parquet(tmp_path / "t" / "a.parquet", "SELECT 9 AS k")
    source = opened(Server(server="s", type="local", path="{model}"))

    assert not source.found
    assert source.failed == (
        "t has the format unknown; csv, delta, excel, files, iceberg, json, "
        "parquet, sqlite can be read"
    )


def test_columns_that_stand_in_names_of_folders_are_read(opened, tmp_path):
    """A partition's column is there; folders above the data make none."""
    home = tmp_path / "k=9" / "case"
    write_parquet(home / "t" / "year=2013" / "a.parquet", "SELECT 1 AS v")
    write_parquet(home / "t" / "year=2014" / "a.parquet", "SELECT 2 AS v")
    server = Server(server="s", type="local", path="{model}", format="parquet")
    source = opened(server, folder=home)

    assert source.columns == {"v": "int32", "year": "int64"}
    assert values(source, "year") == [2013, 2014]


def test_file_outside_of_the_folder_is_not_read_through_a_link(opened, tmp_path):
    """A link in a data folder does not lead out of the assessment."""
    write_rows(tmp_path / "outside" / "a.csv")
    home = tmp_path / "case"
    (home / "t").mkdir(parents=True)
    (home / "t" / "a.csv").symlink_to(tmp_path / "outside" / "a.csv")
    source = opened(
        Server(server="s", type="local", path="{model}", format="csv"), folder=home
    )

    assert not source.found
    assert source.failed == "t leads out of the assessment's folder"


@pytest.mark.parametrize(
    "kind", ["UUID", "DECIMAL(38,10)", "MOOD", "INT[]", "STRUCT(a INT)", "BIT", "JSON"]
)
def test_unusual_types_of_parquet_do_not_stop_a_table(opened, tmp_path, kind):
    """A column that no check asks about is no obstacle, whatever its type."""
    with duckdb.connect() as engine:
        engine.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        path = tmp_path / "t.parquet"
        engine.execute(f"COPY (SELECT 1 AS k, NULL::{kind} AS odd) TO '{path}'")
    server = Server(server="s", type="local", path="{model}.parquet", format="parquet")
    source = opened(server)

    assert list(source.columns) == ["k", "odd"]
    assert source.ask(source.table.aggregate(n=source.table.odd.count())) == [{"n": 0}]


# --- several servers -----------------------------------------------------------------


def test_first_server_that_can_be_opened_is_used(opened, tmp_path, postgres):
    """Missing files and a database out of reach are passed over."""
    write_rows(tmp_path / "b" / "t.csv", 2)
    source = opened(
        FILES.model_copy(update={"path": "a/{model}.csv"}),
        postgres.server(user_variable="READYBOOK_TEST_UNSET"),
        FILES.model_copy(update={"path": "b/{model}.csv"}),
    )

    assert values(source, "k") == [0, 1]
    assert source.located.fingerprint.startswith("sha256:")


def _sqlite(path):
    with contextlib.closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE other (k)")


def _excel(path):
    book = Workbook()
    book.active.title = "other"
    book.save(path)


@pytest.mark.parametrize(
    ("write", "server", "what"),
    [
        (_excel, {"type": "local", "path": "a.xlsx"}, "sheet t in a.xlsx"),
        (_sqlite, {"type": "local", "path": "a.db"}, "table t in a.db"),
        (
            lambda path: write_database(path, "CREATE TABLE other (k INT)"),
            {"type": "duckdb", "database": "a.duckdb"},
            "table t in a.duckdb",
        ),
        (None, {"type": "local", "path": "a.csv"}, "file a.csv"),
        (
            None,
            {"type": "postgres", "host": "127.0.0.1", "user_variable": "UNSET_ONE"},
            "UNSET_ONE",
        ),
    ],
)
def test_next_server_is_read_where_one_does_not_hold_the_table(
    opened, tmp_path, write, server, what
):
    """Of any kind; where none holds it, each is told with what it lacks."""
    first = Server(server="first", **server)
    if write:
        write(tmp_path / (first.path or first.database))
    write_rows(tmp_path / "b" / "t.csv", 2)
    there, gone = (
        FILES.model_copy(update={"server": name, "path": f"{name}/{{model}}.csv"})
        for name in ("b", "gone")
    )
    last = opened(first, gone, there)
    failed = opened(first, gone)

    assert values(last, "k") == [0, 1]
    assert last.located.fingerprint.startswith("sha256:")
    assert not failed.found
    for name, why in (("first", what), ("gone", "no file gone/t.csv")):
        assert re.search(rf"\b{name}: [^;]*{re.escape(why)}", failed.failed)


def test_each_missing_file_is_told_before_anything_is_measured(tmp_path):
    """A slip in the path of the last server is seen beside those of the first."""
    servers = [
        FILES.model_copy(update={"server": one, "path": f"{one}.csv"}) for one in "abc"
    ]
    why = unlocated(model_of(table_of(), *servers), tmp_path)["t"]

    assert located(tmp_path, *servers).failed == why
    for one in "abc":
        assert f"{one}: there is no file {one}.csv" in why


@pytest.mark.parametrize("is_sure", [True, False])
def test_server_after_files_is_asked_for_only_if_they_may_lack_the_table(
    tmp_path, is_sure
):
    """What is never called needs no permission."""
    write_rows(tmp_path / "t.csv")
    _sqlite(tmp_path / "a.db")
    path = "t.csv" if is_sure else "a.db"
    server = Server(server="p", type="postgres", host="h", user_variable="HOME")
    first = Server(server="s", type="local", path=path)
    model = model_of(table_of(), first, server)

    assert bool(wanted_permissions(model, tmp_path)) is not is_sure


def test_broken_files_are_told_although_another_server_follows(opened, tmp_path):
    """A file that is there and unreadable is a contradiction, not out of reach."""
    (tmp_path / "t.csv").write_bytes(b"")
    write_database(tmp_path / "data.duckdb", "CREATE TABLE t AS SELECT 1 AS k")
    source = opened(FILES, DUCKDB)

    assert source.found
    assert source.failed == "t.csv is empty (0 bytes)"


def test_server_of_another_type_says_what_can_be_read(tmp_path):
    """A type that is not wired is named, with those that are."""
    place = located(tmp_path, Server(server="lake", type="kafka"))

    types = ", ".join(sorted(ENGINES.keys() - {"local"}))
    assert place.failed == (
        "the server lake is of type kafka; only files (type local) and the types "
        f"{types} can be read"
    )


def test_catalogue_is_not_asked_and_says_what_to_declare(tmp_path):
    """It may hand out hosts and keys of its own, which nobody allowed."""
    place = located(tmp_path, Server(server="lake", type="iceberg"))

    assert place.failed == (
        "the server lake is a catalogue, which may name any host and is not asked: "
        "declare the folder of its tables, with format iceberg"
    )


@pytest.mark.parametrize("kind", sorted(EXTRAS.keys() - {"audio", "pictures"}))
def test_what_is_not_installed_names_the_extra_that_brings_it(
    opened, monkeypatch, tmp_path, kind
):
    """Whoever declares a source learns what to install, before it is measured too."""
    (tmp_path / "t" / "_delta_log").mkdir(parents=True)
    (tmp_path / "t" / "metadata").mkdir()
    for name in ("_delta_log/0.json", "metadata/v1.metadata.json"):
        (tmp_path / "t" / name).write_text("{}")
    module, extra = EXTRAS[kind]
    # A module below it that another test loaded would be found without it.
    for name in {module, *(one for one in sys.modules if one.startswith(f"{module}."))}:
        monkeypatch.setitem(sys.modules, name, None)
    server = Server(server="s", type=kind, host="h", database="d")
    if kind not in ENGINES:
        server = Server(server="s", type="local", path="{model}", format=kind)
    source = opened(server)
    why = f"the extra readybook[{extra}] is not installed; {installs(extra)}"

    assert not source.found
    assert source.failed == why
    assert unlocated(model_of(table_of(), server), tmp_path) == {"t": why}


@pytest.mark.parametrize("kind", sorted(ENGINES.keys() - {"local", "duckdb"}))
def test_servers_that_were_never_tried_say_so(kind):
    """Evidence names the engine, and whether the project tests it."""
    name = expected_name(Located(server=Server(server="s", type=kind)))
    tried = {"mysql", "postgres", "postgresql", "s3", "spark"}

    assert name == (kind if kind in tried else f"{kind} (not tested)")


@pytest.mark.parametrize(
    "server",
    [None, Server(server="s", type="local"), Server(server="s", type="duckdb")],
)
def test_embedded_engine_is_known_with_its_version_before_it_is_started(server):
    """So that what was measured with the same one need not be measured again."""
    assert expected_name(Located(server=server)) == f"duckdb {duckdb.__version__}"


def test_each_type_of_server_has_an_engine_and_is_found():
    """What finds its tables and what asks them are told apart."""
    assert KINDS.keys() == ENGINES.keys()
    assert SCHEMES.keys() == STORES.keys()


# --- DuckDB files --------------------------------------------------------------------


@pytest.mark.slow
def test_large_text_is_read_once_and_leaves_nothing(tmp_path):
    """Every later question is answered from a packed copy that ends with the run."""
    file = tmp_path / "t.csv"
    line = "west,{},2026-01-0{}T00:00:00Z,\n"
    rows = "".join(line.format(at, at % 9 + 1) for at in range(400_000))
    file.write_text("site,k,at,nothing\n" + rows)
    with open_engines() as engines:
        place = located(tmp_path, Server(server="s", type="local", path="t.csv"))
        source = engines.open(table_of(), place)
        kinds = {name: str(kind) for name, kind in source.table.schema().items()}
        file.unlink()
        found = source.ask(source.table.aggregate(rows=source.table.k.nunique()))
        spill = source.engine.run.spill

    assert found == [{"rows": 400_000}]
    assert kinds["k"] == "int64"
    assert kinds["at"].startswith("timestamp(")
    assert not spill.exists()


def test_duckdb_file_is_read_as_it_is(opened, tmp_path):
    """A table of a schema is found; null tokens are nulls; enums and lists open."""
    write_database(
        tmp_path / "data.duckdb",
        'CREATE SCHEMA "My shop"',
        "CREATE TYPE mood AS ENUM ('sad', 'ok')",
        """CREATE TABLE "My shop"."t 1" AS SELECT 'NA' AS x, 'sad'::mood AS m,
        [1] AS l, {'a b': 1} AS s, uuid() AS u, 5::HUGEINT AS h, '1'::BIT AS b""",
    )
    source = opened(
        DUCKDB.model_copy(update={"schema_name": "My shop"}),
        table=table_of("t 1", x=("NA",)),
    )

    assert source.columns == {
        "x": "string",
        "m": "string",
        "l": "array<int32>",
        "s": "struct<a b: int32>",
        "u": "uuid",
        "h": "decimal(38, 0)",
        "b": "unknown(bit)",
    }
    assert values(source, "x") == [None]
    assert values(source, "m") == ["sad"]


def test_duckdb_file_is_left_as_it_was(opened, tmp_path):
    """Neither bytes nor dates of the file and of its log change by being measured."""
    write = "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]);"
    write += "c.execute('CREATE TABLE t AS SELECT 1 AS k'); os._exit(0)"
    file = tmp_path / "data.duckdb"
    subprocess.run([sys.executable, "-c", write, file], check=True)
    files = [file, tmp_path / "data.duckdb.wal"]
    before = [(one.read_bytes(), one.stat().st_mtime_ns) for one in files]
    source = opened(DUCKDB)
    counted = values(source, "k")
    with pytest.raises(duckdb.Error):
        source.engine.backend.raw_sql("CREATE TABLE u AS SELECT 1 AS k")
    source.engine.close()

    assert counted == [1]
    assert before == [(one.read_bytes(), one.stat().st_mtime_ns) for one in files]
    assert sorted(tmp_path.iterdir()) == files


def test_log_of_a_duckdb_file_counts_for_its_fingerprint(tmp_path):
    """What was written last changes the fingerprint before it is in the file."""
    write_database(tmp_path / "data.duckdb", "CREATE TABLE t AS SELECT 1 AS k")
    before = located(tmp_path, DUCKDB).fingerprint
    (tmp_path / "data.duckdb.wal").write_bytes(b"more")

    assert before.startswith("sha256:")
    assert located(tmp_path, DUCKDB).fingerprint != before


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("a.duckdb", ".wal"),
        ("a.duckdb", ".wal.checkpoint"),
        ("a.duckdb", ".wal.recovery"),
        ("a.db", "-wal"),
    ],
)
def test_log_that_leads_out_of_the_folder_is_refused(tmp_path, name, end):
    """What an engine opens beside a file is held to the folder as the file is."""
    home = tmp_path / "home"
    home.mkdir()
    for file in (home / name, tmp_path / "secret"):
        file.write_bytes(b"secret")
    (home / f"{name}{end}").symlink_to(tmp_path / "secret")
    kind = {"type": "local", "path": name} if name == "a.db" else {"type": "duckdb"}
    server = Server(server="here", **({"database": name} | kind))

    assert (
        located(home, server).failed == f"{name} leads out of the assessment's folder"
    )


@pytest.mark.skipif(os.name == "nt", reason="it has no such pipes")
@pytest.mark.parametrize(
    ("pipe", "server"),
    [
        ("data.duckdb.wal", DUCKDB),
        ("a.db-journal", Server(server="here", type="local", path="a.db")),
        ("a.db-wal", Server(server="here", type="local", path="a.db")),
        ("_delta_log/0.json",
         Server(server="here", type="local", path="t", format="delta")),
        ("metadata/v1.metadata.json",
         Server(server="here", type="local", path="t", format="iceberg")),
    ],
)  # fmt: skip
def test_pipe_among_the_files_of_a_table_is_refused(tmp_path, pipe, server):
    """An engine or a library would wait for whoever writes into it, without an end."""
    place = tmp_path / ("t" if "/" in pipe else "") / pipe
    place.parent.mkdir(parents=True, exist_ok=True)
    for name in ("data.duckdb", "a.db"):
        (tmp_path / name).write_bytes(b"x")
    os.mkfifo(place)
    why = located(tmp_path, server).failed

    assert "a pipe or a device" in why or "did not finish" in why


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such name")
def test_file_whose_name_is_no_text_is_refused(tmp_path):
    """What cannot be written down has no fingerprint."""
    write_rows(tmp_path / "t" / "a.csv")
    write_rows(tmp_path / "t" / os.fsdecode(b"\xff.csv"))
    place = located(tmp_path, Server(server="h", type="local", path="t", format="csv"))

    assert place.failed == "t has a file whose name is not UTF-8: rename it"


def test_reading_for_a_fingerprint_ends_with_the_time(tmp_path):
    """A file with holes says that it is as large as it likes."""
    write_rows(tmp_path / "t.csv")
    os.truncate(tmp_path / "t.csv", 2**34)
    table = table_of()
    place = locate(table, model_of(table, FILES), tmp_path, seconds=0.01)

    assert place.failed == "it took longer than 0.01 s (raise --time-limit)"


def test_view_of_a_duckdb_file_reads_no_other_file(opened, tmp_path):
    """A database that was handed over cannot make its reader open other files."""
    write_rows(tmp_path / "other.csv")
    view = f"CREATE VIEW t AS FROM read_csv('{tmp_path}/other.csv')"
    write_database(tmp_path / "data.duckdb", view)
    source = opened(DUCKDB)

    assert source.found
    assert source.failed == (
        "t in data.duckdb cannot be read: the engine could not compute it "
        "(PermissionException)"
    )


def test_file_that_is_called_like_a_service_is_a_file(opened, tmp_path, monkeypatch):
    """The engine would send a token to MotherDuck for a name that begins with md:."""
    write_database(tmp_path / "md:t", "CREATE TABLE t AS SELECT 1 AS k")
    monkeypatch.chdir(tmp_path)
    server = Server(server="file", type="duckdb", path="md:t")

    assert values(opened(server, folder=Path()), "k") == [1]


def test_missing_table_of_a_duckdb_file_is_out_of_reach(opened, tmp_path):
    """A table that is not there contradicts nothing, as a missing file."""
    write_database(tmp_path / "data.duckdb", "CREATE TABLE u AS SELECT 1 AS k")
    source = opened(DUCKDB)

    assert not source.found
    assert source.failed == "there is no table t in data.duckdb"


def test_file_that_is_no_database_is_told(opened, tmp_path):
    """A broken database contradicts the contract, without a path of the machine."""
    (tmp_path / "data.duckdb").write_bytes(b"x" * 5_000)
    source = opened(DUCKDB)

    assert source.found
    assert source.failed == (
        "data.duckdb cannot be read: it is not a DuckDB database that this version can "
        "read"
    )


def test_database_that_another_program_writes_is_out_of_reach(opened, tmp_path):
    """A lock says nothing about the content."""
    with duckdb.connect(str(tmp_path / "data.duckdb")):
        source = opened(DUCKDB)

    assert not source.found
    assert source.failed == "data.duckdb cannot be read: another program has it open"


# --- PostgreSQL ----------------------------------------------------------------------


@pytest.fixture
def shop(postgres, reader):  # noqa: ARG001 - sets the credentials
    """Yield a server with an empty schema of its own, and what fills it."""
    with postgres.admin() as admin:
        admin.execute("SET lock_timeout = '20s'")
        admin.execute("CREATE SCHEMA shop")
        yield postgres.server(schema_name="shop"), admin
        admin.execute("DROP SCHEMA shop CASCADE")


def test_postgres_types_open_and_come_back_as_plain_values(opened, shop):
    """Enums, domains, UUIDs, padded texts, sums and instants are what they mean."""
    server, admin = shop
    admin.execute("CREATE TYPE shop.mood AS ENUM ('sad', 'ok')")
    admin.execute("CREATE DOMAIN shop.email AS text")
    admin.execute("""
        CREATE TABLE shop.t AS SELECT 9007199254740993 AS big, 1.50::numeric(10, 2) AS n,
        'sad'::shop.mood AS mood, 'a@b'::shop.email AS email, 'ab'::char(4) AS padded,
        '6f1c2a52-7d3c-4d0a-9a51-6a8a1b3c1d11'::uuid AS id, ARRAY[1, 2] AS list,
        '2013-01-01 05:00+01'::timestamptz AS instant,
        '2013-01-01 05:00'::timestamp AS clock, 'a b'::tsvector AS words
    """)
    source = opened(server, table=table_of(mood=("NA",)))
    table = source.table
    (sums,) = source.ask(table.aggregate(big=table.big.sum(), mean=table.big.mean()))

    assert source.columns["mood"] == source.columns["email"] == "string"
    assert source.columns["words"] == "unknown(tsvector)"
    assert source.ask(table.drop("words")) == [
        {
            "big": 9007199254740993,
            "n": Decimal("1.50"),
            "mood": "sad",
            "email": "a@b",
            "padded": "ab",
            "id": "6f1c2a52-7d3c-4d0a-9a51-6a8a1b3c1d11",
            "list": [1, 2],
            "instant": dt.datetime(2013, 1, 1, 4, tzinfo=dt.UTC),
            "clock": dt.datetime(2013, 1, 1, 5),  # noqa: DTZ001 - it has none
        }
    ]
    assert (type(sums["big"]), type(sums["mean"])) == (int, float)


def test_only_select_reaches_postgres(opened, shop, postgres):
    """The server's own log has no statement that could change anything."""
    server, admin = shop
    admin.execute("CREATE DOMAIN shop.kind AS text")
    admin.execute("CREATE TABLE shop.t AS SELECT 1 AS k, 'a'::shop.kind AS x")
    before = len(postgres.statements())
    source = opened(server, table=table_of(x=("NA",)))
    with pytest.raises(SourceError):
        source.ask(source.table.aggregate(k=source.table.x.cast("int64").sum()))
    values(source, "k")
    sent = postgres.statements()[before:]
    others = [text for text in sent if not text.startswith("SELECT")]

    assert len(sent) > len(others) > 0
    assert set(others) <= {"BEGIN", "SET TIMEZONE = UTC", "COMMIT", "ROLLBACK"}


def test_postgres_refuses_to_write_even_for_a_role_that_may(opened, shop, monkeypatch):
    """The connection is read-only by itself, whoever the user is."""
    import psycopg  # noqa: PLC0415 - slow to import

    server, admin = shop
    admin.execute("CREATE TABLE shop.t AS SELECT 1 AS k")
    monkeypatch.setenv(USER_VARIABLE, "admin")
    connection = opened(server).engine.backend.con

    for statement in ("DELETE FROM shop.t", "CREATE TABLE shop.u (k int)"):
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute(statement)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"port": 1}, "nothing answers there"),
        ({"host": "db.invalid"}, "its host is not known"),
        ({"database": "secret_db"}, "it has no such database or user"),
        ({"user_variable": "HOME"}, "its user or password was refused"),
        ({"password_variable": "HOME"}, "its user or password was refused"),
    ],
)
@pytest.mark.usefixtures("reader")
def test_postgres_that_cannot_be_reached_says_why(opened, postgres, changes, why):
    """The reason names neither host, user, password nor database."""
    source = opened(postgres.server(**changes))

    assert not source.found
    assert source.failed == f"the server prod could not be reached: {why}"


@pytest.mark.usefixtures("reader")
def test_server_out_of_reach_is_tried_once(engines, postgres, tmp_path):
    """The tables of a server that does not answer do not wait for it one by one."""
    place = located(tmp_path, postgres.server(port=1))
    errors = []
    for _time in range(2):
        with pytest.raises(UnreachedError) as raised:
            engines.engine(place)
        errors.append(raised.value)

    assert errors[0] is errors[1]


def test_table_without_permission_is_out_of_reach(opened, shop, monkeypatch):
    """A user who may not read a table has learned nothing about it."""
    server, admin = shop
    admin.execute("CREATE TABLE shop.t AS SELECT 1 AS k")
    admin.execute("CREATE ROLE stranger LOGIN PASSWORD 'only reads'")
    monkeypatch.setenv(USER_VARIABLE, "stranger")
    source = opened(server)
    try:
        with pytest.raises(UnreachedError, match="the server's user may not read it"):
            values(source, "k")
    finally:
        admin.execute("DROP ROLE stranger")


def test_missing_table_of_postgres_is_out_of_reach(opened, shop):
    """The message says which table and on which server."""
    source = opened(shop[0])

    assert not source.found
    assert source.failed == "there is no table shop.t on the server prod"


@pytest.mark.parametrize("ended", ["by the server", "here"])
def test_lost_connection_is_out_of_reach(opened, shop, ended):
    """What ends the line, at either end, is no finding about the data."""
    server, admin = shop
    admin.execute("CREATE TABLE shop.t AS SELECT 1 AS k")
    source = opened(server)
    if ended == "by the server":
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
            [READER],
        )
    else:
        line = socket.socket(fileno=os.dup(source.engine.backend.con.fileno()))
        line.shutdown(socket.SHUT_RDWR)
        line.close()

    with pytest.raises(UnreachedError, match="the connection to its server was lost"):
        values(source, "k")


def test_postgres_answers_as_parquet_does(opened, shop, tmp_path):
    """The same rows give the same numbers in every form of question."""
    server, admin = shop
    for name in ("weather", "airports"):
        copy_to_postgres(admin, tmp_path, name)
    files = FILES.model_copy(update={"path": "{model}.parquet", "format": "parquet"})
    tables = [table_of("weather"), table_of("airports")]
    here = [opened(files, table=table, folder=EXAMPLE) for table in tables]
    there = [opened(server, table=table) for table in tables]

    assert answers(*here, "time_hour") == answers(*there, "time_hour")


def copy_to_postgres(admin, folder, name):
    """Make a table of an example's file, column by column of the like type."""
    relation = duckdb.read_parquet(str(EXAMPLE / f"{name}.parquet"))
    kinds = {"DOUBLE": "double precision", "VARCHAR": "text"}
    columns = ", ".join(
        f"{column} {kinds.get(str(kind), str(kind))}"
        for column, kind in zip(relation.columns, relation.types, strict=True)
    )
    admin.execute(f"CREATE TABLE shop.{name} ({columns})")
    relation.to_csv(str(folder / f"{name}.csv"), header=False)
    copied = f"COPY shop.{name} FROM STDIN (FORMAT csv)"
    with admin.cursor() as cursor, cursor.copy(copied) as copy:
        copy.write((folder / f"{name}.csv").read_bytes())


@pytest.mark.slow
def test_example_has_the_same_findings_on_postgres(shop, postgres, tmp_path):
    """Every finding of the example's files is found in a database too, by SELECT."""
    server, admin = shop
    files = assessment_of(EXAMPLE.parent)
    for table in files.data_model.tables:
        copy_to_postgres(admin, tmp_path, table.location)
    model = files.data_model.model_copy(update={"servers": (server,)})
    before, options = len(postgres.statements()), RunOptions(allowed=ALLOWED)
    found = [
        measure_data(
            assessment, EXAMPLE.parent, today=dt.date(2026, 11, 23), options=options
        ).findings
        for assessment in (files, files.model_copy(update={"data_model": model}))
    ]
    sent = {text.split()[0] for text in postgres.statements()[before:]}
    # Rows cut from the file of training rows decide nothing; those of a server may.
    live = {"live-like-training", "schema-same"}
    here, there = (
        [
            one.model_dump(
                exclude={
                    "fingerprint",
                    *(("message", "outcome") if one.check in live else ()),
                }
            )
            for one in f
        ]
        for f in found
    )

    assert here == there
    assert sent == {"BEGIN", "COMMIT", "SELECT", "SET"}


# --- limits --------------------------------------------------------------------------


@pytest.fixture(
    params=["files", "duckdb", pytest.param("postgres", marks=pytest.mark.slow)]
)
def many(request, tmp_path):
    """Return a server of each kind with a table of 1,000 rows."""
    if request.param == "files":
        write_rows(tmp_path / "t.csv")
        return FILES
    rows = "SELECT * FROM generate_series(1, 1000) AS s(k)"
    if request.param == "duckdb":
        write_database(tmp_path / "data.duckdb", f"CREATE TABLE t AS {rows}")
        return DUCKDB
    server, admin = request.getfixturevalue("shop")
    admin.execute(f"CREATE TABLE shop.t AS {rows}")
    return server


@pytest.mark.slow
def test_query_that_takes_too_long_is_ended(many, tmp_path):
    """The limit is told in seconds, and the engine answers the next question."""
    with open_engines(Limits(seconds=1), ALLOWED) as engines:
        source = engines.open(table_of(), located(tmp_path, many))
        with pytest.raises(UnreachedError) as raised:
            source.ask(endless(source))
        counted = source.ask(source.table.aggregate(n=source.table.count()))

    assert str(raised.value) == "it took longer than 1 s (raise --time-limit)"
    assert counted == [{"n": 1_000}]


@pytest.mark.slow
def test_queries_of_one_source_share_its_limit(many, tmp_path):
    """Once the limit has passed, a table's further questions are not asked."""
    with open_engines(Limits(seconds=1), ALLOWED) as engines:
        source = engines.open(table_of(), located(tmp_path, many))
        count = source.table.aggregate(n=source.table.count())
        with engines.limit.counted():
            for question in (endless(source), count):
                with pytest.raises(UnreachedError, match="longer than 1 s"):
                    source.ask(question)

        assert source.ask(count) == [{"n": 1_000}]


ASKING = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from declared_tables import endless, located, table_of
from readybook.model.contract import Server
from readybook.measure.sources.engines import open_engines

with open_engines(allowed=frozenset(sys.argv[4:])) as engines:
    place = located(Path(sys.argv[2]), Server.model_validate_json(sys.argv[3]))
    source = engines.open(table_of(), place)
    question = endless(source)
    print("asking", flush=True)
    source.ask(question)
"""


@pytest.mark.slow
def test_ctrl_c_ends_a_query(many, tmp_path):
    """The engine is interrupted, and the program ends as by Ctrl-C anywhere."""
    arguments = [Path(__file__).parents[2], tmp_path, many.model_dump_json(), *ALLOWED]
    with subprocess.Popen(
        [sys.executable, "-c", ASKING, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "asking\n"
        process.send_signal(signal.SIGINT)
        try:
            _out, errors = process.communicate(timeout=60)
        finally:
            process.kill()

    assert process.returncode == -signal.SIGINT
    assert errors.rstrip().endswith("KeyboardInterrupt")


def test_memory_of_the_embedded_engine_is_limited(tmp_path):
    """What does not fit is spilled to disk, so the answer is the same."""
    write_database(
        tmp_path / "data.duckdb",
        "CREATE TABLE t AS SELECT range AS k, 'row ' || range AS x FROM range(500000)",
    )
    with open_engines(Limits(memory="40MB")) as engines:
        source = engines.open(table_of(), located(tmp_path, DUCKDB))
        groups = source.table.group_by("x").aggregate(rows=_.count())
        found = source.ask(groups.aggregate(n=_.count(), most=_.rows.max()))
        limit = source.engine.backend.settings["memory_limit"]

    assert found == [{"n": 500_000, "most": 1}]
    assert limit == "38.1 MiB"


@pytest.mark.slow
def test_question_beyond_the_memory_is_refused_in_words(tmp_path):
    """Who asks can ask otherwise, and a person reads which limit was met."""
    write_database(
        tmp_path / "data.duckdb",
        "CREATE TABLE t AS SELECT 'a text of its own ' || range AS x FROM range(900000)",
    )
    with open_engines(Limits(memory="8MB")) as engines:
        source = engines.open(table_of(), located(tmp_path, DUCKDB))
        groups = source.table.group_by("x").aggregate(rows=_.count())
        with pytest.raises(MemoryLimitError, match="raise --memory-limit"):
            source.ask(groups.aggregate(n=_.count(), most=_.rows.max()))


def test_file_is_read_by_more_than_one_thread_where_it_is_large(opened, tmp_path):
    """A small one takes less of the machine so, and no longer."""
    used = []
    for many in ("10", "200000"):
        write_parquet(tmp_path / f"{many}.parquet", SOME.format(many))
        server = Server(server="s", type="local", path=f"{many}.parquet")
        used.append(opened(server).engine.backend.settings["threads"])

    assert used == ["1", str(min(4, os.cpu_count()))]


# --- fingerprints --------------------------------------------------------------------


def test_equal_content_has_an_equal_fingerprint():
    """Neither the order of columns nor the order in which floats are added counts."""
    one = fingerprint_of(
        {"a": "int64", "b": "date"},
        3,
        {"sums": (0.1 + 0.2 + 0.3,), "day": dt.date(2013, 1, 1)},
    )
    other = fingerprint_of(
        {"b": "date", "a": "int64"},
        3,
        {"day": dt.date(2013, 1, 1), "sums": [0.3 + 0.2 + 0.1]},
    )

    assert one == other
    assert one.startswith("sha256:")


@dataclass(frozen=True)
class Tally:
    """Stands for what was measured of a part of a table."""

    sum: int | None = 6
    mean: float = 0.12345678
    days: tuple = (dt.date(2013, 1, 1), None)


def content(kind="int64", name="a", rows=3, part="x", **tally):
    """Columns, rows, and aggregates of each shape."""
    return {name: kind}, rows, {(part, 1): [Tally(**tally)]}


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "int32"},
        {"name": "b"},
        {"rows": 4},
        {"sum": 7},
        {"sum": None},
        {"mean": 0.12345679},
        {"days": (None, dt.date(2013, 1, 1))},
        {"days": (dt.date(2013, 1, 2), None)},
        {"part": "y"},
    ],
)
def test_other_content_has_another_fingerprint(other):
    """A type, a name, a row or an aggregate more or less is seen, in all shapes."""
    assert fingerprint_of(*content()) == fingerprint_of(*content())
    assert fingerprint_of(*content(**other)) != fingerprint_of(*content())


def test_table_of_unknown_size_has_no_fingerprint(opened, shop):
    """A database table has none before it is profiled."""
    server, admin = shop
    admin.execute("CREATE TABLE shop.t AS SELECT 1 AS k")
    source = opened(server)

    assert source.located.fingerprint == NOTHING
    assert fingerprint_of(source.columns, None, {}) == NOTHING


def test_links_that_multiply_are_followed_once(tmp_path, opened):
    """Ways to a place grow with every link to it; a file is read once."""
    write_rows(tmp_path / "t.csv", 3)
    for name in "abcd":
        (tmp_path / name).symlink_to(".")
    path = "/".join(["*"] * 12 + ["t.csv"])
    source = opened(Server(server="s", type="local", path=path, format="csv"))

    assert values(source, "k") == [0, 1, 2]
