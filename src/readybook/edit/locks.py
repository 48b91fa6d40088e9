"""One lock for each file that is saved, between threads and between processes."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from readybook.edit.outcomes import NotSavedError

__all__ = ["locked"]

_FOLDER = Path(".readybook", "locks")
_PATIENCE = 10.0  #: seconds; a save takes a few hundredths of one
_POLL = 0.003  #: seconds between two looks at a lock that another process holds

_guard = threading.Lock()
_threads: dict[str, threading.Lock] = {}


@contextlib.contextmanager
def locked(folder: Path, name: str, *, patience: float = _PATIENCE) -> Iterator[None]:
    """Hold the lock of one file of an assessment.

    The lock is a file of its own, below `.readybook/locks`: the file that is saved is
    replaced, so a lock on it would be a lock on what is gone.

    Args:
        folder: of the assessment.
        name: of the file, relative to the folder.
        patience: seconds to wait for whoever holds it.

    Raises:
        NotSavedError: another program held it for that long.
        OSError: the lock cannot be made.
    """
    path = _lock_file(folder, name)
    with _guard:
        own = _threads.setdefault(str(path), threading.Lock())
    if not own.acquire(timeout=patience):
        raise _busy(name, patience)
    try:
        # Threads wait above, where they are woken; only processes have to look.
        lock = FileLock(path, poll_interval=_POLL)
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            raise _busy(name, patience) from None
        try:
            yield
        finally:
            lock.release()
    finally:
        own.release()


def _lock_file(folder: Path, name: str) -> Path:
    home = folder.resolve() / _FOLDER
    if not home.is_dir():
        home.parent.mkdir(
            exist_ok=True
        )  # without parents: the folder itself must exist
        home.mkdir(exist_ok=True)
        # Locks are of this machine and of the moment: no version control wants them.
        (home / ".gitignore").write_text("*\n", encoding="utf-8")
    return home / f"{name.replace('/', '-')}.lock"


def _busy(name: str, patience: float) -> NotSavedError:
    return NotSavedError(
        name, f"another program that has been writing it for {patience:g} seconds",
        "a file that is free", "wait until it is done, then save again",
    )  # fmt: skip
