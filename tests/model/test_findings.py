"""What evidence of format 1 has in texts alone is in fields once it was read."""

import json
from pathlib import Path

from readybook.model.findings import DataEvidence
from readybook.text.documents import evidence_text

EXAMPLE = Path(__file__).parents[2] / "templates" / "flight-delays"
RECORDED = (EXAMPLE / "evidence" / "data.json").read_bytes()


def findings(check):
    read = DataEvidence.model_validate_json(RECORDED)
    return {one.subject: one for one in read.findings if one.check == check}


def test_steps_that_were_read_have_their_dates_and_units():
    """The day, or the month where no day is known; points for shares."""
    found = findings("steps-declared")
    flights, weather = found["flights"], found["weather"]

    assert [(one.when, one.unit) for one in flights.points("step")] == [
        ("2013-04-03", "%"),
        ("2013-06-02", "%"),
    ]
    assert [(one.when, one.unit) for one in flights.points("perhaps a season")] == [
        ("2013-09", "points")
    ]
    lost = weather.points("declared and not found")
    assert [one.when for one in lost] == ["2013-02-13"]
    assert {one.when for one in flights.points("detection limit")} == {None}


def test_season_that_was_not_told_apart_is_a_caveat():
    """Of drift findings alone, and only where one was told."""
    caveat = "they cover other months, so a season's difference was not looked at"
    told = json.loads(RECORDED)
    for one in told["findings"]:
        if one["check"] in {"live-like-training", "keys-unique"}:
            one["message"] = f"Alike; 3 % have no value; {caveat}."
    read = DataEvidence.model_validate_json(json.dumps(told)).findings

    assert {one.check for one in read if one.caveat == caveat} == {"live-like-training"}
    assert findings("steps-declared")["flights"].caveat is None
    assert findings("nulls-tolerated")["flights.dest"].caveat is None


def test_fields_of_facts_are_not_written_to_files_of_format_1():
    """An older version opens what is written today, and refuses unknown keys."""
    text = evidence_text(DataEvidence.model_validate_json(RECORDED))

    assert text == RECORDED.decode()
