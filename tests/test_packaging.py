"""What is built works away from the checkout, with nothing else installed."""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

# a checkout on the path would hide a file that the wheel lacks
OURS = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


def run(*command, cwd):
    """Run a command outside the checkout's environment and return what it printed."""
    environment = {name: v for name, v in os.environ.items() if name not in OURS}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def build(kind, source, destination):
    run(sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", destination,
        cwd=source)  # fmt: skip


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    """Return the wheel that is built from the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    build("sdist", root, folder)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        # The argument `filter` came with 3.11.4; Debian 12 has 3.11.2.
        archive.extraction_filter = getattr(tarfile, "data_filter", None)
        archive.extractall(folder)  # noqa: S202 - we have just made it
    unpacked = next(path for path in folder.iterdir() if path.is_dir())
    build("wheel", unpacked, folder)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return the program folder of an environment that holds the wheel alone."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    # uncompiled, as most of what it depends on is never imported
    run(programs / "python", "-m", "pip", "install", "--quiet", "--no-compile",
        "--disable-pip-version-check", wheel, cwd=folder)  # fmt: skip
    return programs


def tracked_files(folder: Path) -> set[str]:
    """Return the files under a folder that git would ship, relative to it."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return {name for name in listed.stdout.splitlines() if (folder / name).is_file()}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("src/readybook", "readybook"),
        ("notebooks", "readybook/_share/notebooks"),
        ("templates", "readybook/_share/templates"),
    ],
)
def test_wheel_holds_every_file_of_the_checkout(root, wheel, source, target):
    """Questions, notebooks and templates are in the wheel, none left out."""
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {f"{target}/{name}" for name in tracked_files(root / source)}

    assert expected - names == set()


def test_wheel_is_lean(wheel):
    """The wheel installs without JupyterLab; that and the test tools are extras."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith("/METADATA"))
        metadata = archive.read(name).decode()
    always = re.findall(r"(?m)^Requires-Dist: ([\w.-]+)(?!.*extra ==)", metadata)

    assert "papermill" in always
    assert "jupyterlab" not in always
    assert "pytest" not in always


def test_installed_wheel_renders_the_example(root, installed, tmp_path):
    """A copy of the worked example becomes one HTML file, away from the checkout."""
    shutil.copytree(root / "templates" / "flight-delays", tmp_path / "example")

    run(installed / "readybook", "report", "example", "--out", "out", cwd=tmp_path)

    pages = list((tmp_path / "out").rglob("*.html"))
    assert any("<h1" in page.read_text(encoding="utf-8") for page in pages)


def test_installed_wheel_starts_an_assessment_that_passes_its_check(
    installed, tmp_path
):
    """`readybook new` finds its starter in the wheel, and the starter is valid."""
    run(installed / "readybook", "new", "mine", cwd=tmp_path)

    assert (tmp_path / "mine" / "assessment.yaml").is_file()
    run(installed / "readybook", "check", "mine", cwd=tmp_path)
