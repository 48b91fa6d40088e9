"""Object storage: files of a bucket, copied for the run and read as those of a folder.

Arrow's own file systems list and read them; nothing is written. Keys come from the
variables that a contract names, if the person allows it, else from the platform's own
chain: it knows its own hosts, and is not asked for one that a contract names.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath, PureWindowsPath
from time import monotonic
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import ibis.expr.types as ir
import psutil
from pyarrow import fs

from readybook.measure.sources.credentials import login
from readybook.measure.sources.engine import Run
from readybook.measure.sources.files import FileEngine, check_room
from readybook.measure.sources.places import (
    Located,
    UnreachedError,
    files_below,
    format_of,
)
from readybook.model.contract import Server, Table
from readybook.model.errors import reason_of

_AT_ONCE = 8  #: files
_CHUNK = 8 * 2**20  #: bytes
_SECONDS_TO_CONNECT = 10.0
_SECONDS_TO_LIST = 60.0
_MOST_LISTED = 500_000_000  #: bytes of memory for it, of some million files
_SLICE = 0.1  #: seconds between two looks at it
_NOT_TESTED = "(not tested)"

#: Signs in a file system's text, and what they mean. The text names bucket and host.
_REFUSALS = {
    "ACCESS_DENIED": "its user may not read it",
    "INVALID_ACCESS_KEY_ID": "its user or key was refused",
    "SIGNATURE_DOES_NOT_MATCH": "its user or key was refused",
    "ExpiredToken": "its credentials have expired",
    "curlCode: 6,": "its host is not known",
    "curlCode: 7,": "nothing answers there",
    "curlCode: 18,": "it ends a file before the end that it announced",
    "imeout": "it did not answer in time",
    "SSL": "its certificate cannot be verified with those of this machine",
    "HTTP status 403": "its user may not read it",
    "HTTP status 301": "its bucket lies in another region (AWS_REGION)",
}


#: Lists a place. The library goes on for as long as a server says that there is more,
#: and hears of nothing meanwhile: so it is done by a process that can be ended, and that
#: ends with the one that waits for it.
_LIST = """
import json, os, sys, threading
from pyarrow import fs
kind, options, base = json.loads(sys.stdin.readline())
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
try:
    store = getattr(fs, kind)(**options)
    # First the list, whose refusal says why; the question for one file has none.
    below = fs.FileSelector(base, recursive=True, allow_not_found=True)
    found = store.get_file_info(below) or store.get_file_info([base])
    told = [[one.path, one.size or 0] for one in found if one.type == fs.FileType.File]
except (OSError, ValueError) as error:
    told = str(error)
json.dump(told, sys.stdout)
sys.stdout.flush()
os._exit(0)
"""


class _Listed(NamedTuple):
    """A file of a bucket."""

    path: str  #: with the bucket
    size: int  #: bytes


class _Store(NamedTuple):
    """How locations with one scheme are read."""

    #: Returns the name of a file system, what it is made from, and what a location has
    #: before its bucket.
    connect: Callable[[Server, frozenset[str]], tuple[str, dict[str, Any], str]]
    is_tested: bool = False


class StorageEngine(FileEngine):
    """Files of one place in object storage."""

    def __init__(self, run: Run, located: Located) -> None:
        """Take the credentials; connections are made as files are asked for.

        Raises:
            UnreachedError: credentials are missing, or not allowed for this host.
        """
        super().__init__(run, located)
        scheme = (self.server.path or "").partition("://")[0]
        store = STORES[scheme]
        if not store.is_tested:
            self.name = f"{self.name}, {scheme} {_NOT_TESTED}"
        try:
            kind, options, self._begin = store.connect(self.server, run.allowed)
            self._store, self._made = getattr(fs, kind)(**options), (kind, options)
        except (OSError, ValueError) as error:
            raise self._refused(error) from None

    def _open(self, table: Table, located: Located) -> ir.Table:
        path = (self.server.path or "").replace("{model}", table.location)
        bucket, _, pattern = (
            path.partition("://")[2].removeprefix(self._begin).partition("/")
        )
        home = Path(tempfile.mkdtemp(dir=self.run.spill))
        try:
            found = list(self._found(bucket, PurePosixPath(pattern)))
            if not found:
                msg = f"there is no file {located.shown}"
                raise UnreachedError(msg)
            keys = [one.path.removeprefix(f"{bucket}/") for one in found]
            places = [place for key in keys if (place := place_below(home, key))]
            if len(places) < len(found):
                raise self._astray()
            check_room(sum(one.size for one in found), home)
            with ThreadPoolExecutor(_AT_ONCE) as pool:
                list(pool.map(self._copy, found, places))
        except (OSError, ValueError) as error:
            raise self._refused(error) from None
        holder = f"the bucket of the server {self.server.server}"
        here = files_below(self.server, table, pattern, home, holder)
        here = replace(here, shown=located.shown)
        try:
            return super()._open(table, here)
        except self.errors as error:
            raise self._refusal(error, here) from None

    def _found(self, bucket: str, pattern: PurePosixPath) -> Iterator[_Listed]:
        """Yield the files that a pattern names, or that lie in a folder it names."""
        plain = itertools.takewhile(
            lambda part: not set("*?[") & set(part), pattern.parts
        )
        base = "/".join([bucket, *plain])
        for info in self._listed(base):
            if not f"{info.path}/".startswith(f"{base}/"):
                raise self._astray()
            parts = PurePosixPath(info.path).parts[1:]
            pairs = itertools.takewhile(
                lambda pair: pair[1] != "**", zip(parts, pattern.parts, strict=False)
            )
            is_named = len(parts) == len(pattern.parts)
            is_logged = self.server.format in _LOGGED
            is_data = is_named or is_logged or format_of(Path(info.path))
            is_wanted = is_data and all(fnmatchcase(*pair) for pair in pairs)
            if is_wanted:
                yield info

    def _listed(self, base: str) -> list[_Listed]:
        """Return all files at a place and below it.

        Raises:
            OSError: the server refused.
            UnreachedError: it goes on for too long, or has too many.
        """
        end, words = monotonic() + _SECONDS_TO_LIST, [sys.executable, "-P", "-c", _LIST]
        with (
            tempfile.TemporaryFile(dir=self.run.spill) as told,
            subprocess.Popen(  # noqa: S603 - our own program, constant words
                words, stdin=subprocess.PIPE, stdout=told, stderr=subprocess.DEVNULL
            ) as lists,
        ):
            try:
                if lists.stdin:
                    lists.stdin.write(f"{json.dumps([*self._made, base])}\n".encode())
                    lists.stdin.flush()
                while lists.poll() is None:
                    with suppress(subprocess.TimeoutExpired):
                        lists.wait(_SLICE)
                    if self.stopped.is_set():
                        raise self.limit.passed()
                    if monotonic() > end or _held(lists.pid) > _MOST_LISTED:
                        name = self.server.server
                        msg = f"the server {name} lists more and more files: its list had "
                        msg += "no end yet; name a folder of it with fewer"
                        raise UnreachedError(msg)
            finally:
                lists.kill()
            told.seek(0)
            found = json.loads(told.read() or '"it ended"')
        if isinstance(found, str):
            raise OSError(found)
        return [_Listed(*one) for one in found]

    def _copy(self, listed: _Listed, target: Path) -> None:
        if self.stopped.is_set():
            raise self.limit.passed()
        target.parent.mkdir(parents=True, exist_ok=True)
        left = listed.size  # there is room for it; a server may send without end
        source = self._store.open_input_stream(listed.path, compression=None)
        # "x": two keys may be one name for this machine, such as "a" and "A".
        with source, target.open("xb") as file:
            while left >= 0 and (chunk := source.read(_CHUNK)):
                if self.stopped.is_set():
                    raise self.limit.passed()
                left -= file.write(chunk)
        if left:
            msg = (
                f"the server {self.server.server} sends a file with another number of "
                "bytes than it lists; measure once nobody writes there"
            )
            raise UnreachedError(msg)

    def _astray(self) -> UnreachedError:
        name = self.server.server
        return UnreachedError(
            f"the server {name} lists files that are not below its path"
        )

    def _refused(self, error: OSError | ValueError) -> UnreachedError:
        known = (words for sign, words in _REFUSALS.items() if sign in str(error))
        kind = reason_of(error) if isinstance(error, OSError) else type(error).__name__
        return self._not_reached(next(known, f"it refused ({kind})"), "read")


def _held(process: int) -> int:
    """Return the bytes of memory that a process holds; 0: it has ended."""
    with suppress(psutil.NoSuchProcess):
        return int(psutil.Process(process).memory_info().rss)
    return 0


def place_below(home: Path, key: str) -> Path | None:
    """Return where a file of a bucket is copied to; None: not below the folder.

    A server may list any key; none is taken that some platform reads as more than names
    of folders and a file.
    """
    parts = key.split("/")
    place = home.joinpath(*parts)
    are_names = all(one and PureWindowsPath(one).name == one != ".." for one in parts)
    is_below = are_names and place.resolve().is_relative_to(home.resolve())
    return place if is_below else None


_LOGGED = {"delta", "iceberg"}  # formats whose log has other files than those of rows


def _s3(server: Server, allowed: frozenset[str]) -> tuple[str, dict[str, Any], str]:
    place, key, secret = login(server, allowed)
    if (key is None) != (secret is None):
        msg = f"the server {server.server} names one half of a key: name both, or none"
        raise UnreachedError(msg)
    bucket = urlsplit(server.path or "").netloc
    options: dict[str, Any] = {"access_key": key, "secret_key": secret}
    if server.host:
        scheme = "http" if server.host.startswith("http:") else "https"
        if scheme == "http" and key and not place.is_here:
            msg = f"the server {server.server} has no TLS, so no key is sent to it"
            raise UnreachedError(msg)
        # The platform's own chain knows nothing of a host that a contract names.
        options |= {
            "endpoint_override": str(place),
            "scheme": scheme,
            "anonymous": not key,
        }
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region is None:
        region = "us-east-1" if server.host else fs.resolve_s3_region(bucket)
    options |= {"region": region, "connect_timeout": _SECONDS_TO_CONNECT}
    return "S3FileSystem", options, ""


def _gcs(server: Server, _allowed: frozenset[str]) -> tuple[str, dict[str, Any], str]:
    _check_own_chain(server)
    return "GcsFileSystem", {}, ""


def _azure(server: Server, _allowed: frozenset[str]) -> tuple[str, dict[str, Any], str]:
    _check_own_chain(server)
    host = urlsplit(server.path or "").netloc
    account, dot, domain = host.partition(".")
    if not dot or not domain.endswith("core.windows.net"):
        msg = f"the location of server {server.server} names no account of Azure"
        raise UnreachedError(msg)
    return "AzureFileSystem", {"account_name": account}, f"{host}/"


def _check_own_chain(server: Server) -> None:
    if server.user_variable or server.password_variable:
        msg = (
            f"the server {server.server} is read with the credentials of its platform: "
            "log in with its own program, and name no variable"
        )
        raise UnreachedError(msg)


#: By the scheme of a location. What has no test says so.
STORES = {
    "s3": _Store(_s3, is_tested=True),
    "az": _Store(_azure),
    "abfss": _Store(_azure),
    "gs": _Store(_gcs),
}
