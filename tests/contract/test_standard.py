"""What the standard has as examples, and each form that its schemas allow, opens."""

import importlib.resources
import json
from pathlib import Path

import jsonschema
import pytest

from readybook.contract.read import parse_contract
from readybook.model.errors import InvalidInputError
from schema_forms import Forms

STANDARD = Path(__file__).parent / "standard"
EXAMPLES = sorted((STANDARD / "examples").rglob("*.odcs.yaml"))
VERSIONS = ("v3.0.0", "v3.0.2", "v3.1.0", "v3.2.0")


def schema_of(version):
    """The standard's schema of a version; that of the newest comes with its package."""
    if version != "v3.2.0":
        return json.loads((STANDARD / f"{version}.json").read_text("utf-8"))
    package = importlib.resources.files("open_data_contract_standard")
    return json.loads((package / "schema.json").read_text("utf-8"))


def documents(version):
    """A contract for each number of forms of a version."""
    forms, number = Forms(schema_of(version)), 0
    while number < forms.most:
        yield forms.document(number) | {"apiVersion": version, "kind": "DataContract"}
        number += 1


def refused(text):
    """What is refused of a contract."""
    try:
        parse_contract(text, name="data.odcs.yaml", folder=STANDARD)
    except InvalidInputError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("file", EXAMPLES, ids=[one.stem for one in EXAMPLES])
def test_example_of_the_standard_opens(file):
    """Each as it is, with each of its tables, also where nothing can be read of it."""
    model = parse_contract(file.read_bytes(), name=file.name, folder=file.parent).model

    assert len(model.tables) == {
        "full-example.odcs": 2, "postgresql-adventureworks-contract.odcs": 68,
        "all-schema-types.odcs": 3, "service-and-operational-roles.odcs": 0,
        "azure-server.odcs": 0, "database-table-sla.odcs": 0, "basic-four-dpo.odcs": 0,
    }.get(file.stem, 1)  # fmt: skip


def test_examples_are_all_there():
    """A test of none would pass."""
    assert len(EXAMPLES) == 18


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_each_form_that_a_schema_allows_opens(version):
    """Every value, branch and type once, and each of the documents is valid by it."""
    validator = jsonschema.Draft201909Validator(schema_of(version))
    made = list(documents(version))

    assert len(made) > 30
    assert {server["type"] for one in made for server in one["servers"]} == set(
        validator.schema["$defs"]["Server"]["properties"]["type"]["enum"]
    )
    for one in made:
        assert list(validator.iter_errors(one)) == []
        assert refused(json.dumps(one)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_slip_in_any_part_is_told_with_the_key_that_was_meant(version):
    """One letter less in the key of a server, of a table and of a column."""
    (first, *_) = documents(version)
    for part, key in (
        (first["servers"][0], "environment"),
        (first["schema"][0], "physicalName"),
        (first["schema"][0]["properties"][0], "classification"),
    ):
        whole = part.pop(key)
        part[key[:-1]] = whole
        (told,) = refused(json.dumps(first))
        part[key] = part.pop(key[:-1])

        assert f"{key[:-1]}: found an unknown key" in told
        assert f"did you mean '{key}'?" in told


@pytest.mark.parametrize("version", ["v3.1.0", "v3.2.0"])
def test_what_only_version_3_0_took_is_refused_later(version):
    """A number as the schema of DuckDB, and Athena's key of then."""
    server = {"server": "a", "type": "duckdb", "database": "a.duckdb", "schema": 3}
    text = json.dumps({"apiVersion": version, "kind": "DataContract", "id": "a", "version": "1",
                       "status": "draft", "servers": [server]})  # fmt: skip

    assert [one.partition(": ")[2] for one in refused(text)] == [
        'servers[0].schema: found the number 3, expected text, do: put it in quotes: "3"'
    ]
