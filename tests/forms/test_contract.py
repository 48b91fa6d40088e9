"""The data model's form: what is refused, what is proposed, and what is stale after it."""

import json
import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.forms.contract import table_session
from readybook.model.findings import DataEvidence
from readybook.text.documents import save_evidence

#: As a draft leaves it.
DRAFT = """\
apiVersion: v3.2.0
kind: DataContract
id: orders
version: 0.1.0
status: draft
schema:
  - name: orders
    physicalName: orders_2026
    ## Proposed, because 5,000 of 5,000 rows have a time in ordered_at, on 314 days from
    ## 2024-01 to 2024-11: is it the time of the event?
    # customProperties:
    #   - property: readiness.eventTime
    #     value: ordered_at
    #   - property: readiness.grain
    #     value: P1D
    #   - property: readiness.calendar
    #     value:
    #       weekdays: [mon, fri]
    properties:
      - name: ordered_at
        logicalType: timestamp
      - name: size # as it is printed
        logicalType: string
        ## Proposed, because it has 2 values of 10 rows or more
        # enum:
        #   - value: "L"
        #   - value: "no"
        ## Seen: 3 rows have blanks
        # just a remark
      - name: store
        logicalType: integer
        customProperties:
          - property: readiness.needed
            value: true
        ## Proposed, because it alone has two values
        #   - property: readiness.label
        #     value: true
        ## And because 12 rows say n/a
        # quality:
        #   - metric: missingValues
        #     arguments:
        #       missingValues: [n/a]
        #     mustBe: 0
"""


def load_yaml(text):
    return YAML(typ="safe").load(text)


@pytest.fixture
def start(root, tmp_path):
    """A start with a contract as a draft leaves it."""
    folder = shutil.copytree(root / "templates" / "assessment", tmp_path / "case")
    (folder / "data.odcs.yaml").write_text(DRAFT, encoding="utf-8")
    return Path(folder)


@pytest.fixture
def example(root, tmp_path):
    """Return the worked example, without its data."""
    source = root / "templates" / "flight-delays"
    skipped = shutil.ignore_patterns("data", "milestones")
    return Path(shutil.copytree(source, tmp_path / "flights", ignore=skipped))


class Tab:
    """One browser tab with a table of a folder."""

    def __init__(self, folder, name):
        bank = load_bank_for(folder)
        opened = open_assessment(folder, bank=bank)
        self.session = table_session(folder, bank, opened, name)
        self.counter = 0
        (self.about,) = self.session.handle({"kind": "open"})
        self.marks = {row["id"]: row["mark"] for row in self.about["rows"]}

    def say(self, kind, row, **more):
        self.counter += 1
        (reply,) = self.session.handle(
            {"kind": kind, "question": row, "client": "tab", "base": self.marks[row],
             "counter": self.counter, **more})  # fmt: skip
        return reply

    def save(self, row, **cells):
        given = {key.replace("__", "."): value for key, value in cells.items()}
        return self.say("save", row, values=given)

    def proposed(self, row):
        (offers,) = self.session.standing("")
        return offers["beside"][row]["proposed"]


def text_of(folder):
    return (folder / "data.odcs.yaml").read_text(encoding="utf-8")


def test_every_proposal_of_a_draft_is_taken_as_if_uncommented(start):
    """Each is told with its reason, is written where it belongs, and then is gone."""
    for name, wanted in {
        "tables": {
            "orders": [
                (
                    "Event time: ordered_at; Time between two periods: P1D; "
                    "Weekdays with rows (2): mon, fri"
                )
            ]
        },
        "columns": {
            "orders ordered_at": [],
            "orders size": ["Categories (2): L, no"],
            "orders store": ["Label", "Means no value (1): n/a"],
        },
    }.items():
        tab = Tab(start, name)
        for row, says in wanted.items():
            assert [one["says"] for one in tab.proposed(row)] == says
            for _ in says:
                one = tab.proposed(row)[0]
                assert one["because"].startswith(("5,000", "it ", "12 rows"))
                reply = tab.say("take", row, proposed=one["id"])
                assert reply["kind"] == "saved"
                tab.marks[row] = reply["mark"]
            assert tab.proposed(row) == []

    text = text_of(start)
    by_hand = re.sub(r"(?m)^( *)# (?!just)", r"\1", DRAFT)
    assert load_yaml(text) == load_yaml(by_hand)
    own = ["# as it is printed", "## Seen: 3 rows have blanks", "# just a remark"]
    assert [line[line.index("#") :] for line in text.splitlines() if "#" in line] == own
    model = open_assessment(start, bank=load_bank_for(start)).data_model
    (table,) = model.tables
    size, store = table.column("size"), table.column("store")
    assert (table.event_time, table.grain) == ("ordered_at", "P1D")
    assert [one.value for one in size.categories] == ["L", "no"]
    assert (store.is_label, store.needed, store.null_tokens) == (True, True, ("n/a",))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("grain\n    #     value: P1D", "grain\n    #     value: P1D # or a week?"),
        ("    properties:", ("    customProperties:\n      - property: readiness.grain\n"
                            "        value: P7D\n    properties:")),
    ],
)  # fmt: skip
def test_proposal_that_is_not_taken_whole_stays_as_a_remark(start, old, new):
    """It is declared otherwise in part, or somebody has commented it."""
    draft = DRAFT.replace(old, new, 1)
    (start / "data.odcs.yaml").write_text(draft, encoding="utf-8")
    tab = Tab(start, "tables")
    (one,) = tab.proposed("orders")
    assert tab.say("take", "orders", proposed=one["id"])["kind"] == "saved"

    text = text_of(start)
    assert "    ## Left: Proposed, because 5,000 of" in text
    kept = [line.replace("# ", "## ") for line in draft.splitlines()[10:18]]
    assert "\n".join(kept).replace("## or", "# or") in text
    assert "readiness.eventTime" in [
        one["property"] for one in load_yaml(text)["schema"][0]["customProperties"]
    ]
    assert tab.proposed("orders") == []


def test_proposal_that_is_gone_or_whose_row_changed_is_not_taken(start):
    """Nothing is written over what somebody else declared."""
    tab, other = Tab(start, "columns"), Tab(start, "columns")
    (one,) = tab.proposed("orders size")
    other.save("orders size", required=True)
    before = text_of(start)
    assert tab.say("take", "orders size", proposed=one["id"])["kind"] == "conflict"
    gone = tab.say("take", "orders size", proposed="another")
    assert (gone["kind"], text_of(start)) == ("refused", before)


@pytest.mark.slow
def test_frequent_values_that_are_not_declared_are_proposed_with_their_rows(example):
    """As evidence has them; rarer ones have no name there."""
    path = example / "evidence" / "data.json"
    evidence = json.loads(path.read_text(encoding="utf-8"))
    finding = next(one for one in evidence["findings"] if one["check"] == "values-declared"
                   and one["subject"] == "flights.carrier")  # fmt: skip
    points = [
        {"label": "ZZ", "value": 49_574},
        {"label": "(other values)", "value": 12},
    ]
    finding |= {
        "outcome": "contradicts", "message": "49,574 rows have no declared value.",
        "series": [{"name": "not declared", "unit": "rows", "points": points}],
    }  # fmt: skip
    del evidence["seal"]
    save_evidence(DataEvidence.model_validate_json(json.dumps(evidence)), path)
    tab = Tab(example, "columns")
    (one,) = tab.about["beside"]["flights carrier"]["proposed"]

    assert (one["says"], one["because"]) == ("Categories (1): ZZ", finding["message"])
    before = text_of(example)
    assert tab.say("take", "flights carrier", proposed=one["id"])["kind"] == "saved"
    added = [x for x in text_of(example).splitlines() if x not in before.splitlines()]
    assert added == ["          - value: ZZ"]


def test_what_was_measured_stands_beside_and_a_change_makes_it_stale(example):
    """The form says what to measure again."""
    tab = Tab(example, "tables")
    assert any("336,776 rows" in one for one in tab.about["beside"]["flights"]["told"])
    assert tab.about["beside"]["planes"]["told"][-1] == "Declared as keys: tailnum."
    assert tab.about["note"] == ""
    tab.save("flights", history_needed="P1Y")
    (offers,) = tab.session.standing("")
    assert offers["note"].startswith(
        "flights is declared otherwise than measured: press"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "row", "cells", "said"),
    [
        ("columns", "flights dep_delay", {"label": True}, "a second label"),
        ("columns", "flights dep_delay", {"missing": "many"}, "a number"),
        ("columns", "flights dep_delay", {"minimum": "low"}, "a number"),
        ("columns", "flights origin", {"categories": ["JFK", "JFK"]}, "what the standard allows"),
        ("tables", "flights", {"event_time": "timehour"}, "did you mean 'time_hour'?"),
        ("tables", "flights", {"keys": ["carrier + flihgt"]}, "'flight'"),
        ("tables", "flights", {"history_needed": "2 years"}, "an ISO 8601 duration"),
        ("tables", "flights", {"train.last": "0"}, "before 'from'"),
        ("tables", "flights", {"live.column": "origin"}, "a range of a column"),
    ],
)  # fmt: skip
def test_what_reading_would_refuse_is_told_beside_its_cell(
    example, name, row, cells, said
):
    """In the words of the check; the contract is as it was."""
    before, tab = text_of(example), Tab(example, name)
    reply = tab.say("save", row, values=cells)
    (cell,) = cells

    assert reply["kind"] == "refused"
    assert said in reply["cells"][cell][0]
    assert text_of(example) == before


def test_folder_without_a_contract_has_no_rows(root, tmp_path):
    """There is nothing to edit yet, and the form says so."""
    folder = Path(shutil.copytree(root / "templates" / "assessment", tmp_path / "case"))
    tab = Tab(folder, "columns")

    assert (tab.about["rows"], tab.about["beside"], tab.about["note"]) == ([], {}, "")


@pytest.mark.parametrize(
    ("row", "typed", "stored"),
    [
        (
            "flights arr_delay",
            {"missing": "<4%"},
            {"missing": "under 4 %"},
        ),
        (
            "flights",
            {"latency": "3d", "keys": ["year+month"], "joins": ["planes.tailnum"]},
            {"latency": "3 d", "keys": ["year + month"],
             "joins": ["tailnum -> planes.tailnum"]},
        ),
    ],
)  # fmt: skip
def test_cell_is_told_as_the_file_has_it(example, row, typed, stored):
    """So that the next one of its row meets no change of somebody else."""
    tab = Tab(example, "columns" if " " in row else "tables")
    first = tab.save(row, **typed)
    tab.marks[row] = first["mark"]

    assert first["kind"] == "saved"
    assert first["stored"] | stored == first["stored"]
    assert tab.save(row, origin="Read at the gate")["kind"] == "saved"


def test_column_may_join_to_those_of_its_name_and_is_told_where_no_need_names_it(
    example,
):
    """What was measured of a join is told of its table."""
    tab = Tab(example, "columns")
    offered = tab.about["offers"]["joins"]
    of_year = {one["id"] for one in offered if one["of"] == "planes year"}
    assert of_year >= {"flights.year", "weather.year"}
    told = {name: beside["told"] for name, beside in tab.about["beside"].items()}
    unnamed = {name for name, lines in told.items() if "No need names it" in str(lines)}
    assert "airports name" in unnamed
    assert "flights arr_delay" not in unnamed
    assert "tailnum" in str(Tab(example, "tables").about["beside"]["flights"]["told"])
