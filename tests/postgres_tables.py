"""Tables on a PostgreSQL server for tests of checks, read as the product reads them."""

import contextlib
from pathlib import Path

import pyarrow as pa
import pytest

from postgres import ALLOWED, PASSWORD, PASSWORD_VARIABLE, READER, USER_VARIABLE
from readybook.measure.sources.engine import Run, TimeLimit
from readybook.measure.sources.places import Located
from readybook.measure.sources.servers import PostgresEngine
from readybook.model.contract import Table

_TYPES = {
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.float64(): "double precision",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.string(): "text",
    pa.timestamp("us"): "timestamp",
}


@contextlib.contextmanager
def table_on(postgres, data, name="t"):
    """Yield an Arrow table as one of a schema of its own, and how it is asked."""
    schema = f"of_{name}_{id(data)}"
    fields = ", ".join(f'"{one.name}" {_type(one.type)}' for one in data.schema)
    with postgres.admin() as admin, pytest.MonkeyPatch.context() as patch:
        patch.setenv(USER_VARIABLE, READER)
        patch.setenv(PASSWORD_VARIABLE, PASSWORD)
        admin.execute(f"CREATE SCHEMA {schema}")
        admin.execute(f"CREATE TABLE {schema}.{name} ({fields})")
        with admin.cursor().copy(f"COPY {schema}.{name} FROM STDIN") as copy:
            for batch in data.to_batches():
                for row in zip(*batch.to_pydict().values(), strict=True):
                    copy.write_row(row)
        run = Run(TimeLimit(), Path(), allowed=ALLOWED)
        place = Located(server=postgres.server(schema_name=schema))
        engine = PostgresEngine(run, place)
        table = Table(name=name, location=name, columns=(), declared="sha256:0")
        yield engine.open(table, Located(shown=name)), engine.ask
        engine.close()
        admin.execute(f"DROP SCHEMA {schema} CASCADE")


def _type(kind):
    if pa.types.is_timestamp(kind) and kind.tz:
        return "timestamptz"
    return _TYPES[kind]
