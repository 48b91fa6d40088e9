"""JSON lines, SQLite, Excel and archives: what their values mean, and what is told."""

import contextlib
import datetime as dt
import errno
import gzip
import shutil
import sqlite3
import struct
from functools import partial
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile

import duckdb
import pyarrow as pa
import pytest
from openpyxl import Workbook

from declared_tables import located, open_or_why
from readybook.measure.sources.copies import cells
from readybook.measure.sources.engine import Limits, Run, TimeLimit, library, write_rows
from readybook.measure.sources.engines import open_engines
from readybook.measure.sources.files import FileEngine, _unzipped
from readybook.measure.sources.places import Located, UnreachedError
from readybook.model.contract import Column, Server, Table

TABLE = Table(
    name="t",
    location="t",
    columns=(Column(name="k", type="integer"), Column(name="x", type="string")),
    declared="d",
)


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens the table t at a path."""
    with open_engines() as engines:

        def open_(path, form, table=TABLE):
            server = Server(server="here", type="local", path=path, format=form)
            return open_or_why(engines, table, located(tmp_path, server, table=table))

        yield open_


def values(source):
    """Return the rows, in their order, as tuples."""
    return [tuple(row.values()) for row in source.ask(source.table)]


# --- JSON lines ----------------------------------------------------------------------


def test_json_lines_are_read_as_they_are_declared(opened, tmp_path):
    """A declared text stays a text; numbers, truths, times and nulls are what they are."""
    lines = (
        '{"k": 1, "x": "04109", "at": "2026-01-01T10:00:00Z", "ok": true, "n": 1.5}\n\n'
        '{"k": null, "x": 7, "ok": false, "n": 2, "l": [1, {"a": "é"}], "x ": ""}\n'
    )
    (tmp_path / "t.jsonl").write_text(lines, "utf-8")
    source = opened("{model}.jsonl", "json")

    assert list(source.columns) == ["k", "x", "at", "l", "n", "ok"]
    assert values(source) == [
        (1, "04109", dt.datetime(2026, 1, 1, 10, tzinfo=dt.UTC), None, 1.5, True),
        (None, "7", None, '[1,{"a":"é"}]', 2.0, False),
    ]


def test_lines_that_are_no_objects_are_left_out_and_told(opened, tmp_path):
    """They are counted and numbered, and not quoted."""
    (tmp_path / "t.json").write_text('{"k": 1}\nsecret\n[{"k": 2}]\n{}\n"k"\n')
    source = opened("{model}.json", "json")

    assert values(source) == [(1,), (None,)]
    assert source.reading.left_out == 3
    assert source.reading.notes == (
        "left out: rows 2, 3, 5, which are no JSON objects",
    )


def test_names_that_few_rows_have_are_no_columns(opened, tmp_path):
    """They may be data: a customer's name, say, as the key of what was bought."""
    rows = "".join(f'{{"k": {at}, "Mr {at}": 1, "y": 2}}\n' for at in range(3))
    (tmp_path / "t.ndjson").write_text(rows)
    source = opened("{model}.ndjson", "jsonl")

    assert list(source.columns) == ["k", "y"]
    assert source.reading.notes == (
        "left out: 3 undeclared names, which few rows have",
    )


def test_objects_without_a_declared_name_are_refused(opened, tmp_path):
    """What is nothing like the contract is a contradiction, and not quoted."""
    (tmp_path / "t.json").write_text('{"secret": 1}\n')
    source = opened("t.json", "json")

    assert source.failed == ("t.json names none of the declared columns (k, x)")


# --- SQLite --------------------------------------------------------------------------


@pytest.fixture
def database(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "shop.db")) as source:
        yield source


def test_sqlite_holds_no_column_to_a_type_so_its_values_do(opened, database, tmp_path):
    """Whole numbers, floats to the last digit, texts and bytes come as they are."""
    database.execute('CREATE TABLE t (k INTEGER, x TEXT, n REAL, "a b" BLOB)')
    rows = [(2**53 + 1, "04109", 0.1 + 0.2, b"\x00\xff"), (None, "", 5.0, None)]
    database.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
    database.commit()
    before = (tmp_path / "shop.db").read_bytes()
    source = opened("shop.db", "sqlite")

    assert values(source) == [
        (2**53 + 1, "04109", 0.1 + 0.2, "00ff"),
        (None, "", 5.0, None),
    ]
    assert [one.name for one in tmp_path.iterdir()] == ["shop.db"]
    assert (tmp_path / "shop.db").read_bytes() == before


@pytest.mark.parametrize("mode", ["wal", "persist"])
def test_what_was_written_last_counts_and_is_left_as_it_is(
    opened, database, tmp_path, mode
):
    """A log beside the file is read with it, from a copy."""
    database.execute(f"PRAGMA journal_mode = {mode}")
    database.execute("CREATE TABLE t (k, x)")
    database.execute("INSERT INTO t VALUES (1, 'a')")
    database.commit()
    beside = {one: one.read_bytes() for one in tmp_path.iterdir()}
    source = opened("shop.db", "sqlite")

    assert values(source) == [(1, "a")]
    assert {one: one.read_bytes() for one in tmp_path.iterdir()} == beside


def test_journal_of_a_writer_that_did_not_finish_is_refused(opened, database, tmp_path):
    """Replayed, a crafted one deletes the file that it names, wherever that is."""
    database.execute("CREATE TABLE t (k, x)")
    database.commit()
    other = tmp_path / "precious"
    other.write_text("kept")
    name, mark = str(other).encode(), bytes.fromhex("d9d505f920a163d7")
    pages = (tmp_path / "shop.db").stat().st_size // 4096
    head = mark + struct.pack(">5I", 0, 1, pages, 512, 4096)
    lock, check = 2**30 // 4096 + 1, sum(name)
    end = struct.pack(">I", lock) + name + struct.pack(">2I", len(name), check) + mark
    (tmp_path / "shop.db-journal").write_bytes(head.ljust(512, b"\0") + end)
    source = opened("shop.db", "sqlite")

    assert other.read_text() == "kept"
    assert "its writer did not finish" in source.failed


VIEW = "CREATE VIEW t (k) AS WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r "


@pytest.mark.parametrize("where", ["WHERE n < 0", ""])
def test_endless_view_ends_with_the_limit(database, tmp_path, where):
    """It has no row, or always one more; what reads it gives up, and stays usable."""
    database.execute(VIEW + where)
    database.commit()
    server = Server(server="here", type="local", path="shop.db")
    with open_engines(Limits(seconds=0.3)) as engines:
        place = located(tmp_path, server, table=TABLE)
        source = open_or_why(engines, TABLE, place)
        engine = engines.engine(place)

        assert source.failed == "it took longer than 0.3 s (raise --time-limit)"
        assert not engine._is_busy  # noqa: SLF001 - nothing else tells of the thread


def test_copy_that_fills_the_disk_is_our_own_limit(opened, database, monkeypatch):
    """It stops at half of the room that there was, and contradicts nothing."""
    database.execute(VIEW + "LIMIT 9999")
    database.commit()
    free = iter(range(100, 0, -20))
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: SimpleNamespace(free=next(free))
    )
    source = opened("shop.db", "sqlite")

    assert not source.found
    assert source.failed.startswith("it needs more than half of the room")


@pytest.mark.parametrize("error", [UnreachedError("x"), ConnectionError("x")])
def test_what_ends_the_rows_is_raised_as_it_is(tmp_path, error):
    """A server that is gone is no file that an engine cannot read."""
    target = tmp_path / "t.parquet"
    batch = pa.RecordBatch.from_pylist([{"k": 1}])

    def batches():
        yield batch
        raise error

    with pytest.raises(type(error)) as raised, duckdb.connect() as con:
        write_rows(con, batch.schema, batches(), target)

    assert raised.value is error
    assert not target.exists()


def test_table_that_a_database_lacks_is_out_of_reach(opened, database):
    """It says which, and contradicts nothing."""
    database.execute("CREATE TABLE u (k)")
    database.commit()
    source = opened("shop.db", "sqlite")

    assert (source.found, source.failed) == (False, "there is no table t in shop.db")


# --- Excel ---------------------------------------------------------------------------


def write_book(path, **sheets):
    book = Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def test_sheet_is_read_from_its_first_row_with_a_cell(opened, tmp_path):
    """Days, numbers and truths are typed; a text keeps its zeros; empty rows are none."""
    day = dt.datetime(2026, 11, 23)  # noqa: DTZ001 - a sheet has no zones
    rows = [
        [], ["k", "x", "on", None, "ok"], [1, "04109", day, None, True], [],
        [2, 7, None, "note"], [None, "#REF!", day, None, False, "beside"],
    ]  # fmt: skip
    write_book(tmp_path / "shop.xlsx", Notes=[["of"]], T=rows)
    source = opened("shop.xlsx", "xlsx")

    assert list(source.columns) == ["k", "x", "on", "column4", "ok"]
    assert values(source) == [
        (1, "04109", day.date(), None, True),
        (2, "7", None, "note", None),
        (None, "#REF!", day.date(), None, False),
    ]
    assert source.reading.notes == (
        "column 4 has no name in the header",
        "left out: cells beside the header, in 1 rows",
    )


@pytest.mark.parametrize(
    ("path", "sheets", "why"),
    [
        ("{model}.xlsx", {"Sheet1": [["k"], [1]]}, None),
        ("t.xlsx", {"Sheet1": [["k"], [1]]}, "there is no sheet t in t.xlsx"),
        ("{model}.xlsx", {"A": [["k"]], "B": []}, "there is no sheet t in t.xlsx"),
        (
            "t.xlsx",
            {"t": [["secret"], [1]]},
            "its first row names none of the declared",
        ),
        ("t.xlsx", {"t": []}, "its first row names none of the declared"),
    ],
)
def test_sheet_has_the_name_of_the_table_or_is_alone(
    opened, tmp_path, path, sheets, why
):
    """Of a workbook for one table the only sheet is meant."""
    write_book(tmp_path / "t.xlsx", **sheets)
    source = opened(path, "excel")

    if why is None:
        assert values(source) == [(1,)]
    else:
        assert why in source.failed
        assert "secret" not in source.failed


# --- archives ------------------------------------------------------------------------


def test_files_of_a_zip_archive_are_the_table(opened, tmp_path):
    """All of the declared format, wherever they lie inside; nothing else, or outside."""
    with ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", "k,x\n1,a\n")
        archive.writestr("deep/b.CSV", "k,x\n2,b\n")
        archive.writestr("__MACOSX/._a.csv", "junk")
        archive.writestr("read me.txt", "junk")
    source = opened("t.zip", "csv")

    assert sorted(values(source)) == [(1, "a"), (2, "b")]
    assert [one.name for one in tmp_path.iterdir()] == ["t.zip"]


@pytest.mark.parametrize("pack", ["gz", "zip"])
def test_packed_json_lines_are_read(opened, tmp_path, pack):
    """As packed CSV is."""
    path = tmp_path / f"t.jsonl.{pack}"
    if pack == "gz":
        path.write_bytes(gzip.compress(b'{"k": 1}\n'))
    else:
        with ZipFile(path, "w") as archive:
            archive.writestr("data", '{"k": 1}\n')

    assert values(opened("{model}.jsonl." + pack, "json")) == [(1,)]


@pytest.mark.parametrize(
    ("path", "form", "why"),
    [
        ("t.db", "sqlite", "it is not a database of SQLite that can"),
        ("t.xlsx", "excel", "it is not an Excel workbook (.xlsx)"),
        ("t.csv.zip", "csv", "it is not a zip file without password"),
        ("t.json.gz", "json", "it is not a gzip file"),
    ],
)
def test_file_that_is_not_what_it_is_called_is_told(opened, tmp_path, path, form, why):
    """A broken file contradicts the contract; it is not quoted."""
    (tmp_path / path).write_bytes(b"secret" * 999)
    source = opened(path, form)

    assert source.found
    assert why in source.failed
    assert "secret" not in source.failed


LINES = {
    "csv": "k,x\n" + "".join(f"{at},{at**9}\n" for at in range(2000)),
    "jsonl": "".join(f'{{"k": {at}, "x": "{at**9}"}}\n' for at in range(2000)),
}


def zipped(content, method):
    """Return a zip archive of one file, and where its bytes begin in it."""
    with ZipFile(packed := BytesIO(), "w", method) as archive:
        archive.writestr("data", content)
    return packed.getvalue(), 34


PACKINGS = {
    "gz": lambda content: (gzip.compress(content.encode()), 10),
    **{
        f"{method}.zip": partial(zipped, method=method)
        for method in (ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA)
    },
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(
    ("form", "harm"),
    [*(("csv", harm) for harm in ("cut", "first", "middle", "end")), ("jsonl", "cut")],
)
def test_packed_file_that_is_not_whole_is_refused(
    opened, tmp_path, form, packing, harm
):
    """Whatever its library raises; half of the rows are never taken for all."""
    packed, start = PACKINGS[packing](LINES[form])
    half = len(packed) // 2
    if harm == "cut":
        packed = packed[:half]
    else:
        at = {"first": start, "middle": half, "end": len(packed) - 8}[harm]
        packed = packed[:at] + b"\xff\x5a" * 4 + packed[at + 8 :]
    path = f"t.{form}.{packing.split('.')[-1]}"
    (tmp_path / path).write_bytes(packed)
    source = opened(path, form)

    assert source.found
    assert "damaged (" in source.failed


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet1.xml"]
)
def test_workbook_whose_parts_are_broken_is_refused(opened, tmp_path, part):
    """Whatever its library raises, also where the first row is read."""
    write_book(tmp_path / "whole", t=[["k"], [1]])
    with ZipFile(tmp_path / "whole") as old, ZipFile(tmp_path / "t.xlsx", "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content[:90] if name == part else content)
    source = opened("t.xlsx", "excel")

    assert source.found
    assert "it is not an Excel workbook (.xlsx) (" in source.failed


def test_archive_that_has_no_room_is_our_own_limit(opened, tmp_path, monkeypatch):
    """It says what to set, and contradicts nothing."""
    with ZipFile(tmp_path / "t.zip", "w") as archive:
        archive.writestr("a.csv", "k,x\n1,a\n" * 999)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    source = opened("t.zip", "csv")

    assert not source.found
    assert source.failed.endswith("of temporary files (set TMPDIR to a larger disk)")


def test_archive_is_unpacked_no_further_once_nobody_waits(tmp_path):
    """The run's folder is removed then, which a new file in it would hinder."""
    with ZipFile(tmp_path / "t.zip", "w") as archive:
        for at in range(9):
            archive.writestr(f"{at}.csv", "k\n1\n")
    place = Located((tmp_path / "t.zip",), "csv", shown="t.zip")
    spill = tmp_path / "spill"
    spill.mkdir()
    is_over = iter([False, False, *[True] * 9])
    found = _unzipped(place, spill, lambda: next(is_over))

    assert [one.name for one in found.files] == ["0.csv", "1.csv"]
    assert len([one for one in spill.rglob("*") if one.is_file()]) == 2


def test_workbook_whose_texts_fill_the_memory_is_refused(opened, tmp_path, monkeypatch):
    """A small file may hold them all; it is our own limit, and contradicts nothing."""
    write_book(tmp_path / "t.xlsx", t=[["k"], ["x" * 9_999]])
    monkeypatch.setattr(cells, "_MOST_HELD", 9_999)
    source = opened("t.xlsx", "excel")

    assert not source.found
    assert source.failed.endswith("is too large for a workbook; save it as CSV")


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "full"),
     duckdb.IOException("Could not write file: No space left on device")],
)  # fmt: skip
def test_full_disk_is_our_own_limit(tmp_path, error):
    """The source is not to blame, by whomever it is read."""
    place = Located((), "csv", shown="t.csv", server=None)
    engine = FileEngine(Run(TimeLimit(), tmp_path), place)

    with (
        pytest.raises(UnreachedError, match="no room for its temporary files"),
        library("t.csv cannot be read: it is damaged"),
    ):
        raise error
    assert isinstance(engine._refusal(error, place), UnreachedError)  # noqa: SLF001
