"""PostgreSQL gives the same findings as Parquet for the same rows."""

import datetime as dt
import shutil
from pathlib import Path

import duckdb
import pytest

from postgres import ALLOWED, PASSWORD, PASSWORD_VARIABLE, READER, USER_VARIABLE
from readybook.bank.own import load_bank_for
from readybook.case.open import open_assessment
from readybook.measure.data import RunOptions, measure_data

EXAMPLE = Path(__file__).parents[3] / "templates" / "flight-delays"
TABLES = ("flights", "weather", "planes", "airports", "airlines")
TODAY = dt.date(2026, 11, 23)
KINDS = {
    "INTEGER": "integer",
    "VARCHAR": "text",
    "DOUBLE": "double precision",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
}
SERVERS = f"""
servers:
  - server: shop
    type: postgres
    host: 127.0.0.1
    port: %d
    database: postgres
    schema: air
    customProperties:
      - property: readiness.userVariable
        value: {USER_VARIABLE}
      - property: readiness.passwordVariable
        value: {PASSWORD_VARIABLE}

schema:
"""


def load(admin, name, folder):
    """Copy a table of the example to the server as it is."""
    file = EXAMPLE / "data" / f"{name}.parquet"
    rows = folder / f"{name}.csv"
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'UTC'")
        source = engine.read_parquet(str(file))
        fields = zip(source.columns, source.types, strict=True)
        columns = ", ".join(f'"{field}" {KINDS[str(kind)]}' for field, kind in fields)
        source.write_csv(str(rows))
    admin.execute(f"CREATE TABLE air.{name} ({columns})")
    copy = f"COPY air.{name} FROM STDIN (FORMAT csv, HEADER)"
    with admin.cursor().copy(copy) as stream:
        stream.write(rows.read_bytes())


@pytest.fixture
def in_postgres(postgres, tmp_path, monkeypatch):
    monkeypatch.setenv(USER_VARIABLE, READER)
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    with postgres.admin() as admin:
        admin.execute("CREATE SCHEMA air")
        for name in TABLES:
            load(admin, name, tmp_path)
        admin.execute(f"GRANT USAGE ON SCHEMA air TO {READER}")
        admin.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA air TO {READER}")
    folder = tmp_path / "case"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("data", "evidence"))
    contract = folder / "data.odcs.yaml"
    text = contract.read_text("utf-8")
    start, end = text.index("\nservers:\n"), text.index("\nschema:\n")
    text = text[:start] + SERVERS % postgres.port + text[end + len("\nschema:\n") :]
    contract.write_text(text, "utf-8")
    return folder


def told(folder):
    """Return what is found, without what names the engine or its rows' fingerprint."""
    assessment = open_assessment(folder, bank=load_bank_for(folder))
    evidence = measure_data(
        assessment, folder, today=TODAY, options=RunOptions(allowed=ALLOWED)
    )
    # Rows cut from the file of training rows decide nothing; those of a server may.
    cut = {
        check: {"message", "outcome"} for check in ("live-like-training", "schema-same")
    }
    return {
        (one.check, one.subject): one.model_dump(
            exclude={"fingerprint", *cut.get(one.check, ())}
        )
        for one in evidence.findings
        if one.check != "types-match"  # its message has the engine's name of a type
    }


def test_postgres_gives_the_findings_of_parquet(in_postgres, tmp_path):
    """Every finding of the example reads the same from a database server."""
    files = tmp_path / "files"
    shutil.copytree(EXAMPLE, files, ignore=shutil.ignore_patterns("evidence"))
    expected, found = told(files), told(in_postgres)
    assert found.keys() == expected.keys()
    differ = {at: (found[at], one) for at, one in expected.items() if found[at] != one}
    assert differ == {}
    assert len(found) > 80
