"""Whether endpoints answer, against real servers of this machine."""

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from readybook.measure.machine.network import in_time, reach
from readybook.model.resources import Endpoint

HOST = "127.0.0.1"


@contextlib.contextmanager
def listening(serve):
    """Yield the port of a server whose connections `serve` is given."""
    with socket.create_server((HOST, 0)) as server:

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    serve(server.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]


def state(port, *, host=HOST, tls=False, seconds=3.0):
    return reach([Endpoint(host=host, port=port, tls=tls)], seconds)[0].state


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate and its key for this machine's own address."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl, which makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    paths = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
         "-subj", "/CN=test", "-addext", f"subjectAltName=IP:{HOST}",
         "-out", paths[0], "-keyout", paths[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return paths


@contextlib.contextmanager
def secured(certificate):
    """Yield the port of a server that speaks TLS with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def serve(connection):
        with contextlib.suppress(OSError):
            context.wrap_socket(connection, server_side=True).close()

    with listening(serve) as port:
        yield port


def test_server_is_reached_and_nothing_is_sent_to_it():
    """The connection is opened and closed; the server reads its end at once."""
    read = []
    done = threading.Event()

    def serve(connection):
        with connection:
            read.append(connection.recv(100))
        done.set()

    with listening(serve) as port:
        assert state(port) == "reached"
        assert done.wait(5)

    assert read == [b""]


def test_closed_port_is_refused():
    """Nobody listens there, and the machine says so."""
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]

    assert state(port) == "refused"


def test_name_that_does_not_exist_has_no_name():
    """`.invalid` is kept free of names by RFC 2606."""
    assert state(443, host="nobody.invalid", seconds=20) == "no name"


def test_server_that_says_nothing_times_out():
    """A handshake that never ends costs the time limit and no more."""
    kept = []
    with listening(kept.append) as port:
        assert state(port, tls=True, seconds=0.3) == "timed out"


def test_server_without_tls_is_told_apart():
    """It is reached, yet not in the way that was declared."""

    def serve(connection):
        with connection:
            connection.sendall(b"no handshake here\n")

    with listening(serve) as port:
        assert state(port, tls=True) == "no tls"


def test_tls_needs_a_certificate_that_is_trusted(certificate, monkeypatch):
    """The same server counts once its certificate is trusted here."""
    with secured(certificate) as port:
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        assert state(port, tls=True) == "no tls"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        assert state(port, tls=True) == "reached"


def test_answers_are_sorted_and_each_endpoint_is_tried_once():
    """The order of the declaration, and a second mention, change nothing."""
    with listening(lambda connection: connection.close()) as port:
        one = Endpoint(host=HOST, port=port)
        other = Endpoint(host="localhost", port=port)

        assert reach([other, one, one]) == reach([one, other])
        assert [found.host for found in reach([other, one])] == [HOST, "localhost"]


def test_what_takes_too_long_is_not_waited_for():
    """A call that hangs has no answer, and the others keep theirs."""
    hang = threading.Event()
    try:
        assert in_time([lambda: 1, hang.wait, lambda: 2], 0.1) == [1, None, 2]
    finally:
        hang.set()
