"""Modules and functions stay small enough to be read at one sitting."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "readybook"
MOST_LINES_OF_A_MODULE = 300
MOST_LINES_OF_A_FUNCTION = 40
FILES = sorted(SOURCE.rglob("*.py"))


def inside(path):
    return path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_module_is_short(path):
    """No module has more than 300 lines."""
    lines = len(path.read_text(encoding="utf-8").splitlines())

    assert lines <= MOST_LINES_OF_A_MODULE, f"{inside(path)}: {lines} lines"


@pytest.mark.parametrize("path", FILES, ids=inside)
def test_functions_are_short(path):
    """No function has more than 40 lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = [
        f"{inside(path)}:{node.lineno}: {node.name}: {size} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := (node.end_lineno or 0) - node.lineno + 1)
        > MOST_LINES_OF_A_FUNCTION
    ]

    assert long == []
