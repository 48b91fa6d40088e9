"""Run a program and say how long it took and how much memory it had at its peak.

Only the standard library is used here and in what imports it: a process counts the
memory of the one that started it until its own program begins, so that one stays small.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ran", "run_apart", "run_timed"]

#: `ru_maxrss` is in bytes on macOS and in KiB elsewhere.
_UNIT = 1 if sys.platform == "darwin" else 1024
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of Linux


@dataclass(frozen=True)
class Ran:
    """One run of a program."""

    seconds: float  #: by the clock on the wall, start of the process included
    peak: int  #: bytes of memory held at once, of the largest of its processes
    printed: str  #: on standard output
    failed: str | None  #: how it ended and its last line, where it did not go well
    busy: float = 0.0  #: seconds of CPUs, of all of its threads

    @property
    def megabytes(self) -> float:
        """Return the peak in MB, a million bytes each."""
        return self.peak / 1e6


def run_timed(command: Sequence[str], folder: Path) -> Ran:
    """Run a program in a folder, to its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=err)
        # Unlike Popen.wait, this returns what this one process used.
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        printed, complaint = (stream.read().decode() for stream in (out, err))
    failed = None
    if process.returncode:
        last = (complaint.strip().splitlines() or [""])[-1]
        failed = f"{_ending(process.returncode)} {last}".strip()
    busy = usage.ru_utime + usage.ru_stime
    return Ran(seconds, usage.ru_maxrss * _UNIT, printed, failed, busy)


def run_apart(call: Callable[[], object]) -> Ran:
    """Run a function in a process of its own, and count all that it starts.

    Linux only: what outlives the one that started it comes back to that process.
    """
    start = time.perf_counter()
    child = os.fork()
    if not child:
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
        try:
            call()
            while True:
                os.wait()
        except ChildProcessError:
            os._exit(0)
        except BaseException:  # noqa: BLE001 - the copy of the caller goes no further
            traceback.print_exc()
            os._exit(1)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    busy = usage.ru_utime + usage.ru_stime
    return Ran(time.perf_counter() - start, usage.ru_maxrss * _UNIT, "",
               _ending(code) if code else None, busy)  # fmt: skip


def _ending(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"exit code {code}:"
