"""A real JupyterLab on the loopback, private to the tests, and one page of it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest

PATIENCE_S = 60
PATIENCE_MS = 1000 * PATIENCE_S
VIEWPORT = {"width": 1400, "height": 1000}
GRACE_S = 15  #: for the server to end its kernels
#: Nothing of the user's own configuration, and nothing that asks before it begins.
OPTIONS = (
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    "--port=0",
    "--LabApp.expose_app_in_browser=True",
    "--LabApp.news_url=",
    "--LabApp.extension_manager=readonly",
    "--ServerApp.open_browser=False",
    "--ServerApp.port_retries=0",
    "--Session.debug=False",
)
PYTHON = {"name": "python3", "display_name": "Python 3", "language": "python"}
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    },
    # A test says itself when a notebook is stored.
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


@dataclass
class Server:
    """Where JupyterLab listens, and the folder that it shows."""

    url: str
    token: str
    root: Path


@contextlib.contextmanager
def running(home: Path) -> Iterator[Server]:
    """Yield a JupyterLab that keeps everything of its own below `home`."""
    root = home / "root"
    for folder in (root, home / "runtime", home / "settings", home / "home"):
        folder.mkdir(parents=True)
    for plugin, settings in SETTINGS.items():
        path = home / "settings" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings), encoding="utf-8")
    environment = {
        **os.environ,
        "HOME": str(home / "home"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    token = secrets.token_hex(16)
    command = [sys.executable, "-m", "jupyterlab", *OPTIONS]
    command += [f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"]
    with (
        (home / "server.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=root, env=environment, stdout=log, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            yield Server(_address(home, process), token, root)
        finally:
            process.terminate()
            try:
                process.wait(GRACE_S)
            except subprocess.TimeoutExpired:  # a kernel that is just starting holds it
                process.kill()


def _address(home: Path, process: subprocess.Popen) -> str:
    """Return the server's URL from the file that it writes once it listens."""
    for _ in range(10 * PATIENCE_S):
        for path in (home / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(ValueError):  # half written
                return json.loads(path.read_text(encoding="utf-8"))["url"]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail((home / "server.log").read_text(encoding="utf-8"))


@dataclass
class Lab:
    """JupyterLab in one browser, with the folder of one test."""

    server: Server
    context: object  #: Playwright's
    folder: Path  #: below the server's root
    pages: list = field(default_factory=list)  #: opened by the test, the first first

    def write(self, name: str, *cells: str) -> Path:
        """Write a notebook of code cells into the folder."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
            metadata={"kernelspec": PYTHON, "language_info": {"name": "python"}},
        )
        path = self.folder / name
        nbformat.write(notebook, path)
        return path

    def open(self, name: str):
        """Return a page with the notebook open and its kernel ready.

        A page that an earlier test left is taken: it takes longer to load JupyterLab
        than to start a kernel.
        """
        inside = (self.folder / name).relative_to(self.server.root).as_posix()
        left = [page for page in self.context.pages if page not in self.pages]
        page = left[0] if left else self._load()
        self.pages.append(page)
        self.command(page, "docmanager:open", path=inside)
        page.wait_for_selector(".jp-Notebook", timeout=PATIENCE_MS)
        self.wait_for_kernel(page)
        return page

    def _load(self):
        page = self.context.new_page()
        # it covers the page some moments after a kernel died, while a test goes on
        died = page.get_by_role("dialog", name="Kernel Restarting")
        page.add_locator_handler(
            died, lambda dialog: dialog.get_by_role("button", name="Ok").click()
        )
        workspace = f"lab/workspaces/test-{secrets.token_hex(4)}"
        page.goto(f"{self.server.url}{workspace}?token={self.server.token}&reset")
        page.wait_for_function("window.jupyterapp?.shell.isEmpty('main') === false")
        return page

    def leave(self) -> None:
        """Leave the pages as they were when JupyterLab had just been loaded.

        Nothing is open, nothing is kept in the browser, and no kernel runs.
        """
        for page in self.context.pages:
            page.evaluate(
                """() => {
                  const widgets = [...window.jupyterapp.shell.widgets("main")];
                  widgets.forEach((widget) => widget.dispose());
                  localStorage.clear();
                }"""
            )
            page.set_viewport_size(VIEWPORT)
        for session in self._ask("GET", "api/sessions"):
            self._ask("DELETE", f"api/sessions/{session['id']}")

    def wait_for_kernel(self, page) -> None:
        """Wait until the notebook's kernel is connected and has nothing to do."""
        page.wait_for_function(
            """() => {
              const panel = window.jupyterapp.shell.currentWidget;
              const session = panel?.sessionContext;
              const kernel = session?.session?.kernel;
              if (!session?.isReady || !panel.context.isReady) return false;
              if (kernel?.connectionStatus !== "connected") return false;
              return session.kernelDisplayStatus === "idle";
            }""",
            timeout=PATIENCE_MS,
        )

    def command(self, page, name: str, **arguments) -> None:
        """Run a command of JupyterLab, without waiting for what it begins."""
        page.evaluate(
            "([name, args]) => { window.jupyterapp.commands.execute(name, args); }",
            [name, arguments],
        )

    def run_all(self, page) -> None:
        """Run every cell, without waiting for them."""
        self.command(page, "notebook:run-all-cells")

    def run_cell(self, page, number: int) -> None:
        """Run one cell, without waiting for it."""
        page.evaluate(
            """(at) => {
              const panel = window.jupyterapp.shell.currentWidget;
              panel.content.activeCellIndex = at;
              panel.content.deselectAll();
              window.jupyterapp.commands.execute("notebook:run-cell");
            }""",
            number,
        )

    def restart(self, page) -> None:
        """Restart the kernel, as the menu does, and wait until it is back."""
        page.evaluate(
            "window.jupyterapp.shell.currentWidget.sessionContext.session.kernel"
            ".restart()"
        )
        self.wait_for_kernel(page)

    def save(self, page) -> dict:
        """Store the notebook, and return what is in its file."""
        page.evaluate("window.jupyterapp.shell.currentWidget.context.save()")
        inside = page.evaluate("window.jupyterapp.shell.currentWidget.context.path")
        return json.loads((self.server.root / inside).read_text(encoding="utf-8"))

    def _ask(self, method: str, what: str):
        request = urllib.request.Request(  # noqa: S310 - the loopback
            f"{self.server.url}{what}",
            method=method,
            headers={"Authorization": f"token {self.server.token}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as reply:  # noqa: S310
            text = reply.read()
        return json.loads(text) if text else None

    def kill_kernel(self, process: int) -> None:
        """Kill a kernel that the test started, with no chance to tidy up."""
        os.kill(process, signal.SIGKILL)
