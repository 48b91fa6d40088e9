"""Folders are the layers: imports point down, and only some folders touch files.

The test knows folders, never modules: where a module stands says what it may import.
"""

import ast
import functools
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "readybook"

# From the ground up. A folder imports from those before it, never from those behind it.
FLOORS = (
    "model",
    "text",
    "checks",
    "contract",
    "bank",
    "case",
    "plan",
    "score",
    "edit",
    "show",
    "measure",
    "paper",
    "forms",
    "report",
    "workbook",
    "cli",
)
# Thinking and showing are given models: they never fetch, and open no file.
PURE = ("model", "checks", "plan", "score", "show")
FETCHING = ("case", "contract", "measure", "edit")
MOST_MODULES = 15

HEAVY = ("duckdb", "ibis", "IPython", "nbconvert", "pandas", "papermill", "plotly")
FILE_CALLS = {
    "mkdir",
    "open",
    "read_bytes",
    "read_csv",
    "read_parquet",
    "read_text",
    "rmtree",
    "touch",
    "unlink",
    "write_bytes",
    "write_text",
}


class Import(NamedTuple):
    where: str  # file:line
    importer: tuple[str, ...]  # the folders on the way to the module, and its name
    imported: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.where} imports {'.'.join(self.imported)}"


@functools.cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@functools.cache  # a module has thousands
def nodes(path: Path) -> tuple[ast.AST, ...]:
    kinds = (ast.Call, ast.Import, ast.ImportFrom)
    return tuple(node for node in ast.walk(parse(path)) if isinstance(node, kinds))


def module_parts(path: Path, source: Path) -> tuple[str, ...]:
    parts = path.relative_to(source).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def imported_parts(node: ast.AST, source: Path) -> Iterator[tuple[str, ...]]:
    """Yield what one import statement asks of readybook: a module, or a folder."""
    if isinstance(node, ast.Import):
        names = [alias.name.split(".") for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        module = (node.module or "").split(".")
        names = [[*module, alias.name] for alias in node.names]
    else:
        return
    for package, *inside in names:
        if package != "readybook":
            continue
        while inside and not (
            source.joinpath(*inside).is_dir()
            or source.joinpath(*inside).with_suffix(".py").is_file()
        ):
            inside.pop()  # the name of a function or a class
        yield tuple(inside)


@functools.cache
def imports(source: Path = SOURCE) -> tuple[Import, ...]:
    """Return each import of one module of readybook by another, late ones too."""
    return tuple(
        Import(f"{path.relative_to(source).as_posix()}:{node.lineno}", importer, name)
        for path in sorted(source.rglob("*.py"))
        if (importer := module_parts(path, source))
        for node in nodes(path)
        for name in imported_parts(node, source)
        if name
    )


def test_import_inside_a_function_is_seen(tmp_path):
    """An import that is put off until it is needed counts like any other."""
    (tmp_path / "score").mkdir()
    (tmp_path / "cli").mkdir()
    (tmp_path / "cli" / "main.py").write_text("", encoding="utf-8")
    late = "def f():\n    from readybook.cli.main import main\n    from readybook import x\n"
    (tmp_path / "score" / "score.py").write_text(late, encoding="utf-8")

    assert [str(found) for found in imports(tmp_path)] == [
        "score/score.py:2 imports cli.main"
    ]


def test_every_folder_has_a_floor():
    """A new folder is given its floor here, so that no one goes unchecked."""
    standing = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py"} | {
        path.parent.relative_to(SOURCE).parts[0]
        for path in SOURCE.rglob("*.py")
        if path.parent != SOURCE
    }

    assert standing - {"__init__", "__main__"} == set(FLOORS)


def test_no_relative_import_hides_from_this_test():
    """Imports inside the package are absolute, so that this test sees them all."""
    hidden = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path in SOURCE.rglob("*.py")
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert hidden == []


def test_imports_point_down():
    """No folder imports from one that stands above it."""
    floor = {name: number for number, name in enumerate(FLOORS)}
    upward = [
        str(found)
        for found in imports()
        if floor[found.imported[0]] > floor.get(found.importer[0], len(FLOORS))
    ]

    assert upward == []


def test_pure_folders_import_no_reader():
    """Thinking and showing are given models; they never fetch them."""
    wrong = [
        str(found)
        for found in imports()
        if found.importer[0] in PURE and found.imported[0] in FETCHING
    ]

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("depth", [1, 2, 3])
def test_imports_have_no_circle(depth):
    """Neither modules nor the rooms that hold them import each other in a circle."""
    graph: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for found in imports():
        importer, imported = found.importer[:depth], found.imported[:depth]
        if importer != imported and importer[: len(imported)] != imported:
            graph.setdefault(importer, set()).add(imported)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle = " <- ".join(".".join(parts) for parts in error.args[1])
        pytest.fail(f"imports in a circle: {circle}")


def test_every_folder_says_what_lives_there():
    """The first lines of a folder say what lives there and what may not."""
    silent = [
        path.parent.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if path.name == "__init__.py"
        and len((ast.get_docstring(parse(path)) or "").split(". ")) < 1
    ]

    assert silent == []


def test_no_folder_is_crowded():
    """A folder with more than 15 modules hides rooms that nobody has named."""
    crowded = [
        f"{folder.relative_to(SOURCE)}: {number} modules"
        for folder in sorted(SOURCE.rglob("*"))
        if folder.is_dir()
        and (number := len(list(folder.glob("*.py")))) > MOST_MODULES + 1
    ]

    assert crowded == []


def file_call(node: ast.AST) -> str | None:
    """Return the name of the call when it opens, makes or removes a file."""
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    name = getattr(function, "attr", None) or getattr(function, "id", None)
    return name if name in FILE_CALLS else None


def test_pure_folders_open_no_file():
    """Scoring, tables and charts take models; only readers and writers open files."""
    opened = [
        f"{path.relative_to(SOURCE)}:{node.lineno}: calls {name}"
        for folder in PURE
        for path in SOURCE.joinpath(folder).rglob("*.py")
        for node in nodes(path)
        if (name := file_call(node))
    ]

    assert opened == []


def test_help_imports_nothing_heavy():
    """`readybook --help` answers at once: what takes seconds to import waits."""
    code = (
        "import contextlib, sys\n"
        "from readybook.cli.main import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main(['--help'])\n"
        "print('HEAVY', *sorted(set(sys.argv[1:]) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "HEAVY"
