"""What a job may do and reach: file trees, this machine, and real servers on it."""

import contextlib
import http.server
import importlib.util
import os
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path

import pytest

from readybook.measure.machine import access
from readybook.measure.machine.access import (
    in_time,
    index_fact,
    means_facts,
    reach,
    rights_facts,
)
from readybook.measure.machine.facts import read_fact
from readybook.model.case import Endpoint

HOST = "127.0.0.1"


@contextlib.contextmanager
def listening(serve):
    """Yield the port of a server whose connections `serve` is given, and no longer."""
    with socket.create_server((HOST, 0)) as server:

        def accept():
            with contextlib.suppress(OSError), contextlib.ExitStack() as accepted:
                while True:
                    connection = accepted.enter_context(server.accept()[0])
                    connection.settimeout(5)
                    serve(connection)

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


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


# --- package index ---

HAS_PIP = importlib.util.find_spec("pip") is not None
PASSWORD = "pw-5f0c9d2e"  # noqa: S105 - planted, to be found nowhere


@contextlib.contextmanager
def index(status):
    """Yield the port of a server that answers so, and the requests it gets."""
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            requests.append((self.path, dict(self.headers)))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_args):
            pass

    with http.server.ThreadingHTTPServer((HOST, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_port, requests
        finally:
            server.shutdown()


@pytest.fixture
def pip(monkeypatch, tmp_path):
    """Set what pip is told by its environment; its files are left out."""
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    # Beside heavy neighbours pip takes longer to start.
    monkeypatch.setattr(access, "_PIP_SECONDS", 60.0)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    nothing = tmp_path / "pip.conf"
    nothing.touch()
    monkeypatch.setenv("PIP_CONFIG_FILE", str(nothing))

    def told(**settings):
        for name, value in settings.items():
            monkeypatch.setenv(f"PIP_{name.upper()}", value)

    return told


def test_index_that_nobody_needs_is_not_asked(pip):
    """Who was not asked has not answered, and has not failed."""
    with index(200) as (port, requests):
        pip(index_url=f"http://{HOST}:{port}/simple")
        fact = index_fact(wanted=False)

    assert (fact.state, requests) == ("not visible", [])
    assert fact.why.startswith("not asked")


@pytest.mark.parametrize(
    ("status", "value", "why"),
    [
        (200, "yes", None),
        (401, "yes", "it asks for credentials, which were not sent"),
        (403, "no", "it, or a proxy before it, refuses (HTTP 403)"),
        (404, "yes", "it answers HTTP 404"),
        (503, "no", "it fails (HTTP 503)"),
    ],
)
def test_answers_are_told_apart(pip, status, value, why):
    """What answers is there; what fails or refuses serves no package."""
    with index(status) as (port, _):
        pip(index_url=f"http://{HOST}:{port}/simple")
        fact = index_fact(wanted=True)

    assert (fact.state, fact.value, fact.why) == ("read", value, why)


def test_credentials_of_the_address_are_neither_sent_nor_told(pip):
    """The address may hold a password: nobody learns it."""
    with index(200) as (port, requests):
        pip(index_url=f"http://somebody:{PASSWORD}@{HOST}:{port}/simple/")
        fact = index_fact(wanted=True)

    [(path, headers)] = requests
    assert path == "/simple/"
    assert "Authorization" not in headers
    assert fact.value == "yes"
    assert not [word for word in (PASSWORD, HOST, str(port)) if word in str(fact)]


def test_index_that_is_not_there_is_no_index(pip):
    """Refused, as anybody who asks would be."""
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
    pip(index_url=f"http://{HOST}:{port}/simple")
    fact = index_fact(wanted=True)

    assert (fact.value, fact.why) == ("no", "refused")


def test_index_that_hangs_is_given_up(pip):
    """It accepts and says nothing: the time limit holds."""
    with socket.create_server((HOST, 0)) as server:
        pip(index_url=f"http://{HOST}:{server.getsockname()[1]}/simple")
        fact = index_fact(wanted=True, seconds=0.3)

    assert fact.value == "no"


def test_index_in_a_folder_is_not_visible(pip):
    """It is on no network, so it was not asked; its path is not told."""
    pip(index_url="file:///srv/secret-place/simple")
    fact = index_fact(wanted=True)

    assert (fact.state, fact.value) == ("not visible", None)
    assert "secret-place" not in str(fact)


@pytest.mark.skipif(not HAS_PIP, reason="this Python has no pip")
@pytest.mark.usefixtures("pip")
def test_index_of_pips_own_configuration_is_asked(tmp_path):
    """Where the environment names none, pip says which one it is configured for."""
    with index(200) as (port, requests):
        text = f"[global]\nindex-url = http://{HOST}:{port}/mirror\n"
        (tmp_path / "pip.conf").write_text(text, "utf-8")
        fact = index_fact(wanted=True)

    assert fact.how == "a HEAD request to the index that pip is configured for"
    assert [path for path, _ in requests] == ["/mirror/"]


@pytest.mark.usefixtures("pip")
def test_without_another_index_the_public_one_is_asked(monkeypatch):
    """As pip does where nothing is configured, or where there is no pip."""
    asked = []
    monkeypatch.setattr(access, "_ask", lambda url, _: asked.append(url) or ("yes", ""))
    fact = index_fact(wanted=True)

    assert asked == ["https://pypi.org/simple/"]
    assert "the public index" in fact.how


@pytest.mark.usefixtures("pip")
def test_pip_that_does_not_answer_is_not_visible(monkeypatch):
    """Which index is meant is not guessed then."""
    monkeypatch.setattr(access, "_PIP_SECONDS", 0.001)
    fact = index_fact(wanted=True)

    assert (fact.state, fact.why) == (
        "not visible",
        "pip does not say which index it is to use",
    )


# --- privileges ---


def put(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def status(uid=1000, capabilities=0, no_new=0):
    return (
        f"Name:\tpython\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
        f"CapEff:\t{capabilities:016x}\nNoNewPrivs:\t{no_new}\n"
    )


def rights(root):
    return {fact.fact: fact for fact in rights_facts(root)}


def means(folder):
    return {fact.fact: fact for fact in means_facts(folder)}


def test_user_without_rights_has_none(tmp_path):
    """No root, no capability that matters."""
    root = put(tmp_path, {"proc/self/status": status()})
    found = rights(root)

    assert (found["root"].value, found["capabilities"].value) == ("no", "none")
    assert found["no-new-privileges"].value == "no"


def test_capabilities_that_matter_are_named(tmp_path):
    """Their bits are those of linux/capability.h; bit 5 is of no use to a job."""
    bits = (0, 1, 5, 7, 10, 12, 14, 19, 21, 23, 24)
    held = sum(1 << bit for bit in bits)
    root = put(tmp_path, {"proc/self/status": status(capabilities=held)})

    assert rights(root)["capabilities"].value == (
        "chown dac_override setuid net_bind_service net_admin ipc_lock sys_ptrace "
        "sys_admin sys_nice sys_resource"
    )


def test_root_of_a_namespace_is_told_from_the_machines(tmp_path):
    """In a container without rights root is somebody else outside."""
    files = {"proc/self/status": status(uid=0)}
    whole = put(tmp_path / "whole", files | {"proc/self/uid_map": "0 0 4294967295\n"})
    part = put(tmp_path / "part", files | {"proc/self/uid_map": "0 100000 65536\n"})

    assert rights(whole)["root"].why is None
    assert rights(part)["root"].value == "yes"
    assert "not on the machine" in rights(part)["root"].why


def test_no_new_privileges_say_what_they_mean(tmp_path):
    """Even sudo gains nothing then."""
    root = put(tmp_path, {"proc/self/status": status(no_new=1)})
    fact = rights(root)["no-new-privileges"]

    assert (fact.value, fact.why) == (
        "yes",
        "no program can gain rights here, sudo neither",
    )


def test_privileges_elsewhere_say_why_not(tmp_path):
    """A tree without the kernel's files knows nothing, with a reason each."""
    facts = rights_facts(tmp_path)

    assert {fact.state for fact in facts} == {"not visible"}
    assert all(fact.why for fact in facts)


def test_this_process_is_told_what_it_may():
    """Each question has an answer here, and asking changes nothing."""
    folder = Path(__file__).parents[2]
    before = sorted(folder.iterdir())
    found = means(folder)

    assert found["package-install"].value in {"yes", "no"}
    assert found["sudo"].state in {"read", "not visible"}
    assert found["container-build"].state in {"read", "not visible"}
    assert sorted(folder.iterdir()) == before


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no user ids here")
def test_root_is_the_effective_user():
    """What the kernel says is what Python says."""
    expected = "yes" if os.geteuid() == 0 else "no"

    assert rights(Path("/"))["root"].value == expected


def test_writable_places_are_named_by_what_they_are_for(tmp_path):
    """No path of this machine is told, nor one that is not there."""
    fact = means(tmp_path)["writable"]

    assert "working folder" in fact.value
    assert str(tmp_path) not in fact.value


@pytest.mark.skipif(os.name != "posix", reason="a program of the shell stands for sudo")
@pytest.mark.parametrize(("passes", "value"), [(True, "yes"), (False, "no")])
def test_password_that_sudo_remembers_does_not_count(
    tmp_path, monkeypatch, passes, value
):
    """A job has nobody who typed one before: sudo is told to forget it."""
    program = tmp_path / "sudo"
    remembered = "exit 0" if passes else 'case "$*" in *-k*) exit 1;; *) exit 0;; esac'
    program.write_text(f"#!/bin/sh\n{remembered}\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    nobody = read_fact("root", "no", None, "a test")
    monkeypatch.setattr(access, "_root", lambda *_: nobody)

    assert means(tmp_path)["sudo"].value == value


def test_machine_without_sudo_says_so(tmp_path, monkeypatch):
    """No program to ask is a "no" that was read, with its reason."""
    monkeypatch.setenv("PATH", str(tmp_path))
    nobody = read_fact("root", "no", None, "a test")
    monkeypatch.setattr(access, "_root", lambda *_: nobody)
    fact = means(tmp_path)["sudo"]

    assert (fact.value, fact.why) == ("no", "there is no sudo")
