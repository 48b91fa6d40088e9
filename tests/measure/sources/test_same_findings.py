"""Every kind of source gives the same findings as Parquet for the same rows."""

import datetime as dt
import gzip
import json
import shutil
import sqlite3
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from openpyxl import Workbook
from ruamel.yaml import YAML

from amazon import make_bucket, moto
from measured_case import assessment_of
from postgres import ALLOWED, PASSWORD, PASSWORD_VARIABLE, READER, USER_VARIABLE
from readybook.measure.data import RunOptions, measure_data

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[3] / "templates" / "flight-delays"
TODAY = dt.date(2026, 11, 23)
CREDENTIALS = [
    {"property": "readiness.userVariable", "value": USER_VARIABLE},
    {"property": "readiness.passwordVariable", "value": PASSWORD_VARIABLE},
]
#: Of a day the flights of one carrier in a few: enough for every check to say something.
ROWS = "SELECT * FROM read_parquet('{}') WHERE carrier IN ('HA', 'F9', 'OO', 'YV')"


@pytest.fixture(scope="module")
def flights():
    """Return a sample of the flights, an Arrow table; the order of rows is fixed."""
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        query = ROWS.format(EXAMPLE / "data" / "flights.parquet")
        return engine.sql(query).to_arrow_table()


@pytest.fixture(scope="module")
def contract():
    """Return a function that gives the contract of the flights alone, on a server."""
    yaml = YAML(typ="safe")
    said = yaml.load((EXAMPLE / "data.odcs.yaml").read_text("utf-8"))
    said["schema"] = said["schema"][:1]
    for part in (said["schema"][0], *said["schema"][0]["properties"]):
        part.pop("relationships", None)

    def on(folder, **server):
        said["servers"] = [{"server": "here", **server}]
        with (folder / "data.odcs.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(said, file)
        return folder

    return on


def told(folder, *allowed):
    """Return what is found, by check and subject, without the fingerprint of files."""
    found = measure_data(
        assessment_of(folder),
        folder,
        today=TODAY,
        options=RunOptions(allowed=frozenset(allowed)),
    )
    findings = {(one.check, one.subject): one.model_dump() for one in found.findings}
    for (check, _subject), one in findings.items():
        del one["fingerprint"]
        if check == "types-match":
            del one["message"], one["value"]  # the engine's name of a type
        # Rows cut from the file of training rows decide nothing; those of others may.
        if check in {"live-like-training", "schema-same"}:
            del one["message"], one["outcome"]
    return findings


@pytest.fixture(scope="module")
def expected(flights, contract, tmp_path_factory):
    """Return what is found in the sample as Parquet."""
    folder = tmp_path_factory.mktemp("parquet")
    duckdb.from_arrow(flights).write_parquet(str(folder / "flights.parquet"))
    found = told(
        contract(folder, type="local", path="{model}.parquet", format="parquet")
    )
    assert sum(one.get("outcome") != "not measured" for one in found.values()) > 50
    return found


def write_delta(flights, folder):
    """Write more rows than there are, delete them again, and keep their files."""
    from deltalake import DeltaTable, write_deltalake  # noqa: PLC0415 - an extra

    write_deltalake(folder / "flights", flights, partition_by=["origin"])
    more = flights.set_column(0, "year", [[1900] * len(flights)])
    write_deltalake(folder / "flights", more.cast(flights.schema), mode="append")
    DeltaTable(folder / "flights").delete("year = 1900")
    return {"path": "{model}", "format": "delta"}


def write_iceberg(flights, folder):
    """Do the same where the table was written first; then move it into the folder."""
    from pyiceberg.catalog.memory import InMemoryCatalog  # noqa: PLC0415 - an extra

    catalog = InMemoryCatalog("here", warehouse=f"file://{folder}/first")
    catalog.create_namespace("air")
    table = catalog.create_table("air.flights", schema=flights.schema)
    table.append(flights)
    more = flights.set_column(0, "year", [[1900] * len(flights)])
    table.append(more.cast(flights.schema))
    table.delete("year = 1900")
    (folder / "first" / "air" / "flights").rename(folder / "flights")
    return {"path": "{model}", "format": "iceberg"}


def write_lines(flights, folder):
    """Write JSON lines, packed, in folders that name a column."""
    for month in range(1, 13):
        rows = flights.filter(pc.field("month") == month).drop_columns("month")
        place = folder / "flights" / f"month={month}"
        place.mkdir(parents=True)
        with gzip.open(place / "a.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(r, default=str)}\n" for r in rows.to_pylist())
    return {"path": "{model}", "format": "json"}


def write_zip(flights, folder):
    """Write CSV into an archive."""
    duckdb.from_arrow(flights).write_csv(str(folder / "flights.csv"))
    with ZipFile(folder / "flights.zip", "w") as archive:
        archive.write(folder / "flights.csv", "of/2013.csv")
    (folder / "flights.csv").unlink()
    return {"path": "{model}.zip", "format": "csv"}


def write_sqlite(flights, folder):
    """Write a database that its writer left open, so that its log has the rows."""
    names = ", ".join(flights.schema.names)
    marks = ", ".join("?" * len(flights.schema))
    rows = [[str(v) if isinstance(v, dt.datetime) else v for v in row.values()]
            for row in flights.to_pylist()]  # fmt: skip
    source = sqlite3.connect(folder / "first.db")
    source.execute("PRAGMA journal_mode = wal")
    source.execute(f"CREATE TABLE flights ({names})")
    source.executemany(f"INSERT INTO flights VALUES ({marks})", rows)  # noqa: S608
    source.commit()
    for end in ("", "-wal"):
        shutil.copy(folder / f"first.db{end}", folder / f"air.db{end}")
    source.close()
    return {"path": "air.db", "format": "sqlite"}


def write_excel(flights, folder):
    """Write a sheet beside another one; a cell holds no zone, so times are texts."""
    book = Workbook(write_only=True)
    book.create_sheet("Notes").append(["of 2013"])
    sheet = book.create_sheet("Flights")
    sheet.append([])
    sheet.append(flights.schema.names)
    for row in flights.to_pylist():
        row["time_hour"] = row["time_hour"].isoformat()
        sheet.append(list(row.values()))
    book.save(folder / "air.xlsx")
    return {"path": "air.xlsx", "format": "excel"}


FORMATS = [
    write_delta,
    write_excel,
    write_iceberg,
    write_lines,
    write_sqlite,
    write_zip,
]


def fill_bucket(address, folder):
    """Make a bucket of the files of a folder."""
    client = make_bucket(address, "lake")
    for file in filter(Path.is_file, folder.rglob("*")):
        key = f"a/{file.relative_to(folder).as_posix()}"
        client.upload_file(str(file), "lake", key)


def differ(found, expected):
    """Return the findings that are not as expected, with those that are."""
    return {
        at: (found.get(at), expected.get(at))
        for at in found.keys() | expected.keys()
        if found.get(at) != expected.get(at)
    }


@pytest.mark.parametrize("write", FORMATS)
def test_files_of_every_format_give_the_findings_of_parquet(
    write, flights, contract, expected, tmp_path
):
    """Each finding reads the same, whatever the rows are kept in."""
    found = told(contract(tmp_path, type="local", **write(flights, tmp_path)))

    assert differ(found, expected) == {}


@pytest.fixture
def allowed(monkeypatch):
    """Set the credentials, and return the permissions to send them to loopback."""
    monkeypatch.setenv(USER_VARIABLE, READER)
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    return ALLOWED


@pytest.mark.parametrize("write", [write_delta, write_lines, write_zip])
def test_object_storage_gives_the_findings_of_parquet(  # noqa: PLR0913, PLR0917 - fixtures
    write, flights, contract, allowed, expected, tmp_path
):
    """Folders with a log or of partitions, and archives, are read from a bucket too."""
    (tmp_path / "rows").mkdir()
    said = write(flights, tmp_path / "rows")
    with moto() as address:
        fill_bucket(address, tmp_path / "rows")
        folder = contract(
            tmp_path,
            type="s3",
            location=f"s3://lake/a/{said['path']}",
            endpointUrl=address,
            format=said["format"],
            customProperties=CREDENTIALS,
        )
        found = told(folder, *allowed)

    assert differ(found, expected) == {}


def test_mysql_gives_the_findings_of_parquet(  # noqa: PLR0913, PLR0917 - fixtures
    mariadb, flights, contract, allowed, expected, tmp_path
):
    """The same rows are found on a server, for a user who may only read."""
    kinds = {pa.string(): "text", pa.int32(): "int"}
    columns = [
        f"{one.name} {kinds.get(one.type, 'timestamp')}" for one in flights.schema
    ]
    marks = ", ".join(["%s"] * len(columns))
    with mariadb.admin() as admin:
        admin.execute("SET time_zone = '+00:00'")
        admin.execute(f"CREATE TABLE air.flights ({', '.join(columns)})")
        admin.executemany(
            f"INSERT INTO air.flights VALUES ({marks})",  # noqa: S608
            [tuple(row.values()) for row in flights.to_pylist()],
        )
    server = {"host": "127.0.0.1", "port": mariadb.port, "database": "air"}
    folder = contract(tmp_path, type="mysql", **server, customProperties=CREDENTIALS)
    found = told(folder, *allowed)

    assert differ(found, expected) == {}
