"""The published JSON Schemas say what the models say."""

import json
from pathlib import Path

import jsonschema
import pytest

from readybook.case.open import open_one
from readybook.cli.files import SCHEMA_NAMES, document_schemas, write_schemas
from readybook.report.render import result_json
from readybook.score.score import score
from readybook.show.kit.case import Case
from readybook.text.yaml import parse_yaml

BROKEN = Path(__file__).parents[1] / "broken"
FILES = {
    "assessment": "_valid/assessment.yaml",
    "answers": "_valid/answers/data-owner.yaml",
    "agreed": "_valid/answers/agreed.yaml",
    "resources": "_valid/resources.yaml",
    "stakeholders": "_valid/stakeholders.yaml",
    "actions": "_valid/actions.yaml",
    "changes": "_valid/changes.yaml",
    "decisions": "_valid/decisions.yaml",
    "register": "_register.yaml",
    "questions": "_bank/availability.yaml",
    "bank": "_bank/bank.yaml",
    "answer-sets": "_bank/answer-sets.yaml",
    "own-bank": "../../templates/bank/bank.yaml",
}


def as_editors_see_it(path):
    data = parse_yaml(path.read_bytes(), name=path.name).data
    return json.loads(json.dumps(data, default=str))


def is_valid(name, data):
    schema = document_schemas()[name]
    return jsonschema.Draft202012Validator(schema).is_valid(data)


def test_schemas_are_written_for_editors(tmp_path):
    """Each document has a file, which holds what the models say."""
    write_schemas(tmp_path / "made")
    written = sorted((tmp_path / "made").iterdir())

    assert [path.name for path in written] == sorted(
        f"{name}.schema.json" for name in SCHEMA_NAMES
    )
    assert {
        path.name.partition(".")[0]: json.loads(path.read_text("utf-8"))
        for path in written
    } == {name: document_schemas()[name] for name in SCHEMA_NAMES}


def test_schema_of_a_result_takes_one_and_what_a_later_version_adds(root):
    """Programs that check what they read go on when a key is added, not when one goes."""
    opened = open_one(root / "templates" / "flight-delays")
    case = Case(opened.assessment, opened.bank, score(opened.bank, opened.assessment))
    body = json.loads(result_json(case))
    less = {key: one for key, one in body.items() if key != "plan"}

    assert is_valid("result", body)
    assert is_valid("result", body | {"new": 1})
    assert not is_valid("result", less)
    assert not is_valid("result", body | {"plan": {**body["plan"], "p50": 7}})


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_schema_takes_a_valid_file(name):
    """An editor marks nothing in a file that readybook takes."""
    jsonschema.Draft202012Validator.check_schema(document_schemas()[name])

    assert is_valid(name, as_editors_see_it(BROKEN / FILES[name]))


@pytest.mark.parametrize("name", SCHEMA_NAMES)
def test_schema_refuses_an_unknown_key(name):
    """An editor marks a slip in a key before readybook does."""
    data = as_editors_see_it(BROKEN / FILES[name])

    assert not is_valid(name, {**data, "extra": 1})


def test_dates_have_the_format_date():
    """Editors can check dates and offer a calendar."""
    due = document_schemas()["actions"]["$defs"]["Action"]["properties"]["due"]

    assert {"format": "date", "type": "string"} in due["anyOf"]
