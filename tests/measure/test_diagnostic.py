"""SQL that counts a finding again says what the finding says, on the same files."""

import contextlib
import functools
import re
import shutil
import sqlite3

import duckdb
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from measured_case import assessment_of
from readybook.checks.catalogue import checks_of
from readybook.cli.main import main
from readybook.cli.terminal import FINE, WRONG_USAGE
from readybook.measure.data import measure_data
from readybook.measure.diagnostic import count_again, count_beside
from readybook.model.errors import SourceError
from readybook.model.findings import DataEvidence
from readybook.text.documents import read_bytes, save_evidence
from real_tables import EXAMPLE

EVIDENCE = DataEvidence.model_validate_json(
    read_bytes(EXAMPLE / "evidence" / "data.json", name="data.json")
)
#: Of each check that the example has, the finding that counts the most, the first of
#: those that could be measured.
FOUND = {}
for _one in sorted(
    EVIDENCE.findings,
    key=lambda f: (
        f.outcome != "not measured",
        f.value if isinstance(f.value, float) else 0,
    ),
    reverse=True,
):
    FOUND.setdefault(_one.check, _one)


@functools.cache
def example():
    return assessment_of(EXAMPLE).model_copy(update={"data": EVIDENCE})


@pytest.fixture(scope="module")
def thin(tmp_path_factory):
    """A folder with every twentieth of the example's flights."""
    folder, name = tmp_path_factory.mktemp("thin"), "data/flights.parquet"
    (folder / name).parent.mkdir()
    flights = pq.read_table(EXAMPLE / name)
    pq.write_table(flights.take([*range(0, len(flights), 20)]), folder / name)
    return folder


def counted(finding, monkeypatch, folder=EXAMPLE):
    """The rows that the SQL of a finding returns, run in a folder."""
    told = count_again(finding, example(), folder)
    *views, asked = told.removesuffix(";").split(";\n")
    monkeypatch.chdir(folder)
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'America/New_York'")
        for view in views:
            engine.execute(view)
        return engine.execute(asked).to_arrow_table().to_pylist()


def test_every_check_of_rows_has_an_expression():
    """That a field exists is seen in the columns."""
    assert {one.id for one in checks_of("data")} - set(FOUND) <= {"data-fresh"}


@pytest.mark.parametrize("check", sorted(set(FOUND) - {"fields-present"}))
def test_sql_runs_where_the_data_lies(check, monkeypatch):
    """What it counts is what was found, where the finding is a count."""
    finding = FOUND[check]
    if check == "label-delay":  # the example does not say when its label was known
        with pytest.raises(SourceError, match="has no column"):
            counted(finding, monkeypatch)
        return
    rows = counted(finding, monkeypatch)
    total = sum(row.get("rows", 0) for row in rows)
    says = {
        "source-opened": total,
        "keys-unique": len(rows),
        "history-span": len(rows),
        "values-in-range": total if total >= 10 else "<10" if total else 0,
        "values-declared": total,
    }
    if check in {"nulls-tolerated", "label-filled"}:
        parts = [(row["rows"], float(row["missing"])) for row in rows]
        whole = tuple(map(sum, zip(*parts, strict=True)))
        shares = [missing / of for of, missing in (whole, *parts)]
        if check == "label-filled":
            shares = [1 - one for one in shares]
        says[check] = min(shares, key=lambda one: abs(one - finding.value))
        says[check] = pytest.approx(says[check], abs=1e-6)
    assert rows or finding.value == 0
    assert finding.value == says.get(check, finding.value)


@pytest.mark.parametrize(
    ("message", "column", "counts"),
    [
        ("Values of distance become 2 times as large.", "mean size of distance",
         "avg(abs(distance)) FILTER (distance != 0)"),
        ("The share of zeros in dep_delay falls.", "zeros in dep_delay",
         "count_if(dep_delay = 0)"),
        ("The share of rows without dep_delay falls.", "without dep_delay",
         "count_if(dep_delay IS NULL)"),
        ("The share of rows with dep_time = sched_dep_time rises.",
         "dep_time = sched_dep_time", "count_if(dep_time = sched_dep_time)"),
        ("Rows with carrier VX begin.", "carrier VX", "count_if(carrier = 'VX')"),
        ("The share of undeclared values in carrier rises.", "carrier not declared",
         "0"),
    ],
)  # fmt: skip
def test_series_in_which_a_step_was_found_is_counted_by_day(
    message, column, counts, monkeypatch, thin
):
    """Rows a day alone do not show a step of a column; what is not named stays out."""
    told = {"subject": "flights", "message": message, "series": ()}
    finding = FOUND["steps-declared"].model_copy(update=told)
    rows = counted(finding, monkeypatch, thin)
    flights = "'data/flights.parquet' GROUP BY ALL ORDER BY ALL"
    query = f"SELECT time_hour::DATE, {counts} FROM {flights}"  # noqa: S608 - our own
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'America/New_York'")
        expected = [value for _day, value in engine.execute(query).fetchall()]

    assert [row[column] for row in rows] == pytest.approx(expected)
    assert not {"without tailnum", "carrier AA"} & rows[0].keys()


CONTRACT = """
apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
status: draft
servers:
  - {server: first, type: local, path: first.xlsx, format: excel}
  - {server: here, SERVER}
schema:
  - name: t
    physicalName: it's
    properties: [{name: k, enum: [{value: a}, {value: b}]}]
"""


def _excel(path, name):
    book = Workbook()
    book.active.title = name
    for row in ("k", "a", "c"):
        book.active.append([row])
    book.save(path)


def _database(path, _name):
    connect = duckdb.connect if path.suffix == ".duckdb" else sqlite3.connect
    with contextlib.closing(connect(str(path))) as file:
        file.execute("CREATE TABLE \"it's\" AS SELECT 'a' AS k UNION ALL SELECT 'c'")
        file.commit()


@pytest.mark.parametrize(
    ("write", "server", "place"),
    [
        (
            _database,
            "type: duckdb, schema: main, database: a.duckdb",
            '"here"."main"."it\'s"',
        ),
        (
            _database,
            "type: local, format: sqlite, path: a.db",
            "sqlite_scan('a.db', 'it''s')",
        ),
        (
            _excel,
            "type: local, format: excel, path: a.xlsx",
            "read_xlsx('a.xlsx', sheet = 'it''s')",
        ),
    ],
)
def test_sql_reads_the_table_in_the_file_that_was_measured(
    write, server, place, tmp_path, monkeypatch
):
    """Not on the server before it, which lacks the table; the values are a plain list."""
    _excel(tmp_path / "first.xlsx", "other")
    write(tmp_path / server.rpartition(" ")[2], "it's")
    case = assessment_of(tmp_path, contract=CONTRACT.replace("SERVER", server))
    data = measure_data(case, tmp_path, today=case.as_of)
    (finding,) = (one for one in data.findings if one.check == "values-declared")
    text = count_again(finding, case.model_copy(update={"data": data}), tmp_path)

    assert f"FROM {place}" in text
    assert "IN ('a', 'b')" in text
    if "duckdb" in server:  # the others need extensions that are not installed
        monkeypatch.chdir(tmp_path)
        assert duckdb.execute(text).fetchall() == [("c", 1)]


def test_table_that_was_never_read_has_no_types():
    """Without them no expression can be made."""
    case = assessment_of(EXAMPLE).model_copy(update={"data": None})

    with pytest.raises(SourceError, match="no table was read"):
        count_again(FOUND["keys-unique"], case, EXAMPLE)


def test_verb_prints_what_was_found_and_its_sql(capsys):
    """Of one subject, or of all; a check that is not there is refused."""
    one, key = FOUND["keys-unique"], "keys-unique"

    assert main(["explain", str(EXAMPLE), key, one.subject]) == FINE
    said = capsys.readouterr().out
    head = "-- SQL of DuckDB, run in the assessment's folder"
    assert said.startswith(f"-- {one.message}\n\n{head}\nCREATE TEMP VIEW")
    assert main(["explain", str(EXAMPLE), key]) == FINE
    assert capsys.readouterr().out.count("SELECT") > said.count("SELECT")
    assert main(["explain", str(EXAMPLE), "keys-uniqe"]) == WRONG_USAGE
    assert "did you mean 'keys-unique'?" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["", "(", "array<" * 900 + "date" + ">" * 900])
def test_type_that_is_none_is_read_as_texts(kind):
    """Evidence of a stranger may name any, also one that takes long to understand."""
    tables = [one.model_copy(update={"columns": dict.fromkeys(one.columns, kind)})
              for one in EVIDENCE.tables]  # fmt: skip
    data = EVIDENCE.model_copy(update={"tables": tuple(tables)})
    case = assessment_of(EXAMPLE).model_copy(update={"data": data})

    assert "SELECT" in count_again(FOUND["source-opened"], case, EXAMPLE)


def test_what_was_found_is_a_remark_beside_its_sql(tmp_path, capsys):
    """Whoever copies all that is printed runs nothing that a message says."""
    case = shutil.copytree(EXAMPLE, tmp_path / "case")
    said = FOUND["source-opened"].model_copy(update={"message": "a\n\nDROP TABLE b;"})
    data = EVIDENCE.model_copy(update={"findings": (said,)})
    save_evidence(data, case / "evidence" / "data.json")

    assert main(["explain", str(case), "source-opened"]) == FINE
    assert capsys.readouterr().out.startswith("-- a DROP TABLE b;\n\n-- SQL of")


@pytest.mark.parametrize(
    ("short", "meant"),
    [
        ("flights.carrier", ["flights.carrier -> airlines.carrier"]),
        ("flights.carr", []),
        ("flights", []),
    ],
)
def test_beginning_of_a_subject_is_enough_where_it_is_the_only_one(
    short, meant, capsys
):
    """Of several, all are named to choose from; a part of a name is none."""
    joins = [one for one in EVIDENCE.findings if one.check == "joins-match"]
    code = main(["explain", str(EXAMPLE), "joins-match", short])
    said = capsys.readouterr()

    assert [one.subject for one in joins if one.message in said.out] == meant
    assert code == (FINE if meant else WRONG_USAGE)
    if short == "flights":
        assert all(one.subject in said.err for one in joins if "flights" in one.subject)


# --- on a page -----------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "check", sorted(set(FOUND) - {"fields-present", "label-delay"})
)
def test_sql_of_a_page_counts_the_same_from_tables_by_their_names(check, monkeypatch):
    """Whoever has rows under the names of the contract gets what the verb's SQL gets."""
    finding = FOUND[check]
    text = count_beside(example())(finding)

    assert text.startswith("-- SQL of DuckDB\n")
    assert ".parquet" not in text
    with duckdb.connect() as engine:
        for table in example().data_model.tables:
            file = EXAMPLE / "data" / f"{table.name}.parquet"
            engine.execute(f"CREATE VIEW {table.name} AS FROM '{file}'")
        *before, asked = text.removesuffix(";").split(";\n")
        engine.execute(";".join(before) or "SELECT 1")
        rows = engine.execute(asked).to_arrow_table().to_pylist()
    # where nothing orders them, an engine of several threads has its own order
    assert sorted(rows, key=str) == sorted(counted(finding, monkeypatch), key=str)


def test_check_without_sql_has_none_on_a_page():
    """A field that exists, a machine, a table that nobody declares any more."""
    beside = count_beside(example())

    for told in (
        {"check": "fields-present"},
        {"check": "memory"},
        {"subject": "gone.x"},
    ):
        assert not beside(FOUND["nulls-tolerated"].model_copy(update=told))
    assert not count_beside(example().model_copy(update={"data": None}))(
        FOUND["keys-unique"]
    )


ELSEWHERE = """
apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
status: draft
servers:
  - {server: erp, type: postgres, host: db.hidden.example, port: 5432,
     database: hidden_database, schema: hidden_schema,
     customProperties: [{property: readiness.userVariable, value: HIDDEN_USER}]}
  - {server: lake, type: s3, location: 's3://hidden-bucket/{model}', format: parquet}
  - {server: far, type: local, path: hidden/orders.parquet, format: parquet}
schema:
  - name: orders
    physicalName: hidden_orders
    properties:
      - {name: id, logicalType: integer, unique: true}
      - {name: kind, logicalType: string, enum: [{value: a}, {value: b}]}
      - {name: illness, logicalType: string, classification: restricted,
         enum: [{value: hidden-value}, {value: none}]}
"""


@pytest.mark.parametrize(
    ("engine", "head"),
    [
        ("postgres 15.4", "-- SQL of PostgreSQL"),
        ("mysql 10.11, duckdb 1.5.6", "-- SQL of DuckDB"),
        ("duckdb 1.5.6", "-- SQL of DuckDB"),
        ("snowflake (not tested)", "-- SQL of Snowflake"),
    ],
)
def test_sql_of_a_page_says_nothing_of_where_rows_lie(engine, head, tmp_path):
    """No host, database, schema, bucket, path or name in them; nor a restricted value."""
    columns = {"id": "int64", "kind": "string", "illness": "string"}
    table = EVIDENCE.tables[0].model_copy(
        update={"table": "orders", "engine": engine, "columns": columns}
    )
    checks = {"keys-unique": "id", "values-declared": "kind", "source-opened": ""}
    found = [
        FOUND[check].model_copy(update={"subject": f"orders.{name}".rstrip(".")})
        for check, name in checks.items()
    ]
    data = EVIDENCE.model_copy(update={"tables": (table,)})
    case = assessment_of(tmp_path, contract=ELSEWHERE)
    beside = count_beside(case.model_copy(update={"data": data}))

    for finding in found:
        text = beside(finding)
        assert text.startswith(head)
        assert re.search(r"FROM [\"`]?orders[\"`]?", text, re.IGNORECASE)
        assert "hidden" not in text.lower()
    secret = found[1].model_copy(update={"subject": "orders.illness"})
    assert beside(secret) == ""


@pytest.mark.parametrize("engine", ["duckdb 1.5.6", "mysql 10.11", "postgres 15.4"])
@pytest.mark.parametrize("name", ['ill"ness', "ill`ness", "=illness ", "ILLNESS"])
def test_restricted_column_is_known_however_its_name_is_quoted(engine, name, tmp_path):
    """Its declared values stand in the SQL that counts it."""
    contract = ELSEWHERE.replace("name: illness", f"name: '{name}'")
    table = EVIDENCE.tables[0].model_copy(
        update={"table": "orders", "engine": engine, "columns": {name: "string"}}
    )
    finding = FOUND["values-declared"].model_copy(update={"subject": f"orders.{name}"})
    case = assessment_of(tmp_path, contract=contract)
    beside = count_beside(
        case.model_copy(
            update={"data": EVIDENCE.model_copy(update={"tables": (table,)})}
        )
    )

    assert "hidden" not in beside(finding)


def test_sql_with_a_list_of_hundreds_is_left_to_the_verb(tmp_path):
    """A page of four hundred columns stays one that a browser opens at once."""
    values = ", ".join(f"{{value: category {at:04}}}" for at in range(400))
    contract = ELSEWHERE.replace("{value: a}, {value: b}", values)
    case = assessment_of(tmp_path, contract=contract)
    table = EVIDENCE.tables[0].model_copy(
        update={"table": "orders", "columns": {"kind": "string"}}
    )
    data = EVIDENCE.model_copy(update={"tables": (table,)})
    finding = FOUND["values-declared"].model_copy(update={"subject": "orders.kind"})

    assert count_beside(case.model_copy(update={"data": data}))(finding) == ""


# --- the same rows, written in other ways --------------------------------------------

#: Rows of every kind that a check counts: a key twice, an undeclared and a stray
#: value, a day without rows, no value, a partner that is missing.
MADE = """
SELECT CASE i WHEN 7 THEN 6 ELSE i END AS id,
  TIMESTAMP '2026-01-01 03:30:00' + to_hours(((i + i // 200 * 30) * 5)::INT) AS seen,
  CASE WHEN i % 9 > 0 THEN (i * 37 % 2000) - 0.5::DOUBLE END AS price,
  ['a', 'b', 'c', NULL][i % 4 + 1] AS kind,
  CASE WHEN i % 3 > 0 THEN i % 2 = 0 END AS late,
  TIMESTAMP '2026-01-01 03:30:00' + to_hours(((i + i // 200 * 30) * 5 + 30)::INT) AS known
FROM range(400) r(i)
"""
FORMS = """
apiVersion: v3.2.0
kind: DataContract
id: a
version: 1.0.0
status: draft
servers: [{server: here, type: local, path: 'PATH', format: FORMAT}]
slaProperties: [{property: latency, value: 3, unit: d, element: t.seen}]
schema:
  - name: t
    customProperties:
      - {property: readiness.eventTime, value: seen}
      - {property: readiness.grain, value: P1D}
      - {property: readiness.timeZone, value: America/New_York}
      - {property: readiness.historyNeeded, value: P1M}
      - {property: readiness.train, value: {column: seen, to: '2026-02-15'}}
      - {property: readiness.live, value: {column: seen, from: '2026-02-16'}}
    relationships: [{from: t.kind, to: kinds.kind}]
    properties:
      - {name: id, logicalType: integer, unique: true}
      - {name: seen, logicalType: timestamp WHEN}
      - {name: price, logicalType: number, required: true,
         logicalTypeOptions: {minimum: 0} NUMBER}
      - {name: kind, logicalType: string, enum: [{value: a}, {value: b}]}
      - {name: late, logicalType: boolean, customProperties: [
          {property: readiness.label, value: true},
          {property: readiness.labelFill, value: 0.5},
          {property: readiness.labelKnown, value: known}]}
      - {name: known, logicalType: timestamp WHEN}
  - name: kinds
    properties: [{name: kind, logicalType: string}]
"""
NAMED = ", customProperties: [{{property: readiness.writtenAs, value: '{}'}}]"
INSTANTS = "seen AT TIME ZONE 'UTC' AS seen, known AT TIME ZONE 'UTC' AS known"
TEXTS = "strftime(seen, '{0}') AS seen, strftime(known, '{0}') AS known"
SECONDS = "epoch(seen)::BIGINT AS seen, epoch(known)::BIGINT AS known"
WAYS = {
    "as usual": ("", "", "*"),
    "decimal comma": ("", "1234,5", "* REPLACE (replace(price::VARCHAR, '.', ',') AS price)"),
    "thousands": ("", "1.234,5", "* REPLACE (translate(format('{:,.1f}', price), ',.', '.,') AS price)"),
    "days first": ("dd.MM.yyyy HH:mm", "", f"* REPLACE ({TEXTS.format('%d.%m.%Y %H:%M')})"),
    "epoch": ("epoch seconds", "", f"* REPLACE ({SECONDS})"),
    "with an offset": ("", "", f"* REPLACE ({TEXTS.format('%Y-%m-%dT%H:%M:%SZ')})"),
}  # fmt: skip
PLACES = {
    "t.csv": ("csv", "COPY ({}) TO '{}/t.csv'"),
    "t.csv.gz": ("csv", "COPY ({}) TO '{}/t.csv.gz'"),
    "t": ("csv", "COPY ({}) TO '{}/t' (FORMAT csv, PER_THREAD_OUTPUT)"),
    "t.jsonl": ("json", "COPY ({}) TO '{}/t.jsonl' (FORMAT json)"),
    "t.parquet": ("parquet", "COPY ({}) TO '{}/t.parquet'"),
}


def asked_again(folder, way, place):
    """Each finding's outcome and value, and the rows that its SQL returns."""
    folder.mkdir()
    when, number, selected = WAYS[way]
    form, copy = PLACES[place]
    if form == "parquet":
        selected = (
            f"* REPLACE ({INSTANTS})" if way in {"epoch", "with an offset"} else "*"
        )
        when = number = ""
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        rows = f"SELECT {selected} FROM ({MADE})"  # noqa: S608 - our own
        engine.execute(copy.format(rows, folder))
        kinds = "SELECT unnest(['a', 'b']) AS kind"
        engine.execute(copy.replace("/t", "/kinds").format(kinds, folder))
    text = FORMS.replace("FORMAT", form).replace(
        "PATH", place.replace("t", "{model}", 1)
    )
    text = text.replace(" WHEN", when and NAMED.format(when))
    case = assessment_of(
        folder,
        contract=text.replace(" NUMBER", number and NAMED.format(number)),
        needs=["t.price", "t.late"],
    )
    data = measure_data(case, folder, today=case.as_of)
    found = {}
    for one in data.findings:
        if one.check == "fields-present":
            continue
        sql = count_again(one, case.model_copy(update={"data": data}), folder)
        with contextlib.chdir(folder), duckdb.connect() as engine:
            rows = engine.execute(sql).to_arrow_table().to_pylist()
        found[one.check, one.subject] = one.outcome, one.value, rows
    return found


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_sql_counts_the_same_however_rows_are_written(way, tmp_path):
    """As printed, in DuckDB: as the finding of a file of values, and as its SQL."""
    plain = asked_again(tmp_path / "plain", way, "t.parquet")
    assert {check for check, _ in plain} >= {one.id for one in checks_of("data")} - {
        "fields-present"
    }
    places = ["t.csv", "t.jsonl"] if way != "as usual" else list(PLACES)[:-1]
    for at, place in enumerate(places):
        assert asked_again(tmp_path / f"{at}", way, place) == plain, place
