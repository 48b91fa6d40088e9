"""Whether declared endpoints answer; nothing is sent to them.

A connection is opened and closed. Proxies are not used: through one, an answer would
be the proxy's own.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Literal, TypeVar

from readybook.model.findings import Reach
from readybook.model.resources import Endpoint

__all__ = ["SECONDS", "in_time", "reach"]

SECONDS = 3.0  #: for an endpoint's name, connection and handshake together
_GRACE = 0.2  #: s, in which an answer that came at the last moment is handed over

State = Literal["reached", "refused", "timed out", "no route", "no name", "no tls"]
_T = TypeVar("_T")


def in_time(calls: Sequence[Callable[[], _T]], seconds: float) -> list[_T | None]:
    """Return what each call returned, None where it took longer; all run at once.

    Looking up a name knows no time limit, so nobody waits for the threads left over.
    """
    done: queue.SimpleQueue[tuple[int, _T]] = queue.SimpleQueue()

    def run(place: int, call: Callable[[], _T]) -> None:
        done.put((place, call()))

    end = time.monotonic() + seconds + _GRACE
    for place, call in enumerate(calls):
        threading.Thread(target=run, args=(place, call), daemon=True).start()
    found: dict[int, _T] = {}
    while len(found) < len(calls):
        try:
            place, value = done.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            break
        found[place] = value
    return [found.get(place) for place in range(len(calls))]


def reach(endpoints: Iterable[Endpoint], seconds: float = SECONDS) -> list[Reach]:
    """Return whether each endpoint answers, sorted; all are tried at once.

    Args:
        endpoints: what was declared; one that is declared twice is tried once.
        seconds: that each of them has.
    """
    key = {(one.host, one.port, one.tls): one for one in endpoints}
    wanted = [key[place] for place in sorted(key)]
    end = time.monotonic() + seconds
    states = in_time([partial(_try, one, end) for one in wanted], seconds)
    return [
        Reach(host=one.host, port=one.port, tls=one.tls, state=state or "timed out")
        for one, state in zip(wanted, states, strict=True)
    ]


def _try(endpoint: Endpoint, end: float) -> State:
    try:
        found = socket.getaddrinfo(
            endpoint.host, endpoint.port, type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError):
        return "no name"
    states: list[State] = []
    for _family, _type, _protocol, _name, address in found:
        states.append(_connect(str(address[0]), endpoint, end))
        if states[-1] == "reached":
            return "reached"
    # An address of a family that this machine lacks says less than one that answered.
    return next((state for state in states if state != "no route"), "no route")


def _connect(address: str, endpoint: Endpoint, end: float) -> State:
    left = max(0.01, end - time.monotonic())
    try:
        with socket.create_connection((address, endpoint.port), left) as plain:
            if endpoint.tls:
                return _shake_hands(plain, endpoint.host, end)
            return "reached"
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "timed out"
    except OSError:
        return "no route"


def _shake_hands(plain: socket.socket, host: str, end: float) -> State:
    """Return whether a TLS handshake succeeds, with a certificate that is trusted."""
    plain.settimeout(max(0.01, end - time.monotonic()))
    try:
        context = ssl.create_default_context()
        with context.wrap_socket(plain, server_hostname=host):
            return "reached"
    except TimeoutError:
        return "timed out"
    except (OSError, ValueError):
        return "no tls"
