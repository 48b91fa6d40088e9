"""A folder for copies of rows that lasts as long as the run that made it.

A run that is killed can't remove its own; the next one does, so that no copy of a team's
rows stays behind. Whether a folder's run lives is told by a lock, which ends with it.
"""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":  # where nobody else sees temporary files
    import fcntl

_PREFIX = "readybook-rows-"


@contextlib.contextmanager
def spill_folder() -> Iterator[Path]:
    """Yield a private folder; those of runs that were killed are removed before."""
    _sweep()
    while True:
        made = Path(tempfile.mkdtemp(prefix=_PREFIX))
        with contextlib.ExitStack() as ends:
            ends.callback(shutil.rmtree, made, ignore_errors=True)
            try:
                _lock(made, ends)
            except BlockingIOError:
                continue  # another run takes it for one of the dead
            except OSError:  # a file system without locks, where none is removed
                pass
            if made.exists():
                yield made
                return


def _sweep() -> None:
    for one in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.ExitStack() as ends, contextlib.suppress(OSError):
            if sys.platform != "win32" and one.lstat().st_uid == os.getuid():
                _lock(one, ends)
                shutil.rmtree(one, ignore_errors=True)


def _lock(folder: Path, ends: contextlib.ExitStack) -> None:
    """Hold a folder until the end of what is entered.

    Raises:
        BlockingIOError: another run holds it.
        OSError: it is no folder, or cannot be locked.
    """
    if sys.platform != "win32":
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        ends.callback(os.close, held)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
