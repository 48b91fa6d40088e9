"""The notebooks are thin by rule: cells call the package and show what comes back."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import nbformat
import papermill
import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
PARAMETER = re.compile(r"^\w+: \w+ = .+  # .+$")
REFUSED = {
    ast.FunctionDef: "def",
    ast.AsyncFunctionDef: "def",
    ast.ClassDef: "class",
    ast.Lambda: "lambda",
    ast.For: "for",
    ast.While: "while",
    ast.Try: "try",
    ast.If: "if",
    ast.With: "with",
}


def broken_rules(notebook):
    """Every broken rule as "cell N: rule"."""
    broken = []
    code = [(n, c) for n, c in enumerate(notebook.cells) if c.cell_type == "code"]
    tags = [c.metadata.get("tags", []) for _, c in code]
    if sum("parameters" in t for t in tags) != 1:
        broken.append("notebook: exactly one parameters cell")
    imports = 0
    for number, cell in code:
        rules = [*_cell_rules(cell), *_prose_rules(notebook, number)]
        broken += [f"cell {number}: {rule}" for rule in rules]
        imports += "import " in cell.source
    if imports != 1:
        broken.append("notebook: exactly one import cell")
    return broken


def _cell_rules(cell):
    source = cell.source
    if cell.outputs or cell.execution_count:
        yield "no outputs and no execution count"
    if len(source.splitlines()) > 12:
        yield "at most 12 lines"
    if re.search(r"^\s*[!%]", source, flags=re.MULTILINE):
        yield "no shell and no magic"
        return
    for node in ast.walk(ast.parse(source)):
        yield from _node_rules(node)
    if "parameters" in cell.metadata.get("tags", []):
        for line in source.splitlines():
            if not PARAMETER.match(line):
                yield f"parameters are typed and commented: {line}"


def _node_rules(node):
    if type(node) in REFUSED:
        yield f"no {REFUSED[type(node)]}"
    if isinstance(node, ast.Name) and node.id == "open":
        yield "no file access"
    if isinstance(node, ast.Constant):
        if isinstance(node.value, int | float):
            yield "no threshold"
        if str(node.value).startswith("/"):
            yield "no absolute path"
    if isinstance(node, ast.Import | ast.ImportFrom) and not _is_ours(node):
        yield "imports readybook and IPython.display only"


def _is_ours(node):
    modules = (
        [node.module]
        if isinstance(node, ast.ImportFrom)
        else [a.name for a in node.names]
    )
    return all(m in {"readybook", "IPython.display"} for m in modules)


def _prose_rules(notebook, number):
    before = notebook.cells[number - 1] if number else None
    if before is None or before.cell_type != "markdown":
        yield "a sentence of prose stands above"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_keeps_every_rule(path):
    """No logic, no threshold, no output, prose above each cell."""
    assert broken_rules(nbformat.read(path, as_version=4)) == []


def test_all_eight_notebooks_are_there():
    """The facilitator's comes first; a report joins six; the last is of many cases."""
    assert [p.stem for p in NOTEBOOKS] == [
        "0-workshop",
        "1-scope",
        "2-data-availability",
        "3-data-quality",
        "4-provisioning",
        "5-ownership",
        "6-summary",
        "portfolio",
    ]


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("def f():\n    return None", "no def"),
        ("for x in y:\n    z(x)", "no for"),
        ("try:\n    z()\nexcept E:\n    z()", "no try"),
        ("open('x')", "no file access"),
        ("a(0.5)", "no threshold"),
        ("!ls", "no shell and no magic"),
        ("a('/etc')", "no absolute path"),
        ("import os", "imports readybook and IPython.display only"),
        ("a()\n" * 13, "at most 12 lines"),
    ],
)
def test_rule_finds_what_it_forbids(source, rule):
    """Each rule can fail."""
    cell = nbformat.v4.new_code_cell(source)

    assert rule in list(_cell_rules(cell))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_papermill_lists_every_parameter_with_type_default_and_help(path):
    """`papermill --help-notebook` tells a user what to pass."""
    found = papermill.inspect_notebook(str(path))

    more = {"0": {"minutes"}, "6": set()}.get(path.stem[0], {"respondent"})
    one = {"assessment", "as_of", "edition"} | more
    one = {"reports"} if path.stem == "portfolio" else one
    assert set(found) == one | {"register"}
    assert all(p["inferred_type_name"] == "str" for p in found.values())
    assert all(p["help"] for p in found.values())
