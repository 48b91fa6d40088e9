"""Databases on servers: PostgreSQL, Spark, and what else Ibis reaches."""

import datetime as dt
import importlib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as ibis_types
import ibis.expr.operations as ops
import ibis.expr.schema as ibis_schema
import ibis.expr.types as ir
from ibis.common.exceptions import TableNotFound

from readybook.measure.sources.credentials import login
from readybook.measure.sources.engine import EXPRESSION_ERRORS, Engine, Run, driver
from readybook.measure.sources.places import Located, UnreachedError
from readybook.model.contract import Server, Table
from readybook.model.errors import SourceError

_SECONDS_TOWAREHOUSES = 10
_NOBODY = "readybook"  # the user where no variable holds one

#: Signs in the driver's text at connecting, and what they mean. The text itself names
#: the host and the user.
_REFUSALS = {
    "client certificate": "it wants a client's certificate, and none is sent",
    "certificate": "its certificate cannot be verified with those of this machine",
    "authentication method requirement": "it wants a ticket of this machine's user, and "
    "none is sent",
    "password authentication failed": "its user or password was refused",
    "no password supplied": "it wants a password and none is declared",
    "pg_hba.conf": "it does not let this user in from this machine",
    "does not exist": "it has no such database or user",
    "permission denied for database": "its user may not use the database",
    "translate host name": "its host is not known",
    "Name or service not known": "its host is not known",
    "Connection refused": "nothing answers there",
    "No such file": "nothing answers there",
    "timeout": f"it did not answer within {_SECONDS_TOWAREHOUSES} s",
    "too many": "it has no connection left",
    "does not support SSL": "it offers no TLS; only PGSSLMODE in your environment can "
    "allow a line without",
}

#: libpq itself would send a password file's, the machine user's Kerberos or Windows
#: credentials and a client certificate to any host, and follow PGHOSTADDR.
_NOTHING_ELSE = {
    "passfile": str(Path(os.devnull, "none")),
    "hostaddr": "",
    "gssencmode": "disable",
    "require_auth": "!gss,!sspi",
    "sslcertmode": "disable",
}

_DENIED = "42501"
_CANCELED = "57014"
_LOST = ("08", "57P")  # classes of SQLSTATE: connection, operator intervention

# Domains, enums and citext: types that are known by the type beneath them only.
_NAMED = """
SELECT a.attname,
  CASE t.typtype WHEN 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod) END
FROM pg_catalog.pg_attribute AS a
JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0
  AND (t.typtype IN ('d', 'e') OR t.typname = 'citext')
"""


_ENUM = ibis_types.Unknown()  # of columns that `_NAMED` finds no type beneath


def _as_plain(rows: Iterable[dict[str, Any]], asked: ir.Table) -> list[dict[str, Any]]:
    """Return rows with the values that the schema of what was asked promises.

    A driver may give a Decimal for a sum of whole numbers, a UUID for a text, or a time
    with an offset for one without.
    """
    kinds = asked.schema().items()
    return [{name: _plain(row[name], kind) for name, kind in kinds} for row in rows]


def _plain(value: Any, kind: ibis_types.DataType) -> Any:  # noqa: ANN401 - of any type
    if value is None:
        return None
    if kind.is_integer():
        return int(value)
    if kind.is_floating():
        return float(value)
    if kind.is_timestamp() and isinstance(value, dt.datetime):
        # Sessions are set to UTC, so a clock without an offset shows UTC.
        instant = value.replace(tzinfo=value.tzinfo or dt.UTC)
        if kind.timezone is not None:
            return instant
        return instant.astimezone(dt.UTC).replace(tzinfo=None)
    is_text = kind.is_string() or kind.is_uuid() or kind.is_inet() or kind.is_unknown()
    return str(value) if is_text else value


def _why(error: Exception, signs: Mapping[str, str]) -> str:
    known = (words for sign, words in signs.items() if sign in str(error))
    return next(known, f"it refused the connection ({type(error).__name__})")


def _table(
    backend: Any,  # noqa: ANN401 - Ibis ships no types
    name: str,
    columns: dict[str, Any],
    database: str | None,
    catalog: str | None = None,
) -> ir.Table:
    """Return a table whose schema is known; `backend.table` would ask for it."""
    table: ir.Table = ops.DatabaseTable(
        name,
        schema=ibis_schema.Schema(columns),
        source=backend,
        namespace=ops.Namespace(catalog=catalog, database=database),
    ).to_expr()
    return table


class PostgresEngine(Engine):
    """One connection to one PostgreSQL server; every transaction is read-only."""

    def __init__(self, run: Run, located: Located) -> None:
        """Connect with the credentials of the declared environment variables.

        Nothing else is sent: a server without a variable is asked as the user
        `readybook`, without a password. The line to another machine has TLS unless the
        person's own PGSSLMODE says otherwise. The server itself gives up a statement at
        the time limit, also where this process was killed.

        Raises:
            UnreachedError: no driver, no credentials, or no connection; says which.
        """
        super().__init__(run, located)
        psycopg = driver("postgres")
        self.errors = (psycopg.Error, *EXPRESSION_ERRORS)
        self._broken = psycopg.OperationalError
        place, user, password = login(self.server, run.allowed)
        options = (
            "-c default_transaction_read_only=on "
            f"-c statement_timeout={max(1, round(run.limit.seconds * 1000))}"
        )
        try:
            self.backend = ibis.postgres.connect(
                host=place.host,
                port=place.port,
                # What is empty is not looked up in libpq's own variables and services.
                database=self.server.database or "",
                user=user or _NOBODY,
                password=password or "",
                options=options,
                connect_timeout=_SECONDS_TOWAREHOUSES,
                application_name=_NOBODY,
                sslmode=os.environ.get("PGSSLMODE")
                or ("prefer" if place.is_here else "require"),
                **_NOTHING_ELSE,
            )
        except (psycopg.Error, ValueError) as error:
            raise self._not_reached(_why(error, _REFUSALS)) from None
        self.name = f"postgres {self.backend.version}"

    def _interrupt(self) -> None:
        self.backend.con.cancel_safe(timeout=1)

    def _refusal(self, error: Exception, located: Located | None = None) -> SourceError:
        state = getattr(error, "sqlstate", None) or ""
        place = f"{located.shown} cannot be read: " if located else ""
        if state == _CANCELED:
            return self.limit.passed()
        if state == _DENIED:
            return UnreachedError(f"{place}the server's user may not read it")
        # What the server did not say itself, no state is given to: the line broke.
        is_cut = isinstance(error, self._broken) and not state
        if is_cut or state.startswith(_LOST) or self.backend.con.closed:
            return UnreachedError(f"{place}the connection to its server was lost")
        return super()._refusal(error, located)

    def _open(self, table: Table, located: Located) -> ir.Table:  # noqa: ARG002
        # Not `backend.table`, which reads a schema's name as a path with dots.
        name, schema = table.location, self.server.schema_name or "public"
        columns = dict(self.backend.get_schema(name, database=schema).items())
        mapper = self.backend.compiler.type_mapper
        found = self.backend.con.execute(_NAMED, (schema, name)).fetchall()
        columns |= {
            column: mapper.from_string(kind) if kind else _ENUM
            for column, kind in found
        }
        source = _table(self.backend, name, columns, schema)
        # A character(n) is filled up with blanks, which a cast to text drops; an enum
        # refuses to be compared with a text that is none of its own.
        texts = {
            column: source[column].cast("string")
            for column, kind in columns.items()
            if kind is _ENUM or (kind.is_string() and kind.length is not None)
        }
        return source.mutate(**texts) if texts else source

    def _rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        # Not `to_pyarrow`: its cursor on the server rules parallel plans out, and it
        # fails on a UUID.
        names = expression.columns
        cursor = self.backend.con.execute(self.backend.compile(expression))
        found = (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
        return _as_plain(found, expression)


_NOT_TESTED = "(not tested)"
_TAG = "readybook"  # of Spark's jobs, so that only these are cancelled


class SparkEngine(Engine):
    """Tables of a Spark session: the one that is active, or a new one.

    A new session takes its settings from the environment (`SPARK_REMOTE`,
    `SPARK_CONF_DIR`), as every Spark program does.
    """

    def __init__(self, run: Run, located: Located) -> None:
        """Take or start a session.

        Raises:
            UnreachedError: no driver, or no session could be started.
        """
        super().__init__(run, located)
        sql = driver("spark", ".sql")
        kinds = driver("spark", ".errors")
        gateway = importlib.import_module("py4j.protocol")
        self._types = driver("spark", ".sql.types")
        datatypes = importlib.import_module("ibis.backends.pyspark.datatypes")
        self._mapper = datatypes.PySparkType
        refusals = (kinds.PySparkException, gateway.Py4JError)
        self.errors = (OSError, *refusals, *EXPRESSION_ERRORS)
        self._session = self._new_session(sql.SparkSession)
        self.backend = ibis.pyspark.connect(self._session)
        tested = "" if self.server.type == "spark" else f" {_NOT_TESTED}"
        self.name = f"pyspark {self.backend.version}{tested}"

    def _new_session(self, sessions: Any) -> Any:  # noqa: ANN401 - imported late
        try:
            active = sessions.active()
        except self.errors:
            active = None
        if active is None and self.server.type == "databricks":
            msg = (
                f"the server {self.server.server} is reached only from a Spark session"
                " of Databricks, and none is active here"
            )
            raise UnreachedError(msg)
        self._is_own = active is None
        try:
            if active is None:
                settings = sessions.builder.appName("readybook")
                settings.config("spark.ui.enabled", "false")
                # It would be drawn between the lines of a report.
                settings.config("spark.ui.showConsoleProgress", "false")
                active = settings.getOrCreate()
            # Settings and interrupts of its own; the tables are the same.
            session = active if self._is_remote else active.newSession()
            if self._is_own or not self._is_remote:
                # A "table" may be a path then, of any file or address: csv.`/etc/x`.
                session.conf.set("spark.sql.runSQLOnFiles", "false")
            return session  # noqa: TRY300 - its settings may be refused too
        except self.errors as error:
            why = f"no Spark session could be started ({type(error).__name__})"
            raise UnreachedError(why) from None

    @property
    def _is_remote(self) -> bool:
        return bool(driver("spark", ".sql.utils").is_remote())

    def _interrupt(self) -> None:
        if self._is_remote:
            self._session.interruptAll()
        else:  # where a session does not know the jobs of its Arrow results
            self._session.sparkContext.cancelJobsWithTag(_TAG)

    def _open(self, table: Table, located: Located) -> ir.Table:
        """Return a table by its schema as Spark has it.

        Ibis makes a time of an instant, and gives up at a type that it does not know.
        """
        server = self.server
        parts = [server.catalog, server.schema_name, table.location]
        path = ".".join(f"`{part.replace('`', '``')}`" for part in parts if part)
        try:
            fields = self._session.table(path).schema.fields
        except self.errors as error:
            # Spark's name of an error, such as TABLE_OR_VIEW_NOT_FOUND.
            named = getattr(error, "getCondition", str)
            if "NOT_FOUND" in (named() or ""):
                raise TableNotFound(located.shown) from None
            raise
        columns = {field.name: self._kind(field.dataType) for field in fields}
        space = (server.schema_name, server.catalog)
        return _table(self.backend, table.location, columns, *space)

    def _kind(self, kind: Any) -> Any:  # noqa: ANN401 - types of two libraries
        if isinstance(kind, self._types.TimestampType):
            return ibis_types.Timestamp(timezone="UTC")
        try:
            return self._mapper.to_ibis(kind)
        except EXPRESSION_ERRORS:
            return ibis_types.unknown

    def _rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        if not self._is_remote:
            self._session.sparkContext.addJobTag(_TAG)  # of this thread
        # Not `to_pyarrow`, which goes through pandas and makes floats of whole numbers.
        answer = self._session.sql(self.backend.compile(expression)).toArrow()
        return _as_plain(answer.to_pylist(), expression)

    def _close(self) -> None:
        if self._is_own:
            self._session.stop()


class WarehouseEngine(Engine):
    """One of `WAREHOUSES`, as Ibis connects it; never tried."""

    #: Whatever a driver raises: which those are is not known without a test.
    errors = (Exception,)

    def __init__(self, run: Run, located: Located) -> None:
        """Connect with the fields of a server, by one of the functions below.

        Raises:
            UnreachedError: no driver, no credentials, or no connection.
        """
        super().__init__(run, located)
        try:
            connect = WAREHOUSES[self.server.type]
            self.backend, self._space = connect(self.server, run.allowed)
        except UnreachedError:
            raise
        except Exception as error:  # noqa: BLE001 - as `errors`
            raise self._not_reached(_why(error, {})) from None
        self.name = f"{self.server.type} {_NOT_TESTED}"

    def _interrupt(self) -> None:
        """Do nothing: which driver can is not known; the answer is not waited for."""

    def _refusal(self, error: Exception, located: Located | None = None) -> SourceError:
        if isinstance(error, SourceError):
            return error
        # Whether the content or the connection failed is not known without a test.
        return UnreachedError(str(super()._refusal(error, located)))

    def _open(self, table: Table, located: Located) -> ir.Table:  # noqa: ARG002
        return self.backend.table(table.location, database=self._space)

    def _rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        return _as_plain(expression.to_pyarrow().to_pylist(), expression)


def _trino(server: Server, allowed: frozenset[str]) -> tuple[Any, Any]:
    driver("trino")
    place, user, password = login(server, allowed)
    access = {}
    if password is not None:
        auth = driver("trino", ".auth").BasicAuthentication(user, password)
        access = {"auth": auth}
    session = importlib.import_module("requests").Session()
    session.trust_env = False  # it would send what ~/.netrc has for any host
    backend = ibis.trino.connect(
        host=place.host,
        port=place.port,
        http_scheme="http" if place.is_here and password is None else "https",
        http_session=session,
        user=user or _NOBODY,
        database=server.catalog,
        schema=server.schema_name,
        source=_NOBODY,
        **access,
    )
    return backend, (server.catalog, server.schema_name)


def _bigquery(server: Server, _allowed: frozenset[str]) -> tuple[Any, Any]:
    driver("bigquery")
    backend = ibis.bigquery.connect(
        project_id=server.project, dataset_id=server.schema_name or ""
    )
    return backend, (server.project, server.schema_name)


def _snowflake(server: Server, allowed: frozenset[str]) -> tuple[Any, Any]:
    driver("snowflake")
    _place, user, password = login(server, allowed)
    backend = ibis.snowflake.connect(
        account=server.account,
        user=user,
        password=password,
        database=f"{server.database}/{server.schema_name}",
        warehouse=server.warehouse,
        create_object_udfs=False,  # it would write functions into the account
    )
    return backend, (server.database, server.schema_name)


def _by_login(
    kind: str, **fixed: object
) -> Callable[[Server, frozenset[str]], tuple[Any, Any]]:
    """Return what connects with a host, a user, a password and a database alone."""

    def connect(server: Server, allowed: frozenset[str]) -> tuple[Any, Any]:
        database = server.database or ""
        if not re.fullmatch(r"[\w $-]*", database):  # it may hold another host
            msg = f"the database of the server {server.server} has no name of one"
            raise UnreachedError(msg)
        place, user, password = login(server, allowed)
        driver(server.type)
        backend = getattr(ibis, kind).connect(
            host=place.host,
            port=place.port,
            # What is empty would be the machine's own user.
            user=user or _NOBODY,
            password=password or "",
            database=database or None,
            **fixed,
        )
        return backend, server.schema_name

    return connect


#: By the type of a server: a connection to it, and where its tables lie. None was tried.
WAREHOUSES: Mapping[str, Callable[[Server, frozenset[str]], tuple[Any, Any]]] = {
    "bigquery": _bigquery,
    "clickhouse": _by_login("clickhouse", secure=True),
    "snowflake": _snowflake,
    "sqlserver": _by_login(
        "mssql", driver="ODBC Driver 18 for SQL Server", Encrypt="yes"
    ),
    "trino": _trino,
}
