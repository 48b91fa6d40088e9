"""Imports point one way, and only the modules at the edge touch files."""

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "readybook"

READING = (
    "documents",
    "localpaths",
    "odcs_form",
    "odcs_custom",
    "odcs_joins",
    "odcs_quality",
    "odcs_columns",
    "odcs_selections",
    "odcs_servers",
    "odcs_sla",
    "odcs",
    "bankrules",
    "bank",
    "bankhistory",
    "ownbank",
    "circles",
    "jsonfiles",
    "milestonefiles",
    "plancheck",
    "consistency",
    "assessment",
    "schemas",
)
THINKING = (
    "access",
    "accounts",
    "assumptions",
    "bounds",
    "claims",
    "compare",
    "contracted",
    "course",
    "derivation",
    "environments",
    "evidence",
    "forecast",
    "headline",
    "lifecycle",
    "load",
    "permissions",
    "probed",
    "prospect",
    "provision",
    "reach",
    "reasons",
    "register",
    "register_roles",
    "registernotes",
    "routes",
    "scoring",
    "settle",
    "steps",
    "verdicts",
    "worth",
)
SHOWING = (
    "accord",
    "actionlist",
    "agenda",
    "ahead",
    "access_tables",
    "asks",
    "banktext",
    "category_chart",
    "chapters",
    "charts",
    "compared",
    "deployments",
    "layered",
    "doubts",
    "drift",
    "facilitator",
    "figures",
    "found",
    "found_steps",
    "fragment",
    "frames",
    "history_chart",
    "leadership",
    "leftout",
    "lineage",
    "needs",
    "nulls_map",
    "ownership",
    "ownership_tables",
    "permission_chart",
    "plan_charts",
    "plan_figures",
    "plan_tables",
    "probes",
    "provenance",
    "registers",
    "runsheet",
    "sheetjudge",
    "sheetread",
    "sheets",
    "since",
    "status",
    "tables",
    "theme",
    "who_we_need",
    "workshop",
)
# From the bottom up. A module imports from rows before its own, or from its own row; a
# new module is put into a row here.
LAYERS = (
    ("errors",),
    ("scalars", "yamltext", "expectations", "refusals"),
    ("models",),
    ("findings",),
    ("contract", "planned", "provisioned", "registered"),
    ("agreements",),
    ("declared",),
    ("subjects", "owned", "signoffs"),
    ("checkspec",),
    ("checks", "ownership_checks", "resource_checks"),
    ("results",),
    ("words", "bankchanges", "freezing", "milestones"),
    READING,
    ("measure",),
    ("starting", "lab"),
    ("saving",),
    THINKING,
    ("lint",),
    SHOWING,
    ("page", "slim"),
    ("forms",),
    ("workbook",),
    ("execute",),
    ("render", "batch", "sheetfile"),
    ("__init__",),
    ("options",),
    (
        "commands",
        "commands_account",
        "commands_actions",
        "commands_lab",
        "commands_milestone",
        "commands_sheets",
        "commands_signoff",
        "commands_status",
        "commands_probe",
        "commands_route",
        "cli",
    ),
    ("__main__",),
)
LAYER = {name: row for row, names in enumerate(LAYERS) for name in names}

# What the rows would allow, but a module may not: thinking and showing are given
# models, they never fetch or measure; measuring knows nothing of questions.
FORBIDDEN = {
    **{name: {*READING, "measure", "starting"} for name in THINKING + SHOWING},
    "measure": {"assessment", "bank"},
}

TOUCHES_FILES = {
    *READING,
    "forms",
    "lab",
    "sheetfile",
    "measure",
    "page",
    "render",
    "saving",
    "starting",
}
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
    importer: str  # the module, or its subpackage of readybook
    imported: str

    def __str__(self) -> str:
        return f"{self.where}: {self.importer} imports {self.imported}"


def modules(source: Path = SOURCE) -> Iterator[tuple[str, str, ast.Module]]:
    """Yield unit (module or subpackage), file name and syntax tree."""
    for path in sorted(source.rglob("*.py")):
        inside = path.relative_to(source)
        yield inside.with_suffix("").parts[0], inside.as_posix(), parse(path)


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported_names(node: ast.AST) -> Iterator[str]:
    """Yield the dotted names inside readybook that one import statement asks for."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield f"{node.module or ''}.{alias.name}"


def imports(source: Path = SOURCE) -> Iterator[Import]:
    """Yield each import of a unit of readybook by another, those in functions too."""
    units = {path.stem for path in source.iterdir()} | set(LAYER)
    for unit, file, tree in modules(source):
        for node in ast.walk(tree):
            for name in imported_names(node):
                package, _, rest = name.partition(".")
                target = rest.partition(".")[0]
                if package != "readybook" or target in {unit, "__version__"}:
                    continue
                module = target if target in units else "__init__"
                yield Import(f"{file}:{node.lineno}", unit, module)


def test_import_inside_a_function_is_seen(tmp_path):
    """An import that is put off until it is needed counts like any other."""
    late = "def f():\n    from readybook.cli import main\n    from readybook import x\n"
    (tmp_path / "scoring.py").write_text(late, encoding="utf-8")

    assert [str(found) for found in imports(tmp_path)] == [
        "scoring.py:2: scoring imports cli",
        "scoring.py:3: scoring imports __init__",
    ]


def test_every_module_has_a_layer():
    """A module that the table does not know is named, so that no one goes unchecked."""
    unknown = {unit for unit, _, _ in modules()} - set(LAYER)

    assert unknown == set()


def test_no_relative_import_hides_from_the_layer_test():
    """Imports inside the package are absolute, so that this test sees them all."""
    hidden = [
        f"{file}:{node.lineno}"
        for _, file, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]

    assert hidden == []


def test_imports_point_one_way():
    """No module imports from a layer above its own."""
    upward = [
        str(found)
        for found in imports()
        if LAYER.get(found.imported, 0) > LAYER.get(found.importer, len(LAYERS))
    ]

    assert upward == []


def test_thinking_and_measuring_import_no_reader():
    """Scoring and measuring are given models; they never fetch them."""
    wrong = [
        str(found)
        for found in imports()
        if found.imported in FORBIDDEN.get(found.importer, ())
    ]

    assert wrong == []


def test_imports_have_no_cycle():
    """Two modules of one layer do not import each other, however indirectly."""
    graph: dict[str, set[str]] = {}
    for found in imports():
        graph.setdefault(found.importer, set()).add(found.imported)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("imports in a circle: " + " <- ".join(error.args[1]))


def file_call(node: ast.AST) -> str | None:
    """Return the name of the call when it opens, makes or removes a file."""
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    name = getattr(function, "attr", None) or getattr(function, "id", None)
    return name if name in FILE_CALLS else None


def test_only_the_edge_touches_files():
    """Scoring, tables and charts take models; only readers and writers open files."""
    opened = [
        f"{file}:{node.lineno}: {unit} calls {name}"
        for unit, file, tree in modules()
        if unit not in TOUCHES_FILES
        for node in ast.walk(tree)
        if (name := file_call(node))
    ]

    assert opened == []


def test_help_imports_nothing_heavy():
    """`readybook --help` answers at once: what takes seconds to import waits."""
    code = (
        "import contextlib, sys\n"
        "from readybook.cli import main\n"
        "with contextlib.suppress(SystemExit):\n"
        "    main(['--help'])\n"
        "print('HEAVY', *sorted(set(sys.argv[1:]) & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines()[-1] == "HEAVY"
