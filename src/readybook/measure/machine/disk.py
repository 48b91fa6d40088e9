"""Room on disk and how fast it is written, where a job would work."""

from __future__ import annotations

import errno
import os
import platform
import secrets
import shutil
import tempfile
import time
from pathlib import Path

from readybook.measure.machine.facts import denied_fact, gib, read_fact, unseen_fact
from readybook.model.findings import MachineFact

__all__ = ["FACTS", "disk_facts"]

FACTS = ("disk-free", "inodes-free", "disk-write", "temp-free", "shm-free")
_SHM = Path("/dev/shm")  # noqa: S108 - only its size is asked
_MIB = 2**20
_WRITTEN_MIB = 64  #: in all
_BLOCK_MIB = 8
_SECONDS = 3.0  #: after these a slow disk has told enough
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def disk_facts(
    folder: Path, *, shm: Path = _SHM, system: str = platform.system()
) -> list[MachineFact]:
    """Return free space (GiB), free inodes and write rate (MiB/s) of folders.

    Free is what this user may fill, which is less than what is not used. A file of at
    most 64 MiB is written to the working folder, flushed to the disk and removed.

    Args:
        folder: where a job would work.
        shm: shared memory of processes.
        system: as `platform.system` names it.
    """
    try:
        temporary: Path | None = Path(tempfile.gettempdir())
    except OSError:
        temporary = None
    return [
        _free("disk-free", folder, "the working folder"),
        _inodes(folder, system),
        _write_rate(folder),
        _free("temp-free", temporary, "the temporary folder"),
        _free("shm-free", shm, str(_SHM)),
    ]


def _free(name: str, folder: Path | None, how: str) -> MachineFact:
    try:
        if folder is None:
            return unseen_fact(name, how, "no temporary folder can be written")
        return read_fact(name, gib(shutil.disk_usage(folder).free), "GiB", how)
    except PermissionError:
        return denied_fact(name, how)
    except FileNotFoundError:
        return unseen_fact(name, how, "there is none on this machine")
    except OSError as error:
        return unseen_fact(name, how, f"it did not answer ({type(error).__name__})")


def _inodes(folder: Path, system: str) -> MachineFact:
    name, how = "inodes-free", "the working folder"
    if system == "Windows":
        return unseen_fact(name, how, f"{system} does not count them")
    try:
        told = os.statvfs(folder)
    except OSError as error:
        return unseen_fact(name, how, f"it did not answer ({type(error).__name__})")
    if not told.f_files:
        return unseen_fact(name, how, "this file system does not count them")
    return read_fact(name, told.f_favail, "inodes", how)


def _write_rate(folder: Path) -> MachineFact:
    name, how = "disk-write", "a file in the working folder, written and flushed"
    try:
        # It must not be this probe that fills a disk on which others write.
        if shutil.disk_usage(folder).free < 2 * _WRITTEN_MIB * _MIB:
            why = "less than 128 MiB are free, so no file was written"
            return unseen_fact(name, how, why)
        rate, written = _write(folder)
    except PermissionError:
        return denied_fact(name, how, "this process may not write there")
    except OSError as error:
        if error.errno == errno.EROFS:
            return denied_fact(name, how, "the file system is read-only")
        why = "there is no space left" if error.errno in _NO_SPACE else "it failed"
        return unseen_fact(name, how, f"{why} ({type(error).__name__})")
    return read_fact(name, rate, "MiB/s", f"{how}: {written} MiB")


def _write(folder: Path) -> tuple[float, int]:
    """Return MiB/s and MiB of a file that is gone at the end, whatever happens."""
    block = secrets.token_bytes(_BLOCK_MIB * _MIB)  # nothing that can be packed
    size, written, seconds = 1, 0, 0.0
    with tempfile.TemporaryFile(dir=folder, prefix=".probe-", buffering=0) as stream:
        begun = time.perf_counter()
        while written < _WRITTEN_MIB and seconds < _SECONDS:
            stream.write(block[: size * _MIB])
            os.fsync(stream.fileno())
            written += size
            seconds = time.perf_counter() - begun
            # A block larger than a second's worth would take too long.
            is_slow = written / seconds < _BLOCK_MIB
            size = 1 if is_slow else min(_BLOCK_MIB, _WRITTEN_MIB - written)
    return round(written / seconds, 1), written
