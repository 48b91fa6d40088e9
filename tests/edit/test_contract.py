"""A contract is edited by cells: what they write is the standard's, and nothing is lost."""

import shutil
from difflib import ndiff
from pathlib import Path

import pytest

from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.edit.contract import typed
from readybook.edit.entries import mark_of
from readybook.edit.rows import Rows
from readybook.edit.tables import TABLES


@pytest.fixture
def example(root, tmp_path):
    """Return the worked example, without its data and evidence."""
    source = root / "templates" / "flight-delays"
    skipped = shutil.ignore_patterns("data", "evidence", "milestones")
    return Path(shutil.copytree(source, tmp_path / "flights", ignore=skipped))


def save(folder, name, row, **cells):
    """Save cells of a row; return the lines that went, and those that came."""
    rows = Rows(folder, TABLES[name], load_bank_for(folder))
    path = folder / "data.odcs.yaml"
    old = path.read_text(encoding="utf-8").splitlines()
    given = {key.replace("__", "."): value for key, value in cells.items()}
    rows.save(row, given, mark_of(rows.stored()[row]))
    lines = list(ndiff(old, path.read_text(encoding="utf-8").splitlines()))
    return tuple([one[2:].strip() for one in lines if one.startswith(sign)]
                 for sign in ("- ", "+ "))  # fmt: skip


def declared(folder, table):
    opened = open_assessment(folder, bank=load_bank_for(folder))
    return opened.data_model.table(table)


@pytest.mark.parametrize("name", ["tables", "columns"])
def test_contract_that_is_saved_as_it_is_stays_the_same_to_the_byte(example, name):
    """What a page shows and sends back changes nothing."""
    rows = Rows(example, TABLES[name], load_bank_for(example))
    before = (example / "data.odcs.yaml").read_bytes()
    stored = rows.stored()
    for row, values in stored.items():
        rows.save(row, values, mark_of(values))

    if name == "columns":
        wind = stored["weather wind_speed"]
        assert (wind["minimum"], wind["missing"]) == (0, "under 1 %")
    assert len(stored) == {"tables": 5, "columns": 53}[name]
    assert (example / "data.odcs.yaml").read_bytes() == before


def test_column_is_declared_in_terms_of_the_standard(example):
    """Limits, range, categories and label are keys and rules that reading knows."""
    went, came = save(example, "columns", "flights arr_delay", missing="4 %")
    assert (went, came) == (["mustBeLessThan: 5"], ["mustBeLessOrEqualTo: 4"])
    cells = {"minimum": -100, "invalid": "under 30 rows", "label_fill": 0.9}
    went, came = save(example, "columns", "flights arr_delay", **cells)
    assert went == ["value: 0.95"]
    assert came == [
        "logicalTypeOptions:", "minimum: -100", "- metric: invalidValues",
        "mustBeLessThan: 30", "unit: rows", "value: 0.9",
    ]  # fmt: skip
    column = declared(example, "flights").column("arr_delay")
    assert column.nulls.most(1000) == 40
    assert column.invalid.most(10**6) == 29
    assert (column.minimum, column.label_fill) == (-100, 0.9)

    went, _ = save(example, "columns", "flights arr_delay", missing="", minimum="",
                   invalid="", label="", label_fill="")  # fmt: skip
    column = declared(example, "flights").column("arr_delay")
    assert (column.nulls, column.invalid, column.is_label) == (None, None, False)


@pytest.mark.slow
def test_texts_that_mean_no_value_are_a_rule_and_go_with_it(example):
    """As a draft writes it; another rule of the column stays."""
    rule = ["- metric: missingValues", "arguments:", 'missingValues: ["-999", k.A.]',
            "mustBeGreaterOrEqualTo: 0"]  # fmt: skip
    typed = {"no_value": ["-999", "k.A."]}
    assert save(example, "columns", "flights arr_delay", **typed) == ([], rule)
    column = declared(example, "flights").column("arr_delay")
    assert column.null_tokens == ("-999", "k.A.")
    assert save(example, "columns", "flights arr_delay", no_value=None) == (rule, [])


def test_category_that_stays_keeps_what_is_said_of_it(example):
    """A list is written anew but for its entries, and a number is one."""
    values = Rows(example, TABLES["columns"], load_bank_for(example)).stored()
    carriers = values["flights carrier"]["categories"]
    went, came = save(example, "columns", "flights carrier",
                      categories=[*carriers[1:], "Big, Co"])  # fmt: skip
    assert went == ['- value: "9E"', "label: Endeavor Air"]
    assert came == ["- value: Big, Co"]
    save(example, "columns", "flights month", categories=["1", "12"])
    text = (example / "data.odcs.yaml").read_text(encoding="utf-8")
    assert "- value: 1\n          - value: 12\n" in text


def test_table_is_declared_with_its_keys_and_rows(example):
    """A value of a selection is of its column's type; emptied, the property goes."""
    _, came = save(
        example, "tables", "flights", keys=["time_hour + carrier+flight", "year + day"],
        train__column="time_hour", train__first="2013-01-01", train__last="2013-06-30",
        live__column="origin", live__first="", live__last="", live__values=["JFK"],
        segments=["origin"],
    )  # fmt: skip
    assert came == [
        "value: [[time_hour, carrier, flight], [year, day]]",
        "value: { column: time_hour, from: 2013-01-01, to: 2013-06-30 }",
        "value: { column: origin, equals: [JFK] }",
        "- property: readiness.segments", "value: [origin]",
    ]  # fmt: skip
    table = declared(example, "flights")
    assert table.keys[-2:] == (("time_hour", "carrier", "flight"), ("year", "day"))
    assert table.train.conditions[0].at_least == "2013-01-01"
    save(example, "tables", "flights", live__column="", live__values="")
    assert declared(example, "flights").live is None


@pytest.mark.slow
def test_further_conditions_of_a_selection_stay(example):
    """The cells are of the first one."""
    path = example / "data.odcs.yaml"
    text = path.read_text(encoding="utf-8")
    one = "value: { column: month, from: 1, to: 9 }"
    two = "value: [{ column: month, from: 1, to: 9 }, { column: day, from: 2 }]"
    path.write_text(text.replace(one, two), encoding="utf-8")
    save(example, "tables", "flights", train__first="3")

    first, second = declared(example, "flights").train.conditions
    assert (first.at_least, first.at_most, second.column) == (3, 9, "day")


def test_joins_are_declared_of_a_column_or_of_several(example):
    """What was declared of one that stays is kept; own columns need no table."""
    old = declared(example, "flights").relationships
    path = example / "data.odcs.yaml"
    rows = Rows(example, TABLES["columns"], load_bank_for(example)).stored()
    name, row = next((name, row) for name, row in rows.items() if row.get("joins"))
    before = path.read_bytes()
    assert save(example, "columns", name, joins=[])[1] == []
    assert len(declared(example, "flights").relationships) < len(old)
    save(example, "columns", name, joins=row["joins"])
    path.write_bytes(before)

    several = "origin + year -> planes.tailnum + year"
    save(example, "tables", "flights", joins=["planes.tailnum", several])
    found = {one.subject: one for one in declared(example, "flights").relationships}
    assert "flights.tailnum -> planes.tailnum" in found
    assert "flights.origin+year -> planes.tailnum+year" in found
    rows = Rows(example, TABLES["tables"], load_bank_for(example))
    assert rows.stored()["flights"]["joins"] == [
        "tailnum -> planes.tailnum",
        "origin + year -> planes.tailnum + planes.year",
    ]


def test_calendar_is_declared_by_weekdays_closed_days_and_holidays(example):
    """Its cells are one property, which goes with the last of them."""
    cells = {"calendar__weekdays": ["mon", "fri"], "calendar__holidays": "AT",
             "calendar__closed": ["2026-12-24", "2026-12-27 to 2026-12-31"]}  # fmt: skip
    save(example, "tables", "weather", **cells)
    calendar = declared(example, "weather").calendar
    assert (calendar.weekdays, calendar.holidays) == (("mon", "fri"), "AT")
    assert [f"{one.first} {one.last}" for one in calendar.closed] == [
        "2026-12-24 2026-12-24", "2026-12-27 2026-12-31"]  # fmt: skip
    rows = Rows(example, TABLES["tables"], load_bank_for(example))
    stored = rows.stored()["weather"]
    assert {key: stored[key.replace("__", ".")] for key in cells} == cells

    save(example, "tables", "weather", **dict.fromkeys(cells, ""))
    assert declared(example, "weather").calendar is None


@pytest.mark.parametrize(
    ("typed", "means"), [("2 d", "P2D"), ("PT6H", "PT6H"), ("1.5 h", "PT90M")]
)
def test_age_of_the_newest_event_is_a_service_level_of_the_table(example, typed, means):
    """What is said of other tables stays."""
    other = declared(example, "flights").latency
    save(example, "tables", "weather", latency=typed)
    assert declared(example, "weather").latency == means
    assert declared(example, "flights").latency == other
    rows = Rows(example, TABLES["tables"], load_bank_for(example))
    assert rows.stored()["weather"]["latency"] == typed

    save(example, "tables", "weather", latency="")
    assert "latency" not in rows.stored()["weather"]
    path = example / "data.odcs.yaml"
    text = path.read_text(encoding="utf-8").rstrip()
    both = "{property: latency, value: 9, unit: d, element: 'flights, weather'}"
    path.write_text(f"{text}\nslaProperties:\n  - {both}\n", encoding="utf-8")
    save(example, "tables", "weather", latency=typed)
    assert declared(example, "weather").latency == means  # not what is said of several
    assert declared(example, "flights").latency == "P9D"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2.000", "number", "2.000"),
        ("2.000", "string", "2.000"),
        ("2.5", "number", 2.5),
    ],
)
def test_number_that_reads_two_ways_stays_what_was_typed(text, kind, value):
    """It is refused as no number, and whoever typed it says which."""
    assert typed(text, kind) == value


def test_limit_that_is_not_included_is_the_standards_own(example):
    """In version 3.0 a flag says it of the other limit, and goes with it."""
    save(example, "columns", "weather wind_speed", minimum="", above=0, below=300)
    column = declared(example, "weather").column("wind_speed")
    assert (column.minimum, column.above, column.below) == (None, 0, 300)

    path = example / "data.odcs.yaml"
    text = path.read_text(encoding="utf-8")
    older = text.replace(
        "exclusiveMinimum: 0", "minimum: 0\n          exclusiveMinimum: true"
    )
    path.write_text(older.replace("v3.2.0", "v3.0.2", 1), encoding="utf-8")
    rows = Rows(example, TABLES["columns"], load_bank_for(example))
    assert rows.stored()["weather wind_speed"]["above"] == 0
    save(example, "columns", "weather wind_speed", above=1)
    assert declared(example, "weather").column("wind_speed").above == 1
    save(example, "columns", "weather wind_speed", minimum=2)
    column = declared(example, "weather").column("wind_speed")
    assert (column.minimum, column.above) == (2, None)


def test_form_of_dates_in_the_standards_key_is_shown_and_replaced(example):
    """Both are read; what is typed stands in the one that is recommended."""
    path = example / "data.odcs.yaml"
    text = path.read_text(encoding="utf-8")
    head, _, rest = text.partition("      - name: wind_speed\n")
    options = (
        "        logicalType: date\n        logicalTypeOptions: {format: dd.MM.yyyy}\n"
    )
    text = f"{head}      - name: made_on\n{options}      - name: wind_speed\n{rest}"
    path.write_text(text, encoding="utf-8")
    rows = Rows(example, TABLES["columns"], load_bank_for(example))
    assert rows.stored()["weather made_on"]["written_as"] == "dd.MM.yyyy"
    assert declared(example, "weather").column("made_on").written_as == "%d.%m.%Y"

    save(example, "columns", "weather made_on", written_as="yyyyMMdd")
    assert declared(example, "weather").column("made_on").written_as == "%Y%m%d"
    assert "{format: dd.MM.yyyy}" not in path.read_text(encoding="utf-8")
    save(example, "columns", "weather made_on", written_as="")
    assert declared(example, "weather").column("made_on").written_as is None
