"""Spark in local mode: the same answers as the embedded engine, and the same limits."""

import datetime as dt
import os
import shutil
from decimal import Decimal

import pytest

from declared_tables import EXAMPLE, FILES, answers, located, open_or_why, table_of
from readybook.measure.sources.engine import Limits
from readybook.measure.sources.engines import open_engines
from readybook.measure.sources.places import UnreachedError
from readybook.model.contract import Server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.soak,
    # Spark's Python side leaves sockets to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SPARK = Server(server="lake", type="spark", schema_name="shop")


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Yield a Spark session with tables in a schema of a folder."""
    sql = pytest.importorskip("pyspark.sql")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java, which Spark needs")
    home = tmp_path_factory.mktemp("spark")
    session = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", str(home / "warehouse"))
        .config("spark.sql.session.timeZone", "Europe/Berlin")
        .getOrCreate()
    )
    session.sql("CREATE SCHEMA shop")
    for name in ("weather", "airports"):
        files = session.read.parquet(str(EXAMPLE / f"{name}.parquet"))
        files.write.saveAsTable(f"shop.{name}")
    session.range(1_000).withColumnRenamed("id", "k").write.saveAsTable("shop.many")
    # Rows that are made as they are read: Spark ends a task only between rows.
    session.sql("CREATE VIEW shop.endless AS SELECT id AS k FROM range(1000000000000)")
    yield session
    session.stop()


@pytest.fixture
def engines():
    with open_engines() as opened:
        yield opened


def opened_in(engines, name, server=SPARK, folder=EXAMPLE):
    table = table_of(name)
    return open_or_why(engines, table, located(folder, server, table=table))


def test_spark_answers_as_duckdb_does(session, engines):
    """The same rows give the same numbers in every form of question."""
    files = FILES.model_copy(update={"path": "{model}.parquet", "format": "parquet"})
    names = ("weather", "airports")
    here = [opened_in(engines, name, files) for name in names]
    there = [opened_in(engines, name) for name in names]

    assert there[0].engine.name == f"pyspark {session.version}"
    assert answers(*here, "time_hour") == answers(*there, "time_hour")


def test_spark_types_open_and_come_back_as_plain_values(session, engines):
    """Instants stay instants, clocks clocks; what Ibis does not know does not stop."""
    session.sql("DROP TABLE IF EXISTS shop.odd")
    session.sql("""
        CREATE TABLE shop.odd USING parquet AS SELECT 9007199254740993L AS big,
        CAST(1.5 AS DECIMAL(10, 2)) AS n, array(1, 2) AS list, named_struct('a', 1) AS s,
        TIMESTAMP '2013-01-01 05:00:00+01:00' AS instant,
        TIMESTAMP_NTZ '2013-01-01 05:00:00' AS clock, INTERVAL '1' MONTH AS span
    """)
    source = opened_in(engines, "odd")
    table = source.table
    (sums,) = source.ask(table.aggregate(big=table.big.sum(), mean=table.n.mean()))

    assert source.columns["instant"] == "timestamp('UTC')"
    assert source.columns["span"] == "unknown"
    assert source.ask(table.drop("span")) == [
        {
            "big": 9007199254740993,
            "n": Decimal("1.50"),
            "list": [1, 2],
            "s": {"a": 1},
            "instant": dt.datetime(2013, 1, 1, 4, tzinfo=dt.UTC),
            "clock": dt.datetime(2013, 1, 1, 5),  # noqa: DTZ001 - it has none
        }
    ]
    assert (sums, type(sums["big"])) == ({"big": 9007199254740993, "mean": 1.5}, int)


@pytest.mark.usefixtures("session")
def test_missing_table_of_spark_is_out_of_reach(engines):
    """A table or a schema that is not there contradicts nothing."""
    nowhere = SPARK.model_copy(update={"schema_name": "nowhere"})

    for server in (SPARK, nowhere):
        source = opened_in(engines, "none", server)
        assert not source.found
        assert source.failed == (
            f"there is no table {server.schema_name}.none on the server lake"
        )


@pytest.mark.usefixtures("session")
def test_path_in_place_of_a_table_is_not_read(engines, tmp_path):
    """A contract names tables; a file of the machine is none, whatever its format."""
    (tmp_path / "t.csv").write_text("k\n1\n")
    files = SPARK.model_copy(update={"schema_name": "csv"})
    source = opened_in(engines, f"{tmp_path}/t.csv", files)

    assert source.failed == f"there is no table csv.{tmp_path}/t.csv on the server lake"


def test_session_of_the_team_is_left_as_it_was(session):
    """Its settings, views and jobs are its own, and it goes on afterwards."""
    with open_engines() as engines:
        source = opened_in(engines, "many")
        counted = source.ask(source.table.aggregate(n=source.table.count()))

    assert counted == [{"n": 1_000}]
    assert session.conf.get("spark.sql.session.timeZone") == "Europe/Berlin"
    assert session.sql("SELECT 1 AS one").collect()[0]["one"] == 1


@pytest.mark.usefixtures("session")
def test_spark_query_that_takes_too_long_is_ended():
    """The limit is told in seconds, and the engine answers the next question."""
    with open_engines(Limits(seconds=20)) as engines:
        endless = opened_in(engines, "endless")
        with pytest.raises(UnreachedError, match="it took longer than 20 s"):
            endless.ask(endless.table.aggregate(sum=(endless.table.k % 7).sum()))
        source = opened_in(engines, "many")

        assert source.ask(source.table.aggregate(n=source.table.count())) == [
            {"n": 1_000}
        ]


def test_databricks_is_asked_through_the_active_session(session, engines):
    """Such a server has no address of its own: its session is the one at hand."""
    server = SPARK.model_copy(update={"type": "databricks"})
    source = opened_in(engines, "many", server)

    assert source.engine.name == f"pyspark {session.version} (not tested)"
    assert source.ask(source.table.aggregate(n=source.table.count())) == [{"n": 1_000}]
