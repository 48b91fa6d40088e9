"""Text files in one pass: what is taken, and that it is what the slow reader takes."""

import gzip
import random

import duckdb
import pytest
from pyarrow import parquet

from declared_tables import FILES, model_of
from readybook.measure.sources.copies.delimited import pack_text
from readybook.measure.sources.copies.plain import Plain, write_plain
from readybook.measure.sources.engine import Copy
from readybook.measure.sources.places import locate
from readybook.model.contract import Column, Table
from readybook.model.errors import SourceError

KINDS = {"a": Plain("BIGINT"), "b": Plain("VARCHAR"), "c": Plain("DOUBLE")}
HEAD = b"a,b,c\n"
#: Fields that mean one thing to a column and another, or nothing, to the next.
FIELDS = (
    "", "1", "-3", "+5", "007", "1.5", ".5", "1e3", "1_000", "0x1F", "nan", "nan(1)",
    "inf", " 7", "7\t", "NA", " NA", "n/a", "true", "tRue", "yes", "0", "2024-01-01",
    "2024-1-1", "2024-01-01 10", "2024-01-01 10:00", "2024-01-01T10:00:00Z",
    "2024-01-01 10:00:00+02:00", "2024-01-01 24:00:00", "2024-02-30", "10:00", "x y",
    "é", '"a,b"', '"a""b"', 'a"b', '"a"b', '""', '"1"', '"1\n2"', '"NA"', "12e2", "  ",
    "9223372036854775808", "1,5", "1e400", "-0", "\xa07", "100000000000000000.5",
)  # fmt: skip
USUAL = (
    ["1", "-4", "10"], ["1.5", "2", "1e5"], ["2024-01-01", "2023-12-31"], ["true", ""],
    ["2024-01-01 10:00:00", "2024-01-01"], ["a", '"x,y"'], ["2024-01-01T10:00:00Z"],
    ["NA", "3", "4"], [""],
)  # fmt: skip


def written(rows, target, kinds=KINDS, name="t.csv"):
    """Whether a file of these bytes is taken."""
    file = target / name
    file.write_bytes(gzip.compress(rows) if name.endswith(".gz") else rows)
    return write_plain([file], ",", kinds, target / "t.parquet", lambda: False)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            HEAD + b'1,x,1.5\n,"y, ""z""\n",\n',
            [(1, "x", 1.5), (None, 'y, "z"\n', None)],
        ),
        (HEAD.replace(b"\n", b"\r\n") + b'2,"",1e3\r\n', [(2, None, 1000.0)]),
        (b"\xef\xbb\xbf" + HEAD + b"-7,\xc3\xa9,inf", [(-7, "é", float("inf"))]),
        (HEAD, []),
    ],
)
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_plain_file_is_taken(rows, expected, name, tmp_path):
    """Quotation marks, Windows' ends of lines, a mark of the order of bytes, gzip."""
    assert written(rows, tmp_path, name=name)
    found = parquet.read_table(tmp_path / "t.parquet").to_pylist()
    assert [tuple(row.values()) for row in found] == expected


@pytest.mark.parametrize(
    "row",
    [
        b"1,x\n", b"1,x,2,3\n", b'1,x"y,2\n', b'1,"x"y,2\n', b'1,"x,2\n', b"1,x,2\r3,,\n",
        b"1,x,2\r\n", b"1,\0,2\n", b"1,\xff,2\n", b"0x1F,x,2\n", b"1,x,nan(1)\n",
        b"1,x,1_0\n", b"1.0,x,2\n", b"\t1,x,2\n", b"1,x,2\r",
    ],
)  # fmt: skip
def test_odd_file_is_left_to_the_slow_reader(row, tmp_path):
    """Which tells the line; also where it is odd far behind the beginning."""
    assert not written(HEAD + row, tmp_path)
    assert not written(HEAD + b"1,x,2\n" * 200_000 + row, tmp_path)


def test_text_that_has_another_form_is_left_to_the_slow_reader(tmp_path):
    """Arrow takes an hour alone for a time; where no type is declared 007 is no number."""
    for kind, text in (("TIMESTAMP", b"2024-01-01 10"), ("BIGINT", b"007")):
        kinds = KINDS | {"a": Plain(kind)}
        assert written(HEAD + text + b",,\n", tmp_path, kinds)
        kinds = KINDS | {"a": Plain(kind, "[1-9][0-9]*|.*:..")}
        assert not written(HEAD + text + b",,\n", tmp_path, kinds)


def drawn(chance):
    """A file's columns and text: mostly usual fields, and some odd ones."""
    columns = tuple(
        Column(
            name=f"c{at}",
            type=chance.choice(
                [None, "string", "integer", "number", "date", "timestamp", "boolean"]
            ),
            null_tokens=chance.choice([(), (), ("NA",), ("NA", "n/a")]),
        )
        for at in range(chance.randint(1, 3))
    )
    usual = [chance.choice(USUAL) for _ in columns]
    odd, parted = chance.choice([0, 0, 0.05, 0.3]), chance.choice(",,;\t|")
    rows = [[one.name for one in columns]]
    for _ in range(chance.randint(1, 8)):
        row = [chance.choice(FIELDS if chance.random() < odd else one) for one in usual]
        rows.append(row if chance.random() > odd / 9 else chance.choice([[], row * 2]))
    end = chance.choice(["\n", "\n", "\r\n"])
    return columns, end.join(map(parted.join, rows)) + chance.choice([end, end, ""])


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect(config={"threads": 1}) as engine:
        yield engine


@pytest.mark.parametrize("seed", range(30))
def test_both_readers_take_a_file_for_the_same(seed, engine, tmp_path):
    """Types, values, what is left out and what is amiss."""
    columns, text = drawn(random.Random(seed))  # noqa: S311 - nothing secret
    (tmp_path / "t.csv").write_bytes(text.encode())
    table = Table(name="t", location="t", columns=columns, declared="d")
    place = locate(table, model_of(table, FILES), tmp_path)
    found = []
    for is_over in (False, True):  # over: the quick reader stops at once
        target = tmp_path / f"{is_over}.parquet"
        try:
            stop = Copy(engine, table, place, target, lambda: is_over)  # noqa: B023
            reading = pack_text(stop)
            rows = engine.execute(f"FROM '{target}'")
            kinds = [(name, f"{kind}") for name, kind, *_ in rows.description]
            values = [tuple(map(repr, row)) for row in rows.fetchall()]
        except (SourceError, duckdb.Error) as error:
            found.append((type(error), f"{error}"))
            continue
        # Null tokens in texts become nulls once the table is open.
        for at, (name, _) in enumerate(kinds):
            tokens = {
                repr(t) for one in columns if one.name == name for t in one.null_tokens
            }
            values = [
                (*row[:at], "None" if row[at] in tokens else row[at], *row[at + 1 :])
                for row in values
            ]
        found.append((reading, kinds, values))

    assert found[0] == found[1], text
