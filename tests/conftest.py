"""What all tests share: skips that may not be, generated inputs, a browser."""

import gc
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hypothesis import HealthCheck, settings

# before nbformat imports jsonschema, with the grammar that this spares: a second
import readybook.contract.form  # noqa: F401

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGS = [
    "--no-sandbox",  # containers run as root, where the sandbox does not start
    "--disable-dev-shm-usage",  # a container's /dev/shm is often 64 MB
    # a page that asks for a host gets none, save for a server that a test started
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]

SERVERS = {"aws", "browser", "mariadb", "postgres"}  # fixtures that start one

# what finds a planted fault; `make soak` draws many more
settings.register_profile("quick", deadline=None, print_blob=True, max_examples=100)
settings.register_profile(
    "soak",
    deadline=None,
    print_blob=True,
    max_examples=20_000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_configure(config):
    """Give the tests a person's configuration of their own: what `new` names stays.

    What is imported and collected stays, too: there is no garbage to look for.
    """
    gc.disable()
    config.readybook_home = tempfile.mkdtemp(prefix="readybook-tests-")
    os.environ["XDG_CONFIG_HOME"] = config.readybook_home


def pytest_unconfigure(config):
    """Remove it."""
    shutil.rmtree(config.readybook_home, ignore_errors=True)


def pytest_itemcollected(item):
    """Mark as slow what needs a server or a browser."""
    if SERVERS.intersection(item.fixturenames):
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(trylast=True)  # files are in a random order before
def pytest_collection_modifyitems(items):
    """Begin with the files that take longest: one must not come last, alone."""
    length = Counter[Path]()
    for item in items:
        length[item.path] += 100 if item.get_closest_marker("slow") else 1
    items.sort(key=lambda item: -length[item.path])


def pytest_collection_finish():
    """Look for garbage less often, and not among the tests: a twentieth of the time."""
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    if item.get_closest_marker("kernel_limits") is None:
        refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report():
    report = yield
    refuse_skip(report)
    return report


def refuse_skip(report):
    """Turn a skip into a failure where READYBOOK_REQUIRE_ALL says that all is there."""
    required = os.environ.get("READYBOOK_REQUIRE_ALL", "") not in {"", "0"}
    if required and report.skipped and not hasattr(report, "wasxfail"):
        why = report.longrepr
        reason = why[2] if isinstance(why, tuple) else str(why)
        report.outcome = "failed"
        report.longrepr = f"READYBOOK_REQUIRE_ALL is set, yet: {reason}"


@pytest.fixture(scope="session")
def postgres() -> Iterator:
    """Yield a PostgreSQL server, started from the system's package."""
    import postgres as servers  # noqa: PLC0415 - needs an extra

    programs = servers.programs()
    if programs is None:
        pytest.skip(f"no PostgreSQL in {servers.PLACES}; install Debian's postgresql")
    with servers.running(programs) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator:
    """Yield a MariaDB server, started from the system's package."""
    import mariadb as servers  # noqa: PLC0415 - needs an extra

    if servers.program("mariadbd") is None:
        pytest.skip("no MariaDB; install Debian's mariadb-server")
    with servers.running() as server:
        yield server


@pytest.fixture
def run(tmp_path, monkeypatch, capsys) -> Callable[..., CompletedProcess]:
    """Return what runs words after `readybook` in this process and the test's folder.

    Reports are then forked from one process for all tests; it takes seconds to begin.
    """
    from readybook.cli.main import main  # noqa: PLC0415 - slow to import

    monkeypatch.chdir(tmp_path)

    def ran(*words):
        code = main([str(word) for word in words])
        return CompletedProcess(words, code, *capsys.readouterr())

    return ran


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the checkout's folder."""
    return Path(__file__).parent.parent


@pytest.fixture(scope="session")
def ready(tmp_path_factory):
    """The folder of the case that is ready for production; only to be copied."""
    import ready_case  # noqa: PLC0415 - slow to import

    folder = tmp_path_factory.mktemp("ready") / "late-orders"
    folder.mkdir()
    ready_case.write_ready(folder)
    return folder


# Module scope: Playwright keeps an event loop running in the thread while it is open,
# which code of other test modules that starts one of its own would trip over.
@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Yield Chromium as a Playwright browser that resolves no host name."""
    executable = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if executable is None:
        pytest.skip("no browser; install one of: " + ", ".join(CHROMIUM_NAMES))
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - slow to import

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=executable, args=CHROMIUM_ARGS
        )
        yield chromium
        chromium.close()
