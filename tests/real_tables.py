"""Tables of a real engine for tests of checks, and what checks say of them."""

import datetime as dt
import functools
import itertools
from pathlib import Path

import ibis
import pyarrow as pa

from readybook.contract.read import parse_contract
from readybook.measure.sources.engines import Source
from readybook.measure.sources.files import rows
from readybook.measure.sources.places import Located
from readybook.measure.table import DataTable
from readybook.model.contract import Category, Column, Table

TODAY = dt.date(2026, 11, 23)
EXAMPLE = Path(__file__).parent.parent / "templates" / "flight-delays"


_NUMBERS = itertools.count()


@functools.cache  # to start one takes longer than to ask it
def connect(name="here"):  # noqa: ARG001
    """Return the embedded engine of a name; its sessions are in UTC, as the product's."""
    engine = ibis.duckdb.connect(threads=1)
    engine.raw_sql("SET enable_progress_bar = false")
    engine.raw_sql("SET TimeZone = 'UTC'")
    return engine


def column(name="x", kind=None, *, categories=(), **fields):
    """Return a declared column."""
    return Column(
        name=name,
        type=kind,
        categories=tuple(Category(value=value) for value in categories),
        **fields,
    )


class Given:
    """Stands for the engines: a table that was opened already, and how it is asked."""

    name = "duckdb"

    def __init__(self, source, ask):
        self.source, self.ask = source, ask

    def open(self, declared, located):  # noqa: ARG002
        return Source(located, self.source, self)


def data_table(declared, source, *, ask=rows, count=None, typed=True):
    """Return a source as a declared table; `count` asks for its rows, else `ask`."""
    located = Located(
        format="parquet" if typed else "csv",
        fingerprint=f"sha256:{declared.name}",
        shown=declared.name,
    )
    given = Given(source, count or ask)
    table = DataTable(declared, located, given, TODAY)
    assert table.closed is None
    given.ask = ask
    return table


def changed(table, *, source=None, declared=None, ask=None):
    """Return a table as if it had been opened with another source or declaration."""
    given = table.engines
    return data_table(
        declared or table.declared,
        given.source if source is None else source,
        ask=ask or given.ask,
        count=given.ask if source is None else None,
        typed=not table.is_text,
    )


def opened(data, *columns, engine="here", name="t", typed=True, ask=rows, **fields):
    """Return a table of some columns: lists, or Arrow arrays where the type counts."""
    source = _stored(connect(engine), pa.table(data))
    return open_source(source, name, columns, typed=typed, ask=ask, **fields)


def _stored(engine, data):
    """Return a new table of an engine; quicker than what ibis does to create one."""
    name = f"opened_{next(_NUMBERS)}"
    engine.con.register("given", data)
    engine.con.execute(f"CREATE TABLE {name} AS FROM given")
    engine.con.unregister("given")
    return engine.table(name)


def open_source(source, name, columns=(), *, typed=True, ask=rows, **fields):
    """Return a source as a declared table."""
    table = Table(
        name=name, location=name, columns=columns, declared="sha256:0", **fields
    )
    return data_table(table, source, ask=ask, typed=typed)


def example(*, ask=rows):
    """Return the worked example's tables by name."""
    engine = connect()
    raw = (EXAMPLE / "data.odcs.yaml").read_text("utf-8")
    model = parse_contract(raw, name="data.odcs.yaml", folder=EXAMPLE).model
    return {
        table.name: data_table(
            table,
            engine.read_parquet(str(EXAMPLE / f"data/{table.name}.parquet")),
            ask=ask,
            count=rows,
        )
        for table in model.tables
    }


def points(finding, name):
    """Return the points of a finding's series as a mapping."""
    (series,) = [one for one in finding.series if one.name == name]
    return {point.label: point.value for point in series.points}
