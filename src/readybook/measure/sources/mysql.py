"""MySQL and MariaDB: the rows of a table are read once and then asked as a file's.

Their SQL compares texts without case, so that the same questions would count otherwise.
"""

import contextlib
import datetime as dt
import ssl
from collections.abc import Iterator, Mapping
from typing import Any

import ibis.expr.schema as ibis_schema
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.sql.datatypes import MySQLType

from readybook.measure.sources.credentials import login
from readybook.measure.sources.engine import Reading, Run, driver, write_rows
from readybook.measure.sources.files import FileEngine
from readybook.measure.sources.places import Located, UnreachedError
from readybook.model.contract import Table
from readybook.model.errors import SourceError

_CHUNK = 10_000  #: rows at a time
_SECONDS_TO_CONNECT = 10
_NOBODY = "readybook"  # the user where no variable holds one

#: The server's numbers of refusals, and what they mean. Its text names host and user.
_REFUSALS = {
    1040: "it has no connection left",
    1044: "its user may not use the database",
    1045: "its user or password was refused",
    1049: "it has no such database",
    1130: "it does not let this user in from this machine",
    1142: "the server's user may not read it",
    1143: "the server's user may not read it",
    1698: "its user or password was refused",
    2003: "nothing answers there",
    2006: "the connection to its server was lost",
    2013: "the connection to its server was lost",
}
_NO_TABLE = 1146
#: Types that are read as another one: of more values than it has, or none of Arrow's.
_READ_AS = {"bit": "bigint unsigned", "set": "text", "time": "text", "year": "int"}
_COLUMNS = """
SELECT column_name, data_type, column_type FROM information_schema.columns
WHERE table_schema = %s AND table_name = %s
"""


class MysqlEngine(FileEngine):
    """One MySQL or MariaDB server; every transaction is read-only."""

    def __init__(self, run: Run, located: Located) -> None:
        """Connect with the credentials of the declared environment variables.

        Nothing else is sent. The line to another machine has TLS, and its certificate
        is verified.

        Raises:
            UnreachedError: no driver, no credentials, or no connection; says which.
        """
        super().__init__(run, located)
        self._login = login(self.server, run.allowed)
        self._driver = driver("mysql")
        refused: tuple[type[Exception], ...] = (self._driver.MySQLError, OSError)
        self.errors = (*refused, *FileEngine.errors)
        try:
            with self._connected() as connection:
                self.name = f"mysql {connection.get_server_info()}, {self.name}"
        except self.errors as error:
            why = _REFUSALS.get(_number(error), f"it refused ({type(error).__name__})")
            if "certificate" in str(error).lower() or "SSL" in str(error):
                why = "it offers no TLS with a certificate that this machine can verify"
            if "Name or service" in str(error) or "resolution" in str(error):
                why = "its host is not known"
            raise self._not_reached(why) from None

    def _connect(self) -> Any:  # noqa: ANN401 - of an optional package
        place, user, password = self._login
        is_socket = place.host.startswith("/")
        return self._driver.connect(
            host=None if is_socket else place.host,
            unix_socket=place.host if is_socket else None,
            port=place.port,
            user=user or _NOBODY,
            password=password or "",
            database=self.server.database,
            connect_timeout=_SECONDS_TO_CONNECT,
            read_timeout=max(1, round(self.limit.seconds)),
            ssl=None if place.is_here else ssl.create_default_context(),
            cursorclass=self._driver.cursors.SSCursor,  # rows as they are asked for
            init_command="SET SESSION TRANSACTION READ ONLY",
        )

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Any]:
        """Yield a connection; what a server sends may be anything.

        Raises:
            UnreachedError: it is not what MySQL would send.
        """
        known: tuple[type[Exception], ...] = (SourceError, *self.errors)
        try:
            with contextlib.closing(self._connect()) as connection:
                yield connection
        except known:
            raise
        except Exception:  # noqa: BLE001 - of struct, an index, or a request for a file
            msg = f"the server {self.server.server} does not answer as MySQL does"
            raise UnreachedError(msg) from None

    def _open(self, table: Table, located: Located) -> ir.Table:  # noqa: ARG002
        zeros: dict[str, int] = {}
        with self._connected() as connection:
            cursor = connection.cursor()
            cursor.execute("SET time_zone = '+00:00'")
            cursor.execute(_COLUMNS, (self.server.database, table.location))
            kinds = {name: (kind, whole) for name, kind, whole in cursor.fetchall()}
            name = table.location.replace("`", "``")
            cursor.execute(f"SELECT * FROM `{name}`")
            schema = _schema(
                {column[0]: kinds[column[0]] for column in cursor.description}
            )
            batches = _batches(cursor, schema, zeros)
            write_rows(self.backend.con, schema, batches, self.packed(table))
        notes = [f"{name} has {n:,} days 0000-00-00, which are read as nulls"
                 for name, n in zeros.items() if n]  # fmt: skip
        self.readings[table.name] = Reading(notes=tuple(notes))
        return self._rows_packed(table)

    def _refusal(self, error: Exception, located: Located | None = None) -> SourceError:
        if located is not None and _number(error) == _NO_TABLE:
            return UnreachedError(f"there is no table {located.shown}")
        if located is not None and isinstance(error, self._driver.MySQLError | OSError):
            why = _REFUSALS.get(_number(error), f"it refused ({type(error).__name__})")
            return UnreachedError(f"{located.shown} cannot be read: {why}")
        return super()._refusal(error, located)


def _number(error: Exception) -> int:
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def _schema(kinds: Mapping[str, tuple[str, str]]) -> pa.Schema:
    """Return the types that Arrow has for those of columns."""
    known = {
        name: MySQLType.from_string(_READ_AS.get(kind, whole))
        for name, (kind, whole) in kinds.items()
    }
    schema: pa.Schema = ibis_schema.Schema(known).to_pyarrow()
    return schema


def _batches(
    cursor: Any,  # noqa: ANN401 - of an optional package
    schema: pa.Schema,
    zeros: dict[str, int],
) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(_CHUNK):
        columns = dict(zip(schema.names, zip(*rows, strict=True), strict=True))
        for name, values in columns.items():
            if pa.types.is_temporal(schema.field(name).type):
                # A day that is none comes as the text that it is written as.
                zeros[name] = zeros.get(name, 0) + sum(
                    isinstance(v, str) for v in values
                )
        arrays = [
            pa.array([_value(v, field.type) for v in columns[field.name]], field.type)
            for field in schema
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _value(value: Any, kind: pa.DataType) -> Any:  # noqa: ANN401 - of any type
    if pa.types.is_temporal(kind) and isinstance(value, str):
        return None
    if pa.types.is_integer(kind) and isinstance(value, bytes):
        return int.from_bytes(value)
    if pa.types.is_timestamp(kind) and kind.tz and value is not None:
        return value.replace(tzinfo=dt.UTC)
    if pa.types.is_string(kind) and value is not None and not isinstance(value, str):
        return value.hex() if isinstance(value, bytes) else str(value)
    return value
