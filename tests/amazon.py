"""Servers on loopback that answer as AWS does: moto's, and one with a chosen refusal."""

from __future__ import annotations

import contextlib
import http.server
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3

_READY = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")


@contextlib.contextmanager
def moto() -> Iterator[str]:
    """Yield the address of moto's server, a process of its own."""
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            lines = iter(process.stderr.readline, "")
            ready = (_READY.search(line) for line in lines)
            address = next(found[1] for found in ready if found)
            # It writes a line for each request; nobody may let the pipe run full.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            yield address
        finally:
            process.terminate()


def make_bucket(address: str, name: str) -> Any:
    """Return a client of moto's server, on which this bucket was made."""
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",  # noqa: S106 - any will do
    )
    client.create_bucket(Bucket=name)
    return client


def ask_for_keys(address: str, *, after: float) -> None:
    """Let moto's server look at keys and signatures after so many requests."""
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{address}/moto-api/reset-auth",
        data=str(after).encode(),
        headers={"Content-Type": "text/plain"},
    )
    urllib.request.urlopen(request, timeout=10).close()  # noqa: S310


@contextlib.contextmanager
def refusing(
    code: str, message: str, status: int = 403, asked: list[str] | None = None
) -> Iterator[str]:
    """Yield the address of a server that answers every request with one refusal.

    The path of each request is added to `asked`.
    """
    paths = [] if asked is None else asked
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>'
        f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
        "</Error></ErrorResponse>"
    ).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            paths.append(self.path)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with _serving(Handler) as address:
        yield address


@contextlib.contextmanager
def listening(asked: list[str], sent: list[str] | None = None) -> Iterator[str]:
    """Yield the address of a server that knows nothing and notes each path asked.

    The headers of each request are added to `sent`.
    """
    headers = [] if sent is None else sent

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            headers.append(str(self.headers))
            self.send_error(404)

        do_HEAD = do_PUT = do_GET  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with _serving(Handler) as address:
        yield address


@contextlib.contextmanager
def holding(
    *keys: str,
    body: bytes,
    size: int | None = None,
    more: bool = False,
    cut: int | None = None,
) -> Iterator[str]:
    """Yield the address of a server that lists the same keys, whatever it is asked.

    Each of them has one content, and is listed with a size: that of the content. It may
    say of each list that there is more, and send less of a content than it announces.
    """
    size = len(body) if size is None else size
    rows = "".join(
        f"<Contents><Key>{key}</Key><Size>{size}</Size>"
        "<LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
        for key in keys
    )
    listed = (
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>b</Name><IsTruncated>{'true' if more else 'false'}</IsTruncated>"
        f"<NextContinuationToken>x</NextContinuationToken>{rows}</ListBucketResult>"
    ).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_list = "list-type" in self.path
            content = listed if is_list else body
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content if is_list else content[:cut])

        do_HEAD = do_GET  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            """Write nothing."""

    with _serving(Handler) as address:
        yield address


@contextlib.contextmanager
def _serving(handler: type[http.server.BaseHTTPRequestHandler]) -> Iterator[str]:
    handler.timeout = 5  # of a connection on which nobody says anything
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = False  # they are waited for
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
