"""A stranger's PostgreSQL server on loopback that writes down all that it is sent."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_TLS, _GSS = 80877103, 80877104  # what asks whether the line can be encrypted
PASSWORD, GSS, SSPI = 3, 7, 9  # what it may want: plain text, a ticket


@dataclass
class Listener:
    """What was sent, a record for each message, until the block ends."""

    port: int
    wants: int
    encrypts: bool
    sent: list[bytes] = field(default_factory=list)

    @property
    def text(self) -> bytes:
        """Return all that was sent in one piece."""
        return b"".join(self.sent)

    def answer(self, client: socket.socket) -> None:
        """Write down what a client sends until it has said who it is."""
        while message := client.recv(65_536):
            self.sent.append(message)
            asks = len(message) == 8 and struct.unpack("!II", message)[1]
            if asks in {_TLS, _GSS}:
                client.sendall(b"S" if self.encrypts and asks == _TLS else b"N")
            elif message[:1] == b"p":
                return
            else:
                client.sendall(b"R" + struct.pack("!II", 8, self.wants))


@contextlib.contextmanager
def listening(wants: int = PASSWORD, *, encrypts: bool = False) -> Iterator[Listener]:
    """Yield a server that asks who is calling and then hangs up.

    That it encrypts it only says.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(server.getsockname()[1], wants, encrypts)
        thread = threading.Thread(target=_serve, args=(server, listener))
        thread.start()
        try:
            yield listener
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(server: socket.socket, listener: Listener) -> None:
    with contextlib.suppress(OSError):  # it was closed
        while True:
            client, _ = server.accept()
            with client, contextlib.suppress(OSError):
                client.settimeout(5)
                listener.answer(client)
