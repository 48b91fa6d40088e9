"""Files as teams have them: one trouble each, and what must be said of it.

No cell may turn up as a name of the evidence: SECRET-CELL stands for all of them.
"""

import datetime as dt
import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from files_as_rows import contract as files_as_rows
from measured_case import TODAY, assessment_of
from readybook.measure.data import RunOptions, measure_data
from readybook.measure.sources.engine import Limits

pytestmark = pytest.mark.slow

CELL = "SECRET-CELL"
HEAD = "id,name,amount\n"
ROWS = "".join(f"{n},{CELL},{n}.5\n" for n in range(1, 201))
THREE = {"id": "integer", "name": "string", "amount": "number"}
OPENED, TYPE, KEY = "source-opened", "types-match", "keys-unique"


def contract(columns, form="csv", path="t.csv"):
    """A table `t`; a column is its type, or a mapping of what is declared of it."""
    properties = [
        {"name": name, **({"logicalType": one} if isinstance(one, str) else one)}
        for name, one in columns.items()
    ]
    server = {"server": "here", "type": "local", "path": path, "format": form}
    return json.dumps(
        {
            "apiVersion": "v3.2.0", "kind": "DataContract", "id": "c", "version": "1",
            "status": "active", "servers": [server],
            "schema": [{"name": "t", "properties": properties}],
        }
    )  # fmt: skip


def measured(folder, columns, *, needs=(), **place):
    assessment = assessment_of(folder, contract=contract(columns, **place), needs=needs)
    return measure_data(assessment, folder, today=TODAY)


def said(evidence, check, subject):
    (one,) = [f for f in evidence.findings if (f.check, f.subject) == (check, subject)]
    return one


def written(form, kind="date"):
    how = {"property": "readiness.writtenAs", "value": form}
    return {"logicalType": kind, "customProperties": [how]}


def one_of(*values):
    return {"logicalType": "string", "enum": [{"value": value} for value in values]}


#: What a file holds, its declared columns, and of a check: outcome, rows, words.
TROUBLES = {
    # --- lines that do not fit ------------------------------------------------------
    "a comma too many": (HEAD + ROWS + "201,Alpha, Beta,3.5\n", THREE, OPENED, "t", "contradicts", 200, "line 202, which has more fields than the header's 3"),
    "a comma too many, in the middle": (HEAD + "1,a,b,2\n" + ROWS, THREE, OPENED, "t", "contradicts", 200, "line 2, which has more fields"),
    "a short last line": (HEAD + ROWS + "201,Alpha\n", THREE, OPENED, "t", "contradicts", 200, "line 202, which has fewer fields"),
    "a footer": (HEAD + ROWS + "Total: 200 rows\n", THREE, OPENED, "t", "contradicts", 200, "line 202, which has fewer fields"),
    "several bad lines": (HEAD + "x\n" * 9 + ROWS, THREE, OPENED, "t", "contradicts", 200, "lines 2, 3, 4, 5, 6 and 4 more, which have fewer"),
    "one bad line in a great many": (HEAD + ROWS * 100 + "x\n", THREE, OPENED, "t", "supports", 20_000, "line 20,002"),
    "a quotation mark left open": (HEAD + ROWS + '201,"a,3\n', THREE, OPENED, "t", "contradicts", 200, "a quotation mark that is not closed"),
    "a quotation mark left open above rows": (HEAD + '0,"a,3\n' + ROWS, THREE, OPENED, "t", "contradicts", 0, "line 2, which has a quotation mark that is not closed or not doubled and takes in 200 lines more"),
    "a quotation mark closed in a word": (HEAD + '0,"a,3\n' + ROWS + '201,"b",3\n' + ROWS, THREE, OPENED, "t", "contradicts", 200, "not doubled and takes in 201 lines more"),
    "a quotation mark closed too late": (HEAD + '0,"a,3\n' + ROWS + '201,b",3\n' + ROWS, THREE, OPENED, "t", "contradicts", 201, "left out: 201 lines that a quotation mark takes in, which opens in row 1."),
    "a text of many lines": (HEAD + '1,"' + "Dear you,\nall, of, it\n" * 30 + '",3\n' + ROWS, THREE, OPENED, "t", "supports", 201, "has 201 rows."),
    "a total in the last line": (HEAD + ROWS + "201,Total,4\n", THREE, OPENED, "t", "supports", 201, "1 line at the end is a total by a word in it, and counted as a row"),
    "totals in the last lines, in German": (HEAD + ROWS + "201,Zwischensumme,4\n202,Gesamt:,4\n", THREE, OPENED, "t", "supports", 202, "2 lines at the end are totals by a word in it, and counted as rows"),
    "totals as a category": (HEAD + "1,men,1\n2,women,2\n3,total,3\n" * 9, THREE, OPENED, "t", "supports", 27, "has 27 rows; "),
    "delimiters at the end of the rows": (HEAD + ROWS.replace("\n", ",\n"), THREE, OPENED, "t", "supports", 200, ""),
    "delimiters at the end of the header": (HEAD.replace("\n", ",,\n") + ROWS, THREE, OPENED, "t", "supports", 200, "the header ends in delimiters that its rows lack"),
    "delimiters at the end of all lines": ((HEAD + ROWS).replace("\n", ",\n"), THREE, OPENED, "t", "supports", 200, "column 4 has no name"),
    "a quotation mark inside of a word": (HEAD + ROWS + '201,a"b,3\n', THREE, OPENED, "t", "supports", 201, ""),
    "a line break in quotes": (HEAD + ROWS + '201,"a\nb",3\n', THREE, OPENED, "t", "supports", 201, ""),
    "empty lines": (HEAD + "\n" + ROWS + "\n\n", THREE, OPENED, "t", "supports", 200, ""),
    # --- the form of a file ---------------------------------------------------------
    "lines that end in two ways": (HEAD.replace("\n", "\r\n") + ROWS, THREE, OPENED, "t", "supports", 200, "its lines end in more than one way"),
    "lines that end as on an old Mac": ((HEAD + ROWS).replace("\n", "\r"), THREE, OPENED, "t", "supports", 200, ""),
    "no line end at the end": ((HEAD + ROWS).rstrip("\n"), THREE, OPENED, "t", "supports", 200, ""),
    "semicolons": ((HEAD + ROWS).replace(",", ";"), THREE, OPENED, "t", "supports", 200, ""),
    "tabs": ((HEAD + ROWS).replace(",", "\t"), THREE, OPENED, "t", "supports", 200, ""),
    "bars": ((HEAD + ROWS).replace(",", "|"), THREE, OPENED, "t", "supports", 200, ""),
    "semicolons around decimal commas": ("id;amount\n1;2,5\n2;3,5\n", {"id": "integer", "amount": written("1234,5", "number")}, TYPE, "t.amount", "supports", 2, "holds numbers"),
    "a byte order mark": ("\ufeff" + HEAD + ROWS, THREE, TYPE, "t.id", "supports", 200, "whole numbers"),
    "a zero byte": (HEAD + ROWS + "201,a\0b,3\n", THREE, OPENED, "t", "supports", 201, ""),
    "another encoding": ((HEAD + ROWS + "201,K\u00e4se,3\n").encode("latin-1"), THREE, OPENED, "t", "contradicts", None, "not UTF-8, line 202"),
    "two bytes a letter": ((HEAD + ROWS).encode("utf-16"), THREE, OPENED, "t", "contradicts", None, "not UTF-8"),
    "nothing": ("", THREE, OPENED, "t", "contradicts", None, "0 bytes"),
    "no header": (ROWS, THREE, OPENED, "t", "contradicts", None, "names none of the declared columns (id, name, amount)"),
    "a title above the header": ("Report of the year\n" + HEAD + ROWS, THREE, OPENED, "t", "contradicts", None, "has no header"),
    "a line of Excel's above the header": ("sep=,\n" + HEAD + ROWS, THREE, OPENED, "t", "contradicts", None, "take out what stands above the names"),
    "one column with commas in it": ("name\n" + 9 * f'"{CELL}, b, c"\n', {"name": "string"}, OPENED, "t", "supports", 9, ""),
    "a name twice": ("id,name,name\n1,a,b\n", THREE, OPENED, "t", "supports", 1, "the header has name a second time, which is read as name_1"),
    "names that differ in case": ("id,name,Name\n1,a,b\n", THREE, OPENED, "t", "supports", 1, "Name a second time, which is read as Name_1"),
    "a column without a name": ("id,,amount\n1,a,2\n", THREE, OPENED, "t", "supports", 1, "column 2 has no name"),
    "a line break in a name": ('id,"amount\n(EUR)",x\n1,2,3\n', {"id": "integer", "amount\n(EUR)": "integer"}, OPENED, "t", "supports", 1, ""),
    "a quotation mark left open in the header": ('id,"name\n' + ROWS, THREE, OPENED, "t", "contradicts", 0, "has no rows"),
    "rows that repeat in full": (HEAD + ROWS + ROWS[:182], THREE, OPENED, "t", "supports", 210, "10 rows repeat another one in full"),
    "rows that repeat beside a key": (HEAD + ROWS + ROWS, {**THREE, "id": {"logicalType": "integer", "primaryKey": True}}, KEY, "t.id", "contradicts", 400, ""),
    "a name in other case": ("id,x\n1,a\n", {"ID": "integer", "x": "string"}, TYPE, "t.ID", "not measured", 1, "it has 'id': write that as physicalName"),
    "a name with blanks": (" id ,x\n1,a\n", {"id": "integer", "x": "string"}, OPENED, "t", "supports", 1, "the header has blanks around id"),
    # --- read as declared -----------------------------------------------------------
    "yes and no, as text": ("id,left\n" + "1,Yes\n2,No\n" * 20, {"id": "integer", "left": one_of("Yes", "No")}, "values-declared", "t.left", "supports", 40, ""),
    "yes and no, as truths": ("id,left\n1,Yes\n2,No\n", {"id": "integer", "left": "boolean"}, TYPE, "t.left", "supports", 2, ""),
    "T and F, as text": ("id,left\n" + "1,T\n2,F\n" * 20, {"id": "integer", "left": one_of("T", "F")}, "values-declared", "t.left", "supports", 40, ""),
    "0 and 1, as truths": ("id,left\n1,0\n2,1\n", {"id": "integer", "left": "boolean"}, TYPE, "t.left", "supports", 2, ""),
    "versions": ("id,v\n" + "1,1.1\n2,1.2\n" * 20, {"id": "integer", "v": one_of("1.1", "1.10", "1.2")}, "categories-populated", "t.v", "contradicts", 40, "1.10"),
    "a zero in front": ("id,zip\n" + "1,04109\n" * 20, {"id": "integer", "zip": one_of("04109")}, "values-declared", "t.zip", "supports", 20, ""),
    "a zero in front that is not declared": ("id,zip\n" + "1,04109\n" * 20, {"id": "integer", "zip": one_of("4109")}, "values-declared", "t.zip", "contradicts", 20, "04109"),
    "dates kept as text": ("id,on\n1,2024-01-31\n", {"id": "integer", "on": "string"}, TYPE, "t.on", "supports", 1, "holds text"),
    "keys of 20 digits": ("k\n" + "".join(f"{77_000_111_222_333_000_000 + n}\n" for n in range(50)), {"k": {"logicalType": "string", "primaryKey": True}}, KEY, "t.k", "supports", 50, ""),
    "whole numbers of 20 digits": ("k\n" + "".join(f"{77_000_111_222_333_000_000 + n}\n" for n in range(50)), {"k": {"logicalType": "integer", "primaryKey": True}}, KEY, "t.k", "supports", 50, ""),
    "a word among numbers": ("id,n\n" + "1,2\n" * 30 + "1,n.a.\n" + "1,2\n" * 30, {"id": "integer", "n": "integer"}, TYPE, "t.n", "contradicts", 61, "could not be read as such (row 31)"),
    "words among numbers": ("id,n\n" + "1,#REF!\n" * 30 + "1,2\n", {"id": "integer", "n": "number"}, TYPE, "t.n", "contradicts", 31, "30 rows of 31 rows"),
    "a declared word among numbers": ("id,n\n1,2\n1,NA\n", {"id": "integer", "n": {"logicalType": "integer", "quality": [{"metric": "missingValues", "arguments": {"missingValues": ["NA"]}, "mustBeGreaterOrEqualTo": 0}]}}, TYPE, "t.n", "supports", 2, ""),
    "numbers in base 16": ("id,n\n1,0x10\n", {"id": "integer", "n": "integer"}, TYPE, "t.n", "contradicts", 1, ""),
    "thousands parted by commas": ('id,n\n1,"1,234.5"\n', {"id": "integer", "n": "number"}, TYPE, "t.n", "contradicts", 1, "1 row"),
    "thousands parted by commas, declared": ('id,n\n1,"1,234.5"\n2,"12"\n', {"id": "integer", "n": written("1,234.5", "number")}, TYPE, "t.n", "supports", 2, ""),
    "thousands parted by apostrophes, declared": ("id,n\n1,1'234.5\n2,-1\u2019234\n3,12\n", {"id": "integer", "n": written("1'234.5", "number")}, TYPE, "t.n", "supports", 3, ""),
    "decimal commas": ('id,n\n1,"1.234,5"\n', {"id": "integer", "n": written("1.234,5", "number")}, TYPE, "t.n", "supports", 1, ""),
    "decimal commas that are not declared": ('id,n\n1,"1234,5"\n', {"id": "integer", "n": "number"}, TYPE, "t.n", "contradicts", 1, ""),
    # --- dates ----------------------------------------------------------------------
    "days first": ("id,on\n1,31.12.2024\n2,01.02.2024\n", {"id": "integer", "on": "date"}, TYPE, "t.on", "contradicts", 2, "(row 1, 2)"),
    "days first, declared": ("id,on\n1,31.12.2024\n2,01.02.2024\n", {"id": "integer", "on": written("dd.MM.yyyy")}, TYPE, "t.on", "supports", 2, "(date)"),
    "days first, by the standard's format": ("id,on\n1,31.12.2024\n", {"id": "integer", "on": {"logicalType": "date", "logicalTypeOptions": {"format": "dd.MM.yyyy"}}}, TYPE, "t.on", "supports", 1, "(date)"),
    "months first, declared": ("id,on\n1,12/31/2024\n", {"id": "integer", "on": written("MM/dd/yyyy")}, TYPE, "t.on", "supports", 1, "(date)"),
    "a month that is no month": ("id,on\n1,12/31/2024\n2,31/12/2024\n", {"id": "integer", "on": written("MM/dd/yyyy")}, TYPE, "t.on", "contradicts", 2, "(row 2)"),
    "months or days first, nobody knows": ("id,on\n1,01/02/2024\n", {"id": "integer", "on": "date"}, TYPE, "t.on", "contradicts", 1, ""),
    "dates as numbers": ("id,on\n1,20241231\n", {"id": "integer", "on": written("yyyyMMdd")}, TYPE, "t.on", "supports", 1, "(date)"),
    "times with a form": ("id,at\n1,31.12.2024 23:59\n", {"id": "integer", "at": written("dd.MM.yyyy HH:mm", "timestamp")}, TYPE, "t.at", "supports", 1, "timestamp"),
    "seconds since 1970": ("id,at\n1,1735689600\n", {"id": "integer", "at": written("epoch seconds", "timestamp")}, TYPE, "t.at", "supports", 1, "timestamp"),
    "milliseconds since 1970": ("id,at\n1,1735689600000\n", {"id": "integer", "at": written("epoch milliseconds", "timestamp")}, TYPE, "t.at", "supports", 1, "timestamp"),
    "a day that no month has, among a great many": ("id,on\n" + "1,2024-01-31\n" * 20_000 + "1,2024-02-31\n", {"id": "integer", "on": "date"}, TYPE, "t.on", "supports", 20_001, "could not be read as such (row 20,001)"),
    "a word among a great many numbers": ("id,n\n" + "1,2\n" * 20_000 + "1,2.5\n1,x\n", {"id": "integer", "n": "number"}, TYPE, "t.n", "supports", 20_002, "(row 20,002)"),
    "a fraction among a great many whole numbers": ("id,n\n" + "1,2\n" * 20_000 + "1,2.5\n", {"id": "integer", "n": "integer"}, TYPE, "t.n", "contradicts", 20_001, ""),
    "a day that no month has": ("id,on\n1,2024-02-30\n", {"id": "integer", "on": "date"}, TYPE, "t.on", "contradicts", 1, "(row 1)"),
    # --- stand-ins ------------------------------------------------------------------
    **{
        f"{word} among texts": (
            "id,name\n" + "".join(f"{n},{word if n % 9 == 0 else 'a'}\n" for n in range(200)),
            {"id": "integer", "name": "string"}, "sentinels-absent", "t.name",
            "contradicts", 200, word,
        )
        for word in ("\\N", "(null)", "<NA>", "#REF!", "n.a.", "k.A.", "-", "NULL", "none", "#DIV/0!", "#NV")
    },
    # --- proof from nothing ---------------------------------------------------------
    "no rows: a key": (HEAD, {**THREE, "id": {"logicalType": "integer", "primaryKey": True}}, KEY, "t.id", "not measured", 0, "t has no rows"),
    "no rows: a type": (HEAD, THREE, TYPE, "t.name", "not measured", 0, "t has no rows"),
    "no rows: opened": (HEAD, THREE, OPENED, "t", "contradicts", 0, "no rows"),
    "no values: a range": ("id,n\n1,\n2,\n", {"id": "integer", "n": {"logicalType": "number", "logicalTypeOptions": {"minimum": 0}}}, "values-in-range", "t.n", "not measured", 2, ""),
    "no values: categories": ("id,n\n1,\n2,\n", {"id": "integer", "n": one_of("a")}, "values-declared", "t.n", "not measured", 2, ""),
}  # fmt: skip


@pytest.mark.parametrize("name", TROUBLES)
def test_trouble_is_told_and_no_cell_becomes_a_name(tmp_path, name):
    """The rows that can be read are counted, and what is wrong is said with its place."""
    content, columns, check, subject, outcome, rows, words = TROUBLES[name]
    raw = content if isinstance(content, bytes) else content.encode()
    (tmp_path / "t.csv").write_bytes(raw)
    evidence = measured(tmp_path, columns, needs=("t.name",) * ("sentinels" in check))
    finding = said(evidence, check, subject)

    assert (finding.outcome, evidence.tables[0].rows) == (outcome, rows), (
        finding.message
    )
    assert words in finding.message
    assert CELL not in evidence.model_dump_json()
    assert list(tmp_path.iterdir()) == [tmp_path / "t.csv"]


def test_gzip_is_read_as_the_text_in_it(tmp_path):
    """Also the lines that do not fit are the same."""
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress((HEAD + ROWS + "x\n").encode()))
    evidence = measured(tmp_path, THREE, path="t.csv.gz")

    assert "line 202" in said(evidence, OPENED, "t").message


# --- files that were read before -------------------------------------------------------


def broken(how, file):
    """Make a file one that cannot be read."""
    if how == "gone":
        file.unlink()
    else:
        file.write_bytes({"empty": b"", "no text": "\ufeffid".encode("utf-16")}[how])


@pytest.mark.parametrize("how", ["gone", "empty", "no text"])
def test_what_was_found_stays_where_a_file_cannot_be_read_any_more(tmp_path, how):
    """With its own date, and with since when; a failure never becomes unknown."""
    key = {**THREE, "id": {"logicalType": "integer", "primaryKey": True}}
    case = assessment_of(tmp_path, contract=contract(key), needs=("t.id",))
    (tmp_path / "t.csv").write_text(HEAD + ROWS + "1,a,1\n")
    first = measure_data(case, tmp_path, today=TODAY)
    broken(how, tmp_path / "t.csv")
    case, later = case.model_copy(update={"data": first}), TODAY
    for _ in range(2):
        later += dt.timedelta(days=1)
        now = measure_data(case, tmp_path, today=later)
        opened = said(now, OPENED, "t")

        assert said(first, KEY, "t.id").outcome == "contradicts"
        assert opened.outcome == ("not measured" if how == "gone" else "contradicts")
        assert opened.message.endswith("last read on 23 November 2026.")
        assert opened.measured_on == later
        assert [one for one in now.findings if one.check != OPENED] == [
            one for one in first.findings if one.check != OPENED
        ]
        case = case.model_copy(update={"data": now})


def test_what_was_found_goes_where_the_table_is_declared_otherwise(tmp_path):
    """What is declared now was never measured; failures are kept in their own list."""
    (tmp_path / "t.csv").write_text(HEAD + ROWS)
    first = measured(tmp_path, THREE)
    (tmp_path / "t.csv").unlink()
    text = contract({**THREE, "id": "number"})
    case = assessment_of(tmp_path, contract=text).model_copy(update={"data": first})
    now = measure_data(case, tmp_path, today=TODAY)

    assert said(first, TYPE, "t.name").outcome == "supports"
    assert said(now, TYPE, "t.name").outcome == "not measured"
    assert case.declared_since == ("t",)


def test_limit_of_ours_is_told_as_ours_and_asked_again(tmp_path):
    """Too little memory says nothing about a file, and with more it is measured."""
    (tmp_path / "t.csv").write_text(HEAD + ROWS * 200)
    case = assessment_of(tmp_path, contract=contract(THREE))
    small = RunOptions(Limits(memory="1MB"))
    now = measure_data(case, tmp_path, today=TODAY, options=small)
    again = measure_data(case.model_copy(update={"data": now}), tmp_path, today=TODAY)

    assert said(now, OPENED, "t").outcome == "not measured"
    assert "raise --memory-limit" in now.tables[0].failed
    assert said(again, OPENED, "t").outcome == "supports"
    assert again.tables[0].failed is None


# --- folders of files that differ -----------------------------------------------------


def tables(folder, named):
    (folder / "t").mkdir()
    for name, columns in named.items():
        pq.write_table(pa.table(columns), folder / "t" / f"{name}.parquet")


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_column_that_only_some_files_have_is_told(tmp_path, names, form):
    """Whatever the order of the files."""
    old = {"id": list(range(100))}
    new = {"name": ["web"] * 100, "id": list(range(100, 200))}
    if form == "parquet":
        tables(tmp_path, dict(zip(names, (old, new), strict=True)))
    else:
        (tmp_path / "t").mkdir()
        for name, columns in zip(names, (old, new), strict=True):
            rows = [columns, *zip(*columns.values(), strict=True)]
            text = "".join(",".join(map(str, row)) + "\n" for row in rows)
            (tmp_path / "t" / f"{name}.csv").write_text(text)
    columns = {"id": {"logicalType": "integer", "primaryKey": True}, "name": "string"}
    needs = ("t.name",)
    evidence = measured(tmp_path, columns, needs=needs, form=form, path="t")
    field = said(evidence, "fields-present", "t.name")

    assert field.outcome == "contradicts"
    assert "in 1 of 2 files; it is missing in 100 of 200 rows" in field.message
    assert said(evidence, KEY, "t.id").outcome == "supports"
    assert evidence.tables[0].rows == 200


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_text_in_folders_that_name_a_column_is_read(tmp_path, ends):
    """A partition's column is one of the table; a line is told with its file."""
    for year in (2013, 2014):
        (tmp_path / "t" / f"year={year}").mkdir(parents=True)
        text = f"id,n{ends}1,2\n2,3\n" + "4\n" * (year == 2014)
        (tmp_path / "t" / f"year={year}" / f"part-{year}.csv").write_text(text)
    columns = {"id": "integer", "n": "integer", "year": "integer"}
    evidence = measured(tmp_path, columns, path="t")

    assert evidence.tables[0].columns == dict.fromkeys(columns, "int64")
    assert said(evidence, TYPE, "t.year").outcome == "supports"
    assert "line 4 of part-2014.csv, which has" in said(evidence, OPENED, "t").message


def test_tables_and_columns_may_have_dots(tmp_path):
    """What is found of them is found under their names, from the join to the field."""
    declared = json.loads(contract({"id.no": "integer"}, path="{model}.csv"))
    (shop,) = declared["schema"]
    join = {"type": "foreignKey", "to": "shop.id.no"}
    item = {"name": "id.no", "logicalType": "integer", "relationships": [join]}
    shop |= {"name": "shop"}
    declared["schema"].append({"name": "shop.orders", "properties": [item]})
    for name in ("shop", "shop.orders"):
        (tmp_path / f"{name}.csv").write_text("id.no\n1\n2\n")
    needs = ("shop.id.no", "shop.orders.id.no")
    case = assessment_of(tmp_path, contract=json.dumps(declared), needs=needs)
    evidence = measure_data(case, tmp_path, today=TODAY)

    assert case.needed_tables == {"shop": needs[:1], "shop.orders": needs[1:]}
    for need in needs:
        assert said(evidence, "fields-present", need).outcome == "supports"
    join = "shop.orders.id.no -> shop.id.no"
    assert said(evidence, "joins-match", join).outcome == "supports"


def test_column_of_two_types_is_told(tmp_path):
    """A file that has text in the place of numbers makes the column one of text."""
    tables(tmp_path, {"a": {"id": [1, 2]}, "b": {"id": ["3", "x"]}})
    evidence = measured(tmp_path, {"id": "integer"}, form="parquet", path="t")

    assert "int64 in 1, string in 1 files" in said(evidence, OPENED, "t").message
    assert said(evidence, TYPE, "t.id").outcome == "contradicts"


@pytest.mark.parametrize(
    ("mark", "name"),
    [
        ("_delta_log/0.json", "Delta"),
        ("metadata/v1.metadata.json", "Iceberg"),
        (".hoodie/x", "Hudi"),
    ],
)
def test_table_of_a_format_is_not_read_as_its_files(tmp_path, mark, name):
    """They hold rows that were deleted."""
    tables(tmp_path, {"a": {"id": [1, 2]}})
    (tmp_path / "t" / mark).parent.mkdir()
    (tmp_path / "t" / mark).write_text("{}")
    evidence = measured(tmp_path, {"id": "integer"}, form="parquet", path="t")
    finding = said(evidence, OPENED, "t")

    assert (finding.outcome, name in finding.message) == ("not measured", True)


@pytest.mark.parametrize(
    ("declared", "usual", "odd", "kind"),
    [
        ("integer", "1", "1.5", "float64"),
        ("integer", "1", "x", "int64"),  # one in ten thousand
        ("integer", "", "7", "int64"),
        ("boolean", "T", "2", "boolean"),
        (written("dd.MM.yyyy"), "31.12.2024", "2024-12-30", "date"),
        ("date", "2024-12-31", "2024-12-31 10:00", "timestamp(6)"),
        ({}, "7", "007", "string"),
        ({}, "", "x", "string"),
    ],
)
def test_type_is_the_same_wherever_the_odd_value_stands(
    tmp_path, declared, usual, odd, kind
):
    """The first rows say where to begin, and no more."""
    rows = [f"1,{usual}"] * 20_000
    told = []
    for at in (0, len(rows)):
        lines = ["id,x", *rows[:at], f"1,{odd}", *rows[at:], ""]
        (tmp_path / "t.csv").write_text("\n".join(lines))
        evidence = measured(tmp_path, {"id": "integer", "x": declared})
        (table,) = evidence.tables
        found = [(f.check, f.subject, f.outcome, f.value) for f in evidence.findings]
        told.append((table.rows, table.columns["x"], found))

    assert told[0] == told[1]
    assert told[0][:2] == (20_001, kind)


# --- files that are rows ----------------------------------------------------------------


def test_manifest_as_a_spreadsheet_writes_it_finds_its_files(tmp_path):
    """Semicolons, a mark at its beginning, Windows' paths, blanks, capitals, a name twice.

    What lies beside the pictures is counted, and no name of a file is told.
    """
    (tmp_path / "t").mkdir()
    names = [
        f"{CELL} {n} ö.{end}" for n, end in enumerate(("JPG", "PNG", "png", "jpeg"))
    ]
    for n, name in enumerate(names):
        Image.new("RGB", (30 + n, 30)).save(tmp_path / "t" / name)
    for stray in ("Thumbs.db", ".DS_Store", "old.png"):
        (tmp_path / "t" / stray).write_bytes(b"x")
    lines = [f'"t\\{name} ";cat;2026-01-0{n + 1}' for n, name in enumerate(names)]
    text = "\r\n".join(["path;label;day", *lines, lines[0].replace("\\", "/")])
    (tmp_path / "m.csv").write_text(text, "utf-8-sig")
    own = (
        {"name": "label", "logicalType": "string"},
        {"name": "day", "logicalType": "date"},
    )
    told = files_as_rows("m.csv", "path", "state", "kind", "width", columns=own)
    case = assessment_of(tmp_path, contract=told)
    evidence = measure_data(case, tmp_path, today=TODAY)
    opened = said(evidence, OPENED, "t")

    assert (opened.outcome, opened.value) == ("supports", 5)
    assert (
        opened.message
        == "t was opened; it has 5 rows; without a row: 1 file beside them."
    )
    assert said(evidence, "values-declared", "t.state").value == 0
    assert said(evidence, KEY, "t.path").outcome == "supports"
    assert CELL not in evidence.model_dump_json()
