"""What every engine offers, and how its answers come back alike from all of them."""

from __future__ import annotations

import datetime as dt
import importlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import partial
from types import ModuleType
from typing import Any

import ibis.expr.datatypes as ibis_types
import ibis.expr.types as ir
from ibis.common.exceptions import IbisError, TableNotFound
from pyarrow.lib import ArrowException

from readybook.measure.sources.files import Located
from readybook.measure.sources.limits import Runner, TimeLimit, UnreachedError
from readybook.model.contract import Server, Table
from readybook.model.errors import SourceError

__all__ = [
    "EXPRESSION_ERRORS",
    "Engine",
    "as_plain",
    "driver",
    "secret",
    "type_text",
    "with_nulls",
    "without",
]

#: What Ibis and Arrow raise for what they were given, whatever the engine.
EXPRESSION_ERRORS = (
    IbisError,
    ArrowException,
    ValueError,
    ArithmeticError,
    NotImplementedError,
)


class Engine(ABC):
    """One connection that answers questions about the tables of one server.

    Nothing but SELECT is asked of it. It is used by one thread.
    """

    #: engine and version, "duckdb 1.5.6"; "trino 476 (not tested)"
    name: str
    #: what it raises when it refuses; `open` and `ask` turn that into SourceError
    errors: tuple[type[Exception], ...]
    #: the connection, as Ibis has it
    backend: Any

    def __init__(self, limit: TimeLimit) -> None:
        """Keep the time limit of the source."""
        self.limit = limit
        self._runner = Runner(limit, self._interrupt)

    def open(self, table: Table, located: Located) -> ir.Table:
        """Return a declared table, its null tokens turned into nulls.

        Raises:
            UnreachedError: there is no such table, or it took too long.
            SourceError: it cannot be read; the reason names no path of the machine and
                quotes no data.
        """
        try:
            source = self._runner.run(partial(self._open, table, located))
            return with_nulls(source, table)
        except TableNotFound:
            msg = f"there is no table {located.shown}"
            raise UnreachedError(msg) from None
        except self.errors as error:
            raise self._refusal(error, located) from None

    def ask(self, expression: ir.Table) -> list[dict[str, Any]]:
        """Return the rows of a small result, as plain values.

        Raises:
            UnreachedError: it took too long, or the connection or a permission fails.
            SourceError: the engine refused; the reason quotes neither data nor paths.
        """
        try:
            return self._runner.run(partial(self._rows, expression))
        except self.errors as error:
            raise self._refusal(error) from None

    def close(self) -> None:
        """End the connection, unless a query that cannot be ended still uses it."""
        self._runner.stop()
        if not self._runner.is_busy:
            self._close()

    def interrupt(self) -> None:
        """Make a running query fail soon; may be called from another thread."""
        self._interrupt()

    def _refusal(self, error: Exception, located: Located | None = None) -> SourceError:
        """Return one of `errors` in words; without a place, a question was refused."""
        # The engine's own text may quote data and paths, so its kind must do.
        place = f"{located.shown} cannot be read: " if located else ""
        kind = type(error).__name__
        return SourceError(f"{place}the engine could not compute it ({kind})")

    @abstractmethod
    def _interrupt(self) -> None: ...

    @abstractmethod
    def _open(self, table: Table, located: Located) -> ir.Table: ...

    @abstractmethod
    def _rows(self, expression: ir.Table) -> list[dict[str, Any]]: ...

    @abstractmethod
    def _close(self) -> None: ...


# --- connecting ----------------------------------------------------------------------


def driver(module: str, extra: str) -> ModuleType:
    """Return an optional package's module.

    Raises:
        UnreachedError: it is not installed; names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        msg = f"the extra readybook[{extra}] is not installed"
        raise UnreachedError(msg) from None


def secret(variable: str | None, server: Server) -> str | None:
    """Return the value of a credential's environment variable; None: none is named.

    Raises:
        UnreachedError: the variable is not set.
    """
    if variable is None:
        return None
    value = os.environ.get(variable)
    if not value:
        msg = (
            f"the environment variable {variable} is not set, which the server "
            f"{server.server} needs"
        )
        raise UnreachedError(msg)
    return value


# --- tables and values ---------------------------------------------------------------


def type_text(kind: ibis_types.DataType) -> str:
    """Return a column's type in one line, as evidence keeps it."""
    raw = getattr(kind, "raw_type", None)
    return str(kind) if raw is None else f"unknown({raw.sql().lower()})"


def with_nulls(source: ir.Table, table: Table) -> ir.Table:
    """Return a source in which the declared null tokens of text columns are nulls."""
    changed = {
        column.name: without(source[column.name], column.null_tokens)
        for column in table.columns
        if column.null_tokens
        and column.name in source.columns
        and source[column.name].type().is_string()
    }
    return source.mutate(**changed) if changed else source


def without(value: ir.Value, tokens: Iterable[str]) -> ir.Value:
    """Return a text column in which some texts are nulls."""
    for token in sorted(tokens):
        value = value.nullif(token)
    return value


def as_plain(
    rows: Iterable[dict[str, Any]],
    schema: Any,  # noqa: ANN401 - Ibis ships no types
) -> list[dict[str, Any]]:
    """Return rows with the values that a schema promises.

    A driver may give a Decimal for a sum of whole numbers, a UUID for a text, or a time
    with an offset for one without.
    """
    return [
        {name: _plain(row[name], kind) for name, kind in schema.items()} for row in rows
    ]


def _plain(value: Any, kind: ibis_types.DataType) -> Any:  # noqa: ANN401 - of any type
    if value is None:
        return None
    if kind.is_integer():
        return int(value)
    if kind.is_floating():
        return float(value)
    if kind.is_timestamp() and isinstance(value, dt.datetime):
        return _at(value, is_instant=kind.timezone is not None)
    is_text = kind.is_string() or kind.is_uuid() or kind.is_inet() or kind.is_unknown()
    return str(value) if is_text else value


def _at(value: dt.datetime, *, is_instant: bool) -> dt.datetime:
    # Sessions are set to UTC, so a clock without an offset shows UTC.
    if is_instant and value.tzinfo is None:
        return value.replace(tzinfo=dt.UTC)
    if not is_instant and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value
