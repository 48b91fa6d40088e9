"""A stranger's contract gets no variable, and nothing else that a library would send."""

import os
import pty
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from declared_tables import open_or_why, table_of
from listener import GSS, SSPI, listening
from readybook.cli.main import main
from readybook.measure.sources.credentials import address, allowed_file, load_allowed
from readybook.measure.sources.engines import open_engines
from readybook.measure.sources.places import Located, UnreachedError
from readybook.model.contract import Server

SECRET = "PLANTED"  # noqa: S105 - in every value that nobody allowed
CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 1.0.0
status: draft
servers:
  - server: prod
    type: {kind}
    host: {host}
    port: {port}
    database: shop
    schema: public
    catalog: shop
    customProperties:
      - {{property: readiness.userVariable, value: WAREHOUSE_USER}}
      - {{property: readiness.passwordVariable, value: AWS_SECRET_ACCESS_KEY}}
schema:
  - name: orders
    properties:
      - {{name: order, logicalType: integer}}
"""


@pytest.fixture
def stranger():
    with listening() as listener:
        yield listener


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A person with secrets in all the places that a library looks into."""
    folder = tmp_path / "home"
    folder.mkdir()
    passwords = folder / ".pgpass"
    passwords.write_text(f"*:*:*:*:{SECRET}-pgpass\n")
    passwords.chmod(0o600)
    services = folder / "services"
    services.write_text(f"[own]\nuser={SECRET}-service\npassword={SECRET}-service\n")
    for name, value in {
        "HOME": folder,
        "XDG_CONFIG_HOME": folder / ".config",
        "WAREHOUSE_USER": f"{SECRET}-user",
        "AWS_SECRET_ACCESS_KEY": f"{SECRET}-key",
        "PGUSER": f"{SECRET}-pguser",
        "PGPASSWORD": f"{SECRET}-pgpassword",
        "PGPASSFILE": passwords,
        "PGSERVICEFILE": services,
        "PGSERVICE": "own",
        "PGHOSTADDR": "127.0.0.2",  # nobody answers there
        "PGDATABASE": f"{SECRET}-database",
        "PGAPPNAME": f"{SECRET}-name",
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.delenv("PGSSLMODE", raising=False)
    return folder


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """The folder of a new case; only to be copied."""
    folder = tmp_path_factory.mktemp("started") / "case"
    assert main(["new", str(folder)]) == 0
    return folder


@pytest.fixture
def case(started, tmp_path):
    """Return a function that writes a stranger's case."""

    def write(port, host="127.0.0.1", kind="postgres", name="case"):
        folder = shutil.copytree(started, tmp_path / name)
        text = CONTRACT.format(kind=kind, host=host, port=port)
        (folder / "data.odcs.yaml").write_text(text, encoding="utf-8")
        return folder

    return write


def server(port, **fields):
    given = {"server": "prod", "type": "postgres", "host": "127.0.0.1", "port": port}
    return Server(**given | {"database": "shop"} | fields)


def try_(place, *allowed):
    """Try to open a table on a server; return why it could not be."""
    with open_engines(allowed=frozenset(allowed)) as engines:
        return open_or_why(engines, table_of(), Located(server=place)).failed


# --- what reaches a stranger's server ------------------------------------------------


@pytest.mark.parametrize("port", ["", ":{}"])
def test_variables_reach_the_host_that_they_were_allowed_for(case, stranger, port):
    """The listener sees user and password, so it would see what nobody allowed."""
    host = f"127.0.0.1{port.format(stranger.port)}"
    allow = ["--allow", f"WAREHOUSE_USER@{host}"]
    allow += ["--allow", f"AWS_SECRET_ACCESS_KEY@{host}"]

    # Exit code 3: it only listens, so no table is read.
    assert main(["measure", str(case(stranger.port)), *allow]) == 3
    assert b"PLANTED-user" in stranger.text
    assert b"PLANTED-key" in stranger.text
    assert len(re.findall(rb"PLANTED", stranger.text)) == 2


@pytest.mark.parametrize(
    "allowed",
    [
        (),
        ("AWS_SECRET_ACCESS_KEY@db.example.org", "WAREHOUSE_USER@127.0.0.1"),
        ("AWS_SECRET_ACCESS_KEY@127.0.0.1:1", "WAREHOUSE_USER@127.0.0.1"),
        ("AWS_SECRET_ACCESS_KEY@127.0.0.1",),
        ("WAREHOUSE_USER@127.0.0.1",),
    ],
)
def test_nothing_is_sent_where_a_variable_was_not_allowed(
    case, stranger, capsys, allowed
):
    """A permission is for one variable and one host; without all, nobody is called."""
    folder = case(stranger.port)
    words = [word for one in allowed for word in ("--allow", one)]

    assert main(["measure", str(folder), *words]) == 1
    assert stranger.sent == []
    assert not (folder / "evidence" / "data.json").exists()
    assert SECRET not in capsys.readouterr().err


def test_every_variable_is_told_with_what_allows_it(case, capsys):
    """All folders at once, and the words that are told are those that help."""
    folders = [str(case(5432, host, name=f"of-{host}")) for host in ("a.org", "b.org")]

    assert main(["measure", *folders]) == 1
    told = capsys.readouterr().err
    assert "of-a.org/data.odcs.yaml: servers.prod: found WAREHOUSE_USER, " in told
    words = re.findall(r"--allow \S+@\S+:\d+", told)
    assert len(words) == 4
    assert "--allow AWS_SECRET_ACCESS_KEY@b.org:5432" in words


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ({}, ()),
        ({"user_variable": "WAREHOUSE_USER"}, ()),
        ({"password_variable": "AWS_SECRET_ACCESS_KEY"}, ()),
        ({"user_variable": "UNSET"}, ("UNSET@127.0.0.1",)),
        ({"type": "postgresql", "database": None}, ()),
        ({"database": "user=x host=127.0.0.1"}, ()),
        ({"host": None}, ()),
    ],
)
def test_server_that_is_asked_directly_gets_no_secret_either(stranger, fields, allowed):
    """What opens the connection decides, whoever calls it; libpq's places are shut."""
    try_(server(stranger.port, **fields), *allowed)

    assert SECRET.encode() not in stranger.text


@pytest.mark.parametrize(
    ("host", "value"), [(f"{'a' * 64}.org", "x"), ("127.0.0.1", "PLANTED\udcff")]
)
def test_what_the_driver_cannot_write_is_told_without_it(monkeypatch, host, value):
    """A name or a value that is no text for the driver is no crash, and not shown."""
    monkeypatch.setenv("WAREHOUSE_USER", value)
    why = try_(
        server(1, host=host, user_variable="WAREHOUSE_USER"), f"WAREHOUSE_USER@{host}"
    )

    assert why.startswith("the server prod could not be reached: it refused the")
    assert not {host, value} & {*why.split()}


def test_list_of_hosts_and_other_texts_are_no_host(stranger):
    """What libpq would take for more than a name is not called at all."""
    for host in (
        "127.0.0.1,127.0.0.1",
        "@abstract",
        "::1%x\x1b[31m",
        "db.org evil",
        "c:",
    ):
        why = try_(server(stranger.port, host=host))
        assert why == "the host of the server prod is not the name of one machine"
    assert stranger.sent == []


# --- TLS -----------------------------------------------------------------------------


@pytest.mark.parametrize("mode", [None, "prefer"])
def test_line_to_another_machine_is_encrypted_or_not_used(stranger, monkeypatch, mode):
    """Only the person can say that it may be read on the way, not the contract."""
    if mode:
        monkeypatch.setenv("PGSSLMODE", mode)
    far = "127.1"  # the same machine, by a name that does not say so
    why = try_(
        server(stranger.port, host=far, user_variable="WAREHOUSE_USER"),
        f"WAREHOUSE_USER@{far}",
    )

    assert (b"PLANTED-user" in stranger.text) is (mode == "prefer")
    if not mode:
        assert why == (
            "the server prod could not be reached: it offers no TLS; only PGSSLMODE in "
            "your environment can allow a line without"
        )


def test_certificate_is_verified_where_the_person_wants_it(monkeypatch):
    """A stricter setting of the person's holds, and what it refuses is told."""
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    monkeypatch.setenv("PGSSLROOTCERT", "/none")
    with listening(encrypts=True) as listener:
        why = try_(server(listener.port))

    assert why == (
        "the server prod could not be reached: its certificate cannot be verified with "
        "those of this machine"
    )


@pytest.mark.parametrize("wants", [GSS, SSPI])
def test_ticket_of_the_person_is_sent_nowhere(wants):
    """Who is signed in at a machine is not signed in at a stranger's."""
    with listening(wants) as listener:
        why = try_(server(listener.port))

    assert why == (
        "the server prod could not be reached: it wants a ticket of this machine's "
        "user, and none is sent"
    )


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("localhost", True), ("127.0.0.9", True), ("::1", True), ("/run/pg", True),
     ("127.0.0.1.example.org", False), ("10.0.0.1", False), ("localhost.org", False)],
)  # fmt: skip
def test_only_this_machine_is_local(host, is_here):
    """A name that only looks like loopback is another machine's."""
    assert address(server(5432, host=host)).is_here is is_here


def test_snowflake_account_stays_a_name_of_snowflake():
    """An account that would turn the address into another host's is refused."""
    named = Server(server="s", type="snowflake", account="ab-c1.eu")
    assert str(address(named)) == "ab-c1.eu.snowflakecomputing.com:443"
    with pytest.raises(UnreachedError):
        address(Server(server="s", type="snowflake", account="evil.org/x"))


# --- asked once ----------------------------------------------------------------------


@pytest.fixture
def terminal(monkeypatch):
    """Return a function that types into a real terminal."""
    keys, screen = pty.openpty()
    with os.fdopen(screen, encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield lambda text: os.write(keys, text.encode())
    os.close(keys)


def test_person_is_asked_once_for_each_variable_and_host(case, stranger, terminal):
    """A yes is kept outside of the case, and holds for this port alone."""
    folder = case(stranger.port)
    terminal("y\nyes\n")
    assert main(["measure", str(folder)]) == 3
    sent = len(stranger.sent)
    assert main(["measure", str(folder)]) == 3

    assert len(stranger.sent) > sent > 0
    assert load_allowed() == {
        f"WAREHOUSE_USER@127.0.0.1:{stranger.port}",
        f"AWS_SECRET_ACCESS_KEY@127.0.0.1:{stranger.port}",
    }
    assert not allowed_file().is_relative_to(folder)


@pytest.mark.parametrize("typed", ["y\n\n", "n\ny\n", "\x04\x04"])
def test_anything_but_yes_sends_nothing(case, stranger, terminal, typed):
    """One no is enough to call nobody."""
    terminal(typed)

    assert main(["measure", str(case(stranger.port))]) == 1
    assert stranger.sent == []


def test_file_of_permissions_may_be_written_by_hand():
    """Lines without an end, and lines that are no permission, do no harm."""
    file = allowed_file()
    file.parent.mkdir(parents=True)
    file.write_bytes(b"# ours\n A@h:1 \nno permission\n\xff\nB@h")

    assert load_allowed() == {"A@h:1", "B@h"}


@pytest.mark.parametrize("word", ["A", "A@", "@h", "a b@h", "A=x@h"])
def test_what_is_no_permission_is_wrong_usage(word, capsys):
    """A slip is told before anything is read, and a value is not repeated."""
    with pytest.raises(SystemExit) as refused:
        main(["measure", "case", "--allow", word])
    assert str(refused.value) == "2"
    assert "expected VARIABLE@HOST" in capsys.readouterr().err


# --- secrets of the embedded engine --------------------------------------------------


def test_secrets_that_the_engine_keeps_for_a_person_are_not_loaded(home, tmp_path):
    """A key for object storage that lies in the person's folder stays there."""
    kept = f"{home}/.duckdb/stored_secrets"
    with duckdb.connect(config={"secret_directory": kept}) as own:
        own.execute(f"CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN '{SECRET}')")
    assert [*Path(kept).iterdir()]
    (tmp_path / "t.csv").write_text("k\n1\n")
    with open_engines() as engines:
        backend = engines.engine(Located(files=(tmp_path / "t.csv",))).backend
        assert backend.raw_sql("FROM duckdb_secrets()").fetchall() == []


def test_name_of_a_database_cannot_lead_to_another_host():
    """A driver of SQL Server joins its words to one text, where a semicolon parts them."""
    place = Server(server="s", type="sqlserver", database="x;Server=other.example.org")

    assert try_(place) == "the database of the server s has no name of one"
