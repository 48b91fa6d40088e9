"""Let a query run for so long and no longer, and let Ctrl-C end it at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from time import monotonic
from typing import Any, TypeVar

from readybook.model.errors import SourceError

__all__ = [
    "LIMITS",
    "Limits",
    "MemoryLimitError",
    "Runner",
    "TimeLimit",
    "UnreachedError",
]

T = TypeVar("T")

#: A wait in one piece would not see Ctrl-C on Windows before it ends.
_SLICE = 0.1
_GRACE = 5.0  # seconds for an interrupted query to end


@dataclass(frozen=True)
class Limits:
    """What the measuring of one source may take."""

    memory: str = "512MB"  #: of the embedded engine; what is more is spilled to disk
    seconds: float = 600.0  #: for all queries together


LIMITS = Limits()


class UnreachedError(SourceError):
    """What was to be read is out of reach, so nothing is said about its content."""


class MemoryLimitError(SourceError):
    """A question needs more memory than the engine may hold, also with spilling."""


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
        return UnreachedError(f"it took longer than {self.seconds:g} s (time limit)")


class Runner:
    """Asks one engine, in a thread beside which this one waits.

    The engines wait in code that hears of neither a limit nor Ctrl-C.
    """

    def __init__(self, limit: TimeLimit, interrupt: Callable[[], None]) -> None:
        """Keep the limit, and what makes the engine give up; may be called again."""
        self._limit = limit
        self._interrupt = interrupt
        self._last: Future[Any] | None = None

    def run(self, work: Callable[[], T]) -> T:
        """Return what a piece of work returns; what it raises is raised here.

        Raises:
            UnreachedError: the limit has passed, or the engine is still busy with what
                passed it before: it must not be asked from two threads.
            KeyboardInterrupt: Ctrl-C was pressed; the engine was interrupted.
        """
        end = self._limit.end
        if monotonic() >= end or self.is_busy:
            raise self._limit.passed()
        done = self._last = Future[T]()
        try:
            Thread(target=_finish, args=(work, done), daemon=True).start()
            has_ended = _ended(done, end)
        except BaseException:
            self.stop()
            raise
        if not has_ended:
            self.stop()
            raise self._limit.passed()
        return done.result()

    @property
    def is_busy(self) -> bool:
        """Return whether the engine is at work."""
        return self._last is not None and not self._last.done()

    def stop(self) -> None:
        """Make the engine give up, which it may not do: see `is_busy` then."""
        # Again and again: an interrupt before the query has begun is lost.
        end = monotonic() + _GRACE
        while self._last is not None and self.is_busy and monotonic() < end:
            with contextlib.suppress(Exception):
                self._interrupt()
            wait([self._last], timeout=_SLICE)


def _finish(work: Callable[[], T], done: Future[T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
        done.set_exception(error)


def _ended(done: Future[T], end: float) -> bool:
    while not done.done() and (left := end - monotonic()) > 0:
        wait([done], timeout=min(_SLICE, left))
    return done.done()
