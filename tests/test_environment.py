"""environment.yml and pyproject.toml name the same packages with the same bounds."""

import ast
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from ruamel.yaml import YAML

from readybook.measure.sources.places import EXTRAS

ROOT = Path(__file__).parent.parent

# pip's name: conda-forge's name, where they differ
CONDA_NAME = {
    "duckdb": "python-duckdb",
    "ibis-framework": "ibis-duckdb",
    "jupyter-client": "jupyter_client",
}

# import name: distribution, where they differ
DISTRIBUTION = {
    "PIL": "pillow",
    "ibis": "ibis-framework",
    "ruamel": "ruamel-yaml",
    "yaml": "pyyaml",
}

# What is needed though no module imports it, and why.
NOT_IMPORTED = {
    "holidays": "imported when a calendar names a country",
    "ipykernel": "the kernel that papermill starts for a notebook",
    "open-data-contract-standard": "its JSON Schema is what a data model must satisfy",
    "pyarrow": "reads and writes Parquet for pandas and Ibis",
    "sqlglot": "Ibis compiles with it; its version is bounded here",
}


# Extras that the tests use, which `dev` installs.
SOURCES = ("audio", "aws", "dask", "delta", "iceberg", "mysql", "pictures", "postgres")


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]


def environment():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    return YAML(typ="safe").load(text)


def bounds(requirement):
    return {str(part) for part in requirement.specifier}


def wanted():
    """Return what pyproject.toml needs to run and to work in JupyterLab, by name."""
    declared = project()
    lines = declared["dependencies"] + declared["optional-dependencies"]["lab"]
    named = (Requirement(line) for line in lines)
    return {CONDA_NAME.get(r.name, r.name): bounds(r) for r in named}


def given():
    """Return what environment.yml installs, by name, this project itself left out."""
    _, *conda, last = environment()["dependencies"]
    from_pip = [line for line in last["pip"] if not line.startswith("-e")]
    named = (Requirement(line) for line in [*conda, *from_pip])
    return {r.name: bounds(r) for r in named if r.name != "pip"}


def test_conda_users_get_the_packages_and_bounds_of_pip_users():
    """The same names with the same bounds, both ways."""
    assert given() == wanted()


def test_environment_names_one_python_that_we_support():
    """Binder chooses its base by "python=3.x"; a bound it would not understand."""
    name, _, version = environment()["dependencies"][0].partition("=")
    supported = SpecifierSet(project()["requires-python"])
    classifier = f"Programming Language :: Python :: {version}"

    assert name == "python"
    assert version in supported
    assert classifier in project()["classifiers"]


def test_environment_ends_by_installing_the_checkout():
    """`conda env create` gives the `readybook` command of this very checkout."""
    assert environment()["dependencies"][-1]["pip"][-1] == "-e ."


def imported_distributions(folder):
    """Return the distributions that a folder's modules import, with one place each."""
    files = sorted((ROOT / folder).rglob("*.py"))
    beside = (ROOT / "benchmarks").glob("*.py")  # on the path of the tests too
    own = {path.stem for path in (ROOT / folder).glob("*.py")}
    own |= {path.stem for path in beside} | {"readybook"}
    found = {}
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module]
            for name in {name.partition(".")[0] for name in names}:
                if name not in sys.stdlib_module_names | own:
                    place = f"{path.relative_to(ROOT)}:{node.lineno}"
                    found[canonicalize_name(DISTRIBUTION.get(name, name))] = place
    return found


def declared_distributions(*extras):
    lines = [*project()["dependencies"]]
    for extra in extras:
        lines += project()["optional-dependencies"][extra]
    return {canonicalize_name(Requirement(line).name) for line in lines}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "extras"), [("src", ("dask",)), ("tests", ("dev", "spark", *SOURCES))]
)
def test_every_import_is_declared(folder, extras):
    """No module leans on a package that is there only because another wants it."""
    declared = declared_distributions(*extras)
    missing = {
        name: place
        for name, place in imported_distributions(folder).items()
        if name not in declared
    }

    assert missing == {}


def test_every_extra_that_a_message_names_is_there():
    """Who is told to install an extra can install it."""
    named = {extra for _module, extra in EXTRAS.values()}

    assert named <= set(project()["optional-dependencies"])


@pytest.mark.slow
def test_every_declared_package_is_used():
    """Each package is imported, or the reason why it is needed is written down."""
    used = set(imported_distributions("src")) | set(NOT_IMPORTED)

    assert declared_distributions("dask") - used == set()
