"""A stranger's PostgreSQL server on loopback that writes down all that it is sent."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_TLS, _GSS = 80877103, 80877104  # what asks whether the line can be encrypted
_WANT_PASSWORD = b"R" + struct.pack("!II", 8, 3)  # in plain text


@dataclass
class Listener:
    """What was sent, a record for each message, until the block ends."""

    port: int
    sent: list[bytes] = field(default_factory=list)

    @property
    def text(self) -> bytes:
        """Return all that was sent in one piece."""
        return b"".join(self.sent)


@contextlib.contextmanager
def listening() -> Iterator[Listener]:
    """Yield a server that has no TLS, asks for the password and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(server.getsockname()[1])
        threading.Thread(target=_serve, args=(server, listener), daemon=True).start()
        yield listener
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, listener: Listener) -> None:
    with contextlib.suppress(OSError):  # it was closed
        while True:
            client, _ = server.accept()
            with client:
                client.settimeout(5)
                with contextlib.suppress(OSError):
                    _answer(client, listener)


def _answer(client: socket.socket, listener: Listener) -> None:
    while message := client.recv(65_536):
        listener.sent.append(message)
        asks = len(message) == 8 and struct.unpack("!II", message)[1]
        if asks in {_TLS, _GSS}:
            client.sendall(b"N")
        elif message[:1] == b"p":
            return
        else:
            client.sendall(_WANT_PASSWORD)
