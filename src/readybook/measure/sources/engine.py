"""What every engine offers, under limits of time and memory, with answers alike from all."""

import contextlib
import errno
import importlib.util
import re
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial, reduce
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from types import ModuleType
from typing import Any, NamedTuple, TypeVar

import duckdb
import ibis.expr.datatypes as ibis_types
import ibis.expr.types as ir
import pyarrow as pa
from ibis.common.exceptions import IbisError, TableNotFound
from pyarrow.lib import ArrowException

from readybook.measure.sources.places import (
    EXTRAS,
    Located,
    UnreachedError,
    not_installed,
    took_too_long,
)
from readybook.model.contract import Server, Table
from readybook.model.errors import SourceError
from readybook.model.findings import NOTHING

T = TypeVar("T")

#: A wait in one piece would not see Ctrl-C on Windows before it ends.
_SLICE = 0.1
_GRACE = 5.0  # seconds for an interrupted query to end
_FULL = {errno.ENOSPC, errno.EDQUOT}
#: What files are on that no server names.
_FILES = Server(server="files", type="local")
_INCOMING = "incoming"  # what is registered with the engine while it is written


@dataclass(frozen=True)
class Limits:
    """What the measuring of one source may take."""

    memory: str = "512MB"  #: of the embedded engine; what is more is spilled to disk
    seconds: float = 600.0  #: for all queries together


LIMITS = Limits()


class Part(NamedTuple):
    """Files of one table that have the same columns."""

    columns: Sequence[str]
    files: int
    rows: int


class Missing(NamedTuple):
    """A column that only some files of a table have."""

    files: int  #: that lack it
    of_files: int
    rows: int  #: in those files
    of_rows: int


class Amiss(NamedTuple):
    """Values of a column of texts that are not of its declared type."""

    values: int
    rows: tuple[int, ...]  #: the first of them, 1-based


@dataclass(frozen=True)
class Reading:
    """What was seen, left out or changed in reading a source."""

    left_out: int = 0  #: lines
    notes: tuple[str, ...] = ()  #: clauses; they quote no data
    partly: Mapping[str, Missing] = field(default_factory=dict)  #: by column
    amiss: Mapping[str, Amiss] = field(default_factory=dict)  #: by column
    unread: str = ""  #: why many files were not looked into, where rows are files
    mark: str = NOTHING  #: fingerprint, where only reading could make one


class Copy(NamedTuple):
    """Rows of a table that are to become one Parquet file of the run's own."""

    con: duckdb.DuckDBPyConnection
    table: Table
    located: Located
    target: Path
    is_over: Callable[[], bool] = lambda: False  #: whether nobody waits any more


def partly(parts: Sequence[Part]) -> dict[str, Missing]:
    """Return the columns that only some of the parts have."""
    files, rows = sum(one.files for one in parts), sum(one.rows for one in parts)
    found = {}
    for name in dict.fromkeys(name for one in parts for name in one.columns):
        without = [one for one in parts if name not in one.columns]
        if without:
            lacking = sum(one.files for one in without)
            found[name] = Missing(
                lacking, files, sum(one.rows for one in without), rows
            )
    return found


class MemoryLimitError(UnreachedError):
    """A question needs more memory than the engine may hold, also with spilling."""


def driver(kind: str, module: str = "") -> ModuleType:
    """Return the module that a format or a type of server needs, or one below it.

    Raises:
        UnreachedError: it is not installed; names the extra that brings it.
    """
    name, _ = EXTRAS[kind]
    try:
        return importlib.import_module(f"{name}{module}")
    except (ImportError, OSError):  # a library that it loads may be missing
        raise not_installed(kind) from None


class TimeLimit:
    """How long the queries of one source may take together, in seconds."""

    def __init__(self, seconds: float = LIMITS.seconds) -> None:
        """Keep the limit; outside of `counted` each query has all of it."""
        self.seconds = seconds
        self._end: float | None = None

    @property
    def end(self) -> float:
        """Return when a query that begins now must have ended, on `monotonic`."""
        return self._end if self._end is not None else monotonic() + self.seconds

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count all queries inside of the block together."""
        self._end = self.end
        try:
            yield
        finally:
            self._end = None

    def passed(self) -> UnreachedError:
        """Return the error that says that the limit has passed."""
        return took_too_long(self.seconds)


class Run(NamedTuple):
    """What all engines of one run of measuring share."""

    limit: TimeLimit
    spill: Path  #: folder for what is too much for the memory
    memory: str = LIMITS.memory  #: that an embedded engine may hold
    allowed: frozenset[str] = frozenset()  #: what may be sent, see `credentials`


def _finish(work: Callable[[], T], done: Future[T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
        done.set_exception(error)


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

    def __init__(self, run: Run, located: Located) -> None:
        """Keep the limits, and the server of the place that it is started for."""
        self.run, self.limit = run, run.limit
        self.server = located.server or _FILES
        #: what reading each table met with, by its name
        self.readings: dict[str, Reading] = {}
        #: set once the work that runs is waited for no more: it should end
        self.stopped = Event()
        self._last: Future[Any] | None = None

    def open(self, table: Table, located: Located) -> ir.Table:
        """Return a declared table, its null tokens turned into nulls.

        Raises:
            UnreachedError: there is no such table, or it took too long.
            SourceError: it cannot be read; the reason names no path of the machine and
                quotes no data.
        """
        try:
            source = _trimmed(self._run(partial(self._open, table, located)))
            return without_tokens(source, table)
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
            return self._run(partial(self._rows, expression))
        except self.errors as error:
            raise self._refusal(error) from None

    def close(self) -> None:
        """End the connection, unless a query that cannot be ended still uses it."""
        self._stop()
        if not self._is_busy:
            self._close()

    def _run(self, work: Callable[[], T]) -> T:
        """Return what a piece of work returns; what it raises is raised here.

        It is done in a thread beside which this one waits: engines wait in code that
        hears of neither a limit nor Ctrl-C.

        Raises:
            UnreachedError: the limit has passed, or the engine is still busy with what
                passed it before: it must not be asked from two threads.
            KeyboardInterrupt: Ctrl-C was pressed; the engine was interrupted.
        """
        end = self.limit.end
        if monotonic() >= end or self._is_busy:
            raise self.limit.passed()
        done = self._last = Future[T]()
        self.stopped.clear()
        try:
            Thread(target=_finish, args=(work, done), daemon=True).start()
            while not done.done() and (left := end - monotonic()) > 0:
                wait([done], timeout=min(_SLICE, left))
        except BaseException:
            self._stop()
            raise
        if not done.done():
            self._stop()
            raise self.limit.passed()
        return done.result()

    @property
    def _is_busy(self) -> bool:
        return self._last is not None and not self._last.done()

    def _stop(self) -> None:
        """Make the engine give up, which it may not do: see `_is_busy` then."""
        self.stopped.set()
        # Again and again: an interrupt before the query has begun is lost.
        end = monotonic() + _GRACE
        while self._last is not None and self._is_busy and monotonic() < end:
            with contextlib.suppress(Exception):
                self._interrupt()
            wait([self._last], timeout=_SLICE)

    def _not_reached(self, why: str, what: str = "reached") -> UnreachedError:
        """Return in words that the server could not be reached, or read."""
        told = f"the server {self.server.server} could not be {what}: {why}"
        return UnreachedError(told)

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

    def _close(self) -> None:
        self.backend.disconnect()


def _trimmed(source: ir.Table) -> ir.Table:
    """Return a table whose columns' names have no blanks at their ends, and a sign.

    A contract's names have none, so that no column could be named otherwise.
    """
    names = dict[str, str]()
    for at, given in enumerate(source.columns, 1):
        name = given.strip() or f"column{at}"
        if name != given and name not in source.columns and name not in names:
            names[name] = given
    return source.rename(names) if names else source


@contextmanager
def library(what: str) -> Iterator[None]:
    """Turn whatever a library raises at reading a file into a SourceError.

    It says what is amiss and names the error's class: its text may quote data.
    """
    try:
        yield
    except SourceError:
        raise
    except Exception as error:  # noqa: BLE001 - libraries raise what they like
        if is_full(error):
            raise no_room() from None
        kind = type(error)
        name = f"{kind.__module__}.{kind.__name__}".removeprefix("builtins.")
        msg = f"{what} ({name})"
        raise SourceError(msg) from None


def write_rows(
    con: duckdb.DuckDBPyConnection,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    target: Path,
) -> None:
    """Write batches into one Parquet file, while half of the room for them is left.

    Raises:
        UnreachedError: there is no more room: what is sent may have no end.
        Exception: as the batches raise it.
    """
    least = shutil.disk_usage(target.parent).free // 2
    failed: list[Exception] = []  # which the engine turns into an error of its own

    def bounded() -> Iterator[pa.RecordBatch]:
        try:
            for batch in batches:
                _check_left(target.parent, least)
                yield batch
        except Exception as error:
            failed.append(error)
            raise

    con.register(_INCOMING, pa.RecordBatchReader.from_batches(schema, bounded()))
    try:
        con.execute(f"COPY (FROM {_INCOMING}) TO $1 (FORMAT parquet)", [str(target)])
    except duckdb.Error:
        target.unlink(missing_ok=True)
        if failed:
            raise failed[0] from None
        raise


def is_full(error: Exception) -> bool:
    """Return whether an error says that a disk is full, which no source is to blame for."""
    number = error.errno if isinstance(error, OSError) else None
    return number in _FULL or "No space left on device" in str(error)


def no_room() -> UnreachedError:
    """Return the error that says that the disk for temporary files is full."""
    return UnreachedError(
        "there is no room for its temporary files (set TMPDIR to a larger disk)"
    )


def _check_left(folder: Path, least: int) -> None:
    if shutil.disk_usage(folder).free < least:
        msg = (
            "it needs more than half of the room for temporary files "
            "(set TMPDIR to a larger disk)"
        )
        raise UnreachedError(msg)


def escaped(file: Path) -> str:
    """Return a path that an engine of files, which reads each as a pattern, finds."""
    # A folder may be called "a [b]"; a character in brackets stands for itself.
    return re.sub(r"([\[*?])", r"[\1]", str(file))


def type_text(kind: ibis_types.DataType) -> str:
    """Return a column's type in one line, as evidence keeps it."""
    raw = getattr(kind, "raw_type", None)
    return str(kind) if raw is None else f"unknown({raw.sql().lower()})"


def without_tokens(source: ir.Table, table: Table) -> ir.Table:
    """Return a table whose columns of texts have nulls for their null tokens."""
    changed = {}
    for column in table.columns:
        name, tokens = column.name, sorted(column.null_tokens)
        if tokens and name in source.columns and source[name].type().is_string():
            changed[name] = reduce(ir.Value.nullif, tokens, source[name])
    return source.mutate(**changed) if changed else source
