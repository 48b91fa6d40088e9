"""PostgreSQL through psycopg: connected so that the server refuses every write."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as ibis_types
import ibis.expr.operations as ops
import ibis.expr.schema as ibis_schema
import ibis.expr.types as ir

from readybook.measure.sources.engine import (
    EXPRESSION_ERRORS,
    Engine,
    as_plain,
    driver,
    secret,
)
from readybook.measure.sources.files import Located
from readybook.measure.sources.limits import TimeLimit, UnreachedError
from readybook.model.contract import Server, Table
from readybook.model.errors import SourceError

__all__ = ["PostgresEngine"]

_SECONDS_TO_CONNECT = 10

#: Signs in the driver's text at connecting, and what they mean. The text itself names
#: the host and the user.
_REFUSALS = {
    "password authentication failed": "its user or password was refused",
    "no password supplied": "it wants a password and none is declared",
    "pg_hba.conf": "it does not let this user in from this machine",
    "does not exist": "it has no such database or user",
    "permission denied for database": "its user may not use the database",
    "translate host name": "its host is not known",
    "Name or service not known": "its host is not known",
    "Connection refused": "nothing answers there",
    "No such file": "nothing answers there",
    "timeout": f"it did not answer within {_SECONDS_TO_CONNECT} s",
    "too many": "it has no connection left",
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


_ENUM = ibis_types.Unknown()


class PostgresEngine(Engine):
    """One connection to one PostgreSQL server; every transaction is read-only."""

    def __init__(self, limit: TimeLimit, server: Server) -> None:
        """Connect with the credentials of the declared environment variables.

        The server itself gives up a statement at the time limit, also where this
        process was killed.

        Raises:
            UnreachedError: no driver, no credentials, or no connection; says which.
        """
        super().__init__(limit)
        psycopg = driver("psycopg", "postgres")
        self.errors = (psycopg.Error, *EXPRESSION_ERRORS)
        self._schema = server.schema_name or "public"
        options = (
            "-c default_transaction_read_only=on "
            f"-c statement_timeout={max(1, round(limit.seconds * 1000))}"
        )
        try:
            self.backend = ibis.postgres.connect(
                host=server.host,
                port=server.port or 5432,
                database=server.database,
                user=secret(server.user_variable, server),
                password=secret(server.password_variable, server),
                options=options,
                connect_timeout=_SECONDS_TO_CONNECT,
                application_name="readybook",
            )
        except psycopg.Error as error:
            why = next(
                (words for sign, words in _REFUSALS.items() if sign in str(error)),
                f"it refused the connection ({type(error).__name__})",
            )
            msg = f"the server {server.server} could not be reached: {why}"
            raise UnreachedError(msg) from None
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
        if state.startswith(_LOST) or self.backend.con.closed:
            return UnreachedError(f"{place}the connection to its server was lost")
        return super()._refusal(error, located)

    def _open(self, table: Table, located: Located) -> ir.Table:  # noqa: ARG002
        # Not `backend.table`, which reads a schema's name as a path with dots.
        name, schema = table.location, self._schema
        columns = dict(self.backend.get_schema(name, database=schema).items())
        columns |= self._named(name)
        source = ops.DatabaseTable(
            name,
            schema=ibis_schema.Schema(columns),
            source=self.backend,
            namespace=ops.Namespace(database=schema),
        ).to_expr()
        # A character(n) is filled up with blanks, which a cast to text drops; an enum
        # refuses to be compared with a text that is none of its own.
        odd = [name for name, kind in columns.items() if _is_odd_text(kind)]
        texts = {name: source[name].cast("string") for name in odd}
        return source.mutate(**texts) if texts else source

    def _named(self, table: str) -> dict[str, Any]:
        """Return columns by the type beneath a domain; `_ENUM` for a list of texts."""
        mapper = self.backend.compiler.type_mapper
        found = self.backend.con.execute(_NAMED, (self._schema, table)).fetchall()
        return {
            name: mapper.from_string(kind) if kind else _ENUM for name, kind in found
        }

    def _rows(self, expression: ir.Table) -> list[dict[str, Any]]:
        # Not `to_pyarrow`: its cursor on the server rules parallel plans out, and it
        # fails on a UUID.
        schema = expression.schema()
        cursor = self.backend.con.execute(self.backend.compile(expression))
        found = [dict(zip(schema, row, strict=True)) for row in cursor.fetchall()]
        return as_plain(found, schema)

    def _close(self) -> None:
        self.backend.disconnect()


def _is_odd_text(kind: Any) -> bool:  # noqa: ANN401 - Ibis ships no types
    return kind is _ENUM or bool(kind.is_string() and kind.length is not None)
