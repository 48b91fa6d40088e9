"""Tables of a real engine for tests of checks, and what checks say of them."""

import datetime as dt
from pathlib import Path

import ibis
import pyarrow as pa

from readybook.contract.read import parse_contract
from readybook.measure.sources.source import rows
from readybook.measure.table.opened import Opened
from readybook.model.contract import Category, Column, Table

TODAY = dt.date(2026, 11, 23)
EXAMPLE = Path(__file__).parent.parent / "templates" / "flight-delays"


def connect():
    """Return an embedded engine whose sessions are in UTC, as the product's are."""
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


def opened(data, *columns, engine=None, name="t", typed=True, ask=rows, **fields):
    """Return a table of some columns: lists, or Arrow arrays where the type counts."""
    engine = engine or connect()
    source = engine.create_table(name, pa.table(data))
    return open_source(source, name, columns, typed=typed, ask=ask, **fields)


def open_source(source, name, columns=(), *, typed=True, ask=rows, **fields):
    """Return a source as a declared table."""
    table = Table(
        name=name, location=name, columns=columns, declared="sha256:0", **fields
    )
    number = ask(source.aggregate(rows=source.count()))[0]["rows"]
    return Opened(table, source, number, f"sha256:{name}", TODAY, ask, typed)


def example(*, ask=rows):
    """Return the worked example's tables by name."""
    engine = connect()
    raw = (EXAMPLE / "data.odcs.yaml").read_text("utf-8")
    model = parse_contract(raw, name="data.odcs.yaml", folder=EXAMPLE).model
    sources = {
        table.name: engine.read_parquet(str(EXAMPLE / f"data/{table.name}.parquet"))
        for table in model.tables
    }
    return {
        table.name: Opened(
            table,
            sources[table.name],
            rows(sources[table.name].aggregate(rows=ibis._.count()))[0]["rows"],
            f"sha256:{table.name}",
            TODAY,
            ask,
        )
        for table in model.tables
    }


def points(finding, name):
    """Return the points of a finding's series as a mapping."""
    (series,) = [one for one in finding.series if one.name == name]
    return {point.label: point.value for point in series.points}
