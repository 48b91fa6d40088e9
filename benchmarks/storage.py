"""Print how long it takes to count flights in S3, beside a plain read of the same.

The bucket is moto's, on loopback. The plain read is DuckDB's over Arrow's file system:
its own way to S3 is an extension, which would be fetched. Exit code 1 where readybook
takes more than 1.3 times as long.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import boto3
import duckdb
import pyarrow.dataset as ds
from pyarrow import fs

from flights import make_assessment
from readybook.measure.sources.engines import open_engines
from readybook.measure.sources.places import locate
from readybook.model.contract import DataModel, Server, Table

__all__: list[str] = []

_AIM = 1.3  #: times the plain read
_VARIABLES = ("READYBOOK_BENCH_KEY", "READYBOOK_BENCH_SECRET")
_READY = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")


def main() -> int:
    """Write the flights, fill a bucket, read it both ways; return 1 over the aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="(2,000,000)")
    parser.add_argument("--repeat", type=int, default=3, help="runs of each (3)")
    parser.add_argument("--csv", action="store_true", help="as CSV, not Parquet")
    arguments = parser.parse_args()
    os.environ |= dict.fromkeys(_VARIABLES, "any")
    form = "csv" if arguments.csv else "parquet"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            found = map(_READY.search, iter(process.stderr.readline, ""))
            address = next(one[1] for one in found if one)
            # It writes a line for each request; nobody may let the pipe run full.
            Thread(target=process.stderr.read, daemon=True).start()
            _fill(address, Path(folder), arguments.rows, form)
            plain = _least(lambda: _plain(address, form), arguments.repeat)
            own = _least(lambda: _own(address, form), arguments.repeat)
        finally:
            process.terminate()
    ratio = own[0] / plain[0]
    is_met = ratio <= _AIM and own[-1] == plain[-1]
    print(
        f"{'PASS' if is_met else 'FAIL'}  {arguments.rows:,} flights as {form} in S3: "
        f"readybook {own[0]:.2f} s, plain read {plain[0]:.2f} s: {ratio:.2f} times "
        f"(at most {_AIM}; {own[1] / plain[1]:.2f} in seconds of a CPU); answers "
        f"{'equal' if own[-1] == plain[-1] else 'DIFFER'}"
    )
    return int(not is_met)


def _fill(address: str, folder: Path, rows: int, form: str) -> None:
    make_assessment(rows, folder / "case")
    data = folder / "case" / "data" / "flights"
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",  # noqa: S106 - any will do
    )
    client.create_bucket(Bucket="lake")
    for file in sorted(data.glob("*.parquet")):
        copy = file.with_suffix(f".{form}")
        if form == "csv":
            duckdb.read_parquet(str(file)).write_csv(str(copy))
        client.upload_file(str(copy), "lake", f"flights/{copy.name}")
    shutil.rmtree(folder / "case")


def _plain(address: str, form: str) -> list[int]:
    store = fs.S3FileSystem(
        access_key="any",
        secret_key="any",  # noqa: S106 - any will do
        endpoint_override=address,
        region="us-east-1",
    )
    flights = ds.dataset("lake/flights", filesystem=store, format=form)
    # Arrow takes an empty text in CSV for a text.
    value = "nullif(\"{}\"::VARCHAR, '')" if form == "csv" else '"{}"'
    names = flights.schema.names
    counts = ", ".join(f"count({value.format(name)})" for name in names)
    with duckdb.connect() as engine:
        engine.register("flights", flights)
        return list(engine.execute(f"SELECT {counts} FROM flights").fetchall()[0])


def _own(address: str, form: str) -> list[int]:
    server = Server(
        server="lake",
        type="s3",
        path="s3://lake/{model}",
        format=form,
        host=address,
        user_variable=_VARIABLES[0],
        password_variable=_VARIABLES[1],
    )
    table = Table(name="flights", location="flights", columns=(), declared="d")
    model = DataModel(
        id="b",
        version="1",
        status="s",
        servers=(server,),
        tables=(table,),
        fingerprint="f",
    )
    allowed = frozenset(f"{one}@127.0.0.1" for one in _VARIABLES)
    with open_engines(allowed=allowed) as engines:
        source = engines.open(table, locate(table, model, Path()))
        names = source.table.columns
        asked = source.table.aggregate(**{n: source.table[n].count() for n in names})
        return list(source.ask(asked)[0].values())


def _least(
    read: Callable[[], list[int]], repeat: int
) -> tuple[float, float, list[int]]:
    """Return the seconds of the fastest run, by the clock and of CPUs; what it found."""
    found: list[tuple[float, float, list[int]]] = []
    for _time in range(repeat):
        begun, busy = time.perf_counter(), time.process_time()
        counts = read()
        took = time.perf_counter() - begun
        found.append((took, time.process_time() - busy, counts))
    return min(found)


if __name__ == "__main__":
    sys.exit(main())
