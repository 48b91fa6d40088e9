"""Small inputs of many kinds to draft a contract from, each as a person has them."""

import datetime as dt
import gzip
import json
import sqlite3
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable, write_deltalake
from PIL import Image

DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=at) for at in range(300)]
OPEN = [day for day in DAYS if day.weekday() not in {0, 6}]
SITES = ("Graz", "Linz", "Wien")


def _csv(
    path: Path, header: str, rows: list[str], encoding: str = "utf-8"
) -> list[Path]:
    path.write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    return [path]


def german(home: Path) -> list[Path]:
    """A decimal comma, dots between thousands, 31.12.2024, an answer of two values."""
    rows = [
        f"{at};{day:%d.%m.%Y};{1000 + at},50;{SITES[at % 3]};{'ja' if at % 4 else 'nein'}"
        for at, day in enumerate(OPEN)
    ]
    return _csv(
        home / "bestellungen.csv", "bestell_nr;datum;betrag;ort;storniert", rows
    )


def missing(home: Path) -> list[Path]:
    """NA among categories, among numbers and among dates."""
    rows = [
        f"{at},{'NA' if at % 7 == 0 else SITES[at % 3]},{'NA' if at % 9 == 0 else at / 2},"
        f"{'n/a' if at % 11 == 0 else day},{'-' if at % 5 == 0 else at}"
        for at, day in enumerate(DAYS)
    ]
    return _csv(home / "readings.csv", "id,site,value,taken,count", rows)


def digits(home: Path) -> list[Path]:
    """Days as 20241231, years, seconds and milliseconds since 1970."""
    start = 1_700_000_000
    rows = [
        f"{day:%Y%m%d},{1990 + at % 30},{start + at * 90_061},{(start + at * 90_061) * 1000}"
        for at, day in enumerate(DAYS)
    ]
    return _csv(home / "digits.csv", "day,model_year,sent_at,read_at", rows)


def slashes(home: Path) -> list[Path]:
    """Days in which the month is never told from the day, and some in which it is."""
    rows = [f"{1 + at % 12:02}/{1 + at % 5:02}/2024,{day:%m/%d/%Y},1,234.5"
            .replace("1,234.5", '"1,234"') for at, day in enumerate(DAYS)]  # fmt: skip
    return _csv(home / "slashes.csv", "open,told,amount", rows)


def names(home: Path) -> list[Path]:
    """Names that stand twice, with blanks at their ends, with none, or as YAML words."""
    rows = [f"{at},{at % 3},x,yes,{at},é" for at in range(60)]
    return _csv(home / "names.csv", "a,a, b ,,no,{c}: #d", rows)


def umlauts(home: Path) -> list[Path]:
    """Names and values in other letters."""
    rows = [f"{at}\t{'süd' if at % 2 else 'nörd'}" for at in range(40)]
    return _csv(home / "größen.tsv", "größe\tstraße", rows)


def persons(home: Path) -> list[Path]:
    """Addresses, names and telephones of few persons, each in many rows."""
    who = ("Anna Huber", "Jo Maier")
    rows = [f"{at},{who[at % 2]},{'a' if at % 2 else 'b'}@example.org,+43 660 123456{at % 2},"
            f"{who[at % 2]}" for at in range(80)]  # fmt: skip
    return _csv(
        home / "visits.csv", "visit_id,full_name,email,phone,sachbearbeiter", rows
    )


def workbook(home: Path) -> list[Path]:
    """Two sheets that are tables, one of notes, an empty one."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Visits 2024"
    sheet.append(["visit id", "visited", "site"])
    for at, day in enumerate(DAYS):
        sheet.append([at, dt.datetime.combine(day, dt.time()), SITES[at % 3]])
    other = book.create_sheet("sites")
    other.append(["site", "opened"])
    for site in SITES:
        other.append([site, 2001])
    book.create_sheet("empty")
    book.create_sheet("numbers").append([1, 2.5, 3])
    book.save(home / "shop.xlsx")
    return [home / "shop.xlsx"]


def sheet(home: Path) -> list[Path]:
    """A workbook of one sheet, under the name that the program gave it."""
    book = openpyxl.Workbook()
    book.active.title = "Tabelle1"
    book.active.append(["nr", "preis"])
    for at in range(30):
        book.active.append([at, at / 4])
    book.save(home / "preise.xlsx")
    return [home / "preise.xlsx"]


def sqlite(home: Path) -> list[Path]:
    """Three tables of an SQLite file."""
    with sqlite3.connect(home / "till.db") as con:
        con.execute("CREATE TABLE receipts (sale_id, sold_on, amount, kind)")
        con.execute("CREATE TABLE items (item INTEGER, price REAL)")
        con.execute('CREATE TABLE "odd table" ("a b" TEXT)')
        con.executemany(
            "INSERT INTO receipts VALUES (?, ?, ?, ?)",
            [(at, f"{day}", at / 2, "ab"[at % 2]) for at, day in enumerate(DAYS)],
        )
        con.execute("INSERT INTO items VALUES (1, 2.5)")
    con.close()
    return [home / "till.db"]


def database(home: Path) -> list[Path]:
    """Tables of two schemas of a DuckDB file, one of them a view."""
    with duckdb.connect(home / "shop.duckdb") as con:
        con.execute(
            "CREATE TABLE orders AS SELECT i AS order_id, "
            "TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS ordered_at, "
            "i % 4 AS state FROM range(3000) t(i)"
        )
        con.execute("CREATE VIEW late AS SELECT * FROM orders WHERE order_id > 5")
        con.execute("CREATE SCHEMA other")
        con.execute("CREATE TABLE other.sites AS SELECT 'x' AS site")
    return [home / "shop.duckdb"]


def months(home: Path) -> list[Path]:
    """A folder of files by month, of which a later one has a column more."""
    (home / "sales").mkdir()
    for at in range(1, 4):
        more = ",tax" if at == 3 else ""
        rows = [
            f"{at * 100 + day},2024-{at:02}-{day:02}{',1' if more else ''}"
            for day in range(1, 29)
        ]
        _csv(home / "sales" / f"2024-{at:02}.csv", f"id,sold{more}", rows)
    return [home / "sales"]


def folder(home: Path) -> list[Path]:
    """A folder of files that are a table each."""
    (home / "export").mkdir()
    _csv(
        home / "export" / "orders.csv",
        "id,customer,state",
        [f"{n},{n % 5},a" for n in range(30)],
    )
    _csv(
        home / "export" / "customers.csv",
        "customer,land",
        [f"{n},AT" for n in range(5)],
    )
    return [home / "export"]


def nested(home: Path) -> list[Path]:
    """Parquet with maps, lists, bytes, times of nanoseconds in a zone, blanks in names."""
    rows = 240
    table = pa.table({
        " id ": pa.array(range(rows)),
        "seen": pa.array([dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=7 * at)
                          for at in range(rows)], pa.timestamp("ns", tz="Europe/Vienna")),
        "tags": pa.array([[("a", 1)]] * rows, pa.map_(pa.string(), pa.int64())),
        "list": pa.array([[1, 2]] * rows),
        "raw": pa.array([b"\x00\x01"] * rows),
        "inner": pa.array([{"x": 1}] * rows),
        "price": pa.array([None] * rows, pa.decimal128(10, 2)),
        "datum": pa.array(["31.12.2024"] * rows),
        "flag": pa.array([at % 3 == 0 for at in range(rows)]),
    })  # fmt: skip
    pq.write_table(table, home / "nested.parquet")
    return [home / "nested.parquet"]


def lines(home: Path) -> list[Path]:
    """JSON lines with an object inside, packed."""
    text = "".join(
        json.dumps({"id": at, "at": f"{day}T10:00:00Z", "who": {"x": at}, "kind": "ab"[at % 2]})
        + "\n" for at, day in enumerate(DAYS)
    )  # fmt: skip
    (home / "events.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    return [home / "events.jsonl.gz"]


def zipped(home: Path) -> list[Path]:
    """A text file in an archive."""
    with zipfile.ZipFile(home / "packed.csv.zip", "w") as archive:
        archive.writestr(
            "packed.csv", "id,v\n" + "".join(f"{n},{n}\n" for n in range(30))
        )
    return [home / "packed.csv.zip"]


def bare(home: Path) -> list[Path]:
    """A header without a row."""
    return _csv(home / "bare.csv", "a,b", [])


def several(home: Path) -> list[Path]:
    """Sources of several kinds at once."""
    return [*german(home), *sqlite(home), *nested(home), *months(home), *workbook(home)]


def album(home: Path) -> list[Path]:
    """A folder of pictures, in a folder for each label, with the day in their names."""
    for label in ("cat", "dog"):
        (home / "album" / label).mkdir(parents=True)
        for at, day in enumerate(DAYS[:30]):
            picture = Image.new("RGB", (16 + at, 20), (at, len(label), ord(label[0])))
            picture.save(home / "album" / label / f"{day:%Y%m%d}_{at}.png")
    return [home / "album"]


def sounds(home: Path) -> list[Path]:
    """A folder of sounds, and a text beside them."""
    (home / "calls").mkdir()
    for at in range(20):
        with wave.open(str(home / "calls" / f"{at}.wav"), "wb") as stream:
            stream.setnchannels(1)
            stream.setsampwidth(2)
            stream.setframerate(8000)
            stream.writeframes(bytes([at % 2, at]) * 800 * (1 + at))
    (home / "calls" / "about.txt").write_text("Calls.")
    return [home / "calls"]


def letters(home: Path) -> list[Path]:
    """A folder of texts; one of them has no bytes."""
    (home / "letters").mkdir()
    for at in range(12):
        (home / "letters" / f"letter {at}.txt").write_text("Dear," * at)
    return [home / "letters"]


def delta(home: Path) -> list[Path]:
    """A Delta table of which rows were deleted, so that files have more."""
    rows = pa.table(
        {"id": range(300), "on": DAYS, "site": [SITES[n % 3] for n in range(300)]}
    )
    write_deltalake(home / "ledger", rows)
    DeltaTable(home / "ledger").delete("id < 100")
    return [home / "ledger"]


def iceberg(home: Path) -> list[Path]:
    """An Iceberg table of which rows were deleted."""
    from pyiceberg.catalog.memory import InMemoryCatalog  # noqa: PLC0415 - slow

    rows = pa.table(
        {"id": range(300), "on": DAYS, "site": [SITES[n % 3] for n in range(300)]}
    )
    catalog = InMemoryCatalog("here", warehouse=f"file://{home}")
    catalog.create_namespace("lake")
    table = catalog.create_table("lake.stock", schema=rows.schema)
    table.append(rows)
    table.delete("id < 50")
    return [home / "lake" / "stock"]


def noise(home: Path) -> list[Path]:
    """What hardly any reader expects in a text."""
    signs = ["a: b", "# c", "- d", "'", '"" e', "{f}", "[g]", "!h", "&i", "*j", "%k", "@l", "y", "null",
             "1e5", "0x1F", "2024-01-01x", "\u2028m", "\x85n", "~"]  # fmt: skip
    rows = [f'{at},"{signs[at % len(signs)]}"' for at in range(1500)]
    return _csv(home / "noise.csv", "n,sign: x", rows)


INPUTS: dict[str, Callable[[Path], list[Path]]] = {
    one.__name__: one
    for one in (german, missing, digits, slashes, names, umlauts, persons, workbook, sheet,
                sqlite, database, months, folder, nested, lines, zipped, bare, several, noise,
                album, sounds, letters, delta, iceberg)
}  # fmt: skip
