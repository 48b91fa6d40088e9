"""Whether a package index answers, against a real server and the pip of this Python."""

import contextlib
import http.server
import socket
import subprocess
import sys
import threading

import pytest

from readybook.measure.machine.package_index import index_fact

HOST = "127.0.0.1"
PASSWORD = "pw-5f0c9d2e"  # noqa: S105 - planted, to be found nowhere

pytestmark = pytest.mark.skipif(
    subprocess.run([sys.executable, "-m", "pip", "--version"], check=False,
                   capture_output=True).returncode != 0,
    reason="this Python has no pip",
)  # fmt: skip


@contextlib.contextmanager
def index(status):
    """Yield the port of a server that answers so, and the requests it gets."""
    requests = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_HEAD(self):
            requests.append((self.path, dict(self.headers)))
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://elsewhere.invalid/")
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
    for name in ("NO_INDEX", "PROXY", "CERT", "INDEX_URL"):
        monkeypatch.delenv(f"PIP_{name}", raising=False)
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
        (302, "yes", "it answers HTTP 302"),
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


def test_the_proxy_of_pip_is_used(pip):
    """An index that only a proxy can reach answers through it."""
    with index(200) as (port, requests):
        pip(index_url="http://index.invalid/simple", proxy=f"http://{HOST}:{port}")
        fact = index_fact(wanted=True)

    assert fact.value == "yes"
    assert [path for path, _ in requests] == ["http://index.invalid/simple/"]


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


def test_pip_without_an_index_has_none(pip):
    """Who told pip to use none gets no packages from one."""
    pip(no_index="true")
    fact = index_fact(wanted=True)

    assert (fact.value, fact.why) == ("no", "pip is told to use no index")


def test_index_in_a_folder_is_not_visible(pip):
    """It is on no network, so it was not asked; its path is not told."""
    pip(index_url="file:///srv/secret-place/simple")
    fact = index_fact(wanted=True)

    assert (fact.state, fact.value) == ("not visible", None)
    assert "secret-place" not in str(fact)


def test_certificates_that_cannot_be_read_are_not_visible(pip):
    """Without them nobody can be trusted, so nobody was asked."""
    pip(index_url=f"https://{HOST}/simple", cert="/nowhere/bundle.pem")
    fact = index_fact(wanted=True)

    assert fact.state == "not visible"
    assert "nowhere" not in str(fact)
