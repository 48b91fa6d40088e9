"""A contract is read as the declared data model, or all its problems are told."""

import contextlib
import importlib.resources
import json
import re

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from readybook.contract.read import parse_contract
from readybook.model.contract import Category, Relationship, Server
from readybook.model.errors import InvalidInputError
from readybook.text.documents import leaves_folder

CONTRACT = """\
apiVersion: v3.2.0
kind: DataContract
id: flights
version: 1.0.0
status: draft
contractCreatedTs: 2026-01-01T10:00:00Z
team:
  members:
    - {username: data-owner, dateIn: 2025-01-01}
servers:
  - {server: files, type: local, path: "data/{model}.csv", format: csv}
schema:
  - name: flights
    id: fl
    physicalName: flights_2013
    customProperties:
      - {property: readiness.eventTime, value: time_hour}
      - {property: readiness.timeZone, value: America/New_York}
      - {property: readiness.grain, value: P1D}
      - {property: readiness.historyNeeded, value: P2Y}
      - {property: readiness.keys, value: [[time_hour, carrier]]}
      - {property: readiness.segments, value: [origin]}
      - {property: other.tool, value: 3}
    relationships:
      - from: [flights.origin, flights.time_hour]
        to: [weather.origin, weather.time_hour]
        customProperties: [{property: readiness.orphansTolerated, value: 0.01}]
      - {from: schema/fl/properties/org, to: schema/we/properties/wo}
      - {from: flights.origin, to: "other.yaml#schema/x/properties/y"}
    properties:
      - name: time_hour
        logicalType: timestamp
        required: true
        primaryKey: true
        primaryKeyPosition: 2
      - name: origin
        id: org
        primaryKey: true
        primaryKeyPosition: 1
        enum:
          - {value: JFK}
          - value: SWF
            label: Stewart
            customProperties: [{property: readiness.minRows, value: 0}]
          - {value: 7}
          - {value: true}
          - {value: null}
      - name: carrier
        physicalName: CARRIER
        logicalType: string
        classification: Confidential
        customProperties: [{property: readiness.needed, value: true}]
        relationships: [{to: airlines.carrier}]
        quality:
          - metric: missingValues
            arguments: {missingValues: [null, '', NA, 0]}
            mustBe: 0
          - {metric: nullValues, mustBe: 0}
  - name: weather
    id: we
    properties: [{name: origin, id: wo}, {name: time_hour, classification: internal}]
  - name: airlines
    properties: [{name: carrier, unique: true}]
"""


def read(text, folder):
    return parse_contract(text, name="data.odcs.yaml", folder=folder).model


def changed(*pairs):
    text = CONTRACT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def messages(text, folder):
    with pytest.raises(InvalidInputError) as refused:
        read(text, folder)
    return [
        line.removeprefix("data.odcs.yaml:") for line in str(refused.value).splitlines()
    ]


def test_contract_is_read_whole(tmp_path):
    """What the standard declares, and our own properties, stand in the data model."""
    model = read(CONTRACT, tmp_path)
    flights, weather, airlines = model.tables
    time_hour, origin, carrier = flights.columns

    assert (model.id, model.version, model.status) == ("flights", "1.0.0", "draft")
    assert model.servers == (
        Server(server="files", type="local", path="data/{model}.csv", format="csv"),
    )
    assert flights.location == "flights_2013"
    assert flights.keys == (("origin", "time_hour"), ("time_hour", "CARRIER"))
    assert airlines.keys == (("carrier",),)
    assert flights.event_time == "time_hour"
    assert flights.time_zone == "America/New_York"
    assert (flights.grain, flights.history_needed) == ("P1D", "P2Y")
    assert flights.segments == ("origin",)
    assert (time_hour.type, time_hour.required) == ("timestamp", True)
    assert (carrier.name, carrier.needed, carrier.restricted) == ("CARRIER", True, True)
    assert carrier.null_tokens == ("", "NA", "0")
    assert not weather.columns[1].restricted
    assert origin.categories == (
        Category(value="JFK"),
        Category(value="SWF", label="Stewart", min_rows=0),
        Category(value="7"),
        Category(value="true"),
    )


def test_table_of_which_no_column_is_declared_has_none(tmp_path):
    """The standard lets it stand with its name alone."""
    *_, last = read(f"{CONTRACT}  - {{name: log}}\n", tmp_path).tables

    assert (last.name, last.columns) == ("log", ())


def test_relationships_are_read_in_all_notations(tmp_path):
    """Names, ids and the property level give joins; other files are left alone."""
    flights = read(CONTRACT, tmp_path).tables[0]

    assert flights.relationships == (
        Relationship(
            table="flights", columns=("origin", "time_hour"), to_table="weather",
            to_columns=("origin", "time_hour"), orphans_tolerated=0.01,
        ),
        Relationship(
            table="flights", columns=("origin",), to_table="weather",
            to_columns=("origin",),
        ),
        Relationship(
            table="flights", columns=("CARRIER",), to_table="airlines",
            to_columns=("carrier",),
        ),
    )  # fmt: skip


def test_fingerprints_follow_what_they_stand_for(tmp_path):
    """Comments change none; a table's change changes its own and the contract's."""
    before = read(CONTRACT, tmp_path)
    same = read("# note\n" + CONTRACT, tmp_path)
    after = read(changed(("SWF", "LGA")), tmp_path)

    assert same.fingerprint == before.fingerprint
    assert after.fingerprint != before.fingerprint
    assert [old.declared == new.declared
            for old, new in zip(before.tables, after.tables, strict=True)] == [
        False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "required: true", "requirrd: true",
            ("33: schema[0].properties[0].requirrd: found an unknown key, expected a key "
            "of the standard, do: did you mean 'required'?"),
        ),
        (
            "logicalType: timestamp", "logicalType: timestam",
            ("32: schema[0].properties[0].logicalType: found the text 'timestam', "
            "expected a value of the standard, do: did you mean 'timestamp'?"),
        ),
        (
            "required: true", "required: 'true'",
            ("33: schema[0].properties[0].required: found the text 'true', expected "
            "true or false, do: write true or false"),
        ),
        (
            "- {value: JFK}", "- JFK",
            ("41: schema[0].properties[1].enum[0]: found the text 'JFK', expected keys "
            "with values, do: write keys with values"),
        ),
        (
            "id: flights\n", "",
            ("1: id: found no such key, expected a key of the standard, "
            "do: add 'id: ...'"),
        ),
        (
            "server: files, ", "",
            ("11: servers[0].server: found no such key, expected a key of the standard, "
            "do: add 'server: ...'"),
        ),
        (
            "version: 1.0.0", "version: 1.0",
            '4: version: found the number 1.0, expected text, do: put it in quotes: "1.0"',
        ),
        (
            "version: 1.0.0", "version: ''",
            "4: version: found an empty text, expected text, do: write a text",
        ),
        (
            "to: airlines.carrier", "to: airlines",
            ("53: schema[0].properties[2].relationships[0].to: found the text "
            "'airlines', expected a reference such as table.column, "
            "do: write a reference such as table.column"),
        ),
        (
            "to: airlines.carrier", "to: airlines.Kürzel",
            ("53: schema[0].properties[2].relationships[0].to: found the text "
            "'airlines.Kürzel', expected a reference such as table.column, of letters "
            "a to z, digits, _ and -, do: give it a name of letters a to z, digits, _ "
            "and -, and what the data has as physicalName"),
        ),
        (
            "to: airlines.carrier", "to: airline.carrier",
            ("53: schema[0].properties[2].relationships[0].to: found 'airline', "
            "expected the name of a table of this contract, "
            "do: did you mean 'airlines'?"),
        ),
        (
            "to: airlines.carrier", "to: airlines.carrierr",
            ("53: schema[0].properties[2].relationships[0].to: found 'carrierr', expected "
            "a column of 'airlines', do: did you mean 'carrier'?"),
        ),
        (
            "to: [weather.origin, weather.time_hour]", "to: [weather.origin]",
            ("26: schema[0].relationships[0].to: found 1 columns on this side and 2 on "
            "the other, expected as many on both sides, do: name them in pairs"),
        ),
        (
            "schema/we/properties/wo", "schema/wx/properties/wo",
            ("28: schema[0].relationships[1].to: found 'wx', expected the id of a table "
            "of this contract, do: use one of: fl, we"),
        ),
        (
            "[flights.origin, flights.time_hour]", "[flights.origin, weather.time_hour]",
            ("25: schema[0].relationships[0].from: found columns of several tables, "
            "expected columns of one table, "
            "do: write one relationship for each pair of tables"),
        ),
        (
            "  - name: airlines\n", "  - name: weather\n  - name: airlines\n",
            ("62: schema[2].name: found 'weather' a second time (first: line 59), "
            "expected each once, do: rename or remove one of them"),
        ),
        (
            "        primaryKeyPosition: 1\n", "        physicalName: time_hour\n",
            ("39: schema[0].properties[1].physicalName: found 'time_hour' a second time "
            "(first: line 31), expected each once, do: rename or remove one of them"),
        ),
        (
            "{value: JFK}", "{value: SWF}",
            ("42: schema[0].properties[1].enum[1].value: found 'SWF' a second time "
            "(first: line 41), expected each once, do: rename or remove one of them"),
        ),
        (
            "[[time_hour, carrier]]", "[[time_hour, carrierr]]",
            ("21: schema[0].customProperties[4].value: found 'carrierr', expected a "
            "column of 'flights', do: did you mean 'carrier'?"),
        ),
        (
            "[[time_hour, carrier]]", "[time_hour, carrier]",
            ("21: schema[0].customProperties[4].value: found a list of 2, expected a "
            "list of lists of columns such as [[a, b]], "
            "do: write a list of lists of columns such as [[a, b]]"),
        ),
        (
            "value: America/New_York", "value: America/New York",
            ("18: schema[0].customProperties[1].value: found the text 'America/New "
            "York', expected a time zone such as Europe/Vienna, "
            "do: write a time zone such as Europe/Vienna"),
        ),
        (
            "value: 0.01", "value: 1.01",
            ("27: schema[0].relationships[0].customProperties[0].value: found the "
            "number 1.01, expected a share from 0 to 1, do: write a share from 0 to 1"),
        ),
        (
            "readiness.minRows, value: 0", "readiness.minRows, value: true",
            ("44: schema[0].properties[1].enum[1].customProperties[0].value: found the "
            "yes/no value true, expected a whole number of at least 0, "
            "do: write a whole number of at least 0"),
        ),
        (
            "readiness.historyNeeded", "readiness.history",
            ("20: schema[0].customProperties[3].property: found 'readiness.history', "
            "expected a readiness property that a table has, "
            "do: did you mean 'readiness.historyNeeded'?"),
        ),
        (
            "readiness.needed", "readiness.segments",
            ("52: schema[0].properties[2].customProperties[0].property: found "
            "'readiness.segments', expected this property in a table, "
            "do: move it to the table"),
        ),
        (
            "readiness.grain, value: P1D", "readiness.timeZone, value: UTC",
            ("19: schema[0].customProperties[2].property: found 'readiness.timeZone' a "
            "second time (first: line 18), expected each once, "
            "do: rename or remove one of them"),
        ),
    ],
)  # fmt: skip
def test_slip_in_a_contract_is_told(old, new, message, tmp_path):
    """Each kind of slip is told once, with its line and what to do."""
    assert messages(changed((old, new)), tmp_path) == [message]


def test_all_problems_of_a_contract_come_at_once(tmp_path):
    """Text, form and our own properties are judged together."""
    text = changed(
        ("status: draft", "status: draft\nstatus: final"),
        ("required: true", "requirrd: true"),
        ("P2Y", "two years"),
    )

    assert [line.split(":")[1] for line in messages(text, tmp_path)] == [
        " status",
        " schema[0].customProperties[3].value",
        " schema[0].properties[0].requirrd",
    ]


@pytest.mark.parametrize("text", ["P1D", "P2Y", "P6M", "P2W", "PT1H", "P1Y2M10DT2H30M"])
def test_duration_is_taken(text, tmp_path):
    """Years, months, weeks, days and times may stand together."""
    model = read(changed(("value: P1D", f"value: {text}")), tmp_path)

    assert model.tables[0].grain == text


@pytest.mark.parametrize("text", ["P", "PT", "P0D", "1D", "P1H", "P-1D", "P1DT", "p1d"])
def test_duration_that_is_none_is_refused(text, tmp_path):
    """No unit, no number and nothing at all are no durations."""
    assert messages(changed(("value: P1D", f"value: {text}")), tmp_path) == [
        (
            f"19: schema[0].customProperties[2].value: found the text '{text}', expected "
            "an ISO 8601 duration such as P1D, P2Y or PT1H, "
            "do: write an ISO 8601 duration such as P1D, P2Y or PT1H"
        )
    ]


@pytest.mark.parametrize(
    "path",
    ["/srv/a.csv", "../a.csv", "data/../../a.csv", "~/a.csv", "C:/a.csv", r"C:\a.csv",
     r"..\a.csv", r"\\host\a.csv", "s3://bucket/a.csv", "file:///a.csv"],
)  # fmt: skip
def test_path_out_of_the_folder_leaves_it(path, tmp_path):
    """Absolute paths, steps upwards and addresses leave an assessment's folder."""
    assert leaves_folder(path, tmp_path)


def test_path_inside_stays_and_links_are_followed(tmp_path):
    """A file need not exist; a link is judged by where it leads, patterns too."""
    home = tmp_path / "home"
    (home / "data").mkdir(parents=True)
    (tmp_path / "secret.csv").touch()
    (home / "data" / "a.csv").touch()
    (home / "inside").symlink_to("data")

    for path in ("data/a.csv", "data/*.csv", "./data/none.csv", "inside/a.csv"):
        assert not leaves_folder(path, home)
    (home / "data" / "b.csv").symlink_to(tmp_path / "secret.csv")
    (home / "up").symlink_to("..")
    for path in ("data/b.csv", "data/*.csv", "up/secret.csv", "up/*.csv", "**/*.csv"):
        assert leaves_folder(path, home)


ODD = st.sampled_from([None, True, 3, -1.5, "", "x.y", "schema/a/b", [], [[]], [None],
                       {}, {"property": "readiness.keys", "value": 1}])  # fmt: skip


@pytest.mark.slow
@settings(max_examples=settings.default.max_examples // 3)  # each reads much
@given(st.lists(st.integers(0, 9), min_size=1, max_size=9), ODD)
def test_no_change_of_a_contract_ends_in_a_traceback(tmp_path_factory, steps, odd):
    """Whatever stands at any place, the contract is read or its problems are told."""
    data = YAML(typ="safe", pure=True).load(CONTRACT)
    place, key = data, None
    for step in steps:
        inner = place if key is None else place[key]
        if not isinstance(inner, dict | list) or not inner:
            break
        place = inner
        key = [*(place if isinstance(place, dict) else range(len(place)))][
            step % len(place)
        ]
    place[key] = odd
    with contextlib.suppress(InvalidInputError):
        read(json.dumps(data, default=str), tmp_path_factory.getbasetemp())


def test_our_contract_is_valid_by_the_standard(root):
    """Other tools can read the worked example's contract."""
    package = importlib.resources.files("open_data_contract_standard")
    schema = json.loads((package / "schema.json").read_text("utf-8"))
    raw = (root / "templates" / "flight-delays" / "data.odcs.yaml").read_bytes()
    data = json.loads(json.dumps(YAML(typ="safe", pure=True).load(raw), default=str))

    assert list(jsonschema.Draft201909Validator(schema).iter_errors(data)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status: draft", "status:\ndescription:\ntags:"),
        ("    id: fl\n", "    id: fl\n    description:\n    tags: null\n"),
        ("logicalType: timestamp\n", "logicalType: timestamp\n        enum:\n"),
        ("value: SWF\n", "value: SWF\n            description:\n"),
        ('path: "data/{model}.csv"', 'description: , path: "data/{model}.csv"'),
    ],
)
def test_empty_key_is_one_that_is_not_given(old, new, tmp_path):
    """The standard says so, and its tools write such keys."""
    before, after = read(CONTRACT, tmp_path), read(changed((old, new)), tmp_path)

    kept = {"fingerprint", "status", "tables"}
    assert after.model_dump(exclude=kept) == before.model_dump(exclude=kept)
    assert [table.columns for table in after.tables] == [
        table.columns for table in before.tables
    ]


def test_empty_key_that_is_required_is_missing(tmp_path):
    """What must be given is told where it stands."""
    (told,) = messages(changed(("id: flights", "id:")), tmp_path)

    assert told == (
        "3: id: found no such key, expected a key of the standard, do: add 'id: ...'"
    )


def test_keys_of_other_tools_pass_in_a_contract_of_version_3_0(tmp_path):
    """The topic of a Kafka server was valid then; a slip in a known key is told."""
    server = "{server: k, type: kafka, host: h, topic: t}"
    text = changed(("v3.2.0", "v3.0.2"), ("servers:\n", f"servers:\n  - {server}\n"))

    assert read(text, tmp_path).servers[0].type == "kafka"
    told = messages(text.replace("host: h", "hots: h"), tmp_path)
    assert any("hots" in line and "did you mean 'host'" in line for line in told)


_CALENDAR = (
    "{weekdays: [mon, sat], closed: [2026-12-24, {from: 2026-08-03, "
    "to: 2026-08-14}], holidays: AT-9}"
)


def test_calendar_is_read_with_days_and_ranges(tmp_path):
    """A day is a range of one; what is not said is every weekday."""
    own = (
        f"- {{property: readiness.calendar, value: {_CALENDAR}}}\n"
        "      - {property: readiness.gapsTolerated, value: 3}"
    )
    text = changed(("- {property: other.tool, value: 3}", own))
    flights = read(text, tmp_path).tables[0]
    calendar = flights.calendar

    assert (calendar.weekdays, calendar.holidays) == (("mon", "sat"), "AT-9")
    assert [(str(one.first), str(one.last)) for one in calendar.closed] == [
        ("2026-12-24", "2026-12-24"),
        ("2026-08-03", "2026-08-14"),
    ]
    assert flights.gaps_tolerated == 3


def test_sample_is_read_with_what_it_is_of_and_its_days(tmp_path):
    """One that does not say both is told with an example."""
    own = "{of: topic orders, from: 2026-10-01, to: 2026-10-14}"
    old = "readiness.grain, value: P1D"
    sample = (
        read(changed((old, f"readiness.sample, value: {own}")), tmp_path)
        .tables[0]
        .sample
    )

    assert (sample.of, str(sample.first), str(sample.last)) == (
        "topic orders", "2026-10-01", "2026-10-14",
    )  # fmt: skip
    for value in ("true", "{of: x}", own.replace("of: topic orders, ", ""),
                  own.replace("-14", "-00"), own.replace("to: 2026", "to: 2025")):  # fmt: skip
        told = messages(changed((old, f"readiness.sample, value: {value}")), tmp_path)
        assert any("expected keys such as {of: topic orders" in one for one in told), (
            value
        )


@pytest.mark.parametrize(
    "value",
    ["[mon]", "{weekdays: [monday]}", "{holidays: Austria}", "{holidays: DE-XX}",
     "{holidays: QQ}", "{closed: [someday]}",
     "{closed: [{from: 2026-08-14, to: 2026-08-03}]}", "{weekdays: []}", "{open: [mon]}"],
)  # fmt: skip
def test_calendar_that_says_something_else_is_told(value, tmp_path):
    """What it takes is shown by an example."""
    text = changed(
        ("readiness.grain, value: P1D", f"readiness.calendar, value: {value}")
    )

    (told,) = messages(text, tmp_path)
    assert "expected keys such as {weekdays: [mon, sat]" in told


def test_each_wrong_part_of_a_value_is_named(tmp_path):
    """Whoever wrote the right keys reads which of their values is wrong."""
    value = "{weekdays: [mon, Sa], holidays: Sachsen, open: [sun]}"
    text = changed(
        ("readiness.grain, value: P1D", f"readiness.calendar, value: {value}")
    )

    told = messages(text, tmp_path)
    assert sorted(re.search(r"value\.(.+?), expected", one)[1] for one in told) == [
        "holidays: found the text 'Sachsen'",
        "open: found the key 'open'",
        "weekdays[1]: found the text 'Sa'",
    ]
