"""Measuring declared data: ground truth of the example, traps, and broken sources."""

import datetime as dt
import gzip
import shutil
from pathlib import Path

import duckdb
import pytest

from measured_case import TODAY, assessment_of
from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.checks.catalogue import checks_of
from readybook.measure.data import RunOptions, measure_data, measured_otherwise
from readybook.model.findings import DataEvidence
from readybook.text.documents import evidence_text
from samples import without

EXAMPLE = Path(__file__).parents[2] / "templates" / "flight-delays"


def contract_of(schema, *, path="{model}.csv", form="csv", kind="local"):
    return f"""\
apiVersion: v3.2.0
kind: DataContract
id: case
version: 1.0.0
servers:
  - server: here
    type: {kind}
    path: '{path}'
    format: {form}
schema:
{schema}
"""


def measure(folder, schema, *, needs=(), today=TODAY, **server):
    contract = contract_of(schema, **server)
    assessment = assessment_of(folder, contract=contract, needs=needs)
    return measure_data(assessment, folder, today=today)


def found(evidence, check, subject):
    (finding,) = [
        one for one in evidence.findings if (one.check, one.subject) == (check, subject)
    ]
    return finding


def points(finding, name):
    (series,) = [one for one in finding.series if one.name == name]
    return {point.label: point.value for point in series.points}


@pytest.fixture(scope="module")
def example():
    return measure_data(assessment_of(EXAMPLE), EXAMPLE, today=TODAY)


# --- ground truth --------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "rows", "columns"),
    [
        ("flights", 336_776, 19),
        ("weather", 26_115, 15),
        ("planes", 3_322, 9),
        ("airports", 1_458, 8),
        ("airlines", 16, 2),
    ],
)
def test_example_tables_have_their_rows_and_columns(example, table, rows, columns):
    """Every row of the published tables is counted."""
    (measured,) = [one for one in example.tables if one.table == table]

    assert (rows, columns, None) == (
        measured.rows,
        len(measured.columns),
        measured.failed,
    )
    assert rows == found(example, "source-opened", table).value


@pytest.mark.parametrize(
    ("table", "nulls"),
    [
        (
            "flights",
            {
                "dep_time": 8_255,
                "dep_delay": 8_255,
                "arr_time": 8_713,
                "arr_delay": 9_430,
                "air_time": 9_430,
                "tailnum": 2_512,
            },
        ),
        ("planes", {"speed": 3_299, "year": 70}),
        ("weather", {"wind_gust": 20_778, "pressure": 2_729, "wind_dir": 460}),
    ],
)
def test_example_files_have_the_published_nulls(table, nulls):
    """Null tokens became nulls when the example's files were made, and no others."""
    counts = ", ".join(f"count(*) - count({name})" for name in nulls)
    query = f"SELECT {counts} FROM read_parquet(?)"  # noqa: S608 - names from above
    with duckdb.connect() as engine:
        path = str(EXAMPLE / "data" / f"{table}.parquet")
        row = engine.execute(query, [path]).fetchone()

    assert nulls == dict(zip(nulls, row, strict=True))


@pytest.mark.slow
def test_example_has_a_category_that_was_never_populated(example):
    """The promised fourth airport has no row, and the message says so with numbers."""
    finding = found(example, "categories-populated", "flights.origin")

    assert finding.outcome == "contradicts"
    assert finding.message == (
        "No row of flights.origin has the declared category SWF "
        "(336,776 rows looked at)."
    )
    assert points(finding, "category")["SWF"] == 0
    assert sum(points(finding, "category").values()) == 336_776


@pytest.mark.slow
def test_example_has_no_electric_aircraft_and_hides_small_groups(example):
    """An engine without a row is found; groups under ten are not told exactly."""
    finding = found(example, "categories-populated", "planes.engine")

    assert (finding.outcome, finding.value) == ("contradicts", 1)
    assert points(finding, "category") == {
        "Turbo-fan": 2_750,
        "Turbo-jet": 535,
        "Turbo-prop": "<10",
        "Turbo-shaft": "<10",
        "Reciprocating": 28,
        "4 Cycle": "<10",
        "Electric": 0,
    }


@pytest.mark.slow
def test_example_carriers_are_all_populated(example):
    """A column with a row for each declared category passes."""
    finding = found(example, "categories-populated", "flights.carrier")

    assert (finding.outcome, finding.value) == ("supports", 0)
    assert points(finding, "category")["OO"] == 32


@pytest.mark.slow
def test_example_history_is_a_year_of_the_local_calendar(example):
    """Twelve months and 365 days: in UTC, 88 rows would make a thirteenth month."""
    finding = found(example, "history-span", "flights")
    days = points(finding, "day")

    assert (finding.outcome, finding.value, finding.threshold) == (
        "contradicts",
        365,
        731,
    )
    assert (len(points(finding, "month")), len(days)) == (12, 365)
    assert (min(days), max(days)) == ("2013-01-01", "2013-12-31")
    assert (min(days.values()), max(days.values())) == (634, 1_014)


@pytest.mark.slow
def test_example_flights_lack_no_day(example):
    """A table with a row on every day has no gap."""
    finding = found(example, "history-gaps", "flights")

    assert (finding.outcome, finding.value) == ("supports", 0)


@pytest.mark.slow
def test_example_weather_lacks_hours_at_each_airport(example):
    """Hours are counted per segment, as instants: 27, 24 and 24 of 8,730 are missing."""
    finding = found(example, "history-gaps", "weather")

    assert (finding.outcome, finding.value) == ("contradicts", 75)
    assert finding.message.startswith("75 of 26,190 hours of weather by origin ")
    assert 26_190 - 75 == 8_703 + 8_706 + 8_706


@pytest.mark.slow
@pytest.mark.parametrize(
    "subject",
    [
        "flights.time_hour+carrier+flight",
        "weather.origin+time_hour",
        "planes.tailnum",
        "airports.faa",
        "airlines.carrier",
    ],
)
def test_example_keys_are_unique(example, subject):
    """No declared key of the example is shared by two rows."""
    finding = found(example, "keys-unique", subject)

    assert (finding.outcome, finding.value) == ("supports", 0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("subject", "outcome", "share", "says"),
    [
        (
            "flights.tailnum -> planes.tailnum",
            "contradicts",
            0.149864,
            (
                "50,094 of 334,264 rows of flights.tailnum (15.0 %) find no row in planes, "
                "721 different values; at most 5 % is tolerated; the first is of "
                "2013-01-01, the last of 2013-12-31; the share is highest where "
                "carrier is MQ (96.2 % of 26,395 rows)."
            ),
        ),
        (
            "flights.dest -> airports.faa",
            "contradicts",
            0.022573,
            (
                "7,602 of 336,776 rows of flights.dest (2.26 %) find no row in airports, "
                "4 different values; at most 1 % is tolerated; the first is of "
                "2013-01-01, the last of 2013-12-31; the share is highest where "
                "carrier is B6 (6.76 % of 54,635 rows)."
            ),
        ),
        (
            "flights.origin+time_hour -> weather.origin+time_hour",
            "supports",
            0.00462,
            (
                "1,556 of 336,776 rows of flights (origin, time_hour) (0.462 %) find no row "
                "in weather, 108 different values; at most 1 % is tolerated."
            ),
        ),
        (
            "flights.origin -> airports.faa",
            "supports",
            0,
            (
                "Each of the 336,776 rows of flights.origin that has a value finds its row "
                "in airports."
            ),
        ),
        (
            "flights.carrier -> airlines.carrier",
            "supports",
            0,
            (
                "Each of the 336,776 rows of flights.carrier that has a value finds its row "
                "in airlines."
            ),
        ),
    ],
)
def test_example_joins_have_the_published_orphans(
    example, subject, outcome, share, says
):
    """Orphans are counted among rows with a value, and the share is of those."""
    finding = found(example, "joins-match", subject)

    assert (finding.outcome, finding.value, finding.message) == (outcome, share, says)


@pytest.mark.slow
def test_example_gives_every_declared_subject_a_finding(example):
    """No declared subject of a data check is left without a word."""
    wanted = [
        (check.id, subject)
        for check in checks_of("data")
        for subject in check.covered(assessment_of(EXAMPLE))
    ]

    assert wanted == [(one.check, one.subject) for one in example.findings]


@pytest.mark.slow
def test_a_copy_measures_alike_in_silence_table_by_table(example, tmp_path, capfd):
    """No path plays a part, nothing is printed, and each table's turn is told."""
    copy, told = tmp_path / "copy", []
    shutil.copytree(EXAMPLE, copy)
    again = measure_data(
        assessment_of(copy), copy, today=TODAY, options=RunOptions(progress=told.append)
    )

    assert example == again
    assert capfd.readouterr() == ("", "")
    assert told == ["flights", "weather", "planes", "airports", "airlines"]


# --- null tokens, keys, joins --------------------------------------------------------

NULLS = """\
  - name: t
    properties:
      - name: speed
        logicalType: integer
        quality:
          - metric: missingValues
            arguments:
              missingValues: [NA]
            mustBeGreaterOrEqualTo: 0
      - name: country
        logicalType: string
        enum: [{value: NA}, {value: DE}]
"""


def test_null_tokens_hold_for_the_column_that_declares_them(tmp_path):
    """`NA` is null in one column and Namibia in the next."""
    (tmp_path / "t.csv").write_text("speed,country\nNA,NA\n100,DE\nNA,\n")
    evidence = measure(tmp_path, NULLS)
    finding = found(evidence, "categories-populated", "t.country")

    assert evidence.tables[0].columns == {"speed": "int64", "country": "string"}
    assert finding.outcome == "supports"
    assert points(finding, "category") == {
        "NA": "<10",
        "DE": "<10",
        "(no value)": "<10",
    }


TOKENS = """\
  - name: t
    properties:
{}
"""


def tokens_of(name, *tokens):
    """A column that declares these tokens as null."""
    return (
        f"      - name: {name}\n        quality:\n          - metric: missingValues\n"
        f"            arguments:\n              missingValues: {[*tokens]}\n"
        "            mustBeGreaterOrEqualTo: 0"
    )


def test_each_column_loses_its_own_null_tokens(tmp_path):
    """Numbers and dates become such; one that the file lacks is not read."""
    rows = ["size,day,more", "7,2026-01-01,1", "NA,none,2", "none,NA,3"]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
    columns = [("size", "NA", "none"), ("day", "NA", "none"), ("gone", "NA")]
    schema = TOKENS.format("\n".join(tokens_of(*one) for one in columns))
    (table,) = measure(tmp_path, schema).tables

    assert table.columns == {"size": "int64", "day": "date", "more": "int64"}
    other = TOKENS.format("\n".join([tokens_of("size", "NA"), tokens_of("day", "NA")]))
    assert measure(tmp_path, other).tables[0].columns == {
        "size": "string",
        "day": "string",
        "more": "int64",
    }


@pytest.mark.parametrize(("last", "outcome"), [(14, "supports"), (13, "contradicts")])
def test_sample_is_told_in_each_finding_with_its_days(tmp_path, last, outcome):
    """Also where another table's join rests on it; rows of other days are no part of it."""
    rows = "".join(f"{n},2026-10-{n:02}\n" for n in range(1, 15))
    (tmp_path / "t.csv").write_text("k,at\n" + rows)
    (tmp_path / "u.csv").write_text("k\n1\n2\n")
    schema = f"""\
- name: t
  customProperties:
  - {{property: readiness.eventTime, value: at}}
  - property: readiness.sample
    value: {{of: topic orders, from: 2026-10-01, to: 2026-10-{last}}}
  properties:
  - {{name: k, logicalType: integer, primaryKey: true}}
  - {{name: at, logicalType: date}}
- name: u
  properties:
  - {{name: k, logicalType: integer, unique: true, relationships: [{{to: t.k}}]}}
"""
    evidence = measure(tmp_path, schema)
    begin = f"Sample of topic orders, 2026-10-01 to 2026-10-{last}: "
    told = {
        (one.check, one.subject): one.message.startswith(begin)
        for one in evidence.findings
        if one.outcome != "not measured"
    }

    assert {one for one, is_told in told.items() if not is_told} == {
        ("source-opened", "u"), ("keys-unique", "u.k"), ("types-match", "u.k"),
    }  # fmt: skip
    opened = found(evidence, "source-opened", "t")
    assert opened.outcome == outcome
    assert ("not all days of the sample" in opened.message) == (outcome != "supports")


def test_null_tokens_are_never_guessed(tmp_path):
    """Without a declaration `NA` is a text, and the column is one of texts."""
    (tmp_path / "t.csv").write_text("speed,country\nNA,NA\n100,DE\n")
    evidence = measure(tmp_path, "  - name: t\n")

    assert evidence.tables[0].columns == {"speed": "string", "country": "string"}


JOIN = """\
  - name: a
    properties:
      - name: k
        unique: true
        relationships: [{to: b.k}]
  - name: b
    properties:
      - name: k
"""


def test_null_foreign_key_is_no_orphan(tmp_path):
    """A row without a key joins nothing, and is left out of the share."""
    (tmp_path / "a.csv").write_text("k,x\n1,p\n2,q\n,r\n,s\n")
    (tmp_path / "b.csv").write_text("k\n1\n")
    evidence = measure(tmp_path, JOIN)
    finding = found(evidence, "joins-match", "a.k -> b.k")

    assert (finding.outcome, finding.value) == ("contradicts", 0.5)
    assert finding.message.startswith("1 of 2 rows of a.k (50 %)")
    assert found(evidence, "keys-unique", "a.k").outcome == "supports"


def test_duplicate_keys_are_counted_by_value(tmp_path):
    """A key that stands in several rows counts once, with all of its rows told."""
    (tmp_path / "a.csv").write_text("k\n1\n1\n1\n2\n2\n3\n")
    (tmp_path / "b.csv").write_text("k\n1\n2\n3\n")
    finding = found(measure(tmp_path, JOIN), "keys-unique", "a.k")

    assert (finding.outcome, finding.value) == ("contradicts", 2)
    assert finding.message == (
        "2 values of the declared key a.k stand in more than one row (5 rows in all)."
    )


def test_join_of_texts_with_numbers_is_not_measured(tmp_path):
    """Two sides that cannot be compared are told, and not counted as orphans."""
    (tmp_path / "a.csv").write_text("k\nx\n")
    (tmp_path / "b.csv").write_text("k\n1\n")
    finding = found(measure(tmp_path, JOIN), "joins-match", "a.k -> b.k")

    assert finding.outcome == "not measured"
    assert "have types that cannot be compared" in finding.message


def test_join_with_a_missing_table_is_not_measured(tmp_path):
    """The rest of the table is measured all the same."""
    (tmp_path / "a.csv").write_text("k\n1\n2\n")
    evidence = measure(tmp_path, JOIN)

    assert found(evidence, "joins-match", "a.k -> b.k").outcome == "not measured"
    assert found(evidence, "keys-unique", "a.k").outcome == "supports"


# --- categories ----------------------------------------------------------------------

SITES = """\
  - name: t
    properties:
      - name: site
        {classification}
        enum:
          - value: north
            customProperties: [{{property: readiness.minRows, value: 20}}]
          - value: south
"""


def test_thin_categories_are_told(tmp_path):
    """Too few rows fail, with what there is and what was needed."""
    rows = ["north"] * 12 + ["south"] * 30 + ["east"] * 15 + ["J. Doe"]
    (tmp_path / "t.csv").write_text("\n".join(["site", *rows]) + "\n")
    finding = found(
        measure(tmp_path, SITES.format(classification="required: true")),
        "categories-populated",
        "t.site",
    )

    assert finding.outcome == "contradicts"
    assert finding.message == (
        "1 of 2 declared categories of t.site has too few rows: north (12 rows, "
        "20 needed) (58 rows looked at)."
    )


def test_restricted_values_are_not_shown(tmp_path):
    """Of a restricted column there are counts, and no value in any text."""
    rows = ["south"] * 30 + ["east"] * 15
    (tmp_path / "t.csv").write_text("\n".join(["site", *rows]) + "\n")
    evidence = measure(
        tmp_path, SITES.format(classification="classification: restricted")
    )
    finding = found(evidence, "categories-populated", "t.site")
    text = evidence.model_dump_json()

    assert finding.outcome == "contradicts"
    assert points(finding, "category") == {"no. 1": 0, "no. 2": 30}
    assert not any(value in text for value in ("north", "south", "east"))


@pytest.mark.parametrize(
    ("cells", "declared"), [(["1", "2"], "1"), (["true", "false"], "true")]
)
def test_categories_of_numbers_and_truths_are_found(tmp_path, cells, declared):
    """A declared value is compared as the contract writes it."""
    (tmp_path / "t.csv").write_text("\n".join(["v", *cells]) + "\n")
    schema = f"""\
  - name: t
    properties:
      - name: v
        enum: [{{value: {declared}}}]
"""
    evidence = measure(tmp_path, schema)

    assert found(evidence, "categories-populated", "t.v").outcome == "supports"


def test_categories_of_a_column_that_is_not_there_are_not_measured(tmp_path):
    """The column is named, and the engine's own words are not."""
    (tmp_path / "t.csv").write_text("place,day\nnorth,1\n")
    schema = SITES.format(classification="required: true")
    evidence = measure(tmp_path, f"{schema}      - name: day\n")
    finding = found(evidence, "categories-populated", "t.site")

    assert finding.message == "t.site was not measured: t has no column site."


# --- history -------------------------------------------------------------------------

EVENTS = """\
  - name: t
    customProperties:
      - {{property: readiness.eventTime, value: at}}
      {zone}
      - {{property: readiness.grain, value: {grain}}}
      - {{property: readiness.historyNeeded, value: P3D}}
    properties:
      - name: at
"""
VIENNA = "- {property: readiness.timeZone, value: Europe/Vienna}"


def events(tmp_path, cells, *, zone=VIENNA, grain="P1D"):
    (tmp_path / "t.csv").write_text("\n".join(["at", *cells]) + "\n")
    return measure(tmp_path, EVENTS.format(zone=zone, grain=grain))


def test_missing_days_are_counted_and_the_longest_gap_is_named(tmp_path):
    """Days without a row between the first and the last are gaps."""
    evidence = events(tmp_path, ["2026-01-01", "2026-01-03", "2026-01-07"])
    finding = found(evidence, "history-gaps", "t")

    assert (finding.outcome, finding.value) == ("contradicts", 4)
    assert finding.message == (
        "4 of 7 days of t have no row; the longest gap is 3 days, from 2026-01-04. "
        "Days without rows on purpose belong under readiness.calendar."
    )
    assert found(evidence, "history-span", "t").outcome == "supports"


def test_instants_fall_on_the_day_of_the_declared_zone(tmp_path):
    """23:30 UTC is the next day in Vienna; a time without offset is local already."""
    instants = events(tmp_path, ["2026-01-01T23:30:00Z", "2026-01-04T22:30:00Z"])
    local = events(tmp_path, ["2026-01-01 23:30:00", "2026-01-04 22:30:00"])

    assert found(instants, "history-span", "t").value == 3
    assert found(local, "history-span", "t").value == 4


def test_hours_are_whole_across_the_change_of_the_clock(tmp_path):
    """The hour that the clock repeats is no duplicate, the one it skips no gap."""
    start = dt.datetime(2026, 3, 28, tzinfo=dt.UTC)
    cells = [f"{start + dt.timedelta(hours=at):%Y-%m-%dT%H:%M:%SZ}" for at in range(48)]
    finding = found(events(tmp_path, cells, grain="PT1H"), "history-gaps", "t")

    assert (finding.outcome, finding.value) == ("supports", 0)


@pytest.mark.parametrize(
    ("cells", "zone", "grain", "why"),
    [
        (["2026-01-01T00:00:00Z"], "", "P1D", "no time zone is declared for t"),
        (["soon", "later"], VIENNA, "P1D", "t.at is of type string, not a date"),
        (["2026-01-01"], VIENNA, "P3M", "periods of P3M cannot be counted"),
        (["0001-01-01"], VIENNA, "P1D", "lies within the years 1678 to 2100"),
    ],
)
def test_history_that_cannot_be_counted_says_why(tmp_path, cells, zone, grain, why):
    """What stands in the way of a date is told, in words."""
    evidence = events(tmp_path, cells, zone=zone, grain=grain)
    messages = [
        one.message for one in evidence.findings if one.outcome == "not measured"
    ]

    assert any(why in message for message in messages)


# --- sources that are not there or not readable --------------------------------------

PLAIN = "  - name: t\n    properties: [{name: k, unique: true}]\n"


@pytest.mark.parametrize(
    ("name", "content", "outcome", "why"),
    [
        ("t.csv", None, "not measured", "there is no file t.csv in the assessment's"),
        ("t.csv", b"", "contradicts", "t.csv is empty (0 bytes)"),
        ("t.csv", b"k\n", "contradicts", "has no rows (t.csv)"),
        ("t.csv", b"k\nGr\xf6\xdfe\n", "contradicts", "not UTF-8, line 2: save"),
        ("t.parquet", b"not at all", "contradicts", "it is not a Parquet file"),
        ("t.csv.gz", b"not at all", "contradicts", "it is not a gzip file"),
        ("t.xml", b"{}", "not measured", "parquet, sqlite can be read"),
    ],
)
def test_source_that_cannot_be_read_is_a_finding(tmp_path, name, content, outcome, why):
    """A broken or missing file is told without a traceback, a path or its content."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    suffix = name.removeprefix("t")
    form = suffix.removesuffix(".gz").removeprefix(".")
    evidence = measure(tmp_path, PLAIN, path=f"{{model}}{suffix}", form=form)
    finding = found(evidence, "source-opened", "t")

    assert finding.outcome == outcome
    assert why in finding.message
    assert str(tmp_path) not in evidence.model_dump_json()
    assert "not at all" not in evidence.model_dump_json()


def test_broken_table_does_not_stop_the_others(tmp_path):
    """One bad file leaves its own findings open, and no others."""
    (tmp_path / "a.csv").write_bytes(b"k\n\xff\xfe\xff\n")
    (tmp_path / "b.csv").write_text("k\n1\n")
    evidence = measure(tmp_path, JOIN)

    assert found(evidence, "source-opened", "a").outcome == "contradicts"
    assert found(evidence, "keys-unique", "a.k").outcome == "not measured"
    assert found(evidence, "source-opened", "b").outcome == "supports"


def test_other_servers_are_not_measured_with_the_reason(tmp_path):
    """A database that this version cannot ask is no contradiction."""
    contract = contract_of(PLAIN).replace(
        "type: local\n    path: '{model}.csv'\n    format: csv",
        "type: oracle\n    host: db\n    port: 1521\n    serviceName: d",
    )
    evidence = measure_data(
        assessment_of(tmp_path, contract=contract), tmp_path, today=TODAY
    )
    finding = found(evidence, "source-opened", "t")

    assert finding.outcome == "not measured"
    assert "is of type oracle; only files (type local) and" in finding.message


def test_no_contract_leaves_needed_fields_not_measured(tmp_path):
    """Without a data model each need says what is missing."""
    assessment = assessment_of(tmp_path, contract=contract_of(PLAIN), needs=["t.k"])
    evidence = measure_data(without(assessment, "data_model"), tmp_path, today=TODAY)

    assert [one.outcome for one in evidence.findings] == ["not measured"]
    assert "data.odcs.yaml is missing" in evidence.findings[0].message


def test_needed_fields_are_looked_up_in_the_source(tmp_path):
    """A column that the source lacks is named, with the nearest one that it has."""
    (tmp_path / "t.csv").write_text("k,arrival\n1,2\n")
    evidence = measure(tmp_path, PLAIN, needs=["t.k", "t.arival", "u.k"])
    outcomes = {
        one.subject: (one.outcome, one.message)
        for one in evidence.findings
        if one.check == "fields-present"
    }

    assert outcomes == {
        "t.k": ("supports", "t.k exists in the source."),
        "t.arival": ("contradicts", "t has no column arival; did you mean 'arrival'?"),
        "u.k": (
            "not measured",
            "u.k was not measured: u is not a table of data.odcs.yaml.",
        ),
    }


# --- odd files -----------------------------------------------------------------------


def test_odd_csv_is_read_as_it_was_meant(tmp_path):
    """Semicolons, a byte order mark, umlauts, quotes and line breaks are no obstacle."""
    text = '\ufeffStraße;Größe\n"A;\n""B""";1\nC;2\n'
    (tmp_path / "t.csv").write_bytes(text.encode())
    schema = "  - name: t\n    properties: [{name: Straße, unique: true}]\n"
    evidence = measure(tmp_path, schema, needs=["t.Größe"])

    assert evidence.tables[0].rows == 2
    assert found(evidence, "fields-present", "t.Größe").outcome == "supports"


def test_many_and_compressed_files_are_one_table(tmp_path):
    """A pattern gathers files, and the fingerprint is of all of them."""
    folder = tmp_path / "a [b]=c"
    (folder / "parts").mkdir(parents=True)
    (folder / "parts" / "t-1.csv").write_text("k\n1\n")
    with gzip.open(folder / "parts" / "t-2.csv.gz", "wt") as stream:
        stream.write("k\n2\n")
    evidence = measure(folder, PLAIN, path="parts/{model}-*")
    (folder / "parts" / "t-1.csv").write_text("k\n3\n")
    later = measure(folder, PLAIN, path="parts/{model}-*")

    assert evidence.tables[0].rows == 2
    assert evidence.tables[0].columns == {"k": "int64"}
    assert evidence.tables[0].fingerprint != later.tables[0].fingerprint


# --- unchanged data ------------------------------------------------------------------


def copied(tmp_path):
    (tmp_path / "a.csv").write_text("k\n1\n2\n")
    (tmp_path / "b.csv").write_text("k\n1\n2\n")
    return assessment_of(tmp_path, contract=contract_of(JOIN))


def marked(evidence):
    """Return evidence whose findings can be told from newly measured ones."""
    return evidence.model_copy(
        update={
            "findings": tuple(
                one.model_copy(update={"message": "from before"})
                for one in evidence.findings
            )
        }
    )


def test_unchanged_table_is_not_scanned_again(tmp_path):
    """Its findings are kept, under the date on which it was found unchanged."""
    assessment = copied(tmp_path)
    earlier = marked(measure_data(assessment, tmp_path, today=TODAY))
    later = measure_data(
        assessment.model_copy(update={"data": earlier}),
        tmp_path,
        today=dt.date(2026, 12, 24),
    )

    assert {one.message for one in later.findings} == {"from before"}
    assert {one.measured_on for one in later.findings} == {dt.date(2026, 12, 24)}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"readybook": "0.0.9"}, "readybook 0.0.9 measured it before"),
        ({"way": 7}, "readybook measures otherwise since"),
    ],
)
def test_what_was_measured_otherwise_is_measured_again(changed, why, tmp_path):
    """The same bytes may come to another finding; the reason can be told."""
    assessment = copied(tmp_path)
    earlier = marked(measure_data(assessment, tmp_path, today=TODAY))
    other = earlier.model_copy(update=changed)
    later = measure_data(
        assessment.model_copy(update={"data": other}), tmp_path, today=TODAY
    )

    assert "from before" not in {one.message for one in later.findings}
    assert measured_otherwise(other).startswith(why)
    assert measured_otherwise(later) == ""
    assert DataEvidence.model_validate_json(evidence_text(other)).way == other.way


def test_changed_table_is_measured_again_with_those_that_join_it(tmp_path):
    """New content of one table renews its findings and those of joins with it."""
    assessment = copied(tmp_path)
    earlier = marked(measure_data(assessment, tmp_path, today=TODAY))
    (tmp_path / "b.csv").write_text("k\n1\n")
    later = measure_data(
        assessment.model_copy(update={"data": earlier}), tmp_path, today=TODAY
    )

    assert found(later, "joins-match", "a.k -> b.k").value == 0.5
    assert found(later, "source-opened", "b").value == 1


LOOKED_UP = """\
  - name: a
    properties:
      - name: k
        relationships: [{to: b.k}]
  - name: b
    properties:
      - name: k
        primaryKey: true
      - name: name
        customProperties: [{property: readiness.needed, value: true}]
"""


def test_lookup_of_a_few_rows_is_measured_again_with_what_finds_it(tmp_path):
    """Its own two rows are as they were; those that find them are others."""
    (tmp_path / "a.csv").write_text("k\n" + "1\n" * 20)
    (tmp_path / "b.csv").write_text("k,name\n1,north\n2,n/a\n")
    assessment = assessment_of(tmp_path, contract=contract_of(LOOKED_UP))
    earlier = measure_data(assessment, tmp_path, today=TODAY)
    (tmp_path / "a.csv").write_text("k\n" + "1\n" * 20 + "2\n" * 10)
    later = measure_data(
        assessment.model_copy(update={"data": earlier}), tmp_path, today=TODAY
    )
    before, after = (
        found(one, "sentinels-absent", "b.name") for one in (earlier, later)
    )

    assert (before.outcome, after.outcome) == ("supports", "contradicts")
    assert (after.value, after.unit) == (10, "found rows")


def test_what_cannot_be_judged_by_nature_is_marked(tmp_path):
    """Of two rows that nothing finds no check says more than that they are few."""
    (tmp_path / "a.csv").write_text("k\n1\n2\n")
    (tmp_path / "b.csv").write_text("k,name\n1,north\n2,south\n")
    model = LOOKED_UP.replace("        relationships: [{to: b.k}]\n", "")
    finding = found(measure(tmp_path, model), "sentinels-absent", "b.name")

    assert finding.is_unjudged
    assert finding.message == (
        "b.name was not measured: fewer than 10 rows of b.name have a value; those of a "
        "lookup count where a declared join to its key finds them."
    )


def test_changed_declaration_is_measured_again(tmp_path):
    """A table of which something else is declared is looked at anew."""
    assessment = copied(tmp_path)
    earlier = marked(measure_data(assessment, tmp_path, today=TODAY))
    contract = contract_of(JOIN.replace("unique: true", "primaryKey: true"))
    changed = assessment_of(tmp_path, contract=contract)
    later = measure_data(
        changed.model_copy(update={"data": earlier}), tmp_path, today=TODAY
    )

    assert found(later, "keys-unique", "a.k").message != "from before"
    assert found(later, "source-opened", "b").message == "from before"


@pytest.mark.slow
def test_recorded_evidence_of_the_example_is_what_measuring_finds():
    """The evidence that ships was measured, and fits the contract beside it."""
    text = (EXAMPLE / "evidence" / "data.json").read_text("utf-8")
    recorded = DataEvidence.model_validate_json(text)
    assessment = open_assessment(EXAMPLE, bank=load_bank_for(EXAMPLE))
    blank = assessment.model_copy(update={"data": None})
    measured = measure_data(blank, EXAMPLE, today=recorded.measured_on)

    assert text == evidence_text(recorded)
    assert recorded.findings == measured.findings
    assert recorded.tables == measured.tables
