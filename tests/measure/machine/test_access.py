"""What a job may do and reach: file trees, this machine, and real servers on it."""

import contextlib
import http.server
import importlib.util
import os
import shutil
import site
import socket
import ssl
import subprocess
import sys
import sysconfig
import tempfile
import threading
from pathlib import Path

import pytest

from probing import line
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
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
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

    assert requests == []
    assert line(fact) == (
        "package-index | not visible | a HEAD request to a package index | "
        "not asked: no resource was named that needs a package index"
    )


@pytest.mark.parametrize(
    ("status", "value", "why"),
    [
        (200, "yes", ""),
        (401, "yes", "it asks for credentials, which were not sent"),
        (403, "no", "it, or a proxy before it, refuses (HTTP 403)"),
        (407, "no", "it, or a proxy before it, refuses (HTTP 407)"),
        (404, "yes", "it answers HTTP 404"),
        (499, "yes", "it answers HTTP 499"),
        (500, "no", "it fails (HTTP 500)"),
        (503, "no", "it fails (HTTP 503)"),
    ],
)
def test_answers_are_told_apart(pip, status, value, why):
    """What answers is there; what fails or refuses serves no package."""
    with index(status) as (port, _):
        pip(index_url=f"http://{HOST}:{port}/simple")
        fact = index_fact(wanted=True)

    assert line(fact) == (
        f"package-index | read | {value} | a HEAD request to the index that "
        f"PIP_INDEX_URL names{f' | {why}' if why else ''}"
    )


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

    assert (fact.value, fact.why) in {
        ("no", "timed out"), ("no", "no answer within 0.3 s")
    }  # fmt: skip


def test_name_of_no_index_is_told(pip):
    """`.invalid` is kept free of names by RFC 2606."""
    pip(index_url="http://nobody.invalid/simple")
    fact = index_fact(wanted=True, seconds=20)

    assert (fact.value, fact.why) == ("no", "no name")


def test_index_whose_certificate_is_not_trusted_is_not_visible(
    certificate, pip, monkeypatch
):
    """Pip may trust what this Python does not."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    with secured(certificate) as port:
        pip(index_url=f"https://{HOST}:{port}/simple")
        fact = index_fact(wanted=True)

    assert line(fact) == (
        "package-index | not visible | a HEAD request to the index that PIP_INDEX_URL "
        "names | this Python does not trust its certificate; pip may"
    )


def test_index_in_a_folder_is_not_visible(pip):
    """It is on no network, so it was not asked; its path is not told."""
    pip(index_url="file:///srv/secret-place/simple")
    fact = index_fact(wanted=True)

    assert line(fact) == (
        "package-index | not visible | a HEAD request to the index that PIP_INDEX_URL "
        "names | its address is none on a network"
    )


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
    assert fact.how == ("a HEAD request to the public index, as no other is configured")


@pytest.mark.usefixtures("pip")
def test_pip_that_does_not_answer_is_not_visible(monkeypatch):
    """Which index is meant is not guessed then."""
    monkeypatch.setattr(access, "_PIP_SECONDS", 0.001)
    fact = index_fact(wanted=True)

    assert line(fact) == (
        "package-index | not visible | a HEAD request to a package index | "
        "pip does not say which index it is to use"
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

    assert [line(fact) for fact in found.values()] == [
        "root | read | no | /proc/self/status Uid, effective",
        "capabilities | read | none | /proc/self/status CapEff",
        "no-new-privileges | read | no | /proc/self/status NoNewPrivs",
    ]


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
    assert line(rights(part)["root"]) == (
        "root | read | yes | /proc/self/status Uid, effective | "
        "in its own namespace of users only, not on the machine"
    )


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

    assert [line(fact) for fact in facts] == [
        (
            "root | not visible | /proc/self/status Uid, effective | "
            "the file tree has no effective user id"
        ),
        (
            "capabilities | not visible | /proc/self/status CapEff | "
            "the file tree has no capabilities"
        ),
        (
            "no-new-privileges | not visible | /proc/self/status NoNewPrivs | "
            "the file tree has no NoNewPrivs"
        ),
    ]


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


def test_writable_places_are_named_by_what_they_are_for(tmp_path, monkeypatch):
    """No path of this machine is told, nor one that is not there."""
    monkeypatch.setenv("HOME", str(tmp_path / "gone"))
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(os, "access", lambda *_: True)  # root may write everywhere
    system = ("/dev/shm", "/usr/local", "/etc")  # noqa: S108 - only asked for
    there = ", ".join(place for place in system if Path(place).is_dir())
    how = "access rights, nothing was written"

    assert line(means(tmp_path)["writable"]) == (
        "writable | read | working folder, temporary folder, site-packages, "
        f"{there} | {how}"
    )
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert line(means(tmp_path)["writable"]) == f"writable | read | none | {how}"


@pytest.fixture
def no_engine(tmp_path, monkeypatch):
    """A machine on which nothing builds images."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(access, "_SOCKETS", (str(tmp_path / "docker.sock"),))
    return tmp_path


ENGINES = "the sockets of docker and podman, and the programs podman and buildah"


def test_engine_that_builds_images_is_told(no_engine, monkeypatch):
    """A socket that can be written, or a program; of one elsewhere nothing is known."""

    def told():
        return line(means(no_engine)["container-build"])

    none = "no docker, podman or buildah can be used"
    assert told() == f"container-build | read | no | {ENGINES} | {none}"
    monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere:2375")
    away = "DOCKER_HOST names an engine elsewhere, which was not asked"
    assert told() == f"container-build | not visible | {ENGINES} | {away}"
    for name, how in (
        ("buildah", "buildah is installed; it was not started"),
        ("podman", "podman is installed; it was not started"),
        ("docker.sock", "the socket docker.sock can be written"),
    ):
        (no_engine / name).touch(mode=0o755)
        assert told() == f"container-build | read | yes | {how}"


@pytest.mark.parametrize(
    ("python", "writable", "told"),
    [
        ("own", "lib", "yes | site-packages of this Python"),
        ("own", "user", "yes | site-packages of the user"),
        ("no user", "user", None),
        ("managed", "lib", None),
        ("managed", "work", "yes | a virtual environment in the working folder"),
    ],
)
def test_first_place_for_packages_is_told(
    tmp_path, monkeypatch, python, writable, told
):
    """A Python that the system manages takes none; what is missing would be made."""
    for name in ("lib", "user", "work", "stdlib"):
        (tmp_path / name).mkdir()
    if python == "managed":
        (tmp_path / "stdlib" / "EXTERNALLY-MANAGED").touch()
    paths = {"purelib": tmp_path / "lib" / "new", "stdlib": tmp_path / "stdlib"}
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(paths[name]))
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(site, "ENABLE_USER_SITE", python != "no user")
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(tmp_path / "user"))
    monkeypatch.setattr(
        os, "access", lambda path, _: Path(path).name == writable
    )  # root may write everywhere
    none = (
        "no | site-packages, those of the user, and the working folder | "
        "no place for packages can be written"
    )

    assert line(means(tmp_path / "work")["package-install"]) == (
        f"package-install | read | {told or none}"
    )


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

    assert line(means(tmp_path)["sudo"]) == f"sudo | read | {value} | sudo -k -n true"


def test_sudo_that_does_not_answer_is_not_visible(tmp_path, monkeypatch):
    """It may wait for a server of names; it may be no program at all."""
    program = tmp_path / "sudo"
    monkeypatch.setenv("PATH", str(tmp_path))
    nobody = read_fact("root", "no", None, "a test")
    monkeypatch.setattr(access, "_root", lambda *_: nobody)
    monkeypatch.setattr(access, "_SUDO_SECONDS", 0.1)
    for text, why in (
        ("#!/bin/sh\nexec /bin/sleep 5\n", "no answer within 0.1 s"),
        ("", "it did not start (OSError)"),
    ):
        program.write_bytes(text.encode() or b"\x7fELF nothing")
        program.chmod(0o755)
        told = line(means(tmp_path)["sudo"])
        assert told == f"sudo | not visible | sudo -k -n true | {why}"


def test_root_needs_no_sudo(tmp_path, monkeypatch):
    """Whatever sudo would say is not asked."""
    monkeypatch.setattr(
        access, "_root", lambda *_: read_fact("root", "yes", None, "a test")
    )

    assert line(means(tmp_path)["sudo"]) == (
        "sudo | read | yes | effective user id | root needs no sudo"
    )


def test_machine_without_sudo_says_so(tmp_path, monkeypatch):
    """No program to ask is a "no" that was read, with its reason."""
    monkeypatch.setenv("PATH", str(tmp_path))
    nobody = read_fact("root", "no", None, "a test")
    monkeypatch.setattr(access, "_root", lambda *_: nobody)
    fact = means(tmp_path)["sudo"]

    assert line(fact) == "sudo | read | no | sudo -k -n true | there is no sudo"
