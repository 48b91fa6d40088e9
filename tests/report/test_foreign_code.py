"""A case is data: opening a stranger's runs no code that lies in it or beside it."""

import shutil
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "templates" / "flight-delays"
pytestmark = pytest.mark.slow

#: Modules of Python that are imported late, and ours.
MODULES = {
    "sitecustomize", "usercustomize", "json", "random", "tempfile", "statistics",
    "readybook", "pip",
}  # fmt: skip


@pytest.fixture(scope="module")
def modules():
    """What a kernel, a converter or a program may import: everything installed, too."""
    return MODULES | {name for name in packages_distributions() if name.isidentifier()}


@pytest.fixture
def stranger(tmp_path, modules):
    """Return a case with a module of each name in it and beside it, and their trace."""
    trace = tmp_path / "trace"
    home = tmp_path / "theirs"
    folder = Path(shutil.copytree(EXAMPLE, home / "case"))
    shutil.rmtree(folder / "milestones")
    code = f"open({str(trace)!r}, 'a').write(__name__ + '\\n')\n"
    for place in (home, folder):
        for name in modules:
            (place / f"{name}.py").write_text(code, encoding="utf-8")
        for name in ("jupyter_nbconvert_config.py", "ipython_config.py"):
            (place / name).write_text(code, encoding="utf-8")
    return folder, trace


@pytest.mark.parametrize("inside", [False, True], ids=["beside", "inside"])
@pytest.mark.parametrize("verb", ["report", "check", "status", "probe"])
def test_no_module_of_a_stranger_is_imported(stranger, tmp_path, verb, inside):
    """Neither the program nor a kernel or another child looks for modules there."""
    folder, trace = stranger
    command = Path(sys.executable).with_name("readybook")
    words = {
        "report": [folder, "--out", tmp_path / "out"],
        "probe": ["--for", folder, "--out", tmp_path / "node.json"],
    }.get(verb, [folder])

    done = subprocess.run(
        [command, verb, *words], cwd=folder if inside else folder.parent,
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert not trace.exists(), trace.read_text(encoding="utf-8")
