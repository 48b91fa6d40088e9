"""Every kind of source gives the same findings as Parquet for the same rows."""

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from ruamel.yaml import YAML

from measured_case import assessment_of
from readybook.measure.data import RunOptions, measure_data

pytestmark = pytest.mark.slow

EXAMPLE = Path(__file__).parents[3] / "templates" / "flight-delays"
TODAY = dt.date(2026, 11, 23)
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
    return {
        (one.check, one.subject): one.model_dump(exclude={"fingerprint"})
        for one in found.findings
    }


@pytest.fixture(scope="module")
def expected(flights, contract, tmp_path_factory):
    """Return what is found in the sample as Parquet."""
    folder = tmp_path_factory.mktemp("parquet")
    duckdb.from_arrow(flights).write_parquet(str(folder / "flights.parquet"))
    found = told(
        contract(folder, type="local", path="{model}.parquet", format="parquet")
    )
    assert sum(one["outcome"] != "not measured" for one in found.values()) > 50
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


@pytest.mark.parametrize("write", [write_delta, write_iceberg])
def test_files_of_every_format_give_the_findings_of_parquet(
    write, flights, contract, expected, tmp_path
):
    """Each finding reads the same, whatever the rows are kept in."""
    found = told(contract(tmp_path, type="local", **write(flights, tmp_path)))
    differ = {
        at: (found.get(at), one) for at, one in expected.items() if found.get(at) != one
    }

    assert differ == {}
    assert found.keys() == expected.keys()
